"""Statements re-checked: the least of a priced sum, unit by unit, rounded down.

Every term price · (row − end) is ≤ 0 for plans that keep the row, so that f is no less than
L = f + sum of these. What pairs gain, −w · x_left · x_right, is no less than −w times any weighted
mean of x_left and x_right. L then falls apart into constants and one cost of each free unit, whose
least is the sum of the least of each; what a unit's other decision adds is the size of its cost.

Geoffrion, A. M. (1974): Lagrangean relaxation for integer programming. Mathematical Programming
Study 2, 82-114.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from geo.certificates.certificate import NONE, Flags, Floats, Statement
from geo.certificates.directed import Interval, exact, gathered, joined, total
from geo.certificates.formulas import (
    NOTHING,
    Case,
    Folded,
    Form,
    added,
    amounts,
    excess,
    folded,
    plain,
    scaled,
    summed,
)
from geo.errors import Problem
from geo.words import Text


class Counted(NamedTuple):
    """Area in blocks is no more than `most` (None: nothing known), and no less than `floor`."""

    floor: int
    most: Form | None


class Proof(NamedTuple):
    """f ≥ `low` for every plan; the cost of being a member for each unit, where one is known."""

    low: float
    cost: Interval


class Proved(NamedTuple):
    """What a statement proves, and what keeps it from proving more."""

    proof: Proof
    problems: list[Problem]


def proof(case: Case, statement: Statement, counted: Sequence[Counted]) -> Proved:
    """Find what a statement proves.

    Parameters
    ----------
    case
        The problem.
    statement
        Well formed; its bound is not looked at.
    counted
        For each floor on blocks what the statement's cut says.
    """
    none = np.full(len(case.free), np.inf)
    unproven = Proof(-np.inf, Interval(-none, none))
    problems = [*_wrong_prices(case, statement), *_wrong_floors(statement, counted)]
    if problems:
        return Proved(unproven, problems)
    sum_ = folded(case, added([_target(case, statement), *_priced(case, statement, counted)]))
    problems = list(_wrong_pairs(case, statement, sum_))
    if problems:
        return Proved(unproven, problems)
    cost = _split(case, statement, sum_)
    stays = ~case.free & case.problem.member
    chosen = cost[case.free]
    least = Interval(np.minimum(chosen.low, 0.0), np.minimum(chosen.high, 0.0))
    low = total(joined([sum_.constants, cost[stays], least])).low
    return Proved(Proof(float(low), cost), [])


def other(of: Proof, after: Flags) -> Floats:
    """Give for each unit a bound of f over plans in which its state is another than `after`."""
    dearer = np.where(after, -of.cost.high, of.cost.low)
    return (exact(np.maximum(dearer, 0.0)) + of.low).low


def _target(case: Case, statement: Statement) -> Form:
    """Give f."""
    if statement.of == "objective":
        return added([_surrogate(case, statement, number) for number in range(len(case.goals))])
    mean, sense = case.goals[statement.goal], exact(float(statement.sense))
    if statement.of == "below":
        return scaled(summed(amounts(case.problem, mean["per"])), sense)
    rate = exact(statement.rates[statement.goal])
    return scaled(excess(case.problem, mean, rate), sense)


def _surrogate(case: Case, statement: Statement, number: int) -> Form:
    goal = case.goals[number]
    weight = exact(goal["weight"])
    if goal["is"] != "Mean":
        return scaled(plain(case, goal), weight)
    above = excess(case.problem, goal, exact(statement.rates[number]))
    return scaled(above, weight / exact(statement.middles[number]))


def _priced(case: Case, statement: Statement, counted: Sequence[Counted]) -> Iterator[Form]:
    """Give price · (row − end) of each row and floor with a price."""
    for row, price in zip(case.rows, statement.prices, strict=True):
        if price:
            end = exact(row.high) + row.slack if price > 0 else exact(row.low) - row.slack
            yield scaled(row.form, exact(price))
            yield Form(joined([NOTHING, -(end * price)]))
    for kept, floor in zip(counted, statement.floors, strict=True):
        if floor.price and kept.most is not None:
            yield scaled(kept.most, exact(floor.price))
            yield Form(joined([NOTHING, -(exact(kept.floor) * floor.price)]))


def _split(case: Case, statement: Statement, sum_: Folded) -> Interval:
    """Give each unit its cost, with its share of what pairs gain."""
    if not len(sum_.on):
        return sum_.linear
    share = exact(statement.shares[sum_.on] if len(statement.shares) else np.zeros(len(sum_.on)))
    at = [np.arange(len(case.free)), case.problem.left[sum_.on], case.problem.right[sum_.on]]
    gains = [sum_.pair * share, sum_.pair * (exact(1.0) - share)]
    return gathered(np.concatenate(at), joined([sum_.linear, *gains]), len(case.free))


def _wrong_prices(case: Case, statement: Statement) -> Iterator[Problem]:
    for number, row in enumerate(case.rows):
        price = float(statement.prices[number])
        if price > 0 and not np.isfinite(row.high):
            yield Problem(row=row.name, field=f"prices/{number}", found=f"{price}", expected="≤ 0")
        if price < 0 and not np.isfinite(row.low):
            yield Problem(row=row.name, field=f"prices/{number}", found=f"{price}", expected="≥ 0")


def _wrong_floors(statement: Statement, counted: Sequence[Counted]) -> Iterator[Problem]:
    for number, (floor, kept) in enumerate(zip(statement.floors, counted, strict=True)):
        if not floor.price <= 0:
            yield Problem(field=f"floors/{number}", found=f"{floor.price}", expected="≤ 0")
        if floor.price and kept.most is None:
            none = floor.cut == NONE
            wrong = Text("没有割", "no cut") if none else Text("割不成立", "the cut does not hold")
            yield Problem(field=f"floors/{number}", found=wrong)


def _wrong_pairs(case: Case, statement: Statement, sum_: Folded) -> Iterator[Problem]:
    """Refuse pairs that would rather be apart: no shares bound what they cost."""
    for number in sum_.on[~(sum_.pair.high <= 0)][:1]:
        ends = (case.problem.left[number], case.problem.right[number])
        names = " / ".join(case.problem.labels[end] for end in ends)
        yield Problem(row=names, field="shares", found="> 0", expected="≤ 0")
    if not len(statement.shares) and (sum_.pair.low < 0).any():
        yield Problem(field="shares", found="0", expected=f"{len(case.problem.left)}")
