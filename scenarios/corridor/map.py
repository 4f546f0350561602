"""Roads of a corridor on the map: alternatives, structures, land taken, minutes saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.alignment.works.tabulation import station, structures
from geo.raster import Raster
from geo.words import Text, headed
from layers.county import County
from layers.roads.edits import edited_roads
from layers.roads.obstacles import ROAD_ZONES, Policy
from layers.source import Quality
from layers.zones import ZONES, area
from scenarios.answers import backdrop
from scenarios.answers.minutes import CHANGES, TIME
from scenarios.corridor import crossings
from scenarios.corridor.codes import ALTERNATIVE, CROSSED, QUALITY, STRUCTURE, STRUCTURES, TREATED
from scenarios.corridor.crossed import KIND
from scenarios.corridor.figures import BRIDGES, COST, LENGTH, TUNNELS, figures
from scenarios.corridor.minutes import Benefit
from scenarios.corridor.road import Case, Study, centre
from scenarios.result import Category, Column, Layer

ROADS = Text("路线方案", "Alternatives")
LAND = Text("用地与管控", "Land and zones")
MEASURES = ("start_m", "end_m", "length_m", "height_m")  # of bridges and tunnels
STATIONS = (Column("from", Text("起点桩号", "From")), Column("to", Text("终点桩号", "To")))
SHOWN = (LENGTH, COST, BRIDGES, TUNNELS)  # of each alternative
RULES = (
    "roads.curves;roads.sight;roads.grades;roads.grade_lengths;roads.relief;roads.vertical_curves;"
    "roads.earthwork;roads.curve_lengths;roads.straights;roads.superelevation;roads.widening"
)


def modelled(county: County) -> bool:
    """Say whether the terrain is modelled, so that roads on it are schematic."""
    return county.sources["dem"].quality in {Quality.MODELLED, Quality.SCHEMATIC}


def layers(study: Study) -> Iterator[Layer]:
    """Give the backdrop, zones, alternatives, structures, land taken and minutes saved."""
    county, cases = study.setting.county, study.cases
    yield from backdrop.ground(county)
    towns = county.vector("townships").sort_index()
    yield backdrop.townships(county, towns, (), ("dem",))
    yield from _zones(county, study.policy)
    yield from backdrop.roads(edited_roads(county))
    if study.gained is not None:
        yield from _saved(study.best.label, study.gained)
    if "settlements" in county:
        frame = county.vector("settlements").sort_index()
        yield backdrop.settlements(county, frame, (), sources=("settlements",))
    yield from _land(county, cases)
    yield _alternatives(study)
    yield from _structures(county, cases)
    yield from _crossings(county, cases)


def _zones(county: County, policy: Policy) -> Iterator[Layer]:
    """Give the zones that are forbidden or repel, but for those drawn anyway."""
    frames = []
    for zone in ROAD_ZONES:
        layer = ZONES[zone].layer
        asked = zone in policy.forbid or zone in policy.repel_yuan_m
        if not asked or layer in {"settlements", "lake", "parcels"}:
            continue
        shapes = area(county, zone, policy.extent)
        if shapes is not None and len(shapes):
            part = shapes[["geometry"]].reset_index(drop=True)
            way = "forbidden" if zone in policy.forbid else "repels"
            frames.append(part.assign(zone=zone, treated=way, rule=ZONES[zone].taking))
    if not frames:
        return
    frame = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=county.crs)
    frame.index = pd.Index([f"zone_{number}" for number in range(1, len(frame) + 1)])
    here = tuple(
        Category(zone, headed(ZONES[zone].title))
        for zone in ROAD_ZONES
        if (frame["zone"] == zone).any()
    )
    sources = tuple(sorted({ZONES[zone].layer for zone in frame["zone"]}))
    columns = (Column("zone", Text("分区", "Zone"), categories=here), TREATED)
    yield Layer(
        "zones",
        Text("管控分区", "Zones"),
        LAND,
        "category",
        frame,
        value="zone",
        columns=columns,
        categories=here,
        sources=sources,
        binding="rule",
    )


def _alternatives(study: Study) -> Layer:
    county, cases, terms = study.setting.county, study.cases, study.setting.terms
    standard = Category(terms.code, terms.title)
    told = [figures(case, study.gained) for case in cases]
    frame = gpd.GeoDataFrame(
        {
            "alternative": [case.label for case in cases],
            "standard": terms.code,
            **{one.id: [values[one.id] for values in told] for one in SHOWN},
            "quality": "schematic" if modelled(county) else None,
            "rules": RULES,
        },
        geometry=[centre(case) for case in cases],
        crs=county.crs,
        index=pd.Index([f"road_{case.label}" for case in cases]),
    )
    columns = (
        ALTERNATIVE,
        Column("standard", Text("技术标准", "Standard"), categories=(standard,)),
        *(one.column() for one in SHOWN),
        QUALITY,
    )
    return Layer(
        "alternatives",
        ROADS,
        ROADS,
        "path",
        frame,
        value="alternative",
        columns=columns,
        categories=tuple(Category(case.label, case.title) for case in cases),
        label="alternative",
        sources=tuple(name for name in ("dem", "roads") if name in county),
        binding="rules",
    )


def _structures(county: County, cases: Sequence[Case]) -> Iterator[Layer]:
    parts = []
    for case in cases:
        built = structures(case.line, case.moved, crs=county.crs)
        parts.append(built.assign(alternative=case.label, id=f"{case.label}_" + built["id"]))
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=county.crs).set_index("id")
    frame[list(MEASURES)] = frame[list(MEASURES)].astype(float)
    frame = _stationed(frame)
    columns = (
        ALTERNATIVE,
        STRUCTURE,
        *STATIONS,
        Column("length_m", Text("长度", "Length"), "m", 1),
        Column("height_m", Text("最大高度或埋深", "Greatest height or cover"), "m", 1),
    )
    title = Text("桥梁与隧道", "Bridges and tunnels")
    here = tuple(one for one in STRUCTURES if (frame["structure"] == one.code).any())
    if len(frame):
        yield Layer(
            "structures",
            title,
            ROADS,
            "path",
            frame,
            value="structure",
            columns=columns,
            categories=here,
            sources=("dem",),
        )


def _crossings(county: County, cases: Sequence[Case]) -> Iterator[Layer]:
    """Give what the alternatives cross, as points."""
    frame = crossings.points(cases, county)
    if len(frame):
        here = tuple(one for one in KIND.categories if (frame["crossing"] == one.code).any())
        yield Layer(
            "crossings",
            Text("交叉与涵洞", "Crossings and culverts"),
            ROADS,
            "place",
            frame,
            value="crossing",
            columns=(
                ALTERNATIVE,
                Column("station", Text("桩号", "Station")),
                KIND,
                *CROSSED,
            ),
            categories=here,
            shown=False,
            sources=tuple(name for name in ("dem", "roads") if name in county),
            rules=("roads.clearance", "roads.floods"),
        )


def _stationed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Write where stretches begin and end as on kilometre posts."""
    ends = {"from": frame["start_m"], "to": frame["end_m"]}
    return frame.assign(**{name: [station(m) for m in metres] for name, metres in ends.items()})


