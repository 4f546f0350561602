import heapq

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geo.errors import GeometryError
from geo.network import cheapest, components, graph, nearest, reach


def lines(*coordinates):
    return gpd.GeoDataFrame(geometry=[LineString(c) for c in coordinates], crs=4549)


def reference(network, origins, initial):
    """Dijkstra with a heap over an adjacency list."""
    beside = {}
    for (a, b), there, back in zip(network.edges, network.forward, network.backward, strict=True):
        beside.setdefault(a, []).append((b, there))
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


@settings(deadline=None, max_examples=60, derandomize=True)
@given(st.integers(0, 10_000))
def test_equals_a_reference_dijkstra(seed):
    frame, cost = town(seed)
    network = graph(frame, cost_per_m=cost)
    rng = np.random.default_rng(seed)
    origins = rng.integers(0, len(network.xy), 3)
    initial = rng.uniform(0, 200, 3)
    found = cheapest(network, origins=origins, initial=initial)
    np.testing.assert_allclose(found, reference(network, origins, initial), rtol=1e-9, atol=1e-6)


@settings(deadline=None, max_examples=30, derandomize=True)
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
    edges, share = reach(graph(fork, cost_per_m=1.0), origins=[0], limit=25)
    assert edges.tolist() == [0, 1, 2]
    assert share.tolist() == [1, 0.5, 0.5]


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
    with pytest.raises(GeometryError, match="'p'"):
        graph(frame, cost_per_m=1.0)
    with pytest.raises(GeometryError, match="above 0"):
        graph(lines([(0, 0), (1, 0)]), cost_per_m=0.0)
