"""What terrain has that no ground has: spikes, blocks of one height, seams, cells without detail.

Heights of ground grow rougher with distance: the mean of the second differences over a lag h grows
as h to the power of 0.5 to 1.5, in all relief that was measured. Where heights were interpolated
between others farther apart the surface is smooth, and the power is 2 (a Taylor series); where
cells were merely repeated most neighbours are equal.

Source: Polidori, L., Chorowicz, J., Guillande, R. (1991), Description of terrain as a fractal
surface, and application to digital elevation model quality assessment, PE&RS 57(10).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import ndimage

from geo.raster import Raster

Floats = NDArray[np.float64]

RINGS = 3
"""Spikes are sought up to twice this many cells wide."""
LAGS = (1, 2, 4, 8, 16, 32)
SMOOTH = 1.5
"""Power of the lag above which a surface is smooth."""
SOURCE = 1.3
"""Distance of the heights it was made from, to the lag at which a surface turns rough: measured on
heights 3 and 30 arc seconds apart, warped to 30 m and 90 m by five kinds of interpolation."""
SLOPING = 0.5
"""Share of the cells that must differ from their neighbours, before detail is judged."""
JUMP = 8.0
"""Height by which cells that were repeated differ from the next ones, at least: half of them."""
LEAST_CELLS = 64
STRIP = 32
"""Cells along a border over which steps across it are averaged."""
SEAM_STRIPS = 4
"""So many strips in a row make a seam."""
SLANT = 2
"""Cells by which a seam may move between strips: meridians are no grid lines."""
CLEAR = 10.0
"""A step counts from so many times the median bend of strips on."""


class Block(NamedTuple):
    """A piece of one height: a cell of it, how many cells, and the median step at its edge."""

    row: int
    column: int
    cells: int
    height: float
    step: float


class Seam(NamedTuple):
    """A step along a line of the grid: its middle cell, its length in cells, its mean height."""

    row: int
    column: int
    length: int
    step: float


def spikes(dem: Raster, *, rise: float) -> NDArray[np.bool_]:
    """Say which cells stand above, or below, a ring of cells around them on every side.

    Parameters
    ----------
    dem
        Heights in the unit of the grid.
    rise
        Height over every cell of the nearest ring; over the next ones as many times as they are
        farther. Rings with fewer than half their cells say nothing.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> heights = np.zeros((9, 9))
    >>> heights[4, 4] = 50
    >>> dem = Raster(heights, Grid((9, 9), Affine(30, 0, 0, 0, -30, 270), CRS(4549)))
    >>> np.argwhere(spikes(dem, rise=30)).tolist(), int(spikes(dem, rise=60).sum())
    ([[4, 4]], 0)
    """
    return _spikes(_heights(dem), rise)


@njit(cache=True, nogil=True)
def _clear(z: NDArray[np.float32], row: int, column: int, ring: int, rise: float) -> bool:
    """Say whether a cell clears every cell of a ring by a rise, above if positive, else below."""
    count = 0
    for down in range(-ring, ring + 1):
        step = 1 if abs(down) == ring else 2 * ring
        for right in range(-ring, ring + 1, step):
            r, c = row + down, column + right
            if 0 <= r < z.shape[0] and 0 <= c < z.shape[1] and not np.isnan(z[r, c]):
                over = z[row, column] - z[r, c]
                if (over <= rise) if rise > 0 else (over >= rise):
                    return False
                count += 1
    return count >= 4 * ring


@njit(cache=True, nogil=True)
def _spikes(z: NDArray[np.float32], rise: float) -> NDArray[np.bool_]:
    out = np.zeros(z.shape, dtype=np.bool_)
    for row in range(z.shape[0]):
        for column in range(z.shape[1]):
            if np.isnan(z[row, column]):
                continue
            for ring in range(1, RINGS + 1):
                beside = z[row, column] - z[row, column - ring] if column >= ring else np.nan
                if abs(beside) <= rise * ring:
                    continue
                for way in (1.0, -1.0):
                    if not out[row, column]:
                        out[row, column] = _clear(z, row, column, ring, way * rise * ring)
    return out


def blocks(dem: Raster, *, least: int, besides: NDArray[np.bool_] | None = None) -> list[Block]:
    """Give the pieces of cells that are of one height to the last digit.

    Parameters
    ----------
    dem
        Heights.
    least
        Cells that have eight equal neighbours and hang together, from which on (closed) they count.
    besides
        Cells that may be of one height, such as water.

    Returns
    -------
    list of Block
        By row and column.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> heights = np.arange(64.0).reshape(8, 8)
    >>> heights[2:6, 2:6] = 0
    >>> dem = Raster(heights, Grid((8, 8), Affine(30, 0, 0, 0, -30, 240), CRS(4549)))
    >>> blocks(dem, least=4)
    [Block(row=4, column=3, cells=16, height=0.0, step=31.5)]
    """
    z = _heights(dem)
    flat = _flat(z)
    if besides is not None:
        flat &= ~besides
    if flat.sum() < least:
        return []
    parts, _ = ndimage.label(flat)
    sizes = np.bincount(parts.ravel())
    found = []
    for part, place in enumerate(ndimage.find_objects(parts), 1):
        if sizes[part] >= least and place is not None:
            found.append(_block(z, parts, part, place))
    return found


def _flat(z: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Say which cells have eight neighbours, all equal to them."""
    flat = np.zeros(z.shape, dtype=bool)
    if min(z.shape) < 3:
        return flat
    across = z[:, 1:] == z[:, :-1]
    triple = across[:, 1:] & across[:, :-1]
    down = z[1:, 1:-1] == z[:-1, 1:-1]
    flat[1:-1, 1:-1] = triple[1:-1] & triple[:-2] & triple[2:] & down[1:] & down[:-1]
    return flat


