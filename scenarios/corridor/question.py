"""Where a road of a given class runs best between places: legal alignments, their cost and gain.

Question: where would a road of this class run between these places, what would it cost, which land
would it take, and how many minutes would it save? Measure 4 asks for the second Chengnan-Chengzhao
passage of G235 and for the rebuilding of G638.

Method: the road of least cost is searched on the terrain with bridges and tunnels, fitted to a
legal plan of tangents, spirals and arcs, its profile optimised by mixed-integer programs, plan and
profile bettered in turns (`geo.alignment.design`), and tested by a checker that shares nothing with
the designer. Forbidden zones are not crossed; others cost on top. Alternatives keep off each other
(`geo.alignment.choices`). Quantities are measured on cross-sections, and paid by the cost book.

Limits: no geology, hydrology, traffic or drainage; bridges cost by deck and height, tunnels by
length; superelevation, widening and sight on curves are not designed. What the terrain layer
smooths, the road does not see: on modelled terrain all is schematic. Mean minutes are those of one
way to the county seat, without congestion. Dwellings to be removed are not known: people near the
road are those of settlements taken for discs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import shapely
from shapely.ops import substring

from geo.alignment.choices import choices
from geo.alignment.design import Progress
from geo.alignment.shifting import Site
from geo.errors import InfeasibleError, Problem
from geo.raster import Raster
from geo.words import Text
from layers.county import County
from layers.ground import heights
from layers.people.gazetteer import places, require_terrain
from layers.roads.obstacles import Policy, parted, road_zones
from layers.zones import ZONES
from scenarios.answers import backdrop
from scenarios.contract import Scenario
from scenarios.corridor.checks import checks, metrics, unsaved
from scenarios.corridor.map import layers
from scenarios.corridor.minutes import benefit
from scenarios.corridor.resort import Answer, Setting, decided
from scenarios.corridor.road import LETTERS, Case, measured
from scenarios.corridor.tables import tables
from scenarios.corridor.terms import Corridor, care, difference, policy, terms
from scenarios.result import Check, Result
from scenarios.running.progress import tell

CELL_M = 30.0  # the search's cells are those of the terrain, but no finer
DESIGNED = 0.88  # share of a run that is design
STEP_SHARE = {"search": 0.4, "fit": 0.05, "profile": 0.3, "check": 0.05, "better": 0.05}
"""What a step takes of the rest of the design."""
STEPS = {
    "search": Text("搜索走廊", "searching the terrain"),
    "fit": Text("拟合平面", "fitting the plan"),
    "profile": Text("优化纵断面", "optimising the profile"),
    "check": Text("独立校核", "testing the road"),
    "better": Text("平纵调整", "bettering plan and profile"),
}


def run(county: County, params: Corridor) -> Result:
    """Answer the question for a county; pure."""
    asked = terms(params)
    dem = heights(county, CELL_M)
    stops = places(county, params.points)
    require_terrain(stops, dem)
    points = tuple(point for place in stops for point in place.points)
    setting = Setting(county, asked, dem, points)
    answer = decided(setting, params, lambda changed: _yielding(setting, changed))
    cases = []
    for label, design in zip(LETTERS, answer.roads, strict=False):
        tell(Text("量算工程与用地", "measuring works and land"), 0.9)
        options = (asked, answer.policy, params.person_m2)
        cases.append(measured(label, design, county, dem, options))
    cases.sort(key=lambda case: case.cost_yuan)
    cases = [replace(case, label=label) for label, case in zip(LETTERS, cases, strict=False)]
    tell(Text("计算出行时间", "working out travel time"), 0.95)
    legs = {case.label: _legs(case, points) for case in cases}
    gained = benefit(county, params, legs, speed=float(asked.standard.speed_kmh))
    return Result(
        tuple(layers(county, cases, gained, (asked, answer.policy))),
        tuple(tables(county, cases, gained, asked)),
        tuple(metrics(cases, gained)),
        (
            *answer.said,
            *checks(county, cases, params, asked),
            *unsaved(county, gained),
            *backdrop.uncovered(county),
            *backdrop.missing(county, SCENARIO.uses),
            *backdrop.no_such_lake(county, params.lake),
        ),
    )


def _yielding(setting: Setting, params: Corridor) -> Answer:
    """Design with all forbidden zones; where there is no road, give them up one after another."""
    county, asked, dem, points = setting
    given = [zone for zone in params.sacrifice if zone in params.forbid]
    for lost in range(len(given) + 1):
        forbid = tuple(zone for zone in params.forbid if zone not in given[:lost])
        rules = policy(params, forbid=forbid)
        zones = road_zones(county, dem.grid, rules, spared=points)
        if parted(zones, points):
            if lost == len(given):
                raise _shut(county, dem, rules, points)
            continue
        site = Site(dem, asked.limits, asked.costs, zones)
        try:
            roads = choices(
                site,
                points,
                params.alternatives,
                difference=difference(params),
                care=replace(care(params), progress=_progress()),
            )
        except InfeasibleError:
            if lost == len(given):
                raise
            continue
        return Answer(roads, rules, tuple(_given_up(given[:lost])))
    raise AssertionError  # the loop returns or raises


def _shut(
    county: County, dem: Raster, rules: Policy, points: tuple[tuple[float, float], ...]
) -> InfeasibleError:
    """Say which forbidden zones, each opened alone, would let a road through."""
    problems = []
    for zone in rules.forbid:
        rest = tuple(one for one in rules.forbid if one != zone)
        if not parted(road_zones(county, dem.grid, replace(rules, forbid=rest)), points):
            title = ZONES[zone].title
            problems.append(
                Problem(
                    field="forbid",
                    found=f"{zone} {title.zh} {title.en}",
                    remedy=f"允许穿越或列入 sacrifice allow it, or --set sacrifice={zone}",
                )
            )
    together = [Problem(field="forbid", found=", ".join(rules.forbid))]
    return InfeasibleError(
        "禁止分区隔断了各点 forbidden zones part the places", problems=problems or together
    )


def _given_up(zones: Sequence[str]) -> Iterator[Check]:
    for zone in zones:
        known = ZONES[zone]
        words = Text(
            f"无路可通，已让出：{known.title.zh}", f"Given up, there is no road: {known.title.en}"
        )
        yield Check(f"sacrificed_{zone}", words, "fail", Text("已让出", "given up"),
                    Text("不得穿越", "forbidden"), rule=known.taking)  # fmt: skip


def _progress() -> Progress:
    """Tell the step at work; nobody knows how many there will be: each is a share of the rest."""
    before, told, last = 0.0, 0.0, ("", 0.0)

    def hear(step: str, share: float) -> None:
        nonlocal before, told, last
        if step != last[0] or share < last[1]:  # another step begins
            before = told
        last = step, share
        told = before + (DESIGNED - before) * STEP_SHARE[step] * share
        tell(STEPS[step], told)

    return hear


def _legs(case: Case, points: tuple[tuple[float, float], ...]) -> list[shapely.LineString]:
    """Cut a road where it passes the points it leads by."""
    flat = shapely.LineString(case.shape[:, :2])
    cuts = [0.0, *(flat.project(shapely.Point(point)) for point in points[1:-1]), flat.length]
    cuts = np.unique(np.maximum.accumulate(cuts)).tolist()
    parts = (substring(flat, a, b) for a, b in pairwise(cuts) if b - a > 1)
    return [part for part in parts if isinstance(part, shapely.LineString)]


SCENARIO = Scenario(
    title=Text("道路走廊", "Road corridor"),
    question=Text(
        "某等级公路在两地之间怎样走最好？造价、占地与节省的时间各是多少？",
        "Where does a road of a class run best between places, and what does it cost, take and "
        "save?",
    ),
    method=(
        "方法：在地形上搜索含桥隧的造价最低路线，拟合为直线、缓和曲线与圆曲线组成的合规平面，纵"
        "断面用混合整数规划优化，平面与纵断面交替改进，再由与设计程序无共用代码的校核程序逐桩检"
        "验。禁止分区不穿越，其他分区另计代价。各方案彼此保持距离。工程量按横断面量算，按造价手"
        "册计价。\n\n"
        "局限：不含地质、水文、交通量与排水；桥梁按桥面与高度、隧道按长度计价；不设计超高、加宽"
        "与弯道视距。地形图层抹平的起伏，路线也看不到：在模拟地形上一切均为示意。平均时间为单程"
        "到县城，不计拥堵。拆迁户数未知：沿线人口按居民点折成圆面计。"
    ),
    measures=(4,),
    needs=("dem", "outline", "townships"),
    uses=("roads", "parcels", "basic_farmland", "redline", "source_water", "park", "lake", "rivers",
          "seats", "settlements", "facilities", "new_town", "lijing_park"),
    example={"points": ("119.8121,27.9888", "119.8426,27.9888")},
    params=Corridor,
    run=run,
)  # fmt: skip
