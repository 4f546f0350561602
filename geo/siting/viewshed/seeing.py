"""What is asked of viewsheds: who sees which cells, how many do, how much each sees.

States are 1 seen, 0 not seen, −1 unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geo.crs import require_same
from geo.errors import GridError, InputError, Problem
from geo.raster import Raster
from geo.siting.viewshed.sheds import Shed, Viewsheds
from geo.words import Text

UNKNOWN = -1


class Counts(NamedTuple):
    """By how many observers each cell is seen, and of how many that is unknown; rasters, int32."""

    seen: Raster
    unknown: Raster


def seen(viewsheds: Viewsheds, rows: ArrayLike, columns: ArrayLike) -> NDArray[np.int8]:
    """Give the state of cells for each observer, shape (observers, cells).

    Parameters
    ----------
    viewsheds
        What observers see.
    rows, columns
        Cells on the grid of the terrain, shape (cells,).

    Raises
    ------
    InputError
        If a cell is off the grid.

    Examples
    --------
    Flat ground with a wall, looked at from either end:

    >>> from affine import Affine
    >>> from geopandas import GeoDataFrame, points_from_xy
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> from geo.siting.viewshed import Sight, viewshed
    >>> grid = Grid((1, 4), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> wall = Raster(np.array([[0.0, 0, 10, 0]]), grid)
    >>> points = points_from_xy([15, 105], [15, 15])
    >>> ends = GeoDataFrame(index=["a", "b"], geometry=points, crs=4549)
    >>> viewsheds = viewshed(wall, ends, sight=Sight(eye_m=2))
    >>> seen(viewsheds, [0, 0, 0, 0], [0, 1, 2, 3]).tolist()
    [[1, 1, 1, 0], [0, 0, 1, 1]]
    """
    r, c = np.asarray(rows, dtype=np.int64), np.asarray(columns, dtype=np.int64)
    off = np.flatnonzero(~viewsheds.grid.inside(r, c))
    if off.size:
        problems = [
            Problem(row=str(at), found=f"({r[at]}, {c[at]})", expected=f"< {viewsheds.grid.shape}")
            for at in off
        ]
        raise InputError(Text("像元在格网之外", "cells off the grid"), problems=problems)
    states = np.zeros((len(viewsheds.sheds), r.size), dtype=np.int8)
    for state, shed in zip(states, viewsheds.sheds, strict=True):
        down, right = r - shed.top, c - shed.left
        within = (down >= 0) & (down < len(shed.seen)) & (right >= 0) & (right < shed.width)
        byte, bit = np.divmod(right[within], 8)
        for value, bits in ((1, shed.seen), (UNKNOWN, shed.unknown)):
            if bits.size:
                read = (bits[down[within], byte] >> (7 - bit)) & 1
                state[within] += np.int8(value) * read.astype(np.int8)
    return states


def seen_from(viewsheds: Viewsheds, observer: object) -> Raster:
    """Give the states of all cells for one observer, by name; int8, of the terrain's grid.

    Raises
    ------
    InputError
        If there is no such observer.

    Examples
    --------
    >>> from affine import Affine
    >>> from geopandas import GeoDataFrame, points_from_xy
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> from geo.siting.viewshed import Sight, viewshed
    >>> grid = Grid((1, 4), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> wall = Raster(np.array([[0.0, 0, 10, 0]]), grid)
    >>> points = points_from_xy([15, 105], [15, 15])
    >>> ends = GeoDataFrame(index=["a", "b"], geometry=points, crs=4549)
    >>> viewsheds = viewshed(wall, ends, sight=Sight(eye_m=2))
    >>> seen_from(viewsheds, "b").values.tolist()
    [[0, 0, 1, 1]]
    """
    if observer not in viewsheds.observers:
        problem = Problem(row=str(observer), expected=str(list(viewsheds.observers))[:200])
        raise InputError(Text("没有这个观察点", "no such observer"), problems=[problem])
    states = np.zeros(viewsheds.grid.shape, dtype=np.int8)
    place = viewsheds.observers.get_loc(observer)
    for part, unknown, where in _unpacked(viewsheds.sheds[place : place + 1]):
        states[where] = part.astype(np.int8) - unknown
    return Raster(states, viewsheds.grid)


def counts(viewsheds: Viewsheds) -> Counts:
    """Count for every cell the observers that see it, and those of which that is unknown.

    Examples
    --------
    >>> from affine import Affine
    >>> from geopandas import GeoDataFrame, points_from_xy
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> from geo.siting.viewshed import Sight, viewshed
    >>> grid = Grid((1, 4), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> wall = Raster(np.array([[0.0, 0, 10, 0]]), grid)
    >>> points = points_from_xy([15, 105], [15, 15])
    >>> ends = GeoDataFrame(index=["a", "b"], geometry=points, crs=4549)
    >>> viewsheds = viewshed(wall, ends, sight=Sight(eye_m=2))
    >>> counts(viewsheds).seen.values.tolist()
    [[1, 1, 2, 1]]
    """
    return Counts(*(Raster(count, viewsheds.grid) for count in _counted(viewsheds)))


def union(viewsheds: Viewsheds, *, by: int = 1) -> Raster:
    """Give the state of every cell as seen by at least so many observers; int8.

    A cell is unknown when enough observers may see it, counting those of which that is unknown.

    Examples
    --------
    >>> from affine import Affine
    >>> from geopandas import GeoDataFrame, points_from_xy
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> from geo.siting.viewshed import Sight, viewshed
    >>> grid = Grid((1, 4), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> wall = Raster(np.array([[0.0, 0, 10, 0]]), grid)
    >>> points = points_from_xy([15, 105], [15, 15])
    >>> ends = GeoDataFrame(index=["a", "b"], geometry=points, crs=4549)
    >>> viewsheds = viewshed(wall, ends, sight=Sight(eye_m=2))
    >>> union(viewsheds, by=2).values.tolist()
    [[0, 0, 1, 0]]
    """
    sure, may = _counted(viewsheds)
    states = np.where(sure >= by, 1, np.where(sure + may >= by, UNKNOWN, 0))
    return Raster(states.astype(np.int8), viewsheds.grid)


def cover(viewsheds: Viewsheds, weights: Raster) -> pd.DataFrame:
    """Sum what is seen by each observer.

    Parameters
    ----------
    viewsheds
        What observers see.
    weights
        What a cell is worth, on the grid of the terrain; cells without data have no part in it.

    Returns
    -------
    pandas.DataFrame
        Columns `seen` and `unknown`, the sums over such cells; index: the observers.

    Raises
    ------
    GridError
        If the weights lie on another grid.
    CrsError
        If their CRS differs.

    Examples
    --------
    >>> from affine import Affine
    >>> from geopandas import GeoDataFrame, points_from_xy
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> from geo.siting.viewshed import Sight, viewshed
    >>> grid = Grid((1, 4), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> wall = Raster(np.array([[0.0, 0, 10, 0]]), grid)
    >>> points = points_from_xy([15, 105], [15, 15])
    >>> ends = GeoDataFrame(index=["a", "b"], geometry=points, crs=4549)
    >>> viewsheds = viewshed(wall, ends, sight=Sight(eye_m=2))
    >>> cover(viewsheds, Raster(np.array([[1, 10, 100, 1000]]), viewsheds.grid)).seen.tolist()
    [111.0, 1100.0]
    """
    require_same(weights.grid.crs, viewsheds.grid.crs, what=Text("权重", "weights"))
    if (weights.grid.shape, weights.grid.transform) != (
        viewsheds.grid.shape,
        viewsheds.grid.transform,
    ):
        raise GridError(
            Text("权重与地形格网不同", "the weights do not lie on the grid of the terrain")
        )
    worth = np.where(weights.valid, weights.values, 0).astype(np.float64)
    sums = [
        (worth[where][part].sum(), worth[where][unknown].sum())
        for part, unknown, where in _unpacked(viewsheds.sheds)
    ]
    table = np.array(sums, dtype=np.float64).reshape(-1, 2)
    return pd.DataFrame(table, index=viewsheds.observers, columns=["seen", "unknown"])


def _counted(viewsheds: Viewsheds) -> NDArray[np.int32]:
    """Give for how many each cell is seen, and for how many unknown, shape (2, rows, columns)."""
    both = np.zeros((2, *viewsheds.grid.shape), dtype=np.int32)
    for part, unknown, where in _unpacked(viewsheds.sheds):
        both[0][where] += part
        both[1][where] += unknown
    return both


class _Part(NamedTuple):
    """What one sees and what is unknown in its window, booleans; where that lies on the grid."""

    seen: NDArray[np.bool_]
    unknown: NDArray[np.bool_]
    where: tuple[slice, slice]


def _unpacked(sheds: tuple[Shed, ...]) -> Iterator[_Part]:
    """Unpack one viewshed after the other."""
    for shed in sheds:
        rows = len(shed.seen)
        where = slice(shed.top, shed.top + rows), slice(shed.left, shed.left + shed.width)
        part = np.unpackbits(shed.seen, axis=1, count=shed.width).astype(bool)
        unknown = np.zeros_like(part)
        if shed.unknown.size:
            unknown = np.unpackbits(shed.unknown, axis=1, count=shed.width).astype(bool)
        yield _Part(part, unknown, where)
