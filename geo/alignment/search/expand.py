"""Compiled search over the lattice of `geo.alignment.search.lattice`: how states lead to others."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from geo.alignment.search.earth import Work, under, works, works_at
from geo.alignment.search.lending import lent
from geo.alignment.search.spans import off_ground
from geo.alignment.search.states import (
    ALLOWED,
    EXPANDED,
    GOAL,
    NOW,
    PAUSE,
    Came,
    Nodes,
    Run,
    State,
    World,
    cell_of,
    entered,
    ground_step,
    offer,
    opened,
    reach,
    settled,
    unhang,
)

EMPTY, FOUND, SPENT, PAUSED = range(4)  # how an expansion ends


class Leaving(NamedTuple):
    """A move about to be made: from a state, at a height in steps, to a rank."""

    state: int
    height: int
    to: int


@njit(cache=True)
def _improves(at: Leaving, length: float, heading: int, nodes: Nodes, run: Run) -> bool:
    """Say whether a move of a length to a heading could better any state it leads to."""
    reached, size = run.reached, nodes.size
    low, high = reach(at.height, length, at.to, nodes, run.figures)
    base = (at.to * size.headings + heading) * size.levels - ground_step(at.to, nodes)
    cost = reached.cost[at.state] + length * run.figures.least_yuan_m
    for known in range(base + low, base + high + 1):
        if reached.how[known] == 0 or cost < reached.cost[known]:
            return True
    return False


@njit(cache=True)
def _on_earth(column: int, count: int, world: World, run: Run, work: Work) -> None:
    """Expand straight steps, turns and hairpins from the levels of a column listed in `work`."""
    nodes, moves, size = world.nodes, world.rules.moves, world.nodes.size
    rank = (column // size.headings) % nodes.node.size
    heading, node = column % size.headings, nodes.node[rank]
    row, over = node // size.columns, node % size.columns
    r, c = cell_of(rank, nodes)
    lowest = ground_step(rank, nodes)
    for m in range(moves.first[heading], moves.first[heading + 1]):
        to_row, to_over = row + moves.row[m], over + moves.column[m]
        if not (0 <= to_row < size.rows and 0 <= to_over < size.columns):
            continue
        to = entered(to_row * size.columns + to_over, nodes.layer[rank], nodes)
        if to < 0:
            continue
        zones = -1.0  # not yet read
        for j in range(count):
            level = work.levels[j]
            at = Leaving(column * size.levels + level, lowest + level, to)
            if not _improves(at, moves.length[m], moves.heading[m], nodes, run):
                continue
            if zones < 0:
                zones = under(m, r, c, world.terrain, moves, work)
            if zones == np.inf:
                break
            _moved(at, m, zones, world, run, work)


@njit(cache=True)
def _moved(at: Leaving, m: int, zones: float, world: World, run: Run, work: Work) -> None:
    """Offer every height at the end of a move on earth."""
    nodes, moves, figures = world.nodes, world.rules.moves, run.figures
    size = nodes.size
    length, n, heading = moves.length[m], moves.begin[m + 1] - moves.begin[m], moves.heading[m]
    low, high = reach(at.height, length, at.to, nodes, figures)
    works(n, at.height * figures.step_m, low - at.height, high - low + 1, figures, work)
    came = Came(at.state, 1 + m - moves.first[at.state // size.levels % size.headings])
    cost = run.reached.cost[at.state]
    for end in range(low, high + 1):
        mean = works_at(end - low, n, figures, work) + zones
        if mean < np.inf:
            offer(State(at.to, heading, end, 0), cost + length * mean, came, nodes, run)


@njit(cache=True, nogil=True)
def expand(world: World, run: Run, work: Work) -> int:
    """Expand states, bucket after bucket, until `EMPTY`, `FOUND`, `SPENT` or `PAUSED`.

    With a weight up to 1 on what is to go the road is the best when all buckets up to its cost are
    empty; with a greater one, the first road is taken.
    """
    # Nothing below may outlive the caller's arrays.
    here: Any = lent(world)
    todo: Any = lent(run)
    work, nodes, queue = lent(work), here.nodes, todo.queue
    tally, ranks = queue.tally, nodes.node.size * nodes.size.headings
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
            _on_earth(column, count, here, todo, work)
            if column < ranks:
                off_ground(column, count, here, todo, work)
    return FOUND if tally[GOAL] >= 0 else EMPTY
