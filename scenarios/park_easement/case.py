"""Forest of the park by owner, what is asked of an easement on it, and what that comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Annotated

import geopandas as gpd
import pandas as pd
from pydantic import AfterValidator, Field

from geo.splitting import split
from geo.words import Text, headed
from layers.county import County
from layers.land.ownership import COLLECTIVE, OWNERS, UNKNOWN, forests
from layers.source import Quality
from layers.zones import PARK_ZONES, ZONES, park_zones
from scenarios.answers import parameters
from scenarios.contract import Params, param
from scenarios.result import Category, Column

MU_PER_HA, WAN = 15.0, 1e4
RULE = "park.easement"
QUOTED = 48.2  # yuan per mu a year, of that rule
USUAL = (38.6, QUOTED, 57.8)  # a fifth less and more: the planner's range
ENDS = {"low": Text("低", "low"), "likely": Text("中", "likely"), "high": Text("高", "high")}
TITLES = {zone: headed(ZONES[f"park_{zone}"].title) for zone in PARK_ZONES}
THEME = Text("地役权", "Easement")
NOWHERE = "nowhere"
SLIVER_HA = 1e-4  # 1 m²: less is how borders of two surveys differ
SCHEMATIC = frozenset({Quality.MODELLED, Quality.SCHEMATIC})
ZONE = Column(
    "zone",
    Text("分区", "Zone"),
    categories=tuple(Category(zone, title) for zone, title in TITLES.items()),
)
OWNER = Column(
    "ownership",
    Text("权属", "Owner"),
    categories=tuple(Category(code, headed(title)) for code, title in OWNERS.items()),
)
AREA = Column("area_ha", Text("面积", "Area"), "ha", 2)
MONEY = tuple(
    Column(f"{end}_wan", Text(f"年补偿（{words.zh}）", f"Payment a year, {words.en}"), "万元", 1)
    for end, words in ENDS.items()
)


def _ascending(rates: tuple[float, ...]) -> tuple[float, ...]:
    """Hold the order of the three rates."""
    if any(low > high for low, high in pairwise(rates)):
        raise ValueError("low ≤ likely ≤ high")
    return rates


Rate = Annotated[float, Field(ge=0, le=10_000)]
Rates = Annotated[tuple[Rate, ...], Field(min_length=3, max_length=3), AfterValidator(_ascending)]


class Easement(Params):
    """What can be asked for."""

    core_yuan_mu: Rates = param(
        USUAL,
        zh="核心保护区年补偿标准（低、中、高）",
        en="yearly rate in the core zone: low, likely, high",
        unit="yuan/mu·a",
        source=Text(
            "常被引用的 48.2，未核实；上下各五分之一", "48.2 as often quoted, unverified, ± a fifth"
        ),
    )
    general_yuan_mu: Rates = param(
        USUAL,
        zh="一般控制区年补偿标准（低、中、高）",
        en="yearly rate in the general zone: low, likely, high",
        unit="yuan/mu·a",
        source=Text(
            "常被引用的 48.2，未核实；上下各五分之一", "48.2 as often quoted, unverified, ± a fifth"
        ),
    )
    rule_date: date = parameters.rule_date(date(2025, 1, 1))

    @property
    def rates(self) -> Mapping[str, tuple[float, ...]]:
        """The three rates of each zone."""
        return MappingProxyType({"core": self.core_yuan_mu, "general": self.general_yuan_mu})

    @property
    def quoted(self) -> bool:
        """Whether a rate is that which is often quoted."""
        return any(rates[1] == QUOTED for rates in self.rates.values())


@dataclass(frozen=True, eq=False)
class Case:
    """The forest of the park by owner, and what is asked."""

    county: County
    params: Easement

    @cached_property
    def forest(self) -> gpd.GeoDataFrame | None:
        """Parts of forest in the park: zone, class, ownership, township, area_ha, payments.

        None where the park or the owners of forest are not mapped.
        """
        owned, zones = forests(self.county), park_zones(self.county)
        if owned is None or zones is None:
            return None
        parts = split(owned, zones).dropna(subset=["area"]).rename(columns={"area": "zone"})
        about = owned.drop(columns="geometry").loc[parts["shape"]]
        pairs = zip(parts["shape"], parts["zone"], strict=True)
        parts.index = pd.Index([f"{shape}/{zone}" for shape, zone in pairs])
        parts = parts.join(about.set_axis(parts.index))
        parts["area_ha"] = parts.area / 1e4
        for place, column in enumerate(MONEY):
            rate = parts["zone"].map(
                {zone: rates[place] for zone, rates in self.params.rates.items()}
            )
            paid = parts["area_ha"] * MU_PER_HA * rate.astype(float) / WAN
            parts[column.name] = paid.where(parts["ownership"] == COLLECTIVE, 0.0)
        return parts

    def size(self, owner: str, zone: str = "") -> float:
        """Give hectares of an owner, in a zone or the whole park."""
        if self.forest is None:
            return 0.0
        rows = self.forest[self.forest["ownership"] == owner]
        return float(rows.loc[rows["zone"].eq(zone) | (not zone), "area_ha"].sum())

    def paid(self, zone: str = "") -> tuple[float, ...]:
        """Give the low, likely and high payment, 万元 a year."""
        if self.forest is None:
            return (0.0, 0.0, 0.0)
        rows = self.forest[self.forest["zone"].eq(zone) | (not zone)]
        return tuple(float(rows[column.name].sum()) for column in MONEY)

    @property
    def open_wan(self) -> float:
        """What forest of unknown owners would cost at the highest rates if it were collective."""
        sizes = (self.size(UNKNOWN, zone) * self.params.rates[zone][2] for zone in PARK_ZONES)
        return sum(sizes) * MU_PER_HA / WAN
