"""Lines as a graph: where they join, what the cheapest way costs, how far one comes."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geo.errors import GeometryError

NEAREST_MM = 1e-3  # vertices closer than this are one node, m
SMALLEST = 1e-12  # cost of an edge of no length: sparse graphs take 0 for no edge


@dataclass(frozen=True, eq=False)
class Network:
    """A graph of lines; every vertex of a line is a node.

    Parameters
    ----------
    xy
        Nodes, shape (n, 2), in the lines' CRS.
    edges
        Node numbers of each edge's ends, shape (m, 2), the first end first.
    forward, backward
        Cost along each edge and against it, shape (m,).
    line
        Position of the line that each edge is part of, shape (m,).
    enterable
        Nodes that can be entered from beside the line, shape (n,).
    """

    xy: NDArray[np.float64]
    edges: NDArray[np.int64]
    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    line: NDArray[np.int64]
    enterable: NDArray[np.bool_]


def graph(
    lines: gpd.GeoDataFrame,
    *,
    cost_per_m: ArrayLike,
    closed: ArrayLike | None = None,
    spacing: float | None = None,
) -> Network:
    """Make a graph of lines that join where they share a vertex, and nowhere else.

    Lines that cross without a common vertex do not join: one may bridge the other.

    Parameters
    ----------
    lines
        LineString or MultiLineString, in a metric CRS. An empty frame gives an empty network.
    cost_per_m
        Cost of a metre of each line in both directions, shape (len(lines),), above 0.
    closed
        True for lines that are entered only where they share a vertex with one that is not closed
        (an expressway and its interchanges), shape (len(lines),).
    spacing
        Longest edge, m; longer ones get nodes in between.

    Raises
    ------
    GeometryError
        If a shape is no line, or a cost is not above 0.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (30, 0)]),
    ...                                    LineString([(30, 0), (30, 40)])], crs=4549)
    >>> roads = graph(lines, cost_per_m=[1.0, 2.0])
    >>> cheapest(roads, origins=[0]).tolist()
    [0.0, 30.0, 110.0]
    """
    costs = np.broadcast_to(np.asarray(cost_per_m, dtype=float), (len(lines),))
    _check(lines, costs)
    parts, owner = shapely.get_parts(lines.geometry.to_numpy(), return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    keys = np.round(points / NEAREST_MM).astype(np.int64)
    _, first, node = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")  # nodes count in the order they come
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    node = rank[node.reshape(-1)]
    xy = points[first[order]]
    joined = part[1:] == part[:-1]
    edges = np.column_stack([node[:-1][joined], node[1:][joined]])
    line = owner[part[1:][joined]]
    shut = np.zeros(len(lines), bool) if closed is None else np.asarray(closed, dtype=bool)
    enterable = np.zeros(len(xy), dtype=bool)
    enterable[node[~shut[owner[part]]]] = True
    if spacing is not None:
        count = len(xy)
        xy, edges, line = _divided(xy, edges, line, spacing)
        inner = np.zeros(len(xy) - count, dtype=bool)
        enterable = np.concatenate([enterable, inner])
        enterable[edges[~shut[line]].ravel()] = True
    length = np.hypot(*(xy[edges[:, 0]] - xy[edges[:, 1]]).T)
    cost = np.maximum(length * costs[line], SMALLEST)
    return Network(xy, edges, cost, cost.copy(), line, enterable)


def _divided(
    xy: NDArray[np.float64], edges: NDArray[np.int64], line: NDArray[np.int64], spacing: float
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Cut edges into equal parts of at most `spacing`; the new nodes belong to one edge alone."""
    start, end = xy[edges[:, 0]], xy[edges[:, 1]]
    parts = np.maximum(np.ceil(np.hypot(*(end - start).T) / spacing), 1).astype(np.int64)
    edge = np.repeat(np.arange(len(edges)), parts)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(parts) - parts, parts)
    last = step == parts[edge] - 1
    share = ((step + 1) / parts[edge])[~last, None]
    new = start[edge[~last]] + share * (end - start)[edge[~last]]
    right = edges[edge, 1].copy()
    right[~last] = len(xy) + np.arange(len(new))
    left = edges[edge, 0].copy()
    left[step > 0] = right[:-1][step[1:] > 0]
    return np.vstack([xy, new]), np.column_stack([left, right]), line[edge]


