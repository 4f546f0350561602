"""Layers that belong together, and how far one lies off the other.

- Settlements, facilities and seats lie by the roads; those that tell their height, on the terrain.
- Rivers run in the valleys of the terrain, and so do most roads of a mountain county.
- A lake's shore lies on the terrain at its level.
- The townships' outer border is the county's, that of the parcels the pilots', that of the forest
  by owner the park's; a park and the redline keep to the county's border where they reach it.
- Parcels of rivers and roads lie on rivers and roads, floods along rivers.

A fit counts where it is sharp: `SHARP` standard deviations clear of shifts by chance (points that
are strewn reach 5 at most, layers that belong together 7 to 20). Layers drawn as a sketch fit
nothing sharply, and so give no evidence, whatever they are called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

import geopandas as gpd
import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from scipy import ndimage

from geo.coverage import covered
from geo.displacement import Displacement, displacement
from geo.grid import Grid
from geo.raster import Raster, rasterize
from layers.county import County
from layers.source import Quality

Floats = NDArray[np.float64]

CELL_M = 60.0
REACH_M = 1_500.0
"""Shifts are sought so far to each side: that of GCJ-02 is 600 m here, of BD-09 1,100 m, of UTM
taken for Gauss-Krueger 1,240 m."""
SHARP = 6.5
LEAST_GAIN_M = 4.0
"""By so much a fit is better than shifts by chance, at least: flat ground fits everywhere."""
LEAST_POINTS = 12
MOST_POINTS = 2_500
"""Of more points every so many-th is taken."""
SPACING_M = 100.0
BESIDE_M = 300.0
"""Farther from a road or a border all distances are the same."""
HEIGHT_OFF_M, LEVEL_OFF_M = 100.0, 20.0
AROUND_M = 1_200.0
"""Width of the window against whose mean height ground is called a valley."""
QUALITY_M: Mapping[Quality, float] = {
    Quality.OFFICIAL: 50.0,
    Quality.OPEN: 150.0,
    Quality.DERIVED: 150.0,
    Quality.MODELLED: 200.0,
    Quality.SCHEMATIC: 300.0,
}
"""How far layers of a quality may lie off."""
LAYERS = (
    "facilities",
    "settlements",
    "tower_sites",
    "hazards",
    "forest",
    "parcels",
    "redline",
    "park",
    "roads",
    "rivers",
    "lake",
    "seats",
    "pilots",
    "townships",
    "dem",
    "outline",
)
"""Layers that are held against each other; of two that differ the first is doubted."""


class Fit(NamedTuple):
    """How far a layer lies off another, and what the coarser of them may."""

    layer: str
    other: str
    off: Displacement
    tolerance_m: float

    @property
    def differs(self) -> bool:
        """Whether they lie apart: as they lie they fit less than half as well as they might."""
        return self.off.length_m > self.tolerance_m and self.off.loss > 0.5


class Surfaces:
    """The surfaces that layers of a county are fitted to, each made once."""

    def __init__(self, county: County) -> None:
        """Hold a county."""
        self.county = county
        self._made: dict[str, Raster] = {}

    def distance(self, layer: str) -> Raster:
        """Give the distance to a layer's lines or borders, m, up to `BESIDE_M`."""
        return self._once(layer, lambda: _distance(self.county.vector(layer)))

    def dem(self) -> Raster:
        """Give the terrain on cells of about `CELL_M`, float64."""
        return self._once("dem", lambda: _thinned(self.county.raster("dem")))

    def relief(self) -> Raster:
        """Give the height of the terrain over its surroundings' mean, m."""
        return self._once("relief", lambda: _relief(self.dem()))

    def _once(self, name: str, make: Callable[[], Raster]) -> Raster:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]


_KNOWN: WeakKeyDictionary[County, tuple[Fit, ...]] = WeakKeyDictionary()


def fits(county: County) -> tuple[Fit, ...]:
    """Give the sharp fits between the layers that a county has.

    Examples
    --------
    >>> from layers import twin
    >>> [fit.differs for fit in fits(twin.county())]
    [False, False]
    """
    if county not in _KNOWN:
        _KNOWN[county] = tuple(_sharp(county))
    return _KNOWN[county]


