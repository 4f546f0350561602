"""Curves whose tangents are given, compiled: so the spirals of two opposite ones meet (S-curve).

Method: with even spirals one tangent fixes the radius, by the formula of the tangent turned round
and repeated. Two unlike tangents are met by a longer spiral on the longer side: of radius and that
spiral the residuals of both tangents are brought to 0 by Newton's steps, with the derivatives of
the leading terms p = L² / 24 R and k = L / 2.
"""

from __future__ import annotations

import math

from numba import njit

from geo.alignment.plan.bending import SHARP, Bounds, Shape, foot, tangents, tightest

ROUNDS = 60  # at most; a handful settles
SETTLED = 1e-9  # m: of tangents
WIDE = 2e4  # m: wider, a turn read from coordinates of 10⁷ m no longer gives the tangent to 1 µm
SHY = 2e-7  # m: so much shorter a tangent is laid, lest two that meet overlap by rounding
LOPSIDED = 4.0  # times the shorter spiral, that is parameters A of 2 to 1; a planner's limit


@njit(cache=True)
def even(turn: float, way: float, bounds: Bounds) -> Shape:
    """Give the curve with even spirals whose tangents are as long as `way`; radius 0: none."""
    none, spiral = Shape(0.0, 0.0, 0.0), bounds.spiral
    least, slope, aim = tightest(turn, bounds), math.tan(turn / 2), way - SHY
    radius = (aim - spiral / 2) / slope
    if not least / 2 <= radius <= WIDE:
        return none
    for _ in range(ROUNDS):
        p, k = foot(radius, spiral)
        before, radius = radius, (aim - k) / slope - p
        if not least / 2 <= radius <= WIDE:
            return none
        if abs(radius - before) * abs(slope) < SETTLED:
            return Shape(radius, spiral, spiral) if radius >= least else none
    return none


@njit(cache=True)
def uneven(turn: float, near: float, far: float, bounds: Bounds) -> Shape:
    """Give the curve with both tangents as given, its shorter spiral the least; radius 0: none."""
    none, spiral = Shape(0.0, 0.0, 0.0), bounds.spiral
    if turn > SHARP:
        return none
    short, long = min(near, far) - SHY, max(near, far) - SHY
    slope, s, c = math.tan(turn / 2), math.sin(turn), math.cos(turn)
    radius, other = (short - spiral / 2) / slope, spiral + 2 * (long - short)
    for _ in range(ROUNDS):
        widest = LOPSIDED * spiral if spiral > 0 else 2 * radius * turn
        if not (bounds.radius / 2 <= radius <= WIDE and spiral - SETTLED <= other <= widest):
            return none
        begin, end = tangents(turn, Shape(radius, spiral, other))
        lack, short_of = short - begin, long - end
        if max(abs(lack), abs(short_of)) < SETTLED:
            break
        wider = other / (12 * radius)  # how the shift grows with the spiral
        a, b, d = slope, wider / s, 0.5 - wider * c / s
        scale = a * (d - b)
        if scale <= 0:
            return none
        radius += (d * lack - b * short_of) / scale
        other += a * (short_of - lack) / scale
    else:
        return none
    other = max(other, spiral)
    if not _fits(turn, Shape(radius, spiral, other), bounds):
        return none
    return Shape(radius, spiral, other) if near <= far else Shape(radius, other, spiral)


@njit(cache=True)
def _fits(turn: float, shape: Shape, bounds: Bounds) -> bool:
    """Say if there is an arc between the spirals, wide enough, and the curve is long enough."""
    turned, bent = shape.radius * turn, (shape.into + shape.out) / 2
    return shape.radius >= bounds.radius and turned >= bent and turned + bent >= bounds.curve
