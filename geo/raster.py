"""Rasters as values: an array with its grid; resampled by meaning, burnt, sampled, cut out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from rasterio import features
from rasterio.warp import Resampling, reproject

from geo.apportion import by_area, by_points
from geo.crs import require_same, same, transformer
from geo.errors import GridError
from geo.grid import Grid
from geo.words import Text

How = Literal["nearest", "mode", "average", "bilinear", "sum"]

SLIVER = 1e-9  # share of a cell: what overlaps less is rounding
HOWS: Mapping[str, Resampling] = {
    "nearest": Resampling.nearest,
    "mode": Resampling.mode,
    "average": Resampling.average,
    "bilinear": Resampling.bilinear,
}


@dataclass(frozen=True, eq=False)
class Raster:
    """An array on a grid.

    Parameters
    ----------
    values
        Shape of the grid. Floating values mark no data by NaN.
    grid
        Where the cells lie.
    nodata
        For integer values: the value that marks no data, or None when every cell has data.

    Raises
    ------
    GridError
        If the shapes differ, or a floating raster names a no-data value other than NaN.
    """

    values: NDArray[np.generic]
    grid: Grid
    nodata: int | None = None

    def __post_init__(self) -> None:
        """Refuse values that do not fit the grid."""
        if self.values.shape != self.grid.shape:
            raise GridError(
                Text(
                    f"数值 {self.values.shape} 与格网 {self.grid.shape} 不符",
                    f"values {self.values.shape} do not fit the grid {self.grid.shape}",
                )
            )
        if self.nodata is not None and np.issubdtype(self.values.dtype, np.floating):
            raise GridError(
                Text(
                    "浮点栅格以 NaN 表示无数据；处理：nodata 留作 None",
                    "a floating raster marks no data by NaN; remedy: leave nodata None",
                )
            )

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Cells that have data."""
        if np.issubdtype(self.values.dtype, np.floating):
            return ~np.isnan(self.values.astype(np.float64, copy=False))
        if self.nodata is None:
            return np.ones(self.grid.shape, dtype=bool)
        return np.asarray(self.values != self.nodata)


def resample(raster: Raster, grid: Grid, *, how: How) -> Raster:
    """Bring a raster onto another grid, by the meaning of its values.

    Parameters
    ----------
    raster
        What to bring; its CRS may differ from the grid's.
    grid
        Where to bring it.
    how
        `nearest` or `mode` for classes, `bilinear` for a surface onto finer cells, `average` onto
        coarser ones, `sum` for amounts a cell: each is shared by area, so that the total is kept
        where the grid covers them (in another CRS by 10 × 10 points a cell).

    Returns
    -------
    Raster
        Classes and floating values in their type, integers averaged or interpolated as float64,
        sums as float64; cells that nothing reaches have no data.

    Raises
    ------
    GridError
        If classes without a no-data value do not cover the grid.
    CrsError
        If PROJ knows no way between the two CRSs that may be trusted.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> fine = Grid((2, 2), Affine(10, 0, 0, 0, -10, 20), CRS(4549))
    >>> coarse = Grid((1, 1), Affine(20, 0, 0, 0, -20, 20), CRS(4549))
    >>> amounts = Raster(np.array([[1.0, 2.0], [3.0, np.nan]]), fine)
    >>> resample(amounts, coarse, how="sum").values.round(9).tolist()
    [[6.0]]
    >>> resample(amounts, coarse, how="average").values.tolist()
    [[2.0]]
    """
    if how == "sum":
        return _summed(raster, grid)
    if how in {"average", "bilinear"} and not np.issubdtype(raster.values.dtype, np.floating):
        measured = np.where(raster.valid, raster.values, np.nan).astype(np.float64)
        raster = Raster(measured, raster.grid)
    transformer(raster.grid.crs, grid.crs)  # refuses what PROJ would pass unchanged
    floating = np.issubdtype(raster.values.dtype, np.floating)
    nodata = np.nan if floating else raster.nodata
    values = raster.values.astype(np.uint8) if raster.values.dtype == bool else raster.values
    out = np.full(grid.shape, 0 if nodata is None else nodata, dtype=values.dtype)
    reached = np.zeros(grid.shape, dtype=np.uint8)
    ways: dict[str, Any] = {
        "src_transform": raster.grid.transform,
        "src_crs": raster.grid.crs.to_wkt(),
        "dst_transform": grid.transform,
        "dst_crs": grid.crs.to_wkt(),
    }
    reproject(values, out, src_nodata=nodata, dst_nodata=nodata, resampling=HOWS[how], **ways)
    if nodata is None:
        ones = np.ones(raster.grid.shape, dtype=np.uint8)
        reproject(ones, reached, resampling=Resampling.nearest, **ways)
        if not reached.all():
            raise GridError(
                Text(
                    "类别栅格未覆盖目标格网；处理：设定 nodata",
                    "classes do not cover the grid; remedy: set nodata",
                )
            )
    return Raster(out.astype(raster.values.dtype), grid, raster.nodata)


def _summed(raster: Raster, grid: Grid) -> Raster:
    """Share every cell's amount among the cells it lies under, by area."""
    there = raster.valid
    amounts = np.where(there, raster.values, 0).astype(np.float64)
    if same(raster.grid.crs, grid.crs):
        total, share = by_area(amounts, there, raster.grid, grid)
    else:
        total, share = by_points(amounts, there, raster.grid, grid)
    return Raster(np.where(share > SLIVER, total, np.nan), grid)


