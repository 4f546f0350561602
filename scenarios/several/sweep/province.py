"""The counties of a sweep over several of them: their outlines with the figures of their cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import reproject
from geo.words import Text
from layers.county import County
from scenarios.result import Column, Layer
from scenarios.several.sweep.outcomes import Swept, value

THEME = Text("各县（各案例的中位数）", "Counties (median of the cases)")
NAME = (
    Column("name", Text("县", "County")),
    Column("name_en", Text("县英文名", "County in English")),
    Column("cases", Text("案例数", "Cases"), decimals=0),
)


def province(sweep: Swept) -> Iterator[Layer]:
    """Give the counties as one layer in the CRS of the first run; nothing for a single county.

    Each has the median of every figure over its cases; the first figure is what it is drawn by. A
    county without an outline is left out.
    """
    cases = _by_county(sweep)
    counties = [county for county, _ in cases.values() if "outline" in county]
    metrics = list(sweep.metrics.values())
    if len(cases) < 2 or not counties or not metrics:
        return
    rows = [_row(county, cases[county.id][1], sweep) for county in counties]
    frame = gpd.GeoDataFrame(
        rows,
        geometry=[_outline(county, sweep.runs[0].crs) for county in counties],
        index=pd.Index([county.id for county in counties], name="county"),
        crs=sweep.runs[0].crs,
    )
    first = metrics[0]
    figures = (
        Column(f"figure_{one.id}", one.title, one.unit, decimals=one.decimals) for one in metrics
    )
    yield Layer(
        "counties",
        first.title,
        THEME,
        "amount",
        frame,
        f"figure_{first.id}",
        first.unit,
        (*NAME, *figures),
        label="name",
        focus=True,
        sources=("outline",),
    )


def _by_county(sweep: Swept) -> Mapping[str, tuple[County, list[int]]]:
    """Give each county with the places of its cases that were run, in the order of the cases."""
    found: dict[str, tuple[County, list[int]]] = {}
    for place, one in enumerate(sweep.outcomes):
        if one.run is not None and one.case.order is not None:
            county = one.case.order.county
            found.setdefault(county.id, (county, []))[1].append(place)
    return found


def _row(county: County, places: Sequence[int], sweep: Swept) -> dict[str, Any]:
    runs = [sweep.outcomes[place].run for place in places]
    row: dict[str, Any] = {"name": county.name.zh, "name_en": county.name.en, "cases": len(runs)}
    for name in sweep.metrics:
        known = np.array([value(run, name) for run in runs])
        known = known[np.isfinite(known)]
        row[f"figure_{name}"] = float(np.median(known)) if known.size else np.nan
    return row


def _outline(county: County, crs: str) -> Any:
    return reproject(county.vector("outline")[["geometry"]], crs).union_all()
