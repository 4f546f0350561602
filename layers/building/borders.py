"""Borders between plots of cells, traced from node to node and rounded off."""

from __future__ import annotations

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from geo.grid import Grid

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Marks = NDArray[np.bool_]

EAST, SOUTH, WEST, NORTH = 1, 2, 4, 8  # borders that leave a corner, as bits by turns to the right
TURNS = 3  # of moving every vertex to the mean of itself, twice, and its neighbours
SIMPLE_M = 1.8  # how far a border may be from its vertices


def borders(plot: Whole, grid: Grid) -> NDArray[np.object_]:
    """Give the borders between plots as lines from node to node; rings where there is no node.

    Nodes, where three plots meet or a border leaves the plots, stay at the cells' corners.

    Parameters
    ----------
    plot
        Number of every cell's plot; -1 outside.
    grid
        The cells.
    """
    corners, starts = _traced(*_sides(plot))
    row, column = np.divmod(corners, plot.shape[1] + 1)
    xy = np.column_stack(
        [
            grid.transform.c + column * grid.resolution,
            grid.transform.f - row * grid.resolution,
        ]
    )
    arc = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    xy = np.round(_rounded(xy, arc), 1)  # whole decimetres
    lines = np.asarray(shapely.simplify(shapely.linestrings(xy, indices=arc), SIMPLE_M))
    return np.asarray(lines[shapely.length(lines) > 0])


def _rounded(xy: Floats, arc: Whole) -> Floats:
    """Move the inner vertices of arcs to the mean of themselves, twice, and their neighbours."""
    inner = np.flatnonzero(arc[2:] == arc[:-2]) + 1
    for _ in range(TURNS):
        moved = xy.copy()
        moved[inner] = (xy[inner - 1] + 2 * xy[inner] + xy[inner + 1]) / 4
        xy = moved
    return xy


def _sides(plot: Whole) -> tuple[NDArray[np.uint8], int]:
    """Say of every corner which borders leave it, as bits, and how many corners a row has."""
    rows, columns = plot.shape
    sides = np.zeros((rows + 1, columns + 1), dtype=np.uint8)
    level = (plot[1:] != plot[:-1]) & (plot[1:] >= 0) & (plot[:-1] >= 0)
    sides[1:-1, :-1] |= np.where(level, EAST, 0).astype(np.uint8)
    sides[1:-1, 1:] |= np.where(level, WEST, 0).astype(np.uint8)
    plumb = (plot[:, 1:] != plot[:, :-1]) & (plot[:, 1:] >= 0) & (plot[:, :-1] >= 0)
    sides[:-1, 1:-1] |= np.where(plumb, SOUTH, 0).astype(np.uint8)
    sides[1:, 1:-1] |= np.where(plumb, NORTH, 0).astype(np.uint8)
    return sides.ravel(), columns + 1


@njit(cache=True)
def _degree(sides: NDArray[np.uint8]) -> Whole:
    degree = np.zeros(sides.size, np.int64)
    for turn in range(4):
        degree += (sides >> turn) & 1
    return degree


@njit(cache=True)
def _arc(
    left: NDArray[np.uint8], degree: Whole, columns: int, start: tuple[int, int], corners: Whole
) -> int:
    """Follow borders from a corner in a direction to the next node; gives how many corners."""
    moves = np.array([1, columns, -1, -columns])  # east, south, west, north, as the bits
    here, way = start
    corners[0] = here
    size = 1
    while True:
        left[here] &= 255 - (1 << way)
        here += moves[way]
        left[here] &= 255 - (1 << ((way + 2) % 4))
        corners[size] = here
        size += 1
        if degree[here] != 2 or left[here] == 0:
            return size
        way = 0
        while not (left[here] >> way) & 1:
            way += 1


@njit(cache=True)
def _traced(sides: NDArray[np.uint8], columns: int) -> tuple[Whole, Whole]:
    """Trace the arcs, from nodes first and then rings: their corners, and where each starts."""
    degree = _degree(sides)
    left = sides.copy()
    corners = np.empty(degree.sum() + 8, np.int64)
    starts = np.zeros(degree.sum() + 8, np.int64)
    arcs = 0
    for rings in (False, True):
        for corner in np.flatnonzero((degree > 0) & ((degree == 2) == rings)):
            for turn in range(4):
                if (left[corner] >> turn) & 1:
                    size = starts[arcs]
                    arcs += 1
                    starts[arcs] = size + _arc(
                        left, degree, columns, (int(corner), turn), corners[size:]
                    )
    return corners[: starts[arcs]], starts[: arcs + 1]
