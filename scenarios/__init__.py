"""One planning question per file; found by name, never listed."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the contract brings pandas and pydantic; --help does without
    from scenarios.contract import Scenario

MACHINERY = frozenset({"__main__", "answers", "contract", "record", "result", "running"})
"""The modules here that are no scenarios; every other one must hold `SCENARIO`."""


def names() -> tuple[str, ...]:
    """Give the names of the scenarios there are, sorted; none of them is imported."""
    found = {module.name for module in pkgutil.iter_modules(__path__)}
    return tuple(sorted(found - MACHINERY))


def meant(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, or say nothing.

    >>> meant("acess", ["access", "park"])
    '是否指 did you mean access? '
    >>> meant("x", ["access"])
    ''
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"是否指 did you mean {near[0]}? " if near else ""


def find(name: str) -> Scenario:
    """Give a scenario by name.

    Parameters
    ----------
    name
        One of `names()`. An error while its file is imported is not swallowed.

    Raises
    ------
    UsageError
        If there is no such scenario; the nearest name is suggested.
    TypeError
        If the file holds no `SCENARIO`.
    """
    from geo.errors import UsageError

    known = names()
    if name not in known:
        raise UsageError(
            f"没有情景 no scenario {name!r}; {meant(name, known)}现有 there are: {', '.join(known)}"
        )
    from scenarios.contract import Scenario

    scenario = getattr(importlib.import_module(f"{__name__}.{name}"), "SCENARIO", None)
    if not isinstance(scenario, Scenario):
        raise TypeError(
            f"scenarios/{name}.py 未定义 SCENARIO holds no SCENARIO = Scenario(…); "
            "处理 remedy: add it, or name the file in scenarios.MACHINERY"
        )
    return scenario
