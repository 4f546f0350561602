"""What a curve leaves to the next one: half of the straight between them, or their common point.

Spirals of two curves that turn opposite ways may meet (S-curve); else a straight lies between, and
how long it has to be depends on whether both turn the same way.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.alignment.plan.bending import Bounds

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]


class Gates(NamedTuple):
    """Ways from a curve through the foot of a line to the next curve.

    Parameters
    ----------
    free
        Metres kept free on either side of the foot, by gate; the last gate is that of no curve.
    meets
        Whether the curve ends exactly at the foot, and the next begins there; by gate.
    before, after
        Gates through which a curve may come and go, by side (0 left, 1 right), shape (2, n).
    """

    free: Floats
    meets: Flags
    before: Codes
    after: Codes


def gates(bounds: Bounds) -> Gates:
    """Give the gates between curves.

    Where straights are as long whichever way curves turn, one gate serves all. Otherwise there are
    three a side: spirals meet, or half of the straight is free to a curve that turns the other way,
    or the same way.

    Examples
    --------
    >>> gates(Bounds(60.0, 35.0)).free.tolist()
    [0.0, 0.0]
    >>> gates(Bounds(125.0, 50.0, 100.0, 360.0, 120.0, True)).free.tolist()
    [0.0, 60.0, 180.0, 0.0, 60.0, 180.0, 0.0]
    """
    if bounds.same == bounds.opposite and not bounds.meeting:
        free, before = np.array([bounds.same / 2, 0.0]), np.array([[0, 1], [0, 1]])
        return Gates(free, np.zeros(2, dtype=np.bool_), before, before[:, :1].copy())
    side = [0.0, bounds.opposite / 2, bounds.same / 2]
    free = np.array([*side, *side, 0.0])
    meets = np.array([bounds.meeting, False, False] * 2 + [False])
    first = 0 if bounds.meeting else 1
    after = np.array([[0, 1, 2][first:], [3, 4, 5][first:]])
    before = np.array([[3, 4, 2, 6][first:], [0, 1, 5, 6][first:]])
    return Gates(free, meets, before, after)
