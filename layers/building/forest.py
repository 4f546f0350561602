"""Forest of the park by owner: modelled compartments, since no register of rights is open.

Squares over the park are cut at its outer border and at townships. Owners are drawn by shares that
are assumed; bamboo stands on the lower ground. Ids stand for no real compartment.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.grid import Grid
from geo.raster import Raster
from geo.zonal import zonal

SEED = 3127
EXACT_M = 0.001  # grid of coordinates
OWNERS = ("collective", "state", "")
ARBOR, BAMBOO = "0301", "0302"


def forest(
    facts: dict[str, Any], park: gpd.GeoDataFrame, townships: gpd.GeoDataFrame, dem: Raster
) -> gpd.GeoDataFrame:
    """Draw the compartments.

    Parameters
    ----------
    facts
        `side_m` of a square, `least_m2` of a compartment, `shares` of collective, state and
        unknown owners by number of compartments, `bamboo_below_m`.
    park
        Its zones.
    townships
        By code.
    dem
        Terrain.

    Returns
    -------
    GeoDataFrame
        id, class, ownership (None: not known), township; from the north-west, row by row.
    """
    whole = shapely.union_all(park.geometry.to_numpy())
    squares = _squares(whole, facts["side_m"], park.crs)
    towns = townships[["geometry"]].rename_axis("township").reset_index()
    towns = towns.set_geometry(towns.intersection(whole))
    pieces = gpd.overlay(squares, towns[~towns.is_empty], keep_geom_type=True)
    shapes = shapely.set_precision(pieces.geometry.to_numpy(), EXACT_M)
    pieces = pieces.set_geometry(gpd.GeoSeries(shapes, index=pieces.index, crs=park.crs))
    kept = pieces[pieces.area >= facts["least_m2"]]
    kept = kept.sort_values(["square", "township"], kind="stable").reset_index(drop=True)
    height = zonal(dem, kept, stats=["mean"])["mean"].to_numpy()
    drawn = np.random.default_rng(SEED).choice(len(OWNERS), size=len(kept), p=facts["shares"])
    owners = pd.Series([OWNERS[one] or None for one in drawn], dtype=object)
    return gpd.GeoDataFrame(
        {
            "id": [f"forest_{number:03d}" for number in range(1, len(kept) + 1)],
            "class": np.where(height < facts["bamboo_below_m"], BAMBOO, ARBOR),
            "ownership": owners,
            "township": kept["township"],
        },
        geometry=kept.geometry,
        crs=park.crs,
    )


def _squares(shape: BaseGeometry, side_m: float, crs: Any) -> gpd.GeoDataFrame:
    """Give the squares that cover a shape, numbered from the north-west, row by row."""
    grid = Grid.from_bounds(shape.bounds, side_m, crs)
    x, y = (one.ravel() for one in grid.xy(*np.indices(grid.shape)))
    half = side_m / 2
    boxes = shapely.box(x - half, y - half, x + half, y + half)
    return gpd.GeoDataFrame({"square": np.arange(len(boxes))}, geometry=boxes, crs=crs)
