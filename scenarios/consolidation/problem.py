"""What is asked of an exchange of parcels: its parameters, and the problem they make.

Each goal counts as a share of what it is today, so that weights are plain
numbers: 1 and 1 trade one hundredth of the mean slope against one hundredth of the shared borders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pydantic import Field

from geo.errors import LimitError, Problem, SchemaError, UsageError
from geo.exchange import (
    Balance,
    Blocks,
    Budget,
    Contiguity,
    Goal,
    Mean,
    Moved,
    Quality,
    Rule,
    Touching,
)
from geo.words import Text
from layers.county import County
from layers.land.classes import LandClass, Mapped
from layers.land.fabric import AreaFrom, fabric
from layers.land.rules import BALANCE, PERMANENT, Book, least_m2
from scenarios.answers import parameters
from scenarios.consolidation.eligible import CROPLAND, Choices, Eligible, eligible
from scenarios.contract import PLANNER, Params, param

TOOLKIT = Text("本工具设定", "a choice of this toolkit")
MOST_PARCELS = 200_000  # of one scope; more units than these no certificate was ever checked with
COSTS = Text("规划人员估计，未核实", "a planner's estimate, unverified")
Farm = Literal["orchard", "forest", "grass", "other_farm", "other"]
Weight = Annotated[float, Field(ge=0, le=1000)]
Yuan = Annotated[float, Field(ge=0, le=10_000_000)]


class Consolidation(Params):
    """Scope, exchanges, goals, budgets, floors, rules."""

    townships: tuple[str, ...] = param(
        (),
        zh="范围：乡镇代码（空为试点乡镇）",
        en="scope: township codes (none: the pilots)",
        unit="",
        source=PLANNER,
    )
    exchange_with: tuple[Farm, ...] = param(
        ("orchard", "forest", "grass", "other_farm"),
        zh="可与耕地互换的地类",
        en="classes that may change places with cropland",
        unit="",
        source="自然资发〔2021〕166号",
    )
    reclaim_homesteads: bool = param(
        False,
        zh="农村宅基地可复垦为耕地",
        en="rural homesteads may be reclaimed as cropland",
        unit="",
        source=TOOLKIT,
    )
    adjust_basic: bool = param(
        False,
        zh="允许在 5 % 以内调整永久基本农田",
        en="permanent basic farmland may be adjusted within its 5 %",
        unit="",
        source=Text("全域土地综合整治试点", "rules of the pilots"),
    )
    code_table: Mapped = param(
        "survey", zh="地类编码表", en="table of land-use codes", unit="", source="GB/T 21010-2017"
    )
    codes: dict[str, LandClass] = param(
        {},
        zh="补充或改写的编码类别",
        en="classes of further codes, or others for known ones",
        unit="",
        source=TOOLKIT,
    )
    area_from: AreaFrom = param(
        "survey", zh="面积取自", en="where areas come from", unit="", source="TBMJ"
    )
    weight_slope: Weight = param(
        1, zh="目标权重：平均坡度", en="weight of mean slope", unit="", source=TOOLKIT
    )
    weight_contiguity: Weight = param(
        1,
        zh="目标权重：耕地共边长度",
        en="weight of borders that fields share",
        unit="",
        source=TOOLKIT,
    )
    weight_quality: Weight = param(
        0, zh="目标权重：平均质量等别", en="weight of mean quality grade", unit="", source=TOOLKIT
    )
    weight_distance: Weight = param(
        0,
        zh="目标权重：到居民点平均距离",
        en="weight of mean distance to settlements",
        unit="",
        source=TOOLKIT,
    )
    weight_cost: Weight = param(
        0,
        zh="目标权重：投资（每亿元）",
        en="weight of cost, by 100 million yuan",
        unit="",
        source=TOOLKIT,
    )
    most_pairs: Annotated[int, Field(ge=0, le=1_000_000)] | None = param(
        None,
        zh="调出、调入地块各不超过",
        en="most parcels out, and most in",
        unit="",
        source=TOOLKIT,
    )
    most_ha: Annotated[float, Field(ge=0, le=1_000_000)] = param(
        100, zh="调出耕地不超过", en="most cropland out", unit="ha", source=TOOLKIT
    )
    most_wan_yuan: Annotated[float, Field(ge=0, le=1e8)] | None = param(
        None, zh="投资不超过（万元）", en="most cost, 10⁴ yuan", unit="万元", source=TOOLKIT
    )
    enter_yuan_ha: dict[LandClass, Yuan] = param(
        {
            "orchard": 60_000,
            "forest": 90_000,
            "grass": 45_000,
            "other_farm": 75_000,
            "other": 75_000,
            "homestead": 600_000,
        },
        zh="各地类整治为耕地的单价",
        en="cost of making cropland, by class",
        unit="yuan/ha",
        source=COSTS,
    )
    leave_yuan_ha: Yuan = param(
        20_000,
        zh="耕地转出的单价",
        en="cost of turning cropland into other land",
        unit="yuan/ha",
        source=COSTS,
    )
    tolerance_m2: Annotated[float, Field(ge=0, le=1_000_000)] = param(
        100,
        zh="调入可多于调出",
        en="how much more may enter than leaves",
        unit="m²",
        source=TOOLKIT,
    )
    balance_by: Literal["pilot", "township"] = param(
        "pilot", zh="面积平衡范围", en="within which cropland balances", unit="", source=TOOLKIT
    )
    close_exactly: bool = param(
        False,
        zh="切分一个地块使调入与调出相等",
        en="split one parcel so that as much enters as leaves",
        unit="",
        source=TOOLKIT,
    )
    contiguity_gain: Annotated[float, Field(ge=-10, le=10)] = param(
        0,
        zh="平均相邻耕地块数至少增加",
        en="least gain in neighbouring fields a field",
        unit="",
        source=TOOLKIT,
    )
    block_gain_ha: Annotated[float, Field(ge=-1_000_000, le=1_000_000)] | None = param(
        None, zh="百亩方面积至少增加", en="least gain in area of blocks", unit="ha", source=TOOLKIT
    )
    neighbour_gap_m: Annotated[float, Field(ge=0, le=50)] = param(
        0,
        zh="相隔不超过此距离仍视为相邻",
        en="fields no further apart are neighbours",
        unit="m",
        source=TOOLKIT,
    )
    sliver_m2: Annotated[float, Field(ge=0, le=10_000)] = param(
        1,
        zh="与管控区重叠不超过此面积不计",
        en="overlap with a zone that does not count",
        unit="m²",
        source=TOOLKIT,
    )
    rule_date: date = parameters.rule_date(date(2026, 1, 1), source=TOOLKIT)
    compare_date: date = param(
        date(2022, 1, 1),
        zh="对照规则日期",
        en="second day, judged beside it",
        unit="",
        source=TOOLKIT,
    )
    years: Annotated[int, Field(ge=1, le=30)] = param(
        3, zh="分期年数", en="years", unit="a", source=TOOLKIT
    )
    year_ha: Annotated[float, Field(ge=0, le=1_000_000)] | None = param(
        None,
        zh="每年调出耕地不超过（空为均匀分期）",
        en="most cropland out a year (none: evenly)",
        unit="ha",
        source=TOOLKIT,
    )
    year_wan_yuan: Annotated[float, Field(ge=0, le=1e8)] | None = param(
        None,
        zh="每年投资不超过（万元）",
        en="most cost a year, 10⁴ yuan",
        unit="万元",
        source=TOOLKIT,
    )
    front_points: Annotated[int, Field(ge=0, le=20)] = param(
        4, zh="帕累托前沿点数", en="points of the Pareto front", unit="", source=TOOLKIT
    )
    near_best: parameters.NearBest = parameters.near_best()
    near_percent: parameters.NearPercent = parameters.near_percent()
    front_effort: Annotated[float, Field(ge=0.01, le=100)] = param(
        0.2,
        zh="前沿每点与相近方案每次求解工作量（倍数）",
        en="work of each point of the front and of each search near the best, times the usual",
        unit="",
        source=TOOLKIT,
    )
    effort: Annotated[float, Field(ge=0.01, le=100)] = param(
        1,
        zh="求解工作量（倍数）",
        en="work of the search, times the usual",
        unit="",
        source=TOOLKIT,
    )
    seconds: Annotated[float, Field(ge=1, le=36_000)] | None = param(
        None,
        zh="求解时限（因时限中止的结果不可复现）",
        en="time limit; what it stops is not reproducible",
        unit="s",
        source=TOOLKIT,
    )
    gap_percent: Annotated[float, Field(ge=0, le=100)] = param(
        0.1, zh="允许与理论最优相差", en="gap at which the search may end", unit="%", source=TOOLKIT
    )


def parcels_of(county: County, params: Consolidation, on: Book) -> Eligible:
    """Give the parcels of the scope with what may move and what it costs, 10⁴ yuan."""
    townships = params.townships
    if not townships and "pilots" in county:
        townships = tuple(sorted(county.vector("pilots").index))
    parcels = fabric(
        county,
        townships=townships,
        area_from=params.area_from,
        code_table=params.code_table,
        codes=params.codes,
    )
    enter = (*params.exchange_with, *(("homestead",) if params.reclaim_homesteads else ()))
    _require_few(parcels)
    _require(parcels, params, enter)
    choices = Choices(enter, params.adjust_basic, params.sliver_m2)
    found = eligible(parcels, county, on, choices=choices)
    land = found.land
    rates = land["land_class"].map(params.enter_yuan_ha).fillna(0).astype(float)
    rates = rates.where(~land["member"], params.leave_yuan_ha)
    land = land.assign(cost=rates * land["area_m2"] / 1e8, basic_share=basic_share(land, county))
    if params.weight_distance and "settlements" in county:
        places = county.vector("settlements").geometry.union_all()
        land["distance_m"] = land.geometry.distance(places)
    return replace(found, land=land)


def _require_few(parcels: gpd.GeoDataFrame) -> None:
    """Refuse more parcels than a search was ever measured with, before hours go by."""
    if len(parcels) > MOST_PARCELS:
        count, most = f"{len(parcels):,}", f"{MOST_PARCELS:,}"
        remedy = told(
            Text("分乡镇整治", "take some townships at a time"), "--set townships=CODE,CODE"
        )
        raise LimitError(
            Text(
                f"范围内有 {count} 个地块，至多 {most} 个",
                f"{count} parcels in the scope, at most {most}",
            ),
            problems=[Problem(layer="parcels", found=count, expected=f"≤ {most}", remedy=remedy)],
        )


def _require(parcels: gpd.GeoDataFrame, params: Consolidation, enter: Sequence[str]) -> None:
    """Refuse classes without a price, a scope without cropland, and a question without a goal."""
    unpriced = sorted(set(enter) - set(params.enter_yuan_ha))
    if unpriced:
        words = Text(
            f"缺少每公顷单价：{'、'.join(unpriced)}", f"no cost a hectare of {', '.join(unpriced)}"
        )
        remedy = told(Text("补上单价", "give one"), f"--set enter_yuan_ha.{unpriced[0]}=…")
        raise UsageError(words, problems=[Problem(field="enter_yuan_ha", remedy=remedy)])
    if not (parcels["land_class"] == CROPLAND).any():
        found = ", ".join(sorted(set(parcels["code"])))
        remedy = told(
            Text("说明哪些编码是耕地", "say which codes are cropland"), "--set codes.CODE=cropland"
        )
        problem = Problem(layer="parcels", field="DLBM", found=found, remedy=remedy)
        raise SchemaError(Text("范围内没有耕地", "no cropland in the scope"), problems=[problem])
    weights = {
        name: getattr(params, name) for name in type(params).model_fields if "weight" in name
    }
    if not any(weights.values()):
        remedy = told(Text("至少给一个目标权重", "give one goal a weight"), "--set weight_slope=1")
        problem = Problem(field=", ".join(weights), found="0", remedy=remedy)
        words = Text("没有目标：权重全为 0", "no goal: every weight is 0")
        raise UsageError(words, problems=[problem])


def told(words: Text, command: str) -> Text:
    """Give a remedy in words, with the command beside.

    >>> told(Text("重新运行", "run again"), "--set effort=2").zh
    '重新运行（--set effort=2）'
    """
    return Text(f"{words.zh}（{command}）", f"{words.en} ({command})")


def basic_share(land: gpd.GeoDataFrame, county: County) -> pd.Series:
    """Give a parcel's part of its township's permanent basic farmland."""
    if "basic_farmland" not in county:
        return pd.Series(0.0, index=land.index)
    basic = county.vector("basic_farmland")
    stock = basic.area.groupby(basic["township"]).sum()
    return (land["basic_m2"] / land["township"].map(stock)).fillna(0)


def table_of(land: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give the columns of the exchange; what is not known of parcels that stay is the mean."""
    table = pd.DataFrame(land.drop(columns="geometry"))
    member = table["member"]
    for name in ("slope_deg", "quality"):
        known = table[name].notna() & member
        weights = table.loc[known, "hundredths"]
        mean = np.average(table.loc[known, name], weights=weights) if known.any() else 0.0
        table[name] = table[name].fillna(mean)
    return table


