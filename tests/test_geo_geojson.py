import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geo.errors import CrsError, GeometryError
from geo.geojson import dumps

PLACE = st.tuples(st.floats(430_000, 510_000), st.floats(3_060_000, 3_120_000))


def frame(*shapes, crs=4549, index=None, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=crs, index=index)


def features(text):
    return json.loads(text, parse_constant=pytest.fail)["features"]


def test_a_square_by_hand():
    # Clockwise in, counter-clockwise out; 0.12345678 has eight decimals, seven remain.
    ring = [(119, 28), (119, 28.12345678), (119.5, 28.12345678), (119.5, 28)]
    text = dumps(frame(shapely.Polygon(ring), crs=4326, index=["甲"], 名称=["畲乡"], n=[1]))
    assert text == (
        '{"type":"FeatureCollection","bbox":[119.0,28.0,119.5,28.1234568],"features":[\n'
        '{"type":"Feature","id":"甲","geometry":{"type":"Polygon","coordinates":[[[119.0,28.0],'
        "[119.5,28.0],[119.5,28.1234568],[119.0,28.1234568],[119.0,28.0]]]},"
        '"properties":{"名称":"畲乡","n":1}}\n]}\n'
    )


def test_another_reader_reads_it(tmp_path):
    before = frame(shapely.box(480_000, 3_100_000, 480_500, 3_100_400), name=["a"], index=[7])
    (tmp_path / "a.geojson").write_text(dumps(before), encoding="utf-8")
    info = pyogrio.read_info(tmp_path / "a.geojson")
    assert (info["driver"], info["crs"]) == ("GeoJSON", "EPSG:4326")
    after = gpd.read_file(tmp_path / "a.geojson").to_crs(4549)
    assert after.geometry.iloc[0].hausdorff_distance(before.geometry.iloc[0]) < 0.02
    assert after["name"].tolist() == ["a"]


@settings(max_examples=60)
@given(st.lists(PLACE, min_size=3, max_size=8, unique=True), st.booleans())
# Sides of 61 and 40 km that bend by more than the 13 m from the hole to them.
@example([(509999.0, 3075004.0), (452208.0, 3097566.0), (489368.0, 3083118.0)], False)
def test_laws_of_rfc_7946(places, turned):
    hull = shapely.MultiPoint(places).convex_hull
    if hull.geom_type != "Polygon" or hull.area < 1:
        hull = shapely.Point(places[0]).buffer(10)
    hole = hull.representative_point().buffer(min(1.0, hull.area**0.5 / 100))
    shape = hull.difference(hole) if hull.contains(hole) else hull
    text = dumps(frame(shape.reverse() if turned else shape))
    read = json.loads(text)
    assert "crs" not in read
    back = shapely.from_geojson(json.dumps(read["features"][0]["geometry"]))
    assert back.is_valid
    assert read["bbox"] == list(back.bounds)
    for part in shapely.get_parts(back):
        assert part.exterior.is_ccw
        assert not any(ring.is_ccw for ring in part.interiors)
    # Seven decimals, or nine where the shape folds at that, or by the change of CRS itself.
    carried = frame(shape).to_crs(4326).geometry.iloc[0]
    rounded = shapely.set_coordinates(carried, np.round(shapely.get_coordinates(carried), 7))
    numbers = shapely.get_coordinates(back)
    assert np.array_equal(numbers, np.round(numbers, 7 if rounded.is_valid else 9))
    assert text == dumps(frame(shape.reverse() if turned else shape))


def test_heights_are_kept_also_in_the_bounding_box():
    line = shapely.LineString([(120, 28, 200.25), (120.1, 28, 310)])
    read = json.loads(dumps(frame(line, crs=4326)))
    assert read["bbox"] == [120, 28, 200.25, 120.1, 28, 310]
    assert read["features"][0]["geometry"]["coordinates"] == [[120, 28, 200.25], [120.1, 28, 310]]
    mixed = json.loads(dumps(frame(line, shapely.Point(119, 27), crs=4326)))
    assert mixed["bbox"] == [119, 27, 120.1, 28]
    assert mixed["features"][1]["geometry"]["coordinates"] == [119, 27]


def test_shapes_finer_than_a_centimetre_survive():
    x, y = 480_000, 3_100_000
    sliver = shapely.box(x, y, x + 0.0004, y + 30)
    neck = shapely.Polygon(
        [(x, y), (x + 9, y), (x + 5, y + 4.9999), (x + 9, y + 10), (x, y + 10), (x + 5, y + 5.0001)]
    )
    for shape in (sliver, neck, shapely.LineString([(x, y), (x, y + 0.0005)])):
        [feature] = features(dumps(frame(shape)))
        back = shapely.from_geojson(json.dumps(feature["geometry"]))
        assert back.is_valid
        assert back.length > 0


