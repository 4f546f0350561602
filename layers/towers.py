"""Places for watch towers around the park, modelled on the terrain.

1. Candidates are the most prominent cells by topographic position, thinned (`geo.siting.ridges`),
   in the park or no farther than `beyond_m` from it.
2. They carry numbers from north to south, not names: nobody has been there.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
from scipy import ndimage

from geo.raster import Raster, crop, rasterize
from geo.siting.ridges import position, prominent

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Ridges:
    """Which cells are places for towers: radius of position, distances, whether in the core."""

    ridge_m: float
    apart_m: float
    beyond_m: float
    in_core: bool


def ridges(dem: Raster, park: gpd.GeoDataFrame, about: Ridges) -> gpd.GeoDataFrame:
    """Give modelled places for towers, as the rules of this module say.

    Returns
    -------
    GeoDataFrame
        Points at cell centres, `height_m` and `above_m` (over the mean around); index ridge_001 …
        from north to south.
    """
    reach = about.beyond_m + about.ridge_m + dem.grid.resolution
    dem = crop(dem, around(dem, park, reach))
    above = position(dem, about.ridge_m)
    inside = rasterize(park, dem.grid).values == 1
    allowed = ndimage.distance_transform_edt(~inside, sampling=dem.grid.resolution)
    open_to = (allowed <= about.beyond_m) & inside.any()
    if not about.in_core:
        open_to &= rasterize(park[park["zone"] == "core"], dem.grid).values != 1
    rows, columns = prominent(above, open_to, about.apart_m / dem.grid.resolution).T  # RULE 1
    points = gpd.points_from_xy(*dem.grid.xy(rows, columns))
    found = {"height_m": dem.values[rows, columns], "above_m": above[rows, columns]}
    names = [f"ridge_{n:03d}" for n in range(1, len(rows) + 1)]  # RULE 2
    return gpd.GeoDataFrame(
        found, index=pd.Index(names, dtype=object), geometry=points, crs=dem.grid.crs
    )


def around(raster: Raster, park: gpd.GeoDataFrame, more_m: float) -> Bounds:
    """Give the bounds of the park and so much around it, as far as a raster reaches."""
    west, south, east, north = map(float, park.total_bounds)
    left, bottom, right, top = raster.grid.bounds
    return (
        max(west - more_m, left),
        max(south - more_m, bottom),
        min(east + more_m, right),
        min(north + more_m, top),
    )
