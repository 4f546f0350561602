"""One curve between two lines, compiled: spirals, arc and tangents, and where it may not run.

The heading of a line runs on past ±π; the turn from a line to the next is the difference of their
headings, so that a hairpin may turn by more than 180°.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SHARP = 2.6  # radians: beyond it a curve is a hairpin, laid out as two corners
WIDEST = 1e5  # m: the radius that stands for any where a hairpin leaves room without end
TERMS = 8  # of a spiral's power series: the ninth is below 1e-8 of its length at 2.6 radians
BEAT = 1 / 8  # cells: between points that are tested, and the square around each


class Line(NamedTuple):
    """A straight line: a point on it, its foot, and the heading it runs in, radians from x."""

    x: float
    y: float
    heading: float


class Leg(NamedTuple):
    """One side of a corner: a line's foot and direction, the way from there to the arc's foot.

    That way is counted towards the corner: on the leg ahead of it, backwards.
    """

    x: float
    y: float
    cosine: float
    sine: float
    way: float


class Shape(NamedTuple):
    """How a curve bends: radius of its arc, lengths of its spirals in and out; all 0: no curve."""

    radius: float
    into: float
    out: float


class Curve(NamedTuple):
    """A curve between two lines: its legs, centre, shape, tangents and middle.

    `begin` and `end` are the ways from its two ends to the corner; `hairpin` says that the two legs
    alone do not tell which part of the circle is the arc.
    """

    near: Leg
    far: Leg
    centre_x: float
    centre_y: float
    shape: Shape
    begin: float
    end: float
    hairpin: bool
    middle_x: float
    middle_y: float


class Bounds(NamedTuple):
    """What curves keep to: least radius, spirals, least length, straights between, a wish.

    `same` and `opposite` are the least straights between curves that turn the same way and opposite
    ways; `meeting` says that the spirals of opposite ones may meet instead. Curves of less than the
    `general` radius are allowed at a price.
    """

    radius: float
    spiral: float
    curve: float = 0.0
    same: float = 0.0
    opposite: float = 0.0
    meeting: bool = False
    general: float = 0.0


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
    for n in range(TERMS):
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
def tangents(turn: float, shape: Shape) -> tuple[float, float]:
    """Give the ways from the ends of a curve to its corner; up to `SHARP` if spirals differ."""
    p, k = foot(shape.radius, shape.into)
    if shape.into == shape.out:
        both = (shape.radius + p) * math.tan(turn / 2) + k
        return both, both
    q, m = foot(shape.radius, shape.out)
    near, far = shape.radius + p, shape.radius + q
    c, s = math.cos(turn), math.sin(turn)
    return k + (far - near * c) / s, m + (near - far * c) / s


@njit(cache=True)
def tightest(turn: float, bounds: Bounds) -> float:
    """Give the least radius of a turn: allowed, room for both spirals, long enough."""
    return max(bounds.radius, max(bounds.spiral, bounds.curve - bounds.spiral) / turn)


@njit(cache=True)
def radii(turn: float, room: float, bounds: Bounds) -> tuple[float, float]:
    """Give the least and the largest radius whose tangents fit into the room; 0, 0: none."""
    least = tightest(turn, bounds)
    p, k = foot(least, bounds.spiral)
    slope = math.tan(turn / 2)
    if turn > math.pi:  # the wider the arc, the later it begins
        least = max(least, (room - bounds.spiral / 2) / slope)
        return least, WIDEST
    if (least + p) * slope + k > room:
        return 0.0, 0.0
    return least, max(least, (room - bounds.spiral / 2) / slope - p)


@njit(cache=True)
def crossing(first: Line, last: Line) -> tuple[float, float]:
    """Give the ways from the first line's foot to the crossing and on to the last line's foot."""
    c1, s1 = math.cos(first.heading), math.sin(first.heading)
    c2, s2 = math.cos(last.heading), math.sin(last.heading)
    dx, dy = last.x - first.x, last.y - first.y
    cross = c1 * s2 - s1 * c2
    return (dx * s2 - dy * c2) / cross, (c1 * dy - s1 * dx) / cross


@njit(cache=True)
def laid(first: Line, last: Line, legs: tuple[float, float], shape: Shape) -> Curve:
    """Lay a curve between two lines, given the ways from their feet to the corner."""
    turn = last.heading - first.heading
    side = math.copysign(1.0, turn)
    radius = shape.radius
    p, k = foot(radius, shape.into)
    _, m = foot(radius, shape.out)
    begin, end = tangents(abs(turn), shape)
    c1, s1 = math.cos(first.heading), math.sin(first.heading)
    c2, s2 = math.cos(last.heading), math.sin(last.heading)
    near = Leg(first.x, first.y, c1, s1, legs[0] - begin + k)
    far = Leg(last.x, last.y, c2, s2, legs[1] - end + m)
    cx = first.x + near.way * c1 - side * (radius + p) * s1
    cy = first.y + near.way * s1 + side * (radius + p) * c1
    half = first.heading + turn / 2
    mx, my = cx + side * radius * math.sin(half), cy - side * radius * math.cos(half)
    return Curve(near, far, cx, cy, shape, begin, end, abs(turn) > SHARP, mx, my)


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
def open_along(allowed: Allowed, line: Line, length: float, bend: float, spiral: float) -> bool:
    """Test an element every `BEAT` from its begin, so that no point of it goes untested.

    It is a tangent, an arc, or with the length of a spiral the spiral whose tight end bends by
    `bend`; a negative `length` runs backwards.
    """
    count = int(abs(length) / (allowed.side * BEAT)) + 1
    c, s = math.cos(line.heading), math.sin(line.heading)
    for n in range(count + 1):
        run = length * n / count
        if spiral > 0:
            x, y = flat_end(spiral, 1 / abs(bend), abs(run))
            x, y = (x if run >= 0 else -x), math.copysign(y, bend)
        elif bend != 0:
            x, y = math.sin(run * bend) / bend, (1 - math.cos(run * bend)) / bend
        else:
            x, y = run, 0.0
        if not open_at(allowed, line.x + x * c - y * s, line.y + x * s + y * c):
            return False
    return True


@njit(cache=True)
def along(line: Line, length: float) -> Line:
    """Give a line with its foot moved on."""
    x = line.x + length * math.cos(line.heading)
    return Line(x, line.y + length * math.sin(line.heading), line.heading)


@njit(cache=True)
def curve_open(
    allowed: Allowed, first: Line, last: Line, legs: tuple[float, float], curve: Curve
) -> bool:
    """Test tangent, spiral, arc, spiral and tangent between two lines."""
    radius, into, out = curve.shape
    turn = last.heading - first.heading
    bend = math.copysign(1 / radius, turn)
    before, after = legs[0] - curve.begin, legs[1] - curve.end
    begin, end = along(first, before), along(last, -after)
    if not open_along(allowed, first, before, 0.0, 0.0):
        return False
    if not open_along(allowed, end, after, 0.0, 0.0):
        return False
    if out > 0 and not open_along(allowed, end, -out, bend, out):
        return False
    arc = begin
    if into > 0:
        if not open_along(allowed, begin, into, bend, into):
            return False
        x, y = flat_end(into, radius, into)
        y = math.copysign(y, bend)
        c, s = math.cos(first.heading), math.sin(first.heading)
        heading = begin.heading + bend * into / 2
        arc = Line(begin.x + (x * c - y * s), begin.y + (x * s + y * c), heading)
    return open_along(allowed, arc, radius * abs(turn) - (into + out) / 2, bend, 0.0)
