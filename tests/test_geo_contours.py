"""Contours and summits: by hand, as laws, and against scikit-image."""

import itertools

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from skimage.measure import find_contours

from geo.contours import contours, summits
from geo.errors import GridError
from geo.grid import Grid
from geo.raster import Raster


def raster(z, cell=10):
    z = np.asarray(z, dtype=np.float64)
    grid = Grid(z.shape, Affine(cell, 0, 0, 0, -cell, cell * z.shape[0]), CRS(4549))
    return Raster(z, grid)


def test_a_pyramid_has_a_diamond():
    # The side from 0 to 10 is crossed half way at 5: 5 m from the middle of the top cell at 15, 15.
    z = [[0, 0, 0], [0, 10, 0], [0, 0, 0]]
    found = contours(raster(z), 5)
    assert found.height.tolist() == [5.0, 10.0][: len(found)]
    ring = found.geometry[0]
    assert ring.is_closed
    assert shapely.Polygon(ring).equals(shapely.Polygon([(10, 15), (15, 20), (20, 15), (15, 10)]))
    assert found.crs == CRS(4549)


@pytest.mark.parametrize(("low", "parts"), [(0, 2), (7, 2)])
def test_a_saddle_is_joined_where_its_middle_is_high(low, parts):
    # Corners 10 and `low` crosswise: the middle is 5 or 8.5, the line that of 6.
    found = contours(raster([[10, low], [low, 10]]), 6)
    assert len(found) == (parts if low == 0 else 0)


def test_the_middle_of_a_saddle_decides_which_corners_are_cut_off():
    cut = contours(raster([[10, 0], [0, 10]]), 6).geometry  # middle 5 < 6: the high corners
    assert {round(line.distance(shapely.Point(5, 15)), 2) for line in cut} == {2.83, 11.31}
    joined = contours(raster([[10, 0], [0, 10]]), 4).geometry[:2]  # middle 5 > 4: the low corners
    assert min(line.distance(shapely.Point(15, 15)) for line in joined) == pytest.approx(4 / 2**0.5)


def test_squares_without_all_heights_have_no_lines():
    z = np.array([[0, 10, np.nan], [0, 10, 20.0]])
    assert shapely.union_all(contours(raster(z), 5).geometry).bounds[2] < 16
    assert contours(raster(np.full((3, 3), np.nan)), 5).empty
    assert contours(raster([[1.0, 2.0]]), 0.5).empty


@pytest.mark.parametrize("interval", [0, -5, float("nan"), float("inf")])
def test_an_interval_is_positive(interval):
    with pytest.raises(GridError, match="positive"):
        contours(raster([[1, 2], [1, 2]]), interval)


def hills(seed, shape=(14, 17)):
    rng = np.random.default_rng(seed)
    return np.cumsum(np.cumsum(rng.normal(0, 3, shape), axis=0), axis=1) + 0.0137


@pytest.mark.parametrize("seed", range(12))
def test_lines_are_as_long_as_those_of_another_hand(seed):
    z = hills(seed)
    found = contours(raster(z), 5)
    for height, lines in found.groupby("height"):
        theirs = [shapely.LineString(one[:, ::-1]) for one in find_contours(z, height)]
        saddle = abs(sum(map(shapely.length, theirs)) * 10 - lines.length.sum())
        # Theirs join every saddle one way, so only pieces within such squares may differ.
        corners = z >= height
        crosswise = (corners[:-1, :-1] == corners[1:, 1:]) & (corners[:-1, 1:] == corners[1:, :-1])
        squares = (crosswise & (corners[:-1, :-1] != corners[:-1, 1:])).sum()
        assert saddle <= 1e-6 + 2 * 10 * 2**0.5 * squares


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.floats(2, 9))
def test_lines_lie_at_their_height_and_end_only_at_the_edge(seed, interval):
    z = hills(seed, (6, 7))
    dem = raster(z, 1)
    found = contours(dem, interval)
    edge = shapely.box(0.5, 0.5, 6.5, 5.5).exterior
    for line in found.geometry:
        ends = [shapely.Point(line.coords[0]), shapely.Point(line.coords[-1])]
        assert line.is_closed or all(end.distance(edge) < 1e-9 for end in ends)
    for height, line in zip(found.height, found.geometry, strict=True):
        for x, y in line.coords:
            row, column = 5.5 - y, x - 0.5
            r, c = min(int(row), 4), min(int(column), 5)
            corners = z[r : r + 2, c : c + 2]
            assert corners.min() - 1e-6 <= height <= corners.max() + 1e-6


def highest(z, radius):
    """Give summits by asking every cell for every other."""
    rows, columns = z.shape
    cells = list(itertools.product(range(rows), range(columns)))
    found = []
    for r, c in sorted(cells, key=lambda at: (-z[at], at)):
        near = [z[a, b] for a, b in cells if np.hypot(a - r, b - c) <= radius]
        inner = 0 < r < rows - 1 and 0 < c < columns - 1
        apart = all(np.hypot(a - r, b - c) > radius for a, b in found)
        if inner and z[r, c] == max(near) > min(near) and apart:
            found.append((r, c))
    return found


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("radius", [1.0, 2.5, 4.0])
def test_summits_are_the_highest_around(seed, radius):
    z = np.round(hills(seed, (11, 9)) / 4)
    found = summits(raster(z, 1), radius)
    places = [(round(10.5 - p.y), round(p.x - 0.5)) for p in found.geometry]
    assert places == highest(z, radius)
    assert found.height.tolist() == [z[at] for at in places]


def test_level_ground_has_no_summit_and_no_contour():
    level = raster(np.full((4, 4), 7.5))
    assert summits(level, 20).empty
    assert contours(level, 5).empty
