"""The designer: answers worked by hand, legal roads on rough ground, what is impossible named."""

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

from geo.alignment.checker import breaches
from geo.alignment.choices import Difference, apart, choices
from geo.alignment.design import Care, design, lay
from geo.alignment.plan.plan import from_intersections, points
from geo.alignment.profile.optimum import Effort
from geo.alignment.search.steepness import steeper
from geo.alignment.search.terrain import Lattice, Path, Zones
from geo.alignment.shifting import Site, priced, shifted
from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Alignment, Costs, Limits, Profile
from geo.alignment.works.stationing import centreline, drawn, examined, posts
from geo.errors import GridError, InfeasibleError
from geo.grid import Grid
from geo.raster import Raster

CELL = 30.0
LIMITS = Limits(
    0.08,
    60,
    35,
    100,
    450,
    450,
    50,
    mean_grades=((200.0, 500.0, 0.055), (500.0, math.inf, 0.05)),
    window_grade=0.055,
    max_cut_m=30,
    max_fill_m=20,
)
COSTS = Costs(32, 18, 60_000, 900, 100_000, 9, 0.75, 1.5, 4000, 120)
CARE = Care(lattice=Lattice(headings=16), effort=Effort(5e6, 5e-3), rounds=1)


def terrain(rows, columns, height):
    """Give a raster of height(x, y) at cell centres, x and y from the south-west corner."""
    grid = Grid((rows, columns), Affine(CELL, 0, 0, 0, -CELL, rows * CELL), CRS(4549))
    x, y = grid.xy(*np.indices(grid.shape))
    return Raster(np.asarray(height(x, y) + 0.0 * x), grid)


def at(column, row_from_south):
    return (column + 0.5) * CELL, (row_from_south + 0.5) * CELL


def broken(found):
    return breaches(examined(found.posts, found.road.profile), asdict(found.road.limits))


def test_a_tilted_plane_is_climbed_straight():
    # 4 % along x: 1,500 m straight up, on the ground: pavement and land alone,
    # (4,000 + 9 m × 120) yuan/m × 1,500 m = 7.62 M yuan.
    plane = terrain(40, 70, lambda x, _: 0.04 * x)
    found = design(plane, [at(10, 20), at(60, 20)], LIMITS, COSTS, care=CARE)
    assert found.road.plan.length_m == pytest.approx(1500.0)
    assert found.road.profile.cost_yuan == pytest.approx(7_620_000, rel=1e-6)
    assert broken(found).empty


def test_a_ridge_that_only_a_tunnel_crosses():
    # A ridge 300 m high and 240 m wide from edge to edge: 8 % climbs 60 m in the 750 m before it;
    # no cut of 30 m passes. The tunnel is as wide as the ridge, less what the cuts at its ends take.
    ridge = terrain(40, 60, lambda x, _: np.clip(300 - 2.5 * np.abs(x - 900), 0, None))
    found = design(ridge, [at(4, 20), at(55, 20)], LIMITS, COSTS, care=CARE)
    bored = np.diff(found.road.profile.s)[found.road.profile.structure == TUNNEL].sum()
    assert 150 <= bored <= 240
    assert (found.road.profile.structure != BRIDGE).all()
    assert broken(found).empty
    with pytest.raises(InfeasibleError) as caught:
        design(ridge, [at(4, 20), at(55, 20)], replace(LIMITS, max_tunnel_m=0.0), COSTS, care=CARE)
    assert any("max_tunnel_m" in problem.field for problem in caught.value.problems)


def test_a_gorge_that_only_a_bridge_crosses():
    # Upright banks 210 m apart, 150 m deep: a bridge of 210 m and the intervals it begins in.
    gorge = terrain(40, 60, lambda x, _: np.where(np.abs(x - 900) < 105, -150.0, 0.0))
    found = design(gorge, [at(4, 20), at(55, 20)], LIMITS, COSTS, care=CARE)
    bridged = np.diff(found.road.profile.s)[found.road.profile.structure == BRIDGE].sum()
    assert 180 <= bridged <= 290
    assert broken(found).empty


