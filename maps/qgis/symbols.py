"""Symbols of QGIS for the looks of the page; widths from CSS pixels to millimetres."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from maps import style

PIXEL_MM = 25.4 / 96
MARKERS = {
    "square": "square",
    "triangle": "triangle",
    "diamond": "diamond",
    "pentagon": "pentagon",
    "star": "star",
    "cross": "cross_fill",
    "drop": "equilateral_triangle",
}
BRUSHES = {
    "rise": "b_diagonal",
    "fall": "f_diagonal",
    "dots": "dense6",
    "level": "horizontal",
    "upright": "vertical",
    "cross": "diagonal_x",
    "grid": "cross",
    "rings": "dense5",
    "dashes": "dense7",
}
INKS = {"bold": 0.35}
"""What QGIS calls the shapes and hatches of the page."""


def add_symbol(symbols: ET.Element, name: str, look: style.Look, kind: str) -> None:
    """Add a symbol for a look; a casing is a wider line below."""
    symbol = ET.SubElement(symbols, "symbol", type=kind, name=name, alpha="1", clip_to_extent="1")
    if kind == "line":
        if look.get("casing"):
            wide = {
                **look,
                "stroke": look["casing"],
                "weight": look["weight"] + look.get("edge", 1.8),
                "dash": "",
            }
            _part(symbol, "SimpleLine", _line(wide))
        _part(symbol, "SimpleLine", _line(look))
    elif kind == "marker":
        _part(
            symbol,
            "SimpleMarker",
            {
                "name": MARKERS.get(look.get("shape", ""), "circle"),
                "color": _rgba(look.get("fill", "#22303C"), look.get("fillOpacity", 1)),
                "size": _mm(2 * look.get("radius", 4)),
                "size_unit": "MM",
                **_edge(look),
            },
        )
    else:
        filled = look.get("fillOpacity", 0) > 0
        _part(
            symbol,
            "SimpleFill",
            {
                "style": "solid" if filled else "no",
                "color": _rgba(look.get("fill", "#FFFFFF"), look.get("fillOpacity", 0)),
                **_edge(look),
            },
        )
        if look.get("hatch"):
            line, _, way = look["hatch"].partition(" ")
            dark = [INKS.get(way, 0.62) * channel for channel in style.rgb(look["fill"])]
            ink = "#FFFFFF" if way == "white" else style.hexed(dark)
            lines = {"style": BRUSHES[line], "color": _rgba(ink, 1)}
            _part(symbol, "SimpleFill", {**lines, "outline_style": "no"})


def _line(look: style.Look) -> dict[str, str]:
    said = {
        "line_color": _rgba(look["stroke"], 1),
        "line_width": _mm(look["weight"]),
        "line_width_unit": "MM",
        "line_style": "solid",
        "capstyle": "round",
        "joinstyle": "round",
    }
    if look.get("dash"):
        dash = ";".join(_mm(float(v)) for v in look["dash"].split())
        said |= {
            "use_custom_dash": "1",
            "customdash": dash,
            "customdash_unit": "MM",
            "capstyle": "flat",
        }
    return said


def _edge(look: style.Look) -> dict[str, str]:
    return {
        "outline_color": _rgba(look["stroke"], 1),
        "outline_width": _mm(look["weight"]),
        "outline_width_unit": "MM",
        "outline_style": "dash" if look.get("dash") else "solid",
    }


def _part(symbol: ET.Element, kind: str, said: Mapping[str, str]) -> None:
    """Add a layer of a symbol; its settings stand in both forms that QGIS has had."""
    part = ET.SubElement(
        symbol, "layer", {"class": kind, "enabled": "1", "pass": "0", "locked": "0"}
    )
    options = ET.SubElement(part, "Option", type="Map")
    for name, value in said.items():
        ET.SubElement(options, "Option", name=name, value=value, type="QString")
    for name, value in said.items():
        ET.SubElement(part, "prop", k=name, v=value)


def _rgba(colour: str, opacity: float) -> str:
    return ",".join(map(str, (*style.rgb(colour), round(255 * opacity))))


def _mm(pixels: float) -> str:
    return f"{pixels * PIXEL_MM:.2f}"
