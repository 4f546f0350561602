"""Alternatives side by side: their figures in one table, and those that no other one betters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.words import Text
from scenarios.answers.figures import Figure
from scenarios.result import Category, Check, Column, Part, Table

OWNER = "alternative"
"""The column of a table that says whose each row is."""


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


def stacked(tables: Mapping[str, Sequence[Table]], titles: Mapping[str, Text]) -> Iterator[Table]:
    """Put the like tables of alternatives one below the other, with a column that says whose.

    Parameters
    ----------
    tables
        Of each alternative, by its code, the first one first; those of one id become one table.
    titles
        Of the alternatives, by their codes.

    Examples
    --------
    >>> name = Column("name", Text("名称", "Name"))
    >>> def table(one):
    ...     return Table("t", Text("表", "Table"), pd.DataFrame({"name": [one]}), (name,))
    >>> titles = {"1": Text("甲", "A"), "2": Text("乙", "B")}
    >>> made = next(stacked({"1": [table("a")], "2": [table("b")]}, titles))
    >>> made.frame.to_dict("list")
    {'name': ['a', 'b'], 'alternative': ['1', '2']}
    """
    categories = tuple(Category(code, title) for code, title in titles.items())
    owner = Column(OWNER, Text("方案", "Alternative"), categories=categories)
    like: dict[str, dict[str, Table]] = {}
    for code, some in tables.items():
        for one in some:
            like.setdefault(one.id, {})[code] = one
    for each in like.values():
        first = next(iter(each.values()))
        frame = pd.concat([one.frame.assign(**{OWNER: code}) for code, one in each.items()])
        columns = (owner, *first.columns)
        yield replace(first, frame=frame.reset_index(drop=True), columns=columns)


def told_of_each(checks: Mapping[str, Sequence[Check]]) -> Iterator[Check]:
    """Give the checks of the first alternative, with what each finds of the others.

    Parameters
    ----------
    checks
        Of each alternative, by its code, the first one first. One that finds the same of all, or
        that another alternative lacks, stands as it is.
    """
    by_id = {code: {one.id: one for one in some} for code, some in checks.items()}
    for check in next(iter(checks.values())):
        own = {code: known[check.id] for code, known in by_id.items() if check.id in known}
        said = [(one.verdict, one.found, one.layer, one.features) for one in own.values()]
        if len(own) < len(by_id) or all(one == said[0] for one in said):
            yield check
            continue
        parts = (
            Part(code, c.verdict, c.found, (), c.layer, c.features, c.remedy)
            for code, c in own.items()
        )
        yield replace(check, parts=tuple(parts))


def _loss(frame: pd.DataFrame, by: Figure) -> pd.Series:
    """Give a figure so that less is better."""
    values = frame[by.id].astype(np.float64)
    return -values if by.better == "higher" else values
