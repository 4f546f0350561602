"""How an industrial new town grows on the little flat land there is.

Question: which land of the new town's extent may be built on, and which rule takes the rest; where
do the five functions of the policy, housing and green go, at what levels, cost and energy, in which
years; and what does another alternative win and lose? Measure 12 asks for the new town.

Method: the extent is cut wherever a rule begins or ends, so that hectares by rule close to it
(`land`, `scenarios.answers.screening`). A lattice of streets and plots is laid over what is left
(`plots`). Uses are placed under their demands, housing apart from industry, by three leanings; each
plan is the best found, with a bound (`plan`, `geo.siting.allocation`: simulated annealing, and a
Lagrangian bound whose certificate is kept; where these come near a gap of 1 % and no farther,
HiGHS is asked for a bound too). Plots are levelled at the least cost of earth and walls
(`works`, `geo.siting.grading`), priced, and spread over years within budgets (`geo.phasing`).

Limits: shares, densities and prices are assumptions, unverified, and so are the standards: they
are rules of a day that a planner replaces. Streets are a lattice, not a design: a piece lies level
at the mean of the levelled plots beside it, and on the ground as it lies where there is none; their
earth is costed, not balanced against that of plots. Slopes beyond plots, foundations, buildings and
pipes are not in the cost. Coarse terrain tells slopes of hundreds of metres. Levelled land keeps
its level, which no layer gives, and does not take part in grading. The best is that of a leaning's
own weights, which are no prices.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from geo.errors import InfeasibleError
from geo.siting.allocation import Effort
from geo.words import Text
from layers.county import County
from layers.rulebook import rules
from scenarios.answers import backdrop, parameters
from scenarios.contract import PLANNER, Params, Scenario, param
from scenarios.new_town.answer import claims, proofs, recheck, sentences
from scenarios.new_town.checks import checks
from scenarios.new_town.land import Land, screened
from scenarios.new_town.plan import Placed, placed, wanted
from scenarios.new_town.plots import Lattice, Parts, parts
from scenarios.new_town.report import Town, alternatives, figures, layers, tables
from scenarios.new_town.works import Terms, worked
from scenarios.result import Result
from scenarios.running.progress import tell

PROGRAM = 4e7  # work of HiGHS where annealing and prices come near the goal, and no farther
ASSUMED = Text("规划人员假定，未核实", "planner's assumption, unverified")


class NewTown(Params):
    """What can be asked for."""

    shown: Literal["compact", "balanced", "low_earthwork"] = param(
        "balanced",
        zh="详示方案：compact 紧凑，balanced 均衡，low_earthwork 少动土",
        en="alternative told in full: compact, balanced, low_earthwork",
        unit="",
        source=PLANNER,
    )
    demands: str = param(
        "",
        zh="用地需求（CSV 或 TOML：use, least_ha, most_ha；空为规则中的比例）",
        en="demands (CSV or TOML: use, least_ha, most_ha; none: the shares of the rules)",
        unit="",
        source=PLANNER,
        file="table",
    )
    rule_date: date = parameters.rule_date(date(2026, 1, 1))
    keep_existing: bool = param(
        True,
        zh="调查为建设用地或水域的不再安排（已平整空地除外）",
        en="land built on or water by the survey is left (but for levelled vacant land)",
        unit="",
        source=PLANNER,
    )
    within_boundary: bool = param(
        True,
        zh="仅在城镇开发边界内安排（否则边界外用地须先调整边界）",
        en="within the development boundary only; else it has to be adjusted first",
        unit="",
        source=PLANNER,
    )
    plot_m: Annotated[float, Field(ge=40, le=150)] = param(
        60, zh="地块边长", en="side of a plot", unit="m", source=ASSUMED
    )
    plots_between: Annotated[int, Field(ge=1, le=4)] = param(
        2, zh="两条道路之间的地块数", en="plots between two streets", unit="count", source=ASSUMED
    )
    street_m: Annotated[float, Field(ge=8, le=40)] = param(
        16, zh="道路宽度", en="width of streets", unit="m", source=ASSUMED
    )
    least_plot_m2: Annotated[float, Field(ge=200, le=5000)] = param(
        900, zh="最小地块", en="least plot", unit="m²", source=ASSUMED
    )
    apart_m: Annotated[float, Field(ge=0, le=200)] = param(
        50,
        zh="居住与产业（产业示范、平台试验、民族产业）用地间距（大于；0 为不限；隔路相望的"
        "不足此距离）",
        en="housing farther from industry (demonstration, platform trial, ethnic-area) than; "
        "0: any; never across one street",
        unit="m",
        source=ASSUMED,
    )
    balance_m3: Annotated[float, Field(ge=0, le=1_000_000)] = param(
        5000, zh="挖填方差额至多", en="cut and fill differ by at most", unit="m³", source=ASSUMED
    )
    cut_per_fill: Annotated[float, Field(ge=0.8, le=1.3)] = param(
        1.0,
        zh="每方压实填方所需自然方",
        en="cut, as it lies, for a m³ of fill",
        unit="m³/m³",
        source=ASSUMED,
    )
    max_step_m: Annotated[float, Field(ge=1, le=15)] = param(
        6, zh="相邻台地高差至多", en="largest step between plots", unit="m", source=ASSUMED
    )
    years: Annotated[int, Field(ge=1, le=20)] = param(
        8, zh="建设年数", en="years of building", unit="years", source=PLANNER
    )
    first_year: Annotated[int, Field(ge=2020, le=2060)] = param(
        2026, zh="起始年份", en="first year", unit="year", source=PLANNER
    )
    most_ha_year: Annotated[float, Field(ge=0, le=1000)] = param(
        0,
        zh="每年开发面积至多（含道路；0 为不限）",
        en="most land a year, streets among it; 0: any",
        unit="ha",
        source=PLANNER,
    )
    most_wan_yuan_year: Annotated[float, Field(ge=0, le=1_000_000)] = param(
        0,
        zh="每年投入至多（0 为均衡安排）",
        en="most money a year; 0: spread evenly",
        unit="万元",
        source=PLANNER,
    )
    energy_quota_tce: Annotated[float, Field(ge=0, le=10_000_000)] = param(
        0, zh="用能指标（0 为未知）", en="energy quota; 0: not known", unit="tce/a", source=PLANNER
    )
    effort: Annotated[int, Field(ge=1, le=20)] = param(
        1, zh="求解工作量倍数", en="work that a search may do, times", unit="", source=PLANNER
    )


def run(county: County, params: NewTown) -> Result:
    """Answer the question for a county; pure."""
    town = _town(county, params)
    return Result(
        layers=tuple(layers(county, town)),
        tables=tuple(tables(town)),
        metrics=tuple(figures(town)),
        checks=(*checks(county, town), *backdrop.missing(county, SCENARIO.uses)),
        proofs=tuple(proofs(town)),
        answer=tuple(sentences(town)),
        claims=tuple(claims(county, town)),
        alternatives=tuple(alternatives(town)),
    )


def _town(county: County, params: NewTown) -> Town:
    """Screen land, lay plots, place uses by each leaning, and work every plan out."""
    book = rules(params.rule_date)
    tell(Text("筛选可建设用地", "screening land"), 0.0)
    land = screened(
        county, params.rule_date, existing=params.keep_existing, within=params.within_boundary
    )
    lattice = Lattice(params.plot_m, params.plots_between, params.street_m, params.least_plot_m2)
    pieces = parts(county, land, lattice, near_m=params.apart_m)
    _require(land, pieces)
    wants = wanted(params.demands, book, float(pieces.plots["area_ha"].sum()))
    terms = Terms(
        params.street_m,
        params.balance_m3,
        params.max_step_m,
        params.cut_per_fill,
        params.years,
        params.first_year,
        params.most_ha_year,
        params.most_wan_yuan_year,
    )
    effort = Effort(
        sweeps=300, rounds=8 * params.effort, heats=800, small=0, work=PROGRAM * params.effort
    )
    plans: list[Placed] = []
    for one in placed(pieces, wants, book, apart_m=params.apart_m, effort=effort):
        plans.append(one)
        tell(Text("布置用地", "placing uses"), 0.1 + 0.2 * len(plans))
    works = {one.name: worked(county, pieces, one, book, terms) for one in plans}
    return Town(
        land, pieces, works, params.shown, book, terms, params.apart_m, params.energy_quota_tce
    )


def _require(land: Land, pieces: Parts) -> None:
    """Refuse an extent on which there is no plot."""
    if len(pieces.plots):
        return
    free = land.hectares(land.patches["verdict"] == "yes")
    raise InfeasibleError(
        Text(
            f"新城范围内可建设用地 {free:,.2f} 公顷，不足一个地块；处理：减小 plot_m 或 "
            "least_plot_m2，或核对各约束图层",
            f"{free:,.2f} ha may be built on, not enough for a plot; remedy: less plot_m or "
            "least_plot_m2, or look at the layers that refuse the rest",
        )
    )


SCENARIO = Scenario(
    title=Text("产业新城用地布局", "Layout of an industrial new town"),
    question=Text(
        "新城范围内哪些土地可以建设，其余各受哪条规则限制？五类功能、居住与绿地如何布置，标高、"
        "造价、能耗与分年安排如何？",
        "Which land of the new town may be built on, and which rule takes the rest? Where do five "
        "functions, housing and green go, at what levels, cost and energy, in which years?",
    ),
    method=(
        "方法：按坡度、灾害、永久基本农田、生态保护红线、城镇开发边界等界线切分范围，逐块记录首要"
        "与全部限制规则，面积合计等于范围。可建设用地上布设道路与地块格网，在面积需求和居住、产业"
        "间距约束下按三种取向布置用地：模拟退火求解，拉格朗日上界并留存证书；接近而未达"
        "1 % 时另由 HiGHS 求界。各地块标高按土方与挡墙费用最小确定，挖填平衡；费用给出低、中、高三"
        "值；按年度预算分年。\n\n"
        "局限：用地比例、强度与单价均为假定，未核实，可由规划人员替换。道路为格网示意，各段取相邻台地"
        "标高均值计土石方，两侧无台地的随自然地面；道路土石方单独计价，不与地块调配。地块外放坡、"
        "基础、建筑与管线不计入造价。地形较粗时坡度仅反映数百米尺度。已平整土地"
        "标高未知，不参与竖向设计。“最优”以各取向的权重为准，权重不是价格。"
    ),
    measures=(12,),
    needs=(
        "new_town",
        "outline",
        "townships",
        "dem",
        "roads",
        "basic_farmland",
        "redline",
        "development_boundary",
        "hazards",
        "levelled_land",
    ),
    uses=("parcels", "settlements", "lake", "rivers"),
    params=NewTown,
    run=run,
    recheck=recheck,
)
