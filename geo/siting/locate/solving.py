"""The best plan of a question: prices, exchanges and cases first, HiGHS on what is left.

1. A few steps of subgradients give open sites; exchanges better them (`interchange`).
2. Subgradients raise the bound (`lagrangian`); sites and pairs that nothing better uses are fixed.
3. Cases exhaust what is left (`tree`): where they end, prices alone prove the plan.
4. Where they do not, within their share of the work, HiGHS has what is left, and its word is told.

A maximal cover limited by number alone has cases of its own (`covering`). Where capacities, budgets
or sets that cover make it another problem, the relaxed program gives the prices, and HiGHS the plan
(`mixed`).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from geo.certificates.locations.values import Fixed, Prices, Tree
from geo.siting.locate.covering import cover, covers
from geo.siting.locate.effort import PAIR, SHAKE, SHAKES, STEP, STEPS, Effort, Purse
from geo.siting.locate.found import Found, measured, nearest
from geo.siting.locate.interchange import Grounds, improved
from geo.siting.locate.lagrangian import Lists, ascend, lists
from geo.siting.locate.mixed import mixed, relaxed_prices
from geo.siting.locate.model import CLOSED, FREE, OPEN, Flags, Floats, Model, Whole
from geo.siting.locate.tree import Halved, halve

FIRST = 30  # steps of subgradients before the first exchanges
CASES = 0.9  # of the work is for cases: they end sooner than HiGHS does


def minimise(on: Model, purse: Purse, effort: Effort) -> Found:
    """Find the best plan of a question and what proves it.

    Returns
    -------
    Found
        `opened` is None where no plan was found; `word` is inf where none exists.
    """
    if covers(on):
        return cover(on, purse)
    priced = on.plain and on.asked.question != "set_cover" and (on.state != CLOSED).any()
    found = _by_prices(on, purse, effort) if priced else None
    return _by_program(on, purse, effort) if found is None else found


def _by_program(on: Model, purse: Purse, effort: Effort) -> Found:
    prices = relaxed_prices(on, purse)
    found = mixed(on, purse, gap=effort.gap)
    found.prices = [] if prices is None else [prices]
    return found


def _by_prices(on: Model, purse: Purse, effort: Effort) -> Found | None:
    """Find the best plan where everybody is served by the nearest; None where no plan was met."""
    every = on.state != CLOSED
    given = lists(on, every)
    size = given.cost.size
    first = ascend(given, _first(given), math.inf, steps=FIRST)
    opened = improved_from(on, _flags(on, every, first.opened), shakes=SHAKES)
    purse.spend(_steps(size) * first.steps + SHAKE * size * SHAKES)
    if not serves(on, opened):
        return None
    objective = _value(on, opened)
    raised = ascend(given, first.serve, objective - on.constant, steps=STEPS)
    purse.spend(_steps(size) * raised.steps)
    prices, reduced, bound = _priced(on, raised.serve)
    found = Found(opened, objective=objective, prices=[prices])
    if bound <= on.cutoff(objective):
        fixed = _fixed(on, prices, reduced, bound, on.cutoff(objective))
        found = _cases(on, replace(found, fixed=fixed), fixed, purse)
        found = _rest(on, found, purse, effort)
    best = opened if found.opened is None else found.opened
    service = nearest(on, best)
    return replace(found, service=service, objective=measured(on, best, service))


def _steps(size: int) -> float:
    """Give the work of a step of subgradients over so many pairs."""
    return PAIR * size + STEP


def _first(given: Lists) -> Floats:
    """Give prices to begin with: what serving costs where sites are spread evenly."""
    place = min(given.cost.shape[1] // max(given.number, 1), given.cost.shape[1] - 1)
    serve: Floats = given.cost[:, place].copy()
    farthest = np.where(np.isfinite(given.cost), given.cost, 0.0).max(axis=1)
    return np.where(np.isfinite(serve), serve, farthest)


def _flags(on: Model, kept: Flags, chosen: Whole) -> Flags:
    """Give open sites as flags, those that must be among them, nobody left out."""
    places = np.flatnonzero(kept)
    flags = np.zeros(len(kept), np.bool_)
    flags[np.flatnonzero(on.state == OPEN)] = True
    flags[places[chosen[chosen < len(places)]]] = True
    return flags


def improved_from(on: Model, opened: Flags, *, shakes: int) -> Flags:
    """Better open sites by exchanges; serving nobody who must be costs more than all else."""
    finite = np.where(np.isfinite(on.serving), on.serving, 0.0)
    dear = float(finite.max(axis=1).sum() + np.abs(on.opening).sum() + 1.0)
    outside = np.where(np.isfinite(on.outside), on.outside, dear)
    cost = np.ascontiguousarray(np.minimum(on.serving, outside[:, None]).T)
    return improved(Grounds(cost, outside, on.opening, on.state, on.number), opened, shakes=shakes)


def serves(on: Model, opened: Flags) -> bool:
    """Say whether no more sites are open than may be, and everybody is served who has to be."""
    must = np.isinf(on.outside)
    served: Flags = np.asarray((np.isfinite(on.serving) & opened).any(axis=1))
    return bool(served[must].all() and opened.sum() <= on.number)


def _value(on: Model, opened: Flags) -> float:
    return measured(on, opened, nearest(on, opened))


def _priced(on: Model, serve: Floats) -> tuple[Prices, Floats, float]:
    """Give prices with that of a site, what each site costs less what it earns, and the bound."""
    rest = np.minimum(on.serving - serve[:, None], 0.0).sum(axis=0) + on.opening
    free = np.sort(rest[on.state == FREE])
    left = on.number - int((on.state == OPEN).sum())
    number = 0.0
    if len(free) and left < len(free):
        number = max(0.0, -float(free[max(left - 1, 0)]))
    reduced = rest + number
    bound = float(np.minimum(serve, on.outside).sum() + on.constant - number * on.number)
    bound += float(reduced[on.state == OPEN].sum())
    bound += float(np.minimum(reduced[on.state == FREE], 0.0).sum())
    none = np.zeros(0)
    zeros = np.zeros(len(reduced))
    return Prices(serve, zeros, none, number, 0.0, math.inf, -math.inf), reduced, bound


def _fixed(on: Model, prices: Prices, reduced: Floats, bound: float, cutoff: float) -> Fixed:
    """Fix what nothing better decides otherwise: sites, and pairs that do not serve."""
    free = on.state == FREE
    closed = free & (bound + np.maximum(reduced, 0.0) > cutoff)
    opened = free & (bound - np.minimum(reduced, 0.0) > cutoff)
    opening = np.where(on.state == OPEN, 0.0, np.maximum(reduced, 0.0))
    more = np.maximum(on.serving - prices.serve[:, None], 0.0) + opening
    barred = (bound + more > cutoff) & np.isfinite(on.serving)
    return Fixed(opened, closed & ~opened, barred.ravel(), -math.inf)


def _cases(on: Model, found: Found, fixed: Fixed, purse: Purse) -> Found:
    """Exhaust what is not fixed by cases; a better plan met on the way is taken."""
    state = np.where(fixed.closed, CLOSED, np.where(fixed.opened, OPEN, on.state))
    part = replace(on, state=state.astype(np.int8))
    kept = state != CLOSED
    given = lists(part, kept)
    done = halve(
        given,
        on.raw[:, kept],
        found.prices[0].serve,
        cutoff=lambda value: on.cutoff(value + on.constant) - on.constant,
        upper=found.objective - on.constant,
        steps=int(CASES * max(purse.left, 0.0) / _steps(given.cost.size)),
    )
    purse.spend(_steps(given.cost.size) * done.steps)
    found = replace(found, tree=_tree(done))
    if len(done.opened):
        opened = _flags(part, kept, done.opened)
        found = replace(found, opened=opened, objective=_value(on, opened))
    return replace(found, stopped=done.bound + on.constant <= on.cutoff(found.objective))


def _tree(done: Halved) -> Tree:
    return Tree(
        done.parent, done.demand, done.cost, done.near, done.serve.ravel(), done.number, -math.inf
    )


def _rest(on: Model, found: Found, purse: Purse, effort: Effort) -> Found:
    """Give what cases have left open to HiGHS."""
    if not found.stopped:
        return found
    better = mixed(on, purse, gap=effort.gap, fixed=found.fixed, start=found.opened)
    # as fixed, nothing may be left at all
    word = min(better.word, found.objective)
    if better.opened is not None and better.objective < found.objective:
        found = replace(found, opened=better.opened, objective=better.objective)
    return replace(found, word=word, stopped=better.stopped)
