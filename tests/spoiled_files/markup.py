"""KML spoiled in its structure."""

import copy
import re
from xml.etree import ElementTree as ET

from tests.spoiled_files.lakes import LAKES, Content, odd_rings, spoil_bytes, text_of
from tests.spoiled_files.trees import pick

SPACE = "http://www.opengis.net/kml/2.2"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
TEXTS = (
    "",
    "119.5",
    "119.5,27.9 119.6",
    "nan,27.9 119.6,27.9 119.6,28 nan,27.9",
    "1e400,27.9 119.6,27.9 119.6,28 1e400,27.9",
    "1_19,27 1_19,28 1_20,28 1_19,27",
    "١١٩,27 119,28 120,28 ١١٩,27",
    "119.5;27.9 119.6;27.9",
    "119.5,27.9,100 119.6,27.9,100 119.6,28,100 119.5,27.9,100",
    "119.5,27.9 119.6,27.9 119.6,28",
    "千峡湖",
)
TAGS = (
    "placemark",
    "Placemark",
    "Folder",
    "Point",
    "LinearRing",
    "innerBoundaryIs",
    "outerBoundaryIs",
    "MultiGeometry",
    "Data",
    "name",
    "value",
    "coordinates",
    "Style",
    "Track",
    "unknown",
)


def ring(positions):
    text = " ".join(f"{x},{y}" for x, y in positions)
    return f"<LinearRing><coordinates>{text}</coordinates></LinearRing>"


def polygon(rings):
    outer, *inner = map(ring, rings)
    holes = "".join(f"<innerBoundaryIs>{one}</innerBoundaryIs>" for one in inner)
    return f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>{holes}</Polygon>"


def base():
    """Give the lakes as KML."""
    body = []
    for properties, polygons in LAKES:
        data = "".join(
            f'<Data name="{name}"><value>{value}</value></Data>'
            for name, value in properties.items()
            if value is not None and name != "name"
        )
        shape = "".join(map(polygon, polygons))
        shape = shape if len(polygons) == 1 else f"<MultiGeometry>{shape}</MultiGeometry>"
        body.append(
            f"<Placemark><name>{properties['name']}</name>"
            f"<ExtendedData>{data}</ExtendedData>{shape}</Placemark>"
        )
    return f'{HEAD}<kml xmlns="{SPACE}"><Document>{"".join(body)}</Document></kml>'


def tag(element):
    return element.tag.rsplit("}", 1)[-1]


def spoiled(rng):
    """Give the lakes as KML, spoiled in one or two ways."""
    if rng.random() < 0.2:
        return spoil_bytes(base().encode(), rng)
    ET.register_namespace("", SPACE)
    root = ET.fromstring(base().partition("\n")[2])  # noqa: S314 - our own
    for _ in range(pick((1, 1, 2), rng)):
        above = {child: one for one in root.iter() for child in one}
        if not above:
            break
        tags = sorted({tag(one) for one in above})
        chosen = pick(tags, rng)
        element = pick([one for one in above if tag(one) == chosen], rng)
        pick(WAYS, rng)(element, above[element], rng, root)
    text = ET.tostring(root, encoding="unicode")
    if rng.random() < 0.1:
        entity = "<!DOCTYPE kml [<!ENTITY a 'b'>]>"
        declared = '<?xml version="1.0" encoding="GB2312"?>'
        head = pick(("", entity, declared, HEAD + entity, "<!-- kml -->"), rng)
        return (head + text).encode()
    return (HEAD + text).encode()


def delete(element, above, _rng, _root):
    above.remove(element)


def double(element, above, _rng, _root):
    above.append(copy.deepcopy(element))


def rename(element, _above, rng, _root):
    element.tag = pick((f"{{{SPACE}}}{pick(TAGS, rng)}", pick(TAGS, rng)), rng)


def retext(element, _above, rng, _root):
    element.text = pick(TEXTS, rng)


def wrap(element, _above, rng, _root):
    inside = copy.deepcopy(element)
    element.clear()
    element.tag = pick((inside.tag, f"{{{SPACE}}}{pick(TAGS, rng)}"), rng)
    element.append(inside)


