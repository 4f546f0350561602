"""Certificates of exchanges: by hand, directed arithmetic, brute force over all plans."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

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
    tightened,
    verify,
)
from geo.certificates.connected import Walks, components, graph, reached
from geo.certificates.directed import Interval, exact, gathered, total
from tests import certificate_reference as plain
from tests.certificate_reference import (
    BALANCE,
    COST,
    FEW,
    MOVES,
    SLOPE,
    SPENT,
    accepted,
    complete,
    refusals,
)

INF = float("inf")
NONE = np.zeros(0)


def exchange(moves, columns=None, **parts):
    """Units of 1 m² that may all move; `moves` as words like "-+." for leaving, entering, staying."""
    size = len(moves)
    parts = {
        "area": np.full(size, 100),
        "member": np.array([letter in "-m" for letter in moves]),
        "may_leave": np.ones(size, np.bool_),
        "may_enter": np.ones(size, np.bool_),
        "left": np.zeros(0, np.int64),
        "right": np.zeros(0, np.int64),
        "goals": (MOVES,),
        "rules": (),
        **parts,
    }
    return ExchangeProblem(
        tuple("abcdefgh"[:size]),
        length_m=np.ones(len(parts["left"])),
        columns={name: np.array(values, np.float64) for name, values in (columns or {}).items()},
        scopes={},
        **parts,
    )


def said(prices=(), shares=(), floors=(), **parts):
    """A statement of an objective without means, or of what `parts` say."""
    known = {"of": "objective", "goal": -1, "sense": 1, "rates": [np.nan], "middles": [np.nan]}
    known = {**known, "bound": 0.0, **parts}
    arrays = {name: np.array(known.pop(name), np.float64) for name in ("rates", "middles")}
    return Statement(
        prices=np.array(prices, np.float64),
        shares=np.array(shares, np.float64),
        floors=floors,
        **arrays,
        **known,
    )


def certified(problem, moves, statements, bound, **parts):
    """A certificate of a plan by the prices of one statement or another."""
    moves = np.array([letter in "-+" for letter in moves])
    after, today = problem.member ^ moves, problem.member
    known = {"ranges": (), "cuts": (), "programs": (), "by": "prices", **parts}
    claims = Claims(
        float(plain.objective(problem, after)),
        float(plain.objective(problem, today)),
        bound,
        bound,
        known.pop("by"),
    )
    return Certificate(
        "exchange", problem, claims, statements=tuple(statements), moves=moves, **known
    )


# by hand


def mean_of_three(bound=4 - 1e-12, **parts):
    # a (slope 10) is a member; b (4) and c (7) may enter; members keep 1 m² in all.
    # rate 4, middle 1: f = (10 − 4) a + (4 − 4) b + (7 − 4) c = 6 a + 3 c ≥ 0 without any price.
    # D = a + b + c, balance 100 (a + b + c) − 100 = 0: D ≥ 1 by −0.01, D ≤ 1 by 0.01.
    problem = exchange(
        "-+m".replace("m", "."),
        {"slope": [10, 4, 7]},
        goals=(SLOPE,),
        rules=({**BALANCE, "above_m2": 0.0, "below_m2": 0.0},),
    )
    statements = (
        said([0.0], rates=[4.0], middles=[1.0]),
        said([-0.01], of="below", goal=0, bound=1 - 1e-12),
        said([0.01], of="below", goal=0, sense=-1, bound=-1 - 1e-12),
    )
    span = Range(End(1 - 1e-12, 1), End(1 + 1e-12, 2), End(-INF), End(INF))
    return certified(problem, "-+.", statements, bound, ranges=(span,), **parts)


def test_a_mean_of_three_with_a_balance():
    # f ≥ 0, one mean alone: 4 + 0 · 1 / 1 = 4, which the plan a out, b in reaches.
    assert accepted(mean_of_three())
    assert not accepted(mean_of_three(4 + 1e-9))
    tight = tightened(mean_of_three())
    assert tight.claims.certified == 4.0
    assert 1 - 1e-14 < tight.ranges[0].low.value <= 1 <= tight.ranges[0].high.value < 1 + 1e-14


def test_units_fixed_by_hand():
    # a costs 6, c costs 3, b nothing. With a a member f ≥ 6: 4 + 6 · 1 / D ≥ 10 / (1 + 1e-12);
    # with c f ≥ 3: 7. So a leaves and c stays out in every plan below 7.
    fixed, decided = np.array([0, -1, 0]), np.array([True, False, False])
    program = Program("open", 4.0, 7 - 1e-9, fixed, decided)
    assert accepted(mean_of_three(programs=(program,)))
    for spoiled in (
        replace(program, fixed_bound=7 + 1e-9),  # c could
        replace(program, fixed=np.array([0, 0, 0])),  # that b moves is not decided at all
        replace(program, decided=np.array([True, False, True])),  # c does not enter
        replace(program, fixed=np.array([1, -1, 1])),  # that statement is of D
    ):
        assert not accepted(mean_of_three(programs=(spoiled,)))
    # of a alone 10 is proven, less what D may be above 1
    alone = replace(program, fixed=np.array([0, -1, -1]), fixed_bound=10 - 1e-9)
    assert accepted(mean_of_three(programs=(alone,)))


def test_a_bound_by_programs_is_told_as_their_word():
    program = Program("open", 4.0, 4.0, np.full(3, -1), np.zeros(3, np.bool_))
    weak = mean_of_three(-INF, programs=(program,), by="HiGHS")
    good = replace(weak, claims=replace(weak.claims, bound=4.0))
    report = verify(good)
    assert report.accepted
    assert [one.proven for one in report.findings].count(False) == 2  # the program, the bound
    assert all(
        "HiGHS" in one.text.en and "HiGHS" in one.text.zh
        for one in report.findings
        if not one.proven
    )
    assert not accepted(replace(good, claims=replace(good.claims, by="prices")))
    assert not accepted(replace(good, claims=replace(good.claims, bound=4.0 + 1e-6)))
    # the plan reaches 4: no program that decides as it does can say that 4.1 is the least
    assert not accepted(replace(good, programs=(replace(program, bound=4.1),)))
    assert not accepted(replace(good, programs=(replace(program, kind="joined", bound=4.1),)))


def test_a_pair_split_by_shares():
    # a and b may enter, one of them at most; each shared border is worth 1, so the best is 0.
    # price 1/2: f + (a + b − 1) / 2 = −a b + a / 2 + b / 2 − 1/2
    # halves:     ≥ −a / 2 − b / 2 + a / 2 + b / 2 − 1/2 = −1/2
    # all to a:   ≥ −a + a / 2 + b / 2 − 1/2 = −a / 2 + b / 2 − 1/2 ≥ −1
    one = {**FEW, "side": "both", "most": 1, "scope": ""}
    goal = {"is": "Touching", "weight": -1.0, "by": "count"}
    problem = exchange(
        "..",
        left=np.array([0]),
        right=np.array([1]),
        goals=(goal,),
        rules=({**one, "least": "-inf"},),
    )
    for share, bound in ((0.5, -0.5), (1.0, -1.0), (0.0, -1.0), (0.25, -0.75)):
        least = certified(problem, "..", [said([0.5], [share], bound=bound)], bound)
        assert accepted(tightened(least))
        assert tightened(least).claims.certified == pytest.approx(bound, abs=1e-14)
        assert not accepted(replace(least, statements=(said([0.5], [share], bound=bound + 1e-9),)))
    for shares in ([], [1.5], [-0.5], [np.nan], [0.5, 0.5]):
        assert not accepted(certified(problem, "..", [said([0.5], shares, bound=-9.0)], -9.0))


def block_of_three(**parts):
    # a - b - c in a row, a and c members; blocks have 3 m². None today, 3 m² afterwards asked for.
    # Without b, a hangs together with nothing: {a, c} count where b is a member, 2 m² · b; b itself
    # counts where it is one: area in blocks ≤ 100 b + 200 b. Price −1/300 of 300 b ≥ 300:
    # moves (1 − a) + b + (1 − c) − (300 b − 300) / 300 = 3 − a − c ≥ 1, which the plan b in reaches.
    floor = {"is": "Blocks", "gain_m2": 3.0, "least_m2": 3.0}
    problem = exchange("m.m", left=np.array([0, 1]), right=np.array([1, 2]), rules=(floor,))
    key = Key(np.array([0, 2]), [np.array([1])], np.array([1.0, 0.0]))
    known = {"loose": np.array([False, True, False]), "keys": [key], "price": -1 / 300, **parts}
    statement = said([], [0.5, 0.5], (Floor(0, known["price"]),), bound=1 - 1e-12)
    cuts = (cut(0, known["loose"], known["keys"]),)
    return certified(problem, ".+.", [statement], 1 - 1e-12, cuts=cuts)


def test_a_block_cut_by_hand():
    assert accepted(block_of_three())
    assert tightened(block_of_three()).claims.certified == pytest.approx(1.0, abs=1e-14)
    a_c, b, none = np.array([0, 2]), np.array([1]), np.zeros(0, np.int64)
    whole = np.array([1.0, 0.0])
    for spoiled in (
        {"loose": np.zeros(3, np.bool_)},  # b counts nowhere
        {"loose": np.ones(3, np.bool_)},  # a and c count twice
        {"keys": [Key(a_c, [none], whole)]},  # without any link all three hang together
        {"keys": [Key(a_c, [np.array([0])], whole)]},  # without a, c and b are 2 m², b is no link
        {"keys": [Key(a_c, [b], np.array([-1.0, 2.0]))]},
        {"keys": [Key(a_c, [b], np.array([0.9, 0.0]))]},  # a tenth of 200 counts in any case
        {"keys": []},
        {"price": 1 / 300},
        {"price": -1 / 400},  # 2 − a − c + b − 3/4 b + 3/4: no more than 3/4
    ):
        assert not accepted(block_of_three(**spoiled)), spoiled


def test_a_set_of_links_stands_for_each_unit_of_its_key():
    # Two rows of two, a - b and c - d, all members or enterable; blocks have 2 m². One key for a and
    # c: b links a, d links c; each alone leaves the other in a block.
    floor = {"is": "Blocks", "gain_m2": 0.0, "least_m2": 2.0}
    problem = exchange("m.m.", left=np.array([0, 2]), right=np.array([1, 3]), rules=(floor,))
    loose = np.array([False, True, False, True])

    def by(*links):
        key = Key(np.array([0, 2]), [np.array(one) for one in links], np.full(len(links) + 1, 0.5))
        statement = said([], [0.5, 0.5], (Floor(0, -1e-3),), bound=-INF)
        return certified(problem, "....", [statement], -INF, cuts=(cut(0, loose, [key]),))

    assert accepted(tightened(by([1, 3])))
    assert not accepted(by([1]))
    assert not accepted(by([1, 3], [3]))


def test_a_cut_holds_for_its_own_floor_alone():
    # The same row of three. Where blocks have 1 m² each unit is one, and a and c keep a floor of
    # 2 m² as they stand: that b has to enter, by the cut for blocks of 3 m², would be false.
    floors = [{"is": "Blocks", "gain_m2": 0.0, "least_m2": least} for least in (3.0, 1.0)]
    problem = exchange("m.m", left=np.array([0, 1]), right=np.array([1, 2]), rules=tuple(floors))
    key = Key(np.array([0, 2]), [np.array([1])], np.array([1.0, 0.0]))
    three = cut(0, np.array([False, True, False]), [key])
    one = cut(1, np.ones(3, np.bool_), [])
    for place, bound in ((0, 2 / 3 - 1e-12), (1, -1e-12)):
        # by 300 b ≥ 200: 2 − a − c + b − b + 2/3 ≥ 2/3; by 100 (a + b + c) ≥ 200, as dear:
        # 2 − a − c + b − (a + b + c) / 3 + 2/3 ≥ 8/3 − 8/3 = 0
        made = said([], [0.5, 0.5], (Floor(0, 0.0), Floor(place, -1 / 300)), bound=bound)
        made = certified(problem, "...", [made], -INF, cuts=(three, one))
        assert accepted(made) == (place == 1)


def test_pairs_of_units_that_stay_count():
    # a - b - c - d in a row, a and b members that stay, c may enter, d never does: a and b share one
    # border whatever happens, c adds one: −1 − c ≥ −2.
    goal = {"is": "Touching", "weight": -1.0, "by": "count"}
    problem = exchange(
        "mm..",
        left=np.array([0, 1, 2]),
        right=np.array([1, 2, 3]),
        may_leave=np.zeros(4, np.bool_),
        may_enter=np.array([True, True, True, False]),
        goals=(goal,),
    )
    for bound, holds in ((-2 - 1e-12, True), (-2 + 1e-9, False), (-1.0, False)):
        assert accepted(certified(problem, "..+.", [said([], bound=bound)], bound)) == holds


def test_a_quality_that_is_all_one_is_kept_whatever_moves():
    # 0.3 and 0.1 + 0.2 are one quality in words, but not in floating point.
    rule = {"is": "Quality", "column": "q", "scope": "", "better": "more", "slack": 0.0}
    columns = {"q": [0.1 + 0.2, 0.1 + 0.2, 0.3]}
    problem = exchange("-m.", columns, rules=(rule,))
    assert accepted(certified(problem, "-.+", [], -INF))
    problem = replace(problem, columns={"q": np.array([0.3, 0.3, 0.3 - 1e-6])})
    assert not accepted(certified(problem, "-.+", [], -INF))


def test_two_kinds_of_goals_by_hand():
    # Members a (slope 8); b (slope 2) may enter; a mean by count and a cost of 1 for b's move.
    # D in 1 … 2 without a rule: D ≥ 1 needs no statement, D ≤ 2 none but the sum of all.
    # rate 8, middle 2: E = (8 − 8) a + (2 − 8) b, −6 … 0; f = −3 b + 1 − a + b ≥ −2
    # objective ≥ 8 − 2 + E (1 / D − 1/2), with 1 / D − 1/2 in 0 … 1/2: −3 at the least: 3.
    goals = ({**SLOPE, "per": "count"}, MOVES)
    problem = exchange("-.", {"slope": [8, 2]}, goals=goals)
    both = {"rates": [8.0, np.nan], "middles": [2.0, np.nan], "goal": 0}
    statements = (
        said(**{**both, "goal": -1, "bound": -2 - 1e-12}),
        said(of="below", sense=-1, bound=-2.0, **both),
        said(of="excess", bound=-6.0, **both),
        said(of="excess", sense=-1, **both),
    )
    span = Range(End(1.0), End(2.0, 1), End(-6.0, 2), End(0.0, 3))
    made = certified(problem, ".+", statements, 3 - 1e-12, ranges=(span,))
    assert refusals(made) == []  # both members: (8 + 2) / 2 + 1 = 6; b alone: 2 + 2 = 4
    assert tightened(made).claims.certified == pytest.approx(3.0, abs=1e-12)
    # at a rate of 9: f = (−1 a − 7 b) / 2 + 1 − a + b = 1 − 3/2 a − 5/2 b ≥ −3; the excess is what it
    # was at 8 and (8 − 9) D, −6 − 2 … 0 − 1: 9 − 3 − 8 / 2 = 2
    other = replace(statements[0], rates=np.array([9.0, np.nan]), bound=-3 - 1e-12)
    moved = replace(made, statements=(other, *statements[1:]))
    assert tightened(moved).claims.certified == pytest.approx(2.0, abs=1e-12)
    assert not accepted(moved)  # 3 is not proven any more
    unknown = replace(span, excess_low=End(-INF), excess_high=End(INF))
    assert tightened(replace(made, ranges=(unknown,))).claims.certified == -INF


# arithmetic


def fractions(values):
    return [Fraction(float(one)) for one in np.ravel(values)]


def enclosed(interval, truth):
    lows, highs = fractions(interval.low), fractions(interval.high)
    return all(a <= t <= b for a, t, b in zip(lows, truth, highs, strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_intervals_hold_the_exact_result(seed):
    rng = np.random.default_rng(seed)
    scale = 10.0 ** rng.integers(-12, 12, (2, 400))
    a, b = rng.normal(size=(2, 400)) * scale
    a[:40], b[20:60] = np.round(a[:40]), np.round(b[20:60])
    fa, fb = fractions(a), fractions(b)
    pairs = list(zip(fa, fb, strict=True))
    assert enclosed(exact(a) + b, [x + y for x, y in pairs])
    assert enclosed(exact(a) - b, [x - y for x, y in pairs])
    assert enclosed(exact(a) * b, [x * y for x, y in pairs])
    above = np.where(b == 0, 1.0, np.abs(b))
    assert enclosed(
        exact(a) / exact(above), [x / Fraction(y) for x, y in zip(fa, above, strict=True)]
    )
    assert enclosed(total(exact(a)), [sum(fa)])
    at = rng.integers(0, 7, 400)
    sums = [sum((fa[k] for k in np.flatnonzero(at == place)), Fraction(0)) for place in range(9)]
    assert enclosed(gathered(at, exact(a), 9), sums)


@pytest.mark.parametrize("seed", range(4))
def test_intervals_hold_what_intervals_hold(seed):
    rng = np.random.default_rng(seed)
    ends = np.sort(rng.normal(size=(2, 2, 300)), axis=1)
    inside = [rng.uniform(low, high) for low, high in ends]
    a, b = (Interval(low, high) for low, high in ends)
    fa, fb = (fractions(one) for one in inside)
    pairs = list(zip(fa, fb, strict=True))
    assert enclosed(a + b, [x + y for x, y in pairs])
    assert enclosed(a - b, [x - y for x, y in pairs])
    assert enclosed(a * b, [x * y for x, y in pairs])
    positive = Interval(np.exp(b.low), np.exp(b.high) + 1)
    middle = np.exp(b.high)
    assert enclosed(a / positive, [x / Fraction(y) for x, y in zip(fa, middle, strict=True)])


def test_what_has_no_end_proves_nothing():
    endless = Interval(np.asarray(-np.inf), np.asarray(np.inf))
    assert (endless * 0.0).high == 0
    assert np.isnan((exact(1.0) / exact(0.0)).low)
    assert total(exact([1e308, 1e308])).low < np.inf
    assert total(Interval(np.array([-np.inf, 1.0]), np.array([0.0, 1.0]))).low == -np.inf
    assert not total(exact([np.nan, 1.0])).low >= -np.inf


@pytest.mark.parametrize("seed", range(5))
def test_components_and_walks_are_those_of_one_step_after_the_other(seed):
    problem = plain.made_up(seed, [MOVES], [], size=14)
    rng = np.random.default_rng(seed)
    some = rng.random(len(problem.left)) < 0.35
    problem = replace(problem, left=problem.left[some], right=problem.right[some])
    every = np.ones(14, np.bool_)
    name = components(14, problem.left, problem.right)
    groups = [plain.walk(problem, k, every) for k in range(14)]
    assert [min(group) for group in groups] == name.tolist()
    closed = rng.choice(14, 3, replace=False)
    starts = np.setdiff1d(np.arange(14), closed)
    inside = every.copy()
    inside[closed] = False
    walks = Walks(np.arange(len(starts)), starts, np.zeros(len(starts), np.int64), closed)
    reach = reached(graph(14, problem.left, problem.right), walks, problem.area, 10**9)
    truth = [sum(int(problem.area[k]) for k in plain.walk(problem, int(s), inside)) for s in starts]
    assert reach.tolist() == truth


# laws, by brute force over all plans


SEEDS = range(12)


@pytest.fixture(scope="module")
def emitted():
    return {seed: complete(seed) for seed in SEEDS}


@pytest.mark.parametrize("seed", SEEDS)
def test_what_plain_sums_prove_is_what_the_verifier_proves(emitted, seed):
    # The margin of plain sums is a millionth, and nothing but rounding comes on top.
    made = emitted[seed]
    tight = tightened(made)
    for loose, proven in zip(made.statements, tight.statements, strict=True):
        off = 1e-6 * (1 + abs(loose.bound))
        assert loose.bound <= proven.bound <= loose.bound + 1.01 * off
    assert refusals(tight) == []
    own = [end.value for one in tight.ranges for end in (one.low, one.high, one.excess_low)]
    assert np.isfinite(own).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_beats_a_bound_or_a_fixing(emitted, seed):
    tight = tightened(emitted[seed])
    problem, (program,) = tight.problem, tight.programs
    plans = plain.plans(problem)
    assert (plans[0][1] == problem.member ^ tight.moves).all()
    means = [goal for goal in problem.goals if goal["is"] == "Mean"]
    for objective, after in plans:
        x = after * 1.0
        assert objective >= tight.claims.certified
        for one in tight.statements:
            # some are met to the last digit, which plain sums of f may miss by one
            assert plain.target(problem, one)(x) >= one.bound - 1e-12 * (1 + abs(one.bound))
        for goal, one in zip(means, tight.ranges, strict=True):
            low, high = one.low.value * (1 - 1e-12), one.high.value * (1 + 1e-12)
            assert low <= plain.below(problem, goal, x) <= high
        moves = after ^ problem.member
        other = (program.fixed >= 0) & (moves != program.decided)
        assert not other.any() or objective >= program.fixed_bound
        for made, rule in zip(tight.cuts, plain.floors(problem), strict=True):
            area = plain.blocks(problem, after, plain.least_block(rule))
            assert area <= plain.figures(problem, made)(x) + 1e-6


def test_the_laws_are_not_empty(emitted):
    plans = [len(plain.plans(made.problem)) for made in emitted.values()]
    fixed = [int((made.programs[0].fixed >= 0).sum()) for made in emitted.values()]
    keys = [len(made_cut.own) for made in emitted.values() for made_cut in made.cuts]
    assert sum(plans) >= 100
    assert min(fixed) >= 1
    assert sum(keys) >= 10
    tight = [tightened(made).claims for made in emitted.values()]
    near = [one.objective - one.certified <= 0.7 * abs(one.objective) for one in tight]
    assert sum(near) >= 4


@pytest.mark.parametrize("seed", SEEDS)
def test_every_plan_that_keeps_the_rules_is_a_plan(emitted, seed):
    # and no other is: each state of the free units, told apart by the verifier and by definition
    made = tightened(emitted[seed])
    problem = made.problem
    kept = {tuple(x) for _, x in plain.plans(problem)}
    free = -INF
    for x in list(plain.members(problem))[::4]:
        if np.isnan(plain.objective(problem, x)):
            continue
        claims = replace(made.claims, objective=float(plain.objective(problem, x)), certified=free)
        one = replace(
            made, moves=x ^ problem.member, claims=replace(claims, bound=free, by="prices")
        )
        wrong = [text for text in refusals(one) if "moves" in text]
        assert (not wrong) == (tuple(x) in kept), wrong


@pytest.mark.parametrize("seed", range(20))
def test_the_least_of_a_statement_is_rounded_down(seed):
    # The same sum in fractions: f + price · (cost of what moves − most), in which a row of fractions
    # may be over by 1.001e-7 of its largest figure. The verifier is below, by rounding alone.
    rule = {**SPENT, "most": 40.0}
    problem = plain.made_up(seed, [{**SLOPE, "weight": 0.7}], [rule], size=30)
    rate, middle, price = Fraction(11.3), Fraction(171.7), Fraction(0.031)
    one = said([0.031], np.zeros(len(problem.left)), rates=[11.3], middles=[171.7], bound=-INF)
    span = Range(End(0.0), End(INF), End(-INF), End(INF))
    made = certified(problem, "." * 30, [one], -INF, ranges=(span,))
    movable = plain.free(problem)
    slope, cost = (fractions(problem.columns[name]) for name in ("slope", "cost"))
    slack = Fraction(1.001e-7) * max(c for c, can in zip(cost, movable, strict=True) if can)
    least = -price * (40 + slack)
    for k, area in enumerate(problem.area.tolist()):
        member = Fraction(0.7) / middle * Fraction(area, 100) * (slope[k] - rate)
        moved = price * cost[k]
        states = [0, member + moved] if not problem.member[k] else [moved, member]
        least += min(states) if movable[k] else states[-1] if problem.member[k] else 0
    low = Fraction(tightened(made).statements[0].bound)
    assert least - Fraction(1e-12) < low <= least


@pytest.mark.parametrize("seed", range(20))
def test_what_the_other_decision_adds_is_rounded_down(seed):
    # Costs alone, so that what a statement proves is a bound of the objective itself.
    rule = {**SPENT, "column": "people", "most": 9.5}
    problem = plain.made_up(seed, [{**COST, "weight": 0.7}], [rule], size=20)
    one = said([0.31], np.zeros(len(problem.left)), bound=-INF)
    movable = plain.free(problem)
    cost, people = (fractions(problem.columns[name]) for name in ("cost", "people"))
    slack = Fraction(1.001e-7) * max(c for c, can in zip(people, movable, strict=True) if can)
    least = -Fraction(0.31) * (Fraction(9.5) + slack)
    adds = [Fraction(0.7) * c + Fraction(0.31) * p for c, p in zip(cost, people, strict=True)]
    for unit in np.flatnonzero(movable):
        program = Program("open", 0.0, 0.0, np.full(20, -1), np.zeros(20, np.bool_))
        program = replace(program, fixed=np.where(np.arange(20) == unit, 0, -1))
        made = certified(problem, "." * 20, [one], -INF, programs=(program,))
        low = Fraction(tightened(made).programs[0].fixed_bound)
        assert least + adds[unit] - Fraction(1e-12) < low <= least + adds[unit]


@pytest.mark.parametrize("cost", [0.1, 0.3, 0.7, 1.1])
def test_what_one_unit_costs_is_rounded_down(cost):
    problem = exchange(".", {"cost": [cost]}, goals=({**COST, "weight": 0.7},))
    program = Program("open", 0.0, 0.0, np.array([0]), np.array([False]))
    made = tightened(certified(problem, ".", [said()], -INF, programs=(program,)))
    low, least = Fraction(made.programs[0].fixed_bound), Fraction(0.7) * Fraction(cost)
    assert least * (1 - Fraction(1e-15)) < low <= least


def test_findings_and_problems_speak_two_languages():
    problem = exchange("-+", {"cost": [1.0, 2.0]}, goals=(COST,), may_enter=np.zeros(2, np.bool_))
    report = verify(certified(problem, "-+", [], -INF))
    assert "layer moves · row b · found moves · expected stays" in str(report.problems[0])
    assert "图层 moves · 行 b · 发现 移动 · 应为 不动" in report.problems[0].said("zh")
    strict = replace(problem, rules=({**BALANCE, "above_m2": 0.0, "below_m2": 0.0},))
    (broken,) = verify(certified(strict, "-.", [], -INF)).problems
    assert str(broken).startswith("layer moves · row Balance · field rows/0 · found -100.0 …")
    whole = verify(certified(problem, "..", [], -INF))
    assert whole.findings[0].text.zh.startswith("方案调整 0 个地块")
    assert whole.findings[0].text.en.startswith("the plan moves 0 of 2 units")
    endless = replace(problem, goals=({**COST, "weight": "inf"},))
    (refused,) = verify(replace(certified(problem, "..", [], -INF), problem=endless)).problems
    assert refused.said("zh").endswith("发现 inf · 应为 有限数")
