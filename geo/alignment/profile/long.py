"""Profiles along roads of any length, to close posts: piece by piece, with matching ends.

1. The profile is optimised at stations some posts apart (`geo.alignment.profile.optimum`). Posts
   between that lie deeper or higher than cut and fill or what is crossed allow become stations,
   until none does.
2. A long road is cut into pieces that overlap. Of each the first part is kept, up to a joint on a
   tangent of the profile, on earth; there the next piece begins, at its height and grade.
3. What a piece may rise is less what the road has risen before its joint, so that mean grades hold
   across joints too; a road that turns from climbing to falling there is held shorter than needed.
   What it has used of the lengths of grades before its joint is used up (`climbs`).
4. Where a piece finds no way on from its joint, it and the one before are made one.

`bound_yuan` of such a profile is a bound for profiles with the same joints.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo.alignment.profile.climbs import carried
from geo.alignment.profile.cost import cost
from geo.alignment.profile.optimum import Effort, optimise
from geo.alignment.profile.verticals import BELOW_RISE, Bands, grid, heights
from geo.alignment.values import EARTH, Costs, Fixed, Floats, Limits, Profile
from geo.alignment.works.stationing import Posts, structures_at, thinned
from geo.errors import InfeasibleError

THIN = 4  # posts between stations
WHOLE_M, PIECE_M, OVERLAP_M = 8000.0, 4500.0, 1800.0
STEP = 10.0  # m between points that mean grades across a joint are held at
ROUNDS = 12  # of adding posts
SHORT = 12  # posts: crossings; where more are bound, by floods, stations are added as needed
SLACK = 0.005  # m of cut and fill beyond what is allowed: rounding

Numbers = NDArray[np.int64]


class Job(NamedTuple):
    """What is asked: posts, limits, costs, heights to meet, effort, chainages fit to end at."""

    posts: Posts
    limits: Limits
    costs: Costs
    fixed: Fixed
    effort: Effort
    ends: Floats


@dataclass(frozen=True, eq=False)
class _Joint:
    """Where a piece begins: chainage, height, grade, and the tangents' points before it."""

    s: float
    z: float
    grade: float | None
    pvi: Floats
    parts: tuple[Profile, ...]
    kept: tuple[float, ...]  # chainages the parts are kept to


def long_profile(
    found: Posts,
    limits: Limits,
    costs: Costs,
    *,
    fixed: Fixed,
    effort: Effort | None = None,
    ends: Floats | None = None,
) -> Profile:
    """Find a profile of least cost along posts, in pieces where the road is long.

    Parameters
    ----------
    found
        The road in plan.
    limits, costs
        What is allowed and what it costs; cut and fill hold at every post.
    fixed
        Heights to meet.
    effort
        For each piece.
    ends
        Chainages at which a piece may end: where the road can be near the ground. Anywhere
        without.

    Raises
    ------
    InfeasibleError, LimitError
        As `geo.alignment.profile.optimum.optimise`.

    Examples
    --------
    9 km of plane that climb 3 %: the road lies on it.

    >>> s = np.linspace(0, 9000, 901)
    >>> plane = Posts(s, s, 0 * s, 0.03 * s, 0 * s, 0 * s)
    >>> limits = Limits(0.08, 30, 25, 400, 450, 450, 50, max_cut_m=20, max_fill_m=20)
    >>> costs = Costs(20, 15, 5e4, 0, 8e4, 8, 0.75, 1.5)
    >>> line = long_profile(plane, limits, costs, fixed=Fixed(0.0, 270.0))
    >>> bool(np.abs(line.design - 0.03 * line.s).max() < 1e-3), line.cost_yuan < 10
    (True, True)
    """
    every = found.s if ends is None or not ends.size else np.asarray(ends)
    job = Job(found, limits, costs, fixed, effort or Effort(), every)
    joints = [_Joint(float(found.s[0]), math.nan, None, np.zeros((0, 3)), (), ())]
    reach = PIECE_M
    while True:
        here = joints[-1]
        if job.effort.progress is not None:
            job.effort.progress((here.s - found.s[0]) / (found.s[-1] - found.s[0]))
        last = _last(job, here.s, reach)
        try:
            piece = _piece(job, here, last)
        except InfeasibleError:
            if len(joints) == 1 and last == found.s.size - 1:
                raise
            reach = found.s[last] - joints[-1].s
            if len(joints) > 1:
                joints.pop()
                reach = found.s[last] - joints[-1].s
            reach += OVERLAP_M
            continue
        if last == found.s.size - 1:
            return _joined(job, here, piece)
        after = _joint(job, here, piece)
        if after is None:
            reach += OVERLAP_M
        else:
            joints.append(after)
            reach = PIECE_M


