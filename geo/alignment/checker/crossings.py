"""What a centreline meets, tested anew: roads on the level, clearances, floods.

The lines met and what they ask for come as a frame; how the road lies to them is worked out here
from the stations and the ends of the lines' straight pieces alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from geo.alignment.checker.stations import (
    BRIDGE,
    EARTH,
    TUNNEL,
    Codes,
    Flags,
    Floats,
    Row,
    Rule,
    require,
    runs,
)
from geo.errors import InputError, Problem
from geo.words import Text

ENDS = ("x0", "y0", "z0", "x1", "y1", "z1")
ASKED = ("earth_above_m", "bridge_above_m", "tunnel_below_m", "earth_below_m", "tunnel_above_m")
COLUMNS = (*ENDS, "half_m", "earth", "across", "flood", *ASKED)
SHORT = 0.006  # m: what the heights of a road may be short of what is asked
STRIDE, BLOCK = 20, 4096  # stations, and pieces that are looked at together
TURN = np.sin(np.radians(20.0))  # a road that turns less from a line runs along it


def crossing_breaches(stations: pd.DataFrame, crossed: pd.DataFrame) -> pd.DataFrame:
    """Test how a centreline crosses lines.

    Parameters
    ----------
    stations
        As `breaches` reads them; a column `flood_m`, if there is one, is the least height there of
        roads on earth for floods, `flood_bridge_m` that of bridges (NaN: none).
    crossed
        A row for each straight piece of a line: `x0`, `y0`, `z0`, `x1`, `y1`, `z1` of its ends;
        `half_m`, how far it reaches to either side; `earth`, whether a road may lie there on earth;
        `across`, whether it binds only roads that turn 20° or more from it; `flood`, whether it is
        water; and by how much a road on earth, a bridge, a tunnel lies above or below it
        (`earth_above_m`, `bridge_above_m`, `tunnel_below_m`, `earth_below_m`, `tunnel_above_m`;
        NaN: as it likes).

    Returns
    -------
    DataFrame
        `chainage_m`, `rule`, `found`, `allowed`, a row for each run of stations, at the worst:
        `crossing_level` (earth where there may be none: metres of it, allowed 0), `clearance`
        (metres above or below what is crossed, and what is asked), `flood_level` (height of the
        road, and the least allowed).

    Raises
    ------
    InputError
        If columns are missing.

    Examples
    --------
    A level road meets an expressway on the ground, 24 m wide, half way, on earth:

    >>> s = np.arange(0.0, 101, 5)
    >>> road = pd.DataFrame({"s": s, "x": s, "y": 0.0, "design": 0.0, "ground": 0.0,
    ...     "structure": 0})
    >>> line = dict.fromkeys(COLUMNS, np.nan) | {"x0": 50, "y0": -90, "z0": 0, "x1": 50, "y1": 90,
    ...     "z1": 0, "half_m": 12, "earth": False, "across": False, "flood": False}
    >>> crossing_breaches(road, pd.DataFrame([line]))
       chainage_m            rule  found  allowed
    0        35.0  crossing_level   30.0      0.0
    """
    require(stations)
    missing = [name for name in COLUMNS if name not in crossed]
    if missing:
        raise InputError(
            Text("被交线数据有误，无法校核", "what is crossed cannot be tested"),
            problems=[Problem(field=name, found=Text("缺少此列", "missing")) for name in missing],
        )
    s, z = (stations[name].to_numpy(float) for name in ("s", "design"))
    notes = [*_lines(stations, crossed), *_floods(stations)]
    level = np.zeros(s.size - 1, dtype=bool)
    for note in notes:
        if note.rule == "crossing_level":
            level |= note.where
    rows: list[Row] = [
        (float(s[a]), "crossing_level", float(s[b + 1] - s[a]), 0.0) for a, b in runs(level)
    ]
    for rule in HEIGHTS:
        rows += _short(s, z, rule, [note for note in notes if note.rule == rule])
    frame = pd.DataFrame(rows, columns=["chainage_m", "rule", "found", "allowed"])
    frame = frame.astype({"chainage_m": float, "found": float, "allowed": float})
    return frame.sort_values(["chainage_m", "rule"], kind="stable", ignore_index=True)


HEIGHTS: tuple[Rule, ...] = ("clearance", "flood_level")


class _Note(NamedTuple):
    """A rule, where it binds, the height it starts from, the metres above (or, −1, below) it."""

    rule: Rule
    where: Flags  # of stations; of intervals where nothing may lie on earth
    level: Floats
    asked: float = 0.0
    sign: float = 1.0


ASKS = (
    ("earth_above_m", EARTH, 1.0),
    ("bridge_above_m", BRIDGE, 1.0),
    ("tunnel_above_m", TUNNEL, 1.0),
    ("tunnel_below_m", TUNNEL, -1.0),
    ("earth_below_m", EARTH, -1.0),
)


def _lines(stations: pd.DataFrame, crossed: pd.DataFrame) -> Iterator[_Note]:
    """Say what each piece of a line that is near asks for, and where."""
    x, y = (stations[name].to_numpy(float) for name in ("x", "y"))
    kinds = stations["structure"].to_numpy()[:-1]
    numbers = {name: crossed[name].to_numpy(float) for name in COLUMNS}
    ends = np.stack([numbers[name] for name in ENDS], axis=1)
    for k in _close(ends, numbers["half_m"], x, y):
        inside = _within(ends[k], float(numbers["half_m"][k]), x, y)
        if numbers["across"][k]:
            inside &= _turned(ends[k], x, y)
        if not inside.any():
            continue
        level = _level(ends[k], x, y)
        if not numbers["earth"][k]:
            yield _Note("crossing_level", inside & (kinds == EARTH), level)
        rule: Rule = "flood_level" if numbers["flood"][k] else "clearance"
        for name, kind, sign in ASKS:
            asked = float(numbers[name][k])
            if not np.isnan(asked):
                yield _Note(rule, _ends(inside & (kinds == kind)), level, asked, sign)


def _floods(stations: pd.DataFrame) -> Iterator[_Note]:
    kinds = stations["structure"].to_numpy()[:-1]
    for name, kind in (("flood_m", EARTH), ("flood_bridge_m", BRIDGE)):
        if name in stations:
            least = stations[name].to_numpy(float)
            yield _Note("flood_level", _ends(kinds == kind) & ~np.isnan(least), least)


def _short(s: Floats, z: Floats, rule: Rule, notes: list[_Note]) -> list[Row]:
    """Give a row for each run of stations that is short of what is asked, at the worst."""
    worst = np.full(s.size, np.inf)
    found, allowed = np.zeros(s.size), np.zeros(s.size)
    for note in notes:
        metres = note.sign * (z - note.level)
        left = np.where(note.where, metres - note.asked, np.inf)
        worse = left < worst
        level = note.level if rule == "flood_level" else 0.0  # floods are told as heights
        worst = np.where(worse, left, worst)
        found = np.where(worse, metres + level, found)
        allowed = np.where(worse, note.asked + level, allowed)
    at = [a + int(np.argmin(worst[a : b + 1])) for a, b in runs(worst < -SHORT)]
    return [(float(s[k]), rule, float(found[k]), float(allowed[k])) for k in at]


def _close(ends: Floats, half: Floats, x: Floats, y: Floats) -> list[int]:
    """Give the pieces that may reach the road: by every STRIDE-th of its stations."""
    reach = half + np.hypot(ends[:, 3] - ends[:, 0], ends[:, 4] - ends[:, 1])
    reach = reach + STRIDE * float(np.hypot(np.diff(x), np.diff(y)).max())
    some = np.unique(np.append(np.arange(0, x.size, STRIDE), x.size - 1))
    found: list[int] = []
    for first in range(0, len(ends), BLOCK):
        part = slice(first, first + BLOCK)
        away = np.hypot(ends[part, 0, None] - x[some], ends[part, 1, None] - y[some])
        found += (first + np.flatnonzero(away.min(axis=1) <= reach[part])).tolist()
    return found


def _share(piece: Floats, x: Floats, y: Floats) -> Floats:
    """Give how far along a piece points lie, from 0 to 1."""
    dx, dy = piece[3] - piece[0], piece[4] - piece[1]
    square = max(float(dx * dx + dy * dy), 1e-12)
    return np.asarray(np.clip(((x - piece[0]) * dx + (y - piece[1]) * dy) / square, 0, 1))


def _away(piece: Floats, x: Floats, y: Floats) -> Floats:
    share = _share(piece, x, y)
    off_x = x - piece[0] - share * (piece[3] - piece[0])
    off_y = y - piece[1] - share * (piece[4] - piece[1])
    return np.asarray(np.hypot(off_x, off_y))


def _level(piece: Floats, x: Floats, y: Floats) -> Floats:
    return np.asarray(piece[2] + _share(piece, x, y) * (piece[5] - piece[2]))


def _within(piece: Floats, half: float, x: Floats, y: Floats) -> Flags:
    """Say which intervals between stations come so near to a piece, or cross it.

    The distance of two straight stretches is that of an end from the other, unless they cross.
    """
    away = _away(piece, x, y)
    nearest = np.minimum(away[1:], away[:-1])
    sides = []
    for end_x, end_y in ((piece[0], piece[1]), (piece[3], piece[4])):
        dx, dy = np.diff(x), np.diff(y)
        square = np.maximum(dx * dx + dy * dy, 1e-12)
        part = np.clip(((end_x - x[:-1]) * dx + (end_y - y[:-1]) * dy) / square, 0, 1)
        off = np.hypot(end_x - x[:-1] - part * dx, end_y - y[:-1] - part * dy)
        nearest = np.minimum(nearest, off)
        sides.append(dx * (end_y - y[:-1]) - dy * (end_x - x[:-1]))
    across = (piece[3] - piece[0]) * (y - piece[1]) - (piece[4] - piece[1]) * (x - piece[0])
    crosses = (sides[0] * sides[1] < 0) & (across[1:] * across[:-1] < 0)
    return np.asarray((nearest <= half - 1e-9) | crosses)


def _turned(piece: Floats, x: Floats, y: Floats) -> Flags:
    """Say which intervals turn from a piece by more than one that runs along it."""
    dx, dy = piece[3] - piece[0], piece[4] - piece[1]
    cross = dx * np.diff(y) - dy * np.diff(x)
    length = np.maximum(np.hypot(dx, dy) * np.hypot(np.diff(x), np.diff(y)), 1e-12)
    return np.asarray(np.abs(cross / length) >= TURN)


def _ends(intervals: Codes) -> Flags:
    """Give the stations at either end of intervals."""
    return np.asarray(np.append(intervals, False) | np.append(False, intervals))