def _check(lines: gpd.GeoDataFrame, costs: NDArray[np.float64]) -> None:
    wrong = ~lines.geometry.geom_type.isin(["LineString", "MultiLineString"])
    if wrong.any():
        raise GeometryError(f"须为线 lines expected: rows {list(lines.index[wrong])[:20]}")
    bad = ~(costs > 0) | ~np.isfinite(costs)
    if bad.any():
        raise GeometryError(f"费用须为正 costs must be above 0: rows {list(lines.index[bad])[:20]}")


def matrix(network: Network, *, reverse: bool = False) -> csr_array:
    """Give the costs from row to column as a sparse matrix; of parallel edges the cheapest.

    Parameters
    ----------
    network
        The graph.
    reverse
        Costs from column to row instead: a search then gives costs *to* its origins.
    """
    ends = np.vstack([network.edges, network.edges[:, ::-1]])
    cost = np.concatenate([network.forward, network.backward])
    if reverse:
        ends = ends[:, ::-1]
    n = len(network.xy)
    order = np.lexsort((cost, ends[:, 1], ends[:, 0]))
    ends, cost = ends[order], cost[order]
    first = np.ones(len(ends), dtype=bool)
    first[1:] = (ends[1:] != ends[:-1]).any(axis=1)  # a sparse matrix would add parallel edges up
    return csr_array((cost[first], (ends[first, 0], ends[first, 1])), shape=(n, n))


def cheapest(
    network: Network,
    *,
    origins: ArrayLike,
    initial: ArrayLike | None = None,
    reverse: bool = False,
    limit: float = np.inf,
) -> NDArray[np.float64]:
    """Give the least cost of every node from the cheapest of some origins.

    Parameters
    ----------
    network
        The graph.
    origins
        Node numbers, shape (k,). None give infinite costs.
    initial
        Cost already spent at each origin, shape (k,); infinity leaves an origin out. None is 0.
    reverse
        Costs from every node to the cheapest origin.
    limit
        Nodes beyond this cost are infinite.

    Returns
    -------
    NDArray[np.float64]
        Shape (n,); infinite where no way leads.
    """
    starts = np.atleast_1d(np.asarray(origins, dtype=np.int64))
    spent = np.zeros(len(starts)) if initial is None else np.asarray(initial, dtype=float)
    n = len(network.xy)
    costs = np.full(n, np.inf)
    there = np.isfinite(spent)
    if n == 0 or not there.any():
        return costs
    np.minimum.at(costs, starts[there], spent[there])
    sources = np.unique(starts[there])
    offset = costs[sources].min() - 1  # keeps the virtual edges clear of 0
    inner = matrix(network, reverse=reverse).tocoo()
    # A virtual node leads to every origin at the cost already spent there.
    rows = np.concatenate([inner.coords[0], np.full(len(sources), n)])
    columns = np.concatenate([inner.coords[1], sources])
    data = np.concatenate([inner.data, costs[sources] - offset])
    whole = csr_array((data, (rows, columns)), shape=(n + 1, n + 1))
    found: NDArray[np.float64] = dijkstra(whole, indices=n, limit=limit - offset)[:n] + offset
    return np.where(found > limit, np.inf, found)


def reach(
    network: Network, *, origins: ArrayLike, limit: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give the edges reached within a cost, and which share of each.

    Parameters
    ----------
    network
        The graph.
    origins
        Node numbers.
    limit
        Greatest cost, closed: a point at exactly this cost is reached.

    Returns
    -------
    edges, share
        Numbers of the edges reached, and the share of each that is (0, 1].

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (40, 0)])], crs=4549)
    >>> edges, share = reach(graph(lines, cost_per_m=[1.0]), origins=[0], limit=10)
    >>> edges.tolist(), share.tolist()
    ([0], [0.25])
    """
    costs = cheapest(network, origins=origins)
    left = np.clip(limit - costs[network.edges[:, 0]], 0, network.forward) / network.forward
    right = np.clip(limit - costs[network.edges[:, 1]], 0, network.backward) / network.backward
    share = np.minimum(left + right, 1)
    reached = np.flatnonzero(share > 0)
    return reached, share[reached]


def nearest(network: Network, x: ArrayLike, y: ArrayLike) -> NDArray[np.int64]:
    """Give the node nearest to each point, shape (k,).

    Raises
    ------
    GeometryError
        If the network is empty.
    """
    if len(network.xy) == 0:
        raise GeometryError("路网为空 the network is empty")
    found: NDArray[np.int64] = cKDTree(network.xy).query(np.column_stack([x, y]))[1]
    return found


def components(network: Network) -> NDArray[np.int32]:
    """Give the number of the connected part that each node belongs to, shape (n,)."""
    labels: NDArray[np.int32] = connected_components(matrix(network), directed=False)[1]
    return labels
