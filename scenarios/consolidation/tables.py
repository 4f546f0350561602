"""An exchange of parcels in tables and figures: ledger, accounts, pattern, reasons.

Areas come from whole 0.01 m² and are shown with two decimals, so that ledger, page, CSV and
GeoPackage say the same to the last digit. Codes stay codes; their titles are those of the map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from geo.exchange import Plan
from geo.words import Text, headed
from layers.land.classes import CLASSES, class_title
from scenarios.answers.accounts import TOTAL, account, table
from scenarios.answers.alternatives import comparison as compared
from scenarios.answers.criteria import Criterion
from scenarios.answers.figures import Figure
from scenarios.answers.screening import categories
from scenarios.consolidation.eligible import CROPLAND, Eligible
from scenarios.consolidation.pattern import (
    BLOCK_COUNT,
    BLOCKS,
    NEIGHBOURS,
    PATCH,
    PATTERN,
    SLOPE,
)
from scenarios.consolidation.pattern import CROPLAND as CROPLAND_HA
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pieces
from scenarios.consolidation.proof import gap_words, note
from scenarios.result import Category, Column, Metric, Table

CLASS_TITLES = tuple(Category(name, headed(class_title(name))) for name in CLASSES)
SIDES: Mapping[str, Text] = {"leaving": Text("调出", "out"), "entering": Text("调入", "in")}
STATES = (
    Category("in", Text("调入耕地", "becomes cropland")),
    Category("out", Text("调出耕地", "ceases to be cropland")),
    Category("kept", Text("耕地保留（可调而未选）", "cropland, free, not chosen")),
    Category("open", Text("可以调入，方案未选", "could become cropland, not chosen")),
    Category(TOTAL, Text("合计（试点总面积）", "total: the pilot's area")),
)
SURPLUS = Figure("surplus", Text("调入多于调出", "More in than out"), "m²", decimals=2)
MOVED = Figure("moved", Text("调出耕地", "Cropland out"), "ha", decimals=2)
PARCELS_OUT = Figure("parcels_out", Text("调出地块", "Parcels out"), "count", decimals=0)
PARCELS_IN = Figure("parcels_in", Text("调入地块", "Parcels in"), "count", decimals=0)
COST = Figure("cost", Text("投资", "Cost"), "万元", decimals=1, better="lower")
GAP = Figure(
    "gap", Text("与理论最优的差距", "Gap to the best possible"), "%", decimals=3, better="lower"
)


@dataclass(frozen=True)
class States:
    """The pattern of cropland before and after, as `pattern` gives it."""

    before: Mapping[str, float]
    after: Mapping[str, float]


def ledger(pieces: Pieces, told: Mapping[str, Column]) -> Table:
    """Give who changes places with whom, part by part.

    Parameters
    ----------
    pieces
        The exchange.
    told
        Columns of pieces by name, with the titles of codes.
    """
    rows = pieces.ledger
    frame = pd.DataFrame({"pair": np.arange(1, len(rows) + 1), "year": rows["year"]})
    frame["part_m2"] = rows["hundredths"] / 100
    columns = [
        Column("pair", Text("序号", "No."), "", 0),
        Column("year", Text("年度", "Year"), "", 0),
        Column("part_m2", Text("对应面积", "Matched area"), "m²", 2),
    ]
    land = pieces.land.assign(whole_m2=pieces.land["area_m2"])
    land["parcel"] = land.index.astype(str)
    for side in SIDES:
        names = rows[side].where(rows[side] != "")
        found = land.assign(**{"class": land[CLASS_OF[side]]}).reindex(names)
        for column in _details(side, told):
            values = found[column.name.removeprefix(f"{side}_")]
            if not pd.api.types.is_float_dtype(values):
                values = values.astype(object)
            frame[column.name] = values.where(values.notna() & (values != "")).to_numpy()
            columns.append(column)
    title = Text("调整台账：调出地块与调入地块", "Ledger: parcels out against parcels in")
    return Table("ledger", title, frame, tuple(columns))


CLASS_OF: Mapping[str, str] = {"leaving": "class_after", "entering": "land_class"}
"""What a parcel that goes becomes, and what one that comes was."""


def _details(side: str, told: Mapping[str, Column]) -> Iterator[Column]:
    """Give what the ledger tells of the parcel on one side of a part."""
    words = SIDES[side]
    becomes = Text("调出后转为", "becomes")
    for column in (
        Column("parcel", Text("地块", "parcel")),
        Column("code", Text("地类", "land use"), categories=told["code"].categories),
        Column("class", Text("类别", "class"), categories=CLASS_TITLES),
        Column("whole_m2", Text("地块面积", "whole parcel"), "m²", 2),
        Column("slope_deg", Text("坡度", "slope"), "°", 1),
        Column("quality", Text("等别", "grade"), "", 1),
        Column("village", Text("坐落", "village")),
        Column("township", Text("乡镇", "township"), categories=told["township"].categories),
    ):
        title = Text(f"{words.zh}{column.title.zh}", f"{column.title.en} {words.en}")
        if (side, column.name) == ("leaving", "class"):
            title = becomes
        yield replace(column, name=f"{side}_{column.name}", title=title)


def accounts(pieces: Pieces, told: Mapping[str, Column]) -> Iterator[Table]:
    """Give the account of every class, and of cropland by township and village."""
    before = pd.DataFrame(pieces.land[["hundredths", "land_class", "township", "village"]])
    after = before.assign(land_class=pieces.land["class_after"])
    for title, by in (
        (
            Text("分地类台账", "Account by class of land"),
            Column("land_class", Text("地类", "Class"), categories=CLASS_TITLES),
        ),
        (Text("分乡镇耕地台账", "Cropland by township"), told["township"]),
        (Text("分村耕地台账", "Cropland by village"), Column("village", Text("村", "Village"))),
    ):
        of = () if by.name == "land_class" else (CROPLAND,)
        found = account(before, after, by.name, of=of)
        yield table(found, by, id=f"account_{by.name}", title=title)


def area_change(pieces: Pieces) -> Table:
    """Give what each class loses and gains, those alone that change."""
    moved = pieces.land[pieces.land["change"].isin([ENTERS, LEAVES])]
    sums = [moved.groupby(name)["hundredths"].sum() for name in ("land_class", "class_after")]
    both = pd.concat(sums, axis=1, keys=["leaves", "enters"]).fillna(0).astype(np.int64)
    both = both.reindex([name for name in CLASSES if name in both.index])
    frame = pd.DataFrame({"class": both.index.to_numpy(dtype=object)})
    for name in both:
        frame[f"{name}_ha"] = both[name].to_numpy() / 1e6
    frame["change_ha"] = (both["enters"] - both["leaves"]).to_numpy() / 1e6
    columns = (
        Column("class", Text("地类", "Class"), categories=CLASS_TITLES),
        Column("leaves_ha", Text("减少", "Leaves"), "ha", 2),
        Column("enters_ha", Text("增加", "Enters"), "ha", 2),
        Column("change_ha", Text("净变化", "Change"), "ha", 2),
    )
    title = Text("各地类面积变化", "Change of area by class")
    return Table("area_change", title, frame, columns, "flows")


LARGEST = 10  # ways from one use to another that are told one by one
REST = "rest"


def transitions(pieces: Pieces, told: Mapping[str, Column]) -> Table:
    """Give the largest areas that go from one land use to another, and what the others sum to."""
    moved = pieces.land[pieces.land["change"].isin([ENTERS, LEAVES])]
    sums = moved.groupby(["code", "code_after"])["hundredths"].agg(["sum", "size"]).reset_index()
    sums = sums.sort_values(["sum", "code", "code_after"], ascending=[False, True, True])
    titles = {one.code: one.title for one in told["code"].categories}
    way = sums["code"] + ">" + sums["code_after"]
    codes = [
        Category(
            f"{a}>{b}", Text(f"{titles[a].zh} → {titles[b].zh}", f"{titles[a].en} → {titles[b].en}")
        )
        for a, b in zip(sums["code"], sums["code_after"], strict=True)
    ][:LARGEST]
    others = len(sums) - LARGEST
    if others > 0:
        way = way.where(np.arange(len(sums)) < LARGEST, REST)
        codes.append(Category(REST, Text(f"其余 {others} 种", f"{others} others")))
    whole = sums.groupby(way.to_numpy(), sort=False)[["sum", "size"]].sum()
    frame = pd.DataFrame({"way": whole.index.to_numpy(dtype=object)})
    frame["area_ha"], frame["parcels"] = whole["sum"].to_numpy() / 1e6, whole["size"].to_numpy()
    columns = (
        Column("way", Text("地类流向", "From use to use"), categories=tuple(codes)),
        Column("area_ha", Text("面积", "Area"), "ha", 2),
        Column("parcels", Text("地块数", "Parcels"), "count", 0),
    )
    title = Text("主要地类流向", "Largest changes of use")
    return Table("transitions", title, frame, columns, "bars")


def refused(pieces: Pieces, found: Eligible) -> Table:
    """Give the area each rule refuses, and what each first reason keeps; it closes to the whole.

    Parameters
    ----------
    pieces
        The exchange.
    found
        What screening says of both sides.
    """
    land = pieces.land
    free, idle = land["reason"] == "", ~land["change"].isin([ENTERS, LEAVES])
    states = {
        "in": land["change"] == ENTERS,
        "out": land["change"] == LEAVES,
        "kept": land["member"] & idle & free,
        "open": ~land["member"] & idle & free,
    }
    rows = pd.DataFrame({"first_ha": {code: _ha(land[rows]) for code, rows in states.items()}})
    whole = pd.DataFrame({"first_ha": {TOTAL: _ha(land)}})
    frame = pd.concat([rows, _lost(found), whole]).rename_axis("what").reset_index()
    frame["rule"] = frame["what"].map({one.id: one.rule for one in _criteria(found) if one.rule})
    titles = (*STATES, *categories(_criteria(found)))
    columns = (
        Column("what", Text("去向或原因", "What becomes of it, or why not"), categories=titles),
        Column("refused_ha", Text("该规则排除", "Refused by it at all"), "ha", 2),
        Column("unknown_ha", Text("未知", "Not known"), "ha", 2),
        Column("first_ha", Text("首要原因", "By first reason"), "ha", 2),
        Column("rule", Text("规则", "Rule")),
    )
    title = Text(
        "面积去向：每条规则排除的与首要排除的",
        "Where the area goes: refused by every rule, and by the first",
    )
    return Table("refused", title, frame, columns)


def _criteria(found: Eligible) -> list[Criterion]:
    """Give the criteria of both sides, rules before the planner's own."""
    both = {one.id: one for one in (*found.entering.criteria, *found.leaving.criteria)}
    return sorted(both.values(), key=lambda one: not one.rule)


