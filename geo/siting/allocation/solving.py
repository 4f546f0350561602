"""Allocating units to uses: the best found, and a bound that no allocation can pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.certificates import settled_allocation
from geo.errors import InputError, LimitError, Problem
from geo.siting.allocation.certify import certificate
from geo.siting.allocation.conflict import explain, feasible
from geo.siting.allocation.dual import Prices, ascent, improve, priced
from geo.siting.allocation.dual import field as laid
from geo.siting.allocation.effort import USUAL, Effort
from geo.siting.allocation.lots import NO_USE, Flags, Floats, Lots, Whole
from geo.siting.allocation.model import Model, model
from geo.siting.allocation.plan import Plan, Work, goal_table, names, use_table
from geo.siting.allocation.plan import gap as open_gap
from geo.siting.allocation.program import eased, exact, size
from geo.siting.allocation.rules import Demand, Goal, Rule
from geo.siting.allocation.search import Finder
from geo.words import Text

CLOSE = 1e-9  # of the score: what rounding may put prices above what they prove


@dataclass
class Answer:
    """What is known so far: the prices, the search, and the word of HiGHS."""

    on: Model
    prices: Prices
    finder: Finder
    sweeps: int
    program: float = 0.0
    word: float = field(default=np.inf)

    @property
    def bound(self) -> float:
        """The least bound known."""
        return min(self.prices.bound, self.word)

    def open(self, wanted: float) -> bool:
        """Say whether the gap is still too large."""
        return self.finder.state is None or open_gap(self.finder.value, self.bound) > wanted


def allocate(
    given: Lots,
    *,
    goals: Sequence[Goal] = (),
    rules: Sequence[Rule] = (),
    gap: float = 1e-4,
    effort: Effort = USUAL,
    start: pd.Series[str] | None = None,
) -> Plan:
    """Give each unit one use, or none, so that the score is largest.

    The score is the suitability of the uses taken and what borders between them count. Units are
    whole: without goals and rules about neighbours this is a generalised assignment problem with
    ends on both sides, whose bound is that of units that may be split (a transportation problem,
    see `split`); with them, a pairwise model under demands, whose bound is that of its local
    polytope.

    Parameters
    ----------
    given
        The units, from `lots`.
    goals
        What borders count. Suitability always counts.
    rules
        What every allocation obeys.
    gap
        Share of the score at which the search may end.
    effort
        The work that the search may do, counted.
    start
        An allocation known: the use of each unit by label, "" for none. What is found is no worse
        where it keeps the rules; where it does not it counts for nothing.

    Returns
    -------
    Plan
        The best found, bound and gap. Of several equally good ones one. Patches and pieces bind
        every allocation, while the bound by prices leaves them out: its gap then may stay wide.

    Raises
    ------
    InfeasibleError
        If no allocation obeys the rules: with a minimal set of rules in conflict, what the demands
        among them ask for and what there is.
    LimitError
        If a limit was hit before any was found or the contrary proven.
    InputError
        If goals or rules are wrong, or a start leaves out a unit or has a use that is none.

    Examples
    --------
    Three units of 1 m² in a row, two of which are to be works, which homes dislike at 2 per metre.
    Homes suit the middle best, but there they have two borders with works: 5 + 1 + 5 − 4 = 7. On
    the left it is 4 + 4 + 5 − 2 = 11.

    >>> import pandas as pd
    >>> from geo.siting.allocation import Affinity, Demand, allocate, lots
    >>> fit = pd.DataFrame({"homes": [4.0, 5.0, 0.0], "works": [1.0, 4.0, 5.0]})
    >>> row = pd.DataFrame({"left": [0, 1], "right": [1, 2], "length_m": 1.0})
    >>> plan = allocate(lots(pd.Series(1.0, fit.index), fit, neighbours=row),
    ...     goals=[Affinity("homes", "works", -2.0)], rules=[Demand("works", 2.0, 2.0)])
    >>> list(plan.use), plan.score, plan.gap
    (['homes', 'works', 'works'], 11.0, 0.0)
    """
    if not gap >= 0:
        raise InputError(Text("间隙不为负", "gap ≥ 0"))
    on = model(given, goals, rules)
    known = None if start is None else _known(on, start)
    begin = eased(on)
    if begin.land is None:
        raise explain(given, rules, effort)
    answer = _priced(on, begin.land, effort)
    if known is not None:
        answer.finder.look(known)
    _search(answer, gap, effort)
    best = answer.finder.state
    if best is None:
        raise _nothing(given, rules, effort)
    return _plan(answer, best, gap)


def _known(on: Model, start: pd.Series[str]) -> Whole:
    """Give the state of each unit of an allocation known."""
    place = {use: state for state, use in enumerate((*on.lots.uses, NO_USE))}
    state = start.reindex(on.lots.labels).map(place)
    gone = state.index[state.isna()]
    if len(gone):
        problems = [Problem(row=str(label), field="start") for label in gone]
        told = Text(
            "起始方案缺少单元或用途有误", "the start lacks a unit, or has a use that is none"
        )
        raise InputError(told, problems=problems)
    return np.asarray(state, np.int64)


def _priced(on: Model, land: Floats, effort: Effort) -> Answer:
    """Bound the score by prices, beginning with those of land where units may be split."""
    net = laid(on)
    under = ascent(on, net, land)
    best = priced(on, net, land, under.message.copy())
    sweeps = effort.sweeps if len(on.left) else 0
    if sweeps:
        best = improve(under, best, sweeps=sweeps)
    return Answer(on, best, Finder(on), sweeps)


def _search(answer: Answer, wanted: float, effort: Effort) -> None:
    """Look for allocations, and where few states are open, for the best of all."""
    start, tried = answer.prices.left.argmax(axis=1), None
    for _ in range(effort.rounds):
        start = answer.finder.round(start, heats=effort.heats)
        if not answer.open(wanted):
            return
        opened = _open(answer)
        if size(answer.on, opened) <= effort.small and tried is None:
            tried = _decide(answer, opened, effort)
            if tried or not answer.open(wanted):
                return


def _open(answer: Answer) -> Flags:
    """Give the states which units can take in a better allocation than the best found."""
    lost = answer.prices.left.max(axis=1, keepdims=True) - answer.prices.left
    slack = CLOSE * max(abs(answer.prices.bound), abs(answer.finder.value), 1.0)
    room = answer.prices.bound - answer.finder.value + slack
    return np.asarray(answer.on.allowed & (lost <= room), np.bool_)


def _decide(answer: Answer, opened: Flags, effort: Effort) -> bool:
    """Let HiGHS decide among open states; say whether it came to an end."""
    finder = answer.finder
    said = exact(answer.on, opened, work=effort.work, start=finder.state)
    answer.program += said.work
    if said.state is not None:
        finder.look(said.state)
    # what is no longer open is no better than the best found
    answer.word = max(said.bound, finder.value)
    return not said.stopped


def _nothing(given: Lots, rules: Sequence[Rule], effort: Effort) -> Exception:
    if feasible(given, rules, effort) is False:
        return explain(given, rules, effort)
    return LimitError(
        Text(
            "限度内未找到方案，也未证明无解；处理：放宽工作量",
            "no allocation found within the limit, nor proven that there is none; remedy: more "
            "work",
        )
    )


def _plan(answer: Answer, state: Whole, wanted: float) -> Plan:
    """Measure the best found anew, and write down its proof."""
    on, finder = answer.on, answer.finder
    score = finder.value
    proof = settled_allocation(certificate(on, answer.prices, state, score, answer.word))
    claims = proof.claims
    left = open_gap(score, claims.bound)
    return Plan(
        names(on, state),
        score,
        claims.bound,
        left,
        claims.certified,
        claims.by,
        left <= wanted,
        Work(answer.sweeps, finder.moves, answer.program),
        goal_table(on, state),
        use_table(on, state),
        proof,
    )


class Split(NamedTuple):
    """Units in parts: area_m2 of each use by label, the score, and prices of land per m² by use."""

    area_m2: pd.DataFrame
    score: float
    price: pd.Series[float]


def split(given: Lots, demands: Sequence[Demand]) -> Split:
    """Allocate units that may be split: a transportation problem, a minimum-cost flow.

    A part of a unit counts its share of the suitability. Parts are whole 0.01 m², as units and the
    ends of demands are; the score is the largest, by the duals of the program.

    Raises
    ------
    InfeasibleError
        If the demands cannot be met: with a minimal set of them in conflict.
    LimitError
        If the solver fails.

    Examples
    --------
    Of 4 m² three are to be a park, which is worth 1 per m², the rest are homes at 2 per m².

    >>> fit = pd.DataFrame({"homes": [8.0], "park": [4.0]}, index=["a"])
    >>> from geo.siting.allocation import Demand, lots, split
    >>> parts = split(lots(pd.Series([4.0], index=["a"]), fit), [Demand("park", 3.0)])
    >>> parts.area_m2.loc["a"].tolist(), parts.score
    ([1.0, 3.0], 5.0)
    """
    on = model(given, (), demands)
    begin = eased(on)
    if begin.parts is None or begin.land is None:
        raise explain(given, demands, USUAL)
    parts = np.round(begin.parts).astype(np.int64)
    total = parts.sum(axis=0)
    if (parts.sum(axis=1) > given.area).any() or not ((on.low <= total) & (total <= on.high)).all():
        raise LimitError(Text("求解器的解不够精确", "the solver's answer is not exact enough"))
    area = pd.DataFrame(parts / 100, given.labels, list(given.uses)).reindex(given.given)
    score = float((parts * given.suitability / given.area[:, None]).sum())
    return Split(area, score, pd.Series(begin.land * 100, list(given.uses)))
