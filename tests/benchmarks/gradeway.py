"""The bare search within a grade, 48 neighbours, side by side with pyorps.

    python tests/benchmarks/gradeway.py [--terrain FILE] [--pairs 10] [--distance 8000]

Both find the shortest way in space between the same places on the same part of the terrain, no step
steeper than 8 %, friction 1 everywhere. pyorps (MIT) is no dependency: where it is missing the script
says how to get it. Its time is that from the raster files to the route, as its users call it, and
that of `find_route`, which reads the files it needs; ours is that from the array to the way.
Medians, after a run each.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from alignment import pairs, terrain

from geo.errors import InfeasibleError
from geo.grid import Grid
from geo.raster import Raster
from geo.travel.gradeway import gradeway

GRADE = 0.08
ASIDE = 220  # cells of terrain around both places


def parts(dem, count, distance):
    """Terrain around pairs of places, the places, and their cells."""
    for points in pairs(dem, count, distance):
        cells = np.stack(dem.grid.index(*np.array(points).T), axis=1)
        low = np.maximum(cells.min(axis=0) - ASIDE, 0)
        high = np.minimum(cells.max(axis=0) + ASIDE, dem.grid.shape)
        values = dem.values[low[0] : high[0], low[1] : high[1]].astype(np.float32)
        transform = dem.grid.transform * Affine.translation(int(low[1]), int(low[0]))
        part = Raster(values, Grid(values.shape, transform, dem.grid.crs))
        yield part, points, [tuple(int(v) for v in cell - low) for cell in cells]


def ours(part, cells):
    begin = time.perf_counter(), time.process_time()
    try:
        found = gradeway(part, *cells, max_grade=GRADE).length_m
    except InfeasibleError:
        found = np.nan
    return time.perf_counter() - begin[0], time.process_time() - begin[1], found


def theirs(finder, part, points, folder):
    """Seconds, processor seconds, those of `find_route`, length on the map."""
    files = []
    for name, values in (("one", np.ones(part.grid.shape, np.uint16)), ("dem", part.values)):
        files.append(str(folder / f"{name}.tif"))
        with rasterio.open(
            files[-1],
            "w",
            driver="GTiff",
            height=values.shape[0],
            width=values.shape[1],
            count=1,
            dtype=values.dtype,
            crs=part.grid.crs.to_wkt(),
            transform=part.grid.transform,
        ) as file:
            file.write(values, 1)
    begin = time.perf_counter(), time.process_time()
    route = finder(
        files[0],
        *points,
        search_space_buffer_m=6000,
        neighborhood_str="r4",
        ignore_max_cost=False,
        dem=files[1],
        objective={"cost": 1.0},
        gradient_options={"max_gradient_pct": 100 * GRADE},
    )
    made = time.process_time()
    try:
        length = route.find_route(calculate_metrics=False).path_geometry.length
    except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
        print(f"  pyorps: {type(error).__name__}")
        length = np.nan
    end = time.process_time()
    return time.perf_counter() - begin[0], end - begin[1], end - made, length


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--terrain")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--distance", type=float, default=8000.0)
    options = parser.parse_args()
    dem = terrain(options.terrain)
    some = list(parts(dem, options.pairs, options.distance))
    ours(some[0][0], some[0][2])
    mine = np.array([ours(part, cells) for part, _, cells in some])
    found = int(np.isfinite(mine[:, 2]).sum())
    wall, busy = np.median(mine[:, :2], axis=0)
    print(f"ours: {found} of {len(some)}, median {wall:.3f} s, processor {busy:.3f} s")
    try:
        from pyorps import PathFinder
    except ImportError:
        print("pyorps is not installed: pip install --target DIR pyorps; PYTHONPATH=DIR make bench")
        return
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        theirs(PathFinder, *some[0][:2], Path(folder))
        rows = [theirs(PathFinder, part, points, Path(folder)) for part, points, _ in some]
    other = np.array(rows)
    wall, busy, alone = np.median(other[:, :3], axis=0)
    print(
        f"pyorps: {int(np.isfinite(other[:, 3]).sum())} of {len(some)}, median {wall:.3f} s, "
        f"processor {busy:.3f} s, of which find_route {alone:.3f} s"
    )
    ratio = np.median(other[:, 1:3] / mine[:, 1:2], axis=0)
    print(f"times as fast (processor): {ratio[0]:.1f}; against find_route {ratio[1]:.1f}")


if __name__ == "__main__":
    main()
