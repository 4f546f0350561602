"""Certificates of locations spoiled on purpose, and malformed ones: every one is refused."""

import math
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from geo.certificates import packed, unpacked, verify
from geo.certificates.locations.pricing import Rates, ground, priced
from geo.errors import FileError, InfeasibleError
from geo.siting.locate import Limits, maximal_cover, p_centre, p_median, places
from tests.locate_reference import INF, KINDS, QUESTIONS, asked, best, case


def accepted(certificate):
    return verify(certificate).accepted


def put(values, place, value):
    changed = values.copy()
    changed[place] = value
    return changed


def spread(count, seed, number=5):
    at = np.random.default_rng(seed).integers(0, 1000, (count, 2))
    far = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=2)).round()
    return places(pd.DataFrame(far)), Limits(number=number)


@pytest.fixture(scope="module")
def good():
    """A plan proven by cases: nine leaves."""
    made = p_median(*spread(120, 0)).certificate
    assert len(made.tree.number) > 3
    assert made.fixed.closed.any()
    return made


def of(good, part, **changes):
    return replace(good, **{part: replace(getattr(good, part), **changes)})


def test_what_is_whole_is_accepted_and_tells_what_is_proven(good):
    report = verify(unpacked(packed(good)))
    assert report.accepted
    assert all(finding.proven for finding in report.findings)
    assert "cases" in report.findings[-1].text.en


def test_a_tree_that_leaves_a_case_out_is_refused(good):
    tree = good.tree
    for node in range(1, len(tree.parent)):
        wrong = [
            of(good, "tree", near=put(tree.near, node, not tree.near[node])),
            of(good, "tree", demand=put(tree.demand, node, (tree.demand[node] + 1) % 120)),
            of(good, "tree", cost=put(tree.cost, node, tree.cost[node] + 1.0)),
            of(good, "tree", parent=put(tree.parent, node, node)),
        ]
        assert [accepted(one) for one in wrong] == [False] * 4
    fewer = of(
        good, "tree", **{n: getattr(tree, n)[:-1] for n in ("parent", "demand", "cost", "near")}
    )
    assert not accepted(fewer)


def test_a_bound_higher_than_proven_is_refused(good):
    claims = good.claims
    assert not accepted(of(good, "claims", certified=claims.certified + 1))
    assert not accepted(of(good, "claims", bound=claims.bound + 1))
    assert not accepted(of(good, "claims", by="HiGHS"))
    assert not accepted(of(good, "tree", bound=good.tree.bound + 1))
    assert not accepted(of(good, "fixed", bound=good.fixed.bound + 1))
    (prices,) = good.prices
    assert not accepted(replace(good, prices=(replace(prices, bound=prices.bound + 1),)))


def test_prices_of_a_leaf_that_prove_less_are_refused(good):
    count = len(good.problem.demands)
    for leaf in range(len(good.tree.number)):
        serve = good.tree.serve.copy()
        serve[leaf * count : (leaf + 1) * count] *= 0.9
        assert not accepted(of(good, "tree", serve=serve))


def test_a_site_fixed_without_proof_is_refused(good):
    for site in np.flatnonzero(good.opened):
        assert not accepted(of(good, "fixed", closed=put(good.fixed.closed, site, value=True)))
    free = ~good.fixed.closed & ~good.opened
    for site in np.flatnonzero(free)[:5]:
        assert not accepted(of(good, "fixed", opened=put(good.fixed.opened, site, value=True)))
    served = good.demand * len(good.problem.sites) + good.site
    for pair in served[:5]:
        assert not accepted(of(good, "fixed", barred=put(good.fixed.barred, pair, value=True)))


