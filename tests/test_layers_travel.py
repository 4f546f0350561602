"""Minutes by road and on foot, where roads are driven one way."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from pyproj import CRS
from shapely import LineString, Point

from geo.grid import Grid
from geo.raster import Raster
from layers import travel, twin
from layers.county import County
from layers.roads.edits import edited_roads

GRID = Grid((5, 61), Affine(100, 0, 0, 0, -100, 500), CRS(4549))
PLAIN = Raster(np.zeros(GRID.shape), GRID)
SEAT = gpd.GeoSeries([Point(50, 250)], crs=4549)


def minutes(oneway, *, east_to_west):
    line = LineString([(50, 250), (6050, 250)])
    shape = line.reverse() if east_to_west else line
    columns = {"class": ["village"], "speed_kmh": [60.0]}
    if oneway is not None:
        columns["oneway"] = [oneway]
    roads = gpd.GeoDataFrame(columns, geometry=[shape], crs=4549)
    ground = travel.ways(PLAIN, roads, water=np.zeros(GRID.shape, bool))
    return travel.minutes(ground, SEAT).at(pd.DataFrame({"x": [6050.0], "y": [250.0]}))[0]


@pytest.mark.parametrize("told", [None, "no"])
def test_a_road_is_driven_both_ways(told):
    # 6 km at 60 km/h: 6 minutes.
    assert minutes(told, east_to_west=False) == pytest.approx(6)
    assert minutes(told, east_to_west=True) == pytest.approx(6)


def test_a_one_way_road_is_driven_as_it_is_drawn():
    assert minutes("yes", east_to_west=True) == pytest.approx(6)
    # Against it one walks: 6 km on the level at 6 exp(-3.5 × 0.05) = 5.037 km/h: 71.5 minutes.
    assert minutes("yes", east_to_west=False) == pytest.approx(71.5, abs=0.1)


def test_edited_roads_keep_their_direction():
    county = twin.county()
    roads = county.vector("roads")
    assert "oneway" not in edited_roads(county)
    data = {**county.data, "roads": roads.assign(oneway="yes")}
    told = County(county.id, county.name, county.crs, data, county.sources)
    assert set(edited_roads(told)["oneway"]) == {"yes"}
