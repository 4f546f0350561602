"""How much a search may do: counted work, so that a busy machine gives the same allocation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Effort:
    """Work of a search; the defaults suit some thousand units and a dozen uses.

    Attributes
    ----------
    sweeps
        Over all units, for the prices of the bound.
    rounds, heats
        Of annealing at most, and heats in each: as many changes are tried at each as there are
        units.
    small
        Columns up to which HiGHS is given a program of whole numbers.
    work
        What it may do with one, in steps of about a microsecond on a desk computer.
    """

    sweeps: int = 200
    rounds: int = 8
    heats: int = 400
    small: int = 12_000
    work: float = 20e6


USUAL = Effort()
