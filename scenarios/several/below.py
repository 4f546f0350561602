"""The runs below a folder, each with its place and when it was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scenarios.result import MANIFEST, Run, load


@dataclass(frozen=True, eq=False)
class Found:
    """A run, its folder, and when its manifest was written, ns."""

    folder: Path
    run: Run
    written_ns: int


def below(top: Path) -> list[Found]:
    """Give the whole runs in or below a folder, the latest first; of one time by folder.

    What lies below a run belongs to it, as the cases of a sweep do; hidden folders are left out.

    Raises
    ------
    FileError
        If a run was cut or changed since it was written.
    """
    manifests = [path for path in top.rglob(MANIFEST) if not _hidden(path.relative_to(top))]
    folders = {path.parent for path in manifests}
    own = sorted(one for one in folders if folders.isdisjoint(one.parents))
    found = [Found(one, load(one), (one / MANIFEST).stat().st_mtime_ns) for one in own]
    return sorted(found, key=lambda one: -one.written_ns)


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.parent.parts)
