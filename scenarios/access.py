"""Who reaches the county seat, a school and a hospital in how many minutes, now and after edits.

Question: travel time from every settlement to the nearest of each service, before and after roads
are opened, closed or added. Measure 4 of the policy asks for roads.

Method: roads by class and speed, expressways entered at interchanges only; elsewhere on foot over
the terrain at Tobler's speed, 6 exp(-3.5 |s + 0.05|) km/h (Tobler 1993), uphill and downhill apart,
towards the service; the least time over roads and terrain together (`geo.travel.traveltime`).

Limits: no waiting, parking, congestion or bus; terrain averaged over a cell; rivers are crossed on
foot, the lake is not; slopes above 2 m/m are not walked. Thresholds are closed: exactly 30 minutes
is within 30. Who has no way at all counts as beyond every threshold, is named, and is left out of
means and Gini. Where heights are missing nothing is known: who has no way but for unknown ground is
unknown, named, and in no figure. Without settlements everything is by area instead of people, and
says so. Ground steeper than 0.29 is climbed in zigzags. A walk straight to a service (75 cells) or
a road (4 cells) is exact in every direction; one that bends turns in 16, on the level up to 2.8 %
too long, along a steep slope more.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from geo.raster import Raster
from geo.words import NO_TEXT, Text, alike
from layers import travel
from layers.county import County
from layers.ground import covered, heights, lake, undecided
from layers.people.services import SERVICES, demand, offering
from layers.roads.edits import drawn_roads, edited_roads, roads_after
from scenarios.answers import backdrop, parameters
from scenarios.answers.minutes import Goals, Reach, layers, tables
from scenarios.answers.verdicts import answer, checks, metrics
from scenarios.contract import PLANNER, Params, Scenario, param
from scenarios.result import Check, Edit, Result

Service = Literal[
    "county_seat",
    "school",
    "hospital",
    "primary_school",
    "middle_school",
    "high_school",
    "clinic",
    "hospital_or_clinic",
]
RoadClass = Literal["expressway", "national", "provincial", "county", "township", "village"]
Speed = Annotated[float, Field(ge=1, le=120)]
Minutes = Annotated[float, Field(gt=0, le=600)]


class Access(Params):
    """What can be asked for."""

    services: Annotated[tuple[Service, ...], Field(min_length=1, max_length=8)] = param(
        ("county_seat", "school", "hospital"), zh="服务", en="services", unit="", source=PLANNER
    )
    county_seat: str = parameters.county_seat()
    open_roads: tuple[str, ...] = param(
        (),
        zh="开通的规划道路编号",
        en="ids of planned roads to open",
        unit="",
        source=PLANNER,
    )
    close_roads: tuple[str, ...] = param(
        (), zh="关闭的道路编号", en="ids of roads to close", unit="", source=PLANNER
    )
    add_roads: dict[str, Any] | None = param(
        None,
        zh="新增道路（GeoJSON 线，含 class、speed_kmh）",
        en="roads to add (GeoJSON lines with class and speed_kmh)",
        unit="",
        source=PLANNER,
        file="geojson",
    )
    snap_m: Annotated[float, Field(ge=0, le=500)] = param(
        50,
        zh="新增道路端点接入距离",
        en="ends of added roads join roads within",
        unit="m",
        source=PLANNER,
    )
    class_speed_kmh: dict[RoadClass, Speed] = param(
        {},
        zh="按等级改写车速",
        en="speed by class, instead of the layer's",
        unit="km/h",
        source="JTG B01-2014, unverified",
    )
    speed_factor: Annotated[float, Field(ge=0.1, le=2)] = param(
        1, zh="行车速度系数", en="factor on driving speeds", unit="", source=PLANNER
    )
    walk_factor: Annotated[float, Field(ge=0.1, le=2)] = param(
        1,
        zh="步行速度系数（无路径处 0.6）",
        en="factor on walking speed (0.6 off paths)",
        unit="",
        source="Tobler 1993",
    )
    lake: str = parameters.lake()
    thresholds_min: Annotated[tuple[Minutes, ...], Field(min_length=1, max_length=6)] = param(
        (15, 30, 60), zh="时间阈值（含）", en="thresholds, closed", unit="min", source=PLANNER
    )
    target_min: Minutes = param(
        60, zh="目标时间（含）", en="target time, closed", unit="min", source=PLANNER
    )
    target_share: Annotated[float, Field(ge=0, le=100)] = param(
        90,
        zh="目标时间内人口比例",
        en="share of people to be within the target time",
        unit="%",
        source=PLANNER,
    )
    worst: Annotated[int, Field(ge=1, le=500)] = param(
        20,
        zh="列出最不便居民点数",
        en="how many worst-served settlements to list",
        unit="",
        source=PLANNER,
    )
    cell_m: Annotated[float, Field(ge=30, le=500)] = param(
        60, zh="分析像元边长", en="side of a cell of the analysis", unit="m", source=PLANNER
    )


def run(county: County, params: Access) -> Result:
    """Answer the question for a county; pure."""
    dem = heights(county, params.cell_m)
    water, inside = lake(county, params.lake, dem.grid), covered(county, "outline", dem.grid)
    roads = edited_roads(
        county,
        opened=params.open_roads,
        closed=params.close_roads,
        added=drawn_roads(params.add_roads, county.crs),
        within_m=params.snap_m,
    )
    own = roads["class"].map(params.class_speed_kmh).astype(float)
    roads["speed_kmh"] = own.fillna(roads["speed_kmh"]) * params.speed_factor
    targets = {
        service: offering(county, service, county_seat=params.county_seat)
        for service in dict.fromkeys(params.services)
    }
    places = demand(county, dem.grid)
    minutes, surfaces = pd.DataFrame(index=places.index), {}
    sides = ("before", "after") if (roads["before"] != roads["after"]).any() else ("after",)
    ours = inside | covered(county, "townships", dem.grid)
    unsure = _at(undecided(dem, ours, water), dem, places)
    for side in sides:
        ground = travel.ways(dem, roads[roads[side]], water=water, walk_factor=params.walk_factor)
        for service, points in targets.items():
            if points is not None:
                way = travel.minutes(ground, points)
                found = way.at(places)
                minutes[f"{service}_{side}"] = np.where(np.isinf(found) & unsure, np.nan, found)
                surfaces[f"{service}_{side}"] = way.cells(inside)
    known = [f"{name}_{side}" for name in targets for side in sides if targets[name] is not None]
    limits = tuple(sorted(set(params.thresholds_min)))
    goals = Goals(limits, params.target_min, params.target_share, params.worst)
    reach = Reach(county, goals, roads, places, minutes[known], surfaces)
    without = [service for service, points in targets.items() if points is None]
    return Result(
        tuple(layers(reach)),
        tuple(tables(reach)),
        tuple(metrics(reach, without)),
        (*checks(reach), *backdrop.uncovered(county), *_gaps(params, county, roads, without)),
        answer=answer(reach, without),
        edits=tuple(_edits(county, params)),
    )


def _edits(county: County, params: Access) -> Iterator[Edit]:
    """Give the roads as they would be where they are edited."""
    after = roads_after(
        county,
        opened=params.open_roads,
        closed=params.close_roads,
        added=drawn_roads(params.add_roads, county.crs),
        within_m=params.snap_m,
    )
    if after is not None:
        yield Edit("roads", after)


def _at(cells: NDArray[np.bool_], dem: Raster, places: pd.DataFrame) -> NDArray[np.bool_]:
    """Say of each place what is said of its cell; outside the grid nothing is known: true."""
    rows, columns = dem.grid.index(places["x"].to_numpy(), places["y"].to_numpy())
    said = np.ones(len(places), dtype=bool)
    within = dem.grid.inside(rows, columns)
    said[within] = cells[rows[within], columns[within]]
    return said


def _gaps(
    params: Access, county: County, roads: gpd.GeoDataFrame, without: Iterable[str]
) -> Iterator[Check]:
    """Name what could not be worked out: layers, services and roads that are not there."""
    yield from backdrop.missing(county, SCENARIO.uses)
    yield from backdrop.no_such_lake(county, params.lake)
    for service in without:
        name, kinds = SERVICES[service]
        title = Text(f"没有{name.zh}的位置，未计算", f"No place of a {name.en}; not worked out")
        layer = "facilities" if kinds else "seats"
        remedy = backdrop.importing(layer)
        if layer in county:
            remedy = Text("--set county_seat=乡镇代码", "--set county_seat=CODE")
            if kinds:
                remedy = alike(f"facilities: {' / '.join(kinds)}")
        yield Check(f"no_{service}", title, "unknown", NO_TEXT, NO_TEXT, remedy=remedy)
    unknown = sorted({*params.open_roads, *params.close_roads} - set(roads.index))
    if unknown:
        title = Text("要开通或关闭的道路不存在", "Roads to open or close do not exist")
        yield Check(
            "roads_to_edit",
            title,
            "unknown",
            alike(", ".join(unknown)),
            NO_TEXT,
            remedy=_nearest(unknown, roads.index),
        )


def _nearest(unknown: Iterable[str], known: Iterable[str]) -> Text:
    """Suggest ids of roads for those that are none; nothing where none is near."""
    near = (difflib.get_close_matches(one, map(str, known), n=1) for one in unknown)
    names = ", ".join(dict.fromkeys(name for names in near for name in names))
    return Text(f"是否指 {names}？", f"did you mean {names}?") if names else NO_TEXT


SCENARIO = Scenario(
    title=Text("公共服务可达性", "Access to services"),
    question=Text(
        "谁能在多少分钟内到达县城、学校和医院？开通、新增或关闭道路会带来什么变化？",
        "Who reaches the county seat, a school and a hospital in how many minutes, and what would "
        "roads change that are opened, added or closed?",
    ),
    method=(
        "方法：道路按等级与车速行驶，高速公路只在互通出入；其余地面按托布勒步速"
        " 6 exp(-3.5 |s + 0.05|) km/h 步行（Tobler 1993），上下坡有别，方向朝向服务设施；取道路"
        "与地面合在一起的最短时间。\n\n"
        "局限：不计候车、停车、拥堵与公交；地形为像元平均；河流可涉过，水库不可；坡度大于"
        " 2 m/m 不可行走。阈值含端点：恰好 30 分钟算在 30 分钟内。无路可达者视为超过所有阈值并"
        "点名，不计入平均与基尼系数。缺高程处为未知，点名而不计入任何数字。没有居民点图层时全部"
        "按面积计并注明。坡度大于 0.29 处按之字形上行。直走到服务设施（75 个像元）或道路（4 个"
        "像元）的距离各方向精确；有转折的按 16 方向，平地至多偏长 2.8 %，陡坡上偏长更多。"
    ),
    measures=(4, 8, 9),
    needs=("dem", "outline", "townships"),
    uses=("seats", "roads", "settlements", "facilities", "lake", "rivers"),
    params=Access,
    run=run,
)
