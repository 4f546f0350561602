"""What a layer must hold, and a check that finds every problem at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.errors import Problem
from geo.raster import Raster
from layers.source import Text

MOST_ROWS = 20  # rows named for one kind of problem; the rest are counted
SHAPES = {
    "point": {"Point"},
    "line": {"LineString", "MultiLineString"},
    "polygon": {"Polygon", "MultiPolygon"},
}


@dataclass(frozen=True)
class Field:
    """A column: what it holds, in which unit and range (both ends allowed).

    A key is text, unique and never missing; it becomes the layer's index. `refers` names a layer
    whose key the values must be.
    """

    name: str
    kind: Literal["text", "number", "integer"]
    title: Text
    unit: str = ""
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    required: bool = True
    key: bool = False
    refers: str = ""


@dataclass(frozen=True)
class LayerSchema:
    """A layer: its kind, shapes, columns and range."""

    name: str
    kind: Literal["vector", "raster", "table"]
    title: Text
    shape: Literal["point", "line", "polygon", ""] = ""
    fields: tuple[Field, ...] = ()
    unit: str = ""
    low: float | None = None
    high: float | None = None
    one_row: bool = False
    may_lie_outside: bool = False

    @property
    def key(self) -> str:
        """Name of the key column, or nothing."""
        return next((field.name for field in self.fields if field.key), "")


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
        The county's shape; a layer of which nothing lies within it is a problem.

    Returns
    -------
    list of Problem
        Empty when all is well. Rows are named by the key where there is one, by label otherwise.
    """
    if isinstance(data, Raster) != (schema.kind == "raster"):
        found = "raster" if isinstance(data, Raster) else "table"
        return [Problem(layer=schema.name, found=found, expected=schema.kind)]
    if isinstance(data, Raster):
        return [*_crs_problems(data.grid.crs, schema, crs), *_raster_problems(data, schema)]
    problems = list(_field_problems(data, schema))
    if schema.kind == "vector":
        if not isinstance(data, gpd.GeoDataFrame):
            return [*problems, Problem(layer=schema.name, found="no geometry", expected="geometry")]
        problems += [
            *_crs_problems(data.crs, schema, crs),
            *_shape_problems(data, schema),
            *_place_problems(data, schema, outline),
        ]
    return problems


def _crs_problems(found: CRS | None, schema: LayerSchema, crs: CRS) -> Iterator[Problem]:
    if found is None or CRS(found) != crs:
        yield Problem(
            layer=schema.name,
            field="CRS",
            found="none" if found is None else CRS(found).name,
            expected=crs.name,
            remedy="用 python -m layers import 导入 import it, with --crs if the file names none",
        )


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
            near = difflib.get_close_matches(
                field.name.lower(), [str(name).lower() for name in frame.columns], n=1, cutoff=0.6
            )
            guess = near[0] if near else "…"
            yield Problem(
                layer=schema.name,
                field=field.name,
                found=f"缺少字段 missing; fields are {', '.join(map(str, frame.columns))}",
                expected=f"{field.title.zh} {field.title.en} ({field.kind})",
                remedy=f"--field {field.name}={guess}",
            )


def _column_problems(frame: pd.DataFrame, field: Field, schema: LayerSchema) -> Iterator[Problem]:
    column = frame[field.name]
    missing = column.isna()
    if field.kind == "text":
        missing |= column.map(lambda value: isinstance(value, str) and not value.strip())
    if field.required or field.key:
        yield from _rows(frame, missing, field, schema, expected="a value")
    if field.kind == "text":
        wrong = ~missing & ~column.map(lambda value: isinstance(value, str))
        yield from _rows(frame, wrong, field, schema, expected="text, leading zeros kept")
    else:
        yield from _number_problems(frame, missing, field, schema)
    if field.key:
        double = column.duplicated(keep=False) & ~missing
        yield from _rows(frame, double, field, schema, expected="每行唯一 unique")
    if field.allowed:
        wrong = ~missing & ~column.isin(field.allowed)
        yield from _rows(frame, wrong, field, schema, expected=" | ".join(field.allowed))


def _number_problems(
    frame: pd.DataFrame, missing: pd.Series, field: Field, schema: LayerSchema
) -> Iterator[Problem]:
    numbers = pd.to_numeric(frame[field.name], errors="coerce")
    text = frame[field.name].map(lambda value: isinstance(value, str))
    wrong = ~missing & (numbers.isna() | np.isinf(numbers) | text)
    yield from _rows(frame, wrong, field, schema, expected="a finite number")
    if field.kind == "integer":
        part = ~missing & ~wrong & (numbers % 1 != 0)
        yield from _rows(frame, part, field, schema, expected="a whole number")
    low = -np.inf if field.low is None else field.low
    high = np.inf if field.high is None else field.high
    outside = ~missing & ~wrong & ((numbers < low) | (numbers > high))
    yield from _rows(frame, outside, field, schema, expected=f"{low:g} … {high:g} {field.unit}")


def _rows(
    frame: pd.DataFrame, wrong: pd.Series, field: Field, schema: LayerSchema, *, expected: str
) -> Iterator[Problem]:
    """Name the first rows that are wrong and count the rest."""
    names = frame[schema.key] if schema.key in frame.columns else frame.index.to_series()
    places = np.flatnonzero(np.asarray(wrong, dtype=bool))
    for place in places[:MOST_ROWS]:
        yield Problem(
            layer=schema.name,
            row=str(names.iloc[place]),
            field=field.name,
            found=repr(frame[field.name].iloc[place]),
            expected=expected,
            remedy="改正该值 correct the value",
        )
    if len(places) > MOST_ROWS:
        more = len(places) - MOST_ROWS
        yield Problem(
            layer=schema.name,
            field=field.name,
            found=f"另有 {more} 行 and {more} more rows",
            expected=expected,
        )


def _shape_problems(frame: gpd.GeoDataFrame, schema: LayerSchema) -> Iterator[Problem]:
    shapes = frame.geometry
    field = Field("geometry", "text", Text("图形", "shape"))
    texts = pd.DataFrame(frame.drop(columns=shapes.name))
    absent = shapes.isna() | shapes.is_empty
    allowed = SHAPES[schema.shape]
    faults = {
        "a shape that is there": absent,
        " or ".join(sorted(allowed)): ~absent & ~shapes.geom_type.isin(allowed),
        "a valid shape": ~absent & ~shapes.is_valid,
    }
    reasons = shapes.geom_type.astype(object)
    bad = faults["a valid shape"]
    reasons[bad] = shapes[bad].is_valid_reason()
    texts["geometry"] = reasons
    for expected, wrong in faults.items():
        yield from _rows(texts, wrong, field, schema, expected=expected)


def _place_problems(
    frame: gpd.GeoDataFrame, schema: LayerSchema, outline: BaseGeometry | None
) -> Iterator[Problem]:
    if outline is None or schema.may_lie_outside or frame.empty:
        return
    shapes = frame.geometry[frame.geometry.notna()]
    if not shapes.intersects(outline).any():
        yield Problem(
            layer=schema.name,
            field="geometry",
            found=f"bounds {tuple(round(float(v), 1) for v in shapes.total_bounds)}",
            expected=f"县界之内 within {tuple(round(v, 1) for v in outline.bounds)}",
            remedy="检查坐标系与坐标顺序 check the CRS and the order of coordinates",
        )
