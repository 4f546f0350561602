"""What a certificate of locations has to look like before its claims can be checked at all."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from geo.certificates.certificate import BY
from geo.certificates.locations.values import (
    QUESTIONS,
    Branches,
    Fixed,
    LocationCertificate,
    LocationClaims,
    LocationProblem,
    Prices,
    Tree,
    Word,
)
from geo.errors import Problem

KINDS: dict[str, type] = {
    "problem": LocationProblem,
    "claims": LocationClaims,
    "fixed": Fixed,
    "tree": Tree,
    "branches": Branches,
    "word": Word,
    "prices": tuple,
}
SHOWN = 200  # characters of what was found


def faults(certificate: LocationCertificate) -> Iterator[Problem]:
    """Say what is malformed: types, lengths, ranges, positions."""
    for name, kind in KINDS.items():
        if type(getattr(certificate, name)) is not kind:
            yield _wrong(name, type(getattr(certificate, name)).__name__, kind.__name__)
            return
    problems = list(_problem(certificate.problem))
    yield from problems
    if problems:
        return
    yield from _claims(certificate)
    yield from _prices(certificate)
    yield from _fixed(certificate)
    yield from _tree(certificate)
    yield from _branches(certificate)
    yield from _plan(certificate)


def _wrong(place: str, found: object, expected: object) -> Problem:
    return Problem(layer=place, found=str(found)[:SHOWN], expected=str(expected))


def _array(place: str, values: Any, kinds: str, size: int) -> Iterator[Problem]:
    """Ask for a plain array of one dimension, of one of the types and a length."""
    if type(values) is not np.ndarray:
        yield _wrong(place, type(values).__name__, f"{kinds} ({size},)")
    elif values.dtype.name not in kinds.split("/") or values.shape != (size,):
        yield _wrong(place, f"{values.dtype} {values.shape}", f"{kinds} ({size},)")


def _number(
    place: str, value: Any, *, least: float = -math.inf, ends: bool = False
) -> Iterator[Problem]:
    """Ask for a number, finite unless `ends`, and no less than the least."""
    right = type(value) is float and value >= least and (ends or math.isfinite(value))
    if not right:
        yield _wrong(place, repr(value), f"≥ {least:g}")


def _ranged(place: str, values: Any, size: int, *, ends: bool = False) -> Iterator[Problem]:
    """Ask for numbers that are no less than 0, finite unless `ends`."""
    wrong = list(_array(place, values, "float64", size))
    yield from wrong
    if not wrong and not ((values >= 0) & (ends | np.isfinite(values))).all():
        yield _wrong(place, "< 0, nan, inf", "≥ 0")


def _problem(problem: LocationProblem) -> Iterator[Problem]:
    if type(problem.question) is not str or problem.question not in QUESTIONS:
        yield _wrong("problem/question", repr(problem.question), "/".join(QUESTIONS))
    wrong = [*_labels("demands", problem.demands), *_labels("sites", problem.sites)]
    yield from wrong
    if wrong:
        return
    count, width = len(problem.demands), len(problem.sites)
    yield from _ranged("problem/cost", problem.cost, count * width, ends=True)
    for name, size in (("weight", count), ("amount", count), ("price", width), ("closing", width)):
        yield from _ranged(f"problem/{name}", getattr(problem, name), size)
    yield from _ranged("problem/capacity", problem.capacity, width, ends=True)
    for name in ("must", "may"):
        yield from _array(f"problem/{name}", getattr(problem, name), "bool", width)
    yield from _scalars(problem)


def _labels(name: str, labels: Any) -> Iterator[Problem]:
    plain = type(labels) is tuple and all(type(one) is str for one in labels)
    if not plain or len(set(labels)) < len(labels) or not labels:
        yield _wrong(f"problem/{name}", "", "str, unique")


def _scalars(problem: LocationProblem) -> Iterator[Problem]:
    for name in ("distance", "budget", "radius"):
        yield from _number(f"problem/{name}", getattr(problem, name), least=0.0, ends=True)
    for name, least in (("number", -1), ("covers", 1)):
        if type(getattr(problem, name)) is not int or getattr(problem, name) < least:
            yield _wrong(f"problem/{name}", repr(getattr(problem, name)), f"≥ {least}")
    if type(problem.single) is not bool:
        yield _wrong("problem/single", repr(problem.single), "bool")


def _claims(certificate: LocationCertificate) -> Iterator[Problem]:
    claims = certificate.claims
    yield from _number("claims/objective", claims.objective)
    for name in ("certified", "bound"):
        yield from _number(f"claims/{name}", getattr(claims, name), ends=True)
    if type(claims.by) is not str or claims.by not in BY:
        yield _wrong("claims/by", repr(claims.by), "/".join(BY))
    yield from _number("word/bound", certificate.word.bound, ends=True)


def _prices(certificate: LocationCertificate) -> Iterator[Problem]:
    problem = certificate.problem
    for number, one in enumerate(certificate.prices):
        wrong = list(_price_shapes(problem, one, f"prices/{number}"))
        yield from wrong or _unlimited(problem, one, f"prices/{number}")


def _price_shapes(problem: LocationProblem, one: Prices, place: str) -> Iterator[Problem]:
    count, width = len(problem.demands), len(problem.sites)
    if type(one) is not Prices:
        yield _wrong(place, type(one).__name__, "Prices")
        return
    wrong = list(_array(f"{place}/serve", one.serve, "float64", count))
    yield from wrong
    if not wrong and not np.isfinite(one.serve).all():
        yield _wrong(f"{place}/serve", "nan, inf", "finite")
    yield from _ranged(f"{place}/capacity", one.capacity, width)
    yield from _ranged(f"{place}/near", one.near, count if _closes(problem) else 0)
    for name in ("number", "budget"):
        yield from _number(f"{place}/{name}", getattr(one, name), least=0.0)
    for name in ("radius", "bound"):
        yield from _number(f"{place}/{name}", getattr(one, name), ends=True)


def _closes(problem: LocationProblem) -> bool:
    """Say whether every demand has to have an open site near by, covered or not."""
    return problem.question == "maximal_cover" and math.isfinite(problem.distance)


def _unlimited(problem: LocationProblem, one: Prices, place: str) -> Iterator[Problem]:
    """Refuse prices of what is not limited, and bounds within a radius but of a p-centre."""
    if one.number and problem.number < 0:
        yield _wrong(f"{place}/number", one.number, 0)
    if one.budget and math.isinf(problem.budget):
        yield _wrong(f"{place}/budget", one.budget, 0)
    for site in np.flatnonzero((one.capacity != 0) & np.isinf(problem.capacity))[:1]:
        yield _wrong(f"{place}/capacity/{site}", one.capacity[site], 0)
    if math.isfinite(one.radius) != (problem.question == "p_centre"):
        yield _wrong(f"{place}/radius", one.radius, "inf")


def _fixed(certificate: LocationCertificate) -> Iterator[Problem]:
    problem, fixed = certificate.problem, certificate.fixed
    width, pairs = len(problem.sites), len(problem.cost)
    wrong = [
        *_array("fixed/opened", fixed.opened, "bool", width),
        *_array("fixed/closed", fixed.closed, "bool", width),
        *_number("fixed/bound", fixed.bound, ends=True),
    ]
    if type(fixed.barred) is not np.ndarray or len(fixed.barred):
        wrong += _array("fixed/barred", fixed.barred, "bool", pairs)
    yield from wrong
    if wrong:
        return
    # what has to be or may not be is no decision
    for one in np.flatnonzero((fixed.opened | fixed.closed) & (problem.must | ~problem.may))[:1]:
        yield _wrong("fixed", problem.sites[one], "may be open, must not")
    for one in np.flatnonzero(fixed.opened & fixed.closed)[:1]:
        yield _wrong("fixed", problem.sites[one], "opened or closed")
    some = bool(fixed.opened.any() or fixed.closed.any() or fixed.barred.any())
    if some and (not certificate.prices or problem.question == "p_centre"):
        yield _wrong("fixed", "", "prices/0")
    if fixed.barred.any() and not problem.single and np.isfinite(problem.capacity).any():
        yield _wrong("fixed/barred", "", "single")  # a part of a demand costs a part


def _tree(certificate: LocationCertificate) -> Iterator[Problem]:
    tree, count = certificate.tree, len(certificate.problem.demands)
    yield from _number("tree/bound", tree.bound, ends=True)
    if type(tree.parent) is not np.ndarray:
        yield _wrong("tree/parent", type(tree.parent).__name__, "int64")
        return
    size = len(tree.parent)
    wrong = [
        *_array("tree/parent", tree.parent, "int64", size),
        *_array("tree/demand", tree.demand, "int64", size),
        *_array("tree/cost", tree.cost, "float64", size),
        *_array("tree/near", tree.near, "bool", size),
    ]
    yield from wrong
    if wrong or not size:
        return
    if certificate.problem.question == "p_centre":
        yield _wrong("tree", size, 0)
    before = np.arange(size)
    if not (tree.parent[0] == -1 and ((tree.parent >= 0) & (tree.parent < before))[1:].all()):
        yield _wrong("tree/parent", "", "< node")
        return
    if not ((tree.demand >= 0) & (tree.demand < count) & ~np.isnan(tree.cost))[1:].all():
        yield _wrong("tree/demand", "", f"0 … {count - 1}")
    leaves = size - len(np.unique(tree.parent[1:]))
    wrong = [
        *_array("tree/serve", tree.serve, "float32/float64", leaves * count),
        *_ranged("tree/number", tree.number, leaves),
    ]
    yield from wrong
    if not wrong and not np.isfinite(tree.serve).all():
        yield _wrong("tree/serve", "nan, inf", "finite")
    if not wrong and tree.number.any() and certificate.problem.number < 0:
        yield _wrong("tree/number", "> 0", 0)


def _branches(certificate: LocationCertificate) -> Iterator[Problem]:
    branches, problem = certificate.branches, certificate.problem
    wrong = [
        *_number("branches/bound", branches.bound, ends=True),
        *_number("branches/radius", branches.radius, ends=True),
    ]
    yield from wrong
    if wrong:
        return
    if type(branches.parent) is not np.ndarray:
        yield _wrong("branches/parent", type(branches.parent).__name__, "int64")
        return
    size, count = len(branches.parent), len(problem.demands)
    wrong = [
        *_array("branches/parent", branches.parent, "int64", size),
        *_array("branches/site", branches.site, "int64", size),
        *_array("branches/opened", branches.opened, "bool", size),
        *_array("branches/group", branches.group, "int64", count if size else 0),
    ]
    yield from wrong
    if wrong:
        return
    if size and problem.question not in {"maximal_cover", "p_centre"}:
        yield _wrong("branches", size, 0)
    if size and math.isfinite(branches.radius) != (problem.question == "p_centre"):
        yield _wrong("branches/radius", branches.radius, "inf")
    before, most = np.arange(size), len(problem.sites)
    for name, right in (
        ("parent", branches.parent[:1] == -1),
        ("parent", ((branches.parent >= 0) & (branches.parent < before))[1:]),
        ("site", ((branches.site >= 0) & (branches.site < most))[1:]),
        ("group", (branches.group >= 0) & (branches.group < count)),
    ):
        if not right.all():
            yield _wrong(f"branches/{name}", "", "≥ 0")
            return
    leaves = size - len(np.unique(branches.parent[1:]))
    groups = int(branches.group.max(initial=-1)) + 1
    yield from _array("branches/code", branches.code, "uint8", leaves * groups)


def _plan(certificate: LocationCertificate) -> Iterator[Problem]:
    problem = certificate.problem
    count, width = len(problem.demands), len(problem.sites)
    yield from _array("opened", certificate.opened, "bool", width)
    if type(certificate.demand) is not np.ndarray:
        yield _wrong("demand", type(certificate.demand).__name__, "int64")
        return
    size = len(certificate.demand)
    wrong = [
        *_array("demand", certificate.demand, "int64", size),
        *_array("site", certificate.site, "int64", size),
        *_array("share", certificate.share, "float64", size),
    ]
    yield from wrong
    if wrong:
        return
    for name, most in (("demand", count), ("site", width)):
        places = getattr(certificate, name)
        if not ((places >= 0) & (places < most)).all():
            yield _wrong(name, "", f"0 … {most - 1}")
            return
    if len(np.unique(certificate.demand * width + certificate.site)) < size:
        yield _wrong("served", "", "once each pair")
