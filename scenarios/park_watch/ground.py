"""What is watched, and where from: cells of the park with their weights, places for towers.

Ridge candidates are modelled:

1. The topographic position of a cell is its height above the mean of the cells around it, within
   `ridge_m` (Weiss, A., 2001, Topographic position and landforms analysis).
2. Cells that stand above their surroundings, in the park or no farther than `beyond_m` from it, are
   taken from the most prominent on (ties: from the north, then from the west), each that is no
   nearer than `apart_m` to one taken before.
3. They carry numbers from north to south, not names: nobody has been there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from scipy import ndimage
from scipy.spatial import KDTree

from geo.crs import reproject
from geo.errors import InputError, Problem
from geo.raster import Raster, crop, rasterize
from geo.words import Text
from layers.county import County

Flags = NDArray[np.bool_]
Bounds = tuple[float, float, float, float]
HA = 1e-4  # of a square metre


@dataclass(frozen=True)
class Weights:
    """What a cell is worth: by zone, and how much more near a road or settlement."""

    core: int
    general: int
    near: int
    near_m: float


@dataclass(frozen=True, eq=False)
class Watched:
    """The park's cells (their centre lies in it), shape (n,), row by row.

    Parameters
    ----------
    dem
        Heights, NaN where unknown.
    park
        Its zones.
    rows, columns
        Of each cell.
    core, near
        Whether it lies in the core zone, and near a road or settlement.
    weight
        What it is worth, a whole number.
    beyond_ha
        Area of the park that no cell of the terrain reaches.
    """

    dem: Raster
    park: gpd.GeoDataFrame
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    core: Flags
    near: Flags
    weight: NDArray[np.int64]
    beyond_ha: float

    @property
    def cell_ha(self) -> float:
        """Area of a cell."""
        return self.dem.grid.resolution**2 * HA

    @property
    def lacking(self) -> Flags:
        """Cells without a height."""
        return np.asarray(np.isnan(self.dem.values[self.rows, self.columns]))

    def raster(self, values: NDArray[Any]) -> Raster:
        """Give values of cells as a raster around the park: NaN outside, or 0 of whole numbers."""
        floating = np.issubdtype(values.dtype, np.floating)
        cells = np.full(self.dem.grid.shape, np.nan if floating else 0, dtype=values.dtype)
        cells[self.rows, self.columns] = values
        whole = Raster(cells, self.dem.grid, None if floating else 0)
        return crop(whole, _around(whole, self.park, 0.0))


def _around(raster: Raster, park: gpd.GeoDataFrame, more_m: float) -> Bounds:
    """Give the bounds of the park and so much around it, as far as a raster reaches."""
    west, south, east, north = map(float, park.total_bounds)
    left, bottom, right, top = raster.grid.bounds
    return (
        max(west - more_m, left),
        max(south - more_m, bottom),
        min(east + more_m, right),
        min(north + more_m, top),
    )


def watched(county: County, dem: Raster, weights: Weights) -> Watched:
    """Give the park's cells with their weights; what is near is known as far as layers go."""
    park = county.vector("park").sort_index()
    inside, core = (
        np.asarray(rasterize(frame, dem.grid).values == 1)
        for frame in (park, park[park["zone"] == "core"])
    )
    rows, columns = np.nonzero(inside)
    x, y = dem.grid.xy(rows, columns)
    near = _near(county, np.asarray(shapely.points(x, y)), weights.near_m)
    within = core[rows, columns]
    zone = np.where(within, weights.core, weights.general)
    weight = (zone * np.where(near, weights.near, 1)).astype(np.int64)
    beyond = park.geometry.difference(shapely.box(*dem.grid.bounds)).area.sum() * HA
    return Watched(dem, park, rows, columns, within, near, weight, float(beyond))


def _near(county: County, centres: NDArray[Any], within_m: float) -> Flags:
    """Say which places are no farther than so many metres from a road or settlement (closed)."""
    shapes = [np.zeros(0, dtype=object)]
    if "roads" in county:
        roads = county.vector("roads")
        shapes.append(roads.geometry[(roads["status"] == "existing").to_numpy()].to_numpy())
    if "settlements" in county:
        shapes.append(county.vector("settlements").geometry.to_numpy())
    near = np.zeros(len(centres), dtype=bool)
    tree = shapely.STRtree(np.concatenate(shapes))
    near[tree.query(centres, predicate="dwithin", distance=within_m)[0]] = True
    return near


@dataclass(frozen=True)
class Ridges:
    """Which cells are places for towers: radius of position, distances, whether in the core."""

    ridge_m: float
    apart_m: float
    beyond_m: float
    in_core: bool


