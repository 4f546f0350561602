"""Ridges: topographic position by hand and by counting, and places thinned as the rules say."""

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.grid import Grid
from geo.raster import Raster
from geo.siting.ridges import position, prominent, thinned


def terrain(heights, cell=10):
    heights = np.asarray(heights, dtype=float)
    return Raster(heights, Grid(heights.shape, Affine(cell, 0, 0, 0, -cell, 0), CRS(4549)))


def by_counting(heights, reach):
    """Position of each cell, neighbour by neighbour; what is unknown counts nowhere."""
    found = np.full(heights.shape, np.nan)
    for (row, column), height in np.ndenumerate(heights):
        near = [
            other
            for (r, c), other in np.ndenumerate(heights)
            if (r - row) ** 2 + (c - column) ** 2 <= reach**2 and np.isfinite(other)
        ]
        if np.isfinite(height):
            found[row, column] = height - np.mean(near)
    return found


@pytest.mark.parametrize("radius", [10, 25, 30])
def test_position_is_height_over_the_known_mean_around(radius):
    heights = np.random.default_rng(3).uniform(0, 100, (9, 8))  # any heights
    heights[2, 3] = heights[7, 0] = np.nan
    found = position(terrain(heights), radius)
    np.testing.assert_allclose(found, by_counting(heights, radius // 10), atol=1e-9)


def test_nothing_is_prominent_on_a_plain():
    above = position(terrain(np.full((5, 5), 7.0)), 20)
    assert not above.any()
    assert prominent(above, np.ones((5, 5), dtype=bool), 1).shape == (0, 2)


def test_the_most_prominent_goes_first_and_ties_from_the_north_west():
    # 4 beats both 3 at its sides; of the four 1, the first of each row of two is taken
    above = np.array([[3.0, 4, 3, 0, 0], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1]])
    chosen = prominent(above, np.ones(above.shape, dtype=bool), 1.9)
    assert chosen.tolist() == [[0, 1], [1, 3]]
    shut = np.ones(above.shape, dtype=bool)
    shut[0, 1] = False
    assert prominent(above, shut, 1.9).tolist() == [[0, 0], [0, 2], [1, 4]]


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30),
    st.integers(1, 6),
)
def test_thinned_places_are_apart_and_no_other_has_room(drawn, apart):
    places = np.array(drawn, dtype=float).reshape(-1, 2)
    kept = thinned(places, np.arange(len(places)), float(apart))
    far = np.hypot(*(places[:, None] - places[None, :]).transpose(2, 0, 1))
    between = far[np.ix_(kept, kept)]
    assert (between[~np.eye(len(kept), dtype=bool)] >= apart * (1 - 1e-9)).all()
    for place in set(range(len(places))) - set(kept.tolist()):  # one taken before is too near
        assert (far[place, kept[kept < place]] < apart).any()
