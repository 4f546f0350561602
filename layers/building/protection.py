"""Land that is protected: permanent basic farmland, ecological redline, drinking-water sources.

None of the three is openly drawn: all are modelled by what the rules aim at, and only schematic.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.ndimage import binary_opening, distance_transform_edt
from shapely.geometry.base import BaseGeometry

from geo.hydrology import accumulation, drain
from geo.raster import Raster, rasterize
from geo.terrain import slope
from layers.building.basins import first_below
from layers.building.curves import area_of
from layers.building.noise import noise
from layers.building.relief import blurred

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

BLOCK_M = 150.0  # basic farmland is chosen by blocks of this side
STEP_M = 0.1  # coordinates are whole decimetres
REDLINE_SEED = 91
FALL_M = 0.001  # along filled ways
ROUGH_WAVE_M, ROUGH = 1500.0, 0.5  # of the redline's border
FIRST_M, STREAM_M2 = 100.0, 300_000.0  # first-grade land beside a stream of this catchment


def basic_farmland(
    parcels: gpd.GeoDataFrame, others: BaseGeometry, *, share: float, steepest_deg: float
) -> gpd.GeoDataFrame:
    """Choose permanent basic farmland: the best blocks of fields of each township.

    Parameters
    ----------
    parcels
        Parcels of the survey.
    others
        Redline and first-grade source zones: fields that touch them are left out.
    share
        Part of a township's cropland.
    steepest_deg
        Slope above which no field is taken.

    Returns
    -------
    GeoDataFrame
        Columns id, township: fields that lie side by side are one polygon.
    """
    free = ~parcels.intersects(others)
    field = parcels[parcels["DLBM"].str.startswith("01")]
    spots = shapely.point_on_surface(field.geometry.to_numpy())
    block = pd.Series(
        np.floor(shapely.get_y(spots) / BLOCK_M) * 1e5 + np.floor(shapely.get_x(spots) / BLOCK_M),
        index=field.index,
    )
    worth = (field["quality"] * 2 + field["slope_deg"] / 3).groupby([field["township"], block])
    order = pd.DataFrame({"worth": worth.transform("mean"), "block": block, "m2": field["TBMJ"]})
    order["township"] = field["township"]
    good = order[(free & (parcels["slope_deg"] <= steepest_deg)).loc[field.index]]
    good = good.sort_values(["township", "worth", "block"], kind="stable")
    wanted = order.groupby("township")["m2"].sum() * share
    taken = good[good.groupby("township")["m2"].cumsum() <= good["township"].map(wanted)]
    rows = []
    for township, one in taken.groupby("township"):
        whole = shapely.coverage_union_all(parcels.geometry.loc[one.index].to_numpy())
        shapes = sorted(
            shapely.get_parts(whole), key=lambda part: (-part.bounds[3], part.bounds[0])
        )
        rows += [
            {"id": f"basic_{township}_{k:04d}", "township": township, "geometry": shape}
            for k, shape in enumerate(shapes, 1)
        ]
    return gpd.GeoDataFrame(rows, crs=parcels.crs)


def redline(
    facts: dict[str, Any],
    dem: Raster,
    outline: shapely.Polygon,
    park: gpd.GeoDataFrame,
    settlements: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Draw the ecological redline: the park, and high steep ground far from settlements.

    Parameters
    ----------
    facts
        `share` of the county, `away_m` from settlements, `least_km2` of a part, name, name_en.
    dem
        Terrain, on coarse cells.
    outline, park, settlements
        Of the county.
    """
    height, grade = dem.values.astype(np.float64), slope(dem).values.astype(np.float64)
    wild = blurred(np.nan_to_num(grade, nan=0.0), 5) + blurred(height, 3) / 1500
    wild += ROUGH * noise(dem.grid, wave_m=ROUGH_WAVE_M, seed=REDLINE_SEED)
    rows, columns = dem.grid.index(settlements.geometry.x, settlements.geometry.y)
    home = np.ones(dem.grid.shape, dtype=bool)
    home[rows, columns] = False
    far = np.asarray(distance_transform_edt(home)) * dem.grid.resolution > facts["away_m"]
    inside = _cells(outline, dem)
    free = inside & far
    count = int(facts["share"] * inside.sum())
    limit = np.sort(wild[free])[::-1][min(count, int(free.sum())) - 1]
    chosen = binary_opening(free & (wild >= limit), np.ones((5, 5)))
    core = shapely.union_all(park.geometry.to_numpy())
    shape = area_of(chosen, dem, least_m2=facts["least_km2"] * 1e6)
    shape = shapely.intersection(shape.union(core.buffer(1.0)), outline)
    return _numbered(shape, "redline", facts, facts["least_km2"] * 1e6, dem)


