"""The units that may change places: areas in whole 0.01 m², who may leave and enter, neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, Problem
from geo.landscape import positions
from geo.words import Text, joined

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
COUNT = "count"
AREA = "area_m2"
FLAGS = ("member", "may_leave", "may_enter")
LARGEST_M2 = 1e12
ALIKE = Text('与另一标识写法相同，如 1 与 "1"', 'written like another label, such as 1 and "1"')
ONE_KIND = Text("标识统一为数字或文字", "make labels all numbers or all text")


@dataclass(frozen=True, eq=False)
class Units:
    """Units that are members of a class or not; made by `units`.

    Attributes
    ----------
    labels
        Identity of the n units.
    area
        Whole numbers of 0.01 m², shape (n,).
    member, may_leave, may_enter
        Shape (n,). Members may leave, others may enter; nothing else moves.
    left, right, length_m
        Positions of both ends of the m pairs of neighbours, and the border they share.
    table
        The columns that goals and rules name.
    """

    labels: pd.Index[str]
    area: Whole
    member: Flags
    may_leave: Flags
    may_enter: Flags
    left: Whole
    right: Whole
    length_m: Floats
    table: pd.DataFrame

    @property
    def free(self) -> Whole:
        """Positions of the units that may move."""
        return np.flatnonzero(np.where(self.member, self.may_leave, self.may_enter))


def units(frame: pd.DataFrame, *, neighbours: pd.DataFrame | None = None) -> Units:
    """Take units from a frame.

    Parameters
    ----------
    frame
        Unique labels; columns area_m2 (rounded to 0.01 m², greater than 0), member, may_leave,
        may_enter (true or false) and whatever columns goals and rules name.
    neighbours
        left, right (labels) and length_m, as `geo.landscape.adjacency` gives them; None where
        neither goals nor rules ask for neighbours.

    Raises
    ------
    InputError
        With every problem of the frame: labels have to differ when written, too.

    Examples
    --------
    >>> fields = pd.DataFrame({"area_m2": [2.0, 2.004], "member": [True, False],
    ...     "may_leave": [True, False], "may_enter": [False, True]}, index=["a", "b"])
    >>> units(fields).area.tolist()
    [200, 200]
    """
    problems = _problems(frame)
    if problems:
        raise InputError(Text("地块表有误", "the units are refused"), problems=problems)
    pairs = pd.DataFrame({"left": [], "right": [], "length_m": []})
    pairs = pairs if neighbours is None else neighbours
    length = pairs["length_m"].to_numpy(np.float64)
    if not ((length >= 0) & np.isfinite(length)).all():
        problem = Problem(field="length_m", found="< 0, nan", expected="≥ 0")
        raise InputError(
            Text("共边长度须为非负有限数", "lengths are finite and ≥ 0"), problems=[problem]
        )
    left, right = positions(frame.index, pairs)
    member, leave, enter = (frame[name].to_numpy(np.bool_) for name in FLAGS)
    return Units(
        frame.index,
        np.round(frame[AREA].to_numpy(np.float64) * 100).astype(np.int64),
        member,
        leave,
        enter,
        left,
        right,
        length,
        frame.copy(),
    )


def _problems(frame: pd.DataFrame) -> list[Problem]:
    missing = [name for name in (AREA, *FLAGS) if name not in frame]
    problems = [Problem(field=name, found=Text("缺失", "missing")) for name in missing]
    twice = frame.index[frame.index.duplicated()]
    if len(twice):
        problems.append(Problem(row=str(twice[0]), found=Text("标识重复", "label is not unique")))
    elif len(alike := _alike(frame.index)):
        problems.append(Problem(row=str(alike[0]), found=ALIKE, remedy=ONE_KIND))
    problems += [
        Problem(field=name, found=str(frame[name].dtype), expected="bool")
        for name in FLAGS
        if name in frame and frame[name].dtype != np.bool_
    ]
    if AREA in frame and not problems:
        area = frame[AREA].to_numpy(np.float64)
        wrong = ~((np.round(area * 100) > 0) & (area < LARGEST_M2))
        problems += [
            Problem(row=str(label), field=AREA, found=str(value), expected="> 0")
            for label, value in zip(frame.index[wrong], area[wrong], strict=True)
        ]
    return problems


def _alike(labels: pd.Index) -> pd.Index:
    """Give the labels that another, such as 1 beside "1", equals when written."""
    written = labels.map(str)
    return labels[written.duplicated()]


def amounts(given: Units, column: str) -> Floats:
    """Give the numbers of a column; "count" is 1 for each unit, "area_m2" the rounded area.

    Raises
    ------
    InputError
        If the column is not there, or holds anything but finite numbers.
    """
    if column == COUNT:
        return np.ones(len(given.labels))
    if column == AREA:
        return np.asarray(given.area / 100, np.float64)
    if column not in given.table:
        raise InputError(
            Text(f"没有列 {column}", f"no column {column}"), problems=[Problem(field=column)]
        )
    values: Floats = given.table[column].to_numpy(np.float64)
    wrong = given.labels[~np.isfinite(values)]
    if len(wrong):
        problems = [Problem(row=str(label), field=column, found="nan") for label in wrong[:20]]
        raise InputError(
            Text(f"{column} 须为有限数", f"{column}: finite numbers expected"), problems=problems
        )
    return values


class Scope(NamedTuple):
    """What a rule holds for: a label of a column (none: everything), and the units that have it."""

    label: str
    inside: Flags


def scopes(given: Units, column: str) -> list[Scope]:
    """Give each scope and which units are in it; without a column one scope holds all.

    Raises
    ------
    InputError
        If the column is not there, holds no label for some unit, or labels that differ in kind
        alone.
    """
    if not column:
        return [Scope("", np.ones(len(given.labels), np.bool_))]
    if column not in given.table:
        raise InputError(
            Text(f"没有列 {column}", f"no column {column}"), problems=[Problem(field=column)]
        )
    code, names = pd.factorize(given.table[column], sort=True)
    if (code < 0).any():
        row = str(given.labels[code < 0][0])
        raise InputError(Text("范围缺失", "no scope"), problems=[Problem(row=row, field=column)])
    alike = _alike(pd.Index(names))
    if len(alike):
        told = joined([str(alike[0]), ALIKE], "：", ": ")
        problem = Problem(field=column, found=told, remedy=ONE_KIND)
        raise InputError(Text("范围有误", "scopes are refused"), problems=[problem])
    return [Scope(str(name), code == number) for number, name in enumerate(names)]
