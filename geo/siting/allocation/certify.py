"""A plan and its prices, written down for others to check."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from geo.certificates.allocation import (
    ALLOCATION,
    AllocationCertificate,
    AllocationClaims,
    AllocationProblem,
)
from geo.siting.allocation.dual import Prices
from geo.siting.allocation.lots import Whole
from geo.siting.allocation.model import Model
from geo.siting.allocation.rules import Goal, Rule


def certificate(
    on: Model, prices: Prices, state: Whole, score: float, word: float
) -> AllocationCertificate:
    """Write down an allocation, what is claimed of it, and the prices that bound all others.

    Parameters
    ----------
    on
        The allocation problem.
    prices
        What the bound rests on.
    state
        Of each unit.
    score
        Of these states.
    word
        The bound that HiGHS gives, inf where it was not asked.
    """
    given = on.lots
    message = np.zeros((len(given.left), 2, on.free + 1))
    message[on.pairs] = prices.message
    bound = min(prices.bound, word)
    by = "prices" if prices.bound <= word else "HiGHS"
    return AllocationCertificate(
        ALLOCATION,
        AllocationProblem(
            tuple(map(str, given.labels)),
            given.uses,
            given.area,
            given.allowed.ravel(),
            given.suitability.ravel(),
            given.left,
            given.right,
            given.length_m,
            tuple(_named(goal) for goal in on.goals),
            tuple(_named(rule) for rule in on.rules),
        ),
        AllocationClaims(score, prices.bound, bound, by),
        prices.land,
        message.ravel(),
        state,
    )


def _named(one: Goal | Rule) -> dict[str, Any]:
    """Give every field by its name; numbers without end in words."""
    plain = {
        name: value if isinstance(value, str) else float(value)
        for name, value in asdict(one).items()
    }
    said = {name: "inf" if value == np.inf else value for name, value in plain.items()}
    return {"is": type(one).__name__, **said}
