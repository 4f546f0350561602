"""Tables joined by a code, workbooks, and sound rows taken without the others."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from geo.errors import FileError, InputError, LimitError, SchemaError, UsageError
from geo.words import Text
from layers.__main__ import main
from layers.county import load
from layers.folder import Head, write_head
from layers.intake import xlsx
from layers.intake.bring import Options, bring
from layers.intake.joining import with_table
from layers.intake.reading import read
from layers.intake.xlsx import read_xlsx
from layers.source import parted
from tests.workbooks import MAIN, sheet, workbook

SPEC = importlib.util.spec_from_file_location(
    "intake_files", Path(__file__).with_name("intake_files.py")
)
made = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made)

CODES = ["0101", "0102", "0103"]


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "county"
    write_head(place, Head("made", Text("某县", "Made"), "EPSG:4549"))
    return place


def rows(codes=CODES):
    return pd.DataFrame({"dm": codes}, index=range(1, len(codes) + 1))


def table(folder, text, name="names.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def skipped_in(place):
    """The list of rows left out that stands beside a layer's data."""
    (path,) = place.glob("skipped-*.csv")
    return path


class TestJoining:
    def test_by_hand(self, tmp_path):
        names = table(tmp_path, "code,name\n0103,丙\n0101,甲\n0109,壬\n")
        done = with_table(rows(), names, "dm=code", {})
        assert done.frame["name"].tolist() == ["甲", None, "丙"]
        assert done.frame["dm"].tolist() == CODES
        assert "2 of 3 rows; columns name" in done.steps[0].en
        said = [words.en for words in done.warnings]
        # Both sides are named: the row of the file, and that of the table.
        assert said == [
            "1 rows of the file have no partner: 0102 (#2)",
            "1 rows of names.csv have no partner: 0109 (#3)",
        ]

    def test_a_field_stands_for_the_column_it_is_taken_from(self, tmp_path):
        names = table(tmp_path, "code,name\n0101,甲\n")
        assert with_table(rows(), names, "code", {"code": "dm"}).frame["name"].iloc[0] == "甲"
        longer = rows(["0101001", "0101002", "0102001"])
        many = with_table(longer, names, "code", {"code": "dm:4"}).frame
        assert many["name"].tolist() == ["甲", "甲", None]

    def test_numbers_of_a_workbook_are_codes_and_get_their_noughts_back(self, tmp_path):
        path = workbook(
            tmp_path / "n.xlsx", a=[["code", "name"], [101, "甲"], [102, "乙"], [103, "丙"]]
        )
        done = with_table(rows(), str(path), "dm=code", {})
        assert done.frame["name"].tolist() == ["甲", "乙", "丙"]
        said = " ".join(words.en for words in done.warnings)
        assert "holds numbers, which are read as codes" in said
        assert "3 codes of n.xlsx had lost leading noughts" in said
        other = table(tmp_path, "code,name\n0101,甲\n0102,乙\n")
        back = with_table(rows([101, 102]), other, "dm=code", {})
        assert back.frame["name"].tolist() == ["甲", "乙"]
        assert "2 codes of the file had lost" in back.warnings[0].en

    def test_codes_of_several_lengths_are_not_padded(self, tmp_path):
        names = table(tmp_path, "code,name\n101,甲\n0102,乙\n")
        done = with_table(rows(["0101", "01020", "0102"]), names, "dm=code", {})
        assert done.frame["name"].tolist() == [None, None, "乙"]

    @pytest.mark.parametrize(
        ("text", "word"),
        [
            ("code,name\n0101,甲\n0101,乙\n", "unique"),
            ("code,name\n3.31127E+11,甲\n", "made a number"),
            ("code,dm\n0101,甲\n", "the file has it, too"),
            ("code,name\nx,甲\n", "no code in common"),
        ],
    )
    def test_what_cannot_be_joined_is_a_problem(self, tmp_path, text, word):
        problems = with_table(rows(), table(tmp_path, text), "dm=code", {}).problems
        assert [word in str(problem) for problem in problems] == [True]

    def test_long_numbers_of_a_workbook_are_refused(self, tmp_path):
        path = workbook(tmp_path / "n.xlsx", a=[["code", "name"], [3.31127001e17, "甲"]])
        (problem,) = with_table(rows(), str(path), "dm=code", {}).problems
        assert "made a number" in str(problem)

    def test_columns_that_are_not_there_and_halves_of_the_option(self, tmp_path):
        names = table(tmp_path, "code,name\n0101,甲\n")
        for on in ("XZQDM=code", "dm=XZQDM"):
            with pytest.raises(FileError, match="no column 'XZQDM'") as caught:
                with_table(rows(), names, on, {})
            made.told_twice(caught.value)
        with pytest.raises(UsageError, match="--on"):
            with_table(rows(), names, "", {})
        with pytest.raises(FileError, match="CSV or XLSX"):
            with_table(rows(), str(made.geojson(tmp_path / "a.json")), "dm=code", {})

    def test_by_the_command(self, folder, tmp_path, capsys):
        path = made.geojson(
            tmp_path / "t.geojson",
            made.feature(made.polygon(made.SQUARE), XZQDM=331127001),
            made.feature(made.polygon(made.SQUARE), XZQDM=331127002),
        )
        names = workbook(
            tmp_path / "n.xlsx",
            a=[["代码", "名称"], ["331127001", "毛垟乡"], ["331127003", "大漈乡"]],
            b=[],
        )
        words = ["import", folder, path, "--as", "townships", "--field", "code=XZQDM"]
        words += ["--field", "name=名称", "--join", names, "--on", "code=代码", "--lang", "en"]
        assert main([str(word) for word in words]) == 3  # the second has no name
        assert "331127002" in capsys.readouterr().err
        assert main([str(word) for word in (*words, "--skip-bad")]) == 0
        said = capsys.readouterr().out
        assert "1 rows of n.xlsx have no partner: 331127003 (#2)" in said
        townships = load(folder).vector("townships")
        assert townships["name"].to_dict() == {"331127001": "毛垟乡"}
        skipped = pd.read_csv(skipped_in(folder / "townships"), dtype=str)
        assert skipped[["row", "id", "field"]].to_numpy().tolist() == [["2", "331127002", "name"]]


