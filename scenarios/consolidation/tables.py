"""An exchange of parcels in tables and figures: ledger, accounts, pattern, reasons.

Areas come from whole 0.01 m² and are shown with two decimals, so that ledger,
page, CSV and GeoPackage say the same to the last digit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from geo.exchange import Plan
from geo.words import UNKNOWN, Text, alike
from layers.land.classes import CLASSES
from layers.land.rules import Book
from scenarios.consolidation.eligible import CROPLAND, WORDS
from scenarios.consolidation.ledger import account
from scenarios.consolidation.map import class_title, reasons
from scenarios.consolidation.pieces import ENTERS, LEAVES, Pattern, Pieces
from scenarios.consolidation.proof import gap_words, note
from scenarios.result import Column, Metric, Table

TOTAL = Text("合计", "Total")
SIDES = (("leaving", Text("调出", "out")), ("entering", Text("调入", "in")))
DETAILS = (
    ("parcel", Text("地块", "parcel"), "", None),
    ("code", Text("地类", "code"), "", None),
    ("class", Text("类别", "class"), "", None),
    ("class_en", Text("类别（英文）", "class, in English,"), "", None),
    ("whole_m2", Text("地块面积", "whole parcel"), "m²", 2),
    ("slope_deg", Text("坡度", "slope"), "°", 1),
    ("quality", Text("等别", "grade"), "", 1),
    ("village", Text("坐落", "village"), "", None),
    ("township", Text("乡镇", "township"), "", None),
)


def ledger(pieces: Pieces) -> Table:
    """Give who changes places with whom, part by part.

    Parameters
    ----------
    pieces
        The exchange.
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
    for side, words in SIDES:
        names = rows[side].where(rows[side] != "")
        column = "class_after" if side == "leaving" else "land_class"
        titles = land[column].map(CLASSES)
        classes = {"class": titles.map(_zh), "class_en": titles.map(_en)}
        found = land.assign(**classes).reindex(names)
        for name, title, unit, decimals in DETAILS:
            values = found[name].astype(object) if unit == "" and decimals is None else found[name]
            frame[f"{side}_{name}"] = values.where(values.notna() & (values != "")).to_numpy()
            both = Text(f"{words.zh}{title.zh}", f"{title.en} {words.en}")
            if (side, name) == ("leaving", "class"):
                both = Text("调出后转为", "becomes")
            if (side, name) == ("leaving", "class_en"):
                both = Text("调出后转为（英文）", "becomes, in English")
            columns.append(Column(f"{side}_{name}", both, unit, decimals))
    title = Text("调整台账：调出地块与调入地块", "Ledger: parcels out against parcels in")
    return Table("ledger", title, frame, tuple(columns))


def _zh(words: Text) -> str:
    return words.zh


def _en(words: Text) -> str:
    return words.en


def accounts(pieces: Pieces) -> Iterator[Table]:
    """Give the account of every class, and of cropland by township and village."""
    before = pd.DataFrame(pieces.land[["hundredths", "land_class", "township", "village"]])
    after = before.assign(land_class=pieces.land["class_after"])
    for by, title, label in (
        ("land_class", Text("分地类台账", "Account by class of land"), Text("地类", "Class")),
        ("township", Text("分乡镇耕地台账", "Cropland by township"), Text("乡镇", "Township")),
        ("village", Text("分村耕地台账", "Cropland by village"), Text("村", "Village")),
    ):
        of = () if by == "land_class" else (CROPLAND,)
        found = account(before, after, by, of=of)
        names = [*(_named(str(name), by) for name in found.index[:-1]), TOTAL]
        frame = pd.DataFrame(
            {"name": [one.zh for one in names], "name_en": [one.en for one in names]}
        )
        for column in found:
            frame[f"{column}_m2"] = found[column].to_numpy() / 100
        frame["change_m2"] = (found["enters"] - found["leaves"]).to_numpy() / 100
        columns = (
            Column("name", label),
            Column("name_en", Text(f"{label.zh}（英文）", f"{label.en}, in English")),
            Column("before_m2", Text("调整前", "Before"), "m²", 2),
            Column("leaves_m2", Text("减少", "Leaves"), "m²", 2),
            Column("enters_m2", Text("增加", "Enters"), "m²", 2),
            Column("after_m2", Text("调整后", "After"), "m²", 2),
            Column("change_m2", Text("净变化", "Change"), "m²", 2),
        )
        yield Table(f"account_{by}", title, frame, columns)


