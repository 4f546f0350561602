"""Exchange of land: a public benchmark, six made-up counties, and time and gap against size.

    python tests/benchmarks/exchange.py [parcels.gpkg] [--near corners] [--seconds 60]
        [--cases "plain small" …] [--sizes 5000 20000 …]

With a file of parcels (DLBM, slope_mean, polygons): at most 52 pairs under floors on contiguity and
blocks, and the best slope at equal hectares moved. Without it, the same on a made-up fabric.
Farmland is 011, 012, 013; forest 031, 032, 033; other codes stay. Contiguity is the mean number of
farmland neighbours of a farmland parcel; blocks are connected farmland of 66,700 m² and more.
Neighbours are those of the benchmark's own counter: two parcels that have a vertex in common, among
farmland and forest alone (parcels of other codes are removed before neighbours are counted). With
`--near corners` they are those of `geo.landscape.adjacency`: borders and corners, of all parcels.
Then made-up counties (`tests/made_up_parcels.py`) under pairs, pairs with floors, hectares and all.
The gap is (plan − bound) / (plan − today): the share of the improvement that is still open, a
stricter measure than one over the value itself. Bounds are of the problem with every rule.
Seconds are of the processor, so that a busy machine tells the same.
"""

# ruff: noqa: T201 - a benchmark prints

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import shapely

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from geo.errors import InfeasibleError, LimitError
from geo.exchange import Balance, Blocks, Budget, Contiguity, Mean, Touching, solve, units
from geo.exchange.exact import Enough, best, search
from geo.exchange.model import model
from geo.exchange.plan import gap as open_gap
from geo.exchange.ratios import lower, objective, ranges, spans, surrogate
from geo.landscape import adjacency, blocks, contiguity
from tests.made_up_parcels import BALANCE, BLOCK_M2, CASES

FARMLAND, FOREST = ("011", "012", "013"), ("031", "032", "033")
PATIENCE = 3
DIGITS = 3  # vertices are one where they agree to the millimetre


def vertices(polygons):
    """Pairs of polygons that have a vertex in common, by label; their borders count for nothing."""
    corners, owner = shapely.get_coordinates(polygons.geometry.array, return_index=True)
    _, vertex = np.unique(corners.round(DIGITS), axis=0, return_inverse=True)
    meet = pd.DataFrame({"vertex": vertex.ravel(), "label": polygons.index[owner]})
    meet = meet.drop_duplicates()
    pairs = meet.merge(meet, on="vertex", suffixes=("_1", "_2"))
    pairs = pairs[pairs["label_1"] < pairs["label_2"]][["label_1", "label_2"]].drop_duplicates()
    pairs = pairs.set_axis(["left", "right"], axis=1).sort_values(["left", "right"])
    return pairs.reset_index(drop=True).assign(length_m=0.0)


def parcels(path, near):
    """The benchmark's parcels and their neighbours."""
    import geopandas as gpd

    frame = gpd.read_file(path)
    if near == "vertices":
        frame = frame[frame["DLBM"].str[:3].isin((*FARMLAND, *FOREST))]
    begun = time.process_time()
    near = vertices(frame) if near == "vertices" else adjacency(frame)
    print(f"{len(frame):,} parcels, {len(near):,} pairs in {time.process_time() - begun:.1f} s")
    code = frame["DLBM"].str[:3]
    farmland, forest = code.isin(FARMLAND), code.isin(FOREST)
    land = pd.DataFrame({"area_m2": frame.area, "slope": frame["slope_mean"], "member": farmland})
    return land.assign(may_leave=farmland, may_enter=forest), near


def fabric(count):
    """Made-up parcels on a square grid: slope and use follow smooth noise, areas are lognormal."""
    side = round(count**0.5)
    rng = np.random.default_rng(7)
    wave = np.fft.rfft2(rng.standard_normal((side, side)))
    pitch = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None])
    smooth = np.fft.irfft2(wave / (pitch + 0.02), (side, side))
    slope = np.clip(12 + 5 * smooth / smooth.std() + rng.normal(0, 2, smooth.shape), 0, 45)
    use = rng.random(smooth.shape) < 1 / (1 + np.exp((slope - 11) / 3))
    number = np.arange(side * side).reshape(side, side)
    pairs = [
        (number[:, :-1], number[:, 1:], 50.0),
        (number[:-1], number[1:], 50.0),
        (number[:-1, :-1], number[1:, 1:], 0.0),
        (number[:-1, 1:], number[1:, :-1], 0.0),
    ]
    near = pd.concat(
        pd.DataFrame({"left": a.ravel(), "right": b.ravel(), "length_m": m}) for a, b, m in pairs
    )
    land = pd.DataFrame({"slope": slope.ravel(), "member": use.ravel()})
    land["area_m2"] = np.round(rng.lognormal(7.8, 0.6, len(land)), 2)
    land["may_leave"], land["may_enter"] = (
        land["member"],
        ~land["member"] & (rng.random(len(land)) < 0.8),
    )
    return land, near.reset_index(drop=True)