def test_a_forbidden_zone_is_gone_round_or_under():
    level = terrain(50, 60, lambda x, _: 0.0 * x)
    x, y = level.grid.xy(*np.indices(level.grid.shape))
    wall = (np.abs(x - 900) < 60) & (y > 300)
    zones = Zones(Raster(np.where(wall, np.inf, 0.0), level.grid))
    found = design(level, [at(5, 25), at(55, 25)], LIMITS, COSTS, zones=zones, care=CARE)
    rows, columns = level.grid.index(found.posts.x, found.posts.y)
    inside = wall[rows, columns]
    under = np.append(found.road.profile.structure, EARTH)
    assert not inside.any() or (under[inside[: under.size]] == TUNNEL).all()
    assert broken(found).empty
    # A tunnel needs ground above it, and there is none on level ground: the road goes round.
    assert not inside.any()
    assert found.road.plan.length_m > 1550


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    ("grade", "radius", "spiral", "slope", "vertical"),
    [(0.06, 125, 50, 150, 1000), (0.09, 15, 20, 60, 100)],
)
def test_roads_on_rough_ground_pass_the_independent_test(
    seed, grade, radius, spiral, slope, vertical
):
    rng = np.random.default_rng(seed)
    waves = rng.uniform(150, 900, (4, 2)), rng.uniform(0, 7, 4), rng.uniform(5, 45, 4)
    ground = terrain(
        60,
        60,
        lambda x, y: sum(
            high * np.sin(x / a + shift) * np.cos(y / b)
            for (a, b), shift, high in zip(*waves, strict=True)
        ),
    )
    limits = replace(
        LIMITS,
        max_grade=grade,
        min_radius_m=radius,
        min_spiral_m=spiral,
        min_slope_length_m=slope,
        min_vertical_radius_m=vertical,
        min_sag_radius_m=vertical,
        min_curve_m=2 * spiral,
        same_turn_m=360 if radius == 125 else 0,  # at 60 km/h; slower they are advice
        opposite_turn_m=120 if radius == 125 else 0,
        general_radius_m=1.6 * radius,
    )
    start, end = (at(*rng.integers(10, 50, 2)) for _ in range(2))
    if math.dist(start, end) < 300:
        end = at(49, 49)
    found = design(ground, [start, end], limits, COSTS, care=CARE)
    assert broken(found).empty
    profile = found.road.profile
    assert profile.bound_yuan <= profile.cost_yuan <= found.fitted_yuan * (1 + 1e-9)
    assert (found.posts.x[0], found.posts.y[0]) == pytest.approx(start, abs=1e-6)
    assert (found.posts.x[-1], found.posts.y[-1]) == pytest.approx(end, abs=1e-6)
    assert profile.design[[0, -1]] == pytest.approx(found.posts.ground[[0, -1]], abs=1e-6)


def test_what_is_impossible_says_which_limit_binds():
    # A cliff of 200 m across the whole ground, 600 m of way, no structures.
    cliff = terrain(20, 40, lambda x, _: np.where(x > 600, 200.0, 0.0))
    bare = replace(LIMITS, max_tunnel_m=0.0, max_bridge_m=0.0)
    with pytest.raises(InfeasibleError) as caught:
        design(cliff, [at(5, 10), at(35, 10)], bare, COSTS, care=CARE)
    assert caught.value.exit_code == 4
    assert caught.value.problems
    assert all(problem.field for problem in caught.value.problems)
    assert "按限制条件无可行路线" in caught.value.said("zh")


def test_a_path_steeper_than_mean_grades_is_seen():
    # 4 km at 7 % rise 280 m: beyond 5.5 %. 2 km rise 140 m, below every band and window.
    def path(length):
        s = np.arange(0.0, length + 1, 30.0)
        kinds = np.full(s.size - 1, EARTH)
        return Path(
            np.stack([s, 0 * s], axis=1),
            0.07 * s,
            kinds,
            (0, s.size - 1),
            length,
            1.0,
            1.0,
            0.0,
            math.inf,
            1,
        )

    assert steeper(path(4000.0), LIMITS)
    assert not steeper(path(2000.0), LIMITS)


def test_a_plan_moves_off_a_hill_it_was_led_over():
    # A hill 60 m high on the straight line, a bend led over its flank: further off less is cut.
    hill = terrain(60, 60, lambda x, y: np.clip(60 - 0.2 * np.hypot(x - 900, y - 915), 0, None))
    plan = from_intersections([at(5, 30), (900.0, 700.0), at(55, 30)], radii=300, spirals=35)
    site = Site(hill, LIMITS, COSTS, None)
    level = Profile(
        np.array([0.0, plan.length_m]),
        np.zeros(2),
        np.array([EARTH]),
        np.array([(0.0, 0.0, 0.0), (plan.length_m, 0.0, 0.0)]),
        0.0,
        0.0,
        0.0,
    )
    found = shifted(plan, level, site)
    assert priced(found, level, site) < priced(plan, level, site)
    assert found.intersections[1, 1] < 700.0
    assert found.radii.min() >= LIMITS.min_radius_m
    for end in (0.0, 1.0):
        x, y, _, _ = points(found, end * found.length_m)
        x0, y0, _, _ = points(plan, end * plan.length_m)
        assert (float(x), float(y)) == pytest.approx((float(x0), float(y0)), abs=1e-6)


