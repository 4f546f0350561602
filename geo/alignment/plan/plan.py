"""A road in plan: tangents joined by clothoid spirals and circular arcs at points of intersection.

Headings are radians counter-clockwise from x, curvatures are 1/m and positive to the left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.alignment.plan.clothoid import clothoid, tangent_lengths
from geo.alignment.plan.corners import CLOSE, crowded, faults, refuse, shaped
from geo.errors import GeometryError
from geo.words import Text

TANGENT, SPIRAL_IN, ARC, SPIRAL_OUT = range(4)
ELEMENTS = ("tangent", "spiral", "arc", "spiral")  # what the four are called in tables
STRAIGHT = 1e-9  # radians: a turn below it is rounding, not a curve

Floats = NDArray[np.float64]
Some = float | Floats


@dataclass(frozen=True, eq=False)
class Plan:
    """A horizontal alignment; `from_intersections` makes it.

    Parameters
    ----------
    intersections
        x, y of start, points of intersection and end, shape (n, 2).
    radii
        Radius at each point of intersection in m, shape (n − 2,).
    spirals
        Spirals into and out of each curve in m, shape (n − 2, 2).
    kind, curve
        Of each element: index into `ELEMENTS`, and number of its point of intersection (0: none).
    start, length
        Chainage of each element's start and its length in m.
    x, y, heading
        Where each element begins and its heading there; of a spiral that leaves a curve, its end.
    bend
        Curvature of an arc, of a spiral at its tight end, of a tangent 0.
    length_m
        Length of the whole.
    """

    intersections: Floats
    radii: Floats
    spirals: Floats
    kind: NDArray[np.int64]
    curve: NDArray[np.int64]
    start: Floats
    length: Floats
    x: Floats
    y: Floats
    heading: Floats
    bend: Floats
    length_m: float


class _Pose(NamedTuple):
    """Where an element begins and where to."""

    x: float
    y: float
    heading: float


class _Element(NamedTuple):
    kind: int
    curve: int
    length: float
    bend: float
    anchor: _Pose


def from_intersections(points: ArrayLike, *, radii: ArrayLike, spirals: ArrayLike = 0.0) -> Plan:
    """Lay spirals and arcs into the corners of a polygon.

    Neighbouring arcs of one radius that meet without a spiral become one arc: so a hairpin of more
    than 180° is two points of intersection.

    Parameters
    ----------
    points
        x, y of start, points of intersection and end in a metric CRS, shape (n, 2), n ≥ 2.
    radii
        Radius at each of the n − 2 points of intersection in m, or one for all. Where the polygon
        goes straight on there is no curve.
    spirals
        Length of the spirals in m: one for all, one a curve, or in and out, shape (n − 2, 2).

    Returns
    -------
    Plan
        Tangents, spirals and arcs, tangent to each other.

    Raises
    ------
    GeometryError
        If shapes do not fit, points coincide, a corner turns back, spirals turn further than their
        corner, or tangents do not fit on a leg. Every curve in question is named.

    Examples
    --------
    >>> corner = from_intersections([(0, 0), (300, 0), (300, 300)], radii=100)
    >>> round(corner.length_m, 3)  # two legs of 200 m and a quarter of 2π × 100 m
    557.08
    """
    corners, bends, pairs = shaped(points, radii, spirals)
    legs = np.diff(corners, axis=0)
    lengths = np.hypot(legs[:, 0], legs[:, 1])
    headings = np.arctan2(legs[:, 1], legs[:, 0])
    turns = np.pi - (np.pi - np.diff(headings)) % (2 * np.pi)
    turns[np.abs(turns) < STRAIGHT] = 0.0
    refuse(faults(lengths, turns, bends, pairs))
    taken = np.array(
        [
            tangent_lengths(abs(turn), bend, pair) if turn else (0.0, 0.0)
            for turn, bend, pair in zip(turns, bends, pairs, strict=True)
        ]
    ).reshape(-1, 2)
    free = lengths - np.append(0.0, taken[:, 1]) - np.append(taken[:, 0], 0.0)
    refuse(crowded(lengths, free))
    headings = headings[0] + np.append(0.0, np.cumsum(turns))  # running on past ±π
    unit = legs / lengths[:, None]
    begins = corners[:-1] + unit * np.append(0.0, taken[:, 1])[:, None]
    ends = corners[1:] - unit * np.append(taken[:, 0], 0.0)[:, None]
    found: list[_Element] = []
    for leg, heading in enumerate(headings):
        if free[leg] > CLOSE:
            x, y = begins[leg].tolist()
            anchor = _Pose(x, y, heading)
            found.append(_Element(TANGENT, 0, free[leg], 0.0, anchor))
        if leg < len(turns) and turns[leg]:
            shape = _Curve(leg + 1, turns[leg], bends[leg], *pairs[leg])
            x, y = ends[leg].tolist()
            found += _elements(shape, _Pose(x, y, heading), begins[leg + 1])
    return _plan(corners, bends, pairs, _merged(found))


class _Curve(NamedTuple):
    number: int
    turn: float
    radius: float
    into: float
    out: float


def _elements(shape: _Curve, begin: _Pose, end: Floats) -> list[_Element]:
    """Give the spiral in, the arc and the spiral out of one curve."""
    number, turn, radius, into, out = shape
    x, y, heading = begin
    bend = turn / (abs(turn) * radius)
    found = []
    if into > 0:
        found.append(_Element(SPIRAL_IN, number, into, bend, begin))
        along, off = clothoid(into, radius, into)
        moved = _moved(x, y, heading, along, off if turn > 0 else -off)
        x, y = float(moved[0]), float(moved[1])
    arc = radius * abs(turn) - (into + out) / 2
    if arc > CLOSE:
        found.append(_Element(ARC, number, arc, bend, _Pose(x, y, heading + bend * into / 2)))
    if out > 0:
        anchor = _Pose(float(end[0]), float(end[1]), heading + turn)
        found.append(_Element(SPIRAL_OUT, number, out, bend, anchor))
    return found


def _moved(x: Some, y: Some, heading: Some, along: Some, left: Some) -> tuple[Floats, Floats]:
    """Go along a heading and off to its left."""
    cosine, sine = np.cos(heading), np.sin(heading)
    return (
        np.asarray(x + along * cosine - left * sine),
        np.asarray(y + along * sine + left * cosine),
    )


def _merged(found: list[_Element]) -> list[_Element]:
    """Join arcs of one circle that follow each other."""
    merged: list[_Element] = []
    for one in found:
        last = merged[-1] if merged else one
        if merged and last.kind == one.kind == ARC and abs(last.bend / one.bend - 1) < STRAIGHT:
            merged[-1] = last._replace(length=last.length + one.length)
        else:
            merged.append(one)
    return merged


def _plan(corners: Floats, radii: Floats, spirals: Floats, found: list[_Element]) -> Plan:
    lengths = np.array([one.length for one in found])
    ends = np.cumsum(lengths)
    x, y, heading = np.array([one.anchor for one in found]).T
    return Plan(
        intersections=corners,
        radii=radii,
        spirals=spirals,
        kind=np.array([one.kind for one in found]),
        curve=np.array([one.curve for one in found]),
        start=np.append(0.0, ends[:-1]),
        length=lengths,
        x=x,
        y=y,
        heading=heading,
        bend=np.array([one.bend for one in found]),
        length_m=float(ends[-1]),
    )


def points(plan: Plan, stations: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    """Give where the road is at chainages.

    Parameters
    ----------
    plan
        The road.
    stations
        Chainages in m, 0 … `plan.length_m`; any shape, in any order.

    Returns
    -------
    x, y, heading, curvature
        Arrays of the shape of `stations`: m, m, radians counter-clockwise from x (running on past
        ±π), 1/m positive to the left. Where two elements meet, the later one counts.

    Raises
    ------
    GeometryError
        If a chainage lies off the road.

    Examples
    --------
    >>> corner = from_intersections([(0, 0), (300, 0), (300, 300)], radii=100)
    >>> [round(float(v), 3) for v in points(corner, corner.length_m / 2)]  # 45° round (200, 100)
    [270.711, 29.289, 0.785, 0.01]
    """
    s = np.asarray(stations, dtype=np.float64)
    if s.size and not (s.min() >= -CLOSE and s.max() <= plan.length_m + CLOSE):
        raise GeometryError(
            Text(
                f"桩号超出线路：{s.min():.3f} … {s.max():.3f}，线路长 {plan.length_m:.3f} m",
                f"chainage off the road: {s.min():.3f} … {s.max():.3f}, "
                f"length {plan.length_m:.3f} m",
            )
        )
    at = np.clip(np.searchsorted(plan.start, s, side="right") - 1, 0, len(plan.kind) - 1)
    kind, bend, length = plan.kind[at], plan.bend[at], plan.length[at]
    along = np.clip(s - plan.start[at], 0.0, length)
    out = kind == SPIRAL_OUT
    along = np.where(out, length - along, along)  # from the flat end
    curving, side = kind != TANGENT, np.where(out, -1.0, 1.0)
    radius = 1 / np.where(curving, np.abs(bend), 1.0)
    forward, left = clothoid(length, radius, along)
    round_arc = along * bend / 2
    chord = np.where(kind == ARC, along * np.sinc(round_arc / np.pi), 0.0)
    spiral = (kind == SPIRAL_IN) | out
    forward = np.where(kind == TANGENT, along, np.where(spiral, forward, chord * np.cos(round_arc)))
    left = np.where(spiral, np.sign(bend) * left, chord * np.sin(round_arc))
    x, y = _moved(plan.x[at], plan.y[at], plan.heading[at], side * forward, left)
    curvature = np.where(spiral, bend * along / length, bend)
    turned = np.where(spiral, side * curvature * along / 2, bend * along)
    return x, y, plan.heading[at] + turned, curvature


def elements(plan: Plan) -> pd.DataFrame:
    """List the elements of a road in plan.

    Returns
    -------
    DataFrame
        One row an element: `kind` (tangent, spiral, arc), `curve` (number of the point of
        intersection, 0 for tangents), `start_m`, `length_m`, `radius_m` (of a spiral at its tight
        end, infinite for tangents), `turn` (left, right, empty), and at its start `x`, `y` and
        `heading` (radians counter-clockwise from x).

    Examples
    --------
    >>> corner = from_intersections([(0, 0), (300, 0), (300, 300)], radii=100)
    >>> elements(corner)[["kind", "start_m", "length_m", "radius_m", "turn"]].round(2)
          kind  start_m  length_m  radius_m  turn
    0  tangent     0.00    200.00       inf
    1      arc   200.00    157.08     100.0  left
    2  tangent   357.08    200.00       inf
    """
    x, y, heading, _ = points(plan, plan.start)
    with np.errstate(divide="ignore"):
        radius = 1 / np.abs(plan.bend)
    return pd.DataFrame(
        {
            "kind": [ELEMENTS[kind] for kind in plan.kind],
            "curve": plan.curve,
            "start_m": plan.start,
            "length_m": plan.length,
            "radius_m": radius,
            "turn": np.select([plan.bend > 0, plan.bend < 0], ["left", "right"], ""),
            "x": x,
            "y": y,
            "heading": heading,
        }
    )
