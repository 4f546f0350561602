"""How one looks, and from where: heights, range, the Earth's curve; observers on the grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely import Point

from geo.crs import require_metric, require_same
from geo.errors import InputError, Problem
from geo.raster import Raster
from geo.words import Text

TERRAIN = Text("地形", "terrain")
EARTH_RADIUS_M = 6_371_008.8  # mean radius of GRS80 (Moritz 2000)


@dataclass(frozen=True)
class Sight:
    """How one looks.

    Parameters
    ----------
    eye_m
        Height of the eye above ground, m; 0 or more.
    target_m
        Height above ground of what is looked at, m; 0 or more.
    range_m
        How far one looks, horizontally, m; above 0, infinite without a limit.
    refraction
        Coefficient of refraction k, below 1: the share of the Earth's curve that light follows.
        0.13 is the usual one for light (Gauss); radio 0.25, none 0.
    curved
        Whether the Earth is; else it is flat and k has no effect.

    Raises
    ------
    InputError
        If a figure is out of its range.

    Examples
    --------
    >>> round(Sight(eye_m=2).drop_m(1000.0), 3)  # (1 − 0.13) · 1000² / (2 · 6,371,008.8)
    0.068
    """

    eye_m: float
    target_m: float = 0.0
    range_m: float = math.inf
    refraction: float = 0.13
    curved: bool = True

    def __post_init__(self) -> None:
        """Refuse figures that make no sense, all of them at once."""
        rules = {
            "eye_m": (0 <= self.eye_m < math.inf, "≥ 0"),
            "target_m": (0 <= self.target_m < math.inf, "≥ 0"),
            "range_m": (self.range_m > 0, "> 0"),
            "refraction": (-math.inf < self.refraction < 1, "< 1"),
        }
        problems = [
            Problem(field=name, found=f"{getattr(self, name)}", expected=wanted)
            for name, (kept, wanted) in rules.items()
            if not kept
        ]
        if problems:
            words = Text("视线参数有误", "a line of sight cannot be so")
            raise InputError(words, problems=problems)

    def drop_m(self, distance_m: float) -> float:
        """Give by how much the Earth's curve lowers what is so far away, m."""
        return (1 - self.refraction) * self.curved * distance_m**2 / (2 * EARTH_RADIUS_M)


def heights(dem: Raster) -> NDArray[np.float64]:
    """Give the heights of terrain, m, of the grid's shape; NaN where there is none.

    Raises
    ------
    CrsError
        If the grid is not in metres.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 2), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> dem = Raster(np.array([[5, -1]]), grid, nodata=-1)
    >>> heights(dem).tolist()
    [[5.0, nan]]
    """
    require_metric(dem.grid.crs, what=TERRAIN)
    values = dem.values.astype(np.float64, order="C")
    if dem.nodata is not None:
        values[~dem.valid] = np.nan
    return values


def heights_at(dem: Raster, cells: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the heights of some cells, rows and columns of shape (n, 2), as `heights` does.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 2), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> dem = Raster(np.array([[5, -1]]), grid, nodata=-1)
    >>> heights_at(dem, np.array([[0, 1], [0, 0]])).tolist()
    [nan, 5.0]
    """
    require_metric(dem.grid.crs, what=TERRAIN)
    read = dem.values[cells[:, 0], cells[:, 1]]
    missing = np.zeros(len(read), dtype=bool) if dem.nodata is None else read == dem.nodata
    return np.where(missing, np.nan, read.astype(np.float64))


def standing(dem: Raster, places: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Give the cells that places stand in: rows and columns, shape (n, 2).

    Parameters
    ----------
    dem
        Terrain.
    places
        Points in the terrain's CRS; the index names them.

    Raises
    ------
    CrsError
        If the CRSs differ.
    InputError
        As `cells`.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 2), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> dem = Raster(np.array([[5, -1]]), grid, nodata=-1)
    >>> tower = gpd.GeoDataFrame(index=["a"], geometry=[Point(9, 9)], crs=4549)
    >>> standing(dem, tower).tolist()
    [[0, 0]]
    """
    require_same(places.crs, dem.grid.crs, what=Text("观察点", "observers"))
    return cells(dem, places.geometry.to_numpy(), places.index)


def cells(dem: Raster, shapes: Sequence[Point], names: pd.Index) -> NDArray[np.int64]:
    """Give the cells that points stand in: rows and columns, shape (n, 2).

    Raises
    ------
    InputError
        If any is no point, stands off the grid or where the height is unknown, or if two have one
        name; the problems name them.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 2), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> dem = Raster(np.array([[5, -1]]), grid, nodata=-1)
    >>> try:
    ...     cells(dem, [Point(9, 9), Point(40, 9)], pd.Index(["a", "b"]))
    ... except InputError as error:
    ...     print(error.problems[0])
    row b · found the height of the ground is unknown
    """
    points = np.asarray(shapes, dtype=object)
    shaped = (shapely.get_type_id(points) == shapely.GeometryType.POINT) & ~shapely.is_empty(points)
    x, y = np.full((2, points.size), dem.grid.transform.c - dem.grid.resolution)  # off the grid
    x[shaped], y[shaped] = shapely.get_x(points[shaped]), shapely.get_y(points[shaped])
    rows, columns = dem.grid.index(x, y)
    inside = dem.grid.inside(rows, columns) & shaped
    known = inside.copy()
    known[inside] = np.isfinite(heights_at(dem, np.stack([rows[inside], columns[inside]], axis=1)))
    wrong = (
        (~shaped, Text("不是点", "no point")),
        (shaped & ~inside, Text("在地形范围之外", "off the terrain")),
        (inside & ~known, Text("此处高程未知", "the height of the ground is unknown")),
        (names.duplicated(), Text("名称重复", "a name that another has")),
    )
    problems = [
        Problem(row=str(names[at]), found=words)
        for bad, words in wrong
        for at in np.flatnonzero(bad)
    ]
    if problems:
        words = Text("观察点不可用", "observers cannot stand there")
        raise InputError(words, problems=problems)
    return np.stack([rows, columns], axis=1)
