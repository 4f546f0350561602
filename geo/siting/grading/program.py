"""The program of a grading: linear, with tangents for fills, and chords where those do not do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from geo.exchange.program import Columns, Entries, Program, Solution
from geo.exchange.program import Limits as Work
from geo.siting.grading.ground import Ground
from geo.siting.grading.limits import Limits
from geo.siting.grading.values import Duals, Floats, Prices, Whole

COST = 1e3
"""The largest cost of a column, so that the solver's tolerance of 1e-7 is small."""
BALANCE = 1e3
"""Row of the balance, in mean depth over all pads: held to 1e-10 m (whole numbers: 1e-9 m)."""


class Bands(NamedTuple):
    """What a metre run of wall costs: at least price · height + run in each band, shape (b,)."""

    price: Floats
    run: Floats

    def cost(self, height: Floats) -> Floats:
        """Give the cost of a metre run of each height."""
        lines = self.price * np.abs(height)[:, None] + self.run
        return np.asarray(lines.max(axis=1, initial=0.0))


def bands(prices: Prices) -> Bands:
    """Give the bands of the walls' prices; the first begins at the ground.

    Examples
    --------
    500 a m² up to 3 m, 800 at 5 m: (4000 − 1500) / 2 = 1250 a metre of height above 3 m.

    >>> from geo.siting.grading.values import WallPrice
    >>> bands(Prices(1, 1, walls=(WallPrice(3, 500), WallPrice(5, 800)))).price.tolist()
    [500.0, 1250.0]
    """
    height = np.array([0.0, *(one.height_m for one in prices.walls)])
    run = height * [0.0, *(one.price_m2 for one in prices.walls)]
    price = np.diff(run) / np.diff(height)
    return Bands(price, run[:-1] - price * height[:-1])


@dataclass(frozen=True, eq=False)
class Task:
    """A grading: the ground, what is to be kept, prices, and the border of each link in m."""

    ground: Ground
    limits: Limits
    prices: Prices
    border: Floats

    @property
    def bands(self) -> Bands:
        """Bands of the walls' prices."""
        return bands(self.prices)

    @property
    def widest(self) -> float:
        """The largest step there may be at all."""
        return self.limits.high - self.limits.low

    @property
    def most(self) -> Floats:
        """Largest step of each link; without a limit, the largest that there may be at all."""
        return np.minimum(self.limits.steps.most, self.widest)

    def cost(self, levels: Floats) -> float:
        """Give what levels cost, whether they keep the limits or not."""
        cut, fill = self.ground.volumes(levels)
        left = cut.sum() - self.limits.cut_per_fill * fill.sum()
        on, prices = self.limits.steps, self.prices
        walls = self.border @ self.bands.cost(levels[on.left] - levels[on.right])
        moved = prices.cut * cut.sum() + prices.fill * fill.sum()
        return float(
            moved + prices.waste * max(left, 0.0) + prices.borrow * max(-left, 0.0) + walls
        )


@dataclass
class Pieces:
    """Which tangents and chords a program has of each fill.

    Attributes
    ----------
    tangents
        Pairs of pad and number of cells below its level, as `Ground.tangents` takes them.
    posts
        By pad: rising levels; between two the fill is no more than the chord. A pad without posts
        has no upper limit on its fill.
    """

    tangents: set[tuple[int, int]] = field(default_factory=set)
    posts: dict[int, list[float]] = field(default_factory=dict)

    def touch(self, ground: Ground, levels: Floats) -> bool:
        """Add the tangents at these levels, both at a corner; say whether any is new."""
        before = len(self.tangents)
        for closed in (False, True):
            self.tangents.update(enumerate(ground.below(levels, closed=closed).tolist()))
        return len(self.tangents) > before


class Answer(NamedTuple):
    """Levels (None: nothing found), a bound, duals (of a linear program), and what was done."""

    levels: Floats | None
    bound: float
    duals: Duals | None
    done: Solution


class _Columns(NamedTuple):
    levels: Columns
    depths: Columns  # fill over the area of the pad
    walls: Columns
    over: Columns  # borrowed, wasted: over the area of all pads


class _Rows(NamedTuple):
    """Rows on the step of links: row, link, coefficient of the left pad's level."""

    row: Whole
    link: Whole
    sign: Floats


def solve(task: Task, pieces: Pieces, work: Work) -> Answer:
    """Solve the program that these pieces make: a relaxation, whose optimum is a bound."""
    program = Program()
    scale, fixed = _scale(task)
    at = _add_columns(program, task, scale)
    _add_balance(program, task, at)
    on = _add_steps(program, task, at)
    _add_tangents(program, task.ground, pieces, at)
    _add_chords(program, task.ground, pieces, at)
    done = program.solve(limit=work)
    if done.x is None:
        return Answer(None, done.bound / scale + fixed, None, done)
    duals = None if pieces.posts else _duals(task, done.price / scale, on)
    return Answer(done.x[at.levels], done.bound / scale + fixed, duals, done)


def _scale(task: Task) -> tuple[float, float]:
    """Give by what costs are multiplied, and what does not depend on levels."""
    prices, ground = task.prices, task.ground
    plain = max(prices.cut, prices.fill, prices.borrow, prices.waste) * ground.total.sum()
    walls = (task.border.max(initial=0.0) * task.bands.price).max(initial=0.0)
    largest = max(plain, walls)
    fixed = prices.cut * float(ground.total @ ground.mean)
    return (COST / largest if largest > 0 else 1.0), fixed


