"""Access to services: figures known by construction, laws, and counties that lack layers."""

from __future__ import annotations

import dataclasses
import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pydantic import ValidationError
from pyproj import Transformer
from shapely import LineString, MultiLineString, Point, box

from geo.errors import InputError
from geo.grid import Grid
from geo.raster import Raster
from geo.words import alike
from layers import twin
from layers.catalog import CATALOG
from layers.county import County
from layers.ground import covered, heights, lake
from layers.people.services import SERVICES, demand, offering
from layers.roads.edits import drawn_roads, edited_roads
from layers.schema import check
from scenarios import access
from scenarios.access import SCENARIO, run

TWIN = twin.county()
FINE = {"cell_m": 30}
WALK = 60 / (6000 * math.exp(-3.5 * 0.05))  # minutes a metre on the level


def Access(**asked):  # noqa: N802 - asked as the class would be
    """Ask as the twin's own defaults do, unless told otherwise."""
    return access.Access(**{**TWIN.defaults["access"], **asked})


def with_layers(county=TWIN, drop=(), **layers):
    data = {name: one for name, one in county.data.items() if name not in drop}
    return County(county.id, county.name, county.crs, {**data, **layers}, county.sources)


def only(*names):
    return with_layers(drop=set(TWIN.names) - set(names))


def layer(result, name):
    return next(one for one in result.layers if one.id == name)


def table(result, name):
    return next(one for one in result.tables if one.id == name).frame


def metric(result, name):
    return next(one for one in result.metrics if one.id == name)


def checks(result):
    return {check.id: check for check in result.checks}


def minutes(county=TWIN, column="county_seat_after", **params):
    """Minutes of each settlement, infinite without a way."""
    found = layer(run(county, Access(**FINE, **params)), "settlements").data[column]
    return found.fillna(math.inf)


@pytest.fixture(scope="module")
def answer():
    return run(TWIN, Access(**FINE))


def drawn(*lines, **said):
    """A FeatureCollection in WGS-84 of lines measured as the twin's are."""
    to_degrees = Transformer.from_crs(4549, 4326, always_xy=True)
    features = [
        {
            "type": "Feature",
            "properties": {"class": "county", "speed_kmh": 60, **said},
            "geometry": {
                "type": "LineString",
                "coordinates": [to_degrees.transform(*twin.xy(*vertex)) for vertex in line],
            },
        }
        for line in lines
    ]
    return {"type": "FeatureCollection", "features": features}


# --- known by construction --------------------------------------------------------------------


def test_minutes_by_road_are_those_of_the_twin(answer):
    seats = layer(answer, "settlements").data
    # 3,000 m at 60 km/h; 2,400 m at 30; 3,000 m at 60 and 2,100 m at 30; 3,900 m at 60.
    before = {"s31": 0, "s41": 3, "s11": 4.8, "s21": 7.2}
    for place, expected in before.items():
        assert seats.loc[place, "county_seat_before"] == pytest.approx(expected, abs=1e-4)
    assert seats.loc["s21", "county_seat_after"] == pytest.approx(3.9, abs=1e-4)


def test_minutes_beside_the_road_walk_to_it_first(answer):
    seats = layer(answer, "settlements").data
    # s32: 300 m down to `main` and 900 m along it, s42: 300 m and 2,100 m.
    assert seats.loc["s32", "county_seat_after"] == pytest.approx(300 * WALK + 0.9, rel=0.005)
    assert seats.loc["s42", "county_seat_after"] == pytest.approx(300 * WALK + 2.1, rel=0.005)


def test_from_the_top_of_the_hill():
    # Down the cone of grade 0.2 to the west or south along the grid's axis: 750 m at Tobler's
    # pace for -0.2, then 2,400 m on the level plane to `north`'s end at (1500, 3750).
    county = with_layers(drop={"roads"})
    seat = gpd.GeoDataFrame(
        {"name": ["x"], "role": ["county"]},
        geometry=[Point(twin.xy(1500, 3750))],
        index=pd.Index(["001"], name="code"),
        crs=TWIN.crs,
    )
    down = 60 / (6000 * math.exp(-3.5 * 0.15))
    found = minutes(with_layers(county, seats=seat))["s22"]
    assert found == pytest.approx(750 * down + 1650 * WALK, rel=0.005)


