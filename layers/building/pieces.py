"""Pieces of a grid: cells of one key that hang together, and distances along each piece."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Whole = NDArray[np.int64]


def connected(key: Whole) -> Whole:
    """Give numbers to the pieces that hang together by sides, from 0 in the order of reading.

    Parameters
    ----------
    key
        Key of every cell; below 0 outside.

    Returns
    -------
    ndarray
        Number of every cell's piece; -1 outside.

    Examples
    --------
    >>> connected(np.array([[5, 5, 7], [7, 5, -1]])).tolist()
    [[0, 0, 1], [2, 0, -1]]
    """
    padded = np.pad(key, 1, constant_values=-1)
    numbers = _connected(padded.ravel(), padded.shape[1])
    return np.asarray(numbers.reshape(padded.shape)[1:-1, 1:-1])


def distance(piece: Whole, starts: Whole) -> Whole:
    """Give the number of steps from the starts to every cell, within its piece; -1 without a way.

    Steps go by turns to the 4 and to the 8 neighbours, so that what is equally far is an octagon.

    Parameters
    ----------
    piece
        Number of every cell's piece; -1 outside.
    starts
        Places of cells in the flattened grid, one a piece or several.

    Examples
    --------
    >>> distance(np.array([[0, 0, 0], [1, 1, 0]]), np.array([0])).tolist()
    [[0, 1, 2], [-1, -1, 2]]
    """
    columns = piece.shape[1]
    padded = np.pad(piece, 1, constant_values=-1)
    there = (starts // columns + 1) * (columns + 2) + starts % columns + 1
    steps = _distance(padded.ravel(), columns + 2, there)
    return np.asarray(steps.reshape(padded.shape)[1:-1, 1:-1])


def along(piece: Whole) -> Whole:
    """Give the number of steps from a far end of each piece, by going to the farthest cell twice.

    >>> along(np.array([[0, 0, 0, 0]])).tolist()
    [[0, 1, 2, 3]]
    """
    flat = piece.ravel()
    cells = np.flatnonzero(flat >= 0)
    _, first = np.unique(flat[cells], return_index=True)
    starts = cells[first]
    for _ in range(2):
        away = distance(piece, starts).ravel()[cells]
        order = np.lexsort((away, flat[cells]))
        starts = cells[order[np.flatnonzero(np.diff(flat[cells][order], append=-2))]]
    return distance(piece, starts)


@njit(cache=True)
def _connected(key: Whole, columns: int) -> Whole:
    number = np.full(key.size, -1, np.int64)
    stack = np.empty(key.size, np.int64)
    moves = np.array([1, -1, columns, -columns])
    count = 0
    for cell in range(key.size):
        if key[cell] < 0 or number[cell] >= 0:
            continue
        number[cell] = count
        stack[0] = cell
        size = 1
        while size:
            size -= 1
            here = stack[size]
            for move in moves:
                there = here + move
                if key[there] == key[here] and number[there] < 0:
                    number[there] = count
                    stack[size] = there
                    size += 1
        count += 1
    return number


@njit(cache=True)
def _distance(piece: Whole, columns: int, starts: Whole) -> Whole:
    steps = np.full(piece.size, -1, np.int64)
    queue = np.empty(piece.size, np.int64)
    moves = np.array(
        [1, -1, columns, -columns, columns + 1, columns - 1, 1 - columns, -1 - columns]
    )
    size = 0
    for cell in starts:
        steps[cell] = 0
        queue[size] = cell
        size += 1
    head = 0
    while head < size:
        here = queue[head]
        head += 1
        for turn in range(4 + 4 * (steps[here] % 2)):
            there = here + moves[turn]
            if piece[there] == piece[here] and steps[there] < 0:
                steps[there] = steps[here] + 1
                queue[size] = there
                size += 1
    return steps
