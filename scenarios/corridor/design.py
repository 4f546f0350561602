"""Roads designed as asked: what is forbidden is given up only where nothing else goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from geo.alignment.choices import choices
from geo.alignment.design import Design, Progress
from geo.alignment.shifting import Site
from geo.errors import InfeasibleError, Problem
from geo.words import Text, joined
from layers.roads.obstacles import Policy, parted, road_zones
from layers.zones import ZONES
from scenarios.corridor.terms import PAINS, Setting, difference, policy
from scenarios.result import Check, Table
from scenarios.running.progress import tell

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


@dataclass(frozen=True, eq=False)
class Designed:
    """What was designed: roads, under which policy, what was given up or proved on the way."""

    roads: tuple[Design, ...]
    policy: Policy
    checks: tuple[Check, ...] = ()
    tables: tuple[Table, ...] = ()


def designed(setting: Setting) -> Designed:
    """Design with all forbidden zones; where there is no road, give them up one after another.

    Raises
    ------
    InfeasibleError
        If there is no road although all that may be given up is.
    """
    params = setting.params
    given = [zone for zone in params.sacrifice if zone in params.forbid]
    for lost in range(len(given)):
        with suppress(InfeasibleError):
            return _without(setting, given[:lost])
    return _without(setting, given)


def _without(setting: Setting, lost: Sequence[str]) -> Designed:
    """Design when some of the forbidden zones are given up."""
    params, dem = setting.params, setting.dem
    rules = policy(params, forbid=tuple(zone for zone in params.forbid if zone not in lost))
    zones = road_zones(
        setting.county, dem.grid, rules, spared=setting.points, crossed=setting.met.crossed
    )
    if parted(zones, setting.points):
        raise _shut(setting, rules)
    roads = choices(
        Site(dem, setting.terms.limits, setting.terms.costs, zones),
        setting.points,
        params.alternatives,
        difference=difference(params),
        care=replace(PAINS[params.pains], progress=_progress()),
    )
    return Designed(roads, rules, tuple(_given_up(lost)))


def _shut(setting: Setting, rules: Policy) -> InfeasibleError:
    """Say which forbidden zones, each opened alone, would let a road through."""
    problems = []
    for zone in rules.forbid:
        rest = replace(rules, forbid=tuple(one for one in rules.forbid if one != zone))
        if not parted(road_zones(setting.county, setting.dem.grid, rest), setting.points):
            remedy = Text(
                f"允许穿越，或列入可让出的分区（--set sacrifice={zone}）",
                f"allow it, or let it be given up (--set sacrifice={zone})",
            )
            found = joined([zone, ZONES[zone].title], " ", " ")
            problems.append(Problem(field="forbid", found=found, remedy=remedy))
    together = [Problem(field="forbid", found=", ".join(rules.forbid))]
    words = Text("禁止分区隔断了各点", "forbidden zones part the places")
    return InfeasibleError(words, problems=problems or together)


def _given_up(zones: Sequence[str]) -> Iterator[Check]:
    for zone in zones:
        title = ZONES[zone].title
        yield Check(
            f"sacrificed_{zone}",
            Text(f"无可行路线，已让出：{title.zh}", f"Given up, there is no road: {title.en}"),
            "fail",
            Text("已让出", "given up"),
            Text("不得穿越", "forbidden"),
            rule=ZONES[zone].taking,
        )


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
