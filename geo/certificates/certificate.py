"""What an optimiser writes down so that others can check its claims: values alone.

Everything is told by position: of a unit (0 … n − 1), a pair of neighbours (0 … m − 1), a goal, a
floor on blocks (a `Blocks` rule, counted among those alone), a statement, a cut; −1 is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.errors import Problem
from geo.words import Text

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Shares = NDArray[np.float32] | NDArray[np.float64]
Codes = NDArray[np.uint8]

NONE = -1
EXCHANGE = "exchange"
BY = ("prices", "HiGHS")
SUBJECTS = ("objective", "below", "excess")
PROGRAMS = ("open", "joined", "split")


@dataclass(frozen=True, eq=False)
class ExchangeProblem:
    """An exchange of land in plain arrays: n units, m pairs of neighbours, goals, rules.

    Attributes
    ----------
    labels
        Identity of the units, unique.
    area
        Whole numbers of 0.01 m² above 0, less than 2**53 in all, shape (n,).
    member, may_leave, may_enter
        Shape (n,). A member that may leave and another that may enter are free; others stay.
    left, right, length_m
        Positions of both ends of each pair and the border they share (≥ 0), shape (m,).
    columns
        The numbers that goals and rules name, finite, shape (n,). "count" (1 for each) and
        "area_m2" (area / 100) are always there and never among these.
    scopes
        The labels that rules name as scope, as words, one for each unit.
    goals, rules
        {"is": "Mean", "column": …, "weight": …, "per": …} and so on: every field of the goals and
        rules of an exchange by its name; "inf" and "-inf" for numbers without end; a Reach holds
        its goal as "goal": {…}.
    """

    labels: tuple[str, ...]
    area: Whole
    member: Flags
    may_leave: Flags
    may_enter: Flags
    left: Whole
    right: Whole
    length_m: Floats
    columns: dict[str, Floats]
    scopes: dict[str, tuple[str, ...]]
    goals: tuple[dict[str, Any], ...]
    rules: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Claims:
    """What is claimed of the plan: its objective, that of today, and bounds of all plans.

    `certified` follows from the statements (−inf: nothing does). `bound` may rest on programs
    too: `by` says whether "prices" alone prove it (bound ≤ certified) or the word of "HiGHS" is
    needed.
    """

    objective: float
    before: float
    certified: float
    bound: float
    by: str


@dataclass(frozen=True)
class End:
    """One end of a range, and the statement it follows from.

    Without a statement (−1) an end of the excess and the high of a denominator have none (−inf,
    inf), and the low of a denominator is no more than the least figure above 0 in its column.
    """

    value: float
    statement: int = NONE


@dataclass(frozen=True)
class Range:
    """For one Mean among the goals: where D = sum of per · x stays, and where the excess stays.

    The excess is sum of per · column · x less rate · D. Ends of D follow from statements "below"
    of this goal (sense 1 for the low, −1 for the high), ends of the excess from statements
    "excess", each for the rate of its own statement.
    """

    low: End
    high: End
    excess_low: End
    excess_high: End


@dataclass(frozen=True)
class Floor:
    """The price (≤ 0) of a floor on blocks, and the cut that makes it linear (−1: none)."""

    cut: int = NONE
    price: float = 0.0


@dataclass(frozen=True, eq=False)
class Statement:
    """f ≥ bound for every plan, by prices of the rows.

    Attributes
    ----------
    of
        "objective": f is the sum over Means of weight · (N − rate · D) / middle, and of
        weight · value over other goals. "below": f is sense · D of a Mean. "excess": f is
        sense · (N − rate · D).
    goal, sense
        Position of the Mean among the goals, and 1 or −1; −1 and 1 for the objective.
    rates, middles
        One for each goal, nan for goals that are no Mean.
    prices
        One for each row: above 0 only where the row has a high, below 0 only where it has a low.
    floors
        One for each floor on blocks.
    shares
        One in 0 … 1 for each pair: how much of what it gains is counted with its left end, the
        rest with the right. Empty where no pair of free units gains anything.
    bound
        What is claimed.
    """

    of: str
    goal: int
    sense: int
    rates: Floats
    middles: Floats
    prices: Floats
    floors: tuple[Floor, ...]
    shares: Shares
    bound: float


@dataclass(frozen=True, eq=False)
class Cut:
    """Area in blocks ≤ constant + sum of figures · x, for every plan.

    `loose` units (shape (n,)) count where they are members. What is counted of the units of a key
    is limited, for each of its sets of links, by their area times the links that are members, by
    the area of those of them that are members, and by their area: by any weighted mean of these.

    Key k has the units `units[unit_starts[k]:unit_starts[k + 1]]` and the sets `set_starts[k]` …
    `set_starts[k + 1]` − 1; set j has the links `links[link_starts[j]:link_starts[j + 1]]` and the
    weight `weights[j]`; `own[k]` is the weight of the members of the key, and what the weights of
    a key lack to 1 is that of its area. `cut` makes it from lists.
    """

    floor: int
    loose: Flags
    unit_starts: Whole
    units: Whole
    set_starts: Whole
    link_starts: Whole
    links: Whole
    weights: Floats
    own: Floats


class Key(NamedTuple):
    """Units that count together, sets of links, and their weights, that of the members last."""

    units: Whole
    links: list[Whole]
    weights: Floats


@dataclass(frozen=True, eq=False)
class Program:
    """What a solver of programs says: plans that decide as fixed are at least `bound`.

    kind
        "open": those not fixed are open; "joined": a relaxation of the whole; "split": the whole,
        by halved ranges of denominators. The latter two fix none, and `fixed_bound` is inf.
    bound
        No plan in which the fixed units decide as in `decided` is below it.
    fixed_bound
        No plan in which a fixed unit decides otherwise is below it; this the statements prove.
    fixed
        For each unit the statement of the objective that fixes it, or −1, shape (n,).
    decided
        Which of the fixed units move, shape (n,).
    """

    kind: str
    bound: float
    fixed_bound: float
    fixed: Whole
    decided: Flags


@dataclass(frozen=True, eq=False)
class Certificate:
    """A plan (`moves`, shape (n,)), what is claimed of it, and what the claims follow from.

    `ranges` has one entry for each Mean among the goals, in their order.
    """

    kind: str
    problem: ExchangeProblem
    claims: Claims
    ranges: tuple[Range, ...]
    statements: tuple[Statement, ...]
    cuts: tuple[Cut, ...]
    programs: tuple[Program, ...]
    moves: Flags


@dataclass(frozen=True)
class Finding:
    """One thing found: proven, or no more than the word of a solver."""

    text: Text
    proven: bool


@dataclass(frozen=True)
class Report:
    """What was found of a certificate, and what is wrong with it."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]

    @property
    def accepted(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def cut(floor: int, loose: Flags, keys: Iterable[Key]) -> Cut:
    """Make a cut from lists.

    Parameters
    ----------
    floor
        Position among the floors on blocks.
    loose
        Units that count where they are members, shape (n,).
    keys
        What counts together; none is fine.

    Examples
    --------
    >>> key = Key(np.array([2]), [np.array([0, 1]), np.array([3])], np.array([0.5, 0.25, 0.25]))
    >>> made = cut(0, np.array([True, True, False, True]), [key])
    >>> made.unit_starts.tolist(), made.set_starts.tolist(), made.link_starts.tolist()
    ([0, 1], [0, 2], [0, 2, 3])
    >>> made.links.tolist(), made.weights.tolist(), made.own.tolist()
    ([0, 1, 3], [0.5, 0.25], [0.25])
    """
    kept = list(keys)
    sets = [links for key in kept for links in key.links]
    return Cut(
        floor,
        loose,
        _starts(len(key.units) for key in kept),
        _joined([key.units for key in kept]),
        _starts(len(key.links) for key in kept),
        _starts(map(len, sets)),
        _joined(sets),
        np.array([w for key in kept for w in key.weights[:-1]], np.float64),
        np.array([key.weights[-1] for key in kept], np.float64),
    )


def _starts(lengths: Iterable[int]) -> Whole:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _joined(parts: list[Whole]) -> Whole:
    return np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64)
