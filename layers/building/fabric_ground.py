"""The ground of the pilots on cells of 10 m and of 5 m: what the modelled parcels follow.

Heights are the county's terrain between its cells (cubic spline); villages are the ground that is
nearer to a settlement than to any other, over slopes; facets are patches of slope that end at
ridges and in valleys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, zoom
from shapely.geometry.base import BaseGeometry

from geo.grid import Grid
from geo.raster import Raster, crop, rasterize
from geo.travel.costpath import accumulate
from layers.building.basins import basins
from layers.building.noise import hashed, noise
from layers.building.relief import blurred

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]
Whole = NDArray[np.int64]

CELL_M, MIDDLE_M = 5.0, 10.0
ROOM_M = 300.0  # of terrain around the pilots
BEYOND_M = 20.0  # parcels are drawn past the border and cut there
FACET_M = 190.0  # distance between the middles of facets
BOLD_M = 9.0  # height over or under the surroundings at which a metre across costs two
WINDING, WINDING_M = 1.2, 70.0  # noise of that cost, and its wave
CREEK_M2 = 400_000.0  # catchment from which a stream counts as near water
STEEP = 0.3  # grade on which a metre towards a village costs two
EVEN_CELLS, AROUND_CELLS = 2, 6  # half widths: of the grade's mean, of what stands over what
WINDING_SEED, ROW_SEED, COLUMN_SEED = 11, 12, 13


class Window(NamedTuple):
    """Rows and columns of a part of a grid; arrays are cut by it."""

    rows: slice
    columns: slice


@dataclass(frozen=True, eq=False)
class Ground:
    """Cells over the pilots.

    `height` in m; `grade` the rise over the run, evened out over 50 m; `inside` the cells to be
    shared out; `village` the position of the nearest settlement; `facet` a number for each
    patch of slope between ridges and valleys; `size` the catchment, m²; `water` and `road` the
    distance to a creek and to a road, m.
    """

    grid: Grid
    height: Floats
    grade: Floats
    inside: Marks
    village: Whole
    facet: Whole
    size: Floats
    water: Floats
    road: Floats

    def cells_of(self, shape: BaseGeometry) -> Marks:
        """Mark the cells whose centre lies in a shape."""
        frame = gpd.GeoDataFrame(geometry=[shape], crs=self.grid.crs)
        return np.asarray(rasterize(frame, self.grid).values == 1)

    def near(self, spot: shapely.Point, reach_m: float) -> Window:
        """Give the rows and columns of a square window around a place."""
        row, column = (int(v) for v in self.grid.index(spot.x, spot.y))
        half = int(reach_m / self.grid.resolution) + 1
        return Window(
            slice(max(row - half, 0), row + half + 1),
            slice(max(column - half, 0), column + half + 1),
        )

    def away(self, spot: shapely.Point, window: Window) -> Floats:
        """Give the distance of the cells of a window from a place, m."""
        rows, columns = np.indices(self.grid.shape, sparse=True)
        x, _ = self.grid.xy(np.zeros_like(columns), columns)
        _, y = self.grid.xy(rows, np.zeros_like(rows))
        across, along = x[:, window.columns] - spot.x, y[window.rows] - spot.y
        return np.asarray(np.sqrt(across * across + along * along))


def ground(
    dem: Raster, pilots: gpd.GeoDataFrame, settlements: gpd.GeoDataFrame, roads: gpd.GeoDataFrame
) -> Ground:
    """Lay cells of 10 m over the pilots.

    Parameters
    ----------
    dem
        Terrain on cells of a whole multiple of 10 m.
    pilots
        Polygons by township code.
    settlements
        Points of the pilots, with their `township`.
    roads
        Lines.
    """
    land = shapely.union_all(pilots.geometry.to_numpy()).buffer(BEYOND_M)
    here = _finer(_around(dem, land), MIDDLE_M)
    size = basins(here, CREEK_M2).catchment_m2
    touched = _marked(roads, here.grid, touched=True)
    return Ground(
        grid=here.grid,
        height=here.values.astype(np.float64),
        grade=_evened_grade(here),
        inside=_marked(gpd.GeoDataFrame(geometry=[land], crs=pilots.crs), here.grid),
        village=_villages(here, pilots, settlements),
        facet=_facets(here),
        size=size,
        water=np.asarray(distance_transform_edt(size < CREEK_M2)) * MIDDLE_M,
        road=np.asarray(distance_transform_edt(~touched)) * MIDDLE_M,
    )


def finer(coarse: Ground, dem: Raster) -> Ground:
    """Give cells of 5 m: heights between the terrain's cells, all else from the cells of 10 m."""
    here = _finer(crop(dem, coarse.grid.bounds), CELL_M)
    twice = {
        name: np.repeat(np.repeat(getattr(coarse, name), 2, axis=0), 2, axis=1)
        for name in ("grade", "inside", "village", "facet", "size", "water", "road")
    }
    return Ground(grid=here.grid, height=here.values.astype(np.float64), **twice)


