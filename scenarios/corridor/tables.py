"""Roads of a corridor in tables: compared, station by station, item by item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from geo.alignment.plan.curves import MEET, curves
from geo.alignment.plan.plan import SPIRAL_IN, SPIRAL_OUT, Plan, elements
from geo.alignment.profile.climbs import climbs
from geo.alignment.profile.verticals import heights
from geo.alignment.values import Floats
from geo.alignment.works.outlines import outlines
from geo.alignment.works.tabulation import chainages, round_chainages, station, structures
from geo.words import NO_TEXT, Text, joined
from layers.county import County
from layers.roads.prices import ENDS
from layers.roads.standard import OWN, PLACES
from layers.rulebook import rules
from scenarios.answers.figures import unit_column
from scenarios.corridor import crossings, terrain
from scenarios.corridor.codes import (
    ALTERNATIVE,
    BETWEEN,
    CLASS,
    CROSSED,
    ELEMENT,
    OUTSIDE,
    RELIEF,
    STANDARD_FIGURES,
    STANDING,
    STRUCTURE,
    TURN,
    item,
    source,
    township,
)
from scenarios.corridor.crossed import KIND
from scenarios.corridor.figures import COST, SAVED, WAN, compared
from scenarios.corridor.hauls import diagram, hauls
from scenarios.corridor.map import MEASURES, modelled
from scenarios.corridor.minutes import Benefit
from scenarios.corridor.published import comparison
from scenarios.corridor.road import Case, Study
from scenarios.corridor.terms import Setting
from scenarios.result import Category, Column, Table

SECTIONS = (
    ("{}_m", Text("半幅宽度", "Half-width"), "m"),
    ("fall_{}", Text("横坡，向外上坡为正", "Crossfall, rising outwards"), "%"),
    ("edge_{}_m", Text("路基边缘高程", "Height of the edge"), "m"),
    ("bench_{}_m", Text("视距台宽度", "Width of the bench"), "m"),
    ("end_{}_m", Text("坡脚或坡顶平距", "Centreline to the end of the slope"), "m"),
    ("end_{}_height_m", Text("坡脚或坡顶高程", "Height of the end of the slope"), "m"),
)
"""Figures of either side of a cross-section: name, title, unit."""
SIDES = {"left": Text("左", "left"), "right": Text("右", "right")}
EVERY_M = 20.0  # of chainages
OWN_TITLE = Text("自备技术指标", "Your own standard")


def tables(study: Study) -> Iterator[Table]:
    """Give all tables of a corridor; on modelled terrain their titles say so."""
    county, cases, gained = study.setting.county, study.cases, study.gained
    mark = Text("（示意）", " (schematic)") if modelled(county) else NO_TEXT
    mark = terrain.mark(county) if terrain.mark(county).zh else mark

    def titled(words: Text) -> Text:
        return joined([words, mark], "", "")

    yield compared(
        study, title=titled(Text("方案比较", "Alternatives compared")), first=ALTERNATIVE
    )
    if gained is not None and len(cases) > 1:
        yield _front(cases, gained, titled(Text("造价与节省时间", "Cost and time saved")))
    yield _profile(cases, titled(Text("纵断面", "Elevation profile")))
    yield diagram(cases, titled(Text("土方调配图", "Mass-haul diagram")))
    yield _stations(cases, titled(Text("逐桩表（20 m）", "Chainages every 20 m")))
    yield _sections(study, titled(Text("横断面表（20 m）", "Cross-sections every 20 m")))
    yield _elements(cases, titled(Text("平面线形要素", "Elements in plan")))
    yield _slopes(cases, titled(Text("变坡点", "Points of vertical intersection")))
    yield _structures(county, cases, titled(Text("桥隧表", "Bridges and tunnels")))
    yield _crossings(cases, titled(Text("交叉与涵洞表", "Crossings and culverts")))
    yield hauls(cases, titled(Text("土方调配表", "Plan of hauling")))
    yield _bill(cases, titled(Text("工程量与造价", "Quantities and cost")))
    yield from comparison(study, titled(Text("与公布造价对照", "Held against a published cost")))
    yield _land(county, cases, titled(Text("用地（地类与乡镇）", "Land by class and township")))
    yield _standard(study.setting, Text("技术标准", "Standard"))


def _front(cases: Sequence[Case], gained: Benefit, title: Text) -> Table:
    rows = [(case.cost_yuan / WAN, gained.saved(case.label), case.label) for case in cases]
    frame = pd.DataFrame(rows, columns=[COST.id, SAVED.id, ALTERNATIVE.name])
    frame["chosen"] = frame["alternative"] == cases[0].label
    columns = (
        COST.column(),
        SAVED.column(),
        ALTERNATIVE,
        Column("chosen", Text("推荐", "Chosen")),
    )
    return Table("front", title, frame, columns, "front")


def _tabled(cases: Sequence[Case]) -> pd.DataFrame:
    """Put the chainage tables of all alternatives one below the other.

    Heights are those of the parabolas themselves: between stations 5 m apart chords lie a few
    millimetres off.
    """
    parts = []
    for case in cases:
        part = chainages(case.line, case.moved, every=EVERY_M).assign(alternative=case.label)
        part["design_m"] = heights(
            case.design.road.profile.pvi, part["station_m"].to_numpy(dtype=float)
        )
        parts.append(part.assign(height_m=part["design_m"] - part["ground_m"]))
    return pd.concat(parts, ignore_index=True)


def _profile(cases: Sequence[Case], title: Text) -> Table:
    frame = _tabled(cases).rename(columns={"station_m": "chainage_m"})
    frame["grade_percent"] = 100 * frame["grade"]
    frame["crossing"] = crossings.marked(frame, cases)
    columns = (
        ALTERNATIVE,
        Column("chainage_m", Text("里程", "Chainage"), "m", 2),
        Column("x", Text("东坐标", "x"), "m", 2),
        Column("y", Text("北坐标", "y"), "m", 2),
        Column("ground_m", Text("地面高程", "Ground"), "m", 2),
        Column("design_m", Text("设计高程", "Design"), "m", 2),
        STRUCTURE,
        Column("grade_percent", Text("纵坡", "Grade"), "%", 2),
        KIND,
    )
    return Table("profile", title, frame, columns, "profile")


def _stations(cases: Sequence[Case], title: Text) -> Table:
    columns = (
        ALTERNATIVE,
        Column("station", Text("桩号", "Station")),
        Column("x", Text("东坐标", "x"), "m", 3),
        Column("y", Text("北坐标", "y"), "m", 3),
        Column("ground_m", Text("地面高程", "Ground"), "m", 2),
        Column("design_m", Text("设计高程", "Design"), "m", 2),
        Column("grade", Text("纵坡", "Grade"), "m/m", 4),
        Column("radius_m", Text("曲线半径", "Radius"), "m", 1),
        TURN,
        Column("height_m", Text("填挖高度（填为正）", "Height, fill positive"), "m", 2),
        Column("lean_percent", Text("超高", "Superelevation"), "%", 2),
        Column("widening_m", Text("加宽", "Widening"), "m", 2),
        Column("sight_m", Text("视距，至会车视距", "Sight, up to meeting sight"), "m", 0),
        Column("cut_m3", Text("累计挖方", "Cut so far"), "m³", 0),
        Column("fill_m3", Text("累计填方", "Fill so far"), "m³", 0),
        Column("mass_m3", Text("土方累计", "Mass haul"), "m³", 0),
        STRUCTURE,
    )
    frame = _tabled(cases)
    frame["lean_percent"] = 100 * frame["superelevation"]
    frame["sight_m"] = np.concatenate([_seen(case) for case in cases])
    return Table("chainages", title, frame.assign(turn=frame["turn"].replace("", None)), columns)


def _seen(case: Case) -> Floats:
    """Give how far is seen at the rows of a road's chainage table."""
    least = np.minimum(case.seen.crest_m, case.seen.curve_m)
    return np.interp(round_chainages(case.line, EVERY_M), case.line.s, least)


