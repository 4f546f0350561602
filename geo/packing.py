"""How rasters are stored: no data, scale and offset, and which files are rasters for us."""

from __future__ import annotations

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS

from geo.errors import GridError, LimitError
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text

NODATA_INT16 = -32768
MOST_CELLS = 400_000_000
"""Rasters of more cells are refused: a file of a few bytes can claim any size."""


def packed(raster: Raster, scale: float | None) -> tuple[NDArray[np.generic], float | None]:
    """Give the values as they are stored, and what marks no data among them.

    Parameters
    ----------
    raster
        What to store; truth values become 0 and 1.
    scale
        For floating values: store 16-bit integers times this unit; None leaves them as they are.

    Raises
    ------
    GridError
        If scaled values do not fit 16 bits.

    Examples
    --------
    >>> from affine import Affine
    >>> grid = Grid((1, 2), Affine(1, 0, 0, 0, -1, 0), CRS(4549))
    >>> packed(Raster(np.array([[12.34, np.nan]]), grid), 0.1)[0].tolist()
    [[123, -32768]]
    """
    if scale is None:
        if raster.values.dtype == np.bool_:
            return raster.values.astype(np.uint8), raster.nodata
        floating = np.issubdtype(raster.values.dtype, np.floating)
        return raster.values, float("nan") if floating else raster.nodata
    steps = np.round(raster.values.astype(np.float64) / scale)
    if np.nanmax(np.abs(steps), initial=0) > np.iinfo(np.int16).max:
        raise GridError(
            Text(
                f"数值以比例 {scale} 存储超出 16 位",
                f"values do not fit 16 bits at a scale of {scale}",
            )
        )
    return np.where(np.isnan(steps), NODATA_INT16, steps).astype(np.int16), NODATA_INT16


def unpacked(source: rasterio.DatasetReader, *, crs: CRS | None = None) -> Raster:
    """Read the cells of an open file, undo scale and offset and mark what has no data.

    Parameters
    ----------
    source
        An open data set.
    crs
        The CRS of a file that names none.

    Raises
    ------
    GridError
        If it has several bands, complex values, a mask that no value stands for, a rotated, upside
        down or missing grid, or no CRS.
    LimitError
        If it has more than `MOST_CELLS` cells.
    """
    grid = _grid(source, crs)
    values: NDArray[np.generic] = source.read(1)
    missing = source.read_masks(1) == 0
    scale, offset = source.scales[0], source.offsets[0]
    if (scale, offset) != (1.0, 0.0):
        values = (values.astype(np.float64) * scale + offset).astype(np.float32)
    if np.issubdtype(values.dtype, np.floating):
        return Raster(np.where(missing, values.dtype.type("nan"), values), grid)
    marks = source.nodata is not None and float(source.nodata).is_integer()
    if missing.any() and not marks:
        raise GridError(
            Text(
                "有掩膜而没有无数据值；处理：设定一个",
                "a mask without a no-data value; remedy: set one",
            )
        )
    return Raster(values, grid, int(source.nodata) if marks else None)


def _grid(source: rasterio.DatasetReader, crs: CRS | None) -> Grid:
    """Give the grid of a raster file, or say what keeps it from being read."""
    if source.count != 1 or source.dtypes[0].startswith("complex"):
        bands = f"{source.count} × {source.dtypes[0]}"
        raise GridError(
            Text(
                f"应为单波段实数：发现 {bands}；处理：提取一个波段",
                f"one real band expected: found {bands}; remedy: extract one band",
            )
        )
    if source.width * source.height > MOST_CELLS:
        size = f"{source.height} × {source.width}"
        raise LimitError(
            Text(
                f"像元过多：{size}，至多 {MOST_CELLS:,}；处理：裁剪到县域",
                f"too many cells: {size}, at most {MOST_CELLS:,}; remedy: cut out the county",
            )
        )
    found = crs if source.crs is None else CRS.from_wkt(source.crs.to_wkt())
    if found is None:
        raise GridError(
            Text(
                "没有坐标系；处理：导入时给出，--crs EPSG:xxxx",
                "no CRS; remedy: name it when importing, --crs EPSG:xxxx",
            )
        )
    return Grid(source.shape, source.transform, found)
