"""Goals and rules as they are written: every field by its name, checked and with real numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from geo.certificates.certificate import ExchangeProblem
from geo.errors import InputError, Problem
from geo.words import Text

COUNT = "count"
AREA = "area_m2"
ENDS = {"inf": math.inf, "-inf": -math.inf}
FIELDS = {
    "Mean": ("column", "weight", "per"),
    "Moved": ("column", "weight", "side"),
    "Touching": ("weight", "by"),
    "Balance": ("scope", "above_m2", "below_m2"),
    "Quality": ("column", "scope", "better", "slack"),
    "Budget": ("column", "most", "least", "side", "scope"),
    "Contiguity": ("gain", "by"),
    "Blocks": ("gain_m2", "least_m2"),
    "Reach": ("goal", "most"),
}
GOALS = ("Mean", "Moved", "Touching")
ENDLESS = ("above_m2", "below_m2", "most", "least")
FINITE = Text("有限数", "a finite number")
LARGEST = 1e100  # of numbers that are no end, so that products stay finite


def goals(problem: ExchangeProblem) -> list[dict[str, Any]]:
    """Give the goals with real numbers.

    Raises
    ------
    InputError
        If a goal is unknown, a field is missing, too much or wrong, or a column is not there.
    """
    if not problem.goals:
        raise InputError(Text("没有目标", "no goal"), problems=[Problem(field="goals", found="0")])
    return [_read(problem, one, f"goals/{k}", GOALS) for k, one in enumerate(problem.goals)]


def rules(problem: ExchangeProblem) -> list[dict[str, Any]]:
    """Give the rules with real numbers; for what is raised see `goals`."""
    kinds = tuple(set(FIELDS) - set(GOALS))
    return [_read(problem, one, f"rules/{k}", kinds) for k, one in enumerate(problem.rules)]


def _read(
    problem: ExchangeProblem, document: Any, place: str, kinds: Sequence[str]
) -> dict[str, Any]:
    kind = document.get("is") if isinstance(document, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        raise _refused(place, kind, "/".join(sorted(kinds)))
    if set(document) != {"is", *FIELDS[kind]}:
        raise _refused(place, sorted(map(str, document)), sorted(FIELDS[kind]))
    made: dict[str, Any] = {"is": kind}
    for name in FIELDS[kind]:
        if name == "goal":
            made[name] = _read(problem, document[name], f"{place}/goal", GOALS)
        elif name in READ:
            made[name] = READ[name](problem, f"{place}/{name}", document[name])
        else:
            made[name] = _number(f"{place}/{name}", document[name])
    for field, expected in _unfit(problem, made):
        raise _refused(f"{place}/{field}", document.get(field), expected)
    return made


def _refused(place: str, found: object, expected: object) -> InputError:
    problem = Problem(field=place, found=told(found), expected=told(expected))
    words = Text("目标或规则有误", "a goal or rule is refused")
    return InputError(words, problems=[problem])


def told(value: object) -> Text | str:
    """Tell a value as it stands, no longer than a line; words stay words."""
    return value if isinstance(value, Text) else str(value)[:200]


def _number(place: str, found: Any) -> float:
    value: Any = ENDS.get(found) if isinstance(found, str) else found
    if type(value) not in {int, float} or not (abs(value) <= LARGEST or abs(value) == math.inf):
        raise _refused(place, found, f"|…| ≤ {LARGEST:g}")
    if math.isinf(value) and place.rpartition("/")[2] not in ENDLESS:
        raise _refused(place, found, FINITE)
    return float(value)


def _column(problem: ExchangeProblem, place: str, found: Any) -> str:
    if not isinstance(found, str) or found not in {COUNT, AREA, *problem.columns}:
        raise _refused(place, found, sorted(problem.columns))
    return found


def _scope(problem: ExchangeProblem, place: str, found: Any) -> str:
    if not isinstance(found, str) or found not in {"", *problem.scopes}:
        raise _refused(place, found, sorted(problem.scopes))
    return found


def _choice(*among: str) -> Callable[[ExchangeProblem, str, Any], str]:
    def choose(_: ExchangeProblem, place: str, found: Any) -> str:
        if not isinstance(found, str) or found not in among:
            raise _refused(place, found, "/".join(among))
        return found

    return choose


READ: dict[str, Callable[[ExchangeProblem, str, Any], Any]] = {
    "column": _column,
    "per": _column,
    "scope": _scope,
    "side": _choice("leave", "enter", "both"),
    "by": _choice("length", "count"),
    "better": _choice("more", "less"),
}


def _unfit(problem: ExchangeProblem, made: dict[str, Any]) -> Iterator[tuple[str, Text | str]]:
    """Say which fields do not fit, and what is expected."""
    kind = made["is"]
    if (
        kind == "Mean"
        and made["per"] in problem.columns
        and (problem.columns[made["per"]] < 0).any()
    ):
        yield "per", "≥ 0"
    if kind == "Touching" and made["weight"] > 0:
        yield "weight", "≤ 0"
    if kind == "Balance" and not -made["below_m2"] <= made["above_m2"]:
        yield "above_m2", "≥ −below_m2"
    if kind == "Budget" and not made["least"] <= made["most"]:
        yield "most", "≥ least"
    if kind == "Blocks" and not made["least_m2"] > 0:
        yield "least_m2", "> 0"
    if kind == "Reach" and not np.isfinite(made["most"]):
        yield "most", FINITE
