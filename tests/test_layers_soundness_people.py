"""People who are counted twice, drowned, abroad or missing are named."""

import pandas as pd
import pytest
from shapely import Point

from layers.twin.place import xy
from tests.spoiled_county import columns, copied, moved, spoiled, told


def placed(row, east, north):
    """Give a spoiler that puts a point somewhere."""

    def change(frame):
        frame.loc[row, "geometry"] = Point(xy(east, north))
        return frame

    return change


def test_a_settlement_that_stands_twice_is_named_with_its_people():
    one = told(spoiled(settlements=copied("s31", "s31b")))["settlements.doubled"]
    assert (one.standing, [spot.id for spot in one.places]) == ("doubtful", ["s31b"])
    assert "400 people" in one.found.en


def test_neighbours_are_no_doubles():
    assert told(spoiled(settlements=placed("s32", 1502, 1200))) == {}
    assert "settlements.doubled" in told(spoiled(settlements=placed("s32", 1500.5, 1200)))


def test_a_settlement_in_the_lake_is_named():
    one = told(spoiled(settlements=placed("s42", 5400, 600)))["settlements.in_water"]
    assert one.found.en == "1 of them, 50 people"
    assert one.places[0].id == "s42"


@pytest.mark.parametrize(("off", "doubted"), [(240, False), (260, True)])
def test_a_settlement_outside_of_the_county_is_named(off, doubted):
    # the county is 4,800 m high; points are measured 15 m further north
    found = told(spoiled(settlements=placed("s11", 1500, 4800 - 15 + off)))
    assert ("settlements.outside" in found) == doubted


def test_a_township_without_settlements_is_named():
    found = told(spoiled(settlements=lambda frame: frame[frame["township"] != "004"]))
    one = found["settlements.townships_empty"]
    assert one.found.en == "1 of 4 townships"
    assert one.places[0].id == "004"


def test_people_who_are_none():
    assert set(told(spoiled(settlements=columns(population=0.0)))) == {
        "settlements.nobody",
        "settlements.one_value_population",
    }


def test_people_in_thousands_are_told_without_a_total():
    thousands = columns(population=lambda frame: frame["population"] / 1000)
    one = told(spoiled(settlements=thousands))["settlements.people_thousands"]
    assert "1.000 in all" in one.found.en


TOTALS = {"001": 200, "002": 150, "003": 450, "004": 200}


def stated(**changes):
    return lambda frame: frame.assign(
        population=pd.Series({**TOTALS, **{name[1:]: v for name, v in changes.items()}})
    )


def test_totals_of_townships_are_held_against_those_stated():
    assert told(spoiled(townships=stated())) == {}
    assert told(spoiled(townships=stated(_001=170))) == {}  # 200 / 170 = 1.18
    one = told(spoiled(townships=stated(_001=160)))["settlements.people_of_townships"]  # 1.25
    assert (one.standing, one.places[0].id) == ("doubtful", "001")
    assert "settlements sum up to 1,000, stated are 960" in one.found.en
    assert "1 differ, the worst +25 % (001)" in one.found.en


@pytest.mark.parametrize(("factor", "words"), [(1000, "thousands"), (10_000, "ten thousands")])
def test_people_in_another_unit_than_those_stated_are_an_error(factor, words):
    county = spoiled(
        townships=stated(), settlements=columns(population=lambda f: f["population"] / factor)
    )
    one = told(county)["settlements.people_of_townships"]
    assert one.standing == "error"
    assert f"they may be in {words}" in one.found.en


@pytest.mark.parametrize(("people", "doubted"), [(960, False), (900, True)])
def test_the_total_of_the_county_is_held_against_that_stated(people, doubted):
    # 1,000 / 960 = 1.042, 1,000 / 900 = 1.11
    found = told(spoiled(outline=columns(population=people)))
    assert ("settlements.people_of_county" in found) == doubted
    assert told(spoiled(outline=columns(population=None))) == {}


def test_facilities_of_one_kind_at_one_place_stand_twice():
    one = told(spoiled(facilities=copied("high", "HIGH2")))["facilities.doubled"]
    assert one.found.en == "1 at the place of one of their kind"
    assert told(spoiled(facilities=moved("high", 50))) == {}


@pytest.mark.parametrize(
    ("kind", "name", "doubted"),
    [
        ("primary_school", "东门小学", False),
        ("middle_school", "第一中学小学部", False),
        ("high_school", "景宁中学", False),
        ("hospital", "中医院", False),
        ("clinic", "大门镇卫生院", False),
        ("clinic", "民族中学医务室", True),
        ("hospital", "人民医院停车场", True),
        ("clinic", "爱心宠物医院", True),
        ("primary_school", "实验小学附属幼儿园", True),
        ("primary_school", "实验小学南门", True),
    ],
)
def test_a_facility_is_of_the_kind_its_name_says(kind, name, doubted):
    def change(frame):
        row = frame.index[frame["kind"].eq(kind)][0]
        return frame.assign(name=pd.Series({row: name}).reindex(frame.index))

    named = {"facilities.kinds_named"} if doubted else set()
    assert set(told(spoiled(facilities=change))) == named
