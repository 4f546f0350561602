"""Features made sound: their CRS decided, brought where they are wanted, repaired with a ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.crs import WGS84, reproject, wgs84_from_gcj02
from geo.errors import CrsError, Problem
from geo.vector import repair
from geo.words import Text, joined
from layers.fields import MOST_ROWS
from layers.intake.coordinates import GCJ02, decided, faults, flat
from layers.intake.features import HEIGHTS, NOT_CLOSED, REPAIR_IT, Features, merged
from layers.places import NO_SHAPE, shape_fault

METRES = CRS(4549)  # stands in where degrees are repaired as plain numbers
DEGREE_M = 111_320.0
FARTHEST = 1e15  # in any unit; GEOS cannot reckon with squares of much more
HALF_TURN = 180.0  # degrees; no side of a shape is longer that does not cross the date line
Shapes: TypeAlias = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Mended:
    """What became of features: see the same fields of `layers.intake.reading.Reading`."""

    frame: gpd.GeoDataFrame
    crs: CRS | None
    steps: tuple[Text, ...]
    warnings: tuple[Text, ...]
    problems: tuple[Problem, ...]
    ledger: pd.DataFrame
    lost: pd.DataFrame


class _Repaired(NamedTuple):
    """Sound shapes, what was repaired, and the rows of which nothing is left."""

    frame: gpd.GeoDataFrame
    ledger: pd.DataFrame
    lost: list[Problem]


def no_repairs() -> pd.DataFrame:
    """Give a ledger without rows.

    >>> list(no_repairs())
    ['row', 'problem', 'area_before_m2', 'area_after_m2', 'changed_m2']
    """
    columns = ["row", "problem", "area_before_m2", "area_after_m2", "changed_m2"]
    return pd.DataFrame(columns=columns)


def mended(features: Features, wanted: str, crs: CRS | None, *, implied: bool) -> Mended:
    """Decide the CRS of features, reproject and repair them.

    Rows without a shape, or with one that cannot be repaired, are named as problems; when the CRS
    is in doubt nothing is reprojected or repaired.

    Parameters
    ----------
    features
        What a reader found; its warnings grow.
    wanted
        The CRS the user names, or nothing.
    crs
        The CRS to bring them into, or None.
    implied
        Their format implies WGS 84 where the file says nothing.
    """
    decision = decided(features.crs, wanted, implied=implied and features.crs is WGS84)
    known, problems = decision.crs, [*decision.problems]
    frame = _sound_rows(features, known)
    if known is not None and known.is_geographic:
        _tell_date_line(frame, features)
    if known is not None and len(frame):
        problems += faults(frame.total_bounds, known)
    steps: list[Text] = []
    ledger = no_repairs()
    if known is not None and not any(problem.field == "CRS" for problem in problems):
        try:
            frame = _brought(frame, wanted, crs, steps)
            repaired = _repaired(frame, features.closed)
            frame, ledger = repaired.frame, repaired.ledger
            problems += repaired.lost
        except CrsError as error:
            problems += [Problem(field="CRS", found=error.message), *error.problems]
    if len(features.table) == 0:
        features.warn(Text("没有要素", "there are no rows"))
    if features.arcs:
        count = len(features.arcs)
        features.warn(
            Text(
                f"{count} 行含圆弧，按每段至多 1° 的弦读取（偏离不超过半径的 0.004%）",
                f"{count} rows with arcs of circles are read as chords of at most 1° (no more than "
                "0.004 % of the radius off)",
            )
        )
    every = (*features.problems, *problems)
    lost = features.table.drop(index=frame.index)
    return Mended(frame, known, tuple(steps), decision.warnings, every, ledger, lost)


def _brought(
    frame: gpd.GeoDataFrame, wanted: str, crs: CRS | None, steps: list[Text]
) -> gpd.GeoDataFrame:
    """Undo a shift that the user names, and reproject."""
    if GCJ02.search(wanted):
        frame = _unshifted(frame)
        steps.append(Text("由 GCJ-02 转换为 WGS 84", "converted from GCJ-02 to WGS 84"))
    if crs is None:
        return frame
    way = f"{CRS(frame.crs).name} → {crs.name}"
    steps.append(Text(f"转换坐标系：{way}", f"reprojected: {way}"))
    return reproject(frame, crs)


def _sound_rows(features: Features, crs: CRS | None) -> gpd.GeoDataFrame:
    """Give the rows that have a shape; the others become problems."""
    shapes = _flattened(features)
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    named = {problem.row for problem in features.problems if problem.field == "geometry"}
    for row in features.table.index[~there]:
        if str(row) not in named:
            features.fault(int(row), NO_SHAPE, expected=Text("有图形", "a shape"))
    table = features.table[there]
    if "geometry" in table:
        features.warn(
            Text(
                "未保留名为 geometry 的属性，其名为图形所用",
                "the attribute named geometry is dropped: shapes have that name",
            )
        )
    frame = gpd.GeoDataFrame(table, geometry=shapes[there], crs=crs)
    return _finite(frame, features)


def _tell_date_line(frame: gpd.GeoDataFrame, features: Features) -> None:
    """Tell of rows that jump from one end of the world to the other: they are not cut there."""
    shapes = np.array(frame.geometry.array, dtype=object)
    parts, owners = shapely.get_parts(shapes, return_index=True)
    pieces, of_parts = _lines_of(parts)
    xy, of_pieces = shapely.get_coordinates(pieces, return_index=True)
    jumps = (np.abs(np.diff(xy[:, 0])) > HALF_TURN) & (np.diff(of_pieces) == 0)
    rows = np.unique(owners[of_parts[of_pieces[1:][jumps]]])
    if rows.size:
        listed = joined(map(str, frame.index[rows[:MOST_ROWS]]))
        features.warn(
            Text(
                f"{rows.size} 行越过日期变更线，按平面坐标原样读取：第 {listed.zh} 行",
                f"{rows.size} rows cross the date line and are read as they stand, across the "
                f"whole map: {listed.en}",
            )
        )


def _lines_of(parts: Shapes) -> tuple[Shapes, NDArray[np.int64]]:
    """Give the rings of polygons and the lines themselves, each with the place of its part."""
    areal = shapely.get_dimensions(parts) == 2
    rings, of_rings = shapely.get_rings(parts[areal], return_index=True)
    others = np.flatnonzero(shapely.get_dimensions(parts) == 1)
    lines: Shapes = np.concatenate([rings, parts[others]])
    return lines, np.concatenate([np.flatnonzero(areal)[of_rings], others])


def _flattened(features: Features) -> Shapes:
    """Leave heights and measures out; put collections of one kind and single points in order."""
    shapes = np.array([*features.shapes, None], dtype=object)[:-1]
    z = shapely.get_coordinates(shapes, include_z=True)[:, 2] if len(shapes) else np.zeros(0)
    if np.nan_to_num(z).any():
        features.warn(HEIGHTS)
    shapes = shapely.force_2d(shapes)
    for place, shape in enumerate(shapes):
        if shape is None or shape.is_empty:
            continue
        if shape.geom_type == "GeometryCollection":
            shapes[place] = merged(list(shape.geoms))
            if shapes[place].geom_type == "GeometryCollection":
                features.warn(
                    Text("点、线、面混合的集合", "collections of points, lines and polygons")
                )
        elif shape.geom_type == "MultiPoint" and len(shape.geoms) == 1:
            shapes[place] = shape.geoms[0]
    return shapes


def _finite(frame: gpd.GeoDataFrame, features: Features) -> gpd.GeoDataFrame:
    """Drop rows with coordinates that are no numbers, and name them."""
    shapes = np.array(frame.geometry.array, dtype=object)
    xy, owners = shapely.get_coordinates(shapes, return_index=True)
    wrong = np.zeros(len(frame), dtype=bool)
    wrong[owners[~(np.abs(xy) < FARTHEST).all(axis=1)]] = True
    for row in frame.index[wrong]:
        features.fault(int(row), Text("坐标不是数值", "coordinates are no numbers"))
    return frame[~wrong]


def _unshifted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Undo the shift of GCJ-02."""
    shapes = np.array(frame.geometry.array, dtype=object)
    xy = shapely.get_coordinates(shapes)
    moved = shapely.set_coordinates(shapes, np.column_stack(wgs84_from_gcj02(xy[:, 0], xy[:, 1])))
    return frame.set_geometry(gpd.GeoSeries(moved, index=frame.index, crs=frame.crs))


