"""The years of a plan: what is done when, evenly where nobody set a budget of a year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from geo.errors import InfeasibleError
from geo.exchange import Limits
from geo.phasing import Phases, YearBudget, phases
from geo.words import Text


@dataclass(frozen=True)
class Pace:
    """How fast a plan is carried out.

    Parameters
    ----------
    years
        How many.
    above
        How much more may have come than gone after any year, in the amounts of the items.
    limit
        When each search ends.
    budgets
        What a year may do at most.
    """

    years: int
    above: int
    limit: Limits
    budgets: tuple[YearBudget, ...] = ()


def within(items: pd.DataFrame, pace: Pace, *budgets: YearBudget) -> Phases:
    """Spread what moves over years, with further budgets; see `geo.phasing.phases`."""
    every = (*pace.budgets, *budgets)
    return phases(items, years=pace.years, above=pace.above, budgets=every, limit=pace.limit)


def evenly(
    items: pd.DataFrame, pace: Pace, *, column: str, words: Callable[[float], Text]
) -> Phases:
    """Spread what moves so that no year does much more of a column than its share.

    It is the smallest share of the whole a year, in steps of one share more, with which the books
    can be balanced after every year.

    Parameters
    ----------
    items
        As `geo.phasing.phases` takes them.
    pace
        Years, and what else limits them.
    column
        Of the items: what is spread.
    words
        What to call the budget of it, by its size.

    Raises
    ------
    InfeasibleError
        If the budgets cannot be kept even where one year may do all of the column.

    Examples
    --------
    Four fields go for one that comes; half of them and one more may go in a year:

    >>> items = pd.DataFrame({"amount": [1, 1, 1, 1, 4], "enters": [False] * 4 + [True],
    ...     "benefit": [1.0, 3.0, 2.0, 4.0, 0.0], "out": [1, 1, 1, 1, 0]}, index=[*"abcdx"])
    >>> pace = Pace(2, 4, Limits(work=1e6))
    >>> evenly(items, pace, column="out", words=lambda most: Text(f"{most}", "")).year.to_dict()
    {'a': 2, 'b': 1, 'c': 1, 'd': 1, 'x': 1}
    """
    amounts = items[column]
    total = float(amounts.sum())
    for share in range(1, pace.years):
        most = total * share / pace.years + amounts.max()
        try:
            return within(items, pace, YearBudget(column, most, words(most)))
        except InfeasibleError:
            continue  # one share more
    return within(items, pace, YearBudget(column, total, words(total)))