class TestWorkbook:
    def test_kinds_of_cells(self, tmp_path):
        styles = (
            f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="170" formatCode="yyyy/m/d"/>'
            '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs>'
            "</styleSheet>"
        )
        path = workbook(
            tmp_path / "a.xlsx",
            strings=["<t>毛垟</t>", "<r><t>大</t></r><r><t>漈</t></r><rPh><t>x</t></rPh>"],
            styles=styles,
            a=[
                ["text", "number", "day", "truth", "formula"],
                [("s", 0), 12.5, (1, 45413), ("b", 1), ("str", "x")],
                [("s", 1), 7.0, (2, 45413.5), ("b", 0), ("e", "#N/A")],
            ],
        )
        # Day 45,413 of Excel is 2024-05-01: 45,292 is 2024-01-01, and 121 days follow.
        found = read_xlsx(path)
        assert found.to_numpy().tolist() == [
            ["毛垟", "12.5", "2024-05-01", "TRUE", "x"],
            ["大漈", "7", "2024-05-01 12:00:00", "FALSE", None],
        ]
        assert found.attrs["numbers"] == {"number"}
        assert "1 cells with errors" in found.attrs["warnings"][1].en

    def test_cells_left_out_and_rows_without_any(self, tmp_path):
        path = workbook(tmp_path / "a.xlsx", a=[[], ["a", "b", "c"], [None, "x", None], [], ["y"]])
        assert read_xlsx(path).to_numpy().tolist() == [[None, "x", None], ["y", None, None]]

    def test_merged_cells_and_formulas_without_results_are_told(self, tmp_path):
        text = sheet([["a", "b"], ["x", "y"]], '<mergeCells><mergeCell ref="A2:A3"/></mergeCells>')
        text = text.replace("</row></sheetData>", '<c r="C2"><f>1+1</f></c></row></sheetData>')
        said = [
            words.en for words in read_xlsx(workbook(tmp_path / "a.xlsx", a=text)).attrs["warnings"]
        ]
        assert any("1 merged" in one for one in said)
        assert any("1 formulas" in one for one in said)

    def test_which_sheet(self, tmp_path):
        path = workbook(tmp_path / "a.xlsx", a=[["n"], [1]], b=[["m"], [2]], c=[])
        with pytest.raises(FileError, match="a, b"):
            read_xlsx(path)
        assert read_xlsx(path, part="b")["m"].tolist() == ["2"]
        with pytest.raises(FileError, match="no sheet d"):
            read_xlsx(path, part="d")
        done = with_table(pd.DataFrame({"m": ["2"]}), f"{path}#b", "m", {})
        assert done.problems == ()

    def test_what_is_broken_is_refused_in_words(self, tmp_path, monkeypatch):
        entity = '<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'
        far = sheet([["a"], ["b"]]).replace('"A2"', '"XFD2"')
        for n, text in enumerate((entity, "<worksheet", far, sheet([["a"], [("s", 9)]]))):
            monkeypatch.setattr(xlsx, "MOST_CELLS", 1000)
            with pytest.raises((InputError, LimitError)) as caught:
                read(workbook(tmp_path / f"{n}.xlsx", a=text))
            made.told_twice(caught.value)
        whole = workbook(tmp_path / "a.xlsx", a=[["n"], [1]]).read_bytes()
        rng = np.random.default_rng(3)
        for _ in range(80):
            raw = bytearray(whole)
            for place in rng.integers(0, len(raw), 3):
                raw[place] = int(rng.integers(0, 256))
            (tmp_path / "b.xlsx").write_bytes(bytes(raw))
            try:
                read(tmp_path / "b.xlsx")
            except (InputError, LimitError):
                continue

    def test_it_comes_in_as_a_layer(self, folder, tmp_path):
        path = workbook(tmp_path / "a.xlsx", a=[["水位", "库容"], [120, 1394], [130, 1814]])
        bring(folder, path, "lake_storage", fields={"level_m": "水位", "storage_hm3": "库容"})
        assert load(folder).table("lake_storage")["storage_hm3"].tolist() == [1394, 1814]
        path = workbook(
            tmp_path / "b.xlsx", a=[["code", "name", "lon", "lat"], [1, "甲", 119.5, 28]]
        )
        assert read(path, Options(crs="EPSG:4490")).data.geometry.iloc[0].x == 119.5


