"""Lines and areas of an elevation profile: stretches of one kind and of one grade, cut and fill.

x is the way from the first station, y the depth below the top of the drawing, both in metres.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from maps import charts

STRUCTURES = ("earth", "bridge", "tunnel")
SAME_GRADE = 0.0005
Floats = NDArray[np.float64]


def reached(on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Give the stations on a structure and the one it ends at.

    >>> reached(np.array([False, True, False, False])).tolist()
    [False, True, True, False]
    """
    ends: NDArray[np.bool_] = on | np.pad(on, (1, 0))[:-1]
    return ends


def below(x: Floats, y: Floats, bottom: float) -> str:
    """Give the area below a line down to the bottom; empty for less than two known points."""
    known = np.isfinite(y)
    if known.sum() < 2:
        return ""
    ends = x[known]
    line = charts.track(x[known], y[known])
    return f"{line}L{ends[-1]:.1f} {bottom:.1f}L{ends[0]:.1f} {bottom:.1f}Z"


def between(x: Floats, ground: Floats, design: Floats, structure: Sequence[str]) -> dict[str, str]:
    """Give the areas between ground and design line by what they are.

    A station's structure holds up to the next station. Where the lines cross within an earth
    step, the step is split at the crossing. y grows downwards: design above ground is fill.

    >>> x, ground, design = (np.array(v) for v in ([0.0, 20.0], [4.0, 4.0], [2.0, 6.0]))
    >>> between(x, ground, design, ["earth", "earth"])  # crosses half-way: 2 m fill, then 2 m cut
    {'cut': 'M10.0 4.0L20.0 4.0L20.0 6.0L10.0 4.0Z', 'fill': 'M0.0 4.0L10.0 4.0L10.0 4.0L0.0 2.0Z'}
    """
    areas: dict[str, list[str]] = {"cut": [], "fill": [], "bridge": [], "tunnel": []}
    for k in range(1, len(x)):
        a, b = ground[k - 1] - design[k - 1], ground[k] - design[k]
        if not (math.isfinite(a) and math.isfinite(b)):
            continue
        ends = [(x[i], ground[i], design[i]) for i in (k - 1, k)]
        if structure[k - 1] in STRUCTURES[1:]:
            areas[structure[k - 1]].append(_quad(*ends))
        elif a * b < 0:
            share = a / (a - b)
            middle = [p + share * (q - p) for p, q in zip(*ends, strict=True)]
            crossing = (middle[0], middle[1], middle[1])
            areas["fill" if a > 0 else "cut"].append(_quad(ends[0], crossing))
            areas["fill" if b > 0 else "cut"].append(_quad(crossing, ends[1]))
        elif a or b:
            areas["fill" if a + b > 0 else "cut"].append(_quad(*ends))
    return {name: "".join(quads) for name, quads in areas.items() if quads}


def _quad(left: Sequence[float], right: Sequence[float]) -> str:
    return (
        f"M{left[0]:.1f} {left[1]:.1f}L{right[0]:.1f} {right[1]:.1f}"
        f"L{right[0]:.1f} {right[2]:.1f}L{left[0]:.1f} {left[2]:.1f}Z"
    )


def runs(kinds: Sequence[str], chainage: Floats) -> list[tuple[str, float, float]]:
    """Give each stretch of one kind: kind, from, to; a stretch ends where the next begins.

    >>> runs(("earth", "bridge", "bridge", "earth"), np.array([0.0, 20.0, 40.0, 60.0]))
    [('earth', 0.0, 20.0), ('bridge', 20.0, 60.0), ('earth', 60.0, 60.0)]
    """
    found = []
    for kind, group in itertools.groupby(range(len(kinds)), key=lambda k: kinds[k]):
        places = list(group)
        end = min(places[-1] + 1, len(kinds) - 1)
        found.append((kind, float(chainage[places[0]]), float(chainage[end])))
    return found


def inclines(chainage: Floats, height: Floats, top: float) -> str:
    """Give the areas between level and the grade: metres across, per cent down from the top.

    Grades are those from station to station, to a tenth of a per cent; where a height is missing
    there is a gap.

    >>> inclines(np.array([0.0, 20.0, 40.0, 60.0]), np.array([0.0, 1.0, 2.0, 1.5]), 6.0)
    'M0.0 6.0L0.0 1.0L40.0 1.0L40.0 8.5L60.0 8.5L60.0 6.0Z'
    """
    lengths = np.diff(chainage)
    steps = np.round(100 * np.diff(height) / np.where(lengths > 0, lengths, np.nan), 1)
    parts = []
    for known, group in itertools.groupby(range(len(steps)), key=lambda k: np.isfinite(steps[k])):
        if not known:
            continue
        places = list(group)
        points = [(chainage[places[0]], top)]
        for _, same in itertools.groupby(places, key=lambda k: steps[k]):
            along = list(same)
            level = top - steps[along[0]]
            points += [(chainage[along[0]], level), (chainage[along[-1] + 1], level)]
        points.append((chainage[places[-1] + 1], top))
        parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z")
    return "".join(parts)


def grades(chainage: Floats, height: Floats) -> list[tuple[float, float, float]]:
    """Give the stretches of one grade: from, to, grade; vertical curves lie between them.

    >>> grades(np.array([0.0, 20.0, 40.0, 60.0, 80.0]), np.array([0.0, 1.0, 2.0, 2.5, 2.5]))
    [(0.0, 40.0, 0.05)]
    """
    steps = np.diff(height) / np.where(np.diff(chainage) > 0, np.diff(chainage), np.nan)
    found, first = [], 0
    for k in range(1, len(steps) + 1):
        if k < len(steps) and abs(steps[k] - steps[first]) <= SAME_GRADE:
            continue
        if k - first >= 2 and math.isfinite(steps[first]):
            rise = (height[k] - height[first]) / (chainage[k] - chainage[first])
            found.append((float(chainage[first]), float(chainage[k]), float(rise)))
        first = k
    return found
