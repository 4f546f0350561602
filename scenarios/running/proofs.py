"""The proofs of a run re-checked, and held against what the run says.

`geo.certificates.verify` derives anew what a certificate claims; it shares nothing with the
optimiser. Then the run is held against the certificate: the figure that should follow from its
claims, the features that should be its plan, and their areas in whole 0.01 m².
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import pandas as pd

from geo.certificates import Certificate, unpacked, verify
from geo.errors import FileError, InputError, Problem
from geo.exchange.plan import gap
from geo.words import NO_TEXT, Text
from scenarios.consolidation.ledger import REST
from scenarios.consolidation.pieces import ENTERS, LEAVES, STAYS
from scenarios.consolidation.proof import certified, gap_words
from scenarios.result import RESULT, VECTORS, Layer, Proof, Run, load

AREA = "area_m2"
CLOSE = 1e-9  # of a figure: the metric is the claim in per cent, written in full
SHOWN = 20  # features told of one fault
REMEDY = "重新运行，或取回原来的文件夹 run again, or get the folder as it was"


@dataclass
class Examined:
    """What is certified of one proof, what is its solver's word, what neither; what is wrong."""

    proof: Proof
    certified: list[Text] = field(default_factory=list)
    said: list[Text] = field(default_factory=list)
    neither: list[Text] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def opened(folder: Path) -> Run:
    """Read a run whose files are those of its manifest.

    Raises
    ------
    FileError
        If it holds no whole run, or files that no run would write.
    """
    try:
        return load(folder)
    except (KeyError, TypeError, AttributeError, ValueError, OSError) as error:
        if isinstance(error, FileError):
            raise
        problem = Problem(file=str(folder / RESULT), found=str(error)[:200], remedy=REMEDY)
        raise FileError(f"{folder}: 不成其为运行 not a run", problems=[problem]) from error


def examined(run: Run, folder: Path) -> Iterator[Examined]:
    """Re-check every certificate of a run and hold the run against it.

    Parameters
    ----------
    run
        As `opened` gives it.
    folder
        Where it stands, for problems.
    """
    for proof in run.result.proofs:
        made = Examined(proof)
        place = f"proofs/{proof.id}.zip"
        try:
            certificate = unpacked(proof.certificate)
        except FileError as error:
            wrong = list(error.problems)
        else:
            report = verify(certificate)
            for finding in report.findings:
                words = Text(finding.text.zh, finding.text.en)
                (made.certified if finding.proven else made.said).append(words)
            wrong = [_flat(one) for one in report.problems]
            if _whole(certificate):
                made.problems += HELD[certificate.kind](On(run, proof, certificate))
                _summary(made, certificate)
        made.neither += [] if proof.beyond == NO_TEXT else [proof.beyond]
        made.problems[:0] = [replace(one, file=place) for one in wrong]
        made.problems = [_placed(one, folder) for one in made.problems]
        yield made


def _flat(problem: Problem) -> Problem:
    """Give a problem of a certificate with its address within the certificate as its field."""
    parts = (problem.file, problem.layer, problem.field)
    return replace(problem, layer="", field=" ".join(part for part in parts if part))


def _placed(problem: Problem, folder: Path) -> Problem:
    return replace(problem, file=str(folder / problem.file), remedy=problem.remedy or REMEDY)


def _whole(certificate: Certificate) -> bool:
    """Say whether the parts that a run is held against fit each other."""
    problem = certificate.problem
    count = len(problem.labels)
    parts = (problem.area, problem.member, certificate.moves)
    unique = len(set(problem.labels)) == count
    return certificate.kind in HELD and unique and all(len(part) == count for part in parts)


def _summary(made: Examined, certificate: Certificate) -> None:
    """Say first how far from the best possible the plan is, by whose word."""
    claims = certificate.claims
    if math.isfinite(certified(claims)):
        made.certified.insert(0, gap_words(certified(claims), "prices"))
    if claims.by != "prices":
        made.said.insert(0, gap_words(gap(claims.before, claims.objective, claims.bound), "HiGHS"))


def require_held(folder: Path, found: Sequence[Examined]) -> None:
    """Refuse a run whose proofs do not hold; every problem is named.

    Raises
    ------
    InputError
        With file, field, what was found and expected, and the remedy.
    """
    problems = [problem for one in found for problem in one.problems]
    if problems:
        words = "证书未通过复核，或运行与证书不符 a proof does not hold, or the run is not its own"
        raise InputError(f"{folder}: {words}", problems=problems)


class On(NamedTuple):
    """A run, one of its proofs, and the certificate in it."""

    run: Run
    proof: Proof
    certificate: Certificate


def _exchange(on: On) -> Iterator[Problem]:
    """Hold a run against the certificate of an exchange of land."""
    yield from _figure(on)
    layer = next((one for one in on.run.result.layers if one.id == on.proof.layer), None)
    frame = layer.data if layer is not None else None
    if (
        layer is None
        or not isinstance(frame, gpd.GeoDataFrame)
        or not {AREA, layer.value} <= set(frame)
        or frame.index.astype(str).has_duplicates
    ):
        found = "缺少，或没有面积与变化 missing, or without areas and changes"
        yield Problem(RESULT, field=f"proofs/{on.proof.id}/layer", found=found,
                      expected=on.proof.layer or "change")  # fmt: skip
        return
    yield from _moves(on, layer, frame)
    yield from _areas(on, layer, frame)


