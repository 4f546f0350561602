"""The tables of facts that the shipped county is built from.

Coordinates stand in them as degrees, WGS 84 or CGCS2000, which are one here; the county is in
EPSG:4549. Every coordinate of a built layer is a whole number of millimetres.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from geo.crs import transformer
from geo.grid import Grid
from layers.folder import SHIPPED

COUNTY = "jingning"
FACTS = SHIPPED / COUNTY / "facts"
COUNTY_CRS = CRS(4549)
DEGREES = CRS(4490)
MARGIN_M = 1500.0
COARSE_M, FINE_M = 90.0, 30.0


def table(name: str, *, folder: Path = FACTS) -> pd.DataFrame:
    """Read a table; codes and ids are text."""
    kinds = dict.fromkeys(
        ("code", "id", "township", "via", "ref", "name", "name_en", "stream"), str
    )
    return pd.read_csv(
        folder / f"{name}.csv", dtype=kinds, encoding="utf-8", keep_default_na=False, na_values=[""]
    )


def document(name: str, *, folder: Path = FACTS) -> dict[str, Any]:
    """Read a TOML file of figures and words."""
    return tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))


def metres(lon: ArrayLike, lat: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give x, y of degrees, to the millimetre."""
    x, y = transformer(DEGREES, COUNTY_CRS).transform(np.asarray(lon), np.asarray(lat))
    return np.round(x, 3), np.round(y, 3)


def points(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give a table with columns lon and lat its places."""
    x, y = metres(frame["lon"], frame["lat"])
    return gpd.GeoDataFrame(
        frame.drop(columns=["lon", "lat"]),
        geometry=gpd.points_from_xy(x, y),
        crs=COUNTY_CRS,
    )


def outline() -> shapely.Polygon:
    """Give the county's shape."""
    x, y = metres(*table("outline")[["lon", "lat"]].to_numpy().T)
    return shapely.Polygon(np.column_stack([x, y]))


def grid(resolution: float) -> Grid:
    """Give the grid of the terrain: the outline and a margin, corners at multiples of 90 m."""
    west, south, east, north = outline().bounds
    bounds = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
    return Grid.from_bounds(
        Grid.from_bounds(bounds, COARSE_M, COUNTY_CRS).bounds, resolution, COUNTY_CRS
    )


def in_millimetres(shapes: ArrayLike) -> NDArray[np.object_]:
    """Round the coordinates of shapes to the millimetre."""
    return np.asarray(
        shapely.transform(np.asarray(shapes, dtype=object), lambda xy: np.round(xy, 3))
    )
