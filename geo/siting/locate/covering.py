"""The maximal cover, by one site or several: prices, exchanges, and cases by which sites are open.

Demands that the same sites reach are one group. A case is halved by a site, open or not; an open
site turns a demand that needs two into one that needs one, of which prices tell nearly all. So few
cases are left, although the bound of the whole is weak where several sites have to cover.

Prices are whole parts of a weight, so that a certificate of many cases is small and every sum in it
exact (`geo.certificates.locations.branches`).

Church, R. L. and ReVelle, C. (1974): The maximal covering location problem. Papers of the Regional
Science Association 32, 101-118. Prices: Galvão, R. D. and ReVelle, C. (1996): A Lagrangean
heuristic for the maximal covering location problem. European Journal of Operational Research 88,
114-123.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geo.certificates.certificate import Codes
from geo.certificates.locations.branches import whole_weights
from geo.certificates.locations.values import Branches
from geo.siting.locate import counting
from geo.siting.locate.counting import Reached
from geo.siting.locate.effort import Purse
from geo.siting.locate.found import Found, measured, nearest
from geo.siting.locate.model import CLOSED, OPEN, Flags, Floats, Model, States, Whole

FIRST = 400  # steps of raising the bound of the whole
STEPS = 30  # of a case
SHAKES = 60  # of a set of open sites
SHAKEN = 4  # sites of a set at most that are exchanged at random
PASS = 1.3e-3  # of a step, for each group that a site reaches
GROUP = 5e-3  # and for each group
STEP = 3.0  # and beside
CASE = 200.0  # work of a case beside its steps
PAIR = 3e-3  # and for each pair of a group and a site, which is the verifier's
SHARE = 0.1  # of the work at most is for shakes
MOST = 2.0**28  # bytes of prices: with so many cases a search ends
ROOT = NONE = -1


class _Case(NamedTuple):
    """A case to be looked at: its node, states of sites, prices to begin with, as codes too."""

    node: int
    state: States
    paid: Floats
    code: Codes


@dataclass
class _Cover:
    """A question with demands in groups; the best open sites, and the weight that they lose."""

    on: Model
    given: Reached
    group: Whole
    unit: float
    opened: Flags
    lost: int
    wanted: float

    @property
    def enough(self) -> float:
        """From which bound on a case holds nothing better, or nothing wanted."""
        return self.on.cutoff(min(self.lost * self.unit, self.wanted)) / self.unit

    def better(self, opened: Flags, lost: int) -> None:
        """Keep a set of sites that loses less."""
        if lost < self.lost:
            self.opened, self.lost = opened.copy(), lost


class _Nodes:
    """Nodes and the prices of leaves as they are found."""

    def __init__(self) -> None:
        self.parent, self.site, self.opened = [NONE], [NONE], [False]
        self.leaves: dict[int, Codes] = {}

    def halve(self, node: int, site: int) -> tuple[int, int]:
        """Add both halves of a node: the site closed, and open."""
        for opened in (False, True):
            self.parent.append(node)
            self.site.append(site)
            self.opened.append(opened)
        return len(self.parent) - 2, len(self.parent) - 1

    def written(self, group: Whole) -> Branches:
        """Give all in arrays, leaves in the order of their nodes."""
        codes = [self.leaves[node] for node in sorted(self.leaves)]
        arrays = np.array(self.parent), np.array(self.site), np.array(self.opened)
        return Branches(*arrays, group, np.concatenate(codes), np.inf, -np.inf)


def covers(on: Model) -> bool:
    """Say whether a question is a cover limited by the number of sites alone."""
    alone = not on.shared and on.close is None and np.isinf(on.budget)
    some = (on.state != CLOSED).any() and (on.state == OPEN).sum() <= on.number
    return bool(on.asked.question == "maximal_cover" and alone and some)


def cover(on: Model, purse: Purse, *, wanted: float = math.inf) -> Found:
    """Find the sites that lose least weight, and the cases that prove it.

    Of plans that lose no less than `wanted` any will do: the search ends where no other is left.
    """
    given, group, unit = _reached(on)
    none = np.zeros(len(on.state), np.bool_)
    made = _Cover(on, given, group, unit, none, int(given.weight.sum()) + 1, wanted)
    step = PASS * len(given.group) + GROUP * len(given.weight) + STEP
    paid = given.weight / (2.0 * on.covers)
    first = counting.looked(given, on.state, paid, made.enough, made.lost, FIRST)
    purse.spend(step * first.steps)
    made.better(first.chosen, first.lost)
    tries = int(min(SHAKES, SHARE * purse.left / (2 * step * on.number)))
    _shaken(made, max(tries, 1))
    purse.spend(2 * step * on.number * max(tries, 1))
    nodes, stopped = _halved(made, first.paid, purse, step)
    service = nearest(on, made.opened)
    objective = measured(on, made.opened, service)
    branches = nodes.written(group)
    return Found(made.opened, service, objective, branches=branches, stopped=stopped)


def _reached(on: Model) -> tuple[Reached, Whole, float]:
    """Put demands that the same sites reach into groups; give the group of each, and the unit."""
    reach = np.isfinite(on.serving)
    _, first, group = np.unique(
        np.packbits(reach, axis=1), axis=0, return_index=True, return_inverse=True
    )
    group = group.ravel().astype(np.int64)
    weights = whole_weights(on.outside)
    weight = np.zeros(len(first), np.int64)
    np.add.at(weight, group, weights.whole)
    site, member = np.nonzero(reach[first].T)
    start = np.searchsorted(site, np.arange(reach.shape[1] + 1))
    number = min(on.number, int((on.state != CLOSED).sum()))
    given = Reached(start, member.astype(np.int32), weight, on.covers, number)
    return given, group, weights.unit


def _shaken(made: _Cover, tries: int) -> None:
    """Better the best sites by exchanges of one, then exchange a few at random and try again."""
    rng = np.random.default_rng(1)  # any seed: the same plan every time
    free = made.on.state != CLOSED
    fixed = made.on.state == OPEN
    now = made.opened.copy()
    for shake in range(tries):
        lost = counting.settle(made.given, now, fixed, free)
        made.better(now, lost)
        now = made.opened.copy()
        inside, beside = np.flatnonzero(now & ~fixed), np.flatnonzero(free & ~now)
        far = min(shake % SHAKEN + 1, len(inside), len(beside))
        if not far:
            break
        now[rng.choice(inside, far, replace=False)] = False
        now[rng.choice(beside, far, replace=False)] = True


def _halved(made: _Cover, paid: Floats, purse: Purse, step: float) -> tuple[_Nodes, bool]:
    """Halve cases until nothing better is left in any, or the work is done."""
    nodes, held, stopped = _Nodes(), 0, False
    codes = counting.codes(made.given, paid)
    cases = [_Case(0, made.on.state.copy(), paid, codes)]
    most = MOST / max(len(codes), 1)
    beside = CASE + PAIR * len(codes) * len(made.on.state)
    while cases:
        case = cases.pop()
        if purse.spent or held > most:
            nodes.leaves[case.node], stopped = case.code, True
            continue
        one = counting.looked(made.given, case.state, case.paid, made.enough, made.lost, STEPS)
        purse.spend(step * one.steps + beside)
        made.better(one.chosen, one.lost)
        if one.bound > made.enough or not one.site >= 0:
            nodes.leaves[case.node] = one.code
            held += 1
            continue
        halves = nodes.halve(case.node, one.site)
        for node, state in zip(halves, (CLOSED, OPEN), strict=True):
            states = case.state.copy()
            states[one.site] = state
            cases.append(_Case(node, states, one.paid, one.code))
    return nodes, stopped
