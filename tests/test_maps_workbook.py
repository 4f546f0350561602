"""The workbook and the data dictionary: numbers as the page's, codes as text, never a formula."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime

import pandas as pd
import pytest
from lxml import etree

from geo.words import Text, alike
from layers.intake.xlsx import read_xlsx
from maps import panel
from maps.cards import card
from maps.handoff import dictionary, sheets, workbook
from maps.handoff.sheets import Figure, Head, Sheet
from maps.wording import number
from scenarios.result import Category, Column, Metric, Result, Setting, Table, fields
from tests.made_up import hostile, pages, settings

MAIN = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def parts(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def page(content, title):
    """Give a sheet's XML by the sheet's name."""
    files = parts(content)
    book = etree.fromstring(files["xl/workbook.xml"])
    names = [one.get("name") for one in book.iterfind(".//m:sheet", MAIN)]
    return etree.fromstring(files[f"xl/worksheets/sheet{names.index(title) + 1}.xml"])


def texts(content):
    """Give all words of a workbook as Excel shows them."""
    root = etree.fromstring(parts(content)["xl/sharedStrings.xml"])
    joined = ("".join(one.itertext("{*}t")) for one in root.iterfind("m:si", MAIN))
    return [re.sub(r"_x([0-9A-F]{4})_", lambda m: chr(int(m[1], 16)), one) for one in joined]


@pytest.fixture(scope="module")
def run():
    return pages.run(settings=settings.MADE_UP)


@pytest.fixture(scope="module")
def content(run):
    return workbook.written(run)


@pytest.fixture(scope="module")
def file(content, tmp_path_factory):
    path = tmp_path_factory.mktemp("workbook") / "workbook.xlsx"
    path.write_bytes(content)
    return path


def test_the_same_run_gives_the_same_bytes_dated_by_its_data(run, content):
    assert workbook.written(run) == content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
    assert {one.date_time for one in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert entries[0].filename == "[Content_Types].xml"
    assert b"2026-03-01T00:00:00Z</dcterms:created>" in parts(content)["docProps/core.xml"]


def test_every_subject_has_its_sheet_under_chinese_and_english_heads(run, file):
    named = [
        "概况",
        "关键指标",
        "合规与质量检查",
        "用量与义务",
        "参数",
        "规则依据",
        "数据来源与质量",
    ]
    for title in named:
        assert len(read_xlsx(file, part=title))
    figures = read_xlsx(file, part="关键指标")
    assert list(figures.columns[:3]) == ["指标\nFigure", "情景\nScenario", "现状\nNow"]
    towns = read_xlsx(file, part="各乡镇出行时间")
    assert list(towns.columns) == [
        "乡镇\nTownship",
        "现状（min）\nNow (min)",
        "情景（min）\nThen (min)",
    ]
    assert list(read_xlsx(file, part="参数").iloc[:, 0]) == [one.title.zh for one in run.settings]


def test_figures_are_those_of_the_page(run, file):
    told = read_xlsx(file, part="关键指标")
    for metric, value in zip(run.result.metrics, told["情景\nScenario"], strict=True):
        shown = card(metric)["value"].replace(",", "").replace("−", "-")
        assert pd.isna(value) if shown == "—" else float(value) == float(shown)


def test_numbers_of_tables_are_those_of_page_and_csv_after_rounding(run, file):
    shown = {one["title"][0]: one for one in panel.tables(run)}
    table = next(one for one in run.result.tables if one.id == "towns")
    cells = read_xlsx(file, part=table.title.zh)
    for row, mine in enumerate(cells.itertuples(index=False)):
        for place, column in enumerate(table.columns):
            on_page = shown[table.title.zh]["rows"][row][place]
            exact = table.frame[column.name].iloc[row]
            if column.decimals is None:
                assert mine[place] == (on_page[0] if isinstance(on_page, list) else on_page)
            else:
                assert number(float(mine[place]), column.decimals) == on_page
                assert float(mine[place]) == round(exact, column.decimals)


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [
        (0.125, 2, 0.12),
        (2.675, 2, 2.67),
        (-0.04, 1, 0.0),
        (1234567.891, 1, 1234567.9),
        (1 / 3, None, 0.333333),
        (2035, None, 2035),
    ],
)
def test_a_number_is_rounded_as_the_page_rounds_it(value, decimals, shown):
    figure = Figure(value, decimals)
    assert figure.shown == shown
    assert float(figure.text.replace(",", "").replace("−", "-")) == shown
    assert not str(figure.shown).startswith("-0.0")


def test_numbers_are_numbers_with_their_decimals_and_codes_are_text(run):
    kinds = (Category("0101", Text("水田", "Paddy")), Category("331127002", Text("鹤溪", "Hexi")))
    table = Table(
        "codes",
        Text("代码表", "Codes"),
        pd.DataFrame({"code": ["0101", "331127002", None], "area": [1.005, -2.0, float("nan")]}),
        (
            Column("code", Text("地类", "Class"), categories=kinds),
            Column("area", Text("面积", "Area"), "ha", 2),
        ),
    )
    content = workbook.written(replace(run, result=Result(tables=(table,))))
    root = page(content, "代码表")
    cells = {one.get("r"): one for one in root.iterfind(".//m:c", MAIN)}
    words = texts(content)
    strings = {r: words[int(c.findtext("m:v", "", MAIN))] for r, c in cells.items() if c.get("t")}
    assert [strings[name] for name in ("A2", "B2", "A3", "B3")] == [
        "水田",
        "0101",
        "鹤溪",
        "331127002",
    ]
    assert "A4" not in strings
    assert "C4" in cells
    assert cells["C4"].find("m:v", MAIN) is None
    assert [cells[name].findtext("m:v", "", MAIN) for name in ("C2", "C3")] == ["1", "-2"]
    styles = etree.fromstring(parts(content)["xl/styles.xml"])
    formats = {
        one.get("numFmtId"): one.get("formatCode") for one in styles.iterfind(".//m:numFmt", MAIN)
    }
    looks = styles.find("m:cellXfs", MAIN)
    built_in = {"4": "#,##0.00", "49": "@"}
    asked = {name: looks[int(cells[name].get("s"))].get("numFmtId") for name in ("B2", "C2")}
    assert {name: {**built_in, **formats}[one] for name, one in asked.items()} == {
        "B2": "@",
        "C2": "#,##0.00",
    }


def test_heads_stay_and_sheets_are_set_up_for_paper(content):
    book = etree.fromstring(parts(content)["xl/workbook.xml"])
    titles = [one.text for one in book.iterfind(".//m:definedName", MAIN)]
    for title in [one.get("name") for one in book.iterfind(".//m:sheet", MAIN)]:
        root = page(content, title)
        assert root.find(".//m:pane", MAIN).get("state") == "frozen"
        setup = root.find("m:pageSetup", MAIN)
        assert (setup.get("orientation"), setup.get("fitToHeight")) == ("landscape", "0")
        assert setup.get("paperSize") in {"8", "9"}
        assert f"'{title}'!$1:$1" in titles or f"{title}!$1:$1" in titles


def test_nothing_of_the_data_is_a_formula_or_a_link_and_all_shows_as_itself(run):
    words = hostile.hostile_words()
    bad = hostile.poisoned(run, words)
    count = next(words)
    content = workbook.written(bad)
    files = parts(content)
    for name, part in files.items():
        if name.startswith("xl/worksheets/"):
            root = etree.fromstring(part)
            assert not [e for e in root.iter() if etree.QName(e).localname in {"f", "hyperlink"}]
        assert "TargetMode" not in part.decode("utf-8")
    shown = set(texts(content))
    assert {one.title.zh for one in (*bad.result.metrics, *bad.result.checks)} <= shown
    assert {one.found.zh for one in bad.result.checks} <= shown
    assert {one.title.zh for one in bad.settings} <= shown
    for table in bad.result.tables:
        for name in table.frame.columns[
            table.frame.dtypes.map(lambda kind: kind.kind not in "iuf")
        ]:
            kept = {column.name for column in table.columns}
            assert name not in kept or set(table.frame[name]) <= shown
    assert count
    assert not [one for one in shown if one.startswith("1337")]


@pytest.mark.parametrize(
    "lead", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://x"]
)
def test_what_looks_like_a_formula_or_an_address_is_text(run, lead):
    content = workbook.written(replace(run, title=alike(lead), subtitle=alike(f"\t{lead}")))
    assert lead in texts(content)
    assert b"<f>" not in b"".join(parts(content).values())
    assert not [name for name in parts(content) if "rels" in name and "worksheets" in name]


def test_what_xml_cannot_hold_is_marked_and_escapes_stay_words(run):
    bad = replace(run, title=alike("a\x00b\x0bc\ud800d\uffff_x0041_\r\ne"))
    assert "a\ufffdb\ufffdc\ufffdd\ufffd_x0041_\ne" in [
        one.replace("_x005F_", "_") for one in raw_texts(workbook.written(bad))
    ]


def raw_texts(content):
    root = etree.fromstring(parts(content)["xl/sharedStrings.xml"])
    return ["".join(one.itertext("{*}t")) for one in root.iterfind("m:si", MAIN)]


def test_long_words_are_cut_where_excel_would_refuse_them(run):
    content = workbook.written(replace(run, title=alike("长" * 40_000)))
    longest = max(texts(content), key=len)
    assert (len(longest), longest[-1]) == (32_767, "…")


def test_sheets_have_names_that_excel_takes():
    titles = [
        "a/b:c*d?e[f]\\g",
        "'quoted'",
        "History",
        "甲" * 40,
        "甲" * 40,
        "x",
        "X",
        "",
        "\U0001f6e3" * 20,
    ]
    made = [
        Sheet(f"id{k}", alike(title), (Head(alike("h")),), ()) for k, title in enumerate(titles)
    ]
    names = list(workbook.names(made, "zh"))
    assert names[0] == "a_b_c_d_e_f__g"
    assert names[1] == "quoted"
    assert names[7] == "id7"
    assert len({one.lower() for one in names}) == len(names)
    assert "history" not in {one.lower() for one in names}
    assert all(0 < len(one.encode("utf-16-le")) // 2 <= 31 for one in names)
    assert not [
        one for one in names if set(one) & set("[]:*?/\\") or one[0] == "'" or one[-1] == "'"
    ]


def test_parameters_keep_all_their_decimals_and_lists_are_words():
    span = alike("≥ 0")
    values = {
        "a": "0.00025",
        "b": "50.0",
        "c": "2035",
        "d": '["0101", "0103"]',
        "e": "true",
        "f": "null",
        "g": "[15.0, 30.5]",
        "h": '{"k": 2.5}',
    }
    made = tuple(Setting(k, alike(k), "m", v, "1", span, span) for k, v in values.items())
    rows = {row[-1].zh: row[1] for row in sheets.parameters(pages.run(settings=made)).rows}
    said = {k: v.text if isinstance(v, Figure) else v.zh for k, v in rows.items()}
    assert said == {
        "a": "0.00025",
        "b": "50",
        "c": "2035",
        "d": "0101、0103",
        "e": "是",
        "f": "—",
        "g": "15、30.5",
        "h": "k：2.5",
    }


def test_columns_that_say_nothing_are_left_out():
    one = Metric("m", Text("指标", "Figure"), 1.0, "ha")
    sheet = sheets.figures(pages.run(result=Result(metrics=(one,))))
    assert [head.title.zh for head in sheet.heads] == ["指标", "情景", "单位"]


def test_the_dictionary_tells_every_field_as_it_is_written(run):
    (file,) = dictionary.files(run)
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    for table in run.result.tables:
        named = [row["field"] for row in rows if row["file"] == f"tables/{table.id}.csv"]
        assert named == [one.name for one in fields(table, "zh")]
        assert {column.name for column in table.columns} <= set(named)
    roads = {row["field"]: row for row in rows if row["file"] == "layers.gpkg:roads"}
    assert roads["class"]["codes_zh"].startswith("expressway 高速公路；national 国道")
    assert (roads["speed_kmh"]["unit_zh"], roads["speed_kmh"]["decimals"]) == ("km/h", "0")
    assert roads["class_title"]["field_zh"] == "等级（名称）"


def test_the_dictionary_holds_no_formula(run):
    (file,) = dictionary.files(
        hostile.poisoned(run, (f"={one}" for one in hostile.hostile_words()))
    )
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell[:1] in {"=", "+", "-", "@", "\t"}]
    assert [cell for row in rows for cell in row if cell.startswith("'=")]


def test_the_data_day_is_read_from_words():
    from maps.handoff.packing import day

    assert day("2026-11-24 – 2026-11-26") == datetime(2026, 11, 24)  # noqa: DTZ001 - a day alone
