"""Joining straight lines by legal curves along a path: the compiled dynamic programme of the fit.

A state is a line through the neighbourhood of one vertex. A step leads from a line at vertex i to a
line at a later vertex j: straight on, or by one curve (spiral, arc, spiral) whose tangents end
between the two feet. So tangents of neighbouring curves never overlap, and costs add up.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.alignment.plan.bending import (
    Allowed,
    Bounds,
    Curve,
    Line,
    crossing,
    curve_open,
    laid,
    open_along,
    radii,
)

Floats = NDArray[np.float64]

MOST_TURN = 5.2  # radians: no hairpin turns more (298°)
LEAST_TURN = 1e-3  # radians: lines closer than that are not worth a curve
STRAIGHT = 1e-9  # radians: lines of one heading
ONE_LINE = 1e-6  # m: and of one course
FREE = 0.7  # cells: a path snapped to cells leaves its true course by half a diagonal
LENGTH = 0.3  # a m of road; the costs below are in the same unit
SOFT, HARD = 0.3, 10.0  # a m of path at an offset of FREE cells, and for what exceeds it
ROUNDS = 4  # of finding a radius with its shift, which is small against it, so that it settles
A_CURVE, A_RADIAN = 2.0, 1.0  # cells a curve, and a radian turned at the least radius


class Course(NamedTuple):
    """What is to be followed: vertices x, y (n,) at even `spacing`; `cell` is their blur."""

    x: Floats
    y: Floats
    spacing: float
    cell: float
    within: float


class Corner(NamedTuple):
    """Where two lines cross, and the directions of the one that leads in and the one out."""

    x: float
    y: float
    cosine_in: float
    sine_in: float
    cosine_out: float
    sine_out: float


class Steps(NamedTuple):
    """Least cost of each line, the line it comes from (flat index), and the radius between."""

    cost: Floats
    before: NDArray[np.int64]
    radius: Floats


@njit(cache=True)
def offset_cost(course: Course, offset: float) -> float:
    """Give the cost of one spacing of path that lies off the road."""
    relative = offset / (FREE * course.cell)
    cost = SOFT * relative**4
    if relative > 1:
        cost += HARD * (relative - 1) ** 2
    return cost * course.spacing


@njit(cache=True)
def straight_cost(course: Course, span: tuple[int, int], line: Line, stop: float) -> float:
    """Give the cost of offsets of vertices after the first to the last of a span from a line."""
    c, s = math.cos(line.heading), math.sin(line.heading)
    cost = 0.0
    for v in range(span[0] + 1, span[1] + 1):
        off = abs((course.y[v] - line.y) * c - (course.x[v] - line.x) * s)
        cost += offset_cost(course, off)
        if cost >= stop or off > course.within:
            return math.inf
    return cost


@njit(cache=True)
def bent_cost(course: Course, span: tuple[int, int], curve: Curve, stop: float) -> float:
    """Give the cost of offsets from tangent, arc and tangent, and of the arc's middle."""
    near, far = curve.near, curve.far
    cost, nearest = 0.0, math.inf
    for v in range(span[0] + 1, span[1] + 1):
        x, y = course.x[v], course.y[v]
        along = (x - near.x) * near.cosine + (y - near.y) * near.sine
        back = (far.x - x) * far.cosine + (far.y - y) * far.sine
        off = math.inf
        if along <= near.way:
            off = abs((y - near.y) * near.cosine - (x - near.x) * near.sine)
        if back <= far.way:
            off = min(off, abs((y - far.y) * far.cosine - (x - far.x) * far.sine))
        if curve.hairpin or (along >= near.way and back >= far.way):
            off = min(off, abs(math.hypot(x - curve.centre_x, y - curve.centre_y) - curve.radius))
        nearest = min(nearest, math.hypot(x - curve.middle_x, y - curve.middle_y))
        cost += offset_cost(course, off)
        if cost >= stop or off > course.within:
            return math.inf
    beyond = max(0.0, nearest - course.spacing / 2)
    if beyond > course.within:
        return math.inf
    return cost + offset_cost(course, beyond)


@njit(cache=True)
def wished(
    course: Course, span: tuple[int, int], corner: Corner, turn: float, spiral: float
) -> float:
    """Give the radius at which a corner's arc goes through the path at the bisector."""
    right, up = corner.cosine_out - corner.cosine_in, corner.sine_out - corner.sine_in
    length = math.hypot(right, up)
    nx, ny = right / length, up / length
    nearest, secant = math.inf, 0.0
    for v in range(span[0], span[1] + 1):
        dx, dy = course.x[v] - corner.x, course.y[v] - corner.y
        off = abs(dx * ny - dy * nx)
        if off < nearest:
            nearest, secant = off, dx * nx + dy * ny
    # The arc's middle lies (R + p) / cos(Δ/2) − R from the corner, p ≈ Ls² / 24 R.
    stretch = 1 / math.cos(turn / 2)
    radius = secant / (stretch - 1)
    for _ in range(ROUNDS):
        p = spiral * spiral / (24 * max(radius, spiral, 1.0))
        radius = (secant - p * stretch) / (stretch - 1)
    return radius


