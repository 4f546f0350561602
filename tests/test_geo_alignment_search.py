"""Road searches worked by hand, and laws that every search keeps."""

import math
from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.alignment.plan.joining import join
from geo.alignment.profile.sweeps import sweep_backward, sweep_forward
from geo.alignment.search.expand import expand
from geo.alignment.search.states import least_to_go, reweighted
from geo.alignment.search.terrain import Lattice, Zones, search
from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Costs, Limits
from geo.errors import InfeasibleError, InputError, LimitError
from geo.grid import Grid
from geo.raster import Raster

CELL = 30.0
LIMITS = Limits(
    0.08,
    20,
    0,
    60,
    200,
    200,
    20,
    max_cut_m=6,
    max_fill_m=6,
    max_bridge_m=0,
    max_tunnel_m=0,
    min_structure_m=0,
)
COSTS = Costs(20, 15, 50_000, 0, 80_000, 8, 0.75, 1.5, pavement_yuan_m=1000)
FREE_WORKS = replace(COSTS, cut_yuan_m3=0, fill_yuan_m3=0)
EXACT = Lattice(coarse=1)
LEAN = Lattice(headings=16, coarse=1, deepest_m=6, highest_m=6)
ROOMY = replace(LIMITS, max_cut_m=20, max_fill_m=20, max_bridge_m=300, max_tunnel_m=600)


def terrain(heights):
    heights = np.asarray(heights, dtype=np.float64)
    return Raster(heights, Grid(heights.shape, Affine(CELL, 0, 0, 0, -CELL, 0), CRS(4549)))


def like(dem, values):
    return Raster(np.broadcast_to(np.asarray(values, dtype=np.float64), dem.grid.shape), dem.grid)


def at(row, column):
    return ((column + 0.5) * CELL, -(row + 0.5) * CELL)


def straight(road):
    return math.dist(road.xy[0], road.xy[-1])


# By hand


def test_up_a_gentle_plane_it_goes_straight():
    # 4 % east, 20 cells of 30 m on the ground at 1,000 yuan/m: 600,000; steps of heights are 1.2 m,
    # what the plane rises from cell to cell, so that there is no earthwork.
    plane = terrain(np.tile(np.arange(30) * 1.2, (15, 1)))
    road = search(plane, [at(7, 4), at(7, 24)], LIMITS, COSTS, lattice=Lattice(height_step_m=1.2))
    assert road.length_m == 600
    assert road.cost_yuan == pytest.approx(600_000)
    assert road.gap == 0
    assert np.allclose(np.diff(road.z), 1.2)


def test_up_a_steep_plane_it_goes_aslant_at_full_grade():
    # Along two cells north, one east a step is 30 √5 = 67.08 m and leads 30 m east. With
    # 8 % × √5 = 17.89 % east that is 8 % along it: five steps on the ground, 335.41 m. Each step
    # climbs 5.367 m, two steps of heights of 2.683 m.
    rise = 0.08 * math.sqrt(5) * CELL
    plane = terrain(np.tile(np.arange(20) * rise, (30, 1)))
    lattice = Lattice(height_step_m=rise / 2)
    road = search(plane, [at(20, 5), at(10, 10)], LIMITS, COSTS, lattice=lattice)
    assert road.cost_yuan == pytest.approx(335_410, abs=1)
    assert road.length_m == pytest.approx(335.41, abs=0.01)


def test_up_a_steep_plane_it_is_as_long_as_the_rise_takes():
    # Ten cells straight up 17.89 %: a rise of 53.67 m takes 670.8 m at 8 %. In two slants: ten
    # steps of 67.08 m and a turn between, whose curve saves a few metres but has to turn by 127°.
    rise = 0.08 * math.sqrt(5) * CELL
    plane = terrain(np.tile(np.arange(25) * rise, (40, 1)))
    lattice = Lattice(height_step_m=rise / 2)
    road = search(plane, [at(20, 5), at(20, 15)], LIMITS, FREE_WORKS, lattice=lattice)
    assert 53.67 / 0.08 - 2 * 6 / 0.08 < road.length_m < 1.2 * 53.67 / 0.08
    assert np.abs(np.diff(road.z)).sum() == pytest.approx(53.67, abs=0.02)  # never down again


