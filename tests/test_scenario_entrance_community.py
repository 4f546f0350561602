"""Sites for an entrance community: a planted county by hand, areas that close, what is not known."""

from __future__ import annotations

import functools
import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from pyproj import CRS
from shapely import Point, box

import layers.county
from geo.errors import InputError, MissingLayer
from geo.grid import Grid
from geo.ranking import weighted_sum
from geo.raster import Raster
from layers import ground, travel, twin
from layers.folder import SHIPPED
from layers.land.taken import taken
from layers.people.services import offering
from layers.roads.edits import edited_roads
from layers.source import Quality
from layers.twin.place import area, frame, xy
from scenarios.answers.screening import screen
from scenarios.entrance_community.ground import covered_cells, criteria, land, shapes
from scenarios.entrance_community.map import GROUPS
from scenarios.entrance_community.sites import ranked
from scenarios.entrance_community.terms import MEASURES, EntranceCommunity
from scenarios.entrance_community.told import DECIDING, modelled_layers
from scenarios.running import runs

TWIN = twin.county()
GATE = xy(3900, 3000)  # on the southern border of the twin's park, at the centre of a cell
FLAT_M_MIN = 6 * math.exp(-3.5 * 0.05) * 1000 / 60  # Tobler on the level: 83.9 m a minute
FREE = (area(3600, 2700, 3900, 3000), area(4200, 2400, 4440, 2550), area(5700, 300, 5790, 390))
"""Land that no redline holds: 9, 3.6 and 0.81 ha, on the level; whole cells of 30 m."""
ASKED = {
    "site_ha": 1.8,
    "gate_m": 20_000,
    "gate_min": 600,
    "seat_min": 600,
    "apart_m": 400,
    "near_m": 760,
    "people": 200,
    "person_m2": 0,
    "room_times": 4,
    "cell_m": 30,
    "weights": {"buildable_ha": 1, "people": 1},
}


@functools.cache
def planted():
    """Give the twin with a gate, a redline with three holes, a flood, a field that is protected.

    The flood takes the western 60 m of the first hole (1.8 ha; another one of low level, beside it,
    takes nothing), the farmland the southern 30 m of the second (0.72 ha).
    """
    county = area(0, 0, 6000, 4800)
    holes = FREE[0].union(FREE[1]).union(FREE[2])
    floods = {"id": ["high", "low"], "kind": ["flood"] * 2, "level": ["high", "low"]}
    wet = [area(3600, 2700, 3660, 3000), area(3660, 2700, 3720, 3000)]
    return without(
        park_gates=frame({"id": ["gate"]}, [Point(GATE)], "id"),
        redline=frame({"id": ["r"]}, [county.difference(holes)], "id"),
        hazards=frame(floods, wet, "id"),
        basic_farmland=frame(
            {"id": ["f"], "township": ["004"]}, [area(4200, 2400, 4440, 2430)], "id"
        ),
    )


def without(*gone, **more):
    data = {name: one for name, one in TWIN.data.items() if name not in gone}
    sources = {name: one for name, one in TWIN.sources.items() if name not in gone}
    return replace(TWIN, data={**data, **more}, sources=sources)


def run(place, **asked):
    params = EntranceCommunity(**{**ASKED, **asked})
    return runs.perform(runs.Order("entrance_community", place, params)).result


@functools.cache
def answered():
    return run(planted())


def layer(result, name="sites"):
    return next((one.data for one in result.layers if one.id == name), None)


def table(result, name):
    return next(one for one in result.tables if one.id == name).frame


def check(result, name):
    return next((one for one in result.checks if one.id == name), None)


def metric(result, name):
    return next((one for one in result.metrics if one.id == name), None)


# By hand ------------------------------------------------------------------------------------------


