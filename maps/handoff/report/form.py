"""An office's own Word document in place of the report: its `{{places}}` are filled.

A place may stand in the body, in tables, text boxes, headers and footers, and Word may have split
it over several runs. What stands in a place is data: places within it are never filled.
"""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE as KINDS
from docx.oxml.ns import qn

from geo.words import NO_TEXT, Lang, Text, joined
from maps.handoff.packing import held
from maps.handoff.report import content
from maps.handoff.report.blocks import Block, Setter, Words
from maps.handoff.report.looks import styles
from maps.wording import RefusedError
from scenarios.result import Run

PLACE = re.compile(r"\{\{\s*([^{}]{1,80}?)\s*\}\}")
MOST_BYTES = 300_000_000  # of a form, unpacked
P, T, R, CELL = qn("w:p"), qn("w:t"), qn("w:r"), qn("w:tc")
HOLDS = tuple(qn(f"w:{name}") for name in ("drawing", "pict", "object", "sectPr"))


class FormError(RefusedError):
    """A form that cannot be filled."""


@dataclass(frozen=True)
class _Story:
    """The body, a header or a footer: its element and the part that holds its pictures."""

    element: Any
    part: Any


def filled(run: Run, template: bytes) -> Any:
    """Fill the places of a form.

    Parameters
    ----------
    run
        The run.
    template
        A Word document; places are `{{answer}}`, `{{map}}` …, in English or Chinese.

    Returns
    -------
    docx.Document
        The form with everything in place.

    Raises
    ------
    FormError
        If it is no Word document, or has places that no report knows: all are named.
    """
    document = _opened(template)
    stories = list(_stories(document))
    paragraphs = [(story, one) for story in stories for one in story.element.iter(P)]
    _require_known(paragraph for _, paragraph in paragraphs)
    setters = {id(s): Setter(run.lang, styles(run.lang), s.part, own=False) for s in stories}
    made: dict[str, list[Block]] = {}
    for story, paragraph in paragraphs:
        for name in _names(paragraph):
            if name in content.PARTS and name not in made:
                made[name] = list(content.PARTS[name][1](run))
        _fill(paragraph, run, made, setters[id(story)])
    return document


def _opened(template: bytes) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(template)) as archive:
            size = sum(one.file_size for one in archive.infolist())
        if size <= MOST_BYTES:
            return docx.Document(io.BytesIO(template))
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, AttributeError) as error:
        words = Text(
            "报告模板须为 Word 文档（.docx）", "the report's form must be a Word document (.docx)"
        )
        raise FormError(words) from error
    raise FormError(Text("报告模板过大", "the report's form is too large"))


def _stories(document: Any) -> Iterator[_Story]:
    """Give the body, then each header and footer once."""
    yield _Story(document.element.body, document.part)
    links = document.part.rels.values()
    parts = [one.target_part for one in links if one.reltype in {KINDS.HEADER, KINDS.FOOTER}]
    for part in sorted(parts, key=lambda one: str(one.partname)):
        yield _Story(part.element, part)


def _texts(paragraph: Any) -> list[Any]:
    """Give the text elements of a paragraph, but not those of paragraphs within it."""
    return [one for one in paragraph.iter(T) if next(one.iterancestors(P)) is paragraph]


def _said(paragraph: Any) -> str:
    return "".join(one.text or "" for one in _texts(paragraph))


def _name(written: str) -> str:
    """Give a place's name, whichever language it is written in; nothing for one not known."""
    plain = written.strip().lower()
    return next((one.en for one in content.PLACES if plain in {one.zh, one.en}), "")


def _names(paragraph: Any) -> list[str]:
    return [_name(one) for one in PLACE.findall(_said(paragraph))]


def _require_known(paragraphs: Iterator[Any]) -> None:
    """Refuse places that no report knows, all in one message.

    Raises
    ------
    FormError
        Naming them and those that are known.
    """
    written = (one for paragraph in paragraphs for one in PLACE.findall(_said(paragraph)))
    unknown = list(dict.fromkeys(one for one in written if not _name(one)))
    if unknown:
        known = joined(content.PLACES)
        names = ", ".join("{{" + one + "}}" for one in unknown)
        raise FormError(
            Text(
                f"报告模板中有未知占位符：{names}；可用：{known.zh}（或 {known.en}）",
                f"the report's form has places not known: {names}; known: {known.en}",
            )
        )


