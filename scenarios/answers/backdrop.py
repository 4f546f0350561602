"""What every scenario's map stands on: outline, hillshade, townships, water, roads, places.

Each function gives layers for what the county has, and none for what it has not; `missing` names
that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

import geopandas as gpd
import numpy as np

from geo.contours import contours, summits
from geo.grid import Grid
from geo.raster import Raster, resample
from geo.terrain import hillshade
from geo.words import NO_TEXT, Text, alike, headed, joined
from layers.catalog import CATALOG, FACILITY_KINDS
from layers.county import County
from layers.ground import covered, heights
from layers.people.services import SERVICES
from layers.source import Quality
from scenarios.answers.unknowns import remedy
from scenarios.result import Category, Check, Column, Layer, Side

BASE = Text("底图", "Base map")
ROADS = Text("道路", "Roads")
PEOPLE = Text("居民点与设施", "Settlements and facilities")
UNSURVEYED = frozenset({Quality.MODELLED, Quality.SCHEMATIC})
SHADE_M = 60.0  # finer shade is not told apart on a page of a county
RELIEF_M, INTERVAL_M = 200.0, 100.0  # cells and step of contours: the lie of the land, no survey
SUMMITS_M = 3_000.0  # a spot height is the highest place so far around
NAMES = (Column("name", Text("名称", "Name")), Column("name_en", Text("英文名", "English name")))
FACILITIES = tuple(Category(kind, headed(SERVICES[kind][0])) for kind in FACILITY_KINDS)
ROADS_BY_CLASS = (
    Category("expressway", Text("高速公路", "Expressway")),
    Category("national", Text("国道", "National road")),
    Category("provincial", Text("省道", "Provincial road")),
    Category("county", Text("县道", "County road")),
    Category("township", Text("乡道", "Township road")),
    Category("village", Text("村道", "Village road")),
)
ROAD_COLUMNS = (
    Column("ref", Text("路线编号", "Road number")),
    Column("name", Text("名称", "Name")),
    Column("class", Text("等级", "Class"), categories=ROADS_BY_CLASS),
    Column("speed_kmh", Text("车速", "Speed"), "km/h", 0),
)


def ground(county: County) -> Iterator[Layer]:
    """Give outline, hillshade and water."""
    outline = headed(CATALOG["outline"].title)
    yield Layer("outline", outline, BASE, "outline", county.vector("outline"), sources=("outline",))
    shade = Text("地形晕渲", "Hillshade")
    yield Layer("hillshade", shade, BASE, "hillshade", _shade(county), sources=("dem",))
    yield from _relief(county)
    for name in ("rivers", "lake"):
        if name in county:
            frame = county.vector(name).sort_index()
            columns = tuple(column for column in NAMES if column.name in frame)
            title = headed(CATALOG[name].title)
            label = "name" if "name" in frame else ""
            yield Layer(
                name, title, BASE, "water", frame, columns=columns, label=label, sources=(name,)
            )


def towns(county: County) -> tuple[Category, ...]:
    """Give the townships' codes with their names, for columns that hold the code.

    >>> from layers import twin
    >>> towns(twin.county())[0]
    Category(code='001', title=Text(zh='西北乡', en='Northwest'))
    """
    frame = county.vector("townships").sort_index()
    english = frame["name_en"].fillna(frame["name"]) if "name_en" in frame else frame["name"]
    names = zip(frame.index.astype(str), frame["name"], english, strict=True)
    return tuple(Category(code, Text(zh, en)) for code, zh, en in names)


def townships(
    county: County, frame: gpd.GeoDataFrame, columns: Iterable[Column], sources: Iterable[str]
) -> Layer:
    """Give the townships, with a scenario's figures for each.

    Parameters
    ----------
    county
        The county.
    frame
        The townships with further columns.
    columns
        The further columns.
    sources
        Names of the county layers the figures were made from.
    """
    names = tuple(column for column in NAMES if column.name in frame)
    title, known = headed(CATALOG["townships"].title), ("townships", *sources)
    return Layer(
        "townships",
        title,
        BASE,
        "boundary",
        frame,
        columns=(*names, *columns),
        label="name",
        sources=tuple(name for name in known if name in county),
    )


def roads(frame: gpd.GeoDataFrame) -> Iterator[Layer]:
    """Give roads that stay as they are by class; those planned, opened and closed each apart.

    Parameters
    ----------
    frame
        Roads as `layers.roads.edits.edited_roads` gives them.
    """
    if frame.index.has_duplicates:  # roads of several parts
        frame = frame.dissolve(by=frame.index, aggfunc="first")
    before, after = frame["before"].to_numpy(dtype=bool), frame["after"].to_numpy(dtype=bool)
    kept = frame[before & after]
    if len(kept):
        here = tuple(one for one in ROADS_BY_CLASS if (kept["class"] == one.code).any())
        yield Layer(
            "roads",
            headed(CATALOG["roads"].title),
            ROADS,
            "path",
            kept,
            value="class",
            columns=ROAD_COLUMNS,
            categories=here,
            sources=("roads",),
        )
    for name, title, side, rows in (
        (
            "planned",
            Text("规划道路（未开通）", "Planned roads, not opened"),
            "both",
            ~before & ~after,
        ),
        ("opened", Text("新开通道路", "Roads opened or added"), "after", ~before & after),
        ("closed", Text("关闭道路", "Roads closed"), "before", before & ~after),
    ):
        code = "closed" if name == "closed" else "planned"  # how they are drawn
        part = frame[rows].assign(state=code)
        if len(part):
            yield Layer(
                f"roads_{name}",
                title,
                ROADS,
                "path",
                part,
                value="state",
                columns=ROAD_COLUMNS,
                categories=(Category(code, title),),
                side=cast("Side", side),
                sources=("roads",),
            )


def settlements(
    county: County, frame: gpd.GeoDataFrame, columns: Iterable[Column], **drawn: Any
) -> Layer:
    """Give settlements with a scenario's figures for each.

    Parameters
    ----------
    county
        The county, for the names of its townships.
    frame
        The settlements with further columns.
    columns
        The further columns.
    drawn
        Further fields of the layer: value, unit, breaks, sources.
    """
    about = (
        Column("township", Text("乡镇", "Township"), categories=towns(county)),
        Column("population", Text("人口", "People"), "persons", 0),
    )
    return Layer(
        "settlements",
        headed(CATALOG["settlements"].title),
        PEOPLE,
        "place",
        frame,
        columns=(*about, *columns),
        shown=False,
        **drawn,
    )


def facilities(county: County) -> Iterator[Layer]:
    """Give public facilities by kind."""
    if "facilities" in county:
        frame = county.vector("facilities").sort_index()
        names = (column for column in NAMES if column.name in frame)
        columns = (*names, Column("kind", Text("类别", "Kind"), categories=FACILITIES))
        kinds = tuple(one for one in FACILITIES if (frame["kind"] == one.code).any())
        title = headed(CATALOG["facilities"].title)
        yield Layer(
            "facilities",
            title,
            PEOPLE,
            "place",
            frame,
            value="kind",
            columns=columns,
            categories=kinds,
            sources=("facilities",),
        )


def missing(county: County, uses: Iterable[str]) -> Iterator[Check]:
    """Name the layers that a scenario would use and the county has not, but for another's own."""
    for name in uses:
        if name not in county and not CATALOG[name].own:
            title = CATALOG[name].title
            words = Text(f"缺少图层“{title.zh}”，未作推测", f"No {title.en}; nothing is guessed")
            yield Check(
                f"missing_{name}", words, "unknown", NO_TEXT, NO_TEXT, remedy=importing(name)
            )


