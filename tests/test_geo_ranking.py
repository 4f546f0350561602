"""Rankings by weights: cases by hand, laws, exact shares, and brute force over a fine simplex."""

import itertools

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.ranking import Scale, acceptability, least_exchange, normalised, weighted_sum

SAMPLES = 4096
SIGMAS = 5.0
WIDE = SIGMAS * 0.5 / SAMPLES**0.5  # at most that many standard errors of a share
VALUE = st.integers(0, 8).map(lambda n: n / 8)  # eighths: ties happen


def tables(criteria, least=1):
    rows = st.lists(st.tuples(*[VALUE] * criteria), min_size=least, max_size=6)
    return rows.map(lambda found: frame(*found))


def frame(*rows):
    labels = [f"s{place}" for place in range(len(rows))]
    columns = [f"c{place}" for place in range(len(rows[0]))]
    return pd.DataFrame([*map(list, rows)], index=labels, columns=columns, dtype=float)


def weightings(criteria):
    numbers = st.lists(st.integers(0, 10), min_size=criteria, max_size=criteria)
    return numbers.filter(any).map(lambda w: {f"c{k}": one for k, one in enumerate(w)})


# Exact shares, by other ways than a sample --------------------------------------------------------


def shares_of_two(values):
    """Give exact shares of two criteria: worths are lines over the weight of the first, from 0 to 1;
    between their crossings one is on top, or several alike."""
    first, second = values.to_numpy().T
    ends = {0.0, 1.0}
    for a, b in itertools.combinations(range(len(values)), 2):
        lean = (first - second)[a] - (first - second)[b]
        if lean:
            ends.add(min(max((second[b] - second[a]) / lean, 0.0), 1.0))
    shares = np.zeros(len(values))
    for west, east in itertools.pairwise(sorted(ends)):
        middle = (west + east) / 2
        worth = middle * first + (1 - middle) * second
        best = worth >= worth.max() - 1e-9
        shares[best] += (east - west) / best.sum()
    return shares


def shares_of_three(values):
    """Give exact shares of three criteria, no two alike: the triangle of weights, cut to pieces."""
    shares = {}
    for label, own in values.iterrows():
        part = shapely.Polygon([(0, 0), (1, 0), (0, 1)])
        for other in values.drop(index=label).to_numpy():
            lead = own.to_numpy() - other
            part = half_plane(part, lead[0] - lead[2], lead[1] - lead[2], lead[2])
        shares[label] = part.area / 0.5
    return shares


def half_plane(shape, a, b, c):
    """Keep where a x + b y + c >= 0."""
    length = np.hypot(a, b)
    if length == 0:
        return shape if c >= 0 else shapely.Polygon()
    normal, foot = np.array([a, b]) / length, -c * np.array([a, b]) / length**2
    along = np.array([-normal[1], normal[0]])
    far = 10.0
    corners = [foot - far * along, foot + far * along]
    corners += [corners[1] + far * normal, corners[0] + far * normal]
    return shape.intersection(shapely.Polygon(corners))


# By hand ------------------------------------------------------------------------------------------


def test_three_sites_by_hand():
    # a = w, b = (1 - w), c = 0.6 at any w (w: weight of x).
    # a wins where w > 0.6: 0.4 of all; b where 1 - w > 0.6: 0.4; c between, 0.2.
    values = pd.DataFrame({"x": [1, 0, 0.6], "y": [0, 1, 0.6]}, index=["a", "b", "c"])
    found = acceptability(values, samples=100_000, seed=3)
    assert found["share"].tolist() == pytest.approx([0.4, 0.4, 0.2], abs=0.008)
    # standard error of 0.4 among 100,000: sqrt(0.24 / 100,000) = 0.00155
    assert found.loc["a", "error"] == pytest.approx(0.00155, abs=1e-5)
    assert (found["low"] < [0.4, 0.4, 0.2]).all()
    assert (found["high"] > [0.4, 0.4, 0.2]).all()
    # weights 7 : 3 -> a 0.7, b 0.3, c 0.6. From x to y: c wins from 0.7 - t = 0.6, t = 0.1;
    # b from 0.3 + t = 0.6, t = 0.3 (a is then 0.4).
    assert weighted_sum(values, {"x": 7, "y": 3}).to_dict() == pytest.approx(
        {"a": 0.7, "b": 0.3, "c": 0.6}
    )
    said = least_exchange(values, {"x": 7, "y": 3})
    assert said["shift"].to_dict() == pytest.approx({"a": 0, "b": 0.3, "c": 0.1})
    assert said["from_"].tolist() == ["", "x", "x"]
    assert said["to"].tolist() == ["", "y", "y"]


