"""Certificates spoiled on purpose, by kind, and malformed ones: every one is refused."""

from dataclasses import replace

import numpy as np
import pytest

from geo.certificates import (
    End,
    Floor,
    Key,
    cut,
    tightened,
    verify,
)
from geo.errors import InputError
from tests import certificate_reference as plain
from tests.certificate_reference import (
    BALANCE,
    EDGES,
    FLAT,
    LARGE,
    SLOPE,
    SPENT,
    accepted,
    complete,
    refusals,
)

INF = float("inf")


def spoiled_prices(good, rng):
    rows = plain.rows(good.problem)
    for number, one in enumerate(good.statements):
        for row, (_, low, high, _) in enumerate(rows):
            for sign, end in ((-1.0, low), (1.0, high)):
                if not np.isfinite(end):
                    yield with_statement(good, number, prices=put(one.prices, row, sign * 1e-3))
        row = int(rng.integers(len(rows)))
        moved = put(one.prices, row, one.prices[row] * rng.choice([-1.0, 0.3, 3.0]))
        yield from unproven(with_statement(good, number, prices=moved))
        for k in range(len(one.floors)):
            yield from spoiled_floors(good, number, k)
    yield with_statement(good, 0, prices=np.full(len(rows), np.nan))


def spoiled_floors(good, number, k):
    one = good.statements[number]
    floor, others = one.floors[k], len(one.floors)
    wrong = [Floor(floor.cut, 1e-6), Floor(-1, -1e-6), Floor(floor.cut, np.nan)]
    wrong += [Floor(1 - k, -1e-6)] if others == 2 else []  # the cut of the other floor
    for new in wrong:
        yield with_statement(good, number, floors=(*one.floors[:k], new, *one.floors[k + 1 :]))
    dearer = (*one.floors[:k], Floor(floor.cut, floor.price * 3 - 1e-4), *one.floors[k + 1 :])
    yield from unproven(with_statement(good, number, floors=dearer))


def spoiled_bounds(good, _):
    for number, one in enumerate(good.statements):
        yield with_statement(good, number, bound=one.bound + 1e-12 * (1 + abs(one.bound)))


def spoiled_fixings(good, _):
    (program,) = good.programs
    units = np.flatnonzero(program.fixed >= 0)
    below = [k for k, one in enumerate(good.statements) if one.of == "below"]
    for unit in units:
        other = put(program.decided, unit, not program.decided[unit])
        yield with_program(good, decided=other)
        for place in below[:1]:
            yield with_program(good, fixed=put(program.fixed, unit, place))
    stay = np.flatnonzero(~plain.free(good.problem))
    for unit in stay[:1]:
        yield with_program(good, fixed=put(program.fixed, unit, program.fixed[units[0]]))
    yield with_program(good, fixed_bound=raised(program.fixed_bound))
    yield with_program(good, fixed_bound=INF)
    yield with_program(good, kind="joined")


def spoiled_cuts(good, _):
    possible = good.problem.member | plain.free(good.problem)
    for number, one in enumerate(good.cuts):
        least = plain.least_block(plain.floors(good.problem)[number])
        size = [
            sum(int(good.problem.area[k]) for k in plain.walk(good.problem, unit, possible))
            for unit in range(len(possible))
        ]
        matter = [u for u in np.flatnonzero(one.loose) if size[u] >= least]
        for unit in matter:
            yield with_cut(good, number, loose=put(one.loose, unit, False))  # counted nowhere
            # and alone in a key without links: it is in a block anyway
            keyed = [*keys_of(one), Key(np.array([unit]), [np.zeros(0, np.int64)], np.ones(2) / 2)]
            yield with_keys(good, number, put(one.loose, unit, False), keyed)
        for k, key in enumerate(keys_of(one)):
            units = key.units.tolist()
            yield with_cut(good, number, loose=put(one.loose, units[0], True))  # counted twice
            for link in range(len(key.links[0])):
                left = np.delete(key.links[0], link)
                inside = possible.copy()
                inside[left] = False
                areas = [
                    sum(int(good.problem.area[j]) for j in plain.walk(good.problem, u, inside))
                    for u in units
                ]
                if max(areas) >= least:  # the link was needed
                    changed = keys_of(one)
                    changed[k] = key._replace(links=[left])
                    yield with_keys(good, number, one.loose, changed)
        for name in ("weights", "own"):
            values = getattr(one, name)
            for k in range(len(values)):
                yield with_cut(good, number, **{name: put(values, k, -0.1)})
                yield from unproven(with_cut(good, number, **{name: put(values, k, 9.0)}))
        yield with_cut(good, number, floor=len(good.cuts))
        yield with_cut(good, number, units=np.append(one.units, 0))


