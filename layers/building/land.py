"""The land of the pilots: parcels, permanent basic farmland, redline and source-water zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.raster import Raster
from layers.building.corridors import corridors
from layers.building.fabric import fabric
from layers.building.fabric_ground import Ground, finer, ground
from layers.building.hamlets import hamlets
from layers.building.landcover import CODES, NUMBER, Codes, cover, refined
from layers.building.parcels import surveyed
from layers.building.plots import plots
from layers.building.protection import basic_farmland, redline, source_water
from layers.building.town import build
from layers.land.classes import code_title

BEYOND_M = 15.0  # roads and streams are drawn past the pilots' border and cut there
TOWNS = 10  # stride of keys: room for the towns


@dataclass(frozen=True, eq=False)
class Scene:
    """What the land follows: the county's own layers, vectors indexed by their keys."""

    dem: Raster
    coarse: Raster
    outline: shapely.Polygon
    pilots: gpd.GeoDataFrame
    seats: gpd.GeoDataFrame
    settlements: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    rivers: gpd.GeoDataFrame
    lake: BaseGeometry
    new_town: BaseGeometry
    park: gpd.GeoDataFrame


def land(scene: Scene, facts: Mapping[str, Any]) -> dict[str, gpd.GeoDataFrame]:
    """Model the layers of the land.

    Parameters
    ----------
    scene
        The county's layers.
    facts
        What is assumed of `towns`, `redline`, `source_water` and `basic_farmland`.

    Returns
    -------
    dict
        `parcels`, `basic_farmland`, `redline`, `source_water`.
    """
    parcels = _parcels(scene, facts["towns"])
    kept = redline(facts["redline"], scene.coarse, scene.outline, scene.park, scene.settlements)
    water = source_water(facts["source_water"], scene.dem, scene.seats)
    first = water.geometry[water["grade"] == "first"]
    others = shapely.union_all(pd.concat([kept.geometry, first]).to_numpy())
    wanted = facts["basic_farmland"]
    basic = basic_farmland(
        parcels, others, share=wanted["share"], steepest_deg=wanted["steepest_deg"]
    )
    return {"parcels": parcels, "basic_farmland": basic, "redline": kept, "source_water": water}


def _parcels(scene: Scene, towns: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Draw the parcels of the pilots, and give them the fields of the survey."""
    people = scene.settlements[scene.settlements["township"].isin(scene.pilots.index)]
    people = people.assign(seat=people.index.str.endswith("_00"))
    own = scene.roads[(scene.roads["status"] == "existing")]
    middle = ground(scene.dem, scene.pilots, people, own[own["class"] != "expressway"])
    fine = finer(middle, scene.dem)
    code, block = _built(middle, fine, people, scene, towns)
    land_of_ways = shapely.union_all(scene.pilots.geometry.to_numpy()).buffer(BEYOND_M)
    ways = corridors(scene.roads, scene.rivers, land_of_ways, Raster(middle.grade, middle.grid))
    faces = fabric(plots(fine, code, block), fine.grid, scene.pilots, ways)
    way = faces["way"].to_numpy()
    named = np.array(CODES)[code[faces["row"], faces["column"]]]
    faces["code"] = np.where(way >= 0, ways["code"].to_numpy()[way], named)
    faces["width_m"] = np.where(way >= 0, ways["width_m"].to_numpy()[way], np.nan)
    names = pd.Series({one: code_title(one).zh for one in faces["code"].unique()})
    return surveyed(faces, fine, scene.dem, names, people)


def _built(
    middle: Ground,
    fine: Ground,
    people: gpd.GeoDataFrame,
    scene: Scene,
    towns: Mapping[str, Any],
) -> tuple[Codes, np.ndarray[Any, np.dtype[np.int64]]]:
    """Give the classes of fine cells, with the towns and the reservoir, and the towns' blocks."""
    code = cover(middle, hamlets(middle, people), scene.new_town)
    code = refined(code, fine.grid)
    block = np.zeros(code.shape, dtype=np.int64)
    for number, (township, spot) in enumerate(people.geometry[people["seat"]].items()):
        town = towns[str(township).removesuffix("_00")]
        blocks = build(fine, spot, code, area_m2=town["area_m2"], turn=town["turn"])
        block = np.where(blocks > 0, blocks * TOWNS + number, block)
    code[fine.cells_of(scene.lake)] = NUMBER["1103"]
    return code, block
