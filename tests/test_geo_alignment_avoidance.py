"""Zones that can or cannot be avoided, worked by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from geo.alignment.avoidance import avoidance
from geo.alignment.search.run import attempted
from geo.alignment.search.task import Pass
from geo.alignment.search.terrain import Lattice, Zones
from geo.alignment.shifting import Site
from geo.alignment.values import Costs, Limits
from geo.errors import GridError, InputError, LimitError
from geo.grid import Grid
from geo.raster import Raster

CELL = 30.0
LIMITS = Limits(0.08, 20, 0, 60, 200, 200, 20, max_bridge_m=0, max_tunnel_m=0)
COSTS = Costs(20, 15, 50_000, 0, 80_000, 8, 0.75, 1.5, pavement_yuan_m=1000)
POINTS = [(2.5 * CELL, -7.5 * CELL), (22.5 * CELL, -7.5 * CELL)]
FLAT = Lattice(deepest_m=0, highest_m=0)


def raster(values):
    grid = Grid(values.shape, Affine(CELL, 0, 0, 0, -CELL, 0), CRS(4549))
    return Raster(values, grid)


def field(last_row):
    """A field in level ground across the straight line, three columns thick, open below a row."""
    values = np.zeros((41, 30))
    values[:last_row, 11:14] = 1
    return raster(values)


def level(zones=None):
    return Site(raster(np.zeros((41, 30))), LIMITS, COSTS, zones)


# Straight through: 600 m, 600,000 yuan. Round a field that ends after row 11: by row 12 at columns
# 10-14, 2 × 30 √(5² + 8²) + 120 = 686 m, 14 % more, or a little less or more for curves.


def test_a_small_field_is_avoidable_for_twenty_per_cent():
    found = avoidance(level(), POINTS, field(12), percent=20, lattice=FLAT)
    assert found.avoidable is True
    assert found.through.cost_yuan == pytest.approx(600_000)
    assert found.around.cost_yuan == pytest.approx(686_000, rel=0.03)
    assert found.most_yuan == pytest.approx(720_000)
    assert not found.everywhere


def test_for_five_per_cent_it_is_not_and_the_search_of_everything_proves_it():
    found = avoidance(level(), POINTS, field(12), percent=5, lattice=FLAT)
    assert found.avoidable is False
    assert found.everywhere
    assert found.around.cost_yuan > found.most_yuan


def test_a_zone_beside_the_road_is_avoided_already():
    values = np.zeros((41, 30))
    values[20:25, 11:14] = 1
    found = avoidance(level(), POINTS, raster(values), percent=0, lattice=FLAT)
    assert found.avoidable is True
    assert found.around is found.through


def test_what_is_forbidden_stays_forbidden():
    # The way round below the field is closed by another zone: only through is left.
    shut = np.zeros((41, 30))
    shut[12:, 12] = np.inf
    found = avoidance(level(Zones(raster(shut))), POINTS, field(12), percent=300, lattice=FLAT)
    assert found.avoidable is False
    assert found.around is None


def test_a_dearer_road_nearby_does_not_hide_a_cheaper_one_elsewhere(monkeypatch):
    def dear(task, log):
        found = attempted(task, Pass(), log)
        return replace(found, cost_yuan=2 * found.cost_yuan), 120.0

    monkeypatch.setattr("geo.alignment.avoidance.coarse_to_fine", dear)
    found = avoidance(level(), POINTS, field(12), percent=20, lattice=FLAT)
    assert found.avoidable is True
    assert found.everywhere
    assert found.around.cost_yuan < found.most_yuan


def test_a_search_too_large_leaves_it_unknown(monkeypatch):
    def too_large(*_):
        raise LimitError("too many states")

    monkeypatch.setattr("geo.alignment.avoidance.attempted", too_large)
    found = avoidance(level(), POINTS, field(12), percent=5, lattice=FLAT)
    assert found.avoidable is None
    assert found.around.cost_yuan > found.most_yuan


def test_figures_and_grids_are_refused():
    with pytest.raises(InputError, match="found -1") as caught:
        avoidance(level(), POINTS, field(12), percent=-1)
    assert caught.value.said("zh") == "百分比须为 0 或以上：-1"
    with pytest.raises(InputError):
        avoidance(level(), POINTS, field(12), percent=math.nan)
    with pytest.raises(GridError):
        avoidance(level(), POINTS, raster(np.zeros((5, 5))), percent=1)
