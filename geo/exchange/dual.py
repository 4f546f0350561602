"""A lower bound by Lagrange multipliers: rules priced, what is left solved by a minimum cut.

For multipliers λ the least of objective + sum of λ · (row − end) over all moves is a lower bound;
pairs attract for every λ that is allowed, so that a minimum cut gives it exactly, and splits what
pairs gain between their ends: after that each unit stands alone, with what its move costs. What the
other decision of a unit would cost is added to the bound of plans in which it decides so. The best
λ is found by cutting planes within a box around the best so far.

Lemaréchal, C. (2001): Lagrangian relaxation. In: Computational Combinatorial Optimization, 112-156.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from geo.exchange.blocks import Cuts, Shot, row, shot
from geo.exchange.effort import Purse
from geo.exchange.mincut import Network, least, network, shares
from geo.exchange.model import Change, Limit, Model
from geo.exchange.program import Columns, Program
from geo.exchange.units import Flags, Floats

ROUNDS = 200
WIDEST = 1e6  # boxes this wide say that rules conflict, and the bound has no end
NEAR = 4  # sets of prices kept beside the best
BOX = 0.25  # half width of the first box, in units of the largest objective per largest row
CLOSE = 0.1  # of the gap asked for: the bound need not get better than that
STEP = 0.3  # work of a minimum cut, for each unit and pair


@dataclass(frozen=True, eq=False)
class Priced:
    """What one set of prices of the rows says.

    `bound` is below the change of the objective of every plan, and `cost` is what the move of each
    free unit costs: a plan in which one decides against its own gain has the bound, and its cost on
    top. `shares` of pairs (p,) are those with which pairs fall apart into units; `shots` are the
    floors on blocks as they were priced.
    """

    prices: Floats
    shares: Floats
    bound: float
    cost: Floats
    shots: tuple[Shot, ...]

    @property
    def forced(self) -> Floats:
        """Bounds of plans in which each unit stays (first row) or moves, shape (2, k)."""
        return self.bound + np.stack([np.maximum(-self.cost, 0.0), np.maximum(self.cost, 0.0)])


@dataclass
class Task:
    """What is minimised under which rows; a network that remembers the flow of the last cut."""

    model: Model
    objective: Change
    limits: list[Limit]
    shots: tuple[Shot, ...]
    net: Network
    rows: list[Limit] = field(init=False)
    before: Floats = field(init=False)  # pairs of members today

    def __post_init__(self) -> None:
        """Put floors on blocks beside the other rows."""
        self.rows = [*self.limits, *(linear(self.model, one) for one in self.shots)]
        today = self.model.units.member[self.model.free]
        self.before = (today[self.model.left] & today[self.model.right]).astype(np.float64)

    @property
    def work(self) -> float:
        """The work of one minimum cut."""
        return STEP * (self.net.size + len(self.net.head))


def task(on: Model, objective: Change, limits: list[Limit], cuts: list[Cuts]) -> Task:
    """Put up the problem of the multipliers; pairs only in rows without a high."""
    attract = objective.pair.any() or any(limit.change.pair.any() for limit in limits)
    ends = slice(None) if attract else slice(0)
    net = network(len(on.free), on.left[ends], on.right[ends])
    return Task(on, objective, limits, tuple(shot(one) for one in cuts), net)


def again(old: Task, cuts: list[Cuts]) -> Task:
    """Put up the same problem with floors on blocks as they are now."""
    return Task(old.model, old.objective, old.limits, tuple(shot(one) for one in cuts), old.net)


def linear(on: Model, of: Shot) -> Limit:
    """Give a row that every plan keeps that keeps a floor on blocks (the contrary may not hold)."""
    constant, figures = row(of)
    today = on.units.member[on.free]
    move = np.where(today, -figures[on.free], figures[on.free])
    before = constant + float(figures[on.units.member].sum())
    moved = Change(0.0, move, np.zeros(len(on.pairs)))
    return Limit(of.rule.words(""), moved, of.floor - before, math.inf, 0.4, 0.0)


def price(of: Task, prices: Floats) -> Priced:
    """Give the bound of a set of prices, and what the move of each unit costs at it."""
    on, today = of.model, of.model.units.member[of.model.free]
    prices = _allowed(prices, *_ends(of.rows))
    move, pair, paid = of.objective.move, of.objective.pair, []
    for one, limit in zip(prices, of.rows, strict=True):
        if one:
            move = move + one * limit.change.move
            pair = pair + one * limit.change.pair
            paid.append(one * (limit.high + limit.wide if one > 0 else limit.low - limit.wide))
    share = np.full(len(pair), 0.5)
    if len(of.net.head):
        attract = np.maximum(-pair, 0.0)
        least(of.net, np.where(today, -move, move), attract)
        share = shares(of.net, attract).astype(np.float32).astype(np.float64)
    cost = move.copy()
    for end, part in ((on.left, share), (on.right, 1 - share)):
        np.add.at(cost, end, np.where(today[end], -part, part) * pair)
        paid.append(-float((part * today[end] * pair).sum()))
    paid.append(float((pair * of.before).sum()))
    bound = math.fsum(np.minimum(cost, 0.0)) - math.fsum(paid)
    return Priced(prices, share, bound, cost, of.shots)


def _ends(rows: list[Limit]) -> tuple[Floats, Floats]:
    low = np.array([limit.low - limit.wide for limit in rows])
    high = np.array([limit.high + limit.wide for limit in rows])
    return low, high


@dataclass
class Dual:
    """The dual under way: rows scaled to a largest coefficient of 1, objective too."""

    of: Task
    scale: float
    sizes: Floats
    values: list[float] = field(default_factory=list)  # of the objective
    changes: list[Floats] = field(default_factory=list)  # of the rows
    moves: list[Flags] = field(default_factory=list)
    trials: list[Floats] = field(default_factory=list)
    bounds: list[float] = field(default_factory=list)


class Best(NamedTuple):
    """The best prices, those nearly as good, and moves that come nearest to the rows' limits."""

    prices: list[Floats]
    moves: Flags


