"""Where the synthetic county lies, and how shapes on it are measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
from pyproj import CRS
from shapely import LineString, Polygon, box
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

CRS_OF_TWIN = CRS(4549)
WEST, SOUTH, WIDTH, HEIGHT, CELL = 480_000, 3_096_000, 6_000, 4_800, 30


def xy(east: float, north: float) -> tuple[float, float]:
    """Give the projected coordinates of a point or a line's vertex.

    >>> xy(0, 0)
    (480015.0, 3096015.0)
    """
    return WEST + CELL / 2 + east, SOUTH + CELL / 2 + north


def frame(columns: dict[str, Any], shapes: Sequence[BaseGeometry], key: str) -> gpd.GeoDataFrame:
    """Give a frame whose index is its key."""
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS_OF_TWIN).set_index(key)


def area(west: float, south: float, east: float, north: float) -> Polygon:
    """Give a rectangle measured from the south-west corner of the county."""
    return translate(box(west, south, east, north), WEST, SOUTH)


def line(vertices: Sequence[tuple[int, int]]) -> LineString:
    """Give a line through the centres of cells."""
    return LineString([xy(*vertex) for vertex in vertices])
