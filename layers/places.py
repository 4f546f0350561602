"""Whether a layer's shapes are sound and lie where they belong."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from shapely import box
from shapely.geometry.base import BaseGeometry

from geo.crs import same, transformer, zone_prefix_mixed
from geo.errors import Problem
from geo.words import Text, alike, joined
from layers.fields import Field, LayerSchema, rows

NEAR_M = 1_000.0
"""How far outside the outline a thing of the county may lie: outlines are often generalised."""
SHAPES = {
    "point": {"Point"},
    "line": {"LineString", "MultiLineString"},
    "polygon": {"Polygon", "MultiPolygon"},
}
ZONE_DEGREES = 4.5
"""How far from a county the middle of a zone may lie that its data are taken to be in."""
NO_SHAPE = Text("没有图形", "no shape")
SHAPE = Field("geometry", "text", Text("图形", "shape"))
FAULTS = {
    one.en: one
    for one in (
        NO_SHAPE,
        Text("拓扑错误", "Topology Validation Error"),
        Text("重复点", "Repeated Point"),
        Text("洞在外环之外", "Hole lies outside shell"),
        Text("洞相互嵌套", "Holes are nested"),
        Text("内部不连通", "Interior is disconnected"),
        Text("自相交", "Self-intersection"),
        Text("环自相交", "Ring Self-intersection"),
        Text("外环相互嵌套", "Nested shells"),
        Text("环重复", "Duplicate Rings"),
        Text("点数过少", "Too few points in geometry component"),
        Text("坐标无效", "Invalid Coordinate"),
        Text("环未闭合", "Ring is not closed"),
    )
}
"""What GEOS finds wrong with a shape, by its own words, and that there is none."""


def shape_fault(reason: str) -> Text:
    """Give what GEOS finds wrong with a shape in both languages, with the place it names.

    >>> shape_fault("Self-intersection[5 5]")
    Text(zh='自相交[5 5]', en='Self-intersection[5 5]')
    """
    fault, bracket, place = reason.partition("[")
    words = FAULTS.get(fault, alike(fault))
    return Text(f"{words.zh}{bracket}{place}", reason)


def crs_problems(found: CRS | None, schema: LayerSchema, crs: CRS) -> Iterator[Problem]:
    """Say that a layer is not in the county's CRS."""
    if found is None or not same(found, crs):
        yield Problem(
            layer=schema.name,
            field="CRS",
            found=Text("没有", "none") if found is None else CRS(found).name,
            expected=crs.name,
            remedy=Text(
                "用 jingning layers import 导入，文件未注明坐标系时加 --crs",
                "bring it in by jingning layers import, with --crs if the file names none",
            ),
        )


def shape_problems(frame: gpd.GeoDataFrame, schema: LayerSchema) -> Iterator[Problem]:
    """Name rows without a shape, with a shape of the wrong type, and with an invalid one."""
    shapes = frame.geometry
    absent = _absent(shapes)
    allowed = SHAPES[schema.shape]
    alien = ~absent & ~shapes.geom_type.isin(allowed)
    invalid = ~absent & ~shapes.is_valid
    wrong = absent | alien | invalid
    texts = pd.DataFrame(frame.drop(columns=shapes.name))
    texts["geometry"] = [
        _fault(shape) if is_wrong else "" for shape, is_wrong in zip(shapes, wrong, strict=True)
    ]
    kinds = joined(sorted(allowed), " 或 ", " or ")
    yield from rows(texts, absent, SHAPE, schema, expected=Text("有图形", "a shape that is there"))
    yield from rows(texts, alien, SHAPE, schema, expected=kinds)
    yield from rows(texts, invalid, SHAPE, schema, expected=Text("有效图形", "a valid shape"))


def _fault(shape: BaseGeometry | None) -> Text | str:
    """Say of a shape that is wrong what it is."""
    if shape is None or shape.is_empty:
        return NO_SHAPE
    return str(shape.geom_type) if shape.is_valid else shape_fault(shapely.is_valid_reason(shape))


