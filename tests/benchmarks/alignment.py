"""Roads by the search side by side with least-cost paths of everyday practice.

    python tests/benchmarks/alignment.py [--terrain FILE] [--pairs 20] [--distance 8000]
                                         [--speed 40] [--rounds 0]

Pairs of places in the lower half of a terrain (the shipped county's; or any raster in a metric CRS,
or in degrees, which is warped to 30 m), so far apart. For each pair

(a) a least-cost path with 16 neighbours whose cost a metre grows with the square of slope over the
    steepest grade, then fitted and profiled by the designer like any other path (by the toolkit's
    accumulated cost, which equals scikit-image's with 8; scikit-image has no 16);
(a′) where GRASS is installed, the way of r.walk and r.drain, fitted and profiled the same way;
(b) the designer on its own search.

Both must pass the independent test of every limit. Where (a) has no legal road that counts, and its
path is laid once more with the rules of grades let up step by step (`LADDER`) until a road comes of
it: its price is then that of a road no one may build, and is told apart with what was let up.
Each method runs in a process of its own, so that peak memory is its own; compiling is left out.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import json
import math
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS
from rasterio.warp import Resampling, calculate_default_transform, reproject

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.alignment.design import Care, design, lay
from geo.alignment.profile.optimum import Effort
from geo.alignment.search.terrain import Path as Road
from geo.alignment.search.terrain import search
from geo.alignment.shifting import Site
from geo.alignment.values import EARTH, Costs, Limits
from geo.errors import PlanningError
from geo.grid import Grid
from geo.raster import Raster, sample
from geo.travel.costpath import accumulate
from geo.travel.costpath import path as way
from layers.county import load
from layers.roads.prices import costs as book
from layers.roads.prices import design_prices
from layers.roads.standard import standard

CELL_M = 30.0
LADDER = (1.0, 1.25, 1.5, 2.0, 3.0, 5.0)  # times the steepest grade, no rule of climbs kept
DAY = date(2025, 1, 1)
METHODS = {
    "path": "a least-cost path",
    "grass": "a′ GRASS r.walk + r.drain",
    "ours": "b the toolkit",
    "search": "b its search alone",
}


def terrain(path):
    """Heights in a metric CRS."""
    if path is None:
        return load("jingning").raster("dem")
    with rasterio.open(path) as source:
        if source.crs.is_projected:
            values = source.read(1, masked=True).astype(float).filled(np.nan)
            values = values * source.scales[0] + source.offsets[0]
            return Raster(values, Grid(values.shape, source.transform, CRS(source.crs)))
        middle = (source.bounds.left + source.bounds.right) / 2
        crs = f"EPSG:{4534 + round((middle - 75) / 3)}"  # CGCS2000, 3-degree zones from 75° E
        transform, width, height = calculate_default_transform(
            source.crs, crs, source.width, source.height, *source.bounds, resolution=CELL_M
        )
        values = np.full((height, width), np.nan)
        reproject(
            rasterio.band(source, 1),
            values,
            dst_transform=transform,
            dst_crs=crs,
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
        )
    west, north = (CELL_M * math.floor(v / CELL_M) for v in (transform.c, transform.f))
    grid = Grid(values.shape, Affine(CELL_M, 0, west, 0, -CELL_M, north), CRS(crs))
    return Raster(values, grid)


def figures(speed):
    """Limits and prices of the shipped rules and cost book."""
    road = standard(DAY, speed_kmh=speed)
    prices = design_prices(book(DAY), width_m=road["width_m"])
    return Limits(**road.limits), Costs(**prices, **road.template)


def pairs(dem, count, distance):
    """Places in the lower half, so far apart within 5 %, known ground all around."""
    random = np.random.default_rng(8)  # any seed: the same pairs in every run and every method
    heights = dem.values
    low = np.argwhere(heights < np.nanquantile(heights, 0.5))
    while count:
        a, b = (tuple(int(v) for v in low[i]) for i in random.integers(0, len(low), 2))
        rows, columns = (slice(min(p) - 60, max(p) + 60) for p in zip(a, b, strict=True))
        around = heights[rows, columns]
        near = abs(math.dist(a, b) * CELL_M / distance - 1) < 0.05
        if near and around.size and not np.isnan(around).any():
            count -= 1
            yield [tuple(float(v) for v in dem.grid.xy(*cell)) for cell in (a, b)]


def around(dem, points):
    """The terrain around places, as wide on every side as they are apart."""
    rows, columns = dem.grid.index(*np.array(points).T)
    reach = 2 * int(max(np.ptp(rows), np.ptp(columns)))
    top, left = max(int(rows.min()) - reach, 0), max(int(columns.min()) - reach, 0)
    values = dem.values[top : int(rows.max()) + reach, left : int(columns.max()) + reach]
    transform = dem.grid.transform * Affine.translation(left, top)
    return Raster(values, Grid(values.shape, transform, dem.grid.crs))


def least_cost(part, points, limits):
    """The path of 16 neighbours, its cost a metre 1 + (slope / steepest grade)²."""
    slope = np.hypot(*np.gradient(part.values, CELL_M))
    friction = Raster(1 + (slope / limits.max_grade) ** 2, part.grid)
    ends = np.stack(part.grid.index(*np.array(points).T), axis=1)
    start, end = (tuple(int(v) for v in cell) for cell in ends)
    cells = way(accumulate(friction, origins=[start], neighbours=16), *end)
    return np.stack(part.grid.xy(cells[:, 0], cells[:, 1]), axis=1)


def walked(part, points):
    """The way of r.walk (knight's moves) and r.drain."""
    start, end = (f"start_coordinates={x},{y}" for x, y in points)
    with tempfile.TemporaryDirectory() as folder:
        dem = Path(folder) / "dem.tif"
        with rasterio.open(
            dem,
            "w",
            driver="GTiff",
            height=part.grid.shape[0],
            width=part.grid.shape[1],
            count=1,
            dtype="float32",
            nodata=-9999,
            transform=part.grid.transform,
        ) as file:
            file.write(np.nan_to_num(part.values, nan=-9999).astype(np.float32), 1)
        script = Path(folder) / "walk.sh"
        script.write_text(
            f"set -e; r.in.gdal -o input={dem} output=dem; g.region raster=dem\n"
            "r.mapcalc 'zero = 0'\n"
            f"r.walk -k elevation=dem friction=zero output=cost outdir=dir {start}\n"
            f"r.drain -d input=cost direction=dir output=way drain=way {end}\n"
            "v.out.ascii input=way type=line format=standard\n",
            encoding="utf-8",
        )
        command = ["grass", "--tmp-location", "XY", "--exec", "bash", str(script)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    head = next(i for i, row in enumerate(rows) if row[:1] == ["L"])
    found = np.array([row[:2] for row in rows[head + 1 : head + 1 + int(rows[head][1])]], float)
    return found if math.dist(found[0], points[0]) < CELL_M else found[::-1]


def road_on(part, xy):
    """A path over places as a search would give it, all on earth."""
    length = float(np.hypot(*np.diff(xy, axis=0).T).sum())
    stops, none = (0, len(xy) - 1), math.nan
    z, kinds = sample(part, *xy.T), np.full(len(xy) - 1, EARTH)
    return Road(xy, z, kinds, stops, length, none, none, none, math.inf, 0)


def let_up(limits, times):
    """The limits with a steepest grade so many times as steep, and climbs as long as they like."""
    none = {"mean_grades": (), "window_grade": math.inf, "grade_lengths": (), "relief_grade": 0.0}
    return replace(limits, max_grade=limits.max_grade * times, **none)


def one(method, site, points, care):
    """Yuan of the road, or None and why; then the first step of the ladder with a road, its yuan."""
    dem, limits, costs, _ = site
    try:
        if method == "search":
            return {"cost": search(dem, points, limits, costs).cost_yuan}
        if method == "ours":
            return {"cost": design(dem, points, limits, costs, care=care).road.profile.cost_yuan}
    except PlanningError as error:
        return {"cost": None, "why": str(error).splitlines()[0]}
    part = around(dem, points)
    xy = walked(part, points) if method == "grass" else least_cost(part, points, limits)
    return laid(site, road_on(part, xy), care)


def laid(site, road, care):
    """The same of a path given, laid by the rules and, where they allow none, without some."""
    try:
        return {"cost": lay(site, road, care=care).road.profile.cost_yuan}
    except PlanningError as error:
        found = {"cost": None, "why": str(error).splitlines()[0]}
    for times in LADDER:
        softer = site._replace(limits=let_up(site.limits, times))
        try:
            illegal = lay(softer, road, care=care).road.profile.cost_yuan
        except PlanningError:
            continue  # the next step allows more
        return found | {"times": times, "illegal": illegal}
    return found


def run(options):
    """Do all pairs by one method; a line of JSON each, the peak last."""
    limits, costs = figures(options.speed)
    site = Site(terrain(options.terrain), limits, costs, None)
    care = Care(rounds=options.rounds, effort=Effort(work=2.5e6, gap=5e-3))
    level = Raster(np.zeros((80, 80)), Grid((80, 80), site.dem.grid.transform, site.dem.grid.crs))
    ends = [tuple(float(v) for v in level.grid.xy(40, column)) for column in (10, 70)]
    one(options.run, site._replace(dem=level), ends, care)  # compiles
    for points in pairs(site.dem, options.pairs, options.distance):
        begin, busy = time.perf_counter(), time.process_time()
        row = {"why": ""} | one(options.run, site, points, care)
        took = {"s": time.perf_counter() - begin, "cpu": time.process_time() - busy}
        print(json.dumps(row | took), flush=True)
    print(json.dumps({"mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def told(method, options):
    """Rows of one method in its own process."""
    command = [sys.executable, __file__, "--run", method]
    for name in ("pairs", "distance", "speed", "rounds"):
        command += [f"--{name}", str(getattr(options, name))]
    if options.terrain:
        command += ["--terrain", options.terrain]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    *rows, peak = (json.loads(line) for line in done.stdout.splitlines())
    return rows, peak["mib"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terrain")
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--distance", type=float, default=8000.0)
    parser.add_argument("--speed", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--run", choices=METHODS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run(options)
        return
    methods = [m for m in METHODS if m != "grass" or shutil.which("grass")]
    found = {method: told(method, options) for method in methods}
    print(f"{options.pairs} pairs, {options.distance / 1000:g} km, {options.speed} km/h")
    for method, (rows, mib) in found.items():
        legal = sum(row["cost"] is not None for row in rows)
        seconds, busy = (np.median([row[name] for row in rows]) for name in ("s", "cpu"))
        print(
            f"  {METHODS[method]}: {legal} of {len(rows)} with a road, median {seconds:.1f} s "
            f"(processor {busy:.1f} s), peak {mib:.0f} MiB"
        )
        for why in sorted({row["why"] for row in rows} - {""}):
            print(f"    {sum(row['why'] == why for row in rows)} × {why}")
    for method in methods:
        if method in {"path", "grass"}:
            compared(METHODS[method], found[method][0], found["ours"][0])


def compared(name, others, ours):
    """Say how often ours alone has a road, and what it costs where both have one."""
    pairs_of = [(a["cost"], b["cost"]) for a, b in zip(others, ours, strict=True)]
    alone = sum(a is None and b is not None for a, b in pairs_of)
    ratios = [b / a for a, b in pairs_of if a is not None and b is not None]
    print(f"  {name}: no legal road where (b) has one: {alone} of {len(pairs_of)}")
    if ratios:
        print(f"    cost of (b) over it: median {np.median(ratios):.3f} of {len(ratios)}")
    rows = [
        (a["times"], b["cost"] / a["illegal"])
        for a, b in zip(others, ours, strict=True)
        if "times" in a and b["cost"] is not None
    ]
    if rows:
        times, ratios = np.array(rows).T
        print(
            f"    laid with grades {np.median(times):g} times as steep and climbs of any length: "
            f"{len(rows)}; cost of the legal (b) over that: median {np.median(ratios):.3f}, "
            f"{ratios.min():.3f} to {ratios.max():.3f}"
        )


if __name__ == "__main__":
    main()
