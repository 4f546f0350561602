"""What leaves the house beside a page: files for people without a browser and for other programs.

Each writer is one module with a function `files(run)` that gives the files it can make of a run;
none where the run has nothing of the kind. They touch no disk, and the same run gives the same
bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from maps.handoff.file import File
from maps.handoff.readme import readme
from scenarios.result import Run

WRITERS: tuple[str, ...] = (
    "report",
    "workbook",
    "dictionary",
    "plan_profile",
    "project",
    "dxf",
    "landxml",
)
"""Modules of this folder, in the order in which the index lists what they make."""


def files(run: Run, *, template: bytes = b"") -> tuple[File, ...]:
    """Give every hand-off file of a run; the README, which tells of the others, first.

    Parameters
    ----------
    run
        The run.
    template
        A Word document that takes the place of the report; empty for the report as it comes.

    Raises
    ------
    PageError
        If the template cannot be filled.
    """
    made = tuple(file for name in WRITERS for file in _made(name, run, template))
    return (readme(run, made), *made)


def _made(name: str, run: Run, template: bytes) -> Iterable[File]:
    writer = import_module(f"maps.handoff.{name}")
    made: Iterable[File] = (
        writer.files(run, template) if name == "report" and template else writer.files(run)
    )
    return made
