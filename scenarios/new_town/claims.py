"""What a new town uses up, owes and gives room to."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.words import Text
from layers.county import County
from layers.land.classes import class_title
from layers.land.rules import BALANCE
from layers.land.taken import taken
from layers.people.near import near
from scenarios.new_town.plan import YUAN_PER_WAN
from scenarios.new_town.report import Town, plan_id, used
from scenarios.new_town.works import ENDS, SLIVER_HA, by_year
from scenarios.result import Claim


def claims(county: County, town: Town) -> Iterator[Claim]:
    """Give land by class, cropland owed, yuan by year, energy, people housed and people near."""
    yield from _land_claims(county, town)
    known, most = town.shown.cropland_ha()
    if town.shown.surveyed:
        owed = Text("占用耕地须补充", "Cropland to be made up for")
        rule = BALANCE if BALANCE in town.book else ""
        yield Claim("cropland_owed", known, known, most, rule=rule, title=owed)
    costs = town.shown.costs.sum()
    for year, spent in by_year(town.shown, town.terms)["wan_yuan"].items():
        if spent:
            low, likely, high = (
                spent * YUAN_PER_WAN * costs[end] / costs["likely"] for end in ENDS
            )
            title = Text(f"{year} 年开发造价", f"Cost of development in {year}")
            yield Claim("yuan", low, likely, high, year=int(str(year)), title=title)
    low, likely, high = town.shown.amount("tce")
    title = Text("建成后年能耗", "Energy a year once it is built")
    yield Claim("energy", low, likely, high, rule="new_town.energy", title=title)
    low, likely, high = town.shown.amount("people")
    title = Text("可安置居住人口", "People who can be housed")
    yield Claim("people", -high, -likely, -low, title=title)
    yield from _people(county, town)


def _land_claims(county: County, town: Town) -> Iterator[Claim]:
    plots, use = town.parts.plots, town.placed.use
    groups = {
        "green": plots[use == "green"],
        "construction": pd.concat([plots[~use.isin(["", "green"])], town.shown.streets]),
    }
    for to, shapes in groups.items():
        if shapes.empty:
            continue
        frame = gpd.GeoDataFrame(geometry=shapes.geometry.to_numpy(), crs=plots.crs)
        for row in taken(county, frame).to_dict("records"):
            if row["area_ha"] <= SLIVER_HA:
                continue
            area, title = float(row["area_ha"]), class_title(row["class"])
            become = Text("绿地", "green") if to == "green" else Text("建设用地", "building land")
            yield Claim(
                "land",
                area,
                area,
                area,
                place=row["township"],
                from_=row["class"],
                to=to,
                layer=plan_id(town),
                title=Text(f"{title.zh}转为新城{become.zh}", f"{title.en} becomes {become.en}"),
            )


def _people(county: County, town: Town) -> Iterator[Claim]:
    """Give people whose settlement lies on land that is used."""
    here = residents(county, town)
    if np.isfinite(here) and here > 0:
        title = Text("用地内居民", "People on land that is used")
        yield Claim("people", here, here, here, title=title)


def residents(county: County, town: Town) -> float:
    """Count people whose settlement lies on land that is used; NaN where that is not known."""
    frame = gpd.GeoDataFrame(geometry=used(town).geometry.to_numpy(), crs=town.parts.plots.crs)
    return float(near(county, frame, within_m=(0.0,))["people"].iloc[0])
