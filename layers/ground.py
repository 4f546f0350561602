"""The county's ground on the cells of an analysis: heights, and where water lies."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from affine import Affine
from numpy.typing import NDArray
from scipy import ndimage

from geo.grid import Grid
from geo.raster import Raster, rasterize, resample
from layers.county import County


def heights(county: County, cell_m: float) -> Raster:
    """Give the terrain averaged over cells of a side, float64, NaN without data.

    Parameters
    ----------
    county
        The county, with its layers `dem` and `outline`; the cells reach as far as both.
    cell_m
        Side of a cell, m; where the layer itself is no finer, its own cells are kept.
    """
    stored = county.raster("dem")
    dem = Raster(np.where(stored.valid, stored.values, np.nan).astype(np.float64), stored.grid)
    if "outline" in county:
        dem = _reaching(dem, tuple(county.vector("outline").total_bounds))
    if cell_m <= dem.grid.resolution:
        return dem
    return resample(dem, Grid.from_bounds(dem.grid.bounds, cell_m, county.crs), how="average")


def resolution_m(county: County) -> float | None:
    """Give how far apart the heights stand that the terrain was made from, m; None if unknown.

    Cells coarser than what the source says count: they hold no more.

    >>> from layers import twin
    >>> resolution_m(twin.county())
    30.0
    """
    told = county.sources["dem"].resolution_m
    return None if told is None else max(float(told), county.raster("dem").grid.resolution)


def _reaching(dem: Raster, bounds: tuple[float, ...]) -> Raster:
    """Give a raster with rows and columns of NaN added where it does not reach some bounds."""
    side, own = dem.grid.resolution, np.array(dem.grid.bounds)
    lack = np.array(
        [own[0] - bounds[0], own[1] - bounds[1], bounds[2] - own[2], bounds[3] - own[3]]
    )
    west, south, east, north = (int(n) for n in np.ceil(np.maximum(lack, 0) / side))
    if not any((west, south, east, north)):
        return dem
    values = np.pad(dem.values, ((north, south), (west, east)), constant_values=np.nan)
    left, top = own[0] - west * side, own[3] + north * side
    corner = Affine(side, 0, left, 0, -side, top)
    return Raster(values, Grid(values.shape, corner, dem.grid.crs))


def undecided(
    dem: Raster, inside: NDArray[np.bool_], water: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Say from which cells a way might lead over ground whose height is not known.

    Parameters
    ----------
    dem
        Heights, NaN where they are not known.
    inside
        Cells of the county; what is not known outside of it does not matter.
    water
        Cells nobody walks on.

    Returns
    -------
    ndarray of bool
        Cells that hang together, water aside, with a cell of the county without height.
    """
    lacking: NDArray[np.bool_] = inside & ~water & np.isnan(dem.values)
    if not lacking.any():
        return lacking
    parts, _ = ndimage.label((lacking | np.isfinite(dem.values)) & ~water, np.ones((3, 3)))
    open_ended: NDArray[np.bool_] = np.isin(parts, np.unique(parts[lacking]))
    return open_ended


def covered(county: County, layer: str, grid: Grid) -> NDArray[np.bool_]:
    """Say which cells have their centre in a layer's polygons; without the layer none has."""
    if layer not in county:
        return np.zeros(grid.shape, dtype=bool)
    return np.asarray(rasterize(county.vector(layer), grid).values == 1)


def lake(county: County, level: str, grid: Grid) -> NDArray[np.bool_]:
    """Say which cells have their centre in a lake's surface.

    Parameters
    ----------
    county
        The county; without the layer `lake` no cell has.
    level
        Id of the surface; without one of this id the lowest counts, which is always under water.
    grid
        The cells.
    """
    surface = lake_surface(county, level)
    if surface is None:
        return np.zeros(grid.shape, dtype=bool)
    return np.asarray(rasterize(surface, grid).values == 1)


def lake_surface(county: County, level: str) -> gpd.GeoDataFrame | None:
    """Give the polygons of a lake's surface of this id, or the lowest, always under water.

    None is given where the county has no layer `lake`.
    """
    if "lake" not in county:
        return None
    surfaces = county.vector("lake").sort_index()
    chosen = surfaces[surfaces.index == level]
    return chosen if len(chosen) else surfaces[surfaces["level_m"] == surfaces["level_m"].min()]
