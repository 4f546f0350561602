"""Classes of one layer told apart by every reader: by colour, or by hatch, dash or shape.

Palettes that are prescribed stay as they are. Where two of their colours are too alike for a reader
with a colour-vision deficiency, the later class gets a hatch (land), a dash (lines) or a shape of
its own (places).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

from maps.colours import APART, least_difference, over_white

Look = dict[str, Any]
LINES = ("rise", "fall", "dots", "level", "upright", "cross", "grid", "rings", "dashes")
HATCHES = ("", *LINES, *(f"{line} bold" for line in LINES), *(f"{line} white" for line in LINES))
DASHES = ("", "9 4", "3 4", "12 4 3 4", "6 3 2 3 2 3", "2 6")
SHAPES = ("circle", "square", "triangle", "diamond", "cross", "star", "pentagon", "drop")
EDGE = 1.2  # pixels from which an edge is seen as a colour of its own
MARKS = {"area": ("hatch", HATCHES), "path": ("dash", DASHES), "place": ("shape", SHAPES)}


def floor_of(meaning: str) -> str:
    """Say how a meaning is drawn: as an area, a path or a place.

    >>> [floor_of(one) for one in ("category", "path", "place", "boundary")]
    ['area', 'path', 'place', 'path']
    """
    return {"path": "path", "boundary": "path", "place": "place"}.get(meaning, "area")


def told_apart(looks: Sequence[Look], meaning: str) -> list[Look]:
    """Give looks of which every two are told apart, the earlier ones as they were.

    A class for which nothing is left keeps the last mark.

    >>> land = [{"fill": "#F8D072", "fillOpacity": 1}, {"fill": "#F8D074", "fillOpacity": 1}]
    >>> [look.get("hatch", "") for look in told_apart(land, "category")]
    ['', 'rise']
    """
    floor = floor_of(meaning)
    name, marks = MARKS[floor]
    found: list[Look] = []
    for look in looks:
        own = look.get(name) or ""
        ways = [look] if own else [{**look, name: mark} if mark else look for mark in marks]
        free = (way for way in ways if all(apart(way, one, floor) for one in found))
        found.append(next(free, ways[-1]))
    return found


def apart(one: Look, other: Look, floor: str) -> bool:
    """Say whether two looks differ by a mark, or by a colour that every reader tells apart."""
    name, marks = MARKS[floor]
    if (one.get(name) or marks[0]) != (other.get(name) or marks[0]):
        return True
    return any(least_difference(a, b) >= APART for a, b in _colours(one, other, floor))


def _colours(one: Look, other: Look, floor: str) -> list[tuple[str, str]]:
    """Give pairs of colours of which one has to differ: fills, edges that are seen, casings."""
    pairs = []
    if floor != "path":
        fills = [
            over_white(look.get("fill", "#FFFFFF"), look.get("fillOpacity", 0))
            for look in (one, other)
        ]
        pairs.append((fills[0], fills[1]))
    edges = [look["stroke"] if look.get("weight", 0) >= EDGE else "" for look in (one, other)]
    if floor == "path" or all(edges):
        pairs.append((one["stroke"], other["stroke"]))
    if floor == "path" and one.get("casing") and other.get("casing"):
        pairs.append((one["casing"], other["casing"]))
    return pairs


def every_pair(looks: Sequence[Look]) -> list[tuple[Look, Look]]:
    """Give every two looks of a layer once."""
    return [(looks[i], looks[j]) for i, j in product(range(len(looks)), repeat=2) if i < j]
