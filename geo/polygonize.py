"""Rasters of classes as polygons that form a valid coverage."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from rasterio import features

from geo.raster import Raster


def polygonize(raster: Raster) -> gpd.GeoDataFrame:
    """Give the regions of equal values, joined by sides, as a valid coverage.

    Neighbours share every vertex of their border, so that shared borders, simplification and
    contiguity work on them; vertices within a straight border are left out.

    Parameters
    ----------
    raster
        Classes; cells without data belong to no region.

    Returns
    -------
    GeoDataFrame
        One polygon a region with its `value`, in the raster's CRS and type, by value and then from
        the northernmost row; no data at all gives no rows.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 3), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> regions = polygonize(Raster(np.array([[7, 7, 5]]), grid))
    >>> regions["value"].tolist(), regions.area.tolist()
    ([5, 7], [100.0, 200.0])
    """
    there, grid = raster.valid, raster.grid
    known, numbers = np.unique(raster.values[there], return_inverse=True)
    codes = np.zeros(grid.shape, dtype=np.int32)
    codes[there] = numbers
    found = [
        (code, shapely.geometry.shape(region))
        for region, code in features.shapes(codes, mask=there, connectivity=4)
    ]
    found.sort(key=lambda one: (one[0], one[1].bounds[1], one[1].bounds[0]))
    code = np.array([one[0] for one in found], dtype=np.int64)
    # In whole cells nothing is rounded: a vertex at every cell's corner, then only the needed ones.
    pieces = np.array([one[1] for one in found], dtype=object)
    pieces = shapely.transform(shapely.segmentize(pieces, 1.0), np.rint)
    pieces = shapely.coverage_simplify(pieces, 0) if len(pieces) else pieces
    origin, step = (grid.transform.c, grid.transform.f), (grid.resolution, -grid.resolution)
    shapes = shapely.transform(pieces, lambda corner: corner * step + origin)
    return gpd.GeoDataFrame({"value": known[code]}, geometry=shapes, crs=grid.crs)
