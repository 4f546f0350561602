"""One at a time in a county folder: whoever changes it holds it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from geo.errors import BusyError
from geo.files import swept
from geo.words import Text

LOCK = ".lock"
FORMER = ".former"
"""Where a layer keeps what its last import replaced."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a county folder alone; who holds it already may hold it once more.

    The lock of a process that died holds nothing, and what such a process left half written is
    cleared away; files that a living process writes stay.

    Parameters
    ----------
    folder
        The county folder; made when missing.

    Raises
    ------
    BusyError
        If another process changes the county.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, timeout=0, is_singleton=True)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            Text(
                f"{folder}：另一程序正在改动该县域；请待其结束后再试",
                f"{folder}: another program changes this county; wait for it and try again",
            )
        ) from None
    try:
        for place in (folder, *folder.glob("*/"), *folder.glob(f"*/{FORMER}/")):
            swept(place)
        yield
    finally:
        lock.release()