def test_what_has_to_be_open_is_not_fixed_otherwise():
    given, limits = spread(120, 0)
    must = np.zeros(120, bool)
    must[:2] = True
    made = p_median(replace(given, sites=replace(given.sites, must=must)), limits).certificate
    assert accepted(made)
    (prices,) = made.prices
    assert not accepted(of(made, "fixed", closed=must, bound=prices.bound))
    may = ~put(must, 1, value=False)
    assert not accepted(of(of(made, "problem", may=may), "fixed", opened=~may))
    both = replace(made.fixed, opened=~must & made.fixed.closed, closed=made.fixed.closed)
    assert not both.opened.any() or not accepted(replace(made, fixed=both))


def test_a_plan_that_breaks_a_limit_is_refused(good):
    closed = np.flatnonzero(~good.opened)[0]
    assert not accepted(replace(good, opened=put(good.opened, closed, value=True)))  # six are open
    first = np.flatnonzero(good.opened)[0]
    assert not accepted(replace(good, opened=put(good.opened, first, value=False)))
    assert not accepted(replace(good, site=put(good.site, 0, closed)))
    assert not accepted(replace(good, share=put(good.share, 0, 0.5)))
    assert not accepted(replace(good, demand=put(good.demand, 0, 1)))
    assert not accepted(of(good, "claims", objective=good.claims.objective - 1))
    near = of(good, "problem", distance=float(good.problem.cost.max() / 9))
    assert not accepted(near)
    assert not accepted(of(good, "problem", number=4))
    assert not accepted(of(good, "problem", budget=4.0))
    assert not accepted(of(good, "problem", capacity=np.full(120, 3.0)))
    assert not accepted(of(good, "problem", may=put(good.problem.may, first, value=False)))


def test_a_word_that_the_plan_refutes_is_refused():
    given, limits = spread(60, 1)
    made = p_median(
        replace(given, sites=replace(given.sites, capacity=np.full(60, 30.0))), limits
    ).certificate
    assert accepted(made)
    assert not accepted(of(made, "word", bound=made.claims.objective + 1))


@pytest.fixture(scope="module")
def twice():
    """A cover by two sites, proven by cases of which sites are open; some demands are alike."""
    given, limits = spread(40, 1, number=4)
    cost = pd.DataFrame(np.vstack([given.cost, given.cost[:10]]))
    made = maximal_cover(places(cost), limits, radius=300.0, covers=2)
    assert made.by == "prices"
    assert len(made.certificate.branches.parent) > 3
    assert made.certificate.branches.group.max() < 49
    return made.certificate


def test_branches_that_leave_a_case_out_are_refused(twice):
    branches = twice.branches
    assert accepted(unpacked(packed(twice)))
    for node in range(1, len(branches.parent)):
        wrong = [
            of(twice, "branches", opened=put(branches.opened, node, not branches.opened[node])),
            of(twice, "branches", site=put(branches.site, node, (branches.site[node] + 1) % 40)),
            of(twice, "branches", parent=put(branches.parent, node, node)),
        ]
        assert [accepted(one) for one in wrong] == [False] * 3
    assert not accepted(of(twice, "branches", bound=branches.bound + 1))
    names = ("parent", "site", "opened")
    assert not accepted(of(twice, "branches", **{n: getattr(branches, n)[:-1] for n in names}))


