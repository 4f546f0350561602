"""Projects of QGIS and GeoPackages as they are handed on, read again for the tests."""

import re
import sqlite3
from xml.etree import ElementTree as ET

import geopandas as gpd

from geo.files import write_layers
from maps.qgis import geopackage
from scenarios import record


def parsed(text):
    return ET.fromstring(re.sub(r"^<!DOCTYPE[^>]*>\n", "", text))  # noqa: S314 - the toolkit's own words


def packed(run, folder):
    """Give the GeoPackage of a run as it is handed on, as a file."""
    frames = {
        one.id: record.with_identity(one.data)
        for one in run.result.layers
        if isinstance(one.data, gpd.GeoDataFrame)
    }
    write_layers(frames, folder / "layers.gpkg")
    path = folder / "handed.gpkg"
    path.write_bytes(geopackage.styled((folder / "layers.gpkg").read_bytes(), run))
    return path


def words_of(element):
    """Give what QGIS shows of an element: not the names and codes by which it looks data up."""
    keys = {"attr", "field", "fieldName"} | ({"value"} if element.tag == "category" else set())
    yield from (value for name, value in element.attrib.items() if name not in keys)
    yield element.text or ""


def notes(path):
    """Give the words that a GeoPackage says of its layers and columns."""
    with sqlite3.connect(path) as database:
        for query in (
            "SELECT identifier, description FROM gpkg_contents",
            "SELECT name, title FROM gpkg_data_columns",
            "SELECT description FROM layer_styles",
        ):
            yield from (word for row in database.execute(query) for word in row)
    database.close()