def importing(layer: str) -> Text:
    """Say how a layer comes into the county.

    >>> importing("park").en
    'import the layer national park: jingning layers import FOLDER FILE --as park'
    """
    title = CATALOG[layer].title
    return Text(
        f"导入图层“{title.zh}”：jingning layers import 县文件夹 数据文件 --as {layer}",
        f"import the layer {title.en}: jingning layers import FOLDER FILE --as {layer}",
    )


def schematic(county: County, names: Iterable[str]) -> list[str]:
    """Give those of some layers that are in the county and are modelled or drawn, not surveyed."""
    return [name for name in names if name in county and county.sources[name].quality in UNSURVEYED]


def modelled(names: Sequence[str]) -> Iterator[Check]:
    """Name layers that decide and are modelled, if there are any."""
    if names:
        yield Check(
            "modelled",
            Text("推算而非实测的图层", "Layers that are modelled, not surveyed"),
            "unknown",
            joined(CATALOG[one].title for one in names),
            NO_TEXT,
            remedy=remedy(
                Text("以实测图层替换后重新运行", "bring surveyed layers and run again"),
                f"jingning layers import FOLDER FILE --as {names[0]} …",
            ),
        )


def uncovered(county: County) -> Iterator[Check]:
    """Say which share of the county has no terrain."""
    dem = heights(county, 0.0)  # its own cells
    inside = covered(county, "outline", dem.grid)
    share = float(np.isnan(dem.values[inside]).mean()) if inside.any() else 0.0
    if share > 0:
        title = Text(
            "没有地形数据的县域面积，该处未知", "County area without terrain, unknown there"
        )
        yield Check(
            "terrain",
            title,
            "unknown",
            alike(f"{100 * share:.1f} %"),
            NO_TEXT,
            remedy=importing("dem"),
        )


