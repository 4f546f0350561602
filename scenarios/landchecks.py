"""An exchange of cropland judged by the rules of a day; unknown where a layer is missing.

No scenario itself. The same pieces of land can be judged under several days side by side.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd

from layers.county import County
from layers.landrules import BALANCE, PERMANENT, ZONES, Book, refusals
from layers.source import Text
from scenarios.landpieces import ENTERS, LEAVES, Pieces
from scenarios.result import Check, Verdict

WORDS: dict[bool | None, Verdict] = {True: "pass", False: "fail", None: "unknown"}
REMEDY = "jingning layers import FOLDER FILE --as {}"


class Finding(NamedTuple):
    """One verdict: of which rule, on which of its figures."""

    id: str
    rule: str
    title: Text
    verdict: Verdict
    found: str
    allowed: str
    pieces: tuple[str, ...] = ()
    remedy: str = ""


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
    yield Finding("balance_area", BALANCE, title, WORDS[into >= out], f"{into / 100:.2f} m²",
                  f"≥ {out / 100:.2f} m²")  # fmt: skip
    title = Text("质量：新增耕地平均等别不差于减少的（小为好）",
                 "Quality: mean grade in no worse than out (less is better)")  # fmt: skip
    if out == 0 or into == 0:
        yield Finding("balance_quality", BALANCE, title, "pass", "—", "—")
        return
    means = [
        float(np.average(part["quality"], weights=part["hundredths"]))
        for part in (counted, leaving)
    ]
    known = bool(np.isfinite(means).all())
    slack = on.figure(BALANCE, "quality_change")
    most = means[1] - slack
    verdict = WORDS[means[0] <= most + 1e-9 if known else None]
    shown = [f"{mean:.3f}" if known else "未知 unknown" for mean in (means[0], most)]
    remedy = "" if known else "--field quality=…"
    yield Finding("balance_quality", BALANCE, title, verdict, shown[0], f"≤ {shown[1]}",
                  remedy=remedy)  # fmt: skip


def _kept_out(
    entering: gpd.GeoDataFrame, said: pd.Series, rule: str, on: Book, county: County
) -> Finding:
    """Say whether new cropland lies where a rule forbids it."""
    wrong = said == 1
    found = f"{entering['hundredths'][wrong].sum() / 1e6:.2f} ha"
    labels = tuple(str(label) for label in entering.index[wrong])
    name = rule.replace(".", "_")
    unknown = bool(said.isna().any()) or (rule in ZONES and ZONES[rule] not in county)
    verdict = WORDS[False if wrong.any() else None if unknown else True]
    allowed = "0 ha"
    if rule not in ZONES:
        allowed = f"0 ha > {on.figure(rule, 'max_slope_deg'):g}°"
    remedy = REMEDY.format(ZONES.get(rule, "dem")) if unknown else ""
    said_words = "未知 unknown" if verdict == "unknown" else found
    return Finding(name, rule, on.rules[rule].title, verdict, said_words, allowed, labels, remedy)


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
        remedy = REMEDY.format("basic_farmland")
        for name, title in (("basic_share", share), ("basic_total", total)):
            yield Finding(name, PERMANENT, title, "unknown", "未知 unknown", "", remedy=remedy)
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
    words = "未知 unknown" if np.isnan(part) else f"{100 * part:.2f} %"
    yield Finding("basic_share", PERMANENT, share, verdict, words, f"≤ {100 * most:g} %",
                  _labels(leaving))  # fmt: skip
    added = float(pieces.land["area_m2"].reindex(designated(pieces, on)).sum())
    wanted = float(taken.sum() * (1 + on.figure(PERMANENT, "new_share_of_adjusted")))
    yield Finding("basic_total", PERMANENT, total, WORDS[added >= wanted], f"{added / 1e4:.2f} ha",
                  f"≥ {wanted / 1e4:.2f} ha")  # fmt: skip


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
        hold on a day says so.
    """
    first = {"zh": "可以调入耕地的面积", "en": "Area that may become cropland"}
    for place, (area, _) in enumerate(books):
        first |= {f"found_{place}": f"{area:.2f} ha", f"verdict_{place}": "—"}
        first |= {f"allowed_{place}": "—"}
    rows: dict[str, dict[str, str]] = {"room": first}
    for place, (_, found) in enumerate(books):
        for one in found:
            row = rows.setdefault(
                one.id, {"rule": one.rule, "zh": one.title.zh, "en": one.title.en}
            )
            row[f"verdict_{place}"] = VERDICTS[one.verdict]
            row[f"found_{place}"] = one.found
            row[f"allowed_{place}"] = one.allowed
    names = [f"{what}_{place}" for place in range(len(books)) for what in SHOWN]
    table = pd.DataFrame(rows.values(), columns=["rule", "zh", "en", *names])
    table[names] = table[names].fillna("不适用 not in force")
    return table


SHOWN = ("verdict", "found", "allowed")
VERDICTS = {"pass": "达标 pass", "fail": "违规 fail", "unknown": "未知 unknown"}
