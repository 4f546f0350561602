"""What an exchange should reach: means, sums over what moves, shared borders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from geo.exchange.units import AREA, COUNT
from geo.words import Text, joined

Side = Literal["leave", "enter", "both"]
SIDES = {
    "leave": Text("调出", "leaving"),
    "enter": Text("调入", "entering"),
    "both": Text("调整", "moved"),
}


@dataclass(frozen=True)
class Mean:
    """The mean of a column over the members: sum of column · per / sum of per.

    `weight` > 0 asks for less of it, < 0 for more. `per` is area_m2, count or a column ≥ 0.
    """

    column: str
    weight: float = 1.0
    per: str = AREA

    def words(self) -> Text:
        """Give the goal in words."""
        return Text(
            f"{self.column} 的均值（按 {self.per} 加权）", f"mean of {self.column} (per {self.per})"
        )


@dataclass(frozen=True)
class Moved:
    """The sum of a column over the units that leave, enter, or both.

    `weight` > 0 asks for less of it, < 0 for more.
    """

    column: str = COUNT
    weight: float = 1.0
    side: Side = "both"

    def words(self) -> Text:
        """Give the goal in words."""
        return joined([SIDES[self.side], self.column], " ", " ")


@dataclass(frozen=True)
class Touching:
    """What members share with members: the length of their borders (m), or the number of pairs.

    `weight` ≤ 0: more is better. (Fewer shared borders are no goal: that asks for scattering.)
    """

    weight: float = -1.0
    by: Literal["length", "count"] = "length"

    def words(self) -> Text:
        """Give the goal in words."""
        if self.by == "length":
            return Text("共边长度（m）", "shared borders (m)")
        return Text("相邻对数", "pairs of neighbours")


Goal = Mean | Moved | Touching
