"""What a verdict finds of each road, and the stretches it speaks of."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from geo.words import Text, alike
from scenarios.corridor.road import Case
from scenarios.result import Part, Stretch, Verdict

NONE = Text("无此情形", "none")
CONFLICTS = "conflicts"
"""The layer of what roads take of zones."""


def part(
    case: Case, verdict: Verdict, found: Text | str, at: Iterable[Stretch | None] = ()
) -> Part:
    """Give what is found of a road, without its letter, and where; what stands nowhere is left out.

    Parameters
    ----------
    case
        The road.
    verdict
        On this road alone.
    found
        In words; empty where the road has nothing of the kind.
    at
        The stretches.
    """
    words = alike(found) if isinstance(found, str) else found
    stretches = tuple(one for one in at if one is not None)
    return Part(case.label, verdict, words if words.zh else NONE, stretches)


def points(chainages: Iterable[float]) -> tuple[Stretch, ...]:
    """Give places along a road.

    >>> points([1560.0])
    (Stretch(from_m=1560.0, to_m=1560.0),)
    """
    return tuple(Stretch(float(one), float(one)) for one in chainages)


def broken(case: Case, rules: Collection[str] | None = None) -> tuple[Stretch, ...]:
    """Give where a road breaks some rules of the independent test, or any."""
    rows = case.broken if rules is None else case.broken[case.broken["rule"].isin(rules)]
    return points(rows["chainage_m"].unique())


def within(chainages: np.ndarray, here: np.ndarray) -> tuple[Stretch, ...]:
    """Give the stretches of neighbouring stations of which something holds.

    >>> within(np.arange(0.0, 30.0, 5.0), np.array([False, True, True, False, False, True]))
    (Stretch(from_m=5.0, to_m=10.0), Stretch(from_m=25.0, to_m=25.0))
    """
    steps = np.diff(np.concatenate([[False], here, [False]]).astype(int))
    firsts, lasts = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1) - 1
    ends = zip(chainages[firsts], chainages[lasts], strict=True)
    return tuple(Stretch(float(first), float(last)) for first, last in ends)


def conflict(case: Case, zone: str) -> str:
    """Name what a road takes of a zone, as the map has it."""
    return f"{case.label}_{zone}"