def _fill(paragraph: Any, run: Run, made: dict[str, list[Block]], setter: Setter) -> None:
    """Fill the places of one paragraph: a part alone in it takes its place, else it follows."""
    names = _names(paragraph)
    if not names:
        return
    alone = len(names) == 1 and PLACE.fullmatch(_said(paragraph).strip()) is not None
    following: list[Any] = []
    for name in names if alone else dict.fromkeys(names):
        blocks = made.get(name, [])
        if name in content.PARTS and (alone or not _only_words(blocks)):
            following += [e for block in blocks for e in _elements(block, paragraph, setter)]
    lines = content.lines(run)
    texts = _texts(paragraph)
    for match in reversed(list(PLACE.finditer(_said(paragraph)))):
        name = _name(match[1])
        words = lines.get(name) or _one_line(made.get(name, []))
        inside = "" if alone and name in content.PARTS else held(words, run.lang)
        _put(texts, match.span(), inside.replace("\n", " "))
    for element in reversed(following):
        paragraph.addnext(element)
    if alone and names[0] in content.PARTS:
        _removed(paragraph, following)


def _only_words(blocks: Sequence[Block]) -> bool:
    return all(isinstance(one, Words) for one in blocks)


def _one_line(blocks: Sequence[Block]) -> Text:
    """Give a part of words within a line; one of tables or pictures follows it instead."""
    if not blocks or not _only_words(blocks):
        return NO_TEXT
    return joined((one.text for one in blocks if isinstance(one, Words)), "", " ")


def _put(texts: Sequence[Any], span: tuple[int, int], words: str) -> None:
    """Put words in place of a stretch of a paragraph's text, in the run where it begins."""
    start, end = span
    place = 0
    for one in texts:
        text = one.text or ""
        low, high = max(start - place, 0), min(end - place, len(text))
        if low < high:
            one.text = text[:low] + (words if place + low == start else "") + text[high:]
            one.set(qn("xml:space"), "preserve")
        place += len(text)


def _elements(block: Block, paragraph: Any, setter: Setter) -> Iterator[Any]:
    """Give a block's elements; words look as the place in the form does."""
    if not isinstance(block, Words):
        yield from setter.elements(block)
        return
    made = setter.paragraph(NO_TEXT, block.style)
    made.remove(made.pPr)
    if paragraph.pPr is not None:
        looks = copy.deepcopy(paragraph.pPr)
        for section in looks.findall(qn("w:sectPr")):
            looks.remove(section)
        made.insert(0, looks)
    run = setter.run(held(block.text, setter.lang), block.style)
    theirs = next(iter(_texts(paragraph))).getparent().find(qn("w:rPr"))
    run.remove(run.rPr)
    if theirs is not None:
        run.insert(0, _with_chinese(theirs, setter.lang))
    made.append(run)
    yield made


def _with_chinese(looks: Any, lang: Lang) -> Any:
    """Give a run's looks with a font of Chinese words, if they name a Latin one alone."""
    kept = copy.deepcopy(looks)
    fonts = kept.find(qn("w:rFonts"))
    named = {qn("w:eastAsia"), qn("w:eastAsiaTheme")}
    if fonts is not None and not named & set(fonts.attrib):
        fonts.set(qn("w:eastAsia"), styles(lang)["BodyText"].font)
    return kept


def _removed(paragraph: Any, following: Sequence[Any]) -> None:
    """Take an emptied paragraph away, unless Word needs it: as the end of a cell, or for a page."""
    if any(next(paragraph.iter(held_in), None) is not None for held_in in HOLDS):
        return
    parent = paragraph.getparent()
    rest = [one for one in parent if one is not paragraph and one.tag == P]
    last = following[-1] if following else None
    ends = last is None or (last.tag != P and last.getnext() is None)
    if not rest or (parent.tag == CELL and ends):
        if last is not None and ends:
            parent.remove(paragraph)
            last.addnext(paragraph)
        return
    parent.remove(paragraph)
