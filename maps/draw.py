"""Layers of a run as data for the page: shapes, pictures, looks, legends.

Only the columns a layer declares leave its frame. Coordinates are WGS-84 with five decimals, which
is about a metre: for display, not for analysis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import reproject
from maps import imagery, labels, style
from maps.binding import bindings
from maps.wording import unit_words
from scenarios.result import Category, Layer, Run

DECIMALS = 5
BUSY_VERTICES = 30_000
TOLERANCE_M = 8.0
CANVAS_FROM = 5_000
SIDES = ("both", "before", "after", "difference")
# Pane of each meaning, from below to above; each stands once for every side of the swipe.
FLOORS = {"area": 300, "water": 340, "boundary": 360, "path": 420, "place": 460}
PANES: tuple[tuple[str, int], ...] = (
    ("hillshade", 200),
    *((f"{n}_{s}", z + k) for n, z in FLOORS.items() for k, s in enumerate(SIDES)),
    ("mask", 390),
    ("county", 400),
    ("highlight", 600),
    ("labels", 640),
)
_AREAS = {"category", "amount", "change"}


def layers(run: Run) -> list[dict[str, Any]]:
    """Give every layer of a run as the page embeds it, in the run's order."""
    sources = {source.layer: place for place, source in enumerate(run.sources)}
    rules = {rule.id: place for place, rule in enumerate(run.rules)}
    return [
        {
            "id": layer.id,
            "title": pair(layer.title),
            "theme": pair(layer.theme),
            "meaning": layer.meaning,
            "ways": layer.meaning == "path" and layer.value == "alternative",
            "pane": pane(layer),
            "side": layer.side,
            "shown": layer.shown,
            "unit": unit_words(layer.unit),
            "sources": [sources[name] for name in layer.sources if name in sources],
            "rules": [rules[name] for name in layer.rules if name in rules],
            **(shapes(layer, rules) if isinstance(layer.data, gpd.GeoDataFrame) else image(layer)),
        }
        for layer in run.result.layers
    ]


def pair(words: Any) -> list[str]:
    """Give words in both languages as the page embeds them."""
    return [words.zh, words.en]


def pane(layer: Layer) -> str:
    """Give the pane a layer is drawn in."""
    if layer.meaning == "hillshade":
        return "hillshade"
    if layer.meaning == "outline":
        return "county"
    floor = "area" if layer.meaning in _AREAS else layer.meaning
    if floor == "area" and isinstance(layer.data, gpd.GeoDataFrame) and _has_points(layer.data):
        floor = "place"
    return f"{floor}_{layer.side}"


def _has_points(frame: Any) -> bool:
    return bool(frame.geom_type.str.endswith("Point").any())


def _has_lines(frame: Any) -> bool:
    return bool(frame.geom_type.str.endswith("LineString").any())


def bounds(run: Run) -> tuple[float, float, float, float]:
    """Give west, south, east, north of the county in degrees.

    The outline layer tells; without one, all vector layers; without any, the whole earth.
    """
    frames = [one for one in run.result.layers if isinstance(one.data, gpd.GeoDataFrame)]
    outlines = [one for one in frames if one.meaning == "outline"]
    drawn: list[Any] = [one.data for one in outlines or frames]
    boxes = [degrees(frame).total_bounds for frame in drawn]
    boxes = [box for box in boxes if np.isfinite(box).all()]
    if not boxes:
        return -180.0, -85.0, 180.0, 85.0
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return rounded((*low[:2], *high[2:]))


def rounded(box: Sequence[float]) -> tuple[float, float, float, float]:
    """Give a box with the decimals of the page."""
    west, south, east, north = (round(float(v), DECIMALS) for v in box)
    return west, south, east, north


def degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give a frame in WGS-84 degrees."""
    return reproject(frame, "EPSG:4326")


def shapes(layer: Layer, rules: Mapping[str, int]) -> dict[str, Any]:
    """Give a frame's features with their looks; features without geometry are left out."""
    frame: Any = layer.data
    sets, bound = bindings(layer, rules)
    looks, codes, legend = _looks(layer)
    geometries = degrees(_lighter(frame)).geometry
    features = []
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    for place, (label, row, geometry, look) in enumerate(
        zip(frame.index, rows, geometries, codes, strict=True)
    ):
        if geometry is None or geometry.is_empty:
            continue
        feature = {
            "id": str(label),
            "values": [plain(row.get(column.name)) for column in layer.columns],
            "look": look,
            "geometry": geojson(geometry),
        }
        if bound[place]:
            feature["bound"] = bound[place]
        said = labels.words(layer, row)
        spot = labels.anchor(geometry)
        if said[0] and spot is not None:
            feature["label"] = list(said)
            feature["spot"] = [round(spot[1], DECIMALS), round(spot[0], DECIMALS)]
            feature["priority"] = labels.priority(layer, place)
        features.append(feature)
    columns = [
        {"title": pair(c.title), "unit": unit_words(c.unit), "decimals": c.decimals}
        for c in layer.columns
    ]
    return {
        "kind": "vector",
        "canvas": len(features) > CANVAS_FROM,
        "looks": looks,
        "legend": legend,
        "columns": columns,
        "bindings": sets,
        "features": features,
    }


def geojson(geometry: Any) -> dict[str, Any]:
    """Give a geometry as GeoJSON, flat, with five decimals.

    >>> geojson(shapely.Point(119.123456, 27.5))
    {'type': 'Point', 'coordinates': (119.12346, 27.5)}
    """
    rounded = shapely.transform(shapely.force_2d(geometry), lambda xy: np.round(xy, DECIMALS))
    return dict(shapely.geometry.mapping(rounded))


def plain(value: Any) -> Any:
    """Give a cell as JSON holds it: no value as null, numbers, truth and text as they are.

    >>> plain(float("nan")), plain(np.int64(3)), plain(np.bool_(True))
    (None, 3, True)
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN alone differs from itself
        return None
    return value if isinstance(value, bool | int | float) else str(value)


def _lighter(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Thin out very detailed lines and polygons; borders that were shared stay shared."""
    geometry = frame.geometry
    if shapely.get_num_coordinates(geometry.to_numpy()).sum() <= BUSY_VERTICES:
        return frame
    kinds = set(geometry.geom_type.dropna())
    frame = frame.copy()
    if kinds <= {"Polygon", "MultiPolygon"} and shapely.coverage_is_valid(geometry.to_numpy()):
        thin = shapely.coverage_simplify(geometry.to_numpy(), TOLERANCE_M)
    elif kinds <= {"LineString", "MultiLineString"}:
        thin = shapely.simplify(geometry.to_numpy(), TOLERANCE_M / 2)
    else:
        return frame
    return frame.set_geometry(gpd.GeoSeries(thin, index=frame.index, crs=frame.crs))


def _looks(layer: Layer) -> tuple[list[style.Look], list[int], list[dict[str, Any]]]:
    """Give the looks of a layer, the look of each row, and the legend."""
    frame: Any = layer.data
    if layer.meaning == "outline":
        return [], [0] * len(frame), [{"title": ["县界", "County boundary"], "look": 0}]
    if not layer.value:
        return [_plain(layer)], [0] * len(frame), [_entry(layer.title, 0)]
    if layer.categories:
        return _by_category(layer, [labels.text(v) for v in frame[layer.value]])
    if layer.meaning in {"amount", "change"} or layer.breaks:
        return _by_amount(layer, frame[layer.value].to_numpy(dtype=float))
    return [_plain(layer)], [0] * len(frame), [_entry(layer.title, 0)]


def _plain(layer: Layer) -> style.Look:
    """Give the look of a layer whose shape says it all; lines are never filled."""
    look = style.plain_look(layer)
    if _has_lines(layer.data):
        return {key: value for key, value in look.items() if not key.startswith("fill")}
    return look


