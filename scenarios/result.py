"""What a scenario finds: layers, tables, metrics and checks, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import geopandas as gpd
import pandas as pd

from geo.raster import Raster
from layers.rulebook import Rule
from layers.source import Quality, Source, Text

Meaning = Literal[
    "outline", "hillshade", "boundary", "water", "path", "place", "category", "amount", "change"
]
Side = Literal["both", "before", "after", "difference"]
Verdict = Literal["pass", "fail", "unknown"]
NO_TEXT = Text("", "")


@dataclass(frozen=True)
class Column:
    """A column of a frame as a reader sees it."""

    name: str
    title: Text
    unit: str = ""
    decimals: int | None = None


@dataclass(frozen=True)
class Category:
    """One code of a column that holds categories."""

    code: str
    title: Text


@dataclass(frozen=True, eq=False)
class Layer:
    """A map layer that says what its value means; colours are decided by whoever draws it.

    Parameters
    ----------
    id
        Unique within the result; letters, digits and underscores.
    data
        A frame (its index is the features' identity) or a raster, in the county's CRS.
    value
        For frames: the column that `meaning` speaks of; empty when the shape says it all.
    unit
        Unit of the value.
    columns
        What a pop-up shows and an export carries; nothing else leaves the frame.
    label
        The column drawn as a label beside each feature, or empty.
    categories
        For `category` and `path`: the codes of `value`, in the order of the legend.
    breaks
        For `amount` and `change`: class limits, ascending; empty means continuous.
    side
        On which side of the before/after swipe it is drawn.
    better
        For `change`: which direction is the better one.
    shown
        Whether it is on when the page opens.
    sources
        Names of the county layers it was made from.
    rules
        Ids of the rules that bind its features.
    """

    id: str
    title: Text
    theme: Text
    meaning: Meaning
    data: gpd.GeoDataFrame | Raster
    value: str = ""
    unit: str = ""
    columns: tuple[Column, ...] = ()
    label: str = ""
    categories: tuple[Category, ...] = ()
    breaks: tuple[float, ...] = ()
    side: Side = "both"
    better: Literal["higher", "lower", ""] = ""
    shown: bool = True
    sources: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Table:
    """A table; `chart` says how its columns may be drawn.

    `curve`: first column x, every further column a line. `bars`: first column the label, second
    the value. `change`: label, before, after.
    """

    id: str
    title: Text
    frame: pd.DataFrame
    columns: tuple[Column, ...]
    chart: Literal["curve", "bars", "change", ""] = ""


@dataclass(frozen=True)
class Metric:
    """One headline figure.

    `before` is the same figure without the scenario's edits, `target` what it should reach,
    `better` the direction in which it improves. `layer` names the layer whose features make it
    up; `features` their labels as text (empty: all of them).
    """

    id: str
    title: Text
    value: float
    unit: str
    before: float | None = None
    target: float | None = None
    better: Literal["higher", "lower", ""] = ""
    decimals: int = 1
    note: Text = NO_TEXT
    layer: str = ""
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One rule's verdict: what was found, what is allowed, which places it binds."""

    id: str
    title: Text
    verdict: Verdict
    found: str
    allowed: str
    rule: str = ""
    layer: str = ""
    features: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Result:
    """All a scenario finds."""

    layers: tuple[Layer, ...] = ()
    tables: tuple[Table, ...] = ()
    metrics: tuple[Metric, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class Run:
    """A result with what led to it: enough to run it again and to defend it."""

    key: str
    scenario: str
    title: Text
    question: Text
    measures: tuple[int, ...]
    params: Mapping[str, Any]
    changed: Mapping[str, Any]
    county: str
    county_name: Text
    crs: str
    data_date: str
    quality: Quality
    sources: tuple[Source, ...]
    rules: tuple[Rule, ...]
    result: Result = field(repr=False)
    subtitle: Text = NO_TEXT
