"""Easement on collective forest: hectares and payments by hand, unknown owners, missing layers."""

import functools
from dataclasses import replace
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.files import read_vector
from layers import twin
from layers.catalog import CATALOG
from layers.county import layer_file
from layers.folder import SHIPPED
from layers.land.ownership import forests
from layers.rulebook import rules
from layers.schema import check_all
from layers.twin.place import area, frame
from scenarios.park_easement.case import MU_PER_HA, QUOTED, RULE, Case, Easement
from scenarios.running import runs


@functools.cache
def county():
    return twin.county()


def run(place=None, **asked):
    return runs.perform(runs.Order("park_easement", place or county(), Easement(**asked))).result


def table(result, name):
    return next(one for one in result.tables if one.id == name).frame


def check(result, name):
    return next((one for one in result.checks if one.id == name), None)


def metric(result, name):
    return next(one for one in result.metrics if one.id == name)


def without(*layers, **more):
    data = {n: one for n, one in county().data.items() if n not in layers}
    return replace(county(), data={**data, **more})


def test_the_forest_of_the_twin_by_hand():
    # Collective: 750 × 1,500 m = 112.5 ha, of it 300 × 600 m = 18 ha in the core. 1 ha = 15 mu:
    #   core     18.0 ha =   270.0 mu × 40 / 50 / 60 yuan =  10,800 / 13,500 / 16,200
    #   general  94.5 ha = 1,417.5 mu × 20 / 30 / 40 yuan =  28,350 / 42,525 / 56,700
    # together 39,150 / 56,025 / 72,900 yuan a year. Owner not known: 9 + 36 ha; state: 9 + 47.25 ha.
    result = run(core_yuan_mu=(40, 50, 60), general_yuan_mu=(20, 30, 40))
    sums = table(result, "by_zone").set_index("zone")
    assert sums["collective_ha"].to_dict() == pytest.approx(
        {"core": 18, "general": 94.5, "total": 112.5}
    )
    assert sums["state_ha"].to_dict() == pytest.approx(
        {"core": 9, "general": 47.25, "total": 56.25}
    )
    assert sums["unknown_ha"].to_dict() == pytest.approx({"core": 9, "general": 36, "total": 45})
    paid = metric(result, "payment_wan")
    assert (paid.low, paid.value, paid.high) == pytest.approx((3.915, 5.6025, 7.29))
    assert [(one.place, one.low, one.likely, one.high) for one in result.claims] == [
        ("002", pytest.approx(10_800), pytest.approx(13_500), pytest.approx(16_200)),
        ("002", pytest.approx(28_350), pytest.approx(42_525), pytest.approx(56_700)),
    ]
    assert {one.unit for one in result.claims} == {"yuan"}
    assert all("每年" in one.title.zh and "a year" in one.title.en for one in result.claims)
    # If the 45 ha were collective: 9 × 15 × 60 + 36 × 15 × 40 = 8,100 + 21,600 = 29,700 yuan more.
    assert Case(
        county(), Easement(core_yuan_mu=(40, 50, 60), general_yuan_mu=(20, 30, 40))
    ).open_wan == (pytest.approx(2.97))
    assert check(result, "rate") is None  # these rates are the planner's own
    assert set(table(result, "rates")["status"]) == {"given"}


def test_the_quoted_rate_is_told_as_unverified_wherever_it_is_used():
    known = rules(date(2025, 1, 1))[RULE]
    assert (known.parameters["rate"]["value"], known.status) == (QUOTED, "unverified")
    result = run()
    assert check(result, "rate").verdict == "unknown"
    assert "未核实" in check(result, "rate").found.zh
    assert "unverified" in metric(result, "payment_wan").note.en
    assert any("未核实" in sentence.zh for sentence in result.answer)
    assert set(table(result, "rates")["status"]) == {"unverified"}
    assert {one.rule for one in result.claims} == {RULE}


def test_an_unknown_owner_is_never_collective():
    forest = county().vector("forest").assign(ownership=None)
    result = run(without(forest=forest))
    assert metric(result, "payment_wan").high == 0
    assert result.claims == ()
    assert metric(result, "unknown_ha").value == pytest.approx(213.75)  # 225 ha less 11.25 of none
    assert check(result, "owner").verdict == "unknown"
    owned = run(without(forest=forest.assign(ownership="state")))
    assert check(owned, "owner") is None


