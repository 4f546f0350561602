"""Accounts of land that add up: what stood, left, came and stands, in whole hundredths of a m²."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.words import UNKNOWN, Text, alike
from scenarios.result import Category, Column, Table

TOTAL = "total"
NOWHERE = "unknown"
ENDS: dict[str, Text] = {TOTAL: Text("合计", "Total"), NOWHERE: UNKNOWN}
SHOWN = (
    Column("before_m2", Text("调整前", "Before"), "m²", 2),
    Column("leaves_m2", Text("减少", "Leaves"), "m²", 2),
    Column("enters_m2", Text("增加", "Enters"), "m²", 2),
    Column("after_m2", Text("调整后", "After"), "m²", 2),
    Column("change_m2", Text("净变化", "Change"), "m²", 2),
)


def account(
    before: pd.DataFrame, after: pd.DataFrame, by: str, *, of: Sequence[str] = ()
) -> pd.DataFrame:
    """Give what stood, what left, what came and what stands, by a column, with the total last.

    Parameters
    ----------
    before, after
        The same pieces in the same order: hundredths, land_class and the column.
    by
        land_class, township or village.
    of
        Classes whose area is counted where `by` is a place.

    Returns
    -------
    DataFrame
        By label, the total last: before, leaves, enters, after; whole 0.01 m², and
        before - leaves + enters = after in every row.

    Examples
    --------
    >>> pieces = pd.DataFrame({"hundredths": [5, 7], "land_class": ["cropland", "forest"]})
    >>> swapped = pieces.assign(land_class=["forest", "cropland"])
    >>> account(pieces, swapped, "land_class").to_numpy().tolist()
    [[5, 5, 7, 7], [7, 7, 5, 5], [12, 12, 12, 12]]
    """
    area = before["hundredths"].to_numpy(dtype=np.int64)
    changed = (before["land_class"] != after["land_class"]).to_numpy()
    parts = {}
    for name, frame, chosen in (
        ("before", before, np.ones(len(before), dtype=bool)),
        ("leaves", before, changed),
        ("enters", after, changed),
        ("after", after, np.ones(len(before), dtype=bool)),
    ):
        inside = chosen & (frame["land_class"].isin(of).to_numpy() if of else True)
        keys = frame[by].to_numpy()[inside]
        parts[name] = pd.Series(area[inside]).groupby(keys).sum()
    found = pd.DataFrame(parts).fillna(0).astype(np.int64).sort_index()
    known = pd.Index(sorted({*before[by], *after[by]}))
    found = found.reindex(known, fill_value=0)
    total = pd.DataFrame([found.sum()], index=[TOTAL], dtype=np.int64)
    return pd.concat([found, total])


def table(found: pd.DataFrame, by: Column, *, id: str, title: Text) -> Table:  # noqa: A002 - a table's
    """Give an account as a table in m², with the net change.

    Parameters
    ----------
    found
        As `account` gives it.
    by
        The column of the labels; its categories name those that are codes, and the total.
    id, title
        Of the table.
    """
    labels = [str(label) or NOWHERE for label in found.index]
    frame = pd.DataFrame({by.name: pd.Series(labels, dtype=object)})
    for column in found:
        frame[f"{column}_m2"] = found[column].to_numpy() / 100
    frame["change_m2"] = (found["enters"] - found["leaves"]).to_numpy() / 100
    known = {one.code: one.title for one in by.categories} | ENDS
    here = tuple(Category(label, known.get(label, alike(label))) for label in labels)
    return Table(id, title, frame, (replace(by, categories=here), *SHOWN))
