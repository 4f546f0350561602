"""Layers of a run as data for the page: shapes, pictures, looks, legends.

Only the columns a layer declares leave its frame. Coordinates are WGS-84 with five decimals, which
is about a metre: for display, not for analysis.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import reproject, transformer
from maps import imagery, labels, legend, style
from maps.binding import bindings
from maps.packed import FROM, is_packed, packed
from maps.readable import SMALL
from maps.relief import relief
from maps.ribbons import ribbons
from maps.store import Store
from maps.wording import english, pair, plain, unit_words
from scenarios.result import Category, Layer, Run

DECIMALS = 5
BUSY_VERTICES = 30_000
TOLERANCE_M = 8.0
CANVAS_FROM = 5_000
SIDES = ("both", "before", "after", "difference", "planned")
# Pane of each meaning, from below to above; each stands once for every side of the swipe.
FLOORS = {"area": 300, "water": 340, "boundary": 360, "path": 420, "place": 460}
PANES: tuple[tuple[str, int], ...] = (
    ("hillshade", 200),
    ("relief", 210),
    *((f"{n}_{s}", z + k) for n, z in FLOORS.items() for k, s in enumerate(SIDES)),
    ("mask", 440),  # over roads, so that they fade beyond the county
    ("county", 445),
    ("highlight", 600),
    ("labels", 640),
)
LEAST = 0.025  # degrees, some 2.5 km: what lies around the smallest thing is seen with it
_AREAS = {"category", "amount", "change"}
OWN: Mapping[str, legend.Span] = MappingProxyType({})


def layers(
    run: Run, store: Store, *, but: Container[str] = (), spans: Mapping[str, legend.Span] = OWN
) -> list[dict[str, Any]]:
    """Give every layer of a run as the page embeds it, in the run's order.

    Layers of many polygons leave their shapes and cells in the store.

    Parameters
    ----------
    run
        The run.
    store
        Where shapes and cells go.
    but
        Ids of layers that are left out.
    spans
        By id of layer, how far its scale reaches; that of the others follows from their values.
    """
    sources = {source.layer: place for place, source in enumerate(run.sources)}
    rules = {rule.id: place for place, rule in enumerate(run.rules)}
    outlines = [one.data for one in run.result.layers if one.meaning == "outline"]
    within = (
        shapely.union_all([g for one in outlines for g in _mercator(one)]) if outlines else None
    )
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
            "alternative": layer.alternative,
            "unit": unit_words(layer.unit),
            "sources": [sources[name] for name in layer.sources if name in sources],
            "rules": [rules[name] for name in layer.rules if name in rules],
            **(
                image(layer, within, spans.get(layer.id))
                if not isinstance(layer.data, gpd.GeoDataFrame)
                else relief(layer, store)
                if layer.meaning == "relief"
                else vectors(layer, rules, store, spans.get(layer.id))
            ),
        }
        for layer in run.result.layers
        if layer.id not in but
    ]


def code_titles(run: Run) -> dict[str, list[list[str]]]:
    """Give the titles of codes by the column that holds them: code, Chinese, English."""
    found: dict[str, dict[str, list[str]]] = {}
    for layer in run.result.layers:
        coded = {column.name: column.categories for column in layer.columns}
        if layer.value:
            coded[layer.value] = coded.get(layer.value) or layer.categories
        for name, categories in coded.items():
            for one in categories:
                found.setdefault(name, {})[one.code] = [one.code, one.title.zh, one.title.en]
    return {name: list(titles.values()) for name, titles in found.items()}


def pane(layer: Layer) -> str:
    """Give the pane a layer is drawn in."""
    if layer.meaning == "hillshade":
        return "hillshade"
    if layer.meaning == "outline":
        return "county"
    if layer.meaning == "relief":
        return "relief"
    floor = "area" if layer.meaning in _AREAS else layer.meaning
    if floor == "area" and isinstance(layer.data, gpd.GeoDataFrame) and _has_points(layer.data):
        floor = "place"
    return f"{floor}_{layer.side}"


def _has_points(frame: Any) -> bool:
    return bool(frame.geom_type.str.endswith("Point").any())


def bounds(run: Run) -> tuple[float, float, float, float]:
    """Give west, south, east, north of the county in degrees.

    The outline layer tells; without one, all vector layers; without any, the whole earth.
    """
    frames = [one for one in run.result.layers if isinstance(one.data, gpd.GeoDataFrame)]
    outlines = [one for one in frames if one.meaning == "outline"]
    drawn: list[Any] = [one.data for one in outlines or frames]
    drawn = [frame for frame in drawn if np.isfinite(frame.total_bounds).all()]
    boxes = [
        transformer(frame.crs, "EPSG:4326").transform_bounds(*frame.total_bounds) for frame in drawn
    ]
    if not boxes:
        return -180.0, -85.0, 180.0, 85.0
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return rounded((*low[:2], *high[2:]))


def rounded(box: Sequence[float]) -> tuple[float, float, float, float]:
    """Give a box with the decimals of the page."""
    west, south, east, north = (round(float(v), DECIMALS) for v in box)
    return west, south, east, north


def opens(run: Run) -> str:
    """Name the side the page opens on: that of the layer it opens at; empty where none says.

    What is planned is seen on the side after.
    """
    sides = [one.side for one in run.result.layers if one.focus and one.side != "both"]
    return {"planned": "after"}.get(sides[0], sides[0]) if sides else ""


def focus(run: Run) -> tuple[float, float, float, float]:
    """Give the box the page opens at: of what asks for it, of many parcels, or of the county."""
    many = opening(run)
    if not many:
        return bounds(run)
    west, south, east, north = bounds(replace(run, result=replace(run.result, layers=many)))
    wide, high = (max(LEAST - span, 0.0) / 2 for span in (east - west, north - south))
    return rounded((west - wide, south - high, east + wide, north + high))


def opening(run: Run) -> tuple[Layer, ...]:
    """Give the layers that a page opens at: those that ask for it, else those of many parcels."""
    layers = run.result.layers
    asked = tuple(one for one in layers if one.focus)
    return asked or tuple(one for one in layers if is_packed(one) and _rows(one) > FROM)


def _rows(layer: Layer) -> int:
    frame: Any = layer.data
    return len(frame)


def degrees(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give a frame in WGS-84 degrees."""
    return reproject(frame, "EPSG:4326")


