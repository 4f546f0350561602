"""GeoJSON files that parameters name: read and held to what they must be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import shapely

from geo.errors import FileError
from geo.words import Text

LARGEST = 50_000_000  # bytes of a file


def features(path: Path) -> dict[str, Any]:
    """Read a GeoJSON FeatureCollection in WGS-84.

    Raises
    ------
    FileError
        If it is too large, none, or its coordinates are no longitudes and latitudes.
    """
    if path.stat().st_size > LARGEST:
        most = f"{LARGEST // 1_000_000} MB"
        raise FileError(Text(f"{path.name}：大于 {most}", f"{path.name}: larger than {most}"))
    content = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_number)
    found = content.get("features") if isinstance(content, dict) else None
    if not isinstance(found, list) or content.get("type") != "FeatureCollection":
        raise FileError(Text(f"{path.name}：不是要素集合", f"{path.name}: no FeatureCollection"))
    named = str(content.get("crs", "CRS84"))
    if not re.search(r"CRS84|EPSG:(\d*:)?:?(4326|4490)\b", named):
        raise FileError(
            Text(f"{path.name}：坐标系为 {named[:80]}", f"{path.name}: its CRS is {named[:80]}")
        )
    west, south, east, north = _bounds(found)
    if min(west + 180, south + 90, 180 - east, 90 - north) < 0:
        raise FileError(
            Text(f"{path.name}：坐标不是经纬度", f"{path.name}: no longitudes and latitudes")
        )
    return dict(content)


def _bounds(found: list[Any]) -> tuple[float, float, float, float]:
    """Give the bounds of features; each must have a shape."""
    bounds = [(0.0, 0.0, 0.0, 0.0)]
    for place, feature in enumerate(found):
        try:
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        except (KeyError, TypeError, shapely.errors.ShapelyError) as error:
            raise FileError(f"features[{place}].geometry: {error}") from error
        if shape is None or shape.is_empty:
            where = f"features[{place}].geometry"
            raise FileError(Text(f"{where}：没有图形", f"{where}: no shape"))
        bounds.append(shape.bounds)
    west, south, east, north = zip(*bounds, strict=True)
    return min(west), min(south), max(east), max(north)


def _no_number(text: str) -> float:
    raise FileError(Text(f"{text} 不是 JSON 数字", f"{text} is no JSON number"))
