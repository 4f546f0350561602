"""Vector files as users send them: what is good comes in, what is broken is named, row by row."""

import importlib.util
import json
import sqlite3
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.crs import gcj02_from_wgs84
from geo.errors import CrsError, FileError, InputError, PlanningError
from geo.files import write_layers
from layers.intake.reading import Options, read
from layers.intake.shifted import best_shift

SPEC = importlib.util.spec_from_file_location(
    "intake_files", Path(__file__).with_name("intake_files.py")
)
made = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made)


def refused(path, *words, **options):
    with pytest.raises(InputError) as caught:
        read(path, Options(**options))
    for word in words:
        assert word in str(caught.value), str(caught.value)
    assert path.name in str(caught.value)
    return made.told_twice(caught.value)


def text(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


class TestGeoJson:
    def test_a_good_file_comes_in_without_a_word(self, tmp_path):
        path = made.geojson(
            tmp_path / "a.geojson", made.feature(made.polygon(made.SQUARE), code="1")
        )
        done = read(path)
        assert (done.format, done.warnings, done.problems, len(done.ledger)) == (
            "geojson",
            (),
            (),
            0,
        )
        assert done.data.crs.to_epsg() == 4326
        assert done.data.loc[1, "code"] == "1"

    def test_its_name_does_not_matter(self, tmp_path):
        path = made.geojson(tmp_path / "a.shp", made.feature(made.point(119.5, 28), code="1"))
        assert read(path).format == "geojson"

    def test_an_open_ring_is_closed_and_does_not_abort_the_others(self, tmp_path):
        path = made.geojson(
            tmp_path / "a.geojson",
            made.feature(made.polygon(made.SQUARE)),
            made.feature(made.polygon(made.SQUARE[:-1])),
        )
        done = read(path)
        assert done.ledger["row"].tolist() == [2]
        assert done.ledger.loc[0, "problem"] == "Ring is not closed"
        assert done.ledger.loc[0, "changed_m2"] == 0
        assert done.data.geometry[1].equals(done.data.geometry[2])

    def test_a_bow_tie_is_repaired_and_accounted_for_in_square_metres(self, tmp_path):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.polygon(made.BOW_TIE)))
        done = read(path, crs=gpd.GeoSeries(crs=4549).crs)
        assert done.data.is_valid.all()
        # Two triangles of half the square each, but pointing at each other: a quarter each. The square
        # is 0.1° × cos(27.95°) × 111.3 km by 0.1° × 110.8 km, about 109 km²; half of it is left.
        assert done.ledger.loc[0, "area_after_m2"] == pytest.approx(54.5e6, rel=0.01)
        assert done.ledger.loc[0, "changed_m2"] == pytest.approx(
            done.ledger.loc[0, "area_after_m2"] - done.ledger.loc[0, "area_before_m2"]
        )

    def test_every_broken_row_is_named_in_one_error(self, tmp_path):
        line = {"type": "LineString", "coordinates": [[119.5, 28]]}
        path = made.geojson(
            tmp_path / "a.geojson",
            made.feature(made.point(119.5, 28)),
            made.feature(None),
            made.feature("is_a_string"),
            made.feature(line),
            made.feature(made.polygon([[119, 28], [], [119, 29]])),
            made.feature({"type": "GeometryCollection", "geometries": [False]}),
            made.feature(made.point(True, 28)),
            None,
        )
        error = refused(path, "is_a_string", "fewer than two points", "a position needs x and y")
        assert [problem.row for problem in error.problems if problem.field == "geometry"] == list(
            "3456782"
        )
        assert all(problem.file == "a.geojson" for problem in error.problems)

    @pytest.mark.parametrize(
        ("content", "word"),
        [
            ('{"type": "FeatureCollection", "features": [', "broken JSON"),
            ('{"type": "FeatureCollection", "features": ' + "[" * 100_000, "broken JSON"),
            ('{"type": "Point", "coordinates": [Infinity, 1]}', "Infinity"),
            ('{"type": "featurecollection", "features": []}', "featurecollection"),
            ('{"geometryType": "esriGeometryPoint", "features": []}', "Esri JSON"),
            ("[1, 2]", "JSON array"),
            ('{"type": "FeatureCollection", "features": {}}', "must be an array"),
            ('{"type": "Point", "coordinates": [119, 28], "crs": {"type": "link"}}', "crs member"),
        ],
        ids=["cut", "brackets", "infinity", "capitals", "esri", "array", "object", "crs"],
    )
    def test_what_is_no_geojson_is_refused(self, tmp_path, content, word):
        refused(text(tmp_path / "a.geojson", content), word)

    def test_members_out_of_place_are_warned_of(self, tmp_path):
        odd = {**made.feature(made.point(119.5, 28)), "coordinates": None, "id": {}}
        del odd["properties"]
        done = read(made.geojson(tmp_path / "a.geojson", odd))
        assert len(done.warnings) == 3

    def test_mixed_columns_become_text_with_a_warning(self, tmp_path):
        rows = [made.feature(made.point(119.5, 28), n=value) for value in (1, "1", [1], None)]
        done = read(made.geojson(tmp_path / "a.geojson", *rows))
        assert done.data["n"].tolist() == ["1", "1", "[1]", None]
        assert "n (" in done.warnings[0].en

    def test_a_sequence_of_texts(self, tmp_path):
        row = json.dumps(made.feature(made.point(119.5, 28), a=1))
        assert len(read(text(tmp_path / "a.geojsons", f"\x1e{row}\n\x1e{row}\n")).data) == 2

    def test_heights_are_left_out_with_a_warning(self, tmp_path):
        shape = {"type": "Point", "coordinates": [119.5, 28, 300]}
        done = read(made.geojson(tmp_path / "a.geojson", made.feature(shape)))
        assert not done.data.geometry.has_z.any()
        assert "Z or M" in done.warnings[0].en

    def test_metres_under_degrees_are_found(self, tmp_path):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(460_000, 3_096_000)))
        refused(path, "metres, not degrees", "--crs")
        assert read(path, Options(crs="EPSG:4549")).data.crs.to_epsg() == 4549

    def test_latitude_before_longitude_is_found(self, tmp_path):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(28, 119.5)))
        refused(path, "latitude stands before longitude")

    def test_the_old_crs_member_is_read_with_a_warning(self, tmp_path):
        crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
        path = made.geojson(
            tmp_path / "a.geojson", made.feature(made.point(460_000, 3_096_000)), crs=crs
        )
        done = read(path)
        assert done.data.crs.to_epsg() == 4549
        assert "crs" in done.warnings[0].en


