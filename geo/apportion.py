"""Amounts of one grid shared among the cells of another, so that their total is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geo.crs import transformer
from geo.grid import Grid

POINTS = 10  # a cell's amount is shared among 10 × 10 points when the CRS changes


def by_area(
    amounts: NDArray[np.float64], there: NDArray[np.bool_], old: Grid, new: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share amounts by overlapping area, exactly: rows and columns are cut apart.

    Parameters
    ----------
    amounts
        Amount a cell, 0 where there is none, shape of `old`.
    there
        Cells that have an amount, shape of `old`.
    old, new
        The two grids in one CRS.

    Returns
    -------
    total, share
        Of the new grid's shape: the amount, and how many old cells, in parts of one, gave it.

    Examples
    --------
    Each new cell takes one and a half old ones:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> old = Grid((1, 3), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> new = Grid((1, 2), Affine(15, 0, 0, 0, -15, 15), CRS(4549))
    >>> total, share = by_area(np.array([[1.0, 2.0, 4.0]]), np.ones((1, 3), dtype=bool), old, new)
    >>> total.tolist(), share.tolist()
    ([[2.0, 5.0]], [[1.5, 1.5]])
    """
    ratio = new.resolution / old.resolution
    west = (new.transform.c - old.transform.c) / old.resolution
    north = (old.transform.f - new.transform.f) / old.resolution
    down = _overlap(old.shape[0], new.shape[0], north, ratio)
    right = _overlap(old.shape[1], new.shape[1], west, ratio)
    total, share = (down @ one @ right.T for one in (amounts, there.astype(np.float64)))
    return total, share


def _overlap(old: int, new: int, offset: float, ratio: float) -> csr_array:
    """Give the share of each old row (or column) that lies in each new one, shape (new, old)."""
    ends = np.round(offset + np.arange(new + 1) * ratio, 9)
    cuts = np.unique(np.concatenate([np.arange(old + 1.0), ends]))
    middle = (cuts[1:] + cuts[:-1]) / 2
    source = np.floor(middle).astype(np.int64)
    target = np.searchsorted(ends, middle) - 1
    both = (source >= 0) & (source < old) & (target >= 0) & (target < new)
    return csr_array((np.diff(cuts)[both], (target[both], source[both])), shape=(new, old))


def by_points(
    amounts: NDArray[np.float64], there: NDArray[np.bool_], old: Grid, new: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share amounts with a grid in another CRS, by 10 × 10 points a cell.

    Parameters
    ----------
    amounts
        Amount a cell, 0 where there is none, shape of `old`.
    there
        Cells that have an amount, shape of `old`.
    old, new
        The two grids; their datums must be equal or CGCS2000 and WGS 84.

    Returns
    -------
    total, share
        Of the new grid's shape: the amount, and how many points gave it.

    Raises
    ------
    CrsError
        If PROJ knows no way between the two CRSs that may be trusted.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> old = Grid((1, 1), Affine(10, 0, 500_000, 0, -10, 3_000_000), CRS(4549))
    >>> new = Grid((1, 1), Affine(1, 0, 119.5, 0, -1, 27.5), CRS(4326))
    >>> total, share = by_points(np.array([[3.0]]), np.ones((1, 1), dtype=bool), old, new)
    >>> total.round(9).tolist(), share.tolist()
    ([[3.0]], [[100.0]])
    """
    rows, columns = np.nonzero(there)
    parts = amounts[rows, columns] / POINTS**2
    total, share = np.zeros(new.shape).ravel(), np.zeros(new.shape).ravel()
    change = transformer(old.crs, new.crs)
    for down in (np.arange(POINTS) + 0.5) / POINTS:
        for right in (np.arange(POINTS) + 0.5) / POINTS:
            x = old.transform.c + (columns + right) * old.resolution
            y = old.transform.f - (rows + down) * old.resolution
            r, c = new.index(*change.transform(x, y))
            here = new.inside(r, c)
            cell = r[here] * new.shape[1] + c[here]
            total += np.bincount(cell, parts[here], len(total))
            share += np.bincount(cell, minlength=len(total))
    return total.reshape(new.shape), share.reshape(new.shape)
