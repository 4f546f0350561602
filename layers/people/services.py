"""Services people travel to, the points that offer them, and where the people are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.grid import Grid
from geo.raster import rasterize
from geo.words import Text
from layers.county import County


class Service(NamedTuple):
    """What people travel to: its title, and the kinds of facility that offer it."""

    title: Text
    kinds: tuple[str, ...]


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        "county_seat": Service(Text("县城", "county seat"), ()),
        "school": Service(
            Text("学校", "school"), ("primary_school", "middle_school", "high_school")
        ),
        "hospital": Service(Text("医院", "hospital"), ("hospital",)),
        "primary_school": Service(Text("小学", "primary school"), ("primary_school",)),
        "middle_school": Service(Text("初中", "middle school"), ("middle_school",)),
        "high_school": Service(Text("高中", "high school"), ("high_school",)),
        "clinic": Service(Text("卫生院", "clinic"), ("clinic",)),
        "hospital_or_clinic": Service(
            Text("医院或卫生院", "hospital or clinic"), ("hospital", "clinic")
        ),
    }
)
"""By id; the county seat is offered by one of the seats, not by a facility."""


def offering(county: County, service: str, *, county_seat: str = "") -> gpd.GeoSeries | None:
    """Give the points that offer a service, sorted by id, or None when the county names none.

    Parameters
    ----------
    county
        The county.
    service
        One of `SERVICES`.
    county_seat
        Township code of the seat to take for the county's; without it the seat whose role it is.
    """
    kinds = SERVICES[service].kinds
    layer = "facilities" if kinds else "seats"
    if layer not in county:
        return None
    points = county.vector(layer).sort_index()
    if kinds:
        chosen = points["kind"].isin(kinds).to_numpy()
    elif county_seat:
        chosen = points.index == county_seat
    elif "role" in points:
        chosen = (points["role"] == "county").to_numpy()
    else:
        return None
    return points.geometry[chosen] if chosen.any() else None


def demand(county: County, grid: Grid) -> pd.DataFrame:
    """Give who travels: settlements with their people, or else cells with their area.

    Parameters
    ----------
    county
        The county. Without the layer `settlements` every cell whose centre lies in a township
        stands for its area.
    grid
        The cells.

    Returns
    -------
    DataFrame
        x, y, weight (people, or km²) and township; settlements sorted by id.
    """
    if "settlements" in county:
        people = county.vector("settlements").sort_index()
        return pd.DataFrame(
            {
                "x": people.geometry.x,
                "y": people.geometry.y,
                "weight": people["population"].astype(float),
                "township": people["township"],
            }
        )
    towns = county.vector("townships").sort_index()
    burnt = rasterize(towns.assign(n=range(len(towns))), grid, value="n", fill=-1)
    numbers = burnt.values.astype(np.int64)
    rows, columns = np.nonzero(numbers >= 0)
    x, y = grid.xy(rows, columns)
    own = towns.index.to_numpy()[numbers[rows, columns]]
    area = grid.resolution**2 / 1e6
    return pd.DataFrame({"x": x, "y": y, "weight": area, "township": own})
