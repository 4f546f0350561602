"""Roads of a corridor on the map: alternatives, structures, land taken, minutes saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.alignment.works.tabulation import station, structures
from geo.raster import Raster
from geo.words import Text, headed
from layers.county import County
from layers.roads.edits import edited_roads
from layers.roads.obstacles import ROAD_ZONES, Policy
from layers.source import Quality
from layers.zones import ZONES, area
from scenarios.answers import backdrop
from scenarios.answers.minutes import CHANGES, TIME, WHEN
from scenarios.corridor import crossings
from scenarios.corridor.codes import ALTERNATIVE, CROSSED, QUALITY, STRUCTURE, STRUCTURES, TREATED
from scenarios.corridor.crossed import KIND
from scenarios.corridor.figures import BRIDGES, COST, LENGTH, TUNNELS, figures
from scenarios.corridor.minutes import Benefit
from scenarios.corridor.parts import CONFLICTS, conflict
from scenarios.corridor.resort import SMALLEST_HA
from scenarios.corridor.road import Case, Study, centre
from scenarios.result import Category, Column, Layer, Side

ROADS = Text("路线方案", "Alternatives")
LAND = Text("用地与管控", "Land and zones")
MEASURES = ("start_m", "end_m", "length_m", "height_m")  # of bridges and tunnels
STATIONS = (Column("from", Text("起点桩号", "From")), Column("to", Text("终点桩号", "To")))
LIMITS = (15.0, 30.0, 45.0, 60.0, 90.0, 120.0)  # min
USED = ("dem", "roads", "seats", "settlements")
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
        yield from _minutes(cases, study.gained)
    if "settlements" in county:
        frame = county.vector("settlements").sort_index()
        yield backdrop.settlements(county, frame, (), sources=("settlements",))
    yield from _land(county, cases)
    yield from _conflicts(county, cases, study.policy)
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
        side="planned",
        focus=True,
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
            side="planned",
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
            side="planned",
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
        Column("area_ha", Text("面积", "Area"), "ha", 2),
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
        side="planned",
        shown=False,
        sources=("dem",),
    )


def _conflicts(county: County, cases: Sequence[Case], policy: Policy) -> Iterator[Layer]:
    """Give what roads take of each zone whose taking a rule judges, as shapes."""
    rows = []
    for case in cases:
        land = case.land.union_all()
        for zone in ROAD_ZONES:
            area_ha = float(case.zones.loc[zone, "area_ha"])
            near = area(county, zone, policy.extent) if area_ha > SMALLEST_HA else None
            if ZONES[zone].taking and near is not None:
                near = near.iloc[near.sindex.query(land, predicate="intersects")]
                shape = _areal(land.intersection(near.union_all()))
                rows.append((conflict(case, zone), case.label, zone, area_ha, shape))
    if not rows:
        return
    names = ["id", "alternative", "zone", "area_ha", "geometry"]
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=names), crs=county.crs).set_index("id")
    here = tuple(
        Category(zone, headed(ZONES[zone].title))
        for zone in ROAD_ZONES
        if (frame["zone"] == zone).any()
    )
    yield Layer(
        CONFLICTS,
        Text("占用管控分区的用地", "Land taken of zones"),
        LAND,
        "category",
        frame,
        value="zone",
        columns=(
            ALTERNATIVE,
            Column("zone", Text("分区", "Zone"), categories=here),
            Column("area_ha", Text("面积", "Area"), "ha", 2),
        ),
        categories=here,
        side="planned",
        shown=False,
        sources=tuple(sorted({ZONES[zone].layer for zone in frame["zone"]})),
        rules=tuple(dict.fromkeys(ZONES[zone].taking for zone in frame["zone"])),
    )


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Leave out lines and points, where borders touch."""
    parts = shapely.get_parts(shapely.make_valid(shape))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def _minutes(cases: Sequence[Case], gained: Benefit) -> Iterator[Layer]:
    """Give minutes to the county seat now, with each road, and what each changes."""
    before = gained.surfaces[""]
    yield _surface("time_county_seat_before", before, WHEN["before"], "before")
    for case in cases:
        after, label = gained.surfaces[case.label], case.label
        yield _surface(f"time_county_seat_after_{label}", after, case.title, "after", of=label)
        yield Layer(
            f"change_county_seat_{label}",
            Text(
                f"到县城时间变化（{case.title.zh}）",
                f"Change of minutes to the county seat, {case.title.en.lower()}",
            ),
            TIME,
            "change",
            Raster(np.subtract(after.values, before.values, dtype=np.float32), before.grid),
            unit="min",
            breaks=CHANGES,
            side="difference",
            better="lower",
            shown=False,
            sources=USED,
            alternative=label,
        )


def _surface(name: str, minutes: Raster, when: Text, side: Side, *, of: str = "") -> Layer:
    return Layer(
        name,
        Text(f"到县城时间 · {when.zh}", f"Minutes to the county seat, {when.en.lower()}"),
        TIME,
        "amount",
        minutes,
        unit="min",
        breaks=LIMITS,
        side=side,
        shown=False,
        sources=USED,
        alternative=of,
    )
