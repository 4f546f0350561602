"""Why no profile exists: which limit binds, and the least it has to give."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from geo.alignment.profile.climbs import broken, long_run
from geo.alignment.profile.cost import Codes
from geo.alignment.profile.model import Box, Model, Task, everything, feasibility, possible_kinds
from geo.alignment.profile.program import Columns, Solution
from geo.alignment.profile.verticals import (
    Stretch,
    anchors,
    envelope,
    grid,
    steep_runs,
    steep_stretches,
)
from geo.alignment.values import BRIDGE, TUNNEL, Floats, Limits
from geo.errors import InfeasibleError, Problem
from geo.words import Text

ROUNDS = 30  # of adding what breaks a mean grade or a length
SOFT = ("max_grade", "min_vertical_radius_m", "min_sag_radius_m", "max_cut_m", "max_fill_m")
HALVINGS = 12  # of what a limit has to give: to 1 / 4096 of the whole
EXACT = 1e-6  # gap where only whether a way exists is asked
MENDED = 0.25  # of the gap: what the program of given kinds, soon solved, may leave
LIMIT_TITLES = {
    "max_grade": Text("最大纵坡", "steepest grade"),
    "min_vertical_radius_m": Text("最小凸形竖曲线半径", "least radius of crests"),
    "min_sag_radius_m": Text("最小凹形竖曲线半径", "least radius of sags"),
    "max_cut_m": Text("最大挖深", "deepest cut"),
    "max_fill_m": Text("最大填高", "highest fill"),
    "window_grade": Text("任意连续路段平均纵坡", "mean grade of any window"),
    "mean_grades": Text("平均纵坡", "mean grade by rise"),
    "grade_lengths": Text("不同纵坡的最大坡长", "lengths of grades"),
    "max_bridge_m": Text("最长桥梁", "longest bridge"),
    "max_tunnel_m": Text("最长隧道", "longest tunnel"),
    "min_slope_length_m": Text("最小坡长", "shortest slope"),
    "min_structure_m": Text("最短结构物", "shortest structure"),
}
NO_PROFILE = Text("没有满足全部限值的纵断面", "no profile obeys every limit")
Build = Callable[[], Model]
Rows = tuple[tuple[float, ...], ...]


class _Known(NamedTuple):
    """What a program with fewer rows gave: kinds of intervals, a bound; work and gap it had."""

    kinds: Codes
    bound: float
    work: float
    gap: float


def stretched(
    task: Task, build: Build, *, work: float, gap: float = EXACT, eased: bool = False
) -> tuple[Solution, Model]:
    """Solve a program, adding rows of mean grades and lengths that it breaks until it breaks none.

    Parameters
    ----------
    task
        The problem; what is found to break a mean grade or a length is added to `task.stretches`,
        `task.runs` and `task.legs`.
    build
        Gives the program with rows for those.
    work, gap
        As `Program.solve` has them, for each program.
    eased
        Whether the steepest grade is softened, so that `task.runs` do not hold.
    """
    built = build()
    done = Solution(None, -math.inf, proven=False)
    limits = task.limits
    free = not (math.isfinite(limits.window_grade) or limits.mean_grades or limits.grade_lengths)
    for relaxed in (False,) if free else (True, False):
        for _ in range(ROUNDS):
            done = built.program.solve(work=work, gap=gap, relaxed=relaxed)
            if done.x is None:
                break
            if not _noted(task, done.x[built.heights], eased=eased):
                break
            if not relaxed and gap > EXACT:
                kinds = np.argmax(done.x[built.kinds], axis=1)
                known = _Known(kinds, done.bound, work, gap)
                mended = _mended(task, build, known, eased=eased)
                if mended is not None:
                    return mended
            built = build()
        else:
            done = Solution(None, done.bound, proven=False)
    return done, built


def _mended(
    task: Task, build: Build, known: _Known, *, eased: bool
) -> tuple[Solution, Model] | None:
    """Keep to the kinds that fewer rows led to; give what that comes to if it is near the bound.

    With fewer rows a program is a relaxation: its bound holds. To prove it again takes longest.
    """
    built = build()
    kinds = built.kinds[np.arange(known.kinds.size), known.kinds]
    built.program.rows([(kinds, 1)], 1, 1)
    done = built.program.solve(work=known.work, gap=known.gap * MENDED)
    if done.x is None or known.bound < (1 - known.gap) * done.bound:
        return None
    if _noted(task, done.x[built.heights], eased=eased):
        return None
    return Solution(done.x, known.bound, done.proven), built


def _noted(task: Task, heights: Floats, *, eased: bool) -> bool:
    """Note what breaks a mean grade or a length and is not asked for yet; say whether any does."""
    limits, p = task.limits, task.grid.spacing
    steep = steep_stretches(task.grid, heights, limits)
    runs = [] if eased else steep_runs(task.grid, heights, long_run(limits, p))
    legs = set(broken(heights, p, limits, task.fixed.climbed)) - task.legs
    task.stretches.extend(steep)
    task.runs.extend(runs)
    task.legs.update(legs)
    return bool(steep or runs or legs)


def explain(task: Task, work: float, *, reasons: bool = True) -> InfeasibleError:
    """Give the error that names each limit that opens a way by itself, and by how much.

    Where no single limit does, it gives a set of limits that together open one. Without `reasons`
    it names none.
    """
    if not reasons:
        return InfeasibleError(NO_PROFILE)
    each = work / 40
    problems = [one for name in SOFT for one in _softened(task, (name,), each)]
    problems += [one for name in _TRIES for one in _searched(task, name, each)]
    problems += _crossings(task, each)
    if not problems:
        problems = _softened(task, SOFT, each * 4) or _all_grades(task, each)
    return InfeasibleError(NO_PROFILE, problems=problems)


def _all_grades(task: Task, work: float) -> list[Problem]:
    """Find by halving the least factor for steepest and mean grades together."""

    def eased(factor: float) -> Limits:
        return replace(
            task.limits,
            max_grade=task.limits.max_grade * factor,
            window_grade=task.limits.window_grade * factor,
            mean_grades=_limit(task.limits, "mean_grades", factor),
        )

    def opens(factor: float) -> bool:
        limits = eased(factor)
        way = task._replace(limits=limits, stretches=_given(task), legs=set(), runs=[])
        box = _box(way, limits.max_grade, limits)
        if box is None:
            return False
        done, _ = stretched(way, lambda: feasibility(way, box, {})[0], work=work)
        return done.x is not None

    shut, way = 1.0, next((f for f in (1.5, 2.0, 3.0, 5.0, 10.0) if opens(f)), math.inf)
    if math.isinf(way):
        return []
    for _ in range(HALVINGS):
        middle = (shut + way) / 2
        shut, way = (shut, middle) if opens(middle) else (middle, way)
    names = ("max_grade", "window_grade", "mean_grades")
    pairs = [(name, getattr(task.limits, name), getattr(eased(way), name)) for name in names]
    return [_problem(name, found, needed) for name, found, needed in pairs if found != needed]


def _softened(task: Task, names: tuple[str, ...], work: float) -> list[Problem]:
    """Give what named limits have to give together, each weighed by its own size."""
    limits = task.limits
    sizes = {name: getattr(limits, name) for name in names}
    sizes = {name: v for name, v in sizes.items() if 0 < v < math.inf}
    if not sizes:
        return []
    price = {name: v if "radius" in name else 1 / v for name, v in sizes.items()}
    wide = replace(
        limits,
        max_cut_m=math.inf if "max_cut_m" in sizes else limits.max_cut_m,
        max_fill_m=math.inf if "max_fill_m" in sizes else limits.max_fill_m,
    )
    grade = _grade_needed(task) if "max_grade" in sizes else limits.max_grade
    box = _box(task, grade, wide)
    if box is None:
        return []
    made: dict[str, Columns] = {}

    def build() -> Model:
        built, soft = feasibility(task, box, price)
        made.update(soft)
        return built

    done, _ = stretched(task, build, work=work, eased="max_grade" in sizes)
    if done.x is None:
        return []
    given = {name: float(done.x[made[name]][0]) for name in sizes}
    return [
        _problem(
            name, sizes[name], 1 / (1 / sizes[name] + by) if "radius" in name else sizes[name] + by
        )
        for name, by in given.items()
        if by * price[name] > 1e-6 or len(names) == 1
    ]


def _searched(task: Task, name: str, work: float) -> list[Problem]:
    """Find by halving what one limit has to give where the program is not linear in it."""
    shut, loose = _TRIES[name](task)
    way = None if shut == loose else _opening(task, name, loose, work)
    if way is None:
        return []
    for _ in range(HALVINGS):
        middle = (shut + way) / 2
        opening = _opening(task, name, middle, work)
        shut, way = (middle, way) if opening is None else (shut, opening)
    found = getattr(task.limits, name)
    return [_problem(name, found, _limit(task.limits, name, way))]


def _crossings(task: Task, work: float) -> list[Problem]:
    """Name what is crossed whose heights, alone left free, open a way: by halving, how far off."""
    least, most = (np.broadcast_to(v, (task.s.size, 3)) for v in (task.least, task.most))
    bound = (np.isfinite(least) | np.isfinite(most)).any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], bound, [False]]).astype(np.int8)))

    def opens(part: slice, metres: float) -> bool:
        low, high = least.copy(), most.copy()
        low[part] -= metres
        high[part] += metres
        eased = task._replace(least=low, most=high, stretches=_given(task))
        box = _box(eased, eased.limits.max_grade, eased.limits)
        if box is None:
            return False
        return stretched(eased, lambda: feasibility(eased, box, {})[0], work=work)[0].x is not None

    if not edges.size or not opens(slice(None), math.inf):
        return []
    problems = []
    for first, end in edges.reshape(-1, 2):
        part = slice(int(first), int(end))
        way = next((m for m in (1.0, 5.0, 20.0, 100.0) if opens(part, m)), math.inf)
        if math.isinf(way):
            continue
        shut = 0.0
        for _ in range(HALVINGS):
            middle = (shut + way) / 2
            shut, way = (shut, middle) if opens(part, middle) else (middle, way)
        problems.append(_crossing(task, int(first), int(end) - 1, f"{way:.2f} m"))
    return problems or [_crossing(task, int(edges[0]), int(edges[-1]) - 1, "")]


def _crossing(task: Task, first: int, last: int, metres: str) -> Problem:
    return Problem(
        row=f"{task.s[first]:.0f} – {task.s[last]:.0f} m",
        field="least, most",
        found=Text("被交线要求的高程无法满足", "heights that what is crossed asks for")
        if not metres
        else Text(f"被交线要求的高程差 {metres}", f"what is crossed asks for {metres} more"),
        remedy=Text("改变交叉位置", "cross it elsewhere"),
    )


def _opening(task: Task, name: str, value: float, work: float) -> float | None:
    """Give the value, or a stricter one that does as well, if it opens a way."""
    limits = replace(task.limits, **{name: _limit(task.limits, name, value)})
    laid = task.grid
    if name == "min_slope_length_m":
        laid = grid(task.s, max(value, limits.min_vertical_curve_m))
    eased = task._replace(limits=limits, grid=laid, stretches=_given(task), legs=set(), runs=[])
    box = _box(eased, limits.max_grade, limits)
    if box is None:
        return None
    done, built = stretched(eased, lambda: feasibility(eased, box, {})[0], work=work)
    if done.x is None:
        return None
    if name not in _LONGEST:
        return value
    there = np.argmax(done.x[built.kinds], axis=1) == _LONGEST[name]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    return float(np.max(task.s[edges[1::2]] - task.s[edges[::2]], initial=0.0))


def _limit(limits: Limits, name: str, value: float) -> Any:
    if name == "mean_grades":
        return tuple((first, below, grade * value) for first, below, grade in limits.mean_grades)
    if name == "grade_lengths":
        return tuple((grade, longest * value) for grade, longest in limits.grade_lengths)
    return value


def _box(task: Task, grade: float, limits: Limits) -> Box | None:
    points = anchors(task.fixed, task.s, task.ground, limits)
    low, high = envelope(task.grid, points, grade, limits)
    if (low > high + 1e-9).any():
        return None
    box = Box(low, np.maximum(low, high), everything(task))
    box = box._replace(kinds=possible_kinds(task._replace(limits=limits), box))
    return box if box.kinds.any(axis=1).all() else None


def _grade_needed(task: Task) -> float:
    """Give a grade that surely reaches every fixed height, if any does."""
    points = sorted(anchors(task.fixed, task.s, task.ground, task.limits))
    steps = [max(b.high - a.low, a.high - b.low) / (b.at - a.at) for a, b in pairwise(points)]
    grades = [abs(g) for g in (task.fixed.start_grade, task.fixed.end_grade) if g is not None]
    return 3 * max(task.limits.max_grade, *steps, *grades)


def _given(task: Task) -> list[Stretch]:
    """Give the stretches that are asked for, none of those met on the way."""
    return [Stretch(*rise) for rise in task.fixed.rises]


def _problem(name: str, found: float | Rows, opening: float | Rows) -> Problem:
    less = name.startswith("min_")
    return Problem(
        field=name,
        found=_text(name, found),
        expected=f"{'≤' if less else '≥'} {_text(name, opening)}",
        remedy=Text(f"放宽{LIMIT_TITLES[name].zh}", f"relax the {LIMIT_TITLES[name].en}"),
    )


def _text(name: str, value: float | Rows) -> str:
    if name == "grade_lengths" and isinstance(value, tuple):
        return ", ".join(f"{longest:.0f} m ({100 * grade:g} %)" for grade, longest in value)
    if isinstance(value, tuple):
        return ", ".join(f"{100 * g:.3f} % ({a:g}-{b:g} m)" for a, b, g in value)
    if "grade" in name:
        return f"{100 * value:.3f} %"
    return f"{value:.2f} m"


def _window(task: Task) -> tuple[float, float]:
    grade = min(task.limits.window_grade, task.limits.max_grade)
    return grade, task.limits.max_grade


def _bands(task: Task) -> tuple[float, float]:
    grades = [grade for _, _, grade in task.limits.mean_grades]
    return 1.0, max([1.0, *(task.limits.max_grade / g for g in grades)])


def _lengths(task: Task) -> tuple[float, float]:
    """Give times the lengths of grades, at which they hold nothing."""
    if not task.limits.grade_lengths:
        return 1.0, 1.0
    shortest = min(longest for _, longest in task.limits.grade_lengths)
    before = 1 / (1 - max(task.fixed.climbed)) if max(task.fixed.climbed) < 1 else 1.0
    return 1.0, max(1.0, before * float(task.s[-1] - task.s[0]) / shortest)


def _longest(name: str) -> Callable[[Task], tuple[float, float]]:
    def tries(task: Task) -> tuple[float, float]:
        length = float(task.s[-1] - task.s[0])
        return min(getattr(task.limits, name), length), length

    return tries


def _slope(task: Task) -> tuple[float, float]:
    strict = max(task.limits.min_slope_length_m, task.limits.min_vertical_curve_m)
    loose = max(strict / 4, task.limits.min_vertical_curve_m)
    return strict, loose


def _shortest(task: Task) -> tuple[float, float]:
    return task.limits.min_structure_m, 0.0


_LONGEST = {"max_bridge_m": BRIDGE, "max_tunnel_m": TUNNEL}
_TRIES: dict[str, Callable[[Task], tuple[float, float]]] = {
    "window_grade": _window,
    "mean_grades": _bands,
    "grade_lengths": _lengths,
    "max_bridge_m": _longest("max_bridge_m"),
    "max_tunnel_m": _longest("max_tunnel_m"),
    "min_structure_m": _shortest,
    "min_slope_length_m": _slope,
}
