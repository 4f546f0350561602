"""Ratios as objective: linear at a plan (Dinkelbach), with a bound that holds for the ratio.

A term above / below equals r + v / below with v = above − r · below.
With r taken at a plan and m the harmonic middle of a range, the surrogate r + v / m is linear.
Where `below` stays in the range, both differ by no more than |v| · |1 / below − 1 / m|.
Dinkelbach, W. (1967): On nonlinear fractional programming. Management Science 13, 492-498.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from geo.exchange.dual import Priced, multipliers, price, task
from geo.exchange.effort import Purse
from geo.exchange.forms import Form, Term
from geo.exchange.model import SLACK, Change, Limit, Model, change, shift
from geo.exchange.program import Program
from geo.exchange.units import Flags, Floats
from geo.words import NO_TEXT

FEW = 500  # free units up to which a linear program is faster than multipliers
LOOSE = 1.0  # ranges need not be narrow


class Ends(NamedTuple):
    """The least and the most of a denominator."""

    low: float
    high: float


Ranges = list[Ends]


class Slopes(NamedTuple):
    """By how much one ratio changes with its surrogate: the middle over the least, and the most.

    The first denominator bounds where the surrogate falls, the second where it rises.
    """

    falling: float
    rising: float


class Span(NamedTuple):
    """A range that holds a linear form, and the prices that prove its low and its high."""

    low: float
    high: float
    proofs: tuple[Priced, Priced]


class Surrogate(NamedTuple):
    """A linear objective; the true one is `at` + its change from the plan, give or take `off`.

    `offset` is the change of `objective` from today to the plan. Where the objective is one ratio,
    `off` is 0 and `single` is there. `rates` and
    `middles` are those of the ratios, `excess` the ranges of what each is above its rate (where
    `off` needs them).
    """

    objective: Change
    at: float
    offset: float
    off: float
    single: Slopes | None
    rates: tuple[float, ...]
    middles: tuple[float, ...]
    excess: tuple[Span | None, ...]


def objective(on: Model, member: Flags) -> float:
    """Give the objective: the sum of all terms."""
    return math.fsum(value(on, term, member) * term.weight for term in on.terms)


def value(on: Model, term: Term, member: Flags) -> float:
    """Give one term without its weight; nan where the denominator is 0."""
    above = term.above.value(on.units, member)
    if term.below is None:
        return above
    below = term.below.value(on.units, member)
    return above / below if below else math.nan


def spans(on: Model) -> list[Span]:
    """Give the range of the denominator of each ratio over all plans, by multipliers."""
    return [span(on, change(on, term.below)) for term in on.terms if term.below is not None]


def ranges(on: Model, held: list[Span]) -> Ranges:
    """Give the ranges of denominators, down to what they can be.

    A plan has something to take the mean over: no less than the smallest figure above 0.
    """
    found = []
    below = [(term.below, term.step) for term in on.terms if term.below is not None]
    for (form, step), one in zip(below, held, strict=True):
        low = max(one.low, float(form.linear[form.linear > 0].min()))
        high = max(one.high, low)
        if step:
            off = max(1e-6, 4 * np.finfo(np.float64).eps * high / step)
            low = math.ceil(low / step - off) * step
            high = max(math.floor(high / step + off) * step, low)
        found.append(Ends(low, high))
    return found


def boxed(on: Model, ranges: Ranges) -> list[Limit]:
    """Give the rows that keep denominators in their ranges."""
    below = [change(on, term.below) for term in on.terms if term.below is not None]
    steps = [term.step for term in on.terms if term.below is not None]
    slacks = [step / 4 or SLACK * high for step, (_, high) in zip(steps, ranges, strict=True)]
    return [
        Limit(NO_TEXT, moved, low - moved.start, high - moved.start, slack, slack)
        for moved, (low, high), slack in zip(below, ranges, slacks, strict=True)
    ]


def span(on: Model, moved: Change) -> Span:
    """Give a range that holds a linear form under the rules without pairs."""
    rows = [limit for limit in on.limits if not limit.change.pair.any()]
    ends, proofs = [], []
    for sign in (1.0, -1.0):
        turned = Change(0.0, sign * moved.move, moved.pair)
        of = task(on, turned, rows, [])
        found = _few(turned, rows) if len(on.free) <= FEW else None
        prices = multipliers(of, Purse(), gap=LOOSE).prices if found is None else [found]
        proof = max((price(of, one) for one in prices), key=lambda one: one.bound)
        ends.append(moved.start + sign * proof.bound)
        proofs.append(proof)
    return Span(ends[0], ends[1], (proofs[0], proofs[1]))


def _few(turned: Change, rows: list[Limit]) -> Floats | None:
    """Give the duals of the linear program, none where nothing obeys the rows."""
    program, size = Program(), len(turned.move)
    largest = float(np.abs(turned.move).max(initial=0.0)) or 1.0
    cols = program.columns(turned.move / largest, 1.0)
    scales = []
    for row in rows:
        scale = 1 / (float(np.abs(row.change.move).max(initial=0.0)) or 1.0)
        entries = (np.zeros(size, np.int64), cols, row.change.move * scale)
        low, high = (row.low - row.wide) * scale, (row.high + row.wide) * scale
        program.rows([entries], [low], [high])
        scales.append(scale * largest)
    duals = program.solve(relaxed=True).price
    return -duals * np.array(scales) if len(duals) == len(rows) else None


def surrogate(on: Model, moves: Flags, ranges: Ranges) -> Surrogate:
    """Make the objective linear at a plan.

    Parameters
    ----------
    on
        The model.
    moves
        The plan.
    ranges
        What `ranges` gives, or parts of it.
    """
    member = on.member(moves)
    total = Change(0.0, np.zeros(len(on.free)), np.zeros(len(on.pairs)))
    off, left = 0.0, iter(ranges)
    single: Slopes | None = None
    rates, middles, excess = [], [], []
    for term in on.terms:
        form, per = term.above, 1.0
        if term.below is not None:
            rate, (low, high) = value(on, term, member), next(left)
            form = Form(0.0, form.linear - rate * term.below.linear, form.pair)
            per = 2 / (1 / low + 1 / high)
            held = None
            if len(on.terms) == 1:
                single = Slopes(per / low, per / high)
            else:
                held = span(on, change(on, form))
                widest = max(abs(held.low), abs(held.high))
                off += abs(term.weight) * widest * (1 / low - 1 / high) / 2
            rates.append(rate)
            middles.append(per)
            excess.append(held)
        moved = change(on, form)
        share = term.weight / per
        total = Change(0.0, total.move + share * moved.move, total.pair + share * moved.pair)
    return Surrogate(
        total,
        at=objective(on, member),
        offset=shift(on, total, moves),
        off=off,
        single=single,
        rates=tuple(rates),
        middles=tuple(middles),
        excess=tuple(excess),
    )


def lower(made: Surrogate, bound: float) -> float:
    """Give a lower bound of the true objective from one of the change of the surrogate."""
    gain = bound - made.offset
    if made.single is not None:
        return made.at + gain * (made.single.falling if gain <= 0 else made.single.rising)
    return made.at + gain - made.off
