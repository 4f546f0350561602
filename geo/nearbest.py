"""Plans nearly as good as the best that differ from it most: modelling to generate alternatives.

A plan is a choice among numbered things: sites, pairs. Whoever solves the question for the best
plan solves it here too, with some things barred and some that must be taken, so that every bound
rests on what the best plan's bound rests on.

RULE 1  A further plan loses no more than the limit.
RULE 2  It shares as few things as can be with the earlier plan that it shares most with; none that
        takes all that an earlier one takes is a further plan.
RULE 3  Of those it is the one that loses least.

How few can be shared is halved: to ask whether some plan shares at most r with each earlier one is
to solve the question, and where the answer shares more, one of r + 1 of the things shared is barred
in each of as many parts, which together hold every plan that is asked for.

Brill, E. D. (1979): The use of optimization models in public-sector planning. Management Science
25, 413-422. Brill, E. D., Chang, S.-Y. and Hopkins, L. D. (1982): Modeling to generate
alternatives: the HSJ approach and an illustration using a problem in land use planning. Management
Science 28, 221-235.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Things = frozenset[int]
NONE: Things = frozenset()
CASES = 60  # questions that may be solved to ask whether so few can be shared


class Case(NamedTuple):
    """Some of all plans: those that take nothing of what is barred and all of what is kept."""

    barred: Things = NONE
    kept: Things = NONE


class Best(NamedTuple):
    """The best plan found of a case: what it takes, what it loses, and the least any could."""

    chosen: Things
    loss: float
    bound: float


Solve = Callable[[Case], Best | None]
"""Solves a case; None where it holds no plan."""


@dataclass(frozen=True)
class Other:
    """A further plan.

    Attributes
    ----------
    chosen
        What it takes.
    loss
        What it loses.
    shared
        How much it shares with the earlier plan that it shares most with.
    fewest
        No plan within the limit shares fewer with each of the earlier plans.
    """

    chosen: Things
    loss: float
    shared: int
    fewest: int

    @property
    def proven(self) -> bool:
        """Whether no plan within the limit differs more."""
        return self.shared == self.fewest


@dataclass(frozen=True)
class Others:
    """Further plans, in the order they were found.

    `ended`: there are fewer than were asked for, since no plan more lies within the limit; where
    work ended the search before that was known, there are fewer and it is false.
    """

    plans: tuple[Other, ...]
    ended: bool


def further(first: Things, solve: Solve, *, limit: float, count: int, cases: int = CASES) -> Others:
    """Find plans within a limit that differ most from all before them.

    Parameters
    ----------
    first
        What the best plan takes.
    solve
        Solves a case; the same case always has the same answer.
    limit
        What a plan may lose at most, closed.
    count
        How many plans more.
    cases
        How many cases may be solved to ask whether so few things can be shared: with more of them
        more is proven.

    Examples
    --------
    Two of four places are taken; the best, 0 and 1, lose 0, and each place further right 1 more.

    >>> from itertools import combinations
    >>> def solve(case):
    ...     able = [s for s in map(frozenset, combinations(range(4), 2))
    ...             if not s & case.barred and s >= case.kept]
    ...     best = min(able, key=lambda s: (sum(s) - 1, sorted(s)), default=None)
    ...     return None if best is None else Best(best, sum(best) - 1, sum(best) - 1)
    >>> [(sorted(one.chosen), one.loss, one.shared, one.proven)
    ...  for one in further(frozenset({0, 1}), solve, limit=4, count=2).plans]
    [([2, 3], 4, 0, True), ([0, 2], 1, 1, True)]
    >>> [sorted(one.chosen) for one in further(frozenset({0, 1}), solve, limit=1, count=1).plans]
    [[0, 2]]
    """
    search = _Search(solve, limit, cases)
    found: list[Other] = []
    earlier = [first]
    for _ in range(count):
        other, fewest = _next(search, earlier)
        if other is None:
            return Others(tuple(found), ended=fewest >= _levels(earlier))
        shared = _most_shared(other.chosen, earlier)
        found.append(Other(other.chosen, other.loss, shared, fewest))
        earlier.append(other.chosen)
    return Others(tuple(found), ended=False)


class _Search:
    """The question with its answers so far, and what limits the search."""

    def __init__(self, solve: Solve, limit: float, cases: int) -> None:
        self.limit, self.cases = limit, cases
        self._solve = solve
        self._known: dict[Case, Best | None] = {}
        self.left = cases
        self._number = 0

    def best(self, case: Case) -> Best | None:
        """Solve a case, once; None where no plan of it lies within the limit."""
        if case not in self._known:
            self.left -= 1
            self._known[case] = self._solve(case)
        found = self._known[case]
        return found if found is not None and found.bound <= self.limit else None

    def number(self) -> int:
        """Give numbers in turn."""
        self._number += 1
        return self._number


class _Next(NamedTuple):
    """A plan, none where none was found, and how few can be shared at least."""

    plan: Best | None
    fewest: int


class _Open(NamedTuple):
    """A case that is still to be looked at; the least bound is the first."""

    bound: float
    number: int
    case: Case
    best: Best


class _Looked(NamedTuple):
    """A plan that shares few enough, none where none was found, and whether that is known."""

    plan: Best | None
    settled: bool


def _levels(earlier: Sequence[Things]) -> int:
    """Give from how many things shared on a plan is no further one."""
    return max(map(len, earlier))


def _most_shared(chosen: Things, earlier: Sequence[Things]) -> int:
    return max(len(chosen & one) for one in earlier)


def _next(search: _Search, earlier: Sequence[Things]) -> _Next:
    """Halve how few things can be shared (RULE 2)."""
    low, high, fewest = 0, _levels(earlier) - 1, 0
    plan: Best | None = None
    while low <= high:
        most = (low + high) // 2
        looked = _look(search, earlier, most)
        if looked.plan is not None:
            plan = looked.plan
            high = _most_shared(plan.chosen, earlier) - 1
        else:
            fewest = most + 1 if looked.settled else fewest
            low = most + 1
    return _Next(plan, fewest)


def _look(search: _Search, earlier: Sequence[Things], most: int) -> _Looked:
    """Ask for a plan that shares at most so many with each; the best cases first (RULE 3)."""
    search.left, settled = search.cases, True
    cases: list[_Open] = []
    _push(cases, search, [Case()])
    while cases:
        case, best = heapq.heappop(cases)[2:]
        same = _over(best.chosen, earlier, most)
        if same is None and best.loss <= search.limit:  # RULE 1
            return _Looked(best, settled)
        if same is None:
            settled = False  # a better plan of this case may lie within the limit
        elif search.left <= 0:
            return _Looked(None, settled=False)
        else:
            parts = _parts(case, best.chosen & same, min(most, len(same) - 1))
            _push(cases, search, (p for p in parts if _over(p.kept, earlier, most) is None))
    return _Looked(None, settled)


def _push(cases: list[_Open], search: _Search, parts: Iterable[Case]) -> None:
    """Add the cases that may hold a plan within the limit, the first come first among equals."""
    for part in parts:
        best = search.best(part)
        if best is not None:
            heapq.heappush(cases, _Open(best.bound, search.number(), part, best))


def _over(chosen: Things, earlier: Sequence[Things], most: int) -> Things | None:
    """Give an earlier plan of which more is taken than may be, which is never all of it."""
    held = (one for one in earlier if len(chosen & one) > min(most, len(one) - 1))
    return next(held, None)


def _parts(case: Case, shared: Things, most: int) -> Iterator[Case]:
    """Give the parts of a case in which one of most + 1 things that are shared is barred."""
    free = sorted(shared - case.kept)[: most + 1 - len(shared & case.kept)]
    for place, one in enumerate(free):
        yield Case(case.barred | {one}, case.kept.union(free[:place]))
