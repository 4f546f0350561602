"""A user's columns under the names and kinds a layer's schema asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, NamedTuple, TypeVar, cast

import geopandas as gpd
import pandas as pd

from geo.errors import Problem
from geo.words import Text, alike, joined
from layers.fields import Field, LayerSchema

T = TypeVar("T", bound=pd.DataFrame)
D = TypeVar("D")
NUMBERED = "#"
CONSTANT = "="


@dataclass(frozen=True, eq=False)
class Mapped(Generic[D]):
    """Data under a schema's names, what was done to it, and what is asked for but not there."""

    frame: D
    steps: tuple[Text, ...]
    problems: tuple[Problem, ...]


class Cut(NamedTuple):
    """A column, and how many of its first characters are meant; 0 for all of them."""

    column: str
    length: int


@dataclass(frozen=True)
class Chosen:
    """The source of every field that has one, and what cannot be chosen."""

    sources: Mapping[str, str]
    problems: tuple[Problem, ...]


def mapped(frame: T, schema: LayerSchema, fields: Mapping[str, str]) -> Mapped[T]:
    """Bring a user's columns under the schema's names.

    1. A field named in `fields` comes from there: a column of the file, `column:9` for its first
       nine characters, `=text` for a constant, or `#` for the row's number.
       One that the schema does not know is kept under its name.
    2. Other fields of the schema come from the column of the same name, capitals aside.
    3. Columns left over are dropped, and named.
    4. Whole numbers become text where text is asked for, and text that is a number a number.

    Parameters
    ----------
    frame
        What was read.
    schema
        What the layer must hold.
    fields
        Target name to source.
    """
    shapes = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else ""
    columns = [str(name) for name in frame.columns if name != shapes]
    chosen = _chosen(columns, schema, fields)
    headings = schema.headings(columns) if schema.headings else ()
    steps, data = [], {}
    kinds = {field.name: field for field in schema.fields}
    for target, source in chosen.sources.items():
        data[target] = _column(frame, source, kinds.get(target))
        if target != source:
            words = _source_words(source)
            steps.append(Text(f"字段 {target} = {words.zh}", f"field {target} = {words.en}"))
    used = {one.column for source in chosen.sources.values() if (one := cut(source, columns))}
    dropped = joined(sorted(set(columns) - used))
    if dropped.en:
        steps.append(Text(f"未保留字段：{dropped.zh}", f"fields dropped: {dropped.en}"))
    kept = frame[[shapes]].copy() if shapes else pd.DataFrame(index=frame.index)
    for place, (name, column) in enumerate(data.items()):
        kept.insert(place, name, column)
    return Mapped(kept, tuple(steps), (*chosen.problems, *headings))


def _chosen(columns: list[str], schema: LayerSchema, fields: Mapping[str, str]) -> Chosen:
    """Give the source of every field that has one."""
    sources: dict[str, str] = {}
    problems = []
    for field in schema.fields:
        if field.name in fields:
            continue
        same = [name for name in columns if name == field.name]
        same = same or [name for name in columns if name.lower() == field.name.lower()]
        if len(same) == 1:
            sources[field.name] = same[0]
        elif same:
            names = joined(same)
            problems.append(
                Problem(
                    layer=schema.name,
                    field=field.name,
                    found=Text(f"多列同名：{names.zh}", f"several columns: {names.en}"),
                    remedy=f"--field {field.name}={same[0]}",
                )
            )
    for target, source in fields.items():
        if cut(source, columns) or source == NUMBERED or source.startswith(CONSTANT):
            sources[target] = source
        else:
            problems.append(
                Problem(
                    layer=schema.name,
                    field=target,
                    found=Text(f"没有字段 {source!r}", f"no column {source!r}"),
                    expected=joined(columns),
                    remedy=f"--field {target}=…",
                )
            )
    order = [*[field.name for field in schema.fields], *fields]
    kept = {name: sources[name] for name in dict.fromkeys(order) if name in sources}
    return Chosen(kept, tuple(problems))


def _column(frame: pd.DataFrame, source: str, field: Field | None) -> pd.Series:
    if source.startswith(CONSTANT):
        column = pd.Series([source[1:]] * len(frame), index=frame.index, dtype=object)
    elif source == NUMBERED:
        column = pd.Series(frame.index, index=frame.index)
    else:
        column = beginning(frame, source)
    if field is None:
        return column
    if field.kind == "text":
        return column.astype(object).map(as_text).where(column.notna(), None)
    return _numbers(column)


def cut(source: str, columns: Collection[str]) -> Cut | None:
    """Give the column a source names, and how much of it.

    >>> cut("XZQDM:9", ["XZQDM"]), cut("NAME", ["XZQDM"])
    (Cut(column='XZQDM', length=9), None)
    """
    if source in columns:
        return Cut(source, 0)
    name, _, length = source.rpartition(":")
    return Cut(name, int(length)) if name in columns and length.isdecimal() else None


def beginning(frame: pd.DataFrame, source: str) -> pd.Series:
    """Give a column, or the first characters of it that a source names.

    >>> beginning(pd.DataFrame({"XZQDM": [331127001002]}), "XZQDM:9").tolist()
    ['331127001']
    """
    chosen = cut(source, [str(column) for column in frame.columns]) or Cut(source, 0)
    column = frame[chosen.column]
    if not chosen.length:
        return column
    beginnings = column.astype(object).map(as_text).map(lambda value: str(value)[: chosen.length])
    return beginnings.where(column.notna(), None)


def as_text(value: object) -> object:
    """Write whole numbers and days as text; leave what cannot be told, for the check to name.

    >>> as_text(331127001), as_text(331127001.0), as_text(" 001 "), as_text(1.5)
    ('331127001', '331127001', '001', 1.5)
    >>> as_text(pd.Timestamp("2024-06-30"))
    '2024-06-30'
    """
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, date):
        return value.isoformat().removesuffix("T00:00:00")
    whole = isinstance(value, float) and value.is_integer()
    if isinstance(value, bool) or not (hasattr(value, "__index__") or whole):
        return value
    return str(int(cast("float", value)))


def _numbers(column: pd.Series) -> pd.Series:
    """Read numbers written as text; what is none is left as it is, for the check to name."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype(object)
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.notna().equals(column.notna()):
        return numbers
    return column.astype(object).mask(numbers.notna(), numbers.astype(object))


def _source_words(source: str) -> Text:
    if source == NUMBERED:
        return Text("行号", "the row's number")
    if source.startswith(CONSTANT):
        return Text(f"常量 {source[1:]!r}", f"the constant {source[1:]!r}")
    return alike(source)