class TestSkipping:
    def bad(self, tmp_path):
        line = {"type": "LineString", "coordinates": [[119.5, 27.7], [119.6, 27.8]]}
        short = {"type": "LineString", "coordinates": [[119.5, 27.7]]}
        usual = {"status": "existing", "class": "county"}
        return made.geojson(
            tmp_path / "r.geojson",
            made.feature(line, **usual, id="3", speed_kmh=40),
            made.feature(line, **usual, id="b", speed_kmh=-5),
            made.feature(short, **usual, id="c", speed_kmh=40),
            made.feature(line, **usual, id="d", speed_kmh=40),
            made.feature(line, **usual, id="d", speed_kmh=50),
            made.feature(line, **usual, id=None, speed_kmh=50),
            made.feature(line, **{**usual, "class": "motorway"}, id="g", speed_kmh=50),
            made.feature(line, **usual, id="h", speed_kmh=50),
        )

    def test_by_hand(self, folder, tmp_path):
        path = self.bad(tmp_path)
        with pytest.raises(SchemaError):
            bring(folder, path, "roads")
        done = bring(folder, path, "roads", options=Options(skip_bad=True))
        assert load(folder).vector("roads").index.tolist() == ["3", "h"]
        skipped = pd.read_csv(skipped_in(folder / "roads"), dtype=str, keep_default_na=False)
        # Row 3 has no sound shape, and the row of the id "3" is not taken for it.
        assert skipped[["row", "id", "field"]].to_numpy().tolist() == [
            ["2", "b", "speed_kmh"],
            ["3", "c", "geometry"],
            ["4", "d", "id"],
            ["5", "d", "id"],
            ["6", "", "id"],
            ["7", "g", "class"],
        ]
        assert all(made.HAN.search(words) for words in skipped["reason_zh"])
        assert not any(made.HAN.search(words) for words in skipped["reason_en"])
        told = f"6 rows are left out, for the reasons in {skipped_in(folder / 'roads').name}: 2, 3, 4, 5, 6, 7"
        assert told in [words.en for words in done.warnings]
        assert told in [parted(note).en for note in done.source.notes]

    def test_every_one_of_many_is_left_out_and_the_file_goes_with_the_next_import(
        self, folder, tmp_path
    ):
        lines = ["id,level_m,title_zh,title_en"]
        lines += [f"{n},{'x' if n % 3 else n},甲,a" for n in range(1, 301)]
        lines[7] += ",odd"
        path = tmp_path / "l.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        done = bring(folder, path, "lake_levels", options=Options(skip_bad=True))
        assert done.rows == 100
        skipped = pd.read_csv(skipped_in(folder / "lake_levels"))
        assert sorted(set(skipped["row"])) == [n for n in range(1, 301) if n % 3]
        good = tmp_path / "g.csv"
        good.write_text("id,level_m,title_zh,title_en\n1,2,甲,a\n", encoding="utf-8")
        bring(folder, good, "lake_levels")
        assert not list((folder / "lake_levels").glob("skipped*"))

    def test_what_is_wrong_with_the_whole_file_or_with_every_row_is_refused(self, folder, tmp_path):
        path = made.geojson(tmp_path / "r.geojson", made.feature(made.point(119.5, 27.7), id="a"))
        with pytest.raises(SchemaError, match="speed_kmh"):
            bring(folder, path, "roads", options=Options(skip_bad=True))
        rows = [made.feature(None, id="a"), made.feature(None, id="b")]
        for every in (rows, rows[:1]):
            with pytest.raises(SchemaError, match="no shape") as caught:
                bring(
                    folder,
                    made.geojson(tmp_path / "x.geojson", *every),
                    "basic_farmland",
                    fields={"township": "=1"},
                    options=Options(skip_bad=True),
                )
            assert "\x00" not in str(caught.value)
        dem = made.geotiff(tmp_path / "a.tif", np.ones((4, 4), np.float32))
        with pytest.raises(UsageError, match="rasters"):
            bring(folder, dem, "dem", options=Options(skip_bad=True))
        with pytest.raises(UsageError, match="rasters"):
            bring(folder, dem, "dem", options=Options(join="a.csv", on="b"))
