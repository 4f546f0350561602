"""What land a plan takes: hectares by class of land and township."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from geo.crs import require_same
from layers.county import County
from layers.land.classes import UNKNOWN_CLASS, classes

COLUMNS = ("class", "township", "area_ha")
BORDER_M2 = (
    1.0  # what lies outside of every township counts from here: borders are drawn to a metre
)
ROUNDING_HA = 1e-6  # less is what sums of floats leave over


def taken(county: County, shapes: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give hectares by class of land and township of what shapes cover; overlaps count once.

    Parameters
    ----------
    county
        With `townships`, and `parcels` where the land's class is known.
    shapes
        Polygons in the county's CRS: one or several, the parts of a road or sites of a plan.

    Returns
    -------
    DataFrame
        class (of `layers.land.classes.CLASSES`, or `unknown` where no parcel lies), township (code,
        empty outside of every township), area_ha (planar); by class and township. No rows where
        nothing is covered.

    Raises
    ------
    CrsError
        If the CRS is not the county's.
    MissingLayer
        If the county has no townships.
    SchemaError
        If codes of parcels have no class.

    Examples
    --------
    The twin's first row of fields by its western border, 300 m wide and 200 m high: a square of
    200 m on a forest (p0400) and a field (p0401) takes half of either: 100 m × 200 m = 2 ha.

    >>> from layers import twin
    >>> from layers.twin.place import area
    >>> county = twin.county()
    >>> square = gpd.GeoDataFrame(geometry=[area(200, 1400, 400, 1600)], crs=county.crs)
    >>> taken(county, square)
          class township  area_ha
    0  cropland      003      2.0
    1    forest      003      2.0
    """
    require_same(shapes.crs, county.crs, what="taken")
    whole = gpd.GeoDataFrame(geometry=[shapes.union_all()], crs=county.crs)
    if whole.area.sum() == 0:
        return pd.DataFrame({name: [] for name in COLUMNS}).astype({"area_ha": float})
    towns = county.vector("townships").sort_index()
    towns = towns.assign(township=towns.index.astype(str))[["township", "geometry"]]
    parts = gpd.overlay(whole, towns, how="intersection", keep_geom_type=True)
    beyond_m2 = float(whole.area.sum() - parts.area.sum())
    rows = _known(county, parts) if "parcels" in county else _unknown(parts)
    if beyond_m2 > BORDER_M2:
        outside = pd.DataFrame(
            {"class": [UNKNOWN_CLASS], "township": [""], "area_ha": [beyond_m2 / 1e4]}
        )
        rows = pd.concat([rows, outside], ignore_index=True)
    sums = rows.groupby(["class", "township"], as_index=False)["area_ha"].sum()
    return sums[sums["area_ha"] > 0].reset_index(drop=True)


def _unknown(parts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give parts of townships as land of which no class is known."""
    areas = {"class": UNKNOWN_CLASS, "township": parts["township"], "area_ha": parts.area / 1e4}
    return pd.DataFrame(areas)


def _known(county: County, parts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give parts of townships by the class of the parcels they lie on, and what lies on none."""
    parcels = county.vector("parcels").sort_index()
    near = np.unique(parcels.sindex.query(parts.union_all(), predicate="intersects"))
    own = parcels.iloc[near]
    own = own.assign(**{"class": classes(own["DLBM"])})[["class", "geometry"]]
    cut = gpd.overlay(parts, own, how="intersection", keep_geom_type=True)
    known = pd.DataFrame(
        {"class": cut["class"], "township": cut["township"], "area_ha": cut.area / 1e4}
    )
    whole = _unknown(parts)
    rest = whole.set_index("township")["area_ha"]
    rest = rest - known.groupby("township")["area_ha"].sum().reindex(rest.index, fill_value=0.0)
    whole["area_ha"] = rest.to_numpy()
    return pd.concat([known, whole[whole["area_ha"] > ROUNDING_HA]], ignore_index=True)
