"""The p-centre: the least radius within which the sites that may be open serve everybody.

It is one of the costs given. Whether a radius is enough is a cover. Bisection finds the least
radius that prices do not refuse (they show that somebody is left unserved even if sites may open in
part), exchanges find one that is enough. In between cases of open sites decide (`covering`), or
HiGHS where sites are limited by more than their number. So the radii below the answer are refused
by prices, or by the word of HiGHS, and the certificate says by which.

Daskin, M. S. (2000): A new approach to solving the vertex p-center problem to optimality.
Communications of the Operations Research Society of Japan 45, 428-436.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from geo.certificates.locations.values import Branches, Prices
from geo.exchange.program import Limits as Ends
from geo.siting.locate.covering import cover
from geo.siting.locate.effort import SHAKE, Purse
from geo.siting.locate.found import Found, Service, nearest
from geo.siting.locate.mixed import mixed, priced
from geo.siting.locate.model import OPEN, Asked, Flags, Floats, Model, model
from geo.siting.locate.places import Places
from geo.siting.locate.programs import drawn
from geo.siting.locate.solving import improved_from, serves

REFUSED = 1e-6  # of a demand left unserved by relaxed sites refuses a radius
SHAKES = 60
ONE = 1.0  # demand left unserved: a plan of a radius leaves fewer


@dataclass
class _Search:
    """Radii in order; the first not refused by now, and the first known to be enough."""

    places: Places
    asked: Asked
    purse: Purse
    radii: Floats
    low: int
    high: int
    opened: Flags | None = None
    service: Service | None = None
    branches: Branches | None = None
    stopped: bool = False
    said: bool = False  # HiGHS was asked

    def within(self, place: int) -> Model:
        """Give the question whether all can be served within a radius."""
        return model(self.places, replace(self.asked, radius=float(self.radii[place])))


def centre(places: Places, asked: Asked, purse: Purse) -> Found:
    """Find the least radius and what refuses those below.

    Returns
    -------
    Found
        `opened` is None where no plan was found; `word` is inf where none exists.
    """
    on = model(places, asked)
    radii = np.unique(on.raw[np.isfinite(on.raw)])
    if np.isinf(on.raw).all(axis=1).any():
        return Found(None, word=math.inf)
    low = int(np.searchsorted(radii, on.raw.min(axis=1).max()))
    search = _Search(places, asked, purse, radii, low, len(radii))
    if on.plain:
        _tried(search)
    prices = _refuse(search)
    _decide(search)
    found = Found(search.opened, search.service, word=_said(search), stopped=search.stopped)
    found.prices, found.branches = [prices], search.branches
    if search.service is not None:
        found.objective = float(on.raw[search.service.demand, search.service.site].max())
    return found


def _said(search: _Search) -> float:
    """Give the bound for which HiGHS has to be believed; inf where no radius is enough."""
    if search.low == len(search.radii):
        return math.inf
    return float(search.radii[search.low]) if search.said else -math.inf


def _tried(search: _Search) -> None:
    """Bisect for a radius that exchanges show to be enough."""
    low, high = search.low, search.high
    while low < high:
        middle = (low + high) // 2
        on = search.within(middle)
        part = replace(on, outside=np.ones(len(on.outside)))
        opened = improved_from(part, on.state == OPEN, shakes=SHAKES)
        search.purse.spend(SHAKE * on.raw.size * SHAKES)
        if serves(on, opened):
            high = middle
            search.high, search.opened, search.service = high, opened, nearest(on, opened)
        else:
            low = middle + 1


def _refuse(search: _Search) -> Prices:
    """Bisect for the first radius that prices do not refuse; give those that refuse the last."""
    best = _farthest(search)
    low, high = search.low, search.high
    while low < high and not search.purse.spent:
        middle = (low + high) // 2
        on = search.within(middle)
        made = drawn(replace(on, outside=np.ones(len(on.outside))))
        done = made.program.solve(limit=Ends(search.purse.left), relaxed=True)
        search.purse.spend(done.work)
        if len(done.price) and done.bound + made.level.sum() > REFUSED:
            low, best = middle + 1, priced(made, done, radius=float(search.radii[middle]))
        else:
            high = middle
    search.low = low
    return best


def _farthest(search: _Search) -> Prices:
    """Give the prices that refuse the radius below which somebody has no site at all."""
    least = float(np.nextafter(search.radii[0], -np.inf))
    radius = float(search.radii[search.low - 1]) if search.low else least
    on = model(search.places, replace(search.asked, radius=radius))
    serve = np.where(np.isfinite(on.raw).any(axis=1), 0.0, 1.0)
    zeros, none = np.zeros(len(on.state)), np.zeros(0)
    return Prices(serve, zeros, none, 0.0, 0.0, radius, -math.inf)


def _decide(search: _Search) -> None:
    """Decide the radii in between, first in growing steps, then halving."""
    step = 1
    while search.low < search.high and not search.stopped:
        wide = search.opened is None
        place = min(search.low + step - 1, search.high - 1) if wide else _middle(search, step)
        found = _decided(search, place)
        if found.opened is not None:
            search.high, search.opened, search.service = place, found.opened, found.service
        elif found.stopped:
            search.stopped = True
        else:
            search.low, step = place + 1, 2 * step


def _decided(search: _Search, place: int) -> Found:
    """Decide whether a radius is enough; `opened` is None where it is not, or nobody knows."""
    on = search.within(place)
    if not (on.plain and (on.state == OPEN).sum() <= on.number):
        search.said = True
        return mixed(replace(on, opening=np.ones(len(on.state))), search.purse)
    found = cover(replace(on, outside=np.ones(len(on.outside))), search.purse, wanted=ONE)
    if found.objective < ONE:
        return found
    if found.branches is not None and not found.stopped:
        search.branches = replace(found.branches, radius=float(search.radii[place]))
    return Found(None, stopped=found.stopped)


def _middle(search: _Search, step: int) -> int:
    """Give the radius to decide next: near the low end, where prices are nearly right."""
    return min(search.low + step - 1, (search.low + search.high - 1) // 2)
