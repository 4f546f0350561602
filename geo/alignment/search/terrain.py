"""The road between places that costs least, searched on the terrain in plan and height at once.

Method: A* (Hart, Nilsson, Raphael 1968) over a state lattice (Pivtoraiko and Kelly 2005).

1. A state is a node, a heading and a height: a cell, a grid direction, and a whole number of steps
   from the ground of the start; the height lies within some levels of the ground of the cell,
   rounded to steps (halves up), and within `max_cut_m` and `max_fill_m` of the ground. Where roads
   are forbidden or the ground is unknown there is none.
2. On earth the road goes on by the moves of `geo.alignment.search.lattice`, at even grade of at
   most `max_grade` over the length of the move. Wherever the ground is read (bilinearly between
   cell centres), cut and fill stay within limits. Cost: pavement, earthwork and land of a section
   with side slopes (level across) and the zone, by the trapezoid rule over the readings, ends
   included.
3. Off the ground it goes straight on along the heading, unless it is a fine one, for 1, 2, … steps
   up to 9, then an eighth more (rounded up) each time, as long as the longest structure allows, and
   no shorter than the shortest; at least one reading lies between the ends. A bridge runs nowhere
   between its ends under ground, a tunnel nowhere above. Cost of a bridge: `bridge_yuan_m`, land of
   its width, zone, and `bridge_height_yuan_m2` × height × distance of each reading between; of a
   tunnel: `tunnel_yuan_m` and the zone below.
   It begins and ends where it must: no step straight on (at its end: straight back) is possible on
   earth from there at any grade for what a metre of the cheaper kind costs without height and zone.
4. A structure is followed by a move on earth: two never join to one that is too long.
5. A move that ends at the next point to lead through takes the road to its next leg. The road
   starts on the ground in any heading and ends within half a step of the ground in any heading.

All such roads are searched, none is better (`gap` 0) unless the budget of states was used up:
then what waits is searched on greedily, and `bound_yuan` is what no road falls short of. With a
coarse search first, this is said of the roads within `corridor_m` of its answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo.alignment.search.run import Found, Log, attempted
from geo.alignment.search.task import Cell, Lattice, Near, Pass, Task, Zones, require_zones
from geo.alignment.values import Costs, Limits
from geo.errors import InfeasibleError, InputError, Problem
from geo.raster import Raster
from geo.words import Text, joined

__all__ = ["Lattice", "Path", "Zones", "search"]

WIDER = 2.5  # times the corridor, tried before everywhere: `Lattice.corridor_m` promises it
ROUGH = 2  # steps of heights taken as one in the second search
FAR, NEAR = 12, 2  # coarse steps: a coarse search pays where a leg is longer than FAR, and none is
# shorter than NEAR, at which the two nodes of a leg could fall into one
COARSE, MIDDLE, FINE = (0.0, 0.3), (0.3, 0.7), (0.7, 1.0)
"""Shares of the work that the three searches take, as told to `Lattice.progress`: by experience."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Path:
    """A road as it was searched.

    Parameters
    ----------
    xy, z
        Vertices, at most about a cell apart, shapes (n, 2) and (n,); the first, the last and those
        in `stops` are centres of the cells that hold the points asked for.
    structure
        `EARTH`, `BRIDGE` or `TUNNEL` of each leg between vertices, shape (n − 1,).
    stops
        Vertices at the points asked for, in their order.
    length_m
        Length, curves as arcs and spirals.
    cost_yuan, bound_yuan, gap
        Cost, what no road of the discretised problem falls short of, (cost − bound) / cost.
    corridor_m
        How far from the answer of the coarse search roads were looked for; infinite: everywhere.
    states
        States expanded, all searches together.
    """

    xy: Floats
    z: Floats
    structure: NDArray[np.int64]
    stops: tuple[int, ...]
    length_m: float
    cost_yuan: float
    bound_yuan: float
    gap: float
    corridor_m: float
    states: int


def search(
    dem: Raster,
    points: Sequence[tuple[float, float]],
    limits: Limits,
    costs: Costs,
    *,
    zones: Zones | None = None,
    lattice: Lattice | None = None,
) -> Path:
    """Find the road through points in their order that costs least.

    Parameters
    ----------
    dem
        Heights of the ground in m, in a metric CRS.
    points
        x, y of start, points to lead through, end, in the CRS of the dem.
    limits
        Of these grade, radius, spiral, cut and fill, and lengths of structures count; slope
        lengths, mean grades and vertical curves are left to the profile.
    costs
        Prices.
    zones
        What it costs on top to run through places, on the grid of the dem.
    lattice
        How finely to search.

    Returns
    -------
    Path
        Of roads of one cost an arbitrary but repeatable one.

    Raises
    ------
    InputError
        If points or zones cannot be used.
    InfeasibleError
        If there is no road; it names what was tried in vain and the least relaxation that helps.
    LimitError
        If the problem has more states than memory is granted for, or the budget is used up before
        any road is found.

    Examples
    --------
    Ten cells along a row of level ground, at 1,000 yuan a metre:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((5, 12), Affine(30, 0, 0, 0, -30, 150), CRS(4549))
    >>> level = Raster(np.full((5, 12), 100.0), grid)
    >>> limits = Limits(0.08, 30, 20, 100, 0, 0, 0, max_bridge_m=0, max_tunnel_m=0)
    >>> costs = Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5, pavement_yuan_m=1000)
    >>> road = search(level, [(15, 75), (315, 75)], limits, costs)
    >>> road.length_m, road.cost_yuan, road.gap
    (300.0, 300000.0, 0.0)
    """
    lattice = lattice or Lattice()
    task = asked(dem, points, limits, costs, zones=zones, lattice=lattice)
    log = Log(lattice.progress)
    found, corridor = coarse_to_fine(task, log)
    if found is None:
        from geo.alignment.search.loosening import problems

        raise InfeasibleError(
            Text("按限制条件无可行路线", "no road obeys the limits"),
            problems=problems(task, lambda other: attempted(other, first_pass(other), Log())),
        )
    return answer(task, found, corridor, log.states)


