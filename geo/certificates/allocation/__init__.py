"""Certificates of allocations: what they hold, what they have to look like, and their verifier."""

from geo.certificates.allocation.certificate import (
    ALLOCATION,
    AllocationCertificate,
    AllocationClaims,
    AllocationProblem,
)
from geo.certificates.allocation.verifier import settled_allocation, verify_allocation

__all__ = [
    "ALLOCATION",
    "AllocationCertificate",
    "AllocationClaims",
    "AllocationProblem",
    "settled_allocation",
    "verify_allocation",
]
