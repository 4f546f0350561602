"""Shapes as frames: validity, ellipsoidal areas, and an overlay that conserves area.

What concerns polygons that lie side by side stands in `geo.coverage` and can be had from here.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Proj

from geo.coverage import coverage_problems, shared_borders, simplify_coverage
from geo.crs import reproject, require_metric, require_same, transformer
from geo.errors import GeometryError, Problem
from geo.words import Text

__all__ = [
    "area_ellipsoidal_m2",
    "area_unscaled_m2",
    "coverage_problems",
    "overlay",
    "repair",
    "shared_borders",
    "simplify_coverage",
]

Shapes = NDArray[np.object_]
ELLIPSOID = Geod(ellps="GRS80")
NOISE = 1e-11
"""Pieces smaller than this share of a shape come of rounding and are dropped."""
CONSERVED = 1e-9
"""Share of a shape's area that an overlay may lose or gain."""
ROUNDING_M = 4e-9
"""Coordinates of a few million metres are rounded to half a nanometre; a border shifts by that."""


def area_ellipsoidal_m2(frame: gpd.GeoDataFrame) -> pd.Series:
    """Give the areas of polygons on the ellipsoid GRS 80, as legal areas are.

    Edges are geodesics between vertices. Missing and empty shapes have area 0, and so have lines.

    Parameters
    ----------
    frame
        Polygons in any CRS on CGCS2000 or WGS 84.

    Returns
    -------
    pandas.Series
        Areas in m² with the frame's index.

    Raises
    ------
    CrsError
        If the frame has no CRS or its datum is another one.

    Examples
    --------
    A square kilometre on the central meridian, where the projection keeps areas:

    >>> frame = gpd.GeoDataFrame(geometry=[shapely.box(499500, 3e6, 500500, 3001000)], crs=4549)
    >>> round(area_ellipsoidal_m2(frame)[0])
    1000000
    """
    shapes = reproject(frame, 4490).geometry.array
    turned = shapely.orient_polygons(np.array(shapes, dtype=object), exterior_cw=False)
    areas = [
        0.0 if one is None or one.is_empty else ELLIPSOID.geometry_area_perimeter(one)[0]
        for one in turned
    ]
    return pd.Series(np.abs(areas), index=frame.index, name="area_m2", dtype=float)


def area_unscaled_m2(frame: gpd.GeoDataFrame) -> pd.Series:
    """Give the areas of polygons freed of the projection's scale: near those on the ellipsoid.

    The planar area over the areal scale at the centroid: for shapes up to a few kilometres wide in
    their Gauss-Krueger zone within 1e-5 of `area_ellipsoidal_m2`, and sooner. What is to be a legal
    area takes that one.

    Parameters
    ----------
    frame
        Polygons in a projected CRS in metres.

    Returns
    -------
    pandas.Series
        Areas in m² with the frame's index; 0 for missing and empty shapes.

    Raises
    ------
    CrsError
        If the CRS is not in metres.

    Examples
    --------
    A hectare 139 km east of the central meridian is drawn 1.000476 times as large:

    >>> frame = gpd.GeoDataFrame(geometry=[shapely.box(639000, 3e6, 639100, 3000100)], crs=4549)
    >>> float(area_unscaled_m2(frame).round(1)[0])
    9995.2
    """
    crs = require_metric(frame.crs, what="area_unscaled_m2")
    shapes = np.array(frame.geometry.array, dtype=object)
    planar = np.nan_to_num(shapely.area(shapes))
    some = planar > 0
    middle = shapely.get_coordinates(shapely.centroid(shapes[some]))
    if some.any():
        longitude, latitude = transformer(crs, crs.geodetic_crs).transform(*middle.T)
        planar[some] /= Proj(crs).get_factors(longitude, latitude).areal_scale
    return pd.Series(planar, index=frame.index, name="area_m2", dtype=float)


class Repaired(NamedTuple):
    """A frame whose shapes are valid, and a ledger of what was changed."""

    frame: gpd.GeoDataFrame
    ledger: pd.DataFrame


