"""An exchange of cropland judged by the rules of a day; unknown where a layer is missing.

The same pieces of land can be judged under several days side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.words import NO_TEXT, UNKNOWN, Text, alike, hectares
from layers.county import County
from layers.land.rules import BALANCE, PERMANENT, ZONES, Book, refusals
from scenarios.answers.backdrop import importing
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pieces
from scenarios.result import Check, Verdict

WORDS: dict[bool | None, Verdict] = {True: "pass", False: "fail", None: "unknown"}


class Finding(NamedTuple):
    """One verdict: of which rule, on which of its figures."""

    id: str
    rule: str
    title: Text
    verdict: Verdict
    found: Text
    allowed: Text
    pieces: tuple[str, ...] = ()
    remedy: Text = NO_TEXT


def designated(pieces: Pieces, on: Book) -> pd.Index:
    """Give the pieces that become permanent basic farmland where some of it is adjusted.

    The flattest new cropland first, then the flattest cropland outside of it, until the area is
    what the rule asks for: what is adjusted, and the share of it that is to be added.
    """
    land = pieces.land
    wanted = land["basic_m2"][land["change"] == LEAVES].sum()
    if not wanted or PERMANENT not in on.rules:
        return land.index[:0]
    wanted *= 1 + on.figure(PERMANENT, "new_share_of_adjusted")
    free = land[pieces.cropland("after") & (land["basic_m2"] == 0)]
    order = free.assign(old=free["change"] != ENTERS, label=free.index.astype(str))
    order = order.sort_values(["old", "slope_deg", "label"])
    reached = order["area_m2"].cumsum()
    return order.index[: int((reached < wanted).sum()) + 1]


def findings(pieces: Pieces, county: County, on: Book, *, sliver_m2: float) -> Iterator[Finding]:
    """Judge an exchange by the rules of a day.

    Parameters
    ----------
    pieces
        The exchange.
    county
        With the layers that rules need, as far as it has them.
    on
        The rules of the day.
    sliver_m2
        Overlap with a zone that binds nothing.
    """
    entering, leaving = pieces.moved(ENTERS), pieces.moved(LEAVES)
    if BALANCE in on.rules:
        yield from _balance(entering, leaving, on)
    said = refusals(entering, county, on, sliver_m2=sliver_m2)
    for rule in said.columns:
        if rule != BALANCE:
            yield _kept_out(entering, said[rule], rule, on, county)
    if PERMANENT in on.rules:
        yield from _permanent(pieces, county, on)


def _balance(entering: gpd.GeoDataFrame, leaving: gpd.GeoDataFrame, on: Book) -> Iterator[Finding]:
    counted = entering[entering["land_class"].isin(on.counts)]
    into, out = int(counted["hundredths"].sum()), int(leaving["hundredths"].sum())
    title = Text(
        "数量：计入的新增耕地不少于减少的耕地", "Quantity: as much cropland counts in as goes"
    )
    yield Finding("balance_area", BALANCE, title, WORDS[into >= out],
                  alike(f"{into / 100:,.2f} m²"), alike(f"≥ {out / 100:,.2f} m²"))  # fmt: skip
    title = Text("质量：新增耕地平均等别不差于减少的（小为好）",
                 "Quality: mean grade in no worse than out (less is better)")  # fmt: skip
    if out == 0 or into == 0:
        yield Finding("balance_quality", BALANCE, title, "pass", alike("—"), alike("—"))
        return
    means = [
        float(np.average(part["quality"], weights=part["hundredths"]))
        for part in (counted, leaving)
    ]
    known = bool(np.isfinite(means).all())
    slack = on.figure(BALANCE, "quality_change")
    most = means[1] - slack
    verdict = WORDS[means[0] <= most + 1e-9 if known else None]
    found, allowed = UNKNOWN, UNKNOWN
    if known:
        found, allowed = alike(f"{means[0]:.3f}"), alike(f"≤ {most:.3f}")
    remedy = NO_TEXT if known else alike("--field quality=…")
    yield Finding("balance_quality", BALANCE, title, verdict, found, allowed, remedy=remedy)


def _kept_out(
    entering: gpd.GeoDataFrame, said: pd.Series, rule: str, on: Book, county: County
) -> Finding:
    """Say whether new cropland lies where a rule forbids it."""
    wrong = said == 1
    found = hectares(entering["hundredths"][wrong].sum() / 1e6)
    labels = tuple(str(label) for label in entering.index[wrong])
    name = rule.replace(".", "_")
    unknown = bool(said.isna().any()) or (rule in ZONES and ZONES[rule] not in county)
    verdict = WORDS[False if wrong.any() else None if unknown else True]
    allowed = hectares(0, decimals=0)
    if rule not in ZONES:
        slope = f"{on.figure(rule, 'max_slope_deg'):g}°"
        allowed = Text(f"{allowed.zh} > {slope}", f"{allowed.en} > {slope}")
    remedy = importing(ZONES.get(rule, "dem")) if unknown else NO_TEXT
    words = UNKNOWN if verdict == "unknown" else found
    return Finding(name, rule, on.rules[rule].title, verdict, words, allowed, labels, remedy)


def _permanent(pieces: Pieces, county: County, on: Book) -> Iterator[Finding]:
    """Judge the adjustment of permanent basic farmland: its share by township, and its sum."""
    share = Text(
        "永久基本农田：调整面积占乡镇的最大比例",
        "Basic farmland adjusted, largest share of a township",
    )
    total = Text(
        "永久基本农田：调整后补划不少于调整面积及其 5 %",
        "Basic farmland: added for what is adjusted",
    )
    most = on.figure(PERMANENT, "adjusted_share_of_township")
    if "basic_farmland" not in county:
        remedy = importing("basic_farmland")
        for name, title in (("basic_share", share), ("basic_total", total)):
            yield Finding(name, PERMANENT, title, "unknown", UNKNOWN, NO_TEXT, remedy=remedy)
        return
    leaving = pieces.moved(LEAVES)
    basic = county.vector("basic_farmland")
    stock = basic.area.groupby(basic["township"]).sum()
    taken = leaving["basic_m2"].groupby(leaving["township"]).sum()
    taken = taken[taken > 0]
    # A township whose stock no polygon names has no share: not known, and not 0.
    parts = (taken / stock.reindex(taken.index)).max(skipna=False) if len(taken) else 0.0
    part = float(parts)
    verdict = WORDS[None if np.isnan(part) else part <= most]
    words = UNKNOWN if np.isnan(part) else alike(f"{100 * part:.2f} %")
    yield Finding("basic_share", PERMANENT, share, verdict, words, alike(f"≤ {100 * most:g} %"),
                  _labels(leaving))  # fmt: skip
    added = float(pieces.land["area_m2"].reindex(designated(pieces, on)).sum())
    wanted = float(taken.sum() * (1 + on.figure(PERMANENT, "new_share_of_adjusted")))
    least = hectares(wanted / 1e4)
    yield Finding("basic_total", PERMANENT, total, WORDS[added >= wanted], hectares(added / 1e4),
                  Text(f"≥ {least.zh}", f"≥ {least.en}"))  # fmt: skip


def _labels(leaving: gpd.GeoDataFrame) -> tuple[str, ...]:
    return tuple(str(label) for label in leaving.index[leaving["basic_m2"] > 0])


def checks(found: list[Finding], *, layer: str) -> Iterator[Check]:
    """Give findings as checks; the pieces they name are features of a layer."""
    for one in found:
        yield Check(one.id, one.title, one.verdict, one.found, one.allowed, rule=one.rule,
                    layer=layer if one.pieces else "", features=one.pieces,
                    remedy=one.remedy)  # fmt: skip


def room_ha(pieces: Pieces, county: County, on: Book, *, sliver_m2: float) -> float:
    """Give the area of classes that take part which no rule of a day keeps from being cropland."""
    land = pieces.land[~pieces.land["member"] & (pieces.land["reason"] != "class")]
    said = refusals(land, county, on, sliver_m2=sliver_m2)
    free = ~said.eq(1).any(axis=1)
    return float(int(land["hundredths"][free].sum()) / 1e6)


def side_by_side(books: list[tuple[float, list[Finding]]]) -> pd.DataFrame:
    """Give a row for what may enter, then one a finding, with a verdict for each day.

    Parameters
    ----------
    books
        For each day the area that may become cropland, ha, and the findings. A rule that does not
        hold on a day says so. Every text has its English in a column of its name with `_en`.
    """
    rows: dict[str, dict[str, str]] = {"room": _both("what", ROOM)}
    for place, (area, found) in enumerate(books):
        for name, words in zip(SHOWN, (alike("—"), hectares(area), alike("—")), strict=True):
            rows["room"] |= _both(f"{name}_{place}", words)
        for one in found:
            row = rows.setdefault(one.id, {"rule": one.rule, **_both("what", one.title)})
            said = VERDICTS[one.verdict], one.found, one.allowed
            for name, words in zip(SHOWN, said, strict=True):
                row |= _both(f"{name}_{place}", words)
    table = pd.DataFrame(rows.values())
    for name in rows["room"].keys() - {"what", "what_en"}:
        absent = NOT_IN_FORCE.en if name.endswith("_en") else NOT_IN_FORCE.zh
        table[name] = table[name].fillna(absent)
    return table


def _both(name: str, words: Text) -> dict[str, str]:
    return {name: words.zh, f"{name}_en": words.en}


SHOWN = ("verdict", "found", "allowed")
ROOM = Text("可以调入耕地的面积", "Area that may become cropland")
VERDICTS = {"pass": Text("达标", "pass"), "fail": Text("违规", "fail"), "unknown": UNKNOWN}
NOT_IN_FORCE = Text("不适用", "not in force")