def test_land_that_is_lost_in_order():
    # the park's borders of 1500 m run through cells: 51 x 51 cells = 234.09 ha
    # redline: 2880 - 234.09 - (9 + 3.6 + 0.81) = 2632.5; farmland 8 cells = 0.72; flood 20 = 1.8
    # left in pieces: 80 cells = 7.2, 32 = 2.88, and 9 = 0.81, which is less than 1.8
    lost = table(answered(), "screening").set_index("criterion")["first_ha"]
    assert lost.to_dict() == pytest.approx(
        {
            **dict.fromkeys(lost.index, 0),
            "park": 234.09,
            "redline": 2632.5,
            "basic_farmland": 0.72,
            "flood": 1.8,
            "piece": 0.81,
            "yes": 10.08,
            "total": 2880,
        },
        abs=1e-9,
    )
    assert check(answered(), "closed").verdict == "pass"
    alone = table(answered(), "screening").set_index("criterion")["refused_ha"]
    assert alone["flood"] == pytest.approx(1.8)
    assert alone["basic_farmland"] == pytest.approx(0.72)


def test_two_sites_as_they_grow():
    # site_01 begins in the north-eastern corner of the first hole, 42 m from the gate; its 20 cells
    # are those (i, j) west and south of it with i² + j² <= 18: 1, 2, 1, 2, 2, 1, 2, 2, 2, 2, 2, 1
    cells = [(i, j) for i in range(6) for j in range(6) if i * i + j * j <= 18]
    assert len(cells) == 20
    sites = layer(answered())
    assert sites["area_ha"].tolist() == pytest.approx([1.8, 1.8])
    expected = [area(3870 - 30 * i, 2970 - 30 * j, 3900 - 30 * i, 3000 - 30 * j) for i, j in cells]
    own = gpd.GeoSeries(expected, crs=TWIN.crs).union_all()
    assert sites.geometry["site_01"].symmetric_difference(own).area < 1e-6
    # on foot and on the level: the mean over the cells of the straight way, at 83.9 m a minute
    ways = [30 * math.hypot(i + 1, j + 1) for i, j in cells]
    assert sites.loc["site_01", "gate_min"] == pytest.approx(np.mean(ways) / FLAT_M_MIN, rel=1e-4)
    # from the corner of its first cell to the gate: 15 m east, 15 m north
    assert sites.loc["site_01", "gate_m"] == pytest.approx(15 * math.sqrt(2))
    # site_02 begins in the north-western corner of the second hole: 285 m and 465 m to its corner
    assert sites.loc["site_02", "gate_m"] == pytest.approx(math.hypot(285, 465))
    assert sites["buildable_ha"].tolist() == pytest.approx([7.2, 2.88])
    assert sites["slope_deg"].abs().max() < 1e-4


def test_rank_shares_and_the_pair_that_decides():
    # land: 1.8 worth 0, 7.2 worth 1: 1 and (2.88 - 1.8) / 5.4 = 0.2; people of 200: s21 (100) lies
    # 753 m from site_02: 0.5; nobody within 760 m of site_01 (s22 is 765 m away): 0
    # equal weights: 0.5 and 0.35; site_01 wins where 0.8 w > 0.5 (1 - w), w > 5/13: 8/13 of all
    # the lead of 0.15 goes where t (0.8 + 0.5) = 0.15: t = 11.54 points
    sites = layer(answered())
    assert sites["people"].tolist() == [0, 100]
    assert sites["worth"].tolist() == pytest.approx([0.5, 0.35])
    sigma = math.sqrt(8 / 13 * 5 / 13 / 20_000)
    percent = [100 * 8 / 13, 100 * 5 / 13]
    assert sites["share_percent"].tolist() == pytest.approx(percent, abs=400 * sigma)
    errors = table(answered(), "sites")["error_percent"]
    assert errors.tolist() == pytest.approx([100 * sigma] * 2, rel=0.02)
    swap = table(answered(), "exchanges")
    assert swap[["site", "from_", "to"]].to_numpy().tolist() == [
        ["site_02", "buildable_ha", "people"]
    ]
    assert swap["shift_percent"].tolist() == pytest.approx([15 / 1.3])
    assert metric(answered(), "shift").value == pytest.approx(15 / 1.3)
    assert "11.5" in answered().answer[2].en
    weights = table(answered(), "weights").set_index("criterion")
    assert weights["weight"].to_dict() == {"buildable_ha": 50, "people": 50}
    assert weights.loc["buildable_ha", ["worst", "best"]].tolist() == pytest.approx([1.8, 7.2])


