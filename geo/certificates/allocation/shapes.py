"""What the certificate of an allocation has to look like before its claims can be checked."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from geo.certificates.allocation.certificate import (
    AllocationCertificate,
    AllocationClaims,
    AllocationProblem,
)
from geo.certificates.certificate import BY
from geo.errors import Problem

MOST_AREA = 2**53  # 0.01 m²: sums of whole numbers below are exact
LARGEST = 1e100
FIELDS = {
    "Compactness": {"like": "number", "unlike": "number"},
    "Affinity": {"one": "use", "other": "use", "price": "number"},
    "Demand": {"use": "use", "least_m2": "area", "most_m2": "end"},
    "Exclusion": {"one": "use", "other": "use"},
    "Patch": {"use": "use", "least_m2": "area"},
    "Connected": {"use": "use"},
}
GOALS = ("Compactness", "Affinity")


def shape_faults(certificate: AllocationCertificate) -> list[Problem]:
    """Say what is malformed; nothing else can be asked of a certificate before that is mended."""
    problem, claims = certificate.problem, certificate.claims
    if not (isinstance(problem, AllocationProblem) and isinstance(claims, AllocationClaims)):
        return [Problem(layer="problem", found=type(problem).__name__)]
    found = list(_names(problem)) or list(_arrays(certificate))
    found += [] if found else [*_figures(certificate), *_claimed(claims)]
    for place in ("goals", "rules"):
        for number, one in enumerate(getattr(problem, place)):
            if not _sound(one, problem.uses, goal=place == "goals"):
                found.append(Problem(layer=f"problem/{place}/{number}", found=repr(one)[:99]))
    return found


def _names(problem: AllocationProblem) -> Iterator[Problem]:
    for place, least in (("labels", 1), ("uses", 1)):
        names = getattr(problem, place)
        plain = isinstance(names, tuple) and all(type(name) is str for name in names)
        if not (plain and len(set(names)) == len(names) >= least):
            yield Problem(layer=f"problem/{place}", expected="unique names")


def _arrays(certificate: AllocationCertificate) -> Iterator[Problem]:
    problem = certificate.problem
    size, count, pairs = len(problem.labels), len(problem.uses), _length(problem.left)
    for place, array, kind, length in (
        ("problem/area", problem.area, np.int64, size),
        ("problem/allowed", problem.allowed, np.bool_, size * count),
        ("problem/suitability", problem.suitability, np.float64, size * count),
        ("problem/left", problem.left, np.int64, pairs),
        ("problem/right", problem.right, np.int64, pairs),
        ("problem/length_m", problem.length_m, np.float64, pairs),
        ("land", certificate.land, np.float64, count),
        ("message", certificate.message, np.float64, pairs * 2 * (count + 1)),
        ("state", certificate.state, np.int64, size),
    ):
        fits = isinstance(array, np.ndarray) and array.dtype == kind and array.shape == (length,)
        if not fits:
            yield Problem(layer=place, expected=f"{kind.__name__} ({length},)")


def _length(array: Any) -> int:
    return len(array) if isinstance(array, np.ndarray) and array.ndim == 1 else -1


def _figures(certificate: AllocationCertificate) -> Iterator[Problem]:
    problem = certificate.problem
    size, count = len(problem.labels), len(problem.uses)
    whole = math.fsum(problem.area.tolist())
    if not ((problem.area > 0).all() and whole < MOST_AREA):
        yield Problem(layer="problem/area", expected="> 0")
    for place, array in (
        ("problem/suitability", problem.suitability),
        ("problem/length_m", problem.length_m),
        ("land", certificate.land),
        ("message", certificate.message),
    ):
        if not (np.abs(array) <= LARGEST).all():
            yield Problem(layer=place, expected="≤ 1e100")
    ends = np.concatenate([problem.left, problem.right])
    inside = ((ends >= 0) & (ends < size)).all() and (problem.left != problem.right).all()
    if not (inside and (problem.length_m >= 0).all()):
        yield Problem(layer="problem/left", expected="two units, a length ≥ 0")
    if not ((certificate.state >= 0) & (certificate.state <= count)).all():
        yield Problem(layer="state", expected=f"0 … {count}")


def _claimed(claims: AllocationClaims) -> Iterator[Problem]:
    for place in ("score", "certified", "bound"):
        value = getattr(claims, place)
        if type(value) is not float or math.isnan(value):
            yield Problem(layer=f"claims/{place}", found=repr(value)[:99])
    if claims.by not in BY:
        yield Problem(layer="claims/by", found=repr(claims.by)[:99], expected=", ".join(BY))


def _sound(one: Any, uses: tuple[str, ...], *, goal: bool) -> bool:
    """Say whether a goal or rule has every field it needs, and no other."""
    kind = one.get("is") if isinstance(one, dict) else None
    if not isinstance(kind, str) or kind not in FIELDS or (kind in GOALS) != goal:
        return False
    wanted = FIELDS[kind]
    if set(one) != {"is", *wanted}:
        return False
    return all(_fits(one[name], what, uses) for name, what in wanted.items())


def _fits(value: Any, what: str, uses: tuple[str, ...]) -> bool:
    if what == "use":
        return isinstance(value, str) and value in uses
    if what == "end" and value == "inf":
        return True
    plain = type(value) in (int, float) and abs(value) <= LARGEST
    return plain and (what == "number" or value >= 0)
