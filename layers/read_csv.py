"""CSV: a table, or features when a column holds WKT or two columns hold x and y."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter

import pandas as pd
import shapely

from geo.errors import FileError, Problem
from layers.decoding import decoded
from layers.features import Features

DELIMITERS = ",;\t|"
LONGEST_FIELD = 100_000_000  # a polygon's WKT; the csv module stops at 131,072 otherwise
X_NAMES = ("lon", "lng", "long", "longitude", "经度", "x", "东坐标")
Y_NAMES = ("lat", "latitude", "纬度", "y", "北坐标")
WKT = re.compile(
    r"^\s*(SRID=\d+;)?\s*(MULTI)?(POINT|LINESTRING|POLYGON|GEOMETRYCOLLECTION)\s*(Z|M|ZM)?\s*(\(|EMPTY)",
    re.IGNORECASE,
)
SRID = r"^\s*SRID=\d+;"
SEXAGESIMAL = re.compile(r"\d\s*°\s*\d")


def read_csv(raw: bytes, *, encoding: str = "") -> Features | pd.DataFrame:
    """Read comma-, semicolon- or tab-separated text with a header row.

    Parameters
    ----------
    raw
        The file's bytes.
    encoding
        What the user says it is in.

    Returns
    -------
    Features or DataFrame
        Features when a column holds WKT, or two are named as longitude and latitude or x and y;
        their CRS is unknown. Otherwise a table of text. Warnings of a table stand in
        `attrs["warnings"]`.

    Raises
    ------
    FileError
        If it has no header, or rows of unequal length; all are listed.
    """
    text, warnings = decoded(raw, encoding=encoding)
    if "\x00" in text:
        raise FileError(
            "文本中有零字节 zero bytes in the text; 处理 remedy: 重新导出 export it again"
        )
    table = _table(text)
    wkt = [name for name in table if _holds_wkt(name, table[name])]
    if len(wkt) > 1:
        raise FileError(f"多列 WKT several columns hold WKT: {', '.join(wkt)}; remedy: keep one")
    if wkt:
        return _from_wkt(table, wkt[0], warnings)
    x, y = _named(table, X_NAMES), _named(table, Y_NAMES)
    if x and y:
        return _from_xy(table, x, y, warnings)
    for name in table:
        if table[name].str.contains(SEXAGESIMAL).any():
            warnings.append(
                f"{name}: 度分秒未读作位置 degrees, minutes and seconds are not read as places; "
                "处理 remedy: 换算为小数度 give decimal degrees in columns lon, lat"
            )
    table.attrs["warnings"] = warnings
    return table


def _table(text: str) -> pd.DataFrame:
    """Read the rows, all as text, numbered from 1; an empty field is missing."""
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        lines = [
            line
            for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            if line
        ]
    except csv.Error as error:
        raise FileError(f"CSV 有误 broken CSV: {error}; 处理 remedy: 重新导出 export it") from error
    finally:
        csv.field_size_limit(before)
    names = [name.strip() for name in lines[0]] if lines else []
    problems = [
        Problem(row=str(number), found=f"{len(line)} fields", expected=f"{len(names)} fields")
        for number, line in enumerate(lines[1:], 1)
        if len(line) != len(names)
    ][:50]
    double = [name for name, count in Counter(names).items() if count > 1]
    problems += [
        Problem(field=name, found="列名空或重复 empty or double column name") for name in double
    ]
    if any(not name or re.fullmatch(r"[-+.\d\s]+", name) for name in names) or not names:
        problems.append(
            Problem(row="0", found=f"{names!r:.80}", expected="列名 a row of column names")
        )
    if problems:
        raise FileError("CSV 表格有误 the CSV is not a table", problems=problems)
    table = pd.DataFrame(lines[1:], columns=names, dtype=object)
    table = table.map(str.strip).replace({"": None})
    return table.set_axis(pd.RangeIndex(1, len(table) + 1), axis=0)


def _holds_wkt(name: str, column: pd.Series) -> bool:
    values = column.dropna()
    if name.lower() == "wkt":
        return True
    return len(values) > 0 and bool(values.map(lambda value: bool(WKT.match(value))).mean() > 0.5)


def _named(table: pd.DataFrame, names: tuple[str, ...]) -> str:
    low = {str(name).lower(): str(name) for name in table}
    return next((low[name] for name in names if name in low), "")


def _from_wkt(table: pd.DataFrame, name: str, warnings: list[str]) -> Features:
    features = Features([], table.drop(columns=name), warnings=warnings)
    if name.lower() != "wkt":
        features.warn(f"图形取自 {name} 列 shapes are taken from column {name}")
    for row, value in table[name].items():
        shape = None
        try:
            shape = None if value is None else shapely.from_wkt(re.sub(SRID, "", value))
        except shapely.errors.ShapelyError as error:
            features.fault(int(row), f"{value!r:.60}", expected=f"WKT ({error})", name=name)
        features.shapes.append(shape)
    return features


def _from_xy(table: pd.DataFrame, x: str, y: str, warnings: list[str]) -> Features:
    features = Features([], table, warnings=[*warnings, f"点取自 points from {x}, {y}"])
    for row, pair in zip(table.index, zip(table[x], table[y], strict=True), strict=True):
        try:
            shape = shapely.Point(float(pair[0]), float(pair[1]))
        except (TypeError, ValueError):
            shape = None
            if any(pair):
                features.fault(int(row), f"{pair!r:.60}", expected="数值 numbers", name=f"{x}, {y}")
        features.shapes.append(shape)
    return features
