"""What files hold beside their rows, or against themselves: refused, or told; never passed over."""

import importlib.util
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import CRS
from rasterio._err import CPLE_AppDefinedError

from geo.errors import FileError, InputError
from geo.files import write_layers
from layers.intake import reading
from layers.intake.reading import Options, read

SPEC = importlib.util.spec_from_file_location(
    "intake_files", Path(__file__).with_name("intake_files.py")
)
made = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made)

PLACE = made.point(119.5, 28)
COUNTY = {"type": "name", "properties": {"name": "EPSG:4549"}}


def collection(*features, **members):
    content = {"type": "FeatureCollection", "features": list(features), **members}
    return json.dumps(content, ensure_ascii=False)


def row(geometry=PLACE, properties=None, **members):
    return {"type": "Feature", "properties": properties, "geometry": geometry, **members}


def text(folder, content, name="a.geojson", codec="utf-8"):
    path = folder / name
    path.write_bytes(content.encode(codec))
    return path


class TestGeoJson:
    @pytest.mark.parametrize(
        ("content", "word"),
        [
            ('{"type": ["FeatureCollection"], "features": []}', "not GeoJSON"),
            ('{"type": {"a": 1}, "features": []}', "not GeoJSON"),
            (collection(row({"type": ["Point"], "coordinates": [1, 2]})), "no geometry"),
            (collection(row({"type": {}, "coordinates": [1, 2]})), "no geometry"),
            (collection(row(row())), "no geometry"),
            (collection({"type": "FeatureCollection", "features": [row()]}), "no feature"),
            (collection(row(made.point("119.5", "28"))), "finite numbers"),
            (collection(row(made.point(True, 28))), "finite numbers"),
            (collection(row(made.point(10**4000, 28))), "finite numbers"),
            (collection(row({"type": "Point", "coordinates": [[119.5, 28]]})), "needs x and y"),
            (collection(row({"type": "Point"})), "needs x and y"),
            (collection(row(properties=[])), "an object"),
            (collection(row(properties=False)), "an object"),
            (collection(row(properties="")), "an object"),
            (collection(row(), crs={"properties": {"name": ["EPSG:4326"]}}), "crs member"),
            (collection(row(), crs={"properties": {"name": 4326}}), "crs member"),
            (collection(row(crs=COUNTY)), "CRS of its own"),
            (collection(row({**PLACE, "crs": COUNTY})), "CRS of its own"),
            (collection(row({**PLACE, "crs": [7]})), "CRS of its own"),
            (
                collection(row()).replace('"type": "Point"', '"type": "Point", "type": "x"'),
                "double",
            ),
        ],
    )
    def test_what_is_against_itself_is_refused_in_one_message(self, tmp_path, content, word):
        with pytest.raises(InputError, match=re.escape(word)) as caught:
            read(text(tmp_path, content))
        made.told_twice(caught.value)
        assert "TypeError" not in str(caught.value)

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            (collection(row(properties={"id": "a"}, id="b")), "whose id is not that"),
            (collection(row(properties={}, id=True)), "no text or number"),
            (collection(row(properties={"n": 2**60 + 1})), "n (too long or large"),
            (collection(row(properties={"geometry": 1})), "named geometry"),
            (collection(row(properties={}), bbox=[28, 119.5, 28, 119.5]), "bbox is not"),
            (collection(row(properties={}), bbox="119.5"), "bbox is not"),
            (collection(row(properties={}), bbox=[1, 2, 3]), "bbox is not"),
            (collection(row({**PLACE, "geometries": []}, {})), "geometries"),
            (collection(row(properties={}), row(made.point(119.5, 28), None)), ""),
            (
                collection(
                    row(properties={}), row({"type": "Point", "coordinates": [119, 28, 0]}, {})
                ),
                "mixed",
            ),
            (json.dumps({"type": "Feature", "geometry": PLACE}), "without a properties member"),
        ],
    )
    def test_what_is_passed_over_is_told(self, tmp_path, content, word):
        said = [words.en for words in read(text(tmp_path, content)).warnings]
        assert [word in one for one in said] == [True] * bool(word)

    def test_a_bounding_box_may_be_rounded_and_have_heights(self, tmp_path):
        square = row(made.polygon(made.SQUARE), {})
        for box in (
            [119.5, 27.9, 119.6, 28.0],
            [119.5, 27.9, 0, 119.6, 28, 9],
            [119.5, 27.9, 119.6, 28.0005],
        ):
            assert read(text(tmp_path, collection(square, bbox=box))).warnings == ()

    def test_whole_numbers_beside_missing_ones_keep_their_digits(self, tmp_path):
        code = 3311270010000000123
        content = collection(row(properties={"bsm": code}), row(properties={"bsm": None}))
        assert read(text(tmp_path, content)).data["bsm"].tolist() == [str(code), None]

    @pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
    def test_byte_order_marks(self, tmp_path, codec):
        path = text(tmp_path, collection(row(properties={"n": "毛垟"})), codec=codec)
        assert read(path).data["n"].tolist() == ["毛垟"]


