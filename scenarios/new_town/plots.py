"""Plots between streets: what of a lattice lies on land that may be built on, and what it is worth.

1. Streets of one width run after every few plots, east to west and north to south, from the corner
   of the extent. Where land may not be built on there is neither street nor plot.
2. A plot is what is left of a square, in one piece; natural land and levelled land are apart.
3. What is smaller than a plot may be, or too narrow, is a scrap: it is left as it is.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.landscape import adjacency
from geo.raster import Raster, crop
from geo.terrain import slope
from geo.zonal import zonal
from layers import ground, travel
from layers.county import County
from layers.roads.edits import edited_roads
from scenarios.new_town.land import Land

PLOT, STREET, SCRAP = "plot", "street", "scrap"
NARROW = 1 / 3  # of the side of the least square: twice the area over the outline of what is wider
GRAIN_M2 = 1e-3  # less comes of rounding
TOUCH_M = 0.1
SIDE_M = 1.0  # plots that meet a street over less meet it at a corner
AROUND_M = 3_000.0  # ways to a road or an interchange lead no farther about
POINTS_M = 30.0  # between places at which one comes to a road
TRUNK = "national"
Floats = NDArray[np.float64]


class Lattice(NamedTuple):
    """Side of a plot, plots between two streets, width of streets, least plot."""

    plot_m: float
    between: int
    street_m: float
    least_m2: float


class Parts(NamedTuple):
    """What land that may be built on falls into.

    Attributes
    ----------
    plots
        By label: block (label), vacant (levelled already), area_ha, slope_percent (mean),
        height_m (mean), lift_m (earth to be moved, m³ per m², where a plot is levelled by itself),
        trunk_min and gate_min (minutes to a trunk road and to an interchange; NaN where there is
        none near), geometry.
    streets, scraps
        By label: area_ha, geometry.
    borders
        left, right, length_m, gap_m: plots that touch or lie on both sides of a street, with what
        they face of each other, and plots near each other, with nothing.
    """

    plots: gpd.GeoDataFrame
    streets: gpd.GeoDataFrame
    scraps: gpd.GeoDataFrame
    borders: pd.DataFrame


def parts(county: County, land: Land, lattice: Lattice, *, near_m: float) -> Parts:
    """Lay a lattice over land that may be built on.

    Parameters
    ----------
    county
        With dem and roads.
    land
        As it is screened.
    lattice
        Of plots and streets.
    near_m
        Plots as near as this are listed among the borders too.
    """
    pieces = _pieces(land, lattice)
    named = {
        kind: pieces[pieces["kind"] == kind].drop(columns="kind") for kind in (PLOT, STREET, SCRAP)
    }
    plots = named[PLOT]
    plots = plots.join(_terrain(county, plots)).join(_minutes(county, plots))
    borders = _borders(plots, lattice.street_m + TOUCH_M, near_m)
    about = ["area_ha", "geometry"]
    streets = named[STREET][["block", "vacant", *about]]
    return Parts(plots, streets, named[SCRAP][about], borders)


def _pieces(land: Land, lattice: Lattice) -> gpd.GeoDataFrame:
    """Cut land by the lattice; give pieces by label."""
    squares = _squares(land.extent.bounds, lattice)
    rows = []
    for vacant, shape in land.usable().geometry.items():
        cut = squares.set_geometry(shapely.intersection(squares.geometry.to_numpy(), shape))
        rows.append(cut.assign(vacant=bool(vacant)))
    if not rows:
        return _no_pieces(squares.set_crs(land.patches.crs))
    pieces = pd.concat(rows).set_crs(squares.crs or land.patches.crs, allow_override=True)
    pieces = pieces.explode(index_parts=False)
    pieces = pieces[(pieces.geom_type == "Polygon") & (pieces.area > GRAIN_M2)]
    pieces["area_ha"] = pieces.area / 1e4
    wide = 2 * pieces.area / pieces.length >= NARROW * np.sqrt(lattice.least_m2)
    small = (pieces["kind"] == PLOT) & ~(wide & (pieces.area >= lattice.least_m2))
    pieces["kind"] = pieces["kind"].mask(small, SCRAP)
    return _labelled(pieces)


def _no_pieces(squares: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    none = squares.iloc[:0].assign(vacant=False, area_ha=0.0)
    return none.set_index(pd.Index([], dtype=object))


def _labelled(pieces: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name pieces by their square; the second, third … of a square by a number."""
    bounds = pieces.bounds.round(3)
    keys = [bounds["maxx"], bounds["miny"], bounds["minx"], -pieces["area_ha"].round(6)]
    pieces = pieces.iloc[np.lexsort([*keys, pieces["square"]])]
    turn = pieces.groupby("square").cumcount()
    labels = pieces["square"].where(turn == 0, pieces["square"] + "_" + (turn + 1).astype(str))
    return pieces.drop(columns="square").set_index(pd.Index(labels.to_numpy(), dtype=object))


