"""A county while it is made of open data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
from pyproj import CRS

from geo.raster import Raster
from layers.county import LayerData
from layers.intake.bring import MARGIN_M
from layers.opendata.declared import Tables
from layers.opendata.osm.reading import Extract, extract


@dataclass(frozen=True, eq=False)
class Site:
    """A county while it is made: `data` are the layers it has, `extracts` what was read of OSM."""

    folder: Path
    crs: CRS
    tables: Tables
    level: str
    data: dict[str, LayerData] = field(default_factory=dict)
    extracts: dict[Path, Extract] = field(default_factory=dict)

    @property
    def outline(self) -> gpd.GeoDataFrame:
        """The county's outline."""
        return self.frame("outline")

    def frame(self, layer: str) -> gpd.GeoDataFrame:
        """Give a layer of shapes."""
        one = self.data[layer]
        if not isinstance(one, gpd.GeoDataFrame):
            raise TypeError(layer)
        return one

    @property
    def terrain(self) -> Raster | None:
        """Heights, or None where there are none."""
        one = self.data.get("dem")
        return one if isinstance(one, Raster) else None

    def osm(self, path: Path) -> Extract:
        """Give what an OpenStreetMap file holds of the county, read once."""
        if path not in self.extracts:
            west, south, east, north = self.outline.total_bounds
            around = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
            self.extracts[path] = extract(path, self.crs, around)
        return self.extracts[path]
