"""The synthetic county is what its docstring says."""

import numpy as np
import pandas as pd
import pytest

from layers import twin
from layers.catalog import CATALOG
from layers.county import load
from layers.schema import check_all


@pytest.fixture(scope="module")
def county():
    return twin.county()


def minutes(county, *roads):
    lines = county.vector("roads").loc[list(roads)]
    return float((lines.length / 1000 / lines["speed_kmh"] * 60).sum())


def test_it_holds_every_layer_of_the_catalog_without_a_problem(county):
    assert set(county.names) == set(CATALOG)
    frames = {
        name: one.reset_index() if getattr(one, "index", pd.Index([])).name else one
        for name, one in county.data.items()
    }
    assert check_all(frames, CATALOG, crs=county.crs) == []


def test_areas_people_and_storage(county):
    townships = county.vector("townships")
    assert (townships.area / 1e6).tolist() == [7.2] * 4
    assert townships.union_all().equals(county.vector("outline").union_all())
    people = county.vector("settlements").groupby("township")["population"].sum()
    assert people.to_dict() == {"001": 200, "002": 150, "003": 450, "004": 200}
    assert (county.vector("park").area / 1e6).round(6).to_dict() == {"core": 0.36, "general": 1.89}
    pool, storage = county.vector("lake").area.sum(), county.table("lake_storage")
    assert (pool * (storage["level_m"] - 96) / 1e6).tolist() == storage["storage_hm3"].tolist()


def test_terrain_is_a_cone_on_a_plane(county):
    dem = county.raster("dem")
    row, column = dem.grid.index(*twin.xy(*twin.HILL))
    assert dem.values[row, column] == 250
    # 300 m east of the top: 250 - 0.2 x 300 = 190
    assert dem.values[row, column + 10] == pytest.approx(190)
    assert np.unique(dem.values[:60]).max() <= 250
    assert (dem.values[80:] == 100).all()


def test_every_township_holds_its_seat_and_settlements(county):
    townships = county.vector("townships").geometry
    for layer, codes in (("seats", None), ("settlements", "township"), ("facilities", "township")):
        points = county.vector(layer)
        named = points.index if codes is None else points[codes]
        for code, point in zip(named, points.geometry, strict=True):
            assert townships[code].contains(point)


def test_minutes_by_road_are_those_of_the_docstring(county):
    roads = county.vector("roads")
    # north: 2.4 km at 30 km/h = 4.8 min; east: 2.1 km at 30 km/h = 4.2 min
    assert minutes(county, "north") == pytest.approx(4.8)
    assert minutes(county, "east") == pytest.approx(4.2)
    # 300 x 5-12-13: 3,900 m at 60 km/h = 3.9 min
    assert roads.length["second_passage"] == pytest.approx(3900)
    assert minutes(county, "second_passage") == pytest.approx(3.9)
    assert roads["status"].eq("planned").to_dict() == {
        road: road == "second_passage" for road in roads.index
    }


def test_roads_meet_at_shared_vertices_and_the_expressway_at_one(county):
    vertices = {
        road: {tuple(v) for v in line.coords}
        for road, line in county.vector("roads").geometry.items()
    }
    seats = {code: point.coords[0] for code, point in county.vector("seats").geometry.items()}
    joins = {r for r in vertices if r != "expressway_1" and vertices[r] & vertices["expressway_1"]}
    assert joins == {"north"}
    assert vertices["main"] & vertices["north"] & vertices["second_passage"] == {seats["003"]}
    assert vertices["east"] & vertices["second_passage"] == {seats["002"]}
    assert vertices["main"] & vertices["east"] == {seats["004"]}


def test_points_and_vertices_are_cell_centres(county):
    grid = county.raster("dem").grid
    for layer in ("seats", "settlements", "facilities", "roads", "rivers"):
        x, y = county.vector(layer).get_coordinates().to_numpy().T
        rows, columns = grid.index(x, y)
        assert grid.inside(rows, columns).all()
        centre_x, centre_y = grid.xy(rows, columns)
        np.testing.assert_array_equal([x, y], [centre_x, centre_y])


def test_written_and_loaded_it_is_equal(county, tmp_path):
    twin.write(tmp_path / "a")
    twin.write(tmp_path / "b")
    loaded = load(tmp_path / "a")
    assert (loaded.id, loaded.name, loaded.crs) == (county.id, county.name, county.crs)
    for name in set(county.names) - {"dem"}:
        pd.testing.assert_frame_equal(loaded.data[name], county.data[name])
    np.testing.assert_array_equal(loaded.raster("dem").values, county.raster("dem").values)
    assert loaded.raster("dem").grid == county.raster("dem").grid
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("[!.]*.*"))
    assert len(files) == 2 * len(county.names) + 2  # county.toml, defaults.toml
    for file in files:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file
