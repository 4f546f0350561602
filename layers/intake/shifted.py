"""Whether a layer lies off the county, as by the shift of GCJ-02: said, never quietly corrected."""

from __future__ import annotations

import math
from functools import cache

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from geo.crs import gcj02_from_wgs84, reproject
from geo.raster import Raster
from geo.words import Text
from layers.county import LayerData
from layers.intake.coordinates import GCJ02

DETAIL_M = 30.0
STEPS_M = (256.0, 128.0, 64.0, 32.0, 16.0)
LEAST_M = 120.0  # a smaller shift is a matter of generalising
COVERS = 0.8  # share of the outline a layer must cover to be held against it
LIKE_GCJ02 = 0.35  # the shift is like that of GCJ-02 when off by less than this share of it
PARTLY = Text("只覆盖县域的", "covers only")
NAMED_GCJ02 = Text(
    "文件名注明 GCJ-02；--crs GCJ-02 可还原偏移",
    "the file's name says GCJ-02; --crs GCJ-02 undoes the shift",
)


def gcj02_offset(x: float, y: float, crs: CRS) -> tuple[float, float]:
    """Give the shift of GCJ-02 at a place, in units of a projected CRS.

    >>> [round(v, -1) for v in gcj02_offset(464000, 3096500, CRS(4549))]
    [450.0, -380.0]
    """
    there = Transformer.from_crs(crs, 4326, always_xy=True)
    lon, lat = gcj02_from_wgs84(*there.transform(x, y))
    east, north = there.transform(float(lon), float(lat), direction="INVERSE")
    return float(east - x), float(north - y)


def best_shift(shape: BaseGeometry, reference: BaseGeometry) -> tuple[float, float]:
    """Find the shift by which a shape differs least from a reference, by pattern search.

    Parameters
    ----------
    shape, reference
        Polygons in metres.

    Returns
    -------
    (float, float)
        Metres east and north to move the shape; to about 16 m, within some hundred metres.

    Examples
    --------
    >>> best_shift(shapely.box(400, -400, 10400, 9600), shapely.box(0, 0, 10000, 10000))
    (-400.0, 400.0)
    """

    @cache
    def differs(east: float, north: float) -> float:
        moved = translate(shape, east, north)
        return float(moved.symmetric_difference(reference).area)

    east = north = 0.0
    for step in STEPS_M:
        while True:
            around = [(east + i * step, north + j * step) for i in (-1, 0, 1) for j in (-1, 0, 1)]
            best = min(around, key=lambda place: (differs(*place), place != (east, north)))
            if best == (east, north):
                break
            east, north = best
    return east, north


def suspicion(frame: gpd.GeoDataFrame, outline: BaseGeometry | None) -> Text | None:
    """Hold a layer of polygons that cover the county against its outline.

    Parameters
    ----------
    frame
        Valid shapes in the county's CRS.
    outline
        The county's outline, or None.

    Returns
    -------
    Text or None
        A warning; None when all is well, or the layer cannot tell.
    """
    areal = frame[frame.geom_type.isin(["Polygon", "MultiPolygon"])]
    if outline is None or areal.empty:
        return None
    whole = shapely.union_all(np.array(areal.geometry.array)).simplify(DETAIL_M)
    reference = outline.simplify(DETAIL_M)
    if whole.intersection(reference).area < COVERS * max(whole.area, reference.area):
        return None
    east, north = best_shift(whole, reference)
    if math.hypot(east, north) < LEAST_M:
        return None
    shift = gcj02_offset(reference.centroid.x, reference.centroid.y, CRS(frame.crs))
    fit = Text(
        f"向东平移 {east:+.0f} m、向北平移 {north:+.0f} m 时吻合最好",
        f"best fit when moved {east:+.0f} m E, {north:+.0f} m N",
    )
    if math.dist((-east, -north), shift) > LIKE_GCJ02 * math.hypot(*shift):
        return Text(f"与县界错位：{fit.zh}", f"the layer lies off the outline: {fit.en}")
    return Text(
        f"疑为 GCJ-02（高德）：{fit.zh}；未作改正；处理：确认后用 --crs GCJ-02 重新导入",
        f"this looks like GCJ-02, as Amap has it: {fit.en}; nothing was corrected; "
        "remedy: if it is, import it again with --crs GCJ-02",
    )


def suspicions(name: str, data: LayerData, outline: BaseGeometry | None, wanted: str) -> list[Text]:
    """Say what looks shifted, lies elsewhere, or does not reach over the county.

    Parameters
    ----------
    name
        Of the file.
    data
        In the county's CRS.
    outline
        The county's, or None.
    wanted
        The CRS the user names; nothing is suspected where it is GCJ-02, which is undone.
    """
    if GCJ02.search(wanted):
        return []
    warnings = []
    if GCJ02.search(name):
        warnings.append(NAMED_GCJ02)
    if isinstance(data, gpd.GeoDataFrame):
        warnings += [words for words in [suspicion(data, outline)] if words]
    if outline is None and not isinstance(data, Raster):
        warnings += _out_of_use(data)
    if isinstance(data, Raster) and outline is not None:
        share = _covered(data, outline)
        if share < 0.999:
            warnings.append(
                Text(f"{PARTLY.zh} {share:.1%}", f"{PARTLY.en} {share:.1%} of the county")
            )
    return warnings


def _out_of_use(data: LayerData) -> list[Text]:
    """Say that shapes lie where their CRS is not meant for; without an outline nothing else can."""
    if not isinstance(data, gpd.GeoDataFrame):
        return []
    area = CRS(data.crs).area_of_use
    if area is None:
        return []
    use = area.bounds
    west, south, east, north = reproject(data[[data.geometry.name]], 4326).total_bounds
    if use[0] <= (west + east) / 2 <= use[2] and use[1] <= (south + north) / 2 <= use[3]:
        return []
    name = CRS(data.crs).name
    return [
        Text(
            f"位于 {name} 适用范围之外：请检查坐标系",
            f"outside of where {name} is used: check the CRS",
        )
    ]


def _covered(raster: Raster, outline: BaseGeometry) -> float:
    """Give the share of an outline in which a raster has data."""
    rows, columns = np.nonzero(raster.valid)
    x, y = raster.grid.xy(rows, columns)
    shapely.prepare(outline)
    inside = int(shapely.contains_xy(outline, x, y).sum())
    return float(inside * raster.grid.resolution**2 / outline.area)
