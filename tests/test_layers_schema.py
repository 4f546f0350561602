"""A check finds every problem of a layer at once and names where it is."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS
from shapely import LineString, Point, Polygon, box

from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text
from layers.catalog import CATALOG
from layers.fields import KINDS, Field, LayerSchema, span
from layers.schema import check, check_all

METRES = CRS(4549)
T = Text("甲", "a")
SPEEDS = LayerSchema(
    "speeds",
    "table",
    T,
    fields=(
        Field("id", "text", T, key=True),
        Field("speed", "number", T, "km/h", low=1, high=120),
        Field("lanes", "integer", T, low=1),
        Field("kind", "text", T, allowed=("x", "y"), required=False),
    ),
)


def table(**columns):
    good = {"id": ["a", "b"], "speed": [1.0, 120.0], "lanes": [1, 2], "kind": ["x", None]}
    return pd.DataFrame({**good, **columns})


def found(problems):
    return sorted((p.row, p.field) for p in problems)


def points(*places, crs=METRES, **columns):
    columns = {"id": [f"p{n}" for n in range(len(places))], **columns}
    return gpd.GeoDataFrame(columns, geometry=list(places), crs=crs)


def test_a_sound_table_has_no_problem():
    assert check(table(), SPEEDS, crs=METRES) == []


def test_every_kind_of_problem_at_once():
    frame = pd.DataFrame(
        {
            "id": ["a", "a", None, "d", 5, " "],
            "speed": [0.5, 121, np.nan, np.inf, "60", 60],
            "lanes": [1.5, 0, 2, 2, True, None],
            "kind": ["x", "z", None, "y", "x", 3],
        }
    )
    # by hand: id twice, missing, a number, blank; speed below, above, missing, infinite, text;
    # lanes broken, below, truth, missing; kind unknown code and number (which is no code either)
    expected = {
        "id": ["a", "a", "2", "5", " "],
        "speed": ["a", "a", "2", "d", "5"],
        "lanes": ["a", "a", "5", " "],
        "kind": ["a", " ", " "],
    }
    problems = check(frame, SPEEDS, crs=METRES)
    for field, rows in expected.items():
        assert sorted(p.row for p in problems if p.field == field) == sorted(rows), field


def test_a_missing_field_suggests_the_nearest():
    problems = check(table().rename(columns={"speed": "Speed_"}), SPEEDS, crs=METRES)
    assert [p.field for p in problems] == ["speed"]
    assert problems[0].remedy == Text(
        "是否指 Speed_：--field speed=Speed_", "did you mean Speed_: --field speed=Speed_"
    )
    assert "Speed_" in problems[0].found.en
    assert problems[0].expected == Text("甲（数值）", "a (number)")


def test_a_range_is_said_with_its_unit():
    people = Field("n", "number", T, Text("人", "people"), low=0, high=10)
    assert span(people) == Text("0 … 10 人", "0 … 10 people")
    open_ended = Field("n", "number", T, low=None, high=10)
    assert span(open_ended).en == "… 10"
    assert span(Field("n", "number", T, "m")).zh == "m"


def test_optional_fields_and_values_may_be_missing():
    assert check(table().drop(columns="kind"), SPEEDS, crs=METRES) == []
    assert check(table(kind=[None, None]), SPEEDS, crs=METRES) == []


def test_many_wrong_rows_are_counted():
    frame = pd.DataFrame({"id": [f"r{n:02}" for n in range(50)], "speed": [-1.0] * 50, "lanes": 1})
    problems = check(frame, SPEEDS, crs=METRES)
    assert len(problems) == 21
    assert problems[19].row == "r19"
    assert problems[-1].found == Text("另有 30 行", "and 30 more rows")


def test_no_rows_is_a_problem():
    problems = check(table().iloc[:0], SPEEDS, crs=METRES)
    assert [p.found for p in problems] == [Text("0 行", "0 rows")]


def test_an_outline_has_one_row():
    frame = gpd.GeoDataFrame(
        {"code": ["1", "2"], "name": ["甲", "乙"]},
        geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)],
        crs=METRES,
    )
    problems = check(frame, CATALOG["outline"], crs=METRES)
    assert [p.expected for p in problems] == [Text("1 行", "1 row")]


def test_shapes_of_every_wrong_kind():
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    schema = LayerSchema("areas", "vector", T, "polygon", (Field("id", "text", T, key=True),))
    frame = points(box(0, 0, 1, 1), None, Polygon(), Point(0, 0), bow_tie)
    problems = check(frame, schema, crs=METRES)
    assert found(problems) == [(f"p{n}", "geometry") for n in (1, 2, 3, 4)]
    said = {p.row: p.said("zh") for p in problems}
    assert "自相交[1 1]" in said["p4"]
    assert "没有图形" in said["p1"]
    assert "应为 MultiPolygon 或 Polygon" in said["p3"]


def test_another_crs_and_none_are_named():
    schema = LayerSchema("places", "vector", T, "point", (Field("id", "text", T, key=True),))
    for crs in (None, 4528, 4326):
        problems = check(points(Point(0, 0), crs=crs), schema, crs=METRES)
        assert [p.field for p in problems] == ["CRS"]
    same = METRES.to_wkt("WKT2_2019")
    assert check(points(Point(0, 0), crs=same), schema, crs=METRES) == []


def test_where_a_layer_may_lie():
    county = box(500_000, 3_000_000, 510_000, 3_010_000)
    inside, near, far = Point(505_000, 3_005_000), Point(510_900, 3_005_000), Point(511_001, 3e6)
    fields = (Field("id", "text", T, key=True),)
    every = LayerSchema("every", "vector", T, "point", fields, lies="inside")
    some = LayerSchema("some", "vector", T, "point", fields, lies="across")
    free = LayerSchema("free", "vector", T, "point", fields, lies="anywhere")
    frame = points(inside, near, far)
    rows = {
        schema.name: [p.row for p in check(frame, schema, crs=METRES, outline=county)]
        for schema in (every, some, free)
    }
    # 900 m outside is within the 1,000 m of a generalised outline, 1,001 m is not
    assert rows == {"every": ["p2"], "some": [], "free": []}
    swapped = points(Point(3_005_000, 505_000))
    for schema, count in ((every, 1), (some, 1), (free, 0)):
        assert len(check(swapped, schema, crs=METRES, outline=county)) == count
    assert check(frame, every, crs=METRES) == []


def test_a_zone_prefix_is_named():
    county = box(500_000, 3_000_000, 510_000, 3_010_000)
    schema = LayerSchema("some", "vector", T, "point", (Field("id", "text", T, key=True),))
    (problem,) = check(points(Point(40_505_000, 3_005_000)), schema, crs=METRES, outline=county)
    assert "zone prefix" in problem.remedy.en
    assert "带号" in problem.remedy.zh


def test_rasters_are_held_to_their_range_and_place():
    grid = Grid((1, 2), Affine(30, 0, 500_000, 0, -30, 3_000_030), METRES)
    dem = CATALOG["dem"]
    for values, count in (([1, 9000], 0), ([1, 9001], 1), ([np.nan] * 2, 1), ([-32768, 1], 1)):
        raster = Raster(np.array([values], dtype=np.float32), grid)
        assert len(check(raster, dem, crs=METRES)) == count, values
    raster = Raster(np.ones((1, 2), dtype=np.float32), grid)
    assert [p.field for p in check(raster, dem, crs=CRS(4528))] == ["CRS"]
    assert check(raster, dem, crs=METRES, outline=box(0, 0, 1, 1))[0].field == "geometry"
    assert check(table(), dem, crs=METRES)[0].expected == KINDS["raster"]
    assert check(raster, SPEEDS, crs=METRES)[0].found == KINDS["raster"]


def test_a_vector_layer_without_shapes():
    frame = pd.DataFrame({"id": ["a"], "township": ["001"], "population": [1.0]})
    problems = check(frame, CATALOG["settlements"], crs=METRES)
    assert [p.expected for p in problems] == [Text("图形", "geometry")]


def test_references_between_layers_are_checked():
    townships = gpd.GeoDataFrame(
        {"code": ["001"], "name": ["甲"]}, geometry=[box(0, 0, 9, 9)], crs=METRES
    )
    people = points(*[Point(1, 1)] * 3, township=["001", "1", None], population=[1.0, 2.0, 3.0])
    data = {"townships": townships, "settlements": people}
    problems = check_all(data, CATALOG, crs=METRES)
    assert found(problems) == [("p1", "township"), ("p2", "township")]
    assert check_all({"settlements": people.iloc[:2]}, CATALOG, crs=METRES) == []


def test_a_broken_outline_hides_nothing():
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    outline = gpd.GeoDataFrame({"code": ["1"], "name": ["甲"]}, geometry=[bow_tie], crs=METRES)
    roads = gpd.GeoDataFrame({"id": ["a"]}, geometry=[LineString([(0, 0), (1, 1)])], crs=METRES)
    problems = check_all({"outline": outline, "roads": roads}, CATALOG, crs=METRES)
    fields = [(p.layer, p.field) for p in problems]
    assert fields == [("outline", "geometry")] + [
        ("roads", field) for field in ("class", "speed_kmh", "status")
    ]


def test_the_catalog_speaks_of_layers_it_has():
    for name, schema in CATALOG.items():
        assert schema.name == name
        assert (schema.shape != "") == (schema.kind == "vector")
        names = [field.name for field in schema.fields]
        assert len(set(names)) == len(names)
        for field in schema.fields:
            assert not field.refers or CATALOG[field.refers].key
            assert not field.key or field.kind == "text"
            assert field.title.zh
            assert field.title.en


VALUES = st.one_of(
    st.none(), st.floats(), st.integers(-200, 200), st.text("60 -x", max_size=3), st.booleans()
)


@given(st.lists(VALUES, min_size=1, max_size=8))
@settings(max_examples=80)
def test_numbers_are_judged_as_a_plain_loop_would(values):
    frame = pd.DataFrame(
        {"id": [f"r{n}" for n in range(len(values))], "speed": pd.Series(values, dtype=object)}
    )
    schema = LayerSchema("one", "table", T, fields=SPEEDS.fields[:2])

    def wrong(value):
        if value is None or isinstance(value, str | bool):
            return True
        return not 1 <= value <= 120  # false for NaN, too

    expected = [f"r{n}" for n, value in enumerate(values) if wrong(value)]
    problems = check(frame, schema, crs=METRES)
    assert [p.row for p in sorted(problems, key=lambda p: int(p.row[1:]))] == expected


@pytest.mark.parametrize("labels", [[0, 0], ["x", "y"], [7, 3]])
def test_labels_of_the_index_do_not_matter(labels):
    frame = table(speed=[0.0, 60.0])
    frame.index = labels
    assert found(check(frame, SPEEDS, crs=METRES)) == [("a", "speed")]
