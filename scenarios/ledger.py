"""Who changes places with whom, and accounts that add up: all in whole hundredths of a m².

No scenario itself, but the bookkeeping of exchanges of land. Nothing here is rounded: areas are
integers of 0.01 m², and every column of every account is the sum of its rows.

1. What leaves takes over classes of what enters, so that each class gets back about what it gives:
   the largest parcel first, to the class that lacks most.
2. Parcels are matched within a class, in the order of township, village and label, part by part,
   until one side is used up; then across classes. A part that nothing stands against is a surplus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import translate

from geo.errors import InputError

REST = "_rest"
"""What the label of the part of a split parcel that stays ends with."""
CUT_ROUNDS = 80


def new_classes(
    leaving: pd.DataFrame, entering: pd.DataFrame, *, instead: Mapping[str, str]
) -> pd.Series:
    """Give the class that each parcel which leaves takes over. RULE 1.

    Parameters
    ----------
    leaving, entering
        hundredths (integers), by label; `entering` with land_class.
    instead
        Class to take over in the place of one, such as forest for homesteads.

    Examples
    --------
    >>> leaving = pd.DataFrame({"hundredths": [5, 3, 2]}, index=[*"abc"])
    >>> entering = pd.DataFrame({"hundredths": [6, 4], "land_class": ["forest", "orchard"]})
    >>> new_classes(leaving, entering, instead={}).to_dict()
    {'a': 'forest', 'b': 'orchard', 'c': 'forest'}
    """
    classes = entering["land_class"].replace(dict(instead))
    lack = entering.groupby(classes)["hundredths"].sum().astype(int).to_dict()
    order = leaving.assign(label=leaving.index.astype(str))
    order = order.sort_values(["hundredths", "label"], ascending=[False, True])
    found = {}
    for label, area in order["hundredths"].items():
        chosen = max(sorted(lack), key=lambda name: lack[name])
        lack[chosen] -= int(area)
        found[label] = chosen
    return pd.Series(found, dtype=object).reindex(leaving.index).astype(str)


def pairs(leaving: pd.DataFrame, entering: pd.DataFrame) -> pd.DataFrame:
    """Match what leaves with what enters, part by part. RULE 2.

    Parameters
    ----------
    leaving, entering
        hundredths, land_class (for `leaving` the class it takes over), township, village; by label.

    Returns
    -------
    DataFrame
        leaving, entering (labels, empty for a surplus) and hundredths of each part; the parts of
        every parcel sum up to its area.

    Examples
    --------
    >>> columns = {"land_class": "forest", "township": "t", "village": "v"}
    >>> leaving = pd.DataFrame({"hundredths": [5, 3], **columns}, index=["a", "b"])
    >>> entering = pd.DataFrame({"hundredths": [9], **columns}, index=["x"])
    >>> pairs(leaving, entering).to_numpy().tolist()
    [['a', 'x', 5], ['b', 'x', 3], ['', 'x', 1]]
    """
    rows: list[tuple[str, str, int]] = []
    outs, ins = _queue(leaving), _queue(entering)
    names = sorted({*leaving["land_class"], *entering["land_class"]})
    for name in names:
        rows += _matched(outs.get(name, []), ins.get(name, []))
    left = [one for name in names for one in outs.get(name, [])]
    right = [one for name in names for one in ins.get(name, [])]
    rows += _matched(left, right)
    rows += [(label, "", area) for label, area in left]
    rows += [("", label, area) for label, area in right]
    return pd.DataFrame(rows, columns=["leaving", "entering", "hundredths"])


def _queue(side: pd.DataFrame) -> dict[str, list[tuple[str, int]]]:
    """Give labels and areas by class, last to be matched first."""
    order = side.assign(label=side.index.astype(str))
    order = order.sort_values(["township", "village", "label"], ascending=False)
    return {
        str(name): list(zip(part["label"], part["hundredths"].astype(int), strict=True))
        for name, part in order.groupby("land_class")
    }


def _matched(
    outs: list[tuple[str, int]], ins: list[tuple[str, int]]
) -> Iterator[tuple[str, str, int]]:
    """Match from the ends of two lists, which keep what is left over."""
    while outs and ins:
        (out, a), (into, b) = outs.pop(), ins.pop()
        part = min(a, b)
        yield out, into, part
        if a > part:
            outs.append((out, a - part))
        if b > part:
            ins.append((into, b - part))


def account(
    before: pd.DataFrame, after: pd.DataFrame, by: str, *, of: Sequence[str] = ()
) -> pd.DataFrame:
    """Give what stood, what left, what came and what stands, by a column, with the total last.

    Parameters
    ----------
    before, after
        The same pieces in the same order: hundredths, land_class and the column.
    by
        land_class, township or village.
    of
        Classes whose area is counted where `by` is a place.

    Returns
    -------
    DataFrame
        By label, "" for the total: before, leaves, enters, after; whole 0.01 m², and
        before - leaves + enters = after in every row.

    Examples
    --------
    >>> pieces = pd.DataFrame({"hundredths": [5, 7], "land_class": ["cropland", "forest"]})
    >>> swapped = pieces.assign(land_class=["forest", "cropland"])
    >>> account(pieces, swapped, "land_class").to_numpy().tolist()
    [[5, 5, 7, 7], [7, 7, 5, 5], [12, 12, 12, 12]]
    """
    area = before["hundredths"].to_numpy(dtype=np.int64)
    changed = (before["land_class"] != after["land_class"]).to_numpy()
    parts = {}
    for name, frame, chosen in (
        ("before", before, np.ones(len(before), dtype=bool)),
        ("leaves", before, changed),
        ("enters", after, changed),
        ("after", after, np.ones(len(before), dtype=bool)),
    ):
        inside = chosen & (frame["land_class"].isin(of).to_numpy() if of else True)
        keys = frame[by].to_numpy()[inside]
        parts[name] = pd.Series(area[inside]).groupby(keys).sum()
    found = pd.DataFrame(parts).fillna(0).astype(np.int64).sort_index()
    known = pd.Index(sorted({*before[by], *after[by]}))
    found = found.reindex(known, fill_value=0)
    total = pd.DataFrame([found.sum()], index=[""], dtype=np.int64)
    return pd.concat([found, total])


def split(
    land: gpd.GeoDataFrame, label: str, keep: int
) -> tuple[shapely.Geometry, shapely.Geometry]:
    """Cut a parcel by a line from north to south: the western part is `keep` of its hundredths.

    Parameters
    ----------
    land
        With hundredths and geometry.
    label
        The parcel.
    keep
        Whole 0.01 m² of the western part, between 0 and the parcel's area, both left out.

    Raises
    ------
    InputError
        If the part is none or the whole.

    Examples
    --------
    >>> field = gpd.GeoDataFrame({"hundredths": [800]}, geometry=[shapely.box(0, 0, 4, 2)],
    ...     index=["a"], crs=4549)
    >>> [round(part.area, 6) for part in split(field, "a", 200)]
    [2.0, 6.0]
    """
    shape, whole = land.geometry[label], int(land["hundredths"][label])
    if not 0 < keep < whole:
        raise InputError(
            f"{label}: 切分面积须在 0 与全部之间 a part is between none and all: {keep}"
        )
    west, south, east, north = shape.bounds
    low, high = west, east
    wanted = shape.area * keep / whole
    for _ in range(CUT_ROUNDS):
        middle = (low + high) / 2
        part = shape.intersection(shapely.box(west, south, middle, north))
        low, high = (middle, high) if part.area < wanted else (low, middle)
    strip = shapely.box(west - 1, south - 1, low, north + 1)
    rest = translate(shapely.box(0, south - 1, east - low + 1, north + 1), low)
    return shape.intersection(strip), shape.intersection(rest)
