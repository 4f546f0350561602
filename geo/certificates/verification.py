"""Certificates of every kind, verified."""

from __future__ import annotations

from typing import Any

import numpy as np

from geo.certificates.allocation import ALLOCATION, AllocationCertificate, verify_allocation
from geo.certificates.certificate import EXCHANGE, Certificate, Report
from geo.certificates.deriving import settled
from geo.certificates.exchange import verify_exchange, well_formed
from geo.certificates.locations.values import LOCATION, LocationCertificate
from geo.certificates.locations.verifier import verify_location
from geo.errors import InputError, Problem
from geo.words import Text


def verify(certificate: Any) -> Report:
    """Derive anew what a certificate claims.

    Parameters
    ----------
    certificate
        What `unpacked` gives, or anything else.

    Returns
    -------
    Report
        Accepted where every claim follows. Malformed parts are problems like claims that do not
        follow; a plan, statements and claims are told of as far as nothing is wrong with them.
    """
    if isinstance(certificate, LocationCertificate) and certificate.kind == LOCATION:
        return verify_location(certificate)
    if isinstance(certificate, AllocationCertificate) and certificate.kind == ALLOCATION:
        return verify_allocation(certificate)
    if not isinstance(certificate, Certificate) or certificate.kind != EXCHANGE:
        kind = getattr(certificate, "kind", type(certificate).__name__)
        return Report((), (Problem(layer="kind", found=repr(kind)[:200], expected=EXCHANGE),))
    return verify_exchange(certificate)


@np.errstate(all="ignore")
def tightened(certificate: Certificate) -> Certificate:
    """Set every bound that follows from statements to what follows, rounded as `verify` does.

    Bounds of statements, ends of ranges, what fixed units prove, and the bounds claimed, which are
    no more than the objective claimed. Plan, objective and what solvers say stay as they are. An
    optimiser that writes its claims so is refused only where its plan or its cuts are wrong.

    Raises
    ------
    InputError
        If something is malformed.
    """
    on, problems = well_formed(certificate)
    if on is None:
        raise InputError(Text("证书残缺", "the certificate is malformed"), problems=problems)
    return settled(certificate, on)