def _sharp(county: County) -> Iterator[Fit]:
    surfaces = Surfaces(county)
    for layer, other, fit in PAIRS:
        if all(_has_rows(county, one) for one in (layer, other)):
            off = fit(surfaces, layer)
            if off is not None and _counts(off):
                yield Fit(layer, other, off, max(tolerance(county, one) for one in (layer, other)))


def _has_rows(county: County, layer: str) -> bool:
    """Say whether a county has a layer, and a shape in it."""
    return layer in county and (layer == "dem" or len(county.vector(layer)) > 0)


def _counts(off: Displacement) -> bool:
    """Say whether a fit is sharp, gains more than noise, and does not lead out of reach."""
    inner = max(abs(off.east_m), abs(off.north_m)) < REACH_M - 2 * CELL_M
    return inner and off.sharpness >= SHARP and off.usual - off.best >= LEAST_GAIN_M


def tolerance(county: County, layer: str) -> float:
    """Give how far a layer may lie off, m, by its quality; terrain also by what it was made from.

    >>> from layers import twin
    >>> tolerance(twin.county(), "roads")
    200.0
    """
    source = county.sources[layer]
    return max(QUALITY_M[source.quality], (source.resolution_m or 0.0) / 2, 2 * CELL_M)


def _by_roads(surfaces: Surfaces, layer: str) -> Displacement | None:
    points = surfaces.county.vector(layer).sort_index().geometry
    xy = _thin(np.column_stack([points.x, points.y]))
    return _fitted(surfaces.distance, "roads", xy, 0.0, BESIDE_M)


def _at_height(surfaces: Surfaces, layer: str) -> Displacement | None:
    frame = surfaces.county.vector(layer).sort_index()
    if "height_m" not in frame:
        return None
    frame = frame[frame["height_m"].notna()]
    told = np.column_stack([frame.geometry.x, frame.geometry.y, frame["height_m"].astype(float)])
    told = _thin(told)
    return _fitted(lambda _: surfaces.dem(), "dem", told[:, :2], told[:, 2], HEIGHT_OFF_M)


def _in_valleys(surfaces: Surfaces, layer: str) -> Displacement | None:
    xy = along(surfaces.county.vector(layer).sort_index())
    lowest = -2.0 * HEIGHT_OFF_M  # below it no valley is deeper
    return _fitted(lambda _: surfaces.relief(), "dem", xy, lowest, 4 * HEIGHT_OFF_M)


def _on_shore(surfaces: Surfaces, layer: str) -> Displacement | None:
    frame = surfaces.county.vector(layer).sort_index()
    best: Displacement | None = None
    for level, rows in frame.groupby("level_m", sort=True):
        xy = along(rows.set_geometry(rows.boundary))
        off = _fitted(lambda _: surfaces.dem(), "dem", xy, float(level), LEVEL_OFF_M)
        if off is not None and (best is None or off.sharpness > best.sharpness):
            best = off
    return best


def _at_border(surfaces: Surfaces, layer: str, other: str) -> Displacement | None:
    frame = surfaces.county.vector(layer)
    border = gpd.GeoDataFrame(geometry=[covered(frame).boundary], crs=frame.crs)
    return _fitted(surfaces.distance, other, along(border), 0.0, BESIDE_M)


def _of_class(
    surfaces: Surfaces, layer: str, other: str, *, column: str, values: tuple[str, ...]
) -> Displacement | None:
    """Fit the middles of some rows to the lines of another layer."""
    frame = surfaces.county.vector(layer).sort_index()
    shapes = np.array(frame.geometry.array[frame[column].isin(values)], dtype=object)
    xy = _thin(shapely.get_coordinates(shapely.point_on_surface(shapes)))
    return _fitted(surfaces.distance, other, xy, 0.0, BESIDE_M)


