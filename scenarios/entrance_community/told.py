"""What is said of sites for an entrance community: figures, verdicts, claims, sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.words import NO_TEXT, UNKNOWN, Text, alike, headed, hectares, joined, square_metres
from layers.catalog import CATALOG
from layers.county import County
from layers.land.classes import UNKNOWN_CLASS, class_title
from layers.land.rules import BALANCE
from layers.land.taken import taken
from layers.people.near import near
from layers.rulebook import rules
from scenarios.answers import backdrop, screening
from scenarios.answers.figures import Figure
from scenarios.answers.unknowns import remedy
from scenarios.entrance_community.ground import (
    GATES,
    HAZARDS,
    REFUSING,
    Land,
    rule,
    shapes,
    title,
)
from scenarios.entrance_community.map import COMPARED, GATE_M, SHARE, WORTH, named
from scenarios.entrance_community.sites import Ranked
from scenarios.entrance_community.terms import MEASURES, EntranceCommunity
from scenarios.result import Alternative, Check, Claim, Metric, Part, Verdict

SITES = Figure("sites", Text("候选点", "Sites"), "count", 0, "higher")
REACH = Figure("near_ha", Text("入口距离以内土地", "Land within reach of a gate"), "ha", 2)
ROOM = Figure("open_ha", Text("筛选后连片用地", "Contiguous land left"), "ha", 2, "higher")
SHIFT = Figure(
    "shift", Text("改变首位所需移动的权重", "Weight whose move changes the first"), "%", 1, "higher"
)
USE = "entrance_community"  # the use that comes
CROPLAND = "cropland"
SLIVER_HA = 1e-4  # 1 m²: less is how borders of two surveys differ
CLOSE_M2 = 1.0
SHOWN = ("gate_min", "seat_min")
LAYER = "sites"
DECIDING = (
    GATES,
    *dict.fromkeys("hazards" if name in HAZARDS else name for name in REFUSING),
    "dem",
    "roads",
    "seats",
    "settlements",
    "facilities",
    "parcels",
)
"""The layers that screens, ranks and claims come from."""


def metrics(land: Land, found: Ranked) -> Iterator[Metric]:
    """Give what is left, and of the first site its worth, share of weightings and distances."""
    losses = land.held.screened.losses["first_ha"]
    sure, unsure = float(losses[screening.YES]), float(losses[screening.NOT_KNOWN])
    yield SITES.metric(len(found.sites), layer=LAYER if len(found.sites) else "")
    ends = {"low": sure, "high": sure + unsure} if unsure else {}
    yield REACH.metric(_near_ha(losses))
    yield ROOM.metric(sure + unsure, **ends)
    if len(found.sites):
        yield from _of_site(found, 0)


def _near_ha(losses: pd.Series) -> float:
    """Give the land that is no farther from a gate than asked."""
    return float(losses[screening.TOTAL] - losses["gate_m"])


def _of_site(found: Ranked, place: int) -> Iterator[Metric]:
    """Give the figures of a site; what makes it the first, of the first what unmakes it."""
    name, site = str(found.sites.index[place]), found.sites.iloc[place]
    about: dict[str, Any] = {"layer": LAYER, "features": (name,), "note": alike(name)}
    if not found.values.columns.empty:
        yield WORTH.metric(site["worth"], **about)
        between = {"low": 100 * site["low"], "high": 100 * site["high"]}
        yield SHARE.metric(100 * site["share"], **about, **between)
        mover = name if place else found.rival
        if mover and np.isfinite(found.sites.loc[mover, "shift"]):
            rival = {**about, "features": (mover,), "note": alike(mover)}
            yield SHIFT.metric(100 * found.sites.loc[mover, "shift"], **rival)
    yield GATE_M.metric(site["gate_m"], **about)
    for one in SHOWN:
        if np.isfinite(site[one]):
            yield MEASURES[one].metric(site[one], **about)


def alternatives(land: Land, found: Ranked) -> Iterator[Alternative]:
    """Give the sites that are compared, each with what is left of land and its own figures."""
    left = [one for one in metrics(land, found) if one.id in {SITES.id, REACH.id, ROOM.id}]
    for place, name in enumerate(map(str, found.sites.index[:COMPARED])):
        title, own = Text(f"候选点 {name}", f"Site {name}"), _of_site(found, place)
        yield Alternative(name, title, (*left, *own), LAYER, (name,))


def checks(county: County, params: EntranceCommunity, land: Land, found: Ranked) -> Iterator[Check]:
    """Judge the first site by each zone, and name what is modelled, not known or not set."""
    yield _closed(land)
    if len(found.sites):
        for name in REFUSING:
            yield _outside(county, params, found.sites.iloc[:COMPARED], name)
    else:
        none = Text("0 个", "none")
        title_ = Text("没有通过筛选的用地", "No land passes the screens")
        yield Check("sites", title_, "fail", none, Text("至少 1 个", "at least one"), remedy=WIDER)
    yield Check(
        "standard",
        Text("入口社区建设标准", "Standard of entrance communities"),
        "unknown",
        Text("未找到已公布的标准", "no published standard was found"),
        Text("有文件依据的条件与权重", "screens and weights that a document sets"),
        remedy=remedy(
            Text("按文件或会议纪要给定", "give those of a paper or a meeting"),
            "--set weights.gate_min=…",
        ),
    )
    yield from backdrop.modelled(modelled_layers(county, params))
    for one in found.left_out:
        words = MEASURES[one].title
        yield Check(
            f"left_out_{one}",
            Text(f"{words.zh}未知，未计入排序", f"{words.en}: not known, left out of the ranking"),
            "unknown",
            NO_TEXT,
            NO_TEXT,
            remedy=Text("补充所需图层", "bring the layer it is made from"),
        )


def _closed(land: Land) -> Check:
    """Hold what is lost in order and what is left against the cells of the county."""
    losses = land.held.screened.losses["first_ha"]
    area = float(land.places["area_m2"].sum())
    off = abs(float(losses.drop(screening.TOTAL).sum()) * 1e4 - area)
    least = square_metres(CLOSE_M2, decimals=0)
    return Check(
        "closed",
        Text("筛选面积平衡", "What screens refuse and leave adds up"),
        "pass" if off <= CLOSE_M2 else "fail",
        square_metres(off),
        Text(f"≤ {least.zh}", f"≤ {least.en}"),
    )


WIDER = Text(
    "放宽坡度、距离或用地面积（--set slope_deg=…；--set gate_m=…；--set site_ha=…）",
    "allow steeper slopes, longer ways or less land "
    "(--set slope_deg=…; --set gate_m=…; --set site_ha=…)",
)


def modelled_layers(county: County, params: EntranceCommunity) -> list[str]:
    """Give the layers that decide and are modelled; gates only where they are those of a layer."""
    return [
        name
        for name in backdrop.schematic(county, DECIDING)
        if name != GATES or params.gates is None
    ]


def _outside(
    county: County, params: EntranceCommunity, sites: gpd.GeoDataFrame, name: str
) -> Check:
    """Say whether sites lie outside of a zone, the first above all, measured on the shapes."""
    words, zone = title(name), shapes(county, name, params.hazard_level)
    more = NO_TEXT
    if zone is None:
        more = backdrop.importing(_layer(name))
        if _layer(name) in county:
            more = Text("注明级别后重新导入", "say the grade, and import it again")
    parts = tuple(
        Part(label, *_inside(zone, shape), layer=LAYER, features=(label,), remedy=more)
        for label, shape in zip(map(str, sites.index), sites.geometry, strict=True)
    )
    return Check(
        f"outside_{name}",
        Text(f"候选点在{words.zh}内的面积", f"Land of the site in: {words.en}"),
        parts[0].verdict,
        parts[0].found,
        square_metres(0, decimals=0),
        rule=rule(name) if rule(name) in rules(params.rule_date) else "",
        layer=LAYER,
        features=parts[0].features,
        remedy=more,
        parts=parts,
    )


class Inside(NamedTuple):
    """A verdict on a site and a zone, and what of the site lies in it."""

    verdict: Verdict
    found: Text


def _inside(zone: gpd.GeoDataFrame | None, site: Any) -> Inside:
    if zone is None:
        return Inside("unknown", UNKNOWN)
    inside = float(zone.intersection(site).area.sum())
    return Inside("pass" if inside <= CLOSE_M2 else "fail", square_metres(inside, decimals=1))


def _layer(name: str) -> str:
    """Give the layer of what refuses land."""
    return "hazards" if name in HAZARDS else name


def claims(county: County, params: EntranceCommunity, found: Ranked) -> Iterator[Claim]:
    """Give the land of the first site by class and township, cropland owed, people who live on it.

    What lies on no parcel may be cropland, all of it or none.
    """
    if found.sites.empty:
        return
    site = gpd.GeoDataFrame(geometry=found.sites.geometry.iloc[:1], crs=county.crs)
    land, first = taken(county, site), (str(found.sites.index[0]),)
    for row in land[land["area_ha"] > SLIVER_HA].to_dict("records"):
        words, size = class_title(row["class"]), float(row["area_ha"])
        about = Text(
            f"{words.zh}转为入口社区用地", f"{words.en} becomes land of an entrance community"
        )
        yield Claim(
            "land",
            size,
            size,
            size,
            place=str(row["township"]),
            from_=row["class"],
            to=USE,
            layer=LAYER,
            title=headed(about),
            features=first,
        )
    yield from _owed(land, params)
    yield from _people(county, params, site)


def _owed(land: pd.DataFrame, params: EntranceCommunity) -> Iterator[Claim]:
    size = land.groupby("class")["area_ha"].sum()
    sure, unsure = float(size.get(CROPLAND, 0.0)), float(size.get(UNKNOWN_CLASS, 0.0))
    yield Claim(
        "cropland_owed",
        sure,
        sure,
        sure + unsure,
        rule=BALANCE if BALANCE in rules(params.rule_date) else "",
        title=Text("占用耕地须补充（占补平衡）", "Cropland to be made up for"),
    )


def _people(county: County, params: EntranceCommunity, site: gpd.GeoDataFrame) -> Iterator[Claim]:
    """Give who lives on the site: they stay or move, nobody or all."""
    on_it = near(county, site, person_m2=params.person_m2, within_m=(0,))["people"].iloc[0]
    if np.isfinite(on_it):
        words = Text("用地内现有居民（去留待定）", "People who live on it, to stay or to move")
        (label,) = site.index.astype(str)
        yield Claim("people", 0.0, 0.0, float(on_it), layer=LAYER, title=words, features=(label,))


def answer(county: County, params: EntranceCommunity, land: Land, found: Ranked) -> Iterator[Text]:
    """Say which site comes first, how far weights decide it, what land is left, what is sure."""
    yield _first(land, found)
    if len(found.sites) and not found.values.columns.empty:
        yield _share(params, found)
        yield _pair(found)
    yield _lost(land)
    yield _sure(county, params)


def _first(land: Land, found: Ranked) -> Text:
    if found.sites.empty:
        many = len(land.gates)
        return Text(
            f"{many} 个公园入口周边没有通过全部筛选的连片用地。",
            f"Around {many} gate{'s' * (many != 1)} of the park no contiguous land passes all "
            "screens.",
        )
    count, name, one = len(found.sites), found.sites.index[0], found.sites.iloc[0]
    open_ = int((found.sites["verdict"] != screening.YES).sum())
    more = Text(f"（其中 {open_} 个尚有未知）", f" ({open_} of them with screens not known)")
    more = more if open_ else NO_TEXT
    return Text(
        f"园外共有 {count} 个候选点{more.zh}，所给权重下 {name} 居首：距入口 {one.gate}"
        f" {one.gate_m:,.0f} m，{_minutes(one).zh}，连片可用地 {one.buildable_ha:,.1f} 公顷。",
        f"Of {count} sites outside the park{more.en}, {name} comes first under the weights given: "
        f"{one.gate_m:,.0f} m from {one.gate}, {_minutes(one).en}, with {one.buildable_ha:,.1f} ha "
        "of contiguous land.",
    )


def _minutes(one: Any) -> Text:
    """Say the minutes to the gate and to the county seat, as far as they are known."""
    gate = Text(f"到入口 {one.gate_min:.0f} 分钟", f"{one.gate_min:.0f} min to it")
    if not np.isfinite(one.seat_min):
        more = Text("到县城时间未知", "minutes to the county seat not known")
    else:
        more = Text(f"到县城 {one.seat_min:.0f} 分钟", f"{one.seat_min:.0f} min to the county seat")
    return joined([gate, more], "，", " and ")


def _share(params: EntranceCommunity, found: Ranked) -> Text:
    """Say in which share of all weightings the first site wins, and which other wins most."""
    name, one = found.sites.index[0], found.sites.iloc[0]
    percent = [f"{100 * one[part]:.1f}" for part in ("share", "low", "high")]
    others = found.sites["share"].iloc[1:]
    more = NO_TEXT
    if len(others):
        other, share = others.idxmax(), f"{100 * others.max():.1f}"
        more = Text(
            f"；其余占比最高的是 {other}（{share} %）",
            f"; of the others {other} wins most often, in {share} %",
        )
    return Text(
        f"在全部可能的权重中，{name} 居首的占 {percent[0]} %（95 % 区间 {percent[1]}–{percent[2]}"
        f" %，抽样 {params.samples:,} 次）{more.zh}。",
        f"It wins in {percent[0]} % of all weightings (95 % interval {percent[1]} to {percent[2]} "
        f"%, {params.samples:,} drawn){more.en}.",
    )


def _pair(found: Ranked) -> Text:
    """Say which two weights decide the first place."""
    if not found.rival:
        return Text(
            "只在两项权重之间移动，首位不变。",
            "No move of weight between two criteria changes the first place.",
        )
    one = found.sites.loc[found.rival]
    if not one["shift"]:
        return Text(
            f"所给权重下 {found.rival} 与之得分相同。",
            f"Under the weights given {found.rival} is worth as much.",
        )
    from_, to = named(one["from_"]), named(one["to"])
    shift = f"{100 * one['shift']:.1f}"
    return Text(
        f"最能左右首位的两项权重是“{from_.zh}”与“{to.zh}”：从前者移 {shift} 个百分点到后者，"
        f"{found.rival} 即居首。",
        f"The two weights that decide it are “{from_.en}” and “{to.en}”: with {shift} percentage "
        f"points moved from the former to the latter {found.rival} comes first.",
    )


def _lost(land: Land) -> Text:
    """Say what is left of the land within reach of a gate, and what takes most of it."""
    losses = land.held.screened.losses["first_ha"]
    ids = {one.id: one.title for one in land.held.screened.criteria}
    near_ha = _near_ha(losses)
    lost = losses[[name for name in ids if name != "gate_m"]]
    left = float(losses[screening.YES] + losses[screening.NOT_KNOWN])
    words = [
        Text(
            f"{ids[str(name)].zh} {size:,.2f} 公顷",
            f"{ids[str(name)].en[:1].lower()}{ids[str(name)].en[1:]} {size:,.2f} ha",
        )
        for name, size in lost.sort_values(ascending=False, kind="stable").head(3).items()
        if size > 0
    ]
    told = joined(words) if words else Text("无", "nothing")
    reach, kept = hectares(near_ha), hectares(left)
    return Text(
        f"入口距离以内 {reach.zh}中，筛选后剩 {kept.zh}；依次排除最多的是{told.zh}。",
        f"Of {reach.en} within reach of a gate {kept.en} are left; most is lost in order to: "
        f"{told.en}.",
    )


def _sure(county: County, params: EntranceCommunity) -> Text:
    """Say what is modelled and not known, and that no standard sets screens and weights."""
    modelled = joined(CATALOG[one].title for one in modelled_layers(county, params))
    gone = joined(
        CATALOG[one].title for one in dict.fromkeys(map(_layer, REFUSING)) if one not in county
    )
    words = [
        Text(
            "筛选条件与权重由规划人员选定，未找到已公布的入口社区标准",
            "Screens and weights are the planner's choice: no published standard was found",
        )
    ]
    if modelled.zh:
        words.append(Text(f"推算而非实测：{modelled.zh}", f"modelled, not surveyed: {modelled.en}"))
    if gone.zh:
        words.append(Text(f"缺少图层：{gone.zh}", f"layers that are missing: {gone.en}"))
    told = joined(words, "；", "; ")
    return Text(f"{told.zh}。", f"{told.en}.")
