"""Frames as GeoJSON (RFC 7946): WGS 84, right-hand rule, bounding box, same bytes."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import WGS84, reproject
from geo.errors import GeometryError, Problem
from geo.words import Text

DECIMALS = (7, 9, 11)
"""Decimals of a degree: 7 (1 cm) as RFC 7946 advises, more where a shape would not survive it.

Shapes with heights begin at the second: a road of short legs would grow by centimetres.
"""
HEIGHT_DECIMALS = 4
SNAP_DEG = 1e-9
"""Rings that touch in a point may cross once carried to WGS 84: they are noded on this grid."""

Shapes = NDArray[np.object_]


def dumps(frame: gpd.GeoDataFrame) -> str:
    """Write a frame as a FeatureCollection, one feature a line, in the frame's order.

    The frame is carried to WGS 84. Coordinates have 7 decimals, those of shapes with heights 9 and
    the heights 4; a shape that would fold or vanish at that keeps more, and a valid one that folds
    by the change of CRS itself is mended. Rings follow the right-hand rule, and the collection has
    a bounding box. There is no crs member. A feature's id is its index label, its properties are
    the columns; NaN and infinite numbers, which JSON cannot hold, become null, and so do empty
    shapes.

    Parameters
    ----------
    frame
        Shapes in a CRS, with unique index labels.

    Returns
    -------
    str
        Ends in a line end. An empty frame gives an empty collection.

    Raises
    ------
    CrsError
        If the frame has no CRS or its datum cannot be carried to WGS 84.
    GeometryError
        If index labels repeat, or shapes are not valid, naming their rows.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame({"n": [3]}, index=["a"], geometry=gpd.points_from_xy([120], [28]))
    >>> print(dumps(frame.set_crs(4326)))
    {"type":"FeatureCollection","bbox":[120.0,28.0,120.0,28.0],"features":[
    {"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[120.0,28.0]},"properties":{"n":3}}
    ]}
    <BLANKLINE>
    """
    if not frame.index.is_unique:
        twice = frame.index[frame.index.duplicated()].unique()[:20]
        problems = [Problem(row=str(label), found=Text("重复", "repeated")) for label in twice]
        raise GeometryError(Text("行标识须唯一", "index labels must be unique"), problems=problems)
    sound = shapely.is_valid(np.array(frame.geometry.array, dtype=object))
    shapes = _rounded(reproject(frame, WGS84), sound)
    written = shapely.to_geojson(shapes)
    properties = frame.drop(columns=frame.geometry.name)
    columns = [str(name) for name in properties.columns]
    rows = zip(*(_plain(properties.iloc[:, n]) for n in range(len(columns))), strict=True)
    values = list(rows) if columns else [()] * len(frame)
    lines = [
        f'{{"type":"Feature","id":{_json(label)},"geometry":{shape or "null"},'
        f'"properties":{_json(dict(zip(columns, row, strict=True)))}}}'
        for label, shape, row in zip(_plain(frame.index.to_series()), written, values, strict=True)
    ]
    body = ",\n".join(lines)
    return f'{{"type":"FeatureCollection",{_bbox(shapes)}"features":[\n{body}\n]}}\n'


def _rounded(frame: gpd.GeoDataFrame, sound: NDArray[np.bool_]) -> Shapes:
    """Round coordinates as far as shapes stay valid, and turn rings by the right-hand rule.

    Shapes that were `sound` before they were carried to WGS 84 and are no longer are mended.
    """
    exact: Shapes = np.array(frame.geometry.array, dtype=object)
    exact[shapely.is_empty(exact)] = None
    done = exact.copy()
    left = ~shapely.is_missing(exact)
    for decimals in DECIMALS:
        done[left] = _round(exact[left], decimals)
        coarse = shapely.has_z(done[left]) & (decimals < DECIMALS[1])
        left[left] = ~shapely.is_valid(done[left]) | coarse
    mend = left & sound
    whole = shapely.make_valid(exact[mend], method="structure", keep_collapsed=False)
    done[mend] = shapely.set_precision(whole, SNAP_DEG)
    left &= ~(shapely.is_valid(done) & ~shapely.is_empty(done))
    if not left.any():
        return shapely.orient_polygons(done, exterior_cw=False)
    problems = [
        Problem(
            row=str(label),
            found=shapely.is_valid_reason(shape),
            remedy=Text("先修复图形", "repair it first"),
        )
        for label, shape in zip(frame.index[left][:20], exact[left][:20], strict=True)
    ]
    count = int(left.sum())
    raise GeometryError(
        Text(f"{count} 个图形无效", f"{count} shapes are not valid"), problems=problems
    )


def _round(shapes: Shapes, decimals: int) -> Shapes:
    """Round coordinates; adding nought turns minus nought into nought."""
    flat = ~shapely.has_z(shapes)
    xyz = shapely.get_coordinates(shapes, include_z=True)
    xyz[:, :2] = np.round(xyz[:, :2], decimals) + 0.0
    xyz[:, 2] = np.round(xyz[:, 2], HEIGHT_DECIMALS) + 0.0
    done: Shapes = shapely.set_coordinates(shapes.copy(), xyz)
    done[flat] = shapely.force_2d(done[flat])
    return done


def _bbox(shapes: Shapes) -> str:
    """Give the bounding box as a member, with heights if every shape has them; empty if none."""
    there = shapes[~shapely.is_missing(shapes)]
    if len(there) == 0:
        return ""
    xyz = shapely.get_coordinates(there, include_z=bool(shapely.has_z(there).all()))
    return f'"bbox":{_json([*xyz.min(axis=0).tolist(), *xyz.max(axis=0).tolist()])},'


def _plain(column: pd.Series) -> list[Any]:
    """Give a column's values as JSON knows them."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return [None if pd.isna(one) else one.isoformat() for one in column]
    return [_value(one) for one in column.astype(object)]


def _value(one: Any) -> Any:
    """Give one value as JSON knows it; what JSON does not know becomes text."""
    if isinstance(one, np.generic):
        one = one.item()
    if one is None or one is pd.NA or one is pd.NaT:
        return None
    if isinstance(one, float):
        return one if np.isfinite(one) else None
    return one if isinstance(one, str | bool | int) else str(one)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
