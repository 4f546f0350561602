"""Allocation of units (cells or parcels) to uses, with a proof of how good it is.

Each unit takes one use, or none, so that its suitability and what borders between uses count are
most together and every rule is kept::

    plots = lots(areas, suitability, neighbours=adjacency(polygons))
    plan = allocate(plots, goals=[Compactness(unlike=0.2), Affinity("homes", "green", 0.1)],
                    rules=[Demand("homes", 400_000, 420_000), Exclusion("homes", "heavy"),
                           Patch("green", 5_000), Connected("heavy")])

Units
    `lots(areas, suitability, neighbours=…)`: one row for each unit, one column for each use; nan
    and −inf forbid. Areas are kept in whole 0.01 m². Suitability is that of the whole unit.
Goals (more is better; suitability always counts, with a weight of 1)
    `Compactness(like, unlike)`: per metre of border between units of one use (gained), of two
    (lost; land without a use differs from every use).
    `Affinity(one, other, price)`: per metre of border between two uses; below 0 for a dislike.
Rules
    `Demand(use, least_m2, most_m2)`: the area of a use, both ends closed, exact in 0.01 m².
    `Exclusion(one, other)`: never neighbours, over a border or a corner.
    `Patch(use, least_m2)`: every connected patch is so large. `Connected(use)`: one piece. Units
    hang together over borders longer than 0, never over corners.
Answers
    `allocate` gives a `Plan`: the use of each unit, score, bound, gap, and what the bound rests on:
    prices that `geo.certificates.verify` re-checks, or the word of HiGHS. No plan: InfeasibleError,
    whose problems are a minimal set of rules in conflict, with areas demanded and available.
    `split` allocates units that may be cut, for suitability and demands alone: a minimum-cost flow.
Limits
    Work is counted (`Effort`), so that a busy machine gives the same plan. The bound by prices
    leaves patches and pieces out; where they bind and the program is too large for HiGHS, the gap
    tells how much is open.

The method stands in `dual` and `messages` (prices for the bound), `annealing` and `search` (plans)
and `program` (HiGHS, for what is small or has become so by the prices).
"""

from geo.siting.allocation.effort import Effort
from geo.siting.allocation.lots import Lots, lots
from geo.siting.allocation.plan import Plan, Work
from geo.siting.allocation.rules import (
    Affinity,
    Compactness,
    Connected,
    Demand,
    Exclusion,
    Goal,
    Patch,
    Rule,
)
from geo.siting.allocation.solving import Split, allocate, split

__all__ = [
    "Affinity",
    "Compactness",
    "Connected",
    "Demand",
    "Effort",
    "Exclusion",
    "Goal",
    "Lots",
    "Patch",
    "Plan",
    "Rule",
    "Split",
    "Work",
    "allocate",
    "lots",
    "split",
]
