"""Planning rules as dated data: id, clause, document, validity, parameters, standing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Rule:
    """One rule as it stands in a document, from a day until a day."""

    id: str
    document: str
    clause: str
    status: Literal["verified", "secondary", "unverified"]
    valid_from: str = ""
    valid_to: str = ""
    parameters: Mapping[str, Any] | None = None
