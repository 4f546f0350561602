"""The best allocation of a dozen cells by trying all: independent of the project, compiled."""

import itertools
from typing import NamedTuple

import numpy as np
from numba import njit

from geo.siting.allocation import Affinity, Compactness, Connected, Demand, Exclusion, Patch


class Case(NamedTuple):
    """A case in arrays; the last state is land without a use."""

    fit: np.ndarray  # (n, s), nan where not allowed
    area: np.ndarray  # (n,) in 0.01 m²
    border: np.ndarray  # (n, n) length, 0 where no neighbours
    price: np.ndarray  # (s, s)
    never: np.ndarray  # (s, s)
    ends: np.ndarray  # (s, 2)
    patch: np.ndarray  # (s,)
    single: np.ndarray  # (s,)


def _prices(goals, uses):
    names = [*uses, ""]
    price = np.zeros((len(names), len(names)))
    for goal, (i, one), (j, other) in itertools.product(goals, enumerate(names), enumerate(names)):
        if isinstance(goal, Affinity) and sorted([one, other]) == sorted([goal.one, goal.other]):
            price[i, j] += goal.price
        if isinstance(goal, Compactness) and i != j:
            price[i, j] -= goal.unlike
        if isinstance(goal, Compactness) and i == j and one:
            price[i, j] += goal.like
    return price


def case(areas, fit, near, goals, rules):
    """Put a small case into arrays."""
    uses, count = list(fit.columns), len(fit.columns) + 1
    border = np.zeros((len(areas), len(areas)))
    for left, right, length in near.itertuples(index=False):
        border[left, right] = border[right, left] = length
    price, never = _prices(goals, uses), np.zeros((count, count), bool)
    ends, patch = np.tile([0, 2**53], (count, 1)), np.zeros(count, np.int64)
    single = np.zeros(count, bool)
    for rule in rules:
        if isinstance(rule, Exclusion):
            one, other = uses.index(rule.one), uses.index(rule.other)
            never[one, other] = never[other, one] = True
            continue
        use = uses.index(rule.use)
        if isinstance(rule, Demand):
            most = min(np.floor(rule.most_m2 * 100 + 1e-6), 2**53)
            ends[use] = np.ceil(rule.least_m2 * 100 - 1e-6), most
        if isinstance(rule, Patch):
            patch[use] = np.ceil(rule.least_m2 * 100 - 1e-6)
        if isinstance(rule, Connected):
            single[use] = True
    whole = np.round(areas.to_numpy() * 100).astype(np.int64)
    free = np.column_stack([fit.to_numpy(float), np.zeros(len(areas))])
    return Case(free, whole, border, price, never, ends, patch, single)


@njit(cache=True)
def _sound(on, state):
    """Whether patches are large enough, and pieces single."""
    size = len(state)
    seen = np.zeros(size, np.bool_)
    stack = np.zeros(size, np.int64)
    count = np.zeros(len(on.patch), np.int64)
    for start in range(size):
        use = state[start]
        if seen[start] or not (on.patch[use] > 0 or on.single[use]):
            continue
        stack[0], top, land = start, 1, 0
        seen[start] = True
        while top:
            top -= 1
            unit = stack[top]
            land += on.area[unit]
            for mate in range(size):
                if on.border[unit, mate] > 0 and not seen[mate] and state[mate] == use:
                    seen[mate] = True
                    stack[top] = mate
                    top += 1
        count[use] += 1
        if land < on.patch[use] or (on.single[use] and count[use] > 1):
            return False
    return True


@njit(cache=True)
def _gain(on, state, unit):
    """What a unit adds to those before it; −inf where its use may not stand beside theirs."""
    use = state[unit]
    gain = on.fit[unit, use]
    for mate in range(unit):
        if on.border[unit, mate] > 0:
            gain += on.border[unit, mate] * on.price[use, state[mate]]
            if on.never[use, state[mate]]:
                return -np.inf
    return gain


@njit(cache=True)
def best(on):
    """The largest score of any allocation; −inf where nothing keeps the rules."""
    size, states = on.fit.shape
    state, area = np.full(size, -1), np.zeros(states, np.int64)
    score = np.zeros(size + 1)
    most, unit = -np.inf, 0
    while unit >= 0:
        if state[unit] >= 0:
            area[state[unit]] -= on.area[unit]
        state[unit] += 1
        if state[unit] == states:
            state[unit] = -1
            unit -= 1
            continue
        area[state[unit]] += on.area[unit]
        score[unit + 1] = score[unit] + _gain(on, state, unit)
        if not np.isfinite(score[unit + 1]) or area[state[unit]] > on.ends[state[unit], 1]:
            continue
        if unit < size - 1:
            unit += 1
        elif score[size] > most and (area >= on.ends[:, 0]).all() and _sound(on, state):
            most = score[size]
    return most