def asked(
    dem: Raster,
    points: Sequence[tuple[float, float]],
    limits: Limits,
    costs: Costs,
    *,
    zones: Zones | None,
    lattice: Lattice,
) -> Task:
    """Put together what is asked; raise InputError or GridError where that is wrong."""
    if zones is not None:
        require_zones(dem, zones)
    return Task(dem, _cells(dem, points, zones), limits, costs, zones, lattice)


def answer(task: Task, found: Found, corridor_m: float, states: int) -> Path:
    """Give what was found as a path in the CRS of the terrain."""
    x, y = task.dem.grid.xy(found.places[:, 0], found.places[:, 1])
    legs = found.places[:, 2]
    stops = [int(np.flatnonzero(legs == leg)[-1]) for leg in range(len(task.cells) - 1)]
    cost, bound = found.cost_yuan, found.bound_yuan
    gap = (cost - bound) / cost if cost else 0.0
    xy = np.stack([x, y], axis=1)
    structure, length = found.structure, found.length_m
    return Path(xy, found.z, structure, (0, *stops), length, cost, bound, gap, corridor_m, states)


def _cells(
    dem: Raster, points: Sequence[tuple[float, float]], zones: Zones | None
) -> tuple[Cell, ...]:
    """Give the cells of points, or refuse them all at once."""
    places = np.array(points, dtype=np.float64)
    if places.ndim != 2 or places.shape[1:] != (2,) or len(places) < 2:
        raise InputError(
            Text(
                f"须有两个或更多的点：{places.shape}",
                f"two points or more are needed: found {places.shape}",
            )
        )
    rows, columns = dem.grid.index(places[:, 0], places[:, 1])
    cells = tuple(zip(rows.tolist(), columns.tolist(), strict=True))
    inside = dem.grid.inside(rows, columns)
    wrong = []
    for i, cell in enumerate(cells):
        if not inside[i] or not dem.valid[cell]:
            wrong.append((i, Text("无地形数据", "no terrain")))
        elif zones is not None and not zones.above.values[cell] < np.inf:
            wrong.append((i, Text("在禁止区内", "in a forbidden zone")))
        elif i and cell == cells[i - 1]:
            wrong.append((i, Text("与前一点在同一像元内", "in the cell of the point before")))
    if wrong:
        raise InputError(
            Text("起讫点或途经点不可用", "points cannot be used"),
            problems=[
                Problem(
                    row=f"{i}",
                    field="points",
                    found=joined([f"{tuple(points[i])}", what], " ", " "),
                )
                for i, what in wrong
            ],
        )
    return cells


def first_pass(task: Task) -> Pass:
    """Give the first search to run: a coarse one pays on long ways only."""
    coarse = task.lattice.coarse
    hops = np.diff(np.array(task.cells), axis=0)
    far = np.hypot(*hops.T)
    if coarse > 1 and far.max() > FAR * coarse and far.min() > NEAR * coarse:
        return Pass(coarse, coarse, share=COARSE)
    return Pass()


def coarse_to_fine(task: Task, log: Log) -> tuple[Found | None, float]:
    """Search coarsely, then ever finer near the answer before, or wider, or everywhere."""
    first = first_pass(task)
    near = attempted(task, first, log) if first.stride > 1 else None
    if near is None:
        return attempted(task, Pass(), log), math.inf
    narrow, wide = task.lattice.corridor_m, WIDER * task.lattice.corridor_m
    # Finer searches find cheaper roads as a rule: what costs more is left out at first.
    for corridor, most in ((narrow, near.cost_yuan), (narrow, math.inf), (wide, math.inf)):
        where = Near(near.places, corridor)
        rough = attempted(task, Pass(1, ROUGH, where, most, MIDDLE), log)
        if rough is not None:
            tube = task.lattice.tube_m
            for ceiling in (rough.cost_yuan, math.inf):
                last = Pass(1, 1, Near(rough.places, tube), ceiling, FINE)
                found = attempted(task, last, log)
                if found is not None:
                    return found, tube
        elif most == math.inf:
            found = attempted(task, Pass(near=where, share=FINE), log)
            if found is not None:
                return found, corridor
    return attempted(task, Pass(), log), math.inf
