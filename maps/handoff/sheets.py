"""What a run holds as plain sheets of cells: workbook and report are both written of these.

So a figure is rounded once, and stands alike in both; it is rounded as the page rounds it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from geo.words import NO_TEXT, Text, alike, headed, joined, unit_words
from maps import cards, panel
from maps.parameters import code_titles
from maps.readable import readable
from maps.wording import MARK, UI, VERDICTS, english, number, plain, said, told
from scenarios.result import Check, Column, Metric, Run, Setting, Table

NAMED = 20  # features of a check that are told one by one


@dataclass(frozen=True)
class Figure:
    """A number as it is shown: to its decimals, else to six figures; whole ones ungrouped.

    >>> Figure(1032.04, 1).text, Figure(0.123456789).text, Figure(2035).text, Figure(-0.04, 1).shown
    ('1,032.0', '0.123457', '2035', 0.0)
    """

    value: float
    decimals: int | None = None

    @property
    def shown(self) -> float:
        """The number as rounded."""
        if isinstance(self.value, int):
            return self.value
        if self.decimals is None:
            return float(f"{self.value:g}")
        return round(self.value, max(self.decimals, 0)) + 0.0

    @property
    def text(self) -> str:
        """The number in words, as a page has it."""
        if self.decimals is not None and isinstance(self.value, float):
            return number(self.value, self.decimals)
        return f"{self.value:g}" if isinstance(self.value, float) else str(self.value)


Cell = Text | Figure | None
Titles = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Head:
    """What heads a column; `detail` is what a report does without."""

    title: Text
    unit: Text = NO_TEXT
    numeric: bool = False
    detail: bool = False

    @property
    def whole(self) -> Text:
        """The title with its unit."""
        unit = self.unit
        return Text(
            f"{self.title.zh}（{unit.zh}）" if unit.zh else self.title.zh,
            f"{self.title.en} ({unit.en})" if unit.en else self.title.en,
        )


@dataclass(frozen=True)
class Sheet:
    """A title over columns and rows of cells."""

    id: str
    title: Text
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def of_use(self) -> Sheet:
        """Give it without the columns that say nothing in any row."""
        kept = [k for k in range(len(self.heads)) if any(_says(row[k]) for row in self.rows)]
        rows = tuple(tuple(row[k] for k in kept) for row in self.rows)
        return Sheet(self.id, self.title, tuple(self.heads[k] for k in kept), rows)


def _says(cell: Cell) -> bool:
    return cell is not None and cell not in {NO_TEXT, NOTHING}


UNIT = Head(Text("单位", "Unit"))
CODE = Text("代码", "code")
NOTHING = Text("—", "—")
STANDING = Text("核实情况", "Standing")


def figures(run: Run) -> Sheet:
    """Give the indicators; those of a run without any are no rows."""
    heads = (
        Head(Text("指标", "Figure")),
        Head(Text("情景", "Scenario"), numeric=True),
        Head(Text("现状", "Now"), numeric=True),
        Head(Text("变化", "Change"), numeric=True),
        Head(Text("目标", "Target"), numeric=True),
        Head(Text("区间下限", "From"), numeric=True, detail=True),
        Head(Text("区间上限", "To"), numeric=True, detail=True),
        UNIT,
        Head(Text("判定", "Verdict")),
        Head(Text("说明", "Note")),
    )
    rows = tuple(_metric(one) for one in run.result.metrics)
    return Sheet("figures", Text("关键指标", "Key figures"), heads, rows).of_use()


def _metric(metric: Metric) -> tuple[Cell, ...]:
    digits = cards.places(metric)
    verdict = cards.judged(metric)

    def figure(value: float | None) -> Cell:
        known = value is not None and math.isfinite(value)
        return Figure(float(value), digits) if known and value is not None else None

    return (
        metric.title,
        figure(metric.value),
        figure(metric.before),
        figure(cards.moved(metric, digits)),
        figure(metric.target),
        figure(metric.low),
        figure(metric.high),
        unit_words(metric.unit),
        VERDICTS[verdict] if verdict else NOTHING,
        metric.note,
    )


def checks(run: Run) -> Sheet:
    """Give the checks, what fails first, each with the clause it stands on and its standing."""
    heads = (
        Head(Text("判定", "Verdict")),
        Head(Text("检查项", "Check")),
        Head(headed(UI["found"])),
        Head(headed(UI["allowed"])),
        Head(Text("依据", "Rule")),
        Head(STANDING),
        Head(Text("处理意见", "What to do")),
        Head(Text("规则编号", "Rule id"), detail=True),
        Head(Text("涉及对象", "What it binds"), detail=True),
    )
    rules = {rule.id: rule for rule in run.rules}
    rows = []
    for one, check in zip(panel.checks(run), panel.ordered(run), strict=True):
        rule = rules.get(check.rule)
        clause = joined([rule.document, _clause(rule.clause)], " ", " ") if rule else NOTHING
        standing = UI[rule.status] if rule else NOTHING
        told = (Text(*one["verdict"]), check.title, check.found, check.allowed)
        rows.append((*told, clause, standing, check.remedy, alike(check.rule), _bound(check)))
    return Sheet("checks", UI["checks"], heads, tuple(rows)).of_use()


def _clause(clause: str) -> Text:
    """Say where in a document; a bare number is a clause's."""
    if not clause[:1].isdigit():
        return alike(clause)
    return Text(f"第 {clause} 条", f"clause {clause}")


