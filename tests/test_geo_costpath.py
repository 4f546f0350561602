"""Accumulated cost: worked cases, laws, and an independent Dijkstra."""

from __future__ import annotations

import heapq
import itertools
import math

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from skimage.graph import MCP_Geometric

from geo.errors import GridError
from geo.grid import Grid
from geo.raster import Raster
from geo.travel import costqueue
from geo.travel.costpath import STEPS, Accumulated, Pace, accumulate, lowered, path, walk

LAW = settings(max_examples=40)
SLOPES = np.linspace(-2, 2, 401)
TOBLER = Pace(SLOPES, 3.6 / (6 * np.exp(-3.5 * np.abs(SLOPES + 0.05))))
EVEN = Pace(SLOPES, 3.6 / (6 * np.exp(-3.5 * np.abs(SLOPES))))


def raster(values, resolution=10.0):
    values = np.asarray(values)
    return Raster(
        values, Grid(values.shape, Affine(resolution, 0, 0, 0, -resolution, 0), CRS(4549))
    )


def crossed(step):
    """The two cells of a knight's move beside its ends, by walking along the segment."""
    row, column = step
    cells = {
        (round(row * t), round(column * t)) for t in (0.3, 0.7)
    }  # 0.3 and 0.7 of it lie in the second and third of its four quarters
    return sorted(cells)


def friction_step(values, row, column, step, resolution):
    ends = values[row, column] + values[row + step[0], column + step[1]]
    length = resolution * math.hypot(*step)
    if max(map(abs, step)) == 1:
        return ends / 2 * length
    between = sum(values[row + r, column + c] for r, c in crossed(step))
    return (ends + between) / 4 * length


def walking_step(pace, direction):
    def cost(values, row, column, step, resolution):
        length = resolution * math.hypot(*step)
        rise = values[row + step[0], column + step[1]] - values[row, column]
        slope = (rise if direction == "from" else -rise) / length
        knight = max(map(abs, step)) == 2
        if knight and not all(np.isfinite(values[row + r, column + c]) for r, c in crossed(step)):
            return math.inf
        if not pace.slopes[0] <= slope <= pace.slopes[-1]:
            return math.inf
        return length * float(np.interp(slope, pace.slopes, pace.seconds_per_m))

    return cost


def dijkstra(values, starts, step_cost, neighbours, resolution=10.0):
    best = np.full(values.shape, math.inf)
    heap = [(cost, cell) for cell, cost in starts.items() if np.isfinite(values[cell])]
    for cost, cell in heap:
        best[cell] = cost
    heapq.heapify(heap)
    while heap:
        cost, (row, column) = heapq.heappop(heap)
        if cost > best[row, column]:
            continue
        for step in STEPS[:neighbours].tolist():
            r, c = row + step[0], column + step[1]
            if not (0 <= r < values.shape[0] and 0 <= c < values.shape[1]):
                continue
            if not np.isfinite(values[r, c]):
                continue
            offer = cost + step_cost(values, row, column, step, resolution)
            if offer < best[r, c]:
                best[r, c] = offer
                heapq.heappush(heap, (offer, (r, c)))
    best[np.isnan(values)] = math.nan
    return best


def field(seed, shape=(13, 17), spread=1.0, holes=0.15):
    rng = np.random.default_rng(seed)
    values = np.exp(spread * rng.standard_normal(shape))
    values[rng.random(shape) < holes] = math.inf
    values[rng.random(shape) < holes / 3] = math.nan
    values[0, 0] = 1.0
    return values


def agree(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9)


# --- worked by hand ---------------------------------------------------------------------------


def test_plain_field_by_hand():
    # Cells of 10 m, friction 1: straight 10, diagonal 14.142; two right, one down = 24.142.
    cost = accumulate(raster(np.ones((2, 3))), origins=[(0, 0)]).cost
    agree(cost, [[0, 10, 20], [10, 10 * 2**0.5, 10 + 10 * 2**0.5]])


def test_knights_move_by_hand():
    # (0,0) to (1,2) passes (0,1) and (1,1): mean of 1, 2, 3, 6 = 3, times 10 √5 = 67.08.
    # Otherwise (0,0)-(0,1)-(1,2) costs 15 + 4 · 14.14 = 71.57, through (1,1) 28.28 + 45.
    values = np.array([[1.0, 2.0, 9.0], [9.0, 3.0, 6.0]])
    found = accumulate(raster(values), origins=[(0, 0)], neighbours=16)
    assert found.cost[1, 2] == pytest.approx(30 * 5**0.5)
    eight = accumulate(raster(values), origins=[(0, 0)])
    assert eight.cost[1, 2] == pytest.approx(15 + 40 * 2**0.5)


