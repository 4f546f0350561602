"""Slope, aspect and hillshade of terrain by Horn's third-order differences; exact on planes.

At the edge of the grid and beside cells without data, a missing neighbour is extrapolated
through the cell itself from the neighbour opposite (2 centre − opposite), which keeps planes exact;
where both are missing the centre's height stands in. Cells without data stay without.

Source: Horn, B. K. P. (1981), Hill shading and the reflectance map, Proc. IEEE 69(1).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.errors import CrsError
from geo.raster import Raster
from geo.words import Text


def slope(dem: Raster) -> Raster:
    """Give the steepest grade, m/m.

    Parameters
    ----------
    dem
        Heights in the unit of the grid's CRS.

    Returns
    -------
    Raster
        Float32, NaN where there is no height.

    Raises
    ------
    CrsError
        If the grid is in degrees.

    Examples
    --------
    A plane that rises 3 m on 10 m eastwards and 4 m on 10 m northwards has a grade of 0.5:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((3, 3), Affine(10, 0, 0, 0, -10, 30), CRS(4549))
    >>> x, y = grid.xy(*np.indices((3, 3)))
    >>> slope(Raster(0.3 * x + 0.4 * y, grid)).values.round(6).tolist()
    [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
    """
    east, north = gradient(dem)
    return Raster(np.hypot(east, north).astype(np.float32), dem.grid)


def aspect(dem: Raster) -> Raster:
    """Give the direction that slopes face, degrees clockwise from grid north, [0, 360).

    Flat cells have none: NaN, as cells without data.

    Parameters
    ----------
    dem
        Heights in the unit of the grid's CRS.

    Raises
    ------
    CrsError
        If the grid is in degrees.

    Examples
    --------
    A plane that rises eastwards faces west:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 3), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> aspect(Raster(np.array([[0.0, 1.0, 2.0]]), grid)).values.tolist()
    [[270.0, 270.0, 270.0]]
    """
    east, north = gradient(dem)
    facing = np.degrees(np.arctan2(-east, -north)) % 360
    rounded = facing.astype(np.float32)
    rounded[rounded >= 360] = 0  # 359.99999999 rounds up to a full turn
    rounded[(east == 0) & (north == 0)] = np.nan
    return Raster(rounded, dem.grid)


def hillshade(
    dem: Raster, *, azimuth: float = 315.0, altitude: float = 45.0, exaggeration: float = 1.0
) -> Raster:
    """Give the light on terrain, 0 dark to 1 bright, by Lambert's cosine law.

    Parameters
    ----------
    dem
        Heights in the unit of the grid's CRS.
    azimuth
        Where the light comes from, degrees clockwise from grid north.
    altitude
        Height of the light above the horizon, degrees.
    exaggeration
        Factor on the heights.

    Raises
    ------
    CrsError
        If the grid is in degrees.

    Examples
    --------
    Flat ground under a light 30° high is lit by sin 30°:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 2), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> hillshade(Raster(np.zeros((1, 2)), grid), altitude=30).values.round(6).tolist()
    [[0.5, 0.5]]
    """
    east, north = gradient(dem)
    east, north = east * exaggeration, north * exaggeration
    turn, height = np.radians(azimuth), np.radians(altitude)
    light = np.sin(height) - np.cos(height) * (np.sin(turn) * east + np.cos(turn) * north)
    shade = light / np.sqrt(1 + east * east + north * north)
    return Raster(np.clip(shade, 0, 1).astype(np.float32), dem.grid)


def gradient(dem: Raster) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the rise per unit of distance eastwards and northwards, both of the grid's shape.

    Parameters
    ----------
    dem
        Heights in the unit of the grid's CRS; cells without data are NaN in both.

    Raises
    ------
    CrsError
        If the grid is in degrees: a grade would have no meaning.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 2), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> gradient(Raster(np.array([[0.0, 5.0]]), grid))[0].tolist()
    [[0.5, 0.5]]
    """
    if not dem.grid.crs.is_projected:
        raise CrsError(
            Text(
                f"地形以度为单位：{dem.grid.crs.name}；处理：转换为投影坐标系",
                f"terrain in degrees: {dem.grid.crs.name}; remedy: reproject",
            )
        )
    heights = np.ascontiguousarray(dem.values, dtype=np.float64)
    if dem.nodata is not None:
        heights = np.where(dem.valid, heights, np.nan)
    return _gradient(heights, dem.grid.resolution)


@njit(cache=True)
def _side(z: NDArray[np.float64], row: int, column: int, down: int, right: int) -> float:
    """Give a neighbour's height, extrapolated through the cell where there is none; else NaN."""
    rows, columns = z.shape
    r, c = row + down, column + right
    if 0 <= r < rows and 0 <= c < columns and not np.isnan(z[r, c]):
        return float(z[r, c])
    r, c = row - down, column - right
    if 0 <= r < rows and 0 <= c < columns and not np.isnan(z[r, c]):
        return float(2 * z[row, column] - z[r, c])
    return np.nan


@njit(cache=True)
def _height(z: NDArray[np.float64], row: int, column: int, down: int, right: int) -> float:
    """Give a neighbour's height; a missing corner is the sum of its two sides."""
    found = _side(z, row, column, down, right)
    if not np.isnan(found):
        return float(found)
    if down == 0 or right == 0:
        return float(z[row, column])
    vertical, horizontal = _side(z, row, column, down, 0), _side(z, row, column, 0, right)
    vertical = z[row, column] if np.isnan(vertical) else vertical
    horizontal = z[row, column] if np.isnan(horizontal) else horizontal
    return float(vertical + horizontal - z[row, column])


@njit(cache=True, nogil=True)
def _gradient(
    z: NDArray[np.float64], side: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, columns = z.shape
    east, north = np.full(z.shape, np.nan), np.full(z.shape, np.nan)
    around = np.empty((3, 3))
    for r in range(rows):
        for c in range(columns):
            if np.isnan(z[r, c]):
                continue
            for down in range(-1, 2):  # a loop: numba compiles the same code for every literal anew
                for right in range(-1, 2):
                    around[1 + down, 1 + right] = _height(z, r, c, down, right)
            (nw, n, ne), (w, _, e), (sw, s, se) = around
            east[r, c] = ((ne + 2 * e + se) - (nw + 2 * w + sw)) / (8 * side)
            north[r, c] = ((nw + 2 * n + ne) - (sw + 2 * s + se)) / (8 * side)
    return east, north
