"""A road moved sideways in plan to where its profile costs less.

Method: coordinate descent. The heights of the profile are kept, stretched to the length of the road
tried; each point of intersection in turn is left out, moved across and along, its radius changed,
and what costs less stays. Curves beside it follow where their spirals met. What the profile would
gain then is not counted: it is optimised anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from geo.alignment.plan.curves import tight_m
from geo.alignment.plan.fit import bounded
from geo.alignment.plan.joining import WISH
from geo.alignment.plan.plan import Plan
from geo.alignment.plan.settling import Polygon, settled
from geo.alignment.profile.cost import base_prices, section_prices
from geo.alignment.profile.verticals import heights
from geo.alignment.search.terrain import Zones
from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Costs, Floats, Limits, Profile
from geo.alignment.works.stationing import posts
from geo.errors import GridError
from geo.raster import Raster

EVERY = 10.0  # m between points that are priced
MOVES = (1.0, 0.4, 0.15)  # cells: sizes of moves, sweep by sweep
RADII = (1.3, 1 / 1.3)
GAIN = 1e-4  # share of the cost that a move has to save


class Site(NamedTuple):
    """What a road is built on and by: terrain, limits, costs, zones."""

    dem: Raster
    limits: Limits
    costs: Costs
    zones: Zones | None


def shifted(plan: Plan, profile: Profile, site: Site) -> Plan:
    """Move a road's points of intersection to where it costs less; ends and vias of it stay.

    Parameters
    ----------
    plan
        A legal road; hairpins laid out as two corners keep theirs.
    profile
        Its heights.
    site
        Terrain, limits, costs, zones.

    Returns
    -------
    Plan
        A legal road through the same ends, in the same headings' order; the same if none is better.
    """
    best, least = plan, priced(plan, profile, site)
    for size in MOVES:
        corner = 0
        while corner < best.radii.size:
            count = best.radii.size
            for tried in _tries(best, corner, size * site.dem.grid.resolution, site):
                cost = priced(tried, profile, site)
                if cost < least * (1 - GAIN):
                    best, least = tried, cost
                    if tried.radii.size < count:  # the next corner has this one's number now
                        break
            corner += best.radii.size == count
    return best


def _tries(plan: Plan, corner: int, reach: float, site: Site) -> Iterator[Plan]:
    """Give legal plans without a corner, and with it moved, or its curve wider or tighter."""
    whole = np.concatenate([[True], (plan.spirals > 0).all(axis=1), [True]])
    if site.limits.min_spiral_m and not whole[corner : corner + 3].all():
        return  # a hairpin laid out as two corners, or beside it
    points, radii, spirals = plan.intersections, plan.radii, plan.spirals
    bounds = bounded(site.limits)
    left = np.arange(radii.size) != corner
    without = (np.delete(points, corner + 1, axis=0), radii[left], spirals[left])
    before, at, after = points[corner : corner + 3]
    chord = (after - before) / max(float(np.hypot(*(after - before))), 1e-9)
    across = np.array([-chord[1], chord[0]])
    tries = [without]
    for move in (across, -across, chord, -chord):
        moved = points.copy()
        moved[corner + 1] = at + reach * move
        tries.append((moved, radii, spirals))
    for factor in RADII:
        wider = radii.copy()
        wider[corner] = max(radii[corner] * factor, site.limits.min_radius_m)
        tries.append((points, wider, spirals))
    for one in tries:
        tried = settled(Polygon(*one), bounds)
        if tried is not None:
            yield tried


def priced(plan: Plan, profile: Profile, site: Site) -> float:
    """Give what a road costs at a profile's heights, each metre as what is cheapest there.

    The wish for the general radius counts as in the fit: a share of plain road on top, a metre of
    tighter curve. Infinite where the ground is unknown, or nothing may be built.
    """
    try:
        found = posts(plan, site.dem, zones=site.zones, every=EVERY)
    except GridError:
        return float("inf")
    share = float(profile.s[-1]) / plan.length_m
    y = heights(profile.pvi, found.s * share) - found.ground
    each = metres(y, site.limits, site.costs)
    each = np.maximum(each[1:], each[:-1]) / 2 + np.minimum(each[1:], each[:-1]) / 2
    if found.on_top is not None:
        each = each + found.on_top
    wish = WISH * tight_m(plan, site.limits.general_radius_m) * base_prices(site.costs)[EARTH]
    return float((each.min(axis=1) * np.diff(found.s)).sum() + wish)


def metres(y: Floats, limits: Limits, costs: Costs) -> Floats:
    """Give yuan a metre at heights above ground of earth, bridge and tunnel, shape (n, 3).

    Infinite where the kind may not be.
    """
    p = section_prices(costs)
    up, down = np.maximum(y, 0), np.maximum(-y, 0)
    found = np.tile(base_prices(costs), (y.size, 1))
    found[:, EARTH] += p.cut * down + p.cut_square * down**2 + p.fill * up + p.fill_square * up**2
    found[(up > limits.max_fill_m) | (down > limits.max_cut_m), EARTH] = np.inf
    found[:, BRIDGE] += costs.bridge_height_yuan_m2 * up
    found[(y < 0) | (limits.max_bridge_m <= 0), BRIDGE] = np.inf
    found[(y > 0) | (limits.max_tunnel_m <= 0), TUNNEL] = np.inf
    return found
