"""An exchange of cropland judged by the rules of a day; unknown where a layer is missing.

The same pieces of land can be judged under several days side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.words import NO_TEXT, UNKNOWN, Text, alike, area_words, hectares
from layers.county import County
from layers.land.rules import BALANCE, KEPT_OUT_OF, PERMANENT, Book, book
from layers.zones import ZONES
from scenarios.answers.backdrop import importing
from scenarios.answers.screening import screen
from scenarios.answers.unknowns import naming
from scenarios.consolidation.eligible import new_cropland
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pieces
from scenarios.result import Category, Check, Column, Table, Verdict

VERDICTS: Mapping[bool | None, Verdict] = MappingProxyType(
    {True: "pass", False: "fail", None: "unknown"}
)
TITLES: Mapping[str, Text] = MappingProxyType(
    {
        "pass": Text("达标", "pass"),
        "fail": Text("违规", "fail"),
        "unknown": UNKNOWN,
        "none": Text("不适用", "not in force"),
    }
)
"""Verdicts in words, and what stands where a rule does not hold on a day."""
ROOM = Text("可以调入耕地的面积", "Area that may become cropland")
NOTHING = alike("—")


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


@dataclass(frozen=True)
class Judged:
    """An exchange under the rules of a day.

    Parameters
    ----------
    day
        The day.
    room_ha
        Area of classes that take part which no rule keeps from being cropland.
    findings
        The verdicts.
    """

    day: date
    room_ha: float
    findings: tuple[Finding, ...]


def judged(pieces: Pieces, county: County, day: date, *, sliver_m2: float) -> Judged:
    """Judge an exchange by the rules of a day.

    Parameters
    ----------
    pieces
        The exchange.
    county
        With the layers that rules need, as far as it has them.
    day
        Whose rules hold.
    sliver_m2
        Overlap with a zone that binds nothing.
    """
    on = book(day)
    land = pieces.land[~pieces.land["member"] & (pieces.land["reason"] != "class")]
    free = ~screen(land, [*new_cropland(county, on, sliver_m2=sliver_m2)]).refused
    room_ha = float(int(land["hundredths"][free].sum()) / 1e6)
    return Judged(day, room_ha, tuple(findings(pieces, county, on, sliver_m2=sliver_m2)))


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
    """Judge an exchange by every rule of a day; parameters are those of `judged`."""
    entering, leaving = pieces.moved(ENTERS), pieces.moved(LEAVES)
    if BALANCE in on.rules:
        yield _balance_area(entering, leaving, on)
        yield _balance_quality(entering, leaving, on)
    states = screen(entering, [*new_cropland(county, on, sliver_m2=sliver_m2)]).states
    for rule in states.columns:
        if rule != BALANCE:
            yield _kept_out(entering, states[rule], rule, on, county)
    if PERMANENT in on.rules:
        yield from _permanent(pieces, county, on)


def _counted(entering: gpd.GeoDataFrame, on: Book) -> gpd.GeoDataFrame:
    return entering[entering["land_class"].isin(on.counts)]


def _balance_area(entering: gpd.GeoDataFrame, leaving: gpd.GeoDataFrame, on: Book) -> Finding:
    into = int(_counted(entering, on)["hundredths"].sum())
    out = int(leaving["hundredths"].sum())
    title = Text(
        "数量：计入的新增耕地不少于减少的耕地", "Quantity: as much cropland counts in as goes"
    )
    found, least = hectares(into / 1e6), hectares(out / 1e6)
    if into < out:  # a shortfall that hectares would round away is still told
        lacking = area_words((out - into) / 100)
        found = Text(f"{found.zh}，少 {lacking.zh}", f"{found.en}, {lacking.en} short")
    allowed = Text(f"≥ {least.zh}", f"≥ {least.en}")
    those = _named(_counted(entering, on))
    return Finding("balance_area", BALANCE, title, VERDICTS[into >= out], found, allowed, those)


def _balance_quality(entering: gpd.GeoDataFrame, leaving: gpd.GeoDataFrame, on: Book) -> Finding:
    title = Text(
        "质量：新增耕地平均等别不差于减少的（小为好）",
        "Quality: mean grade in no worse than out (less is better)",
    )
    counted = _counted(entering, on)
    if counted.empty or leaving.empty:
        return Finding("balance_quality", BALANCE, title, "pass", NOTHING, NOTHING)
    into, out = (
        float(np.average(part["quality"], weights=part["hundredths"]))
        for part in (counted, leaving)
    )
    most = out - on.figure(BALANCE, "quality_change")
    if not (np.isfinite(into) and np.isfinite(most)):
        remedy = naming("parcels", "quality")
        return Finding(
            "balance_quality", BALANCE, title, "unknown", UNKNOWN, UNKNOWN, remedy=remedy
        )
    verdict = VERDICTS[into <= most + 1e-9]  # means of grades are not exact
    found, allowed = alike(f"{into:.3f}"), alike(f"≤ {most:.3f}")
    those = _named(counted)
    return Finding("balance_quality", BALANCE, title, verdict, found, allowed, those)


def _kept_out(
    entering: gpd.GeoDataFrame, states: pd.Series, rule: str, on: Book, county: County
) -> Finding:
    """Say whether new cropland lies where a rule forbids it."""
    wrong = states == 1
    found = hectares(entering["hundredths"][wrong].sum() / 1e6)
    labels = tuple(str(label) for label in entering.index[wrong])
    name = rule.replace(".", "_")
    layer = ZONES[KEPT_OUT_OF[rule]].layer if rule in KEPT_OUT_OF else "dem"
    unknown = bool(states.isna().any()) or (rule in KEPT_OUT_OF and layer not in county)
    verdict = VERDICTS[False if wrong.any() else None if unknown else True]
    allowed = hectares(0, decimals=0)
    if rule not in KEPT_OUT_OF:
        slope = f"{on.figure(rule, 'max_slope_deg'):g}°"
        allowed = Text(f"{allowed.zh} > {slope}", f"{allowed.en} > {slope}")
    remedy = importing(layer) if unknown else NO_TEXT
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
    verdict = VERDICTS[None if np.isnan(part) else part <= most]
    words = UNKNOWN if np.isnan(part) else alike(f"{100 * part:.2f} %")
    allowed, touched = alike(f"≤ {100 * most:g} %"), _touched(leaving)
    yield Finding("basic_share", PERMANENT, share, verdict, words, allowed, touched)
    added = float(pieces.land["area_m2"].reindex(designated(pieces, on)).sum())
    wanted = float(taken.sum() * (1 + on.figure(PERMANENT, "new_share_of_adjusted")))
    least = hectares(wanted / 1e4)
    allowed = Text(f"≥ {least.zh}", f"≥ {least.en}")
    verdict = VERDICTS[added >= wanted]
    yield Finding("basic_total", PERMANENT, total, verdict, hectares(added / 1e4), allowed)


def _touched(leaving: gpd.GeoDataFrame) -> tuple[str, ...]:
    return _named(leaving[leaving["basic_m2"] > 0])


def _named(pieces: gpd.GeoDataFrame) -> tuple[str, ...]:
    return tuple(str(label) for label in pieces.index)


def checks(found: Sequence[Finding], *, layer: str) -> Iterator[Check]:
    """Give findings as checks; the pieces they name are features of a layer."""
    for one in found:
        yield Check(
            one.id,
            one.title,
            one.verdict,
            one.found,
            one.allowed,
            rule=one.rule,
            layer=layer if one.pieces else "",
            features=one.pieces,
            remedy=one.remedy,
        )


def rulebooks(books: Sequence[Judged]) -> Table:
    """Give a row for what may enter, then one a finding, with a verdict for each day.

    Parameters
    ----------
    books
        The exchange under each day. A rule that does not hold on a day says so. The code of what
        was found, and of what is allowed, is its English.
    """
    titles = {"room": ROOM}
    rules: dict[str, str] = {}
    for one in (one for judged in books for one in judged.findings):
        titles.setdefault(one.id, one.title)
        rules.setdefault(one.id, one.rule)
    frame = pd.DataFrame({"what": pd.Series(list(titles), dtype=object)})
    frame["rule"] = frame["what"].map(rules)
    whats = tuple(Category(code, title) for code, title in titles.items())
    columns = [
        Column("rule", Text("规则", "Rule")),
        Column("what", Text("内容", "What"), categories=whats),
    ]
    for place, judged in enumerate(books):
        for name, title, cells in _of_a_day(judged, list(titles)):
            whole = Text(f"{judged.day} {title.zh}", f"{judged.day} {title.en}")
            codes = [None if cell is None else cell.code for cell in cells]
            frame[f"{name}_{place}"] = pd.Series(codes, dtype=object)
            known = {cell.code: cell for cell in cells if cell is not None}
            columns.append(Column(f"{name}_{place}", whole, categories=tuple(known.values())))
    title = Text("同一方案按两个日期的规则评判", "The same plan judged by the rules of two days")
    return Table("rulebooks", title, frame, tuple(columns))


def _of_a_day(judged: Judged, rows: Sequence[str]) -> Iterator[Cells]:
    """Give the columns of a day: the verdict of each row, what was found, what is allowed."""
    known = {one.id: one for one in judged.findings}
    none = Category("none", TITLES["none"])
    room = hectares(judged.room_ha)

    def cells(told: Callable[[Finding], Category]) -> list[Category | None]:
        return [told(known[row]) if row in known else none for row in rows[1:]]

    verdicts = cells(lambda one: Category(one.verdict, TITLES[one.verdict]))
    yield Cells("verdict", Text("结论", "verdict"), [None, *verdicts])
    found = cells(lambda one: Category(one.found.en, one.found))
    yield Cells("found", Text("结果", "found"), [Category(room.en, room), *found])
    allowed = cells(lambda one: Category(one.allowed.en, one.allowed))
    yield Cells("allowed", Text("要求", "allowed"), [None, *allowed])


class Cells(NamedTuple):
    """A column of a day: its name, its title, and a code with its words a row."""

    name: str
    title: Text
    cells: list[Category | None]
