"""Cases that exhaust what bounds leave open: who is served from within a distance, who is not.

A case is halved by a demand and a cost: in the near half the demand is served at no more, in the
far half all sites within are closed. Every half keeps its prices, raised by subgradients, until its
bound shows that nothing better is in it. Halving by sites would say little: one closed, its
neighbour serves nearly as well.

Which demand and cost: by the share of the last steps in which each site was chosen, the halves
whose mean costs are furthest apart, weighted by how evenly they are divided.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit

from geo.siting.locate.lagrangian import DEFLECTED, Lists
from geo.siting.locate.model import CLOSED, FREE, OPEN, Flags, Floats, States, Whole

STEPS = 60  # of raising the bound of a case
PATIENCE = 8  # steps without a better bound, after which they are halved
SHORTEST = 0.02
FADES = 0.9  # what is left of a choice one step later
STRETCH = 1.05  # steps aim a little above the best plan
UNSURE = 0.05  # a share chosen this near to none or all is that
ROOT = 0
NONE = -1


class Halved(NamedTuple):
    """Cases as `geo.certificates.locations.values.Tree` has them; `bound` is that of all."""

    parent: Whole
    demand: Whole
    cost: Floats
    near: Flags
    serve: Floats
    number: Floats
    bound: float
    opened: Whole
    steps: int


class _Case(NamedTuple):
    """A case to be looked at: its node, states of sites, largest costs, prices to begin with."""

    node: int
    state: States
    reach: Floats
    serve: Floats


class _Looked(NamedTuple):
    """The best bound of a case with its prices, the best open sites met and what they cost.

    `share` says of each site how often it was chosen in the last steps.
    """

    bound: float
    serve: Floats
    value: float
    chosen: Flags
    share: Floats
    steps: int


class _Nodes:
    """Nodes and leaves as they are found."""

    def __init__(self) -> None:
        self.parent, self.demand, self.cost, self.near = [NONE], [NONE], [0.0], [False]
        self.leaves: dict[int, tuple[Floats, float, float]] = {}  # prices, of a site, bound

    def halve(self, node: int, demand: int, cost: float) -> tuple[int, int]:
        """Add the near and the far half of a node."""
        for near in (True, False):
            self.parent.append(node)
            self.demand.append(demand)
            self.cost.append(cost)
            self.near.append(near)
        return len(self.parent) - 2, len(self.parent) - 1

    def written(self, opened: Whole, steps: int, count: int) -> Halved:
        """Give all in arrays, leaves in the order of their nodes."""
        leaves = [self.leaves[node] for node in sorted(self.leaves)]
        return Halved(
            np.array(self.parent),
            np.array(self.demand),
            np.array(self.cost),
            np.array(self.near),
            np.concatenate([np.zeros(0), *(serve for serve, _, _ in leaves)]).reshape(-1, count),
            np.array([price for _, price, _ in leaves]),
            min(bound for _, _, bound in leaves),
            opened,
            steps,
        )


def halve(
    given: Lists,
    raw: Floats,
    serve: Floats,
    *,
    cutoff: Callable[[float], float],
    upper: float,
    steps: int,
) -> Halved:
    """Halve cases until nothing better than the best plan is left in any.

    Parameters
    ----------
    given
        Sites of each demand.
    raw
        Cost of each demand and site as given, shape (n, m): halves are told by it.
    serve
        Prices to begin with, shape (n,).
    cutoff
        Gives the bound that leaves nothing better than an objective.
    upper
        Objective of the best plan known.
    steps
        How many steps of subgradients at most; what is open then keeps the bound it has.

    Returns
    -------
    Halved
        `opened` are the sites of a better plan, empty where none was met.
    """
    count = len(serve)
    nodes, done, opened = _Nodes(), 0, np.zeros(0, np.int64)
    cases = [_Case(ROOT, given.state.copy(), np.full(count, np.inf), serve)]
    while cases:
        case = cases.pop()
        part = given._replace(state=case.state)
        looked = _Looked(*_looked(part, case.reach, case.serve, cutoff(upper), upper))
        done += looked.steps
        if looked.value < upper:
            upper, opened = looked.value, np.flatnonzero(looked.chosen)
        demand, place = NONE, NONE
        if looked.bound <= cutoff(upper) and done < steps:
            demand, place = _divided(part, case.reach, looked.share)
        if demand == NONE:
            price = _price(part, case.reach, looked.serve)
            nodes.leaves[case.node] = (looked.serve, price, looked.bound)
            continue
        ball = given.order[demand, : place + 1]
        near, far = nodes.halve(case.node, demand, float(raw[demand, ball].max()))
        reach, state = case.reach.copy(), case.state.copy()
        reach[demand] = given.cost[demand, place]
        state[ball] = CLOSED
        cases.append(_Case(far, state, case.reach, looked.serve))
        cases.append(_Case(near, case.state, reach, looked.serve))
    return nodes.written(opened, done, count)


@njit(cache=True)
def _reduced(given: Lists, reach: Floats, serve: Floats) -> Floats:
    """Give what each site costs less what it earns within the reach of demands."""
    count, width = given.cost.shape
    reduced = given.price.copy()
    for i in range(count):
        for k in range(width):
            cost = given.cost[i, k]
            if cost >= serve[i] or cost > reach[i]:
                break
            reduced[given.order[i, k]] += cost - serve[i]
    return reduced


@njit(cache=True)
def _chosen(given: Lists, reduced: Floats, chosen: Flags) -> float:
    """Write which sites make the least sum of reduced prices, and give it."""
    left, value = given.number, 0.0
    for j in range(len(chosen)):
        chosen[j] = given.state[j] == OPEN
        if chosen[j]:
            left -= 1
            value += reduced[j]
    for j in np.argsort(reduced, kind="mergesort"):
        if left <= 0 or reduced[j] >= 0:
            break
        if given.state[j] == FREE:
            chosen[j] = True
            value += reduced[j]
            left -= 1
    return value


@njit(cache=True)
def _served(given: Lists, reach: Floats, serve: Floats, chosen: Flags, slope: Floats) -> float:
    """Write who is not served (1) or too often (below 0); give what serving all would cost."""
    value = float(given.price[chosen].sum())
    for i in range(given.cost.shape[0]):
        slope[i] = 1.0
        least = np.inf
        for k in range(given.cost.shape[1]):
            cost = given.cost[i, k]
            if least < np.inf and (cost >= serve[i] or cost > reach[i]):
                break
            if chosen[given.order[i, k]]:
                least = min(least, cost)
                if cost < serve[i] and cost <= reach[i]:
                    slope[i] -= 1.0
        value += least
    return value


@njit(cache=True)
def _looked(
    given: Lists, reach: Floats, serve: Floats, enough: float, upper: float
) -> tuple[float, Floats, float, Flags, Floats, int]:
    """Raise the bound of a case until it is enough."""
    count, width = given.cost.shape
    now, top, best, least = serve.copy(), serve.copy(), -np.inf, np.inf
    chosen, kept = np.zeros(width, np.bool_), np.zeros(width, np.bool_)
    slope, way, share = np.zeros(count), np.zeros(count), np.zeros(width)
    scale, waited, step = 1.0, 0, 0
    while step < STEPS and scale >= SHORTEST:
        step += 1
        bound = _chosen(given, _reduced(given, reach, now), chosen) + now.sum()
        waited += 1
        if step == 1 or bound > best:
            if bound > best + 1e-4 * (enough - best):
                waited = 0
            best = bound
            top[:] = now
        if best > enough:
            break
        value = _served(given, reach, now, chosen, slope)
        if value < least:
            least = value
            kept[:] = chosen
        share = FADES * share + (1 - FADES) * chosen
        if waited > PATIENCE:
            scale, waited = scale / 2, 0
            continue
        way = slope + DEFLECTED * way
        size = (way * way).sum()
        if size == 0:
            break
        now = now + scale * STRETCH * max(upper - bound, 0.0) / size * way
    return best, top, least, kept, share, step


@njit(cache=True)
def _divided(given: Lists, reach: Floats, share: Floats) -> tuple[int, int]:
    """Give the demand to halve by, and the place in its list up to which a site is near."""
    best, demand, place = 0.0, NONE, NONE
    for i in range(given.cost.shape[0]):
        whole, mean = _mass(given, reach, share, i)
        part, sum_ = 0.0, 0.0
        for k in range(given.cost.shape[1] - 1):
            cost, after = given.cost[i, k], given.cost[i, k + 1]
            if after > reach[i] or after == np.inf:
                break
            mine = min(share[given.order[i, k]], whole - part)
            if given.state[given.order[i, k]] != CLOSED:
                part += mine
                sum_ += mine * cost
            if after == cost or not UNSURE < part < whole - UNSURE:
                continue
            even = part * (whole - part) / whole**2
            apart = even * ((mean - sum_) / (whole - part) - sum_ / part)
            if apart > best:
                best, demand, place = apart, i, k
    return demand, place


@njit(cache=True)
def _mass(given: Lists, reach: Floats, share: Floats, i: int) -> tuple[float, float]:
    """Give how much of a demand is served by what was chosen, at most all, and at what cost."""
    whole, mean = 0.0, 0.0
    for k in range(given.cost.shape[1]):
        if given.cost[i, k] > reach[i] or given.cost[i, k] == np.inf or whole >= 1:
            break
        if given.state[given.order[i, k]] != CLOSED:
            mine = min(share[given.order[i, k]], 1 - whole)
            whole += mine
            mean += mine * given.cost[i, k]
    return whole, mean


@njit(cache=True)
def _price(given: Lists, reach: Floats, serve: Floats) -> float:
    """Give the price of a site at which as many are worth their opening as may be open."""
    reduced = _reduced(given, reach, serve)
    left = given.number - (given.state == OPEN).sum()
    free = np.sort(reduced[given.state == FREE])
    if left <= 0 or left > len(free):
        return max(0.0, -float(free[0])) if left <= 0 and len(free) else 0.0
    return max(0.0, -float(free[left - 1]))
