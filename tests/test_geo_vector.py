import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely import affinity

from geo.errors import CrsError, GeometryError
from geo.vector import (
    area_ellipsoidal_m2,
    area_unscaled_m2,
    coverage_problems,
    overlay,
    repair,
    shared_borders,
    simplify_coverage,
)

X, Y = 480_000.0, 3_100_000.0
SEEDS = st.integers(0, 10_000)


def frame(shapes, index=None, crs=4549):
    return gpd.GeoDataFrame(geometry=list(shapes), index=index, crs=crs)


def coverage(seed, count=25, *, side=1000.0, share=1.0, prefix="p"):
    """Random cells that fill a square (a share of them kept), with random labels."""
    rng = np.random.default_rng(seed)
    square = shapely.box(X, Y, X + side, Y + side)
    seats = shapely.MultiPoint(rng.uniform((X, Y), (X + side, Y + side), (count, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seats, extend_to=square))
    cells = shapely.intersection(cells, square)
    cells = shapely.coverage_simplify(cells, 0)  # one vertex where cells meet
    cells = cells[rng.random(len(cells)) < share]
    labels = [f"{prefix}{n:03}" for n in rng.permutation(len(cells))]
    return frame(cells, labels)


# Ellipsoidal areas


@settings(max_examples=20)
@given(SEEDS, st.floats(-149_000, 149_000), st.sampled_from([4549, 4528]))
def test_areas_freed_of_the_scale_are_those_on_the_ellipsoid(seed, east, crs):
    prefix = 40_000_000 if crs == 4528 else 0
    cells = coverage(seed, side=3000.0)
    moved = cells.translate(500_000 - X + east + prefix)
    cells = frame(moved, crs=crs)
    legal = area_ellipsoidal_m2(cells)
    assert np.allclose(area_unscaled_m2(cells), legal, rtol=1e-5, atol=1e-3)
    empty = frame([shapely.Polygon(), None, shapely.Point(0, 0)])
    assert area_unscaled_m2(empty).tolist() == [0, 0, 0]


def test_the_area_of_a_cell_of_the_graticule():
    # Between two parallels: b²/2 [sin φ/(1-e²sin²φ) + ln((1+e sin φ)/(1-e sin φ))/(2e)] Δλ, exact.
    ellipsoid = Geod(ellps="GRS80")
    e = np.sqrt(ellipsoid.es)

    def up_to(lat):
        s = np.sin(np.radians(lat))
        return (
            ellipsoid.b**2
            / 2
            * (s / (1 - (e * s) ** 2) + np.log((1 + e * s) / (1 - e * s)) / (2 * e))
        )

    exact = (up_to(28.01) - up_to(28)) * np.radians(0.01)
    # Geodesics bulge away from parallels: many vertices along them keep to the parallel.
    cell = shapely.segmentize(shapely.box(119.5, 28, 119.51, 28.01), 0.0001)
    hole = shapely.box(119.502, 28.002, 119.504, 28.004)
    areas = area_ellipsoidal_m2(
        frame([cell, cell.reverse(), cell.difference(hole), None], [*"abcd"], 4490)
    )
    assert areas["a"] == pytest.approx(exact, rel=1e-9)
    assert areas["b"] == areas["a"]
    assert areas["a"] - areas["c"] == pytest.approx(area_ellipsoidal_m2(frame([hole], crs=4490))[0])
    assert areas["d"] == 0


def test_the_area_is_the_same_from_any_crs():
    cells = coverage(1)
    found = [area_ellipsoidal_m2(cells.to_crs(crs)) for crs in (4549, 4490, 4326, 32650)]
    for other in found[1:]:
        pd.testing.assert_series_equal(other, found[0], rtol=1e-6)
    # 20 km off the central meridian the projection enlarges lengths by (20/6370)²/2, areas twice that.
    assert cells.area.sum() / found[0].sum() == pytest.approx(1 + (19.5 / 6370) ** 2, abs=1e-6)
    with pytest.raises(CrsError):
        area_ellipsoidal_m2(frame([shapely.box(0, 0, 1, 1)], crs=2385))


# Repair


def test_what_is_valid_is_left_alone():
    cells = coverage(2).assign(n=1)
    fixed, ledger = repair(cells)
    assert ledger.empty
    assert list(ledger.columns) == ["row", "problem", "area_before_m2", "area_after_m2"]
    pd.testing.assert_frame_equal(fixed, cells)


def test_the_ledger_accounts_for_every_change():
    spike = shapely.Polygon([(0, 0), (4, 0), (4, 4), (4, 9), (4, 4), (0, 4)])  # 16 m², a spike
    hole_outside = shapely.Polygon([(0, 0), (2, 0), (2, 2), (0, 2)], [[(5, 5), (6, 5), (6, 6)]])
    overlapping = shapely.MultiPolygon(
        [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 3, 2)]
    )  # 4 + 4 - 2
    flat = shapely.Polygon([(0, 0), (4, 0), (2, 0)])
    good = shapely.box(0, 0, 1, 1)
    shapes = {"spike": spike, "good": good, "double": overlapping, "flat": flat, "none": None}
    given_ = frame(shapes.values(), list(shapes)).assign(n=range(5))
    fixed, ledger = repair(given_)
    assert fixed.index.tolist() == ["spike", "good", "double"]
    assert fixed["n"].tolist() == [0, 1, 2]
    assert fixed.is_valid.all()
    assert fixed.area.tolist() == [16, 1, 6]
    assert ledger.set_index("row")["area_after_m2"].to_dict() == {
        "spike": 16,
        "double": 6,
        "flat": 0,
        "none": 0,
    }
    assert ledger.set_index("row")["area_before_m2"]["double"] == 8
    assert repair(frame([hole_outside])).frame.is_valid.all()
    assert given_.geometry["spike"].equals_exact(spike, 0)


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=4, max_size=9))
@example([(1, 1), (0, 0), (0, 1), (1, 1), (0, 0), (1, 0)])  # a diagonal gone twice between halves
def test_repair_gives_valid_shapes_and_repairing_again_nothing(ring):
    fixed, ledger = repair(frame([shapely.Polygon(ring)], ["a"]))
    assert fixed.is_valid.all()
    assert fixed.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    assert len(fixed) + (ledger["area_after_m2"] == 0).sum() == 1
    assert fixed.area.sum() == pytest.approx(
        ledger["area_after_m2"].sum() if len(ledger) else shapely.Polygon(ring).area
    )
    assert repair(fixed).ledger.empty


