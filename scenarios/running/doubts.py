"""What is doubtful in a county's layers, or in the day of judging, carried into what is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import geopandas as gpd
import pandas as pd

from geo.words import Text
from layers.county import County
from layers.soundness import Finding
from layers.soundness.rules import early
from scenarios.contract import Params
from scenarios.result import Category, Check, Column, Layer, Result, Run

LAYER = "doubts"
"""The layer of the result that shows where."""


def carried(result: Result, found: Sequence[Finding], county: County) -> Result:
    """Give a result with its doubts: a verdict `unknown` for each finding, and where on the map.

    Parameters
    ----------
    result
        What a scenario found.
    found
        Findings of the layers it used; none leaves the result as it is.
    county
        The county they are of.
    """
    if not found:
        return result
    spots = _spots(found, county)
    checks = tuple(_check(one, spots) for one in found)
    layers = () if spots.empty else (_layer(spots, found, result),)
    return replace(result, checks=(*result.checks, *checks), layers=(*result.layers, *layers))


def dated(run: Run, params: Params) -> Run:
    """Give a run with a verdict `unknown` where its day of judging is before the rules."""
    day = getattr(params, "rule_date", None)
    found = early(day, run.rules) if isinstance(day, date) else None
    if found is None:
        return run
    check = Check(
        found.id, found.title, "unknown", found.found, found.expected, remedy=found.remedy
    )
    return replace(run, result=replace(run.result, checks=(*run.result.checks, check)))


def _code(one: Finding) -> str:
    return f"{one.layer}.{one.id}"


def _check(one: Finding, spots: gpd.GeoDataFrame) -> Check:
    features = tuple(spots.index[spots["finding"] == _code(one)])
    return Check(
        f"doubt_{one.layer}_{one.id}",
        one.title,
        "unknown",
        one.found,
        one.expected,
        layer=LAYER if features else "",
        features=features,
        remedy=one.remedy,
        doubts=one.layer,
    )


def _spots(found: Sequence[Finding], county: County) -> gpd.GeoDataFrame:
    """Give every place of the findings that has one, labelled by layer, finding and row."""
    rows = [
        (f"{_code(one)}.{spot.id}", _code(one), spot.id, spot.x, spot.y)
        for one in found
        for spot in one.places
        if spot.x is not None
    ]
    plain = pd.DataFrame(rows, columns=["label", "finding", "row", "x", "y"])
    plain = plain.drop_duplicates("label").set_index("label")
    shapes = gpd.points_from_xy(plain.pop("x"), plain.pop("y"))
    return gpd.GeoDataFrame(plain, geometry=shapes, crs=county.crs)


def _layer(spots: gpd.GeoDataFrame, found: Sequence[Finding], result: Result) -> Layer:
    there = set(spots["finding"])
    kinds = tuple(Category(_code(one), one.title) for one in found if _code(one) in there)
    named = {name for layer in result.layers for name in layer.sources}
    used = {one.layer for one in found} if named else set()  # none named: all that is needed
    return Layer(
        LAYER,
        Text("存疑之处", "Where layers are doubtful"),
        Text("数据质量", "Data quality"),
        "place",
        spots,
        value="finding",
        columns=(
            Column("finding", Text("存疑事项", "Doubt"), categories=kinds),
            Column("row", Text("编号", "Id")),
        ),
        categories=kinds,
        shown=False,
        sources=tuple(sorted(used)),
    )
