"""Viewsheds side by side with GDAL's library and, where installed, GRASS.

    python tests/benchmarks/viewshed.py [--observers 300] [--peer 12] [--large] [--terrain FILE]

Hill tops of the shipped county (or of any raster in metres), 10 m above ground, look 15 km for
targets of 2 m over terrain of 30 m; with --large over the same terrain brought to 12.5 m. Ours is
exact and told for all observers at once on two threads, in processor seconds of both, with the peak
of memory in a process of its own. GDAL's answer is approximate: it passes the horizon on from cell
to cell. It runs for a few of the observers, in this process, from a file in memory where there is
one; ours does so too, in turn, each time with all it does for a terrain, and once for all of them,
as it is meant to be called. GRASS (r.viewshed, exact by its own rule of
interpolation) runs for two. Sets of cells are compared by what they share: both over either.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from affine import Affine

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from alignment import terrain

from geo.grid import Grid
from geo.raster import Raster, resample
from geo.siting.viewshed import Sight, seen_from, viewshed
from tests import viewshed_reference as reference

SIGHT = Sight(eye_m=10, target_m=2, range_m=15_000)
FINE_M = 12.5
AROUND = 30  # cells among which an observer takes the highest


def scene(path, *, large):
    """Terrain with every height known, as GDAL wants it."""
    dem = terrain(path)
    heights = np.where(dem.valid, dem.values, np.nan).astype(np.float64)
    dem = Raster(np.where(np.isnan(heights), np.nanmin(heights), heights), dem.grid)
    return resample(dem, fine(dem.grid), how="bilinear") if large else dem


def fine(grid):
    """The same extent in cells of 12.5 m, a cell short of the edge, where nothing reaches."""
    west, south, east, north = grid.bounds
    side = grid.resolution
    shape = int((north - south - 2 * side) / FINE_M), int((east - west - 2 * side) / FINE_M)
    return Grid(shape, Affine(FINE_M, 0, west + side, 0, -FINE_M, north - side), grid.crs)


def tops(dem, count):
    """The highest cells around places drawn at random."""
    rng = np.random.default_rng(7)
    around = round(AROUND * 30 / dem.grid.resolution)
    cells = set()
    while len(cells) < count:
        row, column = (int(rng.integers(around, side - around)) for side in dem.grid.shape)
        part = dem.values[row - around : row + around + 1, column - around : column + around + 1]
        down, right = np.unravel_index(part.argmax(), part.shape)
        cells.add((int(row - around + down), int(column - around + right)))
    rows, columns = np.array(sorted(cells)).T
    points = gpd.points_from_xy(*dem.grid.xy(rows, columns))
    return gpd.GeoDataFrame(geometry=points, crs=dem.grid.crs)


def timed(work):
    begin = time.perf_counter(), time.process_time()
    result = work()
    return result, time.perf_counter() - begin[0], time.process_time() - begin[1]


def all_at_once(options):
    """Run ours for all observers, and print seconds and memory."""
    dem = scene(options.terrain, large=options.large)
    towers = tops(dem, options.observers)
    viewshed(dem, towers[:1], sight=Sight(eye_m=1, range_m=99))  # compiled
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sheds, wall, busy = timed(lambda: viewshed(dem, towers, sight=SIGHT))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    packed = sum(one.seen.nbytes + one.unknown.nbytes for one in sheds.sheds) / 2**20
    print(
        f"ours: {len(towers)} observers in {wall:.1f} s, processor {busy:.1f} s "
        f"({1000 * busy / len(towers):.0f} ms each); packed bits {packed:.0f} MiB, "
        f"peak {peak:.0f} MiB, of which {before:.0f} before, terrain and libraries"
    )


def share(ours, theirs):
    return (ours & theirs).sum() / (ours | theirs).sum()


def window(states, left, north, grid, shape):
    """The cells of a peer's answer cut from ours."""
    column = round((left - grid.transform.c) / grid.resolution)
    row = round((grid.transform.f - north) / grid.resolution)
    return states[row : row + shape[0], column : column + shape[1]]