def _last(job: Job, begin: float, reach: float) -> int:
    """Give the post at which a piece ends."""
    s = job.posts.s
    target = begin + reach + OVERLAP_M
    if target + OVERLAP_M > s[-1] or s[-1] - begin <= WHOLE_M:
        return s.size - 1
    near = job.ends[(job.ends > target - OVERLAP_M / 2) & (job.ends < s[-1])]
    if not near.size:
        return s.size - 1
    return int(np.argmin(np.abs(s - near[np.argmin(np.abs(near - target))])))


def _piece(job: Job, here: _Joint, last: int) -> Profile:
    """Solve one piece, from a joint to a post."""
    s, (fixed, limits) = job.posts.s, (job.fixed, job.limits)
    final = last == s.size - 1
    first = int(np.searchsorted(s, here.s + 1e-6)) if here.parts else 0
    begin, end = here.s, float(s[last])
    wanted = Fixed(
        here.z if here.parts else fixed.start_z,
        fixed.end_z if final else None,
        here.grade if here.parts else fixed.start_grade,
        fixed.end_grade if final else None,
        tuple((at, z) for at, z in fixed.via if begin < at < end),
        _carried(here.pvi, end, limits) if here.parts else fixed.rises,
        carried(here.pvi, limits, fixed.climbed) if here.parts else fixed.climbed,
    )
    posts = _begun(job.posts, here, first) if here.parts else job.posts
    size = last - first + 1 + (1 if here.parts else 0)
    ends = [min(1, size - 1), size - 1, *_edges(posts, size)]
    chosen = np.unique(np.append(np.arange(0, size, THIN), ends))
    for _ in range(ROUNDS):
        piece = optimise(thinned(posts, chosen), limits, job.costs, fixed=wanted, effort=job.effort)
        over = _over(posts, size, piece, limits)
        if not over.size:
            break
        near = np.clip(np.concatenate([over - 1, over, over + 1]), 0, size - 1)
        chosen = np.union1d(chosen, near)
    return piece


def _begun(posts: Posts, here: _Joint, first: int) -> Posts:
    """Give the posts after a joint, the joint before them, on earth up to the first."""
    s = posts.s

    def put(values: Floats) -> Floats:
        return np.append(np.interp(here.s, s, values), values[first:])

    on_top = posts.on_top
    kinds = np.zeros((s.size - first, 3)) if on_top is None else on_top[first - 1 :].copy()
    kinds[0, [kind for kind in range(3) if kind != EARTH]] = np.inf
    x, y, ground, heading, curvature = (
        put(v) for v in (posts.x, posts.y, posts.ground, posts.heading, posts.curvature)
    )
    least, most = (  # the joint lies on a line that was held already
        None if bound is None else np.vstack([np.full((1, 3), free), bound[first:]])
        for bound, free in ((posts.least, -np.inf), (posts.most, np.inf))
    )
    return Posts(put(s), x, y, ground, heading, curvature, kinds, least, most)


def _edges(posts: Posts, size: int) -> list[int]:
    """Give the first and last post of each short stretch in which heights are asked for."""
    if posts.least is None or posts.most is None:
        return []
    bound = (np.isfinite(posts.least) | np.isfinite(posts.most))[:size].any(axis=1)
    steps = np.flatnonzero(np.diff(np.concatenate([[False], bound, [False]]).astype(np.int8)))
    runs = steps.reshape(-1, 2) - [0, 1]
    return [int(v) for run in runs[runs[:, 1] - runs[:, 0] <= SHORT] for v in run]


def _over(posts: Posts, size: int, piece: Profile, limits: Limits) -> Numbers:
    """Give posts that lie too deep or too high for the kind there, stations left out."""
    s = posts.s[:size]
    z = heights(piece.pvi, s)
    above = z - posts.ground[:size]
    kinds = structures_at(piece, s)[:, None] == np.arange(3)
    none = np.zeros((1, 3), dtype=bool)
    touched = np.vstack([kinds, none]) | np.vstack([none, kinds])
    off = (above > limits.max_fill_m + SLACK) | (above < -limits.max_cut_m - SLACK)
    off &= touched[:, EARTH]
    for bound, sign in ((posts.least, 1), (posts.most, -1)):
        if bound is not None:
            off |= (touched & (sign * (z[:, None] - bound[:size]) < -SLACK)).any(axis=1)
    return np.setdiff1d(np.flatnonzero(off), np.searchsorted(s, piece.s - 1e-9))


