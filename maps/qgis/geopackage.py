"""A copy of a run's GeoPackage as it is handed on: declared columns, titles, styles, metadata.

QGIS takes the default style of a layer from the table `layer_styles` of its GeoPackage, and that of
a raster from the .qml file beside it; other programs pass over both. Titles of layers stand where
GeoPackages keep them (`gpkg_contents`), titles of columns in the schema extension
(`gpkg_data_columns`), sources and quality in the metadata extension (`gpkg_metadata`), in the
words of QGIS.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import geopandas as gpd

from geo.words import Text
from maps.qgis.metadata import metadata
from maps.qgis.qml import vector_qml
from maps.qgis.wording import both, heading, named, shown
from scenarios.result import Layer, Run

STAMP = "2000-01-01T00:00:00.000Z"
TABLES = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30), update_time DATETIME
);
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml',
  metadata TEXT NOT NULL DEFAULT ''
);
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL, md_file_id INTEGER NOT NULL, md_parent_id INTEGER,
  CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id)
)"""
EXTENSIONS = (
    ("gpkg_data_columns", "gpkg_schema", "http://www.geopackage.org/spec121/#extension_schema"),
    ("gpkg_metadata", "gpkg_metadata", "http://www.geopackage.org/spec121/#extension_metadata"),
    (
        "gpkg_metadata_reference",
        "gpkg_metadata",
        "http://www.geopackage.org/spec121/#extension_metadata",
    ),
)
CONTENTS = (
    "INSERT INTO gpkg_contents"
    " (table_name, data_type, identifier, description, last_change, srs_id)"
    " VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, 0)"
)
TITLE = "UPDATE gpkg_contents SET identifier = ?, description = ? WHERE table_name = ?"
STYLE = (
    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
    " styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time)"
    " VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', ?)"
)
FIELD = (
    "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description)"
    " VALUES (?, ?, ?, ?, '')"
)
METADATA = (
    "INSERT INTO gpkg_metadata VALUES (?, 'dataset', 'http://mrcc.com/qgis.dtd', 'text/xml', ?)"
)
REFERENCE = "INSERT INTO gpkg_metadata_reference VALUES ('table', ?, NULL, NULL, ?, ?, NULL)"
GEOMETRY = "SELECT column_name FROM gpkg_geometry_columns WHERE table_name = ?"
FUNCTIONS = ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY")
"""What the triggers of a spatial index name; never called here, but SQLite asks for them."""
IDENTITY = Text("编号", "Id")
TITLED = Text("名称", "title")


def styled(geopackage: bytes, run: Run) -> bytes:
    """Give a GeoPackage as it is handed on with a page.

    Parameters
    ----------
    geopackage
        A run's layers.gpkg, whose tables are named as the layers.
    run
        The run; its layers of cells are passed over.

    Returns
    -------
    bytes
        The same shapes with the columns that their layers declare, with titles, styles and
        metadata; equal input gives equal bytes.
    """
    with sqlite3.connect(":memory:") as database:
        database.deserialize(geopackage)
        for name in FUNCTIONS:
            database.create_function(name, 1, lambda _: None, deterministic=True)
        for statement in TABLES.split(";"):
            database.execute(statement)
        for table, extension, definition in EXTENSIONS:
            told = (table, extension, definition, "read-write")
            database.execute("INSERT INTO gpkg_extensions VALUES (?, NULL, ?, ?, ?)", told)
        database.execute(CONTENTS, (STAMP,))
        for number, (layer, name) in enumerate(named(run.result.layers), 1):
            found = database.execute(GEOMETRY, (layer.id,)).fetchone()
            if found and isinstance(layer.data, gpd.GeoDataFrame):
                _declared(database, layer, found[0])
                _titled(database, layer, name)
                row = (layer.id, found[0], layer.id[:30], vector_qml(layer), name, STAMP)
                database.execute(STYLE, row)
                database.execute(METADATA, (number, metadata(layer, name, run)))
                database.execute(REFERENCE, (layer.id, STAMP, number))
        database.commit()
        database.execute("VACUUM")  # what was taken out is not left in empty pages
        kept = database.serialize()
    database.close()
    return kept


def fields(layer: Layer) -> dict[str, str]:
    """Give what is handed on of a layer beside its shapes and their identity: column, title."""
    titles = {column.name: heading(column) for column in layer.columns}
    for name in (layer.value, layer.label, layer.binding):
        if name:
            titles.setdefault(name, shown(name))
    return titles


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]


def _declared(database: sqlite3.Connection, layer: Layer, geometry: str) -> None:
    """Take out the columns that a layer does not declare."""
    frame: Any = layer.data
    undeclared = set(frame.columns) - {frame.geometry.name, *fields(layer)}
    kept = _columns(database, layer.id)
    for name in kept:
        if name in undeclared and name not in {"fid", geometry}:
            quoted = name.replace('"', '""')
            database.execute(f'ALTER TABLE "{layer.id}" DROP COLUMN "{quoted}"')


def _titled(database: sqlite3.Connection, layer: Layer, name: str) -> None:
    """Write the title of a layer and those of its columns."""
    database.execute(TITLE, (name, both(layer.theme), layer.id))
    taken: set[str] = set()
    for column, title in aliases(layer, _columns(database, layer.id)).items():
        unique = f"{title} {column}" if title in taken else title
        taken.add(unique)
        database.execute(FIELD, (layer.id, column, unique, unique))


def aliases(layer: Layer, columns: list[str]) -> Mapping[str, str]:
    """Give the titles of the columns of a table by name: of its own, of its codes, its identity."""
    return dict(_aliases(layer, columns))


def _aliases(layer: Layer, columns: list[str]) -> Iterator[tuple[str, str]]:
    frame: Any = layer.data
    titles = fields(layer)
    codes = {column.name for column in layer.columns if column.categories}
    codes |= {layer.value} if layer.categories else set()
    coded = {f"{name}_title": title for name, title in titles.items() if name in codes}
    for place, column in enumerate(columns):
        if column in titles:
            yield column, titles[column]
        elif column in coded and column not in frame.columns:
            yield column, f"{coded[column]} {both(TITLED)}"
        elif place <= 1 and column not in {"fid", "geom", "geometry"}:
            yield column, both(IDENTITY)
