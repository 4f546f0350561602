"""KML: placemarks with their data; links to elsewhere are not followed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pandas as pd
from shapely.geometry.base import BaseGeometry

from geo.crs import WGS84
from geo.errors import FileError, GeometryError
from geo.words import Text, joined
from layers.decoding import decoded
from layers.intake.features import Builder, Features, merged

GEOMETRIES = {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"}
ELSEWHERE = {"NetworkLink", "GroundOverlay", "Track", "MultiTrack", "Model"}
DECLARED = re.compile(r"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")


class _Place(NamedTuple):
    """An element, and the name of the folder it stands in; none for the document itself."""

    element: ET.Element
    folder: str


class _Plain(ET.TreeBuilder):
    """Refuses a document type before anything in it is looked at."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise FileError(
            Text(
                f"拒绝文档类型声明：{name} {pubid} {system}",
                f"a document type is refused: {name} {pubid} {system}",
            )
        )


def read_kml(raw: bytes, *, encoding: str = "") -> Features:
    """Read the placemarks of a KML file, from every folder; coordinates are WGS 84.

    Parameters
    ----------
    raw
        The file's bytes.
    encoding
        What the user says it is in.

    Raises
    ------
    FileError
        If it is no well-formed XML, declares a document type, or holds no placemark.
    """
    declared = DECLARED.match(raw[:200].decode("latin-1"))
    read = decoded(raw, encoding=encoding or (declared[1] if declared else ""))
    root = _root(re.sub(r"^\s*<\?xml[^>]*\?>", "", read.text, count=1))
    places = [place for place in _walk(root) if _name(place.element) == "Placemark"]
    if not places and _name(root) in GEOMETRIES:
        places = [_Place(root, "")]
    if not places:
        raise FileError(
            Text(
                "KML 中没有地标；处理：给出含图形的文件",
                "no placemark; remedy: name a file with shapes",
            )
        )
    features = Features([], pd.DataFrame(), WGS84, warnings=[*read.warnings])
    _warn_of_structure(root, features)
    records = []
    for row, place in enumerate(places, 1):
        features.shapes.append(_shape(row, place.element, features))
        folder = {"folder": place.folder} if place.folder else {}
        records.append({**folder, **_fields(place.element)})
    features.table = pd.DataFrame(records, index=pd.RangeIndex(1, len(records) + 1), dtype=object)
    return features


def _root(text: str) -> ET.Element:
    parser = ET.XMLParser(target=_Plain())  # noqa: S314 - see above: no document types
    try:
        parser.feed(text)
        return parser.close()
    except ET.ParseError as error:
        raise FileError(
            Text(
                f"XML 有误：{error}；处理：重新导出",
                f"broken XML: {error}; remedy: export it again",
            )
        ) from error


def _walk(root: ET.Element) -> Iterator[_Place]:
    """Give every element with the name of the folder it stands in."""
    waiting = [_Place(root, "")]
    while waiting:
        place = waiting.pop()
        yield place
        folder = place.folder
        if _name(place.element) == "Folder":
            folder = _text(place.element, "name") or folder
        waiting += [_Place(child, folder) for child in reversed(place.element)]


def _warn_of_structure(root: ET.Element, features: Features) -> None:
    names = Counter(_text(one, "name") for one in root.iter() if _name(one) == "Folder")
    twice = joined(sorted(name for name, count in names.items() if count > 1))
    if twice.en:
        features.warn(
            Text(f"文件夹重名，全部读取：{twice.zh}", f"folders of one name, all read: {twice.en}")
        )
    odd = joined(sorted({_name(one) for one in root.iter()} & ELSEWHERE))
    if odd.en:
        features.warn(Text(f"未读取：{odd.zh}", f"not read: {odd.en}"))


def _shape(row: int, place: ET.Element, features: Features) -> BaseGeometry | None:
    builder = Builder()
    inside = [place] if _name(place) in GEOMETRIES else [c for c in place if _name(c) in GEOMETRIES]
    try:
        parts = [_geometry(one, builder) for one in inside]
    except GeometryError as error:
        features.fault(row, error.message)
        return None
    features.remark(row, builder)
    return merged(parts) if parts else None


def _geometry(element: ET.Element, builder: Builder) -> BaseGeometry:
    kind = _name(element)
    if kind == "MultiGeometry":
        parts = [_geometry(one, builder) for one in element if _name(one) in GEOMETRIES]
        if not parts:
            raise GeometryError(Text("MultiGeometry 为空", "an empty MultiGeometry"))
        return merged(parts)
    if kind == "Polygon":
        outer = [_ring(one) for one in element if _name(one) == "outerBoundaryIs"]
        inner = [_ring(one) for one in element if _name(one) == "innerBoundaryIs"]
        if len(outer) != 1:
            raise GeometryError(
                Text(
                    f"面须有一个外环，实有 {len(outer)} 个",
                    f"a polygon has one outer ring: {len(outer)}",
                )
            )
        return builder.shape("Polygon", [*outer, *inner])
    positions = _positions(element)
    if kind == "LinearRing":
        return builder.shape("Polygon", [positions])
    if kind == "Point" and len(positions) != 1:
        raise GeometryError(
            Text(
                f"点须有一个坐标，实有 {len(positions)} 个",
                f"a point has one position: {len(positions)}",
            )
        )
    return builder.shape(kind, positions[0] if kind == "Point" else positions)


def _ring(boundary: ET.Element) -> list[list[float]]:
    rings = [one for one in boundary if _name(one) == "LinearRing"]
    if len(rings) != 1:
        raise GeometryError(
            Text(f"边界须有一个环，实有 {len(rings)} 个", f"a boundary has one ring: {len(rings)}")
        )
    return _positions(rings[0])


def _positions(element: ET.Element) -> list[list[float]]:
    text = _text(element, "coordinates")
    try:
        return [[float(number) for number in one.split(",")] for one in text.split()]
    except ValueError as error:
        raise GeometryError(Text(f"坐标有误：{error}", f"broken coordinates: {error}")) from error


def _fields(place: ET.Element) -> dict[str, str | None]:
    """Give name, description and the extended data of a placemark."""
    fields: dict[str, str | None] = {"name": _text(place, "name") or None}
    if description := _text(place, "description"):
        fields["description"] = description
    for one in place.iter():
        key = one.get("name")
        if key and _name(one) == "SimpleData":
            fields[key] = (one.text or "").strip() or None
        elif key and _name(one) == "Data":
            fields[key] = _text(one, "value") or None
    return fields


def _name(element: ET.Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def _text(element: ET.Element, name: str) -> str:
    return next(((one.text or "").strip() for one in element if _name(one) == name), "")
