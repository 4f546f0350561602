"""The print layout of a project: an A3 sheet with map, legend, scale and title block.

The scale is round; the words of the sheet stand as text that may be edited before printing. One
expression is written, and it is ours: the scale in figures follows the map.
"""

from __future__ import annotations

import itertools
import math
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from geo.words import Text, alike
from maps.qgis.parts import system
from maps.qgis.wording import both
from maps.wording import UI
from scenarios.result import Run

NAME = Text("A3 图幅", "A3 sheet")
LEGEND = UI["legend"]
WIDE, HIGH = 420.0, 297.0
SPACE = uuid.UUID("0d7b2b52-6f35-5f1f-8b1e-2b8a3a1f0c44")
"""The name space of the identifiers of a sheet's items."""
LABEL, MAP, PICTURE, SHAPE, SCALE, LEGEND_ITEM, PAGE = (
    "65641",
    "65639",
    "65640",
    "65643",
    "65646",
    "65642",
    "65638",
)
"""What QGIS calls the kinds of items."""
STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
FRAMED = {"frame": "true", "outlineWidthM": "0.3,mm", "frameJoinStyle": "miter"}
FONT = "Microsoft YaHei"
INK = "34,48,60,255"
SCALE_TEXT = "1:[% format_number(item_variables('main')['map_scale'], 0) %]"
EDITED = Text("＿＿＿＿＿＿", "")


@dataclass(frozen=True)
class Listed:
    """A layer as a legend lists it; `classes` are its entries there."""

    key: str
    name: str
    provider: str
    source: str
    classes: int = 1


@dataclass(frozen=True)
class Sheet:
    """What a sheet shows: a box of the map, its CRS, the layers that its legend tells of."""

    box: tuple[float, float, float, float]
    crs: Any
    listed: tuple[Listed, ...]


@dataclass(frozen=True)
class Place:
    """Where an item stands on the sheet, mm from its upper left corner."""

    x: float
    y: float
    wide: float
    high: float


MAP_PLACE = Place(14, 30, 292, 253)
SIDE_X, SIDE_WIDE = 312.0, 98.0
LEGEND_PLACE = Place(SIDE_X, 30, SIDE_WIDE, 150)
BLOCK = Place(SIDE_X, 205, SIDE_WIDE, 78)
ROW = 8.6
ROOMY, CROWDED = 24, 44
"""Entries of a legend beyond which its lines move together, and beyond which it has two columns."""


def layout(run: Run, sheet: Sheet) -> ET.Element:
    """Write the sheet of a run."""
    root = ET.Element("Layout", name=both(NAME), units="mm", printResolution="300")
    pages = ET.SubElement(root, "PageCollection")
    pages.append(_item("page", PAGE, Place(0, 0, WIDE, HIGH)))
    count = itertools.count(1)
    for item in _items(run, sheet):
        item.set("zValue", str(next(count)))
        root.append(item)
    return root


def _items(run: Run, sheet: Sheet) -> Iterator[ET.Element]:
    """Give the items of a sheet from below to above."""
    scale = round_scale(sheet.box)
    yield _map(sheet, scale)
    subtitle = both(run.subtitle) or both(run.question)
    yield _label("title", both(run.title), Place(14, 8, 330, 11), size=20, bold=True)
    yield _label("subtitle", subtitle, Place(14, 19.5, 330, 8), size=9.5)
    yield _label("county", both(run.county_name), Place(346, 10, 64, 8), size=10, right=True)
    yield _north()
    yield _legend(sheet)
    yield _bar(scale)
    yield _label("scale", SCALE_TEXT, Place(SIDE_X + 58, 195, 40, 7), size=11, right=True)
    yield _box(BLOCK)
    for place, (title, words) in enumerate(_block(run, sheet).items()):
        y = BLOCK.y + 1.2 + ROW * place
        yield _label(f"t{place}", title, Place(BLOCK.x + 2, y, 26, ROW - 1), size=8)
        where = Place(BLOCK.x + 28, y, BLOCK.wide - 30, ROW - 1)
        yield _label(f"v{place}", words, where, size=8)


def _block(run: Run, sheet: Sheet) -> Mapping[str, str]:
    """Give the rows of the title block: what is told, and what is left to be filled in."""
    rows = {
        Text("坐标系", "CRS"): alike(f"{sheet.crs.name} ({run.crs})"),
        Text("高程", "Heights"): Text("随地形数据", "as the terrain data"),
        Text("数据日期", "Data of"): alike(run.data_date),
        UI["quality"]: run.quality_words,
        Text("运行编号", "Run"): alike(f"{run.scenario} {run.key[:12]}"),
        UI["author"]: EDITED,
        UI["date"]: EDITED,
        UI["review"]: EDITED,
        Text("说明", "Note"): UI["statutory"],
    }
    return {both(title): both(words) for title, words in rows.items()}