def test_sums_by_township_are_those_of_the_forest():
    forest = county().vector("forest").copy()
    forest.loc["f1", "township"] = "001"
    forest.loc["f4", "geometry"] = area(4365, 3015, 4965, 3465)  # half of it in the park, over f2
    rows = table(run(without(forest=forest)), "by_zone_township").set_index(["zone", "township"])
    assert rows.index.tolist() == [
        ("core", "001"),
        ("core", "002"),
        ("general", "001"),
        ("general", "002"),
        ("total", "total"),
    ]
    # f4 has 300 × 450 m = 13.5 ha in the general zone.
    assert rows["collective_ha"].tolist() == pytest.approx([18, 0, 94.5, 13.5, 126])


def test_parcels_of_the_survey_say_it_where_no_rights_are_mapped():
    # QSXZ of the survey: 30 collective, 20 the state, nothing: not known. 0101 is no forest.
    land = {
        "BSM": [*"abcd"],
        "DLBM": ["0301", "0301", "0302", "0101"],
        "QSXZ": ["30", "20", None, "30"],
        "township": ["002", "002", None, "002"],
    }
    shapes = [area(3215 + 100 * k, 3100, 3315 + 100 * k, 3200) for k in range(4)]  # 1 ha each
    place = without("forest", parcels=frame(land, shapes, "BSM"))
    assert forests(place)["ownership"].tolist() == ["collective", "state", "unknown"]
    result = run(place)
    assert metric(result, "general_collective_ha").value == pytest.approx(1)
    assert metric(result, "unknown_ha").value == pytest.approx(1)
    assert "QSXZ" in check(result, "owner").remedy.en
    assert table(result, "by_zone_township")["township"].tolist() == ["002", "nowhere", "total"]
    assert check(result, "missing_forest").verdict == "unknown"
    bare = without("forest", parcels=frame(land, shapes, "BSM").drop(columns=["QSXZ", "township"]))
    assert set(forests(bare)["ownership"]) == {"unknown"}


@pytest.mark.parametrize(
    "layers", [("park",), ("forest", "parcels"), ("park", "forest", "parcels")]
)
def test_what_is_missing_is_named_and_nothing_assumed(layers):
    result = run(without(*layers))
    assert result.metrics == result.claims == ()
    assert {f"missing_{one}" for one in layers} <= {one.id for one in result.checks}
    assert "未知" in result.answer[1].zh


def test_parcels_are_not_missed_where_rights_are_mapped():
    assert check(run(without("parcels")), "missing_parcels") is None


def test_rates_ascend():
    with pytest.raises(ValueError, match="low ≤ likely ≤ high"):
        Easement(core_yuan_mu=(50, 40, 60))


RATES = st.lists(st.integers(0, 900), min_size=3, max_size=3).map(sorted).map(tuple)


@given(RATES, st.integers(1, 5))
@settings(max_examples=20)
def test_payments_grow_with_rates_and_close_to_their_parts(rates, times):
    once = Case(county(), Easement(core_yuan_mu=rates, general_yuan_mu=rates))
    more = tuple(rate * times for rate in rates)
    often = Case(county(), Easement(core_yuan_mu=more, general_yuan_mu=more))
    assert often.paid() == pytest.approx([times * one for one in once.paid()])
    parts = [sum(pair) for pair in zip(once.paid("core"), once.paid("general"), strict=True)]
    assert once.paid() == pytest.approx(parts)
    assert once.paid() == pytest.approx([112.5 * MU_PER_HA * rate / 1e4 for rate in rates])


def test_the_shipped_forest_covers_the_park_and_is_told_as_modelled():
    layers = {
        name: read_vector(layer_file(SHIPPED / "jingning", name), layer=name)
        for name in ("forest", "park", "townships", "outline")
    }
    crs = layers["park"].crs
    assert check_all(layers, CATALOG, crs=crs) == []
    forest, park = layers["forest"], layers["park"]
    covered = forest.union_all().intersection(park.union_all()).area
    assert covered == pytest.approx(forest.area.sum(), abs=1)  # no overlaps, nothing outside
    assert covered / park.area.sum() > 0.999
    shares = forest.assign(owner=forest["ownership"].fillna("")).dissolve("owner").area / covered
    assert pd.Series({"collective": 0.78, "state": 0.14, "": 0.08}).sub(shares).abs().max() < 0.06
    assert isinstance(forest, gpd.GeoDataFrame)
