"""Accumulated cost side by side with scikit-image on a modelled mountain terrain.

    python tests/benchmarks/costpath.py [--rows 2200] [--columns 2500] [--runs 5]

Both search the same friction from the same cell with 8 neighbours, in turn, in one process. Both
give costs and back-links; ours gives the allocation too. Peak memory is measured in a process of
its own for each, less what the process held before the search.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from affine import Affine
from pyproj import CRS

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.grid import Grid
from geo.raster import Raster
from geo.travel.costpath import Pace, accumulate, walk

CELL_M = 30.0


def mountains(rows, columns):
    """Heights with the spectrum of mountains: amplitude falls with the square of frequency."""
    noise = np.fft.rfft2(np.random.default_rng(2024).standard_normal((rows, columns)))
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None])
    frequency[0, 0] = 1.0
    heights = np.fft.irfft2(
        np.where(frequency > 1 / 300, noise * frequency**-2.0, 0.0), (rows, columns)
    )
    return 800 + 300 * heights / heights.std()


def friction(heights):
    """Friction that grows with slope; the steepest and the lowest 3 % are barriers."""
    slope = np.hypot(*np.gradient(heights, CELL_M))
    values = 1 + (10 * slope) ** 1.5
    values[slope > np.quantile(slope, 0.97)] = np.inf
    values[heights < np.quantile(heights, 0.03)] = np.inf
    return values


def on_grid(values):
    transform = Affine(CELL_M, 0, 0, 0, -CELL_M, 0)
    return Raster(values, Grid(values.shape, transform, CRS(4549)))


def middle(values):
    """The passable cell nearest to the middle in its row."""
    row, column = (side // 2 for side in values.shape)
    open_columns = np.flatnonzero(np.isfinite(values[row]))
    return row, int(open_columns[np.abs(open_columns - column).argmin()])


def ours(values, origin):
    return accumulate(on_grid(values), origins=[origin]).cost


def theirs(values, origin):
    from skimage.graph import MCP_Geometric

    search = MCP_Geometric(np.where(np.isinf(values), -1.0, values), sampling=(CELL_M, CELL_M))
    return search.find_costs([origin])[0]


def seconds(search, values, origin):
    begin = time.perf_counter()
    cost = search(values, origin)
    return time.perf_counter() - begin, cost


def peak_mib(name, rows, columns):
    command = [sys.executable, __file__, "--memory", name]
    command += ["--rows", str(rows), "--columns", str(columns)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def memory(name, rows, columns):
    """Print the growth of the peak during one search, in MiB."""
    search = {"ours": ours, "scikit-image": theirs}[name]
    small = np.ones((3, 3))
    search(small, (1, 1))  # compiled and imported
    values = friction(mountains(rows, columns)).copy()
    origin = middle(values)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak so far
    before = status("VmRSS")
    search(values, origin)
    print((status("VmHWM") - before) / 1024)


def status(name):
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def compare(rows, columns, runs):
    values = friction(mountains(rows, columns))
    origin = middle(values)
    ours(np.ones((3, 3)), (1, 1))
    print(f"grid {rows} × {columns} = {rows * columns:,} cells, 8 neighbours")
    times = []
    for run in range(runs):
        own, cost = seconds(ours, values, origin)
        other, expected = seconds(theirs, values, origin)
        times.append((own, other))
        print(
            f"  run {run + 1}: ours {own:.3f} s   scikit-image {other:.3f} s   {other / own:.2f}×"
        )
    own, other = np.median(times, axis=0)
    ratio = float(np.median([other / own for own, other in times]))
    reached = np.isfinite(expected) & (expected > 0)
    same = bool((np.isfinite(cost) == np.isfinite(expected)).all())
    difference = float((np.abs(cost[reached] - expected[reached]) / expected[reached]).max())
    print(f"  median: ours {own:.3f} s, scikit-image {other:.3f} s, median ratio {ratio:.2f}×")
    print(f"  greatest relative difference {difference:.1e}; same cells reached: {same}")
    for name in ("ours", "scikit-image"):
        print(f"  peak memory of the search: {name} {peak_mib(name, rows, columns):.0f} MiB")
    return own, other


def scaling(rows, columns, own, other):
    values = friction(mountains(2 * rows, 2 * columns))
    origin = middle(values)
    four = seconds(ours, values, origin)[0], seconds(theirs, values, origin)[0]
    print(f"four times the cells, {values.size:,}")
    for name, once, now in (("ours", own, four[0]), ("scikit-image", other, four[1])):
        exponent = np.log(now / once) / np.log(4)
        print(f"  {name} {now:.2f} s: {now / once:.1f} times as long, exponent {exponent:.2f}")
    print(f"  ratio {four[1] / four[0]:.2f}×")


def walking(rows, columns):
    slopes = np.linspace(-2, 2, 401)
    pace = Pace(slopes, 3.6 / (6 * np.exp(-3.5 * np.abs(slopes + 0.05))))
    heights = on_grid(mountains(rows, columns))
    walk(on_grid(np.zeros((3, 3))), pace, origins=[(1, 1)])
    begin = time.perf_counter()
    walk(heights, pace, origins=[(rows // 2, columns // 2)], direction="to")
    print(f"walking, 16 neighbours: {time.perf_counter() - begin:.2f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=2200)
    parser.add_argument("--columns", type=int, default=2500)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--memory", choices=("ours", "scikit-image"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        memory(options.memory, options.rows, options.columns)
        return
    own, other = compare(options.rows, options.columns, options.runs)
    scaling(options.rows, options.columns, own, other)
    walking(options.rows, options.columns)


if __name__ == "__main__":
    main()
