"""The county's ground on the cells of an analysis: heights, and where water lies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.grid import Grid
from geo.raster import Raster, rasterize, resample
from layers.county import County


def heights(county: County, cell_m: float) -> Raster:
    """Give the terrain averaged over cells of a side, float64, NaN without data.

    Parameters
    ----------
    county
        The county, with its layer `dem`.
    cell_m
        Side of a cell, m; where the layer itself is no finer, it is given as it is.
    """
    stored = county.raster("dem")
    dem = Raster(np.where(stored.valid, stored.values, np.nan).astype(np.float64), stored.grid)
    if cell_m <= dem.grid.resolution:
        return dem
    return resample(dem, Grid.from_bounds(dem.grid.bounds, cell_m, county.crs), how="average")


def covered(county: County, layer: str, grid: Grid) -> NDArray[np.bool_]:
    """Say which cells have their centre in a layer's polygons; without the layer none has."""
    if layer not in county:
        return np.zeros(grid.shape, dtype=bool)
    return np.asarray(rasterize(county.vector(layer), grid).values == 1)


def lake(county: County, level: str, grid: Grid) -> NDArray[np.bool_]:
    """Say which cells have their centre in a lake's surface.

    Parameters
    ----------
    county
        The county; without the layer `lake` no cell has.
    level
        Id of the surface; without one of this id the lowest counts, which is always under water.
    grid
        The cells.
    """
    if "lake" not in county:
        return np.zeros(grid.shape, dtype=bool)
    surfaces = county.vector("lake")
    chosen = np.asarray(surfaces.index == level)
    lowest = (surfaces["level_m"] == surfaces["level_m"].min()).to_numpy()
    found = surfaces[chosen if chosen.any() else lowest]
    return np.asarray(rasterize(found, grid).values == 1)
