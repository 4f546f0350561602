"""Where watch towers see most of the park, what stays blind, and how patrols reach that.

Question: from which k places do watch towers see most of the park, weighted by zone and risk, by
one tower or by two; how does the cover grow with their number; what is blind, and which patrol or
drone points reach most of it? Measure 3 of the policy asks for sensing from sky, air and ground.

Method: exact lines of sight over the terrain, with the Earth's curve and refraction
(`geo.siting.viewshed`), from the planner's own places, from the county's layer `tower_sites`, or,
where it has none, from modelled ridge candidates (prominent cells by topographic position, Weiss
2001, thinned by a least distance: `layers.towers`). Of all choices of k the best, by maximal cover
(Church and ReVelle 1974; `geo.siting.locate`) with its bound, for each number of towers; cells that
the same candidates see are one demand, so that the answer is exact. A cell is worth its zone's
weight, times a factor near existing roads and settlements: where people are, fires start and
trespassers come from. That weight is modelled, not surveyed. Patrol points cover what is blind
within a radius in plan, by the same method.

Limits: bare terrain: no trees, no houses, no haze; a cell is seen at its centre, a target's height
above ground. Nobody has visited the candidates: roads, power, land and soil are not looked at. The
best is the best among the candidates. What needs terrain of unknown height is unknown. Radii of
patrols are no flight paths. Towers in the core zone are left out unless asked for.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import chain
from typing import Annotated, Any, Literal

import geopandas as gpd
from pydantic import Field

from geo.errors import InfeasibleError
from geo.siting.viewshed import Sight
from geo.words import Text
from layers.county import County
from layers.ground import heights
from layers.source import Quality
from layers.towers import Ridges, ridges
from scenarios.answers import backdrop, parameters
from scenarios.answers.alternatives import told_of_each
from scenarios.contract import PLANNER, Params, Scenario, param
from scenarios.park_watch import map as drawn
from scenarios.park_watch import near, told
from scenarios.park_watch.ground import Watched, Weights, given, watched
from scenarios.park_watch.outlook import BLIND, Outlook
from scenarios.park_watch.proof import proofs, recheck
from scenarios.park_watch.towers import WORK, States, Wanted, curve, patrol, states
from scenarios.result import Result

SITES = "tower_sites"
UNVERIFIED = Text("规划人员选定，未核实", "planner's choice, unverified")


class ParkWatch(Params):
    """What can be asked for."""

    towers: Annotated[int, Field(ge=1, le=20)] = param(
        4, zh="瞭望塔座数", en="watch towers", unit="count", source=PLANNER
    )
    covers: Annotated[int, Field(ge=1, le=2)] = param(
        1, zh="每处至少通视的塔数", en="towers that must see a place", unit="count", source=PLANNER
    )
    curve_to: Annotated[int, Field(ge=1, le=20)] = param(
        12, zh="曲线上的最多塔数", en="curve of cover up to", unit="count", source=PLANNER
    )
    target_percent: Annotated[float, Field(ge=0, le=100)] = param(
        80,
        zh="加权覆盖率目标（含）",
        en="weighted cover asked for, closed",
        unit="%",
        source=PLANNER,
    )
    sites: dict[str, Any] | None = param(
        None,
        zh="自定候选塔址（GeoJSON 点，可含 id；空为按 candidates）",
        en="your own candidates (GeoJSON points, id if any; none: as candidates says)",
        unit="",
        source=PLANNER,
        file="geojson",
    )
    candidates: Literal["layer", "terrain"] = param(
        "layer",
        zh="候选塔址来源：layer 为图层 tower_sites（县里没有时由地形推算），terrain 为由地形推算",
        en="candidates: layer (tower_sites; from the terrain where there is none), or terrain",
        unit="",
        source=PLANNER,
    )
    ridge_m: Annotated[float, Field(ge=100, le=1000)] = param(
        300,
        zh="地形位置指数半径（仅用于由地形推算）",
        en="radius of topographic position (candidates from the terrain alone)",
        unit="m",
        source="Weiss 2001",
    )
    apart_m: Annotated[float, Field(ge=500, le=5000)] = param(
        900,
        zh="候选点最小间距（仅用于由地形推算）",
        en="least distance between candidates (from the terrain alone)",
        unit="m",
        source=PLANNER,
    )
    beyond_m: Annotated[float, Field(ge=0, le=3000)] = param(
        1000,
        zh="候选点距公园至多（仅用于由地形推算）",
        en="candidates outside the park within (from the terrain alone)",
        unit="m",
        source=PLANNER,
    )
    in_core: bool = param(
        False,
        zh="核心保护区内可设塔",
        en="towers may stand in the core zone",
        unit="",
        source="国家公园管理暂行办法（2022）",
    )
    eye_m: Annotated[float, Field(ge=0, le=100)] = param(
        25, zh="塔上观测高度", en="height of the eye on a tower", unit="m", source=UNVERIFIED
    )
    target_m: Annotated[float, Field(ge=0, le=100)] = param(
        10,
        zh="目标离地高度（如林冠上的烟）",
        en="height of what is looked for, such as smoke over crowns",
        unit="m",
        source=UNVERIFIED,
    )
    range_m: Annotated[float, Field(ge=500, le=20000)] = param(
        8000, zh="观测距离（含）", en="range of sight, closed", unit="m", source=UNVERIFIED
    )
    refraction: Annotated[float, Field(ge=0, le=0.5)] = param(
        0.13, zh="大气折光系数", en="coefficient of refraction", unit="", source="Gauss"
    )
    core_weight: Annotated[int, Field(ge=1, le=10)] = param(
        2, zh="核心保护区权重", en="weight of the core zone", unit="", source=PLANNER
    )
    general_weight: Annotated[int, Field(ge=1, le=10)] = param(
        1, zh="一般控制区权重", en="weight of the general zone", unit="", source=PLANNER
    )
    near_factor: Annotated[int, Field(ge=1, le=10)] = param(
        2,
        zh="靠近道路或居民点的权重倍数（推算的风险）",
        en="factor on weight near roads or settlements (modelled risk)",
        unit="",
        source=UNVERIFIED,
    )
    near_m: Annotated[float, Field(ge=0, le=5000)] = param(
        500, zh="靠近的距离（含）", en="near is within, closed", unit="m", source=UNVERIFIED
    )
    patrol_points: Annotated[int, Field(ge=0, le=30)] = param(
        6, zh="巡护或无人机点数", en="patrol or drone points", unit="count", source=PLANNER
    )
    patrol_m: Annotated[float, Field(ge=500, le=10000)] = param(
        1000, zh="巡护或无人机半径（含）", en="their radius, closed", unit="m", source=UNVERIFIED
    )
    near_best: parameters.NearBest = parameters.near_best()
    near_percent: parameters.NearPercent = parameters.near_percent()
    rule_date: date = parameters.rule_date(date(2025, 1, 1))
    effort: Annotated[int, Field(ge=1, le=20)] = param(
        1, zh="求解工作量倍数", en="work that a search may do, times", unit="", source=PLANNER
    )
    cell_m: Annotated[float, Field(ge=50, le=500)] = param(
        60, zh="分析像元边长", en="side of a cell of the analysis", unit="m", source=PLANNER
    )


def run(county: County, params: ParkWatch) -> Result:
    """Answer the question for a county; pure."""
    dem = heights(county, params.cell_m)
    weights = Weights(params.core_weight, params.general_weight, params.near_factor, params.near_m)
    ground = watched(county, dem, weights)
    origin = _origin(county, params)
    sites = _sites(county, ground, params, origin)
    sight = Sight(params.eye_m, params.target_m, params.range_m, params.refraction)
    found = _plans(_outlook(ground, sites, states(ground, sites, sight), params), params)
    outlook, each = found.outlooks[0], found.outlooks
    asked = told.Asked(params.target_percent, params.rule_date, origin)
    sources = ("dem", "park", *(name for name in ("roads", "settlements") if name in county))
    sources += (SITES,) if origin in (told.LAYER, told.LAYER_MODELLED) else ()
    return Result(
        tuple(drawn.layers(county, each, sources)),
        (*near.compared(found, params.target_percent), *drawn.tables(each)),
        tuple(told.metrics(outlook, params.target_percent)),
        (
            *told_of_each({one.code: tuple(told.checks(county, one, asked)) for one in each}),
            *near.checks(found),
            *backdrop.missing(county, SCENARIO.uses),
        ),
        proofs=tuple(chain.from_iterable(proofs(one, told.rests(one.chosen)) for one in each)),
        answer=(*told.answer(outlook, origin), *near.sentences(found)),
        alternatives=near.alternatives(found, params.target_percent),
    )


def _origin(county: County, params: ParkWatch) -> told.Origin:
    """Say where the candidates are from: the planner, the county's layer, or the terrain."""
    if params.sites is not None:
        return told.OWN
    if params.candidates == "terrain" or SITES not in county:
        return told.TERRAIN
    surveyed = county.sources[SITES].quality not in (Quality.MODELLED, Quality.SCHEMATIC)
    return told.LAYER if surveyed else told.LAYER_MODELLED


