"""Profiles in pieces: they match at their joints, and together obey what one piece obeys."""

import math
from dataclasses import asdict, replace

import numpy as np
import pytest

from geo.alignment.checker import breaches
from geo.alignment.profile import long
from geo.alignment.profile.long import long_profile
from geo.alignment.profile.optimum import Effort, optimise
from geo.alignment.profile.verticals import most_rise
from geo.alignment.values import EARTH, TUNNEL, Costs, Fixed, Limits, Profile
from geo.alignment.works.stationing import Posts, examined, structures_at, thinned
from geo.errors import InfeasibleError

MEANS = ((200.0, 500.0, 0.055), (500.0, math.inf, 0.05))
LIMITS = Limits(
    0.08,
    30,
    25,
    100,
    450,
    450,
    50,
    mean_grades=MEANS,
    window_grade=0.055,
    max_cut_m=30,
    max_fill_m=20,
)
COSTS = Costs(32, 18, 60_000, 900, 100_000, 9, 0.75, 1.5, 4000, 120)
EFFORT = Effort(gap=1e-3)


def posts(ground, every=5.0, on_top=None):
    s = np.arange(len(ground)) * every
    return Posts(s, s, 0 * s, np.asarray(ground, dtype=float), 0 * s, 0 * s, on_top)


def rolling(length, seed):
    """Hills of several sizes on a slow climb."""
    rng = np.random.default_rng(seed)
    s = np.arange(0.0, length + 1, 5.0)
    waves = sum(
        size * np.sin(s / wave + rng.uniform(0, 7))
        for size, wave in ((30, 900), (12, 260), (3, 70))
    )
    return waves + 0.03 * np.minimum(s, length / 2)


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.prove)])
def test_a_long_road_passes_the_independent_test(seed):
    road = posts(rolling(14_000, seed))
    ends = Fixed(float(road.ground[0]), float(road.ground[-1]))
    found = long_profile(road, LIMITS, COSTS, fixed=ends, effort=EFFORT)
    assert breaches(examined(road, found), asdict(LIMITS)).empty
    assert found.design[[0, -1]] == pytest.approx([road.ground[0], road.ground[-1]], abs=1e-6)
    assert 0 < found.bound_yuan <= found.cost_yuan


def test_pieces_cost_little_more_than_the_whole(monkeypatch):
    road = posts(rolling(9_000, 3))
    ends = Fixed(float(road.ground[0]), float(road.ground[-1]))
    one = optimise(thinned(road, np.arange(0, 1801, 4)), LIMITS, COSTS, fixed=ends, effort=EFFORT)
    monkeypatch.setattr(long, "WHOLE_M", 4000.0)
    monkeypatch.setattr(long, "PIECE_M", 2500.0)
    pieces = long_profile(road, LIMITS, COSTS, fixed=ends, effort=EFFORT)
    assert len(pieces.s) > len(one.s) - 8
    assert pieces.cost_yuan <= 1.03 * one.cost_yuan
    assert breaches(examined(road, pieces), asdict(LIMITS)).empty


def test_a_climb_at_the_mean_grade_holds_across_joints(monkeypatch):
    # 12 km that climb 5.4 % all the way: no 3 km, and no rise below 500 m, may be steeper than
    # 5.5 %, but beyond 500 m the road may climb 5 % only: at 12 km it is 48 m and more below ground.
    monkeypatch.setattr(long, "WHOLE_M", 4000.0)
    s = np.arange(0.0, 12_001, 5.0)
    road = posts(0.054 * s)
    found = long_profile(road, LIMITS, COSTS, fixed=Fixed(0.0, 590.0), effort=EFFORT)
    assert breaches(examined(road, found), asdict(LIMITS)).empty
    assert found.structure[-1] == TUNNEL


