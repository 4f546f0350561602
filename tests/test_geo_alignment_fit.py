"""Fitting a road to a path on a grid: worked cases, laws, and every way through a small case."""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import CRS
from scipy.spatial import cKDTree

from geo.alignment.checker import breaches
from geo.alignment.plan import fit as fitting
from geo.alignment.plan.bending import Bounds, Line, Shape, flat_end, foot, tangents
from geo.alignment.plan.clothoid import clothoid, shift, tangent_lengths
from geo.alignment.plan.curves import curves
from geo.alignment.plan.fit import fit
from geo.alignment.plan.following import Course
from geo.alignment.plan.gates import gates
from geo.alignment.plan.joining import KNOWN, Task, join, paired, straight, turned
from geo.alignment.plan.meeting import even, uneven
from geo.alignment.plan.plan import elements, from_intersections, points
from geo.alignment.values import Limits
from geo.errors import GeometryError, InfeasibleError
from geo.grid import Grid
from geo.raster import Raster

LAW = settings(max_examples=25)
CELL = 30.0


def limits(radius=60.0, spiral=35.0, tangent=0.0, **others):
    return Limits(0.08, radius, spiral, 120, 450, 450, 35, min_tangent_m=tangent, **others)


SIXTY = limits(
    125, 50, min_curve_m=100, same_turn_m=360, opposite_turn_m=120, general_radius_m=200
)  # km/h


def snapped(x, y, cell=CELL):
    """The cells a fine line passes, one after the other."""
    path = np.round(np.stack([x, y], axis=1) / cell) * cell
    return path[np.append(True, np.abs(np.diff(path, axis=0)).sum(axis=1) > 0)]


def course(plan, step=2.0):
    x, y, _, _ = points(plan, np.linspace(0, plan.length_m, int(plan.length_m / step) + 2))
    return np.stack([x, y], axis=1)


def farthest(these, those):
    return cKDTree(those).query(these)[0].max()


def assert_legal(plan, within):
    """Radii and spirals within limits: a spiral before and after every arc."""
    table = elements(plan)
    bent = table[table["kind"] != "tangent"]
    assert (bent["radius_m"] >= within.min_radius_m - 1e-9).all()
    kinds = "".join(kind[0] for kind in table["kind"])
    assert kinds.replace("sas", "").replace("ss", "").strip("t") == ""
    spirals = table.loc[table["kind"] == "spiral", "length_m"]
    assert (spirals >= within.min_spiral_m - 1e-9).all()
    inner = table.iloc[1:-1]
    assert (inner.loc[inner["kind"] == "tangent", "length_m"] >= within.min_tangent_m - 1e-6).all()


@st.composite
def roads(draw):
    """Legal roads for R ≥ 60 m, Ls ≥ 35 m."""
    count = draw(st.integers(1, 6))
    corners, radii, heading, before = [np.zeros(2)], [], draw(st.floats(-3.1, 3.1)), 0.0
    for _ in range(count):
        turn = draw(st.sampled_from([-1, 1])) * draw(st.floats(0.4, 1.8))
        radius = max(draw(st.floats(60, 240)), 37 / abs(turn))
        tangent, _ = tangent_lengths(abs(turn), radius, (35, 35))
        leg = before + tangent + draw(st.floats(0, 300))
        corners.append(corners[-1] + leg * np.array([math.cos(heading), math.sin(heading)]))
        heading, before = heading + turn, tangent
        radii.append(radius)
    leg = before + draw(st.floats(30, 300))
    corners.append(corners[-1] + leg * np.array([math.cos(heading), math.sin(heading)]))
    return from_intersections(corners, radii=radii, spirals=35)


def test_a_right_angle_worked_by_hand():
    # With tangents along the legs, the corner lies R (√2 − 1) = 24.9 m off the tightest arc of
    # 60 m, spirals shift it p √2 = 35² / (24 × 60) × √2 = 1.2 m more. A single curve, no farther off.
    path = np.array([(CELL * n, 0) for n in range(21)] + [(600, CELL * n) for n in range(1, 21)])
    plan = fit(path, limits())
    assert len(plan.radii) == 1
    assert plan.radii[0] >= 60
    assert farthest(path, course(plan)) <= 24.9 + 1.2
    assert plan.intersections[[0, -1]].tolist() == [[0, 0], [600, 600]]