def test_what_the_first_site_uses_up():
    # the twin has parcels below 2,100 m only: of 1.8 ha the class is not known, all may be cropland
    claims = {(one.kind, one.from_): one for one in answered().claims}
    land_taken = claims["land", "unknown"]
    assert (land_taken.likely, land_taken.place, land_taken.to) == (
        pytest.approx(1.8),
        "002",
        "entrance_community",
    )
    owed = claims["cropland_owed", ""]
    assert (owed.low, owed.likely, owed.high) == pytest.approx((0, 0, 1.8))
    assert owed.rule == "exchange.balance"
    assert (claims["people", ""].low, claims["people", ""].high) == (0, 0)


def test_cropland_and_people_of_a_site_that_is_farmed():
    """The only hole in the redline is the county seat's surroundings."""
    seat = area(1440, 1140, 1590, 1290)
    county = area(0, 0, 6000, 4800)
    result = run(
        without(
            "basic_farmland",
            "hazards",
            "source_water",
            park_gates=frame({"id": ["gate"]}, [Point(GATE)], "id"),
            redline=frame({"id": ["r"]}, [county.difference(seat)], "id"),
        ),
        site_ha=2.25,
    )
    whole = gpd.GeoDataFrame(geometry=[seat], crs=TWIN.crs)
    by_class = taken(TWIN, whole).groupby("class")["area_ha"].sum()
    claims = [one for one in result.claims if one.kind == "land"]
    assert {one.from_: one.likely for one in claims} == pytest.approx(by_class.to_dict())
    people = next(one for one in result.claims if one.kind == "people")
    assert (people.low, people.likely, people.high) == (0, 0, 400)
    assert check(result, "outside_flood").verdict == "unknown"
    assert check(result, "outside_park").verdict == "pass"


# Laws ---------------------------------------------------------------------------------------------


def test_sites_are_measured_again():
    """On the twin as it is, with its own gate: nothing in the park, distances by other ways."""
    params = EntranceCommunity(site_ha=2, gate_m=2500, apart_m=300, cell_m=30)
    held = land(TWIN, params)
    found = ranked(TWIN, params, held)
    assert len(found.sites) > 3
    whole = found.sites.geometry.union_all()
    assert whole.area == pytest.approx(found.sites.area.sum())  # no cell is shared
    for name in ("park", "redline", "basic_farmland", "source_water", "flood", "landslide"):
        level = params.hazard_level
        assert shapes(TWIN, name, level).intersection(whole).area.sum() < 1.0
    assert whole.difference(TWIN.vector("outline").union_all()).area < 1e-6
    gate = TWIN.vector("park_gates").geometry
    distance = [gate.distance(shape).min() for shape in found.sites.geometry]
    assert found.sites["gate_m"].tolist() == pytest.approx(distance)
    dem = ground.heights(TWIN, 30)
    roads = edited_roads(TWIN)
    ways = travel.ways(dem, roads[roads["before"]], water=ground.lake(TWIN, "", dem.grid))
    for name, points in (("gate_min", gate), ("seat_min", offering(TWIN, "county_seat"))):
        asked = travel.minutes(ways, points)
        for label, shape in found.sites.geometry.items():
            inside = held.places[held.places.within(shape)]
            spots = pd.DataFrame({"x": inside.geometry.x, "y": inside.geometry.y})
            assert asked.at(spots).mean() == pytest.approx(found.sites.loc[label, name], rel=1e-4)
    seeds = found.sites.geometry
    assert (seeds.area / 1e4).tolist() == pytest.approx([23 * 0.09] * len(seeds))


def test_the_first_site_is_the_best_and_its_rival_wins_after_the_exchange():
    params = EntranceCommunity(site_ha=2, gate_m=2500, apart_m=300, cell_m=30)
    found = ranked(TWIN, params, land(TWIN, params))
    assert found.left_out == ()
    assert found.sites["worth"].is_monotonic_decreasing
    assert found.sites["share"].sum() == pytest.approx(1)
    assert found.rival
    one = found.sites.loc[found.rival]
    total = sum(params.weighing.values())
    weights = {name: weight / total for name, weight in params.weighing.items()}
    weights[one["from_"]] -= one["shift"] + 1e-9
    weights[one["to"]] += one["shift"] + 1e-9
    assert weighted_sum(found.values, weights).idxmax() == found.rival


