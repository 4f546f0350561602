"""Why no levels keep the rules: which cannot be kept together, and how much each has to give."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from geo.errors import InfeasibleError, Problem
from geo.siting.grading.ground import Ground
from geo.siting.grading.limits import Flags, Limits, feasible
from geo.words import Text

MANY = 100
"""Rules in a conflict up to which each is tried alone."""
DOUBLINGS, HALVINGS = 40, 45


def explain(ground: Ground, limits: Limits) -> InfeasibleError:
    """Give the error that names a minimal set of rules in conflict.

    Rules are left out one after the other; one without which the others are still in conflict
    stays out (deletion filter). Every rule that is left is needed. For each is told by how much it
    alone must give for the rest of the set to be kept, unless there are more than `MANY`; and for
    all levels and steps among them, by how much together.
    """
    e, s = len(limits.ends), len(limits.steps)
    kept = np.ones(e + s + 1, dtype=np.bool_)
    for rule in range(e + s, -1, -1):
        kept[rule] = False
        kept[rule] = feasible(ground, _part(limits, kept))
    among = _part(limits, kept)
    count = int(kept.sum())
    problems = [_told(ground, among, rule, alone=count <= MANY) for rule in range(count)]
    levels = np.arange(count) < count - int(kept[-1])
    together = math.ceil(_least(ground, among, levels) * 1e3) / 1e3
    words = Text(
        "没有标高满足全部规则，下列各条不能同时成立；"
        f"处理：其中标高、高差各条一并放宽至少 {together:g} m",
        "no levels keep every rule: these cannot be kept together; "
        f"remedy: relax the levels and steps among them, all by {together:g} m at least",
    )
    return InfeasibleError(words, problems=problems)


def _part(limits: Limits, kept: Flags) -> Limits:
    e = len(limits.ends)
    return limits.kept(kept[:e], kept[e:-1], balance=bool(kept[-1]))


def _told(ground: Ground, among: Limits, rule: int, *, alone: bool) -> Problem:
    """Give a rule of a conflict (ends, steps, then the balance), and by how much it must give."""
    words = (*among.ends.words, *among.steps.words)
    if rule < len(words):
        told, unit, digits = words[rule], "m", 3
    else:
        most = among.balance_m3
        told = Text(f"挖填平衡差 ≤ {most:g} m³", f"balance within {most:g} m³")
        unit, digits = "m³", 0
    if not alone:
        return Problem(found=told)
    least = _least(ground, among, np.arange(len(words) + 1) == rule)
    up = f"{math.ceil(least * 10**digits) / 10**digits:.12g}"
    remedy = Text(f"单独放宽至少 {up} {unit}", f"relax it alone by {up} {unit} at least")
    return Problem(found=told, remedy=remedy)


def _least(ground: Ground, among: Limits, rules: Flags) -> float:
    """Find the least by which these rules must give, all by as much, by halving."""
    low, high = 0.0, 1.0
    for _ in range(DOUBLINGS):
        if feasible(ground, _relaxed(among, rules, high)):
            break
        low, high = high, 2 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if feasible(ground, _relaxed(among, rules, middle)):
            high = middle
        else:
            low = middle
    return high


def _relaxed(limits: Limits, rules: Flags, amount: float) -> Limits:
    ends, steps = limits.ends, limits.steps
    by = np.where(rules, amount, 0.0)
    one, other, rest = np.split(by, [len(ends), len(ends) + len(steps)])
    return replace(
        limits,
        ends=replace(ends, level=ends.level + np.where(ends.upper, one, -one)),
        steps=replace(steps, most=steps.most + other),
        balance_m3=limits.balance_m3 + float(rest.sum()),
    )
