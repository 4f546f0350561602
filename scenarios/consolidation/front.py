"""What else could be had: the best plans for other weights of slope against shared borders.

A plan that another one equals or betters in both is left out; the chosen one stays, though it may
be bettered, since it may heed other goals as well. One plan alone is no front.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from geo.exchange import Plan, Point
from geo.words import Text, joined
from scenarios.answers.alternatives import undominated
from scenarios.consolidation.pattern import BORDER, SLOPE, mean_of
from scenarios.consolidation.pieces import Fabric
from scenarios.consolidation.proof import BASES, basis, percent
from scenarios.result import Category, Column, Table

CHART_PLANS = 5
"""Plans from which a front is drawn; fewer are listed."""
CHOSEN = Category("chosen", Text("本方案", "the plan"))
TITLE = Text("坡度与连片的取舍（帕累托前沿）", "Slope against borders: the Pareto front")


def name(point: Point) -> Category:
    """Give how much borders count against slope, as code and title.

    >>> name(Point(0.5774, None)).title.en
    'slope : borders = 1 : 0.58'
    """
    if math.isinf(point.factor):
        return Category("borders", Text("仅连片", "borders alone"))
    if not point.factor:
        return Category("slope", Text("仅坡度", "slope alone"))
    ratio = f"1 : {point.factor:.2g}"
    return Category(ratio, Text(f"坡度 : 连片 = {ratio}", f"slope : borders = {ratio}"))


def front_table(fabric: Fabric, points: Sequence[Point], chosen: Plan) -> Iterator[Table]:
    """Give mean slope and shared borders of every plan of a front, and of the one chosen.

    Parameters
    ----------
    fabric
        The parcels, and which are neighbours.
    points
        As `geo.exchange.front` gives them for weights of borders.
    chosen
        The plan that is taken.

    Returns
    -------
    Iterator of Table
        None for fewer than two that no other one betters; drawn from `CHART_PLANS` of these on.
    """
    known = [one for one in points if one.plan is not None]
    rows = [_row(fabric, chosen, CHOSEN.code, kept=True)]
    rows += [_row(fabric, one.plan, name(one).code, kept=False) for one in known if one.plan]
    frame, best = _undominated(pd.DataFrame(rows))
    if best < 2:
        return
    names = (CHOSEN, *(name(one) for one in points))
    columns = (
        replace(SLOPE.column(), decimals=4),
        BORDER.column(),
        Column("plan", Text("方案", "Plan"), categories=names),
        Column("gap_percent", Text("与理论最优的差距", "Gap"), "%", 3),
        Column("by", Text("所据", "Rests on"), categories=BASES),
        Column("chosen", Text("选用", "Chosen")),
    )
    lacking = joined(name(one).title for one in points if one.plan is None)
    title = TITLE
    if lacking.en:
        title = Text(
            f"{title.zh}；规定工作量内未得出：{lacking.zh}",
            f"{title.en}; not found with this effort: {lacking.en}",
        )
    yield Table("front", title, frame, columns, "front" if best >= CHART_PLANS else "")


class Kept(NamedTuple):
    """Plans, flattest first, and how many of them no other one betters."""

    frame: pd.DataFrame
    best: int


def _undominated(frame: pd.DataFrame) -> Kept:
    """Leave out what is no better than another in slope nor in borders, but for the chosen one."""
    order = frame.sort_values([SLOPE.id, BORDER.id], ascending=[True, False])
    best = undominated(order, SLOPE, BORDER)
    return Kept(order[best | order[CHOSEN.code]].reset_index(drop=True), int(best.sum()))


def _row(fabric: Fabric, plan: Plan, code: str, *, kept: bool) -> dict[str, object]:
    member, land, neighbours = plan.member, fabric.land, fabric.neighbours
    crops = land[member.reindex(land.index).to_numpy(dtype=bool)]
    ends = [member.reindex(neighbours[end]).to_numpy(dtype=bool) for end in ("left", "right")]
    both = ends[0] & ends[1]
    return {
        SLOPE.id: mean_of(crops, "slope_deg"),
        BORDER.id: float(neighbours["length_m"].to_numpy()[both].sum() / 1e3),
        "plan": code,
        "gap_percent": float(percent(plan.gap)) if math.isfinite(plan.gap) else math.nan,
        "by": basis(plan, kept=kept),
        "chosen": kept,
    }
