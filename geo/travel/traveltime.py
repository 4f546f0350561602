"""Travel time to destinations by road and on foot: a network laid over terrain, solved exactly.

One graph is searched: the cells of the terrain, walked over with 16 neighbours; the nodes of the
network, driven along; walks between the two; and straight walks from and to places.

1. A node that may be entered, and a point, is joined to the cell centres around it (up to four)
   by a straight walk at the pace of the slope between; a slope beyond the table counts as its end.
2. A point is also joined to every such node within a cell's side of it, straight, on the level;
   nobody else travels through a point.
3. A place is a point, a destination or the centre of a cell one starts at. From a place straight
   to a node within `NEAR` cells, and to a destination within `FAR`, one walks as
   `geo.travel.straightwalk` says, in any direction; so from a node to a destination within `NEAR`.
4. Everything is measured towards the destinations: who walks uphill to them takes longer than back.

So a walk that need not bend is exact in every direction; one that bends, around water or to lower
ground, turns in 16 directions between its straight ends.

The two searches take turns, each beginning with the other's times, until neither improves by more
than `SETTLED_S`: that is the least time over the combined graph (Bellman's condition holds on it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from geo.errors import GridError
from geo.raster import Raster, sample
from geo.travel.costpath import lowered, walk
from geo.travel.network import Network, cheapest
from geo.travel.pace import Pace
from geo.travel.straightwalk import straight_walks
from geo.words import Text

SETTLED_S = 1e-6  # s
NEAR, FAR = 4, 75  # cells

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Links:
    """Straight walks between points and cell centres: seconds to the cell, and from it.

    `point` numbers the points; a point off the terrain, or amid barriers, has none.
    """

    point: Ints
    row: Ints
    column: Ints
    to_cell: Floats
    from_cell: Floats


@dataclass(frozen=True, eq=False)
class Ground:
    """What is travelled over: terrain, pace, network, and how they are joined; made by `join`.

    `heights` are known on barriers too; `dem` holds infinity there.
    """

    heights: Raster
    dem: Raster
    pace: Pace
    network: Network
    links: Links


@dataclass(frozen=True, eq=False)
class Times:
    """Seconds to the nearest destination: from every cell, shape of the grid, and every node.

    Infinite where no way leads, NaN where the terrain has no data. Those of cells are without the
    straight walks of rule 3, which `surface` adds. `ends` are the destinations, shape (n, 2).
    """

    cells: Floats
    nodes: Floats
    ends: Floats


def join(
    dem: Raster, pace: Pace, network: Network, *, barriers: NDArray[np.bool_] | None = None
) -> Ground:
    """Lay a network over terrain.

    Parameters
    ----------
    dem
        Heights, m.
    pace
        Seconds a metre on foot by slope.
    network
        Its costs in seconds, its nodes in the terrain's CRS no further apart than a cell's side,
        else some cells beside it do not touch it.
    barriers
        Cells that are not walked on, shape of the grid; the network passes them.
    """
    closed = np.zeros(dem.grid.shape, dtype=bool) if barriers is None else barriers
    open_dem = Raster(np.where(closed & dem.valid, np.inf, dem.values), dem.grid)
    entries = np.flatnonzero(network.enterable)
    links = _links(dem, open_dem, pace, network.xy[entries])
    point = entries[links.point]
    numbered = Links(point, links.row, links.column, links.to_cell, links.from_cell)
    return Ground(dem, open_dem, pace, network, numbered)


def travel_time(ground: Ground, x: ArrayLike, y: ArrayLike) -> Times:
    """Give the least time to the nearest of some destinations.

    Parameters
    ----------
    ground
        Terrain and network.
    x, y
        The destinations, shape (n,), in the terrain's CRS; none give infinite times.

    Examples
    --------
    Level ground, cells of 100 m, walking 1 s/m; a road of 0.1 s/m along the middle row. The cell
    at its other end walks nothing and drives 400 m: 40 s. The cell above it walks 100 m more.

    >>> import geopandas as gpd
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from shapely import LineString
    >>> from geo.grid import Grid
    >>> from geo.travel.network import graph
    >>> dem = Raster(np.zeros((3, 5)), Grid((3, 5), Affine(100, 0, 0, 0, -100, 300), CRS(4549)))
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(50, 150), (450, 150)])], crs=4549)
    >>> roads = graph(lines, cost_per_m=[0.1], spacing=100)
    >>> ground = join(dem, Pace(np.array([-1.0, 1.0]), np.array([1.0, 1.0])), roads)
    >>> travel_time(ground, [50], [150]).cells.round(6).tolist()[:2]
    [[100.0, 110.0, 120.0, 130.0, 140.0], [0.0, 10.0, 20.0, 30.0, 40.0]]
    """
    points = _points(x, y)
    ends, links = _links(ground.heights, ground.dem, ground.pace, points), ground.links
    level, straight = _near(ground, points), _straight_to(ground, points)
    near = np.concatenate([level.node, straight.node])
    seconds = np.concatenate([level.seconds, straight.seconds])
    nodes = cheapest(ground.network, origins=near, initial=seconds, reverse=True)
    cells = np.column_stack(
        [np.concatenate([ends.row, links.row]), np.concatenate([ends.column, links.column])]
    )
    initial = np.concatenate([ends.from_cell, links.from_cell + nodes[links.point]])
    times = walk(ground.dem, ground.pace, origins=cells, initial=initial, direction="to").cost
    while True:
        offers = nodes.copy()
        np.minimum.at(offers, links.point, links.to_cell + times[links.row, links.column])
        if not (offers < nodes - SETTLED_S).any():
            return Times(times, nodes, points)
        known = np.flatnonzero(np.isfinite(offers))
        nodes = cheapest(ground.network, origins=known, initial=offers[known], reverse=True)
        initial = links.from_cell + nodes[links.point]
        better = initial < times[links.row, links.column]
        times = lowered(
            times,
            ground.dem,
            ground.pace,
            origins=cells[len(ends.row) :][better],
            initial=initial[better],
            direction="to",
        )


def at(ground: Ground, times: Times, x: ArrayLike, y: ArrayLike) -> Floats:
    """Give the seconds from points to the nearest destination, shape (n,); infinite without a way.

    Parameters
    ----------
    ground
        What the times were found on.
    times
        The times.
    x, y
        Points in the terrain's CRS.
    """
    points = _points(x, y)
    found = np.full(len(points), np.inf)
    links = _links(ground.heights, ground.dem, ground.pace, points)
    np.minimum.at(found, links.point, links.to_cell + times.cells[links.row, links.column])
    point, node, seconds = _near(ground, points)
    np.minimum.at(found, point, seconds + times.nodes[node])
    return _straight(ground, times, points, found)


def surface(ground: Ground, times: Times, where: NDArray[np.bool_]) -> Floats:
    """Give the seconds from the centres of chosen cells as `at` gives them; NaN from others.

    Parameters
    ----------
    ground
        What the times were found on.
    times
        The times.
    where
        The cells chosen, shape of the grid.
    """
    found = np.where(where, times.cells, np.nan)
    here = where & np.isfinite(ground.dem.values)
    points = np.column_stack(ground.dem.grid.xy(*np.nonzero(here)))
    found[here] = _straight(ground, times, points, found[here])
    return found


def _straight(ground: Ground, times: Times, points: Floats, known: Floats) -> Floats:
    """Lower the times of places by walks straight to nodes and destinations."""
    side, entries = ground.dem.grid.resolution, np.flatnonzero(ground.network.enterable)
    nodes = np.column_stack([ground.network.xy[entries], times.nodes[entries]])
    ends = np.column_stack([times.ends, np.zeros(len(times.ends))])
    for goals, within in ((ends, FAR * side), (nodes, NEAR * side)):
        known = straight_walks(ground.dem, ground.pace, points, goals, within=within, known=known)
    return known


class Walked(NamedTuple):
    """Nodes, and the seconds on foot from each."""

    node: Ints
    seconds: Floats


def _straight_to(ground: Ground, points: Floats) -> Walked:
    """Give the nodes that walk straight to a point, and their seconds."""
    entries = np.flatnonzero(ground.network.enterable)
    seconds = straight_walks(
        ground.dem,
        ground.pace,
        ground.network.xy[entries],
        np.column_stack([points, np.zeros(len(points))]),
        within=NEAR * ground.dem.grid.resolution,
        known=np.full(len(entries), np.inf),
    )
    reached = np.isfinite(seconds)
    return Walked(entries[reached], seconds[reached])


def _points(x: ArrayLike, y: ArrayLike) -> Floats:
    points = np.column_stack([np.asarray(x, dtype=float), np.asarray(y, dtype=float)])
    if not np.isfinite(points).all():
        raise GridError(Text("坐标须为有限数", "coordinates must be finite"))
    return points


def _links(heights: Raster, dem: Raster, pace: Pace, points: Floats) -> Links:
    """Join points to the cell centres around them that can be walked on."""
    grid = dem.grid
    across = (points[:, 0] - grid.transform.c) / grid.resolution - 0.5
    down = (grid.transform.f - points[:, 1]) / grid.resolution - 0.5
    corners = np.array([(0, 0), (0, 1), (1, 0), (1, 1)])
    rows = (np.floor(down)[:, None] + corners[:, 0]).astype(np.int64)
    columns = (np.floor(across)[:, None] + corners[:, 1]).astype(np.int64)
    usable = grid.inside(rows, columns)
    usable[usable] = np.isfinite(dem.values[rows[usable], columns[usable]])
    point, corner = np.nonzero(usable)
    row, column = rows[point, corner], columns[point, corner]
    x, y = grid.xy(row, column)
    length = np.hypot(x - points[point, 0], y - points[point, 1])
    rise = heights.values[row, column] - sample(heights, *points.T)[point]
    slope = np.divide(rise, length, out=np.zeros_like(rise), where=length > 0)
    slope[np.isnan(slope)] = 0.0  # the point itself lies where no height is known

    def seconds(grade: Floats) -> Floats:
        return np.asarray(length * np.interp(grade, pace.slopes, pace.seconds_per_m))

    return Links(point, row, column, seconds(slope), seconds(-slope))


class Near(NamedTuple):
    """Points by number, a node beside each, and the seconds between on the level."""

    point: Ints
    node: Ints
    seconds: Floats


def _near(ground: Ground, points: Floats) -> Near:
    """Give the nodes within a cell's side of points."""
    entries = np.flatnonzero(ground.network.enterable)
    if not len(points) or not len(entries):
        none = np.zeros(0, dtype=np.int64)
        return Near(none, none, np.zeros(0))
    xy = ground.network.xy[entries]
    found = cKDTree(xy).query_ball_point(points, ground.dem.grid.resolution, return_sorted=True)
    point = np.repeat(np.arange(len(points)), [len(near) for near in found])
    near = np.concatenate([np.asarray(near, dtype=np.int64) for near in found])
    length = np.hypot(*(xy[near] - points[point]).T)
    level = float(np.interp(0.0, ground.pace.slopes, ground.pace.seconds_per_m))
    return Near(point, entries[near], length * level)
