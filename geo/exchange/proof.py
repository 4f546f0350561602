"""The best exchange and its proof: multipliers for a bound, small programs for plans.

1. Multipliers give a lower bound, and for each unit a bound of all plans in which it decides
   otherwise (`dual`); with floors on blocks a linear program cut and priced does (`relaxed`).
2. The units in doubt, those whose other decision costs least, go into a small program (`exact`);
   all others stay as the multipliers have them. A first plan comes from a smaller one.
3. A plan in which a unit outside that program decides otherwise has that unit's bound. The less of
   these and of the program's own bound is a bound of all plans.
4. A program in which the units outside move together, in few columns, gives another (`rest`).
5. The program grows until the gap is closed; with all units it must be.

What it rests on is kept: the prices that bound, which of them fix which unit, and what is the
solver's own word.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from geo.exchange.dual import Priced, Task, multipliers, price, task
from geo.exchange.exact import Enough, Found, Search, best, doubt, eased, planned
from geo.exchange.model import Change, shift
from geo.exchange.relaxed import tightened
from geo.exchange.rest import Rest
from geo.exchange.units import Flags, Floats, Whole

FIRST = 4  # the program for a first plan is so much smaller
LOOSE = 0.02  # gap of the programs for a first plan
SHARE = 0.3  # of the work left that one small program may take
ROOT = 0.05  # work, by the square of its units, that a program takes before it can be stopped


class Word(NamedTuple):
    """A bound that is the solver's own word.

    Plans in which the units that are not `opened` decide as in `moves` are no better than `bound`;
    those in which one of them decides otherwise are no better than `beyond`. A program `joined`
    has all units, some of them together.
    """

    kind: Literal["open", "joined"]
    bound: float
    beyond: float
    opened: Flags
    moves: Flags


@dataclass
class Known:
    """What prices say: the moves they favour, and what a unit's other decision bounds.

    `forced[v]` has, for each unit, the best bound of plans in which it stays (v = 0) or moves
    (v = 1); `by` is which of the prices gives it.
    """

    priced: list[Priced] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    forced: Floats = field(default_factory=lambda: np.zeros((2, 0)))
    by: Whole = field(default_factory=lambda: np.zeros((2, 0), np.int64))
    guess: Flags = field(default_factory=lambda: np.zeros(0, np.bool_))

    @property
    def bound(self) -> float:
        """The bound of all plans."""
        return max(one.bound for one in self.priced)

    @property
    def top(self) -> Priced:
        """The prices with the best bound."""
        return max(self.priced, key=lambda one: one.bound)

    @property
    def moves(self) -> Flags:
        """The decision of each unit whose opposite has the higher bound."""
        stay, go = self.forced
        return np.asarray(np.where(stay == go, self.guess, go < stay))

    @property
    def other(self) -> Floats:
        """Bounds of plans in which a unit decides otherwise than in `moves`, shape (k,)."""
        return np.asarray(np.where(self.moves, self.forced[0], self.forced[1]))

    def learn(self, one: Priced) -> None:
        """Take what prices say."""
        new = one.forced
        if not self.priced:
            self.forced, self.by = new, np.zeros(new.shape, np.int64)
        better = new > self.forced
        self.forced = np.where(better, new, self.forced)
        self.by = np.where(better, len(self.priced), self.by)
        self.priced.append(one)


class Proven(NamedTuple):
    """The best moves with their bound, and what that rests on."""

    found: Found
    known: Known


class Small(NamedTuple):
    """What a program of the units in doubt gives, and what it says as the solver's word."""

    found: Found
    word: Word


def minimise(
    within: Search, objective: Change, *, gap: float, start: Flags | None = None
) -> Proven:
    """Minimise the change of an objective; see `exact.best` for the parameters."""
    of, known = task(within.model, objective, within.limits, within.cuts), Known()
    if len(within.model.free) <= within.effort.small:
        every = np.ones(len(within.model.free), np.bool_)
        known.learn(tightened(within, of, objective, every).priced)
        top = best(within, objective, enough=Enough(gap), start=start)
        known.words.append(Word("open", top.bound, math.inf, every, ~every))
        return Proven(top, known)
    found = multipliers(of, within.purse.share(0.5), gap=gap)
    known.guess = found.moves
    for prices in found.prices:
        known.learn(price(of, prices))
    if within.cuts:
        _tighten(within, of, objective, known)
    return Proven(_core(within, of, known, gap=gap, start=start), known)


def _tighten(within: Search, of: Task, objective: Change, known: Known) -> None:
    """Price the rules by the linear program, floors on blocks cut as far as it breaks them."""
    core = np.zeros(len(known.guess), np.bool_)
    core[_order(within, known)[: within.effort.core]] = True
    found, shares = tightened(within, of, objective, core | known.moves)
    known.learn(found)
    known.guess = shares > 0.5


