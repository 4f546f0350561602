"""Sheets laid over each other: who covers a cell, what fills voids, how far two differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.fill import fillnodata
from scipy.ndimage import binary_fill_holes
from shapely.geometry.base import BaseGeometry

from geo.errors import LimitError
from geo.grid import Grid
from geo.raster import Raster, resample
from geo.words import Text
from layers.intake.grid import MOST_CELLS

NOBODY = -1
RIM_CELLS = 100
"""From so far differences at the rim of a void are carried into it."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A source to lay: 32-bit floats with NaN, and where it reaches; else its data and holes."""

    name: str
    raster: Raster
    extent: BaseGeometry | None = None


@dataclass(frozen=True)
class Seam:
    """How far two sheets differ where they meet.

    Parameters
    ----------
    one, other
        Names of the sheets, the preferred one first.
    where
        `overlap`: all cells that both cover; `edge`: those of them that lie along the edge, where
        the one gives way to the other; `step`: pairs of neighbouring cells along the edge where
        nothing overlaps, whose figures hold the ground's own slope.
    cells
        How many cells or pairs.
    mean, most
        Of one less other: the mean, and the largest in size; in the raster's unit.
    unlike
        Share of the cells that differ, for classes.
    """

    one: str
    other: str
    where: Literal["overlap", "edge", "step"]
    cells: int
    mean: float
    most: float
    unlike: float


@dataclass(frozen=True, eq=False)
class Laid:
    """Sheets as one raster.

    Parameters
    ----------
    raster
        The values.
    owner
        Place of the sheet that gave each cell, `NOBODY` where none has data.
    filled
        By place: cells that a sheet gave within the reach of a preferred one, whose voids they are.
    voids
        Cells that lie within the reach of a sheet and that none has data for.
    seams
        Of every two sheets that meet.
    """

    raster: Raster
    owner: NDArray[np.int16]
    filled: tuple[int, ...]
    voids: int
    seams: tuple[Seam, ...]


def laid(sheets: Sequence[Sheet], grid: Grid, *, classes: bool = False) -> Laid:
    """Lay sheets on a grid, the preferred first; nothing is blended.

    Values that fill voids of a preferred sheet are moved by how far the two differ at the void's
    rim, so that a coarser or offset source leaves no spikes there (delta surface fill).

    Parameters
    ----------
    sheets
        At least one, in order of preference.
    grid
        Where to; sheets whose cells do not lie on it are resampled.
    classes
        Values are classes: resampled by the nearest, and never moved.

    References
    ----------
    Grohman, G., Kroenung, G., Strebeck, J. (2006), Filling SRTM voids: the delta surface fill
    method, PE&RS 72(3).

    Examples
    --------
    >>> from pyproj import CRS
    >>> grid = Grid((1, 3), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> one = Sheet("one", Raster(np.array([[1, np.nan, np.nan]], dtype=np.float32), grid))
    >>> two = Sheet("two", Raster(np.array([[4, 6, np.nan]], dtype=np.float32), grid))
    >>> done = laid([one, two], grid)
    >>> done.raster.values.tolist(), done.owner.tolist(), done.seams[0].mean
    ([[1.0, 6.0, nan]], [[0, 1, -1]], -3.0)
    """
    values = np.full(grid.shape, np.nan, dtype=np.float32)
    owner = np.full(grid.shape, NOBODY, dtype=np.int16)
    reached = np.zeros(grid.shape, dtype=bool)
    layers, filled = [], []
    for place, sheet in enumerate(sheets):
        there = _on(sheet.raster, grid, classes=classes)
        mine = (owner == NOBODY) & ~np.isnan(there)
        void = mine & reached
        moved = there if classes or not void.any() else there + _carried(values - there)
        values[mine], owner[mine] = np.where(void, moved, there)[mine], place
        filled.append(int(void.sum()))
        reached |= _reach(sheet.extent, grid, there)
        layers.append(there)
    seams = [
        seam
        for first in range(len(sheets))
        for second in range(first + 1, len(sheets))
        for seam in _seams(sheets, layers, owner, first, second)
    ]
    voids = int((reached & (owner == NOBODY)).sum())
    return Laid(Raster(values, grid), owner, tuple(filled), voids, tuple(seams))


