"""What leaves the house beside a page: files for people without a browser and for other programs.

Each writer is one module with a function `files(run)` that gives the files it can make of a run;
none where the run has nothing of the kind. They touch no disk, and the same run gives the same
bytes.
"""

from __future__ import annotations

from importlib import import_module

from maps.handoff.file import File
from maps.handoff.readme import readme
from scenarios.result import Run

WRITERS: tuple[str, ...] = ("report", "workbook", "plan_profile", "project", "dxf", "landxml")
"""Modules of this folder, in the order in which the index lists what they make."""


def files(run: Run) -> tuple[File, ...]:
    """Give every hand-off file of a run; the README, which tells of the others, first."""
    writers = (import_module(f"maps.handoff.{name}") for name in WRITERS)
    made = tuple(file for writer in writers for file in writer.files(run))
    return (readme(run, made), *made)