def test_the_pair_that_decides_is_the_one_with_the_least_shift():
    # equal weights 1/3: a = (0.9 + 0.6 + 0.3)/3 = 0.6, b = (0.3 + 0.6 + 0.6)/3 = 0.5.
    # a leads by 0.1; moved from x to z b gains 0.3 - (-0.6) = 0.9 a unit: 1/9; x to y 0.6: 1/6
    values = pd.DataFrame({"x": [0.9, 0.3], "y": [0.6, 0.6], "z": [0.3, 0.6]}, index=["a", "b"])
    said = least_exchange(values, {"x": 1, "y": 1, "z": 1}).loc["b"]
    assert (said["from_"], said["to"]) == ("x", "z")
    assert said["shift"] == pytest.approx(1 / 9)


def test_who_cannot_win_by_two_weights():
    # from x to y the better of the first two is worth at least 0.5, from x to z too; the third 0.4
    values = frame((1, 0, 0.5), (0, 1, 0.5), (0.4, 0.4, 0.4))
    said = least_exchange(values, {"c0": 1, "c1": 0, "c2": 0})
    assert np.isnan(said.loc["s2", "shift"])
    assert said.loc["s2", ["from_", "to"]].tolist() == ["", ""]


def test_scales_by_hand():
    # minutes: 60 worth 0, 0 worth 1: 45 -> 0.25, 75 -> 0 (beyond); hectares 3 to 7: 5 -> 0.5
    sites = pd.DataFrame({"minutes": [45.0, 75, np.nan], "area": [5.0, 9, 1]}, index=[*"abc"])
    found = normalised(sites, {"minutes": Scale(60, 0), "area": Scale(3, 7)})
    assert found["area"].tolist() == [0.5, 1, 0]
    assert found["minutes"].tolist()[:2] == [0.25, 0]
    assert np.isnan(found.loc["c", "minutes"])


# Laws ---------------------------------------------------------------------------------------------


@given(tables(3), st.integers(0, 99))
def test_shares_sum_to_one_and_lie_in_their_interval(values, seed):
    found = acceptability(values, samples=300, seed=seed)
    assert found["share"].sum() == pytest.approx(1)
    assert (found["low"] <= found["share"] + 1e-12).all()
    assert (found["high"] >= found["share"] - 1e-12).all()
    assert (found["error"] >= 0).all()


@given(tables(3), st.integers(0, 5), st.tuples(VALUE, VALUE, VALUE), weightings(3))
def test_a_dominated_site_changes_no_winner(values, place, less, weights):
    base = values.iloc[place % len(values)] - 1e-3
    worse = pd.DataFrame([base - np.array(less)], index=["worse"])
    more = pd.concat([values, worse])
    before = acceptability(values, samples=200, seed=1)["share"]
    after = acceptability(more, samples=200, seed=1)["share"]
    assert after["worse"] == 0
    pd.testing.assert_series_equal(after.drop("worse"), before)
    one, two = least_exchange(values, weights), least_exchange(more, weights)
    pd.testing.assert_frame_equal(two.drop(index="worse"), one)
    assert np.isnan(two.loc["worse", "shift"])


@given(tables(2, least=2), st.floats(0.1, 50), st.floats(-20, 20), weightings(2))
def test_units_do_not_matter(values, factor, offset, weights):
    moved = values * factor + offset
    own = {name: Scale(1.0, 0.0) for name in values}
    theirs = {name: Scale(factor + offset, offset) for name in values}
    one, other = normalised(values, own), normalised(moved, theirs)
    np.testing.assert_allclose(one, other, atol=1e-9)
    doubled = {name: 2 * weight for name, weight in weights.items()}
    pd.testing.assert_series_equal(weighted_sum(one, weights), weighted_sum(one, doubled))


