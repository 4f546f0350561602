"""Styles inside a copy of a run's GeoPackage.

QGIS takes the default style of a layer from the table `layer_styles` of its GeoPackage, and that of
a raster from the .qml file beside it. Other programs pass over both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import geopandas as gpd

from maps.qgis.qml import vector_qml
from scenarios.result import Layer

STAMP = "2000-01-01T00:00:00.000Z"
STYLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30), update_time DATETIME
)"""
CONTENTS = (
    "INSERT INTO gpkg_contents"
    " (table_name, data_type, identifier, description, last_change, srs_id)"
    " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)"
)
ROW = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
    " styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time)"
    " VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', ?)"
)
COLUMN = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"


def styled(geopackage: bytes, layers: Sequence[Layer]) -> bytes:
    """Give a GeoPackage with a default style for each layer of shapes it holds.

    Parameters
    ----------
    geopackage
        A run's layers.gpkg, whose tables are named as the layers.
    layers
        The run's layers; those of cells are passed over.

    Returns
    -------
    bytes
        The same tables and `layer_styles`; equal input gives equal bytes.
    """
    with sqlite3.connect(":memory:") as database:
        database.deserialize(geopackage)
        database.execute(STYLES)
        database.execute(CONTENTS, (STAMP,))
        for layer in layers:
            found = database.execute(COLUMN, (layer.id,)).fetchone()
            if found and isinstance(layer.data, gpd.GeoDataFrame):
                said = f"{layer.title.zh} {layer.title.en}"
                row = (layer.id, found[0], layer.id[:30], vector_qml(layer), said, STAMP)
                database.execute(ROW, row)
        database.commit()
        kept = database.serialize()
    database.close()
    return kept