@LAW
@example(116, 117)
@given(st.integers(-120, 120), st.integers(-120, 120))
def test_a_straight_path_gives_the_straight_line(right, up):
    if max(abs(right), abs(up)) < 3:
        return
    # As a search goes, a cell a step; a fine line that is rounded goes in stairs where it runs
    # through corners of cells, farther than half a cell off itself.
    steps = np.linspace(0, 1, max(abs(right), abs(up)) + 1)[:, None] * (right, up)
    plan = fit(np.floor(steps + 0.5) * CELL + (4.5e5, 3e6), limits())
    assert len(plan.radii) == 0
    assert plan.length_m == pytest.approx(CELL * math.hypot(right, up), abs=1e-6)


@LAW
@given(roads())
def test_a_legal_road_snapped_to_cells_is_found_again(road):
    line = course(road)
    plan = fit(snapped(*line.T), limits())
    assert_legal(plan, limits())
    # Snapping moves points by up to 21 m; the road comes back within about a cell.
    assert farthest(line, course(plan)) <= 1.2 * CELL
    assert farthest(course(plan), line) <= 1.2 * CELL


ASKED = (
    limits(60, 35),
    limits(15, 20),
    limits(125, 50),
    SIXTY,
    limits(60, 35, min_curve_m=90, same_turn_m=100, opposite_turn_m=30),
    limits(30, 25, same_turn_m=60),
    limits(30, 25, 20, min_curve_m=60, same_turn_m=80, opposite_turn_m=40),
)


def broken(plan, asked):
    s = np.append(np.arange(0, plan.length_m, 5.0), plan.length_m)
    x, y, _, _ = points(plan, s)
    line = pd.DataFrame({"s": s, "x": x, "y": y, "design": 0.0, "ground": 0.0, "structure": 0})
    return breaches(line, asdict(asked)).to_dict("records")


@settings(max_examples=60)
@given(roads(), st.sampled_from(ASKED))
def test_the_checker_finds_nothing(road, asked):
    assert broken(fit(snapped(*course(road).T), asked), asked) == []


def wound(seed):
    """A path that turns at random, a few hundred metres a leg, snapped to cells."""
    rng = np.random.default_rng(seed)
    count = rng.integers(3, 12)
    headings = np.cumsum(rng.uniform(-1.3, 1.3, count))
    legs = rng.uniform(80, 700, count)
    steps = np.repeat(
        np.stack([np.cos(headings), np.sin(headings)], axis=1), (legs // 5 + 1).astype(int), axis=0
    )
    return snapped(*np.append([[0.0, 0.0]], 5 * np.cumsum(steps, axis=0), axis=0).T)


def judged(seed):
    """Breaches of the road along a path, its S-curves, and how far the path lies off it."""
    plan = fit(wound(seed), SIXTY)
    bends = curves(plan)
    meeting = int((bends["straight_m"] <= 1e-3).sum())
    return broken(plan, SIXTY), meeting, len(bends), farthest(wound(seed), course(plan))


def test_paths_that_wind_get_legal_roads():
    found = [judged(seed) for seed in range(5)]
    assert [rows for rows, *_ in found if rows] == []
    assert sum(meeting for _, meeting, *_ in found) > 0


@pytest.mark.prove
def test_every_path_of_three_hundred_gets_a_legal_road(seeds, figures):
    found = [judged(seed) for seed in seeds(300)]
    bad = [rows for rows, *_ in found if rows]
    meeting, many = (sum(one[n] for one in found) for n in (1, 2))
    figures(
        f"paths at 60 km/h: {len(bad)} of {len(found)} roads break a rule, {many} curves, {meeting} "
        f"S-curves, the path at most {max(one[3] for one in found):.0f} m off the road"
    )
    assert bad == []


@LAW
@given(roads())
def test_spirals_meet_exactly_or_leave_the_straight_asked_for(road):
    plan = fit(snapped(*course(road).T), SIXTY)
    bends = curves(plan)
    assert (bends["length_m"] >= 100 - 1e-6).all()
    for gap, same in zip(bends["straight_m"][:-1], bends["same"][:-1], strict=True):
        assert gap >= (360 if same else 120) - 1e-6 or (gap < 1e-6 and not same)
    # The spirals of an S-curve begin and end at one point, in one heading.
    at = (bends["start_m"] + bends["length_m"])[bends["straight_m"] < 1].to_numpy()
    x, y, heading, _ = points(plan, at - 1e-8)
    x1, y1, heading1, _ = points(plan, at)
    assert np.hypot(x1 - x, y1 - y).max(initial=0) < 1e-5
    assert np.abs(heading1 - heading).max(initial=0) < 1e-6


@LAW
@given(roads(), st.sampled_from([SIXTY, limits()]), st.floats(-3, 3), st.booleans())
def test_a_turned_or_mirrored_path_has_the_same_road(road, asked, angle, mirrored):
    path = snapped(*course(road).T)
    plan = fit(path, asked)
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, -s], [s, c]]) @ np.diag([1.0, -1.0 if mirrored else 1.0])
    other = fit(path @ turn.T + (4.5e5, 3.1e6), asked)
    assert other.length_m == pytest.approx(plan.length_m, abs=1e-3)
    assert sorted(other.radii) == pytest.approx(sorted(plan.radii), rel=1e-4)


