"""Arcs of circles as chords: ISO 19125-1 and SQL/MM curves made into lines and rings."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from shapely.geometry.base import BaseGeometry

from geo.errors import GeometryError
from geo.words import Text
from layers.intake.features import Builder, merged

STEP = math.radians(1)  # a chord of 1° lies at most 0.004 % of the radius inside its arc
Position: TypeAlias = tuple[float, ...]
LINES = {"LINESTRING", "LINEARRING", "CIRCULARSTRING", "COMPOUNDCURVE"}
SURFACES = {"POLYGON", "CURVEPOLYGON", "TRIANGLE"}
MANY: Mapping[str, tuple[str, set[str]]] = {
    "MULTIPOINT": ("MultiPoint", {"POINT"}),
    "MULTILINESTRING": ("MultiLineString", {"LINESTRING"}),
    "MULTICURVE": ("MultiLineString", LINES),
    "MULTIPOLYGON": ("MultiPolygon", {"POLYGON"}),
    "MULTISURFACE": ("MultiPolygon", SURFACES),
}


class Part(NamedTuple):
    """A shape as it is written: positions of a point or curve, or the parts of anything else."""

    kind: str
    inside: Sequence[Any]


def shaped(part: Part, builder: Builder) -> BaseGeometry | None:
    """Make a shape of what is written; arcs become chords, and the builder is told.

    Parameters
    ----------
    part
        What a reader of text or binary found.
    builder
        Closes rings, leaves heights out, and keeps that it did.

    Returns
    -------
    BaseGeometry or None
        None for an empty one.

    Raises
    ------
    GeometryError
        If its parts do not make a shape.
    """
    if not part.inside:
        return None
    if part.kind == "GEOMETRYCOLLECTION":
        parts = [shaped(one, builder) for one in part.inside]
        return merged([one for one in parts if one is not None])
    if part.kind in MANY:
        return _several(part, builder)
    if part.kind == "POINT":
        return builder.shape("Point", part.inside[0])
    if part.kind in LINES:
        return builder.shape("LineString", _line(part, builder))
    return builder.shape("Polygon", _rings(part, builder))


def _several(part: Part, builder: Builder) -> BaseGeometry:
    """Make a shape of many parts; empty ones are left out."""
    name, allowed = MANY[part.kind]
    odd = [one.kind for one in part.inside if one.kind not in allowed]
    if odd:
        raise _unfit(f"{part.kind} ({odd[0]})")
    read = {"MultiPoint": _place, "MultiLineString": _line, "MultiPolygon": _rings}[name]
    return builder.shape(name, [read(one, builder) for one in part.inside if one.inside])


def _place(part: Part, _: Builder) -> Position:
    position: Position = part.inside[0]
    return position


def _unfit(kind: str) -> GeometryError:
    return GeometryError(Text(f"不能读作点、线、面：{kind}", f"no point, line or polygon: {kind}"))


def _rings(part: Part, builder: Builder) -> list[list[Position]]:
    if part.kind not in SURFACES:
        raise _unfit(part.kind)
    return [_line(one, builder) for one in part.inside]


def _line(part: Part, builder: Builder) -> list[Position]:
    """Give the positions of a curve; those of a compound one joined where they meet."""
    if part.kind == "CIRCULARSTRING":
        builder.arcs = True
        builder.heights |= any(any(one[2:]) for one in part.inside)
        return _chords(part.inside)
    if part.kind != "COMPOUNDCURVE":
        if part.kind not in LINES:
            raise _unfit(part.kind)
        return list(part.inside)
    positions: list[Position] = []
    for one in part.inside:
        more = _line(one, builder)
        if positions and more and positions[-1][:2] != more[0][:2]:
            raise GeometryError(Text("复合曲线不相接", "a compound curve whose parts do not meet"))
        positions += more[1:] if positions else more
    return positions


def _chords(positions: Sequence[Position]) -> list[Position]:
    """Give chords of arcs, each of which goes from its first to its third position.

    >>> line = _chords([(0.0, 0.0), (1.0, 1.0), (2.0, 0.0)])
    >>> len(line), [round(v, 3) for v in line[45]]
    (181, [0.293, 0.707])
    """
    if len(positions) < 3 or len(positions) % 2 == 0:
        count = len(positions)
        raise GeometryError(
            Text(
                f"圆弧须有 3、5、7 … 个点：{count}",
                f"an arc has 3, 5, 7 … positions: found {count}",
            )
        )
    chords = [positions[0][:2]]
    for place in range(0, len(positions) - 2, 2):
        chords += _arc(*(one[:2] for one in positions[place : place + 3]))
    return chords


def _arc(start: Position, middle: Position, end: Position) -> list[Position]:
    """Give an arc without its start: through the middle; a whole circle where start is end."""
    centre = _centre(start, middle, end)
    if centre is None:
        return [middle, end]
    first, half, last = (
        math.atan2(p[1] - centre[1], p[0] - centre[0]) for p in (start, middle, end)
    )
    turn = math.tau
    if start == end:
        last, left = first + turn, True
    else:
        left = (half - first) % turn < (last - first) % turn
    sweeps = [(half - first) % turn, (last - half) % turn]
    if not left:
        sweeps = [sweep - turn for sweep in sweeps]
    radius = math.dist(centre, start)
    points: list[Position] = []
    for begin, sweep, stop in zip((first, half), sweeps, (middle, end), strict=True):
        steps = max(1, math.ceil(abs(sweep) / STEP - 1e-9))
        angles = (begin + sweep * step / steps for step in range(1, steps))
        points += [
            (centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles
        ]
        points.append(stop)
    return points


def _centre(start: Position, middle: Position, end: Position) -> Position | None:
    """Give the centre of the circle through three positions; None when they lie on a line.

    The perpendicular bisectors of both chords meet there; worked from `start` for exactness.
    """
    bx, by = middle[0] - start[0], middle[1] - start[1]
    if start == end:
        return start[0] + bx / 2, start[1] + by / 2
    cx, cy = end[0] - start[0], end[1] - start[1]
    twice = 2 * (bx * cy - by * cx)
    if not math.isfinite(twice) or abs(twice) <= 1e-12 * (math.hypot(bx, by) * math.hypot(cx, cy)):
        return None
    b, c = bx * bx + by * by, cx * cx + cy * cy
    return start[0] + (cy * b - by * c) / twice, start[1] + (bx * c - cx * b) / twice