def test_townships_weigh_by_people(answer):
    towns = table(answer, "townships_county_seat").set_index("name")
    people = layer(answer, "settlements").data
    north_east = (100 * 7.2 + 50 * people.loc["s22", "county_seat_before"]) / 150
    assert towns.loc["东北乡", "county_seat_before"] == pytest.approx(north_east, rel=1e-4)
    assert metric(answer, "mean_county_seat").before == pytest.approx(
        (people["county_seat_before"] * people["population"]).sum() / 1000
    )


def test_curve_and_shares_are_closed(answer):
    # At exactly 3 minutes seat 004 counts: 400 + 150 of 1,000 people.
    result = run(TWIN, Access(**FINE, target_min=3.0000001, target_share=50, thresholds_min=(3,)))
    assert metric(result, "within_county_seat").before == pytest.approx(55)
    assert checks(result)["target_county_seat"].verdict == "pass"
    curve = table(answer, "within")
    assert curve["county_seat_before"].is_monotonic_increasing
    assert curve.loc[curve["minutes"] == 30, "county_seat_after"].item() == pytest.approx(100)


def test_summaries_hold_every_threshold(answer):
    whole = table(answer, "county").set_index("to").loc["county_seat_before"]
    # Beyond 15 minutes is only s22, 50 of 1,000 people; within 30 are all.
    assert whole[["within_15", "within_30", "within_60", "without"]].tolist() == [95, 100, 100, 0]
    towns = table(answer, "townships_county_seat").set_index("name").loc["东北乡"]
    assert towns["county_seat_before_within_15"] == pytest.approx(100 * 100 / 150)
    mixed = run(TWIN, Access(**FINE, thresholds_min=(60, 7.5, 60)))
    assert layer(mixed, "time_school_after").breaks == (7.5, 60, 120)
    names = [name for name in table(mixed, "county") if "within" in name]
    assert names == ["within_7_5", "within_60"]
    both = run(TWIN, Access(services=("hospital", "hospital_or_clinic")))
    names = list(table(both, "townships_hospital"))
    assert not [name for name in names if "clinic" in name]


def test_the_difference_is_after_minus_before(answer):
    change = layer(answer, "change_county_seat")
    before, after = (
        layer(answer, f"time_county_seat_{s}").data.values for s in ("before", "after")
    )
    np.testing.assert_array_equal(change.data.values, after - before)
    assert (change.meaning, change.better, change.side) == ("change", "lower", "difference")
    assert np.nanmin(change.data.values) < -3
    assert np.nanmax(change.data.values) <= 1e-4


def test_the_lake_is_not_walked_on(answer):
    water = lake(TWIN, "pool_160", heights(TWIN, 30).grid)
    assert water.sum() > 0
    assert np.isnan(layer(answer, "time_county_seat_after").data.values[water]).all()


def test_of_several_lake_surfaces_one_that_is_not_there_is_named():
    pools = TWIN.vector("lake")
    pools.loc["pool_110"] = pools.iloc[0]
    county = with_layers(lake=pools)
    named = checks(run(county, Access(**QUICK, lake="pool_61")))["lake_level"]
    assert (named.verdict, named.found) == ("unknown", alike("pool_61"))
    assert named.allowed == alike("pool_100, pool_110")
    assert "lake_level" not in checks(run(county, Access(**QUICK, lake="pool_110")))
    assert "lake_level" not in checks(run(TWIN, Access(**QUICK)))  # there is but one


def test_without_edits_there_is_one_side():
    result = run(TWIN, Access(**FINE, open_roads=()))
    assert {one.side for one in result.layers} == {"both"}
    assert metric(result, "mean_county_seat").before is None
    assert [one.id for one in result.layers if one.id.startswith("roads")] == [
        "roads",
        "roads_planned",
    ]


