"""The land of the extent, cut where any rule begins or ends, and what refuses each patch.

1. Land that is levelled and built on stays as it is: neither lost nor to be built on again.
2. Levelled land that is vacant is level, whatever the terrain says; every other rule holds there.
3. All else is held to the criteria in the order of `criteria`; what binds first is the first.
4. A patch lies on one side of every border, so that hectares are exact, not those of cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import InputError, Problem, SchemaError
from geo.polygonize import polygonize
from geo.raster import Raster, crop
from geo.splitting import split
from geo.terrain import slope
from geo.words import Text, alike, headed
from layers.catalog import CATALOG
from layers.county import County
from layers.land.classes import classes
from layers.rulebook import Rule, rules
from scenarios.answers.criteria import Criterion, Truth
from scenarios.answers.screening import NO, NOT_KNOWN, YES, Screened, categories, screen
from scenarios.result import Category, Column, Layer

BUILT, VACANT, BEYOND = "built", "vacant", "beyond"
HALO_CELLS = 2  # the slope of a cell looks at its neighbours
SMALLEST_M2 = 0.005  # less is no hundredth of a square metre
PERCENT = 100.0
THEME = Text("新城用地", "Land of the new town")
STAYS = Text("已建成（平整土地）", "Built already, on levelled land")
SLOPES = Text("自然坡度", "Natural slope")
STEEPER = "steeper"
Book = Mapping[str, Rule]


class Reason(NamedTuple):
    """A criterion: its title, the rule behind it, and the county layer it comes from."""

    title: Text
    rule: str
    layer: str


REASONS: Mapping[str, Reason] = {
    "farmland": Reason(
        Text("永久基本农田", "Permanent basic farmland"),
        "land_take.basic_farmland",
        "basic_farmland",
    ),
    "ecology": Reason(Text("生态保护红线", "Ecological redline"), "land_take.redline", "redline"),
    "beyond": Reason(
        Text("城镇开发边界外", "Beyond the development boundary"),
        "new_town.boundary",
        "development_boundary",
    ),
    "special": Reason(
        Text("特别用途区", "Zone of special use"), "new_town.boundary", "development_boundary"
    ),
    "geology": Reason(
        Text("地质灾害易发区", "Landslide or debris flow"), "new_town.hazard", "hazards"
    ),
    "flooded": Reason(Text("洪水风险区", "Flood"), "new_town.flood", "hazards"),
    "steep": Reason(Text("坡度超限", "Too steep"), "new_town.slope", "dem"),
    "existing": Reason(Text("现状建设用地（调查）", "Built on already, by survey"), "", "parcels"),
    "watery": Reason(Text("现状水域（调查）", "Water, by survey"), "", "parcels"),
}
"""Why land may not be built on, in the order in which they are said to bind first."""
NONE, NO_LAYER = Text("无", "none"), "none"
SOURCES = (
    *(
        Category(name, headed(CATALOG[name].title))
        for name in dict.fromkeys(reason.layer for reason in REASONS.values())
    ),
    Category(NO_LAYER, headed(NONE)),
)


@dataclass(frozen=True, eq=False)
class Land:
    """The extent in patches, and what refuses them.

    Attributes
    ----------
    extent
        Of the new town.
    patches
        By label: slope_class (upper end in per cent, `steeper`, or empty where terrain is missing),
        levelled (built, vacant or empty), flexible and beyond (truths), what `Screened.places`
        has (`built` as verdict of what stands), area_ha, geometry.
    screened
        Of what is not built on.
    """

    extent: BaseGeometry
    patches: gpd.GeoDataFrame
    screened: Screened

    def hectares(self, chosen: pd.Series) -> float:
        """Give the hectares of some patches."""
        return float(self.patches.loc[chosen, "area_ha"].sum())

    def usable(self) -> gpd.GeoDataFrame:
        """Give what may be built on: a row of natural land and one of levelled land, where any."""
        free = self.patches[self.patches["verdict"] == YES]
        return free.dissolve(by=(free["levelled"] == VACANT).to_numpy())[["geometry"]]


def layer(land: Land) -> Layer:
    """Give the patches of the extent with what binds first, and all that bind."""
    patches = land.patches.copy()
    verdict = patches["verdict"]
    free = np.where(patches["levelled"] == VACANT, "levelled", YES)
    patches["state"] = np.where(
        verdict == NO, patches["first"], np.where(verdict == YES, free, verdict)
    )
    for name in ("first", "refused", "binding", "slope_class"):
        patches[name] = patches[name].fillna("").astype(object)
    patches["all"] = _listed(patches["refused"], "zh")
    patches["all_en"] = _listed(patches["refused"], "en")
    patches["source"] = [REASONS[one].layer if one else "" for one in patches["first"]]
    for name, none in (("all", NONE.zh), ("all_en", NONE.en), ("source", NO_LAYER)):
        patches[name] = patches[name].replace("", none)
    patches["slope_class"] = patches["slope_class"].replace("", None)
    states = (
        Category(YES, Text("可建设", "May be built on")),
        Category("levelled", Text("可建设：已平整空地", "May be built on: levelled, vacant")),
        Category(BUILT, STAYS),
        *categories(land.screened.criteria),
        Category(NOT_KNOWN, Text("未知", "Not known")),
    )
    here = tuple(one for one in states if (patches["state"] == one.code).any())
    return Layer(
        "land",
        Text("可建设用地筛选（首要限制）", "Land by what refuses it first"),
        THEME,
        "category",
        patches,
        value="state",
        columns=(
            Column("state", Text("结论（首要限制）", "Verdict, what binds first"), categories=here),
            Column("all", Text("全部限制", "All that bind")),
            Column("all_en", Text("全部限制（英文）", "All that bind")),
            Column("source", Text("所据图层", "From the layer"), categories=SOURCES),
            Column("slope_class", SLOPES, categories=_classes(patches)),
            Column("area_ha", Text("面积", "Area"), "ha", 3),
        ),
        categories=here,
        side="before",
        sources=(
            "new_town",
            "dem",
            "basic_farmland",
            "redline",
            "development_boundary",
            "hazards",
            "levelled_land",
            *(["parcels"] if "existing" in land.screened.states else []),
        ),
        binding="binding",
    )


def _classes(patches: gpd.GeoDataFrame) -> tuple[Category, ...]:
    """Give the classes of slope with titles."""
    codes = sorted(set(patches["slope_class"].dropna()) - {STEEPER}, key=float)
    last = Category(STEEPER, Text("更陡", "Steeper"))
    return (*(Category(code, alike(f"≤ {code} %")) for code in codes), last)


def _listed(refused: pd.Series, lang: str) -> list[str]:
    mark = "、" if lang == "zh" else ", "
    return [
        mark.join(getattr(REASONS[one].title, lang) for one in row.split(";") if one)
        for row in refused
    ]


def values(book: Book, rule: str, name: str) -> tuple[float, ...]:
    """Give a figure, or the figures, of a rule.

    Raises
    ------
    SchemaError
        If no such rule holds on the day.
    """
    told = _parameters(book, rule)[name]
    return tuple(map(float, told.get("values", [told.get("value")])))


def words(book: Book, rule: str, name: str) -> tuple[str, ...]:
    """Give the words of a rule; raises as `values` does."""
    return tuple(_parameters(book, rule)[name])


def _parameters(book: Book, rule: str) -> Mapping[str, Any]:
    if rule not in book:
        told = Text(f"评判日没有规则 {rule}", f"no rule {rule} on the day")
        raise SchemaError(told, problems=[Problem(field="rule_date", expected=rule)])
    return book[rule].parameters or {}


def screened(county: County, day: date, *, existing: bool, within: bool = True) -> Land:
    """Cut the extent and hold its patches to the rules of a day.

    Parameters
    ----------
    county
        With new_town, dem, basic_farmland, redline, development_boundary, hazards, levelled_land,
        and parcels where what stands is known.
    day
        Of the rules.
    existing
        Whether land that is built on or water by the survey is refused as well.
    within
        Whether land beyond the development boundary is refused.

    Raises
    ------
    InputError
        If the extent has no area.
    """
    book = rules(day)
    extent = shapely.union_all(county.vector("new_town").geometry.to_numpy())
    if extent.area == 0:
        raise InputError(Text("新城范围没有面积", "the extent of the new town has no area"))
    patches = _cut(county, book, extent, existing=existing)
    built = patches["levelled"] == BUILT  # RULE 1
    known = [one for one in criteria(book) if one.id in patches and (within or one.id != BEYOND)]
    found = screen(patches[~built], known)
    told = found.places.reindex(patches.index)
    told.loc[built, ["verdict", "first", "refused", "binding"]] = [BUILT, "", "", ""]
    told["area_ha"] = patches.area / 1e4
    kept = patches[["slope_class", "levelled", "flexible", BEYOND, "geometry"]]
    return Land(extent, kept.join(told), found)


def criteria(book: Book) -> Iterator[Criterion]:
    """Give the criteria whose rule holds, and those without one, in order."""
    for name, reason in REASONS.items():
        if not reason.rule or reason.rule in book:
            yield Criterion(name, reason.title, Truth(name), reason.rule)


def _cut(county: County, book: Book, extent: BaseGeometry, *, existing: bool) -> gpd.GeoDataFrame:
    """Cut the extent by slope, levelled land and every zone; give patches in one piece each."""
    patches = gpd.GeoDataFrame(geometry=[extent], crs=county.crs)
    patches = _marked(patches, "slope_class", _slopes(county, book, extent))
    for name, zones in _zones(county, book, existing=existing):
        near = zones[zones.intersects(extent)]
        patches = _marked(patches, name, near.dissolve(by="mark", sort=True))
    patches = patches.explode(index_parts=False)
    patches = _ordered(patches[patches.area > SMALLEST_M2])
    vacant = patches["levelled"] == VACANT
    for name in (*REASONS, "flexible"):
        if name in patches:
            patches[name] = patches[name].eq(True)
    most = values(book, "new_town.slope", "most_percent")[0]
    ends = pd.to_numeric(patches["slope_class"].replace(STEEPER, "inf"))
    steep = (ends > most).astype(object).where(ends.notna(), None)
    patches["steep"] = steep.where(~vacant, other=False)  # RULE 2
    patches["beyond"] = ~patches["beyond"]  # it was cut by what lies inside
    for name in ("existing", "watery"):
        if name in patches:
            patches[name] &= ~vacant
    return patches


def _ordered(patches: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Label patches from west to east, whatever the order in which zones were given."""
    bounds = patches.bounds.round(3).assign(area=patches.area.round(2))
    keys = [bounds[name] for name in ("area", "maxy", "maxx", "miny", "minx")]
    labels = [f"l{n:04d}" for n in range(1, len(patches) + 1)]
    return patches.iloc[np.lexsort(keys)].set_index(pd.Index(labels, dtype=object))


