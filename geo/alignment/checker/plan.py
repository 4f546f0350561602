"""Chainages, radii, spirals, curves and straights, read from the points of a centreline."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from geo.alignment.checker.stations import (
    LENGTH,
    NEAR,
    NOISE,
    SHARE,
    Floats,
    Limits,
    Row,
    Rule,
    runs,
    worst,
)

# Bends by chords are means over two spacings: exact on arcs, exact to (spacing / R)² / 24 on
# spirals (0.5 % at 5 m and R = 15 m), and show a sudden bend as one over 5 to 10 m. They round the
# tip of a curve whose arc is shorter than five spacings by up to 0.54 spacings of its spiral; so
# much is added there (2.7 m at most), unless the turn over the tip says that it is blunter.
ENOUGH, LESS, TIP = 0.99, 0.5, 0.55  # a share, but no more than so many m; spacings
# Where spirals of 20 m and more to radii of 15 m and more end shows to 5 mm (1,200 roads drawn at
# random, stations 1.2 to 5 m apart): a curve or straight too short by more than ENDS is seen, and
# spirals that come so near count as meeting.
ENDS = 0.1  # m
# Means mix both sides of a straight that hides between them up to two points off; three and four
# points off they are those of one spiral. Over the tips of two spirals that meet, halfway between
# points, a mean is 0.54 spacings of the steeper one: h (1/3 + 1/4 − 1/24).
PROBE, TIPS = 4, 0.6


def spacing(s: Floats, x: Floats, y: Floats) -> list[Row]:
    """Chainages must be lengths along the line: chords, and what an arc adds to its chord."""
    chord, gap = np.hypot(np.diff(x), np.diff(y)), np.diff(s)
    turn = np.abs(_turns(x, y)[0])
    # Half the turn at either end lies in the gap; an arc of angle a is a²/24 longer than its chord.
    bend = np.maximum(np.append(turn, 0), np.append(0, turn))
    longest = chord * (1 + bend**2 / 12) + LENGTH
    first = [one for one, _ in runs((gap > longest) | (gap < chord - LENGTH))]
    return [(float(s[i]), "chainage", float(gap[i]), float(chord[i])) for i in first]


def _turns(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Give at inner stations the turn between chords, and the curvature of the circle through."""
    dx, dy = np.diff(x), np.diff(y)
    cross, dot = dx[:-1] * dy[1:] - dy[:-1] * dx[1:], dx[:-1] * dx[1:] + dy[:-1] * dy[1:]
    sides = np.hypot(dx, dy)
    third = np.maximum(np.hypot(x[2:] - x[:-2], y[2:] - y[:-2]), 1e-9)
    circle = 2 * cross / np.maximum(sides[:-1] * sides[1:] * third, 1e-9)
    return np.arctan2(cross, dot), np.where(dot < 0, np.inf, np.abs(circle))


def plan(s: Floats, x: Floats, y: Floats, limits: Limits) -> list[Row]:
    """Radii at every station; spirals, curves and straights from where the bends begin and end."""
    turn, circle = _turns(x, y)
    least = float(limits.get("min_radius_m", 0))
    radius = 1 / np.maximum(circle, NOISE)
    rows = worst(s[1:-1], radius, radius < least * (1 - SHARE), "radius", least)
    gap = np.diff(s)
    # The mean bend about a station is that of a clothoid a third of the gaps' difference on.
    at = s[1:-1] + (gap[1:] - gap[:-1]) / 3
    bend = 2 * turn / (gap[1:] + gap[:-1])
    points = _Points(s, at, bend)
    bends = [_bend(points, part) for part in _parts(at, bend)]
    for one in bends:
        rows += _spirals(one, limits) + _length(one, limits)
    return rows + [row for one, other in pairwise(bends) for row in _between(one, other, limits)]


class _Points(NamedTuple):
    """Stations, shape (n,), and mean bends about the inner ones and where they are, (n − 2,)."""

    s: Floats
    at: Floats
    bend: Floats


class _Bend(NamedTuple):
    """One curve: its side (1 left, −1 right), bends at points, both ramps, which it has whole."""

    side: float
    at: Floats
    sharp: Floats
    ramps: tuple[_Ramp, _Ramp]
    whole: tuple[bool, bool]


