"""Whole counties: plans that keep everything asked for, close to the best, with certificates.

The published counter of the benchmark's contiguity takes two parcels as neighbours that share a
vertex, among parcels of farmland and forest only.
"""

import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.certificates import packed, unpacked, verify
from geo.exchange import Blocks, Budget, Contiguity, Mean, solve, units
from tests.made_up_parcels import BALANCE, BLOCK_M2, CASES

REAL = Path(__file__).resolve().parents[2] / "shared" / "real" / "land"
FARMLAND, FOREST = ("011", "012", "013"), ("031", "032", "033")
# pairs, contiguity, blocks in m², area leaving in m²
FILES = {
    "exchange_benchmark_plain_small_1.gpkg": (43, 0.005174, 193_000, 861_608),
    "exchange_benchmark_seed0.gpkg": (52, 0.0045, 1_500_000, 1_000_000),
}
GAPS = {"hectares": 0.005, "pairs": 0.005, "pairs and floors": 0.005, "all": 0.01}


def touching(shapes):
    """Which shapes share a vertex, to the millimetre."""
    points, owner = shapely.get_coordinates(shapes, return_index=True)
    _, place = np.unique(np.round(points, 3), axis=0, return_inverse=True)
    held = pd.DataFrame({"place": place.ravel(), "owner": owner}).drop_duplicates()
    both = held.merge(held, on="place", suffixes=("", "_other"))
    both = both[both["owner"] < both["owner_other"]].drop_duplicates(["owner", "owner_other"])
    both = both.sort_values(["owner", "owner_other"], ignore_index=True)
    return pd.DataFrame({"left": both["owner"], "right": both["owner_other"], "length_m": 1.0})


def answered(given, rules, name):
    """Solve and verify; give the line that tells it."""
    begun = time.process_time()
    plan = solve(given, goals=[Mean("slope")], rules=rules, gap=GAPS[name])
    took = time.process_time() - begun
    report = verify(unpacked(packed(plan.certificate)))
    assert report.accepted, report.problems
    assert plan.proven, (name, plan.gap)
    certified = (plan.objective - plan.certified) / abs(plan.objective - plan.before)
    return (
        f"{name}: {plan.objective / plan.before - 1:+.4%}, gap {plan.gap:.3%} by {plan.by}, "
        f"certified {certified:.3%}, {took:.1f} s of processor"
    )


def sets(pairs, contiguity, blocks_m2, area_m2):
    few = [Budget(most=pairs, side=side) for side in ("leave", "enter")]
    floors = [Contiguity(contiguity), Blocks(blocks_m2, BLOCK_M2)]
    least = [Budget("area_m2", most=area_m2, side="leave")]
    named = {"hectares": least, "pairs": few, "pairs and floors": [*few, *floors]}
    named["all"] = [*few, *floors, *least]
    return {name: [BALANCE, *rules] for name, rules in named.items()}


def test_a_small_county_keeps_pairs_floors_and_hectares_at_once():
    case = CASES["plain small"]
    county = case.parcels()
    given = units(county.land, neighbours=county.neighbours)
    answered(given, case.rules()["all"], "all")


@pytest.mark.prove
@pytest.mark.parametrize("name", [*CASES])
def test_made_up_counties_are_solved_close_to_the_best(name, figures):
    county = CASES[name].parcels()
    given = units(county.land, neighbours=county.neighbours)
    for rules, asked in CASES[name].rules().items():
        figures(f"{len(county.land):,} parcels, {answered(given, asked, rules)}")


@pytest.mark.prove
@pytest.mark.parametrize("name", [*FILES])
def test_the_public_benchmark_is_solved_close_to_the_best(name, figures):
    if not (REAL / name).exists():
        pytest.skip(f"the benchmark file {name} is not here: nothing is held against it")
    frame = gpd.read_file(REAL / name)
    frame = frame[frame["DLBM"].str[:3].isin([*FARMLAND, *FOREST])].reset_index(drop=True)
    farmland = frame["DLBM"].str[:3].isin(FARMLAND)
    land = pd.DataFrame({"area_m2": frame.area, "slope": frame["slope_mean"], "member": farmland})
    land = land.assign(may_leave=farmland, may_enter=~farmland)
    given = units(land, neighbours=touching(frame.geometry.array))
    for rules, asked in sets(*FILES[name]).items():
        figures(f"{len(land):,} parcels, {answered(given, asked, rules)}")