ROADS, RIVERS = ("1003", "1006"), ("1101",)
"""Codes of the third survey: roads, rural roads; rivers."""
PAIRS: tuple[tuple[str, str, Callable[[Surfaces, str], Displacement | None]], ...] = (
    ("settlements", "roads", _by_roads),
    ("facilities", "roads", _by_roads),
    ("seats", "roads", _by_roads),
    ("settlements", "dem", _at_height),
    ("seats", "dem", _at_height),
    ("tower_sites", "dem", _at_height),
    ("rivers", "dem", _in_valleys),
    ("roads", "dem", _in_valleys),
    ("lake", "dem", _on_shore),
    ("townships", "outline", partial(_at_border, other="outline")),
    ("parcels", "pilots", partial(_at_border, other="pilots")),
    ("parcels", "rivers", partial(_of_class, other="rivers", column="DLBM", values=RIVERS)),
    ("parcels", "roads", partial(_of_class, other="roads", column="DLBM", values=ROADS)),
    ("forest", "park", partial(_at_border, other="park")),
    ("park", "outline", partial(_at_border, other="outline")),
    ("redline", "outline", partial(_at_border, other="outline")),
    ("hazards", "rivers", partial(_of_class, other="rivers", column="kind", values=("flood",))),
)
"""Layer, what it is held against, and how."""


def _fitted(
    surface: Callable[[str], Raster], other: str, xy: Floats, value: Floats | float, most: float
) -> Displacement | None:
    if len(xy) < LEAST_POINTS:
        return None
    return displacement(surface(other), xy[:, 0], xy[:, 1], value, most=most, reach_m=REACH_M)


def _thin(rows: Floats) -> Floats:
    return rows[:: max(-(-len(rows) // MOST_POINTS), 1)]


def along(frame: gpd.GeoDataFrame) -> Floats:
    """Give points along lines, every `SPACING_M`, shape (n, 2)."""
    lines = shapely.get_parts(np.array(frame.geometry.array, dtype=object))
    lines = lines[shapely.length(lines) > 0]
    if not len(lines):
        return np.empty((0, 2))
    count = np.maximum(shapely.length(lines) // SPACING_M, 1).astype(int)
    line = np.repeat(np.arange(len(lines)), count)
    step = np.arange(len(line)) - np.repeat(np.cumsum(count) - count, count)
    keep = _thin(np.arange(len(line), dtype=float)).astype(int)
    share = (step[keep] + 0.5) / count[line[keep]]
    xy, of = shapely.get_coordinates(lines, return_index=True)
    leg = np.hypot(*np.diff(xy, axis=0).T) * (np.diff(of) == 0)  # no leg leads from line to line
    reached = np.concatenate([[0.0], np.cumsum(leg)])
    first = np.searchsorted(of, np.arange(len(lines)))
    at = reached[first][line[keep]] + share * shapely.length(lines)[line[keep]]
    return np.column_stack([np.interp(at, reached, xy[:, 0]), np.interp(at, reached, xy[:, 1])])


def _distance(frame: gpd.GeoDataFrame) -> Raster:
    lines = frame if frame.geom_type.str.endswith("LineString").all() else _borders(frame)
    west, south, east, north = lines.total_bounds
    around = (west - REACH_M, south - REACH_M, east + REACH_M, north + REACH_M)
    grid = Grid.from_bounds(around, CELL_M, lines.crs)
    away = ndimage.distance_transform_edt(rasterize(lines, grid, all_touched=True).values == 0)
    return Raster(np.minimum(away * CELL_M, BESIDE_M), grid)


def _borders(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry(frame.boundary)


def _thinned(dem: Raster) -> Raster:
    """Take every so many-th cell, so that they are about `CELL_M` apart."""
    n = max(round(CELL_M / dem.grid.resolution), 1)
    values = dem.values[n // 2 :: n, n // 2 :: n]
    valid = dem.valid[n // 2 :: n, n // 2 :: n]
    side, old = dem.grid.resolution * n, dem.grid.transform
    aside = (n // 2 + 0.5) * dem.grid.resolution - side / 2  # centres of cells stay where they were
    corner = Affine(side, 0, old.c + aside, 0, -side, old.f - aside)
    heights = np.where(valid, values, np.nan).astype(np.float64)
    return Raster(heights, Grid(heights.shape, corner, dem.grid.crs))


def _relief(dem: Raster) -> Raster:
    window = max(round(AROUND_M / dem.grid.resolution), 3)
    there = dem.valid.astype(np.float64)
    total = ndimage.uniform_filter(np.where(dem.valid, dem.values, 0.0), window)
    share = ndimage.uniform_filter(there, window)
    middle = total / np.maximum(share, 1e-9)
    return Raster(np.where(dem.valid, dem.values - middle, np.nan), dem.grid)
