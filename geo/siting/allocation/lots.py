"""What is allocated: units with whole areas, the suitability of each for each use, and borders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, Problem
from geo.landscape import positions
from geo.words import Text

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
LARGEST_M2 = 1e12
LARGEST = 1e100  # so that what is multiplied with it stays finite; certificates know no larger one
NO_USE = ""


@dataclass(frozen=True, eq=False)
class Lots:
    """Units that take one use each, or none; made by `lots`.

    Units and uses are sorted by their names, so that the order in which they were given counts for
    nothing.

    Attributes
    ----------
    given
        The labels in the order they were given.
    labels, uses
        Names of the n units and k uses, sorted.
    area
        Whole numbers of 0.01 m², shape (n,).
    allowed
        Whether a unit may take a use, shape (n, k).
    suitability
        What a unit counts for a use, shape (n, k); 0 where it may not take it.
    left, right, length_m
        Positions of both ends of the m pairs of neighbours, sorted, and the border they share.
    """

    given: pd.Index[str]
    labels: pd.Index[str]
    uses: tuple[str, ...]
    area: Whole
    allowed: Flags
    suitability: Floats
    left: Whole
    right: Whole
    length_m: Floats


def lots(
    areas: pd.Series[float], suitability: pd.DataFrame, *, neighbours: pd.DataFrame | None = None
) -> Lots:
    """Take units from their areas and their suitability.

    Parameters
    ----------
    areas
        Area of each unit, m², by label; rounded to 0.01 m², greater than 0.
    suitability
        One row for each unit, by label, one column for each use: what the score gains if the whole
        unit takes the use. nan and −inf say that it may not.
    neighbours
        left, right (labels) and length_m, as `geo.landscape.adjacency` gives them, each pair once;
        None where neither goals nor rules ask for neighbours.

    Raises
    ------
    InputError
        With every problem of the tables.

    Examples
    --------
    >>> fit = pd.DataFrame({"park": [1.0, 2.0], "homes": [3.0, np.nan]}, index=["b", "a"])
    >>> made = lots(pd.Series([2.0, 2.004], index=["b", "a"]), fit)
    >>> made.uses, list(made.labels), made.area.tolist(), made.allowed.tolist()
    (('homes', 'park'), ['a', 'b'], [200, 200], [[False, True], [True, True]])
    """
    problems = [*_units(areas, suitability), *_uses(suitability)]
    if problems:
        raise InputError(Text("地块表有误", "the units are refused"), problems=problems)
    order = np.argsort(areas.index.map(str).to_numpy(str), kind="stable")
    uses = tuple(sorted(map(str, suitability.columns)))
    fit = suitability[list(uses)].to_numpy(np.float64)[order]
    wrong = (fit == np.inf) | (np.isfinite(fit) & (np.abs(fit) > LARGEST))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        label = str(areas.index[order[row]])
        problem = Problem(row=label, field=uses[column], found=str(fit[row, column]))
        raise InputError(Text("适宜性须为有限数", "suitability is finite"), problems=[problem])
    labels = areas.index[order]
    allowed = np.isfinite(fit)
    area = np.round(areas.to_numpy(np.float64)[order] * 100).astype(np.int64)
    pairs = pd.DataFrame({"left": [], "right": [], "length_m": []})
    left, right, length = _borders(labels, pairs if neighbours is None else neighbours)
    return Lots(
        areas.index, labels, uses, area, allowed, np.where(allowed, fit, 0.0), left, right, length
    )


def _units(areas: pd.Series[float], suitability: pd.DataFrame) -> list[Problem]:
    index = areas.index
    if not index.equals(suitability.index):
        other = Text("与适宜性表的标识不一致", "other labels than the table of suitability")
        return [Problem(row=str(next(iter(index), "")), found=other)]
    if not len(index):
        return [Problem(found=Text("没有地块", "no units"))]
    written = index.map(str)
    if written.has_duplicates:
        twice = str(written[written.duplicated()][0])
        return [Problem(row=twice, found=Text("标识重复", "label is not unique"))]
    figures = areas.to_numpy(np.float64)
    wrong = ~((np.round(figures * 100) > 0) & (figures < LARGEST_M2))
    return [
        Problem(row=str(label), field="area_m2", found=str(value), expected="> 0")
        for label, value in zip(index[wrong], figures[wrong], strict=True)
    ]


def _uses(suitability: pd.DataFrame) -> list[Problem]:
    if not len(suitability.columns):
        return [Problem(field="uses", found="0", expected="≥ 1")]
    names = list(suitability.columns)
    if NO_USE in names or len(set(map(str, names))) < len(names):
        return [Problem(field="uses", found=str(names), expected=Text("各不相同", "unique names"))]
    return [
        Problem(field=str(name), found=type(name).__name__, expected="str")
        for name in names
        if not isinstance(name, str)
    ]


def _borders(labels: pd.Index[str], pairs: pd.DataFrame) -> tuple[Whole, Whole, Floats]:
    """Give both ends and the length of each pair, sorted by its ends."""
    left, right = positions(labels, pairs)
    left, right = np.minimum(left, right), np.maximum(left, right)
    length = pairs["length_m"].to_numpy(np.float64)
    order = np.lexsort((right, left))
    left, right, length = left[order], right[order], length[order]
    wrong = ~((length >= 0) & (length <= LARGEST)) | (left == right)
    wrong[1:] |= (left[1:] == left[:-1]) & (right[1:] == right[:-1])
    if wrong.any():
        first = int(np.argmax(wrong))
        pair = f"{labels[left[first]]}, {labels[right[first]]}"
        expected = Text("两个不同地块，出现一次，长度 ≥ 0", "two units, once, of a length ≥ 0")
        problem = Problem(row=pair, field="length_m", found=str(length[first]), expected=expected)
        raise InputError(Text("邻接表有误", "the neighbours are refused"), problems=[problem])
    return left, right, length
