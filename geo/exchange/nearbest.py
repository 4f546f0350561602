"""Exchanges nearly as good as the best that move other land: modelling to generate alternatives.

What earlier plans move has a price, and the exchange is solved again. At so small a price that all
of it costs no more than may be lost, the plan stays near the best; the price rises fourfold from
there until the plan lies outside the limit, and is then halved in (geometrically) between the last
within and the first outside. Plans at some prices alone are looked at, so the one that is given is
the most unlike found, not the most unlike there is; but each price also proves how much at least
every plan within the limit shares, since such a plan costs no less than the bound at that price. A
plan that moves all that an earlier one moves is no further plan.

Brill, E. D., Chang, S.-Y. and Hopkins, L. D. (1982): Modeling to generate alternatives: the HSJ
approach and an illustration using a problem in land use planning. Management Science 28, 221-235.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from geo.errors import InfeasibleError, LimitError
from geo.exchange.effort import USUAL, Effort
from geo.exchange.goals import Goal, Moved
from geo.exchange.model import model
from geo.exchange.plan import Plan
from geo.exchange.ratios import objective
from geo.exchange.rules import Budget, Rule
from geo.exchange.solving import solve
from geo.exchange.units import Flags, Floats, Units

EARLIER = "moved by earlier plans, m2"  # a column no county has
RISE = 4.0  # of the price, until a plan lies outside
M2 = 100.0  # areas are whole 0.01 m²


@dataclass(frozen=True)
class Near:
    """Which plans are near the best, how many are wanted, and how they are searched.

    Attributes
    ----------
    share
        Of the improvement over today that a plan may lose at most, closed.
    plans
        How many further plans.
    prices
        At how many prices each is searched.
    effort, gap
        Of each search, as in `solve`.
    """

    share: float
    plans: int = 1
    prices: int = 6
    effort: Effort = USUAL
    gap: float = 1e-3


@dataclass(frozen=True, eq=False)
class Other:
    """A further plan.

    Attributes
    ----------
    plan
        Who is a member afterwards; its objective and bound are those at the price.
    objective
        Of the goals as they were asked for.
    shared_m2
        Land moved by it and by each of the earlier plans, added up.
    least_m2
        No plan within the limit shares less, as prices prove.
    earlier_m2
        Land moved by the earlier plans, added up.
    """

    plan: Plan
    objective: float
    shared_m2: float
    least_m2: float
    earlier_m2: float


def near_best(
    given: Units, best: Plan, *, goals: Sequence[Goal], rules: Sequence[Rule], near: Near
) -> list[Other]:
    """Find exchanges within a share of the best improvement that move other land.

    Parameters
    ----------
    given, goals, rules
        As in `solve`.
    best
        The plan that `solve` gave.
    near
        What is near, and how it is searched.

    Returns
    -------
    list of Other
        As many as asked for, or fewer: the last search found no further plan within the limit.

    Examples
    --------
    One of two alike steep members leaves, for one of two alike flat ones; the other pair is as good
    and moves nothing that the first moves.

    >>> import pandas as pd
    >>> from geo.exchange import Balance, Budget, Mean, solve, units
    >>> fields = pd.DataFrame({"area_m2": 1.0, "slope": [20.0, 20.0, 4.0, 4.0],
    ...     "member": [True, True, False, False], "may_leave": True, "may_enter": True})
    >>> goals, rules = [Mean("slope")], [Balance(), Budget(most=1, side="leave")]
    >>> best = solve(units(fields), goals=goals, rules=rules)
    >>> others = near_best(units(fields), best, goals=goals, rules=rules, near=Near(0.01))
    >>> [(one.objective, one.shared_m2, one.least_m2) for one in others]
    [(12.0, 0.0, 0.0)]
    """
    room = near.share * abs(best.before - best.objective)
    asked = _Asked(given, goals, rules, near, room, best.objective + room)
    earlier = [_moved(given, best)]
    found: list[Other] = []
    for _ in range(near.plans):
        other = _next(asked, earlier)
        if other is None:
            break
        found.append(other)
        earlier.append(_moved(given, other.plan))
    return found


class _Asked(NamedTuple):
    """The question, what a plan may lose, and the objective that it then has at most."""

    given: Units
    goals: Sequence[Goal]
    rules: Sequence[Rule]
    near: Near
    room: float
    limit: float


class _Tried(NamedTuple):
    """A plan at a price, its objective without the price, and what it shares, m²."""

    price: float
    plan: Plan
    objective: float
    shared_m2: float


def _moved(given: Units, plan: Plan) -> Flags:
    after: Flags = plan.member.to_numpy(np.bool_)
    return given.member ^ after


def _next(asked: _Asked, earlier: Sequence[Flags]) -> Other | None:
    """Give the new plan within the limit that shares least with earlier ones, if there is one."""
    taken: Floats = asked.given.area / M2 * np.sum(earlier, axis=0)
    whole = float(taken.sum())
    if not (whole and asked.room):
        return None
    tries = list(_tries(_without(asked, earlier), taken))
    within = [one for one in tries if one.objective <= asked.limit]
    if not within:
        return None
    best = min(within, key=lambda one: one.shared_m2)
    proven = max((one.plan.certified - asked.limit) / one.price for one in tries)
    least = min(max(proven, 0.0), best.shared_m2)
    return Other(best.plan, best.objective, best.shared_m2, least, whole)


def _without(asked: _Asked, earlier: Sequence[Flags]) -> _Asked:
    """Add that of no earlier plan everything moves."""
    names = [f"{EARLIER}: {place}" for place in range(len(earlier))]
    columns = {name: moved.astype(np.float64) for name, moved in zip(names, earlier, strict=True)}
    table = asked.given.table.assign(**columns)
    rules = [
        Budget(name, most=float(moved.sum()) - 1)
        for name, moved in zip(names, earlier, strict=True)
    ]
    given = replace(asked.given, table=table)
    return asked._replace(given=given, rules=[*asked.rules, *rules])


def _tries(asked: _Asked, taken: Floats) -> Iterator[_Tried]:
    """Give plans at prices that rise until one lies outside the limit, and are then halved in."""
    low, high = 0.0, math.inf
    price = RISE * asked.room / float(taken.sum())
    for _ in range(asked.near.prices):
        tried = _at(asked, taken, price)
        if tried is not None:
            yield tried
        if tried is not None and tried.objective - _open(tried.plan) <= asked.limit:
            low = price
        else:
            high = price
        far = RISE * low if math.isinf(high) else math.sqrt(low * high)
        price = far if low else high / RISE


def _open(plan: Plan) -> float:
    """Give by how much a better plan at the price could lose less: such a price is not too high."""
    return plan.objective - plan.bound if math.isfinite(plan.bound) else 0.0


def _at(asked: _Asked, taken: Floats, price: float) -> _Tried | None:
    """Solve the question at a price; None where there is no plan, or none was found."""
    priced = replace(asked.given, table=asked.given.table.assign(**{EARLIER: taken}))
    goals = [*asked.goals, Moved(EARLIER, weight=price)]
    near = asked.near
    try:
        plan = solve(priced, goals=goals, rules=asked.rules, gap=near.gap, effort=near.effort)
    except (InfeasibleError, LimitError):
        return None
    moved = _moved(asked.given, plan)
    own = objective(model(asked.given, asked.goals, asked.rules), plan.member.to_numpy(np.bool_))
    return _Tried(price, plan, own, float(taken[moved].sum()))
