"""Grades, vertical curves and slopes, read from the heights of a centreline."""

from __future__ import annotations

from itertools import pairwise

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

Curve = tuple[float, float, bool]  # chainage of its PVI, length, whether the road has all of it
PVI = 0.5  # m: lines of grade right to GRADE cross that near for rates 1e-5 apart


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
    rows = []
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
    rows = []
    for rule, side, name in (("crest", rate < 0, "vertical"), ("sag", rate > 0, "sag")):
        least = limits.get(f"min_{name}_radius_m", 0.0)
        tight = side & (radius < least * (1 - SHARE))
        rows += worst(s[1:-1], radius, tight, f"{rule}_radius", least)
    whole = [(pvi, length) for pvi, length, inside in _curves(middle, grade, rate) if inside]
    least = limits.get("min_vertical_curve_m", 0.0)
    rows += [(p, "vertical_curve", length, least) for p, length in whole if length < least - PVI]
    least = limits.get("min_slope_length_m", 0.0)
    slopes = [(one[0], other[0] - one[0]) for one, other in pairwise(whole)]
    return rows + [(p, "slope_length", slope, least) for p, slope in slopes if slope < least - PVI]


def _curves(middle: Floats, grade: Floats, rate: Floats) -> list[Curve]:
    """Cut a profile into tangents and parabolas; what lies between without one is a kink."""
    straight = runs(np.abs(np.diff(rate)) <= NOISE)
    parts = [(first, last + 1) for first, last in straight]  # from rate to rate, one and the same
    if not parts and rate.size > 8:
        return [(float(middle[0]), 0.0, True)]
    found = []
    begin, whole = float(middle[0]), False
    for (_, last), (after, _) in pairwise([*parts, (rate.size, 0)]):
        bend, further = float(rate[last]), after < rate.size
        end = float(middle[-1])
        inner = rate[last + 1 : after]
        if further:
            next_bend = float(rate[after])
            end = _crossing(middle[[last + 1, after]], grade[[last + 1, after]], (bend, next_bend))
        kinked = further and inner.size > 0 and (np.isnan(end) or inner.size > 2)
        if np.isnan(end):
            end = float(middle[[last + 1, after]].mean())
        if abs(bend) > NOISE:
            found.append(((begin + end) / 2, end - begin, whole and further))
        begin, whole = end, True
        if kinked:
            off = np.abs(inner - (bend + next_bend) / 2)
            apart = np.diff(middle)[last + 1 : after]
            pvi = np.average(middle[last + 1 : after] + apart / 2, weights=off)
            found.append((float(pvi), float((off * apart).sum() / off.max()), True))
    return found


def _crossing(at: Floats, grade: Floats, bend: tuple[float, float]) -> float:
    """Give where two lines of grade cross between two points; NaN: not there."""
    if abs(bend[1] - bend[0]) <= NOISE:
        return float("nan")
    cross = at[0] + (grade[1] - grade[0] - bend[1] * (at[1] - at[0])) / (bend[0] - bend[1])
    inside = at[0] - PVI <= cross <= at[1] + PVI
    return float(np.clip(cross, *at)) if inside else float("nan")
