"""Curves laid into the corners of a polygon so that the straights between them are legal.

Method: where two curves that turn opposite ways leave less than the straight asked for between
them, their spirals are made to meet: the leg is shared out as their tangents were, and each curve
is laid anew to the tangents it is left with (`meeting`). Curves the same way too close, or tangents
that no curve has, make no road.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.alignment.plan.bending import Bounds, Shape
from geo.alignment.plan.clothoid import tangent_lengths
from geo.alignment.plan.corners import CLOSE
from geo.alignment.plan.curves import MEET, curves
from geo.alignment.plan.meeting import even, uneven
from geo.alignment.plan.plan import Plan, from_intersections
from geo.errors import GeometryError

Floats = NDArray[np.float64]

SLIGHT = 2e-3  # radians: no corner turns less
WHOLE = 1 + 1e-9  # times the radius at which two spirals are the whole curve
NONE = 0.0  # radius of no curve


class Polygon(NamedTuple):
    """Corners (n, 2) with both ends, radii of inner ones, their spirals in and out (n − 2, 2)."""

    corners: Floats
    radii: Floats
    spirals: Floats


def settled(wished: Polygon, bounds: Bounds) -> Plan | None:
    """Lay out a road, its curves as wished as far as rules allow; None where it is not legal.

    Parameters
    ----------
    wished
        Corners, and curves as they were or as they are tried. Radii grow to what spirals and the
        least length of a curve need; a curve whose spiral on one side is 0 is half of a hairpin and
        stays as it is.
    bounds
        What curves keep to.

    Examples
    --------
    Two right angles 300 m apart, opposite ways, of R = 100 m and spirals of 50 m: tangents of
    125.99 m leave 48 m. Where 60 m are asked for, the spirals meet halfway.

    >>> corners = np.array([(0, 0), (300, 0), (300, 300), (600, 300)])
    >>> bounds = Bounds(60.0, 50.0, opposite=60.0, meeting=True)
    >>> road = settled(Polygon(corners, np.full(2, 100.0), np.full((2, 2), 50.0)), bounds)
    >>> road.radii.round(1).tolist(), road.kind.tolist()
    ([124.2, 124.2], [0, 1, 2, 3, 1, 2, 3, 0])
    """
    legs = np.diff(wished.corners, axis=0)
    turns = _turns(legs)
    if (np.abs(turns) < SLIGHT).any():
        return None
    lengths = np.hypot(legs[:, 0], legs[:, 1])
    wider = _widened(wished, np.abs(turns), bounds)
    ways = _ways(wider, turns, lengths, bounds)
    shaped = _shaped(wider, np.abs(turns), ways, bounds)
    if shaped is None:
        return None
    try:
        road = from_intersections(shaped.corners, radii=shaped.radii, spirals=shaped.spirals)
    except GeometryError:
        return None
    return road if _legal(road, bounds) else None


def _turns(legs: Floats) -> Floats:
    headings = np.arctan2(legs[:, 1], legs[:, 0])
    return np.asarray(np.pi - (np.pi - np.diff(headings)) % (2 * np.pi))


def _widened(wished: Polygon, turns: Floats, bounds: Bounds) -> Polygon:
    """Make radii large enough for spirals and lengths of curves."""
    halves = wished.spirals.sum(axis=1) / 2
    both = (wished.spirals > 0).all(axis=1)
    least = np.maximum(wished.spirals.max(axis=1, initial=0.0), bounds.curve - halves)
    least = np.maximum(least / turns * WHOLE, bounds.radius)
    radii = np.where(both | (bounds.spiral == 0), np.maximum(wished.radii, least), wished.radii)
    return wished._replace(radii=radii)


def _ways(wished: Polygon, turns: Floats, lengths: Floats, bounds: Bounds) -> Floats:
    """Give the tangents that curves have to have where spirals meet, shape (n, 2); NaN: any."""
    taken = np.array(
        [
            tangent_lengths(abs(turn), radius, pair)
            for turn, radius, pair in zip(turns, wished.radii, wished.spirals, strict=True)
        ]
    ).reshape(-1, 2)
    ways = np.full(taken.shape, np.nan)
    if not bounds.meeting:
        return ways
    stays = _stays(wished, bounds)
    for leg in range(1, turns.size):
        out, into = taken[leg - 1, 1], taken[leg, 0]
        if turns[leg - 1] * turns[leg] < 0 and lengths[leg] - out - into < bounds.opposite:
            share = lengths[leg] * out / (out + into)
            share = out if stays[leg - 1] else lengths[leg] - into if stays[leg] else share
            ways[leg - 1, 1], ways[leg, 0] = share, lengths[leg] - share
    return ways


def _stays(wished: Polygon, bounds: Bounds) -> NDArray[np.bool_]:
    """Say which curves are halves of a hairpin, and stay as they are."""
    half: NDArray[np.bool_] = (wished.spirals == 0).any(axis=1) & (bounds.spiral > 0)
    return half


def _shaped(wished: Polygon, turns: Floats, ways: Floats, bounds: Bounds) -> Polygon | None:
    """Lay each curve to the tangents it has to have; None where there is no such curve."""
    radii, spirals, stays = wished.radii.copy(), wished.spirals.copy(), _stays(wished, bounds)
    for n, (turn, (near, far)) in enumerate(zip(turns.tolist(), ways.tolist(), strict=True)):
        if stays[n] or (math.isnan(near) and math.isnan(far)):
            continue
        shape = _between(turn, near, far, bounds)
        if shape.radius == NONE:
            return None
        radii[n], spirals[n] = shape.radius, (shape.into, shape.out)
    return wished._replace(radii=radii, spirals=spirals)


def _between(turn: float, near: float, far: float, bounds: Bounds) -> Shape:
    if math.isnan(near) or math.isnan(far):
        return even(turn, far if math.isnan(near) else near, bounds)
    return uneven(turn, near, far, bounds)


def _legal(road: Plan, bounds: Bounds) -> bool:
    """Say whether curves are long enough and the straights between them too."""
    bends = curves(road)
    gaps, same = bends["straight_m"].to_numpy()[:-1], bends["same"].to_numpy()[:-1]
    least = np.where(same, bounds.same, bounds.opposite)
    meets = ~same & (gaps <= MEET) & bounds.meeting
    long = bool((bends["length_m"] >= bounds.curve - CLOSE).all())
    return long and bool((meets | (gaps >= least - CLOSE)).all())
