"""Which stretch of which stream every cell drains to, and how high it stands over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.hydrology import accumulation, drain
from geo.raster import Raster

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

FALL_M = 0.001  # along filled ways, so that water leaves them; heights are told to as much


@dataclass(frozen=True, eq=False)
class Basins:
    """Where the water of every cell goes; arrays of the grid's shape.

    Parameters
    ----------
    stretch
        A number for the stretch of a stream, between confluences, that a cell drains to.
    over_m
        Height over the stream where the water reaches it.
    catchment_m2
        What drains through the cell.
    """

    stretch: Whole
    over_m: Floats
    catchment_m2: Floats


def basins(dem: Raster, least_m2: float) -> Basins:
    """Divide a terrain into the ground that drains to each stretch between confluences.

    Parameters
    ----------
    dem
        Terrain; depressions are filled.
    least_m2
        Catchment from which a stream begins.
    """
    level, ways = drain(Raster(np.round(dem.values.astype(np.float64), 3), dem.grid), rise=FALL_M)
    size = accumulation(ways, np.full(dem.grid.shape, dem.grid.resolution**2)).ravel()
    streams = size >= least_m2
    here = np.arange(size.size)
    below = np.where(ways.receiver < 0, here, ways.receiver)
    feeders = np.bincount(below[streams & (below != here)], minlength=size.size)
    ends = streams & ((feeders[below] > 1) | (below == here))
    height = level.values.astype(np.float64).ravel()
    over = height - height[first_below(below, streams)]
    shape = dem.grid.shape
    return Basins(first_below(below, ends).reshape(shape), over.reshape(shape), size.reshape(shape))


def first_below(below: Whole, marked: NDArray[np.bool_]) -> Whole:
    """Give for each cell the first marked one on the way of its water, by doubling the steps."""
    way = np.where(marked, np.arange(below.size), below)
    while True:
        further = way[way]
        if np.array_equal(further, way):
            return np.asarray(way)
        way = further
