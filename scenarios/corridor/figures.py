"""Figures of a road, each declared once: headline, column, comparison and chart derive from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from geo.alignment.plan.curves import MEET, curves
from geo.words import NO_TEXT, Text
from layers.people.near import NEAR_M
from scenarios.answers.alternatives import comparison
from scenarios.answers.figures import Figure
from scenarios.answers.figures import metrics as known
from scenarios.corridor.minutes import Benefit
from scenarios.corridor.road import Case, Study
from scenarios.result import Alternative, Column, Metric, Table

WAN = 1e4
STRAIGHT_M = 1e6  # a larger radius is none

LENGTH = Figure("length_km", Text("路线长度", "Length"), "km", 2)
COST = Figure("cost_wan", Text("造价", "Cost"), "万元", 0, "lower")
COST_KM = Figure("wan_per_km", Text("每公里造价", "Cost per km"), "万元/km", 0, "lower")
ENDS = (
    Figure(
        "cost_low_wan", Text("造价（单价均取低值）", "Cost, all prices low"), "万元", 0, "lower"
    ),
    Figure(
        "cost_high_wan", Text("造价（单价均取高值）", "Cost, all prices high"), "万元", 0, "lower"
    ),
)
BRIDGES = Figure("bridge_m", Text("桥梁", "Bridges"), "m", 0)
TUNNELS = Figure("tunnel_m", Text("隧道", "Tunnels"), "m", 0)
SAVED = Figure(
    "person_min",
    Text("节省出行时间（单程到县城）", "Person-minutes saved, one way to the county seat"),
    "person-min",
    0,
    "higher",
)
MEAN = Figure(
    "mean_min", Text("到县城平均时间", "Mean minutes to the county seat"), "min", 2, "lower"
)
HEADLINES = (
    LENGTH,
    COST,
    COST_KM,
    BRIDGES,
    TUNNELS,
    Figure("steepest", Text("最大纵坡", "Steepest grade"), "%", 2, "lower"),
    Figure("cut_wan_m3", Text("挖方", "Cut"), "万m³", 2),
    Figure("fill_wan_m3", Text("填方", "Fill"), "万m³", 2),
    Figure("balance_wan_m3", Text("余方（缺方为负）", "Surplus, deficit negative"), "万m³", 2),
    Figure("land_ha", Text("用地", "Land taken"), "ha", 2, "lower"),
    Figure(
        "basic_ha",
        Text("占用永久基本农田", "Permanent basic farmland taken"),
        "ha",
        2,
        "lower",
    ),
    Figure("park_ha", Text("占用国家公园", "National park taken"), "ha", 2, "lower"),
    *(
        Figure(f"people_{d}", Text(f"{d} m 内人口", f"People within {d} m"), "persons", 0, "lower")
        for d in NEAR_M
    ),
    SAVED,
    Figure(
        "yuan_per_person_min",
        Text("每节省 1 人·分钟的造价", "Cost per person-minute"),
        "yuan/person-min",
        0,
        "lower",
    ),
)
"""What is told first of the road that is chosen."""
RADIUS = Figure("tightest_m", Text("最小半径", "Tightest radius"), "m", 0)
BENDS = (
    Figure(
        "tight_curves",
        Text("小于一般半径的曲线", "Curves below the general radius"),
        "",
        0,
        "lower",
    ),
    Figure("s_curves", Text("S 形曲线", "S-curves"), "", 0),
)
SECTIONS = (
    Figure("widened_m2", Text("弯道加宽面积", "Widening on curves"), "m²", 0),
    Figure("bench_m", Text("视距台长度", "Benches for sight"), "m", 0, "lower"),
    Figure("bench_m3", Text("视距台挖方", "Cut of benches for sight"), "m³", 0, "lower"),
)
SETTLEMENTS = tuple(
    Figure(f"near_{d}", Text(f"{d} m 内居民点", f"Settlements within {d} m"), "", 0, "lower")
    for d in NEAR_M
)
MEAN_HAUL = Figure("mean_haul_m", Text("平均运距", "Mean haul"), "m", 0, "lower")
BREACHES = Figure("breaches", Text("校核不符", "Breaches"), "", 0, "lower")


def _compared() -> Iterator[Figure]:
    """Give the headlines, each with what alternatives are compared by beside it."""
    for figure in HEADLINES:
        if figure.id == f"people_{NEAR_M[0]}":
            yield from SETTLEMENTS
        yield figure
        if figure is COST:
            yield from ENDS
        if figure.id == "steepest":
            yield RADIUS
            yield from BENDS
            yield from SECTIONS
        if figure.id == "balance_wan_m3":
            yield MEAN_HAUL
    yield BREACHES


COMPARED = tuple(_compared())


def figures(case: Case, gained: Benefit | None) -> dict[str, float]:
    """Give the figures of a road by their ids; NaN where one is not known."""
    amounts = case.amounts
    low, high = case.cost_ends
    moved = amounts["moved_m3"]
    saved = gained.saved(case.label) if gained is not None else np.nan
    park = case.zones.loc[["park_core", "park_general"], "area_ha"].sum(skipna=False)
    bends = curves(case.design.road.plan)
    general = case.design.road.limits.general_radius_m
    radius = float((1 / np.maximum(np.abs(case.line.curvature), 1e-9)).min())
    return {
        "length_km": case.length_m / 1e3,
        "cost_wan": case.cost_yuan / WAN,
        "cost_low_wan": low / WAN,
        "cost_high_wan": high / WAN,
        "wan_per_km": case.cost_yuan / WAN / (case.length_m / 1e3),
        "bridge_m": amounts["bridge_m"],
        "tunnel_m": amounts["tunnel_m"],
        "steepest": 100 * float(np.abs(np.diff(case.line.design) / np.diff(case.line.s)).max()),
        "tightest_m": radius if radius < STRAIGHT_M else np.nan,
        "tight_curves": float((bends["radius_m"] < general * (1 - 1e-9)).sum()),
        "s_curves": float((bends["straight_m"] <= MEET).sum()),
        "cut_wan_m3": amounts["cut_m3"] / WAN,
        "fill_wan_m3": amounts["fill_m3"] / WAN,
        "balance_wan_m3": (amounts["surplus_m3"] - amounts["deficit_m3"]) / WAN,
        **{one.id: amounts[one.id] for one in SECTIONS},
        "mean_haul_m": 1e3 * amounts["moment_m3_km"] / moved if moved > 0 else np.nan,
        "land_ha": amounts["land_m2"] / WAN,
        "basic_ha": float(case.zones.loc["basic_farmland", "area_ha"]),
        "park_ha": float(park),
        **{f"near_{d}": float(case.near.loc[d, "settlements"]) for d in NEAR_M},
        **{f"people_{d}": float(case.near.loc[d, "people"]) for d in NEAR_M},
        "person_min": saved,
        "yuan_per_person_min": case.cost_yuan / saved if saved > 0 else np.nan,
        "breaches": float(len(case.broken)),
    }


def metrics(study: Study) -> Iterator[Metric]:
    """Give the headline figures of the road that is chosen; what is not known has none."""
    yield from _headlines(study, study.best)


def _headlines(study: Study, case: Case) -> Iterator[Metric]:
    gained, alone = study.gained, len(study.cases) == 1
    note = NO_TEXT if alone else Text(f"方案{case.label}", f"alternative {case.label}")
    ends = dict.fromkeys((COST.id, COST_KM.id), case.cost_ends)
    for one in known(
        HEADLINES,
        figures(case, gained),
        note=note,
        layer="alternatives",
        features=(f"road_{case.label}",),
    ):
        low, high = (one.value * end / case.cost_yuan for end in ends.get(one.id, (np.nan, np.nan)))
        yield replace(one, low=low, high=high) if one.id in ends else one
    if gained is not None and np.isfinite(gained.mean()):
        yield MEAN.metric(gained.mean(case.label), before=gained.mean(), note=note)


def alternatives(study: Study) -> Iterator[Alternative]:
    """Give every road with its own headline figures, the one that is chosen first."""
    for case in study.cases:
        own = tuple(_headlines(study, case))
        yield Alternative(case.label, case.title, own, "alternatives", (f"road_{case.label}",))


def compared(study: Study, *, title: Text, first: Column) -> Table:
    """Give the table that compares the alternatives."""
    values = {case.label: figures(case, study.gained) for case in study.cases}
    return replace(comparison(COMPARED, values, title=title, first=first), id="alternatives")
