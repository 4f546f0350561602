"""Exchange of land between a class and the rest, with a proof of how good the plan is.

Units (parcels) are members of a class, such as cropland, or not. A plan lets some members leave
and some others enter, so that a weighted sum of goals is least and every rule is kept::

    parcels = units(frame, neighbours=adjacency(polygons))
    plan = solve(parcels, goals=[Mean("slope_deg"), Touching(weight=-1e-6)],
                 rules=[Balance(above_m2=100), Budget(most=52, side="leave"),
                        Contiguity(gain=0.0045), Blocks(1_500_000, least_m2=66_700)])

Units
    `units(frame, neighbours=…)`. The index is the identity; columns area_m2, member, may_leave,
    may_enter (the caller maps land codes and laws to these booleans) and any numbers or labels that
    goals and rules name. Areas are kept in whole 0.01 m². What a member becomes when it leaves is
    the caller's: a column such as `other` (the class a non-member is of, the class a member would
    turn into) makes the balance by class a scope: `Balance(scope="other")`.
Goals (less is better; a negative weight asks for more)
    `Mean(column, weight, per)`: mean over the members, weighted by area, count or a column.
    `Moved(column, weight, side)`: sum over what leaves, enters or both (cost, distance, hectares).
    `Touching(weight, by)`: shared borders between members, by length or count; weight ≤ 0.
Rules (by scope: whole, or each label of a column)
    `Balance(scope, above_m2, below_m2)`: area after less area before, exact in 0.01 m².
    `Quality(column, scope, better, slack)`: the area-weighted mean gets no worse.
    `Budget(column, most, least, side, scope)`: number, area_m2, cost … of what moves.
    `Contiguity(gain, by)`: mean number of member neighbours (or border length) per member. Who is
    a neighbour is the caller's: published figures often count parcels that share a vertex, among
    those that may change places alone.
    `Blocks(gain_m2, least_m2)`: area of members in connected blocks.
    `Reach(goal, most)`: a goal as a rule for the others.
Answers
    `solve` gives a `Plan`: members after, leaving, entering, objective, bound, gap, seconds,
    whether the gap asked for was reached (`proven`), whether a limit was hit (`stopped`), and what
    the bound rests on: `certified` is what prices alone prove, re-checked from `certificate` by
    `geo.certificates.verify`; a bound above it is the word of the solver HiGHS (`by`).
    No plan: InfeasibleError, whose problems are a minimal set of rules in conflict.
    `front` gives the plans between some goals and the others, each with its bound. `near_best`
    gives plans within a share of the best improvement that move other land, each with the land
    that any such plan shares at least. What a plan moves is spread over years by `geo.phasing`.
Limits
    Work is counted (`Effort`), so that a busy machine gives the same plan. `seconds` is for users
    who need an end by the clock: what it stops is not `reproducible`.

The method stands in `proof` (multipliers and minimum cuts for the bound, small programs for plans),
`relaxed` and `blocks` (floors on connected area, exact by cuts) and `fractions` (ratios). A bound
always holds for the problem with every rule: what it leaves out are only cuts not yet needed.
"""

from geo.exchange.effort import Effort, usual
from geo.exchange.goals import Goal, Mean, Moved, Touching
from geo.exchange.nearbest import Near, Other, near_best
from geo.exchange.pareto import Point, Sweep, front
from geo.exchange.plan import Plan
from geo.exchange.program import Limits
from geo.exchange.rules import Balance, Blocks, Budget, Contiguity, Quality, Reach, Rule
from geo.exchange.solving import solve
from geo.exchange.units import Units, units

__all__ = [
    "Balance",
    "Blocks",
    "Budget",
    "Contiguity",
    "Effort",
    "Goal",
    "Limits",
    "Mean",
    "Moved",
    "Near",
    "Other",
    "Plan",
    "Point",
    "Quality",
    "Reach",
    "Rule",
    "Sweep",
    "Touching",
    "Units",
    "front",
    "near_best",
    "solve",
    "units",
    "usual",
]