def goals_of(land: gpd.GeoDataFrame, neighbours: pd.DataFrame, params: Consolidation) -> list[Goal]:
    """Give what is to be reached, each as a share of what it is today."""
    crops = land[land["member"]]
    inside = neighbours["left"].isin(crops.index) & neighbours["right"].isin(crops.index)
    border = float(neighbours["length_m"][inside].sum())
    goals: list[Goal] = []
    for column, weight in (
        ("slope_deg", params.weight_slope),
        ("quality", params.weight_quality),
        ("distance_m", params.weight_distance),
    ):
        if weight and column in land and crops[column].notna().any():
            known = crops[crops[column].notna()]
            today = float(np.average(known[column], weights=known["hundredths"]))
            goals.append(Mean(column, weight=weight / (today or 1.0)))
    if params.weight_contiguity:
        goals.append(Touching(weight=-params.weight_contiguity / (border or 1.0)))
    if params.weight_cost:
        goals.append(Moved("cost", weight=params.weight_cost / 10_000))
    return goals


def rules_of(land: gpd.GeoDataFrame, params: Consolidation, on: Book) -> list[Rule]:
    """Give balances, budgets and floors."""
    above = params.tolerance_m2
    rules: list[Rule] = [Balance(above_m2=above)]
    if params.balance_by == "township":
        rules.append(Balance(scope="township", above_m2=above))
    if BALANCE in on.rules and land["quality"].notna().any():
        rules.append(Quality("quality", better="less"))
    rules.append(Budget("area_m2", most=params.most_ha * 1e4, side="leave"))
    if params.most_pairs is not None:
        rules += [Budget(most=params.most_pairs, side=side) for side in ("leave", "enter")]
    if params.most_wan_yuan is not None:
        rules.append(Budget("cost", most=params.most_wan_yuan))
    if params.adjust_basic and PERMANENT in on.rules:
        most = on.figure(PERMANENT, "adjusted_share_of_township")
        rules.append(Budget("basic_share", most=most, side="leave", scope="township"))
    rules.append(Contiguity(gain=params.contiguity_gain))
    if params.block_gain_ha is not None:
        rules.append(Blocks(params.block_gain_ha * 1e4, least_m2(on)))
    return rules
