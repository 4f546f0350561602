"""Years and alternatives of an exchange of parcels: what is done when, and what else could be had.

Without a budget of a year the work is spread evenly: the smallest share of the
whole a year, in steps of one share more, with which the books can be balanced after every year.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.errors import InfeasibleError, LimitError
from geo.exchange import Effort, Goal, Limits, Plan, Rule, Touching, Units, solve
from geo.phasing import Phases, YearBudget, phases
from geo.words import Text
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pieces
from scenarios.consolidation.proof import basis, percent
from scenarios.result import Column, Table

OUT, COST = "out_ha", "cost"


@dataclass(frozen=True)
class Search:
    """How many points a front has, and with which effort and gap each is searched."""

    points: int
    effort: Effort
    gap: float


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
    level = _mean_slope(crops)
    enters = land["change"] == ENTERS
    steeper = (land["slope_deg"] - level) * land["area_m2"] / 1e4
    items = pd.DataFrame({
        "amount": land["hundredths"], "enters": enters,
        "benefit": steeper.where(~enters, -steeper),
        OUT: (land["area_m2"] / 1e4).where(~enters, 0.0), COST: land["cost"],
    })  # fmt: skip
    limits = []
    if pace.most_cost is not None:
        words = f"每年投资 cost a year ≤ {pace.most_cost:g} 万元"
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
    words = f"每年调出 out a year ≤ {most_ha:g} ha"
    return phases(items, years=pace.years, above=pace.above, limit=pace.limit,
                  budgets=[*limits, YearBudget(OUT, most_ha, words)])  # fmt: skip


def by_year(pieces: Pieces, years: int) -> Table:
    """Give what each year does, and how the books stand after it."""
    land, rows, balance = pieces.land, [], 0
    for year in range(1, years + 1):
        now = land[land["year"] == year]
        into, out = now[now["change"] == ENTERS], now[now["change"] == LEAVES]
        balance += int(into["hundredths"].sum()) - int(out["hundredths"].sum())
        done = land["year"] <= year
        crops = land[pieces.cropland("before").where(~done, pieces.cropland("after"))]
        slope = _mean_slope(crops)
        rows.append((
            str(year), len(out), len(into), int(out["hundredths"].sum()) / 100,
            int(into["hundredths"].sum()) / 100, balance / 100,
            round(float(now["cost"].sum()), 4), slope,
        ))  # fmt: skip
    names = ("year", "parcels_out", "parcels_in", "out_m2", "in_m2", "balance_m2", "cost", "slope")
    columns = (
        Column("year", Text("年度", "Year")),
        Column("out_m2", Text("调出", "Out"), "m²", 2),
        Column("in_m2", Text("调入", "In"), "m²", 2),
        Column("balance_m2", Text("年末累计余额", "Balance at the year's end"), "m²", 2),
        Column("parcels_out", Text("调出地块", "Parcels out"), "", 0),
        Column("parcels_in", Text("调入地块", "Parcels in"), "", 0),
        Column("cost", Text("投资", "Cost"), "万元", 2),
        Column("slope", Text("年末平均坡度", "Mean slope after it"), "°", 4),
    )
    title = Text("分期实施", "Year by year")
    return Table("years", title, pd.DataFrame(rows, columns=names), columns)


def front(
    given: Units, goals: Sequence[Goal], rules: Sequence[Rule], *, search: Search
) -> list[tuple[float, Plan | None]]:
    """Give the best plans for other weights of shared borders against all other goals.

    Weights run from none at all to borders alone, at equal angles, so that each is the best plan
    for some planner (a supported point of the Pareto front).

    Returns
    -------
    list of (float, Plan or None)
        The factor on the weight of borders (inf for borders alone), and the plan, None where none
        was found with the effort given.
    """
    found: list[tuple[float, Plan | None]] = []
    for angle in np.linspace(0, math.pi / 2, search.points):
        factor = math.tan(angle) if angle < math.pi / 2 - 1e-9 else math.inf
        chosen = [one for one in (_weighed(goal, factor) for goal in goals) if one]
        try:
            plan = solve(given, goals=chosen, rules=rules, effort=search.effort, gap=search.gap)
        except LimitError:
            found.append((factor, None))  # said in the table
            continue
        found.append((factor, plan))
    return found


def _weighed(goal: Goal, factor: float) -> Goal | None:
    """Give a goal with the weight of a point of the front, or nothing for none at all."""
    borders = isinstance(goal, Touching)
    if math.isinf(factor):
        return goal if borders else None
    if borders:
        return replace(goal, weight=goal.weight * factor) if factor else None
    return goal


def front_table(
    land: pd.DataFrame,
    neighbours: pd.DataFrame,
    plans: Sequence[tuple[float, Plan | None]],
    chosen: Plan,
) -> Table:
    """Give mean slope and shared borders of every plan of a front, and of the one chosen.

    Plans that another one equals or betters in both are left out; the chosen one stays.
    """
    rows = [_point(land, neighbours, chosen, Text("本方案", "the plan"), chosen=True)]
    lacking = []
    for factor, plan in plans:
        name = _weights(factor)
        if plan is None:
            lacking.append(name)
        else:
            rows.append(_point(land, neighbours, plan, name, chosen=False))
    frame = pd.DataFrame(rows, columns=POINT)
    order = _undominated(frame)
    columns = (
        Column("slope_deg", Text("平均坡度", "Mean slope"), "°", 4),
        Column("border_km", Text("耕地共边长度", "Borders shared"), "km", 3),
        Column("label", Text("方案", "Plan")),
        Column("label_en", Text("方案（英文）", "Plan, in English")),
        Column("gap_percent", Text("距理论最优", "Gap"), "%", 3),
        Column("by", Text("所据", "Rests on")),
        Column("by_en", Text("所据（英文）", "Rests on, in English")),
        Column("chosen", Text("选用", "Chosen")),
    )
    title = Text("坡度与连片的取舍（帕累托前沿）", "Slope against borders: the Pareto front")
    if lacking:
        late = ("、".join(name.zh for name in lacking), ", ".join(name.en for name in lacking))
        title = Text(
            f"{title.zh}；工作量内未得：{late[0]}",
            f"{title.en}; not found with this effort: {late[1]}",
        )
    return Table("front", title, order.reset_index(drop=True), columns, "front")


POINT = ["slope_deg", "border_km", "label", "label_en", "gap_percent", "by", "by_en", "chosen"]


def _weights(factor: float) -> Text:
    """Name a plan of the front by how much borders count against slope."""
    if math.isinf(factor):
        return Text("仅连片", "borders alone")
    if not factor:
        return Text("仅坡度", "slope alone")
    return Text(f"坡度 : 连片 = 1 : {factor:.2g}", f"slope : borders = 1 : {factor:.2g}")


def _undominated(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out what is no better than another in slope nor in borders; flattest first."""
    order = frame.sort_values(["slope_deg", "border_km", "chosen"], ascending=[True, False, False])
    best = order["border_km"].cummax().shift(fill_value=-math.inf)
    return order[(order["border_km"] > best) | order["chosen"]]


def _point(
    land: pd.DataFrame, neighbours: pd.DataFrame, plan: Plan, name: Text, *, chosen: bool
) -> tuple[float, float, str, str, float, str, str, bool]:
    member, by = plan.member, basis(plan, kept=chosen)
    crops = land[member.reindex(land.index).to_numpy(dtype=bool)]
    slope = _mean_slope(crops)
    ends = [member.reindex(neighbours[end]).to_numpy(dtype=bool) for end in ("left", "right")]
    both = ends[0] & ends[1]
    border = float(neighbours["length_m"].to_numpy()[both].sum() / 1e3)
    gap = float(percent(plan.gap)) if math.isfinite(plan.gap) else math.nan
    return slope, border, name.zh, name.en, gap, by.zh, by.en, chosen


def _mean_slope(crops: pd.DataFrame) -> float:
    """Give the area-weighted mean of the slopes that are known, 0 where none is."""
    known = crops[crops["slope_deg"].notna()]
    if known.empty:
        return 0.0
    return float(np.average(known["slope_deg"], weights=known["hundredths"]))
