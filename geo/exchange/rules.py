"""What an exchange must obey: balances, budgets and floors, each in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields
from numbers import Real
from typing import Literal

from geo.errors import Problem
from geo.exchange.goals import SIDES, Goal, Side
from geo.exchange.units import COUNT
from geo.words import NO_TEXT, Text, alike, joined

BALANCE = Text("面积平衡", "area balance")
QUALITY = Text("质量平衡", "quality balance")
BUDGET = Text("预算", "budget")
CONTIGUITY = Text("连片度", "contiguity")
GOAL = Text("目标值", "goal")
LARGEST = 1e100  # so that what is multiplied with it stays finite; certificates know no larger one
ENDLESS = {"most": math.inf, "least": -math.inf}
FINITE = Text("有限数，绝对值至多 1e100", "a finite number, of 1e100 at most")
LEFT_OUT = Text(
    "给出数值；不设限时略去这条规则", "give a number; leave the rule out where nothing is limited"
)


@dataclass(frozen=True)
class Balance:
    """Area of the members after less before lies in −below … +above, m², in each scope."""

    scope: str = ""
    above_m2: float = 0.0
    below_m2: float = 0.0

    def words(self, label: str) -> Text:
        """Give the rule in words, for one scope."""
        says = alike(f"−{self.below_m2:g} … +{self.above_m2:g} m²")
        return _told(BALANCE, says, self.scope, label)


@dataclass(frozen=True)
class Quality:
    """The area-weighted mean of a column over the members gets no worse than `slack`, by scope.

    Scopes without members today, or without any afterwards, keep it.
    """

    column: str
    scope: str = ""
    better: Literal["more", "less"] = "more"
    slack: float = 0.0

    def words(self, label: str) -> Text:
        """Give the rule in words, for one scope."""
        sign = "≥" if self.better == "more" else "≤"
        slack = f" (±{self.slack:g})" if self.slack else ""
        says = Text(
            f"{self.column} 调整后 {sign} 调整前{slack}",
            f"{self.column} after {sign} before{slack}",
        )
        return _told(QUALITY, says, self.scope, label)


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

    def words(self, label: str) -> Text:
        """Give the rule in words, for one scope."""
        low = f"{self.least:g} ≤ " if math.isfinite(self.least) else ""
        high = f" ≤ {self.most:g}" if math.isfinite(self.most) else ""
        says = joined([low, SIDES[self.side], f" {self.column}{high}"], "", "")
        return _told(BUDGET, says, self.scope, label)


@dataclass(frozen=True)
class Contiguity:
    """The mean number of neighbours that are members, per member, grows by `gain` at least.

    `by="length"`: the mean length of border that a member shares with members, m.
    """

    gain: float = 0.0
    by: Literal["length", "count"] = "count"

    def words(self, _: str = "") -> Text:
        """Give the rule in words."""
        more = f"{self.gain:+g} m" if self.by == "length" else f"{self.gain:+g}"
        return _told(CONTIGUITY, Text(f"≥ 调整前 {more}", f"≥ before {more}"))


@dataclass(frozen=True)
class Blocks:
    """The area in blocks, members that hang together on `least_m2` or more, grows by `gain_m2`."""

    gain_m2: float
    least_m2: float

    def words(self, _: str = "") -> Text:
        """Give the rule in words."""
        least, gain = f"{self.least_m2:.0f} m²", f"{self.gain_m2:+g} m²"
        name = Text(f"{least} 以上集中连片面积", f"area in blocks of {least}")
        return _told(name, Text(f"≥ 调整前 {gain}", f"≥ before {gain}"))


@dataclass(frozen=True)
class Reach:
    """A goal times its weight is no more than `most`: one goal as a rule for the others."""

    goal: Goal
    most: float

    def words(self, _: str = "") -> Text:
        """Give the rule in words."""
        weight, most = f"{self.goal.weight:g} ×", f"≤ {self.most:g}"
        return _told(GOAL, joined([weight, self.goal.words(), most], " ", " "))


Rule = Balance | Quality | Budget | Contiguity | Blocks | Reach


def faults(rule: Rule) -> Iterator[Problem]:
    """Say which numbers of a rule are none, too large, or without an end where there has to be one.

    The most and the least of a budget may be without end.

    >>> [problem.field for problem in faults(Balance(above_m2=math.inf))]
    ['Balance.above_m2']
    >>> list(faults(Budget(most=9)))
    []
    """
    for name in (one.name for one in fields(rule) if one.type == "float"):
        value = getattr(rule, name)
        plain = isinstance(value, Real) and abs(float(value)) <= LARGEST
        if not plain and not (isinstance(rule, Budget) and ENDLESS.get(name) == value):
            yield _refused(rule, name, FINITE, LEFT_OUT)
    if isinstance(rule, Blocks) and rule.least_m2 <= 0:
        yield _refused(rule, "least_m2", "> 0", Text("给出成片的面积", "give the area of a block"))


def _refused(rule: Rule, name: str, expected: Text | str, remedy: Text) -> Problem:
    place, value = f"{type(rule).__name__}.{name}", str(getattr(rule, name))
    return Problem(field=place, found=value, expected=expected, remedy=remedy)


def _told(name: Text, says: Text, scope: str = "", label: str = "") -> Text:
    """Put the name of a rule, its scope and what it asks together."""
    place = Text(f"（{scope} {label}）", f" ({scope} {label})") if scope else NO_TEXT
    return joined([name, place, Text("：", ": "), says], "", "")
