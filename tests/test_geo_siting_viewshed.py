"""Lines of sight: by hand, by law, by fractions in plain Python, and beside GDAL's answers."""

import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS
from rasterio.warp import transform_bounds
from shapely import LineString, Point

from geo.errors import CrsError, GridError, InputError
from geo.grid import Grid
from geo.raster import Raster, resample
from geo.siting.viewshed import (
    Sight,
    counts,
    cover,
    least_visible_height,
    line_of_sight,
    seen,
    seen_from,
    union,
    viewshed,
)
from tests import viewshed_reference as reference

SHARED = Path(__file__).resolve().parents[2] / "shared"
CELL_M = 30.0
# GDAL, autotest/cpp/test_viewshed.cpp, simple_height: terrain, and heights above datum first seen
# from the ground in the middle without curvature.
FIVE = [
    [-1, 0, 1, 0, -1],
    [-1, 2, 0, 4, -1],
    [-1, 1, 0, -1, -1],
    [0, 3, 0, 2, 0],
    [-1, 0, 0, 3, -1],
]
FIVE_SEEN = [[4, 2, 1, 4, 8], [3, 2, 0, 4, 3], [2, 1, 0, -1, -1], [4, 3, 0, 2, 1], [6, 3, 0, 3, 4]]


def terrain(values, cell_m=CELL_M):
    values = np.asarray(values, dtype=np.float64)
    transform = Affine(cell_m, 0, 0, 0, -cell_m, values.shape[0] * cell_m)
    return Raster(values, Grid(values.shape, transform, CRS(4549)))


def place(dem, row, column):
    return Point(*(float(v) for v in dem.grid.xy(row, column)))


def standing(dem, cells):
    points = [place(dem, *cell) for cell in cells]
    return gpd.GeoDataFrame(index=[f"{r},{c}" for r, c in cells], geometry=points, crs=4549)


def known(dem):
    return [(int(r), int(c)) for r, c in np.argwhere(np.isfinite(dem.values))]


def everywhere(dem, sight):
    """States of all cells (columns) from all that are known (rows)."""
    rows, columns = np.indices(dem.grid.shape).reshape(2, -1)
    return seen(viewshed(dem, standing(dem, known(dem)), sight=sight), rows, columns)


def drawn(seed):
    """A small rough terrain of whole metres, with ties and often with cells unknown; a sight."""
    rng = np.random.default_rng(seed)
    shape = tuple(int(n) for n in rng.integers(1, 13, 2))
    values = rng.integers(0, rng.choice([2, 6, 30, 900]), shape).astype(float)
    if seed % 3 == 0:  # a tilted plane with a few stones: ties everywhere
        tilt = rng.integers(-3, 4, 2)
        stones = rng.integers(0, 6, shape) * (rng.random(shape) < 0.1)
        values = tilt[0] * np.arange(shape[0])[:, None] + tilt[1] * np.arange(shape[1]) + stones
        values = values.astype(float)
    if seed % 5 < 2:
        values[rng.random(shape) < rng.choice([0.05, 0.3])] = np.nan
        values[0, 0] = 3
    sight = Sight(
        eye_m=float(rng.choice([0, 0.5, 2, 20])),
        target_m=float(rng.choice([0, 0.25, 4])),
        range_m=float(rng.choice([math.inf, 60, 150, 200])),
        curved=bool(rng.random() < 0.5),
    )
    return terrain(values), sight


def unlike(seed, observers):
    """Cells whose state is not that by fractions, among all from a few places."""
    dem, sight = drawn(seed)
    cells = known(dem)
    some = [cells[at] for at in np.random.default_rng(seed).permutation(len(cells))[:observers]]
    heights = reference.exact(dem.values)
    targets = list(np.ndindex(*dem.grid.shape))
    states = seen(viewshed(dem, standing(dem, some), sight=sight), *np.transpose(targets))
    return [
        (eye, target)
        for eye, row in zip(some, states, strict=True)
        for target, value in zip(targets, row, strict=True)
        if reference.state(heights, eye, target, sight, CELL_M) != value
    ]


def test_equal_to_lines_in_plain_python():
    assert [seed for seed in range(30) if unlike(seed, observers=3)] == []


