"""GeoJSON by RFC 7946: WGS 84, seven decimals, bounding box, right-hand rule, same bytes."""

from __future__ import annotations

import json
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import WGS84, reproject
from geo.errors import GeometryError, Problem

DECIMALS = 7  # of a degree: about a centimetre


def feature_collection(frame: gpd.GeoDataFrame, *, decimals: int = DECIMALS) -> dict[str, Any]:
    """Give a frame as a FeatureCollection; the index label is the feature's id.

    Parameters
    ----------
    frame
        Shapes in a CRS that `geo.crs.reproject` can bring to WGS 84; z is kept as it is. Missing
        values become null. An empty frame gives no features and no bounding box.
    decimals
        Of a degree. Polygons that rounding makes invalid are repaired; a shape that rounding makes
        vanish is an error.

    Raises
    ------
    CrsError
        If the frame has no CRS or its datum is another.
    GeometryError
        Naming every row whose shape is missing or does not survive rounding.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.Point(119.6, 27.9)], crs=4326)
    >>> feature_collection(frame)["features"][0]["geometry"]["coordinates"]
    [119.6, 27.9]
    """
    there = reproject(frame, WGS84)
    shapes = _rounded(there.geometry.to_numpy(), decimals)
    lost = [
        Problem(row=str(label), found="无图形 no shape", expected=f"a shape at {decimals} decimals")
        for label, shape in zip(frame.index, shapes, strict=True)
        if shape is None or shape.is_empty
    ]
    if lost:
        raise GeometryError("图形无法写成 GeoJSON shapes cannot be written", problems=lost)
    columns = [name for name in frame.columns if name != frame.geometry.name]
    rows = {name: [_plain(value) for value in frame[name]] for name in columns}
    content: dict[str, Any] = {"type": "FeatureCollection"}
    if len(frame):
        content["bbox"] = [round(float(v), decimals) for v in shapely.total_bounds(shapes)]
    content["features"] = [
        {
            "type": "Feature",
            "id": _plain(label),
            "properties": {name: rows[name][place] for name in columns},
            "geometry": _geometry(shape, decimals),
        }
        for place, (label, shape) in enumerate(zip(frame.index, shapes, strict=True))
    ]
    return content


def dumps(frame: gpd.GeoDataFrame, *, decimals: int = DECIMALS) -> str:
    """Give a frame as GeoJSON text, a feature a line; see `feature_collection`.

    Examples
    --------
    >>> print(dumps(gpd.GeoDataFrame({"n": []}, geometry=[], crs=4326)), end="")
    {"type":"FeatureCollection","features":[
    ]}
    """
    content = feature_collection(frame, decimals=decimals)
    features = content.pop("features")
    head = _text(content)[:-1]
    return (
        f'{head},"features":[\n' + ",\n".join(map(_text, features)) + "\n"[: len(features)] + "]}\n"
    )


def frame(content: dict[str, Any], *, crs: Any = WGS84) -> gpd.GeoDataFrame:
    """Make a frame of a FeatureCollection's features, with their ids as index where all have one.

    Parameters
    ----------
    content
        A FeatureCollection as parsed JSON, in WGS 84.
    crs
        CRS to bring the frame to.

    Raises
    ------
    GeometryError
        Naming every feature that is none, or has no or a broken geometry.
    """
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or content.get("type") != "FeatureCollection":
        raise GeometryError('不是要素集合 not a FeatureCollection: "type" and "features" expected')
    shapes, problems = [], []
    for place, feature in enumerate(features):
        try:
            shapes.append(shapely.from_geojson(json.dumps(feature["geometry"])))
        except (KeyError, TypeError, shapely.errors.GEOSException) as error:
            problems.append(
                Problem(row=str(place), field="geometry", found=str(error), expected="a geometry")
            )
    if problems:
        raise GeometryError("要素有误 features are not as they should be", problems=problems)
    ids = [feature.get("id") for feature in features]
    whole = len(set(map(str, ids))) == len(ids) and None not in ids
    properties = pd.DataFrame([feature.get("properties") or {} for feature in features])
    properties.index = pd.Index(ids if whole else range(len(features)))
    return reproject(gpd.GeoDataFrame(properties, geometry=shapes, crs=WGS84), crs)


def _rounded(shapes: Any, decimals: int) -> Any:
    """Round coordinates; polygons stay valid, rings run by the right-hand rule."""
    rounded = shapely.transform(shapes, lambda xyz: _steps(xyz, decimals), include_z=False)
    z = shapely.has_z(shapes)
    rounded[z] = shapely.transform(shapes[z], lambda xyz: _steps(xyz, decimals), include_z=True)
    broken = ~shapely.is_valid(rounded) & ~shapely.is_missing(rounded)
    kinds = shapely.get_type_id(shapes)
    polygons = np.isin(kinds, (3, 6))
    rounded[broken & polygons] = [
        _same_kind(shapely.make_valid(shape)) for shape in rounded[broken & polygons]
    ]
    return shapely.orient_polygons(rounded, exterior_cw=False)


def _steps(xyz: Any, decimals: int) -> Any:
    out = np.array(xyz)
    out[:, :2] = np.round(out[:, :2], decimals)
    return out


def _same_kind(shape: shapely.Geometry) -> shapely.Geometry:
    """Keep only the polygons of a repaired polygon."""
    parts = [part for part in shapely.get_parts(shape) if shapely.get_type_id(part) in (3, 6)]
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _geometry(shape: shapely.Geometry, decimals: int) -> dict[str, Any]:
    """Give a geometry as GeoJSON members, its numbers in their shortest form."""

    def short(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [short(one) for one in value]
        return round(value, decimals)

    geometry = shapely.geometry.mapping(cast("BaseGeometry", shape))
    if "geometries" in geometry:
        parts = [_geometry(part, decimals) for part in shapely.get_parts(shape)]
        return {"type": geometry["type"], "geometries": parts}
    return {"type": geometry["type"], "coordinates": short(geometry["coordinates"])}


def _plain(value: Any) -> Any:
    """Turn a value of a frame into one that JSON knows."""
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
