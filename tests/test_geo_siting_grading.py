"""Levels of pads: by hand, conflicts, volumes against an integrator, what a verifier finds."""

import math
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import shapely

from geo.errors import CrsError, GeometryError, GridError, InfeasibleError, InputError
from geo.exchange.program import Limits
from geo.siting.grading import Rules, Site, WallPrice, design_levels, neighbours, verify
from geo.siting.grading.ground import measured
from geo.siting.grading.limits import feasible, limits
from geo.zonal import zonal
from tests.made_up_pads import (
    EARTH,
    FREE,
    PRICES,
    designed,
    frame,
    linked,
    random_site,
    random_terms,
    terrain,
    town,
    two_flats,
)

# By hand


@pytest.mark.parametrize("east", [0.0, 0.1, -0.3])
@pytest.mark.parametrize("south", [0.02, -0.2])
def test_a_pad_on_a_tilted_plane_lies_at_the_mean(east, south):
    x, y = np.meshgrid(np.arange(40) * 2 + 1, np.arange(40) * 2 + 1)
    site = Site(frame(shapely.box(0, 0, 80, 80)), terrain(200 + east * x + south * y, 2))
    found = designed(site, rules=Rules(balance_m3=0))
    assert found.pads.loc["a", "level_m"] == pytest.approx(200 + 40 * east + 40 * south)
    assert found.cut_m3 == pytest.approx(found.fill_m3)
    if east == 0:
        # a wedge: south x 40 m high at its end, 40 m long, 80 m wide
        assert found.cut_m3 == pytest.approx(abs(south) * 40 * 40 / 2 * 80)
    assert found.cost == pytest.approx(20 * found.cut_m3)
    assert found.gap <= 1e-8


def test_half_cells_count_by_half():
    # 50 m² at 0 m and 100 m² at 3 m: the mean is 2 m, 100 m³ are cut
    site = Site(frame(shapely.box(5, 0, 20, 10)), terrain([[0, 3]]))
    found = designed(site, rules=Rules(balance_m3=0))
    assert found.pads.loc["a"].tolist() == pytest.approx([2, 150, 100, 100])


def test_a_step_limit_costs_what_a_hand_reckons():
    site = Site(two_flats(), terrain([[0, 10]]), linked(("a", "b", 10, 0)))
    found = designed(site, rules=Rules(balance_m3=0, max_step_m=4))
    # levels add up to 10 m and differ by 4 m: 3 m and 7 m; 300 m³ at 12 + 8
    assert found.pads["level_m"].tolist() == pytest.approx([3, 7])
    assert (found.cost, found.cut_m3) == pytest.approx((6000, 300))
    assert found.links["step_m"].tolist() == pytest.approx([-4])
    # one more metre: both levels move by half a metre, 50 m³ less
    assert found.links["relief"].tolist() == pytest.approx([1000])


def test_a_street_limits_by_its_length():
    site = Site(two_flats(), terrain([[0, 10]]), linked(("a", "b", 0, 50)))
    found = designed(site, rules=Rules(balance_m3=0, max_step_m=1, max_grade=0.08))
    # they share no border, so that the street alone limits: 0.08 x 50 = 4 m
    assert found.pads["level_m"].tolist() == pytest.approx([3, 7])
    assert found.links["grade"].tolist() == pytest.approx([0.08])
    assert found.links["wall_m2"].tolist() == [0]


@pytest.mark.parametrize(
    ("walls", "step", "cost"),
    [
        # a metre of step saves 50 m³ of earth at 20: 1,000; along 10 m a wall of 50 a m² costs 500
        ((WallPrice(3, 50),), 10, 10 * 10 * 50),
        # at 500 it costs 5,000: level at 5 m, 500 m³ at 20
        ((WallPrice(3, 500),), 0, 10_000),
        # 50 up to 3 m; 5 m at 90 are 450 a metre run, 150 a metre above 3 m, 1,500 along 10 m
        ((WallPrice(3, 50), WallPrice(5, 90)), 3, 10 * 3 * 50 + 350 * 20),
    ],
)
def test_a_wall_is_as_high_as_it_pays(walls, step, cost):
    site = Site(two_flats(), terrain([[0, 10]]), linked(("a", "b", 10, math.nan)))
    found = designed(site, replace(EARTH, walls=walls), Rules(balance_m3=0))
    assert found.links["step_m"].tolist() == pytest.approx([-step], abs=1e-6)
    assert found.cost == pytest.approx(cost)
    assert found.bound == pytest.approx(cost)


