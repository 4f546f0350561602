"""The vertical alignment of least cost along a fixed plan.

The discretised problem
-----------------------
1. PVIs are equally spaced, as close as the shortest slope and the shortest vertical curve allow.
2. Every PVI has a parabola as long as the spacing (without a change of grade it is no curve).
3. Every interval between stations is earth, bridge or tunnel. Earth keeps within cut and fill at
   both its stations, a bridge is never below ground there and a tunnel never above; each keeps
   between the heights that the stations leave to its kind.
4. Grades, radii of crests and sags and mean grades hold everywhere, not only at stations; mean
   grades for every stretch of the tangents, also half a curve beyond either end. Lengths of
   grades (`climbs`) hold between PVIs; what a leg uses is overstated by at most 0.01 %.
5. The cost is that of `cost`: average end areas of a trapezoid on level ground, plus structures,
   and what the stations say that a metre of each kind costs on top.

It is solved by bounds from boxes of heights (dynamic programming, `boxes`, which know nothing of
mean grades and lengths; of the heights asked for at stations they know what is left to the PVIs),
which cut off what costs more than a profile already known, and by mixed-integer programs on what is
left (`model`), whose bounds hold for the true, quadratic cost. Heights are real numbers.
`bound_yuan` is a bound for this problem; PVIs elsewhere or shorter curves may still cost less.
"""

from __future__ import annotations

import numpy as np

from geo.alignment.profile.cost import cost
from geo.alignment.profile.model import Box, Task, everything, held, possible_kinds
from geo.alignment.profile.relaxation import explain
from geo.alignment.profile.search import Effort, Found, State, finish, narrow
from geo.alignment.profile.verticals import Stretch, anchors, envelope, grid
from geo.alignment.values import Costs, Fixed, Limits, Profile, Stations
from geo.errors import InputError, Problem
from geo.words import Text

__all__ = ["Effort", "cost", "optimise", "profile"]

FLAT = 1e-9  # a change of grade below it is rounding, not a curve


def profile(
    stations: Stations,
    limits: Limits,
    costs: Costs,
    *,
    start_z: float | None,
    end_z: float | None,
    work: float = 1.5e7,
) -> Profile:
    """Find the profile of least cost between two heights; see `optimise`.

    Examples
    --------
    A plane that climbs 4 %: the road lies on it.

    >>> s = np.arange(0, 401, 20.0)
    >>> limits = Limits(0.08, 30, 25, 100, 450, 450, 50, max_cut_m=20, max_fill_m=20)
    >>> costs = Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5)
    >>> found = profile(Stations(s, s, 0 * s, 0.04 * s), limits, costs, start_z=0, end_z=16)
    >>> bool(np.abs(found.design - 0.04 * s).max() < 1e-6), round(found.cost_yuan, 3)
    (True, 0.0)
    """
    fixed = Fixed(start_z=start_z, end_z=end_z)
    return optimise(stations, limits, costs, fixed=fixed, effort=Effort(work=work))


def optimise(
    stations: Stations,
    limits: Limits,
    costs: Costs,
    *,
    fixed: Fixed | None = None,
    effort: Effort | None = None,
) -> Profile:
    """Find the profile of least cost through fixed heights and grades.

    Parameters
    ----------
    stations
        Chainages and ground, m.
    limits, costs
        What is allowed and what it costs.
    fixed
        Heights and grades of the ends, heights on the way; nothing by default.
    effort
        Work and gap.

    Raises
    ------
    InputError
        If a fixed point lies beyond the stations.
    InfeasibleError
        If no profile of the discretised problem obeys every limit; each problem names a limit
        that would open a way by itself, and the least it has to give.
    LimitError
        If the work was done before any profile was found.

    Examples
    --------
    A gorge 100 m deep between banks of 10 m: only a bridge leads across.

    >>> s = np.arange(0, 401, 20.0)
    >>> ground = np.where((s > 100) & (s < 300), -100.0, 0.0)
    >>> limits = Limits(0.08, 30, 25, 100, 450, 450, 50, max_cut_m=20, max_fill_m=20)
    >>> costs = Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5)
    >>> found = optimise(Stations(s, s, 0 * s, ground), limits, costs)
    >>> np.flatnonzero(found.structure == 1).tolist(), round(found.cost_yuan)
    ([5, 6, 7, 8, 9, 10, 11, 12, 13, 14], 10000000)
    """
    search, wanted = effort or Effort(), fixed or Fixed()
    task = _task(stations, limits, costs, wanted, search.spacing_m)
    low, high = envelope(
        task.grid, anchors(wanted, task.s, task.ground, limits), limits.max_grade, limits
    )
    crossed = bool((low > high + 1e-9).any())
    box = Box(low, np.maximum(low, high), everything(task))
    box = box._replace(kinds=possible_kinds(task, box))
    if crossed or not box.kinds.any(axis=1).all():
        raise explain(task, search.work, reasons=search.reasons)
    box = held(task, box)
    state = State(box, None, 0.0)
    if task.grid.nodes.size > 2:
        state = narrow(task, state, search)
    best, bound = finish(task, state, search)
    return _profile(task, best, bound)


def _task(stations: Stations, limits: Limits, costs: Costs, fixed: Fixed, spacing: float) -> Task:
    s, ground = (np.asarray(v, np.float64) for v in (stations.s, stations.ground))
    outside = [at for at, _ in fixed.via if not s[0] < at < s[-1]]
    if outside:
        raise InputError(
            Text("控制点不在路线桩号范围内", "fixed points lie beyond the stations"),
            problems=[Problem(field="via", found=f"{at} m") for at in outside],
        )
    least = max(limits.min_slope_length_m, limits.min_vertical_curve_m, spacing)
    extra = np.zeros((1, 3))
    if stations.on_top is not None:
        extra = stations.on_top * np.diff(s)[:, None]
    rises = [Stretch(float(begin), float(end), float(most)) for begin, end, most in fixed.rises]
    bounds = [
        np.full((1, 3), free) if bound is None else bound
        for bound, free in ((stations.least, -np.inf), (stations.most, np.inf))
    ]
    laid = grid(s, least)
    return Task(s, ground, laid, limits, costs, fixed, rises, set(), [], extra, *bounds)


def _profile(task: Task, best: Found, bound: float) -> Profile:
    nodes, p, weights = task.grid
    grades = np.diff(best.heights) / p
    curved = np.concatenate([[True], np.abs(np.diff(grades)) > FLAT, [True]])
    lengths = np.where(curved, p, 0.0)
    lengths[[0, -1]] = 0.0
    pvi = np.stack([nodes, best.heights, lengths], axis=1)[curved]
    gap = (best.cost - bound) / best.cost if best.cost > 0 else 0.0
    return Profile(
        task.s, weights @ best.heights, best.kinds.astype(np.int64), pvi, best.cost, bound, gap
    )
