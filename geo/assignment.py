"""Items put into bins of limited room so that most is held: the multiple knapsack problem.

Items may be barred from bins (assignment restrictions: Dawande, Kalagnanam, Keskinocak, Ravi and
Salman 2000). Sizes are whole numbers, so that what is held, the bound and the gap are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError, LimitError
from geo.exchange.program import NO_LIMITS, Entries, Limits, Program
from geo.words import Text

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Share = Literal["single", "shared", "spread"]
HAIR = 1e-4  # how far the solver's bound may be off a whole number


@dataclass(frozen=True, eq=False)
class Assignment:
    """Which items lie where, and how much more could be held at most.

    Attributes
    ----------
    amount
        Shape (n, m): how much of each item lies in each bin.
    bound
        No assignment holds more: the solver's word, rounded down to a whole number.
    stopped
        Whether a limit was hit before the best was proved.
    """

    amount: Whole
    bound: int
    stopped: bool = False

    @property
    def held(self) -> Flags:
        """Shape (n,): which items are held; each is, whole, or not at all."""
        return np.asarray(self.amount.sum(axis=1) > 0)

    @property
    def total(self) -> int:
        """How much is held."""
        return int(self.amount.sum())

    @property
    def gap(self) -> int:
        """How much more could be held at most."""
        return self.bound - self.total


def assign(
    sizes: Whole, rooms: Whole, allowed: Flags, *, share: Share, limit: Limits = NO_LIMITS
) -> Assignment:
    """Put items into bins so that the sum of the sizes held is largest.

    Parameters
    ----------
    sizes
        Shape (n,): sizes of the items, whole numbers above zero.
    rooms
        Shape (m,): how much each bin holds, whole numbers.
    allowed
        Shape (n, m): which item may lie in which bin.
    share
        `single`: a bin holds one item and an item lies in one bin. `shared`: a bin holds several,
        an item lies in one bin. `spread`: a bin holds several, an item may lie in several bins.
    limit
        When the search ends, by counted work.

    Returns
    -------
    Assignment
        Among those that hold as much, one whose bins come first in order (not proved, and not
        looked for where the search was stopped); with the same input always the same. Nothing is
        held where there are no items or no bins.

    Raises
    ------
    InputError
        If sizes are not above zero, rooms are negative, or shapes do not fit.
    LimitError
        If the solver fails, or gives what breaks a row.

    Examples
    --------
    Of items of 4, 3 and 3 two bins of 6 and 4 hold all where they share, and one each where not:

    >>> sizes, rooms, all_may = np.array([4, 3, 3]), np.array([6, 4]), np.ones((3, 2), bool)
    >>> assign(sizes, rooms, all_may, share="shared").amount.tolist()
    [[0, 4], [3, 0], [3, 0]]
    >>> assign(sizes, rooms, all_may, share="single").total
    7
    >>> assign(np.array([9]), rooms, np.ones((1, 2), bool), share="spread").amount.tolist()
    [[6, 3]]
    """
    _require(sizes, rooms, allowed)
    may = allowed if share == "spread" else allowed & (sizes[:, None] <= rooms[None, :])
    case = _Case(sizes, rooms, may, share)
    nothing = np.zeros(allowed.shape, dtype=np.int64)
    if not may.any():
        return Assignment(nothing, 0)
    best = _program(case).solve(limit=limit)
    most = nothing if best.x is None else _amounts(best.x, case)
    every = int(min(sizes[may.any(axis=1)].sum(), rooms[may.any(axis=0)].sum()))
    bound = min(every, int(np.floor(HAIR - best.bound))) if np.isfinite(best.bound) else every
    total = int(most.sum())
    if bound < total - 1:  # rounding explains one
        words = Text("求解器的上界低于其自身的解", "the solver's bound is below what it found")
        raise LimitError(words)
    if total and not best.stopped:
        first = _program(case, least=total).solve(limit=limit)
        ordered = most if first.x is None else _amounts(first.x, case)
        most = ordered if ordered.sum() == total else most
    return Assignment(most, max(bound, total), best.stopped and total < bound)


@dataclass(frozen=True, eq=False)
class _Case:
    """What is asked, but for the limit."""

    sizes: Whole
    rooms: Whole
    may: Flags
    share: Share


def _require(sizes: Whole, rooms: Whole, allowed: Flags) -> None:
    fits = allowed.shape == (sizes.size, rooms.size)
    if not fits or (sizes <= 0).any() or (rooms < 0).any():
        words = Text(
            "大小须为正整数，容量不得为负，允许表须为 (n, m)",
            "sizes must be above zero, rooms not below, what is allowed of shape (n, m)",
        )
        raise InputError(words)


def _program(case: _Case, *, least: int = 0) -> Program:
    """Give the program of the most, or, with at least so much held, of the first bins.

    A column each pair that may be: whether the item lies there, or for `spread` how much of it;
    then a column each item, whether it is held.
    """
    item, place = np.nonzero(case.may)
    sizes, spread = case.sizes.astype(float), case.share == "spread"
    upper = np.minimum(sizes[item], case.rooms[place]) if spread else np.ones(item.size)
    weight = np.ones(item.size) if spread else sizes[item]
    late = place * weight / sizes.sum()
    program = Program()
    put = program.columns(late if least else np.zeros(item.size), upper, whole=True)
    held = program.columns(np.zeros(sizes.size) if least else -sizes, 1.0, whole=True)
    parts = -sizes if spread else -np.ones(sizes.size)
    entries: list[Entries] = [(item, put, 1.0), (np.arange(sizes.size), held, parts)]
    program.rows(entries, np.zeros(sizes.size), 0.0)
    if case.share == "single":
        program.rows([(place, put, 1.0)], np.zeros(case.rooms.size), 1.0)
    else:
        program.rows([(place, put, weight)], np.zeros(case.rooms.size), case.rooms)
    if least:
        program.rows([(np.zeros(sizes.size, dtype=np.int64), held, sizes)], [least - 0.5], np.inf)
    return program


def _amounts(x: Floats, case: _Case) -> Whole:
    """Read how much lies where, in whole numbers, and hold it against what was asked."""
    amount = np.zeros(case.may.shape, dtype=np.int64)
    put = np.rint(x[: int(case.may.sum())]).astype(np.int64)
    amount[case.may] = put
    if case.share != "spread":
        amount *= case.sizes[:, None]
    item, place = amount.sum(axis=1), amount.sum(axis=0)
    bins, items = (amount > 0).sum(axis=0), (amount > 0).sum(axis=1)
    sound = (
        (item == 0) | (item == case.sizes),
        place <= case.rooms,
        np.ones(1, bool) if case.share == "spread" else items <= 1,
        bins <= 1 if case.share == "single" else np.ones(1, bool),
    )
    if not all(one.all() for one in sound):
        raise LimitError(Text("求解结果不满足约束", "what the solver gave breaks its own rows"))
    return amount
