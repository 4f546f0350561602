"""What plans claim by township, and where places are better and worse off."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from geo.words import Text
from layers.county import County
from scenarios.answers import backdrop
from scenarios.result import Category, Claim, Run
from scenarios.several.strategy.cropland import CROPLAND
from scenarios.several.strategy.spread import WAN

NOWHERE = "none"
"""Stands for claims that name no township."""
COLUMNS = ("land_ha", "cropland_ha", "people", "wan_yuan")


def by_township(runs: Mapping[str, Run], gains: pd.DataFrame) -> pd.DataFrame:
    """Sum likely claims by township; those that name none stand in a row of their own, last.

    Parameters
    ----------
    runs
        By the names of their plans.
    gains
        As `gains.gains` gives it.

    Returns
    -------
    DataFrame
        town, land_ha, cropland_ha, people, wan_yuan (what is taken, not what is supplied), better,
        worse.
    """
    rows = [
        {"town": claim.place or NOWHERE, **amounts}
        for name in sorted(runs)
        for claim in runs[name].result.claims
        if (amounts := _amounts(claim))
    ]
    claimed = pd.DataFrame(rows, columns=["town", *COLUMNS]).groupby("town").sum()
    told = gains.assign(town=gains["town"].replace("", NOWHERE))
    places = told.groupby("town")[["better", "worse"]].sum()
    whole = claimed.join(places, how="outer").fillna(0.0).astype(float)
    last = sorted(whole.index, key=lambda town: (town == NOWHERE, town))
    return whole.loc[last].rename_axis("town").reset_index()


def _amounts(claim: Claim) -> dict[str, float]:
    if claim.high <= 0:
        return {}
    if claim.kind == "land":
        cropland = claim.likely if claim.from_ == CROPLAND else 0.0
        return {"land_ha": claim.likely, "cropland_ha": cropland}
    if claim.kind == "people":
        return {"people": claim.likely}
    return {"wan_yuan": claim.likely / WAN} if claim.kind == "yuan" else {}


def towns(county: County) -> tuple[Category, ...]:
    """Give the townships' codes with their names, and what names none."""
    none = Category(NOWHERE, Text("未分乡镇", "No township told"))
    if "townships" not in county:
        return (none,)
    return (*backdrop.towns(county), none)