def no_such_lake(county: County, level: str) -> Iterator[Check]:
    """Say that none of several surfaces of a lake is the one asked for, and the lowest counts."""
    known = sorted(map(str, county.vector("lake").index)) if "lake" in county else []
    if len(known) > 1 and level not in known:
        title = Text("没有该水面，按最低水面计", "No such lake surface; the lowest counts")
        yield Check(
            "lake_level",
            title,
            "unknown",
            alike(level),
            alike(", ".join(known)),
            remedy=Text("指明水面编号（--set lake=编号）", "name the surface (--set lake=ID)"),
        )


def _shade(county: County) -> Raster:
    return hillshade(_coarse(county, SHADE_M))


def _coarse(county: County, cell_m: float) -> Raster:
    """Give the terrain in cells of a size, or its own where those are larger."""
    stored = county.raster("dem")
    dem = Raster(np.where(stored.valid, stored.values, np.nan).astype(np.float32), stored.grid)
    if dem.grid.resolution >= cell_m:
        return dem
    return resample(dem, Grid.from_bounds(dem.grid.bounds, cell_m, county.crs), how="average")


def _relief(county: County) -> Iterator[Layer]:
    """Give contours and spot heights within the county, as the terrain layer has them."""
    dem = _coarse(county, RELIEF_M)
    inside = county.vector("outline").geometry.union_all()
    height = (Column("height_m", Text("高程", "Height"), "m", 0),)
    lines = contours(dem, INTERVAL_M)
    lines = lines.set_geometry(lines.geometry.simplify(dem.grid.resolution / 10)).clip(inside)
    lines = lines[lines.geom_type.str.endswith("LineString")]
    points = summits(dem, SUMMITS_M)
    points = points[points.within(inside)]
    for name, title, frame in (
        ("contours", Text("等高线", "Contours"), lines),
        ("spot_heights", Text("高程点", "Spot heights"), points),
    ):
        ordered = frame.rename(columns={"height": "height_m"}).reset_index(drop=True)
        ordered.index = [f"{name}_{k + 1:04d}" for k in range(len(ordered))]
        if len(ordered):
            yield Layer(
                name,
                title,
                BASE,
                "relief",
                ordered,
                value="height_m",
                unit="m",
                columns=height,
                sources=("dem",),
            )
