"""A legal road in space between places: searched, fitted, profiled, bettered and tested.

1. A road is searched on the terrain (`search`), which knows no grade but the steepest: its cost is
   a bound. Where its grades on average break what mean grades and reliefs allow, it is searched
   again at such grades, and again ever gentler and wider where the steps below find no road along
   it: `GUIDES`. What is found then is no bound.
2. Along the path a legal plan is fitted (`fit`), and the profile of least cost found on it
   (`profile.long`), cut and fill held at posts every 5 m.
3. The plan is moved to where the profile costs less (`shifting`), the profile optimised anew, as
   long as that saves `PAYS` of the cost.
4. The independent test (`checker`) is put to the road; one that breaks a rule is no answer.

The search is exact on its lattice and the profile on its plan; the road is the best of those tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.ndimage import binary_dilation
from scipy.spatial import cKDTree

from geo.alignment.checker import breaches
from geo.alignment.plan.fit import fit
from geo.alignment.plan.plan import Plan
from geo.alignment.profile.long import long_profile
from geo.alignment.profile.optimum import Effort
from geo.alignment.search.legs import Quest, found_path
from geo.alignment.search.steepness import mean, steeper
from geo.alignment.search.terrain import Lattice, Path, Zones
from geo.alignment.shifting import Site, shifted
from geo.alignment.values import EARTH, TUNNEL, Alignment, Costs, Fixed, Floats, Limits
from geo.alignment.works.stationing import Posts, examined, posts
from geo.errors import InfeasibleError, InputError, LimitError, Problem
from geo.raster import Raster
from geo.words import Text

PAYS = 0.005  # share of the cost that a further round has to save
BLURS = (1.0, 2.0, 0.5)  # cells that the fit may take the path to be off by
MARGIN = 0.98  # of mean grades, where the path is searched at them
DEAR = 1.25  # times the cost of its path: a road that dear is searched once more
NEAR_TUNNEL = 3  # cells beside a tunnel of the path, below which the road may run too


class Guide(NamedTuple):
    """Times the steepest grade, the radius, cut and fill that a path is searched with."""

    grade: float
    radius: float
    depth: float


GUIDES = (
    Guide(1.0, 1.0, 1.0),
    Guide(0.85, 1.5, 0.8),
    Guide(0.7, 2.0, 0.6),
    Guide(0.5, 3.0, 0.5),
)
"""Ever gentler, wider and nearer to the ground, chosen by trial: where no legal road lies along the
first path, a calmer one may have room for it."""

Progress = Callable[[str, float], None]


def silent(_step: str, _share: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Care:
    """How closely a road is designed.

    Parameters
    ----------
    lattice
        Of the search.
    effort
        Of every profile.
    rounds
        Of plan and profile at most; 0: the fitted plan stays.
    progress
        Told the step at work and the share done of it.
    guide
        Number of the first guide that is tried.
    """

    lattice: Lattice = field(default_factory=Lattice)
    effort: Effort = field(default_factory=lambda: Effort(work=3e7, gap=2e-3))
    rounds: int = 2
    progress: Progress = silent
    guide: int = 0


@dataclass(frozen=True, eq=False)
class Design:
    """A road that obeys its limits.

    Parameters
    ----------
    road
        Plan, profile and limits.
    posts
        Its posts, every 5 m or less.
    path
        What the search found.
    fitted_yuan
        What the road cost as fitted, before plan and profile were bettered in turns.
    rounds
        Rounds of plan and profile that were kept.
    guide
        Number of the guide whose path it follows.
    """

    road: Alignment
    posts: Posts
    path: Path
    fitted_yuan: float
    rounds: int
    guide: int = 0


def design(
    dem: Raster,
    points: Sequence[tuple[float, float]],
    limits: Limits,
    costs: Costs,
    *,
    zones: Zones | None = None,
    care: Care | None = None,
) -> Design:
    """Design a road through points.

    Parameters
    ----------
    dem
        Heights of the ground, m, in a metric CRS.
    points
        x, y of start, points to lead by, end. The road starts and ends at the cell centres of the
        first and last, on the ground, and passes the others within about a cell.
    limits, costs
        What is allowed, what it costs.
    zones
        What it costs on top to run through places; infinite: forbidden.
    care
        How closely.

    Raises
    ------
    InputError
        If points or zones cannot be used.
    InfeasibleError
        If no road was found; each problem names a limit that binds and the least relaxation that
        opens a way, of the search or of the profile along the best path.
    LimitError
        If a budget was used up before a road was found.

    Examples
    --------
    Level ground, 600 m apart:

    >>> from affine import Affine
    >>> from pyproj import CRS
    >>> from geo.grid import Grid
    >>> grid = Grid((9, 30), Affine(30, 0, 0, 0, -30, 270), CRS(4549))
    >>> level = Raster(np.full((9, 30), 7.0), grid)
    >>> limits = Limits(0.08, 30, 25, 100, 250, 250, 25, max_cut_m=30, max_fill_m=20)
    >>> costs = Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5, pavement_yuan_m=1000)
    >>> found = design(level, [(135, 135), (735, 135)], limits, costs)
    >>> round(found.road.plan.length_m, 6), round(found.road.profile.cost_yuan, 3)
    (600.0, 600000.0)
    """
    close = care or Care()
    lattice = replace(close.lattice, progress=partial(close.progress, "search"))
    site = Site(dem, limits, costs, zones)
    best: Design | None = None
    failed: InfeasibleError | LimitError | None = None
    lost: Path | None = None
    for number, eased in list(enumerate(_guides(limits)))[close.guide :]:
        try:
            quest = Quest(points, eased, limits)
            path = found_path(dem, quest, costs, zones=zones, lattice=lattice)
        except InfeasibleError as error:
            if number == 0:  # stricter limits open nothing
                raise
            failed = failed or error
            continue
        if steeper(path, limits):
            continue
        try:
            found = replace(lay(site, path, care=_silent(close)), guide=number)
        except (InfeasibleError, LimitError) as error:
            failed, lost = failed or error, lost or path
            continue
        if best is not None or found.road.profile.cost_yuan <= DEAR * path.cost_yuan:
            return _cheaper(best, found)
        best = found
    if best is None:
        return _hopeless(site, lost, failed, close)
    return best


def _hopeless(
    site: Site, lost: Path | None, failed: InfeasibleError | LimitError | None, close: Care
) -> Design:
    """Say why there is no road, along the first path that had none if that is not known yet."""
    if lost is not None and _unexplained(failed):
        return lay(site, lost, care=close)  # raises the same error, with its reasons
    raise failed or InfeasibleError(
        Text("平均纵坡与坡长限值内无可行路线", "no road within mean grades and lengths of grades"),
        problems=[
            Problem(field="mean_grades, window_grade", found=f"{site.limits.mean_grades}"),
            Problem(field="grade_lengths", found=f"{site.limits.grade_lengths}"),
        ],
    )


def _cheaper(one: Design | None, other: Design) -> Design:
    known = one is not None and one.road.profile.cost_yuan <= other.road.profile.cost_yuan
    return one if one is not None and known else other


def _guides(limits: Limits) -> Iterator[Limits]:
    """Give limits to search with, in the order they are tried; the first alone give a bound."""
    grades = (limits.window_grade, *(grade for _, _, grade in limits.mean_grades))
    long_run = mean(limits)
    means = sorted({min(grade, long_run) for grade in grades})
    for grade, radius, depth in GUIDES:
        eased = replace(
            limits,
            max_grade=limits.max_grade * grade,
            min_radius_m=limits.min_radius_m * radius,
            max_cut_m=limits.max_cut_m * depth,
            max_fill_m=limits.max_fill_m * depth,
        )
        yield eased
        for gentle in means[::-1] if grade == 1 else means[:1]:
            if gentle * MARGIN < eased.max_grade:
                yield replace(eased, max_grade=gentle * MARGIN)


def lay(site: Site, path: Path, *, care: Care | None = None) -> Design:
    """Lay a legal road along a path.

    Parameters
    ----------
    site
        Terrain, limits, costs, zones.
    path
        What a search found on the terrain.
    care
        How closely.

    Raises
    ------
    InfeasibleError, LimitError
        If no road was found along the path.
    """
    close = care or Care()
    failed: InfeasibleError | LimitError | None = None
    for blur in BLURS:
        try:
            return _along(site, path, blur, _silent(close))
        except (InfeasibleError, LimitError) as error:
            failed = failed or error
    if _unexplained(failed) and close.effort.reasons:
        return _along(site, path, BLURS[0], close)  # the same error, with its reasons
    raise failed or InputError(Text("路径无法使用", "the path cannot be used"))


def _along(site: Site, path: Path, blur: float, close: Care) -> Design:
    """Lay a road along a path that may be off by so many cells."""
    close.progress("fit", 0.0)
    cell = blur * site.dem.grid.resolution
    plan = fit(path.xy, site.limits, cell_m=cell, allowed=_allowed(site, path))
    return _bettered(_designed(site, plan, path, close), site, close)


def _silent(close: Care) -> Care:
    """Design without asking why, while other ways are left: reasons take longer than roads."""
    return replace(close, effort=replace(close.effort, reasons=False))


def _unexplained(error: InfeasibleError | LimitError | None) -> bool:
    return isinstance(error, InfeasibleError) and not error.problems


def _allowed(site: Site, path: Path) -> Raster | None:
    """Give where the road may run: known ground, forbidden zones only along the path's tunnels."""
    may = site.dem.valid
    if site.zones is not None:
        bored = np.zeros_like(may)
        legs = np.flatnonzero(path.structure == TUNNEL)
        rows, columns = site.dem.grid.index(*path.xy[np.union1d(legs, legs + 1)].T)
        bored[rows, columns] = True
        below = site.zones.below
        bored = binary_dilation(bored, iterations=NEAR_TUNNEL) if legs.size else bored
        if below is not None:
            bored &= np.isfinite(below.values.astype(np.float64))
        may = may & (np.isfinite(site.zones.above.values.astype(np.float64)) | bored)
    return None if may.all() else Raster(may, site.dem.grid)


