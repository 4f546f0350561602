"""In how many of several runs land is taken, counted over the shapes that their claims name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.vector import polygonal
from scenarios.answers.claimed import claimed
from scenarios.result import Run

Shapes = NDArray[np.object_]
GRID_M = 1e-7
"""Outlines are cut on a grid as fine as this: far below a survey, above the rounding of numbers."""


def taken(run: Run) -> Shapes:
    """Give the polygons that a run's claims of land take, made valid; none where it claims none."""
    shapes = [np.array(one.shapes.geometry.array, dtype=object) for one in claimed(run.result)]
    return flat(np.concatenate(shapes) if shapes else np.zeros(0, dtype=object))


def flat(shapes: Shapes) -> Shapes:
    """Give the polygons of shapes, made valid; what holds none is left out."""
    whole: Shapes = polygonal(shapely.make_valid(shapes))
    return whole[~shapely.is_empty(whole)]


def consensus(land: Mapping[str, Shapes], *, crs: object) -> gpd.GeoDataFrame:
    """Cut the land of several runs into pieces that the same runs take.

    Parameters
    ----------
    land
        Polygons by the letter of their run; those of one run may overlap.
    crs
        Their CRS.

    Returns
    -------
    GeoDataFrame
        runs (how many take it), takers (their letters, joined by "、"), area_ha, geometry; one row
        each set of takers, the most agreed first.

    Examples
    --------
    >>> field = np.array([shapely.box(0, 0, 400, 100)], dtype=object)
    >>> half = np.array([shapely.box(200, 0, 400, 100)], dtype=object)
    >>> agreed = consensus({"A": field, "B": half}, crs=4549)
    >>> agreed[["runs", "takers", "area_ha"]].to_numpy().tolist()
    [[2, 'A、B', 2.0], [1, 'A', 2.0]]
    """
    unions: dict[str, Any] = {name: shapely.union_all(shapes) for name, shapes in land.items()}
    sets: dict[tuple[str, ...], list[Any]] = {}
    for takers, face in faces(unions):
        sets.setdefault(takers, []).append(face)
    rows = [
        {"runs": len(takers), "takers": "、".join(takers), "geometry": shapely.union_all(parts)}
        for takers, parts in sets.items()
    ]
    columns = ["runs", "takers", "geometry"]
    agreed = gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=crs)
    agreed["area_ha"] = shapely.area(np.array(agreed.geometry.array)) / 1e4
    agreed = agreed.sort_values(["runs", "takers"], ascending=[False, True])
    return agreed.reset_index(drop=True).rename_axis("piece")


def noded(shapes: Shapes) -> Shapes:
    """Give the faces between the outlines of polygons, those outside of all among them.

    Outlines are rounded to `GRID_M`: floating ones that nearly touch may leave a face open.

    >>> both = np.array([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 4, 1)], dtype=object)
    >>> sorted(shapely.area(noded(both)).tolist())
    [1.0, 1.0, 2.0]
    """
    lines = shapely.union_all(shapely.boundary(shapes), grid_size=GRID_M)
    whole = shapely.polygonize(shapely.get_parts(lines))
    return np.array(shapely.get_parts(whole), dtype=object)


def faces(unions: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Node the outlines of all into faces; give each with those that hold a point within it."""
    cut = noded(np.array(list(unions.values()), dtype=object))
    points = shapely.point_on_surface(cut)
    inside = {}
    for name, union in unions.items():
        shapely.prepare(union)
        inside[name] = shapely.contains_properly(union, points)
    for n, face in enumerate(cut):
        if takers := tuple(name for name in unions if inside[name][n]):
            yield takers, face
