"""What cases by open sites prove of a cover, in whole numbers, so that nothing is rounded.

In a case some sites are open and some closed. A demand needs as many more as its covers lack; where
fewer are left it is lost. Any other is lost, or is paid for by what it needs at a price u of each
cover, so that what is lost is at least

    lost weight + sum of min(need · u, weight) − the most that the sites which may still open earn,

each earning u of every demand that it reaches. Demands that the same sites reach are one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from geo.certificates.certificate import Codes, Flags, Floats, Whole
from geo.certificates.locations.pricing import Ground
from geo.certificates.locations.values import CODES, Branches

ROOT = 0
BITS = 44  # of all weight: with prices and sums over sites whole numbers of 63 hold it


class Weights(NamedTuple):
    """Weights as whole numbers of a unit, rounded down; exact where they are whole themselves."""

    whole: Whole
    unit: float


class _Case(NamedTuple):
    opened: Flags
    closed: Flags


class _Cover(NamedTuple):
    """Groups of demands: which sites reach each, shape (groups, sites), and their weight."""

    reach: Floats
    weight: Whole
    unit: float


def whole_weights(weight: Floats) -> Weights:
    """Put weights into whole numbers of a unit, 1 or another power of two.

    Less weight is lost where weights are less, so a bound for them rounded down is one for them.

    >>> whole_weights(np.array([3.0, 4.0]))
    Weights(whole=array([3, 4]), unit=1.0)
    >>> whole_weights(np.array([0.5, 0.25])).unit == 2.0**-44
    True
    """
    bits = math.frexp(float(weight.sum()))[1]
    plain = bits <= BITS and bool((weight == np.floor(weight)).all())
    unit = 1.0 if plain else 2.0 ** (bits - BITS)
    return Weights(np.floor(weight / unit).astype(np.int64), unit)


def branched(on: Ground, branches: Branches) -> float:
    """Derive the bound of branches; −inf where they prove nothing.

    Limits of what is spent, and how near a site must be, are left out: they only add to a bound.
    """
    sides = children(branches.parent, (branches.site,), branches.opened)
    cover = _cover(on, branches.group)
    if sides is None or cover is None:
        return -math.inf
    codes, leaf, least = branches.code.reshape(-1, len(cover.weight)), 0, math.inf
    cases = {ROOT: _Case(on.must, ~on.may)}
    for node, both in enumerate(sides):
        case = cases.pop(node)
        for child in both:
            cases[child] = _narrowed(case, int(branches.site[child]), branches.opened[child])
        if not both:
            least = min(least, _least(on, cover, case, codes[leaf]))
            leaf += 1
    return least


def children(
    parent: Whole, same: tuple[Whole | Floats, ...], side: Flags
) -> list[list[int]] | None:
    """Give the children of each node: none, or both sides of the same; None if they are not."""
    of: list[list[int]] = [[] for _ in parent]
    for node in range(1, len(parent)):
        of[parent[node]].append(node)
    for both in of:
        if not both:
            continue
        if len(both) != 2 or side[both[0]] == side[both[1]]:
            return None
        if any(values[both[0]] != values[both[1]] for values in same):
            return None
    return of


def _cover(on: Ground, group: Whole) -> _Cover | None:
    """Give groups with what reaches them; None if demands of one are not reached alike."""
    if on.shared or not len(group) or not np.isfinite(on.outside).all():
        return None
    reach = np.zeros((len(group), len(on.must)), np.bool_)
    reach[on.demand, on.site] = True
    names, first = np.unique(group, return_index=True)
    if len(names) <= group.max() or (reach != reach[first][group]).any():
        return None
    weights = whole_weights(on.weight)
    sums = np.zeros(len(names), np.int64)
    np.add.at(sums, group, weights.whole)
    return _Cover(reach[first].astype(np.float64), sums, weights.unit)


def _narrowed(case: _Case, site: int, opened: np.bool_) -> _Case:
    made = _Case(case.opened.copy(), case.closed.copy())
    (made.opened if opened else made.closed)[site] = True
    return made


def _least(on: Ground, cover: _Cover, case: _Case, code: Codes) -> float:
    """Give what is lost at least in a case."""
    number = len(on.must) if on.number < 0 else on.number
    left = number - int(case.opened.sum())
    if left < 0:
        return math.inf
    free = on.may & ~case.opened & ~case.closed
    need = np.maximum(on.covers - (cover.reach @ case.opened).astype(np.int64), 0)
    never = need > np.minimum((cover.reach @ free).astype(np.int64), left)
    paid = np.where(never, CODES, np.minimum(need * code, CODES))
    price = np.where(never | (need == 0), 0, code)
    # each sum is below 2⁵³, so that the product of floating point is exact
    earned = ((cover.weight * price).astype(np.float64) @ cover.reach)[free].astype(np.int64)
    low = int((cover.weight * paid).sum()) - sum(sorted(earned.tolist(), reverse=True)[:left])
    if on.whole and cover.unit == 1:
        return float(-(-low // CODES))
    return max(
        float(np.nextafter(low / CODES * cover.unit, -np.inf)), 0.0
    )  # nothing is lost at best
