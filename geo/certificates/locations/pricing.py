"""What prices prove of locations, in directed arithmetic.

Whoever serves demand i from site j pays C and is paid u_i; capacity used costs its price, and what
a site leaves of it, of the number or the budget is no gain. So every plan costs at least

    covers · u summed, less prices of number and budget times these,
    and of each site min(0, R), R = its price + prices of number and budget
        − price of capacity · capacity + sum over demands of min(0, C − u + price · amount).

Fisher, M. L. (1981): The Lagrangian relaxation method for solving integer programming problems.
Management Science 27, 1-18.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from geo.certificates.certificate import Flags, Floats, Whole
from geo.certificates.directed import Interval, exact, gathered, joined, total, whole
from geo.certificates.locations.values import LocationProblem


class Rates(NamedTuple):
    """Prices as in `Prices`; empty arrays are zeros."""

    serve: Floats
    capacity: Floats
    near: Floats
    number: float
    budget: float


class Priced(NamedTuple):
    """What a plan costs at least; what each site and each pair adds (see the module)."""

    low: float
    sites: Interval
    pairs: Interval


@dataclass(frozen=True, eq=False)
class Ground:
    """A problem as prices see it.

    `pair`, `demand`, `site`, `cost` and `serving` are of the pairs that may serve. `serving` is
    what the objective counts of a pair, `outside` of a demand that nobody serves (inf:
    may not be), `opening` of an open site, `constant` of every plan. `spending` of open sites is
    limited by `budget`. `whole` says that every objective is a whole number, `shared` that
    capacities are limited. `close` are pairs (sites, demands) of a maximal cover's distance.
    """

    covers: int
    number: int
    whole: bool
    shared: bool
    weight: Floats
    amount: Floats
    capacity: Floats
    must: Flags
    may: Flags
    pair: Whole
    demand: Whole
    site: Whole
    cost: Floats
    serving: Interval
    outside: Floats
    opening: Interval
    constant: Interval
    spending: Interval
    budget: Interval
    close: tuple[Whole, Whole]

    def row(self, demand: int) -> slice:
        """Give where the pairs of a demand stand."""
        ends = np.searchsorted(self.demand, [demand, demand + 1])
        return slice(int(ends[0]), int(ends[1]))

    def within(self, closed: Flags, opened: Flags, reach: Floats, barred: Flags) -> Ground:
        """Give the case of closed and open sites in which costs stay within the reach."""
        kept = ~closed[self.site] & (self.cost <= reach[self.demand])
        if len(barred):
            kept &= ~barred[self.pair]
        return replace(
            self,
            must=self.must | opened,
            may=self.may & ~closed,
            pair=self.pair[kept],
            demand=self.demand[kept],
            site=self.site[kept],
            cost=self.cost[kept],
            serving=self.serving[kept],
            outside=np.where(np.isfinite(reach), np.inf, self.outside),
        )

    def covered(self, radius: float) -> Ground:
        """Give the cover of demands that weigh 1 each, by sites within a radius."""
        kept, ones = self.cost <= radius, np.ones(len(self.weight))
        return replace(
            self,
            whole=True,
            weight=ones,
            outside=ones,
            pair=self.pair[kept],
            demand=self.demand[kept],
            site=self.site[kept],
            cost=self.cost[kept],
            serving=self.serving[kept],
        )


def ground(problem: LocationProblem) -> Ground:
    """Take what prices need from a problem."""
    count, width = len(problem.weight), len(problem.price)
    cost = problem.cost.reshape(count, width)
    covering = problem.question in {"maximal_cover", "set_cover"}
    most = problem.distance
    if covering:
        most = problem.radius if problem.question == "maximal_cover" else min(most, problem.radius)
    pair = np.flatnonzero((np.isfinite(cost) & (cost <= most) & problem.may).ravel())
    demand, site = pair // width, pair % width
    spending = exact(problem.price) - problem.closing
    charged = problem.question in {"fixed_charge", "set_cover"}
    nothing = exact(np.zeros(width))
    weighed = problem.question in {"p_median", "fixed_charge"}
    serving = exact(problem.weight[demand] if weighed else np.zeros(len(pair))) * cost.ravel()[pair]
    lost = problem.question == "maximal_cover"
    outside = problem.weight if lost else np.full(count, np.inf)
    near = np.isfinite(cost) & (cost <= problem.distance) & problem.may
    near &= lost and math.isfinite(problem.distance)
    shared = bool(np.isfinite(problem.capacity).any())
    made = Ground(
        problem.covers,
        problem.number,
        False,
        shared,
        problem.weight,
        problem.amount,
        problem.capacity,
        problem.must,
        problem.may,
        pair,
        demand,
        site,
        cost.ravel()[pair],
        serving,
        outside,
        spending if charged else nothing,
        total(exact(problem.closing)) if charged else exact(0.0),
        spending,
        exact(problem.budget) - total(exact(problem.closing)),
        (np.nonzero(near)[1], np.nonzero(near)[0]),
    )
    return replace(made, whole=(problem.single or not shared) and _whole(made, problem))


def _whole(on: Ground, problem: LocationProblem) -> bool:
    """Say whether everything an objective is made of is a whole number, known exactly."""
    parts = [on.serving, on.opening, on.constant]
    if problem.question == "maximal_cover":
        parts.append(exact(problem.weight))
    return all(
        bool((part.low == part.high).all() and whole(np.asarray(part.low)).all()) for part in parts
    )


def priced(on: Ground, rates: Rates, *, radius: float = math.inf) -> Priced:
    """Derive what every plan costs at least at some prices (of those within a radius)."""
    demand, site, serving = on.demand, on.site, on.serving
    if math.isfinite(radius):
        kept = on.cost <= radius
        demand, site, serving = demand[kept], site[kept], serving[kept]
    pairs = serving - rates.serve[demand]
    width = len(on.must)
    capacity = rates.capacity if len(rates.capacity) else np.zeros(width)
    if capacity.any():
        pairs = pairs + exact(capacity[site]) * on.amount[demand]
    earned = np.flatnonzero(pairs.low < 0)
    of_sites = gathered(site[earned], _gain(pairs[earned]), width)
    sites = of_sites + on.opening + rates.number
    if rates.budget:
        sites = sites + on.spending * rates.budget
    if capacity.any():
        sites = sites - exact(capacity) * np.where(capacity > 0, on.capacity, 0.0)
    parts = [_paid(on, rates), on.constant]
    if len(rates.near):
        sites = sites - gathered(on.close[0], exact(rates.near[on.close[1]]), width)
        parts.append(total(exact(rates.near)))
    if rates.number:
        parts.append(-(exact(rates.number) * float(on.number)))
    if rates.budget:
        parts.append(-(on.budget * rates.budget))
    parts += [total(sites[on.must]), total(_gain(sites[on.may & ~on.must]))]
    return Priced(float(total(joined(parts)).low), sites, pairs)


def _gain(of: Interval) -> Interval:
    """Give the least of 0 and each."""
    return Interval(np.minimum(of.low, 0.0), np.minimum(of.high, 0.0))


def _paid(on: Ground, rates: Rates) -> Interval:
    """Give what all demands pay, those that are better off unserved no more than that costs."""
    paid = exact(rates.serve) * float(on.covers)
    left = np.isfinite(on.outside)
    rest = exact(on.outside[left]) - paid[left]
    return total(joined([paid, _gain(rest)]))


def next_cost(problem: LocationProblem, radius: float) -> float:
    """Give the least cost above a radius at which anybody may be served; inf: there is none."""
    cost = problem.cost.reshape(len(problem.weight), len(problem.price))
    above = cost[(cost > radius) & (cost <= problem.distance) & problem.may & np.isfinite(cost)]
    return float(above.min(initial=np.inf))
