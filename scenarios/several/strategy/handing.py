"""What plans hand over to later ones by their parameters: a run, a claim, a figure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import InputError
from geo.words import Text
from scenarios.result import CLAIM_UNITS, Run
from scenarios.several.strategy.cropland import owed_ha

MARK = "@"
FORM = "@PLAN | @PLAN.FIGURE | @PLAN.FIGURE * 10000 | @PLAN.FIGURE + @PLAN.FIGURE + 100"
REFERENCE = re.compile(
    r"@(?P<plan>[a-z][a-z0-9_]*)(?:\.(?P<figure>\w+))?(?:\s*\*\s*(?P<times>[-+.\deE]+))?"
)


@dataclass(frozen=True)
class Reference:
    """An earlier plan, what of it (empty: its run), times how much; without a plan a number."""

    plan: str
    figure: str = ""
    times: float = 1.0


def references(text: str) -> tuple[Reference, ...]:
    """Read a reference, or a sum of some and of numbers; empty where the text is none.

    >>> references("@new_town.cropland_owed * 10000 + 5")
    (Reference(plan='new_town', figure='cropland_owed', times=10000.0), Reference(plan='', \
figure='', times=5.0))
    >>> references("@new_town")
    (Reference(plan='new_town', figure='', times=1.0),)
    >>> references("@new_town * 2"), references("@new_town + 1"), references("@a.x + b")
    ((), (), ())
    """
    parts = text.split("+")
    found = [_reference(part.strip()) for part in parts]
    whole = tuple(one for one in found if one is not None)
    runs = any(one.plan and not one.figure for one in whole)
    return () if len(whole) < len(parts) or (runs and len(parts) > 1) else whole


def _reference(text: str) -> Reference | None:
    found = REFERENCE.fullmatch(text)
    number = (found["times"] or "1") if found else text
    if found and found["times"] and not found["figure"]:
        return None
    try:
        times = float(number)
    except ValueError:
        return None
    return (
        Reference(found["plan"], found["figure"] or "", times)
        if found
        else Reference("", "", times)
    )


def leaves(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Give what a table of parameters sets, by dotted names.

    >>> dict(leaves({"a": 1, "weights": {"b": 2}}))
    {'a': 1, 'weights.b': 2}
    """
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def handed(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the parameters that refer to other plans, with what they say."""
    for name, value in leaves(values):
        if isinstance(value, str) and value.startswith(MARK):
            yield name, value


def settings(
    values: Mapping[str, Any], runs: Mapping[str, Run], folders: Mapping[str, Path]
) -> list[str]:
    """Give parameters as `--set` takes them, references by what earlier plans found.

    Parameters
    ----------
    values
        The plan's `set`.
    runs, folders
        The earlier plans that were carried out, and where they lie.

    Raises
    ------
    InputError
        If a plan that is referred to has no run, or its run no such claim or figure.
    """
    texts = []
    for name, value in leaves(values):
        refers = isinstance(value, str) and value.startswith(MARK)
        held = _handed(value, runs, folders) if refers else value
        texts.append(f"{name}={json.dumps(held, ensure_ascii=False)}")
    return texts


def _handed(text: str, runs: Mapping[str, Run], folders: Mapping[str, Path]) -> str | float:
    """Give what a reference stands for."""
    parts = references(text)
    lacking = [one.plan for one in parts if one.plan and one.plan not in runs]
    if lacking or not parts:
        names = ", ".join(lacking)
        raise InputError(Text(f"{text}：{names} 没有结果", f"{text}: no run of {names}"))
    if not parts[0].figure:
        return str(folders[parts[0].plan].resolve())
    whole = 0.0
    for one in parts:
        found = figure(runs[one.plan], one.figure) if one.plan else 1.0
        if found is None:
            words = Text(f"{text}：其结果没有此项", f"{text}: its run has no such claim or figure")
            raise InputError(words)
        whole += found * one.times
    return whole


def figure(run: Run, name: str) -> float | None:
    """Give what a run claims of a kind in all, at its likely amount, else its figure of that id.

    Of `cropland_owed` it is what the balance of cropland asks for; None where it has neither.
    """
    if name == "cropland_owed":
        return owed_ha(run).likely
    amounts = [one.likely for one in run.result.claims if one.kind == name]
    if name in CLAIM_UNITS:
        return sum(amounts) if amounts else None
    return next((one.value for one in run.result.metrics if one.id == name), None)
