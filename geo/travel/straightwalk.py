"""Straight walks over terrain: along the line between two points, over every cell it crosses.

A search from cell to cell turns in a few directions only and takes too long between them. A
straight walk has every direction: on a plane, and up and down a cone, it takes what its slope says.

1. The line is cut where it passes cell centres: at each column of centres when it runs more across
   than down, else at each row. Heights there are linear between the two centres beside it, at its
   ends bilinear between the four around. Each piece takes its length times the pace at its slope.
2. A line with a cell beside it of no data (NaN) or a barrier (infinity), or with an end within half
   a cell of the grid's edge, is not walked. So no walk jumps a barrier or unknown ground.
3. Both ways cross the same cells: where the pace is the same up and down, so are the two times.

Ends are tried only where an even slope to them, the fastest way by Jensen's inequality, would
improve what is known.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.errors import GridError
from geo.raster import Raster
from geo.travel.costqueue import Table, pace_at
from geo.travel.pace import Pace, convex, tabled
from geo.words import Text

Floats = NDArray[np.float64]
ON_CENTRE = 1e-9  # cells: nearer than this, a line passes through a centre


class _Place(NamedTuple):
    """Row and column, whole at the centres of cells, and height."""

    row: float
    column: float
    height: float


class _Ends(NamedTuple):
    """Ends sorted by square blocks of the grid, as wide as the longest walk, row by row."""

    row: Floats
    column: Floats
    height: Floats
    seconds: Floats
    first: NDArray[np.int64]
    blocks: tuple[int, int]


class _Run(NamedTuple):
    """Ends that stand together: the first, and the one after the last."""

    first: int
    last: int


class _Ground(NamedTuple):
    """Heights, paces, their convex hull and its fastest, a cell's side, the longest walk."""

    heights: Floats
    table: Table
    hull: Table
    fastest: float
    cell: float
    within: float


def straight_walks(
    dem: Raster, pace: Pace, points: Floats, ends: Floats, *, within: float, known: Floats
) -> Floats:
    """Give the least time from points by a straight walk to one of some ends, and on from there.

    Parameters
    ----------
    dem
        Heights in the grid's unit of length; infinity is a barrier.
    pace
        Seconds a metre by slope in the direction of travel, from point to end.
    points
        x and y in the CRS of the grid, shape (n, 2).
    ends
        x, y, and the seconds it takes to go on from there, not negative, shape (m, 3).
    within
        Longest walk, in the grid's unit, on the map.
    known
        Times known otherwise, shape (n,); what no walk improves stays.

    Returns
    -------
    Floats
        Seconds, shape (n,).

    Raises
    ------
    GridError
        If `within` is not positive, or shapes do not fit.

    Examples
    --------
    Along a slope of 0.1 at 2 s/m: from the first to the third of three cells of 10 m.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> dem = Raster(np.array([[0.0, 1, 2]]), Grid((1, 3), Affine(10, 0, 0, 0, -10, 10), CRS(4549)))
    >>> pace = Pace(np.array([-0.1, 0.1]), np.array([1.0, 2.0]))
    >>> here, there = np.array([[5.0, 5.0]]), np.array([[25.0, 5.0, 7.0]])
    >>> straight_walks(dem, pace, here, there, within=20, known=np.array([np.inf])).tolist()
    [47.0]
    """
    if not within > 0 or points.shape != (len(known), 2) or ends.shape[1:] != (3,):
        shapes = f"{points.shape}, {ends.shape}, {known.shape}, {within}"
        raise GridError(
            Text(
                f"须有 points (n, 2)、ends (m, 3)、known (n,) 与大于 0 的距离：发现 {shapes}",
                "points (n, 2), ends (m, 3), known (n,) and a positive distance are needed: found "
                f"{shapes}",
            )
        )
    heights = np.where(dem.valid, dem.values, np.nan).astype(np.float64)
    cell = dem.grid.resolution
    table, hull = tabled(pace, "from"), tabled(convex(pace), "from")
    ground = _Ground(heights, table, hull, float(hull.seconds.min()), cell, within)
    found = known.astype(np.float64)
    _shorten(found, *_cells(dem, points), _sorted(dem, ends, ground), ground)
    return found


def _cells(dem: Raster, points: Floats) -> tuple[Floats, Floats]:
    """Give rows and columns of points, whole at the centres of cells."""
    down = (dem.grid.transform.f - points[:, 1]) / dem.grid.resolution - 0.5
    across = (points[:, 0] - dem.grid.transform.c) / dem.grid.resolution - 0.5
    return down, across


