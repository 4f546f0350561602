"""Questions of location as integer programs, and the prices that their relaxations give.

Where capacities are not limited everybody is served by the nearest, and costs are counted by
distances, the radius formulation: z says that a demand is served at no less than a level, and the
step between levels is what it costs. It has as many columns as levels, not as pairs.

Cornuejols, G., Nemhauser, G. L. and Wolsey, L. A. (1980): A canonical representation of simple
plant location problems and its applications. SIAM Journal on Algebraic and Discrete Methods 1,
261-272.
Elloumi, S. (2010): A tighter formulation of the p-median problem. Journal of Combinatorial
Optimization 19, 69-83.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geo.exchange.program import Entries, Program, Solution
from geo.siting.locate.model import CLOSED, OPEN, Flags, Floats, Model, Whole

LARGEST = 1e4  # rows of capacities and budgets are scaled to this, so that tolerances are small


class Duals(NamedTuple):
    """Prices as `geo.certificates.locations.values.Prices` has them."""

    serve: Floats
    capacity: Floats
    near: Floats
    number: float
    budget: float


@dataclass
class Drawn:
    """A program under construction, and where rows and columns of it stand.

    `open` are columns of sites (−1: closed); `demand`, `site`, `serve` pairs and their columns;
    `lost` columns of what is left unserved (−1: none); `level` the least cost of each demand.
    """

    on: Model
    program: Program
    open: Whole
    demand: Whole
    site: Whole
    serve: Whole
    lost: Whole
    level: Floats
    first: Whole
    capacity: Whole
    limits: tuple[int, int]
    near: Whole
    scale: Floats


def drawn(on: Model, *, barred: Flags | None = None, extra: bool = False) -> Drawn:
    """Put a question into a program.

    Parameters
    ----------
    on
        The question; sites that its state decides are decided.
    barred
        Pairs that do not serve, shape (n, m).
    extra
        Least capacity to be added anywhere is the objective, instead of that of the question.
    """
    count, width = on.serving.shape
    program = Program()
    opens = np.full(width, -1)
    free = np.flatnonzero(on.state != CLOSED)
    cost = np.zeros(len(free)) if extra else on.opening[free]
    opens[free] = program.columns(cost, 1.0, lower=(on.state[free] == OPEN) * 1.0, whole=True)
    allowed = np.isfinite(on.serving) & (on.state != CLOSED)
    if barred is not None:
        allowed &= ~barred
    if not on.shared and on.covers == 1:
        # who costs as much as nobody, or more, need not serve
        allowed &= on.serving < on.outside[:, None]
    demand, site = np.nonzero(allowed)
    none = np.zeros(0, np.int64)
    made = Drawn(
        on,
        program,
        opens,
        demand,
        site,
        none,
        np.full(count, -1),
        np.zeros(count),
        np.full(count, -1),
        np.full(width, -1),
        (-1, -1),
        np.full(count, -1),
        np.ones(width),
    )
    if on.shared:
        _pairs(made, extra=extra)
    else:
        _levels(made)
    _limits(made)
    return made


def _levels(made: Drawn) -> None:
    """Add the levels of every demand: rows z' − z + sum of y at the level ≥ 0, the first z is 1."""
    on = made.on
    k = float(on.covers)
    cost = on.serving[made.demand, made.site]
    order = np.lexsort((cost, made.demand))
    demand, site, cost = made.demand[order], made.site[order], cost[order]
    fresh = np.r_[True, (np.diff(demand) > 0) | (np.diff(cost) > 0)][: len(demand)]
    row = np.cumsum(fresh) - 1
    owner, level = demand[fresh], cost[fresh]
    ahead = np.r_[np.diff(owner) == 0, False][: len(owner)]  # another level follows
    partial = np.isfinite(on.outside)
    last = np.flatnonzero(~ahead & partial[owner])
    z = np.full(len(owner), -1)
    up = np.flatnonzero(ahead)
    z[up] = made.program.columns(level[up + 1] - level[up], 1.0)
    whole = on.covers > 1
    lost = made.program.columns(on.outside[owner[last]] - level[last] * (k == 1), 1.0, whole=whole)
    z[last] = lost
    made.lost[owner[last]] = lost
    first = np.r_[True, np.diff(owner) > 0][: len(owner)]
    made.first[owner[first]] = made.program.height + np.flatnonzero(first)
    made.level[owner[first]] = level[first]
    mine, before = np.flatnonzero(z >= 0), np.flatnonzero(~first)
    entries: list[Entries] = [
        (row, made.open[site], 1.0),
        (mine, z[mine], np.where(ahead[mine], 1.0, k)),
        (before, z[before - 1], -1.0),
    ]
    made.program.rows(entries, np.where(first, k, 0.0), np.inf)
    alone = np.setdiff1d(np.arange(len(partial)), owner)
    made.level[alone] = on.outside[alone]
    if np.isinf(on.outside[alone]).any():
        made.program.rows([], [1.0], [1.0])  # nobody can serve them


