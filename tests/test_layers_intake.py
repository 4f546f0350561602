"""Bringing files into a county folder: mapped, checked, cut, written; or one error that lists all."""

import importlib.util
import re
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.crs import gcj02_from_wgs84
from geo.errors import FileError, SchemaError, UsageError
from geo.files import write_layers
from geo.words import Text
from layers.county import load
from layers.folder import Head, write_head
from layers.intake.bring import Options, bring
from layers.keeping.undo import undo
from layers.source import Quality, parted
from layers.source import read as read_source

SPEC = importlib.util.spec_from_file_location(
    "intake_files", Path(__file__).with_name("intake_files.py")
)
made = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made)

OUTLINE = [
    [119.4, 27.6],
    [119.9, 27.6],
    [119.9, 27.9],
    [119.7, 28.05],
    [119.4, 27.9],
    [119.4, 27.6],
]


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "county"
    write_head(place, Head("made", Text("某县", "Made"), "EPSG:4549"))
    return place


@pytest.fixture
def county(folder, tmp_path):
    outline = made.geojson(tmp_path / "o.geojson", made.feature(made.polygon(OUTLINE), NAME="某县"))
    bring(folder, outline, "outline", fields={"code": "=331127"})
    west = [[119.4, 27.6], [119.65, 27.6], [119.65, 28.025], [119.4, 27.9], [119.4, 27.6]]
    east = [
        [119.65, 27.6],
        [119.9, 27.6],
        [119.9, 27.9],
        [119.7, 28.05],
        [119.65, 28.025],
        [119.65, 27.6],
    ]
    towns = made.geojson(
        tmp_path / "t.geojson",
        made.feature(made.polygon(west), XZQDM=331127001, XZQMC="毛垟乡"),
        made.feature(made.polygon(east), XZQDM=331127002, XZQMC="大漈乡"),
    )
    bring(folder, towns, "townships", fields={"code": "XZQDM", "name": "XZQMC"})
    return folder


def shifted(ring):
    x, y = np.array(ring).T
    return np.column_stack(gcj02_from_wgs84(x, y)).tolist()


class TestFields:
    def test_names_are_mapped_kept_and_dropped(self, folder, tmp_path):
        path = made.geojson(
            tmp_path / "o.geojson",
            made.feature(made.polygon(OUTLINE), NAME="某县", XZQDM=331127, note="x", other=1),
        )
        done = bring(folder, path, "outline", fields={"code": "XZQDM", "remark": "note"})
        outline = load(folder).vector("outline")
        assert outline.index.tolist() == ["331127"]  # whole numbers become text
        assert sorted(outline.columns) == ["geometry", "name", "remark"]
        assert any("fields dropped: other" in step.en for step in done.steps)
        assert any("name = NAME" in step.en for step in done.steps)

    def test_constants_and_row_numbers(self, county, tmp_path):
        line = {"type": "LineString", "coordinates": [[119.5, 27.7], [119.6, 27.8]]}
        path = made.geojson(
            tmp_path / "r.geojson", made.feature(line, v="40"), made.feature(line, v="60.5")
        )
        fields = {"id": "#", "class": "=county", "status": "=existing", "speed_kmh": "v"}
        bring(county, path, "roads", fields=fields)
        roads = load(county).vector("roads")
        assert roads.index.tolist() == ["1", "2"]
        assert roads["speed_kmh"].tolist() == [40, 60.5]
        assert set(roads["class"]) == {"county"}

    def test_a_field_that_is_not_there_names_what_is(self, county, tmp_path):
        path = made.geojson(
            tmp_path / "s.geojson", made.feature(made.point(119.5, 27.7), dm="331127001")
        )
        with pytest.raises(SchemaError, match=r"no column 'DM'.*dm"):
            bring(county, path, "seats", fields={"code": "DM"})
        with pytest.raises(SchemaError, match=r"code.*missing; fields are dm"):
            bring(county, path, "seats")

    def test_everything_wrong_is_listed_at_once(self, county, tmp_path):
        line = {"type": "LineString", "coordinates": [[119.5, 27.7], [119.6, 27.8]]}
        path = made.geojson(
            tmp_path / "r.geojson",
            made.feature(line, id="a", speed=40, kind="county"),
            made.feature(line, id="a", speed=-5, kind="motorway"),
            made.feature(None, id="c", speed=None, kind="county"),
            made.feature(made.point(119.5, 27.7), id="d", speed="fast", kind="county"),
        )
        before = sorted(county.rglob("*"))
        with pytest.raises(SchemaError) as caught:
            bring(
                county, path, "roads", fields={"speed_kmh": "speed", "class": "kind", "road": "x"}
            )
        found = {(problem.field, problem.row) for problem in caught.value.problems}
        assert {
            ("id", "a"),
            ("class", "a"),
            ("status", ""),
            ("geometry", "3"),
            ("geometry", "d"),
            ("road", ""),
        } <= found
        assert any(problem.field == "speed_kmh" for problem in caught.value.problems)
        assert all(
            problem.file == "r.geojson" and problem.layer == "roads"
            for problem in caught.value.problems
        )
        assert sorted(county.rglob("*")) == before

    def test_fields_are_named_even_when_the_crs_is_missing(self, county, tmp_path):
        path = made.shapefile(tmp_path, [(119.5, 27.7)], made.names("a", codec="ascii"), prj=None)
        with pytest.raises(SchemaError) as caught:
            bring(county, path, "seats")
        assert {problem.field for problem in caught.value.problems} == {"CRS", "code"}

    def test_codes_must_be_known_in_the_county(self, county, tmp_path):
        path = made.geojson(
            tmp_path / "s.geojson", made.feature(made.point(119.5, 27.7), code="999", name="x")
        )
        with pytest.raises(SchemaError, match="townships"):
            bring(county, path, "seats")


