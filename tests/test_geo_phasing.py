"""Years of an exchange: by hand, against every order there is, and as laws."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InfeasibleError, InputError
from geo.phasing import YearBudget, phases
from geo.words import Text


def items(amount, enters, benefit):
    labels = [f"i{n}" for n in range(len(amount))]
    return pd.DataFrame({"amount": amount, "enters": enters, "benefit": benefit}, index=labels)


def books(frame, year, years):
    """What has come less what has gone, after every year."""
    signed = np.where(frame["enters"], 1, -1) * frame["amount"].to_numpy()
    return [int(signed[year <= last].sum()) for last in range(1, years + 1)]


def value(frame, year, years):
    return float(((years + 1 - year) * frame["benefit"]).sum())


def orders(frame, years, above, most):
    """Every order that obeys budget and balance."""
    for chosen in itertools.product(range(1, years + 1), repeat=len(frame)):
        year = pd.Series(chosen, index=frame.index)
        if not all(0 <= b <= above for b in books(frame, year, years)):
            continue
        if (frame["amount"].groupby(year).sum() <= most).all():
            yield year


def test_the_better_half_comes_first():
    frame = items([5, 4, 5, 4], [False, False, True, True], [1.0, 3.0, 0.0, 0.0])
    found = phases(frame, years=2, above=0, budgets=[YearBudget("amount", 10, "10 a year")])
    # 4 and 4 with benefit 3 in year 1 (two years of it), 5 and 5 in year 2: 2 x 3 + 1 = 7
    assert found.year.tolist() == [2, 1, 2, 1]
    assert value(frame, found.year, 2) == 7
    assert found.gap <= 0.01
    assert not found.stopped


def test_what_comes_first_is_never_less_than_what_goes():
    # 3 + 3 come for 6 that go: the field of 6 waits for both
    frame = items([6, 3, 3], [False, True, True], [9.0, -1.0, -1.0])
    found = phases(frame, years=2, above=3, budgets=[YearBudget("amount", 9, "")])
    assert found.year.tolist() in ([2, 1, 2], [2, 2, 1])
    assert books(frame, found.year, 2) == [3, 0]


def test_nothing_to_do_takes_no_year():
    assert phases(items([], [], []), years=3, above=0).year.empty
    with pytest.raises(InputError, match="less comes") as caught:
        phases(items([2], [False], [0.0]), years=1, above=0)
    assert "调入少于调出" in caught.value.said("zh")
    with pytest.raises(InputError, match="i0"):
        phases(items([0], [True], [0.0]), years=1, above=0)


def test_a_budget_that_cannot_be_kept_is_named():
    frame = items([5, 5], [False, True], [1.0, 0.0])
    nine = YearBudget("amount", 9, Text("每年至多 9", "9 a year"))
    with pytest.raises(InfeasibleError, match="found 9 a year") as caught:
        phases(frame, years=3, above=0, budgets=[nine])
    assert "发现 每年至多 9 · 处理 放宽，或增加年数" in caught.value.said("zh")


AMOUNTS = st.lists(st.integers(1, 6), min_size=1, max_size=3)


@given(AMOUNTS, AMOUNTS, st.integers(2, 3), st.integers(0, 4), st.integers(0, 99))
@settings(max_examples=60)
def test_the_best_order_is_that_of_brute_force(outs, ins, years, above, seed):
    if sum(ins) < sum(outs):
        outs, ins = ins, outs
    generator = np.random.default_rng(seed)
    frame = items(
        outs + ins,
        [False] * len(outs) + [True] * len(ins),
        generator.integers(-3, 9, len(outs) + len(ins)).astype(float),
    )
    most = frame["amount"].sum() * 0.7
    above = max(above, sum(ins) - sum(outs))
    every = [value(frame, year, years) for year in orders(frame, years, above, most)]
    ways = {"years": years, "above": above, "budgets": [YearBudget("amount", most, "most")]}
    if not every:
        with pytest.raises(InfeasibleError):
            phases(frame, **ways, gap=0)
        return
    found = phases(frame, **ways, gap=0)
    assert all(0 <= b <= above for b in books(frame, found.year, years))
    assert (frame["amount"].groupby(found.year).sum() <= most).all()
    assert value(frame, found.year, years) == pytest.approx(max(every))


@given(st.integers(0, 99))
@settings(max_examples=10)
def test_books_of_large_odd_areas_balance_to_the_last_unit(seed):
    generator = np.random.default_rng(seed)
    amount = generator.integers(10**5, 10**8, 40)
    enters = np.arange(40) < 20
    lack = int(amount[~enters].sum() - amount[enters].sum())
    amount[0 if lack > 0 else 20] += abs(lack)
    frame = items(amount, enters, generator.uniform(0, 1, 40))
    found = phases(frame, years=3, above=10_000)
    assert all(0 <= b <= 10_000 for b in books(frame, found.year, 3))
