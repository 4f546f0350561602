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

# How a state was reached is one number of 16 bits. From 1 on it is 1 + the number of its move among
# those of the heading it came by; from `JUMP` on a structure: twice its steps along the heading,
# and 1 more for a tunnel; `START` is where the road begins. The highest bit says that the state is
# expanded. So a heading has at most 16,383 moves and a structure at most 8,190 steps.
JUMP = 0x4000
START = 0x7FFF
DONE = 0x8000

ROUNDING = 1e-9  # of heights and lengths, in m, and of costs, as a share: what arithmetic loses

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


class Size(NamedTuple):
    """The extent of a lattice.

    `rows` and `columns` of nodes, `stride` cells apart, within a `rim` of cells without data; each
    node has `levels` heights, the first `lowest` steps from its ground (below 0: under it), and
    `headings` directions.
    """

    rows: int
    columns: int
    stride: int
    rim: int
    levels: int
    lowest: int
    headings: int


class Goal(NamedTuple):
    """Where the road ends: a rank, and the lowest and highest step of height it may end at."""

    rank: int
    low: int
    high: int


class Nodes(NamedTuple):
    """Nodes of the lattice.

    `step` is the ground in whole steps; `rank` numbers the nodes allowed, shape (layers, nodes), −1
    elsewhere; `node`, `layer` and `far` (metres to go at least) belong to each rank; `target` to
    each layer: the node that opens the next.
    """

    size: Size
    step: Ints
    rank: Shorts
    node: Shorts
    layer: Shorts
    far: Floats
    target: Ints
    goal: Goal


class Figures(NamedTuple):
    """Limits and prices of a search, in m and yuan as `Limits` and `Costs` name them.

    `step_m` is a step of height; `least_yuan_m` what no metre of road costs less than. An unlimited
    depth is a number large enough to be none.
    """

    cell_m: float
    step_m: float
    max_grade: float
    max_cut_m: float
    max_fill_m: float
    least_yuan_m: float
    width_m: float
    cut_slope: float
    fill_slope: float
    cut_yuan_m3: float
    fill_yuan_m3: float
    pavement_yuan_m: float
    land_yuan_m2: float
    bridge_yuan_m: float
    bridge_height_yuan_m2: float
    tunnel_yuan_m: float
    max_bridge_m: float
    max_tunnel_m: float
    min_structure_m: float


class Rules(NamedTuple):
    """How roads go on: moves on earth, grid steps of the headings, lengths of structures.

    `ladder` holds for each heading how often the ground is read in a step, then the numbers of
    steps a structure may have, rising, the last one repeated.
    """

    moves: Moves
    steps: Ints
    ladder: Ints


class World(NamedTuple):
    """What a search does not change."""

    terrain: Terrain
    nodes: Nodes
    rules: Rules


class Reached(NamedTuple):
    """What is known of each state: cost, state before, how it came."""

    cost: Floats
    before: Shorts
    how: NDArray[np.uint16]


# Places in `Queue.tally`: the bucket that is emptied now, columns hanging, states expanded, states
# that may be expanded at most, the state at the goal (−1: none), states at which to pause.
NOW, HANGING, EXPANDED, ALLOWED, GOAL, PAUSE = range(6)
# Places in `Queue.scale`: width of a bucket and cost of the best road in yuan, between them the
# weight on what is to go.
WIDE, WEIGHT, BEST = range(3)


class Queue(NamedTuple):
    """Columns in buckets: the first of each bucket, neighbours and bucket of each column.

    `tally` counts (see `NOW`), `scale` measures (see `WIDE`).
    """

    head: Shorts
    after: Shorts
    before: Shorts
    bucket: Shorts
    tally: Ints
    scale: Floats


class Run(NamedTuple):
    """What a search changes, and the figures it goes by."""

    reached: Reached
    queue: Queue
    figures: Figures


class State(NamedTuple):
    """A state: `height` in steps above the start, `landed` 1 where a structure ends."""

    rank: int
    heading: int
    height: int
    landed: int


class Came(NamedTuple):
    """The state before (−1: none), and how the road came from it."""

    state: int
    how: int


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
    size = nodes.size
    row, column = nodes.node[rank] // size.columns, nodes.node[rank] % size.columns
    return row * size.stride + size.rim, column * size.stride + size.rim


@njit(cache=True)
def ground_step(rank: int, nodes: Nodes) -> int:
    """Give the height in steps of the lowest level above a node."""
    return int(nodes.step[nodes.node[rank]] + nodes.size.lowest)


@njit(cache=True)
def ahead(rank: int, height: int, nodes: Nodes, figures: Figures) -> float:
    """Bound the cost of the rest: least cost a metre × straight line, or × what the rise takes."""
    steps = max(nodes.goal.low - height, height - nodes.goal.high, 0)
    climb = steps * figures.step_m / figures.max_grade
    return float(figures.least_yuan_m * max(nodes.far[rank], climb))


