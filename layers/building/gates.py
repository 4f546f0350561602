"""Gates of the national park: where roads meet its outline, which is schematic, as roads are.

1. A gate stands where an existing road, no expressway, crosses the outline of the park.
2. Of gates nearer to each other than a distance the one of the higher road class is kept (ties: the
   road's id, then from the north).
3. Where no road crosses, there is one gate: the place on the outline that is nearest to a road.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.siting.ridges import thinned
from layers.building.facts import in_millimetres
from layers.catalog import ROAD_CLASSES


def gates(
    facts: dict[str, Any], roads: gpd.GeoDataFrame, park: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Place the gates.

    Parameters
    ----------
    facts
        `apart_m`.
    roads
        By id, with class, status and ref.
    park
        Its zones.

    Returns
    -------
    GeoDataFrame
        id, ref (None where the road has no number); from the north.
    """
    open_to = roads[(roads["status"] == "existing") & (roads["class"] != "expressway")]
    rim = shapely.union_all(park.geometry.to_numpy()).boundary
    met = open_to.set_geometry(open_to.intersection(rim))
    found = met[~met.is_empty].explode()
    found = found[found.geom_type == "Point"]  # RULE 1
    if found.empty:
        found = _nearest(open_to, rim)  # RULE 3
    rank = found["class"].map(ROAD_CLASSES.index).to_numpy()
    x, y = found.geometry.x.to_numpy(), found.geometry.y.to_numpy()
    order = np.lexsort((-y, found.index.to_numpy().astype(str), rank))
    kept = thinned(np.column_stack([x, y]), order, facts["apart_m"])  # RULE 2
    kept = kept[np.lexsort((x[kept], -y[kept]))]
    ref = pd.Series(found["ref"].to_numpy()[kept], dtype=object)
    return gpd.GeoDataFrame(
        {
            "id": [f"gate_{number:02d}" for number in range(1, len(kept) + 1)],
            "ref": ref.where(ref.notna(), None),
        },
        geometry=in_millimetres(found.geometry.to_numpy()[kept]),
        crs=roads.crs,
    )


def _nearest(roads: gpd.GeoDataFrame, rim: shapely.Geometry) -> gpd.GeoDataFrame:
    """Give the place on the outline that is nearest to a road, with that road."""
    road = roads.loc[[roads.distance(rim).idxmin()]]
    return road.set_geometry([shapely.shortest_line(rim, road.geometry.iloc[0]).interpolate(0)])
