"""Small parts of a project that stand in more than one place of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET


def extent(parent: ET.Element, tag: str, box: Sequence[float]) -> None:
    """Write a box, west, south, east, north, as four elements below one."""
    found = ET.SubElement(parent, tag)
    for name, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True):
        ET.SubElement(found, name).text = repr(float(value))


def system(parent: ET.Element, crs: Any) -> None:
    """Write a CRS: its name with the authority where it has one, and its definition."""
    kept = ET.SubElement(parent, "spatialrefsys", nativeFormat="Wkt")
    code = crs.to_authority()
    ET.SubElement(kept, "wkt").text = crs.to_wkt()
    ET.SubElement(kept, "srid").text = code[1] if code else "0"
    ET.SubElement(kept, "authid").text = ":".join(code) if code else ""
    ET.SubElement(kept, "description").text = crs.name
    ET.SubElement(kept, "geographicflag").text = "false"
