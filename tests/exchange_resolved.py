"""Exchanges counted and solved a second time: in members instead of moves, by SciPy's solver.

Nothing of the package's own programs, bounds and cuts is used. x_u is 1 where unit u is a member
afterwards, y_p ≤ x_left and y_p ≤ x_right stand for pairs of members. Columns and rows are shuffled
by a seed, so that the solver walks another way. Ratios are solved by Dinkelbach's steps, floors on
blocks by cuts where members in no block are counted. Areas balance to 0.01 m²; other rules are loosened by
`LOOSE` of their largest figure.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo.exchange import Balance, Blocks, Contiguity, Moved, Quality, Reach, Touching

LOOSE, HALF_CENT = 1e-7, 0.005
STEPS, CUTTINGS = 30, 40


class Resolved(NamedTuple):
    """The best members (None: none found), their objective, and what none is below."""

    member: np.ndarray | None
    best: float
    bound: float


class Sum(NamedTuple):
    """constant + unit · x + pair · y."""

    constant: float
    unit: np.ndarray
    pair: np.ndarray
    exact: bool = False  # in m² of whole 0.01 m²

    @property
    def slack(self):
        if self.exact:
            return HALF_CENT
        return LOOSE * max(np.abs(self.unit).max(initial=0), np.abs(self.pair).max(initial=0))

    def at(self, given, x):
        return self.constant + self.unit[x].sum() + self.pair[x[given.left] & x[given.right]].sum()


def column(given, name):
    if name == "count":
        return np.ones(len(given.labels))
    return given.area / 100 if name == "area_m2" else given.table[name].to_numpy(float)


def scopes(given, name):
    if not name:
        return [np.ones(len(given.labels), bool)]
    return [(given.table[name] == label).to_numpy() for label in given.table[name].unique()]


def moved(given, name, side, inside):
    values, today = column(given, name) * inside, given.member
    out = np.where(today, values, 0.0) if side != "enter" else 0 * values
    new = np.where(today, 0.0, values) if side != "leave" else 0 * values
    return Sum(out.sum(), new - out, np.zeros(len(given.left)))


def fraction(given, goal):
    """Give numerator and denominator (None: 1) of a goal, without its weight."""
    none = np.zeros(len(given.left))
    if isinstance(goal, Moved):
        return moved(given, goal.column, goal.side, 1.0), None
    if isinstance(goal, Touching):
        each = given.length_m if goal.by == "length" else none + 1
        return Sum(0.0, np.zeros(len(given.labels)), each), None
    per = column(given, goal.per)
    return Sum(0.0, per * column(given, goal.column), none), Sum(0.0, per, none)


def floors(given, rule):
    """Give what a rule asks for as sums that are 0 at least."""
    if isinstance(rule, Reach):
        above, below = fraction(given, rule.goal)
        w, none = rule.goal.weight, (0.0, 0.0 * above.unit)
        most = (rule.most, none[1]) if below is None else (0.0, rule.most * below.unit)
        return [Sum(most[0] - w * above.constant, most[1] - w * above.unit, -w * above.pair)]
    if isinstance(rule, Contiguity):
        each = 2 * (given.length_m if rule.by == "length" else np.ones(len(given.left)))
        today = each[given.member[given.left] & given.member[given.right]].sum()
        level = today / max(given.member.sum(), 1) + rule.gain
        return [Sum(0.0, np.full(len(given.labels), -level), each)]
    return [one for inside in scopes(given, rule.scope) for one in _scoped(given, rule, inside)]


def _scoped(given, rule, inside):
    none = np.zeros(len(given.left))
    area = np.where(inside, given.area / 100, 0.0)
    if isinstance(rule, Quality):
        if not area[given.member].sum():
            return []
        values = column(given, rule.column) * (1 if rule.better == "more" else -1)
        level = np.average(values[given.member], weights=area[given.member]) - rule.slack
        return [Sum(0.0, area * (values - level), none)]
    exact = isinstance(rule, Balance)
    if exact:
        change = Sum(-area[given.member].sum(), area, none)
        low, high = -rule.below_m2, rule.above_m2
    else:
        change = moved(given, rule.column, rule.side, inside)
        low, high = rule.least, rule.most
    up = [Sum(change.constant - low, change.unit, none, exact)] if math.isfinite(low) else []
    down = [Sum(high - change.constant, -change.unit, none, exact)] if math.isfinite(high) else []
    return up + down


def blocks(given, x, least_m2):
    """Give the group of each unit (−1 for others) and whether each group is a block."""
    both = x[given.left] & x[given.right]
    size, ends = len(x), (given.left[both], given.right[both])
    _, number = connected_components(csr_array((np.ones(both.sum()), ends), (size, size)), False)
    total = np.bincount(number, np.where(x, given.area, 0), minlength=size)
    return np.where(x, number, -1), total >= 100 * least_m2 - 1e-3


def block_area(given, x, least_m2):
    number, large = blocks(given, x, least_m2)
    return given.area[x & large[number]].sum() / 100


def keeps(given, x, rules):
    """Say whether members obey every rule."""
    for rule in rules:
        if isinstance(rule, Blocks):
            gain = block_area(given, x, rule.least_m2) - block_area(
                given, given.member, rule.least_m2
            )
            if gain < rule.gain_m2 - 1e-4:
                return False
            continue
        if any(one.at(given, x) < -one.slack for one in floors(given, rule)):
            return False
    return True


def worth(given, x, goals):
    """Give the objective of members."""
    total = 0.0
    for goal in goals:
        above, below = fraction(given, goal)
        total += goal.weight * above.at(given, x) / (1 if below is None else below.at(given, x))
    return total


class _Problem(NamedTuple):
    """What stays the same from one solve to the next; `cuts` grow."""

    given: object
    rules: list
    x: np.ndarray  # how the units decide that are not open
    open: np.ndarray
    whole: bool
    rng: np.random.Generator
    gap: float
    cuts: list  # of (floor, unit, links): the unit counts for the floor where a link is a member


def resolved(given, goals, rules, **options):
    """Solve an exchange anew; the goals are one mean, or sums alone. Options are those of `least`.

    Where only some units are open, the answer is that of all plans in which the others decide so.
    """
    problem = _problem(given, rules, **options)
    parts = [(goal.weight, *fraction(given, goal)) for goal in goals]
    if all(below is None for _, _, below in parts):
        return _sums(problem, _added([(weight, above) for weight, above, _ in parts]))
    ((weight, above, below),) = parts
    return _ratio(problem, _added([(weight, above)]), below)


def least(given, total, rules, **options):
    """Minimise a sum over members.

    Parameters
    ----------
    given, rules
        As `solve` takes them.
    total
        The `Sum`; pairs attract (pair ≤ 0).
    opened, member
        Flags of all units: which may decide, and how the others do (None: all that may; today).
    seed
        Of the order of columns and rows.
    whole
        False: units may be members in part; what counts for blocks is only cut where they may not.
    gap
        Of each program, relative.
    """
    return _sums(_problem(given, rules, **options), total)


def _problem(given, rules, *, opened=None, member=None, seed=1, whole=True, gap=1e-6):
    free = np.where(given.member, given.may_leave, given.may_enter)
    return _Problem(
        given,
        list(rules),
        given.member if member is None else member,
        free if opened is None else free & opened,
        whole,
        np.random.default_rng(seed),
        gap,
        [],
    )


def _added(parts):
    return Sum(*(sum(weight * np.asarray(one[k]) for weight, one in parts) for k in range(3)))


def _sums(problem, total):
    x, bound = _solved(problem, total)
    if x is None:
        return Resolved(None, math.inf, math.inf)
    return Resolved(x > 0.5, float(_weighed(x, total, problem.given)), bound)


def _ratio(problem, above, below):
    """Minimise above / below: r is least where the least of above − r · below is 0."""
    given = problem.given
    _, least = _solved(problem._replace(whole=False, cuts=[]), below)
    rate, best = above.at(given, given.member) / below.at(given, given.member), None
    for _ in range(STEPS):
        x, open_ = _solved(problem, _added([(1.0, above), (-rate, below)]))
        if x is None:
            return Resolved(None, math.inf, math.inf)
        new = _weighed(x, above, given) / _weighed(x, below, given)
        found, best = best is not None and new >= rate - 1e-10 * abs(rate), x
        # above − r · below ≥ open_ for all, so that the ratio is no less than r + open_ / below
        bound = rate + min(open_, 0.0) / least
        if found:
            break
        rate = new
    return Resolved(best > 0.5, min(rate, new), bound)


def _weighed(x, one, given):
    return one.constant + one.unit @ x + one.pair @ np.minimum(x[given.left], x[given.right])


def _solved(problem, objective):
    """Minimise a sum, cutting until what counts as blocks is blocks; x is None where nothing is."""
    for _ in range(CUTTINGS):
        x, bound = _program(problem, objective)
        if x is None or not problem.whole or not _cut(problem, x > 0.5):
            break
    return x, bound


def _cut(problem, x):
    given, added = problem.given, 0
    for place, rule in enumerate(problem.rules):
        if not isinstance(rule, Blocks) or keeps(given, x, [rule]):
            continue
        number, large = blocks(given, x, rule.least_m2)
        beside = _beside(given)
        for group in np.unique(number[x & ~large[number]]):
            inside = number == group
            links = np.flatnonzero((beside @ inside) & ~inside)
            problem.cuts.extend((place, unit, links) for unit in np.flatnonzero(inside))
            added += 1
    return added


def _beside(given):
    size = len(given.labels)
    ends = np.concatenate([given.left, given.right]), np.concatenate([given.right, given.left])
    return csr_array((np.ones(len(ends[0]), bool), ends), (size, size))


class _Table:
    """Rows of a program: entries and least values."""

    def __init__(self):
        self.row, self.col, self.value, self.low = [], [], [], []

    def add(self, cols, values, low):
        cols = np.asarray(cols, np.int64)
        self.row.append(np.full(len(cols), len(self.low)))
        self.col.append(cols)
        self.value.append(np.broadcast_to(np.asarray(values, float), cols.shape))
        self.low.append(low)


def _program(problem, objective):
    given, x, opened = problem.given, problem.x, problem.open
    size, left, right = len(x), given.left, given.right
    sums = [
        one for rule in problem.rules if not isinstance(rule, Blocks) for one in floors(given, rule)
    ]
    used = np.any([one.pair != 0 for one in [objective, *sums]], axis=0)
    pairs = np.flatnonzero(used & (opened | x)[left] & (opened | x)[right])
    # columns: members, pairs, then for each floor on blocks what counts
    counted = [k for k, rule in enumerate(problem.rules) if isinstance(rule, Blocks)]
    width = size + len(pairs) + size * len(counted)
    table = _Table()
    for one in sums:
        values = np.concatenate([one.unit, one.pair[pairs]])
        cols = np.flatnonzero(values)
        table.add(cols, values[cols], -one.constant - one.slack)
    for ends in (left, right):
        for k, pair in enumerate(pairs):
            table.add([ends[pair], size + k], [1.0, -1.0], 0.0)
    for turn, place in enumerate(counted):
        _floor(problem, table, (place, size + len(pairs) + turn * size))
    cost = np.zeros(width)
    cost[:size], cost[size : size + len(pairs)] = objective.unit, objective.pair[pairs]
    lower, upper = np.zeros(width), np.ones(width)
    lower[:size] = np.where(opened, 0, x)
    upper[:size] = np.where(opened, 1, x)
    found, bound = _shuffled(problem, cost, (lower, upper), table)
    return (None if found is None else found[:size]), bound + objective.constant


def _floor(problem, table, where):
    """Add a floor on blocks, in hectares: a unit counts where it, and a link of each cut, is in."""
    (place, first), given = where, problem.given
    rule, size = problem.rules[place], len(given.labels)
    number = np.arange(size)
    wanted = block_area(given, given.member, rule.least_m2) + rule.gain_m2
    table.add(first + number, given.area / 1e6, wanted / 1e4 - 1e-7)
    for unit in number:
        table.add([unit, first + unit], [1.0, -1.0], 0.0)
    for own, unit, links in problem.cuts:
        if own == place:
            table.add([*links, first + unit], [1.0] * len(links) + [-1.0], 0.0)


def _shuffled(problem, cost, ends, table):
    """Solve with columns and rows in another order; give the solution and its bound."""
    width, height, rng = len(cost), len(table.low), problem.rng
    place, turn = rng.permutation(width), rng.permutation(height)
    row = np.concatenate([*table.row, np.zeros(0, np.int64)])
    col = np.concatenate([*table.col, np.zeros(0, np.int64)])
    value = np.concatenate([*table.value, np.zeros(0)])
    low, mixed, whole = np.zeros(height), np.zeros(width), np.zeros(width)
    low[turn], mixed[place] = table.low, cost
    lower, upper = np.zeros(width), np.zeros(width)
    lower[place], upper[place] = ends
    if problem.whole:
        whole[place[: len(problem.x)]] = 1
    scale = 1e3 / (np.abs(cost).max(initial=0.0) or 1.0)
    matrix = csr_array((value, (turn[row], place[col])), (height, width))
    done = milp(
        mixed * scale,
        integrality=whole,
        bounds=Bounds(lower, upper),
        constraints=[LinearConstraint(matrix, low, np.inf)] if height else [],
        options={"mip_rel_gap": problem.gap},
    )
    if done.status == 2:
        return None, math.inf
    assert done.status == 0, done.message
    bound = done.mip_dual_bound if problem.whole and done.mip_dual_bound is not None else done.fun
    return done.x[place], bound / scale
