"""The cheapest ways of a network themselves, and the pieces of its lines within a cost."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.travel.network import Network, cheapest, search


@dataclass(frozen=True, eq=False)
class Tree:
    """The cheapest ways from some origins, each array of shape (n,).

    Parameters
    ----------
    cost
        Least cost, infinite where no way leads.
    origin
        The origin whose way that is; −1 where no way leads.
    previous
        The node before this one on the way; −1 at origins and where no way leads.
    """

    cost: NDArray[np.float64]
    origin: NDArray[np.int64]
    previous: NDArray[np.int64]


def tree(
    network: Network,
    *,
    origins: ArrayLike,
    initial: ArrayLike | None = None,
    reverse: bool = False,
    limit: float = np.inf,
) -> Tree:
    """Give the cheapest ways themselves; the parameters are those of `cheapest`.

    Of ways that cost the same one is given, the same in every run. An origin that is cheaper to
    reach from another than its own initial cost belongs to that other.

    Parameters
    ----------
    network
        The graph.
    origins
        Node numbers, shape (k,).
    initial
        Cost already spent at each origin, shape (k,).
    reverse
        Ways from every node to its origin: `previous` is then the next node on it.
    limit
        Nodes beyond this cost are not reached.

    Examples
    --------
    >>> from shapely import LineString
    >>> from geo.travel.network import graph
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (10, 0), (30, 0)])], crs=4549)
    >>> found = tree(graph(lines, cost_per_m=1.0), origins=[0, 2])
    >>> found.cost.tolist(), found.origin.tolist(), found.previous.tolist()
    ([0.0, 10.0, 0.0], [0, 0, 2], [-1, 0, -1])
    """
    cost, before = search(network, origins, initial=initial, reverse=reverse, limit=limit)
    reached = np.isfinite(cost)
    previous = np.where(reached & (before >= 0) & (before < len(cost)), before, -1)
    origin = np.where(previous < 0, np.arange(len(cost)), previous)
    while not np.array_equal(further := origin[origin], origin):
        origin = further  # every round doubles the steps towards the origin
    return Tree(cost, np.where(reached, origin, -1), previous)


def way(ways: Tree, node: int) -> NDArray[np.int64]:
    """Give the nodes on the cheapest way from its origin to a node; empty where no way leads.

    Examples
    --------
    >>> from shapely import LineString
    >>> from geo.travel.network import graph
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (10, 0), (30, 0)])], crs=4549)
    >>> way(tree(graph(lines, cost_per_m=1.0), origins=[0]), 2).tolist()
    [0, 1, 2]
    """
    nodes = []
    while np.isfinite(ways.cost[node]) and node >= 0:
        nodes.append(node)
        node = int(ways.previous[node])
    return np.array(nodes[::-1], dtype=np.int64)


def reach(network: Network, *, origins: ArrayLike, limit: float) -> gpd.GeoDataFrame:
    """Give the pieces of the lines that are reached within a cost.

    Parameters
    ----------
    network
        The graph.
    origins
        Node numbers.
    limit
        Greatest cost, finite, closed: a point at exactly this cost is reached.

    Returns
    -------
    GeoDataFrame
        A straight LineString a piece, with `line`, the index label of the line it is part of, in
        the network's CRS, in the order of the edges. An edge reached from both ends but not in the
        middle gives two pieces.

    Examples
    --------
    >>> from shapely import LineString
    >>> from geo.travel.network import graph
    >>> lines = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (40, 0)])], index=["a"], crs=4549)
    >>> pieces = reach(graph(lines, cost_per_m=[1.0]), origins=[0], limit=10)
    >>> pieces["line"].tolist(), pieces.to_wkt()["geometry"].tolist()
    (['a'], ['LINESTRING (0 0, 10 0)'])
    """
    costs = cheapest(network, origins=origins, limit=limit)
    first, second = network.edges.T
    left = np.clip(limit - costs[first], 0, network.forward) / network.forward
    right = np.clip(limit - costs[second], 0, network.backward) / network.backward
    whole = left + right >= 1
    left, right = np.where(whole, 1, left), np.where(whole, 0, right)
    edge = np.concatenate([np.flatnonzero(left > 0), np.flatnonzero(right > 0)])
    begin = np.concatenate([np.zeros((left > 0).sum()), 1 - right[right > 0]])
    end = np.concatenate([left[left > 0], np.ones((right > 0).sum())])
    order = np.argsort(edge, kind="stable")
    edge, begin, end = edge[order], begin[order, None], end[order, None]
    start, span = network.xy[first[edge]], network.xy[second[edge]] - network.xy[first[edge]]
    pieces = shapely.linestrings(np.stack([start + begin * span, start + end * span], axis=1))
    return gpd.GeoDataFrame({"line": network.line[edge]}, geometry=pieces, crs=network.crs)