def test_rounding_keeps_the_borders_of_a_coverage_shared():
    rng = np.random.default_rng(3)
    corners = shapely.MultiPoint(rng.uniform((48e4, 310e4), (48.2e4, 310.2e4), (60, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(corners))
    shapes = [
        shapely.from_geojson(json.dumps(one["geometry"])) for one in features(dumps(frame(*cells)))
    ]
    assert shapely.coverage_is_valid(shapes)


@pytest.mark.parametrize(
    ("label", "written"),
    [(3, 3), (np.int64(3), 3), ("甲", "甲"), (2.5, 2.5), ((1, "a"), "(1, 'a')")],
)
def test_the_id_is_the_index_label(label, written):
    index = pd.Index([label], tupleize_cols=False)
    [feature] = features(dumps(frame(shapely.Point(120, 28), crs=4326, index=index)))
    assert feature["id"] == written


def test_values_are_json():
    point = shapely.Point(120, 28)
    table = {
        "f": [np.float32(0.5), np.nan],
        "inf": [np.inf, -np.inf],
        "i": pd.array([1, None], dtype="Int64"),
        "b": [True, False],
        "t": ['</script>\u2028"\\', None],
        "d": pd.to_datetime(["2022-11-08", None]),
        "c": pd.Categorical(["x", None]),
        "o": [{"a": 1}, 3],
    }
    first, second = (
        one["properties"] for one in features(dumps(frame(point, point, crs=4326, **table)))
    )
    assert first == {
        "f": 0.5,
        "inf": None,
        "i": 1,
        "b": True,
        "t": '</script>\u2028"\\',
        "d": "2022-11-08T00:00:00",
        "c": "x",
        "o": "{'a': 1}",
    }
    assert second == {**dict.fromkeys(first), "b": False, "o": 3}


def test_empty_frames_and_missing_shapes():
    assert json.loads(dumps(frame())) == {"type": "FeatureCollection", "features": []}
    read = features(dumps(frame(None, shapely.Polygon(), shapely.Point(480_000, 3_100_000))))
    assert [one["geometry"] is None for one in read] == [True, True, False]


def test_a_ring_that_touches_a_long_edge_is_mended_where_the_change_of_crs_crosses_it():
    # valid here: a hole that touches the northern edge in a point; carried to WGS 84 the edge from
    # end to end is another line, and the point lies outside of it
    shell = [(400_000, 3e6), (600_000, 3e6), (600_000, 3.1e6), (400_000, 3.1e6)]
    hole = [(480_000, 3.1e6), (490_000, 3.09e6), (470_000, 3.09e6)]
    place = gpd.GeoDataFrame(geometry=[shapely.Polygon(shell, [hole])], index=["a"], crs=4549)
    assert place.is_valid.all()
    assert not place.to_crs(4326).is_valid.all()
    written = json.loads(dumps(place))["features"][0]["geometry"]
    back = gpd.GeoSeries([shapely.geometry.shape(written)], crs=4326)
    assert back.is_valid.all()
    assert back.to_crs(4549).area[0] == pytest.approx(place.area["a"], rel=5e-3)


def test_what_cannot_be_written_is_refused():
    bow_tie = shapely.Polygon(
        [(480_000, 3_100_000), (480_010, 3_100_010), (480_010, 3_100_000), (480_000, 3_100_010)]
    )
    with pytest.raises(GeometryError, match="Self-intersection") as caught:
        dumps(frame(shapely.Point(480_000, 3_100_000), bow_tie, index=["a", "b"]))
    assert "1 个图形无效" in caught.value.said("zh")
    assert [problem.row for problem in caught.value.problems] == ["b"]
    with pytest.raises(GeometryError, match="unique"):
        dumps(frame(None, None, index=[1, 1]))
    with pytest.raises(CrsError):
        dumps(frame(shapely.Point(1, 2), crs=None))
    with pytest.raises(CrsError):
        dumps(frame(shapely.Point(120, 28), crs=4610))


def test_the_frame_stays_as_it_was_and_places_are_right():
    before = frame(shapely.Point(480_000, 3_100_000))
    [feature] = features(dumps(before))
    assert before.geometry.iloc[0].x == 480_000
    lon, lat = feature["geometry"]["coordinates"]
    # 20 km west of the central meridian along the parallel, by an independent geodesic.
    assert Geod(ellps="GRS80").inv(120, lat, lon, lat)[2] == pytest.approx(20_000, rel=1e-4)


def test_a_road_of_short_legs_keeps_its_length_to_a_millimetre():
    # 60 km in legs of 5 m: at 1 cm each leg would grow by some micrometres, the road by centimetres.
    s = np.arange(0, 60_000, 5.0)
    xyz = np.stack([400_000 + s, 3_090_000 + 300 * np.sin(s / 500), 100 + 50 * np.sin(s / 900)])
    road = gpd.GeoDataFrame({"n": [1]}, geometry=[shapely.LineString(xyz.T)], crs=4549)
    back = gpd.read_file(dumps(road)).to_crs(4549)
    assert back.geometry.iloc[0].length == pytest.approx(road.geometry.iloc[0].length, abs=1e-3)
    z = shapely.get_coordinates(back.geometry.array, include_z=True)[:, 2]
    assert np.abs(z - xyz[2]).max() < 1e-4
