"""Cross-sections of a road at round chainages: figures, and outlines to draw.

Outlines are written as on the field sheets of surveyors: `offset/height` point by point from left
to right, offsets from the centreline negative on the left.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline

from geo.alignment.values import EARTH, Floats
from geo.alignment.works.bed import Bed
from geo.alignment.works.crosssection import (
    STRUCTURES,
    Centreline,
    Template,
    sections,
)
from geo.alignment.works.superelevation import lanes
from geo.alignment.works.tabulation import round_chainages, station
from geo.raster import Raster, sample

BESIDE_M = 10.0  # of ground beyond the works
POINTS = 13  # of the ground
WORKS = (
    *("cut_m2", "fill_m2", "left_m", "right_m", "wall_left_m", "wall_right_m"),
    *("is_cut_left", "is_cut_right"),
)


def outlines(
    line: Centreline,
    dem: Raster,
    template: Template,
    bed: Bed,
    *,
    crown: float,
    every: float = 20.0,
) -> pd.DataFrame:
    """Give the cross-sections of a road every so many metres and at its end.

    Parameters
    ----------
    line, dem, template, bed
        The road on its ground, and how its bed leans, widens and is benched.
    crown
        Crossfall of either lane on straights.
    every
        Distance of the sections, m.

    Returns
    -------
    DataFrame
        station (as written), station_m, structure (of what begins there), ground_m and design_m
        (heights at the centreline, of the ground NaN where unknown), cut_m2 and fill_m2, left_m and
        right_m (half-widths), crossfall_left and crossfall_right (of the lanes, m/m, rising
        outwards), edge_left_m and edge_right_m (heights), bench_left_m and bench_right_m (widths),
        end_left_m and end_right_m (from the centreline to where the works end) with
        end_left_height_m and end_right_height_m, design and ground (outlines). On bridges and in
        tunnels the works end at the edges, and nothing is cut or filled.

    Examples
    --------
    3 m deep in level ground, slopes 1 : 1, a bed of 10 m:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.alignment.works.bed import level
    >>> from geo.grid import Grid
    >>> grid = Grid((9, 9), Affine(20, 0, 0, 0, -20, 180), CRS(4549))
    >>> flat = Raster(np.full((9, 9), 103.0), grid)
    >>> s, one = np.array([0.0, 20]), np.ones(2)
    >>> road = Centreline(s, s + 60, 90 * one, 0 * one, 0 * one, 100 * one, np.array([EARTH]))
    >>> found = outlines(road, flat, Template(10, 1, 1.5), level(2, 10), crown=0.02)
    >>> found.loc[0, "station"], round(float(found.loc[0, "cut_m2"]), 6), found.loc[0, "design"]
    ('K0+000.000', 39.0, '-8.00/103.00 -5.00/100.00 5.00/100.00 8.00/103.00')
    """
    s = round_chainages(line, every)
    at, structure = _at(line, s)
    here = Bed(*(np.interp(s, line.s, getattr(bed, field.name)) for field in fields(bed)))
    cut = _cut(at, dem, template, here, structure == EARTH)
    left, right = lanes(here.crossfall, crown)
    table = pd.DataFrame(
        {
            "station": [station(value) for value in s],
            "station_m": s,
            "structure": np.array(STRUCTURES)[structure],
            "ground_m": sample(dem, at.x, at.y),
            "design_m": at.design,
            "cut_m2": cut["cut_m2"],
            "fill_m2": cut["fill_m2"],
            "left_m": here.left_m,
            "right_m": here.right_m,
            "crossfall_left": left,
            "crossfall_right": right,
            "edge_left_m": at.design + here.height(here.left_m),
            "edge_right_m": at.design + here.height(-here.right_m),
            "bench_left_m": np.where(cut["is_cut_left"], here.bench_left_m, 0.0),
            "bench_right_m": np.where(cut["is_cut_right"], here.bench_right_m, 0.0),
            "end_left_m": cut["left_m"],
            "end_right_m": cut["right_m"],
        }
    )
    sides = [_side(table, cut, template, side) for side in ("left", "right")]
    table["end_left_height_m"], table["end_right_height_m"] = (side[-1][1] for side in sides)
    table["design"] = _told([(-off, z) for off, z in sides[0][::-1]] + sides[1])
    beside = [side[-1][0] + BESIDE_M for side in sides]
    share = np.linspace(0.0, 1.0, POINTS)
    off = share * (beside[0] + beside[1])[:, None] - beside[0][:, None]
    x = at.x[:, None] + off * np.sin(at.heading)[:, None]
    y = at.y[:, None] - off * np.cos(at.heading)[:, None]
    z = sample(dem, x.ravel(), y.ravel()).reshape(x.shape)
    table["ground"] = _told(list(zip(off.T, z.T, strict=True)))
    return table


def _at(line: Centreline, s: Floats) -> tuple[Centreline, NDArray[np.int64]]:
    """Give the centreline at chainages, all taken for earth, and what begins there."""
    east = CubicHermiteSpline(line.s, line.x, np.cos(line.heading))
    north = CubicHermiteSpline(line.s, line.y, np.sin(line.heading))
    begins = np.clip(np.searchsorted(line.s, s + 1e-6, side="right") - 1, 0, line.s.size - 2)
    at = Centreline(
        s,
        east(s),
        north(s),
        np.arctan2(north(s, 1), east(s, 1)),
        np.interp(s, line.s, line.curvature),
        np.interp(s, line.s, line.design),
        np.full(s.size - 1, EARTH),
    )
    return at, line.structure[begins]


def _cut(
    at: Centreline, dem: Raster, template: Template, bed: Bed, earth: NDArray[np.bool_]
) -> pd.DataFrame:
    """Cut the ground where a road runs on earth; elsewhere the works end at the edges."""
    table = pd.DataFrame(0.0, index=range(at.s.size), columns=WORKS)
    table[["is_cut_left", "is_cut_right"]] = False
    table["left_m"], table["right_m"] = bed.left_m, bed.right_m
    rows = np.flatnonzero(earth)
    if rows.size:
        pair = rows if rows.size > 1 else rows.repeat(2)  # two stations make a centreline
        gap = np.zeros(pair.size) if rows.size > 1 else np.array([0.0, 1.0])
        named = {field.name: getattr(at, field.name)[pair] for field in fields(at)[:-1]}
        named["s"] = named["s"] + gap
        part = Centreline(structure=np.full(pair.size - 1, EARTH), **named)
        here = Bed(*(getattr(bed, field.name)[pair] for field in fields(bed)))
        found = sections(part, dem, template, here)
        for name in WORKS:
            table.loc[rows, name] = getattr(found, name)[: rows.size]
    return table


def _side(
    table: pd.DataFrame, cut: pd.DataFrame, template: Template, side: str
) -> list[tuple[Floats, Floats]]:
    """Give an outline from the edge of the bed to the end of the works: offsets and heights."""
    edge, z = table[f"{side}_m"].to_numpy(), table[f"edge_{side}_m"].to_numpy()
    foot = edge + table[f"bench_{side}_m"].to_numpy()
    end = np.maximum(cut[f"{side}_m"].to_numpy(), foot)
    is_cut, wall = cut[f"is_cut_{side}"].to_numpy(bool), cut[f"wall_{side}_m"].to_numpy()
    rise = np.where(is_cut, (end - foot) / template.cut_slope + wall, 0.0)
    fall = np.where(is_cut, 0.0, (end - foot) / template.fill_slope + wall)
    return [(edge, z), (foot, z), (end, z + rise - fall)]


def _told(points: list[tuple[Floats, Floats]]) -> list[str]:
    """Write the points of every section, those that coincide once."""
    rows = np.array([np.stack(pair, axis=1) for pair in points]).transpose(1, 0, 2)
    lines = []
    for row in rows:
        words = [f"{off:.2f}/{z:.2f}" for off, z in row + 0.0 if np.isfinite(z)]
        lines.append(" ".join(dict.fromkeys(words)))
    return lines
