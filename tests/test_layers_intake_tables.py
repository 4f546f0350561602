"""Text of users' files: encodings, .dbf, CSV and zips, strictly read or refused."""

import importlib.util
import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import FileError, InputError, LimitError
from layers import unpack as unpacking
from layers.decoding import Raw, chosen, codec_named
from layers.given import rows as given_rows
from layers.intake.reading import Options, read

SPEC = importlib.util.spec_from_file_location(
    "intake_files", Path(__file__).with_name("intake_files.py")
)
made = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made)

TOWNSHIPS = ("毛垟乡", "大漈乡", "鸬鹚乡", "景南乡")
PLACES = [(119.5 + n / 100, 28) for n in range(4)]


def refused(path, *words, **options):
    with pytest.raises(InputError) as caught:
        read(path, Options(**options))
    for word in words:
        assert word in str(caught.value), str(caught.value)
    return made.told_twice(caught.value)


class TestEncodings:
    @pytest.mark.parametrize(
        ("codec", "cpg", "warned"),
        [
            ("utf-8", "UTF-8", False),
            ("utf-8", None, False),
            ("gb18030", "GB18030", False),
            ("gbk", "936", False),
            ("gbk", "ANSI 936", False),
            ("gbk", None, True),
            ("gbk", "UTF-8", True),
            ("utf-8", "GBK", True),
            ("utf-8", "ISO-8859-1", True),
        ],
    )
    def test_townships_of_rare_characters_are_read_right(self, tmp_path, codec, cpg, warned):
        path = made.shapefile(tmp_path, PLACES, made.names(*TOWNSHIPS, codec=codec), cpg=cpg)
        done = read(path)
        assert tuple(done.data["NAME"]) == TOWNSHIPS
        assert bool(done.warnings) == warned

    def test_the_languages_mark_of_the_table_is_read(self, tmp_path):
        table = made.dbf([("NAME", "C", 9)], [[w.encode("gbk")] for w in TOWNSHIPS], language=0x4D)
        assert tuple(read(made.shapefile(tmp_path, PLACES, table)).data["NAME"]) == TOWNSHIPS

    def test_four_byte_characters(self, tmp_path):
        words = ("𠮷村", "㙍头", "毛垟", "大漈")
        path = made.shapefile(tmp_path, PLACES, made.names(*words, codec="gb18030"))
        assert tuple(read(path).data["NAME"]) == words

    def test_a_character_cut_by_the_fields_end_is_left_out_with_a_warning(self, tmp_path):
        words = [word.encode("gbk") for word in TOWNSHIPS]
        table = made.dbf([("NAME", "C", 5)], [[word] for word in words])
        done = read(made.shapefile(tmp_path, PLACES, table, cpg="GBK"))
        assert tuple(done.data["NAME"]) == tuple(word[:2] for word in TOWNSHIPS)
        assert any("cut off" in warning.en for warning in done.warnings)

    @pytest.mark.parametrize(
        ("words", "codec", "cpg"),
        [
            (("Zürich", "Köln", "Łódź", "Plzeň"), "cp1250", None),
            (("小溪", "大溪", "東坑", "臺北"), "big5", None),
            (("a", "b", "c", "é"), "utf-8", None),
            (("目录", "b", "c", "d"), "gbk", "ISO-8859-1"),
            (TOWNSHIPS, "utf-16-le", "UTF-16"),
            (TOWNSHIPS, "gbk", "nonsense"),
        ],
        ids=["cp1250", "big5", "two readings", "latin or Chinese", "utf-16", "nonsense"],
    )
    def test_what_is_unclear_is_refused_not_garbled(self, tmp_path, words, codec, cpg):
        path = made.shapefile(tmp_path, PLACES, made.names(*words, codec=codec), cpg=cpg)
        refused(path, "--encoding")

    def test_the_user_may_say(self, tmp_path):
        words = ("Zürich", "Köln", "Łódź", "Plzeň")
        path = made.shapefile(tmp_path, PLACES, made.names(*words, codec="cp1250"))
        assert tuple(read(path, Options(encoding="cp1250")).data["NAME"]) == words
        refused(path, "--encoding", encoding="UTF-8")
        refused(path, "--encoding", encoding="klingon")

    def test_text_lost_when_the_file_was_made(self, tmp_path):
        path = made.shapefile(tmp_path, PLACES, made.names("??", "a", "b", "c", codec="ascii"))
        assert "lost" in read(path).warnings[0].en

    @settings(max_examples=60)
    @given(
        st.lists(
            st.text(
                st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=6
            ),
            min_size=5,
            max_size=9,
        )
    )
    def test_utf8_is_never_taken_for_something_else(self, words):
        raw = [Raw(word.encode()) for word in words]
        for declared in ("", "UTF-8", "GBK", "ISO-8859-1"):
            assert chosen(raw, declared=declared).codec == "utf-8"

    def test_names_of_encodings(self):
        known = {
            "CP936": "gb18030",
            "OEM 936": "gb18030",
            "65001": "utf-8",
            "UTF8": "utf-8",
            "Big-5": "big5hkscs",
            "ANSI 1252": "cp1252",
            "": "",
        }
        assert {name: codec_named(name) for name in known} == known


