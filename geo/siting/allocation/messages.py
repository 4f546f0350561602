"""Messages between units: pairs fall apart into units, each of which then decides alone.

A metre of border between two states pays both units a share, its message; what the messages do not
pay is left on the border. For every price of land and every message the largest of what units can
have, plus the largest of what is left on borders, is no less than the score of any allocation. The
messages of a unit are set so that all its borders and the unit itself agree about its states, one
unit after the other, with a soft maximum that hardens: for a soft maximum such ascent, a unit at a
time, ends at the best messages, where for the hard one it may stop before.

Wainwright, M. J., Jaakkola, T. S., Willsky, A. S. (2005): MAP estimation via agreement on trees.
IEEE Transactions on Information Theory 51, 3697-3717. Globerson, A., Jaakkola, T. (2008): Fixing
max-product. NIPS 20. Meshi, O., Jaakkola, T., Globerson, A. (2012): Convergence rate analysis of
MAP coordinate minimization algorithms. NIPS 25.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from geo.siting.allocation.lots import Flags, Floats, Whole


class Field(NamedTuple):
    """Units, their states, and borders both ways; `own` already has the land priced.

    The borders of unit i are first[i] … first[i + 1] − 1; `pair` and `side` say which they are, and
    which of its ends is the unit; `mate` is the unit beyond.
    """

    own: Floats  # (n, s)
    allowed: Flags  # (n, s)
    first: Whole  # (n + 1,)
    pair: Whole  # (2 m,)
    side: Whole  # (2 m,)
    mate: Whole  # (2 m,)
    length: Floats  # (m,)
    price: Floats  # (s, s)
    never: Flags  # (s, s)


@njit(cache=True)
def _beyond(on: Field, message: Floats, arc: int, soft: float, given: Floats) -> None:
    """Give the most that a border and the unit beyond leave for each state of the unit."""
    mate, pair, states = on.mate[arc], on.pair[arc], len(given)
    taken = message[pair, 1 - on.side[arc]]
    for one in range(states):
        best = -np.inf
        for other in range(states):
            if on.allowed[mate, other] and not on.never[one, other]:
                best = max(best, on.length[pair] * on.price[one, other] - taken[other])
        more = 0.0
        if soft > 0:
            for other in range(states):
                if on.allowed[mate, other] and not on.never[one, other]:
                    left = on.length[pair] * on.price[one, other] - taken[other]
                    more += math.exp((left - best) / soft)
            best += soft * math.log(more)
        given[one] = best


@njit(cache=True)
def _agree(on: Field, message: Floats, unit: int, soft: float, given: Floats) -> None:
    """Let a unit and its borders agree: each has the same share of all there is to have."""
    start, end = on.first[unit], on.first[unit + 1]
    states = on.own.shape[1]
    for arc in range(start, end):
        _beyond(on, message, arc, soft, given[arc - start])
    for state in range(states):
        if not on.allowed[unit, state]:
            continue
        whole = on.own[unit, state]
        for arc in range(start, end):
            whole += given[arc - start, state]
        for arc in range(start, end):
            share = given[arc - start, state] - whole / (end - start + 1)
            message[on.pair[arc], on.side[arc], state] = share


@njit(cache=True)
def sweep(on: Field, message: Floats, soft: float) -> None:
    """Let every unit agree with its borders, forwards and then backwards.

    Parameters
    ----------
    on
        The units.
    message
        Shape (m, 2, s), changed in place.
    soft
        How soft the maximum is, 0: hard.
    """
    size = len(on.own)
    degree = 1
    for unit in range(size):
        degree = max(degree, on.first[unit + 1] - on.first[unit])
    given = np.empty((degree, on.own.shape[1]))
    for turn in range(2 * size):
        unit = turn if turn < size else 2 * size - 1 - turn
        if on.first[unit + 1] > on.first[unit]:
            _agree(on, message, unit, soft, given)


@njit(cache=True)
def units_left(on: Field, message: Floats) -> Floats:
    """Give what each unit has in each state, its messages with it; −inf where not allowed."""
    left = np.where(on.allowed, on.own, -np.inf)
    for unit in range(len(left)):
        for arc in range(on.first[unit], on.first[unit + 1]):
            left[unit] += message[on.pair[arc], on.side[arc]]
    return left


@njit(cache=True)
def borders_left(on: Field, message: Floats) -> float:
    """Give the sum of the most that is left on each border."""
    total, given = 0.0, np.empty(on.own.shape[1])
    for unit in range(len(on.own)):
        for arc in range(on.first[unit], on.first[unit + 1]):
            if on.side[arc] == 0:
                _beyond(on, message, arc, 0.0, given)
                most = -np.inf
                for state in range(len(given)):
                    if on.allowed[unit, state]:
                        most = max(most, given[state] - message[on.pair[arc], 0, state])
                total += most
    return total
