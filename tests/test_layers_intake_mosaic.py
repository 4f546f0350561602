"""Terrain of several files, and over what stands: by preference, seams measured, nothing lost."""

import importlib.util
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pyproj import CRS

from geo.errors import GridError, InputError, SchemaError, UsageError
from geo.grid import Grid
from geo.raster import Raster
from geo.words import Text
from layers.__main__ import main
from layers.county import layer_file, load
from layers.folder import Head, write_head
from layers.intake.bring import Options, bring
from layers.intake.mosaic.sheets import NOBODY, Sheet, laid
from layers.intake.mosaic.standing import merged_source
from layers.source import Part, Quality, both, dumps
from layers.source import read as read_source

SPEC = importlib.util.spec_from_file_location(
    "intake_files", Path(__file__).with_name("intake_files.py")
)
made = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made)

METRIC = CRS(4549)
NONE = np.nan


def grid(rows, columns, side=10.0, x=460_000.0, y=3_100_000.0):
    return Grid((rows, columns), Affine(side, 0, x, 0, -side, y), METRIC)


def sheet(name, values, **where):
    values = np.array(values, dtype=np.float32)
    return Sheet(name, Raster(values, grid(*values.shape, **where)))


def tile(folder, name, values, side=90.0, x=460_000.0, y=3_100_000.0):
    values = np.array(values, dtype=np.float32)
    place = Affine(side, 0, x, 0, -side, y)
    return made.geotiff(folder / name, values, transform=place, nodata=-9999)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "county"
    write_head(place, Head("made", Text("某县", "Made"), "EPSG:4549"))
    return place


class TestSheets:
    def test_by_hand(self):
        # Three cells in a row: one has 1 2 – –, the other – 5 7 9; they share the second cell.
        one = sheet("one", [[1, 2, NONE, NONE]])
        two = sheet("two", [[NONE, 5, 7, 9]])
        done = laid([one, two], grid(1, 4))
        assert done.raster.values.tolist() == [[1, 2, 7, 9]]
        assert done.owner.tolist() == [[0, 0, 1, 1]]
        overlap, edge = done.seams
        assert (overlap.where, overlap.cells, overlap.mean, overlap.most) == ("overlap", 1, -3, -3)
        assert (edge.where, edge.cells, edge.mean) == ("edge", 1, -3)
        # Where nothing overlaps the step over the edge is all there is: 2 − 7.
        (step,) = laid([one, sheet("two", [[NONE, NONE, 7, 9]])], grid(1, 4)).seams
        assert (step.where, step.cells, step.mean, step.most) == ("step", 1, -5, -5)
        assert laid([one, sheet("far", [[8]], x=469_000.0)], grid(1, 901)).seams == ()

    def test_voids_are_filled_from_others_only_and_counted(self):
        import shapely

        extent = shapely.box(460_000, 3_099_990, 460_040, 3_100_000)  # all four cells
        one = Sheet("one", sheet("", [[1, NONE, NONE, 4]]).raster, extent)
        two = sheet("two", [[NONE, 5, NONE, NONE]])
        done = laid([one, two], grid(1, 4))
        assert done.filled == (0, 1)
        assert done.voids == 1
        assert np.isnan(done.raster.values[0, 2])

    def test_what_fills_a_void_is_moved_by_the_difference_at_its_rim(self):
        slope = np.add.outer(np.zeros(9), 20.0 * np.arange(9)).astype(np.float32)
        holed = slope.copy()
        holed[4, 4], holed[2, 6] = NONE, NONE
        low = sheet("low", slope - 300)
        done = laid([sheet("one", holed), low], grid(9, 9))
        assert done.filled == (0, 2)
        assert done.raster.values == pytest.approx(slope)
        assert done.owner[4, 4] == done.owner[2, 6] == 1
        # What lies beyond the preferred sheet is taken as it is, and its step is told.
        beyond = laid([sheet("one", holed[:, :6]), low], grid(9, 9))
        assert beyond.filled == (0, 1)
        assert beyond.raster.values[:, 6:] == pytest.approx(slope[:, 6:] - 300)
        assert {seam.mean for seam in beyond.seams} == {300}
        # Classes are never moved.
        kept = laid([sheet("one", holed), low], grid(9, 9), classes=True).raster.values
        assert kept[4, 4] == slope[4, 4] - 300

    @given(
        st.lists(
            arrays.arrays(
                np.float32, (4, 5), elements=st.sampled_from([NONE, 1.0, 2.0, 3.5, -4.0])
            ),
            min_size=1,
            max_size=4,
        )
    )
    def test_laws(self, every):
        sheets = [sheet(str(n), values) for n, values in enumerate(every)]
        done = laid(sheets, grid(4, 5), classes=True)  # in heights voids are moved to their rims
        stack = np.array(every)
        there = ~np.isnan(stack)
        # A cell has data where any sheet has, and then that of the first that has.
        assert (done.raster.valid == there.any(axis=0)).all()
        first = there.argmax(axis=0)
        assert (done.owner == np.where(there.any(axis=0), first, NOBODY)).all()
        picked = np.take_along_axis(stack, first[None], axis=0)[0]
        assert np.array_equal(done.raster.values, picked, equal_nan=True)
        for seam in done.seams:
            if seam.where == "overlap":
                gap = stack[int(seam.one)] - stack[int(seam.other)]
                assert seam.cells == (~np.isnan(gap)).sum()
                assert seam.mean == pytest.approx(np.nanmean(gap), abs=1e-6)
                assert abs(seam.most) == pytest.approx(np.nanmax(np.abs(gap)))

    def test_sheets_off_the_grid_and_classes(self):
        off = sheet("off", np.tile([[2.0, 6.0]], (4, 1)), x=460_005.0)
        done = laid([off], grid(4, 3))
        assert done.raster.values[1, 1] == pytest.approx(4)  # half way from 2 to 6
        classes = laid([off], grid(4, 3), classes=True).raster
        assert set(np.unique(classes.values[classes.valid])) <= {2.0, 6.0}


