"""Plots of industrial parks: the schema, and what rules of a day say, a day before and after."""

from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from layers import twin
from layers.catalog import CATALOG
from layers.county import load
from layers.intake.bring import bring
from layers.land.idle import NO_RULE, judged
from layers.schema import check

TWIN = twin.county()
DAY = date(2026, 1, 1)


def plot(**said):
    """One plot of a register, judged."""

    def on(day, least_output=100):
        frame = pd.DataFrame({name: [value] for name, value in said.items()})
        return judged(frame, day, least_output=least_output).iloc[0]

    return on


def test_a_day_before_a_year_is_full_and_the_day_it_is():
    # To be started by 15 May 2022: one year on 15 May 2023, two on 15 May 2024.
    owner = plot(supply="supplied", works="not_started", start_by="2022-05-15", cause="owner")
    days = {
        date(2023, 5, 14): "in_term",
        date(2023, 5, 15): "fee",
        date(2024, 5, 14): "fee",
        date(2024, 5, 15): "taken_back",
    }
    assert {day: owner(day)["state"] for day in days} == days
    assert owner(date(2023, 5, 15))["rule"] == "idle_land.not_started"
    assert owner(date(2024, 5, 15))["rule"] == "idle_land.taken_back"


def test_a_leap_day_is_full_on_the_last_of_february():
    leap = plot(supply="supplied", works="not_started", start_by="2024-02-29", cause="owner")
    assert leap(date(2025, 2, 27))["state"] == "in_term"
    assert leap(date(2025, 2, 28))["state"] == "fee"


def test_the_government_s_delay_is_agreed_upon_however_long():
    late = {"supply": "supplied", "works": "not_started", "start_by": "2014-03-01"}
    for cause, state in (
        ("government", "agreed"),
        ("owner", "taken_back"),
        ("unknown", "cause_open"),
        (None, "cause_open"),
    ):
        assert plot(**late, cause=cause)(DAY)["state"] == state
    assert plot(**late, cause="government")(date(2015, 2, 28))["state"] == "in_term"
    assert plot(**late)(DAY)["state"] == "cause_open"  # a register without the column


def test_the_order_holds_from_the_first_of_july_2012():
    old = plot(supply="supplied", works="not_started", start_by="2009-01-01", cause="owner")
    before, after = old(date(2012, 6, 30)), old(date(2012, 7, 1))
    assert (before["state"], before["lacks"]) == ("not_known", NO_RULE)
    assert after["state"] == "taken_back"
    free = plot(supply="not_supplied")
    assert free(date(2012, 6, 30))["state"] == "not_supplied"


@pytest.mark.parametrize(
    ("built", "invested", "day", "state"),
    [
        (0.33, 0.9, "2025-06-30", "in_term"),  # a year is full on 1 July
        (0.33, 0.9, "2025-07-01", "agreed"),  # less than a third is built
        (0.34, 0.25, "2025-07-01", "in_term"),  # neither: a quarter is not less than a quarter
        (0.9, 0.2499, "2025-07-01", "agreed"),  # less than a quarter is invested
        (0.2, None, "2025-07-01", "agreed"),  # one that is known is enough
        (0.9, None, "2025-07-01", "not_known"),  # the other may be too little
        (0.9, None, "2025-06-30", "in_term"),  # whatever it is, no year is full
    ],
)
def test_stopped_works(built, invested, day, state):
    stopped = plot(
        supply="supplied",
        works="stopped",
        stopped_since="2024-07-01",
        built_share=built,
        invested_share=invested,
    )
    assert stopped(date.fromisoformat(day))["state"] == state


