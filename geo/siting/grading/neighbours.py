"""Links between pads: borders they share, and streets from one to the other."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.coverage import shared_borders
from geo.crs import require_metric

ENDS = ["left", "right"]


def neighbours(pads: gpd.GeoDataFrame, *, within_m: float = 0.0) -> pd.DataFrame:
    """Link pads that share a border or lie near each other, as `Site` wants links.

    1. Pads that share a border are linked by it.
    2. So are pads no farther apart than `within_m`, with a border of 0; those that touch in a
       point are 0 m apart.
    3. The street of every link runs from centroid to centroid.

    Parameters
    ----------
    pads
        Polygons without overlaps in a CRS in metres; unique, sortable labels.
    within_m
        Width of the streets and strips that still make neighbours of the pads on both sides;
        0: only those that touch.

    Returns
    -------
    DataFrame
        left, right, border_m, street_m; a row per pair, sorted. Drop rows, or set street_m to NaN,
        where no street runs.

    Raises
    ------
    CrsError
        If the CRS is not in metres.

    Examples
    --------
    Two squares of 10 m side by side, and a third beyond a street of 6 m:

    >>> from shapely import box
    >>> shapes = [box(0, 0, 10, 10), box(10, 0, 20, 10), box(26, 0, 36, 10)]
    >>> pads = gpd.GeoDataFrame(geometry=shapes, index=[*"abc"], crs=4549)
    >>> neighbours(pads, within_m=6)
      left right  border_m  street_m
    0    a     b      10.0      10.0
    1    b     c       0.0      16.0
    """
    require_metric(pads.crs, what="neighbours")
    pads = pads.sort_index()
    borders = shared_borders(pads).rename(columns={"length_m": "border_m"})  # RULE 1
    left, right = pads.sindex.query(pads.geometry, predicate="dwithin", distance=within_m)
    apart = left < right
    near = pd.DataFrame(
        {"left": pads.index[left[apart]], "right": pads.index[right[apart]]}, columns=ENDS
    )
    links = borders.merge(near, on=ENDS, how="outer").fillna({"border_m": 0.0})  # RULE 2
    links = links.sort_values(ENDS, ignore_index=True)
    centres = pads.geometry.centroid
    xy = np.column_stack([centres.x, centres.y])
    ends = (pads.index.get_indexer(links[name]) for name in ENDS)
    one, other = (xy[place] for place in ends)
    return links.assign(street_m=np.hypot(*(one - other).T))  # RULE 3
