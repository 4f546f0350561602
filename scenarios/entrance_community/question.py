"""Where an entrance community of a national park could stand, and how far weights decide it.

Question: which land outside the national park and near one of its gates could an entrance community
(入口社区) stand on, which site comes first, and does another one once criteria weigh differently?
Measure 3 of the policy.

Method: the county's cells are held to the distance and minutes to a gate, the park, the redline,
permanent farmland, source water, the lake, hazards, slope and minutes to the county seat
(`scenarios.answers.screening`); what is left and hangs together in the least size makes sites
(`sites`). Criteria are worth 0 to 1 in proportion between two fixed ends, sites the weighted sum.
In which share of all weightings a site wins is sampled (SMAA, Lahdelma et al. 1998), and the least
weight to move between two criteria so that another site wins is exact (`geo.ranking`).

Limits: no published standard for entrance communities was found: screens, ends and weights are the
planner's choice. A cell that a zone touches is refused whole, one that leaves the county is not
looked at; cells are judged by their own mean slope. Minutes are the least by road and on foot,
without waiting. Who owns the land, water, power, views and cost are not looked at; existing houses
do not refuse land, nor does the urban development boundary. Gates, hazards, the park and the
terrain are as good as their layers. All weightings being as likely as another is a way to ask how
far weights matter, no forecast of what a planner prefers.
"""

from __future__ import annotations

from geo.words import Text
from layers.county import County
from scenarios.answers import backdrop
from scenarios.contract import Scenario
from scenarios.entrance_community import map as drawn
from scenarios.entrance_community import told
from scenarios.entrance_community.ground import land
from scenarios.entrance_community.sites import ranked
from scenarios.entrance_community.terms import EntranceCommunity
from scenarios.result import Result


def run(county: County, params: EntranceCommunity) -> Result:
    """Answer the question for a county; pure."""
    ground = land(county, params)
    found = ranked(county, params, ground)
    return Result(
        layers=tuple(drawn.layers(county, params, ground, found)),
        tables=tuple(drawn.tables(params, ground, found)),
        metrics=tuple(told.metrics(ground, found)),
        checks=(
            *told.checks(county, params, ground, found),
            *backdrop.missing(county, SCENARIO.uses),
        ),
        answer=tuple(told.answer(county, params, ground, found)),
        claims=tuple(told.claims(county, params, found)),
        alternatives=tuple(told.alternatives(ground, found)),
    )


GATE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {"type": "Point", "coordinates": [119.83646364, 28.00507559]},
        }
    ],
}
"""A gate on the southern border of the synthetic county's park."""
SCENARIO = Scenario(
    title=Text("国家公园入口社区选址", "Sites for an entrance community"),
    question=Text(
        "国家公园入口社区可以建在园外哪些地方？哪一处居首，权重改变时是否仍居首？",
        "Where outside the national park could an entrance community stand, which site comes "
        "first, and does it still when the criteria weigh differently?",
    ),
    method=(
        "方法：县域像元依次按距入口距离、国家公园、生态保护红线、永久基本农田、水源保护区、水库、灾害"
        "风险、坡度、到入口与到县城时间筛选；剩余用地连片达到最小面积的，划出候选点。各指标在两个固定"
        "端点之间按比例计 0 至 1 分，候选点得分为加权和。居首的权重占比由均匀抽样得出（SMAA，"
        "Lahdelma 等 1998），附标准误；使另一候选点居首所需在两项权重间移动的最小量为精确解。\n\n"
        "局限：未找到已公布的入口社区标准，条件、端点与权重均为规划人员选定。像元只要触及禁止区域即"
        "整格排除；坡度取像元均值。时间为道路与步行的最短时间，不计候车。不涉及权属、供水供电、景观与"
        "造价；现有房屋与城镇开发边界不作为排除条件。入口、灾害、公园界线与地形取决于其图层质量。“全部权重等可能”用于"
        "考察权重的影响，不代表规划人员的偏好。"
    ),
    measures=(3,),
    needs=("dem", "outline", "townships", "park", "roads"),
    uses=(
        "park_gates",
        "redline",
        "basic_farmland",
        "source_water",
        "hazards",
        "lake",
        "seats",
        "settlements",
        "facilities",
        "parcels",
        "rivers",
    ),
    params=EntranceCommunity,
    run=run,
    example={"gates": GATE},
)
