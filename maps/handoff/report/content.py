"""What each part of a report says, from the run alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from geo.words import NO_TEXT, Text, alike, headed, joined
from maps.handoff import sheets
from maps.handoff.picture import pictures
from maps.handoff.report.blocks import Block, Drawing, Rows, Words
from maps.handoff.sheets import Cell, Figure, Head, Sheet
from maps.readable import readable
from maps.wording import pair, said
from scenarios.result import Run, Table

MOST_ROWS, MOST_COLUMNS = 40, 9
SAMPLE = 12  # rows of a table that is too long
DRAWN: Mapping[str, int] = {"bars": 2, "change": 3}
"""Columns of a table that the page draws; the others stand in the workbook."""
LEFT_OUT = {"profile", "mass"}
"""Tables of every station: a drawing for the page, and figures for the workbook."""
COMPARED = 6
METHOD, LIMITS = Text("方法：", "Method:"), Text("局限：", "Limits:")
NO_BREAK = "\u00a0"
STANDING = Text(
    "本报告由规划情景工具据所列数据与参数计算生成，所附图件为非法定图件，仅供规划研究参考，"
    "不作为审批依据。",
    "This report is computed from the data and parameters it lists. Its maps are not statutory "
    "maps; it serves planning studies and grants no approval.",
)
UNSOLVED = Text(
    "求解因时限中止，重新运行结果可能不同。",
    "A time limit ended a search; another run may differ.",
)


def question(run: Run) -> Iterator[Block]:
    """Say what was asked."""
    yield Words(run.question)


def answer(run: Run) -> Iterator[Block]:
    """Say the run's own sentences."""
    for sentence in run.result.answer:
        yield Words(Text(*(re.sub(r"(?<=\d) (?=%)", NO_BREAK, one) for one in pair(sentence))))


def method(run: Run) -> Iterator[Block]:
    """Say how the question is answered."""
    yield from (Words(one) for one in _spoken(run.method, limits=False))


def figures(run: Run) -> Iterator[Block]:
    """Give the key figures as a table."""
    yield from _listed(sheets.figures(run))


def maps(run: Run) -> Iterator[Block]:
    """Give the maps with their legends."""
    for number, one in enumerate(pictures(run), 1):
        bar = Text(
            f"（上北；比例尺条长 {one.bar_km:g} km）", f" (north up; the bar is {one.bar_km:g} km)"
        )
        title = joined([run.title, one.title], " · ", " · ")
        caption = joined([Text(f"图 {number}", f"Figure {number}"), title], "　", "  ")
        yield Drawing(one, Text(caption.zh + bar.zh, caption.en + bar.en))


def checks(run: Run) -> Iterator[Block]:
    """Give the checks, each with its clause and its standing."""
    yield from _listed(sheets.checks(run))


def claims(run: Run) -> Iterator[Block]:
    """Give what the plan would use up or owe."""
    yield from _listed(sheets.claims(run))


def tables(run: Run) -> Iterator[Block]:
    """Give the tables, those of alternatives turned; long and wide ones are cut and say so."""
    for one in run.result.tables:
        if one.chart not in LEFT_OUT and len(one.frame):
            yield from _listed(_turned(one) if one.role == "comparison" else _table(one))


def parameters(run: Run) -> Iterator[Block]:
    """Give the parameters."""
    yield from _listed(sheets.parameters(run), MOST_ROWS * 2)


def rules(run: Run) -> Iterator[Block]:
    """Give the rules that the run was judged under."""
    yield from _listed(sheets.rules(run), MOST_ROWS * 2)


def sources(run: Run) -> Iterator[Block]:
    """Give the data and how far they can be trusted."""
    yield from _listed(sheets.sources(run), MOST_ROWS * 2)


def limits(run: Run) -> Iterator[Block]:
    """Say within which limits the answer holds: of the method, the data, the rules, the checks."""
    yield from (Words(one) for one in _spoken(run.method, limits=True))
    worst = run.quality_words
    yield Words(Text(f"数据质量：{worst.zh}。", f"Quality of the data: {worst.en}."))
    unknown = [one for one in run.result.checks if one.verdict == "unknown"]
    for one in unknown:
        remedy = [one.remedy] if one.remedy.zh else []
        said_of = joined([one.title, one.found, *remedy], "：", ": ")
        yield Words(Text(f"尚不明确：{said_of.zh}。", f"Not known: {said_of.en}."))
    unread = [rule.document for rule in run.rules if rule.status != "verified"]
    if unread:
        names = joined(dict.fromkeys(unread))
        yield Words(
            Text(f"下列文件未核对原文：{names.zh}。", f"Not read in the original: {names.en}.")
        )
    if not run.result.reproducible:
        yield Words(UNSOLVED)
    yield Words(STANDING)


PARTS: Mapping[str, tuple[Text, Callable[[Run], Iterator[Block]]]] = {
    "question": (Text("规划问题", "Question"), question),
    "answer": (Text("结论", "Answer"), answer),
    "figures": (Text("关键指标", "Key figures"), figures),
    "map": (Text("图件", "Maps"), maps),
    "checks": (Text("合规与质量检查", "Checks"), checks),
    "claims": (Text("用量与义务", "Used and owed"), claims),
    "tables": (Text("数据表", "Tables"), tables),
    "method": (Text("技术方法", "Method"), method),
    "parameters": (Text("参数", "Parameters"), parameters),
    "rules": (Text("规则依据", "Rules"), rules),
    "sources": (Text("数据来源与质量", "Data and quality"), sources),
    "limits": (Text("局限与说明", "Limits"), limits),
}
"""The parts of a report by their names, in its order; a part that says nothing is left out."""


