"""A small picture of a run for the index: ground, the main surface, lines and the outline."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from PIL import Image, ImageChops, ImageDraw

from geo.crs import reproject
from maps import imagery, legend, style
from scenarios.result import Layer, Run

SIZE = (320, 260)
PAD = 10
PAPER = (243, 245, 247)


def thumbnail(run: Run) -> str:
    """Draw the run's after side small, as a PNG data URI."""
    import io

    shown = [
        one for one in run.result.layers if one.shown and one.side in {"both", "after", "planned"}
    ]
    vectors = {
        one.id: reproject(one.data, imagery.MERCATOR)
        for one in shown
        if isinstance(one.data, gpd.GeoDataFrame) and len(one.data)
    }
    image = Image.new("RGB", SIZE, PAPER)
    fit = _fit(shown, vectors)
    if fit is not None:
        _rasters(image, shown, fit)
        _areas(image, shown, vectors, fit)
        _mask(image, shown, vectors, fit)
        _lines(image, shown, vectors, fit)
    buffer = io.BytesIO()
    image.quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        buffer, "PNG", optimize=True
    )
    return imagery.data_uri(buffer.getvalue())


def _fit(shown: list[Layer], vectors: dict[str, Any]) -> tuple[float, float, float] | None:
    """Give scale and offsets from Mercator metres to pixels, from the outline or all shapes."""
    outlines = [vectors[one.id] for one in shown if one.meaning == "outline" and one.id in vectors]
    boxes = [frame.total_bounds for frame in outlines or vectors.values()]
    boxes = [box for box in boxes if np.isfinite(box).all()]
    if not boxes:
        return None
    west, south = np.min(boxes, axis=0)[:2]
    east, north = np.max(boxes, axis=0)[2:]
    scale = min(
        (SIZE[0] - 2 * PAD) / max(east - west, 1.0), (SIZE[1] - 2 * PAD) / max(north - south, 1.0)
    )
    left = SIZE[0] / 2 - scale * (west + east) / 2
    top = SIZE[1] / 2 + scale * (south + north) / 2
    return float(scale), float(left), float(top)


def _pixels(coordinates: Any, fit: tuple[float, float, float]) -> list[tuple[float, float]]:
    scale, left, top = fit
    return [(left + scale * x, top - scale * y) for x, y in np.asarray(coordinates)[:, :2]]


def _rasters(image: Image.Image, shown: list[Layer], fit: tuple[float, float, float]) -> None:
    for layer in shown:
        if isinstance(layer.data, gpd.GeoDataFrame) or layer.meaning == "category":
            continue
        values, box = imagery.warped(layer.data, SIZE[0], smooth=True)
        if layer.meaning == "hillshade":
            indices, colours = imagery.shading(values), imagery.shades()
        else:
            breaks, found, _ = legend.scale(layer, values)
            indices, colours = imagery.classes(values, breaks), list(found)
        palette = np.array([(255, 255, 255), *map(style.rgb, colours)], dtype=np.uint8)
        rows, columns = indices.shape
        drawn = Image.frombytes("RGB", (columns, rows), palette[indices].tobytes())
        (x0, y0), (x1, y1) = _pixels([(box[0], box[3]), (box[2], box[1])], fit)
        corner, size = (round(x0), round(y0)), (max(round(x1 - x0), 1), max(round(y1 - y0), 1))
        sheet = Image.new("RGB", SIZE, (255, 255, 255))
        sheet.paste(drawn.resize(size, Image.Resampling.BILINEAR), corner)
        image.paste(ImageChops.multiply(image, sheet))


def _areas(
    image: Image.Image, shown: list[Layer], vectors: dict[str, Any], fit: tuple[float, float, float]
) -> None:
    """Fill areas by what they are, over the ground."""
    for layer in shown:
        if layer.id not in vectors or layer.meaning not in {"category", "amount", "change"}:
            continue
        looks, codes, _ = legend.looks(layer)
        sheet = Image.new("RGB", SIZE, (255, 255, 255))
        pen = ImageDraw.Draw(sheet)
        parts, rows = shapely.get_parts(vectors[layer.id].geometry.to_numpy(), return_index=True)
        for part, row in zip(parts, rows, strict=True):
            if part.geom_type == "Polygon" and not part.is_empty:
                pen.polygon(_pixels(part.exterior.coords, fit), fill=looks[codes[row]]["fill"])
        image.paste(ImageChops.multiply(image, sheet))


def _mask(
    image: Image.Image, shown: list[Layer], vectors: dict[str, Any], fit: tuple[float, float, float]
) -> None:
    """Whiten what lies outside the county."""
    inside = Image.new("L", SIZE, 0)
    pen = ImageDraw.Draw(inside)
    outlines = [vectors[one.id] for one in shown if one.meaning == "outline" and one.id in vectors]
    for polygon in _polygons(outlines):
        pen.polygon(_pixels(polygon.exterior.coords, fit), fill=255)
    if outlines:
        image.paste(Image.new("RGB", SIZE, PAPER), mask=ImageChops.invert(inside))


def _polygons(frames: list[Any]) -> list[Any]:
    parts = [p for frame in frames for p in shapely.get_parts(frame.geometry.to_numpy())]
    return [part for part in parts if part is not None and part.geom_type == "Polygon"]


def _lines(
    image: Image.Image, shown: list[Layer], vectors: dict[str, Any], fit: tuple[float, float, float]
) -> None:
    pen = ImageDraw.Draw(image)
    for layer in shown:
        if layer.id not in vectors or layer.meaning not in {"outline", "path", "water"}:
            continue
        shapes = vectors[layer.id].geometry.to_numpy()
        if layer.meaning == "outline":
            for polygon in _polygons([vectors[layer.id]]):
                pen.line(_pixels(polygon.exterior.coords, fit), fill="#22303C", width=2)
            continue
        looks, codes, _ = legend.looks(layer)
        wide = 2 if layer.value == "alternative" else 1
        parts, rows = shapely.get_parts(shapes, return_index=True)
        for part, row in zip(parts, rows, strict=True):
            if part.geom_type == "LineString" and not part.is_empty:
                colour = looks[codes[row]]["stroke"]
                pen.line(_pixels(part.coords, fit), fill=colour, width=wide)