@pytest.mark.parametrize("barrier", [math.inf, math.nan])
@pytest.mark.parametrize("cell", [(0, 1), (1, 1)])
def test_knights_move_jumps_no_barrier(barrier, cell):
    values = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    values[cell] = barrier
    found = accumulate(raster(values), origins=[(0, 0)], neighbours=16)
    on_foot = walk(raster(values), TOBLER, origins=[(0, 0)])
    assert found.cost[1, 2] == pytest.approx(10 + 10 * 2**0.5)
    assert on_foot.cost[1, 2] > 10 * 5**0.5 * float(np.interp(0, SLOPES, TOBLER.seconds_per_m))
    assert path(found, 1, 2).shape == (3, 2)


def test_no_data_stays_no_data():
    found = accumulate(raster([[1.0, math.inf, 1.0, math.nan]]), origins=[(0, 0)])
    np.testing.assert_array_equal(found.cost, [[0, math.inf, math.inf, math.nan]])
    np.testing.assert_array_equal(found.allocation, [[0, -1, -1, -1]])
    np.testing.assert_array_equal(found.backlink, [[-1, -2, -2, -2]])
    assert path(found, 0, 2).shape == (0, 2)


def test_integer_friction_with_no_data():
    grid = raster(np.ones((1, 3))).grid
    values = Raster(np.array([[2, 2, 255]], dtype=np.uint8), grid, nodata=255)
    np.testing.assert_array_equal(accumulate(values, origins=[(0, 0)]).cost, [[0, 20, math.nan]])


def test_two_origins_meet_in_the_middle():
    # From the left 0, 10, 20, 30; from the right, starting at 5: 35, 25, 15, 5.
    found = accumulate(raster(np.ones((1, 4))), origins=[(0, 0), (0, 3), (0, 3)], initial=[0, 7, 5])
    agree(found.cost, [[0, 10, 15, 5]])
    np.testing.assert_array_equal(found.allocation, [[0, 0, 2, 2]])


def test_origin_reached_more_cheaply_by_another_loses_its_cell():
    found = accumulate(raster(np.ones((1, 3))), origins=[(0, 0), (0, 2)], initial=[0, 50])
    agree(found.cost, [[0, 10, 20]])
    np.testing.assert_array_equal(found.allocation, [[0, 0, 0]])
    np.testing.assert_array_equal(path(found, 0, 2), [[0, 0], [0, 1], [0, 2]])


def test_without_origins_nothing_is_reached():
    for origins, initial in (([], None), ([(0, 0)], [math.inf])):
        found = accumulate(raster(np.ones((2, 2))), origins=origins, initial=initial)
        assert np.isinf(found.cost).all()
    blocked = accumulate(raster([[math.inf, 1.0]]), origins=[(0, 0)])
    assert np.isinf(blocked.cost).all()
    assert np.isinf(accumulate(raster(np.full((3, 3), math.inf)), origins=[(1, 1)]).cost).all()


def test_plane_on_foot_is_exact_along_the_axes():
    # A slope of 0.3 to the east: east at pace(0.3), west at pace(-0.3), north on the level.
    heights = raster(np.tile(np.arange(41) * 3.0, (41, 1)))
    pace = {s: 3.6 / (6 * math.exp(-3.5 * abs(s + 0.05))) for s in (0.3, -0.3, 0.0)}
    away = walk(heights, TOBLER, origins=[(20, 20)]).cost
    back = walk(heights, TOBLER, origins=[(20, 20)], direction="to").cost
    assert away[20, 40] == pytest.approx(200 * pace[0.3], rel=1e-4)
    assert away[20, 0] == pytest.approx(200 * pace[-0.3], rel=1e-4)
    assert away[0, 20] == pytest.approx(200 * pace[0.0], rel=1e-4)
    assert back[20, 40] == pytest.approx(200 * pace[-0.3], rel=1e-4)
    assert back[20, 0] == pytest.approx(200 * pace[0.3], rel=1e-4)


def test_cone_on_foot_is_exact_on_the_rays_of_the_moves():
    # A cone of slope 0.2: straight up from any cell on a ray the step is always 0.2. (Beyond
    # 1/3.5 = 0.286, where Tobler's time for a metre of height is least, zigzags are faster.)
    rows, columns = np.mgrid[-40:41, -40:41] * 10.0
    heights = raster(1000 - 0.2 * np.hypot(rows, columns))
    to_top = walk(heights, TOBLER, origins=[(40, 40)], direction="to").cost
    pace = 3.6 / (6 * math.exp(-3.5 * 0.25))
    for row, column in ((0, 1), (1, 1), (1, 2), (-2, 1)):
        cell = (40 + 20 * row, 40 + 20 * column)
        assert to_top[cell] == pytest.approx(200 * math.hypot(row, column) * pace, rel=1e-4)


