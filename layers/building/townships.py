"""The townships: an area-exact partition of the county over modelled slopes and divides.

Every township grows from its seat, and from places that published facts put into it, at a cost that
is high on steep ground and across the divides of streams; head starts are tuned until the areas are
right (a weighted allocation). The borders are then drawn as shared lines, smoothed, and the tuning
is repeated on the drawn areas. No border and no place of any township map is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from geo.errors import GeometryError
from geo.grid import Grid
from geo.polygonize import polygonize
from geo.raster import Raster, rasterize
from geo.terrain import slope
from geo.travel.costpath import accumulate, path
from geo.words import Text
from layers.building.basins import basins
from layers.building.curves import smoothed
from layers.building.relief import blurred

Floats = NDArray[np.float64]

BEYOND_M = 400.0  # the allocation reaches past the outline, so that borders meet it cleanly
HARD_GRADE = 0.3  # grade on which a metre costs two
DIVIDE_COST = 8.0  # added to the cost of a metre on the divides of streams
DIVIDE_M2 = 5e6  # catchment from which a stream has a divide
DIVIDE_M = 100.0  # height over the stream from which a divide counts in full
STRAIGHT = 0.3  # cost of a metre of straight distance, added
ROUNDS, TUNINGS = 8, 30  # of drawing and tuning; of Newton's steps: it settles in fewer
CLOSE_CHOICE = 500.0  # difference in cost up to which a second choice is almost as good
MOST_STEP, HALVINGS = 4000.0, 6
TIE = 1e-6  # difference in cost below which two chains are equally long: rounding, not ground
NEAR_CELLS = 2.0  # cells an area may be off by: whole cells round it by one, and a tie by another
CLOSE, ALLOWED = 7e-4, 9.5e-4  # relative error of an area: good enough to stop; the most


@dataclass(frozen=True, eq=False)
class Dual:
    """What head starts are worth: the dual value, the cells each township lacks, and its curvature.

    `answer` says how many cells of a township (row) change hands when the head start of another
    (column) grows by one.
    """

    worth: float
    lacking: Floats
    answer: Floats


def partition(
    outline: shapely.Polygon, places: gpd.GeoDataFrame, areas: pd.Series, friction: Raster
) -> gpd.GeoDataFrame:
    """Divide the county.

    Parameters
    ----------
    outline
        The county.
    places
        Points with `code`: the first of each township is its seat, others are known to lie in it.
    areas
        Wanted areas by code, any unit: they are scaled to the outline.
    friction
        Cost of growth.

    Returns
    -------
    GeoDataFrame
        One polygon a township, indexed by code, a valid coverage of the outline.

    Raises
    ------
    GeometryError
        If the drawn areas do not settle.
    """
    wanted = areas / areas.sum() * outline.area
    land = gpd.GeoDataFrame(geometry=[outline.buffer(BEYOND_M)], crs=friction.grid.crs)
    near = rasterize(land, friction.grid).values == 1
    inside = rasterize(land.set_geometry([outline], crs=land.crs), friction.grid).values == 1
    costs = _growth(places, Raster(np.where(near, friction.values, np.inf), friction.grid), areas)
    start = np.zeros(len(areas))
    aim, least, best = wanted.copy(), np.inf, gpd.GeoDataFrame()
    for _ in range(ROUNDS):
        owner, start = _tuned(costs, inside, aim.to_numpy() / friction.grid.resolution**2, start)
        drawn = _drawn(outline, Raster(np.where(near, owner, -1).astype(np.int16), friction.grid))
        drawn.index = areas.index
        off = wanted - drawn.area
        worst = float((off.abs() / wanted).max())
        if worst < least:
            least, best = worst, drawn
        if worst < CLOSE:
            break
        aim = aim + off
    if least > ALLOWED:
        raise GeometryError(
            Text(f"面积未能收敛：相差 {least:.2e}", f"the areas do not settle: {least:.2e} off")
        )
    return best


def friction(dem: Raster) -> Raster:
    """Give the cost of growth: steep ground and the divides of streams are crossed dearly."""
    steep = blurred(np.nan_to_num(slope(dem).values.astype(np.float64), nan=HARD_GRADE), 2)
    steep /= HARD_GRADE
    return Raster(1.0 + steep * steep + DIVIDE_COST * _divides(dem), dem.grid)


def high_ground(
    ground: Raster, dem: Raster, seat: shapely.Point, extent: shapely.Polygon, *, above_m: float
) -> shapely.Point:
    """Give the place above a height, within an extent, that is reached from a seat most cheaply."""
    reached = accumulate(ground, origins=np.column_stack(ground.grid.index([seat.x], [seat.y])))
    x, y = dem.grid.xy(*np.indices(dem.grid.shape))
    there = shapely.contains_xy(extent, x, y) & (dem.values.astype(np.float64) > above_m)
    best = int(np.where(there, reached.cost, np.inf).argmin())
    return shapely.Point(x.ravel()[best], y.ravel()[best])


def _divides(dem: Raster) -> Floats:
    """Say how far each cell stands on a divide, 0 to 1: beside cells of another stream's, high."""
    parts = basins(dem, DIVIDE_M2)
    edge = np.zeros(dem.grid.shape, dtype=bool)
    for near, far in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        apart = parts.stretch[near] != parts.stretch[far]
        edge[near] |= apart
        edge[far] |= apart
    return np.where(edge, np.clip(parts.over_m / DIVIDE_M, 0, 1), 0.0)