def _bound(check: Check) -> Text:
    names = "、".join(check.features[:NAMED])
    more = len(check.features) - NAMED
    return Text(f"{names} 等 {len(check.features)} 个", names) if more > 0 else alike(names)


def claims(run: Run) -> Sheet:
    """Give what the plan would use up or owe."""
    heads = (
        Head(Text("项目", "Item")),
        Head(Text("数量", "Amount"), numeric=True),
        Head(Text("下限", "From"), numeric=True),
        Head(Text("上限", "To"), numeric=True),
        UNIT,
        Head(Text("地点", "Place")),
        Head(Text("年份", "Year"), numeric=True),
        Head(Text("规则编号", "Rule id"), detail=True),
    )
    shown = panel.claims(run)
    rows = []
    for one, row in zip(run.result.claims, shown[0]["rows"] if shown else (), strict=True):
        digits = panel.claim_places(one)
        amounts = (Figure(float(v), digits) for v in (one.likely, one.low, one.high))
        year = None if one.year is None else Figure(one.year)
        place = Text(*row[3])
        unit = unit_words(one.unit)
        rows.append((Text(*row[0]), *amounts, unit, place, year, alike(one.rule)))
    return Sheet("claims", UI["claims"], heads, tuple(rows)).of_use()


def parameters(run: Run) -> Sheet:
    """Give the parameters in words: what was asked, and what is usual."""
    heads = (
        Head(Text("参数", "Parameter")),
        Head(Text("本次取值", "This run"), numeric=True),
        Head(Text("默认值", "Usual"), numeric=True),
        UNIT,
        Head(Text("是否调整", "Changed")),
        Head(Text("取值范围", "Range"), detail=True),
        Head(Text("取值依据", "Source")),
        Head(Text("编号", "Id"), detail=True),
    )
    titles = code_titles(run)
    rows = tuple(_setting(one, titles) for one in run.settings)
    return Sheet("parameters", Text("参数", "Parameters"), heads, rows).of_use()


def _setting(one: Setting, titles: Titles) -> tuple[Cell, ...]:
    changed = UI["yes"] if one.value != one.usual else UI["no"]
    values = (_value(_read(text), titles) for text in (one.value, one.usual))
    return (one.title, *values, unit_words(one.unit), changed, one.span, one.source, alike(one.id))


def _read(text: str) -> Any:
    """Read a value from its JSON; what is none stands as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _value(value: Any, titles: Titles) -> Cell:
    """Give a parameter's value: a number with all its decimals, else in words; codes by title."""
    if isinstance(value, bool):
        return UI["yes"] if value else UI["no"]
    if isinstance(value, float):
        exponent = Decimal(repr(value)).normalize().as_tuple().exponent
        return Figure(value, max(-exponent, 0)) if isinstance(exponent, int) else alike(str(value))
    if isinstance(value, int):
        return Figure(value)
    return _worded(value, titles)


