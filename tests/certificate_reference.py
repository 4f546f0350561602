"""Exchanges evaluated from their definitions, and certificates made by plain sums.

Nothing here is shared with the verifier but the values; every formula is taken from its function of
who is a member, by differences. For a dozen units, not for a county.
"""

import itertools
import math
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from geo.certificates import (
    Certificate,
    Claims,
    End,
    ExchangeProblem,
    Floor,
    Key,
    Program,
    Range,
    Statement,
    cut,
    verify,
)

LABELS = np.array(["u", "v"])
SLOPE = {"is": "Mean", "column": "slope", "weight": 1.0, "per": "area_m2"}
PRICE = {"is": "Mean", "column": "cost", "weight": -0.5, "per": "people"}
EDGES = {"is": "Touching", "weight": -0.01, "by": "length"}
COST = {"is": "Moved", "column": "cost", "weight": 0.1, "side": "both"}
EARN = {**COST, "weight": -0.1}
MOVES = {"is": "Moved", "column": "count", "weight": 1.0, "side": "both"}
BALANCE = {"is": "Balance", "scope": "", "above_m2": 12.0, "below_m2": 12.0}
TOWNS = {"is": "Balance", "scope": "town", "above_m2": 25.0, "below_m2": 20.0}
QUALITY = {"is": "Quality", "column": "q", "scope": "town", "better": "more", "slack": 1.5}
WORSE = {"is": "Quality", "column": "cost", "scope": "", "better": "less", "slack": 1.0}
SPENT = {
    "is": "Budget",
    "column": "cost",
    "most": 16.5,
    "least": "-inf",
    "side": "both",
    "scope": "",
}
FEW = {"is": "Budget", "column": "count", "most": 3, "least": 0, "side": "leave", "scope": "town"}
HECTARES = {
    "is": "Budget",
    "column": "area_m2",
    "most": 70.0,
    "least": "-inf",
    "side": "enter",
    "scope": "",
}
NEAR = {"is": "Contiguity", "gain": -1.0, "by": "count"}
FENCE = {"is": "Contiguity", "gain": -30.0, "by": "length"}
LARGE = {"is": "Blocks", "gain_m2": -20.0, "least_m2": 55.0}
SMALL = {"is": "Blocks", "gain_m2": -15.5, "least_m2": 25.0}
FLAT = {"is": "Reach", "goal": SLOPE, "most": 18.0}
CHEAP = {"is": "Reach", "goal": COST, "most": 1.8}
TIED = {"is": "Reach", "goal": EDGES, "most": 0.0}
SETS = (
    ([SLOPE], [BALANCE, FEW]),
    ([SLOPE], [SPENT, FLAT, QUALITY, LARGE]),
    ([EARN], [TOWNS, NEAR, LARGE, SMALL]),
    ([SLOPE, EDGES], [BALANCE, SPENT, NEAR, SMALL]),
    ([PRICE], [HECTARES, WORSE, FENCE]),
    ([SLOPE, PRICE, MOVES], [TOWNS, CHEAP, TIED]),
)


def made_up(seed, goals, rules, size=7):
    rng = np.random.default_rng(seed)
    pairs = np.array([p for p in itertools.combinations(range(size), 2) if rng.random() < 0.3])
    return ExchangeProblem(
        tuple(f"p{k}" for k in range(size)),
        rng.integers(800, 3000, size),
        np.arange(size) % 2 == 0,
        rng.random(size) < 0.85,
        rng.random(size) < 0.85,
        pairs[:, 0].astype(np.int64),
        pairs[:, 1].astype(np.int64),
        rng.uniform(1, 30, len(pairs)),
        {
            "slope": rng.uniform(0, 25, size),
            "q": rng.integers(1, 6, size).astype(np.float64),
            "cost": rng.uniform(1, 9, size),
            "people": rng.integers(0, 4, size) + 0.5,
        },
        {"town": tuple(rng.choice(LABELS, size).tolist())},
        tuple(goals),
        tuple(rules),
    )


def free(problem):
    return np.where(problem.member, problem.may_leave, problem.may_enter)


