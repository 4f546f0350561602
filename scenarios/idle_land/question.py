"""Which land of an industrial park lies idle, when it is free again, and who it is enough for.

Question: which plots are approved and not supplied, idle or short of output, what can be released
in which year, and which demands for land does it serve? Measure 11 asks for idle land put to use.

Method: each plot is judged under the rules of a day (`layers.land.idle`, order 53 of 2012). Land is
released when notices and agreements have run; their months are parameters. What is released is
matched to demands so that the area served is largest: a multiple knapsack with restrictions, solved
as an integer program with its bound (`geo.assignment`), in whole 0.01 mu. Hectares by state close
to the park's extent.

Limits: areas are planar, of the shapes as drawn; works and output are as the register has them. In
later years nothing is started, stopped or finished that is not today; a plot whose fee is due is
released as if it were never started, one within its term never. What is stopped is dealt with as by
agreement; idle land of unknown cause is not released. In the layer as it would be a plot that
serves a demand is supplied whole. What is paid for land taken over is not looked at, nor whether a
firm suits a plot but by its use.
"""

from __future__ import annotations

from geo.words import Text
from layers.county import County
from scenarios.contract import Scenario
from scenarios.idle_land.checks import checks, claims, edit
from scenarios.idle_land.matching import demanded, matched
from scenarios.idle_land.park import EXTENT, PLOTS, by_year, extent_of, fees, plots_of
from scenarios.idle_land.report import Found, figures, layers, sentences, tables
from scenarios.idle_land.terms import IdleLand
from scenarios.result import Result


def run(county: County, params: IdleLand) -> Result:
    """Answer the question for a county; pure."""
    demands = demanded(params.demands)
    plots = plots_of(county, params)
    found = Found(
        plots,
        by_year(plots, extent_of(county, plots), params),
        matched(plots, demands, params),
        fees(plots, params),
    )
    return Result(
        layers=tuple(layers(county, found)),
        tables=tuple(tables(found, params)),
        metrics=tuple(figures(found)),
        checks=tuple(checks(county, found, params)),
        answer=tuple(sentences(found, params)),
        claims=tuple(claims(found, params)),
        edits=(edit(county, found),),
    )


SCENARIO = Scenario(
    title=Text("园区闲置土地盘活", "Idle land of an industrial park"),
    question=Text(
        "园区哪些宗地批而未供、闲置或低效？各在哪一年可以释放，能满足哪些用地需求？",
        "Which plots of the park are approved and not supplied, idle or short of output, when can "
        "each be released, and which demands for land do they serve?",
    ),
    method=(
        "方法：按所选日期的规则（国土资源部令第53号）逐宗判定；告知、协商等期限届满后释放，月数为"
        "参数。可释放宗地与需求按面积最大匹配：带限制的多重背包，以整数规划求解并给出上界，以"
        " 0.01 亩为单位取整。各状态面积之和等于园区范围。\n\n"
        "局限：面积为图形的平面面积；开发与产值以台账为准。以后各年不再动工、停建或建成；应缴闲置费"
        "的宗地按一直不动工计算释放时间，未到期的不释放。停建闲置按协商处置计；原因待认定的不释放。"
        "处置后图层中匹配需求的宗地视为整宗供应。不计收回补偿，除用途外不判断企业与宗地是否相配。"
    ),
    measures=(11,),
    needs=(PLOTS,),
    uses=(EXTENT,),
    params=IdleLand,
    run=run,
)
