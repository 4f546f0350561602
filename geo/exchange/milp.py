"""The exchange as a mixed-integer linear program, over the units that are still undecided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from geo.exchange.blocks import Cuts
from geo.exchange.model import Change, Limit, Model
from geo.exchange.program import Columns, Entries, Program
from geo.exchange.units import Flags, Floats, Whole

LARGEST = 1000.0
"""Rows and objective are scaled to this largest coefficient."""


@dataclass
class Frame:
    """What is fixed while one program is built: moves of decided units, and today's state."""

    model: Model
    moves: Flags  # (k,) as decided; those of open units do not count
    open: Flags  # (k,)
    program: Program = field(default_factory=Program)
    place: Whole = field(default_factory=lambda: np.zeros(0, np.int64))
    pair_place: Whole = field(default_factory=lambda: np.zeros(0, np.int64))
    base: Flags = field(init=False)  # (n,) members with open units as today

    def __post_init__(self) -> None:
        """Keep who is a member before the open units move."""
        self.base = self.model.member(self.moves & ~self.open)

    @property
    def today(self) -> Flags:
        """Who of the free units is a member today."""
        return self.model.units.member[self.model.free]


class Folded(NamedTuple):
    """A change over open units: constant + move · z + pair · (change of pairs of open units)."""

    constant: float
    move: Floats
    pair: Floats


def fold(frame: Frame, moved: Change) -> Folded:
    """Let decided units count as they are decided."""
    on, opened, today = frame.model, frame.open, frame.today
    after = np.where(opened, today, today ^ frame.moves)
    move, constant = moved.move.copy(), float(moved.move[frame.moves & ~opened].sum())
    left, right, pair = on.left, on.right, moved.pair
    both = opened[left] & opened[right]
    still = after[left] & after[right]
    constant += float((pair * (still.astype(np.int8) - (today[left] & today[right])))[~both].sum())
    for one, other in ((left, right), (right, left)):
        half = opened[one] & ~opened[other] & after[other] & (pair != 0)
        np.add.at(move, one[half], np.where(today[one[half]], -pair[half], pair[half]))
    return Folded(constant, np.where(opened, move, 0.0), np.where(both, pair, 0.0))


def program(frame: Frame, objective: Change, limits: list[Limit], cuts: list[Cuts]) -> float:
    """Build the program into the frame; give the scale its objective was multiplied by."""
    folded = fold(frame, objective)
    rows = [fold(frame, limit.change) for limit in limits]
    scale = _scale(folded)
    opened = np.flatnonzero(frame.open)
    frame.place = np.full(len(frame.open), -1)
    frame.place[opened] = frame.program.columns(folded.move[opened] * scale, 1.0, whole=True)
    _pairs(frame, folded.pair * scale, sum((np.abs(row.pair) for row in rows), folded.pair != 0))
    for limit, row in zip(limits, rows, strict=True):
        _limit(frame, limit, row)
    for one in cuts:
        _blocks(frame, one)
    return scale


def _scale(row: Folded) -> float:
    largest = max(np.abs(row.move).max(initial=0.0), np.abs(row.pair).max(initial=0.0))
    return LARGEST / largest if largest else 1.0


def _pairs(frame: Frame, cost: Floats, used: Floats) -> None:
    """Add the change of pairs: one lost (both members today) or gained (others)."""
    on, today, chosen = frame.model, frame.today, np.flatnonzero(used)
    left, right = on.left[chosen], on.right[chosen]
    lost = today[left] & today[right]
    cols = frame.program.columns(np.where(lost, -cost[chosen], cost[chosen]), 1.0)
    frame.pair_place = np.full(len(on.left), -1)
    frame.pair_place[chosen] = cols
    for end in (left, right):
        # lost: z − l ≤ 0; gained: y + z ≤ 1 where the end is a member today, else y − z ≤ 0
        own = np.where(lost, -1.0, 1.0)
        sign = np.where(lost | today[end], 1.0, -1.0)
        high = np.where(~lost & today[end], 1.0, 0.0)
        number = np.arange(len(chosen))
        entries: list[Entries] = [(number, cols, own), (number, frame.place[end], sign)]
        frame.program.rows(entries, np.full(len(chosen), -np.inf), high)


