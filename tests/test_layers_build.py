"""The shipped county built again is the shipped county."""

from dataclasses import replace

import numpy as np
import pytest

from geo.files import read_raster
from layers import source
from layers.archive import unpacked
from layers.build import build
from layers.catalog import CATALOG
from layers.county import layer_file
from layers.folder import SHIPPED, sha256_of

pytestmark = pytest.mark.xdist_group("build")  # built once, not by every worker
COUNTY = SHIPPED / "jingning"


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rebuilt") / "jingning"
    told = []
    build(folder, progress=told.append)
    assert told
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
    assert first.sha256 == sha256_of(made)
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