def members(problem):
    """Every state that free units can give."""
    units = np.flatnonzero(free(problem))
    for states in itertools.product([False, True], repeat=len(units)):
        after = problem.member.copy()
        after[units] = states
        yield after


def column(problem, name):
    if name == "count":
        return np.ones(len(problem.area))
    return problem.area / 100 if name == "area_m2" else problem.columns[name]


def moved(problem, name, side, x, inside=1):
    leaves = problem.member * (1 - x) * (side != "enter")
    enters = ~problem.member * x * (side != "leave")
    return (column(problem, name) * inside * (leaves + enters)).sum()


def touching(problem, by, x):
    shared = problem.length_m if by == "length" else np.ones(len(problem.left))
    return (shared * x[problem.left] * x[problem.right]).sum()


def above(problem, goal, x):
    return (column(problem, goal["per"]) * column(problem, goal["column"]) * x).sum()


def below(problem, goal, x):
    return (column(problem, goal["per"]) * x).sum()


def value(problem, goal, x):
    if goal["is"] == "Mean":
        return above(problem, goal, x) / below(problem, goal, x) if x.any() else np.nan
    if goal["is"] == "Moved":
        return moved(problem, goal["column"], goal["side"], x)
    return touching(problem, goal["by"], x)


def objective(problem, x):
    return sum(goal["weight"] * value(problem, goal, x * 1.0) for goal in problem.goals)


def blocks(problem, member, least):
    """Area of members in groups of `least` or more, one walk for each."""
    area, seen = 0, set()
    for start in np.flatnonzero(member):
        group = walk(problem, int(start), member) - seen
        seen |= group
        size = sum(int(problem.area[k]) for k in group)
        area += size if size >= least else 0
    return area


def walk(problem, start, inside):
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for one, other in ((problem.left, problem.right), (problem.right, problem.left)):
            new = {int(k) for k in other[one == here] if inside[k]} - found
            found |= new
            todo += new
    return found


def least_block(rule):
    return math.ceil(100 * rule["least_m2"] - 1e-6)


def floor(problem, rule):
    gain = math.ceil(100 * rule["gain_m2"] - 1e-6)
    return blocks(problem, problem.member, least_block(rule)) + gain


def floors(problem):
    return [rule for rule in problem.rules if rule["is"] == "Blocks"]


def rows(problem):
    """(function of x, low, high, rounding) of each rule and scope."""
    return [row for rule in problem.rules if rule["is"] != "Blocks" for row in _rows(problem, rule)]


def _rows(problem, rule):
    if rule["is"] == "Contiguity":
        yield _contiguity(problem, rule)
    elif rule["is"] == "Reach":
        yield _reach(problem, rule["goal"], float(rule["most"]))
    else:
        towns = np.array(problem.scopes.get(rule["scope"], [""] * len(problem.area)))
        for town in sorted(set(towns)):
            yield _scoped(problem, rule, towns == town)


def _scoped(problem, rule, inside):
    before = problem.member * 1.0
    if rule["is"] == "Balance":
        ends = (float(rule[key]) for key in ("below_m2", "above_m2"))
        low, high = (math.floor(100 * end + 1e-6) for end in ends)
        return (lambda x: (problem.area * inside * (x - before)).sum()), -low, high, 0.0
    if rule["is"] == "Budget":
        name, side = rule["column"], rule["side"]
        ends = float(rule["least"]), float(rule["most"])
        return (lambda x: moved(problem, name, side, x, inside)), *ends, 0.0
    area = problem.area / 100 * inside
    v = column(problem, rule["column"]) * (1 if rule["better"] == "more" else -1)
    total = (area * before).sum()
    mean = (area * v * before).sum() / total if total else np.inf
    rounding = 1e-12 * np.abs(v).max() * area.sum()
    if not total:
        return (lambda _: 0.0), 0.0, np.inf, 0.0
    return (lambda x: (area * (v - mean + rule["slack"]) * x).sum()), 0.0, np.inf, rounding


