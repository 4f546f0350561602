"""CSV: a table, or features when a column holds WKT or two columns hold x and y."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping

import pandas as pd
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import FileError, Problem
from geo.words import Text, joined
from layers.decoding import decoded
from layers.intake.features import Features
from layers.intake.picking import points
from layers.intake.wellknown import take_text

DELIMITERS = ",;\t|"
MOST = 50  # problems named of a file that is no table
LONGEST_FIELD = 100_000_000  # a polygon's WKT; the csv module stops at 131,072 otherwise
X_NAMES = ("lon", "lng", "long", "longitude", "经度", "x", "东坐标")
Y_NAMES = ("lat", "latitude", "纬度", "y", "北坐标")
UNNAMED = "\x00"  # begins what stands for the name of a column without one
WKT = re.compile(
    r"^\s*(SRID=\d+;)?\s*((MULTI)?(POINT|LINESTRING|POLYGON|CURVE|SURFACE)|CURVEPOLYGON"
    r"|CIRCULARSTRING|COMPOUNDCURVE|GEOMETRYCOLLECTION|TRIANGLE)\s*(Z|M|ZM)?\s*(\(|EMPTY)",
    re.IGNORECASE,
)
SRID = re.compile(r"^\s*SRID=(\d+);", re.IGNORECASE)
SEPARATOR = re.compile(r"sep=(.)\r?\n")  # Excel's own first line
SEXAGESIMAL = re.compile(r"\d\s*°\s*\d")


def read_csv(raw: bytes, *, encoding: str = "", columns: str = "") -> Features | pd.DataFrame:
    """Read comma-, semicolon- or tab-separated text with a header row.

    Parameters
    ----------
    raw
        The file's bytes.
    encoding
        What the user says it is in.
    columns
        Names of the columns with commas between them, where the file has no header row; columns
        without a name are left out.

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
    read = decoded(raw, encoding=encoding)
    warnings = [*read.warnings]
    if "\x00" in read.text:
        raise FileError(
            Text(
                "文本中有零字节；处理：重新导出",
                "zero bytes in the text; remedy: export it again",
            )
        )
    table = table_of(_lines(read.text), columns=columns)
    table.attrs["warnings"] = warnings
    return shaped(table)


def shaped(table: pd.DataFrame) -> Features | pd.DataFrame:
    """Take shapes from a table of text: WKT in a column, or points in two; see `read_csv`.

    Raises
    ------
    FileError
        If several columns hold WKT, or SRIDs differ.
    """
    warnings: list[Text] = table.attrs.get("warnings", [])
    broken = [name for name in table if table[name].str.contains("\n", regex=False).any()]
    if broken:
        names = joined(broken)
        warnings.append(
            Text(f"字段中有换行：{names.zh}", f"line breaks within fields: {names.en}"),
        )
    wkt = [name for name in table if _holds_wkt(name, table[name])]
    if len(wkt) > 1:
        names = joined(wkt)
        raise FileError(
            Text(
                f"多列含 WKT：{names.zh}；处理：只留一列",
                f"several columns hold WKT: {names.en}; remedy: keep one",
            )
        )
    x, y = _named(table, X_NAMES), _named(table, Y_NAMES)
    if wkt or (x and y):
        problems = table.attrs.pop("problems", [])
        if wkt:
            features = _from_wkt(table, wkt[0], warnings)
        else:
            features = points(table, x, y, warnings=warnings)
        features.problems += problems
        return features
    degrees = [name for name in table if table[name].str.contains(SEXAGESIMAL).any()]
    table.attrs["warnings"] = [*warnings, *map(_sexagesimal, degrees)]
    return table


def _sexagesimal(name: str) -> Text:
    return Text(
        f"{name}：度分秒未读作位置；处理：换算为小数度，列名用 lon、lat",
        f"{name}: degrees, minutes and seconds are not read as places; "
        "remedy: give decimal degrees in columns lon, lat",
    )


