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
from geo.errors import FileError, GeometryError, Problem
from geo.words import Text, joined
from layers.decoding import decoded
from layers.intake.features import NUMBER, Builder, Features, merged
from layers.intake.markup import plain_name, root_of

GEOMETRIES = {"Point", "LineString", "LinearRing", "Polygon", "MultiGeometry"}
BOUNDS = {"outerBoundaryIs", "innerBoundaryIs"}
RINGS = Text("闭合环（LinearRing）读作面", "rings by themselves (LinearRing) are read as polygons")
MANNERS = {"extrude", "tessellate", "altitudeMode", "altitudeOffset", "drawOrder"}
INSIDE = {
    "Point": {"coordinates", *MANNERS},
    "LineString": {"coordinates", *MANNERS},
    "LinearRing": {"coordinates", *MANNERS},
    "Polygon": {"outerBoundaryIs", "innerBoundaryIs", *MANNERS},
    "MultiGeometry": GEOMETRIES | MANNERS,
    "outerBoundaryIs": {"LinearRing"},
    "innerBoundaryIs": {"LinearRing"},
    "ExtendedData": {"Data", "SchemaData"},
    "SchemaData": {"SimpleData", "SimpleArrayData"},
    "Data": {"displayName", "value"},
}
"""What may stand in an element; anything else would be lost."""
FEATURES = {"Placemark", "Folder", "Document", "NetworkLinkControl", "ScreenOverlay"}
FEATURES |= {"PhotoOverlay", "Tour"}
SEEN = {"name", "description", "visibility", "open", "snippet", "Snippet", "address"}
SEEN |= {"phoneNumber", "author", "link", "LookAt", "Camera", "TimeStamp", "TimeSpan", "styleUrl"}
SEEN |= {"Style", "StyleMap", "Region", "Metadata", "ExtendedData", "balloonVisibility", "Schema"}
SEEN |= {"AddressDetails"}
HOLDERS = {"kml", "Document", "Folder"}
VALUES = {"Data", "SimpleData"}
LEAVES = {"name", "value", "SimpleData", "coordinates"}
ELSEWHERE = {"NetworkLink", "GroundOverlay", "Track", "MultiTrack", "Model"}
DECLARED = re.compile(r"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")


class _Place(NamedTuple):
    """An element, and the name of the folder it stands in; none for the document itself."""

    element: ET.Element
    folder: str


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
    read = decoded(raw, encoding=encoding, declared=declared[1] if declared else "")
    root = root_of(re.sub(r"^\s*<\?xml[^>]*\?>", "", read.text, count=1))
    places = [place for place in _walk(root) if plain_name(place.element) == "Placemark"]
    if not places and plain_name(root) in GEOMETRIES:
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
    _refuse_homeless(root, places, features)
    records = []
    for row, place in enumerate(places, 1):
        features.shapes.append(_shape(row, place.element, features))
        folder = {"folder": place.folder} if place.folder else {}
        records.append({**folder, **_fields(row, place.element, features)})
    features.table = pd.DataFrame(records, index=pd.RangeIndex(1, len(records) + 1), dtype=object)
    return features


def _walk(root: ET.Element) -> Iterator[_Place]:
    """Give every element with the name of the folder it stands in."""
    waiting = [_Place(root, "")]
    while waiting:
        place = waiting.pop()
        yield place
        folder = place.folder
        if plain_name(place.element) == "Folder":
            folder = _text(place.element, "name") or folder
        waiting += [_Place(child, folder) for child in reversed(place.element)]


def _warn_of_structure(root: ET.Element, features: Features) -> None:
    names = Counter(_text(one, "name") for one in root.iter() if plain_name(one) == "Folder")
    twice = joined(sorted(name for name, count in names.items() if count > 1))
    if twice.en:
        features.warn(
            Text(f"文件夹重名，全部读取：{twice.zh}", f"folders of one name, all read: {twice.en}")
        )
    lost = {
        plain_name(one)
        for one in root.iter()
        if plain_name(one) not in HOLDERS
        if any(plain_name(child) in HOLDERS | {"Placemark"} for child in one)
    }
    if lost:
        where = joined(sorted(lost))
        features.warn(
            Text(f"{where.zh} 中有地标，照样读取", f"placemarks stand in {where.en} and are read")
        )
    odd = joined(sorted(set(_unread(root))))
    if odd.en:
        features.warn(Text(f"未读取：{odd.zh}", f"not read: {odd.en}"))


def _unread(root: ET.Element) -> Iterator[str]:
    """Name elements that hold something this reader does not know, or does not follow."""
    for element in root.iter():
        name = plain_name(element)
        if name in ELSEWHERE:
            yield name
        if name not in {"ExtendedData", "SchemaData"}:
            yield from (plain_name(child) for child in element if plain_name(child) in VALUES)
        known = _known(name)
        if known is not None:
            yield from (plain_name(child) for child in element if plain_name(child) not in known)


def _known(name: str) -> set[str] | None:
    """Give what may stand in an element that this reader looks into; None for all others."""
    if name == "Placemark":
        return SEEN | ELSEWHERE | GEOMETRIES
    if name in {"Folder", "Document", "kml"}:
        return SEEN | ELSEWHERE | FEATURES
    return INSIDE[name] if name in {"ExtendedData", "SchemaData", "Data"} else None


