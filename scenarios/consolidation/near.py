"""Exchanges nearly as good as the best that move other land, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.exchange import Other, Plan
from geo.words import NO_TEXT, Text
from layers.county import County
from layers.land.classes import Mapped
from layers.land.rules import Book
from scenarios.answers import near_best
from scenarios.answers.alternatives import comparison
from scenarios.answers.near_best import Near, Told
from scenarios.answers.unknowns import remedy
from scenarios.consolidation import tables
from scenarios.consolidation.map import layers as layers_of
from scenarios.consolidation.pattern import PATTERN
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pieces
from scenarios.consolidation.tables import States
from scenarios.result import Alternative, Category, Check, Column, Layer, Metric, Table

WORDS = Told(
    Text("改善量较最优少", "Improvement, less than that of the best"),
    Text("与此前各方案不同的调整面积，平均", "Land otherwise than in earlier plans, in the mean"),
    remedy(Text("增加求解工作量", "search longer"), "--set front_effort=1"),
)
Titled = TypeVar("Titled", Table, Check)
OWN = frozenset({"change", "land_after", "blocks_after", "basic_change"})
"""Layers that each plan has of its own; the others are of all."""


@dataclass(frozen=True, eq=False)
class Settled:
    """A plan of several: its code, its pieces by year, the pattern of cropland around them."""

    code: str
    pieces: Pieces
    states: States

    def own(self, name: str) -> str:
        """Give the id of a layer of this plan."""
        return f"{name}_{self.code}" if self.code and name in OWN else name


class Nearby(NamedTuple):
    """A plan near the best, and what the search told of it."""

    settled: Settled
    other: Other


class Asked(NamedTuple):
    """How near the best, %, and how many plans were asked for."""

    percent: float
    plans: int


def near(best: Plan, found: Sequence[Nearby], plans: Sequence[Settled], asked: Asked) -> Near:
    """Say how near the best and how unlike each other plans are; the first of them is the best.

    Unlike is the share of the land that an earlier plan moves and this one does not.
    """
    gain = abs(best.before - best.objective) or 1.0
    taken = {one.code: _moved(one.pieces) for one in plans}
    codes = list(taken)
    worse = {one.settled.code: one.other.objective - best.objective for one in found}
    return Near(
        asked.percent,
        asked.plans,
        worse={"1": 0.0, **{code: 100 * lost / gain for code, lost in worse.items()}},
        unlike={
            code: {other: _unlike(taken[code], taken[other]) for other in codes[:place]}
            for place, code in enumerate(codes)
        },
        most={one.settled.code: _part(one.other.least_m2, one.other) for one in found},
        reached={one.settled.code: _part(one.other.shared_m2, one.other) for one in found},
    )


def _part(shared_m2: float, other: Other) -> float:
    return 100 * (1 - shared_m2 / other.earlier_m2)


def _moved(pieces: Pieces) -> pd.Series:
    """Give the area of what moves, by parcel."""
    land = pieces.land[pieces.land["change"].isin([ENTERS, LEAVES])]
    return land.groupby("parcel")["area_m2"].sum()


def _unlike(one: pd.Series, earlier: pd.Series) -> float:
    both = earlier.index.intersection(one.index)
    shared = np.minimum(one[both], earlier[both]).sum()
    return 100 * float(1 - shared / earlier.sum())


def moved_by_any(plans: Sequence[Settled]) -> frozenset[str]:
    """Give the parcels that some plan moves."""
    return frozenset(label for one in plans for label in _moved(one.pieces).index)


def layers(
    county: County, plans: Sequence[Settled], on: Book, *, code_table: Mapped
) -> Iterator[Layer]:
    """Give the map of several plans: what none moves once, what some move for each plan.

    Layers that are the same for all are those of the best.
    """
    if not plans[0].code:
        yield from layers_of(plans[0].pieces, county, on, code_table=code_table)
        return
    moved = moved_by_any(plans)
    for one in plans:
        whose = near_best.title(one.code)
        for layer in layers_of(one.pieces, county, on, code_table=code_table, moved=moved):
            if layer.id in OWN:
                title = Text(f"{layer.title.zh} · {whose.zh}", f"{layer.title.en}: {whose.en}")
                yield replace(
                    layer,
                    id=one.own(layer.id),
                    title=title,
                    alternative=one.code,
                    focus=layer.focus and one.code == "1",
                )
            elif one is plans[0]:
                yield layer


def figures(one: Settled, plan: Plan) -> tuple[Metric, ...]:
    """Give the headline figures of a plan; how far from the best possible is told of the best."""
    told = [
        replace(m, layer=one.own(m.layer)) for m in tables.metrics(one.pieces, one.states, plan)
    ]
    if one.code in near_best.BEST:
        return tuple(told)
    return tuple(replace(m, note=NO_TEXT) for m in told if m.id != tables.GAP.id)


def alternatives(plans: Sequence[Settled], plan: Plan) -> tuple[Alternative, ...]:
    """Give each plan with its own figures."""
    return tuple(
        Alternative(one.code, near_best.title(one.code), figures(one, plan), one.own("change"))
        for one in plans
    )


def compared(plans: Sequence[Settled], told: Near) -> Table:
    """Give the plans side by side."""
    rows = {
        one.code: {
            **one.states.after,
            **{metric.id: metric.value for metric in tables.moves(one.pieces)},
            **near_best.values(told, one.code),
        }
        for one in plans
    }
    known = [one for one in PATTERN if np.isfinite([row[one.id] for row in rows.values()]).all()]
    moved = (tables.MOVED, tables.PARCELS_OUT, tables.PARCELS_IN, tables.COST)
    titles = tuple(Category(code, near_best.title(code)) for code in rows)
    first = Column("alternative", Text("方案", "Plan"), categories=titles)
    title = Text("相近方案对比", "Plans near the best compared")
    shown = (*known, *moved, *near_best.figures(told, WORDS))
    return comparison(shown, rows, title=title, first=first)


def of_the_best(told: Titled) -> Titled:
    """Say in the title of a table or check that it is of the best plan alone."""
    whose, title = near_best.title("1"), told.title
    return replace(told, title=Text(f"{title.zh} · {whose.zh}", f"{title.en}: {whose.en}"))


def idle(plans: Sequence[Settled]) -> gpd.GeoDataFrame:
    """Give the land of the best plan; what another plan moves counts as moved."""
    land = plans[0].pieces.land
    if len(plans) == 1:
        return land
    moved = land["parcel"].isin(moved_by_any(plans))
    return land.assign(change=land["change"].mask(moved, ENTERS))


def checks(told: Near) -> tuple[Check, ...]:
    """Judge what was asked of plans near the best."""
    return tuple(near_best.checks(told, WORDS))


def sentences(told: Near) -> tuple[Text, ...]:
    """Say which plans there are beside the best."""
    return (near_best.sentence(told),)


def titles(plans: Sequence[Settled]) -> Mapping[str, Text]:
    """Give the titles of plans by their codes."""
    return {one.code: near_best.title(one.code) for one in plans}
