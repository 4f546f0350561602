"""Tables of figures a user gives in place of shipped ones: CSV as a spreadsheet saves it, or TOML.

speed_kmh,max_grade            [[row]]
60,0.055                       speed_kmh = 60
                               max_grade = 0.055
"""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from geo.documents import content, toml, unread
from geo.errors import FileError, Problem
from geo.words import Text, alike, joined
from layers.decoding import decoded

LARGEST = 1_000_000  # bytes
DELIMITERS = ",;\t"
MISSING = Text("缺少", "missing")
Row = Mapping[str, str | float]


def text_of(path: Path) -> str:
    """Read a user's table as text, in UTF-8 or GB18030.

    Raises
    ------
    FileError
        If it cannot be read, is too large, or is not text.
    """
    try:
        return decoded(content(path, most=LARGEST)).text
    except FileError as error:
        raise unread(path, error) from error


def rows(text: str) -> tuple[Row, ...]:
    r"""Read the rows of a table: TOML where it has `[[row]]`, else CSV with a row of names.

    Empty fields of CSV are left out.

    Raises
    ------
    FileError
        If it is neither; every wrong line is named.

    Examples
    --------
    >>> rows("id,yuan\ncut,30\nfill,")
    ({'id': 'cut', 'yuan': '30'}, {'id': 'fill'})
    >>> rows('[[row]]\nid = "cut"\nyuan = 30')
    ({'id': 'cut', 'yuan': 30},)
    """
    if "[[" in text:
        return _toml_rows(text)
    delimiter = max(DELIMITERS, key=text.strip().split("\n", 1)[0].count)
    try:
        split = list(csv.reader(io.StringIO(text.strip()), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise FileError(Text(f"CSV 有误：{error}", f"broken CSV: {error}")) from error
    lines = [line for line in split if any(map(str.strip, line))]
    names = [name.strip() for name in lines[0]] if lines else []
    problems = [
        Problem(row=str(place), found=_fields(len(line)), expected=_fields(len(names)))
        for place, line in enumerate(lines[1:], 1)
        if len(line) != len(names)
    ]
    if len(lines) < 2 or len(set(names)) < len(names) or not all(names):
        expected = Text("列名与数据行", "column names and rows")
        problems.append(Problem(found=_fields(len(names)), expected=expected))
    if problems:
        raise FileError(Text("表格有误", "the table is not as it should be"), problems=problems)
    cells = [[value.strip() for value in line] for line in lines[1:]]
    return tuple(
        {name: value for name, value in zip(names, line, strict=True) if value} for line in cells
    )


def _fields(count: int) -> Text:
    return Text(f"{count} 列", f"{count} fields")


def _toml_rows(text: str) -> tuple[Row, ...]:
    try:
        found = toml(text)
    except FileError as error:
        words = joined([Text("TOML 有误", "broken TOML"), error.message], "：", ": ")
        raise FileError(words) from error
    listed = found.get("row")
    if found.keys() != {"row"} or not isinstance(listed, list) or not all(map(_is_row, listed)):
        names = joined(found)
        raise FileError(
            Text(
                f"TOML 有误：有 {names.zh}，应为 [[row]] 下的数字与文字",
                f"unexpected TOML: {names.en}; expected [[row]] of numbers and words",
            )
        )
    return tuple(listed)


def _is_row(row: Any) -> bool:
    return isinstance(row, dict) and all(
        isinstance(value, str | int | float) and not isinstance(value, bool)
        for value in row.values()
    )


def number(value: str | float) -> float:
    """Read a figure; NaN where it is none.

    >>> number("5.5"), number("5.5 %"), number(7)
    (5.5, nan, 7.0)
    """
    try:
        figure = float(value)
    except ValueError:
        return math.nan
    return figure if math.isfinite(figure) else math.nan


def unknown(row: Row, known: Collection[str], label: str) -> Iterator[Problem]:
    """Name the columns of a row that are not known, each with the nearest that is."""
    for name in row:
        if name not in known:
            yield Problem(
                row=label,
                field=name,
                found=Text("未知列", "unknown column"),
                remedy=nearest(name, known),
            )


def nearest(word: Any, known: Collection[str]) -> Text:
    """Say which known word was meant, or list them all.

    >>> nearest("max_grad", ["max_grade", "width_m"]).en
    'did you mean max_grade'
    """
    near = difflib.get_close_matches(str(word), known, n=1)
    if not near:
        return alike(" | ".join(sorted(known)))
    return Text(f"是否指 {near[0]}", f"did you mean {near[0]}")
