"""Arcs of circles and open rings in well-known text and binary, which GEOS refuses."""

import importlib.util
import math
import sqlite3
import struct
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import GeometryError, InputError, PlanningError
from geo.files import write_layers
from layers.intake.features import Builder
from layers.intake.reading import Options, read
from layers.intake.wellknown.arcs import shaped
from layers.intake.wellknown.binary import part_of_binary
from layers.intake.wellknown.text import part_of_text

SPEC = importlib.util.spec_from_file_location(
    "intake_files", Path(__file__).with_name("intake_files.py")
)
made = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(made)


def of_text(text):
    return shaped(part_of_text(text), Builder())


def binary(kind, *parts):
    """Give well-known binary: positions, or the parts of a shape."""
    head = struct.pack("<BII", 1, kind, len(parts))
    return head + b"".join(
        one if isinstance(one, bytes) else struct.pack("<2d", *one) for one in parts
    )


class TestArcs:
    def test_a_half_circle_becomes_a_hundred_and_eighty_chords(self):
        line = of_text("CIRCULARSTRING (0 0, 100 100, 200 0)")
        assert len(line.coords) == 181
        # 180 chords of 1°, each 2 × 100 m × sin 0.5° = 1.745307 m long.
        assert line.length == pytest.approx(180 * 200 * math.sin(math.radians(0.5)))
        assert np.hypot(*(np.array(line.coords) - [100, 0]).T) == pytest.approx(100)
        assert line.coords[90] == (100, 100)  # the point in the middle stands as it is written

    def test_the_way_round_is_that_of_the_middle_point(self):
        above = of_text("CIRCULARSTRING (0 0, 1 1, 2 0)")
        below = of_text("CIRCULARSTRING (0 0, 1 -1, 2 0)")
        most = of_text("CIRCULARSTRING (0 0, 2 2, 2 0)")  # three quarters, round (1, 1)
        assert above.bounds == pytest.approx((0, 0, 2, 1))
        assert below.bounds == pytest.approx((0, -1, 2, 0))
        assert most.length == pytest.approx(1.5 * math.pi * math.sqrt(2), rel=1e-4)

    def test_a_whole_circle_and_points_on_a_line(self):
        # Chords of 1°: the polygon of 360 corners has 360/2 × r² × sin 1° of area.
        disc = of_text("CURVEPOLYGON (CIRCULARSTRING (0 0, 20 0, 0 0))")
        assert disc.area == pytest.approx(180 * 100 * math.sin(math.radians(1)))
        assert of_text("CIRCULARSTRING (0 0, 1 1, 2 2)").coords[:] == [(0, 0), (1, 1), (2, 2)]

    def test_curves_of_several_parts(self):
        d = "COMPOUNDCURVE (CIRCULARSTRING (0 0, 1 1, 2 0), (2 0, 0 0))"
        half = of_text(f"CURVEPOLYGON ({d})")
        assert half.area == pytest.approx(math.pi / 2, rel=1e-4)
        both = of_text(f"MULTISURFACE (CURVEPOLYGON ({d}), ((5 0, 6 0, 6 1, 5 0)))")
        assert both.geom_type == "MultiPolygon"
        assert both.area == pytest.approx(half.area + 0.5)
        assert of_text(f"MULTICURVE ({d}, (0 0, 1 1))").geom_type == "MultiLineString"

    @pytest.mark.parametrize(
        "text",
        [
            "CIRCULARSTRING (0 0, 1 1)",
            "COMPOUNDCURVE ((0 0, 1 0), (2 0, 3 0))",
            "MULTISURFACE (CIRCULARSTRING (0 0, 1 1, 2 0))",
            "CURVEPOLYGON (POINT (0 0))",
            "TIN (((0 0, 1 1, 2 2)))",
            "POLYGON ((0 0, 1 0, 1 x))",
            "POLYGON ((0 0, 1 0, 1 1)",
            "POLYGON ((0 0, 1 0, 1 1)) 7",
            "POLYGON (())",
            "POINT (1e5)",
            "POINT",
            "GEOMETRYCOLLECTION (" * 30,
        ],
    )
    def test_what_is_no_shape_is_refused_in_words(self, text):
        with pytest.raises(GeometryError) as caught:
            of_text(text)
        assert made.HAN.search(caught.value.said("zh"))

    @given(st.binary(max_size=80), st.sampled_from(range(1, 18)))
    def test_bytes_end_in_a_shape_or_in_our_own_error(self, noise, kind):
        try:
            shaped(part_of_binary(struct.pack("<BI", 1, kind) + noise), Builder())
        except PlanningError:
            return

    @given(
        st.tuples(*[st.integers(-1000, 1000)] * 6).filter(
            lambda v: abs((v[2] - v[0]) * (v[5] - v[1]) - (v[4] - v[0]) * (v[3] - v[1])) > 50
        )
    )
    def test_every_point_of_an_arc_lies_on_the_circle_of_its_three(self, six):
        points = np.array(six, dtype=float).reshape(3, 2)
        text = ", ".join(f"{x} {y}" for x, y in points)
        found = np.array(of_text(f"CIRCULARSTRING ({text})").coords)
        # The circle through three points, by its linear equation x² + y² + a x + b y + c = 0.
        a, b, c = np.linalg.solve(np.column_stack([points, np.ones(3)]), -(points**2).sum(axis=1))
        centre, radius = np.array([-a / 2, -b / 2]), math.sqrt((a * a + b * b) / 4 - c)
        assert np.hypot(*(found - centre).T) == pytest.approx(radius, rel=1e-6)
        turned = np.unwrap(np.arctan2(*(found - centre).T[::-1]))
        steps = np.diff(turned)
        assert (steps > 0).all() or (steps < 0).all()  # one way round
        assert np.abs(steps).max() <= math.radians(1) + 1e-9


