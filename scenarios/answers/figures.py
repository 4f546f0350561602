"""Figures of a question, declared once: metric, column, comparison and chart derive from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from geo.words import Text, unit_words
from scenarios.result import Category, Column, Metric


@dataclass(frozen=True)
class Figure:
    """One figure.

    Parameters
    ----------
    id
        Name of the metric and of the column.
    title, unit, decimals
        How it is told.
    better
        The direction in which it improves.

    Examples
    --------
    >>> cost = Figure("cost", Text("造价", "Cost"), "万元", decimals=0, better="lower")
    >>> cost.metric(1234.5, before=1000).decimals, cost.column().unit
    (0, '万元')
    """

    id: str
    title: Text
    unit: str = ""
    decimals: int = 1
    better: Literal["higher", "lower", ""] = ""

    def metric(self, value: float, **about: Any) -> Metric:
        """Give it as a headline figure; `about` are further fields of `Metric`."""
        said = {"better": self.better, "decimals": self.decimals, **about}
        return Metric(self.id, self.title, float(value), self.unit, **said)

    def column(self) -> Column:
        """Give it as a column of a table or layer."""
        return Column(self.id, self.title, self.unit, self.decimals, better=self.better)


def metrics(
    figures: Sequence[Figure], values: Mapping[str, float], **about: Any
) -> tuple[Metric, ...]:
    """Give the headline figures that are known; one that is NaN has none.

    >>> length = Figure("length", Text("长度", "Length"), "km")
    >>> cost = Figure("cost", Text("造价", "Cost"), "万元")
    >>> [one.id for one in metrics([length, cost], {"length": 2, "cost": np.nan})]
    ['length']
    """
    known = (one for one in figures if np.isfinite(values.get(one.id, np.nan)))
    return tuple(one.metric(values[one.id], **about) for one in known)


def unit_column(units: Iterable[str]) -> Column:
    """Give the column that holds the unit of each row, told as units are.

    Parameters
    ----------
    units
        Those of the rows; `1` is that of a bare number.

    Examples
    --------
    >>> [one.title.zh for one in unit_column(["m3", "m", "1", "m3"]).categories]
    ['立方米', 'm', '—']
    """
    codes = dict.fromkeys(units)
    titles = (unit_words(one.replace("m2", "m²").replace("m3", "m³")) for one in codes)
    bare = Text("—", "—")
    kinds = (
        Category(code, bare if code == "1" else words)
        for code, words in zip(codes, titles, strict=True)
    )
    return Column("unit", Text("单位", "Unit"), categories=tuple(kinds))