def _land(county: County, cases: Sequence[Case]) -> Iterator[Layer]:
    """Give the land of the chosen road, which the plan claims, and that of the others."""
    yield _footprint(
        county,
        cases[:1],
        "footprint",
        Text("用地范围（含边坡）", "Land taken, side slopes included"),
    )
    if len(cases) > 1:
        words = Text("其他方案用地范围（含边坡）", "Land of the other alternatives")
        yield _footprint(county, cases[1:], "footprint_others", words)


def _footprint(county: County, cases: Sequence[Case], name: str, title: Text) -> Layer:
    parts = [case.land.assign(alternative=case.label) for case in cases]
    frame = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=county.crs)
    counts = frame.groupby("alternative").cumcount() + 1
    frame.index = pd.Index(frame["alternative"] + "_land_" + counts.astype(str))
    frame["area_ha"] = frame["area_m2"] / 1e4
    frame = _stationed(frame)
    columns = (
        ALTERNATIVE,
        STRUCTURE,
        *STATIONS,
        Column("area_ha", Text("面积", "Area"), "ha", 3),
    )
    return Layer(
        name,
        title,
        LAND,
        "category",
        frame,
        value="structure",
        columns=columns,
        categories=tuple(one for one in STRUCTURES if (frame["structure"] == one.code).any()),
        shown=False,
        sources=("dem",),
    )


def _saved(label: str, gained: Benefit) -> Iterator[Layer]:
    """Give the change of minutes to the county seat with the cheapest road."""
    before, after = gained.surfaces[""], gained.surfaces[label]
    change = Raster(np.subtract(after.values, before.values, dtype=np.float32), before.grid)
    title = Text(f"到县城时间变化（方案{label}）", f"Change of minutes to the county seat, {label}")
    yield Layer(
        "change_county_seat",
        title,
        TIME,
        "change",
        change,
        unit="min",
        breaks=CHANGES,
        side="difference",
        better="lower",
        shown=False,
        sources=("dem", "roads", "seats", "settlements"),
    )
