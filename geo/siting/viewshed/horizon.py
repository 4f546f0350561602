"""Compiled sweep of the horizon outwards from one eye, octant by octant.

An octant has columns X = 1, 2, … cells ahead of the eye, with cells j = 0 … X beside its axis. Seen
from the eye, the centre of cell (X, j), h above the eye's plane, stands in the direction m = j / X
at the steepness h / X, and a straight edge between two centres is a straight line v = a + b·m there
(central projection). So the horizon is the upper envelope of such lines. The cells of a column are
held against the horizon of all columns before; then the horizon takes up the edges within the
column and those that lead to it from the column before. Every edge is handled once for all the
targets behind it: the work is about that of looking at each cell once, the answer that of a line of
sight to each.

In the directions j/X … (j+1)/X lie the edge from (X, j) to (X, j+1) and, from the same end on, that
from (X, j) to (X−1, j), which ends at j/(X−1): the steeper of the two counts.

Edges of unknown height are either left out (`gap` −HUGE) or infinitely high (`gap` HUGE): what is
seen the first way and not the second is unknown. A ray through a known centre meets no edge beside
it, so edges of unknown height stop `STEP` short of known ends.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

HUGE = 1e30
STEP = 1e-12  # in direction: two cells within 100,000 columns are 1e-10 apart or more
NEAR = 1e-11  # in steepness, m a cell: lines so near are one; well above what rounding does
TIE_M = 1e-6  # a target so little below the horizon is on it

Floats = NDArray[np.float64]


class Envelope(NamedTuple):
    """Lines a + b·m, each up to the direction `end`; the last one goes on."""

    end: Floats
    a: Floats
    b: Floats


class Scene(NamedTuple):
    """What one eye looks at: the grid's heights, flattened, and the place of the eye.

    `eye_m` is its height above datum, `drop_m` by how much the Earth's curve lowers a centre one
    cell away, `range2` the square of the range in cells.
    """

    heights: Floats
    columns: int
    row: int
    column: int
    eye_m: float
    drop_m: float
    range2: float


class Window(NamedTuple):
    """Where it is written, part of the grid: 1 in `seen` for targets `target_m` above ground.

    `least_m` has the same shape, or is empty when it is not asked for: how far above its ground a
    cell is first seen, NaN where unknown.
    """

    seen: NDArray[np.uint8]
    least_m: NDArray[np.float32]
    top: int
    left: int
    target_m: float


class Column(NamedTuple):
    """Column X of an octant up to its cell `last`: heights of its cells and of the column before.

    `on` is the line of the horizon in the direction of each cell, `over` by how much the cell is
    steeper; `gap` is the height of what is unknown.
    """

    here: Floats
    before: Floats
    on: NDArray[np.int64]
    over: Floats
    X: int
    last: int
    gap: float


@njit(cache=True, nogil=True)
def sweep(scene: Scene, window: Window, gap: float) -> None:
    """Write what one eye sees, but for its own cell; cells beyond the range are left alone."""
    rows = scene.heights.size // scene.columns
    for down in (-1, 1):
        high = scene.row if down < 0 else rows - 1 - scene.row
        for right in (-1, 1):
            wide = scene.column if right < 0 else scene.columns - 1 - scene.column
            _octant(scene, window, gap, (down, 0, 0, right), (high, wide))
            _octant(scene, window, gap, (0, right, down, 0), (wide, high))


@njit(cache=True)
def _octant(
    scene: Scene,
    window: Window,
    gap: float,
    turn: tuple[int, int, int, int],
    room: tuple[int, int],
) -> None:
    """Sweep an octant: `turn` is rows, columns a step ahead and aside, `room` the cells there."""
    most = min(room[0], int(np.sqrt(scene.range2)))
    size = min(most, room[1]) + 2
    here, before = np.zeros(size), np.zeros(size)
    on, over = np.zeros(size, np.int64), np.zeros(size)
    horizon, spare = _blank(4 * size), _blank(4 * size)
    count = _put(horizon, 0, np.inf, (-HUGE, 0.0))
    for X in range(1, most + 1):
        wide = min(int(np.sqrt(scene.range2 - X * X)), room[1])
        # Rays to farther cells cross this column within the range, but beside a cell beyond.
        last = min(X, wide + 1, max(room[1], 1))
        column = Column(here, before, on, over, X, last, gap)
        here[last] = np.nan  # stays where the grid is one cell wide
        _look(scene, turn, min(last, room[1]), column)
        _hold(horizon, column)
        _write(scene, window, turn, min(last, wide), column)
        most_lines = 2 * (count + 4 * last + 8)
        if spare.end.size < most_lines:
            spare = _blank(2 * most_lines)
        taken = _take(horizon, count, spare, column)
        if taken > 0:
            horizon, spare, count = spare, horizon, taken
        here, before = before, here


@njit(cache=True)
def _blank(size: int) -> Envelope:
    return Envelope(np.empty(size), np.empty(size), np.empty(size))


@njit(cache=True)
def _look(scene: Scene, turn: tuple[int, int, int, int], last: int, column: Column) -> None:
    """Give the heights of a column's cells above the eye's plane, lowered by the Earth's curve."""
    here, X = column.here, column.X
    step = turn[2] * scene.columns + turn[3]
    at = (scene.row + X * turn[0]) * scene.columns + scene.column + X * turn[1]
    for j in range(last + 1):
        here[j] = scene.heights[at + j * step] - scene.eye_m - scene.drop_m * (X * X + j * j)


@njit(cache=True)
def _hold(horizon: Envelope, column: Column) -> None:
    """Hold a column's cells against the horizon of all columns before."""
    end, a, b = horizon
    here, on, over, X = column.here, column.on, column.over, column.X
    k = 0
    for j in range(column.last + 1):
        m = j / X  # a division: one direction is one number, whatever the column
        while end[k] < m:
            k += 1
        on[j] = k
        over[j] = here[j] / X - (a[k] + b[k] * m)


