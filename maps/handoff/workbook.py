"""The run as a workbook: one sheet a subject, numbers as numbers, codes as text, ready to print.

Each column is headed once, Chinese over English; words in cells are in the run's language. Nothing
is ever taken for a formula or an address: words are written as words.
"""

from __future__ import annotations

import io
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter

from geo.words import Lang, Text, alike
from maps.handoff import sheets
from maps.handoff.file import File
from maps.handoff.packing import day, held, repacked
from maps.handoff.report.looks import PLAIN as FONT
from maps.handoff.sheets import Cell, Figure, Head, Sheet
from maps.style import VERDICTS as COLOURS
from maps.wording import HANDED_WORDS, UI, VERDICTS, said
from scenarios.result import Run

NAME = "workbook.xlsx"
TITLE = HANDED_WORDS[NAME]
ABOUT = Text(
    "指标、检查、数据表、参数、来源，各成一表；Excel、WPS 打开",
    "figures, checks, tables, parameters and sources, a sheet each; for Excel and its kin",
)
A3, A4 = 8, 9
WIDE = 150  # characters from which on a sheet is printed on A3
NARROWEST, WIDEST = 9, 46  # characters
MEASURED = 300  # rows that a column's width is measured on
LONGEST = 32_767  # characters of a cell
LINE = {"border": 1, "border_color": "#C4CDD4"}
LINE_HEIGHT, HIGHEST = 14.5, 409.0  # points
MOST_ROWS = 1_048_575  # below the heads
NAME_LENGTH = 31
CLEAN = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
TONES = {
    "pass": COLOURS["pass"],
    "better": COLOURS["pass"],
    "approval": COLOURS["approval"],
    "doubt": COLOURS["approval"],
    **dict.fromkeys(("fail", "over", "breach", "worse"), COLOURS["fail"]),
}
VERDICT = Text("判定", "Verdict")


def files(run: Run) -> Iterator[File]:
    """Give the workbook of a run."""
    yield File(NAME, TITLE, ABOUT, written(run))


def written(run: Run) -> bytes:
    """Write the workbook; the same run gives the same bytes."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, CLEAN)
    heading = held(run.title, run.lang)
    book.set_properties(
        {"title": heading[:255], "author": "", "created": day(run.data_date), "company": ""}
    )
    pens = _Pens(book)
    pages = [one for one in listed(run) if one.rows]
    for name, page in zip(names(pages, run.lang), pages, strict=True):
        _page(book.add_worksheet(name), page, run, pens)
    book.close()
    return repacked(buffer.getvalue())


def listed(run: Run) -> Iterator[Sheet]:
    """Give every sheet of a run in order; the first tells what it is."""
    yield overview(run)
    yield sheets.figures(run)
    yield sheets.checks(run)
    yield sheets.claims(run)
    yield from (sheets.table(one) for one in run.result.tables)
    yield sheets.parameters(run)
    yield sheets.rules(run)
    yield sheets.sources(run)


def overview(run: Run) -> Sheet:
    """Say what the run is, Chinese and English side by side."""
    rounded = Text(
        "数值按所示小数位修约；全精度见 tables/*.csv 与 layers.gpkg",
        "numbers are rounded as shown; full precision stands in tables/*.csv and layers.gpkg",
    )
    lines = (
        (UI["title"], run.title),
        (Text("副标题", "Subtitle"), run.subtitle),
        (UI["question"], run.question),
        *((UI["answer"], sentence) for sentence in run.result.answer),
        (Text("县（市、区）", "County"), run.county_name),
        (Text("数据日期", "Data of"), Text(*said(run.data_date))),
        (UI["quality"], run.quality_words),
        (Text("坐标系", "CRS"), alike(run.crs)),
        (Text("运行编号", "Run"), alike(f"{run.scenario} {run.key[:12]}")),
        (Text("代码版本", "Code"), alike(run.code[:12])),
        (Text("数值", "Numbers"), rounded),
        (Text("效力", "Standing"), UI["statutory"]),
    )
    heads = tuple(
        Head(one)
        for one in (Text("项目", "Item"), Text("中文", "Chinese"), Text("英文", "English"))
    )
    rows = tuple((name, alike(text.zh), alike(text.en)) for name, text in lines if text.zh)
    return Sheet("overview", Text("概况", "Overview"), heads, rows)


def names(pages: Iterable[Sheet], lang: Lang) -> Iterator[str]:
    """Name the sheets as Excel allows: 31 characters, some not among them, each name once."""
    known = {"history"}
    for page in pages:
        text = unicodedata.normalize("NFC", held(page.title, lang))
        plain = re.sub(r"[\[\]:*?/\\\x00-\x1f\x7f]", "_", text).strip("' ") or page.id
        name, count = _cut(plain, NAME_LENGTH), 1
        while name.lower() in known:
            count += 1
            name = f"{_cut(plain, NAME_LENGTH - 5)} ({count})"
        known.add(name.lower())
        yield name


def _cut(text: str, most: int) -> str:
    """Keep the beginning of a text; a character beyond the basic plane counts as two."""
    while len(text.encode("utf-16-le")) > 2 * most:
        text = text[:-1]
    return text.strip("' ") or "_"


class _Pens:
    """The formats of a workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def pen(self, **looks: Any) -> Any:
        """Give the format with these looks."""
        key = tuple(sorted(looks.items()))
        if key not in self._made:
            base = {"font_name": FONT, "font_size": 10.5, "valign": "vcenter"}
            self._made[key] = self._book.add_format({**base, **looks})
        return self._made[key]

    def number(self, figure: Figure) -> Any:
        """Give the format of a number: with its decimals and grouped, or as it comes."""
        digits = figure.decimals
        if digits is None or isinstance(figure.value, int):
            return self.pen(**LINE, align="right")
        decimals = f".{'0' * min(digits, 15)}" if digits > 0 else ""
        return self.pen(**LINE, align="right", num_format=f"#,##0{decimals}")

    def words(self, colour: str = "") -> Any:
        """Give the format of words; `@` keeps a code a text when it is edited."""
        looks = {"font_color": colour, "bold": True} if colour else {}
        return self.pen(**LINE, text_wrap=True, num_format="@", **looks)


