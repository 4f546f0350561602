"""Heights that points tell, against the terrain they stand on.

- Heights in feet lie 3.28 times above the terrain; where half of them and more lie near that factor
  and not near the terrain, they are told.
- Heights that nearly all lie above the terrain, or below, and by more than `LEAN_M`, are from
  another datum or not of the ground: coarse terrain lies over valleys by less.
- Otherwise half the heights lie within `OFF_M` of the terrain: a seat may be drawn a few hundred
  metres off on steep ground, and a modelled terrain may be smooth.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at

FEET_M = 0.3048
NEAR = 0.05
"""How near to a factor a figure must lie to be in its unit."""
LEAST_HEIGHT_M = 50.0
"""Below, a height and its foot cannot be told apart over terrain that is itself rough."""
OFF_M, LEAST_POINTS = 80.0, 3
LEAN_M, LEAN_SHARE, LEAN_POINTS = 30.0, 0.9, 8
TELLING = ("settlements", "seats", "tower_sites")
"""Layers whose points may tell their height."""


def feet(county: County, layer: str) -> Iterator[Finding]:
    """Tell heights that lie at the terrain when they are taken for feet."""
    frame = county.vector(layer).sort_index()
    if "height_m" not in frame:
        return
    ground, told = ground_of(county, frame), frame["height_m"].to_numpy(dtype=float)
    known = np.isfinite(told) & (ground > LEAST_HEIGHT_M)
    if not known.any():
        return
    ratio = np.where(known, told / np.where(known, ground, 1), np.nan)
    high = np.abs(ratio * FEET_M - 1) <= NEAR
    if high.sum() >= 0.5 * known.sum() and np.nanmedian(ratio) > 2:
        middle = f"{np.nanmedian(ratio):.2f}"
        yield Finding(
            "heights_feet",
            layer,
            "doubtful",
            Text("海拔疑以英尺计", "Heights may be in feet"),
            Text(f"为地形高程的 {middle} 倍（中位数）", f"{middle} times the terrain's (median)"),
            Text("单位 m", "in m"),
            Text("乘以 0.3048 后重新导入", "multiply by 0.3048 and import again"),
            **at(frame, high),
        )


def ground_of(county: County, frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Give the height of the terrain at points, NaN where it is not known."""
    dem = county.raster("dem")
    rows, columns = dem.grid.index(frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy())
    heights = np.full(len(frame), np.nan)
    there = dem.grid.inside(rows, columns)
    cells = rows[there], columns[there]
    heights[there] = np.where(dem.valid[cells], dem.values[cells], np.nan)
    return heights


def off(county: County, layer: str) -> Iterator[Finding]:
    """Tell heights most of which lie far from the terrain, and not by the foot."""
    frame = county.vector(layer).sort_index()
    if "height_m" not in frame:
        return
    ground, told = ground_of(county, frame), frame["height_m"].to_numpy(dtype=float)
    known = np.isfinite(told) & np.isfinite(ground)
    if known.sum() < LEAST_POINTS:
        return
    away = np.where(known, np.abs(told - ground), 0.0)
    middle = float(np.median(away[known]))
    if middle <= OFF_M or _in_feet(told[known], ground[known]):
        return
    title, figure = CATALOG[layer].title, f"{middle:,.0f} m"
    count, every = int((away > OFF_M).sum()), int(known.sum())
    yield Finding(
        "heights_off",
        layer,
        "doubtful",
        Text(f"{title.zh}的海拔与地形不符", f"Heights of the {title.en} are not the terrain's"),
        Text(
            f"{every} 个中 {count} 个相差超过 {OFF_M:g} m，中位数 {figure}",
            f"{count} of {every} more than {OFF_M:g} m off, the median {figure}",
        ),
        Text(f"半数以上相差不超过 {OFF_M:g} m", f"most within {OFF_M:g} m"),
        Text(
            "核对海拔字段的单位，以及地形的单位、起算面与位置",
            "check the unit of the heights, and unit, datum and place of the terrain",
        ),
        **at(frame, away > OFF_M),
    )


def leaning(county: County, layer: str) -> Iterator[Finding]:
    """Tell heights that lie above the terrain, or below it, by nearly the same everywhere."""
    frame = county.vector(layer).sort_index()
    if "height_m" not in frame:
        return
    ground, told = ground_of(county, frame), frame["height_m"].to_numpy(dtype=float)
    known = np.isfinite(told) & np.isfinite(ground)
    if known.sum() < LEAN_POINTS:
        return
    above = np.where(known, told - ground, 0.0)
    middle = float(np.median(above[known]))
    aside = np.sign(above) == np.sign(middle)
    if not LEAN_M < abs(middle) <= OFF_M or aside[known].mean() < LEAN_SHARE:
        return
    title, figure = CATALOG[layer].title, f"{middle:+,.0f} m"
    yield Finding(
        "heights_lean",
        layer,
        "doubtful",
        Text(
            f"{title.zh}的海拔整体偏离地形",
            f"Heights of the {title.en} lie to one side of the terrain",
        ),
        Text(f"中位数 {figure}，几乎同侧", f"{figure} (median), nearly all of them to this side"),
        Text(f"整体偏离不超过 {LEAN_M:g} m", f"at most {LEAN_M:g} m to one side"),
        Text(
            "核对高程基准（1985 国家高程基准，而非椭球高），以及是否为地面海拔",
            "check the datum (normal heights, none above the ellipsoid), and that it is of ground",
        ),
        **at(frame, known & aside),
    )


def _in_feet(told: NDArray[np.float64], ground: NDArray[np.float64]) -> bool:
    """Say whether most heights, or the terrain, are in feet: that is told as such."""
    sides = ((told * FEET_M, ground), (told, ground * FEET_M))
    near = [np.abs(one - other) <= NEAR * np.abs(other) for one, other in sides]
    return bool(max(one.mean() for one in near) >= 0.5)


INSPECTIONS = tuple(
    Inspection(one, partial(ask, layer=one), beside=("dem",))
    for ask in (feet, off, leaning)
    for one in TELLING
)
