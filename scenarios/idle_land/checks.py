"""Verdicts on idle land, what its release supplies, and the plots as they would be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import shapely

from geo.words import NO_TEXT, Text, hectares, joined, square_metres
from layers.county import County
from layers.land import idle
from layers.land.industrial import FIELDS
from layers.rulebook import rules
from scenarios.answers.unknowns import naming, remedy
from scenarios.idle_land.matching import PARTS
from scenarios.idle_land.park import EXTENT, M2_PER_HA, PLOTS, REGISTER, TOTAL, extent_of
from scenarios.idle_land.report import LACKS, Found, counted
from scenarios.idle_land.terms import IdleLand
from scenarios.result import Check, Claim, Edit, Verdict

CLOSE_M2 = 1.0
LAND, USE = "construction", "industry"  # the class of land, and the use that comes


def checks(county: County, found: Found, params: IdleLand) -> Iterator[Check]:
    """Give every verdict."""
    yield from _idle(found, params.rule_date)
    yield from _output(found, params)
    yield from _demand(found)
    yield from _closed(county, found)
    yield from _unknown(found)


def _idle(found: Found, day: date) -> Iterator[Check]:
    """Give a verdict each rule on idle land that holds on the day."""
    ways = {
        idle.TAKEN_BACK: Text("满两年未动工，应收回", "Not started for two years: taken back"),
        idle.NOT_STARTED: Text("满一年未动工，闲置", "Not started for a year: idle"),
        idle.GOVERNMENT: Text("因政府原因闲置，协商处置", "Idle by the government: by agreement"),
        idle.STOPPED: Text("停建满一年，闲置", "Stopped for a year: idle"),
    }
    held = rules(day)
    for rule, title in ways.items():
        if rule in held:
            these = found.plots[found.plots["rule"] == rule]
            breach: Verdict = "approval" if rule == idle.GOVERNMENT else "fail"
            verdict: Verdict = breach if len(these) else "pass"
            none = Text("0 宗", "none")
            yield Check(rule, title, verdict, _told(these), none, rule=rule, **_at(these))


def _at(plots: pd.DataFrame) -> dict[str, Any]:
    """Name plots on the map; without any, nothing."""
    return {"layer": "plots", "features": tuple(map(str, plots.index))} if len(plots) else {}


def _told(plots: pd.DataFrame) -> Text:
    count, area = counted(len(plots)), hectares(float(plots["area_ha"].sum()))
    return joined([count, area], "，")


def _output(found: Found, params: IdleLand) -> Iterator[Check]:
    these = found.plots[found.plots["state"] == "low_output"]
    title = Text("亩均产值", "Output per mu and year")
    least = params.least_output_wan_yuan_mu
    allowed = Text(f"≥ {least:g} 万元/亩", f"≥ {least:g} × 10k CNY/mu")
    verdict: Verdict = "fail" if len(these) else "pass"
    if found.plots["output_wan_yuan_mu"].notna().any():
        yield Check("output", title, verdict, _told(these), allowed, **_at(these))


def _demand(found: Found) -> Iterator[Check]:
    """Say whether all demands are served, and whether more could be."""
    demands, most = found.matched.demands, found.matched.found
    title = Text("用地需求", "Demand for land")
    if demands.empty:
        give = remedy(Text("给出需求表", "give a table of demands"), "--set demands=FILE.csv")
        yield Check("demand", title, "unknown", Text("未给出", "none given"), NO_TEXT, remedy=give)
        return
    held, asked = most.total / PARTS, float(demands["mu"].sum())
    verdict: Verdict = "pass" if len(found.served) == len(demands) else "fail"
    said, all_ = (Text(f"{mu:,.2f} 亩", f"{mu:,.2f} mu") for mu in (held, asked))
    yield Check("demand", title, verdict, said, all_)
    title = Text("匹配面积与上界之差（据求解器 HiGHS）", "Below the bound, by the word of HiGHS")
    proved: Verdict = "unknown" if most.gap else "pass"
    gap, none = (Text(f"{mu:.2f} 亩", f"{mu:.2f} mu") for mu in (most.gap / PARTS, 0.0))
    yield Check("optimum", title, proved, gap, none)


def _closed(county: County, found: Found) -> Iterator[Check]:
    """Say whether hectares by state close to the extent, and which plots lie beyond it."""
    columns = found.by_year.drop(index=TOTAL).sum() - found.by_year.loc[TOTAL]
    off = float(columns.abs().max()) * M2_PER_HA
    title = Text("各状态面积之和与园区范围", "Hectares by state against the extent")
    verdict: Verdict = "pass" if off <= CLOSE_M2 else "fail"
    mend = NO_TEXT if verdict == "pass" else Text("消除宗地重叠", "mend plots that overlap")
    least = square_metres(CLOSE_M2, decimals=0)
    most = Text(f"≤ {least.zh}", f"≤ {least.en}")
    yield Check("closed", title, verdict, square_metres(off), most, remedy=mend)
    extent = extent_of(county, found.plots)
    beyond = shapely.difference(found.plots.geometry.to_numpy(), extent)
    out = found.plots[shapely.area(beyond) > CLOSE_M2]
    if len(out):
        title = Text("超出园区范围的宗地，范围外不计", "Plots beyond the extent, not counted there")
        area = square_metres(float(shapely.area(beyond).sum()), decimals=0)
        yield Check("beyond", title, "fail", area, most, **_at(out))
    if EXTENT not in county:
        title = Text(
            "没有园区范围，以宗地范围计", "No extent of the park; that of the plots counts"
        )
        yield Check("no_extent", title, "unknown", NO_TEXT, NO_TEXT)


def _unknown(found: Found) -> Iterator[Check]:
    """Name what is not known, by the column that lacks, and how it becomes known."""
    lacking = found.plots[found.plots["state"] == idle.NOT_KNOWN]
    for column, these in lacking.groupby("lacks"):
        name = LACKS[str(column)]
        title = Text(f"缺少{name.zh}，状态未知", f"State not known for want of: {name.en.lower()}")
        if column == idle.NO_RULE:
            title = Text("当日没有闲置土地规则", "No rule on idle land holds on the day")
            mend = remedy(Text("改评判日期", "judge on another day"), "--set rule_date=2026-01-01")
        else:
            mend = naming(PLOTS, str(column))
        yield Check(
            f"unknown_{column}",
            title,
            "unknown",
            _told(these),
            NO_TEXT,
            remedy=mend,
            **_at(these),
        )
    open_ = found.plots[found.plots["state"] == "cause_open"]
    if len(open_):
        title = Text("闲置原因待认定，未计入释放", "Idle of unknown cause, not released")
        mend = naming(PLOTS, "cause")
        told = _told(open_)
        yield Check("unknown_cause", title, "unknown", told, NO_TEXT, remedy=mend, **_at(open_))
    priceless = found.fees[found.fees.isna().any(axis=1)]
    if len(priceless):
        title = Text("土地价款未知，闲置费未知", "Land price not known, nor is the fee")
        these = found.plots.loc[priceless.index]
        words = Text("给出每亩价款", "give a price per mu")
        mend = remedy(words, "--set price_wan_yuan_mu=20")
        told = _told(these)
        yield Check("unknown_price", title, "unknown", told, NO_TEXT, remedy=mend, **_at(these))


def claims(found: Found, params: IdleLand) -> Iterator[Claim]:
    """Give the land that is supplied in each year, and fees that come in; both below zero."""
    for year, area in found.released.groupby("release_year")["area_ha"].sum().items():
        supplied = -float(area)
        title = Text(f"{year} 年可供应的园区土地", f"Land of the park that is free in {year}")
        yield Claim(
            "land",
            supplied,
            supplied,
            supplied,
            year=int(str(year)),
            from_=LAND,
            to=USE,
            layer="uses",
            title=title,
        )
    known = found.fees.dropna()
    if len(known):
        low, likely, high = (-float(known[end].sum()) for end in ("high", "likely", "low"))
        title, year = Text("土地闲置费收入", "Fees on idle land"), params.rule_date.year
        yield Claim("yuan", low, likely, high, year=year, rule=idle.NOT_STARTED, title=title)


def edit(county: County, found: Found) -> Edit:
    """Give the plots as they would be: what is released at hand, what serves a demand supplied."""
    plots = county.vector(PLOTS).sort_index()
    served = found.matched.plots[found.matched.plots["serves"] != ""].index
    for name in set(REGISTER) & set(plots):
        kind = next(field.kind for field in FIELDS if field.name == name)
        if name not in ("use", "supply"):
            empty = np.nan if kind == "number" else None
            plots.loc[found.released.index, name] = empty
    plots.loc[found.released.index, "supply"] = "not_supplied"
    plots.loc[served, "supply"] = "supplied"
    if "works" in plots:
        plots.loc[served, "works"] = "not_started"
    return Edit(PLOTS, plots)
