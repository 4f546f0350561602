"""Cross-sections of a road on its ground: areas of cut and fill, where side slopes meet the ground.

Offsets are measured from the centreline, positive to the left; the bed is a plane across, level
unless it is told otherwise. A side slope is cut where the ground at the edge of the bed lies above
it, fill where it lies below.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Floats
from geo.alignment.works.bed import Bed, level
from geo.errors import GeometryError, GridError, Problem
from geo.raster import Raster, sample
from geo.words import Text

STRUCTURES = ("earth", "bridge", "tunnel")


@dataclass(frozen=True)
class Template:
    """A trapezoid: the bed and its side slopes.

    Parameters
    ----------
    width_m
        Width of the bed; bridges have decks as wide unless `deck_m` says otherwise.
    cut_slope, fill_slope
        Side slopes, metres across per metre up or down.
    deck_m
        Width of bridges; 0 for that of the bed.
    reach_m
        Longest side slope, measured across; one that does not meet the ground within it is
        replaced by a wall at the edge of the bed.
    step_m
        Distance of the points where the ground is read across.
    cut_per_fill
        Cubic metres in the cut that make one in the fill.

    Raises
    ------
    GeometryError
        If a figure is not above 0 (`deck_m`: below 0).
    """

    width_m: float
    cut_slope: float
    fill_slope: float
    deck_m: float = 0.0
    reach_m: float = 60.0
    step_m: float = 2.0
    cut_per_fill: float = 1.0

    def __post_init__(self) -> None:
        """Refuse widths and slopes that make no section."""
        problems = [
            Problem(field=field.name, found=f"{value}", expected="> 0")
            for field in fields(self)
            for value in (getattr(self, field.name),)
            if not (0 < value < np.inf or (field.name == "deck_m" and value == 0))
        ]
        if problems:
            raise GeometryError(Text("横断面有误", "the cross-section is wrong"), problems=problems)

    @property
    def deck(self) -> float:
        """Width of bridges in m."""
        return self.deck_m or self.width_m


@dataclass(frozen=True, eq=False)
class Centreline:
    """A road's centreline in space, at stations.

    Parameters
    ----------
    s
        Chainages in m, rising; shape (n,), n ≥ 2. Every end of a structure is a station.
    x, y
        Coordinates in a metric CRS, shape (n,).
    heading
        Radians counter-clockwise from x, shape (n,).
    curvature
        1/m, positive to the left, shape (n,).
    design
        Heights of the bed in m, shape (n,).
    structure
        `EARTH`, `BRIDGE` or `TUNNEL` between stations, shape (n − 1,).

    Raises
    ------
    GeometryError
        If shapes differ, values are missing, chainages do not rise or a structure is unknown.
    """

    s: Floats
    x: Floats
    y: Floats
    heading: Floats
    curvature: Floats
    design: Floats
    structure: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Refuse what is no centreline."""
        n = len(self.s)
        wanted = {field.name: (n - (field.name == "structure"),) for field in fields(self)}
        problems = [
            Problem(field=name, found=f"{getattr(self, name).shape}", expected=f"{shape}")
            for name, shape in wanted.items()
            if getattr(self, name).shape != shape or n < 2
        ]
        problems += [
            Problem(field=name, found="NaN", expected=Text("数值", "numbers"))
            for name in wanted
            if not np.isfinite(getattr(self, name)).all()
        ]
        if not problems and not (np.diff(self.s) > 0).all():
            problems.append(Problem(field="s", expected=Text("里程递增", "rising chainages")))
        if not problems and not np.isin(self.structure, (EARTH, BRIDGE, TUNNEL)).all():
            problems.append(Problem(field="structure", expected="0 | 1 | 2"))
        if problems:
            raise GeometryError(Text("中线有误", "the centreline is wrong"), problems=problems)


@dataclass(frozen=True, eq=False)
class Sections:
    """Cross-sections at the stations of a centreline, shape (n,); 0 where there is no earthwork.

    Parameters
    ----------
    ground
        Height of the ground at the centreline in m; NaN where unknown.
    cut_m2, fill_m2
        Areas.
    cut_m3_m, fill_m3_m
        Volume per metre of centreline: the areas, each point weighted by its way round the
        centre of the curve against that of the centreline (Pappus).
    left_m, right_m
        Distances from the centreline to where the works end.
    wall_left_m, wall_right_m
        Heights of walls.
    is_cut_left, is_cut_right
        Whether the side slope or wall is one of cut.
    bed
        The bed they were cut for, at all stations.
    """

    ground: Floats
    cut_m2: Floats
    fill_m2: Floats
    cut_m3_m: Floats
    fill_m3_m: Floats
    left_m: Floats
    right_m: Floats
    wall_left_m: Floats
    wall_right_m: Floats
    is_cut_left: NDArray[np.bool_]
    is_cut_right: NDArray[np.bool_]
    bed: Bed


