"""Many units as a few columns: those that are hardly in doubt, in a program that gives a bound.

Of the units of the rest, `count` move; their sums V of each row are free but for the least and the
greatest that a unit can add, and for each set of prices λ their objective is at least
count · (least of c + λ · v over these units) − λ · V. Every choice of whole units obeys all of
that, so that the program is a relaxation; at the best prices little is lost.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo.exchange.program import Columns, Entries, Program
from geo.exchange.units import Flags, Floats


class Rest(NamedTuple):
    """Units that move together, shape (k,); shares of pairs (p,); sets of prices (q, rows)."""

    units: Flags
    shares: Floats
    prices: Floats


def join(program: Program, moves: Floats, prices: Floats, scales: Floats) -> Columns:
    """Add the columns and rows of units of one kind.

    Parameters
    ----------
    program
        Gets the columns.
    moves
        What each unit adds to the objective (first) and to each row, scaled; shape (1 + rows, k).
    prices
        Sets of prices of rows, before scaling.
    scales
        What objective (first) and rows were multiplied by.

    Returns
    -------
    array
        The columns of the sums, one for each row.
    """
    height = len(moves) - 1
    count = program.columns([0.0], float(moves.shape[1]), whole=True)
    cost = program.columns([1.0], np.inf, lower=-np.inf)
    sums = program.columns(np.zeros(height), np.inf, lower=np.full(height, -np.inf))
    number = np.arange(height)
    each = np.repeat(count, height)
    for ends, low, high in (
        (moves[1:].min(axis=1), 0.0, np.inf),
        (moves[1:].max(axis=1), -np.inf, 0.0),
    ):
        rows: list[Entries] = [(number, sums, 1.0), (number, each, -ends)]
        program.rows(rows, np.full(height, low), np.full(height, high))
    for one in prices:
        price = one * scales[0] / scales[1:]
        least = float((moves[0] + (price[:, None] * moves[1:]).sum(axis=0)).min())
        zero = np.zeros(height, np.int64)
        program.rows(
            [(zero, sums, price), (zero[:1], cost, 1.0), (zero[:1], count, -least)], [0.0], [np.inf]
        )
    return sums
