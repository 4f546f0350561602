"""How a road is cut into sheets: scales, stretches, the turn of each plan, the datums of a profile.

A sheet is an A3 page within margins of 8 mm; everything is drawn in millimetres of paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maps.roadsheets.road import Road
from maps.stretches import Floats

WIDE, HIGH = 404.0, 280.0
PLAN_HIGH = 108.0
GRAPH_TOP, GRAPH_LOW = 121.0, 197.0
LEFT, RIGHT = 34.0, 394.0
SCALE = 5000
STRETCH_M = (RIGHT - LEFT) * SCALE / 1000
SHORTEST_M, STEP_M = 400.0, 100.0
BESIDE = 17.0  # millimetres that labels need between a road and the edge of its plan
VERTICALS = (500, 1000, 2000, 2500, 5000, 10000)
LEAST_PIECE_M = 300.0  # a datum that holds for less is hard to read
TURNS = [turn for k in range(46) for turn in ({0} if k == 0 else {2 * k, -2 * k})]


@dataclass(frozen=True)
class Piece:
    """A stretch of a profile with one datum: metres along, and the height at the graph's foot."""

    start: float
    end: float
    datum: float


@dataclass(frozen=True)
class Sheet:
    """One sheet of a road: its stretch, how its plan is turned, its profile's scale and pieces."""

    road: Road
    start: float
    end: float
    turn: float
    middle: tuple[float, float]
    vertical: int
    pieces: tuple[Piece, ...]

    def across(self, chainage: float) -> float:
        """Give where a chainage stands in the profile, millimetres from the left edge."""
        return LEFT + (chainage - self.start) * 1000 / SCALE

    def up(self, piece: Piece, height: float) -> float:
        """Give where a height stands in a piece of the profile, millimetres from the upper edge."""
        return GRAPH_LOW - (height - piece.datum) * 1000 / self.vertical

    def on_plan(self, x: Floats, y: Floats) -> Floats:
        """Give places of the plan in millimetres, one row a place."""
        spots = _turned(np.column_stack([x, y]), self.turn, self.middle)
        centre = np.array([WIDE / 2, PLAN_HIGH / 2])
        return np.asarray(centre + spots * [1000 / SCALE, -1000 / SCALE])

    def piece_at(self, chainage: float) -> Piece:
        """Give the piece of the profile a chainage lies in."""
        return next((one for one in self.pieces if chainage <= one.end), self.pieces[-1])


def _turned(spots: Floats, turn: float, middle: tuple[float, float]) -> Floats:
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray((spots - middle) @ np.array([[cos, -sin], [sin, cos]]))


def sheets(road: Road) -> list[Sheet]:
    """Cut a road into sheets of whole hundreds of metres, as long as paper and bends allow."""
    first, last = float(road.chainage[0]), float(road.chainage[-1])
    stretches, start = [], first
    while start < last - 1e-6:
        end = min(start + STRETCH_M, last)
        while (placed := _placed(road, start, end)) is None:
            end = start + STEP_M * np.ceil((end - start) / STEP_M - 1)
        stretches.append((start, float(end), placed))
        start = float(end)
    vertical = next(
        (one for one in VERTICALS if all(_fits(road, a, b, one) for a, b, _ in stretches)),
        VERTICALS[-1],
    )
    return [
        Sheet(road, a, b, placed.turn, placed.middle, vertical, _pieces(road, a, b, vertical))
        for a, b, placed in stretches
    ]


@dataclass(frozen=True)
class _Place:
    turn: float
    middle: tuple[float, float]


def _placed(road: Road, start: float, end: float) -> _Place | None:
    """Turn a stretch so that it runs to the right and lies within its plan, turned the least.

    The shortest stretch lies somehow: it is shorter than the plan is high.
    """
    along = road.within(start, end)
    spots = np.column_stack([np.interp(along, road.chainage, v) for v in (road.x, road.y)])
    chord = spots[-1] - spots[0]
    course = float(np.arctan2(chord[1], chord[0]))
    room = np.array([WIDE - 16, PLAN_HIGH - 2 * BESIDE]) * SCALE / 1000
    for offset in TURNS:
        turn = course + np.radians(offset)
        box = _turned(spots, turn, (0.0, 0.0))
        size = np.ptp(box, axis=0)
        if (size <= room).all() or (end - start <= SHORTEST_M and offset == TURNS[-1]):
            centre = (box.max(axis=0) + box.min(axis=0)) / 2
            middle = _turned(centre[None, :], -turn, (0.0, 0.0))[0]
            return _Place(turn, (float(middle[0]), float(middle[1])))
    return None


def _pieces(road: Road, start: float, end: float, vertical: int) -> tuple[Piece, ...]:
    """Cut a stretch where ground and design line leave the graph; each piece has its datum."""
    along = road.within(start, end)
    heights = np.column_stack(
        [np.interp(along, road.chainage, v) for v in (road.ground, road.design)]
    )
    known = np.isfinite(heights)  # a station without heights bounds nothing
    high = np.where(known, heights, -np.inf).max(axis=1)
    low = np.where(known, heights, np.inf).min(axis=1)
    room = (GRAPH_LOW - GRAPH_TOP - 6) * vertical / 1000
    found, first = [], 0
    for k in range(1, len(along) + 1):
        inside = k < len(along) and high[first : k + 1].max() - low[first : k + 1].min() <= room
        if inside:
            continue
        last = min(max(k - 1, first + 1), len(along) - 1)
        top, bottom = high[first : last + 1].max(), low[first : last + 1].min()
        middle = (top + bottom) / 2 if top >= bottom else np.nan
        step = 10 * vertical / 1000
        datum = step * np.floor((middle - room / 2) / step) if np.isfinite(middle) else 0.0
        found.append(Piece(float(along[first]), float(along[last]), float(datum)))
        first = last
        if last == len(along) - 1:
            break
    return tuple(found)


def _fits(road: Road, start: float, end: float, vertical: int) -> bool:
    """Say whether a scale shows a stretch in few pieces, nothing of it beyond the graph."""
    pieces = _pieces(road, start, end, vertical)
    room = (GRAPH_LOW - GRAPH_TOP) * vertical / 1000
    for piece in pieces:
        along = road.within(piece.start, piece.end)
        for line in (road.ground, road.design):
            heights = np.interp(along, road.chainage, line) - piece.datum
            if (heights > room).any() or (heights < 0).any():
                return False
    return len(pieces) <= 1 + (end - start) / LEAST_PIECE_M and all(
        piece.end - piece.start >= LEAST_PIECE_M for piece in pieces[:-1]
    )