def _entry(title: Any, look: int) -> dict[str, Any]:
    return {"title": pair(title), "look": look}


UNKNOWN = {"title": ["无数据", "No data"]}


def _by_category(
    layer: Layer, codes: Sequence[str]
) -> tuple[list[style.Look], list[int], list[dict[str, Any]]]:
    looks = [style.category_look(layer, c, k) for k, c in enumerate(layer.categories)]
    order = {category.code: place for place, category in enumerate(layer.categories)}
    legend = [_entry(c.title, k) for k, c in enumerate(layer.categories) if c.code in codes]
    found = [order.get(code, len(looks)) for code in codes]
    if len(looks) in found:
        legend.append({**UNKNOWN, "look": len(looks)})
    return [*looks, style.NO_DATA], found, legend


def _by_amount(
    layer: Layer, values: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[list[style.Look], list[int], list[dict[str, Any]]]:
    breaks, colours, legend = scale(layer, values)
    looks = [style.amount_look(c, layer, lines=_has_lines(layer.data)) for c in colours]
    found = [style.class_of(v, breaks) if np.isfinite(v) else len(looks) for v in values]
    if len(looks) in found:
        legend.append({**UNKNOWN, "look": len(looks)})
    return [*looks, style.NO_DATA], found, legend


def scale(
    layer: Layer, values: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[tuple[float, ...], tuple[str, ...], list[dict[str, Any]]]:
    """Give class limits, colours and legend of an amount or a change."""
    known = values[np.isfinite(values)]
    low, high = np.quantile(known, (0.02, 0.98)) if known.size else (0.0, 1.0)
    breaks = style.limits(layer, float(low), float(high))
    colours = style.class_colours(layer, breaks)
    if layer.breaks:
        words = style.class_words(breaks)
        return breaks, colours, [{"title": [w, w], "look": k} for k, w in enumerate(words)]
    ends = [breaks[0], breaks[len(breaks) // 2], breaks[-1]]
    step = {"ramp": list(colours), "ends": [f"{v:.3g}".replace("-", "−") for v in ends]}
    return breaks, colours, [step]


def image(layer: Layer) -> dict[str, Any]:
    """Give a raster as a picture with its bounds and, but for the hillshade, values to read."""
    if layer.meaning == "hillshade":
        values, box = imagery.warped(layer.data, imagery.WIDEST, smooth=True)
        uri = imagery.picture(imagery.shading(values), imagery.shades())
        return {"kind": "raster", "image": uri, "bounds": imagery.degrees(box), "legend": []}
    values, box = imagery.warped(layer.data, imagery.WIDEST, smooth=layer.meaning != "category")
    if layer.meaning == "category":
        indices, colours, legend = _raster_categories(layer, values)
    else:
        breaks, colours, legend = scale(layer, values)
        indices = imagery.classes(values, breaks)
    found: dict[str, Any] = {
        "kind": "raster",
        "image": imagery.picture(indices, colours),
        "bounds": imagery.degrees(box),
        "legend": legend,
        "looks": [{"fill": c, "fillOpacity": 1, "weight": 0, "stroke": c} for c in colours],
    }
    if layer.meaning != "category":
        coarse, _ = imagery.warped(layer.data, imagery.COARSEST, smooth=True)
        found["grid"] = imagery.read_out(coarse)
    return found


def _raster_categories(
    layer: Layer, values: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[Any, tuple[str, ...], list[dict[str, Any]]]:
    indices = np.zeros(values.shape, dtype=np.uint8)
    known: list[Category] = list(layer.categories)
    for place, category in enumerate(known, 1):
        indices[values == float(category.code)] = place
    colours = tuple(style.category_look(layer, c, k)["fill"] for k, c in enumerate(known))
    return indices, colours, [_entry(c.title, k) for k, c in enumerate(known)]
