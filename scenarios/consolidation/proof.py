"""By whose word an exchange of parcels is near the best possible: certified, a solver's, neither.

Distances are shares of the improvement over today: what a better plan could add
at most. Prices certify a bound that `geo.certificates` re-checks; where that is further off than
what was asked for, a bound that is the word of the solver HiGHS stands beside it and says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from geo.certificates import Claims, packed
from geo.exchange import Other, Plan
from geo.exchange.plan import gap as open_gap
from geo.phasing import Phases
from geo.words import NO_TEXT, Text, alike, joined
from scenarios.answers import near_best
from scenarios.answers.unknowns import remedy
from scenarios.result import Category, Check, Proof, Verdict

PRICES = "prices"
PLAN = "exchange"
"""The id of the proof of the best plan."""
RE_CHECKED = Text("由乘子证书证明，可复核", "certified by prices, can be re-checked")


@dataclass(frozen=True, eq=False)
class Searches:
    """What was searched, one after the other.

    Parameters
    ----------
    plan
        The exchange; its certificate is kept with the run.
    years
        The years of what moves.
    points
        Plans of the front that were found; their certificates are not kept.
    split
        Whether a parcel was split afterwards.
    near
        How many plans near the best were found; their certificates are kept, too.
    """

    plan: Plan
    years: Phases
    points: tuple[Plan, ...] = ()
    split: bool = False
    near: int = 0

    @property
    def reproducible(self) -> bool:
        """Whether another run gives the same: not where a time limit has stopped something."""
        return self.plan.reproducible and not self.years.late


def percent(share: float) -> str:
    """Write a share in per cent, rounded up to three decimals.

    >>> percent(0.0012341), percent(0.0)
    ('0.124', '0')
    """
    return f"{math.ceil(share * 1e5) / 1e3:g}"


def certified(claims: Claims) -> float:
    """Give the distance that prices alone certify; inf where they certify none."""
    return open_gap(claims.before, claims.objective, claims.certified)


def gap_words(gap: float, by: str) -> Text:
    """Say how far from the best possible a plan is; "proven best" only where that is certified.

    >>> gap_words(0.0, "prices").en
    '0 % from the best possible: proven best'
    >>> gap_words(0.0, "HiGHS").en
    'within 0 % of the best possible, by the word of HiGHS'
    """
    if not math.isfinite(gap):
        return Text("与理论最优的差距未知", "distance to the best possible not known")
    best = "the best possible improvement" if gap else "the best possible"
    most = _most(gap)
    if by != PRICES:
        return Text(
            f"与理论最优的差距：据求解器{most.zh}", f"{most.en} of {best}, by the word of HiGHS"
        )
    if gap == 0:
        return Text("与理论最优的差距 0 %：已证明最优", "0 % from the best possible: proven best")
    return Text(f"与理论最优的差距{most.zh}", f"{most.en} of {best}")


def _most(gap: float) -> Text:
    """Say how large a distance is at most."""
    share = percent(gap)
    return Text(f"不超过 {share} %" if gap else " 0 %", f"within {share} %")


BASES = (
    Category("certificate", Text("乘子证书", "certificate")),
    Category("prices", Text("乘子（未附证书）", "prices, not kept")),
    Category("HiGHS", Text("求解器 HiGHS", "HiGHS")),
)
"""What the distance of a plan may rest on."""


def basis(plan: Plan, *, kept: bool) -> str:
    """Give the code of what the distance of a plan rests on: prices, whose certificate is kept."""
    if plan.by != PRICES:
        return "HiGHS"
    return "certificate" if kept else "prices"


def note(plan: Plan) -> Text:
    """Say what the distance of a plan rests on, as a note on the figure."""
    if plan.by == PRICES:
        return RE_CHECKED
    known = _certified_words(certified(plan.certificate.claims))
    return Text(
        f"据求解器 HiGHS；由证书证明：{known.zh}", f"by the word of HiGHS; certified: {known.en}"
    )


def _certified_words(share: float) -> Text:
    if not math.isfinite(share):
        return Text("无", "nothing")
    most = _most(share)
    return Text(most.zh.strip(), most.en)


def proof(on: Searches, *, layer: str) -> Proof:
    """Give the certificate of the plan, to be kept with the run."""
    plan = on.plan
    share = _certified_words(certified(plan.certificate.claims))
    return Proof(
        PLAN,
        Text("互换方案与理论最优的差距", "How far from the best possible the exchange is"),
        Text(
            f"守规则的任何方案至多再增加改善量的：{share.zh}",
            f"What a plan that keeps the rules could add to the improvement: {share.en}",
        ),
        joined(_beyond(on), "；", "; "),
        packed(plan.certificate),
        layer,
        "gap" if math.isfinite(plan.gap) else "",
    )


def near_proof(plan: Plan, other: Other, *, code: str, layer: str) -> Proof:
    """Give the certificate of a plan near the best: its moves, and the bound of the best.

    Parameters
    ----------
    plan, other
        The best, and the plan near it.
    code, layer
        The plan's code, and the layer of its moves.
    """
    certificate = plan.certificate
    claims = replace(certificate.claims, objective=other.objective)
    moves = other.plan.member.to_numpy(np.bool_) ^ certificate.problem.member
    share, title = _certified_words(certified(claims)), near_best.title(code)
    return Proof(
        f"{near_best.PROOF}{code}",
        Text(f"{title.zh}与理论最优的差距", f"How far from the best possible {title.en} is"),
        Text(
            f"守规则的任何方案至多再增加该方案改善量的：{share.zh}",
            f"What a plan that keeps the rules could add to this one's improvement: {share.en}",
        ),
        near_best.FARTHEST,
        packed(replace(certificate, claims=claims, moves=moves)),
        layer,
    )


def checks(on: Searches, *, asked_percent: float) -> Iterator[Check]:
    """Say how far from the best possible the plan is, by whose word, and what that leaves open.

    Parameters
    ----------
    on
        What was searched.
    asked_percent
        The distance at which the search might end.
    """
    yield _distance(on, alike(f"≤ {asked_percent:g} %"))
    plan = on.plan
    share = certified(plan.certificate.claims)
    if share > plan.gap:
        title = Text("与理论最优的差距：由证书证明的", "Distance to the best possible as certified")
        known = _certified_words(share)
        verdict: Verdict = "pass" if 100 * share <= asked_percent else "unknown"
        found = Text(f"{known.zh}，可复核", f"{known.en}, can be re-checked")
        yield Check("proof_certified", title, verdict, found, alike(f"≤ {asked_percent:g} %"))
    beyond = joined(_beyond(on), "；", "; ")
    if beyond != NO_TEXT:
        title = Text("方案证明之外的部分", "What the proof of the plan does not cover")
        yield Check("proof_beyond", title, "unknown", beyond, NO_TEXT)


def _distance(on: Searches, allowed: Text) -> Check:
    plan = on.plan
    parts = [gap_words(plan.gap, plan.by)]
    if math.isfinite(plan.gap):
        parts.append(RE_CHECKED if plan.by == PRICES else _word(plan))
    if not on.reproducible:
        parts.append(Text("达到时限，不可复现", "time limit hit, not reproducible"))
    elif plan.stopped:
        parts.append(Text("达到工作量上限", "limit of work hit"))
    title = Text(
        "方案与理论最优的差距（占改善量）", "Distance to the best possible, of the improvement"
    )
    verdict: Verdict = "pass" if plan.proven else "unknown"
    more = remedy(Text("加大求解工作量", "search with more work"), "--set effort=…")
    told = joined(parts, "；", "; ")
    return Check("proof", title, verdict, told, allowed, remedy=NO_TEXT if plan.proven else more)


def _word(plan: Plan) -> Text:
    """Say what of the distance is the solver's own word."""
    part = Text("整体整数规划的界", "the integer program of the whole")
    for program in plan.certificate.programs:
        problem = plan.certificate.problem
        free = (problem.member & problem.may_leave) | (~problem.member & problem.may_enter)
        doubt = int((free & (program.fixed < 0)).sum())
        if program.kind == "open":
            part = Text(f"{doubt:,} 块待定地块的取舍", f"the choice among {doubt:,} parcels")
        if program.kind == "joined":
            part = Text("合并地块的整数规划的界", "an integer program with parcels joined")
    return Text(
        f"其中{part.zh}仅据求解器 HiGHS，未另行证明", f"what it says of {part.en} is not proven"
    )


def _beyond(on: Searches) -> Iterator[Text]:
    """Name what the certificate of the plan does not cover."""
    if on.years.year.nunique() > 1:
        most = _most(on.years.gap)
        yield Text(
            f"分年安排：据求解器 HiGHS，距最优{most.zh}",
            f"years: {most.en} of the best order, by the word of HiGHS",
        )
    if on.points:
        count = len(on.points)
        said = sum(plan.by != PRICES for plan in on.points)
        whose = Text(
            f"{count - said} 点的界据乘子，{said} 点据求解器 HiGHS",
            f"{count - said} bounded by prices, {said} by the word of HiGHS",
        )
        if said in {0, count}:
            whose = Text("界均据求解器 HiGHS", "all bounded by the word of HiGHS")
        if not said:
            whose = Text("界均据乘子", "all bounded by prices")
        yield Text(
            f"前沿 {count} 点：证书未留存，{whose.zh}",
            f"{count} points of the front: no certificates kept, {whose.en}",
        )
    if on.near:
        yield near_best.FARTHEST
    if on.split:
        yield Text("求解之后切分的地块", "the parcel split after the search")
