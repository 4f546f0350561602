"""Where roads may not run, or run at a price: protected and built-up land as zones of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from geo.alignment.search.terrain import Zones
from geo.grid import Grid
from geo.raster import Raster, rasterize
from geo.words import Text
from layers.county import County
from layers.land.classes import classes

Zone = Literal[
    "park_core", "park_general", "basic_farmland", "redline", "source_water", "cropland",
    "settlements", "water",
]  # fmt: skip
ZONES: Mapping[str, tuple[str, Text, str]] = MappingProxyType({
    "park_core": ("park", Text("国家公园核心保护区", "core zone of the park"), "park.core"),
    "park_general": (
        "park",
        Text("国家公园一般控制区", "general zone of the park"),
        "park.general",
    ),
    "basic_farmland": (
        "basic_farmland",
        Text("永久基本农田", "permanent basic farmland"),
        "land_take.basic_farmland",
    ),
    "redline": ("redline", Text("生态保护红线", "ecological redline"), "land_take.redline"),
    "source_water": (
        "source_water",
        Text("饮用水水源保护区", "drinking-water source zones"),
        "land_take.source_water",
    ),
    "cropland": ("parcels", Text("耕地", "cropland"), ""),
    "settlements": ("settlements", Text("居民点", "settlements"), ""),
    "water": ("lake", Text("水面", "water"), ""),
})  # fmt: skip
"""Each zone with the layer it is made from, its title, and the rule that speaks of it.

Water, lake and rivers, binds earthwork alone: bridges and tunnels cross it.
"""
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
    settlement_m
        How far around its point a settlement reaches.
    lake
        Id of the lake surface.
    river_order
        Rivers of this order and above are water too.
    """

    forbid: tuple[str, ...] = ()
    repel_yuan_m: Mapping[str, float] = field(default_factory=dict)
    not_under: tuple[str, ...] = ()
    margin_m: float = 0.0
    settlement_m: float = 50.0
    lake: str = ""
    river_order: int = 10


def area(county: County, zone: str, policy: Policy) -> gpd.GeoDataFrame | None:
    """Give the polygons of a zone, or None where the county has no such layer.

    Parameters
    ----------
    county
        The county.
    zone
        One of `ZONES`.
    policy
        For the reach of settlements and the lake's surface.
    """
    layer = ZONES[zone][0]
    if layer not in county:
        return None
    frame = county.vector(layer).sort_index()
    if layer == "park":
        return frame[frame["zone"] == zone.removeprefix("park_")]
    if layer == "parcels":
        return frame[(classes(frame["DLBM"]) == "cropland").to_numpy()]
    if layer == "settlements":
        return frame.set_geometry(frame.geometry.buffer(policy.settlement_m))
    if layer == "lake":
        chosen = frame[frame.index == policy.lake]
        surface = chosen if len(chosen) else frame[frame["level_m"] == frame["level_m"].min()]
        return _with_rivers(surface, county, policy.river_order)
    return frame


def _with_rivers(lake: gpd.GeoDataFrame, county: County, order: int) -> gpd.GeoDataFrame:
    if "rivers" not in county:
        return lake
    rivers = county.vector("rivers").sort_index()
    if "order" not in rivers:
        return lake
    rivers = rivers[rivers["order"].fillna(0) >= order]
    shapes = [*lake.geometry, *rivers.geometry]
    return gpd.GeoDataFrame(geometry=shapes, crs=lake.crs)


def road_zones(
    county: County,
    grid: Grid,
    policy: Policy,
    *,
    spared: Sequence[tuple[float, float]] = (),
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
        cells = _cells(area(county, zone, policy), grid, 0.0)
        (earth if zone == "water" else above)[cells] += yuan
    for zone in policy.forbid:
        shapes = _sparing(zone, area(county, zone, policy), spared)
        cells = _cells(shapes, grid, policy.margin_m if zone != "water" else 0.0)
        (earth if zone == "water" else above)[cells] = np.inf
        if zone in policy.not_under:
            below[cells] = np.inf
    if not (above.any() or below.any() or earth.any()):
        return None
    return Zones(
        Raster(above, grid),
        Raster(below, grid) if below.any() else None,
        Raster(earth, grid) if earth.any() else None,
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


def touched(
    footprint: gpd.GeoDataFrame, county: County, zones: Sequence[str], policy: Policy
) -> pd.Series:
    """Give hectares of zones that a road's footprint takes; NaN where the county has no layer.

    Parameters
    ----------
    footprint
        The land of a road.
    county
        The county.
    zones
        Of `ZONES`.
    policy
        As for `area`.
    """
    land = footprint.union_all()
    found = {}
    for zone in zones:
        shapes = area(county, zone, policy)
        if shapes is None:
            found[zone] = np.nan
            continue
        near = shapes.geometry.iloc[shapes.sindex.query(land, predicate="intersects")]
        found[zone] = float(near.union_all().intersection(land).area) / 1e4 if len(near) else 0.0
    return pd.Series(found, dtype=float)
