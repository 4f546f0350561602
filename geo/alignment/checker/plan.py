"""Chainages, radii, spirals and tangents, read from the points of a centreline."""

from __future__ import annotations

import numpy as np

from geo.alignment.checker.stations import (
    LENGTH,
    NEAR,
    NOISE,
    SHARE,
    SPACING,
    Floats,
    Limits,
    Row,
    runs,
    worst,
)

# Bends by chords are means over two spacings: exact on arcs, exact to (spacing / R)² / 24 on
# spirals (0.5 % at 5 m and R = 15 m), and show a sudden bend as one over 5 to 10 m. They round the
# tip of a curve whose arc is shorter than five spacings by up to 0.54 spacings of its spiral; so
# much is added there (2.7 m at most).
ENOUGH, TIP = 0.99, 0.55


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
    """Radii at every station; spirals and tangents from where the bends begin and end."""
    turn, circle = _turns(x, y)
    names = ("min_radius_m", "min_spiral_m", "min_tangent_m")
    least, spiral, tangent = (float(limits.get(name, 0)) for name in names)
    radius = 1 / np.maximum(circle, NOISE)
    rows = worst(s[1:-1], radius, radius < least * (1 - SHARE), "radius", least)
    gap = np.diff(s)
    # The mean bend about a station is that of a clothoid a third of the gaps' difference on.
    at = s[1:-1] + (gap[1:] - gap[:-1]) / 3
    bend = 2 * turn / (gap[1:] + gap[:-1])
    before = -np.inf  # where the last bend ended
    for first, last in sorted([*runs(bend > NOISE), *runs(bend < -NOISE)]):
        # Where the road bends the other way next, means about the turning point mix both spirals.
        other = bend * np.sign(bend[first]) < -NOISE
        low = first + 1 if other[max(first - 2, 0) : first].any() else max(first - 1, 0)
        high = last - 1 if other[last + 1 : last + 3].any() else last + 1
        part = slice(low, high + 1) if high > low else slice(max(first - 1, 0), last + 2)
        sharp = bend[part] * np.sign(bend[first])
        ends = _ramps(at[part], sharp, (first > 0, last < bend.size - 1))
        short = [(near, "spiral", one, spiral) for near, one, _ in ends if one < spiral * ENOUGH]
        legal = sharp.max() * least <= 1 + SHARE
        rows += short or (_jumps(at[part], sharp, least, spiral) if legal else [])
        if ends[0][2] - before < tangent - SPACING / 2:
            rows.append((before, "tangent", max(ends[0][2] - before, 0.0), tangent))
        before = ends[1][2]
    return rows


def _ramps(at: Floats, sharp: Floats, whole: tuple[bool, bool]) -> list[tuple[float, float, float]]:
    """Give where a bend's two spirals are steepest, their lengths, and where they are straight."""
    gap, top = np.diff(at), sharp.max()
    steep = np.diff(sharp) / gap
    blunt = 0.0 if (sharp > top * (1 - SHARE)).sum() > 2 else TIP * gap.max()
    found = []
    for up, inside in ((1, whole[0]), (-1, whole[1])):
        i = int(np.argmax(up * steep))
        rate = max(up * steep[i], 1e-12)
        length = top / rate + blunt if inside else np.inf
        found.append((float(at[i + 1]), float(length), float(at[i] - up * sharp[i] / rate)))
    return found


def _jumps(at: Floats, sharp: Floats, least: float, spiral: float) -> list[Row]:
    """Name changes of radius within a bend that are swifter than any spiral allowed."""
    rate = np.abs(np.diff(sharp) / np.diff(at))
    inner = (np.minimum(sharp[1:], sharp[:-1]) > NOISE) & (rate * least * spiral * ENOUGH > 1)
    return worst(at[1:], 1 / np.maximum(rate * max(least, NEAR), 1e-12), inner, "spiral", spiral)