def place_problems(
    frame: gpd.GeoDataFrame, schema: LayerSchema, crs: CRS, outline: BaseGeometry | None
) -> Iterator[Problem]:
    """Name rows that lie where they do not belong."""
    shapes = frame.geometry[~_absent(frame.geometry)]
    if shapes.empty or outline is None or schema.lies == "anywhere":
        return
    far = list(nowhere(box(*shapes.total_bounds), schema, crs, outline))
    if far or schema.lies != "inside":
        yield from far
        return
    distances = frame.geometry.distance(outline)
    texts = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    texts["geometry"] = [
        Text(f"界外 {distance:.0f} m", f"{distance:.0f} m outside") for distance in distances
    ]
    expected = Text("县界之内", "inside the county")
    yield from rows(texts, distances > NEAR_M, SHAPE, schema, expected=expected)


def _absent(shapes: gpd.GeoSeries) -> pd.Series:
    """Say which rows have no shape or an empty one."""
    values = shapes.to_numpy()
    return pd.Series(shapely.is_missing(values) | shapely.is_empty(values), index=shapes.index)


def nowhere(
    extent: BaseGeometry, schema: LayerSchema, crs: CRS, outline: BaseGeometry | None
) -> Iterator[Problem]:
    """Say that nothing of a layer lies in the county, and what the cause may be."""
    if outline is None or schema.lies == "anywhere" or extent.intersects(outline):
        return
    remedy = _meant(extent, crs, outline) or Text(
        "检查坐标系与坐标顺序", "check the CRS and the order of coordinates"
    )
    if zone_prefix_mixed(crs, extent.bounds[0]):
        remedy = Text(
            "有带号与无带号的坐标混淆，用 --crs 说明正确的坐标系",
            "eastings with and without zone prefix are mixed: name the right --crs",
        )
    there = tuple(round(float(v), 1) for v in extent.bounds)
    county = tuple(round(float(v), 1) for v in outline.bounds)
    yield Problem(
        layer=schema.name,
        field="geometry",
        found=Text(f"范围 {there}", f"bounds {there}"),
        expected=Text(f"县界之内 {county}", f"within {county}"),
        remedy=remedy,
    )


def _meant(extent: BaseGeometry, crs: CRS, outline: BaseGeometry) -> Text | None:
    """Say what coordinates that lie elsewhere are, where as such they lie in the county."""
    west, south, east, north = extent.bounds
    if outline.intersects(box(south, west, north, east)):
        return Text(
            "横纵坐标互换：对调 x 与 y 后重新导入", "x and y are turned: turn them and import again"
        )
    x, y = (west + east) / 2, (south + north) / 2
    for code in _zones(crs, outline):
        there = transformer(code, crs).transform(x, y)
        if outline.envelope.intersects(shapely.Point(there)):
            name = CRS(code).name
            return Text(
                f"疑为 {name}：以 --crs EPSG:{code} 重新导入",
                f"it may be in {name}: import again with --crs EPSG:{code}",
            )
    return None


def _zones(crs: CRS, outline: BaseGeometry) -> list[int]:
    """Give CGCS2000 in the zones of 3 degrees around a county, without and with prefix, and UTM.

    Zones of 6 degrees have the coordinates of the 3-degree zone with the same meridian.
    """
    middle = outline.centroid
    lon, _ = transformer(crs, CRS(crs).geodetic_crs).transform(middle.x, middle.y)
    chinese = {4534 + n: 75 + 3 * n for n in range(21)}  # EPSG code, central meridian
    prefixed = {code - 21: meridian for code, meridian in chinese.items()}
    utm = {32600 + n: 6 * n - 183 for n in range(43, 54)}
    every = {**chinese, **prefixed, **utm}
    return [code for code, meridian in every.items() if abs(meridian - lon) <= ZONE_DEGREES]
