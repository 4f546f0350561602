"""Points, lines and polygons split by areas, so that the parts close to the whole."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.crs import require_metric, require_same

Shapes = NDArray[np.object_]
GRAIN_M2, GRAIN_M = 1e-3, 1e-4
"""Pieces below this come of rounding: borders are kept in millimetres."""


def split(shapes: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Split shapes by areas: every part of a shape, and the area it lies in.

    1. Areas are closed: what runs along a border lies inside.
    2. What several areas share, a border or land, belongs to the first of them.
    3. What is left lies outside of all. The parts of a shape close to it: they have no point of
       their inside in common, and their lengths or areas sum to its own, but for a grain (0.1 mm,
       10 cm²) at each border; a shape smaller than that is one part.

    Parameters
    ----------
    shapes
        Valid points, lines or polygons, of several parts also, in a CRS in metres, by unique label.
    areas
        Valid polygons in the same CRS, by unique label, those that go first above.

    Returns
    -------
    GeoDataFrame
        shape (label), area (label; missing outside of all), geometry, of the kind of the shape. In
        the order of shapes, then areas, what is outside last. No rows where there are no shapes.

    Raises
    ------
    CrsError
        If the CRSs differ or are not in metres.

    Examples
    --------
    A road of 10 m leaves the first area at 3, and the second, which the first overlaps, at 6:

    >>> road = gpd.GeoDataFrame(
    ...     geometry=[shapely.LineString([(0, 1), (10, 1)])], index=["road"], crs=4549)
    >>> zones = gpd.GeoDataFrame(
    ...     geometry=[shapely.box(0, 0, 3, 2), shapely.box(2, 0, 6, 2)], index=["a", "b"], crs=4549)
    >>> parts = split(road, zones)
    >>> parts["area"].fillna("outside").tolist(), parts.length.tolist()
    (['a', 'b', 'outside'], [3.0, 3.0, 4.0])
    """
    require_same(require_metric(shapes.crs, what="split"), areas.crs, what="split")
    whole = np.array(shapes.geometry.array, dtype=object)
    dimensions = shapely.get_dimensions(whole)
    rest, pieces = whole, []
    for area in np.array(areas.geometry.array, dtype=object):
        shapely.prepare(area)
        pieces.append(_alike(shapely.intersection(rest, area), dimensions))  # RULES 1 and 2
        rest = _alike(shapely.difference(rest, area), dimensions)
    stacked = np.array([*pieces, rest], dtype=object).reshape(len(areas) + 1, len(whole))
    kept = _kept(stacked, dimensions)  # RULE 3
    shape, area_of = np.nonzero(kept.T)
    labels = [*areas.index, None]
    table = {
        "shape": shapes.index.take(shape),
        "area": pd.Series([labels[k] for k in area_of], dtype=object),
    }
    return gpd.GeoDataFrame(table, geometry=stacked[area_of, shape], crs=shapes.crs)


def measure(shapes: Shapes) -> NDArray[np.float64]:
    """Give the area of polygons, the length of lines, the number of points.

    >>> three = [shapely.box(0, 0, 2, 3), shapely.LineString([(0, 0), (0, 4)]), shapely.Point(1, 1)]
    >>> measure(np.array(three, dtype=object)).tolist()
    [6.0, 4.0, 1.0]
    """
    dimensions = shapely.get_dimensions(shapes)
    sizes = np.where(dimensions == 2, shapely.area(shapes), shapely.length(shapes))
    return np.where(dimensions == 0, shapely.get_num_geometries(shapes), sizes)


def _alike(pieces: Shapes, dimensions: NDArray[np.int32]) -> Shapes:
    """Keep what has the dimension of its shape: areas may touch a polygon in lines and points."""
    mixed = shapely.get_type_id(pieces) == shapely.GeometryType.GEOMETRYCOLLECTION
    lower = shapely.get_dimensions(pieces) < dimensions
    made = pieces.copy()
    for place in np.flatnonzero(mixed | lower):
        parts = shapely.get_parts(pieces[place])
        own = parts[shapely.get_dimensions(parts) == dimensions[place]]
        made[place] = shapely.union_all(own) if len(own) else shapely.GeometryCollection()
    return made


def _kept(stacked: Shapes, dimensions: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Say which pieces are more than rounding; of each shape at least the largest."""
    sizes = np.where(shapely.is_empty(stacked), 0.0, measure(stacked))
    grain = np.select([dimensions == 2, dimensions == 1], [GRAIN_M2, GRAIN_M], 0.5)
    kept: NDArray[np.bool_] = sizes > grain
    lost = np.flatnonzero(~kept.any(axis=0))
    kept[sizes[:, lost].argmax(axis=0), lost] = True
    return kept