@dataclass(frozen=True, eq=False)
class _Side:
    """One side slope at each station: area, its moment about the centreline, and its end."""

    area: Floats
    moment: Floats
    is_cut: NDArray[np.bool_]
    out: Floats
    wall: Floats
    blind: NDArray[np.bool_]


def sections(line: Centreline, dem: Raster, template: Template, bed: Bed | None = None) -> Sections:
    """Cut the ground across a road at its stations.

    Parameters
    ----------
    line
        The road.
    dem
        Heights in m in the CRS of the line; read bilinearly and taken as straight between points
        `step_m` apart.
    template
        The bed and its side slopes.
    bed
        How the bed leans and widens; without it, it is level and as wide as the template says.

    Returns
    -------
    Sections
        At every station that touches earthwork; zeros elsewhere.

    Raises
    ------
    GridError
        If the terrain is unknown under the works; all chainages concerned are named.

    Notes
    -----
    Crown, ditches, berms and the box of the pavement are left out: `design` is the height of the
    bed where it does not lean. Benches are cut down to the height of the edge of the bed.

    Examples
    --------
    A bed of 10 m, 3 m deep in level ground, slopes 1 : 1: 10 × 3 + 3² = 39 m².

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((30, 30), Affine(10, 0, 0, 0, -10, 300), CRS(4549))
    >>> level = Raster(np.full((30, 30), 103.0), grid)
    >>> zero, both = np.zeros(2), np.ones(2)
    >>> road = Centreline(both.cumsum(), both.cumsum() + 150, both * 150, zero, zero,
    ...     both * 100, np.array([EARTH]))
    >>> sections(road, level, Template(10, cut_slope=1, fill_slope=1.5)).cut_m2.round(9).tolist()
    [39.0, 39.0]
    """
    bed = bed or level(len(line.s), template.width_m)
    works = np.zeros(len(line.s), dtype=bool)
    works[:-1] |= line.structure == EARTH
    works[1:] |= line.structure == EARTH
    here = Bed(*(getattr(bed, field.name)[works] for field in fields(bed)))
    most = max(here.left_m.max(initial=0.0), here.right_m.max(initial=0.0))
    share = np.linspace(0.0, 1.0, 2 * int(np.ceil(most / template.step_m)) + 1)
    offsets = -here.right_m[:, None] + (here.left_m + here.right_m)[:, None] * share
    above = line.design[works, None] + here.height(offsets)
    under = _ground(line, dem, offsets, works) - above
    left, right = (_follow(line, dem, template, (here, works, hand)) for hand in (1, -1))
    _refuse_blind(line.s[works], np.isnan(under).any(axis=1) | left.blind | right.blind)
    areas = []
    for sign in (1, -1):
        each = _positive(offsets[:, :-1], offsets[:, 1:], sign * under[:, :-1], sign * under[:, 1:])
        total, turning = (part.sum(axis=1) for part in each)
        for side, hand, half in ((left, 1, here.left_m), (right, -1, here.right_m)):
            counts = side.is_cut if sign == 1 else ~side.is_cut
            total += np.where(counts, side.area, 0)
            turning += np.where(counts, hand * (side.moment + half * side.area), 0)
        areas += [total, np.maximum(total - line.curvature[works] * turning, 0)]

    def everywhere(values: Floats) -> Floats:
        whole = np.zeros(len(line.s))
        whole[works] = values
        return whole

    return Sections(
        ground=sample(dem, line.x, line.y),
        cut_m2=everywhere(areas[0]),
        fill_m2=everywhere(areas[2]),
        cut_m3_m=everywhere(areas[1]),
        fill_m3_m=everywhere(areas[3]),
        left_m=everywhere(here.left_m + left.out),
        right_m=everywhere(here.right_m + right.out),
        wall_left_m=everywhere(left.wall),
        wall_right_m=everywhere(right.wall),
        is_cut_left=everywhere(left.is_cut.astype(float)) > 0,
        is_cut_right=everywhere(right.is_cut.astype(float)) > 0,
        bed=bed,
    )


