"""Travel time by road and on foot: worked cases, laws, and one explicit graph as the oracle."""

from __future__ import annotations

import heapq
import math

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString

from geo.errors import GeometryError
from geo.grid import Grid
from geo.inequality import cumulative_shares, gini, share_within, weighted_mean
from geo.raster import Raster, sample
from geo.travel.costpath import STEPS
from geo.travel.junctions import attach
from geo.travel.network import graph
from geo.travel.pace import Pace
from geo.travel.straightwalk import straight_walks
from geo.travel.traveltime import FAR, NEAR, at, join, surface, travel_time

LAW = settings(max_examples=25)
CELL = 100.0
SLOPES = np.linspace(-2, 2, 801)
TOBLER = Pace(SLOPES, 3.6 / (6 * np.exp(-3.5 * np.abs(SLOPES + 0.05))))
EVEN = Pace(SLOPES, 3.6 / (6 * np.exp(-3.5 * np.abs(SLOPES))))
COARSE = Pace(SLOPES[::20], TOBLER.seconds_per_m[::20])  # fewer knots, faster tests
DRIVE = 3.6 / 50  # 50 km/h in s/m


def raster(values):
    values = np.asarray(values, dtype=float)
    transform = Affine(CELL, 0, 0, 0, -CELL, values.shape[0] * CELL)
    return Raster(values, Grid(values.shape, transform, CRS(4549)))


def roads(*lines, seconds=DRIVE, closed=None):
    frame = gpd.GeoDataFrame(geometry=[LineString(line) for line in lines], crs=4549)
    return graph(frame, cost_per_m=np.full(len(lines), seconds), closed=closed, spacing=CELL / 2)


def pace(slope, table=TOBLER):
    return float(np.interp(slope, table.slopes, table.seconds_per_m))


def model(seed):
    """A rough terrain with holes, and two winding roads that share a vertex."""
    rng = np.random.default_rng(seed)
    dem = raster(rng.normal(0, 25, (9, 11)))
    dem.values[rng.random(dem.values.shape) < 0.08] = np.nan
    points = rng.uniform((0, 0), (1100, 900), (7, 2))
    return rng, dem, [points[:4].tolist(), points[3:].tolist()]


def walked(dem, row, column):
    """The moves from a cell that leave no data aside: the cell reached, the length, the slope."""
    for dr, dc in STEPS.tolist():
        passed = [(row + dr, column + dc)]
        if max(abs(dr), abs(dc)) == 2:
            passed.append((row + int(dr / 2), column + int(dc / 2)))
            passed.append((row + int(np.sign(dr)), column + int(np.sign(dc))))
        if all(dem.grid.inside(*p) and np.isfinite(dem.values[p]) for p in passed):
            length = CELL * math.hypot(dr, dc)
            yield passed[0], length, (dem.values[passed[0]] - dem.values[row, column]) / length


def reversed_edges(ground):
    """Everything one can do, by where it ends: where it begins, and how long it takes."""
    edges = {}
    for row, column in np.argwhere(np.isfinite(ground.dem.values)).tolist():
        for to, length, slope in walked(ground.dem, row, column):
            if abs(slope) <= ground.pace.slopes[-1]:
                edges.setdefault(to, []).append(((row, column), length * pace(slope, ground.pace)))
    links, road = ground.links, ground.network
    for node, row, column, there, back in zip(
        links.point, links.row, links.column, links.to_cell, links.from_cell, strict=True
    ):
        edges.setdefault((row, column), []).append((node, there))
        edges.setdefault(node, []).append(((row, column), back))
    for (a, b), seconds in zip(road.edges.tolist(), road.forward, strict=True):
        edges.setdefault(a, []).append((b, seconds))
        edges.setdefault(b, []).append((a, seconds))
    return edges


def explicit(ground, x, y):
    """All cells and nodes at once, by Dijkstra, towards a point in the middle of a cell."""
    edges = reversed_edges(ground)
    cell = tuple(int(v) for v in ground.dem.grid.index(x, y))
    best = {cell: 0.0} if np.isfinite(ground.dem.values[cell]) else {}
    for node in np.flatnonzero(ground.network.enterable).tolist():
        length = math.dist(ground.network.xy[node], (x, y))
        seconds = straight(ground, ground.network.xy[node], (x, y), NEAR)
        if length <= CELL:
            seconds = min(seconds, length * pace(0.0, ground.pace))
        if seconds < math.inf:
            best[node] = seconds
    heap = [(cost, str(key), key) for key, cost in best.items()]
    heapq.heapify(heap)
    while heap:
        cost, _, here = heapq.heappop(heap)
        for there, more in edges.get(here, []) if cost <= best[here] else []:
            if cost + more < best.get(there, math.inf):
                best[there] = cost + more
                heapq.heappush(heap, (cost + more, str(there), there))
    return best


