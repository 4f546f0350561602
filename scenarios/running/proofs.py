"""The proofs of a run re-checked, and held against what the run says.

`geo.certificates.verify` derives anew what a certificate claims; it shares nothing with what made
it. Then the run's own question holds the run against the certificate (`Scenario.recheck`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import scenarios
from geo.certificates import unpacked, verify
from geo.errors import FileError, InputError, Problem, UsageError
from geo.words import NO_TEXT, Text
from scenarios.contract import Scenario
from scenarios.result import RESULT, Proof, Run, load

REMEDY = Text("重新运行，或取回原来的文件夹", "run again, or get the folder as it was")
NOT_HELD = Text(
    "此处没有该情景，结果未与证书核对",
    "this question is not here: the run was not held against the certificate",
)


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
        words = Text("不是完整的运行文件夹", "not a run")
        raise FileError(words, problems=[problem]) from error


def examined(run: Run, folder: Path) -> Iterator[Examined]:
    """Re-check every certificate of a run and hold the run against it.

    Parameters
    ----------
    run
        As `opened` gives it.
    folder
        Where it stands, for problems.
    """
    question = _question(run)
    for proof in run.result.proofs:
        made, place = Examined(proof), f"proofs/{proof.id}.zip"
        try:
            wrong = [replace(one, file=place) for one in _verified(made, run, question)]
        except FileError as error:
            wrong = [replace(one, file=place) for one in error.problems]
        made.neither += [] if proof.beyond == NO_TEXT else [proof.beyond]
        made.problems = [_placed(one, folder) for one in (*wrong, *made.problems)]
        yield made


def _verified(made: Examined, run: Run, question: Scenario | None) -> list[Problem]:
    """Verify a certificate and hold the run against it; give what is wrong with it by itself."""
    certificate = unpacked(made.proof.certificate)
    report = verify(certificate)
    for finding in report.findings:
        words = Text(finding.text.zh, finding.text.en)
        (made.certified if finding.proven else made.said).append(words)
    if question is None:
        made.neither.append(NOT_HELD)
    elif question.recheck is not None:
        held = question.recheck(run, made.proof, certificate)
        made.problems += held.problems
        made.certified[:0], made.said[:0] = held.certified, held.said
    return [_flat(one) for one in report.problems]


def _question(run: Run) -> Scenario | None:
    """Give the question of a run; None where it is not here."""
    try:
        return scenarios.find(run.scenario)
    except UsageError:
        return None


def _flat(problem: Problem) -> Problem:
    """Give a problem of a certificate with its address within the certificate as its field."""
    parts = (problem.file, problem.layer, problem.field)
    return replace(problem, layer="", field=" ".join(part for part in parts if part))


def _placed(problem: Problem, folder: Path) -> Problem:
    return replace(problem, file=str(folder / problem.file), remedy=problem.remedy or REMEDY)


def require_held(folder: Path, found: Sequence[Examined]) -> None:
    """Refuse a run whose proofs do not hold; every problem is named.

    Raises
    ------
    InputError
        With file, field, what was found and expected, and the remedy.
    """
    problems = [problem for one in found for problem in one.problems]
    if problems:
        words = Text(
            f"{folder}：证书未通过复核，或结果与证书不符",
            f"{folder}: a proof does not hold, or the run is not its own",
        )
        raise InputError(words, problems=problems)


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
SAID = Text("仅据求解器，未另行证明", "the solver's word, not proven")
NEITHER = Text("证书之外，仅见于结果", "beyond the certificate, as the run says")
NO_PROOFS = Text(
    "· 该情景运行结果不含证书：不含优化，或其上下限仅据求解器，或由旧版写出",
    "· this run holds no proofs: nothing was optimised, its bound is a solver's word "
    "alone, or an earlier version wrote it",
)
NOT_REPRODUCIBLE = Text(
    "· 不可复现：时限中止了求解", "· not reproducible: a time limit ended a search"
)
