"""Which people are near a shape: a settlement is a disc as large as its people need."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.crs import require_same
from layers.county import County

NEAR_M = (50, 100, 200)
POINT_M = 1e-3  # a smaller disc is a point: its area would be lost in rounding
COLUMNS = ("settlements", "people")


def near(
    county: County,
    shapes: gpd.GeoDataFrame,
    *,
    person_m2: float = 0.0,
    within_m: Sequence[float] = NEAR_M,
) -> pd.DataFrame:
    """Count settlements and their people within distances of shapes.

    Settlements are points with people. Each is taken for a disc of `person_m2` a head over which
    its people live evenly: of a town at the end of a road only those near the road count. A
    settlement is touched where its disc comes as near as the distance (closed).

    Parameters
    ----------
    county
        Its layer `settlements`; without it nothing is known.
    shapes
        Points, lines or polygons in the county's CRS, taken together: a settlement near two of them
        counts once. Within a polygon the distance is 0.
    person_m2
        Land a head, m²; 0: all live at the point.
    within_m
        Distances, m.

    Returns
    -------
    DataFrame
        Rows `within_m`, columns `settlements` (number touched) and `people`: NaN where the county
        has no settlements, 0 where there are no shapes; people are NaN where a settlement that is
        touched does not say how many live there.

    Raises
    ------
    CrsError
        If the CRS is not the county's.

    Examples
    --------
    In the twin 400 people live at the county's seat and 50 at s32, 900 m west and 300 m north.

    >>> from layers import twin
    >>> from layers.twin.place import line
    >>> county = twin.county()
    >>> road = gpd.GeoDataFrame(geometry=[line([(0, 1200), (1500, 1200)])], crs=county.crs)
    >>> near(county, road, within_m=(200, 300)).astype(int).to_dict("index")
    {200: {'settlements': 1, 'people': 400}, 300: {'settlements': 2, 'people': 450}}
    """
    require_same(shapes.crs, county.crs, what="near")
    rows = list(within_m)
    if "settlements" not in county:
        return pd.DataFrame(np.nan, index=rows, columns=list(COLUMNS))
    if shapes.empty:
        return pd.DataFrame(0.0, index=rows, columns=list(COLUMNS))
    # One shape stays as it is: a union would cut a line at its own crossings.
    whole = shapes.geometry.iloc[0] if len(shapes) == 1 else shapes.union_all()
    places = county.vector("settlements").sort_index()
    counts = [_counted(places, whole, person_m2, distance_m) for distance_m in rows]
    return pd.DataFrame(counts, columns=list(COLUMNS), index=rows, dtype=float)


def _counted(
    places: gpd.GeoDataFrame, whole: BaseGeometry, person_m2: float, distance_m: float
) -> dict[str, float]:
    """Count the settlements whose disc is touched, and the people on its part that is near."""
    people = places["population"].to_numpy(dtype=float)
    radius = np.sqrt(np.nan_to_num(people) * person_m2 / np.pi)
    away = places.geometry.distance(whole).to_numpy()
    touched = away - radius <= distance_m
    share = (away <= distance_m).astype(float)
    wide = touched & (radius > POINT_M)
    discs = shapely.buffer(places.geometry[wide].to_numpy(), radius[wide])
    within = shapely.intersection(discs, shapely.buffer(whole, distance_m))
    share[wide] = shapely.area(within) / shapely.area(discs)
    return {"settlements": int(touched.sum()), "people": float((people * share)[touched].sum())}