def spoiled_ranges(good, _):
    for number, one in enumerate(good.ranges):
        for name in ("low", "high", "excess_low", "excess_high"):
            end = getattr(one, name)
            inwards = 1 if name.endswith("low") else -1
            step = inwards * 1e-12 * (1 + abs(end.value))
            other = End(end.value, (end.statement + 1) % len(good.statements))
            unbacked = [] if name == "low" else [End(end.value, -1)]  # a low may need none
            for new in (End(end.value + step, end.statement), other, *unbacked):
                ranges = (
                    *good.ranges[:number],
                    replace(one, **{name: new}),
                    *good.ranges[number + 1 :],
                )
                yield replace(good, ranges=ranges)


def spoiled_shares(good, rng):
    for number, one in enumerate(good.statements):
        if not len(one.shares):
            continue
        pair = int(rng.integers(len(one.shares)))
        for wrong in (1.25, -0.25, np.nan):
            yield with_statement(good, number, shares=put(one.shares, pair, wrong))
        yield with_statement(good, number, shares=one.shares[:-1])
        yield from unproven(with_statement(good, number, shares=1 - one.shares))
        yield from unproven(with_statement(good, number, shares=np.round(one.shares)))


def spoiled_plans(good, _):
    for unit in range(len(good.moves)):
        # another plan has another objective, or the unit may not move
        yield replace(good, moves=put(good.moves, unit, not good.moves[unit]))


def spoiled_claims(good, _):
    claims = good.claims
    for name in ("objective", "before"):
        value = getattr(claims, name)
        for new in (value + 1e-8 * (1 + abs(value)), value - 1e-8 * (1 + abs(value)), np.nan):
            yield with_claims(good, **{name: new})
    yield with_claims(good, certified=raised(claims.certified))
    yield with_claims(good, bound=raised(claims.bound))
    yield with_claims(good, bound=claims.objective + 1.0)
    yield with_claims(good, by="HiGHS" if claims.by == "prices" else "prices")
    yield with_claims(good, by="word")


def spoiled_problems(good, _):
    problem = good.problem
    after = problem.member ^ good.moves
    for unit in np.flatnonzero(problem.member | after):
        grown = with_problem(good, area=put(problem.area, unit, problem.area[unit] + 1))
        yield from [grown] if SLOPE in problem.goals else unproven(grown)  # its mean is another
        for name in ("slope", "cost"):
            columns = {**problem.columns, name: put(problem.columns[name], unit, 30.0)}
            yield from unproven(with_problem(good, columns=columns))
    for unit in np.flatnonzero(good.moves):
        name = "may_leave" if problem.member[unit] else "may_enter"
        yield with_problem(good, **{name: put(getattr(problem, name), unit, False)})
    for number, rule in enumerate(problem.rules):
        for field in ("above_m2", "most", "gain", "gain_m2", "slack"):
            if field in rule:
                off = -2.0 if field.startswith("gain") else 2.0
                looser = {**rule, field: float(rule[field]) + off}
                rules = (*problem.rules[:number], looser, *problem.rules[number + 1 :])
                yield from unproven(with_problem(good, rules=rules))


def put(values, place, value):
    new = values.copy()
    new[place] = value
    return new


