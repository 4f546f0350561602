"""Grades, vertical curves and slopes, read from the heights of a centreline."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from geo.alignment.checker.stations import (
    GRADE,
    HEIGHT,
    NOISE,
    SHARE,
    Floats,
    Limits,
    Row,
    runs,
    worst,
)

PVI = 0.5  # m: lines of grade right to GRADE cross that near for rates 1e-5 apart


class Curve(NamedTuple):
    """A parabola: chainage of its PVI, length, whether the road has all of it, grades at its ends.

    Length 0: a kink.
    """

    pvi: float
    length: float
    whole: bool
    before: float
    after: float


def grades(s: Floats, design: Floats, limits: Limits) -> list[Row]:
    """Grades between stations, and means over the window from and up to every station."""
    grade, steepest = np.abs(np.diff(design) / np.diff(s)), limits.get("max_grade", np.inf)
    rows = worst(s[:-1], grade, grade > steepest + GRADE, "grade", steepest)
    window, most = limits.get("window_m", 3000.0), limits.get("window_grade", np.inf)
    begin = np.union1d(s, s - window)
    begin = begin[(begin >= s[0]) & (begin + window <= s[-1])]
    mean = np.abs(np.interp(begin + window, s, design) - np.interp(begin, s, design)) / window
    # Between stations heights lie up to 5² / 8R off the chord: 1.5e-5 of 3 km at R = 100 m,
    # but stations begin or end every window, so that only the other end is between them.
    return rows + worst(begin, mean, mean > most + 1e-5, "window_grade", most)


def mean_grades(s: Floats, design: Floats, limits: Limits) -> list[Row]:
    """Means over every stretch between stations that rises or falls by a band's metres."""
    rows: list[Row] = []
    for low, high, most in limits.get("mean_grades", ()):
        means = np.zeros(s.size)
        for i in range(s.size - 1):
            rise = np.abs(design[i + 1 :] - design[i])
            mean = rise / (s[i + 1 :] - s[i])
            means[i] = mean[(rise > low + HEIGHT) & (rise < high - HEIGHT)].max(initial=0.0)
        rows += worst(s, means, means > most + GRADE, "mean_grade", most)
    return rows


def vertical(s: Floats, design: Floats, limits: Limits) -> list[Row]:
    """Radii at every station; lengths of vertical curves and of slopes between their PVIs."""
    gap = np.diff(s)
    grade, middle = np.diff(design) / gap, (s[1:] + s[:-1]) / 2
    rate = np.diff(grade) / np.diff(middle)
    radius = 1 / np.maximum(np.abs(rate), NOISE)
    crest, sag = (limits.get(f"min_{name}_radius_m", 0.0) for name in ("vertical", "sag"))
    tight = (rate < 0) & (radius < crest * (1 - SHARE))
    rows = worst(s[1:-1], radius, tight, "crest_radius", crest)
    tight = (rate > 0) & (radius < sag * (1 - SHARE))
    rows += worst(s[1:-1], radius, tight, "sag_radius", sag)
    whole = [curve for curve in curves(s, design) if curve.whole]
    least = limits.get("min_vertical_curve_m", 0.0)
    rows += [
        (curve.pvi, "vertical_curve", curve.length, least)
        for curve in whole
        if curve.length < least - PVI
    ]
    least = limits.get("min_slope_length_m", 0.0)
    slopes = [(one.pvi, other.pvi - one.pvi) for one, other in pairwise(whole)]
    return rows + [(p, "slope_length", slope, least) for p, slope in slopes if slope < least - PVI]


class _Line(NamedTuple):
    """A line of grade: a point of it, and how it bends."""

    at: float
    grade: float
    bend: float

    def follow(self, at: float) -> float:
        """Give the grade at a chainage."""
        return self.grade + self.bend * (at - self.at)


def curves(s: Floats, design: Floats, *, fine: bool = False) -> list[Curve]:
    """Cut a profile into tangents and parabolas; what lies between without one is a kink.

    `fine`: parabolas are told that bend less than any curve is built, as far as heights show them.
    """
    grade, middle = np.diff(design) / np.diff(s), (s[1:] + s[:-1]) / 2
    apart = np.diff(middle)
    rate = np.diff(grade) / apart
    # Two rates err by 4 µm / gap² each: so far apart they may be and yet be one.
    one = np.minimum(NOISE, 8e-6 / np.minimum(apart[1:], apart[:-1]) ** 2)
    straight = runs(np.abs(np.diff(rate)) <= one)
    parts = [(first, last + 1) for first, last in straight]  # from rate to rate, one and the same
    if not parts and rate.size > 8:
        return [Curve(float(middle[0]), 0.0, True, float(grade[0]), float(grade[0]))]
    parts = _long_enough(parts, s, design)
    lines = [_line(part, middle, grade) for part in parts]
    flat = float(np.median(one)) if fine and one.size else NOISE
    found = []
    begin, whole = float(middle[0]), False
    for k, line in enumerate(lines):
        last, after = parts[k][1], parts[k + 1][0] if k + 1 < len(parts) else rate.size
        further = after < rate.size
        joint = _Joint(float(middle[-1]), float(middle[-1]))
        if further:
            joint = _joint((line, lines[k + 1]), (s, design), (last, after), flat)
        if abs(line.bend) > flat:
            middle_s, ends = (begin + joint.end) / 2, (line.follow(begin), line.follow(joint.end))
            found.append(Curve(middle_s, joint.end - begin, whole and further, *ends))
        begin, whole = joint.begin, True
        if joint.kink:
            found.append(joint.kink)
    return found


