"""Layers and tables of the watch over the park."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from geo.words import Text, headed
from layers.catalog import CATALOG
from layers.county import County
from scenarios.answers import backdrop, near_best
from scenarios.answers.alternatives import stacked
from scenarios.park_watch.outlook import (
    UNKNOWN,
    ZONES,
    Outlook,
    blind_spots,
    by_zone,
    towers,
)
from scenarios.result import Category, Column, Layer, Table

WATCH = Text("天空地监测", "Watch over the park")
PARK_ZONES = tuple(Category(code, headed(ZONES[code])) for code in ("core", "general"))
BLIND = (
    Category("core", Text("盲区：核心保护区", "Blind, core zone")),
    Category("general", Text("盲区：一般控制区", "Blind, general zone")),
    Category("unknown", Text("未知：地形缺失", "Unknown: terrain is missing")),
)
SEEN = (
    Category("2", Text("两座及以上看到", "Seen by two towers or more")),
    Category("0", Text("看不到", "Not seen")),
    Category("1", Text("一座塔看到", "Seen by one tower")),
    Category("3", Text("未知：地形缺失", "Unknown: terrain is missing")),
)
"""Codes are values of cells; the last stands for what is not known."""
PLACE = (
    Column("x", Text("东坐标", "Easting"), "m", 0),
    Column("y", Text("北坐标", "Northing"), "m", 0),
)
TOWER_COLUMNS = (
    *PLACE,
    Column("height_m", Text("地面高程", "Ground height"), "m", 0),
    Column("seen_ha", Text("通视公园面积", "Sees of the park"), "ha", 2),
    Column("alone_percent", Text("缺它则失去（加权）", "Lost without it (weighted)"), "%", 1),
)
POINT_COLUMNS = (
    *PLACE,
    Column("reach_ha", Text("覆盖盲区", "Blind area in reach"), "ha", 2),
    Column("alone_ha", Text("仅由它覆盖", "By it alone"), "ha", 2),
)
ZONE_COLUMNS = (
    Column(
        "zone",
        Text("分区", "Zone"),
        categories=tuple(Category(code, headed(one)) for code, one in ZONES.items()),
    ),
    Column("area_ha", Text("面积", "Area"), "ha", 2),
    Column("covered_ha", Text("覆盖", "Covered"), "ha", 2),
    Column("blind_ha", Text("盲区", "Blind"), "ha", 2),
    Column("unknown_ha", Text("未知", "Unknown"), "ha", 2),
    Column("covered_percent", Text("覆盖率", "Covered"), "%", 1),
)


def layers(county: County, plans: Sequence[Outlook], sources: tuple[str, ...]) -> Iterator[Layer]:
    """Give the map: ground, park, and of each plan what is seen, blind spots, places."""
    park = plans[0].watched.park
    yield from backdrop.ground(county)
    if "townships" in county:
        frame = county.vector("townships").sort_index()
        yield backdrop.townships(county, frame, (), ())
    yield Layer(
        "park",
        headed(CATALOG["park"].title),
        WATCH,
        "boundary",
        park,
        value="zone",
        categories=tuple(one for one in PARK_ZONES if (park["zone"] == one.code).any()),
        focus=True,
        sources=("park",),
    )
    for one in plans:
        for layer in _of_plan(one, sources):
            yield layer if one is plans[0] else replace(layer, shown=False)


def _of_plan(outlook: Outlook, sources: tuple[str, ...]) -> Iterator[Layer]:
    """Give the layers of a plan, with its code and title where there are several."""
    whose = near_best.title(outlook.code)
    for one in (_seen(outlook, sources), *_blind(outlook, sources), *_places(outlook, sources)):
        own = Text(f"{one.title.zh} · {whose.zh}", f"{one.title.en}: {whose.en}")
        name, code = outlook.layer(one.id), outlook.code
        yield replace(one, id=name, title=own, alternative=code) if code else one


def _seen(outlook: Outlook, sources: tuple[str, ...]) -> Layer:
    count = np.minimum(outlook.count, 2)
    count = np.where(outlook.state == UNKNOWN, len(SEEN) - 1, count).astype(np.float32)
    return Layer(
        "seen",
        Text("通视塔数", "Seen by how many towers"),
        WATCH,
        "category",
        outlook.watched.raster(count),
        categories=tuple(one for one in SEEN if (count == float(one.code)).any()),
        sources=sources,
    )


LAYERS = {"candidate": "candidates", "patrol": "patrol", "tower": "towers"}
"""The layer of each kind of place."""


def _blind(outlook: Outlook, sources: tuple[str, ...]) -> Iterator[Layer]:
    frame = blind_spots(outlook)
    if len(frame):
        yield Layer(
            "blind",
            Text("盲区", "Blind spots"),
            WATCH,
            "category",
            frame,
            value="state",
            columns=(Column("area_ha", Text("面积", "Area"), "ha", 2),),
            categories=tuple(one for one in BLIND if (frame["state"] == one.code).any()),
            shown=False,
            sources=sources,
        )


def _places(outlook: Outlook, sources: tuple[str, ...]) -> Iterator[Layer]:
    """Give candidates that were not chosen, patrol points and towers."""
    chosen = towers(outlook)
    rest = outlook.sites.drop(index=chosen.index)
    for name, title, frame, columns in (
        ("candidate", Text("候选塔址（未选）", "Candidates, not chosen"), rest, ()),
        ("patrol", Text("巡护或无人机点", "Patrol or drone points"), outlook.points, POINT_COLUMNS),
        ("tower", Text("瞭望塔", "Watch towers"), chosen, TOWER_COLUMNS),
    ):
        if len(frame):
            drawn = frame[["geometry", *(one.name for one in columns)]].assign(
                kind=name, label=frame.index.astype(str)
            )
            yield Layer(
                LAYERS[name],
                title,
                WATCH,
                "place",
                drawn,
                value="kind",
                columns=columns,
                categories=(Category(name, title),),
                label="label" if name == "tower" else "",
                shown=name != "candidate",
                sources=sources,
            )


def tables(plans: Sequence[Outlook]) -> Iterator[Table]:
    """Give the curve, and towers, zones and patrol points of each plan."""
    yield from _curve(plans[0])
    if len(plans) == 1:
        yield from _tables(plans[0])
    else:
        titles = {one.code: near_best.title(one.code) for one in plans}
        yield from stacked({one.code: tuple(_tables(one)) for one in plans}, titles)


def _curve(outlook: Outlook) -> Iterator[Table]:
    total = max(int(outlook.watched.weight.sum()), 1)
    rows = [
        {
            "towers": one.number,
            "covered": 100 * one.covered / total,
            "bound": 100 * one.most / total,
            "gap": 100 * one.gap,
        }
        for one in outlook.curve
    ]
    curve = pd.DataFrame(rows, columns=["towers", "covered", "bound", "gap"])
    columns = (
        Column("towers", Text("塔数", "Towers")),
        Column("covered", Text("加权覆盖率", "Weighted cover"), "%", 1),
        Column("bound", Text("理论上限", "Bound"), "%", 1),
    )
    title = Text("塔数与覆盖率", "Cover by number of towers")
    taken = curve["towers"] == len(outlook.chosen.chosen)
    yield Table("curve", title, curve.assign(chosen=taken), columns, chart="curve")
    exact = (*columns, Column("gap", Text("距上限", "Gap to the bound"), "%", 4))
    yield Table("proof", Text("各塔数的上限", "Bound for each number"), curve, exact)


def _tables(outlook: Outlook) -> Iterator[Table]:
    """Give towers, zones and patrol points of a plan."""
    named = Column("tower", Text("塔址", "Place"))
    frame = towers(outlook).drop(columns="geometry").rename_axis("tower").reset_index()
    kept = ["tower", *(one.name for one in TOWER_COLUMNS)]
    yield Table(
        "towers", Text("瞭望塔", "Towers"), pd.DataFrame(frame)[kept], (named, *TOWER_COLUMNS)
    )
    zones = by_zone(outlook).rename_axis("zone").reset_index()
    yield Table(
        "zones", Text("各分区的覆盖与盲区", "Cover and blind area by zone"), zones, ZONE_COLUMNS
    )
    points = outlook.points.drop(columns="geometry").rename_axis("point").reset_index()
    names = (Column("point", Text("点位", "Point")), *POINT_COLUMNS)
    if len(points):
        title = Text("巡护或无人机点", "Patrol or drone points")
        yield Table("patrol", title, pd.DataFrame(points), names)
