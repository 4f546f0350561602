"""Where roads may not run, or run at a price: protected and built-up land as zones of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from geo.alignment.crossed import Crossed
from geo.alignment.search.terrain import Zones
from geo.grid import Grid
from geo.raster import Raster, rasterize
from layers.county import County
from layers.zones import Extent, area, bound, covered_m2

RoadZone = Literal[
    "park_core",
    "park_general",
    "basic_farmland",
    "redline",
    "source_water",
    "cropland",
    "settlements",
    "water",
]
"""Zones of `layers.zones` that a road may be asked to keep off.

Water binds earthwork alone: bridges and tunnels cross it.
"""
ROAD_ZONES: tuple[str, ...] = get_args(RoadZone)
SPARED_M = 90.0  # around points a road leads to, where settlements and water do not bind

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Policy:
    """What is asked of zones.

    Parameters
    ----------
    forbid
        Zones where no road may run.
    repel_yuan_m
        What a metre of road costs on top within a zone.
    not_under
        Forbidden zones under which no tunnel may run either.
    margin_m
        Distance kept from forbidden zones.
    extent
        How far settlements and water reach.
    """

    forbid: tuple[str, ...] = ()
    repel_yuan_m: Mapping[str, float] = field(default_factory=dict)
    not_under: tuple[str, ...] = ()
    margin_m: float = 0.0
    extent: Extent = field(default_factory=Extent)


def road_zones(
    county: County,
    grid: Grid,
    policy: Policy,
    *,
    spared: Sequence[tuple[float, float]] = (),
    crossed: Crossed | None = None,
) -> Zones | None:
    """Give what it costs to run through places, for a search; None where it costs nothing.

    Parameters
    ----------
    county
        The county; zones without a layer bind nothing.
    grid
        The cells of the search.
    policy
        What is asked.
    spared
        Points the road leads to: settlements and lakes do not forbid them.
    crossed
        Roads, streams and floods on the way, as `layers.roads.crossings` gives them.

    Examples
    --------
    The core of the twin's park is forbidden: 600 × 600 m, at most a cell more on every side.

    >>> from layers import twin
    >>> county = twin.county()
    >>> zones = road_zones(county, county.raster("dem").grid, Policy(forbid=("park_core",)))
    >>> int(np.isinf(zones.above.values).sum()) in range(20 * 20, 22 * 22 + 1), zones.below
    (True, None)
    """
    above, below, earth = (np.zeros(grid.shape) for _ in range(3))
    for zone, yuan in policy.repel_yuan_m.items():
        cells = _cells(area(county, zone, policy.extent), grid, 0.0)
        (earth if zone == "water" else above)[cells] += yuan
    for zone in policy.forbid:
        shapes = _sparing(zone, area(county, zone, policy.extent), spared)
        cells = _cells(shapes, grid, policy.margin_m if zone != "water" else 0.0)
        (earth if zone == "water" else above)[cells] = np.inf
        if zone in policy.not_under:
            below[cells] = np.inf
    if crossed is None and not (above.any() or below.any() or earth.any()):
        return None
    return Zones(
        Raster(above, grid),
        Raster(below, grid) if below.any() else None,
        Raster(earth, grid) if earth.any() else None,
        crossed,
    )


def _sparing(
    zone: str, shapes: gpd.GeoDataFrame | None, points: Sequence[tuple[float, float]]
) -> gpd.GeoDataFrame | None:
    """Leave out settlements and water around the points."""
    if shapes is None or not points or zone not in {"settlements", "water"}:
        return shapes
    x, y = zip(*points, strict=True)
    near = gpd.GeoSeries(gpd.points_from_xy(x, y), crs=shapes.crs).buffer(SPARED_M).union_all()
    left = shapes.set_geometry(shapes.geometry.difference(near))
    return left[~left.geometry.is_empty]


def _cells(shapes: gpd.GeoDataFrame | None, grid: Grid, margin_m: float) -> Mask:
    if shapes is None or shapes.empty:
        return np.zeros(grid.shape, dtype=bool)
    if margin_m > 0:
        shapes = shapes.set_geometry(shapes.geometry.buffer(margin_m))
    return np.asarray(rasterize(shapes, grid, all_touched=True).values == 1)


def parted(zones: Zones | None, points: Sequence[tuple[float, float]]) -> bool:
    """Say whether forbidden ground lies between points everywhere, above and below.

    Examples
    --------
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> grid = Grid((1, 3), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> wall = Raster(np.array([[0.0, np.inf, 0.0]]), grid)
    >>> ends = [(5, 5), (25, 5)]
    >>> parted(Zones(wall), ends), parted(Zones(wall, wall), ends)  # a tunnel may pass the first
    (False, True)
    """
    if zones is None or zones.below is None:
        return False
    way = np.isfinite(zones.above.values.astype(float))
    way |= np.isfinite(zones.below.values.astype(float))
    parts, _ = ndimage.label(way, np.ones((3, 3)))
    rows, columns = zones.above.grid.index(*np.transpose(points))
    inside = zones.above.grid.inside(rows, columns)
    return bool(np.unique(parts[rows[inside], columns[inside]]).size > 1)


def touched(footprint: gpd.GeoDataFrame, county: County, extent: Extent) -> pd.DataFrame:
    """Give the land of each of `ROAD_ZONES` that a road takes.

    Parameters
    ----------
    footprint
        The land of a road.
    county
        The county.
    extent
        How far settlements and water reach.

    Returns
    -------
    DataFrame
        By zone: area_ha, NaN where the county has no such layer; bound_ha, what of it lies where
        the rule on land taken binds, NaN where that is not known.
    """
    land = gpd.GeoDataFrame(geometry=[footprint.union_all()], crs=footprint.crs)
    rows = []
    for zone in ROAD_ZONES:
        near = area(county, zone, extent)
        if near is not None:  # those met alone: a county has very many parcels
            near = near.iloc[near.sindex.query(land.geometry.iloc[0], predicate="intersects")]
        parts = (near, bound(zone, near))
        rows.append([float(covered_m2(land, part).iloc[0]) / 1e4 for part in parts])
    return pd.DataFrame(rows, index=list(ROAD_ZONES), columns=["area_ha", "bound_ha"])
