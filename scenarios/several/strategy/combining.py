"""Several plans as one result: carried out in order, one ledger, what fits together.

Method: plans run in their order, each on the county as those before it leave it: of every layer the
latest edit, by the same way in which any run stands on another. Land that claims take is laid over
each other, every m² once (`land`); claims are summed kind by kind (`ledger`); yuan falls in years
and is discounted (`money`); every subset of up to fifteen plans is held against contested land,
limits and needs (`subsets`). The rules of the park are asked of each plan's land.

Limits: a subset is judged with the figures found in this order; where a plan stands on one that is
not in the subset it is said, and these figures hold only when it has been run alone. What a
question does not claim counts as nothing. Prices of different years are not converted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.words import Text, hectares, joined
from layers.county import County
from scenarios.result import Metric, Result, Run
from scenarios.several.gathering import gathered
from scenarios.several.strategy.carrying import Tell, carried_out, require_some
from scenarios.several.strategy.checks import checks
from scenarios.several.strategy.drawn import contested_table, layers
from scenarios.several.strategy.found import Found
from scenarios.several.strategy.handing import leaves
from scenarios.several.strategy.ledger import Item
from scenarios.several.strategy.money import UNDATED
from scenarios.several.strategy.reading import Asked
from scenarios.several.strategy.spread import WAN, WAN_YUAN
from scenarios.several.strategy.tables import tables
from scenarios.several.strategy.terms import Plan

TITLE = Text("规划组合", "Plans combined")
QUESTION = Text(
    "几项规划能否同时实施，合起来用多少地、多少钱，欠补多少？",
    "Can the plans be carried out together, and what do they use and owe in all?",
)

HEADLINES = ("land_contested", "land_once", "cropland_short", "yuan")
"""Lines of the ledger that are told first."""


def combined(
    asked: Asked,
    folder: Path,
    *,
    held: dict[str, County],
    tell: Tell = lambda _n, _of: None,
) -> Run:
    """Carry out a strategy into a folder and give what was found.

    Parameters
    ----------
    asked
        The strategy.
    folder
        Where the runs of the plans go; those that stand there already are taken as they are.
    held
        Counties that are loaded already.
    tell
        Hears how many plans are done, of how many.

    Raises
    ------
    InputError
        If no plan can be carried out; the failure of each is named.
    """
    done = carried_out(asked, folder, held=held, tell=tell)
    require_some(done)
    return gathered_of(Found(asked.strategy, held[asked.county], done))


def gathered_of(found: Found) -> Run:
    """Give what is found of a strategy that was carried out, as a run."""
    parks = [one.park for one in found.done if isinstance(one.park, Run)]
    result = Result(
        layers=tuple(layers(found)),
        tables=(*tables(found), *_contested(found)),
        metrics=tuple(metrics(found)),
        checks=tuple(checks(found)),
        reproducible=all(run.result.reproducible for run in found.runs.values()),
    )
    result = replace(result, answer=tuple(answer(found)))
    title, own = found.strategy.title, TITLE
    title = Text(title.zh or own.zh, title.en or own.en)
    runs = [*found.runs.values(), *parks]
    asked = _asked(found)
    return gathered("strategy", runs, result, title=title, question=QUESTION, asked=asked)


def _asked(found: Found) -> Mapping[str, Any]:
    """Give what the result follows from beside its runs; of a plan what it says beside its name."""
    strategy = found.strategy
    terms = strategy.model_dump(mode="json", exclude_defaults=True, exclude={"plan"})
    own = {"title_zh", "title_en", "county"}
    plans = {one.name: _told(one) for one in strategy.plan}
    return {**{key: value for key, value in terms.items() if key not in own}, **plans}


def _told(plan: Plan) -> str:
    """Give a plan in a line: its question or script, then what it sets."""
    said = plan.model_dump(mode="json", exclude_defaults=True, exclude={"name", "what", "set"})
    values = {**dict(leaves(plan.set)), **said}
    pairs = (f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in values.items())
    return " ".join([plan.what, *pairs])


def _contested(found: Found) -> Iterator[Any]:
    if found.land.contested:
        yield contested_table(found)


def metrics(found: Found) -> Iterator[Metric]:
    """Give the headline figures."""
    total, ran = len(found.done), len(found.runs)
    title = Text("已运行的规划", "Plans carried out")
    yield Metric("plans", title, float(ran), "", target=float(total), decimals=0)
    if found.subsets:
        fitting = [one for one in found.subsets if one.fits]
        title = Text("可同时实施的组合", "Subsets that fit together")
        yield Metric("fitting", title, float(len(fitting)), "", decimals=0)
    layered = {"land_once": "land", "land_contested": "contested" if found.land.contested else ""}
    first = [name for name in HEADLINES if name in found.items]
    for name in [*first, *(name for name in found.items if name not in first)]:
        yield _metric(found.items[name], layered.get(name, ""))
    cost = found.discounted.sum()
    yield Metric(
        "cost_present",
        Text("费用现值", "Costs, discounted"),
        float(cost["cost"]) / WAN,
        WAN_YUAN,
        decimals=0,
        low=float(cost["cost_low"]) / WAN,
        high=float(cost["cost_high"]) / WAN,
    )


def _metric(item: Item, layer: str) -> Metric:
    """Give a line of the ledger as a figure; yuan in 10⁴."""
    money = item.unit == "yuan"
    low, likely, high = item.whole.times(1 / WAN if money else 1.0)
    return Metric(
        item.id,
        item.title,
        likely,
        WAN_YUAN if money else item.unit,
        decimals=item.decimals,
        note=item.note,
        layer=layer,
        low=low if low != high else None,
        high=high if low != high else None,
    )


def answer(found: Found) -> Iterator[Text]:
    """Say in figures what the plans use together, what is contested, and what fits."""
    yield _carried(found)
    yield from _undated(found)
    if len(found.land.shapes_ha) > 1:
        yield _used(found)
    if found.subsets:
        yield _best(found)
    if "cropland_owed" in found.items:
        yield _owed(found)


def _carried(found: Found) -> Text:
    total, ran = len(found.done), len(found.runs)
    failed = joined(one.plan.name for one in found.done if one.run is None)
    tail = Text(f"，未成：{failed.zh}", f", not {failed.en}") if failed.zh else Text("", "")
    yuan = found.items["yuan"].whole if "yuan" in found.items else None
    cost = Text("", "")
    if yuan is not None:
        low, likely, high = (f"{end / WAN:,.0f}" for end in yuan)
        cost = Text(
            f"，投资合计 {likely} 万元（{low}—{high}）",
            f", at a cost of {likely} × 10k CNY ({low} to {high})",
        )
    return Text(
        f"{total} 项规划运行了 {ran} 项{tail.zh}{cost.zh}。",
        f"{ran} of {total} plans were carried out{tail.en}{cost.en}.",
    )


def _undated(found: Found) -> Iterator[Text]:
    """Say how much falls in the first year for want of another."""
    undated = float(found.spent.loc[found.spent["basis"] == UNDATED, "likely"].sum())
    if undated > 0:
        amount, year = f"{undated / WAN:,.0f}", found.strategy.first_year
        yield Text(
            f"其中 {amount} 万元未注明使用年份，计入 {year} 年。",
            f"Of it {amount} × 10k CNY tells no year and counts in {year}.",
        )


def _used(found: Found) -> Text:
    once, twice = hectares(found.land.once_ha), hectares(found.land.contested_ha)
    pairs = len(found.land.contested)
    if not pairs:
        return Text(
            f"不重复计算共占地 {once.zh}，没有争用。", f"They take {once.en}, none of it twice."
        )
    several = "pair of plans contests" if pairs == 1 else "pairs of plans contest"
    return Text(
        f"不重复计算共占地 {once.zh}，其中 {twice.zh}被 {pairs} 对规划争用。",
        f"They take {once.en}, of which {pairs} {several} {twice.en}.",
    )


def _best(found: Found) -> Text:
    fitting = [one for one in found.subsets if one.fits]
    if not fitting:
        return Text("没有一项规划可以实施。", "No plan can be carried out.")
    names = joined((found.titles[name] for name in fitting[0].plans), "、", ", ")
    if len(fitting[0].plans) == len(found.runs):
        return Text("全部规划可同时实施。", "All of them fit together.")
    return Text(
        f"{len(found.subsets)} 种组合中 {len(fitting)} 种可同时实施，优先值最高的是：{names.zh}。",
        f"{len(fitting)} of {len(found.subsets)} subsets fit together; what counts most: "
        f"{names.en}.",
    )


def _owed(found: Found) -> Text:
    owed = hectares(found.items["cropland_owed"].whole.likely)
    short = hectares(found.items["cropland_short"].whole.likely)
    return Text(
        f"占补平衡须补充耕地 {owed.zh}，尚缺 {short.zh}。",
        f"They owe {owed.en} of cropland, of which {short.en} is still short.",
    )
