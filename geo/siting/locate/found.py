"""A plan found and what its bound rests on, in arrays, before it is written for its user."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from geo.certificates.locations.values import Branches, Fixed, Prices, Tree
from geo.siting.locate.model import Flags, Floats, Model, Whole

TINY = 1e-9  # shares below are none
WHOLE = 1e-6  # amounts this near to whole ones are whole, where all are


class Service(NamedTuple):
    """Who serves whom: positions of demands and sites, and shares, demand by demand."""

    demand: Whole
    site: Whole
    share: Floats


@dataclass
class Found:
    """The best plan, `opened` None where there is none; what proves its bound; HiGHS's word."""

    opened: Flags | None
    service: Service | None = None
    objective: float = math.inf
    prices: list[Prices] = field(default_factory=list)
    fixed: Fixed | None = None
    tree: Tree | None = None
    branches: Branches | None = None
    word: float = -math.inf
    stopped: bool = False


def nearest(on: Model, opened: Flags) -> Service:
    """Serve everybody from the nearest open sites, as many as cover a demand, ties in their order.

    Demands that may be left unserved are where that costs no more, or where sites are too few.
    """
    cost = np.where(opened & np.isfinite(on.serving), on.raw, np.inf)
    order = np.argsort(cost, axis=1, kind="stable")[:, : on.covers]
    near = np.take_along_axis(cost, order, axis=1)
    served = np.isfinite(near).all(axis=1) & (near.shape[1] == on.covers)
    demand = np.repeat(np.flatnonzero(served), on.covers)
    return Service(demand, order[served].ravel(), np.ones(len(demand)))


def cleaned(on: Model, service: Service) -> Service:
    """Round shares of split demands to whole amounts where all amounts and capacities are whole."""
    amount, capacity = on.places.demands.amount, on.places.sites.capacity
    limited = capacity[np.isfinite(capacity)]
    share = service.share.copy()
    if (amount == np.round(amount)).all() and (limited == np.round(limited)).all():
        parts = share * amount[service.demand]
        near = np.abs(parts - np.round(parts)) < WHOLE
        with np.errstate(all="ignore"):
            exact: Floats = np.round(parts) / amount[service.demand]
        share = np.where(near & (amount[service.demand] > 0), exact, share)
    kept = share > TINY
    demand, share = service.demand[kept], np.minimum(share[kept], 1.0)
    total = np.bincount(demand, share, len(amount))
    full = np.abs(total - on.covers) < WHOLE
    if on.covers == 1:
        share = np.where(full[demand], share / np.where(total > 0, total, 1.0)[demand], share)
    return Service(demand, service.site[kept], share)


def measured(on: Model, opened: Flags, service: Service) -> float:
    """Give the objective of a plan, from the plan alone."""
    parts = np.bincount(service.demand, service.share, len(on.outside))
    missing = np.clip(1.0 - parts / on.covers, 0.0, 1.0)
    missing[missing <= TINY] = 0.0
    cost = service.share * on.serving[service.demand, service.site]
    left = np.isfinite(on.outside)
    lost = float((missing[left] * on.outside[left]).sum())
    return float(cost.sum() + lost + on.opening[opened].sum() + on.constant)
