"""Pieces, borders, cuts and corridors of the fabric, by hand and against plain methods."""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import CRS
from scipy import ndimage

from geo.grid import Grid
from geo.polygonize import polygonize
from geo.raster import Raster
from layers.archive import pack, unpacked
from layers.building.borders import borders
from layers.building.corridors import corridors
from layers.building.fabric import fabric
from layers.building.pieces import along, connected, distance

CRS_M = CRS(4549)
KEYS = arrays(
    np.int64, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(-1, 2)
)


def grid(rows, columns):
    return Grid((rows, columns), Affine(10, 0, 0, 0, -10, 10 * rows), CRS_M)


@given(KEYS)
@settings(max_examples=60)
def test_pieces_are_those_of_an_independent_labelling(key):
    piece = connected(key)
    assert (piece[key < 0] == -1).all()
    count = 0
    for value in range(3):
        label, found = ndimage.label(key == value)
        count += found
        for one in range(1, found + 1):
            assert len(set(piece[label == one])) == 1
    assert set(piece[key >= 0]) == set(range(count))


def test_distances_bend_around_corners():
    # A corridor of three cells that turns: 1 to the corner, and on by the side.
    piece = np.array([[0, 0], [1, 0]])
    assert distance(piece, np.array([0])).tolist() == [[0, 1], [-1, 2]]


@given(KEYS)
@settings(max_examples=60)
def test_every_cell_is_reached_and_neighbours_differ_by_one_step(key):
    piece = connected(key)
    steps = along(piece)
    assert ((steps >= 0) == (piece >= 0)).all()
    for near, far in ((np.s_[:, 1:], np.s_[:, :-1]), (np.s_[1:], np.s_[:-1])):
        same = (piece[near] == piece[far]) & (piece[near] >= 0)
        assert (np.abs(steps[near] - steps[far])[same] <= 1).all()


def test_the_border_of_two_halves_is_one_line():
    lines = borders(np.array([[0, 1], [0, 1]]), grid(2, 2))
    assert [line.wkt for line in lines] == ["LINESTRING (10 20, 10 0)"]


def test_three_plots_meet_in_a_node_that_stays():
    # West half | north-east | south-east: three arcs from (10, 10), the middle of the square.
    lines = borders(np.array([[0, 1], [0, 2]]), grid(2, 2))
    ends = {tuple(line.coords[k]) for line in lines for k in (0, -1)}
    assert ends == {(10.0, 10.0), (10.0, 20.0), (10.0, 0.0), (20.0, 10.0)}
    assert sum(line.length for line in lines) == pytest.approx(30)


def test_an_island_has_a_ring():
    plot = np.zeros((6, 6), dtype=np.int64)
    plot[2:4, 2:4] = 1
    (ring,) = borders(plot, grid(6, 6))
    assert ring.is_closed
    # 20 m x 20 m with its corners rounded off: more than the circle of half the width.
    assert 78 < shapely.Polygon(ring).area < 400


@given(arrays(np.int64, (6, 6), elements=st.integers(0, 3)))
@settings(max_examples=40)
def test_borders_are_those_of_polygons_before_they_are_rounded(key):
    """Nodes are where the polygons' borders meet; no border is lost."""
    plot = connected(key)
    lines = borders(plot, grid(6, 6))
    shapes = polygonize(Raster(plot.astype(np.int32), grid(6, 6))).geometry
    rim = shapely.box(0, 0, 60, 60).boundary
    inner = shapely.union_all(shapes.boundary.to_numpy()).difference(rim)
    ends = {
        point for line in lines if not line.is_closed for point in (line.coords[0], line.coords[-1])
    }
    assert all(inner.distance(shapely.Point(point)) < 1e-9 for point in ends)
    # A corner of a single cell moves by 0.875 of its half diagonal, 6.2 m; simplifying and rounding
    # add up to 1.9 m.
    assert inner.difference(shapely.MultiLineString(list(lines)).buffer(9)).length < 1e-6


def pilots(*boxes):
    return gpd.GeoDataFrame(
        geometry=list(boxes), index=[f"town{k}" for k in range(len(boxes))], crs=CRS_M
    )


NO_WAYS = gpd.GeoDataFrame({"code": [], "width_m": []}, geometry=[], crs=CRS_M)


@pytest.mark.parametrize("road", [False, True])
def test_a_fabric_covers_its_towns(road):
    rng = np.random.default_rng(4)
    key = np.kron(rng.integers(0, 3, (8, 8)), np.ones((4, 4), dtype=np.int64))
    towns = pilots(shapely.box(13, 11, 150, 300), shapely.box(150, 11, 301, 300))
    ways = NO_WAYS
    if road:
        line = shapely.LineString([(0, 40), (160, 170), (320, 150)])
        ways = gpd.GeoDataFrame({"code": ["1003"]}, geometry=[line.buffer(6)], crs=CRS_M)
    faces = fabric(connected(key), grid(32, 32), towns, ways)
    assert shapely.coverage_is_valid(faces.geometry.to_numpy())
    assert faces.area.sum() == pytest.approx(towns.area.sum(), abs=0.01)
    assert faces.geom_type.eq("Polygon").all()
    if road:
        hidden = faces[faces["way"] < 0].union_all().intersection(ways.geometry[0])
        assert hidden.area < 0.05 * ways.area.sum()


def test_roads_have_the_place_before_streams():
    # A road of 12 m across a stream of 8 m, 200 m each way: the stream is cut in two.
    road = {"class": "national", "status": "existing"}
    roads = gpd.GeoDataFrame(
        [road], geometry=[shapely.LineString([(0, 100), (200, 100)])], crs=CRS_M
    )
    rivers = gpd.GeoDataFrame(
        {"order": [2]}, geometry=[shapely.LineString([(100, 0), (100, 200)])], crs=CRS_M
    )
    flat = Raster(np.zeros((20, 20)), grid(20, 20))
    ways = corridors(roads, rivers, shapely.box(0, 0, 200, 200), flat)
    assert ways.code.tolist() == ["1003", "1101", "1101"]
    for one, other in pairwise(ways.geometry):
        assert one.intersection(other).area < 1e-6
    # 200 x 12 and two half circles of few corners; the stream 2 x 94 x 8 and two.
    assert ways.area[0] == pytest.approx(2400 + 36 * np.pi, rel=0.02)
    assert ways.area[1:].sum() == pytest.approx(1504 + 16 * np.pi, rel=0.02)


def test_a_zip_gives_back_the_file(tmp_path):
    file = tmp_path / "layer.gpkg"
    towns = pilots(shapely.box(0, 0, 10, 10))
    from geo.files import read_vector, write_vector

    write_vector(towns, file, layer="layer")
    bytes_before = file.read_bytes()
    zipped = pack(file)
    assert not file.exists()
    first = zipped.read_bytes()
    with unpacked(zipped) as plain:
        assert plain.read_bytes() == bytes_before
        assert len(read_vector(plain, layer="layer")) == 1
    write_vector(towns, file, layer="layer")
    assert pack(file).read_bytes() == first
    assert [one.name for one in tmp_path.iterdir()] == ["layer.gpkg.zip"]
