"""A question of location as one form: serve everybody, or pay for not doing so.

Least sum of opening · y + serving · x + outside · s + constant, y and s in {0, 1}, where

    sum of x over sites + covers · s = covers   for each demand,
    x ≤ y, x ≤ 1 − s                            for each pair that may serve,
    sum of amount · x ≤ capacity · y            for each site,
    sum of y ≤ number, spending · y ≤ budget, y of some site near each demand of `close`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.siting.locate.places import Limits, Places

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
States = NDArray[np.int8]
Question = Literal["p_median", "p_centre", "maximal_cover", "set_cover", "fixed_charge"]
CLOSED, OPEN, FREE = 0, 1, -1
ROUNDING = 1e-9  # of an objective: what sums of floating point leave open
STEP = 1e-6  # a bound so much below a whole number is that number


@dataclass(frozen=True)
class Asked:
    """A question with what it needs: limits, radius and covers of covers, the gap that will do."""

    question: Question
    limits: Limits
    radius: float = math.inf
    covers: int = 1
    gap: float = 0.0


@dataclass(frozen=True, eq=False)
class Model:
    """A question in the form of this module; made by `model`.

    Attributes
    ----------
    places, asked
        What it was made from.
    raw, serving
        Cost as given and as the objective counts it; inf: may not serve. Shape (n, m).
    outside
        Of leaving a demand unserved; inf where that may not be, shape (n,).
    opening, constant
        Of the objective: of each open site, shape (m,), and of every plan.
    spending, budget
        The same of the limit on what is spent.
    number
        How many sites may be open.
    state
        CLOSED, OPEN or FREE, shape (m,).
    close
        Sites one of which each demand needs, whoever serves it, shape (n, m); None: not asked.
    shared
        Whether capacities are limited.
    whole
        Whether every objective is a whole number.
    """

    places: Places
    asked: Asked
    raw: Floats
    serving: Floats
    outside: Floats
    opening: Floats
    constant: float
    spending: Floats
    budget: float
    number: int
    state: States
    close: Flags | None
    shared: bool
    whole: bool

    @property
    def covers(self) -> int:
        """How many sites serve each demand."""
        return self.asked.covers

    @property
    def single(self) -> bool:
        """Whether nobody is split."""
        return self.asked.limits.single_source or not self.shared

    @property
    def plain(self) -> bool:
        """Whether everybody is served by the nearest and sites are limited by number alone."""
        return (
            not self.shared and self.covers == 1 and self.close is None and math.isinf(self.budget)
        )

    def cutoff(self, objective: float) -> float:
        """Give the bound from which on no better plan is left."""
        near = objective - max(self.asked.gap, ROUNDING) * abs(objective)
        return min(near, objective - 1 + STEP) if self.whole else near

    def raised(self, bound: float) -> float:
        """Give a bound, rounded up where objectives are whole."""
        return float(math.ceil(bound - STEP)) if self.whole and math.isfinite(bound) else bound


def model(places: Places, asked: Asked) -> Model:
    """Put a question into the form; of a p-centre, whether all can be served within `radius`."""
    limits, sites = asked.limits, places.sites
    reach = {
        "maximal_cover": asked.radius,
        "p_median": limits.distance,
        "fixed_charge": limits.distance,
    }.get(asked.question, min(limits.distance, asked.radius))
    allowed = np.isfinite(places.cost) & (places.cost <= reach) & sites.may
    weighed = asked.question in {"p_median", "fixed_charge"}
    weights = places.demands.weight if weighed else np.zeros(len(places.demands.weight))
    with np.errstate(invalid="ignore"):
        serving = np.where(allowed, weights[:, None] * places.cost, np.inf)
    spending = sites.price - sites.closing
    charged = asked.question in {"fixed_charge", "set_cover"}
    opening = spending if charged else np.zeros(len(spending))
    constant = float(sites.closing.sum()) if charged else 0.0
    partial = asked.question == "maximal_cover"
    outside = places.demands.weight if partial else np.full(len(weights), np.inf)
    near = None
    if partial and math.isfinite(limits.distance):
        near = (places.cost <= limits.distance) & sites.may
    shared = bool(np.isfinite(sites.capacity).any())
    figures = [serving[allowed], opening, np.array([constant])]
    figures += [places.demands.weight] if partial else []
    single = limits.single_source or not shared
    return Model(
        places,
        asked,
        np.where(allowed, places.cost, np.inf),
        serving,
        outside,
        opening,
        constant,
        spending,
        limits.budget - float(sites.closing.sum()),
        len(spending) if limits.number is None else limits.number,
        np.where(sites.must, OPEN, np.where(sites.may, FREE, CLOSED)).astype(np.int8),
        near,
        shared,
        single and all(bool((one == np.round(one)).all()) for one in figures),
    )
