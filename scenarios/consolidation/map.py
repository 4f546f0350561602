"""An exchange of parcels on the map: before, after, what changed, why not the others, blocks.

Parcels that stay are drawn once for both sides of the swipe, those that change
once for each, so that a page holds every parcel once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import pandas as pd
import shapely

from geo.landscape import patches
from geo.words import Text, headed
from layers.county import County
from layers.land.classes import Mapped, code_title
from layers.land.fabric import OUTSIDE
from layers.land.rules import BLOCK, KEPT_OUT_OF, PERMANENT, Book, least_m2
from layers.zones import ZONES, area
from scenarios.answers.backdrop import towns
from scenarios.consolidation.checks import designated
from scenarios.consolidation.eligible import OWN_REASONS
from scenarios.consolidation.pieces import ENTERS, LEAVES, STAYS, Pieces
from scenarios.result import Category, Column, Layer, Side

LAND = Text("土地利用", "Land use")
CHANGE = Text("调整方案", "Exchange")
WHY_NOT = Text("为何不调整", "Why not")
OPEN = "open"
"""Code of what could take part and was not chosen."""
HAIRLINE_M = 0.05
SOURCES = ("parcels", "basic_farmland", "redline", "park", "source_water")
CHANGES = (
    Category(ENTERS, Text("调入耕地", "Becomes cropland")),
    Category(LEAVES, Text("调出耕地", "Ceases to be cropland")),
    Category(STAYS, Text("保留耕地", "Stays cropland")),
)
NO_TOWN = Category(OUTSIDE, Text("不在任何乡镇", "In no township"))
PATCH_COLUMNS = (
    Column("area_ha", Text("面积", "Area"), "ha", 2),
    Column("parcels", Text("地块数", "Parcels"), "count", 0),
)


@dataclass(frozen=True, eq=False)
class Drawn:
    """An exchange as it is drawn: its pieces, the rules of the day, columns with their titles.

    `moved` are the parcels that it moves, or that some plan does where it is not `alone`.
    """

    pieces: Pieces
    on: Book
    columns: Mapping[str, Column]
    used: tuple[str, ...]
    moved: frozenset[str]
    alone: bool

    def of(self, *names: str) -> tuple[Column, ...]:
        """Give columns by name, and what is told of every piece."""
        about = ("area_m2", "slope_deg", "quality", "village", "township")
        return tuple(self.columns[name] for name in (*names, *about))


def layers(
    pieces: Pieces,
    county: County,
    on: Book,
    *,
    code_table: Mapped,
    moved: frozenset[str] | None = None,
) -> Iterator[Layer]:
    """Give the layers of an exchange; `moved` are the parcels that any of several plans moves."""
    used = tuple(name for name in SOURCES if name in county)
    known = columns(pieces, county, on, code_table=code_table)
    alone = moved is None
    own = pieces.land["change"].isin([ENTERS, LEAVES])
    parcels = frozenset(pieces.land.index[own]) if moved is None else moved
    drawn = Drawn(pieces, on, {one.name: one for one in known}, used, parcels, alone)
    yield from _parcels(drawn)
    yield _change(drawn)
    yield _why_not(drawn)
    for side, when in (("before", Text("现状", "now")), ("after", Text("方案", "planned"))):
        yield _blocks(pieces, side, when, on)
    yield from _adjusted(drawn)
    yield from _zones(county, pieces.land, on)


def columns(pieces: Pieces, county: County, on: Book, *, code_table: Mapped) -> Iterator[Column]:
    """Give what is told of pieces of land, with the titles of what is a code."""
    land = pieces.land
    codes = sorted({*land["code"], *land["code_after"]})
    uses = tuple(Category(code, code_title(code, mapping=code_table)) for code in codes)
    yield Column("code", Text("现状地类", "Land use now"), categories=uses)
    yield Column("code_after", Text("方案地类", "Land use planned"), categories=uses)
    yield Column("year", Text("年度", "Year"), "", 0)
    yield Column("change", Text("变化", "Change"), categories=CHANGES)
    yield Column("area_m2", Text("面积", "Area"), "m²", 2)
    yield Column("slope_deg", Text("坡度", "Slope"), "°", 1)
    yield Column("quality", Text("质量等别", "Quality grade"), "", 1)
    yield Column("village", Text("坐落单位", "Village"))
    yield Column("township", Text("乡镇", "Township"), categories=(*towns(county), NO_TOWN))
    why = Text("不调整的首要原因", "First reason why not")
    yield Column("reason", why, categories=reasons(on))


def reasons(on: Book) -> tuple[Category, ...]:
    """Give every first reason why land stays as it is, what has none among them."""
    free = Text("可以调整，方案未选", "Could take part, not chosen")
    rules = {name: rule.title for name, rule in on.rules.items()}
    known = {OPEN: free, **rules, **OWN_REASONS}
    return tuple(Category(code, title) for code, title in known.items())


def _adjusted(drawn: Drawn) -> Iterator[Layer]:
    """Give permanent basic farmland that is given up, and what is designated for it."""
    land = drawn.pieces.land
    added = designated(drawn.pieces, drawn.on)
    if not len(added):
        return
    gone = land[(land["change"] == LEAVES) & (land["basic_m2"] > 0)]
    frame = pd.concat([gone.assign(basic=LEAVES), land.loc[added].assign(basic=ENTERS)])
    yield Layer(
        "basic_change",
        Text("永久基本农田调整", "Permanent basic farmland adjusted"),
        CHANGE,
        "category",
        frame,
        value="basic",
        categories=(
            Category(ENTERS, Text("补划永久基本农田", "Designated as basic farmland")),
            Category(LEAVES, Text("调出永久基本农田", "Given up as basic farmland")),
        ),
        columns=drawn.of("code", "code_after"),
        side="after",
        shown=False,
        sources=("parcels", "basic_farmland"),
        rules=(PERMANENT,),
    )


def _parcels(drawn: Drawn) -> Iterator[Layer]:
    """Give parcels by code: what stays for both sides, what changes for each."""
    land = drawn.pieces.land
    moved = (land.index.to_series() if drawn.alone else land["parcel"]).isin(drawn.moved)
    stays = land[~moved]
    stays = stays.assign(reason=stays["reason"].where(stays["reason"] != "", OPEN))
    now = Text("调整地块 · 现状地类", "Parcels that change, now")
    then = Text("调整地块 · 方案地类", "Parcels that change, planned")
    yield from _by_code(drawn, "land", Text("地类图斑（不变）", "Parcels that stay"), stays)
    yield from _by_code(drawn, "land_before", now, land[moved])
    yield from _by_code(drawn, "land_after", then, land[moved])


def _by_code(drawn: Drawn, name: str, title: Text, frame: gpd.GeoDataFrame) -> Iterator[Layer]:
    """Give parcels by code on the side that the name of the layer ends with, or on both."""
    if frame.empty:
        return
    side = name.removeprefix("land").removeprefix("_") or "both"
    value = "code_after" if side == "after" else "code"
    known = drawn.columns[value].categories
    columns = drawn.of("code", "code_after", "year")
    if side == "before" and not drawn.alone:
        columns = drawn.of("code")
    if side == "both":
        columns = (*drawn.of("code"), drawn.columns["reason"])
    yield Layer(
        name,
        title,
        LAND,
        "category",
        frame,
        value=value,
        columns=columns,
        categories=tuple(one for one in known if (frame[value] == one.code).any()),
        side=cast("Side", side),
        sources=drawn.used,
        binding="binding" if side == "both" else "",
    )


def _change(drawn: Drawn) -> Layer:
    """Give what goes in and out parcel by parcel, and what stays cropland by township."""
    pieces = drawn.pieces
    moved = pieces.land[pieces.land["change"].isin([ENTERS, LEAVES])]
    kept = _dissolved(pieces.moved(STAYS), "township", STAYS)
    frame = pd.concat([moved, kept.assign(change=STAYS)])
    columns = drawn.of("change", "code", "code_after", "year")
    frame = frame.reindex(columns=[*(one.name for one in columns), "geometry"])
    return Layer(
        "change",
        Text("耕地调入、调出与保留", "Cropland in, out and kept"),
        CHANGE,
        "category",
        gpd.GeoDataFrame(frame, crs=moved.crs),
        value="change",
        columns=columns,
        categories=tuple(one for one in CHANGES if (frame["change"] == one.code).any()),
        side="difference",
        focus=True,
        sources=drawn.used,
    )


def _why_not(drawn: Drawn) -> Layer:
    """Give land that does not become cropland by the first reason, adjoining parcels in one."""
    land, known = drawn.pieces.land, drawn.columns["reason"].categories
    stays = land[~land["member"] & (land["change"] == "")]
    stays = stays if drawn.alone else stays[~stays["parcel"].isin(drawn.moved)]
    frame = stays.assign(first=stays["reason"].where(stays["reason"] != "", OPEN))
    frame = _dissolved(frame, "first", "why")
    frame["rule"] = frame["first"].where(~frame["first"].isin([OPEN, *OWN_REASONS]), "")
    here = tuple(one for one in known if (frame["first"] == one.code).any())
    first = Column("first", Text("首要原因", "First reason"), categories=here)
    return Layer(
        "why_not",
        Text("未调入的首要原因", "First reason why land does not become cropland"),
        WHY_NOT,
        "category",
        frame,
        value="first",
        columns=(first, *PATCH_COLUMNS),
        categories=here,
        shown=False,
        sources=drawn.used,
        binding="rule",
    )


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
    return Layer(
        f"blocks_{side}",
        title,
        CHANGE,
        "boundary",
        frame,
        value="kind",
        columns=PATCH_COLUMNS,
        categories=(Category("block", title),),
        side=cast("Side", side),
        sources=("parcels",),
        rules=(BLOCK,),
    )


def _zones(county: County, land: gpd.GeoDataFrame, on: Book) -> Iterator[Layer]:
    """Give the zones that protect land, as far as the county has them."""
    west, south, east, north = land.total_bounds
    for rule, zone in ((PERMANENT, "basic_farmland"), *KEPT_OUT_OF.items()):
        polygons = area(county, zone)
        near = polygons.cx[west:east, south:north] if polygons is not None else None
        if near is not None and len(near) and rule in on.rules:
            title = headed(ZONES[zone].title)
            yield Layer(
                f"zone_{zone}",
                title,
                WHY_NOT,
                "category",
                near[["geometry"]].assign(zone=zone),
                value="zone",
                categories=(Category(zone, title),),
                shown=False,
                sources=(ZONES[zone].layer,),
                rules=(rule,),
            )


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
