"""Sweeps: what a run costs beside computing and writing it, and what a second worker gains.

    python tests/benchmarks/sweep.py [--runs 60] [--cell 120]

Runs of `access` on the small synthetic county, one parameter varied. In this process: the time of a
whole sweep less the time of its computing (`perform`) and its writing (`write`), a run. On workers:
the time of the same sweep by one and by two of them, once they have started and compiled, and the
processor's time a run: of the thread that asks and writes, of this whole process (with a scheduler
that also beats while it waits), and of the workers. What is done here is done one run after the
other, so its share bounds how many workers are of use.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from layers import county, twin
from scenarios.access import Access
from scenarios.running import folder as folders
from scenarios.running.runs import Order
from scenarios.several.sweep import cases as sweeping
from scenarios.several.sweep.cases import Case, fulfilled, here
from scenarios.several.workers import cluster


class Clock:
    """Adds up the seconds of calls."""

    def __init__(self, function):
        self.function, self.seconds = function, 0.0

    def __call__(self, *given, **named):
        """Call, and count the time."""
        start = time.perf_counter()
        try:
            return self.function(*given, **named)
        finally:
            self.seconds += time.perf_counter() - start


def laid_out(ground, factors, cell_m):
    """Give a case for every factor."""
    return [
        Case(
            {"walk_factor": f"{factor:.4f}"},
            Order("access", ground, Access(cell_m=cell_m, walk_factor=round(float(factor), 4))),
        )
        for factor in factors
    ]


def alone(cases, place):
    """Sweep in this process; give seconds of all, of computing and of writing."""
    computing, writing = Clock(sweeping.perform), Clock(folders.write)
    sweeping.perform, folders.write = computing, writing
    try:
        start = time.perf_counter()
        fulfilled(cases, place, perform_all=here)
        return time.perf_counter() - start, computing.seconds, writing.seconds
    finally:
        sweeping.perform, folders.write = computing.function, writing.function


def spent():
    """Give clock and processor's time of this thread, this process, and those below it, seconds."""
    own = psutil.Process()
    times = [one.cpu_times() for one in (own, *own.children(recursive=True))]
    here, *below = (one.user + one.system for one in times)
    return np.array([time.perf_counter(), time.thread_time(), here, sum(below)])


def spread(cases, warm, ground, folder, place, count):
    """Sweep on workers that have compiled; give seconds as `spent` does."""
    with cluster({id(ground): folder}, count=count) as perform_all:
        fulfilled(warm, place / "warm", perform_all=perform_all)
        start = spent()
        fulfilled(cases, place / "swept", perform_all=perform_all)
        return spent() - start


def main():
    """Time sweeps and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--cell", type=float, default=120)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        county.save(twin.county(), place / "county")
        ground = county.load(place / "county")
        cases = laid_out(ground, np.linspace(0.5, 1.5, chosen.runs), chosen.cell)
        warm = laid_out(ground, np.linspace(0.31, 0.39, 8), chosen.cell)
        fulfilled(warm[:1], place / "compiled", perform_all=here)
        whole, computing, writing = alone(cases, place / "alone")
        beside = 1000 * (whole - computing - writing) / chosen.runs
        print(
            f"this process: {whole:.1f} s for {chosen.runs} runs, computing {computing:.1f} s, ",
            end="",
        )
        print(f"writing {writing:.1f} s, beside them {beside:.1f} ms a run")
        clocks = []
        for count in (1, 2):
            found = spread(cases, warm, ground, place / "county", place / str(count), count)
            clocks.append(found[0])
            asking, own, there = 1000 * found[1:] / chosen.runs
            print(f"workers: {count} in {found[0]:.1f} s; processor's time a run: ", end="")
            print(f"asking {asking:.0f} ms, here {own:.0f} ms, in workers {there:.0f} ms")
        print(f"ratio {clocks[0] / clocks[1]:.2f}")


if __name__ == "__main__":
    main()