def _refuse_homeless(root: ET.Element, places: list[_Place], features: Features) -> None:
    """Name shapes that stand outside of every placemark: they would be lost."""
    homes = {id(one) for place in places for one in place.element.iter()}
    lost = Counter(
        plain_name(one)
        for one in root.iter()
        if plain_name(one) in GEOMETRIES and id(one) not in homes
    )
    for name, count in lost.items():
        found = Text(f"{count} 个 {name} 不在地标之内", f"{count} {name} outside of any Placemark")
        features.problems.append(Problem(field="geometry", found=found, expected="Placemark"))


def _shape(row: int, place: ET.Element, features: Features) -> BaseGeometry | None:
    builder = Builder()
    inside = (
        [place]
        if plain_name(place) in GEOMETRIES
        else [c for c in place if plain_name(c) in GEOMETRIES]
    )
    try:
        parts = [_geometry(one, builder) for one in inside]
    except GeometryError as error:
        features.fault(row, error.message)
        return None
    features.remark(row, builder)
    if any(one is not place and plain_name(one) == "Placemark" for one in place.iter()):
        features.fault(row, Text("地标之中又有地标", "a Placemark in a Placemark"))
    if len(parts) > 1:
        features.warn(
            Text("地标有多个图形，合为一个", "placemarks of several shapes, which are made one")
        )
    rings = [one for one in place.iter("*") if plain_name(one) == "LinearRing"]
    bounds = [one for one in place.iter("*") if plain_name(one) in BOUNDS]
    if len(rings) > len(bounds):
        features.warn(RINGS)
    return merged(parts) if parts else None


def _geometry(element: ET.Element, builder: Builder) -> BaseGeometry:
    kind = plain_name(element)
    _refuse_unknown(element)
    if kind == "MultiGeometry":
        parts = [_geometry(one, builder) for one in element if plain_name(one) in GEOMETRIES]
        if not parts:
            raise GeometryError(Text("MultiGeometry 为空", "an empty MultiGeometry"))
        return merged(parts)
    if kind == "Polygon":
        outer = [_ring(one) for one in element if plain_name(one) == "outerBoundaryIs"]
        inner = [_ring(one) for one in element if plain_name(one) == "innerBoundaryIs"]
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


def _refuse_unknown(element: ET.Element) -> None:
    """Refuse what this reader would pass over within a shape."""
    odd = sorted(
        {plain_name(one) for one in element if plain_name(one) not in INSIDE[plain_name(element)]}
    )
    if odd:
        kind, names = plain_name(element), joined(odd)
        raise GeometryError(
            Text(f"{kind} 中有不识别的 {names.zh}", f"unknown in {kind}: {names.en}")
        )


def _ring(boundary: ET.Element) -> list[list[float]]:
    _refuse_unknown(boundary)
    rings = [one for one in boundary if plain_name(one) == "LinearRing"]
    if len(rings) != 1:
        raise GeometryError(
            Text(f"边界须有一个环，实有 {len(rings)} 个", f"a boundary has one ring: {len(rings)}")
        )
    _refuse_unknown(rings[0])
    return _positions(rings[0])


def _positions(element: ET.Element) -> list[list[float]]:
    given = [one for one in element if plain_name(one) == "coordinates"]
    if len(given) != 1 or len(given[0]):
        raise GeometryError(
            Text(f"coordinates 须有一个：{len(given)}", f"one plain coordinates: {len(given)}")
        )
    words = [one.split(",") for one in (given[0].text or "").split()]
    wrong = [number for one in words for number in one if not NUMBER.fullmatch(number)]
    if wrong:
        raise GeometryError(Text(f"坐标有误：{wrong[0]!r}", f"broken coordinates: {wrong[0]!r}"))
    return [[float(number) for number in one] for one in words]


def _fields(row: int, place: ET.Element, features: Features) -> dict[str, str | None]:
    """Give name, description and the extended data of a placemark; none stands twice."""
    pairs: list[tuple[str, str | None]] = []
    extended = {
        id(one) for part in place if plain_name(part) == "ExtendedData" for one in part.iter()
    }
    for one in place.iter():
        key = one.get("name")
        if plain_name(one) in VALUES and id(one) not in extended:
            continue  # told of as not read
        if plain_name(one) == "SimpleData":
            pairs.append((key or "", (one.text or "").strip() or None))
        elif plain_name(one) == "Data":
            values = [child for child in one if plain_name(child) == "value"] or [one]
            pairs += [(key or "", (value.text or "").strip() or None) for value in values]
        if plain_name(one) in LEAVES and len(one):
            odd = joined(map(plain_name, one))
            found = Text(f"{plain_name(one)} 中有 {odd.zh}", f"{odd.en} in {plain_name(one)}")
            features.fault(row, found, expected=Text("文字", "text"), name=key or plain_name(one))
    told = [(plain_name(one), one) for one in place if plain_name(one) in {"name", "description"}]
    own = [(name, (one.text or "").strip() or None) for name, one in told]
    own = [pair for pair in own if pair[0] == "name" or pair[1] is not None]
    every = Counter(key for key, _ in [*own, *pairs])
    for key, count in every.items():
        if count > 1 or not key:
            found = Text(f"{count} 个值", f"{count} values")
            features.fault(row, found, expected=Text("一个有名的值", "one value"), name=key or "—")
    return {"name": None, **dict(own), **dict(pairs)}


def _text(element: ET.Element, name: str) -> str:
    return next(((one.text or "").strip() for one in element if plain_name(one) == name), "")