def _contiguity(problem, rule):
    before = problem.member * 1.0
    level = 2 * touching(problem, rule["by"], before) / before.sum() + rule["gain"]
    return (lambda x: 2 * touching(problem, rule["by"], x) - level * x.sum()), 0.0, np.inf, 0.0


def _reach(problem, goal, most):
    weight = goal["weight"]
    if goal["is"] != "Mean":
        return (lambda x: -weight * value(problem, goal, x)), -most, np.inf, 0.0
    return (
        (lambda x: most * below(problem, goal, x) - weight * above(problem, goal, x)),
        0.0,
        np.inf,
        0.0,
    )


class Parts(NamedTuple):
    """A formula of who is a member: constant, cost of each free unit, gain of each free pair."""

    constant: float
    linear: np.ndarray
    pairs: np.ndarray


def taken_apart(problem, function):
    """The parts of a function of x, by differences."""
    movable = free(problem)
    base = (problem.member & ~movable) * 1.0

    def at(*which):
        x = base.copy()
        x[list(which)] = 1
        return function(x)

    constant = at()
    linear = np.array([at(k) - constant if can else 0.0 for k, can in enumerate(movable)])
    ends = zip(problem.left.tolist(), problem.right.tolist(), strict=True)
    pairs = [
        at(i, j) - linear[i] - linear[j] - constant if movable[i] and movable[j] else 0.0
        for i, j in ends
    ]
    return Parts(constant, linear, np.where(np.abs(pairs) < 1e-9, 0.0, pairs))


@cache
def row_parts(problem):
    return [taken_apart(problem, row[0]) for row in rows(problem)]


@cache
def slacks(problem):
    found = []
    for row, parts in zip(rows(problem), row_parts(problem), strict=True):
        sizes = np.abs([*parts.linear, *parts.pairs])
        exact = not row[3] and (sizes == np.round(sizes)).all() and not parts.pairs.any()
        found.append(0.0 if exact else 1.001e-7 * sizes.max(initial=0) + row[3])
    return found


def keeps(problem, member):
    """Whether every rule holds, within a thousandth of what is allowed for rounding."""
    for row, slack in zip(rows(problem), slacks(problem), strict=True):
        off = 1e-3 * slack
        if not row[1] - off <= row[0](member * 1.0) <= row[2] + off:
            return False
    return all(
        blocks(problem, member, least_block(rule)) >= floor(problem, rule)
        for rule in floors(problem)
    )


def plans(problem):
    """Members and objective of every plan, best first."""
    means = [goal for goal in problem.goals if goal["is"] == "Mean"]
    kept = [
        (objective(problem, x), x)
        for x in members(problem)
        if keeps(problem, x) and all(below(problem, mean, x * 1.0) > 0 for mean in means)
    ]
    return sorted(kept, key=lambda one: one[0])


def target(problem, statement):
    """f of a statement as a function of x."""
    if statement.of == "objective":
        return lambda x: sum(
            _surrogate(problem, statement, number_, goal, x)
            for number_, goal in enumerate(problem.goals)
        )
    goal, sense = problem.goals[statement.goal], statement.sense
    if statement.of == "below":
        return lambda x: sense * below(problem, goal, x)
    rate = statement.rates[statement.goal]
    return lambda x: sense * (above(problem, goal, x) - rate * below(problem, goal, x))


def _surrogate(problem, statement, number_, goal, x):
    if goal["is"] != "Mean":
        return goal["weight"] * value(problem, goal, x)
    rate, middle = statement.rates[number_], statement.middles[number_]
    return goal["weight"] * (above(problem, goal, x) - rate * below(problem, goal, x)) / middle


def figures(problem, made):
    """What a cut says area in blocks is no more than, as a function of x."""

    def most(x):
        sum_ = (problem.area * made.loose * x).sum()
        for k, own in enumerate(made.own):
            units = made.units[made.unit_starts[k] : made.unit_starts[k + 1]]
            area, weight = problem.area[units].sum(), own
            sum_ += own * (problem.area[units] * x[units]).sum()
            for j in range(made.set_starts[k], made.set_starts[k + 1]):
                links = made.links[made.link_starts[j] : made.link_starts[j + 1]]
                weight += made.weights[j]
                sum_ += made.weights[j] * area * x[links].sum()
            sum_ += max(1 - weight, 0) * area
        return sum_

    return most


