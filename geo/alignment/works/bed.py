"""The bed of a road at every station: how it leans, how wide it is, benches beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.alignment.plan.plan import Plan
from geo.alignment.values import Floats
from geo.alignment.works.superelevation import Superelevation, crossfall
from geo.alignment.works.widening import Widening, widened


@dataclass(frozen=True, eq=False)
class Bed:
    """The bed at n stations, a plane across; each array of shape (n,).

    Parameters
    ----------
    crossfall
        From edge to edge, m/m, rising to the left. The crown above that line is pavement.
    lift_m
        Height of the centreline above the profile: the bed turns about the inner edge of the inner
        lane, which keeps the profile's height.
    left_m, right_m
        From the centreline to the edges of the bed.
    bench_left_m, bench_right_m
        Benches beyond the edges, where the foot of the cut lies further out, level with the edge.
    """

    crossfall: Floats
    lift_m: Floats
    left_m: Floats
    right_m: Floats
    bench_left_m: Floats
    bench_right_m: Floats

    def height(self, offset_m: Floats) -> Floats:
        """Give the height of the bed above the profile at offsets, positive to the left.

        `offset_m` has the shape (n,), or (n, k) for k points across each station.
        """
        fall, lift = self.crossfall, self.lift_m
        if offset_m.ndim > 1:
            fall, lift = fall[:, None], lift[:, None]
        return np.asarray(lift + fall * offset_m)


def level(count: int, width_m: float) -> Bed:
    """Give a bed that neither leans nor widens.

    >>> level(2, 10).left_m.tolist()
    [5.0, 5.0]
    """
    zero, half = np.zeros(count), np.full(count, width_m / 2)
    return Bed(zero, zero, half, half, zero, zero)


def bed(plan: Plan, s: Floats, width_m: float, lean: Superelevation, wide: Widening) -> Bed:
    """Lay the bed along a plan, without benches.

    Parameters
    ----------
    plan
        The road in plan.
    s
        Chainages of the stations, m.
    width_m
        Width on straights.
    lean, wide
        What is asked of curves.

    Examples
    --------
    In the middle of a left curve of 250 m at 4 %: the left edge of the lanes (3.5 m) keeps its
    height, the edge of the bed lies 5 − 3.5 + 0.6 = 2.1 m beyond it and 8.4 cm lower.

    >>> from geo.alignment.plan.plan import from_intersections
    >>> road = from_intersections([(0, 0), (300, 0), (300, 300)], radii=250, spirals=50)
    >>> lean = Superelevation(60, 0.1468, 0.08, 0.02, 1500, 125, 3.5)
    >>> found = bed(road, np.array([road.length_m / 2]), 10, lean, Widening(250, ((0, 0.6),)))
    >>> found.left_m.tolist(), found.height(found.left_m).round(3).tolist()
    ([5.6], [-0.084])
    """
    fall = crossfall(plan, s, lean)
    left, right = widened(plan, s, wide)
    zero = np.zeros(s.size)
    half = width_m / 2
    return Bed(fall, np.abs(fall) * lean.lane_m, half + left, half + right, zero, zero)
