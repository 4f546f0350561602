"""Earthwork of a road: volumes by average end area, mass haul, and the land it takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geo.alignment.values import EARTH, TUNNEL, Floats
from geo.alignment.works.bed import Bed
from geo.alignment.works.crosssection import STRUCTURES, Centreline, Sections, Template, sections
from geo.raster import Raster


@dataclass(frozen=True, eq=False)
class Earthwork:
    """What a road moves.

    Parameters
    ----------
    sections
        Cross-sections at the n stations.
    cut_m3, fill_m3
        Volumes between stations, shape (n − 1,); 0 on bridges and in tunnels.
    wall_m2
        Faces of walls between stations, shape (n − 1,).
    mass_m3
        Mass haul: cut less what the fill takes, cumulated to each station, shape (n,). It rises
        in cuts and falls in fills; the last value is the balance. Spoil of tunnels is not in it.
    """

    sections: Sections
    cut_m3: Floats
    fill_m3: Floats
    wall_m2: Floats
    mass_m3: Floats

    @property
    def balance_m3(self) -> float:
        """What is left over (positive), or to be brought (negative), in m³ of cut."""
        return float(self.mass_m3[-1])


def earthwork(
    line: Centreline, dem: Raster, template: Template, bed: Bed | None = None
) -> Earthwork:
    """Measure cut and fill of a road by average end area, curves by Pappus.

    Parameters
    ----------
    line
        The road; the closer its stations, the better (5 m serves).
    dem
        Heights in m in the CRS of the line.
    template
        The bed and its side slopes.
    bed
        How the bed leans and widens; without it, it is level and as wide as the template says.

    Raises
    ------
    GridError
        If the terrain is unknown under the works.

    Notes
    -----
    Between stations L apart the volume is (A₁ + A₂) / 2 × L, where each point of an area counts
    1 − κ t, its offset t and the curvature κ to the left.

    Examples
    --------
    A road 3 m deep in level ground: 39 m² × 20 m.

    >>> from affine import Affine
    >>> from geo.grid import Grid
    >>> grid = Grid((30, 30), Affine(10, 0, 0, 0, -10, 300), CRS(4549))
    >>> level = Raster(np.full((30, 30), 103.0), grid)
    >>> zero, both = np.zeros(2), np.ones(2)
    >>> road = Centreline(np.array([0.0, 20]), np.array([140.0, 160]), both * 150, zero, zero,
    ...     both * 100, np.array([EARTH]))
    >>> moved = earthwork(road, level, Template(10, cut_slope=1, fill_slope=1.5))
    >>> moved.cut_m3.round(6).tolist(), round(moved.balance_m3, 6)
    ([780.0], 780.0)
    """
    across = sections(line, dem, template, bed)
    length = np.where(line.structure == EARTH, np.diff(line.s), 0.0)
    cut, fill, wall = (
        (area[:-1] + area[1:]) / 2 * length
        for area in (across.cut_m3_m, across.fill_m3_m, across.wall_left_m + across.wall_right_m)
    )
    mass = np.append(0.0, np.cumsum(cut - template.cut_per_fill * fill))
    return Earthwork(across, cut, fill, wall, mass)


def footprint(
    line: Centreline, moved: Earthwork, template: Template, *, crs: CRS
) -> gpd.GeoDataFrame:
    """Give the land a road takes: earth stretches to the ends of their slopes, bridges as decks.

    Parameters
    ----------
    line, moved, template
        The road and its earthwork.
    crs
        CRS of the line.

    Returns
    -------
    GeoDataFrame
        A row a stretch in the order of chainage: structure (`earth`, `bridge`), start_m, end_m,
        area_m2, geometry. Tunnels take none. Each row is valid and counts its land once;
        a stretch that crosses another may share land with it.

    Examples
    --------
    A bed of 10 m, 3 m deep, slopes 1 : 1, is 16 m wide over 20 m; then a tunnel.

    >>> from affine import Affine
    >>> from geo.grid import Grid
    >>> grid = Grid((9, 9), Affine(20, 0, 0, 0, -20, 180), CRS(4549))
    >>> level = Raster(np.full((9, 9), 103.0), grid)
    >>> s, one = np.array([0.0, 20, 40]), np.ones(3)
    >>> road = Centreline(s, s + 60, 90 * one, 0 * one, 0 * one, 100 * one,
    ...     np.array([EARTH, TUNNEL]))
    >>> trapezoid = Template(10, cut_slope=1, fill_slope=1.5)
    >>> moved = earthwork(road, level, trapezoid)
    >>> footprint(road, moved, trapezoid, crs=CRS(4549))["area_m2"].round(6).tolist()
    [320.0]
    """
    rows = []
    for code, first, last in stretches(line.structure):
        if code == TUNNEL:
            continue
        if code == EARTH:
            left, right = (
                side[first : last + 1] for side in (moved.sections.left_m, moved.sections.right_m)
            )
        else:
            more = (template.deck - template.width_m) / 2  # decks widen as beds do
            bed = moved.sections.bed
            left, right = (side[first : last + 1] + more for side in (bed.left_m, bed.right_m))
        shape = _band(line, first, left, right)
        rows.append((STRUCTURES[code], line.s[first], line.s[last], shapely.area(shape), shape))
    columns = ["structure", "start_m", "end_m", "area_m2", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=crs)


def stretches(structure: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Give code, first and last station of the stretches of one structure.

    >>> list(stretches(np.array([EARTH, EARTH, TUNNEL])))
    [(0, 0, 2), (2, 2, 3)]
    """
    breaks = np.flatnonzero(np.diff(structure)) + 1
    bounds = [0, *breaks.tolist(), len(structure)]
    for first, last in itertools.pairwise(bounds):
        yield int(structure[first]), first, last


def _band(line: Centreline, first: int, left: Floats, right: Floats) -> shapely.Geometry:
    """Join the quadrilaterals between sections; on tight curves inner ones may be crossed."""
    part = slice(first, first + len(left))
    across = np.stack([-np.sin(line.heading[part]), np.cos(line.heading[part])], axis=1)
    middle = np.stack([line.x[part], line.y[part]], axis=1)
    one, other = middle + left[:, None] * across, middle - right[:, None] * across
    corners = np.stack([one[:-1], other[:-1], other[1:], one[1:]], axis=1)
    pieces = shapely.get_parts(shapely.make_valid(shapely.polygons(corners)))
    return shapely.union_all(pieces[shapely.area(pieces) > 0])
