"""A lower bound by Lagrange multipliers: rules priced, what is left solved by a minimum cut.

For multipliers λ the least of objective + sum of λ · row over all moves is a lower bound; pairs
attract for every λ that is allowed, so that a minimum cut gives it exactly. The best λ is found by
cutting planes within a box around the best so far. Each cut also says what each unit's other
decision would add: units for which that passes the value of a known plan are decided.

Lemaréchal, C. (2001): Lagrangian relaxation. In: Computational Combinatorial Optimization, 112-156.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

import numpy as np

from geo.exchange.mincut import Network, least, network, shares
from geo.exchange.model import Change, Limit, Model
from geo.exchange.program import Columns, Program
from geo.exchange.units import Flags, Floats, Whole

ROUNDS = 200
WIDEST = 1e6  # boxes this wide say that rules conflict, and the bound has no end
NEAR = 12  # sets of prices kept
BOX = 0.25  # half width of the first box, in units of the largest objective per largest row
CLOSE = 0.1  # of the gap asked for: the bound need not get better than that


@dataclass
class Root:
    """What the multipliers gave.

    `bound` is below the change of the objective of every plan; `forced[v]` has, for each free unit,
    a bound of plans in which it stays (v = 0) or moves (v = 1); `moves` are those of the plan, that
    may break rules, whose rows come nearest to their limits. `prices` are the best and the last
    tried, shape (q, rows); `shares` split pairs so that they fall apart into units at the best
    prices (see `mincut.shares`). `order` is for those who use it: units by doubt.
    """

    bound: float
    forced: Floats
    moves: Flags
    prices: Floats
    shares: Floats
    order: Whole = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def other(self) -> Floats:
        """Bounds of plans in which a unit decides otherwise than in `moves`, shape (k,)."""
        return np.asarray(np.where(self.moves, self.forced[0], self.forced[1]))


@dataclass
class Dual:
    """The dual under way: rows scaled to a largest coefficient of 1, objective too."""

    model: Model
    objective: Change
    rows: list[Limit]
    scale: float
    sizes: Floats
    net: Network
    forced: Floats
    values: list[float] = field(default_factory=list)  # of the objective
    changes: list[Floats] = field(default_factory=list)  # of the rows
    moves: list[Flags] = field(default_factory=list)
    trials: list[Floats] = field(default_factory=list)
    before: Floats = field(init=False)  # pairs of members today

    def __post_init__(self) -> None:
        """Find the pairs both ends of which are members today."""
        today = self.model.units.member[self.model.free]
        both = today[self.model.left] & today[self.model.right]
        self.before = both.astype(np.float64)


def root(
    on: Model, objective: Change, rows: list[Limit], *, gap: float, deadline: float = math.inf
) -> Root:
    """Find the best multipliers.

    Parameters
    ----------
    on
        The model.
    objective
        What to minimise, in moves.
    rows
        The rows to price; pairs only in rows without a high.
    gap
        The gap the search as a whole is asked for.
    deadline
        Of `time.monotonic`.
    """
    sizes = np.array([1 / (_largest(row.change) or 1.0) for row in rows])
    scale = 1 / (_largest(objective) or 1.0)
    attract = objective.pair.any() or any(row.change.pair.any() for row in rows)
    ends = slice(None) if attract else slice(0)
    net = network(len(on.free), on.left[ends], on.right[ends])
    dual = Dual(on, objective, rows, scale, sizes, net, np.full((2, len(on.free)), -math.inf))
    centre = _first(dual, gap, deadline)
    top, share = _evaluate(dual, centre)
    box, rounds = np.full(len(rows), BOX), 1
    while rows and rounds < ROUNDS and time.monotonic() < deadline and box.max() < WIDEST:
        trial, hoped = _master(dual, centre, box)
        rounds += 1
        if hoped - top <= max(CLOSE * gap * abs(top), 1e-12):
            break
        value, split = _evaluate(dual, trial)
        good = value > top + 0.1 * (hoped - top)
        edge = np.abs(trial - centre) > 0.99 * box
        box = np.where(edge & good, 2 * box, box if good else box * 0.5)
        if value > top:
            centre, top, share = trial, value, split
    prices = np.array([centre, *dual.trials[-NEAR:]]) * (sizes / scale)
    return Root(top / scale, dual.forced / scale, _nearest(dual, centre, top), prices, share)


def _largest(change: Change) -> float:
    return max(float(np.abs(change.move).max(initial=0)), float(np.abs(change.pair).max(initial=0)))


def _ends(dual: Dual) -> tuple[Floats, Floats]:
    low = np.array([row.low - row.slack for row in dual.rows]) * dual.sizes
    high = np.array([row.high + row.slack for row in dual.rows]) * dual.sizes
    return low, high


def _evaluate(dual: Dual, prices: Floats) -> tuple[float, Floats]:
    """Give bound and shares of these multipliers; keep the moves and what they decide."""
    on = dual.model
    move, pair = dual.scale * dual.objective.move, dual.scale * dual.objective.pair
    for row, size, price in zip(dual.rows, dual.sizes, prices, strict=True):
        if price:
            move = move + price * size * row.change.move
            pair = pair + price * size * row.change.pair
    today = on.units.member[on.free]
    attract = np.maximum(-pair, 0.0) if len(dual.net.head) else pair[:0]
    cut = least(dual.net, np.where(today, -move, move), attract)
    low, high = _ends(dual)
    paid = sum(p * (h if p > 0 else lo) for p, lo, h in zip(prices, low, high, strict=True) if p)
    bound = cut.value + float(move[today].sum() - (pair * dual.before).sum() - paid)
    stay, go = np.where(today, cut.extra[::-1], cut.extra)
    np.maximum(dual.forced[0], bound + stay, out=dual.forced[0])
    np.maximum(dual.forced[1], bound + go, out=dual.forced[1])
    _keep(dual, cut.x ^ today, cut.x)
    dual.trials.append(prices)
    share = shares(dual.net, attract) if len(attract) else np.full(len(pair), 0.5)
    return bound, share


def _keep(dual: Dual, moves: Flags, after: Flags) -> None:
    on = dual.model
    pairs = (after[on.left] & after[on.right]) - dual.before
    dual.moves.append(moves)
    dual.values.append(dual.scale * _sum(dual.objective, moves, pairs))
    changes = [_sum(row.change, moves, pairs) for row in dual.rows]
    dual.changes.append(np.array(changes) * dual.sizes)


def _sum(change: Change, moves: Flags, pairs: Floats) -> float:
    moved = float(change.move[moves].sum())
    # no matrix product: its threads wait for each other on a busy machine
    return moved + float((change.pair * pairs).sum()) if change.pair.any() else moved


def _first(dual: Dual, gap: float, deadline: float) -> Floats:
    """Give multipliers to start from: those without pairs where the objective has none, else 0."""
    on, prices = dual.model, np.zeros(len(dual.rows))
    linear = [k for k, row in enumerate(dual.rows) if not row.change.pair.any()]
    if dual.objective.pair.any() or len(linear) == len(dual.rows):
        return prices
    rows = [dual.rows[k] for k in linear]
    found = root(on, dual.objective, rows, gap=gap, deadline=deadline).prices[0]
    prices[linear] = found * dual.scale / dual.sizes[linear]
    return prices


def _allowed(prices: Floats, low: Floats, high: Floats) -> Floats:
    prices = np.where(np.isinf(high), np.minimum(prices, 0.0), prices)
    return np.where(np.isinf(low), np.maximum(prices, 0.0), prices)


def _master(dual: Dual, centre: Floats, box: Floats) -> tuple[Floats, float]:
    """Give the multipliers in the box at which the cuts so far hope for the most."""
    low, high = _ends(dual)
    program, count, cuts = Program(), len(dual.rows), len(dual.values)
    least_price = np.where(np.isinf(high), np.minimum(centre + box, 0.0), centre + box)
    most, floor = least_price, np.where(np.isinf(low), np.maximum(centre - box, 0.0), centre - box)
    price = program.columns(np.zeros(count), most, lower=floor)
    paid = program.columns(np.ones(count), np.inf, lower=-np.inf)
    hope = program.columns([-1.0], np.inf, lower=-np.inf)
    for end in (low, high):
        rows = np.flatnonzero(np.isfinite(end))
        number = np.arange(len(rows))
        program.rows(
            [(number, paid[rows], 1.0), (number, price[rows], -end[rows])],
            np.zeros(len(rows)),
            np.inf,
        )
    number = np.repeat(np.arange(cuts), count)
    changes = np.concatenate(dual.changes)
    each: Columns = np.tile(price, cuts)
    program.rows(
        [(np.arange(cuts), np.repeat(hope, cuts), 1.0), (number, each, -changes)],
        np.full(cuts, -np.inf),
        dual.values,
    )
    done = program.solve(relaxed=True)
    if done.x is None:
        return centre, -math.inf
    return _allowed(done.x[price], low, high), -done.bound


def _nearest(dual: Dual, prices: Floats, top: float) -> Flags:
    """Give, of the moves nearly as good as the bound, those nearest to the limits."""
    low, high = _ends(dual)
    paid = sum(p * (h if p > 0 else lo) for p, lo, h in zip(prices, low, high, strict=True) if p)
    changes = np.array(dual.changes)
    value = np.array(dual.values) + (changes @ prices if len(prices) else 0.0) - paid
    off = (np.maximum(low - changes, 0) + np.maximum(changes - high, 0)).sum(axis=1)
    rank = off * (np.abs(prices).max(initial=0.0) or 1.0) + np.maximum(value - top, 0.0)
    return dual.moves[int(np.argmin(rank))]
