"""The legal road in plan that follows a path found on a grid.

Method: lines are fitted by least squares to stretches of the path of many lengths; a dynamic
programme over the path's vertices picks the lines and the curves between them that cost least:
length, offsets from the path beyond what snapping to cells explains, curves, tight radii. Every
curve has its radius, spirals and length within the limits and its tangents between the feet of its
two lines, so that the whole can be laid out. Half of a straight between two curves lies on either
side of a foot; instead of one the spirals of curves that turn opposite ways may meet in a foot
(S-curve), where the straight asked for is a matter of turning. Among all that is tried so, the
answer is the best.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.alignment.plan.bending import SHARP, Allowed, Bounds, Line, Shape, crossing, foot
from geo.alignment.plan.following import Course
from geo.alignment.plan.gates import gates
from geo.alignment.plan.joining import Steps, Task, join
from geo.alignment.plan.plan import Plan, from_intersections
from geo.alignment.values import Limits
from geo.errors import GeometryError, InfeasibleError, Problem
from geo.raster import Raster
from geo.words import Text

WINDOWS = (1, 2, 3, 5, 8, 13, 21, 34, 55)  # vertices on either side that a line is fitted to
TURNED = ((3, -0.08), (3, 0.08), (8, -0.04), (8, 0.04))
"""Windows whose lines are tried turned as well, by radians: legs of a hairpin may be parallel."""
NEAR = 12  # vertices: every jump up to here is tried, further ones in steps of a quarter

Floats = NDArray[np.float64]


def fit(
    path_xy: ArrayLike,
    limits: Limits,
    *,
    cell_m: float = 30.0,
    allowed: Raster | None = None,
    within_m: float = math.inf,
) -> Plan:
    """Lay a legal road in plan along a path.

    Parameters
    ----------
    path_xy
        Vertices x, y of the path in a metric CRS, shape (n, 2), from cell to cell as a search
        gives it. The road starts and ends where the path does.
    limits
        Of these `min_radius_m`, `min_spiral_m`, `min_curve_m`, `min_tangent_m`, `same_turn_m` and
        `opposite_turn_m` count, and `general_radius_m` as a wish.
    cell_m
        Side of the cells the path was found on: offsets up to 0.7 of it cost next to nothing.
    allowed
        Cells where the road may run (non-zero) in the CRS of the path; without it anywhere. The
        road keeps a sixteenth of a cell off all others, its ends too.
    within_m
        How far the path may lie off the road.

    Returns
    -------
    Plan
        On a straight path the straight line. Of equal costs an arbitrary but repeatable one.

    Raises
    ------
    GeometryError
        If the path has no length or is no list of points.
    InfeasibleError
        If nothing is found; it names the curve and the limit that binds.

    Examples
    --------
    A staircase of cells from (0, 0) to (400, 300) is a straight line of 500 m.

    >>> limits = Limits(0.08, 60, 35, 120, 450, 450, 35)
    >>> steps = np.linspace(0, 1, 41)[:, None] * (400, 300)
    >>> road = fit(np.round(steps / 25) * 25, limits, cell_m=25)
    >>> road.length_m, len(road.radii)
    (500.0, 0)
    """
    path = _path(path_xy)
    follow = _course(
        path, min(max(limits.min_radius_m, cell_m / 2), cell_m), float(cell_m), float(within_m)
    )
    origin = path.mean(axis=0)
    mask = _mask(allowed, origin)
    bounds = bounded(limits)
    local = follow._replace(x=follow.x - origin[0], y=follow.y - origin[1])
    lines = _lines(local)
    tried = Task(local, bounds, mask, gates(bounds))
    steps = _joined(tried, lines)
    ends = lines.shape[1] * tried.gates.free.size
    last = int(np.argmin(steps.cost[-ends:])) + steps.cost.size - ends
    if not np.isfinite(steps.cost[last]):
        raise InfeasibleError(
            Text("路径附近无合规平面线形", "no legal road in plan along the path"),
            problems=_binding(follow, _ways(tried, limits), lines, steps),
        )
    curves = _corners(lines.reshape(-1, 3), tried.gates.free.size, steps, last)
    points = np.concatenate([path[:1], curves.points + origin, path[-1:]])
    return from_intersections(points, radii=curves.radii, spirals=curves.spirals)


def bounded(limits: Limits) -> Bounds:
    """Give what curves keep to; where every two need a tangent between them, spirals never meet.

    Examples
    --------
    >>> bounded(Limits(0.06, 125, 50, 150, 0, 0, 0, same_turn_m=360, opposite_turn_m=120))[3:6]
    (360.0, 120.0, True)
    """
    tangent = float(limits.min_tangent_m)
    return Bounds(
        radius=float(max(limits.min_radius_m, 1)),
        spiral=float(limits.min_spiral_m),
        curve=float(limits.min_curve_m),
        same=max(tangent, float(limits.same_turn_m)),
        opposite=max(tangent, float(limits.opposite_turn_m)),
        meeting=tangent == 0 and limits.opposite_turn_m > 0,
        general=float(limits.general_radius_m),
    )


class _Curves(NamedTuple):
    """Points of intersection (n, 2), the radius of each, its spirals in and out."""

    points: Floats
    radii: list[float]
    spirals: list[tuple[float, float]]


def _joined(tried: Task, lines: Floats) -> Steps:
    return join(tried, lines, _jumps(tried.course.x.size))


def _path(path_xy: ArrayLike) -> Floats:
    path = np.array(path_xy, dtype=np.float64)
    if path.ndim != 2 or path.shape[1] != 2 or not np.isfinite(path).all():
        raise GeometryError(
            Text(
                f"路径须为 n×2 的有限坐标：{path.shape}",
                f"a path must be n × 2 finite numbers: {path.shape}",
            )
        )
    keep = np.append(True, np.hypot(*np.diff(path, axis=0).T) > 0)
    path = path[keep]
    if len(path) < 2:
        raise GeometryError(Text("路径无长度", "the path has no length"))
    return np.asarray(path)


def _course(path: Floats, step: float, cell: float, within: float) -> Course:
    """Give vertices at even distances along the path."""
    along = np.append(0.0, np.cumsum(np.hypot(*np.diff(path, axis=0).T)))
    count = max(2, round(along[-1] / step))
    at = np.linspace(0.0, along[-1], count + 1)
    x, y = np.interp(at, along, path[:, 0]), np.interp(at, along, path[:, 1])
    return Course(x, y, along[-1] / count, cell, within)


def _mask(allowed: Raster | None, origin: Floats) -> Allowed:
    if allowed is None:
        return Allowed(np.zeros((0, 0), dtype=np.bool_), 0.0, 0.0, 1.0)
    cells = allowed.valid & (allowed.values != 0)
    west, _, _, north = allowed.grid.bounds
    return Allowed(cells, west - origin[0], north - origin[1], allowed.grid.resolution)


def _jumps(count: int) -> NDArray[np.int64]:
    jumps = list(range(1, NEAR + 1))
    while jumps[-1] < count:
        jumps.append(math.ceil(jumps[-1] * 1.25))
    return np.array(jumps)


def _lines(course: Course) -> Floats:
    """Fit lines around every vertex: shape (vertices, lines, 3) of foot x, y and running heading.

    Lines at the two ends go through them, the last of each from end to end.
    """
    x, y = course.x, course.y
    n = x.size
    at = np.arange(n)
    running = _running(x, y)
    found = np.full((n, len(WINDOWS) + len(TURNED) + 1, 3), np.nan)
    for slot, width in enumerate(WINDOWS):
        low, high = np.maximum(at - width, 0), np.minimum(at + width, n - 1)
        mean_x, mean_y = _mean(x, low, high), _mean(y, low, high)
        mean_x[[0, -1]], mean_y[[0, -1]] = x[[0, -1]], y[[0, -1]]
        # About a point c: Σ (x − cx)(y − cy) / m = mean(xy) − cx mean(y) − cy mean(x) + cx cy
        xx = _mean(x * x, low, high) - 2 * mean_x * _mean(x, low, high) + mean_x**2
        yy = _mean(y * y, low, high) - 2 * mean_y * _mean(y, low, high) + mean_y**2
        xy = _mean(x * y, low, high) - mean_x * _mean(y, low, high)
        xy += mean_y * (mean_x - _mean(x, low, high))
        heading = np.arctan2(2 * xy, xx - yy) / 2
        heading += np.pi * np.round((running - heading) / np.pi)
        off = (x - mean_x) * np.cos(heading) + (y - mean_y) * np.sin(heading)
        found[:, slot, 0] = mean_x + off * np.cos(heading)
        found[:, slot, 1] = mean_y + off * np.sin(heading)
        found[:, slot, 2] = heading
        if width >= n:
            break
    for slot, (width, angle) in enumerate(TURNED, len(WINDOWS)):
        found[:, slot] = found[:, WINDOWS.index(width)] + (0.0, 0.0, angle)
    chord = math.atan2(y[-1] - y[0], x[-1] - x[0])
    for end in (0, n - 1):
        nearest = chord + 2 * np.pi * round((running[end] - chord) / (2 * np.pi))
        found[end, -1] = x[end], y[end], nearest
    return found


def _running(x: Floats, y: Floats) -> Floats:
    """Give the direction of the path at every vertex, running on past ±π."""
    at = np.arange(x.size)
    low, high = np.maximum(at - 2, 0), np.minimum(at + 2, x.size - 1)
    dx, dy = x[high] - x[low], y[high] - y[low]
    return np.asarray(np.unwrap(np.arctan2(dy, dx)))


def _mean(values: Floats, low: NDArray[np.int64], high: NDArray[np.int64]) -> Floats:
    total = np.append(0.0, np.cumsum(values))
    return np.asarray((total[high + 1] - total[low]) / (high + 1 - low))


def _corners(lines: Floats, many: int, steps: Steps, last: int) -> _Curves:
    """Go back from the last line, with so many gates a line, and gather the curves before it."""
    points, radii, spirals = [], [], []
    there = last
    while steps.before[there] >= 0:
        here, shape = int(steps.before[there]), Shape(*steps.curve[there].tolist())
        if shape.radius > 0:
            curve = _corner(Line(*lines[here // many]), Line(*lines[there // many]), shape)
            into, out = shape.into, shape.out
            points += curve[::-1]
            spirals += [(into, out)] if len(curve) == 1 else [(0.0, out), (into, 0.0)]
            radii += [shape.radius] * len(curve)
        there = here
    return _Curves(np.array(points[::-1]).reshape(-1, 2), radii[::-1], spirals[::-1])


def _corner(first: Line, last: Line, shape: Shape) -> list[Floats]:
    """Give the point of intersection of two lines; of a hairpin the two beside its middle."""
    radius, spiral = shape.radius, shape.into  # a hairpin has even ones
    turn = last.heading - first.heading
    near, _ = crossing(first, last)
    begin = np.array([first.x, first.y])
    ahead = np.array([math.cos(first.heading), math.sin(first.heading)])
    if abs(turn) <= SHARP:
        return [begin + near * ahead]
    side = math.copysign(1.0, turn)
    p, k = foot(radius, spiral)
    tangent = (radius + p) * math.tan(abs(turn) / 2) + k
    inward = side * np.array([-ahead[1], ahead[0]])
    centre = begin + (near - tangent + k) * ahead + (radius + p) * inward
    half = first.heading + turn / 2
    middle = centre + side * radius * np.array([math.sin(half), -math.cos(half)])
    tip = Line(float(middle[0]), float(middle[1]), half)
    return [
        begin + crossing(first, tip)[0] * ahead,
        middle + crossing(tip, last)[0] * np.array([math.cos(half), math.sin(half)]),
    ]


def _binding(follow: Course, ways: dict[str, Task], lines: Floats, steps: Steps) -> list[Problem]:
    """Say where no line goes on, and which limit, left out alone, would let one through.

    `follow` is the course in the coordinates of the path, `ways` what is tried without a limit,
    `steps` how far the road came with all.
    """
    reached = np.flatnonzero(np.isfinite(steps.cost))
    curve, there = 1, int(reached[-1])
    at = there * follow.x.size // steps.cost.size
    while steps.before[there] >= 0:
        curve += int(steps.curve[there, 0] > 0)
        there = int(steps.before[there])
    along, place = f"{at * follow.spacing:.0f} m", f"x {follow.x[at]:.0f}, y {follow.y[at]:.0f}"
    row = Text(
        f"曲线 {curve} · 沿路径 {along} · {place}",
        f"curve {curve} · along the path {along} · {place}",
    )
    binding = [name for name, way in ways.items() if _through(way, lines)]
    return [
        Problem(
            row=row,
            field=name,
            found=Text("无可行路线", "no road"),
            remedy=Text("放宽此项", "relax this limit"),
        )
        for name in binding
    ] or [
        Problem(
            row=row,
            field="; ".join(ways),
            found=Text("无可行路线", "no road"),
            remedy=Text("同时放宽几项限值", "relax several limits together"),
        )
    ]


def _ways(tried: Task, limits: Limits) -> dict[str, Task]:
    """Give what was tried with one limit left out each, or eased."""
    free = Allowed(np.zeros((0, 0), dtype=np.bool_), 0.0, 0.0, 1.0)
    radius = max(limits.min_radius_m, 1.0)
    eased: dict[str, dict[str, Any]] = {
        "min_tangent_m": {"min_tangent_m": 0.0},
        "same_turn_m": {"same_turn_m": 0.0},
        "opposite_turn_m": {"opposite_turn_m": 0.0},
        "same_turn_m, opposite_turn_m": {"same_turn_m": 0.0, "opposite_turn_m": 0.0},
        "min_curve_m": {"min_curve_m": 0.0},
        "min_spiral_m": {"min_spiral_m": 0.0},
        "min_radius_m": {"min_radius_m": radius / 2},
        "min_radius_m, min_spiral_m": {"min_radius_m": radius / 4, "min_spiral_m": 0.0},
    }
    bounds = {
        names: bounded(replace(limits, **given))
        for names, given in eased.items()
        if any(getattr(limits, name) > figure for name, figure in given.items())
    }
    return {
        "allowed": tried._replace(allowed=free),
        "within_m": tried._replace(course=tried.course._replace(within=math.inf)),
        **{n: tried._replace(bounds=one, gates=gates(one)) for n, one in bounds.items()},
    }


def _through(tried: Task, lines: Floats) -> bool:
    """Say whether a road gets to the end."""
    ends = lines.shape[1] * tried.gates.free.size
    return bool(np.isfinite(_joined(tried, lines).cost[-ends:]).any())
