"""How a command is called, and what draws the folder it wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple


class Way(NamedTuple):
    """How a command is called.

    With `draw` a page is drawn of every run: it gets the run folder and whether the page shall be
    opened, and gives an exit code.
    """

    prog: str = "python -m scenarios"
    draw: Callable[[Path, bool], int] | None = None


BY_ITSELF = Way()
