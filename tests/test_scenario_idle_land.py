"""Idle land: days before and after worked by hand, states that close, matchings against brute force."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from shapely import box

from geo.errors import FileError
from geo.files import read_vector
from layers import twin
from layers.catalog import CATALOG
from layers.county import County, layer_file
from layers.folder import SHIPPED
from layers.land.idle import STATES
from layers.schema import check
from scenarios.idle_land.matching import demanded
from scenarios.idle_land.question import run
from scenarios.idle_land.terms import IdleLand

TWIN = twin.county()
DEMANDS = TWIN.defaults["idle_land"]["demands"]
DAY = date(2026, 1, 1)


def with_plots(plots=None, drop=(), **layers):
    data = {name: one for name, one in TWIN.data.items() if name not in drop}
    if plots is not None:
        data["industrial_plots"] = plots
    return County(TWIN.id, TWIN.name, TWIN.crs, {**data, **layers}, TWIN.sources)


def answer(county=TWIN, **asked):
    return run(county, IdleLand(**{"demands": DEMANDS, **asked}))


def table(result, name):
    return next(one for one in result.tables if one.id == name).frame


def metric(result, name):
    return next(one for one in result.metrics if one.id == name)


def checks(result):
    return {check.id: check for check in result.checks}


@pytest.fixture(scope="module")
def found():
    return answer()


# --- states and rules ---------------------------------------------------------------------------


def test_the_plots_of_the_twin_are_what_its_docstring_says(found):
    plots = found.layers[1].data
    assert plots["state"].to_dict() == {
        "q01": "not_supplied",
        "q02": "taken_back",
        "q03": "fee",
        "q04": "agreed",
        "q05": "in_term",
        "q06": "cause_open",
        "q07": "agreed",
        "q08": "low_output",
        "q09": "in_use",
        "q10": "not_known",
    }
    assert metric(found, "idle_ha").value == pytest.approx(12)  # (45 × 3 + 22.5 × 2) / 15
    assert set(metric(found, "idle_ha").features) == {"q02", "q03", "q04", "q06", "q07"}


def test_before_the_order_nothing_is_judged_and_it_is_said():
    result = answer(rule_date=date(2012, 6, 30))
    assert "idle_land.taken_back" not in checks(result)
    assert checks(result)["unknown_rule"].verdict == "unknown"
    assert {claim.kind for claim in result.claims} == {"land"}


# --- release and hectares ---------------------------------------------------------------------


def test_plots_are_released_when_notices_have_run(found):
    plots = found.layers[2].data
    release = plots["release"].dropna().to_dict()
    assert release == {
        "q01": "2026-07-01",  # 6 months to supply
        "q02": "2027-07-01",  # 12 to take back, 6 to supply
        "q03": "2028-07-01",  # two years full on 2027-01-01, then 18
        "q04": "2027-07-01",  # 12 to agree, 6 to supply
        "q07": "2027-07-01",
    }
    low = answer(release_low=True, years=4).layers[2].data["release"].dropna()
    assert low["q08"] == "2029-07-01"  # 36 + 6
    assert "q08" not in answer(release_low=True, years=3).layers[2].data["release"].dropna()


def test_hectares_by_state_close_to_the_extent_in_every_year(found):
    states = table(found, "states").set_index("state")
    assert states.loc["total"].tolist() == pytest.approx([40] * 6)
    assert states.drop("total").sum().tolist() == pytest.approx([40] * 6, abs=1e-4)
    assert states.loc["rest"].tolist() == pytest.approx([10] * 6)
    # q05 is a year late on 2026-06-01, two on 2027-06-01; q03 two on 2027-01-01: 3 ha each.
    assert states.loc["fee"].tolist() == pytest.approx([3, 6, 0, 0, 0, 0])
    assert states.loc["taken_back"].tolist() == pytest.approx([3, 3, 9, 9, 9, 9])
    assert checks(found)["closed"].verdict == "pass"


def test_plots_that_overlap_or_lie_beyond_do_not_close():
    plots = TWIN.vector("industrial_plots")
    (x, y) = plots.geometry["q02"].bounds[:2]
    plots.loc["q02", "geometry"] = box(x - 1, y, x + 200, y + 150)  # 1 × 150 m into q01
    closed = checks(answer(with_plots(plots)))["closed"]
    assert (closed.verdict, closed.found.en) == ("fail", "150.00 m²")
    plots = TWIN.vector("industrial_plots")
    (x, y) = plots.geometry["q01"].bounds[:2]
    plots.loc["q01", "geometry"] = box(x - 10, y, x + 200, y + 150)  # 10 × 150 m outside
    said = checks(answer(with_plots(plots)))
    assert said["closed"].verdict == "pass"
    assert (said["beyond"].found.en, said["beyond"].features) == ("1,500 m²", ("q01",))


def test_without_an_extent_the_plots_are_it_and_it_is_said():
    result = answer(with_plots(drop={"lijing_park"}))
    assert checks(result)["no_extent"].verdict == "unknown"
    assert table(result, "states").set_index("state").loc["total", "today"] == pytest.approx(30)


def test_the_enclave_of_the_shipped_county_is_whole():
    read = {
        name: read_vector(layer_file(SHIPPED / "jingning", name)).set_index("id")
        for name in ("industrial_plots", "lijing_park")
    }
    plots, extent = read["industrial_plots"], read["lijing_park"].union_all()
    assert plots.union_all().difference(extent).area < 1e-6
    result = answer(with_plots(plots, lijing_park=read["lijing_park"]), demands="")
    states = table(result, "states").set_index("state")
    assert states.loc["total", "today"] == pytest.approx(400)
    off = (states.drop("total").sum() - states.loc["total"]).abs().max() * 1e4
    assert off <= 1  # m²
    assert {"not_supplied", "taken_back", "fee", "agreed", "low_output"} <= set(states.index)
    assert "name" not in plots


# --- fees, claims, edits ----------------------------------------------------------------------


def test_a_fee_needs_a_price(found):
    assert not [one for one in found.metrics if one.id == "fee_wan_yuan"]
    assert checks(found)["unknown_price"].features == ("q03",)
    fee = metric(answer(price_wan_yuan_mu=10), "fee_wan_yuan")
    # 0.2 × 45 mu × 10 万元, a fifth more or less
    assert (fee.low, fee.value, fee.high) == pytest.approx((72, 90, 108))
    plots = TWIN.vector("industrial_plots").assign(price_yuan=np.nan)
    plots.loc["q03", "price_yuan"] = 5e6
    result = answer(with_plots(plots), price_wan_yuan_mu=10)
    fee = metric(result, "fee_wan_yuan")
    assert (fee.low, fee.value, fee.high) == pytest.approx((100, 100, 100))
    (claim,) = (one for one in result.claims if one.kind == "yuan")
    assert (claim.low, claim.likely, claim.high) == pytest.approx((-1e6, -1e6, -1e6))


def test_land_is_supplied_by_year(found):
    land = {claim.year: claim.likely for claim in found.claims if claim.kind == "land"}
    # 45; 45 + 45 + 22.5; 45 mu
    assert land == pytest.approx({2026: -3.0, 2027: -7.5, 2028: -3.0})


def test_the_plots_as_they_would_be_are_a_layer_of_the_county(found):
    (edit,) = found.edits
    after = edit.data
    assert check(after.reset_index(), CATALOG["industrial_plots"], crs=TWIN.crs) == []
    served = table(found, "matches")["plots"].str.split().explode()
    assert set(after.index[after["works"] == "not_started"]) == {*served, "q05", "q06"}
    assert (after.loc[[*served], "supply"] == "supplied").all()
    assert after.loc["q03", "supply"] == "not_supplied"
    pd.testing.assert_frame_equal(
        pd.DataFrame(after.loc[["q08", "q09"]]),
        pd.DataFrame(TWIN.vector("industrial_plots").loc[["q08", "q09"]]),
    )


# --- matching ---------------------------------------------------------------------------------


def test_the_matching_of_the_twin_is_that_of_its_docstring(found):
    assert metric(found, "served_mu").value == 120
    assert metric(found, "served_mu").target == 220
    assert table(found, "matches")["demand"].tolist() == [*"BCDE"]
    unserved = table(found, "unserved").set_index("demand")
    assert unserved["why"].to_dict() == {"A": "taken", "F": "size"}
    assert unserved.loc["F", "largest_mu"] == 45
    assert metric(answer(sharing="spread"), "served_mu").value == 180
    assert metric(answer(sharing="single"), "served_mu").value == 120
    assert checks(answer())["optimum"].verdict == "pass"


def test_who_waits_gets_land_and_who_comes_too_early_does_not():
    early = "id,mu,year\nA,45,2026\nB,45,2026"
    assert metric(answer(demands=early), "served_mu").value == 45
    unserved = table(answer(demands="id,mu,year\nA,45.01,2026"), "unserved")
    assert unserved["why"].tolist() == ["size"]
    waiting = answer(demands=early, wait_years=1)
    assert sorted(table(waiting, "matches")["served_year"]) == [2026, 2027]
    plots = TWIN.vector("industrial_plots").drop(index="q01")
    late = table(answer(with_plots(plots), demands="id,mu,year\nA,40,2026"), "unserved")
    assert late[["why", "first_year"]].to_numpy().tolist() == [["late", 2027]]


def test_a_demand_of_a_kind_takes_plots_of_its_use_alone():
    asked = "id,mu,year,kind\nA,40,2028,logistics"
    assert table(answer(demands=asked), "unserved")["why"].tolist() == ["use"]
    plots = TWIN.vector("industrial_plots").assign(use="industry")
    plots.loc["q04", "use"] = "logistics"
    assert table(answer(with_plots(plots), demands=asked), "matches")["plots"].tolist() == ["q04"]


def test_without_demands_it_is_said():
    result = answer(demands="")
    assert checks(result)["demand"].verdict == "unknown"
    assert not {"matches", "unserved"} & {one.id for one in result.tables}
    assert 2 <= len(result.answer) <= 5


def test_wrong_demands_are_named_all_at_once():
    with pytest.raises(FileError) as caught:
        demanded("id,mu,year,typ\na,0,2026,\na,5,20x6,x\n,3,2026,")
    said = sorted((p.row, p.field) for p in caught.value.problems)
    assert said == [("3", "id"), ("a", "id"), ("a", "mu"), ("a", "typ"), ("a", "year")]
    assert demanded("").empty
    with pytest.raises(ValidationError):
        IdleLand(sharing="half")


def test_a_bare_register_is_judged_and_everything_is_not_known():
    bare = TWIN.vector("industrial_plots")[["geometry"]]
    result = answer(with_plots(bare))
    assert metric(result, "unknown_ha").value == pytest.approx(30)
    assert checks(result)["unknown_supply"].features == tuple(bare.index)
    assert set(STATES) >= set(result.layers[1].data["state"])
