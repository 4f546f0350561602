"""Bridges and tunnels of the compiled road search: moves that leave the ground."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from geo.alignment.search.earth import Place, Work, read, stuck, zone
from geo.alignment.search.states import (
    BEST,
    JUMP,
    ROUNDING,
    Came,
    Figures,
    Nodes,
    Rules,
    Run,
    State,
    Terrain,
    World,
    cell_of,
    entered,
    ground_step,
    offer,
    reach,
)

OUTSIDE = -2  # where a structure would end: beyond the lattice, so that none longer is possible


class Start(NamedTuple):
    """Where structures begin: a column, and how many of its levels are `listed` in `Work`."""

    column: int
    rank: int
    heading: int
    listed: int


class Span(NamedTuple):
    """A structure so far: `read` readings `apart` metres apart, and the sums over those between.

    Of the ground (m above the start), and of the zones for bridges and for tunnels (yuan/m).
    """

    read: int
    apart: float
    ground: float
    above: float
    below: float


@njit(cache=True)
def off_ground(column: int, count: int, world: World, run: Run, work: Work) -> None:
    """Expand bridges and tunnels along the heading, reading the ground between once."""
    terrain, nodes, rules = world.terrain, world.nodes, world.rules
    figures, stride = run.figures, nodes.size.stride
    rank, heading = column // nodes.size.headings, column % nodes.size.headings
    step, each = rules.steps[heading], rules.ladder[heading, 0]
    r, c = cell_of(rank, nodes)
    apart = figures.cell_m * stride * np.sqrt(float(step[0] ** 2 + step[1] ** 2)) / each
    last = rules.ladder[heading, -1] * each
    start = Start(column, rank, heading, count)
    left = _stuck(start, world, figures, work) if last > 0 else 0
    start = Start(column, rank, heading, left)
    if not _longest(start, nodes, run, work):
        return
    span = Span(0, apart, 0.0, 0.0, 0.0)
    for k in range(1, last + 1):
        span = Span(k, apart, span.ground, span.above, span.below)
        if k % each == 0:
            to = _landing(start, k // each, nodes, rules)
            if to == OUTSIDE:
                return
            if to >= 0 and k > 1:
                _land(start, to, span, world, run, work)
        share = k * stride / each
        row, over = r + share * step[0], c + share * step[1]
        here = read(terrain.ground, row, over)
        if np.isnan(here):
            return
        above, below = _zones(terrain, row, over)
        span = Span(k, apart, span.ground + here, span.above + above, span.below + below)
        if not _alive(start, span, here, nodes, figures, work):
            return


@njit(cache=True)
def _stuck(start: Start, world: World, figures: Figures, work: Work) -> int:
    """Keep of the levels those from which no step on earth leads straight on; give how many."""
    kept, lowest = 0, ground_step(start.rank, world.nodes)
    for j in range(start.listed):
        level = work.levels[j]
        if stuck(Place(start.rank, start.heading, lowest + level), world, figures, work):
            work.levels[kept] = level
            kept += 1
    return kept


@njit(cache=True)
def _zones(terrain: Terrain, row: float, over: float) -> tuple[float, float]:
    """Read zones for bridges and tunnels."""
    if not terrain.zoned:
        return 0.0, 0.0
    return zone(terrain.bridge, row, over), zone(terrain.tunnel, row, over)


@njit(cache=True)
def _landing(start: Start, steps: int, nodes: Nodes, rules: Rules) -> int:
    """Give the rank that a structure of so many steps ends at; −1: none, `OUTSIDE`: none on."""
    step, columns = rules.steps[start.heading], nodes.size.columns
    row = nodes.node[start.rank] // columns + steps * step[0]
    over = nodes.node[start.rank] % columns + steps * step[1]
    if not (0 <= row < nodes.size.rows and 0 <= over < columns):
        return OUTSIDE
    ladder = rules.ladder[start.heading, 1:]
    if ladder[np.searchsorted(ladder, steps)] != steps:
        return -1
    return entered(row * columns + over, nodes.layer[start.rank], nodes)


@njit(cache=True)
def _longest(start: Start, nodes: Nodes, run: Run, work: Work) -> bool:
    """Give for each level the longest structures from it; False if there are none."""
    figures, best = run.figures, run.queue.scale[BEST]
    least, any_allowed = figures.least_yuan_m, False
    bridge = max(figures.bridge_yuan_m + figures.land_yuan_m2 * figures.width_m - least, 0.0)
    tunnel = max(figures.tunnel_yuan_m - least, 0.0)
    for j in range(start.listed):
        work.needs[j], work.may[j] = -np.inf, np.inf
        work.bridge[j], work.tunnel[j] = figures.max_bridge_m, figures.max_tunnel_m
        # cost + length × price + least × (far − length) < best
        state = start.column * nodes.size.levels + work.levels[j]
        spare = max(best - run.reached.cost[state] - least * nodes.far[start.rank], 0.0)
        if spare < figures.max_bridge_m * bridge:
            work.bridge[j] = spare / bridge
        if spare < figures.max_tunnel_m * tunnel:
            work.tunnel[j] = spare / tunnel
        any_allowed |= max(work.bridge[j], work.tunnel[j]) > 0
    return any_allowed


@njit(cache=True)
def _alive(
    start: Start, span: Span, here: float, nodes: Nodes, figures: Figures, work: Work
) -> bool:
    """Count the last reading in, and say whether a bridge or a tunnel past it can exist."""
    steepest = figures.max_grade * span.apart + ROUNDING
    far = (span.read + 1) * span.apart - ROUNDING
    bridge, tunnel = span.above < np.inf, span.below < np.inf
    lowest, alive = ground_step(start.rank, nodes), False
    for j in range(start.listed):
        slope = (here - (lowest + work.levels[j]) * figures.step_m) / span.read
        work.needs[j], work.may[j] = max(work.needs[j], slope), min(work.may[j], slope)
        alive |= bridge and work.needs[j] <= steepest and far <= work.bridge[j]
        alive |= tunnel and work.may[j] >= -steepest and far <= work.tunnel[j]
    return alive


@njit(cache=True)
def _land(start: Start, to: int, span: Span, world: World, run: Run, work: Work) -> None:
    """Offer every height at the far end of a structure."""
    terrain, nodes, rules = world.terrain, world.nodes, world.rules
    figures = run.figures
    length, step = span.read * span.apart, figures.step_m
    if length < figures.min_structure_m - ROUNDING:
        return
    row, over = cell_of(to, nodes)
    ground = terrain.ground[row, over]
    bridge, tunnel = _prices(start, to, span, terrain, nodes, figures)
    lowest = ground_step(start.rank, nodes)
    back = (start.heading + nodes.size.headings // 2) % nodes.size.headings
    how = JUMP + 2 * (span.read // rules.ladder[start.heading, 0])
    for j in range(start.listed):
        height = lowest + work.levels[j]
        state = start.column * nodes.size.levels + work.levels[j]
        cost = run.reached.cost[state]
        low, high = reach(height, length, to, nodes, figures)
        low = max(low, int(np.ceil((ground - figures.max_cut_m - ROUNDING) / step)))
        high = min(high, int(np.floor((ground + figures.max_fill_m + ROUNDING) / step)))
        for end in range(low, high + 1):
            slope = (end - height) * step / span.read
            bridged = slope >= work.needs[j] - ROUNDING and length <= work.bridge[j] + ROUNDING
            bored = slope <= work.may[j] + ROUNDING and length <= work.tunnel[j] + ROUNDING
            if not (bridged or bored) or not stuck(Place(to, back, end), world, figures, work):
                continue
            landed = State(to, start.heading, end, 1)
            if bridged and bridge < np.inf:
                open_m2 = span.apart * ((span.read - 1) * (height + end) * step / 2 - span.ground)
                price = bridge + figures.bridge_height_yuan_m2 * max(open_m2, 0.0)
                offer(landed, cost + price, Came(state, how), nodes, run)
            if bored and tunnel < np.inf:
                offer(landed, cost + tunnel, Came(state, how + 1), nodes, run)


@njit(cache=True)
def _prices(
    start: Start, to: int, span: Span, terrain: Terrain, nodes: Nodes, figures: Figures
) -> tuple[float, float]:
    """Give what a bridge, its height left out, and a tunnel cost from end to end."""
    length, above, below = span.read * span.apart, span.above, span.below
    if terrain.zoned:
        r, c = cell_of(start.rank, nodes)
        row, over = cell_of(to, nodes)
        above += (terrain.bridge[r, c] + terrain.bridge[row, over]) / 2
        below += (terrain.tunnel[r, c] + terrain.tunnel[row, over]) / 2
    deck = figures.bridge_yuan_m + figures.land_yuan_m2 * figures.width_m
    return length * deck + span.apart * above, length * figures.tunnel_yuan_m + span.apart * below