def test_a_path_that_turns_the_same_way_twice_gets_one_curve_or_a_long_straight():
    # Two turns of 45° 420 m apart: 360 m of straight do not fit between, so they become one curve.
    d = CELL / math.sqrt(2)
    legs = [(CELL, 0.0)] * 20 + [(d, d)] * 14 + [(0.0, CELL)] * 20
    path = np.append([[0.0, 0.0]], np.cumsum(legs, axis=0), axis=0)
    apart, one = fit(path, limits(60, 35)), fit(path, SIXTY)
    assert curves(apart)["same"].tolist() == [True, False]
    found = broken(apart, replace(SIXTY, min_radius_m=60, min_spiral_m=35))
    assert [one["rule"] for one in found] == ["straight_same"]
    assert len(curves(one)) == 1


def test_a_general_radius_is_taken_where_it_costs_little():
    # An arc of 130 m: 150 m through the same turn of 1 rad leave it by 20 m (1 / cos 0.5 - 1) = 3 m.
    bend = from_intersections(
        [(0, 0), (500, 0), (500 + 500 * math.cos(1), 500 * math.sin(1))], radii=130, spirals=50
    )
    path = snapped(*course(bend).T)
    plain, wished = (fit(path, limits(125, 50, general_radius_m=r)) for r in (0, 150))
    assert plain.radii.min() < 150 <= wished.radii.min()


def test_hairpins_with_parallel_legs():
    path = []
    for row in range(4):
        x = np.arange(0, 421, 30)
        path += [(v, 60 * row) for v in (x if row % 2 == 0 else x[::-1])]
        path += [(path[-1][0], 60 * row + 30)] if row < 3 else []
    plan = fit(np.array(path, dtype=float), limits(20, 20))
    assert_legal(plan, limits(20, 20))
    assert farthest(np.array(path, dtype=float), course(plan)) <= CELL
    arcs = elements(plan).query("kind == 'arc'")
    assert (arcs["length_m"] / arcs["radius_m"]).gt(2.5).sum() == 3


def small_course():
    x, y = np.array([0, 30, 60, 80, 90, 90.0]) * 4, np.array([0, 0, 5, 20, 50, 80.0]) * 4
    return Course(x, y, 120.0, 120.0, math.inf)


def steps_of(task, lines):
    """Every step between two lines with its gates and cost, each worked out on its own."""
    n, k = lines.shape[:2]
    found = {}
    for i, j in itertools.combinations(range(n), 2):
        for a, b in itertools.product(range(k), repeat=2):
            pair = paired(Line(*lines[i, a]), Line(*lines[j, b]), (i, j))
            if pair.turn == 0:
                cost = straight(task, pair, math.inf)
                ways = [((g, g), cost) for g in np.flatnonzero(~task.gates.meets)]
            elif pair.turn > 0:
                side = int(pair.last.heading < pair.first.heading)
                last = task.gates.free.size - 1
                after = [last] if j == n - 1 else task.gates.after[side]
                both = list(itertools.product(task.gates.before[side], after))
                ways = [
                    (way, turned(task, pair, way, math.inf, np.zeros((KNOWN, 5)))[0])
                    for way in both
                ]
            else:
                continue
            for (into, out), cost in ways:
                if cost < math.inf:
                    found.setdefault((i, a, into), []).append(((j, b, out), cost))
    return found


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(60.0, 35.0),
        Bounds(30.0, 20.0, 60.0, 20.0, 20.0),
        Bounds(150.0, 50.0),
        Bounds(60.0, 35.0, 70.0, 90.0, 30.0, True, 100.0),
        Bounds(30.0, 20.0, 90.0, 60.0, 40.0, False, 80.0),
    ],
)
def test_join_is_the_best_of_all_ways_through(bounds):
    # Oracle: every sequence of vertices, of lines at them and of gates, each step without a bound.
    follow = small_course()
    lines = np.ascontiguousarray(fitting._lines(follow)[:, [0, 1, -1]])
    task = Task(follow, bounds, fitting._mask(None, np.zeros(2)), gates(bounds))
    n, k = lines.shape[:2]
    many = task.gates.free.size
    ways = steps_of(task, lines)

    def rest(state):
        costs = [cost + rest(after) for after, cost in ways.get(state, [])]
        return 0.0 if state[0] == n - 1 else min(costs, default=math.inf)

    best = min(rest((0, a, many - 1)) for a in range(k))
    found = join(task, lines, np.arange(1, n + 1))
    assert math.isfinite(best)
    assert found.cost[-k * many :].min() == pytest.approx(best, rel=1e-12)