class TestCrs:
    def test_a_zone_prefix_is_named(self, tmp_path):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(40_460_000, 3_096_000)))
        refused(path, "--crs EPSG:4528", crs="EPSG:4549")
        assert read(path, Options(crs="EPSG:4528")).data.crs.to_epsg() == 4528

    def test_a_missing_prefix_is_named(self, tmp_path):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(460_000, 3_096_000)))
        refused(path, "--crs EPSG:4549", crs="EPSG:4528")

    def test_degrees_under_metres_are_found(self, tmp_path):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(119.5, 28)))
        refused(path, "degrees, not metres", crs="EPSG:4549")

    def test_northing_before_easting_is_found(self, tmp_path):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(3_096_000, 460_000)))
        refused(path, "northing stands before easting", crs="EPSG:4549")

    @pytest.mark.parametrize(
        "crs", ["EPSG:4610", "EPSG:2384", "EPSG:4214", "EPSG:2437", "EPSG:4555"]
    )
    def test_xian80_and_beijing54_are_refused(self, tmp_path, crs):
        x, y = (
            (119.5, 28) if crs in {"EPSG:4610", "EPSG:4214", "EPSG:4555"} else (460_000, 3_096_000)
        )
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(x, y)))
        refused(path, "CGCS2000", crs=crs)

    def test_xian80_in_a_prj_is_refused(self, tmp_path):
        table = made.names("a", codec="ascii")
        refused(made.shapefile(tmp_path, [(119.5, 28)], table, prj=made.XIAN80_PRJ), "Xian 1980")

    @pytest.mark.parametrize("crs", ["EPSG:99999", "nonsense", "BD-09"])
    def test_a_crs_that_is_none_is_refused(self, tmp_path, crs):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(119.5, 28)))
        with pytest.raises(CrsError, match=crs):
            read(path, Options(crs=crs))

    def test_no_crs_asks_for_one(self, tmp_path):
        path = made.shapefile(tmp_path, [(119.5, 28)], made.names("a", codec="ascii"), prj=None)
        refused(path, "--crs EPSG:xxxx")
        assert read(path, Options(crs="EPSG:4490")).data.crs.to_epsg() == 4490

    def test_a_prj_that_is_a_web_page(self, tmp_path):
        path = made.shapefile(tmp_path, [(119.5, 28)], made.names("a", codec="ascii"), prj="<html>")
        refused(path, "is no CRS", "--crs")

    def test_a_prj_with_a_byte_order_mark(self, tmp_path):
        prj = b"\xef\xbb\xbf" + made.WGS84_PRJ.encode()
        path = made.shapefile(tmp_path, [(119.5, 28)], made.names("a", codec="ascii"), prj=prj)
        assert read(path).data.crs.name == "WGS 84"
        assert read(path, Options(crs="EPSG:4326")).warnings == ()

    def test_a_prj_with_a_chinese_name_in_gbk(self, tmp_path):
        prj = made.WGS84_PRJ.replace("GCS_WGS_1984", "世界大地坐标系").encode("gbk")
        path = made.shapefile(tmp_path, [(119.5, 28)], made.names("a", codec="ascii"), prj=prj)
        assert read(path).data.crs.name == "世界大地坐标系"

    def test_what_the_user_says_counts_and_is_warned_of(self, tmp_path):
        path = made.shapefile(tmp_path, [(119.5, 28)], made.names("a", codec="ascii"))
        done = read(path, Options(crs="EPSG:4490"))
        assert done.data.crs.to_epsg() == 4490
        assert "--crs" in done.warnings[0].en

    def test_gcj02_is_undone_when_asked_for(self, tmp_path):
        lon, lat = (float(v) for v in gcj02_from_wgs84(119.6332, 27.9861))
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(lon, lat)))
        done = read(path, Options(crs="GCJ-02"))
        assert done.data.geometry[1].distance(shapely.Point(119.6332, 27.9861)) < 1e-8
        assert "GCJ-02" in done.steps[0].en

    @settings(max_examples=20)
    @given(st.integers(-40, 40), st.integers(-40, 40))
    def test_a_shift_is_found_to_the_last_step(self, i, j):
        county = shapely.Polygon([(0, 0), (9000, 1000), (8000, 7000), (3000, 9000), (500, 5000)])
        east, north = best_shift(shapely.affinity.translate(county, 16.0 * i, 16.0 * j), county)
        assert abs(east + 16 * i) <= 16
        assert abs(north + 16 * j) <= 16


