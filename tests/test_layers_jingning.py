"""The shipped county holds what its facts say."""

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo.travel.network import components, graph, nearest
from geo.vector import coverage_problems
from layers.building.facts import metres
from layers.county import load
from layers.folder import SHIPPED
from layers.source import Quality

FACTS = Path(SHIPPED) / "jingning" / "facts"
PEOPLE = 111_011  # census 2020
BORDER_SEAT = "331127002"  # stands a few metres beyond its own border in the real layer


@pytest.fixture(scope="module")
def county():
    return load("jingning")


def facts(name):
    with (FACTS / f"{name}.csv").open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_townships_are_a_partition_with_the_published_shares(county):
    townships, outline = county.vector("townships"), county.vector("outline").union_all()
    assert len(townships) == 21
    assert len(coverage_problems(townships)) == 0
    assert shapely.symmetric_difference(townships.union_all(), outline).area < 1e-6 * outline.area
    share = townships.area_km2 / townships.area_km2.sum() * outline.area
    assert (townships.area / share - 1).abs().max() <= 1e-3
    assert townships.geom_type.eq("Polygon").all()


def test_every_seat_lies_inside_its_own(county):
    townships, seats = county.vector("townships").geometry, county.vector("seats").geometry
    astray = [code for code in seats.index if not townships[code].covers(seats[code])]
    assert set(astray) <= {BORDER_SEAT}
    assert all(townships[code].distance(seats[code]) < 200 for code in astray)


ALONG_THE_ROADS = (  # townships that a published road or plan names one after the other
    "331127002 331127201",  # Hexi, Dajun: G638
    "331127201 331127213",  # Dajun, Wutong: G638
    "331127213 331127214",  # Wutong, Biaoxi: G638
    "331127214 331127104",  # Biaoxi, Shawan: G638
    "331127104 331127215",  # Shawan, Maoyang: G638
    "331127215 331127216",  # Maoyang, Qiulu: G638
    "331127002 331127202",  # Hexi, Chengzhao: G235, the pilots
    "331127202 331127102",  # Chengzhao, Dongkeng: G235, expressway
    "331127001 331127002",  # Hongxing, Hexi: the county seat
)


@pytest.mark.parametrize("pair", ALONG_THE_ROADS)
def test_townships_along_the_roads_are_neighbours(county, pair):
    shapes = county.vector("townships").geometry
    one, other = (shapes[code] for code in pair.split())
    assert shapely.relate_pattern(one, other, "F***1****")  # they share more than a corner


def test_peaks_that_a_source_puts_into_a_township_lie_there(county):
    peaks = [row for row in facts("peaks") if row["code"]]
    assert peaks
    for row in peaks:
        (x,), (y,) = metres([float(row["lon"])], [float(row["lat"])])
        assert county.vector("townships").geometry[row["code"]].covers(shapely.Point(x, y))


def test_people_add_up_to_the_census(county):
    settlements = county.vector("settlements")
    assert settlements.population.sum() == PEOPLE
    assert (settlements.population % 1 == 0).all()
    assert "name" not in settlements.columns  # no real name on an invented place
    assert set(settlements.township) == set(county.vector("townships").index)
    places = county.vector("townships").geometry[settlements.township]
    assert np.all(shapely.dwithin(places.to_numpy(), settlements.geometry.to_numpy(), 200))


def test_the_park_has_its_areas_in_its_townships(county):
    park = county.vector("park").set_index("zone").geometry
    assert park.area["core"] == pytest.approx(22e6, rel=1e-6)
    assert park.area["general"] == pytest.approx(29e6, rel=1e-6)
    assert park["core"].intersection(park["general"]).area < 1
    allowed = county.vector("townships").geometry[["331127216", "331127104", "331127103"]]
    assert park.union_all().difference(allowed.union_all().buffer(1)).area < 1


def test_the_industrial_park_lies_outside_and_is_whole(county):
    (park,) = county.vector("lijing_park").geometry
    assert park.area == pytest.approx(4e6, rel=1e-3)
    assert not park.intersects(county.vector("outline").union_all())


def test_the_terrain_comes_of_at_most_two_thousand_heights(county):
    assert len(facts("heights")) <= 2000
    assert all(row["source"] for row in facts("heights"))
    dem = county.raster("dem")
    assert dem.grid.resolution == 30
    assert dem.valid.all()
    west, south, east, north = county.vector("outline").total_bounds
    left, bottom, right, top = dem.grid.bounds
    assert left < west
    assert bottom < south
    assert right > east
    assert top > north


def test_water_flows_off_the_terrain(county):
    """No cell inside lies below all its neighbours: water always finds level ground or a fall."""
    z = np.round(county.raster("dem").values.astype(float) * 10)
    inner = z[1:-1, 1:-1]
    lowest = np.full(inner.shape, np.inf)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            if down or right:
                rows = slice(1 + down, z.shape[0] - 1 + down)
                columns = slice(1 + right, z.shape[1] - 1 + right)
                lowest = np.minimum(lowest, z[rows, columns])
    assert int((inner < lowest).sum()) == 0


def test_every_seat_is_on_one_network(county):
    roads = county.vector("roads")
    existing = roads[roads.status == "existing"]
    network = graph(existing, cost_per_m=1.0)
    parts = components(network)
    assert len(np.unique(parts)) == 1
    seats = county.vector("seats").geometry
    node = nearest(network, seats.x, seats.y)
    assert np.hypot(*(network.xy[node] - np.column_stack([seats.x, seats.y])).T).max() < 100


def test_expressways_join_at_three_interchanges(county):
    roads = county.vector("roads")
    fast = roads["class"] == "expressway"
    network = graph(roads, cost_per_m=1.0, closed=fast)
    owners = [set() for _ in network.xy]
    for (a, b), line in zip(network.edges, network.line, strict=True):
        for end in (a, b):
            owners[end].add(bool(fast[line]))
    assert sum(len(one) == 2 for one in owners) == 3


def test_the_second_passage_is_planned_and_joins_the_roads(county):
    roads = county.vector("roads")
    assert roads.status["second_passage"] == "planned"
    opened = graph(roads, cost_per_m=1.0)
    assert len(np.unique(components(opened))) == 1


def test_lake_levels_nest(county):
    lake = county.vector("lake").sort_values("level_m")
    areas = lake.area.to_numpy()
    assert (np.diff(areas) > 0).all()
    storage = county.table("lake_storage").sort_values("level_m")
    assert (np.diff(storage.storage_hm3) > 0).all()


def test_every_layer_says_its_quality_and_what_was_measured(county):
    for name in county.names:
        source = county.sources[name]
        assert source.publisher
        assert source.licence
        assert source.steps, name
    assert county.sources["dem"].quality is Quality.MODELLED
    assert any("RMSE" in note for note in county.sources["dem"].notes)
    assert any("IoU" in note for note in county.sources["townships"].notes)
