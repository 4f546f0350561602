"""What is watched: cells of the park with their weights; and a planner's own places for towers."""

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

from geo.crs import reproject
from geo.errors import InputError, Problem
from geo.raster import Raster, crop, rasterize
from geo.words import Text
from layers.county import County
from layers.towers import around

Flags = NDArray[np.bool_]
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
        return crop(whole, around(whole, self.park, 0.0))


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