def _repaired(frame: gpd.GeoDataFrame, closed: set[int]) -> _Repaired:
    """Repair shapes; rows of which nothing is left are problems."""
    known = flat(CRS(frame.crs))
    fixed, ledger = repair(frame.set_crs(METRES, allow_override=True))
    fixed = fixed.set_crs(known, allow_override=True)
    gone = frame.index.difference(fixed.index)
    lost = [
        Problem(
            row=str(one["row"]),
            field="geometry",
            found=shape_fault(one["problem"]),
            remedy=REPAIR_IT,
        )
        for one in ledger.to_dict("records")
        if one["row"] in gone
    ]
    ledger = ledger[~ledger["row"].isin(gone)]
    kept = [row for row in sorted(closed) if row in fixed.index]
    areas = pd.Series(shapely.area(np.array(fixed.geometry.array)), index=fixed.index)[kept]
    more = pd.DataFrame(
        {
            "row": kept,
            "problem": NOT_CLOSED,
            "area_before_m2": areas.to_numpy(),
            "area_after_m2": areas.to_numpy(),
        }
    )
    ledger = pd.concat([one for one in (ledger, more) if len(one)] or [ledger], ignore_index=True)
    unit = _square_metres(fixed, known)
    ledger[["area_before_m2", "area_after_m2"]] *= unit
    ledger["changed_m2"] = ledger["area_after_m2"] - ledger["area_before_m2"]
    return _Repaired(fixed, ledger.sort_values("row", kind="stable", ignore_index=True), lost)


def _square_metres(frame: gpd.GeoDataFrame, crs: CRS) -> float:
    """Give m² of a square unit of a CRS; about, for degrees, by the middle latitude."""
    if crs.is_geographic:
        middle = float(np.mean(frame.total_bounds[[1, 3]])) if len(frame) else 0.0
        return float(DEGREE_M**2 * np.cos(np.radians(middle)))
    return float(crs.axis_info[0].unit_conversion_factor ** 2) if crs.axis_info else 1.0
