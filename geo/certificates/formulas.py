"""Goals and rules of an exchange as formulas of who is a member, from their definitions alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from geo.certificates.certificate import ExchangeProblem, Flags, Floats, Whole
from geo.certificates.directed import Interval, exact, gathered, joined, total, whole
from geo.certificates.wording import AREA, COUNT

SLACK = 1.001e-7
"""A row of fractions holds within this share of its largest coefficient of what is free."""
WHOLE = 1e-6
"""Ends of rows of whole numbers are taken as whole within this."""
ROUNDING = 1e-12
"""The level of a quality, a mean, is known within this share of the largest value."""
NOTHING = exact([])
NOWHERE: Whole = np.zeros(0, np.int64)


class Form(NamedTuple):
    """Sum of constants + linear · x[at] + pair · x_left · x_right of the pairs `on`; x is 0 or 1.

    x is 1 for members afterwards. Places may stand twice.
    """

    constants: Interval
    at: Whole = NOWHERE
    linear: Interval = NOTHING
    on: Whole = NOWHERE
    pair: Interval = NOTHING


class Row(NamedTuple):
    """One rule in one scope: low − slack ≤ form ≤ high + slack."""

    name: str
    form: Form
    low: float
    high: float
    slack: Interval


class Scope(NamedTuple):
    """What a row holds for: its rule and label, as the row is named, and the units."""

    name: str
    units: Whole


class Floor(NamedTuple):
    """Area in blocks of at least `least` is no less than its area today and `gain`; 0.01 m²."""

    least: int
    gain: int


class Folded(NamedTuple):
    """A form with what cannot change put in: constants, a cost of each unit, pairs of free ones.

    `linear` has a figure for every unit; those of units that stay count where they are members.
    """

    constants: Interval
    linear: Interval
    on: Whole
    pair: Interval


@dataclass(frozen=True, eq=False)
class Case:
    """A problem whose goals and rules are well formed, ready to be checked against.

    `possible` units can be members in some plan; `goals` and `rules` are as `wording` gives them.
    """

    problem: ExchangeProblem
    goals: tuple[dict[str, Any], ...]
    rules: tuple[dict[str, Any], ...]
    free: Flags
    possible: Flags
    rows: tuple[Row, ...]
    floors: tuple[Floor, ...]


def case(
    problem: ExchangeProblem, goals: Sequence[dict[str, Any]], rules: Sequence[dict[str, Any]]
) -> Case:
    """Put goals and rules into rows and floors."""
    member = problem.member
    free = np.where(member, problem.may_leave, problem.may_enter)
    bare = Case(
        problem,
        tuple(goals),
        tuple(rules),
        free,
        member | (free & ~member),
        (),
        tuple(_floors(rules)),
    )
    made = [row for rule in rules if rule["is"] != "Blocks" for row in _rows(bare, rule)]
    return Case(**{**bare.__dict__, "rows": tuple(made)})


def _floors(rules: Sequence[dict[str, Any]]) -> Iterator[Floor]:
    for rule in rules:
        if rule["is"] == "Blocks":
            least, gain = (math.ceil(100 * rule[key] - 1e-6) for key in ("least_m2", "gain_m2"))
            yield Floor(max(least, 1), gain)  # every unit has 0.01 m² at least


def amounts(problem: ExchangeProblem, column: str, units: Whole | None = None) -> Interval:
    """Give the numbers of a column, of some units or of all."""
    places = np.arange(len(problem.area)) if units is None else units
    if column == COUNT:
        return exact(np.ones(len(places)))
    if column == AREA:
        return exact(problem.area[places]) / exact(np.full(len(places), 100.0))
    return exact(problem.columns[column][places])


def summed(values: Interval) -> Form:
    """Give the sum of values over the members.

    >>> summed(exact([0.0, 3.0])).at.tolist()
    [1]
    """
    at = np.flatnonzero((values.low != 0) | (values.high != 0))
    return Form(NOTHING, at, values[at])


def excess(problem: ExchangeProblem, mean: dict[str, Any], rate: Interval) -> Form:
    """Give N − rate · D of a mean N / D."""
    return summed(amounts(problem, mean["per"]) * (amounts(problem, mean["column"]) - rate))


def plain(case: Case, goal: dict[str, Any]) -> Form:
    """Give the value of a goal that is no mean, without its weight."""
    if goal["is"] == "Moved":
        return _moved(case, goal["column"], goal["side"], np.arange(len(case.free)))
    return _touching(case.problem, goal["by"], 1.0)


def _moved(case: Case, column: str, side: str, units: Whole) -> Form:
    """Add up what leaves or enters among some units: only those that are free can."""
    free, member = case.free[units], case.problem.member[units]
    leaving = units[free & member & (side != "enter")]
    entering = units[free & ~member & (side != "leave")]
    leaves, enters = (amounts(case.problem, column, part) for part in (leaving, entering))
    return Form(leaves, np.concatenate([leaving, entering]), joined([-leaves, enters]))


def _touching(problem: ExchangeProblem, by: str, factor: float) -> Form:
    shared = problem.length_m if by == "length" else np.ones(len(problem.left))
    on = np.flatnonzero(shared)
    return Form(NOTHING, on=on, pair=exact(shared[on]) * factor)


def scaled(form: Form, factor: Interval) -> Form:
    """Multiply a form."""
    return Form(form.constants * factor, form.at, form.linear * factor, form.on, form.pair * factor)


def added(forms: Sequence[Form]) -> Form:
    """Add forms."""
    return Form(
        joined([form.constants for form in forms]),
        np.concatenate([NOWHERE, *(form.at for form in forms)]),
        joined([form.linear for form in forms]),
        np.concatenate([NOWHERE, *(form.on for form in forms)]),
        joined([form.pair for form in forms]),
    )


def folded(case: Case, form: Form) -> Folded:
    """Put in what cannot change: a pair with an end that stays is linear, or a constant."""
    problem = case.problem
    on, pair = form.on, form.pair
    if len(on):
        every = gathered(on, pair, len(problem.left))
        on = np.flatnonzero((every.low != 0) | (every.high != 0))
        pair = every[on]
    left, right = problem.left[on], problem.right[on]
    stays = ~case.free & problem.member
    constant = stays[left] & stays[right]
    to_left, to_right = stays[right] & case.free[left], stays[left] & case.free[right]
    at = np.concatenate([form.at, left[to_left], right[to_right]])
    parts = joined([form.linear, pair[to_left], pair[to_right]])
    both = np.flatnonzero(case.free[left] & case.free[right])
    return Folded(
        joined([form.constants, pair[constant]]),
        gathered(at, parts, len(case.free)),
        on[both],
        pair[both],
    )


def value(problem: ExchangeProblem, form: Form, member: Flags) -> Interval:
    """Give the value of a form for members."""
    both = member[problem.left[form.on]] & member[problem.right[form.on]]
    return total(joined([form.constants, form.linear[member[form.at]], form.pair[both]]))


def _rows(case: Case, rule: dict[str, Any]) -> Iterator[Row]:
    if rule["is"] == "Contiguity":
        yield _contiguity(case, rule)
    elif rule["is"] == "Reach":
        yield _reach(case, rule)
    else:
        make = {"Balance": _balance, "Quality": _quality, "Budget": _budget}[rule["is"]]
        for scope in _scopes(case.problem, rule["scope"]):
            yield make(case, rule, scope._replace(name=f"{rule['is']} {scope.name}".strip()))


def _scopes(problem: ExchangeProblem, scope: str) -> Iterator[Scope]:
    """Give each label in the order of words, and the units that have it."""
    if not scope:
        yield Scope("", np.arange(len(problem.area)))
        return
    labels = sorted(set(problem.scopes[scope]))
    number = {label: k for k, label in enumerate(labels)}
    code = np.array([number[label] for label in problem.scopes[scope]], np.int64)
    order = np.argsort(code, kind="stable")
    ends = np.searchsorted(code[order], np.arange(1, len(labels)))
    yield from map(Scope, labels, np.split(order, ends))


def _balance(case: Case, rule: dict[str, Any], scope: Scope) -> Row:
    name, units = scope
    area = case.problem.area[units]
    before = float(area[case.problem.member[units]].sum())
    low, high = -_hundredths(rule["below_m2"]), _hundredths(rule["above_m2"])
    return Row(name, Form(exact([-before]), units, exact(area)), low, high, exact(0.0))


def _hundredths(square_metres: float) -> float:
    scaled_ = 100 * square_metres + 1e-6
    return float(math.floor(scaled_)) if math.isfinite(scaled_) else scaled_


def _budget(case: Case, rule: dict[str, Any], scope: Scope) -> Row:
    name, units = scope
    form = _moved(case, rule["column"], rule["side"], units)
    return _row(case, name, form, (rule["least"], rule["most"]))


def _quality(case: Case, rule: dict[str, Any], scope: Scope) -> Row:
    """Hold sum of area · (v − mean of v today + slack) ≥ 0, v being more the better."""
    name, units = scope
    today = case.problem.member[units]
    if not today.any():  # nothing to get worse than
        return Row(name, Form(NOTHING), 0.0, math.inf, exact(0.0))
    area = amounts(case.problem, AREA, units)
    values = amounts(case.problem, rule["column"], units)
    values = values if rule["better"] == "more" else -values
    level = total((area * values)[today]) / total(area[today])
    form = Form(NOTHING, units, area * (values - level + rule["slack"]))
    made = _row(case, name, form, (0.0, math.inf))
    most = exact(_largest_size(amounts(case.problem, rule["column"])).max(initial=0.0))
    return made._replace(slack=made.slack + total(area) * most * ROUNDING)


def _contiguity(case: Case, rule: dict[str, Any]) -> Row:
    """Hold 2 · shared − (2 · shared today / members today + gain) · members ≥ 0."""
    problem = case.problem
    shared = _touching(problem, rule["by"], 2.0)
    count = max(int(problem.member.sum()), 1)
    level = value(problem, shared, problem.member) / exact(float(count)) + rule["gain"]
    every = np.arange(len(problem.area))
    linear = exact(np.ones(len(every))) * -level
    return _row(case, "Contiguity", shared._replace(at=every, linear=linear), (0.0, math.inf))


def _reach(case: Case, rule: dict[str, Any]) -> Row:
    """Hold most · D − weight · N ≥ 0 for a mean, −weight · value ≥ −most for another goal."""
    goal, most = rule["goal"], rule["most"]
    name = f"Reach {goal['is']}"
    if goal["is"] != "Mean":
        form = scaled(plain(case, goal), exact(-goal["weight"]))
        return _row(case, name, form, (-most, math.inf))
    values = exact(most) - amounts(case.problem, goal["column"]) * goal["weight"]
    form = summed(amounts(case.problem, goal["per"]) * values)
    return _row(case, name, form, (0.0, math.inf))


def _row(case: Case, name: str, form: Form, ends: tuple[float, float]) -> Row:
    """Make a row: exact where all its figures are whole numbers, else with its slack."""
    linear: Floats = form.linear.low
    same = bool((linear == form.linear.high).all() and whole(linear).all())
    if same and not len(form.on):
        return Row(name, form, *_whole_ends(form, ends), exact(0.0))
    sizes = [form.linear[case.free[form.at]]]
    if len(form.on):
        moving = folded(case, form)
        sizes = [moving.linear[case.free], moving.pair]
    low = max(_least_size(part).max(initial=0.0) for part in sizes)
    high = max(_largest_size(part).max(initial=0.0) for part in sizes)
    return Row(name, form, *ends, Interval(np.asarray(low), np.asarray(high)) * SLACK)


def _whole_ends(form: Form, ends: tuple[float, float]) -> tuple[float, float]:
    """Give the ends that sums of whole numbers can reach; they are taken as whole within 1e-6."""
    constants: Floats = form.constants.low
    if not ((constants == form.constants.high).all() and whole(constants).all()):
        return ends
    low, high = ends
    low = math.ceil(low - WHOLE) if math.isfinite(low) else low
    return low, math.floor(high + WHOLE) if math.isfinite(high) else high


def _least_size(of: Interval) -> Floats:
    return np.maximum(np.maximum(of.low, -of.high), 0.0)


def _largest_size(of: Interval) -> Floats:
    return np.maximum(np.abs(of.low), np.abs(of.high))
