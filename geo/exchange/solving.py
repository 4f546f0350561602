"""Solving an exchange: the best plan found, and a bound that no plan can pass."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from geo.certificates import Certificate, tightened
from geo.errors import InputError, LimitError
from geo.exchange.certify import certificate
from geo.exchange.conflict import explain
from geo.exchange.effort import USUAL, Effort
from geo.exchange.exact import Search, search
from geo.exchange.fractions import Outcome, minimise
from geo.exchange.goals import Goal
from geo.exchange.model import model, shift
from geo.exchange.plan import Plan
from geo.exchange.plan import gap as open_gap
from geo.exchange.ratios import objective, value
from geo.exchange.rules import Rule
from geo.exchange.units import Units
from geo.words import Text


def solve(
    given: Units,
    *,
    goals: Sequence[Goal],
    rules: Sequence[Rule] = (),
    seconds: float = math.inf,
    gap: float = 1e-4,
    effort: Effort = USUAL,
) -> Plan:
    """Choose what leaves and enters so that the weighted sum of goals is least.

    Parameters
    ----------
    given
        The units, from `units`.
    goals
        What is added up, each by its weight; less is better.
    rules
        What every plan obeys.
    seconds
        A time limit, if there has to be one: the plan found by then is given, with its bound, and
        is not reproducible. (Putting up the problem is not interrupted.)
    gap
        Share of the improvement at which the search may end.
    effort
        The work that the search may do, counted: where it is done, the plan found by then is given,
        the same on every machine.

    Returns
    -------
    Plan
        The best plan found, bound and gap. Of several equally good plans one.

    Raises
    ------
    InfeasibleError
        If no plan obeys the rules: with a minimal set of rules in conflict.
    LimitError
        If a limit was hit before any plan was found or the contrary proven.
    InputError
        If goals, rules or columns are wrong.

    Examples
    --------
    Of two steep members of 1 m² one may leave for a flat one: the mean slope falls from
    (20 + 10) / 2 = 15 to (10 + 4) / 2 = 7.

    >>> import pandas as pd
    >>> from geo.exchange import Balance, Mean, solve, units
    >>> fields = pd.DataFrame({"area_m2": 1.0, "slope": [20.0, 10.0, 4.0],
    ...     "member": [True, True, False], "may_leave": True, "may_enter": True})
    >>> plan = solve(units(fields), goals=[Mean("slope")], rules=[Balance()])
    >>> list(plan.leaving), list(plan.entering), plan.before, plan.objective, plan.gap
    ([0], [2], 15.0, 7.0, 0.0)
    """
    if not (seconds > 0 and gap >= 0):
        raise InputError(Text("时限须大于 0，间隙不为负", "seconds > 0 and gap ≥ 0"))
    begun = time.monotonic()
    on = model(given, goals, rules)
    within = search(on, effort=effort, deadline=begun + seconds)
    outcome = minimise(within, gap=gap)
    if outcome.moves is None:
        raise _nothing(within, stopped=outcome.stopped or within.purse.spent)
    proof = tightened(certificate(on, goals, rules, outcome, gap=gap))
    return plan(within, outcome, proof, begun=begun, wanted=gap)


def _nothing(within: Search, *, stopped: bool) -> Exception:
    if stopped:
        return LimitError(
            Text(
                "限度内未找到方案，也未证明无解；处理：放宽工作量或时限",
                "no plan found within the limit, nor proven that there is none; remedy: more work "
                "or seconds",
            )
        )
    return explain(within)


def plan(
    within: Search, outcome: Outcome, proof: Certificate, *, begun: float, wanted: float
) -> Plan:
    """Measure moves anew from goals and rules."""
    on = within.model
    given, today = on.units, on.units.member
    moves = np.zeros(len(on.free), np.bool_) if outcome.moves is None else outcome.moves
    after = on.member(moves)
    claims = proof.claims
    start, end = objective(on, today), objective(on, after)
    rows = [(limit, shift(on, limit.change, moves)) for limit in on.limits]
    left = open_gap(start, end, claims.bound)
    return Plan(
        pd.Series(after, index=given.labels, name="member"),
        given.labels[today & ~after],
        given.labels[~today & after],
        start,
        end,
        claims.bound,
        left,
        claims.certified,
        claims.by,
        left <= wanted,
        left > wanted and (outcome.stopped or within.purse.spent),
        not within.purse.late,
        time.monotonic() - begun,
        pd.DataFrame(
            [(t.words, t.weight, value(on, t, today), value(on, t, after)) for t in on.terms],
            columns=["goal", "weight", "before", "after"],
        ),
        pd.DataFrame(
            [(limit.words, moved, limit.low, limit.high) for limit, moved in rows],
            columns=["rule", "change", "low", "high"],
        ),
        proof,
    )
