"""Well-known text and binary: by GEOS where it can, else as it is written (arcs, open rings)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import GeometryError
from geo.words import Text
from layers.intake.features import Builder, Features
from layers.intake.wellknown.arcs import Part, shaped
from layers.intake.wellknown.binary import part_of_binary
from layers.intake.wellknown.text import part_of_text

__all__ = ["take_binary", "take_text"]

T = TypeVar("T", str, bytes)
NOT_READ = (shapely.errors.ShapelyError, NotImplementedError)  # the latter at arcs


def take_binary(features: Features, blobs: Sequence[bytes | None]) -> None:
    """Take shapes from well-known binary; one broken shape does not keep others from coming."""
    for row, blob in zip(features.table.index, blobs, strict=True):
        shape = _taken(features, int(row), blob, shapely.from_wkb, part_of_binary)
        features.shapes.append(shape)


def take_text(features: Features, row: int, text: str) -> BaseGeometry | None:
    """Give the shape of a row from well-known text; what is wrong with it becomes a problem."""
    return _taken(features, row, text, shapely.from_wkt, part_of_text)


def _taken(
    features: Features,
    row: int,
    written: T | None,
    plainly: Callable[[T], BaseGeometry],
    parted: Callable[[T], Part],
) -> BaseGeometry | None:
    """Read by GEOS, and what it refuses part by part."""
    if written is None:
        return None
    try:
        plain = plainly(written)
    except NOT_READ as error:
        why = str(error)
    else:
        features.spatial(set() if plain.is_empty else {plain.has_z})
        return plain
    builder = Builder()
    try:
        shape = shaped(parted(written), builder)
    except GeometryError as error:
        shown = f" {written!r:.60}" if isinstance(written, str) else ""
        features.fault(
            row,
            Text(
                f"无法读取的图形{shown}：{error.said('zh')}（{why}）",
                f"unreadable shape{shown}: {error.said('en')} ({why})",
            ),
        )
        return None
    features.remark(row, builder)
    return shape