def test_slopes_beyond_the_table_are_not_walked():
    pace = Pace(np.array([-1.0, 1.0]), np.array([1.0, 1.0]))
    found = walk(raster([[0.0, 10.0, 21.0]]), pace, origins=[(0, 0)])
    np.testing.assert_array_equal(found.cost, [[0, 10, math.inf]])


# --- laws -------------------------------------------------------------------------------------


@LAW
@given(st.integers(0, 10_000), st.sampled_from([8, 16]))
def test_symmetric_costs_both_ways(seed, neighbours):
    values = field(seed)
    values[12, 16] = 1.0
    there = accumulate(raster(values), origins=[(0, 0)], neighbours=neighbours).cost[12, 16]
    back = accumulate(raster(values), origins=[(12, 16)], neighbours=neighbours).cost[0, 0]
    assert there == pytest.approx(back)
    heights = np.where(np.isfinite(values), 5 * values, values)
    there = walk(raster(heights), EVEN, origins=[(0, 0)]).cost[12, 16]
    back = walk(raster(heights), EVEN, origins=[(12, 16)]).cost[0, 0]
    assert there == pytest.approx(back)


@LAW
@given(st.integers(0, 10_000), st.sampled_from([8, 16]))
def test_a_barrier_never_lowers_a_cost(seed, neighbours):
    values = field(seed)
    more = values.copy()
    more[np.random.default_rng(seed + 1).random(values.shape) < 0.1] = math.inf
    more[0, 0] = 1.0
    before, after = (
        accumulate(raster(v), origins=[(0, 0)], neighbours=neighbours).cost for v in (values, more)
    )
    known = ~np.isnan(before)
    assert (after[known] >= before[known]).all()


@LAW
@given(st.integers(0, 10_000), st.sampled_from([8, 16]))
def test_triangle_inequality(seed, neighbours):
    values = field(seed)
    values[6, 8] = 1.0
    from_a = accumulate(raster(values), origins=[(0, 0)], neighbours=neighbours).cost
    from_b = accumulate(raster(values), origins=[(6, 8)], neighbours=neighbours).cost
    known = ~np.isnan(values)
    slack = 1e-9 * np.where(np.isfinite(from_b), from_b, 1.0)[known]
    assert (from_a[known] <= from_a[6, 8] + from_b[known] + slack).all()


@LAW
@given(st.integers(0, 10_000))
def test_to_on_a_dem_is_from_on_its_mirror_image(seed):
    heights = 5 * field(seed)
    to = walk(raster(heights), TOBLER, origins=[(0, 0)], direction="to").cost
    mirrored = np.where(np.isfinite(heights), -heights, heights)
    agree(to, walk(raster(mirrored), TOBLER, origins=[(0, 0)], direction="from").cost)


@LAW
@given(st.integers(0, 10_000), st.sampled_from([8, 16]))
def test_paths_cost_what_is_said(seed, neighbours):
    values = field(seed)
    found = accumulate(raster(values), origins=[(0, 0), (12, 16)], neighbours=neighbours)
    for row, column in np.argwhere(np.isfinite(found.cost))[::7].tolist():
        cells = path(found, row, column).tolist()
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(cells)]
        total = sum(
            friction_step(values, *cell, step, 10.0)
            for cell, step in zip(cells, steps, strict=False)
        )
        assert total == pytest.approx(found.cost[row, column])
        assert cells[0] == [[0, 0], [12, 16]][found.allocation[row, column]]


@LAW
@given(st.integers(0, 10_000), st.sampled_from(["to", "from"]))
def test_lowered_equals_all_origins_at_once(seed, direction):
    heights = raster(5 * field(seed))
    first = walk(heights, TOBLER, origins=[(0, 0)], direction=direction).cost
    both = walk(
        heights, TOBLER, origins=[(0, 0), (9, 12)], initial=[0, 20], direction=direction
    ).cost
    more = lowered(first, heights, TOBLER, origins=[(9, 12)], initial=[20.0], direction=direction)
    agree(more, both)


# --- oracles ----------------------------------------------------------------------------------