def _joint(job: Job, here: _Joint, piece: Profile) -> _Joint | None:
    """Choose where to go on: the middle between two PVIs on earth, near the wanted length."""
    limits = job.limits
    least = max(limits.min_slope_length_m, limits.min_vertical_curve_m, job.effort.spacing_m)
    nodes = grid(piece.s, least).nodes
    middles = (nodes[1:] + nodes[:-1]) / 2
    low, high = piece.s[0] + PIECE_M / 3, piece.s[-1] - OVERLAP_M / 2
    middles = middles[(middles > low) & (middles < high)]
    for c in middles[np.argsort(np.abs(middles - piece.s[0] - PIECE_M), kind="stable")]:
        at = int(np.searchsorted(piece.s, c)) - 1
        if (piece.structure[max(at - 1, 0) : at + 2] != EARTH).any():
            continue
        z = float(heights(piece.pvi, np.array([c]))[0])
        after = int(np.searchsorted(piece.pvi[:, 0], c))
        grade = float(np.diff(piece.pvi[after - 1 : after + 1, 1])[0])
        grade /= float(np.diff(piece.pvi[after - 1 : after + 1, 0])[0])
        before = piece.pvi[1 if here.parts else 0 : after]
        pvi = np.concatenate([here.pvi[:-1], before, [(c, z, 0.0)]])
        found = _Joint(float(c), z, grade, pvi, (*here.parts, piece), (*here.kept, float(c)))
        if _goes_on(found, 2 * float(nodes[1] - nodes[0]), job):
            return found
    return None


def _goes_on(joint: _Joint, leg: float, job: Job) -> bool:
    """Say whether a first leg so long may go on at the grade of a joint."""
    c, grade = joint.s, joint.grade or 0.0
    rises = _carried(joint.pvi, c + leg, job.limits)
    on = np.concatenate([joint.pvi, [(c + leg, joint.z + grade * leg, 0.0)]])
    used = carried(on, job.limits, job.fixed.climbed)
    return max(used) <= 1 and all(abs(grade) * (to - c) <= most for _, to, most in rises)


def _carried(pvi: Floats, end: float, limits: Limits) -> tuple[tuple[float, float, float], ...]:
    """Give what the tangents may rise from a joint on, for mean grades of stretches across it."""
    c = float(pvi[-1, 0])
    y = np.arange(c + STEP, end + STEP / 2, STEP)
    most = np.full(y.size, np.inf)
    x = np.arange(c, pvi[0, 0], -STEP)
    back = np.abs(np.interp(x, pvi[:, 0], pvi[:, 1]) - pvi[-1, 1])
    if math.isfinite(limits.window_grade):
        begin = y - limits.window_m
        inside = (begin > pvi[0, 0]) & (begin < c)
        risen = np.interp(begin, x[::-1], back[::-1])
        most[inside] = limits.window_grade * limits.window_m - risen[inside]
    if limits.mean_grades:
        for i, to in enumerate(y):
            most[i] = min(most[i], float((_most_rises(to - x, limits.mean_grades) - back).min()))
    most = most - limits.max_grade * STEP
    binding = most < limits.max_grade * (y - c)
    return tuple(
        (c, float(to), max(float(by), 0.0))
        for to, by in zip(y[binding], most[binding], strict=True)
    )


def _most_rises(distance: Floats, bands: Bands) -> Floats:
    """Give `verticals.most_rise` of many distances."""
    found = np.full(distance.shape, np.inf)
    for first, below, grade in sorted(bands, reverse=True):
        allowed = np.maximum(grade * distance, first - BELOW_RISE)
        found = np.where(grade * distance < below, allowed, found)
    return found


def _joined(job: Job, here: _Joint, piece: Profile) -> Profile:
    """Put the kept parts and the last piece together."""
    if not here.parts:
        return piece
    pvi = np.concatenate([here.pvi[:-1], piece.pvi[1:]])
    s, kinds, lost = [], [], 0.0
    begin = float(job.posts.s[0]) - 1.0
    for part, end in zip((*here.parts, piece), (*here.kept, math.inf), strict=True):
        taken = (part.s > begin + 1e-9) & (part.s < end)
        s.append(part.s[taken])
        kinds.append(np.append(part.structure, EARTH)[taken])
        lost += part.cost_yuan - part.bound_yuan
        begin = end
    whole = np.concatenate(s)
    structure = np.concatenate(kinds)[:-1]
    design = heights(pvi, whole)
    chosen = np.searchsorted(job.posts.s, whole - 1e-9)
    stations = thinned(job.posts, chosen)
    paid = cost(whole, stations.ground, design, structure, job.costs)
    if stations.on_top is not None:
        extra = stations.on_top[np.arange(structure.size), structure]
        paid += float((extra * np.diff(whole)).sum())
    gap = lost / paid if paid > 0 else 0.0
    return Profile(whole, design, structure, pvi, paid, paid - lost, gap)
