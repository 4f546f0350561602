"""Lines as a graph: where they join, and what the cheapest way costs (Dijkstra 1959)."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geo.crs import require_metric
from geo.errors import GeometryError, Problem
from geo.words import Text

ROUNDED_M = 1e-3  # vertices whose coordinates round to the same are one node
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
        Cost along each edge and against it, shape (m,), above 0; infinity where there is no way.
    line
        Index label of the line that each edge is part of, shape (m,).
    enterable
        Nodes that can be entered from beside the line, shape (n,).
    crs
        Coordinate reference system of the nodes.
    """

    xy: NDArray[np.float64]
    edges: NDArray[np.int64]
    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    line: NDArray[np.generic]
    enterable: NDArray[np.bool_]
    crs: CRS


def graph(
    lines: gpd.GeoDataFrame,
    *,
    cost_per_m: ArrayLike,
    closed: ArrayLike | None = None,
    oneway: ArrayLike | None = None,
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
    oneway
        True for lines that are travelled in the direction they are drawn only, shape (len(lines),).
    spacing
        Longest edge, m, above 0; longer ones get nodes in between.

    Returns
    -------
    Network
        Nodes are the vertices, counted in the order they come; coordinates that round to the same
        millimetre are one. Nodes in between come after all vertices.

    Raises
    ------
    CrsError
        If the lines have no metric CRS.
    GeometryError
        If a shape is no line, or a cost or the spacing is not above 0.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (30, 0)]),
    ...                                    LineString([(30, 0), (30, 40)])], crs=4549)
    >>> roads = graph(lines, cost_per_m=[1.0, 2.0])
    >>> cheapest(roads, origins=[0]).tolist()
    [0.0, 30.0, 110.0]
    """
    costs = np.broadcast_to(np.asarray(cost_per_m, dtype=np.float64), (len(lines),))
    _check(lines, costs, spacing)
    shut, single = (
        np.zeros(len(lines), bool) if one is None else np.asarray(one, dtype=bool)
        for one in (closed, oneway)
    )
    parts, owner = shapely.get_parts(lines.geometry.to_numpy(), return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    keys = np.round(points / ROUNDED_M).astype(np.int64)
    _, first, node = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")  # nodes count in the order they come
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    node = rank[node.reshape(-1)]
    xy = points[first[order]]
    joined = part[1:] == part[:-1]
    edges = np.column_stack([node[:-1][joined], node[1:][joined]])
    line = owner[part[1:][joined]]
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
    back = np.where(single[line], np.inf, cost)
    return Network(xy, edges, cost, back, lines.index.to_numpy()[line], enterable, CRS(lines.crs))


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


def _check(lines: gpd.GeoDataFrame, costs: NDArray[np.float64], spacing: float | None) -> None:
    require_metric(lines.crs, what=Text("路网", "lines"))
    if spacing is not None and not spacing > 0:
        raise GeometryError(
            Text(f"间距须大于 0：发现 {spacing}", f"the spacing must be above 0: found {spacing}")
        )
    kinds = lines.geometry.geom_type
    wrong = ~kinds.isin(["LineString", "MultiLineString"]).to_numpy()
    bad = ~((costs > 0) & np.isfinite(costs))
    problems = [
        Problem(row=str(row), found=str(kind), expected="LineString, MultiLineString")
        for row, kind in zip(lines.index[wrong], kinds[wrong], strict=True)
    ]
    problems += [
        Problem(row=str(row), field="cost_per_m", found=f"{cost:g}", expected="> 0")
        for row, cost in zip(lines.index[bad], costs[bad], strict=True)
    ]
    if problems:
        raise GeometryError(
            Text("路网须为线，费用须大于 0", "lines with costs above 0 are needed"),
            problems=problems,
        )


def matrix(network: Network, *, reverse: bool = False) -> csr_array:
    """Give the costs from row to column as a sparse matrix; of parallel edges the cheapest.

    Parameters
    ----------
    network
        The graph.
    reverse
        Costs from column to row instead: a search then gives costs *to* its origins.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (30, 0)])] * 2, crs=4549)
    >>> matrix(graph(lines, cost_per_m=[2.0, 1.0])).toarray().tolist()
    [[0.0, 30.0], [30.0, 0.0]]
    """
    ends = np.vstack([network.edges, network.edges[:, ::-1]])
    cost = np.concatenate([network.forward, network.backward])
    open_way = np.isfinite(cost)
    ends, cost = ends[open_way], cost[open_way]
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
        Cost already spent at each origin, shape (k,); infinity and NaN leave an origin out. None
        is 0.
    reverse
        Costs from every node to the cheapest origin.
    limit
        Nodes beyond this cost are infinite.

    Returns
    -------
    NDArray[np.float64]
        Shape (n,); infinite where no way leads.

    Raises
    ------
    GeometryError
        If an origin is no node.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (10, 0), (30, 0)])], crs=4549)
    >>> cheapest(graph(lines, cost_per_m=1.0), origins=[0, 2], initial=[5, 1]).tolist()
    [5.0, 15.0, 1.0]
    """
    found: NDArray[np.float64] = search(
        network, origins, initial=initial, reverse=reverse, limit=limit
    )[0]
    return found


