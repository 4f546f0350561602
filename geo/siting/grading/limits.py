"""What levels must keep, as differences; whether it can be kept is decided exactly.

Ends of single levels and limits on steps are differences of two levels. If any levels keep them,
there are highest ones, which lie above all others, and lowest ones. Raising levels makes less cut
and more fill, so that the highest leave the least surplus and the lowest the greatest; every
surplus between is met on the way from the ones to the others. So a balance can be kept if, and
only if, the surplus of the highest is not too great and that of the lowest not too small.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from geo.siting.grading.ground import Ground
from geo.siting.grading.values import REACH_M, Floats, Rules, Site, Whole
from geo.words import Text

HAIR_M = 1e-9
"""Levels, and volumes over the area of all pads, that differ by less are equal."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Ends:
    """Ends of single levels: pad (position), level above the datum, whether it is an upper one."""

    pad: Whole
    level: Floats
    upper: Flags
    words: tuple[Text, ...]

    def __len__(self) -> int:
        """Count them."""
        return len(self.pad)

    def kept(self, those: Flags) -> Ends:
        """Give some of them."""
        words = tuple(compress(self.words, those))
        return Ends(self.pad[those], self.level[those], self.upper[those], words)


@dataclass(frozen=True, eq=False)
class Steps:
    """Largest steps between two pads (positions), m; inf where there is no limit."""

    left: Whole
    right: Whole
    most: Floats
    words: tuple[Text, ...]

    def __len__(self) -> int:
        """Count them."""
        return len(self.left)

    def kept(self, those: Flags) -> Steps:
        """Give some of them."""
        words = tuple(compress(self.words, those))
        return Steps(self.left[those], self.right[those], self.most[those], words)


@dataclass(frozen=True, eq=False)
class Limits:
    """Everything that levels must keep.

    Attributes
    ----------
    ends, steps
        Of single levels, and between two.
    balance_m3, cut_per_fill
        As the rules have them.
    low, high
        Between which all levels lie, above the datum.
    """

    ends: Ends
    steps: Steps
    balance_m3: float
    cut_per_fill: float
    low: float
    high: float

    def box(self, count: int) -> tuple[Floats, Floats]:
        """Give the lowest and the highest level of each of so many pads by itself."""
        low, high = np.full(count, self.low), np.full(count, self.high)
        up = self.ends.upper
        np.maximum.at(low, self.ends.pad[~up], self.ends.level[~up])
        np.minimum.at(high, self.ends.pad[up], self.ends.level[up])
        return low, high

    def hull(self, count: int) -> tuple[Floats, Floats]:
        """Give the lowest and the highest levels, steps kept; they may lie the wrong way round."""
        low, high = self.box(count)
        return -self._lowered(-low), self._lowered(high)

    def _lowered(self, levels: Floats) -> Floats:
        """Lower levels until no step is too large (Bellman-Ford: at most once round each pad)."""
        on = self.steps
        for _ in range(len(levels)):
            lower = levels.copy()
            np.minimum.at(lower, on.left, levels[on.right] + on.most)
            np.minimum.at(lower, on.right, levels[on.left] + on.most)
            if (lower == levels).all():
                break
            levels = lower
        return levels

    def kept(self, ends: Flags, steps: Flags, *, balance: bool) -> Limits:
        """Give these limits alone."""
        return replace(
            self,
            ends=self.ends.kept(ends),
            steps=self.steps.kept(steps),
            balance_m3=self.balance_m3 if balance else math.inf,
        )


def surplus(ground: Ground, levels: Floats, cut_per_fill: float) -> float:
    """Give the cut that fill does not take, m³ as it lies; below 0 it lacks."""
    cut, fill = ground.volumes(levels)
    return float(cut.sum() - cut_per_fill * fill.sum())


