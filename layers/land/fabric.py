"""A county's parcels as analyses take them: area, class, slope, quality, village, township."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.errors import Problem, SchemaError, UsageError
from geo.raster import Raster
from geo.terrain import slope
from geo.vector import area_ellipsoidal_m2
from geo.words import Text
from geo.zonal import zonal
from layers.county import County
from layers.land.classes import Mapped, classes
from layers.land.survey import hundredths

AreaFrom = Literal["survey", "ellipsoidal", "planar"]
OUTSIDE = "outside"
"""Township of a parcel that lies in none."""


def fabric(
    county: County,
    *,
    townships: Sequence[str] = (),
    area_from: AreaFrom = "survey",
    code_table: Mapped = "survey",
    codes: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Give the parcels of some townships, what is not known left empty.

    Parameters
    ----------
    county
        With the layers `parcels` and `townships`, and `dem` where parcels do not say their slope.
    townships
        Codes; none for all parcels. A parcel's township is what it says, else the one its ZLDWDM
        begins with, else the one that holds a point inside of it.
    area_from
        `survey`: TBMJ, where it is missing the ellipsoidal area; or always the `ellipsoidal` or
        `planar` area of the shape.
    code_table, codes
        How codes fall into classes, see `layers.land.classes.classes`.

    Returns
    -------
    GeoDataFrame
        Sorted by BSM: code, land_class, hundredths (area in whole 0.01 m²), area_m2, surveyed
        (whether the area is TBMJ), slope_deg, quality, village (text, empty where not known),
        township, geometry.

    Raises
    ------
    SchemaError
        If codes have no class, or a parcel has no area.
    UsageError
        If a township has no parcel.

    Examples
    --------
    >>> from layers import twin
    >>> land = fabric(twin.county(), townships=["003"])
    >>> len(land), int(land.hundredths["p0101"]), land.land_class["p0101"], land.village["p0101"]
    (120, 6000000, 'cropland', '003001')
    """
    parcels = county.vector("parcels").sort_index()
    towns = _townships(parcels, county)
    inside = towns.isin(townships) if townships else pd.Series(data=True, index=parcels.index)
    _require(townships, towns)
    parcels, towns = parcels[inside], towns[inside]
    area, surveyed = _areas(parcels, area_from)
    slopes = _column(parcels, "slope_deg")
    if slopes.isna().any() and "dem" in county:
        lacking = slopes.isna()
        slopes[lacking] = _slopes(county, parcels[lacking])
    columns = {
        "code": parcels["DLBM"],
        "land_class": classes(parcels["DLBM"], mapping=code_table, own=codes),
        "hundredths": area,
        "area_m2": area / 100,
        "surveyed": surveyed,
        "slope_deg": slopes,
        "quality": _column(parcels, "quality"),
        "village": _village(parcels),
        "township": towns,
    }
    return gpd.GeoDataFrame(columns, geometry=parcels.geometry, crs=county.crs)


def _column(parcels: pd.DataFrame, name: str) -> pd.Series:
    """Give numbers of a column, NaN where it is not there."""
    if name not in parcels:
        return pd.Series(np.nan, index=parcels.index)
    return parcels[name].astype(float)


def _village(parcels: pd.DataFrame) -> pd.Series:
    """Give where a parcel lies: ZLDWDM, else its owner's code, else nothing."""
    village = pd.Series("", index=parcels.index, dtype=object)
    for name in ("QSDWDM", "ZLDWDM"):
        if name in parcels:
            codes = parcels[name]
            village = village.mask(codes.notna(), codes)
    return village.astype(str)


def _townships(parcels: gpd.GeoDataFrame, county: County) -> pd.Series:
    known = county.vector("townships").sort_index()
    townships = pd.Series(None, index=parcels.index, dtype=object)
    if "township" in parcels:
        townships = parcels["township"].astype(object).where(parcels["township"].notna(), None)
    if "ZLDWDM" in parcels:
        for length in sorted({len(code) for code in known.index}, reverse=True):
            begin = parcels["ZLDWDM"].str[:length]
            townships = townships.mask(townships.isna() & begin.isin(known.index), begin)
    lacking = townships.isna().to_numpy()
    if lacking.any():
        points = parcels.geometry[lacking].representative_point()
        tree = shapely.STRtree(known.geometry.to_numpy())
        place, town = tree.query(points.to_numpy(), predicate="intersects")
        where = pd.Series(known.index[town], index=points.index[place])
        where = where[~where.index.duplicated()].reindex(points.index)
        townships[lacking] = where.fillna(OUTSIDE).to_numpy()
    return townships.astype(str)


def _require(townships: Sequence[str], present: pd.Series) -> None:
    lacking = sorted(set(townships) - set(present))
    if lacking:
        expected = ", ".join(sorted(set(present)))
        raise UsageError(
            Text("这些乡镇没有地块", "townships without parcels"),
            problems=[Problem(field="townships", found=one, expected=expected) for one in lacking],
        )


def _areas(parcels: gpd.GeoDataFrame, area_from: AreaFrom) -> tuple[pd.Series, pd.Series]:
    """Give whole 0.01 m², and which of them are the survey's."""
    whole = pd.Series(np.nan, index=parcels.index)
    if area_from == "survey" and "TBMJ" in parcels:
        whole = hundredths(parcels["TBMJ"])
    surveyed = whole.notna()
    if not surveyed.all():
        rest = parcels[~surveyed]
        measured = rest.area if area_from == "planar" else area_ellipsoidal_m2(rest)
        whole[~surveyed] = hundredths(measured)
    wrong = whole[~(whole > 0)]
    if len(wrong):
        problems = [
            Problem(layer="parcels", row=str(row), field="TBMJ", found=f"{area}", expected="> 0")
            for row, area in wrong.head(20).items()
        ]
        raise SchemaError(Text("地块没有面积", "parcels without area"), problems=problems)
    return whole.astype(np.int64), surveyed


def _slopes(county: County, parcels: gpd.GeoDataFrame) -> pd.Series:
    """Give the mean slope of the terrain under parcels, degrees; NaN where there is none."""
    stored = county.raster("dem")
    heights = np.where(stored.valid, stored.values, np.nan).astype(np.float32)
    grade = slope(Raster(heights, stored.grid))
    degrees = Raster(np.degrees(np.arctan(grade.values)), grade.grid)
    return zonal(degrees, parcels, stats=("mean",))["mean"].round(3)
