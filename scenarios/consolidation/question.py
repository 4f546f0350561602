"""Which parcels should change places so that cropland becomes flatter, larger and contiguous.

Question: which cropland, orchard, forest and other farm parcels of the pilot townships should be
exchanged, with area and quality balanced, inside the law, and how far is that from the best there
could be? Measure 2 asks for consolidation across townships.

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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from geo.errors import InfeasibleError
from geo.exchange import (
    Goal,
    Plan,
    Point,
    Rule,
    Sweep,
    Touching,
    Units,
    front,
    near_best,
    solve,
    units,
    usual,
)
from geo.exchange import Near as Nearness
from geo.landscape import adjacency
from geo.phasing import Phases
from geo.words import NO_TEXT, Text, alike, area_words, hectares
from layers.county import County
from layers.land.rules import book, least_m2
from scenarios.answers import backdrop
from scenarios.answers.alternatives import stacked, told_of_each
from scenarios.answers.near_best import Near
from scenarios.answers.unknowns import naming
from scenarios.consolidation import near
from scenarios.consolidation.answer import answer, claims, edited
from scenarios.consolidation.checks import Judged, checks, judged, rulebooks
from scenarios.consolidation.eligible import Eligible
from scenarios.consolidation.front import front_table
from scenarios.consolidation.map import columns
from scenarios.consolidation.near import Nearby, Settled
from scenarios.consolidation.pattern import pattern
from scenarios.consolidation.pieces import ENTERS, LEAVES, Fabric, Pieces, phased, settled
from scenarios.consolidation.problem import Consolidation, goals_of, parcels_of, rules_of, table_of
from scenarios.consolidation.proof import Searches, near_proof, proof
from scenarios.consolidation.proof import checks as proof_checks
from scenarios.consolidation.recheck import recheck
from scenarios.consolidation.tables import (
    States,
    accounts,
    area_change,
    comparison,
    ledger,
    refused,
    transitions,
)
from scenarios.consolidation.years import by_year, pace_of, spread
from scenarios.contract import Scenario
from scenarios.result import Check, Column, Proof, Result, Table, Verdict
from scenarios.running.progress import tell


@dataclass(frozen=True, eq=False)
class Asked:
    """What the optimiser is asked: units of land, goals and rules, and the fabric they are of."""

    fabric: Fabric
    given: Units
    goals: Sequence[Goal]
    rules: Sequence[Rule]


@dataclass(frozen=True, eq=False)
class Found:
    """What was found: which parcels may move, every search, plans, and what else there is.

    The first plan is the best; `others` are those near it, `near` what is told of them, none where
    none were asked for.
    """

    eligible: Eligible
    searches: Searches
    plans: tuple[Settled, ...]
    near: Near | None
    fronts: tuple[Table, ...]
    others: tuple[Nearby, ...]


def run(county: County, params: Consolidation) -> Result:
    """Answer the question for a county; pure."""
    tell(Text("读取地块与规则", "parcels and rules"), 0.0)
    eligible = parcels_of(county, params, book(params.rule_date))
    asked = _asked(eligible, params)
    tell(Text("求解最优互换", "searching for the best exchange"), 0.1)
    plan = _plan(asked, params)
    tell(Text("分期", "years"), 0.5)
    best, years = _settled(asked, plan, params)
    points = _points(asked, params)
    others = _near(asked, plan, params)
    plans, told = _compared(plan, best, others, params)
    tell(Text("制表与成图", "tables and maps"), 0.9)
    split = len(best.pieces.land) > len(eligible.land)
    fronts = tuple(front_table(asked.fabric, points, plan))
    shown = tuple(one.plan for one in points if fronts and one.plan is not None)
    searches = Searches(plan, years, shown, split, len(plans) - 1)
    return _result(county, params, Found(eligible, searches, plans, told, fronts, others))


class OfYears(NamedTuple):
    """A plan worked out, and how its years were searched."""

    settled: Settled
    years: Phases


def _settled(asked: Asked, plan: Plan, params: Consolidation, *, code: str = "") -> OfYears:
    """Work a plan out: classes, the parcel that is split, years, the pattern of cropland."""
    pieces = settled(
        asked.fabric,
        plan.member,
        code_table=params.code_table,
        close=params.close_exactly,
        gap_m=params.neighbour_gap_m,
    )
    years = spread(pieces, pace_of(params))
    done, least = phased(pieces, years.year), least_m2(book(params.rule_date))
    states = States(*(pattern(done, side, least_m2=least) for side in ("before", "after")))
    return OfYears(Settled(code, done, states), years)


class Plans(NamedTuple):
    """The best plan and those near it, and what is told of them."""

    plans: tuple[Settled, ...]
    near: Near | None


def _near(asked: Asked, best: Plan, params: Consolidation) -> tuple[Nearby, ...]:
    """Search for plans near the best; one that no years can hold is left out."""
    if not params.near_best:
        return ()
    tell(Text("求相近方案", "plans near the best"), 0.7)
    share, gap = params.near_percent / 100, params.gap_percent / 100
    wanted = Nearness(share, params.near_best, effort=usual(params.front_effort), gap=gap)
    found: list[Nearby] = []
    for other in near_best(asked.given, best, goals=asked.goals, rules=asked.rules, near=wanted):
        with suppress(InfeasibleError):
            code = str(len(found) + 2)
            found.append(Nearby(_settled(asked, other.plan, params, code=code).settled, other))
    return tuple(found)


def _compared(best: Plan, first: Settled, others: Sequence[Nearby], params: Consolidation) -> Plans:
    """Hold plans near the best against it; nothing is told where none were asked for."""
    if not params.near_best:
        return Plans((first,), None)
    plans = (replace(first, code="1"), *(one.settled for one in others))
    asked = near.Asked(params.near_percent, params.near_best)
    return Plans(plans, near.near(best, others, plans, asked))


def _asked(eligible: Eligible, params: Consolidation) -> Asked:
    """Put up the problem: units of land, goals and rules."""
    land, on = eligible.land, book(params.rule_date)
    fabric = Fabric(land, adjacency(land, gap_m=params.neighbour_gap_m))
    given = units(table_of(land), neighbours=fabric.neighbours)
    goals = goals_of(land, fabric.neighbours, params)
    return Asked(fabric, given, goals, rules_of(land, params, on))


def _plan(asked: Asked, params: Consolidation) -> Plan:
    """Search for the best exchange."""
    return solve(
        asked.given,
        goals=asked.goals,
        rules=asked.rules,
        seconds=params.seconds or math.inf,
        gap=params.gap_percent / 100,
        effort=usual(params.effort),
    )


def _points(asked: Asked, params: Consolidation) -> list[Point]:
    """Give the plans of the front, none where it is not asked for or has but one goal."""
    known = asked.fabric.land["slope_deg"].notna().any()
    if params.front_points <= 1 or not (known and params.weight_slope and params.weight_contiguity):
        return []
    tell(Text("帕累托前沿", "Pareto front"), 0.6)
    borders = [goal for goal in asked.goals if isinstance(goal, Touching)]
    sweep = Sweep(params.front_points, usual(params.front_effort), params.gap_percent / 100)
    return front(asked.given, goals=asked.goals, traded=borders, rules=asked.rules, sweep=sweep)


def _result(county: County, params: Consolidation, found: Found) -> Result:
    """Report an exchange, and those near it beside it."""
    best, searches, plans = found.plans[0], found.searches, found.plans
    pieces, on = best.pieces, book(params.rule_date)
    books = {one.code: _books(one, county, params) for one in plans}
    proven = tuple(proof_checks(searches, asked_percent=params.gap_percent))
    said = (
        *(map(near.of_the_best, proven) if found.near else proven),
        *told_of_each({one.code: _judged(one, books[one.code], params) for one in plans}),
        *(near.checks(found.near) if found.near else ()),
        *_unknown(near.idle(plans), county),
    )
    sentences = answer(pieces, best.states, searches, said)
    return Result(
        layers=(
            *backdrop.ground(county),
            backdrop.townships(county, county.vector("townships").sort_index(), (), ()),
            *near.layers(county, plans, on, code_table=params.code_table),
        ),
        tables=tuple(_tables(county, params, found, books[best.code])),
        metrics=near.figures(best, searches.plan),
        checks=said,
        proofs=tuple(_proofs(found)),
        reproducible=searches.reproducible,
        answer=(*sentences, *(near.sentences(found.near) if found.near else ())),
        claims=tuple(replace(one, layer=best.own(one.layer)) for one in claims(pieces)),
        edits=(edited(pieces, county, code_table=params.code_table),),
        alternatives=near.alternatives(plans, searches.plan) if found.near else (),
    )


def _proofs(found: Found) -> Iterator[Proof]:
    """Give the certificates of all plans."""
    plan = found.searches.plan
    yield proof(found.searches, layer=found.plans[0].own("change"))
    for settled_, other in found.others:
        yield near_proof(plan, other, code=settled_.code, layer=settled_.own("change"))


def _books(one: Settled, county: County, params: Consolidation) -> list[Judged]:
    """Judge a plan by the rules of both days."""
    days = (params.rule_date, params.compare_date)
    return [judged(one.pieces, county, day, sliver_m2=params.sliver_m2) for day in days]


def _judged(one: Settled, books: Sequence[Judged], params: Consolidation) -> tuple[Check, ...]:
    """Give the verdicts on a plan by the rules of the first day, and whether its areas close."""
    findings = checks(books[0].findings, layer=one.own("change"))
    return (*findings, *_closed(one.pieces, params))


def _tables(
    county: County, params: Consolidation, found: Found, books: Sequence[Judged]
) -> Iterator[Table]:
    """Give the tables: plans compared, those of the best alone, those of each plan."""
    on = book(params.rule_date)
    every = replace(found.plans[0].pieces, land=pd.concat([one.pieces.land for one in found.plans]))
    known = columns(every, county, on, code_table=params.code_table)
    told = {one.name: one for one in known}
    each = {one.code: tuple(_of_plan(one, params, told)) for one in found.plans}
    several = {one.id: one for one in stacked(each, near.titles(found.plans))}
    ordered = _ordered(found, books, told, each[found.plans[0].code])
    if found.near is None:
        yield from ordered
        return
    yield near.compared(found.plans, found.near)
    for table in ordered:
        shared = table in found.fronts
        yield table if shared else several.get(table.id, near.of_the_best(table))


def _of_plan(one: Settled, params: Consolidation, told: Mapping[str, Column]) -> Iterator[Table]:
    """Give the tables that every plan has."""
    yield from accounts(one.pieces, told)
    yield by_year(one.pieces, params.years)
    yield ledger(one.pieces, told)


def _ordered(
    found: Found, books: Sequence[Judged], told: Mapping[str, Column], own: Sequence[Table]
) -> Iterator[Table]:
    """Give the tables of the best plan in their order."""
    best = found.plans[0]
    yield area_change(best.pieces)
    yield transitions(best.pieces, told)
    yield from found.fronts
    yield comparison(best.states)
    yield from own[:-1]
    yield refused(best.pieces, found.eligible)
    yield rulebooks(books)
    yield own[-1]


def _closed(pieces: Pieces, params: Consolidation) -> Iterator[Check]:
    """Say whether as much enters as leaves where that was asked for."""
    if params.close_exactly:
        into, out = (int(pieces.moved(side)["hundredths"].sum()) for side in (ENTERS, LEAVES))
        title = Text("切分后调入与调出相等", "As much enters as leaves, one parcel split")
        verdict: Verdict = "pass" if into == out else "fail"
        entered, left = hectares(into / 1e6), hectares(out / 1e6)
        gap, none = area_words(abs(into - out) / 100), area_words(0)
        found = Text(f"{entered.zh}，相差 {gap.zh}", f"{entered.en}, {gap.en} apart")
        allowed = Text(f"{left.zh}，相差 {none.zh}", f"{left.en}, {none.en} apart")
        yield Check("closed", title, verdict, found, allowed)


def _unknown(land: gpd.GeoDataFrame, county: County) -> Iterator[Check]:
    """Name layers that are not there, and what is not known of parcels."""
    yield from backdrop.missing(county, SCENARIO.uses)
    for name, words in (
        ("slope_deg", Text("坡度", "slope")),
        ("quality", Text("质量等别", "quality grade")),
    ):
        lacking = land[name].isna()
        if lacking.any():
            count, area = int(lacking.sum()), hectares(land["hundredths"][lacking].sum() / 1e6)
            found = Text(f"{count} 块，{area.zh}", f"{count} parcels, {area.en}")
            title = Text(
                f"{words.zh}未知的地块，不参与调整",
                f"Parcels of unknown {words.en} stay as they are",
            )
            if lacking.all() and name == "quality":
                title = Text(
                    f"{words.zh}全部未知，方案未考虑",
                    f"No {words.en} is known; the plan does not heed it",
                )
            idle = lacking & ~land["change"].isin([ENTERS, LEAVES])
            yield Check(
                f"unknown_{name}",
                title,
                "unknown",
                found,
                NO_TEXT,
                layer="land" if idle.any() else "",
                features=tuple(str(label) for label in land.index[idle]),
                remedy=naming("parcels", name),
            )
    measured = int((~land["surveyed"]).sum())
    if measured:
        title = Text(
            "没有调查面积（TBMJ）的地块，按图形量算", "Parcels without TBMJ, measured by shape"
        )
        remedy = naming("parcels", "TBMJ")
        found = alike(f"{measured:,}")
        yield Check("measured", title, "unknown", found, NO_TEXT, remedy=remedy)


SCENARIO = Scenario(
    title=Text("跨乡镇土地综合整治", "Land consolidation across townships"),
    question=Text(
        "哪些耕地、园地、林地和其他农用地应当互换位置，使耕地更平、更大、更连片？"
        "离理论最优有多远？",
        "Which cropland, orchard, forest and other farm parcels should "
        "change places so that cropland becomes flatter, larger and contiguous, and how far is "
        "that from the best possible?",
    ),
    method=(
        "方法：选出调出的耕地地块与调入的其他地块，在平衡、预算与下限约束下使平均坡度、共边长度"
        "、质量、距离与投资的加权和最小，并给出任何方案都不能超过的界。每项目标按其现状的份额计"
        "。台账以 0.01 平方米为单位取整。谁可以调整由所选日期的规则决定，方案另按第二个日期的规则"
        "并列评判。\n\n"
        "局限：按含田坎的调查面积（TBMJ）整块调整，至多切分一块；坡度与质量为地块平均；共边或共"
        "角为相邻；投资按每公顷单价。不考虑权属、承包、土壤、水源与村民意愿。与理论最优的差距按"
        "改善量的份额计，即更好的方案至多还能增加多少。"
    ),
    measures=(2,),
    needs=("dem", "outline", "townships", "parcels"),
    uses=(
        "pilots",
        "basic_farmland",
        "redline",
        "park",
        "source_water",
        "settlements",
        "rivers",
        "lake",
    ),
    params=Consolidation,
    run=run,
    recheck=recheck,
)
