"""The books of a strategy: ledger, yuan by year, what counts of it today, townships."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from geo.words import Text, joined
from scenarios.result import Category, Column, Table
from scenarios.several.strategy.found import Found
from scenarios.several.strategy.ledger import Item
from scenarios.several.strategy.money import ENDS, present
from scenarios.several.strategy.spread import WAN, WAN_YUAN
from scenarios.several.strategy.townships import by_township, towns

SECTIONS = (
    Category("land", Text("用地", "Land")),
    Category("cropland", Text("耕地占补平衡", "Balance of cropland")),
    Category("people", Text("人口安置", "People")),
    Category("money", Text("资金", "Money")),
    Category("use", Text("水、能源与碳", "Water, energy, carbon")),
)
SIDES = (
    Category("owed", Text("占用或应补", "Used or owed")),
    Category("met", Text("供给或已补", "Supplied or met")),
    Category("open", Text("待解决", "Open")),
)
OPEN = frozenset({"land_contested", "cropland_short"})
"""Lines that tell what is left to be solved while they are above zero."""
BASES = (
    Category("shares", Text("规划所列分年比例", "Shares of the years that the plan tells")),
    Category("claim", Text("运行结果注明的年份", "Year that the run tells")),
    Category("first", Text("未注明年份，计入起始年", "No year told: counted in the first year")),
)
BEARS = (
    Category("pays", Text("承担", "Pays")),
    Category("gains", Text("受益", "Gains")),
)
UNTOLD = Text("未注明", "not stated")
LOW, LIKELY, HIGH = Text("低值", "Low"), Text("中值", "Likely"), Text("高值", "High")
PLAN = Text("规划", "Plan")


def framed(
    code: str, title: Text, rows: Sequence[Mapping[str, object]], columns: Sequence[Column]
) -> Table:
    """Give a table of rows with their columns; without rows it has its columns alone."""
    frame = pd.DataFrame(list(rows), columns=[column.name for column in columns])
    return Table(code, title, frame, tuple(columns))


def ledger(found: Found) -> Table:
    """Give one row a line: what all claim together, and each plan at its likely amount.

    Lines of a section stand together; yuan is told in 10⁴.
    """
    names = [one.code for one in found.categories if one.code in found.runs]
    order = [one.code for one in SECTIONS]
    rows = sorted(
        (_line(item, names) for item in found.items.values()),
        key=lambda row: order.index(str(row["section"])),
    )
    columns = (
        Column("section", Text("类别", "Section"), categories=SECTIONS),
        Column("item", Text("科目", "Item")),
        Column("item_en", Text("科目英文名", "Item in English")),
        Column("side", Text("性质", "Side"), categories=SIDES),
        Column("unit", Text("单位", "Unit")),
        *_ends(),
        *(Column(f"plan_{name}", found.titles[name], decimals=2) for name in names),
        Column("note", Text("说明", "Note")),
        Column("note_en", Text("说明（英文）", "Note in English")),
        Column("line", Text("科目代码", "Code of the item")),
    )
    return framed("ledger", Text("总账", "The ledger"), rows, columns)


def _line(item: Item, names: Sequence[str]) -> dict[str, object]:
    money = item.unit == "yuan"
    per = 1 / WAN if money else 1.0
    plans = {name: one.times(per).likely for name, one in item.plans.items()}
    return {
        "section": _section(item),
        "item": item.title.zh,
        "item_en": item.title.en,
        "side": _side(item),
        "unit": WAN_YUAN if money else item.unit,
        **item.whole.times(per)._asdict(),
        **{f"plan_{name}": plans.get(name, np.nan) for name in names},
        "note": item.note.zh,
        "note_en": item.note.en,
        "line": item.id,
    }


def _section(item: Item) -> str:
    """Name the section of a line by its id."""
    if item.id.startswith(("cropland_", "farmland_")):
        return "cropland"
    kind = item.id.split("_")[0]
    return {"land": "land", "people": "people", "yuan": "money"}.get(kind, "use")


def _side(item: Item) -> str:
    if item.id in OPEN:
        return "open"
    return "met" if item.id.endswith(("_supplied", "_met")) else "owed"


def _ends(unit: str = "", decimals: int = 2) -> tuple[Column, ...]:
    titles = dict(zip(ENDS, (LOW, LIKELY, HIGH), strict=True))
    return tuple(Column(name, title, unit, decimals) for name, title in titles.items())


def years(found: Found) -> Table:
    """Give yuan by year, source and plan, 10⁴ yuan."""
    sources = _sources(found)
    rows = [
        {**row, "money": row["money"] or "none", **{end: row[end] / WAN for end in ENDS}}
        for row in found.spent.sort_values(["year", "money", "plan"]).to_dict("records")
    ]
    columns = (
        Column("year", Text("年份", "Year"), decimals=0),
        Column("money", Text("资金来源", "Source of money"), categories=sources),
        Column("plan", PLAN, categories=found.categories),
        *_ends(WAN_YUAN, 0),
        Column("basis", Text("年份依据", "Why this year"), categories=BASES),
    )
    return framed("years", Text("分年度资金", "Money by year"), rows, columns)


def _sources(found: Found) -> tuple[Category, ...]:
    """Give the sources of money that are drawn on, as codes with titles."""
    codes = sorted(set(found.spent["money"]))
    return tuple(Category(code or "none", found.strategy.source(code)) for code in codes)


def stacks(found: Found) -> Iterator[Table]:
    """Give yuan of each year, 10⁴, in parts: by source of money where there are several, by plan.

    Years between the first and the last in which nothing is spent stand there with nothing.
    """
    spent = found.spent.assign(money=found.spent["money"].replace("", "none"))
    if spent.empty:
        return
    of_plans = tuple(one for one in found.categories if one.code in found.runs)
    titles = {
        "money": Text("分年度投资（按资金来源）", "Cost by year and source of money"),
        "plan": Text("分年度投资（按规划）", "Cost by year and plan"),
    }
    sources = _sources(found)
    parted = {"money": sources} if len(sources) > 1 else {}
    for by, parts in (parted | {"plan": of_plans}).items():
        wide = spent.pivot_table(index="year", columns=by, values="likely", aggfunc="sum") / WAN
        span = range(int(wide.index.min()), int(wide.index.max()) + 1)
        wide = wide.reindex(index=span, columns=[one.code for one in parts]).fillna(0.0)
        frame = wide.rename_axis("year").rename_axis(columns=None).reset_index()
        columns = (
            Column("year", Text("年份", "Year"), decimals=0),
            *(Column(one.code, one.title, WAN_YUAN, 0) for one in parts),
        )
        yield Table(f"years_by_{by}", titles[by], frame, columns, chart="stack")


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


def bearers(found: Found) -> Table:
    """Give who pays, by source of money, and who gains, both in yuan of the first year, 10⁴.

    Benefits that nobody has valued are NaN.
    """
    strategy = found.strategy
    first, rate = strategy.first_year, strategy.discount
    factors = [present(int(year), first=first, rate=rate) for year in found.spent["year"]]
    paid = found.spent["likely"] * factors
    rows = [
        _bearer(
            "pays", strategy.source(str(code)), found, own["plan"], float(paid[own.index].sum())
        )
        for code, own in found.spent.groupby("money")
    ]
    worth = found.benefits
    whose = [one.zh for one in worth["who"]]
    rows += [
        _bearer(
            "gains", own["who"].iloc[0], found, own["plan"], float(own["likely"].sum(min_count=1))
        )
        for _, own in worth.groupby(whose, sort=False)
    ]
    columns = (
        Column("side", Text("承担或受益", "Pays or gains"), categories=BEARS),
        Column("who", Text("对象", "Who")),
        Column("who_en", Text("对象（英文）", "Who, in English")),
        Column("plans", Text("所涉规划", "By which plans")),
        Column("plans_en", Text("所涉规划（英文）", "By which plans, in English")),
        Column("present", Text("现值", "Present value"), WAN_YUAN, 0),
    )
    return framed("bearers", Text("谁承担、谁受益", "Who pays, who gains"), rows, columns)


def _bearer(
    side: str, who: Text, found: Found, plans: Iterable[str], present_yuan: float
) -> dict[str, object]:
    names = joined(found.titles[name] for name in sorted(set(plans)))
    whom = who if who.zh or who.en else UNTOLD
    return {
        "side": side,
        "who": whom.zh,
        "who_en": whom.en,
        "plans": names.zh,
        "plans_en": names.en,
        "present": present_yuan / WAN,
    }


def townships(found: Found) -> Table:
    """Give what is claimed in each township, what of it costs, and places better and worse off."""
    rows = by_township(found.strategy, found.runs, found.gains).to_dict("records")
    columns = (
        Column("town", Text("乡镇", "Township"), categories=towns(found.county)),
        Column("land_ha", Text("占地", "Land taken"), "ha", 2),
        Column("cropland_ha", Text("其中耕地", "Of it cropland"), "ha", 2),
        Column("people", Text("须安置人口", "People to be moved"), "persons", 0),
        Column("wan_yuan", Text("运行结果分到乡镇的投资", "Cost told by township"), WAN_YUAN, 0),
        Column("by_land", Text("按占地面积分摊的投资", "Cost shared out by land"), WAN_YUAN, 0),
        Column("present", Text("费用现值", "Costs, discounted"), WAN_YUAN, 0),
        Column("better", Text("受益地点", "Places better off"), decimals=0),
        Column("worse", Text("受损地点", "Places worse off"), decimals=0),
    )
    return framed("townships", Text("分乡镇", "By township"), rows, columns)
