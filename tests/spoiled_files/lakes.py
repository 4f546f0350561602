"""Three lakes, what a file says of them, and how files of text are spoiled byte by byte.

A reader of our own, which shares nothing with the project's, says what a spoiled file holds: its
rows, or what is odd about it. A file that is odd must be refused or told of; one that is not must
come in as it stands.
"""

import math
from functools import partial
from typing import NamedTuple

NAMES = ("id", "name", "name_en", "level_m", "area_km2")
NUMBERS = {"level_m", "area_km2"}
SQUARE = [[119.5, 27.9], [119.52, 27.9], [119.52, 27.92], [119.5, 27.92], [119.5, 27.9]]
HOLE = [[119.505, 27.905], [119.505, 27.91], [119.51, 27.91], [119.505, 27.905]]
EAST = [[119.6, 27.8], [119.63, 27.8], [119.63, 27.84], [119.6, 27.8]]
WEST = [[119.4, 27.8], [119.43, 27.8], [119.43, 27.84], [119.4, 27.8]]
LAKES = (
    ({"id": "0101", "name": "千峡湖", "level_m": 160, "area_km2": 70.9}, [[SQUARE, HOLE]]),
    ({"id": "0102", "name": "毛垟水库", "level_m": 412.5, "area_km2": None}, [[EAST], [WEST]]),
    ({"id": "0103", "name": "大漈", "level_m": 1030, "area_km2": 0.4}, [[EAST]]),
)


class Content(NamedTuple):
    """What a file holds: rows of (properties, polygons), or what is odd about it."""

    odd: list
    rows: list


def number(value):
    """Give a number, or None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        figure = float(value)
    except (ValueError, OverflowError):
        return None
    return figure if math.isfinite(figure) else None


def field(properties, name):
    """Give the value of a field: of its own name, else of one in other capitals."""
    if name in properties:
        return properties[name]
    alike = [key for key in properties if key.lower() == name]
    return properties[alike[0]] if len(alike) == 1 else None


def odd_position(position):
    fine = isinstance(position, list) and len(position) in {2, 3}
    fine = fine and all(isinstance(v, int | float) and not isinstance(v, bool) for v in position)
    if not fine or not all(abs(v) < 1e9 for v in position):
        return "no position"
    if len(position) == 3:
        return "height"
    return "" if abs(position[0]) <= 180 and abs(position[1]) <= 90 else "out of range"


def odd_rings(rings):
    """Say what is odd about the rings of a polygon."""
    if not isinstance(rings, list) or not rings:
        return ["no rings"]
    odd = []
    for ring in rings:
        if not isinstance(ring, list) or len(ring) < 4:
            odd.append("no ring")
            continue
        odd += filter(None, map(odd_position, ring))
        if ring[0] != ring[-1]:
            odd.append("open ring")
    return odd


def text_of(raw):
    """Decode a text by its byte order mark, else as UTF-8."""
    return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")


def spoil_bytes(raw, rng):
    """Spoil a text byte by byte, in one of the ways that happen to files."""
    place = int(rng.integers(1, len(raw)))
    other = int(rng.integers(1, len(raw)))
    text = raw.decode("utf-8")
    at = int(rng.integers(1, len(text)))
    ways = (
        lambda: raw[:place],
        lambda: b"\xef\xbb\xbf" + raw,
        partial(text.encode, "utf-16"),
        partial(text.encode, "gb18030"),
        raw.decode("latin-1").encode,
        lambda: raw[:place] + b"\x00" + raw[place:],
        lambda: raw[:place] + b"\xff" + raw[place + 1 :],
        (text[:at] + text[at + 1 :]).encode,
        (text[:at] + text[at] + text[at:]).encode,
        text.replace('"', "'").encode,
        text.replace("\n", "\r\n").encode,
        lambda: raw + raw[place:],
        lambda: raw[min(place, other) : max(place, other) + 1],
        lambda: raw[place:] + raw[:place],
        lambda: text.replace(",", "，", 3).encode(),
        lambda: text.replace("119.5", "１１９.5", 1).encode(),
    )
    return ways[int(rng.integers(len(ways)))]()
