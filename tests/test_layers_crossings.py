"""What roads of a county meet: roads by their structure and level, streams, the lake's flood."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from affine import Affine

from geo.alignment.checker import crossing_breaches
from geo.alignment.crossed import bounds
from geo.alignment.values import BRIDGE, EARTH, TUNNEL
from geo.grid import Grid
from geo.raster import Raster
from layers import twin
from layers.catalog import CATALOG
from layers.roads.crossings import Manner, along, asked_frame, meetings
from layers.roads.standard import met_roads, standard
from layers.schema import check
from layers.twin.place import xy

DAY = date(2025, 1, 1)
ROAD = standard(DAY, speed_kmh=60)
OVER, UNDER = 5.0 + 1.5, -(7.0 + 10.0)  # clearance and deck; bore and cover


def county(**roads):
    """The twin, its expressway told more of."""
    whole = twin.county()
    frame = whole.vector("roads")
    for name, value in roads.items():
        frame[name] = pd.Series(
            {"expressway_1": value}, dtype=object if name == "structure" else float
        )
    return replace(whole, data={**whole.data, "roads": frame})


def met(place, **manner):
    return meetings(place, place.raster("dem"), ROAD, DAY, manner=Manner(**manner))


def passage(every=5.0):
    """The way of the second passage: from the county seat by 12 : 5 towards seat 002."""
    s = np.arange(0.0, 3900.1, every)
    x, y = xy(1500, 1200)
    return s, x + s * 12 / 13, y + s * 5 / 13


def asked(place, **manner):
    """Heights at 1,560 m of the passage, where it meets the expressway."""
    _, x, y = passage()
    least, most, shut = bounds(met(place, **manner).crossed, x, y)
    return least[312], most[312], shut[312]


def test_an_expressway_taken_at_the_ground_is_bridged_or_tunnelled():
    # The plane lies at 100 m.
    least, most, shut = asked(county())
    assert least[BRIDGE] == pytest.approx(100 + OVER)
    assert most[TUNNEL] == pytest.approx(100 + UNDER)
    assert shut.tolist() == [True, False, False]
    found = met(county())
    assert not found.pieces.loc[found.pieces["id"] == "expressway_1", "known"].any()


def test_over_a_tunnel_of_an_expressway_earth_is_free():
    least, most, shut = asked(county(structure="tunnel"))
    assert np.isinf(least).all()
    assert np.isinf(most).all()
    assert shut.tolist() == [False, False, True]  # how deep it lies is not known
    least, most, shut = asked(county(structure="tunnel", level_m=70.0))
    assert least[EARTH] == least[BRIDGE] == pytest.approx(70 - UNDER)
    assert most[TUNNEL] == pytest.approx(70 + UNDER)
    assert not shut.any()


def test_below_a_bridge_of_an_expressway_earth_passes_with_clearance():
    least, most, shut = asked(county(structure="bridge", level_m=112.0))
    assert most[EARTH] == pytest.approx(112 - 1.5 - 5.0)
    assert least[BRIDGE] == pytest.approx(112 + OVER)
    assert not shut.any()
    assert asked(county(structure="bridge"))[2][EARTH]  # without a level it is at the ground


def test_national_roads_are_separated_by_choice():
    place = county()
    x, y = xy(3000, 900)
    s = np.arange(0.0, 600.1, 5)
    for separated in (("expressway",), ("expressway", "national")):
        found = met(place, separated=separated)
        shut = bounds(found.crossed, x + 0 * s, y + s).shut[60]  # main lies 300 m on
        assert shut[EARTH] == ("national" in separated)
    rows = along(found, s, x + 0 * s, y + s)
    assert rows[["id", "chainage_m"]].to_numpy().tolist() == [["main", 300.0]]
    assert rows["angle"].tolist() == pytest.approx([90.0])


def test_an_expressway_on_the_level_is_told_at_its_station():
    # It lies 600 m north of the seat: 600 × 13/5 = 1,560 m on. Its half of 24.5 m takes 12.25 ×
    # 13/5 = 31.85 m of the road to either side: intervals from 1,525 to 1,595 m.
    s, x, y = passage()
    road = pd.DataFrame({"s": s, "x": x, "y": y, "design": 100.0, "ground": 100.0, "structure": 0})
    frame = asked_frame(met(county()))
    frame = frame[frame["half_m"] == 24.5 / 2]  # the roads at its ends apart
    [row] = crossing_breaches(road, frame).itertuples(index=False)
    assert (row.chainage_m, row.rule, row.found) == (1525.0, "crossing_level", 70.0)
    bridge = road.assign(structure=1, design=100 + OVER - 0.01)
    [row] = crossing_breaches(bridge, frame).itertuples(index=False)
    assert (row.rule, row.found, row.allowed) == ("clearance", pytest.approx(OVER - 0.01), OVER)
    assert 1525.0 <= row.chainage_m <= 1595.0
    assert not len(crossing_breaches(road.assign(structure=1, design=100 + OVER), frame))


def valley():
    """A trough of 41 columns that falls 1 m a row to the south, its sides 10 m a column."""
    grid = Grid((120, 41), Affine(30, 0, twin.WEST, 0, -30, twin.SOUTH + 3600), twin.CRS_OF_TWIN)
    rows, columns = np.indices(grid.shape)
    return Raster(500.0 - rows + 10.0 * np.abs(columns - 20), grid)


def test_streams_are_where_enough_ground_drains_together():
    # The rim drains off the grid; of the others 39 columns a row come down the sides, at 45°, and
    # then along the bed: after r rows about 39 r cells of 900 m². 0.2 km² are 222 cells, 1.5 km²
    # 1,667 cells, the 43rd row or so.
    dem = valley()
    place = replace(twin.county(), data={"dem": dem})
    found = meetings(place, dem, ROAD, DAY)
    area = found.pieces["catchment_km2"].to_numpy()
    assert (area >= 0.2).all()
    bed = found.crossed.ends[:, 0, 0] == dem.grid.xy(0, 20)[0]
    assert bed.all()
    rows = dem.grid.index(*found.crossed.ends[:, 0, :2].T)[0]
    assert np.diff(area[np.argsort(rows)]).min() > 0
    large = found.crossed.shut[:, EARTH]
    assert (large == (area >= 1.5)).all()
    assert 40 <= rows[large].min() <= 48
    # A culvert's flood: bed + 1.0 × A^0.3, and 0.5 m of freeboard above it.
    high = area**0.3 + 0.5
    assert found.crossed.least[~large, EARTH] == pytest.approx(high[~large])
    assert found.crossed.least[:, BRIDGE] == pytest.approx(high + 1.5)
    assert np.isinf(found.crossed.cells.values).sum() == large.sum()


def test_a_road_over_a_stream_is_listed_once_with_its_catchment():
    dem = valley()
    place = replace(twin.county(), data={"dem": dem})
    found = meetings(place, dem, ROAD, DAY)
    x, y = dem.grid.xy(60, 0)
    s = np.arange(0.0, 1200.1, 5)
    rows = along(found, s, x + s, y + 0 * s)
    assert rows["chainage_m"].tolist() == pytest.approx([600.0])  # the 20th of cells of 30 m
    assert rows["level_m"].tolist() == pytest.approx([440.0])
    assert 1.9 < rows["catchment_km2"].iloc[0] < 2.3


def test_on_a_plane_nobody_knows_where_water_runs():
    assert (met(county()).pieces["id"] != "").all()


def test_the_lakes_flood_lies_over_the_ground_that_hangs_together_with_it():
    # The pool's normal level is that of the plane: all but the hill above 100.5 m is flooded.
    place = county()
    dem = place.raster("dem")
    found = met(place, flood_level="normal")
    assert found.flood_m == 100.0
    wet = np.isfinite(found.crossed.floods.values)
    assert (wet == (dem.values < 100.5)).all()
    assert found.crossed.rise == (0.5, 2.0, -np.inf)
    assert np.isnan(met(place, flood_level="none").flood_m)
    dry = met(place, flood_level="dead")  # 96 m: only what is drawn as the pool
    assert np.isfinite(dry.crossed.floods.values).sum() < 0.02 * wet.sum()


def test_places_that_a_road_leads_to_are_spared_but_for_an_expressway():
    place = county()
    seat, by = xy(1500, 1200), xy(2400, 1760)  # 40 m south of the expressway
    found = meetings(place, place.raster("dem"), ROAD, DAY, spared=(seat, by))
    s = np.arange(0.0, 60, 5)
    assert np.isinf(bounds(found.crossed, seat[0] + s, seat[1] + 0.3 * s).least).all()
    assert bounds(found.crossed, by[0] + 0 * s, by[1] + s).shut[:, EARTH].any()
    on_it = meetings(place, place.raster("dem"), ROAD, DAY, spared=(xy(2400, 1800),))
    assert not bounds(on_it.crossed, by[0] + 0 * s, by[1] + s).shut.any()


def test_structure_and_level_of_roads_are_checked_where_they_are_said():
    roads = county(structure="bridge", level_m=112.0).vector("roads")
    assert not check(roads.reset_index(), CATALOG["roads"], crs=twin.CRS_OF_TWIN)
    wrong = roads.assign(structure="viaduct", level_m=12_000.0)
    fields = {
        one.field for one in check(wrong.reset_index(), CATALOG["roads"], crs=twin.CRS_OF_TWIN)
    }
    assert fields == {"structure", "level_m"}


def test_every_class_of_roads_has_its_clearance_and_width():
    asked_by = met_roads(DAY)
    assert {name: one.clearance_m for name, one in asked_by.items()} == {
        **dict.fromkeys(("expressway", "national", "provincial"), 5.0),
        **dict.fromkeys(("county", "township", "village"), 4.5),
    }
    assert asked_by["expressway"].width_m == 24.5