class TestFiles:
    def test_the_first_file_is_preferred_and_the_other_fills(self, folder, tmp_path):
        near = np.full((4, 4), 100.0)
        near[1, 1] = -9999
        files = [
            tile(tmp_path, "near.tif", near),
            tile(tmp_path, "far.tif", np.full((4, 8), 130.0), x=460_180.0),
        ]
        done = bring(folder, files[0], "dem", options=Options(further=(files[1],)))
        dem = load(folder).raster("dem")
        # 16 cells of near less a void; of far the six columns from the third of near on, two below.
        assert np.nansum(dem.values == 100) == 15
        assert np.nansum(dem.values == 130) == 4 * 6
        assert dem.grid.bounds == (460_000, 3_099_640, 460_900, 3_100_000)
        said = [words.en for words in done.steps]
        assert any("8 cells overlap, mean difference -30.00, largest -30.00" in one for one in said)
        assert any("1 void cells stay voids" in one for one in said)
        assert done.source.parts == (
            Part("near.tif", 90.0, round(15 / 39, 4)),
            Part("far.tif", 90.0, round(24 / 39, 4)),
        )
        other = bring(folder, files[1], "dem", options=Options(further=(files[0],), replace=True))
        assert other.rows == 39
        assert np.nansum(load(folder).raster("dem").values == 130) == 4 * 8

    def test_the_resolution_is_that_of_the_coarsest_source_with_shares(self, folder, tmp_path):
        fine = tile(tmp_path, "fine.tif", np.full((8, 8), 100.0), side=30.0)
        coarse = tile(tmp_path, "coarse.tif", np.full((2, 2), 100.0), side=900.0)
        done = bring(folder, fine, "dem", options=Options(further=(coarse,)))
        assert load(folder).raster("dem").grid.resolution == 30
        assert done.source.resolution_m == 900
        # 64 fine cells of 3,600 in all.
        assert [part.share for part in done.source.parts] == [0.0178, 0.9822]
        assert any("30 m 1.8%, 900 m 98.2%" in words.en for words in done.steps)
        again = read_source(folder / "dem" / "source.toml")
        assert again == done.source
        alone = bring(folder, coarse, "dem", options=Options(resolution=30, replace=True))
        assert (alone.source.resolution_m, load(folder).raster("dem").grid.resolution) == (900, 30)

    def test_srtm_tiles_meet_in_a_row_they_share(self, folder, tmp_path):
        files = [made.hgt(tmp_path / name) for name in ("N27E119.hgt", "N28E119.hgt")]
        done = bring(folder, files[0], "dem", options=Options(further=(files[1],), resolution=900))
        said = [words.en for words in done.steps if "seam" in words.en]
        # Each falls by 1,200 m from north to south: at 28° N the one is 0 m and the other 1,200 m high.
        assert any("edge" in one for one in said)
        assert load(folder).raster("dem").valid.mean() > 0.9

    def test_by_the_command(self, folder, tmp_path, capsys):
        one = tile(tmp_path, "one.tif", np.full((4, 4), 100.0))
        two = tile(tmp_path, "two.tif", np.full((4, 4), 90.0), x=460_360.0)
        assert main(["import", str(folder), str(one), str(two), "--as", "dem"]) == 0
        assert "4 pairs along the edge" in capsys.readouterr().out
        assert main(["import", str(folder), str(one), "--as", "dem", "--replace"]) == 0
        assert load(folder).raster("dem").valid.sum() == 16

    def test_what_is_no_raster_is_one_file(self, folder, tmp_path):
        path = made.geojson(tmp_path / "a.geojson", made.feature(made.point(119.5, 28)))
        for options in (Options(further=(path,)), Options(replace=True)):
            with pytest.raises(UsageError, match="no raster"):
                bring(folder, path, "seats", options=options)
        dem = tile(tmp_path, "one.tif", np.full((4, 4), 100.0))
        with pytest.raises(SchemaError, match="raster"):
            bring(folder, dem, "dem", options=Options(further=(path,)))


