"""Maps as pictures for a report: north up, in the county's CRS, without a word on them.

What a picture shows is told beside it in Word: title, legend, and how many kilometres its bar is
long. So no font is needed, and the words can be edited.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from geo.crs import transformer
from geo.words import NO_TEXT, Text, joined, unit_words
from maps import draw, imagery, legend, profile, style
from maps.handoff.dashes import dashed
from maps.wording import UI
from scenarios.result import Layer, Run

SIZE = 1240  # pixels across: 156 mm at 200 dpi
FINER = 2  # drawn larger and reduced, so that edges are smooth
TALLEST, FLATTEST = 0.95, 0.5  # height by width
UNIT = SIZE * FINER / 800  # of a page's pixel, as looks count their lines
STROKED = 2500  # areas, from which on their borders would hide what they are
PAPER, PALE = (255, 255, 255), "#FFFFFF"
AREAS = {"category", "amount", "change"}
FLOORS = ("water", "boundary", "path", "place")
MUTED = 0.72  # of white over the land that does not change, where the change is shown
NEARLY_WHITE = 250  # as the palette has the paper
NO_DITHER = Image.Dither.NONE


@dataclass(frozen=True)
class Key:
    """One thing of a legend: colours from one to several, drawn as an area, a line or a point.

    `group` is what the things of one layer are called together; empty where there is one alone.
    """

    title: Text
    colours: tuple[str, ...]
    mark: str
    group: Text = NO_TEXT


@dataclass(frozen=True)
class Picture:
    """A map without words, and the words that belong to it.

    `side` is what it shows, `bar_km` how long its scale bar is on the ground.
    """

    side: str
    title: Text
    png: bytes = field(repr=False)
    width: int
    height: int
    bar_km: float
    legend: tuple[Key, ...]


def pictures(run: Run) -> Iterator[Picture]:
    """Draw the run's map before, after and the difference; one alone where nothing changes."""
    shown = [one for one in run.result.layers if one.shown]
    sides = [side for side in draw.SIDES[1:] if any(one.side == side for one in shown)]
    for side in sides or ["both"]:
        layers = [one for one in shown if one.side in {"both", side}]
        if any(one.meaning != "hillshade" for one in layers):
            yield picture(run, layers, side)


def picture(run: Run, layers: Sequence[Layer], side: str) -> Picture:
    """Draw some layers of a run on one picture."""
    sheet = _Sheet(extent(run))
    keys = [*_grounds(sheet, layers), *_areas(sheet, layers, side)]
    _mask(sheet, layers)
    keys += _shapes(sheet, layers)
    bar_km = sheet.bar()
    buffer = io.BytesIO()
    done = sheet.image.reduce(FINER).quantize(method=Image.Quantize.FASTOCTREE, dither=NO_DITHER)
    done.putpalette([v if v < NEARLY_WHITE else 255 for v in done.getpalette() or []])
    done.save(buffer, "PNG", compress_level=7)
    title = UI["map"] if side == "both" else UI[side]
    return Picture(side, title, buffer.getvalue(), *done.size, bar_km, _once(keys))


def extent(run: Run) -> tuple[float, float, float, float]:
    """Give the extent in metres: what the page opens at, within a shape that fits a sheet."""
    west, south, east, north = draw.rounded(profile.bounds(run) or draw.focus(run))
    data: Any = next(one.data for one in run.result.layers)
    to_crs = transformer("EPSG:4326", data.grid.crs if hasattr(data, "grid") else data.crs)
    west, south, east, north = to_crs.transform_bounds(west, south, east, north, 21)
    pad = 0.03 * max(east - west, north - south, 1.0)
    wide, high = east - west + 2 * pad, north - south + 2 * pad
    wide, high = max(wide, high / TALLEST), max(high, wide * FLATTEST)
    x, y = (west + east) / 2, (south + north) / 2
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