def test_shrinking_earth_lies_lower():
    site = Site(frame(shapely.box(0, 0, 20, 10)), terrain([[0, 10]]))
    found = designed(site, rules=Rules(balance_m3=0, cut_per_fill=1.25))
    # 100 (10 - z) = 1.25 x 100 z
    assert found.pads.loc["a"].tolist() == pytest.approx([40 / 9, 200, 5000 / 9, 4000 / 9])


def test_borrow_and_waste_are_priced_and_limited():
    site = Site(frame(shapely.box(0, 0, 30, 10), low_m=[9.0]), terrain([[0, 10, 10]]))
    found = designed(site, replace(EARTH, borrow=30))
    # at 9 m: 200 m³ cut, 900 m³ filled, 700 m³ borrowed; at 10 m 1,000 m³ all borrowed: dearer
    assert found.pads.loc["a", "level_m"] == pytest.approx(9)
    assert (found.borrow_m3, found.waste_m3) == pytest.approx((700, 0))
    assert found.cost == pytest.approx(200 * 12 + 900 * 8 + 700 * 30)
    with pytest.raises(InfeasibleError):
        designed(site, rules=Rules(balance_m3=699))
    assert designed(site, rules=Rules(balance_m3=700)).borrow_m3 == pytest.approx(700)


def test_ends_and_roads_bound_levels():
    roads = pd.DataFrame({"pad": ["b"], "level_m": [3.0], "length_m": [50.0]})
    site = Site(two_flats(low_m=[2.0, math.nan]), terrain([[0, 10]]), roads=roads)
    found = designed(site, rules=Rules(balance_m3=math.inf, max_grade=0.08))
    assert found.pads["level_m"].tolist() == pytest.approx([2, 7])  # 3 + 0.08 x 50
    loose = designed(site)  # without a steepest grade the road binds nothing
    assert loose.pads["level_m"].tolist() == pytest.approx([2, 10])


def test_levels_in_conflict_are_named_with_what_they_must_give():
    pads = two_flats(low_m=[10.0, math.nan], high_m=[math.nan, 3.0])
    site = Site(pads, terrain([[0, 10]]), linked(("a", "b", 10, 0)))
    rules = Rules(balance_m3=math.inf, max_step_m=4)
    with pytest.raises(InfeasibleError) as caught:
        design_levels(site, prices=EARTH, rules=rules)
    # 10 - 4 - 3 = 3 m too much
    assert [str(one) for one in caught.value.problems] == [
        "found level of a ≥ 10 m · remedy relax it alone by 3 m at least",
        "found level of b ≤ 3 m · remedy relax it alone by 3 m at least",
        "found step ≤ 4 m between a and b · remedy relax it alone by 3 m at least",
    ]
    assert "台阶 ≤ 4 m" in caught.value.said("zh")
    # or each of the three by a third of it
    assert "all by 1 m at least" in str(caught.value)
    designed(site, rules=replace(rules, max_step_m=7))
    with pytest.raises(InfeasibleError):
        designed(site, rules=replace(rules, max_step_m=6.99))


def test_a_road_out_of_reach_is_named():
    roads = pd.DataFrame({"pad": ["b"], "level_m": [3.0], "length_m": [50.0]})
    site = Site(two_flats(low_m=[math.nan, 9.0]), terrain([[0, 10]]), roads=roads)
    with pytest.raises(InfeasibleError) as caught:
        design_levels(site, prices=EARTH, rules=replace(FREE, max_grade=0.08))
    # 3 m + 0.08 x 50 m = 7 m, 2 m too low
    assert [str(one) for one in caught.value.problems] == [
        "found level of b ≥ 9 m · remedy relax it alone by 2 m at least",
        "found b within 4.000 m of its road at 3 m · remedy relax it alone by 2 m at least",
    ]


