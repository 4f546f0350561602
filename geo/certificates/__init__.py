"""What optimisers prove, written down so that others can re-check it."""

from geo.certificates.certificate import (
    Certificate,
    Claims,
    Cut,
    End,
    ExchangeProblem,
    Finding,
    Floor,
    Key,
    Program,
    Range,
    Report,
    Statement,
    Words,
    cut,
)
from geo.certificates.packing import packed, unpacked

__all__ = [
    "Certificate",
    "Claims",
    "Cut",
    "End",
    "ExchangeProblem",
    "Finding",
    "Floor",
    "Key",
    "Program",
    "Range",
    "Report",
    "Statement",
    "Words",
    "cut",
    "packed",
    "unpacked",
]
