"""A report written whole, or into an office's own form."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt

from geo.words import Text, joined
from maps.handoff.file import File
from maps.handoff.packing import day, held, repacked
from maps.handoff.report import content, form
from maps.handoff.report.blocks import Block, Rows, Setter, Words
from maps.handoff.report.looks import blank, styles
from maps.wording import HANDED_WORDS
from scenarios.result import Run

NAME = "report.docx"
TITLE = HANDED_WORDS[NAME]
ABOUT = Text(
    "报告：问题、结论、图件、检查、数据表、参数、来源与局限；Word、WPS 打开",
    "the report: question, answer, maps, checks, tables, parameters, sources, limits; for Word",
)
DASH = "—"


def files(run: Run, template: bytes = b"") -> Iterator[File]:
    """Give the report of a run, in an office's own form where one is given.

    Raises
    ------
    FormError
        If the form is no Word document, or has places that no report knows.
    """
    document = form.filled(run, template) if template else written(run)
    _stamp(document, run)
    buffer = io.BytesIO()
    document.save(buffer)
    yield File(NAME, TITLE, ABOUT, repacked(buffer.getvalue()))


def written(run: Run) -> Any:
    """Write the report as offices expect it, in the run's language."""
    document = docx.Document(io.BytesIO(blank(run.lang)))
    setter = Setter(run.lang, styles(run.lang), document.part)
    body = document.element.body
    for block in _blocks(run):
        for element in setter.elements(block):
            body.insert(len(body) - 1, element)  # the last one is the page's set-up
    _numbered(document, setter)
    document.core_properties.title = held(run.title, run.lang)[:255]
    return document


def _blocks(run: Run) -> Iterator[Block]:
    """Give title, then each part that says something under its numbered heading."""
    facts = content.lines(run)
    yield Words(run.title, "Title")
    if run.subtitle.zh:
        yield Words(run.subtitle, "Subtitle")
    dated = Text(f"数据日期 {facts['date'].zh}", f"data of {facts['date'].en}")
    yield Words(joined([run.county_name, dated], "　", " · "), "Subtitle")
    place = tables = 0
    for title, write in content.PARTS.values():
        blocks = list(write(run))
        if not blocks:
            continue
        place += 1
        yield Words(content.heading(place, title), "Heading1")
        for block in blocks:
            if isinstance(block, Rows):
                tables += 1
                yield content.counted(block, tables)
            else:
                yield block


def _numbered(document: Any, setter: Setter) -> None:
    """Give pages their numbers as GB/T 9704 asks: — 1 —, on the right, on even ones the left."""
    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    sides = (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    )
    for footer, align in sides:
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = align
        room = paragraph.paragraph_format
        one = Pt(14)  # one character from the edge
        room.right_indent, room.left_indent = (
            (one, None) if align == WD_ALIGN_PARAGRAPH.RIGHT else (None, one)
        )
        field = parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"/>')
        field.append(setter.run("1", "Footer"))
        parts = (setter.run(f"{DASH} ", "Footer"), field, setter.run(f" {DASH}", "Footer"))
        for part in parts:
            paragraph._p.append(part)  # noqa: SLF001 - python-docx has no other way to its element


def _stamp(document: Any, run: Run) -> None:
    """Date a document by its data, so that the same run gives the same bytes."""
    facts = document.core_properties
    facts.created = facts.modified = day(run.data_date)
    facts.author = facts.author if facts.author != "python-docx" else ""
    facts.last_modified_by, facts.revision = "", 1
