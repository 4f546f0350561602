"""The pattern of parcels: who borders whom, patches and blocks, contiguity, fragmentation."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geo.coverage import shared_borders
from geo.crs import require_metric
from geo.errors import InputError
from geo.words import Text

TOLERANCE_M = 1e-3


class Contiguity(NamedTuple):
    """How closely the parcels of a class lie together.

    With n members of areas A, e pairs of members that are neighbours, and L the border length
    they share:

    - neighbours: 2 e / n, the mean number of neighbours that are members too;
    - border_m: L, m;
    - border_share: 2 L / (2 L + length of borders with others); nan without borders;
    - patches: the number of connected groups of members;
    - mesh_m2: sum of (patch area)² / sum of areas, the effective mesh size (Jaeger 2000): the
      patch area around a point of the class drawn at random.
    """

    neighbours: float
    border_m: float
    border_share: float
    patches: int
    mesh_m2: float


def adjacency(
    polygons: gpd.GeoDataFrame, *, corners: bool = True, gap_m: float = TOLERANCE_M
) -> pd.DataFrame:
    """Find which polygons are neighbours, and how long a border they share.

    Parameters
    ----------
    polygons
        Valid polygons in a CRS in metres, without overlaps; unique, sortable labels.
    corners
        With corners (queen) polygons that meet in a point are neighbours, at a border length of 0;
        without (rook) only those that share a border.
    gap_m
        With corners: polygons no further apart are neighbours too, such as fields on both sides of
        a ditch, at a border length of 0. Less than 1 mm is taken as 1 mm.

    Returns
    -------
    DataFrame
        left and right (labels, left before right), length_m; one row per pair, sorted. Empty for
        fewer than two polygons.

    Raises
    ------
    CrsError
        If the CRS is not in metres.
    InputError
        If labels are not unique.

    Examples
    --------
    Three of the four squares of a window, the upper right one left out:

    >>> shapes = [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(0, 1, 1, 2)]
    >>> panes = gpd.GeoDataFrame(geometry=shapes, index=[*"abc"], crs=4549)
    >>> adjacency(panes)
      left right  length_m
    0    a     b       1.0
    1    a     c       1.0
    2    b     c       0.0
    >>> len(adjacency(panes, corners=False))
    2
    """
    require_metric(polygons.crs, what="adjacency")
    if not polygons.index.is_unique:
        raise InputError(Text("标识重复", "labels are not unique"))
    borders = shared_borders(polygons, tolerance_m=TOLERANCE_M)
    if not corners:
        return borders
    order = polygons.index.argsort()
    shapes = np.array(polygons.geometry.array, dtype=object)[order]
    labels = polygons.index[order]
    left, right = shapely.STRtree(shapes).query(
        shapes, predicate="dwithin", distance=max(gap_m, TOLERANCE_M)
    )
    once = left < right
    near = pd.DataFrame({"left": labels[left[once]], "right": labels[right[once]]})
    found = near.merge(borders, on=["left", "right"], how="outer")
    return found.fillna({"length_m": 0.0}).sort_values(["left", "right"], ignore_index=True)


def patches(classes: pd.Series[str], neighbours: pd.DataFrame) -> pd.Series[int]:
    """Give the patch of each parcel: parcels of one class that hang together.

    What counts as neighbour is the caller's: `adjacency` with or without corners, or over a gap.

    Parameters
    ----------
    classes
        Class of each parcel, by label; missing is a class of its own for every parcel.
    neighbours
        left, right: pairs of labels, as `adjacency` gives them.

    Returns
    -------
    Series
        Number of the patch, by label; counted from 0 in the order of the smallest label.

    Raises
    ------
    InputError
        If neighbours name labels that are not there.

    Examples
    --------
    >>> pairs = pd.DataFrame({"left": ["a", "b"], "right": ["b", "c"]})
    >>> patches(pd.Series(["field", "field", "wood"], index=[*"abc"]), pairs).tolist()
    [0, 0, 1]
    """
    codes, _ = pd.factorize(classes)
    left, right = positions(classes.index, neighbours)
    same = (codes[left] == codes[right]) & (codes[left] >= 0)
    number = joined(len(classes), left[same], right[same])
    first = pd.Series(number[np.asarray(classes.index.argsort())]).drop_duplicates().to_numpy()
    rank = np.empty(len(first), np.int64)
    rank[first] = np.arange(len(first))
    return pd.Series(rank[number], index=classes.index, name="patch")


def blocks(areas: pd.Series[float], neighbours: pd.DataFrame, *, least_m2: float) -> pd.DataFrame:
    """Find the blocks: parcels that hang together and are large enough together.

    Parameters
    ----------
    areas
        Area of each parcel of the class, m², by label; leave parcels of other classes out.
    neighbours
        left, right: pairs of labels. Pairs with parcels that are not in `areas` do not count.
    least_m2
        Least area of a block, m² (closed).

    Returns
    -------
    DataFrame
        parcels (count) and area_m2 of each block, by its first label, largest area first, ties by
        label. Empty where there is none.

    Examples
    --------
    >>> areas = pd.Series([40_000.0, 30_000.0, 60_000.0], index=[*"abc"])
    >>> blocks(areas, pd.DataFrame({"left": ["a"], "right": ["b"]}), least_m2=66_700)
       parcels  area_m2
    a        2  70000.0
    """
    inside = neighbours["left"].isin(areas.index) & neighbours["right"].isin(areas.index)
    number = patches(pd.Series("", index=areas.index), neighbours[inside])
    table = pd.DataFrame({"label": areas.index, "number": number.to_numpy(), "area": areas.array})
    groups = table.sort_values("label").groupby("number")
    found = pd.DataFrame({"parcels": groups.size(), "area_m2": groups["area"].sum()}).set_axis(
        pd.Index(groups["label"].first().to_numpy())
    )
    return found[found["area_m2"] >= least_m2].sort_values(
        "area_m2", ascending=False, kind="stable"
    )


def contiguity(
    areas: pd.Series[float], member: pd.Series[bool], neighbours: pd.DataFrame
) -> Contiguity:
    """Measure how closely the members of a class lie together.

    Parameters
    ----------
    areas
        Area of every parcel, m², by label.
    member
        Whether a parcel is of the class, by label.
    neighbours
        left, right, length_m, as `adjacency` gives them.

    Returns
    -------
    Contiguity
        The measures; all 0 (border_share nan) for a class without members.

    Raises
    ------
    InputError
        If the labels of areas and member differ, or neighbours name others.

    Examples
    --------
    A row of three squares of side 2 m, the first two of them members: each has one neighbour; of
    their borders 2 m are between them (counted from both sides: 4) and 2 m are with the third.

    >>> areas, member = pd.Series([4.0, 4.0, 4.0]), pd.Series([True, True, False])
    >>> row = pd.DataFrame({"left": [0, 1], "right": [1, 2], "length_m": [2.0, 2.0]})
    >>> measured = contiguity(areas, member, row)
    >>> measured.neighbours, measured.border_m, round(measured.border_share, 3), measured.mesh_m2
    (1.0, 2.0, 0.667, 8.0)
    """
    if not areas.index.equals(member.index):
        raise InputError(Text("面积与成员的标识不一致", "areas and member have other labels"))
    left, right = positions(areas.index, neighbours)
    inside = member.to_numpy(np.bool_)
    both, one = inside[left] & inside[right], inside[left] ^ inside[right]
    length = neighbours["length_m"].to_numpy(np.float64)
    kept, edge = float(length[both].sum()), float(length[one].sum())
    number = joined(len(areas), left[both], right[both])[inside]
    sums = np.bincount(number, weights=areas.to_numpy(np.float64)[inside])
    return Contiguity(
        2 * float(both.sum()) / max(int(inside.sum()), 1),
        kept,
        2 * kept / (2 * kept + edge) if kept + edge else float("nan"),
        len(np.unique(number)),
        float((sums**2).sum() / sums.sum()) if inside.any() else 0.0,
    )


def fragmentation(
    areas: pd.Series[float], classes: pd.Series[str], neighbours: pd.DataFrame
) -> pd.DataFrame:
    """Measure how each class is cut up.

    Parameters
    ----------
    areas, classes
        Area, m², and class of every parcel, by label.
    neighbours
        left, right: pairs of labels.

    Returns
    -------
    DataFrame
        By class, sorted: parcels, area_m2, mean_parcel_m2, patches, mean_patch_m2, largest_share
        (largest patch / area of the class) and mesh_m2 (see `Contiguity`).

    Raises
    ------
    InputError
        If the labels of areas and classes differ, or neighbours name others.

    Examples
    --------
    >>> pairs = pd.DataFrame({"left": [0, 1], "right": [1, 2]})
    >>> wood = pd.Series(["wood", "field", "wood"])
    >>> measured = fragmentation(pd.Series([3.0, 2.0, 1.0]), wood, pairs)
    >>> measured[["patches", "largest_share", "mesh_m2"]]
           patches  largest_share  mesh_m2
    field        1           1.00      2.0
    wood         2           0.75      2.5
    """
    if not areas.index.equals(classes.index):
        raise InputError(Text("面积与地类的标识不一致", "areas and classes have other labels"))
    number = patches(classes, neighbours).to_numpy()
    parcels = pd.DataFrame({"class": classes.to_numpy(), "patch": number, "area": areas.to_numpy()})
    patch = parcels.groupby(["class", "patch"])["area"].sum().reset_index()
    each = parcels.groupby("class")["area"]
    whole = patch.groupby("class")["area"]
    return pd.DataFrame(
        {
            "parcels": each.size(),
            "area_m2": each.sum(),
            "mean_parcel_m2": each.mean(),
            "patches": whole.size(),
            "mean_patch_m2": whole.mean(),
            "largest_share": whole.max() / whole.sum(),
            "mesh_m2": whole.agg(lambda v: (v**2).sum() / v.sum()),
        }
    ).rename_axis(None)


def positions(
    labels: pd.Index[str], neighbours: pd.DataFrame
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the positions of both ends of pairs of labels.

    Raises
    ------
    InputError
        If labels are not unique, or pairs name labels that are not there.

    Examples
    --------
    >>> pairs = pd.DataFrame({"left": ["b"], "right": ["a"]})
    >>> [place.tolist() for place in positions(pd.Index([*"ab"]), pairs)]
    [[1], [0]]
    """
    if not labels.is_unique:
        raise InputError(Text("标识重复", "labels are not unique"))
    left = labels.get_indexer(neighbours["left"])
    right = labels.get_indexer(neighbours["right"])
    lost = (left < 0) | (right < 0)
    if lost.any():
        pair = neighbours[["left", "right"]][lost].iloc[0].tolist()
        raise InputError(
            Text(
                f"邻接表含未知标识，如 {pair}",
                f"neighbours name unknown labels, such as {pair}",
            )
        )
    return left.astype(np.int64), right.astype(np.int64)


def joined(size: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the number of the connected group of each of 0 … size − 1, joined by pairs.

    Examples
    --------
    >>> joined(3, np.array([0]), np.array([2])).tolist()
    [0, 1, 0]
    """
    links = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)