def search(
    network: Network,
    origins: ArrayLike,
    *,
    initial: ArrayLike | None = None,
    reverse: bool = False,
    limit: float = np.inf,
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Give the costs of `cheapest`, of the same parameters, and the node before each on its way.

    The node before is none of the network's (below 0, or n) at origins and where no way leads.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (10, 0)])], crs=4549)
    >>> [found.tolist() for found in search(graph(lines, cost_per_m=1.0), [0])]
    [[0.0, 10.0], [2, 0]]
    """
    starts = np.atleast_1d(np.asarray(origins, dtype=np.int64))
    spent = np.zeros(len(starts)) if initial is None else np.asarray(initial, dtype=float)
    n = len(network.xy)
    if ((starts < 0) | (starts >= n)).any():
        raise GeometryError(
            Text(
                f"起点不是路网的 {n} 个节点之一：{starts[:20].tolist()}",
                f"origins are no nodes of the {n}: {starts[:20].tolist()}",
            )
        )
    costs = np.full(n, np.inf)
    there = np.isfinite(spent)
    if not there.any():
        return costs, np.full(n, -1)
    np.minimum.at(costs, starts[there], spent[there])
    sources = np.unique(starts[there])
    offset = costs[sources].min() - 1  # keeps the virtual edges clear of 0
    inner = matrix(network, reverse=reverse).tocoo()
    # A virtual node leads to every origin at the cost already spent there.
    rows = np.concatenate([inner.coords[0], np.full(len(sources), n)])
    columns = np.concatenate([inner.coords[1], sources])
    data = np.concatenate([inner.data, costs[sources] - offset])
    whole = csr_array((data, (rows, columns)), shape=(n + 1, n + 1))
    limit += 1e-12 * abs(limit)  # closed, whatever the sums round to
    most = max(limit - offset, 0)
    found, before = dijkstra(whole, indices=n, return_predecessors=True, limit=most)
    found = found[:n] + offset
    found[found > limit] = np.inf
    return found, before[:n].astype(np.int64)


def nearest(network: Network, x: ArrayLike, y: ArrayLike) -> NDArray[np.int64]:
    """Give the node nearest to each point, shape (k,).

    Raises
    ------
    GeometryError
        If the network is empty.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (40, 0)])], crs=4549)
    >>> nearest(graph(lines, cost_per_m=1.0), [9, 35], [5, 5]).tolist()
    [0, 1]
    """
    if len(network.xy) == 0:
        raise GeometryError(Text("路网为空", "the network is empty"))
    found: NDArray[np.int64] = cKDTree(network.xy).query(np.column_stack([x, y]))[1]
    return found


def components(network: Network) -> NDArray[np.int32]:
    """Give the number of the connected part that each node belongs to, shape (n,).

    Directions aside: a one-way line joins what lies at its ends.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (9, 0)]),
    ...                                    LineString([(0, 5), (9, 5)])], crs=4549)
    >>> components(graph(lines, cost_per_m=1.0)).tolist()
    [0, 0, 1, 1]
    """
    labels: NDArray[np.int32] = connected_components(matrix(network), directed=False)[1]
    return labels
