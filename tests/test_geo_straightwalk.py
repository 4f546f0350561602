"""Straight walks: worked by hand, exact on planes and cones in every direction, laws, an oracle."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, Point

from geo.errors import GridError
from geo.grid import Grid
from geo.raster import Raster
from geo.travel.pace import Pace, convex, zigzag
from geo.travel.straightwalk import straight_walks

LAW = settings(max_examples=40)
CELL = 10.0
SLOPES = np.linspace(-2, 2, 801)
TOBLER = Pace(SLOPES, 3.6 / (6 * np.exp(-3.5 * np.abs(SLOPES + 0.05))))
EVEN = Pace(SLOPES, 3.6 / (6 * np.exp(-3.5 * np.abs(SLOPES))))
ROUND = [math.radians(degrees) for degrees in range(0, 360, 7)]


def raster(values):
    values = np.asarray(values, dtype=float)
    transform = Affine(CELL, 0, 0, 0, -CELL, CELL * values.shape[0])
    return Raster(values, Grid(values.shape, transform, CRS(4549)))


def tobler(slope):
    """Seconds a metre, in closed form: steeper than 1 / 3.5, where a metre of height takes least
    (the derivative of exp(3.5 s) / s is 0), one climbs and descends at 1 / 3.5, aslant."""
    gentle = min(abs(slope), 1 / 3.5) * math.copysign(1, slope)
    factor = max(abs(slope) / (1 / 3.5), 1)
    return factor * 0.6 * math.exp(3.5 * abs(gentle + 0.05))


def between(dem, pace, start, end, within=1e6):
    """Seconds from one point to another."""
    ends = np.array([[*end, 0.0]])
    known = np.array([math.inf])
    return straight_walks(dem, pace, np.array([start]), ends, within=within, known=known)[0]


def rough(seed, holes=0.05):
    rng = np.random.default_rng(seed)
    values = np.cumsum(rng.normal(0, 1.5, (12, 15)), axis=1)
    values[rng.random(values.shape) < holes] = math.inf
    values[rng.random(values.shape) < holes / 2] = math.nan
    return rng, values


def anywhere(rng, count=1):
    return rng.uniform((6, 6), (144, 114), (count, 2))


# --- worked by hand ---------------------------------------------------------------------------


def test_a_bent_line_of_heights_by_hand():
    # Heights 0, 0, 3, 3 at x = 5, 15, 25, 35. From x = 10 to 30: 5 m level, 10 m at 0.3, 5 m level.
    pace = Pace(np.array([-0.3, 0.0, 0.3]), np.array([1.5, 1.0, 2.0]))
    dem = raster([[0.0, 0, 3, 3]])
    assert between(dem, pace, (10, 5), (30, 5)) == pytest.approx(5 * 1 + 10 * 2 + 5 * 1)
    assert between(dem, pace, (30, 5), (10, 5)) == pytest.approx(5 * 1 + 10 * 1.5 + 5 * 1)


def test_a_line_aslant_by_hand():
    # From the centre (5, 15) to (25, 5): across the middle column at y = 10, halfway between 2 and
    # 4, so at height 3; two pieces of √(10² + 5²) = 11.18 m, rising 3 and then falling 2.
    dem = raster([[0.0, 2, 9], [9, 4, 1]])
    one = math.hypot(10, 5)
    up, down = (float(np.interp(h / one, SLOPES, TOBLER.seconds_per_m)) for h in (3, -2))
    assert between(dem, TOBLER, (5, 15), (25, 5)) == pytest.approx(one * (up + down))


@pytest.mark.parametrize("closed", [math.inf, math.nan])
def test_no_walk_over_a_barrier_or_unknown_ground(closed):
    values = np.zeros((5, 5))
    values[2, 2] = closed
    dem = raster(values)
    assert math.isinf(between(dem, TOBLER, (5, 25), (45, 25)))
    assert math.isinf(between(dem, TOBLER, (5, 20), (45, 30)))
    assert math.isinf(between(dem, TOBLER, (25, 25), (45, 25)))
    assert between(dem, TOBLER, (5, 35), (45, 35)) == pytest.approx(40 * tobler(0))
    # Between two cells that touch at a corner one passes, barriers or not.
    crossed = np.array([[0.0, closed], [closed, 0.0]])
    corner = between(raster(crossed), TOBLER, (5, 15), (15, 5))
    assert corner == pytest.approx(math.hypot(10, 10) * tobler(0))


def test_zigzags_are_the_least_time_over_a_plane():
    # Over a slope of 0.5 straight up, by hand: two legs at 0.2857 take 0.5 / 0.2857 = 1.75 times the
    # way at 0.6 exp(3.5 · 0.3357) = 1.943 s/m: 3.400 s/m against 0.6 exp(3.5 · 0.55) = 4.113.
    assert tobler(0.5) == pytest.approx(3.400, abs=1e-3)
    found = np.interp(0.5, SLOPES, zigzag(TOBLER).seconds_per_m)
    assert found == pytest.approx(tobler(0.5), rel=1e-4)
    # By trying every pair of legs to the left and right of the slope.
    angles = np.radians(np.arange(0.1, 89.9, 0.01))
    tried = np.interp(0.5 * np.cos(angles), SLOPES, TOBLER.seconds_per_m) / np.cos(angles)
    assert found == pytest.approx(tried.min(), rel=1e-4)


def test_a_pace_that_is_never_worth_a_zigzag_stays():
    gentle = Pace(np.array([-0.2, 0.2]), np.array([1.0, 1.0]))
    assert zigzag(gentle).seconds_per_m.tolist() == [1, 1]


def test_the_hull_is_below_and_convex():
    rng = np.random.default_rng(5)
    pace = Pace(np.sort(rng.uniform(-1, 1, 20)), rng.uniform(1, 3, 20))
    hull = convex(pace)
    below = np.interp(pace.slopes, hull.slopes, hull.seconds_per_m)
    assert (below <= pace.seconds_per_m + 1e-12).all()
    assert (np.diff(np.diff(hull.seconds_per_m) / np.diff(hull.slopes)) > 0).all()


# --- analytic: every direction ------------------------------------------------------------------


@pytest.mark.parametrize("grade", [0.0, 0.05, 0.1, 0.2, 0.285, 0.5, 0.8])
@pytest.mark.parametrize("aspect", [0.0, 0.3, 1.1])
def test_a_plane_in_every_direction_both_ways(grade, aspect):
    row, column = np.mgrid[0:41, 0:41]
    rise = np.array([math.cos(aspect), math.sin(aspect)]) * grade
    dem = raster((column * rise[0] - row * rise[1]) * CELL)
    middle = np.array([205.0, 205.0])
    for angle in ROUND:
        way = 190 * np.array([math.cos(angle), math.sin(angle)])
        slope = float(way @ rise) / 190
        for sign in (1, -1):
            start, end = (middle, middle + way)[::sign]
            found = between(dem, zigzag(TOBLER), start, end)
            assert found == pytest.approx(190 * tobler(sign * slope), rel=1e-4)


@pytest.mark.parametrize("grade", [0.1, 0.285, 0.5])
def test_a_cone_in_every_direction_both_ways(grade):
    row, column = np.mgrid[-30:31, -30:31] * CELL
    dem = raster(1000 - grade * np.hypot(row, column))
    top = np.array([305.0, 305.0])
    for angle in ROUND:
        foot = top + 290 * np.array([math.cos(angle), math.sin(angle)])
        for slope, start, end in ((grade, foot, top), (-grade, top, foot)):
            expected = 290 * tobler(slope)
            assert between(dem, zigzag(TOBLER), start, end) == pytest.approx(expected, rel=0.003)


# --- laws -------------------------------------------------------------------------------------


@LAW
@given(st.integers(0, 10_000))
def test_equal_paces_make_equal_times_both_ways(seed):
    rng, values = rough(seed)
    start, end = anywhere(rng, 2)
    there, back = (
        between(raster(values), EVEN, start, end),
        between(raster(values), EVEN, end, start),
    )
    assert there == pytest.approx(back, rel=1e-9)


@LAW
@given(st.integers(0, 10_000))
def test_there_over_a_terrain_is_back_over_its_mirror_image(seed):
    rng, values = rough(seed)
    start, end = anywhere(rng, 2)
    mirrored = np.where(np.isfinite(values), -values, values)
    there = between(raster(values), TOBLER, start, end)
    assert there == pytest.approx(between(raster(mirrored), TOBLER, end, start), rel=1e-9)


@LAW
@given(st.integers(0, 10_000))
def test_a_barrier_makes_no_walk_faster(seed):
    rng, values = rough(seed)
    start, end = anywhere(rng, 2)
    closed = np.where(rng.random(values.shape) < 0.1, math.inf, values)
    free, barred = (between(raster(one), TOBLER, start, end) for one in (values, closed))
    assert barred == free or math.isinf(barred)


@LAW
@given(st.integers(0, 10_000))
def test_no_cell_on_the_way_is_closed(seed):
    rng, values = rough(seed, holes=0.02)
    dem = raster(values)
    start, end = anywhere(rng, 2)
    if math.isfinite(between(dem, TOBLER, start, end)):
        passed = start + np.linspace(0, 1, 2000)[:, None] * (end - start)
        assert np.isfinite(values[dem.grid.index(*passed.T)]).all()


# --- oracle -----------------------------------------------------------------------------------


def explicit(dem, pace, start, end):
    """Cut the line by shapely at the centres it passes; heights by numpy, no cell left out."""
    line, values = LineString([start, end]), dem.values
    rows, columns = values.shape
    x = CELL * (np.arange(columns) + 0.5)
    y = CELL * (rows - np.arange(rows) - 0.5)
    along = abs(end[0] - start[0]) >= abs(end[1] - start[1])
    stations = [(0.0, bilinear(dem, start)), (line.length, bilinear(dem, end))]
    for k, centre in enumerate(x if along else y):
        rod = [(centre, -1), (centre, 999)] if along else [(-1, centre), (999, centre)]
        cut = line.intersection(LineString(rod))
        if not cut.is_empty and cut.distance(Point(start)) > 0 and cut.distance(Point(end)) > 0:
            heights = values[::-1, k] if along else values[k]
            at = (cut.y if along else cut.x) / CELL - 0.5
            beside = heights[math.floor(at) : math.ceil(at) + 1]
            known = np.isfinite(beside).all()
            parts = np.interp(at % 1, np.arange(beside.size), beside) if known else math.inf
            stations.append((line.project(cut), parts))
    stations.sort()
    total = 0.0
    for (a, low), (b, high) in itertools.pairwise(stations):
        slope = (high - low) / (b - a)
        if not abs(slope) <= 2:
            return math.inf
        total += (b - a) * np.interp(slope, pace.slopes, pace.seconds_per_m)
    return total


def bilinear(dem, point):
    column = point[0] / CELL - 0.5
    row = dem.values.shape[0] - point[1] / CELL - 0.5
    r, c = int(row), int(column)
    weights = np.outer([1 - row % 1, row % 1], [1 - column % 1, column % 1])
    return float((weights * dem.values[r : r + 2, c : c + 2]).sum())


@LAW
@given(st.integers(0, 10_000))
def test_equals_the_line_cut_by_shapely(seed):
    rng, values = rough(seed, holes=0.02)
    dem = raster(values)
    start, end = anywhere(rng, 2)
    assert between(dem, TOBLER, start, end) == pytest.approx(explicit(dem, TOBLER, start, end))


@LAW
@given(st.integers(0, 10_000), st.sampled_from([25.0, 60.0, 500.0]))
def test_equals_every_pair_tried(seed, within):
    rng, values = rough(seed)
    dem, points = raster(values), anywhere(rng, 9)
    ends = np.column_stack([anywhere(rng, 8), rng.uniform(0, 60, 8)])
    known = rng.uniform(20, 200, 9)
    expected = known.copy()
    for (i, point), end in itertools.product(enumerate(points), ends):
        if math.dist(point, end[:2]) <= within:
            expected[i] = min(expected[i], end[2] + between(dem, TOBLER, point, end[:2]))
    found = straight_walks(dem, TOBLER, points, ends, within=within, known=known)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


# --- edges ------------------------------------------------------------------------------------


def test_a_point_on_an_end_goes_on_at_once():
    dem = raster(np.zeros((3, 3)))
    ends = np.array([[15.0, 15.0, 4.0], [15.0, 15.0, math.inf]])
    assert straight_walks(
        dem, TOBLER, ends[:1, :2], ends, within=5, known=np.array([math.inf])
    ) == pytest.approx(4)


def test_without_ends_or_off_the_grid_nothing_changes():
    dem, known = raster(np.zeros((3, 3))), np.array([7.0, math.inf])
    points = np.array([[15.0, 15.0], [1.0, 15.0]])
    none = straight_walks(dem, TOBLER, points, np.zeros((0, 3)), within=9, known=known)
    assert none.tolist() == known.tolist()
    edge = straight_walks(dem, TOBLER, points, np.array([[1.0, 15, 0]]), within=99, known=known)
    assert edge.tolist() == known.tolist()


def test_what_does_not_fit_is_refused():
    dem, one = raster(np.zeros((3, 3))), np.array([[15.0, 15.0]])
    for points, ends, within in (
        (one, np.zeros((1, 2)), 5),
        (one[0], np.zeros((1, 3)), 5),
        (one, np.zeros((1, 3)), 0),
    ):
        with pytest.raises(GridError, match="positive distance") as caught:
            straight_walks(dem, TOBLER, points, ends, within=within, known=np.zeros(1))
        assert "大于 0 的距离" in caught.value.said("zh")