@LAW
@given(st.integers(0, 10_000), st.sampled_from([8, 16]), st.sampled_from([0.0, 1.0, 8.0]))
def test_equals_reference_dijkstra(seed, neighbours, spread):
    values = field(seed, spread=spread)
    rng = np.random.default_rng(seed)
    values[rng.random(values.shape) < 0.1] = 0.0
    cells = {(int(rng.integers(13)), int(rng.integers(17))): float(rng.random()) for _ in range(3)}
    found = accumulate(
        raster(values), origins=list(cells), initial=list(cells.values()), neighbours=neighbours
    )
    agree(found.cost, dijkstra(values, cells, friction_step, neighbours))


@LAW
@given(st.integers(0, 10_000), st.sampled_from([8, 16]), st.sampled_from(["to", "from"]))
def test_walking_equals_reference_dijkstra(seed, neighbours, direction):
    heights = 8 * field(seed)
    slopes = np.sort(np.random.default_rng(seed).uniform(-3, 3, 9))
    pace = Pace(slopes, np.random.default_rng(seed).uniform(0.5, 9, 9))
    found = walk(
        raster(heights), pace, origins=[(0, 0)], neighbours=neighbours, direction=direction
    )
    agree(found.cost, dijkstra(heights, {(0, 0): 0.0}, walking_step(pace, direction), neighbours))


@pytest.mark.parametrize("spread", [0.5, 3.0, 12.0])
def test_equals_scikit_image(spread):
    values = field(5, shape=(120, 150), spread=spread)
    expected, _ = MCP_Geometric(np.where(np.isfinite(values), values, -1)).find_costs([(0, 0)])
    found = accumulate(raster(values, 1.0), origins=[(0, 0)]).cost
    agree(np.where(np.isnan(found), math.inf, found), expected)


def test_extreme_ranges_stay_exact():
    values = field(7, shape=(60, 60), spread=1.0, holes=0.0)
    values[20:30, :55] = 1e40  # a wall of which the last cells are open
    values[40:50, 5:] *= 1e-40
    agree(
        accumulate(raster(values), origins=[(0, 0)]).cost,
        dijkstra(values, {(0, 0): 0.0}, friction_step, 8),
    )


def test_pool_grows_when_it_must(monkeypatch):
    monkeypatch.setattr("geo.travel.costsearch.POOL", 32)
    values = field(3, shape=(40, 50), spread=2.0)
    agree(
        accumulate(raster(values), origins=[(0, 0)], neighbours=16).cost,
        dijkstra(values, {(0, 0): 0.0}, friction_step, 16),
    )


def test_compiled_kernels_are_few():
    accumulate(raster(np.ones((2, 2), dtype=np.float32)), origins=[(0, 0)])
    accumulate(raster(np.ones((2, 2), dtype=np.int16)), origins=[(0, 0)], neighbours=16)
    walk(raster(np.ones((2, 2))), TOBLER, origins=[(0, 0)])
    assert len(costqueue.spread.signatures) == 1


# --- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [-1.0, -math.inf, 1e120, 1e-120])
def test_friction_out_of_range_is_refused(bad):
    with pytest.raises(GridError, match="friction must be") as caught:
        accumulate(raster([[1.0, bad]]), origins=[(0, 0)])
    assert "阻力须为 0 或" in caught.value.said("zh")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"origins": [(0, 2)]}, "1 个起点不在格网 (1, 2) 内"),
        ({"origins": [(-1, 0)]}, "第一个在 [-1, 0]"),
        ({"origins": [(0, 0)], "initial": [-1.0]}, "初始代价须不小于 0"),
        ({"origins": [(0, 0)], "initial": [math.nan]}, "初始代价须不小于 0"),
        ({"origins": [(0, 0)], "initial": [1.0, 2.0]}, "1 个起点各一：发现 (2,)"),
        ({"origins": [(0, 0)], "neighbours": 4}, "邻域须为 8 或 16：发现 4"),
    ],
)
def test_wrong_options_are_refused(options, words):
    with pytest.raises(GridError) as caught:
        accumulate(raster(np.ones((1, 2))), **options)
    assert words in caught.value.said("zh")


@pytest.mark.parametrize(
    ("slopes", "seconds"),
    [
        ([0.0], [1.0]),
        ([0.0, 0.0], [1.0, 1.0]),
        ([0.0, 1.0], [1.0, 0.0]),
        ([0.0, 1.0], [1, math.inf]),
    ],
)
def test_wrong_paces_are_refused(slopes, seconds):
    with pytest.raises(GridError, match="pace") as caught:
        Pace(np.array(slopes), np.array(seconds))
    assert caught.value.said("zh").startswith("步速表")


def test_path_off_the_grid_is_refused():
    found = accumulate(raster(np.ones((1, 2))), origins=[(0, 0)])
    assert isinstance(found, Accumulated)
    with pytest.raises(GridError):
        path(found, 1, 0)
