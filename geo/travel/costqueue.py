"""Compiled search of least costs: Dijkstra's algorithm on a multi-level bucket queue.

Waiting cells lie in buckets one `unit` wide, a unit being the least cost of a step, so that cells
of one bucket cannot improve each other and need no order among them (Dial 1969). Buckets stand in
levels of 1,024: a cell waits at the level of the highest digit (base 1,024) in which its bucket
differs from the bucket now emptied, and moves down when its turn nears (Denardo and Fox 1979).
However wide the range of costs, no empty bucket is passed more than once in a level, and nothing
is rounded. Entries that were overtaken by a cheaper way are left and skipped.

The arrays of the queue are never replaced inside a compiled loop: numba would then count
references at every access, which costs more than the search itself. When the pool of entries is
used up, `spread` returns and the caller hands it a larger pool.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

U = np.uint64
BITS = U(10)
WIDTH = U(1024)
MASK = U(1023)
LEVELS = 7  # of 10 bits each: more than the 64 bits of a key
MOST_PUSHES = 16  # entries one cell can add: one for every move
EXACT = 4503599627370496.0  # 2**52: from here on doubles are whole numbers
EXACT_KEY = U(4503599627370496)
EXACT_BITS = np.float64(EXACT).view(np.uint64)
ORIGIN = -1
UNREACHED = -2


FREE, SPARE, LAST = 0, 1, 2
"""Of the state of a queue: the first free entry, how many are free, the key now emptied."""


class Queue(NamedTuple):
    """Buckets as linked lists of pool entries; `state` holds what FREE, SPARE and LAST name."""

    heads: NDArray[np.int32]
    filled: NDArray[np.int64]
    cost: NDArray[np.float64]
    cell: NDArray[np.uint32]
    after: NDArray[np.int32]
    state: NDArray[np.int64]


class Moves(NamedTuple):
    """Steps on the flattened grid, their lengths, and the two cells a knight's move crosses."""

    offset: NDArray[np.uint64]
    left: NDArray[np.uint64]
    right: NDArray[np.uint64]
    length: NDArray[np.float64]


class Table(NamedTuple):
    """Pace by slope: knots, and for equal bins of slope the first segment to look in.

    `sign` is 1 when walking away from the origins and -1 when walking to them; a table without
    knots means that the surface holds friction.
    """

    slopes: NDArray[np.float64]
    seconds: NDArray[np.float64]
    first: NDArray[np.int64]
    bins_per_slope: float
    sign: float


def queue(entries: int) -> Queue:
    """Give an empty queue with a pool of free entries."""
    after = np.arange(1, entries + 1, dtype=np.int32)
    after[-1] = -1
    return Queue(
        np.full(LEVELS * int(WIDTH), -1, dtype=np.int32),
        np.zeros(LEVELS, dtype=np.int64),
        np.zeros(entries),
        np.zeros(entries, dtype=np.uint32),
        after,
        np.array([0, entries, 0], dtype=np.int64),
    )


def enlarged(waiting: Queue) -> Queue:
    """Give the same queue with a pool of twice the size."""
    old = waiting.after.size
    after = np.arange(1, 2 * old + 1, dtype=np.int32)
    after[:old] = waiting.after
    after[-1] = waiting.state[FREE]
    state = waiting.state.copy()
    state[FREE] = old
    state[SPARE] += old
    return Queue(
        waiting.heads,
        waiting.filled,
        np.concatenate([waiting.cost, np.zeros(old)]),
        np.concatenate([waiting.cell, np.zeros(old, dtype=np.uint32)]),
        after,
        state,
    )


@njit(cache=True)
def _key(cost: float, per_unit: float) -> np.uint64:
    """Give a cost's bucket; from 2**52 units on every representable cost has its own."""
    units = cost * per_unit
    if units < EXACT:
        return U(units)
    return EXACT_KEY + (np.float64(units).view(np.uint64) - EXACT_BITS)