def bound(certificate, one):
    """What a statement proves, in plain sums; its signs are not looked at."""
    constant, costs = costs_of(certificate, one)
    return constant + np.minimum(costs, 0.0).sum()


def costs_of(certificate, one, known=None):
    """The constant and the cost of each free unit that prices and shares leave."""
    problem = certificate.problem
    f, blocks_ = known or known_parts(certificate, one)
    constant, linear, pairs = f.constant, f.linear.copy(), f.pairs.copy()
    priced = []
    ends = zip(one.prices, rows(problem), slacks(problem), row_parts(problem), strict=True)
    for price, row, slack, parts in ends:
        end = row[2] + slack if price > 0 else row[1] - slack
        priced += [(price, end, parts)] if price else []
    least = [floor(problem, rule) for rule in floors(problem)]
    priced += zip([floor_.price for floor_ in one.floors], least, blocks_, strict=True)
    for price, end, parts in priced:
        constant += price * (parts.constant - end)
        linear += price * parts.linear
        pairs += price * parts.pairs
    np.add.at(linear, problem.left, one.shares * pairs)
    np.add.at(linear, problem.right, (1 - one.shares) * pairs)
    return constant, np.where(free(problem), linear, 0.0)


def known_parts(certificate, one):
    problem = certificate.problem
    f = taken_apart(problem, target(problem, one))
    return f, [
        taken_apart(problem, figures(problem, certificate.cuts[floor_.cut]))
        for floor_ in one.floors
    ]


def cuts(problem, rng):
    """A cut for each floor: small groups of today by their neighbours, or unit by unit."""
    possible = problem.member | free(problem)
    return [
        _cut(problem, number_, rule, possible, rng) for number_, rule in enumerate(floors(problem))
    ]


def _cut(problem, number_, rule, possible, rng):
    loose, keys = possible.copy(), []
    for start in np.flatnonzero(problem.member):
        group = sorted(walk(problem, int(start), problem.member))
        if problem.area[group].sum() >= least_block(rule) or not loose[start]:
            continue
        around = sorted(set().union(*(_near(problem, k, possible) for k in group)) - set(group))
        parts = [group] if rng.random() < 0.5 else [[k] for k in group]
        for units in parts:
            weights = rng.dirichlet(np.ones(3))
            sets = [np.array(around, np.int64)]
            keys.append(Key(np.array(units), sets, weights[:2] if around else np.array([1.0, 0])))
            loose[units] = False
    return cut(number_, loose, keys)


def _near(problem, unit, possible):
    near = {*problem.right[problem.left == unit], *problem.left[problem.right == unit]}
    return {int(k) for k in near if possible[k]}


def statement(problem, rng, of="objective", goal=-1, sense=1, rates=None):
    """Random prices of the right signs, random shares; the bound is for others to set."""
    size, prices = len(problem.goals), []
    for row in rows(problem):
        signs = [sign for sign, end in ((-1, row[1]), (1, row[2])) if np.isfinite(end)]
        parts = taken_apart(problem, row[0])
        largest = np.abs([*parts.linear, *parts.pairs]).max(initial=1.0)
        prices.append(rng.choice(signs) * rng.exponential(0.3) / largest)
    priced = tuple(Floor(k, -float(rng.exponential(2e-5))) for k in range(len(floors(problem))))
    shares = rng.random(len(problem.left))
    if rng.random() < 0.5:
        shares = shares.astype(np.float32)
    today = [
        value(problem, one, problem.member * 1.0) if one["is"] == "Mean" else np.nan
        for one in problem.goals
    ]
    middles = [
        below(problem, one, problem.member * 1.0) if one["is"] == "Mean" else np.nan
        for one in problem.goals
    ]
    rates = np.array(today) + rng.normal(0, 0.5, size) if rates is None else rates
    middles = np.array(middles) * rng.uniform(0.8, 1.2, size)
    return Statement(of, goal, sense, rates, middles, np.array(prices), priced, shares, -np.inf)


