"""A run as a project of QGIS: groups and titles of the page, its looks, its order from below.

The project names its files from its own folder, so that a run that is moved still opens. What the
page shows at first is shown; the baseline and the differences are in the project, hidden, and map
themes switch between them. Written for QGIS 3.22 and later, which read what they do not find as
their own defaults.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd

from geo.crs import transformer
from geo.words import Text, unit_words
from maps import draw, profile
from maps.qgis import qml
from maps.qgis.geopackage import aliases
from maps.qgis.layout import Listed, Sheet, layout
from maps.qgis.metadata import DOCTYPE, described
from maps.qgis.parts import extent, system, written
from maps.qgis.wording import both, named, shown
from maps.wording import UI
from scenarios.result import Layer, Run, Side

VERSION = "3.22.0-Białowieża"
STYLED = "./layers_qgis.gpkg"
STATES: dict[str, tuple[Side, ...]] = {
    "before": ("both", "before"),
    "after": ("both", "after", "planned"),
    "difference": ("both", "difference", "planned"),
}
"""What a map theme shows, by the word of the page that names it."""
GEOMETRIES = {"marker": "Point", "line": "Line", "fill": "Polygon"}
OURS = uuid.UUID("6b0c8e5c-0f0e-5d3c-9a53-0d6c5f3f7a11")
"""The name space of the identifiers that QGIS wants; they follow from a layer's id."""
CHECKED, UNCHECKED = "Qt::Checked", "Qt::Unchecked"


@dataclass(frozen=True)
class Placed:
    """A layer with what the project calls it and where its data stand."""

    layer: Layer
    name: str
    key: str
    source: str
    provider: str
    on: bool

    @property
    def crs(self) -> Any:
        """Its coordinate reference system."""
        data: Any = self.layer.data
        return data.crs if self.provider == "ogr" else data.grid.crs

    @property
    def box(self) -> tuple[float, ...]:
        """West, south, east, north in its CRS."""
        data: Any = self.layer.data
        return tuple(data.total_bounds if self.provider == "ogr" else data.grid.bounds)


def project(run: Run) -> str:
    """Write the project of a run as XML; empty where the run has no layers.

    Parameters
    ----------
    run
        The run; its folder holds layers_qgis.gpkg and rasters/*.tif.
    """
    layers = tuple(placed(run))
    if not layers:
        return ""
    root = ET.Element("qgis", projectname=both(run.title), version=VERSION)
    ET.SubElement(root, "homePath", path="")
    ET.SubElement(root, "title").text = both(run.title)
    system(ET.SubElement(root, "projectCrs"), layers[0].crs)
    _tree(root, layers)
    box = _view(run, layers[0].crs)
    _canvas(root, box, layers[0].crs)
    kept = ET.SubElement(root, "projectlayers")
    for one in layers:
        _layer(kept, one, run)
    ET.SubElement(root, "layerorder")
    _properties(root)
    _themes(root, layers)
    _about(root, run)
    kept = ET.SubElement(root, "Layouts")
    listed = tuple(_listed(one) for one in layers if _told(one))
    kept.append(layout(run, Sheet(box, layers[0].crs, listed)))
    view = ET.SubElement(root, "ProjectViewSettings", UseProjectScales="0")
    ends = dict(zip(("xmin", "ymin", "xmax", "ymax"), map(repr, box), strict=True))
    extent = ET.SubElement(view, "DefaultViewExtent", ends)
    system(extent, layers[0].crs)
    return written(root, DOCTYPE)


def placed(run: Run) -> Iterator[Placed]:
    """Give the layers of a run in its order, with what a project needs to find them."""
    for layer, name in named(run.result.layers):
        vector = isinstance(layer.data, gpd.GeoDataFrame)
        yield Placed(
            layer,
            name,
            f"{layer.id}_{uuid.uuid5(OURS, layer.id).hex}",
            f"{STYLED}|layername={layer.id}" if vector else f"./rasters/{layer.id}.tif",
            "ogr" if vector else "gdal",
            on=layer.shown and layer.side in STATES["after"],
        )


def order(layers: Iterable[Placed]) -> list[Placed]:
    """Give layers from above to below, as the panes of the page lie."""
    heights = dict(draw.PANES)
    ranked = enumerate(layers)
    return [
        one
        for _, one in sorted(
            ranked, key=lambda pair: (-heights[draw.pane(pair[1].layer)], -pair[0])
        )
    ]


def _told(one: Placed) -> bool:
    """Say whether a legend tells of a layer: it is seen and its colours mean something."""
    return one.on and one.layer.meaning != "hillshade"


def _listed(one: Placed) -> Listed:
    """Give a layer as the legend of the sheet lists it: its name with the unit of its value."""
    unit = both(unit_words(one.layer.unit)) if one.layer.unit else ""
    name = f"{one.name} ({unit})" if unit else one.name
    return Listed(one.key, name, one.provider, one.source, _classes(one.layer))


def _classes(layer: Layer) -> int:
    """Count the entries of a layer in a legend: the categories that its shapes have, or classes."""
    if layer.categories and isinstance(layer.data, gpd.GeoDataFrame):
        return int(layer.data[layer.value].nunique())
    return len(layer.categories) or len(layer.breaks) + 1


