"""Layers and tables of sites for an entrance community."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.raster import Raster, crop
from geo.words import UNKNOWN, Text, headed
from layers.catalog import CATALOG
from layers.county import County
from layers.roads.edits import edited_roads
from layers.zones import ZONES
from scenarios.answers import backdrop, screening
from scenarios.answers.alternatives import comparison
from scenarios.answers.figures import Figure, unit_column
from scenarios.entrance_community.ground import GATES, HAZARDS, LAKE, Land
from scenarios.entrance_community.sites import Ranked
from scenarios.entrance_community.terms import MEASURES, EntranceCommunity
from scenarios.result import Category, Column, Layer, Table

THEME = Text("入口社区", "Entrance community")
COMPARED = 5  # sites side by side; the table of sites holds them all
WORTH = Figure("worth", Text("加权得分", "Weighted worth"), "", 3, "higher")
SHARE = Figure("share_percent", Text("居首的权重占比", "Wins of all weightings"), "%", 1, "higher")
GATE_M = Figure("gate_m", Text("距入口", "Distance to the gate"), "m", 0, "lower")
AREA = Figure("area_ha", Text("社区用地", "Land of the community"), "ha", 2)
SHIFT = Figure(
    "shift_percent", Text("居首所需移动的权重", "Weight to move so that it wins"), "%", 1, "lower"
)
FIGURES = (WORTH, SHARE, *MEASURES.values(), GATE_M, AREA)
VERDICTS = (
    Category(screening.YES, Text("通过筛选", "Passes all screens")),
    Category(screening.NOT_KNOWN, UNKNOWN),
)
SITE = Column("site", Text("候选点", "Site"))
NOTHING = "—"


def named(name: str) -> Text:
    """Say what a criterion is called; nothing for none."""
    return MEASURES[name].title if name in MEASURES else Text(NOTHING, NOTHING)


def layers(county: County, params: EntranceCommunity, land: Land, found: Ranked) -> Iterator[Layer]:
    """Give the backdrop, the park, hazards, what refuses land, gates and sites."""
    yield from backdrop.ground(county)
    towns = county.vector("townships").sort_index()
    yield backdrop.townships(county, towns, (), ())
    yield from backdrop.roads(edited_roads(county, opened=params.open_roads))
    yield from _refused(land, params)
    yield from _hazards(county)
    zones = tuple(
        Category(zone, headed(ZONES[f"park_{zone}"].title)) for zone in ("core", "general")
    )
    park = county.vector("park").sort_index()
    yield Layer(
        "park",
        headed(CATALOG["park"].title),
        THEME,
        "boundary",
        park,
        value="zone",
        categories=tuple(one for one in zones if (park["zone"] == one.code).any()),
        sources=("park",),
    )
    if len(land.gates):
        title = headed(CATALOG[GATES].title)
        gates = land.gates.assign(kind="gate", label=land.gates.index.astype(str))
        yield Layer(
            "gates",
            title,
            THEME,
            "place",
            gates[["kind", "label", "geometry"]],
            value="kind",
            categories=(Category("gate", title),),
            label="label",
            sources=(GATES,) if params.gates is None else ("park",),
        )
    if len(found.sites):
        yield _sites(county, found, params)


GROUPS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("国家公园", "National park"), ("park",)),
    (Text("生态保护红线", "Ecological redline"), ("redline",)),
    (Text("可用", "May be taken"), (screening.YES,)),
    (Text("灾害风险区", "Hazard zones"), tuple(HAZARDS)),
    (
        Text("永久基本农田、水源与水库", "Farmland, source water, lake"),
        ("basic_farmland", "source_water", LAKE),
    ),
    (Text("坡度超限", "Too steep"), ("slope_deg",)),
    (Text("时间超限", "Too many minutes"), ("gate_min", "seat_min")),
    (Text("连片面积不足", "Too small a piece"), (screening.PIECE,)),
    (Text("无已知限制，尚有未知", "Nothing against it is known"), (screening.NOT_KNOWN,)),
)
"""What binds first as the map tells it, in few enough kinds to tell their colours apart."""


def _refused(land: Land, params: EntranceCommunity) -> Iterator[Layer]:
    """Give cells within reach of a gate by what binds first; the code is the place in `GROUPS`."""
    near = (land.places["gate_m"] <= params.gate_m).to_numpy()
    if not near.any():
        return
    own, places = land.places[near], land.held.screened.places[near]
    said = places["first"].where(places["first"] != "", places["verdict"])
    code = {one: place for place, (_, ids) in enumerate(GROUPS) for one in ids}
    number = said.map(code).to_numpy(dtype=float)
    values = np.full(land.dem.grid.shape, np.nan, dtype=np.float32)
    values[own["row"], own["column"]] = number
    half = land.dem.grid.resolution / 2
    west, south, east, north = own.total_bounds
    around = (west - half, south - half, east + half, north + half)
    yield Layer(
        "screened",
        Text("首要排除条件（入口周边）", "What refuses land first, around the gates"),
        THEME,
        "category",
        crop(Raster(values, land.dem.grid), around),
        categories=tuple(
            Category(str(place), words)
            for place, (words, _) in enumerate(GROUPS)
            if (number == place).any()
        ),
        shown=False,
        sources=("dem", "park"),
    )


def _hazards(county: County) -> Iterator[Layer]:
    if "hazards" in county:
        frame = county.vector("hazards").sort_index()
        kinds = tuple(Category(kind, headed(words)) for kind, words in HAZARDS.items())
        yield Layer(
            "hazards",
            headed(CATALOG["hazards"].title),
            THEME,
            "category",
            frame,
            value="kind",
            columns=(Column("level", Text("等级", "Level"), categories=LEVELS),),
            categories=tuple(one for one in kinds if (frame["kind"] == one.code).any()),
            shown=False,
            sources=("hazards",),
        )


LEVELS = (
    Category("high", Text("高", "High")),
    Category("medium", Text("中", "Medium")),
    Category("low", Text("低", "Low")),
)


def _told(found: Ranked) -> gpd.GeoDataFrame:
    """Give sites with shares and shifts in percent."""
    return found.sites.assign(
        share_percent=100 * found.sites["share"],
        low_percent=100 * found.sites["low"],
        high_percent=100 * found.sites["high"],
        error_percent=100 * found.sites["error"],
        shift_percent=100 * found.sites["shift"],
        site=found.sites.index.astype(str),
    )


def _sites(county: County, found: Ranked, params: EntranceCommunity) -> Layer:
    frame = _told(found)
    towns = backdrop.towns(county)
    screens = {name for name in ("hazards", "redline", "basic_farmland") if name in county}
    sources = ("dem", "park", *sorted(screens), "roads")
    return Layer(
        "sites",
        Text("入口社区候选点", "Sites for an entrance community"),
        THEME,
        "amount",
        frame,
        value="worth",
        columns=(
            *(one.column() for one in FIGURES),
            Column("gate", Text("最近入口", "Nearest gate")),
            Column("township", Text("乡镇", "Township"), categories=towns),
            Column("verdict", Text("筛选结论", "Verdict"), categories=VERDICTS),
        ),
        label="site",
        focus=True,
        sources=tuple(
            name
            for name in (*sources, GATES)
            if name in county and (name != GATES or params.gates is None)
        ),
    )


def tables(params: EntranceCommunity, land: Land, found: Ranked) -> Iterator[Table]:
    """Give sites side by side, shares, weights with their scales, exchanges, and what is lost."""
    frame = _told(found)
    if len(frame):
        rows = {label: frame.loc[label].to_dict() for label in frame.index[:COMPARED]}
        title = Text("前列候选点对比", "The first sites compared")
        yield comparison(FIGURES, rows, title=title, first=SITE)
        yield _shares(frame)
        yield _all(frame)
        yield _exchanges(frame)
    yield _weights(params, found)
    yield screening.table(
        land.held.screened, title=Text("各条件排除的用地", "Land that each screen refuses")
    )


def _shares(frame: gpd.GeoDataFrame) -> Table:
    wins = frame[frame["share_percent"] > 0].sort_values("share_percent", ascending=False)
    columns = (SITE, SHARE.column())
    title = Text("各候选点居首的权重占比", "Share of all weightings in which each site wins")
    rows = pd.DataFrame(wins[["site", "share_percent"]]).reset_index(drop=True)
    return Table("shares", title, rows, columns, chart="bars")


def _all(frame: gpd.GeoDataFrame) -> Table:
    columns = (
        SITE,
        WORTH.column(),
        SHARE.column(),
        Column("error_percent", Text("标准误", "Standard error"), "%", 2),
        Column("low_percent", Text("95 % 区间下限", "95 % from"), "%", 1),
        Column("high_percent", Text("95 % 区间上限", "95 % to"), "%", 1),
        *(one.column() for one in (*MEASURES.values(), GATE_M)),
        Column("gate", Text("最近入口", "Nearest gate")),
        Column("verdict", Text("筛选结论", "Verdict"), categories=VERDICTS),
    )
    rows = pd.DataFrame(frame)[[one.name for one in columns]].reset_index(drop=True)
    return Table("sites", Text("全部候选点", "All sites"), rows, columns)


def _exchanges(frame: gpd.GeoDataFrame) -> Table:
    known = tuple(Category(name, headed(one.title)) for name, one in MEASURES.items())
    codes = (*known, Category("", Text(NOTHING, NOTHING)))
    columns = (
        SITE,
        Column("from_", Text("从", "From"), categories=codes),
        Column("to", Text("移到", "To"), categories=codes),
        SHIFT.column(),
    )
    rows = frame[frame["shift"].gt(0)].sort_values("shift", kind="stable")
    title = Text("使其居首的最小权重交换", "Least exchange of two weights by which each wins")
    kept = pd.DataFrame(rows)[[one.name for one in columns]].reset_index(drop=True)
    return Table("exchanges", title, kept, columns)


def _weights(params: EntranceCommunity, found: Ranked) -> Table:
    """Give each criterion's weight, and what is worth nothing and most."""
    total = sum(params.weighing.values())
    rows = [
        {
            "criterion": name,
            "weight": 100 * params.weighing[name] / total,
            "worst": scale.worst,
            "best": scale.best,
            "unit": MEASURES[name].unit,
            "state": "left_out" if name in found.left_out else "counted",
        }
        for name, scale in params.scales.items()
    ]
    states = (
        Category("counted", Text("计入", "counts")),
        Category("left_out", Text("未知，未计入", "not known, left out")),
    )
    columns = (
        Column(
            "criterion",
            Text("指标", "Criterion"),
            categories=tuple(Category(name, headed(one.title)) for name, one in MEASURES.items()),
        ),
        Column("weight", Text("权重", "Weight"), "%", 1),
        Column("worst", Text("记零分", "Worth nothing at"), "", 1),
        Column("best", Text("记满分", "Worth most at"), "", 1),
        unit_column(MEASURES[name].unit for name in params.scales),
        Column("state", Text("状态", "State"), categories=states),
    )
    frame = pd.DataFrame(rows, columns=[one.name for one in columns])
    title = Text("权重与评分尺度（规划人员选定）", "Weights and scales, the planner's choice")
    return Table("weights", title, frame, columns)
