"""Alternatives side by side: their figures in one table, and those that no other one betters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from geo.words import Text
from scenarios.answers.figures import Figure
from scenarios.result import Column, Table


def comparison(
    figures: Sequence[Figure],
    alternatives: Mapping[str, Mapping[str, float]],
    *,
    title: Text,
    first: Column,
) -> Table:
    """Give the table that compares alternatives: one row each, one column each figure.

    Parameters
    ----------
    figures
        The columns, in this order.
    alternatives
        The figures of each alternative, by its name; one that is not known is NaN.
    title
        Of the table.
    first
        The column of the alternatives' names.

    Examples
    --------
    >>> length = Figure("length", Text("长度", "Length"), "km")
    >>> road = Column("road", Text("方案", "Alternative"))
    >>> title = Text("对比", "Compared")
    >>> table = comparison([length], {"A": {"length": 2.5}, "B": {}}, title=title, first=road)
    >>> print(table.frame.to_string(index=False))
    road  length
       A     2.5
       B     NaN
    """
    frame = pd.DataFrame({first.name: pd.Series(list(alternatives), dtype=object)})
    for one in figures:
        frame[one.id] = [float(values.get(one.id, np.nan)) for values in alternatives.values()]
    columns = (first, *(one.column() for one in figures))
    return Table("comparison", title, frame, columns, role="comparison")


def undominated(frame: pd.DataFrame, one: Figure, other: Figure) -> pd.Series:
    """Say which alternatives no other one equals or betters in two figures.

    Parameters
    ----------
    frame
        One row an alternative, by unique labels; of rows alike in both figures the first stands.
    one, other
        The figures, each with the direction in which it improves.

    Returns
    -------
    pandas.Series of bool
        By the labels of the frame.

    Examples
    --------
    B costs more than A and saves as much; of C and D, alike, the first stands:

    >>> cost = Figure("cost", Text("造价", "Cost"), better="lower")
    >>> saved = Figure("saved", Text("节省", "Saved"), better="higher")
    >>> roads = pd.DataFrame({"cost": [1, 2, 3, 3], "saved": [4, 4, 9, 9]}, index=[*"ABCD"])
    >>> undominated(roads, cost, saved).to_dict()
    {'A': True, 'B': False, 'C': True, 'D': False}
    """
    losses = pd.DataFrame({k: _loss(frame, by) for k, by in enumerate((one, other))})
    order = losses.sort_values([0, 1], kind="stable")
    best = order[1] < order[1].cummin().shift(fill_value=np.inf)
    return best.reindex(frame.index)


def _loss(frame: pd.DataFrame, by: Figure) -> pd.Series:
    """Give a figure so that less is better."""
    values = frame[by.id].astype(np.float64)
    return -values if by.better == "higher" else values
