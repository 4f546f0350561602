"""Location beside spopt and the plain program of HiGHS, on made-up places of growing size.

    python tests/benchmarks/locate.py [--sizes 100x30x5 500x100x10 …] [--plain 60] [--networks …]

Demands × sites × p on a square, distances to the metre, people from 1 to 100: p-median, p-centre,
maximal cover and fixed charge (the price of a site is what 2 km cost a tenth of all people). The plain
program is the textbook's, a column for each pair, given to HiGHS as it is; it is asked up to the
size at which it takes `--plain` seconds. spopt (BSD-3) is no dependency: where it is missing the
script says how to get it. `--networks` are files of the OR-Library (n, m, p, then edges u v c).
Seconds are of the processor, so that a busy machine tells the same; ratios are of one run.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse.csgraph import shortest_path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.certificates import verify
from geo.exchange.program import Limits as Ends
from geo.exchange.program import Program
from geo.siting.locate import (
    Effort,
    Limits,
    fixed_charge,
    maximal_cover,
    p_centre,
    p_median,
    places,
)

SIZES = ["100x30x5", "500x100x10", "1000x200x10", "1000x200x50", "2000x400x20"]
SQUARE_M = 20_000
RADIUS_M = 3_000.0
TWICE_WORK = 20e6  # of two covers: the gap by then is told


def made_up(size, seed=1):
    """Places on a square, and p."""
    count, width, number = map(int, size.split("x"))
    rng = np.random.default_rng(seed)
    people, where = rng.random((count, 2)) * SQUARE_M, rng.random((width, 2)) * SQUARE_M
    far = np.hypot(*(people[:, None] - where[None]).transpose(2, 0, 1)).round()
    weight = rng.integers(1, 101, count)
    given = places(
        pd.DataFrame(far),
        demands=pd.DataFrame({"weight": weight}),
        sites=pd.DataFrame({"price": np.full(width, 200.0 * weight.sum())}),
    )
    return given, number


def network(path):
    """A network of the OR-Library, and its p; a repeated edge takes the last cost."""
    text = Path(path).read_text("ascii").split()
    count, number = int(text[0]), int(text[2])
    length = np.zeros((count, count))
    for one, other, cost in np.array(text[3:], int).reshape(-1, 3):
        length[one - 1, other - 1] = length[other - 1, one - 1] = cost
    return places(pd.DataFrame(shortest_path(length, directed=False))), number


def timed(question, *given, **more):
    begun = time.process_time()
    plan = question(*given, **more)
    return plan, time.process_time() - begun


def plain(given, number, seconds):
    """The textbook's p-median as it is; value, bound, processor seconds."""
    cost = given.cost * given.demands.weight[:, None]
    count, width = cost.shape
    begun = time.process_time()
    program = Program()
    opened = program.columns(np.zeros(width), 1.0, whole=True)
    serves = program.columns(cost.ravel(), 1.0)
    pairs = np.arange(count * width)
    program.rows([(pairs // width, serves, 1.0)], np.ones(count), 1.0)
    program.rows(
        [(pairs, serves, 1.0), (pairs, opened[pairs % width], -1.0)],
        -np.inf * np.ones(len(pairs)),
        0.0,
    )
    program.rows([(np.zeros(width, int), opened, 1.0)], [-np.inf], [number])
    done = program.solve(limit=Ends(seconds=seconds))
    value = np.inf if done.x is None else float(program.cost @ done.x)
    return value, done.bound, time.process_time() - begun


def theirs(given, number):
    """The p-median of spopt with HiGHS; value and processor seconds, None where it is missing."""
    try:
        import pulp
        from spopt.locate import PMedian
    except ImportError:
        return None
    begun = time.process_time()
    problem = PMedian.from_cost_matrix(given.cost, given.demands.weight, p_facilities=number)
    problem = problem.solve(pulp.HiGHS(msg=False))
    return float(problem.problem.objective.value()), time.process_time() - begun


def told(name, plan, took):
    leaves = len(plan.certificate.tree.number)
    leaves += (len(plan.certificate.branches.parent) + 1) // 2
    begun = time.process_time()
    report = verify(plan.certificate)
    print(
        f"  {name:14} {plan.objective:14,.0f} | gap {plan.gap:.1e} by {plan.by:6} | {leaves:5} cases "
        f"| {took:7.2f} s | verified {report.accepted} in {time.process_time() - begun:.2f} s",
        flush=True,
    )


def beside(given, number, seconds):
    """Print the p-median beside the others; say whether the plain program is worth going on with."""
    plan, took = timed(p_median, given, Limits(number=number))
    told("p-median", plan, took)
    going = seconds > 0
    if going:
        value, bound, other = plain(given, number, seconds)
        state = "proven" if value - bound <= 1e-6 * abs(value) else f"bound {bound:,.0f}"
        print(
            f"    plain HiGHS  {value:14,.0f} | {state} | {other:.2f} s | {other / took:.0f} times ours"
        )
        going = other < seconds
    known = theirs(given, number)
    if known is not None:
        print(
            f"    spopt        {known[0]:14,.0f} | {known[1]:.2f} s | {known[1] / took:.0f} times ours"
        )
    return going


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", nargs="*", default=SIZES)
    parser.add_argument("--networks", nargs="*", default=[])
    parser.add_argument("--plain", type=float, default=60.0)
    options = parser.parse_args()
    begun = time.process_time()
    given, number = made_up("20x10x3")
    for question in (p_median, p_centre):
        question(given, Limits(number=number))
    print(f"compiling, or reading what was compiled: {time.process_time() - begun:.1f} s")
    if theirs(given, number) is None:
        print("spopt is not installed: pip install --target DIR spopt; PYTHONPATH=DIR make bench")
    seconds = options.plain
    for size in options.sizes:
        given, number = made_up(size)
        print(f"{size} (demands x sites x p)")
        seconds *= beside(given, number, seconds)
        limits = Limits(number=number)
        told("p-centre", *timed(p_centre, given, limits))
        told("maximal cover", *timed(maximal_cover, given, limits, radius=RADIUS_M))
        twice = {"radius": RADIUS_M, "covers": 2, "effort": Effort(work=TWICE_WORK)}
        told("covers twice", *timed(maximal_cover, given, limits, **twice))
        told("fixed charge", *timed(fixed_charge, given))
    for path in options.networks:
        given, number = network(path)
        print(f"{Path(path).name}, p = {number}")
        beside(given, number, 0.0)
        told("p-centre", *timed(p_centre, given, Limits(number=number)))


if __name__ == "__main__":
    main()
