"""Neighbours, patches, blocks and measures of parcels: by hand, by laws, by brute force."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CrsError, InputError
from geo.landscape import adjacency, blocks, contiguity, fragmentation, patches

SIDE = 4


def squares(cells, side=1.0):
    shapes = [shapely.box(x * side, y * side, (x + 1) * side, (y + 1) * side) for x, y in cells]
    return gpd.GeoDataFrame(geometry=shapes, index=[f"{x}{y}" for x, y in cells], crs=4549)


CELLS = [(x, y) for x in range(SIDE) for y in range(SIDE)]
subsets = st.lists(st.sampled_from(CELLS), min_size=1, unique=True)


@given(subsets)
@settings(max_examples=60)
def test_neighbours_agree_with_the_distance_of_every_pair(cells):
    parcels = squares(cells)
    found = adjacency(parcels)
    wanted = {}
    for i, a in parcels.geometry.items():
        for j, b in parcels.geometry.items():
            if i < j and a.distance(b) == 0:
                wanted[i, j] = a.intersection(b).length
    assert dict(found.set_index(["left", "right"])["length_m"]) == pytest.approx(wanted)
    rook = adjacency(parcels, corners=False)
    assert len(rook) == sum(length > 0 for length in wanted.values())


@given(subsets, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_rows_changes_nothing(cells, random):
    parcels = squares(cells)
    mixed = list(parcels.index)
    random.shuffle(mixed)
    shuffled = parcels.loc[mixed]
    found = adjacency(parcels)
    pd.testing.assert_frame_equal(found, adjacency(shuffled))
    kind = pd.Series(["xy"[int(x) % 2] for x, _ in parcels.index], index=parcels.index)
    pd.testing.assert_series_equal(patches(kind, found), patches(kind[mixed], found)[parcels.index])
    pd.testing.assert_frame_equal(
        fragmentation(parcels.area, kind, found),
        fragmentation(shuffled.area, kind[mixed], found),
    )


@given(st.lists(st.booleans(), min_size=SIDE**2, max_size=SIDE**2), st.floats(0, 8))
@settings(max_examples=60)
def test_patches_blocks_and_measures_agree_with_networkx(chosen, least):
    parcels = squares(CELLS, side=2.0)
    pairs = adjacency(parcels)
    member = pd.Series(chosen, index=parcels.index)
    graph = nx.Graph()
    graph.add_nodes_from(parcels.index[chosen])
    graph.add_edges_from(
        (a, b) for a, b in pairs[["left", "right"]].to_numpy() if member[a] and member[b]
    )
    groups = [sorted(group) for group in nx.connected_components(graph)]
    number = patches(member.where(member).astype(object), pairs)
    assert sorted(sorted(g.index) for _, g in member[member].groupby(number[member])) == sorted(
        groups
    )
    found = blocks(parcels.area[member], pairs, least_m2=4 * least)
    wanted = {g[0]: (len(g), 4.0 * len(g)) for g in groups if len(g) >= least}
    assert {k: tuple(v) for k, v in found.iterrows()} == wanted
    assert found["area_m2"].is_monotonic_decreasing
    measured = contiguity(parcels.area, member, pairs)
    n = max(sum(chosen), 1)
    assert measured.neighbours == pytest.approx(2 * graph.number_of_edges() / n)
    assert measured.patches == len(groups)
    assert measured.mesh_m2 == pytest.approx(sum((4 * len(g)) ** 2 for g in groups) / (4 * n))


def test_a_window_of_four_panes_by_hand():
    # Panes of side 1: four borders of 1 m; two diagonals meet in the middle, border 0.
    panes = squares([(0, 0), (0, 1), (1, 0), (1, 1)])
    found = adjacency(panes)
    assert found["length_m"].tolist() == [1.0, 1.0, 0.0, 0.0, 1.0, 1.0]
    # Members 00 and 11 touch in a corner only: neighbours 2*1/2 = 1, border 0 of 0 + 4 with others.
    member = pd.Series([True, False, False, True], index=panes.index)
    measured = contiguity(panes.area, member, found)
    assert (measured.neighbours, measured.border_m, measured.border_share) == (1.0, 0.0, 0.0)
    assert (measured.patches, measured.mesh_m2) == (1, 2.0)


def test_a_block_counts_from_its_least_area_closed():
    areas = pd.Series([500.0, 500.0, 999.0], index=[*"abc"])
    pairs = pd.DataFrame({"left": ["a"], "right": ["b"]})
    assert blocks(areas, pairs, least_m2=1000).index.tolist() == ["a"]


def test_fields_across_a_ditch_are_neighbours_within_the_gap():
    fields = gpd.GeoDataFrame(
        geometry=[shapely.box(0, 0, 9, 9), shapely.box(10.5, 0, 19, 9)], crs=4549
    )
    assert adjacency(fields).empty
    assert adjacency(fields, gap_m=1.5)["length_m"].tolist() == [0.0]


def test_nothing_gives_nothing():
    none = gpd.GeoDataFrame(geometry=[], crs=4549)
    pairs = adjacency(none)
    assert pairs.empty
    areas = pd.Series([], dtype=float)
    assert blocks(areas, pairs, least_m2=1000).empty
    measured = contiguity(areas, areas.astype(bool), pairs)
    assert measured[:2] == (0.0, 0.0)
    assert np.isnan(measured.border_share)


def test_refuses_degrees_repeated_and_unknown_labels():
    panes = squares([(0, 0), (0, 1)])
    with pytest.raises(CrsError):
        adjacency(panes.set_crs(4490, allow_override=True))
    with pytest.raises(InputError, match="not unique"):
        adjacency(panes.set_axis([*"aa"]))
    with pytest.raises(InputError, match="unknown") as caught:
        patches(pd.Series(["x"], index=["00"]), adjacency(panes))
    assert "邻接表含未知标识" in caught.value.said("zh")
    with pytest.raises(InputError, match="other labels"):
        contiguity(panes.area, pd.Series([True]), adjacency(panes))
    with pytest.raises(InputError, match="other labels"):
        fragmentation(panes.area, pd.Series(["x"]), adjacency(panes))