def test_parameters_change_the_answer():
    assert minutes(speed_factor=0.5)["s41"] == pytest.approx(6, abs=1e-4)
    assert minutes(class_speed_kmh={"national": 30})["s41"] == pytest.approx(6, abs=1e-4)
    assert minutes(walk_factor=0.5)["s32"] == pytest.approx(600 * WALK + 0.9, rel=0.005)
    assert minutes(close_roads=("main",), open_roads=())["s41"] > 20
    assert minutes(services=("clinic",), column="clinic_after")["s21"] == pytest.approx(0, abs=1e-6)


def test_added_roads_join_and_are_driven():
    # From 20 m beside seat 002 straight to 20 m beside the county seat; both ends join there.
    road = drawn(((5100, 2720), (1500, 1220)), name="试")
    result = run(TWIN, Access(**FINE, open_roads=(), add_roads=road))
    added = layer(result, "roads_opened").data
    assert added.index.tolist() == ["added_1"]
    assert added.length.iloc[0] == pytest.approx(3900, abs=0.1)
    seats = layer(result, "settlements").data
    assert seats.loc["s21", "county_seat_after"] == pytest.approx(3.9, abs=1e-3)
    far = minutes(open_roads=(), add_roads=road, snap_m=0)
    assert far["s21"] > 3.9


def test_a_road_of_several_parts_is_one_road():
    road = drawn(((5100, 2720), (3000, 2000)))
    half = drawn(((3000, 2000), (1500, 1220)))["features"][0]["geometry"]["coordinates"]
    shape = road["features"][0]["geometry"]
    shape |= {"type": "MultiLineString", "coordinates": [shape["coordinates"], half]}
    result = run(TWIN, Access(**FINE, open_roads=(), add_roads=road))
    assert layer(result, "roads_opened").data.index.tolist() == ["added_1"]
    seats = layer(result, "settlements").data
    length = math.hypot(2100, 700) + math.hypot(1500, 800)
    assert seats.loc["s21", "county_seat_after"] == pytest.approx(length / 1000, rel=2e-3)


# --- cone and plane -----------------------------------------------------------------------------


def steep(slope):
    """Minutes a metre on foot: Tobler's, and beyond 1 / 3.5 in zigzags at 1 / 3.5."""
    gentle = math.copysign(min(abs(slope), 1 / 3.5), slope)
    return max(3.5 * abs(slope), 1) * 60 / (6000 * math.exp(-3.5 * abs(gentle + 0.05)))


@pytest.mark.parametrize("angle", range(0, 360, 24))
@pytest.mark.parametrize("grade", [0.0, 0.1, -0.28, 0.5])
def test_a_plane_is_walked_as_tobler_says(angle, grade):
    # The plane rises eastwards; 1,800 m from the settlement to the seat, a straight line of
    # constant slope. The surface says it from every cell, as far as 2,000 m.
    grid = TWIN.raster("dem").grid
    x, y = grid.xy(*np.indices(grid.shape))
    start = np.array([2700.0, 2400.0])
    way = 1800 * np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    seat, place = twin.xy(*(start + way)), twin.xy(*start)
    dem = Raster(3000 + grade * (x - x.min()), grid)
    result = run(alone(dem, Point(seat), Point(place)), WALKED)
    assert reached(result) == pytest.approx(1800 * steep(grade * way[0] / 1800), rel=0.005)
    length = np.hypot(seat[0] - x, seat[1] - y)
    ring = (length > 60) & (length < 2000)
    slopes = grade * (seat[0] - x)[ring] / length[ring]
    expected = length[ring] * np.vectorize(steep)(slopes)
    shown = layer(result, "time_county_seat_after").data.values[ring]
    np.testing.assert_allclose(shown[np.isfinite(shown)], expected[np.isfinite(shown)], rtol=0.005)


