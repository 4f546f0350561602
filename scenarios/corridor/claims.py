"""What the chosen road would use up and owe, and the county's roads as they would be with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.words import Text, headed
from layers.land.classes import UNKNOWN_CLASS, class_title
from layers.land.rules import BALANCE
from layers.roads.edits import COLUMNS, free_ids, joined_roads
from layers.roads.prices import ENDS
from layers.rulebook import rules
from layers.zones import ZONES
from scenarios.corridor.road import Study, legs
from scenarios.result import Claim, ClaimKind, Edit

ROAD = "road"  # the use that comes
ROAD_CLASS = "national"  # as minutes take it; nobody has numbered the road yet
CROPLAND = "cropland"
SLIVER_HA = 1e-4  # 1 m²: less is how borders of two surveys differ


def claims(study: Study) -> Iterator[Claim]:
    """Give land by class and township, cropland and permanent farmland owed, and yuan by year."""
    yield from _land(study)
    yield from _owed(study)
    yield from money_claims(study)


def money_claims(study: Study) -> Iterator[Claim]:
    """Give the yuan of each year of prices: all at their low, likely and high."""
    for year, sums in study.best.items.groupby("year")[list(ENDS)].sum().iterrows():
        low, likely, high = (float(sums[end]) for end in ENDS)
        yield Claim("yuan", low, likely, high, year=int(str(year)))


def _exactly(kind: ClaimKind, amount: float, **about: Any) -> Claim:
    """Give a claim of whose spread nothing is known."""
    return Claim(kind, amount, amount, amount, **about)


def _land(study: Study) -> Iterator[Claim]:
    taken = study.best.taken
    for row in taken[taken["area_ha"] > SLIVER_HA].to_dict("records"):
        title = class_title(row["class"])
        yield _exactly(
            "land",
            float(row["area_ha"]),
            place=row["township"],
            from_=row["class"],
            to=ROAD,
            layer="footprint",
            title=headed(Text(f"{title.zh}转为公路用地", f"{title.en} becomes road")),
        )


def _owed(study: Study) -> Iterator[Claim]:
    """Give cropland to be made up for; what lies on no parcel may be cropland, all of it or none.

    Nothing is claimed where the class of no land is known, or no permanent farmland is mapped.
    """
    taken, day = study.best.taken, study.setting.params.rule_date
    area = taken.groupby("class")["area_ha"].sum()
    known, unknown = float(area.get(CROPLAND, 0.0)), float(area.get(UNKNOWN_CLASS, 0.0))
    if area.drop(UNKNOWN_CLASS, errors="ignore").sum() > 0:
        yield Claim(
            "cropland_owed",
            known,
            known,
            known + unknown,
            rule=BALANCE if BALANCE in rules(day) else "",
            title=Text("占用耕地须补充", "Cropland to be made up for"),
        )
    farmland = float(study.best.zones.loc["basic_farmland", "area_ha"])
    if farmland > 0:  # not where it is not known
        rule = ZONES["basic_farmland"].taking
        yield _exactly(
            "cropland_owed",
            farmland,
            rule=rule if rule in rules(day) else "",
            title=Text("占用永久基本农田须补划", "Permanent basic farmland to be replaced"),
        )


def edits(study: Study) -> Iterator[Edit]:
    """Give the county's roads with the chosen road among them, open, joined at its ends.

    A row each leg between the points it leads by, with an id that no other road has. A road that it
    joins gains a vertex there, as for the minutes it saves.
    """
    county, case = study.setting.county, study.best
    lines = legs(case, study.setting.points)
    row = {
        "ref": "",
        "name": case.title.zh,
        "class": ROAD_CLASS,
        "speed_kmh": float(study.setting.terms.standard.speed_kmh),
        "status": "existing",
    }
    added = gpd.GeoDataFrame(
        pd.DataFrame([row] * len(lines), columns=[*COLUMNS]),
        geometry=shapely.force_2d(lines),
        crs=county.crs,
    )
    roads = added.iloc[:0]
    if "roads" in county:
        roads = county.vector("roads").sort_index()
    if "name_en" in roads:
        added["name_en"] = case.title.en
    added.index = pd.Index(free_ids("corridor", len(lines), roads), name="id")
    yield Edit("roads", joined_roads(roads, added, within_m=study.setting.params.snap_m))
