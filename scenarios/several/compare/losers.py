"""Who loses: places that are worse off than today, or than in the first run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.words import Text
from scenarios.result import Category, Column, Layer, Run
from scenarios.several.compare.figures import CLOSE
from scenarios.several.frames import frame, framed
from scenarios.several.labels import categories

TODAY = Text("现状", "today")
BEFORE, AFTER = "_before", "_after"
"""Endings of two columns that say the same before a plan and after it."""


def losers(runs: Mapping[str, Run]) -> gpd.GeoDataFrame:
    """Name the places of every run that are worse off by a column that says which way is better.

    Parameters
    ----------
    runs
        Runs by letter, of one county; all but the first are held against the first, and each
        against its own state of today where it knows it.

    Returns
    -------
    GeoDataFrame
        layer, place (its label), name, run, than (`today` or the letter of the first run), what and
        what_en (the column's title), value, other (the value it is held against), loss (above 0),
        unit, geometry; one row each place, column and comparison. Only places that are known on
        both sides are held against each other.
    """
    first_name = next(iter(runs))
    rows: list[pd.DataFrame] = []
    for name, run in runs.items():
        for layer in _told(run):
            rows += list(_than_today(name, layer))
            other = _same(runs[first_name], layer)
            if name != first_name and other is not None:
                rows += list(_than_first(name, layer, first_name, other))
    columns = ["layer", "place", "name", "run", "than", "what", "what_en"]
    columns += ["value", "other", "loss", "unit", "geometry"]
    whole = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    crs = next(iter(runs.values())).crs
    return gpd.GeoDataFrame(whole[columns], geometry="geometry", crs=crs).rename_axis("row")


def _told(run: Run) -> Iterator[Layer]:
    """Give the layers of frames that have a column with a better way."""
    yield from (layer for layer in framed(run) if any(one.better for one in layer.columns))


def _same(run: Run, layer: Layer) -> Layer | None:
    return next((one for one in _told(run) if one.id == layer.id), None)


def _than_today(run: str, layer: Layer) -> Iterator[pd.DataFrame]:
    names = {column.name for column in layer.columns}
    for column in layer.columns:
        today = column.name.removesuffix(AFTER) + BEFORE
        if column.better and column.name.endswith(AFTER) and today in names:
            yield _worse(layer, column, frame(layer)[today], run=run, than="today")


def _than_first(run: str, layer: Layer, first: str, other: Layer) -> Iterator[pd.DataFrame]:
    for column in layer.columns:
        if column.better and not column.name.endswith(BEFORE) and column.name in frame(other):
            against = frame(other)[column.name].reindex(frame(layer).index)
            yield _worse(layer, column, against, run=run, than=first)


def _worse(
    layer: Layer, column: Column, against: pd.Series, *, run: str, than: str
) -> pd.DataFrame:
    """Give the places that are worse off in a column."""
    places = frame(layer)
    value = pd.to_numeric(places[column.name], errors="coerce")
    other = pd.to_numeric(against, errors="coerce")
    loss = (value - other) * (1.0 if column.better == "lower" else -1.0)
    worse = (loss > CLOSE * np.maximum(value.abs(), other.abs())).to_numpy()
    named = places["name"] if "name" in places else pd.Series(None, places.index, dtype=object)
    return pd.DataFrame(
        {
            "layer": layer.id,
            "place": places.index.astype(str),
            "name": named.to_numpy(dtype=object),
            "run": run,
            "than": than,
            "what": column.title.zh,
            "what_en": column.title.en,
            "value": value.to_numpy(float),
            "other": other.to_numpy(float),
            "loss": loss.to_numpy(float),
            "unit": column.unit,
            "geometry": np.array(places.geometry.array),
        }
    )[worse]


def columns(runs: Mapping[str, Run]) -> tuple[Column, ...]:
    """Give the columns of the losers as a reader sees them."""
    letters = categories(runs)
    return (
        Column("layer", Text("图层", "Layer")),
        Column("place", Text("编号", "Id")),
        Column("name", Text("名称", "Name")),
        Column("run", Text("情景", "Run"), categories=letters),
        Column("than", Text("相比", "Than"), categories=(*letters, Category("today", TODAY))),
        Column("what", Text("指标", "Figure")),
        Column("what_en", Text("指标英文", "Figure in English")),
        Column("value", Text("数值", "Value"), decimals=2),
        Column("other", Text("对照值", "Held against"), decimals=2),
        Column("loss", Text("变差", "Loss"), decimals=2),
        Column("unit", Text("单位", "Unit")),
    )
