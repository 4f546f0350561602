"""Features as read from a file: shapes, attributes and everything wrong with them, row by row."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.errors import GeometryError, Problem
from geo.words import Text

REPAIR_IT = Text("在 GIS 中修复或删除该行", "repair the row in a GIS or delete it")
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
EXACT = 2**53  # whole numbers beyond it lose digits beside missing values, as floats do
NOT_CLOSED = "Ring is not closed"  # as GEOS says it; a ledger holds GEOS's words
HEIGHTS = Text("忽略了 Z 或 M 值", "Z or M values are left out")
MIXED = Text(
    "二维与三维坐标混用，均按平面读取",
    "positions of two and of three dimensions are mixed: all are read as plane ones",
)


@dataclass
class Features:
    """What a reader found; rows are numbered from 1 as they stand in the file.

    Parameters
    ----------
    shapes
        One a row, None when there is none or it could not be read.
    table
        Attributes, one row a feature, indexed by the row's number.
    crs
        What the file says, or None.
    closed
        Rows with open rings that were closed while reading.
    arcs
        Rows with arcs of circles, which were read as chords.
    """

    shapes: list[BaseGeometry | None]
    table: pd.DataFrame
    crs: CRS | None = None
    closed: set[int] = field(default_factory=set)
    arcs: set[int] = field(default_factory=set)
    depths: set[bool] = field(default_factory=set)
    warnings: list[Text] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def warn(self, words: Text) -> None:
        """Keep a warning, once."""
        if words not in self.warnings:
            self.warnings.append(words)

    def remark(self, row: int, builder: Builder) -> None:
        """Keep what had to be done to make a row's shape."""
        if builder.closed:
            self.closed.add(row)
        if builder.arcs:
            self.arcs.add(row)
        if builder.heights:
            self.warn(HEIGHTS)
        self.spatial(builder.depths)

    def spatial(self, depths: set[bool]) -> None:
        """Keep which positions had heights, and tell where only some have."""
        self.depths |= depths
        if len(self.depths) > 1:
            self.warn(MIXED)

    def fault(
        self, row: int, found: Text | str, *, expected: Text | str = "", name: str = "geometry"
    ) -> None:
        """Keep a problem of a row."""
        self.problems.append(
            Problem(row=str(row), field=name, found=found, expected=expected, remedy=REPAIR_IT)
        )


@dataclass
class Builder:
    """Makes shapes from nested positions as GeoJSON and KML have them.

    Whatever keeps a position or ring from being one is told by GeometryError; it is kept whether
    open rings were closed, whether heights were left out, which positions had some (`depths`), and
    whether there were arcs.
    """

    closed: bool = False
    heights: bool = False
    arcs: bool = False
    depths: set[bool] = field(default_factory=set)

    def shape(self, kind: str, coordinates: Any) -> BaseGeometry:
        """Make one shape of a GeoJSON type."""
        make = _MAKERS.get(kind)
        if make is None:
            raise GeometryError(Text(f"未知图形类型 {kind!r}", f"unknown type {kind!r}"))
        return make(self, coordinates)

    def position(self, numbers: Any) -> tuple[float, float]:
        """Read one position; what follows x and y is left out."""
        if not isinstance(numbers, Sequence) or isinstance(numbers, str) or len(numbers) < 2:
            raise GeometryError(
                Text(
                    f"坐标不完整，须有 x 和 y：{_short(numbers)}",
                    f"a position needs x and y: {_short(numbers)}",
                )
            )
        if not all(_is_number(number) for number in numbers):
            raise GeometryError(
                Text(
                    f"坐标须为有限数值：{_short(numbers)}",
                    f"coordinates are finite numbers: {_short(numbers)}",
                )
            )
        self.depths.add(len(numbers) > 2)
        if any(numbers[2:]):
            self.heights = True
        return float(numbers[0]), float(numbers[1])

    def line(self, positions: Any) -> list[tuple[float, float]]:
        """Read at least two positions."""
        points = self._many(positions, self.position)
        if len(set(points)) < 2:
            raise GeometryError(
                Text(
                    f"线少于两点：{len(points)}", f"a line of fewer than two points: {len(points)}"
                )
            )
        return points

    def ring(self, positions: Any) -> list[tuple[float, float]]:
        """Read a ring; an open one is closed."""
        points = self._many(positions, self.position)
        if len(set(points)) < 3:
            raise GeometryError(
                Text(
                    f"环少于三点：{len(points)}",
                    f"a ring of fewer than three points: {len(points)}",
                )
            )
        if points[0] != points[-1]:
            self.closed = True
            points.append(points[0])
        return points

    def polygon(self, rings: Any) -> BaseGeometry:
        """Read a polygon: the outer ring, then its holes."""
        shells = self._many(rings, self.ring)
        if not shells:
            raise GeometryError(Text("面没有外环", "a polygon without an outer ring"))
        return shapely.Polygon(shells[0], shells[1:])

    def _many(self, items: Any, read: Callable[[Any], Any]) -> list[Any]:
        if not isinstance(items, Sequence) or isinstance(items, str):
            raise GeometryError(
                Text(
                    f"应为坐标数组：{_short(items)}",
                    f"an array of coordinates is expected: {_short(items)}",
                )
            )
        return [read(item) for item in items]

    def gathered(self, kind: str, parts: Any, read: Callable[[Any], Any]) -> BaseGeometry:
        """Read a shape of several parts."""
        return _MANY[kind](self._many(parts, read))


_MANY: Mapping[str, Callable[[Any], BaseGeometry]] = {
    "MultiPoint": shapely.MultiPoint,
    "MultiLineString": shapely.MultiLineString,
    "MultiPolygon": shapely.MultiPolygon,
}
_MAKERS: Mapping[str, Callable[[Builder, Any], BaseGeometry]] = {
    "Point": lambda b, c: shapely.Point(b.position(c)),
    "LineString": lambda b, c: shapely.LineString(b.line(c)),
    "Polygon": lambda b, c: b.polygon(c),
    "MultiPoint": lambda b, c: b.gathered("MultiPoint", c, b.position),
    "MultiLineString": lambda b, c: b.gathered("MultiLineString", c, b.line),
    "MultiPolygon": lambda b, c: b.gathered("MultiPolygon", c, b.polygon),
}


def merged(parts: Sequence[BaseGeometry]) -> BaseGeometry:
    """Put parts of one kind into one shape; parts of different kinds stay a collection."""
    if len(parts) == 1:
        return parts[0]
    flat = [piece for part in parts for piece in shapely.get_parts(part)]
    for kind, many in (
        ("Point", shapely.MultiPoint),
        ("LineString", shapely.MultiLineString),
        ("Polygon", shapely.MultiPolygon),
    ):
        if flat and all(piece.geom_type == kind for piece in flat):
            return many(flat)
    return shapely.GeometryCollection(list(parts))


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
