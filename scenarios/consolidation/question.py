"""Which parcels should change places so that cropland becomes flatter, larger and contiguous.

Question: which cropland, orchard, forest and other farm parcels of the pilot townships should be
exchanged, with area and quality balanced, inside the law, and how far is that from the best there
could be? Measure 2 asks for consolidation across Hexi and Chengzhao.

Method: cropland parcels that leave and other parcels that enter are chosen so that a weighted sum
of mean slope, shared borders, quality, distance and cost is least under balances, budgets and
floors (`geo.exchange`), with a bound that no plan can pass. Each goal counts as a share of what it
is today. Accounts are kept in whole 0.01 m². Who may move is what the rules of a day say; the plan
is judged by the rules of a second day beside it.

Limits: whole parcels by the survey's area with ridges (TBMJ), one parcel may be split; slope and
quality are means of parcels; neighbours share a border or a corner; cost is a rate per hectare.
Ownership, contracts, soil, water and the consent of villages are not looked at. The gap is a share
of the improvement: what a better plan could add at most.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from geo.exchange import Limits, solve, units, usual
from geo.landscape import adjacency
from geo.words import NO_TEXT, Text, alike, hectares
from layers.county import County
from layers.land.rules import book
from scenarios.answers import backdrop
from scenarios.consolidation.checks import checks, findings, room_ha, side_by_side
from scenarios.consolidation.map import layers, least_m2
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pieces, pattern, phased, settled
from scenarios.consolidation.problem import Consolidation, goals_of, parcels_of, rules_of, table_of
from scenarios.consolidation.proof import Searches, proof
from scenarios.consolidation.proof import checks as proof_checks
from scenarios.consolidation.tables import accounts, comparison, ledger, metrics, refused
from scenarios.consolidation.years import Pace, Search, by_year, front, front_table, spread
from scenarios.contract import Scenario
from scenarios.result import Check, Column, Result, Table, Verdict
from scenarios.running.progress import tell

YEARS = 2e7  # the usual work of spreading a plan over years


def run(county: County, params: Consolidation) -> Result:
    """Answer the question for a county; pure."""
    on = book(params.rule_date)
    tell(Text("读取地块与规则", "parcels and rules"), 0.0)
    land, said = parcels_of(county, params, on)
    neighbours = adjacency(land, gap_m=params.neighbour_gap_m)
    given = units(table_of(land), neighbours=neighbours)
    goals, rules = goals_of(land, neighbours, params), rules_of(land, params, on)
    tell(Text("求解最优互换", "searching for the best exchange"), 0.1)
    seconds, gap = params.seconds or math.inf, params.gap_percent / 100
    plan = solve(given, goals=goals, rules=rules, seconds=seconds, gap=gap,
                 effort=usual(params.effort))  # fmt: skip
    pieces = settled(land, plan.member, neighbours, code_table=params.code_table,
                     close=params.close_exactly, gap_m=params.neighbour_gap_m)  # fmt: skip
    tell(Text("分期", "years"), 0.5)
    above, limit = round(100 * params.tolerance_m2), Limits(params.effort * YEARS, seconds)
    pace = Pace(params.years, params.year_ha, params.year_wan_yuan, above, limit)
    years = spread(pieces, pace)
    pieces = phased(pieces, years.year)
    fronts, points = [], []
    if params.front_points > 1 and params.weight_slope and params.weight_contiguity:
        tell(Text("帕累托前沿", "Pareto front"), 0.6)
        search = Search(params.front_points, usual(params.front_effort), gap)
        plans = front(given, goals, rules, search=search)
        fronts = [front_table(land, neighbours, plans, plan)]
        points = [one for _, one in plans if one is not None]
    tell(Text("制表与成图", "tables and maps"), 0.9)
    split = len(pieces.land) > len(land)
    return _result(
        county, params, pieces, (Searches(plan, years, tuple(points), split), said, fronts)
    )


def _result(
    county: County,
    params: Consolidation,
    pieces: Pieces,
    searched: tuple[Searches, pd.DataFrame, list[Table]],
) -> Result:
    """Report an exchange."""
    searches, said, fronts = searched
    books = [book(params.rule_date), book(params.compare_date)]
    on = books[0]
    least = least_m2(on)
    before, after = (pattern(pieces, side, least_m2=least) for side in ("before", "after"))
    found = [list(findings(pieces, county, one, sliver_m2=params.sliver_m2)) for one in books]
    rooms = [room_ha(pieces, county, one, sliver_m2=params.sliver_m2) for one in books]
    return Result(
        (
            *backdrop.ground(county),
            backdrop.townships(county, county.vector("townships").sort_index(), (), ()),
            *layers(pieces, county, on, code_table=params.code_table),
        ),
        (
            *fronts,
            comparison(before, after),
            *accounts(pieces),
            by_year(pieces, params.years),
            refused(pieces, said, on),
            _books(side_by_side(list(zip(rooms, found, strict=True))), params),
            ledger(pieces),
        ),
        tuple(metrics(pieces, before, after, searches.plan)),
        (
            *proof_checks(searches, asked_percent=params.gap_percent),
            *checks(found[0], layer="change"),
            *_closed(pieces, params),
            *_unknown(pieces.land, county),
        ),
        proofs=(proof(searches, layer="change"),),
        reproducible=searches.reproducible,
    )


def _books(frame: pd.DataFrame, params: Consolidation) -> Table:
    """Give the verdicts under both days side by side."""
    columns = [Column("rule", Text("规则", "Rule")), Column("what", Text("内容", "What")),
               Column("what_en", Text("内容（英文）", "What, in English"))]  # fmt: skip
    for place, day in enumerate((params.rule_date, params.compare_date)):
        for name, zh, en in (("verdict", "结论", "verdict"), ("found", "结果", "found"),
                             ("allowed", "要求", "allowed")):  # fmt: skip
            columns.append(Column(f"{name}_{place}", Text(f"{day} {zh}", f"{day} {en}")))
            english = Text(f"{day} {zh}（英文）", f"{day} {en}, in English")
            columns.append(Column(f"{name}_{place}_en", english))
    title = Text("同一方案按两个日期的规则评判", "The same plan judged by the rules of two days")
    return Table("rulebooks", title, frame, tuple(columns))


def _closed(pieces: Pieces, params: Consolidation) -> Iterator[Check]:
    """Say whether as much enters as leaves where that was asked for."""
    if params.close_exactly:
        into, out = (int(pieces.moved(side)["hundredths"].sum()) for side in (ENTERS, LEAVES))
        title = Text("切分后调入与调出相等", "As much enters as leaves, one parcel split")
        verdict: Verdict = "pass" if into == out else "fail"
        yield Check("closed", title, verdict, alike(f"{into / 100:,.2f} m²"),
                    alike(f"= {out / 100:,.2f} m²"))  # fmt: skip


def _unknown(land: gpd.GeoDataFrame, county: County) -> Iterator[Check]:
    """Name layers that are not there, and what is not known of parcels."""
    yield from backdrop.missing(county, SCENARIO.uses)
    for name, zh, en in (
        ("slope_deg", "坡度", "slope"),
        ("quality", "质量等别", "quality grade"),
    ):
        lacking = land[name].isna()
        if lacking.any():
            count, area = int(lacking.sum()), hectares(land["hundredths"][lacking].sum() / 1e6)
            found = Text(f"{count} 块，{area.zh}", f"{count} parcels, {area.en}")
            title = Text(f"{zh}未知的地块，不参与调整", f"Parcels of unknown {en} stay as they are")
            if lacking.all() and name == "quality":
                title = Text(
                    f"{zh}全部未知，方案未考虑", f"No {en} is known; the plan does not heed it"
                )
            yield Check(f"unknown_{name}", title, "unknown", found, NO_TEXT,
                        remedy=alike(f"--field {name}=…"))  # fmt: skip
    measured = int((~land["surveyed"]).sum())
    if measured:
        title = Text(
            "没有调查面积（TBMJ）的地块，按图形量算", "Parcels without TBMJ, measured by shape"
        )
        yield Check("measured", title, "unknown", alike(f"{measured:,}"), NO_TEXT,
                    remedy=alike("--field TBMJ=…"))  # fmt: skip


SCENARIO = Scenario(
    title=Text("跨乡镇土地综合整治", "Land consolidation across townships"),
    question=Text(
        "鹤溪、澄照哪些耕地、园地、林地和其他农用地应当互换位置，使耕地更平、更大、更连片？"
        "离理论最优有多远？",
        "Which cropland, orchard, forest and other farm parcels of Hexi and Chengzhao should "
        "change places so that cropland becomes flatter, larger and contiguous, and how far is "
        "that from the best possible?",
    ),
    method=(
        "方法：选出调出的耕地地块与调入的其他地块，在平衡、预算与下限约束下使平均坡度、共边长度"
        "、质量、距离与投资的加权和最小，并给出任何方案都不能超过的界。每项目标按其现状的份额计"
        "。台账以 0.01 m² 为单位取整。谁可以调整由所选日期的规则决定，方案另按第二个日期的规则"
        "并列评判。\n\n"
        "局限：按含田坎的调查面积（TBMJ）整块调整，至多切分一块；坡度与质量为地块平均；共边或共"
        "角为相邻；投资按每公顷单价。不考虑权属、承包、土壤、水源与村民意愿。与理论最优的距离按"
        "改善量的份额计，即更好的方案至多还能增加多少。"
    ),
    measures=(2,),
    needs=("dem", "outline", "townships", "parcels"),
    uses=("pilots", "basic_farmland", "redline", "park", "source_water", "settlements", "rivers",
          "lake"),
    params=Consolidation,
    run=run,
)  # fmt: skip