@njit(cache=True)
def straight(
    course: Course,
    allowed: Allowed,
    ends: tuple[Line, Line],
    span: tuple[int, int],
    stop: float,
) -> float:
    """Give the cost of going on along one line; infinite where the two are not one."""
    first, last = ends
    c, s = math.cos(first.heading), math.sin(first.heading)
    dx, dy = last.x - first.x, last.y - first.y
    length = dx * c + dy * s
    if length < 0 or abs(dy * c - dx * s) > ONE_LINE:
        return math.inf
    cost = LENGTH * length
    cost += straight_cost(course, span, first, stop - cost)
    if cost < stop and allowed.cells.shape[0] and not open_along(allowed, first, length, 0.0, 0.0):
        return math.inf
    return float(cost)


@njit(cache=True)
def bent(
    course: Course,
    bounds: Bounds,
    allowed: Allowed,
    ends: tuple[Line, Line],
    span: tuple[int, int],
    stop: float,
) -> tuple[float, float]:
    """Give the least cost of one curve between two lines, below `stop`, and its radius."""
    first, last = ends
    turn = abs(last.heading - first.heading)
    free = (
        bounds.margin if span[0] > 0 else 0.0,
        bounds.margin if span[1] < course.x.size - 1 else 0.0,
    )
    legs = crossing(first, last)
    room = min(legs[0] - free[0], legs[1] - free[1])
    least, most = radii(turn, room, bounds)
    if least <= 0:
        return math.inf, 0.0
    c1, s1 = math.cos(first.heading), math.sin(first.heading)
    c2, s2 = math.cos(last.heading), math.sin(last.heading)
    corner = Corner(first.x + legs[0] * c1, first.y + legs[0] * s1, c1, s1, c2, s2)
    through = wished(course, span, corner, turn, bounds.spiral)
    wider = through + FREE * course.cell / abs(1 / math.cos(turn / 2) - 1)
    tries = (min(most, max(least, through)), min(most, max(least, wider)))
    best, chosen = math.inf, 0.0
    for n in range(2):
        radius = tries[n]
        if n and radius == tries[0]:
            break
        curve = laid(first, last, legs, radius, bounds.spiral)
        cost = LENGTH * (legs[0] + legs[1] - 2 * curve.tangent + radius * turn + bounds.spiral)
        cost += course.cell * (A_CURVE + A_RADIAN * turn * bounds.radius / radius)
        if cost >= min(stop, best):
            continue
        cost += bent_cost(course, span, curve, min(stop, best) - cost)
        if cost < min(stop, best) and (
            allowed.cells.shape[0] == 0 or curve_open(allowed, first, last, legs, curve)
        ):
            best, chosen = cost, radius
    return best, chosen


@njit(cache=True, nogil=True)
def join(
    course: Course, lines: Floats, bounds: Bounds, allowed: Allowed, jumps: NDArray[np.int64]
) -> Steps:
    """Give the cheapest way to every line from those at vertex 0.

    Parameters
    ----------
    course
        The path.
    lines
        x, y of the foot and running heading of each line, shape (n, k, 3); NaN: no line.
    bounds, allowed
        What the road must keep to.
    jumps
        Numbers of vertices that one step may cover; the last vertex is tried from everywhere.
    """
    n, k = lines.shape[:2]
    cost = np.full(n * k, math.inf)
    before = np.full(n * k, -1)
    radius = np.zeros(n * k)
    cost[:k] = np.where(np.isnan(lines[0, :, 0]), math.inf, 0.0)
    for j in range(1, n):
        # Near vertices first: they give costs that far ones seldom beat.
        for jump in jumps[jumps <= j] if j < n - 1 else np.arange(1, n):
            i = j - jump
            for pair in range(k * k):
                a, b = pair // k, pair % k
                here, there = i * k + a, j * k + b
                first = Line(lines[i, a, 0], lines[i, a, 1], lines[i, a, 2])
                last = Line(lines[j, b, 0], lines[j, b, 1], lines[j, b, 2])
                apart = math.hypot(last.x - first.x, last.y - first.y)
                stop = cost[there] - cost[here]
                if cost[here] < math.inf and LENGTH * apart < stop:
                    ends, span = (first, last), (i, j)
                    step, bend = one_step(course, bounds, allowed, ends, span, stop)
                    if step < stop:
                        cost[there], before[there], radius[there] = cost[here] + step, here, bend
    return Steps(cost, before, radius)


@njit(cache=True)
def one_step(
    course: Course,
    bounds: Bounds,
    allowed: Allowed,
    ends: tuple[Line, Line],
    span: tuple[int, int],
    stop: float,
) -> tuple[float, float]:
    """Give the cost from line to line, below `stop`, and the radius between (0: none)."""
    turn = abs(ends[1].heading - ends[0].heading)
    if turn < STRAIGHT:
        return straight(course, allowed, ends, span, stop), 0.0
    if LEAST_TURN < turn < MOST_TURN and abs(turn - math.pi) > LEAST_TURN:
        return bent(course, bounds, allowed, ends, span, stop)
    return math.inf, 0.0