class TestVector:
    def test_a_gbk_shapefile_of_the_sister_crs(self, county, tmp_path):
        table = made.dbf(
            [("CODE", "C", 12), ("NAME", "C", 20), ("HEIGHT_M", "N", 8)],
            [
                [b"331127001", "毛垟乡".encode("gbk"), b"339"],
                [b"331127002", "大漈乡".encode("gbk"), b"1017"],
            ],
        )
        points = [(40_460_000.0, 3_070_000.0), (40_470_000.0, 3_080_000.0)]
        path = made.shapefile(tmp_path, points, table, prj=None, cpg="GBK")
        done = bring(
            county,
            path,
            "seats",
            options=Options(crs="EPSG:4528", quality="official", publisher="局"),
        )
        seats = load(county).vector("seats")
        assert seats["name"].to_dict() == {"331127001": "毛垟乡", "331127002": "大漈乡"}
        assert seats.geometry.x.round(3).tolist() == [460_000, 470_000]  # the prefix is gone
        assert done.source.quality is Quality.OFFICIAL
        source = read_source(county / "seats" / "source.toml")
        assert source.publisher == "局"
        assert any("4528" in step or "zone 40" in step for step in source.steps)

    def test_repairs_are_written_down_and_forgotten_with_the_next_import(self, county, tmp_path):
        tie = made.polygon(
            [[119.5, 27.7], [119.6, 27.8], [119.6, 27.7], [119.5, 27.8], [119.5, 27.7]]
        )
        path = made.geojson(tmp_path / "p.geojson", made.feature(tie, id="a", zone="core"))
        done = bring(county, path, "park")
        (written,) = (county / "park").glob("repairs-*.csv")
        ledger = pd.read_csv(written)
        assert ledger["changed_m2"].to_numpy() == pytest.approx(
            done.ledger["changed_m2"].to_numpy()
        )
        assert load(county).vector("park").is_valid.all()
        assert any(f"see {written.name}" in parted(step).en for step in done.source.steps)
        assert "m²" in str(done)
        good = made.geojson(
            tmp_path / "q.geojson", made.feature(made.polygon(OUTLINE), id="a", zone="core")
        )
        bring(county, good, "park")
        assert not written.exists()
        undo(county, "park")
        assert written.exists()

    def test_areas_survive_the_way_in(self, county):
        townships = load(county).vector("townships")
        outline = load(county).vector("outline")
        # A side of half a degree along a parallel bulges by 25 m, its two halves by a quarter of that.
        assert townships.area.sum() == pytest.approx(outline.area.sum(), rel=5e-4)

    def test_same_file_same_bytes(self, county, tmp_path):
        again = tmp_path / "again"
        shutil.copytree(county, again)
        bring(again, tmp_path / "t.geojson", "townships", fields={"code": "XZQDM", "name": "XZQMC"})
        for path in sorted(p for p in county.rglob("*") if p.is_file()):
            assert path.read_bytes() == (again / path.relative_to(county)).read_bytes()

    def test_a_layer_elsewhere_is_refused(self, county, tmp_path):
        path = made.geojson(
            tmp_path / "s.geojson", made.feature(made.point(110, 20), code="331127001", name="x")
        )
        with pytest.raises(SchemaError, match="within"):
            bring(county, path, "seats")

    def test_without_an_outline_the_crs_own_area_tells(self, folder, tmp_path):
        path = made.geojson(
            tmp_path / "o.geojson",
            made.feature(made.polygon([[-3.2, 51], [-3, 51], [-3, 52], [-3.2, 51]]), name="x"),
        )
        try:
            done = bring(folder, path, "outline", fields={"code": "=1"})
        except SchemaError:
            return  # further off than the projection has coordinates
        assert any("outside of where" in warning.en for warning in done.warnings)

    def test_a_geopackage_layer_by_name(self, county, tmp_path):
        frame = gpd.GeoDataFrame(
            {"id": ["a"], "name": ["新城"]},
            geometry=[shapely.box(460_000, 3_070_000, 461_000, 3_071_000)],
            crs=4549,
        )
        write_layers({"x": frame, "y": frame}, tmp_path / "a.gpkg")
        bring(county, tmp_path / "a.gpkg", "new_town", options=Options(part="y"))
        assert load(county).vector("new_town").area.tolist() == [1_000_000]


