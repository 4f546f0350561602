"""Earth under the compiled road search: what moves cost, and where none leads straight on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.alignment.search.lattice import Moves
from geo.alignment.search.states import (
    ROUNDING,
    Figures,
    Floats,
    Ints,
    Terrain,
    World,
    cell_of,
    ground_step,
    reach,
)

FREE, STUCK = 1, 2  # what `Work.stuck` holds of a state that was looked at


class Place(NamedTuple):
    """A state whether landed at or not: rank, heading, height in steps above the start."""

    rank: int
    heading: int
    height: int


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
def section(height: float, figures: Figures) -> float:
    """Give yuan a metre of a road on earth so far above (below 0: under) the ground."""
    if height >= 0:
        side, price = figures.fill_slope, figures.fill_yuan_m3
    else:
        side, price, height = figures.cut_slope, figures.cut_yuan_m3, -height
    area = (figures.width_m + side * height) * height
    land = figures.land_yuan_m2 * (figures.width_m + 2 * side * height)
    return float(figures.pavement_yuan_m + price * area + land)


@njit(cache=True)
def under(m: int, row: int, over: int, terrain: Terrain, moves: Moves, work: Work) -> float:
    """Read the ground along a move from a cell; give yuan a metre for zones, infinite: no road."""
    begin, end = moves.begin[m], moves.begin[m + 1]
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
    return float(total / (end - begin))


@njit(cache=True)
def works(n: int, start: float, rise: int, count: int, figures: Figures, work: Work) -> None:
    """Sum earthwork and land beside the bed of moves on earth read n times.

    From one height to `count` heights a step apart, the first `rise` steps higher.
    """
    width, land = figures.width_m, figures.land_yuan_m2
    price, side = figures.fill_yuan_m3, figures.fill_slope
    fill, fills = price * width + land * 2 * side, price * side
    price, side = figures.cut_yuan_m3, figures.cut_slope
    cut, cuts = price * width + land * 2 * side, price * side
    sums, top, low = work.sums, work.top, work.low
    for j in range(count):
        sums[j], top[j], low[j] = 0.0, -np.inf, np.inf
    for k in range(n + 1):
        share = 0.5 if k in (0, n) else 1.0
        each = figures.step_m * k / n
        base = start + rise * each - work.ground[k]
        for j in range(count):
            height = base + j * each
            above = height if height > 0 else 0.0
            below = above - height
            sums[j] += share * (above * (fill + fills * above) + below * (cut + cuts * below))
            top[j], low[j] = max(top[j], height), min(low[j], height)


@njit(cache=True)
def works_at(j: int, n: int, figures: Figures, work: Work) -> float:
    """Give mean yuan a metre of the j-th move that `works` summed; infinite beyond cut or fill."""
    if work.top[j] > figures.max_fill_m + ROUNDING or work.low[j] < -figures.max_cut_m - ROUNDING:
        return np.inf
    bed = figures.pavement_yuan_m + figures.land_yuan_m2 * figures.width_m
    return float(bed + work.sums[j] / n)


@njit(cache=True)
def stuck(at: Place, world: World, figures: Figures, work: Work) -> bool:
    """Say whether no step on earth leads straight on.

    Neither does one that costs more than a metre of the cheaper structure.
    """
    nodes = world.nodes
    state = (at.rank * nodes.size.headings + at.heading) * nodes.size.levels
    state += at.height - ground_step(at.rank, nodes)
    if work.stuck[state] == 0:
        work.stuck[state] = STUCK if _blocked(at, world, figures, work) else FREE
    return bool(work.stuck[state] == STUCK)


@njit(cache=True)
def _blocked(at: Place, world: World, figures: Figures, work: Work) -> bool:
    nodes, moves = world.nodes, world.rules.moves
    rows, columns = nodes.size.rows, nodes.size.columns
    m = moves.first[at.heading]  # the first move of a heading is one step straight on
    row = nodes.node[at.rank] // columns + moves.row[m]
    over = nodes.node[at.rank] % columns + moves.column[m]
    if not (0 <= row < rows and 0 <= over < columns):
        return True
    to = nodes.rank[nodes.layer[at.rank], row * columns + over]
    if to < 0:
        return True
    r, c = cell_of(at.rank, nodes)
    zones = under(m, r, c, world.terrain, moves, work)
    if zones == np.inf:
        return True
    n = moves.begin[m + 1] - moves.begin[m]
    low, high = reach(at.height, moves.length[m], to, nodes, figures)
    works(n, at.height * figures.step_m, low - at.height, high - low + 1, figures, work)
    bridge = figures.bridge_yuan_m + figures.land_yuan_m2 * figures.width_m
    least = np.inf
    for j in range(high - low + 1):
        least = min(least, works_at(j, n, figures, work) + zones)
    return bool(least > min(bridge, figures.tunnel_yuan_m))
