"""Codes, names and figures that cannot be what their columns say are named."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from layers import twin
from layers.county import County
from layers.rulebook import rules
from layers.soundness.rules import early
from tests.spoiled_county import columns, copied, spoiled, told


def set_at(row, **values):
    """Give a spoiler that writes values into a row."""

    def change(frame):
        for name, value in values.items():
            frame.loc[row, name] = value
        return frame

    return change


def test_codes_in_the_column_of_names():
    one = told(spoiled(townships=columns(name=lambda frame: frame.index)))["townships.names_digits"]
    assert one.found.en == "4 rows, such as 001"
    assert told(spoiled(townships=set_at("001", name="1"))) == {}  # one odd name is a name


def test_chinese_and_english_names_that_changed_places():
    turned = columns(name=lambda f: f["name_en"], name_en=twin.county().vector("seats")["name"])
    assert told(spoiled(seats=turned))["seats.names_turned"].count == 4


def test_townships_of_one_name():
    one = told(spoiled(townships=set_at("002", name="西北乡")))["townships.names_equal"]
    assert [spot.id for spot in one.places] == ["001", "002"]


def test_ids_that_differ_by_case_alone():
    found = told(spoiled(settlements=copied("s12", "S12 ")))
    assert [spot.id for spot in found["settlements.ids_alike"].places] == ["S12 ", "s12"]


def coded(county, own):
    """Give the twin under a county's code, its townships under codes of nine digits."""
    codes = {code: f"331127{code}" for code in twin.QUARTERS}
    data = dict(county.data)
    for name in ("townships", "seats", "pilots"):
        data[name] = data[name].rename(index=codes)
    for name in ("settlements", "facilities", "forest", "basic_farmland", "parcels"):
        data[name] = data[name].assign(township=data[name]["township"].map(codes))
    data["outline"] = data["outline"].rename(index={"000": own})
    return County(county.id, county.name, county.crs, data, county.sources)


@pytest.mark.parametrize(
    ("own", "doubted"), [("331127", set()), ("331122", {"townships.codes_prefix"})]
)
def test_townships_of_another_county(own, doubted):
    assert set(told(coded(twin.county(), own))) == doubted


@pytest.mark.parametrize("roles", [["county"] * 2 + ["township"] * 2, ["township"] * 4])
def test_there_is_one_county_seat(roles):
    one = told(spoiled(seats=columns(role=roles)))["seats.county_seats"]
    assert one.found.en.startswith(f"{roles.count('county')} seats")
    assert told(spoiled(seats=columns(role=None))) == {}  # not known


def test_names_of_other_codes_of_the_survey():
    one = told(spoiled(parcels=set_at("p0401", DLMC="旱地")))["parcels.classes_named"]
    assert (one.count, one.places[0].id) == (1, "p0401")
    assert "0101 旱地" in one.found.en
    assert told(spoiled(parcels=set_at("p0401", DLMC="梯田"))) == {}  # a name of the county's own


def test_columns_that_hold_one_value():
    found = told(spoiled(facilities=columns(kind="clinic")))
    assert "facilities.one_value_kind" in found
    found = told(spoiled(parcels=columns(slope_deg=4.0, GDPDJB=None)))
    assert found["parcels.one_value_slope_deg"].found.en == "4.0 in all 240 rows"


@pytest.mark.parametrize("layer", ["settlements", "seats"])
def test_heights_in_feet(layer):
    # the plane lies at 100 m = 328 feet
    change = columns(height_m=lambda frame: frame["height_m"] / 0.3048)
    one = told(spoiled(**{layer: change}))[f"{layer}.heights_feet"]
    assert "3.28 times the terrain's" in one.found.en
    assert told(spoiled(**{layer: columns(height_m=np.nan)})) == {}


def test_speeds_in_metres_a_second():
    one = told(spoiled(roads=columns(speed_kmh=lambda f: f["speed_kmh"] / 3.6)))["roads.speeds_low"]
    # main 16.7, the second passage 16.7, the expressway 22.2
    assert one.found.en == "2 sections, median 16.7 km/h"


