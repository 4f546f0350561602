"""Zones of the twin: their land, what of other shapes lies in them, what is not known."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import twin
from layers.catalog import CATALOG
from layers.ground import lake_surface
from layers.rulebook import rules
from layers.zones import ZONES, Extent, area, bound, covered_m2, share


def without(layer):
    county = twin.county()
    return replace(county, data={n: one for n, one in county.data.items() if n != layer})


@pytest.mark.parametrize("zone", ZONES)
def test_every_zone_has_polygons_and_without_its_layer_none(zone):
    shapes = area(twin.county(), zone, Extent(lake="pool_100", river_order=2))
    assert len(shapes)
    assert ZONES[zone].layer in CATALOG
    assert area(without(ZONES[zone].layer), zone) is None


def test_the_park_is_its_core_and_its_general_zone():
    whole, core, general = (
        area(twin.county(), zone) for zone in ("park", "park_core", "park_general")
    )
    assert [round(one.area.sum()) for one in (whole, core, general)] == [
        2_250_000,
        360_000,
        1_890_000,
    ]
    assert set(whole.index) == {*core.index, *general.index}


def test_rules_on_zones_stand_in_the_books():
    known = rules(date(2024, 1, 1))
    assert all(rule in known for zone in ZONES.values() for rule in zone.rules)


def test_a_settlement_reaches_as_far_as_is_asked_and_rivers_count_from_their_order():
    county = twin.county()
    near, far = (area(county, "settlements", Extent(settlement_m=m)).area for m in (50, 100))
    assert (far / near).tolist() == pytest.approx([4.0] * len(near))
    lines = [len(area(county, "water", Extent(river_order=order))) for order in (1, 2, 3)]
    assert lines == [4, 2, 1]  # the pool with three rivers, with one, alone


def test_of_several_surfaces_the_one_asked_for_counts_else_the_lowest():
    county = twin.county()
    lake = county.vector("lake")
    high = lake.rename(index={"pool_100": "pool_120"}).assign(level_m=120.0)
    both = gpd.GeoDataFrame(np.concatenate([high, lake]), columns=lake.columns, crs=lake.crs)
    both.index = [*high.index, *lake.index]
    two = replace(county, data={**county.data, "lake": both.set_geometry("geometry")})
    assert lake_surface(two, "pool_120").index.tolist() == ["pool_120"]
    assert lake_surface(two, "pool_7").index.tolist() == ["pool_100"]
    assert lake_surface(without("lake"), "pool_100") is None


def test_land_in_a_zone_counts_once_and_lines_have_none():
    # Of 2 × 1 half lies in the first of two polygons that overlap; a river across it takes nothing.
    land = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2, 1)], index=["a"], crs=4549)
    shapes = [
        shapely.box(1, 0, 3, 1),
        shapely.box(1, 0, 4, 1),
        shapely.LineString([(0, 0), (2, 1)]),
    ]
    zone = gpd.GeoDataFrame(geometry=shapes, crs=4549)
    assert covered_m2(land, zone).to_dict() == {"a": 1.0}
    assert share(land, zone).to_dict() == {"a": 0.5}
    assert share(land, zone.iloc[:0]).to_dict() == {"a": 0.0}
    assert np.isnan(share(land, None)["a"])


CORNER = st.integers(0, 20)
BOXES = st.lists(st.tuples(CORNER, CORNER, st.integers(1, 9), st.integers(1, 9)), max_size=6)


def boxes(corners):
    shapes = [shapely.box(x, y, x + w, y + h) for x, y, w, h in corners]
    return gpd.GeoDataFrame(geometry=shapes, crs=4549)


@given(BOXES.filter(len), BOXES)
@settings(max_examples=60)
def test_covered_area_is_that_of_the_intersection_with_all_of_a_zone_together(parcels, zone):
    land, polygons = boxes(parcels), boxes(zone)
    expected = land.geometry.intersection(polygons.union_all()).area
    np.testing.assert_allclose(covered_m2(land, polygons), expected, atol=1e-9)


def test_the_rule_on_source_zones_binds_the_first_class_and_is_not_known_without_classes():
    zones = area(twin.county(), "source_water")
    assert (len(zones), len(bound("source_water", zones))) == (1, 0)  # the twin's is of the second
    assert len(bound("source_water", zones.assign(grade="first"))) == 1
    assert bound("source_water", zones.assign(grade=None)) is None
    assert bound("source_water", zones.drop(columns="grade")) is None
    assert bound("source_water", None) is None
    core = area(twin.county(), "park_core")
    assert bound("park_core", core) is core