def multipliers(of: Task, purse: Purse, *, gap: float) -> Best:
    """Find the best multipliers.

    Parameters
    ----------
    of
        The problem.
    purse
        What may be spent.
    gap
        The gap the search as a whole is asked for.
    """
    sizes = np.array([1 / (_largest(one.change) or 1.0) for one in of.rows])
    dual = Dual(of, 1 / (_largest(of.objective) or 1.0), sizes)
    centre = _first(dual, purse, gap)
    top = _evaluate(dual, centre)
    box = np.full(len(of.rows), BOX)
    for _ in range(ROUNDS if of.rows else 0):
        if purse.empty() or box.max() >= WIDEST:
            break
        trial, hoped = _hopeful(dual, centre, box)
        if hoped - top <= max(CLOSE * gap * abs(top), 1e-12):
            break
        value = _evaluate(dual, trial)
        purse.spend(of.work)
        good = value > top + 0.1 * (hoped - top)
        edge = np.abs(trial - centre) > 0.99 * box
        box = np.where(edge & good, 2 * box, box if good else box * 0.5)
        if value > top:
            centre, top = trial, value
    order = np.argsort(-np.array(dual.bounds), kind="stable")[: 1 + NEAR]
    prices = [dual.trials[k] * (sizes / dual.scale) for k in order]
    return Best(prices, _nearest(dual, centre, top))


def _largest(change: Change) -> float:
    return max(float(np.abs(change.move).max(initial=0)), float(np.abs(change.pair).max(initial=0)))


def _scaled(dual: Dual) -> tuple[Floats, Floats]:
    low, high = _ends(dual.of.rows)
    return low * dual.sizes, high * dual.sizes


def _evaluate(dual: Dual, prices: Floats) -> float:
    """Give the bound of these multipliers; keep the moves."""
    of, on = dual.of, dual.of.model
    move, pair = dual.scale * of.objective.move, dual.scale * of.objective.pair
    for limit, size, one in zip(of.rows, dual.sizes, prices, strict=True):
        if one:
            move = move + one * size * limit.change.move
            pair = pair + one * size * limit.change.pair
    today = on.units.member[on.free]
    attract = np.maximum(-pair, 0.0) if len(of.net.head) else pair[:0]
    cut = least(of.net, np.where(today, -move, move), attract)
    low, high = _scaled(dual)
    paid = sum(p * (h if p > 0 else lo) for p, lo, h in zip(prices, low, high, strict=True) if p)
    bound = cut.value + float(move[today].sum() - (pair * of.before).sum() - paid)
    _keep(dual, cut.x ^ today, cut.x)
    dual.trials.append(prices)
    dual.bounds.append(bound)
    return bound


