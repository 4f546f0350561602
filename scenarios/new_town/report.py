"""What is told of a new town: figures, map, tables and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.words import Text, hectares, joined
from layers.county import County
from layers.land.rules import M2_PER_MU
from layers.roads.edits import edited_roads
from scenarios.answers import backdrop
from scenarios.answers.alternatives import comparison
from scenarios.answers.figures import Figure
from scenarios.answers.screening import NO, NOT_KNOWN, YES, categories
from scenarios.answers.screening import table as screening
from scenarios.new_town.land import BUILT, REASONS, STAYS, THEME, Book, Land, criteria, layer
from scenarios.new_town.plan import LEANINGS, M2_PER_HA, USES, YUAN_PER_WAN, Placed, differing
from scenarios.new_town.plots import Parts
from scenarios.new_town.works import (
    COSTS,
    ENDS,
    FIGURES,
    M3_PER_WAN,
    Terms,
    Works,
    by_year,
    measured,
)
from scenarios.result import Category, Column, Layer, Metric, Table

OTHERS = Text("其他方案", "Other alternatives")
BUILDABLE = Figure("buildable_ha", Text("可建设用地", "Land that may be built on"), "ha")
BETWEEN = Text("道路", "Streets")
LEFT = Text("未安排", "Without a use")
SCRAPS = Text("零星地块", "Scraps too small to build on")


@dataclass(frozen=True, eq=False)
class Town:
    """All that is found: land, plots, the works of each alternative, and the one told in full."""

    land: Land
    parts: Parts
    works: Mapping[str, Works]
    name: str
    book: Book
    terms: Terms
    apart_m: float
    quota_tce: float

    @property
    def shown(self) -> Works:
        """The alternative told in full."""
        return self.works[self.name]

    @property
    def placed(self) -> Placed:
        """Its plan."""
        return self.shown.placed

    def differs(self, one: str, other: str) -> float:
        """Give the share of plots' land, %, that two alternatives use otherwise."""
        uses = [self.works[name].placed.use for name in (one, other)]
        return differing(self.parts.plots, uses)


def figures(town: Town) -> Iterator[Metric]:
    """Give the headline figures of the alternative told in full."""
    free = town.land.patches["verdict"] == YES
    names = tuple(town.land.patches.index[free])
    yield BUILDABLE.metric(town.land.hectares(free), layer="land", features=names)
    found = measured(town.parts, town.shown)
    spans = {
        "jobs": town.shown.amount("jobs"),
        "value_wan_yuan": town.shown.amount("value_wan_yuan"),
        "people": town.shown.amount("people"),
        "energy_tce": town.shown.amount("tce"),
        "cost_wan_yuan": tuple(float(town.shown.costs[end].sum()) for end in ENDS),
    }
    for figure in FIGURES:
        if np.isnan(found[figure.id]):
            continue
        about: dict[str, float] = {}
        if figure.id in spans:
            about = {"low": spans[figure.id][0], "high": spans[figure.id][2]}
        if figure.id == "energy_tce" and town.quota_tce:
            about["target"] = town.quota_tce
        yield figure.metric(found[figure.id], **about)


def layers(county: County, town: Town) -> Iterator[Layer]:
    """Give the backdrop, the land by what refuses it, and the plans."""
    yield from backdrop.ground(county)
    yield backdrop.townships(county, county.vector("townships").sort_index(), (), ())
    yield from backdrop.roads(edited_roads(county))
    yield layer(town.land)
    for name in (town.name, *(one for one in town.works if one != town.name)):
        yield _plan(town, name)
    yield from _walls(town)
    extent = county.vector("new_town").sort_index()
    title = Text("新城范围", "Extent of the new town")
    yield Layer("extent", title, THEME, "boundary", extent, focus=True, sources=("new_town",))


