"""An office's own Word form: its places are filled wherever they stand, and none unknown passes."""

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt

from geo.words import Text, alike
from maps import __main__ as maps_command
from maps.handoff import report
from maps.handoff.report import content
from maps.handoff.report.form import FormError
from scenarios.result import HANDED
from tests.made_up import hostile, pages, settings


def form(*paragraphs):
    """Give a new document with paragraphs; a list of texts is one paragraph of several runs."""
    document = docx.Document()
    for one in paragraphs:
        paragraph = document.add_paragraph()
        for text in [one] if isinstance(one, str) else one:
            paragraph.add_run(text)
    return document


def saved(document):
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def filled(run, document):
    (file,) = report.files(run, saved(document))
    return docx.Document(io.BytesIO(file.content))


def texts(document):
    """Give the words of all paragraphs, those of tables too."""
    return [
        "".join(t.text or "" for t in one.iter(qn("w:t")))
        for one in document.element.body.iter(qn("w:p"))
    ]


@pytest.fixture(scope="module")
def run():
    made = pages.run(
        settings=settings.MADE_UP, method=Text("方法：甲。\n\n局限：乙。", "Method: a.")
    )
    return replace(made, result=replace(made.result, layers=()))


@pytest.fixture(scope="module")
def mapped():
    made = pages.run()
    kept = tuple(one for one in made.result.layers if one.id in {"outline", "roads"})
    return replace(made, result=replace(made.result, layers=kept))


def test_a_place_within_a_line_keeps_its_looks(run):
    document = docx.Document()
    paragraph = document.add_paragraph("关于")
    place = paragraph.add_run("{{title}}")
    place.bold, place.font.size = True, Pt(20)
    paragraph.add_run("的报告")
    made = filled(run, document)
    runs = made.paragraphs[0].runs
    assert [one.text for one in runs] == ["关于", run.title.zh, "的报告"]
    assert (runs[1].bold, runs[1].font.size) == (True, Pt(20))


@pytest.mark.parametrize(
    "pieces",
    [
        ["{", "{", "ti", "tle", "}", "}"],
        ["前{{", "title", "}}后"],
        ["前", "{{ title }}", "后"],
        ["{{", "标", "题", "}}"],
        ["前{{title}}，{{county}}后{", "{date}}"],
    ],
)
def test_a_place_that_word_has_split_is_filled(run, pieces):
    whole = "".join(pieces)
    facts = {
        "title": run.title.zh,
        "标题": run.title.zh,
        "county": run.county_name.zh,
        "date": "2026-03",
    }
    expected = re.sub(r"\{\{\s*(\S+?)\s*\}\}", lambda m: facts[m[1]], whole)
    assert texts(filled(run, form(pieces)))[0] == expected


def test_parts_stand_in_their_place_and_order(run):
    made = texts(filled(run, form("前", "{{answer}}", "中", "{{checks}}", "{{局限}}", "后")))
    first = [one.replace("\u00a0", " ") for one in made]
    sentences = [one.zh for one in run.result.answer]
    assert first[: 2 + len(sentences)] == ["前", *sentences, "中"]
    assert "JTG B01-2014 第 3.5.1 条" in made
    assert made.index("乙。") > made.index("JTG B01-2014 第 3.5.1 条")
    assert made[-1] == "后"


def test_every_place_that_is_told_of_is_known(mapped):
    run = replace(mapped, settings=settings.MADE_UP)
    names = [name for one in content.PLACES for name in (one.zh, one.en)]
    made = texts(filled(run, form(*("{{" + one + "}}" for one in names))))
    assert not [one for one in made if "{{" in one]
    assert {*content.PARTS, *content.lines(run)} == {one.en for one in content.PLACES}


def test_tables_headers_footers_and_cells_are_filled(mapped):
    document = docx.Document()
    table = document.add_table(1, 2)
    table.cell(0, 0).text = "{{map}}"
    table.cell(0, 1).text = "{{question}}"
    section = document.sections[0]
    section.header.paragraphs[0].text = "{{county}} {{map}}"
    section.footer.paragraphs[0].text = "{{run}}"
    made = filled(mapped, document)
    cell = made.tables[0].cell(0, 0)
    assert len(list(cell._tc.iter(qn("w:drawing")))) == 1
    assert cell._tc[-1].tag == qn("w:p")
    assert made.tables[0].cell(0, 1).text == mapped.question.zh
    head = made.sections[0].header
    assert head.paragraphs[0].text == f"{mapped.county_name.zh} "
    blip = next(head._element.iter(qn("a:blip")))
    assert head.part.related_parts[blip.get(qn("r:embed"))].blob.startswith(b"\x89PNG")
    assert made.sections[0].footer.paragraphs[0].text == f"access {mapped.key[:12]}"