class _Ramp(NamedTuple):
    """Where a spiral is steepest, its length, and where it is straight."""

    steepest: float
    length: float
    flat: float


def _parts(at: Floats, bend: Floats) -> list[tuple[int, int]]:
    """Give first and last point of every curve, those that go on the same way parted."""
    found = []
    for first, last in sorted([*runs(bend > NOISE), *runs(bend < -NOISE)]):
        begin = first
        for low in _lows(at[first : last + 1], np.abs(bend[first : last + 1])):
            found.append((begin, first + low - 1))
            begin = first + low + 1
        found.append((begin, last))
    return found


def _lows(at: Floats, sharp: Floats) -> list[int]:
    """Give where a road is straight between bends the same way, although no mean shows it.

    A straight of less than three spacings hides in them. The spirals on either side, read further
    off, then end before the next begins, and the mean is no more than it is over the tips of two.
    """
    inner = np.arange(PROBE, sharp.size - PROBE)
    lows = inner[(sharp[inner] < sharp[inner - 1]) & (sharp[inner] <= sharp[inner + 1])]
    found = []
    for low in lows.tolist():
        (a, b), (c, d) = (low - PROBE, low - PROBE + 1), (low + PROBE - 1, low + PROBE)
        down, up = (sharp[a] - sharp[b]) / (at[b] - at[a]), (sharp[d] - sharp[c]) / (at[d] - at[c])
        if min(down, up) <= 0:
            continue
        straight = (at[c] - sharp[c] / up) - (at[b] + sharp[b] / down)
        gap = np.diff(at[a : d + 1]).max()
        if straight >= -ENDS and sharp[low] <= TIPS * max(down, up) * gap:
            found.append(low)
    return found


def _bend(points: _Points, part: tuple[int, int]) -> _Bend:
    """Read a curve from the points of it that no curve the other way has a share in."""
    (_, at, bend), (first, last) = points, part
    side = float(np.sign(bend[first]))
    # Where the road bends the other way next, means about the turning point mix both spirals.
    other = bend * side < -NOISE
    low = first + 1 if other[max(first - 2, 0) : first].any() else max(first - 1, 0)
    high = last - 1 if other[last + 1 : last + 3].any() else last + 1
    own = slice(low, high + 1) if high > low else slice(max(first - 1, 0), last + 2)
    whole = (first > 0, last < bend.size - 1)
    sharp = bend[own] * side
    own_points = _Points(points.s[own.start : own.stop + 2], at[own], sharp)
    return _Bend(side, at[own], sharp, _ramps(own_points, whole), whole)


def _ramps(points: _Points, whole: tuple[bool, bool]) -> tuple[_Ramp, _Ramp]:
    """Give both spirals of a bend; what the ends of the road cut off has no end of its length."""
    _, at, sharp = points
    gap, top = np.diff(at), sharp.max()
    steep = np.diff(sharp) / gap
    hidden = (sharp > top * (1 - SHARE)).sum() <= 2
    blunt = TIP * gap.max() if hidden else 0.0
    sharpest = _tip(points, steep) if hidden and all(whole) else np.inf
    found = []
    for up, inside in ((1, whole[0]), (-1, whole[1])):
        i = int(np.argmax(up * steep))
        rate = max(up * steep[i], 1e-12)
        length = min(top / rate + blunt, sharpest / rate) if inside else np.inf
        found.append(_Ramp(float(at[i + 1]), float(length), float(at[i] - up * sharp[i] / rate)))
    return found[0], found[1]


