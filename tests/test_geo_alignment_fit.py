"""Fitting a road to a path on a grid: worked cases, laws, and every way through a small case."""

from __future__ import annotations

import itertools
import math
from dataclasses import asdict

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
from geo.alignment.plan.bending import Bounds, Line, flat_end, foot
from geo.alignment.plan.clothoid import clothoid, shift, tangent_lengths
from geo.alignment.plan.fit import fit
from geo.alignment.plan.following import Course
from geo.alignment.plan.joining import join, one_step
from geo.alignment.plan.plan import elements, from_intersections, points
from geo.alignment.values import Limits
from geo.errors import GeometryError, InfeasibleError
from geo.grid import Grid
from geo.raster import Raster

LAW = settings(max_examples=25)
CELL = 30.0


def limits(radius=60.0, spiral=35.0, tangent=0.0):
    return Limits(0.08, radius, spiral, 120, 450, 450, 35, min_tangent_m=tangent)


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


@LAW
@given(roads(), st.sampled_from([(60.0, 35.0), (15.0, 20.0), (125.0, 50.0)]))
def test_the_checker_finds_nothing(road, asked):
    plan = fit(snapped(*course(road).T), limits(*asked))
    s = np.append(np.arange(0, plan.length_m, 5.0), plan.length_m)
    x, y, _, _ = points(plan, s)
    line = pd.DataFrame({"s": s, "x": x, "y": y, "design": 0.0, "ground": 0.0, "structure": 0})
    assert len(breaches(line, asdict(limits(*asked)))) == 0


@LAW
@given(roads(), st.sampled_from([0.0, 25.0, 60.0]))
def test_tangents_between_curves_are_as_long_as_asked(road, tangent):
    asked = limits(tangent=tangent)
    plan = fit(snapped(*course(road).T), asked)
    assert_legal(plan, asked)
    table = elements(plan)
    gaps = table.loc[table["kind"] == "tangent", "curve"].size
    curves = (table["kind"] == "spiral").sum() // 2
    assert not tangent or gaps >= curves - 1  # none left out between curves


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


@pytest.mark.parametrize("bounds", [Bounds(60, 35, 0), Bounds(30, 20, 10), Bounds(150, 50, 0)])
def test_join_is_the_best_of_all_ways_through(bounds):
    # Oracle: every sequence of vertices and of lines at them, each step without a bound.
    bounds = Bounds(*map(float, bounds))
    follow, free = small_course(), fitting._mask(None, np.zeros(2))
    lines = fitting._lines(follow)
    lines = np.ascontiguousarray(lines[:, [0, 1, -1]])
    n, k = lines.shape[:2]
    step = {}
    for i, j in itertools.combinations(range(n), 2):
        for a, b in itertools.product(range(k), repeat=2):
            if not np.isnan([lines[i, a, 0], lines[j, b, 0]]).any():
                ends = (Line(*lines[i, a]), Line(*lines[j, b]))
                step[i, a, j, b] = one_step(follow, bounds, free, ends, (i, j), math.inf)[0]
    best = math.inf
    for size in range(n - 1):
        for inner in itertools.combinations(range(1, n - 1), size):
            stops = (0, *inner, n - 1)
            for at in itertools.product(range(k), repeat=len(stops)):
                legs = itertools.pairwise(zip(stops, at, strict=True))
                cost = sum(step.get((*one, *other), math.inf) for one, other in legs)
                best = min(best, cost)
    found = join(follow, lines, bounds, free, np.arange(1, n + 1))
    assert math.isfinite(best)
    assert found.cost[-k:].min() == pytest.approx(best, rel=1e-12)


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
