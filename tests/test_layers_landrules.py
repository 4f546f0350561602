"""What rules say of parcels: each rule by itself, closed and open ends, and three states."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box, union_all

from geo.errors import SchemaError
from layers import twin
from layers.land.fabric import fabric
from layers.land.rules import (
    BALANCE,
    ENTERING,
    STEEPEST,
    Book,
    book,
    covered_m2,
    least_m2,
    permanent,
    refusals,
)

NOW, THEN = book(date(2026, 1, 1)), book(date(2022, 1, 1))


def county(**changes):
    place = twin.county()
    data = {**place.data, **changes}
    return replace(place, data={name: one for name, one in data.items() if one is not None})


def land(place, **columns):
    return fabric(place).assign(**columns)


def test_every_rule_is_asked_of_every_parcel():
    place = county()
    said = refusals(land(place), place, NOW)
    assert tuple(said.columns) == ENTERING
    # two parcels each in redline and source zone, none in a park core; 127 forests at 30°
    assert said.sum().to_dict() == {
        "exchange.redline": 2,
        "exchange.reserve": 0,
        "exchange.source_water": 2,
        STEEPEST: 127,
        BALANCE: 2,
    }


@pytest.mark.parametrize(("slope", "refused"), [(25.0, 0), (25.0001, 1), (np.nan, np.nan)])
def test_the_limit_of_slope_is_closed_and_unknown_is_unknown(slope, refused):
    place = county()
    said = refusals(land(place, slope_deg=slope), place, NOW)[STEEPEST]
    np.testing.assert_array_equal(said, refused)


def test_a_missing_layer_says_nothing():
    place = county(redline=None, basic_farmland=None)
    said = refusals(land(place), place, NOW)
    assert said["exchange.redline"].isna().all()
    assert said["exchange.source_water"].notna().all()
    assert permanent(land(place), place).isna().all()


def test_only_the_core_of_a_park_binds():
    park = twin.county().vector("park")
    park = park.set_geometry(park.translate(0, -2400))  # from the hill onto the pilots
    place = county(park=park)
    said = refusals(land(place), place, NOW)["exchange.reserve"]
    core = park.geometry["core"]
    expected = land(place).geometry.intersection(core).area > 1
    assert said.astype(bool).equals(expected)
    assert 0 < expected.sum() < land(place).intersects(park.union_all()).sum()


def test_slivers_bind_nothing():
    strip = gpd.GeoDataFrame(
        {"id": ["r"]}, geometry=[box(479_000, 3_096_000, 480_000.005, 3_096_200)], crs=4549
    ).set_index("id")
    place = county(redline=strip)  # 0.005 x 200 = 1 m² of one parcel
    for sliver, count in ((0.5, 1), (1.0001, 0), (2, 0)):
        said = refusals(land(place), place, NOW, sliver_m2=sliver)
        assert said["exchange.redline"].sum() == count, sliver


def test_what_counts_in_the_balance_depends_on_the_day():
    place = county()
    late, early = (refusals(land(place), place, on)[BALANCE] for on in (NOW, THEN))
    changed = land(place)[early != late]
    assert set(changed["land_class"]) == {"homestead", "construction"}


def test_a_rule_not_yet_in_force_is_not_asked():
    before = book(date(2021, 11, 26))
    place = county()
    assert tuple(refusals(land(place), place, before).columns) == (STEEPEST,)
    assert before.counts == ()
    with pytest.raises(SchemaError, match=r"no such rule on this day: exchange\.balance") as caught:
        before.figure(BALANCE, "area_ratio")
    assert "当日没有有效的规则 exchange.balance" in caught.value.said("zh")


CORNER = st.integers(0, 20)
BOXES = st.lists(st.tuples(CORNER, CORNER, st.integers(1, 9), st.integers(1, 9)), max_size=6)


def boxes(corners):
    return gpd.GeoDataFrame(geometry=[box(x, y, x + w, y + h) for x, y, w, h in corners], crs=4549)


@given(BOXES.filter(len), BOXES)
@settings(max_examples=60)
def test_covered_area_is_that_of_the_intersection_with_all_zones_together(parcels, zones):
    land_, zones_ = boxes(parcels), boxes(zones)
    whole = union_all(zones_.geometry.to_numpy())
    expected = land_.geometry.intersection(whole).area
    np.testing.assert_allclose(covered_m2(land_, zones_), expected, atol=1e-9)


def test_a_block_counts_from_a_hundred_mu():
    assert least_m2(NOW) == pytest.approx(200_000 / 3)
    with pytest.raises(SchemaError, match=r"exchange\.block"):
        least_m2(Book(NOW.day, {}))
