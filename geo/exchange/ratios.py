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

from geo.exchange.dual import root
from geo.exchange.forms import Form, Term
from geo.exchange.model import SLACK, Change, Limit, Model, change, shift
from geo.exchange.program import Program
from geo.exchange.units import Flags

FEW = 500  # free units up to which a linear program is faster than multipliers
LOOSE = 1.0  # ranges need not be narrow
Ranges = list[tuple[float, float]]


class Surrogate(NamedTuple):
    """A linear objective; the true one is `at` + its change from the plan, give or take `off`.

    `offset` is the change of `objective` from today to the plan. `single` is the middle over the
    least denominator where the objective is one ratio, else 0.
    """

    objective: Change
    at: float
    offset: float
    off: float
    single: float


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


def spans(on: Model) -> Ranges:
    """Give the range of the denominator of each ratio over all plans, by linear programs.

    A plan has something to take the mean over: no less than the smallest figure above 0.
    """
    found = []
    for term in on.terms:
        if term.below is not None:
            low, high = span(on, change(on, term.below))
            least = term.below.linear[term.below.linear > 0].min()
            low = max(low, float(least))
            if term.step:
                low = math.ceil(low / term.step - 1e-6) * term.step
                high = max(math.floor(high / term.step + 1e-6) * term.step, low)
            found.append((low, high))
    return found


def boxed(on: Model, ranges: Ranges) -> list[Limit]:
    """Give the rows that keep denominators in their ranges."""
    below = [change(on, term.below) for term in on.terms if term.below is not None]
    steps = [term.step for term in on.terms if term.below is not None]
    return [
        Limit("", moved, low - moved.start, high - moved.start, step / 4 or SLACK * high)
        for moved, (low, high), step in zip(below, ranges, steps, strict=True)
    ]


def span(on: Model, moved: Change) -> tuple[float, float]:
    """Give a range that holds a linear form under the rules without pairs."""
    rows = [limit for limit in on.limits if not limit.change.pair.any()]
    ends = []
    for sign in (1.0, -1.0):
        turned = Change(0.0, sign * moved.move, moved.pair)
        found = _few if len(on.free) <= FEW else _many
        ends.append(moved.start + sign * found(on, turned, rows))
    return ends[0], ends[1]


def _many(on: Model, turned: Change, rows: list[Limit]) -> float:
    return root(on, turned, rows, gap=LOOSE).bound


def _few(on: Model, turned: Change, rows: list[Limit]) -> float:
    """Solve the linear program; 0 where nothing obeys the rows."""
    program, size = Program(), len(on.free)
    largest = float(np.abs(turned.move).max(initial=0.0)) or 1.0
    cols = program.columns(turned.move / largest, 1.0)
    for row in rows:
        scale = 1 / (float(np.abs(row.change.move).max(initial=0.0)) or 1.0)
        entries = (np.zeros(size, np.int64), cols, row.change.move * scale)
        low, high = (row.low - row.slack) * scale, (row.high + row.slack) * scale
        program.rows([entries], [low], [high])
    bound = program.solve(relaxed=True).bound * largest
    return bound if math.isfinite(bound) else 0.0


def surrogate(on: Model, moves: Flags, ranges: Ranges) -> Surrogate:
    """Make the objective linear at a plan.

    Parameters
    ----------
    on
        The model.
    moves
        The plan.
    ranges
        What `spans` gives.
    """
    member = on.member(moves)
    total = Change(0.0, np.zeros(len(on.free)), np.zeros(len(on.pairs)))
    off, single, left = 0.0, 0.0, iter(ranges)
    for term in on.terms:
        form, per = term.above, 1.0
        if term.below is not None:
            rate, (low, high) = value(on, term, member), next(left)
            form = Form(0.0, form.linear - rate * term.below.linear, form.pair)
            per, single = 2 / (1 / low + 1 / high), 2 / (1 + low / high)
            off += abs(term.weight) * _off(on, form, (low, high))
        moved = change(on, form)
        share = term.weight / per
        total = Change(0.0, total.move + share * moved.move, total.pair + share * moved.pair)
    single = single if len(on.terms) == 1 else 0.0
    return Surrogate(total, objective(on, member), shift(on, total, moves), off, single)


def _off(on: Model, form: Form, ends: tuple[float, float]) -> float:
    """Give how far a ratio can be from its surrogate."""
    apart = (1 / ends[0] - 1 / ends[1]) / 2
    if apart == 0:
        return 0.0
    return apart * max(abs(end) for end in span(on, change(on, form)))


def lower(made: Surrogate, bound: float) -> float:
    """Give a lower bound of the true objective from one of the change of the surrogate."""
    gain = bound - made.offset
    careful = made.at + gain - made.off
    if made.single and gain <= 0:
        return max(careful, made.at + gain * made.single)
    return careful