def _sections(study: Study, heading: Text) -> Table:
    dem, terms = study.setting.dem, study.setting.terms
    parts = [
        outlines(
            case.line, dem, terms.template, case.moved.sections.bed, crown=terms.across.lean.crown
        ).assign(alternative=case.label)
        for case in study.cases
    ]
    frame = pd.concat(parts, ignore_index=True)
    for side in ("left", "right"):
        frame[f"fall_{side}"] = 100 * frame[f"crossfall_{side}"]
    columns = (
        ALTERNATIVE,
        Column("station", Text("桩号", "Station")),
        STRUCTURE,
        Column("ground_m", Text("地面高程", "Ground"), "m", 2),
        Column("design_m", Text("设计高程", "Design"), "m", 2),
        Column("cut_m2", Text("挖方面积", "Area of cut"), "m²", 1),
        Column("fill_m2", Text("填方面积", "Area of fill"), "m²", 1),
        *(
            Column(
                name.format(side),
                Text(f"{title.zh}（{hand.zh}）", f"{title.en}, {hand.en}"),
                unit,
                2,
            )
            for name, title, unit in SECTIONS
            for side, hand in SIDES.items()
        ),
        Column("design", Text("设计线（平距/高程）", "Design: offset/height")),
        Column("ground", Text("地面线（平距/高程）", "Ground: offset/height")),
    )
    return Table("sections", heading, frame, columns)


