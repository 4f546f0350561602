"""How far a whole set of points lies off a surface that it should fit: the best of all shifts.

Every shift by whole cells within reach is tried (exhaustive matching), and the best is held against
all those far from it. Where these spread little and the best stands clear of them, points and
surface belong together and the shift is theirs; otherwise the best is one of chance.

Source: Brown, L. G. (1992), A survey of image registration techniques, ACM Computing Surveys 24(4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from geo.raster import Raster

APART_M = 300.0
"""Shifts farther than this from the best are those by chance."""


@dataclass(frozen=True)
class Displacement:
    """How a set of points lies to a surface.

    Parameters
    ----------
    east_m, north_m
        How far the points lie off: moved back by it they fit best.
    best, rest
        Mean misfit when they are moved back, and as they lie.
    usual, spread
        Mean and standard deviation of the mean misfits by chance.
    """

    east_m: float
    north_m: float
    best: float
    rest: float
    usual: float
    spread: float

    @property
    def length_m(self) -> float:
        """How far off, m."""
        return float(np.hypot(self.east_m, self.north_m))

    @property
    def sharpness(self) -> float:
        """By how many standard deviations the best stands clear of chance; 0 where all fit alike.

        >>> Displacement(0, 0, best=10, rest=10, usual=250, spread=20).sharpness
        12.0
        """
        return (self.usual - self.best) / self.spread if self.spread > 0 else 0.0

    @property
    def loss(self) -> float:
        """What is lost as they lie: 0 as good as the best, 1 as bad as chance.

        >>> Displacement(400, 0, best=10, rest=130, usual=250, spread=20).loss
        0.5
        """
        return (self.rest - self.best) / (self.usual - self.best) if self.usual > self.best else 0.0


def displacement(
    surface: Raster, x: ArrayLike, y: ArrayLike, value: ArrayLike, *, most: float, reach_m: float
) -> Displacement | None:
    """Find the shift of points at which a surface has most nearly the values they should meet.

    Parameters
    ----------
    surface
        Square cells in metres. Points that come to lie outside, or where there is no data, say
        nothing; a shift that leaves fewer than half the points is none.
    x, y
        Points in the surface's CRS, shape (n,).
    value
        What the surface should be at each point, shape (n,) or one for all.
    most
        A point's misfit is |surface − value|, but no more than this.
    reach_m
        Shifts are tried so far to each side.

    Returns
    -------
    Displacement or None
        Of equal shifts the smallest; between cells by a parabola. None where no shift leaves half
        the points, and where they do not lie on the surface as they are.

    Examples
    --------
    A line of 0 in a surface of 9, and points 60 m east of it:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((40, 40), Affine(30, 0, 0, 0, -30, 1200), CRS(4549))
    >>> cells = np.full((40, 40), 9.0)
    >>> cells[10:30, 20] = 0
    >>> x, y = grid.xy(np.arange(10, 30), np.full(20, 22))
    >>> off = displacement(Raster(cells, grid), x, y, 0, most=9, reach_m=450)
    >>> (off.east_m, off.north_m, off.best, off.rest)
    (60.0, 0.0, 0.0, 9.0)
    """
    grid = surface.grid
    rows, columns = grid.index(x, y)
    wanted = np.broadcast_to(np.asarray(value, dtype=np.float64), rows.shape)
    k = max(int(reach_m // grid.resolution), 1)
    cells = np.where(surface.valid, surface.values, np.nan).astype(np.float64)
    misfits = _misfits(cells, rows, columns, wanted, most, k)
    if not np.isfinite(misfits[k, k]):
        return None
    across = np.arange(-k, k + 1)
    right, down = np.meshgrid(across, across)
    away = np.hypot(down, right)
    least = np.flatnonzero(misfits == np.nanmin(misfits))
    row, column = divmod(int(least[np.argmin(away.flat[least])]), misfits.shape[1])
    apart = np.hypot(down - down[row, column], right - right[row, column]) * grid.resolution
    chance = misfits[(apart > APART_M) & np.isfinite(misfits)]
    if not len(chance):
        return None
    south = down[row, column] + _between(misfits[:, column], row)
    east = right[row, column] + _between(misfits[row], column)
    return Displacement(
        float(-east * grid.resolution) + 0.0,
        float(south * grid.resolution) + 0.0,
        float(misfits[row, column]),
        float(misfits[k, k]),
        float(chance.mean()),
        float(chance.std()),
    )


def _between(misfits: NDArray[np.float64], place: int) -> float:
    """Give how far from a least value the parabola through it and its neighbours is least."""
    if not 0 < place < len(misfits) - 1:
        return 0.0
    before, here, after = misfits[place - 1 : place + 2]
    bend = before - 2 * here + after  # NaN beside a shift that is none
    return float(0.5 * (before - after) / bend) if bend > 0 else 0.0


@njit(cache=True, nogil=True)
def _misfits(
    cells: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    wanted: NDArray[np.float64],
    most: float,
    k: int,
) -> NDArray[np.float64]:
    """Give the mean misfit of every shift of up to k cells down and right."""
    side, height, width = 2 * k + 1, cells.shape[0], cells.shape[1]
    out = np.full((side, side), np.nan)
    for i in range(side):
        for j in range(side):
            total, count = 0.0, 0
            for p in range(len(rows)):
                row, column = rows[p] + i - k, columns[p] + j - k
                if 0 <= row < height and 0 <= column < width:
                    off = abs(cells[row, column] - wanted[p])
                    if not np.isnan(off):
                        total += min(off, most)
                        count += 1
            if 2 * count >= len(rows) and count > 0:
                out[i, j] = total / count
    return out