def _marked(patches: gpd.GeoDataFrame, name: str, areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut patches by areas, and mark each part with the label of the area it lies in."""
    patches = patches.reset_index(drop=True)
    parts = split(patches[["geometry"]], areas[["geometry"]])
    about = patches.drop(columns="geometry").loc[parts["shape"]].reset_index(drop=True)
    return parts[["geometry"]].join(about.assign(**{name: parts["area"].to_numpy()}))


def _slopes(county: County, book: Book, extent: BaseGeometry) -> gpd.GeoDataFrame:
    """Give the land of each class of natural slope, by the upper end of the class."""
    stored = county.raster("dem")
    wide = HALO_CELLS * stored.grid.resolution
    west, south, east, north = extent.bounds
    near = crop(stored, (west - wide, south - wide, east + wide, north + wide))
    dem = Raster(np.where(near.valid, near.values, np.nan).astype(np.float64), near.grid)
    grade = PERCENT * slope(dem).values.astype(np.float64)
    ends = values(book, "new_town.slope", "classes_percent")
    place = np.searchsorted(ends, np.round(grade, 6), side="left")
    place = np.where(np.isnan(grade), len(ends) + 1, place).astype(np.int16)
    regions = polygonize(Raster(place, dem.grid))
    regions = regions[regions["value"] <= len(ends)]
    names = [*(f"{end:g}" for end in ends), STEEPER]
    return regions.assign(mark=[names[int(v)] for v in regions["value"]]).dissolve(by="mark")


def _zones(county: County, book: Book, *, existing: bool) -> Iterator[tuple[str, gpd.GeoDataFrame]]:
    """Give what cuts the land: name of the mark, polygons with it."""
    levelled = county.vector("levelled_land").sort_index()
    yield "levelled", levelled.assign(mark=levelled["state"]).sort_values("mark")
    boundary = county.vector("development_boundary").sort_index()
    yield "beyond", boundary.assign(mark=True)
    zone = boundary["zone"] if "zone" in boundary else pd.Series("", index=boundary.index)
    for name, codes in (("special", ("special",)), ("flexible", ("flexible",))):
        yield name, boundary[zone.isin(codes)].assign(mark=True)
    yield "farmland", county.vector("basic_farmland").sort_index().assign(mark=True)
    yield "ecology", county.vector("redline").sort_index().assign(mark=True)
    hazards = county.vector("hazards").sort_index()
    for name, rule in (("geology", "new_town.hazard"), ("flooded", "new_town.flood")):
        kinds, levels = words(book, rule, "kinds"), words(book, rule, "levels")
        those = hazards["kind"].isin(kinds) & hazards["level"].isin(levels)
        yield name, hazards[those].assign(mark=True)
    if existing and "parcels" in county:
        parcels = county.vector("parcels").sort_index()
        land = classes(parcels["DLBM"])
        yield "existing", parcels[land.isin(["homestead", "construction"])].assign(mark=True)
        yield "watery", parcels[land.eq("water")].assign(mark=True)


def unknown(land: Land) -> float:
    """Give the hectares of which it is not known whether they may be built on."""
    return land.hectares(land.patches["verdict"] == NOT_KNOWN)
