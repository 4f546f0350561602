"""Where houses, ponds and farm buildings stand in the pilots: modelled places and their extent."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.building.fabric_ground import Ground
from layers.building.noise import hashed, noise

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

EVERY = 4  # cells between the places that are looked at
HOUSE_M2 = 190.0  # homestead land a person of a village
PEOPLE_A_HAMLET = 75.0
MOST_HAMLETS = 7
MOST_PEOPLE = 900.0  # of a village: more are a town's
NEAR_M, APART_M = 1800.0, 260.0  # of a village's hamlets: from its centre, from one another
GENTLE = 0.22  # grade of ground that half as many hamlets stand on
ROAD_M, CREEK_M = 250.0, 200.0
RAGGED = 1.1  # how far noise moves the rim of a built-up place, parts of its radius
RIM_WAVES_M, RIM_SHORT = (90.0, 40.0), 0.6  # waves of that noise; the short one is lower
WET_M, WET = 25.0, 0.1  # so near a creek, which floods, a place is worth so much less
GOOD_SEED, SHARE_SEED, RADIUS_SEED = 61, 62, 63


@dataclass(frozen=True, eq=False)
class Places:
    """Round places by centre, radius (m) and the weight with which they draw fields, 0 to 1."""

    spots: list[shapely.Point]
    radius: Floats
    weight: Floats


def hamlets(ground: Ground, settlements: gpd.GeoDataFrame) -> Places:
    """Divide every village into hamlets: its centre, and good places around it.

    Parameters
    ----------
    ground
        Cells whose `village` counts the rows of the settlements.
    settlements
        Points with `population` and `seat`: seats are towns, which `landcover` draws.
    """
    row, column = np.meshgrid(
        *(np.arange(EVERY // 2, size, EVERY) for size in ground.grid.shape), indexing="ij"
    )
    rows, columns = row.ravel(), column.ravel()
    x, y = ground.grid.xy(rows, columns)
    good = _goodness(ground)[rows, columns] * (0.5 + hashed(columns, rows, GOOD_SEED))
    village = np.where(ground.inside[rows, columns], ground.village[rows, columns], -1)
    spots, radius, weight = [], [], []
    for number, (spot, people, seat) in enumerate(
        zip(settlements.geometry, settlements["population"], settlements["seat"], strict=True)
    ):
        mine = village == number
        count = int(np.clip(round(people / PEOPLE_A_HAMLET), 2, MOST_HAMLETS))
        here = [spot, *_spread(x[mine], y[mine], good[mine], spot, count - 1)]
        share = 0.5 + hashed(np.arange(len(here)), np.full(len(here), number), SHARE_SEED)
        share[0] *= 1.6  # the centre is the largest
        area = min(float(people), MOST_PEOPLE) * HOUSE_M2 * share / share.sum()
        if seat:
            area[0] = 0.0  # the town itself stands there
        spots += here
        radius += list(np.sqrt(area / np.pi))
        weight += list(0.45 + 0.55 * share / share.max())
    return Places(spots, np.round(radius, 2), np.round(weight, 3))


def _goodness(ground: Ground) -> Floats:
    """Say how good a place each cell is for houses."""
    flat = 1 / (1 + (ground.grade / GENTLE) ** 4)
    near = 0.3 + 1 / (1 + (ground.road / ROAD_M) ** 2)
    wet = 0.4 + 1 / (1 + (ground.water / CREEK_M) ** 2)
    return np.where(ground.water < WET_M, WET, 1.0) * flat * near * wet


def _spread(
    x: Floats, y: Floats, good: Floats, home: shapely.Point, count: int
) -> list[shapely.Point]:
    """Choose places one after another: good ones, far from those chosen, near the centre."""
    away = np.hypot(x - home.x, y - home.y)
    worth = np.where(away < NEAR_M, good / (1 + (away / (0.6 * NEAR_M)) ** 2), 0.0)
    spots: list[shapely.Point] = []
    for _ in range(count):
        best = int(np.where(away > APART_M, worth, 0.0).argmax()) if x.size else 0
        if not x.size or away[best] <= APART_M or worth[best] <= 0:
            break
        spots.append(shapely.Point(x[best], y[best]))
        away = np.minimum(away, np.hypot(x - x[best], y - y[best]))
    return spots


def pull(ground: Ground, places: Places, *, half_m: float) -> Floats:
    """Give how strongly places draw fields to each cell: 1 at a large one, half at a distance."""
    strength = np.zeros(ground.grid.shape)
    for spot, weight in zip(places.spots, places.weight, strict=True):
        window = ground.near(spot, 6 * half_m)
        here = weight / (1 + (ground.away(spot, window) / half_m) ** 2)
        strength[window] = np.maximum(strength[window], here)
    return strength


def patches(
    ground: Ground, places: Places, *, seed: int, grade: float, ragged: float = RAGGED
) -> Marks:
    """Draw the places: about as large as a circle, ragged, and drawn out along gentle ground."""
    built = np.zeros(ground.grid.shape, dtype=bool)
    long_m, short_m = RIM_WAVES_M
    rough = 1 + ragged * (
        noise(ground.grid, wave_m=long_m, seed=seed)
        + RIM_SHORT * noise(ground.grid, wave_m=short_m, seed=seed + 1)
    )
    steep = ground.grade / grade
    cost = rough * (0.75 + 0.4 * steep * steep)
    for spot, radius in zip(places.spots, places.radius, strict=True):
        window = ground.near(spot, 3 * radius + 20)
        built[window] |= ground.away(spot, window) * cost[window] < radius
    return built


def scattered(
    ground: Ground, score: Floats, *, count: int, apart_m: float, radius_m: tuple[float, float]
) -> Places:
    """Scatter small places where a score is high, at a distance from one another."""
    row, column = (
        one.ravel()
        for one in np.meshgrid(
            *(np.arange(1, size, 2) for size in ground.grid.shape), indexing="ij"
        )
    )
    worth = score[row, column] * hashed(column, row, count)  # kinds differ by their count
    order = np.argsort(-worth, kind="stable")[: 60 * count]  # enough for all to find room
    x, y = ground.grid.xy(row[order], column[order])
    free = worth[order] > 0
    spots: list[shapely.Point] = []
    while len(spots) < count and free.any():
        best = int(free.argmax())
        spots.append(shapely.Point(x[best], y[best]))
        free &= np.hypot(x - x[best], y - y[best]) > apart_m
    part = hashed(np.arange(len(spots)), np.full(len(spots), count), RADIUS_SEED)
    low, high = radius_m
    return Places(spots, np.round(low + (high - low) * part * part, 2), np.ones(len(spots)))
