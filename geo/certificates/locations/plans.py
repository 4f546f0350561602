"""A plan of locations re-checked: what is open, who serves whom, limits, and the objective."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from geo.certificates.certificate import Floats
from geo.certificates.directed import Interval, exact, gathered, joined, total
from geo.certificates.locations.values import LocationCertificate, LocationProblem
from geo.errors import Problem
from geo.words import Text

SLACK = 1e-7  # of a capacity or a budget: what they may be passed by
CLOSE = 1e-9  # of the sizes of the terms of an objective: a claim is written by plain sums
PARTS = 1e-9  # shares of a demand add up to a whole within this
SHOWN = 5  # demands and sites told of one fault
OPEN, SHUT = Text("开", "open"), Text("不开", "not open")


class Value(NamedTuple):
    """An objective, and how far a claim may be from it."""

    enclosed: Interval
    off: float

    def holds(self, claim: float) -> bool:
        """Say whether a claim is near enough."""
        return float(self.enclosed.low) - self.off <= claim <= float(self.enclosed.high) + self.off


def plan_faults(certificate: LocationCertificate) -> Iterator[Problem]:
    """Say which rules a plan breaks, and what is claimed of it that is not so."""
    yield from _open_faults(certificate)
    yield from _served_faults(certificate)
    yield from _loads(certificate)
    known, claims = value(certificate), certificate.claims
    if not known.holds(claims.objective):
        expected = f"{float(known.enclosed.low)!r} … {float(known.enclosed.high)!r}"
        yield Problem(layer="claims/objective", found=repr(claims.objective), expected=expected)
    most = float(known.enclosed.high) + known.off
    for name, claim in (("certified", claims.certified), ("bound", claims.bound)):
        if not claim <= most:
            yield Problem(layer=f"claims/{name}", found=repr(claim), expected="≤ objective")


def _open_faults(certificate: LocationCertificate) -> Iterator[Problem]:
    problem, opened = certificate.problem, certificate.opened
    for wrong, found, expected in (
        (opened & ~problem.may, OPEN, SHUT),
        (~opened & problem.must, SHUT, OPEN),
    ):
        for site in np.flatnonzero(wrong)[:SHOWN]:
            yield Problem(layer="opened", row=problem.sites[site], found=found, expected=expected)
    if 0 <= problem.number < opened.sum():
        yield Problem(
            layer="opened", field="number", found=str(opened.sum()), expected=f"≤ {problem.number}"
        )
    spent = float(total(exact(np.where(opened, problem.price, problem.closing))).low)
    if not spent <= problem.budget * (1 + SLACK):
        yield Problem(
            layer="opened", field="budget", found=repr(spent), expected=f"≤ {problem.budget!r}"
        )


def reach(problem: LocationProblem) -> float:
    """Give the largest cost at which a demand may be served."""
    if problem.question == "maximal_cover":
        return problem.radius
    return min(problem.distance, problem.radius)


def _served_faults(certificate: LocationCertificate) -> Iterator[Problem]:
    problem = certificate.problem
    demand, site, share = certificate.demand, certificate.site, certificate.share
    cost = problem.cost[demand * len(problem.sites) + site]
    for wrong, expected in (
        (~certificate.opened[site], OPEN),
        (~(np.isfinite(cost) & (cost <= reach(problem))), f"≤ {reach(problem)!r}"),
        (~((share > 0) & (share <= 1)), "0 … 1"),
        ((share != 1) & problem.single, "1"),
    ):
        for k in np.flatnonzero(wrong)[:SHOWN]:
            yield Problem(
                layer="served",
                row=problem.demands[demand[k]],
                field=problem.sites[site[k]],
                found=f"{cost[k]!r}, {share[k]!r}",
                expected=expected,
            )
    parts = np.bincount(demand, share, len(problem.demands))
    least = 0.0 if problem.question == "maximal_cover" else float(problem.covers)
    wrong = ~((parts >= least - PARTS) & (parts <= problem.covers + PARTS))
    for one in np.flatnonzero(wrong)[:SHOWN]:
        yield Problem(
            layer="served",
            row=problem.demands[one],
            found=repr(float(parts[one])),
            expected=str(problem.covers),
        )
    yield from _far(certificate)


def _far(certificate: LocationCertificate) -> Iterator[Problem]:
    """Say which demands of a maximal cover have no open site within its distance."""
    problem = certificate.problem
    if problem.question != "maximal_cover" or math.isinf(problem.distance):
        return
    cost = problem.cost.reshape(len(problem.demands), len(problem.sites))
    nearest = np.where(certificate.opened, cost, np.inf).min(axis=1, initial=np.inf)
    for one in np.flatnonzero(~(nearest <= problem.distance))[:SHOWN]:
        yield Problem(
            layer="served",
            row=problem.demands[one],
            found=repr(float(nearest[one])),
            expected=f"≤ {problem.distance!r}",
        )


def _loads(certificate: LocationCertificate) -> Iterator[Problem]:
    problem = certificate.problem
    used = exact(certificate.share) * problem.amount[certificate.demand]
    loads = gathered(certificate.site, used, len(problem.sites)).low
    for site in np.flatnonzero(~(loads <= problem.capacity * (1 + SLACK)))[:SHOWN]:
        yield Problem(
            layer="served",
            row=problem.sites[site],
            field="capacity",
            found=repr(float(loads[site])),
            expected=f"≤ {float(problem.capacity[site])!r}",
        )


def value(certificate: LocationCertificate) -> Value:
    """Measure the objective of a plan anew."""
    problem = certificate.problem
    cost = problem.cost[certificate.demand * len(problem.sites) + certificate.site]
    if problem.question == "p_centre":
        return Value(exact(cost.max(initial=0.0)), 0.0)
    parts = []
    if problem.question in {"p_median", "fixed_charge"}:
        parts.append(exact(certificate.share) * cost * problem.weight[certificate.demand])
    if problem.question in {"fixed_charge", "set_cover"}:
        parts.append(exact(np.where(certificate.opened, problem.price, problem.closing)))
    if problem.question == "maximal_cover":
        parts.append(exact(_missing(certificate)) * problem.weight)
    terms = joined(parts)
    sizes = float(np.maximum(np.abs(terms.low), np.abs(terms.high)).sum())
    return Value(total(terms), CLOSE * sizes)


def _missing(certificate: LocationCertificate) -> Floats:
    """Give the share of each demand that is not covered: all of it where it must be whole."""
    problem = certificate.problem
    parts = np.bincount(certificate.demand, certificate.share, len(problem.demands))
    missing = np.clip(1.0 - parts / problem.covers, 0.0, 1.0)
    missing[missing <= PARTS] = 0.0
    if np.isfinite(problem.capacity).any() and not problem.single:
        # each of the sites serves no more than what is covered
        largest = np.zeros(len(missing))
        np.maximum.at(largest, certificate.demand, certificate.share)
        return np.where(largest <= 1.0 - missing + PARTS, missing, 1.0)
    return np.where(missing > 0, 1.0, 0.0)
