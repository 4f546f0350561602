"""The discretised problem that a road search solves: its terrain, nodes and rules as arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from geo.alignment.search.earth import section
from geo.alignment.search.lattice import fine, headings, moves, readings
from geo.alignment.search.lending import record
from geo.alignment.search.states import Figures, Goal, Nodes, Rules, Size, Terrain, World
from geo.alignment.search.task import Cell, Floats, Near, Pass, Task
from geo.errors import LimitError
from geo.raster import Raster
from geo.words import Text

MOST_STATES = 100_000_000
"""States a search may hold: less than 3 GB if all of them are reached (14 bytes each, twice for
those landed at, and one for `Work.stuck`)."""
DEEPEST = 1e6  # m: an unlimited depth stays a number that can be compared
LADDER = 1.125  # times the length before: structures are tried at ever coarser lengths


@dataclass(frozen=True, eq=False)
class Space:
    """A problem: what `geo.alignment.search.terrain` searches.

    Parameters
    ----------
    world, figures
        For the compiled search.
    origin
        Row and column of the terrain's node (0, 0) in the dem.
    zero_m
        Height that heights are counted from.
    start
        Node that the road starts at.
    """

    world: World
    figures: Figures
    origin: Cell
    zero_m: float
    start: int


def space(task: Task, how: Pass) -> Space:
    """Lay out the problem of a pass.

    Parameters
    ----------
    task
        What is asked; all cells have ground.
    how
        With more than a cell between nodes, cells to lead through move to the nearest node, and
        the road may start and end at any height.

    Raises
    ------
    LimitError
        If there are more than `MOST_STATES` states.
    """
    cell, limits, lattice, stride = task.dem.grid.resolution, task.limits, task.lattice, how.stride
    height = how.steps * (lattice.height_step_m or limits.max_grade * cell)
    rules = _rules(task, stride)
    rim = math.ceil(np.abs(rules.moves.point).max()) + 2
    origin, shape = _window(task, stride)
    terrain, zero = _terrain(task, origin, shape, rim)
    inner = slice(rim, rim + shape[0], stride), slice(rim, rim + shape[1], stride)
    ground = terrain.ground[inner]
    free = ~np.isnan(ground)
    if terrain.zoned:
        free &= terrain.earth[inner] < np.inf
    at = np.round((np.array(task.cells) - origin) / stride).astype(np.int64)
    points = at[:, 0] * free.shape[1] + at[:, 1]
    legs = _legs(task, origin, stride, free.shape, how.near)
    deepest, highest = (
        # A coarse search may reach up to a step further.
        math.ceil(d / height) if stride > 1 else math.floor(d / height + 1e-9)
        for d in (lattice.deepest_m, lattice.highest_m)
    )
    levels = deepest + highest + 1
    rows, columns = free.shape
    size = record(Size(rows, columns, stride, rim, levels, -deepest, lattice.headings))
    level = np.where(free, np.floor(np.nan_to_num(ground) / height + 0.5), 0).astype(np.int64)
    rank = np.full((len(legs), free.size), -1, dtype=np.int32)
    allowed = np.stack([leg & free for leg in legs]).reshape(len(legs), -1)
    count = int(allowed.sum())
    if count * lattice.headings * levels > MOST_STATES:
        raise LimitError(
            Text(
                f"搜索状态过多：{count * lattice.headings * levels:,} 个，最多 {MOST_STATES:,} 个；"
                "请放大像元、增加途经点、收窄走廊或减少高度层",
                f"{count * lattice.headings * levels:,} states, at most {MOST_STATES:,}: take "
                "larger cells, more points on the way, a narrower corridor or fewer levels",
            )
        )
    rank[allowed] = np.arange(count)
    layer, node = (a.astype(np.int32) for a in np.nonzero(allowed))
    hops = cell * stride * np.hypot(*np.diff(at, axis=0).T)
    rest = np.append(np.cumsum(hops[:0:-1])[::-1], 0.0)
    offset = np.stack(np.divmod(node, free.shape[1]), axis=1) - at[1:][layer]
    far = cell * stride * np.hypot(*offset.T) + rest[layer]
    any_height = stride > 1
    end = int(level.ravel()[points[-1]])
    low, high = (end - deepest, end + highest) if any_height else (end, end)
    goal = Goal(int(rank[-1, points[-1]]), low, high)
    nodes = Nodes(size, level.ravel(), rank, node, layer, far, points[1:], goal)
    return Space(World(terrain, nodes, rules), _figures(task, height), origin, zero, int(points[0]))


def _window(task: Task, stride: int) -> tuple[Cell, Cell]:
    """Give first row and column, and shape in cells, of what the ellipses touch."""
    cells = np.array(task.cells)
    longest = max(_allowance(task, i) for i in range(len(cells) - 1)) / task.dem.grid.resolution
    rim = math.ceil(longest / 2) + 2 * stride
    low = np.maximum(cells.min(axis=0) - rim, 0)
    low += (cells[0] - low) % stride  # the start is a node
    high = np.minimum(cells.max(axis=0) + rim + 1, task.dem.grid.shape)
    rows, columns = (int(v) for v in high - low)
    return (int(low[0]), int(low[1])), (rows, columns)


def _allowance(task: Task, leg: int) -> float:
    """Give the longest way searched for a leg, in m."""
    a, b = task.cells[leg], task.cells[leg + 1]
    straight = math.dist(a, b) * task.dem.grid.resolution
    rise = abs(float(task.dem.values[a]) - float(task.dem.values[b]))
    return (
        task.lattice.stretch * max(straight, rise / task.limits.max_grade) + task.lattice.margin_m
    )


def _legs(
    task: Task, origin: Cell, stride: int, shape: Cell, near: Near | None
) -> list[NDArray[np.bool_]]:
    """Say of each leg which nodes it may use."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    found = []
    for leg in range(len(task.cells) - 1):
        if near is None:
            far = sum(
                np.hypot(rows * stride + origin[0] - row, columns * stride + origin[1] - column)
                for row, column in task.cells[leg : leg + 2]
            )
            found.append(np.asarray(far * task.dem.grid.resolution <= _allowance(task, leg)))
            continue
        rows_of, columns_of, legs_of = near.places.T
        here = legs_of == leg
        points = np.stack([rows_of[here], columns_of[here]], axis=1)
        off = np.ones(shape, dtype=bool)
        at = np.round((points - origin) / stride).astype(np.int64)
        off[np.clip(at[:, 0], 0, shape[0] - 1), np.clip(at[:, 1], 0, shape[1] - 1)] = False
        metres = distance_transform_edt(off) * stride * task.dem.grid.resolution
        found.append(np.asarray(metres <= near.within_m))
    return found