def test_round_a_cone_it_spirals_up_and_down_at_full_grade():
    # A cone of 60 %, from 900 m east of the tip to 900 m west of it, earthwork free within 8 m.
    # Climbing g = 8 % brings it dr = −g / 0.6 ds = −0.1333 ds nearer, so it turns by
    # dθ = √(1 − 0.1333²) ds / r = 0.9911 ds / r: half of the way, θ = π/2, ends where
    # ln(900 / r) = π/2 × 0.1333 / 0.9911 = 0.2113, r = 728.6 m after (900 − 728.6) / 0.1333 =
    # 1,285.5 m. The whole is 2,571 m, less what 8 m of cut are off the ground: 13 m of radius, 1.5 %;
    # more for the headings, 0.8 %, and for climbing in whole steps of 2.4 m.
    rows, columns = np.mgrid[:50, :75]
    cone = terrain(900 - 0.6 * CELL * np.hypot(rows - 44, columns - 37))
    limits = replace(LIMITS, max_cut_m=8, max_fill_m=8)
    road = search(cone, [at(44, 67), at(44, 7)], limits, FREE_WORKS)
    assert 0.975 * 2571 < road.length_m < 1.03 * 2571
    assert road.cost_yuan == pytest.approx(1000 * road.length_m)


def test_a_ridge_is_crossed_by_its_one_pass():
    # A wall along column 15 but for rows 7–11. From (2, 4) down along (1, 2) five steps to (7, 14),
    # two cells east through the edge of the pass, and up again: 10 × 67.08 + 60 = 730.8 m, less
    # 2 × (2T − RΔ) for the two curves by Δ = 26.57°: T = 20 tan 13.28° = 4.72, RΔ = 9.27: 0.3 m.
    wall = np.zeros((30, 31))
    wall[:, 15] = 90
    wall[7:12, 15] = 0
    road = search(terrain(wall), [at(2, 4), at(2, 26)], LIMITS, FREE_WORKS, lattice=EXACT)
    assert road.length_m == pytest.approx(730.5, rel=0.005)
    crossing = road.xy[np.abs(road.xy[:, 0] - 15.5 * CELL) < CELL, 1]
    assert (crossing < -7 * CELL).all()
    assert (crossing > -12 * CELL).all()


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
    # 100 yuan for each square metre below: two readings of 90 m, 30 m apart: 540,000 more; earthwork
    # is so dear then that no cut before it pays.
    gorge = np.zeros((15, 30))
    gorge[:, 10:12] = -90
    limits = replace(LIMITS, max_bridge_m=200)
    road = search(terrain(gorge), [at(7, 2), at(7, 22)], limits, COSTS)
    assert road.cost_yuan == pytest.approx(5_010_000)
    assert np.count_nonzero(road.structure == BRIDGE) == 3
    high = replace(COSTS, bridge_height_yuan_m2=100, cut_yuan_m3=1e4, fill_yuan_m3=1e4)
    road = search(terrain(gorge), [at(7, 2), at(7, 22)], limits, high)
    assert road.cost_yuan == pytest.approx(5_550_000)


def test_water_is_crossed_on_a_bridge_alone():
    # A river two cells wide in level ground: 3 steps of bridge as above, 5,010,000 yuan.
    level = terrain(np.zeros((15, 30)))
    river = np.zeros((15, 30))
    river[:, 10:12] = np.inf
    zones = Zones(like(level, 0), earth=like(level, river))
    limits = replace(LIMITS, max_bridge_m=200)
    road = search(level, [at(7, 2), at(7, 22)], limits, COSTS, zones=zones)
    assert road.cost_yuan == pytest.approx(5_010_000)
    with pytest.raises(InfeasibleError, match="max_bridge_m"):
        search(level, [at(7, 2), at(7, 22)], LIMITS, COSTS, zones=zones)