@pytest.mark.prove
def test_equal_to_lines_in_plain_python_on_2000_terrains(seeds, figures):
    several = seeds(2000)
    bad = [seed for seed in several if unlike(seed, observers=8)]
    figures(f"terrains: {len(bad)} of {len(several):,} unlike fractions in any cell")
    assert bad == []


def test_gdals_five_by_five():
    # The corner (0, 0): its line crosses (1, 1), 2 m high at half its length: 2 · 2 = 4 m.
    # (0, 1): it crosses row 1 between 2 m and 0 m, at 1 m and half its length: 2 m.
    dem = terrain(FIVE, cell_m=1)
    heights = least_visible_height(dem, place(dem, 2, 2), sight=Sight(eye_m=0, curved=False))
    assert (dem.values + heights.values).tolist() == FIVE_SEEN


def test_behind_a_wall_by_the_intercept_theorem():
    # A wall of 12 m along column 4, an eye of 2 m at column 1: behind it, at column X, a line over
    # the wall is 2 + (12 − 2) · (X − 1) / 3 m high, in every direction.
    values = np.zeros((40, 30))
    values[:, 4] = 12
    dem = terrain(values)
    heights = least_visible_height(dem, place(dem, 20, 1), sight=Sight(eye_m=2, curved=False))
    behind = np.broadcast_to(2 + 10 * (np.arange(5, 30) - 1) / 3, (40, 25))
    assert heights.values[:, 5:] == pytest.approx(behind, rel=1e-6)
    assert (heights.values[:, :5] == 0).all()


def test_a_cone_from_its_top_and_from_its_foot():
    rows, columns = np.indices((41, 41))
    away = np.hypot(rows - 20, columns - 20)
    dem = terrain(100 - 4 * away)
    top = least_visible_height(dem, place(dem, 20, 20), sight=Sight(eye_m=0, curved=False))
    assert (top.values == 0).all()
    # From the foot, 20 cells west, at 20 + 5 m: over the top at 100 m the line rises by
    # (100 − 25) / 20 = 3.75 m a cell; at x cells beyond the top it is 100 + 3.75 x high, the ground
    # 100 − 4 x.
    foot = least_visible_height(dem, place(dem, 20, 0), sight=Sight(eye_m=5, curved=False))
    beyond = np.arange(1, 21)
    assert foot.values[20, 21:] == pytest.approx(7.75 * beyond, rel=1e-6)


@pytest.mark.parametrize("refraction", [0.0, 0.13, 0.25])
def test_the_horizon_of_the_sphere(refraction):
    # Level ground: the line touches it at √(2 R h / (1 − k)); beyond, a thing must reach up by
    # (1 − k) (D − √…)² / 2R. With k = 0 and h = 2 m: 5,048 m.
    dem = terrain(np.zeros((1, 1000)))
    sight = Sight(eye_m=2, refraction=refraction)
    heights = least_visible_height(dem, place(dem, 0, 0), sight=sight).values[0]
    distance = CELL_M * np.arange(1000)
    bend = (1 - refraction) / (2 * 6_371_008.8)
    horizon = math.sqrt(2 / bend)
    assert distance[heights == 0].max() == pytest.approx(horizon, abs=CELL_M)
    expected = bend * np.maximum(distance - horizon, 0) ** 2
    assert heights == pytest.approx(expected, abs=2e-3)
    flat = least_visible_height(dem, place(dem, 0, 0), sight=Sight(eye_m=2, curved=False))
    assert (flat.values == 0).all()


small = arrays(
    np.float64,
    st.tuples(st.integers(1, 7), st.integers(1, 7)),
    elements=st.one_of(st.integers(0, 9).map(float), st.just(np.nan)),
).filter(lambda values: np.isfinite(values).any())
lengths = st.sampled_from([0.0, 0.5, 2.0, 5.0])


@settings(max_examples=25)
@given(small, lengths)
def test_a_sees_b_as_b_sees_a_at_equal_heights(values, height):
    dem = terrain(values)
    states = everywhere(dem, Sight(eye_m=height, target_m=height))
    at = [r * values.shape[1] + c for r, c in known(dem)]
    assert (states[:, at] == states[:, at].T).all()


