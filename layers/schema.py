"""What a layer must hold, and a check that finds every problem at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely import box
from shapely.geometry.base import BaseGeometry

from geo.crs import same
from geo.errors import Problem
from geo.raster import Raster
from layers.fields import Field, LayerSchema, rows
from layers.places import crs_problems, nowhere, place_problems, shape_problems

__all__ = ["MISSING", "Field", "LayerSchema", "check", "check_all"]

MISSING = "缺少字段 missing"


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
        found = "raster" if isinstance(data, Raster) else "table"
        return [Problem(layer=schema.name, found=found, expected=schema.kind)]
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
            return [*problems, Problem(layer=schema.name, found="no geometry", expected="geometry")]
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
        expected = f"{field.refers}.{key} 中的值 a value of {field.refers}.{key}"
        yield from rows(frame, wrong, field, schema, expected=expected)


def _raster_problems(raster: Raster, schema: LayerSchema) -> Iterator[Problem]:
    values = raster.values[raster.valid]
    if values.size == 0:
        yield Problem(layer=schema.name, found="only no data", expected="values")
        return
    low, high = float(values.min()), float(values.max())
    if (schema.low is not None and low < schema.low) or (
        schema.high is not None and high > schema.high
    ):
        yield Problem(
            layer=schema.name,
            found=f"{low:g} … {high:g} {schema.unit}",
            expected=f"{schema.low:g} … {schema.high:g} {schema.unit}",
            remedy="检查单位与无数据值 check unit and no-data value",
        )


def _field_problems(frame: pd.DataFrame, schema: LayerSchema) -> Iterator[Problem]:
    if len(frame) == 0 or (schema.one_row and len(frame) != 1):
        expected = "1 row" if schema.one_row else "at least 1 row"
        yield Problem(layer=schema.name, found=f"{len(frame)} rows", expected=expected)
    for field in schema.fields:
        if field.name in frame.columns:
            yield from _column_problems(frame, field, schema)
        elif field.required or field.key:
            known = {str(name).lower(): str(name) for name in frame.columns}
            near = difflib.get_close_matches(field.name.lower(), known, n=1, cutoff=0.6)
            guess = f"{known[near[0]]} ? 是否指 did you mean {known[near[0]]}" if near else "NAME"
            yield Problem(
                layer=schema.name,
                field=field.name,
                found=f"{MISSING}; fields are {', '.join(map(str, frame.columns))}",
                expected=f"{field.title.zh} {field.title.en} ({field.kind})",
                remedy=f"--field {field.name}={guess}",
            )


def _column_problems(frame: pd.DataFrame, field: Field, schema: LayerSchema) -> Iterator[Problem]:
    column = frame[field.name]
    missing = column.isna()
    if field.kind == "text":
        missing |= _each(column, lambda value: isinstance(value, str) and not value.strip())
    if field.required or field.key:
        yield from rows(frame, missing, field, schema, expected="a value")
    if field.kind == "text":
        wrong = ~missing & ~_each(column, lambda value: isinstance(value, str))
        yield from rows(frame, wrong, field, schema, expected="text, leading zeros kept")
    else:
        yield from _number_problems(frame, missing, field, schema)
    if field.key:
        double = column.duplicated(keep=False) & ~missing
        yield from rows(frame, double, field, schema, expected="每行唯一 unique")
    if field.allowed:
        wrong = ~missing & ~column.isin(field.allowed)
        yield from rows(frame, wrong, field, schema, expected=" | ".join(field.allowed))


def _number_problems(
    frame: pd.DataFrame, missing: pd.Series, field: Field, schema: LayerSchema
) -> Iterator[Problem]:
    numbers = pd.to_numeric(frame[field.name], errors="coerce")
    text = _each(frame[field.name], lambda value: isinstance(value, str | bool))
    wrong = ~missing & (numbers.isna() | np.isinf(numbers) | text)
    yield from rows(frame, wrong, field, schema, expected="a finite number")
    if field.kind == "integer":
        part = ~missing & ~wrong & (numbers % 1 != 0)
        yield from rows(frame, part, field, schema, expected="a whole number")
    low = -np.inf if field.low is None else field.low
    high = np.inf if field.high is None else field.high
    outside = ~missing & ~wrong & ((numbers < low) | (numbers > high))
    yield from rows(frame, outside, field, schema, expected=f"{low:g} … {high:g} {field.unit}")


def _each(column: pd.Series, test: Callable[[object], bool]) -> pd.Series:
    """Ask every value; an empty column gives an empty answer of the right type."""
    return pd.Series(
        [test(value) for value in column.to_numpy(dtype=object)], index=column.index, dtype=bool
    )
