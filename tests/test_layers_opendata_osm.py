"""OpenStreetMap: what becomes of its tags, held by hand, and against GDAL's own SQL."""

import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely
from pyproj import CRS

from geo.crs import transformer
from geo.errors import FileError, SchemaError
from geo.grid import Grid
from geo.raster import Raster
from geo.travel.network import components, graph
from layers.opendata import land
from layers.opendata.declared import tables
from layers.opendata.osm import (
    facilities,
    protection,
    reading,
    roads,
    settlements,
    townships,
    waters,
)
from tests.osm_files import MIDDLE, Drawing, at

CRS_M = CRS(4549)
EXTRACT = Path(__file__).parents[1].parent / "shared" / "oracles" / "osm" / "test.osm.pbf"


def here(*bounds):
    """A box of the drawing, in metres."""
    corners = [at(*bounds[:2]), at(*bounds[2:])]
    change = transformer(4326, CRS_M)
    (west, south), (east, north) = (change.transform(*corner) for corner in corners)
    return shapely.box(west, south, east, north)


COUNTY = here(0, 0, 40, 40)


def read(drawing, tmp_path):
    return reading.extract(drawing.write(tmp_path / "made_up.osm"), CRS_M, COUNTY.bounds)


def areas(**boxes):
    names = {"code": list(boxes), "name": list(boxes)}
    return gpd.GeoDataFrame(names, geometry=[here(*box) for box in boxes.values()], crs=CRS_M)


def test_roads_by_the_table(tmp_path):
    drawing = Drawing()
    main = drawing.way(
        (1, 1), (2, 1), (3, 1), highway="trunk", ref="G999", name="甲路", name_en="A"
    )
    posted = drawing.way((3, 1), (4, 1), highway="primary", maxspeed="30")
    faster = drawing.way((4, 1), (5, 1), highway="secondary", maxspeed="90")
    bridge = drawing.way((5, 1), (6, 1), highway="residential", bridge="viaduct", layer="1")
    tunnel = drawing.way((6, 1), (7, 1), highway="residential", tunnel="yes", oneway="yes")
    against = drawing.way((7, 1), (8, 1), highway="residential", oneway="-1")
    planned = drawing.way((8, 1), (9, 1), highway="construction", construction="motorway")
    drawing.way((9, 1), (10, 1), highway="construction")
    drawing.way((1, 5), (2, 5), highway="footway")
    drawing.way((1, 6), (2, 6), highway="service", access="private")
    opened = drawing.way((1, 7), (2, 7), highway="service", access="private", motor_vehicle="yes")
    made = roads.roads(read(drawing, tmp_path), tables(), CRS_M)
    frame = made.frame.set_index("id")
    assert set(frame.index) == {main, posted, faster, bridge, tunnel, against, planned, opened}
    assert frame.loc[main, ["ref", "name", "name_en", "class"]].tolist() == [
        "G999",
        "甲路",
        "A",
        "national",
    ]
    assert frame.loc[[main, posted, faster], "speed_kmh"].tolist() == [60, 30, 40]
    assert frame.loc[[main, bridge, tunnel], "structure"].tolist() == ["earth", "bridge", "tunnel"]
    assert frame.loc[[main, tunnel, against], "oneway"].tolist() == ["no", "yes", "yes"]
    # What is driven against its drawing is turned: it begins at the eastern end.
    x = shapely.get_coordinates(frame.geometry[against])[:, 0]
    assert x[0] > x[-1]
    assert frame.loc[planned, ["class", "status"]].tolist() == ["expressway", "planned"]
    said = " ".join(step.en for step in made.steps)
    assert "footway × 1" in said
    assert "closed to vehicles, left out: 1" in said
    assert "one way: 2" in said


def test_roads_join_at_nodes_and_not_where_a_bridge_crosses(tmp_path):
    drawing = Drawing()
    drawing.way((1, 5), (5, 5), (9, 5), highway="primary")
    drawing.way((5, 5), (5, 9), highway="residential")  # from a node within the first
    drawing.way((7, 1), (7, 9), highway="residential", bridge="yes", layer="1")  # above it
    frame = roads.roads(read(drawing, tmp_path), tables(), CRS_M).frame
    network = graph(frame.set_index("id"), cost_per_m=1.0)
    parts = pd.Series(components(network)[network.edges[:, 0]], index=network.line)
    assert len(set(parts["w1"])) == 1
    assert parts["w1"].iloc[0] == parts["w2"]
    assert parts["w3"] != parts["w2"]


