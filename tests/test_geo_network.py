import heapq
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geo.errors import CrsError, GeometryError
from geo.travel.network import cheapest, components, graph, matrix, nearest
from geo.travel.ways import reach, tree, way


def lines(*coordinates):
    return gpd.GeoDataFrame(geometry=[LineString(c) for c in coordinates], crs=4549)


def reference(network, origins, initial):
    """Dijkstra with a heap over an adjacency list."""
    beside = {}
    for (a, b), there, back in zip(network.edges, network.forward, network.backward, strict=True):
        beside.setdefault(a, []).append((b, there))
        if np.isfinite(back):
            beside.setdefault(b, []).append((a, back))
    cost = np.full(len(network.xy), np.inf)
    heap = list(zip(initial, origins, strict=True))
    heapq.heapify(heap)
    while heap:
        spent, node = heapq.heappop(heap)
        if spent >= cost[node]:
            continue
        cost[node] = spent
        for other, step in beside.get(node, []):
            heapq.heappush(heap, (spent + step, other))
    return cost


def town(seed):
    rng = np.random.default_rng(seed)
    spots = rng.integers(0, 12, (40, 2)) * 100.0
    pairs = rng.integers(0, 40, (70, 2))
    frame = lines(*[spots[pair] for pair in pairs if (spots[pair[0]] != spots[pair[1]]).any()])
    return frame, rng.uniform(0.5, 3, len(frame))


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_equals_a_reference_dijkstra(seed):
    frame, cost = town(seed)
    network = graph(frame, cost_per_m=cost)
    rng = np.random.default_rng(seed)
    origins = rng.integers(0, len(network.xy), 3)
    initial = rng.uniform(0, 200, 3)
    found = cheapest(network, origins=origins, initial=initial)
    np.testing.assert_allclose(found, reference(network, origins, initial), rtol=1e-9, atol=1e-6)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_there_and_back_cost_the_same_and_denser_nodes_change_nothing(seed):
    frame, cost = town(seed)
    coarse, fine = graph(frame, cost_per_m=cost), graph(frame, cost_per_m=cost, spacing=30)
    start, end = 0, len(coarse.xy) - 1
    there = cheapest(coarse, origins=[start])[end]
    assert there == pytest.approx(cheapest(coarse, origins=[end])[start])
    assert there == pytest.approx(cheapest(coarse, origins=[start], reverse=True)[end])
    assert there == pytest.approx(cheapest(fine, origins=[start])[end])  # vertices come first


def test_lines_join_at_shared_vertices_only():
    cross = lines([(0, 0), (10, 0)], [(5, -5), (5, 5)], [(10, 0), (10, 9)])
    network = graph(cross, cost_per_m=1.0)
    parts = components(network)
    assert len(np.unique(parts)) == 2
    assert np.isinf(cheapest(network, origins=nearest(network, [0], [0]))).sum() == 2


def test_parallel_edges_keep_the_cheapest():
    network = graph(lines([(0, 0), (10, 0)], [(0, 0), (10, 0)]), cost_per_m=[3.0, 2.0])
    assert cheapest(network, origins=[0]).tolist() == [0, 20]


def test_closed_lines_are_entered_at_shared_vertices():
    motorway, road = [(0, 0), (10, 0), (20, 0)], [(20, 0), (20, 10)]
    network = graph(lines(motorway, road), cost_per_m=1.0, closed=[True, False])
    assert network.enterable.tolist() == [False, False, True, True]


def test_reach_by_hand():
    # From (0,0) with 25: the first 20 m whole, then 5 of 10 m of each branch.
    fork = lines([(0, 0), (20, 0)], [(20, 0), (30, 0)], [(20, 0), (20, 10)])
    pieces = reach(graph(fork.set_axis(list("abc")), cost_per_m=1.0), origins=[0], limit=25)
    assert pieces["line"].tolist() == ["a", "b", "c"]
    assert pieces.to_wkt()["geometry"].tolist() == [
        "LINESTRING (0 0, 20 0)",
        "LINESTRING (20 0, 25 0)",
        "LINESTRING (20 0, 20 5)",
    ]


def test_an_edge_reached_from_both_ends_leaves_its_middle():
    # 100 m entered from both ends with 30 m each: two pieces, 40 m in the middle are left.
    pieces = reach(graph(lines([(0, 0), (100, 0)]), cost_per_m=1.0), origins=[0, 1], limit=30)
    assert pieces.length.tolist() == [30, 30]
    assert reach(graph(lines([(0, 0), (9, 0)]), cost_per_m=1.0), origins=[], limit=9).empty


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(10, 3000), st.floats(0, 500))
def test_more_time_reaches_more_and_pieces_end_at_the_limit(seed, limit, more):
    frame, cost = town(seed)
    network = graph(frame, cost_per_m=cost, spacing=70)
    pieces = reach(network, origins=[0], limit=limit)
    assert (
        pieces.length.sum() <= reach(network, origins=[0], limit=limit + more).length.sum() + 1e-6
    )
    # An oracle: every edge cut into 50 bits, each reached from its nearer end.
    costs, bits = cheapest(network, origins=[0]), (np.arange(50) + 0.5) / 50
    first, second = costs[network.edges].T[:, :, None]
    there = np.minimum(
        first + bits * network.forward[:, None], second + (1 - bits) * network.forward[:, None]
    )
    length = np.hypot(*(network.xy[network.edges[:, 0]] - network.xy[network.edges[:, 1]]).T)
    expected = ((there <= limit).mean(axis=1) * length).sum()
    assert pieces.length.sum() == pytest.approx(expected, abs=length.sum() / 50)


