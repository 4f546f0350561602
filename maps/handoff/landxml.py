"""road.xml: alignment and profile of a road's alternatives as LandXML 1.2.

In plan the elements that the road was designed of: lines, arcs with their radius and centre,
clothoids with the radius at either end and their parameter. In profile the points of vertical
intersection with their parabolas, and the ground. Coordinates are northing and easting, as LandXML
has them, in the county's CRS. Directions are left out: readers differ about their sense, and points
and radii say all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import numpy as np

from geo.words import Text
from maps.handoff.file import File
from maps.handoff.roads import Road, roads
from maps.qgis.wording import plain
from maps.wording import HANDED_WORDS
from scenarios.result import Run

NAME = "road.xml"
TITLE = HANDED_WORDS[NAME]
ABOUT = Text(
    "LandXML 1.2：各方案的平面线形（直线、缓和曲线、圆曲线）与纵断面，供道路设计软件读取",
    "LandXML 1.2: plan (lines, clothoids, arcs) and profile of each alternative, for road design",
)
SPACE = "http://www.landxml.org/schema/LandXML-1.2"
UNITS = {
    "areaUnit": "squareMeter",
    "linearUnit": "meter",
    "volumeUnit": "cubicMeter",
    "temperatureUnit": "celsius",
    "pressureUnit": "milliBars",
    "angularUnit": "decimal degrees",
    "directionUnit": "decimal degrees",
}
NO_DATE = "1970-01-01"
SAME_WAY = 1e-12  # of two unit vectors: below it they do not meet
DESIGN, GROUND = Text("设计线", "Design"), Text("地面线", "Ground")


class Spot(NamedTuple):
    """A place and the way on from it, radians counter-clockwise from x."""

    x: float
    y: float
    heading: float


def files(run: Run) -> Iterator[File]:
    """Give the file of a run whose roads tell their elements."""
    found = [road for road in roads(run) if len(road.elements) and len(road.slopes) > 1]
    if found:
        yield File(NAME, TITLE, ABOUT, document(run, found))


def document(run: Run, found: Sequence[Road]) -> bytes:
    """Write roads as one document, UTF-8."""
    dates = re.findall(r"\d{4}-\d{2}-\d{2}", run.data_date)
    said = {"date": max(dates, default=NO_DATE), "time": "00:00:00", "version": "1.2"}
    root = ET.Element("LandXML", {"xmlns": SPACE, **said, "language": "Chinese"})
    ET.SubElement(ET.SubElement(root, "Units"), "Metric", UNITS)
    code = run.crs.rpartition(":")[2] if run.crs.startswith("EPSG:") else ""
    known = {"epsgCode": code} if code else {}
    ET.SubElement(root, "CoordinateSystem", {"name": plain(run.crs), **known})
    words = f"{_both(run.county_name)} · {_both(run.quality_words)} · {run.key}"
    ET.SubElement(root, "Project", name=_both(run.title), desc=plain(words))
    ET.SubElement(root, "Application", name="jingning")
    kept = ET.SubElement(root, "Alignments", name=_both(run.title))
    for road, name in zip(found, _names(found), strict=True):
        _alignment(kept, road, name)
    ET.indent(root, " ")
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _both(words: Text) -> str:
    return plain(words.zh if words.zh == words.en else f"{words.zh} {words.en}".strip())


def _names(found: Sequence[Road]) -> Iterator[str]:
    """Give names of alignments, which must differ."""
    taken: set[str] = set()
    for road in found:
        name = plain(road.title.zh) or plain(road.code)
        name = f"{name} {road.place + 1}" if name in taken else name
        taken.add(name)
        yield name


def _alignment(parent: ET.Element, road: Road, name: str) -> None:
    length = f"{road.elements['length_m'].sum():.6f}"
    kept = ET.SubElement(parent, "Alignment", name=name, length=length, staStart="0.000")
    kept.set("desc", plain(road.title.en))
    geometry = ET.SubElement(kept, "CoordGeom", name=name)
    rows = road.elements.to_dict("records")
    spots = [Spot(row["x"], row["y"], math.radians(90 - row["azimuth_deg"])) for row in rows]
    x, y = road.line.coords[-1][:2]
    spots.append(Spot(x, y, spots[-1].heading + _turned(rows[-1])))
    for row, (start, end) in zip(rows, pairwise(spots), strict=True):
        {"tangent": _line, "arc": _arc, "spiral": _spiral}[row["kind"]](geometry, row, start, end)
    profile = ET.SubElement(kept, "Profile", name=name)
    _design(ET.SubElement(profile, "ProfAlign", name=_both(DESIGN)), road)
    _ground(profile, road)


def _bends(row: dict[str, Any]) -> tuple[float, float]:
    """Give the curvature at both ends of an element, positive to the left."""
    side = -1.0 if row["turn"] == "right" else 1.0
    ends = (row["radius_from_m"], row["radius_to_m"])
    first, last = (side / radius if np.isfinite(radius) else 0.0 for radius in ends)
    return first, last


def _turned(row: dict[str, Any]) -> float:
    """Give the angle an element turns by, radians, positive to the left."""
    return sum(_bends(row)) / 2 * float(row["length_m"])


def _point(parent: ET.Element, tag: str, x: float, y: float) -> None:
    ET.SubElement(parent, tag).text = f"{y:.6f} {x:.6f}"


def _placed(parent: ET.Element, tag: str, row: dict[str, Any]) -> ET.Element:
    said = {"length": f"{row['length_m']:.6f}", "staStart": f"{row['start_m']:.6f}"}
    return ET.SubElement(parent, tag, said)


def _line(parent: ET.Element, row: dict[str, Any], start: Spot, end: Spot) -> None:
    kept = _placed(parent, "Line", row)
    _point(kept, "Start", start.x, start.y)
    _point(kept, "End", end.x, end.y)


def _hand(row: dict[str, Any]) -> str:
    return "cw" if row["turn"] == "right" else "ccw"


def _arc(parent: ET.Element, row: dict[str, Any], start: Spot, end: Spot) -> None:
    kept = _placed(parent, "Curve", row)
    radius = float(row["radius_from_m"])
    kept.attrib |= {"rot": _hand(row), "crvType": "arc", "radius": f"{radius:.6f}"}
    kept.set("delta", f"{abs(math.degrees(_turned(row))):.9f}")
    side = -1.0 if row["turn"] == "right" else 1.0
    away = start.heading + side * math.pi / 2
    _point(kept, "Start", start.x, start.y)
    _point(kept, "Center", start.x + radius * math.cos(away), start.y + radius * math.sin(away))
    _point(kept, "End", end.x, end.y)


def _spiral(parent: ET.Element, row: dict[str, Any], start: Spot, end: Spot) -> None:
    kept = _placed(parent, "Spiral", row)
    ends = {"radiusStart": row["radius_from_m"], "radiusEnd": row["radius_to_m"]}
    kept.attrib |= {
        name: f"{radius:.6f}" if np.isfinite(radius) else "INF" for name, radius in ends.items()
    }
    kept.attrib |= {"rot": _hand(row), "spiType": "clothoid"}
    kept.attrib |= {"constant": f"{row['parameter_m']:.6f}"}
    kept.set("theta", f"{abs(math.degrees(_turned(row))):.9f}")
    x, y = meeting(start, end)
    _point(kept, "Start", start.x, start.y)
    _point(kept, "PI", x, y)
    _point(kept, "End", end.x, end.y)


def meeting(start: Spot, end: Spot) -> tuple[float, float]:
    """Give where the tangents of two places meet, half-way where they run alike.

    >>> [round(v, 9) for v in meeting(Spot(0, 0, 0), Spot(100, 100, math.pi / 2))]
    [100.0, 0.0]
    """
    ax, ay, bx, by = *_unit(start.heading), *_unit(end.heading)
    across = ax * by - ay * bx
    if abs(across) < SAME_WAY:
        return (start.x + end.x) / 2, (start.y + end.y) / 2
    along = ((end.x - start.x) * by - (end.y - start.y) * bx) / across
    return start.x + along * ax, start.y + along * ay


def _unit(heading: float) -> tuple[float, float]:
    return math.cos(heading), math.sin(heading)


def _design(parent: ET.Element, road: Road) -> None:
    """Write points of vertical intersection; those within parabolas say how long these are."""
    columns = ["chainage_m", "height_m", "curve_m"]
    for chainage, height, curve in road.slopes[columns].itertuples(index=False):
        curved = np.isfinite(curve) and curve > 0
        kept = ET.SubElement(parent, "ParaCurve" if curved else "PVI")
        if curved:
            kept.set("length", f"{curve:.6f}")
        kept.text = f"{chainage:.6f} {height:.6f}"


def _ground(parent: ET.Element, road: Road) -> None:
    """Write the ground under the road, a list each stretch of stations where it is known."""
    pairs = road.stations[["chainage_m", "ground_m"]].to_numpy(dtype=float)
    known = np.isfinite(pairs).all(axis=1)
    stretches = np.split(pairs, np.flatnonzero(np.diff(known)) + 1)
    lists = [part for part in stretches if len(part) > 1 and np.isfinite(part).all()]
    if lists:
        kept = ET.SubElement(parent, "ProfSurf", name=_both(GROUND))
        for part in lists:
            text = " ".join(f"{value:.4f}" for value in part.ravel())
            ET.SubElement(kept, "PntList2D").text = text
