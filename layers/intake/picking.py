"""Which rows of a user's file are meant, and which of its columns hold points."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import shapely
from pyproj import CRS

from geo.errors import FileError, Problem
from layers.given import nearest
from layers.intake.features import Features

CONDITION = re.compile(r"\s*(?P<name>[^=!]+?)\s*(?P<sign>!?=)\s*(?P<value>.*?)\s*")


def picked(found: Features | pd.DataFrame, *, only: str, xy: str) -> Features | pd.DataFrame:
    """Keep the rows that are meant, and take points from two columns where they are named.

    Parameters
    ----------
    found
        What a reader found.
    only
        Conditions `column=text` or `column!=text` with semicolons between them, all of which rows
        must meet; empty keeps every row.
    xy
        Two columns, `lon,lat` or x and y in the file's CRS; empty keeps the shapes.

    Raises
    ------
    FileError
        If a column is not there, a condition is none, or no row is left.

    Examples
    --------
    >>> table = pd.DataFrame({"kind": ["town", "village"], "e": ["119.6", ""], "n": ["28", ""]})
    >>> picked(table, only="kind=town", xy="e,n").shapes
    [<POINT (119.6 28)>]
    """
    if only:
        found = _kept(found, only)
    if not xy:
        return found
    table = found.table if isinstance(found, Features) else found
    names = [name.strip() for name in xy.split(",")]
    if len(names) != 2:
        raise FileError(f"--xy {xy}: 应为两列 expected two columns: --xy lon,lat")
    _require(table, names, "--xy")
    if isinstance(found, Features):
        return points(found.table, *names, warnings=found.warnings, crs=found.crs)
    return points(table, *names, warnings=found.attrs.get("warnings", []))


def points(
    table: pd.DataFrame, x: str, y: str, *, warnings: list[str], crs: CRS | None = None
) -> Features:
    """Make a point of two columns of numbers in each row; where both are empty there is none."""
    features = Features([], table, crs, warnings=[*warnings])
    features.warn(f"点取自 points from {x}, {y}")
    for row, pair in zip(table.index, zip(table[x], table[y], strict=True), strict=True):
        try:
            shape = shapely.Point(float(pair[0]), float(pair[1]))
        except (TypeError, ValueError):
            shape = None
            if any(pair):
                features.fault(int(row), f"{x}, {y}: {pair!r:.60}", expected="数值 numbers")
        features.shapes.append(shape)
    return features


def _kept(found: Features | pd.DataFrame, only: str) -> Features | pd.DataFrame:
    """Keep the rows that meet every condition, with what is known of them."""
    table = found.table if isinstance(found, Features) else found
    keep = pd.Series(data=True, index=table.index)
    for text in only.split(";"):
        told = CONDITION.fullmatch(text)
        if told is None:
            problem = Problem(found=text.strip(), expected="column=text | column!=text")
            raise FileError(f"--only {only}: 条件有误 not a condition", problems=[problem])
        _require(table, [told["name"]], "--only")
        same = table[told["name"]].map(_word) == told["value"]
        keep &= same if told["sign"] == "=" else ~same
    if not keep.any():
        raise FileError(f"--only {only}: 没有这样的行 no such rows")
    words = f"只取 rows kept: {only}: {int(keep.sum())} / {len(keep)}"
    if not isinstance(found, Features):
        told_before = table.attrs.get("warnings", [])
        table = table[keep]
        table.attrs["warnings"] = [*told_before, words]
        return table
    rows = set(table.index[keep])
    gone = {str(row) for row in table.index[~keep]}
    return replace(
        found,
        shapes=[shape for shape, kept in zip(found.shapes, keep, strict=True) if kept],
        table=table[keep],
        warnings=[*found.warnings, words],
        notes={row: note for row, note in found.notes.items() if row in rows},
        problems=[problem for problem in found.problems if problem.row not in gone],
    )


def _word(value: object) -> str:
    """Write a cell as the user would: nothing as nothing, whole numbers without a point.

    >>> _word(None), _word(3.0), _word(" town ")
    ('', '3', 'town')
    """
    if value is None or value != value:  # noqa: PLR0124 - NaN is what does not equal itself
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _require(table: pd.DataFrame, names: list[str], option: str) -> None:
    known = [str(name) for name in table.columns]
    problems = [
        Problem(field=name, found="没有该列 no such column", remedy=nearest(name, known))
        for name in names
        if name not in known
    ]
    if problems:
        raise FileError(f"{option}: 列名有误 wrong columns", problems=problems)
