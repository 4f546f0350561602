"""The front between goals: one is best for each level of the others."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import InfeasibleError, InputError
from geo.exchange.goals import Goal
from geo.exchange.plan import Plan
from geo.exchange.rules import Reach, Rule
from geo.exchange.solving import solve
from geo.exchange.units import Units
from geo.words import Text


@dataclass(frozen=True, eq=False)
class Front:
    """Plans none of which is better in every goal.

    Attributes
    ----------
    points
        One row per plan, sorted by the first goal: the value of each goal (columns goal_1,
        goal_2 …, without weights), `bound` (of the first goal times its weight at these levels of
        the others) and `gap`.
    plans
        In the order of the rows.
    """

    points: pd.DataFrame
    plans: tuple[Plan, ...]


def front(
    given: Units,
    *,
    goals: Sequence[Goal],
    rules: Sequence[Rule] = (),
    points: int = 5,
    seconds: float = math.inf,
    gap: float = 1e-3,
) -> Front:
    """Give the plans that are best in the first goal for levels of the others (ε-constraint).

    1. Each goal alone gives the range of its levels: from what it is where the first goal is best,
       to its own best.
    2. For each level (for three goals: each pair of levels) the first goal is solved again with the
       others held by `Reach`.
    3. Plans that another plan betters in a goal without being worse in any are left out.

    Parameters
    ----------
    given, rules
        As in `solve`.
    goals
        Two or three goals; weights give the direction (> 0: less is better).
    points
        Levels of each goal but the first, ends included.
    seconds, gap
        A time limit for the whole front (shared out evenly), and the gap of each plan.

    Raises
    ------
    InfeasibleError
        If no plan obeys the rules. Levels of three goals that cannot be reached together are left
        out.
    InputError
        If there are not two or three goals, or fewer than two points.

    Examples
    --------
    Two parcels may enter, one flat and dear, one steep and cheap, for the one that leaves:

    >>> from geo.exchange import Balance, Budget, Mean, Moved, units
    >>> fields = pd.DataFrame({"area_m2": 1.0, "slope": [9.0, 1.0, 5.0], "cost": [0.0, 8.0, 2.0],
    ...     "member": [True, False, False], "may_leave": True, "may_enter": True})
    >>> found = front(units(fields), goals=[Mean("slope"), Moved("cost")], rules=[Balance()],
    ...     points=5)
    >>> found.points[["goal_1", "goal_2"]].to_numpy().tolist()
    [[1.0, 8.0], [5.0, 2.0], [9.0, 0.0]]
    """
    if len(goals) not in {2, 3} or points < 2:
        raise InputError(
            Text("须有两至三个目标、至少两个点", "two or three goals and two points at least")
        )
    ends = time.monotonic() + seconds
    left = len(goals) + points ** (len(goals) - 1)
    alone = []
    for goal in goals:
        share = max((ends - time.monotonic()) / left, 1.0)
        alone.append(solve(given, goals=[goal], rules=rules, seconds=share, gap=gap))
        left -= 1
    levels = [
        np.linspace(_value(given, alone[0], goals, k), alone[k].objective, points)
        for k in range(1, len(goals))
    ]
    plans = []
    for level in itertools.product(*levels):
        share = max((ends - time.monotonic()) / left, 1.0)
        held = [Reach(goal, _above(most)) for goal, most in zip(goals[1:], level, strict=True)]
        left -= 1
        try:
            plans.append(
                solve(given, goals=goals[:1], rules=[*rules, *held], seconds=share, gap=gap)
            )
        except InfeasibleError:
            if len(goals) == 2:
                raise
    return _front(given, plans, goals)


def _above(most: float) -> float:
    """Give a level that its own plan reaches in spite of rounding."""
    return most + 1e-12 * abs(most)


def _value(given: Units, plan: Plan, goals: Sequence[Goal], k: int) -> float:
    from geo.exchange.forms import terms
    from geo.exchange.model import model
    from geo.exchange.ratios import value

    on = model(given, goals, ())
    term = terms(given, goals)[k]
    return term.weight * value(on, term, plan.member.to_numpy())


def _front(given: Units, plans: Sequence[Plan], goals: Sequence[Goal]) -> Front:
    values = np.array([[_value(given, p, goals, k) for k in range(len(goals))] for p in plans])
    order = np.lexsort(values.T[::-1])
    kept: list[int] = []
    for k in order:
        if not any((values[other] <= values[k] + 1e-12).all() for other in kept):
            kept.append(int(k))
    weights = np.array([goal.weight for goal in goals])
    table = pd.DataFrame(
        values[kept] / weights, columns=[f"goal_{k + 1}" for k in range(len(goals))]
    )
    table["bound"] = [plans[k].bound for k in kept]
    table["gap"] = [plans[k].gap for k in kept]
    return Front(table, tuple(plans[k] for k in kept))
