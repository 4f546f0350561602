"""Items in bins: worked by hand, laws, and brute force over every place of every item."""

import itertools

import numpy as np
import pytest

from geo.assignment import assign
from geo.errors import InputError
from geo.exchange.program import Limits

ALL = ("single", "shared", "spread")


def test_by_hand():
    # Bins of 6 and 4. Whole and alone: 6 and 4, or 6 and 3. Shared: 3 + 3 and 4. All of 10 either way.
    sizes, rooms, may = np.array([6, 3, 3, 4]), np.array([6, 4]), np.ones((4, 2), bool)
    assert [assign(sizes, rooms, may, share=share).total for share in ALL] == [10, 10, 10]
    may[3] = False  # the 4 may lie nowhere: 6 and 3; or 6 and 3 of 4; spread the same, all 9
    assert [assign(sizes, rooms, may, share=share).total for share in ALL] == [9, 9, 9]
    big = np.array([9])  # fits into no bin, over both it does
    may = np.ones((1, 2), bool)
    assert [assign(big, rooms, may, share=share).total for share in ALL] == [0, 0, 9]


def test_nothing_asked_and_nowhere_to_put_it():
    none = np.zeros(0, dtype=np.int64)
    for sizes, rooms in ((none, np.array([3])), (np.array([3]), none)):
        empty = assign(sizes, rooms, np.ones((sizes.size, rooms.size), bool), share="shared")
        assert (empty.total, empty.bound, empty.gap, empty.stopped) == (0, 0, 0, False)
        assert not empty.held.any()


def test_of_matchings_as_good_one_of_early_bins_is_taken():
    found = assign(np.array([5]), np.array([9, 5, 5]), np.ones((1, 3), bool), share="shared")
    assert found.amount.tolist() == [[5, 0, 0]]


def subsets(items):
    return itertools.chain.from_iterable(
        itertools.combinations(items, k) for k in range(len(items) + 1)
    )


def spread_brute(sizes, rooms, allowed):
    """The most that can be held over several bins: each subset of a set has room (Hall)."""

    def has_room(items):
        return sizes[items].sum() <= rooms[allowed[items].any(axis=0)].sum()

    sets = [list(one) for one in subsets(range(len(sizes)))]
    held = [one for one in sets if all(has_room(list(part)) for part in subsets(one) if part)]
    return max(int(sizes[one].sum()) for one in held)


def whole_brute(sizes, rooms, allowed, most):
    """The most that can be held whole, at most so many in a bin: every place of every item."""
    best, (n, m) = 0, allowed.shape
    for places in itertools.product(range(-1, m), repeat=n):
        put = np.array([[place == k for k in range(m)] for place in places])
        sound = not (put & ~allowed).any() and (put.sum(axis=0) <= most).all()
        if sound and ((put * sizes[:, None]).sum(axis=0) <= rooms).all():
            best = max(best, int(sizes[put.any(axis=1)].sum()))
    return best


def brute(sizes, rooms, allowed, share):
    if share == "spread":
        return spread_brute(sizes, rooms, allowed)
    return whole_brute(sizes, rooms, allowed, 1 if share == "single" else len(sizes))


def cases(count, seed):
    draw = np.random.default_rng(seed)
    for _ in range(count):
        n, m = draw.integers(1, 6), draw.integers(1, 4)
        yield draw.integers(1, 12, n), draw.integers(0, 20, m), draw.random((n, m)) < 0.7


def against_brute_force(many):
    for sizes, rooms, allowed in many:
        totals = {}
        for share in ("single", "shared", "spread"):
            got = assign(sizes, rooms, allowed, share=share)
            assert got.total == got.bound == brute(sizes, rooms, allowed, share)
            assert (got.amount.sum(axis=0) <= rooms).all()
            assert set(got.amount.sum(axis=1) / sizes) <= {0.0, 1.0}
            assert not got.amount[~allowed].any()
            totals[share] = got.total
        assert totals["single"] <= totals["shared"] <= totals["spread"]


def test_matchings_equal_brute_force_on_small_cases():
    against_brute_force(cases(12, 7))


@pytest.mark.prove
def test_matchings_equal_brute_force_on_many_small_cases(seeds, figures):
    (seed,) = seeds(1)
    against_brute_force(cases(500, seed))
    figures("500 cases of up to 5 items and 3 bins, in three ways each, equal brute force")


def test_a_search_that_is_stopped_tells_its_bound():
    draw = np.random.default_rng(3)  # sizes that fill no bin exactly
    sizes, rooms = 2 * draw.integers(2000, 4000, 30), np.full(6, 9001)
    stopped = assign(sizes, rooms, np.ones((30, 6), bool), share="shared", limit=Limits(work=1))
    assert stopped.stopped
    assert 0 <= stopped.total <= stopped.bound <= min(sizes.sum(), rooms.sum())
    with pytest.raises(InputError):
        assign(np.array([0]), rooms, np.ones((1, 6), bool), share="shared")
