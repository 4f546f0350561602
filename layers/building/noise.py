"""Noise that is the same on every machine: hashed lattices in whole numbers, smoothly joined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geo.grid import Grid

MASK = np.uint64(0xFFFFFFFF)


def hashed(columns: NDArray[np.int64], rows: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Give a number in [0, 1) for each lattice point.

    >>> numbers = hashed(np.array([1, 2]), np.array([1, 1]), 7)
    >>> bool(((numbers >= 0) & (numbers < 1)).all()), bool(numbers[0] != numbers[1])
    (True, True)
    """
    a, b, c = (np.uint64(one) for one in (374761393, 668265263, 2246822519))
    mixed = (
        columns.astype(np.uint64) * a + rows.astype(np.uint64) * b + np.uint64(seed) * c
    ) & MASK
    mixed = ((mixed ^ (mixed >> np.uint64(13))) * np.uint64(1274126177)) & MASK
    mixed = (mixed ^ (mixed >> np.uint64(16))) * np.uint64(2654435769) & MASK
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
