"""Viewsheds of many observers, as packed bits, and the least visible height from one."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import Point

from geo.grid import Grid
from geo.raster import Raster
from geo.siting.viewshed.horizon import HUGE, Scene, Window, sweep
from geo.siting.viewshed.sight import Sight, cells, heights, standing

NO_CELLS = (0, 0)


class Shed(NamedTuple):
    """What one observer sees, in the window of the grid around its range.

    `top` and `left` are the window's first row and column, `width` its columns; `seen` and
    `unknown` hold a bit a cell, rows of the window × bytes, the first cell highest. Where nothing
    is unknown, `unknown` is empty.
    """

    top: int
    left: int
    width: int
    seen: NDArray[np.uint8]
    unknown: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Viewsheds:
    """What observers see: one `Shed` each, in the order of the observers.

    Parameters
    ----------
    grid
        That of the terrain.
    observers
        Their names.
    sight
        How they look.
    sheds
        What each sees.
    """

    grid: Grid
    observers: pd.Index
    sight: Sight
    sheds: tuple[Shed, ...]


class _View(NamedTuple):
    """Terrain looked at: heights, the side of a cell, how, and whether a height is unknown."""

    ground: NDArray[np.float64]
    cell_m: float
    sight: Sight
    ragged: bool


def viewshed(
    dem: Raster, observers: gpd.GeoDataFrame, *, sight: Sight, threads: int = 2
) -> Viewsheds:
    """Give what observers see, by the rules of `geo.siting.viewshed`.

    Parameters
    ----------
    dem
        Heights in m, a grid in metres.
    observers
        Points in the CRS of the terrain, each with a name of its own in the index; none gives none.
    sight
        How they look.
    threads
        How many observers are worked at at once; the answer is the same.

    Returns
    -------
    Viewsheds
        A bit a cell of the square around each range, twice where terrain there is unknown. Beyond
        it a thread needs two bytes for each of these cells.

    Raises
    ------
    CrsError
        If the grid is not in metres, or the CRSs differ.
    InputError
        If observers are no points, or stand off the grid or on ground of unknown height, or share
        a name: all are named.

    Examples
    --------
    A wall 10 m high hides the cell behind it from an eye of 2 m, and so would an unknown one:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.siting.viewshed.seeing import seen_from
    >>> grid = Grid((1, 4), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> tower = gpd.GeoDataFrame(index=["a"], geometry=[Point(15, 15)], crs=4549)
    >>> for wall in (10, np.nan):
    ...     dem = Raster(np.array([[0.0, 0, wall, 0]]), grid)
    ...     seen_from(viewshed(dem, tower, sight=Sight(eye_m=2)), "a").values.tolist()
    [[1, 1, 1, 0]]
    [[1, 1, -1, -1]]
    """
    ground = heights(dem)
    at = standing(dem, observers)
    view = _View(ground, dem.grid.resolution, sight, bool(np.isnan(ground).any()))
    with ThreadPoolExecutor(threads) as pool:
        sheds = tuple(pool.map(partial(_shed, view), *at.T.tolist()))
    return Viewsheds(dem.grid, observers.index, sight, sheds)


def least_visible_height(dem: Raster, observer: Point, *, sight: Sight) -> Raster:
    """Give how far above its ground a thing in each cell must reach to be seen, m.

    Parameters
    ----------
    dem
        Heights in m, a grid in metres.
    observer
        Where one looks from, in the CRS of the terrain.
    sight
        How; the height of the target has no part in it.

    Returns
    -------
    Raster
        Float32: 0 where the ground is seen, NaN where the height of the cell or of terrain the
        line crosses is unknown, infinite beyond the range.

    Raises
    ------
    CrsError
        If the grid is not in metres.
    InputError
        If the observer stands off the grid or on ground of unknown height.

    Examples
    --------
    From 2 m, the line over a wall of 10 m at two cells rises by 4 m a cell: at three cells 14 m.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> grid = Grid((1, 4), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> dem = Raster(np.array([[0.0, 0, 10, 0]]), grid)
    >>> flat = Sight(eye_m=2, curved=False)
    >>> least_visible_height(dem, Point(15, 15), sight=flat).values.tolist()
    [[0.0, 0.0, 0.0, 14.0]]
    """
    ground = heights(dem)
    row, column = cells(dem, [observer], pd.Index(["observer"]))[0].tolist()
    view = _View(ground, dem.grid.resolution, sight, ragged=False)
    out = np.full(dem.grid.shape, np.inf, dtype=np.float32)
    out[row, column] = 0.0
    nothing = -np.inf  # no target is so low: none is written as seen
    window = Window(np.zeros(NO_CELLS, np.uint8), out, 0, 0, nothing)
    sweep(_scene(view, row, column), window, HUGE)
    return Raster(out, dem.grid)


def _scene(view: _View, row: int, column: int) -> Scene:
    """Give what one eye looks at, in cells."""
    sight, side = view.sight, view.cell_m
    far = math.hypot(*view.ground.shape)  # no farther cell is on the grid
    within = min(sight.range_m / side, far) * (
        1 + 1e-12
    )  # closed, whatever the quotient's rounding
    eye = view.ground[row, column] + sight.eye_m
    columns = view.ground.shape[1]
    return Scene(
        view.ground.ravel(), columns, row, column, float(eye), sight.drop_m(side), within**2
    )


def _shed(view: _View, row: int, column: int) -> Shed:
    """Give what one observer sees."""
    scene = _scene(view, row, column)
    around = math.floor(math.sqrt(scene.range2))
    rows, columns = view.ground.shape
    top, bottom = max(row - around, 0), min(row + around + 1, rows)
    left, right = max(column - around, 0), min(column + around + 1, columns)
    part = view.ground[top:bottom, left:right]
    seen = np.zeros(part.shape, np.uint8)
    window = Window(seen, np.zeros(NO_CELLS, np.float32), top, left, view.sight.target_m)
    seen[row - top, column - left] = 1
    sweep(scene, window, HUGE)
    unknown = np.zeros(NO_CELLS, np.uint8)
    if view.ragged and np.isnan(part).any():
        may = np.zeros(part.shape, np.uint8)
        sweep(scene, window._replace(seen=may), -HUGE)
        unknown = np.packbits(may > seen, axis=1)
    return Shed(top, left, part.shape[1], np.packbits(seen, axis=1), unknown)
