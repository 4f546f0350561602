"""The best exchange by mixed-integer programs, cut until what they give keeps every rule."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from geo.exchange.blocks import Cuts, cuts, full, missing, separate
from geo.exchange.effort import USUAL, Effort, Purse
from geo.exchange.milp import Frame, fold, program, risk
from geo.exchange.model import Change, Limit, Model, shift
from geo.exchange.program import Limits, Solution
from geo.exchange.rest import Rest
from geo.exchange.units import Flags, Floats

LIFTS = 8  # floors on blocks are asked for more, in the search of a first plan


class Found(NamedTuple):
    """The best moves (None: none found), their change of the objective, a lower bound of it.

    `bound` is inf where nothing obeys the rules; `stopped` says that a limit was hit.
    """

    moves: Flags | None
    value: float
    bound: float
    stopped: bool


class Enough(NamedTuple):
    """When a search may end: the gap as a share of the value, or a value low enough."""

    gap: float = 0.0
    value: float = -math.inf


BEST = Enough()


class Tried(NamedTuple):
    """A program solved: what the solver gave, the scale of its objective, the moves it came by.

    The best moves are the last.
    """

    done: Solution
    scale: float
    moves: list[Flags]


@dataclass
class Search:
    """What one search knows: rules, cuts found so far, what may be spent, moves excluded."""

    model: Model
    limits: list[Limit]
    cuts: list[Cuts]
    purse: Purse = field(default_factory=Purse)
    effort: Effort = USUAL
    excluded: list[Flags] = field(default_factory=list)

    def spend(self, done: Solution) -> None:
        """Take the work of a program from the purse."""
        self.purse.spend(done.work)
        if done.late:
            self.purse.stop()

    def part(self, share: float) -> Search:
        """Give the same search with a share of the purse."""
        return replace(self, purse=self.purse.share(share))


def search(on: Model, *, effort: Effort = USUAL, deadline: float = math.inf) -> Search:
    """Start a search over all rules of a model; the deadline is one of `time.monotonic`."""
    made = [cuts(on.units, rule) for rule in on.blocks]
    return Search(on, list(on.limits), made, Purse(effort.work, deadline), effort)


def keeps(within: Search, moves: Flags) -> bool:
    """Say whether moves obey every rule, counted anew from the rules themselves."""
    for limit in within.limits:
        change = shift(within.model, limit.change, moves)
        if not limit.low - limit.slack <= change <= limit.high + limit.slack:
            return False
    after = within.model.member(moves)
    return all(missing(one, after) <= 0 for one in within.cuts)


def best(
    within: Search,
    objective: Change,
    *,
    enough: Enough = BEST,
    known: Flags | None = None,
    start: Flags | None = None,
) -> Found:
    """Minimise the change of an objective.

    Each program is a relaxation (floors on blocks are cut as they are found broken), so that each
    bound holds; what breaks a rule is cut off and the program solved again.

    Parameters
    ----------
    within
        Rules, and the cuts found so far; new ones are added.
    objective
        What to minimise, in moves.
    enough
        When to stop.
    known
        Shape (2, k): which units are decided, and which of them move.
    start
        Moves that obey the rules.
    """
    size = len(within.model.free)
    decided = np.zeros((2, size), np.bool_) if known is None else known
    top = Found(start, _value(within, objective, start), -math.inf, stopped=False)
    plain = False
    while True:
        way = Way(enough, top.moves, plain=plain)
        done, scale, tried = _once(within, objective, decided, way)
        base = _base(within, objective, decided)
        bound = max(top.bound, done.bound / scale + base)
        if done.x is None:
            bound = max(bound, min(top.value, math.inf)) if not done.stopped else bound
            return Found(top.moves, top.value, bound, done.stopped)
        moves = tried[-1]
        # a plan that is kept, known and not the best was not found by a sound presolve: once more
        plain = top.moves is not None and bool((moves == top.moves).all())
        top = top._replace(bound=bound, stopped=done.stopped)
        for one in tried:
            top = _better(within, objective, one, top)
        close = top.value - bound <= enough.gap * abs(top.value) + 1e-9 / scale
        close = top.moves is not None and (close or top.value <= enough.value)
        if close or done.stopped or within.purse.empty():
            return top._replace(stopped=not close, bound=min(bound, top.value))


class Way(NamedTuple):
    """How a program is solved: to which end, from which moves, and whether without presolve."""

    enough: Enough
    start: Flags | None
    plain: bool


def _once(within: Search, objective: Change, decided: Flags, way: Way) -> Tried:
    """Solve the program as it is cut so far."""
    frame = Frame(within.model, decided[1], ~decided[0])
    scale = program(frame, objective, within.limits, within.cuts)
    _exclude(frame, within)
    done = frame.program.solve(
        limit=Limits(within.purse.left, within.purse.seconds, way.plain),
        gap=way.enough.gap,
        start=None if way.start is None else _columns(frame, way.start),
        target=(way.enough.value - _base(within, objective, decided)) * scale,
    )
    within.spend(done)
    opened = np.flatnonzero(frame.open)
    tried = []
    for x in [*done.others, *([] if done.x is None else [done.x])]:
        moves = decided[1] & decided[0]
        moves[opened] = x[frame.place[opened]] > 0.5
        tried.append(moves)
    return Tried(done, scale, tried)


def planned(within: Search, objective: Change, known: Flags, *, gap: float) -> Flags | None:
    """Look for moves that obey the rules, among the units that are not decided.

    Where a solution misses a floor on blocks, the next one is asked for as much more: what it loses
    at its edges it then has to spare. So this is no search for the best, and gives no bound.

    Parameters
    ----------
    within, objective, known
        As for `best`.
    gap
        Share of the value at which each program may end.
    """
    lifted = replace(within, cuts=[replace(one) for one in within.cuts])
    for _ in range(LIFTS):
        way = Way(Enough(gap), None, plain=False)
        done, _, tried = _once(lifted, objective, known, way)
        kept = [moves for moves in tried if keeps(within, moves)]
        if kept:
            return min(kept, key=lambda moves: _value(within, objective, moves))
        if done.x is None or within.purse.empty():
            return None
        for one, asked in zip(within.cuts, lifted.cuts, strict=True):
            after = within.model.member(tried[-1])
            asked.floor += max(missing(one, after), 0)
            separate(one, after)
        if not within.cuts:
            within.excluded.append(tried[-1])
    return None


def doubt(within: Search, objective: Change, *, shares: Floats, prices: Floats) -> Floats:
    """Give what the move of each unit costs, at shares of pairs and prices of the rows.

    Units count for blocks with all they can add.
    """
    counted = [full(one) for one in within.cuts]
    every = np.ones(len(within.model.free), np.bool_)
    frame = Frame(within.model, ~every, every, Rest(every, shares, prices[None]))
    return risk(frame, objective, within.limits, counted, prices)


def eased(within: Search, objective: Change, rest: Rest, *, gap: float) -> float:
    """Give a lower bound from a program in which the units of the rest move together."""
    every = np.ones(len(rest.units), np.bool_)
    frame = Frame(within.model, ~every, every, rest)
    scale = program(frame, objective, within.limits, within.cuts)
    limit = Limits(within.purse.left, within.purse.seconds)
    done = frame.program.solve(limit=limit, gap=gap)
    within.spend(done)
    return done.bound / scale + fold(frame, objective).constant


def _better(within: Search, objective: Change, moves: Flags, top: Found) -> Found:
    """Take moves that obey the rules if they are better; cut off those that do not."""
    if keeps(within, moves):
        value = _value(within, objective, moves)
        return top._replace(moves=moves, value=value) if value < top.value else top
    after = within.model.member(moves)
    added = sum(separate(one, after) for one in within.cuts if missing(one, after) > 0)
    if not added:
        within.excluded.append(moves)
    return top


def _value(within: Search, objective: Change, moves: Flags | None) -> float:
    return math.inf if moves is None else shift(within.model, objective, moves)


def _base(within: Search, objective: Change, decided: Flags) -> float:
    """Give what the decided units alone change."""
    return shift(within.model, objective, decided[0] & decided[1])


def _exclude(frame: Frame, within: Search) -> None:
    """Exclude moves that rounding let through: at least one unit decides otherwise."""
    opened = np.flatnonzero(frame.open)
    for moves in within.excluded:
        if (moves != frame.moves)[~frame.open].any():
            continue
        sign = np.where(moves[opened], -1.0, 1.0)
        low = 1.0 - float(moves[opened].sum())
        rows = np.zeros(len(opened), np.int64)
        frame.program.rows([(rows, frame.place[opened], sign)], [low], [np.inf])


def _columns(frame: Frame, moves: Flags) -> Floats | None:
    """Give the columns of units; the solver fills in the others."""
    return None if len(moves) == 0 else _filled(frame, moves)


def _filled(frame: Frame, moves: Flags) -> Floats:
    x = np.zeros(frame.program.width)
    opened = np.flatnonzero(frame.open)
    x[frame.place[opened]] = moves[opened]
    return x
