"""Roads as a planner edits them: opened, closed, added, driven at other speeds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from geo.crs import reproject
from geo.errors import InputError, Problem
from geo.travel.junctions import attach
from geo.words import Text
from layers.catalog import ROAD_CLASSES
from layers.county import County

COLUMNS = ("ref", "name", "class", "speed_kmh", "status")
ONEWAY = "oneway"
ADDED = "added"
LINES = ("LineString", "MultiLineString")


def edited_roads(
    county: County,
    *,
    opened: Collection[str] = (),
    closed: Collection[str] = (),
    added: gpd.GeoDataFrame | None = None,
    within_m: float = 0,
) -> gpd.GeoDataFrame:
    """Give a county's roads with two columns of truth: open `before` the edits, and `after`.

    Parameters
    ----------
    county
        The county; without roads it has none but those added.
    opened
        Ids of planned roads that are open after; ids that do not exist change nothing.
    closed
        Ids of roads that are closed after.
    added
        Roads that exist only after, as `drawn_roads` gives them.
    within_m
        Both ends of an added road join the nearest road within this distance, expressways aside.

    Returns
    -------
    GeoDataFrame
        LineStrings with ref, name, class, speed_kmh, status, before, after, and oneway where the
        county's roads say it; sorted by id, a road of several parts in as many rows.
    """
    roads = gpd.GeoDataFrame({name: [] for name in COLUMNS}, geometry=[], crs=county.crs)
    if "roads" in county:
        roads = county.vector("roads").sort_index()
        more = [name for name in (ONEWAY,) if name in roads]
        roads = roads.reindex(columns=[*COLUMNS, *more, "geometry"]).explode()
    if added is not None and len(added):
        joins = (roads["class"] != "expressway").to_numpy(dtype=bool)
        added, joined = attach(added, roads[joins], within=within_m)
        roads = pd.concat([part for part in (joined, roads[~joins], added) if len(part)])
    new = (roads["status"] == ADDED).to_numpy(dtype=bool)
    before = (roads["status"] == "existing").to_numpy(dtype=bool)
    after = (before | new | roads.index.isin(list(opened))) & ~roads.index.isin(list(closed))
    return roads.assign(before=before, after=after, speed_kmh=roads["speed_kmh"].astype(float))


def drawn_roads(collection: Mapping[str, Any] | None, crs: CRS) -> gpd.GeoDataFrame:
    """Give roads drawn as GeoJSON (WGS-84 lines with class and speed_kmh) in a county's CRS.

    Parameters
    ----------
    collection
        A FeatureCollection of LineStrings or MultiLineStrings, whose parts share an id; None gives
        no roads.
    crs
        The county's CRS.

    Raises
    ------
    InputError
        Naming every problem of every feature at once.

    Examples
    --------
    >>> road = {"type": "Feature", "properties": {"class": "county", "speed_kmh": 40},
    ...         "geometry": {"type": "LineString", "coordinates": [[119.6, 27.9], [119.7, 27.9]]}}
    >>> drawn = drawn_roads({"type": "FeatureCollection", "features": [road]}, CRS(4549))
    >>> drawn.index.tolist(), round(drawn.length.iloc[0])
    (['added_1'], 9845)
    """
    empty = gpd.GeoDataFrame({name: [] for name in COLUMNS}, geometry=[], crs=crs)
    if collection is None:
        return empty
    features = collection.get("features") or []
    problems = [
        Problem(field=f"features[{place}].{field}", found=repr(found), expected=expected)
        for place, feature in enumerate(features)
        for field, found, expected in _wrong(feature)
    ]
    if not features:
        problems = [Problem(field="features", found="[]", expected="LineString …")]
    if problems:
        raise InputError(Text("新增道路有误", "roads to add are refused"), problems=problems)
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326")
    frame = reproject(frame, crs).reindex(columns=[*COLUMNS, "geometry"])
    frame.index = pd.Index([f"{ADDED}_{place}" for place in range(1, len(frame) + 1)])
    return frame.assign(status=ADDED).explode()


def _wrong(feature: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """Give field, what was found and what was expected of everything wrong with a feature."""
    properties = feature.get("properties") or {}
    shape = (feature.get("geometry") or {}).get("type")
    if shape not in LINES:
        yield "geometry.type", shape, " | ".join(LINES)
    if properties.get("class") not in ROAD_CLASSES:
        yield "properties.class", properties.get("class"), " | ".join(ROAD_CLASSES)
    speed = properties.get("speed_kmh")
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not 1 <= speed <= 120:
        yield "properties.speed_kmh", speed, "1 … 120 km/h"


def free_ids(stem: str, count: int, roads: gpd.GeoDataFrame) -> list[str]:
    """Give ids for roads that no other road has.

    >>> free_ids("added", 2, gpd.GeoDataFrame(index=["added_1"]))
    ['added_new_1', 'added_new_2']
    """
    while any(str(one).startswith(f"{stem}_") for one in roads.index):
        stem += "_new"
    return [f"{stem}_{number}" for number in range(1, count + 1)]


def joined_roads(
    roads: gpd.GeoDataFrame, added: gpd.GeoDataFrame, *, within_m: float
) -> gpd.GeoDataFrame:
    """Put roads that are added among others, joined to them as `edited_roads` joins them.

    Parameters
    ----------
    roads
        The layer `roads`; a road of several parts stays one row.
    added
        Roads with ids that no other has, and the columns of the others.
    within_m
        Both ends of an added road join the nearest road within this distance, expressways aside.
    """
    if roads.empty:
        return added
    open_ = roads["class"] != "expressway"
    added, parts = attach(added, roads[open_].explode(), within=within_m)
    shapes = parts.geometry.groupby(level=0, sort=False).agg(_whole)
    geometry = roads.geometry.copy()
    geometry.loc[shapes.index] = gpd.GeoSeries(shapes, crs=roads.crs)
    whole = pd.concat([roads.set_geometry(geometry), added])
    return gpd.GeoDataFrame(whole, crs=roads.crs)


def _whole(parts: gpd.GeoSeries) -> BaseGeometry:
    return parts.iloc[0] if len(parts) == 1 else shapely.MultiLineString(list(parts))


def roads_after(
    county: County,
    *,
    opened: Collection[str] = (),
    closed: Collection[str] = (),
    added: gpd.GeoDataFrame | None = None,
    within_m: float = 0,
) -> gpd.GeoDataFrame | None:
    """Give the layer `roads` as it would be after edits, or None where they change nothing.

    Parameters
    ----------
    county
        The county.
    opened, closed, added, within_m
        As for `edited_roads`: planned roads that are opened stand as existing, roads that are
        closed are gone, those added stand among the others.
    """
    if "roads" not in county:
        return None
    roads = county.vector("roads").sort_index()
    planned = roads.index.isin(list(opened)) & (roads["status"] != "existing").to_numpy(dtype=bool)
    shut = roads.index.isin(list(closed))
    drawn = 0 if added is None else len(added)
    if not (planned.any() or shut.any() or drawn):
        return None
    after = roads.assign(status=roads["status"].mask(planned, "existing"))[~shut]
    if added is None or not drawn:
        return after
    lines = added.reindex(columns=[*after.columns.drop("geometry"), "geometry"])
    lines = lines.assign(status="existing")
    lines.index = pd.Index(free_ids(ADDED, drawn, roads), name=roads.index.name)
    return joined_roads(after, lines, within_m=within_m)
