"""What can be asked of an entrance community, and the criteria by which sites are ranked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from geo.ranking import Scale
from geo.words import Text
from scenarios.answers import parameters
from scenarios.answers.figures import Figure
from scenarios.contract import PLANNER, Params, param

MEASURES: Mapping[str, Figure] = MappingProxyType(
    {
        one.id: one
        for one in (
            Figure("gate_min", Text("到入口时间", "Minutes to the gate"), "min", 1, "lower"),
            Figure("seat_min", Text("到县城时间", "Minutes to the county seat"), "min", 1, "lower"),
            Figure(
                "service_min",
                Text("到公共服务平均时间", "Mean minutes to services"),
                "min",
                1,
                "lower",
            ),
            Figure("slope_deg", Text("平均坡度", "Mean slope"), "°", 1, "lower"),
            Figure("buildable_ha", Text("连片可用地", "Contiguous land"), "ha", 2, "higher"),
            Figure("people", Text("周边人口", "People near"), "persons", 0, "higher"),
        )
    }
)
"""Criteria of the ranking: what each is called, its unit and its direction."""
Named = Literal["gate_min", "seat_min", "service_min", "slope_deg", "buildable_ha", "people"]
Service = Literal["clinic", "hospital", "primary_school", "middle_school", "high_school"]
Weight = Annotated[float, Field(ge=0, le=100)]
Minutes = Annotated[float, Field(ge=1, le=600)]
NO_STANDARD = Text(
    "规划人员选定；未找到已公布的入口社区标准",
    "planner's choice; no published standard for entrance communities was found",
)
WEIGHTS: Mapping[Named, float] = MappingProxyType(
    {
        "gate_min": 25,
        "seat_min": 15,
        "service_min": 15,
        "slope_deg": 15,
        "buildable_ha": 15,
        "people": 15,
    }
)


def _some(weights: dict[Named, float]) -> dict[Named, float]:
    """Hold that weights say something."""
    if not sum(weights.values()) > 0:
        raise ValueError("weights: Σ > 0")
    return weights


class EntranceCommunity(Params):
    """What can be asked for."""

    gates: dict[str, Any] | None = param(
        None,
        zh="公园入口（GeoJSON 点；空为图层 park_gates）",
        en="gates of the park (GeoJSON points; none: the layer park_gates)",
        unit="",
        source=PLANNER,
        file="geojson",
    )
    site_ha: Annotated[float, Field(ge=0.5, le=100)] = param(
        5,
        zh="社区用地，也是连片可用地的最小面积（含）",
        en="land of a community, and the least contiguous land, closed",
        unit="ha",
        source=NO_STANDARD,
    )
    slope_deg: Annotated[float, Field(ge=1, le=60)] = param(
        15, zh="坡度上限（含）", en="steepest slope, closed", unit="°", source=NO_STANDARD
    )
    hazard_level: Literal["high", "medium", "low"] = param(
        "medium",
        zh="排除的灾害风险等级（此级及以上）",
        en="hazards that refuse land: of this level and above",
        unit="",
        source=NO_STANDARD,
    )
    gate_m: Annotated[float, Field(ge=100, le=20_000)] = param(
        3000,
        zh="距入口直线距离上限（含）",
        en="farthest from a gate, closed",
        unit="m",
        source=NO_STANDARD,
    )
    gate_min: Minutes = param(
        30,
        zh="到入口时间上限（含）",
        en="most minutes to a gate, closed",
        unit="min",
        source=NO_STANDARD,
    )
    seat_min: Minutes = param(
        120,
        zh="到县城时间上限（含）",
        en="most minutes to the county seat, closed",
        unit="min",
        source=NO_STANDARD,
    )
    services: Annotated[tuple[Service, ...], Field(min_length=1, max_length=5)] = param(
        ("clinic", "primary_school"),
        zh="计入的公共服务",
        en="services that count",
        unit="",
        source=NO_STANDARD,
    )
    service_min: Minutes = param(
        60,
        zh="公共服务平均时间，达到即记零分",
        en="mean minutes to services that are worth nothing",
        unit="min",
        source=NO_STANDARD,
    )
    room_times: Annotated[float, Field(ge=1.1, le=100)] = param(
        4,
        zh="连片可用地达到社区用地的此倍数即记满分",
        en="contiguous land worth most: so many times that of a community",
        unit="1",
        source=NO_STANDARD,
    )
    near_m: Annotated[float, Field(ge=0, le=5000)] = param(
        1000,
        zh="周边的距离（含）",
        en="people are near within, closed",
        unit="m",
        source=NO_STANDARD,
    )
    people: Annotated[float, Field(ge=1, le=100_000)] = param(
        300,
        zh="周边人口达到即记满分",
        en="people near that are worth most",
        unit="persons",
        source=NO_STANDARD,
    )
    weights: Annotated[dict[Named, Weight], Field(min_length=1), AfterValidator(_some)] = param(
        dict(WEIGHTS),
        zh="各指标权重（未列或为零的指标不计）",
        en="weights of the criteria; those not named, or of 0, do not count",
        unit="1",
        source=NO_STANDARD,
    )
    samples: Annotated[int, Field(ge=100, le=200_000)] = param(
        20_000, zh="权重抽样数", en="weightings that are drawn", unit="count", source=PLANNER
    )
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = param(
        1, zh="抽样种子", en="seed of the draw", unit="", source=PLANNER
    )
    apart_m: Annotated[float, Field(ge=100, le=5000)] = param(
        500, zh="候选点最小间距", en="least distance between sites", unit="m", source=NO_STANDARD
    )
    person_m2: Annotated[float, Field(ge=0, le=1000)] = param(
        100,
        zh="居民点人均用地（0 为点）",
        en="land of a settlement a head; 0: a point",
        unit="m²",
        source="GB 50137-2011, 65–115 m² in towns, unverified",
    )
    open_roads: tuple[str, ...] = param(
        (), zh="开通的规划道路编号", en="ids of planned roads to open", unit="", source=PLANNER
    )
    county_seat: str = parameters.county_seat()
    rule_date: date = parameters.rule_date(date(2025, 1, 1))
    cell_m: Annotated[float, Field(ge=30, le=200)] = param(
        60, zh="分析像元边长", en="side of a cell of the analysis", unit="m", source=PLANNER
    )

    @property
    def weighing(self) -> dict[str, float]:
        """The weight of each criterion that counts."""
        return {str(name): weight for name, weight in self.weights.items() if weight}

    @property
    def scales(self) -> dict[str, Scale]:
        """What each criterion that counts is worth nothing and worth most at."""
        ends = {
            "gate_min": Scale(self.gate_min, 0),
            "seat_min": Scale(self.seat_min, 0),
            "service_min": Scale(self.service_min, 0),
            "slope_deg": Scale(self.slope_deg, 0),
            "buildable_ha": Scale(self.site_ha, self.room_times * self.site_ha),
            "people": Scale(0, self.people),
        }
        return {name: one for name, one in ends.items() if name in self.weighing}
