"""An exchange in phases: a plan for each year, balanced by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from geo.exchange.goals import Goal
from geo.exchange.plan import Plan
from geo.exchange.rules import Rule
from geo.exchange.solving import solve
from geo.exchange.units import Units


def phases(
    given: Units,
    *,
    goals: Sequence[Goal],
    rules: Sequence[Rule],
    budgets: Sequence[Sequence[Rule]],
    seconds: float = 60.0,
    gap: float = 1e-3,
) -> tuple[Plan, ...]:
    """Give a plan for each year.

    1. Every year starts from the state that the year before left.
    2. All rules, and the year's own budgets, hold for the year by itself, counted from its start:
       area is balanced within every year, floors on contiguity and blocks are kept every year.
    3. What moved in a year does not move back.
    4. Each year is the best that its budgets allow; to save now for a better year later is not
       weighed. Bound and gap are of the year.

    Parameters
    ----------
    given, goals, rules, gap
        As in `solve`.
    budgets
        For each year the rules of this year alone.
    seconds
        Time limit of all years, shared out evenly.

    Returns
    -------
    tuple of Plan
        One for each year; `member` is the state at its end.

    Raises
    ------
    InfeasibleError
        If a year has no plan; never where doing nothing obeys the rules.

    Examples
    --------
    Two steep parcels for two flat ones, one pair a year, the better pair first:

    >>> import pandas as pd
    >>> from geo.exchange import Balance, Budget, Mean, units
    >>> fields = pd.DataFrame({"area_m2": 1.0, "slope": [20.0, 10.0, 2.0, 4.0],
    ...     "member": [True, True, False, False], "may_leave": True, "may_enter": True})
    >>> years = phases(units(fields), goals=[Mean("slope")], rules=[Balance()],
    ...     budgets=[[Budget(most=2)], [Budget(most=2)]])
    >>> [(list(year.leaving), list(year.entering), year.objective) for year in years]
    [([0], [2], 6.0), ([1], [3], 3.0)]
    """
    plans = []
    share = seconds / max(len(budgets), 1)
    for own in budgets:
        plan = solve(given, goals=goals, rules=[*rules, *own], seconds=share, gap=gap)
        plans.append(plan)
        after = plan.member.to_numpy(np.bool_)
        moved = after != given.member
        given = replace(
            given,
            member=after,
            may_leave=given.may_leave & ~moved,
            may_enter=given.may_enter & ~moved,
        )
    return tuple(plans)
