"""Why no plan exists: a set of rules that cannot be kept together, none of which can be spared."""

from __future__ import annotations

import numpy as np

from geo.errors import InfeasibleError, Problem
from geo.exchange.exact import Search, best
from geo.exchange.model import Change, Model
from geo.words import Text, joined

NONE = Text(
    "没有方案满足全部规则，下列各条不能同时成立",
    "no plan obeys every rule: these cannot hold together",
)
UNPROVEN = Text("（限度内未证最小）", "(not proven minimal within the limit)")


def explain(within: Search) -> InfeasibleError:
    """Give the error that names a minimal set of conflicting rules.

    Rules are left out one after the other, the last first; a rule without which the others are
    still in conflict stays out (deletion filter). Every rule that is left is needed: without it the
    others can be kept. Where a limit is hit before, the message says that the set may be larger.
    """
    kept = list(range(len(within.limits) + len(within.cuts)))
    sure = True
    for rule in reversed(kept.copy()):
        rest = [other for other in kept if other != rule]
        answer = feasible(within, rest)
        sure &= answer is not None
        if answer is False:
            kept = rest
    words = [*(limit.words for limit in within.limits), *(c.rule.words("") for c in within.cuts)]
    told = NONE if sure else joined([NONE, UNPROVEN], "", " ")
    remedy = Text("放宽其中任何一条", "relax any one of these")
    return InfeasibleError(told, problems=[Problem(found=words[k], remedy=remedy) for k in kept])


def feasible(within: Search, rules: list[int]) -> bool | None:
    """Say whether some plan obeys the rules of these numbers; None where a limit was hit before."""
    count = len(within.limits)
    part = Search(
        within.model,
        [within.limits[k] for k in rules if k < count],
        [within.cuts[k - count] for k in rules if k >= count],
        within.purse,
        within.effort,
    )
    found = best(part, nothing(within.model))
    if found.moves is not None:
        return True
    return None if found.stopped else False


def nothing(on: Model) -> Change:
    """Give an objective that is 0 for every plan."""
    return Change(0.0, np.zeros(len(on.free)), np.zeros(len(on.pairs)))
