"""Why a question has no answer: demands out of reach, or the least of each limit that opens it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from geo.errors import InfeasibleError, Problem
from geo.exchange.program import Limits as Ends
from geo.siting.locate.centre import centre
from geo.siting.locate.effort import Effort, Purse
from geo.siting.locate.mixed import mixed
from geo.siting.locate.model import Asked, Floats, Model, model
from geo.siting.locate.places import Places
from geo.siting.locate.programs import drawn
from geo.words import Text

SHOWN = 20  # demands out of reach that are named
DIGITS = 1e-6  # of an amount: rounded up, so that the least told is enough
NONE = Text("没有方案满足全部限制", "no plan keeps every limit")
TOGETHER = Text(
    "单独放宽任何一条都不够，须同时放宽几条", "none of them alone is to blame: relax several"
)
NO_SITE = Text("没有任何选址点可服务", "no site may serve it at all")
CAPACITY = Text("各处容量", "capacities")


def explain(places: Places, asked: Asked, effort: Effort) -> InfeasibleError:
    """Give the error that says what is in the way.

    Demands that fewer sites can reach than cover them are named with the least distance that helps,
    the first 20. Where there are none: of each limit, the others kept, the least that opens the
    question (of capacities the least sum to be added, wherever it helps most); limits that cannot
    open it alone are left out.
    """
    lost = list(_unreached(places, asked))
    if lost:
        count = len(lost)
        words = Text(
            f"{count} 个需求点没有足够的选址点可达", f"{count} demands that too few sites can reach"
        )
        return InfeasibleError(words, problems=lost[:SHOWN])
    opened = list(_least(places, asked, effort))
    if opened:
        return InfeasibleError(NONE, problems=opened)
    return InfeasibleError(NONE, problems=[Problem(found=TOGETHER)])


def _radius(asked: Asked) -> tuple[str, float]:
    """Give which limit says how far a demand may be from the sites it has to have, and how far."""
    limits = asked.limits
    if asked.question == "set_cover" and asked.radius < limits.distance:
        return "radius", asked.radius
    return "distance", limits.distance


def _unreached(places: Places, asked: Asked) -> Iterator[Problem]:
    """Name the demands that too few sites can reach."""
    field, most = _radius(asked)
    if asked.question == "maximal_cover" and math.isinf(most):
        return
    covers = 1 if asked.question == "maximal_cover" else asked.covers
    cost = np.sort(np.where(places.sites.may, places.cost, np.inf), axis=1)
    enough = cost[:, covers - 1]
    for one in np.flatnonzero(~((enough <= most) & np.isfinite(enough))):
        label, least = str(places.demands.labels[one]), float(enough[one])
        if math.isinf(least):
            yield Problem(row=label, found=NO_SITE)
        else:
            yield Problem(row=label, field=field, found=f"{most:g}", expected=f"≥ {least!r}")


def _least(places: Places, asked: Asked, effort: Effort) -> Iterator[Problem]:
    """Give of each limit the least that opens the question while the others are kept."""
    limits = asked.limits
    if limits.number is not None:
        on = model(places, replace(asked, limits=replace(limits, number=None)))
        least = _minimum(on, np.ones(len(on.state)), effort)
        yield from _told("number", limits.number, least)
    if math.isfinite(limits.budget):
        on = model(places, replace(asked, limits=replace(limits, budget=math.inf)))
        least = _minimum(on, on.spending, effort)
        yield from _told("budget", limits.budget, least + float(places.sites.closing.sum()))
    if np.isfinite(places.sites.capacity).any():
        least = _capacity(model(places, asked), effort)
        if math.isfinite(least):
            words = Text(f"增加 {least:g}", f"{least:g} more in all")
            yield Problem(field="capacity", found=CAPACITY, remedy=words)
    field, most = _radius(asked)
    if math.isfinite(most):
        yield from _told(field, most, _distance(places, asked, effort))


def _told(field: str, limit: float, least: float) -> Iterator[Problem]:
    if math.isfinite(least):
        figure = f"{int(least)}" if field == "number" else f"{least!r}"
        yield Problem(field=field, found=f"{limit:g}", expected=f"≥ {figure}")


def _minimum(on: Model, opening: Floats, effort: Effort) -> float:
    """Give the least sum over open sites; inf where nothing opens the question in time."""
    free: Floats = np.where(np.isfinite(on.serving), 0.0, np.inf)
    outside = np.where(np.isfinite(on.outside), 0.0, np.inf)
    bare = replace(on, serving=free, outside=outside, opening=opening, constant=0.0, whole=False)
    found = mixed(bare, Purse(effort.work))
    return found.objective if found.opened is not None and not found.stopped else math.inf


def _capacity(on: Model, effort: Effort) -> float:
    """Give the least sum of capacity to be added."""
    made = drawn(on, extra=True)
    done = made.program.solve(limit=Ends(effort.work))
    if done.x is None or done.stopped:
        return math.inf
    least = float(made.program.cost @ done.x)  # sites and service cost nothing here
    return math.ceil(least / DIGITS - DIGITS) * DIGITS


def _distance(places: Places, asked: Asked, effort: Effort) -> float:
    """Give the least distance (of a set cover the radius) that opens the question."""
    if asked.question == "maximal_cover":
        endless = np.full(len(places.sites.price), np.inf)
        places = replace(places, sites=replace(places.sites, capacity=endless))
    covers = 1 if asked.question == "maximal_cover" else asked.covers
    bare = Asked("p_centre", replace(asked.limits, distance=math.inf), covers=covers)
    found = centre(places, bare, Purse(effort.work))
    return math.inf if found.opened is None or found.stopped else found.objective