class TestGiven:
    @pytest.mark.parametrize(
        ("text", "zh"),
        [
            ("id,yuan\n1,2,3\n", "3 列 · 应为 2 列"),
            ("id\n", "列名与数据行"),
            ('a,b\n1,"x\n', "CSV 有误"),
            ("[[row]\n", "TOML 有误"),
            ("[[line]]\na = 1\n", "有 line，应为 [[row]]"),
        ],
        ids=["ragged", "empty", "quote", "toml", "rows"],
    )
    def test_wrong_tables_of_figures_are_told_in_either_language(self, text, zh):
        with pytest.raises(FileError) as caught:
            given_rows(text)
        assert zh in made.told_twice(caught.value).said("zh")


class TestDbf:
    COLUMNS = (("N", "N", 8),)

    def test_numbers_strictly(self, tmp_path):
        cells = [b"12", b"1.5", b"", b"****"]
        path = made.shapefile(tmp_path, PLACES, made.dbf(self.COLUMNS, [[c] for c in cells]))
        values = read(path).data["N"]
        assert values.iloc[:2].tolist() == [12, 1.5]
        assert values.iloc[2:].isna().all()

    def test_a_thousands_separator_is_refused_by_row(self, tmp_path):
        cells = [b"68,500", b"1", b"2", b"x"]
        path = made.shapefile(tmp_path, PLACES, made.dbf(self.COLUMNS, [[c] for c in cells]))
        error = refused(path, "68,500")
        assert [(problem.row, problem.field) for problem in error.problems] == [
            ("1", "N"),
            ("4", "N"),
        ]

    def test_not_a_number_is_missing_with_a_warning(self, tmp_path):
        cells = [b"nan", b"1", b"2", b"3"]
        done = read(made.shapefile(tmp_path, PLACES, made.dbf(self.COLUMNS, [[c] for c in cells])))
        assert done.data["N"].isna().tolist() == [True, False, False, False]
        assert done.warnings

    def test_deleted_records_keep_their_number(self, tmp_path):
        table = made.dbf([("NAME", "C", 4)], [[b"a"], None, [b"c"], [b"d"]])
        data = read(made.shapefile(tmp_path, PLACES, table)).data
        assert data["NAME"].to_dict() == {1: "a", 3: "c", 4: "d"}
        assert data.geometry[3].x == pytest.approx(119.52)

    @pytest.mark.parametrize(
        ("table", "word"),
        [
            (made.dbf([("A", "C", 4)], [[b"a"]] * 4)[:50], "cut short"),
            (made.dbf([("A", "C", 4)], [[b"a"]] * 4, count=900), "cut short"),
            (made.dbf([("A", "C", 4), ("A", "C", 4)], [[b"a", b"b"]] * 4), "double field names"),
            (made.dbf([("A", "C", 4)], [[b"a"]] * 3), "3 records, 4 shapes"),
            (b"\x03", "cut short"),
        ],
        ids=["cut", "header", "double", "rows", "byte"],
    )
    def test_a_broken_table_is_refused(self, tmp_path, table, word):
        refused(made.shapefile(tmp_path, PLACES, table), word)

    def test_a_missing_table_is_warned_of_and_a_missing_index_refused(self, tmp_path):
        path = made.shapefile(tmp_path, PLACES, None)
        assert "no attributes" in read(path).warnings[0].en
        path.with_suffix(".shx").unlink()
        refused(path, "places.shx", "copy it")

    def test_companions_in_capitals(self, tmp_path):
        path = made.shapefile(tmp_path, PLACES, made.names(*TOWNSHIPS, codec="utf-8"), cpg="UTF-8")
        for suffix in (".dbf", ".cpg", ".prj"):
            path.with_suffix(suffix).rename(path.with_suffix(suffix.upper()))
        assert tuple(read(path).data["NAME"]) == TOWNSHIPS

    def test_a_file_shorter_than_its_header_says(self, tmp_path):
        path = made.shapefile(tmp_path, PLACES, made.names("a", "b", "c", "d", codec="ascii"))
        path.write_bytes(path.read_bytes()[:-10])
        refused(path, "cut short")

    def test_three_dimensional_patches_are_refused(self, tmp_path):
        path = made.shapefile(tmp_path, PLACES, None)
        raw = bytearray(path.read_bytes())
        raw[32] = 31
        path.write_bytes(bytes(raw))
        refused(path, "multipatch")


