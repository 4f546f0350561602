"""A road in tables: chainages, bridges and tunnels, and the quantities it is paid by."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from scipy.interpolate import CubicHermiteSpline

from geo.alignment.values import BRIDGE, EARTH, TUNNEL, Floats
from geo.alignment.works.crosssection import STRUCTURES, Centreline, Template
from geo.alignment.works.earthwork import Earthwork, stretches

CLOSE_M = 1e-6  # chainages nearer than this are one


def chainages(line: Centreline, moved: Earthwork, *, every: float = 20.0) -> pd.DataFrame:
    """Write the road as a table of chainages.

    Parameters
    ----------
    line, moved
        The road and its earthwork.
    every
        Distance of rows in m; the end is always one.

    Returns
    -------
    DataFrame
        station (as written, K1+020.000), station_m, x, y, ground_m, design_m, grade (m/m, rising
        forward), radius_m (NaN on tangents), turn (`left`, `right` or empty), height_m (design
        above ground: fill positive, cut negative; on bridges the height, in tunnels minus the
        cover), superelevation (m/m) and widening_m of the bed, cut_m3, fill_m3 and mass_m3 (each
        cumulated), structure (of what begins there).

    Notes
    -----
    Between stations x and y follow the cubic of both headings, all else is interpolated linearly.

    Examples
    --------
    20 m of a cut of 10 × 3 + 3² = 39 m², then a tunnel.

    >>> from affine import Affine
    >>> from geo.alignment.works.earthwork import earthwork
    >>> from geo.grid import Grid
    >>> from geo.raster import Raster
    >>> grid = Grid((9, 9), Affine(20, 0, 0, 0, -20, 180), CRS(4549))
    >>> level = Raster(np.full((9, 9), 103.0), grid)
    >>> s, one = np.array([0.0, 20, 40]), np.ones(3)
    >>> road = Centreline(s, s + 60, 90 * one, 0 * one, 0 * one, 100 * one,
    ...     np.array([EARTH, TUNNEL]))
    >>> trapezoid = Template(10, cut_slope=1, fill_slope=1.5)
    >>> moved = earthwork(road, level, trapezoid)
    >>> table = chainages(road, moved)
    >>> table["station"].tolist(), table["mass_m3"].round(6).tolist()
    (['K0+000.000', 'K0+020.000', 'K0+040.000'], [0.0, 780.0, 780.0])
    """
    s = round_chainages(line, every)
    x = CubicHermiteSpline(line.s, line.x, np.cos(line.heading))(s)
    y = CubicHermiteSpline(line.s, line.y, np.sin(line.heading))(s)
    grade = np.gradient(line.design, line.s, edge_order=2 if len(line.s) > 2 else 1)
    bend = np.interp(s, line.s, line.curvature)
    ground, design = np.interp(s, line.s, moved.sections.ground), np.interp(s, line.s, line.design)
    here = np.clip(np.searchsorted(line.s, s + CLOSE_M, side="right") - 1, 0, len(line.s) - 2)
    radius = np.divide(1.0, np.abs(bend), out=np.full(len(s), np.nan), where=np.abs(bend) > 1e-9)
    hand = np.where(bend > 0, "left", "right")
    bed = moved.sections.bed
    wider = bed.left_m + bed.right_m
    sums = {
        "cut_m3": np.append(0.0, np.cumsum(moved.cut_m3)),
        "fill_m3": np.append(0.0, np.cumsum(moved.fill_m3)),
        "mass_m3": moved.mass_m3,
    }
    columns = {
        "station": [station(value) for value in s],
        "station_m": s,
        "x": x,
        "y": y,
        "ground_m": ground,
        "design_m": design,
        "grade": np.interp(s, line.s, grade),
        "radius_m": radius,
        "turn": np.where(np.isnan(radius), "", hand),
        "height_m": design - ground,
        "superelevation": np.interp(s, line.s, np.abs(bed.crossfall)),
        "widening_m": np.interp(s, line.s, wider - wider.min()),
        **{name: np.interp(s, line.s, values) for name, values in sums.items()},
        "structure": np.array(STRUCTURES)[line.structure[here]],
    }
    return pd.DataFrame(columns)


def round_chainages(line: Centreline, every: float) -> Floats:
    """Give the chainages that are multiples of a distance, and both ends."""
    first, last = line.s[0], line.s[-1]
    posts = np.arange(np.ceil(first / every - 1e-9), np.ceil(last / every - 1e-9)) * every
    s = np.append(posts + 0.0, last)  # + 0.0: never −0
    return np.append(first, s) if s[0] > first + CLOSE_M else s


def station(chainage_m: float) -> str:
    """Write a chainage as on a kilometre post, to the millimetre.

    >>> station(12345.6), station(999.9996)
    ('K12+345.600', 'K1+000.000')
    """
    kilometres, millimetres = divmod(round(chainage_m * 1000), 1_000_000)
    return f"K{kilometres}+{millimetres / 1000:07.3f}"


def structures(line: Centreline, moved: Earthwork, *, crs: CRS) -> gpd.GeoDataFrame:
    """Give bridges and tunnels as lines in space.

    Returns
    -------
    GeoDataFrame
        A row each in the order of chainage: id (`bridge_1`, `tunnel_1`, …), structure, start_m,
        end_m, length_m (along the centreline), height_m (largest height above the ground; in
        tunnels largest cover; NaN if no ground is known), geometry (LineString Z).

    Examples
    --------
    A tunnel of 20 m with the ground 3 m above its floor.

    >>> from affine import Affine
    >>> from geo.alignment.works.earthwork import earthwork
    >>> from geo.grid import Grid
    >>> from geo.raster import Raster
    >>> grid = Grid((9, 9), Affine(20, 0, 0, 0, -20, 180), CRS(4549))
    >>> level = Raster(np.full((9, 9), 103.0), grid)
    >>> s, one = np.array([0.0, 20, 40]), np.ones(3)
    >>> road = Centreline(s, s + 60, 90 * one, 0 * one, 0 * one, 100 * one,
    ...     np.array([EARTH, TUNNEL]))
    >>> trapezoid = Template(10, cut_slope=1, fill_slope=1.5)
    >>> moved = earthwork(road, level, trapezoid)
    >>> built = structures(road, moved, crs=CRS(4549))
    >>> built[["id", "length_m", "height_m"]].to_numpy().tolist()
    [['tunnel_1', 20.0, 3.0]]
    """
    counts = dict.fromkeys(STRUCTURES, 0)
    rows = []
    points = np.stack([line.x, line.y, line.design], axis=1)
    for code, first, last in stretches(line.structure):
        if code == EARTH:
            continue
        name = STRUCTURES[code]
        counts[name] += 1
        part = slice(first, last + 1)
        away = (line.design - moved.sections.ground)[part] * (1 if code == BRIDGE else -1)
        row = {
            "id": f"{name}_{counts[name]}",
            "structure": name,
            "start_m": line.s[first],
            "end_m": line.s[last],
            "length_m": line.s[last] - line.s[first],
            "height_m": np.fmax.reduce(away),
            "geometry": shapely.linestrings(points[part]),
        }
        rows.append(row)
    columns = ["id", "structure", "start_m", "end_m", "length_m", "height_m", "geometry"]
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=columns), geometry="geometry", crs=crs)


def quantities(line: Centreline, moved: Earthwork, template: Template) -> Mapping[str, float]:
    """Sum a road up in what it is paid by.

    Returns
    -------
    Mapping
        length_m, earth_m, bridge_m, tunnel_m (lengths); bridge_m2, tunnel_m2 and pavement_m2
        (decks, tunnel floors, beds on earth); bridge_face_m2 (height of bridges times length,
        where the ground is known); cut_m3, fill_m3, wall_m2; surplus_m3 and deficit_m3 (the
        balance of cut and fill, one of them 0); widened_m2 (of decks, floors and beds, by which
        they are wider on curves), bench_m (of benches on either side).

    Examples
    --------
    20 m of a cut of 39 m², then a tunnel.

    >>> from affine import Affine
    >>> from geo.alignment.works.earthwork import earthwork
    >>> from geo.grid import Grid
    >>> from geo.raster import Raster
    >>> grid = Grid((9, 9), Affine(20, 0, 0, 0, -20, 180), CRS(4549))
    >>> level = Raster(np.full((9, 9), 103.0), grid)
    >>> s, one = np.array([0.0, 20, 40]), np.ones(3)
    >>> road = Centreline(s, s + 60, 90 * one, 0 * one, 0 * one, 100 * one,
    ...     np.array([EARTH, TUNNEL]))
    >>> trapezoid = Template(10, cut_slope=1, fill_slope=1.5)
    >>> moved = earthwork(road, level, trapezoid)
    >>> paid = quantities(road, moved, trapezoid)
    >>> round(paid["cut_m3"], 6), paid["pavement_m2"], paid["tunnel_m"]
    (780.0, 200.0, 20.0)
    """
    length = np.diff(line.s)
    here = [line.structure == code for code in (EARTH, BRIDGE, TUNNEL)]
    along = [float(length[part].sum()) for part in here]
    bed = moved.sections.bed
    more, benches = (
        (each[:-1] + each[1:]) / 2 * length
        for each in (
            bed.left_m + bed.right_m - template.width_m,
            ((bed.bench_left_m > 0) * 1.0) + (bed.bench_right_m > 0),
        )
    )
    wider = [float(more[part].sum()) for part in here]
    above = np.nan_to_num(np.maximum(line.design - moved.sections.ground, 0))
    faces = ((above[:-1] + above[1:]) / 2 * length)[line.structure == BRIDGE]
    return {
        "length_m": float(line.s[-1] - line.s[0]),
        "earth_m": along[EARTH],
        "bridge_m": along[BRIDGE],
        "tunnel_m": along[TUNNEL],
        "pavement_m2": along[EARTH] * template.width_m + wider[EARTH],
        "bridge_m2": along[BRIDGE] * template.deck + wider[BRIDGE],
        "tunnel_m2": along[TUNNEL] * template.width_m + wider[TUNNEL],
        "bridge_face_m2": float(faces.sum()),
        "cut_m3": float(moved.cut_m3.sum()),
        "fill_m3": float(moved.fill_m3.sum()),
        "wall_m2": float(moved.wall_m2.sum()),
        "surplus_m3": max(moved.balance_m3, 0.0),
        "deficit_m3": max(-moved.balance_m3, 0.0),
        "widened_m2": float(more.sum()),
        "bench_m": float(benches.sum()),
    }
