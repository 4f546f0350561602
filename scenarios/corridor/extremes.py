"""Figures of a road that come nearest to a limit of its standard, each with where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.alignment.plan.curves import MEET, curves
from geo.alignment.plan.plan import ELEMENTS, TANGENT
from geo.alignment.profile.climbs import climbs
from geo.alignment.values import EARTH, Floats
from geo.alignment.works.tabulation import station
from scenarios.corridor.road import Case
from scenarios.result import Stretch

CLIMB_M = 50.0  # between points whose mean grades are told
SAME = 1e-9  # of a share: rounding of a sum


class Extreme(NamedTuple):
    """A figure in words, such as `125 m @ K1+359`, and the stretch it is of, where it is of one."""

    words: str
    stretch: Stretch | None = None


NONE = Extreme("")
"""Of a road that has nothing of the kind."""


def worst(rule: str, case: Case) -> Extreme:
    """Give the figure of a road that comes nearest to a limit, with its station.

    Parameters
    ----------
    rule
        `radius`, `spiral`, `grade`, `slope`, `window`, `mean`, `climb`, `crest`, `sag`, `vertical`,
        `cut`, `fill`, `curve_length`, `straight_same`, `straight_opposite`, `superelevation`,
        `runoff`, `widening`, `sight_crest` or `sight_curve`; of advice `general_radius`,
        `general_curve` or `longest_straight`.
    case
        The road.
    """
    return WORST[rule](case)


def _at(figure: str, chainage_m: float, length_m: float = 0.0) -> Extreme:
    """Give a figure with its station, to the metre as on a kilometre post, and its stretch."""
    words = f"{figure} @ {station(round(chainage_m)).removesuffix('.000')}"
    return Extreme(words, Stretch(float(chainage_m), float(chainage_m + length_m)))


def _radius(case: Case) -> Extreme:
    plan = case.design.road.plan
    bend = np.abs(plan.bend)
    at = int(np.argmax(bend))
    return _at(f"{1 / bend[at]:,.0f} m", plan.start[at], plan.length[at]) if bend[at] > 0 else NONE


def _spiral(case: Case) -> Extreme:
    plan = case.design.road.plan
    spirals = [code for code, kind in enumerate(ELEMENTS) if kind == "spiral"]
    lengths = np.where(np.isin(plan.kind, spirals), plan.length, np.inf)
    at = int(np.argmin(lengths))
    return (
        _at(f"{lengths[at]:,.0f} m", plan.start[at], lengths[at]) if lengths[at] < np.inf else NONE
    )


def _curve_length(case: Case) -> Extreme:
    bends = curves(case.design.road.plan)
    if bends.empty:
        return NONE
    least = bends.loc[bends["length_m"].idxmin()]
    return _at(f"{least['length_m']:,.0f} m", least["start_m"], least["length_m"])


def _straight_same(case: Case) -> Extreme:
    bends = curves(case.design.road.plan)
    return _shortest(bends[bends["same"]])


def _straight_opposite(case: Case) -> Extreme:
    """Give the shortest straight between opposite curves, and how many have none: S-curves."""
    bends = curves(case.design.road.plan)
    other = bends[~bends["same"] & bends["straight_m"].notna()]
    meets = other["straight_m"] <= MEET
    least = _shortest(other[~meets])
    if not meets.any():
        return least
    words = ", ".join(filter(None, (least.words, f"S × {meets.sum()}")))
    return Extreme(words, least.stretch)


def _shortest(bends: pd.DataFrame) -> Extreme:
    """Give the shortest of the straights after curves, where it begins."""
    if bends.empty:
        return NONE
    least = bends.loc[bends["straight_m"].idxmin()]
    end = least["start_m"] + least["length_m"]
    return _at(f"{least['straight_m']:,.0f} m", end, least["straight_m"])


def _longest_straight(case: Case) -> Extreme:
    plan = case.design.road.plan
    lengths = np.where(plan.kind == TANGENT, plan.length, 0.0)
    at = int(np.argmax(lengths))
    return _at(f"{lengths[at]:,.0f} m", plan.start[at], lengths[at]) if lengths[at] > 0 else NONE


def _grade(case: Case) -> Extreme:
    grades = _grades(case)
    at = int(np.argmax(np.abs(grades)))
    ends = case.design.road.profile.pvi[at : at + 2, 0]
    return _at(f"{100 * abs(grades[at]):.2f} %", ends[0], ends[1] - ends[0])


def _grades(case: Case) -> Floats:
    pvi = case.design.road.profile.pvi
    grades: Floats = np.diff(pvi[:, 1]) / np.diff(pvi[:, 0])
    return grades


def _cut(case: Case) -> Extreme:
    return _highest(case, -(case.line.design - case.moved.sections.ground))


def _fill(case: Case) -> Extreme:
    return _highest(case, case.line.design - case.moved.sections.ground)


def _highest(case: Case, above: Floats) -> Extreme:
    """Give the greatest height at stations that touch earthwork."""
    earth = case.line.structure == EARTH
    touched = np.append(earth, False) | np.append(False, earth)
    heights = np.where(touched, above, -np.inf)
    at = int(np.nanargmax(heights))
    return _at(f"{max(0.0, heights[at]):.1f} m", case.line.s[at])


def _window(case: Case) -> Extreme:
    s, window = case.line.s, case.design.road.limits.window_m
    starts = s[s + window <= s[-1]]
    if not starts.size:
        return NONE
    rise = np.interp(starts + window, s, case.line.design) - np.interp(starts, s, case.line.design)
    at = int(np.argmax(np.abs(rise)))
    return _at(f"{100 * abs(rise[at]) / window:.2f} %", starts[at], window)


def _mean(case: Case) -> Extreme:
    """Give the steepest mean grade of all stretches that rise or fall by a band's metres."""
    least = min((first for first, _, _ in case.design.road.limits.mean_grades), default=np.inf)
    s = np.append(np.arange(0.0, case.length_m, CLIMB_M), case.length_m)
    z = np.interp(s, case.line.s, case.line.design)
    steepest, found = 0.0, NONE
    for i in range(s.size - 1):
        rise = np.abs(z[i + 1 :] - z[i])
        means = np.where(rise >= least, rise / (s[i + 1 :] - s[i]), 0.0)
        at = int(np.argmax(means))
        if means[at] > steepest:
            steepest = float(means[at])
            length = s[i + 1 + at] - s[i]
            found = _at(f"{100 * steepest:.2f} % / {rise[at]:,.0f} m", s[i], length)
    return found


