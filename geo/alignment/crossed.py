"""What roads meet on their way: strips about lines of known height, and ground that is flooded.

A line is cut into straight pieces; within a distance of a piece a road lies between heights above
it, by what the road is there: earth, bridge or tunnel. Where the road only runs along a piece that
counts for crossings alone, it is free.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.alignment.values import Floats
from geo.errors import InputError, Problem
from geo.raster import Raster
from geo.words import Text

ALONG = np.sin(np.radians(20.0))  # a road that turns less from a piece runs along it: by choice
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Crossed:
    """Lines and floods that a road has to do with; m pieces.

    Parameters
    ----------
    ends
        x, y, z of both ends of straight pieces, shape (m, 2, 3).
    half_m
        How far from its piece a strip reaches, shape (m,).
    least, most
        Heights above the piece between which a road in the strip lies by its kind, shape (m, 3);
        infinite: any.
    shut
        Kinds that may not be in the strip, shape (m, 3).
    across
        Pieces that bind only where the road crosses them, not where it runs along, shape (m,).
    floods
        Height of floods, NaN where there are none.
    rise
        How far above a flood each kind lies, m; −inf: it does not matter.
    cells
        What it costs on top to run there on earth, for a search that knows no strips.
    """

    ends: Floats
    half_m: Floats
    least: Floats
    most: Floats
    shut: Flags
    across: Flags
    floods: Raster | None = None
    rise: tuple[float, float, float] = (-np.inf, -np.inf, -np.inf)
    cells: Raster | None = None

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together."""
        m = len(self.ends)
        shapes = {"ends": (m, 2, 3), "half_m": (m,), "across": (m,)}
        shapes |= dict.fromkeys(("least", "most", "shut"), (m, 3))
        problems = [
            Problem(field=one.name, found=f"{array.shape}", expected=f"{shapes[one.name]}")
            for one in fields(self)
            if one.name in shapes
            for array in (getattr(self, one.name),)
            if array.shape != shapes[one.name] or np.isnan(array).any()
        ]
        if problems:
            raise InputError(Text("被交线数据有误", "what is crossed is wrong"), problems=problems)

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """The pieces as lines in plan."""
        return np.asarray(shapely.linestrings(self.ends[:, :, :2]))


class Bounds(NamedTuple):
    """Heights at n posts by kind, shape (n, 3), and kinds shut between them, shape (n − 1, 3)."""

    least: Floats
    most: Floats
    shut: Flags


class Pairs(NamedTuple):
    """Pieces and the intervals between posts that lie in their strips."""

    piece: Numbers
    interval: Numbers


def bounds(crossed: Crossed, x: Floats, y: Floats) -> Bounds:
    """Give what is crossed along posts: both posts of an interval in a strip keep its heights.

    Examples
    --------
    A road along x = 0 … 40 crosses a line along y at x = 12, 7 m above 0, whose strip reaches 1 m;
    a bridge lies 6 m above it at least, earth may not be.

    >>> free = np.full((1, 3), -np.inf)
    >>> line = Crossed(np.array([[[12.0, -50, 7], [12, 50, 7]]]), np.array([1.0]),
    ...     np.array([[-np.inf, 6, -np.inf]]), -free, np.array([[True, False, False]]),
    ...     np.array([True]))
    >>> x = np.array([0.0, 10, 20, 30, 40])
    >>> found = bounds(line, x, 0 * x)
    >>> found.least[:, 1].tolist(), found.shut[:, 0].tolist()
    ([-inf, 13.0, 13.0, -inf, -inf], [False, True, False, False])
    """
    n = x.size
    found = Bounds(
        np.full((n, 3), -np.inf), np.full((n, 3), np.inf), np.zeros((n - 1, 3), dtype=bool)
    )
    pairs = near(crossed, x, y)
    np.logical_or.at(found.shut, pairs.interval, crossed.shut[pairs.piece])
    for post in (pairs.interval, pairs.interval + 1):
        z = level(crossed.ends[pairs.piece], x[post], y[post])[:, None]
        np.maximum.at(found.least, post, z + crossed.least[pairs.piece])
        np.minimum.at(found.most, post, z + crossed.most[pairs.piece])
    if crossed.floods is not None:
        flood = read(crossed.floods, x, y)
        wet = ~np.isnan(flood)
        over = flood[wet, None] + np.array(crossed.rise)
        found.least[wet] = np.maximum(found.least[wet], over)
    return found


def near(crossed: Crossed, x: Floats, y: Floats) -> Pairs:
    """Give the pieces in whose strips a road runs, with the intervals between its posts."""
    low, high = crossed.ends[:, :, :2].min(axis=1), crossed.ends[:, :, :2].max(axis=1)
    reach = crossed.half_m[:, None]
    road = np.stack([x, y], axis=1)
    there = (low - reach <= road.max(axis=0)) & (high + reach >= road.min(axis=0))
    some = np.flatnonzero(there.all(axis=1))
    steps = np.asarray(shapely.linestrings(np.stack([road[:-1], road[1:]], axis=1)))
    if not some.size:
        return Pairs(some, some)
    found = shapely.STRtree(steps).query(
        crossed.lines[some], predicate="dwithin", distance=crossed.half_m[some]
    )
    piece, interval = some[found[0]], found[1].astype(np.int64)
    runs_along = crossed.across[piece] & (
        np.abs(sine(crossed.ends[piece], (road[1:] - road[:-1])[interval])) < ALONG
    )
    return Pairs(piece[~runs_along], interval[~runs_along])


def sine(ends: Floats, way: Floats) -> Floats:
    """Give the sine of the angle from pieces to ways in plan; shapes (k, 2, 3) and (k, 2)."""
    along = ends[:, 1, :2] - ends[:, 0, :2]
    cross = along[:, 0] * way[:, 1] - along[:, 1] * way[:, 0]
    return np.asarray(cross / np.maximum(np.hypot(*along.T) * np.hypot(*way.T), 1e-12))


def level(ends: Floats, x: Floats, y: Floats) -> Floats:
    """Give the height of pieces where they are nearest to points; shapes (k, 2, 3) and (k,)."""
    along = ends[:, 1] - ends[:, 0]
    off = np.stack([x, y], axis=1) - ends[:, 0, :2]
    square = np.maximum((along[:, :2] ** 2).sum(axis=1), 1e-12)
    share = np.clip((off * along[:, :2]).sum(axis=1) / square, 0, 1)
    return np.asarray(ends[:, 0, 2] + share * along[:, 2])


def read(raster: Raster, x: Floats, y: Floats) -> Floats:
    """Give the values of the cells that hold points; NaN beyond the raster."""
    rows, columns = raster.grid.index(x, y)
    inside = raster.grid.inside(rows, columns)
    found = np.full(x.shape, np.nan)
    found[inside] = raster.values[rows[inside], columns[inside]]
    return found
