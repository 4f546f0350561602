"""What decides whether plans fit together, from what was found of them and what limits them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from geo.words import Text, alike
from scenarios.result import Check, Run, Verdict
from scenarios.several.strategy import cropland
from scenarios.several.strategy.carrying import Done, runs_of
from scenarios.several.strategy.handing import figure
from scenarios.several.strategy.land import Land
from scenarios.several.strategy.ledger import KINDS
from scenarios.several.strategy.subsets import Bound, Together
from scenarios.several.strategy.terms import Limit, Strategy

WORST: tuple[Verdict, ...] = ("fail", "unknown", "approval", "pass")


def together(strategy: Strategy, done: Sequence[Done], land: Land, spent: pd.DataFrame) -> Together:
    """Give what decides whether plans fit together; those without a run are not among them.

    Parameters
    ----------
    strategy
        With its limits.
    done
        What came of its plans.
    land
        Their land laid over each other.
    spent
        Yuan by plan, source and year, as `money.spent` gives it.
    """
    runs = runs_of(done)
    return Together(
        weights={name: weight(strategy, name, run) for name, run in sorted(runs.items())},
        contested=dict(sorted(land.contested.items())),
        needs={one.plan.name: one.plan.needs for one in done if one.plan.name in runs},
        barred=dict(sorted(_barred(done))),
        bounds=tuple(bound(strategy, limit, runs, spent) for limit in strategy.limit),
    )


def weight(strategy: Strategy, name: str, run: Run) -> float:
    """Give what a plan counts: its weight, or the figure of its run that the weight names.

    A figure that the run has not counts nothing.
    """
    own = strategy.plans[name].weight
    if isinstance(own, str):
        return figure(run, own) or 0.0
    return float(own)


def _barred(done: Sequence[Done]) -> Iterator[tuple[str, Text]]:
    """Name the plans that the rules of the park refuse."""
    for one in done:
        if park_verdict(one) == "fail":
            yield one.plan.name, Text("违反国家公园管控规则", "the rules of the park refuse it")


def park_verdict(done: Done) -> Verdict | None:
    """Give the worst verdict of the park's rules on a plan's land; None where none was asked for.

    A judgement that failed is unknown.
    """
    if done.park is None:
        return None
    found = [one.verdict for one in park_checks(done)]
    return next((one for one in WORST if one in found), "unknown")


def park_checks(done: Done) -> list[Check]:
    """Give what the rules of the park say of a plan's land.

    What is unknown without a rule is about the county's layers, not about the plan.
    """
    if not isinstance(done.park, Run):
        return []
    found = done.park.result.checks
    return [one for one in found if one.rule or one.verdict != "unknown"]


def bound(strategy: Strategy, limit: Limit, runs: Mapping[str, Run], spent: pd.DataFrame) -> Bound:
    """Give a limit with what each plan claims of it at the likely amounts."""
    if limit.kind == "yuan":
        rows = spent
        if limit.year is not None:
            rows = rows[rows["year"] == limit.year]
        if limit.money:
            rows = rows[rows["money"] == limit.money]
        amounts = rows.groupby("plan")["likely"].sum().to_dict()
    elif limit.kind == "cropland_owed":
        amounts = {name: cropland.net_ha(run).likely for name, run in runs.items()}
    else:
        amounts = {
            name: float(sum(one.likely for one in run.result.claims if one.kind == limit.kind))
            for name, run in runs.items()
        }
    whole = {str(name): float(amount) for name, amount in sorted(amounts.items())}
    return Bound(_title(strategy, limit), limit.unit, limit.most, whole)


def _title(strategy: Strategy, limit: Limit) -> Text:
    title = KINDS.get(limit.kind, Text("须补充耕地（净）", "cropland owed, net"))
    year = Text(f"{limit.year} 年", f" in {limit.year}") if limit.year else alike("")
    money = strategy.source(limit.money) if limit.money else alike("")
    by = Text(f"（{money.zh}）", f" by {money.en}") if limit.money else alike("")
    return Text(f"{year.zh}{title.zh}{by.zh}", f"{title.en}{year.en}{by.en}")
