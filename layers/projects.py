"""Projects as a planner gives them: shapes drawn in a file, and rows of the county's layers."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS

from geo.crs import reproject
from geo.errors import InputError, Problem
from geo.words import Text, joined
from layers.county import County
from layers.places import shape_fault

COLUMNS = ("name", "name_en", "source")
LAYERS = ("roads", "new_town", "lijing_park")
"""Layers whose rows may be taken for a project."""
DRAWN = "project"
SHAPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
REFUSED = Text("项目图形有误", "shapes of the project are refused")


def drawn(
    collection: Mapping[str, Any], crs: CRS, *, columns: Sequence[str] = ()
) -> gpd.GeoDataFrame:
    """Give the shapes of a project that are drawn as GeoJSON (WGS-84), in a county's CRS.

    Parameters
    ----------
    collection
        A FeatureCollection of points, lines and polygons, of several parts also. The property
        `name`, and `name_en`, say what a shape is called; else it is called by its number.
    crs
        The county's CRS.
    columns
        Further properties to keep; None where a shape has none.

    Returns
    -------
    GeoDataFrame
        name, name_en, source (`project`), further columns; labels project_1, project_2 …

    Raises
    ------
    InputError
        Naming every shape that is no point, line or polygon, or not valid.

    Examples
    --------
    >>> gate = {"type": "Feature", "properties": {"name": "大门"},
    ...         "geometry": {"type": "Point", "coordinates": [120.0, 27.9]}}
    >>> shapes = drawn({"type": "FeatureCollection", "features": [gate]}, CRS(4549))
    >>> shapes["name"].to_dict(), round(shapes.geometry.x.iloc[0])
    ({'project_1': '大门'}, 500000)
    """
    features = list(collection.get("features") or ())
    problems = [problem for place, one in enumerate(features) for problem in _wrong(place, one)]
    if not features:
        problems = [Problem(field="features", found="[]", expected=" | ".join(SHAPES))]
    if problems:
        raise InputError(REFUSED, problems=problems)
    frame = gpd.GeoDataFrame.from_features(features, crs="EPSG:4326")
    frame = reproject(frame, crs).reindex(columns=["name", "name_en", *columns, "geometry"])
    frame.index = pd.Index([f"{DRAWN}_{place}" for place in range(1, len(frame) + 1)])
    return _named(frame).assign(source=DRAWN)


def _wrong(place: int, feature: Mapping[str, Any]) -> Iterator[Problem]:
    """Say what is wrong with the shape of a feature."""
    given = feature.get("geometry") or {}
    field = f"features[{place}].geometry"
    if given.get("type") not in SHAPES:
        yield Problem(field=field, found=str(given.get("type")), expected=" | ".join(SHAPES))
        return
    shape = shapely.geometry.shape(given)
    if shape.is_empty or not shape.is_valid:
        fault = shape_fault(shapely.is_valid_reason(shape))
        yield Problem(field=field, found=fault, expected=Text("有效图形", "a valid shape"))


def rows(county: County, wanted: Sequence[str]) -> gpd.GeoDataFrame:
    """Give rows of a county's layers as the shapes of a project.

    Parameters
    ----------
    county
        The county.
    wanted
        `layer:id`, or `layer` for all of its rows, of `LAYERS`.

    Returns
    -------
    GeoDataFrame
        name, name_en, source (the layer), by `layer:id`; each row once.

    Raises
    ------
    InputError
        Naming all that is not found, with what may be meant.

    Examples
    --------
    >>> from layers import twin
    >>> found = rows(twin.county(), ("roads:main", "new_town"))
    >>> found["source"].to_dict(), round(found.length.iloc[0])
    ({'roads:main': 'roads', 'new_town:new_town': 'new_town'}, 4500)
    """
    parts, problems = [], []
    for number, text in enumerate(wanted):
        layer, _, name = text.strip().partition(":")
        found = _rows(county, layer, name)
        if found is None:
            remedy = _meant(county, layer, name)
            problems.append(Problem(field=f"rows[{number}]", found=text, remedy=remedy))
        else:
            parts.append(found)
    if problems:
        raise InputError(Text("没有这样的图层或行", "no such layers or rows"), problems=problems)
    empty = gpd.GeoDataFrame({name: [] for name in COLUMNS}, geometry=[], crs=county.crs)
    frame = gpd.GeoDataFrame(pd.concat(parts), crs=county.crs) if parts else empty
    return frame[~frame.index.duplicated()]


def _rows(county: County, layer: str, name: str) -> gpd.GeoDataFrame | None:
    """Give one row, or all rows of a layer; None where there is none."""
    if layer not in LAYERS or layer not in county:
        return None
    frame = county.vector(layer).sort_index()
    chosen = frame[frame.index.astype(str) == name] if name else frame
    if chosen.empty:
        return None
    chosen = chosen.reindex(columns=["name", "name_en", "geometry"])
    chosen.index = pd.Index([f"{layer}:{one}" for one in chosen.index])
    return _named(chosen).assign(source=layer)


def _named(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Call a shape without a name by its label, in English too where it has no English name."""
    chinese, english = [], []
    for label, zh, en in zip(frame.index, frame["name"], frame["name_en"], strict=True):
        words = [str(one) for one in (zh, en) if isinstance(one, str) and one.strip()]
        named = words or [str(label)]
        chinese.append(named[0])
        english.append(named[-1])
    names = {"name": chinese, "name_en": english}
    return frame.assign(
        **{key: pd.Series(column, frame.index, dtype=object) for key, column in names.items()}
    )


def _meant(county: County, layer: str, name: str) -> Text:
    if layer not in LAYERS:
        return joined(LAYERS, " | ", " | ")
    if layer not in county:
        return Text(f"缺少图层 {layer}", f"the county has no layer {layer}")
    known = [str(one) for one in county.vector(layer).index]
    near = difflib.get_close_matches(name, known, n=1) or sorted(known)[:5]
    words = ", ".join(f"{layer}:{one}" for one in near)
    return Text(f"如 {words}", f"such as {words}")
