"""Counties of made-up parcels, for exchanges of land: hilly, plain and mixed, of any size.

The cells of random points (Voronoi), dense in some places and sparse in others; slope and use
follow smooth noise. Presets are shaped after a public benchmark of land exchange: about 2 ha a
parcel, areas that spread over a factor of 2.4 (standard deviation of their logarithm 0.9), 4.5
neighbours. Farmland and forest change places; 15 % of the parcels are of other uses and are taken
away before neighbours are counted. Slope knows nothing of use.

    hilly   as much farmland as forest, in tracts of some ten parcels across; slope about 9.5 ± 1.5
    plain   mostly farmland, woods of a few parcels; every parcel's slope for itself, 40 % of them 0
    mixed   plains and hills of forty parcels across; farmland mostly on the plains
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import Voronoi

from geo.exchange import Balance, Blocks, Budget, Contiguity

OTHER = 0.15  # share of parcels that never move
LOST = 1 / 6  # of the borders: simplified separately, both sides have no vertex in common
CORNER_M = 5.0  # shorter borders are corners, of length 0
CROWDED = 0.9  # standard deviation of the logarithm of the density of points
DRAWN = 6  # points drawn for each that is kept, by density
GRID = 2.0  # cells of noise along a mean parcel


class Preset(NamedTuple):
    """What a county is like; lengths in mean parcels across."""

    parcel_m2: float
    farmland: float  # share of the parcels that may move
    tract: float  # length of smooth noise of use
    order: float  # share of that noise in the use; the rest is chance, or slope
    fond: float  # how much farmland keeps to flat land
    slope: float  # mean, degrees, before what is below 0 is 0
    relief: float  # standard deviation of the slope
    hill: float  # length of smooth noise of slope
    smooth: float  # share of that noise in the variance of slope


PRESETS = {
    "hilly": Preset(25_600.0, 0.52, 7.0, 0.81, 0.0, 9.46, 1.5, 1.6, 0.7),
    "plain": Preset(20_500.0, 0.81, 2.4, 0.85, 0.0, 0.25, 1.0, 1.0, 0.0),
    "mixed": Preset(23_000.0, 0.66, 4.0, 0.5, 0.4, 4.5, 4.0, 20.0, 0.8),
}


class Parcels(NamedTuple):
    """What `geo.exchange.units` needs.

    `land`, one row for each parcel of farmland (member) or forest: area_m2, slope, member,
    may_leave, may_enter, other (the class it is of, or would turn into), town, cost, q (grade 1 to
    5, 5 the best), x, y. `neighbours`: left, right, length_m.
    """

    land: pd.DataFrame
    neighbours: pd.DataFrame


BLOCK_M2 = 66_700.0
BALANCE = Balance(above_m2=100, below_m2=100)


class Case(NamedTuple):
    """A county and the figures of its rules.

    `pairs` and `hectares` are most, the others least: hectares are a quarter of what leaves in the
    best plan for slope with so many pairs; contiguity and block_ha are 0.8 of what the plan with
    the most neighbours gains within these pairs and hectares. One plan at least keeps all of them.
    """

    preset: str
    count: int
    seed: int
    pairs: int
    hectares: float
    contiguity: float
    block_ha: float

    def parcels(self):
        """Give the county."""
        return parcels(self.preset, self.count, seed=self.seed)

    def rules(self):
        """Give sets of rules by name; the last holds all."""
        pairs = [Budget(most=self.pairs, side="leave"), Budget(most=self.pairs, side="enter")]
        floors = [Contiguity(self.contiguity), Blocks(1e4 * self.block_ha, BLOCK_M2)]
        hectares = [Budget("area_m2", most=1e4 * self.hectares, side="leave")]
        named = {"pairs": pairs, "pairs and floors": [*pairs, *floors], "hectares": hectares}
        named["all"] = [*pairs, *floors, *hectares]
        return {name: [BALANCE, *rules] for name, rules in named.items()}


CASES = {
    "hilly small": Case("hilly", 12_000, 1, 40, 73, 0.0573, 56.3),
    "plain small": Case("plain", 15_000, 2, 40, 73, 0.0330, 58.4),
    "mixed small": Case("mixed", 20_000, 3, 40, 68, 0.0314, 44.3),
    "hilly large": Case("hilly", 50_000, 4, 55, 113, 0.0221, 38.0),
    "plain large": Case("plain", 45_000, 5, 55, 103, 0.0170, 64.7),
    "mixed large": Case("mixed", 55_000, 6, 55, 107, 0.0173, 72.0),
}


def parcels(preset, count, *, seed):
    """Make up a county.

    Parameters
    ----------
    preset
        Of `PRESETS`.
    count
        Parcels of all uses; about 85 of 100 are farmland or forest and are given.
    seed
        Of everything that is drawn.

    Returns
    -------
    Parcels
        Labels count from 0.
    """
    kind, rng = PRESETS[preset], np.random.default_rng(seed)
    side = np.sqrt(count * kind.parcel_m2)
    place = _scattered(rng, count)
    area, pairs, border = _cells(place * side, side)
    other = _ranked(_noise(rng, place, 2.5) + rng.normal(0, 0.9, count)) < OTHER
    keep = np.flatnonzero(~other)
    number = np.full(count, -1)
    number[keep] = np.arange(len(keep))
    seen = (number[pairs] >= 0).all(axis=1) & (rng.random(len(pairs)) >= LOST)
    pairs = np.sort(number[pairs[seen]], axis=1)
    near = pd.DataFrame({"left": pairs[:, 0], "right": pairs[:, 1], "length_m": border[seen]})
    near = near.sort_values(["left", "right"], ignore_index=True)
    return Parcels(_land(rng, kind, place[keep], area[keep]), near)


def _land(rng, kind, place, area):
    size = len(place)
    hills = _noise(rng, place, kind.hill) * kind.smooth**0.5
    hills += rng.normal(0, (1 - kind.smooth) ** 0.5, size)
    slope = np.clip(kind.slope + kind.relief * hills, 0, None)
    use = kind.order**0.5 * _noise(rng, place, kind.tract) - kind.fond * hills
    use += rng.normal(0, (1 - kind.order) ** 0.5, size)
    member = _ranked(-use) < kind.farmland
    grade = _ranked(_noise(rng, place, 5.0) - 0.3 * hills + rng.normal(0, 0.7, size))
    towns = max(2, round((size / 3000) ** 0.5))
    across = np.minimum((place * towns).astype(int), towns - 1)
    return pd.DataFrame(
        {
            "area_m2": area,
            "slope": slope,
            "member": member,
            "may_leave": member,
            "may_enter": ~member,
            "other": rng.choice(["0301", "0305", "0307"], size, p=[0.7, 0.2, 0.1]),
            "town": np.char.mod("t%03d", across[:, 0] * towns + across[:, 1]),
            "cost": np.round(area / 1e4 * (2 + 0.2 * slope) * rng.lognormal(0, 0.3, size), 2),
            "q": 1.0 + np.floor(5 * grade),
            "x": place[:, 0],
            "y": place[:, 1],
        }
    )


def _ranked(values):
    """Give each value's rank as a share, 0 for the least."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") / len(values)


