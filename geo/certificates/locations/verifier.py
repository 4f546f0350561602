"""The verifier of locations: everything that is claimed is derived anew from the problem.

1. Open sites may be open, those that must are, and they keep number, budget and capacities; demands
   are served by open sites within what is allowed; the objective is the one claimed.
2. Prices bound the objective of every plan: for each limit its price times what the limit leaves
   is no gain, and each site then opens only where it costs less than it earns.
3. What is fixed is decided otherwise by no plan below its bound.
4. The cases of a tree exhaust the rest, and the prices of each leaf bound it.
5. So do branches of a maximal cover (`branches`), and of a p-centre those that refuse a radius.
6. A word of HiGHS is told as such.

Capacities and budgets are kept within `SLACK` of themselves. Objectives made of whole numbers
alone are whole, so that bounds of them are rounded up.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geo.certificates.certificate import Finding, Flags, Floats, Report
from geo.certificates.directed import exact
from geo.certificates.locations.branches import branched, children
from geo.certificates.locations.plans import plan_faults
from geo.certificates.locations.pricing import Ground, Rates, ground, next_cost, priced
from geo.certificates.locations.shapes import faults
from geo.certificates.locations.values import LocationCertificate, Prices, Tree
from geo.errors import InputError, Problem
from geo.words import Text

ROOT = 0
NOTHING = 1e-9  # of the objective
SAID = 1e-7  # of the objective: what a solver's tolerances may put its word above a plan


class Proven(NamedTuple):
    """Bounds that follow: of each of the prices, of what is fixed, of both trees, of all."""

    prices: tuple[float, ...]
    fixed: float
    tree: float
    branches: float
    certified: float


def verify_location(certificate: LocationCertificate) -> Report:
    """Check what is claimed of a plan of locations.

    Parameters
    ----------
    certificate
        What is malformed is a problem like what is wrong.
    """
    problems = list(faults(certificate))
    if problems:
        return Report((), tuple(problems))
    with np.errstate(all="ignore"):
        on = ground(certificate.problem)
        problems = list(plan_faults(certificate))
        made = proven(certificate, on)
        problems += _overclaimed(certificate, made)
    return Report(() if problems else tuple(_findings(certificate, made)), tuple(problems))


def settled_location(certificate: LocationCertificate) -> LocationCertificate:
    """Set every bound that follows from prices to what follows.

    Raises
    ------
    InputError
        If something is malformed.
    """
    problems = list(faults(certificate))
    if problems:
        raise InputError(Text("证书残缺", "the certificate is malformed"), problems=problems)
    with np.errstate(all="ignore"):
        made = proven(certificate, ground(certificate.problem))
    most = certificate.claims.objective
    certified = min(made.certified, most)
    bound = min(max(certified, min(certificate.word.bound, made.fixed)), most)
    if most - certified <= NOTHING * abs(most):
        bound = certified  # nobody's word is needed for what rounding leaves open
    return replace(
        certificate,
        claims=replace(
            certificate.claims,
            certified=certified,
            bound=bound,
            by="prices" if bound <= certified else "HiGHS",
        ),
        prices=tuple(
            replace(one, bound=low)
            for one, low in zip(certificate.prices, made.prices, strict=True)
        ),
        fixed=replace(certificate.fixed, bound=made.fixed),
        tree=replace(certificate.tree, bound=made.tree),
        branches=replace(certificate.branches, bound=made.branches),
    )


def proven(certificate: LocationCertificate, on: Ground) -> Proven:
    """Derive all bounds."""
    fixed, tree = certificate.fixed, certificate.tree
    lows = tuple(_bound(certificate, on, one) for one in certificate.prices)
    proof = _fixed(certificate, on)
    of_tree = _tree(certificate, on) if len(tree.parent) else -math.inf
    of_branches = _branches(certificate, on) if len(certificate.branches.parent) else -math.inf
    certified = max([-math.inf, *lows, min(proof, of_tree), of_branches])
    some = bool(fixed.opened.any() or fixed.closed.any() or fixed.barred.any())
    return Proven(lows, proof if some else math.inf, of_tree, of_branches, certified)


def _bound(certificate: LocationCertificate, on: Ground, one: Prices) -> float:
    """Give what prices alone prove (rule 2)."""
    low = priced(on, rates(one), radius=one.radius).low
    if certificate.problem.question != "p_centre":
        return max(_raised(on, low), 0.0)  # no objective is below nothing
    return next_cost(certificate.problem, one.radius) if low > 0 else -math.inf


def rates(one: Prices) -> Rates:
    """Give the prices without what is claimed of them."""
    return Rates(one.serve, one.capacity, one.near, one.number, one.budget)


def _raised(on: Ground, low: float) -> float:
    """Round a bound up where objectives are whole."""
    return float(math.ceil(low)) if on.whole and math.isfinite(low) else low


def _fixed(certificate: LocationCertificate, on: Ground) -> float:
    """Give what every plan that decides otherwise than fixed costs at least (rule 3)."""
    fixed = certificate.fixed
    if not (fixed.opened.any() or fixed.closed.any() or fixed.barred.any()):
        return math.inf
    made = priced(on, rates(certificate.prices[0]))
    lows = [
        np.maximum(-made.sites.high, 0)[fixed.opened],
        np.maximum(made.sites.low, 0)[fixed.closed],
    ]
    if fixed.barred.any():
        which = fixed.barred[on.pair]
        # what has to be open anyway adds nothing by being so
        opening = np.where(on.must, 0.0, np.maximum(made.sites.low, 0))
        both = exact(opening[on.site[which]]) + exact(np.maximum(made.pairs.low, 0)[which])
        lows.append(both.low)
    least = float(np.concatenate(lows).min(initial=np.inf))
    # barred pairs that may not serve anyway need no proof
    return (
        _raised(on, float((exact(made.low) + exact(least)).low))
        if math.isfinite(least)
        else math.inf
    )


def _tree(certificate: LocationCertificate, on: Ground) -> float:
    """Give what the leaves of a tree that exhausts its cases prove (rule 4)."""
    tree, fixed = certificate.tree, certificate.fixed
    if on.shared or on.covers != 1:
        return -math.inf  # who is served by several, or not by the nearest, fits in no case
    count = len(on.weight)
    halves = children(tree.parent, (tree.demand, tree.cost), tree.near)
    if halves is None:
        return -math.inf
    least, leaf = math.inf, 0
    cases: dict[int, Case] = {ROOT: Case(fixed.closed, np.full(count, np.inf))}
    for node in range(len(tree.parent)):
        case = cases.pop(node)
        for child in halves[node]:
            cases[child] = _narrowed(on, case, tree, child)
        if not halves[node]:
            serve = tree.serve[leaf * count : (leaf + 1) * count].astype(np.float64)
            none = np.zeros(0)
            leaf_rates = Rates(serve, none, none, float(tree.number[leaf]), 0.0)
            low = priced(
                on.within(case.closed, fixed.opened, case.reach, fixed.barred), leaf_rates
            ).low
            least = min(least, _raised(on, low))
            leaf += 1
    return least


def _branches(certificate: LocationCertificate, on: Ground) -> float:
    """Give what branches prove (rule 5)."""
    branches, problem = certificate.branches, certificate.problem
    if problem.question != "p_centre":
        return branched(on, branches)
    left = branched(on.covered(branches.radius), branches)
    return next_cost(problem, branches.radius) if left > 0 else -math.inf


class Case(NamedTuple):
    """Which sites are closed, and at what cost each demand is served at most."""

    closed: Flags
    reach: Floats


def _narrowed(on: Ground, case: Case, tree: Tree, child: int) -> Case:
    """Give the case of a child: served from within, or all within closed."""
    demand, cost = int(tree.demand[child]), float(tree.cost[child])
    if tree.near[child]:
        reach = case.reach.copy()
        reach[demand] = min(reach[demand], cost)
        return Case(case.closed, reach)
    closed = case.closed.copy()
    mine = on.row(demand)
    closed[on.site[mine][on.cost[mine] <= cost]] = True
    return Case(closed, case.reach)


def _overclaimed(certificate: LocationCertificate, made: Proven) -> Iterator[Problem]:
    """Say which bounds are claimed without proof."""
    claims, fixed, tree = certificate.claims, certificate.fixed, certificate.tree
    said = min(certificate.word.bound, fixed.bound)
    claimed = [
        ("fixed/bound", fixed.bound, made.fixed),
        ("claims/certified", claims.certified, made.certified),
        ("claims/bound", claims.bound, max(made.certified, said)),
    ]
    claimed += [
        (f"prices/{k}/bound", one.bound, made.prices[k]) for k, one in enumerate(certificate.prices)
    ]
    if len(tree.parent):
        claimed.append(("tree/bound", tree.bound, made.tree))
    if len(certificate.branches.parent):
        claimed.append(("branches/bound", certificate.branches.bound, made.branches))
    for place, claim, low in claimed:
        if not claim <= low:
            yield Problem(layer=place, found=repr(claim), expected=f"≤ {low!r}")
    by = "prices" if claims.bound <= claims.certified else "HiGHS"
    if claims.by != by:
        yield Problem(layer="claims/by", found=claims.by, expected=by)
    yield from _refuted(certificate)


def _refuted(certificate: LocationCertificate) -> Iterator[Problem]:
    """Say whether the plan itself is better than the solver says any as fixed could be."""
    fixed, claims = certificate.fixed, certificate.claims
    width = len(certificate.opened)
    pair = certificate.demand * width + certificate.site
    kept = certificate.opened[fixed.opened].all() and not certificate.opened[fixed.closed].any()
    kept &= not (len(fixed.barred) and fixed.barred[pair].any())
    if kept and certificate.word.bound > claims.objective + SAID * abs(claims.objective):
        found, most = repr(certificate.word.bound), f"≤ {claims.objective!r}"
        yield Problem(layer="word/bound", found=found, expected=most)


def _findings(certificate: LocationCertificate, made: Proven) -> Iterator[Finding]:
    claims = certificate.claims
    leaves = len(certificate.tree.number) + (len(certificate.branches.parent) + 1) // 2
    opened, sites = int(certificate.opened.sum()), len(certificate.opened)
    text = Text(
        f"方案开设 {opened} 处（共 {sites} 处），守住每条限制；目标值 {claims.objective!r}",
        f"the plan opens {opened} of {sites} sites and keeps every limit; its objective is "
        f"{claims.objective!r}",
    )
    yield Finding(text, proven=True)
    count = int(certificate.fixed.opened.sum() + certificate.fixed.closed.sum())
    if count:
        text = Text(
            f"固定的 {count} 处：任一作相反决定，目标值不低于 {made.fixed!r}",
            f"of {count} sites fixed, none is decided otherwise in a plan below {made.fixed!r}",
        )
        yield Finding(text, proven=True)
    text = Text(
        f"任何守限制的方案的目标值不低于 {claims.certified!r}（由价格证明，{leaves} 种情形）",
        f"no plan that keeps the limits is below {claims.certified!r}: prices prove it, in "
        f"{leaves} cases",
    )
    yield Finding(text, proven=True)
    if claims.by != "prices":
        text = Text(
            f"不低于 {claims.bound!r} 则须采信 HiGHS 的结果，未经复核",
            f"that none is below {claims.bound!r} is the word of HiGHS, not verified",
        )
        yield Finding(text, proven=False)
