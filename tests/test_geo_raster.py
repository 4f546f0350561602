import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import box

from geo.errors import CrsError, GridError
from geo.grid import Grid
from geo.raster import Raster, rasterize, resample, sample


def grid(shape=(4, 5), side=10.0, west=500_000.0, north=3_100_000.0, crs=4549):
    return Grid(shape, Affine(side, 0, west, 0, -side, north), CRS(crs))


@pytest.mark.parametrize(
    "transform",
    [Affine(10, 1, 0, 0, -10, 0), Affine(10, 0, 0, 0, 10, 0), Affine(10, 0, 0, 0, -20, 0)],
)
def test_grids_are_square_and_north_up(transform):
    with pytest.raises(GridError, match="north-up"):
        Grid((2, 2), transform, CRS(4549))


@settings(deadline=None, max_examples=50, derandomize=True)
@given(st.integers(0, 3), st.integers(0, 4))
def test_index_undoes_xy(row, column):
    rows, columns = grid().index(*grid().xy(row, column))
    assert (int(rows), int(columns)) == (row, column)


def test_values_must_fit_their_grid():
    with pytest.raises(GridError, match="do not fit"):
        Raster(np.zeros((2, 2)), grid())
    with pytest.raises(GridError, match="NaN"):
        Raster(np.zeros((4, 5)), grid(), nodata=0)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.integers(0, 1000), st.sampled_from([7.0, 13.0, 30.0]))
def test_sums_are_conserved(seed, side):
    amounts = Raster(np.random.default_rng(seed).uniform(0, 9, (4, 5)), grid())
    big = Grid.from_bounds((499_900, 3_099_900, 500_100, 3_100_100), side, CRS(4549))
    assert np.nansum(resample(amounts, big, how="sum").values) == pytest.approx(
        amounts.values.sum()
    )


def test_classes_stay_classes_and_averages_average():
    classes = Raster(np.array([[1, 1, 2, 9], [1, 2, 2, 2]], dtype=np.int16), grid((2, 4)), nodata=0)
    coarse = grid((1, 2), side=20.0)
    assert resample(classes, coarse, how="mode").values.tolist() == [[1, 2]]
    heights = Raster(np.array([[1.0, 3, 5, 5], [1, 3, 5, np.nan]]), grid((2, 4)))
    assert resample(heights, coarse, how="average").values.tolist() == [[2, 5]]


def test_classes_without_no_data_must_cover():
    classes = Raster(np.ones((2, 2), dtype=np.int16), grid((2, 2)))
    with pytest.raises(GridError, match="do not cover"):
        resample(classes, grid((9, 9)), how="nearest")


def test_rasterize_by_hand():
    frame = gpd.GeoDataFrame(
        {"v": [2.0, 5.0]},
        geometry=[
            box(500_000, 3_099_980, 500_020, 3_100_000),
            box(500_010, 3_099_990, 500_020, 3_100_000),
        ],
        crs=4549,
    )
    assert rasterize(frame, grid((2, 3)), value="v", fill=0).values.tolist() == [
        [2, 5, 0],
        [2, 2, 0],
    ]
    assert rasterize(frame[:0], grid((1, 2))).values.tolist() == [[0, 0]]
    with pytest.raises(CrsError, match="differ"):
        rasterize(frame.set_crs(4528, allow_override=True), grid())


@settings(deadline=None, max_examples=50, derandomize=True)
@given(st.floats(500_005, 500_045), st.floats(3_099_965, 3_099_995))
def test_bilinear_is_exact_on_planes(x, y):
    cx, cy = grid().xy(*np.indices((4, 5)))
    plane = Raster(3 + 0.2 * (cx - 500_000) - 0.1 * (cy - 3_100_000), grid())
    assert sample(plane, [x], [y])[0] == pytest.approx(
        3 + 0.2 * (x - 500_000) - 0.1 * (y - 3_100_000), abs=1e-6
    )


def test_sampling_outside_or_where_nothing_is_gives_nan():
    values = np.ones((4, 5))
    values[1, 1] = np.nan
    x, y = grid().xy([1, 0], [1, 0])
    found = sample(Raster(values, grid()), [*x, 0.0], [*y, 0.0], how="nearest")
    assert np.isnan(found).tolist() == [True, False, True]
    assert np.isnan(sample(Raster(values, grid()), x[:1], y[:1])).all()
