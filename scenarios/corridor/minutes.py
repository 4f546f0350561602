"""Minutes that a road saves its people on the way to the county seat.

The method is that of `scenarios.access`: roads by their speed, elsewhere on foot at Tobler's
speed, the least time over both (`geo.travel.traveltime`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.raster import Raster
from layers import travel
from layers.county import County
from layers.ground import heights, lake
from layers.people.services import demand, offering
from layers.roads.edits import ADDED, COLUMNS, edited_roads
from scenarios.corridor.terms import Corridor


@dataclass(frozen=True, eq=False)
class Benefit:
    """What roads change.

    Parameters
    ----------
    places
        Settlements: x, y, weight (people), township.
    before
        Minutes to the county seat by place; infinite without a way.
    after
        The same with each road, a column each.
    surfaces
        Minutes by cell, before and with each road.
    """

    places: pd.DataFrame
    before: pd.Series
    after: pd.DataFrame
    surfaces: dict[str, Raster]

    def saved(self, label: str) -> float:
        """Give the minutes saved on one way to the seat times people, over who has a way before."""
        gain = (self.before - self.after[label]).to_numpy()
        known = np.isfinite(gain)
        return float((gain[known] * self.places["weight"].to_numpy()[known]).sum())

    def mean(self, label: str = "") -> float:
        """Give the mean minutes of people who have a way before; without a label before."""
        minutes = (self.after[label] if label else self.before).to_numpy()
        weight = self.places["weight"].to_numpy()
        known = np.isfinite(self.before.to_numpy()) & np.isfinite(minutes)
        total = weight[known].sum()
        return float((minutes[known] * weight[known]).sum() / total) if total else float("nan")


def benefit(
    county: County,
    params: Corridor,
    roads: Mapping[str, Sequence[shapely.LineString]],
    *,
    speed: float,
) -> Benefit | None:
    """Measure what roads change; None where roads, people or the county seat are not known.

    Parameters
    ----------
    county
        The county.
    params
        Of the corridor: cells, ends that join, lake, county seat.
    roads
        The legs of each road by its label; each road is tried by itself, its legs joined to the
        roads that are there at their ends.
    speed
        At which they are driven, km/h.
    """
    if "settlements" not in county or "roads" not in county:
        return None
    seat = offering(county, "county_seat", county_seat=params.county_seat)
    if seat is None:
        return None
    dem = heights(county, params.time_cell_m)
    water = lake(county, params.lake, dem.grid)
    places = demand(county, dem.grid)
    minutes, surfaces = {}, {}
    for label, legs in (("", ()), *roads.items()):
        lines = edited_roads(county, added=_added(legs, county, speed), within_m=params.snap_m)
        lines = lines[lines["after" if label else "before"]]
        way = travel.minutes(travel.ways(dem, lines, water=water), seat)
        minutes[label], surfaces[label] = way.at(places), way.cells()
    frame = pd.DataFrame(minutes, index=places.index)
    return Benefit(places, frame[""], frame.drop(columns=""), surfaces)


def _added(
    legs: Sequence[shapely.LineString], county: County, speed: float
) -> gpd.GeoDataFrame | None:
    """Give the legs of a road as roads to add."""
    if not legs:
        return None
    row = {"ref": "", "name": "", "class": "national", "speed_kmh": speed, "status": ADDED}
    rows = pd.DataFrame([row] * len(legs), columns=[*COLUMNS])
    rows.index = pd.Index([f"{ADDED}_{number}" for number in range(1, len(legs) + 1)])
    return gpd.GeoDataFrame(rows, geometry=shapely.force_2d(list(legs)), crs=county.crs)
