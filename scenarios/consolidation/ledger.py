"""Who changes places with whom, and accounts that add up: all in whole hundredths of a m².

Nothing here is rounded: areas are
integers of 0.01 m², and every column of every account is the sum of its rows.

1. What leaves takes over classes of what enters, so that each class gets back about what it gives:
   the largest parcel first, to the class that lacks most.
2. Parcels are matched year by year, within a class and in the order of township, village and label,
   part by part, until one side is used up; then across classes. What came before it was needed
   stands against what goes in later years. A part that nothing stands against is a surplus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import translate

from geo.errors import InputError
from geo.vector import polygonal

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
        hundredths, land_class (for `leaving` the class it takes over), township, village, year;
        by label.

    Returns
    -------
    DataFrame
        year, leaving, entering (labels, empty for a surplus) and hundredths of each part; the parts
        of every parcel sum up to its area. A part's year is the first in which both are done.

    Examples
    --------
    >>> columns = {"land_class": "forest", "township": "t", "village": "v", "year": 1}
    >>> leaving = pd.DataFrame({"hundredths": [5, 3], **columns}, index=["a", "b"])
    >>> entering = pd.DataFrame({"hundredths": [9], **columns}, index=["x"])
    >>> pairs(leaving, entering).to_numpy().tolist()
    [[1, 'a', 'x', 5], [1, 'b', 'x', 3], [1, '', 'x', 1]]
    """
    rows: list[tuple[int, str, str, int]] = []
    years = sorted({*leaving["year"], *entering["year"]})
    outs: list[Part] = []
    ins: list[Part] = []
    for year in years:
        outs = [*_queue(leaving[leaving["year"] == year]), *outs]
        ins = [*_queue(entering[entering["year"] == year]), *ins]
        found, outs, ins = _within(outs, ins)
        rows += [(year, *row) for row in found]
        rows += [(year, *row) for row in _matched(outs, ins)]
    last = years[-1] if years else 0
    rows += [(last, label, "", area) for _, label, area in outs]
    rows += [(last, "", label, area) for _, label, area in ins]
    return pd.DataFrame(rows, columns=["year", "leaving", "entering", "hundredths"])


Part = tuple[str, str, int]
"""Class, label and area that is left of a parcel."""


def _queue(side: pd.DataFrame) -> list[Part]:
    """Give the parcels of a year, last to be matched first."""
    order = side.assign(label=side.index.astype(str))
    order = order.sort_values(["township", "village", "label"], ascending=False)
    return list(
        zip(order["land_class"], order["label"], order["hundredths"].astype(int), strict=True)
    )


def _within(
    outs: list[Part], ins: list[Part]
) -> tuple[list[tuple[str, str, int]], list[Part], list[Part]]:
    """Match class by class; give the parts, and what is left of both."""
    found: list[tuple[str, str, int]] = []
    left: list[Part] = []
    right: list[Part] = []
    for name in sorted({one[0] for one in (*outs, *ins)}):
        these = [one for one in outs if one[0] == name]
        those = [one for one in ins if one[0] == name]
        found += _matched(these, those)
        left += these
        right += those
    return found, left, right


def _matched(outs: list[Part], ins: list[Part]) -> Iterator[tuple[str, str, int]]:
    """Match from the ends of two lists, which keep what is left over."""
    while outs and ins:
        (gone, out, a), (come, into, b) = outs.pop(), ins.pop()
        part = min(a, b)
        yield out, into, part
        if a > part:
            outs.append((gone, out, a - part))
        if b > part:
            ins.append((come, into, b - part))


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
    parts = polygonal(np.array([shape.intersection(strip), shape.intersection(rest)], dtype=object))
    return parts[0], parts[1]
