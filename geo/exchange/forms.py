"""Goals and rules as formulas of who is a member: constant + linear + shared pairs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from geo.errors import InputError, Problem
from geo.exchange.goals import Goal, Mean, Moved, Side
from geo.exchange.rules import Balance, Blocks, Budget, Contiguity, Quality, Reach, Rule, faults
from geo.exchange.units import AREA, COUNT, Flags, Floats, Units, amounts, scopes
from geo.words import Text, joined

ROUNDING = 1e-12  # differences and sums this small beside the largest value are none


class Form(NamedTuple):
    """constant + linear · x + sum of pair · x_left · x_right, where x is 1 for members.

    `linear` has a figure for every unit, `pair` for every pair of neighbours.
    """

    constant: float
    linear: Floats
    pair: Floats

    def value(self, given: Units, x: Flags) -> float:
        """Give the value for members x; sums are exact to the last bit but one."""
        both = x[given.left] & x[given.right]
        total = math.fsum([self.constant, *self.linear[x], *self.pair[both & (self.pair != 0)]])
        return total if abs(total) > ROUNDING * abs(self.constant) else 0.0


class Term(NamedTuple):
    """One goal: weight · above / below; without `below` weight · above.

    `step`: below is a whole multiple of it; 0 where it may be anything.
    """

    words: Text
    weight: float
    above: Form
    below: Form | None
    step: float = 0.0


class Held(NamedTuple):
    """What a rule holds between two ends, in one scope."""

    form: Form
    low: float
    high: float


class Row(NamedTuple):
    """One rule in one scope: low ≤ form ≤ high; pairs only where there is no high.

    `rounding` is how far the figures of the form may be off in all.
    """

    words: Text
    form: Form
    low: float
    high: float
    rounding: float = 0.0


def terms(given: Units, goals: Sequence[Goal]) -> list[Term]:
    """Give the terms whose sum is the objective.

    Raises
    ------
    InputError
        If there is no goal, a weight is wrong, or a mean has nothing to be taken over.
    """
    if not goals:
        raise InputError(Text("没有目标", "no goal"))
    return [_term(given, goal) for goal in goals]


def _term(given: Units, goal: Goal) -> Term:
    size, pairs = len(given.labels), len(given.left)
    if not math.isfinite(goal.weight):
        raise InputError(
            Text("权重须为有限数", "weights are finite"), problems=[Problem(field=str(goal))]
        )
    if isinstance(goal, Mean):
        per = amounts(given, goal.per)
        if (per < 0).any() or per[given.member].sum() <= 0:
            raise InputError(
                Text(
                    f"{goal.per} 合计须大于 0",
                    f"the sum of {goal.per} must be above 0",
                )
            )
        step = {AREA: 0.01, COUNT: 1.0}.get(goal.per, 0.0)
        above = Form(0.0, per * amounts(given, goal.column), np.zeros(pairs))
        return Term(goal.words(), goal.weight, above, Form(0.0, per, np.zeros(pairs)), step)
    if isinstance(goal, Moved):
        return Term(goal.words(), goal.weight, _moved(given, goal.column, goal.side), None)
    if goal.weight > 0:
        raise InputError(Text("共边权重须 ≤ 0", "the weight of shared borders is ≤ 0"))
    return Term(goal.words(), goal.weight, Form(0.0, np.zeros(size), _shared(given, goal.by)), None)


def _moved(given: Units, column: str, side: Side, inside: Flags | None = None) -> Form:
    values = amounts(given, column)
    values = values if inside is None else np.where(inside, values, 0.0)
    leaving = np.where(given.member & (side != "enter"), values, 0.0)
    entering = np.where(~given.member & (side != "leave"), values, 0.0)
    return Form(math.fsum(leaving), entering - leaving, np.zeros(len(given.left)))


def _shared(given: Units, by: str) -> Floats:
    return given.length_m.copy() if by == "length" else np.ones(len(given.left))


def rows(given: Units, rules: Sequence[Rule]) -> list[Row]:
    """Give the rows of all rules but floors on blocks, one for each scope.

    Raises
    ------
    InputError
        If a column is wrong, a range is empty, or a number of a rule is none: with all of these.
    """
    problems = [problem for rule in rules for problem in faults(rule)]
    if problems:
        raise InputError(Text("规则的数值有误", "numbers of rules are refused"), problems=problems)
    return [row for rule in rules if not isinstance(rule, Blocks) for row in _rows(given, rule)]


def _rows(given: Units, rule: Balance | Quality | Budget | Contiguity | Reach) -> list[Row]:
    if isinstance(rule, Contiguity):
        return [_contiguity(given, rule)]
    if isinstance(rule, Reach):
        return [_reach(given, rule)]
    made = []
    for label, inside in scopes(given, rule.scope):
        if isinstance(rule, Balance):
            held = _balance(given, rule, inside)
        elif isinstance(rule, Budget):
            form = _moved(given, rule.column, rule.side, inside)
            held = Held(form, rule.least, rule.most)
        else:
            held = _quality(given, rule, inside)
        if not held.low <= held.high:
            raise InputError(
                joined([Text("上下限颠倒", "least above most"), rule.words(label)], "：", ": ")
            )
        rounding = 0.0
        if isinstance(rule, Quality):
            largest = float(np.abs(amounts(given, rule.column)).max(initial=0.0))
            rounding = 1.1 * ROUNDING * largest * float(amounts(given, AREA)[inside].sum())
        made.append(Row(rule.words(label), *held, rounding))
    return made


def _balance(given: Units, rule: Balance, inside: Flags) -> Held:
    """Count in 0.01 m²: whole numbers, so that sums are exact."""
    area = np.where(inside, given.area, 0)
    before = float(area[given.member].sum())
    form = Form(-before, area.astype(np.float64), np.zeros(len(given.left)))
    low, high = -_hundredths(rule.below_m2), _hundredths(rule.above_m2)
    return Held(form, low, high)


def _hundredths(area_m2: float) -> int:
    return math.floor(100 * area_m2 + 1e-6)


def _quality(given: Units, rule: Quality, inside: Flags) -> Held:
    sign = 1.0 if rule.better == "more" else -1.0
    area = np.where(inside, amounts(given, AREA), 0.0)
    values = sign * amounts(given, rule.column)
    total = area[given.member].sum()
    if not total:  # nothing to get worse than
        return Held(Form(0.0, np.zeros(len(area)), np.zeros(len(given.left))), 0.0, math.inf)
    level = (area * values)[given.member].sum() / total
    above = values - level + rule.slack
    above[np.abs(above) < ROUNDING * np.abs(values).max()] = 0.0
    form = Form(0.0, area * above, np.zeros(len(given.left)))
    zero = form.value(given, given.member) if not rule.slack else 0.0  # rounding of the mean
    return Held(form, min(zero, 0.0), math.inf)


def _reach(given: Units, rule: Reach) -> Row:
    """Hold weight · above ≤ most · below, or ≤ most, turned round: pairs stand above a low."""
    term = _term(given, rule.goal)
    linear, constant, low = -term.weight * term.above.linear, term.above.constant, 0.0
    if term.below is None:
        low = -rule.most
    else:
        linear = linear + rule.most * term.below.linear
    form = Form(-term.weight * constant, linear, -term.weight * term.above.pair)
    return Row(rule.words(""), form, low, math.inf)


def _contiguity(given: Units, rule: Contiguity) -> Row:
    pair = 2 * _shared(given, rule.by)
    whole = Form(0.0, np.zeros(len(given.labels)), pair)
    count = max(int(given.member.sum()), 1)
    before = whole.value(given, given.member)
    level = before / count + rule.gain
    form = Form(0.0, np.full(len(given.labels), -level), pair)
    zero = form.value(given, given.member) if not rule.gain else 0.0
    return Row(rule.words(""), form, min(zero, 0.0), math.inf)
