"""What a column and a layer are declared to be, and how rows that break it are named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from geo.errors import Problem
from geo.words import Text, joined

MOST_ROWS = 20  # rows named for one kind of problem; the rest are counted
_MOST: ContextVar[int] = ContextVar("most", default=MOST_ROWS)
KINDS = {
    "text": Text("文字", "text"),
    "number": Text("数值", "number"),
    "integer": Text("整数", "integer"),
    "vector": Text("矢量图层", "vector"),
    "raster": Text("栅格", "raster"),
    "table": Text("表", "table"),
}
"""The kinds of fields and of layers, in words."""
SHAPES = {
    "point": Text("点", "points"),
    "line": Text("线", "lines"),
    "polygon": Text("面", "polygons"),
}
"""The kinds of shapes, in words."""


@dataclass(frozen=True)
class Field:
    """A column: what it holds, in which unit and range (both ends allowed).

    A key is text, unique and never missing; it becomes the layer's index. `refers` names a layer
    whose key the values must be.
    """

    name: str
    kind: Literal["text", "number", "integer"]
    title: Text
    unit: Text | str = ""
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    required: bool = True
    key: bool = False
    refers: str = ""


@dataclass(frozen=True)
class LayerSchema:
    """A layer: its kind, shapes, columns and range.

    `lies` says where it belongs: every row `inside` the county (up to `NEAR_M` off a generalised
    outline), some of it there (`across`, as roads that go on), or `anywhere`. A layer that is a
    county's `own`, such as its new town, is not missed where there is none. `headings` finds what
    the names of a file's columns show to be wrong, `further` what no column of a frame shows alone.
    """

    name: str
    kind: Literal["vector", "raster", "table"]
    title: Text
    shape: Literal["point", "line", "polygon", ""] = ""
    fields: tuple[Field, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None
    one_row: bool = False
    lies: Literal["inside", "across", "anywhere"] = "across"
    own: bool = False
    headings: Callable[[Sequence[str]], Iterable[Problem]] | None = None
    further: Callable[[pd.DataFrame, LayerSchema], Iterable[Problem]] | None = None

    @property
    def key(self) -> str:
        """Name of the key column, or nothing."""
        return next((field.name for field in self.fields if field.key), "")


def span(thing: Field | LayerSchema) -> Text:
    """Give the range of values (both ends allowed) in words; without one, the unit alone.

    >>> speed = Field("speed", "number", Text("速度", "speed"), "km/h", low=1)
    >>> span(speed).en
    '1 … km/h'
    """
    if thing.low is None and thing.high is None:
        return joined([thing.unit])
    low = "" if thing.low is None else f"{thing.low:g}"
    high = "" if thing.high is None else f"{thing.high:g}"
    figures = f"{low} … {high}".strip()
    return joined(filter(None, (figures, thing.unit)), " ", " ")


def kind(schema: LayerSchema) -> Text:
    """Say what kind of layer it is: of shapes which, else raster or table.

    >>> kind(LayerSchema("roads", "vector", Text("道路", "roads"), "line")).en
    'lines'
    """
    return SHAPES[schema.shape] if schema.shape else KINDS[schema.kind]


def values(field: Field) -> Text | str:
    """Say what a field may hold: codes, keys of a layer, a range with its unit.

    >>> values(Field("township", "text", Text("乡镇代码", "township code"), refers="townships"))
    '→ townships'
    """
    return " | ".join(field.allowed) or (f"→ {field.refers}" if field.refers else span(field))


def need(field: Field) -> Text:
    """Say whether a field must be there, or is the key.

    >>> need(Field("name", "text", Text("名称", "name"), required=False)).en
    'no'
    """
    if field.key:
        return Text("主键", "key")
    return Text("是", "yes") if field.required else Text("否", "no")


@contextmanager
def every_row() -> Iterator[None]:
    """Have all rows named that are wrong, not the first ones alone, for the length of a block."""
    before = _MOST.set(sys.maxsize)
    try:
        yield
    finally:
        _MOST.reset(before)


def rows(
    frame: pd.DataFrame,
    wrong: pd.Series,
    field: Field,
    schema: LayerSchema,
    *,
    expected: Text | str,
) -> Iterator[Problem]:
    """Name the first rows that are wrong and count the rest.

    A value is shown as it stands; where the frame holds words about it (`Text`), they are.
    """
    places = np.flatnonzero(np.asarray(wrong, dtype=bool))
    most = _MOST.get()
    if not places.size:
        return
    names = frame.index.to_series().astype(object)
    if schema.key in frame.columns:
        keys = frame[schema.key]
        names = names.mask(keys.notna().to_numpy(), keys.to_numpy())
    for place in places[:most]:
        value = frame[field.name].iloc[place]
        yield Problem(
            layer=schema.name,
            row=str(names.iloc[place]),
            field=field.name,
            found=value if isinstance(value, Text) else repr(value),
            expected=expected,
            remedy=Text("改正该值", "correct the value"),
        )
    if len(places) > most:
        more = len(places) - most
        yield Problem(
            layer=schema.name,
            field=field.name,
            found=Text(f"另有 {more} 行", f"and {more} more rows"),
            expected=expected,
        )
