"""The shipped county built again is the shipped county.

`make prove` builds all of it. `make test` builds it with what is heavy to make handed from the
shipped county: the terrain, its rivers, the shapes of the townships and the parcels. All else is
made anew on these, by the same build, and has to come out byte for byte. What was handed is made on
a window of the county instead, whose bytes are known (`WINDOWS`).
"""

import hashlib
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geo.files import read_raster
from geo.grid import Grid
from geo.raster import crop, resample
from layers import build as building
from layers import source
from layers.archive import unpacked
from layers.building import facts, land, relief, townships, water
from layers.catalog import CATALOG
from layers.county import layer_file, load
from layers.folder import SHIPPED, sha256_of

pytestmark = pytest.mark.xdist_group("build")  # built once, not by every worker
COUNTY = SHIPPED / "jingning"
SEAT = "331127202"  # the windows lie around it: a town, a new town, roads, fields, a pilot


@pytest.fixture(scope="module")
def shipped():
    return load("jingning")


@pytest.fixture(scope="module")
def handing(shipped):
    """Give a way to hand the heavy layers from the shipped county."""

    def hand(patch):
        dem, rivers = shipped.raster("dem"), shipped.vector("rivers").reset_index()
        patch.setattr(relief, "terrain", lambda *_, **__: dem)
        patch.setattr(water, "streams", lambda *_: [])
        patch.setattr(water, "bedded", lambda ground, *_, **__: ground)
        patch.setattr(water, "rivers", lambda *_: rivers)
        shapes, parcels = shipped.vector("townships")[["geometry"]], shipped.vector("parcels")
        patch.setattr(townships, "partition", lambda *_: shapes)
        patch.setattr(land, "_parcels", lambda *_: parcels)

    return hand


@pytest.fixture(scope="module", params=["handed", pytest.param("whole", marks=pytest.mark.prove)])
def rebuilt(request, tmp_path_factory, handing):
    folder = tmp_path_factory.mktemp("rebuilt") / "jingning"
    told = []
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "handed":
            handing(patch)
        building.build(folder, progress=told.append)
    assert sorted(told) == layers_of(folder)
    return folder


def layers_of(folder):
    return sorted(path.parent.name for path in folder.glob("*/source.toml"))


def test_the_same_layers_come_out(rebuilt):
    assert layers_of(rebuilt) == layers_of(COUNTY)
    assert (rebuilt / "county.toml").read_bytes() == (COUNTY / "county.toml").read_bytes()


@pytest.mark.parametrize("layer", layers_of(COUNTY))
def test_every_layer_is_built_byte_for_byte(rebuilt, layer):
    made, shipped = layer_file(rebuilt, layer), layer_file(COUNTY, layer)
    first, second = (source.read(one.with_name("source.toml")) for one in (made, shipped))
    assert replace(first, sha256=second.sha256) == second
    assert (first.sha256, second.sha256) == (sha256_of(made), sha256_of(shipped))
    if CATALOG[layer].kind != "raster":
        with (
            unpacked(made) as ours,
            unpacked(shipped) as theirs,
        ):  # zlib's releases pack differently
            assert ours.read_bytes() == theirs.read_bytes()
        return
    # Another release of GDAL writes the same cells in other bytes.
    ours, theirs = read_raster(made), read_raster(shipped)
    assert ours.grid == theirs.grid
    assert np.array_equal(ours.values, theirs.values, equal_nan=True)


def test_terrain_is_byte_equal_within_one_environment(rebuilt, tmp_path):
    from layers.building.relief import STEP_M
    from layers.county import write_layer

    dem = read_raster(layer_file(rebuilt, "dem"))
    known = source.read(rebuilt / "dem" / "source.toml")
    write_layer(tmp_path, "dem", dem, known, scale=STEP_M)
    assert layer_file(tmp_path, "dem").read_bytes() == layer_file(rebuilt, "dem").read_bytes()


def digest(content):
    """Tell bytes apart from all others by twelve signs."""
    return hashlib.sha256(content).hexdigest()[:12]


def text(frame):
    return frame.to_wkb().to_csv().encode()


def around(shipped, half, cell=1):
    """A square around the seat, its south-western corner at whole cells."""
    x, y = (int(v - half) // cell * cell for v in shapely.get_coordinates(seat(shipped))[0])
    return shapely.box(x, y, x + 2 * half, y + 2 * half)


def seat(shipped):
    return shipped.vector("seats").geometry[SEAT]


def relief_of_a_window(shipped, patch):
    """The terrain of 6 km and its streams, as cells and lines."""
    square = around(shipped, 2970, cell=90)
    patch.setattr(
        relief, "grid", lambda metres: Grid.from_bounds(square.bounds, metres, facts.COUNTY_CRS)
    )
    seats = shipped.vector("seats")
    fixed = seats.loc[[SEAT], ["height_m", "geometry"]]
    dem = relief.terrain(facts.points(facts.table("heights")), fixed=fixed)
    traced = water.streams(dem, square)
    dem = water.bedded(dem, traced, step_m=relief.STEP_M)
    steps = np.round(dem.values / relief.STEP_M).astype("<i4")
    rivers = water.rivers(traced, square, facts.document("zones")["rivers"], dem.grid.crs)
    return [digest(steps.tobytes()), digest(text(rivers))]


def townships_of_a_window(shipped, _):
    """Three townships of 13 km, that grow over the shipped terrain."""
    square, home = around(shipped, 6300), seat(shipped)
    spots = [shapely.Point(home.x + x, home.y + y) for x, y in ((-3000, -3000), (3000, 0), (0, 0))]
    places = gpd.GeoDataFrame({"code": [*"abc"]}, geometry=spots, crs=facts.COUNTY_CRS)
    dem = crop(shipped.raster("dem"), square.buffer(1800).bounds)
    coarse = resample(
        dem, Grid.from_bounds(dem.grid.bounds, facts.COARSE_M, dem.grid.crs), how="average"
    )
    areas = pd.Series({"a": 5.0, "b": 4.0, "c": 6.0})
    shapes = townships.partition(square, places, areas, townships.friction(coarse))
    return [digest(text(shapes))]


def parcels_of_a_window(shipped, _):
    """The parcels of 900 m around the seat: town, fields, woods, roads and streams."""
    square, vector = around(shipped, 450), shipped.vector
    pilots, people = vector("pilots").loc[[SEAT]], vector("settlements")
    scene = land.Scene(
        dem=shipped.raster("dem"),
        coarse=shipped.raster("dem"),
        outline=vector("outline").geometry.iloc[0],
        pilots=pilots.set_geometry(pilots.intersection(square)),
        seats=vector("seats"),
        settlements=people[people.within(square)],
        roads=vector("roads"),
        rivers=vector("rivers"),
        lake=vector("lake").geometry[building.POOL_IDS["normal"]],
        new_town=vector("new_town").union_all(),
        park=vector("park"),
    )
    parcels = land._parcels(scene, facts.document("zones")["towns"])
    assert parcels["DLBM"].nunique() > 15
    return [digest(text(parcels))]


WINDOWS = {
    relief_of_a_window: ["db050ed7d46d", "56a9c346ba0b"],
    townships_of_a_window: ["73189b1148b9"],
    parcels_of_a_window: ["7312cfe14f40"],
}
"""Digests of what is made on a window; they change only with what is shipped of its kind."""


@pytest.mark.parametrize("made", WINDOWS, ids=lambda made: made.__name__)
def test_what_is_heavy_is_made_the_same_on_a_window(shipped, made, monkeypatch):
    assert made(shipped, monkeypatch) == WINDOWS[made]
