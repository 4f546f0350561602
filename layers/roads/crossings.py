"""What a new road meets: roads of the county and streams of the terrain, floods of the lake.

Roads whose layer does not say otherwise lie on the ground. Streams are where so much ground drains
together on the terrain (flow to the steepest of eight neighbours) and where it falls: on flats
nobody knows where water runs. The depth of a flood is a power of the catchment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from geo.alignment import crossed as met
from geo.alignment.crossed import Crossed
from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Floats
from geo.hydrology import accumulation, drain
from geo.raster import Raster, rasterize, sample
from layers.county import County
from layers.ground import covered
from layers.roads.obstacles import SPARED_M
from layers.roads.standard import Met, Standard, met_roads

STEP_M = 30.0  # pieces of roads are no longer
FALLS_WITHIN = 10  # cells: water that does not fall on so long a way is not known to flow there
SAME = float(np.sin(np.radians(5.0)))  # a road that turns less from another is that one, rebuilt
TOGETHER_M = 60.0  # crossings of one road or of streams nearer than this are one
Triple = tuple[float, float, float]
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Manner:
    """How roads are crossed.

    Parameters
    ----------
    separated
        Classes of the county's roads that are crossed above or below only.
    flood_level
        Id of the lake's level (layer `lake_levels`) that roads keep above.
    """

    separated: tuple[str, ...] = ("expressway",)
    flood_level: str = ""


@dataclass(frozen=True, eq=False)
class Meetings:
    """What roads may meet.

    Parameters
    ----------
    crossed
        Its geometry, for designing.
    pieces
        A row for each piece of it: id of the road (empty for streams), class, catchment_km2 (NaN
        for roads), structure (as the layer says it; `earth` where it does not), known (whether the
        layer says structure and level), spared (whether it asks for nothing, near a point that the
        road leads to).
    flood_m
        Height of the lake's flood; NaN where it is not known.
    """

    crossed: Crossed
    pieces: pd.DataFrame
    flood_m: float


class _Asked(NamedTuple):
    """Heights above (−inf) and below (inf) a piece by kind, and kinds that are shut."""

    least: Triple = (-np.inf, -np.inf, -np.inf)
    most: Triple = (np.inf, np.inf, np.inf)
    shut: tuple[bool, bool, bool] = (False, False, False)


class _Part(NamedTuple):
    """Some pieces: as `Crossed` has them, and their table."""

    ends: Floats
    half_m: Floats
    least: Floats
    most: Floats
    shut: NDArray[np.bool_]
    across: NDArray[np.bool_]
    table: pd.DataFrame


def meetings(
    county: County,
    dem: Raster,
    standard: Standard,
    day: date,
    *,
    manner: Manner = Manner(),
    spared: Points = (),
) -> Meetings:
    """Give what a road may meet in a county.

    Parameters
    ----------
    county
        The county; without roads none are met, without a lake there are no floods of one.
    dem
        Terrain of the search.
    standard
        Of the new road.
    day
        The day of the rules.
    manner
        How roads are crossed.
    spared
        Points the road leads to: within 90 m roads, streams and floods ask for nothing (the road
        joins there); an expressway does, unless the point lies on it.

    Examples
    --------
    On the twin's plane, from the county seat to seat 002, the expressway is the only road that is
    never crossed on the level:

    >>> from layers import twin
    >>> from layers.roads.standard import standard
    >>> county, day = twin.county(), date(2025, 1, 1)
    >>> found = meetings(county, county.raster("dem"), standard(day, speed_kmh=60), day)
    >>> sorted(set(found.pieces["id"][found.crossed.shut[:, 0]]))
    ['expressway_1']
    """
    parts = [*_roads(county, dem, standard, met_roads(day), manner, spared)]
    streams, cells = _streams(county, dem, standard, spared)
    parts.append(streams)
    floods, level = _floods(county, dem, standard["freeboard_m"], manner.flood_level, spared)
    *arrays, tables = zip(*parts, strict=True)
    ends, half_m, least, most, shut, across = (np.concatenate(one) for one in arrays)
    table = pd.concat(tables, ignore_index=True)
    roads = table["id"].to_numpy() != ""
    cells |= _touched(ends[shut[:, EARTH] & roads], dem)
    free = standard["freeboard_m"]
    crossed = Crossed(
        ends,
        half_m,
        least,
        most,
        shut,
        across,
        floods,
        (free, free + standard["deck_m"], -np.inf),
        Raster(np.where(cells, np.inf, 0.0), dem.grid) if cells.any() else None,
    )
    return Meetings(crossed, table, level)


def _touched(ends: Floats, dem: Raster) -> NDArray[np.bool_]:
    if not len(ends):
        return np.zeros(dem.grid.shape, dtype=bool)
    lines = gpd.GeoDataFrame(geometry=shapely.linestrings(ends[:, :, :2]), crs=dem.grid.crs)
    return np.asarray(rasterize(lines, dem.grid, all_touched=True).values == 1)


def _away(ends: Floats, points: Points) -> Floats:
    """Give how far pieces are from the nearest of some points."""
    far = np.full(len(ends), np.inf)
    for point in points:
        side = ends[:, 1, :2] - ends[:, 0, :2]
        off = np.array(point) - ends[:, 0, :2]
        share = np.clip((off * side).sum(axis=1) / np.maximum((side**2).sum(axis=1), 1e-12), 0, 1)
        far = np.minimum(far, np.hypot(*(off - share[:, None] * side).T))
    return far


def _roads(
    county: County,
    dem: Raster,
    standard: Standard,
    asked: Mapping[str, Met],
    manner: Manner,
    spared: Points,
) -> Iterator[_Part]:
    """Give the pieces of each existing road."""
    if "roads" not in county:
        return
    roads = county.vector("roads").sort_index()
    roads = roads[roads["status"] == "existing"].reindex(
        columns=["class", "structure", "level_m", "geometry"]
    )
    for name, row in roads.explode().iterrows():
        line = shapely.segmentize(row.geometry, STEP_M)
        xy = shapely.get_coordinates(line)
        z = np.full(len(xy), row["level_m"], dtype=np.float64)
        if np.isnan(z).any():
            z = sample(dem, *xy.T)
        xyz = np.column_stack([xy, z])
        ends = np.stack([xyz[:-1], xyz[1:]], axis=1)
        ends = ends[np.isfinite(ends).all(axis=(1, 2)) & (ends[:, 0] != ends[:, 1]).any(axis=1)]
        if not len(ends):
            continue
        levelled = not np.isnan(row["level_m"])
        structure = str(row["structure"]) if pd.notna(row["structure"]) else "earth"
        known = pd.notna(row["structure"]) and (levelled or structure == "tunnel")
        road_class = str(row["class"])
        never = road_class in manner.separated
        one = _asked(structure, asked[road_class], standard, levelled=levelled, never=never)
        half = np.full(len(ends), asked[road_class].width_m / 2)
        away = _away(ends, spared)
        joined = (away <= SPARED_M) & (not never or away.min() <= half[0])
        table = pd.DataFrame(
            {
                "id": str(name),
                "class": road_class,
                "catchment_km2": np.nan,
                "structure": structure,
                "known": known,
                "spared": joined,
            },
            index=range(len(ends)),
        )
        free = joined[:, None]
        none = _Asked()
        yield _Part(
            ends,
            half,
            np.where(free, none.least, one.least),
            np.where(free, none.most, one.most),
            np.where(free, none.shut, one.shut),
            np.full(len(ends), not never),
            table,
        )


def _asked(structure: str, road: Met, standard: Standard, *, levelled: bool, never: bool) -> _Asked:
    """Say what a road of the county asks for.

    RULE 1: above a road a bridge leaves its clearance and has the thickness of a structure.
    RULE 2: a tunnel below a road has its height and a cover.
    RULE 3: earth may not be where a road is never crossed on the level.
    RULE 4: below a bridge whose level is known earth leaves the clearance of the new road.
    RULE 5: over a tunnel whose level is known earth and bridges leave it its height and a cover;
    where it is not known they are free, and no tunnel may cross it.
    """
    over = road.clearance_m + standard["deck_m"]  # RULE 1
    bored = standard["bore_m"] + standard["cover_m"]
    under = -bored  # RULE 2
    free = np.inf
    if structure == "tunnel":  # RULE 5
        if not levelled:
            return _Asked(shut=(False, False, True))
        return _Asked((bored, bored, -free), (free, free, under))
    if structure == "bridge" and levelled:  # RULE 4
        below = -(standard["deck_m"] + standard["clearance_m"])
        return _Asked((-free, over, -free), (below, free, under))
    return _Asked((-free, over, -free), (free, free, under), (never, False, False))  # RULE 3


def _streams(
    county: County, dem: Raster, standard: Standard, spared: Points
) -> tuple[_Part, NDArray[np.bool_]]:
    """Give streams cell by cell, and the cells in which earth may not be for a bridge's stream.

    RULE 1: a stream begins at the least catchment and runs where it falls.
    RULE 2: up to the catchment of a culvert a road may cross it on earth, above its flood.
    RULE 3: from there on it is bridged.
    """
    surface, down = drain(dem)
    receiver = down.receiver
    rows, columns = np.unravel_index(np.arange(receiver.size), dem.grid.shape)
    x, y = dem.grid.xy(rows, columns)
    z = surface.values.ravel().astype(np.float64)
    far = np.arange(receiver.size)
    for _ in range(FALLS_WITHIN):
        far = np.where(receiver[far] >= 0, receiver[far], far)
    shape = dem.grid.shape
    cell = np.where(dem.valid, dem.grid.resolution**2 / 1e6, 0.0)
    km2 = accumulation(down, cell).ravel()
    wet = covered(county, "lake", dem.grid).ravel()
    flows = (km2 >= standard["stream_km2"]) & (z > z[far])  # RULE 1
    flows &= (receiver >= 0) & ~(wet & wet[receiver])
    some = np.flatnonzero(flows)
    xyz = np.column_stack([x, y, z])
    ends = np.stack([xyz[some], xyz[receiver[some]]], axis=1)
    bridged = km2[some] >= standard["culvert_km2"]  # RULES 2 and 3
    depth = standard["flood_depth_m"] * km2[some] ** standard["flood_depth_power"]
    high = depth + standard["freeboard_m"]
    joined = _away(ends, spared) <= SPARED_M
    least = np.full((some.size, 3), -np.inf)
    least[:, EARTH] = np.where(bridged | joined, -np.inf, high)
    least[:, BRIDGE] = np.where(joined, -np.inf, high + standard["deck_m"])
    shut = np.zeros((some.size, 3), dtype=bool)
    shut[:, EARTH] = bridged & ~joined
    cells = np.zeros(receiver.size, dtype=bool)
    cells[some[bridged & ~joined]] = True
    table = pd.DataFrame(
        {
            "id": "",
            "class": "",
            "catchment_km2": km2[some],
            "structure": "earth",
            "known": True,
            "spared": joined,
        }
    )
    always = np.zeros(some.size, dtype=bool)
    part = _Part(
        ends,
        standard["flood_width"] / 2 * depth,
        least,
        np.full_like(least, np.inf),
        shut,
        always,
        table,
    )
    return part, cells.reshape(shape)


def _floods(
    county: County, dem: Raster, freeboard_m: float, level: str, spared: Points
) -> tuple[Raster | None, float]:
    """Give the flood of the lake over the ground that hangs together with it; NaN: none."""
    if "lake" not in county or "lake_levels" not in county:
        return None, float("nan")
    levels = county.table("lake_levels")["level_m"]
    if level not in levels.index:
        return None, float("nan")
    height = float(levels[level])
    lake = covered(county, "lake", dem.grid)
    low = dem.valid & (np.nan_to_num(dem.values.astype(np.float64)) < height + freeboard_m)
    parts, _ = ndimage.label(low | lake, np.ones((3, 3)))
    wet = np.isin(parts, np.unique(parts[lake])) & (parts > 0)
    x, y = dem.grid.xy(*np.indices(dem.grid.shape))
    for east, north in spared:
        wet &= np.hypot(x - east, y - north) > SPARED_M
    return (Raster(np.where(wet, height, np.nan), dem.grid) if wet.any() else None), height


def asked_frame(found: Meetings) -> pd.DataFrame:
    """Write what is met as `geo.alignment.checker.crossing_breaches` reads it."""
    lines = found.crossed
    columns = dict(
        zip(("x0", "y0", "z0", "x1", "y1", "z1"), lines.ends.reshape(-1, 6).T, strict=True)
    )
    least = np.where(np.isfinite(lines.least), lines.least, np.nan)
    most = np.where(np.isfinite(lines.most), -lines.most, np.nan)
    return pd.DataFrame(
        {
            **columns,
            "half_m": lines.half_m,
            "earth": ~lines.shut[:, EARTH],
            "across": lines.across,
            "flood": found.pieces["id"].to_numpy() == "",
            "earth_above_m": least[:, EARTH],
            "bridge_above_m": least[:, BRIDGE],
            "tunnel_above_m": least[:, TUNNEL],
            "tunnel_below_m": most[:, TUNNEL],
            "earth_below_m": most[:, EARTH],
        }
    )


def along(found: Meetings, s: Floats, x: Floats, y: Floats) -> pd.DataFrame:
    """Give what a road crosses, in order of chainage; what lies close together is one.

    Parameters
    ----------
    found
        What it may meet.
    s, x, y
        Its stations.

    Returns
    -------
    DataFrame
        chainage_m, level_m (of what is crossed), angle (degrees, at most 90), and the columns of
        `Meetings.pieces`. Of several crossings that are one the squarest counts, of streams that
        of the largest catchment. Where a road runs along another it crosses nothing.
    """
    ends = found.crossed.ends
    road = np.stack([x, y], axis=1)
    steps = shapely.linestrings(np.stack([road[:-1], road[1:]], axis=1))
    piece, interval = shapely.STRtree(found.crossed.lines).query(steps, predicate="intersects")[
        ::-1
    ]
    way = road[interval + 1] - road[interval]
    turn = np.abs(met.sine(ends[piece], way))
    rows = found.pieces.iloc[piece].reset_index(drop=True)
    first, side = ends[piece, 0, :2], ends[piece, 1, :2] - ends[piece, 0, :2]
    cross = side[:, 0] * way[:, 1] - side[:, 1] * way[:, 0]
    off = first - road[interval]
    share = (side[:, 0] * off[:, 1] - side[:, 1] * off[:, 0]) / np.where(cross == 0, np.inf, cross)
    share = np.clip(share, 0, 1)
    at = road[interval] + share[:, None] * way
    rows["chainage_m"] = s[interval] + share * np.diff(s)[interval]
    rows["level_m"] = met.level(ends[piece], *at.T)
    rows["angle"] = np.degrees(np.arcsin(np.clip(turn, 0, 1)))
    rows = rows[turn > np.where(rows["id"] == "", 0.0, SAME)]
    rows = rows.sort_values(["id", "chainage_m"], kind="stable", ignore_index=True)
    new = (rows["id"] != rows["id"].shift()) | (rows["chainage_m"].diff() > TOGETHER_M)
    rows["weight"] = rows["catchment_km2"].fillna(rows["angle"])
    best = rows.groupby(new.cumsum())["weight"].idxmax()
    return rows.loc[best].drop(columns="weight").sort_values("chainage_m", ignore_index=True)