def ranges(problem, rng):
    """Ranges of the means, and the statements they follow from; positions from 0."""
    statements, made = [], []
    for number_, goal in enumerate(problem.goals):
        if goal["is"] == "Mean":
            first = len(statements)
            for of in ("below", "excess"):
                kinds = [(of, number_, sense) for sense in (1, -1)]
                statements += [statement(problem, rng, *kind) for kind in kinds]
            ends = (End(v, first + k) for k, v in enumerate([0.0, np.inf, -np.inf, np.inf]))
            made.append(Range(*ends))
    return made, statements


def emitted(problem, seed, tries=25):
    """A certificate of the best plan, its bounds by plain sums less a millionth."""
    rng = np.random.default_rng(seed)
    made, statements = ranges(problem, rng)
    best, after = plans(problem)[0]
    claims = Claims(
        float(best), float(objective(problem, problem.member)), -np.inf, -np.inf, "prices"
    )
    bare = Certificate(
        "exchange",
        problem,
        claims,
        tuple(made),
        (),
        tuple(cuts(problem, rng)),
        (),
        after ^ problem.member,
    )
    statements = [bettered(bare, one, rng, tries) for one in statements]
    statements += [bettered(bare, statement(problem, rng), rng, tries) for _ in range(2)]
    return replace(bare, statements=tuple(statements))


def bettered(certificate, one, rng, tries):
    """The best of some random changes of prices and shares, with its bound."""
    known = known_parts(certificate, one)

    def low(trial):
        constant, costs = costs_of(certificate, trial, known)
        return constant + np.minimum(costs, 0.0).sum()

    top = low(one)
    for _ in range(tries):
        size, less = (_factors(rng, len(part)) for part in (one.prices, one.floors))
        priced = tuple(
            replace(f, price=float(f.price * k)) for f, k in zip(one.floors, less, strict=True)
        )
        new = rng.random(len(one.shares)) < 0.3
        shares = np.where(new, rng.integers(0, 3, len(new)) / 2, one.shares).astype(
            one.shares.dtype
        )
        trial = replace(one, prices=one.prices * size, floors=priced, shares=shares)
        value_ = low(trial)
        one, top = (trial, value_) if value_ > top else (one, top)
    return replace(one, bound=float(top - 1e-6 * (1 + abs(top))))


def _factors(rng, size):
    """What a few of some prices change by."""
    return np.where(rng.random(size) < 0.4, rng.choice([0.0, 0.5, 0.8, 1.2, 2.0], size), 1.0)


def fixed(certificate, place, kind="open"):
    """A program that fixes every free unit with a cost as a statement would have it."""
    problem = certificate.problem
    _, costs = costs_of(certificate, certificate.statements[place])
    fixed_, decided = np.full(len(problem.area), -1), np.zeros(len(problem.area), np.bool_)
    for unit, cost in enumerate(costs):
        if abs(cost) > 1e-3:
            fixed_[unit], decided[unit] = place, (cost < 0) != problem.member[unit]
    return Program(kind, -np.inf, -np.inf, fixed_, decided)


def drawn(seed):
    """A problem of one of the sets of goals and rules."""
    goals, rules = SETS[seed % len(SETS)]
    return made_up(seed, goals, rules)


def complete(seed, tries=80):
    """A certificate by plain sums, with a program of what the best statement fixes."""
    made = emitted(drawn(seed), seed, tries)
    best = float(made.claims.objective)
    program = replace(fixed(made, len(made.statements) - 1), bound=best)
    return replace(made, programs=(program,))


def accepted(certificate):
    """Whether the verifier accepts."""
    report = verify(certificate)
    assert report.problems == () or not report.accepted
    return report.accepted


def refusals(certificate):
    """What the verifier finds wrong."""
    return [str(problem) for problem in verify(certificate).problems]