def _keep(dual: Dual, moves: Flags, after: Flags) -> None:
    on = dual.of.model
    pairs = (after[on.left] & after[on.right]) - dual.of.before
    dual.moves.append(moves)
    dual.values.append(dual.scale * _sum(dual.of.objective, moves, pairs))
    changes = [_sum(limit.change, moves, pairs) for limit in dual.of.rows]
    dual.changes.append(np.array(changes) * dual.sizes)


def _sum(change: Change, moves: Flags, pairs: Floats) -> float:
    moved = float(change.move[moves].sum())
    # no matrix product: its threads wait for each other on a busy machine
    return moved + float((change.pair * pairs).sum()) if change.pair.any() else moved


def _first(dual: Dual, purse: Purse, gap: float) -> Floats:
    """Give multipliers to start from: those without pairs where the objective has none, else 0."""
    of, prices = dual.of, np.zeros(len(dual.of.rows))
    bare = [k for k, limit in enumerate(of.rows) if not limit.change.pair.any()]
    if of.objective.pair.any() or len(bare) == len(of.rows):
        return prices
    part = task(of.model, of.objective, [of.rows[k] for k in bare], [])
    found = multipliers(part, purse, gap=gap).prices[0]
    prices[bare] = found * dual.scale / dual.sizes[bare]
    return prices


def _allowed(prices: Floats, low: Floats, high: Floats) -> Floats:
    prices = np.where(np.isinf(high), np.minimum(prices, 0.0), prices)
    return np.where(np.isinf(low), np.maximum(prices, 0.0), prices)


class Hope(NamedTuple):
    """Multipliers, and the bound that they would give if no more cuts were needed."""

    prices: Floats
    bound: float


def _hopeful(dual: Dual, centre: Floats, box: Floats) -> Hope:
    """Give the multipliers in the box at which the cuts so far hope for the most."""
    low, high = _scaled(dual)
    program, count, cuts = Program(), len(dual.of.rows), len(dual.values)
    most = np.where(np.isinf(high), np.minimum(centre + box, 0.0), centre + box)
    floor = np.where(np.isinf(low), np.maximum(centre - box, 0.0), centre - box)
    prices = program.columns(np.zeros(count), most, lower=floor)
    paid = program.columns(np.ones(count), np.inf, lower=-np.inf)
    hope = program.columns([-1.0], np.inf, lower=-np.inf)
    for end in (low, high):
        rows = np.flatnonzero(np.isfinite(end))
        number = np.arange(len(rows))
        program.rows(
            [(number, paid[rows], 1.0), (number, prices[rows], -end[rows])],
            np.zeros(len(rows)),
            np.inf,
        )
    number = np.repeat(np.arange(cuts), count)
    changes = np.concatenate(dual.changes)
    each: Columns = np.tile(prices, cuts)
    program.rows(
        [(np.arange(cuts), np.repeat(hope, cuts), 1.0), (number, each, -changes)],
        np.full(cuts, -np.inf),
        dual.values,
    )
    done = program.solve(relaxed=True)
    if done.x is None:
        return Hope(centre, -math.inf)
    return Hope(_allowed(done.x[prices], low, high), -done.bound)


def _nearest(dual: Dual, prices: Floats, top: float) -> Flags:
    """Give, of the moves nearly as good as the bound, those nearest to the limits."""
    low, high = _scaled(dual)
    paid = sum(p * (h if p > 0 else lo) for p, lo, h in zip(prices, low, high, strict=True) if p)
    changes = np.array(dual.changes)
    value = np.array(dual.values) + (changes @ prices if len(prices) else 0.0) - paid
    off = (np.maximum(low - changes, 0) + np.maximum(changes - high, 0)).sum(axis=1)
    rank = off * (np.abs(prices).max(initial=0.0) or 1.0) + np.maximum(value - top, 0.0)
    return dual.moves[int(np.argmin(rank))]
