"""An upper bound by prices: of land for each use, and of borders as messages between units.

Without goals and rules about neighbours the prices of land alone give the bound of the program in
which units may be split (a transportation problem), and they are its duals. With them, messages
share what borders count between units (`messages`), and the prices of land follow the area that
units ask for, each by steps of its own that grow while it keeps its direction (Rprop).

Riedmiller, M., Braun, H. (1993): A direct adaptive method for faster backpropagation learning.
IEEE International Conference on Neural Networks, 586-591.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geo.siting.allocation.lots import Floats
from geo.siting.allocation.messages import Field, borders_left, sweep, units_left
from geo.siting.allocation.model import Model

SOFTEST, HARDEST = 0.3, 1e-3
"""How soft the maximum is at first and at last, in the usual size of what a unit may count."""
GROWTH, SHRINK = 1.2, 0.5
"""Of a step in the price of land that keeps, or turns, its direction."""
FIRST, LEAST, MOST = 0.02, 1e-7, 0.5
"""Of these steps: the first, the least and the most, in the usual size per mean area."""
LOOK = 10  # sweeps between two looks at the bound


@dataclass(frozen=True, eq=False)
class Prices:
    """What a set of prices says.

    Attributes
    ----------
    land
        Price of 0.01 m² for each use, shape (k,): above 0 where more is asked for than there may
        be, below 0 where less.
    message
        What each end of a pair has of the border in each state, shape (m, 2, s).
    bound
        No allocation has a score above this (rounding aside).
    left
        What each unit has in each state then, shape (n, s), −inf where not allowed.
    """

    land: Floats
    message: Floats
    bound: float
    left: Floats


def field(on: Model) -> Field:
    """Lay borders both ways between units."""
    count, size = len(on.left), len(on.lots.area)
    tail, head = np.concatenate([on.left, on.right]), np.concatenate([on.right, on.left])
    order = np.argsort(tail, kind="stable")
    first = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(tail, minlength=size), out=first[1:])
    arcs = (first, order % max(count, 1), order // max(count, 1), head[order])
    return Field(on.value, on.allowed, *arcs, on.length, on.price, on.never)


def priced(on: Model, laid: Field, land: Floats, message: Floats) -> Prices:
    """Give the bound of a set of prices.

    Examples
    --------
    Two units want to be a park at 4 and 5, and 1 m² may be one. Where 0.01 m² costs 0.04, they have
    0 and 1, and the demand returns 100 · 0.04: 5 in all.

    >>> import pandas as pd
    >>> from geo.siting.allocation import Demand, lots
    >>> from geo.siting.allocation.model import model
    >>> land = lots(pd.Series([1.0, 1.0]), pd.DataFrame({"park": [4.0, 5.0]}))
    >>> on = model(land, [], [Demand("park", 0.0, 1.0)])
    >>> priced(on, field(on), np.array([0.04]), np.zeros((0, 2, 2))).bound
    5.0
    """
    own = _paid(on, laid, land)
    left = units_left(own, message)
    ends = np.where(land > 0, on.high, on.low).astype(np.float64)
    bound = float(left.max(axis=1).sum()) + borders_left(own, message) + float(land @ ends)
    return Prices(land, message, bound, left)


def _paid(on: Model, laid: Field, land: Floats) -> Field:
    """Take the price of land off what units count by themselves."""
    price = np.append(land, 0.0)
    return laid._replace(own=on.value - on.lots.area[:, None] * price)


def unit_size(on: Model) -> float:
    """Give the usual size of what a unit may count: by itself, and by its borders."""
    value = np.where(on.allowed, on.value, 0.0)
    own = float(np.mean(value.max(axis=1) - value.min(axis=1)))
    border = 2 * float(on.length.sum()) * float(np.abs(on.price).max()) / len(value)
    return (own + border) or 1.0


@dataclass
class Ascent:
    """Prices under way: those now, how long each step is, and where it went last."""

    on: Model
    laid: Field
    land: Floats
    message: Floats
    step: Floats
    last: Floats

    def sweep(self, soft: float) -> None:
        """Set the messages anew, and move the price of land after what is asked for."""
        paid = _paid(self.on, self.laid, self.land)
        sweep(paid, self.message, soft)
        left = units_left(paid, self.message) / soft
        share = np.exp(left - left.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        asked = (share * self.on.lots.area[:, None]).sum(axis=0)[:-1]
        self._turn(np.where(asked > self.on.high, 1.0, 0.0) - (asked < self.on.low), asked)

    def _turn(self, beyond: Floats, asked: Floats) -> None:
        """Move each price up where too much is asked for, down where too little, else towards 0."""
        ends = np.where(self.land > 0, self.on.high, self.on.low)
        idle = (beyond == 0) & (self.land != 0)
        way = np.where(idle, np.sign(asked - ends), beyond)
        turned = way * self.last
        self.step *= np.where(turned > 0, GROWTH, np.where(turned < 0, SHRINK, 1.0))
        size = unit_size(self.on) / float(self.on.lots.area.mean())
        self.step = np.clip(self.step, LEAST * size, MOST * size)
        after = self.land + way * self.step
        # a price that would change its sign stops at none, where the end of its demand changes
        self.land = np.where(self.land * after < 0, 0.0, after)
        self.last = way


def ascent(on: Model, laid: Field, land: Floats) -> Ascent:
    """Begin with prices of land, and no messages."""
    message = np.zeros((len(on.left), 2, on.free + 1))
    size = unit_size(on) / float(on.lots.area.mean())
    return Ascent(on, laid, land, message, np.full(on.free, FIRST * size), np.zeros(on.free))


def improve(under: Ascent, best: Prices, *, sweeps: int) -> Prices:
    """Sweep so many times, the maximum getting harder; give the best prices met."""
    size = unit_size(under.on)
    for turn in range(sweeps):
        part = min(1.0, turn / max(0.8 * sweeps, 1.0))
        under.sweep(size * SOFTEST * (HARDEST / SOFTEST) ** part)
        if turn % LOOK == LOOK - 1 or turn == sweeps - 1:
            now = priced(under.on, under.laid, under.land.copy(), under.message)
            if now.bound < best.bound:
                best = replace(now, message=now.message.copy())
    return best
