"""Who changes places with whom, part by part, in whole hundredths of a m²; nothing is rounded.

1. What leaves takes over classes of what enters, so that each class gets back about what it gives:
   the largest parcel first, to the class that lacks most.
2. Parcels are matched year by year, within a class and in the order of township, village and label,
   part by part, until one side is used up; then across classes. What came before it was needed
   stands against what goes in later years. A part that nothing stands against is a surplus.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import translate

from geo.errors import InputError, Problem
from geo.vector import polygonal
from geo.words import Text

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
    years, queues = sorted({*leaving["year"], *entering["year"]}), Queues()
    for year in years:
        queues.outs = [*_queue(leaving[leaving["year"] == year]), *queues.outs]
        queues.ins = [*_queue(entering[entering["year"] == year]), *queues.ins]
        rows += [(year, *part) for part in queues.matched_within()]
        rows += [(year, *part) for part in queues.matched()]
    last = years[-1] if years else 0
    rows += [(last, one.label, "", one.hundredths) for one in queues.outs]
    rows += [(last, "", one.label, one.hundredths) for one in queues.ins]
    return pd.DataFrame(rows, columns=["year", "leaving", "entering", "hundredths"])


class Part(NamedTuple):
    """What is left of a parcel: the class it is matched in, its label, its area in 0.01 m²."""

    land_class: str
    label: str
    hundredths: int


class Matched(NamedTuple):
    """A part of a parcel that leaves, and what of the one that enters stands against it."""

    leaving: str
    entering: str
    hundredths: int


@dataclass
class Queues:
    """What is still to be matched of both sides, the first to be matched last."""

    outs: list[Part] = field(default_factory=list)
    ins: list[Part] = field(default_factory=list)

    def matched(self) -> Iterator[Matched]:
        """Match from the ends of both; what is left over stays."""
        while self.outs and self.ins:
            out, into = self.outs.pop(), self.ins.pop()
            part = min(out.hundredths, into.hundredths)
            yield Matched(out.label, into.label, part)
            if out.hundredths > part:
                self.outs.append(out._replace(hundredths=out.hundredths - part))
            if into.hundredths > part:
                self.ins.append(into._replace(hundredths=into.hundredths - part))

    def matched_within(self) -> Iterator[Matched]:
        """Match class by class; what is left over stays, by class."""
        left, names = Queues(), sorted({one.land_class for one in (*self.outs, *self.ins)})
        for name in names:
            own = Queues(
                [one for one in self.outs if one.land_class == name],
                [one for one in self.ins if one.land_class == name],
            )
            yield from own.matched()
            left.outs += own.outs
            left.ins += own.ins
        self.outs, self.ins = left.outs, left.ins


def _queue(side: pd.DataFrame) -> list[Part]:
    """Give the parcels of a year, last to be matched first."""
    order = side.assign(label=side.index.astype(str))
    order = order.sort_values(["township", "village", "label"], ascending=False)
    columns = (order["land_class"], order["label"], order["hundredths"].astype(int))
    return [Part(*one) for one in zip(*columns, strict=True)]


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
        words = Text("切分面积须在 0 与全部之间", "a part is between none and all")
        problem = Problem(row=label, found=f"{keep}", expected=f"0 < … < {whole}")
        raise InputError(words, problems=[problem])
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
