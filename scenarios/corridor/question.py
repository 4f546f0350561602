"""Where a road of a given class runs best between places: legal alignments, their cost and gain.

Question: where would a road of this class run between these places, what would it cost, which land
would it take, and how many minutes would it save? Measure 4 asks for the second Chengnan-Chengzhao
passage of G235 and for the rebuilding of G638.

Method: the road of least cost is searched on the terrain with bridges and tunnels, fitted to a
legal plan of tangents, spirals and arcs, its profile optimised by mixed-integer programs, plan and
profile bettered in turns (`geo.alignment.design`), and tested by a checker that shares nothing with
the designer. Forbidden zones are not crossed; others cost on top. Alternatives keep off each other
(`geo.alignment.choices`). On curves the bed leans about its inner edge and widens, cuts get benches
where they hide the stopping sight (`geo.alignment.works`); quantities are measured on these
cross-sections, earth is hauled at the least cost (`geo.alignment.works.haul`), and all is paid by
the low, likely and high prices of the book.

Expressways, and national roads by choice, are crossed above or below with clearance; streams of the
terrain by culverts and bridges above a flood of so much depth by catchment; the lake's flood holds
the road up (`layers.roads.crossings`). Terrain whose source is too coarse is marked, or refused.

Limits: no geology, traffic or drainage; the bed beside a stream is not held above its flood, side
roads are not led to their junctions, and the search itself knows where earth may not be but not how
high a crossing lies; bridges cost by deck and height, tunnels by length; ditches, berms and the box
of the pavement are left out. Heights are optimised for a level bed of one width: what leaning,
widening and benches move on top is in the bill and the land taken, not in that choice; sight within
tunnels and over ground that rises again behind a fill is not looked at, and the sight to meet a
vehicle, twice the stopping sight, is told but not designed for. Side friction is derived, but at
60 km/h. What the terrain layer
smooths, the road does not see: on modelled terrain all is schematic. Mean minutes are those of one
way to the county seat, without congestion. Dwellings to be removed are not known: people near the
road are those of settlements taken for discs.
"""

from __future__ import annotations

from dataclasses import replace

from geo.words import Text
from layers.county import County
from scenarios.answers import backdrop
from scenarios.contract import Scenario
from scenarios.corridor.answer import answer
from scenarios.corridor.checks import checks
from scenarios.corridor.claims import claims, edits
from scenarios.corridor.design import Designed, designed
from scenarios.corridor.figures import alternatives, metrics
from scenarios.corridor.map import layers
from scenarios.corridor.minutes import benefit
from scenarios.corridor.published import verdict
from scenarios.corridor.requirements import requirement_table
from scenarios.corridor.resort import decided
from scenarios.corridor.road import LETTERS, Study, legs, measured
from scenarios.corridor.tables import tables
from scenarios.corridor.terms import Corridor, Setting, setting
from scenarios.corridor.terrain import MARKED_M
from scenarios.result import Result
from scenarios.running.progress import tell


def run(county: County, params: Corridor) -> Result:
    """Answer the question for a county; pure."""
    known = setting(county, params)
    roads = decided(known, designed)
    study = _study(known, roads)
    judged = (
        *roads.checks,
        *checks(study),
        *verdict(study),
        *backdrop.uncovered(county),
        *backdrop.missing(county, SCENARIO.uses),
        *backdrop.no_such_lake(county, params.lake),
    )
    return Result(
        layers=tuple(layers(study)),
        tables=(*tables(study), *roads.tables, requirement_table(judged)),
        metrics=tuple(metrics(study)),
        checks=judged,
        answer=tuple(answer(study, judged)),
        claims=tuple(claims(study)),
        edits=tuple(edits(study)),
        alternatives=tuple(alternatives(study)),
    )


def _study(known: Setting, roads: Designed) -> Study:
    """Measure the roads that were designed, by cost, and the minutes they save."""
    tell(Text("量算工程与用地", "measuring works and land"), 0.9)
    cases = [measured("", design, known, roads.policy) for design in roads.roads]
    cases.sort(key=lambda case: case.cost_yuan)
    cases = [replace(case, label=label) for label, case in zip(LETTERS, cases, strict=False)]
    tell(Text("计算出行时间", "working out travel time"), 0.95)
    ways = {case.label: legs(case, known.points) for case in cases}
    speed = float(known.terms.standard.speed_kmh)
    gained = benefit(known.county, known.params, ways, speed=speed)
    return Study(known, roads.policy, tuple(cases), gained)


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
        "验。禁止分区不穿越，其他分区另计代价。各方案彼此保持距离。弯道绕内侧车道边线设超高，并设"
        "加宽；挖方遮挡停车视距处开挖视距台。高速公路（国道可选）只可上跨或下穿并留足净空；溪流按"
        "汇水面积设涵洞或桥，高于洪水水深；沿湖路基高于库区洪水位。地形来源过粗的标明或不予选线。"
        "工程量按此横断面量算，土方按费用最省调配，按造价手册的低、中、高单价计价。\n\n"
        "局限：不含地质、交通量与排水；沿溪路基未按溪流洪水位抬高，支路接线不作设计；桥梁按桥面与"
        "高度、隧道按长度计价；边沟、护坡道与路面结构未计。纵断面按不设超高、等宽的路基优化：超高、"
        "加宽与视距台增减的土方计入造价与用地，但不参与优化；隧道内视距、填方外侧再起地面的视距未"
        "校核；会车视距（停车视距的两倍）只列出，不作设计；除 60 km/h 外横向力系数为推算值。地形图"
        "层抹平的起伏，路线也看不到：在模拟地形上一切均为示意。平均时间为单程到县城，不计拥堵。拆迁"
        "户数未知：沿线人口按居民点折成圆面计。"
    ),
    measures=(4,),
    terrain_m=MARKED_M,
    needs=("dem", "outline", "townships"),
    uses=(
        "roads",
        "parcels",
        "basic_farmland",
        "redline",
        "source_water",
        "park",
        "lake",
        "lake_levels",
        "rivers",
        "seats",
        "settlements",
        "facilities",
        "new_town",
        "lijing_park",
    ),
    example={"points": ("119.8121,27.9888", "119.8426,27.9888")},
    params=Corridor,
    run=run,
)
