"""What may be wrong with the content of a layer, as a value, and who looks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import Problem
from geo.words import Text, joined
from layers.county import County

Standing = Literal["doubtful", "error"]
Rows: TypeAlias = "pd.Series | NDArray[np.bool_]"
STANDINGS: dict[Standing, Text] = {
    "doubtful": Text("存疑", "doubtful"),
    "error": Text("错误", "error"),
}
"""What each `Standing` is called."""
MOST_PLACES = 100
"""Places kept of one finding; how many there are in all is counted."""


class Spot(NamedTuple):
    """Where something was found: the id of a row (or of a pair, `a/b`), and a point of the map.

    `x` and `y` are in the county's CRS; None for a row without a shape.
    """

    id: str
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True)
class Finding:
    """What does not fit in the content of a layer that holds all its schema asks.

    Parameters
    ----------
    id
        Of its kind, unique within a layer's findings, such as `areas_declared`.
    layer
        The layer it is a finding of.
    standing
        `doubtful`: goes with every run that uses the layer, in words and on the map. `error`: no
        run uses the layer until it is mended.
    title
        What is wrong, as a heading begins.
    found
        With figures and units.
    expected
        What was to be expected, with the tolerance.
    remedy
        What to do.
    places
        Where, the first `MOST_PLACES` by id.
    count
        How many places there are in all.
    """

    id: str
    layer: str
    standing: Standing
    title: Text
    found: Text
    expected: Text
    remedy: Text
    places: tuple[Spot, ...] = ()
    count: int = 0

    @property
    def problem(self) -> Problem:
        """The same as an error names it."""
        found = joined([self.title, self.found], "：", ": ")
        row = joined(list(named(self)), "、", ", ") if self.places else ""
        return Problem(
            layer=self.layer,
            row=row,
            field=self.id,
            found=found,
            expected=self.expected,
            remedy=self.remedy,
        )


def named(finding: Finding, most: int = 5) -> Iterable[Text | str]:
    """Give the ids of a finding's first places, and how many more there are.

    >>> from geo.words import NO_TEXT as no
    >>> spots = tuple(Spot(name) for name in "abc")
    >>> [*named(Finding("x", "roads", "error", no, no, no, no, spots, 9), 2)][2].en
    '7 more'
    """
    yield from (one.id for one in finding.places[:most])
    more = finding.count - min(most, len(finding.places))
    if more > 0:
        yield Text(f"另有 {more} 处", f"{more} more")


@dataclass(frozen=True, eq=False)
class Inspection:
    """Something that is asked of a layer.

    Parameters
    ----------
    layer
        Whose findings it gives.
    findings
        Pure function of a county that has the layer and those beside it; of others it reads those
        named in `also`. What it needs and a frame lacks (an optional column) is unknown: no
        finding.
    beside
        Layers that the layer is held against.
    also
        Layers that it is held against where they are there.
    """

    layer: str
    findings: Callable[[County], Iterable[Finding]]
    beside: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """All layers that its findings may follow from."""
        return (self.layer, *self.beside, *self.also)


def at(frame: pd.DataFrame, rows: Rows) -> dict[str, Any]:
    """Give `places` and `count` of a finding: rows of a frame by id, each with a point within.

    Parameters
    ----------
    frame
        Indexed by its key.
    rows
        Truths, one a row.

    Examples
    --------
    >>> frame = gpd.GeoDataFrame(geometry=[shapely.Point(1, 2)], index=["a"], crs=4549)
    >>> at(frame, [True])
    {'places': (Spot(id='a', x=1.0, y=2.0),), 'count': 1}
    """
    wrong = frame[np.asarray(rows, dtype=bool)]
    ids = wrong.index.astype(str)
    first = np.argsort(ids.to_numpy(dtype=str), kind="stable")[:MOST_PLACES]
    if not isinstance(wrong, gpd.GeoDataFrame):
        return {"places": tuple(Spot(ids[n]) for n in first), "count": len(wrong)}
    shapes = np.array(wrong.geometry.array, dtype=object)[first]
    return {"places": placed(ids[first], shapes), "count": len(wrong)}


def placed(ids: Iterable[str], shapes: NDArray[np.object_]) -> tuple[Spot, ...]:
    """Give spots of shapes: a point within each, in the order given."""
    points = shapely.point_on_surface(shapes)
    spots = []
    for name, x, y in zip(ids, shapely.get_x(points), shapely.get_y(points), strict=True):
        known = bool(np.isfinite(x) and np.isfinite(y))
        spots.append(Spot(str(name), float(x), float(y)) if known else Spot(str(name)))
    return tuple(spots)
