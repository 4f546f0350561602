"""One road of a corridor, measured: what it moves, costs, takes and touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from geo.alignment.checker import breaches, crossing_breaches, examinable
from geo.alignment.design import Design
from geo.alignment.values import TUNNEL, Floats
from geo.alignment.works.bed import bed
from geo.alignment.works.crosssection import Centreline
from geo.alignment.works.earthwork import Earthwork, earthwork, footprint, stretches
from geo.alignment.works.haul import Haul, haul
from geo.alignment.works.haultable import quantities_hauled
from geo.alignment.works.sight import Seen, Sight, across, benched, seen
from geo.alignment.works.stationing import centreline, drawn, examined
from geo.alignment.works.tabulation import quantities
from geo.words import Text
from layers.county import County
from layers.land.classes import UNKNOWN_CLASS
from layers.land.taken import taken
from layers.people.near import near
from layers.roads.crossings import asked_frame
from layers.roads.obstacles import Policy, touched
from layers.roads.prices import ENDS, bill
from scenarios.corridor.crossed import amounts as counted
from scenarios.corridor.crossed import flooded, listed
from scenarios.corridor.minutes import Benefit
from scenarios.corridor.terms import Setting

LETTERS = "ABCDEFGH"


@dataclass(frozen=True, eq=False)
class Case:
    """A road with everything that is told of it.

    Parameters
    ----------
    label
        A, B, … in the order of cost.
    design, line, moved
        The road, its centreline every 5 m, its earthwork.
    sight, seen
        What has to be seen; how far is seen at the stations of its line.
    shape
        Vertices x, y, z of the line that is drawn.
    amounts, items
        Quantities by name, NaN where not known; the bill, item by item.
    land
        Its footprint: rows by stretch.
    taken
        Hectares by class of land (`unknown` without parcels) and township.
    zones
        Hectares of each zone within the footprint, as `layers.roads.obstacles.touched` gives them.
    near
        Settlements and people near it, as `layers.people.near.near` counts them.
    broken, tested
        What the independent test found; rules of cross-sections that it could test.
    crossings
        What it crosses, as `scenarios.corridor.crossed.listed` gives it.
    haul
        Where its earth goes.
    """

    label: str
    design: Design
    line: Centreline
    moved: Earthwork
    sight: Sight
    seen: Seen
    shape: Floats
    amounts: Mapping[str, float]
    items: pd.DataFrame
    land: gpd.GeoDataFrame
    taken: pd.DataFrame
    zones: pd.DataFrame
    near: pd.DataFrame
    broken: pd.DataFrame
    tested: frozenset[str]
    crossings: pd.DataFrame
    haul: Haul

    @property
    def title(self) -> Text:
        """What it is called."""
        return Text(f"方案{self.label}", f"Alternative {self.label}")

    @property
    def length_m(self) -> float:
        """Length along the centreline, m."""
        return float(self.design.road.plan.length_m)

    @property
    def cost_yuan(self) -> float:
        """Sum of all items that are known."""
        return float(self.items["yuan"].sum())

    @property
    def cost_ends(self) -> tuple[float, float]:
        """Sums of all items at their low and at their high price."""
        low, _, high = (float(self.items[name].sum()) for name in ENDS)
        return low, high

    @property
    def unpriced(self) -> pd.DataFrame:
        """Items whose quantity is not known."""
        return self.items[self.items["yuan"].isna()]


@dataclass(frozen=True, eq=False)
class Study:
    """All that was worked out: where, under which policy, the roads by cost, minutes they save.

    `gained` is None where minutes are not known.
    """

    setting: Setting
    policy: Policy
    cases: tuple[Case, ...]
    gained: Benefit | None

    @property
    def best(self) -> Case:
        """The road that is chosen: the cheapest."""
        return self.cases[0]


def measured(label: str, design: Design, setting: Setting, policy: Policy) -> Case:
    """Measure a road.

    Parameters
    ----------
    label
        What it is called.
    design
        The road.
    setting
        Where, and by which standard and prices.
    policy
        What is asked of zones.
    """
    county, terms = setting.county, setting.terms
    line = centreline(design.road)
    moved, bench_m3 = _built(line, design, setting)
    stations = examined(
        design.posts, design.road.profile, across(line, moved.sections, terms.template)
    )
    limits = {**vars(design.road.limits), **terms.across.limits}
    land = footprint(line, moved, terms.template, crs=county.crs)
    classed = taken(county, land)
    crossings = listed(line, setting.met, terms.template, terms.book)
    earth = haul(line, moved, terms.template, terms.hauling, spoil=terms.spoil)
    amounts: dict[str, float] = {
        **quantities(line, moved, terms.template),
        **quantities_hauled(earth, terms.hauling),
        **counted(crossings, county),
        "bench_m3": bench_m3,
        "land_m2": float(land.union_all().area) if len(land) else 0.0,
        "cropland_m2": _of_class(classed, "cropland"),
        "dwellings": np.nan,
    }
    return Case(
        label=label,
        design=design,
        line=line,
        moved=moved,
        sight=terms.across.sight,
        seen=seen(line, setting.dem, terms.template, moved.sections, terms.across.sight),
        shape=drawn(design.road),
        amounts=amounts,
        items=bill(amounts, terms.book),
        land=land,
        taken=classed,
        zones=touched(land, county, policy.extent),
        near=near(county, _open_air(line, county), person_m2=setting.params.person_m2),
        broken=_broken(stations, limits, setting),
        tested=examinable(stations, limits),
        crossings=crossings,
        haul=earth,
    )


def _broken(stations: pd.DataFrame, limits: Mapping[str, Any], setting: Setting) -> pd.DataFrame:
    """Put the road, and how it crosses what it meets, to the independent test."""
    alone = breaches(stations, limits)
    met = crossing_breaches(flooded(stations, setting.met), asked_frame(setting.met))
    both = pd.concat([part for part in (alone, met) if len(part)] or [alone])
    return both.sort_values(["chainage_m", "rule"], kind="stable", ignore_index=True)


def _built(line: Centreline, design: Design, setting: Setting) -> tuple[Earthwork, float]:
    """Give what a road moves as it leans and widens, benches cut, and m³ of the benches alone."""
    dem, shape, asked = setting.dem, setting.terms.template, setting.terms.across
    plain = bed(design.road.plan, line.s, shape.width_m, asked.lean, asked.wide)
    moved = earthwork(line, dem, shape, benched(line, dem, shape, plain, asked.sight))
    before = earthwork(line, dem, shape, plain)
    return moved, float(moved.cut_m3.sum() - before.cut_m3.sum())


def _open_air(line: Centreline, county: County) -> gpd.GeoDataFrame:
    """Give the stretches of a road that run in the open: nobody lives near a tunnel."""
    xy = np.stack([line.x, line.y], axis=1)
    lines = [
        shapely.LineString(xy[first : last + 1])
        for code, first, last in stretches(line.structure)
        if code != TUNNEL
    ]
    return gpd.GeoDataFrame(geometry=[shapely.MultiLineString(lines)], crs=county.crs)


def money(yuan: float) -> Text:
    """Give a sum in words.

    >>> money(205_293_122)
    Text(zh='20,529 万元', en='205.29 million yuan')
    """
    return Text(f"{yuan / 1e4:,.0f} 万元", f"{yuan / 1e6:,.2f} million yuan")


def centre(case: Case) -> shapely.LineString:
    """Give the centreline in space."""
    return shapely.LineString(case.shape)


def legs(case: Case, points: Sequence[tuple[float, float]]) -> list[shapely.LineString]:
    """Cut a road where it passes the points it leads by."""
    flat = shapely.LineString(case.shape[:, :2])
    cuts = [0.0, *(flat.project(shapely.Point(point)) for point in points[1:-1]), flat.length]
    cuts = np.unique(np.maximum.accumulate(cuts)).tolist()
    parts = (substring(flat, a, b) for a, b in pairwise(cuts) if b - a > 1)
    return [part for part in parts if isinstance(part, shapely.LineString)]


def _of_class(classed: pd.DataFrame, name: str) -> float:
    """Give m² of a class; not known where any land is unknown."""
    if (classed["class"] == UNKNOWN_CLASS).any():
        return float("nan")
    return float(classed.loc[classed["class"] == name, "area_ha"].sum()) * 1e4