def _plan(town: Town, name: str) -> Layer:
    """Give the plots of an alternative by use, its streets, and what is left."""
    works, main = town.works[name], name == town.name
    frame = _plots(town, works)
    others = [one for one in town.works if one != name]
    for one in others:
        frame[f"in_{one}"] = town.works[one].placed.use.reindex(frame.index).fillna("")
    frame = gpd.GeoDataFrame(pd.concat([frame, _built(town)]), crs=frame.crs)
    uses = tuple(Category(code, title) for code, title in USES.items())
    ends = (
        Category("streets", BETWEEN),
        Category("left", LEFT),
        Category("scraps", SCRAPS),
        Category(BUILT, STAYS),
    )
    here = tuple(one for one in (*uses, *ends) if (frame["use"] == one.code).any())
    title = LEANINGS[name].title
    return Layer(
        f"plan_{name}",
        Text(f"用地布局：{title.zh}方案", f"Layout: {title.en.lower()}"),
        THEME if main else OTHERS,
        "category",
        frame,
        value="use",
        columns=(
            Column("use", Text("用途", "Use"), categories=(*uses, *ends)),
            Column("area_ha", Text("面积", "Area"), "ha", 2),
            Column("year", Text("建设年份", "Built in"), "", 0),
            Column("level_m", Text("设计标高（示意）", "Design level, schematic"), "m", 1),
            Column("cut_m3", Text("挖方", "Cut"), "m³", 0),
            Column("fill_m3", Text("填方", "Fill"), "m³", 0),
            Column("slope_percent", Text("平均自然坡度", "Mean natural slope"), "%", 1),
            Column("trunk_min", Text("到干线公路", "To the trunk road"), "min", 1),
            Column("gate_min", Text("到高速互通", "To the interchange"), "min", 1),
            *(
                Column(
                    f"in_{one}",
                    Text(f"{LEANINGS[one].title.zh}方案用途", f"Use in {LEANINGS[one].title.en}"),
                    categories=uses,
                )
                for one in others
            ),
        ),
        categories=here,
        side="after",
        shown=main,
        sources=("new_town", "dem", "roads", "levelled_land"),
    )


def _built(town: Town) -> gpd.GeoDataFrame:
    """Give what is built already, each piece as a whole."""
    patches = town.land.patches[town.land.patches["verdict"] == BUILT]
    whole = patches[["geometry"]].dissolve().explode(index_parts=False)
    labels = pd.Index([f"{BUILT}{n:02d}" for n in range(1, len(whole) + 1)], dtype=object)
    return whole.set_index(labels).assign(use=BUILT, area_ha=whole.area.to_numpy() / M2_PER_HA)


def _plots(town: Town, works: Works) -> gpd.GeoDataFrame:
    """Give plots, streets and scraps of an alternative, every hectare that may be built on."""
    plots = town.parts.plots.assign(use=works.placed.use.replace("", "left"))
    plots = plots.join(works.design.pads[["level_m", "cut_m3", "fill_m3"]])
    year = plots["block"].map(works.years["year"]) + town.terms.first_year - 1
    plots["year"] = year.where(plots["use"] != "left")
    streets = town.parts.streets.assign(use="streets")
    streets.loc[~streets.index.isin(works.streets.index), "use"] = "left"
    scraps = town.parts.scraps.assign(use="scraps")
    about = plots.drop(columns=["block", "vacant", "height_m", "lift_m"])
    return gpd.GeoDataFrame(pd.concat([about, streets, scraps]), crs=plots.crs)


