"""The tables of a strategy: ledger, years, townships, subsets, matrix, plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from geo.words import Text, joined
from scenarios.result import Category, Column, Table
from scenarios.several.strategy.found import Found
from scenarios.several.strategy.joint import park_verdict
from scenarios.several.strategy.matrix import STATES
from scenarios.several.strategy.money import ENDS
from scenarios.several.strategy.spread import WAN, WAN_YUAN
from scenarios.several.strategy.subsets import conflicts
from scenarios.several.strategy.townships import by_township, towns

MOST_ROWS = 200
"""Subsets that are listed; the rest are counted."""
LOW, LIKELY, HIGH = Text("低值", "Low"), Text("中值", "Likely"), Text("高值", "High")
PLAN = Text("规划", "Plan")
STATE = (
    Category("run", Text("已运行", "Run")),
    Category("failed", Text("失败", "Failed")),
)
VERDICTS = (
    Category("pass", Text("达标", "Pass")),
    Category("fail", Text("违规", "Fail")),
    Category("approval", Text("需报批", "Approval")),
    Category("unknown", Text("未知", "Unknown")),
)
FITS = (
    Category("yes", Text("可同时实施", "Fits together")),
    Category("no", Text("不可同时实施", "Does not fit")),
)
SURE = (
    Category("yes", Text("是", "Yes")),
    Category("no", Text("否，须按此组合重新运行", "No: run these alone to be sure")),
)


def tables(found: Found) -> Iterator[Table]:
    """Give all tables."""
    yield _ledger(found)
    yield _matrix(found)
    yield _pairs(found)
    if found.subsets:
        yield _subsets(found)
    yield _years(found)
    yield _discounted(found)
    if len(found.benefits):
        yield _benefits(found)
    yield _townships(found)
    if len(found.gains):
        yield _gains(found)
    yield _plans(found)


def _framed(
    code: str, title: Text, rows: Sequence[Mapping[str, object]], columns: Sequence[Column]
) -> Table:
    frame = pd.DataFrame(list(rows), columns=[column.name for column in columns])
    return Table(code, title, frame, tuple(columns))


def _ledger(found: Found) -> Table:
    """Give one row a line: what all claim together, and each plan at its likely amount."""
    names = [one.code for one in found.categories if one.code in found.runs]
    rows = [
        {
            "item": item.title.zh,
            "item_en": item.title.en,
            "unit": item.unit,
            **dict(zip(ENDS, item.whole, strict=True)),
            **{f"plan_{n}": item.plans[n].likely if n in item.plans else np.nan for n in names},
            "note": item.note.zh,
            "note_en": item.note.en,
        }
        for item in found.items.values()
    ]
    columns = (
        Column("item", Text("科目", "Item")),
        Column("item_en", Text("科目英文名", "Item in English")),
        Column("unit", Text("单位", "Unit")),
        *_ends(),
        *(Column(f"plan_{name}", found.titles[name], decimals=2) for name in names),
        Column("note", Text("说明", "Note")),
        Column("note_en", Text("说明（英文）", "Note in English")),
    )
    return _framed("ledger", Text("总账", "The ledger"), rows, columns)


def _ends(unit: str = "", decimals: int = 2) -> tuple[Column, ...]:
    titles = dict(zip(ENDS, (LOW, LIKELY, HIGH), strict=True))
    return tuple(Column(name, title, unit, decimals) for name, title in titles.items())


def _matrix(found: Found) -> Table:
    """Give plans against plans: a row is what a plan is to each other."""
    names = [one.code for one in found.categories]
    states = {(cell.plan, cell.other): cell.state for cell in found.cells}
    rows = [
        {"plan": name, **{f"to_{other}": states.get((name, other)) for other in names}}
        for name in names
    ]
    columns = (
        Column("plan", PLAN, categories=found.categories),
        *(Column(f"to_{name}", found.titles[name], categories=STATES) for name in names),
    )
    return _framed("matrix", Text("规划关系矩阵", "Plans against plans"), rows, columns)


def _pairs(found: Found) -> Table:
    """Give each cell of the matrix with its hectares and why."""
    rows = [
        {
            "plan": cell.plan,
            "other": cell.other,
            "state": cell.state,
            "area_ha": cell.area_ha,
            "why": cell.why.zh,
            "why_en": cell.why.en,
        }
        for cell in found.cells
    ]
    columns = (
        Column("plan", PLAN, categories=found.categories),
        Column("other", Text("对", "To"), categories=found.categories),
        Column("state", Text("关系", "Relation"), categories=STATES),
        Column("area_ha", Text("面积", "Area"), "ha", 4),
        Column("why", Text("原因", "Why")),
        Column("why_en", Text("原因（英文）", "Why, in English")),
    )
    return _framed("pairs", Text("规划关系明细", "Relations of plans"), rows, columns)


def _subsets(found: Found) -> Table:
    """Give subsets, what fits and counts most first, with the conflicts of those that do not."""
    rows = []
    for one in found.subsets[:MOST_ROWS]:
        why = joined(conflicts(found.together, one.plans, found.titles), "；", "; ")
        names = joined((found.titles[name] for name in one.plans), "＋", " + ")
        rows.append(
            {
                "plans": names.zh,
                "plans_en": names.en,
                "fits": "yes" if one.fits else "no",
                "score": one.score,
                "sure": "yes" if found.stands_alone(one.plans) else "no",
                "why": why.zh,
                "why_en": why.en,
            }
        )
    columns = (
        Column("plans", Text("规划组合", "Plans")),
        Column("plans_en", Text("规划组合英文名", "Plans in English")),
        Column("fits", Text("能否同时实施", "Together"), categories=FITS),
        Column("score", Text("优先值", "Counts"), decimals=2, better="higher"),
        Column("sure", Text("数值可直接采用", "Figures hold as they are"), categories=SURE),
        Column("why", Text("冲突", "Conflict")),
        Column("why_en", Text("冲突（英文）", "Conflict, in English")),
    )
    more = max(len(found.subsets) - MOST_ROWS, 0)
    tail = Text(f"（另有 {more} 种）", f" ({more} more)") if more else Text("", "")
    title = Text(f"规划组合{tail.zh}", f"Plans combined{tail.en}")
    return _framed("subsets", title, rows, columns)


def _years(found: Found) -> Table:
    """Give yuan by year, source and plan, 10⁴ yuan."""
    codes = sorted(set(found.spent["money"]))
    sources = tuple(Category(code or "none", found.strategy.source(code)) for code in codes)
    rows = [
        {**row, "money": row["money"] or "none", **{end: row[end] / WAN for end in ENDS}}
        for row in found.spent.sort_values(["year", "money", "plan"]).to_dict("records")
    ]
    columns = (
        Column("year", Text("年份", "Year"), decimals=0),
        Column("money", Text("资金来源", "Source of money"), categories=sources),
        Column("plan", PLAN, categories=found.categories),
        *_ends(WAN_YUAN, 0),
    )
    return _framed("years", Text("分年度资金", "Money by year"), rows, columns)


def _discounted(found: Found) -> Table:
    """Give costs and valued benefits of each plan in yuan of the first year, 10⁴ yuan."""
    rate, year = 100 * found.strategy.discount, found.strategy.first_year
    rows = [
        {"plan": str(name), **{key: value / WAN for key, value in row.items()}}
        for name, row in found.discounted.to_dict("index").items()
    ]
    titles = {
        "cost_low": Text("费用低值", "Cost, low"),
        "cost": Text("费用", "Cost"),
        "cost_high": Text("费用高值", "Cost, high"),
        "benefit_low": Text("效益低值", "Benefit, low"),
        "benefit": Text("效益", "Benefit"),
        "benefit_high": Text("效益高值", "Benefit, high"),
        "net": Text("净现值", "Net present value"),
    }
    columns = (
        Column("plan", PLAN, categories=found.categories),
        *(Column(name, title, WAN_YUAN, 0) for name, title in titles.items()),
    )
    title = Text(
        f"费用与效益现值（{year} 年，折现率 {rate:g} %）",
        f"Costs and benefits discounted to {year} at {rate:g} %",
    )
    return _framed("discounted", title, rows, columns)


def _benefits(found: Found) -> Table:
    """Give the benefits that plans name: their figure, what a unit is worth, who gains."""
    rows = [
        {
            **row,
            "title": row["title"].zh,
            "title_en": row["title"].en,
            "who": row["who"].zh,
            "who_en": row["who"].en,
            "likely": row["likely"] / WAN,
        }
        for row in found.benefits.to_dict("records")
    ]
    columns = (
        Column("plan", PLAN, categories=found.categories),
        Column("title", Text("效益", "Benefit")),
        Column("title_en", Text("效益英文名", "Benefit in English")),
        Column("value", Text("每年", "A year"), decimals=2),
        Column("unit", Text("单位", "Unit")),
        Column("yuan", Text("单价（空为未计价）", "Yuan of a unit; none: not valued"), "yuan", 2),
        Column("first_year", Text("起始年", "From"), decimals=0),
        Column("years", Text("年数", "Years"), "a", 0),
        Column("likely", Text("现值", "Present value"), WAN_YUAN, 0),
        Column("who", Text("受益者", "Who gains")),
        Column("who_en", Text("受益者（英文）", "Who gains, in English")),
    )
    return _framed("benefits", Text("效益", "Benefits"), rows, columns)


def _townships(found: Found) -> Table:
    """Give what is claimed in each township, and places better and worse off there."""
    rows = by_township(found.runs, found.gains).to_dict("records")
    columns = (
        Column("town", Text("乡镇", "Township"), categories=towns(found.county)),
        Column("land_ha", Text("占地", "Land taken"), "ha", 2),
        Column("cropland_ha", Text("其中耕地", "Of it cropland"), "ha", 2),
        Column("people", Text("须安置人口", "People to be moved"), "persons", 0),
        Column("wan_yuan", Text("已分乡镇的投资", "Cost told by township"), WAN_YUAN, 0),
        Column("better", Text("受益地点", "Places better off"), decimals=0),
        Column("worse", Text("受损地点", "Places worse off"), decimals=0),
    )
    return _framed("townships", Text("分乡镇", "By township"), rows, columns)


def _gains(found: Found) -> Table:
    """Give places better and worse off by plan and figure."""
    keys = ["plan", "what", "what_en"]
    summed = found.gains.groupby(keys, as_index=False)[["better", "worse"]].sum()
    columns = (
        Column("plan", PLAN, categories=found.categories),
        Column("what", Text("指标", "Figure")),
        Column("what_en", Text("指标英文名", "Figure in English")),
        Column("better", Text("改善的地点", "Places better off"), decimals=0),
        Column("worse", Text("变差的地点", "Places worse off"), decimals=0),
    )
    title = Text("谁受益、谁受损", "Who gains, who loses")
    return _framed("gains", title, summed.to_dict("records"), columns)


def _plans(found: Found) -> Table:
    """Give one row a plan in its order: what it is, what came of it, on what it stands."""
    rows = []
    for number, one in enumerate(found.done, 1):
        run = one.run
        on = [f"{layer}@{name}" for layer, name in sorted(one.stands_on.items())]
        rows.append(
            {
                "number": str(number),
                "plan": one.plan.name,
                "state": "run" if run else "failed",
                "question": run.scenario if run else one.plan.what,
                "measures": "、".join(map(str, run.measures)) if run else "",
                "stands_on": "、".join(on),
                "park": park_verdict(one),
                "quality": run.quality_words.zh if run else "",
                "quality_en": run.quality_words.en if run else "",
                "folder": f"plans/{one.plan.name}" if run else "",
            }
        )
    columns = (
        Column("number", Text("次序", "Order")),
        Column("plan", PLAN, categories=found.categories),
        Column("state", Text("状态", "State"), categories=STATE),
        Column("question", Text("问题", "Question")),
        Column("measures", Text("举措", "Measures")),
        Column("stands_on", Text("以何者改动为准", "Stands on")),
        Column("park", Text("国家公园管控", "Rules of the park"), categories=VERDICTS),
        Column("quality", Text("数据质量", "Quality")),
        Column("quality_en", Text("数据质量英文", "Quality in English")),
        Column("folder", Text("运行文件夹", "Run folder")),
    )
    return _framed("plans", Text("规划", "Plans"), rows, columns)