@pytest.mark.parametrize("angle", range(0, 360, 24))
@pytest.mark.parametrize("grade", [0.2, -0.2, 0.28])
def test_a_cone_is_walked_as_tobler_says(angle, grade):
    # Straight up the flank of a cone from its foot, or down to it.
    grid = TWIN.raster("dem").grid
    x, y = grid.xy(*np.indices(grid.shape))
    top = np.array([3000.0, 2400.0])
    way = 1800 * np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    east, north = twin.xy(*top)
    dem = Raster(900 - abs(grade) * np.hypot(x - east, y - north), grid)
    ends = [Point(twin.xy(*top)), Point(twin.xy(*(top + way)))]
    seat, place = ends if grade > 0 else ends[::-1]
    found = reached(run(alone(dem, seat, place), WALKED))
    assert found == pytest.approx(1800 * steep(grade), rel=0.005)


WALKED = Access(cell_m=30, services=("county_seat",))


def alone(dem, seat, place, **layers):
    """The twin with this terrain, one seat and one settlement, and no road."""
    said = {"name": ["x"], "role": ["county"]}
    seats = gpd.GeoDataFrame(said, geometry=[seat], index=pd.Index(["003"], name="code"), crs=4549)
    said = {"township": ["003"], "population": [1.0]}
    people = gpd.GeoDataFrame(said, geometry=[place], index=pd.Index(["s"], name="id"), crs=4549)
    drop = {"roads", "lake", "facilities"} - set(layers)
    return with_layers(drop=drop, **{"dem": dem, "seats": seats, "settlements": people, **layers})


def reached(result):
    return layer(result, "settlements").data["county_seat_after"].item()


# --- laws -------------------------------------------------------------------------------------


LAW = settings(max_examples=10)
QUICK = {"cell_m": 60, "services": ("county_seat",)}


@LAW
@given(st.integers(0, 1000))
def test_roads_opened_make_no_trip_slower(seed):
    rng = np.random.default_rng(seed)
    ends = [tuple(rng.uniform(0, (5900, 4700)).tolist()) for _ in range(3)]
    result = run(TWIN, Access(**QUICK, add_roads=drawn(ends, speed_kmh=25)))
    seats = layer(result, "settlements").data
    assert (seats["county_seat_after"] <= seats["county_seat_before"] + 1e-6).all()
    assert np.nanmax(layer(result, "change_county_seat").data.values) <= 1e-4


@LAW
@given(st.integers(0, 1000))
def test_there_and_back_take_as_long_where_speeds_are_the_same_both_ways(seed):
    # On the level walking is as fast both ways, and so are roads.
    rng = np.random.default_rng(seed)
    grid = TWIN.raster("dem").grid
    flat = Raster(np.full(grid.shape, 100.0), grid)
    one, other = (Point(twin.xy(*rng.uniform((300, 300), (5600, 4500)))) for _ in range(2))
    there, back = (
        reached(run(alone(flat, *ends, roads=TWIN.vector("roads")), Access(**QUICK)))
        for ends in ((one, other), (other, one))
    )
    assert there == pytest.approx(back, rel=1e-6, abs=1e-6)


@LAW
@given(st.integers(0, 1000))
def test_a_lake_makes_no_trip_faster(seed):
    rng = np.random.default_rng(seed)
    pool = TWIN.vector("lake")
    corner = rng.uniform((0, 0), (5000, 4000))
    pool.loc["more"] = ["水库", 90.0, 1.0, box(*twin.xy(*corner), *twin.xy(*(corner + 900)))]
    free, barred = (
        layer(run(county, Access(**QUICK, lake="more")), "settlements").data["county_seat_after"]
        for county in (with_layers(drop={"lake"}), with_layers(lake=pool))
    )
    assert (barred.fillna(np.inf) >= free - 1e-6).all()


def test_neither_row_order_nor_repetition_matters(answer):
    shuffled = {
        name: one.sample(frac=1, random_state=3)
        for name, one in TWIN.data.items()
        if isinstance(one, gpd.GeoDataFrame)
    }
    again = run(with_layers(**shuffled), Access(**FINE))
    assert again.metrics == answer.metrics
    assert again.checks == answer.checks
    for one, other in zip(answer.layers, again.layers, strict=True):
        if isinstance(one.data, Raster):
            np.testing.assert_array_equal(one.data.values, other.data.values)
        else:
            assert one.data.sort_index().equals(other.data.sort_index())
    for one, other in zip(answer.tables, again.tables, strict=True):
        pd.testing.assert_frame_equal(one.frame, other.frame)