def _elements(cases: Sequence[Case], title: Text) -> Table:
    parts = [_placed(c.design.road.plan).assign(alternative=c.label) for c in cases]
    frame = pd.concat(parts, ignore_index=True)
    frame["from"] = [station(value) for value in frame["start_m"]]
    frame["turn"] = frame["turn"].replace("", None)
    columns = (
        ALTERNATIVE,
        ELEMENT,
        Column("from", Text("起点桩号", "From")),
        Column("length_m", Text("长度", "Length"), "m", 2),
        Column("radius_from_m", Text("起点半径", "Radius at its start"), "m", 2),
        Column("radius_to_m", Text("终点半径", "Radius at its end"), "m", 2),
        Column("parameter_m", Text("缓和曲线参数 A", "Parameter A"), "m", 2),
        TURN,
        BETWEEN,
        Column("start_m", Text("起点里程", "Chainage of its start"), "m", 3),
        Column("x", Text("起点东坐标", "x of its start"), "m", 3),
        Column("y", Text("起点北坐标", "y of its start"), "m", 3),
        Column("azimuth_deg", Text("起点方位角", "Azimuth at its start"), "°", 5),
    )
    names = [column.name for column in columns]
    return Table("elements", title, frame[names], columns, role="elements")


def _placed(plan: Plan) -> pd.DataFrame:
    """List elements, and of straights and spirals between two curves what they are there."""
    frame, bends = elements(plan), curves(plan)
    radius = frame["radius_m"].where(np.isfinite(frame["radius_m"]))
    frame["radius_from_m"] = radius.where(plan.kind != SPIRAL_IN)
    frame["radius_to_m"] = radius.where(plan.kind != SPIRAL_OUT)
    frame["parameter_m"] = np.sqrt(radius * frame["length_m"]).where(frame["kind"] == "spiral")
    frame["azimuth_deg"] = (90 - np.degrees(frame["heading"])) % 360
    frame["between"] = None
    ends = bends["start_m"] + bends["length_m"]
    for end, gap, same in zip(ends[:-1], bends["straight_m"][:-1], bends["same"][:-1], strict=True):
        before, after = frame["start_m"] + frame["length_m"] - end, frame["start_m"] - end
        if gap <= MEET and not same:
            frame.loc[(before.abs() <= MEET) | (after.abs() <= MEET), "between"] = "s_curve"
        else:
            straight = (frame["kind"] == "tangent") & (after.abs() <= MEET)
            frame.loc[straight, "between"] = "same" if same else "opposite"
    return frame


def _slopes(cases: Sequence[Case], title: Text) -> Table:
    rows = []
    for case in cases:
        pvi = case.design.road.profile.pvi
        after = climbs(pvi, case.design.road.limits)
        used = [np.append(100 * part, np.nan) for part in (after.share, after.used)]
        relief = [*("relief" if flat else None for flat in after.relief), None]
        more = zip(np.append(after.length, np.nan), *used, relief, strict=True)
        grades = np.append(np.diff(pvi[:, 1]) / np.diff(pvi[:, 0]), np.nan)
        change = np.append(np.nan, np.diff(grades))
        with np.errstate(divide="ignore", invalid="ignore"):
            radius = np.where(pvi[:, 2] > 0, pvi[:, 2] / np.abs(change), np.nan)
        for (s, z, length), grade, bend, rest in zip(pvi, grades, radius, more, strict=True):
            rows.append((case.label, station(s), z, 100 * grade, length, bend, *rest, s))
    columns = (
        ALTERNATIVE,
        Column("station", Text("桩号", "Station")),
        Column("height_m", Text("高程", "Height"), "m", 2),
        Column("grade_percent", Text("其后纵坡", "Grade after"), "%", 3),
        Column("curve_m", Text("竖曲线长", "Vertical curve"), "m", 1),
        Column("radius_m", Text("竖曲线半径", "Its radius"), "m", 0),
        Column("length_m", Text("其后坡长", "Length after"), "m", 1),
        Column("share_percent", Text("占最大坡长", "Of its longest length"), "%", 1),
        Column("used_percent", Text("累计占用", "Used so far"), "%", 1),
        RELIEF,
        Column("chainage_m", Text("里程", "Chainage"), "m", 3),
    )
    names = [column.name for column in columns]
    return Table("slopes", title, pd.DataFrame(rows, columns=names), columns, role="slopes")


