"""A built centreline against the limits of its class, tested anew at every station.

The designer's modules are not used here: curves and grades are read from the points themselves.

Method: curvature from the circle through three stations (radii) and from the turn between chords
(spirals, tangents); grades from height differences; vertical curves from second differences, whose
stretches of one value are the parabolas and tangents of the profile, bounded where their lines of
grade cross. A point of vertical intersection (PVI) lies under the middle of its parabola.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.errors import InputError, Problem
from geo.words import Text

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[Any]
Limits = Mapping[str, Any]
Row = tuple[float, str, float, float]
Curve = tuple[float, float, bool]  # chainage of its PVI, length, whether the road has all of it

EARTH, BRIDGE, TUNNEL = 0, 1, 2  # those of `values`, written anew: nothing is shared
COLUMNS = ("s", "x", "y", "design", "ground", "structure")
SPACING = 5.0  # m: stations stand no further apart

# Tolerances. Coordinates are taken to be right to 1 µm (unrounded doubles are, also at 10⁷ m), and
# curvature needs stations NEAR apart: denser ones are left out of it. Then a second difference
# errs by 4 × 1e-6 / 1² at NEAR and by 1.6e-7 at 5 m.
NEAR = 1.0  # m
NOISE = 4e-6  # 1/m: bends below it (R > 250 km) are straight
SHARE = 1e-3  # of a radius: three points of an arc give it exactly, of a spiral a mean of it
GRADE = 2e-6  # m/m: 1 µm at either end of NEAR
# Bends by chords are means over two spacings: exact on arcs, exact to (spacing / R)² / 24 on
# spirals (0.5 % at 5 m and R = 15 m), and show a sudden bend as one over 5 to 10 m. They round the
# tip of a curve whose arc is shorter than five spacings by up to 0.54 spacings of its spiral; so
# much is added there (2.7 m at most).
ENOUGH, TIP = 0.99, 0.55
PVI = 0.5  # m: lines of grade right to GRADE cross that near for rates 1e-5 apart
HEIGHT = 0.01  # m: cut, fill and rises
LENGTH = 1e-3  # m: structures, chainages


def breaches(stations: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Test a centreline.

    Parameters
    ----------
    stations
        Every ≤ 5 m along the road: chainage `s`, `x`, `y`, heights `design` and `ground`, all in m,
        not rounded, and `structure` (0 earth, 1 bridge, 2 tunnel) from there to the next station.
    limits
        `max_grade`, `min_radius_m`, `min_spiral_m`, `min_tangent_m`, `min_slope_length_m`,
        `min_vertical_radius_m` (crests), `min_sag_radius_m`, `min_vertical_curve_m`, `mean_grades`
        (triples of the first rise, the rise below which it ends, and the grade), `window_m` and
        `window_grade`, `max_cut_m`, `max_fill_m`, `max_bridge_m`, `max_tunnel_m`,
        `min_structure_m`. What is left out is not tested.

    Returns
    -------
    DataFrame
        A row for each breach, in order of chainage: `chainage_m`, `rule`, `found`, `allowed`.
        Neighbouring stations that break a rule are one row, at the worst. Mean grades stand at the
        start of their stretch, lengths at the start of what is too long or too short, curves at
        their middle. What the ends of the road cut off (spirals, slopes, curves) is not judged.

    Raises
    ------
    InputError
        If columns are missing, values are not finite, there are fewer than 5 stations or chainages
        do not rise.

    Examples
    --------
    A level road on level ground, but for a step of 2 m up over 5 m of it: a grade of 40 %.

    >>> s = np.arange(0.0, 101, 5)
    >>> road = pd.DataFrame({"s": s, "x": s, "y": 0.0, "ground": 0.0, "structure": 0})
    >>> road["design"] = np.where(s > 50, 2.0, 0.0)
    >>> breaches(road, {"max_grade": 0.08, "max_fill_m": 3})
       chainage_m   rule  found  allowed
    0        50.0  grade    0.4     0.08
    """
    _require(stations)
    s, x, y, design, ground = (stations[name].to_numpy(dtype=np.float64) for name in COLUMNS[:5])
    structure = stations["structure"].to_numpy()[:-1]
    near = _thinned(s)
    rows = [
        *_spacing(s[near], x[near], y[near]),
        *_plan(s[near], x[near], y[near], limits),
        *_grades(s, design, limits),
        *_mean_grades(s, design, limits),
        *_vertical(s[near], design[near], limits),
        *_heights(s, design - ground, structure, limits),
        *_structures(s, design - ground, structure, limits),
    ]
    gap = np.diff(s)
    rows += _worst(s[:-1], gap, gap > SPACING + LENGTH, "station_spacing", SPACING)
    frame = pd.DataFrame(rows, columns=["chainage_m", "rule", "found", "allowed"])
    frame = frame.astype({"chainage_m": float, "found": float, "allowed": float})
    return frame.sort_values(["chainage_m", "rule"], kind="stable", ignore_index=True)


