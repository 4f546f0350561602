"""Areas that documents name and no open data draws: park, pilots, new town, Lijing park."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from geo.raster import Raster, crop
from geo.terrain import slope
from geo.travel.costpath import accumulate
from layers.building.curves import area_of, fitted
from layers.building.facts import metres
from layers.building.relief import blurred

Floats = NDArray[np.float64]

LEAST_PART_M2 = 300_000.0  # smaller parts of a zone are left out
HIGH_M, RISE_M = 1500.0, 100.0  # ground this high costs least; each so much lower costs more
GENTLE = 0.1  # grade on which a metre towards the new town's rim costs two
EXACT_M = 0.001  # grid of coordinates


def park(facts: dict[str, Any], townships: gpd.GeoDataFrame, dem: Raster) -> gpd.GeoDataFrame:
    """Draw core and general zone, exact in area, on the high ground of the named townships.

    Cells are taken in the order in which they are reached from the hearts of the park, the highest
    ground that each township has in its extent, high ground being cheap; the core is what is
    reached first.
    """
    allowed = _allowed(facts, townships)
    height = blurred(dem.values.astype(np.float64), 2)
    cost = np.clip((HIGH_M - height) / RISE_M, 0.5, None) ** 2
    reached = _reached(Raster(cost, dem.grid), *_hearts(facts, townships, Raster(height, dem.grid)))
    inside = shapely.contains_xy(allowed, *dem.grid.xy(*np.indices(dem.grid.shape)))

    def zone(area_m2: float) -> BaseGeometry:
        shape = area_of(_first(reached, inside, area_m2, dem.grid.resolution), dem, least_m2=2e5)
        return fitted(shape, area_m2, lambda one: _clean(one.intersection(allowed)))

    both = zone((facts["core_km2"] + facts["general_km2"]) * 1e6)
    core = zone(facts["core_km2"] * 1e6)
    general = fitted(
        both,
        facts["general_km2"] * 1e6,
        lambda one: _clean(one.intersection(allowed).difference(core)),
    )
    return gpd.GeoDataFrame(
        {
            "id": ["park_core", "park_general"],
            "zone": ["core", "general"],
            "name": [facts["name"]] * 2,
            "name_en": [facts["name_en"]] * 2,
        },
        geometry=shapely.set_precision([core, general], EXACT_M),
        crs=dem.grid.crs,
    )


def new_town(
    facts: dict[str, Any], townships: gpd.GeoDataFrame, seat: shapely.Point, dem: Raster
) -> gpd.GeoDataFrame:
    """Draw the new town on the gentle ground around the seat of its township."""
    allowed = townships.geometry[facts["township"]]
    return _one("new_town", facts, grown(allowed, seat, dem, facts["area_km2"] * 1e6), dem)


def grown(allowed: BaseGeometry, seat: shapely.Point, dem: Raster, area_m2: float) -> BaseGeometry:
    """Give the gentle ground around a seat, exact in area: what is reached first, slopes dear."""
    dem = crop(dem, allowed.bounds)
    grade = slope(dem).values.astype(np.float64)
    cost = 1.0 + (np.where(np.isnan(grade), 1.0, grade) / GENTLE) ** 2
    reached = _reached(Raster(cost, dem.grid), np.array(seat.x), np.array(seat.y))
    inside = shapely.contains_xy(allowed, *dem.grid.xy(*np.indices(dem.grid.shape)))
    shape = area_of(_first(reached, inside, area_m2, dem.grid.resolution), dem, least_m2=1e5)
    largest = max(shapely.get_parts(shape), key=lambda part: float(part.area))
    return fitted(largest, area_m2, lambda one: _clean(one.intersection(allowed)))


def lijing_park(facts: dict[str, Any], dem: Raster) -> gpd.GeoDataFrame:
    """Draw the enclave as a box of its area."""
    x, y = metres(facts["lon"], facts["lat"])
    half = facts["width_m"] / 2, facts["height_m"] / 2
    box = shapely.box(x - half[0], y - half[1], x + half[0], y + half[1])
    return _one("lijing_park", facts, box, dem)


def pilots(facts: dict[str, Any], townships: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the pilot townships."""
    return townships.loc[facts["townships"], ["name", "name_en", "geometry"]].reset_index()


def _one(label: str, facts: dict[str, Any], shape: BaseGeometry, like: Raster) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"id": [label], "name": [facts["name"]], "name_en": [facts["name_en"]]},
        geometry=[shapely.set_precision(shape, EXACT_M)],
        crs=like.grid.crs,
    )


def extent(facts: dict[str, Any], around: tuple[float, float, float, float]) -> shapely.Polygon:
    """Give what of some bounds lies within the park's published extent."""
    west, south, _, _ = around
    east, north = metres(facts["east_lon"], facts["north_lat"])
    return shapely.box(west - 1, south - 1, float(east), float(north))


def _allowed(facts: dict[str, Any], townships: gpd.GeoDataFrame) -> BaseGeometry:
    """Give the named townships within the park's published extent."""
    land = shapely.union_all(townships.geometry.loc[facts["townships"]].to_numpy())
    return land.intersection(extent(facts, tuple(townships.total_bounds)))


def _hearts(
    facts: dict[str, Any], townships: gpd.GeoDataFrame, height: Raster
) -> tuple[Floats, Floats]:
    """Give the highest place of each named township within the park's extent."""
    x, y = height.grid.xy(*np.indices(height.grid.shape))
    best = []
    for code in facts["townships"]:
        inside = shapely.contains_xy(_allowed({**facts, "townships": [code]}, townships), x, y)
        best.append(int(np.where(inside, height.values, -np.inf).argmax()))
    return x.ravel()[best], y.ravel()[best]


def _reached(cost: Raster, x: Floats, y: Floats) -> Floats:
    row, column = cost.grid.index(np.atleast_1d(x), np.atleast_1d(y))
    return accumulate(cost, origins=np.column_stack([row, column]), neighbours=16).cost


def _first(
    reached: Floats, inside: NDArray[np.bool_], area_m2: float, resolution: float
) -> NDArray[np.bool_]:
    """Mark the cells that are reached first, as many as make up an area."""
    count = round(area_m2 / resolution**2)
    limit = np.sort(reached[inside])[count - 1]
    return np.asarray(inside & (reached <= limit))


def _clean(shape: BaseGeometry) -> BaseGeometry:
    """Keep the parts that are worth drawing."""
    parts = [part for part in shapely.get_parts(shape) if part.area >= LEAST_PART_M2]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
