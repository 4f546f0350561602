"""What an optimiser proves, written down so that others can check it without the optimiser.

A certificate holds a problem in plain arrays, a plan, what is claimed of it, and what the claims
follow from. `verify` derives all of it anew, in arithmetic rounded so that no error of floating
point counts for a claim; it shares nothing with the solvers but these values::

    report = verify(unpacked(content))
    report.accepted, report.findings, report.problems

Exchange of land (`geo.exchange`)
    The plan moves free units only and keeps every rule: areas and blocks in whole 0.01 m², other
    rows within 1.001e-7 of their largest coefficient of what is free (a quality also within the
    rounding of its mean, 1e-12 of the largest value on the whole area). Bounds are claimed for
    every plan that does, and has something to take each mean over.
    `Statement`: prices of the rows bound the objective, a denominator or an excess of a mean.
    `Cut`: area in blocks is no more than a sum over members, whatever the plan.
    `Range`: where denominators and excesses stay; with these a bound of the objective follows.
    `Program`: what a solver of integer programs says of the units that statements do not fix.
    That the others are fixed is verified; what the solver says is told as its word.

Location of facilities (`geo.siting.locate`)
    A plan keeps number, budget, capacities (these two within 1e-7 of themselves) and distances.
    Prices of being served and of what is limited bound the objective of every plan; what they fix
    is decided otherwise by none that is better; cases of a tree exhaust the rest, each with prices
    of its own. What HiGHS says beyond is told as its word.

Allocation of units to uses (`geo.siting.allocation`)
    The allocation keeps every rule, and no other has a score above the bound, which follows from
    prices of land and of borders alone, or is told as the word of a solver.

Files: `packed` and `unpacked`, a zip of JSON and plain arrays with equal bytes for equal values.
Writers: `cut` makes cuts from lists; `tightened` and `settled_allocation` set bounds to what
is proven.

The method stands in `statements` (prices), `blocks` (cuts), `ratios` (means) and `directed`
(arithmetic); that of locations in `locations`.
"""

from geo.certificates.allocation import (
    AllocationCertificate,
    AllocationClaims,
    AllocationProblem,
    settled_allocation,
)
from geo.certificates.certificate import (
    NONE,
    Certificate,
    Claims,
    Cut,
    End,
    ExchangeProblem,
    Finding,
    Floor,
    Key,
    Program,
    Range,
    Report,
    Statement,
    cut,
)
from geo.certificates.locations.values import LocationCertificate
from geo.certificates.packing import packed, unpacked
from geo.certificates.verification import tightened, verify

__all__ = [
    "NONE",
    "AllocationCertificate",
    "AllocationClaims",
    "AllocationProblem",
    "Certificate",
    "Claims",
    "Cut",
    "End",
    "ExchangeProblem",
    "Finding",
    "Floor",
    "Key",
    "LocationCertificate",
    "Program",
    "Range",
    "Report",
    "Statement",
    "cut",
    "packed",
    "settled_allocation",
    "tightened",
    "unpacked",
    "verify",
]
