"""What an exchange answers, what it uses up, and how the county's parcels are after it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.exchange import Plan
from geo.words import Text, joined
from layers.county import County
from layers.land.classes import Mapped, code_title
from layers.land.fabric import OUTSIDE
from layers.land.survey import hundredths, slope_class
from scenarios.consolidation.pattern import BLOCK_COUNT, BLOCKS, SLOPE
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pieces
from scenarios.consolidation.proof import PRICES, RE_CHECKED, Searches, gap_words
from scenarios.consolidation.tables import States, cost_of
from scenarios.result import Check, Claim, Edit

OF_A_USE = ("GDLX", "GDPDJB", "GDDB", "KCDLBM", "ZZSXDM", "ZZSXMC", "TBXHDM", "TBXHMC")
"""Fields of the survey that speak of the use of a parcel, and are not known of a new one."""


def answer(
    pieces: Pieces, states: States, searches: Searches, checks: Sequence[Check]
) -> Iterator[Text]:
    """Give the answer in sentences: what moves, what that brings, how good it is, what is not met.

    Parameters
    ----------
    pieces
        The exchange.
    states
        The pattern of cropland before and after.
    searches
        What was searched.
    checks
        All that was judged.
    """
    yield _moves(pieces)
    yield _brings(states)
    yield _best(searches.plan)
    yield _unmet(checks)


def _best(plan: Plan) -> Text:
    """Say how far from the best possible the plan is, and by whose word."""
    if not math.isfinite(plan.gap):
        return Text(
            "方案与理论最优的差距未知。", "How far the plan is from the best possible is not known."
        )
    far = gap_words(plan.gap, plan.by)
    word = RE_CHECKED if plan.by == PRICES else Text("该差距未经证书证明", "which is not certified")
    return Text(f"方案{far.zh}；{word.zh}。", f"The plan is {far.en}; {word.en}.")


def _moves(pieces: Pieces) -> Text:
    """Say what moves, in how many years, at which cost."""
    out, into = pieces.moved(LEAVES), pieces.moved(ENTERS)
    if out.empty and into.empty:
        return Text("没有地块需要调整。", "No parcel moves.")
    ha = [int(part["hundredths"].sum()) / 1e6 for part in (out, into)]
    years, cost = int(pieces.land["year"].max()), cost_of(pieces)
    yuan = f"{cost / 100:,.2f} million yuan"
    return Text(
        f"调出耕地 {ha[0]:,.2f} 公顷（{len(out):,} 块），调入其他土地 {ha[1]:,.2f} 公顷"
        f"（{len(into):,} 块），分 {years} 年实施，投资 {cost:,.0f} 万元。",
        f"{ha[0]:,.2f} ha of cropland ({len(out):,} parcels) leave and {ha[1]:,.2f} ha of other "
        f"land ({len(into):,} parcels) enter, in {years} years, at a cost of {yuan}.",
    )


def _brings(states: States) -> Text:
    """Say how slope and blocks change."""
    now, then = states.before, states.after
    blocks = Text(
        f"百亩方由 {now[BLOCKS.id]:,.1f} 公顷（{now[BLOCK_COUNT.id]:.0f} 个）变为 "
        f"{then[BLOCKS.id]:,.1f} 公顷（{then[BLOCK_COUNT.id]:.0f} 个）。",
        f"blocks of a hundred mu from {now[BLOCKS.id]:,.1f} ha ({now[BLOCK_COUNT.id]:.0f} blocks) "
        f"to {then[BLOCKS.id]:,.1f} ha ({then[BLOCK_COUNT.id]:.0f}).",
    )
    if not np.isfinite([now[SLOPE.id], then[SLOPE.id]]).all():
        return Text(f"耕地平均坡度未知；{blocks.zh}", f"The mean slope is not known; {blocks.en}")
    slopes = f"{now[SLOPE.id]:.2f}°", f"{then[SLOPE.id]:.2f}°"
    return Text(
        f"耕地平均坡度由 {slopes[0]} 变为 {slopes[1]}，{blocks.zh}",
        f"The mean slope of cropland goes from {slopes[0]} to {slopes[1]}, {blocks.en}",
    )


def _unmet(checks: Sequence[Check]) -> Text:
    """Say which rules are not met, and which cannot be judged."""
    parts = []
    for verdict, words in (
        ("fail", Text("未达标", "Not met")),
        ("approval", Text("需报批", "Needs approval")),
        ("unknown", Text("无法判断", "Cannot be judged")),
    ):
        found = [one.title for one in checks if one.rule and one.verdict == verdict]
        told = joined(found, "；", "; ")
        if found:
            parts.append(Text(f"{words.zh}：{told.zh}。", f"{words.en}: {told.en}."))
    if not parts:
        return Text("各项规则均符合。", "Every rule is met.")
    return joined(parts, "", " ")


def claims(pieces: Pieces) -> Iterator[Claim]:
    """Give the land that changes its class, by township, and what the exchange costs once."""
    land = pieces.land[pieces.land["change"].isin([ENTERS, LEAVES])]
    keys = ["township", "land_class", "class_after"]
    for group, rows in land.groupby(keys):
        town, before, after = (str(part) for part in group)
        ha, place = float(int(rows["hundredths"].sum()) / 1e6), "" if town == OUTSIDE else town
        own = tuple(sorted(rows.index.astype(str)))
        yield Claim(
            "land", ha, ha, ha, place=place, from_=before, to=after, layer="change", features=own
        )
    yuan = 1e4 * cost_of(pieces)
    if yuan:
        yield Claim("yuan", yuan, yuan, yuan)


def edited(pieces: Pieces, county: County, *, code_table: Mapped) -> Edit:
    """Give the county's parcels as they would be: codes, and every field that follows from them.

    Ridges and what is planted are not known of new cropland until it is surveyed; other land has
    no ridges. A parcel that is split is two, the part that stays under a label of its own.
    """
    parcels, land = county.vector("parcels"), pieces.land
    own = land.index.astype(str)
    changed = land[land["change"].isin([ENTERS, LEAVES]) | (own != land["parcel"])]
    rows = parcels.loc[changed["parcel"]].set_axis(changed.index)
    rows["DLBM"] = changed["code_after"].astype(parcels["DLBM"].dtype)
    rows = rows.set_geometry(changed.geometry)
    moved = changed["change"] != ""
    if "DLMC" in rows:
        titles = rows["DLBM"].map(lambda code: code_title(code, mapping=code_table).zh)
        rows["DLMC"] = titles.astype(parcels["DLMC"].dtype)
    for name in OF_A_USE:
        if name in rows:
            rows.loc[moved, name] = None
    if "GDPDJB" in rows:
        enters = changed["change"] == ENTERS
        rows.loc[enters, "GDPDJB"] = slope_class(changed["slope_deg"][enters])
    rows = _areas(rows, changed)
    whole = pd.concat([parcels.drop(index=changed["parcel"].unique()), rows]).sort_index()
    whole.index.name = parcels.index.name
    return Edit("parcels", gpd.GeoDataFrame(whole, crs=parcels.crs))


def _areas(rows: gpd.GeoDataFrame, changed: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give parcels with the survey's areas: whole, of ridges, and net of them."""
    if "TBMJ" not in rows:
        return rows
    known = rows["TBMJ"].notna()
    rows["TBMJ"] = (changed["hundredths"] / 100).where(known)
    if "KCMJ" not in rows:
        return rows
    share = rows["KCXS"] if "KCXS" in rows else rows["KCMJ"] * np.nan
    share = share.mask(changed["change"] == ENTERS).mask(changed["change"] == LEAVES, 0.0)
    ridges = hundredths(rows["TBMJ"] * share)
    rows["KCMJ"] = ridges / 100
    if "KCXS" in rows:
        rows["KCXS"] = share
    if "TBDLMJ" in rows:
        rows["TBDLMJ"] = (hundredths(rows["TBMJ"]) - ridges) / 100
    return rows
