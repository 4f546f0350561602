"""Styles of QGIS: the looks of the page as QML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from xml.etree import ElementTree as ET

import numpy as np

from maps import legend, style
from maps.qgis.parts import written
from maps.qgis.symbols import add_symbol
from maps.qgis.wording import both, shown
from maps.wording import unit_words
from scenarios.result import Layer

DOCTYPE = "<!DOCTYPE qgis>\n"
MULTIPLY = "6"
MANY = 5_000
"""Polygons of a layer from which on their edges are not drawn."""
OUTLINE: style.Look = {
    "stroke": "#22303C",
    "weight": 1.8,
    "dash": "10 4 2 4",
    "fill": "#F7F9FA",
    "fillOpacity": 0.8,
}


def vector_qml(layer: Layer) -> str:
    """Give the QML of a layer of shapes."""
    return written(vector(layer), DOCTYPE)


def raster_qml(layer: Layer) -> str:
    """Give the QML of a layer of cells."""
    return written(raster(layer), DOCTYPE)


def vector(layer: Layer) -> ET.Element:
    """Give the style of a layer of shapes: one symbol, one a category, or one a class."""
    kind = kind_of(layer)
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology|Labeling")
    if layer.meaning == "outline":
        _beyond(root)
        return root
    looks, _, _ = legend.looks(layer)
    frame: Any = layer.data
    if kind == "fill" and len(frame) > MANY:
        looks = [_edgeless(look) for look in looks]
    if not layer.value or (len(looks) == 1 and not layer.categories):
        _single(root, looks[0], kind)
    elif layer.categories:
        _categories(root, layer, looks, kind)
    else:
        _ranges(root, layer, looks, kind)
    if layer.label:
        _labels(root, layer.label)
    return root


def raster(layer: Layer) -> ET.Element:
    """Give the style of a layer of cells: greys, one colour a category, or one a class."""
    root = ET.Element("qgis", version="3.22.0", styleCategories="Symbology")
    pipe = ET.SubElement(root, "pipe")
    if layer.meaning == "hillshade":
        _greys(pipe, layer)
        return root
    if layer.meaning == "category":
        renderer = ET.SubElement(
            pipe, "rasterrenderer", type="paletted", band="1", opacity="1", alphaBand="-1"
        )
        palette = ET.SubElement(renderer, "colorPalette")
        for place, one in enumerate(layer.categories):
            look = style.category_look(layer, one, place)
            ET.SubElement(
                palette,
                "paletteEntry",
                value=one.code,
                color=look["fill"],
                alpha="255",
                label=both(one.title),
            )
    else:
        _shader(pipe, layer)
    ET.SubElement(root, "blendMode").text = MULTIPLY
    return root


def _greys(pipe: ET.Element, layer: Layer) -> None:
    raster: Any = layer.data
    said = {"type": "singlebandgray", "grayBand": "1", "opacity": "1", "gradient": "BlackToWhite"}
    stretch = ET.SubElement(ET.SubElement(pipe, "rasterrenderer", said), "contrastEnhancement")
    top = 255 if np.nanmax(raster.values.astype(float), initial=0) > 1.5 else 1
    texts = {"minValue": "0", "maxValue": str(top), "algorithm": "StretchToMinimumMaximum"}
    for tag, text in texts.items():
        ET.SubElement(stretch, tag).text = text
    ET.SubElement(pipe, "brightnesscontrast", brightness="55", contrast="-10", gamma="1")
    smooth = {"zoomedInResampler": "bilinear", "zoomedOutResampler": "bilinear"}
    ET.SubElement(pipe, "rasterresampler", {**smooth, "maxOversampling": "2"})
    ET.SubElement(pipe, "resamplingStage").text = "resamplingFilter"


def kind_of(layer: Layer) -> Literal["marker", "line", "fill"]:
    """Say which symbols a layer of shapes is drawn by."""
    frame: Any = layer.data
    shapes = "".join(sorted(set(frame.geom_type.dropna())))
    return "marker" if "Point" in shapes else "line" if "Line" in shapes else "fill"


def _beyond(root: ET.Element) -> None:
    """Fade what lies beyond an outline, which is drawn as a line of dashes and dots."""
    renderer = ET.SubElement(root, "renderer-v2", type="invertedPolygonRenderer", preprocessing="0")
    _single(renderer, OUTLINE, "fill")


def _edgeless(look: style.Look) -> style.Look:
    """Let the edges of many polygons take their own colour: else the edges are all that is seen."""
    return look if look.get("always") else {**look, "stroke": look["fill"], "weight": 0.2}


def _single(root: ET.Element, look: style.Look, kind: str) -> None:
    renderer = ET.SubElement(root, "renderer-v2", type="singleSymbol", symbollevels="0")
    symbols = ET.SubElement(renderer, "symbols")
    add_symbol(symbols, "0", look, kind)


def _categories(root: ET.Element, layer: Layer, looks: Sequence[style.Look], kind: str) -> None:
    renderer = ET.SubElement(
        root, "renderer-v2", type="categorizedSymbol", attr=layer.value, symbollevels="0"
    )
    listed = ET.SubElement(renderer, "categories")
    symbols = ET.SubElement(renderer, "symbols")
    for place, (one, look) in enumerate(zip(layer.categories, looks, strict=False)):
        said = {"value": one.code, "symbol": str(place), "label": both(one.title)}
        ET.SubElement(listed, "category", {**said, "render": "true"})
        add_symbol(symbols, str(place), look, kind)


def _ranges(root: ET.Element, layer: Layer, looks: Sequence[style.Look], kind: str) -> None:
    frame: Any = layer.data
    values = frame[layer.value].to_numpy(dtype=float)
    breaks, _, _ = legend.scale(layer, values)
    known = values[np.isfinite(values)]
    low = min([*known, breaks[0]]) - 1
    high = max([*known, breaks[-1]]) + 1
    renderer = ET.SubElement(
        root,
        "renderer-v2",
        type="graduatedSymbol",
        attr=layer.value,
        graduatedMethod="GraduatedColor",
        symbollevels="0",
    )
    listed = ET.SubElement(renderer, "ranges")
    symbols = ET.SubElement(renderer, "symbols")
    edges = [low, *breaks, high]
    for place, words in enumerate(style.class_words(breaks)):
        said = {"lower": f"{edges[place]:.15f}", "upper": f"{edges[place + 1]:.15f}"}
        said |= {
            "label": shown(f"{words} {unit_words(layer.unit)[0]}".strip()),
            "symbol": str(place),
        }
        ET.SubElement(listed, "range", {**said, "render": "true"})
        add_symbol(symbols, str(place), looks[place], kind)


def _shader(pipe: ET.Element, layer: Layer) -> None:
    raster: Any = layer.data
    values = np.where(raster.valid, raster.values, np.nan).astype(float).ravel()
    breaks, colours, _ = legend.scale(layer, values)
    renderer = ET.SubElement(
        pipe,
        "rasterrenderer",
        type="singlebandpseudocolor",
        band="1",
        opacity="1",
        alphaBand="-1",
        classificationMin=f"{breaks[0]:g}",
        classificationMax=f"{breaks[-1]:g}",
    )
    shader = ET.SubElement(
        ET.SubElement(renderer, "rastershader"),
        "colorrampshader",
        colorRampType="DISCRETE",
        classificationMode="1",
        clip="0",
    )
    words = style.class_words(breaks)
    for edge, colour, said in zip([*breaks, np.inf], colours, words, strict=True):
        value = "inf" if np.isinf(edge) else f"{edge:.15g}"
        ET.SubElement(shader, "item", value=value, color=colour, alpha="255", label=said)


def _labels(root: ET.Element, column: str) -> None:
    settings = ET.SubElement(ET.SubElement(root, "labeling", type="simple"), "settings")
    text = ET.SubElement(
        settings, "text-style", fieldName=column, fontSize="9", textColor="29,40,49,255"
    )
    ET.SubElement(
        text, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferColor="255,255,255,255"
    )