def _structures(county: County, cases: Sequence[Case], title: Text) -> Table:
    parts = [
        structures(c.line, c.moved, crs=county.crs)
        .drop(columns="geometry")
        .assign(alternative=c.label)
        for c in cases
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame[list(MEASURES)] = frame[list(MEASURES)].astype(float)
    for name in ("start", "end"):
        frame[name] = [station(value) for value in frame[f"{name}_m"]]
    columns = (
        ALTERNATIVE,
        Column("id", Text("编号", "Id")),
        STRUCTURE,
        Column("start", Text("起点桩号", "From")),
        Column("end", Text("终点桩号", "To")),
        Column("length_m", Text("长度", "Length"), "m", 1),
        Column("height_m", Text("最大高度或埋深", "Greatest height or cover"), "m", 1),
    )
    return Table("structures", title, frame, columns)


def _crossings(cases: Sequence[Case], title: Text) -> Table:
    columns = (
        ALTERNATIVE,
        Column("station", Text("桩号", "Station")),
        KIND,
        *CROSSED,
        Column("cost_wan", Text("所在结构造价", "Cost of the structure"), "万元", 1),
    )
    frame = crossings.table(cases)[[column.name for column in columns]]
    return Table("crossings", title, frame, columns)


def _bill(cases: Sequence[Case], title: Text) -> Table:
    parts = [case.items.reset_index().assign(alternative=case.label) for case in cases]
    frame = pd.concat(parts, ignore_index=True)
    for name, sums in zip(("low_wan", "cost_wan", "high_wan"), ENDS, strict=True):
        frame[name] = frame[sums] / WAN
    columns = (
        ALTERNATIVE,
        item(cases),
        Column("quantity", Text("数量", "Quantity"), "", 2),
        unit_column(frame["unit"]),
        Column("unit_low", Text("单价低值", "Unit price, low"), "yuan", 2),
        Column("unit_yuan", Text("单价", "Unit price"), "yuan", 2),
        Column("unit_high", Text("单价高值", "Unit price, high"), "yuan", 2),
        Column("low_wan", Text("造价低值", "Cost, low"), "万元", 1),
        Column("cost_wan", Text("造价", "Cost"), "万元", 1),
        Column("high_wan", Text("造价高值", "Cost, high"), "万元", 1),
        Column("year", Text("价格年份", "Prices of"), "", 0),
        STANDING,
        source(cases),
    )
    return Table("bill", title, frame, columns)


def _land(county: County, cases: Sequence[Case], title: Text) -> Table:
    parts = [case.taken.assign(alternative=case.label) for case in cases]
    frame = pd.concat(parts, ignore_index=True)
    frame["township"] = frame["township"].replace("", OUTSIDE)
    columns = (
        ALTERNATIVE,
        CLASS,
        township(county),
        Column("area_ha", Text("面积", "Area"), "ha", 2),
    )
    return Table("land", title, frame, columns)


def _standard(setting: Setting, title: Text) -> Table:
    terms, known = setting.terms, rules(setting.params.rule_date)
    used = dict.fromkeys(figure.rule for figure in terms.standard.figures.values())
    titles = {name: rule.title for name, rule in known.items()} | {OWN: OWN_TITLE}
    rule_titles = tuple(Category(name, titles[name]) for name in used)
    rows = [
        (name, figure.value, figure.unit, figure.rule, figure.status)
        for name, figure in terms.standard.figures.items()
        if (name in PLACES or name == "width_m") and figure.value > 0  # 0: no figure
    ]
    columns = (
        STANDARD_FIGURES,
        Column("value", Text("值", "Value"), "", 4),
        unit_column(figure.unit for figure in terms.standard.figures.values()),
        Column("rule", Text("规则", "Rule"), categories=rule_titles),
        STANDING,
    )
    names = [column.name for column in columns]
    return Table("standard", title, pd.DataFrame(rows, columns=names), columns)
