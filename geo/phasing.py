"""Phasing: in which year each part of an exchange is carried out, balanced at every year's end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InfeasibleError, InputError, LimitError, Problem
from geo.exchange.program import Limits, Program
from geo.words import Text

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
REPAIRS = 8


class YearBudget(NamedTuple):
    """At most `most` of a column in any one year; `words` name it where it cannot be kept."""

    column: str
    most: float
    words: Text | str


class Phases(NamedTuple):
    """The year of each item (1 is the first), by label, and how good that is.

    `gap` is the share by which the benefit, counted by years it lasts, could be greater at most;
    `stopped` says that a limit ended the search, `late` that it was the clock.
    """

    year: pd.Series
    gap: float
    stopped: bool
    late: bool = False


USUAL = Limits(work=2e7)
WHOLE_AMOUNT = Text("大于 0 的整数", "a whole number above 0")


def phases(
    items: pd.DataFrame,
    *,
    years: int,
    above: int,
    budgets: Sequence[YearBudget] = (),
    limit: Limits = USUAL,
    gap: float = 0.01,
) -> Phases:
    """Spread what moves over years: after each year, what came is not less than what went.

    Method: an integer program. Item i is done by the end of year y where z_iy = 1 (z grows with y,
    all are done in the last year). The books balance in whole numbers after every year:
    0 <= sum of ± amount · z_iy <= above. What a year does obeys the budgets. The benefit is counted
    for every year it lasts, so that the better part comes first.

    Parameters
    ----------
    items
        Unique labels; amount (whole numbers > 0, such as 0.01 m²), enters (truth; others leave),
        benefit (a number, may be negative) and the columns that budgets name (>= 0).
    years
        How many, from 1.
    above
        How much more than went may have come after any year; the sum over all items at least is
        allowed.
    budgets
        What may be done in one year.
    limit
        When the search ends: work is counted, so that every machine gives the same years; what the
        clock of a time limit stops is not reproducible.
    gap
        Share of the benefit at which the search may end.

    Returns
    -------
    Phases
        Empty for no items.

    Raises
    ------
    InfeasibleError
        If no order obeys the budgets and the balance; all of them are named.
    LimitError
        If a limit was hit before any order was found.
    InputError
        If an amount is no whole number above 0, or less comes than goes in all.

    Examples
    --------
    Two fields go and two come, one pair a year; the pair of greater benefit is the first:

    >>> items = pd.DataFrame({"amount": [5, 4, 5, 4], "enters": [False, False, True, True],
    ...     "benefit": [1.0, 3.0, 0.0, 0.0]}, index=[*"abxy"])
    >>> one = YearBudget("amount", 10, "10 a year")
    >>> phases(items, years=2, above=0, budgets=[one]).year.to_dict()
    {'a': 2, 'b': 1, 'x': 2, 'y': 1}
    """
    sign = np.where(items["enters"].to_numpy(dtype=bool), 1, -1)
    amount = items["amount"].to_numpy(dtype=np.int64)
    _check(items, amount, sign)
    if not len(items):
        return Phases(pd.Series([], dtype=np.int64), 0.0, stopped=False)
    most = max(above, int((sign * amount).sum()))
    low = 0.0
    for _ in range(REPAIRS):
        program = _program(items, sign * amount, years, (low, float(most)), budgets)
        found = program.solve(limit=limit, gap=gap)
        if found.x is None:
            raise _none(budgets, stopped=found.stopped)
        done = np.round(found.x).astype(np.int64).reshape(years, len(items))
        books = done @ (sign * amount)
        if (books >= 0).all() and (books <= most).all():
            value = float(-(program.cost @ done.ravel()))
            open_ = max(-found.bound - value, 0.0) / abs(value) if value else 0.0
            year = pd.Series(years + 1 - done.sum(axis=0), index=items.index, name="year")
            return Phases(year, open_, found.stopped, found.late)
        low = low - float(min(books.min(), most - books.max())) + 0.5
    raise LimitError(
        Text("限度内未能配平各年账目", "the books of the years were not balanced in time")
    )


def _check(items: pd.DataFrame, amount: Whole, sign: Whole) -> None:
    wrong = items.index[(amount <= 0) | (amount != items["amount"].to_numpy())]
    if len(wrong):
        problem = Problem(row=str(wrong[0]), field="amount", expected=WHOLE_AMOUNT)
        raise InputError(
            Text("数量须为正整数", "amounts are whole numbers above 0"), problems=[problem]
        )
    if (sign * amount).sum() < 0:
        raise InputError(Text("调入少于调出", "less comes than goes"))


def _program(
    items: pd.DataFrame,
    signed: Whole,
    years: int,
    books: tuple[float, float],
    budgets: Sequence[YearBudget],
) -> Program:
    """Put up the program; columns are z of year 1, then of year 2, and so on."""
    count = len(items)
    benefit = items["benefit"].to_numpy(dtype=np.float64)
    program = Program()
    for _ in range(years):
        program.columns(-benefit, 1.0, whole=True)
    each = np.arange(count)
    rows = np.zeros(count, dtype=np.int64)
    for year in range(years):
        now, before = each + year * count, each + (year - 1) * count
        if year:
            program.rows([(each, now, 1.0), (each, before, -1.0)], np.zeros(count), np.inf)
        last = year == years - 1
        if last:
            program.rows([(each, now, 1.0)], np.ones(count), np.ones(count))
        else:
            program.rows([(rows, now, signed)], [books[0]], [books[1]])
        for budget in budgets:
            values = items[budget.column].to_numpy(dtype=np.float64)
            entries = [(rows, now, values), *([(rows, before, -values)] if year else [])]
            program.rows(entries, [-math.inf], [budget.most])
    return program


def _none(budgets: Sequence[YearBudget], *, stopped: bool) -> Exception:
    if stopped:
        return LimitError(
            Text(
                "限度内未找到分期；处理：放宽限度",
                "no phasing found within the limit; remedy: a wider limit",
            )
        )
    remedy = Text("放宽，或增加年数", "relax it, or more years")
    return InfeasibleError(
        Text(
            "没有满足各年预算与平衡的分期",
            "no phasing obeys the budgets and balances of the years",
        ),
        problems=[Problem(found=budget.words, remedy=remedy) for budget in budgets],
    )
