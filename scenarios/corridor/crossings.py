"""What the roads of a corridor cross: in a table, on the map, and judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.alignment.works.tabulation import station
from geo.words import NO_TEXT, Text, alike, joined
from layers.county import County
from layers.roads.crossings import Meetings
from layers.roads.obstacles import SPARED_M
from layers.roads.standard import Standard, met_roads
from scenarios.answers.backdrop import importing
from scenarios.corridor.crossed import KINDS
from scenarios.corridor.parts import NONE, broken, part, within
from scenarios.corridor.parts import points as places
from scenarios.corridor.road import Case, Study
from scenarios.result import Check, Part, Verdict

BY_LAKE_M = 200.0  # a road nearer to the lake has to do with its floods


def table(cases: Sequence[Case]) -> pd.DataFrame:
    """Put what all alternatives cross one below the other."""
    parts = [case.crossings.assign(alternative=case.label) for case in cases]
    frame = pd.concat(parts, ignore_index=True)
    frame["station"] = [station(value) for value in frame["chainage_m"]]
    frame["met"] = frame["met"].replace("", None)
    frame["class"] = frame["class"].replace("", None)
    frame["cost_wan"] = frame["yuan"] / 1e4
    return frame


def marked(stations: pd.DataFrame, cases: Sequence[Case]) -> pd.Series:
    """Give what is crossed nearest to each row of a table of stations, None where nothing is."""
    marks = pd.Series(None, index=stations.index, dtype=object)
    for case in cases:
        own = stations.loc[stations["alternative"] == case.label, "chainage_m"]
        for at, kind in case.crossings[["chainage_m", "crossing"]].itertuples(index=False):
            marks[(own - at).abs().idxmin()] = kind
    return marks


def points(cases: Sequence[Case], county: County) -> gpd.GeoDataFrame:
    """Give what all alternatives cross as points, by an id."""
    frame = table(cases)
    frame.index = pd.Index([f"crossing_{number}" for number in range(1, len(frame) + 1)])
    places = gpd.points_from_xy(frame["x"], frame["y"])
    return gpd.GeoDataFrame(frame.drop(columns=["x", "y"]), geometry=places, crs=county.crs)


def checks(study: Study) -> Iterator[Check]:
    """Judge crossings: the level, clearances, junctions, floods; say what is taken for known."""
    cases, setting = study.cases, study.setting
    standard, found = setting.terms.standard, setting.met
    if "roads" in setting.county:
        yield _level(cases, setting.params.national_roads)
        yield _clearance(cases, standard, setting.params.rule_date)
        yield _angle(cases, standard)
        yield _rise(cases, standard)
        yield from _levels_unknown(cases)
    yield _flood(cases, standard, found)
    yield from _flood_unknown(study)
    yield from _untested(cases)


def _untested(cases: Sequence[Case]) -> Iterator[Check]:
    """Say that a place the road leads to lies in a stream, where no flood level was asked for."""
    met = {case.label: _rows(case, "at_place")["chainage_m"] for case in cases}
    told = {label: ", ".join(map(_station, at)) for label, at in met.items() if len(at)}
    if told:
        yield Check(
            "flood_at_place",
            Text(
                "起讫点或途经点位于溪流边，其 90 m 内洪水位未检验",
                "A place led to lies by a stream; floods within 90 m of it are not tested",
            ),
            "unknown",
            joined([f"{label} {at}" for label, at in told.items()], "；", "; "),
            NO_TEXT,
            layer="alternatives",
            features=tuple(f"road_{label}" for label in told),
            parts=tuple(
                part(
                    case,
                    "unknown" if case.label in told else "pass",
                    told.get(case.label, ""),
                    places(met[case.label]),
                )
                for case in cases
            ),
            remedy=Text(
                "将该点移出溪流（--set points=…）", "move it off the stream (--set points=…)"
            ),
        )


def _bad(cases: Sequence[Case], rule: str) -> tuple[str, ...]:
    return tuple(f"road_{c.label}" for c in cases if (c.broken["rule"] == rule).any())


def _rows(case: Case, *kinds: str) -> pd.DataFrame:
    return case.crossings[case.crossings["crossing"].isin(kinds)]


def _said(parts: Sequence[Part]) -> Text:
    """Put what is found of each road one behind the other, each with its letter."""
    told = [one for one in parts if one.found != NONE]
    words = [
        Text(f"{one.alternative} {one.found.zh}", f"{one.alternative} {one.found.en}")
        for one in told
    ]
    return joined(words, "；", "; ") if words else NONE


def _verdict(case: Case, rule: str) -> Verdict:
    return "fail" if (case.broken["rule"] == rule).any() else "pass"


def _station(chainage_m: float) -> str:
    return station(round(chainage_m)).removesuffix(".000")


def _level(cases: Sequence[Case], national: str) -> Check:
    """Say where and how expressways are crossed."""
    parts = []
    for case in cases:
        met = case.crossings[case.crossings["class"] == "expressway"]
        told = []
        for code, rows in met.groupby("crossing"):
            at = ", ".join(_station(v) for v in rows["chainage_m"])
            title = KINDS[str(code)]
            told.append(Text(f"{title.zh} {at}", f"{title.en.lower()} {at}"))
        found = joined(told, "，", ", ") if told else ""
        where = (*broken(case, ["crossing_level"]), *places(met["chainage_m"]))
        parts.append(part(case, _verdict(case, "crossing_level"), found, where))
    bad = _bad(cases, "crossing_level")
    classes = Text("高速公路", "expressways")
    if national == "separated":
        classes = Text("高速公路与国道", "expressways and national roads")
    return Check(
        "crossing_level",
        Text(f"{classes.zh}只可立体交叉", f"{classes.en.capitalize()} are crossed above or below"),
        "fail" if bad else "pass",
        _said(parts),
        Text("不得平面交叉", "never on the level"),
        rule="roads.clearance",
        layer="alternatives",
        features=bad,
        parts=tuple(parts),
    )


def _clearance(cases: Sequence[Case], standard: Standard, day: date) -> Check:
    """Give the tightest clearance of each road above roads, with its station."""
    parts = []
    for case in cases:
        over, found = _rows(case, "overpass"), ""
        where = broken(case, ["clearance"])
        if len(over):
            free = over["above_m"] - standard["deck_m"]
            at = over.loc[free.idxmin(), "chainage_m"]
            found = f"{free.min():.2f} m @ {_station(at)}"
            where = (*where, *places([at]))
        parts.append(part(case, _verdict(case, "clearance"), found, where))
    asked = sorted({one.clearance_m for one in met_roads(day).values()})
    bad = _bad(cases, "clearance")
    return Check(
        "clearance",
        Text("跨路净高与下穿覆盖层", "Clearance above roads, cover below them"),
        "fail" if bad else "pass",
        _said(parts),
        alike("≥ " + " / ".join(f"{one:g} m" for one in asked)),
        rule="roads.clearance",
        layer="alternatives",
        features=bad,
        parts=tuple(parts),
    )


def _flood(cases: Sequence[Case], standard: Standard, found: Meetings) -> Check:
    """Say how many streams are crossed, and the least height above floods."""
    parts = []
    for case in cases:
        culverts, bridges = (len(_rows(case, kind)) for kind in ("culvert", "stream_bridge"))
        words = Text(
            f"涵洞 {culverts}、跨溪桥 {bridges}", f"{culverts} culverts, {bridges} bridges"
        )
        wet, where = _rows(case, "culvert"), broken(case, ["flood_level"])
        if len(wet):
            depth = wet["catchment_km2"] ** standard["flood_depth_power"]
            free = wet["above_m"] - standard["flood_depth_m"] * depth
            at = wet.loc[free.idxmin(), "chainage_m"]
            least = f"{free.min():.2f} m @ {_station(at)}"
            words = Text(f"{words.zh}，最小超高 {least}", f"{words.en}, least freeboard {least}")
            where = (*where, *places([at]))
        parts.append(part(case, _verdict(case, "flood_level"), words, where))
    bad = _bad(cases, "flood_level")
    lake = "" if np.isnan(found.flood_m) else f"{found.flood_m:g} m"
    free = f"{standard['freeboard_m']:g} m"
    return Check(
        "flood_level",
        Text(
            "涵洞、跨溪桥与湖畔路基高于洪水位",
            "Culverts, stream bridges and lakeside beds above floods",
        ),
        "fail" if bad else "pass",
        _said(parts),
        Text(
            f"洪水位以上 ≥ {free}" + (f"；库水位 {lake}" if lake else ""),
            f"≥ {free} above floods" + (f"; lake {lake}" if lake else ""),
        ),
        rule="roads.floods",
        layer="alternatives",
        features=bad,
        parts=tuple(parts),
    )


def _failing(parts: Sequence[Part]) -> tuple[str, ...]:
    return tuple(f"road_{one.alternative}" for one in parts if one.verdict == "fail")


def _junctions(case: Case) -> pd.DataFrame:
    """Give the junctions on the way; where the road ends it is led to fit."""
    met = _rows(case, "junction")
    return met[met["chainage_m"].between(SPARED_M, case.length_m - SPARED_M)]


def _angle(cases: Sequence[Case], standard: Standard) -> Check:
    """Judge the angles of junctions; a side road that meets the road more askew is to be turned."""
    least, advised = standard["junction_angle"], standard["junction_angle_advised"]
    parts = []
    for case in cases:
        met = _junctions(case)
        if not len(met):
            parts.append(part(case, "pass", ""))
            continue
        askew = met[met["angle"] < least]
        at = met.loc[met["angle"].idxmin(), "chainage_m"]
        worst = f"{met['angle'].min():.0f}° @ {_station(at)}"
        words = Text(
            f"{len(met)} 处，{len(askew)} 处偏斜，最小 {worst}",
            f"{len(met)}, {len(askew)} too askew, least {worst}",
        )
        where = places(askew["chainage_m"] if len(askew) else [at])
        parts.append(part(case, "fail" if len(askew) else "pass", words, where))
    bad = _failing(parts)
    return Check(
        "crossing_angle",
        Text("平面交叉交角", "Angle of junctions"),
        "fail" if bad else "pass",
        _said(parts),
        Text(f"≥ {least:g}°，宜 ≥ {advised:g}°", f"≥ {least:g}°, advised ≥ {advised:g}°"),
        rule="roads.clearance",
        layer="alternatives",
        features=bad,
        parts=tuple(parts),
        remedy=Text(
            "偏斜处须改移被交道路，或改为立体交叉",
            "where it is too askew the side road is to be turned, or crossed above or below",
        )
        if bad
        else NO_TEXT,
    )


def _rise(cases: Sequence[Case], standard: Standard) -> Check:
    """Judge how far the road lies above or below what it meets at grade: nobody joins a cutting."""
    most = standard["junction_rise_m"]
    parts = []
    for case in cases:
        met = _junctions(case)
        if not len(met):
            parts.append(part(case, "pass", ""))
            continue
        rise = met["above_m"].abs()
        at = met.loc[rise.idxmax(), "chainage_m"]
        worst = f"{rise.max():.1f} m @ {_station(at)}"
        high = met[rise > most]
        words = Text(
            f"{len(high)} 处高差过大，最大 {worst}", f"{len(high)} too high or low, most {worst}"
        )
        where = places(high["chainage_m"] if len(high) else [at])
        parts.append(part(case, "fail" if len(high) else "pass", words, where))
    bad = _failing(parts)
    return Check(
        "crossing_rise",
        Text("平面交叉高差", "Rise to junctions"),
        "fail" if bad else "pass",
        _said(parts),
        alike(f"≤ {most:g} m"),
        rule="roads.clearance",
        layer="alternatives",
        features=bad,
        parts=tuple(parts),
        remedy=Text(
            "高差过大处须改建被交道路或改为立体交叉，其费用未计入",
            "where it is too high or low the side road is to be rebuilt, or crossed above or "
            "below; what that costs is not counted",
        )
        if bad
        else NO_TEXT,
    )


def _levels_unknown(cases: Sequence[Case]) -> Iterator[Check]:
    """Name expressways that are crossed as if they lay on the ground."""
    met = pd.concat([case.crossings for case in cases])
    taken = met[(met["class"] == "expressway") & ~met["known"].astype(bool)]
    if len(taken):
        ids = ", ".join(sorted(set(taken["met"])))
        yield Check(
            "levels_unknown",
            Text(
                "被交高速公路的结构与高程未知，按地面计",
                "Structure and level of expressways crossed are not known, taken at the ground",
            ),
            "unknown",
            alike(ids),
            NO_TEXT,
            remedy=Text(
                "补充字段 structure（earth、bridge、tunnel）与 level_m 后重新导入道路图层",
                "fill in structure (earth, bridge, tunnel) and level_m, import the roads again",
            ),
        )


def _flood_unknown(study: Study) -> Iterator[Check]:
    """Say that a road runs beside the lake whose flood level is not known."""
    county, level = study.setting.county, study.setting.params.flood_level
    if "lake" not in county or not np.isnan(study.setting.met.flood_m):
        return
    lake = county.vector("lake").union_all()
    beside = {
        case.label: within(
            case.line.s, gpd.points_from_xy(case.line.x, case.line.y).distance(lake) < BY_LAKE_M
        )
        for case in study.cases
    }
    near = tuple(f"road_{label}" for label, stretches in beside.items() if stretches)
    if not near:
        return
    known = (
        ", ".join(map(str, county.table("lake_levels").index)) if "lake_levels" in county else ""
    )
    yield Check(
        "flood_unknown",
        Text("库区洪水位未知，沿湖路基未按其检验", "Flood level of the lake unknown, not tested"),
        "unknown",
        alike(level),
        alike(known),
        layer="alternatives",
        features=near,
        parts=tuple(
            part(
                case,
                "unknown" if beside[case.label] else "pass",
                level if beside[case.label] else "",
                beside[case.label],
            )
            for case in study.cases
        ),
        remedy=Text(
            "指明特征水位编号（--set flood_level=编号）", "name a level (--set flood_level=ID)"
        )
        if known
        else importing("lake_levels"),
    )
