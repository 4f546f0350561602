"""Settlements and people near a road: a settlement is a disc as large as its people need."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from geo.alignment.values import TUNNEL
from geo.alignment.works.crosssection import Centreline
from geo.alignment.works.earthwork import stretches
from layers.county import County

NEAR_M = (50, 100, 200)


def near(line: Centreline, county: County, person_m2: float) -> pd.DataFrame:
    """Count settlements and their people within distances of a road, tunnels left out.

    Settlements are points with people. Each is taken for a disc of `person_m2` a head over which
    its people live evenly: of a town at the end of a road only those near the road count.

    Parameters
    ----------
    line
        The road.
    county
        Its layer `settlements`; without it nothing is known.
    person_m2
        Land a head; 0: all live at the point.

    Returns
    -------
    frame
        Rows `NEAR_M`, columns `settlements` (number touched) and `people`.
    """
    if "settlements" not in county:
        return pd.DataFrame(columns=["settlements", "people"], index=list(NEAR_M), dtype=float)
    xy = np.stack([line.x, line.y], axis=1)
    open_air = shapely.MultiLineString([
        shapely.LineString(xy[first : last + 1])
        for code, first, last in stretches(line.structure)
        if code != TUNNEL
    ])  # fmt: skip
    places = county.vector("settlements").sort_index()
    people = places["population"].to_numpy(dtype=float)
    radius = np.sqrt(np.nan_to_num(people) * person_m2 / np.pi)
    away = places.geometry.distance(open_air).to_numpy()
    rows = []
    for distance in NEAR_M:
        touched = away - radius <= distance
        share = (away <= distance).astype(float)
        wide = touched & (radius > 0)
        discs = shapely.buffer(places.geometry[wide].to_numpy(), radius[wide])
        within = shapely.intersection(discs, shapely.buffer(open_air, distance))
        share[wide] = shapely.area(within) / shapely.area(discs)
        rows.append((int(touched.sum()), float((people * share)[touched].sum())))
    return pd.DataFrame(rows, columns=["settlements", "people"], index=list(NEAR_M))
