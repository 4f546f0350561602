"""Lengths of grades, read from the heights of a centreline.

A stretch reaches from one point of vertical intersection (PVI) to the next, so half of every
vertical curve belongs to the stretch on either side, at its tangent's grade. Of the longest length
of its grade (interpolated between the rows of the table, none below the first) it uses as much as
it is long; stretches that climb one after another share, and together use no more than all of it.
At most the relief grade, for at least the shortest slope: there the sum begins anew. Going the
other way does so too, on the same condition. Falls are climbs the other way.

A parabola long enough for several shortest slopes is read as that many, one after another: it is
the same line, and its grades count where they are. Two that meet and bend almost alike are read so,
too, since where they meet is seen to metres only. The grade between is the line's own there,
`BETWEEN` gentler, which is what it may be off by.

Exactly at the grade of the first row the table holds. So a stretch that is a relief and in the
table begins a sum and is its first part, and does not relieve itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from geo.alignment.checker.profile import PVI, Curve, curves
from geo.alignment.checker.stations import GRADE, Codes, Flags, Floats, Limits, Row

ALIKE = 2e-5  # 1/m: parabolas whose rates differ less meet somewhere within GRADE / ALIKE = 0.1 m
BETWEEN = 1e-5  # m/m: where rates 4e-6 apart meet within a gap of 5 m, means of it err by a quarter


def climbs(s: Floats, design: Floats, limits: Limits) -> list[Row]:
    """Give climbs and falls that use too much, each where its sum begins, with the sum."""
    table = limits.get("grade_lengths", ())
    if not table:
        return []
    least = max(limits.get(f"min_{name}_m", 0.0) for name in ("slope_length", "vertical_curve"))
    begin, length, grade = _parts(s, design, least)
    rows: list[Row] = []
    for uphill in (grade, -grade):
        listed = uphill >= table[0][0] - GRADE
        used = np.where(listed, length / np.interp(uphill, *np.transpose(table)), 0.0)
        anew = np.union1d([0], _reliefs(uphill, length, listed, limits)).astype(np.int64)
        sums = np.add.reduceat(used, anew)
        spare = PVI / max(longest for _, longest in table)
        for k in np.flatnonzero(sums > 1 + spare):
            first = anew[k] + np.argmax(used[anew[k] :] > 0)
            rows.append((float(begin[first]), "grade_length", float(sums[k]), 1.0))
    return rows


def _reliefs(uphill: Floats, length: Floats, listed: Flags, limits: Limits) -> Codes:
    """Give where reliefs begin, among parts of the road."""
    relief = uphill <= limits.get("relief_grade", 0.0) + GRADE
    kind = 2 * relief + listed
    first = np.append(0, np.flatnonzero(np.diff(kind)) + 1)
    long = np.add.reduceat(length, first) >= limits.get("min_slope_length_m", 0.0) - PVI
    return np.asarray(first[relief[first] & long])


def _parts(s: Floats, design: Floats, least: float) -> tuple[Floats, Floats, Floats]:
    """Give begin, length and tangent's grade of halves of curves and of what lies between."""
    grade = np.diff(design) / np.diff(s)
    along = (s[1:] + s[:-1]) / 2
    alike = _joined(curves(s, design, fine=True))
    bends = [part for bend in alike for part in _several(bend, least, (along, grade))]
    ends = [(bend.pvi - bend.length / 2, bend.pvi + bend.length / 2) for bend in bends]
    inside = np.zeros(s.size, dtype=bool)
    for low, high in ends:
        inside |= (s > low) & (s < high)
    marks = [mark for bend, (a, b) in zip(bends, ends, strict=True) for mark in (a, bend.pvi, b)]
    cuts = np.unique(np.clip(np.concatenate([s[~inside], marks]), s[0], s[-1]))
    middle = (cuts[1:] + cuts[:-1]) / 2
    gap = np.clip(np.searchsorted(s, middle) - 1, 0, grade.size - 1)
    found = grade[gap]
    for bend, (low, high) in zip(bends, ends, strict=True):
        # A gap between stations that a curve reaches into has its grade from the curve's end.
        reach = (s[gap + 1] > low) & (s[gap] < high)
        found = np.where(reach & (middle < bend.pvi), bend.before, found)
        found = np.where(reach & (middle > bend.pvi), bend.after, found)
    return cuts[:-1], np.diff(cuts), found


def _joined(bends: Iterable[Curve]) -> Iterator[Curve]:
    """Take parabolas that meet and bend almost alike for one."""
    last: Curve | None = None
    for bend in bends:
        if last is not None and _alike(last, bend):
            begin, end = last.pvi - last.length / 2, bend.pvi + bend.length / 2
            whole = last.whole and bend.whole
            last = Curve((begin + end) / 2, end - begin, whole, last.before, bend.after)
            continue
        if last is not None:
            yield last
        last = bend
    if last is not None:
        yield last


def _alike(one: Curve, other: Curve) -> bool:
    if not (one.length > 0 and other.length > 0):
        return False
    gap = other.pvi - other.length / 2 - one.pvi - one.length / 2
    rate, after = ((bend.after - bend.before) / bend.length for bend in (one, other))
    return abs(gap) <= PVI and abs(rate - after) <= ALIKE


def _several(bend: Curve, least: float, line: tuple[Floats, Floats]) -> Iterator[Curve]:
    """Cut a parabola into as many as slopes and curves of the shortest length have room in.

    `line` holds chainages and the line's grades there.
    """
    count = int((bend.length + PVI) / least) if least > 0 else 1
    if count < 2:
        yield bend
        return
    edges = np.linspace(bend.pvi - bend.length / 2, bend.pvi + bend.length / 2, count + 1)
    at = np.interp(edges, *line)
    at[[0, -1]] = bend.before, bend.after
    at[1:-1] -= np.sign(at[1:-1]) * np.minimum(BETWEEN, np.abs(at[1:-1]))
    for k in range(count):
        yield Curve(
            float(edges[k] + edges[k + 1]) / 2,
            bend.length / count,
            bend.whole,
            float(at[k]),
            float(at[k + 1]),
        )
