"""Spikes, blocks, seams and missing detail of terrain: planted, and not seen where there are none."""

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS
from scipy import ndimage

from geo.artefacts import blocks, detail_m, seams, spikes
from geo.grid import Grid
from geo.raster import Raster

CELL = 30.0


def raster(heights):
    shape = heights.shape
    return Raster(heights, Grid(shape, Affine(CELL, 0, 0, 0, -CELL, shape[0] * CELL), CRS(4549)))


def hills(seed, side=256, power=0.9):
    """Rough ground: a spectrum that falls as relief does (Hurst exponent `power`)."""
    rng = np.random.default_rng(seed)
    along = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    along[0, 0] = np.inf
    waves = rng.normal(size=(2, side, side)) * along ** -(1 + power)
    heights = np.fft.ifft2(waves[0] + 1j * waves[1]).real
    return 500 + 120 * heights / heights.std()


@pytest.mark.parametrize("seed", range(3))
def test_rough_ground_has_nothing(seed):
    ground = raster(hills(seed).astype(np.float32))
    assert not spikes(ground, rise=30).any()
    assert blocks(ground, least=9) == []
    assert seams(ground, least=2) == []
    assert detail_m(ground) == CELL


def clear(z, row, column, ring, rise):
    """The rule of spikes in plain Python."""
    around = [
        z[row + i, column + j]
        for i in range(-ring, ring + 1)
        for j in range(-ring, ring + 1)
        if max(abs(i), abs(j)) == ring and 0 <= row + i < len(z) and 0 <= column + j < len(z)
    ]
    around = [one for one in around if not np.isnan(one)]
    over = [z[row, column] - one for one in around]
    return len(over) >= 4 * ring and (min(over) > rise or max(over) < -rise)


@pytest.mark.parametrize("seed", range(4))
def test_spikes_are_those_of_the_rule(seed):
    rng = np.random.default_rng(seed)
    heights = np.where(rng.uniform(size=(20, 20)) < 0.1, rng.normal(0, 100, (20, 20)), 0.0)
    heights[rng.uniform(size=(20, 20)) < 0.05] = np.nan
    heights = heights.astype(np.float32)
    expected = [
        (row, column)
        for row in range(20)
        for column in range(20)
        if not np.isnan(heights[row, column])
        and any(clear(heights, row, column, ring, 30 * ring) for ring in (1, 2, 3))
    ]
    assert expected
    assert [tuple(one) for one in np.argwhere(spikes(raster(heights), rise=30))] == expected


@pytest.mark.parametrize("width", [1, 2, 3, 5])
@pytest.mark.parametrize("height", [300, -300])
def test_a_spike_on_hills_is_found_whatever_its_width(width, height):
    ground = hills(1)
    ground[100 : 100 + width, 80 : 80 + width] += height
    rows, columns = np.nonzero(spikes(raster(ground), rise=30))
    assert len(rows) > 0
    assert set(rows) <= set(range(100, 100 + width))
    assert set(columns) <= set(range(80, 80 + width))


def test_a_block_is_measured():
    ground = hills(2)
    ground[50:70, 100:140] = 400.0
    [one] = blocks(raster(ground), least=9)
    assert (one.cells, one.height) == (800, 400.0)
    edge = np.concatenate(
        [ground[49, 100:140], ground[70, 100:140], ground[50:70, 99], ground[50:70, 140]]
    )
    assert one.step == pytest.approx(np.median(np.abs(edge - 400)), rel=1e-4)
    water = np.zeros(ground.shape, dtype=bool)
    water[50:70, 100:140] = True
    assert blocks(raster(ground), least=9, besides=water) == []
    assert blocks(raster(ground), least=38 * 18 + 1) == []


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("step", [40.0, -40.0])
def test_a_seam_through_hills_is_measured(turned, step):
    ground = hills(3)
    ground[:, 90:] += step
    [one] = seams(raster(ground.T if turned else ground), least=2)
    place = (one.row, one.column) if not turned else (one.column, one.row)
    assert place == (128, 90)
    assert one.length == 256
    assert one.step == pytest.approx(step, rel=0.3)


def test_a_crease_is_no_seam():
    x = np.arange(256.0)
    roof = np.tile(np.minimum(x, 255 - x) * 12, (256, 1))
    assert seams(raster(roof), least=2) == []


@pytest.mark.parametrize("order", [1, 3])
@pytest.mark.parametrize("times", [8, 30])
def test_interpolated_heights_show_how_far_apart_they_were(order, times):
    coarse = hills(4, side=32 if times == 30 else 64)
    ground = ndimage.zoom(coarse, times, order=order, mode="nearest")[:900, :900]
    assert detail_m(raster(ground)) / CELL == pytest.approx(times, rel=0.5)


def test_repeated_cells_show_how_often():
    ground = np.kron(hills(4, side=32), np.ones((8, 8)))
    assert detail_m(raster(ground)) / CELL == pytest.approx(8, rel=0.1)


def test_detail_of_a_plain_is_not_known():
    plain = np.round(hills(5) / 120)
    assert detail_m(raster(plain)) is None
    assert detail_m(raster(np.full((256, 256), np.nan))) is None
    assert detail_m(raster(hills(5)[:40])) is None