def beside_gdal(dem, towers):
    """Run both for a few observers, in turn."""
    if reference.library() is None:
        print("pyogrio carries no GDAL here: ours stands alone")
        return
    rows = []
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder is made in it
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        path = Path(folder) / "dem.tif"
        reference.write(path, dem)
        for name, point in towers.geometry.items():
            mine, _, busy = timed(
                lambda name=name: viewshed(dem, towers.loc[[name]], sight=SIGHT, threads=1)
            )
            theirs, _, other = timed(
                lambda point=point: reference.gdal(path, point.x, point.y, SIGHT)
            )
            states, left, north = theirs
            ours = window(seen_from(mine, name).values, left, north, dem.grid, states.shape)
            rows.append((busy, other, share(ours == 1, states == 1)))
    _, _, together = timed(lambda: viewshed(dem, towers, sight=SIGHT))
    table = np.array(rows)
    busy, other, same = np.median(table, axis=0)
    print(
        f"beside GDAL {reference.version()}, {len(rows)} observers, processor: ours {busy:.3f} s, "
        f"GDAL {other:.3f} s, median ratio {np.median(table[:, 1] / table[:, 0]):.2f}×; ours "
        f"together {together / len(rows):.3f} s each, {table[:, 1].mean() * len(rows) / together:.2f}×"
        f"; sets share {same:.3f}, least {table[:, 2].min():.3f}"
    )


def beside_grass(dem, towers):
    """Run GRASS for two observers, with its own time for starting taken off."""
    if shutil.which("grass") is None:
        print("GRASS is not installed: apt install grass-core")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dem.tif"
        reference.write(path, dem)
        project = [shutil.which("grass"), "-c", str(path), "-e", f"{folder}/place"]
        subprocess.run(project, check=True, capture_output=True)
        run = [project[0], f"{folder}/place/PERMANENT", "--exec"]
        subprocess.run(
            [*run, "r.in.gdal", f"input={path}", "output=dem"], check=True, capture_output=True
        )
        subprocess.run([*run, "g.region", "raster=dem"], check=True, capture_output=True)
        for name, point in list(towers.geometry.items())[:2]:
            out = Path(folder) / f"{name}.tif"
            asked = [
                f"coordinates={point.x},{point.y}",
                "output=seen",
                "input=dem",
                "-b",
                "-c",
                "-r",
            ]
            asked += [f"observer_elevation={SIGHT.eye_m}", f"target_elevation={SIGHT.target_m}"]
            asked += [f"max_distance={SIGHT.range_m}", f"refraction_coeff={SIGHT.refraction}"]
            asked += ["memory=2000", "--overwrite"]
            before = os.times()
            subprocess.run([*run, "r.viewshed", *asked], check=True, capture_output=True)
            after = os.times()
            busy = after.children_user + after.children_system
            busy -= before.children_user + before.children_system
            written = ["r.out.gdal", "input=seen", f"output={out}", "--overwrite"]
            subprocess.run([*run, *written], check=True, capture_output=True)
            mine, _, own = timed(
                lambda name=name: viewshed(dem, towers.loc[[name]], sight=SIGHT, threads=1)
            )
            with rasterio.open(out) as file:
                same = share(seen_from(mine, name).values == 1, file.read(1) == 1)
            print(
                f"beside GRASS: ours {own:.3f} s, r.viewshed {busy:.1f} s with its start; "
                f"sets share {same:.3f}"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--observers", type=int, default=300)
    parser.add_argument("--peer", type=int, default=12)
    parser.add_argument("--terrain")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        all_at_once(options)
        return
    dem = scene(options.terrain, large=options.large)
    towers = tops(dem, options.observers)
    rows, columns = dem.grid.shape
    print(f"grid {rows} × {columns} = {rows * columns:,} cells of {dem.grid.resolution:g} m")
    subprocess.run([sys.executable, __file__, *sys.argv[1:], "--alone"], check=True)
    few = towers[:: max(len(towers) // options.peer, 1)][: options.peer]
    beside_gdal(dem, few)
    beside_grass(dem, few)


if __name__ == "__main__":
    main()
