"""Rivers and the lake of OpenStreetMap by a declared table.

1. The first row of `waters.csv` whose tag a feature has, and whose `water` it has where the row
   names one, says what it is; a kind left open is left out.
2. Rivers are the lines that touch the county, whole.
3. The layer of the lake holds one lake at one or several levels: of the standing waters that touch
   the county the largest, its areas that bear one name, or are one feature, together. The others
   are counted.
4. Its level is the tag `ele` where that is a number, else the middle height (median) of the
   terrain's cells in it; without either the lake cannot be given.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.raster import Raster, rasterize
from geo.words import Text
from layers.given import number
from layers.opendata.declared import Row, Tables
from layers.opendata.osm.reading import Extract
from layers.opendata.yielded import Yielded

Tags = Mapping[str, str]


def water(tags: Tags, table: tuple[Row, ...]) -> str:
    """Say what a feature is, river or lake, or nothing. RULE 1.

    >>> rows = ({"key": "natural", "value": "water", "water": "pond", "kind": ""},
    ...         {"key": "natural", "value": "water", "water": "", "kind": "lake"})
    >>> water({"natural": "water"}, rows), water({"natural": "water", "water": "pond"}, rows)
    ('lake', '')
    """
    for row in table:
        if tags.get(row["key"]) == row["value"] and row["water"] in {"", tags.get("water", "")}:
            return row["kind"]
    return ""


def rivers(extract: Extract, tables: Tables, outline: BaseGeometry) -> Yielded:
    """Give the rivers: rows id, name, name_en."""
    frame = _chosen(extract.lines, tables, "river", outline)
    if frame.empty:
        return Yielded("rivers", None)
    values = sorted({tags["waterway"] for tags in frame["tags"] if "waterway" in tags})
    step = Text(f"waterway：{'、'.join(values)}", f"waterway: {', '.join(values)}")
    return Yielded("rivers", _named(frame).rename_axis("id").reset_index(), (step,))


def lake(
    extract: Extract, tables: Tables, outline: BaseGeometry, terrain: Raster | None
) -> Yielded:
    """Give the lake: one row id, name, name_en, level_m, area_km2.

    Parameters
    ----------
    extract
        Features around the county.
    tables
        The declared tables.
    outline
        The county, in their CRS.
    terrain
        Heights in the same CRS, NaN where not known; None where there are none.
    """
    frame = _chosen(extract.polygons, tables, "lake", outline)
    if frame.empty:
        return Yielded("lake", None)
    named = _named(frame)
    bodies = named["name"].fillna(pd.Series(named.index, index=named.index))
    merged = named.assign(body=bodies, id=named.index).dissolve("body", aggfunc="first")
    areas = merged.area
    largest = merged[areas == areas.max()].sort_values("id").iloc[0]  # RULE 3
    level, how = _level(frame.loc[largest["id"], "tags"], largest["geometry"], terrain)
    others = len(merged) - 1
    warnings = [
        Text(f"只取最大水面，另有 {others} 处", f"the largest water alone; {others} others there")
    ]
    if level is None:
        warnings.append(
            Text("水位未知（无 ele，也无地形），未采用", "level not known, without ele and terrain")
        )
        return Yielded("lake", None, (), tuple(warnings))
    row = {
        "id": largest["id"],
        "name": largest["name"],
        "name_en": largest["name_en"],
        "level_m": level,
        "area_km2": round(float(areas.max()) / 1e6, 4),
        "geometry": largest["geometry"],
    }
    made = gpd.GeoDataFrame([row], geometry="geometry", crs=frame.crs)
    return Yielded("lake", made, (how,), tuple(warnings))


def _chosen(
    frame: gpd.GeoDataFrame, tables: Tables, kind: str, outline: BaseGeometry
) -> gpd.GeoDataFrame:
    table = tables.rows["waters"]
    right = np.array([water(tags, table) == kind for tags in frame["tags"]], dtype=bool)
    return frame[right & frame.intersects(outline).to_numpy(dtype=bool)]


def _named(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    names = [tags.get("name:zh") or tags.get("name") for tags in frame["tags"]]
    return gpd.GeoDataFrame(
        {
            "name": np.array(names, dtype=object),
            "name_en": np.array([tags.get("name:en") for tags in frame["tags"]], dtype=object),
        },
        geometry=frame.geometry.array,
        index=frame.index,
        crs=frame.crs,
    )


def _level(tags: Tags, shape: BaseGeometry, terrain: Raster | None) -> tuple[float | None, Text]:
    """Give the level of a lake, and how it is known. RULE 4."""
    told = number(tags.get("ele", ""))
    if not np.isnan(told):
        return told, Text(f"水位取 ele：{told:g} m", f"level by the tag ele: {told:g} m")
    nothing = Text("水位未知", "level not known")
    if terrain is None:
        return None, nothing
    area = gpd.GeoDataFrame(geometry=[shape], crs=terrain.grid.crs)
    within = (rasterize(area, terrain.grid).values == 1) & terrain.valid
    if not within.any():
        return None, nothing
    level = round(float(np.median(terrain.values[within])), 1)
    return level, Text(
        f"水位取水面内 {int(within.sum())} 个地形像元的中位数：{level:g} m",
        f"level: median of {int(within.sum())} cells of terrain in it: {level:g} m",
    )
