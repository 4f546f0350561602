"""Which parcels may become cropland, which cropland may go, and what keeps the others.

Every parcel that stays as it is has a first reason: a rule by its id, or one of
`WORDS`: the planner's own choice, or something that is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geo.words import Text
from layers.county import County
from layers.land.rules import PERMANENT, Book, permanent, refusals

CROPLAND = "cropland"
WORDS = {
    "class": Text("该地类不参与调整", "This class of land does not take part"),
    "slope": Text("坡度未知，不作推测", "Slope not known, nothing is guessed"),
    "quality": Text("质量等别未知，不作推测", "Quality grade not known, nothing is guessed"),
}


@dataclass(frozen=True)
class Choices:
    """What the planner chose.

    Parameters
    ----------
    enter
        Classes that may become cropland.
    adjust_basic
        Whether permanent basic farmland may be adjusted at all.
    sliver_m2
        Overlap with a zone that binds nothing.
    """

    enter: tuple[str, ...]
    adjust_basic: bool
    sliver_m2: float


def eligible(
    land: gpd.GeoDataFrame, county: County, on: Book, *, choices: Choices
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Say of every parcel whether it may move, and why not.

    Parameters
    ----------
    land
        As `layers.land.fabric.fabric` gives it.
    county
        With the layers that rules need, as far as it has them.
    on
        The rules of the day.
    choices
        What the planner chose.

    Returns
    -------
    (GeoDataFrame, DataFrame)
        `land` with member, may_leave, may_enter (truths), basic_m2 (area in permanent basic
        farmland, 0 where not known), reason (first, empty where it may move), binding (ids of
        every rule that refuses, joined by ";"); and what `layers.land.rules.refusals` says.
    """
    said = refusals(land, county, on, sliver_m2=choices.sliver_m2)
    member = (land["land_class"] == CROPLAND).to_numpy()
    basic = permanent(land, county)
    held = member & (basic > choices.sliver_m2).to_numpy() & (not choices.adjust_basic)
    refused = said.eq(1).to_numpy() & ~member[:, None]
    known_quality = land["quality"].notna()
    barred = {
        "class": ~member & ~land["land_class"].isin(choices.enter).to_numpy(),
        **{rule: refused[:, place] for place, rule in enumerate(said.columns)},
        PERMANENT: held,
        "slope": land["slope_deg"].isna().to_numpy(),
        "quality": (~known_quality & known_quality.any()).to_numpy(),
    }
    if PERMANENT not in on.rules:
        del barred[PERMANENT]
    reason = np.full(len(land), "", dtype=object)
    for name, rows in barred.items():
        reason[rows & (reason == "")] = name
    free = reason == ""
    rules = [name for name in barred if name not in WORDS]
    named = np.column_stack([barred[name] for name in rules]) if rules else np.empty((len(land), 0))
    return land.assign(
        member=member,
        may_leave=member & free,
        may_enter=~member & free,
        basic_m2=basic.fillna(0),
        reason=pd.Series(reason, index=land.index).astype(str),
        binding=[_joined(row, rules) for row in named.astype(bool)],
    ), said


def _joined(row: NDArray[np.bool_], rules: list[str]) -> str:
    return ";".join(rule for rule, refuses in zip(rules, row, strict=True) if refuses)