def _block(
    z: NDArray[np.float32], parts: NDArray[np.int32], part: int, place: tuple[slice, ...]
) -> Block:
    """Measure a piece, with the rim of equal cells that its inner ones leave out."""
    around = tuple(
        slice(max(one.start - 2, 0), min(one.stop + 2, n))
        for one, n in zip(place, z.shape, strict=True)
    )
    near, inner = z[around], parts[around] == part
    height = near[inner][0]
    whole = ndimage.binary_dilation(inner, np.ones((3, 3))) & (near == height)
    edge = ndimage.binary_dilation(whole) & ~whole & np.isfinite(near)
    steps = np.abs(near[edge].astype(np.float64) - float(height))
    cells = np.argwhere(inner)
    row, column = cells[len(cells) // 2]
    return Block(
        int(row + around[0].start),
        int(column + around[1].start),
        int(whole.sum()),
        float(height),
        float(np.median(steps)) if steps.size else 0.0,
    )


def seams(dem: Raster, *, least: float) -> list[Seam]:
    """Give steps that run along lines of the grid, as at the edges of tiles.

    Parameters
    ----------
    dem
        Heights.
    least
        Mean step across a strip of `STRIP` cells, what the slope beside it explains taken off, in
        the unit of the heights; also `CLEAR` times what strips of this ground usually bend.

    Returns
    -------
    list of Seam
        Those `SEAM_STRIPS` strips long and longer, upright ones first, by their place.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> heights = np.zeros((160, 40))
    >>> heights[:, 20:] = 5
    >>> seams(Raster(heights, Grid((160, 40), Affine(30, 0, 0, 0, -30, 4800), CRS(4549))), least=2)
    [Seam(row=80, column=20, length=160, step=5.0)]
    """
    z = _heights(dem)
    upright = _upright(z, least)
    level = [Seam(one.column, one.row, one.length, one.step) for one in _upright(z.T, least)]
    return upright + level


def _upright(z: NDArray[np.float32], least: float) -> list[Seam]:
    strips = z.shape[0] // STRIP
    if strips < SEAM_STRIPS or z.shape[1] < 6:
        return []
    across = np.diff(z, axis=1)[: strips * STRIP]
    rise = across.reshape(strips, STRIP, -1).mean(axis=1)
    here, before, after = rise[:, 2:-2], rise[:, :-4], rise[:, 4:]
    # a crease lies between the slopes on both its sides, a step beyond them
    steps = here - np.clip(here, np.minimum(before, after), np.maximum(before, after))
    bends = np.abs(here - (before + after) / 2)
    known = bends[np.isfinite(bends)]
    if not known.size:
        return []
    high = np.nan_to_num(np.abs(steps)) > max(least, CLEAR * float(np.median(known)))
    ridge = np.nan_to_num(np.abs(steps))
    high &= ridge >= ndimage.maximum_filter(ridge, (1, 3))
    found = []
    for sign in (1, -1):
        found += _chains(high & (np.sign(steps) == sign), steps)
    return sorted(found, key=lambda one: (one.column, one.row))


def _chains(high: NDArray[np.bool_], steps: NDArray[np.float32]) -> list[Seam]:
    """Give steps that follow one another from strip to strip, `SLANT` columns aside at most."""
    grown = ndimage.binary_dilation(high, np.ones((1, SLANT + 1)))
    parts, _ = ndimage.label(grown)
    found = []
    for part, place in enumerate(ndimage.find_objects(parts), 1):
        rows, columns = np.nonzero((parts[place] == part) & high[place])
        strips = np.unique(rows)
        if len(strips) >= SEAM_STRIPS:
            first, left = place[0].start, place[1].start
            middle = first * STRIP + (strips[0] + strips[-1] + 1) * STRIP // 2
            step = float(np.mean(steps[place][rows, columns]))
            column = left + int(np.median(columns)) + 3
            found.append(Seam(int(middle), column, len(strips) * STRIP, round(step, 3)))
    return found


def detail_m(dem: Raster) -> float | None:
    """Give how far apart the heights stand that a terrain was made from, by its cells alone.

    Parameters
    ----------
    dem
        Heights in the unit of the grid.

    Returns
    -------
    float or None
        In the unit of the grid, to about a half; the side of a cell where cells are rough. None
        where less than `SLOPING` of the cells slope, and on fewer than `LEAST_CELLS` rows or
        columns: nothing can be told there.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((100, 100), Affine(30, 0, 0, 0, -30, 3000), CRS(4549))
    >>> detail_m(Raster(np.zeros((100, 100)), grid)) is None
    True
    >>> detail_m(Raster(np.random.default_rng(1).normal(0, 9, (100, 100)), grid))
    30.0
    """
    z = _heights(dem)
    if min(z.shape) < LEAST_CELLS:
        return None
    rows, columns = z[::4], z.T[::4]
    repeated = max((_repeated(one) for one in (rows, columns)), key=lambda one: one or 0.0)
    if repeated:
        return repeated * dem.grid.resolution
    lags = [one for one in LAGS if 4 * one <= min(z.shape)]
    rough = np.array([_roughness(rows, one) + _roughness(columns, one) for one in lags])
    if not (_slopes(rows) >= SLOPING and (rough > 0).all()):
        return None
    powers = np.log2(rough[1:] / rough[:-1])
    return _turn(powers) * dem.grid.resolution


def _repeated(z: NDArray[np.float32]) -> float | None:
    """Give how many times each cell of a row is repeated, where cells were not interpolated.

    Half the neighbours are equal, and others differ by as much as ground does over many cells: in
    a plain of whole metres as many are equal, and the others differ by one.
    """
    step = np.abs(np.diff(z, axis=1))
    known = np.isfinite(step)
    jumps = step[known & (step > 0)]
    equal = 1 - len(jumps) / max(int(known.sum()), 1)
    if equal < 0.5 or not jumps.size or np.median(jumps) < JUMP:
        return None
    return 1 / (1 - equal)


def _slopes(z: NDArray[np.float32]) -> float:
    step = np.diff(z, axis=1)
    known = np.isfinite(step)
    return float((step[known] != 0).mean()) if known.any() else 0.0


def _roughness(z: NDArray[np.float32], lag: int) -> float:
    """Give the mean second difference over a lag along rows."""
    bent = np.abs(z[:, 2 * lag :] - 2 * z[:, lag:-lag] + z[:, : -2 * lag])
    known = np.isfinite(bent)
    return float(bent[known].mean(dtype=np.float64)) if known.any() else 0.0


def _turn(powers: Floats) -> float:
    """Give the distance of heights, in cells, by the lag at which a surface turns rough."""
    if powers[0] <= SMOOTH:
        return 1.0
    rough = np.flatnonzero(powers <= SMOOTH)
    if not rough.size:
        return SOURCE * LAGS[len(powers)]
    place = int(rough[0])
    share = (powers[place - 1] - SMOOTH) / (powers[place - 1] - powers[place])
    between = 2.0 ** (place - 0.5 + share)  # powers stand between the lags they compare
    return float(max(SOURCE * between, 1.0))


def _heights(dem: Raster) -> NDArray[np.float32]:
    """Give heights as float32, NaN without data."""
    values = dem.values.astype(np.float32)
    if dem.nodata is not None:
        values = np.where(dem.valid, values, np.float32(np.nan))
    return np.ascontiguousarray(values)
