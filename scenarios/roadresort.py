"""Zones of last resort: crossed only where no road that keeps off them is cheap enough.

A road that goes round for at most so many per cent more is itself the proof that the zone can be
avoided. Where none was designed, `geo.alignment.avoidance` searches all of them: only if it finds
none is the zone unavoidable; what it cannot search is not known.
"""

from __future__ import annotations

import numpy as np

from geo.alignment.avoidance import avoidance
from geo.alignment.shifting import Site
from geo.raster import Raster
from layers.county import County
from layers.roadzones import ZONES, Policy, road_zones
from layers.source import NO_TEXT, Text, alike
from scenarios.backdrop import headed
from scenarios.result import Check, Verdict
from scenarios.roadterms import Corridor, Terms, care, policy

WORDS: dict[bool | None, tuple[Verdict, Text]] = {
    False: (
        "pass",
        Text("确实难以避让：已搜索全部路线", "unavoidable: all roads were searched"),
    ),
    True: (
        "unknown",
        Text("搜索到可避让的走廊，设计未达到", "a way round was searched, not designed"),
    ),
    None: ("unknown", Text("未能证明：搜索量过大", "not proven: the search is too large")),
}
AROUND: tuple[Verdict, Text] = ("pass", Text("可避让，已避让", "avoidable, avoided"))


def proven(
    county: County,
    params: Corridor,
    ground: tuple[Terms, Raster],
    points: tuple[tuple[float, float], ...],
    rules: Policy,
) -> bool | None:
    """Say whether a road may keep off the zones of last resort at a bearable price.

    Parameters
    ----------
    county, params
        What is asked.
    ground
        Limits and costs of the road; terrain.
    points
        x, y of the places it leads to.
    rules
        The zones as they bind the road that may cross those of last resort.

    Returns
    -------
    bool or None
        Of the roads of the search's lattice; None where they are too many to search.
    """
    asked, dem = ground
    site = Site(dem, asked.limits, asked.costs, road_zones(county, dem.grid, rules, spared=points))
    shut = road_zones(county, dem.grid, policy(params, forbid=params.last_resort), spared=points)
    closed = np.zeros(dem.grid.shape) if shut is None else np.isinf(shut.above.values)
    if shut is not None and shut.earth is not None:
        closed |= np.isinf(shut.earth.values)
    zone = Raster(closed.astype(np.uint8), dem.grid)
    percent = params.last_resort_percent
    found = avoidance(site, points, zone, percent=percent, lattice=care(params).lattice)
    return found.avoidable


def verdict(params: Corridor, percent: float, *, avoidable: bool | None) -> Check:
    """Say whether zones of last resort can be avoided, and what proves it.

    Parameters
    ----------
    params
        The zones and the percentage that is bearable.
    percent
        What the road designed around them costs more; infinite where there is none.
    avoidable
        What was proven where that is more than bearable.
    """
    last = params.last_resort
    names = (", ".join(ZONES[z][1].zh for z in last), ", ".join(ZONES[z][1].en for z in last))
    title = headed(Text(f"{names[0]}：能否避让", f"{names[1]}: can it be avoided?"))
    bearable = f"{params.last_resort_percent:g} %"
    allowed = Text(f"多花不超过 {bearable} 即须避让", f"go round for up to {bearable} more")
    rule = next((ZONES[zone][2] for zone in last if ZONES[zone][2]), "")
    designed = Text("无绕行设计", "no road around")
    if percent < np.inf:
        designed = Text(f"绕行造价 {percent:+.1f} %", f"going round costs {percent:+.1f} %")
    said, words = AROUND if percent <= params.last_resort_percent else WORDS[avoidable]
    found = Text(f"{words.zh}：{designed.zh}", f"{words.en}: {designed.en}")
    remedy = NO_TEXT if said == "pass" else alike("--set points=… / pains=normal")
    return Check("unavoidable", title, said, found, allowed, rule=rule, remedy=remedy)
