"""Allocation of parcels to uses: gap and processor seconds by size and by rules.

    python tests/benchmarks/allocation.py [--sizes 500 2000 …] [--kinds plain compact …]

A made-up town (`tests/made_up_lots.py`): six uses, demands within 2 %, suitability that changes
slowly with noise. The kinds: suitability and demands alone; with borders (compactness, likes and
dislikes); with homes and industry never neighbours; with least patches and single pieces on top.
The gap is (bound − score) / score; the bound holds for the problem with every rule and is derived
anew by `geo.certificates.verify`, whose time is told apart.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.certificates import verify
from geo.siting.allocation import Connected, Exclusion, Patch, allocate, lots
from tests.made_up_lots import town, wishes

APART = (Exclusion("homes", "industry"),)
FORMED = (Patch("homes", 50_000.0), Patch("green", 25_000.0), Connected("industry"))
KINDS = {"plain": (), "compact": (), "apart": APART, "formed": (*APART, *FORMED)}
COLUMNS = 50


def told(size, kind):
    """Allocate a town and print what came of it."""
    areas, fit, near = town(size // COLUMNS, COLUMNS)
    goals, rules = wishes(areas, KINDS[kind])
    given = lots(areas, fit, neighbours=near)
    begun = time.process_time()
    plan = allocate(given, goals=[] if kind == "plain" else goals, rules=rules)
    took, begun = time.process_time() - begun, time.process_time()
    accepted = verify(plan.certificate).accepted
    print(
        f"{size:6d} × {fit.shape[1]} {kind:8s} score {plan.score:12.2f} bound {plan.bound:12.2f} "
        f"gap {plan.gap:.4%} by {plan.by}, {took:6.1f} s; verified {accepted} in "
        f"{time.process_time() - begun:.1f} s; {plan.work}",
        flush=True,
    )


def main():
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[500, 2000])
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    asked = parser.parse_args()
    told(10 * COLUMNS, "apart")  # compiles
    for size in asked.sizes:
        for kind in asked.kinds:
            told(size, kind)


if __name__ == "__main__":
    main()
