"""The levels of pads at which earth and walls cost least."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from geo.exchange.program import Limits as Work
from geo.siting.grading.bound import bound
from geo.siting.grading.conflict import explain
from geo.siting.grading.ground import measured
from geo.siting.grading.limits import feasible, limits, surplus
from geo.siting.grading.program import Answer, Pieces, Task, solve
from geo.siting.grading.values import Design, Duals, Floats, Prices, Rules, Site

FIRST = 16  # pieces of each fill to begin with
ROUNDS = 300  # of adding pieces; ten are usual
USUAL = Work(work=1e8)
CLOSE = 1e-8
EXCESS_M = 1e-9  # fill over the area of its pad, beyond what its level needs
BINDING_M = 1e-6  # a step so close to its limit is at it


def design_levels(
    site: Site, *, prices: Prices, rules: Rules, gap: float = CLOSE, limit: Work = USUAL
) -> Design:
    """Find the level of each pad so that earth and walls cost least and every rule is kept.

    1. A cell is level at its height; a pad counts the share of it that it covers. Cut and fill of
       a pad are sums over its cells: convex, piecewise linear functions of its level.
    2. Cut less fill of a pad is its area times (mean height − level), whatever its cells.
    3. Cut + borrow − waste = cut_per_fill × fill over all pads; borrow and waste are at most what
       the balance may be off.
    4. A step between pads that share a border costs a wall along it, as high as the step; it is no
       larger than `max_step_m`. A street rises no more than `max_grade` × its length.
    5. Levels keep the ends of their pads and those of roads, and lie no farther than 100 m beyond
       heights, ends and roads.

    Method: a linear program whose fills lie above tangents, solved again with the tangents at its
    levels until its bound is met (Kelley 1960, "The cutting-plane method for solving convex
    programs"): as exact as with every cell's corner, with a few of them. What it proves is derived
    anew from prices alone (Lagrangian bound), which `verify` repeats. Where cut_per_fill is 1, the
    balance is linear (2) and this is all there is. Where it is not, the program stays exact as long
    as nothing is won by fills larger than levels need: with free borrow and waste that is so unless
    wasting (or borrowing) costs more than digging and filling what shrinks (swells) by as much.
    Only where the balance is tight and levels cannot rise (or fall) far enough is the problem not
    convex; then chords from above, one of which holds by a whole number, are added until cost and
    bound meet. Whether any levels keep the rules is decided beforehand, exactly.

    Parameters
    ----------
    site
        Pads, terrain, links and roads.
    prices
        Of earth and of walls. Haul between pads is free.
    rules
        What is to be kept: steps and ends to 1e-6 m, the balance to 1e-6 m³ per m² of pads.
    gap
        Share of the cost at which the search may end.
    limit
        When the search ends: counted work, so that every machine gives the same levels; what the
        clock of a time limit stops is not reproducible. The best design found so far is given.

    Returns
    -------
    Design
        Of several levels that cost the same, the same ones every time. No pads: an empty design.

    Raises
    ------
    InfeasibleError
        If no levels keep the rules: its problems are a minimal set of rules in conflict, with what
        each alone must give; the message says what its levels and steps must give together.
    GeometryError, GridError
        If pads overlap or have no area, or terrain is unknown under them.
    LimitError
        If the solver fails.

    Examples
    --------
    A plane that rises by 1 m in 10 m, and a pad of 40 m × 10 m on it: its level is the mean height,
    and it cuts what it fills, 100 m² × (0.5 m + 1.5 m).

    >>> import geopandas as gpd
    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from shapely import box
    >>> from geo.grid import Grid
    >>> from geo.raster import Raster
    >>> grid = Grid((1, 4), Affine(10, 0, 0, 0, -10, 10), CRS(4549))
    >>> pads = gpd.GeoDataFrame(geometry=[box(0, 0, 40, 10)], index=["a"], crs=4549)
    >>> site = Site(pads, Raster(np.array([[101.0, 102, 103, 104]]), grid))
    >>> found = design_levels(site, prices=Prices(cut=12, fill=8), rules=Rules(balance_m3=0))
    >>> found.pads.round(6).to_dict("index")
    {'a': {'level_m': 102.5, 'area_m2': 400.0, 'cut_m3': 200.0, 'fill_m3': 200.0}}
    >>> round(found.cost, 6), round(found.bound, 3), found.by
    (4000.0, 4000.0, 'prices')
    """
    ground = measured(site)
    kept = limits(site, ground, rules)
    if not feasible(ground, kept):
        raise explain(ground, kept)
    border = site.links["border_m"].fillna(0).to_numpy(dtype=np.float64)
    search = _Search(Task(ground, kept, prices, border), gap, limit)
    if len(ground.labels):
        search.convex()
    if not search.close() and rules.cut_per_fill != 1:
        search.whole()
    return _design(site, search)


@dataclass
class _Search:
    """The best levels so far, what is proven, and the work left."""

    task: Task
    gap: float
    limit: Work
    levels: Floats = field(init=False)
    cost: float = math.inf
    bound: float = -math.inf  # of the duals
    word: float = -math.inf  # the solver's
    duals: Duals = field(init=False)
    pieces: Pieces = field(default_factory=Pieces)
    stopped: bool = False

    def __post_init__(self) -> None:
        """Begin with the highest levels, lowered until the balance is kept."""
        count, links = len(self.task.ground.labels), len(self.task.limits.steps)
        self.duals = Duals(0.0, np.zeros(links))
        self.hull = self.task.limits.hull(count)
        self.levels = np.zeros(count)
        if count:
            self.note(self.hull[1])
            self.bound = bound(self.task, self.duals)
        else:
            self.cost = self.bound = 0.0

    def close(self) -> bool:
        """Say whether cost and bound are as close as asked."""
        return self.cost - max(self.bound, self.word) <= self.gap * self.cost

    def note(self, levels: Floats) -> None:
        """Bring levels to the balance; keep them if they cost less than the best so far."""
        levels = _balanced(self.task, levels, self.hull)
        cost = self.task.cost(levels)
        if cost < self.cost:
            self.levels, self.cost = levels, cost

    def ask(self) -> Answer:
        """Solve the program of the pieces there are; note its levels and what it proves."""
        answer = solve(self.task, self.pieces, self.limit)
        self.limit = self.limit._replace(work=self.limit.work - answer.done.work)
        self.stopped = answer.done.stopped or answer.levels is None or self.limit.work <= 0
        if answer.levels is not None:
            self.note(answer.levels)
        if answer.duals is not None:
            proven = bound(self.task, answer.duals)
            if proven > self.bound:
                self.bound, self.duals = proven, answer.duals
        return answer

    def convex(self) -> None:
        """Add tangents until nothing is left to add or the gap is closed."""
        ground = self.task.ground
        for pad, count in enumerate(np.diff(ground.first)):
            numbers = np.linspace(0, count, FIRST).astype(int).tolist()
            self.pieces.tangents.update((pad, number) for number in numbers)
        for _ in range(ROUNDS):
            levels = self.ask().levels
            if self.close() or levels is None or self.stopped:
                return
            if not self.pieces.touch(ground, levels):
                return

    def whole(self) -> None:
        """Add chords as well, first between the ends, then around the levels found."""
        ground, (low, high) = self.task.ground, self.hull
        for pad in range(len(ground.labels)):
            cells = ground.height[ground.first[pad] : ground.first[pad + 1]]
            ends = np.clip([low[pad], cells[0], cells[-1], high[pad]], low[pad], high[pad])
            self.pieces.posts[pad] = np.unique(ends).tolist()
        self._post(self.levels)
        for _ in range(ROUNDS):
            if self.stopped:
                return
            answer = self.ask()
            if math.isfinite(answer.bound):  # there are levels: "none" is rounding
                self.word = max(self.word, answer.bound)
            if self.close() or answer.levels is None:
                return
            touched = self.pieces.touch(ground, answer.levels)
            if not self._post(answer.levels) and not touched:
                return

    def _post(self, levels: Floats) -> bool:
        """Set posts at the cells around these levels; say whether any is new."""
        ground, (low, high) = self.task.ground, self.hull
        number = ground.below(levels, closed=False)
        news = False
        for pad, posts in self.pieces.posts.items():
            cells = ground.height[ground.first[pad] : ground.first[pad + 1]]
            around = cells[max(number[pad] - 1, 0) : number[pad] + 1]
            more = np.unique([*posts, *np.clip(around, low[pad], high[pad])])
            news |= len(more) > len(posts)
            self.pieces.posts[pad] = more.tolist()
        return news


def _balanced(task: Task, levels: Floats, hull: tuple[Floats, Floats]) -> Floats:
    """Raise or lower all levels alike, within what each may have, until the balance is kept.

    Levels cut off at the lowest and the highest ones that keep steps keep them as well.
    """
    most, k = task.limits.balance_m3, task.limits.cut_per_fill

    def moved(up: float) -> Floats:
        return np.clip(levels + up, *hull)

    def left(up: float) -> float:
        return surplus(task.ground, moved(up), k)

    now = left(0.0)
    if abs(now) <= most:
        return moved(0.0)
    target = math.copysign(most, now)
    end = math.copysign(2 * task.widest, now)  # too much is left: up
    if (left(end) - target) * now >= 0:
        return moved(end)  # but for a hair
    return moved(float(brentq(lambda up: left(up) - target, 0.0, end, xtol=1e-13)))


def _design(site: Site, search: _Search) -> Design:
    task, levels = search.task, search.levels
    ground, k = task.ground, task.limits.cut_per_fill
    cut, fill = ground.volumes(levels)
    left = float(cut.sum() - k * fill.sum())
    pads = {"level_m": levels + ground.datum, "area_m2": ground.total, "cut_m3": cut}
    proven = search.bound >= search.word - search.gap * abs(search.word)
    best = min(search.bound if proven else search.word, search.cost)
    return Design(
        pads=pd.DataFrame({**pads, "fill_m3": fill}, index=ground.labels),
        links=_links(site, search),
        cut_m3=float(cut.sum()),
        fill_m3=float(fill.sum()),
        borrow_m3=max(-left, 0.0),
        waste_m3=max(left, 0.0),
        cost=search.cost,
        bound=best,
        gap=(search.cost - best) / search.cost if search.cost > 0 else 0.0,
        duals=search.duals,
        by="prices" if proven else "HiGHS",
        stopped=search.stopped,
    )


def _links(site: Site, search: _Search) -> pd.DataFrame:
    task, levels = search.task, search.levels
    on, bands, duals = task.limits.steps, task.bands, search.duals
    step = levels[on.left] - levels[on.right]
    street = site.links["street_m"].to_numpy(dtype=np.float64)
    rise = np.divide(np.abs(step), street, out=np.full(len(on), np.nan), where=street > 0)
    starts = np.array([0.0, *(wall.height_m for wall in task.prices.walls[:-1])])
    dearest = np.append(bands.price, 0.0)[np.searchsorted(starts, task.most, "right") - 1]
    held = (np.abs(step) > on.most - BINDING_M) & (on.most < task.widest)
    relief = np.where(held, np.maximum(np.abs(duals.step_m) - task.border * dearest, 0.0), 0.0)
    return site.links[["left", "right"]].assign(
        step_m=step,
        grade=rise,
        wall_m2=task.border * np.abs(step),
        wall_cost=task.border * bands.cost(step),
        relief=relief,
    )