def _named(name: str, by: str) -> Text:
    if by == "land_class":
        return class_title(name)
    return alike(name) if name else UNKNOWN


def refused(pieces: Pieces, said: pd.DataFrame, on: Book) -> Table:
    """Give the area each rule refuses, and what each first reason keeps; it closes to the whole.

    Parameters
    ----------
    pieces
        The exchange.
    said
        What every rule says of every parcel, as `layers.land.rules.refusals` gives it.
    on
        The rules of the day.
    """
    land, words = pieces.land, reasons(on)
    area = land["hundredths"]
    told = said.reindex(land["parcel"]).set_axis(land.index)
    rows: list[tuple[str, str, str, float, float, float]] = []
    states = (
        ("in", Text("调入耕地", "becomes cropland"), land["change"] == ENTERS),
        ("out", Text("调出耕地", "ceases to be cropland"), land["change"] == LEAVES),
        ("crops", Text("耕地保留（可调而未选）", "cropland, free, not chosen"),
         land["member"] & (land["change"] != LEAVES) & (land["reason"] == "")),
        ("open", Text("可以调入，方案未选", "could become cropland, not chosen"),
         ~land["member"] & (land["change"] == "") & (land["reason"] == "")),
    )  # fmt: skip
    rows += [("", w.zh, w.en, math.nan, math.nan, _ha(area[chosen])) for _, w, chosen in states]
    for name in (*on.rules, *WORDS):
        first = (land["reason"] == name) & (land["change"] != ENTERS)
        if name in told:
            every = ~land["member"] & (told[name] == 1)
            unknown = ~land["member"] & told[name].isna()
            figures = (_ha(area[every]), _ha(area[unknown]))
        elif name in WORDS or first.any():
            figures = (_ha(area[first]), 0.0)
        else:
            continue
        rows.append(
            (name if name in on.rules else "", words[name].zh, words[name].en, *figures,
             _ha(area[first]))
        )  # fmt: skip
    whole = _ha(area)
    rows.append(("", "合计（试点总面积）", "total: the pilot's area", math.nan, math.nan, whole))
    frame = pd.DataFrame(rows, columns=REFUSED)
    frame["rule"] = frame["rule"].where(frame["rule"] != "")
    columns = (
        Column("what", Text("去向或原因", "What becomes of it, or why not")),
        Column("what_en", Text("去向或原因（英文）", "What becomes of it, in English")),
        Column("refused_ha", Text("该规则排除", "Refused by it at all"), "ha", 4),
        Column("unknown_ha", Text("未知", "Not known"), "ha", 4),
        Column("first_ha", Text("首要原因", "By first reason"), "ha", 6),
        Column("rule", Text("规则", "Rule")),
    )
    title = Text(
        "面积去向：每条规则排除的与首要排除的",
        "Where the area goes: refused by every rule, and by the first",
    )
    return Table("refused", title, frame, columns)


REFUSED = ["rule", "what", "what_en", "refused_ha", "unknown_ha", "first_ha"]


def _ha(area: pd.Series) -> float:
    return float(int(area.sum()) / 1e6)