def _require(stations: pd.DataFrame) -> None:
    columns = {name: stations[name].to_numpy(float) for name in COLUMNS if name in stations}
    missing = Text("缺少此列", "missing")
    problems = [Problem(field=name, found=missing) for name in COLUMNS if name not in columns]
    problems += [
        Problem(field=name, found="NaN / inf")
        for name, column in columns.items()
        if not np.isfinite(column).all()
    ]
    if not (np.diff(columns.get("s", [0.0])) > 0).all():
        problems.append(Problem(field="s", found=Text("里程不递增", "not rising")))
    if len(stations) < 5:
        found = Text(f"{len(stations)} 个桩", f"{len(stations)} stations")
        problems.append(Problem(found=found, expected="≥ 5"))
    if problems:
        raise InputError(
            Text("中线数据有误，无法校核", "the centreline cannot be tested"), problems=problems
        )


def _thinned(s: Floats) -> NDArray[np.int64]:
    """Give stations at least NEAR apart, both ends among them."""
    kept = [0]
    for i in range(1, s.size):
        if s[i] - s[kept[-1]] >= NEAR:
            kept.append(i)
    if kept[-1] != s.size - 1:
        kept[-1] = s.size - 1
    return np.array(kept)


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """Give first and last of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]


def _worst(s: Floats, found: Floats, bad: Flags, rule: str, allowed: float) -> list[Row]:
    """Give one row a run of bad stations, at the one that is furthest from the allowed."""
    off = np.abs(found - allowed)
    worst = [first + int(np.argmax(off[first : last + 1])) for first, last in _runs(bad)]
    return [(float(s[at]), rule, float(found[at]), float(allowed)) for at in worst]


def _spacing(s: Floats, x: Floats, y: Floats) -> list[Row]:
    """Chainages must be lengths along the line: chords, and what an arc adds to its chord."""
    chord, gap = np.hypot(np.diff(x), np.diff(y)), np.diff(s)
    turn = np.abs(_turns(x, y)[0])
    # Half the turn at either end lies in the gap; an arc of angle a is a²/24 longer than its chord.
    bend = np.maximum(np.append(turn, 0), np.append(0, turn))
    longest = chord * (1 + bend**2 / 12) + LENGTH
    first = [one for one, _ in _runs((gap > longest) | (gap < chord - LENGTH))]
    return [(float(s[i]), "chainage", float(gap[i]), float(chord[i])) for i in first]


def _turns(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Give at inner stations the turn between chords, and the curvature of the circle through."""
    dx, dy = np.diff(x), np.diff(y)
    cross, dot = dx[:-1] * dy[1:] - dy[:-1] * dx[1:], dx[:-1] * dx[1:] + dy[:-1] * dy[1:]
    sides = np.hypot(dx, dy)
    third = np.maximum(np.hypot(x[2:] - x[:-2], y[2:] - y[:-2]), 1e-9)
    circle = 2 * cross / np.maximum(sides[:-1] * sides[1:] * third, 1e-9)
    return np.arctan2(cross, dot), np.where(dot < 0, np.inf, np.abs(circle))


def _plan(s: Floats, x: Floats, y: Floats, limits: Limits) -> list[Row]:
    """Radii at every station; spirals and tangents from where the bends begin and end."""
    turn, circle = _turns(x, y)
    names = ("min_radius_m", "min_spiral_m", "min_tangent_m")
    least, spiral, tangent = (float(limits.get(name, 0)) for name in names)
    radius = 1 / np.maximum(circle, NOISE)
    rows = _worst(s[1:-1], radius, radius < least * (1 - SHARE), "radius", least)
    gap = np.diff(s)
    # The mean bend about a station is that of a clothoid a third of the gaps' difference on.
    at = s[1:-1] + (gap[1:] - gap[:-1]) / 3
    bend = 2 * turn / (gap[1:] + gap[:-1])
    before = -np.inf  # where the last bend ended
    for first, last in sorted([*_runs(bend > NOISE), *_runs(bend < -NOISE)]):
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
    return _worst(at[1:], 1 / np.maximum(rate * max(least, NEAR), 1e-12), inner, "spiral", spiral)