@settings(max_examples=25)
@given(small, lengths, st.floats(0, 10))
def test_raising_the_target_never_hides_it(values, eye, more):
    low, high = (everywhere(terrain(values), Sight(eye_m=eye, target_m=m)) for m in (1.0, 1 + more))
    assert (high[low == 1] == 1).all()
    assert (low[high == 0] == 0).all()


@settings(max_examples=25)
@given(small, lengths, st.sampled_from([30.0, 60.0, 67.0, 68.0, 120.0]))
def test_a_larger_range_only_adds(values, eye, range_m):
    dem = terrain(values)
    near, far = (everywhere(dem, Sight(eye_m=eye, range_m=m)) for m in (range_m, math.inf))
    cells = np.array(list(np.ndindex(*values.shape)))
    eyes = np.array(known(dem))
    apart = np.hypot(*(CELL_M * (cells[None] - eyes[:, None])).transpose(2, 0, 1))
    assert (near == np.where(apart <= range_m, far, 0)).all()


@settings(max_examples=25)
@given(small, lengths, st.integers(0, 2**32 - 1))
def test_what_is_known_holds_whatever_the_unknown_is(values, eye, seed):
    gaps = np.isnan(values)
    filled = np.where(gaps, np.random.default_rng(seed).integers(-50, 50, values.shape), values)
    sight = Sight(eye_m=eye, target_m=1)
    states = everywhere(terrain(values), sight)
    rows, columns = np.indices(values.shape).reshape(2, -1)
    whole = viewshed(
        terrain(filled), standing(terrain(values), known(terrain(values))), sight=sight
    )
    after = seen(whole, rows, columns)
    assert (states[:, gaps.ravel()] == -1).all()
    assert (after[states >= 0] == states[states >= 0]).all()


def test_unknown_cells_hide_nothing_that_is_known_to_be_hidden():
    # Seen past row 1 alone, a wall of 9 m at column 2 hides column 4 from 1 m, though column 3 is
    # unknown; column 2 is seen, columns 3 and what stands higher than the line are unknown.
    dem = terrain([[0, 0, 9, np.nan, 0, 99]])
    shed = viewshed(dem, standing(dem, [(0, 0)]), sight=Sight(eye_m=1, curved=False))
    assert seen_from(shed, "0,0").values.tolist() == [[1, 1, 1, -1, 0, -1]]


def test_one_line_is_as_the_sweep_has_it():
    for seed in range(15):
        dem, sight = drawn(seed)
        eye = known(dem)[-1]
        shed = seen_from(viewshed(dem, standing(dem, [eye]), sight=sight), f"{eye[0]},{eye[1]}")
        heights = least_visible_height(dem, place(dem, *eye), sight=sight).values
        for cell in known(dem)[::3]:
            line = line_of_sight(dem, place(dem, *eye), place(dem, *cell), sight=sight)
            assert {True: 1, False: 0, None: -1}[line.seen] == shed.values[cell]
            if heights[cell] < math.inf or np.isnan(heights[cell]):
                assert line.least_m == pytest.approx(heights[cell], abs=1e-5, nan_ok=True)
            assert (np.diff(line.distance_m) > 0).all() or eye == cell


def test_a_line_tells_where_it_is_stopped():
    # Over (0, 0) to (2, 4): rows are crossed at half, columns at each quarter; the middle is a
    # centre, crossed once. Column 1 is crossed at row 0.5, between 0 and 8 m.
    values = np.zeros((3, 5))
    values[1, 1] = 8
    dem = terrain(values)
    sight = Sight(eye_m=1, target_m=2, curved=False)
    line = line_of_sight(dem, place(dem, 0, 0), place(dem, 2, 4), sight=sight)
    assert line.ground_m.tolist() == [0, 4, 0, 0, 0]
    assert line.line_m.tolist() == [1, 1.25, 1.5, 1.75, 2]
    assert (line.seen, line.least_m) == (False, 13)  # 1 + (4 − 1) · 4


def hills(shape=(60, 70), seed=4):
    rng = np.random.default_rng(seed)
    smooth = np.cumsum(np.cumsum(rng.standard_normal(shape), axis=0), axis=1)
    smooth[rng.random(shape) < 0.002] = np.nan
    return terrain(np.round(5 * smooth / CELL_M, 1))


