"""Workbooks (.xlsx): one sheet as a table of text; codes stay codes, numbers are told."""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd

from geo.errors import FileError, LimitError
from geo.words import Text, joined
from layers.intake.csv import table_of
from layers.intake.markup import plain_name, root_of

MOST_BYTES = 300_000_000  # of one part of a workbook, unpacked
MOST_CELLS = 20_000_000  # a cell far out would stand for as many empty ones before it
EXACT = 1e15  # Excel keeps fifteen digits; longer codes end in noughts
DATES = {*range(14, 23), *range(45, 48)}
EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001 - days alone
CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@dataclass
class _Book:
    """What the cells of a workbook refer to, and what was found on the way."""

    strings: list[str]
    dated: list[bool]
    epoch: datetime
    numbers: set[int] = field(default_factory=set)
    long: set[int] = field(default_factory=set)
    empty_formulas: int = 0
    errors: int = 0


def read_xlsx(path: Path, *, part: str = "") -> pd.DataFrame:
    """Read one sheet of a workbook: names in its first row that has cells, then rows.

    Parameters
    ----------
    path
        The workbook.
    part
        Which sheet; nothing for the only one that has cells.

    Returns
    -------
    DataFrame
        Text, rows numbered from 1; whole numbers without a point, days as 2024-05-01. Its `attrs`:
        `warnings`; `numbers`, columns that have numbers; `long`, those with numbers of more than 15
        digits, of which Excel has lost some.

    Raises
    ------
    FileError
        If it is damaged, has no such sheet, or several and none is named, or no row of names.
    LimitError
        If it is too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = {one.filename: one for one in archive.infolist()}
            sheets = _sheets(archive, members)
            book = _book(archive, members)
            filled = {
                name: root
                for name, target in sheets.items()
                if not part or part == name
                if _has_cells(root := _xml(archive, members, target))
            }
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        if isinstance(error, LimitError):
            raise
        raise _refused(path, Text(f"损坏：{error}", f"damaged: {error}")) from error
    if len(filled) != 1:
        raise _which(path, part, list(filled) or list(sheets))
    ((name, root),) = filled.items()
    lines = _lines(root, book)
    table = table_of(lines)
    table.attrs["numbers"] = {str(table.columns[n]) for n in book.numbers if n < table.shape[1]}
    table.attrs["long"] = {str(table.columns[n]) for n in book.long if n < table.shape[1]}
    table.attrs["warnings"] = list(_warnings(name, root, book))
    return table


def _refused(path: Path, why: Text) -> FileError:
    return FileError(
        Text(
            f"{path}：Office 文件：{why.zh}；处理：另存为 CSV（UTF-8）",
            f"{path}: an Office file: {why.en}; remedy: save it as CSV (UTF-8)",
        )
    )


def _which(path: Path, part: str, names: list[str]) -> FileError:
    listed = joined(names or ["—"])
    if part:
        return _refused(
            path, Text(f"没有工作表 {part}：{listed.zh}", f"no sheet {part}: {listed.en}")
        )
    if not names:
        return _refused(path, Text("没有工作表", "no sheet"))
    return _refused(
        path,
        Text(
            f"须指明一个有内容的工作表：{listed.zh}", f"name one sheet that has cells: {listed.en}"
        ),
    )


def _xml(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], name: str) -> ET.Element:
    """Read a part; one that is not there is as one without anything in it."""
    if name not in members:
        return ET.Element("none")
    with archive.open(members[name]) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise LimitError(Text(f"{name}：解压后过大", f"{name}: unpacks to too much"))
    return root_of(content)


def _sheets(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> dict[str, str]:
    """Give sheets by name, with the part that each stands in."""
    links = {
        one.get("Id", ""): one.get("Target", "")
        for one in _xml(archive, members, "xl/_rels/workbook.xml.rels")
    }
    sheets = {}
    for one in _xml(archive, members, "xl/workbook.xml").iter():
        if plain_name(one) == "sheet":
            link = next((v for k, v in one.attrib.items() if k.endswith("}id")), "")
            target = links.get(link, "")
            place = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            sheets[one.get("name", "")] = place
    return sheets


def _book(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> _Book:
    strings = [_words(one) for one in _xml(archive, members, "xl/sharedStrings.xml")]
    old = any(
        plain_name(one) == "workbookPr" and one.get("date1904") in {"1", "true"}
        for one in _xml(archive, members, "xl/workbook.xml").iter()
    )
    styles = _xml(archive, members, "xl/styles.xml")
    forms = {
        int(one.get("numFmtId", "0")): one.get("formatCode", "")
        for one in styles.iter()
        if plain_name(one) == "numFmt"
    }
    kinds = [
        int(one.get("numFmtId", "0"))
        for group in styles
        if plain_name(group) == "cellXfs"
        for one in group
    ]
    return _Book(
        strings, [kind in DATES or _dates(forms.get(kind, "")) for kind in kinds], EPOCHS[old]
    )


def _dates(form: str) -> bool:
    """Say whether a format of numbers shows days.

    >>> _dates("yyyy/m/d"), _dates('0.00"day"'), _dates("[Red]0")
    (True, False, False)
    """
    return bool(re.search(r"[yd]", re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", form.lower())))


def _words(element: ET.Element) -> str:
    """Give the text of a string, without the reading aids of East Asian ones."""
    runs = [one for one in element if plain_name(one) in {"t", "r"}]
    texts = (t for one in runs for t in (one.iter() if plain_name(one) == "r" else [one]))
    return "".join(one.text or "" for one in texts if plain_name(one) == "t")


def _has_cells(root: ET.Element) -> bool:
    return any(plain_name(one) in {"v", "is"} for one in root.iter())


def _lines(root: ET.Element, book: _Book) -> list[list[str]]:
    """Give rows of cells, all as wide as the widest; rows without any cell are left out."""
    rows = [dict(_cells(one, book)) for one in root.iter() if plain_name(one) == "row"]
    rows = [row for row in rows if any(value.strip() for value in row.values())]
    width = max((max(row) + 1 for row in rows), default=0)
    if width * len(rows) > MOST_CELLS:
        raise LimitError(
            Text(f"单元格过多：{len(rows)} × {width}", f"too many cells: {len(rows)} × {width}")
        )
    return [[row.get(place, "") for place in range(width)] for row in rows]


def _cells(row: ET.Element, book: _Book) -> Iterator[tuple[int, str]]:
    """Give the cells of a row by the place of their column, from 0."""
    place = -1
    for one in row:
        if plain_name(one) != "c":
            continue
        named = CELL.fullmatch(one.get("r", ""))
        place = _column(named[1]) if named else place + 1
        value = _value(one, place, book)
        if value:
            yield place, value


def _column(letters: str) -> int:
    """Give the place of a column from its letters.

    >>> _column("A"), _column("Z"), _column("AA")
    (0, 25, 26)
    """
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1


def _value(cell: ET.Element, place: int, book: _Book) -> str:
    """Give a cell as text."""
    inside = {plain_name(one): one for one in cell}
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _words(inside["is"]) if "is" in inside else ""
    text = (inside["v"].text or "") if "v" in inside else ""
    if not text:
        book.empty_formulas += "f" in inside
        return ""
    if kind == "s":
        number = int(text) if text.isascii() and text.isdecimal() else len(book.strings)
        if number >= len(book.strings):
            raise FileError(Text(f"损坏：字符串 {text}", f"damaged: string {text}"))
        return book.strings[number]
    if kind == "e":
        book.errors += 1
        return ""
    if kind == "b":
        return "TRUE" if text == "1" else "FALSE"
    return _number(text, cell, place, book) if kind == "n" else text


def _number(text: str, cell: ET.Element, place: int, book: _Book) -> str:
    """Write a number: a day where it is shown as one, whole numbers without a point."""
    try:
        figure = float(text)
    except ValueError as error:
        raise FileError(Text(f"损坏：数 {text}", f"damaged: number {text}")) from error
    style = int(cell.get("s", "0"))
    if style < len(book.dated) and book.dated[style] and 0 <= figure < 3_000_000:
        moment = book.epoch + timedelta(days=round(figure * 86_400) / 86_400)
        return moment.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    book.numbers.add(place)
    if math.isfinite(figure) and figure.is_integer():
        if abs(figure) >= EXACT:
            book.long.add(place)
        return str(int(figure))
    return text


def _warnings(name: str, root: ET.Element, book: _Book) -> Iterator[Text]:
    yield Text(f"取自工作表 {name}", f"from sheet {name}")
    merged = sum(plain_name(one) == "mergeCell" for one in root.iter())
    if merged:
        yield Text(
            f"{merged} 处合并单元格：只有左上角一格有值",
            f"{merged} merged cells: only the first cell of each has a value",
        )
    if book.errors:
        yield Text(
            f"{book.errors} 个单元格是错误值，按空读取",
            f"{book.errors} cells with errors are read as empty",
        )
    if book.empty_formulas:
        yield Text(
            f"{book.empty_formulas} 个公式没有保存结果，按空读取",
            f"{book.empty_formulas} formulas without a saved result are read as empty",
        )
