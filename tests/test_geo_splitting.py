"""Shapes split by areas: by hand, laws on random shapes, and the overlay as a second opinion."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CrsError
from geo.splitting import GRAIN_M, GRAIN_M2, measure, split
from geo.vector import overlay

OUTSIDE = "outside"


def frame(shapes, labels=None):
    return gpd.GeoDataFrame(geometry=list(shapes), index=labels, crs=4549)


def told(parts):
    """Each part as shape, area, size."""
    sizes = measure(np.array(parts.geometry.array, dtype=object)).round(6).tolist()
    return list(zip(parts["shape"], parts["area"].fillna(OUTSIDE), sizes, strict=True))


CORE, RING = shapely.box(10, 10, 20, 20), shapely.box(0, 0, 30, 30)
ZONES = frame([CORE, RING], ["core", "general"])


def test_a_field_across_two_zones_by_hand():
    # 5 … 45 by 12 … 14: 5–10 general, 10–20 core, 20–30 general, 30–45 outside, each 2 m high:
    # core 10 × 2 = 20 m²; general (5 + 10) × 2 = 30 m²; outside 15 × 2 = 30 m².
    field = frame([shapely.box(5, 12, 45, 14)], ["field"])
    assert told(split(field, ZONES)) == [
        ("field", "core", 20.0),
        ("field", "general", 30.0),
        ("field", OUTSIDE, 30.0),
    ]


def test_borders_belong_to_the_first_area_and_lie_inside():
    # The line runs 10 m along the border of the core, 10 m along that of the ring, 5 m beyond it.
    lines = [[(10, 10), (20, 10)], [(0, 30), (10, 30)], [(31, 0), (36, 0)]]
    shapes = frame([*map(shapely.LineString, lines), shapely.Point(20, 20), shapely.Point(30, 5)])
    assert told(split(shapes, ZONES)) == [
        (0, "core", 10.0),
        (1, "general", 10.0),
        (2, OUTSIDE, 5.0),
        (3, "core", 1.0),
        (4, "general", 1.0),
    ]


def test_what_only_touches_an_area_has_no_part_in_it():
    # A square beside the ring shares a side with it, a line ends at its corner.
    shapes = frame([shapely.box(30, 0, 40, 10), shapely.LineString([(30, 30), (40, 40)])])
    assert [area for _, area, _ in told(split(shapes, ZONES))] == [OUTSIDE, OUTSIDE]


def test_shapes_of_several_parts_are_counted_together():
    # Three of the points lie in the core, one in the ring, one outside.
    points = shapely.MultiPoint([(11, 11), (12, 12), (13, 13), (1, 1), (99, 99)])
    assert [size for *_, size in told(split(frame([points]), ZONES))] == [3.0, 1.0, 1.0]


def test_rounding_makes_no_part_and_the_smallest_shape_is_one():
    sliver = shapely.box(30 - 1e-6, 0, 40, 10)  # 1e-5 m² of it lie in the ring
    dot = shapely.box(5, 5, 5.001, 5.001)  # 1e-6 m², less than a grain
    assert [area for _, area, _ in told(split(frame([sliver, dot]), ZONES))] == [OUTSIDE, "general"]


def test_nothing_to_split_gives_nothing_and_no_areas_leave_all_outside():
    assert split(frame([]), ZONES).empty
    assert told(split(frame([CORE]), ZONES.iloc[:0])) == [(0, OUTSIDE, 100.0)]


def test_frames_in_two_systems_are_refused():
    with pytest.raises(CrsError):
        split(frame([CORE]), ZONES.to_crs(4490))


CORNER = st.integers(0, 20)
BOXES = st.tuples(CORNER, CORNER, st.integers(1, 9), st.integers(1, 9)).map(
    lambda one: shapely.box(one[0], one[1], one[0] + one[2], one[1] + one[3])
)
LINES = st.lists(st.tuples(CORNER, CORNER), min_size=2, max_size=2, unique=True).map(
    shapely.LineString
)
POINTS = st.tuples(CORNER, CORNER).map(shapely.Point)


@given(st.lists(BOXES | LINES | POINTS, min_size=1, max_size=6), st.lists(BOXES, max_size=4))
@settings(max_examples=60)
def test_parts_close_to_the_whole_and_lie_where_they_are_said_to(shapes, areas):
    labels = [f"zone_{k}" for k in range(len(areas))]
    parts = split(frame(shapes), frame(areas, labels))
    sums = np.zeros(len(shapes))
    np.add.at(sums, parts["shape"].to_numpy(dtype=int), sized(parts.geometry))
    room = np.array([GRAIN_M2 if one.area else GRAIN_M for one in shapes]) * (len(areas) + 1)
    assert (abs(sums - sized(shapes)) <= room).all()
    for part in parts.itertuples():
        known = part.area in labels
        place = labels.index(part.area) if known else len(areas)
        if known:
            assert areas[place].buffer(1e-6).covers(part.geometry)
        inner = shapely.union_all(areas[:place]).buffer(-1e-6)  # areas that go before its own
        assert sized([part.geometry.intersection(inner)])[0] == pytest.approx(0, abs=1e-6)


def sized(shapes):
    return measure(np.array(list(shapes), dtype=object)) * [not one.is_empty for one in shapes]


@given(
    st.lists(BOXES, min_size=1, max_size=4), st.lists(CORNER, min_size=3, max_size=3, unique=True)
)
@settings(max_examples=40)
def test_polygons_split_as_the_overlay_splits_them(shapes, cuts):
    low, middle, high = sorted(cuts)
    zones = frame([shapely.box(low, 0, middle, 30), shapely.box(middle, 0, high, 30)], ["a", "b"])
    parts, pieces = split(frame(shapes), zones), overlay(frame(shapes), zones)
    assert parts["shape"].tolist() == pieces["left"].tolist()
    assert parts["area"].fillna(OUTSIDE).tolist() == pieces["right"].fillna(OUTSIDE).tolist()
    np.testing.assert_allclose(parts.area, pieces.area, atol=1e-9)
