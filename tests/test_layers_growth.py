"""Hazards, development boundary, levelled land, gates and towers: laws, hand cases, the twin."""

import itertools
import tomllib

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from geo.grid import Grid
from geo.raster import Raster, sample
from layers import twin, zones
from layers.building import facts, gates, growth, hazards
from layers.county import load
from layers.folder import SHIPPED
from layers.land.hazards import KINDS, LEVELS
from layers.source import Quality
from layers.towers import sites

TWIN = twin.county()
NEW = ("hazards", "development_boundary", "levelled_land", "park_gates", "tower_sites")
ROUNDING_M2 = 0.1  # of one pair of shapes whose coordinates are whole millimetres
PUBLISHED_M2 = 3000 * 10_000 / 15  # 3,000 mu = 2.0 km²


@pytest.fixture(scope="module")
def county():
    return load("jingning")


def overlaps(shapes):
    """Area that each pair of shapes shares."""
    one, other = shapes.sindex.query(shapes.geometry, predicate="intersects")
    pair = one < other
    own = shapes.geometry.to_numpy()
    return shapely.area(shapely.intersection(own[one[pair]], own[other[pair]]))


def test_what_is_modelled_says_so_and_bears_no_name(county):
    for name in NEW:
        assert county.sources[name].quality is Quality.MODELLED
        assert any("modelled" in note for note in county.sources[name].notes), name
    for name in ("hazards", "levelled_land", "park_gates", "tower_sites"):
        assert "name" not in county.vector(name)
    assert county.vector("development_boundary")["name"].str.contains("模拟").all()


def test_new_layers_are_small():
    files = [SHIPPED / "jingning" / name / f"{name}.gpkg" for name in NEW]
    assert max(file.stat().st_size for file in files) < 600_000


def test_as_many_slopes_and_torrents_as_there_are_known_points(county):
    known = tomllib.loads((SHIPPED / "jingning/facts/zones.toml").read_text(encoding="utf-8"))
    frame = county.vector("hazards")
    hills = frame[frame["kind"] != "flood"]
    assert len(hills) == known["hazards"]["known_points"] == 131
    assert set(frame["kind"]) == set(KINDS)
    people = county.vector("settlements")
    # 300 m before lines are simplified, and each is cut where one with more people lies
    assert (hills.distance(people.union_all()) <= 310).mean() > 0.95
    for _, rows in frame.groupby("kind"):
        assert set(rows["level"]) == set(LEVELS)


def test_hazards_of_a_kind_lie_side_by_side_within_the_county_and_off_the_lake(county):
    frame, lake = county.vector("hazards"), county.vector("lake").geometry
    for _, rows in frame.groupby("kind"):
        assert overlaps(rows).max(initial=0) < ROUNDING_M2
    assert frame.difference(county.vector("outline").union_all()).area.max() < ROUNDING_M2
    assert frame.intersection(lake["pool_160"]).area.max() < ROUNDING_M2
    between = lake["pool_161_5"].difference(lake["pool_160"]).buffer(-5)
    high = frame[(frame["kind"] == "flood") & (frame["level"] == "high")].union_all()
    assert between.difference(high.buffer(1)).area < 0.25 * between.area  # small parts left out


def test_floods_are_low_and_slides_are_steep(county):
    dem, frame = county.raster("dem"), county.vector("hazards")
    rivers = county.vector("rivers").union_all()
    spots = frame.geometry.representative_point()
    bed = shapely.shortest_line(rivers, spots.to_numpy())
    heights = sample(dem, spots.x, spots.y)
    at = shapely.get_coordinates(shapely.get_point(bed, 0))
    over = heights - sample(dem, at[:, 0], at[:, 1])
    kinds = frame["kind"].to_numpy()
    flood, slide = (np.median(over[kinds == kind]) for kind in ("flood", "landslide"))
    assert flood < 5 < slide


def valley():
    """A valley that falls south, 1 in 10, with a stream in its middle and walls of 45°."""
    grid = Grid.from_bounds((0, 0, 3000, 3000), 30, TWIN.crs)
    x, y = grid.xy(*np.indices(grid.shape))
    return Raster((0.1 * y + np.abs(x - 1515)).astype(np.float32), grid)


