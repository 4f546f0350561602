"""Who is a member where pairs attract: a minimum cut, found by sending surplus to deficits.

The least of sum of cost · x − sum of pair · x_left · x_right over x in {0, 1}, pair ≥ 0. Half of
each pair goes to both ends, the other half is the capacity of an arc each way: a unit with surplus
(it gains by x = 1) sends it over arcs to units with deficit; what a surplus cannot reach stays.
FIFO push-relabel with exact distances set anew from time to time. Flows are kept, so that a call
with slightly other costs has little left to do. What is left of a surplus or deficit afterwards is
the least that the other decision for this unit would add to the sum.

Goldberg, A. V. and Tarjan, R. E. (1988): A new approach to the maximum-flow problem. Journal of
the ACM 35, 921-940.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit

from geo.exchange.units import Flags, Floats, Whole

BITS = 42
"""Costs are rounded to whole numbers, the largest to 2 to this power; the rest is for sums."""


@dataclass
class Network:
    """Arcs both ways between pairs of units, sorted by where they start, and the flow on them."""

    size: int
    first: Whole  # (size + 1,) where the arcs of a unit begin
    head: Whole  # (2 m,)
    mate: Whole  # (2 m,) the arc the other way
    pair: Whole  # (2 m,) which pair
    forward: Whole  # (m,) the arc of a pair from left to right
    flow: Floats  # (2 m,) in costs, opposite on mates


@dataclass(frozen=True)
class Cut:
    """The least sum; x; the extra that at least is to pay for x = 0 and for x = 1, shape (2, k).

    `value` is a lower bound, rounding of costs taken off.
    """

    x: Flags
    value: float
    extra: Floats


def network(size: int, left: Whole, right: Whole) -> Network:
    """Lay arcs both ways between pairs of units."""
    count = len(left)
    tail, head = np.concatenate([left, right]), np.concatenate([right, left])
    order = np.argsort(tail, kind="stable")
    place = np.empty(2 * count, np.int64)
    place[order] = np.arange(2 * count)
    first = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(tail, minlength=size), out=first[1:])
    pair = order % count if count else order
    return Network(
        size,
        first,
        head[order],
        place[(order + count) % max(2 * count, 1)],
        pair,
        place[:count],
        np.zeros(2 * count),
    )


def least(on: Network, cost: Floats, pair: Floats) -> Cut:
    """Find the least of sum of cost · x − sum of pair · x_left · x_right.

    Parameters
    ----------
    on
        Which units are pairs; holds the flow of the last call.
    cost
        Shape (k,).
    pair
        Shape (m,), ≥ 0.

    Examples
    --------
    Two units of cost 1 and 2 that gain 4 together: both, 3 − 4 = −1.

    >>> on = network(2, np.array([0]), np.array([1]))
    >>> cut = least(on, np.array([1.0, 2.0]), np.array([4.0]))
    >>> cut.x.tolist(), round(cut.value, 6)
    ([True, True], -1.0)
    """
    half = pair[on.pair] / 2
    tail = np.repeat(np.arange(on.size), np.diff(on.first))
    gain = np.bincount(tail, weights=half, minlength=on.size) - cost
    largest = max(np.abs(gain).max(initial=0.0), half.max(initial=0.0))
    scale = 2.0**BITS / largest if largest else 1.0
    room = np.round(half * scale).astype(np.int64)
    flow = np.clip(np.round(on.flow * scale).astype(np.int64), -room, room)
    flow = np.where(np.arange(len(flow)) < on.mate, flow, -flow[on.mate])
    surplus = np.round(gain * scale).astype(np.int64)
    surplus -= np.bincount(tail, weights=flow.astype(np.float64), minlength=on.size).astype(
        np.int64
    )
    room -= flow
    kept = room + flow
    none = np.empty(on.size, np.int64)
    state = State(surplus, none, none.copy(), none.copy(), np.zeros(on.size, np.bool_))
    send(Arcs(on.first, on.head, on.mate, room), state)
    on.flow = (kept - room) / scale
    x = state.label == on.size
    rest = np.abs(surplus) / scale
    total = float(cost[x].sum() - pair[_inside(on, tail, x)].sum())
    value = total - float((on.size + 2 * len(half)) / scale)
    return Cut(
        x, value, np.stack([np.where(surplus > 0, rest, 0.0), np.where(surplus < 0, rest, 0.0)])
    )


def shares(on: Network, pair: Floats) -> Floats:
    """Give α in 0 … 1 for each pair: x_left · x_right ≤ α x_left + (1 − α) x_right.

    With these, which the flow gives, all pairs fall apart into units and the least sum stays.
    """
    used = pair > 0
    share = np.clip(0.5 - on.flow[on.forward] / np.where(used, pair, 1.0), 0.0, 1.0)
    return np.where(used, share, 0.5)


def _inside(on: Network, tail: Whole, x: Flags) -> Whole:
    once = np.arange(len(on.head)) < on.mate
    return np.asarray(on.pair[once & x[tail] & x[on.head]])


class Arcs(NamedTuple):
    """What a search goes along; `room` is what may still be sent along an arc."""

    first: Whole
    head: Whole
    mate: Whole
    room: Whole


class State(NamedTuple):
    """A search under way: surplus and label of units, the arc each looks at, who waits."""

    surplus: Whole
    label: Whole
    arc: Whole
    queue: Whole
    queued: Flags


@njit(cache=True)
def _distances(on: Arcs, state: State) -> None:
    """Set labels to the fewest arcs to a deficit; those that reach none get the largest label."""
    size, label, queue = len(state.surplus), state.label, state.queue
    end = 0
    for unit in range(size):
        label[unit] = size
        if state.surplus[unit] < 0:
            label[unit] = 0
            queue[end] = unit
            end += 1
    at = 0
    while at < end:
        unit = queue[at]
        at += 1
        for arc in range(on.first[unit], on.first[unit + 1]):
            other = on.head[arc]
            if label[other] == size and on.room[on.mate[arc]] > 0:
                label[other] = label[unit] + 1
                queue[end] = other
                end += 1


@njit(cache=True)
def _lift(on: Arcs, state: State, unit: int) -> None:
    """Lift a unit just above the lowest one it may send to."""
    lowest = len(state.surplus)
    for arc in range(on.first[unit], on.first[unit + 1]):
        if on.room[arc] > 0:
            lowest = min(lowest, state.label[on.head[arc]] + 1)
    state.label[unit] = lowest
    state.arc[unit] = on.first[unit]


@njit(cache=True)
def _push(on: Arcs, state: State, unit: int, end: int) -> int:
    """Send what an arc takes downhill; give the end of the queue."""
    arc = state.arc[unit]
    other = on.head[arc]
    amount = min(state.surplus[unit], on.room[arc])
    on.room[arc] -= amount
    on.room[on.mate[arc]] += amount
    state.surplus[unit] -= amount
    state.surplus[other] += amount
    if state.surplus[other] > 0 and not state.queued[other]:
        state.queued[other] = True
        state.queue[end % len(state.queue)] = other
        end += 1
    return end


@njit(cache=True)
def _discharge(on: Arcs, state: State, unit: int, end: int) -> tuple[int, int]:
    """Send the surplus of a unit downhill; lift it where nothing is. Give queue's end and lifts."""
    lifts = 0
    while state.surplus[unit] > 0 and state.label[unit] < len(state.surplus):
        arc = state.arc[unit]
        if arc == on.first[unit + 1]:
            _lift(on, state, unit)
            lifts += 1
        elif on.room[arc] > 0 and state.label[unit] == state.label[on.head[arc]] + 1:
            end = _push(on, state, unit, end)
        else:
            state.arc[unit] += 1
    return end, lifts


@njit(cache=True)
def _waiting(state: State) -> int:
    """Let the units that can send something wait; give how many."""
    end = 0
    for unit in range(len(state.surplus)):
        state.queued[unit] = state.surplus[unit] > 0 and state.label[unit] < len(state.surplus)
        if state.queued[unit]:
            state.queue[end] = unit
            end += 1
    return end


@njit(cache=True, nogil=True)
def send(on: Arcs, state: State) -> None:
    """Send surplus to deficits until none reaches any; these then have the largest label."""
    size = len(state.surplus)
    while True:
        _distances(on, state)
        for unit in range(size):  # a loop: numba compiles seconds of words on shapes with a slice
            state.arc[unit] = on.first[unit]
        at, lifts, end = 0, 0, _waiting(state)
        if end == 0:
            return
        while at < end and lifts < size:
            unit = state.queue[at % size]
            at += 1
            state.queued[unit] = False
            end, more = _discharge(on, state, unit, end)
            lifts += more
