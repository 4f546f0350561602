"""Levels of pads: time and gap against the number of pads, beside the program with every cell.

    python tests/benchmarks/grading.py [--pads 60 300 1000] [--cell 5] [--cells-up-to 300]

Blocks of two pads of 40 m × 45 m between streets of 12 m on a rough hillside; balance within
200 m³, steps of 3 m, streets of 8 %, walls by height. The plain program has a cut and a fill for
every cell (scipy's linprog, which is HiGHS too, from a matrix of its own); it is left out above so
many pads. Shrinking earth is tried as well, without a peer. Seconds are of the processor; theirs
hold the cutting of cells by shapely.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.siting.grading import Rules, design_levels, verify
from tests.made_up_pads import PRICES, town
from tests.test_geo_siting_grading_optimum import by_cells

HEADS = "pads shrink cost gap by ours_s verify_s every_cell_s difference"


def timed(work, *given, **named):
    begin = time.process_time()
    done = work(*given, **named)
    return done, time.process_time() - begin


def row(site, factor, *, every_cell):
    rules = Rules(200, max_step_m=3, max_grade=0.08, cut_per_fill=factor)
    terms = {"prices": PRICES, "rules": rules}
    found, ours = timed(design_levels, site, **terms)
    report, checked = timed(verify, site, found, **terms)
    told = [f"{factor:g}", f"{found.cost:.2f}", f"{found.gap:.1e}", found.by]
    told += [f"{ours:.2f}", f"{checked:.2f}"]
    if every_cell:
        theirs, seconds = timed(by_cells, site, PRICES, rules)
        told += [f"{seconds:.2f}", f"{found.cost / theirs - 1:.1e}"]
    return told if report.accepted else [*told, f"REFUSED: {report.problems[0]}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pads", type=int, nargs="+", default=[60, 300, 1000])
    parser.add_argument("--cell", type=float, default=5.0)
    parser.add_argument("--cells-up-to", type=int, default=300)
    asked = parser.parse_args()
    print(HEADS)
    for count in asked.pads:
        site = town(max(count // 10, 1), 10, asked.cell)
        for factor in (1.0, 1.1):
            every_cell = factor == 1 and count <= asked.cells_up_to
            print(len(site.pads), *row(site, factor, every_cell=every_cell), flush=True)


if __name__ == "__main__":
    main()
