"""What a plan takes: levels of its plots, earth, walls and streets; cost, jobs, energy, years.

Prices, densities and their spread are those of the rules, three values each: low, likely, high.
Levels are the cheapest at likely prices; their volumes are priced low and high as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from geo.exchange.program import Limits
from geo.landscape import joined
from geo.phasing import YearBudget
from geo.raster import Raster, crop
from geo.siting.grading import Design, Prices, Rules, Site, WallPrice, design_levels, neighbours
from geo.siting.grading.ground import measured as measured_ground
from geo.words import Text
from layers.county import County
from layers.land.rules import M2_PER_MU
from layers.land.taken import taken
from scenarios.answers.figures import Figure
from scenarios.answers.years import Pace, evenly, within
from scenarios.new_town.land import Book, values
from scenarios.new_town.plan import GREEN, HOUSING, INDUSTRY, M2_PER_HA, USES, YUAN_PER_WAN, Placed
from scenarios.new_town.plots import TOUCH_M, Parts, built_with, street_levels

ENDS = ("low", "likely", "high")
LEVELS = Limits(work=3e7)  # for the levels of one plan
PHASES = Limits(work=4e6)  # for its years
STEEP = 1.5  # times the steepest street: ground on which a street can still be cut
COSTS: dict[str, Text] = {
    "earth": Text("场地土石方", "Earth of plots"),
    "street_earth": Text("道路土石方", "Earth of streets"),
    "walls": Text("挡墙", "Retaining walls"),
    "streets": Text("道路（不含土石方）", "Streets, without their earth"),
    "land": Text("征地", "Land"),
    "cropland": Text("耕地占补", "Cropland quota"),
}
M3_PER_WAN = 1e4
SLIVER_HA = 1e-4  # 1 m²: less is how borders of two surveys differ
FIGURES = (
    Figure("used_ha", Text("布置用地", "Land put to use"), "ha", better="higher"),
    Figure("jobs", Text("就业岗位", "Jobs"), "persons", 0, better="higher"),
    Figure("value_wan_yuan", Text("年增加值", "Value added a year"), "万元", 0, better="higher"),
    Figure("people", Text("居住容量", "People housed"), "persons", 0, better="higher"),
    Figure("energy_tce", Text("年能耗", "Energy a year"), "tce/a", 0, better="lower"),
    Figure("cost_wan_yuan", Text("开发造价", "Cost of development"), "万元", 0, better="lower"),
    Figure("earth_m3", Text("挖填方合计", "Cut and fill"), "万m³", 1, better="lower"),
    Figure("wall_m2", Text("挡墙面积", "Walls"), "m²", 0, better="lower"),
    Figure("trunk_min", Text("到干线公路", "To the trunk road"), "min", 1, better="lower"),
    Figure("gate_min", Text("产业到高速互通", "Industry to interchange"), "min", 1, better="lower"),
    Figure("patches", Text("用地图斑数", "Patches of uses"), "count", 0, better="lower"),
    Figure("facing_m", Text("同类用地相邻边长", "Borders of like uses"), "m", 0, better="higher"),
    Figure("cropland_ha", Text("占用耕地", "Cropland taken"), "ha", 2, better="lower"),
    Figure("gap", Text("距该取向最优至多", "From its best at most"), "%", 2, better="lower"),
)
Floats = NDArray[np.float64]


class Terms(NamedTuple):
    """What grading and years are asked for."""

    street_m: float
    balance_m3: float
    max_step_m: float
    cut_per_fill: float
    years: int
    first_year: int
    most_ha_year: float
    most_wan_yuan_year: float


@dataclass(frozen=True, eq=False)
class Works:
    """A plan as it would be built.

    Attributes
    ----------
    placed
        The plan.
    design
        Levels of the plots that are graded: used, not green, not levelled already.
    lost
        Plots that are built on and that no street reaches at the grade allowed.
    streets
        Those beside plots that are used: block that each is built with, level_m, cut_m3 and fill_m3
        (NaN where it is levelled already, or runs on the ground as it lies).
    taken
        class, township, area_ha of all land that is used, streets among it.
    amounts
        By use: area_ha, and low, likely, high of floor_m2, jobs, value_wan_yuan, tce, people.
    costs
        By item, in ten thousand yuan: low, likely, high.
    years
        By block: year (from 1), area_ha (streets among it), wan_yuan, jobs.
    """

    placed: Placed
    design: Design
    lost: tuple[str, ...]
    streets: gpd.GeoDataFrame
    taken: pd.DataFrame
    amounts: pd.DataFrame
    costs: pd.DataFrame
    years: pd.DataFrame

    def amount(self, name: str) -> tuple[float, float, float]:
        """Give low, likely and high of an amount over all uses."""
        low, likely, high = (float(self.amounts[f"{name}_{end}"].sum()) for end in ENDS)
        return low, likely, high

    @property
    def cut_m3(self) -> float:
        """All that is cut, under plots and streets."""
        return self.design.cut_m3 + float(self.streets["cut_m3"].sum())

    @property
    def fill_m3(self) -> float:
        """All that is filled, under plots and streets."""
        return self.design.fill_m3 + float(self.streets["fill_m3"].sum())

    def cropland_ha(self) -> tuple[float, float]:
        """Give cropland that is taken: what is known, and with land of which nothing is known."""
        area = self.taken.groupby("class")["area_ha"].sum()
        known, unknown = (float(area.get(name, 0.0)) for name in ("cropland", "unknown"))
        known, unknown = (one if one > SLIVER_HA else 0.0 for one in (known, unknown))
        return known, known + unknown

    @property
    def surveyed(self) -> bool:
        """Whether of any land that is used its class is known."""
        return bool((self.taken["class"] != "unknown").any())


def worked(county: County, parts: Parts, placed: Placed, book: Book, terms: Terms) -> Works:
    """Grade a plan, price it, and spread it over years.

    Raises
    ------
    InfeasibleError
        If no levels keep the rules, or no order the budgets of the years.
    """
    plots = parts.plots.assign(use=placed.use)
    used = plots[plots["use"] != ""]
    near = parts.streets.intersects(
        shapely.union_all(used.geometry.to_numpy()).buffer(terms.street_m + TOUCH_M)
    )
    site, lost = _site(county, used, book, terms)
    design = design_levels(
        site, prices=prices(book, 1), rules=_rules(book, terms), limit=LEVELS, gap=1e-4
    )
    streets = _streets(county, parts.streets[near], used, design)
    both = pd.concat([used[["geometry"]], streets[["geometry"]]])
    land = taken(county, gpd.GeoDataFrame(both, crs=plots.crs))
    amounts = _amounts(used, book)
    moved = _street_earth(streets, terms.cut_per_fill)
    costs = _costs(design, moved, streets, land, book)
    blocks = _blocks(used, streets, design, costs, book)
    years = _years(blocks, terms)
    return Works(placed, design, lost, streets, land, amounts, costs, years)


def prices(book: Book, end: int) -> Prices:
    """Give the prices of earth and walls: 0 low, 1 likely, 2 high."""
    one = {
        name: values(book, "new_town.prices", name)[end]
        for name in ("cut", "fill", "borrow", "waste", "wall_3m", "wall_6m")
    }
    walls = (WallPrice(3.0, one.pop("wall_3m")), WallPrice(6.0, one.pop("wall_6m")))
    return Prices(**one, walls=walls)


def _rules(book: Book, terms: Terms) -> Rules:
    return Rules(
        balance_m3=terms.balance_m3,
        max_step_m=terms.max_step_m,
        max_grade=values(book, "new_town.street_grade", "most_percent")[0] / 100,
        cut_per_fill=terms.cut_per_fill,
    )


def _site(
    county: County, used: gpd.GeoDataFrame, book: Book, terms: Terms
) -> tuple[Site, tuple[str, ...]]:
    """Give pads, terrain and streets, and the pads that no street reaches.

    A street runs between plots on both of its sides where the ground is gentle enough, and along
    the shortest tree of steps that joins the others; where ground is steeper still there is none.
    """
    pads = used[(used["use"] != GREEN) & ~used["vacant"]]
    dem = _dem(county, pads if len(pads) else used)
    if pads.empty:
        return Site(pads[["geometry"]], dem), ()
    links = neighbours(pads[["geometry"]], within_m=terms.street_m + TOUCH_M)
    grade = values(book, "new_town.street_grade", "most_percent")[0] / 100
    height = pads["height_m"]
    rise = height.loc[links["left"]].to_numpy() - height.loc[links["right"]].to_numpy()
    steep = np.abs(rise) / links["street_m"].to_numpy()
    across = (links["border_m"] == 0).to_numpy()
    street = across & (steep <= grade)
    street |= across & _tree(pads.index, links, steep) & (steep <= STEEP * grade)
    links["street_m"] = links["street_m"].where(street)
    kept = links[street | (links["border_m"] > 0).to_numpy()].reset_index(drop=True)
    return Site(pads[["geometry"]], dem, kept), _unreached(pads.index, kept)


def _unreached(labels: pd.Index[str], links: pd.DataFrame) -> tuple[str, ...]:
    """Name plots that neither lie on a street nor touch, over others, one that does."""
    left, right = (labels.get_indexer(links[name]) for name in ("left", "right"))
    group = joined(len(labels), left, right)
    street = links["street_m"].notna().to_numpy()
    reached = np.isin(group, group[np.concatenate([left[street], right[street]])])
    return tuple(sorted(labels[~reached]))


def _tree(labels: pd.Index[str], links: pd.DataFrame, weight: Floats) -> NDArray[np.bool_]:
    """Say which links are in the tree that joins plots by the gentlest steps."""
    left, right = (labels.get_indexer(links[name]) for name in ("left", "right"))
    size = (len(labels), len(labels))
    tree = minimum_spanning_tree(coo_array((weight + 1e-9, (left, right)), size).tocsr()).tocoo()
    inside = set(zip(tree.row.tolist(), tree.col.tolist(), strict=True))
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    return np.array([pair in inside for pair in pairs], dtype=np.bool_)


def _streets(
    county: County, streets: gpd.GeoDataFrame, used: gpd.GeoDataFrame, design: Design
) -> gpd.GeoDataFrame:
    """Give streets their blocks, and levels, cut and fill to those between levelled plots."""
    found = streets.assign(
        block=built_with(streets, used), level_m=np.nan, cut_m3=np.nan, fill_m3=np.nan
    )
    pads = used[["geometry"]].join(design.pads["level_m"], how="inner")
    natural = found[~found["vacant"]]
    natural = natural.assign(level_m=street_levels(natural, pads)).dropna(subset="level_m")
    if len(natural):
        ground = measured_ground(Site(natural[["geometry"]], _dem(county, natural)))
        volumes = ground.volumes(natural["level_m"].to_numpy() - ground.datum)
        about = natural[["level_m"]].assign(cut_m3=volumes.cut, fill_m3=volumes.fill)
        found.loc[natural.index, about.columns] = about
    return found


class Earth(NamedTuple):
    """Earth of streets, m³: cut, fill, and what is over (below 0: lacks)."""

    cut_m3: float
    fill_m3: float
    over_m3: float

    def yuan(self, asked: Prices) -> float:
        """Price it: what is over is wasted, what lacks is borrowed."""
        moved = asked.cut * self.cut_m3 + asked.fill * self.fill_m3
        return moved + asked.waste * max(self.over_m3, 0.0) + asked.borrow * max(-self.over_m3, 0.0)


def _street_earth(streets: gpd.GeoDataFrame, cut_per_fill: float) -> Earth:
    """Add up the earth of streets; that of plots is balanced by itself, and not counted on."""
    cut, fill = float(streets["cut_m3"].sum()), float(streets["fill_m3"].sum())
    return Earth(cut, fill, cut - cut_per_fill * fill)


def _dem(county: County, frame: gpd.GeoDataFrame) -> Raster:
    stored = county.raster("dem")
    west, south, east, north = frame.total_bounds
    side = stored.grid.resolution
    near = crop(stored, (west - side, south - side, east + side, north + side))
    return Raster(np.where(near.valid, near.values, np.nan).astype(np.float64), near.grid)


def _amounts(used: gpd.GeoDataFrame, book: Book) -> pd.DataFrame:
    """Give floor, jobs, value added, energy and people by use."""
    area = used.groupby("use")["area_ha"].sum().reindex(list(USES), fill_value=0.0)
    found = pd.DataFrame({"area_ha": area, "plots": used["use"].value_counts()}).loc[list(USES)]
    found["plots"] = found["plots"].fillna(0).astype(int)
    for place, end in enumerate(ENDS):
        ratio = _density(book, "floor_ratio", place)
        floor = area * M2_PER_HA * ratio
        value = area * M2_PER_HA / M2_PER_MU * _density(book, "value_wan_yuan_mu", place)
        found[f"floor_m2_{end}"] = floor
        found[f"jobs_{end}"] = area * _density(book, "jobs_per_ha", place)
        found[f"value_wan_yuan_{end}"] = value
        found[f"tce_{end}"] = value * _density(book, "tce_per_wan_yuan", place)
        person = values(book, "new_town.housing", "floor_m2_person")[2 - place]
        found[f"people_{end}"] = (floor / person).where(floor.index == HOUSING, 0.0)
    return found


def _density(book: Book, name: str, place: int) -> pd.Series[float]:
    """Give a density by use; 0 where the rule of a use has none."""
    known = {use: (book[f"new_town.{use}"].parameters or {}) for use in USES}
    return pd.Series(
        {
            use: values(book, f"new_town.{use}", name)[place] if name in one else 0.0
            for use, one in known.items()
        }
    )


def _costs(
    design: Design, moved: Earth, streets: gpd.GeoDataFrame, land: pd.DataFrame, book: Book
) -> pd.DataFrame:
    """Give what each item costs, in ten thousand yuan: low, likely, high."""
    crop_mu = land.loc[land["class"] == "cropland", "area_ha"].sum() * M2_PER_HA / M2_PER_MU
    whole_mu = land["area_ha"].sum() * M2_PER_HA / M2_PER_MU
    found = pd.DataFrame(index=list(COSTS), columns=list(ENDS), dtype=float)
    for place, end in enumerate(ENDS):
        asked = prices(book, place)
        earth = asked.cut * design.cut_m3 + asked.fill * design.fill_m3
        earth += asked.borrow * design.borrow_m3 + asked.waste * design.waste_m3
        street, mu, quota = (
            values(book, "new_town.prices", name)[place]
            for name in ("street", "land", "cropland_quota")
        )
        found[end] = [
            earth / YUAN_PER_WAN,
            moved.yuan(asked) / YUAN_PER_WAN,
            _walls(design, asked) / YUAN_PER_WAN,
            street * streets.area.sum() / YUAN_PER_WAN,
            mu * whole_mu,
            quota * crop_mu,
        ]
    return found


def _walls(design: Design, asked: Prices) -> float:
    """Price walls anew: a metre costs its height times the price, interpolated by height."""
    height = design.links["step_m"].abs().to_numpy(dtype=float)
    face = design.links["wall_m2"].to_numpy(dtype=float)
    length = np.divide(face, height, out=np.zeros_like(face), where=height > 0)
    posts = np.array([0.0, *(wall.height_m for wall in asked.walls)])
    runs = np.array([0.0, *(wall.height_m * wall.price_m2 for wall in asked.walls)])
    beyond = np.maximum(height - posts[-1], 0.0) * (runs[-1] - runs[-2]) / (posts[-1] - posts[-2])
    return float((length * (np.interp(height, posts, runs) + beyond)).sum())


def _blocks(
    used: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    design: Design,
    costs: pd.DataFrame,
    book: Book,
) -> pd.DataFrame:
    """Give blocks as they are built: own plots, streets and earth of plots; all else by area."""
    asked = prices(book, 1)
    earth = asked.cut * design.pads["cut_m3"] + asked.fill * design.pads["fill_m3"]
    jobs = used["area_ha"] * used["use"].map(_density(book, "jobs_per_ha", 1))
    plots = used[["block", "area_ha"]].assign(
        earth=earth.reindex(used.index, fill_value=0.0) / YUAN_PER_WAN, jobs=jobs
    )
    both = pd.concat([plots, streets[["block", "area_ha"]].assign(earth=0.0, jobs=0.0)])
    found = both.groupby("block")[["area_ha", "earth", "jobs"]].sum()
    rest = float(costs["likely"].sum()) - float(found["earth"].sum())
    found["wan_yuan"] = found["earth"] + rest * found["area_ha"] / found["area_ha"].sum()
    return found[["area_ha", "wan_yuan", "jobs"]]


def _years(blocks: pd.DataFrame, terms: Terms) -> pd.DataFrame:
    """Spread blocks over years: those with most jobs first, as budgets allow."""
    items = blocks.assign(
        amount=np.maximum((blocks["area_ha"] * 1e6).round(), 1).astype(np.int64),
        enters=True,
        benefit=blocks["jobs"] + blocks["area_ha"],
    )
    pace = Pace(terms.years, int(items["amount"].sum()), PHASES, tuple(_budgets(terms)))
    if terms.most_wan_yuan_year:
        found = within(items, pace)
    else:
        found = evenly(items, pace, column="wan_yuan", words=_share)
    return blocks.assign(year=found.year)


def _budgets(terms: Terms) -> Iterable[YearBudget]:
    if terms.most_wan_yuan_year:
        yield YearBudget("wan_yuan", terms.most_wan_yuan_year, _share(terms.most_wan_yuan_year))
    if terms.most_ha_year:
        most = terms.most_ha_year
        words = Text(f"每年至多 {most:g} 公顷", f"at most {most:g} ha a year")
        yield YearBudget("area_ha", most, words)


def _share(most: float) -> Text:
    return Text(f"每年至多 {most:,.0f} 万元", f"at most {most:,.0f} ten thousand yuan a year")


def measured(parts: Parts, works: Works) -> dict[str, float]:
    """Give the figures of an alternative."""
    plots = parts.plots.loc[works.placed.used]
    use = works.placed.use.loc[plots.index]
    area, industry = plots["area_ha"], use.isin(INDUSTRY)
    plan = works.placed.plan
    return {
        "used_ha": float(area.sum()),
        "jobs": works.amount("jobs")[1],
        "value_wan_yuan": works.amount("value_wan_yuan")[1],
        "people": works.amount("people")[1],
        "energy_tce": works.amount("tce")[1],
        "cost_wan_yuan": float(works.costs["likely"].sum()),
        "earth_m3": (works.cut_m3 + works.fill_m3) / M3_PER_WAN,
        "wall_m2": float(works.design.links["wall_m2"].sum()),
        "trunk_min": _mean(plots["trunk_min"], area),
        "gate_min": _mean(plots.loc[industry, "gate_min"], area[industry]),
        "patches": float(plan.uses["patches"].sum()),
        "facing_m": _facing(parts.borders, works.placed.use),
        "cropland_ha": works.cropland_ha()[0] if works.surveyed else np.nan,
        "gap": 100 * plan.gap if np.isfinite(plan.gap) else np.nan,
    }


def _facing(borders: pd.DataFrame, use: pd.Series[str]) -> float:
    """Give the metres over which plots of one use face each other."""
    one, other = (use.loc[borders[name]].to_numpy() for name in ("left", "right"))
    return float(borders["length_m"].to_numpy()[(one == other) & (one != "")].sum())


def _mean(minutes: pd.Series, area: pd.Series) -> float:
    known = minutes.notna()
    weight = area[known]
    return float((minutes[known] * weight).sum() / weight.sum()) if weight.sum() else np.nan


def by_year(works: Works, terms: Terms) -> pd.DataFrame:
    """Give hectares, ten thousand yuan and jobs of each year, and what has come by its end."""
    found = works.years
    years = pd.Index(range(1, terms.years + 1), name="year")
    sums = found.groupby("year")[["area_ha", "wan_yuan", "jobs"]].sum().reindex(years).fillna(0.0)
    sums.index = sums.index + terms.first_year - 1
    return sums.assign(area_so_far=sums["area_ha"].cumsum(), jobs_so_far=sums["jobs"].cumsum())
