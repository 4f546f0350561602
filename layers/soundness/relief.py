"""What is as it is for the terrain's sake: rivers in valleys, floods on the flatter ground, slopes.

Shifts by a few hundred metres are told by sharp fits (`fits`); here, layers that fit the terrain
nowhere, since they are mirrored or of another county.
"""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.raster import Raster, sample
from geo.words import Text
from layers.county import County
from layers.soundness.finding import Finding, Inspection, at
from layers.soundness.fits import along

Floats = NDArray[np.float64]

AROUND_M, WAYS = 600.0, 8
"""Ground is a valley where it lies below the mean of so many points around it, so far away."""
HILLY_M = 20.0
"""Median difference to the ground around from which on a county has valleys."""
LEAST_IN, LEAST_PLACES = 0.7, 50
"""Share of rivers and floods that lies in valleys (closed): by chance half does, else most."""
BESIDE_M, GENTLE_DEG = 30.0, 3.0
MOST_PARCELS, LEAST_ALIKE, TIMES = 2_500, 0.1, 4.0
"""Of more parcels every so many-th is taken; how slopes told and the terrain's go together
(correlation, closed), and by which factor their medians may differ."""


def valleys(county: County) -> Iterator[Finding]:
    """Tell rivers that run over ridges as much as in valleys."""
    share = _in_valleys(county.raster("dem"), along(county.vector("rivers").sort_index()))
    if share < LEAST_IN:
        yield _off_valleys(
            "rivers", Text("河流多不在谷地", "Rivers do not run in the valleys"), share
        )


def flooded(county: County) -> Iterator[Finding]:
    """Tell floods over ridges as much as in valleys."""
    frame = county.vector("hazards").sort_index()
    share = _in_valleys(county.raster("dem"), _within(frame[frame["kind"].eq("flood")]))
    if share < LEAST_IN:
        words = Text("洪水区多不在谷地", "Floods do not lie in the valleys")
        yield _off_valleys("hazards", words, share)


def _off_valleys(layer: str, title: Text, share: float) -> Finding:
    part = f"{100 * share:.3g} %"
    return Finding(
        "off_valleys",
        layer,
        "doubtful",
        title,
        Text(f"{part} 低于周围地形", f"{part} below the ground around"),
        Text(f"不低于 {100 * LEAST_IN:g} %", f"{100 * LEAST_IN:g} % and more"),
        Text("核对该图层与地形的坐标系和位置", "check CRS and place of both the layer and terrain"),
    )


def _in_valleys(dem: Raster, xy: Floats) -> float:
    """Give the share of places that lie in valleys; 1 where there are few, or no hills."""
    turn = 2 * np.pi * np.arange(WAYS) / WAYS
    ring = [_heights(dem, xy + AROUND_M * np.array([np.cos(t), np.sin(t)])) for t in turn]
    rise = _heights(dem, xy) - np.mean(ring, axis=0)
    rise = rise[np.isfinite(rise)]
    if len(rise) < LEAST_PLACES or np.median(np.abs(rise)) < HILLY_M:
        return 1.0
    return float((rise < 0).mean())


def _within(frame: gpd.GeoDataFrame) -> Floats:
    """Give a point within each shape, shape (n, 2)."""
    points = shapely.point_on_surface(np.array(frame.geometry.array, dtype=object))
    return shapely.get_coordinates(points)


def floods(county: County) -> Iterator[Finding]:
    """Tell floods on steeper ground than landslides: kinds that changed places, or elsewhere."""
    frame, dem = county.vector("hazards").sort_index(), county.raster("dem")
    slope = _slopes(dem, _within(frame))
    flood, slide = (frame["kind"].eq(one).to_numpy() for one in ("flood", "landslide"))
    known = np.isfinite(slope)
    if not (flood & known).any() or not (slide & known).any():
        return
    flat, steep = (float(np.median(slope[one & known])) for one in (flood, slide))
    if flat > steep + GENTLE_DEG:
        yield Finding(
            "kinds_turned",
            "hazards",
            "doubtful",
            Text("洪水区比滑坡区陡", "Floods lie on steeper ground than landslides"),
            Text(
                f"坡度中位数：洪水 {flat:.1f}°，滑坡 {steep:.1f}°",
                f"median slopes: floods {flat:.1f}°, landslides {steep:.1f}°",
            ),
            Text("洪水区较平缓", "floods on the gentler ground"),
            Text("核对灾种的对应与坐标系", "check how kinds were read, and the CRS"),
            **at(frame, flood),
        )


def slopes(county: County) -> Iterator[Finding]:
    """Tell slopes of parcels that are not the terrain's: another unit, or those of other rows."""
    frame = county.vector("parcels").sort_index()
    if "slope_deg" not in frame:
        return
    frame = frame[frame["slope_deg"].notna()]
    frame = frame.iloc[:: max(-(-len(frame) // MOST_PARCELS), 1)]
    ground = _slopes(county.raster("dem"), _within(frame))
    known = np.isfinite(ground)
    told, ground = frame["slope_deg"].to_numpy(dtype=float)[known], ground[known]
    if len(told) < LEAST_PLACES or np.median(ground) < GENTLE_DEG or np.ptp(told) == 0:
        return
    alike = float(np.corrcoef(told, ground)[0, 1])
    middle, usual = float(np.median(told)), float(np.median(ground))
    if alike >= LEAST_ALIKE and usual / TIMES <= middle <= usual * TIMES:
        return
    yield Finding(
        "slopes_off",
        "parcels",
        "doubtful",
        Text("图斑平均坡度与地形不符", "Mean slopes of parcels are not the terrain's"),
        Text(
            f"中位数 {middle:.3g}°，地形 {usual:.3g}°；相关系数 {alike:.2f}",
            f"median {middle:.3g}°, the terrain's {usual:.3g}°; correlation {alike:.2f}",
        ),
        Text(
            f"中位数相差不超过 {TIMES:g} 倍，相关系数不低于 {LEAST_ALIKE:g}",
            f"medians within {TIMES:g} times, correlated by {LEAST_ALIKE:g} and more",
        ),
        Text("核对坡度单位（度）与连接字段", "check the unit (degrees), and how it was joined"),
    )


def _slopes(dem: Raster, xy: Floats) -> Floats:
    """Give slopes at points, degrees, by the heights on their four sides."""
    west, east, south, north = (
        _heights(dem, xy + BESIDE_M * np.array(way)) for way in ((-1, 0), (1, 0), (0, -1), (0, 1))
    )
    return np.degrees(np.arctan(np.hypot(east - west, north - south) / (2 * BESIDE_M)))


def _heights(dem: Raster, xy: Floats) -> Floats:
    return np.asarray(sample(dem, xy[:, 0], xy[:, 1], how="nearest"), dtype=np.float64)


INSPECTIONS = (
    Inspection("rivers", valleys, beside=("dem",)),
    Inspection("hazards", flooded, beside=("dem",)),
    Inspection("hazards", floods, beside=("dem",)),
    Inspection("parcels", slopes, beside=("dem",)),
)
