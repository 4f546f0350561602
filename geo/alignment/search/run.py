"""One run of the road search: from the problem to its answer, a way through states, in the dem."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geo.alignment.search.earth import Work
from geo.alignment.search.expand import EMPTY, PAUSED, SPENT, expand
from geo.alignment.search.space import Space, space
from geo.alignment.search.states import (
    ALLOWED,
    BEST,
    CELL,
    DONE,
    EXPANDED,
    GOAL,
    HEADINGS,
    HEIGHT,
    JUMP,
    LEAST,
    LEVELS,
    LOWEST,
    NOW,
    PAUSE,
    ROUNDING,
    START,
    STRIDE,
    WIDE,
    Queue,
    Reached,
    begin,
    least_to_go,
    reweighted,
)
from geo.alignment.search.task import Pass, Task
from geo.alignment.values import BRIDGE, EARTH, TUNNEL
from geo.errors import LimitError
from geo.words import Text

GREED = 4.0  # weight on the rest of the way once the budget is used up
BUCKETS = 1 << 17
WIDEST = 3.0  # cells at the least cost that a bucket is wide: wider ones open more states twice
GUESS = 2.5  # times what the straight line would cost at least: a road in mountains
PAUSES = 100_000  # states between two reports

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
    nodes, rules = here.nodes, here.rules
    run = (*_room(here, task.lattice.budget_states), rules.figures)
    reached, queue, _ = run
    queue.scale[BEST] = how.most_yuan * (1 + ROUNDING)
    lowest = int(nodes.step[here.start] + nodes.size[LOWEST])
    heights = (int(nodes.step[here.start]),) * 2
    if how.stride > 1:
        heights = (lowest, lowest + int(nodes.size[LEVELS]) - 1)
    begin(int(nodes.rank[0, here.start]), heights, (here.terrain, nodes), run)
    status = _expanded(here, run, how, log)
    bound = None
    if status == SPENT:
        bound = float(least_to_go(nodes, run))
        queue.tally[ALLOWED] += task.lattice.budget_states // 2
        reweighted(GREED, nodes, run)
        status = _expanded(here, run, how, log)
    log.states += int(queue.tally[EXPANDED])
    log.rise(how.share[1])
    if status == SPENT:
        spent = f"{int(queue.tally[EXPANDED]):,}"
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
    return _traced(here, reached, int(queue.tally[GOAL]), bound)


def _expanded(here: Space, run: tuple[Reached, Queue, Floats], how: Pass, log: Log) -> int:
    """Expand states, telling from time to time how far keys have come."""
    tally, scale, work = run[1].tally, run[1].scale, _work(here)
    low, high = how.share
    # Keys run from what is to go at the start to the cost of the road.
    first = run[2][LEAST] * here.nodes.far[int(here.nodes.rank[0, here.start])]
    last = min(how.most_yuan, GUESS * first)
    while True:
        tally[PAUSE] = tally[EXPANDED] + PAUSES
        status = int(expand(here.terrain, here.nodes, here.rules, run[:2], work))
        if status != PAUSED:
            return status
        come = (float(tally[NOW]) * scale[WIDE] - first) / max(last - first, 1.0)
        log.rise(low + (high - low) * min(max(come, 0.0), 0.99))


def _room(here: Space, budget: int) -> tuple[Reached, Queue]:
    """Give what is reached and what waits, empty."""
    nodes, f = here.nodes, here.rules.figures
    columns = 2 * nodes.node.size * int(nodes.size[HEADINGS])
    states = columns * int(nodes.size[LEVELS])
    # Zeros take memory only where they are written to.
    reached = Reached(
        np.zeros(states), np.zeros(states, dtype=np.int32), np.zeros(states, dtype=np.uint16)
    )
    wide = WIDEST * f[LEAST] * f[CELL] * nodes.size[STRIDE]
    scale = np.array([max(wide, 1.0), 1.0, np.inf])
    first = np.full(BUCKETS, -1, dtype=np.int32)
    after, before, bucket = (np.full(columns, -1, dtype=np.int32) for _ in range(3))
    return reached, Queue(first, after, before, bucket, np.array([0, 0, 0, budget, -1, 0]), scale)


def _work(here: Space) -> Work:
    nodes = here.nodes
    levels = int(nodes.size[LEVELS])
    readings = int(np.diff(here.rules.moves.begin).max()) + 1
    sums, top, low, needs, may, bridge, tunnel = (np.zeros(levels) for _ in range(7))
    known = np.zeros(nodes.node.size * int(nodes.size[HEADINGS]) * levels, dtype=np.uint8)
    at = np.zeros(levels, dtype=np.int64)
    return Work(at, np.zeros(readings), sums, top, low, needs, may, bridge, tunnel, known)


def _traced(here: Space, reached: Reached, state: int, bound: float | None) -> Found:
    """Follow the way back from a state."""
    nodes, rules = here.nodes, here.rules
    cost = float(reached.cost[state])
    back = []
    while True:
        how = int(reached.how[state] & ~np.uint16(DONE))
        back.append((state, how))
        if how == START:
            break
        state = int(reached.before[state])
    back.reverse()
    places = [np.array([[*_cell(here, back[0][0])[:2], 0.0]])]
    z = [np.array([_cell(here, back[0][0])[2]])]
    structure, length, stride = [], 0.0, int(nodes.size[2])
    for (before, _), (after, how) in pairwise(back):
        row, column, height, heading, leg = _cell(here, before)
        if how >= JUMP:
            many, kind = (how - JUMP) // 2, (BRIDGE, TUNNEL)[how % 2]
            n = many * int(rules.ladder[heading, 0])
            points = np.arange(1, n + 1)[:, None] / n * (many * stride * rules.steps[heading])
            length += math.hypot(*points[-1]) * rules.figures[0]
        else:
            move, kind = int(rules.moves.first[heading]) + how - 1, EARTH
            points = rules.moves.point[rules.moves.begin[move] : rules.moves.begin[move + 1]]
            n = len(points)
            length += rules.moves.length[move]
        there = np.full((n, 3), float(leg))
        there[:, :2] = points + np.array([row, column])
        places.append(there)
        z.append(height + (_cell(here, after)[2] - height) * np.arange(1, n + 1) / n)
        structure.append(np.full(n, kind))
    return Found(
        np.concatenate(places),
        np.concatenate(z),
        np.concatenate(structure),
        float(length),
        cost,
        cost if bound is None else min(bound, cost),
    )


def _cell(here: Space, state: int) -> tuple[int, int, float, int, int]:
    """Give row and column in the dem, height, heading and leg of a state."""
    nodes = here.nodes
    level, rest = state % int(nodes.size[4]), state // int(nodes.size[4])
    heading, rank = rest % int(nodes.size[6]), rest // int(nodes.size[6]) % nodes.node.size
    node = int(nodes.node[rank])
    row, column = divmod(node, int(nodes.size[1]))
    steps = level + int(nodes.size[5]) + int(nodes.step[node])
    stride = int(nodes.size[2])
    height = here.zero_m + steps * float(here.rules.figures[HEIGHT])
    place = (here.origin[0] + row * stride, here.origin[1] + column * stride)
    return (*place, height, heading, int(nodes.layer[rank]))
