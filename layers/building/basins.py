"""Which stretch of which stream every cell drains to, and how high it stands over it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.hydrology import accumulation, drain
from geo.raster import Raster

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def basins(dem: Raster, least_m2: float) -> tuple[Whole, Floats, Floats]:
    """Divide a terrain into the ground that drains to each stretch between confluences.

    Parameters
    ----------
    dem
        Terrain; depressions are filled.
    least_m2
        Catchment from which a stream begins.

    Returns
    -------
    stretch, over, size
        Of the grid's shape: a number for the stretch, the height over the stream where the water
        reaches it, m, and the catchment, m².
    """
    level, ways = drain(Raster(np.round(dem.values.astype(np.float64), 3), dem.grid), rise=0.001)
    size = accumulation(ways, np.full(dem.grid.shape, dem.grid.resolution**2)).ravel()
    streams = size >= least_m2
    here = np.arange(size.size)
    below = np.where(ways.receiver < 0, here, ways.receiver)
    feeders = np.bincount(below[streams & (below != here)], minlength=size.size)
    ends = streams & ((feeders[below] > 1) | (below == here))
    height = level.values.astype(np.float64).ravel()
    over = height - height[first_below(below, streams)]
    shape = dem.grid.shape
    return first_below(below, ends).reshape(shape), over.reshape(shape), size.reshape(shape)


def first_below(below: Whole, marked: NDArray[np.bool_]) -> Whole:
    """Give for each cell the first marked one on the way of its water, by doubling the steps."""
    way = np.where(marked, np.arange(below.size), below)
    while True:
        further = way[way]
        if np.array_equal(further, way):
            return np.asarray(way)
        way = further
