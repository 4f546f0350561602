"""Rasters as values: an array with its grid, resampled by meaning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.errors import GridError
from geo.grid import Grid


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
