"""What plans claim by township, and where places are better and worse off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from geo.words import Text
from layers.county import County
from scenarios.answers import backdrop
from scenarios.result import Category, Claim, Run
from scenarios.several.strategy.cropland import CROPLAND
from scenarios.several.strategy.money import present_value
from scenarios.several.strategy.spread import WAN
from scenarios.several.strategy.terms import Strategy

NOWHERE = "none"
"""Stands for claims that can be told of no township."""
COLUMNS = ("land_ha", "cropland_ha", "people", "wan_yuan", "by_land", "present")


def by_township(strategy: Strategy, runs: Mapping[str, Run], gains: pd.DataFrame) -> pd.DataFrame:
    """Sum likely claims by township; those that can be told of none have a row of their own, last.

    Yuan that names no township is shared out over the townships of the plan's land, each by its
    hectares. It stays where it is when a plan takes no land, or land of which the township is not
    told.

    Parameters
    ----------
    strategy
        With its first year and its rate.
    runs
        By the names of their plans.
    gains
        As `gains.gains` gives it.

    Returns
    -------
    DataFrame
        town, land_ha, cropland_ha, people, wan_yuan (what claims tell of the township), by_land
        (10⁴ yuan that is shared out; of these three what is taken, not what is supplied), present
        (both, and what comes in, in 10⁴ yuan of the first year), better, worse.
    """
    rows = [
        {"town": town or NOWHERE, **amounts}
        for name in sorted(runs)
        for claim in runs[name].result.claims
        for town, amounts in _amounts(strategy, name, claim, shares(runs[name]))
    ]
    claimed = pd.DataFrame(rows, columns=["town", *COLUMNS]).groupby("town").sum()
    told = gains.assign(town=gains["town"].replace("", NOWHERE))
    places = told.groupby("town")[["better", "worse"]].sum()
    whole = claimed.join(places, how="outer").fillna(0.0).astype(float)
    last = sorted(whole.index, key=lambda town: (town == NOWHERE, town))
    return whole.loc[last].rename_axis("town").reset_index()


def shares(run: Run) -> dict[str, float]:
    """Give which part of the land that a run takes lies in each township; empty where not told."""
    land = [one for one in run.result.claims if one.kind == "land" and one.likely > 0]
    if not land or not all(one.place for one in land):
        return {}
    whole = sum(one.likely for one in land)
    found: dict[str, float] = {}
    for one in land:
        found[one.place] = found.get(one.place, 0.0) + one.likely / whole
    return found


def _amounts(
    strategy: Strategy, name: str, claim: Claim, shared: Mapping[str, float]
) -> Iterator[tuple[str, dict[str, float]]]:
    """Give what a claim counts in which township."""
    taken = claim.likely if claim.high > 0 else 0.0
    if claim.kind == "land":
        cropland = taken if claim.from_ == CROPLAND else 0.0
        yield claim.place, {"land_ha": taken, "cropland_ha": cropland}
    elif claim.kind == "people":
        yield claim.place, {"people": taken}
    elif claim.kind == "yuan":
        out = not claim.place and bool(shared)
        today = present_value(strategy, name, claim).likely / WAN
        for town, part in (shared if out else {claim.place: 1.0}).items():
            cost = taken * part / WAN
            yield town, {"by_land" if out else "wan_yuan": cost, "present": today * part}


def towns(county: County) -> tuple[Category, ...]:
    """Give the townships' codes with their names, and what names none."""
    none = Category(NOWHERE, Text("未分乡镇", "No township told"))
    if "townships" not in county:
        return (none,)
    return (*backdrop.towns(county), none)
