"""One line of sight with all it crosses, for a profile and as the check on the sweep."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from shapely import Point

from geo.raster import Raster
from geo.siting.viewshed.horizon import TIE_M
from geo.siting.viewshed.sight import Sight, cells, heights_at

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class LineOfSight(NamedTuple):
    """Whether one sees another place, and the profile of the line from eye to target.

    Parameters
    ----------
    seen
        None where unknown.
    least_m
        How far above ground the target must reach to be seen, m; NaN where unknown.
    distance_m
        From the eye to every crossing and both ends, shape (n,), rising.
    ground_m
        Heights of the terrain there, m above datum; NaN where unknown.
    line_m
        Heights of the line there, m above datum: along the Earth's curve a straight line sags.
    """

    seen: bool | None
    least_m: float
    distance_m: Floats
    ground_m: Floats
    line_m: Floats


class _Crossings(NamedTuple):
    """Where a line crosses grid lines: share of its length, both cells beside, part of the second.

    Cells are rows and columns, shape (n, 2).
    """

    share: Floats
    first: Ints
    second: Ints
    part: Floats

    def between(self, values: Callable[[Ints], Floats]) -> Floats:
        """Interpolate between cells; one without a part in it has no say, even where it is NaN."""
        first, second = values(self.first), values(self.second)
        return np.asarray(first + np.where(self.part == 0, 0.0, (second - first) * self.part))


def line_of_sight(dem: Raster, a: Point, b: Point, *, sight: Sight) -> LineOfSight:
    """Follow the line from an eye above `a` to a target above `b`.

    Parameters
    ----------
    dem
        Heights in m, a grid in metres.
    a, b
        Places in the CRS of the terrain; the centres of their cells count.
    sight
        How one looks from a. A target beyond the range is not seen, though the line is followed.

    Raises
    ------
    CrsError
        If the grid is not in metres.
    InputError
        If a or b is off the grid or on ground of unknown height.

    Examples
    --------
    From 2 m over a wall of 10 m at 30 m to a target of 8 m at 60 m: the wall is 5 m too high.

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((1, 3), Affine(30, 0, 0, 0, -30, 30), CRS(4549))
    >>> dem = Raster(np.array([[0.0, 10, 0]]), grid)
    >>> flat = Sight(eye_m=2, target_m=8, curved=False)
    >>> line = line_of_sight(dem, Point(15, 15), Point(75, 15), sight=flat)
    >>> line.seen, line.least_m
    (False, 18.0)
    >>> line.distance_m.tolist(), line.ground_m.tolist(), line.line_m.tolist()
    ([0.0, 30.0, 60.0], [0.0, 10.0, 0.0], [2.0, 5.0, 8.0])
    """
    side = dem.grid.resolution
    start, end = cells(dem, [a, b], pd.Index(["a", "b"]))
    met = _crossings(start, end)
    length = float(np.hypot(*(end - start))) * side
    # RULE 2: centres are lowered, and what lies between them with them.
    drop = met.between(lambda at: ((at - start) ** 2).sum(axis=1) * sight.drop_m(side))
    land = met.between(lambda at: heights_at(dem, at))
    both = heights_at(dem, np.stack([start, end]))
    eye, foot = both[0] + sight.eye_m, both[1] - sight.drop_m(length)
    share = met.share
    needed = (land - drop - eye) / share + eye - foot if share.size else np.zeros(1)
    least = 0.0 if (needed <= TIE_M).all() else float(np.max(needed))
    hidden = bool((needed > sight.target_m + TIE_M).any()) or length > sight.range_m * (1 + 1e-12)
    seen = False if hidden else None if np.isnan(least) else True
    ends = np.array([0.0, 1.0])
    share = np.concatenate([ends[:1], share, ends[1:]])
    lift = np.concatenate([ends[:1], drop, [sight.drop_m(length)]])
    line = eye + (foot + sight.target_m - eye) * share + lift
    land = np.concatenate([both[:1], land, both[1:]])
    return LineOfSight(seen, least, share * length, land, line)


def _crossings(start: Ints, end: Ints) -> _Crossings:
    """Give the crossings of a line between two cell centres, ends left out, from start to end."""
    rows, columns = _crossed(start, end, 0), _crossed(start, end, 1)
    # At a centre both grid lines are crossed: once is enough.
    twice = (columns.part == 0) & (start[0] != end[0])
    both = [np.concatenate([r, c[~twice]]) for r, c in zip(rows, columns, strict=True)]
    order = np.argsort(both[0], kind="stable")
    return _Crossings(*(values[order] for values in both))


def _crossed(start: Ints, end: Ints, axis: int) -> _Crossings:
    """Give the crossings with the grid lines on which rows (axis 0) or columns (1) are whole."""
    ahead, aside = int(end[axis] - start[axis]), int(end[1 - axis] - start[1 - axis])
    steps = np.arange(1, abs(ahead), dtype=np.int64)
    first = np.empty((steps.size, 2), dtype=np.int64)
    first[:, axis] = start[axis] + np.sign(ahead) * steps
    quotient, rest = np.divmod(steps * aside, max(abs(ahead), 1))
    first[:, 1 - axis] = start[1 - axis] + quotient
    second = first.copy()
    second[:, 1 - axis] += rest > 0
    length = max(abs(ahead), 1)
    return _Crossings(steps / length, first, second, rest / length)
