"""Verdicts on a new town."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.words import NO_TEXT, Text, alike, hectares, joined
from layers.county import County
from layers.land.classes import classes
from layers.zones import covered_m2
from scenarios.answers.backdrop import modelled, schematic
from scenarios.answers.screening import NOT_KNOWN
from scenarios.answers.unknowns import naming, remedy
from scenarios.new_town.answer import claim, residents
from scenarios.new_town.land import BEYOND as BEYOND_BOUNDARY
from scenarios.new_town.land import REASONS, values
from scenarios.new_town.plan import HOUSING, INDUSTRY, M2_PER_HA, USES
from scenarios.new_town.report import Town, account, plan_id, used
from scenarios.new_town.works import SLIVER_HA
from scenarios.result import Check, Part, Verdict

CLOSE_M2 = 1.0
DECIDING = (
    "new_town",
    "development_boundary",
    "levelled_land",
    "hazards",
    "basic_farmland",
    "redline",
    "dem",
    "roads",
    "parcels",
    "settlements",
)
"""The layers that land, plots, works and claims come from."""
ALIKE_PERCENT = 5.0  # alternatives that differ on less of the land are one


def checks(county: County, town: Town) -> Iterator[Check]:
    """Give every verdict on the alternative told in full, with what is found of each one.

    What is found of another one alone passes here: there is nothing of the kind.
    """
    each = {one.name: {c.id: c for c in _judged(county, one)} for one in town.each()}
    none = Text("无此情形", "none")
    for name in dict.fromkeys(name for found in each.values() for name in found):
        first = next(found[name] for found in each.values() if name in found)
        absent = replace(first, verdict="pass", found=none, layer="", features=(), remedy=NO_TEXT)
        told = {code: found.get(name, absent) for code, found in each.items()}
        yield replace(
            told[town.name],
            parts=tuple(
                Part(code, c.verdict, c.found, (), c.layer, c.features, c.remedy)
                for code, c in told.items()
            ),
        )


def _judged(county: County, town: Town) -> Iterator[Check]:
    yield from _refused(town)
    yield _closed(town)
    yield from _unheld(town)
    yield from _unknown(county, town)
    yield from _adjusted(town)
    yield from _low_hazard(county, town)
    yield from _surveyed(county, town)
    yield from _unmeasured(county, town)
    yield from _demands(town)
    yield _apart(town)
    yield _streets(town)
    yield from _levels(town)
    yield from _energy(town)
    yield _best(town)
    yield _different(town)


def _at(town: Town, labels: Any) -> dict[str, Any]:
    names = tuple(map(str, labels))
    return {"layer": plan_id(town), "features": names} if names else {}


def _refused(town: Town) -> Iterator[Check]:
    """Say of each rule what it takes from the extent, and whether plots in use keep off it."""
    losses, patches = town.land.screened.losses, town.land.patches
    states = town.land.screened.states
    for one in town.land.screened.criteria:
        area, first = losses.loc[one.id, ["refused_ha", "first_ha"]]
        if not area:
            continue
        those = patches[patches["first"] == one.id]
        built = float(covered_m2(used(town), patches.loc[states.index[states[one.id] == 1]]).sum())
        told = Text(
            f"{area:,.2f} 公顷，其中首要限制 {first:,.2f} 公顷；布局占用 {built:,.1f} m²",
            f"{area:,.2f} ha, of which it binds first on {first:,.2f} ha; the plan takes "
            f"{built:,.1f} m²",
        )
        about: dict[str, Any] = {}
        if len(those):
            about = {"layer": "land", "features": tuple(those.index)}
        none = Text("不安排建设", "nothing built there")
        verdict: Verdict = "pass" if built <= CLOSE_M2 else "fail"
        yield Check(f"screen_{one.id}", one.title, verdict, told, none, rule=one.rule, **about)


def _closed(town: Town) -> Check:
    off = abs(float(account(town).sum()) * M2_PER_HA - town.land.extent.area)
    title = Text("土地去向合计与新城范围之差", "Account of the land against the extent")
    verdict: Verdict = "pass" if off <= CLOSE_M2 else "fail"
    return Check("closed", title, verdict, alike(f"{off:,.3f} m²"), alike(f"≤ {CLOSE_M2:g} m²"))


def _unheld(town: Town) -> Iterator[Check]:
    """Name criteria whose rule does not hold on the day: what they would refuse is not known."""
    for name, reason in REASONS.items():
        if reason.rule and reason.rule not in town.book:
            title = Text(
                f"评判日没有规则：{reason.title.zh}",
                f"No rule holds on the day: {reason.title.en.lower()}",
            )
            later = remedy(Text("改评判日期", "judge on another day"), "--set rule_date=2026-01-01")
            yield Check(f"no_rule_{name}", title, "unknown", NO_TEXT, NO_TEXT, remedy=later)


def _unknown(county: County, town: Town) -> Iterator[Check]:
    those = town.land.patches["verdict"] == NOT_KNOWN
    if those.any():
        title = Text("是否可建设未知", "Not known whether it may be built on")
        found = hectares(town.land.hectares(those))
        labels = tuple(town.land.patches.index[those])
        mend = Text("补充地形数据", "bring terrain")
        yield Check(
            "unknown", title, "unknown", found, NO_TEXT, layer="land", features=labels, remedy=mend
        )
    boundary = county.vector("development_boundary")
    unsaid = boundary if "zone" not in boundary else boundary[boundary["zone"].isna()]
    inside = float(covered_m2(_extent(town), unsaid).sum()) if len(unsaid) else 0.0
    if inside > CLOSE_M2:
        title = Text(
            "开发边界未注明分区，按可建设计", "Boundary of no zone told, taken as buildable"
        )
        yield Check(
            "unknown_zone",
            title,
            "unknown",
            hectares(inside / M2_PER_HA),
            NO_TEXT,
            remedy=naming("development_boundary", "zone"),
        )


def _extent(town: Town) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[town.land.extent], crs=town.land.patches.crs)


def _adjusted(town: Town) -> Iterator[Check]:
    """Say which used land needs the boundary to be adjusted first."""
    patches = town.land.patches
    for name, rule, title, allowed in (
        (
            "flexible",
            "new_town.flexible",
            Text("弹性发展区用地", "Land of the flexible zone"),
            Text("调入集中建设区后使用", "after it is brought into the concentrated zone"),
        ),
        (
            BEYOND_BOUNDARY,
            "new_town.boundary",
            Text("城镇开发边界外用地", "Land beyond the development boundary"),
            Text("调整城镇开发边界后使用", "after the boundary is adjusted"),
        ),
    ):
        inside = covered_m2(used(town), patches[patches[name]])
        those = inside[inside > CLOSE_M2]
        if len(those) and rule in town.book:
            found = hectares(float(those.sum()) / M2_PER_HA)
            about = _at(town, those.index)
            yield Check(name, title, "approval", found, allowed, rule, **about)


def _low_hazard(county: County, town: Town) -> Iterator[Check]:
    """Say which used land lies where hazard is low: allowed, and to be looked at."""
    hazards = county.vector("hazards")
    low = hazards[hazards["level"] == "low"]
    inside = covered_m2(used(town), low)
    those = inside[inside > CLOSE_M2]
    if len(those):
        title = Text("低易发区用地，须作危险性评估", "Land of low hazard, to be assessed")
        found = hectares(float(those.sum()) / M2_PER_HA)
        mend = Text("开展地质灾害危险性评估与防洪评价", "have hazard and flood assessed")
        about = _at(town, those.index)
        yield Check("low_hazard", title, "unknown", found, NO_TEXT, remedy=mend, **about)


def _surveyed(county: County, town: Town) -> Iterator[Check]:
    """Say which used land is vacant by one layer, and built on or water by the survey."""
    if "parcels" not in county:
        return
    parcels, plots = county.vector("parcels"), used(town)
    those = parcels[classes(parcels["DLBM"]).isin(["homestead", "construction", "water"])]
    inside = covered_m2(plots[plots["vacant"]], those)
    inside = inside[inside > CLOSE_M2]
    if len(inside):
        title = Text(
            "平整图层为空地、调查为建设用地或水域",
            "Vacant by the layer of levelled land, built on or water by the survey",
        )
        found = hectares(float(inside.sum()) / M2_PER_HA)
        mend = Text("实地核对，变更调查或平整图层", "look at the place, and mend one of the layers")
        about = _at(town, inside.index)
        yield Check("surveyed", title, "unknown", found, NO_TEXT, remedy=mend, **about)


def _unmeasured(county: County, town: Town) -> Iterator[Check]:
    """Name minutes and people that are not known, and layers that are modelled."""
    plots = used(town)
    for name, title in (
        ("trunk_min", Text("到干线公路时间未知", "Minutes to a trunk road are not known")),
        ("gate_min", Text("到高速互通时间未知", "Minutes to an interchange are not known")),
    ):
        gone = plots.index[plots[name].isna()]
        if len(gone):
            found = Text(f"{len(gone)} 个地块", f"{len(gone)} plots")
            mend = Text("补充附近道路", "bring the roads around")
            about = _at(town, gone)
            yield Check(f"no_{name}", title, "unknown", found, NO_TEXT, remedy=mend, **about)
    known, most = town.shown.cropland_ha()
    if most > known:
        title = Text("可能占用而未查明的耕地", "Cropland that may be taken, not surveyed")
        found = hectares(most - known)
        mend = Text("补充该处国土调查图斑", "bring the parcels of the survey there")
        yield Check("cropland", title, "unknown", found, NO_TEXT, remedy=mend)
    if "settlements" in county and np.isnan(residents(county, town)):
        title = Text("用地内居民人数未知", "People on land that is used are not known")
        mend = naming("settlements", "population")
        yield Check("residents", title, "unknown", NO_TEXT, NO_TEXT, remedy=mend)
    yield from modelled(schematic(county, DECIDING))


def _demands(town: Town) -> Iterator[Check]:
    for use, ends in town.placed.wanted.items():
        area = float(town.shown.amounts.loc[use, "area_ha"])
        off = max(ends.least_ha - area, area - ends.most_ha)
        verdict: Verdict = "pass" if off <= SLIVER_HA else "fail"
        title = Text(f"{USES[use].zh}用地", f"{USES[use].en}: land")
        ends_ = f"{ends.least_ha:,.2f}–{ends.most_ha:,.2f}"
        allowed = Text(f"{ends_} 公顷", f"{ends_} ha")
        those = town.placed.use.index[town.placed.use == use]
        yield Check(
            f"demand_{use}",
            title,
            verdict,
            hectares(area),
            allowed,
            rule=f"new_town.{use}",
            **_at(town, those),
        )


def _apart(town: Town) -> Check:
    """Measure how near housing and industry come, from their shapes."""
    plots, use = town.parts.plots, town.placed.use
    homes = plots.geometry[use == HOUSING].to_numpy()
    works = plots.geometry[use.isin(INDUSTRY)].to_numpy()
    names = joined([USES[use] for use in INDUSTRY])
    title = Text(f"居住与{names.zh}用地最小间距", f"Housing to {names.en.lower()}, least distance")
    allowed = alike(f"> {town.apart_m:g} m" if town.apart_m else "≥ 0 m")
    if not len(homes) or not len(works):
        return Check("apart", title, "pass", Text("不相邻", "none of one"), allowed)
    least = float(shapely.distance(shapely.union_all(homes), shapely.union_all(works)))
    verdict: Verdict = "pass" if least > town.apart_m or not town.apart_m else "fail"
    return Check("apart", title, verdict, alike(f"{least:,.1f} m"), allowed)


def _streets(town: Town) -> Check:
    """Hold the share of streets against the range of the rule."""
    rule = "new_town.streets"
    own = float(town.shown.streets["area_ha"].sum())
    share = 100 * own / (own + float(used(town)["area_ha"].sum()))
    title = Text("道路用地比例", "Share of streets")
    least, most = (values(town.book, rule, f"{end}_percent")[0] for end in ("least", "most"))
    verdict: Verdict = "pass" if least <= share <= most else "fail"
    mend = NO_TEXT
    if verdict == "fail":
        mend = remedy(
            Text("调整路宽或路网间距", "other streets"), "--set street_m=… plots_between=…"
        )
    allowed = alike(f"{least:g}–{most:g} %")
    return Check("streets", title, verdict, alike(f"{share:.1f} %"), allowed, rule, remedy=mend)


def _levels(town: Town) -> Iterator[Check]:
    design = town.shown.design
    title = Text("地块挖填方差额", "Cut less fill of plots")
    off = abs(design.waste_m3 - design.borrow_m3)
    most = town.terms.balance_m3
    verdict: Verdict = "pass" if off <= most + 1 else "fail"
    yield Check("balance", title, verdict, alike(f"{off:,.0f} m³"), alike(f"≤ {most:,.0f} m³"))
    steps = design.links["step_m"].abs()[design.links["wall_m2"] > 0]
    if len(steps):
        title = Text("相邻台地最大高差", "Largest step between plots")
        most = town.terms.max_step_m
        verdict = "pass" if steps.max() <= most + 1e-3 else "fail"
        yield Check("step", title, verdict, alike(f"{steps.max():.1f} m"), alike(f"≤ {most:g} m"))
    grades = 100 * design.links["grade"].dropna()
    if len(grades):
        rule = "new_town.street_grade"
        most = values(town.book, rule, "most_percent")[0]
        title = Text("地块间道路最大纵坡", "Steepest street between plots")
        verdict = "pass" if grades.max() <= most + 1e-3 else "fail"
        found = alike(f"{grades.max():.1f} %")
        yield Check("grade", title, verdict, found, alike(f"≤ {most:g} %"), rule)
    lost = town.shown.lost
    if lost:
        title = Text(
            "格网道路按纵坡上限不可达的地块", "Plots that no street of the lattice reaches at grade"
        )
        found = Text(f"{len(lost)} 块", f"{len(lost)} plots")
        mend = Text(
            "另行选线或由既有道路进入", "find another way in, or come by a road that is there"
        )
        about = _at(town, lost)
        yield Check(
            "unreached", title, "unknown", found, Text("0 块", "none"), remedy=mend, **about
        )


def _energy(town: Town) -> Iterator[Check]:
    """Hold energy against the quota; a range that the quota lies in decides nothing."""
    yield from _line(town)
    low, likely, high = town.shown.amount("tce")
    title = Text("年能耗与用能指标", "Energy a year against the quota")
    found = Text(
        f"{likely:,.0f}（{low:,.0f}–{high:,.0f}）吨标准煤",
        f"{likely:,.0f} ({low:,.0f}–{high:,.0f}) tce",
    )
    if not town.quota_tce:
        mend = remedy(Text("给出用能指标", "give the quota"), "--set energy_quota_tce=…")
        yield Check("energy_quota", title, "unknown", found, NO_TEXT, remedy=mend)
        return
    quota = town.quota_tce
    verdict: Verdict = "pass" if high <= quota else "fail" if likely > quota else "unknown"
    allowed = Text(f"≤ {quota:,.0f} 吨标准煤", f"≤ {quota:,.0f} tce")
    yield Check("energy_quota", title, verdict, found, allowed)


def _line(town: Town) -> Iterator[Check]:
    """Hold energy per value added against the line, use by use: it binds each project.

    A use whose likely figure is above the line breaks it; where only its high one is, it is not
    known.
    """
    rule, amounts = "new_town.energy", town.shown.amounts
    those = amounts.index[amounts["value_wan_yuan_likely"] > 0]
    if rule not in town.book or those.empty:
        return
    line = values(town.book, rule, "tce_per_wan_yuan")[0]
    each = {use: values(town.book, f"new_town.{use}", "tce_per_wan_yuan") for use in those}
    worst = max(each, key=lambda use: each[use][1:])
    low, likely, high = each[worst]
    over = max(one[2] for one in each.values()) > line
    verdict: Verdict = "fail" if likely > line else "unknown" if over else "pass"
    use, found = USES[worst], f"{likely:.2f} ({low:.2f}–{high:.2f})"
    less = Text("项目准入时逐项核定能效", "have each project's energy checked before it is let in")
    yield Check(
        "energy_line",
        Text("单位增加值能耗，最高的用途（假定）", "Energy per value added, highest use, assumed"),
        verdict,
        Text(f"{use.zh} {found} 吨标准煤/万元", f"{use.en} {found} tce per 10k CNY"),
        Text(f"≤ {line:g} 吨标准煤/万元", f"≤ {line:g} tce per 10k CNY"),
        rule,
        **_at(town, town.placed.use.index[town.placed.use == worst]),
        remedy=NO_TEXT if verdict == "pass" else less,
    )


def _best(town: Town) -> Check:
    plan = town.placed.plan
    title = Text("布局与该取向最优值的距离", "The layout against the best of its leaning")
    told = claim(town)
    verdict: Verdict = "pass" if plan.proven else "unknown"
    more = remedy(Text("加大求解工作量", "search with more work"), "--set effort=2")
    mend = NO_TEXT if plan.proven else more
    return Check("best", title, verdict, told, alike("≤ 1 %"), remedy=mend)


def _different(town: Town) -> Check:
    shares = {(one, other): town.differs(one, other) for one, other in combinations(town.works, 2)}
    least = min(shares.values())
    title = Text("方案之间用途不同的用地，最少", "Land of another use between alternatives, least")
    verdict: Verdict = "pass" if least >= ALIKE_PERCENT else "fail"
    allowed = alike(f"≥ {ALIKE_PERCENT:g} %")
    return Check("different", title, verdict, alike(f"{least:.1f} %"), allowed)
