"""A built centreline against the limits of its class, tested anew at every station.

The designer's modules are not used here: curves and grades are read from the points themselves.

Method: curvature from the circle through three stations (radii) and from the turn between chords
(spirals, tangents); grades from height differences; vertical curves from second differences, whose
stretches of one value are the parabolas and tangents of the profile, bounded where their lines of
grade cross. A point of vertical intersection (PVI) lies under the middle of its parabola.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from geo.alignment.checker.climbs import climbs
from geo.alignment.checker.plan import plan, spacing
from geo.alignment.checker.profile import grades, mean_grades, vertical
from geo.alignment.checker.section import section
from geo.alignment.checker.stations import COLUMNS, LENGTH, SPACING, Limits, require, thinned, worst
from geo.alignment.checker.structures import heights, structures


def breaches(stations: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Test a centreline.

    Parameters
    ----------
    stations
        Every ≤ 5 m along the road: chainage `s`, `x`, `y`, heights `design` and `ground`, all in m,
        not rounded, and `structure` (0 earth, 1 bridge, 2 tunnel) from there to the next station.
        Further columns let more be tested (`examinable`): `crossfall` of the bed (m/m, rising to
        the left), which turns about the edge of the inner lane; `left_m` and `right_m`, its
        half-widths; of the faces of cuts on either side distances of the foot and the toe from the
        centreline and the rise between, `foot_left_m`, `toe_left_m`, `top_left_m` and those of the
        right, NaN where there is no cut.
    limits
        `max_grade`, `min_radius_m`, `min_spiral_m`, `min_curve_m` (spirals and arc),
        `min_tangent_m` (between any two curves), `same_turn_m` and `opposite_turn_m` (straights
        between curves that turn the same way and opposite ways, unless the spirals of these meet),
        `min_slope_length_m`, `min_vertical_radius_m` (crests), `min_sag_radius_m`,
        `min_vertical_curve_m`, `mean_grades` (triples of the first rise, the rise below which it
        ends, and the grade), `window_m` and `window_grade`, `grade_lengths` (pairs of a rising
        grade and its longest stretch) and `relief_grade`, `max_cut_m`, `max_fill_m`,
        `max_bridge_m`, `max_tunnel_m`, `min_structure_m`; of cross-sections those in
        `section.ASKED`. What is left out is not tested.

    Returns
    -------
    DataFrame
        A row for each breach, in order of chainage: `chainage_m`, `rule`, `found`, `allowed`.
        Neighbouring stations that break a rule are one row, at the worst. Mean grades stand at the
        start of their stretch, lengths at the start of what is too long or too short, curves at
        their middle. Of lengths of grades `found` is the sum of shares that a climb uses. What the
        ends of the road cut off (spirals, slopes, curves, the straights before the first curve and
        after the last) is not judged.

    Raises
    ------
    InputError
        If columns are missing, values are not finite, there are fewer than 5 stations or chainages
        do not rise.

    Examples
    --------
    A level road on level ground, but for a step of 2 m up over 5 m of it: a grade of 40 %.

    >>> s = np.arange(0.0, 101, 5)
    >>> road = pd.DataFrame({"s": s, "x": s, "y": 0.0, "ground": 0.0, "structure": 0})
    >>> road["design"] = np.where(s > 50, 2.0, 0.0)
    >>> breaches(road, {"max_grade": 0.08, "max_fill_m": 3})
       chainage_m   rule  found  allowed
    0        50.0  grade    0.4     0.08
    """
    require(stations)
    s, x, y, design, ground = (stations[name].to_numpy(dtype=np.float64) for name in COLUMNS[:5])
    structure = stations["structure"].to_numpy()[:-1]
    near = thinned(s)
    rows = [
        *spacing(s[near], x[near], y[near]),
        *plan(s[near], x[near], y[near], limits),
        *grades(s, design, limits),
        *mean_grades(s, design, limits),
        *vertical(s[near], design[near], limits),
        *climbs(s[near], design[near], limits),
        *heights(s, design - ground, structure, limits),
        *structures(s, design - ground, structure, limits),
        *section(stations.iloc[near], limits),
    ]
    gap = np.diff(s)
    rows += worst(s[:-1], gap, gap > SPACING + LENGTH, "station_spacing", SPACING)
    frame = pd.DataFrame(rows, columns=["chainage_m", "rule", "found", "allowed"])
    frame = frame.astype({"chainage_m": float, "found": float, "allowed": float})
    return frame.sort_values(["chainage_m", "rule"], kind="stable", ignore_index=True)