def test_counts_union_and_cover_are_sums_of_the_states():
    dem = hills()
    cells = known(dem)[::97]
    sheds = viewshed(dem, standing(dem, cells), sight=Sight(eye_m=9, target_m=3, range_m=900))
    rows, columns = np.indices(dem.grid.shape).reshape(2, -1)
    states = seen(sheds, rows, columns)
    assert {-1, 0, 1} == set(states.ravel().tolist())
    by_one = [seen_from(sheds, name).values.ravel() for name in sheds.observers]
    assert (np.array(by_one) == states).all()
    sure, may = (states == 1).sum(axis=0), (states == -1).sum(axis=0)
    count = counts(sheds)
    assert (count.seen.values.ravel() == sure).all()
    assert (count.unknown.values.ravel() == may).all()
    for by in (1, 2):
        expected = np.where(sure >= by, 1, np.where(sure + may >= by, -1, 0))
        assert (union(sheds, by=by).values.ravel() == expected).all()
    weights = np.random.default_rng(0).integers(0, 9, dem.grid.shape).astype(float)
    weights[3] = np.nan
    table = cover(sheds, Raster(weights, dem.grid))
    worth = np.nan_to_num(weights.ravel())
    assert table.index.equals(sheds.observers)
    assert table["seen"].tolist() == ((states == 1) @ worth).tolist()
    assert table["unknown"].tolist() == ((states == -1) @ worth).tolist()


def test_threads_and_order_change_nothing():
    dem = hills()
    towers = standing(dem, known(dem)[::301])
    sight = Sight(eye_m=9, range_m=1000)
    one = viewshed(dem, towers, sight=sight, threads=1)
    three = viewshed(dem, towers[::-1], sight=sight, threads=3)
    for a, b in zip(one.sheds, three.sheds[::-1], strict=True):
        assert (a.top, a.left, a.width) == (b.top, b.left, b.width)
        assert (a.seen == b.seen).all()
        assert (a.unknown == b.unknown).all()


def test_integers_with_no_data_are_as_floating_heights():
    dem = hills()
    whole = np.round(np.nan_to_num(dem.values, nan=-32768)).astype(np.int16)
    marked = Raster(whole, dem.grid, -32768)
    floating = Raster(np.where(whole == -32768, np.nan, whole), dem.grid)
    eye = place(dem, *known(dem)[700])
    a, b = (least_visible_height(d, eye, sight=Sight(eye_m=2)).values for d in (marked, floating))
    assert np.isnan(b).any()
    assert np.array_equal(a, b, equal_nan=True)


def test_no_observers_see_nothing():
    dem = terrain(np.zeros((3, 4)))
    none = viewshed(dem, standing(dem, []), sight=Sight(eye_m=2))
    assert seen(none, [0], [0]).shape == (0, 1)
    assert not union(none).values.any()
    assert cover(none, dem).empty


def test_observers_that_cannot_stand_there_are_all_named():
    dem = terrain([[0, np.nan]])
    shapes = [Point(15, 15), Point(-1, 15), Point(45, 15), LineString([(0, 0), (9, 9)]), Point()]
    towers = gpd.GeoDataFrame(index=list("abcde"), geometry=shapes, crs=4549)
    with pytest.raises(InputError) as refused:
        viewshed(dem, towers, sight=Sight(eye_m=2))
    told = {problem.row: problem.found.en for problem in refused.value.problems}
    assert told == {
        "b": "off the terrain",
        "c": "the height of the ground is unknown",
        "d": "no point",
        "e": "no point",
    }
    twins = gpd.GeoDataFrame(index=["a", "a"], geometry=[Point(15, 15)] * 2, crs=4549)
    with pytest.raises(InputError, match="a name that another has"):
        viewshed(dem, twins, sight=Sight(eye_m=2))
    with pytest.raises(InputError, match="row b · found off the terrain"):
        line_of_sight(dem, Point(15, 15), Point(15, -1), sight=Sight(eye_m=2))
    with pytest.raises(CrsError):
        viewshed(dem, towers.set_crs(4326, allow_override=True), sight=Sight(eye_m=2))
    degrees = Raster(dem.values, Grid(dem.grid.shape, dem.grid.transform, CRS(4326)))
    with pytest.raises(CrsError):
        least_visible_height(degrees, Point(15, 15), sight=Sight(eye_m=2))


