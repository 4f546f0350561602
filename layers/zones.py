"""Zones of a county in which not everything is allowed: protected, built-up and farmed land.

One table says of each zone from which layer it is made, what it is called and which rules speak of
it; `area` gives its polygons, `covered_m2` and `share` what of other shapes lies in them. A zone
whose layer the county has not is not known: it is None, and NaN, never nothing.

The park is one layer of two parts, and three zones: `park_core`, its core zone alone;
`park_general`, its general zone alone; `park`, both together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.words import Text
from layers.county import County
from layers.ground import lake_surface
from layers.land.classes import classes


@dataclass(frozen=True)
class Zone:
    """What is known of a zone.

    Parameters
    ----------
    layer
        The layer it is made from.
    title
        What it is called.
    part
        The rows that belong to it: a value of the park's column `zone`, a class of land of the
        parcels; empty when all do.
    taking
        Id of the rule on land taken from it for works, or empty.
    grade
        The grade (column `grade`) in which that rule binds; empty when it binds everywhere.
    cropland
        Id of the rule that keeps new cropland out of it, or empty.
    """

    layer: str
    title: Text
    part: str = ""
    taking: str = ""
    grade: str = ""
    cropland: str = ""

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of all rules that speak of it."""
        return tuple(rule for rule in (self.taking, self.cropland) if rule)


ZONES: Mapping[str, Zone] = MappingProxyType(
    {
        "park": Zone("park", Text("国家公园", "national park")),
        "park_core": Zone(
            "park",
            Text("国家公园核心保护区", "core zone of the park"),
            part="core",
            taking="park.core",
            cropland="exchange.reserve",
        ),
        "park_general": Zone(
            "park",
            Text("国家公园一般控制区", "general zone of the park"),
            part="general",
            taking="park.general",
        ),
        "basic_farmland": Zone(
            "basic_farmland",
            Text("永久基本农田", "permanent basic farmland"),
            taking="land_take.basic_farmland",
        ),
        "redline": Zone(
            "redline",
            Text("生态保护红线", "ecological redline"),
            taking="land_take.redline",
            cropland="exchange.redline",
        ),
        "source_water": Zone(
            "source_water",
            Text("饮用水水源保护区", "drinking-water source zones"),
            taking="land_take.source_water",
            grade="first",
            cropland="exchange.source_water",
        ),
        "cropland": Zone("parcels", Text("耕地", "cropland"), part="cropland"),
        "settlements": Zone("settlements", Text("居民点", "settlements")),
        "water": Zone("lake", Text("水面", "water")),
        "hazards": Zone("hazards", Text("地质灾害与洪水风险区", "hazard zones")),
        "development_boundary": Zone(
            "development_boundary", Text("城镇开发边界内", "within the urban development boundary")
        ),
    }
)
"""Each zone. Water is the lake's surface, and rivers where they are known."""


PARK_ZONES = ("core", "general")
"""The park's own zones, the stricter first: what both claim is core."""


@dataclass(frozen=True)
class Extent:
    """How far zones reach that no layer bounds.

    Parameters
    ----------
    settlement_m
        How far around its point a settlement reaches.
    lake
        Id of the lake's surface; without one of this id the lowest counts.
    river_order
        Rivers of this Strahler order and above are water.
    """

    settlement_m: float = 50.0
    lake: str = ""
    river_order: int = 10


def area(county: County, zone: str, extent: Extent = Extent()) -> gpd.GeoDataFrame | None:
    """Give the polygons of a zone (rivers are lines), or None where the county has no such layer.

    Parameters
    ----------
    county
        The county.
    zone
        One of `ZONES`.
    extent
        For settlements and water.

    Examples
    --------
    >>> from layers import twin
    >>> county = twin.county()
    >>> [int(area(county, zone).area.sum().round()) for zone in ("park", "park_core")]
    [2250000, 360000]
    """
    known = ZONES[zone]
    if known.layer not in county:
        return None
    if zone == "water":
        return _water(county, extent)
    frame = county.vector(known.layer).sort_index()
    if zone == "settlements":
        return frame.set_geometry(frame.geometry.buffer(extent.settlement_m))
    if known.layer == "park" and known.part:
        return frame[frame["zone"] == known.part]
    if known.layer == "parcels":
        return frame[(classes(frame["DLBM"]) == known.part).to_numpy()]
    return frame


