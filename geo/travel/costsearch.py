"""What `geo.travel.costpath` hands to the compiled search, and what it makes of the answer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.errors import GridError, LimitError
from geo.raster import Raster
from geo.travel.costqueue import (
    ORIGIN,
    UNREACHED,
    Moves,
    Rate,
    Reached,
    Table,
    enlarged,
    fill,
    finish,
    queue,
    spread,
)
from geo.words import Text

STEPS = np.array(
    [
        *((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)),
        *((-2, -1), (-2, 1), (-1, -2), (-1, 2), (1, -2), (1, 2), (2, -1), (2, 1)),
    ],
    dtype=np.int64,
)
"""Row and column of each move; 8 neighbours are the first 8. Back-links are indices here."""

PAD = 2  # cells around the grid, as far as a knight's move reaches
POOL = 1 << 16  # entries of the queue to begin with


@dataclass(frozen=True, eq=False)
class Accumulated:
    """Least costs and the ways that lead to them; every array has the grid's shape.

    Parameters
    ----------
    cost
        Least cost; infinite where no way leads, NaN where there is no data.
    allocation
        Number of the origin that the cheapest way starts at; -1 where no way leads. Of equal
        costs an arbitrary but repeatable one counts.
    backlink
        Index into `STEPS` of the last move of the cheapest way; -1 at origins, -2 where no way
        leads.
    """

    cost: NDArray[np.float64]
    allocation: NDArray[np.int32]
    backlink: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Starts:
    """Origins that start something, by cell on the padded grid: the cheapest of each cell."""

    cell: NDArray[np.int64]
    cost: NDArray[np.float64]
    number: NDArray[np.int32]


def padded(raster: Raster) -> NDArray[np.float64]:
    """Give values with a rim of no data, so that no move leaves the array."""
    rows, columns = raster.grid.shape
    if (rows + 2 * PAD) * (columns + 2 * PAD) >= 2**31:
        raise LimitError(
            Text(
                f"栅格过大：{rows} × {columns} 个像元；处理：用较大的像元",
                f"grid too large: {rows} × {columns} cells; remedy: use larger cells",
            )
        )
    surface = np.full((rows + 2 * PAD, columns + 2 * PAD), np.nan)
    inner = surface[PAD:-PAD, PAD:-PAD]
    inner[...] = raster.values
    if not np.issubdtype(raster.values.dtype, np.floating):
        inner[~raster.valid] = np.nan
    return surface


def starts(raster: Raster, origins: ArrayLike, initial: ArrayLike | None) -> Starts:
    """Check origins and their initial costs, and keep the cheapest of each cell."""
    cells = np.asarray(origins, dtype=np.int64).reshape(-1, 2)
    cost = np.zeros(len(cells)) if initial is None else np.asarray(initial, dtype=np.float64)
    off = ~raster.grid.inside(cells[:, 0], cells[:, 1])
    if off.any():
        count, first = int(off.sum()), cells[off][0].tolist()
        raise GridError(
            Text(
                f"{count} 个起点不在格网 {raster.grid.shape} 内，第一个在 {first}",
                f"{count} origins lie off the grid {raster.grid.shape}, the first at {first}",
            )
        )
    if cost.shape != (len(cells),) or not (cost >= 0).all():
        raise GridError(
            Text(
                f"初始代价须不小于 0，{len(cells)} 个起点各一：发现 {cost.shape}",
                f"initial costs must be 0 or more, one for each of {len(cells)} origins: found "
                f"shape {cost.shape}",
            )
        )
    flat = (cells[:, 0] + PAD) * (raster.grid.shape[1] + 2 * PAD) + cells[:, 1] + PAD
    order = np.lexsort((cost, flat))
    _, cheapest = np.unique(flat[order], return_index=True)
    keep = order[cheapest]
    keep = keep[np.isfinite(cost[keep])]
    return Starts(flat[keep], cost[keep], keep.astype(np.int32))


def neighbourhood(width: int, neighbours: int, resolution: float) -> Moves:
    """Give the moves on a padded grid of a width; 8 or 16, else GridError."""
    if neighbours not in {8, 16}:
        raise GridError(
            Text(
                f"邻域须为 8 或 16：发现 {neighbours}",
                f"neighbours must be 8 or 16: found {neighbours}",
            )
        )
    steps = STEPS[:neighbours]
    # A knight's move (2, 1) crosses (1, 0) and (1, 1): half of it cut off, and rounded up.
    near, far = np.trunc(steps / 2).astype(np.int64), np.sign(steps)
    near[:8] = far[:8] = 0

    def flat(by: NDArray[np.int64]) -> NDArray[np.uint64]:
        # Offsets to earlier cells wrap around: adding them modulo 2**64 steps back.
        return np.asarray((by[:, 0] * width + by[:, 1]).astype(np.uint64))

    return Moves(flat(steps), flat(near), flat(far), resolution * np.hypot(*steps.T))


def search(
    surface: NDArray[np.float64],
    begin: Starts,
    *,
    moves: Moves,
    table: Table,
    unit: float,
    known: NDArray[np.float64] | None = None,
) -> Accumulated:
    """Search from origins over a padded surface.

    Parameters
    ----------
    surface
        Heights or friction.
    begin
        The origins.
    moves
        Steps to neighbours.
    table
        Paces, or no knots for friction.
    unit
        A cost that no step but one of cost 0 falls short of.
    known
        Costs to be lowered, shape of the grid; where they stay, no allocation and no back-link
        are given.
    """
    flat = surface.ravel()
    inner = (slice(PAD, -PAD), slice(PAD, -PAD))
    best = np.full(flat.size, math.inf)
    if known is not None:
        best.reshape(surface.shape)[inner] = np.where(np.isnan(known), math.inf, known)
    back = np.full(flat.size, UNREACHED, dtype=np.int8)
    owner = np.full(flat.size, -1, dtype=np.int32)
    usable = np.isfinite(flat[begin.cell]) & (begin.cost < best[begin.cell])
    cells, costs = begin.cell[usable], begin.cost[usable]
    best[cells], back[cells] = costs, ORIGIN
    waiting = queue(max(POOL, 2 * cells.size))
    fill(waiting, cells, costs, 1.0 / unit)
    reached, rate = Reached(best, back), Rate(table, 1.0 / unit)
    while not spread(waiting, flat, reached, moves, rate):
        waiting = enlarged(waiting)
    own_way = back[cells] == ORIGIN  # no other origin reaches it at less than its own start
    owner[cells[own_way]] = begin.number[usable][own_way]
    finish(owner, back, moves.offset, flat, best)
    return Accumulated(
        best.reshape(surface.shape)[inner],
        owner.reshape(surface.shape)[inner],
        back.reshape(surface.shape)[inner],
    )