def vectors(
    layer: Layer, rules: Mapping[str, int], store: Store, span: legend.Span | None = None
) -> dict[str, Any]:
    """Give a frame's features with their looks; many polygons leave theirs in the store."""
    looks, codes, entries = legend.looks(layer, span)
    names = [column.name for column in layer.columns]
    found: dict[str, Any] = {
        "kind": "vector",
        "looks": looks,
        "legend": entries,
        "columns": [
            {
                "name": c.name,
                "title": pair(c.title),
                "unit": unit_words(c.unit),
                "decimals": c.decimals,
                "area": c.unit == SMALL,
                "english": english(c.name, names),
            }
            for c in layer.columns
        ],
    }
    if is_packed(layer):
        return {**found, **packed(layer, store, looks=codes, rules=rules)}
    sets, bound = bindings(layer, rules)
    drawn = features(layer, codes, bound)
    if along := ribbons(layer):
        found["along"] = along
    return {**found, "bindings": sets, "canvas": len(drawn) > CANVAS_FROM, "features": drawn}


def features(layer: Layer, codes: Sequence[int], bound: Sequence[int]) -> list[dict[str, Any]]:
    """Give a frame's features one by one; those without geometry are left out."""
    frame: Any = layer.data
    geometries = degrees(_lighter(frame)).geometry
    found = []
    rows = frame.drop(columns=frame.geometry.name).to_dict("records")
    for place, (label, row, geometry) in enumerate(zip(frame.index, rows, geometries, strict=True)):
        if geometry is None or geometry.is_empty:
            continue
        feature = {
            "id": str(label),
            "values": [plain(row.get(column.name)) for column in layer.columns],
            "look": codes[place],
            "geometry": geojson(geometry),
        }
        if bound[place]:
            feature["bound"] = bound[place]
        said = labels.words(layer, row)
        spot = labels.anchor(geometry)
        written = layer.meaning == "water" and "Line" in geometry.geom_type  # along its line
        if said[0] and spot is not None and not written:
            feature["label"] = list(said)
            feature["spot"] = [round(spot[1], DECIMALS), round(spot[0], DECIMALS)]
            feature["priority"] = labels.priority(layer, place)
        found.append(feature)
    return found


def geojson(geometry: Any) -> dict[str, Any]:
    """Give a geometry as GeoJSON, flat, with five decimals.

    >>> geojson(shapely.Point(119.123456, 27.5))
    {'type': 'Point', 'coordinates': (119.12346, 27.5)}
    """
    rounded = shapely.transform(shapely.force_2d(geometry), lambda xy: np.round(xy, DECIMALS))
    return dict(shapely.geometry.mapping(rounded))


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


def _mercator(frame: Any) -> Any:
    return reproject(frame, imagery.MERCATOR).geometry.to_numpy()


def image(layer: Layer, within: Any, span: legend.Span | None = None) -> dict[str, Any]:
    """Give a raster as a picture with its bounds and, but for the hillshade, values to read.

    The hillshade ends where the county does, if `within` says where.
    """
    found: dict[str, Any]
    if layer.meaning == "hillshade":
        values, box = imagery.warped(layer.data, imagery.WIDEST, smooth=True)
        if within is not None:
            values = imagery.cut(values, box, within)
        uri = imagery.picture(imagery.shading(values), imagery.shades())
        found = {"kind": "raster", "image": uri, "bounds": imagery.degrees(box), "legend": []}
        return {**found, "across": values.shape[1]}
    values, box = imagery.warped(layer.data, imagery.WIDEST, smooth=layer.meaning != "category")
    if layer.meaning == "category":
        indices, colours, entries = raster_categories(layer, values)
    else:
        breaks, colours, entries = legend.scale(layer, values, span)
        indices = imagery.classes(values, breaks)
    found = {
        "kind": "raster",
        "image": imagery.picture(indices, colours),
        "bounds": imagery.degrees(box),
        "legend": entries,
        "looks": [{"fill": c, "fillOpacity": 1, "weight": 0, "stroke": c} for c in colours],
    }
    if layer.meaning != "category":
        coarse, _ = imagery.warped(layer.data, imagery.COARSEST, smooth=True)
        found["grid"] = imagery.read_out(coarse)
    return found


def raster_categories(
    layer: Layer, values: np.ndarray[Any, np.dtype[np.float64]]
) -> tuple[Any, tuple[str, ...], list[dict[str, Any]]]:
    """Give the places of cells in a palette, 0 for no category, its colours, and the legend."""
    indices = np.zeros(values.shape, dtype=np.uint8)
    known: list[Category] = list(layer.categories)
    for place, category in enumerate(known, 1):
        indices[values == float(category.code)] = place
    colours = tuple(style.category_look(layer, c, k)["fill"] for k, c in enumerate(known))
    return indices, colours, [legend.entry(c.title, k) for k, c in enumerate(known)]