def _walls(town: Town) -> Iterator[Layer]:
    """Give the steps between plots that touch, where a wall stands."""
    links = town.shown.design.links
    walls = links[links["wall_m2"] > links["step_m"].abs()]  # a metre long and more
    walls = walls[walls["step_m"].abs() >= LOW_WALL_M]
    if walls.empty:
        return
    plots = town.parts.plots.geometry
    lines = plots.loc[walls["left"]].intersection(plots.loc[walls["right"]], align=False)
    height = walls["step_m"].abs().to_numpy()
    labels = [f"w{n:03d}" for n in range(1, len(walls) + 1)]
    frame = gpd.GeoDataFrame(
        {"kind": "wall", "height_m": height, "face_m2": walls["wall_m2"].to_numpy()},
        geometry=lines.to_numpy(),
        index=pd.Index(labels, dtype=object),
        crs=plots.crs,
    )
    yield Layer(
        "walls",
        Text("台地挡墙", "Retaining walls"),
        THEME,
        "path",
        frame,
        value="kind",
        columns=(
            Column("height_m", Text("高度", "Height"), "m", 1),
            Column("face_m2", Text("墙面", "Face"), "m²", 0),
        ),
        categories=(Category("wall", Text("挡墙", "Wall")),),
        side="after",
        sources=("dem",),
    )


LOW_WALL_M = 0.5  # lower steps are slopes of earth


def tables(town: Town) -> Iterator[Table]:
    """Give alternatives compared, losses by rule, the account, uses, costs and years."""
    yield _compared(town)
    yield _account(town)
    yield screening(town.land.screened, title=Text("各规则排除面积", "Hectares by rule"))
    yield _uses(town)
    yield _costs(town)
    yield _years(town)


def _compared(town: Town) -> Table:
    rows = {name: measured(town.parts, works) for name, works in town.works.items()}
    first = Column(
        "alternative",
        Text("方案", "Alternative"),
        categories=tuple(Category(name, one.title) for name, one in LEANINGS.items()),
    )
    differs = [
        Figure(
            f"other_than_{name}",
            Text(
                f"与{LEANINGS[name].title.zh}方案不同", f"Otherwise than {LEANINGS[name].title.en}"
            ),
            "%",
        )
        for name in town.works
    ]
    for one, row in rows.items():
        for name in town.works:
            row[f"other_than_{name}"] = town.differs(one, name)
    title = Text("方案对比", "Alternatives compared")
    return comparison([*FIGURES, *differs], rows, title=title, first=first)


def account(town: Town) -> pd.Series:
    """Give every hectare of the extent once: built, lost by what binds first, unknown, used."""
    patches, works = town.land.patches, town.shown
    verdict, area = patches["verdict"], patches["area_ha"]
    rows = {BUILT: town.land.hectares(verdict == BUILT)}
    for one in criteria(town.book):
        if one.id in town.land.screened.states:
            rows[one.id] = float(area[patches["first"] == one.id].sum())
    rows[NOT_KNOWN] = town.land.hectares(verdict == NOT_KNOWN)
    frame = _plots(town, works)
    sums = frame.groupby("use")["area_ha"].sum()
    for use in (*USES, "streets", "left", "scraps"):
        rows[use] = float(sums.get(use, 0.0))
    return pd.Series(rows)


def _account(town: Town) -> Table:
    found = account(town)
    frame = found.rename_axis("part").reset_index(name="area_ha")
    frame = pd.concat(
        [frame, pd.DataFrame({"part": ["total"], "area_ha": [town.land.extent.area / M2_PER_HA]})]
    )
    frame["area_mu"] = frame["area_ha"] * M2_PER_HA / M2_PER_MU
    known = (
        Category(BUILT, STAYS),
        *categories(town.land.screened.criteria),
        Category(NOT_KNOWN, Text("未知", "Not known")),
        *(Category(code, title) for code, title in USES.items()),
        Category("streets", BETWEEN),
        Category("left", LEFT),
        Category("scraps", SCRAPS),
        Category("total", Text("新城范围", "Extent")),
    )
    columns = (
        Column("part", Text("去向", "What becomes of it"), categories=known),
        Column("area_ha", Text("面积", "Area"), "ha", 4),
        Column("area_mu", Text("面积（亩）", "Area in mu"), "mu", 1),
    )
    title = Text("新城范围土地去向", "Account of the extent")
    return Table("account", title, frame.reset_index(drop=True), columns)


