"""Roads as they may run: least-cost ways over the modelled terrain through known places.

Roads that follow the terrain avoid slopes and the lake and prefer to join roads that are there;
where they do they share cells, and a later road is drawn only where it leaves the earlier one.
Roads in tunnels and on bridges run nearly straight. Lines are smoothed between their junctions,
which stay where they are: wherever two roads join they share a vertex.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.grid import Grid
from geo.raster import Raster, crop
from geo.terrain import slope
from geo.travel.costpath import accumulate, path
from layers.building.curves import smoothed

Cell = tuple[int, int]
Step = tuple[Cell, Cell]

EASY_GRADE = {"terrain": 0.08, "direct": 0.6}  # grade that doubles a metre's cost
MOST_COST = 60.0  # of a metre: cliffs are dear, not closed, so that every place is reached
LAKE_COST = 12.0  # of a metre through the lake, added
JOIN_COST = 0.35  # of a metre along a road that is there
VILLAGE_ROAD = {"class": "village", "speed_kmh": 20, "status": "existing"}  # class IV
ROOM_M = 6000.0  # around the places of a road, to look for a way in


class Run(NamedTuple):
    """Cells of a road in a row that no earlier road has taken."""

    road: str
    cells: list[Cell]


class Line(NamedTuple):
    """A road's line, or one of several."""

    road: str
    shape: shapely.LineString


@dataclass
class Drawing:
    """What has been drawn: every road's runs of cells, and the steps taken so far."""

    grid: Grid
    steps: set[Step] = field(default_factory=set)
    cells: set[Cell] = field(default_factory=set)
    runs: list[Run] = field(default_factory=list)


def roads(
    table: pd.DataFrame,
    places: gpd.GeoSeries,
    dem: Raster,
    lake: NDArray[np.bool_],
    *,
    villages: gpd.GeoSeries | None = None,
) -> gpd.GeoDataFrame:
    """Draw the roads of a table.

    Parameters
    ----------
    table
        Columns id, ref, name, name_en, class, speed_kmh, status, way (`terrain` or `direct`) and
        via, the places they pass, joined by `;`. Earlier rows are drawn first.
    places
        Points by name.
    dem
        Terrain.
    lake
        Cells under water.
    villages
        Points that a road of class `village` shall reach from the roads of the table.

    Returns
    -------
    GeoDataFrame
        LineStrings. A road that runs along others in between has several rows, numbered.
    """
    grade = slope(dem).values.astype(np.float64)
    grade = np.where(np.isnan(grade), 1.0, grade)
    drawing = Drawing(dem.grid)
    direct = []
    for road in table.to_dict("records"):
        spots = [places[name] for name in road["via"].split(";")]
        cost = _cost(grade, road["way"]) + LAKE_COST * (lake & (road["way"] == "terrain"))
        if road["way"] == "direct":
            way = [cell for leg in _legs(cost, spots, dem.grid) for cell in leg]
            course = _without_returns(way)
            direct.append(Line(road["id"], _straightened(course, spots, dem.grid)))
        else:
            for row, column in drawing.cells:
                cost[row, column] = JOIN_COST
            for leg in _legs(cost, spots, dem.grid):
                _draw(drawing, road["id"], leg)
    spots = list(places)
    if villages is not None:
        cost = _cost(grade, "terrain") + LAKE_COST * lake
        table = pd.concat([table, _village_roads(drawing, villages, cost)], ignore_index=True)
        spots = [*villages, *spots]
    fixed = {_cell(spot, dem.grid): (float(spot.x), float(spot.y)) for spot in spots}
    lines = _noded(_lines(drawing, fixed)) + direct
    return _frame(lines, table, dem)


def _cell(spot: shapely.Point, grid: Grid) -> Cell:
    row, column = grid.index(spot.x, spot.y)
    return int(row), int(column)


def _cost(grade: NDArray[np.float64], way: str) -> NDArray[np.float64]:
    steep = grade / EASY_GRADE[way]
    return np.minimum(1.0 + steep * steep, MOST_COST)


def _legs(
    cost: NDArray[np.float64], spots: Sequence[shapely.Point], grid: Grid
) -> Iterator[list[Cell]]:
    """Find the cells of the cheapest way from each place to the next."""
    x, y = np.array([spot.x for spot in spots]), np.array([spot.y for spot in spots])
    window = (x.min() - ROOM_M, y.min() - ROOM_M, x.max() + ROOM_M, y.max() + ROOM_M)
    ground = crop(Raster(cost, grid), window)
    down, right = (int(v) for v in grid.index(*ground.grid.xy(0, 0)))
    row, column = ground.grid.index(x, y)
    for k in range(len(spots) - 1):
        reached = accumulate(ground, origins=[(row[k], column[k])])
        leg = path(reached, int(row[k + 1]), int(column[k + 1]))
        yield [(int(r) + down, int(c) + right) for r, c in leg]


def _village_roads(
    drawing: Drawing, villages: gpd.GeoSeries, cost: NDArray[np.float64]
) -> pd.DataFrame:
    """Draw the cheapest way from the roads to each village, and give the rows of these roads."""
    ground = Raster(cost, drawing.grid)
    reached = accumulate(ground, origins=sorted(drawing.cells))
    names: list[str] = []
    for spot in villages:
        cell = _cell(spot, drawing.grid)
        if cell in drawing.cells:
            continue
        way = [(int(r), int(c)) for r, c in path(reached, *cell)]
        names.append(f"village_{len(names) + 1:03d}")
        _draw(drawing, names[-1], way)
    return pd.DataFrame({"id": names}).assign(**VILLAGE_ROAD)