def _around(dem: Raster, land: BaseGeometry) -> Raster:
    west, south, east, north = land.bounds
    return crop(dem, (west - ROOM_M, south - ROOM_M, east + ROOM_M, north + ROOM_M))


def _facets(dem: Raster) -> Whole:
    """Divide slopes: patches grow from scattered middles, dearly across ridges and valleys."""
    height, cells = dem.values.astype(np.float64), dem.grid
    bold = np.abs(height - blurred(blurred(height, AROUND_CELLS), AROUND_CELLS)) / BOLD_M
    wound = 1 + WINDING * (0.5 + noise(cells, wave_m=WINDING_M, seed=WINDING_SEED))
    step = round(FACET_M / cells.resolution)
    row, column = (
        one.ravel()
        for one in np.meshgrid(*(np.arange(0, size, step) for size in cells.shape), indexing="ij")
    )
    row = np.minimum(row + np.floor(step * hashed(column, row, ROW_SEED)), cells.shape[0] - 1)
    aside = np.floor(step * hashed(column, row.astype(np.int64), COLUMN_SEED))
    column = np.minimum(column + aside, cells.shape[1] - 1)
    cost = Raster(np.round((1 + bold * bold) * wound, 6), cells)
    middles = np.column_stack([row, column]).astype(np.int64)
    return np.asarray(accumulate(cost, origins=middles, neighbours=16).allocation, dtype=np.int64)


def _evened_grade(dem: Raster) -> Floats:
    down, right = np.gradient(dem.values.astype(np.float64), dem.grid.resolution)
    return blurred(np.sqrt(down * down + right * right), EVEN_CELLS)


def _finer(dem: Raster, cell_m: float) -> Raster:
    """Give a terrain on smaller cells, by cubic splines, to the millimetre."""
    times = round(dem.grid.resolution / cell_m)
    values = zoom(dem.values.astype(np.float64), times, order=3, mode="nearest", grid_mode=True)
    return Raster(np.round(values, 3), Grid.from_bounds(dem.grid.bounds, cell_m, dem.grid.crs))


def _marked(frame: gpd.GeoDataFrame, grid: Grid, *, touched: bool = False) -> Marks:
    return np.asarray(rasterize(frame, grid, all_touched=touched).values == 1)


def _villages(dem: Raster, pilots: gpd.GeoDataFrame, settlements: gpd.GeoDataFrame) -> Whole:
    """Give the row of the settlement of its own township that is nearest to each cell."""
    steep = _evened_grade(dem) / STEEP
    cost = Raster(np.round(1 + steep * steep, 6), dem.grid)
    village = np.zeros(dem.grid.shape, dtype=np.int64)
    least = np.full(dem.grid.shape, np.inf)
    for code, shape in pilots.geometry.items():
        rows = np.flatnonzero(settlements["township"] == code)
        spots = settlements.geometry.iloc[rows]
        cells = np.column_stack(dem.grid.index(spots.x, spots.y))
        nearest = rows[accumulate(cost, origins=cells, neighbours=16).allocation]
        frame = gpd.GeoDataFrame(geometry=[shape], crs=pilots.crs)
        away = np.asarray(distance_transform_edt(~_marked(frame, dem.grid)))
        village = np.where(away < least, nearest, village)
        least = np.minimum(away, least)
    return village
