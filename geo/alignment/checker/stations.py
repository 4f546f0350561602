"""Stations of a centreline as every test of the checker reads them, and its tolerances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, Problem
from geo.words import Text

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[Any]
Limits = Mapping[str, Any]
Rule = Literal[
    "station_spacing",
    "chainage",
    "radius",
    "spiral",
    "curve_length",
    "tangent",
    "straight_same",
    "straight_opposite",
    "grade",
    "window_grade",
    "mean_grade",
    "crest_radius",
    "sag_radius",
    "vertical_curve",
    "slope_length",
    "grade_length",
    "cut",
    "fill",
    "structure_code",
    "bridge_length",
    "bridge_place",
    "tunnel_length",
    "tunnel_place",
    "superelevation",
    "runoff",
    "widening",
    "sight_crest",
    "sight_curve",
    "crossing_level",
    "clearance",
    "flood_level",
]
RULES: tuple[Rule, ...] = get_args(Rule)
"""All rules that are tested; no row can name another."""
Row = tuple[float, Rule, float, float]

EARTH, BRIDGE, TUNNEL = 0, 1, 2  # those of `values`, written anew: nothing is shared
COLUMNS = ("s", "x", "y", "design", "ground", "structure")
SPACING = 5.0  # m: stations stand no further apart

# Tolerances. Coordinates are taken to be right to 1 µm (unrounded doubles are, also at 10⁷ m), and
# curvature needs stations NEAR apart: denser ones are left out of it. Then a second difference
# errs by 4 × 1e-6 / 1² at NEAR and by 1.6e-7 at 5 m.
NEAR = 1.0  # m
NOISE = 4e-6  # 1/m: bends below it (R > 250 km) are straight
SHARE = 1e-3  # of a radius: three points of an arc give it exactly, of a spiral a mean of it
GRADE = 2e-6  # m/m: 1 µm at either end of NEAR
HEIGHT = 0.01  # m: cut, fill and rises
LENGTH = 1e-3  # m: structures, chainages


def require(stations: pd.DataFrame) -> None:
    """Refuse what is no centreline; everything wrong in it is named."""
    columns = {name: stations[name].to_numpy(float) for name in COLUMNS if name in stations}
    missing = Text("缺少此列", "missing")
    problems = [Problem(field=name, found=missing) for name in COLUMNS if name not in columns]
    problems += [
        Problem(field=name, found="NaN / inf")
        for name, column in columns.items()
        if not np.isfinite(column).all()
    ]
    if not (np.diff(columns.get("s", [0.0])) > 0).all():
        problems.append(Problem(field="s", found=Text("里程不递增", "not rising")))
    if len(stations) < 5:
        found = Text(f"{len(stations)} 个桩", f"{len(stations)} stations")
        problems.append(Problem(found=found, expected="≥ 5"))
    if problems:
        raise InputError(
            Text("中线数据有误，无法校核", "the centreline cannot be tested"), problems=problems
        )


def thinned(s: Floats) -> NDArray[np.int64]:
    """Give stations at least NEAR apart, both ends among them."""
    kept = [0]
    for i in range(1, s.size):
        if s[i] - s[kept[-1]] >= NEAR:
            kept.append(i)
    if kept[-1] != s.size - 1:
        kept[-1] = s.size - 1
    return np.array(kept)


def runs(flags: Flags) -> list[tuple[int, int]]:
    """Give first and last of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]


def worst(s: Floats, found: Floats, bad: Flags, rule: Rule, allowed: float) -> list[Row]:
    """Give one row a run of bad stations, at the one that is furthest from the allowed."""
    off = np.abs(found - allowed)
    furthest = [first + int(np.argmax(off[first : last + 1])) for first, last in runs(bad)]
    return [(float(s[at]), rule, float(found[at]), float(allowed)) for at in furthest]