def test_a_valley_by_hand():
    # Walls of 45° stand over the settlement on the stream: high, within 300 m, from 10 m above it;
    # they meet upstream, where the bed is 10 m higher. The disc less its bed of a cell or two:
    # between 0.75 and 1 of it. It floods where ground is no higher than c·A^0.3 over a bed of 1 km².
    about = {**facts.document("zones")["hazards"], "flood_km2": 1.0, "flood_least_m2": 1000.0}
    about |= {"rim_least_m2": 100.0}
    dem = valley()
    homes = gpd.GeoDataFrame({"population": [10.0]}, geometry=[Point(1515, 1515)], crs=TWIN.crs)
    pool = gpd.GeoDataFrame(
        geometry=[box(1400, 30, 1600, 60), box(1400, 30, 1600, 90)], crs=TWIN.crs
    )
    frame = hazards.hazards(about, dem, box(60, 30, 2940, 2940), homes, pool)
    slides = frame[frame["kind"] == "landslide"]
    assert set(slides["level"]) == {"high"}
    home = homes.geometry.iloc[0]
    assert (slides.distance(home) < 60).all()
    assert not slides.intersects(home).any()
    assert (slides.hausdorff_distance(home) < 330).all()
    assert 0.75 < slides.area.sum() / (np.pi * 300**2) < 1
    wet = frame[frame["kind"] == "flood"].union_all()
    assert wet.distance(Point(1515, 300)) == 0  # the bed
    # The stream begins where 3,000 m by 333 m drain, 1 km²: at 3,000 - 333 = 2,667 m.
    assert 2500 < wet.bounds[3] <= 2670
    assert not wet.intersects(pool.geometry.iloc[0].buffer(-1))
    assert frame["id"].is_unique


def test_the_boundary_keeps_off_farmland_and_redline(county):
    frame = county.vector("development_boundary")
    for name in ("basic_farmland", "redline"):
        assert frame.intersection(county.vector(name).union_all()).area.sum() == 0
    assert overlaps(frame).max() < ROUNDING_M2
    size = frame.area.groupby([frame["name"], frame["zone"]]).sum().unstack()
    # County town: 6 km², and 12 % of it around, before the riverside is told from both
    assert size.iloc[0].sum() == pytest.approx(6e6 * 1.12, rel=1e-4)
    assert size.sum().index.tolist() == ["concentrated", "flexible", "special"]
    seats = county.vector("seats").geometry
    assert frame.distance(seats["331127002"]).min() < 100


def test_levelled_land_has_its_area_at_the_new_town(county):
    frame = county.vector("levelled_land")
    assert frame.area.sum() == pytest.approx(PUBLISHED_M2, abs=1)
    assert frame.area.groupby(frame["state"]).sum()["built"] == pytest.approx(0.8e6, abs=1)
    assert overlaps(frame).max(initial=0) < ROUNDING_M2
    new_town = county.vector("new_town").union_all()
    assert frame.intersection(new_town).area.sum() > 0.55 * PUBLISHED_M2
    assert (frame.distance(new_town) < 700).all()
    for name in ("basic_farmland", "redline"):
        assert frame.intersection(county.vector(name).union_all()).area.sum() == 0
    boundary = county.vector("development_boundary")
    inner = boundary[boundary["zone"] == "concentrated"].union_all()
    assert frame.difference(inner).area.sum() < 1
    seat = county.vector("seats").geometry["331127202"]
    built, vacant = (frame[frame["state"] == state] for state in ("built", "vacant"))
    reach = max(built.hausdorff_distance(seat))
    assert vacant.distance(seat).min() >= reach - 1  # a circle of 128 corners
    assert frame.area.min() > growth.CRUMB_M2


def test_gates_stand_where_roads_cross_the_outline(county):
    frame, roads = county.vector("park_gates"), county.vector("roads")
    rim = county.vector("park").union_all().boundary
    assert frame.distance(rim).max() < 0.002
    existing = roads[(roads["status"] == "existing") & (roads["class"] != "expressway")]
    assert frame.distance(existing.union_all()).max() < 0.002
    assert min(a.distance(b) for a, b in itertools.combinations(frame.geometry, 2)) >= 500
    assert len(frame) >= 2