@given(tables(3, least=2), weightings(3))
def test_the_order_of_sites_does_not_matter(values, weights):
    turned = values.iloc[::-1]
    one = acceptability(values, samples=200, seed=5)
    pd.testing.assert_frame_equal(acceptability(turned, samples=200, seed=5).loc[values.index], one)
    two = least_exchange(values, weights)
    pd.testing.assert_frame_equal(least_exchange(turned, weights).loc[values.index], two)


@given(tables(2))
def test_exact_shares_of_two_criteria(values):
    found = acceptability(values, samples=SAMPLES, seed=11)["share"]
    assert found.to_numpy() == pytest.approx(shares_of_two(values), abs=WIDE)


@given(tables(3))
def test_exact_shares_of_three_criteria(values):
    rows = values.drop_duplicates()
    found = acceptability(rows, samples=SAMPLES, seed=11)["share"]
    exact = shares_of_three(rows)
    assert sum(exact.values()) == pytest.approx(1)
    assert found.to_dict() == pytest.approx(exact, abs=WIDE)


@given(tables(3))
def test_a_fine_grid_of_the_simplex(values):
    steps = 60
    grid = [(a + 1 / 3, b + 1 / 3) for a in range(steps) for b in range(steps - a)]
    x, y = np.array(grid).T / steps
    weights = np.column_stack([x, y, 1 - x - y])
    worth = weights @ values.to_numpy().T
    best = worth >= worth.max(axis=1, keepdims=True) - 1e-9
    shares = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    found = acceptability(values, samples=SAMPLES, seed=7)["share"]
    assert found.to_numpy() == pytest.approx(shares, abs=WIDE + 3 / steps)


@given(tables(3, least=2), weightings(3))
def test_no_smaller_exchange_makes_it_win(values, weights):
    found = least_exchange(values, weights)
    total, names = sum(weights.values()), [*weights]
    start = np.array([*weights.values()]) / total
    for place, row in enumerate(found.itertuples()):
        if row.shift == 0:
            assert wins(values, start, place)
            continue
        if np.isfinite(row.shift):
            moved = start.copy()
            moved[names.index(row.from_)] -= row.shift
            moved[names.index(row.to)] += row.shift
            assert moved.min() >= -1e-9
            assert wins(values, moved, place)
        for one, other in itertools.permutations(range(len(names)), 2):
            most = min(start[one], row.shift if np.isfinite(row.shift) else 1.0)
            for t in np.linspace(0, most, 30)[:-1]:
                moved = start.copy()
                moved[one] -= t
                moved[other] += t
                assert not wins(values, moved, place, slack=-1e-9)


def wins(values, weighting, place, *, slack=1e-9):
    worth = values.to_numpy() @ weighting
    others = np.delete(worth, place)
    return worth[place] >= others.max() - slack


def test_sites_alike_share_their_wins():
    found = acceptability(frame((1, 0), (1, 0), (0, 1)), samples=2000, seed=2)["share"]
    assert found["s0"] == found["s1"]
    assert found["s2"] == pytest.approx(0.5, abs=0.06)


def test_no_sites_and_one():
    none = frame((0.0, 1.0)).iloc[:0]
    assert acceptability(none, samples=10, seed=1).empty
    assert weighted_sum(none, {"c0": 1, "c1": 1}).empty
    assert least_exchange(none, {"c0": 1, "c1": 1}).empty
    one = acceptability(frame((0.0, 1.0)), samples=10, seed=1)
    assert one["share"].tolist() == [1.0]
    assert one["error"].tolist() == [0.0]


# Refusals -----------------------------------------------------------------------------------------


def test_what_is_refused():
    values = frame((0.0, 1.0), (np.nan, 1.0))
    for weights in ({"c0": 1}, {"c0": -1, "c1": 2}, {"c0": 0, "c1": 0}, {"c0": 1, "c1": 1, "d": 1}):
        with pytest.raises(InputError, match="weights"):
            weighted_sum(values.iloc[:1], weights)
    with pytest.raises(InputError, match="s1"):
        acceptability(values, samples=10, seed=1)
    with pytest.raises(InputError, match="criterion"):
        acceptability(values[[]], samples=10, seed=1)
    with pytest.raises(InputError, match="c0"):
        normalised(values, {"c0": Scale(1, 1)})
    with pytest.raises(InputError, match="c9"):
        normalised(values, {"c9": Scale(1, 0)})
