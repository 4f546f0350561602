"""An amount as it is known: low, likely, high."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from geo.words import Text, unit_words
from scenarios.result import Claim

WAN, WAN_YUAN = 1e4, "万元"
"""What sums of money are told in."""


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


def told(amount: float, unit: str) -> Text:
    """Give an amount in words as planners write it, yuan in 万元, with two decimals at most.

    >>> told(3_000_000, "yuan"), told(1234.5, "ha").zh
    (Text(zh='300 万元', en='300 × 10k CNY'), '1,234.5 公顷')
    """
    money = unit == "yuan"
    figure = f"{amount / WAN if money else amount:,.2f}".rstrip("0").rstrip(".")
    words = unit_words(WAN_YUAN if money else unit)
    return Text(f"{figure} {words.zh}", f"{figure} {'× ' * money}{words.en}")