def test_questions_that_make_no_sense_are_refused():
    with pytest.raises(InputError) as refused:
        Sight(eye_m=-1, target_m=math.nan, range_m=0, refraction=1)
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["eye_m", "target_m", "range_m", "refraction"]
    dem = terrain(np.zeros((2, 2)))
    shed = viewshed(dem, standing(dem, [(0, 0)]), sight=Sight(eye_m=2))
    with pytest.raises(InputError, match="no such observer"):
        seen_from(shed, "nobody")
    with pytest.raises(InputError, match=r"\(2, 0\)"):
        seen(shed, [1, 2], [0, 0])
    with pytest.raises(GridError):
        cover(shed, terrain(np.zeros((2, 3))))


def share(ours, theirs):
    """How much two sets of cells share: both over either."""
    return (ours & theirs).sum() / (ours | theirs).sum()


def warped(path, crs, cell_m):
    """A terrain file on a metric grid, unknown where the file does not reach."""
    if not path.exists():
        pytest.skip(f"{path.name} is not here: nothing is held against it")
    with rasterio.open(path) as source:
        values = source.read(1, masked=True).astype(float).filled(np.nan)
        file = Raster(values, Grid(values.shape, source.transform, CRS(source.crs.to_wkt())))
        bounds = transform_bounds(source.crs, crs, *source.bounds)
    return resample(file, Grid.from_bounds(bounds, cell_m, CRS(crs)), how="bilinear")


@pytest.mark.prove
def test_beside_gdal_on_its_own_terrain(tmp_path, figures):
    if reference.library() is None:
        pytest.skip("pyogrio carries no GDAL here: nothing is held against it")
    dem = warped(SHARED / "oracles" / "gdal_viewshed" / "n43.tif", "EPSG:32617", 75.0)
    whole = Raster(np.where(np.isnan(dem.values), -9999.0, dem.values), dem.grid)
    eye, sight = Point(621528, 4817617), Sight(eye_m=100, refraction=1 - 0.85714)
    reference.write(tmp_path / "n43.tif", whole)
    theirs = reference.gdal(tmp_path / "n43.tif", eye.x, eye.y, sight)[0] == 1
    towers = gpd.GeoDataFrame(index=["eye"], geometry=[eye], crs=32617)
    ours = seen_from(viewshed(whole, towers, sight=sight), "eye").values == 1
    inside = np.isfinite(dem.values)
    shared, same = share(ours & inside, theirs & inside), (ours == theirs)[inside].mean()
    figures(
        f"n43 beside GDAL {reference.version()}: {same:.4f} of cells alike, sets share {shared:.4f}"
    )
    assert same > 0.95


@pytest.mark.prove
def test_on_real_terrain_the_sweep_is_as_single_lines(seeds, figures):
    dem = warped(SHARED / "real" / "terrain" / "N27E119.hgt", "EPSG:4549", 30.0)
    sight = Sight(eye_m=10, target_m=2, range_m=15_000)
    rng = np.random.default_rng(seeds(1)[0])
    cells = np.argwhere(np.isfinite(dem.values))
    cells = cells[rng.integers(len(cells), size=100_000)]
    towers = standing(dem, [tuple(int(v) for v in cell) for cell in cells[:6]])
    sheds = viewshed(dem, towers, sight=sight)
    bad = looked = 0
    for name, point in towers.geometry.items():
        states = seen_from(sheds, name).values
        middle = np.array(dem.grid.index(point.x, point.y)).ravel()
        near = cells[np.hypot(*(cells - middle).T) <= 500][:200]
        for row, column in near:
            line = line_of_sight(dem, point, place(dem, row, column), sight=sight)
            looked += 1
            bad += {True: 1, False: 0, None: -1}[line.seen] != states[row, column]
    figures(f"real terrain, 30 m: {bad} of {looked:,} lines unlike the sweep")
    assert bad == 0
