"""The parcels of the pilots with the fields of the third land survey (DLTB), modelled.

Areas are planar in the county's CRS, in whole hundredths of a square metre that add up to the
township's; shares of ridges, grades and kinds of cropland are assumptions by slope and use.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geo.raster import Raster, crop
from geo.terrain import slope
from geo.zonal import zonal
from layers.building.fabric_ground import Ground
from layers.building.noise import hashed
from layers.land.survey import slope_class

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

RIDGES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "TT": MappingProxyType({"1": 0.0, "2": 0.06, "3": 0.11, "4": 0.17, "5": 0.22}),
        "PD": MappingProxyType({"1": 0.0, "2": 0.04, "3": 0.08, "4": 0.13, "5": 0.18}),
    }
)
"""Share of ridges (田坎) in terraced and sloping cropland by slope class: assumptions."""
TERRACED = {"0101": 1.0, "0103": 0.7}  # part of the parcels above 2°
STATE = ("0701", "05H1", "08H1", "08H2", "0809", "0810", "1003", "1004", "1101", "1103")
SPOILT = {"0101": 0.0, "0103": 1.0, "0202": 1.3, "0201": 1.0, "0404": 2.5, "1104": 1.0, "1202": 1.0}
"""How many grades worse than paddy a use leaves the soil; 2 for all others."""
BEST, WORST = 4, 15
AROUND_M = 120.0  # of terrain around the parcels, so that slopes at their rim are whole
KIND_SEED, LUCK_SEED = 81, 82
LUCK, LUCK_CELLS = 1.6, 12  # grades by which soils differ by chance, in squares of so many cells


def surveyed(
    faces: gpd.GeoDataFrame,
    ground: Ground,
    dem: Raster,
    names: pd.Series,
    settlements: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Give parcels the fields of the survey.

    Parameters
    ----------
    faces
        Polygons with `code`, `township`, `width_m` (of roads and streams) and `row`, `column`, a
        cell inside.
    ground
        Fine cells.
    dem
        Terrain; slopes are means over the parcel, exact by area.
    names
        Chinese name of each code.
    settlements
        Points by id with `township`, in the order of `ground.village`.

    Returns
    -------
    GeoDataFrame
        Indexed by BSM: township code and a number from the north-west, row by row.
    """
    faces = faces.sort_values(["township", "row", "column"], kind="stable").reset_index(drop=True)
    code = faces["code"]
    steep = _slope_deg(faces, dem)
    field = code.str.startswith("01")
    grade = slope_class(steep).where(field, None)
    kind = _kinds(code, grade)
    share = pd.Series(
        [RIDGES[k][g] if isinstance(k, str) else 0.0 for k, g in zip(kind, grade, strict=True)],
        index=faces.index,
    )
    whole = _hundredths(faces)
    ridges = np.floor(whole * np.round(share * 100).astype(np.int64) / 100 + 0.5).astype(np.int64)
    number = faces.groupby("township").cumcount() + 1
    columns = {
        "BSM": faces["township"] + number.map("{:06d}".format),
        "TBBH": number.astype(str),
        "DLBM": code,
        "DLMC": code.map(names),
        "QSXZ": pd.Series(np.where(code.isin(STATE), "20", "30"), index=faces.index),
        "QSDWDM": _owners(faces, ground.village[faces["row"], faces["column"]], settlements),
        "TBMJ": whole / 100,
        "KCDLBM": pd.Series("1203", index=faces.index).where(share > 0, None),
        "KCXS": share,
        "KCMJ": ridges / 100,
        "TBDLMJ": (whole - ridges) / 100,
        "GDLX": kind,
        "GDPDJB": grade,
        "XZDWKD": faces["width_m"],
        "slope_deg": steep,
        "quality": _quality(faces, steep, ground),
        "township": faces["township"],
    }
    return gpd.GeoDataFrame(columns, geometry=faces.geometry, crs=faces.crs).set_index("BSM")


def _slope_deg(faces: gpd.GeoDataFrame, dem: Raster) -> pd.Series:
    """Give the mean slope of each parcel, degrees to a hundredth."""
    west, south, east, north = faces.total_bounds
    around = (west - AROUND_M, south - AROUND_M, east + AROUND_M, north + AROUND_M)
    rise = slope(crop(dem, around))
    degrees = Raster(np.degrees(np.arctan(rise.values.astype(np.float64))), rise.grid)
    return zonal(degrees, faces[["geometry"]], stats=("mean",))["mean"].round(2)


def _owners(faces: gpd.GeoDataFrame, village: Whole, settlements: gpd.GeoDataFrame) -> pd.Series:
    """Give the settlement each parcel belongs to: that of its ground, if in its township."""
    ids = settlements.index.to_numpy()
    owner = pd.Series(ids[village], index=faces.index, dtype=object)
    alien = settlements["township"].to_numpy()[village] != faces["township"].to_numpy()
    for township, part in faces[alien].groupby("township"):
        own = settlements[settlements["township"] == township]
        spots = part.geometry.centroid.to_numpy()
        away = shapely.distance(spots[:, None], own.geometry.to_numpy()[None, :])
        owner.loc[part.index] = own.index.to_numpy()[away.argmin(axis=1)]
    return owner


def _kinds(code: pd.Series, grade: pd.Series) -> pd.Series:
    """Say which cropland is terraced (TT) and which slopes (PD); none on flat ground."""
    draw = hashed(np.arange(len(code)), np.full(len(code), KIND_SEED), KIND_SEED)
    part = code.map(TERRACED)
    kind = np.where(draw < part.fillna(0).to_numpy(), "TT", "PD")
    return pd.Series(kind, index=code.index).where(part.notna() & (grade != "1"), None)


def _hundredths(faces: gpd.GeoDataFrame) -> Whole:
    """Give areas in whole hundredths of a square metre that add up to the township's area."""
    exact = faces.area.to_numpy() * 100
    whole = np.floor(exact).astype(np.int64)
    for places in faces.groupby("township").indices.values():
        left = int(np.rint(exact[places].sum())) - int(whole[places].sum())
        most = places[np.argsort(whole[places] - exact[places], kind="stable")][:left]
        whole[most] += 1
    return np.asarray(whole)


def _quality(faces: gpd.GeoDataFrame, steep: pd.Series, ground: Ground) -> Floats:
    """Give the grade of the land as cropland, 1 best: gentle, low, watered land is better.

    The weights are assumptions: a grade for 6° of slope, 350 m of height above 450 m, or 400 m to a
    creek.
    """
    row, column = faces["row"].to_numpy(), faces["column"].to_numpy()
    high = np.clip((ground.height[row, column] - 450) / 350, 0, 3)
    dry = np.clip(ground.water[row, column] / 400, 0, 1.5)
    luck = LUCK * (hashed(column // LUCK_CELLS, row // LUCK_CELLS, LUCK_SEED) - 0.5)
    grade = 5.2 + steep / 6 + high + dry + faces["code"].map(SPOILT).fillna(2.0) + luck
    return np.asarray(np.clip(np.round(grade.to_numpy()), BEST, WORST))