def _terrain(task: Task, origin: Cell, shape: Cell, rim: int) -> tuple[Terrain, float]:
    rows, columns = (slice(o, o + n) for o, n in zip(origin, shape, strict=True))
    zero = float(task.dem.values[task.cells[0]])

    def cut(raster: Raster, outside: float) -> Floats:
        values = np.full((shape[0] + 2 * rim, shape[1] + 2 * rim), outside)
        values[rim : rim + shape[0], rim : rim + shape[1]] = np.where(
            raster.valid, raster.values, np.nan
        )[rows, columns]
        return values

    ground = cut(task.dem, np.nan) - zero
    if task.zones is None:
        none = np.zeros((1, 1))
        return Terrain(ground, none, none, none, zoned=False), zero
    below, earth = task.zones.below, task.zones.earth
    above = cut(task.zones.above, np.inf)
    crossed = None if task.zones.crossed is None else task.zones.crossed.cells
    dry = above
    for on_top in (earth, crossed):
        dry = dry if on_top is None else dry + cut(on_top, np.inf)
    free = np.zeros_like(ground) if below is None else cut(below, np.inf)
    return Terrain(ground, dry, above, free, zoned=True), zero


def _rules(task: Task, stride: int) -> Rules:
    limits, cell = task.limits, task.dem.grid.resolution
    count = task.lattice.headings
    longest = min(max(limits.max_bridge_m, limits.max_tunnel_m), task.lattice.longest_m)
    steps = headings(count)
    rungs = []
    for i, step in enumerate(steps):
        length = stride * cell * math.hypot(*step)
        most = 0 if fine(i, count) else math.floor(longest / length + 1e-9)
        rungs.append([readings(length, cell * stride), *_rungs(most)])
    wide = max(map(len, rungs))
    ladder = np.array([[*rung, *[rung[-1]] * (wide - len(rung))] for rung in rungs])
    return Rules(moves(count, cell, stride, limits), steps, ladder)


def _figures(task: Task, step: float) -> Figures:
    """Give limits and prices for compiled code."""
    limits, costs = task.limits, task.costs
    figures = Figures(
        cell_m=task.dem.grid.resolution,
        step_m=step,
        max_grade=limits.max_grade,
        max_cut_m=min(limits.max_cut_m, DEEPEST),
        max_fill_m=min(limits.max_fill_m, DEEPEST),
        least_yuan_m=0.0,
        width_m=costs.width_m,
        cut_slope=costs.cut_slope,
        fill_slope=costs.fill_slope,
        cut_yuan_m3=costs.cut_yuan_m3,
        fill_yuan_m3=costs.fill_yuan_m3,
        pavement_yuan_m=costs.pavement_yuan_m,
        land_yuan_m2=costs.land_yuan_m2,
        bridge_yuan_m=costs.bridge_yuan_m,
        bridge_height_yuan_m2=costs.bridge_height_yuan_m2,
        tunnel_yuan_m=costs.tunnel_yuan_m,
        max_bridge_m=limits.max_bridge_m,
        max_tunnel_m=limits.max_tunnel_m,
        min_structure_m=limits.min_structure_m,
    )
    earth = section(0.0, record(figures))
    return record(figures._replace(least_yuan_m=_least(task, earth)))


def _rungs(most: int) -> list[int]:
    """Give lengths of structures in steps: each up to 5, then an eighth more, and the longest."""
    found = [0]
    while found[-1] < most:
        found.append(min(max(found[-1] + 1, math.ceil(found[-1] * LADDER)), most))
    return found[1:] or [0]


def _least(task: Task, earth: float) -> float:
    """Give the least that a metre of road can cost."""
    costs, above, below = task.costs, 0.0, 0.0
    if task.zones is not None:
        above = float(np.nanmin(task.zones.above.values))
        below = 0.0 if task.zones.below is None else float(np.nanmin(task.zones.below.values))
    bridge = costs.bridge_yuan_m + costs.land_yuan_m2 * costs.width_m
    return min(min(earth, bridge) + above, costs.tunnel_yuan_m + below)