def test_the_ends_of_every_range():
    for name, field in access.Access.model_fields.items():
        for bound in field.metadata:
            for end in ("ge", "le"):
                if hasattr(bound, end):
                    run(TWIN, Access(**{"cell_m": 90, name: getattr(bound, end)}))
    for wrong in ({"cell_m": 29}, {"services": ()}, {"class_speed_kmh": {"county": 0}}):
        with pytest.raises(ValidationError):
            Access(**wrong)


# --- counties that lack layers ----------------------------------------------------------------


def test_terrain_townships_outline_and_seats_are_enough():
    result = run(only("dem", "townships", "outline", "seats"), Access(**FINE))
    found = checks(result)
    for name in ("roads", "settlements", "facilities", "lake"):
        assert found[f"missing_{name}"].verdict == "unknown"
    assert found["no_school"].verdict == found["roads_to_edit"].verdict == "unknown"
    # By area: everything is walked; the county seat lies at (1500, 1200).
    surface = layer(result, "time_county_seat_after").data
    rows, columns = surface.grid.index(*twin.xy(1500, 3600))
    assert surface.values[rows, columns] == pytest.approx(2400 * WALK, rel=0.005)
    assert "面积" in metric(result, "within_county_seat").title.zh
    assert {one.id for one in result.tables} == {"within", "county", "townships_county_seat"}
    # Two of three services have no place: what is said is said of the county seat alone.
    _, share, cut = result.answer
    assert share.zh.startswith("60 分钟内可达县城（不含学校、医院：位置未知）的面积：")
    left_out = "(not counting school, hospital: no place known)"
    assert share.en.startswith(f"Within 60 min of the county seat {left_out}: ")
    assert cut.zh.startswith("无路可达的有 ")
    assert " have no way there, " in cut.en


def test_all_services_are_all_that_were_asked_for():
    facilities = TWIN.vector("facilities")
    schools = facilities[facilities["kind"].str.endswith("school")]
    result = run(with_layers(facilities=schools), Access(cell_m=60))
    assert checks(result)["no_hospital"].verdict == "unknown"
    counted = "the county seat and the school (not counting hospital: no place known)"
    share = next(words for words in result.answer if words.en.startswith("Within"))
    assert counted in share.en
    assert "县城、学校（不含医院：位置未知）" in share.zh
    assert counted in metric(result, "within_all").title.en


def test_the_county_seat_can_be_chosen():
    seats = TWIN.vector("seats").drop(columns="role")
    county = with_layers(seats=seats)
    silent = run(county, Access(**FINE, services=("county_seat",)))
    assert checks(silent)["no_county_seat"].verdict == "unknown"
    assert checks(silent)["no_county_seat"].remedy.en == "--set county_seat=CODE"
    without = checks(run(with_layers(drop={"seats", "facilities"}), Access(**QUICK)))
    assert without["no_county_seat"].remedy.zh.endswith("--as seats")
    assert not silent.metrics
    assert minutes(county, county_seat="004", services=("county_seat",))["s41"] == pytest.approx(
        0, abs=1e-6
    )
    assert run(only("dem", "townships", "outline"), Access(**FINE)).metrics == ()


def test_settlements_without_a_way_are_named():
    dem = TWIN.raster("dem")
    x, y = dem.grid.xy(*np.indices(dem.grid.shape))
    around = np.abs(np.hypot(x - twin.xy(*twin.HILL)[0], y - twin.xy(*twin.HILL)[1]) - 300) < 60
    pool = TWIN.vector("lake")
    top = Point(twin.xy(*twin.HILL))
    pool.loc["moat"] = ["环", 90.0, 1.0, top.buffer(360, 64).difference(top.buffer(240, 64))]
    result = run(with_layers(lake=pool), Access(**FINE, lake="moat"))
    check = checks(result)["cut_off_county_seat"]
    assert (check.verdict, check.found, check.features) == ("fail", alike("50"), ("s22",))
    worst = table(result, "worst")
    assert worst["id"].iloc[0] == "s22"
    assert worst["township"].iloc[0] == "002"
    assert math.isnan(worst["county_seat_after"].iloc[0])
    assert metric(result, "within_county_seat").value == pytest.approx(95)
    surface = layer(result, "time_county_seat_after").data.values
    assert np.isnan(surface[around]).all()
    assert not np.isinf(surface).any()