@njit(cache=True)
def _bucket(key: np.uint64, last: np.uint64) -> np.uint64:
    """Give the bucket, level by level, in which a key waits while `last` is emptied."""
    digits = key ^ last
    level = U(0)
    while digits >= WIDTH:
        digits >>= BITS
        level += U(1)
    return level * WIDTH + ((key >> (level * BITS)) & MASK)


@njit(cache=True, nogil=True)
def fill(
    waiting: Queue, cells: NDArray[np.int64], costs: NDArray[np.float64], per_unit: float
) -> None:
    """Let cells wait at costs; the pool must have room for them."""
    state = waiting.state
    for at in range(cells.size):
        entry = U(state[FREE])
        state[FREE] = waiting.after[entry]
        state[SPARE] -= 1
        waiting.cost[entry] = costs[at]
        waiting.cell[entry] = cells[at]
        bucket = _bucket(_key(costs[at], per_unit), U(state[LAST]))
        _hang(waiting.heads, waiting.filled, waiting.after, entry, bucket)


@njit(cache=True)
def _hang(
    heads: NDArray[np.int32],
    filled: NDArray[np.int64],
    after: NDArray[np.int32],
    entry: np.uint64,
    bucket: np.uint64,
) -> None:
    """Put an entry into a bucket."""
    filled[bucket >> BITS] += 1
    after[entry] = heads[bucket]
    heads[bucket] = entry


@njit(cache=True)
def _advance(waiting: Queue, best: NDArray[np.float64], per_unit: float) -> bool:
    """Find the next filled bucket of level 0, moving others down; False when nothing waits."""
    heads, filled, _, _, _, state = waiting
    level = U(0)
    while level < U(LEVELS) and filled[level] == 0:
        level += U(1)
    if level == U(LEVELS):
        return False
    bucket = level * WIDTH + ((U(state[LAST]) >> (level * BITS)) & MASK)
    while heads[bucket] < 0:
        bucket += U(1)
    if level > U(0):
        _descend(waiting, bucket, best, per_unit)
    else:
        state[LAST] = np.int64((U(state[LAST]) & ~MASK) | bucket)
    return True


@njit(cache=True)
def _descend(waiting: Queue, bucket: np.uint64, best: NDArray[np.float64], per_unit: float) -> None:
    """Distribute a bucket over lower levels, beginning at the key of its cheapest entry."""
    heads, filled, costs, cells, after, state = waiting
    entry = np.int64(heads[bucket])
    heads[bucket] = -1
    least = np.inf
    at = entry
    while at >= 0:
        least = min(least, costs[U(at)])
        at = np.int64(after[U(at)])
    last = _key(least, per_unit)
    state[LAST] = np.int64(last)
    while entry >= 0:
        e = U(entry)
        entry = np.int64(after[e])
        filled[bucket >> BITS] -= 1
        if costs[e] > best[U(cells[e])]:
            after[e] = state[FREE]
            state[FREE] = np.int64(e)
            state[SPARE] += 1
        else:
            _hang(heads, filled, after, e, _bucket(_key(costs[e], per_unit), last))


@njit(cache=True)
def pace_at(
    slope: float,
    slopes: NDArray[np.float64],
    seconds: NDArray[np.float64],
    first: NDArray[np.int64],
    bins_per_slope: float,
) -> float:
    """Interpolate seconds a metre; beyond the table's ends, and for NaN, infinity."""
    if not (slope >= slopes[U(0)] and slope <= slopes[U(slopes.size - 1)]):
        return np.inf
    bins = min(U((slope - slopes[U(0)]) * bins_per_slope), U(first.size - 1))
    at = U(first[bins])
    while slopes[at + U(1)] < slope:
        at += U(1)
    part = (slope - slopes[at]) / (slopes[at + U(1)] - slopes[at])
    return float(seconds[at] + part * (seconds[at + U(1)] - seconds[at]))


