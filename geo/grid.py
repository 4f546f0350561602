"""A raster's grid as one frozen value: shape, transform and coordinate reference system."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from geo.errors import GridError
from geo.words import Text


@dataclass(frozen=True)
class Grid:
    """Square, north-up cells: row 0 is the northernmost, column 0 the westernmost.

    Parameters
    ----------
    shape
        Rows, columns; both at least 1.
    transform
        Cell indices (column, row) of a cell's upper left corner to x, y in units of `crs`.
    crs
        Coordinate reference system of x and y.

    Raises
    ------
    GridError
        If the grid is empty, rotated, not square or not north up.

    Examples
    --------
    >>> grid = Grid((2, 3), Affine(10, 0, 100, 0, -10, 220), CRS(4549))
    >>> grid.bounds, grid.resolution
    ((100.0, 200.0, 130.0, 220.0), 10.0)
    """

    shape: tuple[int, int]
    transform: Affine
    crs: CRS

    def __post_init__(self) -> None:
        """Refuse a grid that is empty, rotated, not square or upside down."""
        t = self.transform
        if min(self.shape) < 1:
            raise GridError(Text(f"格网为空：{self.shape}", f"empty grid: shape {self.shape}"))
        if t.b or t.d or t.a <= 0 or not math.isclose(t.a, -t.e, rel_tol=1e-9):
            raise GridError(
                Text(
                    f"格网须正北朝上、像元为正方形：发现 {tuple(t)[:6]}；处理：先将栅格重采样到"
                    "这样的格网",
                    f"grid must be north-up with square cells: found {tuple(t)[:6]}; remedy: warp "
                    "the raster to a north-up square grid first",
                )
            )

    @classmethod
    def from_bounds(
        cls, bounds: tuple[float, float, float, float], resolution: float, crs: CRS
    ) -> Grid:
        """Give the smallest grid that covers bounds, its corners at multiples of the resolution.

        Parameters
        ----------
        bounds
            West, south, east, north in units of `crs`.
        resolution
            Cell side in units of `crs`.
        crs
            Coordinate reference system.

        Examples
        --------
        >>> Grid.from_bounds((1, 2, 29, 11), 10, CRS(4549)).bounds
        (0.0, 0.0, 30.0, 20.0)
        """
        west, south = (math.floor(v / resolution) * resolution for v in bounds[:2])
        east, north = (math.ceil(v / resolution) * resolution for v in bounds[2:])
        shape = (round((north - south) / resolution), round((east - west) / resolution))
        return cls(shape, Affine(resolution, 0, west, 0, -resolution, north), crs)

    @property
    def resolution(self) -> float:
        """Side of a cell in units of the coordinate reference system."""
        return float(self.transform.a)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        rows, columns = self.shape
        west, north = float(self.transform.c), float(self.transform.f)
        return west, north - rows * self.resolution, west + columns * self.resolution, north

    def xy(
        self, rows: ArrayLike, columns: ArrayLike
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Give x, y of cell centres.

        >>> grid = Grid((2, 3), Affine(10, 0, 100, 0, -10, 220), CRS(4549))
        >>> [float(v) for v in grid.xy(0, 2)]
        [125.0, 215.0]
        """
        x = self.transform.c + (np.asarray(columns, dtype=float) + 0.5) * self.resolution
        y = self.transform.f - (np.asarray(rows, dtype=float) + 0.5) * self.resolution
        return x, y

    def index(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the row and column of the cells that hold points; cells are closed west and north.

        Points outside give indices outside the shape; `inside` tells.

        >>> grid = Grid((2, 3), Affine(10, 0, 100, 0, -10, 220), CRS(4549))
        >>> [int(v) for v in grid.index(125, 215)]
        [0, 2]
        """
        columns = np.floor((np.asarray(x, dtype=float) - self.transform.c) / self.resolution)
        rows = np.floor((self.transform.f - np.asarray(y, dtype=float)) / self.resolution)
        return rows.astype(np.int64), columns.astype(np.int64)

    def inside(self, rows: ArrayLike, columns: ArrayLike) -> NDArray[np.bool_]:
        """Say which indices lie on the grid."""
        r, c = np.asarray(rows), np.asarray(columns)
        return (r >= 0) & (r < self.shape[0]) & (c >= 0) & (c < self.shape[1])
