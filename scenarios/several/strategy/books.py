"""The books of a strategy: ledger, yuan by year, what counts of it today, townships."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from geo.words import Text
from scenarios.result import Category, Column, Table
from scenarios.several.strategy.found import Found
from scenarios.several.strategy.money import ENDS
from scenarios.several.strategy.spread import WAN, WAN_YUAN
from scenarios.several.strategy.townships import by_township, towns

LOW, LIKELY, HIGH = Text("低值", "Low"), Text("中值", "Likely"), Text("高值", "High")
PLAN = Text("规划", "Plan")


def framed(
    code: str, title: Text, rows: Sequence[Mapping[str, object]], columns: Sequence[Column]
) -> Table:
    """Give a table of rows with their columns; without rows it has its columns alone."""
    frame = pd.DataFrame(list(rows), columns=[column.name for column in columns])
    return Table(code, title, frame, tuple(columns))


def ledger(found: Found) -> Table:
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
    return framed("ledger", Text("总账", "The ledger"), rows, columns)


def _ends(unit: str = "", decimals: int = 2) -> tuple[Column, ...]:
    titles = dict(zip(ENDS, (LOW, LIKELY, HIGH), strict=True))
    return tuple(Column(name, title, unit, decimals) for name, title in titles.items())


def years(found: Found) -> Table:
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
    return framed("years", Text("分年度资金", "Money by year"), rows, columns)


def discounted(found: Found) -> Table:
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
    return framed("discounted", title, rows, columns)


def benefits(found: Found) -> Table:
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
    return framed("benefits", Text("效益", "Benefits"), rows, columns)


def townships(found: Found) -> Table:
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
    return framed("townships", Text("分乡镇", "By township"), rows, columns)