HELD: dict[str, Callable[[On], Iterator[Problem]]] = {"exchange": _exchange}
"""How a run is held against a certificate, by its kind."""


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
        found = "缺少 missing" if value is None else f"{value!r}"
        yield Problem(RESULT, field=place, found=found, expected=f"{share!r} %")


def _moves(on: On, layer: Layer, frame: gpd.GeoDataFrame) -> Iterator[Problem]:
    """Ask whether what leaves and enters on the map are the moves of the plan."""
    wanted = _wanted(on.certificate)
    drawn = frame[layer.value][frame[layer.value] != STAYS]
    found = pd.Series(drawn.to_numpy(), index=drawn.index.astype(str))
    both = pd.DataFrame({"wanted": wanted, "found": found}).fillna("")
    wrong = both[both["wanted"] != both["found"]]
    for label, row in wrong.head(SHOWN).iterrows():
        yield _feature(layer, str(label), layer.value, (_said(row["found"]), _said(row["wanted"])))
    if len(wrong) > SHOWN:
        yield _feature(layer, "…", layer.value, (f"{len(wrong)}", "0"))


def _wanted(certificate: Certificate) -> pd.Series:
    """Give what the plan makes of each unit that moves, by label."""
    problem, moves = certificate.problem, certificate.moves
    sides = pd.Series(problem.member, index=list(problem.labels)).map({True: LEAVES, False: ENTERS})
    return sides[moves]


def _said(side: str) -> str:
    return {ENTERS: "调入 in", LEAVES: "调出 out", "": "不动 stays"}.get(side, side)


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
            yield _feature(one, label, AREA, (_m2(sums[label]), _m2(area[label])))
        foreign = drawn.index.difference(area.index).difference(
            [f"{label}{REST}" for label in rests.index]
        )
        for label in foreign[:SHOWN]:
            yield _feature(one, label, "", ("不在证书中 not in the certificate", "—"))
    for label in unseen[:SHOWN]:
        yield _feature(layer, label, "", ("图上没有 not on the map", _m2(area[label])))
    for label in rests.index[1:]:
        yield _feature(layer, label, AREA, ("切分 split", "至多切分一块 at most one is split"))
    kept = int(_hundredths(frame)[frame[layer.value] == STAYS].sum())
    stays = int(problem.area[problem.member & ~on.certificate.moves].sum())
    if kept != stays:
        yield _feature(layer, STAYS, AREA, (_m2(kept), _m2(stays)))


def _drawn(on: On) -> Iterator[tuple[Layer, pd.Series]]:
    """Give the layers that hold areas, with these by label, without what is drawn as one."""
    for layer in on.run.result.layers:
        if isinstance(layer.data, gpd.GeoDataFrame) and AREA in layer.data:
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


def _feature(layer: Layer, row: str, column: str, both: tuple[str, str]) -> Problem:
    found, expected = both
    return Problem(VECTORS, layer.id, row, column, found, expected)


def report(run: Run, found: Sequence[Examined]) -> Iterator[Text]:
    """Say of a run whose files are whole what is certified, what its solver says, what neither.

    Parameters
    ----------
    run
        The run.
    found
        What was found of its proofs; of one that is wrong only that is said.
    """
    key = f"{run.scenario} {run.key[:12]}"
    yield Text(
        f"✓ {run.title.zh}（{key}）：文件与清单一致",
        f"✓ {run.title.en} ({key}): its files are those of its manifest",
    )
    if not run.result.reproducible:
        yield NOT_REPRODUCIBLE
    if not found:
        yield NO_PROOFS
    for one in found:
        name = f"proofs/{one.proof.id}.zip"
        sign = "✗" if one.problems else "✓"
        yield Text(
            f"{sign} {one.proof.title.zh}（{name}）", f"{sign} {one.proof.title.en} ({name})"
        )
        if one.problems:
            continue
        for heading, lines in (
            (CERTIFIED, one.certified),
            (SAID, one.said),
            (NEITHER, one.neither),
        ):
            for line in lines:
                yield Text(f"  {heading.zh}：{line.zh}", f"  {heading.en}: {line.en}")


CERTIFIED = Text("已证明并复核", "certified, re-checked")
SAID = Text("求解器所述，未证明", "the solver's word, not proven")
NEITHER = Text("证书之外，运行自述", "beyond the certificate, as the run says")
NO_PROOFS = Text(
    "· 此运行不含证书：无优化，或由旧版写出",
    "· this run holds no proofs: nothing was optimised, or an earlier version wrote it",
)
NOT_REPRODUCIBLE = Text(
    "· 不可复现：时限中止了求解", "· not reproducible: a time limit ended a search"
)