def _limit(frame: Frame, limit: Limit, row: Folded) -> None:
    used, pairs = np.flatnonzero(row.move), np.flatnonzero(row.pair)
    scale, on, today = _scale(row), frame.model, frame.today
    lost = today[on.left[pairs]] & today[on.right[pairs]]
    entries: list[Entries] = [
        (np.zeros(len(used), np.int64), frame.place[used], row.move[used] * scale),
        (
            np.zeros(len(pairs), np.int64),
            frame.pair_place[pairs],
            np.where(lost, -row.pair[pairs], row.pair[pairs]) * scale,
        ),
    ]
    slack = limit.slack
    low, high = limit.low - slack - row.constant, limit.high + slack - row.constant
    frame.program.rows(entries, [low * scale], [high * scale])


class _Sum(NamedTuple):
    """How many of a set of units are members: constant + sign · z at columns."""

    constant: int
    cols: Columns
    sign: Floats


def _sum(frame: Frame, units: Whole) -> _Sum:
    on = frame.model
    number = np.searchsorted(on.free, units)
    number = np.minimum(number, len(on.free) - 1)
    free = on.free[number] == units if len(on.free) else np.zeros(len(units), np.bool_)
    opened = np.zeros(len(units), np.bool_)
    opened[free] = frame.open[number[free]]
    after = frame.base[units]
    sign = np.where(after[opened], -1.0, 1.0)
    return _Sum(int(after.sum()), frame.place[number[opened]], sign)


def _blocks(frame: Frame, cuts: Cuts) -> None:
    """Add one floor on the area in blocks, in hectares."""
    hectares = cuts.units.area / 1e6
    counted: list[Entries] = []
    loose = np.flatnonzero(cuts.loose)
    have = float(hectares[loose][frame.base[loose]].sum())
    free = frame.model.free[frame.open]
    free = free[cuts.loose[free]]
    both = _sum(frame, free)
    counted.append((np.zeros(len(free), np.int64), both.cols, both.sign * hectares[free]))
    counted.extend(
        _group(frame, one.units, one.links, hectares) for one in cuts.groups if len(one.units)
    )
    counted.extend(_unit(frame, unit, sets, hectares) for unit, sets in cuts.cut.items())
    floor = cuts.floor / 1e6 - have
    frame.program.rows(counted, [floor - 1e-7], [np.inf])


def _zeros(cols: Columns) -> Columns:
    return np.zeros(len(cols), np.int64)


def _group(frame: Frame, units: Whole, links: Whole, hectares: Floats) -> Entries:
    """Let the members of a group count as far as a link is a member."""
    total = float(hectares[units].sum())
    col = frame.program.columns(np.zeros(1), total)
    link = _sum(frame, links)
    _below(frame, col, 1.0, (link, total))
    for_each = [_sum(frame, units[k : k + 1]) for k in range(len(units))]
    cols = np.concatenate([one.cols for one in for_each])
    if len(cols):
        size = np.concatenate(
            [np.full(len(one.cols), hectares[u]) for one, u in zip(for_each, units, strict=True)]
        )
        sign = np.concatenate([one.sign for one in for_each])
        base = sum(one.constant * hectares[u] for one, u in zip(for_each, units, strict=True))
        entries: list[Entries] = [(_zeros(col), col, 1.0), (_zeros(cols), cols, -sign * size)]
        frame.program.rows(entries, [-np.inf], [base])
    return _zeros(col), col, np.ones(1)


def _unit(frame: Frame, unit: int, sets: list[Whole], hectares: Floats) -> Entries:
    col = frame.program.columns(np.zeros(1), 1.0)
    _below(frame, col, 1.0, (_sum(frame, np.array([unit])), 1.0))
    for links in sets:
        _below(frame, col, 1.0, (_sum(frame, links), 1.0))
    return _zeros(col), col, np.full(1, hectares[unit])


def _below(frame: Frame, col: Columns, value: float, most: tuple[_Sum, float]) -> None:
    """Add value · col ≤ factor · sum."""
    total, factor = most
    entries: list[Entries] = [
        (_zeros(col), col, value),
        (_zeros(total.cols), total.cols, -factor * total.sign),
    ]
    frame.program.rows(entries, [-np.inf], [factor * total.constant])