class TestKml:
    def kml(self, path, body, head='<?xml version="1.0" encoding="UTF-8"?>'):
        return text(
            path,
            f'{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>',
        )

    def placemark(self, shape, data=""):
        return f"<Placemark><name>毛垟</name>{data}{shape}</Placemark>"

    def test_placemarks_of_every_folder_with_their_data(self, tmp_path):
        data = '<ExtendedData><Data name="code"><value>7</value></Data></ExtendedData>'
        place = self.placemark("<Point><coordinates>119.5,28,0</coordinates></Point>", data)
        folder = f"<Folder><name>a</name>{place}</Folder>"
        done = read(self.kml(tmp_path / "a.kml", folder + folder))
        assert done.data[["folder", "name", "code"]].to_numpy().tolist() == [["a", "毛垟", "7"]] * 2
        assert "folders of one name" in done.warnings[0].en

    def test_broken_shapes_are_named_one_by_one(self, tmp_path):
        shapes = [
            "<Polygon></Polygon>",
            "<LineString><coordinates>119,28</coordinates></LineString>",
            "<Point><coordinates>119;28</coordinates></Point>",
            "<Point><coordinates>119,28</coordinates></Point>",
            "",
        ]
        error = refused(self.kml(tmp_path / "a.kml", "".join(map(self.placemark, shapes))))
        assert sorted(problem.row for problem in error.problems) == ["1", "2", "3", "5"]

    def test_a_polygon_with_a_hole(self, tmp_path):
        ring = "<LinearRing><coordinates>{}</coordinates></LinearRing>"
        outer = ring.format("119,28 120,28 120,29 119,29 119,28")
        inner = ring.format("119.4,28.4 119.6,28.4 119.6,28.6 119.4,28.4")
        shape = (
            f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>"
            f"<innerBoundaryIs>{inner}</innerBoundaryIs></Polygon>"
        )
        done = read(self.kml(tmp_path / "a.kml", self.placemark(shape)))
        assert shapely.area(done.data.geometry.array[0]) == pytest.approx(1 - 0.02)

    @pytest.mark.parametrize(
        "content",
        [
            '<!DOCTYPE k [<!ENTITY a "b">]><kml xmlns="http://www.opengis.net/kml/2.2">&a;</kml>',
            '<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>junk',
            '<kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>',
        ],
        ids=["entities", "junk", "empty"],
    )
    def test_what_is_no_plain_kml_is_refused(self, tmp_path, content):
        refused(text(tmp_path / "a.kml", content))

    def test_deep_nesting_is_no_crash(self, tmp_path):
        deep = "<MultiGeometry>" * 20_000 + "</MultiGeometry>" * 20_000
        refused(self.kml(tmp_path / "a.kml", self.placemark(deep)))

    def test_a_kmz(self, tmp_path):
        body = self.placemark("<Point><coordinates>119.5,28</coordinates></Point>")
        self.kml(tmp_path / "doc.kml", body)
        done = read(made.zipped(tmp_path / "a.kmz", tmp_path / "doc.kml"))
        assert len(done.data) == 1


