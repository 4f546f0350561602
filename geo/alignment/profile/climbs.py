"""Lengths of grades: what stretches use of them, and where they use too much.

A stretch of grade g uses of its longest length L(g) as much as it is long. RULES of a climb:

1. Between the rows of `Limits.grade_lengths` L is interpolated; below the first row nothing is
   used, above the last L stays what it is there.
2. Stretches that climb one after another use L together: their shares sum to at most 1.
3. A stretch of at most the relief grade begins the sum anew; what it uses itself is the first of
   the new sum. Stretches at one grade of the first row are one stretch, not reliefs of each other.
4. A stretch the other way is such a stretch too: chosen, the standard does not say.
5. Falls obey the same, on their own sum.

Every stretch is taken to be as long as the shortest slope: those of the grid of PVIs are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.alignment.values import Floats, Limits

UP, DOWN = 1, -1
WAYS = (UP, DOWN)
Leg = tuple[int, int]  # way, number of the leg
BELOW = 2e-5  # m/m: a program's grade below the first row is so much below it, read within 1e-5
EQUAL = 1e-7  # m/m: grades so near are one
MORE = 1e-5  # of a sum: rounding of programs


class Climbs(NamedTuple):
    """Stretches between PVIs: what each uses, and its sum so far, of its own way; shape (n,).

    `relief` says where the sum of both ways begins anew.
    """

    begin: Floats
    length: Floats
    grade: Floats
    share: Floats
    used: Floats
    relief: NDArray[np.bool_]


class Window(NamedTuple):
    """No stretch of this length may rise more: what lengths of grades come to in the long run."""

    length: float
    rise: float


def share(grade: Floats, limits: Limits) -> Floats:
    """Give what a metre of a grade uses of its longest length; falls as rises.

    Examples
    --------
    Half way between 5 % (800 m) and 6 % (600 m) 700 m are allowed:

    >>> lengths = ((0.03, 1200.0), (0.04, 1000.0), (0.05, 800.0), (0.06, 600.0))
    >>> road = Limits(0.06, 125, 50, 150, 1400, 1000, 50, grade_lengths=lengths, relief_grade=0.03)
    >>> (1 / share(np.array([0.055, -0.06, 0.03]), road)).round(6).tolist()
    [700.0, 600.0, 1200.0]
    >>> share(np.array([0.0299]), road).tolist()
    [0.0]
    """
    steep = np.abs(grade)
    if not limits.grade_lengths:
        return np.zeros_like(steep)
    at, longest = np.array(limits.grade_lengths).T
    return np.where(steep < at[0] - BELOW / 2, 0.0, 1 / np.interp(steep, at, longest))


def climbs(pvi: Floats, limits: Limits) -> Climbs:
    """Give what the stretches of a line use, PVI by PVI.

    Parameters
    ----------
    pvi
        Chainages and heights, as `Profile.pvi` has them.
    limits
        With lengths of grades; without them nothing is used.

    Examples
    --------
    600 m at 6 %, a relief of 150 m at 2 %, 350 m at 5.5 %, all up:

    >>> lengths = ((0.03, 1200.0), (0.04, 1000.0), (0.05, 800.0), (0.06, 600.0))
    >>> road = Limits(0.06, 125, 50, 150, 1400, 1000, 50, grade_lengths=lengths, relief_grade=0.03)
    >>> pvi = np.array([(0, 0, 0), (600, 36, 0), (750, 39, 0), (1100, 58.25, 0)], dtype=float)
    >>> found = climbs(pvi, road)
    >>> found.used.round(9).tolist(), found.relief.tolist()
    ([1.0, 0.0, 0.5], [False, True, False])
    """
    length = np.diff(pvi[:, 0])
    grade = np.diff(pvi[:, 1]) / length
    shares = share(grade, limits) * length
    up, down = (_sums(way * grade, shares, limits, 0.0) for way in WAYS)
    relief = np.abs(grade) <= limits.relief_grade + EQUAL
    return Climbs(pvi[:-1, 0], length, grade, shares, np.where(grade < 0, down, up), relief)


def carried(pvi: Floats, limits: Limits, begun: tuple[float, float]) -> tuple[float, float]:
    """Give what a line has used up to its end, climbing and falling, and what was used before.

    Examples
    --------
    300 m of 6 % after a fifth was used:

    >>> lengths = ((0.03, 1200.0), (0.04, 1000.0), (0.05, 800.0), (0.06, 600.0))
    >>> road = Limits(0.06, 125, 50, 150, 1400, 1000, 50, grade_lengths=lengths, relief_grade=0.03)
    >>> carried(np.array([(0.0, 0, 0), (300, 18, 0)]), road, (0.2, 0.9))
    (0.7, 0.0)
    """
    length = np.diff(pvi[:, 0])
    grade = np.diff(pvi[:, 1]) / length
    shares = share(grade, limits) * length
    up, down = (
        float(_sums(way * grade, shares, limits, before)[-1])
        for way, before in zip(WAYS, begun, strict=True)
    )
    return up, down


def broken(
    heights: Floats, spacing: float, limits: Limits, begun: tuple[float, float]
) -> Iterator[Leg]:
    """Give the legs of climbs that use too much, and as many about them as one climb may have.

    Parameters
    ----------
    heights
        Of PVIs equally far apart.
    spacing
        How far, m.
    limits
        With lengths of grades.
    begun
        What was used before the first PVI, climbing and falling.
    """
    if not limits.grade_lengths:
        return
    grade = np.diff(heights) / spacing
    shares = share(grade, limits) * spacing
    around = int(1 / (most_share(limits) * spacing)) + 2
    for way, before in zip(WAYS, begun, strict=True):
        over = np.flatnonzero(_sums(way * grade, shares, limits, before) > 1 + MORE)
        for leg in np.unique(
            np.clip(over[:, None] + np.arange(-around, around), 0, grade.size - 1)
        ):
            yield way, int(leg)


def _sums(grade: Floats, shares: Floats, limits: Limits, begun: float) -> Floats:
    """Give the sum of shares at the end of every stretch of a way up (RULES 2, 3, 4)."""
    listed = np.zeros(grade.size, dtype=bool)
    if limits.grade_lengths:
        listed = grade >= limits.grade_lengths[0][0] - BELOW / 2
    relief = grade <= limits.relief_grade + EQUAL
    sums = np.zeros(grade.size)
    total, before = begun, (False, False)
    for k, here in enumerate(zip(relief, listed, strict=True)):
        if here[0] and here != before:
            total = 0.0
        total += float(shares[k]) if here[1] else 0.0
        sums[k], before = total, here
    return sums


def most_share(limits: Limits) -> float:
    """Give what a metre of the steepest grade uses."""
    return float(share(np.array([limits.max_grade]), limits)[0])


def long_run(limits: Limits, relief_m: float) -> Window:
    """Give how much any stretch, so long as steepest climb and relief together, may rise.

    A bound, right to a millimetre: a legal road may rise less, never more.

    Parameters
    ----------
    limits
        With lengths of grades; infinite without.
    relief_m
        Length of the shortest relief.

    Notes
    -----
    Either reliefs fill `relief_m` of it or more. Or they lie at its ends and fill less, and all
    between is one climb, whose rise over a length D is at most λ + D × max (g − λ × share (g)) for
    every λ ≥ 0 (Lagrange).

    Examples
    --------
    600 m at 6 % and 150 m at 3 %: 40.5 m, 5.4 %.

    >>> lengths = ((0.03, 1200.0), (0.04, 1000.0), (0.05, 800.0), (0.06, 600.0))
    >>> road = Limits(0.06, 125, 50, 150, 1400, 1000, 50, grade_lengths=lengths, relief_grade=0.03)
    >>> length, rise = long_run(road, 150.0)
    >>> length, round(rise, 2)
    (750.0, 40.5)
    """
    used = most_share(limits) if limits.grade_lengths else 0.0
    if used == 0.0:
        return Window(math.inf, math.inf)
    steep, relief, climb = limits.max_grade, limits.relief_grade, 1 / used
    length = climb + relief_m
    first = limits.grade_lengths[0][0]
    grades = np.union1d(
        np.linspace(min(first, steep), steep, 401), [g for g, _ in limits.grade_lengths]
    )
    grades = grades[grades <= steep]
    uses = share(grades, limits)
    if first > relief:
        grades, uses = np.append(grades, first), np.append(uses, 0.0)
    price = np.append(0.0, np.geomspace(1e-2, 1e2, 400))  # λ in metres of rise
    best = (grades - price[:, None] * uses).max(axis=1)
    parts = np.linspace(0.0, relief_m, 61)
    apart = relief * parts + (price[:, None] + best[:, None] * (length - parts)).min(axis=0)
    rise = max(relief * relief_m + steep * climb, float(apart.max())) + 1e-3
    return Window(length, min(rise, steep * length))
