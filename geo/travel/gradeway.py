"""The shortest way over terrain that is nowhere steeper than a grade.

Method: Dijkstra's algorithm in buckets (Dial 1969) over the cells of a raster. A step leads to one
of 48 neighbours, all with coprime offsets of up to 4 rows and columns; its grade is the difference
in height of its ends over its horizontal length, its cost the straight distance in space. Buckets
are as wide as the shortest step, so that every cell is settled once.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.errors import InfeasibleError, InputError
from geo.raster import Raster
from geo.words import Text

__all__ = ["gradeway"]

PAD = 4
STEPS = np.array(
    [
        (row, column)
        for row in range(-PAD, PAD + 1)
        for column in range(-PAD, PAD + 1)
        if math.gcd(row, column) == 1
    ],
    dtype=np.int64,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]


class Gradeway(NamedTuple):
    """A way: rows and columns of the cells stepped on, shape (n, 2), and its length in space, m."""

    cells: NDArray[np.int64]
    length_m: float


def gradeway(
    dem: Raster, start: tuple[int, int], end: tuple[int, int], *, max_grade: float
) -> Gradeway:
    """Find the shortest way between two cells.

    Parameters
    ----------
    dem
        Heights in m; cells without a height cannot be stepped on.
    start, end
        Row and column.
    max_grade
        Steepest step, m/m; both ways.

    Returns
    -------
    Gradeway
        Both ends are among its cells. Of ways of one length an arbitrary but repeatable one.

    Raises
    ------
    InputError
        If an end is off the terrain, or the grade is not positive.
    InfeasibleError
        If no way leads there.

    Examples
    --------
    Up 4 m in two cells of 10 m: within 20 % straight up, 2 √(10² + 2²) = 20.396 m.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 3), Affine(10, 0, 0, 0, -10, 0), CRS(4549))
    >>> dem = Raster(np.array([[0.0, 2, 4]]), grid)
    >>> cells, length = gradeway(dem, (0, 0), (0, 2), max_grade=0.2)
    >>> cells.tolist(), round(length, 3)
    ([[0, 0], [0, 1], [0, 2]], 20.396)
    """
    if not 0 < max_grade < math.inf:
        raise InputError(
            Text(
                f"坡度须大于 0：发现 {max_grade}",
                f"the grade must be above 0: found {max_grade}",
            )
        )
    ends = np.array([start, end], dtype=np.int64)
    inside = dem.grid.inside(ends[:, 0], ends[:, 1])
    if not inside.all() or not dem.valid[ends[:, 0], ends[:, 1]].all():
        raise InputError(
            Text(f"起讫点没有地形：{start}、{end}", f"no terrain at an end: {start}, {end}")
        )
    heights = np.pad(
        np.where(dem.valid, dem.values, np.nan).astype(np.float64), PAD, constant_values=np.nan
    )
    width = heights.shape[1]
    first, last = ((int(r) + PAD) * width + int(c) + PAD for r, c in ends)
    cell = dem.grid.resolution
    lengths = cell * np.hypot(*STEPS.T)
    cost, before = _search(
        heights.ravel(), STEPS @ (width, 1), lengths, (first, last), cell, max_grade
    )
    if not cost[last] < np.inf:
        raise InfeasibleError(
            Text(
                f"坡度不大于 {max_grade:g} 时无可行路线",
                f"no way within a grade of {max_grade:g}",
            )
        )
    way = [last]
    while way[-1] != first:
        way.append(int(before[way[-1]]))
    cells = np.stack(np.divmod(np.array(way[::-1]), width), axis=1) - PAD
    return Gradeway(cells, float(cost[last]))


@njit(cache=True, nogil=True)
def _search(
    heights: Floats,
    offsets: Ints,
    lengths: Floats,
    ends: tuple[int, int],
    cell: float,
    grade: float,
) -> tuple[Floats, Shorts]:
    """Settle cells, nearest first, until the end is; give costs and the cells before."""
    cost = np.full(heights.size, np.inf)
    before = np.full(heights.size, -1, np.int32)
    most = grade * lengths * (1 + 1e-12)
    # No step reaches further than so many buckets ahead: they are used in turns.
    count = int(lengths.max() * np.sqrt(1 + grade * grade) / cell) + 3
    head, after = np.full(count, -1, np.int32), np.full(heights.size, -1, np.int32)
    prior, place = np.full(heights.size, -1, np.int32), np.full(heights.size, -1, np.int32)
    first, last = ends
    cost[first] = 0.0
    head[0], place[first] = first, 0
    waiting, now = 1, 0
    while waiting > 0 and place[last] != -2:
        while head[now] < 0:
            now = (now + 1) % count
        here = head[now]
        _unhang(here, head, after, prior, place)
        place[here] = -2  # settled
        waiting -= 1
        height, far = heights[here], cost[here]
        for k in range(offsets.size):
            to = here + offsets[k]
            rise = heights[to] - height
            if not abs(rise) <= most[k]:
                continue
            there = far + np.sqrt(lengths[k] * lengths[k] + rise * rise)
            if there < cost[to]:
                cost[to] = there
                before[to] = here
                bucket = int(there / cell) % count
                if place[to] != bucket:
                    if place[to] >= 0:
                        _unhang(to, head, after, prior, place)
                        waiting -= 1
                    _hang(to, bucket, head, after, prior, place)
                    waiting += 1
    return cost, before


@njit(cache=True)
def _unhang(at: int, head: Shorts, after: Shorts, prior: Shorts, place: Shorts) -> None:
    if prior[at] >= 0:
        after[prior[at]] = after[at]
    else:
        head[place[at]] = after[at]
    if after[at] >= 0:
        prior[after[at]] = prior[at]
    place[at] = -1


@njit(cache=True)
def _hang(at: int, bucket: int, head: Shorts, after: Shorts, prior: Shorts, place: Shorts) -> None:
    after[at], prior[at] = head[bucket], -1
    if head[bucket] >= 0:
        prior[head[bucket]] = at
    head[bucket], place[at] = at, bucket
