"""What an allocation should reach and must obey, each in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from geo.errors import InputError, Problem
from geo.siting.allocation.lots import LARGEST
from geo.words import Text, alike, joined

DEMAND = Text("用地需求", "demand")
COMPACTNESS = Text("集聚度", "compactness")
AFFINITY = Text("相邻偏好", "affinity")
EXCLUSION = Text("禁止相邻", "never neighbours")
PATCH = Text("最小图斑", "least patch")
CONNECTED = Text("连成一片", "one connected piece")
FINITE = Text("有限数，绝对值至多 1e100", "a finite number, of 1e100 at most")


@dataclass(frozen=True)
class Compactness:
    """Borders of one use gain `like` per metre, those between uses that differ lose `unlike`.

    Land without a use differs from land of any use; between two such units nothing counts.
    """

    like: float = 0.0
    unlike: float = 0.0

    def words(self) -> Text:
        """Give the goal in words."""
        return _told(COMPACTNESS, alike(f"{self.like:+g} = · {-self.unlike:+g} ≠"))


@dataclass(frozen=True)
class Affinity:
    """The score gains `price` per metre of border between one use and another: a dislike below 0.

    Both may be the same use.
    """

    one: str
    other: str
    price: float

    def words(self) -> Text:
        """Give the goal in words."""
        return _told(AFFINITY, alike(f"{self.one} | {self.other} {self.price:+g}"))


@dataclass(frozen=True)
class Demand:
    """The area of a use lies in least … most, m², both ends closed; kept in whole 0.01 m²."""

    use: str
    least_m2: float = 0.0
    most_m2: float = math.inf

    def words(self) -> Text:
        """Give the rule in words."""
        ends = f"{self.least_m2:,.2f} … {self.most_m2:,.2f} m²"
        return _told(DEMAND, alike(f"{self.use} {ends}"))


@dataclass(frozen=True)
class Exclusion:
    """No unit of one use is a neighbour of a unit of the other, over a border or a corner.

    Both may be the same use.
    """

    one: str
    other: str

    def words(self) -> Text:
        """Give the rule in words."""
        return _told(EXCLUSION, alike(f"{self.one} | {self.other}"))


@dataclass(frozen=True)
class Patch:
    """Units of a use that hang together over borders have `least_m2` or more together."""

    use: str
    least_m2: float

    def words(self) -> Text:
        """Give the rule in words."""
        return _told(PATCH, alike(f"{self.use} ≥ {self.least_m2:,.2f} m²"))


@dataclass(frozen=True)
class Connected:
    """All units of a use hang together over borders: one piece, or no unit at all."""

    use: str

    def words(self) -> Text:
        """Give the rule in words."""
        return _told(CONNECTED, alike(self.use))


Goal = Compactness | Affinity
Rule = Demand | Exclusion | Patch | Connected


def _told(name: Text, says: Text) -> Text:
    return joined([name, says], "：", ": ")


def require_sound(uses: Sequence[str], named: Sequence[Goal | Rule]) -> None:
    """Refuse goals and rules that name other uses, or numbers that are none.

    Raises
    ------
    InputError
        With every problem.

    Examples
    --------
    >>> require_sound(("park",), [Demand("park", 10.0, 20.0), Compactness(like=1.0)])
    >>> require_sound(("park",), [Connected("lake")])
    Traceback (most recent call last):
    geo.errors.InputError: goals or rules are refused
      - field Connected.use · found lake · expected park
    """
    problems = [problem for one in named for problem in _faults(uses, one)]
    if problems:
        raise InputError(Text("目标或规则有误", "goals or rules are refused"), problems=problems)


def _faults(uses: Sequence[str], one: Goal | Rule) -> Iterator[Problem]:
    for part in fields(one):
        place, value = f"{type(one).__name__}.{part.name}", getattr(one, part.name)
        if part.type == "str" and value not in uses:
            yield Problem(field=place, found=str(value), expected=", ".join(uses))
        endless = part.name == "most_m2" and value == math.inf
        if part.type == "float" and not (endless or abs(value) <= LARGEST):
            yield Problem(field=place, found=str(value), expected=FINITE)
    if isinstance(one, Demand) and not 0 <= one.least_m2 <= one.most_m2:
        ends = f"{one.least_m2} … {one.most_m2}"
        yield Problem(field="Demand", found=ends, expected="0 ≤ least_m2 ≤ most_m2")
    if isinstance(one, Patch) and one.least_m2 < 0:
        yield Problem(field="Patch.least_m2", found=str(one.least_m2), expected="≥ 0")
