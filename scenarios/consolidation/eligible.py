"""Which parcels may become cropland, which cropland may go, and what keeps the others.

Land that is no cropland and cropland are screened apart, since other reasons hold for each. Every
parcel that stays as it is has a first reason: a rule by its id, or one of `OWN_REASONS`: the
planner's own choice, or something that is not known. What a rule cannot tell, since its layer is
not in the county, keeps no parcel; the checks of the plan say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from geo.words import Text
from layers.county import County
from layers.land.rules import ENTERING, KEPT_OUT_OF, PERMANENT, STEEPEST, Book, permanent
from layers.zones import area
from scenarios.answers.criteria import Among, Criterion, Inside, Limit, Test, Truth
from scenarios.answers.screening import Screened, screen

CROPLAND = "cropland"
OWN_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "class": Text("该地类不参与调整", "This class of land does not take part"),
        "slope": Text("坡度未知，不作推测", "Slope not known, nothing is guessed"),
        "quality": Text("质量等别未知，不作推测", "Quality grade not known, nothing is guessed"),
    }
)


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


@dataclass(frozen=True, eq=False)
class Eligible:
    """Parcels with what may become of them, and what screening says of both sides.

    Attributes
    ----------
    land
        The parcels with member, may_leave, may_enter (truths), basic_m2 (area in permanent basic
        farmland, 0 where not known), reason (first, empty where it may move), binding (ids of
        every rule that refuses, joined by ";").
    entering, leaving
        Land that is no cropland, and cropland, held to their criteria.
    """

    land: gpd.GeoDataFrame
    entering: Screened
    leaving: Screened


def eligible(land: gpd.GeoDataFrame, county: County, on: Book, *, choices: Choices) -> Eligible:
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
    """
    member = land["land_class"] == CROPLAND
    basic, grades = permanent(land, county), land["quality"].notna()
    asked = land.assign(
        basic_m2=basic, slope=land["slope_deg"].isna(), quality=~grades & grades.any()
    )
    lacking = [_own(name, Truth(name)) for name in ("slope", "quality")]
    chosen = _own("class", Among("land_class", choices.enter))
    rules = new_cropland(county, on, sliver_m2=choices.sliver_m2)
    entering = screen(asked[~member], [chosen, *rules, *lacking])
    leaving = screen(asked[member], [*_basic(on, choices), *lacking])
    said = pd.concat([entering.places, leaving.places]).reindex(land.index)
    free = said["verdict"] != "no"
    whole = land.assign(
        member=member,
        may_leave=member & free,
        may_enter=~member & free,
        basic_m2=basic.fillna(0),
        reason=said["first"].astype(str),
        binding=said["binding"].astype(str),
    )
    return Eligible(whole, entering, leaving)


def new_cropland(county: County, on: Book, *, sliver_m2: float) -> Iterator[Criterion]:
    """Give what the rules of a day say of land that becomes cropland.

    Parameters
    ----------
    county
        A rule whose layer it has not cannot tell.
    on
        The rules of the day.
    sliver_m2
        A zone binds a parcel of which more than this lies in it (open). The slope limit is closed:
        25° itself may be cropland.
    """
    for rule in ENTERING:
        if rule not in on.rules:
            continue
        test: Test = Among("land_class", (*on.counts, CROPLAND))
        if rule in KEPT_OUT_OF:
            test = Inside(area(county, KEPT_OUT_OF[rule]), sliver_m2=sliver_m2)
        elif rule == STEEPEST:
            test = Limit("slope_deg", "at most", on.figure(STEEPEST, "max_slope_deg"))
        yield Criterion(rule, on.rules[rule].title, test, rule)


def _basic(on: Book, choices: Choices) -> Iterator[Criterion]:
    """Give what keeps cropland: that it is permanent basic farmland, unless it may be adjusted."""
    if PERMANENT in on.rules and not choices.adjust_basic:
        within = Limit("basic_m2", "at most", choices.sliver_m2)
        yield Criterion(PERMANENT, on.rules[PERMANENT].title, within, PERMANENT)


def _own(name: str, test: Test) -> Criterion:
    return Criterion(name, OWN_REASONS[name], test)
