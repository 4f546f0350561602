"""Whether a layer's shapes are sound and lie where they belong."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from shapely import box
from shapely.geometry.base import BaseGeometry

from geo.crs import same, zone_prefix_mixed
from geo.errors import Problem
from geo.words import Text
from layers.fields import Field, LayerSchema, rows

NEAR_M = 1_000.0
"""How far outside the outline a thing of the county may lie: outlines are often generalised."""
SHAPES = {
    "point": {"Point"},
    "line": {"LineString", "MultiLineString"},
    "polygon": {"Polygon", "MultiPolygon"},
}


def crs_problems(found: CRS | None, schema: LayerSchema, crs: CRS) -> Iterator[Problem]:
    """Say that a layer is not in the county's CRS."""
    if found is None or not same(found, crs):
        yield Problem(
            layer=schema.name,
            field="CRS",
            found="none" if found is None else CRS(found).name,
            expected=crs.name,
            remedy="用 python -m layers import 导入 import it, with --crs if the file names none",
        )


def shape_problems(frame: gpd.GeoDataFrame, schema: LayerSchema) -> Iterator[Problem]:
    """Name rows without a shape, with a shape of the wrong type, and with an invalid one."""
    shapes = frame.geometry
    field = Field("geometry", "text", Text("图形", "shape"))
    texts = pd.DataFrame(frame.drop(columns=shapes.name))
    absent = _absent(shapes)
    allowed = SHAPES[schema.shape]
    faults = {
        "a shape that is there": absent,
        " or ".join(sorted(allowed)): ~absent & ~shapes.geom_type.isin(allowed),
        "a valid shape": ~absent & ~shapes.is_valid,
    }
    reasons = shapes.geom_type.astype(object)
    bad = faults["a valid shape"]
    reasons[bad] = shapes[bad].is_valid_reason()
    texts["geometry"] = reasons
    for expected, wrong in faults.items():
        yield from rows(texts, wrong, field, schema, expected=expected)


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
    field = Field("geometry", "text", Text("图形", "shape"))
    texts = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    texts["geometry"] = [f"{distance:.0f} m 界外 outside" for distance in distances]
    yield from rows(texts, distances > NEAR_M, field, schema, expected="县界之内 inside the county")


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
    remedy = "检查坐标系与坐标顺序 check the CRS and the order of coordinates"
    if zone_prefix_mixed(crs, extent.bounds[0]):
        remedy = "带号混淆 eastings with and without zone prefix are mixed: name the right --crs"
    yield Problem(
        layer=schema.name,
        field="geometry",
        found=f"bounds {tuple(round(float(v), 1) for v in extent.bounds)}",
        expected=f"县界之内 within {tuple(round(float(v), 1) for v in outline.bounds)}",
        remedy=remedy,
    )
