"""road.dxf: centrelines, structures, land taken and stations of a road's alternatives.

DXF of AutoCAD 2004 (AC1018), which GstarCAD, ZWCAD and GIS programs read; metres, in the county's
CRS. A layer each alternative and kind, named in Chinese: in code page 936, as Chinese drawings are,
with the escape of DXF for what that lacks. GDAL takes newer drawings, which are UTF-8, for their
code page, and their Chinese falls to pieces.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from geo.words import Text
from maps import style
from maps.handoff.file import File
from maps.handoff.roads import Road, roads
from maps.qgis.wording import plain
from maps.wording import HANDED_WORDS
from scenarios.result import Run

NAME = "road.dxf"
TITLE = HANDED_WORDS[NAME]
ABOUT = Text(
    "AutoCAD 2004 格式（米，县域坐标系）：各方案的三维中线、桥隧、用地范围与桩号，按图层分开",
    "DXF of AutoCAD 2004 in metres and the county's CRS: centrelines in space, bridges and "
    "tunnels, land taken and stations, by layer",
)
KINDS = {
    "line": Text("中线", "centreline"),
    "bridge": Text("桥梁", "bridges"),
    "tunnel": Text("隧道", "tunnels"),
    "land": Text("用地", "land"),
    "station": Text("桩号", "stations"),
}
FORBIDDEN = re.compile(r"[<>/\\\":;?*|=`,]")
"""What names of layers may not hold."""
BEYOND = re.compile("[\U00010000-\U0010ffff]")
"""Signs for which the escape, of four digits, has no room."""
EVERY_M, TICK_M, TEXT_M = 100.0, 4.0, 5.0
WIDE = {"line": 50, "bridge": 70, "tunnel": 70}  # hundredths of a millimetre
FIRST_HANDLE = 0x100
Pairs = Iterable[tuple[int, Any]]


@dataclass(frozen=True)
class Entity:
    """One thing drawn: its kind, its layer, its classes with what they say."""

    kind: str
    layer: str
    parts: tuple[tuple[str, tuple[tuple[int, Any], ...]], ...]
    inner: tuple[Entity, ...] = ()


def files(run: Run) -> Iterator[File]:
    """Give the drawing of a run that has roads."""
    found = list(roads(run))
    if found:
        yield File(NAME, TITLE, ABOUT, encoded(drawing(found)))


def encoded(text: str) -> bytes:
    r"""Write a drawing in its code page, signs that it lacks as an escape.

    >>> encoded("方é")
    b'\xb7\xbd\xa8\xa6'
    >>> encoded("ő")
    b'\\U+0151'
    """
    return b"".join(
        sign.encode("cp936", errors="ignore") or f"\\U+{ord(sign):04X}".encode() for sign in text
    )


def drawing(found: Sequence[Road]) -> str:
    """Write roads as a drawing: CRLF, coordinates to a tenth of a millimetre."""
    names = _names(found)
    layers = {
        names[road.place, kind]: (style.alternative(road.place), WIDE.get(kind, 18))
        for road in found
        for kind in KINDS
    }
    entities = [entity for road in found for entity in _entities(road, names)]
    boxes = [road.line.bounds for road in found]
    box = (*np.min(boxes, axis=0)[:2], *np.max(boxes, axis=0)[2:])
    numbers = count(FIRST_HANDLE)
    body = [pair for entity in entities for pair in _written(entity, numbers, "1F")]
    pairs = [
        *_header(box, next(numbers)),
        *_section("CLASSES", []),
        *_section("TABLES", _tables(layers, numbers)),
        *_section("BLOCKS", _blocks()),
        *_section("ENTITIES", body),
        *_section("OBJECTS", _objects()),
        (0, "EOF"),
    ]
    return "".join(f"{code:>3}\r\n{_value(value)}\r\n" for code, value in pairs)


def _value(value: Any) -> str:
    """Write a value on its line; words never begin another one."""
    return f"{value:.4f}" if isinstance(value, float) else plain(str(value))


def _names(found: Sequence[Road]) -> dict[tuple[int, str], str]:
    """Name the layers by alternative and kind; names that are alike get a number."""
    names: dict[tuple[int, str], str] = {}
    for road in found:
        own = BEYOND.sub("_", FORBIDDEN.sub("", plain(road.title.zh)).strip()[:100])
        own = own or f"R{road.place + 1}"
        taken = any(name.startswith(f"{own}-") for name in names.values())
        own = f"{own}_{road.place + 1}" if taken else own
        names |= {(road.place, kind): f"{own}-{words.zh}" for kind, words in KINDS.items()}
    return names


def _entities(road: Road, names: dict[tuple[int, str], str]) -> Iterator[Entity]:
    """Give what is drawn of a road."""
    yield _line(names[road.place, "line"], road.line.coords)
    for structure, line in road.built:
        if (road.place, structure) in names:
            yield _line(names[road.place, structure], line.coords)
    for shape in road.land:
        for ring in (shape.exterior, *shape.interiors):
            yield _ring(names[road.place, "land"], list(ring.coords)[:-1])
    yield from _stations(road, names[road.place, "station"])


def _line(layer: str, coords: Iterable[tuple[float, ...]]) -> Entity:
    """Give a line in space: points without a height lie at 0."""
    points = [(x, y, z[0] if z and math.isfinite(z[0]) else 0.0) for x, y, *z in coords]
    head = ("AcDb3dPolyline", ((66, 1), *_xyz((0.0, 0.0, 0.0)), (70, 8)))
    inner = tuple(
        Entity(
            "VERTEX",
            layer,
            (("AcDbVertex", ()), ("AcDb3dPolylineVertex", (*_xyz(point), (70, 32)))),
        )
        for point in points
    )
    return Entity("POLYLINE", layer, (head,), inner)


def _ring(layer: str, coords: Sequence[tuple[float, ...]]) -> Entity:
    """Give a closed line in the plane."""
    corners = ((code, value) for x, y, *_ in coords for code, value in ((10, x), (20, y)))
    said = ((90, len(coords)), (70, 1), (43, 0.0), *corners)
    return Entity("LWPOLYLINE", layer, (("AcDbPolyline", said),))


def _stations(road: Road, layer: str) -> Iterator[Entity]:
    """Give ticks and chainages every 100 m and at both ends, read along the road."""
    rows = road.stations
    if len(rows) < 2:
        return
    s, x, y = (rows[name].to_numpy(dtype=float) for name in ("chainage_m", "x", "y"))
    heading = np.arctan2(np.gradient(y), np.gradient(x))
    for place, chainage in enumerate(s):
        if abs(chainage - EVERY_M * round(chainage / EVERY_M)) > 1e-3 and place != len(s) - 1:
            continue
        across = heading[place] + math.pi / 2
        tick = TICK_M * math.cos(across), TICK_M * math.sin(across)
        start, end = ((x[place] + k * tick[0], y[place] + k * tick[1], 0.0) for k in (-1, 1))
        ends = (*_xyz(start), *_xyz(end, 1))
        yield Entity("LINE", layer, (("AcDbLine", ends),))
        spot = (x[place] + 1.5 * tick[0], y[place] + 1.5 * tick[1], 0.0)
        said = (*_xyz(spot), (40, TEXT_M), (1, _station(chainage)))
        turned = ((50, math.degrees(across) % 360), (7, "Standard"))
        yield Entity("TEXT", layer, (("AcDbText", (*said, *turned)), ("AcDbText", ())))


def _station(chainage: float) -> str:
    """Write a chainage as on a kilometre post.

    >>> _station(1200.0), _station(12345.678)
    ('K1+200', 'K12+345.678')
    """
    kilometres, millimetres = divmod(round(chainage * 1000), 1_000_000)
    metres = f"{millimetres / 1000:07.3f}".removesuffix(".000")
    return f"K{kilometres}+{metres}"


def _xyz(point: Sequence[float], place: int = 0) -> tuple[tuple[int, float], ...]:
    return tuple((10 * axis + place, float(v)) for axis, v in enumerate(point, 1))


def _written(entity: Entity, numbers: Iterator[int], owner: str) -> Iterator[tuple[int, Any]]:
    """Write an entity with its handle, what lies within it, and the end of that."""
    handle = f"{next(numbers):X}"
    yield from ((0, entity.kind), (5, handle), (330, owner), (100, "AcDbEntity"))
    yield (8, entity.layer)
    for name, said in entity.parts:
        yield (100, name)
        yield from said
    for inner in entity.inner:
        yield from _written(inner, numbers, handle)
    if entity.inner:
        yield from ((0, "SEQEND"), (5, f"{next(numbers):X}"), (330, handle))
        yield from ((100, "AcDbEntity"), (8, entity.layer))


def _section(name: str, pairs: Pairs) -> Iterator[tuple[int, Any]]:
    yield from ((0, "SECTION"), (2, name), *pairs, (0, "ENDSEC"))


def _header(box: Sequence[float], seed: int) -> Iterator[tuple[int, Any]]:
    west, south, east, north = map(float, box)
    said: list[tuple[int, Any]] = [
        *((9, "$ACADVER"), (1, "AC1018")),
        *((9, "$DWGCODEPAGE"), (3, "ANSI_936")),
        *((9, "$INSUNITS"), (70, 6)),
        *((9, "$MEASUREMENT"), (70, 1)),
        *((9, "$EXTMIN"), *_xyz((west, south, 0.0))),
        *((9, "$EXTMAX"), *_xyz((east, north, 0.0))),
        *((9, "$HANDSEED"), (5, f"{seed + 0x10000000:X}")),
    ]
    return _section("HEADER", said)


def _table(name: str, handle: str, records: Sequence[Pairs]) -> Iterator[tuple[int, Any]]:
    yield from ((0, "TABLE"), (2, name), (5, handle), (330, "0"), (100, "AcDbSymbolTable"))
    yield (70, len(records))
    if name == "DIMSTYLE":
        yield (100, "AcDbDimStyleTable")
    for record in records:
        yield from record
    yield (0, "ENDTAB")


def _record(kind: str, handle: str, owner: str, said: Pairs, *, code: int = 5) -> Pairs:
    names = {
        "VPORT": "Viewport",
        "LTYPE": "Linetype",
        "LAYER": "Layer",
        "STYLE": "TextStyle",
        "APPID": "RegApp",
        "DIMSTYLE": "DimStyle",
        "BLOCK_RECORD": "Block",
    }
    head = ((0, kind), (code, handle), (330, owner), (100, "AcDbSymbolTableRecord"))
    return (*head, (100, f"AcDb{names[kind]}TableRecord"), *said)


def _tables(
    layers: dict[str, tuple[str, int]], numbers: Iterator[int]
) -> Iterator[tuple[int, Any]]:
    """Write the tables that a drawing must have, and its layers with their colours."""
    view = [(2, "*Active"), (70, 0), *((10 + k, 0.0) for k in (0, 10)), (11, 1.0), (21, 1.0)]
    yield from _table("VPORT", "8", [_record("VPORT", "29", "8", view)])
    kinds = [
        _record("LTYPE", handle, "5", ((2, name), (70, 0), (3, ""), (72, 65), (73, 0), (40, 0.0)))
        for handle, name in (("14", "ByBlock"), ("15", "ByLayer"), ("16", "Continuous"))
    ]
    yield from _table("LTYPE", "5", kinds)
    told = [("10", "0", "#FFFFFF", 25)]
    told += [(f"{next(numbers):X}", name, *look) for name, look in layers.items()]
    records = [
        _record(
            "LAYER",
            handle,
            "2",
            (
                *((2, name), (70, 0), (62, 7), (420, int(colour[1:], 16))),
                *((6, "Continuous"), (370, wide), (390, "F")),
            ),
        )
        for handle, name, colour, wide in told
    ]
    yield from _table("LAYER", "2", records)
    font = ((2, "Standard"), (70, 0), (40, 0.0), (41, 0.8), (50, 0.0), (71, 0), (42, 2.5))
    text = (*font, (3, "simsun.ttf"), (4, ""))
    yield from _table("STYLE", "3", [_record("STYLE", "11", "3", text)])
    yield from _table("VIEW", "6", [])
    yield from _table("UCS", "7", [])
    yield from _table("APPID", "9", [_record("APPID", "12", "9", ((2, "ACAD"), (70, 0)))])
    said = ((2, "Standard"), (70, 0))
    yield from _table("DIMSTYLE", "A", [_record("DIMSTYLE", "27", "A", said, code=105)])
    blocks = [
        _record("BLOCK_RECORD", handle, "1", ((2, name), (340, "0")))
        for handle, name in (("1F", "*Model_Space"), ("1B", "*Paper_Space"))
    ]
    yield from _table("BLOCK_RECORD", "1", blocks)


def _blocks() -> Iterator[tuple[int, Any]]:
    """Write the two spaces of a drawing, which hold nothing themselves."""
    for name, owner, begin, end in (
        ("*Model_Space", "1F", "20", "21"),
        ("*Paper_Space", "1B", "1C", "1D"),
    ):
        yield from ((0, "BLOCK"), (5, begin), (330, owner), (100, "AcDbEntity"), (8, "0"))
        yield from ((100, "AcDbBlockBegin"), (2, name), (70, 0), *_xyz((0.0, 0.0, 0.0)))
        yield from ((3, name), (1, ""))
        yield from ((0, "ENDBLK"), (5, end), (330, owner), (100, "AcDbEntity"), (8, "0"))
        yield (100, "AcDbBlockEnd")


def _objects() -> Iterator[tuple[int, Any]]:
    """Write the dictionaries that a drawing must have, and the plot style that its layers name."""
    yield from ((0, "DICTIONARY"), (5, "C"), (330, "0"), (100, "AcDbDictionary"), (281, 1))
    yield from ((3, "ACAD_GROUP"), (350, "D"), (3, "ACAD_PLOTSTYLENAME"), (350, "E"))
    yield from ((0, "DICTIONARY"), (5, "D"), (330, "C"), (100, "AcDbDictionary"), (281, 1))
    yield from ((0, "ACDBDICTIONARYWDFLT"), (5, "E"), (330, "C"), (100, "AcDbDictionary"))
    yield from ((281, 1), (3, "Normal"), (350, "F"))
    yield from ((100, "AcDbDictionaryWithDefault"), (340, "F"))
    yield from ((0, "ACDBPLACEHOLDER"), (5, "F"), (330, "E"))