def test_a_table_in_a_cell_leaves_it_whole(run):
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "{{checks}}"
    made = filled(run, document)
    cell = made.tables[0].cell(0, 0)
    assert cell.tables
    assert cell._tc[-1].tag == qn("w:p")


def test_a_section_break_stays_where_it_was(run):
    document = form("{{answer}}")
    document.add_section()
    document.paragraphs[0]._p.get_or_add_pPr().append(document.sections[0]._sectPr)
    before = len(document.sections)
    made = filled(run, document)
    assert len(made.sections) == before
    assert run.result.answer[0].zh.split(" ")[0] in "".join(texts(made))


def test_all_unknown_places_are_named_at_once(run):
    document = form("{{answr}} {{title}}", ["{{m", "aps}}"])
    document.sections[0].header.paragraphs[0].text = "{{其他}}"
    document.add_table(1, 1).cell(0, 0).text = "{{answr}}"
    with pytest.raises(FormError) as refused:
        filled(run, document)
    for words in (refused.value.message.zh, refused.value.message.en):
        assert all(words.count("{{" + one + "}}") == 1 for one in ("answr", "maps", "其他"))
        assert "answer" in words
        assert "{{title}}" not in words
    assert "结论" in refused.value.message.zh


@pytest.mark.parametrize("raw", [b"", b"PK", b"x" * 100])
def test_what_is_no_word_document_is_refused(run, raw):
    if not raw:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.txt", "a")
        raw = buffer.getvalue()
    with pytest.raises(FormError):
        list(report.files(run, raw))


def test_words_of_the_data_are_never_taken_for_places(run):
    bad = replace(run, title=alike("{{answer}} {{nothing}}"), question=alike("{{title}}"))
    made = texts(filled(bad, form("{{title}}", "x {{question}} y", "{{question}}")))
    assert made[:3] == ["{{answer}} {{nothing}}", "x {{title}} y", "{{title}}"]


def test_hostile_words_show_as_themselves_in_a_form(run):
    bad = hostile.poisoned(run, hostile.hostile_words())
    made = filled(
        bad, form("{{title}}", "{{answer}}", "{{checks}}", "{{parameters}}", "{{sources}}")
    )
    said = set(texts(made))
    whole = [
        bad.title,
        *bad.result.answer,
        *(one.title for one in (*bad.result.checks, *bad.sources)),
    ]
    assert {one.zh for one in whole} <= said
    tags = {one.tag for one in made.element.body.iter() if isinstance(one.tag, str)}
    assert not tags & {qn("w:fldSimple"), qn("w:instrText"), qn("w:hyperlink")}


def test_tables_in_a_form_bring_their_looks_and_chinese_fonts(run):
    made = filled(run, form("{{checks}}"))
    runs = list(made.tables[0]._tbl.iter(qn("w:r")))
    assert runs
    assert all(one.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:eastAsia")) for one in runs)
    assert all(one.find(qn("w:rPr")).find(qn("w:sz")) is not None for one in runs)


def test_the_same_form_gives_the_same_bytes(run):
    raw = saved(form("{{title}}", "{{checks}}"))
    made = [next(iter(report.files(run, raw))).content for _ in range(2)]
    assert made[0] == made[1]


def test_the_command_refuses_what_does_not_go_together(tmp_path, capsys):
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    for more in (["-o", "x.html"], ["--section", "all"]):
        command = [str(tmp_path), "--report-template", "own.docx", *more, "--lang", "en"]
        assert maps_command.main(command) == 2
        assert "--report-template goes with neither" in capsys.readouterr().err
    missing = [str(tmp_path), "--report-template", str(tmp_path / "none.docx"), "--lang", "en"]
    assert maps_command.main(missing) == 3
    assert "none.docx: the report's form cannot be read" in capsys.readouterr().err
    assert {"report.docx", "workbook.xlsx", "dictionary.csv"} <= set(HANDED)


def test_words_in_a_form_look_as_their_place_does(run):
    document = docx.Document()
    place = document.add_paragraph(style="Quote").add_run("{{answer}}")
    place.font.name, place.font.size = "Arial", Pt(9)
    document.add_paragraph("{{limits}}")
    made = filled(run, document)
    for one in made.paragraphs[: len(run.result.answer)]:
        assert (one.style.name, one.runs[0].font.name, one.runs[0].font.size) == (
            "Quote",
            "Arial",
            Pt(9),
        )
        fonts = one.runs[0]._r.find(qn("w:rPr")).find(qn("w:rFonts"))
        assert fonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    last = made.paragraphs[-1]
    assert (last.style.name, last.runs[0].font.size) == ("Normal", None)
