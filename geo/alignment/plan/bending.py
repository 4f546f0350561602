"""One curve between two lines, compiled: spirals, arc and tangents, and where it may not run.

A line is an array of a foot's x, y and a heading that runs on past ±π; the turn from a line to the
next is the difference of their headings, so that a hairpin may turn by more than 180°.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shape = tuple[float, ...]  # of a curve, as `laid` gives it

SHARP = 2.6  # radians: beyond it a curve is a hairpin, laid out as two corners
WIDEST = 1e5  # m: radius
BEAT = 1 / 8  # cells: between points that are tested, and the square around each


class Bounds(NamedTuple):
    """Least radius, length of spirals, tangent that each curve leaves free at either end."""

    radius: float
    spiral: float
    margin: float


class Allowed(NamedTuple):
    """Cells the road may cross; without rows all of the plane. `west`, `north`: outer corner."""

    cells: NDArray[np.bool_]
    west: float
    north: float
    side: float


@njit(cache=True)
def flat_end(length: float, radius: float, along: float) -> tuple[float, float]:
    """Give the way along and off its tangent on a spiral, by its power series."""
    turn = along * along / (2 * radius * length)
    x = y = 0.0
    term = 1.0
    for n in range(8):
        x += term / (4 * n + 1)
        y += term * turn / ((2 * n + 1) * (4 * n + 3))
        term *= -turn * turn / ((2 * n + 1) * (2 * n + 2))
    return along * x, along * y


@njit(cache=True)
def foot(radius: float, spiral: float) -> tuple[float, float]:
    """Give shift p and advance k of a spiral."""
    if spiral <= 0:
        return 0.0, 0.0
    x, y = flat_end(spiral, radius, spiral)
    turn = spiral / (2 * radius)
    return y - radius * (1 - math.cos(turn)), x - radius * math.sin(turn)


@njit(cache=True)
def radii(turn: float, room: float, bounds: Bounds) -> tuple[float, float]:
    """Give the least and the largest radius whose tangents fit into the room; 0, 0: none."""
    least = max(bounds.radius, bounds.spiral / turn)
    p, k = foot(least, bounds.spiral)
    slope = math.tan(turn / 2)
    if turn > math.pi:  # the wider the arc, the later it begins
        least = max(least, (room - bounds.spiral / 2) / slope)
        return least, WIDEST
    if (least + p) * slope + k > room:
        return 0.0, 0.0
    return least, max(least, (room - bounds.spiral / 2) / slope - p)


@njit(cache=True)
def crossing(first: Floats, last: Floats) -> tuple[float, float]:
    """Give the ways from the first line's foot to the crossing and on to the last line's foot."""
    c1, s1, c2, s2 = math.cos(first[2]), math.sin(first[2]), math.cos(last[2]), math.sin(last[2])
    dx, dy = last[0] - first[0], last[1] - first[1]
    cross = c1 * s2 - s1 * c2
    return (dx * s2 - dy * c2) / cross, (c1 * dy - s1 * dx) / cross


@njit(cache=True)
def laid(
    first: Floats, last: Floats, legs: tuple[float, float], radius: float, spiral: float
) -> tuple[Shape, float]:
    """Give a curve's geometry for `bent_cost`, and its tangent length."""
    turn = last[2] - first[2]
    side = math.copysign(1.0, turn)
    p, k = foot(radius, spiral)
    tangent = (radius + p) * math.tan(abs(turn) / 2) + k
    c1, s1, c2, s2 = math.cos(first[2]), math.sin(first[2]), math.cos(last[2]), math.sin(last[2])
    q1, q2 = legs[0] - tangent + k, legs[1] - tangent + k
    cx = first[0] + q1 * c1 - side * (radius + p) * s1
    cy = first[1] + q1 * s1 + side * (radius + p) * c1
    half = first[2] + turn / 2
    mx, my = cx + side * radius * math.sin(half), cy - side * radius * math.cos(half)
    sharp = 1.0 if abs(turn) > SHARP else 0.0
    near, far = (first[0], first[1], c1, s1, q1), (last[0], last[1], c2, s2, q2)
    return (*near, *far, cx, cy, radius, sharp, mx, my), tangent


@njit(cache=True)
def open_at(allowed: Allowed, x: float, y: float) -> bool:
    """Say whether the square of half a `BEAT` around a point lies in allowed cells."""
    rows, columns = allowed.cells.shape
    half = BEAT / 2
    row, column = (allowed.north - y) / allowed.side, (x - allowed.west) / allowed.side
    top, bottom = math.floor(row - half), math.floor(row + half)
    left, right = math.floor(column - half), math.floor(column + half)
    if top < 0 or left < 0 or bottom >= rows or right >= columns:
        return False
    near, far = allowed.cells[top], allowed.cells[bottom]
    return bool(near[left] and near[right] and far[left] and far[right])


@njit(cache=True)
def open_along(allowed: Allowed, line: Floats, length: float, bend: float, spiral: float) -> bool:
    """Test an element every `BEAT` from its begin, so that no point of it goes untested.

    It is a tangent, an arc, or with the length of a spiral the spiral whose tight end bends by
    `bend`; a negative `length` runs backwards.
    """
    count = int(abs(length) / (allowed.side * BEAT)) + 1
    c, s = math.cos(line[2]), math.sin(line[2])
    for n in range(count + 1):
        run = length * n / count
        if spiral > 0:
            x, y = flat_end(spiral, 1 / abs(bend), abs(run))
            x, y = (x if run >= 0 else -x), math.copysign(y, bend)
        elif bend != 0:
            x, y = math.sin(run * bend) / bend, (1 - math.cos(run * bend)) / bend
        else:
            x, y = run, 0.0
        if not open_at(allowed, line[0] + x * c - y * s, line[1] + x * s + y * c):
            return False
    return True


@njit(cache=True)
def curve_open(
    allowed: Allowed, lines: tuple[Floats, Floats], legs: tuple[float, float], shape: Bounds
) -> bool:
    """Test tangent, spiral, arc, spiral and tangent between two lines."""
    first, last = lines
    radius, spiral, tangent = shape
    turn = last[2] - first[2]
    bend = math.copysign(1 / radius, turn)
    rest = (legs[0] - tangent, legs[1] - tangent)
    begin, end = first.copy(), last.copy()
    begin[0] += rest[0] * math.cos(first[2])
    begin[1] += rest[0] * math.sin(first[2])
    end[0] -= rest[1] * math.cos(last[2])
    end[1] -= rest[1] * math.sin(last[2])
    if not open_along(allowed, first, rest[0], 0.0, 0.0):
        return False
    if not open_along(allowed, end, rest[1], 0.0, 0.0):
        return False
    arc = begin.copy()
    if spiral > 0:
        if not open_along(allowed, begin, spiral, bend, spiral):
            return False
        if not open_along(allowed, end, -spiral, bend, spiral):
            return False
        x, y = flat_end(spiral, radius, spiral)
        y = math.copysign(y, bend)
        arc[0] += x * math.cos(first[2]) - y * math.sin(first[2])
        arc[1] += x * math.sin(first[2]) + y * math.cos(first[2])
        arc[2] += bend * spiral / 2
    return open_along(allowed, arc, radius * abs(turn) - spiral, bend, 0.0)