def _slope(case: Case) -> Extreme:
    pvi = case.design.road.profile.pvi
    gaps = np.diff(pvi[1:-1, 0])
    if not gaps.size:
        return NONE
    at = int(np.argmin(gaps))
    return _at(f"{gaps[at]:,.0f} m", pvi[1 + at, 0], gaps[at])


def _climb(case: Case) -> Extreme:
    """Give what the climb that uses most of its lengths uses, how long it is, where it begins."""
    found = climbs(case.design.road.profile.pvi, case.design.road.limits)
    last = int(np.argmax(found.used))
    if found.used[last] <= 0:
        return NONE
    first = last
    while found.used[first] > found.share[first] * (1 + SAME):
        first -= 1
    length = float(found.length[first : last + 1].sum())
    return _at(f"{100 * found.used[last]:.1f} % / {length:,.0f} m", found.begin[first], length)


def _crest(case: Case) -> Extreme:
    change = np.diff(_grades(case))
    return _tightest(case, _radii(case, change), change < 0)


def _sag(case: Case) -> Extreme:
    change = np.diff(_grades(case))
    return _tightest(case, _radii(case, change), change > 0)


def _vertical(case: Case) -> Extreme:
    lengths = case.design.road.profile.pvi[1:-1, 2]
    return _tightest(case, lengths, np.ones(lengths.size, dtype=bool))


def _radii(case: Case, change: Floats) -> Floats:
    """Give the radius of each vertical curve; what does not bend has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        radii: Floats = case.design.road.profile.pvi[1:-1, 2] / np.abs(change)
    return radii


def _tightest(case: Case, metres: Floats, of_kind: NDArray[np.bool_]) -> Extreme:
    """Give the least of some figures over the vertical curves of a kind."""
    pvi = case.design.road.profile.pvi
    curved = of_kind & (pvi[1:-1, 2] > 0)
    if not curved.any():
        return NONE
    metres = np.where(curved, metres, np.inf)
    at = int(np.argmin(metres))
    middle, _, length = pvi[1 + at]
    ends = Stretch(float(middle - length / 2), float(middle + length / 2))
    return _at(f"{metres[at]:,.0f} m", middle)._replace(stretch=ends)


def _superelevation(case: Case) -> Extreme:
    lean = np.abs(case.moved.sections.bed.crossfall)
    at = int(np.argmax(lean))
    return _at(f"{100 * lean[at]:.2f} %", case.line.s[at]) if lean[at] > 0 else NONE


def _runoff(case: Case) -> Extreme:
    """Give the swiftest turn of the bed, metres along a metre of the outer edge."""
    gap, turned = np.diff(case.line.s), np.abs(np.diff(case.moved.sections.bed.crossfall))
    at = int(np.argmax(turned / gap))
    rise = turned[at] * 2 * case.sight.lane_m
    return _at(f"{gap[at] / rise:,.0f} m", case.line.s[at]) if rise > 0 else NONE


def _widening(case: Case) -> Extreme:
    bed = case.moved.sections.bed
    width = bed.left_m + bed.right_m
    at = int(np.argmax(width))
    more = width[at] - width.min()
    return _at(f"{more:.2f} m", case.line.s[at]) if more > 0 else NONE


def _sight_crest(case: Case) -> Extreme:
    return _nearest(case, case.seen.crest_m)


def _sight_curve(case: Case) -> Extreme:
    return _nearest(case, case.seen.curve_m)


def _nearest(case: Case, metres: Floats) -> Extreme:
    """Give the shortest sight; where meeting sight is seen everywhere, no station."""
    far, at = 2 * case.sight.stopping_m, int(np.argmin(metres))
    if metres[at] >= far:
        return Extreme(f"≥ {far:,.0f} m")
    return _at(f"{metres[at]:,.0f} m", case.line.s[at])


WORST: Mapping[str, Callable[[Case], Extreme]] = MappingProxyType(
    {
        "radius": _radius,
        "spiral": _spiral,
        "grade": _grade,
        "slope": _slope,
        "window": _window,
        "mean": _mean,
        "climb": _climb,
        "crest": _crest,
        "sag": _sag,
        "vertical": _vertical,
        "cut": _cut,
        "fill": _fill,
        "curve_length": _curve_length,
        "straight_same": _straight_same,
        "straight_opposite": _straight_opposite,
        "general_radius": _radius,
        "general_curve": _curve_length,
        "longest_straight": _longest_straight,
        "superelevation": _superelevation,
        "runoff": _runoff,
        "widening": _widening,
        "sight_crest": _sight_crest,
        "sight_curve": _sight_curve,
    }
)