def test_gates_let_through_what_their_straights_are_for():
    # 6 V = 360 m and 2 V = 120 m at 60 km/h: half of either on each side of a foot.
    found = gates(Bounds(125.0, 50.0, 100.0, 360.0, 120.0, True))
    left, right = (set(found.after[side].tolist()) for side in (0, 1))
    assert not left & right
    for side, own, other in ((0, left, right), (1, right, left)):
        for gate in found.before[side][:-1]:
            assert (gate in own) == (found.free[gate] == 180)
            assert (gate in other) == (found.free[gate] in (0, 60))
            assert found.meets[gate] == (found.free[gate] == 0)
        assert found.before[side][-1] == found.free.size - 1  # no curve before


def test_one_curve_between_two_given_tangents_worked_by_hand():
    # The right angle of the plan's test, R = 100, Ls = 50, turned round: T = 125.98734 m.
    bounds = Bounds(60.0, 50.0)
    assert even(math.pi / 2, 125.98734, bounds).radius == pytest.approx(100, abs=5e-5)
    same = uneven(math.pi / 2, 125.98734, 125.98734, bounds)
    assert same == pytest.approx((100, 50, 50), abs=5e-5)
    assert even(math.pi / 2, 60.0, bounds).radius == 0  # R = 60: T = 61.75 + 25 at the least
    assert uneven(math.pi / 2, 126.0, 260.0, bounds).radius == 0  # a spiral above four times 50


@settings(max_examples=100)
@given(st.floats(0.1, 2.5), st.floats(60, 900), st.floats(0, 60), st.booleans(), st.floats(20, 70))
def test_curves_between_given_tangents_have_them(turn, radius, more, turned_round, spiral):
    radius = max(radius, 1.001 * (spiral + more) / turn)  # with an arc, be it short
    asked = (radius, spiral, spiral + more)
    near, far = tangent_lengths(turn, radius, asked[1:])
    if more <= 2.9 * spiral:
        found = uneven(turn, *((far, near) if turned_round else (near, far)), Bounds(1.0, spiral))
        found = (found[0], found[2], found[1]) if turned_round else tuple(found)
        assert found == pytest.approx(asked, rel=1e-5)
        shape = Shape(*found)
        # Laid 0.2 µm short, lest two of them overlap by rounding.
        assert tangents(turn, shape) == pytest.approx((near, far), abs=5e-7)
        assert tangent_lengths(turn, found[0], found[1:]) == pytest.approx((near, far), abs=5e-7)
    way, _ = tangent_lengths(turn, radius, (spiral, spiral))
    assert even(turn, way, Bounds(1.0, spiral)).radius == pytest.approx(radius, rel=1e-6)


@pytest.mark.parametrize(("radius", "spiral"), [(60.0, 35.0), (15.0, 20.0), (4000.0, 100.0)])
def test_the_compiled_spiral_is_the_spiral_of_the_plan(radius, spiral):
    expected = [float(v) for v in clothoid(spiral, radius, 0.7 * spiral)]
    assert flat_end(spiral, radius, 0.7 * spiral) == pytest.approx(expected, abs=1e-9)
    assert foot(radius, spiral) == pytest.approx(shift(radius, spiral), abs=1e-9)


