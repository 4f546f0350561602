"""Pads on made-up ground: two flats, random ones, a town on a hillside; and terms for them."""

import functools
import itertools
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from affine import Affine
from pyproj import CRS

from geo.grid import Grid
from geo.raster import Raster
from geo.siting.grading import Prices, Rules, Site, WallPrice, design_levels, neighbours, verify

WEST, NORTH = 500_000.0, 3_100_000.0
EARTH = Prices(cut=12, fill=8)
FREE = Rules(balance_m3=math.inf)
WALLS = (WallPrice(3, 500), WallPrice(5, 800), WallPrice(8, 1200))
PRICES = Prices(cut=12, fill=8, borrow=30, waste=20, walls=WALLS)


def terrain(heights, cell=10.0):
    heights = np.array(heights, dtype=np.float64)
    return Raster(heights, Grid(heights.shape, Affine(cell, 0, WEST, 0, -cell, NORTH), CRS(4549)))


def frame(*shapes, labels="abcdefghijkl", **columns):
    """Pads from shapes in metres east and south of the corner of the terrain."""
    moved = [shapely.transform(one, lambda xy: (WEST, NORTH) + xy * (1, -1)) for one in shapes]
    named = list(labels)[: len(moved)]
    return gpd.GeoDataFrame(columns, geometry=moved, index=named, crs=4549)


def linked(*rows):
    return pd.DataFrame(list(rows), columns=["left", "right", "border_m", "street_m"])


def designed(site, prices=EARTH, rules=FREE, **ways):
    """Levels that the verifier accepts."""
    found = design_levels(site, prices=prices, rules=rules, **ways)
    report = verify(site, found, prices=prices, rules=rules)
    assert report.accepted, [str(one) for one in report.problems]
    return found


def two_flats(**columns):
    """Two pads of 100 m², side by side, on ground at 0 m and at 10 m."""
    return frame(shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10), **columns)


def random_site(seed, pads=6):
    """Pads beside each other on rough ground, askew to its cells, with all kinds of links and ends."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, pads + 1))
    edges = np.cumsum(rng.uniform(8, 30, count + 1))
    depth = rng.uniform(10, 30, count)
    lean = rng.uniform(-0.1, 0.1, count + 1)  # borders run askew, so that cells are cut in parts
    shapes = []
    for k, (west, east) in enumerate(itertools.pairwise(edges)):
        bottom = (east + lean[k + 1] * depth[k], west + lean[k] * depth[k])
        south = 3 + depth[k]
        shapes.append(
            shapely.Polygon([(west, 3), (east, 3), (bottom[0], south), (bottom[1], south)])
        )
    rows, columns = 6, int(edges[-1] / 6) + 2
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    heights = 500 + rng.normal(0, 1) * x + rng.normal(0, 1) * y + rng.normal(0, 1, x.shape)
    dem = terrain(heights, 6)
    middle = float(heights.mean())

    def some(low, high):
        return np.where(rng.random(count) < 0.25, middle + rng.uniform(low, high, count), np.nan)

    whole = frame(*shapes, low_m=some(-4, 2), high_m=some(-2, 4))
    labels = list(whole.index)
    rows = [
        (left, right, rng.choice([0.0, 12.0]), rng.choice([math.nan, 20.0, 35.0]))
        for left, right in [*itertools.pairwise(labels), *zip(labels, labels[2:], strict=False)]
    ]
    links = linked(*rows)
    roads = pd.DataFrame({"pad": ["a"], "level_m": [middle], "length_m": [40.0]})
    return Site(whole, dem, links, roads if rng.random() < 0.3 else roads.iloc[:0])


def random_terms(seed, *, factor=1.0):
    rng = np.random.default_rng([seed, 1])
    walls = (
        (),
        (WallPrice(2, rng.uniform(5, 60)),),
        (WallPrice(1, 10), WallPrice(3, rng.uniform(20, 90))),
    )
    prices = Prices(*rng.uniform(1, 20, 2), *rng.uniform(0, 30, 2), walls=walls[rng.integers(3)])
    rules = Rules(
        rng.choice([0.0, 50.0, 500.0, math.inf]),
        rng.choice([0.5, 2.0, 5.0, math.inf]),
        rng.choice([0.05, 0.15, math.inf]),
        factor,
    )
    return prices, rules


@functools.cache
def town(rows=6, columns=10, cell=5.0):
    """Blocks of two pads of 40 m, wall to wall, between streets of 12 m on a hillside."""
    x, y = np.meshgrid(np.arange(0, 52 * columns, cell), np.arange(0, 60 * rows, cell))
    rough = np.random.default_rng(3).normal(0, 0.3, x.shape)
    dem = terrain(300 + 0.08 * x - 0.05 * y + 5 * np.sin(x / 90) * np.cos(y / 70) + rough, cell)
    shapes = []
    for row, column in itertools.product(range(rows), range(columns)):
        west, north = 2 + 92 * (column // 2) + 40 * (column % 2), 3 + 57 * row
        shapes.append(shapely.box(west, north, west + 40, north + 45))
    pads = frame(*shapes, labels=[f"p{k:03}" for k in range(len(shapes))])
    return Site(pads, dem, neighbours(pads, within_m=12))