class TestCsv:
    def csv(self, folder, text, codec="utf-8"):
        path = folder / "a.csv"
        path.write_bytes(text.encode(codec))
        return path

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_wkt_in_any_encoding_and_with_any_separator(self, tmp_path, codec, mark):
        text = f"name{mark}WKT\n毛垟乡{mark}POINT (119.5 28)\n"
        done = read(self.csv(tmp_path, text, codec), Options(crs="EPSG:4490"))
        assert done.data["name"].tolist() == ["毛垟乡"]
        assert done.data.geometry.iloc[0].x == 119.5

    def test_it_asks_for_a_crs(self, tmp_path):
        refused(self.csv(tmp_path, "id,WKT\n1,POINT (119.5 28)\n"), "--crs")
        refused(self.csv(tmp_path, "id,经度,纬度\n1,119.5,28\n"), "--crs")

    def test_longitude_and_latitude(self, tmp_path):
        path = self.csv(tmp_path, "id,lat,lon\n1,28,119.5\n2,28.1,abc\n3,,\n")
        error = refused(path, "'abc'", crs="EPSG:4326")
        assert {problem.row for problem in error.problems} == {"2", "3"}

    def test_a_long_polygon(self, tmp_path):
        ring = ", ".join(f"{119 + n / 1e5:.5f} 28" for n in range(20_000)) + ", 119.1 29, 119 28"
        done = read(self.csv(tmp_path, f'WKT\n"POLYGON (({ring}))"\n'), Options(crs="EPSG:4326"))
        assert len(done.data) == 1

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("id,name,WKT\n1,a,LOC,POINT (1 2)\n", "4 fields"),
            ("id,WKT\n1,LOC\n", "'LOC'"),
            ("id,WKT\n1,POLYGON ((0 0, 1 1))\n", "row 1"),
            ("119.5,28,a\n119.6,28,b\n", "column names"),
            ("a,a\n1,2\n", "double column name"),
            ('a,b\n1,"x\n', "broken CSV"),
            ("geom,wkt\nPOINT (1 2),POINT (1 2)\n", "several columns"),
        ],
        ids=["ragged", "no wkt", "broken wkt", "no header", "double", "quote", "two"],
    )
    def test_what_is_no_table_is_refused(self, tmp_path, text, word):
        refused(self.csv(tmp_path, text), word, crs="EPSG:4326")

    def test_a_table_without_shapes(self, tmp_path):
        done = read(self.csv(tmp_path, "level_m,storage_hm3\n120,1394\n130,1814\n"))
        assert done.data.to_dict("list") == {
            "level_m": ["120", "130"],
            "storage_hm3": ["1394", "1814"],
        }

    def test_degrees_minutes_and_seconds_are_warned_of(self, tmp_path):
        done = read(self.csv(tmp_path, "id,coord\n1,50°46'06.6\n"))
        assert "decimal degrees" in done.warnings[0].en


