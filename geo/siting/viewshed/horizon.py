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

Arrays are handed over plainly in what is called for every cell: taken out of a named value, numba
counts references to them, which costs more than the work.
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

END, A, B = 0, 1, 2
"""Of a horizon, lines × 3: lines a + b·m, each up to the direction `END`; the last one goes on."""
HERE, BEFORE, OVER = 0, 1, 2
"""Of a column's cells: height, that of the cell before, by how much steeper than the horizon."""
LINE, RISES = 0, 1
"""Of a column's cells: the line of the horizon there; whether an edge up to the next may rise."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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


class Place(NamedTuple):
    """Column X of an octant up to its cell `last`, and the height of what is unknown."""

    X: int
    last: int
    gap: float


@njit(cache=True, nogil=True, error_model="numpy")
def sweep(scene: Scene, window: Window, gap: float) -> None:
    """Write what one eye sees, but for its own cell; cells beyond the range are left alone."""
    rows = scene.heights.size // scene.columns
    for down in (-1, 1):
        high = scene.row if down < 0 else rows - 1 - scene.row
        for right in (-1, 1):
            wide = scene.column if right < 0 else scene.columns - 1 - scene.column
            _octant(scene, window, gap, (down, 0, 0, right), (high, wide))
            _octant(scene, window, gap, (0, right, down, 0), (wide, high))


@njit(cache=True, error_model="numpy")
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
    cells, on = np.zeros((3, size)), np.zeros((2, size), np.int64)
    horizon, spare = np.empty((4 * size, 3)), np.empty((4 * size, 3))
    count = _put(horizon, 0, np.inf, (-HUGE, 0.0))
    for X in range(1, most + 1):
        wide = min(int(np.sqrt(scene.range2 - X * X)), room[1])
        # Rays to farther cells cross this column within the range, but beside a cell beyond.
        place = Place(X, min(X, wide + 1, max(room[1], 1)), gap)
        cells[BEFORE] = cells[HERE]
        cells[HERE, place.last] = np.nan  # stays where the grid is one cell wide
        _look(scene, turn, min(place.last, room[1]), cells[HERE], X)
        _hold(horizon, cells, on, place)
        _write(scene, window, turn, cells[OVER, : min(place.last, wide) + 1], place)
        most_lines = 2 * (count + 4 * place.last + 8)
        if len(spare) < most_lines:
            spare = np.empty((2 * most_lines, 3))
        taken = _take(horizon, count, spare, cells, on, place)
        if taken > 0:
            horizon, spare, count = spare, horizon, taken


@njit(cache=True, error_model="numpy")
def _look(scene: Scene, turn: tuple[int, int, int, int], last: int, here: Floats, X: int) -> None:
    """Give the heights of a column's cells above the eye's plane, lowered by the Earth's curve."""
    heights, eye, drop = scene.heights, scene.eye_m, scene.drop_m
    step = turn[2] * scene.columns + turn[3]
    at = (scene.row + X * turn[0]) * scene.columns + scene.column + X * turn[1]
    for j in range(last + 1):
        here[j] = heights[at + j * step] - eye - drop * (X * X + j * j)


@njit(cache=True, error_model="numpy")
def _hold(horizon: Floats, cells: Floats, on: Ints, place: Place) -> None:
    """Hold a column's cells, and the edges between them, against the horizon of all before."""
    X, k = place.X, 0
    low, level = np.inf, np.inf
    for j in range(place.last + 1):
        m = j / X  # a division: one direction is one number, whatever the column
        low = level
        while horizon[k, END] < m:
            at = horizon[k, END]
            ends = horizon[k, A] + horizon[k, B] * at, horizon[k + 1, A] + horizon[k + 1, B] * at
            low = min(low, ends[0], ends[1])
            k += 1
        on[LINE, j] = k
        level = horizon[k, A] + horizon[k, B] * m
        low = min(low, level)
        cells[OVER, j] = cells[HERE, j] / X - level
        if j > 0:
            # Edges below the lowest of the horizon are hidden. So are those under one line of it
            # that hides both ends, even the edge to the column before: the horizon has its far end.
            # Comparisons with what is unknown (NaN) fail.
            one = on[LINE, j - 1] == k and cells[OVER, j - 1] <= NEAR and cells[OVER, j] <= NEAR
            both = cells[HERE, j - 1] <= low * X and cells[HERE, j] <= low * X
            on[RISES, j - 1] = not (one or (both and cells[BEFORE, j - 1] <= low * (X - 1)))


@njit(cache=True, error_model="numpy")
def _write(
    scene: Scene, window: Window, turn: tuple[int, int, int, int], over: Floats, place: Place
) -> None:
    """Write what is seen of a column's cells within the range."""
    X, seen, least_m, most = place.X, window.seen, window.least_m, window.target_m + TIE_M
    row, right = scene.row + X * turn[0] - window.top, scene.column + X * turn[1] - window.left
    for j in range(over.size):
        below = -X * over[j]
        r, c = row + j * turn[2], right + j * turn[3]
        # A cell without a height (NaN) is seen the way that leaves out what is unknown.
        if below <= most or (np.isnan(below) and place.gap < 0):
            seen[r, c] = 1
        if least_m.size > 0:
            least_m[r, c] = np.nan if not below < HUGE / 2 else below if below > TIE_M else 0.0


