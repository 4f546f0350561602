import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.errors import GridError
from geo.grid import Grid


def grid(shape=(4, 5), side=10.0, west=500_000.0, north=3_100_000.0, crs=4549):
    return Grid(shape, Affine(side, 0, west, 0, -side, north), CRS(crs))


@pytest.mark.parametrize(
    "transform",
    [
        Affine(10, 1, 0, 0, -10, 0),
        Affine(10, 0, 0, 0, 10, 0),
        Affine(10, 0, 0, 0, -20, 0),
        Affine(-10, 0, 0, 0, 10, 0),
    ],
)
def test_grids_are_square_and_north_up(transform):
    with pytest.raises(GridError, match="north-up"):
        Grid((2, 2), transform, CRS(4549))


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_grids_have_cells(shape):
    with pytest.raises(GridError, match="empty") as caught:
        grid(shape)
    assert "格网为空" in caught.value.said("zh")


def test_cells_by_hand():
    # Corner 500000, 3100000; 10 m cells: row 1, column 2 has its centre 25 m east, 15 m south.
    x, y = grid().xy([1], [2])
    assert (x.tolist(), y.tolist()) == ([500_025], [3_099_985])
    assert grid().bounds == (500_000, 3_099_960, 500_050, 3_100_000)


def test_cells_are_closed_west_and_north():
    rows, columns = grid().index([500_000, 500_010, 500_050], [3_100_000, 3_099_990, 3_099_960])
    assert (rows.tolist(), columns.tolist()) == ([0, 1, 4], [0, 1, 5])
    assert grid().inside(rows, columns).tolist() == [True, True, False]


@settings(max_examples=50)
@given(st.integers(-9, 9), st.integers(-9, 9), st.sampled_from([0.1, 1 / 3, 7.0, 30.0]))
def test_index_undoes_xy(row, column, side):
    rows, columns = grid(side=side).index(*grid(side=side).xy(row, column))
    assert (int(rows), int(columns)) == (row, column)
    assert bool(grid().inside(row, column)) == (0 <= row < 4 and 0 <= column < 5)


@settings(max_examples=60)
@given(
    st.integers(-(10**8), 10**8).map(lambda mm: mm / 1000),
    st.integers(-(10**8), 10**8).map(lambda mm: mm / 1000),
    st.integers(500, 10**6).map(lambda mm: mm / 1000),
    st.integers(500, 10**6).map(lambda mm: mm / 1000),
    st.sampled_from([5.0, 10.0, 30.0]),
)
def test_a_grid_from_bounds_is_the_smallest_on_round_corners(west, south, width, height, side):
    bounds = (west, south, west + width, south + height)
    found = Grid.from_bounds(bounds, side, CRS(4549)).bounds
    assert all(corner % side == 0 for corner in found)
    slack = np.array(bounds) - np.array(found)
    assert (slack[:2] >= 0).all()
    assert (slack[2:] <= 0).all()
    assert (np.abs(slack) < side).all()


def test_equal_grids_are_equal():
    assert grid() == grid()
    assert grid() != grid(west=500_001.0)
    assert grid() != grid(crs=4528)