def _sites(
    county: County, ground: Watched, params: ParkWatch, origin: told.Origin
) -> gpd.GeoDataFrame:
    """Give the candidates: the planner's own, those of the county's layer, or ridges.

    Raises
    ------
    InfeasibleError
        If there are fewer than must see a place.
    """
    if params.sites is not None:
        sites = given(params.sites, ground.dem.grid.crs)
    elif origin is told.TERRAIN:
        about = Ridges(params.ridge_m, params.apart_m, params.beyond_m, params.in_core)
        sites = ridges(ground.dem, ground.park, about)
    else:
        sites = county.vector(SITES)[["geometry"]].sort_index()
        core = ground.park.geometry[ground.park["zone"] == "core"].union_all()
        sites = sites if params.in_core else sites[~sites.intersects(core)]
    if min(len(sites), params.towers) < params.covers:
        raise InfeasibleError(
            Text(
                f"候选塔址 {len(sites)} 个、塔 {params.towers} 座，每处却须有"
                f" {params.covers} 座通视；处理：给出 sites，或设 candidates=terrain 并减小"
                " apart_m、增大 beyond_m",
                f"{len(sites)} candidates and {params.towers} towers, yet {params.covers} must see "
                "a place; remedy: sites of your own, or candidates=terrain with less apart_m, more "
                "beyond_m",
            )
        )
    return sites


