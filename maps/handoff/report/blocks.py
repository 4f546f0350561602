"""What a report is made of, and how each piece stands in Word's XML."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm

from geo.words import NO_TEXT, Lang, Text, joined
from maps.handoff.packing import held
from maps.handoff.picture import Key, Picture
from maps.handoff.report.looks import WIDTH_MM, Style, paragraph_looks, run_looks, twips
from maps.handoff.report.widths import shares
from maps.handoff.sheets import Cell, Figure, Sheet

SMALL = 18  # half points, in tables of many columns
MANY = 6
MARKS: Mapping[str, str] = {"line": "━", "point": "●"}
LINE = 'w:val="single" w:sz="4" w:space="0" w:color="8A949D"'
SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
BORDERS = f"<w:tblBorders>{''.join(f'<w:{side} {LINE}/>' for side in SIDES)}</w:tblBorders>"
ROOMY = 84  # Latin characters of a table's usual size across the page
ACROSS, SEVERAL, MANY_KEYS = 4, 6, 20  # legends of more than several things stand in columns
TALLEST_MM, LOWER_MM = 150, 122  # of a picture; where its legend is long


@dataclass(frozen=True)
class Words:
    """A paragraph in one of the styles."""

    text: Text
    style: str = "BodyText"
    colour: str = ""


@dataclass(frozen=True)
class Rows:
    """A sheet as a table under its caption; `note` tells of what is left out."""

    sheet: Sheet
    caption: Text
    note: Text | None = None


@dataclass(frozen=True)
class Drawing:
    """A picture with its legend over its caption."""

    picture: Picture
    caption: Text


Block = Words | Rows | Drawing


@dataclass(frozen=True)
class Setter:
    """Puts blocks into the XML of one part of a document.

    Parameters
    ----------
    lang
        The language of the words.
    styles
        The looks of each style.
    part
        The part that holds the pictures: the document, or one of its headers and footers.
    own
        Whether the document has the styles; another one gets their looks beside each paragraph.
    """

    lang: Lang
    styles: Mapping[str, Style]
    part: Any
    own: bool = True

    def elements(self, block: Block) -> Iterator[Any]:
        """Give the elements of a block in order."""
        if isinstance(block, Words):
            yield self.paragraph(block.text, block.style, block.colour)
        elif isinstance(block, Rows):
            yield self.paragraph(block.caption, "Caption")
            yield self.table(block.sheet)
            note = block.note or Text("", "")
            yield self.paragraph(note, "Note")
        else:
            yield self.picture(block)
            yield from self.legend(block.picture.legend)
            yield self.paragraph(block.caption, "Caption", kept=False)

    def paragraph(
        self, words: Text | str, style: str, colour: str = "", *, size: int = 0, kept: bool = True
    ) -> Any:
        """Give a paragraph with one run."""
        made = _element("p", self._looks(self.styles[style], kept=kept))
        if text := held(words, self.lang):
            made.append(self.run(text, style, colour, size=size))
        return made

    def run(self, text: str, style: str, colour: str = "", *, size: int = 0) -> Any:
        """Give a run; its fonts are always named, that of Chinese words among them."""
        inside = run_looks(self.styles[style], colour=colour, size=size, whole=not self.own)
        made = _element("r", f"<w:rPr>{inside}</w:rPr>")
        made.text = text  # python-docx turns tabs and line ends into their elements
        return made

    def _looks(self, style: Style, *, kept: bool) -> str:
        let_go = "" if kept or not style.kept else '<w:keepNext w:val="0"/>'
        if self.own:
            return f'<w:pPr><w:pStyle w:val="{style.id}"/>{let_go}</w:pPr>'
        looks = paragraph_looks(style)
        return f"<w:pPr>{looks if kept else looks.replace('<w:keepNext/>', '')}</w:pPr>"

    def table(self, sheet: Sheet) -> Any:
        """Give a table with a head that is repeated on each page."""
        size = SMALL if len(sheet.heads) > MANY else 0
        words = [[_text(c, self.lang) for c in row] for row in _told(sheet)]
        usual = self.styles["Cell"].size
        wide = shares(words, twips(WIDTH_MM), room=ROOMY * usual / (size or usual))
        grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in wide)
        made = _element(
            "tbl",
            '<w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:jc w:val="center"/>'
            f'{BORDERS}<w:tblLayout w:type="fixed"/><w:tblCellMar>'
            '<w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
            f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>",
        )
        head = _element("tr", "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>")
        for one, w in zip(sheet.heads, wide, strict=True):
            words = self.paragraph(one.whole, "CellHead", size=size)
            head.append(_cell(w, words, '<w:shd w:val="clear" w:color="auto" w:fill="E3ECEF"/>'))
        made.append(head)
        for row in sheet.rows:
            line = _element("tr", "<w:trPr><w:cantSplit/></w:trPr>")
            for cell, one, w in zip(row, sheet.heads, wide, strict=True):
                numeric = isinstance(cell, Figure) or (one.numeric and cell is None)
                style = "CellNumber" if numeric else "Cell"
                line.append(_cell(w, self.paragraph(_text(cell, self.lang), style, size=size)))
            made.append(line)
        return made

    def picture(self, block: Drawing) -> Any:
        """Give a picture in a paragraph of its own, as wide as the text at most."""
        one = block.picture
        tallest = TALLEST_MM if len(one.legend) <= MANY_KEYS else LOWER_MM
        width = min(WIDTH_MM, tallest * one.width / one.height)
        inline = self.part.new_pic_inline(io.BytesIO(one.png), width=Mm(width), height=None)
        inline.docPr.set("descr", held(block.caption, self.lang))
        made = self.paragraph("", "Picture")
        run = self.run("", "Picture")
        drawing = _element("drawing", "")
        drawing.append(inline)
        run.append(drawing)
        made.append(run)
        return made

    def legend(self, keys: Sequence[Key]) -> Iterator[Any]:
        """Give a legend as words after coloured marks: a paragraph a layer, one for the others."""
        groups: dict[Text, list[Key]] = {}
        for key in keys:
            groups.setdefault(key.group, []).append(key)
        for group, members in groups.items():
            made = self.paragraph("", "Key")
            if group != NO_TEXT:
                end = Text("：", ": ")
                made.append(self.run(held(joined([group, end], "", ""), self.lang), "Key"))
            if len(members) > SEVERAL:
                yield made
                yield self._columns(members)
                continue
            for place, key in enumerate(members):
                made.append(self.run(("　" if self.lang == "zh" else "   ") * bool(place), "Key"))
                made.extend(self._key(key))
            yield made

    def _key(self, key: Key) -> list[Any]:
        words = self.run(f" {held(key.title, self.lang)}", "Key")
        return [*(self._mark(key.mark, colour) for colour in key.colours), words]

    def _columns(self, keys: Sequence[Key]) -> Any:
        """Give many things of one layer in columns."""
        w = twips(WIDTH_MM) // ACROSS
        grid = f'<w:gridCol w:w="{w}"/>' * ACROSS
        made = _element(
            "tbl",
            '<w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblLayout w:type="fixed"/></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>",
        )
        for start in range(0, len(keys), ACROSS):
            line = _element("tr", "<w:trPr><w:cantSplit/></w:trPr>")
            for place in range(start, start + ACROSS):
                words = self.paragraph("", "Key")
                words.extend(self._key(keys[place]) if place < len(keys) else [])
                line.append(_cell(w, words))
            made.append(line)
        return made

    def _mark(self, mark: str, colour: str) -> Any:
        """Give a coloured mark; that of an area has an edge, so that a pale one is seen."""
        if mark != "area":
            return self.run(MARKS[mark], "Key", colour)
        looks = run_looks(self.styles["Key"], whole=not self.own)
        looks += '<w:bdr w:val="single" w:sz="4" w:space="0" w:color="6B7885"/>'
        looks += f'<w:shd w:val="clear" w:color="auto" w:fill="{colour.lstrip("#")}"/>'
        return _element("r", f"<w:rPr>{looks}</w:rPr><w:t>　</w:t>")


def _element(tag: str, inside: str) -> Any:
    return parse_xml(f"<w:{tag} {nsdecls('w')}>{inside}</w:{tag}>")


def _cell(width: int, words: Any, looks: str = "") -> Any:
    middle = '<w:vAlign w:val="center"/>'
    made = _element("tc", f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{looks}{middle}</w:tcPr>')
    made.append(words)
    return made


def _text(cell: Cell, lang: Lang) -> str:
    if isinstance(cell, Figure):
        return cell.text
    return "—" if cell is None else held(cell, lang)


def _told(sheet: Sheet) -> Iterator[tuple[Cell, ...]]:
    yield tuple(head.whole for head in sheet.heads)
    yield from sheet.rows
