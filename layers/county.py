"""A county: an immutable bundle of named layers in one coordinate reference system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from geo.errors import MissingLayer
from geo.raster import Raster
from layers.source import Source, Text

T = TypeVar("T")
LayerData: TypeAlias = gpd.GeoDataFrame | pd.DataFrame | Raster


@dataclass(frozen=True, eq=False)
class County:
    """Named layers in one CRS, with their sources; reading a layer gives a copy.

    Parameters
    ----------
    id
        Short name, such as `jingning`.
    name
        Name in both languages.
    crs
        The projected CRS every spatial layer is in, units metres.
    data
        Layers by name: frames with geometry, tables, rasters.
    sources
        The source of each layer, by the same names.
    """

    id: str
    name: Text
    crs: CRS
    data: Mapping[str, LayerData]
    sources: Mapping[str, Source]

    def __contains__(self, layer: object) -> bool:
        """Say whether the county has a layer of this name."""
        return layer in self.data

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the layers, sorted."""
        return tuple(sorted(self.data))

    def vector(self, layer: str) -> gpd.GeoDataFrame:
        """Give a copy of a vector layer; raises MissingLayer."""
        return self._layer(layer, gpd.GeoDataFrame).copy()

    def table(self, layer: str) -> pd.DataFrame:
        """Give a copy of a table; raises MissingLayer."""
        return self._layer(layer, pd.DataFrame).copy()

    def raster(self, layer: str) -> Raster:
        """Give a copy of a raster layer; raises MissingLayer."""
        raster = self._layer(layer, Raster)
        return Raster(np.array(raster.values), raster.grid, raster.nodata)

    def _layer(self, layer: str, kind: type[T]) -> T:
        found = self.data.get(layer)
        if not isinstance(found, kind):
            raise MissingLayer(
                f"{self.id}: 没有图层 no {kind.__name__} layer {layer!r}; "
                f"现有 it has {', '.join(self.names)}; 处理 remedy: python -m layers import"
            )
        return found
