"""Attributes of a table brought to a file's rows by a code; rows without a partner are named.

1. Codes are text on both sides, whole numbers written without a point.
2. Where one side has lost its leading noughts (all its codes are digits, all of the other's of one
   length), they are given back if the code is then known there.
3. A code stands once in the table; rows of the file may share one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import geopandas as gpd
import pandas as pd

from geo.errors import FileError, Problem, UsageError
from geo.words import Text, joined
from layers.fields import MOST_ROWS
from layers.given import nearest
from layers.identify import kind, plain_file
from layers.intake.csv import read_csv
from layers.intake.features import Features
from layers.intake.fieldmap import as_text, beginning, cut
from layers.intake.xlsx import read_xlsx

T = TypeVar("T", bound=pd.DataFrame)
SHEET = "#"
SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d+")
SAY_WHICH = "--join names.csv --on code | --on XZQDM=code"


@dataclass(frozen=True, eq=False)
class Joined(Generic[T]):
    """A file's rows with the columns of a table, what was done, and what forbids it."""

    frame: T
    steps: tuple[Text, ...]
    warnings: tuple[Text, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, eq=False)
class _Sides:
    """The codes of both sides, by row."""

    file: pd.Series
    table: pd.Series


def with_table(frame: T, table: str, on: str, fields: Mapping[str, str]) -> Joined[T]:
    """Bring the columns of a table to the rows of a file.

    Parameters
    ----------
    frame
        The file's rows.
    table
        A CSV or a workbook: `names.csv`, `names.xlsx`, or `names.xlsx#sheet`.
    on
        The column with the codes, `code`, or one of each side, `XZQDM=code`. A field that `fields`
        takes from a column of the file stands for that.
    fields
        Target field to source, as they are mapped afterwards.

    Raises
    ------
    UsageError
        If only one of table and column is given.
    FileError
        If the table cannot be read, or a column is not there.
    """
    if not (table and on):
        raise UsageError(
            Text(f"须同时给出表与列：{SAY_WHICH}", f"both the table and its column: {SAY_WHICH}")
        )
    ours, _, theirs = on.partition("=")
    path, others = _table(table)
    theirs = theirs or ours
    source = _source(frame, ours, fields)
    if theirs not in others:
        raise _no_column(path.name, theirs, others)
    sides = _Sides(
        beginning(frame, source).astype(object).map(as_text), others[theirs].map(as_text)
    )
    problems = list(_faults(path, others, theirs, sides.table))
    names = [str(name) for name in others if name != theirs]
    problems += _clashes(path, frame, names)
    if problems:
        return Joined(frame, (), (), tuple(problems))
    warnings: list[Text] = list(others.attrs.get("warnings", []))
    if theirs in others.attrs.get("numbers", ()):
        warnings.append(
            Text(
                f"{path.name} 的 {theirs} 是数值，按文字作代码读取",
                f"{theirs} of {path.name} holds numbers, which are read as codes",
            )
        )
    sides = _padded(sides, path.name, warnings)
    return _brought(frame, others[names], sides, path, (on, warnings))


def _table(table: str) -> tuple[Path, pd.DataFrame]:
    """Read a table as text."""
    name, mark, sheet = table.rpartition(SHEET)
    path = plain_file(Path(name) if mark and not Path(table).exists() else Path(table))
    what = kind(path)
    if what == "xlsx":
        return path, read_xlsx(path, part=sheet if mark else "")
    if what != "csv":
        raise FileError(
            Text(f"{path}：应为 CSV 或 XLSX 表", f"{path}: expected a table, CSV or XLSX")
        )
    read = read_csv(path.read_bytes())
    if isinstance(read, Features):
        read.table.attrs["warnings"] = read.warnings
        read = read.table
    if problems := read.attrs.get("problems"):
        raise FileError(
            Text(f"{path}：表格有误", f"{path}: not as it should be"), problems=problems
        )
    return path, read


def _source(frame: pd.DataFrame, ours: str, fields: Mapping[str, str]) -> str:
    """Give what the codes of a file are taken from."""
    columns = [str(name) for name in frame.columns]
    if cut(ours, columns):
        return ours
    if cut(fields.get(ours, ""), columns):
        return fields[ours]
    raise _no_column(Text("文件", "the file"), ours, frame)


def _no_column(where: Text | str, name: str, frame: pd.DataFrame) -> FileError:
    columns = [str(one) for one in frame.columns if one != "geometry"]
    place = joined([where])
    return FileError(
        Text(
            f"--on：{place.zh} 没有列 {name!r}；处理：{SAY_WHICH}",
            f"--on: no column {name!r} in {place.en}; remedy: {SAY_WHICH}",
        ),
        problems=[Problem(field=name, remedy=nearest(name, columns), expected=joined(columns))],
    )