def raised(value):
    return value + 1e-9 * (1 + abs(value))


def with_statement(good, number, **parts):
    changed = replace(good.statements[number], **parts)
    return replace(
        good, statements=(*good.statements[:number], changed, *good.statements[number + 1 :])
    )


def with_cut(good, number, **parts):
    changed = replace(good.cuts[number], **parts)
    return replace(good, cuts=(*good.cuts[:number], changed, *good.cuts[number + 1 :]))


def with_keys(good, number, loose, keys):
    changed = cut(good.cuts[number].floor, loose, keys)
    return replace(good, cuts=(*good.cuts[:number], changed, *good.cuts[number + 1 :]))


def with_program(good, **parts):
    return replace(good, programs=(replace(good.programs[0], **parts),))


def with_claims(good, **parts):
    return replace(good, claims=replace(good.claims, **parts))


def with_problem(good, **parts):
    return replace(good, problem=replace(good.problem, **parts))


def keys_of(one):
    """The keys of a cut, each with one set of links."""
    return [
        Key(
            one.units[one.unit_starts[k] : one.unit_starts[k + 1]],
            [one.links[one.link_starts[k] : one.link_starts[k + 1]]],
            np.array([one.weights[k], one.own[k]]),
        )
        for k in range(len(one.own))
    ]


def unproven(spoiled):
    """What is spoiled, if by plain sums some statement falls short of its claim."""
    for one in spoiled.statements:
        if plain.bound(spoiled, one) < one.bound - 1e-6 * (1 + abs(one.bound)):
            yield spoiled
            return


SPOILING = {
    "price": spoiled_prices,
    "bound": spoiled_bounds,
    "fixing": spoiled_fixings,
    "cut": spoiled_cuts,
    "range": spoiled_ranges,
    "shares": spoiled_shares,
    "plan": spoiled_plans,
    "claims": spoiled_claims,
    "problem": spoiled_problems,
}
SPOILED = (0, 1, 2, 3)
LEAST = {
    "price": 100,
    "bound": 20,
    "fixing": 50,
    "cut": 70,
    "range": 33,
    "shares": 80,
    "plan": 28,
    "claims": 44,
    "problem": 40,
}


@pytest.fixture(scope="module")
def good():
    return {seed: tightened(complete(seed)) for seed in SPOILED}


@pytest.mark.parametrize("kind", SPOILING)
def test_what_is_spoiled_is_refused(good, kind):
    count, passed = 0, []
    for seed, one in good.items():
        assert refusals(one) == []
        for number, spoiled in enumerate(SPOILING[kind](one, np.random.default_rng(seed))):
            count += 1
            if accepted(spoiled):
                passed.append((seed, number))
    assert passed == []
    assert count >= LEAST[kind]


def test_hundreds_are_spoiled():
    assert sum(LEAST.values()) >= 400


# malformed and torn


