"""Compiled search over the lattice of `geo.alignment.search.lattice`: how states lead to others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geo.alignment.search.earth import Run, Work, under, works, works_at
from geo.alignment.search.lending import lent
from geo.alignment.search.spans import off_ground
from geo.alignment.search.states import (
    ALLOWED,
    COLUMNS,
    EXPANDED,
    GOAL,
    HEADINGS,
    HEIGHT,
    LEAST,
    LEVELS,
    NOW,
    PAUSE,
    RIM,
    ROWS,
    STRIDE,
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

EMPTY, FOUND, SPENT, PAUSED = range(4)


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
                zones = under(span, r, c, (terrain, rules), work)
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
    works(n, height * f[HEIGHT], (low - height, high - low + 1), f, work)
    how = 1 + m - moves.first[state // nodes.size[LEVELS] % nodes.size[HEADINGS]]
    cost = run[0].cost[state]
    for end in range(low, high + 1):
        mean = works_at(end - low, n, f, work) + zones
        if mean < np.inf:
            offer((to, heading, end, 0), cost + length * mean, (state, how), nodes, run)


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
