"""The frames of a run's layers."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd

from geo.raster import Raster
from scenarios.result import Layer, Run


def frame(layer: Layer) -> gpd.GeoDataFrame:
    """Give the frame of a layer.

    Raises
    ------
    TypeError
        If it holds a raster.
    """
    if isinstance(layer.data, Raster):
        raise TypeError(f"{layer.id}: a raster is no frame")
    return layer.data


def framed(run: Run) -> Iterator[Layer]:
    """Give the layers of a run that hold frames."""
    yield from (layer for layer in run.result.layers if not isinstance(layer.data, Raster))