def _grades(s: Floats, design: Floats, limits: Limits) -> list[Row]:
    """Grades between stations, and means over the window from and up to every station."""
    grade, steepest = np.abs(np.diff(design) / np.diff(s)), limits.get("max_grade", np.inf)
    rows = _worst(s[:-1], grade, grade > steepest + GRADE, "grade", steepest)
    window, most = limits.get("window_m", 3000.0), limits.get("window_grade", np.inf)
    begin = np.union1d(s, s - window)
    begin = begin[(begin >= s[0]) & (begin + window <= s[-1])]
    mean = np.abs(np.interp(begin + window, s, design) - np.interp(begin, s, design)) / window
    # Between stations heights lie up to 5² / 8R off the chord: 1.5e-5 of 3 km at R = 100 m,
    # but stations begin or end every window, so that only the other end is between them.
    return rows + _worst(begin, mean, mean > most + 1e-5, "window_grade", most)


def _mean_grades(s: Floats, design: Floats, limits: Limits) -> list[Row]:
    """Means over every stretch between stations that rises or falls by a band's metres."""
    rows = []
    for low, high, most in limits.get("mean_grades", ()):
        worst = np.zeros(s.size)
        for i in range(s.size - 1):
            rise = np.abs(design[i + 1 :] - design[i])
            mean = rise / (s[i + 1 :] - s[i])
            worst[i] = mean[(rise > low + HEIGHT) & (rise < high - HEIGHT)].max(initial=0.0)
        rows += _worst(s, worst, worst > most + GRADE, "mean_grade", most)
    return rows


def _vertical(s: Floats, design: Floats, limits: Limits) -> list[Row]:
    """Radii at every station; lengths of vertical curves and of slopes between their PVIs."""
    gap = np.diff(s)
    grade, middle = np.diff(design) / gap, (s[1:] + s[:-1]) / 2
    rate = np.diff(grade) / np.diff(middle)
    radius = 1 / np.maximum(np.abs(rate), NOISE)
    rows = []
    for rule, side, name in (("crest", rate < 0, "vertical"), ("sag", rate > 0, "sag")):
        least = limits.get(f"min_{name}_radius_m", 0.0)
        tight = side & (radius < least * (1 - SHARE))
        rows += _worst(s[1:-1], radius, tight, f"{rule}_radius", least)
    whole = [(pvi, length) for pvi, length, inside in _curves(middle, grade, rate) if inside]
    least = limits.get("min_vertical_curve_m", 0.0)
    rows += [(p, "vertical_curve", length, least) for p, length in whole if length < least - PVI]
    least = limits.get("min_slope_length_m", 0.0)
    slopes = [(one[0], other[0] - one[0]) for one, other in pairwise(whole)]
    return rows + [(p, "slope_length", slope, least) for p, slope in slopes if slope < least - PVI]


def _curves(middle: Floats, grade: Floats, rate: Floats) -> list[Curve]:
    """Cut a profile into tangents and parabolas; what lies between without one is a kink."""
    runs = _runs(np.abs(np.diff(rate)) <= NOISE)
    parts = [(first, last + 1) for first, last in runs]  # from rate to rate, one and the same
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


def _heights(s: Floats, above: Floats, structure: Codes, limits: Limits) -> list[Row]:
    """Cut and fill where earth begins, goes on or ends."""
    earth = structure == EARTH
    on_earth = np.append(earth, False) | np.append(False, earth)
    deepest, highest = limits.get("max_cut_m", np.inf), limits.get("max_fill_m", np.inf)
    return [
        *_worst(s, -above, on_earth & (-above > deepest + HEIGHT), "cut", deepest),
        *_worst(s, above, on_earth & (above > highest + HEIGHT), "fill", highest),
    ]


def _structures(s: Floats, above: Floats, structure: Codes, limits: Limits) -> list[Row]:
    """Lengths of bridges and tunnels; a bridge rises above the ground, a tunnel goes below it."""
    unknown = ~np.isin(structure, (EARTH, BRIDGE, TUNNEL))
    rows = _worst(s[:-1], structure.astype(float), unknown, "structure_code", TUNNEL)
    shortest = limits.get("min_structure_m", 0.0)
    for name, code, side in (("bridge", BRIDGE, 1), ("tunnel", TUNNEL, -1)):
        longest = limits.get(f"max_{name}_m", np.inf)
        for first, last in _runs(structure == code):
            begin, length = float(s[first]), float(s[last + 1] - s[first])
            for allowed, bad in ((longest, length > longest), (shortest, length < shortest)):
                if bad and abs(length - allowed) > LENGTH:
                    rows.append((begin, f"{name}_length", length, allowed))
            if (clear := float((side * above[first : last + 2]).max())) < 0:
                rows.append((begin, f"{name}_place", clear, 0.0))
    return rows
