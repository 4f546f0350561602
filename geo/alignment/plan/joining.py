"""Joining straight lines by legal curves along a path: the compiled dynamic programme of the fit.

A state is a line through the neighbourhood of one vertex with a gate: what the curve before leaves
to the next one. A step leads from a line at vertex i to a line at a later vertex j: straight on, or
by one curve (spiral, arc, spiral) whose tangents end between the two feet. So tangents of
neighbouring curves never overlap, and costs add up.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.alignment.plan.bending import (
    Allowed,
    Bounds,
    Line,
    Shape,
    crossing,
    curve_open,
    laid,
    open_along,
    radii,
    tangents,
)
from geo.alignment.plan.following import FREE, Corner, Course, bent_cost, straight_cost, wished
from geo.alignment.plan.gates import Gates
from geo.alignment.plan.meeting import even, uneven

Floats = NDArray[np.float64]

MOST_TURN = 5.2  # radians: no hairpin turns more (298°)
LEAST_TURN = 1e-3  # radians: lines closer than that are not worth a curve
STRAIGHT = 1e-9  # radians: lines of one heading
ONE_LINE = 1e-6  # m: and of one course
LENGTH = 0.3  # a m of road; other costs are in the same unit
A_CURVE, A_RADIAN = 2.0, 1.0  # cells a curve, and a radian turned at the least radius
WISH = 0.25  # m of road more: what a m of curve below the general radius counts as
"""A planner's weight, unverified: no rule says what the wish for the general radius is worth."""
KNOWN = 40  # curves between two lines: 16 pairs of gates, three radii for each without exact ends
RADIUS, INTO, OUT, COST, STOP = range(5)  # of a curve that is remembered


class Task(NamedTuple):
    """What lines are joined along, and what the road keeps to."""

    course: Course
    bounds: Bounds
    allowed: Allowed
    gates: Gates


class Pair(NamedTuple):
    """Two lines, the vertices they belong to, the ways from their feet to the corner, the turn."""

    first: Line
    last: Line
    span: tuple[int, int]
    legs: tuple[float, float]
    turn: float


class Steps(NamedTuple):
    """Least cost of each state, the state it comes from (flat index), and the curve between.

    States run through vertices, lines, gates; `curve` is radius, spiral in and out; 0: none.
    """

    cost: Floats
    before: NDArray[np.int64]
    curve: Floats


@njit(cache=True)
def paired(first: Line, last: Line, span: tuple[int, int]) -> Pair:
    """Put two lines together; the turn is 0 where they are one, missing where no curve fits."""
    turn = abs(last.heading - first.heading)
    if turn < STRAIGHT:
        return Pair(first, last, span, (0.0, 0.0), 0.0)
    if LEAST_TURN < turn < MOST_TURN and abs(turn - math.pi) > LEAST_TURN:
        return Pair(first, last, span, crossing(first, last), turn)
    return Pair(first, last, span, (0.0, 0.0), math.nan)


@njit(cache=True)
def straight(task: Task, pair: Pair, stop: float) -> float:
    """Give the cost of going on along one line; infinite where the two are not one."""
    first, last = pair.first, pair.last
    c, s = math.cos(first.heading), math.sin(first.heading)
    dx, dy = last.x - first.x, last.y - first.y
    length = dx * c + dy * s
    if length < 0 or abs(dy * c - dx * s) > ONE_LINE:
        return math.inf
    cost = LENGTH * length
    cost += straight_cost(task.course, pair.span, first, stop - cost)
    allowed = task.allowed
    if cost < stop and allowed.cells.shape[0] and not open_along(allowed, first, length, 0.0, 0.0):
        return math.inf
    return float(cost)