def _squares(bounds: tuple[float, ...], lattice: Lattice) -> gpd.GeoDataFrame:
    """Give the squares of plots and the strips of streets between them. RULE 1."""
    west, south, east, north = bounds
    across, wide = _bands(east - west, lattice)
    up, high = _bands(north - south, lattice)
    row, column = (one.ravel() for one in np.indices((len(up) - 1, len(across) - 1)))
    boxes = shapely.box(
        west + across[column], south + up[row], west + across[column + 1], south + up[row + 1]
    )
    plot = wide[column] & high[row]
    period = lattice.between + 1
    frame = {
        "square": [
            f"{'p' if p else 's'}{r:02d}-{c:02d}" for p, r, c in zip(plot, row, column, strict=True)
        ],
        "block": [
            f"b{r // period:02d}-{c // period:02d}" for r, c in zip(row, column, strict=True)
        ],
        "kind": np.where(plot, PLOT, STREET),
    }
    return gpd.GeoDataFrame(frame, geometry=boxes)


def _bands(length: float, lattice: Lattice) -> tuple[Floats, NDArray[np.bool_]]:
    """Give the ends of bands along a side, and whether each is of plots."""
    widths = [lattice.plot_m] * lattice.between + [lattice.street_m]
    count = int(np.ceil(length / sum(widths))) + 1
    ends = np.concatenate([[0.0], np.cumsum(widths * count)])
    plots = np.array(([True] * lattice.between + [False]) * count)
    kept = int(np.searchsorted(ends, length - TOUCH_M)) + 1
    return ends[:kept], plots[: kept - 1]


