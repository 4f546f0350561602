"""Why no allocation exists: a set of rules that cannot be kept together, none to be spared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from geo.errors import InfeasibleError, Problem
from geo.siting.allocation.effort import Effort
from geo.siting.allocation.lots import Lots
from geo.siting.allocation.model import Model, model
from geo.siting.allocation.program import eased, exact, size
from geo.siting.allocation.rules import Demand, Rule
from geo.words import Text, joined

NONE = Text(
    "没有方案满足全部规则，下列各条不能同时成立",
    "no allocation obeys every rule: these cannot hold together",
)
UNPROVEN = Text("（限度内未证最小）", "(not proven minimal within the limit)")
REMEDY = Text("放宽其中任何一条", "relax any one of these")


def explain(given: Lots, rules: Sequence[Rule], effort: Effort) -> InfeasibleError:
    """Give the error that names a minimal set of conflicting rules, with areas.

    Rules are left out one after the other, the last first; a rule without which the others are
    still in conflict stays out (deletion filter). Where a limit is hit before, the message says
    that the set may be larger.
    """
    remaining, sure = list(rules), True
    for place in reversed(range(len(rules))):
        fewer = [rule for rule in remaining if rule is not rules[place]]
        answer = feasible(given, fewer, effort)
        sure &= answer is not None
        if answer is False:
            remaining = fewer
    on = model(given, (), remaining)
    words = joined([NONE if sure else joined([NONE, UNPROVEN], "", " "), _together(on)], "；", "; ")
    return InfeasibleError(words, problems=list(_problems(on, remaining)))


def feasible(given: Lots, rules: Sequence[Rule], effort: Effort) -> bool | None:
    """Say whether some allocation obeys rules; None where a limit was hit before."""
    on = model(given, (), rules)
    if eased(on).parts is None:
        return False
    if size(on, on.allowed) > effort.small:
        return None
    found = exact(on, on.allowed, work=effort.work)
    if found.state is not None:
        return True
    return None if found.stopped else False


def _together(on: Model) -> Text:
    """Give what demands in conflict ask for together, and what there is."""
    asked = on.low > 0
    land = on.lots.area[on.allowed[:, :-1][:, asked].any(axis=1)].sum() / 100
    total = on.low[asked].sum() / 100
    return Text(
        f"合计需求 {total:,.2f} m²，可用 {land:,.2f} m²",
        f"demanded together {total:,.2f} m², available {land:,.2f} m²",
    )


def _problems(on: Model, rules: Sequence[Rule]) -> Iterator[Problem]:
    """Give each rule; of a demand also the land that may take its use under these rules."""
    for rule in rules:
        found: Text | str = ""
        if isinstance(rule, Demand):
            use = on.lots.uses.index(rule.use)
            land = np.where(on.allowed[:, use], on.lots.area, 0).sum() / 100
            found = Text(f"可用 {land:,.2f} m²", f"available {land:,.2f} m²")
        yield Problem(expected=rule.words(), found=found, remedy=REMEDY)
