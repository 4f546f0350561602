"""The upper half of a sheet: the road turned to run to the right, over what the run's map shows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import numpy as np
import shapely

from geo.words import Text
from maps import charts
from maps.roadsheets.backdrop import backdrop, key
from maps.roadsheets.road import STRAIGHT, Element, Road, post
from maps.roadsheets.sheet import PLAN_HIGH, SCALE, WIDE, Sheet
from maps.stretches import Floats
from maps.wording import pair
from scenarios.result import Run

EDGE = 3.0
GRID_M = 200.0
POST_M = 100.0
ENDS_M = 15.0
COORDINATES = 32.0  # millimetres that a pair of coordinates takes
NEAR = 24.0  # millimetres from the road that its own words need
# What a point between two elements is called: the one it ends, the one it begins.
POINTS = {
    ("tangent", "spiral"): Text("ZH", "TS"),
    ("spiral", "arc"): Text("HY", "SC"),
    ("arc", "spiral"): Text("YH", "CS"),
    ("spiral", "tangent"): Text("HZ", "ST"),
    ("spiral", "spiral"): Text("GQ", "SS"),
    ("tangent", "arc"): Text("ZY", "PC"),
    ("arc", "tangent"): Text("YZ", "PT"),
    ("arc", "arc"): Text("GY", "PCC"),
}


def plan(sheet: Sheet, run: Run, words: charts.Words) -> str:
    """Draw the plan of a sheet: land, water, other roads, a grid, the road and its parts."""
    keys: dict[tuple[str, str], str] = {}
    parts = [*backdrop(sheet, run, words, keys), *_grid(sheet, words), *_road(sheet)]
    parts += [*_posts(sheet, words), *_points(sheet, words), *_radii(sheet, words)]
    parts += [*_structures(sheet, words), *_ends(sheet, words), *key(keys, words)]
    return (
        f'<svg x="0" y="0" width="{WIDE}" height="{PLAN_HIGH}" class="plan">{"".join(parts)}'
        f"{_north(sheet, words)}</svg>"
    )


def _grid(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Mark round coordinates by crosses that name them."""
    reach = math.hypot(WIDE, PLAN_HIGH) / 2 * SCALE / 1000
    (x, y), cos, sin = sheet.middle, math.cos(sheet.turn), math.sin(sheet.turn)
    ranges = [
        np.arange(math.ceil((at - reach) / GRID_M), math.floor((at + reach) / GRID_M) + 1) * GRID_M
        for at in (x, y)
    ]
    road = sheet.road
    line = shapely.LineString(sheet.on_plan(road.x, road.y))
    for east in ranges[0]:
        for north in ranges[1]:
            across, down = sheet.on_plan(np.array([east]), np.array([north]))[0]
            if not (8 < across < WIDE - 8 and 8 < down < PLAN_HIGH - 10):
                continue
            arms = [(3 * cos, 3 * sin), (3 * sin, -3 * cos)]
            yield from (_line("cross-mark", (across, down), arm) for arm in arms)
            far = line.distance(shapely.Point(across + 12, down)) > NEAR
            room = far and across < WIDE - COORDINATES
            if east % (2 * GRID_M) or north % (2 * GRID_M) or not room:
                continue
            said = f"E{east:.0f} N{north:.0f}"
            yield charts.text(words, (across + 1.2, down - 1.2), (said, said), 'class="small grey"')


def _line(kind: str, middle: tuple[float, float], arm: tuple[float, float]) -> str:
    """Draw a short line through a place."""
    (x, y), (a, b) = middle, arm
    return f'<path class="{kind}" d="M{x - a:.2f} {y - b:.2f}l{2 * a:.2f} {2 * b:.2f}"/>'


def _track(sheet: Sheet, chainages: Floats) -> str:
    road = sheet.road
    spots = sheet.on_plan(*(np.interp(chainages, road.chainage, v) for v in (road.x, road.y)))
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in spots)


def _road(sheet: Sheet) -> Iterator[str]:
    """Draw the road: pale where other sheets show it, in its colour on this one."""
    yield f'<path class="elsewhere" d="{_track(sheet, sheet.road.chainage)}"/>'
    here = _track(sheet, sheet.road.within(sheet.start, sheet.end))
    yield f'<path class="casing" d="{here}"/>'
    yield f'<path class="centre" d="{here}" stroke="{sheet.road.colour}"/>'


def _beside(sheet: Sheet, chainage: float) -> tuple[float, float, float]:
    """Give a place on the plan and the direction of the road there, radians on paper."""
    step = 2.0
    spots = sheet.on_plan(
        *(
            np.interp([chainage - step, chainage, chainage + step], sheet.road.chainage, v)
            for v in (sheet.road.x, sheet.road.y)
        )
    )
    across, down = spots[2] - spots[0]
    return float(spots[1, 0]), float(spots[1, 1]), math.atan2(down, across)


def _upright(sheet: Sheet, chainage: float, side: int, far: float) -> tuple[float, float, str]:
    """Give place and turn of words across the road, off it to a side: 1 left, −1 right."""
    x, y, course = _beside(sheet, chainage)
    away = course - side * math.pi / 2
    turn = math.degrees(away)
    spot = (x + far * math.cos(away), y + far * math.sin(away))
    backwards = math.cos(away) < -1e-9
    angle = turn + 180 if backwards else turn
    anchor = "end" if backwards else "start"
    return (
        *spot,
        f'text-anchor="{anchor}" transform="rotate({angle:.1f} {spot[0]:.1f} {spot[1]:.1f})"',
    )


