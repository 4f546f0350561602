"""A plan of locations: what is open, who serves whom, and how far from the best it can be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from geo.certificates.locations.values import (
    LOCATION,
    Branches,
    Fixed,
    LocationCertificate,
    LocationClaims,
    LocationProblem,
    Tree,
    Word,
)
from geo.certificates.locations.verifier import settled_location
from geo.siting.locate.found import Found, Service
from geo.siting.locate.model import Asked, Model
from geo.siting.locate.places import Places

ROUNDING = 1e-9  # a bound this close, as a share of the objective, leaves no gap


@dataclass(frozen=True, eq=False)
class Plan:
    """A plan of locations, with its proof.

    Attributes
    ----------
    opened
        Labels of the open sites, in the order of the sites.
    served
        One row for each pair that serves: demand, site, share (of the demand), cost (as given, of
        one unit of weight), demand by demand. Demands that are not covered have none.
    objective
        Of the question; less is better (of a maximal cover the weight that is not covered).
    bound
        No plan that keeps the limits has an objective below this.
    gap
        (objective − bound) / objective; 0 where the plan is proven best; inf where nothing is.
    certified
        The bound that prices alone prove, which `geo.certificates.verify` re-checks.
    by
        "prices" where the bound is certified, "HiGHS" where it rests on that solver's own word.
    proven
        Whether the plan is the best, within the gap asked for.
    stopped
        Whether the limit of work ended the search before.
    work
        What was done, in the unit of `Effort.work`.
    seconds
        What the search took, by the processor's clock; the one figure another run gives otherwise.
    certificate
        What the bound rests on, to be re-checked.
    """

    opened: pd.Index
    served: pd.DataFrame
    objective: float
    bound: float
    gap: float
    certified: float
    by: str
    proven: bool
    stopped: bool
    work: float
    seconds: float
    certificate: LocationCertificate


def open_gap(objective: float, bound: float) -> float:
    """Give the share of the objective that a better plan could save.

    Examples
    --------
    >>> open_gap(10.0, 9.0), open_gap(0.0, 0.0)
    (0.1, 0.0)
    """
    left = objective - bound
    if left <= ROUNDING * abs(objective):
        return 0.0
    return left / abs(objective) if objective and math.isfinite(left) else math.inf


def certificate(on: Model, found: Found) -> LocationCertificate:
    """Write down what a bound rests on; the verifier's own arithmetic sets what is claimed."""
    width = len(on.state)
    none = np.zeros(0, np.int64)
    fixed = found.fixed
    if fixed is None:
        flags = np.zeros(width, np.bool_)
        fixed = Fixed(flags, flags, np.zeros(0, np.bool_), math.inf)
    tree = found.tree
    if tree is None:
        empty = np.zeros(0)
        tree = Tree(none, none, empty, np.zeros(0, np.bool_), empty, empty, -math.inf)
    branches = found.branches
    if branches is None:
        flags, codes = np.zeros(0, np.bool_), np.zeros(0, np.uint8)
        branches = Branches(none, none, flags, none, codes, math.inf, -math.inf)
    service = Service(none, none, np.zeros(0)) if found.service is None else found.service
    written = LocationCertificate(
        LOCATION,
        problem(on.places, on.asked),
        LocationClaims(found.objective, -math.inf, -math.inf, "prices"),
        tuple(found.prices),
        fixed,
        tree,
        branches,
        Word(found.word),
        np.zeros(width, np.bool_) if found.opened is None else found.opened,
        service.demand.astype(np.int64),
        service.site.astype(np.int64),
        service.share,
    )
    return settled_location(written)


def problem(places: Places, asked: Asked) -> LocationProblem:
    """Give a question as certificates have it."""
    demands, sites, limits = places.demands, places.sites, asked.limits
    return LocationProblem(
        asked.question,
        tuple(map(str, demands.labels)),
        tuple(map(str, sites.labels)),
        places.cost.ravel(),
        demands.weight,
        demands.amount,
        sites.price,
        sites.closing,
        sites.capacity,
        sites.must,
        sites.may,
        -1 if limits.number is None else int(limits.number),
        float(limits.distance),
        float(limits.budget),
        bool(limits.single_source),
        float(asked.radius),
        int(asked.covers),
    )


def planned(on: Model, found: Found, *, work: float, seconds: float, wanted: float) -> Plan:
    """Put what was found into labels, with its certificate."""
    proof = certificate(on, found)
    claims = proof.claims
    demands, sites = on.places.demands.labels, on.places.sites.labels
    served = pd.DataFrame(
        {
            "demand": demands[proof.demand],
            "site": sites[proof.site],
            "share": proof.share,
            "cost": on.places.cost[proof.demand, proof.site],
        }
    )
    left = open_gap(claims.objective, claims.bound)
    return Plan(
        sites[proof.opened],
        served,
        claims.objective,
        claims.bound,
        left,
        claims.certified,
        claims.by,
        left <= wanted,
        left > wanted and found.stopped,
        work,
        seconds,
        proof,
    )
