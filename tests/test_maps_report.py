"""The report in Word: laid out as Chinese offices expect, made of the run's own words and figures."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import docx
import numpy as np
import pandas as pd
import pytest
import shapely
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from lxml import etree
from PIL import Image

from geo.words import Text, alike
from maps.handoff import picture, report, workbook
from maps.handoff.dashes import dashed
from maps.handoff.report import content
from maps.handoff.report.widths import shares
from scenarios.result import Category, Column, Result, Table
from tests.made_up import hostile, land, pages, settings, told

W = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
FIELDS = ("fldSimple", "instrText", "fldChar", "hyperlink", "object", "altChunk", "subDoc")


def written(run, template=b""):
    (file,) = report.files(run, template)
    return file.content


def opened(raw):
    return docx.Document(io.BytesIO(raw))


def parts(raw):
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def lines(raw, *names):
    """Give the words of every paragraph of a document, tables and all."""
    files = parts(raw)
    for name in names or ("word/document.xml",):
        for paragraph in etree.fromstring(files[name]).iter(qn("w:p")):
            marks = {qn("w:t"): None, qn("w:br"): "\n", qn("w:tab"): "\t"}
            inside = (
                one
                for one in paragraph.iter(*marks)
                if next(one.iterancestors(qn("w:p"))) is paragraph
            )
            yield "".join(
                one.text or "" if one.tag == qn("w:t") else marks[one.tag] for one in inside
            )


@pytest.fixture(scope="module")
def run():
    method = Text(
        "方法：最短时间。\n\n局限：不计拥堵。", "What.\n\nMethod: least `time`.\n\nLimits: no jams."
    )
    return pages.run(settings=settings.MADE_UP, method=method)


@pytest.fixture(scope="module")
def light(run):
    """The same without maps, which take their time."""
    return replace(run, result=replace(run.result, layers=()))


@pytest.fixture(scope="module")
def drawn(run):
    return list(picture.pictures(run))


@pytest.fixture(scope="module")
def raw(run):
    return written(run)


def test_the_same_run_gives_the_same_bytes_dated_by_its_data(run, raw):
    assert written(run) == raw
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    facts = opened(raw).core_properties
    assert {facts.created.isoformat()[:10], facts.modified.isoformat()[:10]} == {"2026-03-01"}
    assert (facts.title, facts.author, facts.last_modified_by) == (run.title.zh, "", "")


def test_the_page_is_that_of_an_office(raw):
    document = opened(raw)
    section = document.sections[0]
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(one.mm) for one in (section.page_width, section.page_height, *sides)] == [
        210,
        297,
        37,
        35,
        28,
        26,
    ]
    styles = {one.style_id: one for one in document.styles}
    assert styles["BodyText"].font.size == Pt(16)
    assert styles["BodyText"].paragraph_format.line_spacing == Pt(28)
    assert abs(styles["Title"].font.size - Pt(22)) == 0
    assert abs(section.left_margin - Mm(28)) < 1000
    fonts = {
        k: styles[k].element.find(".//w:rFonts", W).get(qn("w:eastAsia"))
        for k in ("Title", "BodyText", "Heading1", "Heading2")
    }
    assert list(fonts.values()) == ["方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"]
    instead = etree.fromstring(parts(raw)["word/fontTable.xml"])
    named = {one.get(qn("w:name")): one.find("w:altName", W) for one in instead}
    assert all(named[font].get(qn("w:val")) for font in fonts.values())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_run_and_style_names_its_chinese_font(raw, light, lang):
    files = parts(raw if lang == "zh" else written(replace(light, lang=lang)))
    counted = 0
    for name, part in files.items():
        if not re.match(r"word/(document|styles|footer\d+|header\d+)\.xml", name):
            continue
        root = etree.fromstring(part)
        holders = root.iter(qn("w:style")) if "styles" in name else root.iter(qn("w:r"))
        for one in holders:
            if one.get(qn("w:type")) in {None, "paragraph"}:
                counted += 1
                fonts = one.find("w:rPr/w:rFonts", W)
                assert fonts is not None, etree.tostring(one)[:200]
                assert fonts.get(qn("w:eastAsia"))
    assert counted > 100


def test_pages_are_numbered_on_their_outer_side(raw):
    section = opened(raw).sections[0]
    for footer, align in ((section.footer, 2), (section.even_page_footer, 0)):
        paragraph = footer.paragraphs[0]
        assert paragraph.alignment == align
        assert [one.get(qn("w:instr")) for one in paragraph._p.iter(qn("w:fldSimple"))] == ["PAGE"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_says_all_that_the_run_says(light, lang):
    place = 0 if lang == "zh" else 1
    said = [one.replace("\u00a0", " ") for one in lines(written(replace(light, lang=lang)))]

    def both(words):
        return (words.zh, words.en)[place]

    run, result = light, light.result
    assert {both(one) for one in (run.title, run.question, *result.answer)} <= set(said)
    for one in (*result.metrics, *result.checks, *run.settings, *run.sources):
        assert both(one.title) in said
    for one in result.checks:
        assert {both(one.found), both(one.allowed)} <= set(said)
    assert both(Text("JTG B01-2014 第 4.0.20 条", "JTG B01-2014 clause 4.0.20")) in said
    assert both(Text("未核实", "unverified")) in said
    assert both(Text("不计拥堵。", "No jams.")) in said
    assert both(Text("最短时间。", "Least time.")) in said
    heads = [
        both(content.heading(k, content.PARTS[name][0]))
        for k, name in enumerate((one for one in content.PARTS if one != "map"), 1)
    ]
    assert [one for one in said if one in heads] == heads


def test_maps_hold_no_word_and_their_legend_stands_in_the_text(drawn, raw):
    files = parts(raw)
    made = drawn
    assert [one.side for one in made] == ["before", "after", "difference"]
    assert sorted(files[name] for name in files if "media" in name) == sorted(
        one.png for one in made
    )
    said = list(lines(raw))
    for number, one in enumerate(made, 1):
        image = Image.open(io.BytesIO(one.png))
        assert image.size == (one.width, one.height)
        assert len(image.getcolors(256)) > 20
        assert not image.info
        assert [
            line
            for line in said
            if line.startswith(f"图 {number}") and f"{one.bar_km:g} km" in line
        ]
        assert all(any(key.title.zh in line for line in said) for key in one.legend)
    drawings = etree.fromstring(files["word/document.xml"]).iter("{*}docPr")
    assert all(one.get("descr").startswith("图 ") for one in drawings)


def test_a_scale_bar_is_as_long_as_it_is_told_to_be(run, drawn):
    one = drawn[0]
    pixels = np.asarray(Image.open(io.BytesIO(one.png)).convert("RGB")).astype(int)
    low = pixels[-40:, : one.width // 2].sum(axis=2)
    row = low[(low < 250).sum(axis=1).argmax()]
    dark = np.flatnonzero(row < 250)
    west, _, east, _ = picture.extent(run)
    metres = (east - west) / one.width
    assert dark[-1] - dark[0] == pytest.approx(one.bar_km * 1000 / metres, abs=4)


def test_the_change_is_drawn_over_muted_land():
    run = land.run(32, 32)
    shown = {one.side: one for one in picture.pictures(run)}
    titles = {key.title.zh for key in shown["difference"].legend}
    assert {"调入", "调出", "不变"} <= titles
    assert "水田" not in titles
    assert {"水田", "果园"} <= {key.title.zh for key in shown["before"].legend}


def test_a_hole_stays_open_and_dashes_have_their_lengths():
    sheet = picture._Sheet((0.0, 0.0, 100.0, 60.0))
    ring = [(10, 10), (90, 10), (90, 50), (10, 50)]
    polygon = shapely.Polygon(ring, [[(40, 20), (60, 20), (60, 40), (40, 40)]])
    picture._fill(sheet.image, sheet, polygon, (200, 0, 0))
    colours = [
        sheet.image.getpixel(tuple(map(int, sheet.pixels([at])[0])))
        for at in ((20, 30), (50, 30), (5, 30))
    ]
    assert colours == [(200, 0, 0), (255, 255, 255), (255, 255, 255)]
    line = np.array([[0.0, 0.0], [6.0, 0.0], [6.0, 8.0]])
    pieces = list(dashed(line, "4 3", 1.0))
    lengths = [float(np.hypot(*np.diff(piece, axis=0).T).sum()) for piece in pieces]
    assert lengths == pytest.approx([4.0, 4.0])


def test_columns_keep_numbers_whole_and_share_the_rest():
    rows = [["判定", "检查项", "面积（m²）"], ["达标", "很长的说明" * 20, "151,387,033.25"]]
    widths = shares(rows, 8845, room=84)
    assert abs(sum(widths) - 8845) <= 2
    per = 8845 / 84
    assert widths[2] >= len(rows[1][2]) * per
    assert widths[0] >= 4 * per
    assert widths[1] > widths[2]


def test_a_long_table_shows_its_beginning_and_says_where_the_rest_is(light):
    frame = pd.DataFrame({"k": range(2050)})
    table = Table("long", Text("长表", "Long"), frame, (Column("k", Text("序号", "No.")),))
    said = list(lines(written(replace(light, result=Result(tables=(table,))))))
    assert "仅列前 12 行，共 2,050 行；全表见 workbook.xlsx。" in said
    assert "11" in said
    assert "12" not in said


def test_bars_by_code_keep_their_figures(light):
    ways = (Category("tea", Text("茶园", "Tea")), Category("dry", Text("旱地", "Dry field")))
    columns = (
        Column("way", Text("地类", "Class"), categories=ways),
        Column("area_ha", Text("面积", "Area"), "ha", 2),
        Column("parcels", Text("地块数", "Parcels"), "count", 0),
    )
    frame = pd.DataFrame({"way": ["tea", "dry"], "area_ha": [50.75, 44.66], "parcels": [380, 306]})
    table = Table("ways", Text("地类变化", "Changes"), frame, columns, "bars")
    said = list(lines(written(replace(light, result=Result(tables=(table,))))))
    assert {"茶园", "50.75", "旱地", "44.66"} <= set(said)
    assert not {"tea", "380", "地块数"} & set(said)


def test_an_empty_result_still_gives_a_report(run):
    said = list(lines(written(replace(run, result=Result()))))
    assert run.question.zh in said
    assert "一、规划问题" in said
    assert not [one for one in said if "图件" in one and "、" in one[:3]]


def test_nothing_of_the_data_is_a_field_or_a_link_and_all_shows_as_itself(run):
    bad = hostile.poisoned(replace(run, subtitle=run.title), hostile.hostile_words())
    raw = written(bad)
    for name, part in parts(raw).items():
        if name.endswith(".xml") and "footer" not in name:
            tags = {
                etree.QName(one).localname
                for one in etree.fromstring(part).iter()
                if isinstance(one.tag, str)
            }
            assert not tags & set(FIELDS)
        assert b'TargetMode="External"' not in part
    said = set(lines(raw))
    result = bad.result
    whole = [bad.title, bad.subtitle, bad.question, *result.answer]
    whole += [one.title for one in (*result.metrics, *result.checks, *bad.settings, *bad.sources)]
    whole += [text for one in result.checks for text in (one.found, one.allowed)]
    assert {one.zh for one in whole} <= said
    assert not [one for one in said if one.startswith("1337")]


def test_what_xml_cannot_hold_is_marked(light):
    raw = written(replace(light, question=alike("a\x00b\ud800c\x0b\td\ne")))
    assert "a\ufffdb\ufffdc\ufffd\td\ne" in list(lines(raw))


def test_a_number_that_is_in_no_figure_is_found():
    run = pages.run()
    assert told.untold(run) == ["8.2"]  # what is missing to the target stands in no figure
    assert told.untold(replace(run, result=replace(run.result, answer=run.result.answer[:1]))) == []
    spoken = Text("由 29.8 分钟降至 24.3 分钟，县道 X103 改 77,777 处", "29.8 to 24.31")
    assert told.untold(replace(run, result=replace(run.result, answer=(spoken,)))) == [
        "77,777",
        "24.31",
    ]


@pytest.mark.skipif(shutil.which("soffice") is None, reason="no LibreOffice here")
@pytest.mark.prove
def test_libreoffice_opens_report_and_workbook(run, raw, tmp_path):
    (tmp_path / "report.docx").write_bytes(raw)
    (tmp_path / "workbook.xlsx").write_bytes(workbook.written(run))
    for name in ("report.docx", "workbook.xlsx"):
        command = [
            "soffice",
            f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
            "--headless",
        ]
        command += ["--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / name)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        assert (tmp_path / name).with_suffix(".pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.prove
def test_four_thousand_words_are_no_formula_no_field_and_no_link(run, figures):
    words = hostile.hostile_words()
    spent = 0
    while spent < 4_000:
        bad = hostile.poisoned(run, words)
        spent = int(next(words).rpartition("·")[0].rpartition("·")[2])
        raw = written(bad)
        assert {one.found.zh for one in bad.result.checks} <= set(lines(raw))
        for name, part in [*parts(raw).items(), *parts(workbook.written(bad)).items()]:
            assert b"TargetMode" not in part
            if name.endswith(".xml") and "footer" not in name:
                tags = {etree.QName(one).localname for one in etree.fromstring(part).iter("{*}*")}
                assert not tags & {*FIELDS, "f"}
    figures(f"words through report and workbook: {spent:,}, none runs, none is a link")
