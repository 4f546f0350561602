"""Polygons side by side: shared borders, gaps and overlaps, simplifying them together."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

from geo.crs import require_metric
from geo.errors import GeometryError
from geo.words import Text

Shapes = NDArray[np.object_]
Whole = NDArray[np.int64]
CLEAN = 1e-9
"""Share by which areas may differ from their union's for rounding."""


def shared_borders(polygons: gpd.GeoDataFrame, *, tolerance_m: float = 1e-3) -> pd.DataFrame:
    """Measure the borders that polygons share; touching in a point is no border.

    1. Vertices within the tolerance of each other are one.
    2. Edges between the same two vertices are shared.
    3. Edges left over are cut at the vertices that lie on them (a neighbour's corner, a
       T-junction), and matched again.

    Parameters
    ----------
    polygons
        Polygons in a CRS in metres, without overlaps; unique, sortable labels.
    tolerance_m
        How far apart the two sides of one border may lie.

    Returns
    -------
    DataFrame
        left and right (labels, left before right), length_m; one row per pair, sorted.

    Raises
    ------
    CrsError
        If the CRS is not in metres.

    Examples
    --------
    Two squares on a base of 2 m, whose top has a vertex that the base lacks:

    >>> shapes = [shapely.box(0, 0, 2, 1), shapely.box(0, 1, 1, 2), shapely.box(1, 1, 2, 2)]
    >>> shared_borders(gpd.GeoDataFrame(geometry=shapes, index=[*"bac"], crs=4549))
      left right  length_m
    0    a     b       1.0
    1    a     c       1.0
    2    b     c       1.0
    """
    require_metric(polygons.crs, what="shared_borders")
    order = polygons.index.argsort()
    shapes = np.array(polygons.geometry.array, dtype=object)[order]
    labels = polygons.index[order]
    vertices, edges = _edges(shapes, tolerance_m)  # RULE 1
    matched = _matched(edges)  # RULE 2
    cut = _cut(edges[~_twice(edges)], vertices, tolerance_m)  # RULE 3
    matched = pd.concat([matched, _matched(cut)])
    ends = vertices[matched["a"].to_numpy()] - vertices[matched["b"].to_numpy()]
    matched["length_m"] = np.hypot(ends[:, 0], ends[:, 1])
    sums = matched.groupby(["left", "right"])["length_m"].sum().reset_index()
    return sums.assign(left=labels[sums["left"]], right=labels[sums["right"]])


def _edges(shapes: Shapes, tolerance: float) -> tuple[NDArray[np.float64], pd.DataFrame]:
    """Give vertices (x, y), and edges: vertices a < b by number, and whose edge it is."""
    parts, of_shape = shapely.get_parts(shapes, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    xy, of_ring = shapely.get_coordinates(rings, return_index=True)
    vertices, number = _joined(xy, tolerance)
    follows = of_ring[1:] == of_ring[:-1]
    a, b = number[:-1][follows], number[1:][follows]
    owner = of_shape[of_part[of_ring[:-1][follows]]]
    return vertices, _ordered(a, b, owner)


def _ordered(a: Whole, b: Whole, owner: Whole) -> pd.DataFrame:
    edges = pd.DataFrame({"a": np.minimum(a, b), "b": np.maximum(a, b), "owner": owner})
    return edges[edges["a"] != edges["b"]].reset_index(drop=True)


def _joined(xy: NDArray[np.float64], tolerance: float) -> tuple[NDArray[np.float64], Whole]:
    """Join points within the tolerance; give the points that stand for all, and which for each."""
    unique, number = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    points = np.column_stack([unique.real, unique.imag])
    if len(points) == 0:
        return points, number
    pairs = cKDTree(points).query_pairs(tolerance, output_type="ndarray")
    if len(pairs) == 0:
        return points, number
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(points), len(points)))
    _, group = connected_components(links, directed=False)
    _, first = np.unique(group, return_index=True)
    return points[first], group[number].astype(np.int64)