def test_gates_by_hand():
    # A square of a kilometre: a national road crosses twice, a village road 100 m off the first
    # crossing (left out), another on the north side; a planned road and an expressway nowhere.
    park = gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 1000)], crs=TWIN.crs)
    lines = {
        "a": ("village", "existing", [(-50, 600), (50, 600)]),
        "b": ("national", "existing", [(-50, 500), (1050, 500)]),
        "c": ("village", "existing", [(500, 900), (500, 1100)]),
        "d": ("county", "planned", [(500, -100), (500, 100)]),
        "e": ("expressway", "existing", [(200, -100), (200, 100)]),
    }
    roads = gpd.GeoDataFrame(
        {
            "class": [one[0] for one in lines.values()],
            "status": [one[1] for one in lines.values()],
            "ref": [None, "G1", None, "X1", "G2"],
        },
        index=[*lines],
        geometry=[LineString(one[2]) for one in lines.values()],
        crs=TWIN.crs,
    )
    found = gates.gates({"apart_m": 500.0}, roads, park)
    assert [(p.x, p.y) for p in found.geometry] == [(500, 1000), (0, 500), (1000, 500)]
    assert found["ref"].tolist() == [None, "G1", "G1"]
    assert found["id"].tolist() == ["gate_01", "gate_02", "gate_03"]
    away = roads.loc[["a"]].set_geometry([LineString([(-300, 1400), (-900, 1400)])])
    (only,) = gates.gates({"apart_m": 500.0}, away, park).geometry
    assert (only.x, only.y) == (0, 1000)  # the corner, 500 m from the road's end


def test_the_twin_s_gate_is_where_its_builder_puts_it():
    twin_gate = TWIN.vector("park_gates").geometry.iloc[0]
    roads = TWIN.vector("roads").assign(ref=None)
    (found,) = gates.gates({"apart_m": 500.0}, roads, TWIN.vector("park")).geometry
    assert found.distance(twin_gate) == 0
    existing = roads[(roads["status"] == "existing") & (roads["class"] != "expressway")]
    assert existing.distance(twin_gate).min() == pytest.approx(540.83, abs=0.01)


def test_towers_are_those_outside_the_core_and_then_those_in_it(county):
    frame, park = county.vector("tower_sites"), county.vector("park")
    core = park[park["zone"] == "core"].union_all()
    inside = frame.intersects(core).to_numpy()
    assert inside.any()
    assert (np.diff(inside.astype(int)) >= 0).all()  # those in the core stand last
    assert min(a.distance(b) for a, b in itertools.combinations(frame.geometry, 2)) >= 900
    assert (frame.distance(park.union_all()) <= 1000).all()
    assert frame.geometry.y[~inside].is_monotonic_decreasing
    # Apart by 5 km, the one outside the core leaves no room in it; apart by 100 m the top is taken.
    about = {"ridge_m": 300.0, "apart_m": 100.0, "beyond_m": 0.0}
    made = sites(about, TWIN.vector("park"), TWIN.raster("dem"))
    assert made.geometry.distance(Point(twin.xy(*twin.HILL))).min() == 0
    assert len(sites({**about, "apart_m": 5000.0}, TWIN.vector("park"), TWIN.raster("dem"))) == 1


def test_the_twin_is_what_its_docstring_says():
    endangered = TWIN.vector("hazards")
    homes = TWIN.vector("settlements")
    met = homes[homes.intersects(endangered.union_all())]
    assert met["population"].to_dict() == {"s22": 50}
    assert (endangered.area / 1e4).groupby(endangered["kind"]).sum().to_dict() == {
        "debris_flow": 5.0,
        "flood": 120.0,
        "landslide": 12.25,
    }
    boundary, levelled = TWIN.vector("development_boundary"), TWIN.vector("levelled_land")
    assert boundary.area.sum() / 1e4 == 46
    assert (levelled.area / 1e4).to_dict() == {"l1": 9.0, "l2": 9.0}
    assert levelled.difference(TWIN.vector("new_town").union_all()).area.sum() == 0
    for name in ("basic_farmland", "redline"):
        assert boundary.intersection(TWIN.vector(name).union_all()).area.sum() == 0
    core = zones.area(TWIN, "park_core").union_all()
    whole = zones.area(TWIN, "park").union_all()
    towers = TWIN.vector("tower_sites")
    assert towers.within(core).to_dict() == {"t1": True, "t2": False, "t3": False}
    assert towers.distance(whole).round(6).to_dict() == {"t1": 0, "t2": 0, "t3": 150}


def test_zones_that_others_screen_by():
    assert zones.area(TWIN, "hazards").area.sum() / 1e4 == pytest.approx(137.25)
    town = gpd.GeoDataFrame(geometry=[TWIN.vector("new_town").union_all()], crs=TWIN.crs)
    inside = zones.share(town, zones.area(TWIN, "development_boundary"))
    assert inside.iloc[0] == pytest.approx(30 / 36)