def straight(ground, start, end, cells):
    """Seconds of one straight walk within some cells; `geo.travel.straightwalk` is proved on its own."""
    ends, known = np.array([[*end, 0.0]]), np.array([math.inf])
    return straight_walks(
        ground.dem, ground.pace, np.array([start]), ends, within=cells * CELL, known=known
    )[0]


# --- worked by hand ---------------------------------------------------------------------------


def test_straight_road_on_a_plane():
    # A plane that rises 0.1 to the north, a level road to the east along one row of cells: from
    # ten cells along the road and three cells below or above it, 300 m on foot across to the road,
    # some way aside because driving is to be paid too (Snell's law), then the rest by car.
    dem = raster(np.arange(21)[::-1, None] * 10.0 + np.zeros(21))
    ground = join(dem, TOBLER, roads([(50, 1050), (2050, 1050)]))
    times = travel_time(ground, [550], [1050])
    aside = np.linspace(0, 400, 4001)
    length = np.hypot(300, aside)
    for north, rise in ((750, 30), (1350, -30)):
        walked = length * 0.6 * np.exp(3.5 * np.abs(rise / length + 0.05))
        expected = (walked + (1000 - aside) * DRIVE).min()
        assert at(ground, times, [1550], [north])[0] == pytest.approx(expected, rel=0.002)
    assert at(ground, times, [1550], [1050])[0] == pytest.approx(1000 * DRIVE)


def test_cone_without_a_road():
    # Up a cone of slope 0.2: the distance at pace(0.2).
    rows, columns = np.mgrid[-10:11, -10:11]
    dem = raster(500 - 0.2 * CELL * np.hypot(rows, columns))
    ground = join(dem, TOBLER, roads())
    times = travel_time(ground, [1050], [1050])
    for right, up in ((8, 0), (0, -8), (7, 7), (4, 8), (9, 4), (-3, 7)):
        found = at(ground, times, [1050 + right * CELL], [1050 + up * CELL])[0]
        assert found == pytest.approx(CELL * math.hypot(right, up) * pace(0.2), rel=0.005)


@pytest.mark.parametrize("grade", [0.0, 0.1, 0.285])
@pytest.mark.parametrize("angle", range(0, 360, 13))
def test_a_plane_and_a_cone_in_every_direction(grade, angle):
    # 1,800 m from the middle, both ways, over a plane that rises to the north and over a cone.
    row, column = np.mgrid[-20:21, -20:21]
    way = 1800 * np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    for heights, slope in (
        (-grade * CELL * row, grade * way[1] / 1800),
        (500 - grade * CELL * np.hypot(row, column), -grade),
    ):
        ground = join(raster(heights), TOBLER, roads())
        for sign, start, end in ((1, (2050, 2050), 2050 + way), (-1, 2050 + way, (2050, 2050))):
            times = travel_time(ground, [end[0]], [end[1]])
            expected = 1800 * 0.6 * math.exp(3.5 * abs(sign * slope + 0.05))
            found = at(ground, times, [start[0]], [start[1]])[0]
            assert found == pytest.approx(expected, rel=0.005)


def test_an_expressway_is_entered_at_its_interchanges_only():
    # Level ground. Along the expressway (100 km/h) from x = 50 to 2050, 100 m from a slow road
    # only at the left end; whoever lives beside its middle has to go back to that end.
    dem = raster(np.zeros((5, 21)))
    lines = gpd.GeoDataFrame(
        geometry=[
            LineString([(50, 250), (2050, 250)]),
            LineString([(50, 250), (50, 50)]),
            LineString([(2050, 250), (2050, 50)]),
        ],
        crs=4549,
    )
    costs = [3.6 / 100, 3.6 / 30, 3.6 / 30]
    shut = graph(lines, cost_per_m=costs, closed=[True, False, False], spacing=50)
    free = graph(lines, cost_per_m=costs, spacing=50)
    seconds = []
    for network in (shut, free):
        ground = join(dem, TOBLER, network)
        seconds.append(at(ground, travel_time(ground, [2050], [50]), [1050], [250])[0])
    assert seconds[1] == pytest.approx(1000 * 0.036 + 200 * 0.12)
    # On foot 1000 m along and 200 m down, or to an interchange and on: walking is about as far.
    assert seconds[0] > 900 * pace(0)