def _outlook(ground: Watched, sites: gpd.GeoDataFrame, seen: States, params: ParkWatch) -> Outlook:
    """Choose towers for each number, and patrol points for what those asked for leave blind."""
    wanted = Wanted(params.covers, WORK * params.effort)
    last = max(params.towers, params.curve_to)
    numbers = range(params.covers, min(last, len(sites)) + 1)
    choices = tuple(curve(seen == 1, ground.weight, numbers, wanted))
    chosen = choices[min(params.towers, len(sites)) - params.covers]
    none = gpd.GeoDataFrame(geometry=[], crs=ground.dem.grid.crs)
    bare = Outlook(ground, sites, seen, params.covers, choices, chosen, none, chosen)
    return _patrolled(bare, params)


def _patrolled(outlook: Outlook, params: ParkWatch) -> Outlook:
    """Add patrol points for what its towers leave blind."""
    ground, blind = outlook.watched, outlook.state == BLIND
    once = Wanted(1, WORK * params.effort)
    points, reached = patrol(ground, blind, params.patrol_m, params.patrol_points, once)
    return replace(outlook, points=points, patrolled=reached)


def _plans(outlook: Outlook, params: ParkWatch) -> near.Plans:
    """Add the plans near the best that were asked for."""
    wanted = Wanted(params.covers, WORK * params.effort)
    asked = near.Asked(params.near_best, params.near_percent, params.effort)
    return near.plans(
        outlook, asked, wanted, lambda one: _patrolled(replace(outlook, chosen=one), params)
    )


SCENARIO = Scenario(
    title=Text("国家公园天空地监测", "Watch over the national park"),
    question=Text(
        "瞭望塔建在哪些地点能看到公园最多的地方？盲区在哪里，由哪些巡护或无人机点补上？",
        "From which places do watch towers see most of the national park, what stays blind, and "
        "which patrol or drone points reach that?",
    ),
    method=(
        "方法：在地形上逐像元精确判断通视，计入地球曲率与大气折光；塔址为规划人员给出的点，"
        "或县图层 tower_sites，没有时为由地形推算的山脊候选点（按地形位置指数，Weiss 2001，"
        "取突出处，按最小间距稀疏）。对每个"
        "塔数求最大覆盖（Church 与 ReVelle 1974）的最优解及其上限；被同一组候选点看到的像元合为"
        "一个需求，结果不变。像元权重为分区权重，靠近现有道路与居民点处乘以倍数：有人处易起火、"
        "易闯入；该权重为推算，非实测。盲区由巡护或无人机点按平面半径以同一方法覆盖。\n\n"
        "局限：地形为裸地，不计林木、房屋与能见度；只看像元中心、目标离地高度处。候选点未经"
        "踏勘，不计道路、供电、用地与地质；最优是指候选点中的最优。缺高程之处为未知。巡护半径"
        "不是航线。除非要求，核心保护区内不设塔。"
    ),
    measures=(3,),
    needs=("dem", "outline", "park"),
    uses=("townships", "roads", "settlements", "rivers", "lake", "tower_sites"),
    params=ParkWatch,
    run=run,
    recheck=recheck,
)
