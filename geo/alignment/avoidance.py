"""Whether a zone can be avoided at a bearable price, with the proof either way.

1. A road is searched with the zone open. Where it keeps off the zone, the zone is avoidable.
2. A road is searched with the zone forbidden to roads on earth and bridges. Where it costs no more
   than the percentage on top of the first, the zone is avoidable: this road proves it.
3. Otherwise all roads that keep off the zone and cost no more than that are searched, everywhere,
   not only near other roads. If there is one it is the proof that the zone is avoidable; if not,
   the search, which is exact on its lattice, proves that it is not.
4. Where that search would take more than memory or budget allow, it is not known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geo.alignment.search.run import Log, attempted
from geo.alignment.search.task import Lattice, Pass, Task, Zones
from geo.alignment.search.terrain import Path, answer, asked, coarse_to_fine, search
from geo.alignment.shifting import Site
from geo.alignment.values import TUNNEL
from geo.errors import GridError, InputError, LimitError
from geo.raster import Raster
from geo.words import Text

__all__ = ["Avoidance", "avoidance"]


@dataclass(frozen=True, eq=False)
class Avoidance:
    """Whether a zone can be avoided.

    Parameters
    ----------
    avoidable
        None: not known, the search that would prove it is too large.
    through
        The road with the zone open.
    around
        The road that keeps off the zone, if one was found, also where it costs too much.
    most_yuan
        What a road that avoids the zone may cost.
    everywhere
        Whether rule 3 had to look everywhere.
    """

    avoidable: bool | None
    through: Path
    around: Path | None
    most_yuan: float
    everywhere: bool


def avoidance(
    site: Site,
    points: Sequence[tuple[float, float]],
    zone: Raster,
    *,
    percent: float,
    lattice: Lattice | None = None,
) -> Avoidance:
    """Say whether roads through points can avoid a zone for so many per cent more.

    Parameters
    ----------
    site
        Terrain, limits, costs, zones; those forbidden stay so.
    points
        x, y of start, points to lead through, end; none of them in the zone.
    zone
        Cells to avoid (non-zero), on the grid of the terrain.
    percent
        On top of the cost of the road with the zone open; at least 0.
    lattice
        How finely to search.

    Raises
    ------
    InputError
        If the percentage is negative, or points or zones cannot be used.
    GridError
        If the zone is on another grid.
    InfeasibleError
        If there is no road even with the zone open.

    Examples
    --------
    A belt from rim to rim cannot be avoided at any price:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> from geo.alignment.values import Costs, Limits
    >>> grid = Grid((7, 20), Affine(30, 0, 0, 0, -30, 210), CRS(4549))
    >>> level, belt = np.zeros((7, 20)), np.zeros((7, 20))
    >>> belt[:, 9] = 1
    >>> limits = Limits(0.08, 30, 20, 100, 0, 0, 0, max_bridge_m=0, max_tunnel_m=0)
    >>> costs = Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5, pavement_yuan_m=1000)
    >>> site = Site(Raster(level, grid), limits, costs, None)
    >>> found = avoidance(site, [(75, 105), (495, 105)], Raster(belt, grid), percent=50)
    >>> found.avoidable, found.through.cost_yuan, found.around
    (False, 420000.0, None)
    """
    if not percent >= 0:
        raise InputError(
            Text(f"百分比须为 0 或以上：{percent}", f"percent must be 0 or more: found {percent}")
        )
    if zone.grid != site.dem.grid:
        raise GridError(Text("分区与地形网格不一致", "the zone must have the grid of the terrain"))
    fineness = lattice or Lattice()
    dem, limits, costs, zones = site
    through = search(dem, points, limits, costs, zones=zones, lattice=fineness)
    most = through.cost_yuan * (1 + percent / 100)
    closed = zone.valid & (zone.values != 0)
    if not _touched(through, closed, site.dem):
        return Avoidance(True, through, through, most, everywhere=False)
    quiet = replace(fineness, progress=None)
    task = asked(dem, points, limits, costs, zones=_without(site, closed), lattice=quiet)
    return _around(task, through, most)


def _around(task: Task, through: Path, most: float) -> Avoidance:
    log = Log()
    around = None
    try:
        found, corridor = coarse_to_fine(task, log)
        if found is None:
            return Avoidance(False, through, None, most, everywhere=True)
        around = answer(task, found, corridor, log.states)
        if around.cost_yuan <= most:
            return Avoidance(True, through, around, most, everywhere=False)
        best = attempted(task, Pass(most_yuan=most), log)
    except LimitError:
        return Avoidance(None, through, around, most, everywhere=False)
    if best is None:
        return Avoidance(False, through, around, most, everywhere=True)
    around = answer(task, best, math.inf, log.states)
    return Avoidance(True, through, around, most, everywhere=True)


def _without(site: Site, closed: NDArray[np.bool_]) -> Zones:
    """Forbid the zone on top of what is forbidden."""
    shut = np.where(closed, np.inf, 0.0)
    if site.zones is None:
        return Zones(Raster(shut, site.dem.grid))
    above = site.zones.above.values.astype(np.float64) + shut
    return replace(site.zones, above=Raster(above, site.dem.grid))


def _touched(road: Path, closed: NDArray[np.bool_], dem: Raster) -> bool:
    """Say whether a road on earth or a bridge has a vertex in or beside closed cells."""
    above = np.append(road.structure != TUNNEL, True) & np.append(True, road.structure != TUNNEL)
    x, y = road.xy[above].T
    half = dem.grid.resolution / 2
    for right in (-half, 0, half):
        for up in (-half, 0, half):
            rows, columns = dem.grid.index(x + right, y + up)
            inside = dem.grid.inside(rows, columns)
            if closed[rows[inside], columns[inside]].any():
                return True
    return False
