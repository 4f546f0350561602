"""The best exchange and its proof: multipliers for a bound, small programs for plans.

1. Multipliers give a lower bound, and for each unit a bound of all plans in which it decides
   otherwise (`dual`).
2. The units in doubt, those whose other decision costs least, go into a small program (`exact`);
   all others stay as the multipliers have them. This gives a plan.
3. A plan in which a unit outside that program decides otherwise has that unit's bound. The less of
   these and of the program's own bound is a bound of all plans.
4. A program in which the units outside move together, in few columns, gives another (`rest`).
5. The program grows until the gap is closed; with all units it must be.
"""

from __future__ import annotations

import math
import time

import numpy as np

from geo.exchange.blocks import Cuts, row
from geo.exchange.dual import Root, root
from geo.exchange.exact import Found, Search, best, doubt, eased, weigh_blocks
from geo.exchange.model import Change, Limit, shift
from geo.exchange.rest import Rest
from geo.exchange.units import Flags, Whole

SMALL = 120  # free units that are solved at once
CORE = 2400  # units in doubt of the first small program
GROWTH = 3  # from one program to the next
WEIGHED = 2000  # units in doubt by which floors on blocks are weighed
WEIGHINGS = 1
JOINT = 1500  # units in doubt of the program for a bound
SHARE = 0.3  # of the time left that one small program may take


def minimise(within: Search, objective: Change, *, gap: float, start: Flags | None = None) -> Found:
    """Minimise the change of an objective; see `exact.best` for the parameters."""
    if len(within.model.free) <= SMALL:
        return best(within, objective, gap=(gap, -math.inf), start=start)
    rows = [*within.limits, *(linear(within, one) for one in within.cuts)]
    known = root(within.model, objective, rows, gap=gap, deadline=_share(within, 0.5))
    for _ in range(WEIGHINGS if within.cuts else 0):
        known = _weighed(within, objective, known, gap)
    known.order = _order(within, objective, known)
    return _core(within, objective, known, (gap, start))


def _order(within: Search, objective: Change, known: Root) -> Whole:
    """Give the units, those most in doubt first: few that move, then by what a move would cost."""
    split = (known.shares, known.prices[0])
    cost = np.abs(doubt(within, objective, split, most=False))
    if known.moves.sum() <= CORE / 2:
        cost[known.moves] = -1.0
    return np.argsort(cost, kind="stable")


def _weighed(within: Search, objective: Change, known: Root, gap: float) -> Root:
    """Price the rules anew with floors on blocks weighed by a program of the units in doubt."""
    closed = np.ones(len(known.moves), np.bool_)
    closed[np.argsort(known.other, kind="stable")[:WEIGHED]] = False
    weigh_blocks(within, objective, np.stack([closed, known.moves & closed]))
    rows = [*within.limits, *(linear(within, one) for one in within.cuts)]
    new = root(within.model, objective, rows, gap=gap, deadline=_share(within, 0.5))
    forced = np.maximum(known.forced, new.forced)
    top = new if new.bound > known.bound else known
    return Root(top.bound, forced, top.moves, top.prices, top.shares)


def _share(within: Search, share: float) -> float:
    return time.monotonic() + share * max(within.left, 0.0)


def _closed(top: Found, gap: float) -> bool:
    return top.moves is not None and top.value - top.bound <= gap * abs(top.value)


def _core(
    within: Search, objective: Change, known: Root, asked: tuple[float, Flags | None]
) -> Found:
    """Look for plans among the units in doubt, more of them until the gap is closed.

    A plan in which another unit decides otherwise is bounded by the first unit left out: the less
    of that and of the bound of the small program is a bound of all plans.
    """
    gap, start = asked
    value = math.inf if start is None else shift(within.model, objective, start)
    top, size, joint = Found(start, value, known.bound, stopped=False), CORE, False
    while within.left > 0 and not _closed(top, gap):
        opened = _opened(known, top, gap, size)
        found, rest = _small(within, objective, (known, top, opened), gap)
        top = _taken(top, found, min(found.bound, max(rest, known.bound)))
        if opened.all() or _closed(top, gap):
            break
        if not joint:
            top, joint = top._replace(bound=_joint(within, objective, known, top, gap)), True
        if top.moves is None or not found.stopped:
            size *= GROWTH
    return top._replace(stopped=not _closed(top, gap) and within.left <= 0)


def _opened(known: Root, top: Found, gap: float, size: int) -> Flags:
    """Give the units in doubt: so many, and all that can matter where these are fewer."""
    opened = np.zeros(len(known.moves), np.bool_)
    opened[known.order[:size]] = True
    if top.moves is not None:
        left = _left(known, top, gap)
        opened = (opened | left if left.sum() <= 2 * size else opened) | (top.moves != known.moves)
    return opened


def _small(
    within: Search, objective: Change, state: tuple[Root, Found, Flags], gap: float
) -> tuple[Found, float]:
    """Solve the program of the units in doubt; give the bound of plans beyond it, too."""
    known, top, opened = state
    decided = np.stack([~opened, known.moves & ~opened])
    share = 1.0 if opened.all() else SHARE
    part = Search(within.model, within.limits, within.cuts, _share(within, share), within.excluded)
    target = top.bound / (1 + gap) if top.bound < 0 else -math.inf
    found = best(part, objective, gap=(gap, target), known=decided, start=top.moves)
    return found, float(known.other[~opened].min(initial=math.inf))


def _joint(within: Search, objective: Change, known: Root, top: Found, gap: float) -> float:
    """Give a bound by a program of the units in doubt in which all others move together."""
    least = doubt(within, objective, (known.shares, known.prices[0]), most=True)
    order = np.argsort(np.where(known.moves, -math.inf, least), kind="stable")
    rest = np.ones(len(order), np.bool_)
    rest[order[: JOINT + int(known.moves.sum())]] = False
    part = Search(within.model, within.limits, within.cuts, _share(within, SHARE), [])
    bound = eased(part, objective, Rest(rest, known.shares, known.prices), gap=0.2 * gap)
    return min(max(top.bound, bound), top.value)


def _taken(top: Found, found: Found, bound: float) -> Found:
    """Take a better plan and a better bound."""
    bound = max(top.bound, bound)
    if found.moves is None or not found.value < top.value:
        return top._replace(bound=min(bound, top.value))
    return top._replace(moves=found.moves, value=found.value, bound=min(bound, found.value))


def _left(known: Root, top: Found, gap: float) -> Flags:
    """Say which units may decide otherwise in a plan that is better by more than the gap."""
    enough = top.value - gap * abs(top.value)
    return np.asarray(known.other < enough)


def linear(within: Search, cuts: Cuts) -> Limit:
    """Give a row that every plan keeps that keeps a floor on blocks (the contrary may not hold)."""
    on = within.model
    constant, figures = row(cuts)
    today = cuts.units.member[on.free]
    move = np.where(today, -figures[on.free], figures[on.free])
    before = constant + float(figures[cuts.units.member].sum())
    moved = Change(0.0, move, np.zeros(len(on.pairs)))
    return Limit(cuts.rule.words(""), moved, cuts.floor - before, math.inf, 0.4)
