"""How far a road lies off the path it follows, compiled, and what that costs.

Costs are in a unit of their own, as are those of length and curves in `joining`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.alignment.plan.bending import Curve, Line

Floats = NDArray[np.float64]

FREE = 0.7  # cells: a path snapped to cells leaves its true course by half a diagonal
SOFT, HARD = 0.3, 10.0  # a m of path at an offset of FREE cells, and for what exceeds it
ROUNDS = 4  # of finding a radius with its shift, which is small against it, so that it settles


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
            off = min(
                off, abs(math.hypot(x - curve.centre_x, y - curve.centre_y) - curve.shape.radius)
            )
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
