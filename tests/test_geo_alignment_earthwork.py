"""Earthwork: sections by hand, laws, and integration over a fine terrain."""

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from geo.alignment.values import BRIDGE, EARTH, TUNNEL
from geo.alignment.works.crosssection import Centreline, Template, sections
from geo.alignment.works.earthwork import earthwork, footprint
from geo.alignment.works.tabulation import chainages, quantities, station, structures
from geo.errors import GeometryError, GridError
from geo.grid import Grid
from geo.raster import Raster

METRES = CRS(4549)
TEMPLATE = Template(10, cut_slope=1, fill_slope=1.5)


def terrain(height, *, side=400.0, cell=5.0, west=0.0, south=0.0):
    n = round(side / cell)
    grid = Grid((n, n), Affine(cell, 0, west, 0, -cell, south + side), METRES)
    x, y = grid.xy(*np.mgrid[:n, :n])
    found = height(x, y) if callable(height) else np.full(x.shape, height)
    return Raster(np.asarray(found, dtype=float), grid)


def straight(design, *, start=(100.0, 200.0), heading=0.0, length=200.0, structure=(EARTH,)):
    """A straight road whose stations split its length evenly among the structures named."""
    n = 40
    s = np.linspace(0, length, n + 1)
    codes = np.repeat(np.array(structure), n // len(structure))
    x, y = start[0] + s * np.cos(heading), start[1] + s * np.sin(heading)
    z = design(s) if callable(design) else np.full(s.shape, float(design))
    return Centreline(s, x, y, np.full(n + 1, heading), np.zeros(n + 1), z, codes)


def arc(radius, centre, design, *, turn=np.pi / 2, n=200, hand=1):
    """A road round a centre, to the left (hand 1) or to the right (-1), starting south of it."""
    angle = np.linspace(-turn / 2, turn / 2, n + 1)
    x, y = centre[0] + radius * np.sin(angle) * hand, centre[1] - radius * np.cos(angle)
    heading = angle if hand == 1 else np.pi - angle
    s = (angle - angle[0]) * radius
    bend = np.full(n + 1, hand / radius)
    return Centreline(
        s, x, y, heading, bend, np.full(n + 1, float(design)), np.full(n, EARTH, dtype=np.int64)
    )


# By hand


@pytest.mark.parametrize(
    ("design", "cut", "fill", "toe"),
    [
        (97, 10 * 3 + 1 * 3**2, 0, 5 + 3),  # 3 m deep: b h + m h² = 30 + 9
        (102, 0, 10 * 2 + 1.5 * 2**2, 5 + 1.5 * 2),  # 2 m high: 20 + 6
        (100, 0, 0, 5),
    ],
)
def test_on_level_ground_the_area_is_bh_plus_mh2(design, cut, fill, toe):
    line = straight(design)
    dem = terrain(100)
    found = sections(line, dem, TEMPLATE)
    assert found.cut_m2 == pytest.approx(np.full(41, cut))
    assert found.fill_m2 == pytest.approx(np.full(41, fill))
    assert found.left_m == pytest.approx(np.full(41, toe))
    assert found.right_m == pytest.approx(np.full(41, toe))
    moved = earthwork(line, dem, TEMPLATE)
    assert moved.cut_m3.sum() == pytest.approx(200 * cut)
    assert moved.balance_m3 == pytest.approx(200 * (cut - fill))
    land = footprint(line, moved, TEMPLATE, crs=METRES)
    assert land["area_m2"].tolist() == pytest.approx([200 * 2 * toe])


def test_on_ground_tilted_across_the_section_is_two_triangles_a_side():
    # The road heads east at ground height, the ground rises 0.2 to the north (left).
    # Left: bed 5 × 1 / 2 = 2.5; at the edge 1 m to cut, slope 1 : 1 nears the ground by 1 − 0.2
    # a metre: 1 / 0.8 = 1.25 m out, 1 × 1.25 / 2 = 0.625.
    # Right: 2.5; slope 1 : 1.5 falls 2/3 a metre, the ground 0.2: 1 / (2/3 − 0.2) = 15/7 m out.
    line = straight(100)
    found = sections(line, terrain(lambda _, y: 100 + 0.2 * (y - 200)), TEMPLATE)
    assert found.cut_m2 == pytest.approx(np.full(41, 2.5 + 0.625))
    assert found.fill_m2 == pytest.approx(np.full(41, 2.5 + 15 / 14))
    assert found.left_m == pytest.approx(np.full(41, 5 + 1.25))
    assert found.right_m == pytest.approx(np.full(41, 5 + 15 / 7))


def test_a_slope_that_never_meets_the_ground_is_a_wall():
    # 1 : 1 ground under a 1 : 1.5 fill: a wall of 5 m at the right edge of the bed; on the left
    # the cut 1 : 0.5 nears the ground by 2 − 1 a metre: 5 m out.
    template = Template(10, cut_slope=0.5, fill_slope=1.5)
    line, dem = straight(300), terrain(lambda _, y: 300 + (y - 200))
    found = sections(line, dem, template)
    assert found.wall_right_m == pytest.approx(np.full(41, 5))
    assert found.right_m == pytest.approx(np.full(41, 5))
    assert found.fill_m2 == pytest.approx(np.full(41, 12.5))
    assert found.wall_left_m.tolist() == [0] * 41
    assert found.left_m == pytest.approx(np.full(41, 10))
    assert found.cut_m2 == pytest.approx(np.full(41, 12.5 + 12.5))
    assert earthwork(line, dem, template).wall_m2.sum() == pytest.approx(5 * 200)


def test_mass_haul_rises_in_cut_and_falls_in_fill_and_a_fill_may_take_more_than_itself():
    # Design level, ground from 4 m above to 4 m below: balanced where both slopes are alike.
    line = straight(100)
    dem = terrain(lambda x, _: 100 + 4 - 8 * (x - 100) / 200)
    alike = earthwork(line, dem, Template(10, cut_slope=1.5, fill_slope=1.5))
    assert alike.balance_m3 == pytest.approx(0, abs=1e-6)
    assert alike.mass_m3.argmax() == 20
    # b h + m h² over h = 0 … 4 in 100 m: 100 × (10 × 2 + 1.5 × 16 / 3) = 2800 m³; average end
    # area of 20 pieces adds m (Δh)² / 6 a metre: 1.5 × 0.2² / 6 × 100 = 1.
    assert alike.mass_m3.max() == pytest.approx(2801)
    more = Template(10, cut_slope=1.5, fill_slope=1.5, cut_per_fill=1.25)
    assert earthwork(line, dem, more).balance_m3 == pytest.approx(-0.25 * 2801)


def test_bridges_take_a_deck_and_tunnels_nothing():
    line = straight(110, structure=(EARTH, BRIDGE, TUNNEL, EARTH))
    dem = terrain(lambda x, _: np.where(x < 200, 100.0, 125.0))
    template = Template(10, cut_slope=1, fill_slope=1.5, deck_m=12)
    moved = earthwork(line, dem, template)
    assert moved.fill_m3[10:].sum() == moved.cut_m3[:30].sum() == 0
    land = footprint(line, moved, template, crs=METRES)
    assert land["structure"].tolist() == ["earth", "bridge", "earth"]
    # fill 10 m high: 5 + 15 a side; deck 12 m; cut 15 m deep: 5 + 15 a side
    assert land["area_m2"].tolist() == pytest.approx([50 * 40, 50 * 12, 50 * 40])
    assert land.is_valid.all()
    assert land.crs == METRES
    built = structures(line, moved, crs=METRES)
    assert built["id"].tolist() == ["bridge_1", "tunnel_1"]
    assert built["length_m"].tolist() == [50, 50]
    assert built["height_m"].tolist() == pytest.approx([10, 15])
    assert [line.has_z for line in built.geometry] == [True, True]
    found = quantities(line, moved, template)
    assert found["bridge_m2"] == 600
    assert found["tunnel_m2"] == 500
    assert found["pavement_m2"] == 1000
    assert found["fill_m3"] == pytest.approx(50 * (10 * 10 + 1.5 * 100))
    assert found["cut_m3"] == pytest.approx(50 * (10 * 15 + 15**2))
    assert found["surplus_m3"] - found["deficit_m3"] == pytest.approx(moved.balance_m3)


def test_a_road_all_earth_has_no_structures():
    line, dem = straight(100), terrain(100)
    built = structures(line, earthwork(line, dem, TEMPLATE), crs=METRES)
    assert len(built) == 0
    assert built.crs == METRES


def test_the_chainage_table_has_a_row_every_20_m_and_the_end():
    line = straight(lambda s: 100 + 0.05 * s, length=130, structure=(EARTH, TUNNEL))
    moved = earthwork(line, terrain(101), TEMPLATE)
    table = chainages(line, moved)
    assert table["station_m"].tolist() == [0, 20, 40, 60, 80, 100, 120, 130]
    assert table["station"].iloc[-1] == "K0+130.000"
    assert not np.signbit(table["station_m"].iloc[0])
    assert table["x"].to_numpy() == pytest.approx(100 + table["station_m"].to_numpy())
    assert table["grade"].to_numpy() == pytest.approx(np.full(8, 0.05))
    assert table["height_m"].to_numpy()[:3] == pytest.approx([-1, 0, 1])
    assert table["radius_m"].isna().all()
    assert set(table["turn"]) == {""}
    assert table["structure"].tolist() == ["earth"] * 4 + ["tunnel"] * 4
    assert table["mass_m3"].iloc[-1] == pytest.approx(moved.balance_m3)
    assert table["cut_m3"].is_monotonic_increasing


def test_the_chainage_table_follows_a_curve_between_stations():
    # Stations 6.25° (6.5 m) apart on a radius of 60 m: rows lie on the circle to a millimetre.
    line = arc(60, (200, 200), 100, turn=np.pi, n=29, hand=-1)
    moved = earthwork(line, terrain(100), TEMPLATE)
    table = chainages(line, moved, every=10)
    away = np.hypot(table["x"] - 200, table["y"] - 200)
    assert away.to_numpy() == pytest.approx(np.full(len(table), 60), abs=1e-3)
    assert table["radius_m"].to_numpy() == pytest.approx(np.full(len(table), 60))
    assert set(table["turn"]) == {"right"}


def test_a_curve_on_a_cone_moves_the_volume_of_its_ring():
    # Ground rises 0.2 outwards of a centre, the bed of 10 m lies on a circle of 80 m at its
    # height. The outer triangle of 3.125 m² (by hand above) has its centroid further out: bed
    # triangle 2.5 m² at 2/3 × 5, slope triangle 0.625 m² at 5 + 1.25 / 3. Pappus: each × its way.
    quarter = np.pi / 2
    cut = quarter * (2.5 * (80 + 10 / 3) + 0.625 * (80 + 5 + 1.25 / 3))
    fill = quarter * (2.5 * (80 - 10 / 3) + 15 / 14 * (80 - 5 - 15 / 7 / 3))
    dem = terrain(lambda x, y: 100 + 0.2 * (np.hypot(x - 200, y - 200) - 80), cell=1)
    for hand in (1, -1):
        moved = earthwork(arc(80, (200, 200), 100, hand=hand), dem, TEMPLATE)
        assert moved.cut_m3.sum() == pytest.approx(cut, rel=2e-3)
        assert moved.fill_m3.sum() == pytest.approx(fill, rel=2e-3)


def test_the_footprint_of_a_hairpin_is_valid_and_counts_its_land_once():
    # Fill of 6 m: 5 + 9 = 14 m to each side of a circle of 12 m: the inner edge is crossed. What
    # is covered is at most the half disc of 26 m and what the crossed edges reach beyond it.
    line = arc(12, (200, 200), 106, turn=np.pi, n=60)
    land = footprint(line, earthwork(line, terrain(100), TEMPLATE), TEMPLATE, crs=METRES)
    shape = land.geometry.iloc[0]
    assert shape.is_valid
    assert np.pi / 2 * (26**2) * 0.99 < shape.area < np.pi / 2 * (26**2 + 2**2) * 1.01
    assert shape.within(shapely.Point(200, 200).buffer(26.01, quad_segs=64))


@pytest.mark.parametrize(
    ("chainage", "text"), [(0, "K0+000.000"), (999.9996, "K1+000.000"), (56130, "K56+130.000")]
)
def test_stations_are_written_as_on_posts(chainage, text):
    assert station(chainage) == text


# Refusals


def test_unknown_terrain_is_refused_with_every_stretch():
    def holes(x, _):
        return np.where((np.abs(x - 140) < 8) | (np.abs(x - 240) < 8), np.nan, 100)

    with pytest.raises(GridError) as caught:
        earthwork(straight(98), terrain(holes), TEMPLATE)
    assert len(caught.value.problems) == 2
    assert "add terrain" in str(caught.value)
    assert "补充地形" in caught.value.said("zh")


def test_unknown_terrain_beyond_the_works_or_under_a_bridge_does_no_harm():
    far = terrain(lambda _, y: np.where(np.abs(y - 200) > 30, np.nan, 100))
    assert earthwork(straight(98), far, TEMPLATE).cut_m3.sum() == pytest.approx(200 * 24)
    hole = terrain(np.nan)
    bridge = straight(98, structure=(BRIDGE,))
    moved = earthwork(bridge, hole, TEMPLATE)
    assert moved.cut_m3.sum() == 0
    assert np.isnan(structures(bridge, moved, crs=METRES)["height_m"]).all()
    assert quantities(bridge, moved, TEMPLATE)["bridge_face_m2"] == 0


def test_a_wrong_template_names_every_figure():
    with pytest.raises(GeometryError) as caught:
        Template(0, cut_slope=-1, fill_slope=float("nan"), deck_m=-1)
    assert {p.field for p in caught.value.problems} == {
        "width_m",
        "cut_slope",
        "fill_slope",
        "deck_m",
    }


def test_a_wrong_centreline_is_refused():
    good = straight(100)
    parts = [good.s, good.x, good.y, good.heading, good.curvature, good.design, good.structure]
    for place, wrong in ((0, good.s[::-1]), (1, good.x * np.nan), (5, good.design[:-1])):
        with pytest.raises(GeometryError):
            Centreline(*(wrong if i == place else part for i, part in enumerate(parts)))
    with pytest.raises(GeometryError):
        Centreline(*parts[:-1], good.structure + 3)
    with pytest.raises(GeometryError):
        Centreline(*(part[:1] for part in parts[:-1]), good.structure[:0])


# Laws


def hills(seed):
    """A smooth random ground that is nowhere steeper than 0.5, so that every slope meets it."""
    rng = np.random.default_rng(seed)
    waves = [(rng.uniform(60, 160), rng.uniform(0, 2 * np.pi, 2)) for _ in range(4)]

    def height(x, y):
        total = 100.0 + 0 * x
        for length, (angle, phase) in waves:
            k = 2 * np.pi / length
            total = total + 0.11 / k * np.sin(k * (x * np.cos(angle) + y * np.sin(angle)) + phase)
        return total

    return height


SEEDS = st.integers(0, 10_000)
HEADINGS = st.floats(0, 6.28)


@settings(max_examples=25)
@given(SEEDS, HEADINGS)
def test_backwards_left_is_right_and_the_volumes_are_the_same(seed, heading):
    dem = terrain(hills(seed))
    start = (200 - 80 * np.cos(heading), 200 - 80 * np.sin(heading))
    line = straight(lambda s: 100 + 0.03 * s, start=start, heading=heading, length=160)
    back = Centreline(
        line.s,
        line.x[::-1],
        line.y[::-1],
        line.heading + np.pi,
        -line.curvature[::-1],
        line.design[::-1],
        line.structure[::-1],
    )
    one, other = earthwork(line, dem, TEMPLATE), earthwork(back, dem, TEMPLATE)
    assert other.cut_m3[::-1] == pytest.approx(one.cut_m3, rel=1e-6, abs=1e-6)
    assert other.fill_m3[::-1] == pytest.approx(one.fill_m3, rel=1e-6, abs=1e-6)
    assert other.sections.left_m[::-1] == pytest.approx(one.sections.right_m, abs=1e-6)
    pairs = ((line, one), (back, other))
    lands = [footprint(road, moved, TEMPLATE, crs=METRES).geometry.iloc[0] for road, moved in pairs]
    assert lands[0].symmetric_difference(lands[1]).area < 1e-3 * lands[0].area


@settings(max_examples=25)
@given(SEEDS, st.floats(30, 150))
def test_in_a_mirror_a_left_curve_is_a_right_curve(seed, radius):
    height = hills(seed)
    one = earthwork(arc(radius, (200, 200), 101, turn=1, n=40, hand=1), terrain(height), TEMPLATE)
    other = earthwork(
        arc(radius, (200, 200), 101, turn=1, n=40, hand=-1),
        terrain(lambda x, y: height(400 - x, y)),
        TEMPLATE,
    )
    assert other.cut_m3 == pytest.approx(one.cut_m3, rel=1e-6, abs=1e-6)
    assert other.fill_m3 == pytest.approx(one.fill_m3, rel=1e-6, abs=1e-6)
    assert other.sections.left_m == pytest.approx(one.sections.right_m, abs=1e-6)


@settings(max_examples=20)
@given(SEEDS, HEADINGS, st.integers(-400, 400), st.floats(-50, 50))
def test_moved_with_its_ground_a_road_moves_as_much(seed, heading, cells, up):
    height, east, north = hills(seed), cells * 5.0, cells * -15.0
    start = (200 - 80 * np.cos(heading), 200 - 80 * np.sin(heading))
    line = straight(100, start=start, heading=heading, length=160)
    there = Centreline(
        line.s,
        line.x + east,
        line.y + north,
        line.heading,
        line.curvature,
        line.design + up,
        line.structure,
    )
    moved_dem = terrain(lambda x, y: height(x - east, y - north) + up, west=east, south=north)
    one, other = earthwork(line, terrain(height), TEMPLATE), earthwork(there, moved_dem, TEMPLATE)
    assert other.mass_m3 == pytest.approx(one.mass_m3, rel=1e-6, abs=1e-5)


@settings(max_examples=20)
@given(SEEDS, st.floats(90, 110), st.floats(0, 5))
def test_a_lower_road_cuts_no_less_and_fills_no_more(seed, design, down):
    dem = terrain(hills(seed))
    high = earthwork(straight(design), dem, TEMPLATE)
    low = earthwork(straight(design - down), dem, TEMPLATE)
    assert (low.cut_m3 >= high.cut_m3 - 1e-6).all()
    assert (low.fill_m3 <= high.fill_m3 + 1e-6).all()


# Oracle: the ground itself, cell by cell. Slopes are steeper than the ground everywhere, so a
# side slope holds exactly where the ground still lies on the side of the edge.


def integrated(height, across, along, design, weight):
    """Cut and fill over cells of (along, across), given where they lie and what they weigh."""
    half = TEMPLATE.width_m / 2
    edge = np.clip(across, -half, half)
    over = height(along, across) - design(along)
    beside = np.abs(across) > half
    at_edge = height(along, edge) - design(along)
    beyond = np.abs(across) - half
    cut = np.where(beside, np.where(at_edge > 0, over - beyond / TEMPLATE.cut_slope, 0), over)
    fill = np.where(beside, np.where(at_edge <= 0, -over - beyond / TEMPLATE.fill_slope, 0), -over)
    return (np.maximum(cut, 0) * weight).sum(), (np.maximum(fill, 0) * weight).sum()


FINE = 0.25


@pytest.mark.parametrize("seed", range(4))
def test_a_straight_road_moves_what_lies_between_it_and_a_fine_terrain(seed):
    height = hills(seed)
    heading, start, grade = 0.3 * seed, np.array([100.0, 160.0]), 0.04
    ahead = np.array([np.cos(heading), np.sin(heading)])

    def ground(along, across):
        x = start[0] + along * ahead[0] - across * ahead[1]
        return height(x, start[1] + along * ahead[1] + across * ahead[0])

    along, across = np.meshgrid(np.arange(FINE / 2, 160, FINE), np.arange(-50 + FINE / 2, 50, FINE))
    cut, fill = integrated(ground, across, along, lambda s: 97 + grade * s, FINE**2)
    line = straight(lambda s: 97 + grade * s, start=start, heading=heading, length=160)
    template = Template(10, cut_slope=1, fill_slope=1.5, step_m=1)
    moved = earthwork(line, terrain(height, cell=1), template)
    assert moved.cut_m3.sum() == pytest.approx(cut, rel=5e-3, abs=5)
    assert moved.fill_m3.sum() == pytest.approx(fill, rel=5e-3, abs=5)


@pytest.mark.parametrize(("seed", "hand"), [(5, 1), (6, -1), (7, 1)])
def test_a_curve_moves_what_lies_between_it_and_a_fine_terrain(seed, hand):
    height, radius = hills(seed), 70.0

    def ground(along, across):  # across: to the left, so inwards of a left curve
        angle = along / radius - 0.5
        away = radius - hand * across
        return height(200 + hand * away * np.sin(angle), 200 - away * np.cos(angle))

    along, across = np.meshgrid(np.arange(FINE / 2, 70, FINE), np.arange(-40 + FINE / 2, 40, FINE))
    weight = FINE**2 * (radius - hand * across) / radius
    cut, fill = integrated(ground, across, along, lambda s: 100 + 0 * s, weight)
    line = arc(radius, (200, 200), 100, turn=1, n=35, hand=hand)
    template = Template(10, cut_slope=1, fill_slope=1.5, step_m=1)
    moved = earthwork(line, terrain(height, cell=1), template)
    assert moved.cut_m3.sum() == pytest.approx(cut, rel=5e-3, abs=5)
    assert moved.fill_m3.sum() == pytest.approx(fill, rel=5e-3, abs=5)
