"""A user's columns under the names and kinds a layer's schema asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar, cast

import geopandas as gpd
import pandas as pd

from geo.errors import Problem
from layers.fields import Field, LayerSchema

T = TypeVar("T", bound=pd.DataFrame)
NUMBERED = "#"
CONSTANT = "="


def mapped(
    frame: T, schema: LayerSchema, fields: Mapping[str, str]
) -> tuple[T, list[str], list[Problem]]:
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

    Returns
    -------
    (frame, list of str, list of Problem)
        The frame, what was done, and what `fields` asks for that is not there.
    """
    shapes = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else ""
    columns = [str(name) for name in frame.columns if name != shapes]
    chosen, problems = _chosen(columns, schema, fields)
    problems += schema.headings(columns) if schema.headings else ()
    steps, data = [], {}
    kinds = {field.name: field for field in schema.fields}
    for target, source in chosen.items():
        data[target] = _column(frame, source, kinds.get(target))
        if target != source:
            steps.append(f"字段 field {target} = {_said(source)}")
    used = {cut[0] for source in chosen.values() if (cut := _cut(source, columns))}
    dropped = sorted(set(columns) - used)
    if dropped:
        steps.append(f"未保留字段 fields dropped: {', '.join(dropped)}")
    kept = frame[[shapes]].copy() if shapes else pd.DataFrame(index=frame.index)
    for place, (name, column) in enumerate(data.items()):
        kept.insert(place, name, column)
    return kept, steps, problems


def _chosen(
    columns: list[str], schema: LayerSchema, fields: Mapping[str, str]
) -> tuple[dict[str, str], list[Problem]]:
    """Give the source of every field that has one."""
    chosen: dict[str, str] = {}
    problems = []
    for field in schema.fields:
        if field.name in fields:
            continue
        same = [name for name in columns if name == field.name]
        same = same or [name for name in columns if name.lower() == field.name.lower()]
        if len(same) == 1:
            chosen[field.name] = same[0]
        elif same:
            found = f"多列同名 several columns: {', '.join(same)}"
            problems.append(
                Problem(
                    "", schema.name, "", field.name, found, "", f"--field {field.name}={same[0]}"
                )
            )
    for target, source in fields.items():
        if _cut(source, columns) or source == NUMBERED or source.startswith(CONSTANT):
            chosen[target] = source
        else:
            problems.append(
                Problem(
                    layer=schema.name,
                    field=target,
                    found=f"没有字段 no column {source!r}",
                    expected=", ".join(columns),
                    remedy=f"--field {target}=…",
                )
            )
    order = [*[field.name for field in schema.fields], *fields]
    return {name: chosen[name] for name in dict.fromkeys(order) if name in chosen}, problems


def _column(frame: pd.DataFrame, source: str, field: Field | None) -> pd.Series:
    if source.startswith(CONSTANT):
        column = pd.Series([source[1:]] * len(frame), index=frame.index, dtype=object)
    elif source == NUMBERED:
        column = pd.Series(frame.index, index=frame.index)
    else:
        column = _beginning(frame, source)
    if field is None:
        return column
    if field.kind == "text":
        return column.astype(object).map(_text).where(column.notna(), None)
    return _numbers(column)


def _cut(source: str, columns: Collection[str]) -> tuple[str, int] | None:
    """Give the column a source names and how many of its first characters, 0 for all of them.

    >>> _cut("XZQDM:9", ["XZQDM"]), _cut("XZQDM", ["XZQDM"]), _cut("NAME", ["XZQDM"])
    (('XZQDM', 9), ('XZQDM', 0), None)
    """
    if source in columns:
        return source, 0
    name, _, length = source.rpartition(":")
    return (name, int(length)) if name in columns and length.isdecimal() else None


def _beginning(frame: pd.DataFrame, source: str) -> pd.Series:
    name, length = _cut(source, [str(column) for column in frame.columns]) or (source, 0)
    column = frame[name]
    if not length:
        return column
    cut = column.astype(object).map(_text).map(lambda value: str(value)[:length])
    return cut.where(column.notna(), None)


def _text(value: object) -> object:
    """Write whole numbers as text; leave what cannot be told, for the check to name.

    >>> _text(331127001), _text(331127001.0), _text(" 001 "), _text(1.5)
    ('331127001', '331127001', '001', 1.5)
    """
    if isinstance(value, str):
        return value.strip() or None
    whole = isinstance(value, float) and value.is_integer()
    if isinstance(value, bool) or not (hasattr(value, "__index__") or whole):
        return value
    return str(int(cast("float", value)))


def _numbers(column: pd.Series) -> pd.Series:
    """Read numbers written as text where every one of them is; else leave them to the check."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype(object)
    numbers = pd.to_numeric(column, errors="coerce")
    return numbers if numbers.notna().equals(column.notna()) else column


def _said(source: str) -> str:
    if source == NUMBERED:
        return "行号 the row's number"
    return f"常量 the constant {source[1:]!r}" if source.startswith(CONSTANT) else source
