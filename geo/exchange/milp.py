"""The exchange as a mixed-integer linear program, over the units that are still undecided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from geo.exchange.blocks import Counted, Cuts, counted, full
from geo.exchange.model import Change, Limit, Model
from geo.exchange.program import Columns, Entries, Program
from geo.exchange.rest import Rest, join
from geo.exchange.units import Flags, Floats, Whole

LARGEST = 1e5
"""Rows are scaled to this largest coefficient, so that the solver's tolerance of 1e-6 is small."""
COST = 1e3
"""The objective is."""
HECTARES = 1e-6
"""Areas in blocks, 0.01 m², are counted in hectares."""


class Noted(NamedTuple):
    """A floor on blocks in a program: its row, and the row of each set and of each key's own."""

    cuts: Cuts
    flat: Counted
    floor: int
    sets: Whole
    own: Whole


class Placed(NamedTuple):
    """Where a row stands in a program, and by how much it was multiplied."""

    row: int
    scale: float


class Scaled(NamedTuple):
    """What the move of each free unit adds, and by how much it is multiplied in the program."""

    move: Floats
    scale: float


class Weighed(NamedTuple):
    """Columns of keys, columns of units (−1: none), and what each unit counts, with its sign."""

    keys: Columns
    units: Columns
    weight: Floats


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
    notes: list[Noted] = field(default_factory=list)  # floors on blocks
    limits: list[Placed] = field(default_factory=list)
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
        constant += _ease(frame, move, pair, lax)
    for one, other in ((left, right), (right, left)):
        half = opened[one] & ~opened[other] & after[other] & (pair != 0)
        np.add.at(move, one[half], np.where(today[one[half]], -pair[half], pair[half]))
    return Folded(constant, np.where(opened, move, 0.0), np.where(both, pair, 0.0))


def _ease(frame: Frame, move: Floats, pair: Floats, lax: Flags) -> float:
    """Count x_left · x_right as α x_left + (1 − α) x_right, which is no less; give the constant."""
    on, today, constant = frame.model, frame.today, 0.0
    shares = np.zeros(len(pair)) if frame.rest is None else frame.rest.shares
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
    scaled = [Scaled(one.move, _scale(one)) for one in rows]
    extra = _together(frame, Scaled(folded.move, scale), scaled, cuts)
    for limit, row, more in zip(limits, rows, extra, strict=False):
        _limit(frame, limit, row, more)
    for one, more in zip(cuts, extra[len(limits) :], strict=True):
        _blocks(frame, one, more)
    return scale


def _together(
    frame: Frame, objective: Scaled, rows: list[Scaled], cuts: list[Cuts]
) -> list[list[Entries]]:
    """Add the columns of the rest; give what each row gets of them."""
    extra: list[list[Entries]] = [[] for _ in range(len(rows) + len(cuts))]
    if frame.rest is None:
        return extra
    turn, free = np.where(frame.today, -1.0, 1.0), frame.model.free
    every = [objective, *rows, *(Scaled(turn * full(one)[free], HECTARES) for one in cuts)]
    scales = np.array([one.scale for one in every])
    for side in (True, False):
        mine = np.flatnonzero(frame.rest.units & (frame.today == side))
        if len(mine):
            moves = np.array([one.move[mine] for one in every])
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
    frame.limits.append(Placed(frame.program.height, scale))
    frame.program.rows(entries, [low * scale], [high * scale])