class _Sheet:
    """A picture in the making: an image, and where the ground lies on it."""

    def __init__(self, box: tuple[float, float, float, float]) -> None:
        self.box = box
        self.scale = SIZE * FINER / (box[2] - box[0])  # pixels a metre
        self.size = (SIZE * FINER, round((box[3] - box[1]) * self.scale / FINER) * FINER)
        self.image = Image.new("RGB", self.size, PAPER)
        self.extent = shapely.box(*box)

    def pixels(self, coordinates: Any) -> NDArray[np.float64]:
        """Give places in metres as places on the image."""
        xy = np.asarray(coordinates, dtype=float)[:, :2]
        return (xy - [self.box[0], self.box[3]]) * [self.scale, -self.scale]

    def seen(self, frame: Any) -> NDArray[np.bool_]:
        """Say which rows of a frame lie on the image."""
        seen: NDArray[np.bool_] = shapely.intersects(frame.geometry.to_numpy(), self.extent)
        return seen

    def multiplied(self, sheet: Image.Image) -> None:
        """Lay a sheet over the image as if it were of glass."""
        self.image.paste(ImageChops.multiply(self.image, sheet))

    def bar(self) -> float:
        """Draw a scale bar of a round length and give its kilometres."""
        fit = 0.22 * self.size[0] / self.scale / 1000
        power = 10.0 ** np.floor(np.log10(fit))
        length = float(max(m * power for m in (1, 2, 5) if m * power <= fit))
        pen = ImageDraw.Draw(self.image)
        left, low = round(10 * UNIT), round(self.size[1] - 10 * UNIT)
        half, tall = length * 500 * self.scale, 4 * UNIT
        pad = 3 * UNIT
        pen.rectangle((left - pad, low - tall - pad, left + 2 * half + pad, low + pad), PAPER)
        for k, fill in enumerate(("#22303C", "#FFFFFF")):
            box = (left + k * half, low - tall, left + (k + 1) * half, low)
            pen.rectangle(box, fill=fill, outline="#22303C", width=round(0.6 * UNIT))
        return round(length, 6)


def _grounds(sheet: _Sheet, layers: Sequence[Layer]) -> Iterator[Key]:
    """Lay the hillshade, then classes of cells."""
    order = sorted(layers, key=lambda one: one.meaning != "hillshade")
    for layer in order:
        if isinstance(layer.data, gpd.GeoDataFrame):
            continue
        values = _cells(sheet, layer)
        if layer.meaning == "hillshade":
            indices, colours = imagery.shading(values), tuple(imagery.shades())
        elif layer.meaning == "category":
            indices, colours, entries = draw.raster_categories(layer, values)
            yield from _keys(entries, [{"fill": one} for one in colours], "area", layer)
        else:
            breaks, ramp, entries = legend.scale(layer, values)
            indices, colours = imagery.classes(values, breaks), ramp
            yield from _keys(entries, [{"fill": one} for one in colours], "area", layer)
        palette = np.array([PAPER, *map(style.rgb, colours)], dtype=np.uint8)
        rows, columns = indices.shape
        over = Image.frombytes("RGB", (columns, rows), palette[indices].tobytes())
        smooth = Image.Resampling.BILINEAR if layer.meaning == "hillshade" else None
        sheet.multiplied(over.resize(sheet.size, smooth or Image.Resampling.NEAREST))


