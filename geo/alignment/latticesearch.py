"""Compiled search over the lattice of `geo.alignment.lattice`: how states lead to others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geo.alignment.latticespans import Run, Work, off_ground, read, zone
from geo.alignment.latticestates import (
    ALLOWED,
    COLUMNS,
    CUT,
    CUT_SLOPE,
    EXPANDED,
    FILL,
    FILL_SLOPE,
    GOAL,
    HEADINGS,
    HEIGHT,
    LAND,
    LEAST,
    LEVELS,
    MOST_CUT,
    MOST_FILL,
    NOW,
    PAUSE,
    PAVEMENT,
    RIM,
    ROUNDING,
    ROWS,
    STRIDE,
    WIDTH,
    Floats,
    Nodes,
    Queue,
    Reached,
    Rules,
    Terrain,
    entered,
    ground_step,
    offer,
    opened,
    reach,
    settled,
    unhang,
)
from geo.alignment.lending import lent

EMPTY, FOUND, SPENT, PAUSED = range(4)


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
def _ground(
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
def _works(n: int, start: float, rise: tuple[float, int], f: Floats, work: Work) -> None:
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
def _improves(
    at: tuple[int, int, int], length: float, heading: int, nodes: Nodes, run: Run
) -> bool:
    """Say whether a move from a state could better any state it leads to."""
    reached, _, f = run
    state, height, to = at
    low, high = reach(height, length, to, nodes, f)
    base = (to * nodes.size[HEADINGS] + heading) * nodes.size[LEVELS] - ground_step(to, nodes)
    cost = reached.cost[state] + length * f[LEAST]
    for known in range(base + low, base + high + 1):
        if reached.how[known] == 0 or cost < reached.cost[known]:
            return True
    return False


@njit(cache=True)
def _on_earth(
    column: int, count: int, world: tuple[Terrain, Nodes, Rules], run: Run, work: Work
) -> None:
    """Expand straight steps, turns and hairpins."""
    terrain, nodes, rules = world
    moves, size = rules.moves, nodes.size
    rank = (column // size[HEADINGS]) % nodes.node.size
    heading, node = column % size[HEADINGS], nodes.node[rank]
    row, over = node // size[COLUMNS], node % size[COLUMNS]
    r, c = row * size[STRIDE] + size[RIM], over * size[STRIDE] + size[RIM]
    lowest = ground_step(rank, nodes)
    for m in range(moves.first[heading], moves.first[heading + 1]):
        to_row, to_over = row + moves.row[m], over + moves.column[m]
        if not (0 <= to_row < size[ROWS] and 0 <= to_over < size[COLUMNS]):
            continue
        to = entered(to_row * size[COLUMNS] + to_over, nodes.layer[rank], nodes)
        if to < 0:
            continue
        zones = -1.0  # not yet read
        for j in range(count):
            state = column * size[LEVELS] + work.levels[j]
            at = (state, lowest + work.levels[j], to)
            if not _improves(at, moves.length[m], moves.heading[m], nodes, run):
                continue
            if zones < 0:
                span = (moves.begin[m], moves.begin[m + 1])
                zones = _ground(span, r, c, (terrain, rules), work)
            if zones == np.inf:
                break
            _moved(at, m, zones, (nodes, rules), run, work)


@njit(cache=True)
def _moved(
    at: tuple[int, int, int],
    m: int,
    zones: float,
    world: tuple[Nodes, Rules],
    run: Run,
    work: Work,
) -> None:
    """Offer every height at the end of a move on earth."""
    nodes, rules = world
    moves, f = rules.moves, run[2]
    state, height, to = at
    length, n, heading = moves.length[m], moves.begin[m + 1] - moves.begin[m], moves.heading[m]
    low, high = reach(height, length, to, nodes, f)
    _works(n, height * f[HEIGHT], (low - height, high - low + 1), f, work)
    bed = f[PAVEMENT] + f[LAND] * f[WIDTH] + zones
    how = 1 + m - moves.first[state // nodes.size[LEVELS] % nodes.size[HEADINGS]]
    cost = run[0].cost[state]
    for end in range(low, high + 1):
        j = end - low
        if work.top[j] <= f[MOST_FILL] + ROUNDING and work.low[j] >= -f[MOST_CUT] - ROUNDING:
            works = length * (bed + work.sums[j] / n)
            offer((to, heading, end, 0), cost + works, (state, how), nodes, run)


@njit(cache=True)
def expand(
    terrain: Terrain, nodes: Nodes, rules: Rules, run: tuple[Reached, Queue], work: Work
) -> int:
    """Expand states, bucket after bucket, until `EMPTY`, `FOUND`, `SPENT` or `PAUSED`.

    With a weight up to 1 on what is to go the road is the best when all buckets up to its cost are
    empty; with a greater one, the first road is taken.
    """
    # Nothing below may outlive the caller's arrays.
    world: Any = lent((terrain, nodes, rules))
    todo: Any = lent((run[0], run[1], rules.figures))
    work, nodes, queue = lent(work), world[1], todo[1]
    tally, ranks = queue.tally, nodes.node.size * nodes.size[HEADINGS]
    while not settled(queue):
        if tally[EXPANDED] >= tally[ALLOWED]:
            return SPENT
        if tally[EXPANDED] >= tally[PAUSE]:
            return PAUSED
        column = queue.head[tally[NOW]]
        unhang(column, queue)
        count = opened(column, nodes, todo, work.levels)
        tally[EXPANDED] += count
        if count:
            _on_earth(column, count, world, todo, work)
            if column < ranks:
                off_ground(column, count, world, todo, work)
    return FOUND if tally[GOAL] >= 0 else EMPTY
