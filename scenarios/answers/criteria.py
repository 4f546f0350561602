"""What may refuse a place: shapes and what lies around them, thresholds, distances, codes, truths.

Every criterion says of every place one of three things: it refuses it, it does not, or it cannot
tell, since the layer is not there or the cell is empty. What it cannot tell is never "no".
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geo.crs import require_same
from geo.words import Text
from layers.zones import covered_m2

Floats = NDArray[np.float64]
Bound = Literal["at most", "less than", "at least", "more than"]
HOLDS: Mapping[Bound, Callable[[Floats, float], NDArray[np.bool_]]] = MappingProxyType(
    {
        "at most": operator.le,
        "less than": operator.lt,
        "at least": operator.ge,
        "more than": operator.gt,
    }
)
"""How a threshold is kept, in the words of rules: "at most" and "at least" are closed."""
ROUND = 32  # corners of a quarter of a circle: a buffer falls short by 0.03 % of its width at most
SPARE_M = 1.0  # the halo is wider by this, so that rounding loses no shape at its edge


@dataclass(frozen=True, eq=False)
class Inside:
    """Refuse what lies in shapes or within a buffer around them; or, for `only`, what does not.

    Parameters
    ----------
    shapes
        Polygons, lines or points; those that overlap count once. None is a layer that is not
        there: not known, and never "no".
    buffer_m
        How far around them it holds (closed).
    sliver_m2
        Area that may lie on the wrong side (open): less is how borders of two surveys differ. A
        place without area, a point or the centre of a cell, is refused where it touches.
    only
        Whether places must lie in the shapes.
    """

    shapes: gpd.GeoDataFrame | None
    buffer_m: float = 0.0
    sliver_m2: float = 1.0
    only: bool = False

    @property
    def reach_m(self) -> float:
        """How far beyond a place shapes matter."""
        return self.buffer_m

    def refuses(self, places: gpd.GeoDataFrame, near: gpd.GeoDataFrame) -> Floats:
        """Say it of each place: 1 refused, 0 not; `near` are the shapes around."""
        wide = near
        if self.buffer_m:
            wide = near.set_geometry(near.geometry.buffer(self.buffer_m, quad_segs=ROUND))
        flat = shapely.get_dimensions(places.geometry.to_numpy()) == 2
        inside = np.zeros(len(places))
        inside[flat] = covered_m2(places[flat], wide).to_numpy()
        if self.only:
            inside[flat] = places.area.to_numpy()[flat] - inside[flat]
        touched = _distances(places[~flat], near) <= self.buffer_m
        refused = inside > self.sliver_m2
        refused[~flat] = touched ^ self.only
        return refused.astype(float)


@dataclass(frozen=True)
class Limit:
    """Refuse where a column breaks a threshold, such as `slope_deg` at most 25; NaN is not known.

    The bound is in the words of rules: "at most" and "at least" are closed, the others open.
    """

    column: str
    bound: Bound
    value: float


@dataclass(frozen=True, eq=False)
class Distance:
    """Refuse where the way in a straight line to the nearest of shapes breaks a threshold.

    Nothing is near where there are no shapes; None is a layer that is not there: not known.
    """

    shapes: gpd.GeoDataFrame | None
    bound: Bound
    metres: float

    @property
    def reach_m(self) -> float:
        """How far beyond a place shapes matter."""
        return self.metres

    def refuses(self, places: gpd.GeoDataFrame, near: gpd.GeoDataFrame) -> Floats:
        """Say it of each place: 1 refused, 0 not; `near` are the shapes around."""
        return (~HOLDS[self.bound](_distances(places, near), self.metres)).astype(float)


@dataclass(frozen=True)
class Among:
    """Refuse where a column holds none of some codes; a cell without a code is not known."""

    column: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Truth:
    """Refuse where a column is true; a cell without a truth is not known."""

    column: str


Test = Inside | Distance | Limit | Among | Truth


@dataclass(frozen=True, eq=False)
class Criterion:
    """One reason why a place may be refused.

    Parameters
    ----------
    id
        Unique among those asked together; none of yes, no, unknown, total.
    title
        In both languages.
    test
        What refuses a place.
    rule
        Id of the rule behind it; empty for a planner's own choice.
    """

    id: str
    title: Text
    test: Test
    rule: str = ""


def reach_m(test: Test) -> float:
    """Give how far beyond a place its answer may hang on."""
    return test.reach_m if isinstance(test, Inside | Distance) else 0.0


def state(places: gpd.GeoDataFrame, criterion: Criterion, halo_m: float) -> Floats:
    """Say of each place whether a criterion refuses it: 1 it does, 0 it does not, NaN not known.

    Parameters
    ----------
    places
        As `scenarios.answers.screening.screen` takes them.
    criterion
        The criterion.
    halo_m
        How far beyond the extent shapes are looked at.
    """
    test = criterion.test
    if isinstance(test, Inside | Distance):
        found = np.full(len(places), np.nan)
        if test.shapes is not None:
            require_same(test.shapes.crs, places.crs, what=criterion.id)
            known = ~(places.geometry.isna() | places.geometry.is_empty).to_numpy()
            near = _near(test.shapes, places[known], halo_m)
            found[known] = test.refuses(places[known], near)
        return found
    column = places[test.column]
    if isinstance(test, Limit):
        values = column.to_numpy(dtype=float)
        refused = ~HOLDS[test.bound](values, test.value)
    elif isinstance(test, Among):
        refused = ~column.isin(test.codes).to_numpy()
    else:
        refused = column.eq(True).to_numpy()
    return np.where(column.isna(), np.nan, refused.astype(float))


def _near(shapes: gpd.GeoDataFrame, places: gpd.GeoDataFrame, halo_m: float) -> gpd.GeoDataFrame:
    """Give the shapes within the halo of the extent; none where there are no places."""
    if places.empty or shapes.empty:
        return shapes.iloc[:0]
    west, south, east, north = places.total_bounds
    wide = halo_m + SPARE_M
    frame = shapely.box(west - wide, south - wide, east + wide, north + wide)
    return shapes.iloc[np.sort(shapes.sindex.query(frame))]


def _distances(places: gpd.GeoDataFrame, shapes: gpd.GeoDataFrame) -> Floats:
    """Give the distance to the nearest shape, m; inf where there is none."""
    found = np.full(len(places), np.inf)
    if len(places) and len(shapes):
        tree = shapely.STRtree(shapes.geometry.to_numpy())
        pairs, far = tree.query_nearest(
            places.geometry.to_numpy(), return_distance=True, all_matches=False
        )
        found[pairs[0]] = far
    return found