def _blocks(frame: Frame, cuts: Cuts, extra: list[Entries]) -> None:
    """Add one floor on the area in blocks, in hectares; what is decided counts as it stands."""
    flat, hectares = counted(cuts), cuts.units.area / 1e6
    column = np.full(len(hectares), -1)
    column[frame.model.free[frame.core]] = frame.place[frame.core]
    sign = np.where(frame.base, -1.0, 1.0)
    free = np.flatnonzero(cuts.loose & (column >= 0))
    entries: list[Entries] = [*extra, (_zeros(free), column[free], (sign * hectares)[free])]
    size = len(flat.names)
    live = np.zeros(size, np.bool_)
    live[flat.owner[column[flat.units] >= 0]] = True
    live[flat.key[flat.holder[column[flat.links] >= 0]]] = True
    here = np.bincount(flat.owner, (hectares * frame.base)[flat.units], minlength=size)
    there = np.bincount(flat.holder, frame.base[flat.links] * 1.0, minlength=len(flat.key))
    linked = np.bincount(flat.key, there == 0, minlength=size) == 0
    have = float(hectares[cuts.loose & frame.base].sum() + here[~live & linked].sum())
    cols = np.full(size, -1)
    cols[live] = frame.program.columns(np.zeros(int(live.sum())), flat.area[live] / 1e6)
    entries.append((_zeros(cols[live]), cols[live], 1.0))
    sets = _held(frame, Weighed(cols, column, sign), flat, there)
    own = _own(frame, Weighed(cols, column, sign * hectares), flat, here)
    frame.notes.append(Noted(cuts, flat, frame.program.height, sets, own))
    frame.program.rows(entries, [cuts.floor / 1e6 - have - 1e-7], [np.inf])


def _held(frame: Frame, columns: Weighed, flat: Counted, there: ArrayLike) -> Whole:
    """Let what counts of a key be no more than its area times the links of each set.

    Returns
    -------
    array
        The row of each set, −1 where none was needed.
    """
    cols, column, sign = columns
    area = flat.area / 1e6
    used = np.flatnonzero(cols[flat.key] >= 0)
    number = np.full(len(flat.key), -1)
    number[used] = np.arange(len(used))
    link = np.flatnonzero((number[flat.holder] >= 0) & (column[flat.links] >= 0))
    holder, unit = flat.holder[link], flat.links[link]
    frame.program.rows(
        [
            (number[used], cols[flat.key[used]], 1.0),
            (number[holder], column[unit], -area[flat.key[holder]] * sign[unit]),
        ],
        np.full(len(used), -np.inf),
        (area[flat.key] * np.asarray(there))[used],
    )
    return np.where(number >= 0, number + frame.program.height - len(used), -1)


def _own(frame: Frame, columns: Weighed, flat: Counted, here: ArrayLike) -> Whole:
    """Let what counts of a key be no more than the area of its members; give rows as `_held`."""
    cols, column, area = columns
    used = np.flatnonzero(cols >= 0)
    number = np.full(len(cols), -1)
    number[used] = np.arange(len(used))
    mine = np.flatnonzero((cols[flat.owner] >= 0) & (column[flat.units] >= 0))
    owner, unit = flat.owner[mine], flat.units[mine]
    frame.program.rows(
        [(number[used], cols[used], 1.0), (number[owner], column[unit], -area[unit])],
        np.full(len(used), -np.inf),
        np.asarray(here)[used],
    )
    return np.where(number >= 0, number + frame.program.height - len(used), -1)


def _zeros(cols: Columns) -> Columns:
    return np.zeros(len(cols), np.int64)


def weigh(frame: Frame, price: Floats) -> None:
    """Weigh what limits the area in blocks by the duals of the relaxed program."""
    for cuts, flat, floor, sets, own in frame.notes:
        if not price[floor]:
            continue
        held = np.where(sets >= 0, np.abs(price[sets]) / abs(price[floor]), 0.0)
        mine = np.where(own >= 0, np.abs(price[own]) / abs(price[floor]), 0.0)
        total = np.bincount(flat.key, held, minlength=len(own)) + mine
        held /= np.maximum(total, 1.0)[flat.key]
        # what the column's upper end holds back, the members' own area holds back as well
        mine = mine / np.maximum(total, 1.0) + np.maximum(1.0 - total, 0.0)
        ends = np.searchsorted(flat.key, np.arange(len(own) + 1))
        for k in np.flatnonzero(own >= 0):
            cuts.weights[flat.names[k]] = np.append(held[ends[k] : ends[k + 1]], mine[k])