def _add_columns(program: Program, task: Task, scale: float) -> _Columns:
    """Cut is fill + area · (mean − level); a wall's column is its cost over the steepest price."""
    ground, prices = task.ground, task.prices
    low, high = task.limits.box(len(ground.labels))
    levels = program.columns(-scale * prices.cut * ground.total, high, lower=low)
    depths = program.columns(scale * (prices.cut + prices.fill) * ground.total, np.inf)
    steep = task.bands.price.max(initial=0.0)
    walls = program.columns(scale * steep * task.border[_walled(task)], np.inf)
    everywhere = float(ground.total.sum())
    costs = scale * np.array([prices.borrow, prices.waste]) * everywhere
    over = program.columns(costs, task.limits.balance_m3 / everywhere)
    return _Columns(levels, depths, walls, over)


def _walled(task: Task) -> Whole:
    """Give the links whose steps cost something."""
    dear = task.bands.price.max(initial=0.0) > 0
    return np.flatnonzero((task.border > 0) & dear)


def _add_balance(program: Program, task: Task, at: _Columns) -> None:
    """Cut + borrow − waste = cut per fill · fill, over the area of all pads."""
    ground, k = task.ground, task.limits.cut_per_fill
    share = BALANCE * ground.total / ground.total.sum()
    zeros = np.zeros(len(share), np.int64)
    entries: list[Entries] = [
        (zeros, at.levels, -share),
        (np.zeros(2, np.int64), at.over, [BALANCE, -BALANCE]),
    ]
    if k != 1:
        entries.append((zeros, at.depths, (1 - k) * share))
    right = -float(share @ ground.mean)
    program.rows(entries, [right], [right])


def _add_steps(program: Program, task: Task, at: _Columns) -> _Rows:
    """Limit steps, and let each wall cost at least what each band says, for both signs."""
    on = task.limits.steps
    limited = np.flatnonzero(on.most < task.widest)
    rows = [_Rows(np.arange(len(limited)) + program.height, limited, np.ones(len(limited)))]
    each = np.arange(len(limited))
    ends: list[Entries] = [
        (each, at.levels[on.left[limited]], 1.0),
        (each, at.levels[on.right[limited]], -1.0),
    ]
    program.rows(ends, -on.most[limited], on.most[limited])
    links = _walled(task)
    each = np.arange(len(links))
    steep = task.bands.price.max(initial=1.0)
    for price, run in zip(*task.bands, strict=True):
        for sign in (1.0, -1.0):
            slope = sign * price / steep
            rows.append(_Rows(each + program.height, links, np.full(len(links), -slope)))
            faces: list[Entries] = [
                (each, at.walls, 1.0),
                (each, at.levels[on.left[links]], -slope),
                (each, at.levels[on.right[links]], slope),
            ]
            program.rows(faces, np.full(len(links), run / steep), np.inf)
    return _Rows(*(np.concatenate(part) for part in zip(*rows, strict=True)))


def _add_tangents(program: Program, ground: Ground, pieces: Pieces, at: _Columns) -> None:
    pads, numbers = np.array(sorted(pieces.tangents), dtype=np.int64).reshape(-1, 2).T
    slope, moment = ground.tangents(pads, numbers)
    area = ground.total[pads]
    each = np.arange(len(pads))
    program.rows(
        [(each, at.depths[pads], 1.0), (each, at.levels[pads], -slope / area)],
        -moment / area,
        np.inf,
    )


def _add_chords(program: Program, ground: Ground, pieces: Pieces, at: _Columns) -> None:
    """Let fill be no more than the chord between the two posts around the level."""
    for pad, posts in sorted(pieces.posts.items()):
        levels = np.array(posts)
        depth = _fill(ground, pad, levels) / ground.total[pad]
        weights = program.columns(np.zeros(len(posts)), 1.0)
        spans = program.columns(np.zeros(len(posts) - 1), 1.0, whole=True)
        zeros, gaps = np.zeros(len(posts), np.int64), np.zeros(len(posts) - 1, np.int64)
        one = np.zeros(1, np.int64)
        level: list[Entries] = [(one, at.levels[[pad]], -1.0), (zeros, weights, levels)]
        program.rows(level, [0.0], [0.0])
        program.rows([(one, at.depths[[pad]], -1.0), (zeros, weights, depth)], [0.0], [np.inf])
        program.rows([(zeros, weights, 1.0)], [1.0], [1.0])
        program.rows([(gaps, spans, 1.0)], [1.0], [1.0])
        # a post has weight only where one of the spans beside it is the one
        each = np.arange(len(posts))
        beside: list[Entries] = [
            (each, weights, -1.0),
            (each[:-1], spans, 1.0),
            (each[1:], spans, 1.0),
        ]
        program.rows(beside, np.zeros(len(posts)), np.inf)


def _fill(ground: Ground, pad: int, levels: Floats) -> Floats:
    """Give the fill of one pad at several levels."""
    start, end = ground.first[pad : pad + 2]
    number = np.searchsorted(ground.height[start:end], levels)
    slope, moment = ground.tangents(np.full(len(levels), pad), number)
    return slope * levels - moment


def _duals(task: Task, price: Floats, on: _Rows) -> Duals:
    """Read the prices that tie pads and links together off the rows of the program."""
    step = np.zeros(len(task.limits.steps))
    np.add.at(step, on.link, -price[on.row] * on.sign)
    balance = float(price[0]) * BALANCE / float(task.ground.total.sum())
    if np.isinf(task.limits.balance_m3):  # rounding must not promise more than borrowing costs
        balance = min(max(balance, -task.prices.waste), task.prices.borrow)
    return Duals(balance, step)