def source_water(facts: dict[str, Any], dem: Raster, seats: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Draw the zones of a stream intake above each seat: first and second grade.

    The intake is the nearest place upstream of the seat's height with a catchment of the wanted
    size. First grade: land near the streams of the catchment up to a distance from the intake;
    second grade: the rest of the catchment, up to a larger distance.

    Parameters
    ----------
    facts
        `townships`, `least_km2` and `most_km2` of the catchment, `above_m` the seat, `first_m`,
        `second_m`, name, name_en.
    dem
        Terrain.
    seats
        Points by township code, with `height_m`.
    """
    level, ways = drain(dem, rise=FALL_M)
    size = accumulation(ways, np.full(dem.grid.shape, dem.grid.resolution**2))
    here = np.arange(size.size)
    below = np.where(ways.receiver < 0, here, ways.receiver)
    x, y = dem.grid.xy(*np.indices(dem.grid.shape))
    height, rows = level.values.astype(np.float64), []
    beside = np.asarray(distance_transform_edt(size < STREAM_M2)) * dem.grid.resolution <= FIRST_M
    for code in facts["townships"]:
        seat = seats.loc[code]
        fits = (size >= facts["least_km2"] * 1e6) & (size <= facts["most_km2"] * 1e6)
        fits &= height >= seat["height_m"] + facts["above_m"]
        away = np.where(fits, np.hypot(x - seat.geometry.x, y - seat.geometry.y), np.inf)
        intake = int(away.argmin())
        catchment = (first_below(below, here == intake) == intake).reshape(dem.grid.shape)
        reach = np.hypot(x - x.ravel()[intake], y - y.ravel()[intake])
        first = area_of(catchment & beside & (reach <= facts["first_m"]), dem)
        whole = area_of(catchment & (reach <= facts["second_m"]), dem, least_m2=2e4).union(first)
        for grade, shape in (("first", first), ("second", whole.difference(first))):
            part = _numbered(shape, f"source_{code}_{grade}", facts, 5e3, dem)
            rows.append(part.assign(grade=grade))
    return pd.concat(rows, ignore_index=True)[["id", "grade", "name", "name_en", "geometry"]]


def _cells(shape: BaseGeometry, like: Raster) -> Marks:
    frame = gpd.GeoDataFrame(geometry=[shape], crs=like.grid.crs)
    return np.asarray(rasterize(frame, like.grid).values == 1)


def _numbered(
    shape: BaseGeometry, label: str, facts: dict[str, Any], least_m2: float, like: Raster
) -> gpd.GeoDataFrame:
    """Give the parts of a shape as rows, from the north."""
    clean = shapely.get_parts(shapely.set_precision(shape, STEP_M))
    parts = [one for one in clean if one.geom_type == "Polygon" and one.area >= least_m2]
    parts.sort(key=lambda one: (-one.bounds[3], one.bounds[0]))
    return gpd.GeoDataFrame(
        {
            "id": [f"{label}_{k:02d}" for k in range(1, len(parts) + 1)],
            "name": facts["name"],
            "name_en": facts["name_en"],
        },
        geometry=parts,
        crs=like.grid.crs,
    )