def test_points_beside_a_road_need_no_terrain():
    ground = join(raster(np.full((3, 9), np.nan)), TOBLER, roads([(50, 150), (850, 150)]))
    times = travel_time(ground, [850], [150])
    assert at(ground, times, [50], [150])[0] == pytest.approx(800 * DRIVE)
    assert np.isnan(times.cells).all()
    assert np.isinf(at(ground, times, [50], [290])).all()


def test_no_destination_is_reached_by_nobody():
    ground = join(raster(np.zeros((3, 3))), TOBLER, roads([(50, 150), (250, 150)]))
    times = travel_time(ground, [], [])
    assert np.isinf(times.cells).all()
    assert np.isinf(at(ground, times, [150], [150])).all()


# --- laws -------------------------------------------------------------------------------------


@LAW
@given(st.integers(0, 10_000))
def test_symmetric_speeds_both_ways(seed):
    _, dem, lines = model(seed)
    dem.values[0, 0] = dem.values[8, 10] = 0.0
    ground = join(dem, EVEN, roads(*lines))
    a, b = ([50], [850]), ([1050], [50])
    there = at(ground, travel_time(ground, *b), *a)[0]
    back = at(ground, travel_time(ground, *a), *b)[0]
    assert there == pytest.approx(back, rel=1e-9)


@LAW
@given(st.integers(0, 10_000))
def test_a_barrier_never_makes_a_trip_faster(seed):
    rng, dem, lines = model(seed)
    barriers = rng.random(dem.values.shape) < 0.1
    found = []
    for closed in (None, barriers):
        ground = join(dem, TOBLER, roads(*lines), barriers=closed)
        found.append(at(ground, travel_time(ground, [550], [450]), *rng_points(seed)))
    assert (found[1] >= found[0] - 1e-5).all()


@LAW
@given(st.integers(0, 10_000))
def test_a_road_opened_never_makes_a_trip_slower(seed):
    _, dem, lines = model(seed)
    found = []
    for open_lines in (lines[:1], lines):
        ground = join(dem, TOBLER, roads(*open_lines))
        found.append(at(ground, travel_time(ground, [550], [450]), *rng_points(seed)))
    assert (found[1] <= found[0] + 1e-5).all()


def rng_points(seed):
    return np.random.default_rng(seed + 1).uniform((0, 0), (1100, 900), (20, 2)).T


# --- oracle -----------------------------------------------------------------------------------


@LAW
@given(st.integers(0, 10_000))
def test_equals_one_search_over_the_explicit_graph(seed):
    rng, dem, lines = model(seed)
    x, y = (float(v) for v in dem.grid.xy(int(rng.integers(9)), int(rng.integers(11))))
    ground = join(dem, TOBLER, roads(*lines, closed=[False, bool(seed % 2)]))
    times = travel_time(ground, [x], [y])
    best = explicit(ground, x, y)
    cells = np.full(dem.grid.shape, np.inf)
    nodes = np.full(len(ground.network.xy), np.inf)
    for key, cost in best.items():
        (cells if isinstance(key, tuple) else nodes)[key] = cost
    own = dem.grid.index(x, y)
    if np.isfinite(dem.values[own]):  # a point on a centre is joined to its neighbours too
        known = np.isfinite(dem.values)
        np.testing.assert_allclose(times.cells[known], cells[known], atol=2e-6)
        np.testing.assert_allclose(times.nodes, nodes, atol=2e-6)
    assert np.isnan(times.cells[~np.isfinite(dem.values)]).all()