def kml(*placemarks, head='<?xml version="1.0" encoding="UTF-8"?>'):
    body = "".join(placemarks)
    return f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'


POINT = "<Point><coordinates>119.5,28</coordinates></Point>"
RING = "<LinearRing><coordinates>119.5,28 119.6,28 119.6,28.1 119.5,28</coordinates></LinearRing>"
OUTER = f"<outerBoundaryIs>{RING}</outerBoundaryIs>"


class TestKml:
    @pytest.mark.parametrize(
        ("body", "word"),
        [
            (POINT, "outside of any Placemark"),
            (f"<placemark>{POINT}</placemark><Placemark>{POINT}</Placemark>", "outside of any"),
            (f"<Placemark><Polygon>{OUTER}<holes>{RING}</holes></Polygon></Placemark>", "holes"),
            (f"<Placemark><MultiGeometry>{POINT}<Pt/></MultiGeometry></Placemark>", "Pt"),
            (f"<Placemark><Placemark>{POINT}</Placemark>{POINT}</Placemark>", "in a Placemark"),
            (f"<Placemark><name>a</name><name>b</name>{POINT}</Placemark>", "2 values"),
            (f"<Placemark><name>a<b/></name>{POINT}</Placemark>", "b in name"),
            (
                (
                    f'<Placemark><ExtendedData><Data name="a"><value>1</value><value>2</value></Data>'
                    f"</ExtendedData>{POINT}</Placemark>"
                ),
                "2 values",
            ),
            (
                (
                    f"<Placemark><ExtendedData><Data><value>1</value></Data></ExtendedData>{POINT}"
                    "</Placemark>"
                ),
                "one value",
            ),
            ("<Placemark><Point><coordinates>1_19,28</coordinates></Point></Placemark>", "1_19"),
            ("<Placemark><Point><coordinates>nan,28</coordinates></Point></Placemark>", "nan"),
            (
                (
                    "<Placemark><Point><coordinates>119,28</coordinates><coordinates>119,29"
                    "</coordinates></Point></Placemark>"
                ),
                "one plain coordinates: 2",
            ),
        ],
    )
    def test_what_would_be_lost_is_refused(self, tmp_path, body, word):
        placemark = body if "Placemark" in body else f"{body}<Placemark>{POINT}</Placemark>"
        with pytest.raises(InputError, match=re.escape(word)) as caught:
            read(text(tmp_path, kml(placemark), "a.kml"))
        made.told_twice(caught.value)

    @pytest.mark.parametrize(
        ("body", "word"),
        [
            (f"<Placemark>{RING}</Placemark>", "read as polygons"),
            (f"<Placemark>{POINT}<Extra>7</Extra></Placemark>", "not read: Extra"),
            (f"<Placemark>{POINT}{POINT}</Placemark>", "several shapes"),
        ],
    )
    def test_what_is_done_is_told(self, tmp_path, body, word):
        said = [words.en for words in read(text(tmp_path, kml(body), "a.kml")).warnings]
        assert [word in one for one in said] == [True]

    def test_an_encoding_that_is_not_that_of_the_bytes_is_told(self, tmp_path):
        head = '<?xml version="1.0" encoding="GB2312"?>'
        body = kml(f"<Placemark><name>毛垟乡</name>{POINT}</Placemark>", head=head)
        done = read(text(tmp_path, body, "a.kml"))
        assert done.data["name"].tolist() == ["毛垟乡"]
        assert "said to be GB2312" in done.warnings[0].en
        assert read(text(tmp_path, body, "b.kml", "gb18030")).warnings == ()


class TestCsv:
    def test_a_separator_named_in_the_first_line(self, tmp_path):
        path = text(tmp_path, "sep=;\nid;lon;lat\n1,5;119.5;28\n", "a.csv")
        assert read(path, Options(crs="EPSG:4326")).data["id"].tolist() == ["1,5"]

    def test_line_breaks_within_fields_are_told(self, tmp_path):
        path = text(tmp_path, 'id,note\n1,"a\nb"\n', "a.csv")
        assert "line breaks" in read(path).warnings[0].en

    @pytest.mark.parametrize("odd", ["1_19.5", "１１９.5", "inf", "119,5"])
    def test_coordinates_are_plain_numbers(self, tmp_path, odd):
        path = text(tmp_path, f'id,lon,lat\n1,"{odd}",28\n', "a.csv")
        with pytest.raises(InputError, match="numbers"):
            read(path, Options(crs="EPSG:4326"))


