import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import Point, Polygon, box

from geo.errors import CrsError, GeometryError, GridError
from geo.grid import Grid
from geo.raster import Raster
from geo.zonal import covered, zonal

STATS = ("mean", "sum", "count", "min", "max")
WEST, NORTH, SIDE = 500_000.0, 3_100_000.0, 10.0


def raster(values, nodata=None, crs=4549):
    values = np.asarray(values)
    return Raster(
        values, Grid(values.shape, Affine(SIDE, 0, WEST, 0, -SIDE, NORTH), CRS(crs)), nodata
    )


def zones(*shapes, index=None, crs=4549):
    return gpd.GeoDataFrame(geometry=list(shapes), index=index, crs=crs)


def at(left, bottom, right, top):
    """A box in cells, counted from the grid's upper left corner, downwards."""
    return box(WEST + left * SIDE, NORTH - bottom * SIDE, WEST + right * SIDE, NORTH - top * SIDE)


def by_hand(values, weights, shape):
    """Every cell cut with the zone by shapely."""
    covered = {}
    for r in range(values.shape[0]):
        for c in range(values.shape[1]):
            share = at(c, r + 1, c + 1, r).intersection(shape).area / SIDE**2
            if share > 0 and not np.isnan(values[r, c]) and not np.isnan(weights[r, c]):
                covered[r, c] = share
    if not covered:
        return [np.nan, 0, 0, np.nan, np.nan]
    share = np.array(list(covered.values()))
    there = np.array([values[k] for k in covered])
    heavy = share * np.array([weights[k] for k in covered])
    mean = (there * heavy).sum() / heavy.sum() if heavy.sum() else np.nan
    return [mean, (there * heavy).sum(), share.sum(), there.min(), there.max()]


def triangles(seed):
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-1, 7, (6, 3, 2))
    return [Polygon([(WEST + x * SIDE, NORTH - y * SIDE) for x, y in one]) for one in corners]


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_equals_cutting_every_cell(seed):
    rng = np.random.default_rng(seed)
    values, weights = rng.normal(size=(5, 6)), rng.uniform(0, 3, (5, 6))
    values[rng.random((5, 6)) < 0.2] = np.nan
    weights[rng.random((5, 6)) < 0.2] = np.nan
    shapes = triangles(seed)
    ones = np.ones((5, 6))
    found = zonal(raster(values), zones(*shapes), stats=STATS)
    expected = [by_hand(values, ones, shape) for shape in shapes]
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=1e-6)
    found = zonal(raster(values), zones(*shapes), stats=STATS, weights=raster(weights))
    expected = [by_hand(values, weights, shape) for shape in shapes]
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=1e-6)


@settings(max_examples=40)
@given(st.floats(0.05, 5.95), st.floats(0.05, 4.95), st.integers(0, 1000))
def test_parts_add_up_to_the_whole(across, down, seed):
    values = raster(np.random.default_rng(seed).uniform(0, 9, (5, 6)))
    parts = zones(
        at(0, down, across, 0),
        at(across, down, 6, 0),
        at(0, 5, across, down),
        at(across, 5, 6, down),
    )
    found = zonal(values, parts)
    assert found["sum"].sum() == pytest.approx(values.values.sum())
    assert found["count"].sum() == pytest.approx(30)


def test_by_hand_with_weights():
    # The zone covers a half of 4 (weight 1) and the whole of 7 (weight 3):
    # sum = 0.5*4*1 + 1*7*3 = 23; mean = 23 / (0.5*1 + 1*3) = 23/3.5; count = 1.5
    found = zonal(
        raster([[4.0, 7.0]]),
        zones(at(0.5, 1, 2, 0), index=["a"]),
        stats=STATS,
        weights=raster([[1.0, 3.0]]),
    )
    assert found.loc["a"].tolist() == pytest.approx([23 / 3.5, 23, 1.5, 4, 7])


def test_zones_smaller_than_a_cell_have_its_value():
    found = zonal(raster([[4.0, 7.0]]), zones(at(1.2, 0.3, 1.3, 0.2)))
    assert found.iloc[0].tolist() == pytest.approx([7, 0.07, 0.01])


def test_no_data_is_left_out_and_never_zero():
    # Of the four cells one has no data: mean (1+2+3)/3.
    classes = raster(np.array([[1, 2], [3, -9]], dtype=np.int16), nodata=-9)
    found = zonal(classes, zones(at(0, 2, 2, 0), at(1, 2, 2, 1), at(8, 9, 9, 8)), stats=STATS)
    assert found.iloc[0].tolist() == [2, 6, 3, 1, 3]
    for row in (1, 2):  # over no data; outside
        assert found.iloc[row, 1:3].tolist() == [0, 0]
        assert found.iloc[row, [0, 3, 4]].isna().all()


def test_zones_keep_their_index_and_order():
    values = raster(np.arange(4.0).reshape(1, 4))
    cells = zones(
        *[at(c, 1, c + 1, 0) for c in (3, 1, 2)], index=pd.Index(["x", "a", "x"], name="k")
    )
    found = zonal(values, cells, stats=("max", "mean"))
    assert found.index.equals(cells.index)
    assert found.columns.tolist() == ["max", "mean"]
    assert found["mean"].tolist() == [3, 1, 2]


def test_nothing_gives_nothing():
    values = raster([[1.0]])
    empty = zonal(values, zones(at(0, 1, 1, 0))[:0], stats=STATS)
    assert empty.shape == (0, 5)
    hollow = zonal(values, zones(Polygon(), at(0, 1, 1, 0), None), stats=("mean", "count"))
    np.testing.assert_array_equal(hollow, [[np.nan, 0], [1, 1], [np.nan, 0]])


def test_wrong_inputs_are_refused():
    cell = zones(at(0, 1, 1, 0))
    with pytest.raises(CrsError):
        zonal(raster([[1.0]]), cell.set_crs(4528, allow_override=True))
    with pytest.raises(GridError, match="another grid"):
        zonal(raster([[1.0]]), cell, weights=raster([[1.0, 2.0]]))
    with pytest.raises(GridError, match="below 0") as caught:
        zonal(raster([[1.0]]), cell, weights=raster([[-1.0]]))
    assert "权重不得为负：发现 -1" in caught.value.said("zh")
    with pytest.raises(GeometryError, match="unknown statistic"):
        zonal(raster([[1.0]]), cell, stats=("median",))
    with pytest.raises(GeometryError, match="row p") as caught:
        zonal(raster([[1.0]]), zones(Point(WEST, NORTH), at(0, 1, 1, 0), index=["p", "q"]))
    assert len(caught.value.problems) == 1


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_covered_cells_are_those_that_cutting_finds(seed):
    shapes = [*triangles(seed), Polygon()]
    grid = raster(np.zeros((5, 6))).grid
    found = covered(grid, zones(*shapes))
    shares = np.zeros((len(shapes), 5, 6))
    shares[found["zone"], found["row"], found["column"]] = found["share"]
    for shape, share in zip(shapes, shares, strict=True):
        cut = [
            [at(c, r + 1, c + 1, r).intersection(shape).area for c in range(6)] for r in range(5)
        ]
        np.testing.assert_allclose(share * SIDE**2, cut, atol=1e-4)
    assert (found["share"] > 0).all()
    assert not found.duplicated(["zone", "row", "column"]).any()


def test_no_zones_cover_no_cells():
    grid = raster(np.zeros((5, 6))).grid
    assert covered(grid, zones()).empty
    with pytest.raises(CrsError):
        covered(grid, zones(at(0, 1, 1, 0), crs=4528))
