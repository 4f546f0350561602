"""Lengths of grades in the program: every leg is a relief or uses its grade's length.

A leg is of one kind of these: a relief, or the other way; below the first row without being a
relief; or where 1 / L is convex in the grade. What it uses is at least the chords of 1 / L, which
overstate it by at most 0.01 %. A relief keeps `BELOW` under the first row, where it uses nothing
itself. Legs are taken in as they are found to break the rule (`climbs.broken`): a program without
the others is a relaxation.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from geo.alignment.profile.climbs import BELOW, WAYS, Leg, most_share, share
from geo.alignment.profile.program import Columns, Program
from geo.alignment.values import Floats, Limits

RATIO = 1.02  # of lengths at the ends of a chord: it lies at most 0.02² / (4 × 1.02) = 0.01 % high
SOFT_TIMES = 20.0  # the steepest grade, where it is softened: more than it ever gives


class Climbing(NamedTuple):
    """What is asked: PVIs so far apart (m), limits, legs, shares used before, up and down."""

    spacing: float
    limits: Limits
    legs: set[Leg]
    begun: tuple[float, float]


class _Way(NamedTuple):
    """Legs of one way: terms of their rises, their numbers, their length, what was used before."""

    rise: list[tuple[Columns, float]]
    legs: Columns
    spacing: float
    before: float


class _Kind(NamedTuple):
    """Grades of a kind of leg, and lines whose highest is what a metre uses: slope × g + level."""

    bottom: float
    top: float
    slope: Floats
    level: Floats


def add_climbs(program: Program, heights: Columns, asked: Climbing, *, eased: bool) -> None:
    """Add the rule for some legs.

    Parameters
    ----------
    program, heights
        A program and its columns of PVIs' heights.
    asked
        Which legs, by which limits.
    eased
        Whether the steepest grade is softened: the lines go on above it.
    """
    for way, before in zip(WAYS, asked.begun, strict=True):
        legs = np.array(sorted(leg for there, leg in asked.legs if there == way), dtype=np.int64)
        if legs.size:
            rise = [(heights[legs + 1], float(way)), (heights[legs], float(-way))]
            _add_way(program, _Way(rise, legs, asked.spacing, before), asked.limits, eased=eased)


def _add_way(program: Program, way: _Way, limits: Limits, *, eased: bool) -> None:
    p, size = way.spacing, way.legs.size
    steepest = limits.max_grade * (SOFT_TIMES if eased else 1.0)
    kinds = _kinds(limits, steepest)
    chosen = program.columns(0, 0, np.ones((size, len(kinds))), whole=True)
    uses = program.columns(0, 0, np.full(size, np.inf))
    program.rows([(chosen, 1)], 1, 1)
    tops = [(chosen[:, j], -kind.top * p) for j, kind in enumerate(kinds)]
    program.rows([*way.rise, *tops], -np.inf, 0)
    if any(kind.bottom > -steepest for kind in kinds):
        bottoms = [(chosen[:, j], -kind.bottom * p) for j, kind in enumerate(kinds)]
        program.rows([*way.rise, *bottoms], 0, np.inf)
    for j, kind in enumerate(kinds):
        others = np.array([other.top for i, other in enumerate(kinds) if i != j])
        for slope, level in zip(kind.slope, kind.level, strict=True):
            free = p * max(0.0, float((slope * others + level).max()))
            rise = [(cols, -slope * factor) for cols, factor in way.rise]
            program.rows([(uses, 1), *rise, (chosen[:, j], -free)], level * p - free, np.inf)
    _add_sums(program, way, uses, chosen[:, 0])
    if not eased:
        _add_runs(program, way, uses, chosen[:, 0], most_share(limits) * p)


def _add_sums(program: Program, way: _Way, uses: Columns, relief: Columns) -> None:
    """Let the sum of each leg be at least its own use, and that of the leg before and its own."""
    sums = program.columns(0, 0, np.ones(uses.size))
    program.rows([(sums, 1), (uses, -1)], 0, np.inf)
    after = np.flatnonzero(np.diff(way.legs) == 1) + 1
    if after.size:
        one = [(sums[after], 1), (sums[after - 1], -1), (uses[after], -1), (relief[after], 1)]
        program.rows(one, 0, np.inf)
    if way.legs[0] == 0 and way.before > 0:
        first = [(sums[:1], 1), (uses[:1], -1), (relief[:1], way.before)]
        program.rows(first, way.before, np.inf)


def _add_runs(program: Program, way: _Way, uses: Columns, relief: Columns, most: float) -> None:
    """Ask a relief of as many legs as are too many at the steepest grade: true, and tighter."""
    size = int(1 / most + 1e-9) + 1
    for first in range(uses.size - size + 1):
        last = first + size
        if way.legs[last - 1] - way.legs[first] == size - 1:
            run = [(uses[first:last][None, :], 1), (relief[first:last][None, :], 1 - size * most)]
            program.rows(run, -np.inf, 1)


def _kinds(limits: Limits, steepest: float) -> list[_Kind]:
    """Give the kinds of legs: reliefs first, the rest by grade."""
    first = limits.grade_lengths[0][0]
    none = np.zeros(0)
    relief = min(limits.relief_grade, first - BELOW)
    kinds = [_Kind(-steepest, relief, none, none)]
    if first - BELOW > relief:
        kinds.append(_Kind(-steepest, first - BELOW, none, none))
    at = np.array([grade for grade, _ in limits.grade_lengths])
    at = np.union1d(at[at < limits.max_grade], max(limits.max_grade, first))
    ends = [
        0,
        *(k for k in range(1, at.size - 1) if _dented(at[k - 1 : k + 2], limits)),
        at.size - 1,
    ]
    for number, (a, b) in enumerate(pairwise(ends[:-1] if at.size == 1 else ends)):
        points = _points(at[a : b + 1], limits)
        uses = share(points, limits)
        slope = np.diff(uses) / np.diff(points)
        top = steepest if b == at.size - 1 else float(points[-1])
        bottom = float(points[0]) if number else -steepest
        kinds.append(_Kind(bottom, top, slope, uses[:-1] - slope * points[:-1]))
    if at.size == 1:  # the first row is the steepest grade
        kinds.append(_Kind(-steepest, steepest, np.zeros(1), share(at, limits)))
    return kinds


def _dented(three: Floats, limits: Limits) -> bool:
    """Say whether 1 / L is not convex at the middle one of three grades."""
    lengths = 1 / share(three, limits)
    before, after = np.diff(lengths) / np.diff(three)
    return bool(after > before + 1e-6)


def _points(at: Floats, limits: Limits) -> Floats:
    """Give grades between which chords of 1 / L are near enough to it."""
    lengths = 1 / share(at, limits)
    parts = [at[-1:]]
    for k in range(at.size - 1):
        pieces = max(int(np.ceil(np.log(lengths[k] / lengths[k + 1]) / np.log(RATIO))), 1)
        between = np.geomspace(lengths[k], lengths[k + 1], pieces + 1)[:-1]
        whole = lengths[k] - lengths[k + 1]
        along = (lengths[k] - between) / whole if whole > 0 else np.zeros(1)
        parts.append(at[k] + (at[k + 1] - at[k]) * along)
    return np.unique(np.concatenate(parts))
