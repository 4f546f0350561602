"""Whether a project keeps to the rules of the national park, part by part.

Question: how many metres and hectares of a project lie in the core and in the general zone of the
national park, which rule binds there, and may it be: yes, no, or by whose approval? Measure 3.

Method: every shape is split by the core zone, then by the general zone; borders lie inside, and
what both claim is core (`geo.splitting`). A part outside passes. A part inside fails, unless one of
the nine exceptions of the general zone is claimed for it; then each condition in the words of that
item is asked (`case.Case.verdict`). What the planner states is taken as stated. That a road cannot
be avoided is read from the run of a corridor that searched roads off the park within its own
limits, and from nowhere else. One condition broken is a fail, one not known is unknown; all met, it
needs the approval of whom the rule names.

Limits: the kind of the project and what is stated are the planner's word. Points and lines have no
hectares unless a width is given; a tunnel below the park counts as inside. Areas are planar, in the
county's projection. What the core zone allows (item 1) is a list of its own that is not among the
rules: not known. Where borders are schematic, verdicts near them may turn. The park alone: redline,
farmland and source water are not judged here.
"""

from __future__ import annotations

from geo.words import Text
from layers.county import County
from scenarios.answers import backdrop
from scenarios.contract import Scenario
from scenarios.park_rules.case import Case
from scenarios.park_rules.map import claims, layers, tables
from scenarios.park_rules.terms import ParkRules, shapes
from scenarios.park_rules.verdicts import answer, checks, metrics
from scenarios.result import Result


def run(county: County, params: ParkRules) -> Result:
    """Answer the question for a county; pure."""
    case = Case(county, params, shapes(county, params))
    return Result(
        layers=tuple(layers(case)),
        tables=tuple(tables(case)),
        metrics=tuple(metrics(case)),
        checks=(*checks(case), *backdrop.missing(county, SCENARIO.uses)),
        answer=tuple(answer(case)),
        claims=tuple(claims(case)),
    )


EXAMPLE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"exception": 6},
            "geometry": {
                "type": "LineString",
                "coordinates": [[119.826, 28.011], [119.849, 28.011]],
            },
        }
    ],
}
"""A trail across both zones of the synthetic county."""

SCENARIO = Scenario(
    title=Text("国家公园管控规则", "Rules of the national park"),
    question=Text(
        "项目有多少位于国家公园核心保护区和一般控制区？适用哪条规则，可行、不可行还是需报批？",
        "How much of a project lies in the core and the general zone of the national park, which "
        "rule binds there, and may it be: yes, no, or by whose approval?",
    ),
    method=(
        "方法：各图形先按核心保护区、再按一般控制区切分，界线算在区内，两区重叠处算核心区。园外部分"
        "达标；园内部分违规，除非主张一般控制区九项有限人为活动之一，此时逐一核对该项文字中的条件："
        "规划人员的声明按声明计；“无法避让”只从道路走廊的情景运行结果读取，即在同样限制下已搜索避开公园的"
        "全部路线。有一个条件不符即违规，有一个未知即未知；全部符合则须由规则写明的机关批准。\n\n"
        "局限：项目性质与声明均由规划人员提供。点没有面积，线未给宽度时不计面积；公园下方的隧道算在"
        "园内。面积为县域投影平面面积。核心保护区允许的活动（第一项）另有清单，未收入规则库，故为未"
        "知。界线为示意时，界线附近的结论可能改变。只评判国家公园，不评判生态保护红线、耕地与水源。"
    ),
    measures=(3,),
    needs=("dem", "outline", "townships"),
    uses=("park", "roads", "parcels", "rivers", "lake", "new_town", "lijing_park"),
    params=ParkRules,
    run=run,
    example={"project": EXAMPLE},
)
