"""Design levels for building pads on sloping ground, at the least cost of earth and walls.

A pad is levelled; what stands above its level is cut, what lies below is filled. Streets and steps
tie neighbours together, walls cost by their height, and what is cut should be what is filled::

    links = neighbours(pads, within_m=12)
    site = Site(pads, dem, links, roads)
    design = design_levels(site, prices=Prices(cut=12, fill=8, borrow=30, waste=20, walls=walls),
                           rules=Rules(balance_m3=500, max_step_m=3, max_grade=0.08))
    verify(site, design, prices=…, rules=…).accepted

Ground
    Volumes are those of the terrain's own cells, level each, by the exact share that a pad covers.
    Side slopes beyond the pads, topsoil and haul are not in them.
Rules
    `Rules`: balance of cut and fill, largest step, steepest street, shrink or swell. Columns
    low_m and high_m of the pads (a flood level with its freeboard) and roads bound single levels.
Answers
    `Design`: levels, volumes, walls, cost, a bound that no design beats, the gap between, and
    prices: of a m³ of balance, and of each limit that binds (what one more metre would save).
    No levels: InfeasibleError, whose problems are a minimal set of rules in conflict, each with
    the least by which it alone must give.
Proof
    `verify` cuts the cells anew, tries every rule, and derives the bound from the prices. A bound
    beyond what prices prove is the word of the solver HiGHS, and is labelled so.

The method stands in `optimum`; `ground` has cells and volumes, `limits` what levels must keep,
`program` the program, `bound` what prices prove, `conflict` why there are no levels. `verifier`
shares nothing with these.
"""

from geo.siting.grading.neighbours import neighbours
from geo.siting.grading.optimum import design_levels
from geo.siting.grading.values import Design, Duals, Prices, Rules, Site, WallPrice
from geo.siting.grading.verifier import Report, verify

__all__ = [
    "Design",
    "Duals",
    "Prices",
    "Report",
    "Rules",
    "Site",
    "WallPrice",
    "design_levels",
    "neighbours",
    "verify",
]
