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

from collections.abc import Iterator

import geopandas as gpd
import pandas as pd

from geo.exchange import Plan, solve, units
from geo.landscape import adjacency
from layers.county import County
from layers.landrules import book
from layers.source import Text
from scenarios import backdrop, landmap
from scenarios.contract import Scenario
from scenarios.landchecks import checks, findings, side_by_side
from scenarios.landpieces import pattern, settled
from scenarios.landproblem import Consolidation, goals_of, parcels_of, rules_of, table_of
from scenarios.landreport import accounts, comparison, gap_words, ledger, metrics, refused
from scenarios.result import Check, Column, Result, Table, Verdict


def run(county: County, params: Consolidation) -> Result:
    """Answer the question for a county; pure."""
    on = book(params.rule_date)
    land, said = parcels_of(county, params, on)
    neighbours = adjacency(land, gap_m=params.neighbour_gap_m)
    goals, rules = goals_of(land, neighbours, params), rules_of(land, params, on)
    plan = solve(units(table_of(land), neighbours=neighbours), goals=goals, rules=rules,
                 seconds=params.seconds, gap=params.gap_percent / 100)  # fmt: skip
    pieces = settled(land, plan.member, neighbours, code_table=params.code_table,
                     close=params.close_exactly, gap_m=params.neighbour_gap_m)  # fmt: skip
    least = landmap.least_m2(on)
    before, after = (pattern(pieces, side, least_m2=least) for side in ("before", "after"))
    books = [on, book(params.compare_date)]
    found = [list(findings(pieces, county, one, sliver_m2=params.sliver_m2)) for one in books]
    return Result(
        (
            *backdrop.ground(county),
            backdrop.townships(county, county.vector("townships").sort_index(), (), ()),
            *landmap.layers(pieces, county, on, code_table=params.code_table),
        ),
        (
            comparison(before, after),
            *accounts(pieces),
            refused(pieces, said, on),
            _books(side_by_side(list(zip(books, found, strict=True))), params),
            ledger(pieces),
        ),
        tuple(metrics(pieces, before, after, plan)),
        (
            _proof(plan),
            *checks(found[0], layer="change"),
            *_unknown(land, county),
        ),
    )


def _books(frame: pd.DataFrame, params: Consolidation) -> Table:
    """Give the verdicts under both days side by side."""
    columns = [Column("rule", Text("规则", "Rule")), Column("zh", Text("内容", "What"))]
    for place, day in enumerate((params.rule_date, params.compare_date)):
        for name, zh, en in (("verdict", "结论", "verdict"), ("found", "结果", "found"),
                             ("allowed", "要求", "allowed")):  # fmt: skip
            columns.append(Column(f"{name}_{place}", Text(f"{day} {zh}", f"{day} {en}")))
    columns.append(Column("en", Text("英文", "In English")))
    title = Text("同一方案按两个日期的规则评判", "The same plan judged by the rules of two days")
    return Table("rulebooks", title, frame, tuple(columns))


def _proof(plan: Plan) -> Check:
    """Say how far from the best possible the plan is."""
    words = gap_words(plan)
    title = Text(
        "方案与理论最优的距离（占改善量）", "Distance to the best possible, of the improvement"
    )
    stopped = "；达到时限 time limit hit" if plan.stopped else ""
    verdict: Verdict = "pass" if plan.proven else "unknown"
    return Check("proof", title, verdict, f"{words.zh} {words.en}{stopped}", "",
                 remedy="" if plan.proven else "--set seconds=…")  # fmt: skip


def _unknown(land: gpd.GeoDataFrame, county: County) -> Iterator[Check]:
    """Name layers that are not there, and what is not known of parcels."""
    yield from backdrop.missing(county, SCENARIO.uses)
    for name, zh, en in (
        ("slope_deg", "坡度", "slope"),
        ("quality", "质量等别", "quality grade"),
    ):
        lacking = land[name].isna()
        if lacking.any():
            found = (
                f"{int(lacking.sum())} 块 parcels, {land['hundredths'][lacking].sum() / 1e6:.2f} ha"
            )
            title = Text(f"{zh}未知的地块，不参与调整", f"Parcels of unknown {en} stay as they are")
            yield Check(f"unknown_{name}", title, "unknown", found, "", remedy=f"--field {name}=…")
    measured = int((~land["surveyed"]).sum())
    if measured:
        title = Text(
            "没有调查面积（TBMJ）的地块，按图形量算", "Parcels without TBMJ, measured by shape"
        )
        yield Check("measured", title, "unknown", f"{measured}", "", remedy="--field TBMJ=…")


SCENARIO = Scenario(
    title=Text("跨乡镇土地综合整治", "Land consolidation across townships"),
    question=Text(
        "鹤溪、澄照哪些耕地、园地、林地和其他农用地应当互换位置，使耕地更平、更大、更连片？"
        "离理论最优有多远？",
        "Which cropland, orchard, forest and other farm parcels of Hexi and Chengzhao should "
        "change places so that cropland becomes flatter, larger and contiguous, and how far is "
        "that from the best possible?",
    ),
    measures=(2,),
    needs=("dem", "outline", "townships", "parcels"),
    uses=("pilots", "basic_farmland", "redline", "park", "source_water", "settlements", "rivers",
          "lake"),
    params=Consolidation,
    run=run,
)  # fmt: skip