def _faults(path: Path, table: pd.DataFrame, key: str, codes: pd.Series) -> Iterator[Problem]:
    """Name codes of the table that stand twice, and those that a spreadsheet has spoiled."""
    known = codes.dropna()
    for code, rows in known[known.duplicated(keep=False)].groupby(known, sort=True):
        listed = _some(map(str, rows.index))
        yield Problem(
            file=path.name,
            row=listed,
            field=key,
            found=str(code),
            expected=Text("每行唯一", "unique"),
        )
    spoiled = known[known.map(lambda code: bool(SCIENTIFIC.fullmatch(str(code))))]
    if key in table.attrs.get("long", ()):
        spoiled = known[known.map(lambda code: str(code).isdecimal() and len(str(code)) > 15)]
    if len(spoiled):
        yield Problem(
            file=path.name,
            row=_some(map(str, spoiled.index)),
            field=key,
            found=Text(
                f"代码被电子表格改成数：{spoiled.iloc[0]}",
                f"a code the spreadsheet made a number: {spoiled.iloc[0]}",
            ),
            remedy=Text("将该列设为文本后重新填写", "make the column text and fill it in again"),
        )


def _clashes(path: Path, frame: pd.DataFrame, names: Iterable[str]) -> Iterator[Problem]:
    """Name columns that both sides have."""
    for name in names:
        if name in frame.columns:
            yield Problem(
                file=path.name,
                field=name,
                found=Text("文件中也有此列", "the file has it, too"),
                remedy=Text("改名，再用 --field 选用", "rename it, and choose by --field"),
            )


def _padded(sides: _Sides, name: str, warnings: list[Text]) -> _Sides:
    """Give leading noughts back to codes that have lost them."""  # RULE 2
    file, table = _filled(sides.file, sides.table), _filled(sides.table, sides.file)
    for where, before, after in (
        (Text("文件", "the file"), sides.file, file),
        (Text(name, name), sides.table, table),
    ):
        count = int((before.notna() & (before != after)).sum())
        if count:
            warnings.append(
                Text(
                    f"{where.zh} 有 {count} 个代码缺前导零，已补",
                    f"{count} codes of {where.en} had lost leading noughts, which are given back",
                )
            )
    return _Sides(file, table)


def _filled(codes: pd.Series, others: pd.Series) -> pd.Series:
    known = {str(code) for code in others.dropna()}
    widths = {len(code) for code in known}
    digits = all(code.isdecimal() for code in known)
    mine = {str(code) for code in codes.dropna()}
    if len(widths) != 1 or not digits or not all(code.isdecimal() for code in mine):
        return codes
    (width,) = widths
    back = {code: code.zfill(width) for code in mine if code.zfill(width) in known}
    return codes.map(lambda code: back.get(code, code))


def _brought(
    frame: T, columns: pd.DataFrame, sides: _Sides, path: Path, told: tuple[str, list[Text]]
) -> Joined[T]:
    """Put the columns beside the rows, and name what has no partner on either side."""
    on, warnings = told
    keyed = columns[sides.table.notna()].set_axis(sides.table.dropna(), axis=0)
    partnered = sides.file.isin(keyed.index) & sides.file.notna()
    if not partnered.any():
        here, there = (
            _some(map(str, side.dropna().unique()), 3) for side in (sides.file, sides.table)
        )
        found = Text(
            f"没有相同的代码：{here.zh} / {there.zh}", f"no code in common: {here.en} / {there.en}"
        )
        problem = Problem(file=path.name, field=on, found=found, remedy=SAY_WHICH)
        return Joined(frame, (), (), (problem,))
    added = keyed.reindex(sides.file).set_axis(frame.index, axis=0)
    whole = frame.copy()
    shapes = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else ""
    for place, name in enumerate(added.columns, len(frame.columns) - bool(shapes)):
        values = [None if pd.isna(value) else value for value in added[name]]
        whole.insert(place, str(name), pd.Series(values, index=frame.index, dtype=object))
    listed = joined(map(str, columns.columns))
    step = Text(
        f"按 {on} 连接 {path.name}：{int(partnered.sum())} / {len(frame)} 行；列 {listed.zh}",
        f"joined {path.name} on {on}: {int(partnered.sum())} of {len(frame)} rows; "
        f"columns {listed.en}",
    )
    alone = sides.file[~partnered].map(str, na_action="ignore").fillna("—")
    left = sides.table[~sides.table.isin(sides.file)].map(str, na_action="ignore").fillna("—")
    warnings += _without(Text("文件", "the file"), alone)
    warnings += _without(Text(path.name, path.name), left)
    return Joined(whole, (step,), tuple(warnings), ())


def _without(where: Text, codes: pd.Series) -> Iterator[Text]:
    """Name the rows of a side that have no partner."""
    if len(codes):
        listed = _some(f"{code} (#{row})" for row, code in codes.items())
        yield Text(
            f"{where.zh} 有 {len(codes)} 行没有对应：{listed.zh}",
            f"{len(codes)} rows of {where.en} have no partner: {listed.en}",
        )


def _some(words: Iterable[str], most: int = MOST_ROWS) -> Text:
    """Give the first of some words, and how many more there are."""
    every = list(words)
    listed = joined(every[:most])
    more = len(every) - most
    if more <= 0:
        return listed
    return Text(f"{listed.zh} 等，另有 {more} 个", f"{listed.en} and {more} more")