def table_of(lines: list[list[str]], *, columns: str = "") -> pd.DataFrame:
    """Make a table of rows of fields, all text, numbered from 1; an empty field is missing.

    Parameters
    ----------
    lines
        Names, then rows.
    columns
        Names with commas between them where the first row holds none.

    Returns
    -------
    DataFrame
        Rows of another length than the names are left out, and named in `attrs["problems"]`.

    Raises
    ------
    FileError
        If there are no names, or most rows are of another length.

    Examples
    --------
    >>> table_of([["code", "name"], ["0101", " a "], ["0102", ""]]).to_dict("list")
    {'code': ['0101', '0102'], 'name': ['a', None]}
    """
    if columns:
        named = [name.strip() for name in columns.split(",")]
        named += [""] * (max(map(len, lines), default=0) - len(named))
        lines = [[name or f"{UNNAMED}{place}" for place, name in enumerate(named)], *lines]
    names = [name.strip() for name in lines[0]] if lines else []
    uneven = _uneven(names, lines)
    problems = [*uneven.values(), *_name_faults(names)]
    if len(problems) > len(uneven) or 2 * len(uneven) >= len(lines):
        raise FileError(Text("CSV 表格有误", "the CSV is not a table"), problems=problems[:MOST])
    rows = {n: line for n, line in enumerate(lines[1:], 1) if n not in uneven}
    index = pd.Index(list(rows), dtype="int64")
    table = pd.DataFrame(list(rows.values()), columns=names, index=index, dtype=object)
    table = table[[name for name in names if not name.startswith(UNNAMED)]]
    table = table.map(str.strip).replace({"": None})
    table.attrs["problems"] = problems
    return table


def _lines(text: str) -> list[list[str]]:
    """Split text into rows of fields."""
    stated = SEPARATOR.match(text)
    text = text[stated.end() :] if stated else text
    first = text.split("\n", 1)[0]
    delimiter = stated[1] if stated else max(DELIMITERS, key=first.count)
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        return [
            line
            for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            if line
        ]
    except csv.Error as error:
        raise FileError(
            Text(
                f"CSV 有误：{error}；处理：重新导出",
                f"broken CSV: {error}; remedy: export it again",
            )
        ) from error
    finally:
        csv.field_size_limit(before)


def _uneven(names: list[str], lines: list[list[str]]) -> dict[int, Problem]:
    """Find rows of other lengths than the header."""
    return {
        number: Problem(row=str(number), found=_fields(len(line)), expected=_fields(len(names)))
        for number, line in enumerate(lines[1:], 1)
        if len(line) != len(names)
    }


def _name_faults(names: list[str]) -> list[Problem]:
    """Find headers that are none."""
    double = [name for name, count in Counter(names).items() if count > 1]
    twice = Text("列名空或重复", "empty or double column name")
    problems = [Problem(field=name, found=twice) for name in double]
    if any(not name or re.fullmatch(r"[-+.\d\s]+", name) for name in names) or not names:
        problems.append(
            Problem(
                row="0",
                found=f"{names!r:.80}",
                expected=Text("一行列名", "a row of column names"),
                remedy="--columns code,name,…",
            )
        )
    return problems


def _fields(count: int) -> Text:
    return Text(f"{count} 列", f"{count} fields")


def _holds_wkt(name: str, column: pd.Series) -> bool:
    values = column.dropna()
    if name.lower() == "wkt":
        return True
    return len(values) > 0 and bool(values.map(lambda value: bool(WKT.match(value))).mean() > 0.5)


def _named(table: pd.DataFrame, names: tuple[str, ...]) -> str:
    low = {str(name).lower(): str(name) for name in table}
    return next((low[name] for name in names if name in low), "")


def _from_wkt(table: pd.DataFrame, name: str, warnings: list[Text]) -> Features:
    features = Features([], table.drop(columns=name), warnings=warnings)
    if name.lower() != "wkt":
        features.warn(Text(f"图形取自 {name} 列", f"shapes are taken from column {name}"))
    codes: dict[int, int] = {}
    for row, value in table[name].items():
        if value is None:
            features.shapes.append(None)
            continue
        srid = SRID.match(value)
        if srid:
            codes[int(row)] = int(srid[1])
        features.shapes.append(take_text(features, int(row), SRID.sub("", value)))
    features.crs = _stated(codes, features)
    return features


def _stated(codes: Mapping[int, int], features: Features) -> CRS | None:
    """Give the CRS that SRIDs before the shapes name; 0 names none, and all rows have one."""
    known = set(codes.values()) - {0}
    if not known:
        return None
    (code, *others) = sorted(known)
    if others or len(codes) < sum(shape is not None for shape in features.shapes):
        listed = joined([f"SRID={one}" for one in sorted(known)])
        raise FileError(
            Text(
                f"各行坐标系不一：{listed.zh}；处理：统一坐标系后导出",
                f"rows in several CRSs: {listed.en}; remedy: export them in one",
            )
        )
    try:
        return CRS(code)
    except CRSError:
        words = Text(f"没有坐标系 SRID={code}", f"no CRS SRID={code}")
        raise FileError(words) from None
