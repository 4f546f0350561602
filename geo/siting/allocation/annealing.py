"""Simulated annealing over the states of units, compiled: single changes and exchanges.

What breaks a rule is priced: area beyond the ends of a demand, pairs that may not be neighbours,
patches that are too small and further pieces of a use that shall be one. Patches are kept by the
unit they are named for, and found anew only about the unit that changes.

Kirkpatrick, S., Gelatt, C. D., Vecchi, M. P. (1983): Optimization by simulated annealing. Science
220, 671-680. Aerts, J. C. J. H., Heuvelink, G. B. M. (2002): Using simulated annealing for resource
allocation. International Journal of Geographical Information Science 16, 571-587.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import njit

from geo.siting.allocation.lots import Flags, Floats, Whole

RUNNING, BEST, EXCLUDED, BAD = 0, 1, 2, 3
"""Places in `State.sums`: score now, best score kept, pairs excluded, patches at fault."""
STEPS = 2**31 - 1  # of the generator, a Mersenne prime


class Ground(NamedTuple):
    """What stays while units change: units, borders both ways, prices, rules and their prices."""

    value: Floats  # (n, s)
    allowed: Flags  # (n, s)
    area: Whole  # (n,)
    first: Whole  # (n + 1,)
    mate: Whole  # (2 m,)
    length: Floats  # (2 m,)
    price: Floats  # (s, s)
    never: Flags  # (s, s)
    low: Whole  # (s,)
    high: Whole  # (s,)
    patch: Whole  # (s,)
    single: Flags  # (s,)
    fine: Floats  # (4,) of 0.01 m² beyond a demand, an excluded pair, a patch, 0.01 m² of it


class State(NamedTuple):
    """Units under way: state of each, the unit its patch is named for, sums, and the best kept."""

    now: Whole  # (n,)
    patch: Whole  # (n,)
    land: Whole  # (n,) of the patch named for a unit
    area: Whole  # (s,)
    queue: Whole  # (n,)
    seen: Whole  # (n,) the tick at which a patch was last named here
    best: Whole  # (n,)
    sums: Floats  # (4,)
    ticks: Whole  # (1,) patches named so far
    seed: Whole  # (1,)


@njit(cache=True)
def _draw(state: State, count: int) -> int:
    """Draw one of 0 … count − 1 (Lehmer's generator with the multiplier 48271)."""
    state.seed[0] = state.seed[0] * 48271 % STEPS
    return int(state.seed[0] % count)


@njit(cache=True)
def _over(on: Ground, use: int, area: int) -> float:
    """Give what area beyond the ends of a demand costs."""
    return float(on.fine[0] * max(on.low[use] - area, area - on.high[use], 0))


@njit(cache=True)
def _fault(on: Ground, use: int, land: int) -> float:
    """Give what a patch costs, so that the sum is least where one grows and the others vanish.

    Below the least area a patch costs what it has or what it lacks, whichever is less. Where one
    piece is asked for, patches cost a (1 − a / whole) of their area a: land moved from a small one
    to a large one lowers the sum by their difference.
    """
    least, whole, cost = on.patch[use], max(on.low[use], 1), 0.0
    if 0 < land < least:
        cost += on.fine[2] + on.fine[3] * min(land, least - land)
    if on.single[use] and land > 0:
        cost += on.fine[2] + on.fine[3] * max(land * (1.0 - land / whole), 0.0)
    return cost


@njit(cache=True)
def _counted(on: Ground, state: State, use: int, patch: int, sign: int) -> float:
    """Take a patch into the count, or out of it; give what it costs."""
    land = state.land[patch]
    bad = 1 if on.single[use] else 0
    bad += 1 if land < on.patch[use] else 0
    state.sums[BAD] += sign * bad
    return sign * _fault(on, use, land)


@njit(cache=True)
def _name(on: Ground, state: State, unit: int) -> None:
    """Name the patch about a unit for this unit, and measure it."""
    use, end, at, land = state.now[unit], 1, 0, 0
    state.ticks[0] += 1
    state.queue[0], state.seen[unit] = unit, state.ticks[0]
    while at < end:
        one = state.queue[at]
        at += 1
        land += on.area[one]
        state.patch[one] = unit
        for arc in range(on.first[one], on.first[one + 1]):
            mate = on.mate[arc]
            if on.length[arc] > 0 and state.now[mate] == use and state.seen[mate] < state.ticks[0]:
                state.seen[mate] = state.ticks[0]
                state.queue[end] = mate
                end += 1
    state.land[unit] = land


@njit(cache=True)
def _leave(on: Ground, state: State, unit: int) -> float:
    """Take a unit out of its patch, which may fall apart; give what that costs."""
    use, before = state.now[unit], state.ticks[0]
    cost = _counted(on, state, use, state.patch[unit], -1)
    state.now[unit] = len(on.low) - 1
    for arc in range(on.first[unit], on.first[unit + 1]):
        mate = on.mate[arc]
        if on.length[arc] > 0 and state.now[mate] == use and state.seen[mate] <= before:
            _name(on, state, mate)
            cost += _counted(on, state, use, mate, 1)
    return cost


@njit(cache=True)
def _join(on: Ground, state: State, unit: int, use: int) -> float:
    """Put a unit into a use, where it may join patches; give what that costs."""
    cost = 0.0
    state.now[unit] = use
    for arc in range(on.first[unit], on.first[unit + 1]):
        mate = on.mate[arc]
        if on.length[arc] > 0 and state.now[mate] == use and state.land[state.patch[mate]] > 0:
            cost += _counted(on, state, use, state.patch[mate], -1)
            state.land[state.patch[mate]] = 0  # counted out once
    _name(on, state, unit)
    return cost + _counted(on, state, use, unit, 1)


@njit(cache=True)
def _own(on: Ground, state: State, unit: int, use: int, sign: int) -> None:
    """Take what a unit in a state and its borders give into the sums, or out of them."""
    gain = on.value[unit, use]
    for arc in range(on.first[unit], on.first[unit + 1]):
        other = state.now[on.mate[arc]]
        gain += on.length[arc] * on.price[use, other]
        state.sums[EXCLUDED] += sign if on.never[use, other] else 0
    state.sums[RUNNING] += sign * gain


@njit(cache=True)
def _change(on: Ground, state: State, unit: int, use: int) -> float:
    """Change the state of a unit; give what the score gains, less what is paid for faults."""
    old, area = state.now[unit], on.area[unit]
    score, excluded = state.sums[RUNNING], state.sums[EXCLUDED]
    cost = -_over(on, old, state.area[old]) - _over(on, use, state.area[use])
    _own(on, state, unit, old, -1)
    if on.patch[old] > 0 or on.single[old]:
        cost += _leave(on, state, unit)
    if on.patch[use] > 0 or on.single[use]:
        cost += _join(on, state, unit, use)
    state.now[unit] = use
    _own(on, state, unit, use, 1)
    state.area[old] -= area
    state.area[use] += area
    cost += _over(on, old, state.area[old]) + _over(on, use, state.area[use])
    cost += on.fine[1] * (state.sums[EXCLUDED] - excluded)
    return float(state.sums[RUNNING] - score - cost)


@njit(cache=True)
def _sound(on: Ground, state: State) -> bool:
    """Say whether nothing is at fault: of a use that is one piece the first patch is none."""
    if state.sums[EXCLUDED] > 0:
        return False
    bad = state.sums[BAD]
    for use in range(len(on.low)):
        if not on.low[use] <= state.area[use] <= on.high[use]:
            return False
        bad -= 1 if on.single[use] and state.area[use] > 0 else 0
    return bool(bad <= 0)


@njit(cache=True)
def _keep(on: Ground, state: State) -> None:
    """Keep what is better than the best kept, if nothing is at fault."""
    if state.sums[RUNNING] > state.sums[BEST] and _sound(on, state):
        state.sums[BEST] = state.sums[RUNNING]
        state.best[:] = state.now


@njit(cache=True)
def _wish(on: Ground, state: State, unit: int) -> int:
    """Draw a state for a unit: that of a neighbour, or any."""
    arcs = on.first[unit + 1] - on.first[unit]
    if arcs > 0 and _draw(state, 2) == 0:
        return int(state.now[on.mate[on.first[unit] + _draw(state, arcs)]])
    return _draw(state, len(on.low))


@njit(cache=True)
def _partner(on: Ground, state: State, unit: int, use: int) -> int:
    """Draw a unit of a use that may take the state of another; −1 where few tries find none."""
    for _ in range(8):
        other = _draw(state, len(state.now))
        if state.now[other] == use and on.allowed[other, state.now[unit]]:
            return other
    return -1


@njit(cache=True)
def _try(on: Ground, state: State, unit: int, heat: float) -> None:
    """Change a unit, or exchange two, if that is better or the heat lets it pass."""
    old, use = state.now[unit], _wish(on, state, unit)
    if use == old or not on.allowed[unit, use]:
        return
    other = _partner(on, state, unit, use) if _draw(state, 2) == 0 else -1
    gain = _change(on, state, unit, use)
    if other >= 0:
        gain += _change(on, state, other, old)
    if gain >= 0 or (heat > 0 and _draw(state, STEPS) < STEPS * math.exp(gain / heat)):
        _keep(on, state)
        return
    if other >= 0:
        _change(on, state, other, use)
    _change(on, state, unit, old)


@njit(cache=True, nogil=True)
def anneal(on: Ground, state: State, heats: Floats) -> None:
    """Try as many changes as there are units at each heat; `State.best` is the best sound one.

    Parameters
    ----------
    on
        What stays.
    state
        Changed in place; only `now`, `seed` and the best kept matter before.
    heats
        From hot to cold, in the score: what may be lost by a change in e of 1 … is let pass.
    """
    state.sums[RUNNING], state.sums[EXCLUDED], state.sums[BAD] = 0.0, 0.0, 0.0
    state.area[:] = 0
    use = state.now.copy()
    state.now[:] = len(on.low) - 1
    state.area[-1] = on.area.sum()
    for unit in range(len(use)):
        if use[unit] != state.now[unit]:
            _change(on, state, unit, use[unit])
    # all else lies without a use: what these units count among themselves is missing so far
    state.sums[RUNNING] = _score(on, state)
    _keep(on, state)
    for heat in heats:
        for _ in range(len(use)):
            _try(on, state, _draw(state, len(use)), heat)


@njit(cache=True)
def _score(on: Ground, state: State) -> float:
    """Add up the score, each border once."""
    total = 0.0
    for unit in range(len(state.now)):
        total += on.value[unit, state.now[unit]]
        for arc in range(on.first[unit], on.first[unit + 1]):
            total += on.length[arc] * on.price[state.now[unit], state.now[on.mate[arc]]] / 2
    return total
