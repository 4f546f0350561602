"""Cells and their statistics in zones, each cell weighted by the share that a zone covers.

Source: exactextract (Baston 2018), which measures the coverage exactly instead of testing centres.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from numpy.typing import NDArray

from geo.crs import require_same
from geo.errors import GeometryError, GridError, Problem
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text

Stat = Literal["mean", "sum", "count", "min", "max"]
STATS = ("mean", "sum", "count", "min", "max")
NOTHING = {"sum": 0.0, "count": 0.0}  # what a zone without cells has; the others have no value


def zonal(
    raster: Raster,
    zones: gpd.GeoDataFrame,
    *,
    stats: Sequence[Stat] = ("mean", "sum", "count"),
    weights: Raster | None = None,
) -> pd.DataFrame:
    """Give statistics of the cells under each zone, exact for zones of any size.

    Cells without data count nowhere; so does the part of a zone that lies outside the raster.

    Parameters
    ----------
    raster
        Values, shape (rows, columns).
    zones
        Polygons in the raster's CRS; they may overlap, be empty or be smaller than a cell.
    stats
        `mean` per covered area, `sum` of value × covered share of the cell, `count` of cells
        covered (a fraction for partly covered ones: × resolution² is an area), `min`, `max`.
    weights
        Weight of each cell, at least 0, on the same grid: `mean` and `sum` become weighted. Cells
        without a weight are left out of every statistic.

    Returns
    -------
    DataFrame
        Float64, a column for each of `stats`, the zones' index. A zone over no data has `count`
        and `sum` 0 and NaN elsewhere. No zones give no rows.

    Raises
    ------
    CrsError
        If the CRSs differ.
    GridError
        If the weights lie on another grid, or one is negative.
    GeometryError
        If a zone is no polygon (rows named), or a statistic is not known.

    Examples
    --------
    Half of a cell of 4 and the whole of a cell of 7:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from shapely import box
    >>> grid = Grid((1, 2), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> zones = gpd.GeoDataFrame(geometry=[box(5, 0, 20, 10)], index=["a"], crs=4549)
    >>> zonal(Raster(np.array([[4.0, 7.0]]), grid), zones).to_dict("index")
    {'a': {'mean': 6.0, 'sum': 9.0, 'count': 1.5}}
    """
    _check(raster.grid, zones)
    _known(stats)
    values = np.where(raster.valid, raster.values, np.nan).astype(np.float64)
    extra = {}
    names: list[str] = list(dict.fromkeys(stats))
    operations = names
    if weights is not None:
        weighing = _weighing(weights, raster.grid)
        values = np.where(np.isnan(weighing), np.nan, values)
        extra["weights"] = _source(np.nan_to_num(weighing), raster.grid, "weights")
        operations = [f"weighted_{s}" if s in {"mean", "sum"} else s for s in names]
    filled = ~(zones.geometry.is_empty | zones.geometry.isna()).to_numpy()
    table = pd.DataFrame({s: np.full(len(zones), NOTHING.get(s, np.nan)) for s in names})
    if filled.any():
        shapes = gpd.GeoDataFrame(geometry=zones.geometry.to_numpy()[filled], crs=raster.grid.crs)
        source = _source(values, raster.grid, "values")
        found = exact_extract(source, shapes, operations, output="pandas", **extra)
        table.loc[filled, names] = found[operations].to_numpy(dtype=np.float64)
    return table.set_axis(zones.index, axis="index")


def covered(grid: Grid, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the cells under each zone, and the share of each that the zone covers.

    Parameters
    ----------
    grid
        Where the cells lie.
    zones
        Polygons in the grid's CRS; they may overlap, be empty or be smaller than a cell. What lies
        outside the grid is left out.

    Returns
    -------
    DataFrame
        zone (position among the zones), row, column (int64) and share (float64, above 0, known to
        1e-7); in the order of the zones, then by row and column.

    Raises
    ------
    CrsError
        If the CRSs differ.
    GeometryError
        If a zone is no polygon; rows are named.

    Examples
    --------
    Half of the left cell and the whole of the right one:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from shapely import box
    >>> grid = Grid((1, 2), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> zones = gpd.GeoDataFrame(geometry=[box(5, 0, 20, 10)], index=["a"], crs=4549)
    >>> covered(grid, zones).to_dict("list")
    {'zone': [0, 0], 'row': [0, 0], 'column': [0, 1], 'share': [0.5, 1.0]}
    """
    _check(grid, zones)
    filled = np.flatnonzero(~(zones.geometry.is_empty | zones.geometry.isna()).to_numpy())
    shapes = gpd.GeoDataFrame(geometry=zones.geometry.to_numpy()[filled], crs=grid.crs)
    parts = [np.zeros((0, 3))]
    if len(filled):
        source = _source(np.ones(grid.shape), grid, "cells")
        found = exact_extract(source, shapes, ["cell_id", "coverage"], output="pandas")
        for zone, cells, shares in zip(filled, found["cell_id"], found["coverage"], strict=True):
            parts.append(np.column_stack([np.full(len(cells), zone), cells, shares]))
    zone, cell, share = np.concatenate(parts).T
    row, column = np.divmod(cell.astype(np.int64), grid.shape[1])
    table = pd.DataFrame({"zone": zone.astype(np.int64), "row": row, "column": column})
    table = table.assign(share=share)[share > 0]
    return table.sort_values(["zone", "row", "column"], ignore_index=True)


def _source(values: NDArray[np.float64], grid: Grid, name: str) -> NumPyRasterSource:
    return NumPyRasterSource(values, *grid.bounds, name=name, srs_wkt=grid.crs.to_wkt())


def _weighing(weights: Raster, grid: Grid) -> NDArray[np.float64]:
    """Give the weights with NaN where there are none, or refuse them."""
    if weights.grid != grid:
        raise GridError(
            Text(
                "权重不在同一格网；处理：先重采样",
                "weights lie on another grid; remedy: resample them first",
            )
        )
    known = np.where(weights.valid, weights.values, np.nan).astype(np.float64)
    if (known < 0).any():
        least = np.nanmin(known)
        raise GridError(Text(f"权重不得为负：发现 {least:g}", f"weights below 0: found {least:g}"))
    return known


def _known(stats: Sequence[str]) -> None:
    unknown = [s for s in stats if s not in STATS]
    if unknown:
        raise GeometryError(
            Text(
                f"未知统计量：{unknown}；应为 {STATS} 之中",
                f"unknown statistic: {unknown}; expected some of {STATS}",
            )
        )


def _check(grid: Grid, zones: gpd.GeoDataFrame) -> None:
    require_same(zones.crs, grid.crs, what="zonal")
    kinds = zones.geometry.geom_type
    wrong = kinds.notna() & ~kinds.isin(["Polygon", "MultiPolygon"]) & ~zones.geometry.is_empty
    if wrong.any():
        raise GeometryError(
            Text("分区须为面", "zones must be polygons"),
            problems=[
                Problem(row=str(row), found=kind, expected="Polygon, MultiPolygon")
                for row, kind in zip(zones.index[wrong], kinds[wrong], strict=True)
            ],
        )