def _long_enough(parts: list[tuple[int, int]], s: Floats, design: Floats) -> list[tuple[int, int]]:
    """Leave out two rates that are alike by chance: a line reaches over all gaps they are from."""
    middle, grade = (s[1:] + s[:-1]) / 2, np.diff(design) / np.diff(s)
    kept = parts[:1]
    for part, after in pairwise(parts[1:]):
        if part[1] - part[0] == 1:
            before, line, next_line = (_line(one, middle, grade) for one in (kept[-1], part, after))
            begin = _joint((before, line), (s, design), (kept[-1][1], part[0])).begin
            end = _joint((line, next_line), (s, design), (part[1], after[0])).end
            if end - begin < s[part[1] + 2] - s[part[0]] - PVI:
                continue
        kept.append(part)
    return kept + parts[1:][-1:]


class _Joint(NamedTuple):
    """Where one line of grade ends and the next begins, and a kink that is there."""

    end: float
    begin: float
    kink: Curve | None = None


def _joint(
    lines: tuple[_Line, _Line],
    line: tuple[Floats, Floats],
    part: tuple[int, int],
    flat: float = NOISE,
) -> _Joint:
    """Read what lies between two lines of grade, after one rate and before another.

    They cross; or a tangent hides between them, of which no two rates are alike; or there is a
    kink, as long as its rates are off what lies about them.
    """
    (one, other), (s, design), (last, after) = lines, line, part
    middle = (s[1:] + s[:-1]) / 2
    apart = np.diff(middle)
    inner = (np.diff(np.diff(design) / np.diff(s)) / apart)[last + 1 : after]
    cross = _crossing(one, other, (float(middle[last + 1]), float(middle[after])), flat)
    off = np.abs(inner - (one.bend + other.bend) / 2)
    meets = not np.isnan(cross)
    end = cross if meets else float(middle[[last + 1, after]].mean())
    if off.max(initial=0.0) <= NOISE or (meets and inner.size <= 2):
        return _Joint(end, end)
    hidden = slice(last + 2, after + 1)
    tangent = _tangent(one, other, s[hidden], design[hidden])
    if tangent is not None:
        return _Joint(*tangent)
    wide = apart[last + 1 : after]
    pvi = float(np.average(middle[last + 1 : after] + wide / 2, weights=off))
    length = float((off * wide).sum() / off.max())
    return _Joint(end, end, Curve(pvi, length, True, one.follow(pvi), other.follow(pvi)))


def _tangent(one: _Line, other: _Line, s: Floats, z: Floats) -> tuple[float, float] | None:
    """Give where a tangent to two parabolas begins and ends, if the heights at stations are its.

    Its grade g is that of the first at a and of the second at b, and the rise from the first of the
    stations to the last is that along the first to a, at g to b, along the second on: quadratic in
    g. None where there is none, or the grade of a gap is another.
    """
    if min(abs(one.bend), abs(other.bend)) <= NOISE or s.size < 2:
        return None
    x, wide = s - s[0], float(s[-1] - s[0])
    first, last, up, on = one.follow(float(s[0])), other.follow(float(s[-1])), one.bend, other.bend
    square, single = (1 / on - 1 / up) / 2, wide + first / up - last / on
    rest = last**2 / on / 2 - first**2 / up / 2 - float(z[-1] - z[0])
    under = max(single**2 - 4 * square * rest, 0.0)
    roots = (
        [-single / 2 / square + way * under**0.5 / 2 / square for way in (1, -1)]
        if square
        else [-rest / single]
    )
    for grade in roots:
        a, b = (grade - first) / up, wide + (grade - last) / on
        if not -PVI <= a <= b <= wide + PVI:
            continue
        before, after = np.minimum(x, a), np.maximum(x - b, 0.0)
        along = grade * (np.clip(x, a, b) - a) + first * before + up * before**2 / 2
        heights = along + grade * after + on * after**2 / 2
        if (np.abs(np.diff(heights - z) / np.diff(s)) <= GRADE).all():
            return float(s[0] + a), float(s[0] + b)
    return None


def _line(part: tuple[int, int], middle: Floats, grade: Floats) -> _Line:
    """Lay a line through the grades about rates from first to last, those of both ends left out."""
    first, last = part
    a, b = (first + 1, last) if last - first > 2 else (first, last + 1)
    bend = (grade[b] - grade[a]) / (middle[b] - middle[a])
    return _Line(float(middle[a]), float(grade[a]), float(bend))


def _crossing(one: _Line, other: _Line, between: tuple[float, float], flat: float) -> float:
    """Give where two lines of grade cross between two chainages; NaN: not there."""
    if abs(other.bend - one.bend) <= flat:
        return float("nan")
    cross = one.at + (other.follow(one.at) - one.grade) / (one.bend - other.bend)
    inside = between[0] - PVI <= cross <= between[1] + PVI
    return float(np.clip(cross, *between)) if inside else float("nan")