def round_scale(box: tuple[float, float, float, float]) -> float:
    """Give the largest round scale at which a box fits the map of the sheet.

    >>> round_scale((0, 0, 29_200, 20_000))
    100000.0
    """
    west, south, east, north = box
    least = max((east - west) / MAP_PLACE.wide, (north - south) / MAP_PLACE.high) * 1000
    power = 10 ** math.floor(math.log10(max(least, 1.0)))
    return float(next(step * power for step in STEPS if step * power >= least * (1 - 1e-9)))


def _spread(box: tuple[float, float, float, float], scale: float) -> tuple[float, ...]:
    """Give what the map shows at a scale, about the middle of a box."""
    west, south, east, north = box
    x, y = (west + east) / 2, (south + north) / 2
    wide, high = MAP_PLACE.wide * scale / 2000, MAP_PLACE.high * scale / 2000
    return x - wide, y - high, x + wide, y + high


def _step(length: float, parts: int) -> float:
    """Give a round step of 1, 2 or 5 that parts a length into about so many."""
    least = length / parts
    power = 10 ** math.floor(math.log10(least))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= least))


def _item(name: str, kind: str, place: Place, **said: str) -> ET.Element:
    key = f"{{{uuid.uuid5(SPACE, name)}}}"
    where = f"{place.x:g},{place.y:g},mm"
    return ET.Element(
        "LayoutItem",
        {
            "type": kind,
            "id": name,
            "uuid": key,
            "templateUuid": key,
            "position": where,
            "positionOnPage": where,
            "size": f"{place.wide:g},{place.high:g},mm",
            "referencePoint": "0",
            "visibility": "1",
            "opacity": "1",
            "frame": "false",
            "background": "false",
            **said,
        },
    )


def _font(parent: ET.Element, tag: str, size: float, *, bold: bool = False) -> None:
    """Write a font as all releases read it: family, points, weight."""
    weight = 75 if bold else 50
    ET.SubElement(parent, tag, description=f"{FONT},{size:g},-1,5,{weight},0,0,0,0,0", style="")


def _text(parent: ET.Element, size: float) -> None:
    """Write the font of scale bars and grids."""
    ET.SubElement(
        parent,
        "text-style",
        fontFamily=FONT,
        fontSize=f"{size:g}",
        fontSizeUnit="Point",
        fontWeight="50",
        textColor=INK,
        textOpacity="1",
    )


def _label(
    name: str, words: str, place: Place, *, size: float, bold: bool = False, right: bool = False
) -> ET.Element:
    """Write words; those of data were made plain before."""
    item = _item(name, LABEL, place)
    item.attrib |= {
        "labelText": words,
        "htmlState": "0",
        "halign": "2" if right else "1",
        "valign": "128",
        "marginX": "0",
        "marginY": "0",
    }
    _font(item, "LabelFont", size, bold=bold)
    return item


def _map(sheet: Sheet, scale: float) -> ET.Element:
    shown_box = _spread(sheet.box, scale)
    item = _item("main", MAP, MAP_PLACE, **FRAMED)
    item.attrib |= {"background": "true", "followPreset": "false", "keepLayerSet": "false"}
    item.attrib |= {"mapRotation": "0", "drawCanvasItems": "false"}
    ends = zip(("xmin", "ymin", "xmax", "ymax"), map(repr, shown_box), strict=True)
    ET.SubElement(item, "Extent", dict(ends))
    system(ET.SubElement(item, "crs"), sheet.crs)
    item.append(_grid(_step(shown_box[2] - shown_box[0], 6), sheet.crs))
    return item


def _grid(step: float, crs: Any) -> ET.Element:
    """Write ticks of the grid along the frame of the map, with their kilometres."""
    grid = ET.Element(
        "ComposerMapGrid",
        {
            "name": "grid",
            "uuid": f"{{{uuid.uuid5(SPACE, 'grid')}}}",
            "show": "1",
            "gridStyle": "3",
            "intervalX": f"{step:g}",
            "intervalY": f"{step:g}",
            "unit": "0",
            "gridFrameStyle": "3",
            "gridFrameWidth": "1.6",
            "gridFrameMargin": "0",
            "gridFramePenThickness": "0.25",
            "gridFramePenColor": INK,
            "gridFrameSideFlags": "15",
            "showAnnotation": "1",
            "annotationFormat": "0",
            "annotationPrecision": "0",
            "frameAnnotationDistance": "0.6",
            "leftAnnotationDisplay": "1",
            "rightAnnotationDisplay": "3",
            "topAnnotationDisplay": "3",
            "bottomAnnotationDisplay": "2",
            "leftAnnotationPosition": "1",
            "bottomAnnotationPosition": "1",
            "leftAnnotationDirection": "1",
            "bottomAnnotationDirection": "0",
            "blendMode": "0",
        },
    )
    system(grid, crs)
    _text(grid, 6.5)
    return grid


