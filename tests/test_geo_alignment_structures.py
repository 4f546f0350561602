"""Earth, bridge or tunnel: search and profile take the cheapest at every depth, limits only cap."""

from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from geo.alignment.profile.optimum import optimise
from geo.alignment.search.terrain import Lattice, search
from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Costs, Fixed, Limits, Stations
from geo.grid import Grid
from geo.raster import Raster

CELL = 30.0
LIMITS = Limits(0.0002, 20, 0, 60, 450, 450, 40, max_cut_m=30, max_fill_m=30)
LATTICE = Lattice(headings=16, coarse=1, height_step_m=2.0, deepest_m=20, highest_m=20)
COSTS = Costs(20, 15, 6750, 0, 5180, 8, 0.75, 1.5)
# A bed of 8 m. A cut d deep costs 20 (8 d + 0.75 d²) a metre: 4,080 at 12 m, 5,180 at 14 m, 6,400 at
# 16 m; the tunnel costs 5,180. A fill h high costs 15 (8 h + 1.5 h²): 4,680 at 12 m, 6,090 at 14 m,
# 7,680 at 16 m; the bridge costs 6,750, as much as a fill of about 14.8 m.


@pytest.mark.parametrize(
    ("height", "kind", "each"),
    [(12, EARTH, 4080), (16, TUNNEL, 5180), (-13, EARTH, 5362.5), (-16, BRIDGE, 6750)],
)
def test_a_profile_leaves_the_earth_where_a_structure_is_cheaper(height, kind, each):
    # Level for 1,000 m, between 300 and 700 m through a plateau or over a hollow, its sides a step
    # of 10 m, half of it cut or filled at the height of the ends.
    s = np.arange(0.0, 1001.0, 10.0)
    ground = np.where((s >= 300) & (s <= 700), float(height), 0.0)
    road = Stations(s, s, 0 * s, ground)
    found = optimise(road, LIMITS, COSTS, fixed=Fixed(0.0, 0.0, 0.0, 0.0))
    inside = (s[:-1] >= 300) & (s[:-1] < 700)
    assert set(found.structure[inside].tolist()) == {kind}
    assert set(found.structure[(s[:-1] < 290) | (s[:-1] >= 710)].tolist()) == {EARTH}
    assert abs(height) < LIMITS.max_cut_m
    assert found.cost_yuan == pytest.approx(each * 410, rel=0.03)


@pytest.mark.parametrize(
    ("height", "kind"), [(12, EARTH), (16, TUNNEL), (-12, EARTH), (-16, BRIDGE)]
)
def test_a_search_leaves_the_earth_where_a_structure_is_cheaper(height, kind):
    # A ridge or a hollow across the map, 300 m wide, that no road can climb at 0.02 %.
    ground = np.zeros((3, 36))
    ground[:, 13:23] = height
    dem = Raster(ground, Grid(ground.shape, Affine(CELL, 0, 0, 0, -CELL, 0), CRS(4549)))
    limits = replace(LIMITS, max_bridge_m=600, max_tunnel_m=600)
    ends = [((column + 0.5) * CELL, -1.5 * CELL) for column in (4, 31)]
    road = search(dem, ends, limits, COSTS, lattice=LATTICE)
    assert set(road.structure.tolist()) == {EARTH, kind}
