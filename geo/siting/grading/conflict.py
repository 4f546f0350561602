"""Why no levels keep the rules: which cannot be kept together, and how much each has to give."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from geo.errors import InfeasibleError, Problem
from geo.siting.grading.ground import Ground
from geo.siting.grading.limits import Ends, Flags, Limits, Steps, feasible
from geo.words import Text

NONE = Text(
    "没有标高满足全部规则，下列各条不能同时成立",
    "no levels keep every rule: these cannot be kept together",
)
DOUBLINGS, HALVINGS = 60, 60


def explain(ground: Ground, limits: Limits) -> InfeasibleError:
    """Give the error that names a minimal set of rules in conflict.

    Rules are left out one after the other; one without which the others are still in conflict
    stays out (deletion filter). Every rule that is left is needed, and for each is told by how much
    it alone must give for the rest of the set to be kept.
    """
    e, s = len(limits.ends), len(limits.steps)
    kept = np.ones(e + s + 1, dtype=np.bool_)
    for rule in range(e + s, -1, -1):
        kept[rule] = False
        kept[rule] = feasible(ground, _part(limits, kept))
    problems = [_told(ground, limits, kept, int(rule)) for rule in np.flatnonzero(kept)]
    return InfeasibleError(NONE, problems=problems)


def _part(limits: Limits, kept: Flags) -> Limits:
    e = len(limits.ends)
    return limits.kept(kept[:e], kept[e:-1], balance=bool(kept[-1]))


def _told(
    ground: Ground,
    limits: Limits,
    kept: Flags,
    rule: int,
) -> Problem:
    """Give a rule of a conflict, and the least by which it must give."""
    e, last = len(limits.ends), len(kept) - 1
    least = _least(ground, limits, kept, rule)
    if rule == last:
        most = limits.balance_m3
        told = Text(f"挖填平衡差 ≤ {most:g} m³", f"balance within {most:g} m³")
        unit, least = "m³", math.ceil(least)
    else:
        told = limits.ends.words[rule] if rule < e else limits.steps.words[rule - e]
        unit, least = "m", math.ceil(least * 1e3) / 1e3
    remedy = Text(f"单独放宽至少 {least:g} {unit}", f"relax it alone by {least:g} {unit} at least")
    return Problem(found=told, remedy=remedy)


def _least(
    ground: Ground,
    limits: Limits,
    kept: Flags,
    rule: int,
) -> float:
    """Find the least by which a rule must give, by halving."""
    low, high = 0.0, 1.0
    for _ in range(DOUBLINGS):
        if feasible(ground, _part(_relaxed(limits, rule, high), kept)):
            break
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if feasible(ground, _part(_relaxed(limits, rule, middle), kept)):
            high = middle
        else:
            low = middle
    return high


def _relaxed(limits: Limits, rule: int, amount: float) -> Limits:
    ends, steps = limits.ends, limits.steps
    if rule < len(ends):
        one = np.arange(len(ends)) == rule
        level = ends.level + np.where(one, np.where(ends.upper, amount, -amount), 0.0)
        return replace(limits, ends=Ends(ends.pad, level, ends.upper, ends.words))
    rule -= len(ends)
    if rule < len(steps):
        most = steps.most + np.where(np.arange(len(steps)) == rule, amount, 0.0)
        return replace(limits, steps=Steps(steps.left, steps.right, most, steps.words))
    return replace(limits, balance_m3=limits.balance_m3 + amount)