def test_a_balance_in_conflict_is_named_with_what_it_must_give():
    # 10 m of ground, 8 m at most: 200 m³ are left, 50 allowed; b has no end, but a street ties it
    pads = two_flats(high_m=[8.0, math.nan])
    site = Site(pads, terrain([[10, 10]]), linked(("a", "b", 0, 10)))
    with pytest.raises(InfeasibleError) as caught:
        design_levels(site, prices=EARTH, rules=Rules(balance_m3=50, max_grade=0))
    # both at 8 m: 400 m³ are left; levels must be 1.75 m higher, or b alone 3.5 m
    assert [str(one) for one in caught.value.problems] == [
        "found level of a ≤ 8 m · remedy relax it alone by 1.75 m at least",
        "found rise of the street ≤ 0.000 m between a and b · remedy relax it alone by 3.5 m at least",
        "found balance within 50 m³ · remedy relax it alone by 350 m³ at least",
    ]


def test_what_is_no_site_is_refused():
    ground = terrain([[0, 10]])
    twins = frame(shapely.box(0, 0, 12, 10), shapely.box(10, 0, 20, 10))
    with pytest.raises(GeometryError, match=r"a, b.*20\.00 m²"):
        design_levels(Site(twins, ground), prices=EARTH, rules=FREE)
    with pytest.raises(GridError, match="row b"):
        design_levels(Site(two_flats(), terrain([[0, np.nan]])), prices=EARTH, rules=FREE)
    with pytest.raises(GridError, match="row b"):
        design_levels(Site(two_flats(), terrain([[0]])), prices=EARTH, rules=FREE)
    with pytest.raises(CrsError):
        Site(two_flats().to_crs(4490), ground)
    with pytest.raises(InputError, match="found z"):
        Site(two_flats(), ground, linked(("a", "z", 1, 0)))
    with pytest.raises(InputError, match="two pads"):
        Site(two_flats(), ground, linked(("a", "a", 1, 0)))
    with pytest.raises(InputError, match="at least 0"):
        Site(two_flats(), ground, linked(("a", "b", -1, 0)))
    with pytest.raises(InputError, match="unique"):
        Site(two_flats().set_axis(["a", "a"]), ground)
    with pytest.raises(InputError, match="street_m"):
        Site(two_flats(), ground, linked(("a", "b", 1, 0)).drop(columns="street_m"))