def _page(page: Any, sheet: Sheet, run: Run, pens: _Pens) -> None:
    """Write one sheet and set it up for screen and paper."""
    _cells(page, sheet, run, pens)
    wide = widths(sheet, run.lang)
    for place, width in enumerate(wide):
        page.set_column(place, place, width)
    for row, height in enumerate(heights(sheet, wide, run.lang)):
        page.set_row(row, height)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.heads) - 1)
    page.set_landscape()
    page.set_paper(A3 if sum(wide) > WIDE else A4)
    page.set_margins(left=0.6, right=0.6, top=0.9, bottom=0.7)
    page.repeat_rows(0)
    page.fit_to_pages(1, 0)
    page.set_header(f'&L&"{FONT}"&12{_marginal(sheet.title, run)}&R&9{_marginal(run.title, run)}')
    page.set_footer(f'&L&"{FONT}"&9{_marginal(run.quality_words, run)}&R&9&P / &N')


def _cells(page: Any, sheet: Sheet, run: Run, pens: _Pens) -> None:
    """Write the heads and the rows: numbers as numbers, all else as words."""
    for place, head in enumerate(sheet.heads):
        _head(page, place, head.whole, pens)
    tones = {words: TONES.get(key, "") for key, words in VERDICTS.items()}
    verdicts = {k for k, head in enumerate(sheet.heads) if head.title == VERDICT}
    for row, cells in enumerate(sheet.rows[:MOST_ROWS], 1):
        for place, cell in enumerate(cells):
            if isinstance(cell, Figure):
                page.write_number(row, place, cell.shown, pens.number(cell))
            elif cell is None:
                page.write_blank(row, place, None, pens.words())
            else:
                colour = tones.get(cell, "") if place in verdicts else ""
                page.write_string(row, place, _fitting(cell, run.lang), pens.words(colour))


def _marginal(words: Text, run: Run) -> str:
    """Give words for the margin of a page, where `&` begins a command."""
    text = held(words, run.lang).replace("\n", " ")
    return " " + text[:80].replace("&", "&&")


def _head(page: Any, place: int, words: Text, pens: _Pens) -> None:
    looks = {**LINE, "bg_color": "#E3ECEF", "text_wrap": True, "align": "center"}
    pen = pens.pen(**looks, bold=True)
    zh, en = (held(words, "zh")[:LONGEST], held(words, "en")[:LONGEST])
    if zh and en and zh != en:
        both = (pens.pen(bold=True), zh, pens.pen(font_size=8, font_color="#5B6670"), f"\n{en}")
        page.write_rich_string(0, place, *both, pen)
    else:
        page.write_string(0, place, zh or en, pen)


def _fitting(words: Text, lang: Lang) -> str:
    """Give the words of a cell, cut where Excel would not take them."""
    text = held(words, lang)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def widths(sheet: Sheet, lang: Lang) -> list[float]:
    """Give the width of each column in characters; Chinese ones are two wide."""
    found = []
    for place, head in enumerate(sheet.heads):
        told = [_half(head.whole.zh), max((_wide(w) for w in head.whole.en.split()), default=0)]
        told += [_wide(_text(row[place], lang)) for row in sheet.rows[:MEASURED]]
        found.append(float(min(max(NARROWEST, *told) + 2.5, WIDEST)))
    return found


def heights(sheet: Sheet, wide: Sequence[float], lang: Lang) -> Iterator[float]:
    """Give the height of the head and of each row in points, as many lines as its words need."""
    heads = [
        _lines(one.whole.zh, w) + _lines(one.whole.en, w * 1.2)
        for one, w in zip(sheet.heads, wide, strict=True)
    ]
    yield min(LINE_HEIGHT * max(heads) + 4, HIGHEST)
    for cells in sheet.rows:
        told = [(_text(cell, lang), w) for cell, w in zip(cells, wide, strict=True)]
        yield min(LINE_HEIGHT * max(_lines(text, w) for text, w in told) + 3, HIGHEST)


def _lines(words: str, width: float) -> int:
    """Estimate how many lines words take; a blank at each break is reckoned with."""
    return sum(max(math.ceil(_wide(line) / max(width - 2.5, 1.0)), 1) for line in words.split("\n"))


def _text(cell: Cell, lang: Lang) -> str:
    if isinstance(cell, Figure):
        return cell.text
    return "" if cell is None else held(cell, lang)


def _half(words: str) -> int:
    """Give the width of a heading that may break once."""
    return _wide(words) // 2 + 3 if _wide(words) > NARROWEST else _wide(words)


def _wide(words: str) -> int:
    lines: Sequence[str] = words.split("\n")
    return max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in w) for w in lines)