def malformed(good):
    problem, one = good.problem, good.statements[-1]
    long = np.append(one.prices, 0.0)
    for parts in (
        {"prices": long},
        {"prices": one.prices.astype(np.float32)},
        {"prices": one.prices.tolist()},
        {"prices": one.prices[:, None]},
        {"prices": np.ma.masked_invalid(one.prices)},
        {"rates": one.rates[:-1]},
        {"rates": np.full(len(one.rates), np.nan)},
        {"middles": -one.middles},
        {"shares": one.shares.astype(np.float16)},
        {"of": "below"},
        {"of": "above"},
        {"of": ["objective"]},
        {"goal": 0},
        {"goal": [0]},
        {"goal": 0.0},
        {"sense": -1},
        {"floors": (Floor(),) * 9},
        {"floors": (Floor(7, -1.0),) * len(one.floors)},
        {"floors": [None]},
        {"bound": None},
        {"bound": "1"},
        {"bound": 10**400},
        {"bound": np.nan},
    ):
        yield with_statement(good, len(good.statements) - 1, **parts)
    size = len(problem.area)
    for parts in (
        {"labels": ("p0",) * size},
        {"labels": list(problem.labels)},
        {"labels": problem.labels[:-1]},
        {"area": problem.area * 0},
        {"area": problem.area * 1.0},
        {"area": np.full(size, 2**52)},
        {"member": problem.member * 1},
        {"left": problem.left + size},
        {"right": problem.right - size},
        {"right": problem.right[:-1]},
        {"length_m": -problem.length_m},
        {"length_m": problem.length_m * np.nan},
        {"columns": {**problem.columns, "slope": np.full(size, np.inf)}},
        {"columns": {**problem.columns, "count": np.ones(size)}},
        {"columns": {}},
        {"columns": None},
        {"scopes": {"town": ("u",)}},
        {"scopes": {1: ("u",) * size}},
        {"scopes": {"town": (1,) * size}},
        {"goals": ()},
        {"goals": [SLOPE]},
        {"goals": ({"is": "Median"},)},
        {"goals": ({**SLOPE, "is": ["Mean"]},)},
        {"goals": ({**SLOPE, "per": "q2"},)},
        {"goals": ({**SLOPE, "weight": True},)},
        {"goals": ({**SLOPE, "weight": "inf"},)},
        {"goals": ({**SLOPE, "weight": 10**400},)},
        {"goals": ({**SLOPE, "more": 1},)},
        {"goals": ({**EDGES, "weight": 1.0},)},
        {"goals": (BALANCE,)},
        {"rules": (SLOPE,)},
        {"rules": ({**BALANCE, "scope": "county"},)},
        {"rules": ({**BALANCE, "above_m2": -99.0},)},
        {"rules": ({**SPENT, "least": 99.0},)},
        {"rules": ({**SPENT, "side": "up"},)},
        {"rules": ({**LARGE, "least_m2": 0.0},)},
        {"rules": ({**FLAT, "goal": {"is": "Reach"}},)},
        {"rules": ({**FLAT, "most": "inf"},)},
        {"rules": ({**FLAT, "goal": None},)},
    ):
        yield with_problem(good, **parts)
    first = good.cuts[0]
    for parts in (
        {"unit_starts": first.unit_starts[::-1].copy()},
        {"unit_starts": first.unit_starts + 1},
        {"set_starts": first.set_starts[:-1]},
        {"link_starts": np.zeros(0, np.int64)},
        {"links": first.links + size},
        {"units": first.units - size},
        {"weights": first.weights * np.nan},
        {"floor": -1},
        {"loose": first.loose[:-1]},
    ):
        yield with_cut(good, 0, **parts)
    program = good.programs[0]
    for parts in (
        {"fixed": program.fixed + len(good.statements)},
        {"fixed": program.fixed * 1.0},
        {"decided": program.decided[:-1]},
        {"kind": "shut"},
        {"bound": np.nan},
        {"fixed_bound": None},
    ):
        yield with_program(good, **parts)
    for parts in (
        {"kind": "siting"},
        {"problem": None},
        {"claims": None},
        {"claims": replace(good.claims, objective=True)},
        {"ranges": good.ranges[:-1]},
        {"ranges": (None,)},
        {"ranges": (replace(good.ranges[0], low=None),)},
        {"ranges": (replace(good.ranges[0], low=End(0.0, 99)),)},
        {"statements": list(good.statements)},
        {"statements": (None,)},
        {"cuts": (None,)},
        {"programs": None},
        {"moves": good.moves[:-1]},
        {"moves": good.moves * 1},
    ):
        yield replace(good, **parts)


def test_what_is_malformed_is_refused_in_words(good):
    one = good[1]
    count = 0
    for spoiled in malformed(one):
        assert refusals(spoiled), count
        count += 1
    assert count >= 85
    for other in (None, 1, "exchange", {}):
        assert not verify(other).accepted
    with pytest.raises(InputError):
        tightened(replace(one, moves=one.moves[:-1]))
