"""What an easement on the collective forest of the national park would cost a year.

Question: how many hectares of collective forest lie in the core and the general zone of the
national park, by township, and what is the yearly payment for an easement (地役权) on them at given
rates? Measure 3.

Method: forest by owner (`layers.land.ownership`) is split by the core zone, then the general zone
(`geo.splitting`); hectares are summed by zone, township and owner, and collective forest is paid by
the low, likely and high rate of its zone; 1 ha is 15 mu.

Limits: forest whose owner is not known is never taken for collective: its hectares, and what it
would cost if it were, are told apart and are in no sum. Rates hold for all kinds of forest alike.
The often quoted rate of 48.2 yuan per mu a year is unverified, and its range is the planner's.
Forest that no layer maps is not there to be counted; areas are planar. What the state owns is not
paid. Nothing is said of who signs, for how long, and out of which budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.words import NO_TEXT, Text, headed, hectares, joined
from layers.catalog import CATALOG
from layers.county import County
from layers.land.classes import code_title
from layers.land.ownership import COLLECTIVE, OWNERS, STATE, UNKNOWN, source
from layers.rulebook import STANDINGS, rules
from layers.zones import PARK_ZONES, ZONES, area
from scenarios.answers import backdrop
from scenarios.answers.figures import Figure
from scenarios.answers.unknowns import naming
from scenarios.contract import Scenario
from scenarios.park_easement.case import (
    AREA,
    ENDS,
    MONEY,
    NOWHERE,
    OWNER,
    QUOTED,
    RULE,
    SCHEMATIC,
    SLIVER_HA,
    THEME,
    TITLES,
    WAN,
    ZONE,
    Case,
    Easement,
)
from scenarios.result import Category, Check, Claim, Column, Layer, Metric, Result, Table


def run(county: County, params: Easement) -> Result:
    """Answer the question for a county; pure."""
    case = Case(county, params)
    return Result(
        layers=tuple(_layers(case)),
        tables=tuple(_tables(case)),
        metrics=tuple(_metrics(case)),
        checks=(*_checks(case), *_missing(case)),
        answer=tuple(_answer(case)),
        claims=tuple(_claims(case)),
    )


def _layers(case: Case) -> Iterator[Layer]:
    """Give the backdrop, the zones of the park, and its forest by owner."""
    county = case.county
    yield from backdrop.ground(county)
    towns = county.vector("townships").sort_index()
    yield backdrop.townships(county, towns, (), ("dem",))
    if case.forest is not None and len(case.forest):
        frame = case.forest.assign(rule=np.where(case.forest["ownership"] == COLLECTIVE, RULE, ""))
        codes = sorted(set(frame["class"].dropna()))
        kinds = tuple(Category(code, headed(code_title(code))) for code in codes)
        here = tuple(one for one in OWNER.categories if (frame["ownership"] == one.code).any())
        yield Layer(
            "forest",
            Text("园内林地（按权属）", "Forest in the park, by owner"),
            THEME,
            "category",
            frame,
            value="ownership",
            columns=(
                OWNER,
                ZONE,
                Column("township", Text("乡镇", "Township"), categories=_towns(case)),
                Column("class", Text("林地类型", "Kind of forest"), categories=kinds),
                AREA,
                *MONEY,
            ),
            categories=here,
            focus=True,
            sources=("park", source(county)),
            binding="rule",
        )
    zones = area(county, "park")
    if zones is not None:
        yield Layer(
            "zones",
            Text("国家公园分区", "Zones of the national park"),
            THEME,
            "boundary",
            zones[["zone", "geometry"]],
            value="zone",
            columns=(ZONE,),
            categories=ZONE.categories,
            sources=("park",),
        )


def _towns(case: Case) -> tuple[Category, ...]:
    return (*backdrop.towns(case.county), Category(NOWHERE, Text("乡镇未知", "Not known")))


def _tables(case: Case) -> Iterator[Table]:
    """Give hectares by owner and payments by zone and township, sums by zone, and the rates."""
    yield _rates(case)
    if case.forest is None:
        return
    frame = case.forest.assign(township=case.forest["township"].replace("", NOWHERE))
    yield _sums(case, frame, ["zone", "township"], Text("分区与乡镇", "By zone and township"))
    yield _sums(case, frame, ["zone"], Text("分区合计", "Sums by zone"))


def _sums(case: Case, frame: gpd.GeoDataFrame, by: list[str], title: Text) -> Table:
    """Sum hectares by owner, and payments; the whole comes last."""
    wide = frame.assign(
        **{
            f"{owner}_ha": frame["area_ha"].where(frame["ownership"] == owner, 0.0)
            for owner in OWNERS
        }
    )
    sizes = [Column(f"{owner}_ha", headed(words), "ha", 2) for owner, words in OWNERS.items()]
    numbers = [*(one.name for one in sizes), *(one.name for one in MONEY)]
    sums = pd.DataFrame(wide.groupby(by, as_index=False)[numbers].sum())
    total = pd.DataFrame([{**dict.fromkeys(by, "total"), **wide[numbers].sum()}])
    every = Category("total", Text("合计", "Total"))
    known = {
        "zone": Column("zone", ZONE.title, categories=(*ZONE.categories, every)),
        "township": Column("township", Text("乡镇", "Township"), categories=(*_towns(case), every)),
    }
    columns = (*(known[name] for name in by), *sizes, *MONEY)
    rows = pd.concat([sums, total], ignore_index=True)[[one.name for one in columns]]
    return Table("by_" + "_".join(by), title, rows, columns)


def _rates(case: Case) -> Table:
    """Give the rates with their standing."""
    rows = []
    for zone, rates in case.params.rates.items():
        quoted = rates[1] == QUOTED
        standing = rules(case.params.rule_date)[RULE].status if quoted else "given"
        rows.append({"zone": zone, **dict(zip(ENDS, rates, strict=True)), "status": standing})
    states = tuple(Category(code, headed(words)) for code, words in STANDINGS.items())
    given = Category("given", Text("规划人员给定", "Given by the planner"))
    columns = (
        ZONE,
        *(
            Column(end, Text(f"标准（{words.zh}）", f"Rate, {words.en}"), "yuan/mu·a", 1)
            for end, words in ENDS.items()
        ),
        Column("status", Text("依据状态", "Standing"), categories=(*states, given)),
    )
    frame = pd.DataFrame(rows, columns=[one.name for one in columns])
    return Table("rates", Text("补偿标准及其依据", "Rates and their standing"), frame, columns)


def _metrics(case: Case) -> Iterator[Metric]:
    """Give the payment a year, and hectares by owner."""
    if case.forest is None:
        return
    low, likely, high = case.paid()
    note = NO_TEXT
    if case.params.quoted:
        note = Text("标准 48.2 元/亩·年未核实", "at 48.2 yuan/mu·a, unverified")
    paid = Figure("payment_wan", Text("地役权年补偿", "Easement, payment a year"), "万元", 1)
    yield paid.metric(likely, low=low, high=high, note=note, **_lit(case, COLLECTIVE))
    if case.size(UNKNOWN) > SLIVER_HA:
        title = Text(
            "权属未知林地若为集体林，年补偿至多增加", "At most more a year, were all collective"
        )
        yield Figure("open_wan", title, "万元", 1).metric(case.open_wan, **_lit(case, UNKNOWN))
    for zone in PARK_ZONES:
        title = Text(f"{TITLES[zone].zh}集体林", f"{TITLES[zone].en}: collective forest")
        figure = Figure(f"{zone}_collective_ha", title, "ha", 2)
        yield figure.metric(case.size(COLLECTIVE, zone), **_lit(case, COLLECTIVE, zone))
    for owner in (STATE, UNKNOWN):
        title = Text(f"园内林地：{OWNERS[owner].zh}", f"Forest in the park: {OWNERS[owner].en}")
        figure = Figure(f"{owner}_ha", title, "ha", 2)
        yield figure.metric(case.size(owner), **_lit(case, owner))


def _lit(case: Case, owner: str, zone: str = "") -> dict[str, Any]:
    """Say which forest makes up a figure."""
    frame = case.forest
    if frame is None or frame.empty:
        return {}
    rows = frame[frame["ownership"].eq(owner) & (frame["zone"].eq(zone) | (not zone))]
    return {"layer": "forest", "features": tuple(map(str, rows.index))} if len(rows) else {}


def _checks(case: Case) -> Iterator[Check]:
    """Say that the rate is not verified, and how much forest has no known owner."""
    if case.params.quoted:
        standing = STANDINGS[rules(case.params.rule_date)[RULE].status]
        yield Check(
            "rate",
            Text("补偿标准的依据", "Standing of the rate"),
            "unknown",
            Text(f"48.2 元/亩·年：{standing.zh}", f"48.2 yuan/mu·a: {standing.en}"),
            Text("有文件依据的标准", "a rate that a document sets"),
            rule=RULE,
            remedy=Text(
                "按协议或文件给定（--set core_yuan_mu=低,中,高；--set general_yuan_mu=低,中,高）",
                "give that of an agreement or paper (--set core_yuan_mu=LOW,LIKELY,HIGH; "
                "--set general_yuan_mu=LOW,LIKELY,HIGH)",
            ),
        )
    if case.size(UNKNOWN) > SLIVER_HA:
        size = hectares(case.size(UNKNOWN))
        yield Check(
            "owner",
            Text("权属未知的林地，未计入补偿", "Forest whose owner is not known, not paid for"),
            "unknown",
            size,
            hectares(0, decimals=0),
            remedy=naming(
                source(case.county), "ownership" if source(case.county) == "forest" else "QSXZ"
            ),
            **_lit(case, UNKNOWN),
        )


def _missing(case: Case) -> Iterator[Check]:
    """Name layers that are missing; parcels are not missed where forest rights are mapped."""
    mapped = "forest" in case.county
    yield from backdrop.missing(
        case.county, [one for one in SCENARIO.uses if not (one == "parcels" and mapped)]
    )


def _answer(case: Case) -> Iterator[Text]:
    """Say hectares and payment, what is not known, how sure the rate and the layers are."""
    if case.forest is None:
        lacking = [one for one in ("park", "forest") if one not in case.county]
        names = joined(CATALOG[one].title for one in lacking)
        yield Text(f"缺少图层：{names.zh}。", f"Layers that are missing: {names.en}.")
        yield Text(
            "园内集体林面积与地役权补偿未知。",
            "How much collective forest lies in the park, and what it would cost, is not known.",
        )
        return
    core, general = (hectares(case.size(COLLECTIVE, zone)) for zone in PARK_ZONES)
    low, likely, high = (f"{value:,.1f}" for value in case.paid())
    yield Text(
        f"园内集体林：核心保护区 {core.zh}，一般控制区 {general.zh}；地役权补偿每年 {likely} 万元"
        f"（{low}–{high} 万元）。",
        f"Collective forest: {core.en} in the core zone, {general.en} in the general zone; an "
        f"easement costs {likely} × 10,000 yuan a year ({low} to {high}).",
    )
    if case.size(UNKNOWN) > SLIVER_HA:
        size, more = hectares(case.size(UNKNOWN)), f"{case.open_wan:,.1f}"
        yield Text(
            f"另有 {size.zh}权属未知，不计为集体林；若全部为集体林，每年至多再增加 {more} 万元。",
            f"The owner of {size.en} is not known and not taken for collective; if all of it were, "
            f"up to {more} × 10,000 yuan a year would come on top.",
        )
    yield _rate_words(case.params)
    modelled = [
        one
        for one in ("park", source(case.county))
        if case.county.sources[one].quality in SCHEMATIC
    ]
    if modelled:
        names = joined(CATALOG[one].title for one in modelled)
        yield Text(f"非实测图层：{names.zh}。", f"Modelled, not surveyed: {names.en}.")


def _rate_words(params: Easement) -> Text:
    """Say the rates, and their standing."""
    told = [
        Text(
            f"{TITLES[zone].zh} {rates[1]:g} 元/亩·年",
            f"{rates[1]:g} yuan/mu·a in the {ZONES[f'park_{zone}'].title.en}",
        )
        for zone, rates in params.rates.items()
    ]
    words = joined(told)
    if not params.quoted:
        return Text(
            f"补偿标准由规划人员给定：{words.zh}。", f"Rates are the planner's: {words.en}."
        )
    return Text(
        f"补偿标准：{words.zh}；48.2 元为常被引用的数值，未核实。",
        f"Rates: {words.en}; 48.2 is the often quoted figure, unverified.",
    )


def _claims(case: Case) -> Iterator[Claim]:
    """Give the payment a year by zone and township."""
    if case.forest is None:
        return
    rows = case.forest[case.forest["ownership"] == COLLECTIVE]
    names = [column.name for column in MONEY]
    rule = RULE if case.params.quoted else ""
    for (zone, town), sums in rows.groupby(["zone", "township"])[names]:
        low, likely, high = (float(sums[name].sum()) * WAN for name in names)
        title = TITLES[str(zone)]
        yield Claim(
            "yuan",
            low,
            likely,
            high,
            place=str(town),
            rule=rule,
            layer="forest",
            title=Text(f"{title.zh}地役权补偿，每年", f"{title.en}: easement, a year"),
        )


SCENARIO = Scenario(
    title=Text("集体林地役权", "Easement on collective forest"),
    question=Text(
        "国家公园内各乡镇有多少集体林？设立地役权每年需补偿多少？",
        "How much collective forest lies in the national park, by zone and township, and what "
        "would an easement on it cost a year?",
    ),
    method=(
        "方法：林地按权属（林权地块，没有则取三调图斑的权属性质）以核心保护区、一般控制区切分，按分"
        "区、乡镇与权属汇总公顷数；集体林按所在分区的低、中、高标准计年补偿，1 公顷为 15 亩。\n\n"
        "局限：权属未知的林地一律不计为集体林，其面积及若为集体所需的补偿另行说明，不计入合计。各类林地"
        "同一标准。常被引用的每亩每年 48.2 元未经核实，其范围为规划人员所定。图层中没有的林地未计入"
        "。面积为平面面积。国有林不补偿。不涉及签约主体、期限与资金来源。"
    ),
    measures=(3,),
    needs=("dem", "outline", "townships"),
    uses=("park", "forest", "parcels", "rivers", "lake"),
    params=Easement,
    run=run,
)
