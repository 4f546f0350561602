"""People spread over cells, gathered into places; nobody is lost and nobody is made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from geo.errors import GridError
from geo.words import Text

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
TOUCHING = np.ones((3, 3))  # by sides and corners


@dataclass(frozen=True, eq=False)
class Places:
    """Places that cells were gathered into, in the order of their rows and columns.

    Parameters
    ----------
    row, column
        The cell that a place stands at, shape (n,).
    people
        How many live there, shape (n,).
    region
        The region it lies in, shape (n,).
    cells
        How many cells with people it was gathered from, shape (n,).
    """

    row: Whole
    column: Whole
    people: Floats
    region: Whole
    cells: Whole


@dataclass(frozen=True)
class Gathering:
    """How cells are gathered.

    Parameters
    ----------
    dense_km2
        People per km² from which on (closed) a cell belongs to a cluster.
    block
        Side of the squares that gather all other cells, in cells.
    least
        A place of fewer people joins another.
    """

    dense_km2: float = 300.0
    block: int = 10
    least: float = 5.0


def gathered(
    people: Floats, regions: Whole, side_m: tuple[Floats, Floats], rule: Gathering
) -> Places:
    """Gather the people of cells into places.

    1. A cell with people in a region counts. One without data (NaN), without people, or in no
       region counts for nobody.
    2. Dense cells of one region that touch by a side or a corner are a cluster, one place.
    3. The other cells of a region are gathered by the squares of `block` cells, counted from the
       first row and column, that they lie in: a place for each square.
    4. A place of fewer than `least` people joins the nearest of its region that has as many; where
       none has, all the region's places are one.
    5. A place stands at the cell with people, of those that made it, which is nearest to their
       centre by people (ties: the northernmost, then the westernmost).

    Parameters
    ----------
    people
        Shape (rows, columns), NaN without data.
    regions
        The region of every cell, the same shape; below 0 none.
    side_m
        Height and width of the cells of each row, m, shape (rows,) each.
    rule
        The figures of the rules.

    Returns
    -------
    Places
        Their people sum to those of all cells that count, but for rounding; without any no places.

    Raises
    ------
    GridError
        If a cell has fewer than no people.

    Examples
    --------
    Cells of 100 m: from 300 people/km² on is from 3 people a cell on. Two dense cells touch by a
    corner: 4 + 6. The single person of their square joins them, who else would be fewer than 5.

    >>> cells = np.array([[4, 0, 0, np.nan], [0, 6, 0, 1]])
    >>> side = np.full(2, 100.0)
    >>> found = gathered(cells, np.zeros((2, 4), int), (side, side), Gathering())
    >>> found.people.tolist(), found.row.tolist(), found.column.tolist(), found.cells.tolist()
    ([11.0], [1], [1], [3])
    """
    if (people < 0).any():
        raise GridError(Text("像元人口小于 0", "a cell has fewer than no people"))
    there = (np.nan_to_num(people) > 0) & (regions >= 0)  # RULE 1
    row, column = (one.astype(np.int64) for one in np.nonzero(there))
    heads, region = people[there].astype(float), regions[there].astype(np.int64)
    if not len(row):
        none = np.zeros(0, dtype=np.int64)
        return Places(none, none, np.zeros(0), none, none)
    height, width = (np.asarray(one, dtype=float) for one in side_m)
    north = np.cumsum(height) - height / 2
    xy = np.column_stack([(column + 0.5) * width[row], north[row]])
    area_km2 = (height * width)[row] / 1e6
    cluster = _clusters(there, regions, heads / area_km2 >= rule.dense_km2)
    own = np.column_stack([region, cluster, row // rule.block, column // rule.block])
    own[cluster > 0, 2:] = 0
    place = np.unique(own, axis=0, return_inverse=True)[1].reshape(-1)
    place = _joined(place, heads, region, xy, rule.least)
    return _standing(place, heads, region, xy, (row, column))


def _clusters(there: NDArray[np.bool_], regions: Whole, dense: NDArray[np.bool_]) -> Whole:
    """Give the cluster of each dense cell, from 1; 0 for other cells. RULE 2."""
    cells = np.zeros(there.shape, dtype=bool)
    cells[there] = dense
    numbers = np.zeros(there.shape, dtype=np.int64)
    for region in np.unique(regions[cells]):
        parts, _ = ndimage.label(cells & (regions == region), TOUCHING)
        numbers[parts > 0] = parts[parts > 0] + numbers.max()
    return numbers[there]


def _joined(place: Whole, heads: Floats, region: Whole, xy: Floats, least: float) -> Whole:
    """Let small places join the nearest large one of their region. RULE 4."""
    people = np.bincount(place, heads)
    middle = np.column_stack([np.bincount(place, heads * axis) for axis in xy.T]) / people[:, None]
    own = np.zeros(len(people), dtype=np.int64)
    own[place] = region
    into = np.arange(len(people))
    for one in np.unique(own):
        inside = np.flatnonzero(own == one)
        large = inside[people[inside] >= least]
        small = inside[people[inside] < least]
        if not len(large):
            into[inside] = inside[0]
        elif len(small):
            into[small] = large[cKDTree(middle[large]).query(middle[small])[1]]
    return np.unique(into[place], return_inverse=True)[1].reshape(-1)


def _standing(
    place: Whole, heads: Floats, region: Whole, xy: Floats, cell: tuple[Whole, Whole]
) -> Places:
    """Give each place its cell and its people. RULE 5."""
    people: Floats = np.bincount(place, heads).astype(np.float64)
    count = np.bincount(place).astype(np.int64)
    middle = np.column_stack([np.bincount(place, heads * axis) for axis in xy.T]) / people[:, None]
    away = np.hypot(*(xy - middle[place]).T).round(6)  # what differs by rounding is as near
    order = np.lexsort((cell[1], cell[0], away, place))
    first = order[np.unique(place[order], return_index=True)[1]]
    by_cell = np.lexsort((cell[1][first], cell[0][first]))
    kept = first[by_cell]
    return Places(cell[0][kept], cell[1][kept], people[by_cell], region[kept], count[by_cell])