@njit(cache=True)
def _write(
    scene: Scene, window: Window, turn: tuple[int, int, int, int], last: int, column: Column
) -> None:
    """Write what is seen of a column's cells within the range."""
    X, over = column.X, column.over
    row, right = scene.row + X * turn[0] - window.top, scene.column + X * turn[1] - window.left
    for j in range(last + 1):
        below = -X * over[j]
        r, c = row + j * turn[2], right + j * turn[3]
        # A cell without a height (NaN) is seen the way that leaves out what is unknown.
        if below <= window.target_m + TIE_M or (np.isnan(below) and column.gap < 0):
            window.seen[r, c] = 1
        if window.least_m.size > 0:
            window.least_m[r, c] = max(below, 0.0) if below < HUGE / 2 else np.nan


@njit(cache=True)
def _take(horizon: Envelope, count: int, new: Envelope, column: Column) -> int:
    """Give how many lines the new horizon has; 0 when the column changes nothing."""
    here, before, on, over, X, last, _ = column
    n, k = 0, 0
    for j in range(last):
        # Both ends hidden under one line: the edges are straight and hidden too, even that to
        # the column before, whose far end the horizon has.
        if on[j] == on[j + 1] and over[j] <= NEAR and over[j + 1] <= NEAR:
            continue
        while k < on[j]:
            n = _put(new, n, horizon.end[k], (horizon.a[k], horizon.b[k]))
            k += 1
        if j > 0:
            n = _put(new, n, j / X, (horizon.a[k], horizon.b[k]))
        if np.isfinite(here[j] + here[j + 1]) and (j == 0 or np.isfinite(before[j])):
            n = _whole(horizon, k, new, n, column, j)
        else:
            n = _ragged(horizon, k, new, n, column, j)
        k = on[j + 1]
    if n == 0:
        return 0
    while k < count:
        n = _put(new, n, horizon.end[k], (horizon.a[k], horizon.b[k]))
        k += 1
    return n


@njit(cache=True)
def _put(new: Envelope, n: int, end: float, line: tuple[float, float]) -> int:
    """Append a line up to a direction, or lengthen the last; give how many there are."""
    if n > 0:
        if new.end[n - 1] >= end:
            return n
        if new.a[n - 1] == line[0] and new.b[n - 1] == line[1]:
            new.end[n - 1] = end
            return n
    new.end[n], new.a[n], new.b[n] = end, line[0], line[1]
    return n + 1


@njit(cache=True)
def _aside(column: Column, j: int) -> tuple[float, float]:
    """Give the line of the edge from cell j of a column to the next."""
    b = column.here[j + 1] - column.here[j]
    return (column.here[j] - b * j) / column.X, b


@njit(cache=True)
def _back(column: Column, j: int) -> tuple[float, float]:
    """Give the line of the edge from cell j of a column to the column before; j > 0."""
    a = column.here[j] - column.before[j]
    return a, (column.here[j] - a * column.X) / j


@njit(cache=True)
def _whole(horizon: Envelope, k: int, new: Envelope, n: int, column: Column, j: int) -> int:
    """Take up the edges between two cells of a column; all heights are known."""
    X = column.X
    lo = j / X
    aside = _aside(column, j)
    if j > 0:
        back = _back(column, j)
        if back[1] > aside[1]:
            middle = j / (X - 1)
            n = _merge(horizon, k, new, n, (lo, middle), back)
            lo = middle
    return _merge(horizon, k, new, n, (lo, (j + 1) / X), aside)


@njit(cache=True)
def _ragged(horizon: Envelope, k: int, new: Envelope, n: int, column: Column, j: int) -> int:
    """Take up the edges between two cells where a height is unknown."""
    here, X, gap = column.here, column.X, (column.gap, 0.0)
    first, second = np.isfinite(here[j]), np.isfinite(here[j + 1])
    lo, hi = j / X, (j + 1) / X
    aside = _aside(column, j) if first and second else gap
    if first:
        n = _merge(horizon, k, new, n, (lo, lo + STEP), (here[j] / X, 0.0))
        lo += STEP
        if j > 0:
            middle = j / (X - 1)
            back = _back(column, j) if np.isfinite(column.before[j]) else gap
            if back[0] + back[1] * middle > aside[0] + aside[1] * middle:
                n = _merge(horizon, k, new, n, (lo, middle), back)
                lo = middle
    n = _merge(horizon, k, new, n, (lo, hi - STEP * second), aside)
    if second:
        n = _merge(horizon, k, new, n, (hi - STEP, hi), (here[j + 1] / X, 0.0))
    return n


@njit(cache=True)
def _merge(
    horizon: Envelope,
    k: int,
    new: Envelope,
    n: int,
    span: tuple[float, float],
    line: tuple[float, float],
) -> int:
    """Append the higher of the horizon and a line over a span of directions."""
    (lo, hi), (a, b) = span, line
    while horizon.end[k] < lo:
        k += 1
    while lo < hi:
        until = min(horizon.end[k], hi)
        known = (horizon.a[k], horizon.b[k])
        left = a - known[0] + (b - known[1]) * lo
        right = a - known[0] + (b - known[1]) * until
        if left <= NEAR and right <= NEAR:
            n = _put(new, n, until, known)
        elif left >= 0 and right >= 0:
            n = _put(new, n, until, line)
        else:
            crossing = lo + (until - lo) * (left / (left - right))
            n = _put(new, n, min(crossing, until), line if left > 0 else known)
            n = _put(new, n, until, known if left > 0 else line)
        lo = until
        k += 1
    return n