def repair(frame: gpd.GeoDataFrame) -> Repaired:
    """Make shapes valid and account for what changed.

    Parameters
    ----------
    frame
        Shapes in a CRS in metres.

    Returns
    -------
    Repaired
        The frame: valid shapes of the same dimension, other columns and labels unchanged. Rows of
        which nothing of that dimension is left are dropped. The ledger:
        one row per row changed: row (label), problem, area_before_m2 (of a ring that crosses
        itself: the sum of its signed parts), area_after_m2.

    Raises
    ------
    CrsError
        If the CRS is not in metres.
    GeometryError
        If coordinates are no numbers.

    Examples
    --------
    A bow tie of two triangles of 25 m² whose signed areas cancel each other:

    >>> tie = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    >>> fixed, ledger = repair(gpd.GeoDataFrame(geometry=[tie], index=["a"], crs=4549))
    >>> ledger
      row                 problem  area_before_m2  area_after_m2
    0   a  Self-intersection[5 5]             0.0           50.0
    """
    require_metric(frame.crs, what="repair")
    shapes = np.array(frame.geometry.array, dtype=object)
    _refuse_no_numbers(frame, shapes)
    gone = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    wrong = gone | ~shapely.is_valid(shapes)
    fixed = shapes.copy()
    fixed[wrong & ~gone] = _made_valid(shapes[wrong & ~gone])
    dimension = shapely.get_dimensions(shapes)
    areal = wrong & (dimension == 2)
    fixed[areal] = polygonal(fixed[areal])
    lost = gone | shapely.is_empty(fixed) | (shapely.get_dimensions(fixed) != dimension)
    reasons = np.where(gone, "no shape", shapely.is_valid_reason(shapes))
    after = np.where(lost, 0.0, shapely.area(fixed))
    ledger = pd.DataFrame(
        {
            "row": frame.index[wrong],
            "problem": reasons[wrong].astype(object),
            "area_before_m2": np.where(gone, 0.0, shapely.area(shapes))[wrong],
            "area_after_m2": after[wrong],
        }
    )
    whole = frame.set_geometry(gpd.GeoSeries(fixed, index=frame.index, crs=frame.crs))
    return Repaired(whole[~lost], ledger)


def _made_valid(shapes: Shapes) -> Shapes:
    """Make shapes valid by structure; GEOS leaves parts that share a side side by side: again."""
    made: Shapes = shapes
    for _ in range(2):
        wrong = ~shapely.is_valid(made)
        made = made.copy()
        made[wrong] = shapely.make_valid(made[wrong], method="structure", keep_collapsed=False)
    return made


