"""Rasters as users send them: placed right, voids kept as voids, brought onto a square grid."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS, Transformer

from geo.errors import CrsError, FileError, GridError, InputError, LimitError, PlanningError
from geo.raster import Raster, sample
from layers.intake import grid, squaring
from layers.intake.grid import Cells
from layers.intake.reading import Options, read
from layers.intake.squaring import squared

SPEC = importlib.util.spec_from_file_location(
    "intake_files", Path(__file__).with_name("intake_files.py")
)
made = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made)

METRIC = CRS(4549)
RAMP = np.arange(20 * 30, dtype=np.float32).reshape(20, 30)


def refused(path, *words, **options):
    with pytest.raises(InputError) as caught:
        read(path, Options(**options))
    for word in (*words, path.name):
        assert word in str(caught.value), str(caught.value)
    return made.told_twice(caught.value)


class TestHgt:
    def test_heights_stand_where_the_name_says(self, tmp_path):
        raster = read(made.hgt(tmp_path / "N27E119.hgt"), crs=METRIC).data
        # Row r of the tile lies at latitude 28 − r/1200 and is r metres high: height = (28 − lat) × 1200.
        lon, lat = np.meshgrid(np.linspace(119.1, 119.9, 9), np.linspace(27.1, 27.9, 9))
        x, y = Transformer.from_crs(4326, 4549, always_xy=True).transform(lon.ravel(), lat.ravel())
        found = sample(raster, x, y)
        assert np.abs(found - (28 - lat.ravel()) * 1200).max() < 0.02
        assert raster.grid.resolution == 90
        assert raster.values.dtype == np.float32

    def test_how_far_apart_heights_stand_is_told_however_fine_the_cells(self, tmp_path):
        # 3 arc seconds of a degree of 111,320 m: 92.8 m, on cells of 30 m too.
        path = made.hgt(tmp_path / "N27E119.hgt")
        for options in (Options(), Options(resolution=30)):
            assert read(path, options, crs=METRIC).resolution_m == 92.8

    def test_without_a_county_it_stays_in_degrees(self, tmp_path):
        raster = read(made.hgt(tmp_path / "n27e119.hgt")).data
        west, south, east, north = raster.grid.bounds
        half = 1 / 2400
        assert (west, south, east, north) == pytest.approx(
            (119 - half, 27 - half, 120 + half, 28 + half), abs=1e-9
        )

    def test_voids_stay_voids(self, tmp_path):
        raster = read(made.hgt(tmp_path / "N27E119.hgt", voids=600), crs=METRIC).data
        assert np.nanmin(raster.values) >= 0
        there = raster.valid.mean()
        assert 0.45 < there < 0.52

    def test_its_name_is_needed(self, tmp_path):
        refused(made.hgt(tmp_path / "tile.hgt"), "N27E119.hgt")

    def test_bytes_that_are_no_terrain(self, tmp_path):
        path = tmp_path / "N27E119.hgt"
        path.write_bytes(np.arange(1201 * 1201, dtype=">u4").astype(">u2").tobytes())
        refused(path, "not terrain")

    def test_a_cut_tile(self, tmp_path):
        path = made.hgt(tmp_path / "N27E119.hgt")
        path.write_bytes(path.read_bytes()[:-1000])
        refused(path, "not supported")

    def test_southern_and_western_tiles(self, tmp_path):
        raster = read(made.hgt(tmp_path / "S01W080.hgt")).data
        assert raster.grid.bounds[0] == pytest.approx(-80, abs=1e-3)
        assert raster.grid.bounds[3] == pytest.approx(0, abs=1e-3)


class TestGeoTiff:
    def test_a_raster_in_the_countys_crs_is_not_resampled(self, tmp_path):
        done = read(made.geotiff(tmp_path / "a.tif", RAMP), crs=METRIC)
        assert np.array_equal(done.data.values, RAMP)
        assert "grid as it was" in done.steps[0].en

    def test_it_is_cut_to_what_is_needed(self, tmp_path):
        path = made.geotiff(tmp_path / "a.tif", RAMP)
        raster = read(path, crs=METRIC, bounds=(460_095, 3_099_700, 460_200, 3_099_905)).data
        # Columns 3 … 6 (460,090 … 460,210) and rows 3 … 9 (3,099,910 … 3,099,700).
        assert np.array_equal(raster.values, RAMP[3:10, 3:7])
        assert raster.grid.bounds == (460_090, 3_099_700, 460_210, 3_099_910)

    def test_a_bigger_raster_in_another_crs_is_read_in_part(self, tmp_path):
        rows, columns = np.mgrid[0:600, 0:600]
        plane = (rows * 2 + columns).astype(np.float32)
        place = Affine(0.001, 0, 119.2, 0, -0.001, 28.3)
        path = made.geotiff(tmp_path / "a.tif", plane, crs="EPSG:4326", transform=place)
        bounds = (460_000.0, 3_090_000.0, 462_000.0, 3_092_000.0)
        raster = read(path, Options(resolution=20), crs=METRIC, bounds=bounds).data
        assert raster.grid.bounds == bounds
        x, y = raster.grid.xy(*np.mgrid[0:100:7, 0:100:7])
        lon, lat = Transformer.from_crs(4549, 4326, always_xy=True).transform(x, y)
        expected = ((28.3 - lat) / 0.001 - 0.5) * 2 + (lon - 119.2) / 0.001 - 0.5
        assert np.abs(sample(raster, x, y) - expected).max() < 0.05

    def test_a_rotated_and_an_oblong_grid_become_square(self, tmp_path):
        for name, place in {
            "rotated": Affine.translation(460_000, 3_100_000)
            @ Affine.rotation(30)
            @ Affine.scale(30, -30),
            "oblong": Affine(30, 0, 460_000, 0, -60, 3_100_000),
            "upside down": Affine(30, 0, 460_000, 0, 30, 3_100_000),
        }.items():
            raster = read(made.geotiff(tmp_path / f"{name}.tif", RAMP, transform=place)).data
            assert isinstance(raster, Raster)
            assert raster.valid.any()

    def test_no_data_is_never_a_height(self, tmp_path):
        values = RAMP.copy()
        values[5:8, 5:8] = -9999
        path = made.geotiff(tmp_path / "a.tif", values, nodata=-9999)
        raster = read(path, Options(resolution=37), crs=METRIC).data
        assert np.nanmin(raster.values) >= 0

    def test_undeclared_voids_are_found_and_others_can_be_named(self, tmp_path):
        values = RAMP.astype(np.int16)
        values[0, 0], values[1, 1] = -32768, -9999
        done = read(made.geotiff(tmp_path / "a.tif", values), Options(nodata=-9999))
        assert np.isnan(done.data.values[[0, 1], [0, 1]]).all()
        assert "voids" in done.warnings[0].en

    def test_a_no_data_value_that_could_be_a_height_is_warned_of(self, tmp_path):
        done = read(made.geotiff(tmp_path / "a.tif", RAMP, nodata=0))
        assert "no data is 0" in done.warnings[0].en

    def test_scale_and_offset_are_applied(self, tmp_path):
        import rasterio

        path = made.geotiff(tmp_path / "a.tif", RAMP.astype(np.int16))
        with rasterio.open(path, "r+") as source:
            source.scales, source.offsets = (0.1,), (100.0,)
        assert read(path).data.values == pytest.approx(RAMP * 0.1 + 100, abs=1e-4)

    def test_classes_stay_classes(self, tmp_path):
        values = np.where(RAMP > 300, 7, 3).astype(np.uint8)
        raster = read(
            made.geotiff(tmp_path / "a.tif", values), Options(resolution=13, how="nearest")
        ).data
        assert set(np.unique(raster.values[raster.valid])) == {3, 7}

    def test_a_coarser_grid_takes_the_mean(self, tmp_path):
        values = np.tile(np.array([[0, 8], [4, 0]], dtype=np.float32), (10, 10))
        place = Affine(30, 0, 459_960, 0, -30, 3_099_960)
        path = made.geotiff(tmp_path / "a.tif", values, transform=place)
        raster = read(path, Options(resolution=60)).data
        assert raster.values == pytest.approx(np.full((10, 10), 3))  # (0 + 8 + 4 + 0) / 4

    def test_an_alpha_band_is_a_mask(self, tmp_path):
        bands = np.stack([RAMP.astype(np.uint16), np.full(RAMP.shape, 65535, np.uint16)])
        bands[1, :5] = 0
        path = made.geotiff(tmp_path / "a.tif", bands, photometric="MINISBLACK", alpha="YES")
        assert np.isnan(read(path).data.values[:5]).all()

    @pytest.mark.parametrize(
        ("values", "options", "word"),
        [
            (np.stack([RAMP] * 3), {}, "one real band"),
            (RAMP.astype(np.complex64), {}, "one real band"),
            (RAMP, {"crs": None}, "--crs EPSG:xxxx"),
            (RAMP, {"crs": "EPSG:2384"}, "CGCS2000"),
            (RAMP, {"crs": "EPSG:4326"}, "metres, not degrees"),
            (RAMP, {"crs": "EPSG:4528"}, "EPSG:4549"),
        ],
        ids=["bands", "complex", "no crs", "xian80", "metres", "prefix"],
    )
    def test_what_cannot_be_used_is_refused(self, tmp_path, values, options, word):
        refused(made.geotiff(tmp_path / "a.tif", values, **options), word)

    def test_no_place_unless_a_world_file_gives_one(self, tmp_path):
        path = made.geotiff(tmp_path / "a.tif", RAMP, transform=made.NOWHERE)
        refused(path, "no place")
        path.with_suffix(".tfw").write_text("30\n0\n0\n-30\n460015\n3099985\n")
        assert read(path).data.grid.bounds[:1] == (460_000,)

    def test_a_file_beside_it_changes_nothing(self, tmp_path):
        path = made.geotiff(tmp_path / "a.tif", RAMP)
        beside = path.with_name("a.tif.aux.xml")
        beside.write_text("<PAMDataset><SRS>EPSG:4528</SRS><Metadata/></PAMDataset>")
        assert read(path).data.grid.crs.to_epsg() == 4549

    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
    def test_a_cut_file_is_refused(self, tmp_path, share):
        path = made.geotiff(
            tmp_path / "a.tif", np.random.default_rng(1).random((300, 300)), compress="DEFLATE"
        )
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
        refused(path)

    def test_a_few_bytes_that_claim_to_be_huge(self, tmp_path, monkeypatch):
        monkeypatch.setattr(grid, "MOST_CELLS", 500)
        with pytest.raises(LimitError, match="too many cells"):
            read(made.geotiff(tmp_path / "a.tif", RAMP))
        monkeypatch.setattr(grid, "MOST_CELLS", 700)
        monkeypatch.setattr(squaring, "MOST_CELLS", 700)
        with pytest.raises(LimitError, match="--resolution"):
            read(made.geotiff(tmp_path / "a.tif", RAMP), Options(resolution=1))

    def test_gcj02_is_not_for_rasters(self, tmp_path):
        with pytest.raises(FileError, match="GCJ-02"):
            read(made.geotiff(tmp_path / "a.tif", RAMP), Options(crs="GCJ-02"))

    def test_a_raster_elsewhere(self, tmp_path):
        path = made.geotiff(tmp_path / "a.tif", RAMP)
        with pytest.raises(GridError, match="outside of the county"):
            read(path, crs=METRIC, bounds=(0.0, 0.0, 10.0, 10.0))

    def test_other_datums_are_not_warped_on_the_quiet(self):
        cells = Cells(RAMP, Affine(30, 0, 460_000, 0, -30, 3_100_000), CRS(26711))
        with pytest.raises(CrsError):
            squared(cells, METRIC)

    def test_broken_bytes_end_in_our_own_errors(self, tmp_path):
        whole = made.geotiff(tmp_path / "a.tif", RAMP, compress="LZW").read_bytes()
        rng = np.random.default_rng(7)
        for _ in range(60):
            raw = bytearray(whole)
            for place in rng.integers(0, len(raw), 4):
                raw[place] = int(rng.integers(0, 256))
            (tmp_path / "b.tif").write_bytes(bytes(raw))
            try:
                assert isinstance(read(tmp_path / "b.tif").data, Raster)
            except PlanningError:
                continue
