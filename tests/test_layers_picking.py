"""Which rows of a user's file are meant, under which names, and where their points are."""

import json
import re

import pytest

from geo.errors import FileError, SchemaError
from geo.words import Text
from layers import twin
from layers.county import load
from layers.intake.bring import Options, bring
from layers.intake.reading import read
from layers.people.gazetteer import places

GAZETTEER = """\
001000,0,a,county,,119.83,28.00,f
001001,001000,北村,village,,,,f
002000,0,b,town,,119.8487,28.0024,f
003000,0,丙镇办事处,town,,119.8121,27.9888,f
"""
COLUMNS = "code,,name,level,,lon,lat"


@pytest.fixture
def folder(tmp_path):
    twin.write(tmp_path / "county")
    (tmp_path / "places.csv").write_text(GAZETTEER, encoding="utf-8")
    return tmp_path


def towns(folder, **more):
    said = {"columns": COLUMNS, "only": "level=town", "crs": "EPSG:4326", **more}
    fields = {"code": "code:3", "name": "name"}
    file = folder / "places.csv"
    return bring(folder / "county", file, "seats", fields=fields, options=Options(**said))


def test_a_gazetteer_without_a_header_becomes_seats(folder):
    done = towns(folder)
    assert done.rows == 2
    assert Text("字段 code = code:3", "field code = code:3") in done.steps
    assert Text("只取 level=town：2 / 4 行", "rows kept: level=town: 2 / 4") in done.warnings
    county = load(folder / "county")
    seats = county.vector("seats").to_crs(4326)
    assert seats.index.tolist() == ["002", "003"]
    assert seats.geometry.x.tolist() == pytest.approx([119.8487, 119.8121], abs=1e-6)
    # The township's name finds its seat, whatever the seat itself is called.
    [by_township] = places(county, ("西南镇",))
    assert by_township.title.zh == "西南镇"
    assert by_township.points == places(county, ("seats:003",))[0].points


def test_without_a_header_it_is_refused_with_what_to_do(folder):
    with pytest.raises(FileError, match="--columns"):
        towns(folder, columns="")


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("only", "level", "column=text"),
        ("only", "levl=town", "did you mean level"),
        ("only", "level=city", "no such rows"),
        ("xy", "lon", "two columns"),
        ("xy", "lon,latt", "did you mean lat"),
    ],
)
def test_wrong_words_are_told(folder, option, text, words):
    with pytest.raises(FileError, match=words) as caught:
        towns(folder, **{option: text})
    assert re.search("条件有误|列名有误|没有这样的行|应为两列", caught.value.said("zh"))


def test_several_conditions_hold_together_and_unmet_ones_drop_rows(folder):
    said = Options(columns=COLUMNS, only="level!=village; name!=b", crs="EPSG:4326")
    assert read(folder / "places.csv", said).data["name"].tolist() == ["a", "丙镇办事处"]


def test_rows_left_out_take_their_problems_with_them(folder):
    text = GAZETTEER.replace("北村,village,,,", "北村,village,,x,y")
    (folder / "places.csv").write_text(text, encoding="utf-8")
    assert towns(folder).rows == 2
    with pytest.raises(SchemaError, match="expected numbers"):
        towns(folder, only="name!=a")


def test_points_of_polygons_come_from_two_columns(folder):
    # Townships that carry the place of their seat, as boundary files often do.
    seats = {"002": (119.8487, 28.0024), "003": (119.8121, 27.9888)}
    ring = [[119.80, 27.98], [119.85, 27.98], [119.85, 28.01], [119.80, 27.98]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    rows = [
        {
            "type": "Feature",
            "geometry": shape,
            "properties": {"code": code, "name": code, "seat_x": x, "seat_y": y},
        }
        for code, (x, y) in seats.items()
    ]
    file = folder / "towns.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="utf-8")
    done = bring(folder / "county", file, "seats", options=Options(xy="seat_x,seat_y"))
    assert done.rows == 2
    found = load(folder / "county").vector("seats").to_crs(4326)
    assert set(found.geom_type) == {"Point"}
    assert found.geometry.y.tolist() == pytest.approx([28.0024, 27.9888], abs=1e-6)
    with pytest.raises(SchemaError):
        bring(folder / "county", file, "seats")
