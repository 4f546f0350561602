"""Which towers see most, exactly: what each place sees, equal cells as one, one program a number.

Cells that the same candidates see are one demand, with the sum of their weights; cells that too few
candidates see are none, since no choice of towers covers them. Both leave the problem what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import KDTree

from geo.certificates import LocationCertificate
from geo.nearbest import Case
from geo.siting.locate import Effort, Limits, maximal_cover, places
from geo.siting.ridges import thinned
from geo.siting.viewshed import Sight, seen, viewshed
from geo.words import Text
from scenarios.park_watch.ground import Flags, Watched
from scenarios.running.progress import tell

States = NDArray[np.int8]
EVERY = Case()
WORK = 50e6  # for one number of towers, in the unit of `Effort.work`


@dataclass(frozen=True)
class Choice:
    """The best places found for a number of them.

    Parameters
    ----------
    number
        How many may be chosen.
    chosen
        Positions of those that are, ascending.
    covered, most
        Weight that they cover, and the most that any choice could.
    by
        What the bound rests on: `prices`, or `HiGHS`, the word of that solver.
    certificate
        Of what is chosen; sites by position. None where there is nothing to choose, or where what
        is shown was found in another search.
    """

    number: int
    chosen: tuple[int, ...]
    covered: int
    most: int
    by: str
    certificate: LocationCertificate | None = None

    @property
    def gap(self) -> float:
        """By which share of what is covered a better choice could cover more."""
        return (self.most - self.covered) / max(self.covered, 1)


@dataclass(frozen=True)
class Wanted:
    """How many see a cell that counts as covered, and how much work a search may do."""

    covers: int
    work: float = WORK


def states(watched: Watched, sites: gpd.GeoDataFrame, sight: Sight) -> States:
    """Say what each site sees of each cell: 1 seen, 0 not, −1 unknown; shape (sites, cells)."""
    return seen(viewshed(watched.dem, sites, sight=sight), watched.rows, watched.columns)


def best(
    sees: Flags, weight: NDArray[np.int64], number: int, wanted: Wanted, *, case: Case = EVERY
) -> Choice:
    """Choose places so that most weight is covered (Church, R. and ReVelle, C., 1974).

    Parameters
    ----------
    sees
        Whether each place covers each cell, shape (places, cells).
    weight
        Of cells, whole numbers.
    number
        How many places may be chosen at most.
    wanted
        How many of them must see a cell.
    case
        Places that may not be chosen, and those that must be.

    Examples
    --------
    Two of three places: a and c see 1 + 2 + 4.

    >>> sees = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]], dtype=bool)
    >>> choice = best(sees, np.array([1, 2, 4]), 2, Wanted(covers=1))
    >>> choice.chosen, choice.covered, choice.most
    ((0, 2), 7, 7)
    """
    able = sees.sum(axis=0) >= wanted.covers
    number = min(number, len(sees))
    if number < wanted.covers or not weight[able].sum():
        return Choice(number, (), 0, 0, "prices")
    alike, group = np.unique(np.packbits(sees[:, able], axis=0), axis=1, return_inverse=True)
    worth = np.bincount(group.ravel(), weight[able])
    pattern = np.unpackbits(alike, axis=0, count=len(sees)).astype(bool)
    cost = pd.DataFrame(np.where(pattern, 0.0, np.inf).T)
    demands = pd.DataFrame({"weight": worth}, index=cost.index)
    states = pd.DataFrame({"must_open": False, "forbidden": False}, index=cost.columns)
    states.loc[sorted(case.kept), "must_open"] = True
    states.loc[sorted(case.barred), "forbidden"] = True
    plan = maximal_cover(
        places(cost, demands=demands, sites=states),
        Limits(number=number),
        radius=0.0,
        covers=wanted.covers,
        effort=Effort(work=wanted.work),
    )
    chosen = tuple(map(int, plan.opened))
    return Choice(
        number,
        chosen,
        covered(sees[list(chosen)], weight, wanted.covers),
        most_covered(float(worth.sum()), plan.bound),
        plan.by,
        plan.certificate,
    )


def most_covered(whole: float, bound: float) -> int:
    """Give the weight that can be covered at most where so much stays uncovered at least.

    >>> most_covered(10.0, 2.5)  # weights are whole: 3 of them stay uncovered
    7
    """
    return round(whole) - int(np.ceil(bound - 1e-6))


def covered(sees: Flags, weight: NDArray[np.int64], covers: int) -> int:
    """Sum the weight of the cells that at least so many places see, cell by cell."""
    return int(weight[sees.sum(axis=0) >= covers].sum())


def curve(
    sees: Flags, weight: NDArray[np.int64], numbers: Sequence[int], wanted: Wanted
) -> Iterator[Choice]:
    """Give the best choice for each number, ascending; more places never cover less.

    Where work ended a search, the choice for fewer places stands if it covers more.
    """
    before = Choice(0, (), 0, 0, "prices")
    for place, number in enumerate(numbers):
        words = Text(f"求解 {number} 座塔", f"towers: {number}")
        tell(words, 0.1 + 0.8 * place / len(numbers))
        found = best(sees, weight, number, wanted)
        if found.covered < before.covered:
            found = Choice(number, before.chosen, before.covered, found.most, found.by)
        before = found
        yield found


def patrol(
    watched: Watched, blind: Flags, radius_m: float, number: int, wanted: Wanted
) -> tuple[gpd.GeoDataFrame, Choice]:
    """Choose points from which most of what is blind lies within a radius, measured in plan.

    Candidates are blind cells, in the order of rows, none nearer than half the radius to one taken
    before. Gives the chosen points with what each reaches and adds, and the choice.
    """
    x, y = watched.dem.grid.xy(watched.rows[blind], watched.columns[blind])
    cells, weight = np.column_stack([x, y]), watched.weight[blind]
    points = cells[thinned(cells, np.arange(len(cells)), radius_m / 2)]
    reach = np.zeros((len(points), len(cells)), dtype=bool)
    if len(cells):
        for row, near in zip(
            reach, KDTree(cells).query_ball_point(points, radius_m * (1 + 1e-12)), strict=True
        ):
            row[near] = True
    choice = best(reach, weight, number, wanted)
    chosen = list(choice.chosen)
    names = pd.Index([f"patrol_{n:02d}" for n in range(1, len(chosen) + 1)], dtype=object)
    kept = reach[chosen]
    alone = kept & (kept.sum(axis=0) == 1)
    figures = {
        "x": points[chosen, 0].round(),
        "y": points[chosen, 1].round(),
        "reach_ha": kept.sum(axis=1) * watched.cell_ha,
        "alone_ha": alone.sum(axis=1) * watched.cell_ha,
    }
    shapes = gpd.points_from_xy(points[chosen, 0], points[chosen, 1])
    frame = gpd.GeoDataFrame(figures, index=names, geometry=shapes, crs=watched.dem.grid.crs)
    return frame, choice