def _pairs(made: Drawn, *, extra: bool) -> None:
    """Add who serves whom, capacities and what is left unserved."""
    on, program = made.on, made.program
    demand, site = made.demand, made.site
    cost = np.zeros(len(demand)) if extra else on.serving[demand, site]
    made.serve = program.columns(cost, 1.0, whole=on.single)
    partial = np.flatnonzero(np.isfinite(on.outside))
    whole = on.single
    lost = np.zeros(len(partial)) if extra else on.outside[partial]
    made.lost[partial] = program.columns(lost, 1.0, whole=whole)
    count, k = len(on.outside), float(on.covers)
    made.first = program.height + np.arange(count)
    entries: list[Entries] = [
        (demand, made.serve, 1.0),
        (partial, made.lost[partial], k),
    ]
    program.rows(entries, np.full(count, k), k)
    pairs = np.arange(len(demand))
    program.rows(
        [(pairs, made.serve, 1.0), (pairs, made.open[site], -1.0)],
        np.full(len(pairs), -np.inf),
        0.0,
    )
    if on.covers > 1:
        part = np.flatnonzero(made.lost[demand] >= 0)
        number = np.arange(len(part))
        program.rows(
            [(number, made.serve[part], 1.0), (number, made.lost[demand[part]], 1.0)],
            np.full(len(part), -np.inf),
            1.0,
        )
    _capacities(made, extra=extra)


def _capacities(made: Drawn, *, extra: bool) -> None:
    on, program = made.on, made.program
    capacity, amount = on.places.sites.capacity, on.places.demands.amount
    limited = np.flatnonzero(np.isfinite(capacity) & (made.open >= 0))
    row = np.full(len(capacity), -1)
    row[limited] = np.arange(len(limited))
    used = np.flatnonzero(row[made.site] >= 0)
    largest = np.maximum(capacity, amount.max(initial=0.0))
    made.scale = LARGEST / np.where(np.isfinite(largest) & (largest > 0), largest, 1.0)
    scale = made.scale[made.site[used]]
    entries: list[Entries] = [
        (row[made.site[used]], made.serve[used], amount[made.demand[used]] * scale),
        (row[limited], made.open[limited], -(capacity * made.scale)[limited]),
    ]
    if extra:
        more = program.columns(np.ones(len(limited)), np.inf)
        entries.append((row[limited], more, -made.scale[limited]))
    made.capacity[limited] = program.height + row[limited]
    program.rows(entries, np.full(len(limited), -np.inf), 0.0)


def _limits(made: Drawn) -> None:
    """Add what limits the open sites: number, budget, one near each demand."""
    on, program = made.on, made.program
    free = np.flatnonzero(made.open >= 0)
    zeros = np.zeros(len(free), np.int64)
    number = budget = -1
    if on.number < len(on.state):
        number = program.height
        program.rows([(zeros, made.open[free], 1.0)], [-np.inf], [float(on.number)])
    if math.isfinite(on.budget):
        scale = LARGEST / (np.abs(on.spending).max(initial=0.0) or LARGEST)
        budget = program.height
        made.scale = np.append(made.scale, scale)
        program.rows(
            [(zeros, made.open[free], on.spending[free] * scale)], [-np.inf], [on.budget * scale]
        )
    made.limits = (number, budget)
    if on.close is not None:
        demand, site = np.nonzero(on.close & (made.open >= 0))
        count = len(on.close)
        made.near = program.height + np.arange(count)
        program.rows([(demand, made.open[site], 1.0)], np.ones(count), np.inf)


def duals(made: Drawn, solution: Solution) -> Duals:
    """Read the prices off a relaxed program that was solved."""
    on, price = made.on, solution.price
    sign = np.maximum(-price, 0.0)  # rows that limit from above have duals ≤ 0
    there = made.first >= 0
    serve = made.level.copy() if not on.shared else np.zeros(len(made.level))
    serve[there] += price[made.first[there]]
    capacity = np.zeros(len(on.state))
    held = made.capacity >= 0
    capacity[held] = sign[made.capacity[held]] * made.scale[: len(held)][held]
    near = np.zeros(0) if on.close is None else np.maximum(price[made.near], 0.0)
    number, budget = made.limits
    return Duals(
        serve,
        capacity,
        near,
        float(sign[number]) if number >= 0 else 0.0,
        float(sign[budget] * made.scale[-1]) if budget >= 0 else 0.0,
    )


def opened(made: Drawn, x: Floats) -> Flags:
    """Read which sites a solution opens."""
    chosen = made.open >= 0
    flags = np.zeros(len(made.open), np.bool_)
    flags[chosen] = x[made.open[chosen]] > 0.5
    return flags
