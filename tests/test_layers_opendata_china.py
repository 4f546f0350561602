"""OpenStreetMap as it is drawn in China: names, numbers, levels, broken edges; places are made up."""

import pytest
import shapely

from layers.opendata.declared import tables
from layers.opendata.osm import facilities, protection, roads, townships, waters
from tests.osm_files import Drawing
from tests.test_layers_opendata_osm import COUNTY, CRS_M, areas, here, read


@pytest.fixture
def drawing():
    return Drawing()


def drawn(drawing, tmp_path):
    return roads.roads(read(drawing, tmp_path), tables(), CRS_M).frame.set_index("id")


@pytest.mark.parametrize(
    ("highway", "ref", "road_class"),
    [
        ("primary", "G999", "national"),  # drawn as primary, numbered as national
        ("secondary", "S999", "provincial"),
        ("trunk", "S998;X998", "provincial"),
        ("unclassified", "X999", "county"),
        ("tertiary", "Y999", "township"),
        ("residential", "C999", "village"),
        ("motorway", "G99", "expressway"),
        ("motorway", "S999", "expressway"),
        ("motorway_link", "", "expressway"),
        ("trunk", "G9999", "national"),  # four figures are an expressway's: the table decides
        ("trunk_link", "", "national"),
        ("primary_link", "", "provincial"),
        ("secondary_link", "", "county"),
        ("tertiary_link", "", "township"),
        ("unclassified", "", "village"),
    ],
)
def test_the_class_of_a_road_is_by_its_number_and_else_by_the_table(
    tmp_path, drawing, highway, ref, road_class
):
    one = drawing.way((1, 1), (2, 1), highway=highway, ref=ref, name="甲线")
    assert drawn(drawing, tmp_path).loc[one, ["class", "name"]].tolist() == [road_class, "甲线"]


@pytest.mark.parametrize(
    ("maxspeed", "speed"), [("60", 60), ("60;40", 40), ("CN:rural", 60), ("none", 60), ("", 60)]
)
def test_posted_speeds(tmp_path, drawing, maxspeed, speed):
    one = drawing.way((1, 1), (2, 1), highway="trunk", maxspeed=maxspeed)
    assert drawn(drawing, tmp_path).loc[one, "speed_kmh"] == speed


def test_tracks_of_every_grade_are_left_out_and_counted(tmp_path, drawing):
    road = drawing.way((1, 1), (2, 1), highway="unclassified")
    for grade in range(1, 6):
        drawing.way((1, grade), (9, grade), highway="track", tracktype=f"grade{grade}")
    made = roads.roads(read(drawing, tmp_path), tables(), CRS_M)
    assert list(made.frame["id"]) == [road]
    assert "track × 5" in " ".join(step.en for step in made.steps)


def test_a_roundabout_goes_round_one_way(tmp_path, drawing):
    ring = drawing.area(1, 1, 3, 3, highway="primary", junction="roundabout")
    back = drawing.way((3, 3), (9, 3), highway="primary", oneway="-1")
    frame = drawn(drawing, tmp_path)
    assert frame.loc[[ring, back], "oneway"].tolist() == ["yes", "yes"]
    assert shapely.get_coordinates(frame.geometry[back])[0, 0] > frame.geometry[ring].bounds[2]


def test_levels_of_a_county_and_its_townships(tmp_path, drawing):
    county = drawing.area(0, 0, 40, 40)
    drawing.relation(
        county, type="boundary", boundary="administrative", admin_level="6", name="某县"
    )
    west, east = drawing.area(0, 0, 20, 40), drawing.area(20, 0, 40, 40)
    hole = drawing.area(25, 5, 30, 10)
    for ways, inner, name in (((west,), (), "甲畲族乡"), ((east,), (hole,), "乙街道")):
        tags = {"boundary": "administrative", "admin_level": "8", "name": name}
        drawing.relation(*ways, inner=inner, type="boundary", **tags)
    drawing.point(5, 5, place="village", name="甲", name_zh="甲")
    drawing.point(25, 20, place="town", name="乙")
    extract = read(drawing, tmp_path)
    made = townships.townships(extract, COUNTY).frame
    assert sorted(made["name"]) == ["乙街道", "甲畲族乡"]
    # the inner ring is no land of the township: 20 × 40 less 5 × 5 units
    sizes = made.set_index("name").area / here(0, 0, 1, 1).area
    assert sizes.tolist() == pytest.approx([800, 775], rel=6e-3)
    seats = townships.seats(extract, tables(), made).frame.set_index("name")
    assert seats["role"].to_dict() == {"甲": "township", "乙": "county"}