def _ground(line: Centreline, dem: Raster, offsets: Floats, works: NDArray[np.bool_]) -> Floats:
    """Read the ground across, shape (stations, offsets)."""
    x = line.x[works, None] - offsets * np.sin(line.heading[works, None])
    y = line.y[works, None] + offsets * np.cos(line.heading[works, None])
    return sample(dem, x.ravel(), y.ravel()).reshape(x.shape)


def _follow(
    line: Centreline, dem: Raster, template: Template, where: tuple[Bed, NDArray[np.bool_], int]
) -> _Side:
    """Read the ground beside the bed, on its left (1) or right (-1), and follow the side slope."""
    bed, works, hand = where
    edge = bed.left_m if hand == 1 else bed.right_m
    bench = bed.bench_left_m if hand == 1 else bed.bench_right_m
    even = np.append(np.arange(0.0, template.reach_m, template.step_m), template.reach_m)
    out = np.broadcast_to(even, (edge.size, even.size))
    if bench.any():  # the foot of the cut is a point of its own
        out = np.sort(np.column_stack([out, np.minimum(bench, template.reach_m)]), axis=1)
    ground = _ground(line, dem, hand * (edge[:, None] + out), works)
    height = line.design[works] + bed.height(hand * edge)
    return _side(ground - height[:, None], out, bench, template)


def _side(diff: Floats, out: Floats, bench: Floats, template: Template) -> _Side:
    """Follow a side slope from the edge of the bed until it meets the ground, or build a wall.

    Parameters
    ----------
    diff
        Ground above the edge of the bed at distances `out` from it, both of shape (n, k).
    bench
        Distances at which a cut begins to rise, shape (n,), each among `out`; what lies above a
        bench is cut. A wall stands behind it.
    """
    edge = diff[:, 0]
    is_cut = edge > 0
    bench = np.where(is_cut, bench, 0.0)[:, None]
    rise = np.where(is_cut[:, None], (out - bench) / template.cut_slope, out / template.fill_slope)
    above = np.where(is_cut[:, None], diff, -diff) - np.maximum(rise, 0.0)
    met = (above <= 0) & (out >= bench)
    meets = met.any(axis=1)
    foot = (out >= bench).argmax(axis=1)
    first = np.where(meets, met.argmax(axis=1), foot)  # a wall ends the works where it stands
    before = np.arange(out.shape[1]) < np.where(meets, first, out.shape[1])[:, None]
    blind = np.asarray((np.isnan(above) & before).any(axis=1))
    area, moment = _positive(out[:, :-1], out[:, 1:], above[:, :-1], above[:, 1:])
    taken = np.arange(out.shape[1] - 1) < first[:, None]
    rows, last = np.arange(len(diff)), np.maximum(first - 1, 0)
    start, end = above[rows, last], above[rows, last + 1]
    inside = (first > 0) & meets & (start > 0)
    share = np.divide(start, start - end, out=np.ones_like(start), where=inside)
    stops = out[rows, last] + share * (out[rows, last + 1] - out[rows, last])
    return _Side(
        np.where(taken, area, 0).sum(axis=1),
        np.where(taken, moment, 0).sum(axis=1),
        np.asarray(is_cut),
        np.where(first > 0, stops, 0.0),
        np.where(meets, 0.0, np.abs(diff[rows, foot])),
        blind,
    )


def _positive(a: Floats, b: Floats, p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """Give area and moment about 0 of what lies above 0 of the line from (a, p) to (b, q)."""
    fall = np.where(p == q, 1.0, p - q)
    crossing = a + (b - a) * p / fall
    begin = np.where((p < 0) & (q > 0), crossing, a)
    end = np.where((p > 0) & (q < 0), crossing, b)
    high, low = np.maximum(p, 0), np.maximum(q, 0)
    area = (end - begin) * (high + low) / 2
    moment = (end - begin) / 6 * (high * (2 * begin + end) + low * (begin + 2 * end))
    return area, moment


def _refuse_blind(s: Floats, blind: NDArray[np.bool_]) -> None:
    if not blind.any():
        return
    starts = np.flatnonzero(blind & ~np.append(False, blind[:-1]))
    ends = np.flatnonzero(blind & ~np.append(blind[1:], False))
    problems = [
        Problem(
            row=f"{s[i]:.1f} – {s[j]:.1f} m",
            field="dem",
            found="NaN",
            remedy=Text("补充地形，或此处改用桥梁、隧道", "add terrain, or bridge or tunnel there"),
        )
        for i, j in zip(starts, ends, strict=True)
    ]
    raise GridError(Text("横断面内无地形数据", "no terrain under the works"), problems=problems)
