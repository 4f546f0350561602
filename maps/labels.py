"""Where a label stands, what it says, and which one gives way when two collide."""

from __future__ import annotations

from typing import Any

import shapely

from geo.words import NO_TEXT
from maps.wording import told
from scenarios.result import Column, Layer

ORDER = {"place": 3, "boundary": 2, "category": 2, "amount": 2, "change": 2, "water": 1, "path": 0}


def anchor(geometry: Any) -> tuple[float, float] | None:
    """Give the point a label stands at: a point itself, the middle of a line, inside a polygon.

    Empty geometries have none.

    >>> anchor(shapely.LineString([(0, 0), (4, 0)]))
    (2.0, 0.0)
    """
    if geometry is None or geometry.is_empty:
        return None
    parts = shapely.get_parts(geometry)
    if geometry.geom_type.endswith("LineString"):
        longest = max(parts, key=shapely.length)
        point = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    elif geometry.geom_type.endswith("Polygon"):
        point = _inside(max(parts, key=shapely.area))
    else:
        point = parts[0]
    return float(point.x), float(point.y)


def _inside(polygon: Any) -> Any:
    """Give the middle of a polygon when it lies inside, else that of its widest place."""
    middle = shapely.centroid(polygon)
    if polygon.contains(middle):
        return middle
    radius = shapely.maximum_inscribed_circle(polygon)
    return shapely.Point(shapely.get_coordinates(radius)[0])


def words(layer: Layer, row: Any) -> tuple[str, str]:
    """Give a feature's label in both languages; English only when the layer declares it."""
    if not layer.label:
        return "", ""
    known = {column.name: column for column in layer.columns}
    own = known.get(layer.label, Column(layer.label, NO_TEXT))
    return told({name: row.get(name) for name in (*known, layer.label)}, own) or ("", "")


def text(value: Any) -> str:
    """Write a label's value; missing values say nothing.

    >>> text(None), text(float("nan")), text(7)
    ('', '', '7')
    """
    missing = value is None or value != value  # noqa: PLR0124 - NaN alone differs from itself
    return "" if missing else str(value)


def priority(layer: Layer, place: int) -> float:
    """Say how strongly a label holds its ground: places first, then areas; earlier rows first."""
    return ORDER.get(layer.meaning, 0) - place * 1e-4