def test_lengths_agree_between_plan_line_and_chainage():
    plan = from_intersections(
        [(0, 0), (400, 0), (400, 400), (900, 700), (1500, 100)], radii=[60, 90, 150], spirals=35
    )
    pvi = np.array([(0.0, 0.0, 0.0), (plan.length_m, 20.0, 0.0)])
    flat = Profile(np.array([0.0, plan.length_m]), pvi[:, 1], np.array([EARTH]), pvi, 0, 0, 0)
    road = Alignment(plan, flat, LIMITS)
    line = drawn(road)
    assert np.hypot(*np.diff(line[:, :2], axis=0).T).sum() == pytest.approx(plan.length_m, abs=5e-3)
    assert line[[0, -1], 2].tolist() == pytest.approx([0.0, 20.0])
    assert centreline(road).s[-1] == pytest.approx(plan.length_m)
    # No vertex is further than 5 cm from the road.
    x, y, _, _ = points(plan, np.linspace(0, plan.length_m, 40_001))
    away = [np.hypot(x - px, y - py).min() for px, py in line[::25, :2]]
    assert max(away) < 0.06


def test_unknown_ground_under_a_road_is_named():
    holed = terrain(20, 20, lambda x, _: np.where(np.abs(x - 300) < 60, np.nan, 0.0))
    plan = from_intersections([at(2, 10), at(17, 10)], radii=[])
    with pytest.raises(GridError) as caught:
        posts(plan, holed)
    assert "m" in caught.value.problems[0].row


def test_alternatives_keep_off_each_other_and_are_priced_without_what_led_them():
    level = terrain(60, 70, lambda x, _: 0.0 * x)
    site = Site(level, LIMITS, COSTS, None)
    wanted = Difference(250.0, 0.4)
    found = choices(site, [at(10, 30), at(55, 30)], 2, difference=wanted, care=CARE)
    assert len(found) == 2
    one, other = found
    assert apart(other.posts, [one.posts], 250.0) >= 0.4
    per_metre = 4000 + 9 * 120
    for road in found:
        assert road.road.profile.cost_yuan == pytest.approx(
            per_metre * road.road.plan.length_m, rel=1e-3
        )
        assert broken(road).empty


def test_a_road_is_laid_along_a_path_that_is_given():
    level = terrain(40, 60, lambda x, _: 0.0 * x)
    xy = np.array([at(c, 20) for c in range(5, 30)] + [at(30, r) for r in range(20, 36)])
    kinds = np.full(len(xy) - 1, EARTH)
    path = Path(xy, np.zeros(len(xy)), kinds, (0, len(xy) - 1), 0.0, 1.0, 1.0, 0.0, math.inf, 1)
    found = lay(Site(level, LIMITS, COSTS, None), path, care=replace(CARE, rounds=0))
    assert found.rounds == 0
    assert broken(found).empty


def test_a_long_road_is_searched_leg_by_leg_and_passes_its_points(monkeypatch):
    from geo.alignment.search import legs

    monkeypatch.setattr(legs, "WHOLE_M", 500.0)
    level = terrain(50, 60, lambda x, _: 0.0 * x)
    shares = []
    care = replace(CARE, rounds=0, progress=lambda step, share: shares.append((step, share)))
    stops = [at(5, 10), at(30, 12), at(32, 40), at(55, 42)]
    found = design(level, stops, LIMITS, COSTS, care=care)
    assert broken(found).empty
    for x, y in stops:
        away = np.hypot(found.posts.x - x, found.posts.y - y).min()
        assert away <= 1.5 * LIMITS.min_radius_m
    told = [share for step, share in shares if step == "search"]
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_an_impossible_leg_is_named():
    from geo.alignment.search.legs import Quest, found_path

    cliff = terrain(12, 60, lambda x, _: np.where(x > 1500, 200.0, 0.0))
    bare = replace(LIMITS, max_tunnel_m=0.0, max_bridge_m=0.0)
    quest = Quest([at(5, 6), at(30, 6), at(55, 6)], bare, bare)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geo.alignment.search.legs.WHOLE_M", 100.0)
        with pytest.raises(InfeasibleError) as caught:
            found_path(cliff, quest, COSTS, zones=None, lattice=CARE.lattice)
    assert all("leg 2" in problem.row.en for problem in caught.value.problems)
    assert all("路段 2" in problem.row.zh for problem in caught.value.problems)
