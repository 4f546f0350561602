"""How much a search may do: counted work, so that a busy machine gives the same plan."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Effort:
    """Work and sizes of a search; the defaults suit counties of 1,000 to 200,000 units.

    Attributes
    ----------
    work
        What the search may do in all, in steps of about a microsecond on a desk computer. It is
        counted (units, rows, calls of the solver), not timed.
    small
        Free units up to which one program has them all.
    core
        Units in doubt of the first program.
    growth
        From one program to the next, times.
    joint
        Units in doubt of the program in which all others move together.
    """

    work: float = 60e6
    small: int = 120
    core: int = 2400
    growth: int = 3
    joint: int = 1500


USUAL = Effort()


def usual(times: float) -> Effort:
    """Give the usual effort, with so many times its work.

    Examples
    --------
    >>> usual(0.5).work / usual(1).work
    0.5
    """
    return replace(USUAL, work=times * USUAL.work)


@dataclass
class Purse:
    """Work left, and the moment (of `time.monotonic`) at which a user wants to have an end."""

    left: float = math.inf
    deadline: float = math.inf
    late: bool = False  # whether the clock has stopped something
    whole: Purse | None = None

    def spend(self, work: float) -> None:
        """Take work done from what is left, here and in the purse this one is a share of."""
        self.left -= work
        if self.whole is not None:
            self.whole.spend(work)

    def share(self, part: float) -> Purse:
        """Give a purse that may spend a part of what is left."""
        return Purse(part * max(self.left, 0.0), self.deadline, whole=self)

    def empty(self) -> bool:
        """Say whether there is no work left, or the clock has run out."""
        if time.monotonic() >= self.deadline:
            self.stop()
        return self.spent

    @property
    def spent(self) -> bool:
        """Whether a limit was hit by now."""
        return self.left <= 0 or self.late

    def stop(self) -> None:
        """Note that the clock has stopped something."""
        self.late = True
        if self.whole is not None:
            self.whole.stop()

    @property
    def seconds(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.monotonic()