def lacking(where, county=TWIN):
    """The twin without heights where a function of east and north, m, says so."""
    dem = TWIN.raster("dem")
    x, y = dem.grid.xy(*np.indices(dem.grid.shape))
    east, north = x - twin.xy(0, 0)[0], y - twin.xy(0, 0)[1]
    return with_layers(
        county, dem=Raster(np.where(where(east, north), np.nan, dem.values), dem.grid)
    )


def test_unknown_ground_makes_unknown_not_unreachable():
    # A moat without heights around the top of the hill, where s22 is: 50 of 1,000 people.
    hill = twin.HILL
    county = lacking(
        lambda east, north: np.abs(np.hypot(east - hill[0], north - hill[1]) - 300) < 60
    )
    result = run(county, Access(**FINE, target_share=98))
    found = checks(result)
    cut = found["cut_off_county_seat"]
    assert (cut.verdict, cut.found, cut.features) == ("unknown", alike("0"), ())
    # All known are within, 95 % of everybody; whether 98 % are turns on the 5 % not known.
    assert (found["target_county_seat"].verdict, found["target_county_seat"].found) == (
        "unknown",
        alike("100.0 %"),
    )
    assert found["terrain"].verdict == "unknown"
    assert "5.0 %" in metric(result, "within_county_seat").note.zh
    whole = table(result, "county").iloc[0]
    assert (whole["without"], whole["unknown"]) == (0, 50)
    assert checks(run(county, Access(**FINE)))["target_county_seat"].verdict == "pass"
    assert checks(run(TWIN, Access(**FINE))).keys() & {"terrain"} == set()


@pytest.mark.parametrize("people", [True, False])
def test_terrain_of_half_the_county_is_named_as_that(people):
    # The tile ends at 3,000 m of 6,000: the eastern half has neither heights nor, here, roads.
    drop = {"roads", "facilities", "lake"} | (set() if people else {"settlements"})
    dem = TWIN.raster("dem")
    half = Grid((dem.grid.shape[0], 100), dem.grid.transform, dem.grid.crs)
    county = with_layers(drop=drop, dem=Raster(dem.values[:, :100].copy(), half))
    result = run(county, Access(**FINE, target_min=600, target_share=100))
    found = checks(result)
    assert found["terrain"].found == alike("50.0 %")
    assert found["cut_off_county_seat"].verdict == "unknown"
    assert found["target_county_seat"].verdict == "unknown"
    assert "50.0 %" in metric(result, "within_county_seat").note.en or people
    towns = table(result, "townships_county_seat").set_index("name")
    assert towns["county_seat_after"].isna().sum() == 2  # the eastern ones
    whole = table(result, "county").iloc[0]
    # s21, s22, s41 and s42 with 350 people; or half of 28.8 km².
    assert whole["unknown"] == pytest.approx(350 if people else 14.4, rel=0.01)


def test_scenario_says_what_it_reads(answer):
    read = {name for one in answer.layers for name in one.sources}
    assert read <= {*SCENARIO.needs, *SCENARIO.uses}
    assert len({one.id for one in answer.layers}) == len(answer.layers)
    for one in answer.metrics:
        assert math.isfinite(one.value)
    for one in answer.layers:
        if isinstance(one.data, gpd.GeoDataFrame):
            assert one.data.index.is_unique
            assert {column.name for column in one.columns} <= set(one.data.columns)


# --- layers it stands on ----------------------------------------------------------------------