class TestFiles:
    def csv(self, folder, *shapes):
        path = folder / "a.csv"
        path.write_text("id,geom\n" + "".join(f'{n},"{w}"\n' for n, w in enumerate(shapes, 1)))
        return path

    def test_arcs_in_a_csv_are_told_with_their_number(self, tmp_path):
        ring = "CIRCULARSTRING (460000 3096000, 460200 3096000, 460000 3096000)"
        path = self.csv(tmp_path, f"CURVEPOLYGON ({ring})", "POLYGON ((0 0, 1 0, 1 1))")
        done = read(path, Options(crs="EPSG:4549", only="id=1"))
        assert any("1 rows with arcs" in words.en for words in done.warnings)
        assert done.data.area.iloc[0] == pytest.approx(math.pi * 100**2, rel=1e-4)

    def test_open_rings_are_closed_in_text_and_binary(self, tmp_path):
        text = "POLYGON ((460000 3096000, 460100 3096000, 460100 3096100))"
        done = read(self.csv(tmp_path, text), Options(crs="EPSG:4549"))
        assert done.ledger["problem"].tolist() == ["Ring is not closed"]
        assert done.data.area.iloc[0] == 5000
        ring = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0)]
        raw = binary(3, struct.pack("<I", 3) + b"".join(struct.pack("<2d", *p) for p in ring))
        builder = Builder()
        assert shaped(part_of_binary(raw), builder).area == 2
        assert builder.closed

    def test_a_geopackage_with_arcs(self, tmp_path):
        path = tmp_path / "a.gpkg"
        frame = gpd.GeoDataFrame(
            {"code": ["a", "b"]},
            geometry=[shapely.box(460_000, 3_096_000, 460_100, 3_096_100)] * 2,
            crs=4549,
        )
        write_layers({"a": frame}, path)
        centre = (460_100.0, 3_096_000.0)
        circle = binary(
            8, (460_000.0, 3_096_000.0), (460_200.0, 3_096_000.0), (460_000.0, 3_096_000.0)
        )
        with sqlite3.connect(path) as base:
            (blob,) = base.execute("select geom from a where fid = 1").fetchone()
            head = 8 + {0: 0, 1: 32}[(blob[3] >> 1) & 7]
            drop_triggers(base)
            base.execute("update a set geom = ? where fid = 1", [blob[:head] + binary(10, circle)])
        base.close()
        done = read(path)
        assert any("1 rows with arcs" in words.en for words in done.warnings)
        assert done.data.geometry.iloc[0].centroid.distance(shapely.Point(centre)) < 1e-6
        assert done.data.area.tolist() == pytest.approx([math.pi * 1e4, 1e4], rel=1e-4)

    def test_a_crs_before_the_shape_is_that_of_the_file(self, tmp_path):
        done = read(self.csv(tmp_path, "SRID=4549;POINT (460000 3096000)"))
        assert done.data.crs.to_epsg() == 4549
        for rows in (
            ["SRID=4549;POINT (460000 3096000)", "SRID=4528;POINT (40460000 3096000)"],
            ["SRID=4549;POINT (460000 3096000)", "POINT (460000 3096000)"],
            ["SRID=999999;POINT (460000 3096000)"],
        ):
            with pytest.raises(InputError, match="SRID="):
                read(self.csv(tmp_path, *rows))

    def test_some_with_heights_and_some_without_are_told(self, tmp_path):
        path = self.csv(tmp_path, "POINT Z (460000 3096000 0)", "POINT (460001 3096000)")
        done = read(path, Options(crs="EPSG:4549"))
        assert any("mixed" in words.en for words in done.warnings)


def drop_triggers(base):
    for (name,) in base.execute("select name from sqlite_master where type = 'trigger'").fetchall():
        base.execute(f'drop trigger "{name}"')
