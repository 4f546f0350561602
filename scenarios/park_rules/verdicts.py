"""What is said of a project in the park: headline figures, verdicts, the answer in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd

from geo.words import NO_TEXT, Text, alike, headed, hectares, joined
from layers.rulebook import Rule, approver
from layers.source import Quality
from layers.zones import PARK_ZONES, ZONES
from scenarios.answers.backdrop import importing
from scenarios.answers.figures import Figure
from scenarios.park_rules.case import VERDICTS, Case, conditions, worst
from scenarios.park_rules.terms import CONDITIONS
from scenarios.result import Check, Metric, Verdict

LENGTH = Figure("length_m", Text("长度", "length"), "m", 1)
AREA = Figure("area_ha", Text("面积", "area"), "ha", 2)
POINTS = Figure("points", Text("点数", "points"), "count", 0)
MEASURES = (LENGTH, AREA, POINTS)
AWAY = Figure("away_m", Text("到国家公园的距离", "Distance to the park"), "m", 0)
ZONE_TITLES = {zone: headed(ZONES[f"park_{zone}"].title) for zone in PARK_ZONES}
SCHEMATIC = frozenset({Quality.MODELLED, Quality.SCHEMATIC})
ROUND = Text("改线避让，或移出公园", "lead it round, or move it out of the park")
CLAIM = Text(
    "改线避让，或主张适用的例外（--set exception=1…9）",
    "lead it round, or claim an exception that fits (--set exception=1…9)",
)
NO_RULE = Text(
    "改用规则有效的日期（--set rule_date=…）", "take a day with a rule (--set rule_date=…)"
)


HANGS_ON = {
    "open": Text("尚缺的条件", "not shown"),
    "proven": Text("已证明的条件", "Proven"),
    "stated": Text("由规划人员声明而未核查", "Stated by the planner and not checked"),
}


def metrics(case: Case) -> Iterator[Metric]:
    """Give metres, hectares and points in each zone, of the whole, and how far off the park is."""
    parts = case.parts
    shown = [one for one in MEASURES if parts[one.id].notna().any()]
    if case.zones is not None:
        for zone in PARK_ZONES:
            title = ZONE_TITLES[zone]
            for one in shown:
                words = Text(f"{title.zh}内{one.title.zh}", f"{title.en}: {one.title.en}")
                figure = Figure(f"{zone}_{one.id}", words, one.unit, one.decimals, "lower")
                rows = parts[(parts["zone"] == zone) & parts[one.id].notna()]
                yield figure.metric(rows[one.id].sum(), **_lit(rows))
        if away_m := away(case):
            yield AWAY.metric(away_m)
    for one in shown:
        words = Text(f"项目{one.title.zh}", f"Project: {one.title.en}")
        figure = Figure(f"project_{one.id}", words, one.unit, one.decimals)
        yield figure.metric(parts[one.id].sum())


def away(case: Case) -> float:
    """Give how far off the park the project lies, m; 0 where it reaches into it or is not known."""
    if case.zones is None:
        return 0.0
    return float(case.shapes.distance(case.zones.union_all()).min())


def _lit(rows: gpd.GeoDataFrame) -> dict[str, Any]:
    """Say which features of the map make up rows of parts."""
    if rows.empty:
        return {}
    layer = rows["layer"].iloc[0]
    return {"layer": layer, "features": tuple(map(str, rows.index[rows["layer"] == layer]))}


def checks(case: Case) -> Iterator[Check]:
    """Judge the project as a whole, each zone, and each condition of the exceptions claimed.

    What the planner states to be met is no finding: the answer and the table of conditions tell it.
    """
    yield _judged(case, "project", Text("项目整体", "The project as a whole"), case.parts)
    if case.zones is not None:
        for zone in PARK_ZONES:
            title = Text(f"{ZONE_TITLES[zone].zh}内", f"In the {ZONES[f'park_{zone}'].title.en}")
            yield _judged(case, f"zone_{zone}", title, case.parts[case.parts["zone"] == zone])
    for item in case.items:
        for name in conditions(item):
            if name == "unavoidable" or case.met(name).state is not True:
                yield _condition(case, item, name)


def _judged(case: Case, name: str, title: Text, rows: gpd.GeoDataFrame) -> Check:
    """Give the worst verdict of parts, with the rule behind it, and what to do."""
    verdict = worst(list(rows["verdict"]))
    bad = rows[(rows["verdict"] == verdict) & rows["zone"].ne("outside")]
    rule = next((one for one in bad["rule"] if one), "")
    inside = rows[rows["zone"].isin(PARK_ZONES)]
    return Check(
        name,
        title,
        verdict,
        size(inside) if case.zones is not None else Text("分区未知", "zones are not known"),
        Text("园外，或符合列明的例外", "outside of it, or a listed exception"),
        rule=rule,
        remedy=NO_TEXT if verdict == "pass" else _remedy(case, verdict, rule),
        **_lit(bad),
    )


def size(rows: gpd.GeoDataFrame) -> Text:
    """Give the measures of parts in words.

    >>> size(gpd.GeoDataFrame({"length_m": [1500.0], "area_ha": [2.5], "points": [None]})).en
    '1,500.0 m, 2.50 ha'
    """
    told = {
        "length_m": lambda size: alike(f"{size:,.1f} m"),
        "area_ha": lambda size: hectares(size, decimals=2),
        "points": lambda size: Text(f"{size:.0f} 个点", f"{size:.0f} point{'s' * (size != 1)}"),
    }
    known = {name: float(rows[name].sum(min_count=1)) for name in told}
    return joined([told[name](size) for name, size in known.items() if pd.notna(size)] or ["0"])


def _remedy(case: Case, verdict: str, rule: str) -> Text:
    """Say what to do about a verdict that is no pass."""
    if case.zones is None:
        return importing("park")
    if not rule:
        return NO_RULE
    if verdict == "approval":
        who = approver(rule, case.params.rule_date)
        return Text(f"需报批：{who.zh}", f"needs approval: {who.en}")
    if not rule.startswith("park.exception"):
        return ROUND if rule == ZONES["park_core"].taking else CLAIM
    asked = [case.met(one).remedy for one in conditions(case.book[rule])]
    return joined([one for one in asked if one != NO_TEXT] or [ROUND], "；", "; ")


def _condition(case: Case, item: Rule, name: str) -> Check:
    """Say whether a condition is met, and on which ground."""
    met, words = case.met(name), CONDITIONS[name]
    verdicts: dict[bool | None, Verdict] = {True: "pass", False: "fail", None: "unknown"}
    number = item.id.rpartition("_")[2]
    return Check(
        f"exception_{number}_{name}",
        Text(f"例外第 {number} 项：{words.zh}", f"Exception {number}: {words.en}"),
        verdicts[met.state],
        met.ground,
        Text("须符合", "to be met"),
        rule=item.id,
        remedy=met.remedy,
    )


def answer(case: Case) -> Iterator[Text]:
    """Say what lies where, the verdict and why, what it hangs on, and how good the borders are."""
    yield _where(case)
    yield _verdict(case)
    yield from _hangs_on(case)
    if case.zones is not None and case.county.sources["park"].quality in SCHEMATIC:
        off = NO_TEXT
        if away_m := away(case):
            off = Text(f"项目距界 {away_m:,.0f} m，", f", and the project is {away_m:,.0f} m off")
        yield Text(
            f"公园分区界线为示意，{off.zh}须以法定界线复核。",
            f"The borders of the park are schematic{off.en}: only the legal ones decide.",
        )


def _where(case: Case) -> Text:
    parts, many = case.parts, len(case.shapes)
    whole = size(parts)
    if case.zones is None:
        return Text(
            f"项目 {many} 个图形（{whole.zh}），没有国家公园图层，位于哪个分区未知。",
            f"Without a layer of the national park it is not known in which zone the project "
            f"({whole.en}) lies.",
        )
    core, general, rest = (size(parts[parts["zone"] == zone]) for zone in (*PARK_ZONES, "outside"))
    return Text(
        f"项目 {many} 个图形（{whole.zh}）：核心保护区内 {core.zh}，一般控制区内 {general.zh}，"
        f"园外 {rest.zh}。",
        f"Of the project ({whole.en} in {many} shape{'s' * (many > 1)}) {core.en} lie in the core "
        f"zone, {general.en} in the general zone, {rest.en} outside of the park.",
    )


def _verdict(case: Case) -> Text:
    """Say the verdict of the whole, and of which rule it comes."""
    verdict = worst(list(case.parts["verdict"]))
    rows = case.parts[case.parts["verdict"] == verdict]
    title = next((case.book[one].title for one in rows["rule"] if one), None)
    words = VERDICTS[verdict]
    if title is None:
        reason = Text("", "")
        if verdict == "pass":
            reason = Text(
                "，不在公园内，公园规则不适用", ", it lies outside and the rules do not bind"
            )
        return Text(
            f"整体结论：{words.zh}{reason.zh}。", f"Verdict: {words.en.lower()}{reason.en}."
        )
    return Text(
        f"整体结论：{words.zh}，依据“{title.zh}”。",
        f"Verdict: {words.en.lower()}, by “{title.en}”.",
    )


def _hangs_on(case: Case) -> Iterator[Text]:
    """Say of the conditions which are not shown, which are proven, which the planner states."""
    shown: dict[str, list[Text]] = {"open": [], "proven": [], "stated": []}
    for name in dict.fromkeys(one for item in case.items for one in conditions(item)):
        met, words = case.met(name), CONDITIONS[name]
        told = Text(f"{words.zh}（{met.ground.zh}）", f"{words.en} ({met.ground.en})")
        if met.state is not True:
            shown["open"].append(told)
        elif name == "unavoidable":
            shown["proven"].append(told)
        else:
            shown["stated"].append(words)
    parts = []
    for kind, words in HANGS_ON.items():
        if shown[kind]:
            told = joined(shown[kind], "、", "; ")
            parts.append(Text(f"{words.zh}：{told.zh}", f"{words.en}: {told.en}"))
    if parts:
        whole = headed(joined(parts, "；", ". "))
        yield Text(f"{whole.zh}。", f"{whole.en}.")