def _terrain(county: County, plots: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give mean slope and height of plots, and the earth each moves where it is levelled alone.

    On a plane of a slope s, a square of a side L is cut and filled by s L / 8 each over its area.
    """
    if plots.empty:
        return pd.DataFrame(columns=["slope_percent", "height_m", "lift_m"], dtype=float)
    west, south, east, north = plots.total_bounds
    stored = county.raster("dem")
    wide = 2 * stored.grid.resolution
    near = crop(stored, (west - wide, south - wide, east + wide, north + wide))
    dem = Raster(np.where(near.valid, near.values, np.nan).astype(np.float64), near.grid)
    steep = zonal(slope(dem), plots, stats=("mean",))["mean"]
    lift = steep * np.sqrt(plots.area) / 8
    return pd.DataFrame(
        {
            "slope_percent": 100 * steep,
            "height_m": zonal(dem, plots, stats=("mean",))["mean"],
            "lift_m": lift.where(~plots["vacant"], 0.0),
        },
        index=plots.index,
    )


def _minutes(county: County, plots: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give minutes to the nearest trunk road, and to an interchange of an expressway."""
    found = pd.DataFrame(np.nan, index=plots.index, columns=["trunk_min", "gate_min"])
    if plots.empty:
        return found
    west, south, east, north = plots.total_bounds
    window = (west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M)
    stored = crop(county.raster("dem"), window)
    dem = Raster(np.where(stored.valid, stored.values, np.nan).astype(np.float64), stored.grid)
    roads = edited_roads(county)
    roads = roads[roads["before"] & roads.intersects(shapely.box(*window))]
    if roads.empty:
        return found
    on = travel.ways(dem, roads, water=ground.lake(county, "", dem.grid))
    centres = plots.geometry.representative_point()
    places = pd.DataFrame({"x": centres.x, "y": centres.y}, index=plots.index)
    for name, points in (("trunk_min", _along(roads)), ("gate_min", _gates(roads))):
        near = points[points.within(shapely.box(*dem.grid.bounds))]
        if len(near):
            minutes = travel.minutes(on, near).at(places)
            found[name] = np.where(np.isfinite(minutes), minutes, np.nan)
    return found


def _along(roads: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give places along trunk roads."""
    lines = roads.geometry[roads["class"] == TRUNK].segmentize(POINTS_M)
    xy = np.unique(shapely.get_coordinates(lines.to_numpy()), axis=0)
    return gpd.GeoSeries(shapely.points(xy), crs=roads.crs)


def _gates(roads: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Give the places where other roads join an expressway."""
    fast = roads["class"] == "expressway"
    one, other = (
        {tuple(xy) for xy in shapely.get_coordinates(roads.geometry[those].to_numpy()).round(3)}
        for those in (fast, ~fast)
    )
    return gpd.GeoSeries([shapely.Point(xy) for xy in sorted(one & other)], crs=roads.crs)


def _borders(plots: gpd.GeoDataFrame, street_m: float, near_m: float) -> pd.DataFrame:
    """Give plots that touch, face each other over a street, or lie near each other."""
    pairs = adjacency(plots, gap_m=max(street_m, near_m))
    one, other = (plots.geometry.loc[pairs[name]].to_numpy() for name in ("left", "right"))
    gap = shapely.distance(one, other)
    across = (gap > TOUCH_M) & (gap <= street_m)
    wide = shapely.buffer(other[across], street_m, join_style="mitre")
    length = pairs["length_m"].to_numpy(dtype=float).copy()
    length[across] = shapely.length(shapely.intersection(shapely.boundary(one[across]), wide))
    return pairs.assign(length_m=length, gap_m=gap)


def street_levels(streets: gpd.GeoDataFrame, levels: gpd.GeoDataFrame) -> Floats:
    """Give the level of each piece of street; NaN where no plot beside it is levelled.

    1. A piece lies at the mean level of the plots along its sides, by the length of each side.
    2. A crossing, which meets plots at its corners alone, lies at the mean of these.

    Parameters
    ----------
    streets
        Pieces of streets.
    levels
        Plots that are levelled, with `level_m`.
    """
    shapes, plots = streets.geometry.to_numpy(), levels.geometry.to_numpy()
    piece, plot = shapely.STRtree(plots).query(shapes, predicate="dwithin", distance=TOUCH_M)
    around = shapely.buffer(shapes[piece], TOUCH_M)
    side = shapely.length(shapely.intersection(shapely.boundary(plots[plot]), around))
    longest = np.zeros(len(shapes))
    np.maximum.at(longest, piece, side)
    weight = np.where(longest[piece] > SIDE_M, side, 1.0)  # RULE 1, RULE 2
    total = np.bincount(piece, weight, minlength=len(shapes))
    sums = np.bincount(piece, weight * levels["level_m"].to_numpy()[plot], minlength=len(shapes))
    level = np.full(len(shapes), np.nan)
    np.divide(sums, total, out=level, where=total > 0)
    return level


def built_with(streets: gpd.GeoDataFrame, used: gpd.GeoDataFrame) -> pd.Series[str]:
    """Give the block that each piece of street is built with: its own, or else the nearest in use.

    Of several plots in use as near as each other it is the first by label.
    """
    plots = used.sort_index()
    far = shapely.distance(
        streets.geometry.to_numpy()[:, None], plots.geometry.to_numpy()[None, :]
    ).round(3)
    nearest = plots["block"].to_numpy()[far.argmin(axis=1)]
    return streets["block"].where(streets["block"].isin(plots["block"]), nearest)
