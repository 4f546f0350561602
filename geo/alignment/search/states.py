"""The states of a road search, and the columns of them that wait to be expanded.

A state is (layer, node, heading, level, landed): the layer counts the points passed on the way,
the level the steps of height above ground, and `landed` says that a structure ends here. States
stand in dense arrays over the nodes allowed in each layer; those that differ in level alone are a
column. Columns hang in buckets by the least key of their open states (Dial 1969). Nothing is final:
a state improved later is open again, so that rounding in keys cannot spoil the answer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.alignment.search.lattice import Moves

START = 0x7FFF  # how a state was reached: 1 + its move; from `JUMP` on structures
JUMP = 0x4000  # + 2 × steps along the heading, + 1 for tunnels
DONE = 0x8000
ROUNDING = 1e-9

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shorts = NDArray[np.int32]


class Terrain(NamedTuple):
    """Heights above the start by cell and zones (yuan/m) by kind of road, with a rim of NaN."""

    ground: Floats
    earth: Floats
    bridge: Floats
    tunnel: Floats
    zoned: bool


class Nodes(NamedTuple):
    """Nodes of the lattice.

    `size`: see `SIZES`; `step` is the ground in whole steps; `rank` numbers the nodes allowed,
    shape (layers, nodes), −1 elsewhere; `node`, `layer` and `far` (metres to go at least) belong to
    each rank; `target` to each layer; `goal` is the rank, lowest and greatest height of the end.
    """

    size: Ints
    step: Ints
    rank: Shorts
    node: Shorts
    layer: Shorts
    far: Floats
    target: Ints
    goal: Ints


class Rules(NamedTuple):
    """Moves, and figures: see `FIGURES`; `ladder` the steps a structure may have by heading."""

    moves: Moves
    steps: Ints
    ladder: Ints
    figures: Floats


class Reached(NamedTuple):
    """What is known of each state: cost, state before, how it came."""

    cost: Floats
    before: Shorts
    how: NDArray[np.uint16]


class Queue(NamedTuple):
    """Columns in buckets: the first of each bucket, neighbours and bucket of each column.

    `tally`: see `NOW`; `scale`: width of a bucket, weight on what is to go, cost of the best road.
    """

    head: Shorts
    after: Shorts
    before: Shorts
    bucket: Shorts
    tally: Ints
    scale: Floats


ROWS, COLUMNS, STRIDE, RIM, LEVELS, LOWEST, HEADINGS = range(7)
NOW, HANGING, EXPANDED, ALLOWED, GOAL, PAUSE = range(6)
WIDE, WEIGHT, BEST = range(3)
FIGURES = (
    "cell", "height", "max_grade", "max_cut", "max_fill", "least",
    "width", "cut_slope", "fill_slope", "cut", "fill", "pavement", "land",
    "bridge", "bridge_height", "tunnel", "max_bridge", "max_tunnel", "min_structure",
)  # fmt: skip
(
    CELL, HEIGHT, GRADE, MOST_CUT, MOST_FILL, LEAST,
    WIDTH, CUT_SLOPE, FILL_SLOPE, CUT, FILL, PAVEMENT, LAND,
    BRIDGE, BRIDGE_HEIGHT, TUNNEL, MOST_BRIDGE, MOST_TUNNEL, LEAST_STRUCTURE,
) = range(len(FIGURES))  # fmt: skip


@njit(cache=True)
def unhang(column: int, queue: Queue) -> None:
    """Take a column out of its bucket, if it hangs in one."""
    at = queue.bucket[column]
    if at < 0:
        return
    after, before = queue.after[column], queue.before[column]
    if before >= 0:
        queue.after[before] = after
    else:
        queue.head[at] = after
    if after >= 0:
        queue.before[after] = before
    queue.bucket[column] = -1
    queue.tally[HANGING] -= 1


@njit(cache=True)
def bucket_of(key: float, queue: Queue) -> int:
    """Give the bucket of a key, not before the one that is emptied now."""
    last = queue.head.size - 1
    bucket = last if key >= queue.scale[WIDE] * last else int(key / queue.scale[WIDE])
    return int(max(bucket, queue.tally[NOW]))


@njit(cache=True)
def hang(column: int, key: float, queue: Queue) -> None:
    """Hang a column into the bucket of a key, unless it hangs in that or an earlier one."""
    bucket = bucket_of(key, queue)
    at = queue.bucket[column]
    if 0 <= at <= bucket:
        return
    unhang(column, queue)
    first = queue.head[bucket]
    queue.after[column], queue.before[column] = first, -1
    if first >= 0:
        queue.before[first] = column
    queue.head[bucket], queue.bucket[column] = column, bucket
    queue.tally[HANGING] += 1


@njit(cache=True)
def settled(queue: Queue) -> bool:
    """Go on to the next bucket that is not empty; True if the answer is known."""
    tally, scale = queue.tally, queue.scale
    if tally[HANGING] == 0:
        return True
    while queue.head[tally[NOW]] < 0:
        tally[NOW] += 1
    if scale[WEIGHT] > 1:  # the first road is taken
        return bool(tally[GOAL] >= 0)
    return bool(tally[NOW] * scale[WIDE] > scale[BEST])


@njit(cache=True)
def cell_of(rank: int, nodes: Nodes) -> tuple[int, int]:
    """Give row and column in the terrain, its rim included."""
    row, column = nodes.node[rank] // nodes.size[COLUMNS], nodes.node[rank] % nodes.size[COLUMNS]
    stride, rim = nodes.size[STRIDE], nodes.size[RIM]
    return row * stride + rim, column * stride + rim


@njit(cache=True)
def ground_step(rank: int, nodes: Nodes) -> int:
    """Give the height in steps of the lowest level above a node."""
    return int(nodes.step[nodes.node[rank]] + nodes.size[LOWEST])


@njit(cache=True)
def ahead(rank: int, height: int, nodes: Nodes, f: Floats) -> float:
    """Bound the cost of the rest: least cost a metre × straight line, or × what the rise takes."""
    steps = max(nodes.goal[1] - height, height - nodes.goal[2], 0)
    return float(f[LEAST] * max(nodes.far[rank], steps * f[HEIGHT] / f[GRADE]))


@njit(cache=True)
def entered(node: int, layer: int, nodes: Nodes) -> int:
    """Give the rank of a node that a move ends at; a point on the way opens the next layer."""
    if node == nodes.target[layer] and layer + 1 < nodes.target.size:
        layer += 1
    return int(nodes.rank[layer, node])


@njit(cache=True)
def reach(height: int, length: float, rank: int, nodes: Nodes, f: Floats) -> tuple[int, int]:
    """Give lowest and greatest height a move of a length may end at."""
    most = int(np.floor(f[GRADE] * length / f[HEIGHT] + ROUNDING))
    lowest = ground_step(rank, nodes)
    return max(height - most, lowest), min(height + most, lowest + nodes.size[LEVELS] - 1)


@njit(cache=True)
def offer(
    to: tuple[int, int, int, int],
    cost: float,
    came: tuple[int, int],
    nodes: Nodes,
    run: tuple[Reached, Queue, Floats],
) -> None:
    """Reach a state (rank, heading, height, landed) at a cost; `came` is the state before, how."""
    reached, queue, f = run
    rank, heading, height, landed = to
    levels, headings = nodes.size[LEVELS], nodes.size[HEADINGS]
    column = rank * headings + heading
    state = column * levels + height - ground_step(rank, nodes)
    if landed:
        # What may go on by any move at no more cost leaves a landing nothing.
        if reached.how[state] != 0 and reached.cost[state] <= cost:
            return
        column += nodes.node.size * headings
        state += nodes.node.size * headings * levels
    if reached.how[state] != 0 and not cost < reached.cost[state]:
        return
    rest = ahead(rank, height, nodes, f)
    if not cost + rest < queue.scale[BEST]:
        return
    reached.cost[state] = cost
    reached.before[state] = came[0]
    reached.how[state] = came[1]
    if rank == nodes.goal[0] and nodes.goal[1] <= height <= nodes.goal[2]:
        queue.scale[BEST] = cost
        queue.tally[GOAL] = state
        return
    hang(column, cost + queue.scale[WEIGHT] * rest, queue)


@njit(cache=True)
def begin(
    first: int,
    heights: tuple[int, int],
    world: tuple[Terrain, Nodes],
    run: tuple[Reached, Queue, Floats],
) -> None:
    """Open all headings of the first node, at heights within cut and fill."""
    terrain, nodes = world
    f = run[2]
    row, over = cell_of(first, nodes)
    for height in range(heights[0], heights[1] + 1):
        off = height * f[HEIGHT] - terrain.ground[row, over]
        if off > f[MOST_FILL] + ROUNDING or off < -f[MOST_CUT] - ROUNDING:
            continue
        for heading in range(nodes.size[HEADINGS]):
            offer((first, heading, height, 0), 0.0, (-1, START), nodes, run)


@njit(cache=True)
def opened(column: int, nodes: Nodes, run: tuple[Reached, Queue, Floats], levels: Ints) -> int:
    """List the levels of a column to be expanded now; what is open beyond hangs on."""
    reached, queue, f = run
    count, later = 0, np.inf
    rank = (column // nodes.size[HEADINGS]) % nodes.node.size
    lowest = ground_step(rank, nodes)
    ranks = nodes.node.size * nodes.size[HEADINGS]
    for level in range(nodes.size[LEVELS]):
        state = column * nodes.size[LEVELS] + level
        if reached.how[state] == 0 or reached.how[state] & DONE:
            continue
        rest = ahead(rank, lowest + level, nodes, f)
        free = state - ranks * nodes.size[LEVELS]  # the same place, not just landed at
        spare = free >= 0 and reached.how[free] != 0 and reached.cost[free] <= reached.cost[state]
        if spare or reached.cost[state] + rest >= queue.scale[BEST]:
            reached.how[state] |= DONE
            continue
        key = reached.cost[state] + queue.scale[WEIGHT] * rest
        if bucket_of(key, queue) == queue.tally[NOW]:
            reached.how[state] |= DONE
            levels[count] = level
            count += 1
        else:
            later = min(later, key)
    if later < np.inf:
        hang(column, later, queue)
    return count


@njit(cache=True)
def least_to_go(nodes: Nodes, run: tuple[Reached, Queue, Floats]) -> float:
    """Give the least of cost so far and bound on the rest over all open states."""
    reached, _, f = run
    levels = nodes.size[LEVELS]
    least = np.inf
    for state in range(reached.how.size):
        if reached.how[state] != 0 and not reached.how[state] & DONE:
            rank = (state // levels // nodes.size[HEADINGS]) % nodes.node.size
            height = ground_step(rank, nodes) + state % levels
            least = min(least, reached.cost[state] + ahead(rank, height, nodes, f))
    return least


@njit(cache=True)
def reweighted(weight: float, nodes: Nodes, run: tuple[Reached, Queue, Floats]) -> None:
    """Hang all that waits anew, by another weight on the rest."""
    reached, queue, f = run
    levels = nodes.size[LEVELS]
    queue.head[:] = -1
    queue.bucket[:] = -1
    queue.tally[NOW] = queue.tally[HANGING] = 0
    queue.scale[WEIGHT] = weight
    for state in range(reached.how.size):
        if reached.how[state] != 0 and not reached.how[state] & DONE:
            rank = (state // levels // nodes.size[HEADINGS]) % nodes.node.size
            height = ground_step(rank, nodes) + state % levels
            key = reached.cost[state] + weight * ahead(rank, height, nodes, f)
            hang(state // levels, key, queue)
