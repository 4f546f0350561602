"""Money over the years: what is spent when, by which source, and what counts of it today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from geo.words import alike
from scenarios.result import Claim, Metric, Run
from scenarios.several.strategy.spread import Spread, of, total
from scenarios.several.strategy.terms import Benefit, Strategy

Basis = Literal["shares", "claim", "first"]
UNDATED: Basis = "first"
"""Of yuan that falls in the first year for want of another."""
ENDS = ("low", "likely", "high")
SPENT = ("plan", "money", "year", "basis", *ENDS)
BENEFITS = ("plan", "figure", "title", "unit", "value", "yuan", "first_year", "years", "who", *ENDS)


def present(year: int, *, first: int, rate: float) -> float:
    """Give what a yuan of a year counts in the first.

    >>> round(present(2027, first=2025, rate=0.1), 6)
    0.826446
    """
    return float((1 + rate) ** (first - year))


def spent(strategy: Strategy, runs: Mapping[str, Run]) -> pd.DataFrame:
    """Give the yuan that plans claim by plan, source and year; what comes in is below zero.

    Returns
    -------
    DataFrame
        plan, money, year, basis (`shares`, `claim` or `first`: by which rule of `dated` it falls in
        its year), and low, likely, high in yuan.
    """
    rows = [
        {
            "plan": name,
            "money": strategy.plans[name].money,
            "year": one.year,
            "basis": one.basis,
            **one.amount._asdict(),
        }
        for name in sorted(runs)
        for claim in runs[name].result.claims
        for one in dated(strategy, name, claim)
    ]
    frame = pd.DataFrame(rows, columns=[*SPENT])
    keys = ["plan", "money", "year", "basis"]
    summed = frame.groupby(keys, as_index=False)[list(ENDS)].sum()
    return summed.astype({"year": int, **dict.fromkeys(ENDS, float)})


class Dated(NamedTuple):
    """An amount of yuan in its year, and by which rule it falls there."""

    year: int
    amount: Spread
    basis: Basis


def dated(strategy: Strategy, name: str, claim: Claim) -> Iterator[Dated]:
    """Give the years in which a claim of a plan falls; nothing where it is not of yuan.

    1. Where a plan tells its shares of the years, they hold for all it claims.
    2. Else a claim falls in its own year.
    3. One without a year, or with the year of prices before the strategy begins, falls in the
       strategy's first year. Prices of different years are not converted.
    """
    if claim.kind != "yuan":
        return
    amount, shares = of(claim), strategy.plans[name].spent
    if shares:  # RULE 1
        for year, share in shares.items():
            yield Dated(int(year), amount.times(share), "shares")
    elif claim.year is not None and claim.year >= strategy.first_year:  # RULE 2
        yield Dated(claim.year, amount, "claim")
    else:  # RULE 3
        yield Dated(strategy.first_year, amount, UNDATED)


def present_value(strategy: Strategy, name: str, claim: Claim) -> Spread:
    """Give what a claim of a plan counts in yuan of the first year; nothing where not of yuan."""
    first, rate = strategy.first_year, strategy.discount
    return total(
        one.amount.times(present(one.year, first=first, rate=rate))
        for one in dated(strategy, name, claim)
    )


def benefits(strategy: Strategy, runs: Mapping[str, Run]) -> pd.DataFrame:
    """Give the benefits that plans name, with what they count in the strategy's first year.

    A figure that is not valued counts nothing in yuan: it is told. One that a run has not is NaN.

    Returns
    -------
    DataFrame
        plan, figure, title, unit, value (a year), yuan (of one unit, NaN where not valued),
        first_year, years, who, and low, likely, high: discounted yuan, NaN where not known.
    """
    rows = [
        _benefit(strategy, name, one, runs[name])
        for name in sorted(runs)
        for one in strategy.plans[name].benefit
    ]
    return pd.DataFrame(rows, columns=[*BENEFITS])


def _benefit(strategy: Strategy, name: str, benefit: Benefit, run: Run) -> dict[str, object]:
    metric = next((one for one in run.result.metrics if one.id == benefit.figure), None)
    each = np.nan if benefit.yuan is None else benefit.yuan
    years = range(benefit.first_year, benefit.first_year + benefit.years)
    first, rate = strategy.first_year, strategy.discount
    factor = sum(present(year, first=first, rate=rate) for year in years)
    ends = sorted(value * each * factor for value in _ends(metric))
    return {
        "plan": name,
        "figure": benefit.figure,
        "title": metric.title if metric else alike(benefit.figure),
        "unit": metric.unit if metric else "",
        "value": metric.value if metric else np.nan,
        "yuan": each,
        "first_year": benefit.first_year,
        "years": benefit.years,
        "who": benefit.who,
        **dict(zip(ENDS, ends, strict=True)),
    }


def _ends(metric: Metric | None) -> tuple[float, float, float]:
    if metric is None:
        return (np.nan, np.nan, np.nan)
    low = metric.value if metric.low is None else metric.low
    high = metric.value if metric.high is None else metric.high
    return (low, metric.value, high)


def discounted(strategy: Strategy, runs: Mapping[str, Run]) -> pd.DataFrame:
    """Give costs and valued benefits of each plan in yuan of the strategy's first year.

    Returns
    -------
    DataFrame
        By plan: cost_low, cost, cost_high, benefit_low, benefit, benefit_high (NaN where none is
        valued) and net (likely; NaN without a benefit).
    """
    rows, worth = spent(strategy, runs), benefits(strategy, runs)
    first, rate = strategy.first_year, strategy.discount
    factors = np.array([present(int(year), first=first, rate=rate) for year in rows["year"]])
    found = {}
    for name in sorted(runs):
        own, gains = (rows["plan"] == name).to_numpy(), worth[worth["plan"] == name]
        cost = {end: float((rows[end] * factors)[own].sum()) for end in ENDS}
        gain = {end: float(gains[end].sum(min_count=1)) for end in ENDS}
        found[name] = {
            "cost_low": cost["low"],
            "cost": cost["likely"],
            "cost_high": cost["high"],
            "benefit_low": gain["low"],
            "benefit": gain["likely"],
            "benefit_high": gain["high"],
            "net": gain["likely"] - cost["likely"],
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("plan")
