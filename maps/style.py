"""The colours of the pages: one look for each meaning, ramps safe for colour-blind readers.

Amounts run from pale yellow to deep purple with lightness falling all the way; changes run from
teal (better) over near white to brown (worse). Both stay apart for the common colour-vision
deficiencies. Colours of land use are in `landuse`.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Sequence
from typing import Any

from maps import landuse
from scenarios.result import Category, Layer

Look = dict[str, Any]

AMOUNT = ("#FFF6D2", "#FDDC9A", "#F9B16E", "#EE7F5B", "#CF4F63", "#9C2F6E", "#652A73")
BETTER = ("#F4F3EE", "#B9DED7", "#6DB5AB", "#2A8279", "#075049")
WORSE = ("#F4F3EE", "#EAD3A2", "#CF9E56", "#9C6220", "#5E3608")
LESS = ("#F4F3EE", "#CFCBE4", "#9F97C8", "#6F5FA5", "#42297A")
KINDS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#555555")
ALTERNATIVES = ("#D81B60", "#1E88E5", "#00695C", "#E08E00", "#6A3FB5", "#4E342E")
RAMP_STEPS = 48

ROADS: dict[str, Look] = {
    "expressway": {"stroke": "#D9822B", "weight": 3.2, "casing": "#7A4310"},
    "national": {"stroke": "#C8503C", "weight": 2.8, "casing": "#FFFFFF"},
    "provincial": {"stroke": "#C98A2B", "weight": 2.4, "casing": "#FFFFFF"},
    "county": {"stroke": "#7F7468", "weight": 1.9, "casing": "#FFFFFF"},
    "township": {"stroke": "#8F877E", "weight": 1.4, "casing": "#FFFFFF"},
    "village": {"stroke": "#A39C94", "weight": 1.0},
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
WATER: Look = {"stroke": "#3A8CB8", "weight": 1.4, "fill": "#6DB3D6", "fillOpacity": 0.9}
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
    if layer.meaning == "change":
        high = max(abs(low), abs(high))
        low = -high
    if not high > low:
        high = low + 1.0
    return tuple(low + (high - low) * k / RAMP_STEPS for k in range(1, RAMP_STEPS))


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
        "fillOpacity": 0.88,
        "radius": 5,
    }


def amount_look(colour: str, layer: Layer, *, lines: bool) -> Look:
    """Give the look of one class of an amount or a change."""
    if lines:
        return {**PLAIN_PATH, "stroke": colour, "weight": 3.0}
    if layer.meaning == "place":
        return {**PLAIN_PLACE, "fill": colour}
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
        radius = 6 if place == 0 else 5
        return {**PLAIN_PLACE, "fill": PLACES.get(category.code, other), "radius": radius}
    if layer.meaning == "boundary":
        return BLOCK if category.code == "block" else {**BOUNDARY, "stroke": other}
    return _land_look(layer, category, other)


def _land_look(layer: Layer, category: Category, other: str) -> Look:
    """Give the look of a class of land; what changes has an edge that is seen from far off."""
    named = landuse.colour(category, layer.categories)
    look = area_look(TAKEN.get(category.code, hexed(named) if named else other), layer)
    if category.code in landuse.ZONES:
        return {**look, "stroke": look["fill"], "weight": 1.3, "fillOpacity": 0.26, "always": True}
    if category.code in landuse.MOVES:
        return {**look, "stroke": look["fill"], "weight": 1.3, "fillOpacity": 1, "always": True}
    return look


def plain_look(layer: Layer) -> Look:
    """Give the look of a layer whose shape says it all."""
    plain = {"water": WATER, "boundary": BOUNDARY, "path": PLAIN_PATH, "place": PLAIN_PLACE}
    return plain.get(layer.meaning, area_look(KINDS[0], layer))
