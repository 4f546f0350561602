"""The exchange as a mixed-integer linear program, over the units that are still undecided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from geo.exchange.blocks import Cuts, Key, full
from geo.exchange.model import Change, Limit, Model
from geo.exchange.program import Columns, Entries, Program
from geo.exchange.rest import Rest, join
from geo.exchange.units import Flags, Floats, Whole

LARGEST = 1e5
"""Rows are scaled to this largest coefficient, so that the solver's tolerance of 1e-6 is small."""
COST = 1e3
"""The objective is."""


@dataclass
class Frame:
    """What is fixed while one program is built: moves of decided units, and today's state."""

    model: Model
    moves: Flags  # (k,) as decided; those of open units do not count
    open: Flags  # (k,)
    rest: Rest | None = None  # open units that move together, in part
    program: Program = field(default_factory=Program)
    place: Whole = field(default_factory=lambda: np.zeros(0, np.int64))
    pair_place: Whole = field(default_factory=lambda: np.zeros(0, np.int64))
    notes: list[tuple[Cuts, Key, int, int]] = field(default_factory=list)  # rows of blocks
    base: Flags = field(init=False)  # (n,) members with open units as today
    core: Flags = field(init=False)  # (k,) open units with a column of their own

    def __post_init__(self) -> None:
        """Keep who is a member before the open units move."""
        self.base = self.model.member(self.moves & ~self.open)
        self.core = self.open if self.rest is None else self.open & ~self.rest.units

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
    decided = ~both
    still = after[left] & after[right]
    constant += float(
        (pair * (still.astype(np.int8) - (today[left] & today[right])))[decided].sum()
    )
    if frame.rest is not None:
        lax = both & (frame.rest.units[left] | frame.rest.units[right]) & (pair != 0)
        both = both & ~lax
        constant += _ease(frame, frame.rest.shares, (move, pair), lax)
    for one, other in ((left, right), (right, left)):
        half = opened[one] & ~opened[other] & after[other] & (pair != 0)
        np.add.at(move, one[half], np.where(today[one[half]], -pair[half], pair[half]))
    return Folded(constant, np.where(opened, move, 0.0), np.where(both, pair, 0.0))


def _ease(frame: Frame, shares: Floats, figures: tuple[Floats, Floats], lax: Flags) -> float:
    """Count x_left · x_right as α x_left + (1 − α) x_right, which is no less; give the constant."""
    on, today, constant = frame.model, frame.today, 0.0
    move, pair = figures
    share, weight = shares[lax], pair[lax]
    for end, part in ((on.left[lax], share), (on.right[lax], 1 - share)):
        np.add.at(move, end, np.where(today[end], -part, part) * weight)
        constant += float((part * today[end] * weight).sum())
    return constant - float((weight * (today[on.left[lax]] & today[on.right[lax]])).sum())


def program(frame: Frame, objective: Change, limits: list[Limit], cuts: list[Cuts]) -> float:
    """Build the program into the frame; give the scale its objective was multiplied by."""
    folded = fold(frame, objective)
    rows = [fold(frame, limit.change) for limit in limits]
    scale = _scale(folded) * COST / LARGEST
    opened = np.flatnonzero(frame.core)
    frame.place = np.full(len(frame.open), -1)
    frame.place[opened] = frame.program.columns(folded.move[opened] * scale, 1.0, whole=True)
    _pairs(frame, folded.pair * scale, sum((np.abs(row.pair) for row in rows), folded.pair != 0))
    extra = _together(frame, (folded.move, scale), [(r.move, _scale(r)) for r in rows], cuts)
    for limit, row, more in zip(limits, rows, extra, strict=False):
        _limit(frame, limit, row, more)
    for one, more in zip(cuts, extra[len(limits) :], strict=True):
        _blocks(frame, one, more)
    return scale


def _together(
    frame: Frame,
    objective: tuple[Floats, float],
    rows: list[tuple[Floats, float]],
    cuts: list[Cuts],
) -> list[list[Entries]]:
    """Add the columns of the rest; give what each row gets of them."""
    extra: list[list[Entries]] = [[] for _ in range(len(rows) + len(cuts))]
    if frame.rest is None:
        return extra
    turn, free = np.where(frame.today, -1.0, 1.0), frame.model.free
    figures = [*rows, *((turn * full(one)[free], 1e-6) for one in cuts)]
    scales = np.array([objective[1], *(scale for _, scale in figures)])
    for side in (True, False):
        mine = np.flatnonzero(frame.rest.units & (frame.today == side))
        if len(mine):
            moves = np.array([objective[0][mine], *(v[mine] for v, _ in figures)])
            cols = join(frame.program, moves * scales[:, None], frame.rest.prices, scales)
            for entries, col in zip(extra, cols, strict=True):
                entries.append((np.zeros(1, np.int64), np.array([col]), 1.0))
    return extra