@njit(cache=True)
def _crossed(surface: NDArray[np.float64], cell: np.uint64, move: np.uint64, moves: Moves) -> float:
    """Give the cost of one step through friction: the mean of the cells passed times the length."""
    ends = surface[cell] + surface[cell + moves.offset[move]]
    if move < U(8):
        return float(moves.length[move] * 0.5 * ends)
    between = surface[cell + moves.left[move]] + surface[cell + moves.right[move]]
    return float(moves.length[move] * 0.25 * (ends + between))


class Reached(NamedTuple):
    """The least cost of every cell, and the move by which it is reached."""

    cost: NDArray[np.float64]
    move: NDArray[np.int8]


class Rate(NamedTuple):
    """What a move costs: the table of paces, and units per cost."""

    table: Table
    per_unit: float


@njit(cache=True, nogil=True)
def spread(
    waiting: Queue,
    surface: NDArray[np.float64],
    reached: Reached,
    moves: Moves,
    rate: Rate,
) -> bool:
    """Empty the queue; False when its pool is too small to go on.

    Parameters
    ----------
    waiting
        Cells with their costs; changed.
    surface
        Friction or heights, padded and flattened; not finite where there is no way.
    reached
        Every cell; changed.
    moves
        The steps.
    rate
        What they cost.
    """
    heads, filled, costs, cells, after, state = waiting
    best, back = reached
    table, per_unit = rate
    slopes, seconds, first, bins, sign = table
    offset, left, right, length = moves
    per_length = sign / length
    walking = slopes.size > 0
    while _advance(waiting, best, per_unit):
        free, spare, last = U(state[FREE]), state[SPARE], U(state[LAST])
        digit = last & MASK
        while heads[digit] >= 0 and spare >= MOST_PUSHES:
            entry = U(heads[digit])
            heads[digit] = after[entry]
            filled[0] -= 1
            cost, cell = costs[entry], U(cells[entry])
            after[entry] = free
            free, spare = entry, spare + 1
            for move in range(offset.size if cost <= best[cell] else 0):
                to = cell + offset[move]
                if walking:
                    rise = surface[to] - surface[cell]
                    if move >= 8:
                        rise += 0.0 * (surface[cell + left[move]] + surface[cell + right[move]])
                    pace = pace_at(rise * per_length[move], slopes, seconds, first, bins)
                    offer = cost + length[move] * pace
                else:
                    offer = cost + _crossed(surface, cell, U(move), moves)
                if offer < best[to]:
                    best[to], back[to] = offer, move
                    entry, free, spare = free, U(after[free]), spare - 1
                    costs[entry], cells[entry] = offer, to
                    _hang(heads, filled, after, entry, _bucket(_key(offer, per_unit), last))
        state[FREE], state[SPARE] = free, spare
        if spare < MOST_PUSHES:
            return False
    return True


@njit(cache=True, nogil=True)
def finish(
    owner: NDArray[np.int32],
    back: NDArray[np.int8],
    offset: NDArray[np.uint64],
    surface: NDArray[np.float64],
    best: NDArray[np.float64],
) -> None:
    """Carry the origins' numbers along the back-links; costs without data become NaN.

    `owner` holds the numbers at the origins and -1 elsewhere; it and `best` are changed.
    """
    for start in range(back.size):
        if np.isnan(surface[start]):
            best[start] = np.nan
        if back[start] < 0 or owner[start] >= 0:
            continue
        at = U(start)
        while owner[at] < 0:
            at -= offset[back[at]]
        number = owner[at]
        at = U(start)
        while owner[at] < 0:
            owner[at] = number
            at -= offset[back[at]]


@njit(cache=True, nogil=True)
def extremes(surface: NDArray[np.float64]) -> tuple[float, float, bool]:
    """Give the least and greatest value but 0 and infinity (else 1, 1), and whether 0 occurs."""
    low, high, free = np.inf, -np.inf, False
    for at in range(surface.size):
        value = surface[at]
        if value == 0.0:
            free = True
        elif np.isfinite(value) or value < 0.0:
            low, high = min(low, value), max(high, value)
    if low > high:
        return 1.0, 1.0, free
    return low, high, free
