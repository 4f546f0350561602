"""Where a county's named places are: by name, by layer and id, or by coordinates."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from pyproj import Transformer

from geo.errors import InputError, Problem
from geo.raster import Raster
from geo.words import Text
from layers.catalog import CATALOG
from layers.county import County

NAMED = ("seats", "facilities", "new_town", "lijing_park", "settlements")
"""Layers whose names are looked up, in this order."""
PAIR = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*")
NUMBER = re.compile(r"\s*-?\d+(?:\.\d+)?\s*")
ENDINGS = "街道|镇|乡"
IMPORT = "jingning layers import FOLDER FILE --as"
PLACE_WORDS = Text("经度,纬度 | 图层:编号 | 名称", "lon,lat | layer:id | name")
IN_PAIRS = Text(
    "坐标须成对，地点之间用分号隔开：经度,纬度; 经度,纬度",
    'coordinates in pairs, ";" between places: "lon,lat; lon,lat"',
)
LARGEST_DEGREE = 180.0


@dataclass(frozen=True)
class Place:
    """A place: what it is called, and its points (x, y) in the county's CRS; a line has two."""

    title: Text
    points: tuple[tuple[float, float], ...]


def places(county: County, wanted: tuple[str, ...]) -> tuple[Place, ...]:
    """Find places.

    Parameters
    ----------
    county
        The county.
    wanted
        Of each place its name or English name in one of `NAMED` (the ending 街道, 镇 or 乡 may be
        left out), `layer:id`, `longitude,latitude`, or `x,y` in the county's CRS. A line given as
        `layer:id` stands for its two ends, a polygon for a point within it.

    Raises
    ------
    InputError
        Naming every place that is not found, and the nearest name.

    Examples
    --------
    >>> from layers import twin
    >>> found = places(twin.county(), ("西南", "seats:002"))
    >>> [place.title.en for place in found], len(found[0].points)
    (['Southwest', 'Northeast'], 1)
    """
    placed: list[Place] = []
    problems: list[Problem] = []
    for number, text in enumerate(wanted):
        place = _coordinates(county, text) or _by_id(county, text) or _by_name(county, text)
        if place is None:
            problems.append(
                Problem(field=f"points[{number}]", found=text, remedy=_meant(county, text))
            )
        else:
            placed.append(place)
    if problems:
        raise InputError(Text("没有这样的地点", "no such places"), problems=problems)
    return tuple(placed)


def require_terrain(placed: Iterable[Place], dem: Raster) -> None:
    """Raise where the height of a place is not known.

    Parameters
    ----------
    placed
        Places.
    dem
        Heights, in the county's CRS.

    Raises
    ------
    InputError
        Naming every place without terrain.
    """
    problems = []
    for number, place in enumerate(placed):
        rows, columns = dem.grid.index(*np.transpose(place.points))
        inside = dem.grid.inside(rows, columns)
        known = dem.valid & np.isfinite(dem.values)
        if not inside.all() or not known[rows[inside], columns[inside]].all():
            problems.append(
                Problem(
                    field=f"points[{number}]",
                    found=Text(
                        f"{place.title.zh}：该处没有地形数据",
                        f"{place.title.en}: no terrain there",
                    ),
                    remedy=f"{IMPORT} dem",
                )
            )
    if problems:
        raise InputError(
            Text("这些地点没有地形数据", "no terrain at these places"), problems=problems
        )


def _meant(county: County, text: str) -> Text:
    """Say what a place that is not found may have meant."""
    if NUMBER.fullmatch(text):
        return IN_PAIRS
    layer, colon, name = text.partition(":")
    if colon and layer in CATALOG:
        if layer not in county:
            return Text(
                f"缺少图层 {layer}：{IMPORT} {layer}", f"no layer {layer}: {IMPORT} {layer}"
            )
        known = [str(one) for one in county.vector(layer).index]
        ids = ", ".join(difflib.get_close_matches(name, known, n=1) or known[:5])
        return Text(f"{layer} 的编号如 {ids}", f"ids of {layer} such as {ids}")
    if "seats" not in county and text.strip() in set(county.vector("townships")["name"]):
        return Text(
            f"驻地位置未知：{IMPORT} seats", f"where its seat is, is not known: {IMPORT} seats"
        )
    near = difflib.get_close_matches(text, list(_names(county)), n=1)
    return Text(f"是否指 {near[0]}？", f"did you mean {near[0]}?") if near else PLACE_WORDS


def _coordinates(county: County, text: str) -> Place | None:
    pair = PAIR.fullmatch(text)
    if pair is None:
        return None
    x, y = float(pair[1]), float(pair[2])
    if abs(x) <= LARGEST_DEGREE:
        x, y = Transformer.from_crs(4326, county.crs, always_xy=True).transform(x, y)
    return Place(Text(text.strip(), text.strip()), ((x, y),))


def _by_id(county: County, text: str) -> Place | None:
    layer, colon, name = text.partition(":")
    if not colon or layer not in county:
        return None
    frame = county.vector(layer)
    rows = frame[frame.index.astype(str) == name]
    if rows.empty:
        return None
    return Place(_title(rows, name), _points(rows))


def _points(rows: gpd.GeoDataFrame) -> tuple[tuple[float, float], ...]:
    """Give the point of a shape, or the two ends of a line."""
    shape = rows.geometry.iloc[0]
    if shape.geom_type == "LineString":
        ends = (shape.coords[0], shape.coords[-1])
        return tuple((float(x), float(y)) for x, y, *_ in ends)
    point = shape if shape.geom_type == "Point" else shape.representative_point()
    return ((float(point.x), float(point.y)),)


def _title(rows: gpd.GeoDataFrame, name: str) -> Text:
    names = [
        str(rows[column].iloc[0]) if column in rows and rows[column].notna().iloc[0] else name
        for column in ("name", "name_en")
    ]
    return Text(names[0], names[1])


def _names(county: County) -> Iterator[str]:
    for layer in NAMED:
        if layer in county:
            frame = county.vector(layer)
            for column in ("name", "name_en"):
                if column in frame:
                    yield from frame[column].dropna().astype(str)


def _by_name(county: County, text: str) -> Place | None:
    wanted = text.strip()
    for layer in NAMED:
        if layer not in county:
            continue
        frame = county.vector(layer).sort_index()
        for column in ("name", "name_en"):
            if column not in frame:
                continue
            names = frame[column].fillna("").astype(str)
            short = names.str.replace(rf"({ENDINGS})$", "", regex=True)
            rows = frame[(names == wanted) | ((short == wanted) & (wanted != ""))]
            if len(rows):
                return Place(_title(rows, wanted), _points(rows))
    return _seat_of(county, wanted)


def _seat_of(county: County, township: str) -> Place | None:
    """Give the seat of a township by the township's name, whatever the seat itself is called."""
    if not {"townships", "seats"} <= {*county.names}:
        return None
    towns, seats = county.vector("townships"), county.vector("seats")
    codes = [code for code, name in towns["name"].items() if name == township]
    rows = seats[seats.index.isin(codes)]
    return Place(Text(township, township), _points(rows)) if len(rows) else None
