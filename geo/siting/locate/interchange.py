"""Sets of open sites bettered by opening, closing and exchanging one: a local optimum, shaken.

Whitaker, R. A. (1983): A fast algorithm for the greedy interchange for large-scale clustering and
median location problems. INFOR 21, 95-108: what opening a site gains is told, in one pass over the
demands, for every site that may close for it. Shaking: Hansen, P. and Mladenović, N. (1997):
Variable neighborhood search for the p-median. Location Science 5, 207-226.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from geo.siting.locate.model import FREE, Flags, Floats, States, Whole

NEAR = 1e-9  # of a plan's cost: what gains no more is no better
NOBODY = -1
MOST_FAR = 12  # exchanges of one shake at most: further ones would start anew
_FACTOR, _MODULUS = 48271, 2147483647
"""Of the minimal standard generator (Park, S. K. and Miller, K. W., 1988)."""


class Grounds(NamedTuple):
    """What sets of open sites are measured by.

    cost
        Of serving each demand from each site, by site: shape (m, n); what may not be, and what is
        no better than nobody, costs `outside`.
    outside
        What a demand costs where nobody serves it, finite, shape (n,).
    price
        Of opening each site, shape (m,).
    state
        Of each site: CLOSED, OPEN or FREE, shape (m,).
    number
        How many sites may be open.
    """

    cost: Floats
    outside: Floats
    price: Floats
    state: States
    number: int


class _Served(NamedTuple):
    """For each demand the nearest open site, what it costs and what the second nearest does."""

    site: Whole
    first: Floats
    second: Floats


def improved(on: Grounds, opened: Flags, *, shakes: int, seed: int = 1) -> Flags:
    """Better a set of open sites until no exchange of one helps, then shake and try again.

    Parameters
    ----------
    on
        What sets are measured by.
    opened
        At most `number`, those that must be open among them, shape (m,).
    shakes
        How often sites are exchanged at random: one, two, … up to all of them, one again where it
        has helped.
    seed
        Of the exchanges, above 0.

    Returns
    -------
    array
        Which sites are open, shape (m,). The same for the same seed.
    """
    best: Flags = _shaken(on, opened, shakes, seed)
    return best


@njit(cache=True)
def _nearest(on: Grounds, opened: Flags) -> _Served:
    count = len(on.outside)
    served = _Served(np.full(count, NOBODY), on.outside.copy(), on.outside.copy())
    for j in range(len(opened)):
        if opened[j]:
            _opened(on, served, j)
    return served


@njit(cache=True)
def _opened(on: Grounds, served: _Served, j: int) -> None:
    """Serve by one more site."""
    cost = on.cost[j]
    for i in range(len(cost)):
        if cost[i] < served.first[i]:
            served.second[i] = served.first[i]
            served.first[i], served.site[i] = cost[i], j
        elif cost[i] < served.second[i]:
            served.second[i] = cost[i]


@njit(cache=True)
def _lost(on: Grounds, served: _Served, loss: Floats) -> None:
    """Write what closing each site costs: what its demands pay more, less its price."""
    loss[:] = -on.price
    for i in range(len(served.site)):
        if served.site[i] != NOBODY:
            loss[served.site[i]] += served.second[i] - served.first[i]


@njit(cache=True)
def _gain(on: Grounds, served: _Served, j: int, saved: Floats) -> float:
    """Give what opening a site saves; write what its being there spares where another closes."""
    cost, gain = on.cost[j], -float(on.price[j])
    for i in range(len(cost)):
        if cost[i] < served.second[i]:
            site = served.site[i]
            if cost[i] < served.first[i]:
                gain += served.first[i] - cost[i]
                if site != NOBODY:
                    saved[site] += served.second[i] - served.first[i]
            elif site != NOBODY:
                saved[site] += served.second[i] - cost[i]
    return gain


@njit(cache=True)
def _move(
    on: Grounds, served: _Served, opened: Flags, loss: Floats, j: int, gain: float
) -> tuple[int, int]:
    """Give the site that leaves and the one that enters, if opening or closing j gains more."""
    if opened[j]:
        return (j, NOBODY) if -loss[j] > gain else (NOBODY, NOBODY)
    leaves, enters = NOBODY, NOBODY
    saved = np.zeros(len(loss))
    more = _gain(on, served, j, saved)
    if opened.sum() < on.number and more > gain:
        enters, gain = j, more
    for r in range(len(opened)):
        if opened[r] and on.state[r] == FREE and more - loss[r] + saved[r] > gain:
            leaves, enters, gain = r, j, more - loss[r] + saved[r]
    return leaves, enters


@njit(cache=True)
def _settle(on: Grounds, opened: Flags) -> float:
    """Open, close or exchange one site as long as that helps; give what the plan costs."""
    sites, loss = len(on.price), np.empty(len(on.price))
    served = _nearest(on, opened)
    value = float(served.first.sum() + on.price[opened].sum())
    _lost(on, served, loss)
    j, since = 0, 0
    while since < sites:
        since += 1
        j = (j + 1) % sites
        if on.state[j] != FREE:
            continue
        leaves, enters = _move(on, served, opened, loss, j, NEAR * abs(value))
        if leaves == NOBODY and enters == NOBODY:
            continue
        if leaves != NOBODY:
            opened[leaves] = False
        if enters != NOBODY:
            opened[enters] = True
        served = _nearest(on, opened)
        _lost(on, served, loss)
        value, since = float(served.first.sum() + on.price[opened].sum()), 0
    return value


@njit(cache=True)
def _shaken(on: Grounds, opened: Flags, shakes: int, seed: int) -> Flags:
    best = opened.copy()
    least = _settle(on, best)
    drawn, far = seed, 1
    for _ in range(shakes):
        now = best.copy()
        for _ in range(far):
            inside = np.flatnonzero(now & (on.state == FREE))
            beside = np.flatnonzero(~now & (on.state == FREE))
            if not len(inside) or not len(beside):
                return best
            drawn = drawn * _FACTOR % _MODULUS
            now[inside[drawn % len(inside)]] = False
            drawn = drawn * _FACTOR % _MODULUS
            now[beside[drawn % len(beside)]] = True
        value = _settle(on, now)
        if value < least - NEAR * abs(least):
            least, far = value, 1
            best[:] = now
        else:
            far = far % max(min(len(inside), MOST_FAR), 1) + 1
    return best
