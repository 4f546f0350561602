"""Accumulated cost on rasters: through friction, and on foot over terrain.

Exact least costs over the graph of cells and their 8 or 16 neighbours (Dijkstra 1959). In a
uniform field the 8 neighbours lengthen a straight way by up to 8 %, 16 by up to 2.8 %. On foot over
a slope it is more, since steps beside a contour rise and fall: with Tobler's pace and 16 neighbours
up to 4 % on a slope of 0.1, 20 % on 0.2, 36 % on 0.5. `geo.travel.straightwalk` has no such error.

Rules, the same for both functions:

1. A surface's NaN is no data and its infinity a barrier; neither is entered or crossed. Costs
   keep NaN where there is no data; a barrier and a cell that cannot be reached cost infinity.
2. A straight step costs the integral along its segment: half its length lies in each of two
   neighbours (so in `skimage.graph.MCP_Geometric`), a quarter in each of the four cells that a
   knight's move passes. A knight's move never jumps a barrier.
3. A diagonal step passes between two cells that touch at a corner, barriers or not.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import GridError
from geo.raster import Raster
from geo.travel.costqueue import ORIGIN, UNREACHED, Table, extremes
from geo.travel.costsearch import STEPS, Accumulated, neighbourhood, padded, search, starts
from geo.travel.pace import LEAST, MOST, Pace, tabled
from geo.words import Text

__all__ = ["STEPS", "Accumulated", "Pace", "accumulate", "lowered", "path", "walk"]


def accumulate(
    friction: Raster,
    *,
    origins: ArrayLike,
    initial: ArrayLike | None = None,
    neighbours: Literal[8, 16] = 8,
) -> Accumulated:
    """Give the least accumulated cost of every cell from the nearest of some origins.

    Parameters
    ----------
    friction
        Cost of one unit of length, 0 or from 1e-100 to 1e100.
    origins
        Rows and columns, shape (n, 2). None give infinite costs. An origin without data or on a
        barrier starts nothing.
    initial
        Cost already spent at each origin, shape (n,), not negative; infinity leaves an origin
        out. None is 0.
    neighbours
        8 or 16. With 8 costs equal those of `skimage.graph.MCP_Geometric`.

    Returns
    -------
    Accumulated
        Costs in units of friction times units of the grid.

    Raises
    ------
    GridError
        If friction is negative or out of range, or an origin lies off the grid.
    LimitError
        If the grid has 2**31 cells or more.

    Notes
    -----
    Many cells of friction 0 side by side are searched more slowly, since their order is free.

    Examples
    --------
    Two straight steps of 10 m at friction 1 and 3: half a step each, so (1 + 1) / 2 · 10 = 10,
    then (1 + 3) / 2 · 10 = 20 more.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 4), Affine(10, 0, 0, 0, -10, 0), CRS(4549))
    >>> friction = Raster(np.array([[1.0, 1.0, 3.0, np.inf]]), grid)
    >>> accumulate(friction, origins=[(0, 0)]).cost.tolist()
    [[0.0, 10.0, 30.0, inf]]
    """
    surface = padded(friction)
    low, high, free = extremes(surface.ravel())
    if low < LEAST or high > MOST:
        raise GridError(
            Text(
                f"阻力须为 0 或 1e-100 至 1e100：发现 {low:g} 至 {high:g}；"
                "处理：不可通行处用无穷大，无数据处用 NaN",
                f"friction must be 0 or from 1e-100 to 1e100: found {low:g} to {high:g}; remedy: "
                "mark barriers by infinity, no data by NaN",
            )
        )
    none = np.zeros(0)
    table = Table(none, none, np.zeros(0, dtype=np.int64), 0.0, 1.0)
    unit = low * friction.grid.resolution * (0.5 if free else 1.0)  # 0 to low costs half of low
    return search(
        surface,
        starts(friction, origins, initial),
        moves=neighbourhood(surface.shape[1], neighbours, friction.grid.resolution),
        table=table,
        unit=unit,
    )


def walk(
    dem: Raster,
    pace: Pace,
    *,
    origins: ArrayLike,
    initial: ArrayLike | None = None,
    neighbours: Literal[8, 16] = 16,
    direction: Literal["to", "from"] = "from",
) -> Accumulated:
    """Give the least walking time over terrain, uphill and downhill being different.

    A step takes its horizontal length times the pace at its slope, the difference in height of
    its two ends over that length. A slope beyond the ends of the pace cannot be walked.

    Parameters
    ----------
    dem
        Heights in the grid's unit of length; infinity is a barrier.
    pace
        Seconds a metre by slope.
    origins, initial
        As in `accumulate`, `initial` in seconds.
    neighbours
        8 or 16.
    direction
        "from" gives the time from the nearest origin to each cell, "to" that from each cell to
        the nearest origin.

    Returns
    -------
    Accumulated
        Costs in seconds. Back-links lead towards the origin in both directions.

    Raises
    ------
    GridError
        If an origin lies off the grid.
    LimitError
        If the grid has 2**31 cells or more.

    Examples
    --------
    Ten metres up a slope of 1 at 3 s/m take 30 s, down at 2 s/m 20 s.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> dem = Raster(np.array([[0.0, 10.0]]), Grid((1, 2), Affine(10, 0, 0, 0, -10, 0), CRS(4549)))
    >>> pace = Pace(np.array([-1.0, 0.0, 1.0]), np.array([2.0, 1.0, 3.0]))
    >>> walk(dem, pace, origins=[(0, 0)]).cost.tolist()
    [[0.0, 30.0]]
    >>> walk(dem, pace, origins=[(0, 0)], direction="to").cost.tolist()
    [[0.0, 20.0]]
    """
    surface = padded(dem)
    return search(
        surface,
        starts(dem, origins, initial),
        moves=neighbourhood(surface.shape[1], neighbours, dem.grid.resolution),
        table=tabled(pace, direction),
        unit=float(np.min(pace.seconds_per_m)) * dem.grid.resolution,
    )


def lowered(
    cost: NDArray[np.float64],
    dem: Raster,
    pace: Pace,
    *,
    origins: ArrayLike,
    initial: ArrayLike,
    direction: Literal["to", "from"] = "from",
) -> NDArray[np.float64]:
    """Give walking times with further origins added; only cells that gain are searched again.

    Parameters
    ----------
    cost
        Times by `walk` with 16 neighbours over the same terrain, with the same pace and direction.
    dem, pace, origins, initial, direction
        As in `walk`.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> dem = Raster(np.zeros((1, 4)), Grid((1, 4), Affine(10, 0, 0, 0, -10, 0), CRS(4549)))
    >>> pace = Pace(np.array([-1.0, 1.0]), np.array([1.0, 1.0]))
    >>> before = walk(dem, pace, origins=[(0, 0)]).cost
    >>> lowered(before, dem, pace, origins=[(0, 3)], initial=[5]).tolist()
    [[0.0, 10.0, 15.0, 5.0]]
    """
    surface = padded(dem)
    return search(
        surface,
        starts(dem, origins, initial),
        moves=neighbourhood(surface.shape[1], 16, dem.grid.resolution),
        table=tabled(pace, direction),
        unit=float(np.min(pace.seconds_per_m)) * dem.grid.resolution,
        known=cost,
    ).cost


def path(accumulated: Accumulated, row: int, column: int) -> NDArray[np.int64]:
    """Give the cells of the cheapest way between a cell and its origin, the origin first.

    Returns
    -------
    NDArray[np.int64]
        Rows and columns, shape (n, 2); n is 0 when no way leads to the cell.

    Raises
    ------
    GridError
        If the cell lies off the grid.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((2, 3), Affine(1, 0, 0, 0, -1, 0), CRS(4549))
    >>> friction = Raster(np.array([[1.0, 1.0, 1.0], [9.0, 9.0, 1.0]]), grid)
    >>> path(accumulate(friction, origins=[(0, 0)]), 1, 2).tolist()
    [[0, 0], [0, 1], [1, 2]]
    """
    rows, columns = accumulated.backlink.shape
    if not (0 <= row < rows and 0 <= column < columns):
        raise GridError(
            Text(
                f"像元 ({row}, {column}) 不在格网 {rows, columns} 内",
                f"cell ({row}, {column}) lies off the grid {rows, columns}",
            )
        )
    cells = []
    while (move := int(accumulated.backlink[row, column])) != UNREACHED:
        cells.append((row, column))
        if move == ORIGIN:
            break
        row, column = row - int(STEPS[move, 0]), column - int(STEPS[move, 1])
    return np.array(cells[::-1], dtype=np.int64).reshape(-1, 2)
