"""How long a metre on foot takes by slope, and why steep ground is climbed in zigzags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo.errors import GridError
from geo.travel.costqueue import Table
from geo.words import Text

LEAST, MOST = 1e-100, 1e100  # beyond, products leave the range of doubles


@dataclass(frozen=True, eq=False)
class Pace:
    """How long a metre takes by slope: knots, linear in between; beyond the ends there is no way.

    Parameters
    ----------
    slopes
        Rise over horizontal distance in the direction of travel, m/m, strictly ascending.
    seconds_per_m
        Seconds for one metre of horizontal distance at each slope, positive and finite.

    Raises
    ------
    GridError
        If the knots are fewer than two, not ascending, not positive or not finite.
    """

    slopes: NDArray[np.float64]
    seconds_per_m: NDArray[np.float64]

    def __post_init__(self) -> None:
        """Refuse a table that cannot be interpolated."""
        slopes, seconds = np.asarray(self.slopes), np.asarray(self.seconds_per_m)
        if slopes.ndim != 1 or slopes.shape != seconds.shape or slopes.size < 2:
            raise GridError(
                Text(
                    f"步速表须有两个以上坡度，各有用时：发现 {slopes.shape} 与 {seconds.shape}",
                    "a pace needs two or more slopes, each with its seconds: found shapes "
                    f"{slopes.shape} and {seconds.shape}",
                )
            )
        finite = np.isfinite(slopes).all() and np.isfinite(seconds).all()
        if not finite or (np.diff(slopes) <= 0).any() or (seconds < LEAST).any():
            raise GridError(
                Text(
                    "步速表的坡度须递增，用时须为正，均为有限数；处理：略去不能步行的坡度",
                    "slopes of a pace must ascend, seconds be positive, all finite; remedy: leave "
                    "out slopes that cannot be walked",
                )
            )


def tobler(*, factor: float = 1.0) -> Pace:
    """Give Tobler's hiking function as a pace, steep ground in zigzags; none beyond 2 m/m.

    The speed is 6 exp(-3.5 |slope + 0.05|) km/h (Tobler 1993), greatest gently downhill.

    Parameters
    ----------
    factor
        On the speed; Tobler gives 0.6 off paths.

    Examples
    --------
    On the level 6 exp(-0.175) = 5.037 km/h, 3.6 / 5.037 = 0.715 s/m.

    >>> pace = tobler()
    >>> round(float(np.interp(0, pace.slopes, pace.seconds_per_m)), 3)
    0.715
    """
    slopes = np.linspace(-2, 2, 801, dtype=np.float64)  # -0.05 among them
    kmh = 6 * factor * np.exp(-3.5 * np.abs(slopes + 0.05))
    return zigzag(Pace(slopes, np.asarray(3.6 / kmh)))


def zigzag(pace: Pace) -> Pace:
    """Give the pace of a walker who climbs and descends steep ground in zigzags.

    A metre of height takes seconds_per_m / slope, least at some slope. Ground steeper than that is
    fastest crossed aslant, at that slope to and fro: the time then grows with the height alone
    (Llobera and Sluckin 2007, Zigzagging: theoretical insights on climbing strategies).

    Examples
    --------
    A metre up takes 3 s at a slope of 0.5 (1.5 / 0.5) and 6 s at a slope of 1: rather twice the
    way at 0.5. Downhill nothing is gained: 2 s at 1 and 2.4 s at 0.5.

    >>> pace = Pace(np.array([-1, -0.5, 0, 0.5, 1]), np.array([2, 1.2, 1, 1.5, 6]))
    >>> zigzag(pace).seconds_per_m.tolist()
    [2.0, 1.2, 1.0, 1.5, 3.0]
    """
    slopes = np.asarray(pace.slopes, dtype=np.float64)
    seconds = np.array(pace.seconds_per_m, dtype=np.float64)
    for side in (np.flatnonzero(slopes > 0), np.flatnonzero(slopes < 0)):
        if side.size:
            steepness = np.abs(slopes[side])
            best = int(np.argmin(seconds[side] / steepness))
            steeper = side[steepness > steepness[best]]
            a_metre_of_height = seconds[side[best]] / steepness[best]
            seconds[steeper] = a_metre_of_height * np.abs(slopes[steeper])
    return Pace(slopes, seconds)


def convex(pace: Pace) -> Pace:
    """Give the greatest convex pace that is nowhere slower: the lower hull of the knots.

    By Jensen's inequality no walk between two heights is faster than one of even slope at it.

    Examples
    --------
    >>> convex(Pace(np.array([-1, 0, 1.0]), np.array([1, 5, 3.0]))).seconds_per_m.tolist()
    [1.0, 3.0]
    """
    knots = np.column_stack([pace.slopes, pace.seconds_per_m]).astype(np.float64)
    hull: list[NDArray[np.float64]] = []
    for knot in knots:
        while len(hull) > 1 and _bends_up(hull[-2], hull[-1], knot):
            hull.pop()
        hull.append(knot)
    slopes, seconds = np.array(hull).T
    return Pace(slopes, seconds)


def _bends_up(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> bool:
    """Say whether b lies on or above the line from a to c."""
    return bool((b[1] - a[1]) * (c[0] - a[0]) >= (c[1] - a[1]) * (b[0] - a[0]))


def tabled(pace: Pace, direction: Literal["to", "from"]) -> Table:
    """Give the table of a pace with equal bins of slope to begin looking from."""
    slopes = np.ascontiguousarray(pace.slopes, dtype=np.float64)
    seconds = np.ascontiguousarray(pace.seconds_per_m, dtype=np.float64)
    bins = 4 * slopes.size
    edges = np.linspace(slopes[0], slopes[-1], bins, endpoint=False)
    first = np.maximum(np.searchsorted(slopes, edges, side="right") - 2, 0)
    sign = 1.0 if direction == "from" else -1.0
    return Table(slopes, seconds, first, bins / (slopes[-1] - slopes[0]), sign)