def test_the_map_tells_what_binds_first():
    # planted: 2601 cells of the park, 80 + 32 that may be taken, 20 flooded, 8 farmed, 9 too few
    drawn = layer(answered(), "screened")
    codes = next(one.categories for one in answered().layers if one.id == "screened")
    titles = {int(one.code): one.title.en for one in codes}
    numbers, counts = np.unique(drawn.values[drawn.valid], return_counts=True)
    found = {titles[int(one)]: int(count) for one, count in zip(numbers, counts, strict=True)}
    assert found == {
        "National park": 2601,
        "Ecological redline": 29250,
        "May be taken": 112,
        "Hazard zones": 20,
        "Farmland, source water, lake": 8,
        "Too small a piece": 9,
    }
    held = land(planted(), EntranceCommunity(**ASKED))
    known = {one for _, ids in GROUPS for one in ids}
    assert {one.id for one in held.held.screened.criteria} - known == {"gate_m"}


def test_a_stricter_screen_leaves_no_more():
    left = []
    for slope in (30, 10, 5):
        params = EntranceCommunity(slope_deg=slope, cell_m=60)
        held = land(TWIN, params)
        left.append(set(held.held.number.index))
        losses = held.held.screened.losses["first_ha"]
        assert losses.iloc[:-1].sum() * 1e4 == pytest.approx(losses["total"] * 1e4, abs=1.0)
    assert left[0] >= left[1] >= left[2]


def test_cells_and_zones_that_touch_them():
    # a zone that takes 1 m of the third cell refuses it, and no other
    grid = Grid((1, 4), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    zone = gpd.GeoDataFrame(geometry=[box(29, 0, 30, 10), box(29, 5, 30, 10)], crs=4549)
    assert covered_cells(grid, zone).values.round(3).tolist() == [[0, 0, 10, 0]]
    assert covered_cells(grid, zone.iloc[:0]).values.tolist() == [[0, 0, 0, 0]]
    assert np.isnan(covered_cells(grid, None).values).all()


def test_hazards_from_a_level_on():
    assert shapes(without("hazards"), "flood") is None
    assert [len(shapes(TWIN, "flood", level)) for level in ("low", "medium", "high")] == [2, 1, 1]
    assert [len(shapes(TWIN, "debris_flow", level)) for level in ("medium", "high")] == [1, 0]


# What is not known --------------------------------------------------------------------------------


def test_a_layer_that_is_not_there_is_not_known_and_never_no():
    result = run(without("hazards", **{n: planted().vector(n) for n in ("redline", "park_gates")}))
    sites = layer(result)
    assert set(sites["verdict"]) == {"unknown"}
    screened = table(result, "screening").set_index("criterion")
    assert screened.loc["flood", "unknown_ha"] == pytest.approx(2880)
    assert screened.loc["yes", "first_ha"] == 0
    assert screened.loc["unknown", "first_ha"] > 0
    assert check(result, "missing_hazards").verdict == "unknown"
    assert "hazard zones" in result.answer[-1].en
    room = metric(result, "open_ha")
    assert (room.low, room.high) == (0, room.value)


def test_criteria_that_are_not_known_are_left_out_and_named():
    result = run(
        without("seats", "settlements", **{n: planted().vector(n) for n in ("park_gates",)}),
        weights={"people": 1, "seat_min": 1, "gate_min": 1},
        gate_m=1500,
    )
    assert {one.id for one in result.checks} >= {"left_out_people", "left_out_seat_min"}
    weights = table(result, "weights").set_index("criterion")["state"]
    assert weights.to_dict() == {
        "gate_min": "counted",
        "seat_min": "left_out",
        "people": "left_out",
    }
    nearest = layer(result)["gate_min"]
    assert nearest.is_monotonic_increasing
    data = {name: one for name, one in planted().data.items() if name != "settlements"}
    alone = run(replace(planted(), data=data), weights={"people": 1})
    assert metric(alone, "worth") is None
    assert len(layer(alone)) == 2


def test_ground_without_heights_is_in_no_site():
    dem = TWIN.raster("dem")
    values = dem.values.copy()
    values[60:140, 100:160] = np.nan
    gap = area(3000, 600, 4800, 3000)  # rows 60 to 139 from the north, columns 100 to 159
    result = run(
        without(dem=Raster(values, dem.grid)),
        site_ha=2,
        gate_m=2500,
        weights={"gate_min": 1, "slope_deg": 1},
    )
    sites = layer(result)
    assert sites[["gate_min", "slope_deg"]].notna().all().all()
    assert sites.intersection(gap).area.max() < 1e-6
    lost = table(result, "screening").set_index("criterion")
    assert lost.loc["slope_deg", "unknown_ha"] == pytest.approx(gap.area / 1e4)


def test_sites_that_tie_say_so():
    result = run(planted(), weights={"slope_deg": 1, "service_min": 0})
    assert layer(result)["worth"].tolist() == pytest.approx([1, 1])
    assert "site_02 is worth as much" in result.answer[2].en


def test_no_land_is_an_answer_too():
    result = run(planted(), site_ha=50)
    assert layer(result) is None
    assert check(result, "sites").verdict == "fail"
    assert result.claims == ()
    assert 2 <= len(result.answer) <= 5
    assert metric(result, "sites").value == 0


def test_gates_of_the_planner_and_none():
    with pytest.raises(MissingLayer, match="park_gates"):
        run(without("park_gates"))
    line = {"type": "LineString", "coordinates": [[119.8, 28.0], [119.9, 28.0]]}
    wrong = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "properties": {}, "geometry": line}],
    }
    with pytest.raises(InputError, match="points"):
        run(without("park_gates"), gates=wrong)
    with pytest.raises(ValueError, match="weights"):
        EntranceCommunity(weights={"people": 0})


