"""Terrain that no ground is: spikes, blocks of one height, seams, feet, and less detail than cells.

- A spike stands 45° over every cell around it, and `SPIKE_M` at least.
- A block is of one height over `BLOCK_M2`, with a step all around it: lakes, which have none and
  are in their layer, and plains are no blocks.
- Ground has few highest points: where a part of all cells are as high as the highest, and the cells
  around hardly lower, what is above was cut off, as by cells of 8 bits.
- A seam is a step of `SEAM_M` and more along a line of the grid, as between tiles.
- Cells may be finer than what they were made from: cells told to be 30 m that hold what heights
  900 m apart hold are told apart by their smoothness (`geo.artefacts`). What the source says is
  taken at its word up to `COARSER` times.
"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from geo.artefacts import blocks, detail_m, seams, spikes
from geo.raster import Raster, rasterize, sample
from geo.words import Text
from layers.county import County
from layers.ground import resolution_m
from layers.soundness.finding import MOST_PLACES, Finding, Inspection, Spot

SPIKE_M = 30.0
BLOCK_M2 = 1e5
BLOCK_STEP = 0.35
"""Median step around a block, to the side of a cell: 20° all around it."""
SEAM_M = 2.0
COARSER = 3.0
"""So many times coarser than told (closed) cells may be by their smoothness: measured, heights
three seconds apart seem 1.5 to 2.2 times coarser than they are, since their own makers smooth."""
FEET_M = 0.3048
NEAR = 0.05
LEAST_HEIGHT_M = 50.0
LEAST_POINTS = 2
STEPPED_M, LEAST_SPAN_M, MOST_CELLS = 5.0, 100.0, 250_000
"""Heights so far apart (closed) are steps, over a terrain that spans so much; of more cells every
so many-th is taken."""
CUT_OFF = 1e-3
"""Share of the cells that may be as high as the highest (closed), of a terrain that is no plain."""
LACKING = 0.01
"""Share of the county that may lack heights (closed)."""
CHECK = Text("核对来源与处理步骤，重新导入", "check source and steps, import again")


def flaws(county: County) -> Iterator[Finding]:
    """Tell spikes, and unless the terrain was made from coarser heights blocks and seams."""
    dem = county.raster("dem")
    side = dem.grid.resolution
    yield from _spikes(dem)
    seeming = detail_m(dem)
    yield from _detail(county, seeming)
    if seeming is None or seeming <= COARSER * side * 1.5:
        yield from _blocks(county, dem)
        yield from _seams(dem)


def _spikes(dem: Raster) -> Iterator[Finding]:
    rise = max(dem.grid.resolution, SPIKE_M)
    wild = spikes(dem, rise=rise)
    if not wild.any():
        return
    parts, count = ndimage.label(wild, np.ones((3, 3)))
    first = np.array(ndimage.maximum_position(wild, parts, np.arange(1, count + 1)))
    heights = dem.values[first[:, 0], first[:, 1]].astype(float)
    low, high = f"{heights.min():,.0f}", f"{heights.max():,.0f}"
    yield _finding(
        "spikes",
        Text("地形有孤立的尖峰或深坑", "Spikes or pits in the terrain"),
        Text(f"{count} 处，高程 {low} … {high} m", f"{count} of them, at {low} … {high} m"),
        Text(f"与周围各像元相差不超过 {rise:g} m", f"within {rise:g} m of some cell around it"),
        CHECK,
        spots=_spots(dem, first),
        count=count,
    )


def _blocks(county: County, dem: Raster) -> Iterator[Finding]:
    side = dem.grid.resolution
    water = None
    if "lake" in county:
        water = rasterize(county.vector("lake"), dem.grid, all_touched=True).values == 1
    least = max(int(np.ceil(BLOCK_M2 / side**2)), 9)
    found = [
        one
        for one in blocks(dem, least=least, besides=water)
        if one.step >= max(BLOCK_STEP * side, 10.0)
    ]
    if found:
        area = sum(one.cells for one in found) * side**2 / 1e6
        heights = sorted({one.height for one in found})
        told = ", ".join(f"{one:g}" for one in heights[:3])
        yield _finding(
            "blocks",
            Text("地形有同一高程的块状区域", "Blocks of one height in the terrain"),
            Text(
                f"{len(found)} 处，共 {area:,.2f} km²，高程 {told} m",
                f"{len(found)} of them, {area:,.2f} km² in all, at {told} m",
            ),
            Text(
                "水面以外没有边缘陡立的平块", "no flat with a steep edge all around but for water"
            ),
            Text(
                "无数据处勿填定值；若为水面，导入水库水面图层",
                "leave cells without data empty; if it is water, import the lake",
            ),
            spots=_spots(dem, np.array([(one.row, one.column) for one in found])),
            count=len(found),
        )


def _seams(dem: Raster) -> Iterator[Finding]:
    found = seams(dem, least=SEAM_M)
    if found:
        side = dem.grid.resolution
        length = sum(one.length for one in found) * side / 1000
        highest = max(abs(one.step) for one in found)
        yield _finding(
            "seams",
            Text("地形有接缝错台", "Steps at seams of the terrain"),
            Text(
                f"{len(found)} 条，共 {length:,.1f} km，最大错台 {highest:,.1f} m",
                f"{len(found)} of them, {length:,.1f} km in all, a step of {highest:,.1f} m",
            ),
            Text(f"图幅接边处相差不超过 {SEAM_M:g} m", f"tiles within {SEAM_M:g} m at their edges"),
            CHECK,
            spots=_spots(dem, np.array([(one.row, one.column) for one in found])),
            count=len(found),
        )


def _detail(county: County, seeming: float | None) -> Iterator[Finding]:
    """Tell cells that are finer than what they hold, and than what the source says they hold."""
    side = county.raster("dem").grid.resolution
    told = resolution_m(county)
    if seeming is None or seeming <= COARSER * (told or side):
        return
    about = f"{float(f'{seeming:.2g}'):,.0f} m"
    stated = Text("未注明", "says nothing") if told is None else Text(f"{told:g} m", f"{told:g} m")
    yield _finding(
        "detail",
        Text("地形细节远粗于像元", "The terrain holds less than its cells"),
        Text(
            f"像元 {side:g} m，细节相当于间距约 {about} 的高程；来源注明间距：{stated.zh}",
            f"cells of {side:g} m with the detail of heights about {about} apart; the source "
            f"says: {stated.en}",
        ),
        Text(
            f"不粗于注明间距的 {COARSER:g} 倍",
            f"at most {COARSER:g} times as coarse as the source says",
        ),
        Text(
            "在 dem/source.toml 注明 resolution_m，或导入更细的地形",
            "say resolution_m in dem/source.toml, or import finer terrain",
        ),
    )


def lacking(county: County) -> Iterator[Finding]:
    """Tell how much of the county has no heights."""
    dem = county.raster("dem")
    inside = rasterize(county.vector("outline"), dem.grid).values == 1
    area = float(county.vector("outline").area.sum())
    share = 1 - float((inside & dem.valid).sum()) * dem.grid.resolution**2 / area
    if share > LACKING:
        bare = inside & ~dem.valid
        spots = _spots(dem, np.argwhere(bare)[:1]) if bare.any() else ()
        missing = f"{share * area / 1e6:,.1f} km²"
        yield _finding(
            "lacking",
            Text("县域部分没有地形", "Part of the county has no terrain"),
            Text(f"{missing}（{100 * share:.3g} %）", f"{missing} ({100 * share:.3g} %)"),
            Text(f"不超过 {100 * LACKING:g} %", f"at most {100 * LACKING:g} %"),
            Text("导入覆盖全县的地形", "import terrain of the whole county"),
            spots=spots,
            count=len(spots),
        )


def stepped(county: County) -> Iterator[Finding]:
    """Tell terrain of one height, or of few: contours that were filled, whole tens."""
    dem = county.raster("dem")
    heights = dem.values[dem.valid]
    heights = np.unique(heights[:: max(len(heights) // MOST_CELLS, 1)].astype(np.float64))
    if not len(heights):
        return
    span = float(heights[-1] - heights[0])
    step = span / max(len(heights) - 1, 1)
    if span == 0 or (span >= LEAST_SPAN_M and step >= STEPPED_M):
        low, high, count = f"{heights[0]:,.0f}", f"{heights[-1]:,.0f}", len(heights)
        yield _finding(
            "stepped",
            Text("地形只有少数几个高程值", "The terrain has few heights"),
            Text(f"{low} … {high} m 之间 {count} 个值", f"{count} between {low} and {high} m"),
            Text(f"间隔小于 {STEPPED_M:g} m", f"less than {STEPPED_M:g} m apart"),
            Text(
                "勿用等高线填充或取整的高程，导入原始地形",
                "bring the terrain itself, not contours that were filled nor rounded heights",
            ),
        )


def cut_off(county: County) -> Iterator[Finding]:
    """Tell terrain that ends at one height, as if all above were cut off."""
    dem = county.raster("dem")
    heights = dem.values[dem.valid]
    if not len(heights):
        return
    top = heights.max()
    share = float((heights == top).mean())
    if float(top - heights.min()) < LEAST_SPAN_M or share <= CUT_OFF:
        return
    highest = dem.values == top
    around = dem.values[ndimage.binary_dilation(highest) & ~highest & dem.valid]
    if len(around) and float(top - np.median(around)) < dem.grid.resolution:  # else a block
        yield _finding(
            "cut_off",
            Text("地形在某一高程被截断", "The terrain is cut off at a height"),
            Text(
                f"{100 * share:.3g} % 的像元为最高值 {top:g} m",
                f"{100 * share:.3g} % of the cells are of the highest, {top:g} m",
            ),
            Text(f"不超过 {100 * CUT_OFF:g} %", f"at most {100 * CUT_OFF:g} %"),
            Text(
                "核对像元类型（不用 8 位）与拉伸显示后的导出",
                "check the type of the cells (no 8 bits), and exports of a stretched display",
            ),
        )


def feet(county: County) -> Iterator[Finding]:
    """Tell terrain that is 3.28 times as high as seats and settlements say."""
    both = [_told(county, name) for name in ("seats", "settlements")]
    told = pd.concat([one[["height_m", "geometry"]] for one in both if len(one)] or both[:1])
    told = told[told["height_m"] > LEAST_HEIGHT_M]
    if len(told) < LEAST_POINTS:
        return
    ground = sample(county.raster("dem"), told.geometry.x, told.geometry.y, how="nearest")
    ratio = ground / told["height_m"].to_numpy(dtype=float)
    known = np.isfinite(ratio)
    near = np.abs(ratio * FEET_M - 1) <= NEAR
    if known.sum() >= LEAST_POINTS and near.sum() >= 0.5 * known.sum():
        middle = f"{np.nanmedian(ratio):.2f}"
        yield _finding(
            "feet",
            Text("地形疑以英尺计", "The terrain may be in feet"),
            Text(
                f"为 {int(known.sum())} 处登记海拔的 {middle} 倍（中位数）",
                f"{middle} times the heights told at {int(known.sum())} places (median)",
            ),
            Text("单位 m", "in m"),
            Text("乘以 0.3048 后重新导入", "multiply by 0.3048 and import again"),
        )


def _told(county: County, layer: str) -> gpd.GeoDataFrame:
    """Give the points of a layer that tell their height; none where it is not there."""
    none = gpd.GeoDataFrame({"height_m": []}, geometry=[], crs=county.crs)
    frame = county.vector(layer) if layer in county else none
    return frame[frame["height_m"].notna()] if "height_m" in frame else none


def _spots(dem: Raster, cells: NDArray[np.int64]) -> tuple[Spot, ...]:
    """Give the centres of cells, named by row and column."""
    x, y = dem.grid.xy(cells[:MOST_PLACES, 0], cells[:MOST_PLACES, 1])
    names = [f"r{row}c{column}" for row, column in cells[:MOST_PLACES]]
    return tuple(Spot(*one) for one in zip(names, x.tolist(), y.tolist(), strict=True))


def _finding(name: str, *words: Text, spots: tuple[Spot, ...] = (), count: int = 0) -> Finding:
    title, found, expected, remedy = words
    return Finding(name, "dem", "doubtful", title, found, expected, remedy, spots, count)


INSPECTIONS = (
    Inspection("dem", flaws, also=("lake",)),
    Inspection("dem", stepped),
    Inspection("dem", cut_off),
    Inspection("dem", feet, also=("seats", "settlements")),
    Inspection("dem", lacking, beside=("outline",)),
)
