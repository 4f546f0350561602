"""What a layer must hold, and a check that finds every problem at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely import box
from shapely.geometry.base import BaseGeometry

from geo.crs import same
from geo.errors import Problem
from geo.raster import Raster
from geo.words import Text, joined
from layers.fields import KINDS, Field, LayerSchema, rows, span
from layers.places import crs_problems, nowhere, place_problems, shape_problems

__all__ = ["Field", "LayerSchema", "absent", "check", "check_all"]


def check(
    data: gpd.GeoDataFrame | pd.DataFrame | Raster,
    schema: LayerSchema,
    *,
    crs: CRS,
    outline: BaseGeometry | None = None,
) -> list[Problem]:
    """Find every problem of a layer.

    Parameters
    ----------
    data
        A frame with the key as a column, or a raster.
    schema
        What it must hold.
    crs
        The county's CRS.
    outline
        The county's shape, where known.

    Returns
    -------
    list of Problem
        Empty when all is well. Rows are named by the key where there is one, by label otherwise.
    """
    if isinstance(data, Raster) != (schema.kind == "raster"):
        kind = KINDS["raster" if isinstance(data, Raster) else "table"]
        return [Problem(layer=schema.name, found=kind, expected=KINDS[schema.kind])]
    if isinstance(data, Raster):
        return [
            *crs_problems(data.grid.crs, schema, crs),
            *_raster_problems(data, schema),
            *nowhere(box(*data.grid.bounds), schema, crs, outline),
        ]
    problems = list(_field_problems(data, schema))
    if schema.further:
        problems += schema.further(data, schema)
    if schema.kind == "vector":
        if not isinstance(data, gpd.GeoDataFrame):
            shapes = Text("图形", "geometry")
            found = Text("没有图形", "no geometry")
            return [*problems, Problem(layer=schema.name, found=found, expected=shapes)]
        problems += [
            *crs_problems(data.crs, schema, crs),
            *shape_problems(data, schema),
            *place_problems(data, schema, crs, outline),
        ]
    return problems


def check_all(
    data: Mapping[str, gpd.GeoDataFrame | pd.DataFrame | Raster],
    schemas: Mapping[str, LayerSchema],
    *,
    crs: CRS,
) -> list[Problem]:
    """Find every problem of layers that belong together: each by itself, and what refers to others.

    Parameters
    ----------
    data
        Layers by name, keys as columns; the shape of `outline` is the county's.
    schemas
        The schema of each.
    crs
        The county's CRS.

    Returns
    -------
    list of Problem
        Empty when all is well; the outline's own problems never hide others'.
    """
    shape = None
    outline = data.get("outline")
    if isinstance(outline, gpd.GeoDataFrame) and outline.crs is not None and same(outline.crs, crs):
        whole = outline.geometry[outline.geometry.is_valid]
        shape = None if whole.is_empty.all() else whole.union_all()
    problems: list[Problem] = []
    for name, one in data.items():
        problems += check(one, schemas[name], crs=crs, outline=shape)
        if isinstance(one, pd.DataFrame):
            for field in schemas[name].fields:
                problems += _reference_problems(one, field, schemas[name], data, schemas)
    return problems


def _reference_problems(
    frame: pd.DataFrame,
    field: Field,
    schema: LayerSchema,
    data: Mapping[str, gpd.GeoDataFrame | pd.DataFrame | Raster],
    schemas: Mapping[str, LayerSchema],
) -> Iterator[Problem]:
    """Name values that are no key of the layer they refer to; a layer not there is not missed."""
    target = data.get(field.refers)
    if not isinstance(target, pd.DataFrame) or field.name not in frame:
        return
    key = schemas[field.refers].key
    if key in target:
        column = frame[field.name]
        wrong = column.notna() & ~column.isin(target[key])
        name = f"{field.refers}.{key}"
        expected = Text(f"{name} 中的值", f"a value of {name}")
        yield from rows(frame, wrong, field, schema, expected=expected)


def _raster_problems(raster: Raster, schema: LayerSchema) -> Iterator[Problem]:
    values = raster.values[raster.valid]
    if values.size == 0:
        yield Problem(
            layer=schema.name,
            found=Text("全为无数据", "only no data"),
            expected=Text("有数据", "values"),
        )
        return
    low, high = float(values.min()), float(values.max())
    if (schema.low is not None and low < schema.low) or (
        schema.high is not None and high > schema.high
    ):
        yield Problem(
            layer=schema.name,
            found=f"{low:g} … {high:g} {schema.unit}",
            expected=span(schema),
            remedy=Text("检查单位与无数据值", "check unit and no-data value"),
        )


def _field_problems(frame: pd.DataFrame, schema: LayerSchema) -> Iterator[Problem]:
    if len(frame) == 0 or (schema.one_row and len(frame) != 1):
        yield Problem(
            layer=schema.name,
            found=Text(f"{len(frame)} 行", f"{len(frame)} rows"),
            expected=Text("1 行", "1 row")
            if schema.one_row
            else Text("至少 1 行", "at least 1 row"),
        )
    for field in schema.fields:
        if field.name in frame.columns:
            yield from _column_problems(frame, field, schema)
        elif field.required or field.key:
            yield absent(field, schema, map(str, frame.columns))


def absent(field: Field, schema: LayerSchema, columns: Iterable[str]) -> Problem:
    """Say that a field is not there, which columns are, and which of them may be meant."""
    every = list(columns)
    names = joined(every or ["—"])
    known = {name.lower(): name for name in every}
    near = difflib.get_close_matches(field.name.lower(), known, n=1, cutoff=0.6)
    guess = known[near[0]] if near else "NAME"
    option = f"--field {field.name}={guess}"
    kind = KINDS[field.kind]
    return Problem(
        layer=schema.name,
        field=field.name,
        found=Text(f"缺少字段；现有字段：{names.zh}", f"missing; fields are {names.en}"),
        expected=Text(f"{field.title.zh}（{kind.zh}）", f"{field.title.en} ({kind.en})"),
        remedy=Text(f"是否指 {guess}：{option}", f"did you mean {guess}: {option}")
        if near
        else option,
    )


def _column_problems(frame: pd.DataFrame, field: Field, schema: LayerSchema) -> Iterator[Problem]:
    column = frame[field.name]
    missing = column.isna()
    words = isinstance(column.dtype, pd.StringDtype)  # all of it is text, or missing
    if words:
        missing |= column.isin([one for one in column.dropna().unique() if not one.strip()])
    elif field.kind == "text":
        missing |= _each(column, lambda value: isinstance(value, str) and not value.strip())
    if field.required or field.key:
        yield from rows(frame, missing, field, schema, expected=Text("有值", "a value"))
    if field.kind == "text" and not words:
        wrong = ~missing & ~_each(column, lambda value: isinstance(value, str))
        expected = Text("文字，保留前导零", "text, leading zeros kept")
        yield from rows(frame, wrong, field, schema, expected=expected)
    elif field.kind != "text":
        yield from _number_problems(frame, missing, field, schema)
    if field.key:
        double = column.duplicated(keep=False) & ~missing
        yield from rows(frame, double, field, schema, expected=Text("每行唯一", "unique"))
    if field.allowed:
        wrong = ~missing & ~column.isin(field.allowed)
        yield from rows(frame, wrong, field, schema, expected=" | ".join(field.allowed))


def _number_problems(
    frame: pd.DataFrame, missing: pd.Series, field: Field, schema: LayerSchema
) -> Iterator[Problem]:
    numbers = pd.to_numeric(frame[field.name], errors="coerce")
    text = _each(frame[field.name], lambda value: isinstance(value, str | bool))
    wrong = ~missing & (numbers.isna() | np.isinf(numbers) | text)
    yield from rows(frame, wrong, field, schema, expected=Text("有限数值", "a finite number"))
    if field.kind == "integer":
        part = ~missing & ~wrong & (numbers % 1 != 0)
        yield from rows(frame, part, field, schema, expected=Text("整数", "a whole number"))
    low = -np.inf if field.low is None else field.low
    high = np.inf if field.high is None else field.high
    outside = ~missing & ~wrong & ((numbers < low) | (numbers > high))
    yield from rows(frame, outside, field, schema, expected=span(field))


def _each(column: pd.Series, test: Callable[[object], bool]) -> pd.Series:
    """Ask every value; an empty column gives an empty answer of the right type."""
    return pd.Series(
        [test(value) for value in column.to_numpy(dtype=object)], index=column.index, dtype=bool
    )