def test_a_border_that_is_torn_at_the_edge_of_the_extract_is_missed(tmp_path, drawing):
    whole = drawing.area(0, 0, 20, 40)
    torn = drawing.way((20, 0), (40, 0), (40, 40))  # the way back is not in the extract
    tags = {"type": "boundary", "boundary": "administrative", "admin_level": "8"}
    drawing.relation(whole, name="甲乡", **tags)
    drawing.relation(torn, "w999", name="乙乡", **tags)
    drawing.relation("w998", name="丙乡", **tags)
    made = townships.townships(read(drawing, tmp_path), COUNTY)
    assert made.frame["name"].tolist() == ["甲乡"]
    assert "they cover 49.8" in made.warnings[0].en


def test_protected_areas_by_class(tmp_path, drawing):
    drawing.area(1, 1, 5, 5, boundary="national_park", protect_class="2", name="甲国家公园")
    drawing.area(6, 1, 9, 5, boundary="protected_area", protect_class="1a", name="核心区")
    drawing.area(11, 1, 14, 5, boundary="protected_area", protect_class="5", name="风景名胜区")
    ring, hole = drawing.area(1, 10, 9, 18), drawing.area(3, 12, 6, 15)
    tags = {"type": "multipolygon", "boundary": "protected_area", "protect_class": "2"}
    drawing.relation(ring, inner=(hole,), name="乙", **tags)
    made = protection.park(read(drawing, tmp_path), tables(), COUNTY)
    frame = made.frame.set_index("name")
    assert frame["zone"].to_dict() == {"甲国家公园": "general", "核心区": "core", "乙": "general"}
    assert frame.geometry["乙"].area / here(0, 0, 1, 1).area == pytest.approx(64 - 9, rel=2e-3)
    assert "风景名胜区" in made.warnings[0].en


def test_hospitals_clinics_and_schools_by_their_names(tmp_path, drawing):
    kinds = {
        "甲县人民医院": ("hospital", "hospital"),
        "甲县中医院": ("hospital", "hospital"),
        "乙镇中心卫生院": ("hospital", "clinic"),
        "丙街道社区卫生服务中心": ("hospital", "clinic"),
        "丁村卫生室": ("clinic", "clinic"),
        "甲县第一中学": ("school", "middle_school"),
        "甲县职业高级中学": ("school", "high_school"),
        "乙镇小学": ("school", "primary_school"),
        "丙乡学校": ("school", None),  # may be of both levels: named, and left out
        "甲县消防站": ("fire_station", None),
    }
    for place, (name, (amenity, _)) in enumerate(kinds.items()):
        drawing.point(2 + place, 3, amenity=amenity, name=name)
    every = areas(a=(0, 0, 40, 40))
    made = facilities.facilities(read(drawing, tmp_path), tables(), every)
    told = made.frame.set_index("name")["kind"].to_dict()
    assert told == {name: kind for name, (_, kind) in kinds.items() if kind}
    assert "丙乡学校" in made.warnings[0].en


def test_rivers_and_streams_are_waters_and_ditches_none(tmp_path, drawing):
    for place, kind in enumerate(("river", "stream", "canal", "ditch", "drain"), 1):
        drawing.way((1, place), (9, place), waterway=kind, name=kind)
    made = waters.rivers(read(drawing, tmp_path), tables(), COUNTY)
    assert sorted(made.frame["name"]) == ["river", "stream"]
