"""The linear program over all units, solved in part: columns and cuts come as they are needed.

1. A program without whole numbers has the units in doubt; all others stay as they are.
2. Its duals price the rows and weigh what limits the area in blocks; the prices bound the whole
   problem, and say which units outside the program gain by moving: they come in.
3. Where its solution, rounded, has units that count and are in no block, they are cut.
4. So on, until nothing comes in: then its value is the bound of all units.

Desaulniers, G., Desrosiers, J., Solomon, M. (2005): Column Generation. Springer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.exchange.blocks import separate
from geo.exchange.dual import Priced, Task, again, price
from geo.exchange.exact import Search
from geo.exchange.milp import HECTARES, Frame, Placed, program, weigh
from geo.exchange.model import Change
from geo.exchange.program import Limits
from geo.exchange.units import Flags, Floats

ROUNDS = 40
ROUNDINGS = (0.5, 0.999, 0.1)  # shares of a unit from which it is taken to move
BROUGHT = 4000  # units that come in at once


class Eased(NamedTuple):
    """The last prices, or those of a bound better by far, and how far each unit moves, 0 … 1.

    `shares` are of the last solution, shape (k,).
    """

    priced: Priced
    shares: Floats


def tightened(within: Search, of: Task, objective: Change, core: Flags) -> Eased:
    """Price the rows by the linear program over all units, floors on blocks cut as it goes.

    Parameters
    ----------
    within
        The search; its cuts grow and are weighed.
    of
        The problem of the multipliers.
    objective
        What is minimised.
    core
        Units of the first program, shape (k,).
    """
    opened, shares = core.copy(), np.zeros(len(core))
    top = price(of, np.zeros(len(of.rows)))
    for _ in range(ROUNDS):
        frame = Frame(within.model, np.zeros(len(opened), np.bool_), opened.copy())
        scale = program(frame, objective, within.limits, within.cuts)
        limit = Limits(within.purse.left, within.purse.seconds)
        done = frame.program.solve(relaxed=True, limit=limit)
        within.spend(done)
        if done.x is None:
            if done.stopped or opened.all():
                break
            opened |= ~opened
            continue
        weigh(frame, done.price)
        task = again(of, within.cuts)
        found = price(task, duals(frame, scale, done.price))
        within.purse.spend(task.work)
        shares = np.zeros(len(opened))
        shares[opened] = done.x[frame.place[opened]]
        top = found if found.bound >= top.bound else top
        cut = sum(
            separate(one, within.model.member(shares >= share))
            for share in ROUNDINGS
            for one in within.cuts
        )
        brought = np.flatnonzero(~opened & (found.cost <= 0))
        brought = brought[np.argsort(found.cost[brought], kind="stable")[:BROUGHT]]
        opened[brought] = True
        if not (cut or len(brought)) or within.purse.empty():
            break
    return Eased(top, shares)


def duals(frame: Frame, scale: float, found: Floats) -> Floats:
    """Give the prices of the rows of a problem: the duals of a program, scaled back."""
    rows = [*frame.limits, *(Placed(one.floor, HECTARES) for one in frame.notes)]
    return np.array([-found[one.row] * one.scale / scale for one in rows])
