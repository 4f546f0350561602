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
FORM = "@PLAN | @PLAN.FIGURE | @PLAN.FIGURE * 10000"
REFERENCE = re.compile(
    r"@(?P<plan>[a-z][a-z0-9_]*)(?:\.(?P<figure>\w+))?(?:\s*\*\s*(?P<times>[-+.\deE]+))?"
)


@dataclass(frozen=True)
class Reference:
    """An earlier plan, what of it (empty: its run), times how much."""

    plan: str
    figure: str = ""
    times: float = 1.0


def reference(text: str) -> Reference | None:
    """Read a reference; None where a text that begins with its mark is none.

    >>> reference("@new_town.cropland_owed * 10000")
    Reference(plan='new_town', figure='cropland_owed', times=10000.0)
    >>> reference("@new_town * 2") is None
    True
    """
    found = REFERENCE.fullmatch(text.strip())
    if not found or (found["times"] and not found["figure"]):
        return None
    try:
        times = float(found["times"] or 1.0)
    except ValueError:
        return None
    return Reference(found["plan"], found["figure"] or "", times)


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
    one = reference(text)
    if one is None or one.plan not in runs:
        words = Text(f"{text}：该规划没有结果", f"{text}: this plan has no run")
        raise InputError(words)
    if not one.figure:
        return str(folders[one.plan].resolve())
    found = figure(runs[one.plan], one.figure)
    if found is None:
        words = Text(f"{text}：其结果没有此项", f"{text}: its run has no such claim or figure")
        raise InputError(words)
    return found * one.times


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
