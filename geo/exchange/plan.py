"""A plan: what leaves and enters, what it reaches, and how far from the best it can be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd


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
    proven
        Whether the gap asked for was reached.
    stopped
        Whether the time limit ended the search: only then a faster machine may find another plan.
    seconds
        What the search took.
    goals
        One row per goal: goal (words), weight, before, after.
    rules
        One row per rule and scope: rule (words), change (of what the rule counts, from today),
        low, high (of this change), area balances in 0.01 m².
    """

    member: pd.Series[bool]
    leaving: pd.Index[str]
    entering: pd.Index[str]
    before: float
    objective: float
    bound: float
    gap: float
    proven: bool
    stopped: bool
    seconds: float
    goals: pd.DataFrame
    rules: pd.DataFrame


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
    if open_ <= 1e-12 * max(1.0, abs(objective)):
        return 0.0
    return open_ / abs(objective - before) if objective != before else math.inf
