"""Published optima of location problems; where ../shared is absent these tests skip and say so."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse.csgraph import shortest_path

from geo.certificates import verify
from geo.siting.locate import (
    Limits,
    fixed_charge,
    maximal_cover,
    p_centre,
    p_median,
    places,
)

ORACLES = Path(__file__).resolve().parents[2] / "shared" / "oracles"
SECONDS = 600.0  # of the processor, for the twenty p-medians together

pytestmark = pytest.mark.skipif(
    not (ORACLES / "orlib_pmed").is_dir(), reason="the published optima in ../shared are absent"
)


def optima(name, prefix):
    """Published values by the name of their instance."""
    lines = (ORACLES / "orlib_pmed" / name).read_text("utf-8").split("\n")
    return {one.split()[0]: float(one.split()[1]) for one in lines if one.startswith(prefix)}


def network(number):
    """A p-median instance: the shortest paths of its network, and p."""
    text = (ORACLES / "orlib_pmed" / f"pmed{number}.txt").read_text("ascii").split()
    count, _, p = map(int, text[:3])
    edges = np.array(text[3:], int).reshape(-1, 3)
    length = np.zeros((count, count))
    for one, other, cost in edges:  # a repeated edge takes the last cost
        length[one - 1, other - 1] = length[other - 1, one - 1] = cost
    return places(pd.DataFrame(shortest_path(length, directed=False))), Limits(number=p)


def made_up(count, seed):
    """A network as that series has them: n²/50 edges of 1 to 100, a tree among them."""
    rng = np.random.default_rng(seed)
    length, places_ = np.zeros((count, count)), rng.permutation(count)
    for k in range(1, count):
        one, other = places_[k], places_[rng.integers(0, k)]
        length[one, other] = length[other, one] = rng.integers(1, 101)
    left = count * count // 50 - (count - 1)
    while left > 0:
        one, other = rng.integers(0, count, 2)
        if one != other and length[one, other] == 0:
            length[one, other] = length[other, one] = rng.integers(1, 101)
            left -= 1
    return places(pd.DataFrame(shortest_path(length, directed=False)))


def capacitated(number):
    """A capacitated p-median: distances rounded down, its limits, and the optimum."""
    text = (ORACLES / "orlib_pmedcap" / f"pmedcap{number:02d}.txt").read_text("ascii").split()
    optimum, count, p, capacity = float(text[1]), int(text[2]), int(text[3]), float(text[4])
    rows = np.array(text[5:], float).reshape(count, 4)
    apart = rows[:, None, 1:3] - rows[None, :, 1:3]
    given = places(
        pd.DataFrame(np.floor(np.hypot(apart[..., 0], apart[..., 1]))),
        demands=pd.DataFrame({"weight": 1.0, "amount": rows[:, 3]}),
        sites=pd.DataFrame({"capacity": np.full(count, capacity)}),
    )
    return given, Limits(number=p, single_source=True), optimum


def proven(plan, optimum):
    assert plan.objective == plan.bound == optimum
    assert plan.proven
    assert plan.gap == 0
    report = verify(plan.certificate)
    assert report.accepted, report.problems


@pytest.mark.parametrize("number", [1, 2, 6, 10])
def test_p_medians_are_the_published_ones(number):
    plan = p_median(*network(number))
    proven(plan, optima("bounds.txt", "pmed")[f"pmed{number}"])
    assert plan.by == "prices"


@pytest.mark.prove
def test_all_p_medians_are_the_published_ones(figures):
    published, took = optima("bounds.txt", "pmed"), 0.0
    for number in range(1, 21):
        plan = p_median(*network(number))
        proven(plan, published[f"pmed{number}"])
        assert plan.by == "prices"
        took += plan.seconds
    figures(f"twenty p-medians: {took:.1f} s of the processor, all by prices")
    assert took <= SECONDS


@pytest.mark.prove
@pytest.mark.parametrize("size", [(600, 5), (800, 80), (900, 5), (900, 10), (900, 200)])
def test_p_medians_of_larger_networks_are_proven(size, figures):
    count, number = size
    plan = p_median(made_up(count, count), Limits(number=number))
    proven(plan, plan.objective)
    assert plan.by == "prices"
    figures(f"p-median {count} × {count}, p = {number}: {plan.seconds:.1f} s of the processor")


@pytest.mark.parametrize("number", [2, 5, 10])
def test_p_centres_are_the_published_ones(number):
    proven(p_centre(*network(number)), optima("kcenteropt.txt", "pmed")[f"pmed{number}"])


@pytest.mark.prove
def test_all_p_centres_are_the_published_ones(figures):
    published, took, by = optima("kcenteropt.txt", "pmed"), 0.0, []
    for number in range(1, 21):
        plan = p_centre(*network(number))
        proven(plan, published[f"pmed{number}"])
        took, by = took + plan.seconds, [*by, plan.by]
    figures(f"twenty p-centres: {took:.1f} s of the processor, {by.count('prices')} by prices")


@pytest.mark.parametrize("number", [2, 6])
def test_capacitated_p_medians_are_the_published_ones(number):
    given, limits, optimum = capacitated(number)
    proven(p_median(given, limits), optimum)


@pytest.mark.prove
def test_all_capacitated_p_medians_are_the_published_ones(figures):
    took, by = 0.0, []
    for number in range(1, 11):
        given, limits, optimum = capacitated(number)
        plan = p_median(given, limits)
        proven(plan, optimum)
        took, by = took + plan.seconds, [*by, plan.by]
    figures(f"ten capacitated p-medians: {took:.1f} s, {by.count('prices')} by prices")


def test_the_capacitated_fixed_charge_is_the_published_one():
    text = (ORACLES / "orlib_cap" / "cap41.txt").read_text("ascii").split()
    width, count = int(text[0]), int(text[1])
    sites = np.array(text[2 : 2 + 2 * width], float).reshape(width, 2)
    rows = np.array(text[2 + 2 * width :], float).reshape(count, width + 1)
    given = places(
        pd.DataFrame(rows[:, 1:]),  # of serving a demand wholly
        demands=pd.DataFrame({"weight": 1.0, "amount": rows[:, 0]}),
        sites=pd.DataFrame({"capacity": sites[:, 0], "price": sites[:, 1]}),
    )
    plan = fixed_charge(given)
    assert plan.objective == pytest.approx(1040444.375, abs=1e-3)
    assert plan.bound == pytest.approx(1040444.375, abs=1e-3)
    assert plan.proven
    assert verify(plan.certificate).accepted


def san_francisco():
    """Stores and tracts; the demands in their file's order, the costs in that of their names."""
    folder = ORACLES / "spopt_sf"
    table = pd.read_csv(
        folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv",
        dtype={"DestinationName": str},
    )
    people = pd.read_csv(
        folder / "SF_demand_205_centroid_uniform_weight.csv", dtype={"NAME": str}
    ).set_index("NAME")
    cost = table.pivot_table(values="distance", index="DestinationName", columns="name")
    weight = people[["POP2000"]].set_axis(["weight"], axis=1)
    assert list(weight.index) != list(cost.index)  # read in file order the mean would be 3076.4
    return places(cost, demands=weight)


def test_the_stores_of_san_francisco_are_the_published_ones():
    given = san_francisco()
    plan = p_median(given, Limits(number=4))
    mean = plan.objective / given.demands.weight.sum()
    assert mean == pytest.approx(2982.1268578890657, abs=1e-6)
    assert plan.proven
    assert verify(plan.certificate).accepted
    cover = maximal_cover(given, Limits(number=4), radius=5000.0)
    tracts = cover.served["demand"].nunique() / len(given.demands.labels)
    assert 100 * tracts == pytest.approx(89.75609756097561)
    assert given.demands.weight.sum() - cover.objective == 875247
    assert cover.proven
    assert verify(cover.certificate).accepted
