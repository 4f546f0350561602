"""Protected areas of OpenStreetMap as the layer `park`, by a declared table.

1. The first row of `protection.csv` whose tag an area has, and whose protect_class it has where the
   row names one, says its zone; a zone left open is left out, and named.
2. Areas are cut to the county.
3. OpenStreetMap rarely draws the zones of a national park: what the table calls general may hold a
   core zone that is not known, and a warning says so.
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.words import Text, joined
from layers.opendata.declared import Row, Tables
from layers.opendata.osm.reading import Extract
from layers.opendata.yielded import Yielded

NO_CORE = Text(
    "未区分核心保护区：一般控制区之内可能有未知的核心保护区",
    "zones are not told apart: a core zone within the general one is not known",
)


def zone(tags: Mapping[str, str], table: tuple[Row, ...]) -> str | None:
    """Give the zone of an area; empty where it is left out, None where it is not protected.

    >>> park = {"key": "boundary", "value": "national_park", "protect_class": "", "zone": "general"}
    >>> zone({"boundary": "national_park"}, (park,)), zone({"boundary": "fence"}, (park,))
    ('general', None)
    """
    for row in table:
        same = tags.get(row["key"]) == row["value"]
        if same and row["protect_class"] in {"", tags.get("protect_class", "")}:
            return row["zone"]
    return None


def park(extract: Extract, tables: Tables, outline: BaseGeometry) -> Yielded:
    """Give the park: rows id, zone, name, name_en."""
    frame = extract.polygons
    rows, left = [], []
    for key, tags, shape in zip(frame.index, frame["tags"], frame.geometry, strict=True):
        found = zone(tags, tables.rows["protection"])
        name = tags.get("name:zh") or tags.get("name")
        if found is None or not shape.intersects(outline):
            continue
        if not found:
            left.append(name or key)
            continue
        parts = shapely.get_parts(shape.intersection(outline))  # RULE 2
        areas = [part for part in parts if part.geom_type == "Polygon"]
        if areas:
            about = {"id": key, "zone": found, "name": name, "name_en": tags.get("name:en")}
            rows.append({**about, "geometry": shapely.union_all(areas)})
    warnings = []
    if left:
        names = joined(left)
        warnings.append(
            Text(f"不按国家公园对待，未采用：{names.zh}", f"no national park, left out: {names.en}")
        )
    if not rows:
        return Yielded("park", None, (), tuple(warnings))
    if all(row["zone"] == "general" for row in rows):
        warnings.append(NO_CORE)  # RULE 3
    made = gpd.GeoDataFrame(rows, geometry="geometry", crs=frame.crs)
    return Yielded("park", made, (Text("裁至县界", "cut to the county"),), tuple(warnings))
