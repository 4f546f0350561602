"""Where water goes on a terrain: depressions, flow, catchments, stream orders, stream erosion.

Flow has one direction a cell, to the steepest lower neighbour of eight (O'Callaghan and Mark 1984).
Depressions are filled by a priority flood (Barnes, Lehman and Mulla 2014) or breached along the
way the flood came in (Lindsay 2016). Water leaves at the rim of the grid and beside no data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.errors import GridError
from geo.flooding import COLUMNS, ROOT2, ROWS, flood, steepest
from geo.raster import Raster
from geo.words import Text


@dataclass(frozen=True, eq=False)
class Flow:
    """Which cell every cell drains to, on a terrain without depressions.

    Parameters
    ----------
    receiver
        For each cell of the flattened grid the cell it drains to; -1 where water leaves the grid
        and where there is no data.
    order
        The cells with data, each after its receiver.
    shape
        Rows and columns of the grid.
    """

    receiver: NDArray[np.int32]
    order: NDArray[np.int32]
    shape: tuple[int, int]


def fill(dem: Raster, *, rise: float = 0.0) -> Raster:
    """Raise depressions until every cell drains to the rim.

    Parameters
    ----------
    dem
        Heights; NaN is no data.
    rise
        Least rise from a cell to the one that drains to it, in units of height: 0 leaves flats.

    Returns
    -------
    Raster
        Float64 heights, nowhere lower than before.

    Examples
    --------
    The pit of 1 in a plain of 5 with a notch of 3 fills to 3.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((3, 3), Affine(10, 0, 0, 0, -10, 0), CRS(4549))
    >>> fill(Raster(np.array([[5.0, 5, 5], [5, 1, 3], [5, 5, 5]]), grid)).values.tolist()
    [[5.0, 5.0, 5.0], [5.0, 3.0, 3.0], [5.0, 5.0, 5.0]]
    """
    return drain(dem, rise=rise).surface


def breach(dem: Raster, *, fall: float = 0.0) -> Raster:
    """Cut a way out of every depression, along the way with the lowest sill.

    Parameters
    ----------
    dem
        Heights; NaN is no data.
    fall
        Fall along the cut from one cell to the next, in units of height.

    Returns
    -------
    Raster
        Float64 heights, nowhere higher than before.

    Examples
    --------
    The pit of 1 in a plain of 5 with a notch of 3 drains when the notch is cut to 1.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((3, 3), Affine(10, 0, 0, 0, -10, 0), CRS(4549))
    >>> breach(Raster(np.array([[5.0, 5, 5], [5, 1, 3], [5, 5, 5]]), grid)).values.tolist()
    [[5.0, 5.0, 5.0], [5.0, 1.0, 1.0], [5.0, 5.0, 5.0]]
    """
    return Raster(_flooded(dem, fall, breach=True).heights, dem.grid)


def flow(dem: Raster) -> Flow:
    """Give the way water takes: to the steepest lower neighbour, over flats towards their outlet.

    Depressions are crossed as if they were filled. Of equally steep neighbours the first in
    reading order counts.

    Parameters
    ----------
    dem
        Heights; NaN is no data.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((3, 3), Affine(10, 0, 0, 0, -10, 0), CRS(4549))
    >>> down = flow(Raster(np.array([[5.0, 5, 5], [5, 4, 3], [5, 5, 5]]), grid))
    >>> down.receiver.reshape(3, 3).tolist()
    [[-1, -1, -1], [-1, 5, -1], [-1, -1, -1]]
    """
    return drain(dem).flow


class Drained(NamedTuple):
    """A terrain without depressions, and the way water takes over it."""

    surface: Raster
    flow: Flow


def drain(dem: Raster, *, rise: float = 0.0) -> Drained:
    """Fill depressions and give the flow over what comes of it: `fill` and `flow` at one go.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((3, 3), Affine(10, 0, 0, 0, -10, 0), CRS(4549))
    >>> filled, down = drain(Raster(np.array([[5.0, 5, 5], [5, 1, 3], [5, 5, 5]]), grid), rise=1)
    >>> float(filled.values[1, 1]), int(down.receiver[4])
    (4.0, 5)
    """
    heights, receiver, order = _flooded(dem, rise, breach=False)
    return Drained(Raster(heights, dem.grid), Flow(receiver, order, dem.grid.shape))


def accumulation(flow: Flow, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add up what flows through every cell, its own amount included.

    Parameters
    ----------
    flow
        Where cells drain to.
    amounts
        What each cell adds (cell areas give catchment areas), shape of the grid.

    Raises
    ------
    GridError
        If the shapes differ.

    Examples
    --------
    >>> row = Flow(np.array([-1, 0, 1], np.int32), np.array([0, 1, 2], np.int32), (1, 3))
    >>> accumulation(row, np.ones((1, 3))).tolist()
    [[3.0, 2.0, 1.0]]
    """
    if amounts.shape != flow.shape:
        raise GridError(
            Text(
                f"数量 {amounts.shape} 与格网 {flow.shape} 不符",
                f"amounts {amounts.shape} do not fit the grid {flow.shape}",
            )
        )
    return np.asarray(_accumulated(flow.receiver, flow.order, amounts.ravel())).reshape(flow.shape)


