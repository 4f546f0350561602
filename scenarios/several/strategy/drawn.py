"""The map of a strategy: the backdrop, each plan's land, where plans contest and share it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.words import Text, alike, joined
from layers.land.classes import CLASSES, class_title
from layers.land.taken import taken
from layers.zones import ZONES, area, bound, covered_m2
from scenarios.answers import backdrop
from scenarios.answers.claimed import claimed
from scenarios.result import Category, Column, Layer, Run, Table
from scenarios.several.strategy.found import Found
from scenarios.several.strategy.land import LEAST_M2, polygons
from scenarios.several.strategy.townships import NOWHERE, towns

BASE = frozenset({"outline", "hillshade", "water"})
TOWNSHIPS = "townships"
NAMES = tuple(one.name for one in backdrop.NAMES)
LAND = Text("规划用地", "Land of the plans")
AREA = Column("area_ha", Text("面积", "Area"), "ha", 4)
SEPARATE = ";"
USED = (
    Column("uses", Text("拟作用途", "Uses that come")),
    Column("uses_en", Text("拟作用途（英文）", "Uses that come, in English")),
)
USES: Mapping[str, Text] = MappingProxyType(
    {
        "road": Text("公路用地", "road"),
        "entrance_community": Text("入口社区用地", "entrance community"),
        "project": Text("项目用地", "project"),
        "green": Text("绿地", "green"),
    }
)


def layers(found: Found) -> Iterator[Layer]:
    """Give the backdrop of the first run, the land of each plan, what is shared and contested.

    The page opens at what is contested, where there is any.
    """
    for layer in found.first.result.layers:
        if layer.meaning in BASE:
            yield replace(layer, focus=False)
        elif layer.id == TOWNSHIPS:
            names = tuple(one for one in layer.columns if one.name in NAMES)
            yield replace(layer, focus=False, columns=names, binding="")
    yield from _land(found)
    yield from _shared(found)
    yield from _contested(found)


def _land(found: Found) -> Iterator[Layer]:
    """Give one shape a plan: all it claims."""
    rows, shapes, sources = [], [], set()
    for name in sorted(found.runs):
        own = list(claimed(found.runs[name].result))
        parts = polygons(own)
        if len(parts):
            union = shapely.union_all(parts)
            shapes.append(union)
            measures = "、".join(map(str, found.runs[name].measures))
            title = found.titles[name]
            rows.append(
                {
                    "kind": f"plan_{name}",
                    "plan": name,
                    "title": title.zh,
                    "title_en": title.en,
                    "measures": measures,
                    "area_ha": union.area / 1e4,
                }
            )
            sources |= {source for one in own for source in one.layer.sources}
    if not rows:
        return
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=found.first.crs)
    here = tuple(one for one in found.categories if one.code in found.runs)
    yield Layer(
        "land",
        Text("各规划用地", "Land of each plan"),
        LAND,
        "category",
        frame.set_index("plan", drop=False).rename_axis("id"),
        value="kind",
        columns=(
            Column("title", Text("规划", "Plan")),
            Column("title_en", Text("规划英文名", "Name in English")),
            Column("measures", Text("举措", "Measures")),
            AREA,
        ),
        label="title",
        categories=tuple(replace(one, code=f"plan_{one.code}") for one in here),
        focus=not found.land.contested,
        sources=tuple(sorted(sources)),
    )


def _shared(found: Found) -> Iterator[Layer]:
    """Give the pieces that several plans use and allow each other, by who uses them."""
    pieces = found.land.pieces
    rows = pieces[~pieces["contested"].to_numpy() & (pieces["plans"] > 1).to_numpy()]
    rows = rows[rows["area_ha"] * 1e4 >= LEAST_M2]
    if len(rows):
        here = takers(found, rows)
        yield Layer(
            "shared",
            Text("共用土地", "Land that is shared"),
            LAND,
            "category",
            rows.assign(state="shared").set_index(_numbered("shared", len(rows))),
            value="state",
            columns=(Column("takers", Text("共用者", "Used by"), categories=here), AREA),
            categories=(Category("shared", Text("共用土地", "Land that is shared")),),
            shown=False,
        )


def _numbered(name: str, count: int) -> pd.Index:
    return pd.Index([f"{name}_{n}" for n in range(1, count + 1)], name="id", dtype=object)


def _contested(found: Found) -> Iterator[Layer]:
    """Give the pieces that several plans claim and do not share, by who claims them."""
    rows = contested(found)
    if rows.empty:
        return
    here = takers(found, rows)
    yield Layer(
        "contested",
        Text("争用土地", "Land that is contested"),
        LAND,
        "category",
        rows.assign(state="contested"),
        value="state",
        columns=(
            Column("takers", Text("争用者", "Claimed by"), categories=here),
            AREA,
            *USED,
        ),
        categories=(Category("contested", Text("争用土地", "Land that is contested")),),
        focus=True,
        binding="rules",
        sources=("townships",) if "townships" in found.county else (),
    )


def contested(found: Found) -> gpd.GeoDataFrame:
    """Give the contested pieces with the uses that would come and the rules that claims name."""
    pieces = found.land.pieces
    rows: gpd.GeoDataFrame = pieces[pieces["contested"].to_numpy()].reset_index(drop=True)
    named = [one.split(SEPARATE) for one in rows["takers"]]
    return rows.assign(
        uses=[_uses(found, names).zh for names in named],
        uses_en=[_uses(found, names).en for names in named],
        rules=[SEPARATE.join(sorted(one)) for one in _rules(found, rows, named)],
    ).set_index(_numbered("piece", len(rows)))


def _uses(found: Found, names: list[str]) -> Text:
    """Say which use of the land would come by each of some plans."""
    told = []
    for name in names:
        land = [one for one in found.runs[name].result.claims if one.kind == "land"]
        codes = sorted({one.to for one in land if one.to and one.high > 0})
        own, uses = found.titles[name], joined(_use(code) for code in codes)
        told.append(Text(f"{own.zh}：{uses.zh}", f"{own.en}: {uses.en}"))
    return joined(told, "；", "; ")


def _use(code: str) -> Text:
    """Give a use in words; one that nobody has named reads as its code."""
    return USES.get(code) or (class_title(code) if code in CLASSES else alike(code))


def _rules(found: Found, pieces: gpd.GeoDataFrame, named: list[list[str]]) -> list[set[str]]:
    """Give the rules that bind pieces: those that claims name, and on land taken where they lie.

    A zone of which nothing is known binds nothing here; rules that no run names are left out.
    """
    known = {rule.id for run in found.runs.values() for rule in run.rules}
    rules = [{rule for name in names for rule in _of_claims(found.runs[name])} for names in named]
    for code, zone in ZONES.items():
        if zone.taking in known and len(pieces):
            covered = covered_m2(pieces, bound(code, area(found.county, code)))
            for own, square_m in zip(rules, covered, strict=True):
                own.update({zone.taking} if square_m >= LEAST_M2 else ())
    return rules


def _of_claims(run: Run) -> set[str]:
    return {one.rule for one in run.result.claims if one.kind == "land" and one.rule}


def takers(found: Found, rows: gpd.GeoDataFrame) -> tuple[Category, ...]:
    """Give who claims pieces as codes with titles."""
    codes = sorted(set(rows["takers"]))
    return tuple(
        Category(code, joined((found.titles[n] for n in code.split(SEPARATE)), "＋", " + "))
        for code in codes
    )


def contested_table(found: Found) -> Table:
    """Give contested hectares by who claims them, the class of land today and the township."""
    rows = contested(found)
    records = [
        {"piece": str(label), **{key: row[key] for key in ("takers", "uses", "uses_en")}, **one}
        for label, row in rows.iterrows()
        for one in _classes(found, row.geometry)
    ]
    classes = sorted({str(one["class"]) for one in records})
    columns = (
        Column("piece", Text("图斑", "Piece")),
        Column("takers", Text("争用者", "Claimed by"), categories=takers(found, rows)),
        Column(
            "class",
            Text("现状地类", "Class today"),
            categories=tuple(Category(code, class_title(code)) for code in classes),
        ),
        Column("township", Text("乡镇", "Township"), categories=towns(found.county)),
        AREA,
        *USED,
    )
    frame = pd.DataFrame(records, columns=[one.name for one in columns])
    return Table("contested", Text("争用土地明细", "Contested land"), frame, columns)


def _classes(found: Found, shape: shapely.Geometry) -> Iterator[dict[str, object]]:
    """Give a piece by class and township; where the county has no townships, as it is."""
    if "townships" not in found.county:
        yield {"class": "unknown", "township": NOWHERE, "area_ha": float(shapely.area(shape)) / 1e4}
        return
    piece = gpd.GeoDataFrame(geometry=np.array([shape], dtype=object), crs=found.first.crs)
    land = taken(found.county, piece)
    for row in land[land["area_ha"] * 1e4 >= LEAST_M2].to_dict("records"):
        town = row["township"] or NOWHERE
        yield {"class": row["class"], "township": str(town), "area_ha": float(row["area_ha"])}