def test_a_zone_that_repels_is_passed_by_or_crossed_as_its_price_says():
    # A field of 3 columns, rows 0–27. Crossed: three readings within it, 3 × 30 m × 2,000 = 180,000
    # on top of 600,000. Round it, through row 28 at columns 9–13, 2 × 30 √(21² + 8²) + 120 = 1,468 m
    # or a little less: 868 m more, which pays at ten times the price, 1,800,000.
    level = terrain(np.zeros((41, 30)))
    field = np.zeros((41, 30))
    field[:28, 10:13] = 2000
    crossed = search(level, [at(7, 2), at(7, 22)], LIMITS, COSTS, zones=Zones(like(level, field)))
    assert crossed.cost_yuan == pytest.approx(780_000)
    round_it = search(
        level,
        [at(7, 2), at(7, 22)],
        LIMITS,
        COSTS,
        zones=Zones(like(level, 10 * field)),
        lattice=EXACT,
    )
    assert round_it.cost_yuan == pytest.approx(1000 * round_it.length_m, rel=1e-3)
    assert round_it.length_m == pytest.approx(1468, rel=0.03)


def test_it_leads_through_points_in_their_order():
    level = terrain(np.zeros((30, 40)))
    points = [at(5, 5), at(5, 20), at(20, 20)]
    road = search(level, points, LIMITS, COSTS)
    assert [tuple(road.xy[i]) for i in road.stops] == points
    # Two legs of 450 m; the curve between them leads through the point, not past it.
    assert 900 < road.length_m < 930
    assert list(road.stops) == sorted(road.stops)


def test_a_short_leg_among_long_ones_is_searched_coarsely_all_the_same():
    level = terrain(np.zeros((30, 70)))
    lattice = Lattice(deepest_m=0, highest_m=0)
    road = search(level, [at(15, 5), at(15, 50), at(15, 60)], LIMITS, COSTS, lattice=lattice)
    assert road.corridor_m == lattice.tube_m
    assert road.length_m == 55 * CELL


@pytest.mark.parametrize("turned", range(8))
def test_a_straight_line_on_level_ground_is_at_most_one_per_cent_too_long(turned):
    # Between headings 14.04° apart the worst is 1 / cos 7.02° = 1.0076.
    level = terrain(np.zeros((150, 150)))
    lattice = Lattice(deepest_m=0, highest_m=0, stretch=1.02, margin_m=100)
    random = np.random.default_rng(turned)
    for degrees in turned * 45 + random.uniform(0, 45, 4):
        row = 75 - 66 * math.sin(math.radians(degrees))
        column = 75 + 66 * math.cos(math.radians(degrees))
        points = [at(75, 75), at(round(row), round(column))]
        road = search(level, points, LIMITS, COSTS, lattice=lattice)
        assert math.dist(*points) - 1e-6 <= road.length_m <= 1.01 * math.dist(*points)


# Budgets, refusals, progress


