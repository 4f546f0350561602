"""Superelevation: how far a curve leans, and how it comes to lean along its spirals.

Method: on a curve of radius R at speed V (km/h) crossfall and side friction together carry
V² / (127 R). The rate asked is what the greatest side friction leaves, but never less than the
crown, and none from the radius on that needs none. The rate given shares both evenly (in proportion
to curvature) as far as the spirals allow: the outer edge of two lanes, turned about the inner one,
rises no faster than one in `runoff_m`. Along a spiral the rate grows evenly with the way.

Curves to the left have negative crossfalls: the bed falls to the left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.alignment.plan.plan import ARC, SPIRAL_IN, SPIRAL_OUT, TANGENT, Plan
from geo.alignment.values import Floats

GRAVITY = 127.0  # V² / (g R) with V in km/h: 9.81 × 3.6² = 127.1, in all textbooks 127


@dataclass(frozen=True)
class Superelevation:
    """What is asked of the crossfall of curves.

    Parameters
    ----------
    speed_kmh
        Design speed.
    friction
        Side friction at the least radius.
    max_rate
        Greatest crossfall, m/m.
    crown
        Crossfall of either lane on straights; least rate of a curve that leans.
    free_radius_m
        From this radius on nothing leans.
    runoff_m
        Metres along in which the outer edge may rise by one.
    lane_m
        Width of each of the two lanes.
    """

    speed_kmh: float
    friction: float
    max_rate: float
    crown: float
    free_radius_m: float
    runoff_m: float
    lane_m: float


def rate_asked(rule: Superelevation, radius_m: ArrayLike) -> Floats:
    """Give the least crossfall of curves by radius; above `max_rate` where a curve is too tight.

    Examples
    --------
    60 km/h on 125 m: 60² / (127 × 125) = 0.227, less 0.15 of friction.

    >>> rule = Superelevation(60, 0.15, 0.08, 0.02, 1500, 125, 3.5)
    >>> rate_asked(rule, [125, 300, 1500]).round(4).tolist()
    [0.0768, 0.02, 0.0]
    """
    radius = np.asarray(radius_m, dtype=np.float64)
    needed = rule.speed_kmh**2 / (GRAVITY * radius) - rule.friction
    return np.where(radius < rule.free_radius_m, np.maximum(needed, rule.crown), 0.0)


def run_off(rule: Superelevation, rate: ArrayLike) -> Floats:
    """Give the least length of a spiral that turns the bed to a rate, m.

    Examples
    --------
    7 m of lanes at 5 %: the outer edge rises 0.35 m, at one in 125.

    >>> float(run_off(Superelevation(60, 0.15, 0.08, 0.02, 1500, 125, 3.5), 0.05).round(6))
    43.75
    """
    return np.asarray(2 * rule.lane_m * rule.runoff_m * np.abs(rate))


def least_radius(rule: Superelevation, spiral_m: float) -> float:
    """Give the least radius whose asked rate is legal and comes about over a spiral, m.

    Examples
    --------
    50 m turn 7 m of lanes to 50 / 125 / 7 = 5.714 %: 60² / (127 × 0.20714) = 136.8 m.

    >>> round(least_radius(Superelevation(60, 0.15, 0.08, 0.02, 1500, 125, 3.5), 50), 1)
    136.8
    """
    rate = min(rule.max_rate, spiral_m / float(run_off(rule, 1.0)))
    return float(rule.speed_kmh**2 / (GRAVITY * (rate + rule.friction)))


def rates(plan: Plan, rule: Superelevation) -> Floats:
    """Give the rate of each element of a plan at its tight end, signed; 0 on tangents.

    Notes
    -----
    Spirals and arcs that make one curve share its rate. Where a spiral is too short for the rate
    that is asked, the rate is given all the same: safety first, the runoff is then too fast.

    Examples
    --------
    A curve of 250 m with spirals of 50 m to the left: 8 % × 125 / 250, which 35 m would turn.

    >>> from geo.alignment.plan.plan import from_intersections
    >>> road = from_intersections([(0, 0), (300, 0), (300, 300)], radii=250, spirals=50)
    >>> rates(road, Superelevation(60, 0.1468, 0.08, 0.02, 1500, 125, 3.5)).round(4).tolist()
    [0.0, -0.04, -0.04, -0.04, 0.0]
    """
    group = curves(plan)
    found = np.zeros(plan.bend.size)
    tightest = rule.speed_kmh**2 / (GRAVITY * (rule.max_rate + rule.friction))
    for one in range(1, int(group.max(initial=0)) + 1):
        part = group == one
        bend = float(np.abs(plan.bend[part]).max())
        asked = float(rate_asked(rule, 1 / bend))
        spirals = plan.length[part & (plan.kind != ARC)]
        room = spirals.min(initial=np.inf) / float(run_off(rule, 1.0)) if spirals.size else 0.0
        shared = min(rule.max_rate * tightest * bend, rule.max_rate, room) if asked else 0.0
        found[part] = -np.sign(plan.bend[part]) * max(asked, shared)
    return found


def curves(plan: Plan) -> NDArray[np.int64]:
    """Tell which elements make one curve: spiral in, arcs, spiral out; numbered, 0 on tangents.

    >>> from geo.alignment.plan.plan import from_intersections
    >>> road = from_intersections([(0, 0), (300, 0), (300, 300)], radii=100, spirals=50)
    >>> curves(road).tolist()
    [0, 1, 1, 1, 0]
    """
    kind, side = plan.kind, np.sign(plan.bend)
    begins = np.ones(kind.size, dtype=bool)
    begins[1:] = (side[1:] != side[:-1]) | (kind[1:] == SPIRAL_IN) | (kind[:-1] == SPIRAL_OUT)
    begins &= kind != TANGENT
    return np.where(kind == TANGENT, 0, np.cumsum(begins))


def along(plan: Plan, s: Floats, tight: Floats) -> Floats:
    """Give at chainages what grows evenly along spirals to a figure of each curve, and holds there.

    Parameters
    ----------
    plan
        The road.
    s
        Chainages, m.
    tight
        The figure of each element at its tight end; those of tangents do not matter.

    Examples
    --------
    Half way along a spiral it is half.

    >>> from geo.alignment.plan.plan import from_intersections
    >>> road = from_intersections([(0, 0), (300, 0), (300, 300)], radii=100, spirals=50)
    >>> begin = road.start[1]
    >>> along(road, np.array([0.0, begin + 25, begin + 60]), np.full(5, 0.06)).round(6).tolist()
    [0.0, 0.03, 0.06]
    """
    at = np.clip(np.searchsorted(plan.start, s, side="right") - 1, 0, plan.kind.size - 1)
    kind, share = plan.kind[at], np.clip((s - plan.start[at]) / plan.length[at], 0.0, 1.0)
    grown = np.select(
        [kind == TANGENT, kind == SPIRAL_IN, kind == SPIRAL_OUT], [0.0, share, 1 - share], 1.0
    )
    return np.asarray(tight[at] * grown)


def crossfall(plan: Plan, s: Floats, rule: Superelevation) -> Floats:
    """Give the crossfall of the bed from edge to edge at chainages, m/m, rising to the left.

    Examples
    --------
    The curve of `rates`, to the left: the bed falls to the left by 4 % in its middle.

    >>> from geo.alignment.plan.plan import from_intersections
    >>> road = from_intersections([(0, 0), (300, 0), (300, 300)], radii=250, spirals=50)
    >>> rule = Superelevation(60, 0.1468, 0.08, 0.02, 1500, 125, 3.5)
    >>> crossfall(road, np.array([0.0, road.length_m / 2]), rule).round(4).tolist()
    [0.0, -0.04]
    """
    return along(plan, s, rates(plan, rule))


def lanes(fall: Floats, crown: float) -> tuple[Floats, Floats]:
    """Give the crossfalls of the left and the right lane, each rising outwards, m/m.

    On straights both fall outwards by the crown; where the bed leans, the outer lane is turned up
    first, then both together. The line from edge to edge always has the crossfall `fall`.

    Examples
    --------
    On a straight, half way to the crown, and at 6 % in a left curve:

    >>> left, right = lanes(np.array([0.0, -0.01, -0.06]), 0.02)
    >>> left.tolist(), right.round(9).tolist()
    ([-0.02, -0.02, -0.06], [-0.02, 0.0, 0.06])
    """
    lean = np.abs(fall)
    inner = -np.maximum(lean, crown)
    outer = 2 * lean + inner
    return np.where(fall <= 0, inner, outer), np.where(fall <= 0, outer, inner)
