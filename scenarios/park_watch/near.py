"""Towers nearly as good as the best that stand elsewhere, and what is told of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from geo.certificates import LocationCertificate
from geo.nearbest import CASES, Best, Case, Others, Things, further
from geo.words import Text
from scenarios.answers import near_best
from scenarios.answers.alternatives import comparison
from scenarios.answers.near_best import Near, Told
from scenarios.answers.unknowns import remedy
from scenarios.park_watch import told
from scenarios.park_watch.outlook import Outlook
from scenarios.park_watch.proof import moved
from scenarios.park_watch.towers import Choice, Wanted, best
from scenarios.result import Alternative, Category, Check, Column, Table
from scenarios.running.progress import tell

WORDS = Told(
    Text("加权覆盖较最优少", "Weighted cover, less than the best"),
    Text("与此前各方案不同的塔址，至少", "Towers elsewhere than in each earlier plan, at least"),
    remedy(Text("增加求解工作量", "search longer"), told.AGAIN),
)
FIGURES = (told.COVER, told.AREA, told.CORE, told.BLIND_AREA, told.REACHED)


class Asked(NamedTuple):
    """How many plans, how near the best, %, and how much work may be done, times."""

    plans: int
    percent: float
    effort: int


class Plans(NamedTuple):
    """The best plan, further ones, and what is told of them; of the best alone nothing is."""

    outlooks: tuple[Outlook, ...]
    near: Near | None


Shown = Callable[[Choice], Outlook]
"""Gives what towers see, and the patrol points for what they leave blind."""


def plans(outlook: Outlook, asked: Asked, wanted: Wanted, shown: Shown) -> Plans:
    """Find towers whose weighted cover is near the best and that stand elsewhere.

    Parameters
    ----------
    outlook
        The best.
    asked
        What is wanted.
    wanted
        As for the best.
    shown
        Completes a choice.
    """
    if not asked.plans:
        return Plans((outlook,), None)
    tell(Text("求相近方案", "plans near the best"), 0.9)
    first, weight = outlook.chosen, outlook.watched.weight
    whole, sees = int(weight.sum()), outlook.states == 1

    certificates: dict[Things, LocationCertificate | None] = {}

    def solve(case: Case) -> Best | None:
        able = len(sees) - len(case.barred)
        if able < wanted.covers or len(case.kept) > first.number:
            return None
        found = best(sees, weight, first.number, wanted, case=case)
        certificates[frozenset(found.chosen)] = found.certificate
        return Best(frozenset(found.chosen), whole - found.covered, whole - found.most)

    least = math.ceil(first.covered * (1 - asked.percent / 100) - 1e-9)
    cases = CASES * asked.effort
    others = further(
        frozenset(first.chosen), solve, limit=whole - least, count=asked.plans, cases=cases
    )
    choices = [
        replace(
            first,
            chosen=tuple(sorted(one.chosen)),
            covered=int(whole - one.loss),
            certificate=moved(first.certificate, certificates[one.chosen]),
        )
        for one in others.plans
    ]
    outlooks = (outlook, *(shown(one) for one in choices))
    coded = tuple(replace(one, code=str(n)) for n, one in enumerate(outlooks, 1))
    return Plans(coded, _near(coded, others, asked))


def _near(outlooks: Sequence[Outlook], others: Others, asked: Asked) -> Near:
    """Say how near and how unlike they are: by the share of towers that stand elsewhere."""
    best_, number = outlooks[0].chosen, max(len(outlooks[0].chosen.chosen), 1)
    chosen = {one.code: set(one.chosen.chosen) for one in outlooks}
    unlike = {
        code: {
            other: 100 * (1 - len(chosen[code] & chosen[other]) / number)
            for other in list(chosen)[:place]
        }
        for place, code in enumerate(chosen)
    }
    codes = list(chosen)[1:]
    pairs = list(zip(codes, others.plans, strict=True))
    return Near(
        asked.percent,
        asked.plans,
        {o.code: 100 * (1 - o.chosen.covered / max(best_.covered, 1)) for o in outlooks},
        unlike,
        {code: 100 * (1 - one.fewest / number) for code, one in pairs},
        {code: 100 * (1 - one.shared / number) for code, one in pairs},
        others.ended,
    )


def alternatives(found: Plans, target: float) -> tuple[Alternative, ...]:
    """Give each plan with its own figures, none where there is the best alone."""
    if found.near is None:
        return ()
    return tuple(
        Alternative(
            one.code,
            near_best.title(one.code),
            tuple(told.metrics(one, target)),
            one.layer("towers") if one.chosen.chosen else "",
        )
        for one in found.outlooks
    )


def compared(found: Plans, target: float) -> tuple[Table, ...]:
    """Give the plans side by side, none where there is the best alone."""
    if found.near is None:
        return ()
    rows = {
        one.code: {
            **{metric.id: metric.value for metric in told.metrics(one, target)},
            **near_best.values(found.near, one.code),
        }
        for one in found.outlooks
    }
    titles = tuple(Category(code, near_best.title(code)) for code in rows)
    first = Column("alternative", Text("方案", "Plan"), categories=titles)
    title = Text("相近方案对比", "Plans near the best compared")
    figures = (*FIGURES, *near_best.figures(found.near, WORDS))
    return (comparison(figures, rows, title=title, first=first),)


def checks(found: Plans) -> tuple[Check, ...]:
    """Judge what was asked of plans near the best."""
    return () if found.near is None else tuple(near_best.checks(found.near, WORDS))


def sentences(found: Plans) -> tuple[Text, ...]:
    """Say which plans there are beside the best."""
    return () if found.near is None else (near_best.sentence(found.near),)