def test_slopes_in_per_cent():
    # 4° are 7 %: one class up; 18° are 32 %, 25° … 16° are 47 % … 29 %: one up. Twice the slope is
    # two classes up for none, ten times for all paddies: 4 -> 40 is class 2 -> 5.
    found = told(spoiled(parcels=columns(slope_deg=lambda f: (f["slope_deg"] * 10).clip(upper=90))))
    one = found["parcels.slopes_classed"]
    assert one.standing == "doubtful"
    assert one.found.en.startswith("68 fields are two classes off and more (86.1 %)")  # of 79


@pytest.mark.parametrize(("received", "late"), [("2024-12-31", 0), ("2024-12-30", 1), ("", 0)])
def test_days_after_those_of_the_data(received, late):
    # q07 has stopped since 2024-12-31; days of start that are agreed may lie ahead
    county = twin.county()
    source = replace(county.sources["industrial_plots"], retrieved=received)
    found = told(replace(county, sources={**county.sources, "industrial_plots": source}))
    assert [one.places[0].id for one in found.values()] == ["q07"] * late


def test_prices_and_outputs_in_another_unit():
    # 300 yuan a m² in ten thousands of yuan are 0.03; 115 ten thousands are 1,150,000 yuan
    prices = columns(price_yuan=lambda frame: frame.area * 300)
    assert told(spoiled(industrial_plots=prices)) == {}
    prices = columns(price_yuan=lambda frame: frame.area * 0.03)
    one = told(spoiled(industrial_plots=prices))["industrial_plots.prices_unit"]
    assert one.found.en == "0.03 yuan a m² (median)"
    outputs = columns(output_wan_yuan_mu=lambda frame: frame["output_wan_yuan_mu"] * 1e4)
    one = told(spoiled(industrial_plots=outputs))["industrial_plots.outputs_unit"]
    assert one.found.en == "1,150,000 × 10k CNY/mu (median)"  # of 30 and 200


def test_basic_farmland_that_is_another_layer():
    county = twin.county()
    towns = county.data["basic_farmland"]["township"].iloc[:1].to_numpy()
    red = county.vector("redline")[["geometry"]].assign(township=towns)
    found = told(spoiled(basic_farmland=red.rename_axis("id")))
    assert found["basic_farmland.not_on_cropland"].found.en == "1 of 1 pieces"
    assert found["basic_farmland.in_redline"].found.en == "12.0 ha (100 %)"  # two parcels


def test_a_storage_curve_that_falls():
    def change(frame):
        return frame.assign(storage_hm3=frame["storage_hm3"].to_numpy()[::-1])

    one = told(spoiled(lake_storage=change))["lake_storage.storage_falls"]
    assert one.found.en == "2 times, first at 98 m"


def test_a_surface_that_is_smaller_at_a_higher_level():
    def change(frame):
        small = frame.copy()
        small["geometry"] = small.buffer(-50)
        small = small.assign(level_m=110.0, area_km2=None).rename(index={"pool_100": "pool_110"})
        return pd.concat([frame, small])

    assert told(spoiled(lake=change))["lake.surfaces_fall"].places[0].id == "pool_110"


@pytest.mark.parametrize(
    ("day", "named", "told_of"),
    [
        (date(2026, 1, 1), (), 0),
        (date(2022, 7, 1), (), 1),  # the redline, from 2022-08-16
        (date(2022, 7, 1), ("park.core",), 0),  # a dated rule was judged by
        (date(2022, 7, 1), ("cropland.steepest",), 1),  # an undated one
    ],
)
def test_a_day_before_the_rules_says_what_does_not_hold(day, named, told_of):
    held = rules(day)
    found = early(day, [held[name] for name in named])
    assert (found is not None) == bool(told_of)


def test_a_day_before_any_rule_counts_those_it_does_not_name():
    found = early(date(1990, 1, 1), [])
    assert found.found.en.count("(from ") == 8
    assert found.found.en.endswith(" more")
    assert found.layer == ""


def test_parcels_that_changed_since_are_of_no_other_edition():
    def change(frame):  # a tenth of each township was surveyed again
        return frame.assign(SJNF=np.where(np.arange(len(frame)) % 10 == 0, "2023", "2019"))

    assert told(spoiled(parcels=change)) == {}
