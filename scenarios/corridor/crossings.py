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
from scenarios.corridor.road import Case, Study
from scenarios.result import Check

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
    parts = {
        case.label: ", ".join(_station(v) for v in _rows(case, "at_place")["chainage_m"])
        for case in cases
        if len(_rows(case, "at_place"))
    }
    if parts:
        yield Check(
            "flood_at_place",
            Text(
                "起讫点或途经点位于溪流边，其 90 m 内洪水位未检验",
                "A place led to lies by a stream; floods within 90 m of it are not tested",
            ),
            "unknown",
            joined([f"{label} {at}" for label, at in parts.items()], "；", "; "),
            NO_TEXT,
            layer="alternatives",
            features=tuple(f"road_{label}" for label in parts),
            remedy=Text(
                "将该点移出溪流（--set points=…）", "move it off the stream (--set points=…)"
            ),
        )


def _bad(cases: Sequence[Case], rule: str) -> tuple[str, ...]:
    return tuple(f"road_{c.label}" for c in cases if (c.broken["rule"] == rule).any())


def _rows(case: Case, *kinds: str) -> pd.DataFrame:
    return case.crossings[case.crossings["crossing"].isin(kinds)]


def _said(parts: Sequence[Text | str]) -> Text:
    return joined(parts, "；", "; ") if parts else Text("无此情形", "none")


def _station(chainage_m: float) -> str:
    return station(round(chainage_m)).removesuffix(".000")


def _level(cases: Sequence[Case], national: str) -> Check:
    """Say where and how expressways are crossed."""
    parts: list[Text] = []
    for case in cases:
        met = case.crossings[case.crossings["class"] == "expressway"]
        for code, part in met.groupby("crossing"):
            at = ", ".join(_station(v) for v in part["chainage_m"])
            title = KINDS[str(code)]
            parts.append(
                Text(f"{case.label} {title.zh} {at}", f"{case.label} {title.en.lower()} {at}")
            )
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
    )


def _clearance(cases: Sequence[Case], standard: Standard, day: date) -> Check:
    """Give the tightest clearance of each road above roads, with its station."""
    parts = []
    for case in cases:
        over = _rows(case, "overpass")
        if len(over):
            free = over["above_m"] - standard["deck_m"]
            at = free.idxmin()
            parts.append(f"{case.label} {free[at]:.2f} m @ {_station(over.loc[at, 'chainage_m'])}")
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
    )


def _flood(cases: Sequence[Case], standard: Standard, found: Meetings) -> Check:
    """Say how many streams are crossed, and the least height above floods."""
    parts = []
    for case in cases:
        culverts, bridges = (len(_rows(case, kind)) for kind in ("culvert", "stream_bridge"))
        words = Text(
            f"{case.label} 涵洞 {culverts}、跨溪桥 {bridges}",
            f"{case.label} {culverts} culverts, {bridges} bridges",
        )
        wet = _rows(case, "culvert")
        if len(wet):
            depth = wet["catchment_km2"] ** standard["flood_depth_power"]
            free = wet["above_m"] - standard["flood_depth_m"] * depth
            at = free.idxmin()
            least = f"{free[at]:.2f} m @ {_station(wet.loc[at, 'chainage_m'])}"
            words = Text(f"{words.zh}，最小超高 {least}", f"{words.en}, least freeboard {least}")
        parts.append(words)
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
    )


def _junctions(case: Case) -> pd.DataFrame:
    """Give the junctions on the way; where the road ends it is led to fit."""
    met = _rows(case, "junction")
    return met[met["chainage_m"].between(SPARED_M, case.length_m - SPARED_M)]


def _angle(cases: Sequence[Case], standard: Standard) -> Check:
    """Judge the angles of junctions; a side road that meets the road more askew is to be turned."""
    least, advised = standard["junction_angle"], standard["junction_angle_advised"]
    parts: list[Text] = []
    bad = []
    for case in cases:
        met = _junctions(case)
        if not len(met):
            continue
        askew = int((met["angle"] < least).sum())
        at = met["angle"].idxmin()
        worst = f"{met.loc[at, 'angle']:.0f}° @ {_station(met.loc[at, 'chainage_m'])}"
        parts.append(
            Text(
                f"{case.label} {len(met)} 处，{askew} 处偏斜，最小 {worst}",
                f"{case.label} {len(met)}, {askew} too askew, least {worst}",
            )
        )
        if askew:
            bad.append(f"road_{case.label}")
    return Check(
        "crossing_angle",
        Text("平面交叉交角", "Angle of junctions"),
        "fail" if bad else "pass",
        _said(parts),
        Text(f"≥ {least:g}°，宜 ≥ {advised:g}°", f"≥ {least:g}°, advised ≥ {advised:g}°"),
        rule="roads.clearance",
        layer="alternatives",
        features=tuple(bad),
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
    parts: list[Text] = []
    bad = []
    for case in cases:
        rise = _junctions(case)["above_m"].abs()
        if not len(rise):
            continue
        at = rise.idxmax()
        worst = f"{rise[at]:.1f} m @ {_station(case.crossings.loc[at, 'chainage_m'])}"
        high = int((rise > most).sum())
        parts.append(
            Text(
                f"{case.label} {high} 处高差过大，最大 {worst}",
                f"{case.label} {high} too high or low, most {worst}",
            )
        )
        if high:
            bad.append(f"road_{case.label}")
    return Check(
        "crossing_rise",
        Text("平面交叉高差", "Rise to junctions"),
        "fail" if bad else "pass",
        _said(parts),
        alike(f"≤ {most:g} m"),
        rule="roads.clearance",
        layer="alternatives",
        features=tuple(bad),
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
    near = [
        f"road_{case.label}"
        for case in study.cases
        if gpd.points_from_xy(case.line.x, case.line.y).distance(lake).min() < BY_LAKE_M
    ]
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
        features=tuple(near),
        remedy=Text(
            "指明特征水位编号（--set flood_level=编号）", "name a level (--set flood_level=ID)"
        )
        if known
        else importing("lake_levels"),
    )