def test_drawn_roads_name_every_problem():
    bad = drawn(((0, 0), (100, 0)), ((0, 0), (0, 100)))
    bad["features"][0]["properties"] = {"class": "motorway"}
    bad["features"][1]["geometry"]["type"] = "Point"
    with pytest.raises(InputError) as caught:
        drawn_roads(bad, TWIN.crs)
    assert [p.field for p in caught.value.problems] == [
        "features[0].properties.class",
        "features[0].properties.speed_kmh",
        "features[1].geometry.type",
    ]
    with pytest.raises(InputError):
        drawn_roads({"type": "FeatureCollection", "features": []}, TWIN.crs)
    assert drawn_roads(None, TWIN.crs).empty


def test_edited_roads():
    roads = edited_roads(TWIN, opened=["second_passage", "nowhere"], closed=["east"])
    assert roads.index[roads["before"]].tolist() == ["east", "expressway_1", "main", "north"]
    assert roads.index[roads["after"]].tolist() == [
        "expressway_1",
        "main",
        "north",
        "second_passage",
    ]
    assert edited_roads(only("dem")).empty
    parts = TWIN.vector("roads")
    halves = [LineString(leg) for leg in ([(0, 0), (1, 0)], [(5, 0), (6, 0)])]
    parts.loc["main", "geometry"] = MultiLineString(halves)
    result = run(with_layers(roads=parts), Access())
    assert layer(result, "roads").data.index.is_unique
    assert list(edited_roads(with_layers(roads=parts)).index).count("main") == 2


def test_services_and_demand():
    assert set(SERVICES) == {
        *("county_seat", "school", "hospital", "primary_school", "middle_school"),
        *("high_school", "clinic", "hospital_or_clinic"),
    }
    assert offering(TWIN, "clinic").index.tolist() == ["clinic_1", "clinic_2"]
    assert offering(TWIN, "county_seat").index.tolist() == ["003"]
    assert offering(TWIN, "county_seat", county_seat="009") is None
    assert offering(only("dem"), "clinic") is None
    grid = heights(TWIN, 90).grid
    by_area = demand(with_layers(drop={"settlements"}), grid)
    assert by_area["weight"].sum() == pytest.approx(28.8, rel=0.05)
    assert set(by_area["township"]) == {"001", "002", "003", "004"}
    assert covered(only("dem"), "lake", grid).sum() == 0
    assert lake(only("dem"), "pool_160", grid).sum() == 0
    assert heights(TWIN, 10).grid == TWIN.raster("dem").grid
    assert dataclasses.is_dataclass(TWIN)


def test_the_answer_is_made_of_the_figures(answer):
    seat, school, share, without = answer.answer
    # 1,000 people: means as in the tables; all within 60 minutes.
    figures = {one.id: one for one in answer.metrics}
    mean = figures["mean_county_seat"]
    assert (
        seat.en
        == f"The mean time to the county seat goes from {mean.before:.1f} to {mean.value:.1f} min."
    )
    assert school.zh.startswith("到学校平均时间由")
    assert share.en == "Within 60 min of all 3 services: still 100.0 % of people; 90 % asked."
    assert without.zh == "至少一项服务无路可达的有 0 人，情况未知的有 0 人。"


def test_the_roads_as_they_would_be_are_open_closed_and_joined():
    assert run(TWIN, Access(**QUICK, open_roads=())).edits == ()
    line = [twin.xy(2100, 1500), twin.xy(2100, 2100)]
    (edit,) = run(TWIN, Access(**QUICK, close_roads=("east",), add_roads=drawn(line))).edits
    roads = edit.data
    assert edit.layer == "roads"
    assert set(roads.index) == {*TWIN.vector("roads").index, "added_1"} - {"east"}
    assert (roads.status == "existing").all()
    assert check(roads.reset_index(names="id"), CATALOG["roads"], crs=TWIN.crs) == []
    again = run(with_layers(roads=roads), Access(**QUICK, open_roads=()))
    straight = run(TWIN, Access(**QUICK, close_roads=("east",), add_roads=drawn(line)))
    then, now = (layer(one, "settlements").data["county_seat_after"] for one in (straight, again))
    assert_allclose(now, then)