class TestZip:
    def shape(self, folder):
        return made.shapefile(folder, PLACES, made.names(*TOWNSHIPS, codec="gbk"), cpg="GBK")

    def test_a_shapefile_in_a_folder_of_a_zip(self, tmp_path):
        files = [
            self.shape(tmp_path).with_suffix(s) for s in (".shp", ".shx", ".dbf", ".prj", ".cpg")
        ]
        done = read(made.zipped(tmp_path / "a.zip", *files, **{"readme.txt": "hello"}))
        assert tuple(done.data["NAME"]) == TOWNSHIPS
        assert "places.shp" in done.steps[0].en

    def test_chinese_names_without_the_utf8_mark(self, tmp_path):
        self.shape(tmp_path)
        raw = io.BytesIO()
        with zipfile.ZipFile(raw, "w") as archive:
            for suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
                archive.writestr(f"XXXX{suffix}", (tmp_path / f"places{suffix}").read_bytes())
        (tmp_path / "a.zip").write_bytes(raw.getvalue().replace(b"XXXX", "乡镇".encode("gbk")))
        assert "乡镇.shp" in read(tmp_path / "a.zip").steps[0].en

    def test_two_data_sets_ask_which(self, tmp_path):
        one = made.geojson(tmp_path / "a.geojson", made.feature(made.point(119.5, 28)))
        two = made.geojson(tmp_path / "b.geojson", made.feature(made.point(119.5, 28)))
        path = made.zipped(tmp_path / "a.zip", one, two)
        refused(path, "--part a.geojson")
        assert len(read(path, Options(part="b")).data) == 1

    @pytest.mark.parametrize(
        "name", ["/etc/x.geojson", "../x.geojson", "a/../../x.geojson", "C:\\x.geojson", "..\\x"]
    )
    def test_paths_that_lead_out(self, tmp_path, name):
        refused(made.zipped(tmp_path / "a.zip", **{name: "{}"}), "leads out")
        assert [p.name for p in tmp_path.iterdir()] == ["a.zip"]

    def test_links(self, tmp_path):
        link = zipfile.ZipInfo("a.geojson")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(link, "/etc/passwd")
        refused(tmp_path / "a.zip", "a link")

    def test_encrypted(self, tmp_path):
        path = made.zipped(tmp_path / "a.zip", **{"a.geojson": "{}"})
        raw = bytearray(path.read_bytes())
        for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            raw[raw.index(mark) + place] |= 1
        path.write_bytes(bytes(raw))
        refused(path, "encrypted")

    @pytest.mark.parametrize(("name", "value"), [("MOST_BYTES", 10_000), ("MOST_MEMBERS", 1)])
    def test_bombs(self, tmp_path, monkeypatch, name, value):
        monkeypatch.setattr(unpacking, name, value)
        path = made.zipped(tmp_path / "a.zip", **{"a.csv": "a,b\n" * 9000, "b.csv": "a,b\n"})
        with pytest.raises(LimitError, match=r"too much|too many"):
            read(path)

    def test_a_ratio_no_real_file_has(self, tmp_path, monkeypatch):
        monkeypatch.setattr(unpacking, "RATIO_FROM", 1_000_000)
        with pytest.raises(LimitError, match="too much"):
            read(made.zipped(tmp_path / "a.zip", **{"a.csv": "0" * 5_000_000}))

    def test_damaged_nested_and_office(self, tmp_path):
        path = made.zipped(tmp_path / "a.zip", **{"a.csv": "a,b\n1,2\n" * 500})
        whole = path.read_bytes()
        (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
        refused(tmp_path / "cut.zip", "damaged")
        flipped = bytearray(whole)
        flipped[45] ^= 0xFF
        (tmp_path / "flipped.zip").write_bytes(bytes(flipped))
        refused(tmp_path / "flipped.zip")
        refused(made.zipped(tmp_path / "b.zip", path), "nothing in the zip")
        refused(made.zipped(tmp_path / "b.xlsx", **{"xl/workbook.xml": "<a/>"}), "Office", "CSV")

    def test_nothing_stays_behind(self, tmp_path, monkeypatch):
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
        (tmp_path / "temporary").mkdir()
        one = made.geojson(tmp_path / "a.geojson", made.feature(made.point(119.5, 28)))
        read(made.zipped(tmp_path / "a.zip", one))
        with pytest.raises(FileError):
            read(made.zipped(tmp_path / "b.zip", tmp_path / "a.zip"))
        assert list((tmp_path / "temporary").iterdir()) == []