def common(rasters: Sequence[Raster]) -> Grid:
    """Give the grid that covers rasters of one CRS and side, cells where those of the first lie.

    Raises
    ------
    LimitError
        If it has too many cells.
    """
    first = rasters[0].grid
    side, x, y = first.resolution, first.transform.c, first.transform.f
    bounds = np.array([one.grid.bounds for one in rasters])
    west, north = (
        np.floor(_steps(bounds[:, 0].min() - x, side)),
        np.ceil(_steps(bounds[:, 3].max() - y, side)),
    )
    east, south = (
        np.ceil(_steps(bounds[:, 2].max() - x, side)),
        np.floor(_steps(bounds[:, 1].min() - y, side)),
    )
    shape = (round(north - south), round(east - west))
    if shape[0] * shape[1] > MOST_CELLS:
        raise LimitError(
            Text(
                f"栅格过大：边长 {side:g} 时像元过多；处理：先导入县界，或用 --resolution",
                f"too many cells at {side:g}; remedy: import the outline first, or --resolution",
            )
        )
    return Grid(shape, Affine(side, 0, x + west * side, 0, -side, y + north * side), first.crs)


def _steps(length: float, side: float) -> float:
    """Give a length in cells; what is whole but for rounding is whole."""
    return float(np.round(length / side, 6))


def _on(raster: Raster, grid: Grid, *, classes: bool) -> NDArray[np.float32]:
    """Give a raster's values on the grid, moved where its cells lie on it."""
    side = grid.resolution
    left = _steps(raster.grid.transform.c - grid.transform.c, side)
    top = _steps(grid.transform.f - raster.grid.transform.f, side)
    same = np.isclose(raster.grid.resolution, side) and left.is_integer() and top.is_integer()
    if not same:
        there = resample(raster, grid, how="nearest" if classes else "bilinear")
        return there.values.astype(np.float32)
    values = np.full(grid.shape, np.nan, dtype=np.float32)
    rows, columns = raster.grid.shape
    values[int(top) : int(top) + rows, int(left) : int(left) + columns] = raster.values
    return values


def _carried(gap: NDArray[np.float32]) -> NDArray[np.float32]:
    """Carry differences into cells that have none, by inverse distance; 0 far from all."""
    known = ~np.isnan(gap)
    found: NDArray[np.float32] = fillnodata(
        np.nan_to_num(gap), known, max_search_distance=RIM_CELLS, smoothing_iterations=0
    )
    return found


def _reach(
    extent: BaseGeometry | None, grid: Grid, values: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Give the cells within an extent; without one those with values, and holes among them."""
    if extent is None:
        return np.asarray(binary_fill_holes(~np.isnan(values)))
    x, y = grid.xy(*np.indices(grid.shape))
    shapely.prepare(extent)
    return np.asarray(shapely.contains_xy(extent, x, y))


def _seams(
    sheets: Sequence[Sheet],
    layers: Sequence[NDArray[np.float32]],
    owner: NDArray[np.int16],
    first: int,
    second: int,
) -> Iterator[Seam]:
    """Measure two sheets against each other; nothing where they do not meet."""
    gap = layers[first].astype(np.float64) - layers[second]
    edge, steps = _edge(layers, owner, first, second)
    both = gap[~np.isnan(gap)]
    along = gap[edge & ~np.isnan(gap)]
    measured: dict[Literal["overlap", "edge", "step"], NDArray[np.float64]] = {
        "overlap": both,
        "edge": along,
        "step": steps if not along.size else along[:0],
    }
    for where, gaps in measured.items():
        if gaps.size:
            most = float(gaps[np.abs(gaps).argmax()])
            unlike = float((gaps != 0).mean())
            names = sheets[first].name, sheets[second].name
            yield Seam(*names, where, int(gaps.size), float(gaps.mean()), most, unlike)


def _edge(
    layers: Sequence[NDArray[np.float32]], owner: NDArray[np.int16], first: int, second: int
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Give the cells of one sheet beside one of the other, and the steps from them to it."""
    edge = np.zeros(owner.shape, dtype=bool)
    steps = []
    here, there = slice(None, -1), slice(1, None)
    for one, other in (
        ((here, slice(None)), (there, slice(None))),
        ((there, slice(None)), (here, slice(None))),
        ((slice(None), here), (slice(None), there)),
        ((slice(None), there), (slice(None), here)),
    ):
        meets = (owner[one] == first) & (owner[other] == second)
        edge[one] |= meets
        steps.append(layers[first][one][meets].astype(np.float64) - layers[second][other][meets])
    return edge, np.concatenate(steps)
