"""A small picture of a run for the index: what its page opens at, and where that lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from PIL import Image, ImageChops, ImageDraw

from geo.crs import reproject, transformer
from maps import imagery, legend, style
from maps.imagery import Bounds
from scenarios.result import Layer, Run

SIZE = (320, 260)
PAD = 10
AROUND = 0.12  # of the box a page opens at, as the page leaves free
PAPER, INK, WHITE = (243, 245, 247), "#22303C", (255, 255, 255)
AREAS = {"category", "amount", "change"}
FEW = 80  # points that can be told apart in a small picture
WHERE = 72  # pixels of the small map of the county
PART = 0.6  # of the county's width: what shows less has a map that says where it lies


@dataclass(frozen=True)
class Fit:
    """From Mercator metres to pixels: a scale and offsets."""

    scale: float
    left: float
    top: float

    def pixels(self, coordinates: Any) -> list[tuple[float, float]]:
        """Give places of the picture, y downwards."""
        return [
            (self.left + self.scale * x, self.top - self.scale * y)
            for x, y in np.asarray(coordinates)[:, :2]
        ]


@dataclass(frozen=True)
class Scene:
    """What a picture shows: layers in their order, their shapes in Mercator metres."""

    layers: tuple[Layer, ...]
    frames: Mapping[str, gpd.GeoDataFrame]

    def of(self, *meanings: str) -> Iterator[tuple[Layer, gpd.GeoDataFrame]]:
        """Give the layers with shapes of these meanings."""
        for layer in self.layers:
            if layer.id in self.frames and layer.meaning in meanings:
                yield layer, self.frames[layer.id]

    def box(self) -> Bounds | None:
        """Give the box of the outline, else of all shapes; none where nothing has any."""
        outlines = [frame for _, frame in self.of("outline")]
        boxes = [frame.total_bounds for frame in outlines or self.frames.values()]
        return _around([tuple(box) for box in boxes if np.isfinite(box).all()])


def _around(boxes: Sequence[Any]) -> Bounds | None:
    if not boxes:
        return None
    west, south = np.min(boxes, axis=0)[:2]
    east, north = np.max(boxes, axis=0)[2:]
    return float(west), float(south), float(east), float(north)


def thumbnail(run: Run, opens: Bounds | None = None) -> str:
    """Draw the run's after side and what it changes small, as a PNG data URI.

    Parameters
    ----------
    run
        The run.
    opens
        West, south, east, north in degrees of what its page opens at; the county if not given.
    """
    import io

    scene = _scene(run)
    image = Image.new("RGB", SIZE, PAPER)
    county = scene.box()
    if county is not None:
        seen = _seen(county, opens)
        fit = _fit(seen, SIZE)
        _rasters(image, scene, fit)
        _areas(image, scene, fit)
        _mask(image, scene, fit)
        _lines(image, scene, fit)
        _points(image, scene, fit)
        if (seen[2] - seen[0]) < PART * (county[2] - county[0]):
            _where(image, scene, county, fit)
    buffer = io.BytesIO()
    image.quantize(96, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        buffer, "PNG", optimize=True
    )
    return imagery.data_uri(buffer.getvalue())


def _scene(run: Run) -> Scene:
    """Take what the page shows of the plan, and the classes of what it changes."""
    layers = tuple(
        one
        for one in run.result.layers
        if (one.shown and one.side in {"both", "after", "planned"})
        or (one.side == "difference" and one.meaning == "category")
    )
    frames = {
        one.id: reproject(one.data, imagery.MERCATOR)
        for one in layers
        if isinstance(one.data, gpd.GeoDataFrame) and len(one.data)
    }
    return Scene(layers, frames)


def _seen(county: Bounds, opens: Bounds | None) -> Bounds:
    """Give the box to show in Mercator metres, with some room around unless it is the county."""
    if opens is None:
        return county
    box = transformer("EPSG:4326", imagery.MERCATOR).transform_bounds(*opens)
    wide, high = box[2] - box[0], box[3] - box[1]
    if not np.isfinite(box).all() or wide >= county[2] - county[0]:
        return county
    x, y = AROUND * wide, AROUND * high
    return box[0] - x, box[1] - y, box[2] + x, box[3] + y


def _fit(box: Bounds, size: tuple[int, int], pad: int = PAD) -> Fit:
    west, south, east, north = box
    scale = min(
        (size[0] - 2 * pad) / max(east - west, 1.0), (size[1] - 2 * pad) / max(north - south, 1.0)
    )
    left = size[0] / 2 - scale * (west + east) / 2
    top = size[1] / 2 + scale * (south + north) / 2
    return Fit(float(scale), float(left), float(top))


def _rasters(image: Image.Image, scene: Scene, fit: Fit) -> None:
    for layer in scene.layers:
        if isinstance(layer.data, gpd.GeoDataFrame) or layer.side == "difference":
            continue
        kinds = layer.meaning == "category"
        values, box = imagery.warped(layer.data, imagery.WIDEST, smooth=not kinds)
        if layer.meaning == "hillshade":
            indices, colours = imagery.shading(values), imagery.shades()
        elif kinds:
            codes = [float(one.code) for one in layer.categories]
            indices = sum(
                (k * (values == code) for k, code in enumerate(codes, 1)),
                start=np.zeros(values.shape, dtype=int),
            )
            found = [style.category_look(layer, c, k) for k, c in enumerate(layer.categories)]
            colours = [look["fill"] for look in found]
        else:
            breaks, ramp, _ = legend.scale(layer, values)
            indices, colours = imagery.classes(values, breaks), list(ramp)
        palette = np.array([WHITE, *map(style.rgb, colours)], dtype=np.uint8)
        rows, columns = indices.shape
        drawn = Image.frombytes("RGB", (columns, rows), palette[indices].tobytes())
        image.paste(ImageChops.multiply(image, _laid(drawn, box, fit, smooth=not kinds)))


def _laid(drawn: Image.Image, box: Bounds, fit: Fit, *, smooth: bool) -> Image.Image:
    """Lay a picture of a box into the frame: every pixel takes the cell it lies in."""
    side = (box[2] - box[0]) / drawn.width
    step = 1 / (fit.scale * side)
    start = (-fit.left / fit.scale - box[0]) / side, (box[3] - fit.top / fit.scale) / side
    if smooth and step > 2:  # cells are merged, or fine ones would be left out
        small = drawn.reduce(int(step))
        step, start = step / int(step), (start[0] / int(step), start[1] / int(step))
        drawn = small
    return drawn.transform(
        SIZE,
        Image.Transform.AFFINE,
        (step, 0, start[0], 0, step, start[1]),
        Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST,
        fillcolor=WHITE,
    )


def _areas(image: Image.Image, scene: Scene, fit: Fit) -> None:
    """Fill areas by what they are, over the ground."""
    for layer, frame in scene.of(*AREAS):
        looks, codes, _ = legend.looks(layer)
        sheet = Image.new("RGB", SIZE, WHITE)
        pen = ImageDraw.Draw(sheet)
        parts, rows = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
        for part, row in zip(parts, rows, strict=True):
            look = looks[codes[row]]
            if part.geom_type == "Polygon" and not part.is_empty and look.get("fillOpacity", 0):
                pen.polygon(fit.pixels(part.exterior.coords), fill=_tint(look))
        if layer.side == "difference":  # what changes stands over what it was
            image.paste(sheet, mask=sheet.convert("L").point(lambda grey: 255 * (grey < 255)))
        else:
            image.paste(ImageChops.multiply(image, sheet))


def _tint(look: style.Look) -> tuple[int, ...]:
    """Give the colour of a fill as it looks on white paper."""
    opacity = float(look["fillOpacity"])
    return tuple(round(255 + (one - 255) * opacity) for one in style.rgb(look["fill"]))


def _mask(image: Image.Image, scene: Scene, fit: Fit) -> None:
    """Whiten what lies outside the county."""
    inside = Image.new("L", SIZE, 0)
    pen = ImageDraw.Draw(inside)
    outlines = [frame for _, frame in scene.of("outline")]
    for polygon in _polygons(outlines):
        pen.polygon(fit.pixels(polygon.exterior.coords), fill=255)
    if outlines:
        image.paste(Image.new("RGB", SIZE, PAPER), mask=ImageChops.invert(inside))


def _polygons(frames: Sequence[Any]) -> list[Any]:
    parts = [p for frame in frames for p in shapely.get_parts(frame.geometry.to_numpy())]
    return [part for part in parts if part is not None and part.geom_type == "Polygon"]


def _lines(image: Image.Image, scene: Scene, fit: Fit) -> None:
    """Draw lines by what they are; alternatives last, wide, over a white casing."""
    pen = ImageDraw.Draw(image)
    found = list(scene.of("outline", "path", "water"))
    for layer, frame in sorted(found, key=lambda one: one[0].value == "alternative"):
        if layer.meaning == "outline":
            for polygon in _polygons([frame]):
                pen.line(fit.pixels(polygon.exterior.coords), fill=INK, width=2)
            continue
        looks, codes, _ = legend.looks(layer)
        chosen = layer.value == "alternative"
        parts, rows = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
        for width, cased in ((7, True), (4, False)) if chosen else ((1, False),):
            for part, row in zip(parts, rows, strict=True):
                if part.geom_type == "LineString" and not part.is_empty:
                    colour = "#FFFFFF" if cased else looks[codes[row]]["stroke"]
                    pen.line(fit.pixels(part.coords), fill=colour, width=width, joint="curve")


def _points(image: Image.Image, scene: Scene, fit: Fit) -> None:
    """Mark places, where they are few enough to be told apart."""
    pen = ImageDraw.Draw(image)
    for layer, frame in scene.of("place", *AREAS):
        shapes = frame.geometry.to_numpy()
        if len(frame) > FEW or not frame.geom_type.str.endswith("Point").any():
            continue
        looks, codes, _ = legend.looks(layer)
        size = 4.5 if layer.focus else 2.5
        parts, rows = shapely.get_parts(shapes, return_index=True)
        for part, row in zip(parts, rows, strict=True):
            if part.geom_type != "Point" or part.is_empty:
                continue
            [(x, y)] = fit.pixels(part.coords)
            fill = looks[codes[row]].get("fill", INK)
            pen.ellipse((x - size, y - size, x + size, y + size), fill=fill, outline="#FFFFFF")


def _where(image: Image.Image, scene: Scene, county: Bounds, fit: Fit) -> None:
    """Draw the county small into the lower right corner, with the box that the picture shows."""
    size = (WHERE, round(WHERE * SIZE[1] / SIZE[0]))
    small = Image.new("RGB", size, WHITE)
    pen = ImageDraw.Draw(small)
    whole = _fit(county, size, 4)
    for polygon in _polygons([frame for _, frame in scene.of("outline")]):
        pen.polygon(whole.pixels(polygon.exterior.coords), fill="#DCE5EA", outline="#6B7885")
    corners = [(0, SIZE[1]), (SIZE[0], 0)]
    ground = [((x - fit.left) / fit.scale, (fit.top - y) / fit.scale) for x, y in corners]
    (x0, y0), (x1, y1) = whole.pixels(ground)
    pen.rectangle((x0, y1, x1, y0), outline="#B5473C", width=2)
    pen.rectangle((0, 0, size[0] - 1, size[1] - 1), outline="#AEB9C2")
    image.paste(small, (SIZE[0] - size[0], SIZE[1] - size[1]))