def table(land, near, seconds, gain_m2):
    """Print what is reached with 52 pairs under the floors, and at equal hectares."""
    given = units(land, neighbours=near)
    pairs = [Budget(most=52, side="leave"), Budget(most=52, side="enter")]
    floors = [Contiguity(0.0045), Blocks(gain_m2, BLOCK_M2)]
    runs = [
        ("52 pairs", pairs),
        ("52 pairs, contiguity ≥ +0.0045", [*pairs, floors[0]]),
        (f"52 pairs, blocks ≥ +{gain_m2 / 1e4:g} ha", [*pairs, floors[1]]),
        ("52 pairs, both floors", [*pairs, *floors]),
        *((f"{ha} ha", [Budget("area_m2", most=1e4 * ha, side="leave")]) for ha in (50, 100, 200)),
    ]
    answers(given, {name: [BALANCE, *rules] for name, rules in runs}, seconds)


def answers(given, named, seconds):
    """Print what each set of rules gives."""
    land = given.table
    near = pd.DataFrame({"left": land.index[given.left], "right": land.index[given.right]})
    near["length_m"] = given.length_m
    print(
        "rules | slope | bound | gap | contiguity | blocks | farmland | out, in, ha | processor s"
    )
    for name, rules in named.items():
        begun = time.process_time()
        try:
            plan = solve(given, goals=[Mean("slope")], rules=rules, seconds=seconds, gap=5e-3)
        except (InfeasibleError, LimitError) as none:
            print(f"{name} | {none} | {time.process_time() - begun:.1f}", flush=True)
            continue
        took = time.process_time() - begun
        now, then = (measured(land, member, near) for member in (land["member"], plan.member))
        moved = land["area_m2"][plan.leaving].sum() / 1e4
        print(
            f"{name} | {plan.objective / plan.before - 1:+.4%} | {plan.bound / plan.before - 1:+.4%}"
            f" | {plan.gap:.2%} | {then[0] - now[0]:+.4f} | {(then[1] - now[1]) / 1e4:+.1f} ha"
            f" | {then[2] - now[2]:+.2f} m² | {len(plan.leaving)}, {len(plan.entering)}, {moved:.1f}"
            f" | {took:.1f}{' (limit)' if plan.stopped else ''}",
            flush=True,
        )


def counties(names, seconds):
    """Print what the made-up counties of these names give."""
    for name in names:
        case = CASES[name]
        begun = time.process_time()
        made = case.parcels()
        given = units(made.land, neighbours=made.neighbours)
        took = time.process_time() - begun
        print(f"\n{name}: {len(made.land):,} of {case.count:,} parcels, made up in {took:.1f} s")
        answers(given, case.rules(), seconds)


def measured(land, member, near):
    """Contiguity, area in blocks and area of the members, by geo.landscape alone."""
    area = land["area_m2"]
    found = blocks(area[member], near, least_m2=BLOCK_M2)
    return contiguity(area, member, near).neighbours, found["area_m2"].sum(), area[member].sum()


def problem(count):
    """A made-up problem: units, goals, rules, and how many pairs touch."""
    land, near = fabric(count)
    total = land["area_m2"][land["member"]].sum()
    goals = [Mean("slope"), Touching(-40 / total)]
    rules = [Balance(above_m2=100), Budget("area_m2", most=0.1 * total, side="leave")]
    return units(land, neighbours=near), goals, rules, len(near)


def plain(count, seconds):
    """The whole problem as one program, under the same limit; building it counts."""
    given, goals, rules, _ = problem(count)
    begun = time.monotonic()
    on = model(given, goals, rules)
    none = np.zeros(len(on.free), np.bool_)
    made = surrogate(on, none, ranges(on, spans(on)))
    found = best(
        search(on, deadline=begun + seconds), made.objective, enough=Enough(1e-3), start=none
    )
    today = objective(on, on.member(none))
    value, bound = objective(on, on.member(found.moves)), lower(made, found.bound)
    return value, open_gap(today, value, bound), time.monotonic() - begun


def sizes(counts, seconds):
    """Print time and gap against size, side by side.

    The plain program may not keep to its limit: it is stopped at `PATIENCE` times as long.
    """
    print("\nunits | pairs | gap | s | GB || plain program: gap | s | worse by, of the improvement")
    for count in counts:
        given, goals, rules, pairs = problem(count)
        plan = solve(given, goals=goals, rules=rules, seconds=seconds, gap=1e-3)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        ours = (
            f"{len(plan.member):,} | {pairs:,} | {plan.gap:.3%} | {plan.seconds:.1f} | {peak:.1f}"
        )
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            asked = pool.apply_async(plain, (count, seconds))
            try:
                value, gap, took = asked.get(PATIENCE * seconds)
            except multiprocessing.TimeoutError:
                print(f"{ours} || no answer, stopped after {PATIENCE * seconds:.0f} s", flush=True)
                continue
        worse = (value - plan.objective) / (plan.before - plan.objective)
        print(f"{ours} || {gap:.3%} | {took:.1f} | {worse:+.3%}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parcels", nargs="?", help="GeoPackage with DLBM, slope_mean and polygons")
    parser.add_argument("--near", choices=["vertices", "corners"], default="vertices")
    parser.add_argument("--cases", nargs="*", choices=CASES, default=[*CASES])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--sizes", type=int, nargs="*", default=[5_000, 20_000, 50_000, 200_000])
    given = parser.parse_args()
    # the made-up fabric is nearly one block: it is only held
    land, near = parcels(given.parcels, given.near) if given.parcels else fabric(50_000)
    table(land, near, given.seconds, 1_500_000.0 if given.parcels else 0.0)
    counties(given.cases, given.seconds)
    sizes(given.sizes, given.seconds)


if __name__ == "__main__":
    main()