def strahler(flow: Flow, streams: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Give the order of each stream cell: sources 1; where two of an order meet, one more.

    Parameters
    ----------
    flow
        Where cells drain to.
    streams
        Which cells are streams; all cells downstream of a stream must be.

    Returns
    -------
    array of int8
        Shape of the grid, 0 off the streams (Strahler 1957).

    Examples
    --------
    Cells 1 and 2 drain to 0.

    >>> fork = Flow(np.array([-1, 0, 0], np.int32), np.array([0, 1, 2], np.int32), (1, 3))
    >>> strahler(fork, np.ones((1, 3), bool)).tolist()
    [[2, 1, 1]]
    """
    return np.asarray(_strahler(flow.receiver, flow.order, streams.ravel())).reshape(flow.shape)


def incise(
    dem: Raster,
    flow: Flow,
    *,
    area: NDArray[np.float64],
    strength: NDArray[np.float64],
    steepest: float,
) -> Raster:
    """Let streams cut down by one step of the stream-power law, slope and root of area.

    The fall to the receiver shrinks by the factor 1 / (1 + strength · √area / length), solved from
    the outlets upwards (Braun and Willett 2013, n = 1, m = 1/2), and is then at most `steepest`.

    Parameters
    ----------
    dem
        Heights that drain along `flow`.
    flow
        Where cells drain to.
    area
        Catchment of each cell, in square units of the grid.
    strength
        Erodibility times the time of the step, of each cell.
    steepest
        Greatest grade towards the receiver: beyond it slopes slide.

    Examples
    --------
    Area 100 and strength 1 over 10 m: a fall of 8 becomes 8 / (1 + 1 · 10 / 10) = 4.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> dem = Raster(np.array([[0.0, 8.0]]), Grid((1, 2), Affine(10, 0, 0, 0, -10, 0), CRS(4549)))
    >>> pair = Flow(np.array([-1, 0], np.int32), np.array([0, 1], np.int32), (1, 2))
    >>> area, strength = np.full((1, 2), 100.0), np.ones((1, 2))
    >>> incise(dem, pair, area=area, strength=strength, steepest=1.0).values.tolist()
    [[0.0, 4.0]]
    """
    heights = dem.values.astype(np.float64)
    _incised(
        heights.ravel(),
        flow.receiver,
        flow.order,
        area.ravel(),
        strength.ravel(),
        _Lie(flow.shape[1], dem.grid.resolution, steepest),
    )
    return Raster(heights, dem.grid)


class _Flooded(NamedTuple):
    """Heights after a flood; receivers and the order of cells on the flattened grid."""

    heights: NDArray[np.float64]
    receiver: NDArray[np.int32]
    order: NDArray[np.int32]


def _flooded(dem: Raster, rise: float, *, breach: bool) -> _Flooded:
    """Flood a terrain."""
    if dem.values.size >= 2**30:
        raise GridError(Text(f"栅格过大：{dem.grid.shape}", f"grid too large: {dem.grid.shape}"))
    heights = np.pad(dem.values.astype(np.float64), 1, constant_values=np.nan)
    heights[1:-1, 1:-1][~dem.valid] = np.nan
    columns = heights.shape[1]
    around = (columns * ROWS + COLUMNS).astype(np.int32)
    receiver, order = flood(heights.ravel(), around, rise, np.bool_(breach))
    if not breach:
        steepest(heights.ravel(), around, receiver)

    def inner(cells: NDArray[np.int32]) -> NDArray[np.int32]:
        there = (cells // columns - 1) * (columns - 2) + cells % columns - 1
        return np.where(cells < 0, -1, there).astype(np.int32)

    receiver = receiver.reshape(heights.shape)[1:-1, 1:-1].ravel()
    return _Flooded(heights[1:-1, 1:-1].copy(), inner(receiver), inner(order))


@njit(cache=True, nogil=True)
def _accumulated(
    receiver: NDArray[np.int32], order: NDArray[np.int32], amounts: NDArray[np.float64]
) -> NDArray[np.float64]:
    total = amounts.astype(np.float64)
    for k in range(order.size - 1, -1, -1):
        below = receiver[order[k]]
        if below >= 0:
            total[below] += total[order[k]]
    return total


@njit(cache=True, nogil=True)
def _strahler(
    receiver: NDArray[np.int32], order: NDArray[np.int32], streams: NDArray[np.bool_]
) -> NDArray[np.int8]:
    highest = np.zeros(receiver.size, np.int8)
    often = np.zeros(receiver.size, np.int8)
    for k in range(order.size - 1, -1, -1):
        cell = order[k]
        if not streams[cell]:
            continue
        if highest[cell] == 0:
            highest[cell] = 1
        elif often[cell] > 1:
            highest[cell] += 1
        below = receiver[cell]
        if below < 0:
            continue
        if highest[cell] > highest[below]:
            highest[below], often[below] = highest[cell], 1
        elif highest[cell] == highest[below]:
            often[below] = min(often[below] + 1, 2)
    return highest


class _Lie(NamedTuple):
    """Columns of the grid, the side of its cells, and the greatest grade that holds."""

    columns: int
    resolution: float
    steepest: float


@njit(cache=True, nogil=True)
def _incised(
    flat: NDArray[np.float64],
    receiver: NDArray[np.int32],
    order: NDArray[np.int32],
    area: NDArray[np.float64],
    strength: NDArray[np.float64],
    lie: _Lie,
) -> None:
    columns, resolution = lie.columns, lie.resolution
    for k in range(order.size):
        cell = order[k]
        below = receiver[cell]
        if below < 0:
            continue
        straight = cell // columns == below // columns or cell % columns == below % columns
        length = resolution if straight else resolution * ROOT2
        factor = strength[cell] * np.sqrt(area[cell]) / length
        height = (flat[cell] + factor * flat[below]) / (1.0 + factor)
        flat[cell] = min(height, flat[below] + lie.steepest * length)
