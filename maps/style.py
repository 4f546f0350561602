"""The colours of the pages: one look for each meaning, ramps safe for colour-blind readers.

Amounts run from pale yellow to purple with lightness falling all the way, not so far that water and
roads drown in it; changes run from teal (better) over near white to brown (worse). Classes of one
layer stay apart for the common colour-vision deficiencies (`apart`). Colours of land use are in
`landuse`.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

from maps import apart, landuse
from scenarios.result import Category, Layer

Look = dict[str, Any]

AMOUNT = ("#FFFBE6", "#FDE49B", "#F1A15A", "#D66F62", "#AD5285", "#6C46A4")
BETTER = ("#F6F4EE", "#93CCC2", "#55A69B", "#28807A", "#054B45")
WORSE = ("#F6F4EE", "#E9CB8E", "#CC964C", "#955B1E", "#552F06")
LESS = ("#F6F4EE", "#C4BFE0", "#958CC4", "#6857A2", "#3D2577")
KINDS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255"),
    *("#404010", "#1028B8", "#88E888", "#D0E8D0", "#E8D0E8"),
)
ALTERNATIVES = ("#D81B60", "#1E88E5", "#00897B", "#E08E00", "#6A3FB5", "#4E342E")
RAMP_STEPS, CHANGE_STEPS = 48, 16
LAND_OPACITY = 0.88

ROADS: dict[str, Look] = {
    "expressway": {"stroke": "#D9822B", "weight": 3.2, "casing": "#7A4310"},
    "national": {"stroke": "#C8503C", "weight": 2.8, "casing": "#FFFFFF"},
    "provincial": {"stroke": "#C98A2B", "weight": 2.4, "casing": "#FFFFFF"},
    "county": {"stroke": "#5F564C", "weight": 1.9, "casing": "#FFFFFF"},
    "township": {"stroke": "#8F877E", "weight": 1.4, "casing": "#FFFFFF"},
    "village": {
        "stroke": "#6E665D",
        "weight": 1.0,
        "dash": "4 2.5",
        "casing": "#FFFFFF",
        "edge": 0.5,
    },
    "planned": {"stroke": "#B5179E", "weight": 3.6, "dash": "9 5", "casing": "#FFFFFF"},
    "opened": {"stroke": "#B5179E", "weight": 3.6, "casing": "#FFFFFF"},
    "added": {"stroke": "#B5179E", "weight": 3.6, "casing": "#FFFFFF"},
    "existing": {"stroke": "#7F7468", "weight": 2.0, "casing": "#FFFFFF"},
    "bridge": {"stroke": "#FFFFFF", "weight": 2.2, "casing": "#123E7C"},
    "tunnel": {"stroke": "#3D2F4F", "weight": 3.2, "dash": "3 4", "casing": "#FFFFFF"},
}
TAKEN = {"earth": "#C79B6B", "bridge": "#7FAEDB", "tunnel": "#A08CBF"}
PLACES = {
    "hospital": "#C2185B",
    "clinic": "#E58AB0",
    "primary_school": "#1F78B4",
    "middle_school": "#6A4FB3",
    "high_school": "#16325C",
    "county": "#B5473C",
    "township": "#22303C",
    "tower": "#22303C",
    "patrol": "#F0E442",
    "candidate": "#FFFFFF",
}
VERDICTS = {"pass": "#2F7D6B", "fail": "#B5473C", "approval": "#D18F0B", "unknown": "#6B7885"}
"""What rules say of a feature, as the verdicts of checks are written."""
SHAPES = {
    "hospital": "cross",
    "clinic": "cross",
    "primary_school": "square",
    "middle_school": "triangle",
    "high_school": "pentagon",
    "county": "star",
    "tower": "triangle",
    "patrol": "diamond",
}
RANKS = {
    code: place
    for place, code in enumerate(
        ("hospital", "high_school", "middle_school", "clinic", "primary_school")
    )
}
"""Facilities that give way to each other where there is no room: the first is seen first."""
WATER: Look = {
    "stroke": "#3A8CB8",
    "weight": 1.4,
    "fill": "#6DB3D6",
    "fillOpacity": 0.9,
    "casing": "#F2F9FD",
    "edge": 0.7,
}
RELIEF: Look = {"stroke": "#8A6A45", "weight": 1.0, "fill": "#8A6A45", "radius": 2}
BOUNDARY: Look = {
    "stroke": "#55475E",
    "weight": 1.2,
    "dash": "5 3",
    "fill": "#FFFFFF",
    "fillOpacity": 0,
}
BLOCK: Look = {
    "stroke": "#C2107E",
    "weight": 1.6,
    "fill": "#FFFFFF",
    "fillOpacity": 0,
    "casing": "#FFFFFF",
}
PLAIN_PATH: Look = {"stroke": "#5A5F66", "weight": 2.0, "casing": "#FFFFFF"}
PLAIN_PLACE: Look = {
    "stroke": "#FFFFFF",
    "weight": 1,
    "fill": "#22303C",
    "fillOpacity": 0.95,
    "radius": 4,
}
NO_DATA: Look = {
    "stroke": "#8A949D",
    "weight": 0.8,
    "fill": "#C9CFD5",
    "fillOpacity": 0.7,
    "radius": 3.5,
}


def hexed(rgb: Sequence[float]) -> str:
    """Write red, green, blue of 0 to 255 as #RRGGBB.

    >>> hexed((51, 142, 192))
    '#338EC0'
    """
    return "#" + "".join(f"{round(v):02X}" for v in rgb)


def rgb(colour: str) -> tuple[int, int, int]:
    """Read #RRGGBB.

    >>> rgb("#338EC0")
    (51, 142, 192)
    """
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def ramp(stops: Sequence[str], share: float) -> str:
    """Give the colour at a share of 0 to 1 along the stops.

    >>> ramp(("#000000", "#FF0000"), 0.5)
    '#800000'
    """
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    left = min(int(place), len(stops) - 2)
    part = place - left
    low, high = rgb(stops[left]), rgb(stops[left + 1])
    return hexed([a + (b - a) * part for a, b in zip(low, high, strict=True)])


def limits(layer: Layer, low: float, high: float) -> tuple[float, ...]:
    """Give the class limits of an amount or change: its own, or fine steps between low and high.

    A change without limits of its own is symmetric about zero.
    """
    if layer.breaks:
        return layer.breaks
    steps = RAMP_STEPS
    if layer.meaning == "change":
        high = max(abs(low), abs(high))
        low, steps = -high, CHANGE_STEPS
    if not high > low:
        high = low + 1.0
    return tuple(low + (high - low) * k / steps for k in range(1, steps))


def class_colours(layer: Layer, breaks: Sequence[float]) -> tuple[str, ...]:
    """Give one colour for each class between the limits, closed on the right.

    Amounts run along one ramp. Changes run both ways from the class that holds zero.
    """
    count = len(breaks) + 1
    if layer.meaning != "change":
        return tuple(ramp(AMOUNT, k / max(count - 1, 1)) for k in range(count))
    middle = bisect.bisect_left(breaks, 0.0)
    falling, rising = {
        "lower": (BETTER, WORSE),
        "higher": (WORSE, BETTER),
        "": (LESS, WORSE),
    }[layer.better]
    reach = max(middle, count - 1 - middle, 1)
    return tuple(
        ramp(falling if k < middle else rising, abs(k - middle) / reach) for k in range(count)
    )


def class_of(value: float, breaks: Sequence[float]) -> int:
    """Give the class of a value; limits belong to the class below.

    >>> [class_of(v, (15, 30)) for v in (15, 15.1, 31)]
    [0, 1, 2]
    """
    return bisect.bisect_left(breaks, value)


def class_words(breaks: Sequence[float]) -> list[str]:
    """Name the classes between limits.

    >>> class_words((15, 30))
    ['≤ 15', '15 – 30', '> 30']
    """
    words = [f"{value:g}".replace("-", "−") for value in breaks]
    middle = [f"{a} – {b}" for a, b in itertools.pairwise(words)]
    return [f"≤ {words[0]}", *middle, f"> {words[-1]}"]


def area_look(colour: str, layer: Layer) -> Look:
    """Give the look of a feature coloured by amount, change or category."""
    return {
        "stroke": "#6B7885" if layer.meaning != "category" else "#8C8C78",
        "weight": 0.7,
        "fill": colour,
        "fillOpacity": LAND_OPACITY,
        "radius": 5,
    }


def amount_look(colour: str, layer: Layer, *, lines: bool) -> Look:
    """Give the look of one class of an amount or a change."""
    if lines:
        return {**PLAIN_PATH, "stroke": colour, "weight": 3.0}
    if layer.meaning == "place":
        return {**PLAIN_PLACE, "fill": colour, "stroke": "#3E4A55", "weight": 1.1}
    return area_look(colour, layer)


def alternative(place: int) -> str:
    """Give the colour of an alternative; the first two stay apart for every reader."""
    return ALTERNATIVES[place % len(ALTERNATIVES)]


def category_look(layer: Layer, category: Category, place: int) -> Look:
    """Give the look of one category of a layer by its meaning, code and Chinese title."""
    other = VERDICTS.get(category.code, KINDS[place % len(KINDS)])
    if category.code in VERDICTS and layer.meaning == "path":
        return {**PLAIN_PATH, "stroke": other, "weight": 5.0}
    if layer.meaning == "path" and layer.value == "alternative":
        return {**PLAIN_PATH, "stroke": alternative(place), "weight": 4.0}
    if layer.meaning == "path":
        return ROADS.get(category.code, {**PLAIN_PATH, "stroke": other})
    if layer.meaning == "place":
        return _place_look(category.code, PLACES.get(category.code, other), place)
    if layer.meaning == "boundary":
        return _boundary_look(category.code, other)
    return _land_look(layer, category, other)


def _boundary_look(code: str, colour: str) -> Look:
    """Give the look of one kind of outline; zones that protect keep the colour of their areas."""
    if code == "block":
        return BLOCK
    if code in landuse.ZONES:
        zone = hexed(landuse.ZONES[code])
        return {**BOUNDARY, "stroke": zone, "weight": 1.8, "casing": "#FFFFFF"}
    return {**BOUNDARY, "stroke": colour}


def _place_look(code: str, colour: str, place: int) -> Look:
    """Give the look of one kind of place; the first of its layer is the largest."""
    look = {**PLAIN_PLACE, "fill": colour, "radius": 6 if place == 0 else 5}
    if code == "candidate":
        look |= {"stroke": "#22303C", "weight": 1.2}
    if code in SHAPES:
        look["shape"] = SHAPES[code]
    if code in RANKS:
        look["rank"] = RANKS[code]
    return look


@cache
def survey_hatches() -> dict[str, str]:
    """Give the hatch of each of the survey's classes: the same on every layer and page."""
    colours = {code: landuse.surveyed(code) for code in landuse.ORDER}
    looks = [
        {"fill": hexed(colour), "fillOpacity": LAND_OPACITY, "stroke": "", "weight": 0}
        for colour in colours.values()
        if colour
    ]
    hatches = [look.get("hatch", "") for look in apart.told_apart(looks, "category")]
    return dict(zip([code for code, colour in colours.items() if colour], hatches, strict=True))