def test_the_page_says_what_is_modelled_and_that_no_standard_was_found():
    result = answered()
    assert check(result, "modelled").verdict == "unknown"
    assert "park gates" in result.answer[-1].en
    assert "hazard zones" in result.answer[-1].en
    assert "no published standard" in result.answer[-1].en
    assert check(result, "standard").verdict == "unknown"
    asked = EntranceCommunity(weights={"people": 0, "gate_min": 2})
    assert [*asked.scales] == [*asked.weighing] == ["gate_min"]
    assert all(one.better for one in MEASURES.values())


def test_every_layer_that_decides_and_is_modelled_is_named():
    place = planted()
    for quality, named in ((Quality.MODELLED, True), (Quality.OFFICIAL, False)):
        sources = {name: replace(one, quality=quality) for name, one in place.sources.items()}
        judged = modelled_layers(replace(place, sources=sources), EntranceCommunity())
        assert judged == ([name for name in DECIDING if name in place] if named else [])
    assert {"redline", "basic_farmland", "roads"} <= set(DECIDING)


# The county that is shipped -----------------------------------------------------------------------


@pytest.mark.prove
def test_jingning(figures):
    county = layers.county.load(SHIPPED / "jingning")
    params = EntranceCommunity()
    held = land(county, params)
    found = ranked(county, params, held)
    losses = held.held.screened.losses["first_ha"]
    off = abs(losses.iloc[:-1].sum() - losses["total"]) * 1e4
    assert off <= 1.0
    whole = found.sites.geometry.union_all()
    inside = county.vector("park").intersection(whole).area.sum()
    assert inside < 1.0
    gates = county.vector("park_gates").geometry
    again = [gates.distance(shape).min() for shape in found.sites.geometry]
    assert found.sites["gate_m"].tolist() == pytest.approx(again)
    once_more = screen(held.places, criteria(params))
    pd.testing.assert_frame_equal(once_more.states, held.held.screened.states.drop(columns="piece"))
    figures(
        f"{len(found.sites)} sites; first {found.sites['share'].iloc[0]:.3f} of weightings; "
        f"{inside:.4f} m² in the park; screens off by {off:.4f} m²"
    )