def risk(
    frame: Frame, objective: Change, limits: list[Limit], counted: list[Floats], prices: Floats
) -> Floats:
    """Give what the move of each unit of the rest costs at least, at prices of the rows.

    `counted` says, for each floor on blocks, what each of all units counts.
    """
    turn, free = np.where(frame.today, -1.0, 1.0), frame.model.free
    total = fold(frame, objective).move
    for price, limit in zip(prices, limits, strict=False):
        total = total + price * fold(frame, limit.change).move
    for price, figures in zip(prices[len(limits) :], counted, strict=True):
        total = total + price * turn * figures[free]
    return total


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


def _limit(frame: Frame, limit: Limit, row: Folded, extra: list[Entries]) -> None:
    used, pairs = np.flatnonzero(row.move * frame.core), np.flatnonzero(row.pair)
    scale, on, today = _scale(row), frame.model, frame.today
    lost = today[on.left[pairs]] & today[on.right[pairs]]
    entries: list[Entries] = [
        (np.zeros(len(used), np.int64), frame.place[used], row.move[used] * scale),
        (
            np.zeros(len(pairs), np.int64),
            frame.pair_place[pairs],
            np.where(lost, -row.pair[pairs], row.pair[pairs]) * scale,
        ),
        *extra,
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
    opened[free] = frame.core[number[free]]
    after = frame.base[units]
    sign = np.where(after[opened], -1.0, 1.0)
    return _Sum(int(after.sum()), frame.place[number[opened]], sign)


def _blocks(frame: Frame, cuts: Cuts, extra: list[Entries]) -> None:
    """Add one floor on the area in blocks, in hectares; what is decided counts as it stands."""
    hectares = cuts.units.area / 1e6
    opened = np.zeros(len(hectares), np.bool_)
    opened[frame.model.free[frame.core]] = True
    counted: list[Entries] = [*extra]
    have = float(hectares[cuts.loose & frame.base].sum())
    free = np.flatnonzero(cuts.loose & opened)
    both = _sum(frame, free)
    counted.append((np.zeros(len(free), np.int64), both.cols, both.sign * hectares[free]))
    for key, units, sets in cuts.columns():
        if opened[units].any() or any(opened[links].any() for links in sets):
            frame.notes.append((cuts, key, frame.program.height, len(sets) + 1))
            counted.append(_group(frame, units, sets, hectares))
        elif all(frame.base[links].any() for links in sets):
            have += float(hectares[units[frame.base[units]]].sum())
    floor = cuts.floor / 1e6 - have
    frame.notes.append((cuts, ("floor", 0), frame.program.height, 1))
    frame.program.rows(counted, [floor - 1e-7], [np.inf])


def _zeros(cols: Columns) -> Columns:
    return np.zeros(len(cols), np.int64)


def _group(frame: Frame, units: Whole, sets: list[Whole], hectares: Floats) -> Entries:
    """Let units count, in one column, as far as they and a link of each set are members."""
    total = float(hectares[units].sum())
    col = frame.program.columns(np.zeros(1), total)
    for links in sets:
        link = _sum(frame, links)
        _below(frame, col, total * link.constant, link.cols, total * link.sign)
    own = [_sum(frame, units[k : k + 1]) for k in range(len(units))]
    size = [np.full(len(one.cols), hectares[u]) for one, u in zip(own, units, strict=True)]
    cols = np.concatenate([one.cols for one in own])
    factor = np.concatenate([one.sign for one in own]) * np.concatenate(size)
    base = sum(one.constant * hectares[u] for one, u in zip(own, units, strict=True))
    _below(frame, col, float(base), cols, factor)
    return _zeros(col), col, np.ones(1)


def _below(frame: Frame, col: Columns, constant: float, cols: Columns, factor: Floats) -> None:
    """Add col ≤ constant + sum of factor · columns."""
    entries: list[Entries] = [(_zeros(col), col, 1.0), (_zeros(cols), cols, -factor)]
    frame.program.rows(entries, [-np.inf], [constant])


def weigh(frame: Frame, price: Floats) -> None:
    """Weigh what limits the area in blocks by the duals of the relaxed program."""
    floors = {
        id(cuts): abs(price[first]) for cuts, key, first, _ in frame.notes if key[0] == "floor"
    }
    for cuts, key, first, count in frame.notes:
        floor = floors[id(cuts)]
        if key[0] != "floor" and floor > 0:
            weights = np.abs(price[first : first + count]) / floor
            weights /= max(1.0, float(weights.sum()))
            # what the column's upper end holds back, the members' own area holds back as well
            weights[-1] += 1.0 - float(weights.sum())
            cuts.weights[key] = weights
