"""The shipped county, built from tables of facts; same tables, same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.grid import Grid
from geo.raster import Raster, resample
from geo.words import Text
from layers.building import (
    facts,
    forest,
    gates,
    growth,
    hazards,
    industry,
    land,
    people,
    relief,
    roads,
    townships,
    water,
    zones,
)
from layers.catalog import CATALOG
from layers.county import LayerData, write_layer
from layers.folder import Head, write_head
from layers.source import Quality, Source
from layers.towers import sites

NAME = Text("景宁畲族自治县", "Jingning She Autonomous County")
ROAD_CELL_M = 60.0
POOL_IDS = {
    "dead": "pool_120",
    "typhoon": "pool_156_5",
    "normal": "pool_160",
    "flood_high": "pool_161_5",
}

ZIPPED = ("parcels",)

Say = Callable[[str], None]


def build(folder: Path, *, progress: Say | None = None) -> None:
    """Build the county into a folder: county.toml and every layer with its source.

    Parameters
    ----------
    folder
        Where to build; made when missing, layers that are there are replaced.
    progress
        Told each layer as it is written.
    """
    say = progress or (lambda _: None)
    write_head(folder, Head(facts.COUNTY, NAME, "EPSG:4549"))
    words = facts.document("layers")
    for name, data in _layers().items():
        write_layer(
            folder,
            name,
            data,
            _source(name, words),
            scale=relief.STEP_M if name == "dem" else None,
            zipped=name in ZIPPED,
        )
        say(name)


def _layers() -> dict[str, LayerData]:
    """Make every layer, those that others rest on first."""
    outline, zone = facts.outline(), facts.document("zones")
    seats = _seats()
    known = [seats[seats["height_m"].notna()], facts.points(facts.table("peaks"))]
    dem = relief.terrain(
        facts.points(facts.table("heights")), fixed=pd.concat(known, ignore_index=True)
    )
    traced = water.streams(dem, outline)
    dem = water.bedded(dem, traced, step_m=relief.STEP_M)
    rivers = water.rivers(traced, outline, zone["rivers"], dem.grid.crs)
    coarse = resample(dem, facts.grid(facts.COARSE_M), how="average")
    middle = resample(
        dem, Grid.from_bounds(dem.grid.bounds, ROAD_CELL_M, dem.grid.crs), how="average"
    )
    parts = _townships(outline, seats, coarse)
    levels = facts.table("lake_levels")
    pools = water.pools(dem, outline, _pool_levels(levels), zone["lake"])
    wet = middle.values <= levels.set_index("id")["level_m"]["flood_high"]
    places = facts.points(facts.table("road_places")).set_index("id").geometry
    ways = roads.roads(facts.table("roads"), places, middle, wet)
    homes = people.settlements(
        parts,
        seats.set_index("code"),
        dem,
        people.attraction(dem, ways, rivers, dem.values <= pools["level_m"].max()),
    )
    ways = roads.roads(facts.table("roads"), places, middle, wet, villages=homes.geometry)
    made = {
        "outline": _outline(outline),
        "townships": parts[["name", "name_en", "area_km2", "geometry"]].reset_index(),
        "seats": seats[["code", "name", "name_en", "role", "height_m", "geometry"]],
        "dem": dem,
        "rivers": rivers,
        "lake": pools,
        "lake_levels": levels.drop(columns="source"),
        "lake_storage": facts.table("lake_storage").drop(columns="source"),
        "roads": ways,
        "park": zones.park(zone["park"], parts, coarse),
        "pilots": zones.pilots(zone["pilots"], parts),
        "new_town": zones.new_town(
            zone["new_town"],
            parts,
            seats.set_index("code").geometry[zone["new_town"]["township"]],
            dem,
        ),
        "lijing_park": zones.lijing_park(zone["lijing_park"], dem),
        "settlements": homes,
        "facilities": people.facilities(facts.table("facilities"), seats.set_index("code")),
    }
    made["forest"] = forest.forest(zone["forest"], made["park"], parts[["geometry"]], coarse)
    (park,) = made["lijing_park"].geometry
    plots = industry.industrial_plots(zone["industrial_plots"], park, facts.COUNTY_CRS)
    made |= {"industrial_plots": plots} | _land(made, coarse, zone)
    return made | _towns(made, zone) | _park(made, middle, zone)


def _land(made: dict[str, Any], coarse: Raster, zone: dict[str, Any]) -> dict[str, LayerData]:
    """Make the layers of the land from the others."""
    scene = land.Scene(
        dem=made["dem"],
        coarse=coarse,
        outline=facts.outline(),
        pilots=made["pilots"].set_index("code"),
        seats=made["seats"].set_index("code"),
        settlements=made["settlements"].set_index("id"),
        roads=made["roads"],
        rivers=made["rivers"],
        lake=made["lake"].set_index("id").geometry[POOL_IDS["normal"]],
        new_town=shapely.union_all(made["new_town"].geometry.to_numpy()),
        park=made["park"],
    )
    return dict(land.land(scene, zone))


def _towns(made: dict[str, Any], zone: dict[str, Any]) -> dict[str, LayerData]:
    """Make what limits towns, and what has been levelled for them, from the other layers."""
    kept = [made[name].union_all() for name in ("basic_farmland", "redline")]
    scene = growth.Scene(
        dem=made["dem"],
        townships=made["townships"].set_index("code"),
        seats=made["seats"].set_index("code"),
        kept=shapely.union_all(kept),
        rivers=made["rivers"],
        new_town=made["new_town"].union_all(),
    )
    levelled = growth.levelled_land(zone["levelled_land"], scene)
    pools = made["lake"].set_index("id").loc[[POOL_IDS["normal"], POOL_IDS["flood_high"]]]
    return {
        "hazards": hazards.hazards(
            zone["hazards"], made["dem"], facts.outline(), made["settlements"], pools
        ),
        "development_boundary": growth.development_boundary(
            zone["development_boundary"], scene, levelled.union_all()
        ),
        "levelled_land": levelled,
    }


def _park(made: dict[str, Any], dem: Raster, zone: dict[str, Any]) -> dict[str, LayerData]:
    """Make the gates of the park, and places for its towers."""
    return {
        "park_gates": gates.gates(zone["park_gates"], made["roads"].set_index("id"), made["park"]),
        "tower_sites": sites(zone["tower_sites"], made["park"], dem),
    }


def _seats() -> gpd.GeoDataFrame:
    names = facts.table("townships").set_index("code")[["name", "name_en"]]
    return facts.points(facts.table("seats")).join(names, on="code", validate="1:1")


def _outline(shape: shapely.Polygon) -> gpd.GeoDataFrame:
    head = {"code": ["331127"], "name": [NAME.zh], "name_en": [NAME.en]}
    return gpd.GeoDataFrame(head, geometry=[shape], crs=facts.COUNTY_CRS)


def _townships(outline: shapely.Polygon, seats: gpd.GeoDataFrame, dem: Raster) -> gpd.GeoDataFrame:
    table = facts.table("townships").set_index("code")
    ground = townships.friction(dem)
    peaks = facts.points(facts.table("peaks"))
    places = [seats[["code", "geometry"]], peaks.loc[peaks["code"].notna(), ["code", "geometry"]]]
    places.append(_park_ground(seats, ground, dem))
    shapes = townships.partition(outline, pd.concat(places), table["area_km2"], ground)
    return shapes.join(table.drop(columns="source"))


def _park_ground(seats: gpd.GeoDataFrame, ground: Raster, dem: Raster) -> gpd.GeoDataFrame:
    """Give each township that has a part in the park a place where it may lie."""
    park = facts.document("zones")["park"]
    within = zones.extent(park, dem.grid.bounds)
    home = seats.set_index("code").geometry
    spots = [
        townships.high_ground(ground, dem, home[code], within, above_m=park["ground_m"])
        for code in park["townships"]
    ]
    return gpd.GeoDataFrame({"code": park["townships"]}, geometry=spots, crs=seats.crs)


def _pool_levels(levels: pd.DataFrame) -> pd.Series:
    chosen = levels[levels["id"].isin(POOL_IDS)].set_index("id")["level_m"]
    return chosen.rename(index=POOL_IDS)


def _source(name: str, words: dict[str, dict[str, Any]]) -> Source:
    """Give the source of a layer from the table of words; hash and rows follow later."""
    about = words[name]
    return Source(
        layer=name,
        title=CATALOG[name].title,
        publisher=str(about["publisher"]),
        licence=str(about["licence"]),
        retrieved=str(about["retrieved"]),
        crs="EPSG:4549",
        sha256="",
        rows=0,
        quality=Quality(str(about["quality"])),
        steps=tuple(about["steps"]),
        notes=tuple(about["notes"]),
        resolution_m=about.get("resolution_m"),
    )
