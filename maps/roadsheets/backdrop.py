"""What lies below the road on a plan: areas, water, borders and roads of the run, with a key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from maps import charts, labels, legend, profile
from maps.roadsheets.road import Road
from maps.roadsheets.sheet import PLAN_HIGH, WIDE, Sheet
from maps.wording import pair
from scenarios.result import Layer, Run

COLOUR = re.compile("#[0-9A-Fa-f]{6}")
THICK = 0.28  # millimetres of one unit of a look's weight
PALER = 0.55
KEY_HIGH = 5.0
KEY_LETTERS = {"zh": 2.3, "en": 1.25}  # millimetres that a letter of the key takes
WINDOW = shapely.box(0, 0, WIDE, PLAN_HIGH)
NAMED = 24.0  # millimetres of a line in sight that are worth a name
ORDER = ("category", "water", "boundary", "path")


def _layers(run: Run, road: Road) -> Iterator[tuple[Layer, Any]]:
    """Give the frames below the road, of this alternative alone where they tell them apart."""
    for meaning in ORDER:
        for layer in run.result.layers:
            frame = layer.data
            if layer.meaning != meaning or layer.side not in {"both", "after"}:
                continue
            if not isinstance(frame, gpd.GeoDataFrame) or profile.is_alternatives(layer):
                continue
            if "alternative" in frame.columns:
                if layer.meaning == "category":
                    yield layer, frame["alternative"].astype(str).eq(road.code).to_numpy()
            elif layer.shown:
                yield layer, np.ones(len(frame), dtype=bool)


def backdrop(
    sheet: Sheet, run: Run, words: charts.Words, keys: dict[tuple[str, str], str]
) -> Iterator[str]:
    """Draw what lies below the road and its names over it, and note what the colours mean."""
    names: list[str] = []
    for layer, rows in _layers(run, sheet.road):
        frame: Any = layer.data
        looks, codes, entries = legend.looks(layer)
        titles = {one["look"]: one["title"] for one in entries}
        geometries = frame.geometry.to_numpy()
        told = frame.to_dict("records") if layer.label else []
        for k in np.flatnonzero(rows & ~shapely.is_missing(geometries)):
            seen = _clipped(sheet, geometries[k])
            if seen is None:
                continue
            yield _shape(sheet, geometries[k], looks[codes[k]])
            zh, en = titles.get(codes[k], pair(layer.title))
            keys.setdefault((zh, en), _swatch(seen, looks[codes[k]]))
            if told:
                names += _named(seen, labels.words(layer, told[k]), words)
    yield from names


def _named(seen: Any, said: tuple[str, str], words: charts.Words) -> Iterator[str]:
    """Name a line that is long enough in sight."""
    spot = labels.anchor(seen)
    if "LineString" in seen.geom_type and seen.length > NAMED and said[0] and spot is not None:
        yield charts.text(words, spot, said, 'class="m halo name"')


def _swatch(seen: Any, look: dict[str, Any]) -> str:
    """Give a piece of a look, 6 mm wide, for the key."""
    line, box = shapely.LineString([(0, -0.8), (6, -0.8)]), shapely.box(0, -2, 6, 0.4)
    return _styled(box if "Polygon" in seen.geom_type else line, look)


def key(keys: dict[tuple[str, str], str], words: charts.Words) -> Iterator[str]:
    """Draw what the plan's colours mean along its foot, as far as one line reaches."""
    x, y, top = 4.0, PLAN_HIGH - 1.8, PLAN_HIGH - KEY_HIGH
    yield f'<rect class="paper" x="0.6" y="{top}" width="{WIDE - 1.2}" height="{KEY_HIGH}"/>'
    yield f'<path class="rule" d="M0 {top}H{WIDE}M0 {PLAN_HIGH - 0.13}H{WIDE}"/>'
    for title, swatch in keys.items():
        wide = 10 + max(KEY_LETTERS["zh"] * len(title[0]), KEY_LETTERS["en"] * len(title[1]))
        if x + wide > WIDE - 2:
            return
        yield f'<g transform="translate({x:.2f} {y:.2f})">{swatch}</g>'
        yield charts.text(words, (x + 7, y), title, 'class="small"')
        x += wide


def _clipped(sheet: Sheet, geometry: Any) -> Any:
    """Give what of a shape lies in the plan, millimetres; nothing for points and the rest."""
    if "Point" in geometry.geom_type:
        return None
    turned = shapely.transform(
        shapely.force_2d(geometry), lambda spots: sheet.on_plan(spots[:, 0], spots[:, 1])
    )
    if not shapely.intersects(shapely.envelope(turned), WINDOW):
        return None
    seen = shapely.clip_by_rect(turned, 0, 0, WIDE, PLAN_HIGH)
    return None if seen.is_empty else seen


def _path(geometry: Any) -> str:
    """Write lines and rings of a shape as a path."""
    found = []
    for part in shapely.get_parts(geometry):
        rings = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
        for ring in rings:
            spots = "L".join(f"{x:.2f} {y:.2f}" for x, y in shapely.get_coordinates(ring))
            found.append(f"M{spots}{'Z' if part.geom_type == 'Polygon' else ''}")
    return "".join(found)


def _shape(sheet: Sheet, geometry: Any, look: dict[str, Any]) -> str:
    """Draw a shape as the map has it, areas paler; the plan's edge is no edge of an area."""
    if "Polygon" not in geometry.geom_type:
        return _styled(_clipped(sheet, geometry), look)
    inside = _styled(_clipped(sheet, geometry), {**look, "weight": 0})
    edge = _clipped(sheet, shapely.boundary(geometry))
    line = {name: value for name, value in look.items() if not name.startswith("fill")}
    return inside if edge is None else inside + _styled(edge, line)


def _styled(geometry: Any, look: dict[str, Any]) -> str:
    path, weight = _path(geometry), THICK * float(look.get("weight", 1.0))
    stroke, fill = (
        value if COLOUR.fullmatch(value) else "#6B7885"
        for value in (str(look.get("stroke", "")), str(look.get("fill", "")))
    )
    dash = f' stroke-dasharray="{2 * weight + 0.8:.2f} 1.2"' if look.get("dash") else ""
    filled = 'fill="none"'
    if "Polygon" in geometry.geom_type:
        opacity = min(float(look.get("fillOpacity", 0)), 0.9) * PALER
        filled = f'fill="{fill}" fill-opacity="{opacity:.2f}" fill-rule="evenodd"'
    line = f'stroke="{stroke}" stroke-width="{weight:.2f}"{dash}' if weight else ""
    return f'<path d="{path}" {filled} {line}/>'