class TestGcj02:
    def test_a_shifted_layer_is_told_and_left_as_it_is(self, county, tmp_path):
        path = made.geojson(
            tmp_path / "t.geojson", made.feature(made.polygon(shifted(OUTLINE)), code="1", name="x")
        )
        done = bring(county, path, "townships")
        words = [warning.en for warning in done.warnings if "GCJ-02" in warning.en]
        assert len(words) == 1
        assert "-4" in words[0]
        moved = load(county).vector("townships").union_all()
        outline = load(county).vector("outline").union_all()
        assert moved.centroid.distance(outline.centroid) > 400

    def test_it_is_undone_when_asked_for(self, county, tmp_path):
        path = made.geojson(
            tmp_path / "t.geojson", made.feature(made.polygon(shifted(OUTLINE)), code="1", name="x")
        )
        done = bring(county, path, "townships", options=Options(crs="GCJ-02"))
        assert not any("GCJ-02" in warning.en for warning in done.warnings)
        outline = load(county).vector("outline").union_all()
        back = load(county).vector("townships").union_all()
        assert back.symmetric_difference(outline).area < 1e-6 * outline.area

    def test_a_layer_that_fits_and_one_that_covers_little_are_not_suspected(self, county, tmp_path):
        path = made.geojson(
            tmp_path / "p.geojson",
            made.feature(
                made.polygon([[119.5, 27.7], [119.6, 27.7], [119.6, 27.8], [119.5, 27.7]]),
                id="a",
                zone="core",
            ),
        )
        assert not any("GCJ" in warning.en for warning in bring(county, path, "park").warnings)
        towns = bring(
            county, tmp_path / "t.geojson", "townships", fields={"code": "XZQDM", "name": "XZQMC"}
        )
        assert not any("GCJ" in warning.en for warning in towns.warnings)

    def test_a_file_whose_name_says_so(self, county, tmp_path):
        path = made.geojson(
            tmp_path / "seats_gcj02.geojson",
            made.feature(made.point(119.5, 27.7), code="331127001", name="x"),
        )
        assert any("GCJ-02" in warning.en for warning in bring(county, path, "seats").warnings)