def _noise(rng, place, length):
    """Give smooth noise of mean 0 and deviation 1 at places of the unit square."""
    wide = round(GRID * np.sqrt(len(place))) + 2
    field = gaussian_filter(rng.normal(size=(wide, wide)), GRID * length / 2, mode="wrap")
    values = map_coordinates(field, place.T * (wide - 1), order=1)
    return (values - values.mean()) / values.std()


def _scattered(rng, count):
    """Give points of the unit square, crowded where smooth noise is high."""
    place = rng.random((DRAWN * count, 2))
    wide = np.sqrt(DRAWN)  # noise counts in points: as long as 1.2 of those that are kept
    crowd = CROWDED * _noise(rng, place, 1.2 * wide)
    # the greatest of weight plus Gumbel noise: drawn by weight, none twice
    return place[np.argsort(-(crowd + rng.gumbel(size=len(place))), kind="stable")[:count]]


def _cells(points, side):
    """Give area of each cell within the square, pairs of cells side by side and their border."""
    count = len(points)
    margin = 10 * side / np.sqrt(count)
    mirrored = [points]
    for axis in (0, 1):
        for wall in (0.0, side):
            image = points[np.abs(points[:, axis] - wall) < margin].copy()
            image[:, axis] = 2 * wall - image[:, axis]
            mirrored.append(image)
    made = Voronoi(np.concatenate(mirrored))
    ends = np.array(made.ridge_vertices)
    pairs = made.ridge_points
    border = np.hypot(*(made.vertices[ends[:, 0]] - made.vertices[ends[:, 1]]).T)
    apart = np.hypot(*(made.points[pairs[:, 0]] - made.points[pairs[:, 1]]).T)
    area = np.zeros(len(made.points))
    for end in (0, 1):
        # the triangle between a point and a border: half of border times half the way across
        np.add.at(area, pairs[:, end], border * apart / 4)
    inside = (pairs < count).all(axis=1)
    border = np.where(border < CORNER_M, 0.0, border)
    return np.round(np.maximum(area[:count], 1.0), 2), pairs[inside], border[inside].round(2)