@njit(cache=True)
def bent(task: Task, pair: Pair, shape: Shape, stop: float) -> float:
    """Give the cost of a curve between two lines; infinite from `stop` on or where none may run."""
    first, last, legs, bounds = pair.first, pair.last, pair.legs, task.bounds
    begin, end = tangents(pair.turn, shape)
    bow = shape.radius * pair.turn + (shape.into + shape.out) / 2
    dear = 1 + WISH if shape.radius < bounds.general else 1.0
    cost = LENGTH * (legs[0] + legs[1] - begin - end + dear * bow)
    cost += task.course.cell * (A_CURVE + A_RADIAN * pair.turn * bounds.radius / shape.radius)
    if cost >= stop:
        return math.inf
    curve = laid(first, last, legs, shape)
    cost += bent_cost(task.course, pair.span, curve, stop - cost)
    free = task.allowed.cells.shape[0] == 0
    if cost < stop and (free or curve_open(task.allowed, first, last, legs, curve)):
        return cost
    return math.inf


@njit(cache=True)
def wide(task: Task, pair: Pair, kept: tuple[float, float]) -> tuple[float, float, float]:
    """Give radii worth a try where so many metres are kept free at the feet; 0: none."""
    room = min(pair.legs[0] - kept[0], pair.legs[1] - kept[1])
    least, most = radii(pair.turn, room, task.bounds)
    if least <= 0:
        return 0.0, 0.0, 0.0
    first, last, general = pair.first, pair.last, task.bounds.general
    c1, s1 = math.cos(first.heading), math.sin(first.heading)
    c2, s2 = math.cos(last.heading), math.sin(last.heading)
    corner = Corner(first.x + pair.legs[0] * c1, first.y + pair.legs[0] * s1, c1, s1, c2, s2)
    through = wished(task.course, pair.span, corner, pair.turn, task.bounds.spiral)
    wider = through + FREE * task.course.cell / abs(1 / math.cos(pair.turn / 2) - 1)
    near, far = min(most, max(least, through)), min(most, max(least, wider))
    return near, (far if far != near else 0.0), (general if near < general <= most else 0.0)


@njit(cache=True)
def meeting(task: Task, pair: Pair, way: tuple[int, int]) -> Shape:
    """Give the curve between gates of which one or both lie at its very end; radius 0: none."""
    near, far = pair.legs
    free, meets = task.gates.free, task.gates.meets
    if meets[way[0]] and meets[way[1]]:
        return uneven(pair.turn, near, far, task.bounds)
    shape = even(pair.turn, near if meets[way[0]] else far, task.bounds)
    if shape.radius > 0:
        begin, end = tangents(pair.turn, shape)
        if near - begin < free[way[0]] or far - end < free[way[1]]:
            return Shape(0.0, 0.0, 0.0)
    return shape


@njit(cache=True)
def _known(task: Task, pair: Pair, shape: Shape, stop: float, known: Floats) -> float:
    """Give the cost of a curve, of which `known` remembers what was found before for the pair."""
    for n in range(KNOWN):
        row = known[n]
        same = row[RADIUS] == shape.radius and row[INTO] == shape.into and row[OUT] == shape.out
        if same and (row[COST] < math.inf or row[STOP] >= stop):
            return float(row[COST])
        if same or row[RADIUS] == 0:
            row[RADIUS], row[INTO], row[OUT] = shape
            row[COST], row[STOP] = bent(task, pair, shape, stop), stop
            if not same and n + 1 < KNOWN:
                known[n + 1, RADIUS] = 0.0
            return float(row[COST])
    return bent(task, pair, shape, stop)


@njit(cache=True)
def turned(
    task: Task, pair: Pair, way: tuple[int, int], stop: float, known: Floats
) -> tuple[float, Shape]:
    """Give the least cost of one curve through two gates, below `stop`, and the curve."""
    if task.gates.meets[way[0]] or task.gates.meets[way[1]]:
        shape = meeting(task, pair, way)
        if shape.radius == 0:
            return math.inf, shape
        return _known(task, pair, shape, stop, known), shape
    best, chosen, spiral = math.inf, Shape(0.0, 0.0, 0.0), task.bounds.spiral
    for radius in wide(task, pair, (task.gates.free[way[0]], task.gates.free[way[1]])):
        if radius > 0:
            shape = Shape(radius, spiral, spiral)
            cost = _known(task, pair, shape, min(stop, best), known)
            if cost < best:
                best, chosen = cost, shape
    return best, chosen


