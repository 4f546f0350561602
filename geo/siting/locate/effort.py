"""How much a search may do: counted work, so that a busy machine gives the same plan."""

from __future__ import annotations

from dataclasses import dataclass

SHAKES = 300  # of a set of open sites
STEPS = 3000  # of subgradients
PAIR = 7e-4  # a step of subgradients, for each pair of demand and site
STEP = 3.0  # and beside
SHAKE = 1.4e-2  # a shake, for each pair


@dataclass(frozen=True)
class Effort:
    """What a search may do in all.

    Attributes
    ----------
    work
        In steps of about a microsecond on a desk computer, counted (pairs, calls of the solver).
    gap
        Share of the objective at which the search may end.
    """

    work: float = 300e6
    gap: float = 1e-6


USUAL = Effort()


@dataclass
class Purse:
    """Work left, and what was done."""

    left: float
    done: float = 0.0

    def spend(self, work: float) -> None:
        """Take work done from what is left."""
        self.left -= work
        self.done += work

    @property
    def spent(self) -> bool:
        """Whether a limit was hit."""
        return self.left <= 0
