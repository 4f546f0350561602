"""Paths through many points: a long road is searched leg by leg, short ones at once.

1. Up to `WHOLE_M` between the first point and the last along all of them, or with two points, one
   search leads through all points.
2. Beyond, every leg is searched by itself. A leg that climbs more than mean grades allow is
   searched again at those grades.
3. Where two legs meet at more than `SHARP` radians, vertices within one and a half radii of the
   point are left out: the fit lays its curve there.

The sum of the legs' bounds is a bound for roads through the points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from geo.alignment.search.steepness import steeper
from geo.alignment.search.terrain import Lattice, Path, Zones, search
from geo.alignment.values import EARTH, Costs, Floats, Limits
from geo.errors import InfeasibleError
from geo.raster import Raster
from geo.words import Text, said

WHOLE_M = 20_000.0  # m: chosen, so that the states of one search fit into memory (`MOST_STATES`)
SHARP = 1.0  # radians: chosen; gentler meetings are left to the fit as they are
AHEAD = 4  # vertices over which a heading is read: a single leg knows the lattice's directions only
ASIDE = 1.5  # radii that a curve may take about a sharp meeting of two legs
MARGIN = 0.98  # of mean grades: chosen; the plan fitted may be shorter than the path, so steeper


@dataclass(frozen=True, eq=False)
class Quest:
    """What is searched: points in their order, by limits that may be eased, and the limits meant.

    Parameters
    ----------
    points
        x, y of start, points to lead through, end.
    eased
        Limits to search with.
    limits
        Limits with the mean grades that hold.
    """

    points: Sequence[tuple[float, float]]
    eased: Limits
    limits: Limits


def found_path(
    dem: Raster, quest: Quest, costs: Costs, *, zones: Zones | None, lattice: Lattice
) -> Path:
    """Find a path through points.

    Parameters
    ----------
    dem, costs, zones, lattice
        As `geo.alignment.search.terrain.search`.
    quest
        Where to, within which limits.

    Raises
    ------
    InputError, InfeasibleError, LimitError
        As the search; of a leg the problems say which it is.
    """
    points = quest.points
    hops = np.hypot(*np.diff(np.array(points, dtype=float), axis=0).T)
    if len(points) == 2 or hops.sum() <= WHOLE_M:
        return search(dem, points, quest.eased, costs, zones=zones, lattice=lattice)
    legs = []
    count = len(points) - 1
    for number in range(count):
        leg = replace(quest, points=points[number : number + 2])
        close = replace(lattice, progress=partial(_heard, lattice.progress, number, count))
        try:
            legs.append(_leg(dem, leg, costs, zones, close))
        except InfeasibleError as error:
            named = [replace(one, row=_on_leg(number + 1, one.row)) for one in error.problems]
            raise InfeasibleError(error.message, problems=named) from error
    return joined(legs, ASIDE * max(quest.limits.min_radius_m, dem.grid.resolution))


def _on_leg(number: int, row: Text | str) -> Text:
    """Name a place on a leg."""
    leg = Text(f"路段 {number}", f"leg {number}")
    return Text(f"{leg.zh} {said(row, 'zh')}".strip(), f"{leg.en} {said(row, 'en')}".strip())


def _heard(tell: Callable[[float], None] | None, leg: int, legs: int, share: float) -> None:
    """Tell how far a leg has come as a share of all."""
    if tell is not None:
        tell((leg + share) / legs)


def _leg(dem: Raster, quest: Quest, costs: Costs, zones: Zones | None, lattice: Lattice) -> Path:
    """Search a leg, again at mean grades if it climbs more than they allow."""
    limits = quest.limits
    means = sorted({limits.window_grade, *(grade for _, _, grade in limits.mean_grades)})
    path = search(dem, quest.points, quest.eased, costs, zones=zones, lattice=lattice)
    for mean in means[::-1]:
        if not steeper(path, limits):
            break
        if mean * MARGIN < quest.eased.max_grade:
            gentle = replace(quest.eased, max_grade=mean * MARGIN)
            path = search(dem, quest.points, gentle, costs, zones=zones, lattice=lattice)
    return path


def joined(legs: Sequence[Path], reach: float) -> Path:
    """Put legs together that end where the next begins.

    Parameters
    ----------
    legs
        In their order.
    reach
        Vertices nearer to a sharp meeting are left out, m.

    Examples
    --------
    Two legs at a right angle: of each the vertices within 40 m of the corner are left out.

    >>> at = np.arange(0.0, 101, 25)
    >>> def leg(x, y):
    ...     return Path(np.stack([x, y], axis=1), 0 * at, np.zeros(4, dtype=int), (0, 4), 100.0,
    ...         1.0, 1.0, 0.0, 9.0, 7)
    >>> whole = joined([leg(at, 0 * at), leg(100 + 0 * at, at)], 40.0)
    >>> whole.xy.tolist()
    [[0.0, 0.0], [25.0, 0.0], [50.0, 0.0], [100.0, 50.0], [100.0, 75.0], [100.0, 100.0]]
    """
    xy, z, kinds = legs[0].xy, legs[0].z, legs[0].structure
    stops = [0]
    for leg in legs[1:]:
        before, after = xy, leg.xy
        turn = _heading(after[: AHEAD + 1]) - _heading(before[-AHEAD - 1 :])
        if abs((turn + np.pi) % (2 * np.pi) - np.pi) > SHARP:
            corner = before[-1]
            first = np.hypot(*(before - corner).T) >= reach
            last = np.hypot(*(after - corner).T) >= reach
            keep = max(int(np.flatnonzero(first).max(initial=0)), 0) + 1
            drop = int(np.argmax(last)) if last.any() else len(after) - 1
        else:
            keep, drop = len(before) - 1, 0
        stops.append(keep)
        xy = np.concatenate([before[:keep], after[drop:]])
        z = np.concatenate([z[:keep], leg.z[drop:]])
        kinds = np.concatenate([kinds[: keep - 1], [EARTH], leg.structure[drop:]])
    cost, bound = (float(sum(getattr(leg, n) for leg in legs)) for n in ("cost_yuan", "bound_yuan"))
    return Path(
        xy=xy,
        z=z,
        structure=kinds,
        stops=(*stops, len(xy) - 1),
        length_m=float(sum(leg.length_m for leg in legs)),
        cost_yuan=cost,
        bound_yuan=bound,
        gap=(cost - bound) / cost if cost else 0.0,
        corridor_m=max(leg.corridor_m for leg in legs),
        states=sum(leg.states for leg in legs),
    )


def _heading(points: Floats) -> float:
    across, up = points[-1] - points[0]
    return float(np.arctan2(up, across))