def test_lines_and_points_are_repaired_too():
    lines = frame([shapely.LineString([(0, 0), (0, 0)]), shapely.LineString([(0, 0), (3, 4)])])
    fixed, ledger = repair(lines)
    assert fixed.length.tolist() == [5]
    assert len(ledger) == 1


def test_coordinates_that_are_no_numbers_are_named():
    broken = shapely.transform(
        shapely.box(0, 0, 1, 1), lambda xy: np.where(xy == [0, 1], np.nan, xy)
    )
    with pytest.raises(GeometryError, match="row b"):
        repair(frame([shapely.box(0, 0, 1, 1), broken], ["a", "b"]))
    with pytest.raises(CrsError):
        repair(frame([None], crs=4490))


# Overlay


def test_an_overlay_by_hand():
    # A field of 4 x 2 over two zones: 1 x 2 in the west, 1 x 2 in the east, 4 between in neither.
    field = frame([shapely.box(0, 0, 4, 2), shapely.box(9, 9, 10, 10)], [7, 3])
    zones = frame([shapely.box(3, 0, 6, 2), shapely.box(-1, -5, 1, 5)], ["east", "west"])
    pieces = overlay(field, zones)
    assert pieces["left"].tolist() == [7, 7, 7, 3]
    assert pieces["right"].isna().tolist() == [False, False, True, True]
    assert pieces["right"].tolist()[:2] == ["east", "west"]
    assert pieces.area.tolist() == [2, 2, 4, 1]
    numbered = overlay(field, zones.set_axis([20, 10]))
    assert numbered["right"].tolist()[:2] == [20, 10]


@settings(max_examples=40)
@given(SEEDS, SEEDS, st.floats(0.2, 1), st.floats(-180, 180))
def test_overlays_conserve_area(seed, other, share, turn):
    a = coverage(seed, 30)
    b = coverage(other, 12, share=share, prefix="q")
    b = b.set_geometry(b.rotate(turn, origin=(X + 500, Y + 500)))
    pieces = overlay(a, b)
    sums = pieces.area.groupby(pieces["left"]).sum().reindex(a.index)
    np.testing.assert_allclose(sums, a.area, rtol=1e-9)
    assert pieces.is_valid.all()
    # What each of b receives is what of it lies within the union of a.
    taken = pieces.area.groupby(pieces["right"]).sum().reindex(b.index, fill_value=0)
    np.testing.assert_allclose(taken, b.intersection(a.union_all()).area, rtol=1e-9, atol=1e-5)


@settings(max_examples=15)
@given(SEEDS, SEEDS)
def test_an_overlay_equals_every_pair_intersected(seed, other):
    a, b = coverage(seed, 8), coverage(other, 6, share=0.7, prefix="q")
    b = b.set_geometry(b.translate(137.3, -59.1))
    pieces = overlay(a, b).set_index(["left", "right"]).area
    for (label, shape), (key, cutter) in itertools.product(a.geometry.items(), b.geometry.items()):
        assert pieces.get((label, key), 0.0) == pytest.approx(
            shape.intersection(cutter).area, abs=1e-5
        )


