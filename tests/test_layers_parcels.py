"""Parcels as analyses take them: every figure from where it is said to come, or unknown."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from geo.errors import SchemaError, UsageError
from geo.vector import area_ellipsoidal_m2
from layers import twin
from layers.land.fabric import OUTSIDE, fabric


def county(change=None, *, without=()):
    place = twin.county()
    data = {name: one for name, one in place.data.items() if name not in without}
    if change:
        data["parcels"] = change(place.vector("parcels"))
    return replace(place, data=data)


def test_areas_are_those_of_the_survey_in_whole_hundredths():
    land = fabric(county(lambda parcels: parcels.assign(TBMJ=59_999.99)))
    assert set(land["hundredths"]) == {5_999_999}
    assert set(land["area_m2"]) == {59_999.99}
    assert land["surveyed"].all()
    planar = fabric(county(lambda parcels: parcels.assign(TBMJ=1.0)), area_from="planar")
    assert set(planar["hundredths"]) == {6_000_000}
    assert not planar["surveyed"].any()


def test_without_a_survey_area_the_legal_one_is_measured():
    def half(parcels):
        parcels.iloc[:120, parcels.columns.get_loc("TBMJ")] = np.nan
        return parcels

    land = fabric(county(half))
    assert land["surveyed"].sum() == 120
    expected = area_ellipsoidal_m2(land[~land["surveyed"]])
    np.testing.assert_allclose(land["area_m2"][~land["surveyed"]], expected, atol=0.005)
    with pytest.raises(SchemaError, match="p0000"):
        fabric(county(lambda parcels: parcels.assign(TBMJ=0.0)))


def test_slope_comes_from_the_terrain_where_parcels_do_not_say_it():
    land = fabric(county(lambda parcels: parcels.drop(columns="slope_deg")))
    assert set(land["slope_deg"]) == {0.0}  # the pilots lie on the plane
    blind = county(lambda parcels: parcels.drop(columns="slope_deg"), without=("dem",))
    assert fabric(blind)["slope_deg"].isna().all()


def test_the_township_is_what_the_parcel_says_or_where_it_lies():
    said = fabric(county())["township"]
    assert said.value_counts().to_dict() == {"003": 120, "004": 120}
    # by the beginning of ZLDWDM, though the column says nothing
    by_code = county(lambda parcels: parcels.assign(township=None))
    assert fabric(by_code)["township"].equals(said)
    bare = county(lambda parcels: parcels.drop(columns=["township", "ZLDWDM", "QSDWDM"]))
    assert fabric(bare)["township"].equals(said)
    assert set(fabric(bare)["village"]) == {""}
    far = county(
        lambda parcels: parcels.drop(columns=["township", "ZLDWDM"]).set_geometry(
            parcels.geometry.translate(0, 1e5)
        )
    )
    assert set(fabric(far)["township"]) == {OUTSIDE}


def test_scope_is_by_township_and_what_is_not_there_is_told():
    assert set(fabric(county(), townships=["004"])["township"]) == {"004"}
    with pytest.raises(UsageError, match=r"999.*003, 004"):
        fabric(county(), townships=["004", "999"])


def test_rows_are_sorted_by_identity():
    turned = fabric(county(lambda parcels: parcels.iloc[::-1]))
    pd.testing.assert_frame_equal(pd.DataFrame(turned), pd.DataFrame(fabric(county())))
