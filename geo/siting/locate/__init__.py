"""Location of facilities on a matrix of costs, with a proof of how good the plan is.

Sites are opened so that demands are served; a question says what is to be least, limits what is
allowed, and both compose::

    given = places(minutes, demands=villages, sites=candidates)
    plan = p_median(given, Limits(number=5, distance=40.0))
    plan.opened, plan.served, plan.objective, plan.bound

Places
    `places(cost, demands=…, sites=…)`, frames joined by label. Cost of serving each demand from
    each site, ≥ 0, inf where that may not be. Demands: weight (in the objective), amount (of
    capacity). Sites: price (of opening, or of keeping what exists), closing (of closing what
    exists), capacity, must_open, forbidden.
Limits
    `Limits(number, distance, budget, single_source)`: sites that may be open, the largest cost at
    which anybody is served, what prices may add up to, whether a demand may be split where
    capacities are limited.
Questions (less of each is better)
    `p_median`: sum of weight · cost. `p_centre`: largest cost. `maximal_cover`: weight that is not
    covered by one, two … sites within a radius. `set_cover`: prices so that all are covered.
    `fixed_charge`: prices and sum of weight · cost.
Answers
    A `Plan`: open sites, who serves whom, objective, bound, gap, work done, and what the bound
    rests on: `certified` is what prices prove, re-checked from `certificate` by
    `geo.certificates.verify`; a bound above it is the word of the solver HiGHS (`by`).
    No plan: InfeasibleError, with the demands that no site can reach, or the least of each limit
    that opens the question.
Limits of the method
    Work is counted (`Effort`), so that a busy machine gives the same plan; a plan at which it ended
    has its gap. Sites limited by number alone are prices, exchanges and cases (`lagrangian`,
    `interchange`, `tree`; of maximal covers `covering`), proven without HiGHS in nearly all cases;
    with capacities, budgets or sets that cover, HiGHS solves one program of a column for each pair.
    Memory: some 60 bytes a pair, 1 kB with capacities; of a maximal cover 256 MB of cases at most.
"""

from geo.siting.locate.effort import Effort
from geo.siting.locate.places import Demands, Limits, Places, Sites, places
from geo.siting.locate.plan import Plan
from geo.siting.locate.questions import (
    fixed_charge,
    maximal_cover,
    p_centre,
    p_median,
    set_cover,
)

__all__ = [
    "Demands",
    "Effort",
    "Limits",
    "Places",
    "Plan",
    "Sites",
    "fixed_charge",
    "maximal_cover",
    "p_centre",
    "p_median",
    "places",
    "set_cover",
]