@LAW
@given(st.integers(0, 10_000))
def test_places_walk_straight_where_that_is_faster(seed):
    rng, dem, lines = model(seed)
    goals = rng.uniform((60, 60), (1040, 840), (2, 2))
    ground = join(dem, COARSE, roads(*lines))
    times = travel_time(ground, *goals.T)
    rows, columns = np.nonzero(np.isfinite(dem.values))
    everywhere = surface(ground, times, np.ones(dem.grid.shape, dtype=bool))
    for row, column in list(zip(rows, columns, strict=True))[::7]:
        here = np.array(dem.grid.xy(row, column), dtype=float)
        best = times.cells[row, column]
        for goal in goals:
            best = min(best, straight(ground, here, goal, FAR))
        for node in np.flatnonzero(ground.network.enterable):
            best = min(
                best, times.nodes[node] + straight(ground, here, ground.network.xy[node], NEAR)
            )
        assert everywhere[row, column] == pytest.approx(best, rel=1e-9)
        # A point there may be beside a node, too; else it has the time of its cell.
        beside = np.hypot(*(ground.network.xy - here).T).min() <= CELL
        beside |= np.hypot(*(goals - here).T).min() <= CELL
        point = at(ground, times, [here[0]], [here[1]])[0]
        assert beside or point == pytest.approx(best, rel=1e-9)


def test_only_chosen_cells_have_a_surface():
    ground = join(raster(np.zeros((3, 3))), TOBLER, roads())
    times = travel_time(ground, [150], [150])
    where = np.eye(3, dtype=bool)
    found = surface(ground, times, where)
    diagonal = math.hypot(CELL, CELL) * pace(0)
    assert np.diag(found).tolist() == pytest.approx([diagonal, 0, diagonal])
    assert np.isnan(found[~where]).all()


def test_links_climb():
    # A point between two cells of a slope: 30 m from the lower centre (down), 70 m from the upper.
    dem = raster(np.array([[0.0, 20.0]]))
    ground = join(dem, TOBLER, roads())
    times = travel_time(ground, [80], [50])
    assert sample(dem, [80], [50])[0] == pytest.approx(6)
    np.testing.assert_allclose(times.cells, [[30 * pace(0.2), 70 * pace(-0.2)]])


# --- what goes with it ------------------------------------------------------------------------


def test_attach_by_hand():
    lines = gpd.GeoDataFrame(
        {"id": ["a", "b"]},
        geometry=[LineString([(0, 0), (100, 0)]), LineString([(100, 0), (100, 100)])],
        index=[7, 3],
        crs=4549,
    )
    drawn = gpd.GeoDataFrame(
        geometry=[LineString([(98, 3), (50, 50)]), LineString([(30, -8), (300, 0)])],
        index=[1, 0],
        crs=4549,
    )
    joined, network = attach(drawn, lines, within=10)
    assert joined.geometry.loc[1].wkt == "LINESTRING (100 0, 50 50)"
    assert joined.geometry.loc[0].wkt == "LINESTRING (30 0, 300 0)"
    assert network.geometry.loc[7].wkt == "LINESTRING (0 0, 30 0, 100 0)"
    assert network.geometry.loc[3].wkt == "LINESTRING (100 0, 100 100)"
    assert lines.geometry.loc[7].wkt == "LINESTRING (0 0, 100 0)"
    with pytest.raises(GeometryError, match="LineStrings expected") as caught:
        attach(lines.set_geometry(lines.geometry.buffer(1)), lines, within=1)
    assert caught.value.said("zh").startswith("须为单线：行 ")
    alone, _ = attach(drawn, lines.iloc[:0], within=10)
    assert alone.geometry.equals(drawn.geometry)


@LAW
@given(st.lists(st.tuples(st.floats(0, 1e3), st.floats(0, 1e3)), min_size=1, max_size=12))
def test_gini_equals_all_pairs(pairs):
    values, people = np.array(pairs).T
    mean = weighted_mean(values, people)
    if not people.sum() > 1e-6 or not mean > 1e-6:
        return
    difference = np.abs(values[:, None] - values) * people[:, None] * people
    expected = difference.sum() / (2 * mean * people.sum() ** 2)
    assert gini(values, people) == pytest.approx(expected, abs=1e-9)
    assert gini(values[::-1], people[::-1]) == gini(values, people)
    shares = cumulative_shares(values, people, values)
    assert shares == pytest.approx([share_within(values, people, v) for v in values])


def test_nobody_has_no_gini():
    assert math.isnan(gini([], []))
    assert math.isnan(gini([1.0], [0.0]))
    assert math.isnan(share_within([1.0], [0.0], 5))
    assert math.isnan(weighted_mean([np.inf], [1.0]))
    assert np.isnan(cumulative_shares([], [], [1.0])).all()
