"""The lattice a road is searched on: headings, straight steps, turns and hairpins.

A node is a cell of the terrain (every `stride`-th in rows and columns), one of the grid directions
as heading, and a height in whole steps above ground rounded to such steps. Of the moves below all
distances are horizontal, c is the side of a cell and a step is stride × c × the grid direction.

Of 32 headings every other one is fine: it serves to go straight between the main ones.

1. Straight: 1 step along the heading, on main ones also `LONG`. The ground under each step is read
   at ⌈step / c⌉ even distances, the last at its end.
2. Turn by Δ ≤ `MOST_TURN` to another main heading, or from or to a fine one to the next or, where
   that is main, the third on either side: two tangents that meet at a corner, into which a
   curve of radius R = max(min_radius, L / Δ) with spirals L = min_spiral fits. Its tangent is
   T = (R + p) tan(Δ/2) + L/2, p = L² / 24R. The move ends at the node, of all nodes where neither
   tangent is shorter than T, that has the least sum of tangents t1 + t2, of equal sums the least
   |t1 − t2|; where two do, there are two moves. Its length is t1 + t2 − 2T + L + RΔ, but no
   less than the straight line. Its course for reading the ground is tangent, arc, tangent, where
   the arc touches the tangents at T from the corner.
3. Hairpin, Δ = π, on main headings: a half circle as wide as the node it ends at lies to the side,
   D, at least 2 (R + p), between tangents of L/2 and, on one side, what it takes more to reach the
   node (a along). Its length is πD/2 + L + |a|; of all nodes the one of least length, then least D;
   where two do, there are two moves.

The ground under turns and hairpins is read at ⌈length / c⌉ even shares of the course.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.alignment.values import Limits
from geo.errors import InputError
from geo.words import Text

LONG = 3  # steps in one: an even grade in whole steps of height comes nearer to any grade
MOST_TURN = math.radians(100)  # a right angle and a little; beyond, tangents grow, hairpins serve
CLOSE = 1e-6  # metres: rounding, no difference
DIRECTIONS = {
    8: ((0, 1), (-1, 1)),
    16: ((0, 1), (-1, 2), (-1, 1), (-2, 1)),
    32: ((0, 1), (-1, 4), (-1, 2), (-2, 3), (-1, 1), (-3, 2), (-2, 1), (-4, 1)),
}
FINE_TURNS = (1, 3)  # headings on, from or to a fine one: to the next, and past it to one more
REACHING = 4  # steps beyond the least a curve needs that the nodes it may end at are looked for in

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Tightest(NamedTuple):
    """The least radius and the least length of spirals that a road may have, m."""

    radius: float
    spiral: float


class Course(NamedTuple):
    """A tangent of so many metres, then an arc of a length (m) that turns (radians, left > 0)."""

    before: float
    arc: float
    turn: float


class Moves(NamedTuple):
    """Moves on earth by heading; move m of heading i stands at first[i] ≤ m < first[i + 1].

    `row`, `column`, `heading`: where it leads; `length` in m; `begin`: its points in `point`, the
    row and column of each in cells from the start.
    """

    first: Ints
    row: Ints
    column: Ints
    heading: Ints
    length: Floats
    begin: Ints
    point: Floats


@dataclass(frozen=True)
class _Move:
    row: int
    column: int
    heading: int
    length: float
    points: Floats


def headings(count: int) -> Ints:
    """Give grid directions (row, column) counter-clockwise from east; 8, 16 or 32.

    Examples
    --------
    >>> headings(8).tolist()
    [[0, 1], [-1, 1], [-1, 0], [-1, -1], [0, -1], [1, -1], [1, 0], [1, 1]]
    """
    if count not in DIRECTIONS:
        raise InputError(
            Text(f"方向数须为 8、16 或 32：{count}", f"headings must be 8, 16 or 32: found {count}")
        )
    quarter = np.array(DIRECTIONS[count], dtype=np.int64)
    turned = [quarter]
    for _ in range(3):
        turned.append(np.stack([-turned[-1][:, 1], turned[-1][:, 0]], axis=1))
    return np.concatenate(turned)


def fine(heading: int, count: int) -> bool:
    """Say whether a heading lies between the main ones.

    >>> [fine(i, 32) for i in range(3)], fine(1, 16)
    ([False, True, False], False)
    """
    return count == len(DIRECTIONS[32]) * 4 and heading % 2 == 1


def tangent(turn: float, radius: float, spiral: float) -> tuple[float, float]:
    """Give tangent and length of the tightest curve through a turn, in m.

    Parameters
    ----------
    turn
        Δ in radians, 0 < Δ < π.
    radius, spiral
        Least radius and least length of spirals, m.

    Examples
    --------
    R = 60, L = 36, p = 36² / (24 × 60) = 0.9: T = 60.9 tan 45° + 18 = 78.9, 36 + 60 π/2 = 130.25.

    >>> [round(v, 2) for v in tangent(math.pi / 2, 60, 36)]
    [78.9, 130.25]
    """
    radius = max(radius, spiral / turn)
    shift = spiral**2 / (24 * radius) if spiral else 0.0
    return (radius + shift) * math.tan(turn / 2) + spiral / 2, spiral + radius * turn


def moves(count: int, cell_m: float, stride: int, limits: Limits) -> Moves:
    """Give all moves on earth.

    Parameters
    ----------
    count
        Number of headings: 8, 16 or 32.
    cell_m
        Side of a cell.
    stride
        Cells between nodes.
    limits
        Of these `min_radius_m` and `min_spiral_m` count.

    Examples
    --------
    East, of 8 headings without curves to speak of: 1 and 3 steps straight on, turns by 45° and 90°
    and a hairpin to both sides.

    >>> east = moves(8, 10.0, 1, Limits(0.08, 1, 0, 100, 0, 0, 0))
    >>> east.first[:2].tolist(), east.heading[:8].tolist()
    ([0, 8], [0, 0, 1, 2, 6, 7, 4, 4])
    >>> list(zip(east.row[:8].tolist(), east.column[:8].tolist()))
    [(0, 1), (0, 3), (-1, 2), (-1, 1), (1, 1), (1, 2), (-1, 0), (1, 0)]
    """
    curve = Tightest(limits.min_radius_m, limits.min_spiral_m)
    return _moves(count, cell_m, stride, curve)


@lru_cache(maxsize=64)
def _moves(count: int, cell_m: float, stride: int, curve: Tightest) -> Moves:
    steps = headings(count)
    found: list[list[_Move]] = [
        [
            *_straights(i, steps, cell_m, stride),
            *_turns(i, steps, cell_m, stride, curve),
            *([] if fine(i, count) else _hairpins(i, steps, cell_m, stride, curve)),
        ]
        for i in range(count)
    ]
    every = [move for here in found for move in here]
    points = np.concatenate([move.points for move in every])
    return Moves(
        np.cumsum([0, *map(len, found)]),
        np.array([move.row for move in every]),
        np.array([move.column for move in every]),
        np.array([move.heading for move in every]),
        np.array([move.length for move in every]),
        np.cumsum([0, *(len(move.points) for move in every)]),
        # Near whole cells are whole cells: else a neighbour without data would count.
        np.where(np.abs(points - np.round(points)) < CLOSE, np.round(points), points),
    )


def readings(length: float, cell_m: float) -> int:
    """Give how many times the ground is read along a length.

    >>> readings(30.0, 30.0), readings(42.4, 30.0)
    (1, 2)
    """
    return max(1, math.ceil(length / cell_m - CLOSE))


def _straights(i: int, steps: Ints, cell: float, stride: int) -> list[_Move]:
    row, column = (int(v) for v in steps[i])
    step = stride * cell * math.hypot(row, column)
    found = []
    for many in (1,) if fine(i, len(steps)) else (1, LONG):
        n = many * readings(step, cell)
        share = np.arange(1, n + 1)[:, None] / n
        points = share * (many * stride * steps[i])
        found.append(_Move(many * row, many * column, i, many * step, points))
    return found


def _angle(step: Ints) -> float:
    """Give radians counter-clockwise from east."""
    return math.atan2(-step[0], step[1])


def _between(first: Ints, last: Ints) -> float:
    """Give the turn from one grid direction to another, to the left positive."""
    return math.remainder(_angle(last) - _angle(first), 2 * math.pi)


def _turns(i: int, steps: Ints, cell: float, stride: int, curve: Tightest) -> list[_Move]:
    found = []
    count = len(steps)
    for j in range(count):
        apart = min((i - j) % count, (j - i) % count)
        if fine(i, count) or fine(j, count):
            wanted = apart in FINE_TURNS
        else:
            wanted = apart > 0 and abs(_between(steps[i], steps[j])) <= MOST_TURN
        if wanted:
            found += _turn(i, j, steps, cell, stride, curve)
    return found


def _turn(i: int, j: int, steps: Ints, cell: float, stride: int, curve: Tightest) -> list[_Move]:
    """Give the moves from heading i to heading j."""
    apart, turn = cell * stride, _between(steps[i], steps[j])
    need, bend = tangent(abs(turn), curve.radius, curve.spiral)
    u, v = (steps[k] / np.hypot(*steps[k]) for k in (i, j))
    corner = apart * np.linalg.inv(np.stack([u, v], axis=1))
    # Both tangents at their shortest, and from there as far as a whole step may ask for.
    reach = math.ceil(2 * (need + REACHING * apart) / apart)
    rows, columns = (a.ravel() for a in np.mgrid[-reach : reach + 1, -reach : reach + 1])
    t1, t2 = corner @ np.stack([rows, columns])
    fits = (t1 >= need - CLOSE) & (t2 >= need - CLOSE)
    arc = need / math.tan(abs(turn) / 2) * abs(turn)
    found = []
    for k in _least(t1 + t2, np.abs(t1 - t2), fits):
        node = int(rows[k]), int(columns[k])
        tangents = t1[k] + t2[k] - 2 * need
        length = max(tangents + bend, apart * math.hypot(*node))
        at = np.linspace(0, tangents + arc, readings(length, cell) + 1)[1:]
        points = _round(at, Course(t1[k] - need, arc, turn), u, v)
        points[-1] = apart * np.array(node)
        found.append(_Move(*node, j, float(length), points / cell))
    return found


def _least(first: Floats, then: Floats, fits: NDArray[np.bool_]) -> Ints:
    """Give the places of the least of those that fit, and of the least of these."""
    for values in (first, then):
        fits = fits & (np.round(values, 6) == np.round(values[fits].min(), 6))
    return np.flatnonzero(fits)


def _round(at: Floats, course: Course, u: Floats, v: Floats) -> Floats:
    """Give points (down, right) at distances along a course from direction u to direction v."""
    before, arc, turn = course
    radius = arc / abs(turn)
    left = np.array([-u[1], u[0]]) * math.copysign(1, turn)  # towards the centre
    angle = np.clip((at - before) / radius, 0, abs(turn))[:, None]
    bent = u * np.sin(angle) + left * (1 - np.cos(angle))
    ahead = np.clip(at, 0, before)[:, None] * u
    return np.asarray(ahead + radius * bent + np.maximum(at - before - arc, 0)[:, None] * v)


def _hairpins(i: int, steps: Ints, cell: float, stride: int, curve: Tightest) -> list[_Move]:
    apart = cell * stride
    spiral = curve.spiral
    radius = max(curve.radius, spiral / math.pi)
    wide = 2 * (radius + (spiral**2 / (24 * radius) if spiral else 0.0))
    u = steps[i] / np.hypot(*steps[i])
    reach = math.ceil(wide / apart) + REACHING
    rows, columns = (a.ravel() for a in np.mgrid[-reach : reach + 1, -reach : reach + 1])
    along = apart * (rows * u[0] + columns * u[1])
    aside = apart * (-rows * u[1] + columns * u[0])  # to the left
    back = (i + len(steps) // 2) % len(steps)
    found = []
    for side in (1, -1):
        off = side * aside
        length = math.pi * off / 2 + spiral + np.abs(along)
        for k in _least(length, off, off >= max(wide, CLOSE) - CLOSE):
            n = readings(length[k], cell)
            at = np.linspace(0, length[k], n + 1)[1:]
            before = spiral / 2 + max(along[k], 0.0)
            course = Course(before, math.pi * off[k] / 2, side * math.pi)
            points = _round(at, course, u, -u)
            points[-1] = apart * np.array([rows[k], columns[k]])
            here = int(rows[k]), int(columns[k])
            found.append(_Move(*here, back, float(length[k]), points / cell))
    return found