def _north() -> ET.Element:
    item = _item("north", PICTURE, Place(SIDE_X + 86, 179, 12, 15))
    item.attrib |= {
        "file": "arrows/NorthArrow_02.svg",
        "svgFillColor": INK,
        "svgBorderColor": INK,
        "svgBorderWidth": "0.2",
        "resizeMode": "0",
        "northMode": "0",
        "anchorPoint": "4",
        "mapUuid": f"{{{uuid.uuid5(SPACE, 'main')}}}",
        "mode": "2",
    }
    return item


def _bar(scale: float) -> ET.Element:
    """Write a scale bar of two parts, some 50 mm long."""
    part = _step(scale * 0.05, 2)
    item = _item("bar", SCALE, Place(SIDE_X, 184, 62, 10))
    item.attrib |= {
        "style": "Single Box",
        "mapUuid": f"{{{uuid.uuid5(SPACE, 'main')}}}",
        "unitType": "km",
        "unitLabel": "km",
        "numMapUnitsPerScaleBarUnit": "1",
        "numSegments": "2",
        "numSegmentsLeft": "0",
        "numUnitsPerSegment": f"{part / 1000:g}",
        "segmentSizeMode": "0",
        "height": "1.8",
        "labelBarSpace": "1.2",
        "boxContentSpace": "1",
        "outlineWidth": "0.2",
        "alignment": "0",
    }
    _text(item, 7.5)
    return item


def _legend(sheet: Sheet) -> ET.Element:
    """Write the legend: the layers that are seen, with what of theirs lies within the map."""
    item = _item("legend", LEGEND_ITEM, LEGEND_PLACE)
    entries = sum(one.classes for one in sheet.listed)
    tight = entries > ROOMY
    item.attrib |= {
        "title": both(LEGEND),
        "map_uuid": f"{{{uuid.uuid5(SPACE, 'main')}}}",
        "legendFilterByAtlas": "0",
        "legendFilterByMap": "1",
        "resizeToContents": "0",
        "columnCount": "2" if entries > CROWDED else "1",
        "splitLayer": "1",
        "symbolWidth": "5" if tight else "6",
        "symbolHeight": "2.2" if tight else "3.2",
        "columnSpace": "3",
        "boxSpace": "0",
        "wmsLegendWidth": "50",
        "wmsLegendHeight": "25",
        "rasterBorder": "0",
        "symbolAlignment": "1",
        "titleAlignment": "1",
        "wrapChar": "",
        "lineSpacing": "0.8",
    }
    styles = ET.SubElement(item, "styles")
    for name, size, margin in (
        ("title", 11, 3.0),
        ("group", 9, 2.0),
        ("subgroup", 7 if tight else 8, 1.2 if tight else 1.6),
        ("symbol", 7, 0.9 if tight else 1.6),
        ("symbolLabel", 6.5 if tight else 7.5, 0.8),
    ):
        side = "marginBottom" if name == "title" else "marginTop"
        kept = ET.SubElement(styles, "style", {"name": name, "alignment": "1", side: f"{margin:g}"})
        if name == "symbolLabel":
            kept.set("marginLeft", "1.5")
        _font(kept, "styleFont", size, bold=name in {"title", "subgroup"})
    tree = ET.SubElement(item, "layer-tree-group")
    for one in sheet.listed:
        node = ET.SubElement(
            tree,
            "layer-tree-layer",
            id=one.key,
            name=one.name,
            source=one.source,
            providerKey=one.provider,
            checked="Qt::Checked",
            expanded="1",
        )
        kept = ET.SubElement(ET.SubElement(node, "customproperties"), "Option", type="Map")
        said = {"legend/title-label": one.name}
        if one.provider == "gdal":  # the first entry is the name of the band
            said["legend/node-order"] = ",".join(map(str, range(1, one.classes + 1)))
        for name, value in said.items():
            ET.SubElement(kept, "Option", name=name, value=value, type="QString")
    return item


def _box(place: Place) -> ET.Element:
    item = _item("block", SHAPE, place, shapeType="1")
    symbol = ET.SubElement(item, "symbol", type="fill", name="", alpha="1")
    part = ET.SubElement(
        symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": "0", "locked": "0"}
    )
    options = ET.SubElement(part, "Option", type="Map")
    said = {"style": "no", "outline_color": INK, "outline_width": "0.3", "outline_style": "solid"}
    for name, value in said.items():
        ET.SubElement(options, "Option", name=name, value=value, type="QString")
        ET.SubElement(part, "prop", k=name, v=value)
    return item
