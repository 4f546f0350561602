"""Which limit keeps a road from existing, and the least that has to give."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from geo.alignment.search.task import Task, Zones
from geo.alignment.values import Limits
from geo.errors import LimitError, Problem
from geo.raster import Raster
from geo.words import Text, joined, said

# How finely and how far a limit is relaxed, all chosen: in steps a planner would name.
GRADE = 0.005  # m/m: grades by half per cents
TIMES = 3.0  # as steep, as deep at most
SMALLER = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)  # of radius and spiral
SPAN_M = 50.0  # m: lengths of structures by fifties
DEEPER = (1.1, 1.25, 1.5, 1.75, 2.0, 2.5, TIMES)  # times cut and fill


class Try(NamedTuple):
    """A limit relaxed so far, in words, and the task under it."""

    figures: Text | str
    task: Task


class Relaxation(NamedTuple):
    """A limit, what it is, and ever wider ones; each opens whatever the one before does."""

    name: str
    was: Text | str
    tries: list[Try]


def problems(task: Task, solved: Callable[[Task], object]) -> list[Problem]:
    """Relax one limit at a time and say by how much it has to give for a road to exist.

    Parameters
    ----------
    task
        A problem without a road.
    solved
        Solves another one; None if that has no road either.

    Returns
    -------
    list of Problem
        One for each limit that opens a road alone, with the least relaxation in its row that does
        (found by halving the row: wider limits lead wherever narrower ones do); if there is none,
        one that names all that were tried in vain.
    """
    found, vain = [], []
    for name, was, tries in _relaxations(task):
        if not tries:
            continue
        widest = tries[-1]
        if not _opens(widest.task, solved):
            vain.append((name, widest.figures))
            continue
        first = bisect_left(tries, True, hi=len(tries) - 1, key=lambda t: _opens(t.task, solved))
        least = tries[first].figures
        found.append(
            Problem(
                field=name,
                found=was,
                remedy=Text(
                    f"最小可行放宽：{said(least, 'zh')}",
                    f"least that opens a road: {said(least, 'en')}",
                ),
            )
        )
    if found:
        return found
    widest_tried = joined((joined([name, how], " ", " ") for name, how in vain), "；", "; ")
    return [
        Problem(
            field="; ".join(name for name, _ in vain),
            found=Text(
                f"单独放宽到下列值仍无可行路线：{widest_tried.zh}",
                f"none opens a road alone, relaxed as far as {widest_tried.en}",
            ),
            remedy=Text(
                "移动起讫点、增加途经点或同时放宽几项", "move the ends, add points or relax several"
            ),
        )
    ]


def _opens(task: Task, solved: Callable[[Task], object]) -> bool:
    try:
        return solved(task) is not None
    except LimitError:
        return False


def _relaxations(task: Task) -> Iterator[Relaxation]:
    """Give limits in the order they are tried."""
    limits = task.limits

    def other(**figures: Any) -> Task:
        return task._replace(limits=replace(limits, **figures))

    yield Relaxation("max_grade", f"{limits.max_grade:.3f}", _steeper(task))
    yield Relaxation(
        "min_radius_m, min_spiral_m",
        f"{limits.min_radius_m:g} m, {limits.min_spiral_m:g} m",
        [
            Try(f"{r:g} m, {s:g} m", other(min_radius_m=r, min_spiral_m=s))
            for r, s in (
                (round(limits.min_radius_m * factor), round(limits.min_spiral_m * factor))
                for factor in SMALLER
            )
        ],
    )
    for name in ("max_bridge_m", "max_tunnel_m"):
        now = getattr(limits, name)
        spans = np.arange(SPAN_M, task.lattice.longest_m + 1, SPAN_M)
        tries = [Try(f"{s:g} m", other(**{name: float(s)})) for s in spans if s > now]
        yield Relaxation(name, f"{now:g} m", tries)
    yield from _deeper(task, limits)
    if task.zones is not None and not np.isfinite(task.zones.above.values).all():
        crossing = Try(Text("允许穿越", "cross them"), task._replace(zones=_open(task.zones)))
        yield Relaxation("zones", Text("禁止", "forbidden"), [crossing])


def _steeper(task: Task) -> list[Try]:
    """Give grades by half per cents, with steps of heights that divide a cell's climb."""
    now, cell = task.limits.max_grade, task.dem.grid.resolution
    step = task.lattice.height_step_m or now * cell
    first, last = math.floor(now / GRADE + 1e-9) + 1, math.ceil(TIMES * now / GRADE)
    tries = []
    for grade in (round(i * GRADE, 4) for i in range(first, last + 1)):
        fine = replace(task.lattice, height_step_m=grade * cell / math.ceil(grade * cell / step))
        other = task._replace(limits=replace(task.limits, max_grade=grade), lattice=fine)
        tries.append(Try(f"{grade:.3f}", other))
    return tries


def _deeper(task: Task, limits: Limits) -> Iterator[Relaxation]:
    if not math.isfinite(max(limits.max_cut_m, limits.max_fill_m)):
        return
    tries = []
    for factor in DEEPER:
        cut, fill = limits.max_cut_m * factor, limits.max_fill_m * factor
        wider = replace(
            task.lattice,
            deepest_m=task.lattice.deepest_m * factor,
            highest_m=task.lattice.highest_m * factor,
        )
        now = task._replace(limits=replace(limits, max_cut_m=cut, max_fill_m=fill), lattice=wider)
        tries.append(Try(f"{cut:g} m, {fill:g} m", now))
    was = f"{limits.max_cut_m:g} m, {limits.max_fill_m:g} m"
    yield Relaxation("max_cut_m, max_fill_m", was, tries)


def _open(zones: Zones) -> Zones:
    above, below = zones.above, zones.below

    def free(raster: Raster) -> Raster:
        values = raster.values.astype(np.float64)
        return Raster(np.where(np.isfinite(values), values, 0.0), raster.grid)

    return Zones(free(above), None if below is None else free(below))
