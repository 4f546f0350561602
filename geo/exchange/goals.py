"""What an exchange should reach: means, sums over what moves, shared borders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.exchange.units import AREA, COUNT

Side = Literal["leave", "enter", "both"]
SIDES = {"leave": "调出 leaving", "enter": "调入 entering", "both": "调整 moved"}


@dataclass(frozen=True)
class Mean:
    """The mean of a column over the members: sum of column · per / sum of per.

    `weight` > 0 asks for less of it, < 0 for more. `per` is area_m2, count or a column ≥ 0.
    """

    column: str
    weight: float = 1.0
    per: str = AREA

    def words(self) -> str:
        """Give the goal in words."""
        return f"均值 mean of {self.column} (权 per {self.per})"


@dataclass(frozen=True)
class Moved:
    """The sum of a column over the units that leave, enter, or both.

    `weight` > 0 asks for less of it, < 0 for more.
    """

    column: str = COUNT
    weight: float = 1.0
    side: Side = "both"

    def words(self) -> str:
        """Give the goal in words."""
        return f"{SIDES[self.side]} {self.column}"


@dataclass(frozen=True)
class Touching:
    """What members share with members: the length of their borders (m), or the number of pairs.

    `weight` ≤ 0: more is better. (Fewer shared borders are no goal: that asks for scattering.)
    """

    weight: float = -1.0
    by: Literal["length", "count"] = "length"

    def words(self) -> str:
        """Give the goal in words."""
        return (
            "共边长度 shared borders, m" if self.by == "length" else "相邻对数 pairs of neighbours"
        )


Goal = Mean | Moved | Touching