def overlay(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Cut polygons by others: every part of `a`, and which of `b` it lies in (an identity).

    Areas are conserved: the pieces of each row of `a` sum up to its area within 1e-9 of it, or
    rather within the rounding of coordinates where a shape is of a few square metres.

    Parameters
    ----------
    a
        Valid polygons; they may overlap.
    b
        Valid polygons in the same CRS, without overlaps among themselves.

    Returns
    -------
    GeoDataFrame
        left (label in `a`), right (label in `b`, missing where no `b` lies), geometry. In the order
        of `a`, then `b`, the part outside of all last. Where nothing is to cut, shapes of `a` come
        back as they are.

    Raises
    ------
    CrsError
        If the CRSs differ or are not in metres.
    GeometryError
        If shapes are no valid polygons, or those of `b` overlap.

    Examples
    --------
    >>> field = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 4, 1)], index=["field"], crs=4549)
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(3, 0, 9, 9)], index=["zone"], crs=4549)
    >>> pieces = overlay(field, zones)
    >>> pieces["right"].fillna("none").tolist(), pieces.area.tolist()
    (['zone', 'none'], [1.0, 3.0])
    """
    require_same(require_metric(a.crs, what="overlay"), b.crs, what="overlay")
    first, second = _polygons(a), _polygons(b)
    i, j = shapely.STRtree(second).query(first, predicate="intersects")
    order = np.lexsort((j, i))
    i, j = i[order], j[order]
    pieces = _intersections(first, second, i, j)
    area = shapely.area(first)
    kept = shapely.area(pieces) > NOISE * area[i]
    rest_of, rests = _rests(first, second, i, j, _sums(i, pieces, len(first)))
    left = np.concatenate([i[kept], rest_of])
    right = np.concatenate([j[kept], np.full(len(rests), len(second))])
    shapes = np.concatenate([pieces[kept], rests])
    _require_conserved(a, area, _sums(left, shapes, len(first)))
    order = np.lexsort((right, left))
    left, right = left[order], right[order]
    table = {"left": a.index.take(left), "right": _labels(b.index, right)}
    return gpd.GeoDataFrame(table, geometry=shapes[order], crs=a.crs)


def _intersections(
    first: Shapes, second: Shapes, i: NDArray[np.int64], j: NDArray[np.int64]
) -> Shapes:
    """Intersect pairs; where one shape lies within the other, that one comes back as it is."""
    shapely.prepare(first)
    shapely.prepare(second)
    within, around = shapely.covers(second[j], first[i]), shapely.covers(first[i], second[j])
    pieces: Shapes = np.where(within, first[i], second[j])
    cut = ~(within | around)
    pieces[cut] = polygonal(shapely.intersection(first[i[cut]], second[j[cut]]))
    return pieces


def _rests(
    first: Shapes,
    second: Shapes,
    i: NDArray[np.int64],
    j: NDArray[np.int64],
    covered: NDArray[np.float64],
) -> tuple[NDArray[np.int64], Shapes]:
    """Give what of each shape lies in none of the others, and whose it is."""
    area = shapely.area(first)
    rows = np.flatnonzero(area - covered > NOISE * area)
    starts, stops = np.searchsorted(i, rows), np.searchsorted(i, rows, side="right")
    cutters = np.array(
        [
            shapely.union_all(second[j[start:stop]])
            for start, stop in zip(starts, stops, strict=True)
        ],
        dtype=object,
    )
    rests = polygonal(shapely.difference(first[rows], cutters))
    some = shapely.area(rests) > NOISE * area[rows]
    return rows[some], rests[some]


def _sums(rows: NDArray[np.int64], shapes: Shapes, count: int) -> NDArray[np.float64]:
    """Sum the areas of shapes by row."""
    return np.bincount(rows, shapely.area(shapes), count).astype(np.float64)


def _require_conserved(
    a: gpd.GeoDataFrame, area: NDArray[np.float64], found: NDArray[np.float64]
) -> None:
    """Refuse a result whose pieces do not sum up."""
    allowed = CONSERVED * area + ROUNDING_M * shapely.length(np.array(a.geometry.array))
    wrong = np.flatnonzero(np.abs(found - area) > allowed)
    if len(wrong):
        problems = [
            Problem(row=str(a.index[n]), found=f"{found[n]:.6f} m²", expected=f"{area[n]:.6f} m²")
            for n in wrong[:20]
        ]
        raise GeometryError(
            Text(
                "叠加后面积不守恒，第二图层自身有重叠；处理：coverage_problems 列出重叠处",
                "areas do not sum up, the second layer overlaps itself; remedy: coverage_problems "
                "names the overlaps",
            ),
            problems=problems,
        )


def _labels(index: pd.Index, places: NDArray[np.int64]) -> pd.Series:
    """Give labels by position; the position after the last stands for none."""
    labels = pd.Series(index).astype("Int64") if index.dtype.kind in "iu" else pd.Series(index)
    return labels.reindex(places).reset_index(drop=True)


def polygonal(shapes: Shapes) -> Shapes:
    """Keep the polygons of shapes; what holds none becomes an empty polygon.

    >>> line, square = shapely.LineString([(0, 0), (1, 1)]), shapely.box(0, 0, 1, 1)
    >>> mixed = np.array([line, square, shapely.GeometryCollection([line, square])])
    >>> [one.wkt for one in polygonal(mixed)][0], shapely.area(polygonal(mixed)).tolist()
    ('POLYGON EMPTY', [0.0, 1.0, 1.0])
    """
    kept: Shapes = shapes.copy()
    kinds = shapely.get_type_id(shapes)
    for n in np.flatnonzero(kinds == shapely.GeometryType.GEOMETRYCOLLECTION):
        parts = shapely.get_parts(shapely.get_parts(shapes[n]))
        parts = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
        kept[n] = parts[0] if len(parts) == 1 else shapely.multipolygons(parts)
    kept[shapely.get_dimensions(kept) != 2] = shapely.Polygon()
    kept[shapely.is_empty(kept)] = shapely.Polygon()
    return kept


def _polygons(frame: gpd.GeoDataFrame) -> Shapes:
    """Give the shapes of a frame if all of them are valid polygons."""
    shapes: Shapes = np.array(frame.geometry.array, dtype=object)
    wrong = (shapely.get_dimensions(shapes) != 2) | ~shapely.is_valid(shapes)
    if wrong.any():
        problems = [
            Problem(
                row=str(label),
                found=Text("空", "none") if shape is None else shapely.is_valid_reason(shape)[:80],
                expected=Text("有效多边形", "a valid polygon"),
                remedy=Text("修复图形", "repair it"),
            )
            for label, shape in zip(frame.index[wrong][:20], shapes[wrong][:20], strict=True)
        ]
        raise GeometryError(
            Text(
                f"{int(wrong.sum())} 个图形不是有效多边形",
                f"{int(wrong.sum())} shapes are no valid polygons",
            ),
            problems=problems,
        )
    return shapes


def _refuse_no_numbers(frame: gpd.GeoDataFrame, shapes: Shapes) -> None:
    """Refuse shapes with coordinates that are no numbers."""
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    wrong = np.unique(owner[~np.isfinite(xy).all(axis=1)])
    if len(wrong):
        problems = [Problem(row=str(label)) for label in frame.index[wrong[:20]]]
        raise GeometryError(Text("坐标不是数", "coordinates are no numbers"), problems=problems)