def _order(within: Search, known: Known) -> Whole:
    """Give the units, those most in doubt first: few that move, then by what a move would cost."""
    cost, moves = known.other.copy(), known.moves
    if moves.sum() <= within.effort.core / 2:
        cost[moves] = -math.inf
    return np.argsort(cost, kind="stable")


def _closed(top: Found, gap: float) -> bool:
    return top.moves is not None and top.value - top.bound <= gap * abs(top.value)


def _core(within: Search, of: Task, known: Known, *, gap: float, start: Flags | None) -> Found:
    """Look for plans among the units in doubt, more of them until the gap is closed.

    A plan in which another unit decides otherwise is bounded by the first unit left out: the less
    of that and of the bound of the small program is a bound of all plans.
    """
    objective = of.objective
    start = _first(within, objective, known) if start is None else start
    value = math.inf if start is None else shift(within.model, objective, start)
    top, size = Found(start, value, known.bound, stopped=False), within.effort.core
    while not (_closed(top, gap) or within.purse.empty()):
        opened = _opened(within, known, top, gap, size)
        if ROOT * float(opened.sum()) ** 2 > within.purse.left:
            return top._replace(stopped=True)
        before = sum(len(one.cut) for one in within.cuts)
        found, word = _small(within, objective, known, top, opened=opened, gap=gap)
        known.words.append(word)
        top = _taken(top, found, min(word.bound, max(word.beyond, known.bound)))
        if opened.all() or _closed(top, gap):
            break
        if sum(len(one.cut) for one in within.cuts) > before:
            _tighten(within, of, objective, known)
        if size == within.effort.core:
            top = _joint(within, objective, known, top, gap)
        size *= within.effort.growth
    return top._replace(stopped=not _closed(top, gap) and within.purse.spent)


def _first(within: Search, objective: Change, known: Known) -> Flags | None:
    """Look for a first plan among few units in doubt, then among more."""
    order, size = _order(within, known), max(within.effort.core // FIRST, 1)
    while not within.purse.empty():
        opened = np.zeros(len(order), np.bool_)
        opened[order[:size]] = True
        decided = np.stack([~opened, known.moves & ~opened])
        found = planned(within.part(SHARE), objective, decided, gap=LOOSE)
        if found is not None or size >= len(order) or size > within.effort.core:
            return found
        size *= within.effort.growth
    return None


def _opened(within: Search, known: Known, top: Found, gap: float, size: int) -> Flags:
    """Give the units in doubt: so many, and all that can matter where these are fewer."""
    opened = np.zeros(len(known.guess), np.bool_)
    opened[_order(within, known)[:size]] = True
    if top.moves is not None:
        left = _left(known, top, gap)
        opened = (opened | left if left.sum() <= 2 * size else opened) | (top.moves != known.moves)
    return opened


def _small(
    within: Search, objective: Change, known: Known, top: Found, *, opened: Flags, gap: float
) -> Small:
    """Solve the program of the units in doubt; give the bound of plans beyond it, too."""
    moves = known.moves
    decided = np.stack([~opened, moves & ~opened])
    part = within.part(1.0 if opened.all() else SHARE)
    target = top.bound / (1 + gap) if top.bound < 0 else -math.inf
    found = best(part, objective, enough=Enough(gap, target), known=decided, start=top.moves)
    beyond = float(known.other[~opened].min(initial=math.inf))
    return Small(found, Word("open", found.bound, beyond, opened, moves))


def _joint(within: Search, objective: Change, known: Known, top: Found, gap: float) -> Found:
    """Better the bound by a program of the units in doubt in which all others move together."""
    priced = known.top
    least = doubt(within, objective, shares=priced.shares, prices=priced.prices)
    order = np.argsort(np.where(known.moves, -math.inf, least), kind="stable")
    rest = np.ones(len(order), np.bool_)
    rest[order[: within.effort.joint + int(known.moves.sum())]] = False
    sets = np.array([priced.prices, *(one.prices for one in known.priced if one is not priced)])
    bound = eased(within.part(SHARE), objective, Rest(rest, priced.shares, sets), gap=0.2 * gap)
    every = np.ones(len(order), np.bool_)
    known.words.append(Word("joined", bound, math.inf, every, ~every))
    return top._replace(bound=min(max(top.bound, bound), top.value))


def _taken(top: Found, found: Found, bound: float) -> Found:
    """Take a better plan and a better bound."""
    bound = max(top.bound, bound)
    if found.moves is None or not found.value < top.value:
        return top._replace(bound=min(bound, top.value))
    return top._replace(moves=found.moves, value=found.value, bound=min(bound, found.value))


def _left(known: Known, top: Found, gap: float) -> Flags:
    """Say which units may decide otherwise in a plan that is better by more than the gap."""
    return np.asarray(known.other < top.value - gap * abs(top.value))
