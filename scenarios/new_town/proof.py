"""The certificate of a new town's plan, and a run held against it."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.certificates import AllocationCertificate, packed
from geo.errors import Problem
from geo.words import Text
from scenarios.contract import Rechecked
from scenarios.new_town.plan import M2_PER_HA, USES
from scenarios.new_town.report import Town, plan_id
from scenarios.result import RESULT, Proof, Run

CLOSE = 1e-9  # of a figure: the metric is the claim in per cent, written in full
SAME_M2 = 0.02  # a plot's area in the certificate is rounded to 0.01 m²
METRIC = "gap"
BEYOND = Text(
    "适宜性权重与用地比例为规划人员选定；标高、分年与其他方案的证书未留存",
    "weights and shares, which are the planner's; levels, years, and certificates of the other "
    "alternatives are not kept",
)


def claim(town: Town) -> Text:
    """Say what the certificate proves of the plan."""
    share = 100 * town.placed.plan.gap
    return Text(
        f"按同样的权重与规则，任何布局至多好 {share:.2f} %",
        f"by the same weights and rules no layout is better by more than {share:.2f} %",
    )


def proofs(town: Town) -> Iterator[Proof]:
    """Give the certificate of the plan told in full."""
    certificate = packed(town.placed.plan.certificate)
    title = Text("用地布局", "Layout of uses")
    metric = METRIC if np.isfinite(town.placed.plan.gap) else ""
    yield Proof("layout", title, claim(town), BEYOND, certificate, plan_id(town), metric)


def recheck(run: Run, proof: Proof, certificate: AllocationCertificate) -> Rechecked:
    """Hold the uses of a run, and how far from the best they are, against a certificate."""
    if getattr(certificate, "kind", "") != "allocation":
        return Rechecked()
    claims = certificate.claims
    shares = [
        100 * (bound - claims.score) / abs(claims.score) if claims.score else 0.0
        for bound in (claims.certified, claims.bound)
    ]
    words = [
        Text(f"任何布局至多好 {share:.2f} %", f"no layout is better by more than {share:.2f} %")
        for share in shares
    ]
    said = () if claims.by == "prices" else (words[1],)
    problems = (*_uses(run, proof, certificate), *_gap(run, proof, shares[1]))
    return Rechecked(problems, (words[0],), said)


def _uses(run: Run, proof: Proof, certificate: AllocationCertificate) -> Iterator[Problem]:
    """Ask whether the uses on the map are those of the certificate."""
    problem = certificate.problem
    names = np.array([*problem.uses, "left"], dtype=object)
    wanted = pd.Series(names[certificate.state], index=list(problem.labels))
    frames = [one.data for one in run.result.layers if one.id == proof.layer]
    for frame in frames:
        if isinstance(frame, gpd.GeoDataFrame) and "use" in frame:
            drawn = frame["use"].reindex(wanted.index)
            for label in wanted.index[(drawn != wanted).to_numpy()]:
                found = str(drawn[label])
                yield Problem(
                    RESULT, layer=proof.layer, row=label, found=found, expected=wanted[label]
                )
            yield from _land(frame, proof, pd.Series(problem.area / 100, list(problem.labels)))
            return
    yield Problem(RESULT, layer=proof.layer, found=Text("缺少", "missing"))


def _land(frame: gpd.GeoDataFrame, proof: Proof, area: pd.Series[float]) -> Iterator[Problem]:
    """Ask whether plots on the map are those of the certificate, each as large, and no others."""
    shapes, told = frame.area.reindex(area.index), frame["area_ha"].reindex(area.index)
    for field, found in (("geometry", shapes), ("area_ha", told * M2_PER_HA)):
        for label in area.index[~((found - area).abs() <= SAME_M2).to_numpy()]:
            size, expected = f"{found[label]:.2f} m²", f"{area[label]:.2f} m²"
            yield Problem(
                RESULT, layer=proof.layer, row=label, field=field, found=size, expected=expected
            )
    used = frame.index[frame["use"].isin(list(USES))]
    for label in used.difference(area.index):
        found_, none = str(frame["use"][label]), Text("无此地块", "no such plot")
        yield Problem(RESULT, layer=proof.layer, row=label, found=found_, expected=none)


def _gap(run: Run, proof: Proof, share: float) -> Iterator[Problem]:
    """Ask whether the figure that names the distance follows from the claims."""
    found = [one.value for one in run.result.metrics if one.id == proof.metric]
    if proof.metric and (len(found) != 1 or not abs(found[0] - share) <= CLOSE * max(1.0, share)):
        place = f"metrics/{proof.metric}/value"
        yield Problem(RESULT, field=place, found=f"{found!r}", expected=f"{share!r} %")