@njit(cache=True, nogil=True)
def join(task: Task, lines: Floats, jumps: NDArray[np.int64]) -> Steps:
    """Give the cheapest way to every state from the lines at vertex 0.

    Parameters
    ----------
    task
        The path, and what the road must keep to.
    lines
        x, y of the foot and running heading of each line, shape (n, k, 3); NaN: no line.
    jumps
        Numbers of vertices that one step may cover; the last vertex is tried from everywhere.
    """
    n, k = lines.shape[:2]
    many = task.gates.free.size
    cost, before = np.full(n * k * many, math.inf), np.full(n * k * many, -1)
    states = Steps(cost, before, np.zeros((n * k * many, 3)))
    for line in range(k):  # a loop: numba compiles seconds of words on shapes with a slice
        cost[(line + 1) * many - 1] = math.inf if np.isnan(lines[0, line, 0]) else 0.0
    known = np.zeros((KNOWN, 5))
    for j in range(1, n):
        # Near vertices first: they give costs that far ones seldom beat.
        for jump in jumps[jumps <= j] if j < n - 1 else np.arange(1, n):
            i = j - jump
            for lot in range(k * k):
                a, b = lot // k, lot % k
                at = ((i * k + a) * many, (j * k + b) * many)
                if cost[at[0] : at[0] + many].min() == math.inf:
                    continue
                first = Line(lines[i, a, 0], lines[i, a, 1], lines[i, a, 2])
                last = Line(lines[j, b, 0], lines[j, b, 1], lines[j, b, 2])
                pair = paired(first, last, (i, j))
                if pair.turn == 0:
                    _go_on(task, pair, states, at)
                elif pair.turn > 0 and radii(pair.turn, min(pair.legs), task.bounds)[0] > 0:
                    _turn(task, pair, states, at, known)
    return states


@njit(cache=True)
def _go_on(task: Task, pair: Pair, states: Steps, at: tuple[int, int]) -> None:
    """Go on along one line, through every gate but where spirals meet."""
    meets, cost = task.gates.meets, states.cost
    stop = -math.inf
    for gate in range(meets.size):
        if cost[at[0] + gate] < math.inf and not meets[gate]:
            stop = max(stop, cost[at[1] + gate] - cost[at[0] + gate])
    step = straight(task, pair, stop) if stop > 0 else math.inf
    for gate in range(meets.size):
        reached = cost[at[0] + gate] + step
        if reached < cost[at[1] + gate] and not meets[gate]:
            cost[at[1] + gate], states.before[at[1] + gate] = reached, at[0] + gate
            states.curve[at[1] + gate] = 0.0


@njit(cache=True)
def _turn(task: Task, pair: Pair, states: Steps, at: tuple[int, int], known: Floats) -> None:
    """Lay a curve through every two gates that are open to it."""
    gates, cost = task.gates, states.cost
    apart = LENGTH * math.hypot(pair.last.x - pair.first.x, pair.last.y - pair.first.y)
    side = 0 if pair.last.heading > pair.first.heading else 1
    none = gates.free.size - 1
    ends = pair.span[1] == task.course.x.size - 1
    known[0, RADIUS] = 0.0
    for into in gates.before[side]:
        here = at[0] + into
        for out in gates.after[side, :1] if ends else gates.after[side]:
            way = (into, none if ends else out)
            there = at[1] + way[1]
            stop = cost[there] - cost[here]
            if cost[here] < math.inf and apart < stop:
                step, shape = turned(task, pair, way, stop, known)
                if step < stop:
                    cost[there], states.before[there] = cost[here] + step, here
                    states.curve[there, 0], states.curve[there, 1] = shape.radius, shape.into
                    states.curve[there, 2] = shape.out
