"""Prices of being served that prove a bound: subgradients of the relaxed assignment.

Each demand pays a price u for being served; a site is worth opening where the payments above its
costs exceed its own price. Whatever the prices, what the sites then cost at least, and the prices
paid, are a lower bound; the subgradient says which demands are served too often or not at all.

Narula, S. C., Ogbu, U. I. and Samuelsson, H. M. (1977): An algorithm for the p-median problem.
Operations Research 25, 709-713. Steps: Held, M., Wolfe, P. and Crowder, H. P. (1974): Validation of
subgradient optimization. Mathematical Programming 6, 62-88.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.siting.locate.model import CLOSED, OPEN, Flags, Floats, Model, States, Whole

DEFLECTED = 0.5  # of the last direction goes on: steps zigzag less
PATIENCE = 20  # steps without a better bound, after which they are halved
SHORTEST = 1e-4  # of the first step: shorter ones change nothing


class Lists(NamedTuple):
    """Sites of each demand by cost, nearest first, ties in their order; made by `lists`.

    Where demands may be left out, nobody is a site more, the last, open and not counted.

    order, cost
        Positions of sites and what they cost, inf at the end, both of shape (n, m).
    price
        Of opening each site, shape (m,).
    state
        Of each site: CLOSED, OPEN or FREE, shape (m,).
    number
        How many sites may be open.
    """

    order: NDArray[np.int32]
    cost: Floats
    price: Floats
    state: States
    number: int


class Ascent(NamedTuple):
    """Prices of the best bound, this bound, and the best set of open sites that was met."""

    serve: Floats
    bound: float
    opened: Whole
    steps: int


def lists(on: Model, kept: Flags) -> Lists:
    """Sort the sites that are kept (shape (m,)) for each demand; positions are those among them."""
    cost, state = on.serving[:, kept], on.state[kept]
    price, number = on.opening[kept], on.number
    if np.isfinite(on.outside).any():
        cost = np.where(cost <= on.outside[:, None], cost, np.inf)
        cost = np.column_stack([cost, on.outside])
        price, state = np.append(price, 0.0), np.append(state, np.int8(OPEN))
        number += 1
    order = np.argsort(cost, axis=1, kind="stable")
    near = np.take_along_axis(cost, order, axis=1)
    return Lists(order.astype(np.int32), near, price, state, number)


def ascend(given: Lists, serve: Floats, upper: float, *, steps: int) -> Ascent:
    """Raise the bound from prices on.

    Parameters
    ----------
    given
        Sites of each demand.
    serve
        Prices to begin with, shape (n,).
    upper
        What a plan costs, for the length of steps.
    steps
        How many at most.
    """
    return Ascent(*_ascend(given, serve, upper, steps))


@njit(cache=True)
def _reduced(given: Lists, serve: Floats) -> Floats:
    """Give what each site costs less what it earns."""
    count, width = given.cost.shape
    reduced = given.price.copy()
    for i in range(count):
        for k in range(width):
            rest = given.cost[i, k] - serve[i]
            if rest >= 0:
                break
            reduced[given.order[i, k]] += rest
    return reduced


@njit(cache=True)
def _chosen(given: Lists, reduced: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the least sum of reduced prices, and the sites that make it."""
    chosen = given.state == OPEN
    left = given.number - chosen.sum()
    value = np.zeros(1)
    value[0] = reduced[chosen].sum()
    for j in np.argsort(reduced, kind="mergesort"):
        if left <= 0 or reduced[j] >= 0:
            break
        if given.state[j] != CLOSED and not chosen[j]:
            chosen[j] = True
            value[0] += reduced[j]
            left -= 1
    return value, chosen


@njit(cache=True)
def _served(given: Lists, chosen: NDArray[np.bool_]) -> float:
    """Give what it costs to serve everybody from these sites."""
    value = float(given.price[chosen].sum())
    for i in range(given.cost.shape[0]):
        least = np.inf
        for k in range(given.cost.shape[1]):
            if chosen[given.order[i, k]]:
                least = given.cost[i, k]
                break
        value += least
    return value


@njit(cache=True)
def _slope(given: Lists, serve: Floats, chosen: NDArray[np.bool_], slope: Floats) -> None:
    """Write how often each demand is not served (1), or served too often (below 0)."""
    for i in range(given.cost.shape[0]):
        slope[i] = 1.0
        for k in range(given.cost.shape[1]):
            if given.cost[i, k] >= serve[i]:
                break
            if chosen[given.order[i, k]]:
                slope[i] -= 1.0


@njit(cache=True)
def _ascend(
    given: Lists, serve: Floats, upper: float, steps: int
) -> tuple[Floats, float, Whole, int]:
    count = len(serve)
    now, top, best, least = serve.copy(), serve.copy(), -np.inf, np.inf
    opened = np.zeros(0, np.int64)
    slope, way = np.zeros(count), np.zeros(count)
    scale, waited, step = 1.0, 0, 0
    while step < steps and scale > SHORTEST:
        step += 1
        value, chosen = _chosen(given, _reduced(given, now))
        bound = value[0] + now.sum()
        cost = _served(given, chosen)
        if cost < least:
            least, opened = cost, np.flatnonzero(chosen)
        waited += 1
        if step == 1 or bound > best + 1e-9 * abs(best):
            best, waited = bound, 0
            top[:] = now
        if waited > PATIENCE:
            scale, waited = scale / 2, 0
            now[:] = top
            way[:] = 0.0
            continue
        _slope(given, now, chosen, slope)
        way = slope + DEFLECTED * way
        size = (way * way).sum()
        goal = max(min(upper, least) - bound, 1e-4 * abs(bound))
        if size == 0 or best >= min(upper, least) * (1 - 1e-12):
            break
        now += scale * goal / size * way
    return top, best, opened, step
