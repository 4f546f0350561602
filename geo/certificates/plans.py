"""A plan re-checked: what moves may move, every rule is kept, the objective is the one claimed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geo.certificates.blocks import area_in_blocks, floor
from geo.certificates.certificate import Certificate, Flags
from geo.certificates.directed import Interval, exact, joined, total
from geo.certificates.formulas import Case, amounts, plain, summed, value
from geo.errors import Problem
from geo.words import Text

CLOSE = 1e-9  # of the sizes of the terms of an objective: a claim is written by plain sums
SHOWN = 5  # units told of one fault


class Value(NamedTuple):
    """An objective, and how far a claim may be from it."""

    enclosed: Interval
    off: float

    def holds(self, claim: float) -> bool:
        """Say whether a claim is near enough."""
        low, high = float(self.enclosed.low) - self.off, float(self.enclosed.high) + self.off
        return low <= claim <= high


def plan_faults(on: Case, certificate: Certificate) -> Iterator[Problem]:
    """Say which rules a plan breaks, and what is claimed of it that is not so."""
    moves, claims = certificate.moves, certificate.claims
    for unit in np.flatnonzero(moves & ~on.free)[:SHOWN]:
        yield Problem(
            layer="moves",
            row=on.problem.labels[unit],
            found=Text("移动", "moves"),
            expected=Text("不动", "stays"),
        )
    member = on.problem.member ^ moves
    yield from _broken(on, member)
    for name, claim, state in (
        ("objective", claims.objective, member),
        ("before", claims.before, on.problem.member),
    ):
        known = objective(on, state)
        if not known.holds(claim):
            expected = f"{float(known.enclosed.low)!r} … {float(known.enclosed.high)!r}"
            yield Problem(layer=f"claims/{name}", found=repr(claim), expected=expected)
    most = objective(on, member)
    for name, claim in (("certified", claims.certified), ("bound", claims.bound)):
        if not claim <= float(most.enclosed.high) + most.off:
            yield Problem(layer=f"claims/{name}", found=repr(claim), expected="≤ objective")


def _broken(on: Case, member: Flags) -> Iterator[Problem]:
    for number, row in enumerate(on.rows):
        found = value(on.problem, row.form, member)
        slack = float(row.slack.low)
        low, high = (exact(row.low) - slack).high, (exact(row.high) + slack).low
        if not (low <= found.low and found.high <= high):
            text = f"{float(found.low)!r} … {float(found.high)!r}"
            expected = f"{row.low!r} … {row.high!r} (±{slack:.3g})"
            at = Problem(layer="moves", row=row.name, field=f"rows/{number}")
            yield replace(at, found=text, expected=expected)
    for number in range(len(on.floors)):
        area, least = area_in_blocks(on.problem, member, on.floors[number].least), floor(on, number)
        if area < least:
            at = Problem(layer="moves", row="Blocks", field=f"floors/{number}")
            yield replace(at, found=str(area), expected=f"≥ {least}")


def objective(on: Case, member: Flags) -> Value:
    """Give the objective of members; nan where a mean has nothing to be taken over."""
    terms = [_term(on, goal["weight"], number, member) for number, goal in enumerate(on.goals)]
    parts = joined(terms)
    sizes = np.maximum(np.abs(parts.low), np.abs(parts.high))
    return Value(total(parts), CLOSE * float(sizes.sum()))


def _term(on: Case, weight: float, number: int, member: Flags) -> Interval:
    goal = on.goals[number]
    if goal["is"] != "Mean":
        return value(on.problem, plain(on, goal), member) * exact(weight)
    per = amounts(on.problem, goal["per"])
    above = value(on.problem, summed(per * amounts(on.problem, goal["column"])), member)
    return above / value(on.problem, summed(per), member) * weight