class TestRasterAndTable:
    def test_terrain_is_cut_to_the_outline_and_a_margin(self, county, tmp_path):
        done = bring(
            county, made.hgt(tmp_path / "N27E119.hgt"), "dem", options=Options(quality="open")
        )
        dem = load(county).raster("dem")
        bounds = np.array(load(county).vector("outline").total_bounds)
        west, south, east, _ = dem.grid.bounds
        around = bounds + np.array([-3000, -3000, 3000, 3000])
        assert np.abs(np.array([west, south, east]) - around[:3]).max() <= 90
        assert dem.values.dtype == np.float32
        # The tile ends at 28° N, the county's tip reaches 28.05° N.
        assert any("covers only 9" in warning.en for warning in done.warnings)
        assert done.rows == int(dem.valid.sum())

    def test_terrain_comes_in_without_an_outline(self, folder, tmp_path):
        bring(folder, made.hgt(tmp_path / "N27E119.hgt"), "dem", options=Options(resolution=200))
        assert load(folder).raster("dem").grid.resolution == 200

    def test_heights_out_of_range_are_refused(self, county, tmp_path):
        values = np.full((20, 30), 12_000, dtype=np.float32)
        with pytest.raises(SchemaError, match="9000"):
            bring(county, made.geotiff(tmp_path / "a.tif", values), "dem")

    def test_a_table(self, county, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("水位,库容\n120,1394\n130,1814\n", encoding="gb18030")
        bring(county, path, "lake_storage", fields={"level_m": "水位", "storage_hm3": "库容"})
        assert load(county).table("lake_storage")["storage_hm3"].tolist() == [1394, 1814]

    def test_kinds_do_not_mix(self, county, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("level_m,storage_hm3\n120,1394\n", encoding="utf-8")
        with pytest.raises(SchemaError, match="raster"):
            bring(county, path, "dem")
        with pytest.raises(SchemaError, match="geometry"):
            bring(county, path, "seats")
        with pytest.raises(SchemaError, match="vector"):
            bring(county, made.geotiff(tmp_path / "a.tif", np.ones((20, 30), np.float32)), "seats")


class TestUsage:
    def test_names_that_are_none(self, county, tmp_path):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(119.5, 27.7)))
        with pytest.raises(UsageError, match="townships"):
            bring(county, path, "township")
        with pytest.raises(UsageError, match="official"):
            bring(county, path, "seats", options=Options(quality="good"))
        with pytest.raises(FileError, match="county"):
            bring(tmp_path, path, "seats")

    def test_progress_and_quality_are_told(self, county, tmp_path):
        said = []
        path = made.geojson(
            tmp_path / "s.geojson",
            made.feature(made.point(119.5, 27.7), code="331127001", name="x"),
        )
        done = bring(county, path, "seats", progress=said.append)
        assert len(said) == 3
        assert done.source.quality is Quality.DERIVED
        assert any("--quality" in warning.en for warning in done.warnings)
        assert str(done).startswith("seats: 1 ")
        assert [words.zh for words in said] == [
            "正在读取 s.geojson",
            "正在检查 1 行",
            "正在写入 seats",
        ]

    def test_the_report_speaks_one_language_and_the_source_keeps_both(self, county, tmp_path):
        tie = made.polygon(made.BOW_TIE)
        path = made.geojson(tmp_path / "p.geojson", made.feature(tie, id="a", zone="core"))
        done = bring(county, path, "park")
        assert done.said("zh").splitlines()[0] == "park：1 行 · 推导数据"
        assert not re.search("[a-z]{3,} [a-z]{3,}", done.said("zh"))
        assert "修复：第 1 行：自相交" in done.said("zh")
        assert not made.HAN.search(str(done))
        source = read_source(county / "park" / "source.toml")
        assert tuple(map(parted, source.steps)) == done.steps
        assert tuple(map(parted, source.notes)) == done.warnings
        assert parted(source.publisher) == Text("未注明", "not stated")

    def test_a_refusal_speaks_either_language(self, county, tmp_path):
        path = made.geojson(tmp_path / "s.geojson", made.feature(made.point(119.5, 27.7), cod="1"))
        with pytest.raises(SchemaError) as caught:
            bring(county, path, "seats", fields={"name": "N"})
        made.told_twice(caught.value)
        said = caught.value.said("zh")
        assert said.splitlines()[0] == f"{path}：不能导入为 seats"
        assert "没有字段 'N'" in said
        # The file's own column is suggested, though nothing of it was kept.
        assert "是否指 cod：--field code=cod" in said
