"""The map of a strategy: the backdrop, each plan's land, and where plans contest it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.words import Text, joined
from layers.land.classes import class_title
from layers.land.taken import taken
from scenarios.answers.claimed import claimed
from scenarios.result import Category, Column, Layer, Table
from scenarios.several.strategy.found import Found
from scenarios.several.strategy.land import polygons

BASE = frozenset({"outline", "hillshade", "water"})
TOWNSHIPS = "townships"
LAND = Text("规划用地", "Land of the plans")
PLAN = Column("plan", Text("规划", "Plan"))
AREA = Column("area_ha", Text("面积", "Area"), "ha", 4)
SEPARATE = ";"


def layers(found: Found) -> Iterator[Layer]:
    """Give the backdrop of the first run, the land of each plan, and what is contested."""
    for layer in found.first.result.layers:
        if layer.meaning in BASE:
            yield replace(layer, focus=False)
        elif layer.id == TOWNSHIPS:
            yield replace(layer, focus=False, columns=(), binding="")
    yield from _land(found)
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
            rows.append({"plan": name, "measures": measures, "area_ha": union.area / 1e4})
            sources |= {source for one in own for source in one.layer.sources}
    if not rows:
        return
    frame = gpd.GeoDataFrame(pd.DataFrame(rows), geometry=shapes, crs=found.first.crs)
    here = tuple(one for one in found.categories if one.code in set(frame["plan"]))
    yield Layer(
        "land",
        Text("各规划用地", "Land of each plan"),
        LAND,
        "category",
        frame.set_index("plan", drop=False).rename_axis("id"),
        value="plan",
        columns=(
            replace(PLAN, categories=here),
            Column("measures", Text("举措", "Measures")),
            AREA,
        ),
        categories=here,
        focus=True,
        sources=tuple(sorted(sources)),
    )


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
        rows,
        value="takers",
        columns=(
            Column("takers", Text("争用者", "Claimed by"), categories=here),
            AREA,
            Column("uses", Text("拟作用途", "Uses that come")),
        ),
        categories=here,
        focus=True,
        binding="rules",
        sources=("townships",) if "townships" in found.county else (),
    )


def contested(found: Found) -> gpd.GeoDataFrame:
    """Give the contested pieces with the uses that would come and the rules that claims name."""
    pieces = found.land.pieces
    rows: gpd.GeoDataFrame = pieces[pieces["contested"].to_numpy()].reset_index(drop=True)
    named = [one.split(SEPARATE) for one in rows["takers"]]
    labels = [f"piece_{number}" for number in range(1, len(rows) + 1)]
    return rows.assign(
        uses=["；".join(_uses(found, names)) for names in named],
        rules=[SEPARATE.join(sorted(_rules(found, names))) for names in named],
    ).set_index(pd.Index(labels, name="id", dtype=object))


def _uses(found: Found, names: list[str]) -> Iterator[str]:
    for name in names:
        land = [one for one in found.runs[name].result.claims if one.kind == "land"]
        yield f"{name}: {'、'.join(sorted({one.to for one in land if one.to and one.high > 0}))}"


def _rules(found: Found, names: list[str]) -> set[str]:
    """Give the rules that bind the land of plans: of its claims, and of the park where it binds."""
    claims = [one for name in names for one in found.runs[name].result.claims]
    return {one.rule for one in claims if one.kind == "land" and one.rule}


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
        {"piece": str(label), "takers": row["takers"], "uses": row["uses"], **one}
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
        Column("township", Text("乡镇", "Township")),
        AREA,
        Column("uses", Text("拟作用途", "Uses that come")),
    )
    frame = pd.DataFrame(records, columns=[one.name for one in columns])
    return Table("contested", Text("争用土地明细", "Contested land"), frame, columns)


def _classes(found: Found, shape: shapely.Geometry) -> Iterator[dict[str, object]]:
    """Give a piece by class and township; where the county has no townships, as it is."""
    if "townships" not in found.county:
        yield {"class": "unknown", "township": "", "area_ha": float(shapely.area(shape)) / 1e4}
        return
    piece = gpd.GeoDataFrame(geometry=np.array([shape], dtype=object), crs=found.first.crs)
    names = found.county.vector("townships")["name"]
    for row in taken(found.county, piece).to_dict("records"):
        name = names.get(row["township"], "")
        yield {"class": row["class"], "township": str(name), "area_ha": float(row["area_ha"])}
