"""The data dictionary: every field of every file of the run, with its words, unit and codes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from geo.words import NO_TEXT, Text, unit_words
from maps.handoff.file import File
from maps.handoff.packing import held
from maps.wording import HANDED_WORDS
from scenarios.result import Field, Layer, Run, Table, coded, fields

NAME = "dictionary.csv"
TITLE = HANDED_WORDS[NAME]
ABOUT = Text(
    "各数据文件的字段：名称、单位、类型、代码含义",
    "the fields of each data file: what they mean, units, kinds, codes",
)
HEADS = (
    "file",
    "title_zh",
    "title_en",
    "field",
    "field_zh",
    "field_en",
    "unit_zh",
    "unit_en",
    "kind_zh",
    "kind_en",
    "decimals",
    "codes_zh",
    "codes_en",
)
FORMULA = re.compile(r"^(?='*[=+\-@＝＋－＠\t])")
"""What a spreadsheet takes for a formula; the run's own tables are led by an apostrophe too.

A Chinese or Japanese one takes signs of full width for it too.
"""


def files(run: Run) -> Iterator[File]:
    """Give the dictionary of a run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADS)
    things: list[Layer | Table] = [*run.result.tables, *run.result.layers]
    for thing in things:
        for field in fields(thing, run.lang):
            writer.writerow([_safe(cell) for cell in _row(thing, field)])
    yield File(NAME, TITLE, ABOUT, text.getvalue().encode("utf-8-sig"))


def _row(thing: Layer | Table, field: Field) -> Iterator[str]:
    column = field.column
    codes = coded(thing).get(column.name, {}) if field.role in {"value", "other"} else {}
    unit = unit_words(column.unit) if column.unit else NO_TEXT
    table = isinstance(thing, Table)
    yield f"tables/{thing.id}.csv" if table else f"layers.gpkg:{thing.id}"
    yield from (thing.title.zh, thing.title.en, column.name)
    for words in (column.title, unit, field.kind):
        yield from (words.zh, words.en)
    yield "" if column.decimals is None else str(column.decimals)
    yield "；".join(f"{code} {title.zh}" for code, title in codes.items())
    yield "; ".join(f"{code} {title.en}" for code, title in codes.items())


def _safe(cell: str) -> str:
    """Give a cell on one line, never a formula."""
    return FORMULA.sub("'", held(cell, "zh").replace("\n", " "))