def test_branches_with_prices_or_groups_that_prove_less_are_refused(twice):
    branches = twice.branches
    groups = int(branches.group.max()) + 1
    leaves, refused = len(branches.code) // groups, 0
    for leaf in range(leaves):
        code = branches.code.copy()
        code[leaf * groups : (leaf + 1) * groups] = 0
        refused += not accepted(of(twice, "branches", code=code))
    assert refused > leaves / 2  # the rest are lost without any price
    assert not accepted(of(twice, "branches", code=branches.code // 2))
    # a demand in a group that other sites reach, and a group without demands
    assert not accepted(of(twice, "branches", group=put(branches.group, 0, branches.group[1])))
    assert not accepted(of(twice, "branches", group=branches.group + 1))
    less = of(twice, "problem", weight=twice.problem.weight / 2)
    assert not accepted(less)


def test_a_radius_refused_without_proof_is_refused():
    made = p_centre(*spread(60, 1)).certificate
    (prices,) = made.prices
    farther = replace(prices, radius=made.claims.objective, bound=made.claims.objective)
    assert not accepted(replace(made, prices=(farther,)))
    assert not accepted(replace(made, prices=(replace(prices, serve=prices.serve * 0),)))


def test_a_radius_refused_by_branches_that_prove_less_is_refused():
    made = p_centre(*spread(80, 0, number=8)).certificate
    branches = made.branches
    assert made.claims.by == "prices"
    assert branches.bound == made.claims.objective > branches.radius
    assert accepted(unpacked(packed(made)))
    for wrong in (
        {"radius": made.claims.objective},
        {"radius": math.inf},
        {"code": branches.code * 0},
        {"opened": ~branches.opened & False},
        {"bound": branches.bound + 1},
    ):
        assert not accepted(of(made, "branches", **wrong))
    farther = of(made, "branches", radius=made.claims.objective, bound=made.claims.objective + 1)
    assert not accepted(farther)
    without = replace(made, branches=p_median(*spread(80, 0, number=8)).certificate.branches)
    assert not accepted(without)


def malformed(good):
    """One part after the other is something else."""
    for part in ("problem", "claims", "fixed", "tree", "branches", "word"):
        yield replace(good, **{part: None})
        for one in fields(getattr(good, part)):
            value = getattr(getattr(good, part), one.name)
            for wrong in (None, "x", np.zeros((2, 2)), -2.5):
                if not (isinstance(value, float) and isinstance(wrong, float)):
                    yield of(good, part, **{one.name: wrong})
    for one in fields(good.prices[0]):
        yield replace(good, prices=(replace(good.prices[0], **{one.name: None}),))
    for name in ("opened", "demand", "site", "share", "prices"):
        yield replace(good, **{name: None})
    yield replace(good, site=put(good.site, 0, 500))
    yield replace(good, prices=(None,))
    yield of(good, "problem", cost=put(good.problem.cost, 0, math.nan))
    yield of(good, "tree", serve=put(good.tree.serve, 0, math.inf))
    yield of(good, "tree", number=put(good.tree.number, 0, -1.0))


def test_malformed_parts_are_told_and_never_raise(good):
    assert [k for k, one in enumerate(malformed(good)) if accepted(one)] == []


def test_torn_files_are_refused(good):
    content = packed(good)
    with pytest.raises(FileError):
        unpacked(content[: len(content) // 2])


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_any_prices_at_all_prove_no_more_than_the_optimum(question, kind):
    """Prices drawn at random, of every limit there is: a bound above the optimum is wrong."""
    checked = 0
    for seed in range(60):
        if checked >= 40:
            break
        one = case(question, kind, seed, 4)
        try:
            problem = asked(question, one).certificate.problem
        except InfeasibleError:
            continue
        least = best(question, one)
        on = ground(problem)
        rng = np.random.default_rng(seed)
        count, width = len(problem.demands), len(problem.sites)
        for _ in range(20):
            scale = rng.choice([0.0, 1.0, 10.0], 5)
            near = rng.random(count) * scale[0] if len(on.close[0]) else np.zeros(0)
            rates = Rates(
                rng.normal(size=count) * scale[1] + scale[2],
                np.where(np.isfinite(problem.capacity), rng.random(width) * scale[0], 0.0),
                near,
                float(rng.random() * scale[3]) if problem.number >= 0 else 0.0,
                float(rng.random() * scale[4]) if problem.budget < INF else 0.0,
            )
            if question == "p_centre":
                radius = float(rng.choice(problem.cost[np.isfinite(problem.cost)]))
                refused = priced(on, rates, radius=radius).low > 0
                assert not refused or radius < least
            else:
                assert priced(on, rates).low <= least + 1e-9 * (1 + abs(least))
            checked += 1
    assert checked
