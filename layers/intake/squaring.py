"""Cells of any grid brought onto square, north-up ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS
from rasterio.enums import Resampling
from rasterio.io import MemoryFile
from rasterio.vrt import WarpedVRT
from rasterio.warp import transform_bounds
from shapely.geometry.base import BaseGeometry

from geo.crs import same, transformer
from geo.errors import GridError, LimitError
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text
from layers.intake.grid import ELSEWHERE, MOST_CELLS, Bounds, Cells

EDGE_PIECES = 40  # of the edge of a raster that is carried to another CRS
EXACT_CELLS = 0.001  # how far off a warped place may be; GDAL takes 0.125 by itself
WAYS = {
    Resampling.nearest: Text("最近邻", "nearest"),
    Resampling.bilinear: Text("双线性", "bilinear"),
    Resampling.average: Text("平均", "average"),
}


@dataclass(frozen=True, eq=False)
class Squared:
    """A raster on a square grid, and what was done to bring it there."""

    raster: Raster
    step: Text


def squared(
    cells: Cells,
    crs: CRS,
    *,
    bounds: Bounds | None = None,
    resolution: float | None = None,
    how: Literal["bilinear", "nearest"] = "bilinear",
) -> Squared:
    """Bring cells onto a square, north-up grid.

    Parameters
    ----------
    cells
        Their CRS is known.
    crs
        The grid's CRS.
    bounds
        What the grid covers; None for all of the cells.
    resolution
        Side of the new cells in units of `crs`; None for the old ones' mean side, rounded.
    how
        `bilinear` for heights (the average onto cells twice as wide or more), `nearest` for
        classes.

    Returns
    -------
    Squared
        32-bit floats, NaN where there is no data. Cells that already lie squarely in the CRS are
        cut, not resampled.

    Raises
    ------
    CrsError
        If the datums differ.
    LimitError
        If there were too many cells.
    """
    if cells.crs is None:
        raise GridError(Text("没有坐标系", "no CRS"))
    transformer(cells.crs, crs)
    t = cells.transform
    square = not (t.b or t.d) and t.a > 0 and math.isclose(t.a, -t.e, rel_tol=1e-6)
    if square and same(cells.crs, crs) and (resolution is None or math.isclose(resolution, t.a)):
        kept = Text(f"{t.a:g} m，原格网", f"{t.a:g} m, grid as it was")
        return Squared(_cut(cells, crs, bounds), kept)
    rows, columns = cells.values.shape
    corners = [t @ (x, y) for x in (0, columns) for y in (0, rows)]
    xs, ys = [c[0] for c in corners], [c[1] for c in corners]
    old, new = cells.crs.to_wkt(), crs.to_wkt()
    whole = transform_bounds(old, new, min(xs), min(ys), max(xs), max(ys))
    native = math.sqrt((whole[2] - whole[0]) * (whole[3] - whole[1]) / (rows * columns))
    side = resolution or _rounded(native)
    here = whole if bounds is None else _common(whole, bounds)
    if (here[2] - here[0]) * (here[3] - here[1]) / side**2 > MOST_CELLS:
        raise LimitError(
            Text(
                f"栅格过大：边长 {side:g} 时像元过多；处理：--resolution",
                f"too many cells at {side:g}; remedy: --resolution",
            )
        )
    grid = Grid.from_bounds(here, side, crs)
    ways = {"nearest": Resampling.nearest, "bilinear": Resampling.bilinear}
    way = Resampling.average if how == "bilinear" and side >= 2 * native else ways[how]
    systems = f"{cells.crs.name} → {crs.name}"
    step = Text(
        f"{systems}，{side:g} m，{WAYS[way].zh}重采样",
        f"{systems}, {side:g} m, resampled ({WAYS[way].en})",
    )
    return Squared(Raster(_warped(cells, grid, way), grid), step)


def extent_of(cells: Cells, crs: CRS) -> BaseGeometry:
    """Give the outline of cells in a CRS, with data or without; edges bend with the projection.

    Raises
    ------
    CrsError
        If the datums differ.
    """
    if cells.crs is None:
        raise GridError(Text("没有坐标系", "no CRS"))
    rows, columns = cells.values.shape
    ring = shapely.segmentize(
        shapely.box(0, 0, columns, rows), max(rows, columns) / EDGE_PIECES
    ).exterior.coords
    x, y = np.array([cells.transform @ place for place in ring]).T
    x, y = transformer(cells.crs, crs).transform(x, y)
    return shapely.Polygon(np.column_stack([x, y]))


def _warped(cells: Cells, grid: Grid, way: Resampling) -> NDArray[np.float32]:
    """Resample with every cell's place worked out; GDAL's shortcut is up to 0.07 cells off."""
    profile = {
        "driver": "GTiff",
        "width": cells.values.shape[1],
        "height": cells.values.shape[0],
        "count": 1,
        "dtype": "float32",
        "nodata": np.nan,
        "crs": cells.crs.to_wkt() if cells.crs else None,
        "transform": cells.transform,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as sink:
            sink.write(cells.values, 1)
        with (
            memory.open() as source,
            WarpedVRT(
                source,
                crs=grid.crs.to_wkt(),
                transform=grid.transform,
                width=grid.shape[1],
                height=grid.shape[0],
                resampling=way,
                tolerance=EXACT_CELLS,
            ) as warped,
        ):
            values: NDArray[np.float32] = warped.read(1)
    return values


def _common(a: Bounds, b: Bounds) -> Bounds:
    west, south, east, north = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    if west >= east or south >= north:
        raise GridError(ELSEWHERE)
    return west, south, east, north


def _rounded(side: float) -> float:
    """Round a cell's side to one figure: 87 to 90.

    >>> _rounded(87.1), _rounded(28.8), _rounded(0.0008333)
    (90.0, 30.0, 0.0008)
    """
    power = 10.0 ** math.floor(math.log10(side))
    return float(f"{round(side / power) * power:.12g}")


def _cut(cells: Cells, crs: CRS, bounds: Bounds | None) -> Raster:
    grid = Grid(cells.values.shape, cells.transform, crs)
    if bounds is None:
        return Raster(cells.values, grid)
    west, south, east, north = _common(grid.bounds, bounds)
    side = grid.resolution
    left, top = int((west - grid.bounds[0]) // side), int((grid.bounds[3] - north) // side)
    right = min(grid.shape[1], math.ceil((east - grid.bounds[0]) / side))
    bottom = min(grid.shape[0], math.ceil((grid.bounds[3] - south) / side))
    moved = cells.transform @ Affine.translation(left, top)
    part = np.ascontiguousarray(cells.values[top:bottom, left:right])
    return Raster(part, Grid(part.shape, moved, crs))
