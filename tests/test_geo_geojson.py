import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import CrsError, GeometryError
from geo.geojson import dumps, feature_collection, frame


def places(shapes, crs=4549, **columns):
    return gpd.GeoDataFrame(columns or {"n": range(len(shapes))}, geometry=shapes, crs=crs)


def test_what_the_rfc_asks():
    clockwise = shapely.Polygon([(500_000, 3_000_000), (500_000, 3_000_100), (500_100, 3_000_000)])
    content = json.loads(dumps(places([clockwise], id=["a"]).set_index("id")))
    assert "crs" not in content
    (feature,) = content["features"]
    ring = feature["geometry"]["coordinates"][0]
    assert shapely.is_ccw(shapely.linearrings(ring))
    assert ring[0] == ring[-1]
    west, south, east, north = content["bbox"]
    # 100 m are 0.00102 degrees of longitude and 0.0009 of latitude there.
    assert (west, east - west) == (pytest.approx(120), pytest.approx(0.00101, abs=2e-5))
    assert north - south == pytest.approx(0.0009, abs=1e-5)
    assert feature["id"] == "a"
    assert all(len(repr(v).split(".")[1]) <= 7 for point in ring for v in point)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.integers(0, 5000))
def test_there_and_back_within_a_centimetre(seed):
    rng = np.random.default_rng(seed)
    points = shapely.points(rng.uniform([450_000, 3_000_000], [550_000, 3_100_000], (5, 2)))
    whole = places(points)
    back = frame(json.loads(dumps(whole)), crs=4549)
    assert (back.distance(whole) < 0.012).all()
    assert dumps(whole) == dumps(whole.copy())


def test_z_stays_as_it_is():
    line = shapely.LineString([(500_000, 3e6, 12.345678), (500_100, 3e6, 99.5)])
    content = feature_collection(places([line]))
    assert [point[2] for point in content["features"][0]["geometry"]["coordinates"]] == [
        12.345678,
        99.5,
    ]


def test_values_keep_their_kind_and_missing_ones_are_null():
    row = places([shapely.Point(0, 0)], crs=4326, n=[np.int64(3)], x=[np.nan], t=['<"b">'])
    assert feature_collection(row)["features"][0]["properties"] == {"n": 3, "x": None, "t": '<"b">'}


def test_a_spike_that_rounding_folds_is_mended():
    thin = shapely.Polygon([(0, 0), (1, 0), (1, 1), (0.5, 1e-9), (0, 1)])
    there = frame(feature_collection(places([thin], crs=4326)))
    assert there.is_valid.all()
    assert shapely.area(there.geometry[0]) == pytest.approx(thin.area, rel=1e-6)


def test_what_cannot_be_written_is_named_by_row():
    small = shapely.box(0, 0, 1e-9, 1e-9)
    both = places([shapely.Point(0, 0), small, None], crs=4326, n=[1, 2, 3]).set_index("n")
    with pytest.raises(GeometryError, match=r"(?s)row 2 .*row 3 "):
        dumps(both)
    with pytest.raises(CrsError, match="no CRS"):
        dumps(places([shapely.Point(0, 0)], crs=None))


@pytest.mark.parametrize(
    "content",
    [[], {"type": "Feature"}, {"type": "FeatureCollection", "features": [{"geometry": "x"}]}],
)
def test_what_is_no_collection_is_refused(content):
    with pytest.raises(GeometryError):
        frame(content)
