import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.errors import CrsError
from geo.grid import Grid
from geo.raster import Raster
from geo.terrain import aspect, gradient, hillshade, slope

GRADES = st.floats(-2, 2, allow_nan=False)


def raster(values, *, side=10.0, crs=4549):
    values = np.asarray(values, dtype=float)
    return Raster(values, Grid(values.shape, Affine(side, 0, 0, 0, -side, 0), CRS(crs)))


def plane(east, north, shape=(6, 7), side=10.0):
    grid = raster(np.zeros(shape), side=side).grid
    x, y = grid.xy(*np.indices(shape))
    return Raster(100 + east * x + north * y, grid)


@settings(max_examples=60)
@given(GRADES, GRADES)
def test_planes_are_exact_up_to_the_edge_and_around_holes(east, north):
    dem = plane(east, north)
    dem.values[2, 3] = np.nan
    found_east, found_north = gradient(dem)
    there = dem.valid
    np.testing.assert_allclose(found_east[there], east, atol=1e-9)
    np.testing.assert_allclose(found_north[there], north, atol=1e-9)
    assert np.isnan(found_east[2, 3])


def test_horn_by_hand():
    # 3x3, 10 m cells: dz/dx = ((3+2*6+9) - (1+2*4+7)) / 80 = 8/80; dz/dy = ((1+2*2+3)-(7+2*8+9))/80
    dem = raster([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    east, north = gradient(dem)
    assert east[1, 1] == pytest.approx(0.1)
    assert north[1, 1] == pytest.approx(-0.3)
    assert slope(dem).values[1, 1] == pytest.approx(np.hypot(0.1, 0.3))


@pytest.mark.parametrize(
    ("east", "north", "faces"),
    [(0, 1, 180), (0, -1, 0), (1, 0, 270), (-1, 0, 90), (-1, -1, 45)],
)
def test_aspect_is_where_the_slope_looks(east, north, faces):
    np.testing.assert_allclose(aspect(plane(east, north)).values, faces, atol=1e-4)


def test_flat_ground_has_no_aspect():
    assert np.isnan(aspect(plane(0, 0)).values).all()


def test_hillshade_is_brightest_facing_the_light():
    # A plane of 45° that faces the light at 45° is lit straight on.
    lit = hillshade(plane(0, -1), azimuth=0, altitude=45).values
    dark = hillshade(plane(0, 1), azimuth=0, altitude=45).values
    np.testing.assert_allclose(lit, 1, atol=1e-6)
    np.testing.assert_allclose(dark, 0, atol=1e-6)


def test_against_an_independent_horn():
    rng = np.random.default_rng(7)
    z = rng.normal(size=(9, 11)) * 20
    weights = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]]) / 80
    north = sum(weights[i, j] * z[i : i + 7, j : j + 9] for i in range(3) for j in range(3))
    east = sum(-weights.T[i, j] * z[i : i + 7, j : j + 9] for i in range(3) for j in range(3))
    found_east, found_north = gradient(raster(z))
    np.testing.assert_allclose(found_north[1:-1, 1:-1], north, atol=1e-12)
    np.testing.assert_allclose(found_east[1:-1, 1:-1], east, atol=1e-12)


def test_no_data_of_whole_metres_is_no_height():
    # A plane of 1 m on 10 m; read as a height, -9999 would make cliffs beside it.
    heights = np.array([[0, 1, 2], [0, -9999, 2], [0, 1, 2]], dtype=np.int16)
    dem = Raster(heights, raster(heights).grid, nodata=-9999)
    found = slope(dem).values
    np.testing.assert_allclose(found[[0, 2]], 0.1, atol=1e-7)
    assert np.isnan(found[1, 1])
    assert np.nanmax(found) == pytest.approx(0.1)
    assert np.isnan(hillshade(dem).values[1, 1])


def test_aspect_stays_below_a_full_turn():
    assert aspect(plane(1e-9, -1)).values.max() < 360


def test_degrees_are_refused():
    with pytest.raises(CrsError, match="degrees") as caught:
        slope(raster(np.zeros((3, 3)), crs=4326))
    assert "地形以度为单位：WGS 84" in caught.value.said("zh")
