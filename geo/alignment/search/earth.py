"""Earth under the compiled road search: what moves cost, and where none leads straight on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.alignment.search.states import (
    BRIDGE,
    COLUMNS,
    CUT,
    CUT_SLOPE,
    FILL,
    FILL_SLOPE,
    HEADINGS,
    HEIGHT,
    LAND,
    LEVELS,
    MOST_CUT,
    MOST_FILL,
    PAVEMENT,
    ROUNDING,
    ROWS,
    TUNNEL,
    WIDTH,
    Floats,
    Ints,
    Nodes,
    Queue,
    Reached,
    Rules,
    Terrain,
    cell_of,
    ground_step,
    reach,
)

FREE, STUCK = 1, 2

Run = tuple[Reached, Queue, Floats]


class Work(NamedTuple):
    """Room for one expansion.

    `levels` of the column to be expanded; `ground` and `zone` under a move by reading; `sums`,
    `top`, `low` by level it ends at; `needs`, `may`: the least grade a bridge from each level needs
    and the greatest a tunnel may have to keep above and under all ground so far; `bridge`,
    `tunnel`: the longest from each level that are allowed and cost less than the best road; `stuck`
    is what `stuck` found for each state: 0 nothing yet, else `FREE` or `STUCK`.
    """

    levels: Ints
    ground: Floats
    sums: Floats
    top: Floats
    low: Floats
    needs: Floats
    may: Floats
    bridge: Floats
    tunnel: Floats
    stuck: NDArray[np.uint8]


@njit(cache=True)
def read(values: Floats, row: float, column: float) -> float:
    """Interpolate between the centres of cells; cells without weight do not count."""
    r, c = int(np.floor(row)), int(np.floor(column))
    down, right = row - r, column - c
    value = values[r, c]
    if right > 0:
        value += right * (values[r, c + 1] - value)
    if down > 0:
        under = values[r + 1, c]
        if right > 0:
            under += right * (values[r + 1, c + 1] - under)
        value += down * (under - value)
    return float(value)


@njit(cache=True)
def zone(values: Floats, row: float, column: float) -> float:
    """Interpolate as `read` does; forbidden where a cell with weight is."""
    value = read(values, row, column)
    if value < np.inf:
        return value
    return np.inf


@njit(cache=True)
def section(height: float, f: Floats) -> float:
    """Give yuan a metre of a road on earth so far above (below 0: under) the ground."""
    if height >= 0:
        side, price = f[FILL_SLOPE], f[FILL]
    else:
        side, price, height = f[CUT_SLOPE], f[CUT], -height
    area = (f[WIDTH] + side * height) * height
    return float(f[PAVEMENT] + price * area + f[LAND] * (f[WIDTH] + 2 * side * height))


@njit(cache=True)
def under(
    move: tuple[int, int], row: int, over: int, world: tuple[Terrain, Rules], work: Work
) -> float:
    """Read the ground along a move; give yuan a metre for zones, infinite: no road."""
    terrain, moves = world[0], world[1].moves
    begin, end = move
    total = 0.0
    work.ground[0] = terrain.ground[row, over]
    if terrain.zoned:
        total = terrain.earth[row, over] / 2
    for k in range(begin, end):
        r, c = row + moves.point[k, 0], over + moves.point[k, 1]
        ground = read(terrain.ground, r, c)
        if np.isnan(ground):
            return np.inf
        work.ground[k - begin + 1] = ground
        if terrain.zoned:
            total += zone(terrain.earth, r, c) / (2 if k == end - 1 else 1)
    return total / (end - begin)


@njit(cache=True)
def works(n: int, start: float, rise: tuple[float, int], f: Floats, work: Work) -> None:
    """Sum earthwork and land beside the bed of moves on earth read n times.

    From one height to `rise[1]` heights a step apart, the first `rise[0]` steps higher.
    """
    first, count = rise
    fill, fills = f[FILL] * f[WIDTH] + f[LAND] * 2 * f[FILL_SLOPE], f[FILL] * f[FILL_SLOPE]
    cut, cuts = f[CUT] * f[WIDTH] + f[LAND] * 2 * f[CUT_SLOPE], f[CUT] * f[CUT_SLOPE]
    sums, top, low = work.sums, work.top, work.low
    for j in range(count):
        sums[j], top[j], low[j] = 0.0, -np.inf, np.inf
    for k in range(n + 1):
        share = 0.5 if k in (0, n) else 1.0
        each = f[HEIGHT] * k / n
        base = start + first * each - work.ground[k]
        for j in range(count):
            height = base + j * each
            above = height if height > 0 else 0.0
            under = above - height
            sums[j] += share * (above * (fill + fills * above) + under * (cut + cuts * under))
            top[j], low[j] = max(top[j], height), min(low[j], height)


@njit(cache=True)
def works_at(j: int, n: int, f: Floats, work: Work) -> float:
    """Give mean yuan a metre of the j-th move that `works` summed; infinite beyond cut or fill."""
    if work.top[j] > f[MOST_FILL] + ROUNDING or work.low[j] < -f[MOST_CUT] - ROUNDING:
        return np.inf
    return float(f[PAVEMENT] + f[LAND] * f[WIDTH] + work.sums[j] / n)


@njit(cache=True)
def stuck(
    at: tuple[int, int, int], world: tuple[Terrain, Nodes, Rules], f: Floats, work: Work
) -> bool:
    """Say whether from rank, heading, height no step on earth leads straight on.

    Neither does one that costs more than a metre of the cheaper structure.
    """
    terrain, nodes, rules = world
    rank, heading, height = at
    state = (rank * nodes.size[HEADINGS] + heading) * nodes.size[LEVELS]
    state += height - ground_step(rank, nodes)
    if work.stuck[state] == 0:
        work.stuck[state] = STUCK if _blocked(at, (terrain, nodes, rules), f, work) else FREE
    return bool(work.stuck[state] == STUCK)


@njit(cache=True)
def _blocked(
    at: tuple[int, int, int], world: tuple[Terrain, Nodes, Rules], f: Floats, work: Work
) -> bool:
    terrain, nodes, rules = world
    rank, heading, height = at
    moves, columns = rules.moves, nodes.size[COLUMNS]
    m = moves.first[heading]
    row = nodes.node[rank] // columns + moves.row[m]
    over = nodes.node[rank] % columns + moves.column[m]
    if not (0 <= row < nodes.size[ROWS] and 0 <= over < columns):
        return True
    to = nodes.rank[nodes.layer[rank], row * columns + over]
    if to < 0:
        return True
    r, c = cell_of(rank, nodes)
    zones = under((moves.begin[m], moves.begin[m + 1]), r, c, (terrain, rules), work)
    if zones == np.inf:
        return True
    n = moves.begin[m + 1] - moves.begin[m]
    low, high = reach(height, moves.length[m], to, nodes, f)
    works(n, height * f[HEIGHT], (low - height, high - low + 1), f, work)
    most = min(f[BRIDGE] + f[LAND] * f[WIDTH], f[TUNNEL])
    least = np.inf
    for j in range(high - low + 1):
        least = min(least, works_at(j, n, f, work) + zones)
    return bool(least > most)
