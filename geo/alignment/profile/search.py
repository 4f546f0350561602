"""The search for the profile of least cost: boxes cut off, programs find and prove."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from geo.alignment.profile.boxes import backward, boxed, effort, likely, prune, stages
from geo.alignment.profile.climbs import long_run
from geo.alignment.profile.cost import Codes, cost
from geo.alignment.profile.model import UNIT, Box, Task, model, possible_kinds
from geo.alignment.profile.relaxation import explain, stretched
from geo.alignment.values import Floats
from geo.errors import LimitError
from geo.words import Text

FIRST_STEPS = 3  # boxes that the steepest leg climbs, doubled from sweep to sweep
MOST_STEPS = 48  # chosen: beyond, the programs take over
NEAR = (2.0, 4.0, 12.0)  # boxes about a chain in which a profile is looked for
POLISH_M = 0.4  # m about a profile in which its heights are made exact
NEAR_ENOUGH = 0.03  # of the cost: a profile this near its bound is good for cutting off
PROGRAM = 0.8  # of the gap: what a program may leave, the rest is for its tangents
FIRST_EFFORT, MOST_EFFORT = 4e4, 5e4  # heights a first, any sweep looks at, by station


@dataclass(frozen=True)
class Effort:
    """How hard and how closely to search.

    Parameters
    ----------
    work
        What a program of HiGHS may take, half a million being about a second; it is counted (see
        `Program.solve`), so that a busy machine gives the same answer. Every program gets a fixed
        share, the last one half of it. A search that this cuts short gives the best profile found.
    gap
        The search ends when (cost − bound) / cost is no more.
    spacing_m
        PVIs at least so far apart, where the limits allow closer ones.
    progress
        Of profiles in pieces: called with the share of the road that is done.
    reasons
        Whether it is worked out why there is no profile, which takes longer than to find one;
        without, the error has no problems.
    """

    work: float = 1.5e7
    gap: float = 1e-4
    spacing_m: float = 0.0
    progress: Callable[[float], None] | None = field(default=None, compare=False)
    reasons: bool = True


class Found(NamedTuple):
    """A profile: its true cost, heights of its PVIs, kinds of its intervals."""

    cost: float
    heights: Floats
    kinds: Codes


class Solved(NamedTuple):
    """What a program gave: the best profile, a bound in yuan, whether it came to its end."""

    best: Found | None
    bound: float
    proven: bool


class Chain(NamedTuple):
    """A chain of boxes: the middle of each, and the height of all."""

    middles: Floats
    width: float


class State(NamedTuple):
    """Where a better profile can still be, the best one known, the bound in yuan.

    `seen` is where the last profile was found: its program told what there is within.
    """

    box: Box
    best: Found | None
    bound: float
    seen: Box | None = None


def narrow(task: Task, state: State, search: Effort) -> State:
    """Sweep, look for a profile near the likeliest chain, cut off the rest with lower boxes.

    Parameters
    ----------
    task
        The problem; two legs at least.
    state
        The box to search, what is known.
    search
        Work and gap.
    """
    steps = FIRST_STEPS
    first, most = (each * task.s.size for each in (FIRST_EFFORT, MOST_EFFORT))
    while steps < MOST_STEPS and effort(task, boxed(task, state.box, 2 * steps)) < first:
        steps *= 2
    while state.box.kinds.any(axis=1).all():
        boxes = boxed(task, state.box, steps)
        parts = stages(task, state.box)
        bounds = backward(task, boxes, parts)
        if not math.isfinite(bounds.least):
            break
        state = state._replace(bound=max(state.bound, bounds.least))
        if state.best is None or state.best.cost - state.bound > NEAR_ENOUGH * state.best.cost:
            chain = Chain(likely(task, boxes, parts, bounds), boxes.width)
            state = _near(task, state, chain, search)
            if state.best is None:
                state = _gentle(task, state, steps, search)
        if state.best is None:
            break
        most_yuan = state.best.cost * (1 + 1e-9) + 1e-3  # rounding of sums must cut off nothing
        box = prune(task, state.box, boxes, parts, bounds, most_yuan)
        state = state._replace(box=box._replace(kinds=possible_kinds(task, box)))
        steps *= 2
        settled = (state.box.kinds.sum(axis=1) <= 1).all()
        if settled or steps > MOST_STEPS or effort(task, boxed(task, state.box, steps)) > most:
            break
    return state


def _near(task: Task, state: State, chain: Chain, search: Effort) -> State:
    """Look for a profile within a few boxes of a chain, unless one was found all about it."""
    box, (middle, width) = state.box, chain
    for boxes in NEAR:
        low = np.clip(middle - boxes * width, box.low, box.high)
        high = np.clip(middle + boxes * width, box.low, box.high)
        seen = state.seen
        if seen is not None and (low >= seen.low).all() and (high <= seen.high).all():
            break
        near = Box(low, high, box.kinds)
        near = near._replace(kinds=possible_kinds(task, near))
        if near.kinds.any(axis=1).all():
            found = _solve(task, near, None, work=search.work / 8, gap=search.gap).best
            if found is not None:
                return state._replace(best=_better(state.best, found), seen=near)
    return state


def _gentle(task: Task, state: State, steps: int, search: Effort) -> State:
    """Look near a chain nowhere steeper than means, which reliefs on the way still let it climb."""
    grades = [task.limits.window_grade, *(grade for _, _, grade in task.limits.mean_grades)]
    window = long_run(task.limits, task.grid.spacing)
    if math.isfinite(window.length):
        grades.append(window.rise / window.length)
    if min(grades) >= task.limits.max_grade:
        return state
    eased = task._replace(limits=replace(task.limits, max_grade=min(grades)))
    boxes, parts = boxed(eased, state.box, steps), stages(eased, state.box)
    bounds = backward(eased, boxes, parts)
    if not math.isfinite(bounds.least):
        return state
    chain = Chain(likely(eased, boxes, parts, bounds), boxes.width)
    return _near(task, state, chain, search)


def _solve(task: Task, box: Box, known: Found | None, *, work: float, gap: float) -> Solved:
    """Solve the program of a box, most exact near a known profile."""
    near = None if known is None else task.grid.weights @ known.heights
    done, built = stretched(task, partial(model, task, box, near), work=work, gap=gap)
    if done.x is None:
        return Solved(None, math.inf if done.proven else done.bound / UNIT, done.proven)
    heights, kinds = done.x[built.heights], np.argmax(done.x[built.kinds], axis=1)
    found = Found(_true(task, heights, kinds), heights, kinds)
    return Solved(found, done.bound / UNIT, done.proven)


def _polish(task: Task, box: Box, best: Found, search: Effort) -> Found:
    """Move the heights of a profile of given kinds to where its true cost is least."""
    low = np.maximum(box.low, best.heights - POLISH_M)
    high = np.minimum(box.high, best.heights + POLISH_M)
    near = Box(low, np.maximum(low, high), np.eye(3, dtype=np.bool_)[best.kinds])
    found = _solve(task, near, best, work=search.work / 16, gap=search.gap / 4).best
    better = found is not None and found.cost < best.cost
    return found._replace(kinds=best.kinds) if found is not None and better else best


def _better(one: Found | None, other: Found | None) -> Found | None:
    found = [f for f in (one, other) if f is not None]
    return min(found, key=lambda f: f.cost) if found else None


def _true(task: Task, heights: Floats, kinds: Codes) -> float:
    extra = np.broadcast_to(task.extra, (kinds.size, 3))[np.arange(kinds.size), kinds].sum()
    return cost(task.s, task.ground, task.grid.weights @ heights, kinds, task.costs) + float(extra)


def finish(task: Task, state: State, search: Effort) -> tuple[Found, float]:
    """Prove the profile best within what is left, or better it."""
    best, bound = state.best, state.bound
    if best is not None:
        best = _polish(task, state.box, best, search)
    for share in (2, 8, 8):
        if best is not None and best.cost - bound <= search.gap * best.cost:
            break
        solved = _solve(task, state.box, best, work=search.work / share, gap=search.gap * PROGRAM)
        if best is None and solved.best is None and solved.proven:
            raise explain(task, search.work, reasons=search.reasons)
        bound = max(bound, solved.bound)
        best = _better(best, solved.best)
        if best is None or not solved.proven:
            break
        if best.cost - bound > search.gap * best.cost:
            best = _polish(task, state.box, best, search)
    if best is None:
        raise LimitError(
            Text(
                f"计算量 {search.work:g} 内未求得纵断面；请增加计算量或放宽限值",
                f"no profile found with work {search.work:g}; allow more work or wider limits",
            )
        )
    return best, min(bound, best.cost)
