"""Lines and areas made of cells, drawn as smooth curves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.polygonize import polygonize
from geo.raster import Raster

Floats = NDArray[np.float64]

SIMPLE_M = 2.0  # how far a smoothed line may be from its vertices
MOST_M = 2000.0  # a shape is widened or narrowed by no more
BISECTIONS = 60  # 4,000 m halved so often is nothing: the last digits of a float


def smoothed(
    line: shapely.LineString, *, spacing_m: float = 45.0, turns: int = 12
) -> shapely.LineString:
    """Give a line its steps rounded off, its ends kept; rings are smoothed all round.

    Vertices at equal distances move to the mean of themselves (twice) and their neighbours.
    """
    count = max(int(line.length // spacing_m), 2)
    xy = shapely.get_coordinates(line.interpolate(np.linspace(0, 1, count + 1), normalized=True))
    ring = line.is_ring
    for _ in range(turns):
        if ring:
            body = xy[:-1]
            body = (np.roll(body, 1, axis=0) + 2 * body + np.roll(body, -1, axis=0)) / 4
            xy = np.vstack([body, body[:1]])
        else:
            xy[1:-1] = (xy[:-2] + 2 * xy[1:-1] + xy[2:]) / 4
    return shapely.simplify(shapely.LineString(np.round(xy, 3)), SIMPLE_M)


def area_of(cells: NDArray[np.bool_], like: Raster, *, least_m2: float = 0.0) -> BaseGeometry:
    """Give the smooth shape of marked cells, small parts and holes left out."""
    regions = polygonize(Raster(cells.astype(np.uint8), like.grid, nodata=0))
    shapes = [_rounded(shape, least_m2) for shape in regions.geometry if shape.area >= least_m2]
    return shapely.union_all([shape for shape in shapes if not shape.is_empty])


def _rounded(shape: shapely.Polygon, least_m2: float) -> BaseGeometry:
    rings = [ring for ring in shape.interiors if shapely.Polygon(ring).area >= least_m2]
    outer = smoothed(shapely.LineString(shape.exterior.coords), spacing_m=30.0, turns=6)
    inner = [smoothed(shapely.LineString(ring.coords), spacing_m=30.0, turns=6) for ring in rings]
    if len(outer.coords) < 4:
        return shapely.Polygon()
    holes = [hole.coords for hole in inner if len(hole.coords) >= 4]
    return shapely.make_valid(shapely.Polygon(outer.coords, holes))


def fitted(
    shape: BaseGeometry, area_m2: float, cut: Callable[[BaseGeometry], BaseGeometry]
) -> BaseGeometry:
    """Widen or narrow a shape until what `cut` leaves of it has an area, to 1 m² or better."""
    low, high = -MOST_M, MOST_M
    fit = cut(shape)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        fit = cut(shape.buffer(middle))
        if fit.area < area_m2:
            low = middle
        else:
            high = middle
    return fit
