"""What land shapes take: hectares worked by hand, and laws of parts and wholes."""

from dataclasses import replace

import geopandas as gpd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CrsError
from layers import twin
from layers.land.taken import taken
from layers.twin.place import area

COUNTY = twin.county()
METRES = st.integers(0, 6200)


def of(*bounds, county=COUNTY):
    shapes = gpd.GeoDataFrame(geometry=[area(*one) for one in bounds], crs=COUNTY.crs)
    return {
        (one.township, one.land): pytest.approx(one.area_ha)
        for one in taken(county, shapes).rename(columns={"class": "land"}).itertuples()
    }


def without(*layers):
    return replace(COUNTY, data={k: v for k, v in COUNTY.data.items() if k not in layers})


def test_a_strip_through_fields_and_two_townships():
    # Row 8 of MAP, "FCCCCCCCCFFCCCCCCCCF", lies from 600 to 800 m north. From 2600 to 3400 m east,
    # 100 m high: 100 m of field 8 (to 2700), 300 of forest 9; then, in township 004 from 3000 on,
    # 300 of forest 10 and 100 of field 11. 100 m × 100 m = 1 ha.
    assert of((2600, 650, 3400, 750)) == {
        ("003", "cropland"): 1,
        ("003", "forest"): 3,
        ("004", "cropland"): 1,
        ("004", "forest"): 3,
    }


def test_land_of_no_parcel_and_beyond_the_county_is_of_no_known_class():
    # parcels end at 2400 m north, the county at 6000 m east
    assert of((100, 2300, 200, 2500)) == {("003", "forest"): 1, ("001", "unknown"): 1}
    assert of((5900, 3000, 6100, 3100)) == {("002", "unknown"): 1, ("", "unknown"): 1}
    strip = (2600, 650, 3400, 750)
    assert of(strip, county=without("parcels")) == {("003", "unknown"): 4, ("004", "unknown"): 4}


def test_what_overlaps_counts_once_and_nothing_takes_nothing():
    assert of((0, 0, 200, 100), (100, 0, 300, 100)) == of((0, 0, 300, 100))
    empty = taken(COUNTY, gpd.GeoDataFrame(geometry=[], crs=COUNTY.crs))
    assert (len(empty), list(empty.columns)) == (0, ["class", "township", "area_ha"])


def test_another_crs_is_refused():
    shapes = gpd.GeoDataFrame(geometry=[area(0, 0, 100, 100)], crs=4547)
    with pytest.raises(CrsError, match="taken"):
        taken(COUNTY, shapes)


@given(METRES, METRES, st.integers(1, 900), st.integers(1, 900))
@settings(max_examples=25)
def test_classes_and_townships_sum_to_the_whole(west, south, width, height):
    found = of((west, south, west + width, south + height))
    total = sum(hectares.expected for hectares in found.values())
    assert total == pytest.approx(width * height / 1e4, abs=2e-4)  # borders within a square metre
