"""Townships and their seats of OpenStreetMap: administrative areas, and the places that name them.

1. A township is an area with `boundary=administrative` of the level asked for (in China townships
   have `admin_level=8`) of which at least half lies in the county; it is cut to the county.
2. Its code is the tag `ref:CN` or `ref` where that is a code of nine or twelve figures (the first
   nine are taken), else its id in OpenStreetMap.
3. The seat of a township is the place (`place` = city, town, village, suburb, quarter, hamlet, in
   this order) in it that bears its name, with or without a word for township behind it (table
   `seats.csv`). Where none does, its seat is not known.
4. The county's seat is the one in the township where the place of the highest rank lies, city
   before town; where several are of that rank it is not known which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.words import Text, joined
from layers.opendata.declared import Tables
from layers.opendata.osm.reading import Extract
from layers.opendata.yielded import Yielded

CODE = re.compile(r"(\d{9})(\d{3})?")
CITIES = ("city", "town")
RANKS = (*CITIES, "village", "suburb", "quarter", "hamlet")
HALF = 0.5
Tags = Mapping[str, str]


def townships(extract: Extract, outline: BaseGeometry, *, level: str = "8") -> Yielded:
    """Give the townships of a county.

    Parameters
    ----------
    extract
        Features around the county.
    outline
        The county, in their CRS.
    level
        Value of `admin_level`.

    Returns
    -------
    Yielded
        Rows code, name, name_en; areas without a name are named in a warning, and left out.
    """
    rows, nameless = [], []
    for key, tags, shape in _areas(extract, level):
        inside = _polygons(shape.intersection(outline))
        if inside.area < HALF * shape.area or inside.is_empty:  # RULE 1
            continue
        name = tags.get("name:zh") or tags.get("name")
        if not name:
            nameless.append(key)
            continue
        code = CODE.fullmatch(tags.get("ref:CN") or tags.get("ref", ""))
        rows.append(
            {
                "code": code[1] if code else key,  # RULE 2
                "name": name,
                "name_en": tags.get("name:en"),
                "geometry": inside,
            }
        )
    if not rows:
        return Yielded("townships", None)
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=extract.polygons.crs)
    step = Text(
        f"boundary=administrative、admin_level={level}：{len(rows)} 个，裁至县界",
        f"boundary=administrative, admin_level={level}: {len(rows)}, cut to the county",
    )
    covered = frame.union_all().area / outline.area
    warnings = [Text(f"覆盖全县 {covered:.1%}", f"they cover {covered:.1%} of the county")]
    if nameless:
        ids = ", ".join(nameless)
        warnings.append(Text(f"没有名称，未采用：{ids}", f"without a name, left out: {ids}"))
    return Yielded("townships", frame, (step,), tuple(warnings))


def _areas(extract: Extract, level: str) -> list[tuple[str, Tags, BaseGeometry]]:
    frame = extract.polygons
    return [
        (str(key), tags, shape)
        for key, tags, shape in zip(frame.index, frame["tags"], frame.geometry, strict=True)
        if tags.get("boundary") == "administrative" and tags.get("admin_level") == level
    ]


def _polygons(shape: BaseGeometry) -> BaseGeometry:
    """Give the polygons of a shape alone; cutting leaves lines and points where borders touch."""
    parts = [one for one in shapely.get_parts(shape) if one.geom_type == "Polygon"]
    return shapely.union_all(parts) if len(parts) != 1 else parts[0]


def seats(extract: Extract, tables: Tables, areas: gpd.GeoDataFrame) -> Yielded:
    """Give the seats of townships.

    Parameters
    ----------
    extract
        Features around the county.
    tables
        The declared tables.
    areas
        The townships: code, name and shape, in the extract's CRS.

    Returns
    -------
    Yielded
        Rows code, name, name_en, role.
    """
    places = _places(extract)
    endings = [
        f" {row['ending']}" if row["ending"].isascii() else row["ending"]
        for row in tables.rows["seats"]
    ]
    within = places.sjoin(areas[["code", "name", "geometry"]], predicate="within")
    rows, lacking = [], []
    for code, name in zip(areas["code"], areas["name"], strict=True):
        own = within[within["code"] == code]
        named = own[[_plain(one, endings) == _plain(name, endings) for one in own["name_left"]]]
        if named.empty:
            lacking.append(f"{name} ({code})")
            continue
        first = named.sort_values("rank", kind="stable").iloc[0]
        rows.append(
            {
                "code": code,
                "name": first["name_left"],
                "name_en": first["name_en"],
                "role": "township",
                "geometry": first["geometry"],
            }
        )
    warnings = []
    if lacking:
        names = joined(lacking)
        warnings.append(Text(f"驻地未知：{names.zh}", f"seats not known: {names.en}"))
    if not rows:
        return Yielded("seats", None, (), tuple(warnings))
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=areas.crs)
    county = _county_seat(within)
    if county in set(frame["code"]):
        frame.loc[frame["code"] == county, "role"] = "county"
    else:
        unknown = Text(
            "县城未知：--set county_seat=乡镇代码", "county seat not known: --set county_seat=CODE"
        )
        warnings.append(unknown)
    step = Text("与乡镇同名的地点为其驻地", "the place that bears a township's name is its seat")
    return Yielded("seats", frame, (step,), tuple(warnings))


def _county_seat(within: pd.DataFrame) -> str:
    """Give the code of the township with the place of the highest rank, or nothing. RULE 4."""
    best = within[within["rank"] == within["rank"].min()]
    codes = best["code"].unique()
    return str(codes[0]) if len(codes) == 1 and int(best["rank"].iloc[0]) < len(CITIES) else ""


def _places(extract: Extract) -> gpd.GeoDataFrame:
    """Give the places that may be a seat: name, name_en and rank."""
    points = extract.points
    there = [tags.get("place") in RANKS and "name" in tags for tags in points["tags"]]
    chosen = points.loc[there]
    columns = {
        "name": [tags.get("name:zh") or tags["name"] for tags in chosen["tags"]],
        "name_en": [tags.get("name:en") for tags in chosen["tags"]],
        "rank": [RANKS.index(tags["place"]) for tags in chosen["tags"]],
    }
    return gpd.GeoDataFrame(columns, geometry=chosen.geometry.array, crs=points.crs)


def _plain(name: str, endings: Iterable[str]) -> str:
    """Give a name without the word for a township behind it. RULE 3.

    >>> _plain("Example Town", [" Town"]), _plain("Town", [" Town"])
    ('Example', 'Town')
    """
    fitting = [one for one in endings if name.endswith(one) and len(name) > len(one)]
    return name.removesuffix(max(fitting, key=len, default=""))
