"""Contour lines and summits of terrain.

Contours by marching squares between the centres of cells: a line crosses the side between two
centres where a straight slope between their heights does. Where two lines may cross a square in
two ways, the mean of its corners decides (Maple, C. (2003), Geometric design and space planning
using the marching squares and marching cube algorithms, Proc. GMAG 2003).
"""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from geo.errors import GridError
from geo.raster import Raster
from geo.words import Text

Floats = NDArray[np.float64]
# Sides of a square that its line joins, by the corners at or above the level: 1 upper left, 2 upper
# right, 4 lower right, 8 lower left. Sides: 0 upper, 1 right, 2 lower, 3 left.
Pairs = tuple[tuple[int, int], ...]
SIDES: dict[int, Pairs] = {
    1: ((3, 0),),
    2: ((0, 1),),
    3: ((3, 1),),
    4: ((1, 2),),
    6: ((0, 2),),
    7: ((3, 2),),
    8: ((2, 3),),
    9: ((0, 2),),
    11: ((1, 2),),
    12: ((3, 1),),
    13: ((0, 1),),
    14: ((3, 0),),
}
# Opposite corners above, where the middle is above too, and where it is not.
JOINED: dict[int, Pairs] = {5: ((0, 1), (2, 3)), 10: ((3, 0), (1, 2))}
PARTED: dict[int, Pairs] = {5: ((3, 0), (1, 2)), 10: ((0, 1), (2, 3))}


def contours(dem: Raster, interval: float) -> gpd.GeoDataFrame:
    """Give the lines of equal height at whole multiples of an interval.

    Parameters
    ----------
    dem
        Heights; NaN where there are none. Squares with such a corner have no lines.
    interval
        Height from line to line, > 0, in the unit of the heights.

    Returns
    -------
    GeoDataFrame
        LineStrings with `height`, from the lowest; closed where they meet themselves. Cells exactly
        at a height lie above its line.

    Raises
    ------
    GridError
        If the interval is not positive and finite.

    Examples
    --------
    A slope that falls 10 from column to column: the line of 10 lies half way.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((2, 2), Affine(10, 0, 0, 0, -10, 20), CRS(4549))
    >>> found = contours(Raster(np.array([[15.0, 5.0], [15.0, 5.0]]), grid), 10)
    >>> found.height.tolist(), found.geometry[0].normalize().wkt
    ([10.0], 'LINESTRING (10 5, 10 15)')
    """
    if not (math.isfinite(interval) and interval > 0):
        words = Text(f"等高距应为正数：{interval}", f"an interval has to be positive: {interval}")
        raise GridError(words)
    z = np.where(dem.valid, dem.values, np.nan).astype(np.float64)
    x, y = dem.grid.xy(*np.indices(z.shape))
    heights: list[float] = []
    lines: list[shapely.LineString] = []
    for height in _levels(z, interval):
        merged = shapely.get_parts(shapely.line_merge(_pieces(z, x, y, height)))
        lines.extend(merged)
        heights.extend([height] * len(merged))
    return gpd.GeoDataFrame({"height": np.array(heights)}, geometry=lines, crs=dem.grid.crs)


def _levels(z: Floats, interval: float) -> list[float]:
    if min(z.shape) < 2 or not np.isfinite(z).any():
        return []
    first = math.floor(np.nanmin(z) / interval) + 1
    return [float(k * interval) for k in range(first, math.floor(np.nanmax(z) / interval) + 1)]


def _pieces(z: Floats, x: Floats, y: Floats, height: float) -> shapely.MultiLineString:
    """Give the pieces of a line within the squares; those of no length are left out."""
    up = z >= height
    across = _crossings(z, x, y, height, axis=1)
    down = _crossings(z, x, y, height, axis=0)
    sides = (across[:-1], down[:, 1:], across[1:], down[:, :-1])
    known = np.isfinite(z)
    corners = [(slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None))]
    corners += [(slice(1, None), slice(1, None)), (slice(1, None), slice(None, -1))]
    case = sum(up[corner].astype(np.int8) << k for k, corner in enumerate(corners))
    case = np.where(np.logical_and.reduce([known[corner] for corner in corners]), case, 0)
    high = sum(z[corner] for corner in corners) / 4 >= height
    chosen = [(case == k, pairs) for k, pairs in SIDES.items()]
    chosen += [((case == k) & high, pairs) for k, pairs in JOINED.items()]
    chosen += [((case == k) & ~high, pairs) for k, pairs in PARTED.items()]
    ends = [
        np.stack([sides[one][here], sides[other][here]], axis=1)
        for here, pairs in chosen
        for one, other in pairs
    ]
    pieces = np.concatenate(ends)
    pieces = pieces[(pieces[:, 0] != pieces[:, 1]).any(axis=1)]
    return shapely.MultiLineString(list(shapely.linestrings(pieces)))


def _crossings(z: Floats, x: Floats, y: Floats, height: float, *, axis: int) -> Floats:
    """Give where a height is crossed between neighbours along an axis; elsewhere means nothing."""
    count = z.shape[axis]

    def pair(values: Floats) -> tuple[Floats, Floats]:
        return values.take(np.arange(count - 1), axis), values.take(np.arange(1, count), axis)

    low, high = pair(z)
    crossed = (low >= height) != (high >= height)  # false beside cells without height
    span = np.where(crossed, high - low, 1.0)
    share = np.where(crossed, (height - low) / span, 0.0)
    places = [start + share * (end - start) for start, end in (pair(x), pair(y))]
    return np.stack(places, axis=-1)


def summits(dem: Raster, radius: float) -> gpd.GeoDataFrame:
    """Give the places that are the highest within a radius.

    Parameters
    ----------
    dem
        Heights; NaN where there are none. Cells beside such, or at the grid's edge, are no summits.
    radius
        In the unit of the grid's CRS.

    Returns
    -------
    GeoDataFrame
        Points with `height`, from the highest; no two within the radius. Of equal heights the first
        counts, row by row. Level ground has none.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((3, 4), Affine(10, 0, 0, 0, -10, 30), CRS(4549))
    >>> z = np.array([[1, 1, 1, 1], [1, 7, 6, 1], [1, 1, 1, 1.0]])
    >>> summits(Raster(z, grid), 20)[["height", "geometry"]].to_wkt().to_numpy().tolist()
    [[7.0, 'POINT (15 15)']]
    """
    z = np.where(dem.valid, dem.values, np.nan).astype(np.float64)
    inner = ndimage.binary_erosion(np.isfinite(z), np.ones((3, 3), bool))
    cells = int(radius // dem.grid.resolution)
    row, column = np.indices((2 * cells + 1, 2 * cells + 1)) - cells
    disc = row**2 + column**2 <= (radius / dem.grid.resolution) ** 2
    known = np.isfinite(z)
    top = ndimage.maximum_filter(np.where(known, z, -np.inf), footprint=disc, mode="nearest")
    foot = ndimage.minimum_filter(np.where(known, z, np.inf), footprint=disc, mode="nearest")
    rows, columns = np.nonzero(inner & (z == top) & (z > foot))
    order = np.lexsort((columns, rows, -z[rows, columns]))
    x, y = dem.grid.xy(rows[order], columns[order])
    kept: list[int] = []
    for k in range(len(order)):
        if all(math.hypot(x[k] - x[j], y[k] - y[j]) > radius for j in kept):
            kept.append(k)
    heights = z[rows, columns][order][kept]
    points = gpd.points_from_xy(np.asarray(x)[kept], np.asarray(y)[kept], crs=dem.grid.crs)
    return gpd.GeoDataFrame({"height": heights}, geometry=points)
