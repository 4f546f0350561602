"""Zones of last resort: crossed only where no road that keeps off them is cheap enough.

1. The cheapest road is designed as if these zones did not matter. Where it takes none of their land
   the question does not arise.
2. Where a place the road must reach lies in them they cannot be avoided.
3. Otherwise a road is designed that keeps off them. Costs no more than so many per cent on top of
   the first, by the bill, it is taken, and is itself the proof that the zones can be avoided.
4. Otherwise `geo.alignment.avoidance` searches all roads that keep off and cost no more: only if it
   finds none are the zones unavoidable; what it cannot search is not known.
5. A road that has to cross them is designed again, at a price for each metre within, to cross as
   little as pays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.alignment.avoidance import avoidance
from geo.alignment.shifting import Site
from geo.errors import InfeasibleError
from geo.raster import Raster
from geo.words import NO_TEXT, Text, headed, joined
from layers.roads.obstacles import Policy, RoadZone, road_zones
from layers.zones import ZONES
from scenarios.answers.avoidance import PROVEN, STATES, Avoidance, State, table
from scenarios.answers.backdrop import importing
from scenarios.corridor.design import Designed
from scenarios.corridor.road import Case, measured, money
from scenarios.corridor.terms import PAINS, Corridor, Setting, policy
from scenarios.result import Check, Verdict

SMALLEST_HA = 0.005  # 50 m²: what is less is rounding of cells
SEARCH_MORE = Text(
    "调整途经点，或提高计算精细程度（--set points=…，--set pains=normal）",
    "lead it by other points, or search more closely (--set points=…, --set pains=normal)",
)


@dataclass(frozen=True)
class Outcome:
    """What was found of zones of last resort, with the bills of the roads across and around."""

    state: State
    through_yuan: float = math.nan
    around_yuan: float = math.nan

    @property
    def percent(self) -> float:
        """What going round costs on top; NaN where one of the roads was not designed."""
        return 100 * (self.around_yuan / self.through_yuan - 1)


def decided(setting: Setting, design: Callable[[Setting], Designed]) -> Designed:
    """Design roads that cross zones of last resort only where they cannot be avoided.

    Parameters
    ----------
    setting
        Where, and what is asked.
    design
        Designs roads; raises InfeasibleError where there is none.
    """
    last = _asked(setting.params)
    if not last:
        return design(setting)
    closed = _closed(setting)
    if plain := _plainly(setting, last, closed):
        return _told(design(setting), setting, Outcome(plain))
    weights = {z: yuan for z, yuan in setting.params.repel_yuan_m.items() if z not in last}
    free = setting.asking(repel_yuan_m=weights)
    cheapest = design(free)
    through = _cheapest(free, cheapest)
    if through.zones.loc[list(last), "area_ha"].max() <= SMALLEST_HA:  # RULE 1
        return _told(cheapest, setting, Outcome("clear"))
    around, outcome = _around(setting, through.cost_yuan, design)
    if around is not None and outcome.percent <= setting.params.last_resort_percent:  # RULE 3
        return _told(around, setting, outcome)
    outcome = replace(outcome, state=_proof(setting, cheapest.policy, closed))  # RULE 4
    if outcome.state == "undesigned" and around is not None:
        return _told(around, setting, outcome)
    return _told(design(setting), setting, outcome)  # RULE 5


def _plainly(setting: Setting, last: tuple[RoadZone, ...], closed: Raster) -> State | None:
    """Say what needs no road to be known."""
    if any(ZONES[zone].layer not in setting.county for zone in last):
        return "unmapped"
    rows, columns = closed.grid.index(*np.transpose(setting.points))
    return "within" if (closed.values[rows, columns] != 0).any() else None  # RULE 2


def _asked(params: Corridor) -> tuple[RoadZone, ...]:
    return tuple(zone for zone in params.last_resort if zone not in params.forbid)


def _around(
    setting: Setting, through_yuan: float, design: Callable[[Setting], Designed]
) -> tuple[Designed | None, Outcome]:
    """Design roads that keep off the zones, and compare the bill of the cheapest."""
    strict = setting.asking(forbid=(*setting.params.forbid, *_asked(setting.params)))
    try:
        around = design(strict)
    except InfeasibleError:
        return None, Outcome("avoided", through_yuan)
    return around, Outcome("avoided", through_yuan, _cheapest(strict, around).cost_yuan)


def _cheapest(setting: Setting, found: Designed) -> Case:
    """Measure the cheapest of the roads that were designed."""
    road = min(found.roads, key=lambda one: one.road.profile.cost_yuan)
    return measured("", road, setting, found.policy)


def _closed(setting: Setting) -> Raster:
    """Give the cells (1) that a road may not enter when it keeps off the zones of last resort."""
    grid, asked = setting.dem.grid, setting.params
    rules = policy(asked, forbid=asked.last_resort)
    shut = road_zones(setting.county, grid, rules, spared=setting.points)
    closed: NDArray[np.bool_] = np.zeros(grid.shape, dtype=bool)
    if shut is not None:
        closed |= np.isinf(shut.above.values)
        closed |= False if shut.earth is None else np.isinf(shut.earth.values)
    return Raster(closed.astype(np.uint8), grid)


def _proof(setting: Setting, rules: Policy, closed: Raster) -> State:
    """Search all roads that keep off the zones at a bearable price."""
    zones = road_zones(setting.county, setting.dem.grid, rules, spared=setting.points)
    proof = avoidance(
        Site(setting.dem, setting.terms.limits, setting.terms.costs, zones),
        setting.points,
        closed,
        percent=setting.params.last_resort_percent,
        lattice=PAINS[setting.params.pains].lattice,
    )
    states: dict[bool | None, State] = {True: "undesigned", False: "unavoidable", None: "unproven"}
    return states[proof.avoidable]


def _told(found: Designed, setting: Setting, outcome: Outcome) -> Designed:
    """Put the verdict, and what others read of it, with the roads that were designed."""
    params = setting.params
    known = Avoidance(
        params.last_resort,
        outcome.state,
        params.last_resort_percent,
        outcome.through_yuan,
        outcome.around_yuan,
    )
    checks = (*found.checks, verdict(params, outcome))
    return replace(found, checks=checks, tables=(*found.tables, table(known)))


def verdict(params: Corridor, outcome: Outcome) -> Check:
    """Say whether zones of last resort can be avoided, what proves it, and what it costs.

    Parameters
    ----------
    params
        The zones and the percentage that is bearable.
    outcome
        What was found.

    Examples
    --------
    >>> asked = Corridor(last_resort=("park_general",), last_resort_percent=20)
    >>> said = verdict(asked, Outcome("unavoidable", 3e8, 4e8))
    >>> said.verdict, said.found.en[38:]
    ('pass', 'through it 300.00 million yuan, around it 400.00 million yuan (+33.3 %)')
    """
    last = params.last_resort
    titles = joined(ZONES[zone].title for zone in last)
    bearable = f"{params.last_resort_percent:g} %"
    words = STATES[outcome.state]
    judged: Verdict = "unknown" if PROVEN[outcome.state] is None else "pass"
    figures = _figures(outcome)
    remedy = NO_TEXT if judged == "pass" else SEARCH_MORE
    if outcome.state == "unmapped":
        remedy = importing(next(ZONES[zone].layer for zone in last))
    return Check(
        "unavoidable",
        headed(Text(f"{titles.zh}：能否避让", f"{titles.en}: can it be avoided?")),
        judged,
        Text(f"{words.zh}{figures.zh}", f"{words.en}{figures.en}"),
        Text(f"多花不超过 {bearable} 即须避让", f"go round for up to {bearable} more"),
        rule=next((ZONES[zone].taking for zone in last if ZONES[zone].taking), ""),
        remedy=remedy,
    )


def _figures(outcome: Outcome) -> Text:
    """Give the bills of both roads in words, as far as they were compared."""
    if outcome.state in {"unmapped", "clear", "within"}:
        return NO_TEXT
    through = money(outcome.through_yuan)
    if math.isnan(outcome.around_yuan):
        return Text(
            f"；穿越 {through.zh}，无绕行设计", f"; through it {through.en}, no road around"
        )
    around, more = money(outcome.around_yuan), f"({outcome.percent:+.1f} %)"
    return Text(
        f"；穿越 {through.zh}，绕行 {around.zh} {more}",
        f"; through it {through.en}, around it {around.en} {more}",
    )