def _worded(value: Any, titles: Titles) -> Text:
    if value is None or value in ([], {}, ""):
        return NOTHING
    if isinstance(value, list):
        return joined(_worded(one, titles) for one in value)
    if isinstance(value, dict):
        pairs = ([_worded(one, titles) for one in pair] for pair in value.items())
        return joined((joined(pair, "：", ": ") for pair in pairs), "；", "; ")
    if isinstance(value, float):
        return alike(f"{value:.12g}")
    if isinstance(value, str) and value in titles:
        zh, en = titles[value]
        return Text(f"{zh}（{value}）", f"{en} ({value})")
    return alike(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def sources(run: Run) -> Sheet:
    """Give where the data come from and how far they can be trusted."""
    heads = (
        Head(Text("数据", "Data")),
        Head(Text("提供单位", "Publisher")),
        Head(Text("许可", "Licence")),
        Head(Text("获取日期", "Retrieved")),
        Head(UI["quality"]),
        Head(Text("记录数", "Rows"), numeric=True, detail=True),
        Head(Text("坐标系", "CRS"), detail=True),
        Head(Text("图层", "Layer"), detail=True),
        Head(Text("处理步骤", "Steps"), detail=True),
        Head(Text("备注", "Notes"), detail=True),
    )
    rows: list[tuple[Cell, ...]] = []
    for one, source in zip(panel.sources(run), run.sources, strict=True):
        words = ("title", "publisher", "licence", "retrieved", "quality")
        rest = (Figure(source.rows), alike(source.crs), alike(source.layer))
        notes = (joined(map(parted, lines), "；", "; ") for lines in (source.steps, source.notes))
        rows.append((*(Text(*one[word]) for word in words), *rest, *notes))
    return Sheet("sources", Text("数据来源与质量", "Data and quality"), heads, tuple(rows)).of_use()


def parted(words: str) -> Text:
    """Give words of a source in each language.

    >>> parted("未注明 ‖ not stated").en, parted("NASA").zh
    ('not stated', 'NASA')
    """
    zh, mark, en = words.partition(MARK)
    return Text(zh, en) if mark else Text(*said(words))


def rules(run: Run) -> Sheet:
    """Give the rules that the run was judged under."""
    heads = (
        Head(Text("规则", "Rule")),
        Head(Text("文件", "Document")),
        Head(Text("条款", "Clause")),
        Head(STANDING),
        Head(Text("施行日期", "Valid from")),
        Head(Text("失效日期", "Valid to")),
        Head(Text("规则编号", "Rule id"), detail=True),
    )
    rows = tuple(
        (
            rule.title if rule.title.zh else alike(rule.id),
            *map(alike, (rule.document, rule.clause)),
            UI[rule.status],
            *map(alike, (rule.valid_from, rule.valid_to, rule.id)),
        )
        for rule in run.rules
    )
    return Sheet("rules", Text("规则依据", "Rules"), heads, rows).of_use()


def table(one: Table) -> Sheet:
    """Give a table: codes by their titles, each code beside; two languages of a name as one."""
    one = readable(one)
    kept = columns(one)
    heads: list[Head] = []
    for column in kept:
        numbers = str(one.frame[column.name].dtype.kind) in "iuf" and not column.categories
        heads.append(Head(column.title, unit_words(column.unit), numeric=numbers))
        if column.categories:
            code = joined([column.title, CODE], " · ", ", ")
            heads.append(Head(code, detail=True))
    rows = tuple(tuple(_cells(row, kept)) for row in one.frame.to_dict("records"))
    return Sheet(one.id, one.title, tuple(heads), rows)


def columns(one: Table) -> list[Column]:
    """Give the columns of a table but for those that say another one in English."""
    names = {column.name for column in one.columns}
    spoken = {english(name, names) for name in names}
    return [column for column in one.columns if column.name not in spoken]


def _cells(row: dict[Any, Any], kept: list[Column]) -> Iterator[Cell]:
    for column in kept:
        value = plain(row.get(column.name))
        if column.categories:
            both = told(row, column)
            yield Text(*both) if both else None
            yield None if value is None else alike(str(value))
        elif value is None or isinstance(value, str):
            both = told(row, column)
            yield Text(*both) if both else None
        elif isinstance(value, bool):
            yield UI["yes"] if value else UI["no"]
        else:
            yield Figure(value, column.decimals)
