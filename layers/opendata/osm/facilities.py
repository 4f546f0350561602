"""Facilities of OpenStreetMap: hospitals, clinics and schools by a declared table.

1. The first row of `facilities.csv` whose tag a feature has, and whose word stands in its name
   (capitals aside), says its kind. A kind left open there is not known: named, and left out.
2. An area stands at its centre, or at a point in it where the centre lies outside.
3. A point in an area of the same kind is the same facility: the area stays.
4. What lies outside the county is kept up to the bounds that were read: people go there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.words import Text, alike, joined
from layers.opendata.declared import Row, Tables
from layers.opendata.osm.reading import Extract
from layers.opendata.yielded import Yielded

KEYS = ("amenity", "healthcare")
MOST_NAMED = 20


def facilities(extract: Extract, tables: Tables, areas: gpd.GeoDataFrame) -> Yielded:
    """Give the facilities of an extract.

    Parameters
    ----------
    extract
        Features around the county.
    tables
        The declared tables.
    areas
        The townships: code and shape, in the extract's CRS.

    Returns
    -------
    Yielded
        Rows id, kind, name, name_en, township; the township of what lies in none is not known.
    """
    table = tables.rows["facilities"]
    points, polygons = (_kinds(frame, table) for frame in (extract.points, extract.polygons))
    inside = points.sjoin(polygons[["kind", "geometry"]], predicate="within")
    twice = sorted(set(inside.index[inside["kind_left"] == inside["kind_right"]]))
    points = points.drop(index=twice)  # RULE 3
    polygons = polygons.set_geometry(_middles(polygons))
    parts = [part for part in (points, polygons) if len(part)]
    if not parts:
        return Yielded("facilities", None)
    every = gpd.GeoDataFrame(pd.concat(parts), crs=extract.points.crs)
    known = every[every["kind"] != ""].sort_index()
    steps = [joined([Text("按表：", "by table: "), joined(_counted(known))], "", "")]
    if twice:
        count = len(twice)
        steps.append(
            Text(f"点在同类面内，只计面：{count}", f"points in areas, counted once: {count}")
        )
    warnings = _unknown(every[every["kind"] == ""])
    if known.empty:
        return Yielded("facilities", None, (), tuple(warnings))
    return Yielded("facilities", _in_townships(known, areas), tuple(steps), tuple(warnings))


def _kinds(frame: gpd.GeoDataFrame, table: tuple[Row, ...]) -> gpd.GeoDataFrame:
    """Give the features that a row of the table speaks of, with their kind. RULE 1."""
    kinds = [kind(tags, table) for tags in frame["tags"]]
    there = [one is not None for one in kinds]
    chosen = frame.loc[there]
    names = [tags.get("name:zh") or tags.get("name") for tags in chosen["tags"]]
    return gpd.GeoDataFrame(
        {
            "kind": np.array([one for one in kinds if one is not None], dtype=object),
            "name": np.array(names, dtype=object),
            "name_en": np.array([tags.get("name:en") for tags in chosen["tags"]], dtype=object),
        },
        geometry=chosen.geometry.array,
        index=chosen.index,
        crs=frame.crs,
    )


def kind(tags: Mapping[str, str], table: tuple[Row, ...]) -> str | None:
    """Give the kind of a facility; empty where it is not known, None where it is none.

    >>> rows = ({"key": "amenity", "value": "school", "name": "primary", "kind": "primary_school"},
    ...         {"key": "amenity", "value": "school", "name": "", "kind": ""})
    >>> kind({"amenity": "school", "name": "North Primary"}, rows), kind({"amenity": "bank"}, rows)
    ('primary_school', None)
    """
    names = " ".join(tags.get(one, "") for one in ("name", "name:zh", "name:en")).lower()
    for row in table:
        if tags.get(row["key"]) == row["value"] and row["name"].lower() in names:
            return row["kind"]
    return None


def _middles(polygons: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give a point for each area. RULE 2."""
    shapes = polygons.geometry.to_numpy()
    centres = shapely.centroid(shapes)
    outside = ~shapely.within(centres, shapes)
    centres[outside] = shapely.point_on_surface(shapes[outside])
    return gpd.GeoSeries(centres, index=polygons.index, crs=polygons.crs)


def _in_townships(known: gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    found = known.sjoin(areas[["code", "geometry"]], how="left", predicate="within")
    first = found[~found.index.duplicated()]
    codes = first["code"].astype(object).where(first["code"].notna(), None)
    return known.assign(township=codes).rename_axis("id").reset_index()


def _counted(known: gpd.GeoDataFrame) -> list[Text]:
    return [alike(f"{name} × {count}") for name, count in sorted(Counter(known["kind"]).items())]


def _unknown(frame: gpd.GeoDataFrame) -> list[Text]:
    """Name the facilities whose kind is not known."""
    if frame.empty:
        return []
    named = [name or key for key, name in zip(frame.index, frame["name"], strict=True)]
    names = ", ".join(named[:MOST_NAMED]) + (" …" if len(named) > MOST_NAMED else "")
    return [
        Text(
            f"类别未知，未采用 {len(named)} 处：{names}；可在 facilities.csv 中说明（--tables）",
            f"kind not known, {len(named)} left out: {names}; facilities.csv may say it (--tables)",
        )
    ]
