"""Noise that is the same on every machine: hashed lattices in whole numbers, smoothly joined.

Seeds are any numbers: what counts is that a pattern keeps its own, since another would be another
county. A pattern of several waves counts on from its seed; two patterns of one seed differ all the
same where their waves or lattices do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.grid import Grid

MASK = np.uint64(0xFFFFFFFF)  # 32 bits, in 64 so that no product is lost before it is cut
SPREAD = (374761393, 668265263, 2246822519)  # primes of xxHash: neighbours are told apart
MIXED = (1274126177, 2654435769)  # odd numbers, the second 2³² over the golden ratio (Knuth)


def hashed(columns: NDArray[np.int64], rows: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Give a number in [0, 1) for each lattice point.

    >>> numbers = hashed(np.array([1, 2]), np.array([1, 1]), 7)
    >>> bool(((numbers >= 0) & (numbers < 1)).all()), bool(numbers[0] != numbers[1])
    (True, True)
    """
    a, b, c = (np.uint64(one) for one in SPREAD)
    first, second = (np.uint64(one) for one in MIXED)
    mixed = (
        columns.astype(np.uint64) * a + rows.astype(np.uint64) * b + np.uint64(seed) * c
    ) & MASK
    mixed = ((mixed ^ (mixed >> np.uint64(13))) * first) & MASK
    mixed = (mixed ^ (mixed >> np.uint64(16))) * second & MASK
    return np.asarray((mixed ^ (mixed >> np.uint64(15))) / 4294967296.0)


def noise(grid: Grid, *, wave_m: float, seed: int) -> NDArray[np.float64]:
    """Give smooth noise in [-1/2, 1/2) with hills about a wave apart, shape of the grid."""
    rows, columns = grid.shape
    x, y = grid.xy(np.arange(rows)[:, None], np.arange(columns)[None, :])
    u, v = np.broadcast_to(x[:, :columns], (1, columns)) / wave_m, y[:rows] / wave_m
    left, low = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    across, along = _eased(u - left), _eased(v - low)
    near, far = np.unique(left), np.unique(low)
    lattice = hashed(
        np.arange(near[0], near[-1] + 2)[None, :], np.arange(far[0], far[-1] + 2)[:, None], seed
    )
    i, j = (low - far[0]).ravel()[:, None], (left - near[0]).ravel()[None, :]
    bottom = lattice[i, j] * (1 - across) + lattice[i, j + 1] * across
    top = lattice[i + 1, j] * (1 - across) + lattice[i + 1, j + 1] * across
    return np.asarray(bottom * (1 - along) + top * along - 0.5)


def _eased(part: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the smooth step whose first two derivatives vanish at both ends (Perlin 2002)."""
    return part * part * part * (part * (part * 6 - 15) + 10)