def test_what_is_no_price_or_rule_is_refused():
    for wrong in ({"cut": -1}, {"waste": math.nan}, {"borrow": math.inf}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            replace(EARTH, **wrong)
    # 3 m: 1,500 a metre run; 5 m at 500: 2,500, so 500 a metre above; at 400: 2,000, only 250
    assert replace(EARTH, walls=(WallPrice(3, 500), WallPrice(5, 500)))
    with pytest.raises(InputError, match="no band of a wall cheaper"):
        replace(EARTH, walls=(WallPrice(3, 500), WallPrice(5, 400)))
    with pytest.raises(InputError, match="rising"):
        replace(EARTH, walls=(WallPrice(3, 500), WallPrice(3, 900)))
    for wrong in ({"balance_m3": -1}, {"max_grade": math.nan}, {"cut_per_fill": 0}):
        with pytest.raises(InputError, match=next(iter(wrong))):
            replace(FREE, **wrong)


def test_no_pads_cost_nothing():
    found = designed(Site(frame().set_crs(4549), terrain([[0, 10]])), rules=Rules(balance_m3=0))
    assert found.pads.empty
    assert (found.cost, found.bound, found.gap) == (0, 0, 0)


def test_neighbours_share_borders_or_lie_near():
    shapes = [shapely.box(*one) for one in ((0, 0, 10, 20), (10, 10, 20, 20), (20, 20, 40, 40))]
    pads = frame(*shapes).iloc[::-1]
    assert neighbours(pads)[["left", "right"]].to_numpy().tolist() == [["a", "b"], ["b", "c"]]
    assert neighbours(pads)["border_m"].tolist() == [10, 0]  # b and c touch in a point
    assert neighbours(pads)["street_m"].tolist() == pytest.approx(
        [math.hypot(10, 5), math.hypot(15, 15)]
    )
    assert len(neighbours(pads, within_m=10)) == 3
    assert neighbours(frame().set_crs(4549)).empty


def spared(seed):
    """Whether a conflict of a random site has a rule that is not needed; None: no conflict."""
    site, (prices, rules) = random_site(seed), random_terms(seed)
    try:
        design_levels(site, prices=prices, rules=rules)
    except InfeasibleError as error:
        ground = measured(site)
        every = limits(site, ground, rules)
        named = {str(one.found) for one in error.problems}
        words = [str(one) for one in (*every.ends.words, *every.steps.words)]
        ends, steps = np.split(np.array([one in named for one in words], bool), [len(every.ends)])
        balance = any("balance" in one for one in named)
        needed = [not feasible(ground, every.kept(ends, steps, balance=balance))]
        for flags in (ends, steps):
            for k in np.flatnonzero(flags):
                flags[k] = False
                needed.append(feasible(ground, every.kept(ends, steps, balance=balance)))
                flags[k] = True
        if balance:
            needed.append(feasible(ground, every.kept(ends, steps, balance=False)))
        return not all(needed)
    return None


def test_conflicts_name_no_rule_that_can_be_spared():
    told = [spared(seed) for seed in range(40)]
    assert told.count(False) >= 3
    assert True not in told


# Volumes


def test_volumes_are_those_of_an_independent_integrator():
    rng = np.random.default_rng(5)
    x, y = np.meshgrid(np.arange(40) * 12.5, np.arange(40) * 12.5)
    dem = terrain(
        300 + 0.12 * x - 0.07 * y + 5 * np.sin(x / 60) + rng.normal(0, 0.5, x.shape), 12.5
    )
    corners = rng.uniform(-12, 12, (3, 3, 4, 2)) + np.array([[0, 0], [90, 0], [90, 90], [0, 90]])
    shapes = [
        shapely.Polygon(corners[r, c] + (30 + 115 * c, 30 + 115 * r))
        for r in range(3)
        for c in range(3)
    ]
    site = Site(frame(*shapes), dem)
    found = designed(site, rules=Rules(balance_m3=100))
    side = 0.2137  # in no small ratio to a cell, so that points spread evenly over cells
    for label, shape in site.pads.geometry.items():
        west, south, east, north = shape.bounds
        px, py = np.meshgrid(
            np.arange(west, east, side) + 0.17, np.arange(south, north, side) + 0.23
        )
        px, py = px[inside := shapely.contains_xy(shape, px, py)], py[inside]
        ground = dem.values[dem.grid.index(px, py)]
        depth = found.pads.loc[label, "level_m"] - ground
        cut, fill = np.maximum(-depth, 0).sum() * side**2, np.maximum(depth, 0).sum() * side**2
        assert found.pads.loc[label, "cut_m3"] == pytest.approx(cut, rel=5e-3)
        assert found.pads.loc[label, "fill_m3"] == pytest.approx(fill, rel=5e-3)
    assert abs(found.cut_m3 - found.fill_m3) <= 100 + 1e-6


@pytest.mark.parametrize("factor", [1.0, 1.1, 0.9])
def test_sixty_pads_take_five_seconds_at_most(factor):
    site, rules = town(), Rules(200, max_step_m=3, max_grade=0.08, cut_per_fill=factor)
    begin = time.process_time()
    found = design_levels(site, prices=PRICES, rules=rules)
    assert time.process_time() - begin <= 5
    assert len(found.pads) == 60
    assert found.gap <= 1e-8
    assert (found.by, found.stopped) == ("prices", False)
    assert abs(found.cut_m3 - factor * found.fill_m3) <= 200 + 1e-3
    assert verify(site, found, prices=PRICES, rules=rules).accepted
    assert (found.links["relief"] > 0).sum() >= 3


def test_sixty_pads_that_need_whole_numbers_take_no_longer():
    # highest levels that are ragged, walls too dear for that, and little to be wasted of what is
    # left: larger fills than levels need would be worth their price
    site = town()
    rough = np.random.default_rng(0).uniform(-3, 1, 60)
    ends = zonal(site.dem, site.pads, stats=["mean"])["mean"] + rough
    capped = Site(site.pads.assign(high_m=ends), site.dem, site.links.assign(street_m=math.nan))
    dear = replace(EARTH, walls=(WallPrice(3, 20_000),))
    rules = Rules(math.inf, max_step_m=30, cut_per_fill=1.25)
    loose = design_levels(capped, prices=dear, rules=rules)
    at_ends = replace(loose, pads=loose.pads.assign(level_m=ends))
    highest = verify(capped, at_ends, prices=dear, rules=rules)
    least = highest.cut_m3 - 1.25 * highest.fill_m3
    begin = time.process_time()
    found = designed(capped, dear, replace(rules, balance_m3=1.3 * least))
    assert time.process_time() - begin <= 5
    assert (found.by, found.stopped) == ("HiGHS", False)
    assert found.gap <= 1e-8


def test_prices_of_limits_say_what_a_metre_more_saves():
    site, rules = town(2, 4), Rules(0, max_step_m=1.5, max_grade=0.06)
    found = designed(site, EARTH, rules)
    wider = designed(site, EARTH, replace(rules, max_step_m=1.501))
    held = found.links["relief"][site.links["border_m"] > 0].sum()
    assert held > 0
    assert found.cost - wider.cost == pytest.approx(held * 0.001, rel=0.02)


def test_a_limit_of_work_gives_the_best_so_far_with_its_bound():
    site, rules = town(2, 4), Rules(0, max_step_m=1.5, max_grade=0.06)
    whole = designed(site, PRICES, rules)
    cut = designed(site, PRICES, rules, limit=Limits(work=1))
    assert cut.stopped
    assert cut.bound <= whole.cost <= cut.cost


# The verifier


def spoiled(found):
    """Every figure of a design, changed a little."""
    for table, names in (
        ("pads", ("level_m", "area_m2", "cut_m3", "fill_m3")),
        ("links", ("step_m", "wall_m2", "wall_cost")),
    ):
        for name in names:
            frame = getattr(found, table)
            yield name, replace(found, **{table: frame.assign(**{name: frame[name] + 0.5})})
    for name in ("cut_m3", "fill_m3", "borrow_m3", "waste_m3", "cost", "bound", "gap"):
        yield name, replace(found, **{name: getattr(found, name) * 1.01 + 0.1})
    yield (
        "balance price",
        replace(found, duals=replace(found.duals, balance_m3=found.duals.balance_m3 + 1)),
    )
    yield "step price", replace(found, duals=replace(found.duals, step_m=found.duals.step_m + 90))


def test_the_verifier_finds_every_figure_that_is_spoiled():
    site, rules = town(1, 4), Rules(100, max_step_m=2, max_grade=0.06, cut_per_fill=1.1)
    found = designed(site, PRICES, rules)
    missed = [
        name
        for name, wrong in spoiled(found)
        if verify(site, wrong, prices=PRICES, rules=rules).accepted
    ]
    assert missed == []


@pytest.mark.parametrize(
    ("field", "rules"),
    [
        ("max_step_m", {"max_step_m": 1.9}),
        ("max_grade", {"max_grade": 0.059}),
        ("balance_m3", {"balance_m3": 50.0}),
    ],
)
def test_the_verifier_finds_every_rule_that_is_broken(field, rules):
    asked = Rules(100, max_step_m=2, max_grade=0.06)
    site = town(2, 4)
    found = designed(site, EARTH, asked)
    # without walls every rule binds; the bound still holds: stricter rules cost more
    report = verify(site, found, prices=EARTH, rules=replace(asked, **rules))
    assert field in {one.field for one in report.problems}


def test_the_verifier_finds_ends_that_are_broken():
    site = Site(two_flats(), terrain([[0, 10]]))
    found = designed(site)
    roads = pd.DataFrame({"pad": ["b"], "level_m": [3.0], "length_m": [50.0]})
    tight = Site(two_flats(low_m=[1.0, 2.0], high_m=[5.0, 9.0]), site.dem, roads=roads)
    report = verify(tight, found, prices=EARTH, rules=replace(FREE, max_grade=0.08))
    broken = [(one.row, one.field) for one in report.problems if one.field != "bound"]
    assert broken == [("a", "low_m"), ("b", "high_m"), ("b", "max_grade")]