def _designed(site: Site, plan: Plan, path: Path, close: Care) -> Design:
    """Find the profile of a plan and test the road; raise if it breaks a rule."""
    found = posts(plan, site.dem, zones=site.zones)
    profile = long_profile(
        found,
        site.limits,
        site.costs,
        fixed=Fixed(float(found.ground[0]), float(found.ground[-1])),
        effort=replace(close.effort, progress=partial(close.progress, "profile")),
        ends=_on_earth(path, found),
    )
    close.progress("profile", 1.0)
    close.progress("check", 0.0)
    broken = breaches(examined(found, profile), asdict(site.limits))
    if len(broken):
        raise InfeasibleError(
            Text("设计未通过独立校核", "the road does not pass the independent test"),
            problems=[
                Problem(
                    row=f"{s:.0f} m", field=str(rule), found=f"{value:.4g}", expected=f"{most:.4g}"
                )
                for s, rule, value, most in broken.itertuples(index=False)
            ],
        )
    return Design(Alignment(plan, profile, site.limits), found, path, profile.cost_yuan, 0)


def _on_earth(path: Path, found: Posts) -> Floats:
    """Give chainages at which the path runs on earth, next to it too."""
    earth = path.structure == EARTH
    near = np.append(earth, True) & np.append(True, earth)
    tree = cKDTree(np.stack([found.x, found.y], axis=1))
    return np.unique(found.s[tree.query(path.xy[near])[1]])


def _bettered(first: Design, site: Site, close: Care) -> Design:
    """Move the plan and optimise the profile in turns while it pays."""
    best = first
    for number in range(close.rounds):
        close.progress("better", number / close.rounds)
        before = best.road.profile
        plan = shifted(best.road.plan, before, site)
        if plan is best.road.plan:
            break
        try:
            tried = _designed(site, plan, best.path, close)
        except (InfeasibleError, LimitError):
            break
        if tried.road.profile.cost_yuan >= before.cost_yuan:
            break
        best = replace(tried, fitted_yuan=first.fitted_yuan, rounds=number + 1)
        if before.cost_yuan - best.road.profile.cost_yuan < PAYS * before.cost_yuan:
            break
    return best
