"""Compiled priority flood: depressions filled or breached, and the steepest way down.

Grids are flattened and carry a rim of NaN, so that no neighbour lies off the array.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

ROOT2 = 1.4142135623730951
ROWS = np.array([-1, -1, -1, 0, 0, 1, 1, 1])
COLUMNS = np.array([-1, 0, 1, -1, 1, -1, 0, 1])
DIAGONAL = np.array([ROOT2, 1.0, ROOT2, 1.0, 1.0, ROOT2, 1.0, ROOT2])
"""Lengths of the steps to the neighbours that ROWS and COLUMNS name."""


class Heap(NamedTuple):
    """A binary heap of cells by height; equal heights come out by cell number."""

    key: NDArray[np.float64]
    cell: NDArray[np.int32]


@njit(cache=True)
def _push(heap: Heap, size: int, key: float, cell: int) -> int:
    """Put a cell in; give the new size."""
    place = size
    while place > 0:
        above = (place - 1) >> 1
        if heap.key[above] < key or (heap.key[above] == key and heap.cell[above] < cell):
            break
        heap.key[place], heap.cell[place] = heap.key[above], heap.cell[above]
        place = above
    heap.key[place], heap.cell[place] = key, cell
    return size + 1


@njit(cache=True)
def _pop(heap: Heap, size: int) -> int:
    """Take the lowest cell, which stands first, out; give the new size."""
    size -= 1
    key, cell, place = heap.key[size], heap.cell[size], 0
    while True:
        low = 2 * place + 1
        if low >= size:
            break
        if low + 1 < size and (
            heap.key[low + 1] < heap.key[low]
            or (heap.key[low + 1] == heap.key[low] and heap.cell[low + 1] < heap.cell[low])
        ):
            low += 1
        if key < heap.key[low] or (key == heap.key[low] and cell < heap.cell[low]):
            break
        heap.key[place], heap.cell[place] = heap.key[low], heap.cell[low]
        place = low
    heap.key[place], heap.cell[place] = key, cell
    return size


@njit(cache=True)
def _has_gap(heights: NDArray[np.float64], around: NDArray[np.int32], cell: int) -> bool:
    """Say whether a neighbour has no data."""
    gaps = 0
    for k in range(8):
        gaps += np.isnan(heights[cell + around[k]])
    return gaps > 0


@njit(cache=True, nogil=True)
def flood(
    heights: NDArray[np.float64], around: NDArray[np.int32], rise: float, breach: np.bool_
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Flood inwards from the cells beside NaN, lowest first; fill or breach what lies lower.

    Heights are changed in place. Given are the cell from which each was flooded (-1 where the
    flood came in) and the cells in the order of the flood.
    """
    receiver = np.full(heights.size, -1, np.int32)
    order = np.empty(heights.size, np.int32)
    seen = np.isnan(heights)
    heap = Heap(np.empty(heights.size + 1), np.empty(heights.size + 1, np.int32))
    size, count = 0, 0
    inside = np.flatnonzero(~seen)
    for cell in inside:
        if _has_gap(heights, around, int(cell)):
            seen[cell] = True
            size = _push(heap, size, heights[cell], int(cell))
    while size > 0:
        cell = heap.cell[0]
        size = _pop(heap, size)
        order[count] = cell
        count += 1
        for k in range(8):
            near = cell + around[k]
            if seen[near]:
                continue
            seen[near] = True
            receiver[near] = cell
            if breach and heights[near] < heights[cell] + rise:
                _cut(heights, receiver, int(near), rise)
            heights[near] = heights[near] if breach else max(heights[near], heights[cell] + rise)
            size = _push(heap, size, heights[near], int(near))
    return receiver, order[:count].copy()


@njit(cache=True)
def _cut(heights: NDArray[np.float64], receiver: NDArray[np.int32], cell: int, fall: float) -> None:
    """Lower the way from a cell outwards until it falls all along."""
    level, below = heights[cell] - fall, receiver[cell]
    while below >= 0 and heights[below] > level:
        heights[below] = level
        level -= fall
        below = receiver[below]


@njit(cache=True, nogil=True)
def steepest(
    heights: NDArray[np.float64], around: NDArray[np.int32], receiver: NDArray[np.int32]
) -> None:
    """Turn every cell towards its steepest lower neighbour; on flats the flood's way stays."""
    for cell in np.flatnonzero(receiver >= 0):
        best = 0.0
        for k in range(8):
            drop = (heights[cell] - heights[cell + around[k]]) / DIAGONAL[k]
            if drop > best:
                best = drop
                receiver[cell] = cell + around[k]