class TestStanding:
    def whole(self, folder, tmp_path, **options):
        path = tile(tmp_path, "whole.tif", np.full((10, 10), 100.0))
        return bring(folder, path, "dem", options=Options(**{"quality": "open", **options}))

    def test_a_smaller_tile_improves_and_the_rest_is_kept(self, folder, tmp_path):
        self.whole(folder, tmp_path, publisher="NASA")
        part = tile(tmp_path, "part.tif", np.full((3, 3), 120.0))
        done = bring(folder, part, "dem", options=Options(quality="derived", publisher="局"))
        dem = load(folder).raster("dem")
        assert dem.valid.sum() == 100
        assert (dem.values == 120).sum() == 9
        assert done.source.quality is Quality.DERIVED
        assert "NASA" in done.source.publisher
        assert "局" in done.source.publisher
        assert done.source.parts == (Part("part.tif", 90.0, 0.09), Part("whole.tif", 90.0, 0.91))
        assert any("--replace" in words.en for words in done.warnings)
        assert any("whole.tif" in step for step in done.source.steps)

    def test_a_coarser_one_only_fills(self, folder, tmp_path):
        self.whole(folder, tmp_path)
        coarse = tile(tmp_path, "coarse.tif", np.full((2, 3), 50.0), side=900.0)
        done = bring(folder, coarse, "dem", options=Options(quality="open"))
        dem = load(folder).raster("dem")
        assert (dem.values == 100).sum() == 100
        assert (dem.values == 50).sum() == 500
        assert done.source.resolution_m == 900
        assert any("no better" in words.en for words in done.warnings)
        # A part of what is now of two sources is covered: it is not known of which.
        fine = tile(tmp_path, "fine.tif", np.full((1, 1), 70.0))
        after = bring(folder, fine, "dem", options=Options(quality="open"))
        assert after.source.parts[1] == Part("whole.tif; coarse.tif", 900.0, round(599 / 600, 4))

    def test_modelled_terrain_gives_way_to_measured_and_not_the_other_way(self, folder, tmp_path):
        self.whole(folder, tmp_path, quality="modelled")
        coarse = tile(tmp_path, "coarse.tif", np.full((1, 1), 50.0), side=180.0)
        bring(folder, coarse, "dem", options=Options(quality="open"))
        assert (load(folder).raster("dem").values == 50).sum() == 4
        finer = tile(tmp_path, "finer.tif", np.full((20, 20), 10.0), side=45.0)
        modelled = Options(quality="modelled", replace=True)
        bring(folder, coarse, "dem", options=Options(quality="open", replace=True))
        bring(folder, finer, "dem", options=Options(quality="modelled"))
        assert (load(folder).raster("dem").values == 50).sum() == 16
        bring(folder, finer, "dem", options=modelled)
        assert load(folder).raster("dem").valid.sum() == 400

    def test_what_would_change_nothing_is_refused(self, folder, tmp_path):
        self.whole(folder, tmp_path)
        coarse = tile(tmp_path, "coarse.tif", np.full((1, 1), 50.0), side=900.0)
        before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        with pytest.raises(GridError, match="--replace") as caught:
            bring(folder, coarse, "dem")
        made.told_twice(caught.value)
        assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before

    def test_what_covers_all_takes_its_place_and_the_same_file_gives_the_same_bytes(
        self, folder, tmp_path
    ):
        first = self.whole(folder, tmp_path).source
        raw = (folder / "dem" / "source.toml").read_bytes()
        again = self.whole(folder, tmp_path).source
        assert again == first
        assert (folder / "dem" / "source.toml").read_bytes() == raw

    def test_a_layer_in_doubt_is_not_merged(self, folder, tmp_path):
        self.whole(folder, tmp_path)
        with layer_file(folder, "dem").open("ab") as file:
            file.write(b"x")
        with pytest.raises(InputError, match="cannot be merged"):
            self.whole(folder, tmp_path)
        assert self.whole(folder, tmp_path, replace=True).rows == 100

    @settings(max_examples=5)
    @given(st.lists(st.tuples(*[st.integers(0, 6)] * 2, *[st.integers(1, 5)] * 2), max_size=2))
    def test_no_import_loses_coverage(self, tmp_path_factory, places):
        base = tmp_path_factory.mktemp("lost")
        place = base / "county"
        write_head(place, Head("made", Text("某县", "Made"), "EPSG:4549"))
        covered = set()
        for number, (row, column, rows, columns) in enumerate([(0, 0, 3, 3), *places]):
            x, y = 460_000 + 90.0 * column, 3_100_000 - 90.0 * row
            values = np.full((rows, columns), float(number))
            bring(place, tile(base, f"{number}.tif", values, x=x, y=y), "dem")
            covered |= {
                (round(y - 45 - 90 * r), round(x + 45 + 90 * c))
                for r in range(rows)
                for c in range(columns)
            }
            dem = load(place).raster("dem")
            xs, ys = dem.grid.xy(*np.nonzero(dem.valid))
            assert {(round(b), round(a)) for a, b in zip(xs, ys, strict=True)} == covered
        shutil.rmtree(base)


def test_what_a_raster_is_made_of_is_read_strictly(folder, tmp_path):
    source = TestStanding().whole(folder, tmp_path).source
    path = tmp_path / "source.toml"
    path.write_text(dumps(source), encoding="utf-8")
    assert read_source(path) == source
    for wrong in ('parts = "x"', "parts = [{ file = 1, share = 1 }]", "parts = [{ share = 1.0 }]"):
        text = dumps(source).split("parts = ", 1)[0]
        path.write_text(f"{text}{wrong}\n", encoding="utf-8")
        with pytest.raises(SchemaError, match="parts"):
            read_source(path)


def test_how_much_a_former_layer_covered_holds_no_more_once_merged(folder, tmp_path):
    first = tile(tmp_path, "first.tif", np.full((4, 4), 100.0))
    source = bring(folder, first, "dem").source
    partly = both(Text("只覆盖县域的 75.8%", "covers only 75.8% of the county"))
    merged = merged_source(
        replace(source, notes=("new",)), replace(source, notes=(partly, "known"))
    )
    assert merged.notes == ("known", "new")