def test_a_table_of_ones_own_decides(tmp_path):
    drawing = Drawing()
    track = drawing.way((1, 1), (2, 1), highway="track")
    drawing.way((1, 2), (2, 2), highway="primary")
    own = tmp_path / "own"
    own.mkdir()
    (own / "roads.csv").write_text("highway,class,speed_kmh\ntrack,village,10\n", encoding="utf-8")
    made = roads.roads(read(drawing, tmp_path), tables(own), CRS_M)
    assert made.frame[["id", "class", "speed_kmh"]].to_numpy().tolist() == [[track, "village", 10]]
    assert "primary × 1" in made.steps[1].en


def test_everything_wrong_with_tables_is_told_at_once(tmp_path):
    (tmp_path / "roads.csv").write_text("highway,class,speed\ntrunk,big,60\n", encoding="utf-8")
    (tmp_path / "land.csv").write_text(
        "source,key,value,code\nworldcover,,10,0399\n", encoding="utf-8"
    )
    with pytest.raises(SchemaError) as refused:
        tables(tmp_path)
    found = {(one.file, one.field) for one in refused.value.problems}
    assert found == {
        ("roads.csv", "speed"),
        ("roads.csv", "speed_kmh"),
        ("roads.csv", "class"),
        ("land.csv", "code"),
    }
    with pytest.raises(FileError, match=r"roads\.csv"):
        tables(tmp_path / "nowhere")


def test_a_road_of_the_table_needs_its_speed(tmp_path):
    (tmp_path / "roads.csv").write_text("highway,class,speed_kmh\ntrunk,national,\n", "utf-8")
    with pytest.raises(SchemaError, match="speed_kmh"):
        tables(tmp_path)


def township_drawing():
    drawing = Drawing()
    side = {"boundary": "administrative", "admin_level": "8"}
    south = drawing.way((0, 0), (40, 0), (40, 20))
    across = drawing.way((40, 20), (0, 20))
    west = drawing.way((0, 20), (0, 0))
    first = drawing.relation(south, across, west, type="boundary", name="甲镇", name_en="A", **side)
    drawing.area(0, 20, 40, 44, name="乙乡", ref="999999201", **side)  # reaches past the county
    drawing.area(38, 0, 60, 20, name="丙乡", **side)  # most of it lies outside
    drawing.area(0, 0, 5, 5, **side)  # no name
    drawing.area(0, 0, 39, 39, boundary="administrative", admin_level="6", name="己县")
    drawing.point(10, 10, place="town", name="甲镇")
    drawing.point(12, 12, place="village", name="甲")
    drawing.point(10, 30, place="village", name="丁村")
    return drawing, first


def test_townships_are_areas_of_a_level_cut_to_the_county(tmp_path):
    drawing, first = township_drawing()
    made = townships.townships(read(drawing, tmp_path), COUNTY)
    frame = made.frame.set_index("code")
    assert frame["name"].to_dict() == {first: "甲镇", "999999201": "乙乡"}
    # The lower half is 40 × 20 units, the upper one 40 × 24 cut to 40 × 20.
    assert frame.area.sum() / COUNTY.area == pytest.approx(
        1, abs=1e-2
    )  # the box is upright in metres
    assert "without a name, left out: w6" in " ".join(one.en for one in made.warnings)
    assert townships.townships(read(drawing, tmp_path), COUNTY, level="6").frame[
        "name"
    ].tolist() == ["己县"]


def test_seats_bear_the_name_of_their_township(tmp_path):
    drawing, first = township_drawing()
    extract = read(drawing, tmp_path)
    own = townships.townships(extract, COUNTY).frame
    made = townships.seats(extract, tables(), own)
    # Both 甲镇 and 甲 are the first's by name; the town goes before the village. 乙乡 has none.
    assert made.frame[["code", "name", "role"]].to_numpy().tolist() == [[first, "甲镇", "county"]]
    assert "乙乡 (999999201)" in made.warnings[0].en


