"""What an exchange must obey: balances, budgets and floors, each in words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from geo.exchange.goals import SIDES, Goal, Side
from geo.exchange.units import COUNT


@dataclass(frozen=True)
class Balance:
    """Area of the members after less before lies in −below … +above, m², in each scope."""

    scope: str = ""
    above_m2: float = 0.0
    below_m2: float = 0.0

    def words(self, label: str) -> str:
        """Give the rule in words, for one scope."""
        return (
            f"面积平衡 area balance{_in(self.scope, label)}: "
            f"−{self.below_m2:g} … +{self.above_m2:g} m²"
        )


@dataclass(frozen=True)
class Quality:
    """The area-weighted mean of a column over the members gets no worse than `slack`, by scope.

    Scopes without members today, or without any afterwards, keep it.
    """

    column: str
    scope: str = ""
    better: Literal["more", "less"] = "more"
    slack: float = 0.0

    def words(self, label: str) -> str:
        """Give the rule in words, for one scope."""
        sign = "≥" if self.better == "more" else "≤"
        slack = f" (±{self.slack:g})" if self.slack else ""
        return (
            f"质量平衡 quality balance{_in(self.scope, label)}: "
            f"{self.column} 调整后 after {sign} 调整前 before{slack}"
        )


@dataclass(frozen=True)
class Budget:
    """The sum of a column over what leaves, enters, or both lies in least … most, by scope.

    At most p pairs are two budgets: count of leaving ≤ p, count of entering ≤ p.
    """

    column: str = COUNT
    most: float = math.inf
    least: float = -math.inf
    side: Side = "both"
    scope: str = ""

    def words(self, label: str) -> str:
        """Give the rule in words, for one scope."""
        low = f"{self.least:g} ≤ " if math.isfinite(self.least) else ""
        high = f" ≤ {self.most:g}" if math.isfinite(self.most) else ""
        return f"预算 budget{_in(self.scope, label)}: {low}{SIDES[self.side]} {self.column}{high}"


@dataclass(frozen=True)
class Contiguity:
    """The mean number of neighbours that are members, per member, grows by `gain` at least.

    `by="length"`: the mean length of border that a member shares with members, m.
    """

    gain: float = 0.0
    by: Literal["length", "count"] = "count"

    def words(self, label: str) -> str:
        """Give the rule in words."""
        unit = " m" if self.by == "length" else ""
        return f"连片度 contiguity{_in('', label)}: ≥ 调整前 before {self.gain:+g}{unit}"


@dataclass(frozen=True)
class Blocks:
    """The area in blocks, members that hang together on `least_m2` or more, grows by `gain_m2`."""

    gain_m2: float
    least_m2: float

    def words(self, label: str) -> str:
        """Give the rule in words."""
        return (
            f"集中连片 area in blocks of {self.least_m2:.0f} m²{_in('', label)}: "
            f"≥ 调整前 before {self.gain_m2:+g} m²"
        )


@dataclass(frozen=True)
class Reach:
    """A goal times its weight is no more than `most`: one goal as a rule for the others."""

    goal: Goal
    most: float

    def words(self, label: str) -> str:
        """Give the rule in words."""
        goal = f"{self.goal.weight:g} × {self.goal.words()}"
        goal = f"{self.goal.weight:g} × {self.goal.words()}"
        return f"目标值 goal{_in('', label)}: {goal} ≤ {self.most:g}"


Rule = Balance | Quality | Budget | Contiguity | Blocks | Reach


def _in(scope: str, label: str) -> str:
    return f" ({scope} {label})" if scope else ""
