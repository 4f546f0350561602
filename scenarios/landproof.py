"""How far from the best possible an exchange of parcels is, in words.

No scenario itself.
"""

from __future__ import annotations

import math

from geo.exchange import Plan
from layers.source import NO_TEXT, Text, alike
from scenarios.result import Check, Verdict


def gap_words(plan: Plan) -> Text:
    """Say how far from the best possible a plan is.

    The share is of the improvement: what a better plan could add at most.
    """
    if not math.isfinite(plan.gap):
        return Text("距理论最优未知", "distance to the best possible not known")
    if plan.gap == 0:
        return Text("距理论最优 0 %：已证明最优", "0 % from the best possible: proven best")
    percent = f"{math.ceil(plan.gap * 1e5) / 1e3:g}"
    return Text(
        f"距理论最优不超过 {percent} %", f"within {percent} % of the best possible improvement"
    )


def distance(plan: Plan) -> Check:
    """Say how far from the best possible the plan is."""
    words = gap_words(plan)
    title = Text(
        "方案与理论最优的距离（占改善量）", "Distance to the best possible, of the improvement"
    )
    if not plan.reproducible:
        words = Text(f"{words.zh}；达到时限，不可复现",
                     f"{words.en}; time limit hit, not reproducible")  # fmt: skip
    elif plan.stopped:
        words = Text(f"{words.zh}；达到工作量上限", f"{words.en}; limit of work hit")
    verdict: Verdict = "pass" if plan.proven else "unknown"
    return Check("proof", title, verdict, words, NO_TEXT,
                 remedy=NO_TEXT if plan.proven else alike("--set effort=…"))  # fmt: skip