def _growth(places: gpd.GeoDataFrame, ground: Raster, areas: pd.Series) -> Floats:
    """Give the cost to reach every cell from each township's places and the ways between."""
    costs = np.empty((len(areas), *ground.grid.shape))
    for number, code in enumerate(areas.index):
        mine = places[places["code"] == code]
        cells = np.column_stack(ground.grid.index(mine.geometry.x, mine.geometry.y))
        reached = accumulate(ground, origins=cells[:1])
        spine = np.vstack([path(reached, *cell) for cell in cells])
        away = np.ones(ground.grid.shape, dtype=bool)
        away[spine[:, 0], spine[:, 1]] = False
        straight = distance_transform_edt(away) * ground.grid.resolution
        # Whole valleys behind one pass would change hands at once, but for the straight distance.
        costs[number] = accumulate(ground, origins=spine, neighbours=16).cost + STRAIGHT * straight
    return costs


def _tuned(
    costs: Floats, inside: NDArray[np.bool_], wanted: Floats, start: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Tune the head starts until the numbers of cells are as wanted.

    1. Newton's method. The sum of the least costs, less what the head starts give away, is concave
       in the head starts and its gradient is what the areas lack (Aurenhammer et al. 1998): a step
       that does not raise it is halved. How many cells change hands is told by those whose second
       choice is almost as good.
    2. Where that leaves a township two cells off or more, as one whose last cell is gone and that
       no step finds again, single cells change hands until the numbers are right (`_settled`).

    Parameters
    ----------
    costs
        Cost of every cell to every township, shape (townships, rows, columns).
    inside
        The cells that count, shape (rows, columns).
    wanted
        Numbers of cells; where their sum is not that of the cells inside, all are off alike.
    start
        Head starts to begin with, in units of cost.

    Returns
    -------
    tuple
        The township of every cell, shape (rows, columns), the first of equals; the head starts.
    """
    choice = costs[:, inside]
    lead = _newton(choice, wanted, start)  # RULE 1
    count = np.bincount((choice - lead[:, None]).argmin(axis=0), minlength=len(lead))
    if np.abs(wanted - count).max() >= NEAR_CELLS:
        lead = _settled(choice, wanted, lead)  # RULE 2
    return (costs - lead[:, None, None]).argmin(axis=0), lead


def _newton(choice: Floats, wanted: Floats, start: Floats) -> Floats:
    """Give the best head starts on the way of Newton's method."""
    lead = start
    least, best = np.inf, lead
    now = _dual(choice, wanted, lead)
    for _ in range(TUNINGS):
        worst = float(np.abs(now.lacking / wanted).max())
        if worst < least:
            least, best = worst, lead
        if np.abs(now.lacking).max() <= 1:
            break
        step = np.linalg.lstsq(now.answer, now.lacking, rcond=1e-9)[0]
        step = np.clip(step, -MOST_STEP, MOST_STEP)
        for _ in range(HALVINGS):
            trial = np.round(lead + step, 3)
            then = _dual(choice, wanted, trial)
            if then.worth >= now.worth:
                break
            step = step / 2
        lead, now = trial, then
    return best


def _dual(choice: Floats, wanted: Floats, lead: Floats) -> Dual:
    """Give what head starts are worth."""
    score = choice - lead[:, None]
    cells = np.arange(choice.shape[1])
    first = score.argmin(axis=0)
    least = score[first, cells]
    score[first, cells] = np.inf
    second = score.argmin(axis=0)
    near = score[second, cells] - least < CLOSE_CHOICE
    swaps = np.zeros((len(lead), len(lead)))
    np.add.at(swaps, (first[near], second[near]), 0.5 / CLOSE_CHOICE)
    swaps += swaps.T
    lacking = wanted - np.bincount(first, minlength=len(lead))
    answer = np.diag(swaps.sum(axis=1)) - swaps
    return Dual(float(least.sum() + lead @ wanted), lacking, answer)


def _settled(choice: Floats, wanted: Floats, lead: Floats) -> Floats:
    """Give head starts of the cheapest division with the whole numbers of cells nearest to wanted.

    Cells change hands one by one along the cheapest chain of townships from one that has too many
    to one that lacks some (successive shortest paths, Ahuja et al. 1993, 9.7): the division stays
    the cheapest of its numbers. Its head starts are the mean of the lengths of the chains from
    every township: no cell stands at a tie then unless the costs themselves tie.
    """
    owner = (choice - lead[:, None]).argmin(axis=0)
    spare = np.bincount(owner, minlength=len(lead)) - _whole(wanted, owner.size)
    dearer = np.full((len(lead), len(lead)), np.inf)  # least that a cell of i costs more with j
    given = np.zeros(dearer.shape, dtype=np.int64)  # that cell
    changed = set(range(len(lead)))
    while True:
        for giver in changed:
            mine = np.flatnonzero(owner == giver)
            more = choice[:, mine] - choice[giver, mine]
            dearer[giver] = more.min(axis=1, initial=np.inf)
            given[giver] = mine[more.argmin(axis=1)] if mine.size else 0
        length, last = _chains(dearer)
        if not spare.any():
            return np.asarray(length[np.isfinite(length).all(axis=1)].mean(axis=0))
        ends = np.where((spare > 0)[:, None] & (spare < 0), length, np.inf)
        giver, taker = (int(k) for k in np.unravel_index(ends.argmin(), ends.shape))
        spare[giver] -= 1
        spare[taker] += 1
        changed = {taker}
        while taker != giver:
            before = int(last[giver, taker])
            owner[given[before, taker]] = taker
            taker = before
            changed.add(taker)


def _chains(length: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Give the shortest chains between all pairs (Floyd 1962) and their last but one members."""
    length = length.copy()
    np.fill_diagonal(length, 0.0)
    last = np.tile(np.arange(len(length))[:, None], len(length))
    for k in range(len(length)):
        way = length[:, [k]] + length[k]
        shorter = way < length - TIE
        length, last = np.where(shorter, way, length), np.where(shorter, last[k], last)
    return length, last


def _whole(wanted: Floats, total: int) -> NDArray[np.int64]:
    """Scale numbers to a total and make them whole by largest remainders, the first of equals."""
    exact = wanted * (total / wanted.sum())
    whole: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    order = np.argsort(whole - exact, kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole


def _drawn(outline: shapely.Polygon, owner: Raster) -> gpd.GeoDataFrame:
    """Draw the borders as smooth lines and give each township the faces that are its own."""
    regions = polygonize(Raster(owner.values, owner.grid, nodata=-1))
    count = int(owner.values.max()) + 1
    rims = [
        shapely.union_all(regions.geometry[regions["value"] == k].to_numpy()) for k in range(count)
    ]
    lines = shapely.line_merge(
        shapely.unary_union(
            [
                one.intersection(other)
                for k, one in enumerate(rims)
                for other in rims[k + 1 :]
                if one.intersects(other)
            ]
        )
    )
    arcs = [smoothed(arc) for arc in shapely.get_parts(lines) if arc.geom_type == "LineString"]
    linework = shapely.unary_union([*arcs, outline.exterior], grid_size=0.001)
    faces = list(shapely.get_parts(shapely.polygonize([linework])))
    faces = [face for face in faces if outline.contains(face.representative_point())]
    return _gathered(faces, owner, count)


def _gathered(faces: list[shapely.Polygon], owner: Raster, count: int) -> gpd.GeoDataFrame:
    """Join faces to townships: the largest of each, slivers to the neighbour they touch most."""
    spots = [face.representative_point() for face in faces]
    row, column = owner.grid.index([p.x for p in spots], [p.y for p in spots])
    value = owner.values[row, column].astype(int)
    size = np.array([face.area for face in faces])
    order = np.argsort(-size, kind="stable")
    main = {int(value[k]): int(k) for k in order[::-1]}
    parts = {code: [faces[place]] for code, place in main.items()}
    for k in order:
        if k in main.values():
            continue
        touch = {
            code: sum(faces[k].boundary.intersection(part.boundary).length for part in shapes)
            for code, shapes in parts.items()
        }
        parts[max(touch, key=lambda code: touch[code])].append(faces[k])
    shapes = [shapely.union_all(parts[code], grid_size=0.001) for code in range(count)]
    return gpd.GeoDataFrame(geometry=shapes, crs=owner.grid.crs)


def cells_of(townships: gpd.GeoDataFrame, grid: Grid) -> NDArray[np.int64]:
    """Give the position of the township that every cell's centre lies in, -1 outside."""
    numbered = townships.assign(number=np.arange(len(townships)))
    return np.asarray(rasterize(numbered, grid, value="number", fill=-1).values.astype(np.int64))
