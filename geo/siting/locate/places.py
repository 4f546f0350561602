"""Who is to be served, where from, at what cost, and what limits the choice."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, Problem
from geo.words import Text

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LARGEST = 1e12  # of any figure: sums of products of two stay far from where whole numbers break
DEMANDS = {"weight": 1.0, "amount": 1.0}
SITES = {"price": 1.0, "closing": 0.0, "capacity": math.inf}
STATES = ("must_open", "forbidden")


@dataclass(frozen=True, eq=False)
class Demands:
    """Who is to be served: labels, weight in the objective, amount of capacity used; shape (n,)."""

    labels: pd.Index
    weight: Floats
    amount: Floats


@dataclass(frozen=True, eq=False)
class Sites:
    """Where facilities may be, shape (m,).

    `price` of being open (opening a new one, keeping an existing one), `closing` of not being open
    (0 but for existing ones), `capacity` in the unit of amounts, which must and may be open.
    """

    labels: pd.Index
    price: Floats
    closing: Floats
    capacity: Floats
    must: Flags
    may: Flags


@dataclass(frozen=True, eq=False)
class Places:
    """Demands, sites and the cost of serving each from each, shape (n, m); made by `places`."""

    demands: Demands
    sites: Sites
    cost: Floats


@dataclass(frozen=True)
class Limits:
    """What limits the choice; the same words for every question.

    Attributes
    ----------
    number
        How many sites may be open, those that must be among them; None: any number.
    distance
        The largest cost at which a demand may be served.
    budget
        What prices of open sites and of closing the others may add up to.
    single_source
        Whether each demand is served by one site alone where capacities are limited; else it may
        be split. (Where they are not, everybody is served by the nearest anyway.)
    """

    number: int | None = None
    distance: float = math.inf
    budget: float = math.inf
    single_source: bool = False


def places(
    cost: pd.DataFrame, *, demands: pd.DataFrame | None = None, sites: pd.DataFrame | None = None
) -> Places:
    """Take demands, sites and costs from frames, joined by label whatever their order.

    Parameters
    ----------
    cost
        One row for each demand, one column for each site: what it costs (m, min, yuan) to serve one
        unit of weight, ≥ 0; inf or nan where that may not be.
    demands
        By label, the same as the rows of `cost`: columns weight (1 where it is left out) and amount
        (of capacity; as the weight where it is left out).
    sites
        By label, the same as the columns of `cost`: columns price (1), closing (0), capacity (inf),
        must_open and forbidden (false).

    Raises
    ------
    InputError
        With every problem: labels that are not unique or not the same, figures that are none.

    Examples
    --------
    The rows of frames may stand in any order; labels tell who is who.

    >>> cost = pd.DataFrame({"north": [1.0, 5.0], "south": [4.0, 2.0]}, index=["a", "b"])
    >>> people = pd.DataFrame({"weight": [30, 10]}, index=["b", "a"])
    >>> places(cost, demands=people).demands.weight.tolist()
    [10.0, 30.0]
    """
    people = pd.DataFrame(index=cost.index) if demands is None else demands
    where = pd.DataFrame(index=cost.columns) if sites is None else sites
    problems = [
        *_labels("demands", cost.index, people.index),
        *_labels("sites", cost.columns, where.index),
    ]
    if problems:
        raise InputError(Text("需求点与选址点的标识不符", "labels do not fit"), problems=problems)
    people, where = people.reindex(cost.index), where.reindex(cost.columns)
    weights = _column(people, "weight", DEMANDS["weight"])
    amounts = weights if "amount" not in people else _column(people, "amount", 1.0)
    price, closing, capacity = (_column(where, name, usual) for name, usual in SITES.items())
    must, forbidden = (_flags(where, name) for name in STATES)
    matrix = cost.to_numpy(np.float64, copy=True)
    matrix[np.isnan(matrix)] = np.inf
    problems = [
        *_figures("weight", cost.index, weights),
        *_figures("amount", cost.index, amounts),
        *_figures("price", cost.columns, price),
        *_figures("closing", cost.columns, closing),
        *_figures("capacity", cost.columns, capacity, endless=True),
        *_figures("cost", cost.index, matrix.min(axis=1, initial=np.inf), endless=True),
        *_figures("cost", cost.index, np.where(np.isfinite(matrix), matrix, 0).max(axis=1)),
    ]
    problems += [
        Problem(row=str(label), field="must_open, forbidden", found=Text("两者皆是", "both"))
        for label in cost.columns[must & forbidden]
    ]
    if problems:
        raise InputError(Text("选址数据有误", "the places are refused"), problems=problems)
    return Places(
        Demands(cost.index, weights, amounts),
        Sites(cost.columns, price, closing, capacity, must, ~forbidden),
        matrix,
    )


def _labels(layer: str, wanted: pd.Index, found: pd.Index) -> list[Problem]:
    if not len(wanted):
        return [Problem(layer=layer, found="0", expected="> 0")]
    written = wanted.map(str)
    twice = [*wanted[written.duplicated()], *found[found.duplicated()]]
    if twice:
        words = Text("标识重复", "label is not unique")
        return [Problem(layer=layer, row=str(twice[0]), found=words)]
    lacking, beyond = wanted.difference(found), found.difference(wanted)
    missing = Text("表中没有", "not in the frame")
    unknown = Text("费用矩阵中没有", "not in the matrix of costs")
    return [
        Problem(layer=layer, row=str(labels[0]), found=words)
        for labels, words in ((lacking, missing), (beyond, unknown))
        if len(labels)
    ]


def _column(frame: pd.DataFrame, name: str, usual: float) -> Floats:
    if name not in frame:
        return np.full(len(frame), usual)
    return np.array(frame[name], np.float64)


def _flags(frame: pd.DataFrame, name: str) -> Flags:
    if name not in frame:
        return np.zeros(len(frame), np.bool_)
    return np.array(frame[name], np.bool_)


def _figures(
    field: str, labels: pd.Index, values: Floats, *, endless: bool = False
) -> list[Problem]:
    """Say which figures are below 0, too large or none."""
    right = (values >= 0) & ((values <= LARGEST) | (endless & np.isinf(values)))
    return [
        Problem(row=str(labels[k]), field=field, found=str(values[k]), expected="≥ 0, ≤ 1e12")
        for k in np.flatnonzero(~right)[:5]
    ]


def limit_faults(limits: Limits) -> list[Problem]:
    """Say which limits are no limits.

    >>> [problem.field for problem in limit_faults(Limits(number=0))]
    ['number']
    """
    problems = []
    if limits.number is not None and limits.number < 1:
        problems.append(Problem(field="number", found=str(limits.number), expected="≥ 1"))
    problems += [
        Problem(field=name, found=str(getattr(limits, name)), expected="≥ 0")
        for name in ("distance", "budget")
        if not getattr(limits, name) >= 0
    ]
    return problems