def test_two_towns_leave_the_county_seat_unknown(tmp_path):
    drawing, _ = township_drawing()
    drawing.point(20, 30, place="town", name="乙")
    extract = read(drawing, tmp_path)
    made = townships.seats(extract, tables(), townships.townships(extract, COUNTY).frame)
    assert set(made.frame["role"]) == {"township"}
    assert "county_seat" in made.warnings[-1].en


def test_settlements_only_where_every_place_says_its_people(tmp_path):
    drawing = Drawing()
    town = drawing.point(10, 10, place="town", population="1200")
    hamlet = drawing.point(30, 10, place="hamlet", population="40")
    drawing.point(11, 10, place="suburb")  # a part of the town
    drawing.point(50, 50, place="village")  # not in the county
    own = areas(a=(0, 0, 20, 40), b=(20, 0, 40, 40))
    frame = settlements.settlements(read(drawing, tmp_path), own).frame
    assert frame[["id", "township", "population"]].to_numpy().tolist() == [
        [town, "a", 1200],
        [hamlet, "b", 40],
    ]
    drawing.point(12, 30, place="village", population="about 300")
    made = settlements.settlements(read(drawing, tmp_path), own)
    assert made.frame is None
    assert "1 of 3 places" in made.warnings[0].en


def test_facilities_by_kind_and_once(tmp_path):
    drawing = Drawing()
    hospital = drawing.area(2, 2, 4, 4, amenity="hospital", name="甲医院")
    drawing.point(3, 3, amenity="hospital", name="甲医院")  # in its own area
    clinic = drawing.point(3.5, 3.5, amenity="clinic", name="乙诊所")  # of another kind: stays
    health = drawing.point(6, 6, amenity="hospital", name="丙卫生院")
    primary = drawing.point(7, 7, amenity="school", name="丁小学")
    high = drawing.point(8, 8, amenity="school", name="戊高级中学")
    middle = drawing.point(9, 9, amenity="school", name="己中学")
    drawing.point(30, 30, amenity="school", name="庚学校")
    drawing.point(31, 31, amenity="bank")
    extract = read(drawing, tmp_path)
    made = facilities.facilities(extract, tables(), areas(a=(0, 0, 5, 5), b=(5, 5, 40, 40)))
    frame = made.frame.set_index("id")
    assert frame["kind"].to_dict() == {
        hospital: "hospital",
        clinic: "clinic",
        health: "clinic",
        primary: "primary_school",
        high: "high_school",
        middle: "middle_school",
    }
    assert frame.loc[[hospital, health], "township"].tolist() == ["a", "b"]
    assert frame.loc[[hospital, health], "geometry"].geom_type.unique().tolist() == ["Point"]
    assert "庚学校" in made.warnings[0].zh


def terrain():
    """Heights that rise by 1 m a row to the north, 100 m at the county's southern edge."""
    west, south, east, north = COUNTY.bounds
    grid = Grid.from_bounds((west, south, east, north), 20, CRS_M)
    rows = np.arange(grid.shape[0])[::-1] + 100.0
    return Raster(np.repeat(rows[:, None], grid.shape[1], axis=1), grid)


def test_the_lake_is_the_largest_water_at_the_level_of_its_ground(tmp_path):
    drawing = Drawing()
    river = drawing.way((0, 0), (50, 1), waterway="river", name="甲溪")
    drawing.way((0, 3), (4, 3), waterway="ditch")
    drawing.way((60, 60), (70, 60), waterway="river")
    big = drawing.area(10, 10, 20, 20, natural="water", water="reservoir", name="乙湖")
    drawing.area(30, 30, 32, 32, natural="water")
    drawing.area(0, 30, 9, 39, natural="water", water="river")
    extract = read(drawing, tmp_path)
    assert waters.rivers(extract, tables(), COUNTY).frame["id"].tolist() == [river]
    made = waters.lake(extract, tables(), COUNTY, terrain())
    (row,) = made.frame.to_dict("records")
    assert (row["id"], row["name"]) == (big, "乙湖")
    # Ten units are 0.01 degrees, 1108 m by 987 m; its middle lies 1663 m north of the edge: row 83.
    assert row["level_m"] == pytest.approx(100 + 83, abs=1)
    assert row["area_km2"] == pytest.approx(1.108 * 0.988, rel=0.01)
    assert "1 others" in made.warnings[0].en
    assert waters.lake(extract, tables(), COUNTY, None).frame is None


