"""The road search equals Dijkstra's algorithm in plain Python on small random problems."""

import math

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from geo.alignment.search.terrain import Lattice, Zones, search
from geo.alignment.values import Costs, Limits
from geo.errors import InfeasibleError
from geo.grid import Grid
from geo.raster import Raster
from tests.road_reference import World

CELL = 30.0
CURVES = ((5, 0), (12, 0), (20, 15), (28, 0))  # radius, spiral
BATCHES = 4  # 20 with new seeds in make prove
EACH = 100


def problem(random):
    """A terrain a few cells wide, with figures that bind now and then."""
    headings = int(random.choice([8, 8, 16, 16, 32]))
    rows, columns = (int(v) for v in random.integers(3, 6 if headings > 8 else 7, 2))
    heights = random.normal(0, float(random.choice([0, 2, 6, 12])), (rows, columns))
    heights = np.round(heights * 4) / 4
    if random.random() < 0.3:
        heights[:, columns // 2] += float(random.choice([-40, 40]))
    if random.random() < 0.2:
        heights[random.integers(rows), random.integers(columns)] = np.nan
    radius, spiral = CURVES[random.integers(len(CURVES))]
    grade = float(random.choice([0.05, 0.08, 0.15]))
    longest = [float(v) for v in random.choice([0, 70, 140, 400], 2)]
    limits = Limits(
        grade,
        radius,
        spiral,
        60,
        0,
        0,
        0,
        max_cut_m=float(random.choice([3, 8, math.inf])),
        max_fill_m=float(random.choice([3, 8, math.inf])),
        max_bridge_m=longest[0],
        max_tunnel_m=longest[1],
        min_structure_m=float(random.choice([0, 50])),
    )
    prices = random.integers(0, 4, 6)
    costs = Costs(
        cut_yuan_m3=20 * prices[0],
        fill_yuan_m3=15 * prices[1],
        bridge_yuan_m=9000 * prices[2],
        bridge_height_yuan_m2=50 * prices[3],
        tunnel_yuan_m=12_000 * prices[4],
        width_m=8,
        cut_slope=0.75,
        fill_slope=1.5,
        pavement_yuan_m=1000 * prices[5],
        land_yuan_m2=float(random.choice([0, 40])),
    )
    lattice = Lattice(
        headings=headings,
        coarse=1,
        deepest_m=float(random.choice([0, 6])),
        highest_m=float(random.choice([3, 6])),
        margin_m=1e6,
        height_step_m=float(random.choice([0, 3])),
    )
    return heights, limits, costs, lattice


def zoned(random, shape):
    """Zones of each kind, forbidden here and there; None: no zones at all."""
    if random.random() < 0.5:
        return None
    found = {}
    for kind in ("above", "below", "earth"):
        values = random.choice([0.0, 0.0, 500.0, 20_000.0], shape)
        values[random.random(shape) < 0.07] = np.inf
        found[kind] = values
    return found


def stops(random, heights, zones):
    """Two or three cells where roads may be, neighbours in the row different."""
    free = ~np.isnan(heights)
    if zones:
        free &= np.isfinite(zones["above"] + zones["earth"])
    cells = [tuple(int(v) for v in cell) for cell in np.argwhere(free)]
    if len(cells) < 3:
        return None
    chosen = random.choice(len(cells), int(random.choice([2, 2, 2, 3])), replace=False)
    return [cells[i] for i in chosen]


def lists(values):
    return [[float(v) if np.isfinite(v) else None for v in row] for row in values]


def answer(heights, figures, zones, at):
    grid = Grid(heights.shape, Affine(CELL, 0, 0, 0, -CELL, 0), CRS(4549))
    points = [((column + 0.5) * CELL, -(row + 0.5) * CELL) for row, column in at]
    limits, costs, lattice = figures
    rasters = zones and Zones(**{kind: Raster(values, grid) for kind, values in zones.items()})
    try:
        return search(
            Raster(heights, grid), points, limits, costs, zones=rasters, lattice=lattice
        ).cost_yuan
    except InfeasibleError:
        return math.inf


def compared(random):
    """Hold so many problems against the reference; give how many of them have a road."""
    done = found = 0
    while done < EACH:
        heights, *figures = problem(random)
        zones = zoned(random, heights.shape)
        at = stops(random, heights, zones)
        if at is None:
            continue
        layers = zones and {
            "earth": lists(zones["above"] + zones["earth"]),
            "bridge": lists(zones["above"]),
            "tunnel": lists(zones["below"]),
        }
        expected = World(lists(heights), *figures, layers).least(at)
        assert answer(heights, figures, zones, at) == pytest.approx(expected, rel=1e-9, abs=1e-6)
        done += 1
        found += math.isfinite(expected)
    return found


@pytest.fixture
def unexplained(monkeypatch):
    """Do without the explanation of what has no road, which takes most of the time."""
    monkeypatch.setattr("geo.alignment.search.loosening.problems", lambda *_: [])


@pytest.mark.usefixtures("unexplained")
@pytest.mark.parametrize("batch", range(BATCHES))
def test_equals_dijkstra_in_plain_python(batch):
    found = compared(np.random.default_rng([331127, batch]))
    assert found > EACH / 4  # most of the problems have a road


@pytest.mark.prove
@pytest.mark.usefixtures("unexplained")
@pytest.mark.parametrize("batch", range(20))
def test_equals_dijkstra_in_plain_python_on_two_thousand(batch, seeds, figures):
    found = compared(np.random.default_rng([*seeds(1)]))
    figures(f"batch {batch}: {EACH} equal to the reference, {found} of them have a road")
    assert found > EACH / 4
