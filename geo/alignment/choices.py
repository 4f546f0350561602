"""Several roads between the same places that truly differ.

Method: penalties (de la Barra, Perez and Anez 1993), as corridors. After a road is found, ground
within a distance of it costs more in the next search, ever more until a road keeps away from all
roads before it over the share of its length that was asked for. The roads are designed and priced
without the penalties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from geo.alignment.design import Care, Design, design
from geo.alignment.profile.cost import cost
from geo.alignment.search.terrain import Zones
from geo.alignment.shifting import Site
from geo.alignment.works.stationing import Posts, posts, thinned
from geo.errors import InfeasibleError, LimitError
from geo.raster import Raster

SHUNNED = (1.5, 6.0)
"""What a metre costs on top near roads before, in mean costs of a metre of the first."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Difference:
    """How much roads differ: `share` of the length is further than `apart_m` from every other."""

    apart_m: float = 500.0
    share: float = 0.5


def choices(
    site: Site,
    points: Sequence[tuple[float, float]],
    count: int,
    *,
    difference: Difference | None = None,
    care: Care | None = None,
) -> tuple[Design, ...]:
    """Design up to `count` roads that differ, the cheapest first.

    Parameters
    ----------
    site
        Terrain, limits, costs, zones.
    points
        x, y of start, points to lead by, end.
    count
        How many at most; fewer where no further road was found.
    difference
        How much each differs from all before it.
    care
        Of each design.

    Raises
    ------
    InputError, InfeasibleError, LimitError
        As `geo.alignment.design.design`, for the first road.

    Examples
    --------
    Level ground, 1,500 m apart: one road goes straight, the other keeps off it by 300 m and more
    over half its length.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.alignment.values import Costs, Limits
    >>> from geo.grid import Grid
    >>> grid = Grid((60, 70), Affine(30, 0, 0, 0, -30, 1800), CRS(4549))
    >>> level = Raster(np.full((60, 70), 7.0), grid)
    >>> limits = Limits(0.08, 30, 25, 100, 250, 250, 25, max_cut_m=30, max_fill_m=20)
    >>> costs = Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5, pavement_yuan_m=1000)
    >>> site = Site(level, limits, costs, None)
    >>> two = choices(site, [(315, 915), (1815, 915)], 2, difference=Difference(300, 0.5))
    >>> len(two), round(two[0].road.plan.length_m), apart(two[1].posts, [two[0].posts], 300) >= 0.5
    (2, 1500, True)
    """
    wanted = difference or Difference()

    def designed(zones: Zones | None, close: Care) -> Design:
        return design(site.dem, points, site.limits, site.costs, zones=zones, care=close)

    close = care or Care()
    found = [designed(site.zones, close)]
    metre = found[0].road.profile.cost_yuan / found[0].road.plan.length_m
    while len(found) < count:
        close = replace(close, guide=found[-1].guide)  # what failed the last road fails the next
        near = _near(site.dem, [one.posts for one in found], wanted.apart_m)
        for times in SHUNNED:
            shun = Raster(np.where(near, times * metre, 0.0), site.dem.grid)
            try:
                tried = designed(_led(site.zones, shun), close)
            except (InfeasibleError, LimitError):
                continue
            if apart(tried.posts, [one.posts for one in found], wanted.apart_m) >= wanted.share:
                found.append(_repriced(tried, site))
                break
        else:
            break
    return tuple(sorted(found, key=lambda one: one.road.profile.cost_yuan))


def _led(zones: Zones | None, shun: Raster) -> Zones:
    """Give zones with what is shunned on top, under ground too."""

    def added(one: Raster | None) -> Raster:
        if one is None:
            return shun
        return Raster(np.add(one.values, shun.values, dtype=float), shun.grid)

    if zones is None:
        return Zones(shun, shun)
    return replace(zones, above=added(zones.above), below=added(zones.below))


def _repriced(found: Design, site: Site) -> Design:
    """Price a road anew by the zones of its site alone."""
    plan, profile = found.road.plan, found.road.profile
    here = posts(plan, site.dem, zones=site.zones)
    stations = thinned(here, np.searchsorted(here.s, profile.s - 1e-6))
    paid = cost(profile.s, stations.ground, profile.design, profile.structure, site.costs)
    if stations.on_top is not None:
        kinds = np.arange(profile.structure.size), profile.structure
        paid += float((stations.on_top[kinds] * np.diff(profile.s)).sum())
    lost = profile.cost_yuan - profile.bound_yuan
    road = replace(
        found.road,
        profile=replace(
            profile, cost_yuan=paid, bound_yuan=paid - lost, gap=lost / paid if paid else 0.0
        ),
    )
    return replace(found, road=road, posts=here, fitted_yuan=paid)


def apart(road: Posts, others: Sequence[Posts], apart_m: float) -> float:
    """Give the share of a road's posts that is further than a distance from all other roads.

    Examples
    --------
    >>> line = np.arange(0.0, 100, 10)
    >>> zero = 0 * line
    >>> one = Posts(line, line, zero, zero, zero, zero)
    >>> other = Posts(line, line, 5 * line, zero, zero, zero)
    >>> apart(other, [one], 100)  # those from 30 m on are 150 m off and more, at 20 m 100
    0.7
    """
    places = np.stack([road.x, road.y], axis=1)
    far = np.full(len(places), np.inf)
    for other in others:
        tree = cKDTree(np.stack([other.x, other.y], axis=1))
        far = np.minimum(far, tree.query(places)[0])
    return float((far > apart_m).mean())


def _near(dem: Raster, roads: Sequence[Posts], apart_m: float) -> Mask:
    """Give cells within a distance of roads."""
    off = np.ones(dem.grid.shape, dtype=bool)
    for road in roads:
        off[dem.grid.index(road.x, road.y)] = False
    return np.asarray(distance_transform_edt(off) * dem.grid.resolution <= apart_m)
