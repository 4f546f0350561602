import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, box

from geo.errors import CrsError, GridError
from geo.grid import Grid
from geo.polygonize import polygonize
from geo.raster import Raster, crop, rasterize, resample, sample


def grid(shape=(4, 5), side=10.0, west=500_000.0, north=3_100_000.0, crs=4549):
    return Grid(shape, Affine(side, 0, west, 0, -side, north), CRS(crs))


def test_values_must_fit_their_grid():
    with pytest.raises(GridError, match="do not fit") as caught:
        Raster(np.zeros((2, 2)), grid())
    assert "与格网 (4, 5) 不符" in caught.value.said("zh")
    with pytest.raises(GridError, match="NaN"):
        Raster(np.zeros((4, 5)), grid(), nodata=0)


@settings(max_examples=25)
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


@settings(max_examples=50)
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


def areal(amounts, new):
    """Sums by cutting every pair of cells, in plain loops."""
    total = np.zeros(new.shape)
    for r, c in np.argwhere(amounts.valid):
        x, y = amounts.grid.xy(r, c)
        half = amounts.grid.resolution / 2
        cell = box(x - half, y - half, x + half, y + half)
        for i, j in np.ndindex(*new.shape):
            u, v = new.xy(i, j)
            side = new.resolution / 2
            other = box(u - side, v - side, u + side, v + side)
            total[i, j] += amounts.values[r, c] * cell.intersection(other).area / cell.area
    return total


@settings(max_examples=12)
@given(st.integers(0, 1000), st.floats(4, 40), st.floats(-30, 30), st.floats(-30, 30))
def test_sums_equal_cutting_every_pair_of_cells(seed, side, east, north):
    values = np.random.default_rng(seed).uniform(0, 9, (4, 5))
    values[1, 2] = np.nan
    amounts = Raster(values, grid())
    new = grid((3, 4), side=side, west=500_000 + east, north=3_100_000 + north)
    found = resample(amounts, new, how="sum").values
    np.testing.assert_allclose(np.nan_to_num(found), areal(amounts, new), atol=1e-5)


def test_sums_are_conserved_across_crs():
    amounts = Raster(np.random.default_rng(1).uniform(0, 9, (30, 40)), grid((30, 40)))
    degrees = Grid((12, 12), Affine(0.001, 0, 119.996, 0, -0.001, 28.017), CRS(4326))
    found = resample(amounts, degrees, how="sum")
    assert np.nansum(found.values) == pytest.approx(amounts.values.sum(), rel=1e-9)
    assert np.isnan(found.values).any()


def test_planes_survive_finer_cells_and_another_crs():
    cx, cy = grid((30, 40)).xy(*np.indices((30, 40)))
    plane = Raster(0.2 * (cx - 500_000) - 0.1 * (cy - 3_100_000), grid((30, 40)))
    fine = grid((20, 20), side=3.0, west=500_100, north=3_099_900)
    x, y = fine.xy(*np.indices((20, 20)))
    expected = 0.2 * (x - 500_000) - 0.1 * (y - 3_100_000)
    found = resample(plane, fine, how="bilinear").values
    np.testing.assert_allclose(found, expected, atol=1e-6)
    zone = Grid((5, 5), Affine(30, 0, 40_500_100, 0, -30, 3_099_900), CRS(4528))
    x, y = zone.xy(*np.indices((5, 5)))
    expected = 0.2 * (x - 40_500_000) - 0.1 * (y - 3_100_000)
    found = resample(plane, zone, how="bilinear").values
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_integers_are_averaged_with_their_fractions():
    counts = Raster(np.array([[1, 2], [4, -1]], dtype=np.int16), grid((2, 2)), nodata=-1)
    found = resample(counts, grid((1, 1), side=20.0), how="average").values
    assert found.tolist() == [[pytest.approx(7 / 3)]]


def test_no_resampling_between_datums_without_parameters():
    xian = Grid((2, 2), Affine(10, 0, 500_000, 0, -10, 3_100_000), CRS(2385))
    for how in ("nearest", "sum"):
        with pytest.raises(CrsError, match="datums differ"):
            resample(Raster(np.ones((2, 2)), grid((2, 2))), xian, how=how)


def test_rasterize_marks_no_data_and_touched_cells():
    line = gpd.GeoDataFrame(
        geometry=[LineString([(500_001, 3_099_991), (500_019, 3_099_989)])], crs=4549
    )
    assert rasterize(line, grid((2, 2)), all_touched=True).values.tolist() == [[1, 1], [0, 1]]
    burnt = rasterize(line[:0], grid((1, 2)), fill=np.nan)
    assert not burnt.valid.any()
    assert rasterize(line[:0], grid((1, 1)), fill=-1).values.tolist() == [[-1]]


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.sampled_from([10.0, 0.1, 1 / 3]))
def test_regions_are_a_valid_coverage_and_burn_back(seed, side):
    values = np.random.default_rng(seed).integers(0, 4, (7, 9)).astype(np.int16)
    classes = Raster(values, grid((7, 9), side=side), nodata=0)
    regions = polygonize(classes)
    shapes = regions.geometry.to_numpy()
    assert regions.crs == CRS(4549)
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    assert regions.area.sum() == pytest.approx((values > 0).sum() * side**2, rel=1e-6)
    assert (rasterize(regions, classes.grid, value="value").values == values).all()


def test_regions_by_hand():
    # A 1 around a 2; the 3 in the corner touches the lower 1 by a side.
    values = np.array([[1.0, 1, 1], [1, 2, 1], [1, 1, 3]])
    regions = polygonize(Raster(values, grid((3, 3))))
    assert regions["value"].tolist() == [1, 2, 3]
    assert regions.area.tolist() == [700, 100, 100]
    assert [len(one.interiors) for one in regions.geometry] == [1, 0, 0]
    apart = polygonize(Raster(np.array([[1.0, np.nan], [np.nan, 1]]), grid((2, 2))))
    assert len(apart) == 2  # a corner does not join
    nothing = polygonize(Raster(np.full((2, 2), np.nan), grid((2, 2))))
    assert len(nothing) == 0
    assert nothing.crs == CRS(4549)


@settings(max_examples=40)
@given(st.floats(-20, 49), st.floats(-20, 39), st.floats(1, 60), st.floats(1, 60))
def test_a_crop_keeps_the_cells_under_its_bounds(left, down, width, height):
    whole = Raster(np.arange(20.0).reshape(4, 5), grid())
    bounds = (
        500_000 + left,
        3_100_000 - down - height,
        500_000 + left + width,
        3_100_000 - down,
    )
    rows = [r for r in range(4) if r * 10 < down + height and (r + 1) * 10 > down]
    columns = [c for c in range(5) if c * 10 < left + width and (c + 1) * 10 > left]
    if not rows or not columns:
        with pytest.raises(GridError, match="no area"):
            crop(whole, bounds)
        return
    part = crop(whole, bounds)
    assert part.values.tolist() == whole.values[np.ix_(rows, columns)].tolist()
    x, y = part.grid.xy(*np.indices(part.grid.shape))
    assert (sample(whole, x, y, how="nearest") == part.values).all()


def test_points_that_are_not_known_give_nan():
    found = sample(Raster(np.ones((4, 5)), grid()), [np.nan, 500_001.0], [1.0, np.inf])
    assert np.isnan(found).all()
