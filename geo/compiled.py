"""Compiled code that numba keeps beside the sources, forgotten when it may be stale.

numba forgets a function when its own file changes. A compiled function also holds copies of those
it calls from other files, and these it does not notice: after an update it would go on with the old
ones. So compiled code older than the newest source with compiled functions is forgotten.
"""

from __future__ import annotations

import os
from pathlib import Path


def forget_stale(folder: Path) -> int:
    """Delete the indices of compiled code older than a source it may hold a copy of.

    Parameters
    ----------
    folder
        Of the sources, folders within included. One that cannot be written to is left alone.

    Returns
    -------
    int
        How many were deleted.

    Examples
    --------
    >>> forget_stale(Path(__file__).parent)  # nothing was changed since geo was imported
    0
    """
    sources = [file for file in folder.rglob("*.py") if b"\n@njit" in file.read_bytes()]
    newest = max((file.stat().st_mtime for file in sources), default=0.0)
    indices = folder.rglob("__pycache__/*.nbi")
    return sum(_forgotten(one, newest) for one in indices if os.access(one.parent, os.W_OK))


def _forgotten(index: Path, newest: float) -> bool:
    """Delete an index if it is older; one that another process has deleted is gone already."""
    try:
        stale = index.stat().st_mtime < newest
        if stale:
            index.unlink()
    except FileNotFoundError:
        return False
    return stale
