"""Widening of the bed on tight curves, for the rear wheels of lorries that cut the corner.

Method: a table by radius; the whole width is added on the inner side, growing evenly along spirals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from geo.alignment.plan.plan import Plan
from geo.alignment.values import Floats
from geo.alignment.works.superelevation import along
from geo.errors import GeometryError, Problem
from geo.words import Text

ROUNDING = 1e-9  # share of a radius: laid out at 200 m, it is read as 200 m


@dataclass(frozen=True)
class Widening:
    """How much wider the bed is on curves.

    Parameters
    ----------
    below_m
        Largest radius that is widened.
    rows
        (radius from which on it holds, metres), tightest last; the last one from 0.

    Raises
    ------
    GeometryError
        If the radii do not fall to 0.
    """

    below_m: float
    rows: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        """Refuse a table with gaps."""
        radii = [self.below_m, *(radius for radius, _ in self.rows)]
        if radii != sorted(radii, reverse=True) or radii[-1] != 0:
            raise GeometryError(
                Text("加宽表有误", "the table of widening is wrong"),
                problems=[Problem(field="rows", found=f"{radii}", expected="… > 0")],
            )


def widening(rule: Widening, radius_m: ArrayLike) -> Floats:
    """Give the widening of curves by radius, m.

    Examples
    --------
    >>> widening(Widening(250, ((200, 0.6), (100, 0.9), (0, 2.5))), [300, 250, 200, 199, 20])
    array([0. , 0.6, 0.6, 0.9, 2.5])
    """
    radius = np.asarray(radius_m, dtype=np.float64)
    from_on = [radius >= least * (1 - ROUNDING) for least, _ in rule.rows]
    free = radius > rule.below_m * (1 + ROUNDING)
    return np.asarray(np.select([free, *from_on], [0.0, *(metres for _, metres in rule.rows)]))


def widened(plan: Plan, s: Floats, rule: Widening) -> tuple[Floats, Floats]:
    """Give what is added to the left and to the right half of the bed at chainages, m.

    Examples
    --------
    In the middle of a left curve of 100 m, and 10 m into its spiral of 50 m:

    >>> from geo.alignment.plan.plan import from_intersections
    >>> road = from_intersections([(0, 0), (300, 0), (300, 300)], radii=100, spirals=50)
    >>> rule = Widening(250, ((200, 0.6), (100, 0.9), (0, 2.5)))
    >>> left, right = widened(road, np.array([road.length_m / 2, road.start[1] + 10]), rule)
    >>> left.round(6).tolist(), right.tolist()
    ([0.9, 0.18], [0.0, 0.0])
    """
    with np.errstate(divide="ignore"):
        tight = widening(rule, 1 / np.abs(plan.bend))
    left, right = (along(plan, s, np.where(hand * plan.bend > 0, tight, 0.0)) for hand in (1, -1))
    return left, right
