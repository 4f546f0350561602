"""Minutes by road and on foot: the one way from a county's roads and terrain to how long it takes.

Roads are driven at their speed, expressways entered at interchanges only; elsewhere people walk at
Tobler's speed; the least time over both (`geo.travel.traveltime`).
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.raster import Raster
from geo.travel.network import graph
from geo.travel.pace import tobler
from geo.travel.traveltime import Ground, Times, at, join, surface, travel_time

Floats = NDArray[np.float64]


def ways(
    dem: Raster, roads: gpd.GeoDataFrame, *, water: NDArray[np.bool_], walk_factor: float = 1.0
) -> Ground:
    """Join roads and terrain to one ground that can be travelled.

    Parameters
    ----------
    dem
        Heights, m, NaN where they are not known, as `layers.ground.heights` gives them.
    roads
        LineStrings with class and speed_kmh, as `layers.roads.edits.edited_roads` gives them; all
        of them are open. Where `oneway` says yes they are driven as they are drawn only.
    water
        Cells nobody walks on, shape of the grid.
    walk_factor
        Factor on the speed on foot.
    """
    network = graph(
        roads,
        cost_per_m=3.6 / roads["speed_kmh"].to_numpy(dtype=float),
        closed=(roads["class"] == "expressway").to_numpy(dtype=bool),
        oneway=(roads["oneway"] == "yes").to_numpy(dtype=bool) if "oneway" in roads else None,
        spacing=dem.grid.resolution / 2,
    )
    return join(dem, tobler(factor=walk_factor), network, barriers=water)


@dataclass(frozen=True, eq=False)
class Minutes:
    """Minutes to the nearest of some points; infinite without a way."""

    ground: Ground
    times: Times

    def at(self, places: pd.DataFrame) -> Floats:
        """Give the minutes of places by their x and y, in their order."""
        return at(self.ground, self.times, places["x"], places["y"]) / 60

    def cells(self, inside: NDArray[np.bool_] | None = None) -> Raster:
        """Give the minutes of cells, float32, NaN without a way.

        Parameters
        ----------
        inside
            The cells asked for, as exact as `at`; without it all, walks straight to the points and
            to roads left out.
        """
        seconds = self.times.cells if inside is None else surface(self.ground, self.times, inside)
        minutes = np.where(np.isfinite(seconds), seconds / 60, np.nan)
        return Raster(minutes.astype(np.float32), self.ground.dem.grid)


def minutes(ground: Ground, points: gpd.GeoSeries) -> Minutes:
    """Find the minutes to the nearest of some points, on the way there.

    Parameters
    ----------
    ground
        As `ways` gives it.
    points
        In the terrain's CRS.
    """
    return Minutes(ground, travel_time(ground, points.x, points.y))
