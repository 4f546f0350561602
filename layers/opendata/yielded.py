"""What open data yield for one layer of a county, before it is checked and written."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd

from geo.words import Text


@dataclass(frozen=True, eq=False)
class Yielded:
    """Rows for a layer, how they were made, and what the user should know.

    Parameters
    ----------
    layer
        Its name in the catalog.
    frame
        Rows under the names of its schema, in the county's CRS; None where there are none.
    steps
        What was done, in order.
    warnings
        What was left out or is not known.
    """

    layer: str
    frame: gpd.GeoDataFrame | None
    steps: tuple[Text, ...] = ()
    warnings: tuple[Text, ...] = ()