class TestGeoPackage:
    def frame(self, *shapes):
        return gpd.GeoDataFrame(
            {"code": [str(n) for n in range(len(shapes))]}, geometry=list(shapes), crs=4549
        )

    def test_one_layer_comes_in(self, tmp_path):
        write_layers(
            {"a": self.frame(shapely.box(460_000, 3_096_000, 461_000, 3_097_000))},
            tmp_path / "a.gpkg",
        )
        done = read(tmp_path / "a.gpkg")
        assert (done.format, len(done.data), done.data.crs.to_epsg()) == ("geopackage", 1, 4549)

    def test_several_layers_ask_which(self, tmp_path):
        frame = self.frame(shapely.Point(460_000, 3_096_000))
        write_layers({"a": frame, "b": frame}, tmp_path / "a.gpkg")
        refused(tmp_path / "a.gpkg", "--part a", "a, b")
        assert len(read(tmp_path / "a.gpkg", Options(part="b")).data) == 1

    def test_one_broken_shape_does_not_hide_the_others(self, tmp_path):
        places = [shapely.Point(460_000 + n, 3_096_000) for n in range(3)]
        write_layers({"a": self.frame(*places)}, tmp_path / "a.gpkg")
        with sqlite3.connect(tmp_path / "a.gpkg") as database:
            for place in range(1, 8):
                database.execute(f"DROP TRIGGER IF EXISTS rtree_a_geom_update{place}")
            database.execute("UPDATE a SET geom = NULL WHERE code = '1'")
        database.close()
        error = refused(tmp_path / "a.gpkg", "no shape")
        assert [problem.row for problem in error.problems] == ["2"]

    def test_a_cut_file_is_refused(self, tmp_path):
        write_layers({"a": self.frame(shapely.Point(460_000, 3_096_000))}, tmp_path / "a.gpkg")
        whole = (tmp_path / "a.gpkg").read_bytes()
        refused(text(tmp_path / "b.gpkg", whole[: len(whole) // 3]))

    def test_plain_sqlite_is_refused(self, tmp_path):
        with sqlite3.connect(tmp_path / "a.gpkg") as database:
            database.execute("CREATE TABLE a (b)")
        database.close()
        refused(tmp_path / "a.gpkg", "no GeoPackage")


class TestWhatAFileIs:
    @pytest.mark.parametrize(
        ("name", "content", "word"),
        [
            ("a.tif", b"<VRTDataset rasterXSize='1'></VRTDataset>", "VRT"),
            ("a.shp", b"<OGRVRTDataSource></OGRVRTDataSource>", "VRT"),
            ("a.csv", b"<!DOCTYPE html><html>", "web page"),
            ("a.geojson", b"fgb\x03fgb\x01" + b"\x00" * 90, "FlatGeobuf"),
            ("a.zip", b"Rar!\x1a\x07\x00", "RAR"),
            ("a.dxf", b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n", "DXF"),
            ("a.dbf", made.names("a", codec="ascii"), ".dbf"),
            ("a.dt1", b"UHL1" + b"\x00" * 100, "DTED"),
            ("a.gml", b"<?xml version='1.0'?><gml/>", "XML"),
            ("a.geojson", b"", "empty"),
        ],
        ids=lambda value: value if isinstance(value, str) and "." not in value else "",
    )
    def test_told_by_content_and_refused(self, tmp_path, name, content, word):
        refused(text(tmp_path / name, content), word)

    @pytest.mark.parametrize(
        "name", ["/vsicurl/x.tif", "/vsizip/x.zip", "https://example.org/a.geojson"]
    )
    def test_only_local_files(self, name):
        with pytest.raises(FileError, match=r"only local files|no such file"):
            read(Path(name))

    def test_a_link_a_folder_and_nothing(self, tmp_path):
        target = made.geojson(tmp_path / "a.geojson", made.feature(made.point(119.5, 28)))
        (tmp_path / "link.geojson").symlink_to(target)
        refused(tmp_path / "link.geojson", "is a link")
        refused(tmp_path, "is a folder")
        refused(tmp_path / "missing.geojson", "no such file")

    def test_progress_is_told(self, tmp_path):
        said = []
        read(
            made.geojson(tmp_path / "a.geojson", made.feature(made.point(119.5, 28))),
            progress=said.append,
        )
        assert len(said) == 2


class TestNothingForeign:
    @settings(max_examples=150)
    @given(data=st.data())
    def test_broken_bytes_end_in_our_own_errors(self, data, tmp_path_factory):
        folder = tmp_path_factory.mktemp("broken")
        path = made.shapefile(
            folder, [(119.5, 28), (119.6, 28)], made.names("毛垟", "大漈", codec="gb18030")
        )
        made.geojson(folder / "b.geojson", made.feature(made.polygon(made.SQUARE), name="毛垟"))
        file = data.draw(st.sampled_from([".shp", ".shx", ".dbf", ".prj", "b"]))
        place = folder / "b.geojson" if file == "b" else path.with_suffix(file)
        raw = bytearray(place.read_bytes())
        for _ in range(data.draw(st.integers(1, 4))):
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
        place.write_bytes(bytes(raw[: data.draw(st.integers(1, len(raw)))]))
        try:
            done = read(place if file == "b" else path)
        except PlanningError:
            return
        if isinstance(done.data, gpd.GeoDataFrame):
            assert done.data.is_valid.all()
            assert np.isfinite(shapely.get_coordinates(done.data.geometry.array)).all()
