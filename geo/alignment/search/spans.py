"""Bridges and tunnels of the compiled road search: moves that leave the ground."""

from __future__ import annotations

import numpy as np
from numba import njit

from geo.alignment.search.earth import Run, Work, read, stuck, zone
from geo.alignment.search.states import (
    BEST,
    BRIDGE,
    BRIDGE_HEIGHT,
    CELL,
    COLUMNS,
    GRADE,
    HEADINGS,
    HEIGHT,
    JUMP,
    LAND,
    LEAST,
    LEAST_STRUCTURE,
    LEVELS,
    MOST_BRIDGE,
    MOST_CUT,
    MOST_FILL,
    MOST_TUNNEL,
    ROUNDING,
    ROWS,
    STRIDE,
    TUNNEL,
    WIDTH,
    Floats,
    Nodes,
    Rules,
    Terrain,
    cell_of,
    entered,
    ground_step,
    offer,
    reach,
)

OUTSIDE = -2


@njit(cache=True)
def off_ground(
    column: int,
    count: int,
    world: tuple[Terrain, Nodes, Rules],
    run: Run,
    work: Work,
) -> None:
    """Expand bridges and tunnels along the heading, reading the ground between once."""
    terrain, nodes, rules = world
    f, stride = run[2], nodes.size[STRIDE]
    rank, heading = column // nodes.size[HEADINGS], column % nodes.size[HEADINGS]
    step, each = rules.steps[heading], rules.ladder[heading, 0]
    r, c = cell_of(rank, nodes)
    along = f[CELL] * stride * np.sqrt(float(step[0] ** 2 + step[1] ** 2)) / each
    last = rules.ladder[heading, -1] * each
    count = _stuck((column, rank, count), world, f, work) if last > 0 else 0
    if not _longest((column, rank, count), nodes, run, work):
        return
    sums = (0.0, 0.0, 0.0)
    for k in range(1, last + 1):
        if k % each == 0:
            to = _landing(rank, heading, k // each, nodes, rules)
            if to == OUTSIDE:
                return
            if to >= 0 and k > 1:
                _land((column, count, to), (k, along, k // each), sums, (world, run), work)
        share = k * stride / each
        at = (r + share * step[0], c + share * step[1])
        here = read(terrain.ground, at[0], at[1])
        if np.isnan(here):
            return
        above, below = _zones(terrain, at)
        sums = (sums[0] + here, sums[1] + above, sums[2] + below)
        if not _alive((rank, count, k), (here, along), sums, nodes, f, work):
            return


@njit(cache=True)
def _stuck(
    at: tuple[int, int, int], world: tuple[Terrain, Nodes, Rules], f: Floats, work: Work
) -> int:
    """Keep of the levels those from which no step on earth leads straight on; give how many."""
    column, rank, count = at
    kept, lowest, heading = 0, ground_step(rank, world[1]), column % world[1].size[HEADINGS]
    for j in range(count):
        level = work.levels[j]
        if stuck((rank, heading, lowest + level), world, f, work):
            work.levels[kept] = level
            kept += 1
    return kept


@njit(cache=True)
def _zones(terrain: Terrain, at: tuple[float, float]) -> tuple[float, float]:
    """Read zones for bridges and tunnels."""
    if not terrain.zoned:
        return 0.0, 0.0
    return zone(terrain.bridge, at[0], at[1]), zone(terrain.tunnel, at[0], at[1])


@njit(cache=True)
def _landing(rank: int, heading: int, steps: int, nodes: Nodes, rules: Rules) -> int:
    """Give the rank that a structure of so many steps ends at; −1: none, `OUTSIDE`: none on."""
    step, columns = rules.steps[heading], nodes.size[COLUMNS]
    row = nodes.node[rank] // columns + steps * step[0]
    over = nodes.node[rank] % columns + steps * step[1]
    if not (0 <= row < nodes.size[ROWS] and 0 <= over < columns):
        return OUTSIDE
    ladder = rules.ladder[heading, 1:]
    if ladder[np.searchsorted(ladder, steps)] != steps:
        return -1
    return entered(row * columns + over, nodes.layer[rank], nodes)


@njit(cache=True)
def _longest(at: tuple[int, int, int], nodes: Nodes, run: Run, work: Work) -> bool:
    """Give for each level the longest structures from it; False if there are none."""
    reached, queue, f = run
    column, rank, count = at
    least, any_allowed = f[LEAST], False
    bridge = max(f[BRIDGE] + f[LAND] * f[WIDTH] - least, 0.0)
    tunnel = max(f[TUNNEL] - least, 0.0)
    for j in range(count):
        work.needs[j], work.may[j] = -np.inf, np.inf
        work.bridge[j], work.tunnel[j] = f[MOST_BRIDGE], f[MOST_TUNNEL]
        # cost + length × price + least × (far − length) < best
        state = column * nodes.size[LEVELS] + work.levels[j]
        spare = max(queue.scale[BEST] - reached.cost[state] - least * nodes.far[rank], 0.0)
        if spare < f[MOST_BRIDGE] * bridge:
            work.bridge[j] = spare / bridge
        if spare < f[MOST_TUNNEL] * tunnel:
            work.tunnel[j] = spare / tunnel
        any_allowed |= max(work.bridge[j], work.tunnel[j]) > 0
    return any_allowed


@njit(cache=True)
def _alive(
    at: tuple[int, int, int],
    reading: tuple[float, float],
    sums: tuple[float, float, float],
    nodes: Nodes,
    f: Floats,
    work: Work,
) -> bool:
    """Count a reading in, and say whether a bridge or a tunnel past it can exist."""
    rank, count, k = at
    here, along = reading
    steepest = f[GRADE] * along + ROUNDING
    far = (k + 1) * along - ROUNDING
    bridge, tunnel = sums[1] < np.inf, sums[2] < np.inf
    lowest, alive = ground_step(rank, nodes), False
    for j in range(count):
        slope = (here - (lowest + work.levels[j]) * f[HEIGHT]) / k
        work.needs[j], work.may[j] = max(work.needs[j], slope), min(work.may[j], slope)
        alive |= bridge and work.needs[j] <= steepest and far <= work.bridge[j]
        alive |= tunnel and work.may[j] >= -steepest and far <= work.tunnel[j]
    return alive


@njit(cache=True)
def _land(
    ends: tuple[int, int, int],
    span: tuple[int, float, int],
    sums: tuple[float, float, float],
    given: tuple[tuple[Terrain, Nodes, Rules], Run],
    work: Work,
) -> None:
    """Offer every height at the far end of a structure."""
    world, run = given
    terrain, nodes, _ = world
    reached, _, f = run
    column, count, to = ends
    k, along, steps = span
    length, step = k * along, f[HEIGHT]
    if length < f[LEAST_STRUCTURE] - ROUNDING:
        return
    rank, heading = column // nodes.size[HEADINGS], column % nodes.size[HEADINGS]
    r, c = cell_of(rank, nodes)
    row, over = cell_of(to, nodes)
    ground, above, below = terrain.ground[row, over], sums[1], sums[2]
    if terrain.zoned:
        above += (terrain.bridge[r, c] + terrain.bridge[row, over]) / 2
        below += (terrain.tunnel[r, c] + terrain.tunnel[row, over]) / 2
    bridge = length * (f[BRIDGE] + f[LAND] * f[WIDTH]) + along * above
    tunnel = length * f[TUNNEL] + along * below
    for j in range(count):
        height = ground_step(rank, nodes) + work.levels[j]
        state = column * nodes.size[LEVELS] + work.levels[j]
        cost, how = reached.cost[state], JUMP + 2 * steps
        low, high = reach(height, length, to, nodes, f)
        low = max(low, int(np.ceil((ground - f[MOST_CUT] - ROUNDING) / step)))
        high = min(high, int(np.floor((ground + f[MOST_FILL] + ROUNDING) / step)))
        back = (heading + nodes.size[HEADINGS] // 2) % nodes.size[HEADINGS]
        for end in range(low, high + 1):
            slope = (end - height) * step / k
            bridged = slope >= work.needs[j] - ROUNDING and length <= work.bridge[j] + ROUNDING
            bored = slope <= work.may[j] + ROUNDING and length <= work.tunnel[j] + ROUNDING
            if not (bridged or bored) or not stuck((to, back, end), world, f, work):
                continue
            if bridged and bridge < np.inf:
                open_m2 = along * ((k - 1) * (height + end) * step / 2 - sums[0])
                price = bridge + f[BRIDGE_HEIGHT] * max(open_m2, 0.0)
                offer((to, heading, end, 1), cost + price, (state, how), nodes, run)
            if bored and tunnel < np.inf:
                offer((to, heading, end, 1), cost + tunnel, (state, how + 1), nodes, run)
