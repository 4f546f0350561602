"""A made-up run of two designed roads: elements in plan, points of vertical intersection, land."""

from functools import cache
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.alignment.plan.plan import from_intersections, points
from geo.alignment.profile.verticals import heights
from geo.words import Text
from scenarios.corridor import tables
from scenarios.corridor.codes import ALTERNATIVE, STRUCTURE, STRUCTURES
from scenarios.result import Category, Column, Layer, Result, Table
from tests.made_up import pages
from tests.made_up.ground import EPSG, SOUTH, WEST

CORNERS = {  # spirals and a turn back by two corners; arcs alone
    "A": ([(0, 0), (900, 100), (1500, 900), (2300, 900), (2320, 1240), (1500, 1300)], 110, 60),
    "B": ([(0, 0), (1200, -300), (1500, 1200)], 400, 0),
}
PVI = [(0, 300, 0), (0.3, 318, 200), (0.6, 302, 160), (1, 330, 0)]


@cache
def plan(code):
    """Give a road in plan."""
    corners, radius, spiral = CORNERS[code]
    places = np.add(corners, (WEST + 9000, SOUTH + 15_000))
    return from_intersections(places, radii=radius, spirals=spiral)


def pvi(road):
    """Give the points of vertical intersection of a road."""
    return np.array([(share * road.length_m, z, length) for share, z, length in PVI])


def stations(code):
    """Give the rows of a profile, every 20 m and at the end."""
    road = plan(code)
    s = np.append(np.arange(0, road.length_m, 20), road.length_m)
    x, y, _, _ = points(road, s)
    design = heights(pvi(road), s)
    ground = design + 6 * np.sin(s / 90)
    ground[(s > 400) & (s < 500)] = np.nan
    return pd.DataFrame(
        {
            "alternative": code,
            "chainage_m": s,
            "x": x,
            "y": y,
            "ground_m": ground,
            "design_m": design,
            "structure": np.where((s > 600) & (s < 700), "bridge", "earth"),
        }
    )


@cache
def line(code):
    """Give a centreline in space."""
    road = plan(code)
    s = np.append(np.arange(0, road.length_m, 5), road.length_m)
    x, y, _, _ = points(road, s)
    return shapely.LineString(np.stack([x, y, heights(pvi(road), s)], axis=1))


def cases():
    """Give what the tables of a corridor ask of a road."""
    limits = SimpleNamespace(
        grade_lengths=(), relief_grade=0.0, min_slope_length_m=100.0, max_grade=0.09
    )
    for code in CORNERS:
        road = SimpleNamespace(plan=plan(code), limits=limits)
        road.profile = SimpleNamespace(pvi=pvi(road.plan))
        yield SimpleNamespace(label=code, design=SimpleNamespace(road=road))


def run(names=("方案A", "方案B")):
    """Give the run; the second road's land has a hole."""
    codes = list(CORNERS)
    lines = [line(code) for code in codes]
    frame = gpd.GeoDataFrame({"alternative": codes}, geometry=lines, crs=EPSG, index=codes)
    ways = Layer(
        "alternatives",
        Text("路线方案", "Alternatives"),
        Text("路线方案", "Alternatives"),
        "path",
        frame,
        value="alternative",
        columns=(ALTERNATIVE,),
        categories=tuple(
            Category(code, Text(name, f"Alternative {code}"))
            for code, name in zip(codes, names, strict=True)
        ),
    )
    flat = [shapely.force_2d(one).buffer(9) for one in lines]
    flat[1] = (
        flat[1]
        .difference(flat[1].centroid.buffer(1))
        .difference(shapely.line_interpolate_point(lines[1], 700).buffer(3))
    )
    land = gpd.GeoDataFrame(
        {"alternative": codes, "structure": "earth", "owner": "planted-7191"},
        geometry=flat,
        crs=EPSG,
        index=[f"{code}_land" for code in codes],
    )
    taken = Layer(
        "footprint",
        Text("用地范围", "Land taken"),
        Text("用地", "Land"),
        "category",
        land,
        value="structure",
        columns=(ALTERNATIVE, STRUCTURE),
        categories=STRUCTURES[:1],
    )
    rows = pd.concat([stations(code) for code in codes], ignore_index=True)
    columns = tuple(
        Column(name, Text(name, name), "m")
        for name in rows.columns
        if name not in {"alternative", "structure"}
    )
    made = list(cases())
    title = Text("表", "Table")
    kept = (
        Table("profile", title, rows, (ALTERNATIVE, *columns, STRUCTURE), "profile"),
        tables._elements(made, title),
        tables._slopes(made, title),
    )
    return pages.run(scenario="corridor", result=Result((ways, taken), kept))
