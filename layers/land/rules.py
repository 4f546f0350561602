"""The rules on cropland of a day: which zones are closed to it, what counts, what is a block.

Where permanent basic farmland is not in the county, what lies in it is unknown and never "nothing".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from geo.errors import SchemaError
from geo.words import Text
from layers.county import County
from layers.rulebook import Rule, rules
from layers.zones import ZONES, area, covered_m2

STEEPEST = "cropland.steepest"
BALANCE = "exchange.balance"
PERMANENT = "exchange.permanent_farmland"
BLOCK = "exchange.block"
M2_PER_MU = 2000 / 3
KEPT_OUT_OF: Mapping[str, str] = MappingProxyType(
    dict(sorted((zone.cropland, name) for name, zone in ZONES.items() if zone.cropland))
)
"""The zone that each rule keeps new cropland out of, in the order of the rules' ids."""
ENTERING = (*KEPT_OUT_OF, STEEPEST, BALANCE)
"""Rules on what becomes cropland, in the order in which they are said to bind first."""


@dataclass(frozen=True)
class Book:
    """The rules on cropland of one day.

    Parameters
    ----------
    day
        The day.
    rules
        By id; a rule that did not hold on the day is not there.
    """

    day: date
    rules: Mapping[str, Rule]

    def figure(self, rule: str, name: str) -> float:
        """Give a figure of a rule.

        Raises
        ------
        SchemaError
            If the rule does not hold on the day.
        """
        if rule not in self.rules:
            raise SchemaError(
                Text(
                    f"{self.day}：当日没有有效的规则 {rule}",
                    f"{self.day}: no such rule on this day: {rule}",
                )
            )
        return float((self.rules[rule].parameters or {})[name]["value"])

    @property
    def counts(self) -> tuple[str, ...]:
        """Classes of land whose change into cropland makes up for cropland that goes."""
        held = self.rules.get(BALANCE)
        return tuple((held.parameters or {})["counts"]) if held else ()


def book(day: date) -> Book:
    """Give the rules on cropland that hold on a day.

    >>> "homestead" in book(date(2022, 1, 1)).counts, "homestead" in book(date(2025, 1, 1)).counts
    (False, True)
    """
    known = rules(day)
    wanted = (*ENTERING, PERMANENT, BLOCK)
    return Book(day, MappingProxyType({name: known[name] for name in wanted if name in known}))


def least_m2(on: Book) -> float:
    """Give the area from which fields that touch are a block, m²; 1 mu is 2000/3 m² exactly.

    Parameters
    ----------
    on
        The rules of a day; a block counts from the area itself (closed).

    Raises
    ------
    SchemaError
        If no rule speaks of blocks on the day.

    Examples
    --------
    A hundred mu are 200 000 / 3 m² = 6.667 ha.

    >>> round(least_m2(book(date(2025, 1, 1))), 1)
    66666.7
    """
    return on.figure(BLOCK, "area_mu") * M2_PER_MU


def permanent(land: gpd.GeoDataFrame, county: County) -> pd.Series:
    """Give the area of each parcel in permanent basic farmland, m²; NaN where that is not known."""
    return covered_m2(land, area(county, "basic_farmland"))