def test_the_level_of_a_lake_is_what_it_says(tmp_path):
    drawing = Drawing()
    drawing.area(10, 10, 20, 20, natural="water", ele="123.4")
    made = waters.lake(read(drawing, tmp_path), tables(), COUNTY, None)
    assert made.frame["level_m"].tolist() == [123.4]


def test_protected_areas_by_zone(tmp_path):
    drawing = Drawing()
    general = drawing.area(1, 1, 60, 9, boundary="national_park", name="甲公园")
    drawing.area(1, 11, 9, 19, leisure="nature_reserve", name="乙保护区")
    drawing.area(50, 50, 60, 60, boundary="national_park")
    made = protection.park(read(drawing, tmp_path), tables(), COUNTY)
    assert made.frame[["id", "zone"]].to_numpy().tolist() == [[general, "general"]]
    assert made.frame.union_all().difference(COUNTY.buffer(0.01)).is_empty
    assert "乙保护区" in made.warnings[0].zh
    assert made.warnings[1] == protection.NO_CORE
    core = drawing.area(1, 1, 5, 5, boundary="protected_area", protect_class="1a")
    made = protection.park(read(drawing, tmp_path), tables(), COUNTY)
    assert dict(zip(made.frame["id"], made.frame["zone"], strict=True)) == {
        general: "general",
        core: "core",
    }
    assert protection.NO_CORE not in made.warnings


def test_land_use_becomes_parcels_and_the_smaller_area_wins(tmp_path):
    drawing = Drawing()
    drawing.area(0, 0, 20, 20, landuse="forest")
    drawing.area(5, 5, 10, 10, landuse="farmland")
    drawing.area(30, 30, 35, 35, landuse="unheard_of")
    outline = gpd.GeoDataFrame(geometry=[COUNTY], crs=CRS_M)
    made = land.use(read(drawing, tmp_path), tables(), outline, areas(a=(0, 0, 40, 40)))
    by_code = made.frame.dissolve("DLBM").area
    whole, field = here(0, 0, 20, 20).area, here(5, 5, 10, 10).area
    assert by_code["0103"] == pytest.approx(field, rel=0.05)
    assert by_code["0301"] == pytest.approx(whole - field, rel=0.05)
    assert made.frame.union_all().area == pytest.approx(made.frame.area.sum())
    assert set(made.frame["township"]) == {"a"}


@pytest.mark.parametrize(
    "text",
    [
        '<!-- <osm> --><OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>',
        "<html><body>osm</body></html>",
        "osm",
    ],
)
def test_what_is_no_openstreetmap_file_is_refused(tmp_path, text):
    path = tmp_path / "a.osm"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match="not OpenStreetMap"):
        reading.extract(path, CRS_M, COUNTY.bounds)


def test_a_torn_file_is_refused_by_name(tmp_path):
    path = tmp_path / "torn.osm"
    path.write_text('<?xml version="1.0"?><osm version="0.6"><node id="1" lon="119"', "utf-8")
    with pytest.raises(FileError, match=r"torn\.osm.*get it again"):
        reading.extract(path, CRS_M, COUNTY.bounds)


def test_temporary_files_of_the_driver_go_into_a_folder_that_goes_away(tmp_path, monkeypatch):
    seen = []
    real = pyogrio.raw.read

    def watched(*given, **named):
        seen.append(pyogrio.get_gdal_config_option("CPL_TMPDIR"))
        assert Path(seen[-1]).is_dir()
        return real(*given, **named)

    monkeypatch.setattr(pyogrio.raw, "read", watched)
    drawing = Drawing()
    drawing.way((1, 1), (2, 1), highway="trunk")
    read(drawing, tmp_path)
    assert len(seen) == 3
    assert not any(Path(folder).exists() for folder in seen)
    assert pyogrio.get_gdal_config_option("CPL_TMPDIR") is None


def test_a_shape_that_cannot_be_read_keeps_no_other_from_coming(tmp_path):
    drawing = Drawing()
    drawing.way((1, 1), (2, 2), (1, 1), landuse="forest")  # a ring of two points
    road = drawing.way((1, 1), (2, 1), highway="trunk")
    extract = read(drawing, tmp_path)
    assert list(extract.lines.index) == [road]
    assert "w1" in " ".join(one.en for one in extract.warnings)


