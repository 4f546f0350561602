"""What a plan's bound rests on, written down so that others can check it (`geo.certificates`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from geo.certificates import (
    NONE,
    Certificate,
    Claims,
    Cut,
    End,
    ExchangeProblem,
    Floor,
    Program,
    Range,
    Statement,
)
from geo.exchange.blocks import Shot
from geo.exchange.dual import Priced
from geo.exchange.fractions import Evidence, Outcome
from geo.exchange.goals import Goal
from geo.exchange.model import Model, change
from geo.exchange.plan import ROUNDING
from geo.exchange.plan import gap as open_gap
from geo.exchange.proof import Word
from geo.exchange.ratios import Span, lower, objective
from geo.exchange.rules import Blocks, Reach, Rule
from geo.exchange.units import AREA, COUNT, Floats, Units, amounts, scopes


def certificate(
    on: Model, goals: Sequence[Goal], rules: Sequence[Rule], outcome: Outcome, *, gap: float
) -> Certificate:
    """Write down what the bound of a plan rests on; `geo.certificates.tightened` sets the bounds.

    The prices written are the best of all and those that fix a unit of the program whose bound is
    taken; of the solver's words the one that bounds best.

    Parameters
    ----------
    on, goals, rules
        The problem.
    outcome
        What the search outcome.
    gap
        The gap asked for: where prices alone prove it, no word of the solver is needed.
    """
    today = on.units.member
    after = today if outcome.moves is None else on.member(outcome.moves)
    whole = [one for one in outcome.evidence if one.whole]
    best = max(whole, key=lambda one: one.low, default=None)
    book = Book(on, rules, outcome.held, best)
    before, now = objective(on, today), objective(on, after)
    certified, programs = book.certified(), list[Program]()
    if outcome.bound > certified and open_gap(before, now, certified) > gap:
        programs = [one for one in book.words(outcome.bound) if _least(one) > certified]
    return Certificate(
        "exchange",
        _problem(on.units, goals, rules),
        Claims(now, before, -math.inf, -math.inf, "prices"),
        tuple(book.ranges()),
        tuple(book.statements),
        tuple(book.cuts),
        tuple(programs),
        after ^ today,
    )


class Subject(NamedTuple):
    """What a statement is about, as its own fields of these names say."""

    of: str
    goal: int
    sense: int


class Book:
    """Statements and cuts of a certificate, each written once."""

    def __init__(
        self, on: Model, rules: Sequence[Rule], held: list[Span], best: Evidence | None
    ) -> None:
        self.on, self.held, self.best = on, held, best
        self.order = _row_order(on.units, rules)
        self.statements: list[Statement] = []
        self.cuts: list[Cut] = []
        self._places: dict[int, int] = {}
        self._means = [k for k, term in enumerate(on.terms) if term.below is not None]

    def certified(self) -> float:
        """Write down the best prices; give the bound of the objective that they prove."""
        if self.best is None:
            return -math.inf
        top = self.best.known.top
        self._stated(top)
        return lower(self.best.made, top.bound)

    def words(self, bound: float) -> list[Program]:
        """Write down the solver's word that a bound rests on; none where prices bound as much."""
        size, free, best = len(self.on.units.labels), self.on.free, self.best
        fixed, decided = np.full(size, NONE), np.zeros(size, np.bool_)
        if best is None or best.low < bound:
            return [Program("split", bound, math.inf, fixed, decided)]
        word = max(best.known.words, key=_worth, default=None)
        if word is None or bound - self.certified() <= ROUNDING * abs(bound):
            return []
        said = lower(best.made, word.bound)
        closed = ~word.opened
        if word.kind == "joined" or not closed.any():
            return [Program(word.kind, said, math.inf, fixed, decided)]
        side = np.where(word.moves, 0, 1)[None]
        forced, by = (
            np.take_along_axis(both, side, axis=0)[0][closed]
            for both in (best.known.forced, best.known.by)
        )
        place = {int(k): self._stated(best.known.priced[k]) for k in np.unique(by)}
        fixed[free[closed]] = [place[int(k)] for k in by]
        decided[free[closed]] = word.moves[closed]
        beyond = lower(best.made, float(forced.min()))
        return [Program("open", said, beyond, fixed, decided)]

    def ranges(self) -> list[Range]:
        """Write down the ranges of denominators, and of excesses where they are needed."""
        excess = self.best.made.excess if self.best is not None else (None,) * len(self.held)
        made = []
        for place, (held, more) in enumerate(zip(self.held, excess, strict=True)):
            ends = [End(-math.inf), End(math.inf)]
            if more is not None:
                ends = self._ends("excess", place, more)
            made.append(Range(*self._ends("below", place, held), *ends))
        return made

    def _ends(self, of: str, place: int, held: Span) -> list[End]:
        goal = self._means[place]
        rates = self._rates(place) if of == "excess" else self._none()
        low, high = (
            self._add(proof, Subject(of, goal, sense), rates)
            for sense, proof in zip((1, -1), held.proofs, strict=True)
        )
        return [End(-math.inf, low), End(math.inf, high)]

    def _none(self) -> Floats:
        return np.full(len(self.on.terms), math.nan)

    def _rates(self, place: int | None = None) -> Floats:
        rates = self._none()
        if self.best is not None:
            for k, goal in enumerate(self._means):
                if place is None or k == place:
                    rates[goal] = self.best.made.rates[k]
        return rates

    def _stated(self, one: Priced) -> int:
        """Write down prices of the surrogate."""
        middles = self._none()
        if self.best is not None:
            middles[self._means] = self.best.made.middles
        return self._add(one, Subject("objective", NONE, 1), self._rates(), middles)

    def _add(
        self,
        one: Priced,
        about: Subject,
        rates: Floats,
        middles: Floats | None = None,
    ) -> int:
        if id(one) in self._places:
            return self._places[id(one)]
        of, goal, sense = about
        rows = len(self.order) if of == "objective" else len(one.prices)
        prices = np.zeros(len(self.order))
        bare = [k for k, limit in enumerate(self.on.limits) if not limit.change.pair.any()]
        prices[range(rows) if of == "objective" else bare] = one.prices[:rows]
        floors = [Floor()] * len(self.on.blocks)
        for k, shot in enumerate(one.shots):
            self.cuts.append(_cut(k, shot))
            floors[k] = Floor(len(self.cuts) - 1, float(one.prices[rows + k]))
        shares = np.full(len(self.on.units.left), 0.5, np.float32)
        shares[self.on.pairs] = one.shares
        middles = self._none() if middles is None else middles
        shares = shares if self._gains(one, of) else shares[:0]
        self.statements.append(
            Statement(
                of,
                goal,
                sense,
                rates,
                middles,
                prices[self.order],
                tuple(floors),
                shares,
                -math.inf,
            )
        )
        self._places[id(one)] = len(self.statements) - 1
        return self._places[id(one)]

    def _gains(self, one: Priced, of: str) -> bool:
        """Say whether pairs gain anything at these prices."""
        if of != "objective":
            return False
        rows = zip(self.on.limits, one.prices, strict=False)
        return any(change(self.on, term.above).pair.any() for term in self.on.terms) or any(
            price and limit.change.pair.any() for limit, price in rows
        )


