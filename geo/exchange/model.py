"""An exchange in moves: which free units change their state, counted from the state of today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geo.exchange.forms import Form, Row, Term, rows, terms
from geo.exchange.goals import Goal
from geo.exchange.rules import Blocks, Rule
from geo.exchange.units import Flags, Floats, Units, Whole
from geo.words import Text

SLACK = 1e-7
"""Rows of fractions hold within this share of their largest coefficient; areas hold exactly."""
EXACT = 1e-6
"""Ends of rows of whole numbers are taken as whole within this."""
WIDER = 1.01
"""Bounds allow for so much more, so that others who round otherwise come to no less."""


class Change(NamedTuple):
    """A form in moves: start + move · z + sum of pair · (x x of today's pair changes).

    z is 1 for units that move; `move` has shape (k,), for the free units; `pair` has shape (p,),
    for the pairs of free units, and stands before x_left · x_right − its value today.
    """

    start: float
    move: Floats
    pair: Floats


class Limit(NamedTuple):
    """A row in moves: low ≤ change − start ≤ high, within `slack`; bounds allow for `wide`."""

    words: Text
    change: Change
    low: float
    high: float
    slack: float
    wide: float


@dataclass(frozen=True, eq=False)
class Model:
    """Goals and rules, ready to be solved; made by `model`.

    `left` and `right` are numbers of free units, for the pairs both ends of which are free;
    `pairs` are the positions of these among all pairs.
    """

    units: Units
    terms: tuple[Term, ...]
    rows: tuple[Row, ...]
    limits: tuple[Limit, ...]
    blocks: tuple[Blocks, ...]
    free: Whole
    left: Whole
    right: Whole
    pairs: Whole

    def member(self, moves: Flags) -> Flags:
        """Give who is a member after the moves of free units."""
        after = self.units.member.copy()
        after[self.free] ^= moves
        return after


def model(given: Units, goals: Sequence[Goal], rules: Sequence[Rule]) -> Model:
    """Put goals and rules into moves.

    Raises
    ------
    InputError
        If goals or rules are wrong.
    """
    free = given.free
    number = np.full(len(given.labels), -1)
    number[free] = np.arange(len(free))
    left, right = number[given.left], number[given.right]
    pairs = np.flatnonzero((left >= 0) & (right >= 0))
    given_rows = rows(given, rules)
    bare = Model(
        given,
        tuple(terms(given, goals)),
        tuple(given_rows),
        (),
        tuple(rule for rule in rules if isinstance(rule, Blocks)),
        free,
        left[pairs],
        right[pairs],
        pairs,
    )
    limits = tuple(_limit(bare, row) for row in given_rows)
    return Model(**{**bare.__dict__, "limits": limits})


def change(on: Model, form: Form) -> Change:
    """Put a form into moves; pairs with an end that stays become linear."""
    given = on.units
    x = given.member
    linear = form.linear.copy()
    fixed = np.ones(len(given.labels), np.bool_)
    fixed[on.free] = False
    for one, other in ((given.left, given.right), (given.right, given.left)):
        bound = fixed[other] & x[other] & ~fixed[one]
        np.add.at(linear, one[bound], form.pair[bound])
    move = np.where(x, -linear, linear)[on.free]
    return Change(form.value(given, x), move, form.pair[on.pairs])


def _limit(on: Model, row: Row) -> Limit:
    """Put a row into moves; sums of whole numbers are whole, so that its ends are, too."""
    moved = change(on, row.form)
    low, high = row.low - moved.start, row.high - moved.start
    exact = not (row.form.pair.any() or row.rounding)
    if exact and _whole(row.form.linear) and _whole(moved.move):
        low, high = np.ceil(low - EXACT), np.floor(high + EXACT)
        return Limit(row.words, moved, low, high, 0.4, 0.0)
    largest = max(np.abs(moved.move).max(initial=0), np.abs(moved.pair).max(initial=0))
    slack = SLACK * largest
    return Limit(row.words, moved, low, high, slack, WIDER * slack + row.rounding)


def _whole(figures: Floats) -> bool:
    return bool((figures == np.round(figures)).all())


def shift(on: Model, moved: Change, moves: Flags) -> float:
    """Give by how much moves change a form."""
    before = on.units.member[on.free]
    after = before ^ moves
    pair = moved.pair != 0
    left, right = on.left[pair], on.right[pair]
    gain = (after[left] & after[right]).astype(np.int8) - (before[left] & before[right])
    return float(moved.move[moves].sum() + (moved.pair[pair] * gain).sum())
