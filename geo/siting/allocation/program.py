"""An allocation as a program of whole numbers, solved by HiGHS; patches and pieces by cuts.

x says which state a unit takes. For each pair of neighbours y says which two states its ends take,
so that y summed over one end is the x of the other (the local polytope). Of a patch that is too
small each unit asks for one of the units around it to take the same use; so does a piece that is
not the only one, as long as a unit of another piece has the use. Such rows are added as they are
found missing.

Carvajal, R., Constantino, M., Goycoolea, M., Vielma, J. P., Weintraub, A. (2013): Imposing
connectivity constraints in forest planning models. Operations Research 61, 824-836.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from geo.errors import LimitError
from geo.exchange.program import Columns, Entries, Limits, Program
from geo.siting.allocation.dual import unit_size
from geo.siting.allocation.lots import Flags, Floats, Whole
from geo.siting.allocation.model import ENDLESS, Model, broken, kept, score
from geo.words import Text

COST = 100.0  # of the usual size of what a unit counts, in programs
HALF = 0.4  # of 0.01 m²: sums of whole areas within it are within the ends


class Exact(NamedTuple):
    """What a program of whole numbers says: the best it found, and that none is above `bound`.

    `bound` is −inf where nothing keeps the rules, by the word of HiGHS.
    """

    state: Whole | None
    bound: float
    stopped: bool
    work: float


class Eased(NamedTuple):
    """The best where units may be split and borders count for nothing, shape (n, k), in 0.01 m².

    `land` are its prices, of 0.01 m² of each use. Both are None where nothing keeps the demands.
    """

    parts: Floats | None
    land: Floats | None


@dataclass
class Frame:
    """A program under construction: where the states of units and pairs stand in it."""

    on: Model
    open: Flags  # (n, s) states that are still open
    scale: float
    program: Program = field(default_factory=Program)
    place: Columns = field(init=False)  # (n, s), −1: none

    def __post_init__(self) -> None:
        """Add a column for each open state of a unit, and let each unit take one."""
        unit, state = np.nonzero(self.open)
        self.place = np.full(self.open.shape, -1)
        cost = -self.scale * self.on.value[unit, state]
        self.place[unit, state] = self.program.columns(cost, 1.0, whole=True)
        ones = np.ones(len(self.open))
        self.program.rows([(unit, self.place[unit, state], 1.0)], ones, ones)

    def demand(self, slack: float) -> int:
        """Add the ends of demands, in mean areas; give the first row."""
        on, first = self.on, self.program.height
        unit, use = np.nonzero(self.open[:, :-1])
        mean = float(on.lots.area.mean())
        high = np.where(on.high < ENDLESS, on.high + slack, np.inf)
        share = on.lots.area[unit] / mean
        low = (on.low - slack) / mean
        self.program.rows([(use, self.place[unit, use], share)], low, high / mean)
        return first

    def borders(self) -> None:
        """Add what pairs count, and that they agree with their units."""
        for pair in range(len(self.on.left)):
            self._border(pair)

    def _border(self, pair: int) -> None:
        on = self.on
        one, other = int(on.left[pair]), int(on.right[pair])
        a, b = np.nonzero(np.outer(self.open[one], self.open[other]) & ~on.never)
        cols = self.program.columns(-self.scale * on.length[pair] * on.price[a, b], 1.0)
        for unit, states in ((one, a), (other, b)):
            every = np.flatnonzero(self.open[unit])
            entries: list[Entries] = [
                (np.searchsorted(every, states), cols, 1.0),
                (np.arange(len(every)), self.place[unit, every], -1.0),
            ]
            self.program.rows(entries, np.zeros(len(every)), np.zeros(len(every)))

    def cut(self, state: Whole) -> int:
        """Add rows that patches and pieces at fault break; give how many."""
        before = self.program.height
        for use, pieces in enumerate(broken(self.on, state)):
            largest = max(pieces, key=lambda one: self.on.lots.area[one].sum(), default=None)
            for piece in pieces:
                if self.on.lots.area[piece].sum() < self.on.patch[use]:
                    self._ask(use, piece, None)
                elif largest is not None and piece is not largest:
                    self._ask(use, piece, int(largest[0]))
        return self.program.height - before

    def _ask(self, use: int, piece: Whole, other: int | None) -> None:
        """Let each unit of a piece ask for a unit around it, as long as `other` has the use."""
        given = self.on.lots
        ends = np.stack([given.left, given.right])[:, given.length_m > 0]
        inside = np.isin(ends, piece)
        around = np.unique(ends[:, inside[0] ^ inside[1]])
        around = around[~np.isin(around, piece)]
        around = around[self.open[around, use]]
        number = np.arange(len(piece))
        rows = np.repeat(number, len(around))
        entries: list[Entries] = [
            (number, self.place[piece, use], 1.0),
            (rows, np.tile(self.place[around, use], len(piece)), -1.0),
        ]
        if other is not None:
            entries.append((number, np.full(len(piece), self.place[other, use]), 1.0))
        high = np.full(len(piece), 0.0 if other is None else 1.0)
        self.program.rows(entries, np.full(len(piece), -np.inf), high)


def size(on: Model, opened: Flags) -> int:
    """Give the number of columns of the program of whole numbers.

    >>> import pandas as pd
    >>> from geo.siting.allocation import lots
    >>> from geo.siting.allocation.model import model
    >>> on = model(lots(pd.Series([1.0, 1.0]), pd.DataFrame({"park": [4.0, 5.0]})), [], [])
    >>> size(on, on.allowed)  # a park or not, twice
    4
    """
    states = opened.sum(axis=1)
    return int(states.sum() + (states[on.left] * states[on.right]).sum())


def eased(on: Model) -> Eased:
    """Solve a transportation problem: units may be split, borders count for nothing.

    Raises
    ------
    LimitError
        If the solver fails.

    Examples
    --------
    Half of 2 m² is to stay free of a park that is worth 4 on the whole, 0.02 per 0.01 m².

    >>> import pandas as pd
    >>> from geo.siting.allocation import Demand, lots
    >>> from geo.siting.allocation.model import model
    >>> land = lots(pd.Series([2.0]), pd.DataFrame({"park": [4.0]}))
    >>> parts, price = eased(model(land, [], [Demand("park", 0.0, 1.0)]))
    >>> parts.tolist(), price.round(9).tolist()
    ([[100.0]], [0.02])
    """
    frame = Frame(on, on.allowed, COST / unit_size(on))
    first = frame.demand(0.0)
    solution = frame.program.solve(relaxed=True)
    if solution.x is None:
        if solution.bound < np.inf:
            raise LimitError(Text("求解器未给出界", "the solver gives no bound"))
        return Eased(None, None)
    share = np.where(frame.open, solution.x[frame.place], 0.0)[:, :-1]
    price = -solution.price[first : first + on.free] / frame.scale / float(on.lots.area.mean())
    # an end that all land together does not reach has no price, whatever the solver's tolerance
    price = np.where(on.high >= on.lots.area.sum(), np.minimum(price, 0.0), price)
    return Eased(share * on.lots.area[:, None], price)


def exact(on: Model, opened: Flags, *, work: float, start: Whole | None = None) -> Exact:
    """Solve the program of whole numbers over open states, cut by cut.

    Parameters
    ----------
    on
        The allocation.
    opened
        States that units may take, shape (n, s).
    work
        What may be done, counted as `geo.exchange.program` does.
    start
        An allocation known, which keeps the rules.

    Examples
    --------
    >>> import pandas as pd
    >>> from geo.siting.allocation import Demand, lots
    >>> from geo.siting.allocation.model import model
    >>> land = lots(pd.Series([1.0, 1.0]), pd.DataFrame({"park": [4.0, 5.0]}))
    >>> on = model(land, [], [Demand("park", 0.0, 1.0)])
    >>> best = exact(on, on.allowed, work=1e6)
    >>> best.state.tolist(), round(best.bound, 6), best.stopped
    ([1, 0], 5.0, False)
    """
    frame = Frame(on, opened & on.allowed, COST / unit_size(on))
    frame.demand(HALF)
    frame.borders()
    done, best, bound = 0.0, start, np.inf
    while done < work:
        solution = frame.program.solve(limit=Limits(work=work - done))
        done += solution.work
        bound = min(bound, -solution.bound / frame.scale)
        if solution.x is None:
            return Exact(best, bound, solution.stopped, done)
        if not solution.stopped:
            # a solver that knows the steps of the score ends within one: its best then is the bound
            bound = min(bound, -float(frame.program.cost @ solution.x) / frame.scale)
        for x in (*solution.others, solution.x):
            best = _better(on, best, _state(frame, x))
        last = _state(frame, solution.x)
        if solution.stopped or not frame.cut(last):
            # an area off by more than the solver's tolerance decides nothing
            return Exact(best, bound, solution.stopped or not kept(on, last), done)
    return Exact(best, bound, True, done)


def _state(frame: Frame, x: Floats) -> Whole:
    taken = np.where(frame.open, x[frame.place], -1.0)
    return np.asarray(taken.argmax(axis=1), np.int64)


def _better(on: Model, best: Whole | None, other: Whole) -> Whole | None:
    if not kept(on, other):
        return best
    return other if best is None or score(on, other) > score(on, best) else best
