"""Compiled sweeps over chains of boxes of heights: see `geo.alignment.profile.boxes`.

A pair is box a of a PVI and the step to the next, counted from the steepest way down.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.alignment.values import Floats

Integers = NDArray[np.int64]
ROUNDING = 1e-6  # m


class Stage(NamedTuple):
    """The intervals about one inner PVI: their prices and their stations' ways of height.

    Stations have heights weights · (heights of three PVIs), give or take `slack`.
    """

    weights: Floats  # (stations, 3)
    slack: Floats  # (stations,)
    ground: Floats  # (stations,)
    half: Floats  # half the length of intervals, (intervals,)
    base: Floats  # price of an interval at ground height, inf where it cannot be, (intervals, 3)
    begin: int  # number of the first interval


class Column(NamedTuple):
    """The boxes of a PVI: the number of the lowest, and how many there are."""

    first: int
    size: int


class Trio(NamedTuple):
    """The boxes of three neighbouring PVIs, `width` metres high.

    `steps` is the greatest difference of neighbours' numbers; `sag` and `crest` are the greatest
    second differences.
    """

    before: Column
    here: Column
    after: Column
    steps: int
    sag: int
    crest: int
    width: float


class Prices(NamedTuple):
    """`SectionPrices`, that of a bridge's height (yuan/m²), deepest cut and highest fill (m)."""

    cut: float
    cut_square: float
    fill: float
    fill_square: float
    bridge_height: float
    max_cut: float
    max_fill: float


class Tables(NamedTuple):
    """Least costs of pairs: behind those here, behind those after, ahead of those after."""

    behind: Floats
    onward: Floats
    ahead: Floats


class Kept(NamedTuple):
    """What passes below a cost of `most`: lowest and highest box of three PVIs (3, 2), kinds."""

    alive: Integers
    kinds: NDArray[np.bool_]
    most: float


@njit(cache=True)
def _station(low: float, high: float, prices: Prices) -> tuple[float, float, float]:
    earth, bridge, tunnel = 0.0, 0.0, 0.0
    if low > 0.0:
        earth = prices.fill * low + prices.fill_square * low * low
        bridge = prices.bridge_height * low
        tunnel = np.inf
    elif high < 0.0:
        earth = -prices.cut * high + prices.cut_square * high * high
        bridge = np.inf
    if low > prices.max_fill or high < -prices.max_cut:
        earth = np.inf
    return earth, bridge, tunnel


@njit(cache=True)
def _stretch(
    zs: tuple[float, float, float], width: float, part: Stage, prices: Prices, costs: Floats
) -> float:
    """Fill `costs` (intervals, 3) with the kinds' least costs, give the sum of the cheapest."""
    weights, slack, ground, half, base = part.weights, part.slack, part.ground, part.half, part.base
    total = 0.0
    e0, b0, t0 = 0.0, 0.0, 0.0
    for i in range(ground.size):
        y = weights[i, 0] * zs[0] + weights[i, 1] * zs[1] + weights[i, 2] * zs[2] - ground[i]
        reach = width / 2 + slack[i] + ROUNDING
        e1, b1, t1 = _station(y - reach, y + reach, prices)
        if i > 0:
            h = half[i - 1]
            costs[i - 1, 0] = base[i - 1, 0] + h * (e0 + e1)
            costs[i - 1, 1] = base[i - 1, 1] + h * (b0 + b1)
            costs[i - 1, 2] = base[i - 1, 2] + h * (t0 + t1)
            total += min(costs[i - 1, 0], costs[i - 1, 1], costs[i - 1, 2])
        e0, b0, t0 = e1, b1, t1
    return total


@njit(cache=True)
def _next(trio: Trio, b: int, step: int) -> tuple[int, int]:
    """Give the first and last step from box b that grades, curves and heights leave."""
    shift = trio.here.first + b - trio.after.first - trio.steps  # box = shift + step
    low = max(0, step - trio.crest, -shift)
    high = min(2 * trio.steps, step + trio.sag, trio.after.size - 1 - shift)
    return low, high


@njit(cache=True, nogil=True)
def sweep_backward(here: Floats, ahead: Floats, trio: Trio, part: Stage, prices: Prices) -> None:
    """Fill `here`, the least cost ahead of pairs about stage k, from that of stage k + 1."""
    steps, width = trio.steps, trio.width
    costs = np.zeros((max(part.half.size, 1), 3))
    for a in range(here.shape[0]):
        z0 = (trio.before.first + a + 0.5) * width
        for step in range(here.shape[1]):
            b = trio.before.first + a + step - steps - trio.here.first
            if b < 0 or b >= trio.here.size:
                continue
            z1 = z0 + (step - steps) * width
            low, high = _next(trio, b, step)
            for after in range(low, high + 1):
                if ahead[b, after] < here[a, step]:
                    z2 = z1 + (after - steps) * width
                    cost = ahead[b, after] + _stretch((z0, z1, z2), width, part, prices, costs)
                    here[a, step] = min(here[a, step], cost)


@njit(cache=True)
def best_step(a: int, step: int, ahead: Floats, trio: Trio, part: Stage, prices: Prices) -> int:
    """Give the step after a pair of boxes with which the least cost ahead is met."""
    steps, width = trio.steps, trio.width
    costs = np.zeros((max(part.half.size, 1), 3))
    b = trio.before.first + a + step - steps - trio.here.first
    z0 = (trio.before.first + a + 0.5) * width
    z1 = z0 + (step - steps) * width
    low, high = _next(trio, b, step)
    best, found = np.inf, low
    for after in range(low, high + 1):
        z2 = z1 + (after - steps) * width
        cost = ahead[b, after] + _stretch((z0, z1, z2), width, part, prices, costs)
        if cost < best:
            best, found = cost, after
    return found


@njit(cache=True, nogil=True)
def sweep_forward(tables: Tables, kept: Kept, trio: Trio, part: Stage, prices: Prices) -> None:
    """Fill `onward`, the least cost behind pairs, and mark what passes below a cost."""
    behind, onward, ahead = tables.behind, tables.onward, tables.ahead
    steps, width, most = trio.steps, trio.width, kept.most
    costs = np.zeros((max(part.half.size, 1), 3))
    for a in range(behind.shape[0]):
        z0 = (trio.before.first + a + 0.5) * width
        for step in range(behind.shape[1]):
            b = trio.before.first + a + step - steps - trio.here.first
            if b < 0 or b >= trio.here.size or behind[a, step] > most:
                continue
            z1 = z0 + (step - steps) * width
            low, high = _next(trio, b, step)
            for after in range(low, high + 1):
                if behind[a, step] + ahead[b, after] > most:
                    continue
                z2 = z1 + (after - steps) * width
                cost = behind[a, step] + _stretch((z0, z1, z2), width, part, prices, costs)
                onward[b, after] = min(onward[b, after], cost)
                spare = most - cost - ahead[b, after]
                if spare >= 0:
                    c = trio.here.first + b + after - steps - trio.after.first
                    _keep(kept.alive, (a, b, c))
                    _allow(kept.kinds, costs, spare)


@njit(cache=True)
def _allow(kinds: NDArray[np.bool_], costs: Floats, spare: float) -> None:
    for i in range(kinds.shape[0]):
        cheapest = min(costs[i, 0], costs[i, 1], costs[i, 2])
        for kind in range(3):
            kinds[i, kind] |= costs[i, kind] - cheapest <= spare


@njit(cache=True)
def _keep(alive: Integers, found: tuple[int, int, int]) -> None:
    for k in range(3):
        alive[k, 0] = min(alive[k, 0], found[k])
        alive[k, 1] = max(alive[k, 1], found[k])
