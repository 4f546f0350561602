"""Shortest ways within a grade: by hand, by laws, and by Dijkstra's algorithm in plain Python."""

import heapq
import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.errors import InfeasibleError, InputError
from geo.grid import Grid
from geo.raster import Raster
from geo.travel.gradeway import gradeway

CELL = 30.0
OFFSETS = [(r, c) for r in range(-4, 5) for c in range(-4, 5) if math.gcd(r, c) == 1]


def terrain(heights):
    heights = np.asarray(heights, dtype=np.float64)
    return Raster(heights, Grid(heights.shape, Affine(CELL, 0, 0, 0, -CELL, 0), CRS(4549)))


def plain(heights, start, end, grade):
    """Dijkstra's algorithm over lists."""
    best, waiting = {start: 0.0}, [(0.0, start)]
    while waiting:
        cost, here = heapq.heappop(waiting)
        if here == end:
            return cost
        if cost > best[here]:
            continue
        for down, right in OFFSETS:
            to = (here[0] + down, here[1] + right)
            if not (0 <= to[0] < len(heights) and 0 <= to[1] < len(heights[0])):
                continue
            rise, length = heights[to[0]][to[1]] - heights[here[0]][here[1]], 0.0
            length = CELL * math.hypot(down, right)
            if abs(rise) <= grade * length * (1 + 1e-12):
                there = cost + math.hypot(length, rise)
                if there < best.get(to, math.inf):
                    best[to] = there
                    heapq.heappush(waiting, (there, to))
    return math.inf


def length(dem, *, ends, grade):
    try:
        return gradeway(dem, *ends, max_grade=grade).length_m
    except InfeasibleError:
        return math.inf


def test_there_are_48_neighbours():
    assert len(OFFSETS) == 48


def test_up_a_steep_plane_it_goes_aslant():
    # 20 % east at most at 10 %: an offset of (r, c) climbs 0.2 c over √(r² + c²), so r² ≥ 3 c²;
    # the least slanting of the 48 is (2, 1), √5 cells for one east. Ten cells east in ten steps, five
    # up and five down: 10 × 30 √5 = 670.8 m on the map, 6 m up each: 10 × √(67.08² + 6²) = 673.5 m.
    plane = terrain(np.tile(np.arange(20) * 0.2 * CELL, (25, 1)))
    cells, found = gradeway(plane, (12, 4), (12, 14), max_grade=0.1)
    assert found == pytest.approx(10 * math.hypot(CELL * math.sqrt(5), 6))
    assert (np.abs(np.diff(cells, axis=0)) == (2, 1)).all()


def test_a_wall_is_walked_round():
    # A wall of no data in column 5 but for the last row: nothing steps over four columns... it does
    # where a step spans the wall, as only its ends are looked at. Nine columns thick it does not.
    walled = np.zeros((12, 25))
    walled[:11, 8:17] = np.nan
    _, found = gradeway(terrain(walled), (0, 4), (0, 20), max_grade=0.1)
    assert found > 2 * 11 * CELL


def test_no_way_and_wrong_input_are_told():
    cliff = np.zeros((3, 12))
    cliff[:, 6:] = 500
    with pytest.raises(InfeasibleError, match="no way within") as caught:
        gradeway(terrain(cliff), (1, 1), (1, 10), max_grade=0.08)
    assert caught.value.said("zh") == "坡度不大于 0.08 时无可行路线"
    with pytest.raises(InputError):
        gradeway(terrain(cliff), (1, 1), (1, 12), max_grade=0.08)
    with pytest.raises(InputError):
        gradeway(terrain(cliff), (1, 1), (1, 2), max_grade=0.0)


def test_equals_dijkstra_in_plain_python_on_random_terrains():
    random = np.random.default_rng(48)
    ways = 0
    for _ in range(300):
        rows, columns = (int(v) for v in random.integers(2, 12, 2))
        heights = random.normal(0, random.choice([1, 5, 15]), (rows, columns))
        heights[random.random((rows, columns)) < 0.1] = np.nan
        known = np.argwhere(~np.isnan(heights))
        if len(known) < 2:
            continue
        ends = [tuple(int(v) for v in known[i]) for i in random.integers(0, len(known), 2)]
        grade = float(random.choice([0.05, 0.1, 0.3]))
        expected = plain(heights.tolist(), *ends, grade)
        assert length(terrain(heights), ends=ends, grade=grade) == pytest.approx(expected)
        ways += math.isfinite(expected)
    assert ways > 100


ground = st.lists(st.integers(-6, 6), min_size=56, max_size=56)


@settings(max_examples=60)
@given(ground, st.floats(0.02, 0.4))
def test_law_the_way_back_is_as_long_and_a_wider_grade_is_never_longer(heights, grade):
    dem = terrain(np.reshape(heights, (7, 8)))
    there = length(dem, ends=((0, 0), (6, 7)), grade=grade)
    assert there == pytest.approx(length(dem, ends=((6, 7), (0, 0)), grade=grade))
    assert length(dem, ends=((0, 0), (6, 7)), grade=1.5 * grade) <= there


@settings(max_examples=60)
@given(ground, st.floats(0.02, 0.4))
def test_law_the_way_told_obeys_the_grade_and_has_the_length_told(heights, grade):
    dem = terrain(np.reshape(heights, (7, 8)))
    try:
        cells, told = gradeway(dem, (0, 0), (6, 7), max_grade=grade)
    except InfeasibleError:
        return
    flat = CELL * np.hypot(*np.diff(cells, axis=0).T)
    rise = np.diff(dem.values[cells[:, 0], cells[:, 1]])
    assert (np.abs(rise) <= grade * flat * (1 + 1e-9)).all()
    assert np.hypot(flat, rise).sum() == pytest.approx(told)
