import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod

from geo.crs import (
    check_easting,
    gcj02_from_wgs84,
    reproject,
    require_metric,
    require_same,
    same,
    transformer,
    wgs84_from_gcj02,
    zone_prefix_mixed,
)
from geo.errors import CrsError

BEIJING54, XIAN80, CGCS2000, WGS84 = 4214, 4610, 4490, 4326
CHINA = st.tuples(st.floats(74, 134), st.floats(18, 53))


def frame(*shapes, crs=4326):
    return gpd.GeoDataFrame({"n": range(len(shapes))}, geometry=list(shapes), crs=crs)


# Required and compared


@pytest.mark.parametrize("crs", [None, 4490, 2263, 4979])
def test_what_is_not_projected_in_metres_is_refused(crs):
    with pytest.raises(CrsError, match="roads") as caught:
        require_metric(crs, what="roads")
    assert "roads " in caught.value.said("zh")


@pytest.mark.parametrize("crs", [4549, 4528, 32650, 3857, "EPSG:4491"])
def test_what_is_projected_in_metres_is_given_back(crs):
    assert require_metric(crs) == CRS(crs)


@pytest.mark.parametrize("code", [4549, 4528, 32650, 4490, 4326])
@pytest.mark.parametrize("wording", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2015", "WKT2_2019"])
def test_a_crs_is_the_same_in_any_wording(code, wording):
    assert same(CRS(code).to_wkt(wording), code)


def test_crss_of_other_zones_datums_or_units_are_not_the_same():
    # 2385 is 4549 on the datum Xian80, 32651 another zone, 4528 has the zone prefix.
    for other in (4528, 4550, 2385, 32651, 4490):
        assert not same(4549, other)
    feet = CRS("+proj=tmerc +lon_0=120 +x_0=500000 +ellps=GRS80 +units=us-ft +type=crs")
    metres = CRS("+proj=tmerc +lon_0=120 +x_0=500000 +ellps=GRS80 +units=m +type=crs")
    assert not same(feet, metres)
    require_same(4549, "EPSG:4549")
    with pytest.raises(CrsError, match="differ") as caught:
        require_same(4549, 4528, what="dem")
    assert "dem 坐标系不一致" in caught.value.said("zh")


# Changed


def test_cgcs2000_and_wgs84_are_one_by_design():
    assert transformer(CGCS2000, WGS84).transform(119.6, 27.98) == (119.6, 27.98)
    assert transformer(WGS84, 4549).transform(120, 28)[0] == pytest.approx(500_000, abs=1e-6)


@pytest.mark.parametrize("old", [BEIJING54, XIAN80, 2385, 4555])
@pytest.mark.parametrize("new", [CGCS2000, WGS84, 4549, 32650])
def test_other_datums_are_refused_both_ways(old, new):
    for pair in ((old, new), (new, old)):
        with pytest.raises(CrsError, match="no parameters are known") as caught:
            transformer(*pair)
        assert "缺少转换参数" in caught.value.said("zh")


def test_within_one_old_datum_the_projection_may_change():
    x, _ = transformer(XIAN80, 2385).transform(120, 28)
    assert x == pytest.approx(500_000, abs=1e-6)


@pytest.mark.parametrize("target", [CGCS2000, WGS84])
def test_given_parameters_are_applied_also_towards_cgcs2000(target):
    # Three parameters move a point in space: done here by hand in earth-centred coordinates.
    dx, dy, dz = 10.0, -120.0, -60.0
    x, y = transformer(XIAN80, target, towgs84=(dx, dy, dz)).transform(119.6, 27.98)
    by_hand = earth_centred(119.6, 27.98, 6378140.0, 1 / 298.257) + np.array([dx, dy, dz])
    left = by_hand - earth_centred(x, y, 6378137.0, 1 / 298.257222101)
    # What is left is the height above the new ellipsoid, along its normal: nothing across.
    lam, phi = np.radians([x, y])
    up = np.array([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
    assert np.linalg.norm(np.cross(left, up)) < 1e-3
    assert np.hypot(x - 119.6, y - 27.98) > 3e-4


def earth_centred(lon, lat, axis, flattening):
    lam, phi = np.radians([lon, lat])
    e2 = flattening * (2 - flattening)
    n = axis / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    return np.array(
        [
            n * np.cos(phi) * np.cos(lam),
            n * np.cos(phi) * np.sin(lam),
            n * (1 - e2) * np.sin(phi),
        ]
    )


def test_a_source_that_states_its_parameters_is_taken_at_its_word():
    stated = "+proj=longlat +a=6378140 +rf=298.257 +towgs84=10,-120,-60 +type=crs"
    given_ = transformer(XIAN80, 4549, towgs84=(10, -120, -60)).transform(119.6, 27.98)
    assert transformer(stated, 4549).transform(119.6, 27.98) == pytest.approx(given_, abs=1e-6)
    with pytest.raises(CrsError, match="three or seven") as caught:
        transformer(XIAN80, 4549, towgs84=(1, 2))
    assert "3 个或 7 个：发现 2 个" in caught.value.said("zh")


@settings(max_examples=30)
@given(st.floats(118.5, 121.5), st.floats(26, 30))
def test_there_and_back_is_where_it_was(lon, lat):
    there = reproject(frame(shapely.Point(lon, lat)), 4549)
    back = reproject(there, 4326).geometry.iloc[0]
    assert Geod(ellps="GRS80").inv(lon, lat, back.x, back.y)[2] < 1e-4


def test_heights_missing_and_empty_shapes_stay_and_labels_too():
    shapes = [shapely.Point(120, 28, 812.5), shapely.Point(120, 28), None, shapely.Polygon()]
    before = frame(*shapes).set_axis(list("abcd"))
    after = reproject(before, 4549)
    assert after.index.tolist() == list("abcd")
    assert after.crs.to_epsg() == 4549
    assert after.geometry["a"].z == 812.5
    assert not after.geometry["b"].has_z
    assert after.geometry["c"] is None
    assert after.geometry["d"].is_empty
    assert before.geometry["a"].x == 120


def test_reproject_refuses_what_it_cannot_place():
    with pytest.raises(CrsError, match="no CRS"):
        reproject(frame(shapely.Point(1, 2), crs=None), 4549)
    with pytest.raises(CrsError, match="x stands before y") as caught:
        reproject(frame(shapely.Point(28, 120)), 4549)
    assert "1 个图形超出" in caught.value.said("zh")


# Zone prefixes


@pytest.mark.parametrize(
    ("crs", "easting", "fits"),
    [
        (4549, 40_512_000, "EPSG:4528"),  # said to be without prefix, is with
        (4528, 512_000, "EPSG:4549"),  # the other way
        (4528, 39_612_000, "EPSG:4527"),  # the prefix of the next zone
        (4499, 500_000, "EPSG:4510"),  # six-degree zone 21
        (4508, 20_500_000, "EPSG:4498"),
        (32650, 40_500_000, "the CRS that"),
    ],
)
def test_a_zone_prefix_that_does_not_fit_is_named(crs, easting, fits):
    assert zone_prefix_mixed(crs, easting)
    with pytest.raises(CrsError, match=fits) as caught:
        check_easting(frame(shapely.Point(easting, 3_100_000), crs=crs))
    assert "带号不符" in caught.value.said("zh")


def test_eastings_that_fit_pass():
    for crs, x in ((4549, 430_000), (4528, 40_580_000), (4326, 119), (3857, 13_300_000)):
        assert not zone_prefix_mixed(crs, x)
        check_easting(frame(shapely.Point(x, 28), None, crs=crs))
    check_easting(frame(crs=4549))
    check_easting(frame(shapely.box(0, 0, 36_000, 36_000), crs=4523))  # a made-up place


# GCJ-02


def test_gcj02_agrees_with_a_published_example():
    # The example in the read-me of coordtransform: wgs84togcj02(116.404, 39.915).
    lon, lat = gcj02_from_wgs84(116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)


def test_the_shift_at_jingning():
    # Known to be about 451 m east and 379 m south; 1 degree is 111.3 km, east times cos 27.98.
    lon, lat = gcj02_from_wgs84(119.6332, 27.9861)
    assert (lon - 119.6332) * 111_320 * np.cos(np.radians(27.98)) == pytest.approx(451, abs=5)
    assert (lat - 27.9861) * 110_800 == pytest.approx(-379, abs=5)


@settings(max_examples=300)
@given(CHINA)
def test_gcj02_there_and_back_is_within_a_millimetre(place):
    lon, lat = place
    for there, back in (
        (gcj02_from_wgs84, wgs84_from_gcj02),
        (wgs84_from_gcj02, gcj02_from_wgs84),
    ):
        x, y = back(*there(lon, lat))
        assert Geod(ellps="GRS80").inv(lon, lat, float(x), float(y))[2] < 1e-3


def test_gcj02_takes_arrays():
    lon, lat = np.meshgrid(np.linspace(119, 120, 7), np.linspace(27, 28, 5))
    x, y = gcj02_from_wgs84(lon, lat)
    assert x.shape == y.shape == (5, 7)
    assert float(x[2, 3]) == float(gcj02_from_wgs84(lon[2, 3], lat[2, 3])[0])
