"""What the rules on cropland say of each parcel on a day: may it become cropland, may it cease.

A rule says yes or no of a parcel, or nothing: where the layer it needs is not in the county, or the
slope is not known, the answer is unknown and never "no".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.errors import SchemaError
from geo.words import Text
from layers.county import County
from layers.rulebook import Rule, rules

STEEPEST = "cropland.steepest"
BALANCE = "exchange.balance"
PERMANENT = "exchange.permanent_farmland"
BLOCK = "exchange.block"
M2_PER_MU = 2000 / 3
ZONES: Mapping[str, str] = MappingProxyType(
    {
        "exchange.redline": "redline",
        "exchange.reserve": "park",
        "exchange.source_water": "source_water",
    }
)
"""Rules that keep new cropland out of a layer's polygons."""
ENTERING = (*ZONES, STEEPEST, BALANCE)
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


def covered_m2(land: gpd.GeoDataFrame, zones: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Give the area of each parcel that lies in zones, m²; zones that overlap count once.

    >>> from shapely import box
    >>> land = gpd.GeoDataFrame(geometry=[box(0, 0, 2, 1), box(5, 0, 6, 1)], crs=4549)
    >>> zones = gpd.GeoDataFrame(geometry=[box(1, 0, 3, 1), box(1, 0, 4, 1)], crs=4549)
    >>> covered_m2(land, zones).tolist()
    [1.0, 0.0]
    """
    covered = np.zeros(len(land))
    if zones.empty:
        return covered
    parts = np.array(shapely.get_parts(shapely.union_all(zones.geometry.to_numpy())), dtype=object)
    shapes = land.geometry.to_numpy()
    parcel, part = shapely.STRtree(parts).query(shapes, predicate="intersects")
    shapely.prepare(parts)
    whole = shapely.covers(parts[part], shapes[parcel])
    np.add.at(covered, parcel[whole], shapely.area(shapes[parcel[whole]]))
    cut = ~whole
    pieces = shapely.intersection(shapes[parcel[cut]], parts[part[cut]])
    np.add.at(covered, parcel[cut], shapely.area(pieces))
    return covered


def zone(county: County, layer: str) -> gpd.GeoDataFrame | None:
    """Give the polygons of a rule's layer, of a park the core alone; None without the layer."""
    if layer not in county:
        return None
    frame = county.vector(layer).sort_index()
    return frame[frame["zone"] == "core"] if layer == "park" else frame


def refusals(
    land: gpd.GeoDataFrame, county: County, on: Book, *, sliver_m2: float = 1.0
) -> pd.DataFrame:
    """Say of every parcel which rules keep it from becoming cropland.

    Parameters
    ----------
    land
        As `layers.land.fabric.fabric` gives it.
    county
        With the layers of `ZONES` that it has.
    on
        The rules of a day.
    sliver_m2
        A zone binds a parcel of which more than this lies in it (open): less is how borders of two
        surveys differ.

    Returns
    -------
    DataFrame
        By parcel, a column for each rule of `ENTERING` that holds on the day, in its order: 1 it
        refuses, 0 it does not, NaN unknown. The slope limit is closed: 25° itself may be cropland.
    """
    refused = pd.DataFrame(index=land.index)
    for rule in ENTERING:
        if rule not in on.rules:
            continue
        if rule in ZONES:
            polygons = zone(county, ZONES[rule])
            inside = np.nan if polygons is None else covered_m2(land, polygons) > sliver_m2
            refused[rule] = np.asarray(inside, dtype=float)
        elif rule == STEEPEST:
            steep = (land["slope_deg"] > on.figure(STEEPEST, "max_slope_deg")).astype(float)
            refused[rule] = steep.where(land["slope_deg"].notna())
        else:
            counted = land["land_class"].isin([*on.counts, "cropland"])
            refused[rule] = (~counted).astype(float)
    return refused


def permanent(land: gpd.GeoDataFrame, county: County) -> pd.Series:
    """Give the area of each parcel in permanent basic farmland, m²; NaN where that is not known."""
    polygons = zone(county, "basic_farmland")
    inside = np.nan if polygons is None else covered_m2(land, polygons)
    return pd.Series(np.asarray(inside, dtype=float) * np.ones(len(land)), index=land.index)