def ridges(dem: Raster, park: gpd.GeoDataFrame, about: Ridges) -> gpd.GeoDataFrame:
    """Give modelled places for towers, as the rules of this module say.

    Returns
    -------
    GeoDataFrame
        Points at cell centres, `height_m`, `above_m` (over the mean around) and `zone`; index
        ridge_001 … from north to south.
    """
    reach = about.beyond_m + about.ridge_m + dem.grid.resolution
    dem = crop(dem, _around(dem, park, reach))
    position = _position(dem, about.ridge_m)  # RULE 1
    inside = rasterize(park, dem.grid).values == 1
    allowed = ndimage.distance_transform_edt(~inside, sampling=dem.grid.resolution)
    open_to = (allowed <= about.beyond_m) & inside.any()
    if not about.in_core:
        open_to &= rasterize(park[park["zone"] == "core"], dem.grid).values != 1
    rows, columns = np.nonzero(open_to & (position > 0))
    order = np.lexsort((columns, rows, -position[rows, columns]))
    cells = np.column_stack([rows, columns]).astype(np.float64)
    kept = thinned(cells, order, about.apart_m / dem.grid.resolution)
    rows, columns = rows[kept], columns[kept]
    points = gpd.points_from_xy(*dem.grid.xy(rows, columns))
    found = {"height_m": dem.values[rows, columns], "above_m": position[rows, columns]}
    names = [f"ridge_{n:03d}" for n in range(1, len(rows) + 1)]  # RULE 3
    return gpd.GeoDataFrame(
        found, index=pd.Index(names, dtype=object), geometry=points, crs=dem.grid.crs
    )


def _position(dem: Raster, radius_m: float) -> NDArray[np.float64]:
    """Give how far each cell stands above the mean of known heights around it; NaN: unknown."""
    reach = max(1, int(radius_m / dem.grid.resolution))
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = (down**2 + across**2 <= reach**2).astype(np.float64)
    known = np.isfinite(dem.values)
    total = ndimage.convolve(np.where(known, dem.values, 0.0), disc, mode="constant")
    count = ndimage.convolve(known.astype(np.float64), disc, mode="constant")
    return np.asarray(dem.values - total / np.maximum(count, 1.0))


def thinned(
    places: NDArray[np.float64], order: NDArray[np.int64], apart: float
) -> NDArray[np.int64]:
    """Take places in an order, none nearer than a distance to one taken before. RULE 2.

    >>> thinned(np.array([[0.0, 0], [1, 0], [2, 0]]), np.array([1, 0, 2]), 2.0).tolist()
    [1]
    >>> thinned(np.array([[0.0, 0], [1, 0], [2, 0]]), np.array([0, 1, 2]), 2.0).tolist()
    [0, 2]
    """
    if not len(places):
        return np.zeros(0, dtype=np.int64)
    free, tree, kept = np.ones(len(places), dtype=bool), KDTree(places), []
    for place in order:
        if free[place]:
            kept.append(place)
            free[tree.query_ball_point(places[place], apart * (1 - 1e-9))] = False
    return np.sort(np.array(kept, dtype=np.int64))


def given(collection: Mapping[str, Any], crs: CRS) -> gpd.GeoDataFrame:
    """Give a planner's own places for towers: GeoJSON points in WGS-84, in a county's CRS.

    Returns
    -------
    GeoDataFrame
        Points; the index is their property `id`, or site_001 … where none has one.

    Raises
    ------
    InputError
        With every feature that is no point, and ids that are missing or stand twice.
    """
    features = collection.get("features") or []
    problems = list(_wrong(features))
    if problems or not features:
        problems = problems or [Problem(field="features", found="[]", expected="Point …")]
        raise InputError(Text("候选塔址有误", "places for towers are refused"), problems=problems)
    named = any("id" in (one.get("properties") or {}) for one in features)
    names = [
        str(one["properties"]["id"]) if named else f"site_{place:03d}"
        for place, one in enumerate(features, 1)
    ]
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326")[["geometry"]]
    return reproject(frame.set_index(pd.Index(names, dtype=object)), crs).sort_index()


def _wrong(features: list[Any]) -> Iterator[Problem]:
    """Name features that are no points, and ids that are missing or stand twice."""
    ids = [(one.get("properties") or {}).get("id") for one in features]
    for place, (one, label) in enumerate(zip(features, ids, strict=True)):
        shape = (one.get("geometry") or {}).get("type")
        if shape != "Point":
            yield Problem(
                field=f"features[{place}].geometry.type", found=str(shape), expected="Point"
            )
        if any(other is not None for other in ids) and (label is None or ids.count(label) > 1):
            unique = Text("唯一的编号", "an id of its own")
            yield Problem(
                field=f"features[{place}].properties.id", found=str(label), expected=unique
            )
