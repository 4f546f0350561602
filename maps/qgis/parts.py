"""Small parts of a project that stand in more than one place of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

NO_XML = re.compile("[^\\t\\n\\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that XML cannot hold; a name or code with one is not found, but the file is read."""


def written(root: ET.Element, doctype: str) -> str:
    """Write a document."""
    for one in root.iter():
        for name, value in one.attrib.items():
            one.set(name, NO_XML.sub("", value))
        one.text = NO_XML.sub("", one.text) if one.text else one.text
    ET.indent(root, " ")
    return doctype + ET.tostring(root, encoding="unicode") + "\n"


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