def _uses(town: Town) -> Table:
    works = town.shown
    frame = works.amounts.rename_axis("use").reset_index()
    wants = works.placed.wanted
    frame.insert(1, "least_ha", [wants[use].least_ha for use in frame["use"]])
    frame.insert(2, "most_ha", [wants[use].most_ha for use in frame["use"]])
    uses = tuple(Category(code, title) for code, title in USES.items())
    columns = (
        Column("use", Text("用途", "Use"), categories=uses),
        Column("least_ha", Text("需求下限", "Least asked"), "ha", 2),
        Column("most_ha", Text("需求上限", "Most asked"), "ha", 2),
        Column("area_ha", Text("布置面积", "Placed"), "ha", 2),
        Column("plots", Text("地块数", "Plots"), "count", 0),
        Column("floor_m2_likely", Text("建筑面积", "Floor"), "m²", 0),
        Column("jobs_likely", Text("岗位", "Jobs"), "persons", 0),
        Column("value_wan_yuan_likely", Text("年增加值", "Value added a year"), "万元", 0),
        Column("tce_likely", Text("年能耗", "Energy a year"), "tce/a", 0),
        Column("people_likely", Text("居住人口", "People"), "persons", 0),
    )
    title = Text("各用途面积与强度（中值，假定）", "Uses: land and densities, likely, assumed")
    return Table("uses", title, frame, columns)


def _costs(town: Town) -> Table:
    frame = town.shown.costs.copy()
    frame.loc["total"] = frame.sum()
    items = (*COSTS.items(), ("total", Text("合计", "Total")))
    columns = (
        Column("item", Text("项目", "Item"), categories=tuple(Category(c, t) for c, t in items)),
        Column("low", Text("低", "Low"), "万元", 0),
        Column("likely", Text("中", "Likely"), "万元", 0),
        Column("high", Text("高", "High"), "万元", 0),
    )
    title = Text("开发造价（单价为假定）", "Cost of development, prices assumed")
    return Table("costs", title, frame.rename_axis("item").reset_index(), columns)


def _years(town: Town) -> Table:
    columns = (
        Column("year", Text("年份", "Year"), "", 0),
        Column("area_ha", Text("当年开发", "Built in the year"), "ha", 1),
        Column("area_so_far", Text("累计开发", "Built so far"), "ha", 1),
        Column("wan_yuan", Text("当年投入", "Spent in the year"), "万元", 0),
        Column("jobs_so_far", Text("累计岗位", "Jobs so far"), "persons", 0),
    )
    frame = by_year(town.shown, town.terms).reset_index()[[one.name for one in columns]]
    return Table("years", Text("分年安排", "Years"), frame, columns)


def sentences(town: Town) -> Iterator[Text]:
    """Answer in sentences made of the figures."""
    yield _said_land(town)
    yield _said_plan(town)
    yield _said_works(town)
    yield _said_others(town)


def _said_land(town: Town) -> Text:
    land = town.land
    verdict = land.patches["verdict"]
    whole = hectares(land.extent.area / M2_PER_HA, decimals=1)
    built, free, lost = (
        hectares(land.hectares(verdict == one), decimals=1) for one in (BUILT, YES, NO)
    )
    firsts = land.patches.groupby("first")["area_ha"].sum().drop("", errors="ignore")
    firsts = firsts.sort_values(ascending=False, kind="stable").head(3)
    parts = [
        joined([REASONS[str(name)].title, hectares(float(area), decimals=1)], " ", " ")
        for name, area in firsts.items()
    ]
    most = joined(parts)
    return Text(
        f"新城范围 {whole.zh}中，已建成 {built.zh}，受规则限制 {lost.zh}"
        f"（按首要限制：{most.zh}），可建设 {free.zh}。",
        f"Of {whole.en} {built.en} are built on, {lost.en} are refused (first of all by: "
        f"{most.en}), and {free.en} may be built on.",
    )


