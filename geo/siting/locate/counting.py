"""Weight that open sites lose in a case of a maximal cover, and prices that bound it; compiled."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.certificates.certificate import Codes
from geo.certificates.locations.values import CODES
from geo.siting.locate.model import FREE, OPEN, Flags, Floats, States, Whole

DEFLECTED = 0.5  # of the last direction goes on: steps zigzag less
PATIENCE = 6  # steps without a better bound, after which they are halved
SHORTEST = 0.02  # of the first step: shorter ones change nothing
STRETCH = 1.05  # steps aim a little above the best plan
FADES = 0.9  # what is left of a choice one step later
NONE = -1


class Reached(NamedTuple):
    """Groups of demands: site j reaches group[start[j] : start[j + 1]]; weights are whole numbers.

    `covers` sites must reach a group; `number` may be open.
    """

    start: Whole
    group: NDArray[np.int32]
    weight: Whole
    covers: int
    number: int


class Looked(NamedTuple):
    """The best bound of a case and its prices; the best open sites met and what they lose.

    `site` is the free site that was chosen most in the last steps, −1 where none is free.
    """

    bound: float
    paid: Floats
    code: Codes
    chosen: Flags
    lost: int
    site: int
    steps: int


def looked(
    on: Reached, state: States, paid: Floats, enough: float, upper: int, steps: int
) -> Looked:
    """Raise the bound of a case from prices on (weight a cover, shape (groups,)).

    It ends where the bound is above `enough`; `upper` is what the best plan loses.
    """
    return Looked(*_looked(on, state, paid, (enough, float(upper)), steps))


def codes(on: Reached, paid: Floats) -> Codes:
    """Give prices in parts of the weight, as certificates have them."""
    code: Codes = _coded(on, paid).astype(np.uint8)
    return code


def settle(on: Reached, opened: Flags, fixed: Flags, free: Flags) -> int:
    """Open as many as may be, and exchange one as long as that loses less; give what is lost."""
    return int(_settle(on, opened, fixed, free))


@njit(cache=True)
def _coded(on: Reached, paid: Floats) -> Whole:
    code = np.zeros(len(paid), np.int64)
    for g in range(len(paid)):
        if on.weight[g] > 0:
            part = paid[g] * CODES / on.weight[g] + 0.5
            code[g] = min(max(int(part), 0), CODES)
    return code


@njit(cache=True)
def _needed(on: Reached, state: States, need: Whole) -> tuple[int, int]:
    """Write how many more sites each group needs; give what is lost in any case, and what is left.

    Groups that need no more, and those that are lost, need 0. What is left are sites to open.
    """
    able, left, lost = np.zeros(len(need), np.int64), on.number, 0
    need[:] = on.covers
    for j in range(len(state)):
        left -= state[j] == OPEN
        for e in range(on.start[j], on.start[j + 1]):
            need[on.group[e]] -= state[j] == OPEN
            able[on.group[e]] += state[j] == FREE
    for g in range(len(need)):
        if need[g] > min(able[g], left):
            lost += on.weight[g]
            need[g] = 0
        need[g] = max(need[g], 0)
    return lost, left


@njit(cache=True)
def _earned(on: Reached, state: States, worth: Whole, earned: Whole) -> None:
    """Write what each free site earns."""
    for j in range(len(state)):
        earned[j] = NONE
        if state[j] == FREE:
            earned[j] = 0
            for e in range(on.start[j], on.start[j + 1]):
                earned[j] += worth[on.group[e]]


@njit(cache=True)
def _chosen(on: Reached, earned: Whole, left: int, count: Whole, chosen: Flags) -> int:
    """Write which free sites earn most, and how often they reach each group; give what they do."""
    most = 0
    count[:] = 0
    chosen[:] = False
    for j in np.argsort(-earned, kind="mergesort")[:left]:
        if earned[j] < 0:
            break
        chosen[j] = True
        most += earned[j]
        for e in range(on.start[j], on.start[j + 1]):
            count[on.group[e]] += 1
    return most


@njit(cache=True)
def _paid(on: Reached, need: Whole, code: Whole, worth: Whole) -> int:
    """Write what each cover of a group is worth to a site; give what all groups pay at most."""
    whole = 0
    for g in range(len(need)):
        worth[g] = on.weight[g] * code[g] if need[g] > 0 else 0
        whole += on.weight[g] * min(need[g] * code[g], CODES)
    return whole


@njit(cache=True)
def _sloped(on: Reached, need: Whole, count: Whole, paid: Floats, way: Floats) -> float:
    """Write the direction in which prices rise; give its length, squared."""
    size = 0.0
    for g in range(len(need)):
        if need[g] > 0:
            slope = float(need[g] - count[g])
            full = paid[g] * need[g] >= on.weight[g]
            if (slope > 0 and full) or (slope < 0 and paid[g] <= 0):
                slope = 0.0
            way[g] = slope + DEFLECTED * way[g]
            size += way[g] * way[g]
    return size


@njit(cache=True)
def _moved(on: Reached, need: Whole, step: float, way: Floats, paid: Floats) -> None:
    """Move prices along a direction, each between nothing and what loses the weight."""
    for g in range(len(need)):
        if need[g] > 0:
            paid[g] = min(max(paid[g] + step * way[g], 0.0), on.weight[g] / need[g])


@njit(cache=True)
def _lost(on: Reached, need: Whole, count: Whole) -> int:
    lost = 0
    for g in range(len(need)):
        if need[g] > count[g]:
            lost += on.weight[g]
    return lost


@njit(cache=True)
def _looked(
    on: Reached, state: States, paid: Floats, goal: tuple[float, float], steps: int
) -> tuple[float, Floats, NDArray[np.uint8], Flags, int, int, int]:
    groups, sites = len(paid), len(state)
    need, count = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
    worth, earned = np.zeros(groups, np.int64), np.zeros(sites, np.int64)
    way, share = np.zeros(groups), np.zeros(sites)
    chosen, kept = np.zeros(sites, np.bool_), np.zeros(sites, np.bool_)
    always, left = _needed(on, state, need)
    now, top, code, best = paid.copy(), paid.copy(), _coded(on, paid), -np.inf
    _moved(on, need, 0.0, way, now)
    least, scale, waited, step = -1, 1.0, 0, 0
    while step < steps and scale >= SHORTEST:
        step += 1
        part = _coded(on, now)
        whole = _paid(on, need, part, worth)
        _earned(on, state, worth, earned)
        whole -= _chosen(on, earned, left, count, chosen)
        bound, lost = always + whole / CODES, always + _lost(on, need, count)
        share = FADES * share + (1 - FADES) * chosen
        if least < 0 or lost < least:
            least = lost
            kept[:] = chosen
        waited += 1
        if bound > best:
            if bound > best + 1e-4 * (goal[0] - best):
                waited = 0
            best = bound
            top[:] = now
            code[:] = part
        if best > goal[0]:
            break
        if waited > PATIENCE:
            scale, waited = scale / 2, 0
        size = _sloped(on, need, count, now, way)
        if size == 0:
            break
        _moved(on, need, scale * STRETCH * max(goal[1] - bound, 1.0) / size, way, now)
    site = _wanted(state, share)
    return best, top, code.astype(np.uint8), kept | (state == OPEN), least, site, step


@njit(cache=True)
def _wanted(state: States, share: Floats) -> int:
    """Give the free site that was chosen most; −1 where none is free."""
    site = NONE
    for j in range(len(state)):
        if state[j] == FREE and (site == NONE or share[j] > share[site]):
            site = j
    return site


@njit(cache=True)
def _counted(on: Reached, count: Whole, j: int, more: int) -> int:
    """Let a site open (1) or close (−1); give the weight that is covered by it more or less."""
    gain = 0
    for e in range(on.start[j], on.start[j + 1]):
        g = on.group[e]
        before = count[g] >= on.covers
        count[g] += more
        if (count[g] >= on.covers) != before:
            gain += on.weight[g]
    return gain


@njit(cache=True)
def _entering(on: Reached, count: Whole, allowed: Flags) -> tuple[int, int]:
    """Give the site that covers most more, and how much."""
    best, site = -1, NONE
    for j in range(len(allowed)):
        if allowed[j]:
            gain = 0
            for e in range(on.start[j], on.start[j + 1]):
                if count[on.group[e]] == on.covers - 1:
                    gain += on.weight[on.group[e]]
            if gain > best:
                best, site = gain, j
    return site, best


@njit(cache=True)
def _settle(on: Reached, opened: Flags, fixed: Flags, free: Flags) -> int:
    count = np.zeros(len(on.weight), np.int64)
    for j in range(len(opened)):
        opened[j] |= fixed[j]
        if opened[j]:
            _counted(on, count, j, 1)
    while opened.sum() < on.number:
        site, _ = _entering(on, count, free & ~opened)
        opened[site] = True
        _counted(on, count, site, 1)
    j, since = 0, 0
    while since < len(opened):
        since += 1
        j = (j + 1) % len(opened)
        if not opened[j] or fixed[j]:
            continue
        loss = _counted(on, count, j, -1)
        opened[j] = False
        site, gain = _entering(on, count, free & ~opened)
        if gain > loss:
            since = 0
        else:
            site = j
        opened[site] = True
        _counted(on, count, site, 1)
    return _lost(on, np.full(len(count), on.covers), count)
