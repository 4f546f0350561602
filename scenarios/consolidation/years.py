"""The years of an exchange of parcels: what is done when."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from geo.exchange import Limits
from geo.phasing import Phases, YearBudget
from geo.words import Text
from scenarios.answers.years import Pace, evenly, within
from scenarios.consolidation.pattern import mean_of
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pieces
from scenarios.consolidation.problem import Consolidation
from scenarios.result import Column, Table

YEARS = 2e7  # the usual work of spreading a plan over years
OUT, COST = "out_ha", "cost"


def pace_of(params: Consolidation) -> Pace:
    """Give how fast an exchange is carried out."""
    limit = Limits(params.effort * YEARS, params.seconds or math.inf)
    budgets, cost, most_ha = [], params.year_wan_yuan, params.year_ha
    if cost is not None:
        words = Text(f"每年投资 ≤ {cost:g} 万元", f"cost a year ≤ {cost / 100:g} million yuan")
        budgets.append(YearBudget(COST, cost, words))
    if most_ha is not None:
        budgets.append(YearBudget(OUT, most_ha, _most_out(most_ha)))
    return Pace(params.years, round(100 * params.tolerance_m2), limit, tuple(budgets))


def _most_out(most_ha: float) -> Text:
    return Text(f"每年调出 ≤ {most_ha:g} 公顷", f"cropland out a year ≤ {most_ha:g} ha")


def spread(pieces: Pieces, pace: Pace) -> Phases:
    """Give the year of every piece that moves; evenly where no year has a budget of cropland.

    The benefit that comes first is the fall in slope: hectares times degrees by which what goes is
    steeper, and what comes flatter, than cropland is today.

    Raises
    ------
    InfeasibleError
        If the budgets of the years cannot be kept.
    """
    land = pieces.land[pieces.land["change"].isin([ENTERS, LEAVES])]
    crops = pieces.land[pieces.cropland("before")]
    level = float(np.nan_to_num(mean_of(crops, "slope_deg")))  # without slopes nothing moves
    enters = land["change"] == ENTERS
    steeper = (land["slope_deg"] - level) * land["area_m2"] / 1e4
    items = pd.DataFrame(
        {
            "amount": land["hundredths"],
            "enters": enters,
            "benefit": steeper.where(~enters, -steeper),
            OUT: (land["area_m2"] / 1e4).where(~enters, 0.0),
            COST: land["cost"],
        }
    )
    if any(one.column == OUT for one in pace.budgets):
        return within(items, pace)
    return evenly(items, pace, column=OUT, words=_most_out)


def by_year(pieces: Pieces, years: int) -> Table:
    """Give what each year does, and how the books stand after it."""
    land, rows, balance = pieces.land, [], 0
    for year in range(1, years + 1):
        now = land[land["year"] == year]
        into, out = now[now["change"] == ENTERS], now[now["change"] == LEAVES]
        sums = {name: int(part["hundredths"].sum()) for name, part in (("in", into), ("out", out))}
        balance += sums["in"] - sums["out"]
        done = land["year"] <= year
        crops = land[pieces.cropland("before").where(~done, pieces.cropland("after"))]
        rows.append(
            {
                "year": str(year),
                "out_m2": sums["out"] / 100,
                "in_m2": sums["in"] / 100,
                "balance_m2": balance / 100,
                "parcels_out": len(out),
                "parcels_in": len(into),
                "cost": round(float(now["cost"].sum()), 4),
                "slope": mean_of(crops, "slope_deg"),
            }
        )
    columns = (
        Column("year", Text("年度", "Year")),
        Column("out_m2", Text("调出", "Out"), "m²", 2),
        Column("in_m2", Text("调入", "In"), "m²", 2),
        Column("balance_m2", Text("年末累计余额", "Balance at the year's end"), "m²", 2),
        Column("parcels_out", Text("调出地块", "Parcels out"), "count", 0),
        Column("parcels_in", Text("调入地块", "Parcels in"), "count", 0),
        Column("cost", Text("投资", "Cost"), "万元", 1),
        Column("slope", Text("年末平均坡度", "Mean slope after it"), "°", 4),
    )
    frame = pd.DataFrame(rows, columns=[one.name for one in columns])
    return Table("years", Text("分期实施", "Year by year"), frame, columns)
