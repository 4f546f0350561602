"""From a bound of the surrogate to one of the true objective, where goals are means.

With E = N − rate · D a mean N / D is rate + E / D, and the surrogate counts E / middle. With D in
l … h, l > 0:

1. One mean and nothing else: weight · E ≥ F · middle, so that the objective is no less than
   weight · rate + F · middle / l where F < 0, and with h in place of l where F ≥ 0.
2. Else the objective is the sum of weight · rate, the surrogate, and for each mean
   weight · E · (1 / D − 1 / middle), a product of what is known of E and of D.

Dinkelbach, W. (1967): On nonlinear fractional programming. Management Science 13, 492-498.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from geo.certificates.certificate import NONE, Certificate, End, Floats, Statement
from geo.certificates.directed import Interval, exact, joined, total
from geo.certificates.formulas import Case, amounts
from geo.certificates.statements import Proof
from geo.errors import Problem


class Excess(NamedTuple):
    """An end of N − rate · D; one without a statement is infinite, whatever its rate."""

    value: float
    rate: float


class Known(NamedTuple):
    """What is known of a mean: l, h, and both ends of the excess."""

    low: float
    high: float
    least: Excess
    most: Excess


class Asked(NamedTuple):
    """What an end has to follow from: a statement of this kind, or what needs no statement."""

    of: str
    goal: int
    sense: int
    default: float


def means(case: Case) -> list[int]:
    """Give the positions of the means among the goals."""
    return [k for k, goal in enumerate(case.goals) if goal["is"] == "Mean"]


def known(case: Case, certificate: Certificate) -> list[Known]:
    """Take the ranges as they are claimed; `faults` says what of them is not proven."""
    found = []
    for number, one in zip(means(case), certificate.ranges, strict=True):
        least, most = (
            Excess(end.value, _rate(certificate, end, number))
            for end in (one.excess_low, one.excess_high)
        )
        low = max(one.low.value, _least(case, number))
        found.append(Known(low, one.high.value, least, most))
    return found


def _rate(certificate: Certificate, end: End, number: int) -> float:
    if end.statement == NONE:
        return 0.0
    return float(certificate.statements[end.statement].rates[number])


def _least(case: Case, number: int) -> float:
    """Give the least a denominator above 0 can be; inf where it cannot be above 0."""
    per = amounts(case.problem, case.goals[number]["per"]).low[case.possible]
    return float(per[per > 0].min(initial=math.inf))


class Held(NamedTuple):
    """An end of a range, its address, and what it has to follow from."""

    place: str
    end: End
    asked: Asked


def ends(case: Case, certificate: Certificate) -> Iterator[Held]:
    """Give every end of the ranges."""
    for place, (number, one) in enumerate(zip(means(case), certificate.ranges, strict=True)):
        least = _least(case, number)
        for name, asked in (
            ("low", Asked("below", number, 1, least)),
            ("high", Asked("below", number, -1, math.inf)),
            ("excess_low", Asked("excess", number, 1, -math.inf)),
            ("excess_high", Asked("excess", number, -1, math.inf)),
        ):
            yield Held(f"ranges/{place}/{name}", getattr(one, name), asked)


def proven(certificate: Certificate, proofs: Sequence[Proof], end: End, asked: Asked) -> float:
    """Give the narrowest end that is proven."""
    if end.statement == NONE:
        return asked.default
    statement = certificate.statements[end.statement]
    fits = (statement.of, statement.goal, statement.sense) == asked[:3]
    return asked.sense * (proofs[end.statement].low if fits else -math.inf)


def faults(case: Case, certificate: Certificate, proofs: Sequence[Proof]) -> Iterator[Problem]:
    """Say which ends of ranges are not proven."""
    for place, end, asked in ends(case, certificate):
        most = proven(certificate, proofs, end, asked)
        if not asked.sense * end.value <= asked.sense * most:
            sign = "≤" if asked.sense > 0 else "≥"
            yield Problem(layer=place, found=repr(end.value), expected=f"{sign} {most!r}")
    for number, one in enumerate(known(case, certificate)):
        if not one.low <= one.high:
            yield Problem(layer=f"ranges/{number}/high", found=repr(one.high), expected="≥ low")


@np.errstate(all="ignore")
def lower(case: Case, statement: Statement, spans: Sequence[Known], bound: Floats) -> Floats:
    """Give bounds of the objective that follow from bounds of the surrogate of a statement."""
    numbers = means(case)
    if not numbers:
        return bound
    weights = [exact(case.goals[number]["weight"]) for number in numbers]
    rates = [float(statement.rates[number]) for number in numbers]
    middles = [float(statement.middles[number]) for number in numbers]
    base = total(joined([weight * rate for weight, rate in zip(weights, rates, strict=True)]))
    if len(case.goals) == 1:  # RULE 1
        end = exact(np.where(bound < 0, spans[0].low, spans[0].high))
        return (exact(bound) * middles[0] / end + base).low
    parts = zip(weights, rates, middles, spans, strict=True)  # RULE 2
    off = [weight * _excess(span, rate) * _apart(span, m) for weight, rate, m, span in parts]
    return (exact(bound) + total(joined([base, *off]))).low


def _excess(span: Known, rate: float) -> Interval:
    """Give where E is for a rate: what is known of it for other rates, and their difference · D."""
    below = Interval(np.asarray(span.low), np.asarray(span.high))
    least, most = (
        exact(end.value) + (exact(end.rate) - rate) * below for end in (span.least, span.most)
    )
    low = np.asarray(-np.inf) if math.isinf(span.least.value) else least.low
    return Interval(low, np.asarray(np.inf) if math.isinf(span.most.value) else most.high)


def _apart(span: Known, middle: float) -> Interval:
    """Give where 1 / D − 1 / middle is: (middle − D) / (D · middle), which falls as D grows."""
    low, m = exact(span.low), exact(middle)
    most = (m - low) / (low * m)
    if math.isinf(span.high):
        return Interval((-(exact(1.0) / m)).low, most.high)
    high = exact(span.high)
    return Interval(((m - high) / (high * m)).low, most.high)