def _without_returns(cells: Iterable[Cell]) -> list[Cell]:
    """Cut out what a way walks back over."""
    kept: list[Cell] = []
    place: dict[Cell, int] = {}
    for cell in cells:
        if cell in place:
            for gone in kept[place[cell] + 1 :]:
                del place[gone]
            kept = kept[: place[cell] + 1]
        else:
            place[cell] = len(kept)
            kept.append(cell)
    return kept


def _draw(drawing: Drawing, road: str, cells: list[Cell]) -> None:
    """Add a leg of a road, leaving out the steps that are taken; it goes on where one ended."""
    cells = _uncrossed(cells, drawing.steps)
    run: list[Cell] = []
    last = drawing.runs[-1] if drawing.runs else None
    if last and cells and (last.road, last.cells[-1]) == (road, cells[0]):
        run = drawing.runs.pop().cells
    for before, after in itertools.pairwise(cells):
        if _step(before, after) in drawing.steps:
            if len(run) > 1:
                drawing.runs.append(Run(road, run))
            run = []
        else:
            run = [*(run or [before]), after]
    if len(run) > 1:
        drawing.runs.append(Run(road, run))
    drawing.steps |= {_step(a, b) for a, b in itertools.pairwise(cells)}
    drawing.cells |= set(cells)


def _step(a: Cell, b: Cell) -> Step:
    return (a, b) if a < b else (b, a)


def _uncrossed(cells: list[Cell], steps: set[Step]) -> list[Cell]:
    """Lead a way that crosses a diagonal step of another road through that road's cell."""
    way = cells[:1]
    for (row, column), (below, right) in itertools.pairwise(cells):
        if row != below and column != right and _step((row, right), (below, column)) in steps:
            way.append((row, right))
        way.append((below, right))
    return _without_returns(way)


def _lines(drawing: Drawing, fixed: dict[Cell, tuple[float, float]]) -> list[Line]:
    """Turn runs of cells into lines, smooth between junctions."""
    ends = Counter(cell for step in drawing.steps for cell in step)
    nodes = {cell for cell, count in ends.items() if count != 2} | set(fixed)
    nodes |= {cell for run in drawing.runs for cell in (run.cells[0], run.cells[-1])}

    def xy(cell: Cell) -> tuple[float, float]:
        x, y = drawing.grid.xy(*cell)
        return fixed.get(cell, (float(x), float(y)))

    lines = []
    for road, run in drawing.runs:
        cuts = [0, *(k for k in range(1, len(run) - 1) if run[k] in nodes), len(run) - 1]
        course: list[tuple[float, float]] = []
        for a, b in itertools.pairwise(cuts):
            arc = shapely.LineString([xy(cell) for cell in run[a : b + 1]])
            arc = smoothed(arc, spacing_m=40.0, turns=10) if b - a > 1 else arc
            course += [(x, y) for x, y in arc.coords][1 if course else 0 :]
        lines.append(Line(road, shapely.LineString(course)))
    return lines


def _straightened(
    cells: list[Cell], spots: Sequence[shapely.Point], grid: Grid
) -> shapely.LineString:
    """Draw a road in tunnels and on bridges: wide curves from its first place to its last."""
    x, y = grid.xy([cell[0] for cell in cells], [cell[1] for cell in cells])
    xy = np.column_stack([x, y])
    xy[0], xy[-1] = (spots[0].x, spots[0].y), (spots[-1].x, spots[-1].y)
    return smoothed(shapely.LineString(xy), spacing_m=120.0, turns=25)


def _noded(lines: list[Line]) -> list[Line]:
    """Give lines that cross a common vertex there."""
    shapes = [line.shape for line in lines]
    tree = shapely.STRtree(shapes)
    added: dict[int, list[shapely.Point]] = {}
    for a, b in tree.query(shapes, predicate="intersects").T.tolist():
        if a >= b:
            continue
        for point in shapely.get_parts(shapely.intersection(shapes[a], shapes[b])):
            spot = shapely.Point(np.round(point.centroid.coords[0], 3))
            for line in (a, b):
                added.setdefault(line, []).append(spot)
    return [
        Line(line.road, _with_vertices(line.shape, added.get(number, [])))
        for number, line in enumerate(lines)
    ]


def _with_vertices(line: shapely.LineString, spots: list[shapely.Point]) -> shapely.LineString:
    """Insert vertices into a line where they are missing."""
    xy = [tuple(point) for point in shapely.get_coordinates(line).tolist()]
    for spot in spots:
        here = (spot.x, spot.y)
        if here in xy:
            continue
        gaps = [shapely.LineString(pair).distance(spot) for pair in itertools.pairwise(xy)]
        xy.insert(int(np.argmin(gaps)) + 1, here)
    return shapely.LineString(xy)


def _frame(lines: list[Line], table: pd.DataFrame, dem: Raster) -> gpd.GeoDataFrame:
    """Give lines the columns of their roads, in the table's order."""
    often = Counter(line.road for line in lines)
    seen: Counter[str] = Counter()
    rows = []
    for road, line in sorted(lines, key=lambda one: list(table["id"]).index(one.road)):
        seen[road] += 1
        label = road if often[road] == 1 else f"{road}_{'abcdefghij'[seen[road] - 1]}"
        rows.append({"road": road, "label": label, "geometry": line})
    frame = gpd.GeoDataFrame(rows, crs=dem.grid.crs).merge(
        table.drop(columns=["way", "via", "source"]), left_on="road", right_on="id", validate="m:1"
    )
    frame["id"] = frame["label"]
    columns = ["id", "ref", "name", "name_en", "class", "speed_kmh", "status", "geometry"]
    return frame[columns]
