"""What can be asked of a corridor, and what it means: standard, prices, places, zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import Field

from geo.alignment.choices import Difference
from geo.alignment.design import Care
from geo.alignment.profile.optimum import Effort
from geo.alignment.search.terrain import Lattice
from geo.alignment.values import Costs, Limits
from geo.alignment.works.crosssection import Template
from geo.alignment.works.haul import Hauling
from geo.errors import Problem, UsageError
from geo.raster import Raster
from geo.words import Text
from layers.county import County
from layers.ground import heights
from layers.people.gazetteer import places, require_terrain
from layers.roads.crossings import Manner, Meetings, meetings
from layers.roads.obstacles import Policy, RoadZone
from layers.roads.prices import Book, costs, design_prices, hauling_prices
from layers.roads.reference import Reference, reference
from layers.roads.sections import Across, across, designed_by
from layers.roads.standard import ROAD_CLASSES, Standard, standard
from layers.zones import Extent
from scenarios.answers import parameters
from scenarios.contract import PLANNER, Params, param
from scenarios.corridor.terrain import CELL_M, require_fine

Road = Literal[
    "class_ii_80", "class_ii_60", "class_iii_40", "class_iii_30", "class_iv_30", "class_iv_20"
]
Pains = Literal["quick", "normal", "thorough"]
Yuan = Annotated[float, Field(ge=0, le=1_000_000)]


class Corridor(Params):
    """What can be asked for."""

    points: Annotated[tuple[str, ...], Field(max_length=20)] = param(
        (),
        zh="起点、途经点与终点",
        en="start, points to lead by and end: "
        "name, layer:id (a line stands for its two ends), lon,lat",
        unit="",
        source=PLANNER,
    )
    road: Road = param(
        "class_ii_60",
        zh="公路等级与设计速度",
        en="road class and design speed",
        unit="",
        source="JTG B01-2014, unverified",
    )
    freezes: bool = param(
        default=False,
        zh="积雪冰冻地区（最大超高 6 %）",
        en="roads freeze over: superelevation of 6 % at most",
        unit="",
        source="JTG D20-2017, unverified",
    )
    forbid: tuple[RoadZone, ...] = param(
        ("park_core", "water"),
        zh="禁止穿越的分区（水面只禁路基，可架桥）",
        en="zones no road may cross (water: no earthwork, but bridges)",
        unit="",
        source="国家公园管理暂行办法（2022）",
    )
    not_under: tuple[RoadZone, ...] = param(
        ("park_core",),
        zh="也禁止隧道下穿的分区",
        en="forbidden zones no tunnel may pass under",
        unit="",
        source=PLANNER,
    )
    sacrifice: tuple[RoadZone, ...] = param(
        (),
        zh="无可行路线时依次让出的分区",
        en="forbidden zones given up in this order where there is no road",
        unit="",
        source=PLANNER,
    )
    repel_yuan_m: dict[RoadZone, Yuan] = param(
        {
            "park_general": 20_000,
            "basic_farmland": 8_000,
            "cropland": 2_000,
            "redline": 8_000,
            "source_water": 8_000,
            "settlements": 10_000,
        },
        zh="分区内每米路线附加代价（选线权重）",
        en="weight of zones: on top for each metre within",
        unit="yuan/m",
        source=PLANNER,
    )
    last_resort: tuple[RoadZone, ...] = param(
        (),
        zh="确实难以避让方可穿越的分区",
        en="zones to cross only if they cannot be avoided",
        unit="",
        source="国家公园管理暂行办法（2022）",
    )
    last_resort_percent: Annotated[float, Field(ge=0, le=300)] = param(
        20,
        zh="避让方案造价增幅不超过此值即视为可避让",
        en="avoidable if going round costs at most so much more",
        unit="%",
        source=PLANNER,
    )
    margin_m: Annotated[float, Field(ge=0, le=200)] = param(
        20, zh="与禁止分区的距离", en="distance kept from forbidden zones", unit="m", source=PLANNER
    )
    settlement_m: Annotated[float, Field(ge=10, le=300)] = param(
        50, zh="居民点半径", en="reach of a settlement around its point", unit="m", source=PLANNER
    )
    person_m2: Annotated[float, Field(ge=0, le=1000)] = param(
        100,
        zh="居民点人均用地（视为圆面均匀分布；0 为点）",
        en="land of a settlement a head: a disc with people evenly on it; 0: a point",
        unit="m²",
        source="GB 50137-2011, 65–115 m² in towns, unverified",
    )
    lake: str = parameters.lake()
    river_order: Annotated[int, Field(ge=1, le=10)] = param(
        4,
        zh="视为水面的河流最低级别（斯特拉勒）",
        en="rivers of this Strahler order and above count as water",
        unit="1",
        source=PLANNER,
    )
    national_roads: Literal["at_grade", "separated"] = param(
        "at_grade",
        zh="与国道的交叉：平面或立体（高速公路总为立体）",
        en="national roads: crossed at grade, or separated as expressways always are",
        unit="",
        source="JTG B01-2014, unverified",
    )
    flood_level: str = param(
        "flood_high",
        zh="路基须高出的库水位（特征水位编号）",
        en="level of the lake that roads keep above: an id of lake_levels",
        unit="",
        source="JTG B01-2014, unverified",
    )
    coarse_terrain: bool = param(
        False,
        zh="允许在来源粗于 300 m 的地形上示意选线",
        en="allow a sketch on terrain whose source is coarser than 300 m",
        unit="",
        source=PLANNER,
    )
    alternatives: Annotated[int, Field(ge=1, le=4)] = param(
        1, zh="方案数", en="number of alternatives", unit="1", source=PLANNER
    )
    apart_m: Annotated[float, Field(ge=50, le=5000)] = param(
        400,
        zh="方案间走廊距离",
        en="corridor distance between alternatives",
        unit="m",
        source=PLANNER,
    )
    apart_percent: Annotated[float, Field(ge=5, le=95)] = param(
        40,
        zh="走廊之外的里程比例",
        en="share of the length outside the corridors of the others",
        unit="%",
        source=PLANNER,
    )
    cost_book: str = param(
        "",
        zh="自备单价（CSV 或 TOML 文件或文本）",
        en="your own prices (CSV or TOML file or text)",
        unit="",
        source=PLANNER,
        file="table",
    )
    free_haul_m: Annotated[float, Field(ge=0, le=5000)] = param(
        1000,
        zh="免费运距（挖方单价已含）",
        en="free haul, within the price of the cut",
        unit="m",
        source="JTG/T 3832-2018: the first km of lorries, unverified",
    )
    spoil_m3_m2: Annotated[float, Field(ge=0, le=20)] = param(
        8.5,
        zh="每平方米隧道路面的弃渣（可用于填方；0 为不用）",
        en="spoil of each m² of tunnel floor, which fills may use; 0: none",
        unit="m³/m²",
        source="85 m² of face over 10 m of road, unverified",
    )
    published: str = param(
        "",
        zh="对照的公布造价（CSV 或 TOML 文件或文本；仅编号即取手册所列）",
        en="a published cost to hold it against (CSV or TOML; an id alone is one of the cost book)",
        unit="",
        source=PLANNER,
        file="table",
    )
    own_standard: str = param(
        "",
        zh="自备技术指标（CSV 或 TOML 文件或文本）",
        en="your own standard (CSV or TOML file or text)",
        unit="",
        source=PLANNER,
        file="table",
    )
    pains: Pains = param(
        "quick", zh="计算精细程度", en="how closely to search", unit="", source=PLANNER
    )
    county_seat: str = parameters.county_seat()
    snap_m: Annotated[float, Field(ge=0, le=1000)] = param(
        300,
        zh="路线两端接入现有道路的距离",
        en="the ends join roads within",
        unit="m",
        source=PLANNER,
    )
    time_cell_m: Annotated[float, Field(ge=30, le=500)] = param(
        120, zh="出行时间分析像元", en="cell of the travel-time analysis", unit="m", source=PLANNER
    )
    rule_date: date = parameters.rule_date(date(2025, 1, 1))


@dataclass(frozen=True)
class Terms:
    """Standard and prices of a road, as the designer and the bill want them.

    `spoil` are m³ that a metre of tunnel gives, and the price of using one; `published` is the road
    that it is held against.
    """

    standard: Standard
    limits: Limits
    costs: Costs
    template: Template
    book: Book
    across: Across
    hauling: Hauling
    spoil: tuple[float, float]
    published: Reference | None

    @property
    def code(self) -> str:
        """Class and speed, as the parameter `road` names them."""
        return f"{self.standard.road_class}_{self.standard.speed_kmh}"

    @property
    def title(self) -> Text:
        """Class and speed in words."""
        found, speed = ROAD_CLASSES[self.standard.road_class], self.standard.speed_kmh
        return Text(f"{found.zh} {speed} km/h", f"{found.en}, {speed} km/h")


def terms(params: Corridor) -> Terms:
    """Give what the road has to obey and what it costs; raises what the books raise."""
    road_class, _, speed = params.road.rpartition("_")
    found = standard(
        params.rule_date, speed_kmh=int(speed), road_class=road_class, own=params.own_standard
    )
    book = costs(params.rule_date, own=params.cost_book)
    shape = found.template
    prices = design_prices(book, width_m=shape["width_m"])
    template = Template(shape["width_m"], shape["cut_slope"], shape["fill_slope"])
    asked = across(found, freezes=params.freezes)
    return Terms(
        found,
        designed_by(Limits(**found.limits), asked),
        Costs(**prices, **shape),
        template,
        book,
        asked,
        Hauling(**hauling_prices(book), free_m=params.free_haul_m),
        (params.spoil_m3_m2 * shape["width_m"], book["spoil"].yuan),
        reference(params.published),
    )


@dataclass(frozen=True, eq=False)
class Setting:
    """Where roads are asked for, and how.

    Parameters
    ----------
    county, params
        The county, and what is asked.
    terms
        Standard and prices.
    dem
        Terrain of the search, heights in m.
    points
        x, y of start, points to lead by, end.
    met
        Roads, streams and floods that a road may meet.
    """

    county: County
    params: Corridor
    terms: Terms
    dem: Raster
    points: tuple[tuple[float, float], ...]
    met: Meetings

    def asking(self, **changed: Any) -> Setting:
        """Give the same with other values of parameters; standard and prices stay."""
        return replace(self, params=self.params.model_copy(update=changed))


def setting(county: County, params: Corridor) -> Setting:
    """Read what a road has to obey, the terrain and the places.

    Raises
    ------
    UsageError
        If no places are given.
    InputError
        Naming the places that are not found, or where the height is not known; if the terrain is
        too coarse.
    """
    if not params.points:
        raise UsageError(
            Text("未给路线的起点与终点", "the places that the road leads by are not given"),
            problems=[Problem(field="params.points", found="[]", expected=PLACES, remedy=GIVE)],
        )
    require_fine(county, coarse=params.coarse_terrain)
    known = terms(params)
    dem = heights(county, CELL_M)
    stops = places(county, params.points)
    require_terrain(stops, dem)
    points = tuple(xy for stop in stops for xy in stop.points)
    separated = (
        ("expressway", "national") if params.national_roads == "separated" else ("expressway",)
    )
    met = meetings(
        county,
        dem,
        known.standard,
        params.rule_date,
        manner=Manner(separated, params.flood_level),
        spared=points,
    )
    return Setting(county, params, known, dem, points, met)


PLACES = Text("地点名 | 图层:编号 | 经度,纬度", "names | layer:id | longitude,latitude")
GIVE = Text("--set points=起点;终点", "--set points=START;END")
QUICK = Lattice(headings=16, longest_m=2000.0, budget_states=4_000_000)
PAINS: Mapping[Pains, Care] = MappingProxyType(
    {
        "quick": Care(lattice=QUICK, effort=Effort(3e7, 1e-2), rounds=0),
        "normal": Care(lattice=Lattice(), effort=Effort(3e7, 5e-3), rounds=1),
        "thorough": Care(
            lattice=Lattice(corridor_m=900.0, tube_m=450.0), effort=Effort(6e7, 1e-3), rounds=4
        ),
    }
)
"""How closely to design: lattice of the search, effort of each profile, rounds of both."""


def policy(params: Corridor, *, forbid: tuple[str, ...]) -> Policy:
    """Give what is asked of zones when these are forbidden."""
    return Policy(
        forbid=forbid,
        repel_yuan_m={k: v for k, v in params.repel_yuan_m.items() if k not in forbid},
        not_under=params.not_under,
        margin_m=params.margin_m,
        extent=Extent(params.settlement_m, params.lake, params.river_order),
    )


def difference(params: Corridor) -> Difference:
    """Give how much alternatives differ."""
    return Difference(params.apart_m, params.apart_percent / 100)