def comparison(before: Pattern, after: Pattern) -> Table:
    """Give the pattern of cropland before and after; what is not known is left out."""
    now, then = before.together, after.together
    rows = [
        ("耕地面积", "Cropland", "ha", before.area_ha, after.area_ha),
        ("耕地地块", "Fields", "", float(before.parcels), float(after.parcels)),
        ("平均坡度", "Mean slope", "°", before.slope_deg, after.slope_deg),
        ("平均质量等别", "Mean quality grade", "", before.quality, after.quality),
        ("平均相邻耕地块数", "Neighbouring fields a field", "", now.neighbours, then.neighbours),
        ("耕地共边长度", "Borders shared", "km", now.border_m / 1e3, then.border_m / 1e3),
        ("耕地共边比例", "Share of borders", "", now.border_share, then.border_share),
        ("百亩方个数", "Blocks of 100 mu", "", float(before.blocks), float(after.blocks)),
        ("百亩方面积", "Area in blocks", "ha", before.blocks_ha, after.blocks_ha),
        ("连片耕地片数", "Patches", "", float(now.patches), float(then.patches)),
        ("平均连片面积", "Mean patch", "ha", before.patch_ha, after.patch_ha),
        ("平均地块面积", "Mean field", "ha", before.parcel_ha, after.parcel_ha),
        ("有效网格面积", "Effective mesh", "ha", now.mesh_m2 / 1e4, then.mesh_m2 / 1e4),
    ]
    frame = pd.DataFrame(rows, columns=["what", "what_en", "unit", "before", "after"])
    frame["unit"] = frame["unit"].where(frame["unit"] != "")
    frame = frame[frame["before"].notna() & frame["after"].notna()].reset_index(drop=True)
    columns = (
        Column("what", Text("指标", "Measure")),
        Column("what_en", Text("指标（英文）", "Measure, in English")),
        Column("unit", Text("单位", "Unit")),
        Column("before", Text("调整前", "Before"), "", 4),
        Column("after", Text("调整后", "After"), "", 4),
    )
    return Table("pattern", Text("耕地格局", "Pattern of cropland"), frame, columns)


def metrics(pieces: Pieces, before: Pattern, after: Pattern, plan: Plan) -> Iterator[Metric]:
    """Give the headline figures."""
    into, out = pieces.moved(ENTERS), pieces.moved(LEAVES)
    change = "change"
    if math.isfinite(after.slope_deg) and math.isfinite(before.slope_deg):
        words = gap_words(plan.gap, plan.by)
        yield Metric("slope", Text("耕地平均坡度", "Mean slope of cropland"), after.slope_deg, "°",
                     before.slope_deg, better="lower", decimals=3, note=words)  # fmt: skip
    yield Metric("neighbours", Text("平均相邻耕地块数", "Neighbouring fields of a field"),
                 after.together.neighbours, "块 fields", before.together.neighbours,
                 better="higher", decimals=4)  # fmt: skip
    yield Metric("blocks", Text("百亩方面积", "Area in blocks of a hundred mu"), after.blocks_ha,
                 "ha", before.blocks_ha, better="higher", layer="blocks_after")  # fmt: skip
    yield Metric("block_count", Text("百亩方个数", "Blocks of a hundred mu"), after.blocks,
                 "个 blocks", before.blocks, decimals=0, layer="blocks_after")  # fmt: skip
    yield Metric("patch", Text("平均连片面积", "Mean size of fields that hang together"),
                 after.patch_ha, "ha", before.patch_ha, better="higher", decimals=3)  # fmt: skip
    yield Metric("cropland", Text("耕地面积", "Cropland"), after.area_ha, "ha", before.area_ha,
                 better="higher", decimals=4)  # fmt: skip
    surplus = int(into["hundredths"].sum()) - int(out["hundredths"].sum())
    yield Metric("surplus", Text("调入多于调出", "More in than out"), surplus / 100, "m²",
                 target=0.0, decimals=2)  # fmt: skip
    yield Metric("moved", Text("调出耕地", "Cropland out"), int(out["hundredths"].sum()) / 1e6,
                 "ha", decimals=4, layer=change, features=_labels(out))  # fmt: skip
    yield Metric("parcels_out", Text("调出地块", "Parcels out"), len(out), "块 parcels",
                 decimals=0, layer=change, features=_labels(out))  # fmt: skip
    yield Metric("parcels_in", Text("调入地块", "Parcels in"), len(into), "块 parcels", decimals=0,
                 layer=change, features=_labels(into))  # fmt: skip
    moved = pieces.land["change"].isin([ENTERS, LEAVES])
    cost = round(float(pieces.land["cost"][moved].sum()), 4)
    yield Metric("cost", Text("投资", "Cost"), cost, "万元 10⁴ yuan", better="lower", decimals=2)
    if math.isfinite(plan.gap):
        yield Metric("gap", Text("与理论最优的差距", "Gap to the best possible"), 100 * plan.gap,
                     "%", better="lower", decimals=3, note=note(plan))  # fmt: skip


def _labels(part: pd.DataFrame) -> tuple[str, ...]:
    return tuple(str(label) for label in part.index)
