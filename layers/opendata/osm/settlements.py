"""Places of OpenStreetMap as settlements, where every one of them says how many live there.

1. Places are points with `place` = city, town, village, hamlet or isolated_dwelling in the county;
   suburbs and neighbourhoods are parts of them.
2. `population` is a whole number. Where one place lacks it none is taken: sums of those that say
   theirs would pass for the county's. How many lack it is told.
"""

from __future__ import annotations

import re

import geopandas as gpd
import numpy as np

from geo.words import Text
from layers.opendata.osm.reading import Extract
from layers.opendata.yielded import Yielded

PLACES = ("city", "town", "village", "hamlet", "isolated_dwelling")
NUMBER = re.compile(r"\d+")


def settlements(extract: Extract, areas: gpd.GeoDataFrame) -> Yielded:
    """Give the settlements of a county: rows id, township, population.

    Parameters
    ----------
    extract
        Features around the county.
    areas
        The townships: code and shape, in the extract's CRS; places in none are not the county's.
    """
    points = extract.points
    places = points.loc[[tags.get("place") in PLACES for tags in points["tags"]]]
    within = places.sjoin(areas[["code", "geometry"]], predicate="within")
    within = within[~within.index.duplicated()].sort_index()
    told = [tags.get("population", "") for tags in within["tags"]]
    lacking = sum(NUMBER.fullmatch(one) is None for one in told)  # RULE 2
    if within.empty or lacking:
        words = Text(
            f"{len(within)} 个地点中 {lacking} 个没有人口，未采用",
            f"{lacking} of {len(within)} places do not say their population: none is taken",
        )
        return Yielded("settlements", None, (), (words,) if lacking else ())
    frame = gpd.GeoDataFrame(
        {
            "id": within.index.to_numpy(),
            "township": within["code"].to_numpy(),
            "population": np.array(told, dtype=float),
        },
        geometry=within.geometry.array,
        crs=points.crs,
    )
    step = Text(
        f"place 与 population：{len(frame)} 个地点，{frame['population'].sum():,.0f} 人",
        f"place and population: {len(frame)} places, {frame['population'].sum():,.0f} people",
    )
    return Yielded("settlements", frame, (step,))