def unwrap(element, above, _rng, _root):
    place = list(above).index(element)
    above.remove(element)
    for child in reversed(list(element)):
        above.insert(place, child)


def move(element, above, rng, root):
    places = [one for one in root.iter() if one not in set(element.iter())]
    above.remove(element)
    pick(places, rng).append(element)


def shorten(element, _above, _rng, _root):
    text = element.text or ""
    element.text = text[: len(text) // 2]


def strip(element, _above, _rng, _root):
    element.attrib.clear()


def nest(element, above, rng, root):
    for _ in range(pick((3, 300), rng)):
        wrap(element, above, rng, root)


WAYS = (delete, double, rename, retext, wrap, unwrap, move, shorten, strip, nest)
FEATURES = {"Document", "Folder", "Placemark"}  # a container of KML 2.2 holds any of them
STANDS = {
    "kml": FEATURES,
    "Document": FEATURES,
    "Folder": FEATURES,
    "Placemark": {"name", "ExtendedData", "Polygon", "MultiGeometry", "Style"},
    "ExtendedData": {"Data"},
    "Data": {"value"},
    "value": set(),
    "name": set(),
    "MultiGeometry": {"MultiGeometry", "Polygon"},
    "Polygon": {"outerBoundaryIs", "innerBoundaryIs"},
    "outerBoundaryIs": {"LinearRing"},
    "innerBoundaryIs": {"LinearRing"},
    "LinearRing": {"coordinates"},
    "coordinates": set(),
}
"""What stands in what in a file of lakes; where it does not, the file is odd."""


def content(raw):
    """Say what a spoiled file holds, strictly."""
    try:
        text = text_of(raw)
        declared = re.match(r"<\?xml[^>]*encoding=\"([^\"]*)\"", text)
        body = re.sub(r"^\s*<\?xml[^>]*\?>", "", text) if declared else text
        root = ET.fromstring(body)  # noqa: S314 - our own
    except (UnicodeDecodeError, ValueError, ET.ParseError, LookupError) as error:
        return Content([repr(error)[:80]], [])
    odd = ["doctype"] if "<!DOCTYPE" in text else []
    odd += [f"{tag(one)}/{tag(c)}" for one in root.iter() for c in one if not stands(one, c)]
    odd += [] if tag(root) == "kml" else ["root"]
    rows = []
    for place in (one for one in root.iter() if tag(one) == "Placemark"):
        said, row = of_place(place)
        odd += said
        rows.append(row)
    return Content([*odd, *([] if rows else ["no placemark"])], rows)


def stands(above, child):
    return tag(child) in STANDS.get(tag(above), ())


def of_place(place):
    odd, pairs = [], [(tag(one), (one.text or "").strip()) for one in place if tag(one) == "name"]
    for one in (one for one in place.iter() if tag(one) == "Data"):
        values = [(v.text or "").strip() for v in one if tag(v) == "value"]
        odd += [] if len(values) < 2 and one.get("name") else ["data"]
        pairs.append((one.get("name") or "", values[0] if values else ""))
    values = {name: value or None for name, value in pairs}
    odd += [] if len(values) == len(pairs) else ["double field"]
    shapes = [one for one in place if tag(one) in ("Polygon", "MultiGeometry")]
    if len(shapes) != 1:
        return [*odd, "shapes"], None
    made = []
    for one in (one for one in shapes[0].iter() if tag(one) == "Polygon"):
        outer = [ring_of(b) for b in one if tag(b) == "outerBoundaryIs"]
        inner = [ring_of(b) for b in one if tag(b) == "innerBoundaryIs"]
        odd += [] if len(outer) == 1 else ["outer rings"]
        odd += odd_rings([*outer, *inner])
        made.append([*outer, *inner])
    return [*odd, *([] if made else ["nothing"])], (values, made)


def ring_of(boundary):
    texts = [one.text or "" for one in boundary.iter() if tag(one) == "coordinates"]
    if len(texts) != 1:
        return []
    words = [one.split(",") for one in texts[0].split()]
    number = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
    if not all(number.fullmatch(word) for one in words for word in one):
        return []
    return [[float(word) for word in one] for one in words]
