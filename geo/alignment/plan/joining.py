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
    Line,
    crossing,
    curve_open,
    laid,
    open_along,
    radii,
)
from geo.alignment.plan.following import FREE, Corner, Course, bent_cost, straight_cost, wished

Floats = NDArray[np.float64]

MOST_TURN = 5.2  # radians: no hairpin turns more (298°)
LEAST_TURN = 1e-3  # radians: lines closer than that are not worth a curve
STRAIGHT = 1e-9  # radians: lines of one heading
ONE_LINE = 1e-6  # m: and of one course
LENGTH = 0.3  # a m of road; other costs are in the same unit
A_CURVE, A_RADIAN = 2.0, 1.0  # cells a curve, and a radian turned at the least radius


class Steps(NamedTuple):
    """Least cost of each line, the line it comes from (flat index), and the radius between."""

    cost: Floats
    before: NDArray[np.int64]
    radius: Floats


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
