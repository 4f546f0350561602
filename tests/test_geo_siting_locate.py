"""Where facilities are best placed: by hand, by trying everything, laws, and why there is no plan."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.certificates import packed, unpacked, verify
from geo.errors import InfeasibleError, InputError, LimitError
from geo.siting.locate import (
    Effort,
    Limits,
    fixed_charge,
    maximal_cover,
    p_centre,
    p_median,
    places,
    set_cover,
)
from tests.locate_reference import INF, KINDS, QUESTIONS, asked, best, case

ROAD = pd.DataFrame(
    [[0.0, 1, 10, 12], [1, 0, 9, 11], [10, 9, 0, 2], [12, 11, 2, 0]], [*"abcd"], [*"abcd"]
)
"""Four villages along a road, at 0, 1, 10 and 12 km; each may have a shop."""


def frame(**columns):
    return pd.DataFrame(columns, index=[*"abcd"])


# --- by hand ----------------------------------------------------------------------------------


def test_two_shops_stand_in_both_pairs_of_villages():
    plan = p_median(places(ROAD, demands=frame(weight=[5, 1, 1, 3])), Limits(number=2))
    # a serves b: 1 × 1; d serves c: 1 × 2; the other way round it is 5 × 1 and 3 × 2
    assert list(plan.opened) == ["a", "d"]
    assert plan.objective == plan.bound == plan.certified == 1 + 2
    assert plan.by == "prices"
    assert plan.served["site"].tolist() == ["a", "a", "d", "d"]
    assert plan.served["cost"].tolist() == [0, 1, 2, 0]


def test_a_shop_that_has_to_be_open_and_one_that_may_not():
    sites = frame(must_open=[False, True, False, False], forbidden=[False, False, True, False])
    plan = p_median(places(ROAD, sites=sites), Limits(number=2))
    # b is open: a pays 1; of a and d, d saves 9 + 11 − 2
    assert list(plan.opened) == ["b", "d"]
    assert plan.objective == 1 + 2


def test_a_budget_counts_opening_and_closing():
    sites = frame(price=[3, 4, 4, 3], closing=[0, 2, 0, 0])
    within = p_median(places(ROAD, sites=sites), Limits(budget=8))
    # b and d: 4 + 3 = 7, 1 + 2 km; a and d: 3 + 3 and 2 for closing b: 8; three are 10 at least
    assert within.objective == 1 + 2
    # b alone is 4 and 1 + 9 + 11 km; c or d alone is more than 21 km away from the others
    assert p_median(places(ROAD, sites=sites), Limits(budget=6.5)).objective == 1 + 9 + 11


def test_existing_shops_are_kept_or_closed_at_a_price():
    # c alone is 10 + 9 + 2 and its price 1; b is kept for 5 and saves 8 + 9; closing it costs 4
    sites = frame(price=[99, 5, 1, 99], closing=[0, 4, 0, 0])
    plan = fixed_charge(places(ROAD, sites=sites))
    assert list(plan.opened) == ["b", "c"]
    assert plan.objective == 5 + 1 + 1 + 2
    dear = fixed_charge(places(ROAD, sites=sites.assign(price=[99, 30, 1, 99])))
    assert list(dear.opened) == ["c"]
    assert dear.objective == 1 + 4 + 10 + 9 + 2


def test_what_does_not_fit_goes_further_in_part_or_in_whole():
    sites = frame(capacity=[0, 3, 0, 9])
    given_ = places(ROAD, demands=frame(weight=1, amount=2), sites=sites)
    split = p_median(given_, Limits(number=2))
    # b takes 3 of the 4 from a and b: half of a's moves on, (1 + 12) / 2; c pays 2
    assert split.objective == 1 / 2 + 12 / 2 + 2
    whole = p_median(given_, Limits(number=2, single_source=True))
    # one of the two stays at b: a, and b moves for 11, or b, and a moves for 12
    assert whole.objective == 1 + 11 + 2
    assert split.served.groupby("demand")["share"].sum().tolist() == [1.0] * 4


def test_the_largest_distance_is_least():
    plan = p_centre(places(ROAD), Limits(number=2))
    assert plan.objective == plan.bound == 2  # c and d share one; a and b the other
    assert p_centre(places(ROAD), Limits(number=1)).objective == 10  # from b to d 11, c to a 10


def test_two_towers_see_each_place():
    weight = frame(weight=[1, 1, 2, 4])
    one = maximal_cover(places(ROAD, demands=weight), Limits(number=2), radius=2)
    assert one.objective == 0
    two = maximal_cover(places(ROAD, demands=weight), Limits(number=2), radius=2, covers=2)
    assert list(two.opened) == ["c", "d"]
    assert two.objective == 1 + 1  # a and b are seen by none
    assert set_cover(places(ROAD), radius=2, covers=2).objective == 4


def test_every_village_near_some_tower_costs_cover():
    weight = frame(weight=[1, 1, 9, 9])
    near = maximal_cover(places(ROAD, demands=weight), Limits(number=1, distance=10), radius=2)
    # c is within 10 of all; it covers c and d
    assert list(near.opened) == ["c"]
    with pytest.raises(InfeasibleError, match="distance"):
        maximal_cover(places(ROAD, demands=weight), Limits(number=1, distance=9), radius=2)


def test_rows_are_joined_by_label():
    weight = frame(weight=[5, 1, 1, 3])
    plans = [
        p_median(places(ROAD, demands=rows), Limits(number=1)) for rows in (weight, weight[::-1])
    ]
    assert plans[0].objective == plans[1].objective == 1 + 10 + 36  # all from a


# --- by trying everything ---------------------------------------------------------------------


def wrong(question, kind, seed):
    """Say what is wrong with the answer to a made-up case; None: nothing."""
    one = case(question, kind, seed, 5 if kind in {"plain", "limits"} else 4)
    least = best(question, one)
    try:
        plan = asked(question, one)
    except InfeasibleError:
        return None if least == INF else (seed, least, "no plan")
    report = verify(unpacked(packed(plan.certificate)))
    close = abs(plan.objective - least) <= 1e-6 * (1 + abs(least))
    right = close and plan.proven and plan.bound <= plan.objective
    right &= plan.certified <= least + 1e-9 * (1 + abs(least)) and report.accepted
    return None if right else (seed, least, plan.objective, plan.bound, report.problems)


VARIANTS = [(question, kind) for question in QUESTIONS for kind in KINDS]


@pytest.mark.parametrize(("question", "kind"), VARIANTS)
def test_small_cases_are_solved_to_the_optimum(question, kind):
    assert list(filter(None, (wrong(question, kind, seed) for seed in range(5)))) == []


def test_a_bound_beside_nothing_by_rounding_is_no_contradiction():
    # All is covered; HiGHS ends at a bound of 4e-16, and of −1e-16 in the second.
    assert wrong("maximal_cover", "split", 3123406399) is None
    assert wrong("maximal_cover", "split", 2983707207) is None


def test_demands_that_are_alike_count_as_one():
    rng = np.random.default_rng(5)  # any seed
    reach = np.where(rng.random((12, 9)) < 0.4, 0.0, INF)
    weight = rng.integers(1, 9, 12)
    often = rng.integers(1, 4, 12)  # each demand so many times
    for covers in (1, 2, 3):
        whole = pd.DataFrame({"weight": weight * often})
        parts = pd.DataFrame({"weight": np.repeat(weight, often)})
        one, many = (
            maximal_cover(
                places(pd.DataFrame(cost), demands=demands),
                Limits(number=4),
                radius=0.0,
                covers=covers,
            )
            for cost, demands in ((reach, whole), (np.repeat(reach, often, axis=0), parts))
        )
        assert one.objective == many.objective == one.bound == many.certified
        tried = [(reach[:, list(sites)] == 0).sum(axis=1) for sites in combinations(range(9), 4)]
        assert one.objective == min(whole["weight"][count < covers].sum() for count in tried)


def twice(seed):
    """Say what is wrong with a cover by two or three of up to 14 sites; None: nothing."""
    rng = np.random.default_rng(seed)
    count, width = int(rng.integers(10, 60)), int(rng.integers(6, 15))
    number, covers = int(rng.integers(3, 6)), int(rng.integers(2, 4))
    reach = rng.random((count, width)) < rng.uniform(0.15, 0.6)
    weight = rng.integers(0, 9, count) / rng.choice([1.0, 7.0])
    given_ = places(
        pd.DataFrame(np.where(reach, 0.0, INF)), demands=pd.DataFrame({"weight": weight})
    )
    plan = maximal_cover(given_, Limits(number=number), radius=0.0, covers=covers)
    least = min(
        weight[reach[:, list(sites)].sum(axis=1) < covers].sum()
        for sites in combinations(range(width), number)
    )
    close = abs(plan.objective - least) <= 1e-9 * (1 + least)
    right = close and plan.certified <= least + 1e-9 * (1 + least) and plan.by == "prices"
    right &= plan.gap <= 1e-6 and verify(plan.certificate).accepted
    return None if right else (seed, least, plan.objective, plan.certified, plan.by)


def test_covers_by_several_sites_are_solved_to_the_optimum():
    # In the last nothing is lost, and weights are no whole numbers: a bound below 0 left a gap.
    assert list(filter(None, map(twice, [*range(25), 2447249491]))) == []


@pytest.mark.prove
def test_a_thousand_covers_by_several_sites_are_solved_to_the_optimum(seeds, figures):
    drawn = seeds(1_000)
    bad = list(filter(None, map(twice, drawn)))
    figures(f"covers by two or three sites: {len(bad)} of {len(drawn):,} not the optimum")
    assert bad == []


def centred(seed):
    """Say what is wrong with a p-centre of few different costs; None: nothing."""
    rng = np.random.default_rng(seed)
    count, width, number = (int(rng.integers(*ends)) for ends in ((8, 40), (6, 13), (2, 5)))
    cost = rng.integers(1, 6, (count, width)).astype(float)
    plan = p_centre(places(pd.DataFrame(cost)), Limits(number=number))
    least = min(
        cost[:, list(sites)].min(axis=1).max() for sites in combinations(range(width), number)
    )
    right = plan.objective == plan.bound == plan.certified == least and plan.by == "prices"
    right &= verify(unpacked(packed(plan.certificate))).accepted
    return None if right else (seed, least, plan.objective, plan.bound, plan.by)


def test_p_centres_of_few_costs_are_solved_to_the_optimum():
    assert list(filter(None, map(centred, range(25)))) == []


def test_two_triangles_take_two_sites_each():
    # A site serves two of the three villages of its triangle at 1, all else is at 9. Three sites
    # are six halves, which serve all: prices do not refuse 1. But a triangle takes two whole ones.
    triangle = np.where(np.eye(3), 9.0, 1.0)
    far = np.full((3, 3), 9.0)
    both = places(pd.DataFrame(np.block([[triangle, far], [far, triangle]])))
    plan = p_centre(both, Limits(number=3))
    assert plan.objective == plan.certified == 9
    assert plan.certificate.branches.radius == 1
    assert p_centre(both, Limits(number=4)).objective == 1


@pytest.mark.prove
def test_a_thousand_p_centres_of_few_costs_are_solved_to_the_optimum(seeds, figures):
    drawn = seeds(1_000)
    bad = list(filter(None, map(centred, drawn)))
    figures(f"p-centres of few costs: {len(bad)} of {len(drawn):,} not the optimum")
    assert bad == []


@pytest.mark.prove
@pytest.mark.parametrize(("question", "kind"), VARIANTS)
def test_a_thousand_small_cases_are_solved_to_the_optimum(question, kind, seeds, figures):
    drawn = seeds(1_000)
    bad = list(filter(None, (wrong(question, kind, seed) for seed in drawn)))
    figures(f"{question}, {kind}: {len(bad)} of {len(drawn):,} not the optimum")
    assert bad == []


# --- laws -------------------------------------------------------------------------------------


def objective(question, one):
    try:
        return asked(question, one).objective
    except InfeasibleError:
        return INF


STRICTER = {
    "number": lambda value: max(value - 1, 1),
    "distance": lambda value: value - 2,
    "budget": lambda value: value / 2,
}


@settings(max_examples=12)
@given(st.sampled_from(VARIANTS[1::2]), st.integers(0, 10**6), st.sampled_from([*STRICTER]))
def test_a_stricter_limit_never_betters_the_optimum(variant, seed, name):
    question, kind = variant
    one = case(question, kind, seed, 4)
    wide = {"number": 3, "distance": 8.0, "budget": 20.0} | one["limits"]
    wide["distance"] = max(wide["distance"], 2.0)
    tight = wide | {name: STRICTER[name](wide[name])}
    before = objective(question, one | {"limits": wide})
    assert objective(question, one | {"limits": tight}) >= before - 1e-6


@settings(max_examples=12)
@given(st.sampled_from(VARIANTS), st.integers(0, 10**6))
def test_a_site_more_never_makes_it_worse(variant, seed):
    question, kind = variant
    one = case(question, kind, seed, 4)
    one["sites"] = one["sites"].assign(must_open=False, closing=0.0)
    fewer = one["sites"].index[:-1]
    less = one | {"cost": one["cost"][fewer], "sites": one["sites"].loc[fewer]}
    less["more"] = dict(one["more"])
    if less["more"].get("covers", 1) > len(fewer):
        return
    assert objective(question, one) <= objective(question, less) + 1e-6


@settings(max_examples=12)
@given(st.sampled_from(["p_median", "p_centre"]), st.integers(0, 10**6), st.sampled_from([0.5, 3]))
def test_costs_that_scale_scale_the_optimum(question, seed, times):
    one = case(question, "plain", seed, 5)
    other = one | {"cost": one["cost"] * times}
    assert objective(question, other) == pytest.approx(times * objective(question, one))


def spread(count, seed, number=5):
    """Places all over a square, whole distances: too many to be tried one by one."""
    at = np.random.default_rng(seed).integers(0, 1000, (count, 2))
    far = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2)).round()
    return places(pd.DataFrame(far)), Limits(number=number)


def test_the_plain_program_of_the_solver_agrees():
    from geo.siting.locate.effort import Purse
    from geo.siting.locate.mixed import mixed
    from geo.siting.locate.model import Asked, model

    given_, limits = spread(60, 1)
    plan = p_median(given_, limits)
    assert plan.by == "prices"
    assert mixed(model(given_, Asked("p_median", limits)), Purse(1e9)).objective == plan.objective


def test_a_second_run_gives_the_same_bytes():
    plans = [p_median(*spread(120, 0)) for _ in range(2)]
    assert packed(plans[0].certificate) == packed(plans[1].certificate)
    assert plans[0].work == plans[1].work
    assert plans[0].served.equals(plans[1].served)


def test_a_limit_hit_gives_the_plan_with_its_gap():
    given_, limits = spread(120, 0)
    free = p_median(given_, limits)
    held = p_median(given_, limits, effort=Effort(work=1.0))
    assert free.proven
    assert not free.stopped
    assert held.stopped
    assert held.bound <= free.objective <= held.objective
    assert held.gap == pytest.approx((held.objective - held.bound) / held.objective)
    assert verify(held.certificate).accepted


def test_no_plan_within_the_limit_of_work_is_no_answer():
    given_, limits = spread(40, 4)
    sites = replace(given_.sites, capacity=np.full(40, 9.0))
    with pytest.raises(LimitError):
        p_median(replace(given_, sites=sites), limits, effort=Effort(work=1.0))


# --- why there is no plan ---------------------------------------------------------------------


def told(error):
    return [(p.row, p.field, p.expected) for p in error.value.problems]


def test_demands_that_no_site_can_reach_are_named_with_the_distance_that_helps():
    sites = frame(forbidden=[False, False, True, True])
    with pytest.raises(InfeasibleError, match="2 demands") as error:
        p_median(places(ROAD, sites=sites), Limits(number=1, distance=8))
    # c is 9 from b and 10 from a; d is 11 from b
    assert told(error) == [("c", "distance", "≥ 9.0"), ("d", "distance", "≥ 11.0")]


def test_a_demand_without_any_site():
    cost = ROAD.astype(float)
    cost.loc["c"] = INF
    with pytest.raises(InfeasibleError, match="no site may serve it at all"):
        set_cover(places(cost), radius=99)


def test_the_least_of_each_limit_that_opens_the_question():
    sites = frame(price=[2, 3, 4, 5], capacity=[2, 2, 2, 2])
    given_ = places(ROAD, demands=frame(weight=1, amount=1), sites=sites)
    with pytest.raises(InfeasibleError) as error:
        p_median(given_, Limits(number=1))
    # four demands of 1, room for 2 each: two sites, or 2 more at one; no distance is limited
    assert told(error) == [("", "number", "≥ 2"), ("", "capacity", "")]
    assert "2 more in all" in str(error.value)
    with pytest.raises(InfeasibleError) as error:
        p_median(given_, Limits(budget=4, distance=2))
    # within 2 km one of a, b and one of c, d: 2 + 4; more room does not help
    assert told(error) == [("", "budget", "≥ 6.0")]
    with pytest.raises(InfeasibleError) as error:
        p_median(places(ROAD), Limits(number=1, distance=5))
    assert told(error) == [("", "number", "≥ 2"), ("", "distance", "≥ 10.0")]
    with pytest.raises(InfeasibleError, match="relax several"):
        p_median(given_, Limits(number=1, budget=1))


def test_what_was_told_opens_the_question():
    tries = 0
    for seed in range(30):
        one = case("p_median", "split", seed, 4)
        try:
            asked("p_median", one)
        except InfeasibleError as error:
            fields = {p.field: p.expected for p in error.problems if not p.row}
            for name in set(fields) & {"number", "budget", "distance"}:
                least = float(str(fields[name]).removeprefix("≥ "))
                least = int(least) if name == "number" else least
                asked("p_median", one | {"limits": one["limits"] | {name: least}})
                tries += 1
    assert tries > 3


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("demands", "sites"),
    [
        (frame(weight=[1, 1, 1, -1]), None),
        (frame(weight=[1, 1, 1, np.nan]), None),
        (frame(weight=1).rename(index={"a": "z"}), None),
        (frame(weight=1).rename(index={"a": "b"}), None),
        (None, frame(capacity=-1.0)),
        (None, frame(price=np.inf)),
        (None, frame(must_open=True, forbidden=True)),
    ],
)
def test_figures_and_labels_that_are_none_are_refused(demands, sites):
    with pytest.raises(InputError):
        places(ROAD, demands=demands, sites=sites)


def test_limits_that_are_none_are_refused():
    for limits in (Limits(number=0), Limits(distance=-1), Limits(budget=np.nan)):
        with pytest.raises(InputError):
            p_median(places(ROAD), limits)
    with pytest.raises(InputError):
        set_cover(places(ROAD), radius=-1)
    with pytest.raises(InputError):
        set_cover(places(ROAD), radius=1, covers=5)
    with pytest.raises(InputError):
        places(-ROAD)
