"""The tables of a strategy: its books, and its plans against each other."""

from __future__ import annotations

from collections.abc import Iterator

from geo.words import Text, joined
from scenarios.result import Category, Column, Table
from scenarios.several.strategy import books
from scenarios.several.strategy.books import PLAN, framed
from scenarios.several.strategy.carrying import Done
from scenarios.several.strategy.drawn import SEPARATE
from scenarios.several.strategy.found import Found
from scenarios.several.strategy.joint import park_verdict
from scenarios.several.strategy.matrix import STATES, hands
from scenarios.several.strategy.subsets import beside_land, conflicts

MOST_ROWS = 199
"""Subsets that are listed beside that of all plans; the rest are counted."""
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
    yield books.ledger(found)
    yield _matrix(found)
    yield _pairs(found)
    if found.subsets:
        yield _subsets(found)
    yield books.years(found)
    yield from books.stacks(found)
    yield books.discounted(found)
    yield books.bearers(found)
    if len(found.benefits):
        yield books.benefits(found)
    yield books.townships(found)
    if len(found.gains):
        yield _gains(found)
    yield _plans(found)


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
    return framed("matrix", Text("规划关系矩阵", "Plans against plans"), rows, columns)


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
    return framed("pairs", Text("规划关系明细", "Relations of plans"), rows, columns)


def _subsets(found: Found) -> Table:
    """Give subsets, what fits and counts most first, with the conflicts of those that do not.

    Of more than `MOST_ROWS` the first are listed, and the one of all plans.
    """
    rows = []
    ranked = list(enumerate(found.subsets, 1))
    listed = ranked[:MOST_ROWS]
    listed += [one for one in ranked[MOST_ROWS:] if len(one[1].plans) == len(found.runs)]
    for number, one in listed:
        why = joined(conflicts(found.together, one.plans, found.titles), "；", "; ")
        rest = joined(beside_land(found.together, one.plans, found.titles), "；", "; ")
        names = joined((found.titles[name] for name in one.plans), "＋", " + ")
        rows.append(
            {
                "rank": number,
                "plans": names.zh,
                "plans_en": names.en,
                "fits": "yes" if one.fits else "no",
                "score": one.score,
                "sure": "yes" if found.stands_alone(one.plans) else "no",
                "why": why.zh,
                "why_en": why.en,
                "rest": rest.zh,
                "rest_en": rest.en,
                "codes": SEPARATE.join(one.plans),
            }
        )
    columns = (
        Column("rank", Text("排序", "Rank"), decimals=0),
        Column("plans", Text("规划组合", "Plans")),
        Column("plans_en", Text("规划组合英文名", "Plans in English")),
        Column("fits", Text("能否同时实施", "Together"), categories=FITS),
        Column("score", Text("优先值", "Counts"), decimals=2, better="higher"),
        Column("sure", Text("数值可直接采用", "Figures hold as they are"), categories=SURE),
        Column("why", Text("冲突", "Conflict")),
        Column("why_en", Text("冲突（英文）", "Conflict, in English")),
        Column("rest", Text("争用以外的冲突", "Conflict but for contested land")),
        Column("rest_en", Text("争用以外的冲突（英文）", "The same, in English")),
        Column("codes", Text("规划代码", "Codes of the plans")),
    )
    more = len(ranked) - len(listed)
    tail = Text(f"（另有 {more} 种）", f" ({more} more)") if more else Text("", "")
    title = Text(f"规划组合{tail.zh}", f"Plans combined{tail.en}")
    return framed("subsets", title, rows, columns)


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
    return framed("gains", title, summed.to_dict("records"), columns)


def _plans(found: Found) -> Table:
    """Give one row a plan in its order: what it is, what came of it, on what it stands."""
    rows = []
    for number, one in enumerate(found.done, 1):
        run = one.run
        on = _handed(found, one)
        rows.append(
            {
                "number": str(number),
                "plan": one.plan.name,
                "state": "run" if run else "failed",
                "question": run.title.zh if run else one.plan.what,
                "question_en": run.title.en if run else one.plan.what,
                "measures": "、".join(map(str, run.measures)) if run else "",
                "stands_on": on.zh,
                "stands_on_en": on.en,
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
        Column("question_en", Text("问题（英文）", "Question, in English")),
        Column("measures", Text("举措", "Measures")),
        Column("stands_on", Text("衔接", "What earlier plans hand over")),
        Column("stands_on_en", Text("衔接（英文）", "What is handed over, in English")),
        Column("park", Text("国家公园管控", "Rules of the park"), categories=VERDICTS),
        Column("quality", Text("数据质量", "Quality")),
        Column("quality_en", Text("数据质量英文", "Quality in English")),
        Column("folder", Text("运行文件夹", "Run folder")),
    )
    return framed("plans", Text("规划", "Plans"), rows, columns)


def _handed(found: Found, done: Done) -> Text:
    """Say what earlier plans hand over to one: layers as they leave them, figures, themselves."""
    by = {one.plan.name: one for one in found.done}
    told = [
        Text(f"{found.titles[name].zh}：{why.zh}", f"{found.titles[name].en}: {why.en}")
        for name, one in by.items()
        if name != done.plan.name
        for why in hands(one, done)
    ]
    return joined(told, "；", "; ")