def hills(seed, side=60):
    random = np.random.default_rng(seed)
    coarse = random.normal(0, 60, (side // 10 + 2, side // 10 + 2))
    rows, columns = np.mgrid[:side, :side] / 10
    r, c = rows.astype(int), columns.astype(int)
    down, right = rows - r, columns - c
    return terrain(
        (1 - down) * ((1 - right) * coarse[r, c] + right * coarse[r, c + 1])
        + down * ((1 - right) * coarse[r + 1, c] + right * coarse[r + 1, c + 1])
    )


@pytest.mark.parametrize("seed", range(2))
def test_a_stretched_budget_gives_the_best_found_and_its_gap(seed):
    dem, points = hills(seed, 30), [at(3, 3), at(25, 26)]
    best = search(dem, points, ROOMY, COSTS, lattice=LEAN)
    assert best.gap == 0
    assert best.bound_yuan == best.cost_yuan
    gaps = []
    for share in (0.9, 0.5, 0.2):
        lattice = replace(LEAN, budget_states=int(share * best.states))
        road = search(dem, points, ROOMY, COSTS, lattice=lattice)
        assert road.bound_yuan <= best.cost_yuan * (1 + 1e-9)
        assert best.cost_yuan <= road.cost_yuan * (1 + 1e-9)
        assert road.gap == pytest.approx(1 - road.bound_yuan / road.cost_yuan)
        gaps.append(road.gap)
    assert gaps[-1] > 0


def test_a_budget_too_small_for_any_road_says_so():
    with pytest.raises(LimitError, match="budget_states"):
        search(hills(0), [at(5, 5), at(52, 50)], LIMITS, COSTS, lattice=Lattice(budget_states=9))


def test_the_wall_says_how_long_a_tunnel_must_be():
    # 4 cells of wall: 5 steps = 150 m between level cells.
    wall = np.zeros((15, 30))
    wall[:, 10:14] = 90
    with pytest.raises(InfeasibleError) as refused:
        search(terrain(wall), [at(7, 2), at(7, 22)], replace(LIMITS, max_tunnel_m=90), COSTS)
    (problem,) = (p for p in refused.value.problems if p.field == "max_tunnel_m")
    assert problem.found == "90 m"
    assert problem.remedy.en == "least that opens a road: 150 m"
    assert problem.remedy.zh == "最小可行放宽：150 m"
    assert "max_bridge_m" not in {p.field for p in refused.value.problems}


def test_a_steep_corridor_says_what_grade_it_takes():
    # One way up at 12 %, 108 m in 900 m. With 2 m of fill at the foot and 2 m of cut at the top 104 m
    # are left, 11.6 %: of steps of half a per cent the first that is enough is 12 %.
    valley = np.full((7, 40), np.nan)
    valley[3] = np.arange(40) * 0.12 * CELL
    limits = replace(LIMITS, max_cut_m=2, max_fill_m=2)
    with pytest.raises(InfeasibleError) as refused:
        search(terrain(valley), [at(3, 5), at(3, 35)], limits, COSTS)
    (problem,) = (p for p in refused.value.problems if p.field == "max_grade")
    assert problem.remedy.en.endswith("0.120")


def test_a_forbidden_belt_says_that_it_binds():
    level = terrain(np.zeros((15, 30)))
    belt = np.zeros((15, 30))
    belt[:, 12] = np.inf
    with pytest.raises(InfeasibleError) as refused:
        search(level, [at(7, 2), at(7, 22)], LIMITS, COSTS, zones=Zones(like(level, belt)))
    assert "zones" in {p.field for p in refused.value.problems}


def test_points_outside_are_refused_all_at_once():
    with pytest.raises(InputError) as refused:
        search(terrain(np.zeros((5, 5))), [(-50, -50), (75, 900)], LIMITS, COSTS)
    assert len(refused.value.problems) == 2


def test_figures_out_of_range_are_refused_all_at_once():
    with pytest.raises(InputError) as refused:
        Lattice(headings=12, stretch=0.5, margin_m=-1)
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize(
    "kernel", [expand, least_to_go, reweighted, join, sweep_backward, sweep_forward]
)
def test_kernels_that_run_long_let_other_threads_run(kernel):
    assert kernel.targetoptions["nogil"]


def test_progress_rises_to_one():
    told = []
    search(
        hills(1),
        [at(5, 5), at(52, 50)],
        replace(LIMITS, max_cut_m=20, max_fill_m=20),
        COSTS,
        lattice=Lattice(progress=told.append),
    )
    assert told == sorted(set(told))
    assert told[-1] == 1


def test_coarse_to_fine_finds_what_the_whole_search_finds():
    for seed in range(2):
        dem, points = hills(seed, 44), [at(5, 5), at(38, 36)]
        best = search(dem, points, ROOMY, COSTS, lattice=LEAN)
        near = search(dem, points, ROOMY, COSTS, lattice=replace(LEAN, coarse=3))
        assert best.corridor_m == math.inf
        assert near.corridor_m == Lattice().tube_m
        assert best.cost_yuan * (1 - 1e-9) <= near.cost_yuan <= 1.1 * best.cost_yuan


def test_the_road_told_is_the_road_paid_for():
    road = search(hills(2), [at(5, 5), at(52, 50)], ROOMY, COSTS)
    legs = np.hypot(*np.diff(road.xy, axis=0).T)
    assert legs.max() < 1.5 * CELL
    assert 0.97 * road.length_m <= legs.sum() <= road.length_m + 1e-6
    assert (np.abs(np.diff(road.z)) <= 0.08 * legs * 1.1 + 1e-6).all()
    assert road.cost_yuan >= 1000 * road.length_m


# Laws

heights = st.lists(st.integers(-3, 3), min_size=48, max_size=48)
SMALL = Lattice(headings=8, coarse=1, height_step_m=2.4, deepest_m=4.8, highest_m=4.8)
LAWFUL = replace(LIMITS, max_bridge_m=150, max_tunnel_m=150)


def cost(dem, points, costs=COSTS, zones=None, limits=LAWFUL):
    try:
        return search(dem, points, limits, costs, zones=zones, lattice=SMALL).cost_yuan
    except InfeasibleError:
        return math.inf


@pytest.fixture(autouse=True)
def _quick(request, monkeypatch):
    """Laws ask for costs alone: not why there is no road."""
    if "law" in request.node.name:
        monkeypatch.setattr("geo.alignment.search.loosening.problems", lambda *_: [])


LAWS = settings(max_examples=60)


@LAWS
@given(heights, st.sets(st.integers(0, 47)), st.sets(st.integers(0, 47)))
def test_law_forbidding_more_never_makes_it_cheaper(steps, some, more):
    # Without structures: beside a forbidden cell one may begin that rule 3 allows nowhere else.
    dem = terrain(np.reshape(steps, (6, 8)) * 2.4)
    found = []
    for forbidden in (set(), some, some | more):
        zone = np.zeros(48)
        zone[[i for i in forbidden if i not in (9, 38)]] = np.inf
        zones = Zones(like(dem, zone.reshape(6, 8)))
        found.append(cost(dem, [at(1, 1), at(4, 6)], zones=zones, limits=LIMITS))
    assert found == sorted(found)


@LAWS
@given(heights)
def test_law_the_way_back_costs_the_same(steps):
    # On ground in whole steps of heights, where rounding is the same from both ends.
    dem = terrain(np.reshape(steps, (6, 8)) * 2.4)
    there, back = cost(dem, [at(1, 1), at(4, 6)]), cost(dem, [at(4, 6), at(1, 1)])
    assert there == pytest.approx(back, rel=1e-9)


@LAWS
@given(heights, st.floats(0.1, 50))
def test_law_costs_scale_with_prices(steps, factor):
    dem = terrain(np.reshape(steps, (6, 8)) * 2.4)
    prices = ("cut_yuan_m3", "fill_yuan_m3", "bridge_yuan_m", "tunnel_yuan_m", "pavement_yuan_m")
    dearer = replace(COSTS, **{name: factor * getattr(COSTS, name) for name in prices})
    points = [at(1, 1), at(4, 6)]
    assert cost(dem, points, dearer) == pytest.approx(factor * cost(dem, points), rel=1e-9)


@LAWS
@given(heights, st.integers(-40, 40))
def test_law_only_differences_of_height_count(steps, lift):
    ground = np.reshape(steps, (6, 8)) * 2.4
    points = [at(1, 1), at(4, 6)]
    assert cost(terrain(ground + lift), points) == pytest.approx(cost(terrain(ground), points))


@LAWS
@given(heights)
def test_law_wider_limits_never_make_it_dearer(steps):
    dem = terrain(np.reshape(steps, (6, 8)) * 2.4)
    points = [at(1, 1), at(4, 6)]
    narrow = cost(dem, points)
    for wider in ({"max_bridge_m": 400}, {"max_tunnel_m": 400}, {"max_cut_m": 20.0}):
        try:
            wide = search(dem, points, replace(LAWFUL, **wider), COSTS, lattice=SMALL).cost_yuan
        except InfeasibleError:
            wide = math.inf
        assert wide <= narrow * (1 + 1e-9)