@njit(cache=True, error_model="numpy")
def _take(horizon: Floats, count: int, new: Floats, cells: Floats, on: Ints, place: Place) -> int:
    """Give how many lines the new horizon has; 0 when the column changes nothing."""
    X, n, k = place.X, 0, 0
    for j in range(place.last):
        if not on[RISES, j]:
            continue
        n = _copy(horizon, k, on[LINE, j], new, n)
        k = on[LINE, j]
        if j > 0:
            n = _put(new, n, j / X, (horizon[k, A], horizon[k, B]))
        here = cells[HERE, j] + cells[HERE, j + 1]
        if np.isfinite(here) and (j == 0 or np.isfinite(cells[BEFORE, j])):
            n = _whole(horizon, k, new, n, cells[:, j : j + 2], (j, X))
        else:
            n = _ragged(horizon, k, new, n, cells[:, j : j + 2], (j, X, place.gap))
        k = on[LINE, j + 1]
    return _copy(horizon, k, count, new, n) if n > 0 else 0


@njit(cache=True, error_model="numpy")
def _copy(horizon: Floats, k: int, until: int, new: Floats, n: int) -> int:
    """Append lines k to `until` (left out) as they are; give how many there are."""
    if k < until:
        n = _put(new, n, horizon[k, END], (horizon[k, A], horizon[k, B]))
        for at in range(k + 1, until):
            for part in range(3):
                new[n, part] = horizon[at, part]
            n += 1
    return n


@njit(cache=True, error_model="numpy")
def _put(new: Floats, n: int, end: float, line: tuple[float, float]) -> int:
    """Append a line up to a direction, or lengthen the last; give how many there are."""
    if n > 0:
        if new[n - 1, END] >= end:
            return n
        if new[n - 1, A] == line[0] and new[n - 1, B] == line[1]:
            new[n - 1, END] = end
            return n
    new[n, END], new[n, A], new[n, B] = end, line[0], line[1]
    return n + 1


@njit(cache=True, error_model="numpy")
def _aside(pair: Floats, j: int, X: int) -> tuple[float, float]:
    """Give the line of the edge from cell j of a column to the next."""
    b = pair[HERE, 1] - pair[HERE, 0]
    return (pair[HERE, 0] - b * j) / X, b


@njit(cache=True, error_model="numpy")
def _back(pair: Floats, j: int, X: int) -> tuple[float, float]:
    """Give the line of the edge from cell j of a column to the column before; j > 0."""
    a = pair[HERE, 0] - pair[BEFORE, 0]
    return a, (pair[HERE, 0] - a * X) / j


@njit(cache=True, error_model="numpy")
def _whole(horizon: Floats, k: int, new: Floats, n: int, pair: Floats, at: tuple[int, int]) -> int:
    """Take up the edges between two cells, `at` (j, X) and the next; all heights are known."""
    j, X = at
    lo = j / X
    aside = _aside(pair, j, X)
    if j > 0:
        back = _back(pair, j, X)
        if back[1] > aside[1]:
            middle = j / (X - 1)
            n = _merge(horizon, k, new, n, (lo, middle), back)
            lo = middle
    return _merge(horizon, k, new, n, (lo, (j + 1) / X), aside)


@njit(cache=True, error_model="numpy")
def _ragged(
    horizon: Floats, k: int, new: Floats, n: int, pair: Floats, at: tuple[int, int, float]
) -> int:
    """Take up the edges between two cells, `at` (j, X, gap) and the next, some of them unknown."""
    j, X = at[0], at[1]
    gap = (at[2], 0.0)
    first, second = np.isfinite(pair[HERE, 0]), np.isfinite(pair[HERE, 1])
    lo, hi = j / X, (j + 1) / X
    aside = _aside(pair, j, X) if first and second else gap
    if first:
        n = _merge(horizon, k, new, n, (lo, lo + STEP), (pair[HERE, 0] / X, 0.0))
        lo += STEP
        if j > 0:
            middle = j / (X - 1)
            back = _back(pair, j, X) if np.isfinite(pair[BEFORE, 0]) else gap
            if back[0] + back[1] * middle > aside[0] + aside[1] * middle:
                n = _merge(horizon, k, new, n, (lo, middle), back)
                lo = middle
    n = _merge(horizon, k, new, n, (lo, hi - STEP * second), aside)
    if second:
        n = _merge(horizon, k, new, n, (hi - STEP, hi), (pair[HERE, 1] / X, 0.0))
    return n


@njit(cache=True, error_model="numpy")
def _merge(
    horizon: Floats,
    k: int,
    new: Floats,
    n: int,
    span: tuple[float, float],
    line: tuple[float, float],
) -> int:
    """Append the higher of the horizon and a line over a span of directions."""
    (lo, hi), (a, b) = span, line
    while horizon[k, END] < lo:
        k += 1
    while lo < hi:
        until = min(horizon[k, END], hi)
        known = (horizon[k, A], horizon[k, B])
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
