"""What one road crosses: roads and streams, with kind, level, size and cost, by chainage."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from geo.alignment.crossed import read
from geo.alignment.values import BRIDGE, EARTH, TUNNEL
from geo.alignment.works.crosssection import Centreline, Template
from geo.alignment.works.earthwork import stretches
from geo.words import Text
from layers.county import County
from layers.roads.crossings import Meetings, along
from layers.roads.prices import Book
from scenarios.result import Category, Column

KINDS: Mapping[str, Text] = MappingProxyType(
    {
        "overpass": Text("上跨道路（桥）", "Bridge over a road"),
        "underpass": Text("下穿道路", "Below a road"),
        "over_tunnel": Text("从隧道上方通过", "Over a tunnel"),
        "junction": Text("平面交叉", "Junction at grade"),
        "stream_bridge": Text("跨溪桥", "Bridge over a stream"),
        "culvert": Text("涵洞", "Culvert"),
        "at_place": Text("起讫点处溪流（未检验）", "Stream at a place led to, not tested"),
    }
)
"""What stands where a road crosses something."""
KIND = Column(
    "crossing",
    Text("交叉形式", "Crossing"),
    categories=tuple(Category(code, title) for code, title in KINDS.items()),
)
NAMES = ("crossing", "chainage_m", "met", "class", "catchment_km2", "angle", "level_m", "above_m")
COLUMNS = (*NAMES, "known", "size_m", "yuan", "x", "y")


def listed(line: Centreline, found: Meetings, template: Template, book: Book) -> pd.DataFrame:
    """List what a road crosses, in order of chainage.

    Parameters
    ----------
    line
        Its centreline.
    found
        What it may meet.
    template
        Its section.
    book
        Prices.

    Returns
    -------
    DataFrame
        crossing (one of `KINDS`), chainage_m, met (id of the road, empty for streams), class,
        catchment_km2, angle, level_m (of what is crossed), above_m (of the road above that), known
        (whether the layer says structure and level), size_m (length of a culvert, and of the bridge
        or tunnel that crosses), yuan (what that costs; of a bridge that crosses several, each
        time), x, y. Streams above a tunnel are left out.
    """
    rows = along(found, line.s, line.x, line.y)
    at = rows["chainage_m"].to_numpy(float)
    here = np.clip(np.searchsorted(line.s, at, side="right") - 1, 0, line.s.size - 2)
    kinds = line.structure[here]
    rows = rows.rename(columns={"id": "met"})
    rows["above_m"] = np.interp(at, line.s, line.design) - rows["level_m"]
    rows["x"], rows["y"] = (np.interp(at, line.s, v) for v in (line.x, line.y))
    rows["crossing"] = [
        "at_place" if free and not met else _kind(int(kind), str(met), str(structure))
        for kind, met, structure, free in zip(
            kinds, rows["met"], rows["structure"], rows["spared"], strict=True
        )
    ]
    lengths = np.zeros(line.s.size - 1)
    for _, first, last in stretches(line.structure):
        lengths[first:last] = line.s[last] - line.s[first]
    culvert = template.width_m + 2 * template.fill_slope * np.maximum(rows["above_m"], 0)
    built = np.where(kinds == EARTH, np.nan, lengths[here])
    rows["size_m"] = np.where(rows["crossing"] == "culvert", culvert, built)
    width = {BRIDGE: template.deck_m or template.width_m, TUNNEL: template.width_m}
    metre = {kind: book[name].yuan * width[kind] for kind, name in _BUILT.items()}
    metre[EARTH] = book["culvert"].yuan
    rows["yuan"] = rows["size_m"] * [metre[int(kind)] for kind in kinds]
    rows.loc[rows["crossing"] == "junction", "yuan"] = book["junction"].yuan
    rows.loc[rows["crossing"] == "at_place", ["size_m", "yuan"]] = np.nan
    kept = rows[rows["crossing"] != ""]
    return kept[list(COLUMNS)].reset_index(drop=True)


_BUILT = {BRIDGE: "bridge", TUNNEL: "tunnel"}


def _kind(kind: int, met: str, structure: str) -> str:
    """Say what stands where a road of a kind crosses something."""
    if not met:
        return {EARTH: "culvert", BRIDGE: "stream_bridge"}.get(kind, "")
    if structure == "tunnel" and kind != TUNNEL:
        return "over_tunnel"
    if kind == EARTH:
        return "underpass" if structure == "bridge" else "junction"
    return "overpass" if kind == BRIDGE else "underpass"


def amounts(crossings: pd.DataFrame, county: County) -> dict[str, float]:
    """Give what of them is paid by number or length: junctions, metres of culverts."""
    culverts = crossings.loc[crossings["crossing"] == "culvert", "size_m"].sum()
    met = float((crossings["crossing"] == "junction").sum())
    return {
        "junctions": met if "roads" in county else float("nan"),
        "culvert_m": float(culverts),
    }


def flooded(stations: pd.DataFrame, found: Meetings) -> pd.DataFrame:
    """Give stations with the least heights that the lake's flood leaves to earth and bridges."""
    if found.crossed.floods is None:
        return stations
    x, y = (stations[name].to_numpy(float) for name in ("x", "y"))
    flood = read(found.crossed.floods, x, y)
    earth, bridge, _ = found.crossed.rise
    return stations.assign(flood_m=flood + earth, flood_bridge_m=flood + bridge)
