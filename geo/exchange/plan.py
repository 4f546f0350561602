"""A plan: what leaves and enters, what it reaches, and how far from the best it can be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from geo.certificates import Certificate

ROUNDING = 1e-9  # a bound this close, as a share of the objective, leaves no gap


@dataclass(frozen=True, eq=False)
class Plan:
    """An exchange, with its proof.

    Attributes
    ----------
    member
        Who is a member afterwards, by label.
    leaving, entering
        Labels of what moves, in the order of the units.
    before, objective
        The objective today and afterwards; less is better.
    bound
        No plan that obeys the rules has an objective below this.
    gap
        (objective − bound) / |objective − before|: the share of the improvement that a better plan
        could add. 0 where the plan is proven best; inf where nothing is improved nor proven.
    certified
        The bound that prices alone prove, which `geo.certificates.verify` re-checks; −inf where
        there is none. It is no more than `bound`.
    by
        "prices" where the bound is certified, "HiGHS" where it rests on that solver's own word.
    proven
        Whether the gap asked for was reached.
    stopped
        Whether a limit, of work or time, ended the search before.
    reproducible
        Whether another run gives the same: not where the clock has stopped something.
    seconds
        What the search took.
    goals
        One row per goal: goal (Text), weight, before, after.
    rules
        One row per rule and scope: rule (Text), change (of what the rule counts, from today),
        low, high (of this change), area balances in 0.01 m².
    certificate
        What the bound rests on, to be re-checked.
    """

    member: pd.Series[bool]
    leaving: pd.Index[str]
    entering: pd.Index[str]
    before: float
    objective: float
    bound: float
    gap: float
    certified: float
    by: str
    proven: bool
    stopped: bool
    reproducible: bool
    seconds: float
    goals: pd.DataFrame
    rules: pd.DataFrame
    certificate: Certificate


def gap(before: float, objective: float, bound: float) -> float:
    """Give the share of the improvement that a better plan could add.

    Examples
    --------
    From 10 to 8 where no plan is below 7.9: 0.1 of 2 is open.

    >>> round(gap(10.0, 8.0, 7.9), 3)
    0.05
    """
    if not math.isfinite(objective - bound):
        return math.inf
    open_ = objective - bound
    if open_ <= ROUNDING * (max(abs(before), abs(objective)) or 1.0):
        return 0.0
    return open_ / abs(objective - before) if objective != before else math.inf
