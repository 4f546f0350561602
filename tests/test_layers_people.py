"""Which people are near a shape: discs worked by hand, shapes of every kind, and laws."""

import itertools
import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from geo.errors import CrsError, InputError
from layers import twin
from layers.people.gazetteer import places
from layers.people.near import NEAR_M, near
from layers.twin.place import area, line, xy

COUNTY = twin.county()
SEAT = xy(1500, 1200)  # 400 people


def counts(*shapes: BaseGeometry, county=COUNTY, **options):
    frame = near(county, gpd.GeoDataFrame(geometry=list(shapes), crs=COUNTY.crs), **options)
    return {distance: tuple(row) for distance, row in frame.iterrows()}


def test_points_lines_and_polygons_are_shapes_alike():
    # s32 (50 people) lies at (600, 1500), 300 m north of the road and 948.7 m from the seat
    road = line([(0, 1200), (1500, 1200)])
    assert counts(road, within_m=[0, 299, 300]) == {0: (1, 400), 299: (1, 400), 300: (2, 450)}
    assert counts(Point(SEAT), within_m=[948, 949]) == {948: (1, 400), 949: (2, 450)}
    field = area(0, 1300, 1000, 1500)  # to 15 m south of s32: points are half a cell further
    assert counts(field, within_m=[0, 15]) == {0: (0, 0), 15: (1, 50)}
    assert counts(area(0, 0, 3000, 2400), within_m=[0]) == {0: (2, 450)}  # township 003


def test_a_settlement_near_two_shapes_counts_once():
    apart = [line([(0, 1200), (1500, 1200)]), line([(1500, 1200), (1500, 2000)])]
    assert counts(*apart) == counts(MultiLineString(apart)) == dict.fromkeys(NEAR_M, (1, 400))


def test_of_a_disc_the_part_that_is_near_counts():
    # 400 people at 100 m² a head: a disc of 40,000 m², R = 112.838 m. The land west of them and 50 m
    # beyond holds the disc but a cap of R² acos(50/R) - 50 √(R² - 50²) = 14,155 - 5,058 =
    # 9,097 m²: 77.3 %, 309 people.
    west = area(-9000, -9000, 1500 + 15, 9000)  # to the seat itself: points are half a cell further
    radius = math.sqrt(400 * 100 / math.pi)
    cap = radius**2 * math.acos(50 / radius) - 50 * math.sqrt(radius**2 - 50**2)
    own = replace(COUNTY, data={"settlements": COUNTY.vector("settlements").loc[["s31"]]})
    (found,) = counts(west, county=own, person_m2=100, within_m=[50]).values()
    assert found == (1, pytest.approx(400 * (1 - cap / 40_000), rel=3e-3))


def test_nothing_is_near_nothing_and_unknown_is_not_zero():
    assert counts() == dict.fromkeys(NEAR_M, (0, 0))
    bare = replace(COUNTY, data={})
    assert np.isnan(list(counts(Point(SEAT), county=bare).values())).all()
    places = COUNTY.vector("settlements")
    places.loc["s31", "population"] = np.nan
    lacking = replace(COUNTY, data={"settlements": places})
    settled, people = counts(Point(SEAT), county=lacking)[50]
    assert (settled, np.isnan(people)) == (1, True)
    assert counts(Point(xy(600, 1500)), county=lacking)[50] == (1, 50)  # others are known


def test_another_crs_is_refused():
    with pytest.raises(CrsError, match="near"):
        near(COUNTY, gpd.GeoDataFrame(geometry=[Point(SEAT)], crs=4547))


@given(
    st.lists(st.tuples(st.integers(0, 5970), st.integers(0, 4770)), min_size=2, max_size=4),
    st.floats(0, 300),
)
@settings(max_examples=25)
def test_more_people_are_near_where_the_distance_is_more(vertices, person_m2):
    rows = list(counts(LineString([xy(*one) for one in vertices]), person_m2=person_m2).values())
    for (fewer, few), (more, many) in itertools.pairwise(rows):
        assert fewer <= more
        assert few <= many + 1e-6
    assert rows[-1][1] <= 1000 + 1e-6


def test_places_that_are_not_there_are_told_with_what_was_meant():
    with pytest.raises(InputError, match="no such places") as caught:
        places(COUNTY, ("西北郷", "seats:009", "villages:1", "120"))
    zh = caught.value.said("zh").splitlines()
    assert zh[0] == "没有这样的地点"
    assert zh[1].endswith("是否指 西北乡？")
    assert "seats 的编号如 00" in zh[2]
    assert "经度,纬度 | 图层:编号 | 名称" in zh[3]
    assert "坐标须成对" in zh[4]
    en = str(caught.value).splitlines()
    assert "did you mean 西北乡?" in en[1]
    assert "coordinates in pairs" in en[4]