def test_posts_between_stations_keep_within_cut_and_fill():
    # A spike 40 m high between two stations 20 m apart: a cut of 30 m does not pass it, a tunnel
    # does, and the stations alone would not have told.
    ground = np.zeros(401)
    ground[202] = 40.0
    road = posts(ground)
    found = long_profile(road, LIMITS, COSTS, fixed=Fixed(0.0, 0.0), effort=EFFORT)
    kinds = structures_at(found, road.s)
    assert (kinds[201:203] == TUNNEL).all()
    assert breaches(examined(road, found), asdict(LIMITS)).empty


def test_a_piece_that_finds_no_way_on_is_joined_with_the_one_before(monkeypatch):
    # A wall of 150 m at 9 km without tunnels: only a road that begins to climb 3 km before, at
    # 5 %, on bridges of any height, comes over it. Pieces of 4 km see it too late.
    monkeypatch.setattr(long, "WHOLE_M", 4000.0)
    s = np.arange(0.0, 12_001, 5.0)
    ground = np.where(s > 9000, 150.0, 0.0)
    limits = replace(LIMITS, max_tunnel_m=0.0)
    road = posts(ground)
    found = long_profile(road, limits, COSTS, fixed=Fixed(0.0, 150.0), effort=EFFORT)
    assert breaches(examined(road, found), asdict(limits)).empty


def test_where_no_profile_exists_the_least_relaxation_is_named():
    road = posts(np.linspace(0, 300, 401))  # 15 % over 2 km
    with pytest.raises(InfeasibleError) as caught:
        long_profile(road, LIMITS, COSTS, fixed=Fixed(0.0, 300.0), effort=EFFORT)
    # Steepest and mean grades must give way together, by 15 / 5.5: a rise of 300 m at 15 %.
    needed = {problem.field: problem.expected for problem in caught.value.problems}
    assert set(needed) == {"max_grade", "window_grade", "mean_grades"}
    assert float(needed["mean_grades"].split()[1]) == pytest.approx(15.0, rel=0.01)


def test_rises_carried_over_a_joint_are_those_of_the_rules():
    # 3 km that climb 5 %, then a joint: 150 m up. A stretch of 3 km may rise 165 m, so 1000 m on
    # it may rise 165 − 100 = 65 m (from 2 km before the joint), less the slack of the sampling.
    pvi = np.array([(0.0, 0.0, 0.0), (3000.0, 150.0, 0.0)])
    window = replace(LIMITS, mean_grades=())
    rises = {to: most for _, to, most in long._carried(pvi, 6000.0, window)}
    assert rises[4000.0] == pytest.approx(65.0 - 0.8)
    bands = replace(LIMITS, window_grade=math.inf)
    held = {to: most for _, to, most in long._carried(pvi, 6000.0, bands)}
    # 3636 m may rise 200 m; from 364 m to the joint the road has risen 131.8 m: 68.2 m are left.
    assert held[4000.0] == pytest.approx(68.2 - 0.8, abs=0.05)


def test_most_rises_are_those_of_single_distances():
    distance = np.array([10.0, 3000, 3636, 3700, 9000, 9095, 9999, 10_050, 20_000])
    many = long._most_rises(distance, MEANS)
    assert many.tolist() == pytest.approx([most_rise(float(d), MEANS) for d in distance])


def test_thinned_stations_cost_the_mean_of_their_metres():
    on_top = np.zeros((8, 3))
    on_top[:4, EARTH] = [0, 100, 200, 300]
    on_top[6, TUNNEL] = np.inf
    road = posts(np.zeros(9), on_top=on_top)
    coarse = thinned(road, np.array([0, 4, 8]))
    assert coarse.on_top[0].tolist() == [150.0, 0.0, 0.0]
    assert coarse.on_top[1].tolist() == [0.0, 0.0, math.inf]


def test_structures_are_those_of_the_stations_before():
    profile = Profile(
        np.array([0.0, 20, 40]), np.zeros(3), np.array([EARTH, TUNNEL]), np.zeros((2, 3)), 0, 0, 0
    )
    assert structures_at(profile, np.arange(0.0, 41, 10)).tolist() == [0, 0, 2, 2]
