"""A run of an exchange held against its certificate, after `geo.certificates` has derived it anew.

The figure that should follow from its claims, the features that should be its plan, and their areas
in whole 0.01 m².
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from geo.certificates import Certificate, unpacked
from geo.errors import Problem
from geo.exchange.plan import gap
from geo.words import Text, alike
from scenarios.answers import near_best
from scenarios.consolidation.ledger import REST
from scenarios.consolidation.map import CHANGES
from scenarios.consolidation.pieces import ENTERS, LEAVES, STAYS
from scenarios.consolidation.proof import PLAN, certified, gap_words
from scenarios.contract import Rechecked
from scenarios.result import RESULT, VECTORS, Layer, Proof, Run

AREA = "area_m2"
CLOSE = 1e-9  # of a figure: the metric is the claim in per cent, written in full
SHOWN = 20  # features told of one fault
MISSING = Text("缺少", "missing")
SIDES = {one.code: one.title for one in CHANGES} | {"": Text("不动", "stays")}


class On(NamedTuple):
    """A run, one of its proofs, and the certificate in it."""

    run: Run
    proof: Proof
    certificate: Certificate

    @property
    def near(self) -> bool:
        """Whether the proof is of a plan near the best."""
        return self.proof.id.startswith(near_best.PROOF)


def recheck(run: Run, proof: Proof, certificate: Certificate) -> Rechecked:
    """Hold a run against a certificate of an exchange; of another kind nothing is said.

    Parameters
    ----------
    run
        The run.
    proof
        One of its proofs.
    certificate
        What is packed in it; where its parts do not fit each other nothing more is said.
    """
    if not _whole(certificate):
        return Rechecked()
    claims = certificate.claims
    own, word = certified(claims), []
    if claims.by != "prices":
        share = gap(claims.before, claims.objective, claims.bound)
        word = [gap_words(share, "HiGHS")]
    return Rechecked(
        tuple(_problems(On(run, proof, certificate))),
        (gap_words(own, "prices"),) if math.isfinite(own) else (),
        tuple(word),
    )


def _whole(certificate: Certificate) -> bool:
    """Say whether the parts that a run is held against fit each other."""
    problem = certificate.problem
    count = len(problem.labels)
    parts = (problem.area, problem.member, certificate.moves)
    unique = len(set(problem.labels)) == count
    return certificate.kind == "exchange" and unique and all(len(part) == count for part in parts)


def _problems(on: On) -> Iterator[Problem]:
    yield from _worse(on) if on.near else _figure(on)
    layer = next((one for one in on.run.result.layers if one.id == on.proof.layer), None)
    frame = layer.data if layer is not None else None
    if (
        layer is None
        or not isinstance(frame, gpd.GeoDataFrame)
        or not {AREA, layer.value} <= set(frame)
        or frame.index.astype(str).has_duplicates
    ):
        found = Text("缺少，或没有面积与变化", "missing, or without areas and changes")
        place = f"proofs/{on.proof.id}/layer"
        yield Problem(RESULT, field=place, found=found, expected=on.proof.layer or "change")
        return
    yield from _moves(on, layer, frame)
    yield from _areas(on, layer, frame)


def _figure(on: On) -> Iterator[Problem]:
    """Ask whether the figure that names the distance follows from the claims."""
    claims = on.certificate.claims
    share = 100 * gap(claims.before, claims.objective, claims.bound)
    values = {one.id: one.value for one in on.run.result.metrics}
    value = values.get(on.proof.metric)
    if value is None and not math.isfinite(share):
        return
    if value is None or not abs(value - share) <= CLOSE * max(1.0, abs(share)):
        place = f"metrics/{on.proof.metric or 'gap'}/value"
        found = MISSING if value is None else alike(f"{value!r}")
        yield Problem(RESULT, field=place, found=found, expected=f"{share!r} %")


def _worse(on: On) -> Iterator[Problem]:
    """Ask whether the plan is as far from the best as the table says, by both certificates."""
    best = next((one for one in on.run.result.proofs if one.id == PLAN), None)
    if best is None:
        yield Problem(RESULT, field=f"proofs/{PLAN}", found=MISSING, expected=PLAN)
        return
    known, claims = unpacked(best.certificate).claims, on.certificate.claims
    lost = claims.objective - known.objective
    yield from near_best.held(on.run, on.proof, 100 * lost / (known.before - known.objective))


def _moves(on: On, layer: Layer, frame: gpd.GeoDataFrame) -> Iterator[Problem]:
    """Ask whether what leaves and enters on the map are the moves of the plan."""
    wanted = _wanted(on.certificate)
    drawn = frame[layer.value][frame[layer.value] != STAYS]
    found = pd.Series(drawn.to_numpy(), index=drawn.index.astype(str))
    both = pd.DataFrame({"wanted": wanted, "found": found}).fillna("")
    wrong = both[both["wanted"] != both["found"]]
    for label, row in wrong.head(SHOWN).iterrows():
        both = Differs(_side(row["found"]), _side(row["wanted"]))
        yield _feature(layer, str(label), layer.value, both)
    if len(wrong) > SHOWN:
        yield _feature(layer, "…", layer.value, Differs(f"{len(wrong)}", "0"))


def _wanted(certificate: Certificate) -> pd.Series:
    """Give what the plan makes of each unit that moves, by label."""
    problem, moves = certificate.problem, certificate.moves
    sides = pd.Series(problem.member, index=list(problem.labels)).map({True: LEAVES, False: ENTERS})
    return sides[moves]


def _side(side: str) -> Text | str:
    return SIDES.get(side, side)


def _areas(on: On, layer: Layer, frame: gpd.GeoDataFrame) -> Iterator[Problem]:
    """Ask whether every unit is on the map with its area; one that enters may be split."""
    problem = on.certificate.problem
    area = pd.Series(problem.area, index=list(problem.labels))
    rests = _rests(on, area)
    unseen = area.index
    for one, drawn in _drawn(on):
        own = drawn[drawn.index.isin(area.index)]
        if own.empty:
            continue
        unseen = unseen.difference(own.index)
        sums = own + rests.reindex(own.index, fill_value=0)
        for label in own.index[sums != area[own.index]][:SHOWN]:
            yield _feature(one, label, AREA, Differs(_m2(sums[label]), _m2(area[label])))
        foreign = drawn.index.difference(area.index).difference(
            [f"{label}{REST}" for label in rests.index]
        )
        for label in foreign[:SHOWN]:
            yield _feature(one, label, "", Differs(NOT_CERTIFIED, "—"))
    for label in () if on.near else unseen[:SHOWN]:
        yield _feature(layer, label, "", Differs(NOT_DRAWN, _m2(area[label])))
    for label in rests.index[1:]:
        yield _feature(layer, label, AREA, Differs(SPLIT, ONE_SPLIT))
    kept = int(_hundredths(frame)[frame[layer.value] == STAYS].sum())
    stays = int(problem.area[problem.member & ~on.certificate.moves].sum())
    if kept != stays:
        yield _feature(layer, STAYS, AREA, Differs(_m2(kept), _m2(stays)))


def _drawn(on: On) -> Iterator[tuple[Layer, pd.Series]]:
    """Give the layers that hold areas, with these by label, without what is drawn as one.

    Layers of other plans than the one certified are left out; those of all plans are drawn as the
    best leaves them.
    """
    layers = on.run.result.layers
    own = {one.alternative for one in layers if one.id == on.proof.layer}
    own |= set() if on.near else {""}
    for layer in layers:
        if (
            layer.alternative in own
            and isinstance(layer.data, gpd.GeoDataFrame)
            and AREA in layer.data
        ):
            frame = layer.data
            if layer.id == on.proof.layer:
                frame = frame[frame[layer.value] != STAYS]
            yield layer, pd.Series(_hundredths(frame), index=frame.index.astype(str))


def _rests(on: On, area: pd.Series) -> pd.Series:
    """Give what stays of units that enter and were split, by the unit's label."""
    wanted = _wanted(on.certificate)
    found: dict[str, int] = {}
    for _, drawn in _drawn(on):
        parts = drawn[drawn.index.str.endswith(REST) & ~drawn.index.isin(area.index)]
        found |= dict(zip(parts.index.str.removesuffix(REST), parts, strict=True))
    kept = {label: part for label, part in found.items() if wanted.get(label) == ENTERS}
    return pd.Series(list(kept.values()), index=pd.Index(list(kept), dtype=object), dtype="int64")


def _hundredths(frame: gpd.GeoDataFrame) -> pd.Series:
    """Give areas in whole 0.01 m²; what has none has −1."""
    return (100 * frame[AREA]).round().fillna(-1).astype("int64").to_numpy()


def _m2(hundredths: int) -> str:
    return f"{hundredths / 100:,.2f} m²"


class Differs(NamedTuple):
    """What is on the map, and what should be."""

    found: Text | str
    expected: Text | str


def _feature(layer: Layer, row: str, column: str, both: Differs) -> Problem:
    return Problem(VECTORS, layer.id, row, column, both.found, both.expected)


NOT_CERTIFIED = Text("不在证书中", "not in the certificate")
NOT_DRAWN = Text("图上没有", "not on the map")
SPLIT = Text("被切分", "split")
ONE_SPLIT = Text("至多切分一块", "at most one is split")