def test_cut_edges_do_not_join_where_lines_cross():
    cross = lines([(0, 0), (20, 0)], [(10, -10), (10, 10)])
    assert len(np.unique(components(graph(cross, cost_per_m=1.0, spacing=5)))) == 2


def test_nothing_gives_nothing():
    network = graph(lines(), cost_per_m=[])
    assert len(network.xy) == 0
    assert cheapest(network, origins=[]).shape == (0,)
    with pytest.raises(GeometryError, match="empty"):
        nearest(network, [0], [0])


def test_points_and_free_lines_are_refused_by_row():
    frame = gpd.GeoDataFrame(geometry=[Point(0, 0)], index=["p"], crs=4549)
    with pytest.raises(GeometryError, match="row p") as caught:
        graph(frame, cost_per_m=np.nan)
    assert len(caught.value.problems) == 2
    way_to_go = lines([(0, 0), (1, 0)])
    with pytest.raises(GeometryError, match="above 0"):
        graph(way_to_go, cost_per_m=0.0)
    with pytest.raises(GeometryError, match="spacing") as caught:
        graph(way_to_go, cost_per_m=1.0, spacing=0)
    assert "间距须大于 0：发现 0" in caught.value.said("zh")
    with pytest.raises(CrsError):
        graph(way_to_go.set_crs(4326, allow_override=True), cost_per_m=1.0)
    with pytest.raises(GeometryError, match="no nodes"):
        cheapest(graph(way_to_go, cost_per_m=1.0), origins=[-1])


def test_one_way_lines_by_hand():
    # A ring of four sides of 10 m, all one way: from corner 0 to corner 3 it is 30 m, back 10 m.
    corners = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
    ring = graph(lines(corners), cost_per_m=1.0, oneway=[True])
    assert cheapest(ring, origins=[0]).tolist() == [0, 10, 20, 30]
    assert cheapest(ring, origins=[0], reverse=True).tolist() == [0, 30, 20, 10]
    assert reach(ring, origins=[0], limit=5).length.tolist() == [5]
    assert len(np.unique(components(ring))) == 1


def test_an_edge_of_no_length_joins():
    # Two vertices a tenth of a millimetre apart are one; a sparse matrix would lose a cost of 0.
    network = graph(lines([(0, 0), (0, 0.0001), (5, 0)], [(0, 0), (0, 7)]), cost_per_m=1.0)
    assert len(network.xy) == 3
    assert cheapest(network, origins=[0]).tolist() == pytest.approx([0, 5, 7], abs=1e-9)
    assert cheapest(network, origins=[0, 1], initial=[0, 0]).tolist()[:2] == [0, 0]


def test_the_limit_is_closed():
    network = graph(lines([(0, 0), (10, 0), (20, 0)]), cost_per_m=0.1)
    for spent in (0, 1e6):
        found = cheapest(network, origins=[0], initial=[spent], limit=spent + 1)
        assert np.isfinite(found).tolist() == [True, True, False]
    assert np.isinf(cheapest(network, origins=[0], initial=[50], limit=3)).all()


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.booleans())
def test_ways_cost_what_they_say(seed, reverse):
    frame, cost = town(seed)
    rng = np.random.default_rng(seed)
    single = rng.random(len(frame)) < 0.3
    network = graph(frame, cost_per_m=cost, oneway=single, spacing=80)
    origins, initial = rng.integers(0, len(network.xy), 3), rng.uniform(0, 400, 3)
    found = tree(network, origins=origins, initial=initial, reverse=reverse)
    step = matrix(network, reverse=reverse)
    spent = {}
    for origin, begin in zip(origins.tolist(), initial.tolist(), strict=True):
        spent[origin] = min(begin, spent.get(origin, np.inf))
    for node in rng.integers(0, len(network.xy), 12):
        nodes = way(found, int(node))
        if np.isinf(found.cost[node]):
            assert nodes.size == 0
            assert found.origin[node] == found.previous[node] == -1
            continue
        assert (nodes[0], nodes[-1]) == (found.origin[node], node)
        steps = sum(step[a, b] for a, b in pairwise(nodes))
        assert found.cost[node] == pytest.approx(spent[int(nodes[0])] + steps)
    plain = cheapest(network, origins=origins, initial=initial, reverse=reverse)
    np.testing.assert_array_equal(found.cost, plain)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_the_order_of_lines_does_not_matter(seed):
    frame, cost = town(seed)
    turned = np.random.default_rng(seed).permutation(len(frame))
    one = graph(frame, cost_per_m=cost, spacing=60)
    other = graph(frame.iloc[turned], cost_per_m=cost[turned], spacing=60)
    # Nodes in between may lie where another line's vertex lies: the vertices are compared.
    count = len(graph(frame, cost_per_m=cost).xy)
    start = tuple(one.xy[0])
    found = []
    for network in (one, other):
        places = [tuple(place) for place in network.xy[:count].tolist()]
        costs = cheapest(network, origins=[places.index(start)])
        found.append(dict(zip(places, costs[:count], strict=True)))
    assert found[0] == pytest.approx(found[1])
