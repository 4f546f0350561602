"""The years of an exchange of parcels: what is done when.

Without a budget of a year the work is spread evenly: the smallest share of the
whole a year, in steps of one share more, with which the books can be balanced after every year.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.errors import InfeasibleError
from geo.exchange import Limits
from geo.phasing import Phases, YearBudget, phases
from geo.words import Text
from scenarios.consolidation.pattern import mean_of
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pieces
from scenarios.result import Column, Table

OUT, COST = "out_ha", "cost"


@dataclass(frozen=True)
class Pace:
    """How fast an exchange is carried out; None is no limit.

    Parameters
    ----------
    years
        How many.
    most_ha
        Most cropland out in a year.
    most_cost
        Most cost of a year, 10⁴ yuan.
    above
        How much more may have come than gone after any year, 0.01 m².
    limit
        When each search ends.
    """

    years: int
    most_ha: float | None
    most_cost: float | None
    above: int
    limit: Limits


def spread(pieces: Pieces, pace: Pace) -> Phases:
    """Give the year of every piece that moves.

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
    limits = []
    if pace.most_cost is not None:
        words = Text(
            f"每年投资 ≤ {pace.most_cost:g} 万元",
            f"cost a year ≤ {pace.most_cost / 100:g} million yuan",
        )
        limits.append(YearBudget(COST, pace.most_cost, words))
    total = float(items[OUT].sum())
    if pace.most_ha is not None:
        return _phases(items, pace, limits, pace.most_ha)
    for share in range(1, pace.years):
        try:
            return _phases(items, pace, limits, total * share / pace.years + items[OUT].max())
        except InfeasibleError:
            continue  # one share more
    return _phases(items, pace, limits, total)


def _phases(items: pd.DataFrame, pace: Pace, limits: list[YearBudget], most_ha: float) -> Phases:
    budgets = [
        *limits,
        YearBudget(
            OUT,
            most_ha,
            Text(f"每年调出 ≤ {most_ha:g} 公顷", f"cropland out a year ≤ {most_ha:g} ha"),
        ),
    ]
    return phases(items, years=pace.years, above=pace.above, budgets=budgets, limit=pace.limit)


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
        Column("cost", Text("投资", "Cost"), "万元", 2),
        Column("slope", Text("年末平均坡度", "Mean slope after it"), "°", 4),
    )
    frame = pd.DataFrame(rows, columns=[one.name for one in columns])
    return Table("years", Text("分期实施", "Year by year"), frame, columns)
