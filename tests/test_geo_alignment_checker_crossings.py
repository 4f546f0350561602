"""The checker of crossings: a road that keeps its distances passes, every rule is broken once."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.alignment.checker import crossing_breaches
from geo.alignment.checker.crossings import COLUMNS
from geo.alignment.crossed import Crossed, bounds
from geo.errors import InputError

EXPRESSWAY = {"half_m": 12.0, "earth": False, "bridge_above_m": 6.5, "tunnel_below_m": 17.0}
STREAM = {"half_m": 3.0, "earth": True, "flood": True, "earth_above_m": 2.5, "bridge_above_m": 4.0}


def lines(*given_lines):
    """Lines north at some x, 100 m up; NaN and False where nothing is said."""
    rows = [
        dict.fromkeys(COLUMNS, np.nan)
        | {"x0": x, "y0": -300.0, "z0": 100.0, "x1": x, "y1": 300.0, "z1": 100.0}
        | {"across": False, "flood": False}
        | asked
        for x, asked in given_lines
    ]
    return pd.DataFrame(rows)


def road(*, at=500.0, bridge=(485.0, 515.0), high=6.5):
    """A road east: a hump over `at`, with a bridge there; 100 m up at both ends."""
    s = np.arange(0.0, 1001, 5)
    z = 100 + high - 0.0002 * np.maximum(np.abs(s - at) - 15, 0) ** 2
    kinds = np.where((s >= bridge[0]) & (s < bridge[1]), 1, 0)
    return pd.DataFrame(
        {"s": s, "x": s, "y": 0.0, "design": z, "ground": 100.0, "structure": kinds}
    )


def rules(found):
    return list(found[["chainage_m", "rule"]].itertuples(index=False, name=None))


def test_a_bridge_with_its_clearance_passes():
    # The strip reaches from 488 to 512 m: bound are the stations from 485 to 515.
    assert not len(crossing_breaches(road(), lines((500.0, EXPRESSWAY))))


def test_an_expressway_on_the_level_is_told_where_earth_begins():
    spoiled = road(bridge=(0.0, 0.0))
    [row] = crossing_breaches(spoiled, lines((500.0, EXPRESSWAY))).itertuples(index=False)
    assert (row.chainage_m, row.rule, row.found, row.allowed) == (485.0, "crossing_level", 30, 0)
    # A bridge that begins 5 m late leaves 5 m of earth in the strip.
    late = crossing_breaches(road(bridge=(490.0, 515.0)), lines((500.0, EXPRESSWAY)))
    assert rules(late) == [(485.0, "crossing_level")]
    assert late["found"].tolist() == [5.0]


def test_a_clearance_a_centimetre_short_is_told_at_its_station():
    spoiled = road()
    spoiled.loc[spoiled["s"] == 505.0, "design"] -= 0.01
    [row] = crossing_breaches(spoiled, lines((500.0, EXPRESSWAY))).itertuples(index=False)
    assert (row.chainage_m, row.rule) == (505.0, "clearance")
    assert (row.found, row.allowed) == (pytest.approx(6.49), 6.5)
    spoiled["design"] += 0.005  # half of it is rounding
    assert not len(crossing_breaches(spoiled, lines((500.0, EXPRESSWAY))))


def test_a_tunnel_too_near_below_is_told():
    deep = road(high=-17.0).assign(structure=2)
    assert not len(crossing_breaches(deep, lines((500.0, EXPRESSWAY))))
    deep["design"] += 0.02
    found = crossing_breaches(deep, lines((500.0, EXPRESSWAY)))
    assert found[["rule", "allowed"]].to_numpy().tolist() == [["clearance", 17.0]]
    assert found["found"].iloc[0] == pytest.approx(16.98)


def test_a_bed_below_the_flood_is_told_as_a_height():
    # The stream's bed lies at 100 m, its flood and freeboard 2.5 m above; the bed of the road 2.4.
    low = road(at=300.0, bridge=(0.0, 0.0), high=2.4)
    [row] = crossing_breaches(low, lines((302.0, STREAM))).itertuples(index=False)
    assert (row.rule, row.found, row.allowed) == (
        "flood_level",
        pytest.approx(102.4),
        pytest.approx(102.5),
    )
    assert 295 <= row.chainage_m <= 305
    assert not len(crossing_breaches(road(at=300.0, bridge=(0, 0), high=2.5), lines((302, STREAM))))


def test_floods_of_stations_bind_earth_and_bridges_each_by_its_own():
    base = road(high=6.5)
    base["flood_m"] = np.where(base["s"].between(480, 520), 106.0, np.nan)
    base["flood_bridge_m"] = base["flood_m"] + 1.0
    none = lines((5000.0, EXPRESSWAY))
    found = crossing_breaches(base, none)
    assert set(found["rule"]) == {"flood_level"}
    assert 485.0 <= found["chainage_m"].iloc[0] <= 515.0  # the bridge, 0.5 m short
    assert found["allowed"].tolist() == [107.0]
    assert not len(crossing_breaches(base.assign(flood_bridge_m=106.5), none))


def test_a_road_along_a_line_that_binds_across_is_free():
    along = {**EXPRESSWAY, "across": True}
    row = lines((0.0, along)).assign(x0=0.0, y0=2.0, x1=1000.0, y1=2.0)
    assert not len(crossing_breaches(road(bridge=(0, 0)), row))
    assert len(crossing_breaches(road(bridge=(0, 0)), row.assign(across=False)))


def test_what_lacks_columns_is_refused():
    with pytest.raises(InputError, match="half_m"):
        crossing_breaches(road(), lines((500.0, EXPRESSWAY)).drop(columns="half_m"))


@settings(max_examples=25)
@given(
    turn=st.floats(-80, 80),
    x=st.floats(100, 900),
    half=st.floats(0.5, 30),
    z=st.floats(90, 110),
)
def test_it_agrees_with_the_designer_on_where_a_line_binds(turn, x, half, z):
    # The designer's heights put to a road that lies 2 cm below them: told, and nowhere else.
    tilt = 300 * np.tan(np.radians(turn))
    ends = np.array([[[x - tilt, -300, z], [x + tilt, 300, z]]])
    free = np.full((1, 3), -np.inf)
    least = np.array([[-np.inf, 6.5, -np.inf]])
    met = Crossed(ends, np.array([half]), least, -free, np.zeros((1, 3), bool), np.array([False]))
    base = road().assign(structure=1, design=200.0)
    bound = np.isfinite(bounds(met, base["x"].to_numpy(), base["y"].to_numpy()).least[:, 1])
    base.loc[bound, "design"] = z + 6.48
    frame = lines((x, EXPRESSWAY)).assign(
        x0=x - tilt, x1=x + tilt, z0=z, z1=z, half_m=half, earth=True
    )
    found = crossing_breaches(base, frame)
    assert len(found) == 1
    assert not len(crossing_breaches(base.assign(design=base["design"] + 0.02), frame))
