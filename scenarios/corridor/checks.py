"""Verdicts on roads of a corridor, each with its rule and station."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.words import NO_TEXT, UNKNOWN, Text, alike, hectares, joined
from layers.catalog import CATALOG
from layers.county import County
from layers.roads.obstacles import ROAD_ZONES
from layers.rulebook import approver
from layers.zones import ZONES
from scenarios.answers.backdrop import importing
from scenarios.corridor import crossings
from scenarios.corridor.advice import advice
from scenarios.corridor.extremes import worst
from scenarios.corridor.minutes import Benefit
from scenarios.corridor.parts import CONFLICTS, NONE, broken, conflict, part
from scenarios.corridor.resort import SMALLEST_HA
from scenarios.corridor.road import Case, Study
from scenarios.corridor.terms import Corridor, Terms
from scenarios.result import Check, Part, Verdict

BY_SURVEY = Text("按实地调查另计", "to be added from a survey")
COUNTED = {"cropland": "parcels", "junction": "roads"}
"""Layers that let items of the cost book be counted."""


@dataclass(frozen=True)
class Tested:
    """A rule of the standard as it is tested: id, title, the checker's names, the figure asked.

    `allowed` says what is asked where the figure alone ({most}) does not; a rule of `sections` is
    tested only where the road's columns say enough.
    """

    id: str
    title: Text
    broken: tuple[str, ...]
    figure: str
    allowed: Text = NO_TEXT
    sections: bool = False


TESTED = (
    Tested("radius", Text("圆曲线最小半径", "Tightest radius"), ("radius",), "min_radius_m"),
    Tested("spiral", Text("缓和曲线长度", "Shortest spiral"), ("spiral",), "min_spiral_m"),
    Tested("grade", Text("最大纵坡", "Steepest grade"), ("grade",), "max_grade"),
    Tested("slope", Text("最小坡长", "Shortest slope"), ("slope_length",), "min_slope_length_m"),
    Tested(
        "window",
        Text("任意 3 km 平均纵坡", "Mean grade of any 3 km"),
        ("window_grade",),
        "window_grade",
    ),
    Tested(
        "mean",
        Text("越岭路段平均纵坡", "Mean grade of climbs"),
        ("mean_grade",),
        "mean_grade_200_500",
    ),
    Tested(
        "climb",
        Text("最大坡长（累计占用）", "Lengths of grades, used together"),
        ("grade_length",),
        "grade_share",
    ),
    Tested(
        "crest",
        Text("凸形竖曲线半径", "Radius of crests"),
        ("crest_radius",),
        "min_vertical_radius_m",
    ),
    Tested("sag", Text("凹形竖曲线半径", "Radius of sags"), ("sag_radius",), "min_sag_radius_m"),
    Tested(
        "vertical",
        Text("竖曲线长度", "Length of vertical curves"),
        ("vertical_curve",),
        "min_vertical_curve_m",
    ),
    Tested("cut", Text("最大挖深", "Deepest cut"), ("cut",), "max_cut_m"),
    Tested("fill", Text("最大填高", "Highest fill"), ("fill",), "max_fill_m"),
    Tested(
        "curve_length",
        Text("平曲线最小长度", "Shortest plane curve"),
        ("curve_length",),
        "min_curve_m",
    ),
    Tested(
        "straight_same",
        Text("同向曲线间直线", "Straight between curves the same way"),
        ("straight_same",),
        "same_turn_m",
    ),
    Tested(
        "straight_opposite",
        Text(
            "反向曲线间直线（S × 为 S 形曲线数）",
            "Straight between curves opposite ways (S × counts S-curves)",
        ),
        ("straight_opposite",),
        "opposite_turn_m",
    ),
    Tested(
        "superelevation",
        Text("超高", "Superelevation"),
        ("superelevation",),
        "max_superelevation",
        sections=True,
    ),
    Tested(
        "runoff",
        Text("超高渐变：外缘升高 1 m 的长度", "Superelevation runoff a metre of the outer edge"),
        ("runoff",),
        "min_runoff_m",
        sections=True,
    ),
    Tested(
        "widening",
        Text("圆曲线加宽", "Widening on curves"),
        ("widening",),
        "widened_below_m",
        Text("按半径查表，半径 {most}", "by radius, of {most}"),
        sections=True,
    ),
    Tested(
        "sight_crest",
        Text("凸形竖曲线视距", "Stopping sight over crests"),
        ("sight_crest",),
        "stopping_sight_m",
        sections=True,
    ),
    Tested(
        "sight_curve",
        Text("挖方弯道内侧视距", "Stopping sight past cuts on curves"),
        ("sight_curve",),
        "stopping_sight_m",
        sections=True,
    ),
)
NOT_CHECKED = Text("未校核", "not checked")
AT_LEAST = ("min_", "stopping_", "same_turn_", "opposite_turn_")
"""How figures begin that are the least allowed."""


def checks(study: Study) -> Iterator[Check]:
    """Judge the roads by the standard, by zones, and by what is not known."""
    for check in _judged(study):
        parts = tuple(
            one if one.verdict == "pass" or one.remedy.zh else replace(one, remedy=check.remedy)
            for one in check.parts
        )
        yield replace(check, parts=parts)


def _judged(study: Study) -> Iterator[Check]:
    cases = study.cases
    yield _independent(cases)
    for rule in TESTED:
        yield _tested(rule, cases, study.setting.terms)
    yield from crossings.checks(study)
    yield from advice(cases, study.setting.terms)
    yield from _zones(study)
    yield from _unknown(study.setting.county, cases)
    yield from _unsaved(study.setting.county, study.gained)


def _independent(cases: Sequence[Case]) -> Check:
    """Say what the test of every station found."""
    posts = sum(case.design.posts.s.size for case in cases)
    wrong = sum(len(case.broken) for case in cases)
    return Check(
        "independent",
        Text("独立校核：全部桩位", "Independent test of every station"),
        "fail" if wrong else "pass",
        _counted_at(wrong, posts),
        alike("0"),
        layer="alternatives",
        features=tuple(f"road_{case.label}" for case in cases if len(case.broken)),
        parts=tuple(
            part(
                case,
                "fail" if len(case.broken) else "pass",
                _counted_at(len(case.broken), case.design.posts.s.size),
                broken(case),
            )
            for case in cases
        ),
    )


def _counted_at(wrong: int, posts: int) -> Text:
    return Text(f"{wrong} 处不符 / {posts:,} 桩", f"{wrong} breaches / {posts:,} stations")


def _tested(rule: Tested, cases: Sequence[Case], terms: Terms) -> Check:
    """Give the worst figure of each road with its station."""
    figure = terms.standard.figures[rule.figure]
    bad = [case for case in cases if case.broken["rule"].isin(rule.broken).any()]
    extremes = [worst(rule.id, case) for case in cases]
    figures = [
        f"{c.label} {one.words}" for c, one in zip(cases, extremes, strict=True) if one.words
    ]
    blind = rule.sections and not all(case.tested.issuperset(rule.broken) for case in cases)
    verdict: Verdict = "fail" if bad else "unknown" if blind else "pass"
    found = joined(figures, "；", "; ") if figures else NONE
    return Check(
        rule.id,
        rule.title,
        verdict,
        NOT_CHECKED if verdict == "unknown" else found,
        _asked(rule, terms),
        rule=figure.rule if "." in figure.rule else "",
        layer="alternatives",
        features=tuple(f"road_{case.label}" for case in bad),
        parts=tuple(_of_road(rule, case) for case in cases),
    )


def _of_road(rule: Tested, case: Case) -> Part:
    """Judge one road: it is told where it breaks the rule, else where it comes nearest to it."""
    wrong, extreme = broken(case, rule.broken), worst(rule.id, case)
    if wrong:
        return part(case, "fail", extreme.words, [*wrong, extreme.stretch])
    if rule.sections and not case.tested.issuperset(rule.broken):
        return part(case, "unknown", NOT_CHECKED)
    return part(case, "pass", extreme.words, [extreme.stretch])


def _asked(rule: Tested, terms: Terms) -> Text:
    most = _most(rule.figure, terms)
    if not rule.allowed.zh:
        return most
    return Text(rule.allowed.zh.format(most=most.zh), rule.allowed.en.format(most=most.en))


def _most(name: str, terms: Terms) -> Text:
    """Say the figure of a rule, which way it binds, and where it is advice."""
    figure = terms.standard.figures[name]
    value = terms.across.limits.get(name, figure.value)
    sign = "≥" if name.startswith(AT_LEAST) else "≤"
    share = figure.unit in {"m/m", "1"}
    allowed = f"{sign} {100 * value:g} %" if share else f"{sign} {value:,g} m"
    binds = terms.standard.binds(name)
    return alike(allowed) if binds else Text(f"宜 {allowed}", f"advice: {allowed}")


def _zones(study: Study) -> Iterator[Check]:
    """Say what each protected zone loses to each road; nothing where it has no rule."""
    for zone in ROAD_ZONES:
        if ZONES[zone].taking and ZONES[zone].layer in study.setting.county:
            yield _taken(zone, study)


def _taken(zone: str, study: Study) -> Check:
    """Judge a zone by the road that takes most of it."""
    known, params = ZONES[zone], study.setting.params
    column = "area_ha" if zone in params.forbid else "bound_ha"  # what the planner forbids is all
    counted = [float(case.zones.loc[zone, column]) for case in study.cases]
    who = NO_TEXT if zone in params.forbid else approver(known.taking, params.rule_date)
    each = [_of_hectares(area_ha, who) for area_ha in counted]
    verdict: Verdict = "pass"
    for worse in ("unknown", "approval", "fail"):
        verdict = worse if worse in each else verdict
    return Check(
        f"zone_{zone}",
        Text(f"占用{known.title.zh}", f"Land taken of {known.title.en}"),
        verdict,
        joined([_lettered(case, _loses(zone, case)) for case in study.cases], "；", "; "),
        _allowed(zone, params),
        rule=known.taking,
        layer="alternatives",
        features=tuple(
            f"road_{case.label}"
            for case, one in zip(study.cases, each, strict=True)
            if one != "pass"
        ),
        remedy=_remedy(zone, verdict, who),
        parts=tuple(
            replace(_of_zone(zone, case, one), remedy=_remedy(zone, one, who))
            for case, one in zip(study.cases, each, strict=True)
        ),
    )


def _of_hectares(area_ha: float, who: Text) -> Verdict:
    """Judge what one road takes; what is not known may be taken."""
    if area_ha > SMALLEST_HA:
        return "approval" if who.zh else "fail"
    return "pass" if area_ha <= SMALLEST_HA else "unknown"


def _of_zone(zone: str, case: Case, verdict: Verdict) -> Part:
    """Say what a road takes of a zone; the hectares are a feature of their own."""
    there = float(case.zones.loc[zone, "area_ha"]) > SMALLEST_HA
    found, where = _loses(zone, case), (conflict(case, zone),) if there else ()
    return Part(case.label, verdict, found, layer=CONFLICTS if there else "", features=where)


def _lettered(case: Case, words: Text) -> Text:
    return Text(f"{case.label} {words.zh}", f"{case.label} {words.en}")


def _loses(zone: str, case: Case) -> Text:
    """Say what a road takes of a zone, and what of it lies where the rule binds."""
    taken_ha, bound_ha = (float(case.zones.loc[zone, name]) for name in ("area_ha", "bound_ha"))
    words = hectares(taken_ha)
    if not ZONES[zone].grade or taken_ha <= SMALLEST_HA:
        return words
    part = UNKNOWN if np.isnan(bound_ha) else hectares(bound_ha)
    return Text(
        f"{words.zh}（其中一级保护区 {part.zh}）",
        f"{words.en} ({part.en} of it in the first class)",
    )


def _allowed(zone: str, params: Corridor) -> Text:
    nothing = hectares(0, decimals=0)
    if not ZONES[zone].grade or zone in params.forbid:
        return nothing
    return Text(f"一级保护区内 {nothing.zh}", f"{nothing.en} in the first class")


def _remedy(zone: str, verdict: Verdict, who: Text) -> Text:
    """Say who approves, or what keeps the road off a zone."""
    if verdict == "approval":
        return Text(
            f"确实难以避让的，占用需报批：{who.zh}",
            f"where it cannot be avoided, taking it needs approval: {who.en}",
        )
    if verdict == "fail":
        return Text(
            f"改线避让：将其列为禁止穿越的分区（--set forbid=…,{zone}），或加大与禁止分区的距离",
            f"lead the road round it: forbid the zone (--set forbid=…,{zone}), or keep a greater "
            "distance from what is forbidden",
        )
    if verdict == "unknown":
        return Text(
            "保护区图层未注明级别：补充字段 grade 后重新导入",
            "the layer does not say the class of the zone: fill in its field grade, import again",
        )
    return NO_TEXT


def _unknown(county: County, cases: Sequence[Case]) -> Iterator[Check]:
    """Name items that are not in the cost because their quantity is not known, each with why."""
    lacking = cases[0].unpriced
    if len(lacking):
        zh, en = "、".join(lacking["title_zh"]), ", ".join(lacking["title_en"])
        title = Text(f"未计入造价（数量未知）：{zh}", f"Not in the cost, quantity unknown: {en}")
        ways = dict.fromkeys(_counted(county, str(name)) for name in lacking.index)
        remedy = joined(ways, "；", "; ")
        yield Check("unpriced", title, "unknown", NO_TEXT, NO_TEXT, remedy=remedy)


def _counted(county: County, item: str) -> Text:
    """Say what lets an item of the cost book be counted."""
    layer = COUNTED.get(item)
    if layer is None:
        return BY_SURVEY
    if layer not in county:
        return importing(layer)
    title = CATALOG[layer].title
    return Text(
        f"图层“{title.zh}”未覆盖全线，补充沿线数据后重新导入",
        f"the layer {title.en} covers part of the road only: add what lies along it",
    )


def _unsaved(county: County, gained: Benefit | None) -> Iterator[Check]:
    """Say why minutes saved are not known; layers that are missing are named elsewhere."""
    there = all(name in county for name in ("roads", "settlements", "seats"))
    if gained is None and there:
        title = Text(
            "未知哪个驻地是县城，未计算节省时间",
            "Which seat is the county's is not known; minutes saved are not worked out",
        )
        remedy = Text(
            "指明县城所在乡镇（--set county_seat=乡镇代码）",
            "name the township of the county seat (--set county_seat=CODE)",
        )
        yield Check("unsaved", title, "unknown", NO_TEXT, NO_TEXT, remedy=remedy)
