"""Road searches worked by hand: a plane, a cone, passes, tunnels, bridges."""

from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from geo.alignment.search import search
from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Costs, Limits
from geo.errors import InputError
from geo.grid import Grid
from geo.raster import Raster

CELL = 30.0
LIMITS = Limits(
    0.08, 20, 0, 60, 200, 200, 20,
    max_cut_m=6, max_fill_m=6, max_bridge_m=0, max_tunnel_m=0, min_structure_m=0,
)  # fmt: skip
COSTS = Costs(20, 15, 50_000, 0, 80_000, 8, 0.75, 1.5, pavement_yuan_m=1000)


def terrain(heights):
    heights = np.asarray(heights, dtype=np.float64)
    return Raster(heights, Grid(heights.shape, Affine(CELL, 0, 0, 0, -CELL, 0), CRS(4549)))


def at(row, column):
    return ((column + 0.5) * CELL, -(row + 0.5) * CELL)


def test_up_a_gentle_plane_it_goes_straight():
    # 4 % east, 20 steps of 30 m: 600 m on the ground at 1,000 yuan/m = 600,000; no earthwork
    # because 1.2 m a cell is half of the step of heights, 2.4 m: it is set to 1.2 m here.
    from geo.alignment.search import Lattice

    plane = terrain(np.tile(np.arange(30) * 1.2, (15, 1)))
    road = search(plane, [at(7, 4), at(7, 24)], LIMITS, COSTS, lattice=Lattice(height_step_m=1.2))
    assert road.length_m == 600
    assert road.cost_yuan == pytest.approx(600_000)
    assert road.gap == 0
    assert np.allclose(np.diff(road.z), 1.2)


def test_only_a_tunnel_crosses_the_ridge():
    # A wall 90 m high, 2 cells thick from rim to rim: from the last level cell before it (column 9)
    # to the first behind (12) are 3 steps = 90 m of tunnel. 20 steps in all: 17 × 30 m × 1,000
    # + 90 × 80,000 = 510,000 + 7,200,000 = 7,710,000 yuan.
    wall = np.zeros((15, 30))
    wall[:, 10:12] = 90
    road = search(terrain(wall), [at(7, 2), at(7, 22)], replace(LIMITS, max_tunnel_m=200), COSTS)
    assert road.cost_yuan == pytest.approx(7_710_000)
    assert np.count_nonzero(road.structure == TUNNEL) == 3
    assert np.count_nonzero(road.structure == EARTH) == 17


def test_only_a_bridge_crosses_the_gorge():
    # As above with a gorge: 17 × 30 × 1,000 + 90 × 50,000 = 510,000 + 4,500,000 = 5,010,000 yuan.
    gorge = np.zeros((15, 30))
    gorge[:, 10:12] = -90
    road = search(terrain(gorge), [at(7, 2), at(7, 22)], replace(LIMITS, max_bridge_m=200), COSTS)
    assert road.cost_yuan == pytest.approx(5_010_000)
    assert np.count_nonzero(road.structure == BRIDGE) == 3


def test_points_outside_are_refused_all_at_once():
    with pytest.raises(InputError) as refused:
        search(terrain(np.zeros((5, 5))), [(-50, -50), (75, 900)], LIMITS, COSTS)
    assert len(refused.value.problems) == 2
