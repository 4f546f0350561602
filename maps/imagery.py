"""Rasters as pictures in Web Mercator: hillshade, classes of amount and change, read-out grids."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geo.crs import transformer
from maps import style

MERCATOR = "EPSG:3857"
WIDEST = 1400
COARSEST = 220
SHADES = 32
Bounds = tuple[float, float, float, float]


def warped(raster: Any, widest: int, *, smooth: bool) -> tuple[NDArray[np.float64], Bounds]:
    """Warp a raster to Web Mercator.

    Parameters
    ----------
    raster
        Raster in any projected CRS; NaN or its nodata value marks no data.
    widest
        Cells along the longer side at most; fewer when the raster itself is coarser.
    smooth
        Bilinear, or the average where cells are merged; else the nearest cell.

    Returns
    -------
    array, bounds
        North-up float array with NaN for no data; west, south, east, north in Mercator metres.
    """
    from affine import Affine
    from rasterio.crs import CRS
    from rasterio.warp import Resampling, reproject

    values = np.where(raster.valid, raster.values, np.nan).astype(np.float64)
    to_mercator = transformer(raster.grid.crs, MERCATOR)
    west, south, east, north = raster.grid.bounds
    west, south, east, north = to_mercator.transform_bounds(west, south, east, north, 41)
    longest = max(values.shape)
    side = max(east - west, north - south) / min(longest, widest)
    columns, rows = (max(math.ceil(v / side - 1e-6), 1) for v in (east - west, north - south))
    out = np.full((rows, columns), np.nan)
    smoothing = Resampling.average if longest > widest else Resampling.bilinear
    reproject(
        values,
        out,
        src_transform=raster.grid.transform,
        src_crs=CRS.from_wkt(raster.grid.crs.to_wkt()),
        dst_transform=Affine(side, 0, west, 0, -side, north),
        dst_crs=CRS.from_epsg(3857),
        src_nodata=np.nan,
        dst_nodata=np.nan,
        resampling=smoothing if smooth else Resampling.nearest,
    )
    return out, (west, north - rows * side, west + columns * side, north)


def cut(values: NDArray[np.float64], box: Bounds, within: Any) -> NDArray[np.float64]:
    """Give values with NaN in all cells that a shape in Web Mercator does not touch."""
    from affine import Affine
    from rasterio.features import geometry_mask

    if within.is_empty:
        return values
    west, south, east, north = box
    rows, columns = values.shape
    grid = Affine((east - west) / columns, 0, west, 0, (south - north) / rows, north)
    outside = geometry_mask([within], values.shape, grid, all_touched=True)
    return np.where(outside, np.nan, values)


def degrees(bounds: Bounds) -> list[list[float]]:
    """Give Mercator bounds as Leaflet wants them: [[south, west], [north, east]] in degrees."""
    to_degrees = transformer(MERCATOR, "EPSG:4326")
    west, south = to_degrees.transform(bounds[0], bounds[1])
    east, north = to_degrees.transform(bounds[2], bounds[3])
    return [[round(south, 7), round(west, 7)], [round(north, 7), round(east, 7)]]


def shading(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Give the hillshade as palette indices: 0 no data, then from dark to white."""
    valid = np.isfinite(values)
    top = float(np.max(values[valid], initial=1.0))
    share = np.clip(np.nan_to_num(values) / (255.0 if top > 1.5 else 1.0), 0, 1)
    return np.where(valid, 1 + np.round(share * (SHADES - 1)), 0).astype(np.uint8)


def shades() -> list[str]:
    """Give the greys of the hillshade, lifted so that colours multiplied over it stay bright."""
    return [
        style.ramp(("#5C666F", "#A9B1B8", "#EAEDEE", "#FFFFFF"), k / (SHADES - 1))
        for k in range(SHADES)
    ]


def classes(values: NDArray[np.float64], breaks: Sequence[float]) -> NDArray[np.uint8]:
    """Give palette indices of classes closed on the right: 0 no data, 1 the lowest class."""
    found = np.searchsorted(np.asarray(breaks, dtype=float), np.nan_to_num(values), side="left")
    return np.where(np.isfinite(values), found + 1, 0).astype(np.uint8)


def picture(indices: NDArray[np.uint8], colours: Sequence[str]) -> str:
    """Give palette indices as a PNG data URI; index 0 is transparent."""
    return data_uri(png(indices, colours))


def png(indices: NDArray[np.uint8], colours: Sequence[str]) -> bytes:
    """Write palette indices as PNG; index 0 is transparent."""
    from PIL import Image

    rows, columns = indices.shape
    image = Image.frombytes("P", (columns, rows), indices.tobytes())
    image.putpalette([channel for one in ("#FFFFFF", *colours) for channel in style.rgb(one)])
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True, transparency=0)
    return buffer.getvalue()


def data_uri(raw: bytes) -> str:
    """Give PNG bytes as a data URI."""
    return "data:image/png;base64," + base64.b64encode(raw).decode()


def read_out(values: NDArray[np.float64]) -> dict[str, Any]:
    """Pack values for the read-out under the pointer: 16 bits a cell, 0 no data."""
    valid = np.isfinite(values)
    low = float(np.min(values[valid])) if valid.any() else 0.0
    high = float(np.max(values[valid])) if valid.any() else 1.0
    step = (high - low) / 65533 or 1.0
    packed = np.where(valid, 1 + np.round((np.nan_to_num(values) - low) / step), 0).astype("<u2")
    return {
        "rows": values.shape[0],
        "columns": values.shape[1],
        "low": low,
        "step": step,
        "cells": base64.b64encode(packed.tobytes()).decode(),
    }
