"""The runs that a comparison was made of, kept whole in its folder so that it may be moved."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from geo.errors import UsageError
from geo.words import Text
from scenarios.result import MANIFEST, verify

RUNS, DRAFT = "runs", ".runs"
COMPARISON = "compare"


def require_free(folder: Path, compared: Iterable[Path]) -> None:
    """Refuse a folder that is one of those compared, or whose `runs` are no former comparison's.

    Raises
    ------
    UsageError
        If something would be replaced that no comparison wrote.
    """
    if folder.resolve() in {one.resolve() for one in compared}:
        words = Text(
            f"{folder}：是参与对比的情景运行结果；请另选文件夹（-o）",
            f"{folder}: is one of the runs compared; choose another folder (-o)",
        )
        raise UsageError(words)
    if (folder / RUNS).exists() and not _compares(folder):
        words = Text(
            f"{folder / RUNS}：不属于对比结果，不予覆盖；请另选文件夹（-o）",
            f"{folder / RUNS}: is no comparison's, not overwritten; choose another folder (-o)",
        )
        raise UsageError(words)


def _compares(folder: Path) -> bool:
    return (folder / MANIFEST).is_file() and verify(folder)["scenario"] == COMPARISON


def keep(folders: Mapping[str, Path], output: Path) -> None:
    """Keep runs by their letters below a comparison, in place of those of a former one.

    Every file that a run's manifest lists is linked, or copied where the file system links none,
    and held against the manifest once it stands there. The former ones go last, so that runs kept
    by a comparison can be compared anew into its own folder.

    Raises
    ------
    FileError
        If a run is not whole.
    """
    draft = output / DRAFT
    shutil.rmtree(draft, ignore_errors=True)
    for name, folder in folders.items():
        for file in (*verify(folder)["files"], MANIFEST):
            _linked(folder / file, draft / name / file)
        verify(draft / name)
    shutil.rmtree(output / RUNS, ignore_errors=True)
    draft.replace(output / RUNS)


def _linked(source: Path, target: Path) -> None:
    """Give a file a second place; a run's writer replaces files and never writes into one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
