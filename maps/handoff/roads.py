"""The roads of a run as other programs are given them: centreline, elements, profile, land."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.words import Text
from maps.profile import is_alternatives
from scenarios.result import Layer, Run, Table

ALTERNATIVE = "alternative"
NOTHING = pd.DataFrame({ALTERNATIVE: []})


@dataclass(frozen=True, eq=False)
class Road:
    """One alternative.

    Parameters
    ----------
    code, title, place
        What it is called, and its place among the alternatives.
    line
        Centreline in the county's CRS, with heights where the run has them.
    stations, elements, slopes
        Its rows of the tables `profile`, `elements` and `slopes`; empty where the run has none.
    land, built
        Polygons it takes; lines of its bridges and tunnels, by structure.
    """

    code: str
    title: Text
    place: int
    line: Any
    stations: pd.DataFrame
    elements: pd.DataFrame
    slopes: pd.DataFrame
    land: tuple[Any, ...]
    built: tuple[tuple[str, Any], ...]


def roads(run: Run) -> Iterator[Road]:
    """Give the alternatives of a run in their order; none where it is about no road."""
    layers = [one for one in run.result.layers if is_alternatives(one)]
    for layer in layers:
        frame: Any = layer.data
        titles = {one.code: one.title for one in layer.categories}
        for place, (code, line) in enumerate(zip(frame[layer.value], frame.geometry, strict=True)):
            if line is None or line.is_empty or line.geom_type != "LineString":
                continue
            yield Road(
                str(code),
                titles.get(code, Text(str(code), str(code))),
                place,
                line,
                _rows(run, "profile", code),
                _rows(run, "elements", code),
                _rows(run, "slopes", code),
                tuple(shape for _, shape in _shapes(run, code, "Polygon")),
                tuple(_shapes(run, code, "LineString")),
            )


def _rows(run: Run, kind: str, code: Any) -> pd.DataFrame:
    """Give the rows of an alternative in the table of a kind, in driving order."""
    table = next((one for one in run.result.tables if kind in {one.chart, one.role}), None)
    frame = table.frame if table and ALTERNATIVE in _declared(table) else NOTHING
    return frame[frame[ALTERNATIVE] == code].reset_index(drop=True)


def _declared(table: Table) -> set[str]:
    return {column.name for column in table.columns}


def _shapes(run: Run, code: Any, kind: str) -> Iterator[tuple[str, Any]]:
    """Give the shapes of an alternative by their structure, of the layers that tell it."""
    for layer in run.result.layers:
        if not _of_roads(layer):
            continue
        frame: Any = layer.data
        for one, structure, shape in zip(
            frame[ALTERNATIVE], frame[layer.value], frame.geometry, strict=True
        ):
            if one == code and shape is not None:
                parts = getattr(shape, "geoms", [shape])
                yield from ((str(structure), part) for part in parts if part.geom_type == kind)


def _of_roads(layer: Layer) -> bool:
    """Say whether a layer tells of stretches of the alternatives, by structure."""
    declared = {column.name for column in layer.columns}
    vector = isinstance(layer.data, gpd.GeoDataFrame)
    return vector and layer.value == "structure" and {ALTERNATIVE, "structure"} <= declared