def _tree(root: ET.Element, layers: Sequence[Placed]) -> None:
    """Write the groups, as the page has its themes, and the order of drawing."""
    tree = ET.SubElement(root, "layer-tree-group")
    groups: dict[str, ET.Element] = {}
    for one in layers:
        theme = both(one.layer.theme)
        if theme not in groups:
            groups[theme] = ET.SubElement(
                tree, "layer-tree-group", name=theme, checked=CHECKED, expanded="1"
            )
        ET.SubElement(
            groups[theme],
            "layer-tree-layer",
            id=one.key,
            name=one.name,
            source=one.source,
            providerKey=one.provider,
            checked=CHECKED if one.on else UNCHECKED,
            expanded="0",
        )
    drawn = ET.SubElement(tree, "custom-order", enabled="1")
    for one in order(layers):
        ET.SubElement(drawn, "item").text = one.key


def _view(run: Run, crs: Any) -> tuple[float, float, float, float]:
    """Give the box the page opens at, in the CRS of the project."""
    west, south, east, north = transformer("EPSG:4326", crs).transform_bounds(
        *(profile.bounds(run) or draw.focus(run))
    )
    return round(west, 1), round(south, 1), round(east, 1), round(north, 1)


def _canvas(root: ET.Element, box: Sequence[float], crs: Any) -> None:
    canvas = ET.SubElement(root, "mapcanvas", name="theMapCanvas", annotationsVisible="1")
    ET.SubElement(canvas, "units").text = "meters"
    extent(canvas, "extent", box)
    ET.SubElement(canvas, "rotation").text = "0"
    system(ET.SubElement(canvas, "destinationsrs"), crs)


def _layer(parent: ET.Element, one: Placed, run: Run) -> None:
    """Write a layer: where its data stand, what it is, how it looks, what its columns mean."""
    vector = one.provider == "ogr"
    kept = ET.SubElement(parent, "maplayer", type="vector" if vector else "raster")
    if vector:
        kept.set("geometry", GEOMETRIES[qml.kind_of(one.layer)])
        kept.set("labelsEnabled", "1" if one.layer.label else "0")
        kept.set("readOnly", "0")
    extent(kept, "extent", one.box)
    ET.SubElement(kept, "id").text = one.key
    ET.SubElement(kept, "datasource").text = one.source
    ET.SubElement(kept, "layername").text = one.name
    system(ET.SubElement(kept, "srs"), one.crs)
    described(ET.SubElement(kept, "resourceMetadata"), one.layer, one.name, run)
    provider = ET.SubElement(kept, "provider")
    provider.text = one.provider
    if vector:
        provider.set("encoding", "UTF-8")
        frame: Any = one.layer.data
        listed = ET.SubElement(kept, "aliases")
        names = [str(name) for name in frame.columns if name != frame.geometry.name]
        columns = [str(frame.index.name or "id"), *names, *(f"{name}_title" for name in names)]
        for column, title in aliases(one.layer, columns).items():
            ET.SubElement(listed, "alias", field=column, name=title)
    kept.extend(qml.vector(one.layer) if vector else qml.raster(one.layer))


def _properties(root: ET.Element) -> None:
    """Say that paths are told from the project's folder, and lengths and areas in m and ha."""
    kept = ET.SubElement(root, "properties")
    ET.SubElement(ET.SubElement(kept, "Paths"), "Absolute", type="bool").text = "false"
    measured = ET.SubElement(kept, "Measurement")
    ET.SubElement(measured, "DistanceUnits", type="QString").text = "meters"
    ET.SubElement(measured, "AreaUnits", type="QString").text = "ha"
    systems = ET.SubElement(kept, "SpatialRefSys")
    ET.SubElement(systems, "ProjectionsEnabled", type="int").text = "1"


def _themes(root: ET.Element, layers: Sequence[Placed]) -> None:
    """Write a map theme each state of the page, where there is more than one."""
    kept = ET.SubElement(root, "visibility-presets")
    sides = {one.layer.side for one in layers}
    for state, seen in STATES.items():
        if state not in sides and state != "after":
            continue
        theme = ET.SubElement(kept, "visibility-preset", name=both(UI[state]))
        for one in layers:
            if one.layer.shown and one.layer.side in seen:
                ET.SubElement(theme, "layer", id=one.key, visible="1", style="default")


def _about(root: ET.Element, run: Run) -> None:
    """Write what the project is."""
    kept = ET.SubElement(root, "projectMetadata")
    ET.SubElement(kept, "identifier").text = run.key
    ET.SubElement(kept, "language").text = "ZH"
    ET.SubElement(kept, "type").text = "project"
    ET.SubElement(kept, "title").text = both(run.title)
    told = [run.question, *run.result.answer, run.quality_words, Text(run.crs, run.crs)]
    ET.SubElement(kept, "abstract").text = " ".join(both(one) for one in told)
    ET.SubElement(kept, "author").text = shown(f"{run.scenario} {run.code}".strip())
