"""Where people live and what serves them: modelled settlements, and facilities at the seats."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.raster import Raster, rasterize, sample
from geo.terrain import slope
from layers.building.facts import in_millimetres
from layers.building.noise import hashed
from layers.building.relief import blurred

Floats = NDArray[np.float64]

GENTLE = 0.15  # grade of ground that half as many houses stand on as on the flat
ROAD_M, RIVER_M = 900.0, 700.0  # distances at which the pull of roads and streams has halved
APART_M = 450.0  # least distance between settlements
ALIKE_M = 3000.0  # beyond it a place is no better for being further from the others
JITTER_SEED, SHARE_SEED = 5, 9
TERRACES = 0.8  # how much better terraces above 700 m are than ground below 450 m


def settlements(
    townships: gpd.GeoDataFrame,
    seats: gpd.GeoDataFrame,
    dem: Raster,
    pull: Floats,
) -> gpd.GeoDataFrame:
    """Place settlements and share out the people.

    Parameters
    ----------
    townships
        Polygons by code with `villages`, `population` and `seat_share`, the share that lives at
        the seat.
    seats
        Points by code.
    dem
        Terrain.
    pull
        How good a place every cell is, above 0.

    Returns
    -------
    GeoDataFrame
        Columns id, township, population, height_m: for each township the seat and as many
        villages as it has; populations are whole and add up to the townships'.
    """
    numbered = townships.assign(number=np.arange(len(townships)))
    owner = rasterize(numbered, dem.grid, value="number", fill=-1).values
    rows = []
    for number, (code, town) in enumerate(townships.iterrows()):
        cells = np.argwhere(owner == number)
        score = pull[cells[:, 0], cells[:, 1]]
        seat = seats.geometry[code]
        spots = _spread(cells, score, seat, dem, count=int(town["villages"]))
        people = _shared(int(town["population"]), float(town["seat_share"]), spots, number)
        rows += [
            {"id": f"{code}_{k:02d}", "township": code, "population": count, "geometry": spot}
            for k, (spot, count) in enumerate(zip([seat, *spots], people, strict=True))
        ]
    frame = gpd.GeoDataFrame(rows, crs=dem.grid.crs)
    frame["geometry"] = in_millimetres(frame.geometry)
    frame["height_m"] = np.round(sample(dem, frame.geometry.x, frame.geometry.y), 1)
    return frame[["id", "township", "population", "height_m", "geometry"]]


def attraction(
    dem: Raster, roads: gpd.GeoDataFrame, rivers: gpd.GeoDataFrame, wet: NDArray[np.bool_]
) -> Floats:
    """Say how good a place each cell is for houses: gentle, near a road, near water, dry."""
    grade = slope(dem).values.astype(np.float64)
    grade = blurred(np.where(np.isnan(grade), 1.0, grade), 1)
    flat = 1 / (1 + (grade / GENTLE) ** 2)
    own = roads[(roads["class"] != "expressway") & (roads["status"] == "existing")]
    near = 0.25 + 1 / (1 + (_distance(own, dem) / ROAD_M) ** 2)
    water = 0.5 + 1 / (1 + (_distance(rivers, dem) / RIVER_M) ** 2)
    high = 1 + TERRACES * np.clip((dem.values.astype(np.float64) - 450) / 250, 0, 1)
    return np.where(wet, 1e-6, flat * near * water * high)  # above 0: a township may have no other


def _distance(lines: gpd.GeoDataFrame, like: Raster) -> Floats:
    from scipy.ndimage import distance_transform_edt

    hit = rasterize(lines, like.grid, all_touched=True).values == 1
    return np.asarray(distance_transform_edt(~hit)) * like.grid.resolution


def _spread(
    cells: NDArray[np.int64], score: Floats, seat: shapely.Point, dem: Raster, *, count: int
) -> list[shapely.Point]:
    """Choose places one after another: good ones, and far from those already chosen."""
    x, y = dem.grid.xy(cells[:, 0], cells[:, 1])
    jitter = 0.6 + 0.8 * hashed(cells[:, 1], cells[:, 0], JITTER_SEED)
    away = np.hypot(x - seat.x, y - seat.y)
    spots = []
    for _ in range(count):
        worth = np.where(away > APART_M, score * jitter * np.minimum(away, ALIKE_M), 0.0)
        best = int(worth.argmax())
        spots.append(shapely.Point(x[best], y[best]))
        away = np.minimum(away, np.hypot(x - x[best], y - y[best]))
    return spots


def _shared(total: int, seat_share: float, spots: list[shapely.Point], town: int) -> list[int]:
    """Share out people: the seat its share, villages unequal parts of the rest; whole numbers."""
    # from 0.4 to 1.6 of the mean: the largest village has at most four times the people of another
    part = 0.4 + 1.2 * hashed(np.arange(len(spots)), np.full(len(spots), town), SHARE_SEED)
    weights = np.concatenate([[seat_share], (1 - seat_share) * part / part.sum()])
    exact = total * weights / weights.sum()
    whole = np.floor(exact).astype(int)
    extra = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[extra] += 1
    return [int(one) for one in whole]


def facilities(table: pd.DataFrame, seats: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Place facilities beside the seat of their township."""
    home = seats.geometry.loc[table["township"]]
    spots = shapely.points(
        home.x.to_numpy() + table["east_m"].to_numpy(),
        home.y.to_numpy() + table["north_m"].to_numpy(),
    )
    frame = table[["id", "kind", "name", "name_en", "township"]]
    return gpd.GeoDataFrame(frame, geometry=in_millimetres(spots), crs=seats.crs)