class TestWebMercator:
    def test_cells_are_as_wide_as_on_the_ground(self, tmp_path):
        # 34.06 m at 28° N are 34.06 × cos 28° = 30.07 m on the sphere.
        values = np.full((20, 30), 500, dtype=np.float32)
        place = made.Affine(34.06, 0, 13_308_000, 0, -34.06, 3_250_000)
        path = made.geotiff(tmp_path / "a.tif", values, crs="EPSG:3857", transform=place)
        done = read(path, crs=CRS(4549))
        assert done.resolution_m == pytest.approx(34.06 * np.cos(np.radians(28)), abs=0.3)
        assert any("on the ground" in words.en for words in done.warnings)
        assert done.data.grid.resolution == 30


class TestDateLine:
    def test_a_shape_that_jumps_over_it_is_told(self, tmp_path):
        ring = [[179, 27], [-179, 27], [-179, 28], [179, 28], [179, 27]]
        path = text(
            tmp_path, collection(row(made.polygon(made.SQUARE), {}), row(made.polygon(ring), {}))
        )
        (told,) = read(path).warnings
        assert "1 rows cross the date line" in told.en
        assert told.en.endswith(": 2")
        cut = {"type": "MultiPoint", "coordinates": [[179, 27], [-179, 27]]}
        assert read(text(tmp_path, collection(row(cut, {})))).warnings == ()

    def test_longitudes_of_another_turn_are_refused_with_the_remedy(self, tmp_path):
        with pytest.raises(InputError, match="360°"):
            read(text(tmp_path, collection(row(made.point(-240.4, 28), {}))))
        with pytest.raises(InputError, match="correct them"):
            read(text(tmp_path, collection(row(made.point(119, 98), {}))))


class TestHeads:
    def test_the_box_of_a_shapefile_that_does_not_hold_its_shapes(self, tmp_path):
        names = made.names("a", codec="ascii")
        assert read(made.shapefile(tmp_path, [(119.5, 28)], names)).warnings == ()
        outside = made.shapefile(tmp_path, [(110, 28)], names, stem="b")
        assert "header of the .shp" in read(outside).warnings[0].en

    def test_shapes_of_a_geopackage_that_name_another_crs(self, tmp_path):
        path = tmp_path / "a.gpkg"
        frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=gpd.points_from_xy([119, 120], [28, 28]))
        write_layers({"a": frame.set_crs(4490)}, path)
        assert read(path).warnings == ()
        with closing(sqlite3.connect(path)) as base:
            (blob,) = base.execute("select geom from a where fid = 2").fetchone()
            for (name,) in base.execute("select name from sqlite_master where type = 'trigger'"):
                base.execute(f'drop trigger "{name}"')
            other = blob[:4] + (4549).to_bytes(4, "little") + blob[8:]
            base.execute("update a set geom = ? where fid = 2", [other])
            base.commit()
        (told,) = read(path).warnings
        assert told.en.startswith("1 shapes name another CRS")

    def test_long_whole_numbers_that_would_be_rounded(self, tmp_path):
        code = 3311270010000000123
        points = gpd.points_from_xy([119, 120], [28, 28])
        for name, values in {"whole": [code, 7], "some": [code, None]}.items():
            codes = pd.array(values, dtype="Int64")
            frame = gpd.GeoDataFrame({"bsm": codes}, geometry=points, crs=4490)
            write_layers({"a": frame}, tmp_path / f"{name}.gpkg")
        assert read(tmp_path / "whole.gpkg").data["bsm"].tolist() == [code, 7]
        with pytest.raises(InputError, match="lose digits"):
            read(tmp_path / "some.gpkg")

    def test_colours_are_no_heights(self, tmp_path):
        path = made.geotiff(tmp_path / "a.tif", np.ones((4, 4), np.uint8))
        with made.rasterio.open(path, "r+") as source:
            source.write_colormap(1, {1: (255, 0, 0, 255)})
        assert any("numbers of colours" in words.en for words in read(path).warnings)

    def test_what_gdal_says_without_an_error_of_rasterios_own(self, tmp_path, monkeypatch):
        def fail(*_, **__):
            raise CPLE_AppDefinedError(1, 1, "Key 1024 of unknown type.")

        monkeypatch.setattr(reading, "read_geotiff", fail)
        with pytest.raises(FileError, match="unknown type"):
            read(made.geotiff(tmp_path / "a.tif", np.ones((4, 4), np.float32)))
