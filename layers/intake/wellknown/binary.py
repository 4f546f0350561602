"""Well-known binary (ISO and EWKB), with arcs and open rings, read as it is written."""

from __future__ import annotations

import math
import struct
from typing import Any

from geo.errors import GeometryError
from geo.words import Text
from layers.intake.wellknown.arcs import Part, Position

KINDS = {
    1: "POINT",
    2: "LINESTRING",
    3: "POLYGON",
    4: "MULTIPOINT",
    5: "MULTILINESTRING",
    6: "MULTIPOLYGON",
    7: "GEOMETRYCOLLECTION",
    8: "CIRCULARSTRING",
    9: "COMPOUNDCURVE",
    10: "CURVEPOLYGON",
    11: "MULTICURVE",
    12: "MULTISURFACE",
    17: "TRIANGLE",
}
EWKB_Z, EWKB_M, EWKB_SRID = 0x80000000, 0x40000000, 0x20000000
DEEPEST = 20


class _Bytes:
    """Bytes, and how far they have been read."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.place = 0

    def taken(self, form: str) -> tuple[Any, ...]:
        """Take values off, as `struct` names them."""
        size = struct.calcsize(form)
        if self.place + size > len(self.raw):
            raise _broken()
        values = struct.unpack_from(form, self.raw, self.place)
        self.place += size
        return values


def _broken() -> GeometryError:
    return GeometryError(Text("WKB 残缺或有误", "well-known binary that is cut short or broken"))


def part_of_binary(raw: bytes) -> Part:
    """Read well-known binary as it is written.

    Raises
    ------
    GeometryError
        If it is cut short, of an unknown kind, or goes on after its end.

    Examples
    --------
    >>> part_of_binary(struct.pack("<BIdd", 1, 1, 3.0, 4.0))
    Part(kind='POINT', inside=[(3.0, 4.0)])
    """
    source = _Bytes(raw)
    part = _part(source, DEEPEST)
    if source.place != len(raw):
        raise _broken()
    return part


def _part(source: _Bytes, depth: int) -> Part:
    (order,) = source.taken("B")
    if order not in {0, 1} or not depth:
        raise _broken()
    mark = "<" if order else ">"
    (code,) = source.taken(f"{mark}I")
    if code & EWKB_SRID:
        source.taken(f"{mark}I")
    bare = code & 0x1FFFFFFF
    more = bool(code & EWKB_Z) + bool(code & EWKB_M) + (0, 1, 1, 2)[min(bare // 1000, 3)]
    number = bare % 1000
    if number not in KINDS:
        raise GeometryError(
            Text(f"未知图形类型：{number}", f"unknown kind of shape: {number}"),
        )
    kind, size = KINDS[number], 2 + min(more, 2)
    if kind == "POINT":
        position = source.taken(f"{mark}{size}d")
        return Part(kind, [] if math.isnan(position[0]) else [position])
    (count,) = source.taken(f"{mark}I")
    if count > len(source.raw):
        raise _broken()
    if kind in {"LINESTRING", "CIRCULARSTRING"}:
        return Part(kind, _positions(source, mark, size, count))
    if kind in {"POLYGON", "TRIANGLE"}:
        rings = [
            Part("LINESTRING", _positions(source, mark, size, source.taken(f"{mark}I")[0]))
            for _ in range(count)
        ]
        return Part(kind, rings)
    return Part(kind, [_part(source, depth - 1) for _ in range(count)])


def _positions(source: _Bytes, mark: str, size: int, count: int) -> list[Position]:
    if count * size * 8 > len(source.raw) - source.place:
        raise _broken()
    flat = source.taken(f"{mark}{count * size}d")
    return [flat[place : place + size] for place in range(0, len(flat), size)]