def test_order_of_rows_does_not_matter_to_the_pieces():
    a, b = coverage(5), coverage(6, 9, prefix="q")
    key = ["left", "right"]
    found = [
        overlay(one, two).set_index(key).area.sort_index()
        for one, two in ((a, b), (a.iloc[::-1], b.sample(frac=1, random_state=1)))
    ]
    pd.testing.assert_series_equal(*found)


def test_a_layer_cut_by_itself_stays_as_it_is():
    cells = coverage(7)
    pieces = overlay(cells, cells)
    assert (pieces["left"] == pieces["right"]).all()
    assert pieces.geometry.geom_equals_exact(cells.geometry.reset_index(drop=True), 0).all()


def test_overlays_with_nothing():
    cells, none = coverage(8), coverage(8).iloc[:0]
    assert overlay(none, cells).empty
    pieces = overlay(cells, none)
    assert pieces["right"].isna().all()
    assert pieces["left"].tolist() == cells.index.tolist()


def test_what_cannot_be_overlaid_is_refused():
    a = coverage(9)
    twice = frame([shapely.box(X, Y, X + 600, Y + 600), shapely.box(X + 500, Y, X + 900, Y + 600)])
    with pytest.raises(GeometryError, match="overlaps") as caught:
        overlay(a, twice)
    assert "自身有重叠" in caught.value.said("zh")
    with pytest.raises(CrsError, match="differ"):
        overlay(a, coverage(1).to_crs(4550))
    with pytest.raises(CrsError, match="metres"):
        overlay(a.to_crs(4490), a.to_crs(4490))
    tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    for wrong in (tie, None, shapely.Point(1, 2)):
        with pytest.raises(GeometryError, match="row bad") as caught:
            overlay(a, frame([wrong], ["bad"]))
        assert "应为 有效多边形" in caught.value.said("zh")


# Coverages


def borders_of_pairs(polygons):
    """Every pair's common border by GEOS."""
    found = {}
    for (left, a), (right, b) in itertools.combinations(polygons.geometry.sort_index().items(), 2):
        length = a.boundary.intersection(b.boundary).length
        if length > 0:
            found[left, right] = length
    return found


@settings(max_examples=25)
@given(SEEDS, st.floats(0.3, 1))
def test_shared_borders_are_those_of_every_pair(seed, share):
    cells = coverage(seed, 25, share=share)
    found = shared_borders(cells)
    assert (found["left"] < found["right"]).all()
    lengths = found.set_index(["left", "right"])["length_m"].to_dict()
    expected = borders_of_pairs(cells)
    for pair in lengths.keys() ^ expected.keys():  # within the tolerance, a border is a corner
        assert lengths.pop(pair, 0.0) + expected.pop(pair, 0.0) < 1e-3
    assert lengths == pytest.approx(expected, rel=1e-9, abs=1e-6)


@settings(max_examples=15)
@given(SEEDS)
def test_vertices_on_one_side_only_do_not_hide_a_border(seed):
    cells = coverage(seed, 12)
    whole = shared_borders(cells).set_index(["left", "right"])["length_m"]
    denser = cells.copy()
    every_other = denser.index[::2]
    denser.loc[every_other, "geometry"] = denser.geometry[every_other].segmentize(70)
    found = shared_borders(denser).set_index(["left", "right"])["length_m"]
    pd.testing.assert_series_equal(found, whole, rtol=1e-5, atol=0.01)


def test_borders_that_miss_each_other_by_less_than_the_tolerance_are_shared():
    shapes = [shapely.box(0, 0, 5, 5), shapely.box(5.0004, 0, 9, 5), shapely.box(20, 0, 21, 1)]
    found = shared_borders(frame(shapes))
    assert found[["left", "right"]].to_numpy().tolist() == [[0, 1]]
    assert found["length_m"][0] == pytest.approx(5)


def test_corners_and_strangers_share_no_border():
    shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 1, 2, 2), shapely.box(9, 9, 10, 10)]
    assert shared_borders(frame(shapes)).empty
    assert shared_borders(frame([])).empty


def test_an_enclave_shares_its_whole_border():
    lake = shapely.box(1, 1, 2, 2)
    found = shared_borders(
        frame([shapely.box(0, 0, 4, 4).difference(lake), lake], ["ring", "lake"])
    )
    assert found.to_dict("records") == [{"left": "lake", "right": "ring", "length_m": 4.0}]


