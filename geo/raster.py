"""Rasters as values: an array with its grid, resampled by meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer
from rasterio import features
from rasterio.warp import Resampling, reproject

from geo.crs import require_same
from geo.errors import GridError
from geo.grid import Grid

How = Literal["nearest", "mode", "average", "bilinear", "sum"]


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
            raise GridError(f"values {self.values.shape} do not fit the grid {self.grid.shape}")
        if self.nodata is not None and np.issubdtype(self.values.dtype, np.floating):
            raise GridError("a floating raster marks no data by NaN; remedy: leave nodata None")

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Cells that have data."""
        if np.issubdtype(self.values.dtype, np.floating):
            return ~np.isnan(self.values.astype(np.float64, copy=False))
        if self.nodata is None:
            return np.ones(self.grid.shape, dtype=bool)
        return np.asarray(self.values != self.nodata)


HOWS: Mapping[str, Resampling] = {
    "nearest": Resampling.nearest,
    "mode": Resampling.mode,
    "average": Resampling.average,
    "bilinear": Resampling.bilinear,
}


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
        coarser ones, `sum` for amounts a cell: their total is kept where the grid covers them.

    Returns
    -------
    Raster
        Floating values as they were, 64-bit for `sum`; cells that nothing reaches have no data.

    Raises
    ------
    GridError
        If integers without a no-data value do not cover the grid.

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
                "类别栅格未覆盖目标范围 classes do not cover the grid; remedy: set nodata"
            )
    return Raster(out.astype(raster.values.dtype), grid, raster.nodata)


def _summed(raster: Raster, grid: Grid) -> Raster:
    """Share every cell's amount among 10 × 10 points and add up what falls into each cell."""
    rows, columns = np.nonzero(raster.valid)
    amounts = raster.values[rows, columns].astype(np.float64)
    total, reached = np.zeros(grid.shape), np.zeros(grid.shape, dtype=bool)
    change = Transformer.from_crs(raster.grid.crs, grid.crs, always_xy=True)
    parts = 10
    for down in range(parts):
        for right in range(parts):
            x = raster.grid.transform.c + (columns + (right + 0.5) / parts) * raster.grid.resolution
            y = raster.grid.transform.f - (rows + (down + 0.5) / parts) * raster.grid.resolution
            r, c = grid.index(*change.transform(x, y))
            here = grid.inside(r, c)
            np.add.at(total, (r[here], c[here]), amounts[here] / parts**2)
            reached[r[here], c[here]] = True
    return Raster(np.where(reached, total, np.nan), grid)


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
        Float64 with NaN as no data when `fill` is NaN or a column is given, else uint8.

    Raises
    ------
    CrsError
        If the CRSs differ.
    """
    require_same(frame.crs, grid.crs, what="rasterize")
    numbers = frame[value].astype(float) if value else np.ones(len(frame))
    floating = bool(value) or np.isnan(fill)
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
    """Read a raster at points; NaN outside it and where there is no data.

    Parameters
    ----------
    raster
        What to read.
    x, y
        Points in the raster's CRS, shape (n,).
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
    values = np.where(raster.valid, raster.values, np.nan).astype(np.float64)
    rows, columns = grid.index(x, y)
    inside = grid.inside(rows, columns)
    found = np.full(np.shape(rows), np.nan)
    if how == "nearest":
        found[inside] = values[rows[inside], columns[inside]]
        return found
    across = (np.asarray(x, dtype=float)[inside] - grid.transform.c) / grid.resolution - 0.5
    down = (grid.transform.f - np.asarray(y, dtype=float)[inside]) / grid.resolution - 0.5
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    weighted, weights = np.zeros(across.shape), np.zeros(across.shape)
    for step_down in (0, 1):
        for step_right in (0, 1):
            r = np.clip(top + step_down, 0, grid.shape[0] - 1)
            c = np.clip(left + step_right, 0, grid.shape[1] - 1)
            weight = np.abs(1 - step_down - (down - top)) * np.abs(1 - step_right - (across - left))
            there = values[r, c]
            weight = np.where(np.isnan(there), 0, weight)
            weighted += weight * np.nan_to_num(there)
            weights += weight
    centre = np.isnan(values[rows[inside], columns[inside]]) | (weights == 0)
    found[inside] = np.where(centre, np.nan, weighted / np.where(weights == 0, 1, weights))
    return found
