"""Sight: how far a driver sees over crests and round the inside of curves, and what is cut for it.

Method: lines of sight from an eye to an object on the road, from every station to every further
one. Over crests they are drawn in the profile. On curves they are drawn in space, along the path of
the inner lane, and tested where they cross the cross-section of each station between: against the
face of the cut, and the ground behind its top. Where they are hidden the foot of the cut is moved
outwards, leaving a bench level with the edge of the bed.

Traffic keeps to the right: the right lane looks forward, the left lane back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.alignment.values import EARTH, Floats
from geo.alignment.works.bed import Bed
from geo.alignment.works.crosssection import Centreline, Sections, Template, sections
from geo.raster import Raster, sample

PASSES = 5  # of benches; the second cuts all that still hides, so that the third finds none
MARGIN = 0.1  # m that a bench is wider than lines of sight between stations ask for
ROUNDING = 1e-6  # m: a line that touches is seen

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Sight:
    """What has to be seen from where.

    Parameters
    ----------
    stopping_m
        How far, along the path of the driver.
    eye_m, object_m
        Heights of the eye and of what is seen, above the road.
    from_edge_m
        Path of the driver from the outer edge of the lane, as it is before widening.
    lane_m
        Width of each of the two lanes.
    """

    stopping_m: float
    eye_m: float
    object_m: float
    from_edge_m: float
    lane_m: float


def least_crest(rule: Sight) -> float:
    """Give the radius of a long crest over which the stopping sight is just seen, m.

    Examples
    --------
    Over the top, √(2 R) (√1.2 + √0.1) is seen: 75² / 2 / 1.4117² = 1411 m.

    >>> round(least_crest(Sight(75, 1.2, 0.1, 1.5, 3.5)))
    1411
    """
    roots = np.sqrt(rule.eye_m) + np.sqrt(rule.object_m)
    return float(rule.stopping_m**2 / (2 * roots**2))


def over_crests(s: Floats, design: Floats, rule: Sight, *, up_to_m: float) -> Floats:
    """Give how far is seen ahead over the profile, m, at most `up_to_m`; shape (n,).

    Parameters
    ----------
    s, design
        Chainages and heights of the road, m, shape (n,); chainages rise.
    rule
        Heights of eye and object.
    up_to_m
        Where to stop looking; beyond the end of the road all is seen.

    Examples
    --------
    A roof of 5 % on either side: an eye 50 m before the ridge is 2.5 − 1.2 = 1.3 m below it, and
    its line rises on by 1.3 / 50 a metre: behind the ridge it parts from the road by 0.05 + 0.026
    a metre, and is 0.1 m above it 1.3 m on.

    >>> s = np.arange(0.0, 201, 1)
    >>> roof, rule = 10 - 0.05 * np.abs(s - 100), Sight(75, 1.2, 0.1, 1.5, 3.5)
    >>> seen = over_crests(s, roof, rule, up_to_m=75)
    >>> round(float(seen[50]), 1), float(seen[0]), float(seen[150])
    (51.3, 75.0, 75.0)
    """
    seen = np.full(s.size, float(up_to_m))
    eye = design + rule.eye_m
    highest, clear = np.full(s.size, -np.inf), np.full(s.size, np.inf)
    for one in _targets(s, up_to_m):
        i, j = one.eye, one.eye + one.steps
        z = design[j - 1] + one.share * (design[j] - design[j - 1])
        now = z + rule.object_m - eye[i] - highest[i] * one.distance
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(np.isfinite(clear[i]), clear[i] / (clear[i] - now), 1.0)
        lost = (now < -ROUNDING) & (seen[i] > one.before)
        ends = one.before + part * (one.distance - one.before)
        seen[i[lost]] = np.minimum(seen[i[lost]], ends[lost])
        clear[i] = np.maximum(now, 0.0)
        highest[i] = np.maximum(highest[i], (design[j] - eye[i]) / (s[j] - s[i]))
    return seen


class _Targets(NamedTuple):
    """Objects so many steps ahead of eyes, those of one step in one.

    Distances along the path to the object and to the station before it, and the share of the way
    from that station to the next at which it stands.
    """

    steps: int
    eye: Numbers
    distance: Floats
    before: Floats
    share: Floats


def _targets(along: Floats, up_to_m: float) -> Iterator[_Targets]:
    """Give all objects up to a distance: at every station and at the distance itself."""
    eye = np.arange(along.size)
    steps = 0
    while True:
        steps += 1
        eye = eye[eye + steps < along.size]
        before = along[eye + steps - 1] - along[eye]
        near = before < up_to_m - ROUNDING
        eye, before = eye[near], before[near]
        if not eye.size:
            return
        whole = along[eye + steps] - along[eye]
        distance = np.minimum(whole, up_to_m)
        yield _Targets(steps, eye, distance, before, (distance - before) / (whole - before))


@dataclass(frozen=True, eq=False)
class Faces:
    """Faces of cuts on one side of a road, each of shape (n,); NaN where there is no cut.

    Parameters
    ----------
    foot, toe
        Distances from the centreline at which a face begins and meets the ground; the same of a
        wall.
    top
        How far it rises, m.
    """

    foot: Floats
    toe: Floats
    top: Floats


def faces(line: Centreline, cut: Sections, template: Template, hand: int) -> Faces:
    """Give the faces of the cuts on the left (1) or the right (-1) of a road.

    Parameters
    ----------
    line, cut, template
        The road and its cross-sections.
    hand
        1 or -1.

    Examples
    --------
    3 m deep, 1 : 1, beside a bed of 10 m:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((9, 9), Affine(20, 0, 0, 0, -20, 180), CRS(4549))
    >>> level = Raster(np.full((9, 9), 103.0), grid)
    >>> s, one = np.array([0.0, 20]), np.ones(2)
    >>> road = Centreline(s, s + 60, 90 * one, 0 * one, 0 * one, 100 * one, np.array([EARTH]))
    >>> trapezoid = Template(10, cut_slope=1, fill_slope=1.5)
    >>> left = faces(road, sections(road, level, trapezoid), trapezoid, 1)
    >>> left.foot.tolist(), left.toe.round(9).tolist(), left.top.round(9).tolist()
    ([5.0, 5.0], [8.0, 8.0], [3.0, 3.0])
    """
    bed = cut.bed
    edge, bench, toe, wall, is_cut = (
        (bed.left_m, bed.bench_left_m, cut.left_m, cut.wall_left_m, cut.is_cut_left)
        if hand == 1
        else (bed.right_m, bed.bench_right_m, cut.right_m, cut.wall_right_m, cut.is_cut_right)
    )
    foot = edge + bench
    top = np.where(wall > 0, wall, np.maximum(toe - foot, 0.0) / template.cut_slope)
    earth = line.structure == EARTH
    there = is_cut & (np.append(earth, False) | np.append(False, earth))
    return Faces(*(np.where(there, value, np.nan) for value in (foot, np.maximum(toe, foot), top)))


def across(line: Centreline, cut: Sections, template: Template) -> pd.DataFrame:
    """Write the bed and the faces of cuts as `geo.alignment.checker.breaches` reads them.

    Returns
    -------
    DataFrame
        Indexed by chainage: crossfall, left_m, right_m, and of the faces on either side
        foot_left_m, toe_left_m, top_left_m, foot_right_m, …; NaN where there is no cut.
    """
    bed = cut.bed
    columns = {"crossfall": bed.crossfall, "left_m": bed.left_m, "right_m": bed.right_m}
    for hand, side in ((1, "left"), (-1, "right")):
        face = faces(line, cut, template, hand)
        columns |= {
            f"foot_{side}_m": face.foot,
            f"toe_{side}_m": face.toe,
            f"top_{side}_m": face.top,
        }
    return pd.DataFrame(columns, index=pd.Index(line.s, name="s"))


@dataclass(frozen=True, eq=False)
class Seen:
    """How far is seen at n stations, the shorter of both ways, each of shape (n,).

    Parameters
    ----------
    crest_m, curve_m
        Over the profile, and past cuts beside the lanes; no further than meeting sight, twice the
        stopping sight.
    """

    crest_m: Floats
    curve_m: Floats


def seen(line: Centreline, dem: Raster, template: Template, cut: Sections, rule: Sight) -> Seen:
    """Give how far is seen along a road.

    Parameters
    ----------
    line, dem, template, cut
        The road on its ground, and its cross-sections.
    rule
        What is seen from where.
    """
    far = 2 * rule.stopping_m
    ahead = over_crests(line.s, line.design, rule, up_to_m=far)
    back = over_crests(line.s[-1] - line.s[::-1], line.design[::-1], rule, up_to_m=far)[::-1]
    # Looking no further than to the stopping sight tells whether it is seen to the metre.
    looks = [
        np.minimum(*round_curves(line, dem, template, cut, rule, up_to_m=most))
        for most in (rule.stopping_m, far)
    ]
    return Seen(np.minimum(ahead, back), np.maximum(*looks))


class _View(NamedTuple):
    """What a lane sees on its right, in the order that it travels; arrays of shape (n,).

    The centreline, sine and cosine of its heading; height and chainage of the driver's path; edge
    of the bed with its height, the face beyond it (infinitely far off where there is none).
    """

    x: Floats
    y: Floats
    sine: Floats
    cosine: Floats
    path_z: Floats
    along: Floats
    edge: Floats
    edge_z: Floats
    foot: Floats
    toe: Floats
    top: Floats
    is_wall: Flags


class _Hidden(NamedTuple):
    """Lines of sight that a cut hides: of which eye, at which stations, how far off, how high.

    Last the distance to the station before the object.
    """

    eye: Numbers
    where: Numbers
    offset: Floats
    height: Floats
    before: Floats


def round_curves(
    line: Centreline, dem: Raster, template: Template, cut: Sections, rule: Sight, *, up_to_m: float
) -> tuple[Floats, Floats]:
    """Give how far the left lane (looking back) and the right lane (ahead) see past cuts, m.

    Parameters
    ----------
    line, dem, template, cut
        The road on its ground, and its cross-sections.
    rule
        What is seen from where.
    up_to_m
        Where to stop looking.

    Returns
    -------
    left, right
        Of shape (n,): distance to the last station seen before the first that is hidden; `up_to_m`
        where none is.
    """
    seen = []
    for hand in (1, -1):
        view = _view(line, template, cut, rule, hand)
        far = np.full(line.s.size, float(up_to_m))
        for hidden in _hidden(view, dem, template, rule, up_to_m):
            np.minimum.at(far, hidden.eye, hidden.before)
        seen.append(far[::-hand])
    return seen[0], seen[1]


def benched(line: Centreline, dem: Raster, template: Template, bed: Bed, rule: Sight) -> Bed:
    """Cut benches beside a bed until stopping sight is seen on both lanes past every cut.

    Parameters
    ----------
    line, dem, template, bed
        The road on its ground; benches that the bed has stay.
    rule
        What has to be seen.

    Notes
    -----
    The foot of a cut is moved so far that its face is no higher than the line of sight that passes
    over it; where something still hides it, to beyond the line. Tunnels and ground that rises again
    behind a fill are not looked at.
    """
    for number in range(PASSES):
        cut = sections(line, dem, template, bed)
        left, right = (
            _wanted(_view(line, template, cut, rule, hand), dem, template, rule, whole=number > 0)[
                ::-hand
            ]
            for hand in (1, -1)
        )
        if not (left.any() or right.any()):
            break
        bed = replace(
            bed,
            bench_left_m=np.maximum(bed.bench_left_m, left),
            bench_right_m=np.maximum(bed.bench_right_m, right),
        )
    return bed


def _view(line: Centreline, template: Template, cut: Sections, rule: Sight, hand: int) -> _View:
    """Give what the left (1) or the right lane (-1) sees."""
    bed, face = cut.bed, faces(line, cut, template, hand)
    inner = rule.lane_m - rule.from_edge_m  # of the path, from the centreline
    edge, wall = (bed.left_m, cut.wall_left_m) if hand == 1 else (bed.right_m, cut.wall_right_m)
    sine, cosine = -hand * np.sin(line.heading), -hand * np.cos(line.heading)
    x, y = line.x + inner * sine, line.y - inner * cosine
    step = np.hypot(np.diff(x), np.diff(y))[::-hand]
    path_z = line.design + bed.height(np.full(line.s.size, hand * inner))
    edge_z = line.design + bed.height(hand * edge)
    foot = np.where(np.isnan(face.foot), np.inf, face.foot)
    return _View(
        x=line.x[::-hand],
        y=line.y[::-hand],
        sine=sine[::-hand],
        cosine=cosine[::-hand],
        path_z=path_z[::-hand],
        along=np.append(0.0, np.cumsum(step)),
        edge=edge[::-hand],
        edge_z=edge_z[::-hand],
        foot=foot[::-hand],
        toe=face.toe[::-hand],
        top=face.top[::-hand],
        is_wall=wall[::-hand] > 0,
    )


def _wanted(view: _View, dem: Raster, template: Template, rule: Sight, *, whole: bool) -> Floats:
    """Give the widths of benches that lines of sight ask for; 0 where none does."""
    wanted = np.zeros(view.x.size)
    for hidden in _hidden(view, dem, template, rule, rule.stopping_m):
        at = hidden.where
        over = np.maximum(hidden.height - view.edge_z[at], 0.0) * template.cut_slope
        over = np.where(whole | view.is_wall[at], 0.0, over)
        np.maximum.at(wanted, at, hidden.offset - view.edge[at] - over + MARGIN)
    return wanted


def _hidden(
    view: _View, dem: Raster, template: Template, rule: Sight, up_to_m: float
) -> Iterator[_Hidden]:
    """Give all lines of sight that cuts hide."""
    inner = rule.lane_m - rule.from_edge_m
    x, y = view.x + inner * view.sine, view.y - inner * view.cosine
    z = view.path_z
    for one in _targets(view.along, up_to_m):
        i, j = one.eye, one.eye + one.steps
        ends = [v[j - 1] + one.share * (v[j] - v[j - 1]) for v in (x, y, z)]
        dx, dy, dz = ends[0] - x[i], ends[1] - y[i], ends[2] - z[i] + rule.object_m - rule.eye_m
        for between in range(1, one.steps):
            k = i + between
            sine, cosine = view.sine[k], view.cosine[k]
            away_x, away_y = view.x[k] - x[i], view.y[k] - y[i]
            part = (away_x * cosine + away_y * sine) / (dx * cosine + dy * sine)
            right = (part * dx - away_x) * sine - (part * dy - away_y) * cosine
            far = right > view.foot[k]
            if far.any():
                height = z[i] + rule.eye_m + part * dz
                found = _kept(_Hidden(i, k, right, height, one.before), far)
                yield _kept(found, _surface(view, dem, template, found) > found.height + ROUNDING)


def _kept(found: _Hidden, kept: Flags) -> _Hidden:
    return _Hidden(
        found.eye[kept],
        found.where[kept],
        found.offset[kept],
        found.height[kept],
        found.before[kept],
    )


def _surface(view: _View, dem: Raster, template: Template, found: _Hidden) -> Floats:
    """Give the height of a cut where lines of sight pass it: of its face, of the ground behind.

    The ground behind its top counts as no lower than that.
    """
    at, right = found.where, found.offset
    face = view.edge_z[at] + np.minimum((right - view.foot[at]) / template.cut_slope, view.top[at])
    face = np.where(view.is_wall[at], view.edge_z[at] + view.top[at], face)
    x, y = view.x[at] + right * view.sine[at], view.y[at] - right * view.cosine[at]
    ground = np.where(right > view.toe[at], sample(dem, x, y), -np.inf)
    return np.asarray(np.fmax(face, ground))