def _cells(sheet: _Sheet, layer: Layer) -> NDArray[np.float64]:
    """Give a raster's values at the pixels of the picture as it will be, NaN beyond them."""
    raster: Any = layer.data
    columns, rows = (side // FINER for side in sheet.size)
    x = sheet.box[0] + (np.arange(columns) + 0.5) * FINER / sheet.scale
    y = sheet.box[3] - (np.arange(rows) + 0.5) * FINER / sheet.scale
    place = raster.grid.transform
    column = np.floor((x - place.c) / place.a).astype(int)
    row = np.floor((y - place.f) / place.e).astype(int)
    values = np.where(raster.valid, raster.values, np.nan).astype(float)
    high, wide = values.shape
    known = np.outer((row >= 0) & (row < high), (column >= 0) & (column < wide))
    kept = values[np.ix_(row.clip(0, high - 1), column.clip(0, wide - 1))]
    return np.where(known, kept, np.nan)


def _once(keys: Sequence[Key]) -> tuple[Key, ...]:
    """Leave out what an earlier key of the same words, colours and mark tells."""
    told = {(key.title, key.colours, key.mark): key for key in reversed(keys)}
    return tuple(key for key in keys if told[key.title, key.colours, key.mark] is key)


def _areas(sheet: _Sheet, layers: Sequence[Layer], side: str) -> Iterator[Key]:
    """Fill areas by what they are, over the ground; where a change is shown all else is muted."""
    frames = [one for one in layers if isinstance(one.data, gpd.GeoDataFrame)]
    for layer in frames:
        if layer.meaning not in AREAS or draw.pane(layer).startswith("place"):
            continue
        looks, codes, entries, frame = _looks(sheet, layer)
        over = Image.new("RGB", sheet.size, PAPER)
        parts, rows = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
        for part, row in zip(parts, rows, strict=True):
            if part.geom_type == "Polygon" and not part.is_empty:
                _fill(over, sheet, part, _tint(looks[codes[row]]))
        if side == "difference" and layer.side != side:
            over = Image.blend(over, Image.new("RGB", sheet.size, PAPER), MUTED)
            entries = []
        sheet.multiplied(over)
        if len(frame) < STROKED and entries:
            _strokes(sheet, frame, looks, codes)
        yield from _keys(entries, looks, "area", layer)


def _looks(sheet: _Sheet, layer: Layer) -> tuple[Any, Any, Any, Any]:
    """Give looks, the look of each row on the image, the legend of what is seen, and the rows.

    Limits of a ramp are those of all rows, as on the page.
    """
    frame: Any = layer.data
    seen = sheet.seen(frame)
    looks, codes, entries = legend.looks(layer)
    kept = np.asarray(codes, dtype=int)[seen]
    present = {-1, *kept.tolist()}
    told = [one for one in entries if one.get("look", -1) in present] if seen.any() else []
    return looks, kept, told, frame[seen]


def _tint(look: style.Look) -> tuple[int, int, int]:
    """Give a fill as thin as its opacity lets it be."""
    share = float(look.get("fillOpacity", 1.0))
    red, green, blue = (round(255 + (v - 255) * share) for v in style.rgb(look.get("fill", PALE)))
    return red, green, blue


def _fill(image: Image.Image, sheet: _Sheet, polygon: Any, colour: tuple[int, int, int]) -> None:
    """Fill a polygon; its holes stay as they are."""
    ring = sheet.pixels(polygon.exterior.coords)
    if not len(polygon.interiors):
        ImageDraw.Draw(image).polygon(ring.ravel().tolist(), fill=colour)
        return
    low = np.maximum(np.floor(ring.min(axis=0)), 0).astype(int)
    high = np.minimum(np.ceil(ring.max(axis=0)) + 1, sheet.size).astype(int)
    if (high <= low).any():
        return
    left, top, right, bottom = (int(v) for v in (*low, *high))
    mask = Image.new("L", (right - left, bottom - top), 0)
    pen = ImageDraw.Draw(mask)
    pen.polygon((ring - low).ravel().tolist(), fill=255)
    for hole in polygon.interiors:
        pen.polygon((sheet.pixels(hole.coords) - low).ravel().tolist(), fill=0)
    image.paste(colour, (left, top, right, bottom), mask)


def _mask(sheet: _Sheet, layers: Sequence[Layer]) -> None:
    """Whiten the ground outside the county."""
    outlines = [one for one in layers if one.meaning == "outline"]
    inside = Image.new("L", sheet.size, 0)
    for layer in outlines:
        frame: Any = layer.data
        for part in shapely.get_parts(frame.geometry.to_numpy()):
            pen = ImageDraw.Draw(inside)
            pen.polygon(sheet.pixels(part.exterior.coords).ravel().tolist(), fill=255)
    if outlines:
        sheet.image.paste(PAPER, mask=ImageChops.invert(inside))


def _shapes(sheet: _Sheet, layers: Sequence[Layer]) -> list[Key]:
    """Draw water, borders, ways and places, in this order; the county line over the borders."""
    keys: list[Key] = []
    for floor in FLOORS:
        for layer in layers:
            if not isinstance(layer.data, gpd.GeoDataFrame):
                continue
            if layer.meaning == "outline" and floor == "boundary":
                keys += _outline(sheet, layer)
            elif draw.pane(layer).startswith(floor) and layer.meaning != "outline":
                looks, codes, entries, frame = _looks(sheet, layer)
                mark = _strokes(sheet, frame, looks, codes)
                keys += _keys(entries, looks, mark, layer)
    return keys


def _outline(sheet: _Sheet, layer: Layer) -> list[Key]:
    look = {"stroke": "#22303C", "weight": 1.8, "dash": "9 3 2 3"}
    frame: Any = layer.data
    _strokes(sheet, frame, [look], [0] * len(frame))
    return [Key(UI["county_line"], ("#22303C",), "line")]


def _strokes(sheet: _Sheet, frame: Any, looks: Sequence[style.Look], codes: Sequence[int]) -> str:
    """Draw shapes by their looks, casings below all, and say which mark tells of them."""
    parts, rows = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    lines = [(p, looks[codes[r]]) for p, r in zip(parts, rows, strict=True) if not p.is_empty]
    order = sorted(zip(rows, parts, strict=True), key=lambda one: -codes[one[0]])
    points = [(p, looks[codes[r]]) for r, p in order if p.geom_type == "Point" and not p.is_empty]
    lines = [(p, look) for p, look in lines if p.geom_type != "Point"]
    for below in (True, False):
        for part, look in lines:
            if not below or "casing" in look:
                _stroke(sheet, part, look, below=below)
    for point, look in points:
        _point(sheet, point, look)
    return "point" if points else "line" if lines else "area"


def _stroke(sheet: _Sheet, part: Any, look: style.Look, *, below: bool) -> None:
    filled = part.geom_type == "Polygon" and look.get("fillOpacity", 0) and not below
    if filled and "always" not in look and look.get("weight", 0) > 1:
        _fill(sheet.image, sheet, part, _tint(look))
    part = shapely.simplify(part, 0.6 / sheet.scale)
    rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
    weight = float(look.get("weight", 1.0)) * UNIT
    pen = ImageDraw.Draw(sheet.image)
    for ring in rings:
        line = sheet.pixels(ring.coords)
        if below:
            flat = line.ravel().tolist()
            pen.line(flat, look["casing"], round(weight + 2.0 * UNIT), joint="curve")
            continue
        for piece in dashed(line, look.get("dash", ""), UNIT):
            pen.line(piece.ravel().tolist(), look["stroke"], max(round(weight), 1), joint="curve")


def _point(sheet: _Sheet, point: Any, look: style.Look) -> None:
    x, y = sheet.pixels(point.coords)[0]
    radius = float(look.get("radius", 4.0)) * UNIT
    edge = max(round(float(look.get("weight", 1)) * UNIT), 1)
    ImageDraw.Draw(sheet.image).ellipse(
        (x - radius, y - radius, x + radius, y + radius), look["fill"], look["stroke"], edge
    )


def _keys(
    entries: Sequence[dict[str, Any]],
    looks: Sequence[style.Look],
    mark: str,
    layer: Layer | None = None,
) -> Iterator[Key]:
    """Give a legend's lines with the colours they are drawn in."""
    several = layer is not None and len(entries) > 1
    group = _measured(layer) if several and layer is not None else NO_TEXT
    for one in entries:
        if "ramp" in one:
            low, _, high = one["ends"]
            steps = np.linspace(0, len(one["ramp"]) - 1, 6).astype(int)
            name = _measured(layer) if layer is not None else NO_TEXT
            words = joined([name, f"{low} – {high}"], " ", " ")
            yield Key(words, tuple(one["ramp"][k] for k in steps), mark)
        else:
            yield Key(Text(*one["title"]), (_told_by(looks[one["look"]], mark),), mark, group)


def _measured(layer: Layer) -> Text:
    """Give what a layer is called, with the unit where its classes are of numbers."""
    unit = unit_words(layer.unit)
    if layer.categories or not unit.zh:
        return layer.title
    return Text(f"{layer.title.zh}（{unit.zh}）", f"{layer.title.en} ({unit.en})")


def _told_by(look: style.Look, mark: str) -> str:
    """Give the colour that stands for a look on white paper: its fill, else its stroke or edge."""
    strokes = [look.get(name, PALE) for name in ("stroke", "casing")]
    filled = look.get("fillOpacity", 1) and mark != "line"
    colours = [style.hexed(_tint(look)), *strokes] if filled and "fill" in look else strokes
    return str(next((one for one in colours if one.upper() != PALE), "#22303C"))