def feasible(ground: Ground, limits: Limits) -> bool:
    """Say whether any levels keep the limits; exact but for a hair."""
    low, high = limits.hull(len(ground.labels))
    if (low > high + HAIR_M).any():
        return False
    most = limits.balance_m3 + HAIR_M * ground.total.sum()
    least_left = surplus(ground, high, limits.cut_per_fill)
    return bool(least_left <= most and surplus(ground, low, limits.cut_per_fill) >= -most)


def limits(site: Site, ground: Ground, rules: Rules) -> Limits:
    """Put together what levels must keep."""
    ends, steps = _ends(site, ground, rules), _steps(site, ground, rules)
    heights = np.concatenate([ground.height, ends.level, _roads(site) - ground.datum])
    return Limits(
        ends,
        steps,
        rules.balance_m3,
        rules.cut_per_fill,
        heights.min(initial=math.inf) - REACH_M,
        heights.max(initial=-math.inf) + REACH_M,
    )


def _roads(site: Site) -> Floats:
    return np.asarray(site.roads["level_m"], dtype=np.float64)


def _ends(site: Site, ground: Ground, rules: Rules) -> Ends:
    """Take ends from the pads' own columns and from roads; what is not finite is none."""
    pads, levels, upper, words = [], [], [], []
    for name, up in (("low_m", False), ("high_m", True)):
        for pad, level in enumerate(site.pads[name]) if name in site.pads.columns else ():
            sign = "≤" if up else "≥"
            label = ground.labels[pad]
            pads.append(pad)
            levels.append(float(level))
            upper.append(up)
            words.append(
                Text(
                    f"地块 {label} 标高 {sign} {level:g} m", f"level of {label} {sign} {level:g} m"
                )
            )
    length = np.asarray(site.roads["length_m"], dtype=np.float64)
    # without a steepest grade a road binds nothing, not even where it touches the pad
    reach = length * rules.max_grade if math.isfinite(rules.max_grade) else length + math.inf
    place = ground.labels.get_indexer(site.roads["pad"])
    for pad, level, most in zip(place, _roads(site), reach, strict=True):
        for up in (False, True):
            pads.append(int(pad))
            levels.append(level + most if up else level - most)
            upper.append(up)
            words.append(_road_words(str(ground.labels[pad]), level, most))
    found = np.isfinite(np.array(levels, dtype=np.float64))
    return Ends(
        np.array(pads, dtype=np.int64)[found],
        np.array(levels, dtype=np.float64)[found] - ground.datum,
        np.array(upper, dtype=np.bool_)[found],
        tuple(one for one, there in zip(words, found, strict=True) if there),
    )


def _road_words(label: str, level: float, most: float) -> Text:
    return Text(
        f"地块 {label} 与道路（{level:g} m）高差 ≤ {most:.3f} m",
        f"{label} within {most:.3f} m of its road at {level:g} m",
    )


def _steps(site: Site, ground: Ground, rules: Rules) -> Steps:
    links = site.links
    border, street = (
        links[name].fillna(0).to_numpy(dtype=np.float64) for name in ("border_m", "street_m")
    )
    step = np.where(border > 0, rules.max_step_m, math.inf)
    graded = np.full(len(links), math.inf)
    if math.isfinite(rules.max_grade):
        graded = np.where(street > 0, rules.max_grade * street, math.inf)
    words = tuple(
        Text(f"{left} 与 {right} 之间{said.zh}", f"{said.en} between {left} and {right}")
        for left, right, said in zip(
            links["left"], links["right"], map(_step_words, step, graded), strict=True
        )
    )
    left, right = (ground.labels.get_indexer(links[name]) for name in ("left", "right"))
    return Steps(left, right, np.minimum(step, graded), words)


def _step_words(step: float, graded: float) -> Text:
    if step <= graded:
        return Text(f"台阶 ≤ {step:g} m", f"step ≤ {step:g} m")
    return Text(f"街道升高 ≤ {graded:.3f} m", f"rise of the street ≤ {graded:.3f} m")
