"""One run of the road search: from the problem to its answer, a way through states, in the dem."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.alignment.search.earth import Work
from geo.alignment.search.expand import EMPTY, PAUSED, SPENT, expand
from geo.alignment.search.space import Space, space
from geo.alignment.search.states import (
    ALLOWED,
    BEST,
    DONE,
    EXPANDED,
    GOAL,
    JUMP,
    NOW,
    PAUSE,
    ROUNDING,
    START,
    WIDE,
    Queue,
    Reached,
    Run,
    begin,
    least_to_go,
    reweighted,
)
from geo.alignment.search.task import Pass, Task
from geo.alignment.values import BRIDGE, EARTH, TUNNEL
from geo.errors import LimitError
from geo.words import Text

GREED = 4.0  # weight on the rest of the way once the budget is used up
BUCKETS = 1 << 17  # 390,000 cells at the least cost; what costs more shares the last bucket
WIDEST = 3.0  # cells at the least cost that a bucket is wide: wider ones open more states twice
GUESS = 2.5  # times what the straight line would cost at least: a road in mountains
PAUSES = 100_000  # states between two reports: about a tenth of a second

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Found:
    """The answer to a problem: rows and columns in the dem with the leg, and what `Path` tells."""

    places: Floats
    z: Floats
    structure: NDArray[np.int64]
    length_m: float
    cost_yuan: float
    bound_yuan: float


@dataclass
class Log:
    """States expanded by all passes so far, and the share of the work done, told as it grows."""

    tell: Callable[[float], None] | None = None
    states: int = 0
    share: float = 0.0

    def rise(self, share: float) -> None:
        """Tell a share that is greater than the last one told."""
        if self.tell is not None and share > self.share:
            self.share = share
            self.tell(share)


def attempted(task: Task, how: Pass, log: Log) -> Found | None:
    """Solve the problem of a pass; None if there is no road."""
    here = space(task, how)
    nodes, size = here.world.nodes, here.world.nodes.size
    run = _room(here, task.lattice.budget_states)
    tally = run.queue.tally
    run.queue.scale[BEST] = how.most_yuan * (1 + ROUNDING)
    low = high = int(nodes.step[here.start])
    if how.stride > 1:
        low += size.lowest
        high = low + size.levels - 1
    begin(int(nodes.rank[0, here.start]), low, high, here.world.terrain, nodes, run)
    status = _expanded(here, run, how, log)
    bound = None
    if status == SPENT:
        bound = float(least_to_go(nodes, run))
        tally[ALLOWED] += task.lattice.budget_states // 2
        reweighted(GREED, nodes, run)
        status = _expanded(here, run, how, log)
    log.states += int(tally[EXPANDED])
    log.rise(how.share[1])
    if status == SPENT:
        spent = f"{int(tally[EXPANDED]):,}"
        raise LimitError(
            Text(
                f"搜索 {spent} 个状态后预算用尽，仍无路线（路线可能存在）；"
                "请提高 budget_states、增加途经点或放大像元",
                f"no road within {spent} states, which may still exist; raise budget_states, "
                "add points on the way or use larger cells",
            )
        )
    if status == EMPTY:
        return None
    return _traced(here, run.reached, int(tally[GOAL]), bound)


def _expanded(here: Space, run: Run, how: Pass, log: Log) -> int:
    """Expand states, telling from time to time how far keys have come."""
    nodes, tally, scale, work = here.world.nodes, run.queue.tally, run.queue.scale, _work(here)
    low, high = how.share
    # Keys run from what is to go at the start to the cost of the road.
    first = here.figures.least_yuan_m * nodes.far[int(nodes.rank[0, here.start])]
    last = min(how.most_yuan, GUESS * first)
    while True:
        tally[PAUSE] = tally[EXPANDED] + PAUSES
        status = int(expand(here.world, run, work))
        if status != PAUSED:
            return status
        come = (float(tally[NOW]) * scale[WIDE] - first) / max(last - first, 1.0)
        log.rise(low + (high - low) * min(max(come, 0.0), 0.99))


def _room(here: Space, budget: int) -> Run:
    """Give what is reached and what waits, empty."""
    nodes, figures = here.world.nodes, here.figures
    columns = 2 * nodes.node.size * nodes.size.headings
    states = columns * nodes.size.levels
    # Zeros take memory only where they are written to.
    reached = Reached(
        np.zeros(states), np.zeros(states, dtype=np.int32), np.zeros(states, dtype=np.uint16)
    )
    tally = np.zeros(6, dtype=np.int64)
    tally[ALLOWED], tally[GOAL] = budget, -1
    wide = WIDEST * figures.least_yuan_m * figures.cell_m * nodes.size.stride
    scale = np.array([max(wide, 1.0), 1.0, np.inf])
    first = np.full(BUCKETS, -1, dtype=np.int32)
    after, before, bucket = (np.full(columns, -1, dtype=np.int32) for _ in range(3))
    return Run(reached, Queue(first, after, before, bucket, tally, scale), figures)


def _work(here: Space) -> Work:
    nodes = here.world.nodes
    levels = nodes.size.levels
    readings = int(np.diff(here.world.rules.moves.begin).max()) + 1
    sums, top, low, needs, may, bridge, tunnel = (np.zeros(levels) for _ in range(7))
    known = np.zeros(nodes.node.size * nodes.size.headings * levels, dtype=np.uint8)
    at = np.zeros(levels, dtype=np.int64)
    return Work(at, np.zeros(readings), sums, top, low, needs, may, bridge, tunnel, known)


class _Stop(NamedTuple):
    """A state of a way, as the road sees it: row and column in the dem, height, heading, leg."""

    row: int
    column: int
    z: float
    heading: int
    leg: int


class _Stretch(NamedTuple):
    """What a state was reached by: points from where it began, rows and columns, shape (n, 2)."""

    points: Floats
    kind: int
    length_m: float


def _traced(here: Space, reached: Reached, state: int, bound: float | None) -> Found:
    """Follow the way back from a state."""
    cost = float(reached.cost[state])
    back = []
    while True:
        how = int(reached.how[state] & ~np.uint16(DONE))
        back.append((_stop(here, state), how))
        if how == START:
            break
        state = int(reached.before[state])
    back.reverse()
    first, _ = back[0]
    places = [np.array([[first.row, first.column, 0.0]])]
    z = [np.array([first.z])]
    structure, length = [], 0.0
    for (before, _), (after, how) in pairwise(back):
        stretch = _stretch(here, before.heading, how)
        n = len(stretch.points)
        there = np.full((n, 3), float(before.leg))
        there[:, :2] = stretch.points + np.array([before.row, before.column])
        places.append(there)
        z.append(before.z + (after.z - before.z) * np.arange(1, n + 1) / n)
        structure.append(np.full(n, stretch.kind))
        length += stretch.length_m
    return Found(
        np.concatenate(places),
        np.concatenate(z),
        np.concatenate(structure),
        float(length),
        cost,
        cost if bound is None else min(bound, cost),
    )


def _stretch(here: Space, heading: int, how: int) -> _Stretch:
    """Give what leads on from a heading: a structure from `JUMP` on, else 1 + a move of it."""
    rules, stride = here.world.rules, here.world.nodes.size.stride
    if how >= JUMP:
        steps, bored = divmod(how - JUMP, 2)
        n = steps * int(rules.ladder[heading, 0])
        points = np.arange(1, n + 1)[:, None] / n * (steps * stride * rules.steps[heading])
        length = math.hypot(*points[-1]) * here.figures.cell_m
        return _Stretch(points, TUNNEL if bored else BRIDGE, length)
    moves = rules.moves
    m = int(moves.first[heading]) + how - 1
    return _Stretch(moves.point[moves.begin[m] : moves.begin[m + 1]], EARTH, moves.length[m])


def _stop(here: Space, state: int) -> _Stop:
    """Give where a state lies in the dem."""
    nodes, size = here.world.nodes, here.world.nodes.size
    rest, level = divmod(state, size.levels)
    rank, heading = divmod(rest, size.headings)
    rank %= nodes.node.size  # those landed at come after all others
    node = int(nodes.node[rank])
    row, column = divmod(node, size.columns)
    steps = level + size.lowest + int(nodes.step[node])
    return _Stop(
        here.origin[0] + row * size.stride,
        here.origin[1] + column * size.stride,
        here.zero_m + steps * here.figures.step_m,
        heading,
        int(nodes.layer[rank]),
    )
