"""Curves of a road in plan, spirals and arc as one, and the straights between them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.alignment.plan.plan import SPIRAL_IN, SPIRAL_OUT, TANGENT, Plan

CLOSE = 1e-9  # of a radius: rounding
MEET = 1e-3  # m: spirals that near meet
COLUMNS = ("start_m", "length_m", "radius_m", "turn", "straight_m", "same")


def curves(plan: Plan) -> pd.DataFrame:
    """List the curves of a road.

    A curve is what bends without a stop: two spirals and an arc; of a hairpin laid out as two
    corners all that lies between its spirals.

    Returns
    -------
    DataFrame
        One row a curve, in order: `start_m`, `length_m`, `radius_m` (the tightest), `turn` (1 left,
        −1 right), `straight_m` to the next curve (0: their spirals meet, NaN: there is none) and
        `same`, whether that one turns the same way.

    Examples
    --------
    Two right angles without spirals, R = 100 m, between their corners 400 m: 200 m are straight.

    >>> from geo.alignment.plan.plan import from_intersections
    >>> corners = [(0, 0), (300, 0), (300, 400), (600, 400)]
    >>> curves(from_intersections(corners, radii=100))[["start_m", "turn", "straight_m"]].round(2)
       start_m  turn  straight_m
    0   200.00     1       200.0
    1   557.08    -1         NaN
    """
    rows: list[list[float]] = []
    before = -1  # element that bent last
    for at in np.flatnonzero(plan.kind != TANGENT).tolist():
        begin, end = float(plan.start[at]), float(plan.start[at] + plan.length[at])
        radius, side = 1 / abs(float(plan.bend[at])), float(np.sign(plan.bend[at]))
        tips = before >= 0 and plan.kind[before] == SPIRAL_OUT and plan.kind[at] == SPIRAL_IN
        if not rows or at > before + 1 or tips or side != rows[-1][3]:
            rows.append([begin, end, radius, side])
        rows[-1][1:3] = end, min(rows[-1][2], radius)
        before = at
    starts, ends, radii, sides = np.array(rows, dtype=np.float64).reshape(-1, 4).T
    gaps, same = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=bool)
    gaps[:-1], same[:-1] = np.round(starts[1:] - ends[:-1], 9) + 0.0, sides[1:] == sides[:-1]
    columns = (starts, ends - starts, radii, sides.astype(np.int64), gaps, same)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def tight_m(plan: Plan, radius_m: float) -> float:
    """Give the metres of curves, spirals included, that are tighter than a radius.

    Examples
    --------
    >>> from geo.alignment.plan.plan import from_intersections
    >>> corner = from_intersections([(0, 0), (300, 0), (300, 300)], radii=100)
    >>> tight_m(corner, 100), round(tight_m(corner, 101), 2)
    (0.0, 157.08)
    """
    bends = curves(plan)
    return float(bends.loc[bends["radius_m"] < radius_m * (1 - CLOSE), "length_m"].sum())
