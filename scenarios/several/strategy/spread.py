"""An amount as it is known: low, likely, high."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from scenarios.result import Claim


class Spread(NamedTuple):
    """Low, likely and high of one amount."""

    low: float = 0.0
    likely: float = 0.0
    high: float = 0.0

    def plus(self, other: Spread) -> Spread:
        """Add, end by end.

        >>> Spread(1, 2, 3).plus(Spread(0, 1, 5))
        Spread(low=1, likely=3, high=8)
        """
        return Spread(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def less(self, other: Spread) -> Spread:
        """Subtract: least is the low less the other's high.

        >>> Spread(1, 2, 3).less(Spread(0, 1, 5))
        Spread(low=-4, likely=1, high=3)
        """
        return Spread(self.low - other.high, self.likely - other.likely, self.high - other.low)

    def times(self, factor: float) -> Spread:
        """Multiply by what is not below zero."""
        return Spread(self.low * factor, self.likely * factor, self.high * factor)

    def floored(self) -> Spread:
        """Cut off below zero.

        >>> Spread(-4, 1, 3).floored()
        Spread(low=0.0, likely=1, high=3)
        """
        return Spread(max(self.low, 0.0), max(self.likely, 0.0), max(self.high, 0.0))


def of(claim: Claim) -> Spread:
    """Give the amount of a claim."""
    return Spread(claim.low, claim.likely, claim.high)


def total(amounts: Iterable[Spread]) -> Spread:
    """Add amounts; of none it is nothing.

    >>> total([Spread(1, 2, 3), Spread(1, 1, 1)])
    Spread(low=2.0, likely=3.0, high=4.0)
    """
    whole = Spread()
    for one in amounts:
        whole = whole.plus(one)
    return whole