def _lost(found: Eligible) -> pd.DataFrame:
    """Give what each criterion takes away, on both sides together."""
    columns, ids = ["refused_ha", "unknown_ha", "first_ha"], [one.id for one in _criteria(found)]
    sides = [
        side.losses[columns].reindex(ids).fillna(0) for side in (found.entering, found.leaving)
    ]
    return sides[0] + sides[1]


def _ha(part: pd.DataFrame) -> float:
    return float(int(part["hundredths"].sum()) / 1e6)


def comparison(states: States) -> Table:
    """Give the pattern of cropland before and after; what is not known is left out."""
    sides = (
        Category("before", Text("调整前", "Before")),
        Category("after", Text("调整后", "After")),
    )
    known = [one for one in PATTERN if math.isfinite(states.before[one.id] + states.after[one.id])]
    first = Column("state", Text("状态", "State"), categories=sides)
    title = Text("耕地格局", "Pattern of cropland")
    alternatives = {"before": states.before, "after": states.after}
    return replace(compared(known, alternatives, title=title, first=first), id="pattern")


def metrics(pieces: Pieces, states: States, plan: Plan) -> Iterator[Metric]:
    """Give the headline figures.

    Parameters
    ----------
    pieces
        The exchange.
    states
        The pattern of cropland before and after.
    plan
        As it was found.
    """
    for figure, about in (
        (SLOPE, {"note": gap_words(plan.gap, plan.by)}),
        (NEIGHBOURS, {}),
        (BLOCKS, {"layer": "blocks_after"}),
        (BLOCK_COUNT, {"layer": "blocks_after"}),
        (PATCH, {}),
        (CROPLAND_HA, {}),
    ):
        before, after = states.before[figure.id], states.after[figure.id]
        if math.isfinite(before + after):
            yield figure.metric(after, before=before, **about)
    yield from moves(pieces)
    if math.isfinite(plan.gap):
        yield GAP.metric(100 * plan.gap, note=note(plan))


def moves(pieces: Pieces) -> Iterator[Metric]:
    """Give how much moves, and what that costs."""
    into, out = pieces.moved(ENTERS), pieces.moved(LEAVES)
    here = {"layer": "change", "features": _labels(out)}
    sums = [int(part["hundredths"].sum()) for part in (into, out)]
    yield SURPLUS.metric((sums[0] - sums[1]) / 100, target=0.0)
    yield MOVED.metric(sums[1] / 1e6, **here)
    yield PARCELS_OUT.metric(len(out), **here)
    yield PARCELS_IN.metric(len(into), layer="change", features=_labels(into))
    yield COST.metric(cost_of(pieces))


def cost_of(pieces: Pieces) -> float:
    """Give what all moves cost, 10⁴ yuan."""
    moved = pieces.land["change"].isin([ENTERS, LEAVES])
    return round(float(pieces.land["cost"][moved].sum()), 4)


def _labels(part: pd.DataFrame) -> tuple[str, ...]:
    return tuple(str(label) for label in part.index)
