"""Verdicts on roads of a corridor, each with its rule and station."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from geo.alignment.values import EARTH
from geo.alignment.works.tabulation import station
from geo.words import NO_TEXT, Text, alike, hectares
from layers.county import County
from layers.roads.obstacles import ROAD_ZONES
from layers.zones import ZONES
from scenarios.answers.backdrop import importing
from scenarios.corridor.minutes import Benefit
from scenarios.corridor.resort import SMALLEST_HA
from scenarios.corridor.road import Case, Study
from scenarios.corridor.terms import Corridor, Terms
from scenarios.result import Check, Verdict

CLIMB_M = 50.0  # between points whose mean grades are told
BY_SURVEY = Text("按实地调查另计", "to be added from a survey")
COUNTED = {"cropland": importing("parcels"), "junction": importing("roads")}
"""What lets items of the cost book be counted."""


class Tested(NamedTuple):
    """A rule of the standard as it is tested: id, title, the checker's names, the figure asked."""

    id: str
    title: Text
    broken: tuple[str, ...]
    figure: str


TESTED = (
    Tested("radius", Text("圆曲线最小半径", "Tightest radius"), ("radius",), "min_radius_m"),
    Tested("spiral", Text("缓和曲线长度", "Shortest spiral"), ("spiral",), "min_spiral_m"),
    Tested("grade", Text("最大纵坡", "Steepest grade"), ("grade",), "max_grade"),
    Tested("slope", Text("最小坡长", "Shortest slope"), ("slope_length",), "min_slope_length_m"),
    Tested("window", Text("任意 3 km 平均纵坡", "Mean grade of any 3 km"), ("window_grade",),
           "window_grade"),
    Tested("mean", Text("越岭路段平均纵坡", "Mean grade of climbs"), ("mean_grade",),
           "mean_grade_200_500"),
    Tested("crest", Text("凸形竖曲线半径", "Radius of crests"), ("crest_radius",),
           "min_vertical_radius_m"),
    Tested("sag", Text("凹形竖曲线半径", "Radius of sags"), ("sag_radius",), "min_sag_radius_m"),
    Tested("vertical", Text("竖曲线长度", "Length of vertical curves"), ("vertical_curve",),
           "min_vertical_curve_m"),
    Tested("cut", Text("最大挖深", "Deepest cut"), ("cut",), "max_cut_m"),
    Tested("fill", Text("最大填高", "Highest fill"), ("fill",), "max_fill_m"),
)  # fmt: skip


def checks(study: Study) -> Iterator[Check]:
    """Judge the roads by the standard, by zones, and by what is not known."""
    county, params, cases = study.setting.county, study.setting.params, study.cases
    posts = sum(case.design.posts.s.size for case in cases)
    broken = sum(len(case.broken) for case in cases)
    title = Text("独立校核：全部桩位", "Independent test of every station")
    yield Check("independent", title, "fail" if broken else "pass",
                Text(f"{broken} 处不符 / {posts:,} 桩", f"{broken} breaches / {posts:,} stations"),
                alike("0"), layer="alternatives")  # fmt: skip
    for rule in TESTED:
        yield _tested(rule, cases, study.setting.terms)
    yield from _zones(county, cases, params)
    yield from _unknown(cases)
    yield from _unsaved(county, study.gained)


def _tested(rule: Tested, cases: Sequence[Case], terms: Terms) -> Check:
    """Give the worst figure of each road with its station."""
    figure = terms.standard.figures[rule.figure]
    bad = [case for case in cases if case.broken["rule"].isin(rule.broken).any()]
    found = "; ".join(f"{case.label} {words}" for case in cases if (words := _worst(rule.id, case)))
    sign = "≥" if rule.figure.startswith("min_") else "≤"
    percent = "grade" in rule.figure
    allowed = f"{sign} {100 * figure.value:g} %" if percent else f"{sign} {figure.value:,g} m"
    known = figure.rule if "." in figure.rule else ""
    return Check(rule.id, rule.title, "fail" if bad else "pass",
                 alike(found) if found else Text("无此情形", "none"), alike(allowed),
                 rule=known, layer="alternatives",
                 features=tuple(f"road_{case.label}" for case in bad))  # fmt: skip


def _worst(rule: str, case: Case) -> str:
    """Give the figure of a road that comes nearest to a limit, with its station."""
    plan, pvi = case.design.road.plan, case.design.road.profile.pvi
    grades = np.diff(pvi[:, 1]) / np.diff(pvi[:, 0])
    if rule == "radius":
        bend = np.abs(plan.bend)
        at = int(np.argmax(bend))
        return f"{1 / bend[at]:,.0f} m @ {_post(plan.start[at])}" if bend[at] > 0 else ""
    if rule == "spiral":
        lengths = np.where(np.isin(plan.kind, (1, 3)), plan.length, np.inf)
        at = int(np.argmin(lengths))
        return f"{lengths[at]:,.0f} m @ {_post(plan.start[at])}" if lengths[at] < np.inf else ""
    if rule == "grade":
        at = int(np.argmax(np.abs(grades)))
        return f"{100 * abs(grades[at]):.2f} % @ {_post(pvi[at, 0])}"
    along = {"cut": _deepest, "fill": _deepest, "window": _window, "mean": _climb}
    if rule in along:
        return along[rule](rule, case)
    return _curve(rule, pvi, grades)