def _tip(points: _Points, steep: Floats) -> float:
    """Give how sharp a curve is at most whose arc no mean shows, by how much it turns.

    Two spirals that went on to where they cross would turn more than the road, by (H − K)² c / 2:
    H their bend there, K that of the arc, c the metres in which both spirals bend by one. Infinite
    where the curve is not two spirals and what lies between.
    """
    s, at, sharp = points
    into = np.flatnonzero(steep >= steep.max() * (1 - SHARE))
    out = np.flatnonzero(steep <= steep.min() * (1 - SHARE))
    i, j = int(into[-1]), int(out[0])
    if j <= i or steep.max() <= 0 or steep.min() >= 0:
        return float("inf")
    bases = float(at[i + 1] - at[into[0]]), float(at[out[-1] + 1] - at[j])
    rise = float(sharp[i + 1] - sharp[into[0]]) / bases[0]
    fall = float(sharp[j] - sharp[out[-1] + 1]) / bases[1]
    begin, end = at[i] - sharp[i] / rise, at[j + 1] + sharp[j + 1] / fall
    before, after = np.arange(sharp.size) <= i, np.arange(sharp.size) > j
    off = np.where(before, rise * (at - begin), np.where(after, fall * (end - at), sharp)) - sharp
    inner = (at > begin + np.diff(s).max()) & (at < end - np.diff(s).max())
    if (np.abs(off[inner]) > SHARE * sharp.max()).any():
        return float("inf")
    # Chords about points i + 1 and j lie on the spirals; they head as the road does half way, but
    # for a 24th of the square of their length times the spiral's rate.
    low, high = (s[i + 2] + s[i + 3]) / 2, (s[j] + s[j + 1]) / 2
    turns = sharp * (s[2:] - s[:-2]) / 2
    turn = turns[i + 2 : j].sum() - turns[j : i + 2].sum()
    turn += (rise * (s[i + 3] - s[i + 2]) ** 2 + fall * (s[j + 1] - s[j]) ** 2) / 24
    cross = (rise * begin + fall * end) / (rise + fall)
    whole = rise * ((cross - begin) ** 2 - (low - begin) ** 2)
    whole += fall * ((end - cross) ** 2 - (end - high) ** 2)
    high_at = rise * (cross - begin)
    # What bends right to 4 µm over the square of a spacing may be off: as much they may turn less.
    wrong = 4e-6 / np.diff(s).min() ** 2
    share = 2 * wrong * max(1 / (rise * bases[0]), 1 / (fall * bases[1]))
    more = max(whole / 2 - turn - share * high_at * (end - begin) - wrong * np.diff(s).max(), 0.0)
    return float(high_at - np.sqrt(2 * more / (1 / rise + 1 / fall)))


def _spirals(one: _Bend, limits: Limits) -> list[Row]:
    """Spirals at both ends of a curve, or changes of radius within it that are too swift."""
    least, spiral = (float(limits.get(name, 0)) for name in ("min_radius_m", "min_spiral_m"))
    short = [ramp for ramp in one.ramps if ramp.length < max(spiral * ENOUGH, spiral - LESS)]
    if not short and one.sharp.max() * least <= 1 + SHARE:
        return _jumps(one.at, one.sharp, least, spiral)
    return [(ramp.steepest, "spiral", ramp.length, spiral) for ramp in short]


def _length(one: _Bend, limits: Limits) -> list[Row]:
    """Length of a curve that the road has whole, from where it is straight to where it is again."""
    begin, least = one.ramps[0].flat, float(limits.get("min_curve_m", 0))
    length = one.ramps[1].flat - begin
    short = all(one.whole) and length < least - ENDS
    return [(begin, "curve_length", length, least)] if short else []


def _between(one: _Bend, other: _Bend, limits: Limits) -> list[Row]:
    """Straight from one curve to the next; where spirals of opposite ones meet there is none."""
    begin = one.ramps[1].flat
    straight = max(other.ramps[0].flat - begin, 0.0)
    tangent = float(limits.get("min_tangent_m", 0))
    found: list[Row] = []
    if straight < tangent - ENDS:
        found.append((begin, "tangent", straight, tangent))
    same = one.side == other.side
    rule: Rule = "straight_same" if same else "straight_opposite"
    limit = "same_turn_m" if same else "opposite_turn_m"
    least, meets = float(limits.get(limit, 0)), not same and straight <= ENDS
    if straight < least - ENDS and not meets:
        found.append((begin, rule, straight, least))
    return found


def _jumps(at: Floats, sharp: Floats, least: float, spiral: float) -> list[Row]:
    """Name changes of radius within a bend that are swifter than any spiral allowed."""
    rate = np.abs(np.diff(sharp) / np.diff(at))
    inner = (np.minimum(sharp[1:], sharp[:-1]) > NOISE) & (rate * least * spiral * ENOUGH > 1)
    return worst(at[1:], 1 / np.maximum(rate * max(least, NEAR), 1e-12), inner, "spiral", spiral)
