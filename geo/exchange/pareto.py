"""The front between goals: the best plans for other weights of some goals against the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.errors import InputError, LimitError
from geo.exchange.effort import USUAL, Effort
from geo.exchange.goals import Goal
from geo.exchange.plan import Plan
from geo.exchange.rules import Rule
from geo.exchange.solving import solve
from geo.exchange.units import Units
from geo.words import Text

UPRIGHT = 1e-9  # this near to a right angle the others count for nothing


@dataclass(frozen=True)
class Sweep:
    """How a front is searched: how many points, each with which effort and to which gap."""

    points: int = 5
    effort: Effort = USUAL
    gap: float = 1e-3


@dataclass(frozen=True, eq=False)
class Point:
    """A plan of a front.

    Attributes
    ----------
    factor
        On the weights of the goals that are traded: 0 for none of them, inf for them alone.
    plan
        The best plan for these weights; None where the effort found none.
    """

    factor: float
    plan: Plan | None


SWEEP = Sweep()


def front(
    given: Units,
    *,
    goals: Sequence[Goal],
    traded: Sequence[Goal],
    rules: Sequence[Rule] = (),
    sweep: Sweep = SWEEP,
) -> list[Point]:
    """Give the best plans for other weights of some goals against all the others.

    Weights run from none at all to these goals alone, at equal angles, so that each plan is the
    best for some planner: a supported point of the Pareto front (weighted sums). Between two such
    points there may be others that no weights find. At both ends plans are best in one side alone,
    whatever the other is then; neighbouring points may be the same plan.

    Parameters
    ----------
    given, rules
        As in `solve`.
    goals
        All goals, with the weights of today's wish.
    traded
        Those among them whose weights change.
    sweep
        How it is searched.

    Returns
    -------
    list of Point
        By growing factor.

    Raises
    ------
    InfeasibleError
        If no plan obeys the rules.
    InputError
        If there is nothing to trade, or nothing to trade it against; if there are fewer than two
        points.

    Examples
    --------
    Two parcels may enter, one flat and dear, one steep and cheap, for the one that leaves: slope
    + factor · cost is 1 + 8 f, 5 + 2 f, and 9 where all stay.

    >>> import pandas as pd
    >>> from geo.exchange import Balance, Mean, Moved, units
    >>> fields = pd.DataFrame({"area_m2": 1.0, "slope": [9.0, 1.0, 5.0], "cost": [0.0, 8.0, 2.0],
    ...     "member": [True, False, False], "may_leave": True, "may_enter": True})
    >>> goals = [Mean("slope"), Moved("cost")]
    >>> points = front(units(fields), goals=goals, traded=goals[1:], rules=[Balance()])
    >>> [(round(one.factor, 2), list(one.plan.entering)) for one in points]
    [(0.0, [1]), (0.41, [1]), (1.0, [2]), (2.41, []), (inf, [])]
    """
    kinds = {goal in traded for goal in goals}
    if kinds != {True, False} or sweep.points < 2:
        raise InputError(
            Text(
                "须有两类目标与至少两个点",
                "goals to trade, others, and two points at least are needed",
            )
        )
    points = []
    for angle in np.linspace(0, math.pi / 2, sweep.points):
        factor = math.tan(angle) if angle < math.pi / 2 - UPRIGHT else math.inf
        weighed = [
            one
            for one in (_weighed(goal, factor, traded=goal in traded) for goal in goals)
            if one is not None
        ]
        points.append(Point(factor, _plan(given, weighed, rules, sweep)))
    return points


def _weighed(goal: Goal, factor: float, *, traded: bool) -> Goal | None:
    """Give a goal with the weight of a point, None where it counts for nothing."""
    if math.isinf(factor):
        return goal if traded else None
    if traded:
        return replace(goal, weight=goal.weight * factor) if factor else None
    return goal


def _plan(given: Units, goals: Sequence[Goal], rules: Sequence[Rule], sweep: Sweep) -> Plan | None:
    try:
        return solve(given, goals=goals, rules=rules, effort=sweep.effort, gap=sweep.gap)
    except LimitError:
        return None
