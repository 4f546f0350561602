"""The verifier of allocations: everything that is claimed is derived anew from the problem.

1. The allocation takes uses that are allowed alone and keeps every rule: areas in whole 0.01 m²,
   patches and pieces by walking over borders longer than 0. Its score is the one claimed.
2. Whatever the prices: no score is above the sum of what each unit has at most, what is left on
   each border at most, and what the prices of land return at the ends of demands. Land that
   patches and pieces can never use is left out, as it is found here.
3. A bound below that is the word of HiGHS, and told as such.

Nothing here knows how the allocation and its prices were found. Largest of sums over units and
borders: Wainwright, Jaakkola, Willsky (2005), IEEE Transactions on Information Theory 51.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from geo.certificates.allocation.certificate import AllocationCertificate, AllocationProblem
from geo.certificates.allocation.shapes import MOST_AREA, shape_faults
from geo.certificates.certificate import Finding, Flags, Report, Whole
from geo.certificates.connected import components
from geo.certificates.directed import Interval, exact, gathered, joined, total
from geo.errors import InputError, Problem
from geo.words import Text

CLOSE = 1e-9  # of the sizes of what adds up to a score: a claim is written by plain sums
EXACT = 1e-6  # ends of demands, in 0.01 m², are taken as whole within this
ENDLESS = 2**62
SHOWN = 5  # units told of one fault


@dataclass(frozen=True, eq=False)
class Case:
    """A problem with its goals and rules in arrays; s = k + 1 states."""

    problem: AllocationProblem
    allowed: Flags  # (n, s)
    value: Interval  # (n, s)
    price: Interval  # (s, s)
    never: Flags  # (s, s)
    low: Whole  # (k,)
    high: Whole  # (k,)
    patch: Whole  # (k,)
    single: Flags  # (k,)


def verify_allocation(certificate: AllocationCertificate) -> Report:
    """Check what is claimed of an allocation; see `geo.certificates` for what a report says.

    Parameters
    ----------
    certificate
        Anything: what is malformed is a problem like what is wrong.
    """
    problems = shape_faults(certificate)
    if problems:
        return Report((), tuple(problems))
    with np.errstate(all="ignore"):
        on = _case(certificate.problem)
        wrong = [*_plan(on, certificate), *_claims(on, certificate)]
    return Report(() if wrong else tuple(_findings(on, certificate)), tuple(wrong))


@np.errstate(all="ignore")
def settled_allocation(certificate: AllocationCertificate) -> AllocationCertificate:
    """Set the bounds claimed to what follows from the prices, rounded as `verify` does.

    Raises
    ------
    InputError
        If something is malformed.
    """
    problems = shape_faults(certificate)
    if problems:
        raise InputError(Text("证书残缺", "the certificate is malformed"), problems=problems)
    claims = certificate.claims
    proven = bound(_case(certificate.problem), certificate)
    trusted = claims.by == "HiGHS" and claims.bound < proven
    least = max(claims.bound, claims.score) if trusted else proven
    by = "HiGHS" if trusted else "prices"
    return replace(certificate, claims=replace(claims, certified=proven, bound=least, by=by))


def _case(problem: AllocationProblem) -> Case:
    count, size = len(problem.uses), len(problem.area)
    place = {use: k for k, use in enumerate(problem.uses)}
    allowed = np.ones((size, count + 1), np.bool_)
    allowed[:, :count] = problem.allowed.reshape(size, count)
    value = np.zeros((size, count + 1))
    value[:, :count] = problem.suitability.reshape(size, count)
    never = np.zeros((count + 1, count + 1), np.bool_)
    low, high = np.zeros(count, np.int64), np.full(count, ENDLESS)
    patch, single = np.zeros(count, np.int64), np.zeros(count, np.bool_)
    for rule in problem.rules:
        if rule["is"] == "Exclusion":
            ends = [place[rule["one"]], place[rule["other"]]]
            never[ends, ends[::-1]] = True
            continue
        k = place[rule["use"]]
        if rule["is"] == "Demand":
            low[k] = max(low[k], _up(rule["least_m2"]))
            most = float(rule["most_m2"]) * 100 + EXACT
            high[k] = min(high[k], int(min(np.floor(most), ENDLESS)))
        elif rule["is"] == "Patch":
            patch[k] = max(patch[k], _up(rule["least_m2"]))
        else:
            single[k] = True
    rules = (never, low, high, patch, single)
    on = Case(problem, allowed, exact(value), _price(problem, place), *rules)
    return replace(on, allowed=_reachable(on))


def _up(area_m2: float) -> int:
    return int(min(np.ceil(float(area_m2) * 100 - EXACT), ENDLESS))


def _price(problem: AllocationProblem, place: dict[str, int]) -> Interval:
    """Add up what goals give for a metre of border between two states."""
    count = len(place)
    price = exact(np.zeros((count + 1, count + 1)))
    for goal in problem.goals:
        more = np.zeros((count + 1, count + 1))
        if goal["is"] == "Affinity":
            a, b = place[goal["one"]], place[goal["other"]]
            more[a, b] = more[b, a] = goal["price"]
        else:
            more -= goal["unlike"]
            more[np.diag_indices(count)] = goal["like"]
            more[count, count] = 0.0
        price = price + more
    return price


def _reachable(on: Case) -> Flags:
    """Leave out uses of land that hangs together with too little that may take the use."""
    problem, allowed = on.problem, on.allowed.copy()
    linked = problem.length_m > 0
    left, right = problem.left[linked], problem.right[linked]
    for k in range(len(problem.uses)):
        least = max(on.patch[k], on.low[k] if on.single[k] else 0)
        both = allowed[left, k] & allowed[right, k]
        name = components(len(problem.area), left[both], right[both])
        land = np.zeros(len(problem.area), np.int64)
        np.add.at(land, name, problem.area)
        allowed[:, k] &= land[name] >= least
    return allowed


def bound(on: Case, certificate: AllocationCertificate) -> float:
    """Derive what no score is above, from the prices; inf where they prove nothing."""
    problem, count = on.problem, len(on.problem.uses)
    message = certificate.message.reshape(len(problem.left), 2, count + 1)
    ends = np.where(certificate.land > 0, on.high, on.low)
    if (ends[certificate.land > 0] >= MOST_AREA).any():
        return float("inf")  # an end that no area reaches returns nothing that is exact
    returned = exact(certificate.land) * np.minimum(ends, MOST_AREA).astype(np.float64)
    parts = joined([returned, _units(on, certificate.land, message), _borders(on, message)])
    high = float(total(parts).high)
    return high if np.isfinite(high) else float("inf")


def _units(on: Case, land: Any, message: Any) -> Interval:
    """Give what each unit has at most."""
    problem, size = on.problem, len(on.problem.area)
    at = np.concatenate([problem.left, problem.right])
    best = np.full(size, -np.inf)
    for state in range(len(land) + 1):
        taken = np.concatenate([message[:, 0, state], message[:, 1, state]])
        have = on.value[:, state] + gathered(at, exact(taken), size)
        if state < len(land):
            have = have - exact(problem.area.astype(np.float64)) * float(land[state])
        best = np.maximum(best, np.where(on.allowed[:, state], have.high, -np.inf))
    return exact(best)


def _borders(on: Case, message: Any) -> Interval:
    """Give what is left on each border at most."""
    problem = on.problem
    best = np.full(len(problem.left), -np.inf)
    for one, other in np.argwhere(~on.never):
        here = on.allowed[problem.left, one] & on.allowed[problem.right, other]
        pays = exact(problem.length_m) * on.price[one, other]
        rest = pays - message[:, 0, one] - message[:, 1, other]
        best = np.maximum(best, np.where(here, rest.high, -np.inf))
    return exact(best)


def _plan(on: Case, certificate: AllocationCertificate) -> Iterator[Problem]:
    """Check rule 1."""
    problem, state = on.problem, certificate.state
    size, count = len(state), len(problem.uses)
    given = np.ones((size, count + 1), np.bool_)
    given[:, :count] = problem.allowed.reshape(size, count)
    for unit in np.flatnonzero(~given[np.arange(size), state])[:SHOWN]:
        use = problem.uses[state[unit]]
        yield Problem(layer="state", row=problem.labels[unit], field=use, found="not allowed")
    for pair in np.flatnonzero(on.never[state[problem.left], state[problem.right]])[:SHOWN]:
        ends = f"{problem.labels[problem.left[pair]]}, {problem.labels[problem.right[pair]]}"
        yield Problem(layer="state", row=ends, field="Exclusion", found="neighbours")
    for use in range(count):
        yield from _use(on, use, state == use)
    known = _score(on, state)
    if not known.low <= certificate.claims.score <= known.high:
        expected = f"{float(known.low)!r} … {float(known.high)!r}"
        found = repr(certificate.claims.score)
        yield Problem(layer="claims/score", found=found, expected=expected)


def _use(on: Case, use: int, mine: Flags) -> Iterator[Problem]:
    """Check the area of a use, its patches and pieces."""
    problem = on.problem
    area = int(problem.area[mine].sum())
    if not on.low[use] <= area <= on.high[use]:
        expected = f"{on.low[use]} … {on.high[use]}"
        row = problem.uses[use]
        yield Problem(layer="state", row=row, field="Demand", found=str(area), expected=expected)
    inside = mine[problem.left] & mine[problem.right] & (problem.length_m > 0)
    name = components(len(mine), problem.left[inside], problem.right[inside])
    land = np.zeros(len(mine), np.int64)
    np.add.at(land, name[mine], problem.area[mine])
    patches = land[land > 0]
    if (patches < on.patch[use]).any():
        least, found = f"≥ {on.patch[use]}", str(patches.min())
        row = problem.uses[use]
        yield Problem(layer="state", row=row, field="Patch", found=found, expected=least)
    if on.single[use] and len(patches) > 1:
        row, found = problem.uses[use], str(len(patches))
        yield Problem(layer="state", row=row, field="Connected", found=found, expected="1")


def _score(on: Case, state: Whole) -> Interval:
    """Give the score of states, widened by what plain sums may be off."""
    problem = on.problem
    own = on.value[np.arange(len(state)), state]
    borders = exact(problem.length_m) * on.price[state[problem.left], state[problem.right]]
    parts = joined([own, borders])
    off = CLOSE * float(np.maximum(np.abs(parts.low), np.abs(parts.high)).sum())
    whole = total(parts)
    return Interval(whole.low - off, whole.high + off)


def _claims(on: Case, certificate: AllocationCertificate) -> Iterator[Problem]:
    """Check rules 2 and 3."""
    claims, proven = certificate.claims, bound(on, certificate)
    if not claims.certified >= proven:
        found, expected = repr(claims.certified), f"≥ {proven!r}"
        yield Problem(layer="claims/certified", found=found, expected=expected)
    if not claims.bound <= claims.certified:
        found, expected = repr(claims.bound), f"≤ {claims.certified!r}"
        yield Problem(layer="claims/bound", found=found, expected=expected)
    if not claims.bound >= float(_score(on, certificate.state).low):
        yield Problem(layer="claims/bound", found=repr(claims.bound), expected="≥ score")
    by = "prices" if claims.bound >= claims.certified else "HiGHS"
    if claims.by != by:
        yield Problem(layer="claims/by", found=claims.by, expected=by)


def _findings(on: Case, certificate: AllocationCertificate) -> Iterator[Finding]:
    claims, used = certificate.claims, int((certificate.state < len(on.low)).sum())
    text = Text(
        f"{len(certificate.state)} 个地块中 {used} 个有用途，守住每条规则（面积精确到 0.01 m²）；"
        f"得分 {claims.score!r}",
        f"{used} of {len(certificate.state)} units take a use and keep every rule, areas to "
        f"0.01 m²; the score is {claims.score!r}",
    )
    yield Finding(text, proven=True)
    text = Text(
        f"任何守规则的方案的得分不高于 {claims.certified!r}（由价格证明）",
        f"no allocation that keeps the rules is above {claims.certified!r}: prices prove it",
    )
    yield Finding(text, proven=True)
    if claims.by != "prices":
        text = Text(
            f"不高于 {claims.bound!r} 则须采信 HiGHS 的结果",
            f"that none is above {claims.bound!r} takes the word of HiGHS",
        )
        yield Finding(text, proven=False)