# What follows asks GDAL itself, with its stock configuration and by SQL, about a real extract.

kept = pytest.mark.skipif(not EXTRACT.is_file(), reason="the extract of ../shared is not here")
CLASSES = {row["highway"]: row["class"] for row in tables().rows["roads"] if row["class"]}
UTM = CRS(32635)


@pytest.fixture(scope="module")
def extract():
    change = transformer(4326, UTM)
    west, south = change.transform(26.9, 60.5)
    east, north = change.transform(27.0, 60.6)
    return reading.extract(EXTRACT, UTM, (west, south, east, north))


def asked(sql):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pyogrio.read_dataframe(EXTRACT, sql=sql, sql_dialect="SQLITE")


@kept
def test_lengths_of_roads_by_class_are_those_of_gdal(extract):
    theirs = asked(
        "SELECT highway, geometry FROM lines WHERE highway IS NOT NULL AND "
        "COALESCE(hstore_get_value(other_tags, 'motor_vehicle'), "
        "hstore_get_value(other_tags, 'vehicle'), hstore_get_value(other_tags, 'access'), 'yes') "
        "NOT IN ('no', 'private')"
    )
    geod = pyproj.Geod(ellps="WGS84")
    lengths = pd.Series([geod.geometry_length(one) for one in theirs.geometry])
    wanted = lengths.groupby(theirs["highway"].map(CLASSES)).sum()
    ours = roads.roads(extract, tables(), UTM).frame
    found = ours.length.groupby(ours["class"]).sum()
    # On the ellipsoid they are longer than on the map, by the scale of UTM in the middle.
    scale = pyproj.Proj(UTM).get_factors(26.95, 60.53).meridional_scale
    assert found.index.tolist() == wanted.index.tolist()
    assert found.to_numpy() == pytest.approx(wanted.to_numpy() * scale, rel=1e-5)
    assert len(ours) == theirs["highway"].map(CLASSES).notna().sum() > 200


@kept
def test_bridges_tunnels_and_directions_are_those_of_gdal(extract):
    ours = roads.roads(extract, tables(), UTM).frame.set_index("id")
    value = "hstore_get_value(other_tags, '{}')"
    for where, mine in (
        (f"{value.format('bridge')} = 'yes'", ours["structure"] == "bridge"),
        (f"{value.format('tunnel')} = 'yes'", ours["structure"] == "tunnel"),
        (f"{value.format('oneway')} = 'yes'", ours["oneway"] == "yes"),
    ):
        theirs = asked(f"SELECT osm_id FROM lines WHERE highway IS NOT NULL AND {where}")  # noqa: S608
        known = {f"w{one}" for one in theirs["osm_id"]} & set(ours.index)
        assert known == set(ours.index[mine])
        assert known or "tunnel" in where  # its tunnels are of footways


@kept
def test_places_facilities_and_waters_are_as_many_as_gdals(extract):
    def count(layer, where):
        return int(asked(f"SELECT COUNT(*) AS n FROM {layer} WHERE {where}")["n"].iloc[0])  # noqa: S608

    places = [tags["place"] for tags in extract.points["tags"] if "place" in tags]
    assert len(places) == count("points", "place IS NOT NULL") == 6
    for word in ("hamlet", "suburb", "neighbourhood"):
        assert places.count(word) == count("points", f"place = '{word}'")
    own = "hstore_get_value(other_tags, 'amenity')"
    schools = count("multipolygons", "amenity = 'school'") + count("points", f"{own} = 'school'")
    everywhere = gpd.GeoDataFrame(
        {"code": ["a"]}, geometry=[shapely.box(*extract.lines.total_bounds)], crs=UTM
    )
    made = facilities.facilities(extract, tables(), everywhere)
    assert made.frame is None  # its one school does not say which kind it is: told, not guessed
    assert schools == 1
    assert "1 left out" in made.warnings[0].en
    streams = count("lines", "waterway IN ('river', 'stream')")
    rivers = waters.rivers(extract, tables(), everywhere.union_all()).frame
    assert len(rivers) == streams == 1


def test_the_drawing_lies_where_it_says():
    assert at(0, 0) == MIDDLE
