"""One ledger made of claims alone: sums over plans, with what each of them claims beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geo.words import NO_TEXT, Text
from layers.county import County
from layers.people.near import near
from scenarios.result import CLAIM_UNITS, Claim, ClaimKind, Run
from scenarios.several.strategy import cropland
from scenarios.several.strategy.land import Land
from scenarios.several.strategy.spread import Spread, of, total

KINDS: Mapping[ClaimKind, Text] = {
    "land": Text("占地", "Land taken"),
    "people": Text("须安置人口", "People to be moved"),
    "yuan": Text("投资", "Cost"),
    "water": Text("用水", "Water"),
    "energy": Text("能耗", "Energy"),
    "carbon": Text("碳排放", "Carbon"),
}
SUPPLIED: Mapping[ClaimKind, Text] = {
    "land": Text("可供土地", "Land supplied"),
    "people": Text("可安置人口", "People who can be housed"),
    "yuan": Text("收入", "Money that comes in"),
    "water": Text("供水", "Water supplied"),
    "energy": Text("节能", "Energy saved"),
    "carbon": Text("碳汇", "Carbon taken up"),
}
DECIMALS: Mapping[ClaimKind, int] = {"land": 2, "cropland_owed": 2}
BOUND = Text("至多：有规划未给出用地图形", "at most: a plan tells no shapes of its land")


@dataclass(frozen=True)
class Item:
    """One line of the ledger: what each plan claims, and what all do together.

    `whole` is the sum of the plans but where the note says otherwise.
    """

    id: str
    title: Text
    unit: str
    plans: Mapping[str, Spread]
    whole: Spread
    decimals: int = 0
    note: Text = NO_TEXT


def items(runs: Mapping[str, Run], land: Land, county: County) -> tuple[Item, ...]:
    """Give the lines of the ledger that some plan claims.

    Parameters
    ----------
    runs
        By the names of their plans.
    land
        Their land laid over each other.
    county
        As it is, with its settlements where it has them.
    """
    known = {name: runs[name] for name in sorted(runs)}
    found: list[Item] = []
    for kind, title in KINDS.items():
        taken = _line(kind, title, known, kind=kind, chosen=lambda one: one.high > 0)
        found += [taken, *_once(taken, land, county)]
        given = _line(f"{kind}_supplied", SUPPLIED[kind], known, kind=kind, chosen=_supplies)
        found.append(_turned(given))
    return (*(one for one in found if one.plans), *_cropland(known))


def _supplies(claim: Claim) -> bool:
    return claim.high <= 0 and claim.low < 0


def _line(
    code: str,
    title: Text,
    runs: Mapping[str, Run],
    *,
    kind: ClaimKind,
    chosen: Callable[[Claim], bool],
) -> Item:
    """Sum the claims of a kind that are chosen, plan by plan."""
    plans = {}
    for name, run in runs.items():
        claims = [one for one in run.result.claims if one.kind == kind and chosen(one)]
        if claims:
            plans[name] = total(map(of, claims))
    unit, decimals = CLAIM_UNITS[kind], DECIMALS.get(kind, 0)
    return Item(code, title, unit, plans, total(plans.values()), decimals)


def _turned(item: Item) -> Item:
    """Give what is supplied above zero."""
    plans = {name: Spread().less(one) for name, one in item.plans.items()}
    whole = total(plans.values())
    return Item(item.id, item.title, item.unit, plans, whole, item.decimals)


def _once(taken: Item, land: Land, county: County) -> Iterator[Item]:
    """Give land and people each once, where several plans claim the same."""
    if taken.id == "land" and taken.plans:
        ha, contested = land.once_ha, land.contested_ha
        title = Text("占地（不重复计算）", "Land taken, every m² once")
        yield Item("land_once", title, taken.unit, taken.plans, Spread(ha, ha, ha), 2)
        title = Text("争用土地", "Land that is contested")
        by = {name: _in(land, name) for name in taken.plans}
        whole = Spread(contested, contested, contested)
        yield Item("land_contested", title, taken.unit, by, whole, 2)
    if taken.id == "people" and taken.plans:
        whole, note = people_once(taken.plans, land, county)
        title = Text("须安置人口（不重复计算）", "People to be moved, each once")
        if whole != taken.whole:
            yield Item("people_once", title, taken.unit, taken.plans, whole, 0, note)


def _in(land: Land, name: str) -> Spread:
    """Give the contested hectares of one plan."""
    within = [name in one.split(";") for one in land.pieces["takers"]]
    rows = land.pieces[land.pieces["contested"].to_numpy() & np.array(within, dtype=bool)]
    ha = float(rows["area_ha"].sum())
    return Spread(ha, ha, ha)


def people_once(plans: Mapping[str, Spread], land: Land, county: County) -> tuple[Spread, Text]:
    """Give people on the land of several plans once, and what is to be said of the figure.

    People of a settlement that lies on land of several plans are taken off but once. Where a plan
    tells no shapes, or nobody knows where people live, the sum is what it is at most.

    Parameters
    ----------
    plans
        What each plan claims.
    land, county
        As `items` takes them.
    """
    whole = total(plans.values())
    most = Spread(*(max(one[end] for one in plans.values()) for end in range(3)))
    if len(plans) > 1 and not all(name in land.shapes_ha for name in plans):
        return Spread(most.low, whole.likely, whole.high), BOUND
    twice = 0.0
    for row in land.pieces.itertuples():
        several = sum(name in plans for name in row.takers.split(";"))
        if several > 1:
            piece = gpd.GeoDataFrame(geometry=[row.geometry], crs=land.pieces.crs)
            people = near(county, piece, within_m=(0.0,))["people"].iloc[0]
            if np.isnan(people):
                return Spread(most.low, whole.likely, whole.high), BOUND
            twice += float(people) * (several - 1)
    ends = (max(sum_ - twice, one) for sum_, one in zip(whole, most, strict=True))
    return Spread(*ends), NO_TEXT


def _cropland(runs: Mapping[str, Run]) -> Iterator[Item]:
    """Give what the balance of cropland asks for, what is supplied, and what is short."""
    owed = {name: cropland.owed_ha(run) for name, run in runs.items()}
    given = {name: cropland.supplied_ha(run) for name, run in runs.items()}
    designated = {name: cropland.designated_ha(run) for name, run in runs.items()}
    lines = (
        ("cropland_owed", Text("占补平衡：须补充耕地", "Cropland owed"), owed),
        ("cropland_met", Text("占补平衡：已补充耕地", "Cropland supplied"), given),
        (
            "farmland_designated",
            Text("须补划永久基本农田", "Permanent basic farmland to be designated"),
            designated,
        ),
    )
    for code, title, by in lines:
        plans = {name: one for name, one in by.items() if one.high > 0}
        if plans:
            yield Item(code, title, "ha", plans, total(plans.values()), 2)
    if any(one.high > 0 for one in owed.values()):
        short = short_ha(runs)
        title = Text("占补平衡：尚缺耕地", "Cropland still short")
        yield Item("cropland_short", title, "ha", {}, short, 2)


def short_ha(runs: Mapping[str, Run]) -> Spread:
    """Give the cropland that all together owe beyond what they supply."""
    return total(cropland.net_ha(run) for run in runs.values()).floored()
