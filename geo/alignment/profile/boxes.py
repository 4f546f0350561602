"""Bounds on the cost of profiles by dynamic programming over boxes of heights.

The height of every PVI is cut into boxes `width` metres high. A chain of boxes costs at least what
the cheapest line through them costs, and that is at least the sum over intervals of the least cost
over the heights that three neighbouring boxes leave to either end. Grades and vertical curves hold
within the slack of the boxes; mean grades, vias and lengths of structures are left out: the result
is a bound. Whatever costs more than a known profile is cut off: boxes, and kinds of intervals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.alignment.profile.cost import base_prices, section_prices
from geo.alignment.profile.model import Box, Task
from geo.alignment.profile.sweeps import (
    ROUNDING,
    Column,
    Integers,
    Kept,
    Prices,
    Stage,
    Tables,
    Trio,
    best_step,
    sweep_backward,
    sweep_forward,
)
from geo.alignment.profile.verticals import along, line_weights
from geo.alignment.values import Floats


class Boxes(NamedTuple):
    """Boxes of PVI k: numbers first[k] … first[k] + size[k] − 1, box b from b × width up.

    `steps` is the greatest difference of neighbours' numbers; `sag` and `crest` are the greatest
    second differences, as numbers of boxes.
    """

    width: float
    first: Integers
    size: Integers
    steps: int
    sag: int
    crest: int


class Bounds(NamedTuple):
    """Least cost to the end of every pair of boxes, by stage; the least of all."""

    ahead: list[Floats]
    least: float


def boxed(task: Task, box: Box, steps: int) -> Boxes:
    """Lay boxes over the heights of a box, as high as makes the steepest leg `steps` of them.

    So no leg passes more than `steps`, and however long a chain, it is no steeper than the line.
    """
    width = task.limits.max_grade * task.grid.spacing / steps
    first = np.floor((box.low - ROUNDING) / width).astype(np.int64)
    last = np.floor((box.high + ROUNDING) / width).astype(np.int64)
    p, limits = task.grid.spacing, task.limits
    radii = (limits.min_sag_radius_m, limits.min_vertical_radius_m)
    sag, crest = (int(min(p * p / r / width + 2, 4 * steps)) if r > 0 else 4 * steps for r in radii)
    return Boxes(width, first, last - first + 1, steps, sag, crest)


def effort(task: Task, boxes: Boxes) -> float:
    """Give the number of heights of stations that one sweep looks at."""
    return float(np.mean(boxes.size) * (2 * boxes.steps + 1) ** 2 * task.s.size)


def stages(task: Task, box: Box) -> list[Stage]:
    """Cut the line into the stretches about its inner PVIs."""
    s, nodes, p = task.s, task.grid.nodes, task.grid.spacing
    middle = (s[1:] + s[:-1]) / 2
    inner = nodes.size - 2
    owner = np.clip(np.rint((middle - nodes[0]) / p).astype(np.int64), 1, inner)
    start = np.searchsorted(owner, np.arange(1, inner + 2))
    tangents, curved = along(task.grid, s), line_weights(nodes, s)
    radius = min(task.limits.min_sag_radius_m, task.limits.min_vertical_radius_m)
    bend = min(2 * task.limits.max_grade, p / radius if radius > 0 else np.inf)
    away = np.abs(s - nodes[np.rint((s - nodes[0]) / p).astype(np.int64)])
    lift = np.maximum(p / 2 - away, 0) ** 2 / (2 * p) * bend
    base = base_prices(task.costs) * np.diff(s)[:, None] + task.extra
    base = np.where(box.kinds, base, np.inf)
    found = []
    for k in range(1, inner + 1):
        a, b = int(start[k - 1]), int(start[k])
        at = np.arange(a, b + 1) if b > a else np.arange(0)
        three = np.arange(k - 1, k + 2)
        full, straight = (m[at][:, three].toarray() for m in (curved, tangents))
        exact = np.isclose(full.sum(axis=1), 1)
        leg = np.isclose(straight.sum(axis=1), 1)
        slack = np.where(exact, 0.0, np.where(leg, lift[at], np.inf))
        rows = np.where(exact[:, None], full, straight)
        half = np.diff(s)[a:b] / 2
        found.append(Stage(rows, slack, task.ground[at], half, base[a:b], a))
    return found


def backward(task: Task, boxes: Boxes, parts: list[Stage]) -> Bounds:
    """Sweep from the end: the least cost ahead of every pair of neighbouring boxes."""
    prices = _prices(task)
    steps = 2 * boxes.steps + 1
    ahead = [np.zeros((int(boxes.size[-2]), steps))]
    ahead[0][~_inside(boxes, len(parts))] = np.inf
    for k in range(len(parts), 0, -1):
        here = np.full((int(boxes.size[k - 1]), steps), np.inf)
        sweep_backward(here, ahead[-1], _trio(boxes, k), parts[k - 1], prices)
        ahead.append(here)
    ahead.reverse()
    return Bounds(ahead, float(ahead[0].min()))


def likely(task: Task, boxes: Boxes, parts: list[Stage], bounds: Bounds) -> Floats:
    """Give the middles of the boxes of a chain of least bound, one for each PVI."""
    prices = _prices(task)
    a, step = divmod(int(np.argmin(bounds.ahead[0])), bounds.ahead[0].shape[1])
    first = a + int(boxes.first[0])
    numbers = [first, first + step - boxes.steps]
    for k in range(1, len(parts) + 1):
        a = numbers[-2] - int(boxes.first[k - 1])
        step = numbers[-1] - numbers[-2] + boxes.steps
        best = best_step(a, step, bounds.ahead[k], _trio(boxes, k), parts[k - 1], prices)
        numbers.append(numbers[-1] + int(best) - boxes.steps)
    return (np.array(numbers) + 0.5) * boxes.width


def prune(
    task: Task, box: Box, boxes: Boxes, parts: list[Stage], bounds: Bounds, most: float
) -> Box:
    """Cut off what cannot be part of a profile that costs at most so much."""
    prices = _prices(task)
    alive = np.stack([boxes.size, np.full(boxes.size.size, -1)], axis=1)
    kinds = np.zeros(box.kinds.shape, dtype=np.bool_)
    behind = np.where(_inside(boxes, 0), 0.0, np.inf)
    for k in range(1, len(parts) + 1):
        part = parts[k - 1]
        after = np.full(bounds.ahead[k].shape, np.inf)
        here = np.zeros((part.half.size, 3), dtype=np.bool_)
        tables = Tables(behind, after, bounds.ahead[k])
        kept = Kept(alive[k - 1 : k + 2], here, float(most))
        sweep_forward(tables, kept, _trio(boxes, k), part, prices)
        kinds[part.begin : part.begin + part.half.size] = here
        behind = after
    low = np.maximum(box.low, (boxes.first + alive[:, 0]) * boxes.width)
    high = np.minimum(box.high, (boxes.first + alive[:, 1] + 1) * boxes.width)
    return Box(low, np.maximum(low, high), kinds & box.kinds)


def _inside(boxes: Boxes, k: int) -> NDArray[np.bool_]:
    number = boxes.first[k] + np.arange(boxes.size[k])[:, None]
    after = number + np.arange(-boxes.steps, boxes.steps + 1)[None, :] - boxes.first[k + 1]
    return np.asarray((after >= 0) & (after < boxes.size[k + 1]))


def _trio(boxes: Boxes, k: int) -> Trio:
    """Give the boxes about an inner PVI, in numbers of one kind: others would be compiled anew."""
    before, here, after = (
        Column(int(boxes.first[i]), int(boxes.size[i])) for i in (k - 1, k, k + 1)
    )
    return Trio(before, here, after, boxes.steps, boxes.sag, boxes.crest, float(boxes.width))


def _prices(task: Task) -> Prices:
    limits = task.limits
    height = float(task.costs.bridge_height_yuan_m2)
    deepest, highest = float(limits.max_cut_m), float(limits.max_fill_m)
    return Prices(*section_prices(task.costs), height, deepest, highest)