def _said_plan(town: Town) -> Text:
    found, title = measured(town.parts, town.shown), LEANINGS[town.name].title
    used = hectares(found["used_ha"], decimals=1)
    low, _, high = town.shown.amount("jobs")
    jobs, people, tce = (f"{found[name]:,.0f}" for name in ("jobs", "people", "energy_tce"))
    value = f"{found['value_wan_yuan'] / YUAN_PER_WAN:,.1f}"
    return Text(
        f"{title.zh}方案布置 {used.zh}，按假定强度约 {jobs} 个岗位"
        f"（{low:,.0f}–{high:,.0f}），可居住约 {people} 人，年增加值约 {value} 亿元，"
        f"年能耗约 {tce} 吨标准煤。",
        f"The {title.en.lower()} alternative puts {used.en} to use: at the densities assumed "
        f"{jobs} jobs ({low:,.0f}–{high:,.0f}), homes for {people}, {value} × 100 million "
        f"yuan of value added and {tce} tce a year.",
    )


def _said_works(town: Town) -> Text:
    design, costs = town.shown.design, town.shown.costs.sum()
    years = by_year(town.shown, town.terms)
    busy = years.index[years["area_ha"] > 0]
    low, likely, high = (f"{costs[end] / YUAN_PER_WAN:,.2f}" for end in ENDS)
    cut, fill = (f"{m3 / M3_PER_WAN:,.1f}" for m3 in (design.cut_m3, design.fill_m3))
    vacant = town.parts.plots.loc[town.placed.used]
    ready = hectares(float(vacant.loc[vacant["vacant"], "area_ha"].sum()), decimals=1)
    return Text(
        f"其中 {ready.zh}为已平整空地，不需土方；"
        f"其余挖方 {cut} 万方、填方 {fill} 万方。造价约 "
        f"{likely} 亿元（{low}–{high}，单价为假定，不含建筑），"
        f"{busy.min()}–{busy.max()} 年分年实施。",
        f"Of this {ready.en} are levelled and move no earth; the rest cuts {cut} and fills "
        f"{fill} × 10,000 m³. It costs about {likely} ({low}–{high}) × 100 million yuan "
        f"at assumed prices, buildings aside, spread over {busy.min()}–{busy.max()}.",
    )


def _said_others(town: Town) -> Text:
    """Say what each other alternative wins and loses against this one."""
    own = measured(town.parts, town.shown)
    parts = [_against(town, name, own) for name in town.works if name != town.name]
    told = joined(parts, "；", "; ")
    return Text(f"{told.zh}。", f"{told.en}.")


SHORT: Mapping[str, Text] = {
    "jobs": Text("岗位", "jobs"),
    "earth_m3": Text("土方", "earth moved"),
    "cost_wan_yuan": Text("造价", "cost"),
    "gate_min": Text("产业到互通时间", "minutes of industry to the interchange"),
    "facing_m": Text("同类相邻边长", "border of like uses"),
}


def _against(town: Town, name: str, own: Mapping[str, float]) -> Text:
    other, title = measured(town.parts, town.works[name]), LEANINGS[name].title
    parts = []
    for figure, words in SHORT.items():
        if not own[figure] or np.isnan(own[figure]) or np.isnan(other[figure]):
            continue
        share = 100 * (other[figure] - own[figure]) / own[figure]
        if abs(share) >= 1:
            more = Text("多" if share > 0 else "少", "more" if share > 0 else "less")
            parts.append(
                Text(
                    f"{words.zh}{more.zh} {abs(share):.0f} %",
                    f"{abs(share):.0f} % {more.en} {words.en}",
                )
            )
    differs = f"{town.differs(town.name, name):.0f} %"
    told = joined(parts) if parts else Text("主要指标相近", "much the same figures")
    return Text(
        f"{title.zh}方案有 {differs} 的用地用途不同，{told.zh}",
        f"{title.en}: {differs} of the land has another use, {told.en}",
    )