def test_the_road_stays_where_it_may_run():
    # A bend around a block of forbidden cells, which the road cuts when it may.
    grid = Grid((40, 40), Affine(CELL, 0, 0, 0, -CELL, 1200), CRS(4549))
    path = [(45.0 + CELL * n, 75.0) for n in range(30)]
    path += [(915.0, 75.0 + CELL * n) for n in range(1, 30)]
    free = fit(path, limits(120, 50))
    x, y, _, _ = points(free, np.linspace(0, free.length_m, 2000))
    rows, columns = grid.index(x, y)
    cells = np.ones(grid.shape, dtype=np.uint8)
    cells[: rows[1000] + 1, : columns[1000] + 1] = 0  # what lies inside the bend, its middle too
    plan = fit(path, limits(120, 50), allowed=Raster(cells, grid))
    assert_legal(plan, limits(120, 50))
    x, y, _, _ = points(plan, np.linspace(0, plan.length_m, 20000))
    assert cells[grid.index(x, y)].all()
    x, y, _, _ = points(free, np.linspace(0, free.length_m, 20000))
    assert not cells[grid.index(x, y)].all()


def test_what_binds_is_named():
    path = [(0, 0), (300, 0), (300, 60), (0, 60)]
    with pytest.raises(InfeasibleError) as caught:
        fit(path, limits(), within_m=30)
    fields = [one.field for one in caught.value.problems]
    assert fields == [
        "within_m",
        "min_radius_m",
        "min_radius_m, min_spiral_m",
    ]
    # Nothing gets round the end of the U, 330 m from its start.
    rows = {one.row for one in caught.value.problems}
    assert {row.en for row in rows} == {"curve 3 · along the path 330 m · x 300, y 30"}
    assert {row.zh for row in rows} == {"曲线 3 · 沿路径 330 m · x 300, y 30"}
    assert caught.value.said("zh").startswith("路径附近无合规平面线形\n")


def narrow(apart):
    """A corridor 90 m wide that turns left twice by 90°, so many cells apart; the path in it."""
    grid = Grid((40, 40), Affine(CELL, 0, 0, 0, -CELL, 1200), CRS(4549))
    path = [(45 + CELL * n, 135.0) for n in range(25)]
    path += [(765, 135 + CELL * n) for n in range(1, apart + 1)]
    path += [(765 - CELL * n, path[-1][1]) for n in range(1, 25)]
    cells = np.zeros(grid.shape, dtype=np.uint8)
    rows, columns = grid.index(*np.array(path).T)
    for down, right in itertools.product((-1, 0, 1), repeat=2):
        cells[rows + down, columns + right] = 1
    return path, Raster(cells, grid)


def test_a_third_curve_the_other_way_stands_for_a_straight_that_has_no_room():
    # 360 m apart no straight of 360 m is left between two curves, and half a turn in one cuts the
    # corners: a gentle bend the other way lies between, its spirals meeting those of both.
    path, allowed = narrow(12)
    asked = limits(60, 35, same_turn_m=360, opposite_turn_m=120)
    bends = curves(fit(path, asked, allowed=allowed))
    assert bends["turn"].tolist() == [1, -1, 1]
    assert bends["straight_m"][:2].tolist() == [0.0, 0.0]
    assert broken(fit(path, asked, allowed=allowed), asked) == []


def test_straights_that_bind_are_named():
    # 270 m apart and no farther than 25 m off: no room for either straight, and a tangent between
    # any two curves lets no spirals meet.
    asked = limits(30, 25, 1.0, same_turn_m=360, opposite_turn_m=240)
    with pytest.raises(InfeasibleError) as caught:
        fit(narrow(9)[0], asked, within_m=25)
    assert [one.field for one in caught.value.problems] == [
        "within_m",
        "min_tangent_m",
        "same_turn_m",
        "opposite_turn_m",
        "same_turn_m, opposite_turn_m",
    ]


def test_a_road_that_starts_where_none_may_run():
    grid = Grid((10, 10), Affine(CELL, 0, 0, 0, -CELL, 300), CRS(4549))
    with pytest.raises(InfeasibleError, match="allowed"):
        fit([(15, 15), (285, 15)], limits(), allowed=Raster(np.zeros((10, 10), np.uint8), grid))


@LAW
@given(roads(), st.sampled_from([20.0, 30.0, 45.0]))
def test_offsets_keep_within_what_is_asked(road, within):
    path = snapped(*course(road).T)
    try:
        plan = fit(path, limits(), within_m=within)
    except InfeasibleError:
        assert within < 45
        return
    # Vertices of the course; spirals count as their tangents and arc, 35² / (24 × 60) = 0.9 m off.
    follow = fitting._course(path, CELL, CELL, within)
    assert farthest(np.stack([follow.x, follow.y], axis=1), course(plan, 0.5)) <= within + 1.5


@pytest.mark.parametrize("path", [[(0, 0)], [(0, 0), (0, 0)], [(0, 0, 0)], [(0, 0), (1, math.nan)]])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(GeometryError):
        fit(path, limits())
