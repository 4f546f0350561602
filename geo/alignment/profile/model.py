"""The profile problem as a mixed-integer linear program.

Cost of earthwork is convex in the height of the line above ground, a quadratic on either side. It
stands in the program as tangents, which are never above it: the program's bound is a bound for the
true cost. Between two tangents touching δ apart the area lacks at most (side slope) × (δ / 2)².
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geo.alignment.profile.climbs import Leg
from geo.alignment.profile.cost import base_prices, section_prices
from geo.alignment.profile.program import Columns, Program
from geo.alignment.profile.reliefs import Climbing, add_climbs
from geo.alignment.profile.verticals import (
    Anchor,
    Grid,
    Stretch,
    along,
    envelope,
    line_weights,
)
from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Costs, Fixed, Floats, Limits

PIECES = 6  # tangents on either side of the ground
TINY = 1e-6  # m: a height below it is rounding
UNIT = 1e-3  # the program counts in thousands of yuan
CLOSE = np.array([-0.05, 0.0, 0.05])  # m: further tangents about a known line
Kinds = NDArray[np.bool_]


class Task(NamedTuple):
    """A profile problem: ground at chainages s, the grid of PVIs, what is asked and paid.

    `stretches` break mean grades if not held, `legs` lengths of grades; `runs` are stretches that
    reliefs keep from rising more, given the steepest grade. Met so far, they grow.
    `extra` is what intervals cost on top by their kind, yuan; shape (n − 1, 3), or (1, 3) for all.
    `least` and `most` are heights between which the line lies at stations, by the kind of the
    intervals that touch them; shape (n, 3), or (1, 3) for all.
    """

    s: Floats
    ground: Floats
    grid: Grid
    limits: Limits
    costs: Costs
    fixed: Fixed
    stretches: list[Stretch]
    legs: set[Leg]
    runs: list[Stretch]
    extra: Floats = np.zeros((1, 3))
    least: Floats = np.full((1, 3), -np.inf)
    most: Floats = np.full((1, 3), np.inf)


class Box(NamedTuple):
    """Lowest and highest height of each PVI; what each interval may be, shape (n − 1, 3)."""

    low: Floats
    high: Floats
    kinds: Kinds


class Model(NamedTuple):
    """A program, its columns of PVI heights and of the kinds of intervals, shape (n − 1, 3)."""

    program: Program
    heights: Columns
    kinds: Columns


def everything(task: Task) -> Kinds:
    """Give the kinds that each interval may be by where it lies."""
    return np.isfinite(task.extra) & np.ones((task.s.size - 1, 3), dtype=np.bool_)


def above(task: Task, box: Box) -> tuple[Floats, Floats]:
    """Give the lowest and highest height of the line above ground at each station."""
    low, high = (task.grid.weights @ edge - task.ground for edge in (box.low, box.high))
    return np.where(np.abs(low) < TINY, 0.0, low), np.where(np.abs(high) < TINY, 0.0, high)


def above_by_kind(task: Task, box: Box) -> tuple[Floats, Floats]:
    """Give the same by the kind of the intervals about it, shape (n, 3); what is crossed counts.

    Where the lowest is above the highest there is no height for the kind.
    """
    low, high = above(task, box)
    ground = task.ground[:, None]
    least, most = np.maximum(low[:, None], task.least - ground), task.most - ground
    return least, np.minimum(high[:, None], most)


def possible_kinds(task: Task, box: Box) -> Kinds:
    """Give which kinds each interval can be, by the heights in a box."""
    low, high = above_by_kind(task, box)
    limits = task.limits
    highest = np.array([limits.max_fill_m, np.inf, 0.0])
    lowest = np.array([-limits.max_cut_m, 0.0, -np.inf])
    at = (low <= highest + TINY) & (high >= lowest - TINY) & (low <= high + TINY)
    at &= np.array([True, limits.max_bridge_m > 0, limits.max_tunnel_m > 0])
    return np.asarray(box.kinds & at[1:] & at[:-1])


def held(task: Task, box: Box) -> Box:
    """Narrow a box to where the line passes stations between the heights that are left there.

    At a station the line lies no lower than the kinds allow that either interval about it may be.
    """
    n = task.s.size
    least, most = (np.broadcast_to(bound, (n, 3)) for bound in (task.least, task.most))
    if not (np.isfinite(least).any() or np.isfinite(most).any()):
        return box
    kinds = box.kinds
    low, high = np.full(n, -np.inf), np.full(n, np.inf)
    for side in (slice(None, -1), slice(1, None)):
        low[side] = np.maximum(low[side], np.where(kinds, least[side], np.inf).min(axis=1))
        high[side] = np.minimum(high[side], np.where(kinds, most[side], -np.inf).max(axis=1))
    some = np.flatnonzero(np.isfinite(low) | np.isfinite(high))
    points = [Anchor(*(float(v[k]) for v in (task.s, low, high))) for k in some]
    edges = envelope(task.grid, points, task.limits.max_grade, task.limits)
    lowest = np.minimum(np.maximum(box.low, edges.low), box.high)
    return box._replace(low=lowest, high=np.maximum(np.minimum(box.high, edges.high), lowest))


def model(task: Task, box: Box, near: Floats | None = None) -> Model:
    """Build the program of least cost within a box, most exact near a known line if there is one.

    Between stations an interval is one of earth, bridge and tunnel; the height above ground at
    either end is split into the parts of the three kinds, of which only the chosen one's is not 0.
    """
    program = Program()
    heights = program.columns(0, box.low, box.high)
    add_line(program, task, heights, {})
    y = _above_columns(program, task, heights, above(task, box))
    low, high = above_by_kind(task, box)
    length = np.diff(task.s)
    extra = np.where(np.isfinite(task.extra), task.extra, 0.0)  # kinds that may not be are shut
    price = (base_prices(task.costs)[None, :] * length[:, None] + extra) * UNIT
    kinds = program.columns(price, 0, box.kinds.astype(float), whole=True)
    program.rows([(kinds, 1)], 1, 1)
    add_structures(program, task, kinds)
    for shift in (0, 1):
        at = np.arange(length.size) + shift
        half = length / 2 * UNIT
        earth, bridge, tunnel = (kinds[:, k] for k in (EARTH, BRIDGE, TUNNEL))
        parts: list[tuple[Columns, float]] = []
        price_of = section_prices(task.costs)
        known = None if near is None else (near - task.ground)[at]
        sides = (
            (
                -1.0,
                (price_of.cut, price_of.cut_square),
                -high[at, EARTH],
                np.minimum(task.limits.max_cut_m, -low[at, EARTH]),
            ),
            (
                1.0,
                (price_of.fill, price_of.fill_square),
                low[at, EARTH],
                np.minimum(task.limits.max_fill_m, high[at, EARTH]),
            ),
        )
        for sign, prices, nearest, farthest in sides:
            most = np.maximum(farthest, 0)
            least = np.clip(nearest, 0, most)
            width, slope = _pieces(prices, (least, most), None if known is None else sign * known)
            part = program.columns(slope * half[:, None], 0, width)
            program.rows([(part, 1), (earth, -most)], -np.inf, 0)
            program.rows([(part, 1), (earth, -least)], 0, np.inf)
            parts.append((part, sign))
        top, bottom = np.maximum(high[at, BRIDGE], 0), np.minimum(low[at, TUNNEL], 0)
        up = program.columns(task.costs.bridge_height_yuan_m2 * half, 0, top)
        down = program.columns(0, bottom, 0)
        program.rows([(up, 1), (bridge, -top)], -np.inf, 0)
        program.rows([(up, 1), (bridge, -np.maximum(low[at, BRIDGE], 0))], 0, np.inf)
        program.rows([(down, 1), (tunnel, -bottom)], 0, np.inf)
        program.rows([(down, 1), (tunnel, -np.minimum(high[at, TUNNEL], 0))], -np.inf, 0)
        program.rows([*parts, (up, 1), (down, 1), (y[at], -1)], 0, 0)
    return Model(program, heights, kinds)


def feasibility(
    task: Task,
    box: Box,
    slack: Mapping[str, float],
) -> tuple[Model, dict[str, Columns]]:
    """Build the program without costs, limits named in `slack` softened at a price.

    Names are those of `Limits`; the unit of each softening is that of `add_line`.
    """
    program = Program()
    heights = program.columns(0, box.low, box.high)
    soft = {name: program.columns(price, 0, np.inf) for name, price in slack.items()}
    add_line(program, task, heights, soft)
    low, high = above(task, box)
    y = _above_columns(program, task, heights, (low, high))
    kinds = program.columns(0, np.zeros((task.s.size - 1, 3)), box.kinds, whole=True)
    program.rows([(kinds, 1)], 1, 1)
    add_structures(program, task, kinds)
    for shift in (0, 1):
        at = np.arange(task.s.size - 1) + shift
        earth, bridge, tunnel = (kinds[:, k] for k in (EARTH, BRIDGE, TUNNEL))
        most = np.minimum(task.limits.max_fill_m, np.maximum(high[at], 0))
        deep = np.minimum(task.limits.max_cut_m, np.maximum(-low[at], 0))
        top, bottom = np.maximum(high[at], 0), np.minimum(low[at], 0)
        fill = [(soft[n], -1) for n in ("max_fill_m",) if n in soft]
        cut = [(soft[n], 1) for n in ("max_cut_m",) if n in soft]
        program.rows([(y[at], 1), (earth, top - most), *fill], -np.inf, top)
        program.rows([(y[at], 1), (earth, bottom + deep), *cut], bottom, np.inf)
        program.rows([(y[at], 1), (bridge, bottom)], bottom, np.inf)
        program.rows([(y[at], 1), (tunnel, top)], -np.inf, top)
        _between(program, task, (y, kinds), (low, high), at)
    return Model(program, heights, kinds), soft


def _between(
    program: Program,
    task: Task,
    line: tuple[Columns, Columns],
    ends: tuple[Floats, Floats],
    at: NDArray[np.int64],
) -> None:
    """Add the heights that what is crossed leaves to each kind, at one end of every interval.

    `line`: columns of heights above ground and of kinds; `ends`: lowest and highest such heights.
    """
    y, kinds = line
    ground = task.ground[:, None]
    for bound, sign, end in ((task.least, 1.0, ends[0]), (task.most, -1.0, -ends[1])):
        height = sign * (np.broadcast_to(bound, (task.s.size, 3)) - ground)
        for kind in (EARTH, BRIDGE, TUNNEL):
            some = np.flatnonzero(np.isfinite(height[at, kind]))
            if some.size:
                wanted = height[at, kind][some]
                free = np.minimum(end[at][some], wanted)  # what holds for every other kind
                terms = [(y[at][some], sign), (kinds[some, kind], free - wanted)]
                program.rows(terms, free, np.inf)


def add_line(
    program: Program,
    task: Task,
    heights: Columns,
    soft: Mapping[str, Columns],
) -> None:
    """Add grades and their lengths, vertical curves, mean grades and fixed points.

    Softening: `max_grade` by a grade, `min_vertical_radius_m` and
    `min_sag_radius_m` by a curvature in 1/m, `max_cut_m` and `max_fill_m` elsewhere by metres.
    """
    p, limits, fixed = task.grid.spacing, task.limits, task.fixed
    first, last = heights[:-1], heights[1:]
    rise = [(last, 1.0), (first, -1.0)]
    fall = [(cols, -factor) for cols, factor in rise]
    for way in (rise, fall):
        most = limits.max_grade * p
        program.rows([*way, *_softening(soft, "max_grade", p)], -np.inf, most)
    if heights.size > 2:
        bend = [(heights[:-2], 1.0), (heights[1:-1], -2.0), (heights[2:], 1.0)]
        for name, sign in (("min_sag_radius_m", 1.0), ("min_vertical_radius_m", -1.0)):
            radius = getattr(limits, name)
            most = p * p / radius if radius > 0 else np.inf
            terms = [(cols, sign * factor) for cols, factor in bend]
            program.rows([*terms, *_softening(soft, name, p * p)], -np.inf, most)
    climbing = Climbing(p, limits, task.legs, fixed.climbed)
    add_climbs(program, heights, climbing, eased="max_grade" in soft)
    held = [*task.stretches, *([] if "max_grade" in soft else task.runs)]
    if held:
        start, stop, most = np.array(held).T
        rows = along(task.grid, stop) - along(task.grid, start)
        program.matrix(sparse.csr_array(rows), heights, -most, most)
    for grade, leg in ((fixed.start_grade, slice(0, 1)), (fixed.end_grade, slice(-1, None))):
        if grade is not None:
            program.rows([(last[leg], 1.0), (first[leg], -1.0)], grade * p, grade * p)
    if fixed.via:
        at, z = np.array(fixed.via).T
        program.matrix(line_weights(task.grid.nodes, at), heights, z, z)


def add_structures(program: Program, task: Task, kinds: Columns) -> None:
    """Add longest and shortest lengths of single bridges and tunnels."""
    s, limits = task.s, task.limits
    n = s.size - 1
    for kind, most in ((BRIDGE, limits.max_bridge_m), (TUNNEL, limits.max_tunnel_m)):
        column = kinds[:, kind]
        for i in range(n if np.isfinite(most) else 0):
            stop = int(np.searchsorted(s, s[i] + most + 1e-6, side="right"))
            if stop <= n:
                run = column[i:stop][None, :]
                program.rows([(run, 1)], -np.inf, stop - i - 1)
        for i in range(n if limits.min_structure_m > 0 else 0):
            stop = int(np.searchsorted(s, s[i] + limits.min_structure_m - TINY))
            begins = [(column[i : i + 1], 1.0)]
            begins += [(column[i - 1 : i], -1.0)] if i else []
            if stop > n:
                program.rows(begins, -np.inf, 0)
            for k in range(i + 1, min(stop, n)):
                program.rows([*begins, (column[k : k + 1], -1.0)], -np.inf, 0)


def _above_columns(
    program: Program, task: Task, heights: Columns, limits: tuple[Floats, Floats]
) -> Columns:
    y = program.columns(
        0, limits[0] - 1, limits[1] + 1
    )  # held by its row; tight bounds upset HiGHS
    matrix = sparse.hstack([task.grid.weights, -sparse.eye_array(y.size)], format="csr")
    program.matrix(matrix, np.concatenate([heights, y]), task.ground, task.ground)
    return y


def _softening(
    soft: Mapping[str, Columns], name: str, factor: float
) -> list[tuple[Columns, float]]:
    return [(soft[name], -factor)] if name in soft else []


def _pieces(
    prices: tuple[float, float], ends: tuple[Floats, Floats], near: Floats | None
) -> tuple[Floats, Floats]:
    """Give widths and slopes of tangents to linear × y + quadratic × y² from 0 to `most`.

    The first piece leads to `least`, below which the chosen kind does not go; shape
    (n, pieces).
    """
    (linear, quadratic), (least, most) = prices, ends
    power = np.where(least > 0, 1.0, 1.5)[:, None]
    share = (np.arange(PIECES) / (PIECES - 0.5)) ** power
    touch = least[:, None] + (most - least)[:, None] * share
    if near is not None:
        close = np.clip(near[:, None] + CLOSE, least[:, None], most[:, None])
        touch = np.sort(np.column_stack([touch, close]), axis=1)
    middle = (touch[:, 1:] + touch[:, :-1]) / 2
    edges = np.column_stack([np.zeros_like(least), least, middle, most])
    slope = np.column_stack([linear + quadratic * least, linear + 2 * quadratic * touch])
    return np.diff(edges, axis=1), slope