def _tick(sheet: Sheet, chainage: float, side: int, long: float) -> str:
    x, y, course = _beside(sheet, chainage)
    away = course - side * math.pi / 2
    a, b = long * math.cos(away), long * math.sin(away)
    return f'<path class="tick" d="M{x:.2f} {y:.2f}l{a:.2f} {b:.2f}"/>'


def _posts(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Name every hundred metres on the right of the road."""
    for k in range(math.ceil(sheet.start / POST_M), math.floor(sheet.end / POST_M) + 1):
        chainage = k * POST_M
        if min(chainage - sheet.start, sheet.end - chainage) < ENDS_M:
            continue  # the sheet's end says it
        yield _tick(sheet, chainage, -1, 2.0)
        x, y, turn = _upright(sheet, chainage, -1, 2.6)
        kind = "halo figure strong" if k % 10 == 0 else "halo figure"
        yield charts.text(words, (x, y), (post(chainage),) * 2, f'{turn} class="{kind}"')


def _points(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Name where straights, spirals and arcs meet on the left of the road."""
    elements = sheet.road.elements
    for before, after in itertools.pairwise(elements):
        name = POINTS.get((before.kind, after.kind))
        if name is None or not sheet.start <= after.start <= sheet.end:
            continue
        yield _tick(sheet, after.start, 1, 2.0)
        x, y, turn = _upright(sheet, after.start, 1, 2.6)
        said = [f"{one} {_exact(after.start)}" for one in pair(name)]
        yield charts.text(words, (x, y), said, f'{turn} class="halo small"')


def _exact(chainage: float) -> str:
    """Name a chainage to a tenth of a metre.

    >>> _exact(117.7707)
    'K0+117.8'
    """
    tenths = round(chainage * 10)
    return f"K{tenths // 10000}+{tenths % 10000 / 10:05.1f}"


def _radii(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Name radius and length of each arc on its inner side, beyond the posts."""
    for one in _arcs(sheet.road):
        middle = (one.start + one.end) / 2
        if not sheet.start <= middle <= sheet.end:
            continue
        x, y, course = _beside(sheet, middle)
        away = course - one.side * math.pi / 2
        far = 20.0 if one.side > 0 else 15.0
        spot = (
            min(max(x + far * math.cos(away), 18.0), WIDE - 18.0),
            min(max(y + far * math.sin(away), 5.0), PLAN_HIGH - 4.0),
        )
        said = f"R={one.radius:.1f} L={one.end - one.start:.1f}"
        yield charts.text(words, spot, (said, said), 'class="m halo small radius"')


def _arcs(road: Road) -> list[Element]:
    return [one for one in road.elements if one.kind not in {STRAIGHT, "spiral"} and one.side]


def _structures(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Draw bridges and tunnels over the road and name them; mark what is crossed."""
    for mark in sheet.road.marks:
        start, end = max(mark.start, sheet.start), min(mark.end, sheet.end)
        if end < start:
            continue
        if mark.kind == "crossing":
            x, y, _ = _beside(sheet, mark.start)
            yield f'<circle class="met" cx="{x:.2f}" cy="{y:.2f}" r="0.9"/>'
            continue
        here = _track(sheet, sheet.road.within(start, end))
        for part in ("edge", "inside"):
            yield f'<path class="{mark.kind}-{part}" d="{here}"/>'
        x, y, course = _beside(sheet, (start + end) / 2)
        away = course + math.pi / 2
        spot = (
            min(max(x + 16 * math.cos(away), 16.0), WIDE - 16.0),
            min(max(y + 16 * math.sin(away), 5.0), PLAN_HIGH - 4.0),
        )
        yield charts.text(words, spot, pair(mark.words), f'class="m halo mark {mark.kind}"')


def _ends(sheet: Sheet, words: charts.Words) -> Iterator[str]:
    """Draw the lines at which the neighbouring sheets go on."""
    first, last = float(sheet.road.chainage[0]), float(sheet.road.chainage[-1])
    for chainage, outer in ((sheet.start, first), (sheet.end, last)):
        x, y, course = _beside(sheet, chainage)
        a, b = 12 * math.cos(course + math.pi / 2), 12 * math.sin(course + math.pi / 2)
        yield _line("match", (x, y), (a, b))
        met = abs(chainage - outer) < 1e-6
        name = Text("起点" if outer == first else "终点", "start" if outer == first else "end")
        joint = name if met else Text("接图", "continues")
        spot = (
            min(max(x - 1.12 * a, 14.0), WIDE - 14.0),
            min(max(y - 1.12 * b, EDGE + 1.5), PLAN_HIGH - EDGE),
        )
        said = [f"{one} {_exact(chainage)}" for one in pair(joint)]
        yield charts.text(words, spot, said, 'class="m halo small strong"')


def _north(sheet: Sheet, words: charts.Words) -> str:
    """Draw the north arrow, turned as the plan is."""
    x, y, angle = WIDE - 12.0, 13.0, math.degrees(sheet.turn)
    letter = (x + 8.5 * math.sin(sheet.turn), y - 8.5 * math.cos(sheet.turn) + 1)
    return (
        f'<path class="north-arrow" d="M0 -6L2.6 5L0 3.2L-2.6 5Z" '
        f'transform="translate({x} {y}) rotate({angle:.2f})"/>'
        + charts.text(words, letter, pair(Text("北", "N")), 'class="m small strong"')
    )
