"""Which rows of a user's file are meant, and which of its columns hold points."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import shapely
from pyproj import CRS

from geo.errors import FileError, Problem
from geo.words import Text
from layers.given import nearest
from layers.intake.features import NUMBER, Features

CONDITION = re.compile(r"\s*(?P<name>[^=!]+?)\s*(?P<sign>!?=)\s*(?P<value>.*?)\s*")


def picked(data: Features | pd.DataFrame, *, only: str, xy: str) -> Features | pd.DataFrame:
    """Keep the rows that are meant, and take points from two columns where they are named.

    Parameters
    ----------
    data
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
        data = _kept(data, only)
    if not xy:
        return data
    table = data.table if isinstance(data, Features) else data
    names = [name.strip() for name in xy.split(",")]
    if len(names) != 2:
        raise FileError(
            Text(
                f"--xy {xy}：应为两列：--xy lon,lat",
                f"--xy {xy}: expected two columns: --xy lon,lat",
            )
        )
    _require(table, names, "--xy")
    if isinstance(data, Features):
        return points(data.table, *names, warnings=data.warnings, crs=data.crs)
    features = points(table, *names, warnings=data.attrs.get("warnings", []))
    features.problems += data.attrs.pop("problems", [])
    return features


def points(
    table: pd.DataFrame, x: str, y: str, *, warnings: list[Text], crs: CRS | None = None
) -> Features:
    """Make a point of two columns of numbers in each row; where both are empty there is none."""
    features = Features([], table, crs, warnings=[*warnings])
    features.warn(Text(f"点取自 {x}、{y} 两列", f"points from {x}, {y}"))
    for row, pair in zip(table.index, zip(table[x], table[y], strict=True), strict=True):
        try:
            shape = shapely.Point(_coordinate(pair[0]), _coordinate(pair[1]))
        except (TypeError, ValueError):
            shape = None
            if any(pair):
                expected = Text("数值", "numbers")
                features.fault(int(row), f"{x}, {y}: {pair!r:.60}", expected=expected)
        features.shapes.append(shape)
    return features


def _coordinate(value: object) -> float:
    """Read a coordinate; `float` takes `1_0` and words such as `inf`, too.

    >>> _coordinate(" 119.5 "), _coordinate(28)
    (119.5, 28.0)
    """
    if isinstance(value, str) and not NUMBER.fullmatch(value.strip()):
        raise ValueError(value)
    return float(value)  # type: ignore[arg-type]  # - others are refused by float itself


def _kept(data: Features | pd.DataFrame, only: str) -> Features | pd.DataFrame:
    """Keep the rows that meet every condition, with what is known of them."""
    table = data.table if isinstance(data, Features) else data
    keep = pd.Series(data=True, index=table.index)
    for text in only.split(";"):
        condition = CONDITION.fullmatch(text)
        if condition is None:
            form = Text("列=文字 | 列!=文字", "column=text | column!=text")
            raise FileError(
                Text(f"--only {only}：条件有误", f"--only {only}: not a condition"),
                problems=[Problem(found=text.strip(), expected=form)],
            )
        _require(table, [condition["name"]], "--only")
        same = table[condition["name"]].map(_word) == condition["value"]
        keep &= same if condition["sign"] == "=" else ~same
    if not keep.any():
        raise FileError(Text(f"--only {only}：没有这样的行", f"--only {only}: no such rows"))
    share = f"{int(keep.sum())} / {len(keep)}"
    warning = Text(f"只取 {only}：{share} 行", f"rows kept: {only}: {share}")
    if not isinstance(data, Features):
        earlier = table.attrs.get("warnings", [])
        table = table[keep]
        table.attrs["warnings"] = [*earlier, warning]
        return table
    rows = set(table.index[keep])
    gone = {str(row) for row in table.index[~keep]}
    return replace(
        data,
        shapes=[shape for shape, kept in zip(data.shapes, keep, strict=True) if kept],
        table=table[keep],
        warnings=[*data.warnings, warning],
        closed=data.closed & rows,
        arcs=data.arcs & rows,
        problems=[problem for problem in data.problems if problem.row not in gone],
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
        Problem(field=name, found=Text("没有该列", "no such column"), remedy=nearest(name, known))
        for name in names
        if name not in known
    ]
    if problems:
        raise FileError(Text(f"{option}：列名有误", f"{option}: wrong columns"), problems=problems)