def _sorted(dem: Raster, ends: Floats, ground: _Ground) -> _Ends:
    """Sort ends that can be walked to by blocks."""
    row, column = _cells(dem, ends[:, :2])
    height = _heights(ground.heights, row, column)
    use = np.isfinite(height) & np.isfinite(ends[:, 2])
    row, column, height, seconds = row[use], column[use], height[use], ends[use, 2]
    side = ground.within / ground.cell
    rows, columns = (int(cells / side) + 1 for cells in dem.grid.shape)
    block = (row // side).astype(np.int64) * columns + (column // side).astype(np.int64)
    order = np.argsort(block, kind="stable")
    first = np.searchsorted(block[order], np.arange(rows * columns + 1))
    return _Ends(row[order], column[order], height[order], seconds[order], first, (rows, columns))


@njit(cache=True)
def _height(heights: Floats, row: float, column: float) -> float:
    """Interpolate between the centres around; NaN where one of them is off, unknown or closed."""
    top, left = int(np.floor(row)), int(np.floor(column))
    down, right = row - top, column - left
    found = 0.0
    for r, part in ((top, 1.0 - down), (top + 1, down)):
        for c, share in ((left, 1.0 - right), (left + 1, right)):
            weight = part * share
            if weight == 0.0:
                continue
            if r < 0 or c < 0 or r >= heights.shape[0] or c >= heights.shape[1]:
                return np.nan
            found += weight * heights[r, c]
    return found if np.isfinite(found) else np.nan


@njit(cache=True, nogil=True)
def _heights(heights: Floats, rows: Floats, columns: Floats) -> Floats:
    """Interpolate at many points."""
    found = np.empty(rows.size)
    for at in range(rows.size):
        found[at] = _height(heights, rows[at], columns[at])
    return found


@njit(cache=True)
def _crossing(row: NDArray[np.float64], at: float) -> float:
    """Give the height where a walk crosses a row, or a column, of centres."""
    low = int(np.floor(at + ON_CENTRE))
    part = at - low
    if part < ON_CENTRE:
        return float(row[low])
    return float((1.0 - part) * row[low] + part * row[low + 1])


@njit(cache=True)
def _seconds(table: Table, length: float, rise: float) -> float:
    """Give the time of a piece of even slope."""
    pace = pace_at(rise / length, table.slopes, table.seconds, table.first, table.bins_per_slope)
    return float(length * pace)


@njit(cache=True)
def _walked(start: _Place, end: _Place, ground: _Ground, limit: float) -> float:
    """Give the seconds from start to end; infinity as soon as `limit` cannot be kept."""
    down, right = end.row - start.row, end.column - start.column
    if abs(right) >= abs(down):
        surface, turn = ground.heights.T, down / right
        here, there, beside = start.column, end.column, start.row
    else:
        surface, turn = ground.heights.T.T, right / down
        here, there, beside = start.row, end.row, start.column
    way = 1 if there > here else -1
    line = int(np.floor(here) + 1 if way > 0 else np.ceil(here) - 1)
    metres = ground.cell * np.hypot(1.0, turn)
    seconds, before, height = 0.0, here, start.height
    while (line - there) * way < 0:
        reached = _crossing(surface[line], beside + (line - here) * turn)
        seconds += _seconds(ground.table, metres * abs(line - before), reached - height)
        before, height = float(line), reached
        line += way
        rest = _seconds(ground.hull, metres * abs(there - before), end.height - height)
        if not seconds + rest < limit:
            return np.inf
    return seconds + _seconds(ground.table, metres * abs(there - before), end.height - height)


@njit(cache=True, inline="always")
def _nearest(
    start: _Place,
    known: float,
    ends: _Ends,
    run: _Run,
    ground: _Ground,
) -> float:
    """Give the least time over a run of ends, or what is known."""
    for at in range(run.first, run.last):
        down, right = ends.row[at] - start.row, ends.column[at] - start.column
        left, length = known - ends.seconds[at], ground.cell * np.sqrt(down * down + right * right)
        if length > ground.within or not length * ground.fastest < left:
            continue
        if length == 0.0:
            known = ends.seconds[at]
            continue
        if _seconds(ground.hull, length, ends.height[at] - start.height) < left:
            end = _Place(ends.row[at], ends.column[at], ends.height[at])
            known = min(known, ends.seconds[at] + _walked(start, end, ground, left))
    return known


@njit(cache=True, nogil=True)
def _shorten(found: Floats, rows: Floats, columns: Floats, ends: _Ends, ground: _Ground) -> None:
    """Lower times of points by the ends in their own block and those around it."""
    heights, block, first = ground.heights, ground.within / ground.cell, ends.first
    down, across = ends.blocks
    for point in range(found.size):
        own_row, own_column = int(rows[point] // block), int(columns[point] // block)
        left, right = max(own_column - 1, 0), min(own_column + 2, across)
        height = -np.inf
        for row in range(max(own_row - 1, 0), min(own_row + 2, down)):
            run = _Run(first[row * across + left], first[row * across + right])
            if run.first < run.last and height == -np.inf:
                height = _height(heights, rows[point], columns[point])
            if run.first < run.last and not np.isnan(height):
                start = _Place(rows[point], columns[point], height)
                found[point] = _nearest(start, found[point], ends, run, ground)