def _worth(word: Word) -> float:
    return min(word.bound, word.beyond)


def _least(program: Program) -> float:
    return min(program.bound, program.fixed_bound)


def _cut(floor: int, shot: Shot) -> Cut:
    """Write down what counts for blocks, as it was weighed."""
    flat = shot.flat
    ends = [np.arange(size + 1) for size in (len(flat.names), len(flat.names), len(flat.key))]
    starts = [
        np.searchsorted(of, at)
        for of, at in zip((flat.owner, flat.key, flat.holder), ends, strict=True)
    ]
    units, sets, links = starts
    return Cut(
        floor=floor,
        loose=shot.loose,
        unit_starts=units,
        units=flat.units,
        set_starts=sets,
        link_starts=links,
        links=flat.links,
        weights=flat.set_weight,
        own=flat.own_weight,
    )


def _row_order(given: Units, rules: Sequence[Rule]) -> list[int]:
    """Give the numbers of our rows in the order in which others count: scopes sorted as words."""
    order: list[int] = []
    for rule in rules:
        if isinstance(rule, Blocks):
            continue
        column = getattr(rule, "scope", "")
        words = [name for name, _ in scopes(given, column)] if column else [""]
        order += [len(order) + k for k in np.argsort(words, kind="stable")]
    return order


def _problem(given: Units, goals: Sequence[Goal], rules: Sequence[Rule]) -> ExchangeProblem:
    told_goals = tuple(_told(goal) for goal in goals)
    told_rules = tuple(_told(rule) for rule in rules)
    flat = [*told_goals, *told_rules, *(rule["goal"] for rule in told_rules if "goal" in rule)]
    names = {one[key] for one in flat for key in ("column", "per") if key in one}
    scopes = {one["scope"] for one in flat if one.get("scope")}
    return ExchangeProblem(
        labels=tuple(map(str, given.labels)),
        area=given.area,
        member=given.member,
        may_leave=given.may_leave,
        may_enter=given.may_enter,
        left=given.left,
        right=given.right,
        length_m=given.length_m,
        columns={name: amounts(given, name) for name in sorted(names - {AREA, COUNT})},
        scopes={name: tuple(map(str, given.table[name])) for name in sorted(scopes)},
        goals=told_goals,
        rules=told_rules,
    )


def _told(one: Goal | Rule) -> dict[str, Any]:
    """Tell a goal or rule by its fields; numbers without end as words."""
    told: dict[str, Any] = {"is": type(one).__name__}
    for name, value in asdict(one).items():
        entry = value.item() if isinstance(value, np.generic) else value
        entry = float(entry) if isinstance(entry, int) and not isinstance(entry, bool) else entry
        endless = isinstance(entry, float) and math.isinf(entry)
        told[name] = ("inf" if entry > 0 else "-inf") if endless else entry
    if isinstance(one, Reach):
        told["goal"] = _told(one.goal)
    return told
