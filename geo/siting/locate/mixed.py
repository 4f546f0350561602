"""Questions with capacities, budgets or sets that cover: one integer program, solved by HiGHS."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from geo.certificates.locations.values import Fixed, Prices
from geo.errors import LimitError
from geo.exchange.program import Limits, Solution
from geo.siting.locate.effort import Purse
from geo.siting.locate.found import Found, Service, cleaned, measured, nearest
from geo.siting.locate.model import CLOSED, OPEN, ROUNDING, Flags, Floats, Model
from geo.siting.locate.programs import Drawn, drawn, duals, opened
from geo.words import Text

ATTEMPTS = 30  # at rounding a plan that the solver's tolerances let through
SLACK = 1e-8  # of a capacity: what rounding may pass it by


def relaxed_prices(on: Model, purse: Purse) -> Prices | None:
    """Give prices from the relaxed program; None where even that obeys nothing, or took too long.

    Raises
    ------
    LimitError
        If the solver fails.
    """
    made = drawn(on)
    done = made.program.solve(limit=Limits(purse.left), relaxed=True)
    purse.spend(done.work)
    return None if not len(done.price) else priced(made, done)


def priced(made: Drawn, done: Solution, *, radius: float = math.inf) -> Prices:
    """Write the prices of a relaxed program down."""
    serve, capacity, near, number, budget = duals(made, done)
    return Prices(serve, capacity, near, number, budget, radius, -math.inf)


def mixed(
    on: Model,
    purse: Purse,
    *,
    gap: float = 0.0,
    fixed: Fixed | None = None,
    start: Flags | None = None,
) -> Found:
    """Find the best plan by one program.

    Parameters
    ----------
    on
        The question.
    purse
        What may be spent.
    gap
        Share of the objective at which the program may end.
    fixed
        What is decided; nothing better decides otherwise.
    start
        Open sites of a plan to better, where capacities are not limited.

    Returns
    -------
    Found
        `opened` is None where no plan was found; `word` is inf where none exists.

    Raises
    ------
    LimitError
        If the solver fails, or its tolerances let through what obeys nothing.
    """
    made = _drawn(on, fixed)
    base = on.constant + float(made.level.sum())
    known = None if start is None else _columns(made, start)
    for _ in range(ATTEMPTS):
        done = made.program.solve(limit=Limits(max(purse.left, 0.0)), gap=gap, start=known)
        purse.spend(done.work)
        if done.x is None:
            word = math.inf if not done.stopped else done.bound + base
            return Found(None, word=word, stopped=done.stopped)
        flags = opened(made, done.x)
        service = _service(made, done.x, flags)
        if service is not None and not _overfull(made, service):
            objective = measured(on, flags, service)
            word = _said(on, objective, done.bound + base)
            return Found(flags, service, objective, word=word, stopped=done.stopped)
    raise LimitError(
        Text("求解器的容差未能收敛到可行方案", "the solver's tolerances let through no plan at all")
    )


def _said(on: Model, objective: float, bound: float) -> float:
    """Give what the solver says, without what rounding puts it above its own plan."""
    figures = [on.serving[np.isfinite(on.serving)], on.outside[np.isfinite(on.outside)], on.opening]
    size = abs(objective) + sum(float(np.abs(one).max(initial=0.0)) for one in figures)
    word = on.raised(bound)
    return objective if 0 < word - objective <= ROUNDING * size else word


def _drawn(on: Model, fixed: Fixed | None) -> Drawn:
    if fixed is None:
        return drawn(on)
    state = np.where(fixed.opened, OPEN, np.where(fixed.closed, CLOSED, on.state)).astype(np.int8)
    barred = fixed.barred.reshape(on.serving.shape) if len(fixed.barred) else None
    return drawn(replace(on, state=state), barred=barred)


def _columns(made: Drawn, start: Flags) -> Floats:
    """Give the columns of sites; the solver fills in the others."""
    x = np.zeros(made.program.width)
    chosen = made.open >= 0
    x[made.open[chosen]] = start[chosen]
    return x


def _service(made: Drawn, x: Floats, flags: Flags) -> Service | None:
    """Read who serves whom off a solution; None where rounding has broken it."""
    on = made.on
    if not on.shared:
        _shut(made, flags) if not _kept(on, flags) else None
        return nearest(on, flags) if _kept(on, flags) else None
    if on.single:
        kept = x[made.serve] > 0.5
        return Service(made.demand[kept], made.site[kept], np.ones(int(kept.sum())))
    state = np.where(flags, OPEN, CLOSED).astype(np.int8)
    part = drawn(replace(on, state=state))
    done = part.program.solve(relaxed=True)
    if done.x is None:
        _shut(made, flags)
        return None
    return cleaned(on, Service(part.demand, part.site, done.x[part.serve]))


def _kept(on: Model, flags: Flags) -> bool:
    """Say whether open sites keep number and budget, and serve everybody who must be."""
    most = on.budget + SLACK * (1 + abs(on.budget)) if math.isfinite(on.budget) else math.inf
    within = flags.sum() <= on.number and on.spending[flags].sum() <= most
    must = np.isinf(on.outside)
    count = (np.isfinite(on.serving) & flags).sum(axis=1)
    near = on.close is None or bool((on.close & flags).any(axis=1).all())
    return bool(within and near and (count[must] >= on.covers).all())


def _shut(made: Drawn, flags: Flags) -> None:
    """Exclude a set of open sites that rounding let through."""
    free = np.flatnonzero(made.open >= 0)
    sign = np.where(flags[free], -1.0, 1.0)
    zeros = np.zeros(len(free), np.int64)
    low = 1.0 - float(flags[free].sum())
    made.program.rows([(zeros, made.open[free], sign)], [low], [np.inf])


def _overfull(made: Drawn, service: Service) -> bool:
    """Say whether rounding overfills a site; exclude that it serves all of these."""
    on = made.on
    amount, capacity = on.places.demands.amount, on.places.sites.capacity
    load = np.bincount(service.site, service.share * amount[service.demand], len(capacity))
    wrong = np.flatnonzero(load > capacity * (1 + SLACK))
    if not on.single:
        return False  # parts are as the relaxed program has them, within its tolerance
    column = np.full(on.serving.shape, -1)
    column[made.demand, made.site] = made.serve if len(made.serve) else -1
    for site in wrong:
        inside = service.demand[service.site == site]
        cols = column[inside, site]
        zeros = np.zeros(len(cols), np.int64)
        made.program.rows([(zeros, cols, 1.0)], [-np.inf], [len(cols) - 1.0])
    return bool(len(wrong))
