"""How a result is written down: trees of plain values, and frames in the form that files keep.

Knows the shape of values, not which values there are; touches no file.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar, get_type_hints

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pydantic import TypeAdapter

from geo.errors import SchemaError
from geo.words import Lang, Text, said

T = TypeVar("T")
RESERVED = frozenset({"fid", "geom", "geometry"})
"""Column names that GeoPackages keep for themselves."""
INDEX_NAMES = ("id", "label", "feature_id", "row_id")
FORMULA = r"'*[=+\-@＝＋－＠\t]"
"""How a text begins that a spreadsheet would take for a formula, also with signs of full width."""
SHAPES = {"Point": "MultiPoint", "LineString": "MultiLineString", "Polygon": "MultiPolygon"}


def tree(value: Any, *, leave: Iterable[str] = (), at: str = "") -> Any:
    """Give a value as JSON holds it: mappings, lists, text, numbers, truth and null.

    Parameters
    ----------
    value
        A dataclass, mapping, sequence or scalar, nested as deep as may be.
    leave
        Names of dataclass fields to leave out, at any depth.
    at
        Dotted path of the value, named in errors.

    Raises
    ------
    SchemaError
        If a number is infinite or missing (what is unknown is None), or a value is none of these.

    Examples
    --------
    >>> tree({"a": (1, np.float64(2.5), None)})
    {'a': [1, 2.5, None]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = {f.name: getattr(value, f.name) for f in fields(value) if f.name not in set(leave)}
    if isinstance(value, Mapping):
        return {str(k): tree(v, leave=leave, at=f"{at}.{k}") for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [tree(v, leave=leave, at=f"{at}.{n}") for n, v in enumerate(value)]
    if isinstance(value, Enum | np.generic):
        value = value.value if isinstance(value, Enum) else value.item()
    if isinstance(value, float) and not math.isfinite(value):
        place = at.lstrip(".")
        raise SchemaError(
            Text(f"{place}：数值非有限：{value}", f"{place}: not a finite number: {value}")
        )
    if value is None or isinstance(value, str | int | float):
        return value
    place, kind = at.lstrip("."), type(value).__name__
    raise SchemaError(
        Text(f"{place}：无法写入 JSON：{kind}", f"{place}: does not fit into JSON: {kind}")
    )


def dumps(content: Any) -> str:
    """Give a tree as JSON text: keys sorted, numbers in their shortest exact form."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1) + "\n"


def revive(kind: type[T], content: Mapping[str, Any], **given: Any) -> T:
    """Give a dataclass back from its tree; fields that were left out are given."""
    hints = get_type_hints(kind)
    read = {name: _adapter(hints[name]).validate_python(value) for name, value in content.items()}
    return kind(**{**read, **given})


@functools.cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    """Give what reads values of a type; to make one takes longer than to read with it."""
    return TypeAdapter(hint)


def columns_kept(frame: pd.DataFrame, names: Iterable[str], *, what: str) -> pd.DataFrame:
    """Give the named columns of a frame in the form that files keep.

    Text of any kind becomes `str`; a missing text is missing, never the word "None".

    Parameters
    ----------
    frame
        Index unique, one level.
    names
        Columns to keep, in this order; doubles and empty names are passed over.
    what
        Name of the thing, for errors.

    Raises
    ------
    SchemaError
        If the index is not unique, a column is not there or named as GeoPackages name their own, or
        holds neither numbers, truth nor text.
    """
    wanted = [name for name in dict.fromkeys(names) if name]
    wrong = [name for name in wanted if name not in frame.columns or name.lower() in RESERVED]
    if wrong:
        lacking = ", ".join(wrong)
        raise SchemaError(
            Text(
                f"{what}：没有这些字段，或字段名为文件所保留：{lacking}",
                f"{what}: no such columns, or named as files name their own: {lacking}",
            )
        )
    if isinstance(frame.index, pd.MultiIndex) or not frame.index.is_unique:
        raise SchemaError(
            Text(
                f"{what}：索引须唯一且为一级",
                f"{what}: the index must be unique and of one level",
            )
        )
    kept = pd.DataFrame(
        {name: _kept(frame[name], f"{what}.{name}") for name in wanted}, index=frame.index
    )
    if not pd.api.types.is_numeric_dtype(frame.index.dtype):
        kept.index = pd.Index(_kept(frame.index.to_series(), f"{what} index"))
    kept.index.name = frame.index.name
    return kept


def _kept(column: pd.Series, what: str) -> pd.Series:
    """Give one column as numbers, truth or text."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        if column.dtype.kind == "f" and np.isinf(column.to_numpy()).any():
            raise SchemaError(
                Text(
                    f"{what}：数值无穷；未知者须为 NaN",
                    f"{what}: infinite; what is unknown is NaN",
                )
            )
        return column
    texts = column.astype(object)
    texts = texts.where(texts.notna(), None)
    if not texts.map(lambda one: one is None or (isinstance(one, str) and "\0" not in one)).all():
        raise SchemaError(
            Text(
                f"{what}：须为数字、真假或文字：{column.dtype}",
                f"{what}: must be numbers, truth or text: {column.dtype}",
            )
        )
    return texts.astype("str")


def shapes_kept(frame: gpd.GeoDataFrame, names: Iterable[str], *, what: str) -> gpd.GeoDataFrame:
    """Give the named columns and the shapes of a frame in the form that files keep.

    A file holds one type of shape: where single and multiple shapes mix, all become multiple.
    """
    shapes = frame.geometry.rename("geometry")
    kinds = set(shapes.geom_type.dropna())
    if len(kinds) > 1 and len({SHAPES.get(kind, kind) for kind in kinds}) == 1:
        values = shapes.to_numpy().copy()
        for place, shape in enumerate(values):
            if shape is not None and shape.geom_type in SHAPES:
                values[place] = getattr(shapely, SHAPES[shape.geom_type])([shape])
        shapes = gpd.GeoSeries(values, index=frame.index, crs=frame.crs, name="geometry")
    kept = columns_kept(pd.DataFrame(frame), names, what=what)
    return gpd.GeoDataFrame(kept, geometry=shapes.to_numpy(), crs=frame.crs)


def kinds(frame: pd.DataFrame) -> dict[str, Any]:
    """Tell what a file forgets of a frame: dtypes, and under which name its index is written.

    The index of a table that only counts its rows is not written: its column is empty.
    """
    counted = pd.RangeIndex(len(frame)).equals(frame.index) and frame.index.name is None
    plain = not isinstance(frame, gpd.GeoDataFrame)
    taken = {str(name).lower() for name in frame.columns} | RESERVED
    choices = [name for name in (str(frame.index.name or ""), *INDEX_NAMES) if name]
    choices += [f"id_{number}" for number in range(len(taken))]
    column = next(name for name in choices if name.lower() not in taken)
    return {
        "columns": [
            [name, str(dtype)] for name, dtype in frame.dtypes.items() if dtype != "geometry"
        ],
        "index": "" if counted and plain else column,
        "index_name": frame.index.name,
        "index_dtype": str(frame.index.dtype),
    }


def with_identity(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a frame with its index as its first column, as files hold it."""
    name = kinds(frame)["index"]
    if not name:
        return frame
    whole = frame.copy()
    whole.insert(0, name, frame.index.to_numpy())
    return whole


def without_identity(frame: pd.DataFrame, kept: Mapping[str, Any]) -> pd.DataFrame:
    """Undo `with_identity` on a frame that was read, and give every column its dtype."""
    dtypes = dict(kept["columns"])
    typed = {name: typed_as(frame[name], dtype) for name, dtype in dtypes.items()}
    index = pd.RangeIndex(len(frame))
    if kept["index"]:
        index = pd.Index(typed_as(frame[kept["index"]], kept["index_dtype"]))
    index.name = kept["index_name"]
    content = pd.DataFrame({name: column.to_numpy() for name, column in typed.items()}, index=index)
    content = content.astype(dtypes)
    if not isinstance(frame, gpd.GeoDataFrame):
        return content
    return gpd.GeoDataFrame(content, geometry=frame.geometry.to_numpy(), crs=frame.crs)


def typed_as(column: pd.Series, dtype: str) -> pd.Series:
    """Give a column that was read back its dtype; truth may come as words."""
    if dtype == "bool":
        return column.map({"True": True, "False": False, True: True, False: False}).astype(bool)
    if dtype == "str":
        texts = column.astype(object)
        return texts.where(texts.notna(), None).astype("str")
    return column.astype(np.dtype(dtype))


def titled(
    frame: pd.DataFrame, coded: Mapping[str, Mapping[str, Text]], lang: Lang
) -> pd.DataFrame:
    """Give a frame with a column of titles beside each column of codes.

    Parameters
    ----------
    frame
        As `with_identity` gives it.
    coded
        The titles of the codes, by column; a column without titles is left alone.
    lang
        Language of the titles.

    Examples
    --------
    >>> structures = pd.DataFrame({"kind": ["bridge", "?"], "length_m": [40, 50]})
    >>> words = {"kind": {"bridge": Text("桥梁", "Bridge")}}
    >>> print(titled(structures, words, "zh").to_string(index=False))
      kind kind_title  length_m
    bridge         桥梁        40
         ?        NaN        50
    """
    whole = frame.copy()
    for name, titles in coded.items():
        if titles and name in frame:
            words = {code: said(title, lang) for code, title in titles.items()}
            column = f"{name}_title"
            while column in whole:
                column += "_"
            place = int(whole.columns.get_indexer([name])[0]) + 1
            whole.insert(place, column, frame[name].astype(object).map(words).astype("str"))
    return whole


def csv(frame: pd.DataFrame) -> str:
    """Give a table as CSV for spreadsheets: CRLF, shortest exact numbers, no formulas.

    Parameters
    ----------
    frame
        As `with_identity` and `titled` give it.


    An empty text and a missing one are the same cell. A text that a spreadsheet would take for a
    formula is led by an apostrophe, which `from_csv` takes away.
    """
    safe = frame.copy()
    for name in safe.columns[[dtype == "str" for dtype in safe.dtypes]]:
        safe[name] = safe[name].str.replace(f"^({FORMULA})", r"'\1", regex=True)
    text: str = safe.to_csv(index=False, lineterminator="\r\n")
    return text


def from_csv(frame: pd.DataFrame, kept: Mapping[str, Any]) -> pd.DataFrame:
    """Undo `csv` on a frame read with every cell as text, empty cells missing."""
    texts = {name for name, dtype in kept["columns"] if dtype == "str"}
    texts |= {kept["index"]} if kept["index_dtype"] == "str" else set()
    plain = frame.copy()
    for name in texts & set(frame.columns):
        plain[name] = plain[name].str.replace(f"^'(?={FORMULA})", "", regex=True)
    return without_identity(plain, kept)
