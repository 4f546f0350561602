"""Least sums of ratios: surrogates made anew at better plans, denominators split where needed.

Each range of denominators has a bound by its surrogate. The range with the least bound is taken
first: a better plan found there gives a better surrogate (Dinkelbach); where none is found and the
bound is still too low, the widest range is halved. Where areas are balanced, one range does.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from geo.exchange import proof
from geo.exchange.exact import Found, Search, keeps
from geo.exchange.model import Model
from geo.exchange.plan import gap as open_gap
from geo.exchange.proof import Known
from geo.exchange.ratios import (
    Ends,
    Ranges,
    Span,
    Surrogate,
    boxed,
    lower,
    objective,
    ranges,
    spans,
    surrogate,
)
from geo.exchange.units import Flags

NARROW = 1e-12  # ranges of this relative width are not halved
NEAR_ZERO = 1e-3  # of the largest denominator


class Evidence(NamedTuple):
    """What bounds the objective over one range of denominators: a surrogate, and what is known.

    `low` is the bound; `whole` says that the range is that of all plans.
    """

    made: Surrogate
    known: Known
    low: float
    whole: bool


@dataclass
class Progress:
    """The best plan so far, its objective, and the least bound of ranges that are closed."""

    moves: Flags | None
    now: float
    closed: float = math.inf
    stopped: bool = False
    evidence: list[Evidence] = field(default_factory=list)
    positive: bool = True  # no denominator comes near 0: the first range needs no rows


class Outcome(NamedTuple):
    """The best moves (None: none found), a bound, whether a limit was hit, and what proves it."""

    moves: Flags | None
    bound: float
    stopped: bool
    evidence: list[Evidence]
    held: list[Span]


class Part(NamedTuple):
    """Ranges of denominators that are left to solve, and the bound of plans within them."""

    ranges: Ranges
    low: float


def minimise(within: Search, *, gap: float) -> Outcome:
    """Give the best moves, a bound, and what it rests on."""
    on = within.model
    none = np.zeros(len(on.free), np.bool_)
    today = objective(on, on.member(none))
    known = keeps(within, none)
    state = Progress(none if known else None, today if known else math.inf)
    held = spans(on)
    whole = ranges(on, held)
    state.positive = all(one.low > NEAR_ZERO * one.high for one in held)
    heap: list[tuple[float, int, Ranges]] = [(-math.inf, 0, whole)]
    count = 0
    while heap:
        bound = min(heap[0][0], state.closed)
        if state.stopped or open_gap(today, state.now, bound) <= gap:
            break
        low, _, box = heapq.heappop(heap)
        for part in _parts(within, Part(box, low), state, whole=box == whole, gap=gap):
            count += 1
            heapq.heappush(heap, (part.low, count, part.ranges))
    bound = min([state.closed, state.now, *(entry[0] for entry in heap[:1])])
    return Outcome(state.moves, bound, state.stopped, state.evidence, held)


def _parts(within: Search, box: Part, state: Progress, *, whole: bool, gap: float) -> list[Part]:
    """Solve one range; give what is left of it to solve."""
    ranges, low = box
    on = within.model
    start = state.moves
    made = surrogate(on, np.zeros(len(on.free), np.bool_) if start is None else start, ranges)
    rows = [] if whole and state.positive else boxed(on, ranges)
    excluded = [*within.excluded]  # what only this range excludes stays here
    part = replace(within, limits=[*within.limits, *rows], excluded=excluded)
    inside = start if start is not None and keeps(part, start) else None
    least = 0.9 * gap / (made.single[0] if made.single else 1.0)
    found, known = proof.minimise(part, made.objective, gap=least, start=inside)
    state.stopped |= found.stopped
    state.evidence.append(Evidence(made, known, lower(made, found.bound), not rows))
    low = max(low, state.evidence[-1].low)
    if found.moves is None and not found.stopped:
        return []
    if _better(within, found, state):
        return [Part(ranges, low)]
    if low >= state.now or made.off == 0 or found.stopped:
        state.closed = min(state.closed, low)
        return []
    return _halves(on, ranges, low, state)


def _better(within: Search, found: Found, state: Progress) -> bool:
    if found.moves is None:
        return False
    new = objective(within.model, within.model.member(found.moves))
    if not new < state.now:
        return False
    state.moves, state.now = found.moves, new
    return True


def _halves(on: Model, ranges: Ranges, low: float, state: Progress) -> list[Part]:
    """Halve the widest range, between two values that the denominator can have."""
    steps = [term.step for term in on.terms if term.below is not None]
    widths = [(high - least) / high for least, high in ranges]
    widest = int(np.argmax(widths))
    (least, high), step = ranges[widest], steps[widest]
    if widths[widest] <= NARROW or high - least < step / 2:
        state.closed = min(state.closed, low)
        return []
    middle = (least + high) / 2
    upper = middle
    if step:
        middle = math.floor(middle / step + 1e-6) * step
        upper = middle + step
    return [
        Part([*ranges[:widest], half, *ranges[widest + 1 :]], low)
        for half in (Ends(least, max(middle, least)), Ends(min(upper, high), high))
    ]