def rasterize(
    frame: gpd.GeoDataFrame,
    grid: Grid,
    *,
    value: str = "",
    fill: float = 0,
    all_touched: bool = False,
) -> Raster:
    """Burn shapes into a grid; where several meet, the last row wins.

    Parameters
    ----------
    frame
        Shapes in the grid's CRS; an empty frame gives the fill everywhere.
    grid
        Where to burn.
    value
        Column whose numbers are burnt; without it 1.
    fill
        Value elsewhere.
    all_touched
        Burn every cell a shape touches, not only those whose centre it covers.

    Returns
    -------
    Raster
        Float64 when a column is given or `fill` is no whole number of 0…255 (NaN: no data), else
        uint8.

    Raises
    ------
    CrsError
        If the CRSs differ.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from shapely import box
    >>> grid = Grid((1, 3), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> frame = gpd.GeoDataFrame({"v": [2.5]}, geometry=[box(0, 0, 16, 10)], crs=4549)
    >>> rasterize(frame, grid, value="v").values.tolist()
    [[2.5, 2.5, 0.0]]
    """
    require_same(frame.crs, grid.crs, what="rasterize")
    numbers = frame[value].astype(float) if value else np.ones(len(frame))
    floating = bool(value) or fill not in range(256)
    out = np.full(grid.shape, fill, dtype=np.float64 if floating else np.uint8)
    shapes = [
        (shape, number)
        for shape, number in zip(frame.geometry, numbers, strict=True)
        if shape is not None and not shape.is_empty
    ]
    if shapes:
        features.rasterize(shapes, out=out, transform=grid.transform, all_touched=all_touched)
    return Raster(out, grid)


def sample(
    raster: Raster, x: ArrayLike, y: ArrayLike, *, how: Literal["nearest", "bilinear"] = "bilinear"
) -> NDArray[np.float64]:
    """Read a raster at points; NaN outside it, where there is no data, and at points of NaN.

    Parameters
    ----------
    raster
        What to read.
    x, y
        Points in the raster's CRS, shape (n,); a cell is closed west and north.
    how
        `bilinear` between the four cell centres around (a cell without data has no weight; within
        half a cell of the edge the outer centres stand in), or the `nearest` cell.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> grid = Grid((1, 2), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> sample(Raster(np.array([[1.0, 3.0]]), grid), [5, 10, 15, 99], [5, 5, 5, 5]).tolist()
    [1.0, 2.0, 3.0, nan]
    """
    grid = raster.grid

    def read(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.float64]:
        cells = raster.values[rows, columns]
        missing = False if raster.nodata is None else cells == raster.nodata
        return np.where(missing, np.nan, cells.astype(np.float64))

    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    outside = grid.transform.c - grid.resolution
    rows, columns = grid.index(np.where(known, x, outside), np.where(known, y, grid.transform.f))
    inside = grid.inside(rows, columns)
    found = np.full(rows.shape, np.nan)
    if how == "nearest":
        found[inside] = read(rows[inside], columns[inside])
        return found
    across = (x[inside] - grid.transform.c) / grid.resolution - 0.5
    down = (grid.transform.f - y[inside]) / grid.resolution - 0.5
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    weighted, weights = np.zeros(across.shape), np.zeros(across.shape)
    for step_down in (0, 1):
        for step_right in (0, 1):
            r = np.clip(top + step_down, 0, grid.shape[0] - 1)
            c = np.clip(left + step_right, 0, grid.shape[1] - 1)
            weight = np.abs(1 - step_down - (down - top)) * np.abs(1 - step_right - (across - left))
            there = read(r, c)
            weight = np.where(np.isnan(there), 0, weight)
            weighted += weight * np.nan_to_num(there)
            weights += weight
    centre = np.isnan(read(rows[inside], columns[inside])) | (weights == 0)
    found[inside] = np.where(centre, np.nan, weighted / np.where(weights == 0, 1, weights))
    return found


def crop(raster: Raster, bounds: tuple[float, float, float, float]) -> Raster:
    """Keep the cells that share area with bounds; nothing is resampled.

    Parameters
    ----------
    raster
        What to cut.
    bounds
        West, south, east, north in the raster's CRS; they may reach beyond the raster.

    Raises
    ------
    GridError
        If no cell shares area with them.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> grid = Grid((1, 3), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> part = crop(Raster(np.array([[1.0, 2.0, 3.0]]), grid), (12, 0, 20, 99))
    >>> part.values.tolist(), part.grid.bounds
    ([[2.0]], (10.0, 0.0, 20.0, 10.0))
    """
    grid, side = raster.grid, raster.grid.resolution
    west, south, east, north = bounds
    first = [
        round((north - grid.transform.f) / -side, 9),
        round((west - grid.transform.c) / side, 9),
    ]
    last = [
        round((south - grid.transform.f) / -side, 9),
        round((east - grid.transform.c) / side, 9),
    ]
    top, left = (max(math.floor(v), 0) for v in first)
    bottom, right = (min(math.ceil(v), n) for v, n in zip(last, grid.shape, strict=True))
    if not (top < bottom and left < right and south < north and west < east):
        raise GridError(
            Text(
                f"范围 {bounds} 与栅格 {grid.bounds} 不相交",
                f"bounds {bounds} share no area with the raster {grid.bounds}",
            )
        )
    x, y = grid.transform.c + left * side, grid.transform.f - top * side
    part = Grid((bottom - top, right - left), Affine(side, 0, x, 0, -side, y), grid.crs)
    return Raster(raster.values[top:bottom, left:right].copy(), part, raster.nodata)
