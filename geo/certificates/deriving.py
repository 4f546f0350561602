"""What follows from the parts of a certificate, whatever they claim; and claims set to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from geo.certificates.blocks import faults as cut_faults
from geo.certificates.blocks import figures, floor
from geo.certificates.certificate import (
    NONE,
    Certificate,
    Claims,
    Floats,
    Program,
    Range,
    Statement,
)
from geo.certificates.formulas import Case, Form
from geo.certificates.ratios import Known, ends, known, lower, proven
from geo.certificates.statements import Counted, Proof, other, proof
from geo.errors import Problem


class Faulty(NamedTuple):
    """A part of a certificate by its address, and what is wrong with it."""

    place: str
    problems: list[Problem]


@dataclass(frozen=True, eq=False)
class Derived:
    """Proofs of the statements, ranges as claimed, and what is wrong with statements and cuts."""

    certificate: Certificate
    case: Case
    proofs: tuple[Proof, ...]
    spans: tuple[Known, ...]
    problems: tuple[Faulty, ...]


def derived(certificate: Certificate, on: Case) -> Derived:
    """Derive what the statements of a well-formed certificate prove."""
    problems = []
    held: list[Form | None] = []
    for number, cut in enumerate(certificate.cuts):
        wrong = list(cut_faults(on, cut))
        problems.append(Faulty(f"cuts/{number}", wrong))
        held.append(None if wrong else figures(on, cut))
    floors = [floor(on, number) for number in range(len(on.floors))]
    proofs = []
    for number, statement in enumerate(certificate.statements):
        found, wrong = proof(on, statement, _counted(certificate, statement, floors, held))
        proofs.append(found)
        problems.append(Faulty(f"statements/{number}", wrong))
    return Derived(certificate, on, tuple(proofs), tuple(known(on, certificate)), tuple(problems))


def _counted(
    certificate: Certificate,
    statement: Statement,
    floors: Sequence[int],
    held: Sequence[Form | None],
) -> list[Counted]:
    """Give for each floor what the cut named for it says, if it holds and is of this floor."""
    found = []
    for number, (least, named) in enumerate(zip(floors, statement.floors, strict=True)):
        fits = named.cut != NONE and certificate.cuts[named.cut].floor == number
        found.append(Counted(least, held[named.cut] if fits else None))
    return found


def _objective_bounds(made: Derived, number: int, bound: Floats) -> Floats:
    """Give bounds of the objective from bounds of the surrogate; −inf where nothing follows."""
    statement = made.certificate.statements[number]
    if statement.of != "objective":
        return np.full(np.shape(bound), -np.inf)
    low = lower(made.case, statement, made.spans, bound)
    return np.where(np.isnan(low), -np.inf, low)


def certified(made: Derived) -> float:
    """Give the best bound of the objective that follows from a statement."""
    lows = [np.asarray(proof.low) for proof in made.proofs]
    bounds = [float(_objective_bounds(made, k, low)) for k, low in enumerate(lows)]
    return max(bounds, default=-math.inf)


def fixed_bounds(made: Derived, program: Program) -> Floats:
    """Give for each unit a bound of plans in which it decides otherwise than fixed.

    −inf for units that are not fixed or that cannot decide.
    """
    bounds = np.full(len(program.fixed), -np.inf)
    after = made.case.problem.member ^ program.decided
    for number in np.unique(program.fixed[program.fixed != NONE]):
        units = (program.fixed == number) & made.case.free
        low = other(made.proofs[number], after)[units]
        bounds[units] = _objective_bounds(made, int(number), low)
    return bounds


def settled(certificate: Certificate, on: Case) -> Certificate:
    """Set what a well-formed certificate claims to what follows from its parts."""
    made = derived(certificate, on)
    pairs = zip(certificate.statements, made.proofs, strict=True)
    statements = tuple(replace(one, bound=found.low) for one, found in pairs)
    values = [
        replace(end, value=proven(certificate, made.proofs, end, asked))
        for _, end, asked in ends(on, certificate)
    ]
    ranges = tuple(Range(*values[k : k + 4]) for k in range(0, len(values), 4))
    new = replace(certificate, statements=statements, ranges=ranges)
    made = replace(made, certificate=new, spans=tuple(known(on, new)))
    programs = tuple(_fixed(made, program) for program in certificate.programs)
    claims = _claims(certificate.claims, certified(made), programs)
    return replace(new, programs=programs, claims=claims)


def _fixed(made: Derived, program: Program) -> Program:
    fixed = program.fixed != NONE
    bound = fixed_bounds(made, program)[fixed].min(initial=math.inf)
    return replace(program, fixed_bound=float(bound))


def _claims(claims: Claims, low: float, programs: Sequence[Program]) -> Claims:
    said = [min(one.bound, one.fixed_bound) for one in programs]
    bound = min(max([low, *said]), claims.objective)
    by = "prices" if bound <= low else "HiGHS"
    return replace(claims, certified=low, bound=bound, by=by)