def _land_look(layer: Layer, category: Category, other: str) -> Look:
    """Give the look of a class of land; what changes has an edge that is seen from far off."""
    named = landuse.colour(category, layer.categories)
    look = area_look(TAKEN.get(category.code, hexed(named) if named else other), layer)
    hatch: str | None
    if category.code[:2].isdigit() and landuse.is_survey(layer.categories):
        hatch = survey_hatches().get(category.code[:4], "")
        return {**look, "hatch": hatch} if hatch else look
    if category.code in landuse.ZONES or category.code in landuse.HAZARDS:
        hatch = landuse.HATCHED.get(category.code)
        seen = {**look, "stroke": look["fill"], "weight": 1.3, "fillOpacity": 0.26, "always": True}
        return {**seen, "hatch": hatch, "fillOpacity": 0.5} if hatch else seen
    if category.code in landuse.CLAIMED:
        hatch = landuse.CLAIMED_HATCHED[category.code]
        edged = {"stroke": "#22303C", "weight": 1.6, "hatch": hatch, "always": True}
        return {**look, **edged, "fillOpacity": 0.95}
    if category.code in landuse.MOVES:
        return {**look, "stroke": look["fill"], "weight": 1.3, "fillOpacity": 1, "always": True}
    return look


def plain_look(layer: Layer) -> Look:
    """Give the look of a layer whose shape says it all."""
    plain = {
        "relief": RELIEF,
        "water": WATER,
        "boundary": BOUNDARY,
        "path": PLAIN_PATH,
        "place": PLAIN_PLACE,
    }
    return plain.get(layer.meaning, area_look(KINDS[0], layer))
