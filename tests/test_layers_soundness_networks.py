"""Networks that do not hang together, speeds of no class, and lines that are there twice."""

import pandas as pd
import pytest
from shapely import LineString

from layers import soundness, twin
from layers.county import load
from layers.twin.place import xy
from tests.spoiled_county import columns, copied, spoiled, told


def drawn(row, *vertices):
    """A spoiler that draws a line anew."""

    def change(frame):
        frame.loc[row, "geometry"] = LineString([xy(*one) for one in vertices])
        return frame

    return change


def more(name, *vertices, like="north"):
    """A spoiler that adds a line."""

    def change(frame):
        frame = pd.concat([frame, frame.loc[[like]].rename({like: name})])
        return drawn(name, *vertices)(frame)

    return change


@pytest.mark.parametrize(("gap", "missed"), [(0.5, True), (4.9, True), (5.1, False)])
def test_an_end_that_nearly_meets_a_line(gap, missed):
    # a road that comes from the south to `main`, which has no vertex there
    found = told(spoiled(roads=more("new", (3000, 300), (3000, 1200 - gap))))
    assert ("roads.ends_missing" in found) == missed
    if missed:
        one = found["roads.ends_missing"]
        assert (one.standing, one.count, one.places[0].id) == ("doubtful", 1, "new/main")
        assert one.places[0].x == xy(3000, 0)[0]
        assert f"the widest gap {gap:.2f} m" in one.found.en


def test_an_end_on_a_line_without_a_vertex_misses_it():
    found = told(spoiled(roads=more("new", (3000, 300), (3000, 1200))))
    assert "the widest gap 0.00 m" in found["roads.ends_missing"].found.en
    met = told(spoiled(roads=more("new", (1500, 300), (1500, 1200))))
    assert met == {}


def test_rivers_are_asked_as_well():
    found = told(spoiled(rivers=drawn("brook", (1500, 2100), (1500, 602))))
    assert set(found) == {"rivers.ends_missing"}


def test_roads_that_hang_on_no_others():
    # north 2,400 m and the expressway 5,970 m of 18.9 km with the others are 44 %
    found = told(spoiled(roads=drawn("north", (1510, 1250), (1510, 1700), (1510, 3600))))
    one = found["roads.parts_apart"]
    assert one.found.en.startswith("2 parts, 8.3 km in all (")
    assert [spot.id for spot in one.places] == ["expressway_1", "north"]


def test_a_short_part_alone_is_no_doubt():
    # 300 m of 19 km: 1.6 %
    assert told(spoiled(roads=more("new", (3000, 300), (3000, 600)))) == {}


@pytest.mark.parametrize(
    ("row", "speed", "doubted"),
    [
        ("expressway_1", 50, True),
        ("expressway_1", 120, False),
        ("north", 9, True),
        ("north", 61, True),
        ("main", 100, False),
        ("main", 110, True),
    ],
)
def test_speeds_of_no_class(row, speed, doubted):
    def change(frame):
        frame.loc[row, "speed_kmh"] = float(speed)
        return frame

    found = told(spoiled(roads=change))
    assert set(found) == ({"roads.speeds_class"} if doubted else set())
    if doubted:
        assert [spot.id for spot in found["roads.speeds_class"].places] == [row]


def test_main_roads_in_metres_a_second_are_told_once():
    found = told(spoiled(roads=columns(speed_kmh=lambda f: f["speed_kmh"] / 3.6)))
    assert set(found) == {"roads.speeds_low"}


def test_a_road_that_runs_on_another():
    # 1,000 m on `main`, half a metre beside it
    found = told(spoiled(roads=more("new", (1500, 1200), (2000, 1200.5), (3000, 1200.5))))
    one = found["roads.overlapping"]
    assert (one.count, one.places[0].id) == (1, "main/new")
    assert "1 pairs, 1.50 km in all" in one.found.en
    beside = told(spoiled(roads=more("new", (1500, 1200), (1510, 1202), (3000, 1202))))
    assert "roads.overlapping" not in beside


def test_a_road_that_is_there_twice_is_told_once():
    assert set(told(spoiled(roads=copied("north", "north2")))) == {"roads.doubled"}


def test_lines_of_no_length():
    found = told(spoiled(roads=more("new", (3000, 300), (3000.05, 300))))
    assert set(found) == {"roads.no_length"}
    assert found["roads.no_length"].places[0].id == "new"


def test_the_shipped_networks_are_sound():
    county = load("jingning", only={"roads", "rivers"})
    assert soundness.findings(county) == ()
    assert soundness.findings(twin.county(), ["roads", "rivers"]) == ()


def test_layers_without_a_row_are_asked_and_nothing_is_said_of_their_lines():
    frames = [name for name in twin.county().data if name not in {"dem", "outline"}]
    for name in frames:
        assert not {one for one in told(spoiled(**{name: nothing})) if one.startswith("roads.")}


def nothing(frame):
    """A spoiler that leaves no row."""
    return frame.iloc[:0]


@pytest.mark.parametrize(
    ("ref", "doubted"),
    [("G235", False), ("S222;G235", False), ("国道235", False), (None, False), ("X201", True)],
)
def test_a_road_bears_a_number_of_its_class(ref, doubted):
    def change(frame):  # `main` is a national road
        return frame.assign(ref=pd.Series({"main": ref}, dtype=object).reindex(frame.index))

    assert set(told(spoiled(roads=change))) == ({"roads.numbers_class"} if doubted else set())