@settings(max_examples=20)
@given(SEEDS)
def test_overlaps_are_those_of_every_pair(seed):
    rng = np.random.default_rng(seed)
    cells = coverage(seed, 14)
    moved = rng.random(len(cells)) < 0.3
    cells.loc[moved, "geometry"] = [affinity.translate(g, 20, 10) for g in cells.geometry[moved]]
    copies = [cells.geometry.iloc[0], cells.geometry.iloc[1].centroid.buffer(5)]
    cells = pd.concat([cells, frame(copies, ["copy", "inside"])])
    found = coverage_problems(cells, smallest_m2=1e-6)
    overlaps = found[found["problem"] == "overlap"]
    expected = {
        frozenset((a, b)): one.intersection(two).area
        for (a, one), (b, two) in itertools.combinations(cells.geometry.items(), 2)
        if one.intersection(two).area > 1e-6
    }
    pairs = [frozenset(pair) for pair in overlaps[["left", "right"]].to_numpy()]
    assert dict(zip(pairs, overlaps["area_m2"], strict=True)) == pytest.approx(expected)
    # Areas sum up: cells - overlaps (no three overlap) + gaps = the hull of the union's outside.
    union = cells.union_all()
    filled = sum(shapely.Polygon(part.exterior).area for part in shapely.get_parts(union))
    gaps = found[found["problem"] == "gap"]
    assert gaps["area_m2"].sum() == pytest.approx(filled - union.area, abs=1e-3)
    assert gaps["right"].isna().all()


@settings(max_examples=10)
@given(SEEDS)
def test_a_coverage_laid_over_another_overlaps_everywhere(seed):
    # Within each of the two all edges cancel: their outer borders alone show that one lies over the
    # other. 600² of the one are covered by the other.
    one, other = coverage(seed, 20), coverage(seed + 1, 9, side=600, prefix="q")
    both = pd.concat([one, other])
    found = coverage_problems(both, smallest_m2=0)
    assert set(found["problem"]) == {"overlap"}
    assert found["area_m2"].sum() == pytest.approx(600**2)
    twice = coverage_problems(pd.concat([one, one.rename(index="copy_{}".format)]))
    assert twice["area_m2"].sum() == pytest.approx(1000**2)
    assert (twice["right"] == "copy_" + twice["left"]).sum() == len(one)


def test_a_gap_leaves_out_what_stands_in_it():
    ring = shapely.box(0, 0, 10, 10).difference(shapely.box(2, 2, 8, 8))
    island = shapely.box(4, 4, 6, 6)
    [area] = coverage_problems(frame([ring, island], ["ring", "island"]))["area_m2"]
    assert area == 6 * 6 - 2 * 2


def test_a_gap_is_named_by_a_neighbour_and_a_clean_coverage_has_none():
    cells = coverage(4)
    clean = coverage_problems(cells)
    assert clean.empty
    assert list(clean.columns) == ["problem", "left", "right", "area_m2", "geometry"]
    assert coverage_problems(cells.iloc[:0]).empty
    rim = shapely.box(X, Y, X + 1000, Y + 1000).boundary
    inner = cells.index[~cells.intersects(rim)][0]
    hole = cells.geometry[inner]
    found = coverage_problems(cells.drop(inner))
    assert found["problem"].tolist() == ["gap"]
    assert found["area_m2"][0] == pytest.approx(hole.area)
    assert cells.geometry[found["left"][0]].touches(hole)


@settings(max_examples=15)
@given(SEEDS, st.floats(1, 60))
def test_simplified_neighbours_still_share_their_borders(seed, tolerance):
    rng = np.random.default_rng(seed)
    cells = coverage(seed, 15)
    # Borders with many vertices, all shaken; the same point is shaken alike on both sides.
    fine = np.round(
        shapely.get_coordinates(dense := shapely.segmentize(np.array(cells.geometry.array), 20)), 3
    )
    points, number = np.unique(fine, axis=0, return_inverse=True)
    rough = shapely.set_coordinates(dense, fine + rng.normal(0, 1, points.shape)[number])
    assume(shapely.coverage_is_valid(rough))
    simple = simplify_coverage(frame(rough, cells.index), tolerance_m=tolerance)
    shapes = np.array(simple.geometry.array)
    assert shapely.coverage_is_valid(shapes)
    assert shapely.get_num_coordinates(shapes).sum() < shapely.get_num_coordinates(rough).sum()
    assert simple.index.tolist() == cells.index.tolist()
    assert not simple.is_empty.any()


def test_an_invalid_coverage_is_not_simplified():
    shapes = [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 4, 2)]
    with pytest.raises(GeometryError, match="such as a, b") as caught:
        simplify_coverage(frame(shapes, ["a", "b"]), tolerance_m=1)
    assert "2 行的边界不吻合，如 a, b" in caught.value.said("zh")