def _twice(edges: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which edges are there more than once."""
    return np.asarray(edges.duplicated(["a", "b"], keep=False))


def _matched(edges: pd.DataFrame) -> pd.DataFrame:
    """Pair edges between the same vertices: a, b, left, right with left before right."""
    both = edges[_twice(edges)]
    pairs = both.merge(both, on=["a", "b"], suffixes=("_left", "_right"))
    pairs = pairs[pairs["owner_left"] < pairs["owner_right"]].drop_duplicates()
    return pairs.rename(columns={"owner_left": "left", "owner_right": "right"})


def _cut(edges: pd.DataFrame, vertices: NDArray[np.float64], tolerance: float) -> pd.DataFrame:
    """Cut edges at vertices of the others that lie on them."""
    a, b = edges["a"].to_numpy(), edges["b"].to_numpy()
    start, along = vertices[a], vertices[b] - vertices[a]
    ends = np.unique(np.concatenate([a, b]))
    lines = shapely.linestrings(np.stack([start, vertices[b]], axis=1))
    line, place = shapely.STRtree(shapely.points(vertices[ends])).query(
        lines, predicate="dwithin", distance=tolerance
    )
    inner = ends[place]
    share = ((vertices[inner] - start[line]) * along[line]).sum(1) / (along[line] ** 2).sum(1)
    between = (share > 0) & (share < 1) & (inner != a[line]) & (inner != b[line])
    rows = np.arange(len(edges))
    of_line = np.concatenate([rows, line[between], rows])
    number = np.concatenate([a, inner[between], b])
    where = np.concatenate([np.zeros(len(a)), share[between], np.ones(len(a))])
    order = np.lexsort((number, where, of_line))
    of_line, number = of_line[order], number[order]
    follows = of_line[1:] == of_line[:-1]
    owner = edges["owner"].to_numpy()[of_line[:-1][follows]]
    return _ordered(number[:-1][follows], number[1:][follows], owner)


def coverage_problems(polygons: gpd.GeoDataFrame, *, smallest_m2: float = 0.01) -> gpd.GeoDataFrame:
    """Find where polygons overlap and where they leave gaps.

    A gap is ground that polygons enclose and none of them covers; a lake left out on purpose is
    one too.

    Parameters
    ----------
    polygons
        Valid polygons in a CRS in metres.
    smallest_m2
        What is smaller is no problem.

    Returns
    -------
    GeoDataFrame
        problem (overlap, gap), left and right (labels of the two that overlap; left of a gap is
        the first neighbour, right is missing), area_m2, geometry. Empty for a clean coverage.

    Raises
    ------
    CrsError
        If the CRS is not in metres.

    Examples
    --------
    >>> shapes = [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 4, 2)]
    >>> found = coverage_problems(gpd.GeoDataFrame(geometry=shapes, index=[*"ab"], crs=4549))
    >>> found.drop(columns="geometry").to_dict("records")
    [{'problem': 'overlap', 'left': 'a', 'right': 'b', 'area_m2': 2.0}]
    """
    require_metric(polygons.crs, what="coverage_problems")
    shapes = np.array(polygons.geometry.array, dtype=object)
    faces, over = _faces(shapes)
    gaps = faces[over == 0]
    tree = shapely.STRtree(shapes)
    suspect = np.unique(tree.query(faces[over > 1], predicate="intersects")[1])
    i, j = tree.query(shapes[suspect], predicate="intersects")
    pairs = np.sort(np.column_stack([suspect[i], j]), axis=1)
    left, right = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0).T
    beside = tree.query_nearest(gaps, all_matches=False)[1]
    found = gpd.GeoDataFrame(
        {
            "problem": ["overlap"] * len(left) + ["gap"] * len(gaps),
            "left": polygons.index.take(np.concatenate([left, beside])),
            "right": pd.Series(polygons.index).reindex([*right, *[-1] * len(gaps)]).to_numpy(),
        },
        geometry=np.concatenate([shapely.intersection(shapes[left], shapes[right]), gaps]),
        crs=polygons.crs,
    )
    found.insert(3, "area_m2", found.area)
    return found[found["area_m2"] >= smallest_m2].reset_index(drop=True)


def covered(polygons: gpd.GeoDataFrame) -> BaseGeometry:
    """Give the ground that polygons cover, quickly where they lie side by side.

    Parameters
    ----------
    polygons
        Valid polygons; where they overlap the ground counts once.

    Returns
    -------
    geometry
        Empty for no polygons.

    Examples
    --------
    >>> shapes = [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 4, 2), shapely.box(9, 0, 10, 2)]
    >>> covered(gpd.GeoDataFrame(geometry=shapes)).area
    10.0
    """
    shapes = np.array(polygons.geometry.array, dtype=object)
    total = float(shapely.area(shapes).sum())
    try:  # right of a clean coverage alone, whose areas sum up
        ground: BaseGeometry = shapely.coverage_union_all(shapes)
        clean = ground.is_valid and abs(ground.area - total) <= CLEAN * total
    except shapely.GEOSException:
        clean = False
    if not clean:
        faces, over = _faces(shapes)
        ground = shapely.union_all(faces[over > 0])
    return ground


def _faces(shapes: Shapes) -> tuple[Shapes, Whole]:
    """Give the faces between the edges that do not cancel, and how many polygons lie over each.

    Polygons turned the same way run along a shared edge in opposite directions, and the two cancel.
    What is left over bounds all ground on which the number of polygons changes: of a clean coverage
    its outer borders alone. The number over a face is the winding number of what is left over, by
    the crossings of a ray to the east.
    """
    turned = shapely.orient_polygons(shapes, exterior_cw=False)
    parts = shapely.get_parts(turned)
    xy, of_ring = shapely.get_coordinates(shapely.get_rings(parts), return_index=True)
    unique, number = np.unique(xy[:, 0] + 1j * xy[:, 1], return_inverse=True)
    follows = of_ring[1:] == of_ring[:-1]
    a, b = number[:-1][follows], number[1:][follows]
    key = np.minimum(a, b) * len(unique) + np.maximum(a, b)
    edge, of_edge = np.unique(key, return_inverse=True)
    turns = np.bincount(of_edge, np.where(a < b, 1, -1), len(edge)).astype(np.int64)
    edge, turns = edge[turns != 0], turns[turns != 0]
    ends = unique[np.column_stack([edge // len(unique), edge % len(unique)])]
    pairs = np.stack([ends.real, ends.imag], axis=-1)
    lines = np.asarray(shapely.linestrings(pairs), dtype=object)
    noded = shapely.get_parts(shapely.union_all(lines))
    faces: Shapes = shapely.get_parts(shapely.polygonize(noded))
    return faces, _winding(shapely.point_on_surface(faces), lines, ends, turns)


def _winding(points: Shapes, lines: Shapes, ends: NDArray[np.complex128], turns: Whole) -> Whole:
    """Count around each point the turns of edges that a ray to the east meets.

    An edge is met from its lower end (closed) to its upper end (open); the points lie on none.
    """
    x, y = shapely.get_x(points), shapely.get_y(points)
    east = float(ends.real.max(initial=0.0)) + 1.0
    rays = shapely.linestrings(
        np.stack([np.column_stack([x, np.full_like(x, east)]), np.column_stack([y, y])], axis=-1)
    )
    ray, edge = shapely.STRtree(lines).query(rays)
    start, stop = ends[edge, 0], ends[edge, 1]
    upwards = (start.imag <= y[ray]) & (y[ray] < stop.imag)
    downwards = (stop.imag <= y[ray]) & (y[ray] < start.imag)
    along, to = stop - start, x[ray] + 1j * y[ray] - start
    left = along.real * to.imag - along.imag * to.real  # of the edge lies the point, where above 0
    met = np.where(upwards & (left > 0), 1, np.where(downwards & (left < 0), -1, 0))
    return np.bincount(ray, met * turns[edge], len(points)).astype(np.int64)


def simplify_coverage(polygons: gpd.GeoDataFrame, *, tolerance_m: float) -> gpd.GeoDataFrame:
    """Simplify polygons so that shared borders stay shared.

    Parameters
    ----------
    polygons
        A valid coverage in a CRS in metres: no overlaps, neighbours with equal vertices.
    tolerance_m
        Corners whose triangle is smaller than the square of this go (Visvalingam-Whyatt).

    Returns
    -------
    GeoDataFrame
        The same rows with fewer vertices; a polygon never vanishes.

    Raises
    ------
    CrsError
        If the CRS is not in metres.
    GeometryError
        If the polygons are no valid coverage.

    Examples
    --------
    >>> shapes = [shapely.Polygon([(0, 0), (5, 0.1), (9, 0), (9, 9), (0, 9)])]
    >>> frame = gpd.GeoDataFrame(geometry=shapes, crs=4549)
    >>> simplify_coverage(frame, tolerance_m=2).geometry[0].wkt
    'POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0))'
    """
    require_metric(polygons.crs, what="simplify_coverage")
    shapes = np.array(polygons.geometry.array, dtype=object)
    if not shapely.coverage_is_valid(shapes):
        edges = shapely.coverage_invalid_edges(shapes)
        rows = polygons.index[~shapely.is_empty(edges)]
        names = ", ".join(map(str, rows[:5]))
        raise GeometryError(
            Text(
                f"不是有效的面覆盖：{len(rows)} 行的边界不吻合，如 {names}；"
                "处理：coverage_problems 逐一列出",
                f"no valid coverage: borders of {len(rows)} rows do not fit, such as {names}; "
                "remedy: coverage_problems names them",
            )
        )
    done = shapely.coverage_simplify(shapes, tolerance_m)
    return polygons.set_geometry(gpd.GeoSeries(done, index=polygons.index, crs=polygons.crs))
