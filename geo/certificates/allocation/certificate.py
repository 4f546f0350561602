"""What an allocation of units to uses writes down for others to check: values alone.

Arrays of several dimensions are flat, row by row. State k, the last, is land without a use.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from geo.certificates.certificate import Flags, Floats, Whole

ALLOCATION = "allocation"


@dataclass(frozen=True, eq=False)
class AllocationProblem:
    """An allocation in plain arrays: n units, k uses, m pairs of neighbours, goals, rules.

    Attributes
    ----------
    labels, uses
        Identity of the units and names of the uses, each unique.
    area
        Whole numbers of 0.01 m² above 0, less than 2**53 in all, shape (n,).
    allowed, suitability
        Whether a unit may take a use, and what it counts then (finite), shape (n · k,).
    left, right, length_m
        Positions of both ends of each pair and the border they share (≥ 0), shape (m,).
    goals, rules
        {"is": "Compactness", "like": …, "unlike": …} and so on: every field of the goals and rules
        of an allocation by its name; "inf" for a demand without end.
    """

    labels: tuple[str, ...]
    uses: tuple[str, ...]
    area: Whole
    allowed: Flags
    suitability: Floats
    left: Whole
    right: Whole
    length_m: Floats
    goals: tuple[dict[str, Any], ...]
    rules: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class AllocationClaims:
    """What is claimed: the score of the allocation, and bounds that none is above.

    `certified` follows from the prices. `bound` may rest on the word of "HiGHS": `by` says whether
    "prices" alone prove it (bound ≥ certified).
    """

    score: float
    certified: float
    bound: float
    by: str


@dataclass(frozen=True, eq=False)
class AllocationCertificate:
    """An allocation, what is claimed of it, and the prices that the bound follows from.

    Attributes
    ----------
    kind
        "allocation".
    problem, claims
        What was asked, and what is claimed.
    land
        Price of 0.01 m² for each use, shape (k,): above 0 only where its demand has an end above.
    message
        What each end of a pair takes of their border in each state, shape (m · 2 · (k + 1),).
    state
        The use of each unit by its position, k for none, shape (n,).
    """

    kind: str
    problem: AllocationProblem
    claims: AllocationClaims
    land: Floats
    message: Floats
    state: Whole