@njit(cache=True)
def entered(node: int, layer: int, nodes: Nodes) -> int:
    """Give the rank of a node that a move ends at; a point on the way opens the next layer."""
    if node == nodes.target[layer] and layer + 1 < nodes.target.size:
        layer += 1
    return int(nodes.rank[layer, node])


@njit(cache=True)
def reach(height: int, length: float, rank: int, nodes: Nodes, figures: Figures) -> tuple[int, int]:
    """Give lowest and greatest height a move of a length may end at."""
    most = int(np.floor(figures.max_grade * length / figures.step_m + ROUNDING))
    lowest = ground_step(rank, nodes)
    return max(height - most, lowest), min(height + most, lowest + nodes.size.levels - 1)


@njit(cache=True)
def offer(to: State, cost: float, came: Came, nodes: Nodes, run: Run) -> None:
    """Reach a state at a cost."""
    reached, queue = run.reached, run.queue
    levels, headings = nodes.size.levels, nodes.size.headings
    column = to.rank * headings + to.heading
    state = column * levels + to.height - ground_step(to.rank, nodes)
    if to.landed:
        # What may go on by any move at no more cost leaves a landing nothing.
        if reached.how[state] != 0 and reached.cost[state] <= cost:
            return
        column += nodes.node.size * headings
        state += nodes.node.size * headings * levels
    if reached.how[state] != 0 and not cost < reached.cost[state]:
        return
    rest = ahead(to.rank, to.height, nodes, run.figures)
    if not cost + rest < queue.scale[BEST]:
        return
    reached.cost[state] = cost
    reached.before[state] = came.state
    reached.how[state] = came.how
    if to.rank == nodes.goal.rank and nodes.goal.low <= to.height <= nodes.goal.high:
        queue.scale[BEST] = cost
        queue.tally[GOAL] = state
        return
    hang(column, cost + queue.scale[WEIGHT] * rest, queue)


@njit(cache=True)
def begin(first: int, low: int, high: int, terrain: Terrain, nodes: Nodes, run: Run) -> None:
    """Open all headings of the first rank, at heights from `low` to `high` within cut and fill."""
    figures = run.figures
    row, over = cell_of(first, nodes)
    for height in range(low, high + 1):
        off = height * figures.step_m - terrain.ground[row, over]
        if off > figures.max_fill_m + ROUNDING or off < -figures.max_cut_m - ROUNDING:
            continue
        for heading in range(nodes.size.headings):
            offer(State(first, heading, height, 0), 0.0, Came(-1, START), nodes, run)


@njit(cache=True)
def opened(column: int, nodes: Nodes, run: Run, levels: Ints) -> int:
    """List the levels of a column to be expanded now; what is open beyond hangs on."""
    reached, queue, size = run.reached, run.queue, nodes.size
    count, later = 0, np.inf
    rank = (column // size.headings) % nodes.node.size
    lowest = ground_step(rank, nodes)
    ranks = nodes.node.size * size.headings
    for level in range(size.levels):
        state = column * size.levels + level
        if reached.how[state] == 0 or reached.how[state] & DONE:
            continue
        rest = ahead(rank, lowest + level, nodes, run.figures)
        free = state - ranks * size.levels  # the same place, not just landed at
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


@njit(cache=True, nogil=True)
def least_to_go(nodes: Nodes, run: Run) -> float:
    """Give the least of cost so far and bound on the rest over all open states."""
    reached, levels = run.reached, nodes.size.levels
    least = np.inf
    for state in range(reached.how.size):
        if reached.how[state] != 0 and not reached.how[state] & DONE:
            rank = (state // levels // nodes.size.headings) % nodes.node.size
            height = ground_step(rank, nodes) + state % levels
            least = min(least, reached.cost[state] + ahead(rank, height, nodes, run.figures))
    return least


@njit(cache=True, nogil=True)
def reweighted(weight: float, nodes: Nodes, run: Run) -> None:
    """Hang all that waits anew, by another weight on the rest."""
    reached, queue, levels = run.reached, run.queue, nodes.size.levels
    queue.head[:] = -1
    queue.bucket[:] = -1
    queue.tally[NOW] = queue.tally[HANGING] = 0
    queue.scale[WEIGHT] = weight
    for state in range(reached.how.size):
        if reached.how[state] != 0 and not reached.how[state] & DONE:
            rank = (state // levels // nodes.size.headings) % nodes.node.size
            height = ground_step(rank, nodes) + state % levels
            key = reached.cost[state] + weight * ahead(rank, height, nodes, run.figures)
            hang(state // levels, key, queue)
