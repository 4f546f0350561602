"""Roads between random places, on modelled and on measured terrain: every rule that is tested holds.

Without the measured terrain beside the project only the modelled one is tried, and the run says so.
"""

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.warp import Resampling, reproject

from geo.crs import transformer
from geo.errors import GridError, InfeasibleError, LimitError
from geo.raster import Raster, crop
from layers.county import County, load
from scenarios.corridor.design import designed
from scenarios.corridor.road import measured
from scenarios.corridor.terms import Corridor, setting

MEASURED = Path(__file__).resolve().parents[2] / "shared" / "real" / "terrain" / "N27E119.hgt"
CLASSES = ("class_ii_60", "class_iii_40", "class_iii_30", "class_iv_20")
KEPT = ("dem", "outline", "townships", "roads", "lake", "lake_levels", "rivers")
HALO_M = 900.0
ENDS = ("legal", "infeasible", "limit", "edge")
pytestmark = pytest.mark.xdist_group("corridor")


@functools.cache
def modelled():
    """Give what a road needs of the shipped county."""
    whole = load("jingning")
    data = {name: whole.data[name] for name in KEPT}
    return County(
        whole.id, whole.name, whole.crs, data, {name: whole.sources[name] for name in KEPT}
    )


@functools.cache
def on_measured_terrain():
    """Give the same county on SRTM terrain, read from one tile of it: cells beyond are unknown."""
    place = modelled()
    grid = place.raster("dem").grid
    values = np.full(grid.shape, np.nan)
    with rasterio.open(MEASURED) as source:
        reproject(
            source.read(1).astype(float),
            values,
            src_transform=source.transform,
            src_crs=source.crs,
            dst_transform=grid.transform,
            dst_crs=str(place.crs),
            resampling=Resampling.bilinear,
            dst_nodata=np.nan,
        )
    source = replace(place.sources["dem"], resolution_m=30.0)
    return replace(
        place,
        data={**place.data, "dem": Raster(values, grid)},
        sources={**place.sources, "dem": source},
    )


def between(place, seed):
    """Draw two places 0.25 to 2 km apart on known ground; give the county about them, and them."""
    dem = place.raster("dem")
    rng = np.random.default_rng(seed)
    rows, columns = np.nonzero(dem.valid)
    inner = (
        (rows > 60)
        & (rows < dem.grid.shape[0] - 60)
        & (columns > 60)
        & (columns < dem.grid.shape[1] - 60)
    )
    rows, columns = rows[inner], columns[inner]
    while True:
        a = int(rng.integers(rows.size))
        x, y = dem.grid.xy(rows[a], columns[a])
        far, way = 250 * 8 ** rng.uniform(), rng.uniform(0, 2 * np.pi)  # as many of any size
        ends = np.array([(x, y), (x + far * np.cos(way), y + far * np.sin(way))])
        there = dem.grid.index(*ends[1])
        if not dem.grid.inside(*there):
            continue
        low, high = ends.min(axis=0) - HALO_M, ends.max(axis=0) + HALO_M
        part = crop(dem, (*low, *high))
        if part.valid.all():
            return replace(place, data={**place.data, "dem": part}), ends


def outcome(place, seed):
    """Give what is broken by a road between two places drawn, or why there is none."""
    around, ends = between(place, seed)
    lon, lat = transformer(place.crs, 4326).transform(*ends.T)
    asked = Corridor(
        points=tuple(f"{a:.7f},{b:.7f}" for a, b in zip(lon, lat, strict=True)),
        road=CLASSES[seed % len(CLASSES)],
        forbid=(),
        repel_yuan_m={},
        coarse_terrain=True,  # the shipped terrain is of a 900 m source
    )
    known = setting(around, asked)
    try:
        roads = designed(known)
    except LimitError:
        return "limit"
    except InfeasibleError as error:
        return "infeasible" if explained(error) else f"{seed}: {error}"
    try:
        case = measured("A", roads.roads[0], known, roads.policy)
    except GridError:  # slopes that leave the terrain cut out about the places are refused
        return "edge"
    assert case.tested >= {"superelevation", "runoff", "widening", "sight_crest", "sight_curve"}
    return "legal" if case.broken.empty else f"{seed}: {case.broken.to_dict('records')}"


def explained(error):
    """Say whether every problem names a limit that binds, and what was found or would open a way."""
    return error.problems and all(
        one.field and (one.found or one.expected or one.remedy) for one in error.problems
    )


def outcomes(place, seeds):
    found = [outcome(place, seed) for seed in seeds]
    broken = [one for one in found if one not in ENDS]
    assert broken == []
    return {name: found.count(name) for name in ENDS}


def test_roads_between_random_places_obey_every_rule():
    # A road of class II at 60 km/h and one of class IV at 20; `make prove` takes all classes.
    assert outcomes(modelled(), (0, 3))["legal"] == 2


@pytest.mark.prove
@pytest.mark.parametrize("terrain", [modelled, on_measured_terrain])
def test_250_roads_between_random_places_obey_every_rule(terrain, seeds, figures):
    if terrain is on_measured_terrain and not MEASURED.exists():
        pytest.skip("the measured terrain is not beside the project")
    told = outcomes(terrain(), seeds(250))
    figures(f"{terrain.__name__}: {told}, 0 breaches")
    assert told["legal"] > 100