def lines(run: Run) -> dict[str, Text]:
    """Give what stands within a line, by name."""
    return {
        "title": run.title,
        "subtitle": run.subtitle if run.subtitle.zh else run.question,
        "county": run.county_name,
        "date": Text(*said(run.data_date)),
        "quality": run.quality_words,
        "crs": alike(run.crs),
        "run": alike(f"{run.scenario} {run.key[:12]}"),
    }


PLACES = (
    Text("标题", "title"),
    Text("副标题", "subtitle"),
    Text("县名", "county"),
    Text("数据日期", "date"),
    Text("数据质量", "quality"),
    Text("坐标系", "crs"),
    Text("运行编号", "run"),
    Text("规划问题", "question"),
    Text("结论", "answer"),
    Text("指标", "figures"),
    Text("图件", "map"),
    Text("检查", "checks"),
    Text("用量", "claims"),
    Text("数据表", "tables"),
    Text("方法", "method"),
    Text("参数", "parameters"),
    Text("规则", "rules"),
    Text("数据来源", "sources"),
    Text("局限", "limits"),
)
"""What the places of an office's own form are called: in English by the names above."""


def _spoken(words: Text, *, limits: bool) -> list[Text]:
    """Give the paragraphs of a method that tell how it works, or those of its limits."""
    zh = _paragraphs(words.zh, METHOD.zh, LIMITS.zh, limits=limits)
    en = _paragraphs(words.en, METHOD.en, LIMITS.en, limits=limits)
    most = max(len(zh), len(en))
    zh, en = (one + [""] * (most - len(one)) for one in (zh, en))
    return [Text(*both) for both in zip(zh, en, strict=True)]


def _paragraphs(words: str, method: str, limit: str, *, limits: bool) -> list[str]:
    r"""Take a text apart at its marks; without any all of it is the method.

    >>> _paragraphs("What.\n\nMethod: a\nb.\n\nLimits: `c`.", "Method:", "Limits:", limits=True)
    ['C.']
    """
    kept: list[str] = []
    begins, ends = (limit, "\0") if limits else (method, limit)
    inside = not limits and method not in words
    for paragraph in re.split(r"\n\s*\n", words.strip()):
        text = " ".join(line.strip() for line in paragraph.splitlines()).replace("`", "")
        if text.startswith((begins, ends)):
            inside = text.startswith(begins)
            text = headed(alike(text.removeprefix(begins).strip())).en
        if inside and text:
            kept.append(text)
    return kept


def _listed(sheet: Sheet, most: int = MOST_ROWS) -> Iterator[Block]:
    """Give a sheet as a table without its details, as long and wide as a report bears."""
    kept = [place for place, head in enumerate(sheet.heads) if not head.detail]
    wide, long = len(kept) > MOST_COLUMNS, len(sheet.rows) > most
    kept = kept[:MOST_COLUMNS]
    shown = sheet.rows[:SAMPLE] if long else sheet.rows
    rows = tuple(tuple(row[place] for place in kept) for row in shown)
    cut = replace(sheet, heads=tuple(sheet.heads[place] for place in kept), rows=rows)
    if rows:
        yield Rows(cut, sheet.title, _whole(sheet, long=long) if wide or long else None)


def _whole(sheet: Sheet, *, long: bool) -> Text:
    """Say what of a table is shown, and where all of it stands."""
    count = len(sheet.rows)
    part = Text(f"仅列前 {SAMPLE} 行，共 {count:,} 行；", f"The first {SAMPLE} of {count:,} rows. ")
    full = Text("全表见 workbook.xlsx。", "The whole table stands in workbook.xlsx.")
    return joined([part, full], "", "") if long else full


def _table(one: Table) -> Sheet:
    one = readable(one)  # in the workbook's units, whatever is left out here
    kept = sheets.columns(one)[: DRAWN.get(one.chart)]
    return sheets.table(replace(one, columns=tuple(kept)))


def _turned(one: Table) -> Sheet:
    """Give a comparison with one line each figure, one column each alternative."""
    sheet = sheets.table(one)
    rows = sheet.rows[:COMPARED]
    names = tuple(Head(_named(row[0]), numeric=True) for row in rows)
    lines = tuple(
        (head.whole, *(row[place] for row in rows))
        for place, head in enumerate(sheet.heads)
        if place and not head.detail
    )
    return Sheet(sheet.id, sheet.title, (Head(sheet.heads[0].title), *names), lines)


def _named(cell: Cell) -> Text:
    if isinstance(cell, Figure):
        return alike(cell.text)
    return cell or NO_TEXT


def heading(place: int, title: Text) -> Text:
    """Give a heading its number: 一、二、三 … 十、十一, in English 1, 2, 3.

    >>> heading(11, Text("局限", "Limits"))
    Text(zh='十一、局限', en='11. Limits')
    """
    digits = " 一二三四五六七八九"
    tens, ones = divmod(place, 10)
    zh = f"{'十' if tens else ''}{digits[ones].strip()}"
    return Text(f"{zh}、{title.zh}", f"{place}. {title.en}")


def counted(block: Rows, place: int) -> Rows:
    """Give a table its number in its caption."""
    caption = joined([Text(f"表 {place}", f"Table {place}"), block.caption], "　", "  ")
    return replace(block, caption=caption)