def test_what_is_missing_is_not_known_and_named():
    done = {"supply": "supplied", "works": "complete"}
    for said, lacks in (
        ({}, "supply"),
        ({"supply": "supplied"}, "works"),
        ({"supply": "supplied", "works": "not_started"}, "start_by"),
        ({"supply": "supplied", "works": "stopped", "built_share": 0.1}, "stopped_since"),
        (done, "output_wan_yuan_mu"),
    ):
        one = plot(**{"id": "a", **said})(DAY)
        assert (one["state"], one["lacks"]) == ("not_known", lacks)
    assert plot(**done, output_wan_yuan_mu=99.9)(DAY)["state"] == "low_output"
    assert plot(**done, output_wan_yuan_mu=100.0)(DAY)["state"] == "in_use"  # open below


STARTS = st.dates(date(2010, 1, 1), date(2040, 12, 31))
CAUSES = st.sampled_from(["owner", "government", None])


@settings(max_examples=20)
@given(
    st.dates(date(2012, 7, 1), date(2060, 12, 31)),
    st.lists(st.tuples(STARTS, CAUSES), min_size=1, max_size=40),
)
def test_time_only_makes_it_worse(day, drawn):
    register = pd.DataFrame({"supply": "supplied", "works": "not_started"}, index=range(len(drawn)))
    register["start_by"] = [start.isoformat() for start, _ in drawn]
    register["cause"] = pd.Series([cause for _, cause in drawn], dtype=object)
    later = day.replace(year=day.year + 1, day=1)
    now, then = (judged(register, on, least_output=0) for on in (day, later))
    order = ["in_term", "fee", "taken_back"]
    for (start, cause), a, b in zip(drawn, now["state"], then["state"], strict=True):
        if cause == "owner":
            assert order.index(a) <= order.index(b) <= order.index(a) + 1
        elif a != "in_term":
            assert a == b == ("agreed" if cause else "cause_open")
        # by counting: a year is full when year, month and day have come round
        full = (start.year + 1, start.month, start.day) <= (day.year, day.month, day.day)
        if (start.month, start.day) != (2, 29):
            assert (a != "in_term") == full


def test_a_register_names_every_wrong_row():
    plots = TWIN.vector("industrial_plots").reset_index()
    plots["supplied_on"] = None
    plots.loc[1, "start_by"] = "2024-02-30"
    plots.loc[2, "supplied_on"] = "2025-01-02"  # after its agreed day of start
    plots.loc[0, "works"] = "complete"  # not supplied
    plots.loc[3, "cause"] = "fate"
    plots.loc[4, "built_share"] = 33.0
    wrong = check(plots, CATALOG["industrial_plots"], crs=TWIN.crs)
    assert sorted((one.row, one.field) for one in wrong) == [
        ("q01", "works"),
        ("q02", "start_by"),
        ("q03", "start_by"),
        ("q04", "cause"),
        ("q05", "built_share"),
    ]
    bare = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(0, 0, 1, 1)], crs=4549)
    assert check(bare, CATALOG["industrial_plots"], crs=TWIN.crs) == []


@pytest.mark.parametrize(
    ("suffix", "written"), [("gpkg", ""), ("shp", "%Y/%m/%d"), ("shp", "%Y%m%d")]
)
def test_a_register_with_columns_of_days_is_brought_in(tmp_path, suffix, written):
    """Days are no such texts in a planner's file; nothing is lost of them on the way in."""
    short = {
        "invested_share": "invested",
        "built_share": "built",
        "stopped_since": "stopped",
        "output_wan_yuan_mu": "output",
    }
    plots = TWIN.vector("industrial_plots").reset_index().rename(columns=short)
    for name in ("start_by", "stopped"):
        day = pd.to_datetime(plots[name])
        plots[name] = day.dt.strftime(written) if written else day
    file = tmp_path / f"plots.{suffix}"
    plots.to_file(file, encoding="utf-8")
    twin.write(tmp_path / "county")
    bring(tmp_path / "county", file, "industrial_plots", fields=short)
    brought = load(tmp_path / "county").vector("industrial_plots")
    states = judged(brought, DAY, least_output=100)["state"]
    known = judged(TWIN.vector("industrial_plots"), DAY, least_output=100)["state"]
    assert states.to_dict() == known.to_dict()
