"""GeoJSON that parameters name or hold: read and held to what it must be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import shapely

from geo.documents import json_of, text
from geo.errors import FileError
from geo.words import Text, alike

LARGEST = 50_000_000  # bytes of a file
DEGREES = re.compile(r"CRS84|EPSG:(\d*:)?:?(4326|4490)\b")
NAMED = re.compile(r"EPSG:[\d.]*:*(\d{4,6})")


def features(path: Path) -> dict[str, Any]:
    """Read a GeoJSON FeatureCollection in WGS-84.

    Raises
    ------
    FileError
        If it is too large, no file, or not what `require_features` wants.
    """
    return require_features(json_of(text(path, most=LARGEST), kind="GeoJSON"))


def require_features(content: Any) -> dict[str, Any]:
    """Refuse what is no FeatureCollection in WGS-84, from a file or written into a script.

    Raises
    ------
    FileError
        If it is none, a feature has no shape or no table of properties, or its coordinates are no
        longitudes and latitudes.
    """
    found = content.get("features") if isinstance(content, dict) else None
    if not isinstance(found, list) or content.get("type") != "FeatureCollection":
        raise FileError(Text("不是要素集合", "no FeatureCollection"))
    named = str(content.get("crs", "CRS84"))
    if not DEGREES.search(named):
        number = NAMED.search(named)
        crs = alike(f"EPSG:{number[1]}") if number else Text("其他坐标系", "another one")
        raise FileError(Text(f"坐标系为 {crs.zh}", f"its CRS is {crs.en}"))
    west, south, east, north = _bounds(found)
    if min(west + 180, south + 90, 180 - east, 90 - north) < 0:
        raise FileError(Text("坐标不是经纬度", "no longitudes and latitudes"))
    return dict(content)


def _bounds(found: list[Any]) -> tuple[float, float, float, float]:
    """Give the bounds of features; each must have a shape."""
    bounds = [(0.0, 0.0, 0.0, 0.0)]
    for place, feature in enumerate(found):
        where = f"features[{place}]"
        if not isinstance(feature, dict):
            raise FileError(Text(f"{where}：不是要素", f"{where}: no feature"))
        if not isinstance(feature.get("properties"), dict | type(None)):
            words = Text(f"{where}.properties：不是表", f"{where}.properties: no table")
            raise FileError(words)
        bounds.append(_shape(feature.get("geometry"), f"{where}.geometry").bounds)
    west, south, east, north = zip(*bounds, strict=True)
    return min(west), min(south), max(east), max(north)


def _shape(geometry: Any, where: str) -> Any:
    """Read a shape; what it holds is not repeated."""
    no_shape = Text(f"{where}：没有图形", f"{where}: no shape")
    if not isinstance(geometry, dict):
        raise FileError(no_shape)
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (TypeError, ValueError, shapely.errors.ShapelyError) as error:
        words = Text(f"{where}：图形无法读取", f"{where}: the shape cannot be read")
        raise FileError(words) from error
    if shape is None or shape.is_empty:
        raise FileError(no_shape)
    return shape
