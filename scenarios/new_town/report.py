"""What is told of a new town: figures, map and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.words import Text
from layers.county import County
from layers.land.rules import M2_PER_MU
from layers.roads.edits import edited_roads
from scenarios.answers import backdrop
from scenarios.answers.alternatives import comparison
from scenarios.answers.figures import Figure
from scenarios.answers.screening import NOT_KNOWN, YES, categories
from scenarios.answers.screening import table as screening
from scenarios.new_town.land import BUILT, STAYS, THEME, Book, Land, criteria, layer
from scenarios.new_town.plan import LEANINGS, M2_PER_HA, USES, Placed, differing
from scenarios.new_town.plots import Parts
from scenarios.new_town.works import (
    COSTS,
    ENDS,
    FIGURES,
    Terms,
    Works,
    by_year,
    measured,
)
from scenarios.result import Alternative, Category, Column, Layer, Metric, Table

ALTERNATIVE = Column(
    "alternative",
    Text("方案", "Alternative"),
    categories=tuple(Category(name, one.title) for name, one in LEANINGS.items()),
)
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

    def each(self) -> Iterator[Town]:
        """Give the town with each alternative told in full, its own first."""
        for name in (self.name, *(one for one in self.works if one != self.name)):
            yield replace(self, name=name)

    def differs(self, one: str, other: str) -> float:
        """Give the share of plots' land, %, that two alternatives use otherwise."""
        uses = [self.works[name].placed.use for name in (one, other)]
        return differing(self.parts.plots, uses)


def plan_id(town: Town) -> str:
    """Give the id of the layer that holds the plan told in full."""
    return f"plan_{town.name}"


def used(town: Town) -> gpd.GeoDataFrame:
    """Give the plots that its plan uses."""
    return town.parts.plots.loc[town.placed.used]


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
    known, most = town.shown.cropland_ha()
    if most > known:
        spans["cropland_ha"] = (known, known, most)
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
    for one in town.each():
        yield _plan(one, shown=one.name == town.name)
    for one in town.each():
        yield from _walls(one)
    extent = county.vector("new_town").sort_index()
    title = Text("新城范围", "Extent of the new town")
    yield Layer("extent", title, THEME, "boundary", extent, focus=True, sources=("new_town",))


def alternatives(town: Town) -> Iterator[Alternative]:
    """Give each alternative with its own headline figures, the one told in full first."""
    for one in town.each():
        title = LEANINGS[one.name].title
        words = Text(f"{title.zh}方案", title.en)
        yield Alternative(one.name, words, tuple(figures(one)), plan_id(one))


def _plan(town: Town, *, shown: bool) -> Layer:
    """Give the plots of an alternative by use, its streets, and what is left."""
    frame = _plots(town, town.shown)
    others = [one for one in town.works if one != town.name]
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
    title = LEANINGS[town.name].title
    return Layer(
        plan_id(town),
        Text(f"用地布局：{title.zh}方案", f"Layout: {title.en.lower()}"),
        THEME,
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
        shown=shown,
        focus=shown,
        sources=("new_town", "dem", "roads", "levelled_land"),
        alternative=town.name,
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
    streets = works.streets.assign(use="streets")
    plots["year"] = _year(town, works, plots["block"]).where(plots["use"] != "left")
    streets["year"] = _year(town, works, streets["block"])
    beyond = town.parts.streets[~town.parts.streets.index.isin(streets.index)].assign(use="left")
    scraps = town.parts.scraps.assign(use="scraps")
    parts = pd.concat([plots, streets, beyond, scraps])
    return gpd.GeoDataFrame(
        parts.drop(columns=["block", "vacant", "height_m", "lift_m"]), crs=plots.crs
    )


def _year(town: Town, works: Works, blocks: pd.Series) -> pd.Series:
    """Give the year in which the block of each plot or street is built."""
    return blocks.map(works.years["year"]) + town.terms.first_year - 1


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
        f"walls_{town.name}",
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
        alternative=town.name,
    )


LOW_WALL_M = 0.5  # lower steps are slopes of earth


def tables(town: Town) -> Iterator[Table]:
    """Give alternatives compared, losses by rule, the account, uses, costs and years."""
    yield _compared(town)
    yield _of_each(town, _account)
    yield screening(town.land.screened, title=Text("各规则排除面积", "Hectares by rule"))
    yield _of_each(town, _uses)
    yield _of_each(town, _costs)
    yield _of_each(town, _years)


def _of_each(town: Town, tell: Callable[[Town], Table]) -> Table:
    """Put the tables of the alternatives one below the other, the one told in full first."""
    told = {one.name: tell(one) for one in town.each()}
    first = told[town.name]
    frame = pd.concat([one.frame.assign(alternative=name) for name, one in told.items()])
    columns = (ALTERNATIVE, *first.columns)
    return replace(first, frame=frame.reset_index(drop=True), columns=columns)


def _compared(town: Town) -> Table:
    rows = {name: measured(town.parts, works) for name, works in town.works.items()}
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
    return comparison([*FIGURES, *differs], rows, title=title, first=ALTERNATIVE)


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