def _post(chainage_m: float) -> str:
    """Write a chainage as on a kilometre post, to the metre: K1+359."""
    return station(round(chainage_m)).removesuffix(".000")


def _deepest(rule: str, case: Case) -> str:
    above = (case.line.design - case.moved.sections.ground) * (1 if rule == "fill" else -1)
    earth = case.line.structure == EARTH
    touched = np.append(earth, False) | np.append(False, earth)
    heights = np.where(touched, above, -np.inf)
    at = int(np.nanargmax(heights))
    return f"{max(heights[at], 0):.1f} m @ {_post(case.line.s[at])}"


def _window(_rule: str, case: Case) -> str:
    s, window = case.line.s, case.design.road.limits.window_m
    starts = s[s + window <= s[-1]]
    if not starts.size:
        return ""
    rise = np.interp(starts + window, s, case.line.design) - np.interp(starts, s, case.line.design)
    at = int(np.argmax(np.abs(rise)))
    return f"{100 * abs(rise[at]) / window:.2f} % @ {_post(starts[at])}"


def _climb(_rule: str, case: Case) -> str:
    """Give the steepest mean grade of all stretches that rise or fall by a band's metres."""
    least = min((first for first, _, _ in case.design.road.limits.mean_grades), default=np.inf)
    s = np.append(np.arange(0.0, case.length_m, CLIMB_M), case.length_m)
    z = np.interp(s, case.line.s, case.line.design)
    worst, words = 0.0, ""
    for i in range(s.size - 1):
        rise = np.abs(z[i + 1 :] - z[i])
        means = np.where(rise >= least, rise / (s[i + 1 :] - s[i]), 0.0)
        at = int(np.argmax(means))
        if means[at] > worst:
            worst = float(means[at])
            words = f"{100 * worst:.2f} % / {rise[at]:,.0f} m @ {_post(s[i])}"
    return words


def _curve(rule: str, pvi: np.ndarray, grades: np.ndarray) -> str:
    """Give the tightest crest or sag, the shortest vertical curve or slope."""
    if rule == "slope":
        gaps = np.diff(pvi[1:-1, 0])
        if not gaps.size:
            return ""
        at = int(np.argmin(gaps))
        return f"{gaps[at]:,.0f} m @ {_post(pvi[1 + at, 0])}"
    change = np.diff(grades)
    lengths = pvi[1:-1, 2]
    curved = lengths > 0
    if rule in {"crest", "sag"}:
        curved &= change < 0 if rule == "crest" else change > 0
    if not curved.any():
        return ""
    with np.errstate(divide="ignore"):
        values = lengths if rule == "vertical" else lengths / np.abs(change)
    values = np.where(curved, values, np.inf)
    at = int(np.argmin(values))
    return f"{values[at]:,.0f} m @ {_post(pvi[1 + at, 0])}"


def _zones(county: County, cases: Sequence[Case], params: Corridor) -> Iterator[Check]:
    """Say what each protected zone loses to each road; nothing where it has no rule."""
    for zone in ROAD_ZONES:
        title, rule = ZONES[zone].title, ZONES[zone].taking
        if not rule or ZONES[zone].layer not in county:
            continue
        areas = [float(case.zones[zone]) for case in cases]
        worst = max(areas)
        words = [(c.label, hectares(v, decimals=3)) for c, v in zip(cases, areas, strict=True)]
        found = Text(
            "; ".join(f"{road} {area.zh}" for road, area in words),
            "; ".join(f"{road} {area.en}" for road, area in words),
        )
        free = worst <= SMALLEST_HA
        verdict: Verdict = "pass" if free else "fail" if zone in params.forbid else "unknown"
        taken = Text(f"占用{title.zh}", f"Land taken of {title.en}")
        remedy = NO_TEXT
        if verdict == "unknown":
            remedy = Text("占用须按规则论证或报批", "needs proof or approval")
        yield Check(f"zone_{zone}", taken, verdict, found, hectares(0, decimals=0), rule=rule,
                    layer="footprint", remedy=remedy)  # fmt: skip


def _unknown(cases: Sequence[Case]) -> Iterator[Check]:
    """Name items that are not in the cost because their quantity is not known, each with why."""
    lacking = cases[0].unpriced
    if len(lacking):
        zh, en = "、".join(lacking["title_zh"]), ", ".join(lacking["title_en"])
        title = Text(f"未计入造价（数量未知）：{zh}", f"Not in the cost, quantity unknown: {en}")
        ways = dict.fromkeys(COUNTED.get(name, BY_SURVEY) for name in lacking.index)
        remedy = Text("；".join(one.zh for one in ways), "; ".join(one.en for one in ways))
        yield Check("unpriced", title, "unknown", NO_TEXT, NO_TEXT, remedy=remedy)


def _unsaved(county: County, gained: Benefit | None) -> Iterator[Check]:
    """Say why minutes saved are not known; layers that are missing are named elsewhere."""
    there = all(name in county for name in ("roads", "settlements", "seats"))
    if gained is None and there:
        title = Text(
            "未知哪个驻地是县城，未计算节省时间",
            "Which seat is the county's is not known; minutes saved are not worked out",
        )
        remedy = Text("--set county_seat=乡镇代码", "--set county_seat=CODE")
        yield Check("unsaved", title, "unknown", NO_TEXT, NO_TEXT, remedy=remedy)
