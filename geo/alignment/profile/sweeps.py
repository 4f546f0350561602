"""Compiled sweeps over chains of boxes of heights: see `geo.alignment.profile.boxes`.

`numbers` holds, of three neighbouring PVIs, the first box and how many there are, then the greatest
step from PVI to PVI and the greatest second differences of sags and crests. A pair is box a of a
PVI and the step to the next, counted from the steepest way down. `prices` holds linear and
quadratic prices of cut and fill, the price of a bridge's height, deepest cut and highest fill.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.alignment.values import Floats

Integers = NDArray[np.int64]
Part = tuple[Floats, Floats, Floats, Floats, Floats]  # of a `heightboxes.Stage`


@njit(cache=True)
def _station(low: float, high: float, prices: Floats) -> tuple[float, float, float]:
    earth, bridge, tunnel = 0.0, 0.0, 0.0
    if low > 0.0:
        earth = prices[2] * low + prices[3] * low * low
        bridge = prices[4] * low
        tunnel = np.inf
    elif high < 0.0:
        earth = -prices[0] * high + prices[1] * high * high
        bridge = np.inf
    if low > prices[6] or high < -prices[5]:
        earth = np.inf
    return earth, bridge, tunnel


@njit(cache=True)
def _stretch(
    zs: tuple[float, float, float],
    width: float,
    part: Part,
    prices: Floats,
    costs: Floats,
) -> float:
    """Fill `costs` (intervals, 3) with the kinds' least costs, give the sum of the cheapest."""
    weights, slack, ground, half, base = part
    total = 0.0
    e0, b0, t0 = 0.0, 0.0, 0.0
    for i in range(ground.size):
        y = weights[i, 0] * zs[0] + weights[i, 1] * zs[1] + weights[i, 2] * zs[2] - ground[i]
        reach = width / 2 + slack[i] + 1e-6
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
def _next(numbers: Integers, b: int, step: int) -> tuple[int, int]:
    """Give the first and last step from box b that grades, curves and heights leave."""
    steps, sag, crest = numbers[6], numbers[7], numbers[8]
    shift = numbers[1] + b - numbers[2] - steps  # box = shift + step
    low = max(0, step - crest, -shift)
    high = min(2 * steps, step + sag, numbers[5] - 1 - shift)
    return low, high


@njit(cache=True)
def sweep_backward(
    here: Floats,
    ahead: Floats,
    numbers: Integers,
    width: float,
    part: Part,
    prices: Floats,
) -> None:
    """Fill `here`, the least cost ahead of pairs about stage k, from that of stage k + 1."""
    steps = numbers[6]
    costs = np.zeros((max(part[3].size, 1), 3))
    for a in range(here.shape[0]):
        z0 = (numbers[0] + a + 0.5) * width
        for step in range(here.shape[1]):
            b = numbers[0] + a + step - steps - numbers[1]
            if b < 0 or b >= numbers[4]:
                continue
            z1 = z0 + (step - steps) * width
            low, high = _next(numbers, b, step)
            for after in range(low, high + 1):
                if ahead[b, after] < here[a, step]:
                    z2 = z1 + (after - steps) * width
                    cost = ahead[b, after] + _stretch((z0, z1, z2), width, part, prices, costs)
                    here[a, step] = min(here[a, step], cost)


@njit(cache=True)
def best_step(
    pair: tuple[int, int],
    ahead: Floats,
    numbers: Integers,
    width: float,
    part: Part,
    prices: Floats,
) -> int:
    """Give the step after a pair of boxes with which the least cost ahead is met."""
    a, step = pair
    steps = numbers[6]
    costs = np.zeros((max(part[3].size, 1), 3))
    b = numbers[0] + a + step - steps - numbers[1]
    z0 = (numbers[0] + a + 0.5) * width
    z1 = z0 + (step - steps) * width
    low, high = _next(numbers, b, step)
    best, found = np.inf, low
    for after in range(low, high + 1):
        z2 = z1 + (after - steps) * width
        cost = ahead[b, after] + _stretch((z0, z1, z2), width, part, prices, costs)
        if cost < best:
            best, found = cost, after
    return found


@njit(cache=True)
def sweep_forward(
    tables: tuple[Floats, Floats, Floats],
    cut: tuple[Integers, NDArray[np.bool_], float],
    numbers: Integers,
    width: float,
    part: Part,
    prices: Floats,
) -> None:
    """Fill `onward`, the least cost behind pairs, and mark what passes below a cost."""
    behind, onward, ahead = tables
    alive, kinds, most = cut
    steps = numbers[6]
    costs = np.zeros((max(part[3].size, 1), 3))
    for a in range(behind.shape[0]):
        z0 = (numbers[0] + a + 0.5) * width
        for step in range(behind.shape[1]):
            b = numbers[0] + a + step - steps - numbers[1]
            if b < 0 or b >= numbers[4] or behind[a, step] > most:
                continue
            z1 = z0 + (step - steps) * width
            low, high = _next(numbers, b, step)
            for after in range(low, high + 1):
                if behind[a, step] + ahead[b, after] > most:
                    continue
                z2 = z1 + (after - steps) * width
                cost = behind[a, step] + _stretch((z0, z1, z2), width, part, prices, costs)
                onward[b, after] = min(onward[b, after], cost)
                spare = most - cost - ahead[b, after]
                if spare >= 0:
                    c = numbers[1] + b + after - steps - numbers[2]
                    _keep(alive, (a, b, c))
                    _allow(kinds, costs, spare)


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
