"""An allocation in plain arrays: goals as prices per metre, rules as ends, uses that cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo.landscape import joined
from geo.siting.allocation.lots import Flags, Floats, Lots, Whole
from geo.siting.allocation.rules import (
    Compactness,
    Demand,
    Exclusion,
    Goal,
    Patch,
    Rule,
    require_sound,
)

ENDLESS = 2**62
"""An upper end of a demand that is none; whole areas of all units stay below it."""
EXACT = 1e-6
"""Ends of demands, in 0.01 m², are taken as whole within this."""


@dataclass(frozen=True, eq=False)
class Model:
    """Goals and rules, ready to be solved; made by `model`.

    State k, the last, is land without a use; s = k + 1 states.

    Attributes
    ----------
    price
        Of a metre of border between two states, shape (s, s), symmetric.
    never
        States that may not be neighbours, shape (s, s), symmetric.
    low, high
        Ends of the area of each use, 0.01 m², shape (k,).
    patch
        The least area of a patch of each use, 0.01 m², 0 where any will do, shape (k,).
    single
        Whether all units of a use hang together, shape (k,).
    allowed
        The states a unit can take in some allocation that keeps patches and pieces, shape (n, s).
    value
        What a state of a unit counts by itself, shape (n, s); 0 where it is not allowed.
    pairs, left, right, length
        Pairs that goals or rules about neighbours speak of, `pairs` among all of them.
    """

    lots: Lots
    goals: tuple[Goal, ...]
    rules: tuple[Rule, ...]
    price: Floats
    never: Flags
    low: Whole
    high: Whole
    patch: Whole
    single: Flags
    allowed: Flags
    value: Floats
    pairs: Whole
    left: Whole
    right: Whole
    length: Floats

    @property
    def free(self) -> int:
        """The state of land without a use."""
        return len(self.lots.uses)


def model(given: Lots, goals: Sequence[Goal], rules: Sequence[Rule]) -> Model:
    """Put goals and rules into arrays.

    Raises
    ------
    InputError
        If goals or rules are wrong.

    Examples
    --------
    Two of three cells of 1 m² in a row are parks; as one piece they hang together, as patches of
    2 m² they are too small where they do not.

    >>> import pandas as pd
    >>> from geo.siting.allocation import Compactness, Connected, Demand, Patch, lots
    >>> row = pd.DataFrame({"left": [0, 1], "right": [1, 2], "length_m": [3.0, 3.0]})
    >>> fit = pd.DataFrame({"park": [5.0, 1.0, 5.0]})
    >>> cells = lots(pd.Series(1.0, fit.index), fit, neighbours=row)
    >>> on = model(cells, [Compactness(like=0.5)], [Demand("park", 2.0), Patch("park", 2.0)])
    >>> apart, together = np.array([0, 1, 0]), np.array([0, 0, 1])
    >>> score(on, apart), score(on, together), areas(on, apart).tolist()
    (10.0, 7.5, [200])
    >>> kept(on, apart), kept(on, together)
    (False, True)
    >>> [[patch.tolist() for patch in use] for use in broken(on, apart)]
    [[[0], [2]]]
    """
    require_sound(given.uses, [*goals, *rules])
    count = len(given.uses)
    place = {use: k for k, use in enumerate(given.uses)}
    price, never = prices(goals, place), np.zeros((count + 1, count + 1), np.bool_)
    low, high = np.zeros(count, np.int64), np.full(count, ENDLESS)
    patch, single = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    for rule in rules:
        if isinstance(rule, Demand):
            k = place[rule.use]
            low[k] = max(low[k], hundredths(rule.least_m2))
            high[k] = min(high[k], _floor(rule.most_m2))
        elif isinstance(rule, Exclusion):
            a, b = place[rule.one], place[rule.other]
            never[a, b] = never[b, a] = True
        elif isinstance(rule, Patch):
            patch[place[rule.use]] = max(patch[place[rule.use]], hundredths(rule.least_m2))
        else:
            single[place[rule.use]] = True
    allowed = np.column_stack([given.allowed, np.ones(len(given.area), np.bool_)])
    value = np.column_stack([given.suitability, np.zeros(len(given.area))])
    pairs = np.flatnonzero(((given.length_m > 0) & price.any()) | never.any())
    ends = given.left[pairs], given.right[pairs], given.length_m[pairs]
    whole = (tuple(goals), tuple(rules), price, never, low, high, patch, single)
    made = Model(given, *whole, allowed, value, pairs, *ends)
    return replace(made, allowed=_reachable(made))


def prices(goals: Sequence[Goal], place: dict[str, int]) -> Floats:
    """Give the price of a metre of border between two states, land without a use last.

    >>> prices([Compactness(like=2.0, unlike=1.0)], {"park": 0}).tolist()
    [[2.0, -1.0], [-1.0, 0.0]]
    """
    count = len(place)
    price = np.zeros((count + 1, count + 1))
    for goal in goals:
        if isinstance(goal, Compactness):
            price[~np.eye(count + 1, dtype=np.bool_)] -= goal.unlike
            price[np.arange(count), np.arange(count)] += goal.like
        else:
            a, b = place[goal.one], place[goal.other]
            price[a, b] += goal.price
            price[b, a] = price[a, b]
    return price


def hundredths(area_m2: float) -> int:
    """Give the least whole number of 0.01 m² that is no less than an area.

    >>> hundredths(0.07), hundredths(0.071)
    (7, 8)
    """
    return int(min(np.ceil(area_m2 * 100 - EXACT), ENDLESS))


def _floor(area_m2: float) -> int:
    return int(min(np.floor(area_m2 * 100 + EXACT), ENDLESS))


def _reachable(on: Model) -> Flags:
    """Take out uses of units that hang together with too little land that may take the use.

    RULE 1. A patch is no larger than the connected land that may take its use.
    RULE 2. One piece is no larger either, so that it has to lie where there is as much as demanded.
    """
    given, allowed = on.lots, on.allowed.copy()
    linked = given.length_m > 0
    left, right = given.left[linked], given.right[linked]
    for k in range(on.free):
        least = max(on.patch[k], on.low[k] if on.single[k] else 0)  # RULE 1, RULE 2
        if least:
            both = allowed[left, k] & allowed[right, k]
            group = joined(len(given.area), left[both], right[both])
            land = np.bincount(group, given.area.astype(np.float64))  # exact below 2**53
            allowed[:, k] &= land[group] >= least
    return allowed


def score(on: Model, state: Whole) -> float:
    """Give the score of states, shape (n,): suitability and what borders count."""
    own = on.value[np.arange(len(state)), state]
    borders = on.length * on.price[state[on.left], state[on.right]]
    return float(own.sum() + borders.sum())


def areas(on: Model, state: Whole) -> Whole:
    """Give the area of each use, 0.01 m², shape (k,)."""
    total = np.zeros(on.free + 1, np.int64)
    np.add.at(total, state, on.lots.area)
    return total[: on.free]


def kept(on: Model, state: Whole) -> bool:
    """Say whether states keep every rule."""
    whole = areas(on, state)
    if not ((whole >= on.low) & (whole <= on.high)).all():
        return False
    if not on.allowed[np.arange(len(state)), state].all():
        return False
    if on.never[state[on.left], state[on.right]].any():
        return False
    return not any(pieces for pieces in broken(on, state))


def patches(on: Model, state: Whole, use: int) -> list[Whole]:
    """Give the units of each patch of a use."""
    given = on.lots
    inside = (state[given.left] == use) & (state[given.right] == use) & (given.length_m > 0)
    group = joined(len(state), given.left[inside], given.right[inside])
    mine = np.flatnonzero(state == use)
    order = mine[np.argsort(group[mine], kind="stable")]
    cuts = np.flatnonzero(np.diff(group[order])) + 1
    return np.split(order, cuts) if len(order) else []


def broken(on: Model, state: Whole) -> list[list[Whole]]:
    """Give for each use the patches that are too small, or all where one alone is asked for."""
    every = []
    for use in range(on.free):
        found = patches(on, state, use) if on.patch[use] or on.single[use] else []
        small = [one for one in found if on.lots.area[one].sum() < on.patch[use]]
        every.append(found if on.single[use] and len(found) > 1 else small)
    return every
