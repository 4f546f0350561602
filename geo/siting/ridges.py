"""Places that stand above their surroundings, thinned: ridges and tops of a terrain.

1. The topographic position of a cell is its height above the mean of the cells around it (Weiss,
   A., 2001, Topographic position and landforms analysis).
2. Cells that stand above their surroundings are taken from the most prominent on (ties: from the
   north, then from the west), each that is no nearer than a distance to one taken before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import KDTree

from geo.raster import Raster

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


def position(dem: Raster, radius_m: float) -> Floats:
    """Give how far each cell stands above the mean of known heights around it. RULE 1.

    Parameters
    ----------
    dem
        Heights; NaN is unknown.
    radius_m
        How far around, closed; at least one cell.

    Returns
    -------
    ndarray
        Metres, shape of the grid; NaN where the height is unknown.

    Examples
    --------
    The middle of five cells at 3 stands 3 - 3/5 above the mean of the cross around it.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((3, 3), Affine(10, 0, 0, 0, -10, 0), CRS(4549))
    >>> float(position(Raster(np.array([[0.0, 0, 0], [0, 3, 0], [0, 0, 0]]), grid), 10)[1, 1])
    2.4
    """
    reach = max(1, int(radius_m / dem.grid.resolution))
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = (down**2 + across**2 <= reach**2).astype(np.float64)
    known = np.isfinite(dem.values)
    total = ndimage.convolve(np.where(known, dem.values, 0.0), disc, mode="constant")
    count = ndimage.convolve(known.astype(np.float64), disc, mode="constant")
    return np.asarray(dem.values - total / np.maximum(count, 1.0))


def thinned(places: Floats, order: Whole, apart: float) -> Whole:
    """Take places in an order, none nearer than a distance to one taken before. RULE 2.

    Parameters
    ----------
    places
        Shape (n, 2).
    order
        Positions of those that may be taken, the first first.
    apart
        Least distance, closed, in the unit of places.

    Returns
    -------
    ndarray
        Positions of those taken, ascending.

    Examples
    --------
    >>> thinned(np.array([[0.0, 0], [1, 0], [2, 0]]), np.array([1, 0, 2]), 2.0).tolist()
    [1]
    >>> thinned(np.array([[0.0, 0], [1, 0], [2, 0]]), np.array([0, 1, 2]), 2.0).tolist()
    [0, 2]
    """
    if not len(places):
        return np.zeros(0, dtype=np.int64)
    free, tree, kept = np.ones(len(places), dtype=bool), KDTree(places), []
    for place in order:
        if free[place]:
            kept.append(place)
            free[tree.query_ball_point(places[place], apart * (1 - 1e-9))] = False
    return np.sort(np.array(kept, dtype=np.int64))


def prominent(position_m: Floats, allowed: NDArray[np.bool_], apart_cells: float) -> Whole:
    """Give rows and columns of the most prominent allowed cells, row by row. RULE 2.

    Parameters
    ----------
    position_m
        Of cells, as `position` gives it.
    allowed
        Where places may be, same shape.
    apart_cells
        Least distance between two, in cells.

    Returns
    -------
    ndarray
        Shape (n, 2); empty where no allowed cell stands above its surroundings.

    Examples
    --------
    >>> prominent(np.array([[1.0, 2.0, 0.0, 3.0]]), np.ones((1, 4), dtype=bool), 2).tolist()
    [[0, 1], [0, 3]]
    """
    rows, columns = np.nonzero(allowed & (position_m > 0))
    order = np.lexsort((columns, rows, -position_m[rows, columns]))
    cells = np.column_stack([rows, columns])
    return np.asarray(cells[thinned(cells.astype(np.float64), order, apart_cells)])
