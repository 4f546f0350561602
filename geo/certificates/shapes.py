"""What a certificate has to look like before what it claims can be checked at all."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from geo.certificates.certificate import (
    BY,
    NONE,
    PROGRAMS,
    SUBJECTS,
    Certificate,
    Claims,
    Cut,
    End,
    ExchangeProblem,
    Floor,
    Program,
    Range,
    Statement,
)
from geo.certificates.formulas import Case
from geo.certificates.ratios import means
from geo.certificates.wording import AREA, COUNT, FINITE, told
from geo.errors import Problem
from geo.words import Text

FLOATS = ("float64",)
SHARES = ("float32", "float64")
WHOLE = ("int64",)
FLAGS = ("bool",)
MOST_AREA = 2**53  # 0.01 m²: sums of whole numbers below are exact


def _need(place: str, holds: object, found: object, expected: object) -> list[Problem]:
    """Give one problem, or none where something holds."""
    if holds:
        return []
    return [Problem(layer=place, found=told(found), expected=told(expected))]


def _array(
    place: str, values: Any, kinds: tuple[str, ...], size: int | None, *, finite: bool = True
) -> list[Problem]:
    """Ask for a plain array of one dimension, of a type and, unless it is None, a length."""
    expected = f"{'/'.join(kinds)} ({'…' if size is None else size},)"
    if type(values) is not np.ndarray:
        return _need(place, holds=False, found=type(values).__name__, expected=expected)
    right = values.dtype.name in kinds and values.dtype.isnative and values.ndim == 1
    if not right or (size is not None and len(values) != size):
        return _need(place, holds=False, found=f"{values.dtype} {values.shape}", expected=expected)
    return _need(place, not finite or np.isfinite(values).all(), "nan, inf", FINITE)


def _positions(place: str, values: Any, size: int | None, ends: tuple[int, int]) -> list[Problem]:
    """Ask for whole numbers from the first end to below the second."""
    return _array(place, values, WHOLE, size) or _need(
        place,
        ((values >= ends[0]) & (values < ends[1])).all(),
        f"{values.min(initial=ends[0])} … {values.max(initial=ends[0])}",
        f"{ends[0]} … {ends[1] - 1}",
    )


def _position(place: str, value: Any, ends: tuple[int, int]) -> list[Problem]:
    right = type(value) is int and ends[0] <= value < ends[1]
    return _need(place, right, repr(value), f"{ends[0]} … {ends[1] - 1}")


def _number(place: str, value: Any) -> list[Problem]:
    """Ask for a number, which may be infinite."""
    right = isinstance(value, float) or (type(value) is int and abs(value) < MOST_AREA)
    return _need(place, right and not math.isnan(value), repr(value), Text("数", "a number"))


def _each(place: str, values: Any, kind: type) -> list[Problem]:
    right = isinstance(values, tuple) and all(isinstance(one, kind) for one in values)
    return _need(place, right, type(values).__name__, f"tuple ({kind.__name__})")


def _among(place: str, value: Any, choices: Sequence[str]) -> list[Problem]:
    return _need(place, isinstance(value, str) and value in choices, repr(value), "/".join(choices))


def problem_faults(problem: Any) -> list[Problem]:
    """Say what is malformed in a problem."""
    if not isinstance(problem, ExchangeProblem):
        return _need(
            "problem", holds=False, found=type(problem).__name__, expected="ExchangeProblem"
        )
    wrong = _each("problem/labels", problem.labels, str) or _need(
        "problem/labels",
        len(set(problem.labels)) == len(problem.labels),
        Text("重复", "twice"),
        Text("唯一", "unique"),
    )
    wrong += _each("problem/goals", problem.goals, dict)
    wrong += _each("problem/rules", problem.rules, dict)
    if wrong:
        return wrong
    size = len(problem.labels)
    return [
        *_unit_faults(problem, size),
        *_column_faults(problem, size),
        *_pair_faults(problem, size),
    ]


def _unit_faults(problem: ExchangeProblem, size: int) -> Iterator[Problem]:
    yield from _positions("problem/area", problem.area, size, (1, MOST_AREA)) or _need(
        "problem/area",
        sum(problem.area.tolist()) < MOST_AREA,
        sum(problem.area.tolist()),
        f"< {MOST_AREA}",
    )
    for name in ("member", "may_leave", "may_enter"):
        yield from _array(f"problem/{name}", getattr(problem, name), FLAGS, size)


def _column_faults(problem: ExchangeProblem, size: int) -> Iterator[Problem]:
    for name in ("columns", "scopes"):
        held = getattr(problem, name)
        wrong = _need(f"problem/{name}", isinstance(held, dict), type(held).__name__, "dict")
        wrong = wrong or _each(f"problem/{name}", tuple(held), str)
        yield from wrong
        if wrong:
            return
    for name, values in problem.columns.items():
        place = f"problem/columns/{name}"
        yield from _need(place, name not in {COUNT, AREA}, name, "≠ count, area_m2")
        yield from _array(place, values, FLOATS, size)
    for name, labels in problem.scopes.items():
        place = f"problem/scopes/{name}"
        yield from _each(place, labels, str) or _need(place, len(labels) == size, len(labels), size)


def _pair_faults(problem: ExchangeProblem, size: int) -> Iterator[Problem]:
    wrong = _positions("problem/left", problem.left, None, (0, size))
    yield from wrong
    if not wrong:
        count = len(problem.left)
        yield from _positions("problem/right", problem.right, count, (0, size))
        yield from _array("problem/length_m", problem.length_m, FLOATS, count) or _need(
            "problem/length_m", (problem.length_m >= 0).all(), "< 0", "≥ 0"
        )


def faults(certificate: Certificate, case: Case) -> list[Problem]:
    """Say what is malformed in a certificate whose problem is well formed."""
    parts: tuple[tuple[str, type, Callable[..., Iterator[Problem]]], ...] = (
        ("ranges", Range, _range_faults),
        ("statements", Statement, _statement_faults),
        ("cuts", Cut, _cut_faults),
        ("programs", Program, _program_faults),
    )
    wrong = _array("moves", certificate.moves, FLAGS, len(case.free))
    wrong += _claim_faults(certificate.claims)
    for name, kind, _ in parts:
        wrong += _each(name, getattr(certificate, name), kind)
    if wrong:
        return wrong
    wrong = _need(
        "ranges",
        len(certificate.ranges) == len(means(case)),
        len(certificate.ranges),
        len(means(case)),
    )
    for name, _, ask in parts:
        for number, value in enumerate(getattr(certificate, name)):
            wrong += ask(certificate, case, f"{name}/{number}", value)
    return wrong


def _claim_faults(claims: Any) -> list[Problem]:
    if not isinstance(claims, Claims):
        return _need("claims", holds=False, found=type(claims).__name__, expected="Claims")
    wrong = _among("claims/by", claims.by, BY)
    for name in ("objective", "before", "certified", "bound"):
        wrong += _number(f"claims/{name}", getattr(claims, name))
    return wrong


def _range_faults(certificate: Certificate, _: Case, place: str, one: Range) -> Iterator[Problem]:
    for name in ("low", "high", "excess_low", "excess_high"):
        end = getattr(one, name)
        wrong = _need(f"{place}/{name}", isinstance(end, End), type(end).__name__, "End")
        yield from wrong
        if not wrong:
            yield from _number(f"{place}/{name}", end.value)
            count = len(certificate.statements)
            yield from _position(f"{place}/{name}/statement", end.statement, (NONE, count))


def _statement_faults(
    certificate: Certificate, case: Case, place: str, one: Statement
) -> Iterator[Problem]:
    wrong = _subject_faults(case, place, one)
    if wrong:
        yield from wrong
        return
    goals, pairs = len(case.goals), len(case.problem.left)
    yield from _array(f"{place}/prices", one.prices, FLOATS, len(case.rows))
    size = pairs if getattr(one.shares, "size", pairs) else 0
    yield from _array(f"{place}/shares", one.shares, SHARES, size) or _need(
        f"{place}/shares", ((one.shares >= 0) & (one.shares <= 1)).all(), "…", "0 … 1"
    )
    yield from _number(f"{place}/bound", one.bound)
    wrong = [*_array(f"{place}/rates", one.rates, FLOATS, goals, finite=False)]
    wrong += _array(f"{place}/middles", one.middles, FLOATS, goals, finite=False)
    yield from wrong or _mean_faults(case, place, one)
    yield from _floor_faults(certificate, case, place, one)


def _subject_faults(case: Case, place: str, one: Statement) -> list[Problem]:
    wrong = _among(f"{place}/of", one.of, SUBJECTS)
    goals = [NONE] if one.of == "objective" else means(case)
    senses = [1] if one.of == "objective" else [1, -1]
    for name, value, choices in (("goal", one.goal, goals), ("sense", one.sense, senses)):
        right = type(value) is int and value in choices
        wrong += _need(f"{place}/{name}", right, repr(value), choices)
    return wrong


def _mean_faults(case: Case, place: str, one: Statement) -> Iterator[Problem]:
    """Ask for the rates and middles that a statement uses."""
    used = {"objective": means(case), "excess": [one.goal], "below": []}[one.of]
    for number in used:
        rate, middle = one.rates[number], one.middles[number]
        yield from _need(f"{place}/rates", math.isfinite(rate), rate, FINITE)
        right = one.of == "excess" or 0 < middle < math.inf
        yield from _need(f"{place}/middles", right, middle, "> 0")


def _floor_faults(
    certificate: Certificate, case: Case, place: str, one: Statement
) -> Iterator[Problem]:
    wrong = _each(f"{place}/floors", one.floors, Floor)
    wrong = wrong or _need(
        f"{place}/floors", len(one.floors) == len(case.floors), len(one.floors), len(case.floors)
    )
    yield from wrong
    for floor in () if wrong else one.floors:
        yield from _position(f"{place}/floors", floor.cut, (NONE, len(certificate.cuts)))
        yield from _number(f"{place}/floors", floor.price) or _need(
            f"{place}/floors", math.isfinite(floor.price), floor.price, FINITE
        )


def _cut_faults(_: Certificate, case: Case, place: str, one: Cut) -> Iterator[Problem]:
    size = len(case.free)
    yield from _position(f"{place}/floor", one.floor, (0, len(case.floors)))
    yield from _array(f"{place}/loose", one.loose, FLAGS, size)
    for name in ("weights", "own"):
        values = getattr(one, name)
        yield from _array(f"{place}/{name}", values, FLOATS, None) or _need(
            f"{place}/{name}", (values >= 0).all(), "< 0", "≥ 0"
        )
    for name in ("units", "links"):
        yield from _positions(f"{place}/{name}", getattr(one, name), None, (0, size))
    for name, count, within in (
        ("unit_starts", one.own, one.units),
        ("set_starts", one.own, one.weights),
        ("link_starts", one.weights, one.links),
    ):
        yield from _starts(f"{place}/{name}", getattr(one, name), np.size(count), np.size(within))


def _starts(place: str, values: Any, count: int, size: int) -> list[Problem]:
    """Ask for where so many parts of so many things start, and for where the last ends."""
    return _array(place, values, WHOLE, count + 1) or _need(
        place,
        values[0] == 0 and values[-1] == size and (np.diff(values) >= 0).all(),
        f"{values[0]} … {values[-1]}",
        f"0 … {size}",
    )


def _program_faults(
    certificate: Certificate, case: Case, place: str, one: Program
) -> Iterator[Problem]:
    size, count = len(case.free), len(certificate.statements)
    yield from _among(f"{place}/kind", one.kind, PROGRAMS)
    yield from _number(f"{place}/bound", one.bound)
    yield from _number(f"{place}/fixed_bound", one.fixed_bound)
    yield from _array(f"{place}/decided", one.decided, FLAGS, size)
    wrong = _positions(f"{place}/fixed", one.fixed, size, (NONE, count))
    yield from wrong
    if not wrong and one.kind in {"joined", "split"}:
        none = (one.fixed == NONE).all() and one.fixed_bound == math.inf
        yield from _need(f"{place}/fixed", none, one.fixed_bound, Text("没有", "none"))
