"""The verifier of land exchanges: everything that is claimed is derived anew from the problem.

1. The plan moves free units only and keeps every rule; its objective is the one claimed.
2. Statements, cuts and ranges prove what they claim; what is certified follows from them.
3. Units that a program fixes cannot decide otherwise below what it says. The bound of the program
   itself is the word of its solver, and told as such.

Nothing here knows how plans and prices were found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geo.certificates import shapes
from geo.certificates.certificate import Certificate, Finding, Report
from geo.certificates.deriving import Derived, certified, derived, fixed_bounds
from geo.certificates.formulas import Case, case
from geo.certificates.plans import plan_faults
from geo.certificates.ratios import faults as range_faults
from geo.certificates.wording import goals, rules
from geo.errors import InputError, Problem
from geo.words import Text

SHOWN = 5  # units told of one fault
SAID = 1e-7  # of the objective: what a solver's tolerances may put its word above a plan


class Checked(NamedTuple):
    """What is wrong with a part of a certificate, and what it shows where nothing is."""

    problems: list[Problem]
    findings: list[Finding]


class Formed(NamedTuple):
    """The case of a certificate, None where a part has not the shape it should."""

    case: Case | None
    problems: list[Problem]


def verify_exchange(certificate: Certificate) -> Report:
    """Check what is claimed of an exchange; see `geo.certificates` for what a report says.

    Parameters
    ----------
    certificate
        Anything: what is malformed is a problem like what is wrong.
    """
    on, problems = well_formed(certificate)
    if on is None:
        return Report((), tuple(problems))
    with np.errstate(all="ignore"):
        made = derived(certificate, on)
        parts = [part(made) for part in (_plan, _statements, _programs, _claims)]
    findings = [finding for one in parts if not one.problems for finding in one.findings]
    return Report(tuple(findings), tuple(problem for one in parts for problem in one.problems))


def well_formed(certificate: Certificate) -> Formed:
    """Give the case of a certificate whose parts all have the shape they should."""
    problems = shapes.problem_faults(certificate.problem)
    if problems:
        return Formed(None, problems)
    try:
        problem = certificate.problem
        on = case(problem, goals(problem), rules(problem))
    except InputError as error:
        return Formed(None, list(error.problems))
    problems = shapes.faults(certificate, on)
    return Formed(None if problems else on, problems)


def _plan(made: Derived) -> Checked:
    """Check rule 1."""
    on, moves = made.case, made.certificate.moves
    wrong = list(plan_faults(on, made.certificate))
    claims = made.certificate.claims
    text = Text(
        f"方案调整 {moves.sum()} 个地块（共 {len(moves)} 个），守住每条规则（面积精确到 0.01 m²）；"
        f"目标值 {claims.objective!r}，现状 {claims.before!r}",
        f"the plan moves {moves.sum()} of {len(moves)} units and keeps every rule, areas to "
        f"0.01 m²; its objective is {claims.objective!r}, today's {claims.before!r}",
    )
    return Checked(wrong, [Finding(text, proven=True)])


def _statements(made: Derived) -> Checked:
    """Check rule 2."""
    wrong = [
        replace(problem, layer=f"{place} {problem.layer}".strip())
        for place, faults in made.problems
        for problem in faults
    ]
    wrong += range_faults(made.case, made.certificate, made.proofs)
    for number, statement in enumerate(made.certificate.statements):
        low = made.proofs[number].low
        if not statement.bound <= low:
            place = f"statements/{number}/bound"
            wrong.append(Problem(layer=place, found=repr(statement.bound), expected=f"≤ {low!r}"))
    counts = (len(made.certificate.statements), len(made.certificate.cuts))
    text = Text(
        f"{counts[0]} 条论断、{counts[1]} 组割已逐一复核",
        f"{counts[0]} statements and {counts[1]} cuts were derived anew",
    )
    return Checked(wrong, [Finding(text, proven=True)])


def _programs(made: Derived) -> Checked:
    """Check rule 3."""
    wrong: list[Problem] = []
    findings = []
    for number, program in enumerate(made.certificate.programs):
        wrong += [*_wrongly_fixed(made, number), *_refuted(made, number)]
        count = int((program.fixed >= 0).sum())
        if count:
            text = Text(
                f"程序 {number} 固定的 {count} 个地块：任一作相反决定，"
                f"目标值不低于 {program.fixed_bound!r}",
                f"of {count} units fixed in program {number}, none decides otherwise in a plan "
                f"below {program.fixed_bound!r}",
            )
            findings.append(Finding(text, proven=True))
        text = Text(
            f"程序 {number}（{program.kind}）的界 {program.bound!r} 仅据 HiGHS，未经复核",
            f"the bound {program.bound!r} of program {number} ({program.kind}) is the word of "
            "HiGHS, not verified",
        )
        findings.append(Finding(text, proven=False))
    return Checked(wrong, findings)


def _wrongly_fixed(made: Derived, number: int) -> Iterator[Problem]:
    """Say which units a program fixes without proof."""
    program = made.certificate.programs[number]
    bounds = fixed_bounds(made, program)
    for unit in np.flatnonzero(~(bounds >= program.fixed_bound) & (program.fixed >= 0))[:SHOWN]:
        yield Problem(
            layer=f"programs/{number}/fixed",
            row=made.case.problem.labels[unit],
            found=repr(program.fixed_bound),
            expected=f"≤ {float(bounds[unit])!r}",
        )


def _refuted(made: Derived, number: int) -> Iterator[Problem]:
    """Say whether the plan itself is better than the solver says any could be."""
    program, claims = made.certificate.programs[number], made.certificate.claims
    fixed = program.fixed >= 0
    least = claims.objective + SAID * max(abs(claims.objective), abs(claims.before))
    if program.bound > least and (made.certificate.moves == program.decided)[fixed].all():
        place, most = f"programs/{number}/bound", f"≤ {least}"
        yield Problem(layer=place, found=repr(program.bound), expected=most)


def _claims(made: Derived) -> Checked:
    """Check that the bounds claimed follow from what rules 2 and 3 leave."""
    claims, low = made.certificate.claims, certified(made)
    wrong = []
    if not claims.certified <= low:
        wrong.append(
            Problem(layer="claims/certified", found=repr(claims.certified), expected=f"≤ {low!r}")
        )
    said = [min(one.bound, one.fixed_bound) for one in made.certificate.programs]
    most = max([claims.certified, *said])
    if not claims.bound <= most:
        wrong.append(
            Problem(layer="claims/bound", found=repr(claims.bound), expected=f"≤ {most!r}")
        )
    by = "prices" if claims.bound <= claims.certified else "HiGHS"
    if claims.by != by:
        wrong.append(Problem(layer="claims/by", found=claims.by, expected=by))
    return Checked(wrong, list(_bounds(made)))


def _bounds(made: Derived) -> Iterator[Finding]:
    claims = made.certificate.claims
    text = Text(
        f"任何守规则的方案的目标值不低于 {claims.certified!r}（由价格证明）",
        f"no plan that keeps the rules is below {claims.certified!r}: prices prove it",
    )
    yield Finding(text, proven=True)
    if claims.by != "prices":
        text = Text(
            f"不低于 {claims.bound!r} 则须采信 HiGHS 的结果",
            f"that none is below {claims.bound!r} takes the word of HiGHS",
        )
        yield Finding(text, proven=False)
