"""An exchange of parcels on the map: before, after, what changed, why not the others, blocks.

Parcels that stay are drawn once for both sides of the swipe, those that change
once for each, so that a page holds every parcel once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import geopandas as gpd
import pandas as pd
import shapely

from geo.landscape import patches
from geo.words import Text, headed
from layers.catalog import CATALOG
from layers.county import County
from layers.land.classes import CLASSES, Mapped, code_title
from layers.land.rules import BLOCK, PERMANENT, ZONES, Book, zone
from scenarios.consolidation.checks import designated
from scenarios.consolidation.eligible import WORDS
from scenarios.consolidation.pieces import ENTERS, LEAVES, STAYS, Pieces
from scenarios.result import Category, Column, Layer, Side

LAND = Text("土地利用", "Land use")
CHANGE = Text("调整方案", "Exchange")
WHY_NOT = Text("为何不调整", "Why not")
OPEN = "open"
HAIRLINE_M = 0.05
SOURCES = ("parcels", "basic_farmland", "redline", "park", "source_water")
CHANGES = (
    Category(ENTERS, Text("调入耕地", "Becomes cropland")),
    Category(LEAVES, Text("调出耕地", "Ceases to be cropland")),
    Category(STAYS, Text("保留耕地", "Stays cropland")),
)
ABOUT = (
    Column("area_m2", Text("面积", "Area"), "m²", 2),
    Column("slope_deg", Text("坡度", "Slope"), "°", 1),
    Column("quality", Text("质量等别", "Quality grade"), "", 1),
    Column("village", Text("坐落单位", "Village")),
    Column("township", Text("乡镇代码", "Township code")),
)
CODE = Column("code", Text("现状地类", "Code now"))
CODE_AFTER = Column("code_after", Text("方案地类", "Code in the plan"))
YEAR = Column("year", Text("年度", "Year"), "", 0)
REASON = (
    Column("why", Text("不调整的首要原因", "First reason why not")),
    Column("why_en", Text("不调整的首要原因（英文）", "First reason why not, in English")),
)


def layers(pieces: Pieces, county: County, on: Book, *, code_table: Mapped) -> Iterator[Layer]:
    """Give the layers of an exchange."""
    land = pieces.land
    used = tuple(name for name in SOURCES if name in county)
    words = reasons(on)
    told = [words[reason] for reason in land["reason"]]
    shown = land.assign(why=[one.zh for one in told], why_en=[one.en for one in told])
    yield from _parcels(shown, code_table, used)
    yield _change(pieces, used)
    yield _why_not(land, words, used)
    for side, when in (("before", Text("现状", "now")), ("after", Text("方案", "planned"))):
        yield _blocks(pieces, side, when, on)
    yield from _adjusted(pieces, on)
    yield from _zones(county, land, on)


def _adjusted(pieces: Pieces, on: Book) -> Iterator[Layer]:
    """Give permanent basic farmland that is given up, and what is designated for it."""
    land = pieces.land
    added = designated(pieces, on)
    if not len(added):
        return
    gone = land[(land["change"] == LEAVES) & (land["basic_m2"] > 0)]
    frame = pd.concat([gone.assign(basic=LEAVES), land.loc[added].assign(basic=ENTERS)])
    here = (Category(ENTERS, Text("补划永久基本农田", "Designated as basic farmland")),
            Category(LEAVES, Text("调出永久基本农田", "Given up as basic farmland")))  # fmt: skip
    title = Text("永久基本农田调整", "Permanent basic farmland adjusted")
    yield Layer("basic_change", title, CHANGE, "category", frame, value="basic", categories=here,
                columns=(CODE, CODE_AFTER, *ABOUT), side="after", shown=False,
                sources=("parcels", "basic_farmland"), rules=(PERMANENT,))  # fmt: skip


def reasons(on: Book) -> Mapping[str, Text]:
    """Give every first reason in words."""
    free = Text("可以调整，方案未选", "Could take part, not chosen")
    return {"": free, **{name: rule.title for name, rule in on.rules.items()}, **WORDS}


def _parcels(land: gpd.GeoDataFrame, code_table: Mapped, used: tuple[str, ...]) -> Iterator[Layer]:
    """Give parcels by code: what stays for both sides, what changes for each."""
    moved = land["change"].isin([ENTERS, LEAVES])
    parts = (
        ("land", Text("地类图斑（不变）", "Parcels that stay"), "both", land[~moved], "code"),
        ("land_before", Text("调整地块 · 现状地类", "Parcels that change, now"), "before",
         land[moved], "code"),
        ("land_after", Text("调整地块 · 方案地类", "Parcels that change, planned"), "after",
         land[moved], "code_after"),
    )  # fmt: skip
    for name, title, side, frame, value in parts:
        if frame.empty:
            continue
        codes = sorted(frame[value].unique())
        here = tuple(Category(code, code_title(code, mapping=code_table)) for code in codes)
        stays = side == "both"
        columns = (CODE, *ABOUT, *REASON) if stays else (CODE, CODE_AFTER, YEAR, *ABOUT)
        yield Layer(name, title, LAND, "category", frame, value=value, columns=columns,
                    categories=here, side=cast("Side", side), sources=used,
                    binding="binding" if stays else "")  # fmt: skip


def _change(pieces: Pieces, used: tuple[str, ...]) -> Layer:
    """Give what goes in and out parcel by parcel, and what stays cropland by township."""
    moved = pieces.land[pieces.land["change"].isin([ENTERS, LEAVES])]
    kept = _dissolved(pieces.moved(STAYS), "township", STAYS)
    frame = pd.concat([moved, kept.assign(change=STAYS)])
    columns = (Column("change", Text("变化", "Change")), CODE, CODE_AFTER, YEAR, *ABOUT)
    here = tuple(one for one in CHANGES if (frame["change"] == one.code).any())
    title = Text("耕地调入、调出与保留", "Cropland in, out and kept")
    frame = frame.reindex(columns=[*(one.name for one in columns), "geometry"])
    return Layer("change", title, CHANGE, "category", gpd.GeoDataFrame(frame, crs=moved.crs),
                 value="change", columns=columns, categories=here, side="difference",
                 sources=used)  # fmt: skip


def _why_not(land: gpd.GeoDataFrame, words: Mapping[str, Text], used: tuple[str, ...]) -> Layer:
    """Give land that does not become cropland by the first reason, adjoining parcels in one."""
    stays = land[~land["member"] & (land["change"] == "")]
    frame = stays.assign(first=stays["reason"].where(stays["reason"] != "", OPEN))
    frame = _dissolved(frame, "first", "why")
    frame["rule"] = frame["first"].where(~frame["first"].isin([OPEN, *WORDS]), "")
    order = [name or OPEN for name in words if (frame["first"] == (name or OPEN)).any()]
    here = tuple(Category(code, words["" if code == OPEN else code]) for code in order)
    columns = (Column("first", Text("首要原因", "First reason")),
               Column("area_ha", Text("面积", "Area"), "ha", 2),
               Column("parcels", Text("地块数", "Parcels"), "", 0))  # fmt: skip
    title = Text("未调入的首要原因", "First reason why land does not become cropland")
    return Layer("why_not", title, WHY_NOT, "category", frame, value="first", columns=columns,
                 categories=here, shown=False, sources=used, binding="rule")  # fmt: skip


def _blocks(pieces: Pieces, side: str, when: Text, on: Book) -> Layer:
    """Give the outlines of blocks of a hundred mu on one side."""
    inside = pieces.cropland(side)
    crops = pieces.land[inside]
    pairs = pieces.neighbours
    both = pairs["left"].isin(crops.index) & pairs["right"].isin(crops.index)
    number = patches(pd.Series("", index=crops.index), pairs[both])
    together = crops["area_m2"].groupby(number).transform("sum")
    large = crops.assign(patch=number)[together >= least_m2(on)]
    frame = _dissolved(large, "patch", f"block_{side}").assign(kind="block")
    title = Text(f"百亩方 · {when.zh}", f"Blocks of a hundred mu, {when.en}")
    columns = (Column("area_ha", Text("面积", "Area"), "ha", 2),
               Column("parcels", Text("地块数", "Parcels"), "", 0))  # fmt: skip
    return Layer(f"blocks_{side}", title, CHANGE, "boundary", frame, value="kind",
                 columns=columns, categories=(Category("block", title),),
                 side=cast("Side", side), shown=side == "after", sources=("parcels",),
                 rules=(BLOCK,))  # fmt: skip


def least_m2(on: Book) -> float:
    """Give the area from which fields are a block, m²; 1 mu is 2000/3 m²."""
    return on.figure(BLOCK, "area_mu") * 2000 / 3


def _zones(county: County, land: gpd.GeoDataFrame, on: Book) -> Iterator[Layer]:
    """Give the zones that protect land, as far as the county has them."""
    west, south, east, north = land.total_bounds
    for rule, name in ((PERMANENT, "basic_farmland"), *ZONES.items()):
        polygons = zone(county, name)
        near = polygons.cx[west:east, south:north] if polygons is not None else None
        if near is not None and len(near) and rule in on.rules:
            title = headed(CATALOG[name].title)
            frame = near[["geometry"]].assign(zone=name)
            yield Layer(f"zone_{name}", title, WHY_NOT, "category", frame, value="zone",
                        categories=(Category(name, title),), shown=False, sources=(name,),
                        rules=(rule,))  # fmt: skip


def _dissolved(frame: gpd.GeoDataFrame, by: str, name: str) -> gpd.GeoDataFrame:
    """Give one shape for each value of a column, labelled and counted."""
    groups = frame.groupby(by)
    sound = bool(shapely.coverage_is_valid(frame.geometry.to_numpy()))
    merged = frame[[by, "geometry"]].dissolve(by=by, method="coverage" if sound else "unary")
    if not sound:  # borders that do not meet leave hairlines, which no file of coordinates keeps
        wide = merged.geometry.buffer(HAIRLINE_M, join_style="mitre")
        merged = merged.set_geometry(wide.buffer(-HAIRLINE_M, join_style="mitre"))
    area = groups["hundredths"].sum().reindex(merged.index)
    labels = [f"{name}_{value}" for value in merged.index]
    return gpd.GeoDataFrame(
        {
            by: merged.index.to_numpy(),
            "area_m2": (area / 100).to_numpy(),
            "area_ha": (area / 1e6).to_numpy(),
            "parcels": groups.size().reindex(merged.index).to_numpy(),
        },
        geometry=merged.geometry.to_numpy(),
        index=pd.Index(labels, name=frame.index.name),
        crs=frame.crs,
    )


def class_title(name: str) -> Text:
    """Give a class of land as a heading."""
    return headed(CLASSES[name])