def _water(county: County, extent: Extent) -> gpd.GeoDataFrame | None:
    lake = lake_surface(county, extent.lake)
    if lake is None or "rivers" not in county:
        return lake
    rivers = county.vector("rivers").sort_index()
    if "order" not in rivers:
        return lake
    rivers = rivers[rivers["order"].fillna(0) >= extent.river_order]
    return gpd.GeoDataFrame(geometry=[*lake.geometry, *rivers.geometry], crs=lake.crs)


def park_zones(county: County) -> gpd.GeoDataFrame | None:
    """Give the zones of the park, a row each, that which goes first where they overlap above.

    >>> from layers import twin
    >>> (park_zones(twin.county()).area / 1e4).round(6).to_dict()
    {'core': 36.0, 'general': 189.0}
    """
    parts = {zone: area(county, f"park_{zone}") for zone in PARK_ZONES}
    whole = [one.union_all() for one in parts.values() if one is not None]
    if not whole:
        return None
    return gpd.GeoDataFrame(geometry=whole, index=pd.Index([*parts]), crs=county.crs)


def bound(zone: str, polygons: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
    """Give those polygons of a zone in which the rule on land taken binds.

    Parameters
    ----------
    zone
        One of `ZONES`.
    polygons
        Of the zone, as `area` gives them, or some of them.

    Returns
    -------
    GeoDataFrame or None
        None where it is not known: without polygons, or where one of them does not say its grade.
    """
    grade = ZONES[zone].grade
    if polygons is None or not grade or polygons.empty:
        return polygons
    if "grade" not in polygons or polygons["grade"].isna().any():
        return None
    return polygons[polygons["grade"] == grade]


def covered_m2(shapes: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame | None) -> pd.Series:
    """Give the area of each shape that lies in a zone, m².

    Parameters
    ----------
    shapes
        Polygons.
    polygons
        Those of the zone, as `area` gives them, in the same CRS; where they overlap they count
        once, lines among them not at all, None is a zone that is not known.

    Returns
    -------
    Series
        By the index of the shapes; NaN where the zone is not known.

    Examples
    --------
    >>> from shapely import box
    >>> land = gpd.GeoDataFrame(geometry=[box(0, 0, 2, 1), box(5, 0, 6, 1)], crs=4549)
    >>> zone = gpd.GeoDataFrame(geometry=[box(1, 0, 3, 1), box(1, 0, 4, 1)], crs=4549)
    >>> covered_m2(land, zone).tolist(), covered_m2(land, None).isna().all().item()
    ([1.0, 0.0], True)
    """
    if polygons is None:
        return pd.Series(np.nan, index=shapes.index, dtype=float)
    found = pd.Series(0.0, index=shapes.index)
    if polygons.empty:
        return found
    parts = np.array(shapely.get_parts(shapely.union_all(polygons.geometry.to_numpy())), object)
    own = shapes.geometry.to_numpy()
    shape, part = shapely.STRtree(parts).query(own, predicate="intersects")
    shapely.prepare(parts)
    inside = np.zeros(len(shapes))
    whole = shapely.covers(parts[part], own[shape])
    np.add.at(inside, shape[whole], shapely.area(own[shape[whole]]))
    cut = ~whole
    pieces = shapely.intersection(own[shape[cut]], parts[part[cut]])
    np.add.at(inside, shape[cut], shapely.area(pieces))
    return found + inside


def share(shapes: gpd.GeoDataFrame, polygons: gpd.GeoDataFrame | None) -> pd.Series:
    """Give the share of each shape's area that lies in a zone, 0 to 1; NaN where it is not known.

    Takes and gives what `covered_m2` does; a shape without area has no share.

    >>> from shapely import box
    >>> land = gpd.GeoDataFrame(geometry=[box(0, 0, 2, 1), box(5, 0, 6, 1)], crs=4549)
    >>> share(land, gpd.GeoDataFrame(geometry=[box(1, 0, 4, 1)], crs=4549)).tolist()
    [0.5, 0.0]
    """
    return covered_m2(shapes, polygons) / shapes.area.where(shapes.area > 0)
