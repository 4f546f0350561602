"""The proof that no other towers see more: kept with the run, and the run held against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import geopandas as gpd
import numpy as np

from geo.certificates import LocationCertificate, packed, unpacked
from geo.errors import Problem
from geo.words import Text, alike, joined
from scenarios.answers import near_best
from scenarios.contract import Rechecked
from scenarios.park_watch.outlook import Outlook
from scenarios.park_watch.towers import most_covered
from scenarios.result import RESULT, Proof, Run

LAYER, METRIC = "towers", "gap"
CLOSE = 1e-9  # of a figure: the metric is the claim in per cent, written in full
BEYOND = Text(
    "各候选点看到哪些像元、像元的权重；其他塔数与巡护点的证书未留存",
    "which cells each candidate sees and what they are worth; certificates for other numbers of "
    "towers and for patrol points are not kept",
)


def moved(
    best: LocationCertificate | None, other: LocationCertificate | None
) -> LocationCertificate | None:
    """Give the certificate of further towers: what they cover, and the bound of the best.

    `other` is of towers found with some sites barred and some forced, which bounds no plan but
    those; of the best nothing but its towers differs.
    """
    if best is None or other is None:
        return None
    return replace(
        best,
        claims=replace(best.claims, objective=other.claims.objective),
        opened=other.opened,
        demand=other.demand,
        site=other.site,
        share=other.share,
    )


def proofs(outlook: Outlook, claim: Text) -> Iterator[Proof]:
    """Give the certificate of the towers that are shown; none where another search found them."""
    certificate = outlook.chosen.certificate
    if certificate is None:
        return
    names = tuple(map(str, outlook.sites.index))
    named = packed(replace(certificate, problem=replace(certificate.problem, sites=names)))
    title, layer = Text("瞭望塔选址", "Places of the towers"), outlook.layer(LAYER)
    beyond = joined([BEYOND, near_best.FARTHEST], "；", "; ") if outlook.code else BEYOND
    if outlook.code in near_best.BEST:
        yield Proof(LAYER, title, claim, beyond, named, layer=layer, metric=METRIC)
        return
    whose = near_best.title(outlook.code)
    title = Text(f"{title.zh} · {whose.zh}", f"{title.en}: {whose.en}")
    yield Proof(f"{near_best.PROOF}{outlook.code}", title, claim, beyond, named, layer=layer)


def recheck(run: Run, proof: Proof, certificate: LocationCertificate) -> Rechecked:
    """Hold the towers of a run, and how far from the best they are, against a certificate."""
    if getattr(certificate, "kind", "") != "location":
        return Rechecked()
    claims, whole = certificate.claims, float(certificate.problem.weight.sum())
    covered = round(whole - claims.objective)
    shares = [
        100 * (most_covered(whole, bound) - covered) / max(covered, 1)
        for bound in (claims.certified, claims.bound)
    ]
    words = [
        Text(
            f"同样多的候选点至多再多覆盖 {share:.2f} %",
            f"as many candidates cover at most {share:.2f} % more",
        )
        for share in shares
    ]
    said = () if claims.by == "prices" else (words[1],)
    near = proof.id.startswith(near_best.PROOF)
    figure = _worse(run, proof, covered) if near else _gap(run, proof, shares[1])
    problems = (*_opened(run, proof, certificate), *figure)
    return Rechecked(problems, (words[0],), said)


def _opened(run: Run, proof: Proof, certificate: LocationCertificate) -> Iterator[Problem]:
    """Ask whether the towers on the map are those that the certificate opens."""
    sites = np.array(certificate.problem.sites, dtype=object)
    opened = set(sites[certificate.opened].tolist())
    frames = [one.data for one in run.result.layers if one.id == proof.layer]
    drawn = {str(name) for one in frames if isinstance(one, gpd.GeoDataFrame) for name in one.index}
    if drawn != opened:
        found, expected = (joined(map(alike, sorted(one)), "、", ", ") for one in (drawn, opened))
        yield Problem(RESULT, layer=proof.layer, found=found, expected=expected)


def _worse(run: Run, proof: Proof, covered: int) -> Iterator[Problem]:
    """Ask whether the table says how much less it covers than the best, by both certificates."""
    best = next((one for one in run.result.proofs if one.id == LAYER), None)
    known = unpacked(best.certificate) if best is not None else None
    if not isinstance(known, LocationCertificate):
        found, expected = Text("缺少", "missing"), LAYER
        yield Problem(RESULT, field=f"proofs/{LAYER}", found=found, expected=expected)
        return
    most = round(float(known.problem.weight.sum()) - known.claims.objective)
    yield from near_best.held(run, proof, 100 * (1 - covered / max(most, 1)))


def _gap(run: Run, proof: Proof, share: float) -> Iterator[Problem]:
    """Ask whether the figure that names the distance follows from the claims."""
    values = [one.value for one in run.result.metrics if one.id == proof.metric]
    if len(values) != 1 or not abs(values[0] - share) <= CLOSE * max(1.0, share):
        place = f"metrics/{proof.metric}/value"
        yield Problem(RESULT, field=place, found=f"{values!r}", expected=f"{share!r} %")
