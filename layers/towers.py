"""Places for watch towers around the park, modelled on the terrain.

1. Candidates are the most prominent cells by topographic position, thinned (`geo.siting.ridges`),
   in the park or no farther than `beyond_m` from it.
2. They carry numbers from north to south, not names: nobody has been there.
3. A county's own candidates hold those outside the core zone, chosen as if there were none in it,
   and then the most prominent cells of the core that are no nearer to those or to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
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


def sites(facts: Mapping[str, Any], park: gpd.GeoDataFrame, dem: Raster) -> gpd.GeoDataFrame:
    """Give the candidates in and around a park, those in its core zone after the others. RULE 3.

    Parameters
    ----------
    facts
        `ridge_m`, `apart_m`, `beyond_m`.
    park
        Its zones.
    dem
        Terrain, on the cells whose centres are places.

    Returns
    -------
    GeoDataFrame
        id, height_m, points.
    """
    about = Ridges(facts["ridge_m"], facts["apart_m"], facts["beyond_m"], in_core=False)
    outside = ridges(dem, park, about)
    core = park[park["zone"] == "core"]
    within = ridges(dem, core, replace(about, beyond_m=0.0, in_core=True))
    near = shapely.STRtree(outside.geometry.to_numpy()).query(
        within.geometry.to_numpy(), predicate="dwithin", distance=about.apart_m * (1 - 1e-9)
    )[0]
    more = within[~np.isin(np.arange(len(within)), near)]
    whole = pd.concat([outside, more])[["height_m", "geometry"]].reset_index(drop=True)
    whole["height_m"] = whole["height_m"].astype(np.float64).round(1)
    names = [f"ridge_{n:03d}" for n in range(1, len(whole) + 1)]
    return gpd.GeoDataFrame(
        whole.assign(id=names)[["id", "height_m", "geometry"]], crs=dem.grid.crs
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
