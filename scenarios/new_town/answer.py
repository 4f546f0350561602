"""What is said of a new town, in sentences made of the figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from geo.words import Text, hectares, joined
from scenarios.answers.screening import NO, YES
from scenarios.new_town.land import BUILT, REASONS
from scenarios.new_town.plan import LEANINGS, M2_PER_HA, YUAN_PER_WAN
from scenarios.new_town.report import Town
from scenarios.new_town.works import (
    ENDS,
    M3_PER_WAN,
    by_year,
    measured,
)


def sentences(town: Town) -> Iterator[Text]:
    """Answer in sentences made of the figures."""
    yield _said_land(town)
    yield _said_plan(town)
    yield _said_works(town)
    yield _said_others(town)


def _said_land(town: Town) -> Text:
    land = town.land
    verdict = land.patches["verdict"]
    whole = hectares(land.extent.area / M2_PER_HA, decimals=1)
    built, free, lost = (
        hectares(land.hectares(verdict == one), decimals=1) for one in (BUILT, YES, NO)
    )
    firsts = land.patches.groupby("first")["area_ha"].sum().drop("", errors="ignore")
    firsts = firsts.sort_values(ascending=False, kind="stable").head(3)
    parts = [
        joined([REASONS[str(name)].title, hectares(float(area), decimals=1)], " ", " ")
        for name, area in firsts.items()
    ]
    most = joined(parts)
    return Text(
        f"新城范围 {whole.zh}中，已建成 {built.zh}，受规则限制 {lost.zh}"
        f"（按首要限制：{most.zh}），可建设 {free.zh}。",
        f"Of {whole.en} {built.en} are built on, {lost.en} are refused (first of all by: "
        f"{most.en}), and {free.en} may be built on.",
    )


def _said_plan(town: Town) -> Text:
    found, title = measured(town.parts, town.shown), LEANINGS[town.name].title
    used = hectares(found["used_ha"], decimals=1)
    low, _, high = town.shown.amount("jobs")
    jobs, people, tce = (f"{found[name]:,.0f}" for name in ("jobs", "people", "energy_tce"))
    value = f"{found['value_wan_yuan'] / YUAN_PER_WAN:,.1f}"
    return Text(
        f"{title.zh}方案布置 {used.zh}，按假定强度约 {jobs} 个岗位"
        f"（{low:,.0f}–{high:,.0f}），可居住约 {people} 人，年增加值约 {value} 亿元，"
        f"年能耗约 {tce} 吨标准煤。",
        f"The {title.en.lower()} alternative puts {used.en} to use: at the densities assumed "
        f"{jobs} jobs ({low:,.0f}–{high:,.0f}), homes for {people}, {value} × 100 million "
        f"yuan of value added and {tce} tce a year.",
    )


def _said_works(town: Town) -> Text:
    design, costs = town.shown.design, town.shown.costs.sum()
    years = by_year(town.shown, town.terms)
    busy = years.index[years["area_ha"] > 0]
    low, likely, high = (f"{costs[end] / YUAN_PER_WAN:,.2f}" for end in ENDS)
    cut, fill = (f"{m3 / M3_PER_WAN:,.1f}" for m3 in (design.cut_m3, design.fill_m3))
    vacant = town.parts.plots.loc[town.placed.used]
    ready = hectares(float(vacant.loc[vacant["vacant"], "area_ha"].sum()), decimals=1)
    return Text(
        f"其中 {ready.zh}为已平整空地，不需土方；"
        f"其余挖方 {cut} 万方、填方 {fill} 万方。造价约 "
        f"{likely} 亿元（{low}–{high}，单价为假定，不含建筑），"
        f"{busy.min()}–{busy.max()} 年分年实施。",
        f"Of this {ready.en} are levelled and move no earth; the rest cuts {cut} and fills "
        f"{fill} × 10,000 m³. It costs about {likely} ({low}–{high}) × 100 million yuan "
        f"at assumed prices, buildings aside, spread over {busy.min()}–{busy.max()}.",
    )


def _said_others(town: Town) -> Text:
    """Say what each other alternative wins and loses against this one."""
    own = measured(town.parts, town.shown)
    parts = [_against(town, name, own) for name in town.works if name != town.name]
    told = joined(parts, "；", "; ")
    return Text(f"{told.zh}。", f"{told.en}.")


SAME_EARTH = 0.1  # of 10,000 m³
SHORT: Mapping[str, Text] = {
    "jobs": Text("岗位", "jobs"),
    "cost_wan_yuan": Text("造价", "cost"),
    "gate_min": Text("产业到互通时间", "minutes of industry to the interchange"),
    "facing_m": Text("同类相邻边长", "border of like uses"),
}


def _against(town: Town, name: str, own: Mapping[str, float]) -> Text:
    other, title = measured(town.parts, town.works[name]), LEANINGS[name].title
    parts = []
    for figure, words in SHORT.items():
        if not own[figure] or np.isnan(own[figure]) or np.isnan(other[figure]):
            continue
        share = 100 * (other[figure] - own[figure]) / own[figure]
        if abs(share) >= 1:
            more = Text("多" if share > 0 else "少", "more" if share > 0 else "less")
            parts.append(
                Text(
                    f"{words.zh}{more.zh} {abs(share):.0f} %",
                    f"{abs(share):.0f} % {more.en} {words.en}",
                )
            )
    earth, less = other["earth_m3"], own["earth_m3"]
    if abs(earth - less) >= SAME_EARTH:
        parts.append(
            Text(
                f"挖填方 {earth:,.1f} 万方（本方案 {less:,.1f} 万方）",
                f"{earth:,.1f} × 10,000 m³ of earth moved against {less:,.1f}",
            )
        )
    differs = f"{town.differs(town.name, name):.0f} %"
    told = joined(parts) if parts else Text("主要指标相近", "much the same figures")
    return Text(
        f"{title.zh}方案有 {differs} 的用地用途不同，{told.zh}",
        f"{title.en}: {differs} of the land has another use, {told.en}",
    )
